//! What an evaluation hears of problems, through HTTP on both engines: what stands against a unit, what was taken back, and that
//! nothing later changes what a period told.

use crate::branch_tests::{instant, step};
use crate::telling::{Problems, counts};
use crate::trunk_tests::{app, category, issued, last_number};
use access::{Role, Scope};
use contracts::scoring::{Span, Teller, Told};
use kernel::Instant;
use store::journal::{Journal, Signer};
use store::testing::TestDb;
use testkit::{Person, TENANT, TestApp};

const DAY: i64 = 86_400_000_000;

/// Everything so far is sealed; how far the journal has come.
async fn sealed(db: &TestDb, app: &TestApp) -> i64 {
    let journal = Journal::new(app.store.clone(), Signer::open(&db.config.data.join("key"), &db.world).unwrap());
    journal.seal_now(TENANT).await.unwrap();
    let size = store::Query::from("SELECT size FROM journal_head WHERE tenant_id = :tenant").bind("tenant", TENANT);
    app.store.query::<(i64,)>(size).await.unwrap()[0].0
}

async fn told(app: &TestApp, from: Instant, days: i64, cut: i64) -> Told {
    let span = Span { from, to: Instant(from.0 + days * DAY), cut };
    Problems.tell(&app.store, TENANT, span).await.unwrap()
}

/// `kind` and what its last column says, of a unit's facts.
fn lines(told: &Told, app: &TestApp) -> Vec<String> {
    let own = told.facts.iter().filter(|fact| fact.of.unit == Some(app.company));
    let mut lines: Vec<String> = own
        .map(|told| {
            let last = told.fact.values.last().cloned().flatten().map(|value| value.to_string()).unwrap_or_default();
            format!("{} {last} {}", told.fact.kind, told.opens)
        })
        .collect();
    lines.sort();
    lines
}

fn count(told: &Told, app: &TestApp, what: &str) -> u64 {
    told.counts.iter().filter(|(of, _)| of.unit == Some(app.company)).filter_map(|(_, counts)| counts.get(what)).sum()
}

async fn rectified(app: &TestApp, handler: &Person<'_>, number: i64) {
    let photo = handler.upload(9).await;
    step(app, handler, number, "rectify", &[("words", "Done"), ("photo", &photo)]).await.expect(303);
}

async fn looked_at(app: &TestApp, inspector: &Person<'_>, number: i64, name: &str) {
    let spot = inspector.upload(11).await;
    step(app, inspector, number, name, &[("words", "Seen"), ("photo", &spot)]).await.expect(303);
}

