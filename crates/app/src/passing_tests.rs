//! A problem passed from one street to another and back, through HTTP and the reactions between, on both engines.

use crate::reactions::react;
use access::above::{Above, HangTenant};
use access::{Actor, Role, Scope};
use kernel::TenantId;
use store::journal::{Journal, Signer};
use store::{Command, Pass};
use territory::organisations::{CreateOrganisation, OrganisationDetails};
use territory::{ManageTerritory, OrganisationKind};
use testkit::{DISTRICT, OTHER, Person, Setting, TENANT, TestApp};

async fn as_system<C: Command>(test: &TestApp, tenant: TenantId, command: C) -> C::Out {
    let pass = Pass { tenant, actor: None, on_behalf_of: None, id: test.store.world().new_id(), body: [0; 32] };
    test.store.run(pass, command).await.expect("done").out
}

/// Number, stage, source, outside number, receiver and version of a tenant's cases.
async fn cases_of(test: &TestApp, tenant: TenantId) -> Vec<(i64, String, String, Option<String>, Option<String>, i64)> {
    let query = store::Query::from("SELECT number, stage, source, outside_number, receiver, version FROM cases WHERE tenant_id = :tenant");
    test.store.query(query.bind("tenant", tenant).then("ORDER BY number")).await.expect("cases")
}

async fn go_on(test: &TestApp, journal: &Journal) {
    for tenant in [TENANT, OTHER] {
        journal.seal_now(tenant).await.expect("sealed");
    }
    react(&test.app).await.expect("reacts");
    for tenant in [TENANT, OTHER] {
        journal.seal_now(tenant).await.expect("sealed");
    }
}

