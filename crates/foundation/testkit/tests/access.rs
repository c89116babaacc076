//! Accounts through HTTP on both engines: logging in and being locked out, passwords and sessions, roles and who gave
//! them, joining a unit by invitation and being reset on the spot.

use access::{Role, Scope};
use axum::Router;
use store::testing::TestDb;
use testkit::{Person, TENANT, TestApp};

const PASSWORD: &str = "a long enough password";

async fn app(db: &TestDb) -> TestApp {
    TestApp::new(db, Router::new()).await
}

/// The address of the invitation that this page shows.
async fn invited(app: &TestApp, by: &Person<'_>, phone: &str) -> String {
    let unit = format!("organisation:{}", app.company);
    let page = by.post("/invitations", &[("unit", &unit), ("phone", phone)]).await.expect(200);
    let token = page.text.split("/j/lsw/").nth(1).and_then(|rest| rest.split('<').next()).expect("an address").to_owned();
    format!("/j/lsw/{token}")
}

async fn kinds(app: &TestApp) -> Vec<String> {
    let facts =
        store::Query::from("SELECT kind FROM fact WHERE tenant_id = :tenant").bind("tenant", TENANT).then("ORDER BY recorded_at, ordinal");
    app.store.query::<(String,)>(facts).await.unwrap().into_iter().map(|(kind,)| kind).collect()
}

