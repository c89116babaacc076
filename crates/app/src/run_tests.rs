//! Runs of an evaluation, through HTTP and from the command line on both engines: who waits lands on what came of it or watches how far
//! it is; one at a time in a league; one that was cut off or failed says so, leaves what stood, and is begun anew.

use crate::bad_input_tests::product;
use crate::console::Console;
use crate::evaluate::{self, Request};
use crate::evaluation_tests::{
    adopted, checked, households, leader, league, local, mended, month_of, on_to_next_month, rounds, scored, sealed,
};
use crate::installation::Installation;
use evaluation::evaluation as months;
use evaluation::league::{LeagueId, MemberId};
use evaluation::run::{self, Begun, REPLACED, RunKind, RunStep};
use evaluation::run_page::Patience;
use evaluation::scheme::Ranked;
use kernel::Code;
use std::time::Duration;
use store::testing::TestDb;
use territory::Level;
use testkit::{Person, TENANT, TestApp};

/// Two compounds in a league whose month is over; its address and the month.
async fn month_to_score(app: &TestApp, db: &TestDb, clerk: &Person<'_>) -> (String, String) {
    let quiet = app.place(app.community, Level::Compound, "Quiet Court").await;
    adopted(app, Ranked::Compound).await;
    households(app, app.compound, 400).await;
    households(app, quiet, 100).await;
    let members = [MemberId(app.compound.0), MemberId(quiet.0)];
    let compounds = league(clerk, app, "Compounds", "compound", &members).await;
    rounds(clerk, app, &compounds, &members).await;
    let month = month_of(app);
    mended(app, 2).await;
    on_to_next_month(app);
    sealed(app, db).await;
    (compounds, month)
}

fn id_of(league: &str) -> LeagueId {
    league.rsplit('/').next().unwrap().parse().unwrap()
}

/// Where the run of a league is watched.
fn watched(league: &str) -> String {
    format!("/evaluation-runs/{}", id_of(league))
}

async fn begun(app: &TestApp, who: &Person<'_>, league: &str, month: &str) -> Begun {
    run::begin(&app.store, TENANT, Some(who.account), id_of(league), month, RunKind::Draft).await.unwrap()
}

