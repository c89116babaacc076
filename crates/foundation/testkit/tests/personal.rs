//! Personal data through HTTP on both engines: masked everywhere, in full once for a reason, listed for the auditor, and
//! erased at its end.

use access::{Role, Scope};
use axum::Router;
use kernel::ids::OrganisationId;
use store::Query;
use store::testing::TestDb;
use territory::organisations::{CreateOrganisation, OrganisationDetails};
use territory::{ManageTerritory, OrganisationKind};
use testkit::{Person, TENANT, TestApp};

const PASSWORD: &str = "a long enough password";

async fn app(db: &TestDb) -> TestApp {
    TestApp::new(db, Router::new().merge(territory::routes())).await
}

async fn joined(app: &TestApp, by: &Person<'_>, phone: &str) -> String {
    let unit = format!("organisation:{}", app.company);
    let page = by.post("/invitations", &[("unit", &unit), ("phone", phone)]).await.expect(200);
    let token = page.text.split("/j/lsw/").nth(1).and_then(|rest| rest.split('<').next()).expect("an address").to_owned();
    app.post_stranger(&format!("/j/lsw/{token}"), &[("phone", phone), ("name", "王小明"), ("password", PASSWORD)]).await.expect(303);
    let account = access::account::by_login(&app.store, phone).await.unwrap().expect("an account");
    format!("/accounts/{}", account.id)
}

async fn facts(app: &TestApp, kind: &'static str) -> Vec<String> {
    let facts =
        Query::from("SELECT data FROM fact WHERE tenant_id = :tenant").bind("tenant", TENANT).and("kind = :kind").bind("kind", kind);
    app.store.query::<(String,)>(facts.then("ORDER BY recorded_at, ordinal")).await.unwrap().into_iter().map(|(data,)| data).collect()
}

/// Everything that the database holds of a table, as text.
async fn everything(app: &TestApp) -> String {
    let mut all = String::new();
    for text in ["SELECT data FROM fact WHERE tenant_id = :tenant", "SELECT result FROM command_result WHERE tenant_id = :tenant"] {
        for (data,) in app.store.query::<(String,)>(Query::from(text).bind("tenant", TENANT)).await.unwrap() {
            all.push_str(&data);
        }
    }
    all
}

async fn unit_with_contact(app: &TestApp) -> OrganisationId {
    let details = OrganisationDetails {
        contact: Some("欧阳明华".into()),
        contact_phone: Some("13912345678".into()),
        ..OrganisationDetails::named(OrganisationKind::Cooperative, "Cooperative C")
    };
    let by = access::Actor::system(TENANT).permit::<ManageTerritory>(&TENANT).unwrap();
    let unit = app.store.run(access::keeping::system_pass(&app.store, TENANT), CreateOrganisation { by, details }).await.unwrap().out;
    app.answers(unit, app.compound).await;
    unit
}

