//! The unit's contact and the office's name on papers, through HTTP on both engines.

use crate::trunk_tests::{app, open_circular, report};
use access::{Actor, Role, Scope};
use territory::organisations::{EditOrganisation, OrganisationDetails};
use territory::place::State;
use territory::{ManageTerritory, OrganisationKind};
use testkit::{TENANT, TestApp};

async fn unmaskings(app: &TestApp) -> Vec<String> {
    let facts = store::Query::from("SELECT data FROM fact WHERE tenant_id = :tenant").bind("tenant", TENANT);
    let facts = facts.and("kind = 'personal.unmasked'").then("ORDER BY recorded_at, ordinal");
    app.store.query::<(String,)>(facts).await.unwrap().into_iter().map(|(data,)| data).collect()
}

store::both_engines! {
    async fn a_notice_names_the_units_contact_to_who_may_see_it_and_that_is_recorded(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let details = OrganisationDetails {
            contact: Some("王小明".into()),
            contact_phone: Some("13912345678".into()),
            ..OrganisationDetails::named(OrganisationKind::PropertyCompany, "Company A")
        };
        let by = Actor::system(TENANT).permit::<ManageTerritory>(&TENANT).unwrap();
        let edit = EditOrganisation { by, organisation: app.company, version: 1, details, no_contact: false, state: State::Open };
        app.store.run(access::keeping::system_pass(&app.store, TENANT), edit).await.unwrap();
        let circular = open_circular(&clerk).await;
        report(&app, &inspector, &circular).await;
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(303);
        let notice = crate::issuing::notices(&app.store, TENANT, circular.parse().unwrap()).await.unwrap()[0].id;
        let paper = |file: &str| format!("/notices/{notice}/paper/{file}.pdf");
        for person in [&inspector, &handler, &app.person(&[(Role::Leader, Scope::Tenant)]).await] {
            person.get(&paper("notice")).await.expect(200).has("\"contact\":\"\"").lacks("13912345678").lacks("王小明");
        }
        assert!(unmaskings(&app).await.is_empty());
        for file in ["notice", "answer"] {
            clerk.get(&paper(file)).await.expect(200).has("\"contact\":\"王小明 13912345678\"");
        }
        let community = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        community.get(&paper("notice")).await.expect(200).has("13912345678");
        let seen = unmaskings(&app).await;
        assert!(seen.len() == 3 && seen.iter().all(|fact| fact.contains("\"reason\":\"paper\"") && !fact.contains("1391")), "{seen:?}");
        // No page of the notice shows what its paper does.
        clerk.get(&format!("/notices/{notice}")).await.expect(200).lacks("13912345678");
        // What the office calls itself stands on its papers.
        clerk.get(&paper("notice")).await.expect(200).has("LSW Office of Fine-Grained City Governance");
        clerk.post("/settings", &[("office_name", "Special Team")]).await.expect(303);
        clerk.get(&paper("answer")).await.expect(200).has("\"office\":\"Special Team\"");
        clerk.get(&format!("/circulars/{circular}/paper/circular.pdf")).await.expect(200).has("\"office\":\"Special Team\"");
    }
}
