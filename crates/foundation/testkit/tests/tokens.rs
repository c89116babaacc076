//! Tokens through HTTP on both engines: made by who knows the password, never more than their owner, and over when they are.

use access::{Role, Scope};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use store::testing::TestDb;
use testkit::{Setting, TENANT, TestApp};

const PASSWORD: &str = "a long enough password";
const CLERK: &[(Role, Scope)] = &[(Role::Clerk, Scope::Tenant)];

async fn app(db: &TestDb) -> TestApp {
    TestApp::new(db, Router::new()).await
}

async fn kinds(app: &TestApp) -> Vec<String> {
    let facts = store::Query::from("SELECT kind FROM fact WHERE tenant_id = :tenant")
        .bind("tenant", TENANT)
        .and("kind >= 'account.token'")
        .and("kind < 'account.tokeo'");
    app.store.query::<(String,)>(facts).await.unwrap().into_iter().map(|(kind,)| kind).collect()
}

store::both_engines! {
    async fn a_token_is_made_by_who_knows_the_password_shown_once_and_ended_by_its_owner(db: TestDb) {
        let app = app(db).await;
        let clerk = app.person_with("wang", PASSWORD, CLERK).await;
        clerk.get("/account").await.expect(200).has("/t/lsw/account/tokens");
        let make = |present: &'static str, name: &'static str, days: &'static str, scope: &'static str| {
            [("present", present), ("name", name), ("days", days), ("scope", scope)]
        };
        clerk.post("/account/tokens", &make("not it at all", "Sync", "30", "read")).await.expect(422).has("value=\"Sync\"").has("password is wrong").lacks("not it at all");
        clerk.post("/account/tokens", &make(PASSWORD, " ", "30", "read")).await.expect(422).has("what the token is for");
        clerk.post("/account/tokens", &make(PASSWORD, "Sync", "367", "read")).await.expect(422).has("1 to 366");
        clerk.post("/account/tokens", &make(PASSWORD, "Sync", "30", "everything")).await.expect(422).has("at least one scope");
        clerk.post("/account/tokens", &[("present", PASSWORD), ("name", "Sync"), ("days", "30")]).await.expect(422).has("at least one scope");
        assert!(kinds(&app).await.is_empty());
        let id = app.store.world().new_id::<kernel::ids::CommandId>().to_string();
        let made = clerk.post_as(&id, "/account/tokens", &make(PASSWORD, "Sync", "30", "read")).await.expect(200);
        let secret = made.text.split("readonly>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        // The same form again makes no other, and shows nothing again.
        let again = clerk.post_as(&id, "/account/tokens", &make(PASSWORD, "Sync", "30", "read")).await.expect(303);
        assert!(!again.text.contains(&secret));
        let page = clerk.get("/account/tokens").await.expect(200).has("Sync").has("Never").lacks(&secret);
        let program = testkit::Program { app: &app, slug: "lsw", secret };
        let me = program.get("/me").await.expect(200).json();
        assert_eq!((&me["name"], &me["token"], &me["scopes"][0], &me["roles"][0]), (&"wang".into(), &"Sync".into(), &"read".into(), &"clerk".into()));
        clerk.get("/account/tokens").await.expect(200).lacks("Never");
        let id = page.text.split("/account/tokens/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        // Another person's token is none.
        let other = app.person_with("li", PASSWORD, CLERK).await;
        other.post(&format!("/account/tokens/{id}/revoke"), &[]).await.expect(409).has("no such token");
        other.get("/account/tokens").await.expect(200).lacks("Sync");
        program.get("/me").await.expect(200);
        clerk.post(&format!("/account/tokens/{id}/revoke"), &[]).await.expect(303);
        program.get("/me").await.expect(401).has("token.wrong");
        clerk.post(&format!("/account/tokens/{id}/revoke"), &[]).await.expect(409);
        assert_eq!(kinds(&app).await, ["account.token_made", "account.token_revoked"]);
    }

    async fn a_token_is_never_more_than_its_owner_is_now(db: TestDb) {
        let app = app(db).await;
        let clerk = app.person_with("wang", PASSWORD, CLERK).await;
        let program = clerk.token(PASSWORD, &["read", "cases"]).await;
        program.get("/places").await.expect(200);
        let admin = app.person(&[(Role::SecurityAdmin, Scope::Tenant), (Role::SystemAdmin, Scope::Tenant)]).await;
        let page = admin.get(&format!("/accounts/{}", clerk.account)).await.expect(200);
        let assignment = page.text.split("name=\"assignment\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        admin.post(&format!("/accounts/{}/revoke", clerk.account), &[("assignment", &assignment)]).await.expect(303);
        program.get("/places").await.expect(403).has("forbidden");
        assert_eq!(program.get("/me").await.expect(200).json()["roles"], serde_json::json!([]));
        // Closed, the account has no programs either.
        admin.post(&format!("/accounts/{}/close", clerk.account), &[]).await.expect(303);
        program.get("/me").await.expect(401);
    }

    async fn a_token_opens_the_api_and_no_page_and_a_session_opens_no_api(db: TestDb) {
        let app = app(db).await;
        let clerk = app.person_with("wang", PASSWORD, CLERK).await;
        let program = clerk.token(PASSWORD, &["read"]).await;
        let bearer = format!("Bearer {}", program.secret);
        let page = |path: &str| Request::builder().uri(path.to_owned()).header(header::AUTHORIZATION, &bearer).body(Body::empty()).unwrap();
        assert_eq!(app.send(page("/t/lsw/account")).await.expect(303).location.as_deref(), Some("/login?next=%2Ft%2Flsw%2Faccount"));
        let cookie = clerk.request("GET", "/t/lsw/x").body(Body::empty()).unwrap().headers()[header::COOKIE].clone();
        let with_cookie = Request::builder().uri("/api/v1/t/lsw/me").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        app.send(with_cookie).await.expect(401).has("token.missing");
        for wrong in ["", "Bearer", "Bearer x", "Basic d2FuZzp4", &bearer[..bearer.len() - 1], &format!("Bearer xiuhua_2_{}", "0".repeat(64))] {
            let request = Request::builder().uri("/api/v1/t/lsw/me").header(header::AUTHORIZATION, wrong).body(Body::empty()).unwrap();
            app.send(request).await.expect(401).has("\"status\":401");
        }
        program.get("/api/v1/t/other/me").await.expect(404);
        program.get("/api/v1/t/nowhere/me").await.expect(404);
    }

    async fn a_token_ends_with_its_day_and_with_a_password_that_somebody_else_sets(db: TestDb) {
        let app = app(db).await;
        let clerk = app.person_with("wang", PASSWORD, CLERK).await;
        let (one, other) = (clerk.token(PASSWORD, &["read"]).await, clerk.token(PASSWORD, &["report"]).await);
        let admin = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        let page = admin.get("/accounts/tokens").await.expect(200).has("wang").lacks(&one.secret);
        let ids: Vec<String> = page.text.split("/accounts/tokens/").skip(1).map(|rest| rest.split('/').next().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), 2);
        // Nobody else sees or ends them.
        clerk.get("/accounts/tokens").await.expect(403);
        clerk.post(&format!("/accounts/tokens/{}/revoke", ids[0]), &[]).await.expect(403);
        admin.post(&format!("/accounts/tokens/{}/revoke", ids[0]), &[]).await.expect(303);
        other.get("/me").await.expect(401);
        one.get("/me").await.expect(200);
        admin.post(&format!("/accounts/{}/reset", clerk.account), &[]).await.expect(200);
        one.get("/me").await.expect(401);
        let li = app.person_with("li", PASSWORD, CLERK).await;
        let last = li.token(PASSWORD, &["read"]).await;
        app.app.world.clock.advance_seconds(29 * 86_400);
        last.get("/me").await.expect(200);
        app.app.world.clock.advance_seconds(2 * 86_400);
        last.get("/me").await.expect(401);
        // A month after their end they are gone, with what was said of them.
        let tenant = access::account::tenant(&app.store, TENANT).await.unwrap();
        access::keeping::sweep(&app.store, &tenant).await.unwrap();
        let left = store::Query::from("SELECT COUNT(*) AS n FROM api_token WHERE tenant_id = :tenant").bind("tenant", TENANT);
        assert_eq!(app.store.query::<(i64,)>(left.clone()).await.unwrap()[0].0, 1, "the first two ended a month ago, this one two days ago");
        app.app.world.clock.advance_seconds(31 * 86_400);
        access::keeping::sweep(&app.store, &tenant).await.unwrap();
        assert_eq!(app.store.query::<(i64,)>(left).await.unwrap()[0].0, 0);
    }

    async fn whoever_has_something_to_set_right_first_has_no_programs(db: TestDb) {
        let app = app(db).await;
        let clerk = app.person_with("wang", PASSWORD, CLERK).await;
        let program = clerk.token(PASSWORD, &["read"]).await;
        let admin = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        admin.post("/accounts/totp", &[("role", "clerk")]).await.expect(303);
        program.get("/me").await.expect(403).has("account.totp_needed");
        admin.post("/accounts/totp", &[]).await.expect(303);
        program.get("/me").await.expect(200);
    }

    async fn a_program_that_asks_without_end_is_told_to_wait_and_no_other_is(db: TestDb) {
        let app = app(db).await;
        let clerk = app.person_with("wang", PASSWORD, CLERK).await;
        let (hasty, calm) = (clerk.token(PASSWORD, &["read"]).await, clerk.token(PASSWORD, &["read"]).await);
        for _ in 0..600 {
            hasty.get("/me").await.expect(200);
        }
        hasty.get("/me").await.expect(429).has("token.too_often");
        calm.get("/me").await.expect(200);
        app.app.world.clock.advance_seconds(10);
        hasty.get("/me").await.expect(200);
        // Whoever tries tokens at random is slowed down by address.
        let guess = testkit::Program { app: &app, slug: "lsw", secret: format!("xiuhua_1_{}", "ab".repeat(32)) };
        for _ in 0..60 {
            guess.get("/me").await.expect(401);
        }
        guess.get("/me").await.expect(429);
        calm.get("/me").await.expect(200);
    }

    async fn a_district_token_acts_where_its_owner_was_granted_to(db: TestDb) {
        let app = TestApp::set(db, Router::new(), Setting { district: true, separated: false }).await;
        let person = app.person_of_district("qu", PASSWORD, &[(Role::DistrictClerk, Scope::Tenant)]).await;
        let program = person.token(PASSWORD, &["read"]).await;
        program.get("/api/v1/t/qu/me").await.expect(200);
        program.get("/api/v1/t/lsw/me").await.expect(404);
        program.get("/api/v1/t/other/me").await.expect(404);
    }
}
