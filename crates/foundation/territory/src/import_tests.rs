//! Imports of each kind over HTTP, on both engines: read, looked at, applied, taken back.

use crate::imports::applying;
use crate::organisation::OrganisationKind;
use crate::organisations::{CreateOrganisation, OrganisationDetails};
use crate::page_tests::{Office, by, run};
use crate::place::Level;
use crate::places::{CreatePlace, EditPlace, PlaceDetails};
use crate::received::{SheetId, SheetKind};
use crate::sheets::{read, workbook};
use access::session::Token;
use access::{Role, Scope};
use axum::http::StatusCode;
use kernel::TenantId;
use std::sync::Arc;
use store::both_engines;
use store::journal::{Journal, Signer};

const TENANT: TenantId = TenantId(1);

async fn directory(office: &Office<'_>) -> Arc<crate::Directory> {
    crate::directory(&office.app, TENANT).await.unwrap()
}

/// Uploads a table; the address of the page that shows what it would change.
async fn receive(office: &Office<'_>, who: &Token, kind: &str, file: &[u8]) -> String {
    let received = office.upload(who, &format!("/imports/{kind}"), &[], file).await;
    assert_eq!(received.status, StatusCode::SEE_OTHER, "{}", received.body);
    received.location.strip_prefix("/t/ruigang").unwrap().to_owned()
}

fn digest(body: &str) -> String {
    body.split("name=\"digest\" value=\"").nth(1).expect("an import that can be applied").split('"').next().unwrap().to_owned()
}

async fn apply(office: &Office<'_>, who: &Token, page: &str) -> String {
    let digest = digest(&office.get(who, page).await.body);
    let applied = office.post(who, &format!("{page}/apply"), &[("digest", &digest)]).await;
    assert!(applied.status == StatusCode::SEE_OTHER || applied.status == StatusCode::OK, "{}", applied.body);
    applied.body
}

/// What was told of wrong lines that were taken out, in no order: the clock stands.
pub(crate) async fn taken(office: &Office<'_>) -> Vec<serde_json::Value> {
    let query = store::Query::from("SELECT data FROM fact WHERE tenant_id = :tenant AND kind = 'sheet.taken'").bind("tenant", TENANT);
    let facts = office.app.store.query::<(String,)>(query).await.unwrap();
    facts.iter().map(|(data,)| serde_json::from_str(data).unwrap()).collect()
}

