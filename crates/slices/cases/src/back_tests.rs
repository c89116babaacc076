//! What is not mended comes back, whoever says so: the callers and reporters of what was merged, what no unit has any more, what
//! those outside mended. Through HTTP on both engines.

use crate::branch_tests::{column, step};
use crate::figures::{By, parted, total};
use crate::order_tests::{mended, order, to_its_end};
use crate::trunk_tests::{app, checked, issued, report, stage};
use access::{Role, Scope};
use testkit::{Person, TENANT, TestApp};

/// What one command told of two cases stands before what the next one tells of either.
fn a_second_later(app: &TestApp) {
    app.app.world.clock.advance_seconds(1);
}

/// The data of the facts of this kind, the oldest first.
async fn told(app: &TestApp, kind: &str) -> Vec<serde_json::Value> {
    let query = store::Query::from("SELECT data FROM fact WHERE tenant_id = :tenant").bind("tenant", TENANT);
    let query = query.and("kind = :kind").bind("kind", kind).then("ORDER BY recorded_at, ordinal");
    let rows = app.store.query::<(String,)>(query).await.unwrap();
    rows.iter().map(|(data,)| serde_json::from_str(data).unwrap()).collect()
}

/// A caller who is not content, and what is said.
fn not_content(words: &str) -> [(&str, &str); 3] {
    [("solved", "no"), ("satisfied", "no"), ("words", words)]
}

/// Makes a case part of another one.
async fn merge(app: &TestApp, clerk: &Person<'_>, number: i64, into: i64) {
    step(app, clerk, number, "merge", &[("number", &into.to_string())]).await.expect(303);
    a_second_later(app);
}

/// Files a report and hands it to the company.
async fn hand_out(app: &TestApp, clerk: &Person<'_>, number: i64) {
    step(app, clerk, number, "file", &[]).await.expect(303);
    step(app, clerk, number, "dispatch", &[("unit", &app.company.to_string())]).await.expect(303);
    a_second_later(app);
}

/// The company appeals, rightly, against being the unit of a closed case.
async fn released(app: &TestApp, clerk: &Person<'_>, number: i64) {
    let (handler, leader) = (app.handler_of(app.company).await, app.person(&[(Role::Leader, Scope::Tenant)]).await);
    step(app, &handler, number, "appeal", &[("reason", "wrong_unit"), ("words", "Not ours")]).await.expect(303);
    step(app, clerk, number, "review_appeal", &[("reason", "upheld"), ("words", "It is not")]).await.expect(303);
    step(app, &leader, number, "uphold_appeal", &[("words", "It is not")]).await.expect(303);
    assert_eq!(column(app, number, "unit_id").await, "");
}

async fn in_circulars(app: &TestApp) -> i64 {
    total(&parted(&app.store, TENANT, By::Unit, "2026-01-01", "2026-12-31").await.unwrap()).in_circulars
}

