//! A register of problems brought in through the page, batch by batch, and taken back, and people who are invited to places, on both
//! engines.

use crate::bad_input_tests::product;
use access::{Role, Scope};
use axum::body::Body;
use kernel::ids::PlaceId;
use testkit::{Answer, Person, TENANT, TestApp};

pub(crate) async fn upload(who: &Person<'_>, path: &str, file: &[u8]) -> Answer {
    upload_with(who, path, &[], file).await
}

/// The same with fields beside the file.
pub(crate) async fn upload_with(who: &Person<'_>, path: &str, fields: &[(&str, &str)], file: &[u8]) -> Answer {
    let id = who.app.app.store.world().new_id::<kernel::ids::CommandId>().to_string();
    let mut body = Vec::new();
    for (name, value) in [("csrf", who.csrf()), ("command_id", id.as_str())].iter().chain(fields) {
        body.extend_from_slice(format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
    }
    body.extend_from_slice(b"--edge\r\ncontent-disposition: form-data; name=\"sheet\"; filename=\"x.csv\"\r\n\r\n");
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    let request = who.request("POST", path).header("content-type", "multipart/form-data; boundary=edge");
    who.app.send(request.body(Body::from(body)).unwrap()).await
}

pub(crate) fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split(from).nth(1).unwrap_or_else(|| panic!("no {from} in {text}")).split(to).next().unwrap()
}

