//! The district's page: what each tenant grants stands there side by side, opens where it was counted, and nowhere else.

use crate::trunk_tests::{issued, report};
use access::account::ManageRoles;
use access::grants::{GrantRole, grantee};
use access::{Actor, Role, Scope};
use calamine::Data;
use store::Pass;
use testkit::{DISTRICT, Setting, TENANT, TestApp};

pub(crate) async fn grant(app: &TestApp, login: &str, scope: Scope) {
    let tenant = access::account::tenant(&app.store, TENANT).await.unwrap();
    let to = grantee(&app.store, &tenant, login).await.unwrap();
    let by = Actor::system(TENANT).permit::<ManageRoles>(&TENANT).unwrap();
    let command = GrantRole { by, to, role: Role::DistrictClerk, scope, separated: false, revision: tenant.revision };
    let pass = Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: app.store.world().new_id(), body: [0; 32] };
    app.store.run(pass, command).await.unwrap();
}

store::both_engines! {
    async fn a_district_sees_what_tenants_grant_and_a_tenant_sees_no_district(db: TestDb) {
        let app = TestApp::set(db, crate::routes(), Setting { district: true, separated: false }).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        issued(&app, &clerk, &inspector).await;
        report(&app, &inspector, "").await;
        let whole = app.person_named(DISTRICT, "qu", "whole", &[]).await;
        let part = app.person_named(DISTRICT, "qu", "part", &[]).await;
        let asked = "/district?from=2026-01-01&to=2026-12-31";
        whole.get(asked).await.expect(200).has("No sub-district or town has granted this yet").has("Not granted: LSW");
        grant(&app, "whole", Scope::Tenant).await;
        grant(&app, "part", app.scope(app.other_community).await).await;
        let page = whole.get(asked).await.expect(200);
        assert!(page.text.contains(">2</a>"), "{}", page.text);
        // The figure's link is the tenant's own list.
        let href = page.text.split("href=\"").find(|rest| rest.starts_with("/t/lsw/cases?")).unwrap().split('"').next().unwrap();
        let list = whole.get(&href.replace("&#38;", "&").replace("&amp;", "&")).await.expect(200);
        assert_eq!(list.text.matches("<td class=\"num\"").count(), 2);
        // Who was granted one community sees that one's figures: nothing was found there.
        part.get(asked).await.expect(200).has("LSW").lacks(">2</a>");
        for person in [&clerk, &inspector] {
            person.get(asked).await.expect(404);
        }
        // At another address than the district's own it is not there either.
        let here = app.person_of(DISTRICT, "lsw", &[]).await;
        here.get(asked).await.expect(404);
        let far = app.person_of(testkit::OTHER, "other", &[(Role::Leader, Scope::Tenant)]).await;
        far.get(asked).await.expect(404);
    }

    async fn the_district_takes_its_table_along_and_each_tenant_notes_it(db: TestDb) {
        let app = TestApp::set(db, crate::routes(), Setting { district: true, separated: false }).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        issued(&app, &clerk, &inspector).await;
        report(&app, &inspector, "").await;
        let whole = app.person_named(DISTRICT, "qu", "whole", &[]).await;
        let asked = "from=2026-01-01&to=2026-12-31";
        // Nobody lets anything be taken yet.
        whole.get(&format!("/district.xlsx?{asked}")).await.expect(403);
        whole.get(&format!("/district?{asked}")).await.expect(200).lacks("/district.xlsx");
        grant(&app, "whole", Scope::Tenant).await;
        whole.get(&format!("/district?{asked}")).await.expect(200).has("/district.xlsx").has("/district.pdf");
        let rows = crate::register_tests::sheet(&whole, &format!("/district.xlsx?{asked}")).await;
        assert_eq!(rows.len(), 3, "a heading, one tenant, all of them: {rows:?}");
        let at = |title: &str| rows[0].iter().position(|cell| *cell == *title).unwrap_or_else(|| panic!("no {title}"));
        assert_eq!((rows[1][0].to_string().as_str(), rows[1][at("Found")].to_string().as_str()), ("LSW", "2"));
        assert!(rows[1][at("Period")].to_string().contains("2026-01-01"));
        // A rate is a number that can be reckoned with; over nothing there is none.
        assert_eq!((rows[1][at("Rate")].clone(), rows[1][at("Satisfied rate (of called back)")].clone()), (Data::Float(0.0), Data::Empty));
        assert_eq!(rows[2][at("In circulars")], rows[1][at("In circulars")]);
        whole.get(&format!("/district.pdf?{asked}")).await.expect(200).has("LSW");
        let told = crate::register_tests::taken(&app).await;
        assert_eq!(told.len(), 2, "{told:?}");
        // Both at one instant of the test's clock, so in either order.
        for form in ["xlsx", "pdf"] {
            let of_form = |fact: &String| fact.contains("\"list\":\"district\"") && fact.contains(&format!("\"form\":\"{form}\""));
            assert_eq!(told.iter().filter(|fact| of_form(fact)).count(), 1, "{form}: {told:?}");
        }
        for person in [&clerk, &inspector] {
            person.get("/district.xlsx").await.expect(404);
        }
        let far = app.person_of(testkit::OTHER, "other", &[(Role::Leader, Scope::Tenant)]).await;
        far.get("/district.pdf").await.expect(404);
    }

    async fn the_big_screen_needs_no_click_and_names_nobody(db: TestDb) {
        let app = TestApp::new(db, crate::routes()).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        issued(&app, &clerk, &inspector).await;
        let screen = clerk.get("/screen?from=2026-01-01&to=2026-12-31&panel=1").await.expect(200);
        let screen = screen.has("http-equiv=\"refresh\"").has("panel=2").has("data-theme=\"dark\"").has("Figures as of");
        assert_eq!(screen.text.matches("data-panel").count(), 5);
        assert_eq!(screen.text.matches("data-panel hidden").count(), 4);
        let name = access::account::by_id(&app.store, TENANT, clerk.account).await.unwrap().name.shown().to_owned();
        screen.lacks(&name).lacks("Boxes");
        clerk.get("/screen?panel=99&from=x").await.expect(200).has("panel=1");
        app.handler_of(app.company).await.get("/screen").await.expect(403);
    }
}
