//! Random walks: whatever people do in whatever order, the register follows from its facts and the counts add up.

use crate::trunk_tests::{app, category, checked};
use access::{Role, Scope};
use kernel::Entropy;
use testkit::{TENANT, TestApp};

/// Stage, version and rework of each case.
async fn register(app: &TestApp) -> Vec<(i64, String, i64, i64, bool)> {
    let query =
        store::Query::from("SELECT number, stage, version, rework, late FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT);
    app.store.query::<(i64, String, i64, i64, bool)>(query.then("ORDER BY number")).await.unwrap()
}

async fn walk(app: &TestApp, seed: u64, steps: usize) {
    let chance = Entropy::seeded(seed);
    let people = [
        app.clerk().await,
        app.inspector().await,
        app.handler_of(app.company).await,
        app.handler_of(app.other_company).await,
        app.person(&[(Role::Community, app.scope(app.community).await)]).await,
        app.person(&[(Role::Leader, Scope::Tenant)]).await,
    ];
    let pick = |n: usize| usize::try_from(chance.below(n as u64)).unwrap_or(0);
    let (places, category) = ([app.compound.to_string(), app.other_community.to_string()], category(app).await);
    let units = [app.company.to_string(), app.other_company.to_string()];
    // What leads on from each stage, and whose it is; every third step is anybody's guess.
    let ways: [(&str, &[(&str, usize)]); 4] = [
        ("reported", &[("file", 0), ("file", 0), ("file", 0), ("file", 0), ("decline", 0)]),
        ("filed", &[("dispatch", 0), ("dispatch", 0), ("dispatch", 0), ("dispatch", 0), ("decline", 0)]),
        (
            "dispatched",
            &[("rectify", 2), ("rectify", 3), ("ask_hand_back", 2), ("accept_hand_back", 0), ("refuse_hand_back", 0), ("urge", 4)],
        ),
        ("rectified", &[("pass", 1), ("fail", 0), ("fail", 1), ("pass", 5)]),
    ];
    for step in 0..steps {
        // Time goes by, so that some are late; not so much that sessions end.
        let clock = &app.app.world.clock;
        clock.set(kernel::Instant(clock.now().0 + i64::try_from(chance.below(1_200_000_000)).unwrap_or(0)));
        let who = &people[pick(people.len())];
        let cases = register(app).await;
        let open = cases.iter().filter(|case| !matches!(case.1.as_str(), "closed" | "declined")).count();
        if cases.is_empty() || (open < 10 && pick(4) == 0) {
            let circulars = crate::issuing::open_circulars(&app.store, TENANT).await.unwrap();
            let circular = circulars.get(pick(2)).map(|circular| circular.id.to_string()).unwrap_or_default();
            if circulars.is_empty() && pick(2) == 0 {
                who.post("/circulars", &[("title", "Round")]).await;
            } else if pick(4) == 0 && !circular.is_empty() {
                who.post(&format!("/circulars/{circular}/issue"), &[]).await;
            } else {
                let (place, photo) = (&places[pick(2)], who.upload(7).await);
                let fields =
                    [("place", place.as_str()), ("category", &category), ("what", "Boxes"), ("circular", &circular), ("photo", &photo)];
                who.post("/report", &fields).await;
            }
        } else {
            let guess = pick(3) == 0 || open == 0;
            let among: Vec<_> = cases.iter().filter(|case| guess || !matches!(case.1.as_str(), "closed" | "declined")).collect();
            let (number, stage, version, ..) = among[pick(among.len())];
            // Sometimes what somebody saw is old.
            let version = if pick(12) == 0 { version - 1 } else { *version }.to_string();
            let ways = ways.iter().find(|(at, _)| !guess && at == stage).map_or(ways[pick(4)].1, |(_, ways)| ways);
            let (name, whose) = ways[pick(ways.len())];
            let who = if guess { who } else { &people[whose] };
            let photo = who.upload(9).await;
            let reason = if name == "decline" { "duplicate" } else { "not_ours" };
            let fields =
                [("version", version.as_str()), ("words", "Said"), ("photo", &photo), ("unit", &units[pick(2)]), ("reason", reason)];
            let answer = who.post(&format!("/cases/{number}/{name}"), &fields).await;
            assert!(
                matches!(answer.status.as_u16(), 303 | 403 | 404 | 409 | 422),
                "seed {seed}, step {step}: {name} answers {}",
                answer.status
            );
        }
        let after = register(app).await;
        for (before, after) in cases.iter().zip(&after) {
            assert!(after.3 >= before.3 && after.2 >= before.2, "seed {seed}, step {step}: {before:?} became {after:?}");
            assert!(!matches!(before.1.as_str(), "closed" | "declined") || before == after, "seed {seed}, step {step}: an end is an end");
            assert!(after.4 || !before.4 || after.1 == "filed", "seed {seed}, step {step}: the first lateness stays");
        }
    }
    assert_eq!(checked(app).await, Vec::<String>::new(), "seed {seed}");
    let ended = register(app).await;
    assert!(ended.iter().any(|case| case.1 == "closed") && ended.iter().any(|case| case.3 > 0), "seed {seed} got nowhere: {ended:?}");
}

store::both_engines! {
    async fn whatever_people_do_the_register_follows_from_its_facts(db: TestDb) {
        let app = app(db).await;
        for seed in [1, 2026] {
            walk(&app, seed, 150).await;
        }
    }
}