/// Uploads and applies; the address of the import, once all of its batches are written.
async fn import(clerk: &Person<'_>, file: &str) -> String {
    let received = upload(clerk, "/imports/cases", file.as_bytes()).await.expect(303);
    let page = received.location.unwrap().strip_prefix("/t/lsw").unwrap().to_owned();
    let shown = clerk.get(&page).await.expect(200);
    let digest = between(&shown.text, "name=\"digest\" value=\"", "\"").to_owned();
    clerk.post(&format!("{page}/apply"), &[("digest", &digest)]).await.expect(303);
    for _ in 0..600 {
        if clerk.get(&page).await.text.contains("<p>imported") {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the import did not end: {}", clerk.get(&page).await.text);
}

pub(crate) async fn count(app: &TestApp, condition: &str) -> i64 {
    let query = store::Query::from("SELECT COUNT(*) AS n FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT).and(condition);
    app.store.query::<(i64,)>(query).await.unwrap()[0].0
}

pub(crate) async fn checked(app: &TestApp) -> Vec<String> {
    let mut report = store::journal::Report::new(TENANT);
    store::journal::StateCheck::check(&cases::checking::Cases, &app.store, TENANT, &mut report).await.unwrap();
    report.findings.iter().map(ToString::to_string).collect()
}

const PASSWORD: &str = "a long enough password";
const HEAD: &str = "编号,问题类别,地点,具体位置,问题描述,责任单位,发现时间,整改期限,办理状态,结案时间\n";

store::both_engines! {
    async fn a_register_comes_in_by_batches_and_goes_while_no_step_was_taken(db: TestDb) {
        let app = product(db).await;
        let clerk = app.clerk().await;
        let mut file = HEAD.to_owned();
        for n in 0..450 {
            let closed = if n % 3 == 0 { "已结案,2025-03-04" } else { "未结案," };
            file.push_str(&format!("T{n:04},暴露垃圾,Elm Court,Stair {n},Rubbish {n},Company A,２０２５/3/1 9:05,2025-03-03,{closed}\n"));
        }
        file.push_str("T0001,暴露垃圾,Elm Court,,,Company A,2025-03-01,,,\nX1,龙,Nowhere,,,,2999-01-01,,已结案,\n");
        let page = import(&clerk, &file).await;
        assert_eq!((count(&app, "source = 'import'").await, count(&app, "source = 'import' AND stage = 'closed' AND late = TRUE").await), (450, 150));
        assert_eq!(checked(&app).await, [""; 0]);
        let shown = clerk.get(&format!("{page}?show=wrong")).await.expect(200);
        shown.has("The same as line 3").has("2999-01-01");
        // The same file again has nothing to say.
        let again = upload(&clerk, "/imports/cases", file.as_bytes()).await.expect(303).location.unwrap();
        clerk.get(again.strip_prefix("/t/lsw").unwrap()).await.expect(200).has("Unchanged <b>451</b>");
        clerk.post(&format!("{page}/undo"), &[]).await.expect(303);
        assert_eq!((count(&app, "apart = 'void'").await, count(&app, "outside_number IS NOT NULL").await), (450, 0));
        assert_eq!(checked(&app).await, [""; 0]);
        clerk.get("/summary?from=2025-01-01&to=2025-12-31").await.expect(200).lacks(">450<");
        // Mended, it comes in again; and a step on one of its cases keeps the whole.
        let page = import(&clerk, &file[..file.find("T0003").unwrap()]).await;
        let handler = app.handler_of(app.company).await;
        let query = store::Query::from("SELECT number FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT).and("stage = 'dispatched'");
        let number = app.store.query::<(i64,)>(query).await.unwrap()[0].0;
        let photo = handler.upload(7).await;
        handler.post(&format!("/cases/{number}/rectify"), &[("words", "Cleared"), ("photo", &photo), ("version", "1")]).await.expect(303);
        clerk.post(&format!("{page}/undo"), &[]).await.expect(409).has("cannot be taken back");
        assert_eq!(count(&app, "stage = 'rectified'").await, 1);
        assert_eq!(checked(&app).await, [""; 0]);
    }

    async fn whom_a_table_invites_to_a_place_joins_there_while_the_inviter_still_gives_roles(db: TestDb) {
        let app = product(db).await;
        let security = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        app.person_with("13800000009", PASSWORD, &[(Role::Leader, Scope::Tenant)]).await;
        let file = "姓名,手机号,社区或网格,角色\n\
            王小明,13800000001,East,社区\n\
            王小明,13800000002,Elm Court,网格员\n\
            李四,13800000009,East,社区\n\
            张三,13800000003,East,社区\n";
        let received = upload(&security, "/imports/accounts", file.as_bytes()).await.expect(303);
        let page = received.location.unwrap().strip_prefix("/t/lsw").unwrap().to_owned();
        let digest = between(&security.get(&page).await.expect(200).text, "name=\"digest\" value=\"", "\"").to_owned();
        let once = security.post(&format!("{page}/apply"), &[("digest", &digest)]).await.expect(200).text;
        let links: Vec<String> = once.split("/j/lsw/").skip(1).map(|rest| format!("/j/lsw/{}", &rest[..32])).collect();
        assert_eq!(links.len(), 4, "{once}");
        let join = async |link: usize, phone: &str| {
            app.post_stranger(&links[link], &[("phone", phone), ("name", "Wang"), ("password", PASSWORD)]).await
        };
        let log_in = async |phone: &str, password: &str| app.log_in(&[("name", phone), ("password", password)]).await.status.as_u16();
        join(0, "13800000002").await.expect(422);
        join(0, "13800000001").await.expect(303);
        join(0, "13800000001").await.expect(404);
        join(1, "13800000002").await.expect(303);
        assert_eq!((log_in("13800000001", PASSWORD).await, log_in("13800000002", PASSWORD).await), (303, 303));
        let held = store::Query::from("SELECT role, place_id FROM role_assignment WHERE tenant_id = :tenant").bind("tenant", TENANT);
        let held = app.store.query::<(Role, Option<PlaceId>)>(held.and("role IN ('community', 'inspector')")).await.unwrap();
        assert!(held.contains(&(Role::Community, Some(app.community))) && held.contains(&(Role::Inspector, Some(app.compound))), "{held:?}");
        // A leader's account is nobody's to take over by such a link.
        join(2, "13800000009").await.expect(409);
        // Who is no security administrator any more lets nobody in.
        db.meddle("UPDATE role_assignment SET revoked_at = 1 WHERE role = 'security_admin'").await;
        join(3, "13800000003").await.expect(404);
        assert_ne!(log_in("13800000003", PASSWORD).await, 303);
    }

    async fn who_may_not_import_cases_is_not_offered_them(db: TestDb) {
        let app = product(db).await;
        let inspector = app.inspector().await;
        inspector.get("/imports").await.expect(403);
        inspector.get("/imports/cases").await.expect(403);
        let clerk = app.clerk().await;
        clerk.get("/imports").await.expect(200).has("Register of problems");
        clerk.get("/imports/cases/template.xlsx").await.expect(200);
    }
}
