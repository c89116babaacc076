//! The log of who gave what: whole, in order, a page at a time, and narrowed to one account.

use access::{Role, Scope};
use axum::Router;
use std::collections::BTreeSet;
use store::testing::TestDb;
use testkit::{Person, TestApp};

async fn app(db: &TestDb) -> TestApp {
    TestApp::new(db, Router::new()).await
}

/// All lines of a log, over all its pages: the cells of each.
async fn lines(who: &Person<'_>, path: &str) -> Vec<String> {
    let (mut lines, mut path) = (Vec::new(), path.to_owned());
    loop {
        let page = who.get(&path).await.expect(200);
        let body = page.text.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next()).unwrap_or_default();
        let rows: Vec<_> = body.split("<tr>").skip(1).map(str::to_owned).collect();
        assert!(rows.len() <= 50, "a page of {}", rows.len());
        lines.extend(rows);
        let Some(next) = page.text.split("rel=\"next\"").next().filter(|text| text.len() < page.text.len()) else { break };
        path = next.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
    }
    lines
}

store::both_engines! {
    async fn no_line_is_left_out_however_many_there_are(db: TestDb) {
        let app = app(db).await;
        let auditor = app.person(&[(Role::AuditAdmin, Scope::Tenant)]).await;
        let mut made = BTreeSet::new();
        for i in 0..120 {
            // Two facts a command, and of each ten commands all at one instant.
            let person = app.person_named(testkit::TENANT, "lsw", &format!("many{i:03}"), &[(Role::Inspector, Scope::Tenant)]).await;
            made.insert(person.account);
            if i % 10 == 0 {
                app.app.world.clock.advance_seconds(1);
            }
        }
        let all = lines(&auditor, "/accounts/log").await;
        assert_eq!(all.len(), 2 * 121 + 1, "accounts and roles, the auditor's too, and the tenant");
        for i in 0..120 {
            let name = format!(">many{i:03}<");
            assert_eq!(all.iter().filter(|line| line.contains(&name)).count(), 2, "{name}");
        }
        assert!(all[0].contains("many11"), "the latest stands first: {}", all[0]);
        let one = lines(&auditor, &format!("/accounts/log?account={}", made.first().unwrap())).await;
        assert_eq!(one.len(), 2, "{one:?}");
    }

    async fn the_log_tells_invitations_demands_and_resets_and_is_for_auditors(db: TestDb) {
        let app = app(db).await;
        let security = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        let auditor = app.person(&[(Role::AuditAdmin, Scope::Tenant)]).await;
        let clerk = app.person_named(testkit::TENANT, "lsw", "li", &[(Role::Clerk, Scope::Tenant)]).await;
        let unit = format!("organisation:{}", app.company);
        clerk.post("/invitations", &[("unit", &unit), ("phone", "13800000001")]).await.expect(200);
        security.post("/accounts/totp", &[("role", "leader"), ("role", "auditor")]).await.expect(422);
        security.post("/accounts/totp", &[("role", "leader")]).await.expect(303);
        security.post("/accounts/totp", &[]).await.expect(303);
        let handler = app.person_named(testkit::TENANT, "lsw", "lao", &[(Role::UnitHandler, Scope::Organisation { id: app.company })]).await;
        security.post(&format!("/accounts/{}/reset", handler.account), &[]).await.expect(200).has("One-time password");
        let page = auditor.get("/accounts/log").await.expect(200);
        let page = page.has("Invited").has("Company A").has("second step · Leader").has("second step · none").has("Password reset").lacks("13800000001");
        page.has(&format!("/accounts/log?account={}", handler.account));
        let one = auditor.get(&format!("/accounts/log?account={}", handler.account)).await.expect(200);
        one.has("lao only").has("Show all").has("Unit staff · Company A").lacks("Invited").lacks(">li<");
        for nobody in ["x", "00000000-0000-0000-0000-000000000000"] {
            auditor.get(&format!("/accounts/log?account={nobody}")).await.expect(404);
        }
        for after in ["nonsense", "i1~i2~nonsense", "t61~t61~t61", "t61~t61"] {
            auditor.get(&format!("/accounts/log?after={after}")).await.expect(200).has("Invited");
            auditor.get(&format!("/accounts/log?account={}&after={after}", handler.account)).await.expect(200).has("lao");
        }
        clerk.get("/accounts/log").await.expect(403);
        let other = app.person_of(testkit::OTHER, "other", &[(Role::AuditAdmin, Scope::Tenant)]).await;
        other.get(&format!("/accounts/log?account={}", handler.account)).await.expect(404);
        other.get("/accounts/log").await.expect(200).lacks("lao").lacks("Company A");
    }

    async fn who_lost_the_authenticator_is_let_in_by_the_security_administrator_alone(db: TestDb) {
        let app = app(db).await;
        let security = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        let clerk = app.person_with("wang", "a long enough password", &[(Role::Clerk, Scope::Tenant)]).await;
        let page = clerk.get("/account").await.expect(200);
        let secret = page.text.split("name=\"secret\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        let code = access::totp::code_at(&secret, app.store.world().now()).unwrap();
        clerk.post("/account/totp", &[("secret", &secret), ("code", &code)]).await.expect(303);
        clerk.post("/account/totp/remove", &[("present", "not it")]).await.expect(422).has("present password is wrong");
        app.log_in(&[("name", "wang"), ("password", "a long enough password")]).await.expect(200).has("One-time code");
        let path = format!("/accounts/{}/totp", clerk.account);
        clerk.post(&path, &[]).await.expect(403);
        app.person(&[(Role::SystemAdmin, Scope::Tenant)]).await.post(&path, &[]).await.expect(403);
        security.get(&format!("/accounts/{}", clerk.account)).await.expect(200).has(&path);
        security.post(&path, &[]).await.expect(303);
        app.log_in(&[("name", "wang"), ("password", "a long enough password")]).await.expect(303);
        security.get(&format!("/accounts/{}", clerk.account)).await.expect(200).lacks(&path);
        security.get("/accounts/log").await.expect(200).has("One-time codes off");
    }
}