/// Waits for the run that goes on by itself; where it led to.
async fn ended(who: &Person<'_>, league: &str) -> String {
    for _ in 0..600 {
        let answer = who.get(&watched(league)).await;
        if let Some(location) = answer.location {
            return local(Some(location));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the run goes on and on");
}

fn place(db: &TestDb) -> Installation {
    let key_file = db.config.data.join("signing.key");
    Installation {
        data: db.config.data.clone(),
        loaded: crate::config::load(&db.config.data, None, &[]).unwrap(),
        store: db.store.clone(),
        attachments: store::attachments::Attachments::open(&db.config.data, db.world.clone(), Default::default()).unwrap(),
        signer: store::journal::Signer::open(&key_file, &db.world).unwrap(),
        key_file,
    }
}

store::both_engines! {
    async fn who_does_not_wait_is_led_to_where_the_run_is_watched(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader) = (app.clerk().await, leader(&app).await);
        let (compounds, month) = month_to_score(&app, db, &clerk).await;
        let (clerk, leader) = (app.again(&clerk).await, app.again(&leader).await);
        let inspector = app.inspector().await;
        clerk.get(&watched(&compounds)).await.expect(404);
        // Quick as this one is, it lands on the draft, and nothing is left to watch.
        let draft = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        assert!(draft.starts_with("/evaluations/"), "{draft}");
        clerk.get(&watched(&compounds)).await.expect(404);
        // Who has no patience is led to where it is watched; from there it goes on to the draft, and says so.
        app.app.get::<Patience>().set(0);
        let there = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        assert_eq!(there, watched(&compounds));
        assert_eq!(ended(&clerk, &compounds).await, draft);
        let part = clerk.get(&format!("{there}?part=true")).await.expect(200);
        assert_eq!(part.headers.get("hx-redirect").unwrap(), &format!("/t/lsw{draft}"));
        assert!(part.text.is_empty() && part.location.is_none());
        inspector.get(&there).await.expect(403);
        // The same for those who check and publish it.
        let version = "2";
        let there = leader.post(&format!("{draft}/check"), &[("version", version)]).await.expect(303).location;
        assert_eq!(local(there), watched(&compounds));
        assert_eq!(ended(&leader, &compounds).await, draft);
        leader.get(&draft).await.expect(200).has("Checked");
        let there = leader.post(&format!("{draft}/publish"), &[("version", "3")]).await.expect(303).location;
        assert_eq!(local(there), watched(&compounds));
        assert_eq!(ended(&leader, &compounds).await, draft);
        inspector.get(&draft).await.expect(200).has("Published");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_league_has_one_run_at_a_time_and_one_that_was_cut_off_is_begun_anew(db: TestDb) {
        let app = product(db).await;
        let clerk = app.clerk().await;
        let (compounds, month) = month_to_score(&app, db, &clerk).await;
        let clerk = app.again(&clerk).await;
        let draft = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        let other = app.clerk().await;
        // Somebody's run is in the middle of its units.
        let one = begun(&app, &clerk, &compounds, &month).await;
        one.progress.enters(RunStep::Score, 200);
        (0..50).for_each(|_| one.progress.one_more());
        let (held, progress) = (one.id, one.progress.clone());
        let first = tokio::spawn(one.through(std::future::pending()));
        let mut shown = clerk.get(&watched(&compounds)).await.expect(200);
        for _ in 0..100 {
            if shown.text.contains("50 / 200") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            shown = clerk.get(&watched(&compounds)).await.expect(200);
        }
        let shown = shown.has("50 / 200").has("Scoring unit by unit").has("width=\"250\"").has("http-equiv=\"refresh\"");
        shown.has("hx-trigger=\"every 1s\"").lacks("type=\"submit\">Score");
        let part = clerk.get(&format!("{}?part=true", watched(&compounds))).await.expect(200).has("50 / 200");
        assert!(part.text.starts_with("<div"), "{}", part.text);
        // The list and the table that it is about say so too.
        clerk.get("/evaluations").await.expect(200).has("50 / 200");
        clerk.get(&draft).await.expect(200).has("50 / 200");
        // A second one is told whose it is, and nothing else happens; nor is the month checked meanwhile.
        let there = local(scored(&other, &compounds, &month).await.expect(303).location);
        other.get(&there).await.expect(200).has("Somebody began this before").has("begun by ");
        assert_eq!(run::latest(&app.store, TENANT, id_of(&compounds)).await.unwrap().unwrap().id, held);
        let console = Console::new(web::Lang::English);
        let request = |league: &str, check| Request { tenant: "lsw".into(), league: league.into(), month: month.clone(), check };
        let refused = evaluate::run(&place(db), &console, &request("Compounds", false)).await.unwrap_err();
        assert_eq!(refused.code(), run::GOING.name);

        // Its program falls: after a while nobody takes it for going on, what stood stands, and it is begun anew.
        first.abort();
        drop(progress);
        app.app.world.clock.advance_seconds(31);
        let shown = clerk.get(&watched(&compounds)).await.expect(200).has("cut off in the middle").has("Score ");
        shown.lacks("hx-trigger").lacks("http-equiv=\"refresh\"");
        clerk.get("/evaluations").await.expect(200).has("cut off in the middle");
        clerk.get(&draft).await.expect(200).has("cut off in the middle");
        assert_eq!(local(scored(&other, &compounds, &month).await.expect(303).location), draft);
        clerk.get(&draft).await.expect(200).lacks("cut off in the middle");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn what_failed_says_why_and_one_that_was_replaced_gives_up(db: TestDb) {
        let app = product(db).await;
        let clerk = app.clerk().await;
        let (compounds, month) = month_to_score(&app, db, &clerk).await;
        let clerk = app.again(&clerk).await;
        let draft = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        let digest = months::editions(&app.store, TENANT, id_of(&compounds), &month).await.unwrap()[0].digest.clone();
        let fails = async |code: Code| {
            let one = begun(&app, &clerk, &compounds, &month).await;
            one.through(async { Err(code.err()) }).await.unwrap_err();
        };
        fails(months::NOTHING_NEW).await;
        clerk.get(&watched(&compounds)).await.expect(200).has("Reckoned anew it is what was published").has("The draft from before is as it was");
        fails(kernel::error::INTERNAL).await;
        clerk.get(&draft).await.expect(200).has("The draft from before is as it was");
        // A wrong month is said at once, and leaves nothing to be said again.
        let this = month_of(&app);
        scored(&clerk, &compounds, &this).await.expect(422).has("not over");
        clerk.get(&watched(&compounds)).await.expect(404);
        assert_eq!(months::editions(&app.store, TENANT, id_of(&compounds), &month).await.unwrap()[0].digest, digest);

        // Silent for too long, as its program stood still: it finds that another one was begun, and gives up.
        let slow = begun(&app, &clerk, &compounds, &month).await;
        app.app.world.clock.advance_seconds(31);
        let next = begun(&app, &clerk, &compounds, &month).await;
        let gave_up = tokio::time::timeout(Duration::from_secs(20), slow.through(std::future::pending())).await.unwrap();
        assert!(gave_up.unwrap_err().is(REPLACED));
        // How the first ended is not the second's end.
        let id = months::editions(&app.store, TENANT, id_of(&compounds), &month).await.unwrap()[0].id;
        assert_eq!(run::latest(&app.store, TENANT, id_of(&compounds)).await.unwrap().unwrap().state, run::RunState::Going);
        next.through(async { Ok(id) }).await.unwrap();
        assert_eq!(ended(&clerk, &compounds).await, draft);
    }

    async fn the_command_line_scores_a_month_and_finds_what_was_bent(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader) = (app.clerk().await, leader(&app).await);
        let (compounds, month) = month_to_score(&app, db, &clerk).await;
        let (clerk, leader) = (app.again(&clerk).await, app.again(&leader).await);
        let (place, console) = (place(db), Console::new(web::Lang::English));
        let request = |league: &str, check| Request { tenant: "lsw".into(), league: league.into(), month: month.clone(), check };
        let code = async |request: Request| evaluate::run(&place, &console, &request).await.unwrap_err().code().to_owned();
        assert_eq!(code(request("Nobody", false)).await, evaluate::NO_LEAGUE.name);
        assert_eq!(code(request("Compounds", true)).await, evaluate::NOTHING_KEPT.name);
        assert_eq!(code(Request { tenant: "nowhere".into(), ..request("Compounds", false) }).await, "tenant.unknown");
        let open = Request { month: month_of(&app), ..request("Compounds", false) };
        assert_eq!(evaluate::run(&place, &console, &open).await.unwrap_err().field_errors()[0].code, "evaluation.month_open");
        clerk.get(&watched(&compounds)).await.expect(200).has("That month is not over").has("the system (command line)");

        // By name or id; it is nobody's draft, and people check and publish it.
        assert!(evaluate::run(&place, &console, &request("Compounds", false)).await.unwrap());
        assert!(evaluate::run(&place, &console, &request(&id_of(&compounds).to_string(), false)).await.unwrap());
        let one = months::editions(&app.store, TENANT, id_of(&compounds), &month).await.unwrap().remove(0);
        assert_eq!((one.draft, one.drafted_by, one.units), (2, None, 2));
        let draft = format!("/evaluations/{}", one.id);
        clerk.post(&format!("{draft}/check"), &[("version", "2")]).await.expect(303);
        leader.post(&format!("{draft}/publish"), &[("version", "3")]).await.expect(303);
        assert!(evaluate::run(&place, &console, &request("Compounds", true)).await.unwrap());
        // Nothing has changed since, so that another edition would be the same.
        assert_eq!(code(request("Compounds", false)).await, months::NOTHING_NEW.name);

        // One figure bent in the table is found.
        db.meddle("UPDATE evaluation_score SET total = total + 1").await;
        assert!(!evaluate::run(&place, &console, &request("Compounds", true)).await.unwrap());
    }
}
