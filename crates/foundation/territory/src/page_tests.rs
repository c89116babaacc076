//! The pages over HTTP: what a clerk sees and changes, what an inspector may only look at, what comes back when it was wrong.

use crate::directory::Caches;
use crate::place::Level;
use crate::places::{CreatePlace, PlaceDetails};
use crate::setup::PrepareTerritory;
use crate::verbs::ManageTerritory;
use access::account::{CreateAccount, CreateTenant, ManageAccounts};
use access::http::encode;
use access::session::{self, Token};
use access::{Actor, Nav, Permit, Role, Scope};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use documents::{Press, Printed};
use kernel::TenantId;
use kernel::ids::PlaceId;
use std::sync::Arc;
use store::testing::TestDb;
use store::{Command, Pass, both_engines};
use tower::ServiceExt;
use web::{App, AppParts};

const TENANT: TenantId = TenantId(1);

/// A press that is not there: these pages print nothing.
struct NoPress;

impl Press for NoPress {
    fn pdf(&self, _: &Printed) -> kernel::Result<Vec<u8>> {
        Err(kernel::Error::unavailable("no press"))
    }
    fn picture(&self, _: &Printed, _: u32) -> kernel::Result<Vec<u8>> {
        Err(kernel::Error::unavailable("no press"))
    }
}

/// An office with a street, one community with one compound, a clerk and an inspector.
pub(crate) struct Office<'a> {
    pub(crate) db: &'a TestDb,
    pub(crate) app: App,
    pub(crate) root: PlaceId,
    pub(crate) community: PlaceId,
    pub(crate) compound: PlaceId,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    etag: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn has(&self, text: &str) -> bool {
        self.body.contains(text)
    }
}

pub(crate) fn by() -> Permit<ManageTerritory> {
    Actor::system(TENANT).permit(&TENANT).unwrap()
}

pub(crate) async fn run<C: Command>(db: &TestDb, command: C) -> C::Out {
    let pass = Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: db.world.new_id(), body: [0; 32] };
    db.store.run(pass, command).await.map(|outcome| outcome.out).unwrap_or_else(|error| panic!("{error}"))
}

