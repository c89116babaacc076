//! A draft of a scheme tried on a month that is over: figures against those reckoned by hand, beside each thing that it may be held
//! against; for whom it is; what is wrong; and that nothing is kept.

use crate::bad_input_tests::{facts, product};
use crate::evaluation_tests::{
    adopted, checked, households, leader, league, local, mended, month_of, on_to_next_month, rounds, scored, sealed,
};
use evaluation::evaluation as months;
use evaluation::league::{LeagueId, MemberId};
use evaluation::samples;
use evaluation::scheme::{Draft, Ranked};
use evaluation::scheme_file::understood;
use rules::{Points, Scheme, Sign, Start};
use territory::{Directory, Level};
use testkit::{TENANT, TestApp};
use web::language::Lang;

/// A draft that begins as the sample for compounds, changed; its address.
async fn drafted(app: &TestApp, change: impl FnOnce(&mut Scheme)) -> String {
    let by = access::Actor::system(TENANT);
    let directory = Directory::load(&app.store, TENANT).await.unwrap();
    let sheet = samples::sheet(Ranked::Compound).unwrap().unwrap();
    let mut scheme = understood(&sheet, &crate::compose::TELLERS.vocabulary(), &directory, Lang::Chinese).unwrap().scheme;
    change(&mut scheme);
    let draft = Draft { by: by.permit(&TENANT).unwrap(), of: None, ranked: Ranked::Compound, name: "Revised".into(), scheme };
    let pass = store::Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: app.app.world.new_id(), body: [0; 32] };
    format!("/schemes/{}", app.store.run(pass, draft).await.unwrap().out)
}

/// What was deducted for dirt is earned by it, from zero: whoever had something to mend is above who had nothing.
fn upside_down(scheme: &mut Scheme) {
    scheme.dimensions[0].start = Start::Zero;
    for row in scheme.rows.iter_mut().filter(|row| row.code == "A2") {
        row.sign = Sign::Award;
    }
}

