//! The branches of the trunk through HTTP on both engines: each step that leaves the straight way, and what it must not do.

use crate::figures::{By, Figures, parted, total};
use crate::trunk_tests::{app, category, checked, issued, last_number, report, stage};
use access::{Role, Scope};
use testkit::{Person, TENANT, TestApp};

/// A column of a case, as text.
pub(crate) async fn column(app: &TestApp, number: i64, column: &str) -> String {
    let query = store::Query::from(&format!("SELECT CAST({column} AS VARCHAR(80)) AS it FROM cases WHERE tenant_id = :tenant"));
    let query = query.bind("tenant", TENANT).and("number = :number").bind("number", number);
    app.store.query::<(Option<String>,)>(query).await.unwrap().remove(0).0.unwrap_or_default()
}

pub(crate) async fn instant(app: &TestApp, number: i64, name: &str) -> i64 {
    column(app, number, name).await.parse().unwrap_or(0)
}

async fn version(app: &TestApp, number: i64) -> String {
    column(app, number, "version").await
}

/// Takes a step with the version that is there.
pub(crate) async fn step(app: &TestApp, who: &Person<'_>, number: i64, name: &str, fields: &[(&str, &str)]) -> testkit::Answer {
    let version = version(app, number).await;
    let mut all = vec![("version", version.as_str())];
    all.extend_from_slice(fields);
    who.post(&format!("/cases/{number}/{name}"), &all).await
}

/// The figures of the year, of everything.
async fn figures(app: &TestApp) -> Figures {
    total(&parted(&app.store, TENANT, By::Unit, "2026-01-01", "2026-12-31").await.unwrap())
}

/// An instant of the test's clock as the browser's field sends it, so many hours from now.
fn in_hours(app: &TestApp, hours: i64) -> String {
    let at = app.app.world.now().plus_seconds(hours * 3600).to_timestamp();
    at.to_zoned_datetime(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).strftime("%Y-%m-%dT%H:%M").to_string()
}

pub(crate) fn field(app: &TestApp, at: i64) -> String {
    let at = kernel::Instant(at).to_timestamp().to_zoned_datetime(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap());
    let _ = app;
    at.strftime("%Y-%m-%dT%H:%M").to_string()
}

async fn leader(app: &TestApp) -> Person<'_> {
    app.person(&[(Role::Leader, Scope::Tenant)]).await
}