impl<'a> Office<'a> {
    pub(crate) async fn new(db: &'a TestDb) -> Office<'a> {
        let tenant = CreateTenant {
            id: TENANT,
            slug: "ruigang".into(),
            kind: "sub_district".into(),
            parent: None,
            code: None,
            name: "瑞港街道".into(),
            name_en: None,
            zone: "Asia/Shanghai".into(),
        };
        run(db, tenant).await;
        let code = Some("370211003000".to_owned());
        let root = run(
            db,
            PrepareTerritory {
                by: by(),
                level: Level::SubDistrict,
                kind: None,
                name: "瑞港街道".into(),
                code,
                zone: "Asia/Shanghai".into(),
            },
        )
        .await;
        let community =
            run(db, CreatePlace { by: by(), parent: Some(root), level: Level::Community, details: PlaceDetails::named("东苑社区") }).await;
        let compound =
            run(db, CreatePlace { by: by(), parent: Some(community), level: Level::Compound, details: PlaceDetails::named("海景小区") })
                .await;
        let parts = AppParts::new(db.store.clone(), Arc::new(NoPress), "http://127.0.0.1".into());
        let parts = parts.with(crate::imports::Kinds(crate::imports::Kinds::own())).with(crate::units()).with(crate::scopes());
        let app = parts.with(Caches::default()).with(Nav(crate::NAV.to_vec())).build();
        Office { db, app, root, community, compound }
    }

    pub(crate) async fn person(&self, login: &str, role: Role) -> Token {
        self.person_on(login, role, Scope::Tenant).await
    }

    pub(crate) async fn person_on(&self, login: &str, role: Role, scope: Scope) -> Token {
        let by = Actor::system(TENANT).permit::<ManageAccounts>(&TENANT).unwrap();
        let account = CreateAccount {
            by,
            login: login.into(),
            name: login.into(),
            phone: None,
            password_hash: String::new(),
            must_change: false,
            roles: vec![(role, scope)],
        };
        let id = run(self.db, account).await;
        let account = access::account::by_id(&self.db.store, TENANT, id).await.unwrap();
        session::begin(&self.db.store, &account, "test", "full").await.unwrap()
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let router =
            crate::routes().layer(axum::middleware::from_fn_with_state(self.app.clone(), web::errors::show)).with_state(self.app.clone());
        let response = router.oneshot(request).await.unwrap();
        let text =
            |name: header::HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let (status, location, etag) = (response.status(), text(header::LOCATION), text(header::ETAG));
        let bytes = axum::body::to_bytes(response.into_body(), 8 << 20).await.unwrap();
        Answer { status, location, etag, body: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    fn request(&self, who: &Token, path: &str) -> axum::http::request::Builder {
        Request::builder()
            .uri(format!("/t/ruigang{path}"))
            .header("cookie", format!("session={}", who.to_cookie()))
            .header("accept-language", "zh-CN")
    }

    pub(crate) async fn get(&self, who: &Token, path: &str) -> Answer {
        self.send(self.request(who, path).body(Body::empty()).unwrap()).await
    }

    /// The bytes of a file, asked for in a language.
    pub(crate) async fn download(&self, who: &Token, path: &str, language: &str) -> (StatusCode, Vec<u8>) {
        let request = Request::builder()
            .uri(format!("/t/ruigang{path}"))
            .header("cookie", format!("session={}", who.to_cookie()))
            .header("accept-language", language);
        let response = crate::routes().with_state(self.app.clone()).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status();
        (status, axum::body::to_bytes(response.into_body(), 8 << 20).await.unwrap().to_vec())
    }

    pub(crate) async fn post(&self, who: &Token, path: &str, fields: &[(&str, &str)]) -> Answer {
        let command: kernel::ids::CommandId = self.db.world.new_id();
        let own = [("csrf".to_owned(), who.csrf()), ("command_id".to_owned(), command.to_string())];
        let given = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let body =
            own.into_iter().chain(given).map(|(name, value)| format!("{}={}", encode(&name), encode(&value))).collect::<Vec<_>>().join("&");
        let request = self.request(who, path).method("POST").header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub(crate) async fn upload(&self, who: &Token, path: &str, fields: &[(&str, &str)], file: &[u8]) -> Answer {
        let command: kernel::ids::CommandId = self.db.world.new_id();
        let mut body = Vec::new();
        let own = [("csrf", who.csrf()), ("command_id", command.to_string())];
        for (name, value) in own.iter().map(|(name, value)| (*name, value.as_str())).chain(fields.iter().copied()) {
            body.extend_from_slice(format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
        }
        body.extend_from_slice(b"--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"../../x.csv\"\r\n\r\n");
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let request = self.request(who, path).method("POST").header("content-type", "multipart/form-data; boundary=edge");
        self.send(request.body(Body::from(body)).unwrap()).await
    }
}

both_engines! {
    async fn every_page_opens_for_a_clerk_and_without_forms_for_an_inspector(db: TestDb) {
        let office = Office::new(db).await;
        let (clerk, inspector) = (office.person("clerk", Role::Clerk).await, office.person("inspector", Role::Inspector).await);
        for (path, words) in [
            ("/places", "东苑社区"),
            ("/places?q=hjxq", "东苑社区 海景小区"),
            ("/organisations", "没有符合条件的单位"),
            ("/responsibilities", "2 处没有责任单位"),
            ("/categories?q=lddw", "楼道堆物"),
            ("/categories?class=event-06&only=no-limit", "废弃车辆"),
            ("/categories/event-06-034", "废弃车辆"),
            ("/calendar?year=2026", "春节放假"),
            ("/calendar?year=2027", "已公布的节假日安排到 2026-12-31 为止"),
        ] {
            let seen = office.get(&clerk, path).await;
            assert_eq!(seen.status, StatusCode::OK, "{path}");
            assert!(seen.has(words), "{path} lacks {words}");
            assert!(!seen.has("{ $"), "{path} shows a placeable");
            let looked = office.get(&inspector, path).await;
            assert_eq!(looked.status, StatusCode::OK, "{path}");
            assert!(!looked.has("name=\"command_id\""), "{path} offers an inspector a form");
        }
        assert_eq!(office.get(&inspector, "/organisations/new").await.status, StatusCode::FORBIDDEN);
        assert_eq!(office.post(&inspector, "/places", &[("at", &office.root.to_string()), ("level", "community"), ("name", "x")]).await.status, StatusCode::FORBIDDEN);
        assert_eq!(office.get(&clerk, "/places?at=00000000-0000-0000-0000-000000000000").await.status, StatusCode::NOT_FOUND);
        assert_eq!(office.get(&clerk, "/categories/event-99-999").await.status, StatusCode::NOT_FOUND);
        let handler = office.person("handler", Role::UnitHandler).await;
        assert_eq!(office.get(&handler, "/places").await.status, StatusCode::FORBIDDEN);
    }

    async fn a_place_is_added_renamed_moved_and_closed_from_its_page(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        let (root, community, compound) = (office.root.to_string(), office.community.to_string(), office.compound.to_string());
        let added = office.post(&clerk, "/places", &[("at", &root), ("level", "community"), ("name", "西苑社区")]).await;
        assert_eq!((added.status, added.location.as_str()), (StatusCode::SEE_OTHER, format!("/t/ruigang/places?at={root}").as_str()));
        let twice = office.post(&clerk, "/places", &[("at", &root), ("level", "community"), ("name", "西苑社区"), ("households", "88")]).await;
        assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(twice.has("这里已有同名的地点") && twice.has("value=\"88\""), "what was typed comes back");
        let script = office.post(&clerk, "/places", &[("at", &root), ("level", "community"), ("name", "<script>alert(1)</script>")]).await;
        assert_eq!(script.status, StatusCode::SEE_OTHER);
        let listed = office.get(&clerk, "/places").await;
        assert!(!listed.has("<script>alert") && listed.has("&#60;script&#62;alert"));
        let renamed = office.post(&clerk, &format!("/places/{compound}"), &[("version", "1"), ("name", "海景花园")]).await;
        assert_eq!(renamed.status, StatusCode::SEE_OTHER, "{}", renamed.body);
        let stale = office.post(&clerk, &format!("/places/{compound}"), &[("version", "1"), ("name", "我的改名")]).await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        assert!(stale.has("别人刚改过这个地点") && stale.has("我的改名"));
        let west = crate::directory(&office.app, TENANT).await.unwrap().find_by_name("西苑社区", 1)[0].id.to_string();
        assert_eq!(office.post(&clerk, &format!("/places/{compound}/move"), &[("version", "2"), ("parent", &west)]).await.status, StatusCode::SEE_OTHER);
        assert!(office.get(&clerk, &format!("/places?at={west}")).await.has("海景花园"));
        let refused = office.post(&clerk, &format!("/places/{west}/close"), &[("version", "1")]).await;
        assert!(refused.status == StatusCode::CONFLICT && refused.has("下面还有在用的地点"));
        assert_eq!(office.post(&clerk, &format!("/places/{community}/close"), &[("version", "1")]).await.status, StatusCode::SEE_OTHER);
        let shown = office.get(&clerk, "/places").await;
        assert!(!shown.has(">东苑社区</a></td>") && shown.has(">西苑社区</a></td>"));
    }

    async fn files_are_taken_in_and_the_result_names_what_was_not(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        let at = office.root.to_string();
        let villages = include_bytes!("../../../../standards/places/villages_370211_2016.csv");
        let result = office.upload(&clerk, "/places/import", &[("at", &at), ("datum", "cgcs2000")], villages).await;
        assert_eq!(result.status, StatusCode::OK, "{}", result.body);
        assert!(result.has("<dt>新增</dt><dd>31</dd>") || result.has("<dt>新增</dt>"), "{}", result.body);
        assert!(crate::directory(&office.app, TENANT).await.unwrap().place_by_code("370211003013").is_some());
        let bad = office.upload(&clerk, "/places/import", &[("at", &at), ("datum", "cgcs2000")], b"code,name\n370211003999,\n37,x\n").await;
        assert!(bad.has("<dt>未导入</dt><dd>2</dd>") && bad.has("请填写这一项。") && bad.has("位数不对，请核对。"));
        let unreadable = office.upload(&clerk, "/places/import", &[("at", &at)], b"\x00\xff\xfe\x01").await;
        assert!(unreadable.status == StatusCode::UNPROCESSABLE_ENTITY && unreadable.has("class=\"form-error\""), "{}", unreadable.body);
        let shape = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"海景小区"},"geometry":{"type":"Polygon","coordinates":[[[120.1,35.9],[120.2,35.9],[120.2,36.0],[120.1,35.9]]]}},{"type":"Feature","properties":{"name":"无"},"geometry":null}]}"#;
        let drawn = office.upload(&clerk, "/places/boundaries", &[("at", &at), ("datum", "gcj02")], shape.as_bytes()).await;
        assert!(drawn.has("<dt>已导入</dt><dd>1</dd>") && drawn.has("没有对应的地点。"), "{}", drawn.body);
        let point = kernel::coordinates::Point::parse("120.17", "35.93").unwrap();
        assert_eq!(crate::locate(&office.app, TENANT, point).await.unwrap().compound, Some(office.compound));
        let newer = office.upload(&clerk, "/calendar/holidays", &[], "date,day_off,name\n2027-01-01,yes,元旦\n".as_bytes()).await;
        assert_eq!((newer.status, newer.location.as_str()), (StatusCode::SEE_OTHER, "/t/ruigang/calendar?year=2027"));
        let wrong = office.upload(&clerk, "/calendar/holidays", &[], b"date,day_off,name\n2028-01-01,maybe,x\n").await;
        assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.has("节假日文件第 2 行不对"));
    }

