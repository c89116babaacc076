//! What is kept beside evaluations, through HTTP on both engines: entries by hand, the improvement list, appeals against scores; and
//! what each of them makes of a score.

use crate::bad_input_tests::product;
use crate::evaluation_tests::{
    adopted, checked, households, leader, league, local, mended, month_of, on_to_next_month, rounds, scored, sealed,
};
use crate::import_tests::upload_with;
use access::{Role, Scope};
use evaluation::appeal::AppealEnd;
use evaluation::bundle::Bundle;
use evaluation::bundle_check::{check, struck_as_decided, what};
use evaluation::facts::ScoreAppealDecided;
use evaluation::league::MemberId;
use evaluation::scheme::Ranked;
use territory::Level;
use testkit::{Person, TestApp};

pub(crate) fn today(app: &TestApp) -> jiff::civil::Date {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    app.app.world.now().to_timestamp().to_zoned_datetime(zone).date()
}

pub(crate) fn days_from(day: jiff::civil::Date, days: i64) -> String {
    day.checked_add(jiff::Span::new().days(days)).unwrap().to_string()
}

/// The address behind the last link that begins so.
pub(crate) fn link(page: &testkit::Answer, begin: &str) -> String {
    let found = page.text.split("href=\"/t/lsw").filter_map(|rest| rest.split('"').next()).find(|href| href.starts_with(begin));
    found.unwrap_or_else(|| panic!("no link {begin}")).replace("&amp;", "&").replace("&#38;", "&")
}

pub(crate) async fn publish(app: &TestApp, clerk: &Person<'_>, leader: &Person<'_>, league: &str, month: &str) -> String {
    let made = local(scored(clerk, league, month).await.expect(303).location);
    let id = made.rsplit('/').next().unwrap().parse().unwrap();
    let version = async || evaluation::evaluation::find(&app.store, testkit::TENANT, id).await.unwrap().version.to_string();
    leader.post(&format!("{made}/check"), &[("version", &version().await)]).await.expect(303);
    leader.post(&format!("{made}/publish"), &[("version", &version().await)]).await.expect(303);
    made
}

/// The proof of a corrected score holds, with the decision of the appeal that struck something from it, and does not without.
fn proof_shows_why_it_was_struck(bytes: &[u8]) {
    let vocabulary = crate::compose::TELLERS.vocabulary();
    let held = |bundle: &Bundle| check(kernel::canonical::to_canonical(bundle).unwrap().as_bytes(), None, &vocabulary);
    let good: Bundle = serde_json::from_slice(bytes).unwrap();
    let shown = held(&good).unwrap();
    assert_eq!((shown.edition, shown.score.struck.len()), (2, 1));
    let at = good.facts.iter().position(|proven| proven.fact.kind == "score_appeal.decided").unwrap();
    let decided: ScoreAppealDecided = serde_json::from_str(&good.facts[at].fact.data).unwrap();
    let mut other = good.clone();
    other.facts.remove(at);
    assert_eq!(held(&other).unwrap_err().what, what::MISSING);
    let struck = &shown.score.struck[0];
    let agree = |decided: &ScoreAppealDecided| struck_as_decided(&good.evaluation, &shown.score, struck, decided);
    agree(&decided).unwrap();
    let bends: [fn(&mut ScoreAppealDecided); 5] = [
        |decided| decided.end = AppealEnd::Refused,
        |decided| decided.line = "A1".into(),
        |decided| decided.month = "2020-01".into(),
        |decided| decided.facts.clear(),
        |decided| decided.facts = vec!["case.found:other".into()],
    ];
    for bend in bends {
        let mut other: ScoreAppealDecided = serde_json::from_str(&good.facts[at].fact.data).unwrap();
        bend(&mut other);
        assert_eq!(agree(&other).unwrap_err().what, what::STRUCK, "{}", other.line);
    }
}

