//! Orders of the hotline, what is written beside the way, a unit's own people, and the same spot, through HTTP on both engines.

use crate::branch_tests::{column, instant, step};
use crate::figures::{By, parted, total};
use crate::trunk_tests::{app, category, checked, issued, last_number, report, stage};
use access::{Role, Scope};
use testkit::{Person, TENANT, TestApp};

/// Enters an order of the hotline; its number.
pub(crate) async fn order(app: &TestApp, clerk: &Person<'_>, outside: &str) -> i64 {
    let (place, category) = (app.compound.to_string(), category(app).await);
    let fields = [
        ("place", place.as_str()),
        ("category", &category),
        ("where_words", "Gate 3"),
        ("what", "Water comes up"),
        ("source", "hotline"),
        ("outside_number", outside),
        ("caller", "王小明"),
        ("phone", "13812341234"),
    ];
    clerk.post("/report", &fields).await.expect(303);
    last_number(app).await
}

/// Brings a reported case to its end.
pub(crate) async fn to_its_end(app: &TestApp, clerk: &Person<'_>, number: i64) {
    step(app, clerk, number, "file", &[]).await.expect(303);
    let unit = app.company.to_string();
    step(app, clerk, number, "dispatch", &[("unit", &unit)]).await.expect(303);
    mended(app, number).await;
}

/// The unit submits and an inspector accepts.
pub(crate) async fn mended(app: &TestApp, number: i64) {
    let (handler, inspector) = (app.handler_of(app.company).await, app.inspector().await);
    let photo = handler.upload(9).await;
    step(app, &handler, number, "rectify", &[("words", "Pumped out"), ("photo", &photo)]).await.expect(303);
    let spot = inspector.upload(11).await;
    step(app, &inspector, number, "pass", &[("words", "Dry"), ("photo", &spot)]).await.expect(303);
}

