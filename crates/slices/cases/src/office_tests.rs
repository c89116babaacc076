//! A street's office at work, through HTTP on both engines: looking a circular through, telling units, its own limits, samples,
//! and deadlines that a newer holiday file moves.

use crate::recounting::{Behind, Recount};
use crate::trunk_tests::{app, category, checked, issued, open_circular, report, stage};
use access::{Actor, Role};
use jiff::Timestamp;
use kernel::Instant;
use testkit::{TENANT, TestApp};

fn instant(text: &str) -> Instant {
    Instant::from_timestamp(text.parse::<Timestamp>().expect("an instant"))
}

async fn number_of(app: &TestApp, column: &str, number: i64) -> i64 {
    let query = store::Query::from(&format!("SELECT {column} FROM cases WHERE tenant_id = :tenant"))
        .bind("tenant", TENANT)
        .and("number = :number")
        .bind("number", number);
    app.store.query::<(i64,)>(query).await.unwrap()[0].0
}

async fn notice_of(app: &TestApp, circular: &str) -> String {
    crate::issuing::notices(&app.store, TENANT, circular.parse().unwrap()).await.unwrap()[0].id.to_string()
}

/// The look-through's form of the only case of a circular: its id.
pub(crate) async fn case_id(app: &TestApp, number: i64) -> String {
    let query = store::Query::from("SELECT id FROM cases WHERE tenant_id = :tenant")
        .bind("tenant", TENANT)
        .and("number = :number")
        .bind("number", number);
    app.store.query::<(kernel::ids::Uuid,)>(query).await.unwrap()[0].0.to_string()
}