store::both_engines! {
    async fn a_draft_is_tried_on_a_month_beside_what_stands_and_nothing_is_kept(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader) = (app.clerk().await, leader(&app).await);
        let quiet = app.place(app.community, Level::Compound, "Quiet Court").await;
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        households(&app, quiet, 100).await;
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0), MemberId(quiet.0)]).await;
        rounds(&clerk, &app, &compounds, &[MemberId(app.compound.0), MemberId(quiet.0)]).await;
        let month = month_of(&app);
        mended(&app, 3).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let (clerk, leader) = (app.again(&clerk).await, app.again(&leader).await);
        let draft = drafted(&app, upside_down).await;
        clerk.get(&draft).await.expect(200).has("Try it on last month").lacks("before it is adopted");
        leader.get(&draft).await.expect(200).has("Try it before it is adopted");
        let before = facts(&app).await;
        // Nobody scored the month: beside the draft stands the scheme in force. Three found, two points each, by 400 households and four rounds, are
        // 0.375 off 30, or as much on top of none.
        let shown = leader.get(&format!("{draft}/trial")).await.expect(200).has("was not scored yet").has("nothing is kept");
        let shown = shown.has("99.625").has("70.375").has("-29.25").has("100").has("-30");
        // Its rank is the first now, and the quiet one's the second; both lose their grade.
        let shown = shown.has("up 1").has("down 1").has("The rank of Elm Court moves farthest: 2 → 1");
        // (99.625 + 100) ÷ 2 and (70.375 + 70) ÷ 2, to a hundredth.
        let shown = shown.has("<strong>70.18</strong><span>mean (was 99.81)");
        // The thirty of both, and the row that gives what it took.
        let shown = shown.has("-60").has("+0.75").has("<strong>2</strong><span>fall</span>").has("<strong>0</strong><span>rise</span>");
        shown.has("<strong>2</strong><span>change their grade</span>");
        // A scheme that is as the one in force changes nothing.
        let same = drafted(&app, |_| ()).await;
        leader.get(&format!("{same}/trial")).await.expect(200).has("every score of the month stays").has("<strong>2</strong><span>stay</span>");
        assert_eq!(before + 1, facts(&app).await, "all that was written is the other draft");
        let id: LeagueId = compounds.rsplit('/').next().unwrap().parse().unwrap();
        assert!(months::editions(&app.store, TENANT, id, &month).await.unwrap().is_empty());
        // What was scored is held against as it was kept: a size that changed afterwards changes neither side.
        let made = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        households(&app, app.compound, 4).await;
        let shown = clerk.get(&format!("{draft}/trial?month={month}")).await.expect(200).has("not published yet").has("99.625").has("70.375");
        shown.has(&format!("{made}/units/{}", app.compound));
        leader.post(&format!("{made}/check"), &[("version", "1")]).await.expect(303);
        leader.post(&format!("{made}/publish"), &[("version", "2")]).await.expect(303);
        clerk.get(&format!("{draft}/trial?month={month}&league={id}")).await.expect(200).has("Beside the published evaluation").has("70.375");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn what_cannot_be_tried_says_why_and_what_to_do(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, unit) = (app.clerk().await, leader(&app).await, app.handler_of(app.company).await);
        let draft = drafted(&app, |_| ()).await;
        clerk.get(&format!("{draft}/trial")).await.expect(200).has("There is no league of these yet").has("/t/lsw/leagues");
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        let month = month_of(&app);
        // Its members are in it from this month on, and last month is what is tried.
        clerk.get(&format!("{draft}/trial")).await.expect(409).has("Nobody is in this league in that month").has(&format!("/t/lsw{compounds}"));
        clerk.get(&format!("{draft}/trial?month={month}")).await.expect(422).has("That month is not over");
        clerk.get(&format!("{draft}/trial?month=soon")).await.expect(422).has("such as 2026-03").has("value=\"soon\"");
        clerk.get(&format!("{draft}/trial?league=nobody")).await.expect(422).has("There is no such league");
        clerk.get("/schemes/nothing/trial").await.expect(404);
        // A draft is for those who draft and adopt.
        unit.get(&format!("{draft}/trial")).await.expect(404);
        app.inspector().await.get(&format!("{draft}/trial")).await.expect(403);
        on_to_next_month(&app);
        sealed(&app, db).await;
        let (clerk, leader, unit) = (app.again(&clerk).await, app.again(&leader).await, app.again(&unit).await);
        // Nothing is in force, and nothing was scored: the draft's scores stand alone.
        let shown = clerk.get(&format!("{draft}/trial")).await.expect(200).has("neither scores nor a scheme in force").has("Elm Court");
        shown.has("“households × rounds” is not known").lacks("Row by row");
        let larger = drafted(&app, |scheme| scheme.max = Points::whole(200)).await;
        // A table that is no scheme any more, as a category or a measure is gone.
        db.meddle("UPDATE scheme SET body = REPLACE(body, '\"household_rounds\"', '\"acres\"') WHERE name = 'Revised'").await;
        clerk.get(&format!("{larger}/trial")).await.expect(200).has("has to be mended").has(&format!("/t/lsw{larger}/table")).lacks("name=\"month\"");
        clerk.post(&format!("{draft}/drop"), &[("version", "1")]).await.expect(303);
        clerk.get(&format!("{draft}/trial")).await.expect(409).has("dropped");
        adopted(&app, Ranked::Compound).await;
        let listed = unit.get("/schemes").await.expect(200);
        let scheme = crate::import_tests::between(&listed.text, "/schemes/", "\"").to_owned();
        unit.get(&format!("/schemes/{scheme}")).await.expect(200).lacks("Try it");
        unit.get(&format!("/schemes/{scheme}/trial")).await.expect(403);
        leader.get(&format!("/schemes/{scheme}/trial")).await.expect(409).has("nothing of it changes");
    }
}
