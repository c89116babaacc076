//! What is noticed beside a month's evaluation, through HTTP on both engines: the same picture sent for two problems, one problem filed
//! in pieces; seen by those who evaluate alone, and worth nothing in the score.

use crate::bad_input_tests::product;
use crate::evaluation_tests::{
    adopted, checked, households, leader, league, local, month_of, on_to_next_month, rounds, scored, sealed, step,
};
use crate::kept_tests::publish;
use crate::pictures::drawing;
use evaluation::league::MemberId;
use evaluation::scheme::Ranked;
use territory::{Directory, Level};
use testkit::{Person, TENANT, TestApp};

/// Uploads a drawn scene; the same number is the same picture, sent anew.
async fn scene(who: &Person<'_>, seed: u64, clean: bool) -> String {
    let one = drawing(seed, clean);
    let picture = store::images::drawn(one.width, one.height, one.rgb, one.taken).unwrap();
    let answer = who.upload_bytes(&picture.full, "scene.jpg").await.expect(200);
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn last_number(app: &TestApp) -> i64 {
    let query = store::Query::from("SELECT number FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT);
    app.store.query::<(i64,)>(query.then("ORDER BY number DESC LIMIT 1")).await.unwrap()[0].0
}

/// A problem of the `nth` category at a place, issued, mended with this scene and passed; its number.
async fn mended_with(app: &TestApp, place: kernel::ids::PlaceId, nth: usize, after: u64) -> i64 {
    let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
    let directory = Directory::load(&app.store, TENANT).await.unwrap();
    let category = directory
        .categories()
        .filter(|category| category.class_name == "市容环境类" && category.limit_unit.is_some())
        .nth(nth)
        .unwrap()
        .id
        .to_string();
    let circular = clerk.post("/circulars", &[("title", "Round")]).await.expect(303).location.unwrap();
    let circular = circular.rsplit('/').next().unwrap().to_owned();
    let (photo, place) = (scene(&inspector, 7_000 + after * 10 + nth as u64, false).await, place.to_string());
    let fields = [
        ("place", place.as_str()),
        ("category", &category),
        ("what", "Boxes"),
        ("where_words", "At the gate"),
        ("circular", &circular),
        ("photo", &photo),
    ];
    inspector.post("/report", &fields).await.expect(303);
    clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(303);
    let number = last_number(app).await;
    let photo = scene(&handler, after, true).await;
    step(app, &handler, number, "rectify", &[("words", "Cleared"), ("photo", &photo)]).await;
    let photo = scene(&inspector, 9_000 + after * 10 + nth as u64, true).await;
    step(app, &inspector, number, "pass", &[("words", "Clean"), ("photo", &photo)]).await;
    number
}

store::both_engines! {
    async fn the_same_picture_and_pieces_of_one_problem_are_noticed_and_score_nothing(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, unit, inspector) = (app.clerk().await, leader(&app).await, app.handler_of(app.company).await, app.inspector().await);
        let quiet = app.place(app.community, Level::Compound, "Quiet Court").await;
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        households(&app, quiet, 400).await;
        let members = [MemberId(app.compound.0), MemberId(quiet.0)];
        let compounds = league(&clerk, &app, "Compounds", "compound", &members).await;
        rounds(&clerk, &app, &compounds, &members).await;
        let month = month_of(&app);
        let one = mended_with(&app, app.compound, 0, 1).await;
        let other = mended_with(&app, app.compound, 1, 1).await;
        let third = mended_with(&app, app.compound, 2, 3).await;
        // Three of one kind within a minute at one spot by one person.
        let directory = Directory::load(&app.store, TENANT).await.unwrap();
        let category = directory.categories().filter(|category| category.class_name == "市容环境类" && category.limit_unit.is_some()).nth(3).unwrap().id.to_string();
        let mut pieces = Vec::new();
        for nth in 0..3 {
            let (photo, place) = (scene(&inspector, 800 + nth, false).await, app.compound.to_string());
            let fields = [("place", place.as_str()), ("category", &category), ("what", "Bicycles"), ("where_words", "Behind building 3"), ("photo", &photo)];
            inspector.post("/report", &fields).await.expect(303);
            pieces.push(last_number(&app).await);
        }
        on_to_next_month(&app);
        sealed(&app, db).await;
        let (clerk, leader, unit, inspector) = (app.again(&clerk).await, app.again(&leader).await, app.again(&unit).await, app.again(&inspector).await);
        let made = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        clerk.get(&made).await.expect(200).has("2 things to look at");
        let signs = format!("{made}/signs");
        let link = |number: i64| format!("href=\"/t/lsw/cases/{number}\"");
        let page = clerk.get(&signs).await.expect(200).has("One picture for several").has("2 pictures look like one").has("Problems: 2.").has("It may as well be").has("Elm Court").lacks("Quiet Court");
        let page = page.has("Filed in pieces").has("filed 3 problems");
        for number in [one, other].iter().chain(&pieces) {
            assert!(page.text.contains(&link(*number)), "case {number} is linked");
        }
        assert!(!page.text.contains(&link(third)), "another picture is another picture");
        // By unit: of the quiet one there is nothing to look at.
        clerk.get(&format!("{signs}?unit={quiet}")).await.expect(200).has("Nothing was noticed").lacks("One picture");
        clerk.get(&format!("{signs}?unit={}", app.compound)).await.expect(200).has("One picture for several");
        clerk.get(&format!("{signs}?from=9999")).await.expect(200);
        clerk.get("/evaluations/nothing/signs").await.expect(404);
        // Found before, after and when it was looked at again: nobody but who evaluates sees it, whatever is published.
        unit.get(&signs).await.expect(404);
        sealed(&app, db).await;
        let published = publish(&app, &clerk, &leader, &compounds, &month).await;
        assert_eq!(published, made);
        leader.get(&signs).await.expect(200).has("One picture for several");
        for who in [&unit, &inspector] {
            who.get(&signs).await.expect(403);
            who.get(&made).await.expect(200).lacks("things to look at");
        }
        // It is no part of what scored.
        clerk.get(&format!("{made}/units/{}", app.compound)).await.expect(200).lacks("One picture for several");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn where_nothing_was_noticed_the_page_says_so(db: TestDb) {
        let app = product(db).await;
        let clerk = app.clerk().await;
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        rounds(&clerk, &app, &compounds, &[MemberId(app.compound.0)]).await;
        let month = month_of(&app);
        // Flat pictures look like each other, and say nothing.
        crate::evaluation_tests::mended(&app, 2).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let clerk = app.again(&clerk).await;
        let made = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        clerk.get(&made).await.expect(200).lacks("things to look at");
        clerk.get(&format!("{made}/signs")).await.expect(200).has("Nothing was noticed").has("are not compared");
    }
}