store::both_engines! {
    async fn the_look_through_takes_a_units_name_and_keeps_what_it_cannot_take(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let circular = open_circular(&clerk).await;
        let number = report(&app, &inspector, &circular).await;
        let case = case_id(&app, number).await;
        let amend = format!("/circulars/{circular}/amend");
        let bad = [("case", case.as_str()), ("version", "1"), ("unit", "Compan"), ("due", "tomorrow"), ("assist", "Nobody Ltd"), ("assist_due", "")];
        clerk.post(&amend, &bad).await.expect(422).has("value=\"Compan\"").has("value=\"tomorrow\"").has("value=\"Nobody Ltd\"").has("No unit has this name").has("not in the right form");
        let twice = [("case", case.as_str()), ("version", "1"), ("unit", "Company B"), ("assist", "Company B")];
        clerk.post(&amend, &twice).await.expect(422).has("named twice");
        // As much of a name as only one unit has is enough.
        let fields = [
            ("case", case.as_str()), ("version", "1"), ("unit", "Company B"), ("due", ""),
            ("assist", "Office"), ("assist_due", "2026-12-24T12:00"), ("assist", "Company A"), ("assist_due", ""),
        ];
        clerk.post(&amend, &fields).await.expect(303);
        clerk.post(&amend, &fields).await.expect(409).has("Company B");
        // Who shall assist sees nothing before it is issued.
        let (office, assistant) = (app.handler_of(app.office).await, app.handler_of(app.company).await);
        office.get(&format!("/cases/{number}")).await.expect(404);
        office.get("/todo").await.expect(200).lacks("Boxes");
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(303);
        office.get(&format!("/cases/{number}")).await.expect(200).has("Company B");
        assistant.get("/todo").await.expect(200).has("Boxes");
        let dues = store::Query::from("SELECT due FROM case_assist WHERE tenant_id = :tenant").bind("tenant", TENANT).then("ORDER BY due");
        let dues: Vec<(i64,)> = app.store.query(dues).await.unwrap();
        assert_eq!(dues, [(number_of(&app, "unit_due", number).await,), (instant("2026-12-24T12:00+08:00").0,)]);
        // Closed, nobody assists any more.
        let handler = app.handler_of(app.other_company).await;
        let photo = handler.upload(9).await;
        handler.post(&format!("/cases/{number}/rectify"), &[("words", "Done"), ("photo", &photo)]).await.expect(303);
        let spot = inspector.upload(11).await;
        inspector.post(&format!("/cases/{number}/pass"), &[("words", "Clean"), ("photo", &spot)]).await.expect(303);
        assistant.get("/todo").await.expect(200).lacks("Boxes");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_helper_with_a_date_that_has_passed_holds_the_whole_circular_back(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let circular = open_circular(&clerk).await;
        let number = report(&app, &inspector, &circular).await;
        let case = case_id(&app, number).await;
        let past = [("case", case.as_str()), ("version", "1"), ("unit", "Company A"), ("assist", "Company B"), ("assist_due", "2026-01-05 12:00")];
        clerk.post(&format!("/circulars/{circular}/amend"), &past).await.expect(303);
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(409).has("nothing was issued").has("already passed");
        assert_eq!(stage(&app, number).await, "reported");
    }

    async fn a_long_circular_is_looked_through_a_page_at_a_time_what_lacks_something_first(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let circular = open_circular(&clerk).await;
        let (place, category) = (app.compound.to_string(), category(&app).await);
        for n in 0..53 {
            let what = format!("Finding number {n}.");
            let mut fields = vec![("place", place.as_str()), ("what", what.as_str()), ("circular", circular.as_str())];
            if n != 52 {
                fields.push(("category", &category));
            }
            clerk.post("/report", &fields).await.expect(303);
        }
        let address = format!("/circulars/{circular}");
        clerk.get(&address).await.expect(200).has("Finding number 0.").lacks("Finding number 51.").has("page=2");
        clerk.get(&format!("{address}?page=2")).await.expect(200).has("Finding number 51.").lacks("Finding number 0.");
        clerk.get(&format!("{address}?only=lacking")).await.expect(200).has("Finding number 52.").lacks("Finding number 51.");
        for far in ["0", "-1", "99999999999999999999", "x"] {
            clerk.get(&format!("{address}?page={far}&only=else")).await.expect(200).has("Finding number");
        }
        clerk.post(&format!("{address}/issue"), &[]).await.expect(409).has("Finding number 52.").lacks("Finding number 51.");
    }

    async fn a_community_tells_the_units_of_its_own_places_and_sees_their_figures(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let circular = open_circular(&clerk).await;
        report(&app, &inspector, &circular).await;
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(303);
        let told = format!("/notices/{}/told", notice_of(&app, &circular).await);
        let east = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let west = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        west.post(&told, &[]).await.expect(404);
        handler.post(&told, &[]).await.expect(403);
        let notice = told.trim_end_matches("/told");
        east.get(notice).await.expect(200).has("Told by phone");
        let answer = east.post(&told, &[("on_notice", "1")]).await.expect(303);
        assert!(answer.location.unwrap().ends_with(notice));
        east.get(notice).await.expect(200).lacks("Told by phone").has("Told ");
        let period = "/summary?from=2026-01-01&to=2026-12-31";
        east.get(period).await.expect(200).has("East");
        west.get(period).await.expect(200).lacks("East");
        east.get(&format!("{period}&by=unit")).await.expect(200).has("Company A");
        west.get(&format!("{period}&by=unit")).await.expect(200).lacks("Company A");
    }

    async fn a_drawn_case_is_looked_at_on_the_spot(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        for (share, drawn) in [(1000, true), (0, false)] {
            db.meddle(&format!("UPDATE category_version SET reinspect = 'from_photos', sample_permille = {share}")).await;
            db.meddle("UPDATE tenant SET revision = revision + 1").await;
            let number = issued(&app, &clerk, &inspector).await;
            let (path, photo) = (format!("/cases/{number}"), handler.upload(9).await);
            handler.post(&format!("{path}/rectify"), &[("words", "Done"), ("photo", &photo), ("version", "2")]).await.expect(303);
            assert_eq!(checked(&app).await, Vec::<String>::new());
            let page = inspector.get(&path).await.expect(200);
            let answer = inspector.post(&format!("{path}/pass"), &[("words", "Looks clean"), ("version", "3")]).await;
            if drawn {
                page.has("Drawn at random").has("Drawn for re-inspection");
                answer.expect(422).has("at least one photo").has("Looks clean");
                let spot = inspector.upload(11).await;
                inspector.post(&format!("{path}/pass"), &[("words", "Clean"), ("photo", &spot), ("version", "3")]).await.expect(303);
            } else {
                page.lacks("Drawn");
                answer.expect(303);
            }
        }
    }

    async fn the_centre_sets_its_own_limits_and_clocks_that_run_keep_theirs(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let before = report(&app, &inspector, "").await;
        let fields = [("file", "1.5"), ("dispatch", "4"), ("reinspect", "24"), ("yellow", "50"), ("verify", "8"), ("transfer", "40"), ("hand_back", "16"), ("dispute", "15"), ("appeal", "15"), ("escalate", "3"), ("sample", "10")];
        inspector.get("/limits").await.expect(403);
        inspector.post("/limits", &fields).await.expect(403);
        clerk.get("/limits").await.expect(200).has("value=\"16\"").has("value=\"80\"");
        clerk.post("/limits", &[("file", "soon"), ("dispatch", "4"), ("reinspect", "0.1"), ("yellow", "500")]).await.expect(422)
            .has("value=\"soon\"").has("value=\"500\"").has("from 0.5 to 480").has("from 10 to 95");
        clerk.post("/limits", &fields).await.expect(303);
        clerk.get("/limits").await.expect(200).has("value=\"1.5\"");
        let after = report(&app, &inspector, "").await;
        let span = |due: i64, start: i64| (due - start) / 60_000_000;
        let of = async |number| (number_of(&app, "due", number).await, number_of(&app, "yellow_at", number).await, number_of(&app, "clock_start", number).await);
        let (due, yellow, start) = of(after).await;
        // Monday at nine: an hour and a half of working time, half of it green.
        assert_eq!((span(due, start), span(yellow, start)), (90, 45));
        let (due, _, start) = of(before).await;
        assert!(span(due, start) > 24 * 60);
    }

    async fn newer_holidays_move_what_lies_beyond_the_old_end_and_never_forward(db: TestDb) {
        let app = app(db).await;
        db.meddle("UPDATE category_version SET limit_unit = 'working_minutes', limit_value = 960 WHERE limit_unit = 'working_minutes'").await;
        // Thursday, the last day that the shipped file knows.
        db.world.clock.set(instant("2026-12-31T09:00+08:00"));
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let moved = issued(&app, &clerk, &inspector).await;
        let set = report(&app, &inspector, "").await;
        clerk.post(&format!("/cases/{set}/file"), &[("version", "1")]).await.expect(303);
        let unit = app.company.to_string();
        clerk.post(&format!("/cases/{set}/dispatch"), &[("unit", &unit), ("due", "2027-01-01 17:30"), ("version", "2")]).await.expect(303);
        let was = number_of(&app, "due", moved).await;
        assert!(was > instant("2027-01-01T00:00+08:00").0, "counted on plain weekends into the unknown year");
        let load = territory::calendars::LoadHolidays {
            by: Actor::system(TENANT).permit(&TENANT).unwrap(),
            text: "date,day_off,name\n2027-01-01,yes,New Year\n2027-01-02,yes,New Year\n2027-01-03,yes,New Year\n2027-01-04,yes,New Year\n2027-01-05,yes,New Year\n2027-01-06,yes,New Year\n2027-12-31,yes,End\n".into(),
        };
        let known_until = app.store.run(pass(&app), load).await.unwrap().out;
        let hours = crate::office::Office::of_tenant(&app.app, TENANT).await.unwrap().hours;
        let recount = || Recount {
            by: Actor::system(TENANT).permit(&TENANT).unwrap(),
            from: Behind::later_than(Instant(instant("2027-01-01T00:00+08:00").0 - 1)),
            known_until: known_until.clone(),
            hours: hours.clone(),
        };
        assert_eq!(app.store.run(pass(&app), recount()).await.unwrap().out.moved, 1);
        assert!(number_of(&app, "due", moved).await >= instant("2027-01-07T00:00+08:00").0);
        assert_eq!(number_of(&app, "due", moved).await, number_of(&app, "unit_due", moved).await);
        assert_eq!(number_of(&app, "due", set).await, instant("2027-01-01T17:30+08:00").0, "a day that a person set stands");
        clerk.get(&format!("/cases/{moved}")).await.expect(200).has("counted again").has("New Year");
        assert_eq!(app.store.run(pass(&app), recount()).await.unwrap().out.moved, 0);
        assert_eq!(checked(&app).await, Vec::<String>::new());
        // Were the days taken back, nobody's deadline would come nearer.
        let fewer = territory::calendars::LoadHolidays { by: Actor::system(TENANT).permit(&TENANT).unwrap(), text: "date,day_off,name\n2027-01-01,yes,New Year\n2027-12-31,yes,End\n".into() };
        app.store.run(pass(&app), fewer).await.unwrap();
        let hours = crate::office::Office::of_tenant(&app.app, TENANT).await.unwrap().hours;
        let due = number_of(&app, "due", moved).await;
        assert_eq!(app.store.run(pass(&app), Recount { hours, ..recount() }).await.unwrap().out.moved, 0);
        assert_eq!(number_of(&app, "due", moved).await, due);
        clerk.get(&format!("/cases/{moved}")).await.expect(200).has("never bring a deadline forward");
    }
}

fn pass(app: &TestApp) -> store::Pass {
    store::Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: app.store.world().new_id(), body: [0; 32] }
}
