//! The month's bulletin, through HTTP on both engines: its words and typical problems are written before it is published and never
//! change afterwards, every issue stays at its address, its tables are taken as a workbook, and a link opens it to people without an
//! account for as long as it is given.

use crate::bad_input_tests::product;
use crate::evaluation_tests::{
    adopted, checked, households, leader, league, local, mended, month_of, on_to_next_month, rounds, scored, sealed,
};
use crate::import_tests::between;
use axum::body::Body;
use axum::http::{Request, header};
use evaluation::league::MemberId;
use evaluation::scheme::Ranked;
use kernel::ids::{PlaceId, Uuid};
use serde_json::Value;
use store::testing::TestDb;
use territory::Level;
use testkit::{Answer, Person, TENANT, TestApp};

/// A month with two leagues of a compound each, problems in the first, scored and not published.
struct Month<'a> {
    app: &'a TestApp,
    clerk: Person<'a>,
    leader: Person<'a>,
    unit: Person<'a>,
    month: String,
    /// The leagues, and their evaluations.
    leagues: [String; 2],
    made: [String; 2],
    quiet: PlaceId,
}

impl<'a> Month<'a> {
    async fn scored(app: &'a TestApp, db: &TestDb) -> Month<'a> {
        let (clerk, leader, unit) = (app.clerk().await, leader(app).await, app.handler_of(app.company).await);
        let quiet = app.place(app.community, Level::Compound, "Quiet Court").await;
        adopted(app, Ranked::Compound).await;
        let mut leagues = Vec::new();
        for (name, place) in [("Compounds", app.compound), ("Older ones", quiet)] {
            households(app, place, 400).await;
            let made = league(&clerk, app, name, "compound", &[MemberId(place.0)]).await;
            rounds(&clerk, app, &made, &[MemberId(place.0)]).await;
            leagues.push(made);
        }
        let month = month_of(app);
        mended(app, 3).await;
        on_to_next_month(app);
        sealed(app, db).await;
        let (clerk, leader, unit) = (app.again(&clerk).await, app.again(&leader).await, app.again(&unit).await);
        let mut made = Vec::new();
        for league in &leagues {
            made.push(local(scored(&clerk, league, &month).await.expect(303).location));
        }
        let (leagues, made) = (leagues.try_into().unwrap(), made.try_into().unwrap());
        Month { app, clerk, leader, unit, month, leagues, made, quiet }
    }

    fn address(&self) -> String {
        format!("/bulletins/{}", self.month)
    }

    async fn publish(&self, nth: usize) {
        let made = &self.made[nth];
        let id = made.rsplit('/').next().unwrap().parse().unwrap();
        let version = async || evaluation::evaluation::find(&self.app.store, TENANT, id).await.unwrap().version.to_string();
        self.leader.post(&format!("{made}/check"), &[("version", &version().await)]).await.expect(303);
        self.leader.post(&format!("{made}/publish"), &[("version", &version().await)]).await.expect(303);
    }

    fn league(&self, nth: usize) -> &str {
        self.leagues[nth].rsplit('/').next().unwrap()
    }

    async fn editor(&self) -> Answer {
        self.clerk.get(&format!("{}/words", self.address())).await.expect(200)
    }

    /// A leader gives the link; what stands behind the host of it.
    async fn share(&self) -> String {
        let page = self.leader.get(&self.address()).await.expect(200);
        let version = between(&page.text, "name=\"version\" value=\"", "\"").to_owned();
        self.leader.post(&format!("{}/share", self.address()), &[("version", &version)]).await.expect(303);
        let page = self.leader.get(&self.address()).await.expect(200);
        format!("/b/lsw/{}", between(&page.text, "/b/lsw/", "\""))
    }

    async fn facts(&self, kind: &str) -> usize {
        let query = store::Query::from("SELECT COUNT(*) AS n FROM fact WHERE tenant_id = :tenant").bind("tenant", TENANT);
        let query = query.and("subject = 'bulletin'").and("kind = :kind").bind("kind", kind.to_owned());
        usize::try_from(self.app.store.query::<(i64,)>(query).await.unwrap()[0].0).unwrap()
    }
}

/// The values of the boxes of this name, and whether each is ticked.
fn boxes(page: &str, name: &str) -> Vec<(String, bool)> {
    let begin = format!("name=\"{name}\" value=\"");
    let one = |rest: &str| {
        let (value, rest) = rest.split_once('"').unwrap();
        (value.to_owned(), rest.starts_with(" checked"))
    };
    page.split(&begin).skip(1).map(one).collect()
}

async fn stranger(app: &TestApp, path: &str) -> Answer {
    app.send(Request::get(path).header(header::COOKIE, "lang=en").body(Body::empty()).unwrap()).await
}

fn paper(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.bytes).unwrap()
}

