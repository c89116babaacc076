//! Grants of a district in its children, through HTTP on both engines: who may give them, what they open, and what ends them.

use access::above::{Above, DISTRICT_BELOW, HangTenant, NOT_DISTRICT};
use access::{Role, Scope};
use store::Pass;
use store::testing::TestDb;
use testkit::{DISTRICT, OTHER, Person, Setting, TENANT, TestApp};

const PASSWORD: &str = "a long enough password";

async fn app(db: &TestDb) -> TestApp {
    set(db, false).await
}

async fn set(db: &TestDb, separated: bool) -> TestApp {
    TestApp::set(db, territory::pages::routes(), Setting { district: true, separated }).await
}

async fn security(app: &TestApp) -> Person<'_> {
    app.person_with("an", PASSWORD, &[(Role::SecurityAdmin, Scope::Tenant)]).await
}

fn form<'a>(login: &'a str, role: &'a str) -> [(&'a str, &'a str); 3] {
    [("login", login), ("role", role), ("scope", "tenant")]
}

fn assignment(page: &str) -> String {
    page.split("name=\"assignment\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a grant").to_owned()
}

store::both_engines! {
    async fn who_is_granted_sees_and_who_is_not_or_no_longer_finds_nothing(db: TestDb) {
        let app = app(db).await;
        let security = security(&app).await;
        let granted = app.person_of_district("qu1", PASSWORD, &[]).await;
        let stranger = app.person_of_district("qu2", PASSWORD, &[(Role::Leader, Scope::Tenant)]).await;
        security.get("/accounts").await.expect(200).has("Grants to the district");
        security.get("/grants").await.expect(200).has("No grants yet").has("QU");
        for path in ["/t/lsw/places", "/t/lsw/account", "/t/lsw/children", "/t/lsw/"] {
            granted.get(path).await.expect(404);
        }
        security.post("/grants", &form(" QU1 ", "district_clerk")).await.expect(303);
        security.post("/grants", &form("qu1", "district_clerk")).await.expect(409).has("held already").has("value=\"qu1\"");
        let page = security.get("/grants").await.expect(200).has("qu1").has("District staff").has(">an<");
        granted.get("/t/lsw/places").await.expect(200).has("LSW");
        granted.get("/t/lsw/account").await.expect(200).has("District staff");
        stranger.get("/t/lsw/places").await.expect(404);
        stranger.get("/t/other/places").await.expect(404);
        // Looking is all that the role gives: neither places nor accounts nor grants are its holder's to change.
        granted.post("/t/lsw/places", &[("name", "North"), ("level", "community")]).await.expect(403);
        granted.post("/t/lsw/accounts", &[("login", "x1"), ("name", "X")]).await.expect(403);
        granted.post("/t/lsw/grants", &form("qu2", "leader")).await.expect(403);
        granted.get("/t/lsw/grants").await.expect(403);
        // Gone with the next request, whatever session is open.
        security.post("/grants/revoke", &[("assignment", &assignment(&page.text))]).await.expect(303);
        granted.get("/t/lsw/places").await.expect(404);
        granted.get("/t/qu/account").await.expect(200);
        security.post("/grants/revoke", &[("assignment", &assignment(&page.text))]).await.expect(409);
        security.get("/grants").await.expect(200).has("No grants yet");
        security.get("/accounts/log").await.expect(200).has("Granted to the district").has("Grant revoked").has("qu1").has("District staff");
    }

    async fn only_an_open_account_of_the_tenant_above_is_granted_and_only_what_crosses_tenants(db: TestDb) {
        let app = app(db).await;
        let security = security(&app).await;
        app.person_with("own", PASSWORD, &[]).await;
        app.person_of(OTHER, "other", &[]).await;
        let closed = app.person_of_district("gone", PASSWORD, &[]).await;
        app.person_of_district("qu1", PASSWORD, &[]).await;
        let system = app.person_of_district("sys", PASSWORD, &[(Role::SystemAdmin, Scope::Tenant)]).await;
        system.post(&format!("/accounts/{}/close", closed.account), &[]).await.expect(303);
        for login in ["own", "nobody", ""] {
            security.post("/grants", &form(login, "district_clerk")).await.expect(422).has("no such account").has(&format!("value=\"{login}\""));
        }
        security.post("/grants", &form("gone", "district_clerk")).await.expect(422).has("account is closed");
        for role in ["clerk", "system_admin", "security_admin", "inspector", "unit_head"] {
            security.post("/grants", &form("qu1", role)).await.expect(422).has("cannot be granted");
        }
        security.post("/grants", &form("qu1", "emperor")).await.expect(422);
        let place = format!("place:{}", app.community);
        let unit = format!("organisation:{}", app.company);
        security.post("/grants", &[("login", "qu1"), ("role", "audit_admin"), ("scope", &place)]).await.expect(422).has("always the whole tenant");
        security.post("/grants", &[("login", "qu1"), ("role", "leader"), ("scope", &unit)]).await.expect(422).has("the tenant or a place");
        security.post("/grants", &[("login", "qu1"), ("role", "leader"), ("scope", "place:x")]).await.expect(422);
        security.post("/grants/revoke", &[("assignment", "x")]).await.expect(422);
        for after in ["nonsense", "t61~t61", "i1", "d00000000000000000000000000000000~i1"] {
            security.get(&format!("/grants?after={after}")).await.expect(200).has("No grants yet");
        }
        // Who has nobody above grants nothing; nor does anybody but the security administrator.
        let other = app.person_of(OTHER, "other", &[(Role::SecurityAdmin, Scope::Tenant)]).await;
        other.get("/grants").await.expect(200).has("No district above");
        other.post("/grants", &form("qu1", "district_clerk")).await.expect(422).has("belongs to no district");
        let clerk = app.clerk().await;
        clerk.post("/grants", &form("qu1", "district_clerk")).await.expect(403);
        clerk.get("/grants").await.expect(403);
        // The pages of the tenant's own accounts do not reach the district's.
        security.get(&format!("/accounts/{}", closed.account)).await.expect(404);
        security.post(&format!("/accounts/{}/reset", closed.account), &[]).await.expect(404);
    }

    async fn the_district_lists_where_it_may_act(db: TestDb) {
        let app = app(db).await;
        let security = security(&app).await;
        let one = app.person_of_district("qu1", PASSWORD, &[]).await;
        let none = app.person_of_district("qu2", PASSWORD, &[]).await;
        one.get("/children").await.expect(200).has("has granted you anything yet");
        let place = format!("place:{}", app.community);
        security.post("/grants", &form("qu1", "leader")).await.expect(303);
        security.post("/grants", &[("login", "qu1"), ("role", "district_clerk"), ("scope", &place)]).await.expect(303);
        one.get("/children").await.expect(200).has("/t/lsw/").has("Leader").has("District staff · East").lacks("Back to");
        one.get("/t/lsw/children").await.expect(200).has("Here").has("Back to QU");
        none.get("/children").await.expect(200).lacks("/t/lsw/");
        app.clerk().await.get("/children").await.expect(200).has("has granted you anything yet");
    }

    async fn a_closed_account_is_out_at_once_and_what_is_ones_own_is_kept_at_home(db: TestDb) {
        let app = app(db).await;
        let security = security(&app).await;
        let granted = app.person_of_district("qu1", PASSWORD, &[]).await;
        let system = app.person_of_district("sys", PASSWORD, &[(Role::SystemAdmin, Scope::Tenant), (Role::SecurityAdmin, Scope::Tenant)]).await;
        security.post("/grants", &form("qu1", "leader")).await.expect(303);
        // The child's demand of a second step holds for whoever works there, and is met where the account belongs.
        security.post("/accounts/totp", &[("role", "leader")]).await.expect(303);
        assert_eq!(granted.get("/t/lsw/places").await.expect(303).location.as_deref(), Some("/t/lsw/account"));
        granted.get("/t/qu/account").await.expect(200).lacks("Your role needs a second step");
        let page = granted.get("/t/lsw/account").await.expect(200).has("Your role needs a second step");
        let secret = page.text.split("name=\"secret\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        let code = access::totp::code_at(&secret, app.store.world().now()).unwrap();
        granted.post("/t/lsw/account/totp", &[("secret", &secret), ("code", &code)]).await.expect(303);
        granted.get("/t/lsw/places").await.expect(200);
        // A new password, set at the child's address: a double click is answered like the first.
        let change = [("present", PASSWORD), ("new", "another long one"), ("again", "another long one")];
        let id = app.store.world().new_id::<kernel::ids::CommandId>().to_string();
        let first = granted.post_as(&id, "/t/lsw/account/password", &change).await.expect(303);
        assert!(first.cookies.iter().any(|cookie| cookie.starts_with("session=")), "{:?}", first.cookies);
        granted.get("/t/lsw/places").await.expect(303);
        app.log_in(&[("name", "qu1"), ("password", "another long one")]).await.expect(200).has("One-time code");
        // A one-time password is changed before anything else, here too.
        let fresh = app.person_of_district("qu3", PASSWORD, &[]).await;
        security.post("/grants", &form("qu3", "district_clerk")).await.expect(303);
        fresh.get("/t/lsw/places").await.expect(200);
        db.meddle("UPDATE account SET must_change = (2 > 1) WHERE login = 'qu3'").await;
        assert_eq!(fresh.get("/t/lsw/places").await.expect(303).location.as_deref(), Some("/t/lsw/account"));
        fresh.post("/t/lsw/places", &[("name", "North")]).await.expect(403).has("new password");
        db.meddle("UPDATE account SET must_change = (1 > 2) WHERE login = 'qu3'").await;
        fresh.get("/t/lsw/places").await.expect(200);
        // Closed at home, gone everywhere; the grant stands until it is revoked, and the page says whose account is closed.
        system.post(&format!("/accounts/{}/close", fresh.account), &[]).await.expect(303);
        assert!(fresh.get("/t/lsw/places").await.expect(303).location.unwrap().starts_with("/login"));
        security.get("/grants").await.expect(200).has("qu3").has("Closed");
    }

    async fn where_administrators_are_kept_apart_a_grant_is_no_way_round(db: TestDb) {
        let app = set(db, true).await;
        let security = security(&app).await;
        app.person_of_district("sys", PASSWORD, &[(Role::SystemAdmin, Scope::Tenant)]).await;
        let auditor = app.person_of_district("aud", PASSWORD, &[]).await;
        security.post("/grants", &form("sys", "audit_admin")).await.expect(409).has("at once");
        security.post("/grants", &form("sys", "district_clerk")).await.expect(303);
        security.post("/grants", &form("aud", "audit_admin")).await.expect(303);
        auditor.get("/t/lsw/accounts/log").await.expect(200);
        auditor.get("/t/lsw/grants").await.expect(200).lacks("New grant");
        // Nor is a role at home for whoever audits a child.
        let at_home = app.person_of_district("sec", PASSWORD, &[(Role::SecurityAdmin, Scope::Tenant)]).await;
        let give = format!("/accounts/{}/give", auditor.account);
        at_home.post(&give, &[("role", "system_admin"), ("scope", "tenant")]).await.expect(409).has("at once").has("value=\"system_admin\" selected");
        at_home.post(&give, &[("role", "audit_admin"), ("scope", "tenant")]).await.expect(303);
    }

    async fn a_tenant_that_leaves_its_district_is_seen_by_it_no_more(db: TestDb) {
        let app = app(db).await;
        let security = security(&app).await;
        let granted = app.person_of_district("qu1", PASSWORD, &[]).await;
        security.post("/grants", &form("qu1", "district_clerk")).await.expect(303);
        granted.get("/t/lsw/places").await.expect(200);
        assert!(Above::find(&app.store, OTHER).await.unwrap_err().is(NOT_DISTRICT));
        let hang = async |tenant, above| {
            let pass = Pass { tenant, actor: None, on_behalf_of: None, id: app.store.world().new_id(), body: [0; 32] };
            app.store.run(pass, HangTenant { above }).await.map(drop)
        };
        let above = Above::find(&app.store, DISTRICT).await.unwrap();
        assert!(hang(DISTRICT, Some(above)).await.unwrap_err().is(DISTRICT_BELOW));
        // Nothing ends for those of the district that stays above.
        hang(TENANT, Some(above)).await.unwrap();
        granted.get("/t/lsw/places").await.expect(200);
        hang(TENANT, None).await.unwrap();
        granted.get("/t/lsw/places").await.expect(404);
        granted.get("/children").await.expect(200).lacks("/t/lsw/");
        security.get("/grants").await.expect(200).has("No district above");
        // Coming back gives nothing back.
        hang(TENANT, Some(above)).await.unwrap();
        granted.get("/t/lsw/places").await.expect(404);
        security.get("/accounts/log").await.expect(200).has("Grant revoked").has("District set");
    }

    async fn many_grants_are_paged_and_none_is_lost(db: TestDb) {
        let app = app(db).await;
        let security = security(&app).await;
        for i in 0..53 {
            app.person_named(DISTRICT, "qu", &format!("many{i:02}"), &[]).await;
            security.post("/grants", &form(&format!("many{i:02}"), "district_clerk")).await.expect(303);
        }
        let first = security.get("/grants").await.expect(200).has("many52").lacks("many02");
        let next = first.text.split("rel=\"next\"").next().and_then(|text| text.rsplit("href=\"").next()).unwrap().trim_end_matches(['"', ' ']).to_owned();
        security.get(&next.replace("&amp;", "&")).await.expect(200).has("many02").has("many00").lacks("many03").has("First page");
    }
}

/// Two requests at once, as two browsers send them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_administrators_given_at_once_exactly_one_holds() {
    let db = TestDb::new(store::testing::Engine::Postgres).await;
    {
        let app = set(&db, true).await;
        let security = security(&app).await;
        for round in 0..8 {
            let person = app.person_with(&format!("li{round}"), PASSWORD, &[]).await;
            let path = format!("/accounts/{}/give", person.account);
            let give = |role: &'static str| {
                let (security, path) = (&security, path.clone());
                async move { security.post(&path, &[("role", role), ("scope", "tenant")]).await }
            };
            let (system, audit) = tokio::join!(give("system_admin"), give("audit_admin"));
            let mut said = [system.status.as_u16(), audit.status.as_u16()];
            said.sort_unstable();
            assert_eq!(said, [303, 409], "{} {}", system.text, audit.text);
            let held = access::account::assignments(&app.store, TENANT, person.account).await.unwrap();
            assert_eq!(held.len(), 1, "{held:?}");
        }
    }
    db.remove().await;
}
