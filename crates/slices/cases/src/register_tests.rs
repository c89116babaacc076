//! Registers through HTTP: what stands in them is what the list shows to this person, and taking one is told.

use crate::trunk_tests::{app, category, issued, report};
use access::{Role, Scope};
use calamine::{Data, Reader, Xlsx};
use std::io::Cursor;
use testkit::{Person, TENANT, TestApp};

/// The cells of the first sheet.
pub(crate) async fn sheet(who: &Person<'_>, path: &str) -> Vec<Vec<Data>> {
    let answer = who.get(path).await.expect(200);
    let mut book = Xlsx::new(Cursor::new(answer.bytes)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

/// What was told of registers that were taken.
pub(crate) async fn taken(app: &TestApp) -> Vec<String> {
    let query = store::Query::from("SELECT data FROM fact WHERE tenant_id = :tenant AND kind = 'register.taken'").bind("tenant", TENANT);
    app.store.query::<(String,)>(query.then("ORDER BY recorded_at, id")).await.unwrap().into_iter().map(|(data,)| data).collect()
}

store::both_engines! {
    async fn a_register_holds_what_the_list_shows_and_its_taking_is_told(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let first = issued(&app, &clerk, &inspector).await;
        let (place, category) = (app.other_community.to_string(), category(&app).await);
        let fields = [("place", place.as_str()), ("category", &category), ("where_words", "=1+1"), ("what", "Ask 13812341234")];
        let photo = inspector.upload(3).await;
        inspector.post("/report", &[&fields[..], &[("photo", photo.as_str())]].concat()).await.expect(303);
        let rows = sheet(&clerk, "/cases/register.xlsx").await;
        assert_eq!(rows.len(), 3, "{rows:?}");
        let all = format!("{rows:?}");
        assert!(all.contains("Ask 138****1234") && !all.contains("13812341234"), "{all}");
        // A formula that somebody typed is a text, and times are times.
        assert!(rows[1..].iter().any(|row| row.iter().any(|cell| cell.to_string().contains("'=1+1") || cell.to_string().ends_with("=1+1"))));
        assert!(rows[1].iter().any(|cell| matches!(cell, Data::DateTime(_))), "{rows:?}");
        let narrowed = sheet(&clerk, &format!("/cases/register.xlsx?kind=dispatched&community={}", app.community)).await;
        assert_eq!(narrowed.len(), 2);
        assert_eq!(narrowed[1][0].to_string(), first.to_string());
        clerk.get("/cases/register.pdf?stage=dispatched").await.expect(200).has(&first.to_string());
        clerk.get("/circulars/register.pdf").await.expect(200).has("Round 1");
        assert_eq!(sheet(&clerk, "/circulars/register.xlsx").await.len(), 2);
        clerk.post("/matters", &[("title", "Who owns the pipe"), ("what", "Ask 13812341234"), ("origin", "forum")]).await.expect(303);
        clerk.get("/matters/register.pdf").await.expect(200).has("Who owns the pipe").lacks("13812341234");
        assert_eq!(sheet(&clerk, "/matters/register.xlsx").await.len(), 2);
        let summary = sheet(&clerk, "/summary.xlsx?from=2026-01-01&to=2026-12-31").await;
        assert_eq!(summary[1][1].to_string(), "2", "{summary:?}");
        let told = taken(&app).await;
        assert_eq!(told.len(), 8, "{told:?}");
        let narrowed = |fact: &&String| fact.contains("\"kind\":\"dispatched\"") && fact.contains("\"rows\":1") && fact.contains("\"form\":\"xlsx\"");
        assert_eq!(told.iter().filter(narrowed).count(), 1, "{told:?}");
        assert!(!format!("{told:?}").contains("Boxes"), "a fact holds no words");
    }

    async fn a_long_part_of_the_summary_shows_its_first_rows_and_the_way_to_all(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        issued(&app, &clerk, &inspector).await;
        crate::days::fold(&app.store, TENANT).await.unwrap();
        let columns = "found, transferred, recurring, in_circulars, rectified, with_deadline, on_time, rework, extended, held, disputed, upheld,
            on_spot, self_checks, called_back, solved, satisfied";
        for n in 1..60 {
            db.meddle(&format!(
                "INSERT INTO case_sum (tenant_id, grain, scope_id, part, span, part_key, {columns})
                SELECT tenant_id, grain, scope_id, 'unit', span, '00000000-0000-4000-8000-0000000000{n:02}', {columns} FROM case_sum WHERE part = 'all'"
            ))
            .await;
        }
        let address = "/summary?from=2026-01-01&to=2026-12-31&by=unit";
        let rows = |text: &str| text.matches("unit=").count() / crate::summary_page::FIGURES.len();
        let some = clerk.get(address).await.expect(200).has("All 60 rows").text;
        let all = clerk.get(&format!("{address}&all=1")).await.expect(200).lacks("All 60 rows").text;
        assert_eq!((rows(&some), rows(&all)), (50, 60));
        assert_eq!(clerk.get("/summary?from=2026-01-01&to=2026-12-31&by=community").await.expect(200).text.matches(" rows;").count(), 0);
    }

    async fn a_register_holds_nothing_that_the_taker_may_not_see(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        issued(&app, &clerk, &inspector).await;
        report(&app, &inspector, "").await;
        let west = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        assert_eq!(sheet(&west, "/cases/register.xlsx").await.len(), 1);
        let handler = app.handler_of(app.company).await;
        assert_eq!(sheet(&handler, "/cases/register.xlsx").await.len(), 2);
        assert_eq!(sheet(&app.handler_of(app.other_company).await, "/cases/register.xlsx").await.len(), 1);
        for path in ["/circulars/register.xlsx", "/matters/register.xlsx", "/summary.xlsx"] {
            handler.get(path).await.expect(403);
        }
        // An inspector looks, and takes nothing along.
        inspector.get("/cases/register.xlsx").await.expect(403);
        let admin = app.person(&[(Role::SystemAdmin, Scope::Tenant)]).await;
        admin.get("/cases/register.xlsx").await.expect(403);
    }
}