store::both_engines! {
    async fn a_phone_number_is_masked_until_somebody_says_why_and_that_stays_in_the_journal(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let page = joined(&app, &clerk, "13800000001").await;
        let security = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        let auditor = app.person(&[(Role::AuditAdmin, Scope::Tenant)]).await;
        // Its owner logs in with it: as the account's name it is masked as well.
        for path in ["/accounts", page.as_str()] {
            security.get(path).await.expect(200).has("138****0001").lacks("13800000001");
            auditor.get(path).await.expect(200).has("138****0001").lacks("13800000001");
        }
        let phone = format!("{page}/phone");
        security.get(&phone).await.expect(405);
        auditor.post(&phone, &[("reason", "call")]).await.expect(403);
        clerk.post(&phone, &[("reason", "call")]).await.expect(403);
        security.post(&phone, &[]).await.expect(422).has("choose a reason").lacks("13800000001");
        security.post(&phone, &[("reason", "paper")]).await.expect(422).lacks("13800000001");
        security.post(&phone, &[("reason", "other"), ("words", "x")]).await.expect(422).has("value=\"x\"").lacks("13800000001");
        assert!(facts(&app, "personal.unmasked").await.is_empty(), "nothing was seen");
        let id = app.store.world().new_id::<kernel::ids::CommandId>().to_string();
        let form = [("reason", "other"), ("words", "Wang lost the phone")];
        security.post_as(&id, &phone, &form).await.expect(200).has("13800000001").has("tel:13800000001");
        // The page again (reload, back and forth) is no second look.
        security.post_as(&id, &phone, &form).await.expect(303);
        let seen = facts(&app, "personal.unmasked").await;
        assert_eq!(seen.len(), 1);
        assert!(seen[0].contains("\"reason\":\"other\"") && !seen[0].contains("Wang") && !seen[0].contains("1380"), "{}", seen[0]);
        auditor.get("/personal/log").await.expect(200).has("王小明").has("Wang lost the phone").has("Mobile number").lacks("13800000001");
        clerk.get("/personal/log").await.expect(403);
        let all = everything(&app).await;
        assert!(!all.contains("13800000001") && !all.contains("王小明"), "a fact or a remembered result holds personal data");
        security.post("/accounts/not-one/phone", &[("reason", "call")]).await.expect(404);
        security.post(&format!("/accounts/{}/phone", security.account), &[("reason", "call")]).await.expect(404);
    }

    async fn a_units_contact_is_seen_by_the_clerk_and_by_the_community_where_it_answers(db: TestDb) {
        let app = app(db).await;
        let unit = unit_with_contact(&app).await;
        let (page, contact) = (format!("/organisations/{unit}"), format!("/organisations/{unit}/contact"));
        let east = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let west = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        let clerk = app.clerk().await;
        for person in [&east, &west, &clerk] {
            person.get(&page).await.expect(200).has("欧阳** 139****5678").lacks("13912345678").lacks("欧阳明华");
        }
        west.post(&contact, &[("reason", "call")]).await.expect(403).lacks("13912345678");
        app.inspector().await.post(&contact, &[("reason", "call")]).await.expect(403);
        app.handler_of(unit).await.post(&contact, &[("reason", "call")]).await.expect(403);
        east.post(&contact, &[("reason", "call")]).await.expect(200).has("13912345678").has("欧阳明华");
        clerk.post(&contact, &[("reason", "asked")]).await.expect(200).has("13912345678");
        let none = app.organisation(OrganisationKind::Merchant, "Shop").await;
        clerk.post(&format!("/organisations/{none}/contact"), &[("reason", "call")]).await.expect(404);
        let auditor = app.person(&[(Role::AuditAdmin, Scope::Tenant)]).await;
        let log = auditor.get("/personal/log").await.expect(200).has("Cooperative C").has("To call about a problem").has("Asked by the person");
        assert_eq!(log.text.matches("Cooperative C").count(), 2);
    }

    async fn the_log_of_unmaskings_goes_on_page_by_page(db: TestDb) {
        let app = app(db).await;
        let unit = unit_with_contact(&app).await;
        let clerk = app.clerk().await;
        for _ in 0..52 {
            clerk.post(&format!("/organisations/{unit}/contact"), &[("reason", "call")]).await.expect(200);
        }
        let auditor = app.person(&[(Role::AuditAdmin, Scope::Tenant)]).await;
        let first = auditor.get("/personal/log").await.expect(200);
        assert_eq!(first.text.matches("Cooperative C").count(), 50);
        let next = first.text.split("href=\"/t/lsw/personal/log?after=").nth(1).and_then(|rest| rest.split('"').next()).expect("a next page");
        let second = auditor.get(&format!("/personal/log?after={next}")).await.expect(200);
        assert_eq!(second.text.matches("Cooperative C").count(), 2);
        // What nobody was given begins at the first page, whatever kinds of keys it has.
        for after in ["nonsense", "t61~t61", "n~n", "i1~i1", "d00000000000000000000000000000000~i1", "i1", "~"] {
            auditor.get(&format!("/personal/log?after={after}")).await.expect(200).has("Cooperative C");
        }
    }

    async fn the_register_says_what_is_held_and_only_the_security_administrator_sets_its_end(db: TestDb) {
        let app = app(db).await;
        let unit = unit_with_contact(&app).await;
        let security = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        let auditor = app.person(&[(Role::AuditAdmin, Scope::Tenant)]).await;
        app.clerk().await.get("/personal").await.expect(403);
        let list = auditor.get("/personal").await.expect(200).has("Contact of a unit").has("180 days after the account was closed").lacks("account_days");
        assert!(!list.text.contains("personal-"), "a group has no words: {}", list.text);
        let days = |account: &'static str, name: &'static str| {
            [("account_days", account), ("name_days", name), ("invitation_days", "30"), ("contact_days", "60"), ("words_days", "365"), ("caller_days", "90")]
        };
        auditor.post("/personal", &days("90", "365")).await.expect(403);
        security.post("/personal", &days("soon", "365")).await.expect(422).has("value=\"soon\"").has("whole days");
        security.post("/personal", &days("6", "365")).await.expect(422);
        security.post("/personal", &days("99999999999999999999", "365")).await.expect(422);
        security.post("/personal", &days("400", "365")).await.expect(422).has("less long");
        security.post("/personal", &days("90", "365")).await.expect(303);
        auditor.get("/personal").await.expect(200).has("90 days after the account was closed");
        assert_eq!(facts(&app, "tenant.keeping_set").await.len(), 1);
        let _ = unit;
    }

    async fn a_closed_account_is_erased_at_its_end_and_its_number_may_join_again(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let page = joined(&app, &clerk, "13800000001").await;
        let open = joined(&app, &clerk, "13800000009").await;
        let system = app.person(&[(Role::SystemAdmin, Scope::Tenant)]).await;
        system.post(&format!("{page}/close"), &[]).await.expect(303);
        let tenant = access::account::tenant(&app.store, TENANT).await.unwrap();
        let sweep = async || {
            access::keeping::sweep(&app.store, &tenant).await.unwrap();
            access::keeping::sweep(&app.store, &tenant).await.unwrap();
        };
        let clock = app.app.world.clock.clone();
        let invitations = async || access::invitation::latest(&app.store, TENANT, None, None).await.unwrap().rows.len();
        clock.advance_seconds(36 * 86_400);
        sweep().await;
        assert_eq!(invitations().await, 2);
        clock.advance_seconds(2 * 86_400);
        sweep().await;
        assert_eq!(invitations().await, 0);
        assert!(access::account::by_login(&app.store, "13800000001").await.unwrap().is_some());
        clock.advance_seconds(143 * 86_400);
        sweep().await;
        assert!(access::account::by_login(&app.store, "13800000001").await.unwrap().is_none());
        let id = page.rsplit('/').next().unwrap().parse().unwrap();
        let row = access::account::by_id(&app.store, TENANT, id).await.unwrap();
        assert!(row.phone.is_none() && row.name.shown() == "王小明" && !row.login.contains("1380") && row.password.is_empty(), "{row:?}");
        // Who handled what is still said; and the number is free for its owner.
        let again = joined(&app, &app.clerk().await, "13800000001").await;
        assert_ne!(again, page);
        clock.advance_seconds(920 * 86_400);
        sweep().await;
        let row = access::account::by_id(&app.store, TENANT, id).await.unwrap();
        assert_eq!(row.name.shown(), "王**");
        let kept = access::account::by_id(&app.store, TENANT, open.rsplit('/').next().unwrap().parse().unwrap()).await.unwrap();
        assert!(kept.phone.is_some() && kept.name.shown() == "王小明");
        let erased: Vec<String> = facts(&app, "account.erased").await.iter().map(|data| data.contains("\"name\"").to_string()).collect();
        assert_eq!(erased, ["false", "true"], "each is said once");
        assert_eq!(facts(&app, "tenant.personal_erased").await.len(), 2, "the invitations of then, and of later");
    }

    async fn ones_own_number_is_on_ones_own_page_and_the_list_goes_on_by_id(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        joined(&app, &clerk, "13800000001").await;
        let answer = app.log_in(&[("name", "13800000001"), ("password", PASSWORD)]).await.expect(303);
        let cookie = answer.cookies[0].split(';').next().unwrap().to_owned();
        let request = axum::http::Request::get("/t/lsw/account").header("cookie", format!("{cookie}; lang=en"));
        app.send(request.body(axum::body::Body::empty()).unwrap()).await.expect(200).has("13800000001");
        let security = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        for _ in 0..100 {
            app.person(&[]).await;
        }
        let first = security.get("/accounts").await.expect(200);
        let next = first.text.split("/accounts?after=").nth(1).and_then(|rest| rest.split('"').next()).expect("a next page").to_owned();
        assert!(next.len() == 36 && security.get(&format!("/accounts?after={next}")).await.expect(200).text.contains("<tr><td"), "{next}");
    }

    async fn the_office_is_called_on_papers_as_it_calls_itself(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        app.inspector().await.get("/settings").await.expect(403);
        app.inspector().await.post("/settings", &[("office_name", "X")]).await.expect(403);
        clerk.get("/settings").await.expect(200).has("LSW Office of Fine-Grained City Governance");
        let long = "长".repeat(41);
        clerk.post("/settings", &[("office_name", &long)]).await.expect(422).has(&long);
        clerk.post("/settings", &[("office_name", "a\u{202e}b")]).await.expect(422);
        clerk.post("/settings", &[("office_name", "  Special   Team ")]).await.expect(303);
        clerk.get("/settings").await.expect(200).has("value=\"Special Team\"");
        // The other settings stay as they were.
        let security = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        security.post("/accounts/totp", &[("role", "leader")]).await.expect(303);
        clerk.get("/settings").await.expect(200).has("value=\"Special Team\"");
        let settings = access::account::tenant(&app.store, TENANT).await.unwrap().settings().unwrap();
        assert_eq!((settings.totp_roles, settings.office_name.as_str()), (vec![Role::Leader], "Special Team"));
    }
}
