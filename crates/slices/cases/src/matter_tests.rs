//! Difficult matters through HTTP on both engines: opened of a case or of none, noted, put before the council, ended and counted.

use crate::trunk_tests::{app, checked, issued};
use access::{Role, Scope};
use testkit::{TENANT, TestApp};

/// What `verify` says of matters, one line a finding.
async fn fits(app: &TestApp) -> Vec<String> {
    let mut report = store::journal::Report::new(TENANT);
    store::journal::StateCheck::check(&crate::matter_check::Matters, &app.store, TENANT, &mut report).await.unwrap();
    report.findings.iter().map(ToString::to_string).collect()
}

async fn version(app: &TestApp, number: i64) -> String {
    let query = store::Query::from("SELECT version FROM matter WHERE tenant_id = :tenant").bind("tenant", TENANT);
    app.store.query::<(i64,)>(query.and("number = :number").bind("number", number)).await.unwrap()[0].0.to_string()
}

store::both_engines! {
    async fn a_matter_goes_from_a_case_to_the_council_and_to_its_end(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let leader = app.person(&[(Role::Leader, Scope::Tenant)]).await;
        let number = issued(&app, &clerk, &inspector).await;
        let path = format!("/cases/{number}/part_of_matter");
        inspector.post(&path, &[("title", "The old pipes")]).await.expect(403);
        clerk.post(&path, &[("title", " ")]).await.expect(422).has("Choose a difficult matter");
        clerk.post(&path, &[("matter", "77"), ("title", "Kept name")]).await.expect(422).has("Choose a difficult matter").has("Kept name");
        clerk.post(&path, &[("title", &"管".repeat(81))]).await.expect(422).has("80");
        clerk.post(&path, &[("title", "The old pipes")]).await.expect(303);
        clerk.get(&format!("/cases/{number}")).await.expect(200).has("/matters/1");
        clerk.get("/matters").await.expect(200).has("The old pipes");
        // A second problem joins it.
        let second = issued(&app, &clerk, &inspector).await;
        leader.post(&format!("/cases/{second}/part_of_matter"), &[("matter", "1")]).await.expect(303);
        clerk.get("/matters/1").await.expect(200).has(&format!("/cases/{number}")).has(&format!("/cases/{second}"));
        // In one that is open at a time.
        let third = issued(&app, &clerk, &inspector).await;
        clerk.post(&format!("/cases/{third}/part_of_matter"), &[("title", "Another")]).await.expect(303);
        clerk.post(&format!("/cases/{second}/part_of_matter"), &[("matter", "2")]).await.expect(409).has("part of another difficult matter");
        let seen = version(&app, 1).await;
        clerk.post("/matters/1/note", &[("words", "")]).await.expect(422);
        clerk.post("/matters/1/note", &[("words", "The owners were heard"), ("version", &seen)]).await.expect(303);
        // What changes its state is not done to what somebody saw before.
        clerk.post("/matters/1/settle", &[("words", "Kept words"), ("version", &seen)]).await.expect(409).has("Kept words");
        clerk.post("/matters/1/to_council", &[("words", "Money is needed"), ("version", &version(&app, 1).await)]).await.expect(303);
        clerk.get("/matters").await.expect(200).has("Before the council");
        inspector.post("/matters/1/settle", &[("words", "No")]).await.expect(403);
        clerk.post("/matters/1/nonsense", &[("words", "x"), ("version", &version(&app, 1).await)]).await.expect(404);
        let now = version(&app, 1).await;
        let fields = [("words", "The pipes were laid anew"), ("version", now.as_str())];
        let (one, two) = tokio::join!(clerk.post("/matters/1/settle", &fields), leader.post("/matters/1/settle", &fields));
        let said = [one.status.as_u16(), two.status.as_u16()];
        assert_eq!((said.iter().filter(|code| **code == 303).count(), said.contains(&409)), (1, true), "{said:?}");
        clerk.post("/matters/1/note", &[("words", "Too late")]).await.expect(409).has("ended already").has("Too late");
        clerk.get("/matters?list=ended&state=settled&from=2026-01-01&to=2026-12-31").await.expect(200).has("The old pipes");
        clerk.get("/matters").await.expect(200).lacks("The old pipes");
        clerk.post(&format!("/cases/{second}/part_of_matter"), &[("matter", "2")]).await.expect(303);
        clerk.get("/summary?from=2026-01-01&to=2026-12-31").await.expect(200).has("<strong>1</strong><span>Difficult matters settled");
        assert_eq!((fits(&app).await, checked(&app).await), (Vec::new(), Vec::new()));
    }

    async fn matters_are_counted_by_the_community_and_category_of_their_problems(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let category = crate::trunk_tests::category(&app).await;
        // One of two problems, one of none, and one that is settled.
        let first = issued(&app, &clerk, &inspector).await;
        let second = issued(&app, &clerk, &inspector).await;
        clerk.post(&format!("/cases/{first}/part_of_matter"), &[("title", "The old pipes")]).await.expect(303);
        clerk.post(&format!("/cases/{second}/part_of_matter"), &[("matter", "1")]).await.expect(303);
        clerk.post("/matters", &[("title", "Parking"), ("origin", "forum")]).await.expect(303);
        clerk.post("/matters", &[("title", "Noise"), ("origin", "council")]).await.expect(303);
        clerk.post("/matters/3/settle", &[("words", "Agreed"), ("version", "1")]).await.expect(303);
        let period = "from=2026-01-01&to=2026-12-31";
        for (of, id) in [("community", app.community.to_string()), ("category", category)] {
            let page = clerk.get(&format!("/summary?{period}&by={of}")).await.expect(200).text.replace("&#38;", "&").replace("&amp;", "&");
            for (list, id, n) in [("opened", id.as_str(), 1), ("standing", id.as_str(), 1), ("opened", "none", 2), ("standing", "none", 1)] {
                let href = page.split("<a href=\"").find(|rest| rest.contains("/matters?") && rest.contains(&format!("list={list}")) && rest.contains(&format!("{of}={id}")));
                let (href, rest) = href.unwrap_or_else(|| panic!("no {list} of {of} {id}")).split_once("\">").unwrap();
                assert_eq!(rest.split('<').next().unwrap(), n.to_string(), "{href}");
                let listed = clerk.get(href).await.expect(200).text;
                assert_eq!(listed.matches("<td class=\"num\"").count(), n, "{href}");
            }
        }
        // The register of such a list says what it is of, and the fact holds codes alone.
        clerk.get(&format!("/matters/register.pdf?list=opened&community=none&{period}")).await.expect(200).has("Parking").lacks("The old pipes");
        // Before it began nothing was open, and afterwards it still is.
        let before = clerk.get("/summary?from=2025-11-01&to=2025-11-30").await.expect(200);
        before.has("<strong>0</strong><span>Difficult matters open at the end");
        clerk.get("/matters?list=standing&community=nonsense&category=x&to=9999-99-99").await.expect(200).has("Parking");
        assert_eq!(fits(&app).await, Vec::<String>::new());
    }

    async fn a_matter_of_no_case_has_a_place_and_is_seen_there(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let own = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let other = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        let place = app.community.to_string();
        clerk.post("/matters", &[("title", "Kept name"), ("place", &place)]).await.expect(422).has("Kept name").has("choose a reason");
        clerk.post("/matters", &[("title", "Parking"), ("origin", "forum"), ("place", &place), ("what", "Too few places")]).await.expect(303);
        own.get("/matters").await.expect(200).has("Parking").lacks("New difficult matter");
        own.get("/matters/1").await.expect(200).has("Too few places").lacks("Note it");
        own.post("/matters", &[("title", "Mine"), ("origin", "forum")]).await.expect(403);
        other.get("/matters").await.expect(200).lacks("Parking");
        other.get("/matters/1").await.expect(404);
        for nothing in ["/matters/x", "/matters/99999999999999999999", "/matters/2"] {
            clerk.get(nothing).await.expect(404);
        }
        clerk.get("/matters?after=nonsense&list=ended&from=x&to=9999-99-99").await.expect(200);
        clerk.post("/matters/1/drop", &[("words", "It solved itself"), ("version", "1")]).await.expect(303);
        clerk.get("/matters?list=ended").await.expect(200).has("Dropped");
        clerk.get("/summary?from=2026-01-01&to=2026-12-31").await.expect(200).has("<strong>0</strong><span>Difficult matters settled");
        assert_eq!(fits(&app).await, Vec::<String>::new());
        // A hand in the table is seen.
        db.meddle("UPDATE matter SET state = 'settled', title = 'Other'").await;
        let found = fits(&app).await;
        for wanted in ["is=state", "is=words"] {
            assert!(found.iter().any(|line| line.contains(wanted)), "{wanted}: {found:?}");
        }
    }
}
