//! What follows from results, through HTTP on both engines: a leader sets rules, publishing proposes, a leader confirms or drops, and a
//! corrected edition shows what does not hold any more.

use crate::bad_input_tests::product;
use crate::evaluation_tests::{adopted, households, leader, league, local, mended, month_of, on_to_next_month, rounds, sealed};
use crate::kept_tests::{days_from, link, publish, today};
use evaluation::league::MemberId;
use evaluation::scheme::Ranked;
use store::testing::TestDb;
use testkit::{Answer, Person, TENANT, TestApp};

/// What `verify` says of rules and consequences, one line a finding.
async fn checked(app: &TestApp) -> Vec<String> {
    let mut report = store::journal::Report::new(TENANT);
    store::journal::StateCheck::check(&evaluation::consequence_check::Consequences, &app.store, TENANT, &mut report).await.unwrap();
    report.findings.iter().map(ToString::to_string).collect()
}

/// A rule for compounds whose total is under so many points.
async fn under(who: &Person<'_>, month: &str, points: &str, kind: &str, name: &str) -> Answer {
    let fields = [
        ("ranked", "compound"),
        ("ground", "under"),
        ("points", points),
        ("months", "1"),
        ("kind", kind),
        ("name", name),
        ("days", "10"),
        ("from_month", month),
    ];
    who.post("/consequences/rules", &fields).await
}

