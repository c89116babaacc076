//! Where and what: positions, what is near, and categories in all their versions, through HTTP on both engines.

use crate::branch_tests::{column, step};
use crate::handover_tests::duty;
use crate::trunk_tests::{app, category, checked, issued, last_number, report};
use access::{Role, Scope};
use store::Command;
use testkit::{Person, TENANT, TestApp};

async fn run<C: Command>(app: &TestApp, command: C) -> C::Out {
    let pass = store::Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: app.store.world().new_id(), body: [0; 32] };
    app.store.run(pass, command).await.unwrap_or_else(|error| panic!("{error}")).out
}

/// The one community's boundary: two hundredths of a degree each way.
async fn boundary(app: &TestApp) {
    let text = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"East"},"geometry":{"type":"Polygon","coordinates":
        [[[120.09,35.93],[120.11,35.93],[120.11,35.95],[120.09,35.95],[120.09,35.93]]]}}]}"#;
    let directory = territory::Directory::load(&app.store, TENANT).await.unwrap();
    let file = territory::polygons::PolygonFile::read(text.as_bytes(), kernel::coordinates::Datum::Cgcs2000, &directory).unwrap();
    let by = access::Actor::system(TENANT).permit(&TENANT).unwrap();
    run(app, territory::polygons::ImportPolygons { by, file }).await;
}

/// Reports something at a position; its number.
async fn report_at(app: &TestApp, who: &Person<'_>, place: &str, (lng, lat): (&str, &str), words: &str) -> i64 {
    let category = category(app).await;
    let fields = [("place", place), ("category", category.as_str()), ("what", "Boxes"), ("where_words", words), ("lng", lng), ("lat", lat)];
    who.post("/report", &fields).await.expect(303);
    last_number(app).await
}