store::both_engines! {
    async fn two_extensions_are_granted_at_most_each_within_its_bounds(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        let first = instant(&app, number, "due").await;
        let hour = 3_600_000_000;
        for (due, said) in [(first - hour, "must be later"), (first + 400 * 24 * hour, "must be later")] {
            step(&app, &handler, number, "ask_extension", &[("due", &field(&app, due)), ("words", "Kept words")]).await.expect(422).has(said).has("Kept words");
        }
        step(&app, &handler, number, "ask_extension", &[("due", ""), ("words", "Rain")]).await.expect(422);
        step(&app, &handler, number, "ask_extension", &[("due", &field(&app, first + hour)), ("words", "")]).await.expect(422);
        for n in 1..=2_i64 {
            let was = instant(&app, number, "due").await;
            let wanted = field(&app, was + hour);
            step(&app, &handler, number, "ask_extension", &[("due", &wanted), ("words", "Rain")]).await.expect(303);
            // One request at a time; the unit does not grant itself.
            step(&app, &handler, number, "ask_hand_back", &[("reason", "not_ours")]).await.expect(409).has("already waiting");
            step(&app, &handler, number, "grant_extension", &[]).await.expect(403);
            clerk.get("/cases?kind=asked").await.expect(200).has("Extension asked");
            clerk.get(&format!("/cases/{number}")).await.expect(200).has("The unit asks for an extension").has(&wanted);
            // A refusal is not counted.
            step(&app, &clerk, number, "refuse_extension", &[("words", "Not needed")]).await.expect(303);
            handler.get(&format!("/cases/{number}")).await.expect(200).has("was refused").has("Not needed");
            step(&app, &handler, number, "ask_extension", &[("due", &wanted), ("words", "Rain again")]).await.expect(303);
            step(&app, &clerk, number, "grant_extension", &[]).await.expect(303);
            assert_eq!(column(&app, number, "extensions").await, n.to_string());
            assert_eq!(instant(&app, number, "unit_due").await, instant(&app, number, "due").await);
            assert!(instant(&app, number, "due").await > was);
        }
        step(&app, &handler, number, "ask_extension", &[("due", &field(&app, instant(&app, number, "due").await + hour)), ("words", "Once more")]).await.expect(409).has("Two extensions");
        // The page tells how the deadline came about.
        handler.get(&format!("/cases/{number}")).await.expect(200).has("Extended: was");
        // Handed in between the first deadline and the last, it is in time.
        app.app.world.clock.set(kernel::Instant(first + hour));
        let handler = app.handler_of(app.company).await;
        let photo = handler.upload(9).await;
        step(&app, &handler, number, "rectify", &[("words", "Done"), ("photo", &photo)]).await.expect(303);
        assert!(["0", "false"].contains(&column(&app, number, "late").await.as_str()));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn an_extension_is_asked_before_the_deadline_and_not_after(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = issued(&app, &clerk, &inspector).await;
        let due = instant(&app, number, "due").await;
        app.app.world.clock.set(kernel::Instant(due + 1));
        let handler = app.handler_of(app.company).await;
        step(&app, &handler, number, "ask_extension", &[("due", &in_hours(&app, 1)), ("words", "Late")]).await.expect(409).has("deadline has passed");
    }

    async fn a_hold_stops_the_clock_and_lets_it_go_on_by_itself(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler, leader) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await, leader(&app).await);
        let number = issued(&app, &clerk, &inspector).await;
        let due = instant(&app, number, "due").await;
        step(&app, &handler, number, "ask_hold", &[("reason", "because"), ("due", &in_hours(&app, 240)), ("words", "Kept words")]).await.expect(422).has("Kept words");
        step(&app, &handler, number, "ask_hold", &[("reason", "season"), ("due", &in_hours(&app, -1)), ("words", "Winter")]).await.expect(422).has("later day");
        step(&app, &handler, number, "ask_hold", &[("reason", "season"), ("due", &in_hours(&app, 24 * 400)), ("words", "Winter")]).await.expect(422);
        step(&app, &handler, number, "ask_hold", &[("reason", "season"), ("due", &in_hours(&app, 240)), ("words", "Winter")]).await.expect(303);
        // A leader grants it, no clerk.
        step(&app, &clerk, number, "grant_hold", &[]).await.expect(403);
        leader.get(&format!("/cases/{number}")).await.expect(200).has("The unit asks for a hold").has("Season").has("Winter");
        step(&app, &leader, number, "grant_hold", &[]).await.expect(303);
        let (until, held) = (instant(&app, number, "hold_until").await, instant(&app, number, "due").await);
        assert!(held > until && until > due, "{due} {until} {held}");
        clerk.get("/cases?kind=held").await.expect(200).has(&format!("/cases/{number}"));
        handler.get(&format!("/cases/{number}")).await.expect(200).has("On hold until");
        // One at a time.
        step(&app, &handler, number, "ask_hold", &[("reason", "season"), ("due", &in_hours(&app, 300)), ("words", "Winter")]).await.expect(409).has("on hold already");
        // Renewed only further, and what was left is left again.
        step(&app, &leader, number, "renew_hold", &[("due", &in_hours(&app, 120)), ("words", "Frost")]).await.expect(422);
        step(&app, &leader, number, "renew_hold", &[("due", &in_hours(&app, 480)), ("words", "Frost")]).await.expect(303);
        assert!(instant(&app, number, "due").await > held);
        // Ended now, the deadline is the first one again, but for the minutes that passed.
        step(&app, &leader, number, "resume", &[]).await.expect(303);
        let again = instant(&app, number, "due").await;
        assert!((again - due).abs() <= 120_000_000, "{due} {again}");
        step(&app, &leader, number, "resume", &[]).await.expect(409).has("not on hold");
        // Held once more; when the day has come the clock runs without anybody's doing, and the submission is in time.
        step(&app, &handler, number, "ask_hold", &[("reason", "ownership"), ("due", &in_hours(&app, 240)), ("words", "Whose?")]).await.expect(303);
        step(&app, &leader, number, "grant_hold", &[]).await.expect(303);
        app.app.world.clock.set(kernel::Instant(instant(&app, number, "hold_until").await + 1));
        let handler = app.handler_of(app.company).await;
        handler.get(&format!("/cases/{number}")).await.expect(200).lacks("the clock stands").has("left");
        let photo = handler.upload(9).await;
        step(&app, &handler, number, "rectify", &[("words", "Done"), ("photo", &photo)]).await.expect(303);
        assert!(["0", "false"].contains(&column(&app, number, "late").await.as_str()));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_hold_does_not_undo_a_lateness(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = issued(&app, &clerk, &inspector).await;
        app.app.world.clock.set(kernel::Instant(instant(&app, number, "due").await + 1));
        let (handler, leader) = (app.handler_of(app.company).await, leader(&app).await);
        step(&app, &handler, number, "ask_hold", &[("reason", "litigation"), ("due", &in_hours(&app, 240)), ("words", "Court")]).await.expect(303);
        step(&app, &leader, number, "grant_hold", &[]).await.expect(303);
        assert!(["1", "true"].contains(&column(&app, number, "late").await.as_str()));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn the_second_hand_back_is_a_leaders_to_end(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, leader) = (app.clerk().await, app.inspector().await, leader(&app).await);
        let (one, two) = (app.handler_of(app.company).await, app.handler_of(app.other_company).await);
        let number = issued(&app, &clerk, &inspector).await;
        let notice = format!("/notices/{}", crate::issuing::notices_of_unit(&app.store, TENANT, app.company).await.unwrap()[0].id);
        let opened = format!("href=\"/t/lsw/cases/{number}\"");
        one.get(&notice).await.expect(200).has(&opened).lacks("No longer yours");
        step(&app, &one, number, "ask_hand_back", &[("reason", "not_ours")]).await.expect(303);
        step(&app, &leader, number, "assign_finally", &[("unit", &app.company.to_string()), ("words", "Yours")]).await.expect(409).has("first request");
        step(&app, &clerk, number, "accept_hand_back", &[]).await.expect(303);
        // Back with the centre, it is in no circular's figures, and not the unit's any more.
        assert_eq!((figures(&app).await.found, figures(&app).await.in_circulars), (1, 0));
        one.get(&format!("/cases/{number}")).await.expect(404);
        // Its notice says so, and leads to nothing that the unit may not see; the office's copy is whole.
        one.get(&notice).await.expect(200).lacks(&opened).has(&format!("handed back or passed on: {number}."));
        one.get(&format!("{notice}/paper/notice.pdf")).await.expect(200).has("\"problems\":[]");
        clerk.get(&notice).await.expect(200).has(&opened).lacks("No longer yours");
        step(&app, &clerk, number, "dispatch", &[("unit", &app.other_company.to_string())]).await.expect(303);
        assert_eq!(figures(&app).await.in_circulars, 1);
        step(&app, &two, number, "ask_hand_back", &[("reason", "not_ours")]).await.expect(303);
        step(&app, &clerk, number, "accept_hand_back", &[]).await.expect(409).has("a leader assigns");
        step(&app, &clerk, number, "assign_finally", &[("unit", &app.company.to_string()), ("words", "Yours")]).await.expect(403);
        leader.get(&format!("/cases/{number}")).await.expect(200).has("Second request");
        step(&app, &leader, number, "assign_finally", &[("unit", &app.company.to_string()), ("words", "Yours")]).await.expect(303);
        two.get(&format!("/cases/{number}")).await.expect(404);
        one.get(&format!("/cases/{number}")).await.expect(200).has("Assigned finally");
        step(&app, &one, number, "ask_hand_back", &[("reason", "not_ours")]).await.expect(409).has("for good");
        let by_unit = parted(&app.store, TENANT, By::Unit, "2026-01-01", "2026-12-31").await.unwrap();
        let of = |unit: kernel::ids::OrganisationId| by_unit.iter().find(|part| part.of == unit.0).map_or(0, |part| part.in_circulars);
        assert_eq!((of(app.company), of(app.other_company)), (1, 0));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn the_same_unit_assigned_finally_keeps_its_clock(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler, leader) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await, leader(&app).await);
        let number = issued(&app, &clerk, &inspector).await;
        let due = instant(&app, number, "due").await;
        step(&app, &handler, number, "ask_hand_back", &[("reason", "not_ours")]).await.expect(303);
        step(&app, &clerk, number, "refuse_hand_back", &[("words", "Yours")]).await.expect(303);
        step(&app, &handler, number, "ask_hand_back", &[("reason", "not_ours")]).await.expect(303);
        step(&app, &leader, number, "assign_finally", &[("unit", &app.company.to_string()), ("words", "Yours")]).await.expect(303);
        assert_eq!(instant(&app, number, "due").await, due);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn handing_back_has_its_time(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = issued(&app, &clerk, &inspector).await;
        app.app.world.clock.advance_seconds(6 * 86_400);
        let handler = app.handler_of(app.company).await;
        step(&app, &handler, number, "ask_hand_back", &[("reason", "not_ours")]).await.expect(409).has("time for handing back has passed");
    }

    async fn what_is_void_is_counted_nowhere_and_a_leader_consents(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler, leader) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await, leader(&app).await);
        let number = issued(&app, &clerk, &inspector).await;
        step(&app, &clerk, number, "consent_void", &[]).await.expect(403);
        step(&app, &leader, number, "consent_void", &[]).await.expect(409).has("no such request");
        step(&app, &clerk, number, "ask_void", &[("words", "Entered twice")]).await.expect(303);
        // The unit goes on meanwhile, and the request stands.
        let photo = handler.upload(9).await;
        step(&app, &handler, number, "rectify", &[("words", "Done"), ("photo", &photo)]).await.expect(303);
        leader.get(&format!("/cases/{number}")).await.expect(200).has("asks to void").has("Entered twice");
        step(&app, &leader, number, "refuse_void", &[("words", "It is real")]).await.expect(303);
        step(&app, &clerk, number, "ask_void", &[("words", "It is not")]).await.expect(303);
        step(&app, &leader, number, "consent_void", &[]).await.expect(303);
        assert_eq!(stage(&app, number).await, "void");
        let sum = figures(&app).await;
        assert_eq!((sum.found, sum.in_circulars, sum.rectified), (0, 0, 0));
        clerk.get("/cases?kind=found&from=2026-01-01&to=2026-12-31").await.expect(200).lacks(&format!("/cases/{number}\""));
        step(&app, &clerk, number, "ask_void", &[("words", "Again")]).await.expect(409);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_supervised_case_says_so_to_whoever_holds_it(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler, leader) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await, leader(&app).await);
        let number = issued(&app, &clerk, &inspector).await;
        step(&app, &clerk, number, "supervise", &[("words", "By tomorrow")]).await.expect(403);
        step(&app, &leader, number, "supervise", &[("words", "")]).await.expect(422);
        step(&app, &leader, number, "supervise", &[("words", "By tomorrow")]).await.expect(303);
        handler.get(&format!("/cases/{number}")).await.expect(200).has("Supervised by a leader").has("By tomorrow");
        clerk.get("/cases?kind=supervised").await.expect(200).has(&format!("/cases/{number}"));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_reporter_disputes_the_end_once_and_in_time(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let other = app.inspector().await;
        let number = issued(&app, &clerk, &inspector).await;
        let mend = async || {
            let photo = handler.upload(9).await;
            step(&app, &handler, number, "rectify", &[("words", "Done"), ("photo", &photo)]).await.expect(303);
            let spot = other.upload(11).await;
            step(&app, &other, number, "pass", &[("words", "Clean"), ("photo", &spot)]).await.expect(303);
        };
        mend().await;
        assert_eq!((figures(&app).await.rectified, figures(&app).await.on_time), (1, 1));
        step(&app, &other, number, "dispute", &[("words", "Not mine")]).await.expect(403);
        inspector.get(&format!("/cases/{number}")).await.expect(200).has("What is not mended");
        step(&app, &inspector, number, "dispute", &[("words", "Still there")]).await.expect(303);
        step(&app, &clerk, number, "uphold_dispute", &[("words", "")]).await.expect(422);
        step(&app, &clerk, number, "uphold_dispute", &[("words", "Seen")]).await.expect(303);
        assert_eq!(stage(&app, number).await, "dispatched");
        let sum = figures(&app).await;
        assert_eq!((sum.in_circulars, sum.rectified, sum.with_deadline, sum.on_time, sum.rework), (1, 0, 0, 0, 1));
        handler.get("/todo").await.expect(200).has("Boxes");
        mend().await;
        assert_eq!((figures(&app).await.rectified, figures(&app).await.rework), (1, 1));
        // Once.
        step(&app, &inspector, number, "dispute", &[("words", "Still there")]).await.expect(409).has("disputed once already");
        // Another one is refused, and stays closed.
        let second = issued(&app, &clerk, &inspector).await;
        let photo = handler.upload(9).await;
        step(&app, &handler, second, "rectify", &[("words", "Done"), ("photo", &photo)]).await.expect(303);
        let spot = other.upload(11).await;
        step(&app, &other, second, "pass", &[("words", "Clean"), ("photo", &spot)]).await.expect(303);
        step(&app, &inspector, second, "dispute", &[("words", "Still there")]).await.expect(303);
        step(&app, &clerk, second, "refuse_dispute", &[("words", "It is clean")]).await.expect(303);
        assert_eq!(stage(&app, second).await, "closed");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_dispute_has_its_time(db: TestDb) {
        let app = app(db).await;
        let (clerk, other, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let inspector = app.inspector().await;
        let number = issued(&app, &clerk, &inspector).await;
        let photo = handler.upload(9).await;
        step(&app, &handler, number, "rectify", &[("words", "Done"), ("photo", &photo)]).await.expect(303);
        let spot = other.upload(11).await;
        step(&app, &other, number, "pass", &[("words", "Clean"), ("photo", &spot)]).await.expect(303);
        app.app.world.clock.advance_seconds(17 * 86_400);
        let again = app.again(&inspector).await;
        again.get(&format!("/cases/{number}")).await.expect(200).lacks("What is not mended");
        step(&app, &again, number, "dispute", &[("words", "Still there")]).await.expect(409).has("time for disputes has passed");
    }

    async fn somebody_nearby_looks_before_it_is_filed(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let near = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let far = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        let number = report(&app, &inspector, "").await;
        // Whoever is on duty nearby is proposed.
        let by = access::Actor::system(TENANT).permit::<territory::ManageDuty>(&TENANT).unwrap();
        let duty = territory::duty::AddDuty {
            by,
            place: app.community,
            account: near.account,
            weekdays: territory::duty::Weekdays::EVERY,
            from: "2020-01-01".parse().unwrap(),
            to: None,
        };
        let pass = store::Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: app.store.world().new_id(), body: [0; 32] };
        app.store.run(pass, duty).await.unwrap();
        let proposed = format!("value=\"{}\" selected", near.account);
        clerk.get(&format!("/cases/{number}?do=ask_verify")).await.expect(200).has("on duty today").has(&proposed);
        step(&app, &clerk, number, "ask_verify", &[("person", &far.account.to_string())]).await.expect(422).has("choose who verifies");
        step(&app, &clerk, number, "ask_verify", &[("person", &near.account.to_string()), ("words", "Is it there?")]).await.expect(303);
        assert_eq!(stage(&app, number).await, "verifying");
        step(&app, &clerk, number, "file", &[]).await.expect(409);
        far.get(&format!("/cases/{number}")).await.expect(404);
        near.get(&format!("/cases/{number}")).await.expect(200).has("For you to verify").has("Is it there?");
        let photo = inspector.upload(5).await;
        step(&app, &inspector, number, "verify", &[("reason", "real"), ("words", "There"), ("photo", &photo)]).await.expect(403);
        step(&app, &near, number, "verify", &[("reason", "real"), ("words", "There")]).await.expect(422).has("photo");
        let photo = near.upload(5).await;
        step(&app, &near, number, "verify", &[("reason", "real"), ("words", "There"), ("photo", &photo)]).await.expect(303);
        clerk.get(&format!("/cases/{number}")).await.expect(200).has("Verified: real");
        step(&app, &clerk, number, "file", &[]).await.expect(303);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn what_is_merged_counts_once_and_keeps_both_histories(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let (first, second) = (report(&app, &inspector, "").await, report(&app, &inspector, "").await);
        for none in ["", "x", "999999999999", &second.to_string()] {
            step(&app, &clerk, second, "merge", &[("number", none), ("words", "Kept words")]).await.expect(422).has("no such problem").has("Kept words");
        }
        step(&app, &clerk, second, "merge", &[("number", &format!("#{first}"))]).await.expect(303);
        assert_eq!((stage(&app, second).await.as_str(), figures(&app).await.found), ("merged", 1));
        clerk.get(&format!("/cases/{first}")).await.expect(200).has("Another problem merged in").has(&format!("/cases/{second}"));
        inspector.get(&format!("/cases/{second}")).await.expect(200).has("Merged into");
        step(&app, &clerk, first, "merge", &[("number", &second.to_string())]).await.expect(422);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn two_clerks_who_merge_crosswise_leave_one(db: TestDb) {
        let app = app(db).await;
        let (clerk, other, inspector) = (app.clerk().await, app.clerk().await, app.inspector().await);
        let (first, second) = (report(&app, &inspector, "").await, report(&app, &inspector, "").await);
        let (into_first, into_second) = (first.to_string(), second.to_string());
        let (second_fields, first_fields) = ([("number", into_second.as_str())], [("number", into_first.as_str())]);
        let (one, two) =
            tokio::join!(step(&app, &clerk, first, "merge", &second_fields), step(&app, &other, second, "merge", &first_fields));
        let said = [one.status.as_u16(), two.status.as_u16()];
        assert_eq!(said.iter().filter(|code| **code == 303).count(), 1, "{said:?}");
        assert_eq!(figures(&app).await.found, 1);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn several_problems_reported_as_one_become_several(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = report(&app, &inspector, "").await;
        let (west, east) = (app.other_community.to_string(), app.compound.to_string());
        step(&app, &clerk, number, "split", &[("part_place", &west), ("part_what", " ")]).await.expect(422).has("at least one part");
        let parts = [("part_place", west.as_str()), ("part_what", "A broken lamp"), ("part_place", &east), ("part_what", ""), ("part_place", &east), ("part_what", "A blocked drain")];
        step(&app, &clerk, number, "split", &parts).await.expect(303);
        let last = last_number(&app).await;
        assert_eq!(figures(&app).await.found, 3);
        clerk.get(&format!("/cases/{last}")).await.expect(200).has("blocked drain").has("Split from").has("/thumb");
        clerk.get(&format!("/cases/{number}")).await.expect(200).has("Split off").has(&format!("/cases/{last}"));
        inspector.get(&format!("/cases/{}", last - 1)).await.expect(200).has("broken lamp");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn what_is_transferred_is_no_units_and_is_looked_at_again(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        step(&app, &clerk, number, "transfer", &[("reason", "nobody"), ("words", "Kept words")]).await.expect(422).has("Kept words");
        let long = "9".repeat(61);
        step(&app, &clerk, number, "transfer", &[("reason", "owner"), ("words", "To the pipe's owner"), ("receipt", &long)]).await.expect(422).has("60");
        step(&app, &clerk, number, "transfer", &[("reason", "owner"), ("words", "To the pipe's owner"), ("receipt", "R-1")]).await.expect(303);
        assert_eq!(stage(&app, number).await, "transferred");
        handler.get(&format!("/cases/{number}")).await.expect(404);
        let by_unit = parted(&app.store, TENANT, By::Unit, "2026-01-01", "2026-12-31").await.unwrap();
        assert!(by_unit.iter().all(|part| part.of != app.company.0), "{by_unit:?}");
        assert_eq!(figures(&app).await.in_circulars, 1);
        clerk.get(&format!("/cases/{number}")).await.expect(200).has("R-1").has("Owner of the facility");
        step(&app, &clerk, number, "answer_transfer", &[("words", "They mended it"), ("receipt", "")]).await.expect(303);
        let spot = inspector.upload(11).await;
        step(&app, &inspector, number, "fail", &[("words", "Still there"), ("photo", &spot)]).await.expect(409);
        let spot = inspector.upload(11).await;
        step(&app, &inspector, number, "fail_transfer", &[("words", "Still there"), ("photo", &spot)]).await.expect(303);
        assert_eq!(stage(&app, number).await, "transferred");
        step(&app, &clerk, number, "answer_transfer", &[("words", "Now"), ("receipt", "R-2")]).await.expect(303);
        let spot = inspector.upload(12).await;
        step(&app, &inspector, number, "pass", &[("words", "Clean"), ("photo", &spot)]).await.expect(303);
        let sum = figures(&app).await;
        assert_eq!((sum.in_circulars, sum.rectified, sum.with_deadline, sum.rework), (1, 1, 0, 1));
        // Another comes back and is dispatched.
        let second = report(&app, &inspector, "").await;
        step(&app, &clerk, second, "file", &[]).await.expect(303);
        step(&app, &clerk, second, "transfer", &[("reason", "department"), ("words", "Theirs")]).await.expect(303);
        step(&app, &clerk, second, "take_back", &[("words", "Not theirs")]).await.expect(303);
        step(&app, &clerk, second, "dispatch", &[("unit", &app.company.to_string())]).await.expect(303);
        assert_eq!(stage(&app, second).await, "dispatched");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn what_was_mended_already_is_closed_and_counted_apart(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let (place, category) = (app.compound.to_string(), category(&app).await);
        let mend = async |who: &Person<'_>, how: &str| {
            let (before, after) = (who.upload(3).await, who.upload(4).await);
            let fields = [("place", place.as_str()), ("category", &category), ("what", "Litter"), ("done", "Swept"), ("photo", &before), ("after", &after)];
            who.post(&format!("/mended/{how}"), &fields).await
        };
        inspector.get("/mended/mend_on_spot").await.expect(200).has("Mended on the spot");
        inspector.post("/mended/mend_on_spot", &[("place", &place), ("what", "Kept words")]).await.expect(422).has("Kept words").has("at least one photo");
        mend(&inspector, "mend_on_spot").await.expect(303);
        mend(&inspector, "self_check").await.expect(403);
        mend(&handler, "mend_on_spot").await.expect(403);
        mend(&handler, "nonsense").await.expect(404);
        // Everything is drawn here, so that there is one to look at.
        let limits = [("file", "16"), ("dispatch", "8"), ("reinspect", "16"), ("verify", "8"), ("transfer", "40"), ("hand_back", "16"), ("dispute", "15"), ("appeal", "15"), ("sample", "100"), ("escalate", "3"), ("yellow", "80")];
        clerk.post("/limits", &limits).await.expect(303);
        mend(&handler, "self_check").await.expect(303);
        let number = last_number(&app).await;
        let sum = figures(&app).await;
        assert_eq!((sum.found, sum.in_circulars, sum.on_spot, sum.self_checks), (0, 0, 1, 1));
        handler.get(&format!("/cases/{number}")).await.expect(200).has("Self-checks").has("Swept");
        clerk.get("/cases?kind=self_check").await.expect(200).has(&format!("/cases/{number}"));
        inspector.get("/cases?kind=samples").await.expect(200).has(&format!("/cases/{number}"));
        step(&app, &handler, number, "sample_check", &[("reason", "good"), ("words", "Fine")]).await.expect(403);
        step(&app, &inspector, number, "sample_check", &[("reason", "waiting"), ("words", "Kept words")]).await.expect(422).has("Kept words");
        let spot = inspector.upload(12).await;
        step(&app, &inspector, number, "sample_check", &[("reason", "not_good"), ("words", "Still dirty"), ("photo", &spot)]).await.expect(303);
        inspector.get("/cases?kind=samples").await.expect(200).lacks(&format!("/cases/{number}\""));
        let spot = inspector.upload(12).await;
        step(&app, &inspector, number, "sample_check", &[("reason", "good"), ("words", "Again"), ("photo", &spot)]).await.expect(409);
        // Nothing of it is held against the unit.
        let by_unit = parted(&app.store, TENANT, By::Unit, "2026-01-01", "2026-12-31").await.unwrap();
        let own = by_unit.iter().find(|part| part.of == app.company.0).unwrap();
        assert_eq!((own.found, own.in_circulars, own.rework, own.self_checks), (0, 0, 0, 1));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_desk_that_is_switched_off_begins_nothing_and_ends_what_it_began(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        let wanted = field(&app, instant(&app, number, "due").await + 3_600_000_000);
        step(&app, &handler, number, "ask_extension", &[("due", &wanted), ("words", "Rain")]).await.expect(303);
        inspector.post("/limits/desks", &[("desk", "hold")]).await.expect(403);
        clerk.post("/limits/desks", &[("desk", "hold")]).await.expect(303);
        clerk.get("/help/steps").await.expect(200).has("Ask for a hold").lacks("Ask for an extension");
        inspector.get("/mended/mend_on_spot").await.expect(409).has("does without this step");
        step(&app, &clerk, number, "refuse_extension", &[("words", "No")]).await.expect(303);
        handler.get(&format!("/cases/{number}")).await.expect(200).lacks("Ask for an extension").has("Ask for a hold");
        step(&app, &handler, number, "ask_extension", &[("due", &wanted), ("words", "Rain")]).await.expect(409).has("does without this step");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn of_two_answers_at_once_one_counts(db: TestDb) {
        let app = app(db).await;
        let (clerk, other, inspector, handler) = (app.clerk().await, app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let (chief, second) = (leader(&app).await, leader(&app).await);
        let number = issued(&app, &clerk, &inspector).await;
        let one_of = |answers: [u16; 2]| assert_eq!((answers.iter().filter(|code| **code == 303).count(), answers.contains(&409)), (1, true), "{answers:?}");
        for n in 1..=2 {
            let wanted = field(&app, instant(&app, number, "due").await + 3_600_000_000);
            // Twice asked at once, twice granted at once.
            let fields = [("due", wanted.as_str()), ("words", "Rain")];
            let (a, b) = tokio::join!(step(&app, &handler, number, "ask_extension", &fields), step(&app, &handler, number, "ask_extension", &fields));
            one_of([a.status.as_u16(), b.status.as_u16()]);
            let (a, b) = tokio::join!(step(&app, &clerk, number, "grant_extension", &[]), step(&app, &other, number, "grant_extension", &[]));
            one_of([a.status.as_u16(), b.status.as_u16()]);
            assert_eq!(column(&app, number, "extensions").await, n.to_string());
        }
        let fields = [("reason", "season"), ("due", &in_hours(&app, 240)), ("words", "Winter")];
        let back = [("reason", "not_ours")];
        let (a, b) = tokio::join!(step(&app, &handler, number, "ask_hold", &fields), step(&app, &handler, number, "ask_hand_back", &back));
        one_of([a.status.as_u16(), b.status.as_u16()]);
        if a.status.as_u16() != 303 {
            step(&app, &clerk, number, "refuse_hand_back", &[("words", "No")]).await.expect(303);
            step(&app, &handler, number, "ask_hold", &fields).await.expect(303);
        }
        let (a, b) = tokio::join!(step(&app, &chief, number, "grant_hold", &[]), step(&app, &second, number, "grant_hold", &[]));
        one_of([a.status.as_u16(), b.status.as_u16()]);
        assert_eq!(column(&app, number, "holds").await, "1");
        let photo = handler.upload(9).await;
        step(&app, &handler, number, "rectify", &[("words", "Done"), ("photo", &photo)]).await.expect(303);
        let spot = inspector.upload(11).await;
        step(&app, &inspector, number, "pass", &[("words", "Clean"), ("photo", &spot)]).await.expect(303);
        let said = [("words", "Still there")];
        let (a, b) = tokio::join!(step(&app, &inspector, number, "dispute", &said), step(&app, &inspector, number, "dispute", &said));
        one_of([a.status.as_u16(), b.status.as_u16()]);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn an_appeal_is_reviewed_twice_and_leaves_the_statistics_when_upheld(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = issued(&app, &clerk, &inspector).await;
        app.app.world.clock.set(kernel::Instant(instant(&app, number, "due").await + 1));
        let (clerk, inspector, handler, leader) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await, leader(&app).await);
        for name in ["fail", "pass"] {
            let photo = handler.upload(9).await;
            step(&app, &handler, number, "rectify", &[("words", "Done"), ("photo", &photo)]).await.expect(303);
            let spot = inspector.upload(11).await;
            step(&app, &inspector, number, name, &[("words", "Seen"), ("photo", &spot)]).await.expect(303);
        }
        let sum = figures(&app).await;
        assert_eq!((sum.with_deadline, sum.on_time, sum.rework), (1, 0, 1));
        step(&app, &handler, number, "appeal", &[("reason", "nonsense"), ("words", "Kept words")]).await.expect(422).has("Kept words");
        step(&app, &inspector, number, "appeal", &[("reason", "late"), ("words", "Not mine")]).await.expect(403);
        for (ground, end) in [("late", "uphold_appeal"), ("rework", "refuse_appeal")] {
            step(&app, &handler, number, "appeal", &[("reason", ground), ("words", "The gate was locked")]).await.expect(303);
            // First the handler, then the head of the centre.
            step(&app, &leader, number, end, &[("words", "So be it")]).await.expect(409).has("not advised yet");
            clerk.get(&format!("/cases/{number}")).await.expect(200).has("The unit appeals").has("The gate was locked");
            step(&app, &clerk, number, end, &[("words", "So be it")]).await.expect(403);
            step(&app, &clerk, number, "review_appeal", &[("reason", "upheld"), ("words", "It was")]).await.expect(303);
            step(&app, &clerk, number, "review_appeal", &[("reason", "upheld"), ("words", "It was")]).await.expect(409);
            leader.get(&format!("/cases/{number}")).await.expect(200).has("Advice: uphold").has("It was");
            step(&app, &leader, number, end, &[("words", "So be it")]).await.expect(303);
            step(&app, &handler, number, "appeal", &[("reason", ground), ("words", "Again")]).await.expect(409).has("decided already");
        }
        let sum = figures(&app).await;
        assert_eq!((sum.in_circulars, sum.rectified, sum.with_deadline, sum.on_time, sum.rework), (1, 1, 0, 0, 1));
        // The first facts stay where they were.
        handler.get(&format!("/cases/{number}")).await.expect(200).has("late").has("Refused, rework").has("Appeal upheld");
        assert!(["1", "true"].contains(&column(&app, number, "late").await.as_str()));
        // Not its case at all: nothing of it stands with the unit.
        step(&app, &handler, number, "appeal", &[("reason", "wrong_unit"), ("words", "Not ours")]).await.expect(303);
        step(&app, &clerk, number, "review_appeal", &[("reason", "refused"), ("words", "It is")]).await.expect(303);
        step(&app, &leader, number, "uphold_appeal", &[("words", "It is not")]).await.expect(303);
        let by_unit = parted(&app.store, TENANT, By::Unit, "2026-01-01", "2026-12-31").await.unwrap();
        assert!(by_unit.iter().all(|part| part.of != app.company.0), "{by_unit:?}");
        assert_eq!(figures(&app).await.in_circulars, 1);
        // What it was released from it still may read, and no more.
        handler.get(&format!("/cases/{number}")).await.expect(200).has("Appeal upheld").has("It is not");
        step(&app, &handler, number, "reply", &[("words", "Thank you")]).await.expect(403);
        step(&app, &handler, number, "appeal", &[("reason", "late"), ("words", "Again")]).await.expect(403);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn an_appeal_has_its_time_and_its_ground(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        step(&app, &handler, number, "appeal", &[("reason", "wrong_unit"), ("words", "Early")]).await.expect(409);
        let photo = handler.upload(9).await;
        step(&app, &handler, number, "rectify", &[("words", "Done"), ("photo", &photo)]).await.expect(303);
        let spot = inspector.upload(11).await;
        step(&app, &inspector, number, "pass", &[("words", "Clean"), ("photo", &spot)]).await.expect(303);
        step(&app, &handler, number, "appeal", &[("reason", "late"), ("words", "Kept words")]).await.expect(422).has("Nothing of this kind").has("Kept words");
        app.app.world.clock.advance_seconds(17 * 86_400);
        let handler = app.again(&handler).await;
        handler.get(&format!("/cases/{number}")).await.expect(200).lacks("Against what");
        step(&app, &handler, number, "appeal", &[("reason", "wrong_unit"), ("words", "Late")]).await.expect(409).has("time for appeals has passed");
    }

    async fn a_lateness_that_was_appealed_away_hides_no_later_one(db: TestDb) {
        let app = app(db).await;
        let (clerk, finder) = (app.clerk().await, app.inspector().await);
        let number = issued(&app, &clerk, &finder).await;
        app.app.world.clock.set(kernel::Instant(instant(&app, number, "due").await + 1));
        let (clerk, finder, other) = (app.clerk().await, app.again(&finder).await, app.inspector().await);
        let (handler, leader) = (app.handler_of(app.company).await, leader(&app).await);
        let mend = async |handler: &Person<'_>, other: &Person<'_>| {
            let photo = handler.upload(9).await;
            step(&app, handler, number, "rectify", &[("words", "Done"), ("photo", &photo)]).await.expect(303);
            let spot = other.upload(11).await;
            step(&app, other, number, "pass", &[("words", "Clean"), ("photo", &spot)]).await.expect(303);
        };
        mend(&handler, &other).await;
        step(&app, &handler, number, "appeal", &[("reason", "late"), ("words", "The gate was locked")]).await.expect(303);
        step(&app, &clerk, number, "review_appeal", &[("reason", "upheld"), ("words", "It was")]).await.expect(303);
        step(&app, &leader, number, "uphold_appeal", &[("words", "So be it")]).await.expect(303);
        assert_eq!(figures(&app).await.with_deadline, 0);
        step(&app, &finder, number, "dispute", &[("words", "Still there")]).await.expect(303);
        step(&app, &clerk, number, "uphold_dispute", &[("words", "Seen")]).await.expect(303);
        app.app.world.clock.set(kernel::Instant(instant(&app, number, "due").await + 1));
        let (handler, other) = (app.handler_of(app.company).await, app.inspector().await);
        mend(&handler, &other).await;
        let sum = figures(&app).await;
        assert_eq!((sum.rectified, sum.with_deadline, sum.on_time, sum.rework), (1, 1, 0, 1));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }
}
