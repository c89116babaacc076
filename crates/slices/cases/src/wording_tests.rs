//! What a finder wrote stays, however often it is amended, and the file holds all of a case; through HTTP on both engines.

use crate::branch_tests::{instant, step};
use crate::trunk_tests::{app, category, checked, issued, report};
use access::Role;
use testkit::{TENANT, TestApp};

/// The words that amendments put aside, the oldest first.
async fn former(app: &TestApp) -> Vec<String> {
    let query = store::Query::from("SELECT words FROM case_words WHERE tenant_id = :tenant").bind("tenant", TENANT);
    let rows: Vec<(String,)> = app.store.query(query.and("kind = 'former'").then("ORDER BY written_at, id")).await.unwrap();
    rows.into_iter().map(|(words,)| words).collect()
}

store::both_engines! {
    async fn what_a_finder_wrote_stays_beside_every_amendment(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = report(&app, &inspector, "").await;
        let path = format!("/cases/{number}");
        let (place, category) = (app.compound.to_string(), category(&app).await);
        let amend = async |where_words: &str, what: &str| {
            let fields = [("place", place.as_str()), ("category", &category), ("where_words", where_words), ("what", what)];
            step(&app, &clerk, number, "amend", &fields).await.expect(303);
        };
        // The same words again put nothing aside.
        amend("Stair 2", "Boxes").await;
        assert_eq!(former(&app).await, Vec::<String>::new());
        assert_eq!(checked(&app).await, Vec::<String>::new());
        amend("Stair 4", "Boxes").await;
        amend("Stair 4", "Boxes and a bicycle").await;
        assert_eq!(former(&app).await, ["Stair 2\nBoxes", "Stair 4\nBoxes"]);
        let page = clerk.get(&path).await.expect(200);
        // As it is now, then the way with the latest first.
        let at = |words: &str| page.text.find(words).unwrap_or_else(|| panic!("no {words:?} in {}", page.text));
        let (now, second, first) = (at("<p>Boxes and a bicycle</p>"), at("Before: Stair 4; Boxes"), at("Before: Stair 2; Boxes"));
        assert!(now < second && second < first, "{now} {second} {first}");
        // The file holds them too; whoever is not of the centre reads what holds now.
        clerk.get(&format!("{path}/dossier.pdf")).await.expect(200).has("Before: Stair 2; Boxes").has("Before: Stair 4; Boxes");
        let community = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        community.get(&path).await.expect(200).has("Boxes and a bicycle").lacks("Before: Stair");
        // Each of the three stands by what was told of it.
        assert_eq!(checked(&app).await, Vec::<String>::new());
        db.meddle("UPDATE case_words SET words = 'All is well' WHERE kind = 'former' AND words LIKE 'Stair 2%'").await;
        let said = checked(&app).await;
        assert!(said.len() == 1 && said[0].contains("is=kept_words"), "{said:?}");
    }

    async fn a_dossier_holds_the_whole_of_a_case(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        let path = format!("/cases/{number}/dossier.pdf");
        step(&app, &clerk, number, "note", &[("words", "They are slow")]).await.expect(303);
        step(&app, &clerk, number, "message", &[("words", "Please hurry")]).await.expect(303);
        step(&app, &handler, number, "reply", &[("words", "We are on it")]).await.expect(303);
        let later = kernel::Instant(instant(&app, number, "due").await).plus_seconds(3600).to_timestamp();
        let later = later.to_zoned_datetime(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).strftime("%Y-%m-%dT%H:%M").to_string();
        step(&app, &handler, number, "ask_extension", &[("due", &later), ("words", "Rain")]).await.expect(303);
        step(&app, &clerk, number, "grant_extension", &[]).await.expect(303);
        clerk.get(&path).await.expect(200).has("How the deadline came about").has("Extended: was");
        handler.get(&path).await.expect(403);
        let (one, two) = (handler.upload(21).await, handler.upload(22).await);
        step(&app, &handler, number, "rectify", &[("words", "Cleared"), ("photo", &one), ("photo", &two)]).await.expect(303);
        // The clock that stopped is explained, not the centre's that runs since.
        clerk.get(&path).await.expect(200).has("Extended: was");
        let spot = inspector.upload(23).await;
        step(&app, &inspector, number, "fail", &[("words", "Still there"), ("photo", &spot)]).await.expect(303);
        let again = handler.upload(24).await;
        step(&app, &handler, number, "rectify", &[("words", "Cleared again"), ("photo", &again)]).await.expect(303);
        let spot = inspector.upload(25).await;
        step(&app, &inspector, number, "pass", &[("words", "Clean"), ("photo", &spot)]).await.expect(303);
        let answer = clerk.get(&path).await.expect(200).has("How the deadline came about").has("Cleared again").has("Still there");
        let paper: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        let list = |name: &str| paper[0][name].as_array().unwrap().clone();
        let words = |name: &str| list(name).iter().map(|line| line["words"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(words("messages"), ["Please hurry", "We are on it"]);
        assert_eq!(words("notes"), ["They are slow"]);
        // Each photo stands once: before and after, of both re-inspections, and of the first attempt at its step.
        assert_eq!((list("before").len(), list("after").len(), list("reinspection").len()), (1, 1, 2));
        let at_steps: Vec<(String, usize)> = list("steps")
            .iter()
            .map(|step| (step["words"].as_str().unwrap().to_owned(), step["photos"].as_array().unwrap().len()))
            .filter(|(_, photos)| *photos > 0)
            .collect();
        assert_eq!(at_steps, [("Cleared".to_owned(), 2)]);
    }
}