store::both_engines! {
    async fn an_order_has_clocks_of_its_own_and_our_end_is_not_its_answer(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        // Its number makes it known, and a number that is none is told.
        let place = app.compound.to_string();
        let bad = [("place", place.as_str()), ("what", "Kept words"), ("source", "hotline"), ("phone", "call me"), ("sign_due", "soon")];
        clerk.post("/report", &bad).await.expect(422).has("Kept words").has("Enter the order").has("telephone number").has("call me");
        let number = order(&app, &clerk, "SP-1").await;
        let first = instant(&app, number, "outside_due").await;
        clerk.get("/orders").await.expect(200).has("SP-1").has("Sign for it");
        let page = clerk.get(&format!("/cases/{number}")).await.expect(200).has("Sign for the order").has("王**").has("138****1234");
        page.lacks("13812341234");
        step(&app, &clerk, number, "call_back", &[("solved", "yes"), ("satisfied", "yes")]).await.expect(409).has("note the answer first");
        step(&app, &clerk, number, "sign_order", &[]).await.expect(303);
        step(&app, &clerk, number, "sign_order", &[]).await.expect(409).has("signed for already");
        let second = instant(&app, number, "outside_due").await;
        assert!(second > first, "{first} {second}");
        step(&app, &clerk, number, "call_caller", &[("words", "")]).await.expect(422);
        step(&app, &clerk, number, "call_caller", &[("words", "Told them when")]).await.expect(303);
        assert!(instant(&app, number, "outside_due").await > second);
        to_its_end(&app, &clerk, number).await;
        assert_eq!(stage(&app, number).await, "closed");
        // Closed, and still to be answered.
        clerk.get("/orders").await.expect(200).has("SP-1").has("Answer");
        clerk.get("/cases?kind=orders").await.expect(200).has(&format!("/cases/{number}"));
        step(&app, &clerk, number, "answer_order", &[("words", "The drain was cleared")]).await.expect(303);
        clerk.get("/orders").await.expect(200).lacks("SP-1");
        clerk.get("/orders?list=answered").await.expect(200).has("SP-1");
        assert_eq!(column(&app, number, "outside_due").await, "");
        // A unit sees nothing of who called and what was told outside.
        let handler = app.handler_of(app.company).await;
        handler.get(&format!("/cases/{number}")).await.expect(200).lacks("王**").lacks("The drain was cleared").lacks("Told them when");
        handler.get("/orders").await.expect(403);
        step(&app, &handler, number, "answer_order", &[("words", "We say")]).await.expect(403);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_caller_who_is_not_content_opens_it_again_however_often(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let number = order(&app, &clerk, "SP-2").await;
        to_its_end(&app, &clerk, number).await;
        step(&app, &clerk, number, "answer_order", &[("words", "Cleared")]).await.expect(303);
        step(&app, &clerk, number, "call_back", &[("solved", "maybe"), ("satisfied", "yes")]).await.expect(422);
        step(&app, &clerk, number, "call_back", &[("solved", "yes"), ("satisfied", "no"), ("words", "")]).await.expect(422).has("selected");
        for n in 1..=3 {
            let now = app.app.world.now();
            app.app.world.clock.set(kernel::Instant(now.0 + 1_000_000));
            step(&app, &clerk, number, "call_back", &[("solved", "no"), ("satisfied", "no"), ("words", "It is back")]).await.expect(303);
            assert_eq!((stage(&app, number).await.as_str(), column(&app, number, "rework").await), ("dispatched", n.to_string()));
            app.handler_of(app.company).await.get("/todo").await.expect(200).has("It is back");
            let now = app.app.world.now();
            app.app.world.clock.set(kernel::Instant(now.0 + 1_000_000));
            mended(&app, number).await;
        }
        step(&app, &clerk, number, "call_back", &[("solved", "yes"), ("satisfied", "very")]).await.expect(303);
        assert_eq!(stage(&app, number).await, "closed");
        clerk.get("/orders?list=answered").await.expect(200).has("Very satisfied");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn what_callers_say_is_counted_once_and_the_last_of_it_holds(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let mut numbers = Vec::new();
        for outside in ["SP-21", "SP-22", "SP-23", "SP-24"] {
            let number = order(&app, &clerk, outside).await;
            to_its_end(&app, &clerk, number).await;
            step(&app, &clerk, number, "answer_order", &[("words", "Cleared")]).await.expect(303);
            numbers.push(number);
        }
        let said = async |number: i64, solved: &str, satisfied: &str| {
            let fields = [("solved", solved), ("satisfied", satisfied), ("words", "So they say")];
            step(&app, &clerk, number, "call_back", &fields).await.expect(303);
        };
        let counted = async || {
            let sum = total(&parted(&app.store, TENANT, By::Community, "2026-01-01", "2026-12-31").await.unwrap());
            (sum.found, sum.called_back, sum.solved, sum.satisfied)
        };
        assert_eq!(counted().await, (4, 0, 0, 0));
        said(numbers[0], "yes", "very").await;
        said(numbers[1], "partly", "fairly").await;
        // Nobody answered: nothing was said.
        said(numbers[2], "yes", "not_reached").await;
        assert_eq!(counted().await, (4, 2, 1, 2));
        // Not content, it is opened again; mended and called back again it counts once, as it was said last.
        said(numbers[3], "no", "no").await;
        assert_eq!(counted().await, (4, 3, 1, 2));
        mended(&app, numbers[3]).await;
        assert_eq!(counted().await, (4, 3, 1, 2));
        said(numbers[3], "yes", "yes").await;
        assert_eq!(counted().await, (4, 3, 2, 3));
        said(numbers[0], "yes", "not_reached").await;
        assert_eq!(counted().await, (4, 2, 1, 2));
        crate::days::fold(&app.store, TENANT).await.unwrap();
        crate::days::count_again(&app.store, TENANT).await.unwrap();
        assert_eq!(counted().await, (4, 2, 1, 2));
        let page = clerk.get("/summary?from=2026-01-01&to=2026-12-31&by=source").await.expect(200);
        page.has("<strong>2</strong><span>Called back").has("Solved, of 2 called back · 50.0%").has("Satisfied, of 2 called back · 100.0%");
        let list = clerk.get("/cases?kind=found&outcome=satisfied&from=2026-01-01&to=2026-12-31").await.expect(200);
        list.has(&format!("/cases/{}", numbers[1])).has(&format!("/cases/{}", numbers[3])).lacks(&format!("/cases/{}\"", numbers[0]));
        clerk.get("/screen?from=2026-01-01&to=2026-12-31").await.expect(200).has("Satisfied (of 2 called back)");
        assert_eq!(checked(&app).await, Vec::<String>::new());
        // A hand in the table is seen.
        db.meddle(&format!("UPDATE cases SET satisfied = 'no' WHERE number = {}", numbers[1])).await;
        let found = checked(&app).await;
        assert!(found.iter().any(|line| line.contains("is=satisfied")) && found.iter().any(|line| line.contains("counts")), "{found:?}");
    }

    async fn two_who_sign_at_once_sign_once(db: TestDb) {
        let app = app(db).await;
        let (clerk, other) = (app.clerk().await, app.clerk().await);
        let number = order(&app, &clerk, "SP-3").await;
        let (a, b) = tokio::join!(step(&app, &clerk, number, "sign_order", &[]), step(&app, &other, number, "sign_order", &[]));
        let mut answers = [a.status.as_u16(), b.status.as_u16()];
        answers.sort_unstable();
        assert_eq!(answers, [303, 409]);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn the_caller_is_seen_in_full_for_a_reason_by_who_handles_it(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = order(&app, &clerk, "SP-4").await;
        let path = format!("/cases/{number}/caller");
        inspector.post(&path, &[("reason", "call")]).await.expect(403);
        clerk.post(&path, &[("reason", "")]).await.expect(422).lacks("13812341234");
        clerk.post(&path, &[("reason", "call")]).await.expect(200).has("13812341234").has("王小明");
        let query = store::Query::from("SELECT data FROM fact WHERE tenant_id = :tenant AND kind = 'personal.unmasked'").bind("tenant", TENANT);
        let facts = app.store.query::<(String,)>(query.then("ORDER BY recorded_at, id")).await.unwrap();
        assert!(facts.len() == 1 && facts[0].0.contains("caller") && !facts[0].0.contains("13812341234"), "{facts:?}");
    }

    async fn limits_of_orders_are_set_and_a_unit_gets_the_sources_own(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let fine = [("hotline_sign", "1"), ("hotline_call", "4"), ("hotline_answer", "24"), ("hotline_unit", "3"), ("platform_sign", "0"), ("platform_call", "0"), ("platform_answer", "16"), ("platform_unit", "0")];
        let mut bad = fine;
        bad[2] = ("hotline_answer", "soon");
        clerk.post("/orders/limits", &bad).await.expect(422).has("soon");
        app.inspector().await.post("/orders/limits", &fine).await.expect(403);
        clerk.post("/orders/limits", &fine).await.expect(303);
        let number = order(&app, &clerk, "SP-5").await;
        assert_eq!((column(&app, number, "limit_unit").await.as_str(), column(&app, number, "limit_value").await.as_str()), ("working_minutes", "180"));
        clerk.get("/orders").await.expect(200).has("value=\"24\"");
    }

    async fn what_those_outside_mended_badly_comes_back_to_the_centre(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = issued(&app, &clerk, &inspector).await;
        step(&app, &clerk, number, "transfer", &[("reason", "owner"), ("words", "The pipe's owner")]).await.expect(303);
        step(&app, &clerk, number, "answer_transfer", &[("words", "Mended")]).await.expect(303);
        let spot = inspector.upload(3).await;
        step(&app, &inspector, number, "pass", &[("words", "Fine"), ("photo", &spot)]).await.expect(303);
        step(&app, &inspector, number, "dispute", &[("words", "It drips")]).await.expect(303);
        step(&app, &clerk, number, "uphold_dispute", &[("words", "It does"), ("due", "")]).await.expect(303);
        assert_eq!(stage(&app, number).await, "filed");
        let unit = app.company.to_string();
        step(&app, &clerk, number, "dispatch", &[("unit", &unit)]).await.expect(303);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_unit_hands_it_to_its_own_first_and_submits_what_they_did(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = issued(&app, &clerk, &inspector).await;
        let head = app.person(&[(Role::UnitHead, Scope::Organisation { id: app.company })]).await;
        let (worker, stranger) = (app.handler_of(app.company).await, app.handler_of(app.other_company).await);
        let (mine, other) = (worker.account.to_string(), stranger.account.to_string());
        head.get(&format!("/cases/{number}?do=assign_inside")).await.expect(200).has(&mine).lacks(&other);
        step(&app, &head, number, "assign_inside", &[("person", &other)]).await.expect(422);
        step(&app, &head, number, "assign_inside", &[("person", &mine), ("words", "By noon please")]).await.expect(303);
        step(&app, &head, number, "done_inside", &[("words", "Not me")]).await.expect(403);
        worker.get(&format!("/cases/{number}")).await.expect(200).has("Handed to you").has("By noon please");
        let photo = worker.upload(21).await;
        step(&app, &worker, number, "done_inside", &[("words", "Swept the stair"), ("photo", &photo)]).await.expect(303);
        // What goes on inside a unit is its own affair.
        clerk.get(&format!("/cases/{number}")).await.expect(200).lacks("Swept the stair").lacks("By noon please");
        head.get(&format!("/cases/{number}")).await.expect(200).has("Swept the stair");
        // Its person's photo is the one that is submitted.
        step(&app, &head, number, "rectify", &[("words", "Done as asked")]).await.expect(303);
        assert_eq!(stage(&app, number).await, "rectified");
        assert_eq!(column(&app, number, "inside_id").await, "");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn the_dossier_of_an_order_has_its_clocks_and_not_its_caller(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let number = order(&app, &clerk, "SP-31").await;
        let path = format!("/cases/{number}/dossier.pdf");
        let paper = clerk.get(&path).await.expect(200).has("SP-31").has("\"Sign for it by\"").has("\"Call by\"").has("\"Answer by\"");
        paper.lacks("[\"Sign for it\",").lacks("王**").lacks("138****1234");
        step(&app, &clerk, number, "sign_order", &[]).await.expect(303);
        step(&app, &clerk, number, "call_caller", &[("words", "Told them when")]).await.expect(303);
        step(&app, &clerk, number, "answer_order", &[("words", "The drain was cleared")]).await.expect(303);
        let paper = clerk.get(&path).await.expect(200).has("[\"Sign for it\",\"done ").has("[\"Call the caller\",\"done ").has("[\"Answer\",\"done ");
        paper.has("Told them when").has("The drain was cleared");
        // What is none of those outside has no such clocks.
        let plain = report(&app, &clerk, "").await;
        clerk.get(&format!("/cases/{plain}/dossier.pdf")).await.expect(200).lacks("Sign for it by");
    }

    async fn notes_stay_inside_and_messages_pass(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        let path = format!("/cases/{number}");
        step(&app, &clerk, number, "note", &[("words", "They are slow")]).await.expect(303);
        step(&app, &clerk, number, "message", &[("words", "Please hurry")]).await.expect(303);
        step(&app, &handler, number, "reply", &[("words", "We are on it")]).await.expect(303);
        step(&app, &clerk, number, "correct", &[("words", "It is stair 4")]).await.expect(303);
        step(&app, &handler, number, "note", &[("words", "Ours")]).await.expect(403);
        step(&app, &handler, number, "message", &[("words", "Ours")]).await.expect(403);
        step(&app, &clerk, number, "reply", &[("words", "Theirs")]).await.expect(403);
        step(&app, &clerk, number, "note", &[("words", " ")]).await.expect(422);
        clerk.get(&path).await.expect(200).has("They are slow").has("Please hurry").has("We are on it").has("It is stair 4");
        handler.get(&path).await.expect(200).lacks("They are slow").has("Please hurry").has("We are on it").has("It is stair 4");
        // Written beside the way, they make nobody's form stale.
        let photo = handler.upload(5).await;
        handler.post(&format!("{path}/rectify"), &[("words", "Cleared"), ("photo", &photo), ("version", "2")]).await.expect(303);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn the_same_kind_at_the_same_spot_within_thirty_days_recurs(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let first = issued(&app, &clerk, &inspector).await;
        assert_eq!(column(&app, first, "recurs_of").await, "");
        // While it is looked through, what may be the same problem stands beside it.
        let second = report(&app, &inspector, "").await;
        clerk.get(&format!("/cases/{second}")).await.expect(200).has("Perhaps the same problem").has(&format!("/cases/{first}"));
        let unit = app.company.to_string();
        step(&app, &clerk, second, "file", &[]).await.expect(303);
        step(&app, &clerk, second, "dispatch", &[("unit", &unit)]).await.expect(303);
        assert_ne!(column(&app, second, "recurs_of").await, "");
        clerk.get(&format!("/cases/{second}")).await.expect(200).has("Recurring").has("Earlier of this kind here");
        // Later than that it is another story; and so is another stair.
        let now = app.app.world.now();
        app.app.world.clock.set(kernel::Instant(now.0 + 31 * 86_400_000_000));
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let third = issued(&app, &clerk, &inspector).await;
        assert_eq!(column(&app, third, "recurs_of").await, "");
        let (place, category) = (app.compound.to_string(), category(&app).await);
        let elsewhere = [("place", place.as_str()), ("category", &category), ("where_words", "Stair 9"), ("what", "Boxes")];
        inspector.post("/report", &elsewhere).await.expect(303);
        let fourth = last_number(&app).await;
        step(&app, &clerk, fourth, "file", &[]).await.expect(303);
        step(&app, &clerk, fourth, "dispatch", &[("unit", &unit)]).await.expect(303);
        assert_eq!(column(&app, fourth, "recurs_of").await, "");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn another_tenants_order_is_not_there(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let number = order(&app, &clerk, "SP-9").await;
        let stranger = app.person_of(testkit::OTHER, "other", &[(Role::Clerk, Scope::Tenant)]).await;
        stranger.get("/orders").await.expect(200).lacks("SP-9");
        stranger.post(&format!("/cases/{number}/answer_order"), &[("words", "Ours"), ("version", "1")]).await.expect(404);
        stranger.post(&format!("/cases/{number}/caller"), &[("reason", "call")]).await.expect(404);
    }
}
