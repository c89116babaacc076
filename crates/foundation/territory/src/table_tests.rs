//! Whole tables of responsibilities in and out over HTTP, on both engines: looked at, applied, taken out again; and the check of the table.

use crate::import_tests::taken;
use crate::organisation::OrganisationKind;
use crate::organisations::{AnswerFor, CreateOrganisation, EditOrganisation, OrganisationDetails};
use crate::page_tests::{Office, by, run};
use crate::place::{Level, State};
use crate::places::{CreatePlace, PlaceDetails};
use crate::sheets::workbook::{self, Cell, Column, Sheet};
use access::Role;
use access::session::Token;
use axum::http::StatusCode;
use kernel::TenantId;
use kernel::ids::OrganisationId;
use std::sync::Arc;
use store::both_engines;
use store::testing::TestDb;

const TENANT: TenantId = TenantId(1);

async fn unit(db: &TestDb, kind: OrganisationKind, name: &str) -> OrganisationId {
    run(db, CreateOrganisation { by: by(), details: OrganisationDetails::named(kind, name) }).await
}

async fn directory(office: &Office<'_>) -> Arc<crate::Directory> {
    crate::directory(&office.app, TENANT).await.unwrap()
}

/// Uploads a table; the address of the page that shows what it would change.
async fn receive(office: &Office<'_>, who: &Token, file: &[u8]) -> String {
    let received = office.upload(who, "/responsibilities/import", &[], file).await;
    assert_eq!(received.status, StatusCode::SEE_OTHER, "{}", received.body);
    received.location.strip_prefix("/t/ruigang").unwrap().to_owned()
}

fn digest(body: &str) -> String {
    body.split("name=\"digest\" value=\"").nth(1).expect("a table that can be applied").split('"').next().unwrap().to_owned()
}

async fn apply(office: &Office<'_>, who: &Token, page: &str) {
    let digest = digest(&office.get(who, page).await.body);
    let applied = office.post(who, &format!("{page}/apply"), &[("digest", &digest)]).await;
    assert_eq!(applied.status, StatusCode::SEE_OTHER, "{}", applied.body);
}

/// Every row as `number category place unit from to`.
async fn rows(office: &Office<'_>) -> Vec<String> {
    let directory = directory(office).await;
    let row = |row: &crate::responsibility::Responsibility| {
        format!(
            "{} {} {} {} {} {}",
            row.number,
            row.category_text().unwrap_or_default(),
            directory.full_name(row.place_id),
            directory.short_name(row.organisation_id),
            row.valid_from,
            row.valid_to.as_deref().unwrap_or("-")
        )
    };
    directory.responsibility_rows().iter().map(row).collect()
}

/// The same workbook with some cells written anew, as somebody mends it.
fn mended(office: &Office<'_>, file: &[u8], cells: &[(&str, &str)]) -> Vec<u8> {
    let table = crate::sheets::read(file).unwrap().remove(0);
    let anew = |cell: &String| Cell::text(cells.iter().find(|(before, _)| *before == cell.as_str()).map_or(cell.as_str(), |(_, now)| *now));
    let columns = table.rows[0].cells.iter().map(|title| Column::new(title, 12)).collect();
    let rows = table.rows[1..].iter().map(|row| row.cells.iter().map(&anew).collect()).collect();
    let sheet = Sheet { name: "责任清单".into(), columns, rows };
    workbook::write(office.app.world.now(), &jiff::tz::TimeZone::UTC, &[sheet]).unwrap()
}

const HEAD: &str = "问题类别,地点,责任单位,自,至\n";