/// Mends and closes the last case of a tenant.
async fn mend(test: &TestApp, (clerk, handler, inspector): (&Person<'_>, &Person<'_>, &Person<'_>), unit: &str, tenant: TenantId) {
    let number = cases_of(test, tenant).await.last().expect("a case").0;
    let path = |step: &str| format!("/cases/{number}/{step}");
    clerk.post(&path("file"), &[]).await.expect(303);
    clerk.post(&path("dispatch"), &[("unit", unit), ("due", "2030-01-01T10:00")]).await.expect(303);
    let photo = handler.upload(9).await;
    handler.post(&path("rectify"), &[("words", "Mended over there"), ("photo", &photo)]).await.expect(303);
    let photo = inspector.upload(10).await;
    inspector.post(&path("pass"), &[("words", "Seen"), ("photo", &photo)]).await.expect(303);
}

store::both_engines! {
    async fn a_problem_passed_on_goes_on_there_and_its_answer_comes_back_once(db: TestDb) {
        let test = TestApp::set(db, cases::routes(), Setting { district: true, separated: false }).await;
        let above = Above::find(&test.store, DISTRICT).await.expect("a district");
        let journal = Journal::new(test.store.clone(), Signer::open(&db.config.data.join("key"), &db.world).expect("a key"));
        let (clerk, inspector) = (test.clerk().await, test.inspector().await);
        let directory = territory::Directory::load(&test.store, TENANT).await.expect("a directory");
        let category = directory.categories().find(|c| c.limit_unit.is_some() && c.on_spot()).expect("one").id.to_string();
        let (place, photo) = (test.compound.to_string(), inspector.upload(5).await);
        let fields = [("place", place.as_str()), ("category", &category), ("what", "Boxes"), ("photo", &photo)];
        inspector.post("/report", &fields).await.expect(303);
        let number = cases_of(&test, TENANT).await[0].0;
        let path = |step: &str| format!("/cases/{number}/{step}");
        clerk.post(&path("file"), &[]).await.expect(303);
        // Nobody stands beside it yet, then a neighbour does; a stranger is refused with the words kept.
        clerk.get(&format!("/cases/{number}")).await.expect(200).lacks("pass_on");
        as_system(&test, OTHER, HangTenant { above: Some(above) }).await;
        clerk.get(&format!("/cases/{number}")).await.expect(200).has("pass_on");
        clerk.post(&path("pass_on"), &[("tenant", "qu"), ("words", "It lies there")]).await.expect(422).has("It lies there");
        inspector.post(&path("pass_on"), &[("tenant", "other"), ("words", "It lies there")]).await.expect(403);
        clerk.post(&path("pass_on"), &[("tenant", "other"), ("words", "It lies there")]).await.expect(303);
        go_on(&test, &journal).await;
        let there = cases_of(&test, OTHER).await;
        assert_eq!(there.len(), 1, "{there:?}");
        let reference = there[0].3.clone().expect("a reference");
        assert!(reference.starts_with(&format!("lsw-{number}-")) && there[0].2 == "tenant", "{there:?}");
        let theirs = test.person_of(OTHER, "other", &[(Role::Clerk, Scope::Tenant)]).await;
        theirs.get(&format!("/cases/{}", there[0].0)).await.expect(200).has("It lies there").has("Came from another street").has("/photos/");
        // The case that it was there is nobody's to see here.
        theirs.get(&format!("/t/lsw/cases/{number}")).await.expect(404);
        db.meddle("DELETE FROM consumer_cursor").await;
        go_on(&test, &journal).await;
        assert_eq!(cases_of(&test, OTHER).await, there, "nothing happens twice");
        // Not taken there, it is ours again; and is passed on anew under another number.
        theirs.post(&format!("/cases/{}/decline", there[0].0), &[("reason", "outside_area"), ("words", "Beyond our line")]).await.expect(303);
        go_on(&test, &journal).await;
        let here = cases_of(&test, TENANT).await;
        assert_eq!((here[0].1.as_str(), &here[0].4), ("filed", &None));
        clerk.get(&format!("/cases/{number}")).await.expect(200).has("Beyond our line");
        db.world.clock.advance_seconds(120);
        clerk.post(&path("pass_on"), &[("tenant", "other"), ("words", "It does lie there")]).await.expect(303);
        go_on(&test, &journal).await;
        let by = Actor::system(OTHER).permit::<ManageTerritory>(&OTHER).expect("the system may");
        let details = OrganisationDetails::named(OrganisationKind::PropertyCompany, "Company C");
        let unit = as_system(&test, OTHER, CreateOrganisation { by, details }).await;
        let handler = test.person_of(OTHER, "other", &[(Role::UnitHandler, Scope::Organisation { id: unit })]).await;
        let looks = test.person_of(OTHER, "other", &[(Role::Inspector, Scope::Tenant)]).await;
        mend(&test, (&theirs, &handler, &looks), &unit.to_string(), OTHER).await;
        go_on(&test, &journal).await;
        assert_eq!(cases_of(&test, TENANT).await[0].1, "rectified");
        clerk.get(&format!("/cases/{number}")).await.expect(200).has("Mended over there");
        // Looked at again it was not mended: it begins there once more, and is answered for good.
        let photo = inspector.upload(11).await;
        inspector.post(&path("fail_transfer"), &[("words", "Still there"), ("photo", &photo)]).await.expect(303);
        go_on(&test, &journal).await;
        let there = cases_of(&test, OTHER).await;
        assert!(there.len() == 3 && there[2].3.as_deref().is_some_and(|reference| reference.ends_with("/1")), "{there:?}");
        mend(&test, (&theirs, &handler, &looks), &unit.to_string(), OTHER).await;
        go_on(&test, &journal).await;
        let photo = inspector.upload(12).await;
        inspector.post(&path("pass"), &[("words", "Good"), ("photo", &photo)]).await.expect(303);
        go_on(&test, &journal).await;
        assert_eq!(cases_of(&test, TENANT).await[0].1, "closed");
        for tenant in [TENANT, OTHER] {
            let mut report = store::journal::Report::new(tenant);
            store::journal::StateCheck::check(&cases::checking::Cases, &test.store, tenant, &mut report).await.expect("checked");
            assert!(report.findings.is_empty(), "{:?}", report.findings);
        }
    }
}
