//! What people of the district see and do with a tenant's cases by its grants, and how they are named there.

use crate::trunk_tests::issued;
use access::{Role, Scope};
use testkit::{DISTRICT, Setting, TestApp};

store::both_engines! {
    async fn the_district_sees_cases_by_its_grants_and_changes_only_what_its_role_may(db: TestDb) {
        let app = TestApp::set(db, crate::routes(), Setting { district: true, separated: false }).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let security = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        let sees = app.person_named(DISTRICT, "qu", "zheng", &[(Role::Clerk, Scope::Tenant)]).await;
        let leads = app.person_named(DISTRICT, "qu", "gao", &[]).await;
        let number = issued(&app, &clerk, &inspector).await;
        let (list, case) = ("/t/lsw/cases", format!("/t/lsw/cases/{number}"));
        let grant = async |login: &str, role: &str, scope: &str| {
            security.post("/grants", &[("login", login), ("role", role), ("scope", scope)]).await.expect(303);
        };
        sees.get(list).await.expect(404);
        sees.get(&case).await.expect(404);
        grant("zheng", "district_clerk", "tenant").await;
        grant("gao", "leader", "tenant").await;
        sees.get(list).await.expect(200).has(&format!("/cases/{number}"));
        sees.get("/t/lsw/summary").await.expect(200);
        sees.get("/t/other/cases").await.expect(404);
        // The clerk of the district is nobody's clerk here.
        sees.get(&case).await.expect(200).lacks("/urge\"");
        sees.post(&format!("{case}/urge"), &[("words", "Please")]).await.expect(403);
        sees.post("/t/lsw/circulars", &[("title", "Round 2")]).await.expect(403);
        leads.post(&format!("{case}/urge"), &[("words", "Please")]).await.expect(303);
        // Named on the case by whoever reads it: the tenant's own people, and the district's.
        clerk.get(&format!("/cases/{number}")).await.expect(200).has("Urged").has("gao");
        sees.get(&case).await.expect(200).has("gao");
    }
}