store::both_engines! {
    async fn a_survey_comes_by_a_sheet_that_is_looked_through_before_it_is_entered(db: TestDb) {
        let app = product(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let other = app.place(app.community, Level::Compound, "Oak Court").await;
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0), MemberId(other.0)]).await;
        let id = compounds.rsplit('/').next().unwrap();
        let month = month_of(&app);
        let asked = format!("/entries/survey.xlsx?month={month}&league={id}");
        inspector.get(&asked).await.expect(403);
        let empty = clerk.get(&asked).await.expect(200);
        let tables = territory::sheets::read(&empty.bytes).unwrap();
        let names: Vec<&str> = tables[0].rows.iter().skip(1).map(|row| row.cells[0].as_str()).collect();
        assert_eq!(names, ["Elm Court", "Oak Court"]);
        let fields = [("kind", "survey"), ("month", month.as_str()), ("league", id)];
        let send = async |file: &str| upload_with(&clerk, "/entries/import", &fields, file.as_bytes()).await;
        upload_with(&inspector, "/entries/import", &fields, b"x").await.expect(403);
        send("").await.expect(422).has("a heading needs");
        send("Name,Asked\nElm Court,3\n").await.expect(422).has("a heading needs");
        send("评价对象,调查户数,满意户数\nElm Court,,\n").await.expect(422).has("a heading needs");
        // Each cell that is wrong is named, and nothing stands in the form.
        let wrong = "A survey,,\n评价对象,调查户数,满意户数\nElm Court,10,11\nElm Court,many,1\nAsh Court,3,3\nOak Court,0,0\n";
        let shown = send(wrong).await.expect(422);
        let shown = shown.has("C3: “11” content is more").has("A4: “Elm Court” stands there twice").has("B4: “many” is no whole number");
        shown.has("A5: nobody called “Ash Court”").has("B6: “0” is no whole number").lacks("value=\"11\"");
        // What can be read stands in the form, and is not entered before somebody says so.
        send("评价对象,调查户数,满意户数\n elm  court ,４０,30\nOak Court,,\n").await.expect(200).has("1 lines were read").has("value=\"４０\"").has("value=\"30\"");
        clerk.get("/entries?kind=survey").await.expect(200).has("Nothing was entered");
        send(&"评价对象,调查户数,满意户数\n".replace("评价对象", "x")).await.expect(422);
    }

    async fn whatever_has_a_boundary_is_scored_with_its_area(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader) = (app.clerk().await, leader(&app).await);
        adopted(&app, Ranked::Compound).await;
        let directory = territory::Directory::load(&app.store, testkit::TENANT).await.unwrap();
        let name = directory.place(app.compound).unwrap().name.clone();
        let ring = "[120.1,35.9],[120.11,35.9],[120.11,35.91],[120.1,35.91],[120.1,35.9]";
        let text = format!(r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"name":"{name}"}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}]}}"#);
        let file = territory::polygons::PolygonFile::read(text.as_bytes(), kernel::coordinates::Datum::Cgcs2000, &directory).unwrap();
        assert!(file.rejected.is_empty());
        let by = access::Actor::system(testkit::TENANT).permit::<territory::ManageTerritory>(&testkit::TENANT).unwrap();
        let pass = store::Pass { tenant: testkit::TENANT, actor: None, on_behalf_of: None, id: app.app.world.new_id(), body: [0; 32] };
        app.store.run(pass, territory::polygons::ImportPolygons { by, file }).await.unwrap();
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        let month = month_of(&app);
        rounds(&app.inspector().await, &app, &compounds, &[MemberId(app.compound.0)]).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let (clerk, leader) = (app.again(&clerk).await, app.again(&leader).await);
        let made = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        // A hundredth of a degree is 1,112 m north and 901 m east here.
        leader.get(&format!("{made}/units/{}", app.compound)).await.expect(200).has("Area (m²)").has("<dd class=\"num\">1001");
    }

    async fn what_is_entered_by_hand_counts_and_a_high_item_takes_two_people(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, inspector, unit) = (app.clerk().await, leader(&app).await, app.inspector().await, app.handler_of(app.company).await);
        let stranger = app.handler_of(app.other_company).await;
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        let elm = app.compound.to_string();
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        let id = compounds.rsplit('/').next().unwrap();
        let (month, day) = (month_of(&app), today(&app).to_string());
        unit.get("/entries").await.expect(403);
        inspector.get("/entries").await.expect(200).has("Nothing was entered").has("0 this month");
        // Rounds are the inspectors'; figures are not.
        inspector.post("/entries", &[("kind", "round"), ("league", id), ("day", &day), ("member", &elm)]).await.expect(303);
        inspector.post("/entries", &[("kind", "survey"), ("league", id), ("day", &day), ("member", &elm), ("asked", "1"), ("content", "1")]).await.expect(403);
        inspector.post("/entries", &[("kind", "round"), ("league", id), ("day", &day)]).await.expect(422).has("Choose somebody");
        inspector.post("/entries", &[("kind", "round"), ("league", id), ("day", &days_from(today(&app), 1)), ("member", &elm)]).await.expect(422).has("today or a day");
        inspector.post("/entries", &[("kind", "round"), ("league", id), ("day", "soon"), ("member", &elm)]).await.expect(422);
        let nobody = app.company.to_string();
        inspector.post("/entries", &[("kind", "round"), ("league", id), ("day", &day), ("member", &nobody)]).await.expect(422).has("Choose somebody");
        let survey = |asked, content| vec![("kind", "survey"), ("league", id), ("day", day.as_str()), ("member", elm.as_str()), ("asked", asked), ("content", content), ("words", "At the door")];
        clerk.post("/entries", &survey("10", "11")).await.expect(422).has("Elm Court: enter whole numbers").has("value=\"11\"").has("At the door");
        clerk.post("/entries", &survey("many", "1")).await.expect(422).has("value=\"many\"");
        clerk.post("/entries", &survey("", "")).await.expect(422).has("Choose somebody");
        // Forty asked and thirty content: a quarter is not, of twenty points.
        clerk.post("/entries", &survey("４０", "30")).await.expect(303);
        clerk.get("/entries?kind=survey").await.expect(200).has("40 asked, 30 content");
        // An item needs its row, points within the row's, a reason and evidence; from three points on it takes two people.
        clerk.get("/entries?kind=item").await.expect(200).has("C3");
        let photo = clerk.upload(3).await;
        let item = |points: &'static str, photo: &str| vec![("kind", "item".to_owned()), ("league", id.to_owned()), ("day", day.clone()), ("member", elm.clone()), ("item", "C3".to_owned()), ("points", points.to_owned()), ("words", "Decided".to_owned()), ("photo", photo.to_owned())];
        let post = async |who: &Person<'_>, fields: Vec<(&'static str, String)>| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).filter(|(_, value)| !value.is_empty()).collect();
            who.post("/entries", &fields).await
        };
        post(&clerk, item("9", &photo)).await.expect(422).has("within what the row takes").has("Decided");
        post(&clerk, item("-1", &photo)).await.expect(422);
        post(&clerk, item("4", "")).await.expect(422).has("photos as evidence");
        post(&clerk, item("4", &photo)).await.expect(303);
        let entry = link(&clerk.get("/entries?kind=item").await.expect(200).has("Waits for a second person"), "/entries/0");
        clerk.get(&entry).await.expect(200).has("another person").lacks(">Confirm<");
        clerk.post(&format!("{entry}/confirm"), &[("version", "1")]).await.expect(409).has("Somebody else confirms");
        clerk.post(&format!("{entry}/withdraw"), &[("version", "1"), ("words", "")]).await.expect(422).has("Say why");
        // Whom it concerns sees it, and the evidence; another unit does not.
        let shown = unit.get(&entry).await.expect(200).has("Decided").lacks(">Confirm<");
        let evidence = link(&shown, &format!("{entry}/photos/"));
        unit.get(&evidence).await.expect(200);
        unit.get(&format!("{evidence}/thumb")).await.expect(200);
        stranger.get(&entry).await.expect(404);
        stranger.get(&evidence).await.expect(404);
        let photo = clerk.upload(4).await;
        post(&clerk, item("1", &photo)).await.expect(303);
        clerk.get("/entries?kind=item").await.expect(200).has("Stands");
        leader.post("/entries/settings", &[("version", "0"), ("two_from", "0"), ("appeal_days", "5")]).await.expect(422).has("above zero");
        clerk.post("/entries/settings", &[("version", "0"), ("two_from", "1"), ("appeal_days", "5")]).await.expect(403);
        leader.post("/entries/settings", &[("version", "0"), ("two_from", "1"), ("appeal_days", "9")]).await.expect(303);
        leader.post("/entries/settings", &[("version", "0"), ("two_from", "1"), ("appeal_days", "9")]).await.expect(409).has("just changed");
        mended(&app, 1).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let (clerk, leader) = (app.again(&clerk).await, app.again(&leader).await);
        let made = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        let score = format!("{made}/units/{elm}");
        // One found by one round: 2 × 100 ÷ 400 = 0.5. A quarter of twenty is five. Of the items the small one stands alone.
        clerk.get(&score).await.expect(200).has("-0.5<").has("-5<").has("-1<").lacks("-4<").has("residents asked").has("household");
        leader.post(&format!("{entry}/confirm"), &[("version", "1")]).await.expect(303);
        sealed(&app, db).await;
        scored(&clerk, &compounds, &month).await.expect(303);
        clerk.get(&score).await.expect(200).has("-5<").has("2 facts");
        // Why it counted says its points, and what is withdrawn counts no more.
        leader.post(&format!("{entry}/withdraw"), &[("version", "2"), ("words", "Wrong place")]).await.expect(303);
        leader.post(&format!("{entry}/withdraw"), &[("version", "3"), ("words", "Wrong place")]).await.expect(409).has("withdrawn already");
        assert_eq!(checked(&app).await, Vec::<String>::new(), "the draft is reckoned anew as it was");
        sealed(&app, db).await;
        scored(&clerk, &compounds, &month).await.expect(303);
        clerk.get(&score).await.expect(200).has("-1<");
        assert_eq!(checked(&app).await, Vec::<String>::new());
        db.meddle("UPDATE entry SET content = 40 WHERE kind = 'survey'").await;
        assert_eq!(checked(&app).await.len(), 1);
    }

    async fn whoever_was_not_looked_at_is_not_compared(db: TestDb) {
        let app = product(db).await;
        let clerk = app.clerk().await;
        let quiet = app.place(app.community, Level::Compound, "Quiet Court").await;
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        households(&app, quiet, 400).await;
        let members = [MemberId(app.compound.0), MemberId(quiet.0)];
        let compounds = league(&clerk, &app, "Compounds", "compound", &members).await;
        rounds(&clerk, &app, &compounds, &members[..1]).await;
        // The list says who is behind before the month is over.
        clerk.get("/entries").await.expect(200).has("4 this month").has("4 fewer");
        let month = month_of(&app);
        mended(&app, 1).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let clerk = app.again(&clerk).await;
        let made = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        clerk.get(&made).await.expect(200).has("not ranked: 1");
        clerk.get(&format!("{made}/units/{quiet}")).await.expect(200).has("households × rounds");
    }

    async fn who_is_to_be_lifted_has_a_plan_whose_progress_counts(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, unit) = (app.clerk().await, leader(&app).await, app.handler_of(app.company).await);
        let stranger = app.handler_of(app.other_company).await;
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        let member = format!("compound:{}", app.compound);
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        rounds(&clerk, &app, &compounds, &[MemberId(app.compound.0)]).await;
        unit.post("/improvements", &[("member", &member), ("why", "Low")]).await.expect(403);
        clerk.get("/improvements").await.expect(200).has("Nobody is on the list").has("Elm Court");
        clerk.post("/improvements", &[("member", "compound:x"), ("why", "Low")]).await.expect(422).has("in a league").has("Low");
        clerk.post("/improvements", &[("member", &member), ("why", " ")]).await.expect(422).has("Say it in words");
        let one = local(clerk.post("/improvements", &[("member", &member), ("why", "Last three months")]).await.expect(303).location);
        clerk.post("/improvements", &[("member", &member), ("why", "Again")]).await.expect(409).has("on the list already");
        let (day, month) = (today(&app), month_of(&app));
        let last = day.last_of_month().to_string();
        clerk.post(&format!("{one}/plan"), &[("version", "1"), ("what", "Bins"), ("due", "soon")]).await.expect(422).has("Bins");
        clerk.post(&format!("{one}/plan"), &[("version", "1"), ("what", "Bins"), ("due", &days_from(day, -1))]).await.expect(422).has("from today on");
        clerk.post(&format!("{one}/plan"), &[("version", "1"), ("what", "Bins"), ("due", &last)]).await.expect(303);
        clerk.post(&format!("{one}/plan"), &[("version", "1"), ("what", "Fence"), ("due", &last)]).await.expect(409).has("just changed").has("Fence");
        clerk.post(&format!("{one}/plan"), &[("version", "2"), ("what", "Fence"), ("due", &last)]).await.expect(303);
        stranger.get(&one).await.expect(404);
        stranger.get("/improvements").await.expect(200).lacks("Elm Court");
        unit.get("/improvements").await.expect(200).has("Elm Court").has("0 / 2");
        unit.post(&format!("{one}/report"), &[("version", "3"), ("nth", "1"), ("words", "New bins")]).await.expect(422).has("Attach photos").has("New bins");
        let photo = unit.upload(5).await;
        unit.post(&format!("{one}/report"), &[("version", "3"), ("nth", "9"), ("words", "New bins"), ("photo", &photo)]).await.expect(404);
        unit.post(&format!("{one}/report"), &[("version", "3"), ("nth", "1"), ("words", "New bins"), ("photo", &photo)]).await.expect(303);
        unit.post(&format!("{one}/accept"), &[("version", "4"), ("nth", "1")]).await.expect(403);
        clerk.post(&format!("{one}/refuse"), &[("version", "4"), ("nth", "1"), ("words", "")]).await.expect(422).has("Say it in words");
        clerk.post(&format!("{one}/refuse"), &[("version", "4"), ("nth", "1"), ("words", "Two are missing")]).await.expect(303);
        assert_eq!(checked(&app).await, Vec::<String>::new());
        let photo = unit.upload(6).await;
        unit.post(&format!("{one}/report"), &[("version", "5"), ("nth", "1"), ("words", "All of them"), ("photo", &photo)]).await.expect(303);
        clerk.post(&format!("{one}/accept"), &[("version", "6"), ("nth", "1")]).await.expect(303);
        let shown = unit.get(&one).await.expect(200).has("1 / 2").has("All of them");
        unit.get(&link(&shown, &format!("{one}/photos/"))).await.expect(200);
        mended(&app, 1).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let (clerk, leader) = (app.again(&clerk).await, app.again(&leader).await);
        let made = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        let score = format!("{made}/units/{}", app.compound);
        // One step in time and one missed: one point and minus two.
        let shown = clerk.get(&score).await.expect(200).has("+1<").has("-2<").has("improvement steps due");
        assert_eq!(link(&shown, "/improvements/0"), one, "a fact of the line opens to its plan");
        leader.post(&format!("{one}/reach"), &[("version", "7"), ("words", "")]).await.expect(422);
        leader.post(&format!("{one}/reach"), &[("version", "7"), ("words", "Third of its league")]).await.expect(303);
        leader.get("/improvements").await.expect(200).has("Nobody is on the list").has("Third of its league");
        leader.post(&format!("{one}/plan"), &[("version", "8"), ("what", "More"), ("due", &today(&app).to_string())]).await.expect(409).has("left the list");
        assert_eq!(checked(&app).await, Vec::<String>::new());
        db.meddle("UPDATE improvement_step SET due = '2030-01-01' WHERE nth = 2").await;
        assert_eq!(checked(&app).await.len(), 1);
    }

    async fn a_line_that_is_appealed_against_and_upheld_is_struck_in_another_edition(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, unit) = (app.clerk().await, leader(&app).await, app.handler_of(app.company).await);
        let stranger = app.handler_of(app.other_company).await;
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        let month = month_of(&app);
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        rounds(&clerk, &app, &compounds, &[MemberId(app.compound.0)]).await;
        // Forty asked and thirty content, so that a row without facts deducts as well.
        let (elm, day) = (app.compound.to_string(), today(&app).to_string());
        let league_id = compounds.rsplit('/').next().unwrap();
        clerk.post("/entries", &[("kind", "survey"), ("league", league_id), ("day", &day), ("member", &elm), ("asked", "40"), ("content", "30")]).await.expect(303);
        mended(&app, 2).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let (clerk, leader, unit, stranger) = (app.again(&clerk).await, app.again(&leader).await, app.again(&unit).await, app.again(&stranger).await);
        let first = publish(&app, &clerk, &leader, &compounds, &month).await;
        let score = format!("{first}/units/{elm}");
        // 100 less 2 × 2 × 100 ÷ 1600 = 0.25, less 5.
        let shown = unit.get(&score).await.expect(200).has("94.75").has("Appeal against this line");
        let ask = link(&shown, &format!("{score}/appeal?line=A2"));
        let form = unit.get(&ask).await.expect(200).has("Until");
        let facts: Vec<String> = form.text.split("name=\"fact\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        assert_eq!(facts.len(), 2);
        let to = format!("{score}/appeal");
        clerk.get(&ask).await.expect(403);
        stranger.get(&ask).await.expect(404);
        stranger.post(&to, &[("line", "A2"), ("fact", &facts[0]), ("words", "Mine")]).await.expect(404);
        unit.get(&format!("{to}?line=Z9")).await.expect(422).has("no such deduction");
        unit.post(&to, &[("line", "A2"), ("words", "Not ours")]).await.expect(422).has("at least one fact").has("Not ours");
        unit.post(&to, &[("line", "A2"), ("fact", "case.found:other"), ("words", "Not ours")]).await.expect(422);
        unit.post(&to, &[("line", "A2"), ("fact", &facts[0]), ("words", "")]).await.expect(422).has("Say why");
        let photo = unit.upload(8).await;
        let fields = [("line", "A2"), ("fact", facts[0].as_str()), ("words", "It is the road's"), ("photo", photo.as_str())];
        let (a, b) = tokio::join!(unit.post(&to, &fields), unit.post(&to, &fields));
        let mut answers = [a.status.as_u16(), b.status.as_u16()];
        answers.sort_unstable();
        assert_ne!(answers, [303, 303], "a line is appealed against once");
        let one = local(a.location.or(b.location));
        unit.get(&score).await.expect(200).has("Appeal: Waits for advice");
        let shown = unit.get(&one).await.expect(200).has("the road").lacks(">Uphold<");
        unit.get(&link(&shown, &format!("{one}/photos/"))).await.expect(200);
        stranger.get(&one).await.expect(404);
        leader.post(&format!("{one}/decide"), &[("version", "1"), ("end", "upheld"), ("words", "Yes")]).await.expect(409).has("does not wait for that");
        leader.post(&format!("{one}/advise"), &[("version", "1"), ("end", "upheld"), ("words", "Yes")]).await.expect(403);
        clerk.post(&format!("{one}/advise"), &[("version", "1"), ("end", "maybe"), ("words", "Kept")]).await.expect(422).has("Choose whether").has("Kept");
        clerk.get("/work").await.expect(200).has("Score appeals to look at").lacks("Score appeals to decide");
        leader.get("/work").await.expect(200).lacks("Score appeals to decide");
        clerk.post(&format!("{one}/advise"), &[("version", "1"), ("end", "upheld"), ("words", "The map says so")]).await.expect(303);
        leader.get("/work").await.expect(200).has("Score appeals to decide");
        clerk.post(&format!("{one}/decide"), &[("version", "2"), ("end", "upheld"), ("words", "Yes")]).await.expect(403);
        // What the handler advised is for those who decide.
        unit.get(&one).await.expect(200).lacks("The map says so");
        leader.get(&one).await.expect(200).has("The map says so");
        leader.post(&format!("{one}/decide"), &[("version", "2"), ("end", "upheld"), ("words", "It is the road's")]).await.expect(303);
        leader.get(&one).await.expect(200).has("score the month again");
        // A second line, without facts, is refused; it deducts as before.
        let rate = local(unit.post(&to, &[("line", "C2"), ("words", "Asked at noon")]).await.expect(303).location);
        clerk.post(&format!("{rate}/advise"), &[("version", "1"), ("end", "refused"), ("words", "Properly asked")]).await.expect(303);
        leader.post(&format!("{rate}/decide"), &[("version", "2"), ("end", "refused"), ("words", "Properly asked")]).await.expect(303);
        sealed(&app, db).await;
        assert_eq!(checked(&app).await, Vec::<String>::new(), "the first edition is reckoned anew as it was");
        let second = publish(&app, &clerk, &leader, &compounds, &month).await;
        assert_ne!(first, second);
        proof_shows_why_it_was_struck(&unit.get(&format!("{second}/units/{elm}/proof.json")).await.expect(200).bytes);
        unit.get(&format!("{second}/units/{elm}")).await.expect(200).has("94.875").has("Struck by upheld appeals").has("<s>").has("Appeal: Refused");
        unit.get(&score).await.expect(200).has("94.75").lacks("Struck");
        unit.get(&one).await.expect(200).has("corrected in a later edition");
        unit.get(&format!("/bulletins/{month}")).await.expect(200).has("94.875").has("was 94.75");
        assert_eq!(checked(&app).await, Vec::<String>::new());
        // After the days for it nobody appeals any more.
        let clock = &app.app.world.clock;
        clock.set(kernel::Instant(app.app.world.now().0 + 8 * 86_400_000_000));
        let unit = app.again(&unit).await;
        unit.get(&format!("{second}/units/{elm}")).await.expect(200).lacks("Appeal against this line");
        unit.post(&format!("{second}/units/{elm}/appeal"), &[("line", "A2"), ("fact", &facts[1]), ("words", "Late")]).await.expect(409).has("time to appeal");
        db.meddle("UPDATE score_appeal SET state = 'refused'").await;
        assert_eq!(checked(&app).await.len(), 1);
    }

    async fn a_row_without_facts_is_struck_as_a_whole(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, head) = (app.clerk().await, leader(&app).await, app.person(&[(Role::UnitHead, Scope::Organisation { id: app.company })]).await);
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        let month = month_of(&app);
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        rounds(&clerk, &app, &compounds, &[MemberId(app.compound.0)]).await;
        let (elm, day, id) = (app.compound.to_string(), today(&app).to_string(), compounds.rsplit('/').next().unwrap().to_owned());
        clerk.post("/entries", &[("kind", "survey"), ("league", &id), ("day", &day), ("member", &elm), ("asked", "40"), ("content", "30")]).await.expect(303);
        mended(&app, 1).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let (clerk, leader, head) = (app.again(&clerk).await, app.again(&leader).await, app.again(&head).await);
        let first = publish(&app, &clerk, &leader, &compounds, &month).await;
        let one = local(head.post(&format!("{first}/units/{elm}/appeal"), &[("line", "C2"), ("words", "Another court's")]).await.expect(303).location);
        clerk.post(&format!("{one}/advise"), &[("version", "1"), ("end", "upheld"), ("words", "So it is")]).await.expect(303);
        leader.post(&format!("{one}/decide"), &[("version", "2"), ("end", "upheld"), ("words", "So it is")]).await.expect(303);
        sealed(&app, db).await;
        let second = publish(&app, &clerk, &leader, &compounds, &month).await;
        head.get(&format!("{first}/units/{elm}")).await.expect(200).has("94.875");
        head.get(&format!("{second}/units/{elm}")).await.expect(200).has("99.875").has("Struck by upheld appeals");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }
}