store::both_engines! {
    async fn words_and_problems_are_written_before_and_stay_with_what_was_published(db: TestDb) {
        let app = product(db).await;
        let month = Month::scored(&app, db).await;
        let (address, words) = (month.address(), format!("{}/words", month.address()));
        month.unit.get(&words).await.expect(403);
        month.unit.get(&address).await.expect(404);
        month.clerk.get(&month.made[0]).await.expect(200).has(&format!("/t/lsw{words}"));
        // What follows from the figures stands there; three problems are offered, and one of the unit is proposed.
        let page = month.editor().await.has("1 were ranked, with 99.62 on average").has("Boxes").has("Cleared").has("Whoever objects");
        let offered = boxes(&page.text, "problem");
        assert_eq!((offered.len(), offered.iter().filter(|one| one.1).count()), (3, 1));
        assert!(offered.iter().all(|one| one.0.starts_with(month.league(0))));
        // One after the other, and whoever comes second is told so, with what was typed and what stands there now.
        let (first, second) = (month.league(0), month.league(1));
        let (one, two) = (offered[0].0.as_str(), offered[2].0.as_str());
        let typed = |intro, remark, version| {
            vec![
                ("version", version), ("intro", intro), ("next", "Corridors first."), ("league", first), ("remark", remark),
                ("league", second), ("remark", ""), ("problem", one), ("problem", two), ("public", one),
            ]
        };
        month.unit.post(&words, &typed("x", "y", "")).await.expect(403);
        month.clerk.post(&words, &typed("We looked\ntwice.", "Elm Court did well.", "")).await.expect(303);
        let late = month.leader.post(&words, &typed("Mine", "My remark", "")).await.expect(409).has("Somebody else wrote");
        late.has(">Mine<").has(">My remark<").has("Elm Court did well.").has("We looked");
        // Too much of anything is said at its field, and nothing typed is lost.
        let long = "x".repeat(601);
        month.clerk.post(&words, &typed("Kept?", &long, "1")).await.expect(422).has("At most 600").has(&long).has(">Kept?<");
        let mut many = typed("x", "y", "1");
        let strange: Vec<String> = (0..2).map(|_| format!("{first}:{}", app.store.world().new_id::<Uuid>())).collect();
        many.extend(strange.iter().map(|value| ("problem", value.as_str())));
        month.clerk.post(&words, &many).await.expect(422).has("At most 3 typical problems");
        let page = month.editor().await.has("We looked").has("Elm Court did well.");
        assert_eq!(boxes(&page.text, "problem").iter().map(|one| one.1).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(boxes(&page.text, "public").iter().map(|one| one.1).collect::<Vec<_>>(), [true, false, false]);
        // The first league is published: its words and problems stand on the page and on paper, with their photos.
        month.publish(0).await;
        let page = month.unit.get(&address).await.expect(200).has("<p>We looked</p><p>twice.</p>").has("Elm Court did well.").has("Boxes. What was done: Cleared");
        let page = page.has("Corridors first.").lacks("Older ones").lacks("Write the bulletin");
        let photos: Vec<String> = page.text.split("<img src=\"/t/lsw").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        assert_eq!(photos.len(), 4);
        for photo in &photos {
            let shown = month.unit.get(photo).await.expect(200);
            assert_eq!(shown.headers[header::CONTENT_TYPE], "image/jpeg");
        }
        let taken = paper(&month.unit.get(&format!("{address}/bulletin.pdf")).await.expect(200));
        let cases = taken["sections"][0]["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 2);
        assert!(cases.iter().all(|case| !case["before"].is_null() && !case["after"].is_null()), "{cases:?}");
        assert_eq!(taken["intro"].as_array().unwrap().len(), 3);
        let code = taken["check_code"].as_str().unwrap();
        // A photo that is not among them is nobody's to see here.
        let all = store::Query::from("SELECT id FROM attachment WHERE tenant_id = :tenant").bind("tenant", TENANT).and("role = 'before'");
        let all: Vec<(kernel::ids::AttachmentId,)> = app.store.query(all).await.unwrap();
        let hidden: Vec<String> = all.iter().map(|(id,)| format!("{address}/photos/{id}")).filter(|path| !photos.contains(path)).collect();
        assert_eq!(hidden.len(), 1);
        month.unit.get(&hidden[0]).await.expect(404);
        // Its remark cannot be changed any more; what is still to be published can have other words.
        month.editor().await.has("This league is published");
        month.clerk.post(&words, &typed("Said later.", "Bent", "2")).await.expect(303);
        month.unit.get(&address).await.expect(200).has("We looked").lacks("Said later.").lacks("Bent");
        month.publish(1).await;
        let now = month.unit.get(&address).await.expect(200).has("Said later.").has("Older ones").has("Elm Court did well.");
        now.lacks("Bent").has("Issue 2").has(&format!("{address}?issue=1"));
        let before = month.unit.get(&format!("{address}?issue=1")).await.expect(200).has("We looked").lacks("Said later.").lacks("Older ones");
        before.has("This is an earlier issue").has("bulletin.pdf?issue=1").has(code);
        assert_eq!(paper(&month.unit.get(&format!("{address}/bulletin.pdf?issue=1")).await.expect(200)), taken, "it stays as it was");
        month.unit.get(&format!("{address}?code={code}")).await.expect(200).has("is that of Issue 1");
        month.unit.get(&format!("{address}?code=0000")).await.expect(200).has("The check code is another");
        for wrong in ["0", "3", "x", "-1", "99999999999999999999"] {
            month.unit.get(&format!("{address}?issue={wrong}")).await.expect(404);
        }
        // All is published: nothing can be written any more.
        month.editor().await.has("All of this month is published").lacks("Save the words").has("Words written").has("Published");
        month.clerk.post(&words, &typed("Bent", "Bent", "4")).await.expect(409).has("its words cannot be changed");
        assert_eq!((month.facts("bulletin.written").await, month.facts("bulletin.issued").await), (2, 2));
        // Whatever is bent, verify names it.
        assert_eq!(checked(&app).await, Vec::<String>::new());
        for (table, field, is) in [("bulletin_issue", "body", "issues"), ("bulletin", "words", "words")] {
            db.meddle(&format!("UPDATE {table} SET {field} = REPLACE({field}, 'Corridors first', 'Corridors later')")).await;
            let found = checked(&app).await;
            assert!(found.len() == 1 && found[0].contains(is), "{found:?}");
            db.meddle(&format!("UPDATE {table} SET {field} = REPLACE({field}, 'Corridors later', 'Corridors first')")).await;
        }
        db.meddle("UPDATE bulletin SET link = 'x'").await;
        assert!(checked(&app).await[0].contains("link"));
    }

    async fn a_correction_has_words_of_its_own(db: TestDb) {
        let app = product(db).await;
        let month = Month::scored(&app, db).await;
        let (address, words) = (month.address(), format!("{}/words", month.address()));
        month.clerk.post(&words, &[("version", ""), ("intro", "First words."), ("league", month.league(0)), ("remark", "Fine.")]).await.expect(303);
        month.publish(0).await;
        month.publish(1).await;
        // No box was ticked: none is shown.
        month.unit.get(&address).await.expect(200).has("First words.").has("Fine.").lacks("Typical problems");
        households(&app, app.compound, 500).await;
        let second = local(scored(&month.clerk, &month.leagues[0], &month.month).await.expect(303).location);
        month.editor().await.has("First words.").has("Fine.").lacks("All of this month");
        let corrected = [("version", "3"), ("intro", "Counted again."), ("league", month.league(0)), ("remark", "Better.")];
        month.clerk.post(&words, &corrected).await.expect(303);
        month.unit.get(&address).await.expect(200).has("First words.").has("Fine.").lacks("Counted again.");
        month.leader.post(&format!("{second}/check"), &[("version", "1")]).await.expect(303);
        month.leader.post(&format!("{second}/publish"), &[("version", "2")]).await.expect(303);
        month.unit.get(&address).await.expect(200).has("Counted again.").has("Better.").has("Corrected (edition 2)").lacks("First words.");
        month.unit.get(&format!("{address}?issue=2")).await.expect(200).has("First words.").has("Fine.").lacks("Corrected (edition");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn without_a_hand_the_proposal_is_published_and_next_month_is_named(db: TestDb) {
        let app = product(db).await;
        let month = Month::scored(&app, db).await;
        let member = format!("compound:{}", month.quiet);
        let listed = local(month.clerk.post("/improvements", &[("member", &member), ("why", "Stairs")]).await.expect(303).location);
        let next = month_of(&app);
        let (soon, far) = (format!("{next}-20"), format!("{}-01-15", next[..4].parse::<i64>().unwrap() + 1));
        month.clerk.post(&format!("{listed}/plan"), &[("version", "1"), ("what", "Paint the stairs"), ("due", &soon)]).await.expect(303);
        month.clerk.post(&format!("{listed}/plan"), &[("version", "2"), ("what", "A new roof"), ("due", &far)]).await.expect(303);
        month.editor().await.has("Quiet Court (Paint the stairs");
        month.publish(0).await;
        let page = month.unit.get(&month.address()).await.expect(200).has("Typical problems").has("Next month").has("Paint the stairs").lacks("A new roof");
        assert_eq!(page.text.matches("class=\"typical\"").count(), 1);
        // What becomes of the list afterwards changes nothing of what was published.
        month.clerk.post(&format!("{listed}/drop"), &[("version", "3"), ("words", "Moved")]).await.expect(303);
        month.unit.get(&month.address()).await.expect(200).has("Paint the stairs");
        let taken = paper(&month.unit.get(&format!("{}/bulletin.pdf", month.address())).await.expect(200));
        assert_eq!(taken["sections"][1]["heading"], "Next month");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn the_tables_are_taken_as_a_workbook(db: TestDb) {
        let app = product(db).await;
        let month = Month::scored(&app, db).await;
        let fields = [("version", "2"), ("name", "Older ones"), ("shows", "grades"), ("open", "1")];
        month.clerk.post(&month.leagues[1], &fields).await.expect(303);
        month.publish(0).await;
        month.publish(1).await;
        let book = month.unit.get(&format!("{}/bulletin.xlsx", month.address())).await.expect(200);
        let tables = territory::sheets::read_apart(book.bytes).await.unwrap();
        assert_eq!(tables.len(), 2, "a sheet for each league");
        let row = &tables[0].rows[1].cells;
        assert!(row.iter().any(|cell| cell == "99.625") && row.contains(&"Elm Court".to_owned()) && row[0] == "1", "{row:?}");
        assert!(row.len() > 8, "place, unit, company, total, before, grade and the dimensions: {row:?}");
        // Where grades alone are published, the sheet has nothing else.
        let head = &tables[1].rows[0].cells;
        assert!(head.iter().filter(|cell| !cell.is_empty()).count() == 3, "{head:?}");
        for made in &month.made {
            let id: Uuid = made.rsplit('/').next().unwrap().parse().unwrap();
            let facts = app.store.timeline(TENANT, "evaluation", id).await.unwrap();
            assert!(facts.iter().any(|fact| fact.kind == "evaluation.taken" && fact.data.contains("\"xlsx\"")));
        }
        month.clerk.get(&format!("{}/draft.xlsx", month.address())).await.expect(404);
    }

    async fn a_link_opens_what_was_published_until_it_is_withdrawn(db: TestDb) {
        let app = product(db).await;
        let month = Month::scored(&app, db).await;
        let address = month.address();
        let page = month.editor().await;
        let offered = boxes(&page.text, "problem");
        let (one, two) = (offered[0].0.as_str(), offered[1].0.as_str());
        let fields = [("version", ""), ("intro", "For everybody."), ("league", month.league(0)), ("remark", ""), ("problem", one), ("problem", two), ("public", one)];
        month.clerk.post(&format!("{address}/words"), &fields).await.expect(303);
        // Nothing is published yet.
        month.leader.post(&format!("{address}/share"), &[("version", "1")]).await.expect(404);
        month.publish(0).await;
        month.clerk.get(&address).await.expect(200).lacks("Give a public link");
        month.clerk.post(&format!("{address}/share"), &[("version", "2")]).await.expect(403);
        month.unit.post(&format!("{address}/share"), &[("version", "2")]).await.expect(403);
        month.leader.post(&format!("{address}/share"), &[("version", "1")]).await.expect(409).has("meanwhile");
        let link = month.share().await;
        month.leader.post(&format!("{address}/share"), &[("version", "3")]).await.expect(409).has("already");
        month.unit.get(&address).await.expect(200).lacks(&link);
        month.clerk.get(&address).await.expect(200).has(&link).lacks("Withdraw the link");
        // Figures, tables and words; of problems what may be shown, without its place, its words and its number.
        let seen = stranger(&app, &link).await.expect(200).has("99.625").has("Elm Court").has("For everybody.");
        assert_eq!(seen.headers["x-robots-tag"], "noindex, nofollow, noarchive");
        assert!(seen.headers[header::CACHE_CONTROL].to_str().unwrap().contains("no-store"));
        let seen = seen.lacks("Boxes").lacks("Cleared").lacks("/t/lsw/").lacks("/evaluations/").lacks("units/");
        assert_eq!(seen.text.matches("class=\"typical\"").count(), 1);
        let photos: Vec<String> = seen.text.split("<img src=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        assert_eq!(photos.len(), 2);
        for photo in &photos {
            assert_eq!(stranger(&app, photo).await.expect(200).headers[header::CONTENT_TYPE], "image/jpeg");
        }
        // The other one's photos are for those with an account.
        let inside = month.unit.get(&address).await.expect(200).text;
        let own = |photo: &str| photos.iter().any(|shown| shown.ends_with(photo));
        let ids = inside.split("/photos/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        let hidden: Vec<String> = ids.filter(|id| !own(id)).collect();
        assert_eq!(hidden.len(), 2);
        for id in &hidden {
            stranger(&app, &format!("{link}/photos/{id}")).await.expect(404);
        }
        for wrong in ["/b/lsw/0123456789abcdef0123456789abcdef", "/b/lsw/x", "/b/nowhere/x", "/b/other/x"] {
            stranger(&app, wrong).await.expect(404);
        }
        assert_eq!(checked(&app).await, Vec::<String>::new());
        // What is published later stands there too; withdrawn, nothing does.
        month.publish(1).await;
        stranger(&app, &link).await.expect(200).has("Older ones");
        let page = month.leader.get(&address).await.expect(200).has("Withdraw the link");
        let version = between(&page.text, "name=\"version\" value=\"", "\"").to_owned();
        month.clerk.post(&format!("{address}/unshare"), &[("version", &version)]).await.expect(403);
        month.leader.post(&format!("{address}/unshare"), &[("version", &version)]).await.expect(303);
        stranger(&app, &link).await.expect(404);
        stranger(&app, &photos[0]).await.expect(404);
        assert_ne!(month.share().await, link);
        stranger(&app, &link).await.expect(404);
        assert_eq!((month.facts("bulletin.shared").await, month.facts("bulletin.unshared").await), (2, 1));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }
}