    async fn a_wrong_credit_code_keeps_what_was_typed(db: TestDb) {
        let office = Office::new(db).await;
        let (clerk, inspector) = (office.person("clerk", Role::Clerk).await, office.person("inspector", Role::Inspector).await);
        let form = |code: &'static str| vec![("kind", "property_company"), ("name", "瑞港物业服务有限公司"), ("short_name", "瑞港物业"), ("credit_code", code), ("contact", "王小明"), ("contact_phone", "13812341234")];
        let refused = office.post(&clerk, "/organisations", &form("91350100M000100Y44")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("校验位不对") && refused.has("91350100M000100Y44") && refused.has("瑞港物业服务有限公司") && refused.has("aria-invalid"));
        let made = office.post(&clerk, "/organisations", &form("91350100M000100Y43")).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER);
        let page = made.location.strip_prefix("/t/ruigang").unwrap().to_owned();
        let kept = office.get(&clerk, &page).await;
        assert!(kept.has("王** 138****1234") && !kept.has("13812341234") && !kept.has("王小明"), "{}", kept.body);
        // A form that gives no contact leaves it as it is.
        let edit = [("version", "1"), ("kind", "property_company"), ("name", "瑞港物业服务有限公司"), ("short_name", "瑞港"), ("credit_code", "91350100M000100Y43")];
        assert_eq!(office.post(&clerk, &page, &edit).await.status, StatusCode::SEE_OTHER);
        let contact = format!("{page}/contact");
        assert_eq!(office.post(&inspector, &contact, &[("reason", "call")]).await.status, StatusCode::FORBIDDEN);
        let shown = office.post(&clerk, &contact, &[("reason", "call")]).await;
        assert!(shown.status == StatusCode::OK && shown.has("13812341234") && shown.has("王小明"), "{}", shown.body);
        let unsaid = office.post(&clerk, &contact, &[("reason", "other"), ("words", " ")]).await;
        assert!(unsaid.status == StatusCode::UNPROCESSABLE_ENTITY && !unsaid.has("13812341234") && unsaid.has("138****1234"));
        let looked = office.get(&inspector, &page).await;
        assert!(looked.has("王** 138****1234") && !looked.has("13812341234") && !looked.has("王小明"), "{}", looked.body);
        let compound = office.compound.to_string();
        let project = office.post(&clerk, &format!("{page}/answers"), &[("place", &compound), ("project", "海景项目"), ("from", "2026-01-01")]).await;
        assert_eq!(project.status, StatusCode::SEE_OTHER, "{}", project.body);
        assert!(office.get(&clerk, &page).await.has("海景项目"));
        assert!(office.get(&clerk, "/responsibilities").await.has("1 处没有责任单位"));
        let unit = page.rsplit('/').next().unwrap().to_owned();
        let row = office.post(&clerk, "/responsibilities", &[("about", "event-06"), ("place", &office.root.to_string()), ("unit", &unit), ("from", "2026-01-01"), ("to", "2025-01-01")]).await;
        assert!(row.status == StatusCode::UNPROCESSABLE_ENTITY && row.has("日期不对"));
        let row = office.post(&clerk, "/responsibilities", &[("about", "event-06"), ("place", &office.root.to_string()), ("unit", &unit), ("from", "2026-01-01")]).await;
        assert_eq!(row.status, StatusCode::SEE_OTHER);
        assert!(office.get(&inspector, "/responsibilities").await.has("市容环境类"));
    }

    async fn a_category_is_changed_and_the_picker_hears_of_it(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        let list = office.get(&clerk, "/categories.json").await;
        let items: serde_json::Value = serde_json::from_str(&list.body).unwrap();
        let items = items.as_array().unwrap();
        assert_eq!(items.len(), 417);
        assert_eq!(items.iter().filter(|item| !item["common"].is_null()).count(), 30);
        let car = items.iter().find(|item| item["code"] == "06-034" && item["kind"] == "event").unwrap();
        assert!(car["synonyms"].as_array().unwrap().iter().any(|word| word == "僵尸车") && car["initials"].as_str().unwrap().contains("jsc"));
        assert_eq!(car["limit"], "未定时限");
        let stained = items.iter().find(|item| item["code"] == "06-004" && item["kind"] == "event").unwrap();
        assert!(["01-04", "临街建筑物外立面不洁"].iter().all(|word| stained["synonyms"].as_array().unwrap().iter().any(|said| said == word)));
        assert!(office.get(&clerk, "/categories/event-06-004").await.has("GB/T 30428.2-2013）：01-04 临街建筑物外立面不洁"));
        for typed in ["01-04", "0104", "event-01-04", "外立面不洁"] {
            assert!(office.get(&clerk, &format!("/categories?q={}", encode(typed))).await.has("建筑物外立面污损"), "{typed}");
        }
        let again = office.send(office.request(&clerk, "/categories.json").header("if-none-match", &list.etag).body(Body::empty()).unwrap()).await;
        assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        let current = car["id"].as_str().unwrap();
        let form = |limit: &'static str| [("current", current), ("limit_unit", "working_hours"), ("limit_value", limit), ("photo", "yes"), ("reinspect", "from_photos"), ("sample_percent", "12.5"), ("common_rank", "18"), ("may_report", "yes"), ("synonyms", "僵尸车、报废车")];
        assert!(!office.get(&clerk, &format!("/categories?q={}", encode("僵尸车"))).await.has("可劝阻报告"));
        let refused = office.post(&clerk, "/categories/event-06-034", &form("soon")).await;
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.has("请填写整数的时限") && refused.has("僵尸车、报废车"));
        assert_eq!(office.post(&clerk, "/categories/event-06-034", &form("16")).await.status, StatusCode::SEE_OTHER);
        assert!(office.get(&clerk, "/categories/event-06-034").await.has("看照片复查，现场抽查 12.5%"));
        assert!(office.get(&clerk, &format!("/categories?q={}", encode("僵尸车"))).await.has("可劝阻报告"));
        let newer = office.send(office.request(&clerk, "/categories.json").header("if-none-match", &list.etag).body(Body::empty()).unwrap()).await;
        assert_eq!(newer.status, StatusCode::OK);
        assert!(newer.has("报废车") && newer.has("16 个工作小时"));
        assert_eq!(office.post(&clerk, "/categories/event-06-034", &form("8")).await.status, StatusCode::CONFLICT);
        let (current, _) = office.get(&clerk, "/categories/event-06-034").await.body.split_once("name=\"current\" value=\"").map(|(_, rest)| rest.to_owned()).unwrap().split_once('"').map(|(id, rest)| (id.to_owned(), rest.to_owned())).unwrap();
        let several = |second: &'static str, third: &'static str| {
            [("current", current.as_str()), ("filing", "停放满三十天"), ("closing", "拖离"), ("limit_unit", "working_days"), ("limit_value", "5"), ("photo", "yes"), ("reinspect", "on_spot"),
             ("filing2", second), ("limit_unit2", "urgent_hours"), ("limit_value2", "4"), ("closing2", ""), ("reinspect2", "on_spot"),
             ("filing3", third), ("limit_unit3", ""), ("limit_value3", ""), ("closing3", ""), ("reinspect3", "from_photos"), ("sample_percent", "100"), ("common_rank", "18"), ("synonyms", "")]
        };
        let refused = office.post(&clerk, "/categories/event-06-034", &several("停放满三十天", "占用消防通道")).await;
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.has("与前面的立案条件内容相同") && refused.has("占用消防通道"));
        assert_eq!(office.post(&clerk, "/categories/event-06-034", &several("占用消防通道", "")).await.status, StatusCode::SEE_OTHER);
        let page = office.get(&clerk, "/categories/event-06-034").await;
        assert!(page.has("2 种立案条件") && page.has("占用消防通道") && page.has("结案条件：拖离") && page.has("立案条件 4"));
        let places = office.get(&clerk, "/places.json").await;
        assert!(places.has("海景小区") && places.has("\"level\":\"compound\""));
    }
}