store::both_engines! {
    async fn five_wrong_passwords_are_free_and_then_the_wait_grows(db: TestDb) {
        let app = app(db).await;
        app.person_with("wang", PASSWORD, &[(Role::Clerk, Scope::Tenant)]).await;
        for _ in 0..5 {
            app.log_in(&[("name", "wang"), ("password", "wrong")]).await.expect(401).has("wang").lacks("wrong\"");
        }
        // Now even the right one has to wait, and a name that nobody has tells nothing.
        app.log_in(&[("name", "wang"), ("password", PASSWORD)]).await.expect(429).has("please wait");
        app.log_in(&[("name", "nobody"), ("password", "wrong")]).await.expect(401);
        app.app.world.clock.advance_seconds(61);
        let answer = app.log_in(&[("name", " WANG "), ("password", PASSWORD)]).await.expect(303);
        assert!(answer.cookies.iter().any(|cookie| cookie.starts_with("session=") && cookie.contains("HttpOnly") && cookie.contains("SameSite")));
        app.log_in(&[("name", "wang"), ("password", PASSWORD), ("next", "//evil.example")]).await.expect(303);
        app.log_in(&[]).await.expect(401);
    }

    async fn a_new_password_needs_the_present_one_and_ends_the_other_sessions(db: TestDb) {
        let app = app(db).await;
        let roles = [(Role::Clerk, Scope::Tenant)];
        let clerk = app.person_with("wang", PASSWORD, &roles).await;
        let second = app.log_in(&[("name", "wang"), ("password", PASSWORD)]).await.expect(303);
        assert_eq!(second.cookies.len(), 1);
        clerk.get("/account").await.expect(200).has("wang");
        let change = |present: &'static str, new: &'static str, again: &'static str| [("present", present), ("new", new), ("again", again)];
        clerk.post("/account/password", &change("not it at all", "another long one", "another long one")).await.expect(422).has("present password is wrong");
        clerk.post("/account/password", &change(PASSWORD, "1234567890", "1234567890")).await.expect(422).has("at least 10 characters");
        clerk.post("/account/password", &change(PASSWORD, "another long one", "another long two")).await.expect(422).has("differ");
        clerk.post("/account/password", &change(PASSWORD, "another long one", "another long one")).await.expect(303);
        app.log_in(&[("name", "wang"), ("password", PASSWORD)]).await.expect(401);
        app.log_in(&[("name", "wang"), ("password", "another long one")]).await.expect(303);
        assert!(kinds(&app).await.contains(&"account.password_changed".to_owned()), "{:?}", kinds(&app).await);
    }

    async fn logging_out_everywhere_ends_every_session(db: TestDb) {
        let app = app(db).await;
        let clerk = app.person_with("wang", PASSWORD, &[(Role::Clerk, Scope::Tenant)]).await;
        clerk.get("/account").await.expect(200);
        clerk.post("/account/sessions", &[]).await.expect(303);
        clerk.get("/account").await.expect(303).lacks("wang");
    }

    async fn roles_are_given_by_the_security_administrator_alone_and_the_log_says_so(db: TestDb) {
        let app = app(db).await;
        let security = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        let auditor = app.person(&[(Role::AuditAdmin, Scope::Tenant)]).await;
        let clerk = app.clerk().await;
        let newcomer = app.person_with("li", PASSWORD, &[]).await;
        let path = format!("/accounts/{}/give", newcomer.account);
        let fields = [("role", "inspector"), ("scope", "tenant")];
        clerk.post(&path, &fields).await.expect(403);
        auditor.post(&path, &fields).await.expect(403);
        security.post(&path, &[("role", "emperor"), ("scope", "tenant")]).await.expect(422).has("choose a role");
        security.post(&path, &[("role", "inspector"), ("scope", "organisation:00000000-0000-0000-0000-000000000000")]).await.expect(422);
        security.post(&path, &fields).await.expect(303);
        let page = security.get(&format!("/accounts/{}", newcomer.account)).await.expect(200).has("Inspector");
        let assignment = page.text.split("name=\"assignment\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        auditor.get("/accounts/log").await.expect(200).has("li").has("Inspector");
        clerk.get("/accounts/log").await.expect(403);
        let revoke = format!("/accounts/{}/revoke", newcomer.account);
        security.post(&revoke, &[("assignment", &assignment), ("role", "inspector")]).await.expect(303);
        security.post(&revoke, &[("assignment", &assignment), ("role", "inspector")]).await.expect(409);
        // With the scope, which nothing else says any more.
        auditor.get("/accounts/log").await.expect(200).has("Role revoked · Inspector · ");
    }

    async fn a_manager_joins_by_the_phone_that_was_invited_and_is_reset_on_the_spot(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let join = invited(&app, &clerk, "13800000001").await;
        let form = |phone: &'static str, password: &'static str| [("phone", phone), ("name", "Wang"), ("password", password)];
        app.post_stranger(&join, &form("13800000002", PASSWORD)).await.expect(422).has("13800000002").has("This is not the mobile number that was invited");
        app.post_stranger(&join, &form("13800000001", "short")).await.expect(422).has("Wang");
        app.post_stranger(&join, &form("13800000001", PASSWORD)).await.expect(303);
        app.post_stranger(&join, &form("13800000001", PASSWORD)).await.expect(404);
        app.log_in(&[("name", "13800000001"), ("password", PASSWORD)]).await.expect(303);
        // Forgotten: a new code, and the old password is worth nothing any more.
        let again = invited(&app, &clerk, "13800000001").await;
        app.post_stranger(&again, &form("13800000001", "the new long password")).await.expect(303);
        app.log_in(&[("name", "13800000001"), ("password", PASSWORD)]).await.expect(401);
        app.log_in(&[("name", "13800000001"), ("password", "the new long password")]).await.expect(303);
        let said = kinds(&app).await;
        assert_eq!(said.iter().filter(|kind| *kind == "account.joined").count(), 2);
        // Nobody's account but a unit's is reset this way; nor one whose work is granted elsewhere.
        app.person_with("13800000003", PASSWORD, &[(Role::SecurityAdmin, Scope::Tenant)]).await;
        app.person_with("13800000004", PASSWORD, &[]).await;
        app.person_with("13800000005", PASSWORD, &[(Role::UnitHead, Scope::Organisation { id: app.company }), (Role::Clerk, Scope::Tenant)]).await;
        for phone in ["13800000003", "13800000004", "13800000005"] {
            let trick = invited(&app, &clerk, phone).await;
            app.post_stranger(&trick, &form(phone, "the new long password")).await.expect(409);
            app.log_in(&[("name", phone), ("password", PASSWORD)]).await.expect(303);
        }
        app.handler_of(app.company).await.get("/invitations").await.expect(403);
    }

    async fn a_role_that_demands_a_second_step_is_not_worked_in_without_one(db: TestDb) {
        let app = app(db).await;
        let security = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        let (clerk, handler) = (app.clerk().await, app.handler_of(app.company).await);
        clerk.post("/accounts/totp", &[("role", "clerk")]).await.expect(403);
        security.post("/accounts/totp", &[("role", "emperor")]).await.expect(422);
        security.get("/accounts").await.expect(200).has("Roles that need a second step");
        security.post("/accounts/totp", &[("role", "clerk"), ("role", "leader")]).await.expect(303);
        let led = clerk.get("/invitations").await.expect(303);
        assert_eq!(led.location.as_deref(), Some("/t/lsw/account"));
        clerk.post("/invitations", &[("phone", "13800000001")]).await.expect(403).has("second step");
        let page = clerk.get("/account").await.expect(200).has("bind an authenticator");
        // Others work on; and whoever binds one works again.
        handler.get("/account").await.expect(200).lacks("bind an authenticator below");
        let secret = page.text.split("name=\"secret\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        let code = access::totp::code_at(&secret, app.store.world().now()).unwrap();
        clerk.post("/account/totp", &[("secret", &secret), ("code", &code)]).await.expect(303);
        clerk.get("/invitations").await.expect(200);
        security.post("/accounts/totp", &[]).await.expect(303);
        app.clerk().await.get("/invitations").await.expect(200);
    }
}