both_engines! {
    async fn places_come_in_with_what_they_lie_in_and_go_as_a_whole(db: TestDb) {
        let office = Office::new(db).await;
        let (clerk, inspector) = (office.person("clerk", Role::Clerk).await, office.person("inspector", Role::Inspector).await);
        let text = "序号,名称,层级,上级,户数,经度,纬度\n\
            1,西苑社区,社区,,,,\n\
            2,银杏小区,小区,西苑社区,１２０,120.1,35.9\n\
            3,1号楼,楼院,银杏小区,,,\n\
            4,海景小区,小区,东苑社区,300,,\n\
            5,东苑社区,社区,,,,\n\
            6,坏小区,城堡,东苑社区,,,\n\
            7,坏楼,楼院,没有小区,abc,,\n\
            8,西苑社区,社区,,,,\n";
        let text = encoding_rs::GB18030.encode(text).0.into_owned();
        for path in ["/imports", "/imports/places"] {
            assert_eq!(office.get(&inspector, path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(office.upload(&inspector, "/imports/places", &[], &text).await.status, StatusCode::FORBIDDEN);
        let page = receive(&office, &clerk, "places", &text).await;
        let shown = office.get(&clerk, &page).await;
        for words in ["新增 <b>3</b>", "修改 <b>1</b>", "未变 <b>1</b>", "有误 <b>3</b>", "“层级”的“城堡”不是可以填的内容", "不是整数", "与本文件第 2 行重复", "读到的列：序号、名称"] {
            assert!(shown.has(words), "lacks {words}: {}", shown.body);
        }
        let (status, mended) = office.download(&clerk, &format!("{page}/wrong.xlsx"), "zh-CN").await;
        assert_eq!(status, StatusCode::OK);
        let sheet = read(&mended).unwrap().remove(0);
        assert_eq!(sheet.rows.len(), 4);
        assert!(sheet.rows[1].cells.iter().any(|cell| cell.contains("城堡")) && sheet.rows[0].cells.iter().any(|cell| cell == "需要改正"), "{sheet:?}");
        // What was looked at is what is applied: a change in between is seen.
        let before = digest(&shown.body);
        let compound = directory(&office).await.place(office.compound).unwrap().version;
        let details = PlaceDetails { households: Some(5), ..PlaceDetails::named("海景小区") };
        run(db, EditPlace { by: by(), place: office.compound, version: compound, details }).await;
        let stale = office.post(&clerk, &format!("{page}/apply"), &[("digest", &before)]).await;
        assert!(stale.status == StatusCode::CONFLICT && stale.has("请重新核对后再导入"), "{}", stale.body);
        apply(&office, &clerk, &page).await;
        let now = directory(&office).await;
        let found = |name: &str| now.places().iter().find(|place| place.open && place.name == name).cloned();
        assert_eq!(found("1号楼").unwrap().full_name, "西苑社区 银杏小区 1号楼");
        assert_eq!((found("银杏小区").unwrap().households, found("海景小区").unwrap().households), (Some(120), Some(300)));
        assert!(office.get(&clerk, "/imports").await.has("新增 3 行，修改 1 行，未变 1 行，有误未导入 3 行"));
        assert_eq!(office.post(&clerk, &format!("{page}/apply"), &[("digest", &before)]).await.status, StatusCode::CONFLICT);
        // Somebody gets a role on one of them: the whole cannot go.
        let place = found("银杏小区").unwrap();
        office.person_on("grid", Role::Inspector, Scope::Place { id: place.id, path: place.path.clone() }).await;
        let refused = office.post(&clerk, &format!("{page}/undo"), &[]).await;
        assert!(refused.status == StatusCode::CONFLICT && refused.has("不能整批撤回"), "{}", refused.body);
        assert!(directory(&office).await.places().iter().any(|place| place.open && place.name == "1号楼"));
        let again = receive(&office, &clerk, "places", "名称,层级,上级\n3号楼,楼院,海景小区\n".as_bytes()).await;
        apply(&office, &clerk, &again).await;
        assert_eq!(office.post(&clerk, &format!("{again}/undo"), &[]).await.status, StatusCode::SEE_OTHER);
        let now = directory(&office).await;
        assert!(!now.places().iter().any(|place| place.open && place.name == "3号楼"));
        assert!(office.get(&clerk, &again).await.has("已撤回"));
        assert_eq!(office.post(&clerk, &format!("{again}/undo"), &[]).await.status, StatusCode::CONFLICT);
    }

    async fn an_edited_place_goes_back_to_what_it_was(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        let page = receive(&office, &clerk, "places", "名称,层级,上级,户数,英文名称\n海景小区,小区,东苑社区,300,Sea View\n".as_bytes()).await;
        apply(&office, &clerk, &page).await;
        let place = directory(&office).await.place(office.compound).unwrap().clone();
        assert_eq!((place.households, place.name_en.as_deref()), (Some(300), Some("Sea View")));
        assert_eq!(office.post(&clerk, &format!("{page}/undo"), &[]).await.status, StatusCode::SEE_OTHER);
        let place = directory(&office).await.place(office.compound).unwrap().clone();
        assert_eq!((place.households, place.name_en.as_deref()), (None, None));
    }

    async fn organisations_come_in_once_and_leave_while_nobody_names_them(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        run(db, CreateOrganisation { by: by(), details: OrganisationDetails::named(OrganisationKind::Merchant, "老字号") }).await;
        let text = "单位名称*,单位类型*,简称,统一社会信用代码,联系人,联系电话\n\
            海景物业,物业公司,海景,91350100M000100Y43,王小明,13812341234\n\
            老字号,商户,老,,李四,13900000000\n\
            坏单位,物业公司,,91350100M000100Y44,,12\n\
            无类型,,,,,\n";
        let page = receive(&office, &clerk, "organisations", text.as_bytes()).await;
        let shown = office.get(&clerk, &page).await;
        for words in ["新增 <b>1</b>", "修改 <b>1</b>", "有误 <b>2</b>", "原有的联系人保持不变", "没有填“单位类型”"] {
            assert!(shown.has(words), "lacks {words}: {}", shown.body);
        }
        apply(&office, &clerk, &page).await;
        let now = directory(&office).await;
        let company = now.organisation_by_name("海景物业").unwrap().clone();
        assert_eq!((company.short_name.as_str(), company.kind), ("海景", OrganisationKind::PropertyCompany));
        assert_eq!(now.short_name(now.organisation_by_name("老字号").unwrap().id), "老");
        // A unit that answers for a place is named by somebody else.
        let answers = crate::organisations::AnswerFor { by: by(), organisation: company.id, place: office.compound, project: None, from: jiff::civil::date(2026, 1, 1), to: None };
        run(db, answers).await;
        let refused = office.post(&clerk, &format!("{page}/undo"), &[]).await;
        assert!(refused.status == StatusCode::CONFLICT && refused.has("“海景物业”已有单位管理登记"), "{}", refused.body);
        let text = "单位名称,单位类型\n新单位,其他\n";
        let page = receive(&office, &clerk, "organisations", text.as_bytes()).await;
        apply(&office, &clerk, &page).await;
        assert_eq!(office.post(&clerk, &format!("{page}/undo"), &[]).await.status, StatusCode::SEE_OTHER);
        assert!(directory(&office).await.organisation_by_name("新单位").is_none());
        // It can come again.
        let page = receive(&office, &clerk, "organisations", text.as_bytes()).await;
        assert!(office.get(&clerk, &page).await.has("新增 <b>1</b>"));
    }

    async fn people_are_invited_without_any_password_and_the_links_are_shown_once(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        run(db, CreateOrganisation { by: by(), details: OrganisationDetails::named(OrganisationKind::PropertyCompany, "海景物业") }).await;
        let text = "姓名,手机号,责任单位,角色\n王小明,１３８１２３４１２３４,海景物业,责任单位负责人\n李四,13900000001,海景物业,\n张三,123,海景物业,\n赵六,13900000002,海景物页,\n";
        let page = receive(&office, &clerk, "accounts", text.as_bytes()).await;
        let shown = office.get(&clerk, &page).await;
        assert!(shown.has("新增 <b>2</b>") && shown.has("有误 <b>2</b>") && shown.has("没有这个单位，是否为：海景物业"), "{}", shown.body);
        let once = apply(&office, &clerk, &page).await;
        assert_eq!(once.matches("http://127.0.0.1/j/ruigang/").count(), 2, "{once}");
        assert!(once.contains("王小明 海景物业"));
        assert!(!office.get(&clerk, &page).await.has("/j/ruigang/"));
        let token = once.split("/j/ruigang/").nth(1).unwrap()[..32].to_owned();
        access::invitation::find(&office.app.store, TENANT, &token).await.unwrap();
        assert_eq!(office.post(&clerk, &format!("{page}/undo"), &[]).await.status, StatusCode::SEE_OTHER);
        assert!(access::invitation::find(&office.app.store, TENANT, &token).await.is_err(), "a withdrawn invitation lets nobody in");
    }

    async fn people_of_the_office_are_invited_to_places_by_whoever_gives_roles(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        let security = office.person("security", Role::SecurityAdmin).await;
        run(db, CreateOrganisation { by: by(), details: OrganisationDetails::named(OrganisationKind::PropertyCompany, "海景物业") }).await;
        let text = "姓名,手机号,责任单位,社区或网格,角色\n\
            王小明,13812341234,,东苑社区,社区\n\
            李四,13900000001,,海景小区,网格员\n\
            张三,13900000002,海景物业,,经办人\n\
            赵六,13900000003,,东苑社区,系统管理员\n\
            钱七,13900000004,,东苑社区,受理员\n\
            孙八,13900000005,,东苑社区,\n\
            周九,13900000006,海景物业,东苑社区,社区\n\
            吴十,13900000007,,西苑社区,社区\n\
            郑一,13900000008,,瑞港街道,巡查岗\n\
            冯二,13900000009,,,社区\n";
        // Whoever gives no roles brings in people of units alone.
        let page = receive(&office, &clerk, "accounts", text.as_bytes()).await;
        let shown = office.get(&clerk, &page).await;
        assert!(shown.has("新增 <b>1</b>") && shown.has("有误 <b>9</b>") && shown.has("您不能授予这个岗位"), "{}", shown.body);
        let shown = office.get(&security, &page).await;
        for words in ["新增 <b>3</b>", "有误 <b>7</b>", "“角色”的“系统管理员”不是可以填的内容", "“角色”的“受理员”不是可以填的内容", "没有填“角色”", "范围请选择单位", "没有这个地点", "只能是社区、片区、网格或小区", "没有填“社区或网格”"] {
            assert!(shown.has(words), "lacks {words}: {}", shown.body);
        }
        // What the one looked at is not what the other applies.
        let theirs = digest(&shown.body);
        assert_eq!(office.post(&clerk, &format!("{page}/apply"), &[("digest", &theirs)]).await.status, StatusCode::CONFLICT);
        let once = apply(&office, &security, &page).await;
        assert_eq!(once.matches("http://127.0.0.1/j/ruigang/").count(), 3, "{once}");
        assert!(once.contains("王小明 东苑社区") && once.contains("李四 东苑社区 海景小区"));
        let roles = store::Query::from("SELECT role FROM invitation WHERE tenant_id = :tenant").bind("tenant", TENANT).then("ORDER BY role");
        let roles: Vec<String> = office.app.store.query::<(String,)>(roles).await.unwrap().into_iter().map(|(role,)| role).collect();
        assert_eq!(roles, ["community", "inspector", "unit_handler"]);
        // And who gives no roles does not take them back.
        let refused = office.post(&clerk, &format!("{page}/undo"), &[]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
        let token = once.split("/j/ruigang/").nth(1).unwrap()[..32].to_owned();
        access::invitation::find(&office.app.store, TENANT, &token).await.unwrap();
        assert_eq!(office.post(&security, &format!("{page}/undo"), &[]).await.status, StatusCode::SEE_OTHER);
        assert!(access::invitation::find(&office.app.store, TENANT, &token).await.is_err());
        // The names to choose from are for whoever may give roles there.
        for (who, places) in [(&clerk, 0), (&security, 2)] {
            let (status, blank) = office.download(who, "/imports/accounts/template.xlsx", "zh-CN").await;
            assert_eq!(status, StatusCode::OK);
            let sheets = crate::sheets::read(&blank).unwrap();
            let names = sheets.iter().flat_map(|sheet| &sheet.rows).flat_map(|row| &row.cells).filter(|cell| cell.as_str() == "东苑社区" || cell.as_str() == "东苑社区 海景小区");
            assert_eq!(names.count(), places);
        }
    }

    async fn an_import_of_people_is_for_whoever_brought_it_and_for_whoever_gives_roles(db: TestDb) {
        let office = Office::new(db).await;
        let west = run(db, CreatePlace { by: by(), parent: Some(office.root), level: Level::Community, details: PlaceDetails::named("西苑社区") }).await;
        run(db, CreateOrganisation { by: by(), details: OrganisationDetails::named(OrganisationKind::PropertyCompany, "海景物业") }).await;
        let now = directory(&office).await;
        let on = |id| Scope::Place { id, path: now.place(id).unwrap().path.clone() };
        let brought = office.person_on("east", Role::Community, on(office.community)).await;
        let security = office.person("security", Role::SecurityAdmin).await;
        let others = [office.person_on("west", Role::Community, on(west)).await, office.person("clerk", Role::Clerk).await];
        let text = "姓名,手机号,责任单位,角色\n王小明,13812341234,海景物业,\n李四,13900000001,没有的单位,\n张三,1390000,海景物业,\n";
        let page = receive(&office, &brought, "accounts", text.as_bytes()).await;
        // Numbers are masked, also for those to whom the import is shown.
        for who in [&brought, &security] {
            let shown = office.get(who, &page).await;
            assert!(shown.status == StatusCode::OK && shown.has("王小明") && shown.has("138****1234") && shown.has("139****0001"), "{}", shown.body);
            assert!(!["13812341234", "13900000001", "1390000"].iter().any(|number| shown.has(number)), "{}", shown.body);
            assert!(shown.has("每次下载都有记录"), "{}", shown.body);
            for history in ["/imports", "/imports/accounts"] {
                assert!(office.get(who, history).await.has(&page), "{history}");
            }
        }
        let digest = digest(&office.get(&security, &page).await.body);
        for other in &others {
            for history in ["/imports", "/imports/accounts"] {
                let seen = office.get(other, history).await;
                assert!(seen.status == StatusCode::OK && !seen.has(&page), "{history}: {}", seen.body);
            }
            assert_eq!(office.get(other, &page).await.status, StatusCode::NOT_FOUND);
            assert_eq!(office.download(other, &format!("{page}/wrong.xlsx"), "zh-CN").await.0, StatusCode::NOT_FOUND);
            assert_eq!(office.post(other, &format!("{page}/apply"), &[("digest", &digest)]).await.status, StatusCode::NOT_FOUND);
        }
        assert!(taken(&office).await.is_empty(), "what was refused was not taken");
        // To mend the lines one needs what stands in them; each taking is told.
        for (count, who) in (1..).zip([&brought, &security]) {
            let (status, file) = office.download(who, &format!("{page}/wrong.xlsx"), "zh-CN").await;
            assert_eq!(status, StatusCode::OK);
            let sheet = read(&file).unwrap().remove(0);
            for number in ["13900000001", "1390000"] {
                assert!(sheet.rows.iter().flat_map(|row| &row.cells).any(|cell| cell == number), "{sheet:?}");
            }
            let told = taken(&office).await;
            assert_eq!(told.len(), count);
            assert!(told.iter().all(|fact| fact["kind"] == "accounts" && page.ends_with(fact["sheet"].as_str().unwrap())), "{told:?}");
            assert!(told.iter().any(|fact| fact["lines"] == sheet.rows.len() - 1), "{told:?}");
        }
        apply(&office, &security, &page).await;
        for other in &others {
            assert_eq!(office.post(other, &format!("{page}/undo"), &[]).await.status, StatusCode::NOT_FOUND);
        }
        assert!(office.get(&brought, &page).await.has("已导入"));
        // What others look after as a whole stays theirs to see, whoever brought it.
        let clerk = &others[1];
        let places = receive(&office, clerk, "places", "名称,层级\n北苑社区,社区\n".as_bytes()).await;
        let system = office.person("system", Role::SystemAdmin).await;
        assert!(office.get(&system, "/imports").await.has(&places) && office.get(&system, &places).await.status == StatusCode::OK);
    }

    async fn what_was_sealed_since_an_import_is_looked_through_in_portions_before_it_is_taken_back(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        let journal = Journal::new(db.store.clone(), Signer::open(&db.config.data.join("key"), &db.world).unwrap());
        let page = receive(&office, &clerk, "organisations", "单位名称,单位类型\n新单位,其他\n".as_bytes()).await;
        journal.seal_now(TENANT).await.unwrap();
        apply(&office, &clerk, &page).await;
        for name in ["甲单位", "乙单位", "丙单位", "丁单位", "戊单位"] {
            run(db, CreateOrganisation { by: by(), details: OrganisationDetails::named(OrganisationKind::Other, name) }).await;
        }
        journal.seal_now(TENANT).await.unwrap();
        let sheet: SheetId = page.rsplit('/').next().unwrap().parse().unwrap();
        let looked = async |portion: i64| applying::look_through(&db.store, TENANT, SheetKind::Organisations, sheet, portion).await;
        let last = store::Query::from("SELECT MAX(position) AS most FROM fact WHERE tenant_id = :tenant").bind("tenant", TENANT);
        let last = office.app.store.query::<(i64,)>(last).await.unwrap()[0].0;
        for portion in [1, 2, 1000] {
            assert_eq!(looked(portion).await.unwrap(), last, "the import's own facts and those of others stand in nobody's way");
        }
        let organisation = directory(&office).await.organisation_by_name("新单位").unwrap().id;
        let answers = crate::organisations::AnswerFor { by: by(), organisation, place: office.compound, project: None, from: jiff::civil::date(2026, 1, 1), to: None };
        run(db, answers).await;
        // First as one that is not sealed yet, which the command sees; then as one among many that are.
        assert_eq!(looked(2).await.unwrap(), last);
        for _ in 0..2 {
            let refused = office.post(&clerk, &format!("{page}/undo"), &[]).await;
            assert!(refused.status == StatusCode::CONFLICT && refused.has("“新单位”已有单位管理登记"), "{}", refused.body);
            journal.seal_now(TENANT).await.unwrap();
        }
        for portion in [1, 2, 1000] {
            assert!(looked(portion).await.is_err_and(|error| error.is(applying::DEPENDS)));
        }
        // What nobody names goes, though what happened since is sealed.
        let page = receive(&office, &clerk, "organisations", "单位名称,单位类型\n临时单位,其他\n".as_bytes()).await;
        apply(&office, &clerk, &page).await;
        run(db, CreateOrganisation { by: by(), details: OrganisationDetails::named(OrganisationKind::Other, "己单位") }).await;
        journal.seal_now(TENANT).await.unwrap();
        assert_eq!(office.post(&clerk, &format!("{page}/undo"), &[]).await.status, StatusCode::SEE_OTHER);
        assert!(directory(&office).await.organisation_by_name("临时单位").is_none());
    }

    async fn the_history_tells_of_tables_of_responsibilities_too(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        run(db, CreateOrganisation { by: by(), details: OrganisationDetails::named(OrganisationKind::PropertyCompany, "海景物业") }).await;
        let text = "问题类别,地点,责任单位\n市容环境类,海景小区,海景物业\n";
        let received = office.upload(&clerk, "/responsibilities/import", &[], text.as_bytes()).await;
        let page = received.location.strip_prefix("/t/ruigang").unwrap().to_owned();
        assert!(page.starts_with("/responsibilities/sheets/"), "{page}");
        let all = office.get(&clerk, "/imports").await;
        assert!(all.has(&format!("href=\"/t/ruigang{page}\"")) && all.has("待核对"), "{}", all.body);
        apply(&office, &clerk, &page).await;
        assert!(office.get(&clerk, "/imports").await.has("新增 1 行，修改 0 行，未变 0 行"));
        assert!(office.get(&clerk, &page).await.has("/undo"), "it can be taken back there");
        assert_eq!(office.post(&clerk, &format!("{page}/undo"), &[]).await.status, StatusCode::SEE_OTHER);
        assert!(office.get(&clerk, "/imports").await.has("已撤回"));
        // Whoever brings in people alone sees nothing of it.
        let community = office.person_on("community", Role::Community, Scope::Place { id: office.community, path: directory(&office).await.place(office.community).unwrap().path.clone() }).await;
        let theirs = office.get(&community, "/imports").await;
        assert!(theirs.status == StatusCode::OK && !theirs.has(&page), "{}", theirs.body);
    }

    async fn categories_go_out_with_merged_cells_and_come_in_unchanged_or_as_new_versions(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        for language in ["zh-CN", "en"] {
            let (status, file) = office.download(&clerk, "/categories/export.xlsx", language).await;
            assert_eq!(status, StatusCode::OK);
            let page = receive(&office, &clerk, "categories", &file).await;
            let shown = office.get(&clerk, &page).await;
            assert!(shown.has("有误 <b>0</b>") && shown.has("新增 <b>0</b>") && shown.has("修改 <b>0</b>") && shown.has("没有可以导入的行"), "{language}: {}", shown.body);
        }
        // Merged over its conditions in a workbook of somebody else's, with a heading of two rows.
        let text = workbook::Cell::text;
        let (above, empty) = (workbook::Cell::Above, workbook::Cell::Empty);
        let columns = ["类别代码", "类别名称", "立案条件", "时限数", "时限单位", "结案条件", "可以劝阻报告"].map(|title| workbook::Column::new(title, 12)).to_vec();
        let rows = vec![
            vec![text("event-06-034"), text("废弃车辆"), text("停放满三十天"), workbook::Cell::Number(5), text("工作日"), text("拖离"), text("否")],
            vec![above.clone(), above.clone(), text("占用消防通道"), workbook::Cell::Number(4), text("小时（不间断）"), text("立即拖离"), above.clone()],
            vec![text("event-06-090"), text("共享充电宝乱放"), empty.clone(), text("８"), text("工作小时"), empty.clone(), text("是")],
            vec![text("event-06-091"), empty.clone(), empty.clone(), empty.clone(), empty.clone(), empty.clone(), empty.clone()],
            vec![text("event-06-070"), text("占国家编号"), empty.clone(), empty.clone(), empty.clone(), empty.clone(), empty.clone()],
            vec![text("event-06-001"), text("私搭乱建"), text("甲"), text("两"), text("工作日"), empty.clone(), empty.clone()],
            vec![above.clone(), above, text("甲"), empty.clone(), empty.clone(), empty.clone(), empty],
        ];
        let sheet = workbook::Sheet { name: "类别".into(), columns, rows };
        let file = workbook::write(office.app.world.now(), &jiff::tz::TimeZone::UTC, &[sheet]).unwrap();
        let page = receive(&office, &clerk, "categories", &file).await;
        let shown = office.get(&clerk, &page).await;
        for words in ["新增 <b>1</b>", "修改 <b>1</b>", "有误 <b>4</b>", "与第 2 行是同一类别", "没有填“类别名称”", "本地类别的小类代码用 080 至 999", "请填写整数的时限", "与前面的立案条件内容相同"] {
            assert!(shown.has(words), "lacks {words}: {}", shown.body);
        }
        apply(&office, &clerk, &page).await;
        let code = crate::category::CategoryCode::parse("event-06-034").unwrap();
        let now = directory(&office).await;
        let car = now.category_in_force(&code).unwrap();
        assert_eq!(car.filing_conditions().iter().map(|one| one.filing.as_str()).collect::<Vec<_>>(), ["停放满三十天", "占用消防通道"]);
        assert_eq!((car.condition(Some(2)).limit_unit.as_deref(), car.version), (Some("urgent_hours"), 2));
        let local = now.categories().find(|one| one.name == "共享充电宝乱放").unwrap();
        assert!(local.may_report && local.limit_value == Some(480));
        assert_eq!(office.post(&clerk, &format!("{page}/undo"), &[]).await.status, StatusCode::SEE_OTHER);
        let now = directory(&office).await;
        let car = now.category_in_force(&code).unwrap();
        assert!(!car.has_choice() && car.version == 3 && car.limit().is_none());
        assert!(!now.categories().any(|one| one.name == "共享充电宝乱放"));
    }

    async fn what_cannot_be_read_is_refused_with_what_to_do_and_what_is_not_applied_is_forgotten(db: TestDb) {
        let office = Office::new(db).await;
        let (clerk, handler) = (office.person("clerk", Role::Clerk).await, office.person("handler", Role::UnitHandler).await);
        for kind in ["places", "organisations", "accounts", "categories"] {
            let path = format!("/imports/{kind}");
            assert_eq!(office.get(&handler, &path).await.status, StatusCode::FORBIDDEN);
            for (file, words) in [(&b""[..], "没有找到表头"), (b"a,b\n1,2\n", "没有找到表头"), (b"PK\x03\x04", "文件读不出来"), (b"\xff\xff\x80\x81,\x80", "文件编码无法识别")] {
                let refused = office.upload(&clerk, &path, &[], file).await;
                assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.has(words) && refused.has("aria-invalid"), "{kind} {words}: {}", refused.body);
            }
            for language in ["zh-CN", "en"] {
                let (status, blank) = office.download(&clerk, &format!("{path}/template.xlsx"), language).await;
                assert_eq!(status, StatusCode::OK);
                let refused = office.upload(&clerk, &path, &[], &blank).await;
                assert!(refused.has("文件中没有内容"), "{kind} {language}: {}", refused.body);
            }
        }
        for path in ["/imports/dragons", "/imports/places/x", "/imports/places/00000000-0000-0000-0000-000000000000"] {
            assert_eq!(office.get(&clerk, path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let page = receive(&office, &clerk, "places", "名称,层级\n西苑社区,社区\n".as_bytes()).await;
        crate::imports::applying::sweep(&office.app.store, TENANT).await.unwrap();
        assert_eq!(office.get(&clerk, &page).await.status, StatusCode::OK, "not yet a day old");
        db.meddle("UPDATE sheet SET received_at = received_at - 90000000000").await;
        crate::imports::applying::sweep(&office.app.store, TENANT).await.unwrap();
        assert_eq!(office.get(&clerk, &page).await.status, StatusCode::NOT_FOUND);
        let page = receive(&office, &clerk, "places", "名称,层级\n西苑社区,社区\n坏社区,城堡\n".as_bytes()).await;
        apply(&office, &clerk, &page).await;
        db.meddle("UPDATE sheet SET received_at = received_at - 90000000000").await;
        crate::imports::applying::sweep(&office.app.store, TENANT).await.unwrap();
        let kept = office.get(&clerk, &page).await;
        assert!(kept.has("文件内容在上传一天后已删除") && kept.has("有误 <b>1</b>") && !kept.has("坏社区"), "{}", kept.body);
    }
}

#[test]
fn every_level_has_a_word_that_is_read_back() {
    for level in Level::ALL {
        assert_eq!(crate::imports::reading::word_of(level.as_str(), "level-", Level::ALL), Some(*level));
    }
    assert_eq!(crate::imports::reading::word_of("村", "level-", Level::ALL), Some(Level::Community));
    assert_eq!(crate::imports::reading::word_of("", "level-", Level::ALL), None);
}