store::both_engines! {
    async fn the_caller_of_a_merged_order_opens_the_case_again_that_it_is_part_of(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = report(&app, &inspector, "").await;
        // Merged, and merged on: what it is part of by now is what counts.
        let (joined, between) = (order(&app, &clerk, "SP-31").await, report(&app, &inspector, "").await);
        merge(&app, &clerk, joined, between).await;
        merge(&app, &clerk, between, number).await;
        let (path, own) = (format!("/cases/{number}"), format!("/cases/{joined}"));
        step(&app, &clerk, joined, "answer_order", &[("words", "It will be mended")]).await.expect(303);
        // Open still: it is told there, to the centre alone.
        clerk.get(&own).await.expect(200).has(&format!("It is part of no. {number} now"));
        step(&app, &clerk, joined, "call_back", &not_content("")).await.expect(422);
        step(&app, &clerk, joined, "call_back", &not_content("Still wet")).await.expect(303);
        a_second_later(&app);
        assert_eq!(stage(&app, number).await, "reported");
        clerk.get(&path).await.expect(200).has("The caller of a merged order is not satisfied").has("Still wet").has(&format!("from no. {joined}"));
        clerk.get(&format!("/cases/{between}")).await.expect(200).lacks("Still wet");
        hand_out(&app, &clerk, number).await;
        app.handler_of(app.company).await.get(&path).await.expect(200).lacks("Still wet");
        mended(&app, number).await;
        // Closed, it is opened again, however long ago that was.
        app.app.world.clock.advance_seconds(17 * 86_400);
        let clerk = app.clerk().await;
        step(&app, &clerk, joined, "call_back", &not_content("It is back")).await.expect(303);
        a_second_later(&app);
        assert_eq!((stage(&app, number).await.as_str(), column(&app, number, "rework").await.as_str()), ("dispatched", "1"));
        assert_eq!((stage(&app, joined).await.as_str(), stage(&app, between).await.as_str()), ("merged", "merged"));
        app.handler_of(app.company).await.get("/todo").await.expect(200).has("It is back");
        clerk.get(&path).await.expect(200).has("Caller not satisfied; open again").has(&format!("from no. {joined}"));
        let facts = told(&app, "case.reopened").await;
        assert_eq!((facts.len(), facts[0]["number"].as_i64(), facts[0]["from"].is_string()), (1, Some(joined), true));
        mended(&app, number).await;
        step(&app, &clerk, joined, "call_back", &[("solved", "yes"), ("satisfied", "very")]).await.expect(303);
        assert_eq!(stage(&app, number).await, "closed");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn what_an_appeal_took_from_its_unit_is_filed_again_for_a_caller_who_is_not_content(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let number = order(&app, &clerk, "SP-32").await;
        to_its_end(&app, &clerk, number).await;
        step(&app, &clerk, number, "answer_order", &[("words", "Cleared")]).await.expect(303);
        released(&app, &clerk, number).await;
        assert_eq!(in_circulars(&app).await, 1);
        step(&app, &clerk, number, "call_back", &not_content("It is back")).await.expect(303);
        a_second_later(&app);
        assert_eq!((stage(&app, number).await.as_str(), in_circulars(&app).await), ("filed", 0));
        clerk.get(&format!("/cases/{number}")).await.expect(200).has("Not mended; back to the centre").has("It is back");
        assert_eq!(checked(&app).await, Vec::<String>::new());
        // Whoever gets it now begins with a clean sheet; who was released has nothing to do with it.
        step(&app, &clerk, number, "dispatch", &[("unit", &app.other_company.to_string())]).await.expect(303);
        a_second_later(&app);
        app.handler_of(app.company).await.get(&format!("/cases/{number}")).await.expect(404);
        app.handler_of(app.other_company).await.get(&format!("/cases/{number}")).await.expect(200);
        assert_eq!((in_circulars(&app).await, column(&app, number, "unit_appeal").await.as_str()), (1, ""));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn the_caller_of_an_order_merged_into_what_has_no_unit_has_it_filed_again(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = report(&app, &inspector, "").await;
        let joined = order(&app, &clerk, "SP-33").await;
        merge(&app, &clerk, joined, number).await;
        hand_out(&app, &clerk, number).await;
        mended(&app, number).await;
        released(&app, &clerk, number).await;
        step(&app, &clerk, joined, "answer_order", &[("words", "Cleared")]).await.expect(303);
        step(&app, &clerk, joined, "call_back", &not_content("It is back")).await.expect(303);
        a_second_later(&app);
        assert_eq!(stage(&app, number).await, "filed");
        let facts = told(&app, "case.refiled").await;
        assert_eq!((facts.len(), facts[0]["number"].as_i64()), (1, Some(joined)));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_dispute_of_what_no_unit_has_is_upheld_like_any_other_and_filed_again(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let after_appeal = issued(&app, &clerk, &inspector).await;
        mended(&app, after_appeal).await;
        released(&app, &clerk, after_appeal).await;
        // Nobody of ours mended the other one.
        let outside = issued(&app, &clerk, &inspector).await;
        step(&app, &clerk, outside, "transfer", &[("reason", "owner"), ("words", "The pipe's owner")]).await.expect(303);
        step(&app, &clerk, outside, "answer_transfer", &[("words", "Mended")]).await.expect(303);
        let (other, unit) = (app.inspector().await, app.company.to_string());
        let spot = other.upload(3).await;
        step(&app, &other, outside, "pass", &[("words", "Fine"), ("photo", &spot)]).await.expect(303);
        for number in [after_appeal, outside] {
            let path = format!("/cases/{number}");
            inspector.get(&path).await.expect(200).has("What is not mended");
            step(&app, &inspector, number, "dispute", &[("words", "It drips")]).await.expect(303);
            clerk.get(&path).await.expect(200).has("No unit of ours has it now");
            step(&app, &clerk, number, "uphold_dispute", &[("words", "It does")]).await.expect(303);
            a_second_later(&app);
            let is = (stage(&app, number).await, column(&app, number, "dispute_end").await);
            assert_eq!((is.0.as_str(), is.1.as_str()), ("filed", "upheld"));
            clerk.get(&path).await.expect(200).has("Not mended; back to the centre").has("dispute upheld");
            assert_eq!(checked(&app).await, Vec::<String>::new());
            step(&app, &clerk, number, "dispatch", &[("unit", &unit)]).await.expect(303);
            a_second_later(&app);
            mended(&app, number).await;
            step(&app, &inspector, number, "dispute", &[("words", "It drips")]).await.expect(409).has("disputed once already");
        }
        // In the figures it stands like any other that was right.
        clerk.get("/cases?kind=dispatched&outcome=upheld&from=2026-01-01&to=2026-12-31").await.expect(200).has(&format!("/cases/{after_appeal}")).has(&format!("/cases/{outside}"));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn the_reporter_of_what_was_merged_disputes_the_end_of_the_case_that_it_is_part_of(db: TestDb) {
        let app = app(db).await;
        let (clerk, first, second) = (app.clerk().await, app.inspector().await, app.inspector().await);
        let (number, joined) = (report(&app, &first, "").await, report(&app, &second, "").await);
        merge(&app, &clerk, joined, number).await;
        hand_out(&app, &clerk, number).await;
        let (path, own) = (format!("/cases/{number}"), format!("/cases/{joined}"));
        let said = [("words", "Still there")];
        // Not while it is under way, and nobody but who reported it.
        second.get(&own).await.expect(200).lacks("What is not mended");
        step(&app, &second, joined, "dispute", &said).await.expect(409);
        mended(&app, number).await;
        a_second_later(&app);
        second.get(&own).await.expect(200).has("What is not mended");
        step(&app, &first, joined, "dispute", &said).await.expect(403);
        let photo = second.upload(21).await;
        step(&app, &second, joined, "dispute", &[("words", "Still there"), ("photo", &photo)]).await.expect(303);
        a_second_later(&app);
        assert_eq!((column(&app, number, "ask").await.as_str(), column(&app, joined, "ask").await.as_str()), ("dispute", ""));
        second.get(&own).await.expect(200).has(&format!("answered with no. {number}")).lacks("What is not mended");
        clerk.get(&path).await.expect(200).has("The reporter disputes the end").has("Still there").has(&format!("from no. {joined}"));
        // One waits at a time; each reporter once.
        step(&app, &first, number, "dispute", &said).await.expect(409).has("already waiting");
        step(&app, &second, joined, "dispute", &said).await.expect(409).has("disputed once already");
        step(&app, &clerk, number, "uphold_dispute", &[("words", "Seen")]).await.expect(303);
        a_second_later(&app);
        assert_eq!((stage(&app, number).await.as_str(), column(&app, number, "rework").await.as_str()), ("dispatched", "1"));
        assert_eq!((stage(&app, joined).await.as_str(), column(&app, number, "dispute_end").await.as_str()), ("merged", "upheld"));
        mended(&app, number).await;
        a_second_later(&app);
        first.get(&path).await.expect(200).has("What is not mended");
        step(&app, &second, joined, "dispute", &said).await.expect(409).has("disputed once already");
        step(&app, &first, number, "dispute", &said).await.expect(303);
        step(&app, &clerk, number, "refuse_dispute", &[("words", "It is clean")]).await.expect(303);
        step(&app, &first, number, "dispute", &said).await.expect(409).has("disputed once already");
        assert_eq!(stage(&app, number).await, "closed");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn of_two_reporters_who_dispute_one_end_at_once_one_waits(db: TestDb) {
        let app = app(db).await;
        let (clerk, first, second) = (app.clerk().await, app.inspector().await, app.inspector().await);
        let (number, joined) = (report(&app, &first, "").await, report(&app, &second, "").await);
        merge(&app, &clerk, joined, number).await;
        hand_out(&app, &clerk, number).await;
        mended(&app, number).await;
        a_second_later(&app);
        let said = [("words", "Still there")];
        let (a, b) = tokio::join!(step(&app, &first, number, "dispute", &said), step(&app, &second, joined, "dispute", &said));
        let mut answers = [a.status.as_u16(), b.status.as_u16()];
        answers.sort_unstable();
        assert_eq!(answers, [303, 409]);
        a_second_later(&app);
        step(&app, &clerk, number, "refuse_dispute", &[("words", "It is clean")]).await.expect(303);
        a_second_later(&app);
        // Who came second has lost nothing by it.
        let later = if a.status.as_u16() == 303 { step(&app, &second, joined, "dispute", &said).await } else { step(&app, &first, number, "dispute", &said).await };
        later.expect(303);
        a_second_later(&app);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }
}