store::both_engines! {
    async fn a_position_finds_the_place_that_it_lies_in(db: TestDb) {
        let app = app(db).await;
        boundary(&app).await;
        let (inspector, unit) = (app.inspector().await, app.handler_of(app.company).await);
        inspector.get("/report").await.expect(200).has("data-position=\"/t/lsw/report/place.json\"").has("Take my position");
        inspector.get("/mended/mend_on_spot").await.expect(200).has("data-position=\"/t/lsw/report/place.json\"");
        inspector.get("/report/place.json?lng=120.1&lat=35.94").await.expect(200).has(&format!("{{\"place\":\"{}\"}}", app.community));
        unit.get("/report/place.json?lng=120.3&lat=35.94").await.expect(200).has("{\"place\":null}");
        inspector.get("/report/place.json?lng=east&lat=35.94").await.expect(422);
        inspector.get("/report/place.json").await.expect(422);
        app.person(&[(Role::Leader, Scope::Tenant)]).await.get("/report/place.json?lng=120.1&lat=35.94").await.expect(403);
        // Without a place chosen, the one of the position; without either, the form comes back with what was typed.
        let number = report_at(&app, &inspector, "", ("120.1", "35.94"), "Gate").await;
        inspector.get(&format!("/cases?community={}", app.community)).await.expect(200).has(&format!("/cases/{number}\""));
        let fields = [("place", ""), ("what", "Boxes"), ("lng", "120.3"), ("lat", "35.94")];
        inspector.post("/report", &fields).await.expect(422).has("120.3").has("The position goes with the form");
    }

    async fn what_is_near_is_found_across_a_border_and_nothing_far(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let (here, there) = (app.compound.to_string(), app.other_community.to_string());
        let first = report_at(&app, &inspector, &here, ("120.1000000", "35.9400000"), "Gate").await;
        // 0.001 degrees of latitude are 111 m.
        let across = report_at(&app, &inspector, &there, ("120.1000000", "35.9410000"), "Road").await;
        let far = report_at(&app, &inspector, &there, ("120.1000000", "35.9420000"), "Road").await;
        let nowhere = report_at(&app, &inspector, &there, ("", ""), "Road").await;
        let page = clerk.get(&format!("/cases/{first}")).await.expect(200).text;
        let near = |number: i64| page.contains(&format!("/cases/{number}\""));
        assert_eq!((near(across), near(far), near(nowhere)), (true, false, false));
        let page = clerk.get(&format!("/cases/{across}")).await.expect(200).text;
        let near = |number: i64| page.contains(&format!("/cases/{number}\""));
        // In its own place what has no position may be the same, and what has one and is near.
        assert_eq!((near(first), near(far), near(nowhere)), (true, true, true));
    }

    async fn one_spot_is_within_fifty_metres_or_has_the_same_words(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let (here, unit) = (app.compound.to_string(), app.company.to_string());
        let recurs = async |at: (&str, &str), words: &str| {
            let number = report_at(&app, &inspector, &here, at, words).await;
            step(&app, &clerk, number, "file", &[]).await.expect(303);
            step(&app, &clerk, number, "dispatch", &[("unit", &unit)]).await.expect(303);
            !column(&app, number, "recurs_of").await.is_empty()
        };
        assert!(!recurs(("120.1000000", "35.9400000"), "").await);
        assert!(recurs(("120.1000000", "35.9404000"), "").await, "44 m away");
        assert!(!recurs(("120.1000000", "35.9409000"), "").await, "56 m from the nearest");
        // No words are not the same words.
        assert!(!recurs(("", ""), "").await);
        assert!(!recurs(("", ""), "").await);
        assert!(!recurs(("", ""), "Stair 2").await);
        assert!(recurs(("", ""), "stair  2").await);
    }

    async fn a_new_version_of_a_category_cuts_nothing_off(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let leader = app.person(&[(Role::Leader, Scope::Tenant)]).await;
        let old = category(&app).await;
        let first = issued(&app, &clerk, &inspector).await;
        clerk.post(&format!("/cases/{first}/part_of_matter"), &[("title", "Too few bins")]).await.expect(303);
        let directory = territory::Directory::load(&app.store, TENANT).await.unwrap();
        let version = directory.category(old.parse().unwrap()).unwrap();
        let rule = territory::categories::CategoryRule { synonyms: vec!["纸箱".into()], ..territory::categories::CategoryRule::of(version) };
        let by = access::Actor::system(TENANT).permit(&TENANT).unwrap();
        run(&app, territory::categories::ChangeCategory { by, current: version.id, rule }).await;
        let new = category(&app).await;
        assert_ne!(old, new);
        // The same kind at the same spot is still the same kind.
        let second = report(&app, &inspector, "").await;
        step(&app, &clerk, second, "file", &[]).await.expect(303);
        step(&app, &clerk, second, "dispatch", &[("unit", &app.company.to_string())]).await.expect(303);
        assert!(!column(&app, second, "recurs_of").await.is_empty());
        clerk.get(&format!("/cases/{second}")).await.expect(200).has("Earlier of this kind here").has(&format!("/cases/{first}\""));
        // Lists of either version hold both, in their order; the map and the figures too.
        for version in [&old, &new] {
            for kind in ["", "&kind=found", "&kind=dispatched"] {
                let list = clerk.get(&format!("/cases?category={version}{kind}")).await.expect(200).text;
                assert_eq!(list.matches("data-label=\"Number\"").count(), 2, "{version} {kind}");
                clerk.get(&format!("/map?category={version}{kind}")).await.expect(200).has("2 cases");
            }
        }
        for version in [&old, &new] {
            clerk.get(&format!("/matters?category={version}")).await.expect(200).has("Too few bins");
        }
        let summary = leader.get("/summary?by=category&from=2020-01-01&to=2035-12-31").await.expect(200).text;
        assert!(summary.contains(&format!("category={new}")) && !summary.contains(&format!("category={old}")));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn whoever_is_on_duty_near_has_it_first(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let (here, elsewhere) = (app.inspector().await, app.inspector().await);
        duty(&app, &here, app.community).await;
        duty(&app, &elsewhere, app.other_community).await;
        let number = issued(&app, &clerk, &inspector).await;
        let photo = handler.upload(9).await;
        step(&app, &handler, number, "rectify", &[("words", "Cleared"), ("photo", &photo)]).await.expect(303);
        let (near, path) = ("/cases?whose=near&stage=rectified", format!("/cases/{number}\""));
        here.get("/work").await.expect(200).has("To re-inspect near me");
        here.get(near).await.expect(200).has(&path).has("Where I am on duty today");
        elsewhere.get("/work").await.expect(200).has("To re-inspect near me");
        elsewhere.get(near).await.expect(200).lacks(&path);
        inspector.get("/work").await.expect(200).lacks("To re-inspect near me");
        inspector.get(near).await.expect(200).lacks(&path);
        // Not more than somebody reaches: whose roster says the whole community, and whose role one compound.
        let narrow = app.person(&[(Role::Inspector, app.scope(app.compound).await)]).await;
        duty(&app, &narrow, app.community).await;
        narrow.get(near).await.expect(200).has(&path);
        let (unit, other) = (app.handler_of(app.company).await, report_at(&app, &inspector, &app.community.to_string(), ("", ""), "Road").await);
        unit.get(near).await.expect(200).lacks(&path);
        narrow.get("/cases?whose=near").await.expect(200).has(&path).lacks(&format!("/cases/{other}\""));
    }

    async fn who_answers_for_less_than_a_community_is_told_that_no_sums_are_kept(db: TestDb) {
        let app = app(db).await;
        let elm = app.person(&[(Role::Inspector, app.scope(app.compound).await)]).await;
        let number = report(&app, &app.inspector().await, "").await;
        elm.get("/cases").await.expect(200).has(&format!("/cases/{number}\""));
        elm.get("/summary").await.expect(403).has("counts whole communities");
        // What lies within another reach is counted once.
        let both = app.person(&[(Role::Inspector, app.scope(app.compound).await), (Role::Community, app.scope(app.community).await)]).await;
        both.get("/summary").await.expect(200);
    }
}