both_engines! {
    async fn a_table_is_looked_at_line_by_line_and_only_what_was_looked_at_is_applied(db: TestDb) {
        let office = Office::new(db).await;
        let (clerk, inspector) = (office.person("clerk", Role::Clerk).await, office.person("inspector", Role::Inspector).await);
        for (kind, name) in [(OrganisationKind::PropertyCompany, "海景物业"), (OrganisationKind::Enforcement, "执法中队"), (OrganisationKind::Merchant, "<b>商户</b>")] {
            unit(db, kind, name).await;
        }
        let closed = unit(db, OrganisationKind::Other, "旧单位").await;
        run(db, EditOrganisation { by: by(), organisation: closed, version: 1, details: OrganisationDetails::named(OrganisationKind::Other, "旧单位"), no_contact: false, state: State::Closed }).await;
        let text = format!("{HEAD}\
            市容环境类,东苑社区,海景物业,2026-01-01,\n\
            暴露垃圾,东苑社区 海景小区,执法中队,2026/1/1,2026年12月31日\n\
            event-06,东苑社区,执法中队,2026-06-01,长期\n\
            市容环境,东苑社区,海景物业,2026-03-01,\n\
            暴露的垃圾,东院社区,海景物页,2026-13-01,\n\
            各类问题,火星,旧单位,2026-06-01,2026-01-01\n\
            ,,<b>商户</b>,,\n\
            各类问题,瑞港街道,<b>商户</b>,２０２６－０１－０１,\n");
        let text = encoding_rs::GB18030.encode(&text).0.into_owned();
        assert_eq!(office.upload(&inspector, "/responsibilities/import", &[], &text).await.status, StatusCode::FORBIDDEN);
        assert_eq!(office.get(&inspector, "/responsibilities/import").await.status, StatusCode::FORBIDDEN);
        let page = receive(&office, &clerk, &text).await;
        let shown = office.get(&clerk, &page).await;
        for words in [
            "与本文件第 4 行单位不同、日期重叠", "与本文件第 2 行重复。", "没有这个类别，是否为：暴露垃圾", "没有这个地点，是否为：东苑社区",
            "没有这个单位，是否为：海景物业", "起始日期“2026-13-01”读不出来", "没有这个地点，请核对", "这个单位已停用", "早于起始日期",
            "没有填问题类别", "没有填地点", "有误的 4 行不会导入", "有误 <b>4</b>", "新增 <b>4</b>", "&#60;b&#62;商户",
        ] {
            assert!(shown.has(words), "lacks {words}: {}", shown.body);
        }
        assert!(!shown.has("<b>商户</b>") && !shown.has("{ $"));
        let wrong = office.get(&clerk, &format!("{page}?show=wrong&page=9999")).await;
        assert!(wrong.has("没有填地点") && !wrong.has("与本文件第 4 行单位不同"), "{}", wrong.body);
        let looked = office.get(&inspector, &page).await;
        assert!(looked.status == StatusCode::OK && !looked.has("name=\"digest\""));
        assert_eq!(office.post(&inspector, &format!("{page}/apply"), &[("digest", &digest(&shown.body))]).await.status, StatusCode::FORBIDDEN);
        // Somebody enters what a line says meanwhile: what was looked at is no longer what would happen.
        let before = digest(&shown.body);
        run(db, crate::table::AddResponsibility {
            by: by(), about: crate::table::About::parse("event-06").unwrap(), place: office.community, organisation: directory(&office).await.organisation_by_name("执法中队").unwrap().id,
            project: None, from: jiff::civil::date(2025, 1, 1), to: None,
        }).await;
        let stale = office.post(&clerk, &format!("{page}/apply"), &[("digest", &before)]).await;
        assert!(stale.status == StatusCode::CONFLICT && stale.has("请重新核对后再导入") && stale.has("与清单第 1 条单位不同、日期重叠") && stale.has("与清单第 1 条的类别、地点、单位相同"), "{}", stale.body);
        apply(&office, &clerk, &page).await;
        assert_eq!(rows(&office).await, [
            "1 event-06 东苑社区 执法中队 2025-01-01 -",
            "2 event-06 东苑社区 海景物业 2026-01-01 -",
            "3 event-06-010 东苑社区 海景小区 执法中队 2026-01-01 2026-12-31",
            "4  瑞港街道 <b>商户</b> 2026-01-01 -",
        ]);
        let again = office.post(&clerk, &format!("{page}/apply"), &[("digest", &before)]).await;
        assert!(again.status == StatusCode::CONFLICT && again.has("这份文件已经导入过") && again.has("有误 <b>5</b>"), "{}", again.body);
        assert!(office.get(&clerk, "/responsibilities/import").await.has("已应用"));
        // The last day of a row is changed by its line; one that ended is not opened again.
        let text = format!("{HEAD}市容环境类,东苑社区,海景物业,2026-01-01,2026-06-30\n暴露垃圾,海景小区,执法中队,2026-01-01,\n各类问题,瑞港街道,<b>商户</b>,,\n");
        let page = receive(&office, &clerk, text.as_bytes()).await;
        let shown = office.get(&clerk, &page).await;
        assert!(shown.has("清单第 2 条改为截止于 2026-06-30") && shown.has("清单第 3 条已截止于 2026-12-31") && shown.has("清单第 4 条，未变"), "{}", shown.body);
        apply(&office, &clerk, &page).await;
        assert_eq!(rows(&office).await[1], "2 event-06 东苑社区 海景物业 2026-01-01 2026-06-30");
        // Taken back, the row is as it was, and the file says the same once more.
        assert_eq!(office.post(&inspector, &format!("{page}/undo"), &[]).await.status, StatusCode::FORBIDDEN);
        assert_eq!(office.post(&clerk, &format!("{page}/undo"), &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(rows(&office).await[1], "2 event-06 东苑社区 海景物业 2026-01-01 -");
        assert_eq!(office.post(&clerk, &format!("{page}/undo"), &[]).await.status, StatusCode::CONFLICT);
        let added = receive(&office, &clerk, format!("{HEAD}宣传广告类,东苑社区,海景物业,2026-02-01,\n").as_bytes()).await;
        apply(&office, &clerk, &added).await;
        assert_eq!(office.post(&clerk, &format!("{added}/undo"), &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(rows(&office).await[4], "5 event-07 东苑社区 海景物业 2026-02-01 2026-01-31");
        let added = receive(&office, &clerk, format!("{HEAD}宣传广告类,东苑社区,海景物业,2026-02-01,\n").as_bytes()).await;
        assert!(office.get(&clerk, &added).await.has("新增 <b>1</b>"), "what never held stands in nobody's way");
        let page = receive(&office, &clerk, text.as_bytes()).await;
        apply(&office, &clerk, &page).await;
        // One unit hands over to another in one file: the old row ends, the new one begins, and nothing contradicts.
        let text = format!("{HEAD}各类问题,瑞港街道,<b>商户</b>,2026-01-01,2026-12-31\n各类问题,瑞港街道,海景物业,2027-01-01,\n");
        let page = receive(&office, &clerk, text.as_bytes()).await;
        let shown = office.get(&clerk, &page).await;
        assert!(shown.has("清单第 4 条改为截止于 2026-12-31") && shown.has("新增 <b>1</b>") && !shown.has("日期重叠"), "{}", shown.body);
    }

    async fn the_wrong_lines_come_out_as_a_table_that_is_mended_and_brought_in_again(db: TestDb) {
        let office = Office::new(db).await;
        let (clerk, inspector) = (office.person("clerk", Role::Clerk).await, office.person("inspector", Role::Inspector).await);
        unit(db, OrganisationKind::PropertyCompany, "海景物业").await;
        let text = format!("{HEAD}\
            市容环境类,东苑社区,海景物业,2026-01-01,\n\
            暴露的垃圾,东院社区,海景物页,2026-13-01,长期\n\
            各类问题,火星,海景物业,2026-06-01,2026-12-31\n");
        let page = receive(&office, &clerk, text.as_bytes()).await;
        let link = format!("href=\"/t/ruigang{page}/wrong.xlsx\"");
        assert!(office.get(&clerk, &page).await.has(&link) && !office.get(&inspector, &page).await.has(&link));
        assert_eq!(office.download(&inspector, &format!("{page}/wrong.xlsx"), "zh-CN").await.0, StatusCode::FORBIDDEN);
        assert_eq!(office.download(&clerk, "/responsibilities/sheets/00000000-0000-0000-0000-000000000000/wrong.xlsx", "zh-CN").await.0, StatusCode::NOT_FOUND);
        // The sound line goes in; the others can be taken out before and after.
        apply(&office, &clerk, &page).await;
        let mends = [("暴露的垃圾", "暴露垃圾"), ("东院社区", "东苑社区"), ("海景物页", "海景物业"), ("2026-13-01", "2026-03-01"), ("火星", "瑞港街道")];
        let mut again = String::new();
        for language in ["zh-CN", "en"] {
            let (status, file) = office.download(&clerk, &format!("{page}/wrong.xlsx"), language).await;
            assert_eq!(status, StatusCode::OK);
            let table = crate::sheets::read(&file).unwrap().remove(0);
            assert_eq!(table.rows.len(), 3, "{table:?}");
            for (row, line) in [(1, "3"), (2, "4")] {
                assert_eq!(table.rows[row].cells.last().unwrap(), line, "{table:?}");
            }
            assert!(language == "en" || table.rows[1].cells.iter().any(|cell| cell.contains("没有这个地点，是否为：东苑社区")), "{table:?}");
            let as_it_is = receive(&office, &clerk, &file).await;
            assert!(office.get(&clerk, &as_it_is).await.has("有误 <b>2</b>"), "{language}");
            again = receive(&office, &clerk, &mended(&office, &file, &mends)).await;
            let shown = office.get(&clerk, &again).await;
            assert!(shown.has("新增 <b>2</b>") && shown.has("有误 <b>0</b>") && !shown.has("wrong.xlsx"), "{language}: {}", shown.body);
        }
        apply(&office, &clerk, &again).await;
        assert_eq!(rows(&office).await, [
            "1 event-06 东苑社区 海景物业 2026-01-01 -",
            "2 event-06-010 东苑社区 海景物业 2026-03-01 -",
            "3  瑞港街道 海景物业 2026-06-01 2026-12-31",
        ]);
        // A table that says the category in columns of kind, class and item keeps them.
        let text = "类型,大类,小类,地点,责任单位\n事件,市容环境类,暴露垃圾,火星,海景物业\n";
        let page = receive(&office, &clerk, text.as_bytes()).await;
        for language in ["zh-CN", "en"] {
            let (_, file) = office.download(&clerk, &format!("{page}/wrong.xlsx"), language).await;
            let cells = crate::sheets::read(&file).unwrap()[0].rows[1].cells.clone();
            assert!(["事件", "市容环境类", "暴露垃圾"].iter().all(|words| cells.iter().any(|cell| cell == words)), "{cells:?}");
            let again = receive(&office, &clerk, &mended(&office, &file, &[("火星", "海景小区")])).await;
            let shown = office.get(&clerk, &again).await;
            assert!(shown.has("新增 <b>1</b>") && shown.has("有误 <b>0</b>"), "{language}: {}", shown.body);
        }
        let told = taken(&office).await;
        let mut lines: Vec<i64> = told.iter().map(|fact| fact["lines"].as_i64().unwrap()).collect();
        lines.sort_unstable();
        assert!(told.iter().all(|fact| fact["kind"] == "responsibilities") && lines == [1, 1, 2, 2], "{told:?}");
    }

    async fn bad_files_are_refused_with_what_to_do(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        for (file, words) in [
            (&b""[..], "没有找到表头"), (b"a,b,c\n1,2,3\n", "没有找到表头"), (b"PK\x03\x04", "文件读不出来"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "文件读不出来"),
            (b"<html></html>", "文件读不出来"), (HEAD.as_bytes(), "文件中没有内容"), (b"\xff\xff\x80\x81,\x80", "文件编码无法识别"),
        ] {
            let refused = office.upload(&clerk, "/responsibilities/import", &[], file).await;
            assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.has(words) && refused.has("aria-invalid"), "{words}: {}", refused.body);
        }
        for path in ["/responsibilities/sheets/x", "/responsibilities/sheets/00000000-0000-0000-0000-000000000000"] {
            assert_eq!(office.get(&clerk, path).await.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(office.post(&clerk, &format!("{path}/apply"), &[("digest", "x")]).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }

    async fn what_is_taken_out_comes_in_again_unchanged_in_both_languages(db: TestDb) {
        let office = Office::new(db).await;
        let (clerk, handler) = (office.person("clerk", Role::Clerk).await, office.person("handler", Role::UnitHandler).await);
        let west = run(db, CreatePlace { by: by(), parent: Some(office.root), level: Level::Community, details: PlaceDetails::named("西苑社区") }).await;
        run(db, CreatePlace { by: by(), parent: Some(west), level: Level::Compound, details: PlaceDetails::named("海景小区") }).await;
        unit(db, OrganisationKind::PropertyCompany, "=HYPERLINK(1)").await;
        let text = format!("{HEAD}各类问题,瑞港街道,=HYPERLINK(1),2026-01-01,\n事件,西苑社区,=HYPERLINK(1),2026-01-01,2027-01-01\n市容环境类,西苑社区 海景小区,=HYPERLINK(1),2026-01-01,\nevent-06-036,东苑社区 海景小区,=HYPERLINK(1),2026-01-01,\n暴露垃圾,西苑社区,=HYPERLINK(1),2020-01-01,2020-12-31\n");
        let page = receive(&office, &clerk, text.as_bytes()).await;
        apply(&office, &clerk, &page).await;
        assert_eq!(rows(&office).await.len(), 5);
        assert_eq!(office.download(&handler, "/responsibilities/export.xlsx", "zh-CN").await.0, StatusCode::FORBIDDEN);
        for language in ["zh-CN", "en"] {
            let (status, file) = office.download(&clerk, "/responsibilities/export.xlsx", language).await;
            assert_eq!(status, StatusCode::OK);
            let cells: Vec<String> = crate::sheets::read(&file).unwrap()[0].rows.iter().flat_map(|row| row.cells.clone()).collect();
            assert!(cells.iter().all(|cell| !cell.starts_with('=')) && cells.iter().any(|cell| cell == "'=HYPERLINK(1)"), "{cells:?}");
            let page = receive(&office, &clerk, &file).await;
            let shown = office.get(&clerk, &page).await;
            assert!(shown.has("已有，未变 <b>4</b>") && shown.has("没有可以导入的行"), "{language}: {}", shown.body);
            let (status, blank) = office.download(&clerk, "/responsibilities/template.xlsx", language).await;
            assert_eq!(status, StatusCode::OK);
            let refused = office.upload(&clerk, "/responsibilities/import", &[], &blank).await;
            assert!(refused.has("文件中没有内容"), "{language}: {}", refused.body);
        }
        assert_eq!(office.download(&handler, "/responsibilities/template.xlsx", "zh-CN").await.0, StatusCode::FORBIDDEN);
    }

    async fn gaps_conflicts_and_rows_without_effect_are_named_with_the_way_to_mend_them(db: TestDb) {
        let office = Office::new(db).await;
        let (clerk, inspector) = (office.person("clerk", Role::Clerk).await, office.person("inspector", Role::Inspector).await);
        let west = run(db, CreatePlace { by: by(), parent: Some(office.root), level: Level::Community, details: PlaceDetails::named("西苑社区") }).await;
        let cooperative = unit(db, OrganisationKind::Cooperative, "东苑股份社").await;
        for name in ["执法中队", "环卫所", "旧单位"] {
            unit(db, OrganisationKind::Department, name).await;
        }
        let from = jiff::civil::date(2026, 1, 1);
        run(db, AnswerFor { by: by(), organisation: cooperative, place: office.community, project: None, from, to: None }).await;
        let all = office.get(&clerk, "/responsibilities/check").await;
        assert!(all.has("没有责任单位 <b>2</b>") && all.has("由股份经济合作社负责：东苑股份社") && all.has("没有单位负责") && all.has("各类问题"), "{}", all.body);
        let text = format!("{HEAD}部件,瑞港街道,环卫所,2026-01-01,\n事件,西苑社区,环卫所,2026-01-01,\n市容环境类,东苑社区,执法中队,2026-01-01,\n市容环境类,东苑社区,环卫所,2027-01-01,2027-06-30\n公厕保洁,东苑社区,执法中队,2026-01-01,\n各类问题,海景小区,旧单位,2026-01-01,\n");
        let page = receive(&office, &clerk, text.replace("公厕保洁", "event-07-001").as_bytes()).await;
        apply(&office, &clerk, &page).await;
        let old = directory(&office).await.organisation_by_name("旧单位").unwrap().id;
        run(db, EditOrganisation { by: by(), organisation: old, version: 1, details: OrganisationDetails::named(OrganisationKind::Department, "旧单位"), no_contact: false, state: State::Closed }).await;
        let gaps = office.get(&inspector, "/responsibilities/check").await;
        assert!(!gaps.has("西苑社区</a>") && gaps.has("其中") && !gaps.has("市容环境类") && !gaps.has("#add"), "{}", gaps.body);
        let link = format!("/t/ruigang/responsibilities?about=event-07&#38;place={}#add", office.community);
        let gaps = office.get(&clerk, "/responsibilities/check").await;
        assert!(gaps.has(&link), "{}", gaps.body);
        assert!(office.get(&clerk, &format!("/responsibilities/check?community={west}")).await.has("各社区、各大类都有责任单位"));
        let form = office.get(&clerk, &format!("/responsibilities?about=event-07&place={}", office.community)).await;
        assert!(form.has("value=\"event-07\" selected") && form.has(&format!("value=\"{}\" selected", office.community)), "{}", form.body);
        let conflicts = office.get(&clerk, "/responsibilities/check?show=conflicts").await;
        assert!(conflicts.has("条目冲突 <b>1</b>") && conflicts.has("目前以第 4 条为准") && conflicts.has("2027-01-01 至 2027-06-30") && conflicts.has("/responsibilities?number=3"), "{}", conflicts.body);
        let void = office.get(&clerk, "/responsibilities/check?show=void").await;
        assert!(void.has("已不起作用 <b>1</b>") && void.has("旧单位"), "{}", void.body);
        let one = office.get(&clerk, "/responsibilities?number=3").await;
        assert!(one.has("执法中队</td>") && !one.has("旧单位</td>"), "{}", one.body);
        assert!(office.get(&clerk, "/responsibilities?q=环卫").await.has("环卫所</td>"));
        assert!(office.get(&clerk, "/responsibilities?q=火星").await.has("没有符合条件的条目"));
    }

    async fn long_tables_are_paged_and_applied_in_one_command(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        unit(db, OrganisationKind::Department, "环卫所").await;
        let codes: Vec<String> = directory(&office).await.categories().take(130).map(|version| version.code().to_string()).collect();
        let lines: String = codes.iter().map(|code| format!("{code},东苑社区,环卫所,2026-01-01,\n")).collect();
        let page = receive(&office, &clerk, format!("{HEAD}{lines}").as_bytes()).await;
        let first = office.get(&clerk, &page).await;
        assert!(first.has("show=all&#38;page=2") && !first.has("show=all&#38;page=1\">"), "{}", first.body);
        assert!(office.get(&clerk, &format!("{page}?page=3")).await.has(">131</td>"));
        apply(&office, &clerk, &page).await;
        assert_eq!(rows(&office).await.len(), 130);
        let shown = office.get(&clerk, "/responsibilities").await;
        assert!(shown.has("page=2") && !shown.has(">101</td>"));
        assert!(office.get(&clerk, "/responsibilities?page=2").await.has(">130</td>"));
    }
}