/// A league of the one compound, in which two problems are found at it: 100 less 2 × 2 × 100 ÷ (400 × 4) = 99.75.
async fn month_with_two(app: &TestApp) -> (String, String) {
    let clerk = app.clerk().await;
    adopted(app, Ranked::Compound).await;
    households(app, app.compound, 400).await;
    let compounds = league(&clerk, app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
    rounds(&clerk, app, &compounds, &[MemberId(app.compound.0)]).await;
    mended(app, 2).await;
    (compounds, month_of(app))
}

async fn over(app: &TestApp, db: &TestDb) {
    on_to_next_month(app);
    sealed(app, db).await;
}

store::both_engines! {
    async fn what_was_proposed_falls_with_the_score_that_an_appeal_corrects(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, unit) = (app.clerk().await, leader(&app).await, app.handler_of(app.company).await);
        let (compounds, month) = month_with_two(&app).await;
        leader.get("/consequences").await.expect(200).has("No rule is set");
        unit.get("/consequences").await.expect(200).has("No rule is set");
        under(&clerk, &month, "99.8", "yellow_card", "Yellow card").await.expect(403);
        unit.get("/consequences/rules").await.expect(200).lacks("Set a rule");
        under(&leader, &month, "many", "yellow_card", "Yellow card").await.expect(422).has("Enter points").has("value=\"many\"");
        under(&leader, "2020-01", "99.8", "yellow_card", "Yellow card").await.expect(422).has("this month or a later one");
        under(&leader, "soon", "99.8", "yellow_card", "Yellow card").await.expect(422);
        under(&leader, &month, "99.8", "shame", "Yellow card").await.expect(422).has("Choose a kind");
        under(&leader, &month, "99.8", "yellow_card", " ").await.expect(422).has("A name is needed");
        let grade = |grade| vec![("ranked", "compound"), ("ground", "grade"), ("grade", grade), ("months", "13"), ("kind", "talk"), ("name", "Talk"), ("days", "10"), ("from_month", month.as_str())];
        leader.post("/consequences/rules", &grade("Splendid")).await.expect(422).has("as the scheme names it").has("Splendid");
        leader.post("/consequences/rules", &grade("一般")).await.expect(422).has("from 1 to 12");
        under(&leader, &month, "99.8", "yellow_card", "Yellow card").await.expect(303);
        under(&leader, &month, "60", "red_card", "Red card").await.expect(303);
        unit.get("/consequences/rules").await.expect(200).has("Yellow card").has("Total under 99.8").lacks(">End<");
        over(&app, db).await;
        let (clerk, leader, unit) = (app.again(&clerk).await, app.again(&leader).await, app.again(&unit).await);
        let first = publish(&app, &clerk, &leader, &compounds, &month).await;
        let shown = leader.get("/consequences").await.expect(200).has("Yellow card").has("Elm Court").lacks("Red card");
        let one = link(&shown, "/consequences/0");
        leader.get(&first).await.expect(200).has("Yellow card").has("Proposed");
        // What is only proposed is nobody's but theirs who evaluate.
        unit.get("/consequences").await.expect(200).lacks("Elm Court");
        unit.get("/consequences?state=proposed").await.expect(200).lacks("Elm Court");
        unit.get(&one).await.expect(404);
        let score = format!("{first}/units/{}", app.compound);
        let shown = unit.get(&score).await.expect(200).has("99.75").lacks("Yellow card");
        leader.get(&one).await.expect(200).has("99.75").has("The unit may appeal");
        clerk.get(&one).await.expect(200).lacks("Confirm or drop");
        // While an appeal waits, nothing is confirmed.
        let ask = link(&shown, &format!("{score}/appeal?line=A2"));
        let facts = unit.get(&ask).await.expect(200);
        let fact = facts.text.split("name=\"fact\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let appeal = local(unit.post(&format!("{score}/appeal"), &[("line", "A2"), ("fact", &fact), ("words", "The road's")]).await.expect(303).location);
        leader.post(&format!("{one}/confirm"), &[("version", "1"), ("words", "As agreed")]).await.expect(409).has("An appeal against this score waits").has("As agreed");
        clerk.post(&format!("{appeal}/advise"), &[("version", "1"), ("end", "upheld"), ("words", "So it is")]).await.expect(303);
        leader.post(&format!("{appeal}/decide"), &[("version", "2"), ("end", "upheld"), ("words", "So it is")]).await.expect(303);
        sealed(&app, db).await;
        publish(&app, &clerk, &leader, &compounds, &month).await;
        // 99.875 is not under 99.8 any more.
        leader.get("/consequences").await.expect(200).has("no longer met");
        leader.get(&one).await.expect(200).has("99.875").has("rule is not met any more").lacks(">Confirm<");
        leader.post(&format!("{one}/confirm"), &[("version", "1"), ("words", "All the same")]).await.expect(409).has("can only be dropped");
        leader.post(&format!("{one}/drop"), &[("version", "1"), ("words", "")]).await.expect(422).has("Say why");
        clerk.post(&format!("{one}/drop"), &[("version", "1"), ("words", "Corrected")]).await.expect(403);
        leader.post(&format!("{one}/drop"), &[("version", "1"), ("words", "Corrected")]).await.expect(303);
        leader.post(&format!("{one}/confirm"), &[("version", "2"), ("words", "After all")]).await.expect(409).has("does not wait for that");
        leader.get("/consequences?state=dropped").await.expect(200).has("Elm Court").lacks("no longer met");
        unit.get(&one).await.expect(404);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn what_is_confirmed_is_done_and_seen_by_the_unit_alone(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, unit) = (app.clerk().await, leader(&app).await, app.handler_of(app.company).await);
        let (stranger, inspector) = (app.handler_of(app.other_company).await, app.inspector().await);
        let own = app.person(&[(access::Role::Community, app.scope(app.community).await)]).await;
        let (compounds, month) = month_with_two(&app).await;
        inspector.get("/consequences").await.expect(403);
        under(&leader, &month, "99.8", "talk", "Talk with the head").await.expect(303);
        under(&leader, &month, "99.9", "credit_file", "Never").await.expect(303);
        // The rule that was set last is ended before anything is published: it proposes nothing.
        let rules = leader.get("/consequences/rules").await.expect(200);
        let line = rules.text.split("<tr>").find(|line| line.contains("Never")).unwrap();
        let end = crate::import_tests::between(line, "action=\"/t/lsw", "\"");
        clerk.post(end, &[]).await.expect(403);
        leader.post(end, &[]).await.expect(303);
        leader.post(end, &[]).await.expect(409).has("ended already");
        over(&app, db).await;
        let (clerk, leader, unit) = (app.again(&clerk).await, app.again(&leader).await, app.again(&unit).await);
        let (stranger, own) = (app.again(&stranger).await, app.again(&own).await);
        let made = publish(&app, &clerk, &leader, &compounds, &month).await;
        let one = link(&leader.get("/consequences").await.expect(200).has("Talk with the head").lacks("Never"), "/consequences/0");
        let (other, fields) = (crate::evaluation_tests::leader(&app).await, [("version", "1"), ("words", "As agreed")]);
        let address = format!("{one}/confirm");
        let (a, b) = tokio::join!(leader.post(&address, &fields), other.post(&address, &fields));
        let mut answers = [a.status.as_u16(), b.status.as_u16()];
        answers.sort_unstable();
        assert_eq!(answers, [303, 409], "two leaders confirm it once");
        // Whom it concerns sees it, and not who decided.
        unit.get("/consequences").await.expect(200).has("Talk with the head");
        unit.get(&one).await.expect(200).has("As agreed").has("to be done by").lacks("Say that it is done");
        unit.get(&format!("{made}/units/{}", app.compound)).await.expect(200).has("Talk with the head");
        own.get("/consequences").await.expect(200).has("Talk with the head");
        stranger.get("/consequences").await.expect(200).lacks("Talk with the head");
        stranger.get(&one).await.expect(404);
        unit.post(&format!("{one}/done"), &[("version", "2"), ("words", "Talked"), ("day", &today(&app).to_string())]).await.expect(403);
        let tomorrow = days_from(today(&app), 1);
        clerk.post(&format!("{one}/done"), &[("version", "2"), ("words", "Talked"), ("day", &tomorrow)]).await.expect(422).has("between its confirmation").has("Talked");
        clerk.post(&format!("{one}/done"), &[("version", "1"), ("words", "Talked"), ("day", &today(&app).to_string())]).await.expect(409).has("just dealt with");
        // After its days it is overdue, until it is done.
        app.app.world.clock.set(kernel::Instant(app.app.world.now().0 + 11 * 86_400_000_000));
        let (clerk, leader, unit) = (app.again(&clerk).await, app.again(&leader).await, app.again(&unit).await);
        clerk.get("/consequences?state=confirmed").await.expect(200).has("Overdue");
        clerk.post(&format!("{one}/done"), &[("version", "2"), ("words", "Talked"), ("day", &today(&app).to_string())]).await.expect(303);
        unit.get(&one).await.expect(200).has("Talked").has("Done");
        clerk.post(&format!("{one}/withdraw"), &[("version", "3"), ("words", "Wrong")]).await.expect(403);
        leader.post(&format!("{one}/withdraw"), &[("version", "3"), ("words", "The count was wrong")]).await.expect(303);
        unit.get("/consequences?state=withdrawn").await.expect(200).has("Talk with the head");
        unit.get(&one).await.expect(200).has("The count was wrong");
        leader.post(&format!("{one}/dance"), &[("version", "4"), ("words", "No")]).await.expect(404);
        assert_eq!(checked(&app).await, Vec::<String>::new());
        db.meddle("UPDATE consequence SET state = 'done'").await;
        db.meddle("UPDATE consequence_rule SET days = 99 WHERE kind = 'talk'").await;
        assert_eq!(checked(&app).await.len(), 2);
    }
}
