//! Putting into a circular what was reported before, through pages and programs on both engines; and what the look-through shows
//! beside each problem.

use crate::branch_tests::{column, step};
use crate::call_tests::{clerks, program};
use crate::figures::{By, parted, total};
use crate::office_tests::case_id;
use crate::trunk_tests::{app, category, checked, last_number, open_circular, report, stage};
use access::{Role, Scope};
use kernel::ids::Uuid;
use serde_json::json;
use testkit::{TENANT, TestApp};

/// The circular that a case is in.
async fn circular_of(app: &TestApp, number: i64) -> Option<String> {
    let query = store::Query::from("SELECT circular_id FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT);
    let query = query.and("number = :number").bind("number", number);
    app.store.query::<(Option<Uuid>,)>(query).await.unwrap()[0].0.map(|id| id.to_string())
}

store::both_engines! {
    async fn what_was_reported_or_filed_alone_goes_into_a_circular_afterwards(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let east = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let alone = report(&app, &east, "").await;
        let filed = report(&app, &inspector, "").await;
        step(&app, &clerk, filed, "file", &[]).await.expect(303);
        let offered = |number: i64| format!("/cases/{number}/into_circular");
        // Nothing is offered while no circular is being composed.
        clerk.get(&format!("/cases/{alone}")).await.expect(200).lacks(&offered(alone));
        let circular = open_circular(&clerk).await;
        for number in [alone, filed] {
            clerk.get(&format!("/cases/{number}")).await.expect(200).has(&offered(number)).has(&circular);
        }
        east.get(&format!("/cases/{alone}")).await.expect(200).lacks(&offered(alone));
        step(&app, &east, alone, "into_circular", &[("circular", &circular)]).await.expect(403);
        step(&app, &clerk, alone, "into_circular", &[]).await.expect(422).has("choose the circular");
        step(&app, &inspector, alone, "into_circular", &[("circular", &circular)]).await.expect(303);
        step(&app, &clerk, filed, "into_circular", &[("circular", &circular)]).await.expect(303);
        for number in [alone, filed] {
            assert_eq!((stage(&app, number).await, circular_of(&app, number).await), ("reported".to_owned(), Some(circular.clone())));
            clerk.get(&format!("/cases/{number}")).await.expect(200).lacks(&offered(number)).has("Round 1");
        }
        // One circular at a time; taken out, it may come back.
        step(&app, &clerk, filed, "into_circular", &[("circular", &circular)]).await.expect(409).has("in a circular already");
        let (id, version) = (case_id(&app, filed).await, column(&app, filed, "version").await);
        let out = [("case", id.as_str()), ("version", version.as_str()), ("unit", "Company A"), ("out", "1")];
        clerk.post(&format!("/circulars/{circular}/amend"), &out).await.expect(303);
        assert_eq!(circular_of(&app, filed).await, None);
        assert_eq!(checked(&app).await, Vec::<String>::new());
        step(&app, &clerk, filed, "into_circular", &[("circular", &circular)]).await.expect(303);
        let page = clerk.get(&format!("/circulars/{circular}")).await.expect(200);
        page.has(&format!("id=\"case-{alone}\"")).has(&format!("id=\"case-{filed}\""));
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(303);
        for number in [alone, filed] {
            assert_eq!((stage(&app, number).await, circular_of(&app, number).await), ("dispatched".to_owned(), Some(circular.clone())));
        }
        let sum = total(&parted(&app.store, TENANT, By::Unit, "2026-01-01", "2026-12-31").await.unwrap());
        assert_eq!((sum.found, sum.in_circulars), (2, 2));
        assert_eq!(checked(&app).await, Vec::<String>::new());
        // Nothing goes into what was issued, is another tenant's, or from where the table has no way.
        let late = report(&app, &inspector, "").await;
        step(&app, &clerk, late, "into_circular", &[("circular", &circular)]).await.expect(409).has("nothing more can go into it");
        clerk.get(&format!("/circulars/{circular}/add")).await.expect(409);
        let elsewhere = app.person_of(testkit::OTHER, "other", &[(Role::Clerk, Scope::Tenant)]).await;
        let theirs = open_circular(&elsewhere).await;
        step(&app, &clerk, late, "into_circular", &[("circular", &theirs)]).await.expect(409);
        let ours = open_circular(&clerk).await;
        step(&app, &clerk, alone, "into_circular", &[("circular", &ours)]).await.expect(409);
        assert_eq!((circular_of(&app, late).await, circular_of(&app, alone).await), (None, Some(circular)));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn the_look_throughs_form_puts_nothing_into_a_circular(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let (circular, other) = (open_circular(&clerk).await, open_circular(&clerk).await);
        let (inside, outside) = (report(&app, &inspector, &circular).await, report(&app, &inspector, "").await);
        for (number, at) in [(outside, &circular), (inside, &other)] {
            let (id, version) = (case_id(&app, number).await, column(&app, number, "version").await);
            let fields = [("case", id.as_str()), ("version", version.as_str()), ("unit", "Company B")];
            clerk.post(&format!("/circulars/{at}/amend"), &fields).await.expect(409).has("Somebody has just acted");
            assert_eq!(column(&app, number, "version").await, version);
        }
        assert_eq!((circular_of(&app, inside).await, circular_of(&app, outside).await), (Some(circular.clone()), None));
        // The same click twice takes it out once, and says so twice.
        let (id, command) = (case_id(&app, inside).await, Uuid::from_u128(91).to_string());
        let out = [("case", id.as_str()), ("version", "1"), ("unit", "Company A"), ("out", "1")];
        for _ in 0..2 {
            clerk.post_as(&command, &format!("/circulars/{circular}/amend"), &out).await.expect(303);
        }
        assert_eq!((circular_of(&app, inside).await, column(&app, inside, "version").await), (None, "2".to_owned()));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn several_are_chosen_from_what_is_in_no_circular(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let east = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let west = app.person(&[(Role::Inspector, app.scope(app.other_community).await)]).await;
        let circular = open_circular(&clerk).await;
        let inside = report(&app, &inspector, &circular).await;
        let (first, second, filed) = (report(&app, &east, "").await, report(&app, &inspector, "").await, report(&app, &clerk, "").await);
        let declined = report(&app, &inspector, "").await;
        step(&app, &clerk, filed, "file", &[]).await.expect(303);
        step(&app, &clerk, declined, "decline", &[("reason", "not_real")]).await.expect(303);
        let path = format!("/circulars/{circular}/add");
        let chosen = |number: i64| format!("name=\"chosen\" value=\"{number}:");
        clerk.get(&format!("/circulars/{circular}")).await.expect(200).has(&path);
        let page = clerk.get(&path).await.expect(200).has(&chosen(first)).has(&chosen(second)).has(&chosen(filed));
        page.lacks(&chosen(inside)).lacks(&chosen(declined));
        east.get(&path).await.expect(403);
        // Who composes for other places sees theirs alone.
        west.get(&path).await.expect(200).lacks("name=\"chosen\"");
        west.post(&path, &[("chosen", &format!("{first}:1"))]).await.expect(404);
        clerk.get("/circulars/00000000-0000-0000-0000-000000000001/add").await.expect(404);
        clerk.post(&path, &[]).await.expect(422).has("Choose problems first");
        // One that somebody acted on meanwhile: nothing is put in, and what was chosen stays so.
        let stale = [("chosen", format!("{first}:1")), ("chosen", format!("{second}:9"))];
        let stale: Vec<(&str, &str)> = stale.iter().map(|(name, value)| (*name, value.as_str())).collect();
        clerk.post(&path, &stale).await.expect(409).has("Somebody has just acted").has(" checked>");
        assert_eq!((circular_of(&app, first).await, circular_of(&app, second).await), (None, None));
        let all = [("chosen", format!("{first}:1")), ("chosen", format!("{second}:1")), ("chosen", format!("{filed}:2"))];
        let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let command = Uuid::from_u128(92).to_string();
        for _ in 0..2 {
            inspector.post_as(&command, &path, &all).await.expect(303);
        }
        for number in [inside, first, second, filed] {
            assert_eq!((stage(&app, number).await, circular_of(&app, number).await), ("reported".to_owned(), Some(circular.clone())));
        }
        clerk.get(&path).await.expect(200).has("There is nothing to add");
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(303);
        for number in [inside, first, second, filed] {
            assert_eq!(stage(&app, number).await, "dispatched");
        }
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn nothing_slips_into_a_circular_that_is_being_issued(db: TestDb) {
        let app = app(db).await;
        let (clerk, other, inspector) = (app.clerk().await, app.clerk().await, app.inspector().await);
        for n in 0..6 {
            let circular = open_circular(&clerk).await;
            let (inside, alone) = (report(&app, &inspector, &circular).await, report(&app, &inspector, "").await);
            if n % 2 == 1 {
                step(&app, &clerk, alone, "file", &[]).await.expect(303);
            }
            let (fields, issue) = ([("circular", circular.as_str())], format!("/circulars/{circular}/issue"));
            let (put, issued) = tokio::join!(step(&app, &inspector, alone, "into_circular", &fields), clerk.post(&issue, &[]));
            issued.expect(303);
            assert_eq!(stage(&app, inside).await, "dispatched");
            let (at, of) = (stage(&app, alone).await, circular_of(&app, alone).await);
            match put.status.as_u16() {
                303 => assert_eq!((at.as_str(), of), ("dispatched", Some(circular))),
                409 => assert_eq!((at.as_str(), of), (if n % 2 == 1 { "filed" } else { "reported" }, None)),
                status => panic!("{status}: {}", put.text),
            }
        }
        // Whoever looks one through meanwhile is before it or too late, and never stops it.
        for _ in 0..6 {
            let circular = open_circular(&clerk).await;
            let inside = report(&app, &inspector, &circular).await;
            let id = case_id(&app, inside).await;
            let fields = [("case", id.as_str()), ("version", "1"), ("unit", "Company B")];
            let (amend, issue) = (format!("/circulars/{circular}/amend"), format!("/circulars/{circular}/issue"));
            let (amended, issued) = tokio::join!(clerk.post(&amend, &fields), other.post(&issue, &[]));
            issued.expect(303);
            assert!([303, 409].contains(&amended.status.as_u16()), "{}", amended.text);
            assert_eq!((stage(&app, inside).await, circular_of(&app, inside).await), ("dispatched".to_owned(), Some(circular)));
        }
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn what_is_being_verified_holds_its_circular_up(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let near = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let circular = open_circular(&clerk).await;
        let number = report(&app, &inspector, &circular).await;
        step(&app, &clerk, number, "ask_verify", &[("person", &near.account.to_string())]).await.expect(303);
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(409).has("It is being verified");
        assert_eq!(stage(&app, number).await, "verifying");
        let photo = near.upload(5).await;
        step(&app, &near, number, "verify", &[("reason", "real"), ("words", "There"), ("photo", &photo)]).await.expect(303);
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(303);
        assert_eq!(stage(&app, number).await, "dispatched");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn the_look_through_names_what_may_be_the_same_problem(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let circular = open_circular(&clerk).await;
        let first = report(&app, &inspector, "").await;
        report(&app, &inspector, &circular).await;
        let path = format!("/circulars/{circular}");
        let page = clerk.get(&path).await.expect(200).has("Perhaps the same as").has(&format!("/cases/{first}\"")).has("Compare the photos");
        // The line's own photo, and both side by side.
        assert_eq!(page.text.matches("/thumb\"").count(), 3, "{}", page.text);
        // Who only looks on compares nothing; nor is there anything to compare once the other has ended.
        inspector.get(&path).await.expect(200).lacks("Perhaps the same as");
        step(&app, &clerk, first, "decline", &[("reason", "not_real")]).await.expect(303);
        clerk.get(&path).await.expect(200).lacks("Perhaps the same as").lacks("Compare the photos");
    }

    async fn why_its_unit_is_proposed_stands_where_it_is_filed_and_dispatched(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = report(&app, &inspector, "").await;
        let why = "Proposed unit: Company A. It answers for Elm Court";
        clerk.get(&format!("/cases/{number}")).await.expect(200).has(why);
        step(&app, &clerk, number, "file", &[]).await.expect(303);
        clerk.get(&format!("/cases/{number}")).await.expect(200).has(why);
        inspector.get(&format!("/cases/{number}")).await.expect(200).lacks(why);
    }

    async fn programs_put_it_into_a_circular_too(db: TestDb) {
        let app = app(db).await;
        let clerk = clerks(&app).await;
        let narrow = program(&app, "narrow", &[(Role::Clerk, Scope::Tenant)], &["read", "cases"]).await;
        let opened = clerk.post("/circulars", json!({ "title": "Round 1" })).await.expect(201).json();
        let circular = opened["id"].as_str().unwrap().to_owned();
        let other = clerk.post("/circulars", json!({ "title": "Round 2" })).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        clerk.post("/cases", json!({ "place": app.compound, "category": category(&app).await, "what": "Boxes" })).await.expect(201);
        let number = last_number(&app).await;
        let at = format!("/cases/{number}/steps/into_circular");
        let case = clerk.get(&format!("/cases/{number}")).await.expect(200).json();
        assert!(case["steps"].as_array().unwrap().contains(&"into_circular".into()), "{}", case["steps"]);
        clerk.post(&at, json!({ "version": 1 })).await.expect(422).has("circular.none_chosen");
        narrow.post(&at, json!({ "version": 1, "circular": circular })).await.expect(403).has("token.scope");
        let put = clerk.post(&at, json!({ "version": 1, "circular": circular })).await.expect(200).json();
        assert_eq!(put["stage"], "reported");
        assert_eq!(circular_of(&app, number).await, Some(circular.clone()));
        clerk.post(&at, json!({ "version": put["version"], "circular": other })).await.expect(409).has("case.in_circular");
        let inside = clerk.get(&format!("/circulars/{circular}")).await.expect(200).json();
        assert_eq!(inside["cases"][0]["number"], number);
        // Another circular's look-through does not know it.
        let body = json!({ "version": put["version"], "unit": app.other_company });
        clerk.post(&format!("/circulars/{other}/cases/{number}"), body).await.expect(404);
        let issued = clerk.post(&format!("/circulars/{circular}/issue"), json!({})).await.expect(200).json();
        assert_eq!(issued["cases"], 1);
        assert_eq!(stage(&app, number).await, "dispatched");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }
}
