//! Orders of the hotline and the district's platform as sheets: brought in by headings of any shape, taken back, and answered in the
//! shape that those outside want; through HTTP on both engines.

use crate::bad_input_tests::product;
use crate::import_tests::{between, checked, count, upload};
use access::{Role, Scope};
use calamine::{Data, Reader, Xlsx};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use std::io::Cursor;
use testkit::{Answer, Person, TENANT, TestApp};

/// Uploads a sheet; the page that shows what it would do.
async fn receive(clerk: &Person<'_>, kind: &str, file: &[u8]) -> String {
    let received = upload(clerk, &format!("/imports/{kind}"), file).await.expect(303);
    received.location.unwrap().strip_prefix("/t/lsw").unwrap().to_owned()
}

async fn apply(clerk: &Person<'_>, page: &str) -> Answer {
    let shown = clerk.get(page).await.expect(200);
    let digest = between(&shown.text, "name=\"digest\" value=\"", "\"").to_owned();
    clerk.post(&format!("{page}/apply"), &[("digest", &digest)]).await
}

/// The cells of the first sheet of what an address gives.
async fn sheet(who: &Person<'_>, path: &str) -> Vec<Vec<Data>> {
    let answer = who.get(path).await.expect(200);
    let mut book = Xlsx::new(Cursor::new(answer.bytes)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

/// One text of the order or case with this number outside, dates and numbers too.
async fn kept(app: &TestApp, outside: &str, column: &str) -> String {
    let query = store::Query::from(&format!(
        "SELECT CAST({column} AS TEXT) AS found FROM outside_order JOIN cases ON cases.tenant_id = :tenant AND cases.id = outside_order.case_id
        WHERE outside_order.tenant_id = :tenant AND cases.outside_number = :outside"
    ));
    let query = query.bind("tenant", TENANT).bind("outside", outside.to_owned());
    app.store.query::<(Option<String>,)>(query).await.unwrap().remove(0).0.unwrap_or_default()
}

/// Microseconds of a local time of the test's tenant.
fn local(text: &str) -> String {
    let at: jiff::civil::DateTime = text.parse().unwrap();
    at.in_tz("Asia/Shanghai").unwrap().timestamp().as_microsecond().to_string()
}

async fn number_of(app: &TestApp, outside: &str) -> i64 {
    kept(app, outside, "number").await.parse().unwrap()
}

async fn step(app: &TestApp, who: &Person<'_>, number: i64, name: &str, fields: &[(&str, &str)]) -> Answer {
    let query = store::Query::from("SELECT version FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT);
    let version = app.store.query::<(i64,)>(query.and("number = :number").bind("number", number)).await.unwrap()[0].0.to_string();
    who.post(&format!("/cases/{number}/{name}"), &[&[("version", version.as_str())], fields].concat()).await
}

async fn told(app: &TestApp, kind: &str) -> Vec<String> {
    let query = store::Query::from("SELECT data FROM fact WHERE tenant_id = :tenant").bind("tenant", TENANT);
    let query = query.and("kind = :kind").bind("kind", kind.to_owned()).then("ORDER BY recorded_at, id");
    app.store.query::<(String,)>(query).await.unwrap().into_iter().map(|(data,)| data).collect()
}

/// A sheet as a hotline hands it out: a title over all, two heading rows, merged cells, dates as dates, as text and as numbers.
fn as_handed_out() -> Vec<u8> {
    let (mut book, plain) = (Workbook::new(), Format::new());
    let minute = Format::new().set_num_format("yyyy/m/d hh:mm");
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 10, "政务服务便民热线转办工单", &plain).unwrap();
    for (column, title) in
        [(0, "工单编号"), (3, "诉求内容"), (4, "诉求地点"), (5, "承办社区"), (8, "办结时限"), (9, "问题类别"), (10, "回访员")]
    {
        sheet.merge_range(1, column, 2, column, title, &plain).unwrap();
    }
    sheet.merge_range(1, 1, 1, 2, "时间", &plain).unwrap();
    sheet.merge_range(1, 6, 1, 7, "诉求人信息", &plain).unwrap();
    for (column, title) in [(1, "来电时间"), (2, "派单时间"), (6, "来电人"), (7, "联系电话")] {
        sheet.write(2, column, title).unwrap();
    }
    // The community stands once for two lines; a date, a text, a number of days.
    sheet.merge_range(3, 5, 4, 5, "East", &plain).unwrap();
    sheet.write(3, 0, "ＲＸ２０２５０３０１００１").unwrap();
    sheet.write(3, 1, "2025-03-01 08:00").unwrap();
    let at = ExcelDateTime::from_ymd(2025, 3, 3).unwrap().and_hms(9, 15, 0).unwrap();
    sheet.write_with_format(3, 2, &at, &minute).unwrap();
    sheet.write(3, 3, "Water comes up at the gate").unwrap();
    sheet.write(3, 4, "Elm Court, gate 3").unwrap();
    sheet.write(3, 6, "王小明").unwrap();
    sheet.write(3, 7, 13_812_341_234_f64).unwrap();
    sheet.write(3, 8, "２０２５年３月１０日１７时").unwrap();
    sheet.write(3, 9, "暴露垃圾").unwrap();
    sheet.write(4, 0, 2_025_030_100_002_f64).unwrap();
    sheet.write(4, 2, 45_719.5).unwrap();
    sheet.write(4, 3, "=HYPERLINK(\"http://x\",\"y\")").unwrap();
    sheet.write(4, 7, "保密").unwrap();
    sheet.write(4, 9, "市容/其他").unwrap();
    // Nobody can say where this is, when, or whom to call.
    sheet.write(5, 0, "RX3").unwrap();
    sheet.write(5, 2, "next week").unwrap();
    sheet.write(5, 3, "Noise").unwrap();
    sheet.write(5, 4, "Somewhere").unwrap();
    sheet.write(5, 7, "12").unwrap();
    // Known since yesterday, and one without a number.
    sheet.write(6, 0, "KNOWN-1").unwrap();
    sheet.write(6, 3, "Said before").unwrap();
    sheet.write(7, 3, "Who am I").unwrap();
    sheet.write(7, 5, "West").unwrap();
    sheet.write(8, 0, "ＲＸ３").unwrap();
    sheet.write(8, 3, "The same again").unwrap();
    sheet.write(8, 5, "West").unwrap();
    book.save_to_buffer().unwrap()
}

store::both_engines! {
    async fn a_hotlines_sheet_becomes_orders_with_their_clocks_and_goes_while_nobody_did_anything(db: TestDb) {
        let app = product(db).await;
        let clerk = app.clerk().await;
        let place = app.community.to_string();
        let known = [("place", place.as_str()), ("what", "Said"), ("source", "hotline"), ("outside_number", "KNOWN-1")];
        clerk.post("/report", &known).await.expect(303);
        let known = number_of(&app, "KNOWN-1").await;
        clerk.get("/orders").await.expect(200).has("/imports/hotline_orders");
        clerk.get("/imports").await.expect(200).has("/imports/hotline_orders").has("/imports/platform_orders");
        let file = as_handed_out();
        let page = receive(&clerk, "hotline_orders", &file).await;
        let shown = clerk.get(&page).await.expect(200).has("New <b>2</b>").has("Wrong <b>3</b>").has("Unchanged <b>1</b>");
        // Who called is masked, which case has the number is said, and what nobody reads is named.
        let shown = shown.has("王**").has("138****1234").has(&format!("case {known} already")).has("回访员").has("no clock to call");
        let shown = shown.has("Place: East Elm Court").has("Their category").has("the address names none").has("next week");
        shown.lacks("13812341234").lacks("王小明");
        let wrong = format!("{:?}", sheet(&clerk, &format!("{page}/wrong.xlsx")).await);
        assert!(wrong.contains("Somewhere") && wrong.contains("The same as line 6") && wrong.contains("Order number"), "{wrong}");
        apply(&clerk, &page).await.expect(303);
        let (first, second) = ("RX20250301001", "2025030100002");
        assert_eq!(count(&app, "source = 'hotline' AND stage = 'reported'").await, 3);
        assert_eq!(kept(&app, first, "received_at").await, local("2025-03-03 09:15"));
        assert_eq!(kept(&app, first, "answer_due").await, local("2025-03-10 17:00"));
        assert_eq!(kept(&app, second, "received_at").await, local("2025-03-03 12:00"));
        assert_eq!(kept(&app, second, "what").await, "=HYPERLINK(\"http://x\",\"y\")");
        // Nobody can be called who left no number; without a deadline of theirs the source's limits hold.
        assert_eq!((kept(&app, second, "call_due").await.as_str(), kept(&app, first, "call_due").await.is_empty()), ("", false));
        assert!(!kept(&app, second, "sign_due").await.is_empty() && !kept(&app, second, "answer_due").await.is_empty());
        let number = number_of(&app, first).await;
        clerk.get(&format!("/cases/{number}")).await.expect(200).has("Sign for the order").has("138****1234").has("Elm Court");
        clerk.get("/orders?source=hotline").await.expect(200).has(first).has(second);
        clerk.get("/orders?source=district_platform").await.expect(200).lacks(first);
        assert_eq!(checked(&app).await, [""; 0]);
        // The same file again has nothing to say.
        let again = receive(&clerk, "hotline_orders", &file).await;
        clerk.get(&again).await.expect(200).has("Unchanged <b>3</b>").has("New <b>0</b>").has(&format!("case {number} already"));
        clerk.post(&format!("{page}/undo"), &[]).await.expect(303);
        let left = "SELECT COUNT(*) AS n FROM outside_order WHERE tenant_id = :tenant";
        let orders = app.store.query::<(i64,)>(store::Query::from(left).bind("tenant", TENANT)).await.unwrap()[0].0;
        assert_eq!((count(&app, "apart = 'void'").await, orders), (2, 1));
        clerk.get("/orders").await.expect(200).lacks(first);
        assert_eq!(checked(&app).await, [""; 0]);
        // It comes in again, and stays once a step was taken.
        let page = receive(&clerk, "hotline_orders", &file).await;
        apply(&clerk, &page).await.expect(303);
        step(&app, &clerk, number_of(&app, first).await, "sign_order", &[]).await.expect(303);
        clerk.post(&format!("{page}/undo"), &[]).await.expect(409).has("cannot be taken back");
        assert_eq!((kept(&app, first, "received_at").await, checked(&app).await), (local("2025-03-03 09:15"), Vec::new()));
    }

    async fn what_was_only_noted_keeps_an_import_too(db: TestDb) {
        let app = product(db).await;
        let clerk = app.clerk().await;
        let page = receive(&clerk, "platform_orders", "任务号,问题描述,所属社区\nDP-1,Rubbish,East\n".as_bytes()).await;
        apply(&clerk, &page).await.expect(303);
        assert_eq!(kept(&app, "DP-1", "source").await, "district_platform");
        step(&app, &clerk, number_of(&app, "DP-1").await, "note", &[("words", "Looked at")]).await.expect(303);
        clerk.post(&format!("{page}/undo"), &[]).await.expect(409).has("cannot be taken back");
        assert_eq!((count(&app, "apart IS NULL").await, checked(&app).await), (1, Vec::new()));
    }

    async fn headings_that_nobody_knows_are_said_once_and_known_from_then_on(db: TestDb) {
        let app = product(db).await;
        let clerk = app.clerk().await;
        let file = "热线转办表,,,\n单号（热线）,反映的事情,在哪个社区,打电话的人,他的电话,平台\nZ-1,Rubbish,West,李四,13912341234,12345热线\nZ-2,Weeds,West,,,区城管平台\n";
        upload(&clerk, "/imports/hotline_orders", file.as_bytes()).await.expect(422).has("What their headings mean");
        let read = upload(&clerk, "/orders/columns/hotline/recognise", file.as_bytes()).await.expect(200);
        read.has("单号（热线）").has("反映的事情").has("139****1234").lacks("13912341234");
        let said = |number: &'static str| {
            [
                ("heading", "单号（热线）"), ("field", number), ("heading", "反映的事情"), ("field", "what"), ("heading", "在哪个社区"),
                ("field", "place"), ("heading", "打电话的人"), ("field", "caller"), ("heading", "他的电话"), ("field", "phone"),
                ("heading", "平台"), ("field", "source"),
            ]
        };
        clerk.post("/orders/columns/hotline/recognised", &said("")).await.expect(422).has("which heading is the order").has("单号（热线）");
        clerk.post("/orders/columns/hotline/recognised", &said("number")).await.expect(303);
        let page = receive(&clerk, "hotline_orders", file.as_bytes()).await;
        apply(&clerk, &page).await.expect(303);
        // One sheet may hold the orders of both.
        assert_eq!((kept(&app, "Z-1", "source").await.as_str(), kept(&app, "Z-2", "source").await.as_str()), ("hotline", "district_platform"));
        // The headings of an import can be gone through, too.
        let id = page.rsplit('/').next().unwrap();
        clerk.get(&format!("/orders/columns/hotline?sheet={id}")).await.expect(200).has("打电话的人").has("李*").lacks("李四");
        clerk.get(&format!("/orders/columns/district_platform?sheet={id}")).await.expect(404);
        // Errors stand at their fields, with what was typed.
        let bad = [("number", ""), ("what", "单号，诉求内容"), ("where_words", "诉求内容"), ("phone", &"长".repeat(41))];
        let answer = clerk.post("/orders/columns/hotline", &bad).await.expect(422);
        answer.has("which heading is the order").has("means another field already").has("at most 40").has("单号，诉求内容");
        clerk.post("/orders/columns/hotline", &[("number", "Ｎo、单号"), ("what", "Text")]).await.expect(303);
        clerk.get("/orders/columns/hotline").await.expect(200).has("value=\"Text\"").lacks("value=\"诉求内容");
        // The other source keeps its own, and our own names of the fields are known always.
        clerk.get("/orders/columns/district_platform").await.expect(200).has("案卷编号");
        let page = receive(&clerk, "hotline_orders", "No,Text,Community or compound\nZ-3,Rubbish,West\n".as_bytes()).await;
        clerk.get(&page).await.expect(200).has("New <b>1</b>");
        let facts = told(&app, "centre.order_columns_set").await;
        assert!(facts.len() == 2 && facts[0].contains("\"hash\"") && !facts[0].contains("单号"), "{facts:?}");
        // Who sets no limits sets no shapes; who handles no orders brings none in.
        for who in [app.inspector().await, app.handler_of(app.company).await] {
            who.get("/orders/columns/hotline").await.expect(403);
            who.post("/orders/columns/hotline", &[("number", "x")]).await.expect(403);
            upload(&who, "/orders/columns/hotline/recognise", file.as_bytes()).await.expect(403);
            who.get("/imports/hotline_orders").await.expect(403);
        }
        clerk.get("/orders/columns/inspection").await.expect(404);
    }

    async fn an_office_without_orders_is_offered_none(db: TestDb) {
        let app = product(db).await;
        let clerk = app.clerk().await;
        clerk.post("/limits/desks", &[("desk", "verify")]).await.expect(303);
        clerk.get("/imports").await.expect(200).lacks("hotline_orders");
        clerk.get("/imports/hotline_orders").await.expect(404);
    }

    async fn answers_go_out_in_the_columns_that_the_source_wants(db: TestDb) {
        let app = product(db).await;
        let clerk = app.clerk().await;
        let file = "工单编号,诉求内容,社区,诉求地点,来电人,联系电话\nA-1,Ask 13812341234,East,Gate 3,王小明,13812341234\nA-2,Not yet,East,,,\n";
        let page = receive(&clerk, "hotline_orders", file.as_bytes()).await;
        apply(&clerk, &page).await.expect(303);
        let page = receive(&clerk, "platform_orders", "任务号,问题描述,社区\nB-1,Weeds,West\n".as_bytes()).await;
        apply(&clerk, &page).await.expect(303);
        for outside in ["A-1", "B-1"] {
            let number = number_of(&app, outside).await;
            step(&app, &clerk, number, "call_caller", &[("words", "Told when")]).await.expect(303);
            step(&app, &clerk, number, "answer_order", &[("words", "First wording")]).await.expect(303);
            step(&app, &clerk, number, "answer_order", &[("words", "=Cleared; ask 13912341234")]).await.expect(303);
            step(&app, &clerk, number, "call_back", &[("solved", "yes"), ("satisfied", "very"), ("words", "Content")]).await.expect(303);
        }
        // The usual columns, until the office says others.
        let rows = sheet(&clerk, "/orders/answers.xlsx?source=hotline").await;
        let titles: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
        assert_eq!(titles, ["工单编号", "签收时间", "联系时间", "承办单位", "办理结果", "答复时间", "是否解决", "满意度", "问题编号"]);
        assert_eq!((rows.len(), rows[1][0].to_string().as_str(), rows[1][7].to_string().as_str()), (2, "A-1", "非常满意"));
        // The last answer, not what was said in calls; masked, and no formula.
        assert_eq!(rows[1][4].to_string(), "'=Cleared; ask 139****1234");
        assert!(matches!(rows[1][5], Data::DateTime(_)) && matches!(rows[1][1], Data::DateTime(_)), "{rows:?}");
        assert_eq!(rows[1][8].to_string(), number_of(&app, "A-1").await.to_string());
        let columns = [
            ("position", "2"), ("field", "answer"), ("heading", "=办理情况"), ("text", ""),
            ("position", "1"), ("field", "outside_number"), ("heading", "单号"), ("text", ""),
            ("position", "3"), ("field", "fixed"), ("heading", "承办街道"), ("text", "灵山卫街道"),
            ("position", "4"), ("field", "phone"), ("heading", "电话"), ("text", ""),
            ("position", "5"), ("field", "satisfied"), ("heading", "是否满意"), ("text", ""),
            ("value", "satisfied-very"), ("word", "是"), ("value", "satisfied-yes"), ("word", ""),
            ("position", ""), ("field", ""), ("heading", ""), ("text", ""),
        ];
        let mut bad = columns;
        bad[10] = ("heading", "");
        bad[13] = ("field", "nothing");
        let answer = clerk.post("/orders/columns/hotline/answers", &bad).await.expect(422);
        answer.has("enter the heading of this column").has("choose what stands in this column").has("灵山卫街道");
        clerk.post("/orders/columns/hotline/answers", &[("field", "")]).await.expect(422).has("at least one column");
        clerk.post("/orders/columns/hotline/answers", &columns).await.expect(303);
        let rows = sheet(&clerk, "/orders/answers.xlsx?source=hotline&from=2020-01-01&to=2099-12-31").await;
        let shown: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        assert_eq!(shown, [["单号", "'=办理情况", "承办街道", "电话", "是否满意"], ["A-1", "'=Cleared; ask 139****1234", "灵山卫街道", "138****1234", "是"]]);
        // The platform has its own, and a period holds what was answered in it.
        assert_eq!(sheet(&clerk, "/orders/answers.xlsx?source=district_platform").await[0].len(), 9);
        assert_eq!(sheet(&clerk, "/orders/answers.xlsx?source=hotline&to=2020-01-01").await.len(), 1);
        clerk.get("/orders?list=answered").await.expect(200).has("answers.xlsx?source=hotline").has("B-1");
        clerk.get("/orders?list=answered&source=hotline").await.expect(200).has("A-1").lacks("B-1").lacks("source=district_platform&");
        clerk.get("/orders?list=answered&from=2099-01-01").await.expect(200).lacks("A-1");
        let facts = told(&app, "register.taken").await;
        assert_eq!(facts.len(), 4, "{facts:?}");
        assert!(facts[0].contains("order_answers") && facts[0].contains("\"rows\":1") && !format!("{facts:?}").contains("Cleared"), "{facts:?}");
        assert_eq!(told(&app, "centre.answer_columns_set").await.len(), 1);
        // As registers: an inspector looks and takes nothing along; a community sees no orders at all.
        clerk.get("/orders/answers.xlsx").await.expect(404);
        let west = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        for who in [app.inspector().await, west, app.handler_of(app.company).await, app.person(&[(Role::SystemAdmin, Scope::Tenant)]).await] {
            who.get("/orders/answers.xlsx?source=hotline").await.expect(403);
        }
        let stranger = app.person_of(testkit::OTHER, "other", &[(Role::Clerk, Scope::Tenant)]).await;
        assert_eq!(sheet(&stranger, "/orders/answers.xlsx?source=hotline").await.len(), 1);
        assert_eq!(sheet(&stranger, "/orders/answers.xlsx?source=hotline").await[0].len(), 9);
        assert_eq!(checked(&app).await, [""; 0]);
    }
}
