//! Two scores beside each other, through HTTP on both engines: of two units and of two months, against figures reckoned by hand; for
//! whom they are; and the spread that is kept with each.

use crate::bad_input_tests::product;
use crate::evaluation_tests::{
    adopted, checked, households, leader, league, local, mended, month_of, on_to_next_month, rounds, scored, sealed,
};
use access::Role;
use evaluation::evaluation as months;
use evaluation::league::MemberId;
use evaluation::scheme::Ranked;
use territory::Level;
use testkit::TENANT;

store::both_engines! {
    async fn two_units_stand_beside_each_other_line_by_line(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, unit) = (app.clerk().await, leader(&app).await, app.handler_of(app.company).await);
        let community = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
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
        let (clerk, leader, unit) = (app.again(&clerk).await, app.again(&leader).await, app.again(&unit).await);
        let community = app.again(&community).await;
        let made = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        let elm = format!("{made}/units/{}", app.compound);
        // The quiet one is offered on the unit's page, and chosen there.
        clerk.get(&elm).await.expect(200).has("Compare the two").has(&format!("value=\"{quiet}\"")).has("Quiet Court (rank 1)").lacks("Compare the months");
        clerk.get(&format!("{elm}/compare")).await.expect(200).has("Choose what to compare with");
        let shown = clerk.get(&format!("{elm}/compare?with={quiet}")).await.expect(200).has("Elm Court and Quiet Court");
        let shown = shown.has("99.625").has(">100<").has("29.625").has("/ 30").has("3 facts").has(&format!("value=\"{quiet}\" selected"));
        // Three facts of an eighth each: the root of 3 × 0.125² is 0.216, and 0.375 lies within twice that.
        let shown = shown.has("The difference is 0.375; chance alone makes ± 0.2. It is within twice that");
        // Each number opens: after the base and five dimensions the row is the seventh line of one; the other has none, and its dimension opens.
        let shown = shown.has(&format!("/t/lsw{elm}?line=7#line-7")).has(&format!("/t/lsw{made}/units/{quiet}#part-1"));
        // The counts beside each other, and the sizes.
        shown.has("Households").has("<b>400</b>").has("#figures");
        clerk.get(&format!("{elm}?line=7")).await.expect(200).has("id=\"line-7\"").has("<details open>").has("id=\"part-1\"").has("id=\"figures\"");
        clerk.get(&elm).await.expect(200).lacks("<details open>");
        // The other way round the sign turns.
        clerk.get(&format!("{made}/units/{quiet}/compare?with={}", app.compound)).await.expect(200).has("+0.375");
        for wrong in ["with=nobody".to_owned(), format!("with={}", app.company), "month=2020-01".into()] {
            clerk.get(&format!("{elm}/compare?{wrong}")).await.expect(404);
        }
        clerk.get(&format!("{elm}/compare?month=soon")).await.expect(422).has("such as 2026-03");
        // What is not published is for those who evaluate.
        unit.get(&format!("{elm}/compare")).await.expect(404);
        leader.post(&format!("{made}/check"), &[("version", "1")]).await.expect(303);
        leader.post(&format!("{made}/publish"), &[("version", "2")]).await.expect(303);
        // A unit sees its own lines alone, beside nobody's; the community what lies in it, without what is said of chance.
        unit.get(&elm).await.expect(200).lacks("Compare");
        unit.get(&format!("{elm}/compare?with={quiet}")).await.expect(404);
        unit.get(&format!("{made}/units/{quiet}/compare?with={}", app.compound)).await.expect(404);
        community.get(&format!("{elm}/compare?with={quiet}")).await.expect(200).has("99.625").lacks("chance alone");
        app.inspector().await.get(&format!("{elm}/compare?with={quiet}")).await.expect(404);
        // The spread is kept with the score, and what is bent is named; where it was not kept yet nobody is.
        let table = months::table(&app.store, TENANT, made.rsplit('/').next().unwrap().parse().unwrap()).await.unwrap();
        let spreads: Vec<(&str, i64)> = table.iter().map(|standing| (standing.name.as_str(), standing.spread)).collect();
        assert_eq!(spreads, [("Quiet Court", 0), ("Elm Court", 216)]);
        clerk.get(&made).await.expect(200).has("± 0.2").lacks("± 0<");
        assert_eq!(checked(&app).await, Vec::<String>::new());
        db.meddle("UPDATE evaluation_score SET spread = spread + 1").await;
        assert_eq!(checked(&app).await.len(), 1);
        db.meddle("UPDATE evaluation_score SET spread = 0").await;
        assert_eq!(checked(&app).await, Vec::<String>::new());
        clerk.get(&made).await.expect(200).lacks("<span class=\"num\">±");
    }

    async fn one_unit_stands_beside_itself_of_another_month(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, unit) = (app.clerk().await, leader(&app).await, app.handler_of(app.company).await);
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        rounds(&clerk, &app, &compounds, &[MemberId(app.compound.0)]).await;
        let first = month_of(&app);
        mended(&app, 2).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let second = month_of(&app);
        let (clerk, leader) = (app.again(&clerk).await, app.again(&leader).await);
        let one = local(scored(&clerk, &compounds, &first).await.expect(303).location);
        leader.post(&format!("{one}/check"), &[("version", "1")]).await.expect(303);
        leader.post(&format!("{one}/publish"), &[("version", "2")]).await.expect(303);
        on_to_next_month(&app);
        sealed(&app, db).await;
        let (clerk, leader, unit) = (app.again(&clerk).await, app.again(&leader).await, app.again(&unit).await);
        let two = local(scored(&clerk, &compounds, &second).await.expect(303).location);
        let elm = |of: &str| format!("{of}/units/{}", app.compound);
        // Those who evaluate see the draft too; the unit does not learn that there is one.
        clerk.get(&format!("{}/compare?month={second}", elm(&one))).await.expect(200).has("-0.25");
        unit.get(&elm(&one)).await.expect(200).lacks(&format!("value=\"{second}\""));
        unit.get(&format!("{}/compare?month={second}", elm(&one))).await.expect(404);
        leader.post(&format!("{two}/check"), &[("version", "1")]).await.expect(303);
        leader.post(&format!("{two}/publish"), &[("version", "2")]).await.expect(303);
        unit.get(&elm(&two)).await.expect(200).has("Compare the months").has(&format!("value=\"{first}\""));
        // Two found in the first month, an eighth each: the second is a quarter better.
        let shown = unit.get(&format!("{}/compare?month={first}", elm(&two))).await.expect(200).has("99.75").has("+0.25");
        let shown = shown.has(&format!("Elm Court: {second} and {first}")).has(&format!("/t/lsw{}?line=7#line-7", elm(&one)));
        shown.lacks("different schemes").lacks("chance alone");
        // Another unit of the same table is still found by nobody who may not see it.
        unit.get(&format!("{}/compare?month={first}&with={}", elm(&two), app.company)).await.expect(404);
    }
}
