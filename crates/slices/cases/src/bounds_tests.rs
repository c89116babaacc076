//! What units may ask and submit, to its bounds: the latest day of an extension, photos, reasons, what a category allows. Through
//! HTTP on both engines.

use crate::branch_tests::{column, field, instant, step};
use crate::trunk_tests::{app, category, checked, issued, report, stage};
use testkit::{Person, TestApp};

const MINUTE: i64 = 60_000_000;

/// Sets a column of every category, as if its version had been made so.
async fn categories(db: &store::testing::TestDb, set: &str) {
    db.meddle(&format!("UPDATE category_version SET {set}")).await;
    db.meddle("UPDATE tenant SET revision = revision + 1").await;
}

/// A report of its own that is filed and handed to the company, by the day that the clerk sets, or the category's limit.
async fn dispatched(app: &TestApp, clerk: &Person<'_>, inspector: &Person<'_>, due: &str) -> i64 {
    let number = report(app, inspector, "").await;
    step(app, clerk, number, "file", &[]).await.expect(303);
    step(app, clerk, number, "dispatch", &[("unit", &app.company.to_string()), ("due", due)]).await.expect(303);
    number
}

/// That one extension reaches this minute, and not the one after it, which it says.
async fn reaches(app: &TestApp, clerk: &Person<'_>, handler: &Person<'_>, number: i64, latest: &str) {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let at = crate::case_steps::due(latest, "due", &zone).unwrap().unwrap();
    let (within, beyond) = (field(app, at.0), field(app, at.0 + MINUTE));
    step(app, handler, number, "ask_extension", &[("due", &beyond), ("words", "Rain")])
        .await
        .expect(422)
        .has(&format!("at the latest {latest}"));
    step(app, handler, number, "ask_extension", &[("due", &within), ("words", "Rain")]).await.expect(303);
    step(app, clerk, number, "grant_extension", &[("due", &beyond)]).await.expect(422).has(&format!("at the latest {latest}"));
    step(app, clerk, number, "grant_extension", &[]).await.expect(303);
    assert_eq!(instant(app, number, "due").await, at.0);
}

store::both_engines! {
    async fn an_extension_gives_at_most_what_the_unit_was_given_at_first(db: TestDb) {
        let app = app(db).await;
        // Two office days of seven and a half hours, counted from a Monday at nine.
        categories(db, "limit_unit = 'working_minutes', limit_value = 900 WHERE limit_unit = 'working_minutes'").await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let by_category = dispatched(&app, &clerk, &inspector, "").await;
        assert_eq!(field(&app, instant(&app, by_category, "due").await), "2026-02-04T09:00");
        reaches(&app, &clerk, &handler, by_category, "2026-02-06 09:00").await;
        reaches(&app, &clerk, &handler, by_category, "2026-02-10 09:00").await;
        // A day that the clerk set, nearer than the category's limit: 14.5 hours from the dispatch.
        let nearer = dispatched(&app, &clerk, &inspector, "2026-02-03 17:30").await;
        reaches(&app, &clerk, &handler, nearer, "2026-02-05 17:00").await;
        // And one that is further: 33 hours.
        let further = dispatched(&app, &clerk, &inspector, "2026-02-06 12:00").await;
        reaches(&app, &clerk, &handler, further, "2026-02-12 16:30").await;
        // However little it was, a working day.
        let little = dispatched(&app, &clerk, &inspector, "2026-02-02 11:00").await;
        reaches(&app, &clerk, &handler, little, "2026-02-03 17:30").await;
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn dissuaded_and_reported_is_for_the_categories_that_allow_it(db: TestDb) {
        let app = app(db).await;
        categories(db, "may_report = FALSE").await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        let (path, photo) = (format!("/cases/{number}"), handler.upload(9).await);
        let fields = [("words", "Kept words"), ("photo", photo.as_str()), ("dissuaded", "yes")];
        handler.get(&path).await.expect(200).lacks("Dissuaded and reported");
        step(&app, &handler, number, "rectify", &fields).await.expect(422).has("the unit has to rectify it itself").has("Kept words");
        assert_eq!(stage(&app, number).await, "dispatched");
        categories(db, "may_report = TRUE").await;
        handler.get(&path).await.expect(200).has("Dissuaded and reported");
        step(&app, &handler, number, "rectify", &fields).await.expect(303);
        assert_eq!(stage(&app, number).await, "rectified");
        assert_ne!(column(&app, number, "dissuaded_at").await, "");
        clerk.get(&path).await.expect(200).has("Dissuaded and reported");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_form_takes_six_photos_and_no_seventh(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let mut photos = Vec::new();
        for colour in 1..=7 {
            photos.push(inspector.upload(colour).await);
        }
        let (place, category) = (app.compound.to_string(), category(&app).await);
        let mut fields = vec![("place", place.as_str()), ("category", category.as_str()), ("what", "Kept words")];
        fields.extend(photos.iter().map(|photo| ("photo", photo.as_str())));
        inspector.post("/report", &fields).await.expect(422).has("At most 6 photos").has("Kept words");
        fields.pop();
        inspector.post("/report", &fields).await.expect(303);
        let number = issued(&app, &clerk, &inspector).await;
        let mut photos = Vec::new();
        for colour in 11..=17 {
            photos.push(handler.upload(colour).await);
        }
        let mut fields = vec![("words", "Kept words")];
        fields.extend(photos.iter().map(|photo| ("photo", photo.as_str())));
        step(&app, &handler, number, "rectify", &fields).await.expect(422).has("At most 6 photos").has("Kept words");
        fields.pop();
        step(&app, &handler, number, "rectify", &fields).await.expect(303);
        assert_eq!(column(&app, number, "photos").await, "7");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn handing_back_needs_a_reason_of_the_list(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        for reason in ["", "because", "season"] {
            let fields = [("reason", reason), ("words", "Kept words")];
            step(&app, &handler, number, "ask_hand_back", &fields).await.expect(422).has("choose a reason").has("Kept words");
        }
        // One that says nothing by itself is said in words.
        step(&app, &handler, number, "ask_hand_back", &[("reason", "other")]).await.expect(422);
        assert_eq!(column(&app, number, "ask").await, "");
        step(&app, &handler, number, "ask_hand_back", &[("reason", "other"), ("words", "The gate is walled up")]).await.expect(303);
        assert_eq!(column(&app, number, "ask").await, "hand_back");
    }
}