store::both_engines! {
    async fn a_period_tells_what_stands_against_a_unit_and_an_appeal_takes_it_back(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let began = Instant(app.app.world.now().0 - DAY);
        let number = issued(&app, &clerk, &inspector).await;
        let at = format!("/cases/{number}");
        let first = told(&app, began, 40, sealed(db, &app).await).await;
        // Asked before its time has passed, the period's end counts: its deadline will lie behind by then.
        assert_eq!(lines(&first, &app)[0], format!("case.found false {at}"));
        assert_eq!((count(&first, &app, counts::DISPATCHED), count(&first, &app, counts::RECTIFIED)), (1, 0));
        assert_eq!(first.facts[0].fact.values.len(), 7);

        app.app.world.clock.set(Instant(instant(&app, number, "due").await + 2 * DAY - DAY / 24));
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let leader = app.person(&[(Role::Leader, Scope::Tenant)]).await;
        rectified(&app, &handler, number).await;
        looked_at(&app, &inspector, number, "fail").await;
        rectified(&app, &handler, number).await;
        looked_at(&app, &inspector, number, "pass").await;
        let cut = sealed(db, &app).await;
        let second = told(&app, began, 40, cut).await;
        let all = ["case.found false", "case.mended false", "case.overdue 2", "case.rework 1"].map(|line| format!("{line} {at}"));
        assert_eq!(lines(&second, &app), all);
        let counted = [counts::TO_RECTIFY, counts::RECTIFIED, counts::RECTIFIED_ON_TIME, counts::CLOSED, counts::CLOSED_ON_TIME, counts::REWORKED];
        assert_eq!(counted.map(|what| count(&second, &app, what)), [1, 1, 0, 1, 0, 1]);
        // Each cites a fact of the journal.
        for fact in &second.facts {
            let cited = store::Query::from("SELECT id FROM fact WHERE tenant_id = :tenant").bind("tenant", TENANT);
            let cited = cited.and("id = :id").bind("id", fact.fact.id.parse::<kernel::ids::FactId>().unwrap());
            assert_eq!(app.store.query::<(kernel::ids::Uuid,)>(cited).await.unwrap().len(), 1, "{fact:?}");
        }
        // Before it began there is nothing to tell, and after it neither.
        assert_eq!(told(&app, Instant(began.0 - 40 * DAY), 40, cut).await, Told::default());
        assert_eq!(told(&app, Instant(began.0 + 60 * DAY), 40, cut).await, Told::default());

        for (ground, left) in [("late", vec![0, 3]), ("rework", vec![0]), ("wrong_unit", vec![])] {
            step(&app, &handler, number, "appeal", &[("reason", ground), ("words", "The gate was locked")]).await.expect(303);
            step(&app, &clerk, number, "review_appeal", &[("reason", "upheld"), ("words", "It was")]).await.expect(303);
            step(&app, &leader, number, "uphold_appeal", &[("words", "So be it")]).await.expect(303);
            let now = lines(&told(&app, began, 40, sealed(db, &app).await).await, &app);
            let held: Vec<String> = left.iter().map(|n| all[*n].clone()).collect();
            let held_now: Vec<String> = now.into_iter().filter(|line| !line.starts_with("case.mended")).collect();
            assert_eq!(held_now, held, "{ground}");
        }
        // As the journal had it, nothing has changed.
        assert_eq!(told(&app, began, 40, cut).await, second);
    }

    async fn what_was_handed_back_or_checked_by_the_unit_itself_is_not_held_against_it(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let began = Instant(app.app.world.now().0 - DAY);
        let number = issued(&app, &clerk, &inspector).await;
        step(&app, &handler, number, "ask_hand_back", &[("reason", "not_ours")]).await.expect(303);
        let before = sealed(db, &app).await;
        let asked = told(&app, began, 40, before).await;
        step(&app, &clerk, number, "accept_hand_back", &[]).await.expect(303);
        let (first, after) = (handler.upload(3).await, handler.upload(4).await);
        let (place, category) = (app.compound.to_string(), category(&app).await);
        let fields = [("place", place.as_str()), ("category", &category), ("what", "Litter"), ("done", "Swept"), ("photo", &first), ("after", &after)];
        handler.post("/mended/self_check", &fields).await.expect(303);
        let own = format!("/cases/{}", last_number(&app).await);
        // Whether it was drawn to be looked at is left to chance.
        let checks = |told: &Told| lines(told, &app).into_iter().map(|line| line.replace("waiting", "")).collect::<Vec<_>>();
        let one_check = [format!("case.self_check  {own}")];
        let now = told(&app, began, 40, sealed(db, &app).await).await;
        assert_eq!(checks(&now), one_check);
        assert_eq!(count(&now, &app, counts::DISPATCHED), 0);
        // Where it lies it was reported all the same.
        let reported: u64 = now.counts.iter().filter(|(of, _)| of.compound == Some(app.compound)).filter_map(|(_, counts)| counts.get(counts::REPORTED)).sum();
        assert_eq!(reported, 1);
        assert_eq!(told(&app, began, 40, before).await, asked);
        // To another unit it is found anew.
        step(&app, &clerk, number, "dispatch", &[("unit", &app.other_company.to_string())]).await.expect(303);
        let now = told(&app, began, 40, sealed(db, &app).await).await;
        let theirs: Vec<&str> = now.facts.iter().filter(|fact| fact.of.unit == Some(app.other_company)).map(|fact| fact.fact.kind.as_ref()).collect();
        assert!(theirs.contains(&"case.found"), "{theirs:?}");
        assert_eq!(checks(&now), one_check);
    }

    async fn a_case_of_an_earlier_month_is_told_of_in_the_month_of_its_deadline(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let began = Instant(app.app.world.now().0 - DAY);
        let number = issued(&app, &clerk, &inspector).await;
        let due = instant(&app, number, "due").await;
        // Two periods: the second begins an hour before the deadline.
        let middle = Instant(due - 3_600_000_000);
        let days = (middle.0 - began.0) / DAY;
        let cut = sealed(db, &app).await;
        let span = Span { from: began, to: middle, cut };
        let first = Problems.tell(&app.store, TENANT, span).await.unwrap();
        assert_eq!(lines(&first, &app), [format!("case.found false /cases/{number}")], "{days} days");
        assert_eq!(count(&first, &app, counts::TO_RECTIFY), 0);
        let second = told(&app, middle, 3, cut).await;
        assert_eq!(lines(&second, &app), [format!("case.overdue 3 /cases/{number}")]);
        assert_eq!((count(&second, &app, counts::DISPATCHED), count(&second, &app, counts::TO_RECTIFY)), (0, 1));
        // Asked again when it has ended long since.
        app.app.world.clock.set(Instant(due + 10 * DAY));
        let (inspector, handler) = (app.inspector().await, app.handler_of(app.company).await);
        rectified(&app, &handler, number).await;
        looked_at(&app, &inspector, number, "pass").await;
        assert_eq!(told(&app, middle, 3, cut).await, second, "before what ended it is sealed");
        sealed(db, &app).await;
        assert_eq!(told(&app, middle, 3, cut).await, second);
        assert_eq!(Problems.tell(&app.store, TENANT, span).await.unwrap(), first);
    }

    async fn what_was_late_when_a_hold_stopped_its_clock_is_late_until_then_and_once(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let began = Instant(app.app.world.now().0 - DAY);
        let number = issued(&app, &clerk, &inspector).await;
        app.app.world.clock.set(Instant(instant(&app, number, "due").await + DAY - DAY / 24));
        let (handler, leader) = (app.handler_of(app.company).await, app.person(&[(Role::Leader, Scope::Tenant)]).await);
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        let until = Instant(app.app.world.now().0 + 10 * DAY).to_timestamp().to_zoned_datetime(zone).strftime("%Y-%m-%dT%H:%M").to_string();
        step(&app, &handler, number, "ask_hold", &[("reason", "litigation"), ("due", &until), ("words", "Court")]).await.expect(303);
        step(&app, &leader, number, "grant_hold", &[]).await.expect(303);
        let told = told(&app, began, 12, sealed(db, &app).await).await;
        let at = format!("/cases/{number}");
        assert_eq!(lines(&told, &app), [format!("case.found true {at}"), format!("case.overdue 1 {at}")]);
    }
}
