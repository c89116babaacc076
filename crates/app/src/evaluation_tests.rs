//! A month's evaluation from the league to the published table, through HTTP on both engines: scored, checked by another, published,
//! explained line by line, seen by whom it concerns, and reckoned anew.

use crate::bad_input_tests::product;
use access::{Role, Scope};
use evaluation::evaluation as months;
use evaluation::league::{LeagueId, MemberId};
use evaluation::samples;
use evaluation::scheme::{Adopt, Draft, Ranked};
use evaluation::scheme_file::understood;
use kernel::Instant;
use kernel::ids::PlaceId;
use std::collections::BTreeSet;
use store::testing::TestDb;
use territory::{Directory, Level, ManageTerritory};
use testkit::{Person, TENANT, TestApp};
use web::language::Lang;

/// A day, in microseconds.
const DAY: i64 = 86_400_000_000;

fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()
}

pub(crate) fn month_of(app: &TestApp) -> String {
    app.app.world.now().to_timestamp().to_zoned_datetime(zone()).strftime("%Y-%m").to_string()
}

pub(crate) async fn leader(app: &TestApp) -> Person<'_> {
    app.person(&[(Role::Leader, Scope::Tenant)]).await
}

/// The sample for these is adopted from this month on.
pub(crate) async fn adopted(app: &TestApp, ranked: Ranked) {
    let by = access::Actor::system(TENANT);
    let directory = Directory::load(&app.store, TENANT).await.unwrap();
    let sheet = samples::sheet(ranked).unwrap().unwrap();
    let scheme = understood(&sheet, &crate::compose::TELLERS.vocabulary(), &directory, Lang::Chinese).unwrap().scheme;
    let draft = Draft { by: by.permit(&TENANT).unwrap(), of: None, ranked, name: "Sample".into(), scheme };
    let pass = || store::Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: app.app.world.new_id(), body: [0; 32] };
    let id = app.store.run(pass(), draft).await.unwrap().out;
    let month = month_of(app);
    let adopt = Adopt {
        by: by.permit(&TENANT).unwrap(),
        scheme: evaluation::scheme::find(&app.store, TENANT, id).await.unwrap(),
        from_month: month.clone(),
        this_month: month,
        met_on: jiff::civil::date(2026, 1, 5),
        meeting: "Meeting".into(),
        document: Vec::new(),
    };
    app.store.run(pass(), adopt).await.unwrap();
}

/// A league with these members from this month on, made on screen; its address.
pub(crate) async fn league(who: &Person<'_>, app: &TestApp, name: &str, ranked: &str, members: &[MemberId]) -> String {
    let made = who.post("/leagues", &[("name", name), ("ranked", ranked), ("shows", "both")]).await.expect(303).location.unwrap();
    let address = made.strip_prefix("/t/lsw").unwrap().to_owned();
    set_members(who, &address, &month_of(app), "1", members).await.expect(303);
    address
}

pub(crate) async fn set_members(who: &Person<'_>, address: &str, month: &str, version: &str, members: &[MemberId]) -> testkit::Answer {
    let ids: Vec<String> = members.iter().map(ToString::to_string).collect();
    let mut fields = vec![("version", version), ("from_month", month)];
    fields.extend(ids.iter().map(|id| ("member", id.as_str())));
    who.post(&format!("{address}/members"), &fields).await
}

pub(crate) async fn households(app: &TestApp, place: PlaceId, households: i64) {
    let by = access::Actor::system(TENANT).permit::<ManageTerritory>(&TENANT).unwrap();
    let place = territory::places::place(&app.store, TENANT, place).await.unwrap();
    let details = territory::places::PlaceDetails { households: Some(households), ..territory::places::PlaceDetails::named(&place.name) };
    let edit = territory::places::EditPlace { by, place: place.id, version: place.version, details };
    let pass = store::Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: app.app.world.new_id(), body: [0; 32] };
    app.store.run(pass, edit).await.unwrap();
}

/// Four rounds of inspection at each of these, as everybody gets them.
pub(crate) async fn rounds(who: &Person<'_>, app: &TestApp, league: &str, members: &[MemberId]) {
    let day = app.app.world.now().to_timestamp().to_zoned_datetime(zone()).date().to_string();
    let ids: Vec<String> = members.iter().map(ToString::to_string).collect();
    for _ in 0..4 {
        let mut fields = vec![("kind", "round"), ("league", league.rsplit('/').next().unwrap()), ("day", day.as_str())];
        fields.extend(ids.iter().map(|id| ("member", id.as_str())));
        who.post("/entries", &fields).await.expect(303);
    }
}

/// So many problems of the street's looks, each of another category, found, issued, mended and passed at the compound.
pub(crate) async fn mended(app: &TestApp, many: usize) {
    let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
    let directory = Directory::load(&app.store, TENANT).await.unwrap();
    let categories = directory.categories().filter(|category| category.class_name == "市容环境类" && category.limit_unit.is_some());
    let place = app.compound.to_string();
    for category in categories.take(many) {
        let circular = clerk.post("/circulars", &[("title", "Round")]).await.expect(303).location.unwrap();
        let circular = circular.rsplit('/').next().unwrap().to_owned();
        let (id, photo) = (category.id.to_string(), inspector.upload(7).await);
        let fields = [("place", place.as_str()), ("category", &id), ("what", "Boxes"), ("circular", &circular), ("photo", &photo)];
        inspector.post("/report", &fields).await.expect(303);
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(303);
        let query = store::Query::from("SELECT number FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT);
        let (number,) = app.store.query::<(i64,)>(query.then("ORDER BY number DESC LIMIT 1")).await.unwrap()[0];
        let photo = handler.upload(9).await;
        handler.post(&format!("/cases/{number}/rectify"), &[("words", "Cleared"), ("photo", &photo), ("version", "2")]).await.expect(303);
        let photo = inspector.upload(11).await;
        inspector.post(&format!("/cases/{number}/pass"), &[("words", "Clean"), ("photo", &photo), ("version", "3")]).await.expect(303);
    }
}

/// A step of a case as its page sends it.
pub(crate) async fn step(app: &TestApp, who: &Person<'_>, number: i64, name: &str, fields: &[(&str, &str)]) {
    let query = store::Query::from("SELECT version FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT);
    let (version,) = app.store.query::<(i64,)>(query.and("number = :number").bind("number", number)).await.unwrap()[0];
    let version = version.to_string();
    let all: Vec<(&str, &str)> = fields.iter().copied().chain([("version", version.as_str())]).collect();
    who.post(&format!("/cases/{number}/{name}"), &all).await.expect(303);
}

pub(crate) fn on_to_next_month(app: &TestApp) {
    let clock = &app.app.world.clock;
    let month = month_of(app);
    while month_of(app) == month {
        clock.set(Instant(app.app.world.now().0 + DAY));
    }
}

pub(crate) async fn sealed(app: &TestApp, db: &TestDb) {
    let signer = store::journal::Signer::in_memory(&db.world);
    store::journal::Journal::new(app.store.clone(), signer).seal_now(TENANT).await.unwrap();
}

/// What `verify` says of leagues and evaluations, one line a finding.
pub(crate) async fn checked(app: &TestApp) -> Vec<String> {
    let mut report = store::journal::Report::new(TENANT);
    store::journal::StateCheck::check(&evaluation::checking::Leagues, &app.store, TENANT, &mut report).await.unwrap();
    let evaluations = evaluation::checking::Evaluations(crate::compose::TELLERS);
    store::journal::StateCheck::check(&evaluations, &app.store, TENANT, &mut report).await.unwrap();
    store::journal::StateCheck::check(&evaluation::kept_check::Kept, &app.store, TENANT, &mut report).await.unwrap();
    report.findings.iter().map(ToString::to_string).collect()
}

pub(crate) fn local(location: Option<String>) -> String {
    location.unwrap().strip_prefix("/t/lsw").unwrap().to_owned()
}

pub(crate) async fn scored(who: &Person<'_>, league: &str, month: &str) -> testkit::Answer {
    who.post("/evaluations", &[("league", league.rsplit('/').next().unwrap()), ("month", month)]).await
}

store::both_engines! {
    async fn a_month_is_scored_checked_published_and_opens_to_its_facts(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, unit) = (app.clerk().await, leader(&app).await, app.handler_of(app.company).await);
        let (inspector, community) = (app.inspector().await, app.person(&[(Role::Community, app.scope(app.community).await)]).await);
        let quiet = app.place(app.community, Level::Compound, "Quiet Court").await;
        adopted(&app, Ranked::Compound).await;
        clerk.get("/evaluations").await.expect(200).has("Nothing was evaluated yet");
        let members = [MemberId(app.compound.0), MemberId(quiet.0)];
        households(&app, app.compound, 400).await;
        let compounds = league(&clerk, &app, "Compounds", "compound", &members).await;
        rounds(&clerk, &app, &compounds, &members).await;
        let month = month_of(&app);
        scored(&clerk, &compounds, &month).await.expect(422).has("That month is not over");
        scored(&clerk, &compounds, "soon").await.expect(422).has("such as 2026-03");
        mended(&app, 3).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let clerk = app.again(&clerk).await;
        let leader = app.again(&leader).await;
        let unit = app.again(&unit).await;
        let inspector = app.again(&inspector).await;
        let community = app.again(&community).await;
        unit.post("/evaluations", &[("league", "x"), ("month", &month)]).await.expect(403);
        clerk.get("/evaluations").await.expect(200).has(&format!("Score {month}"));
        let made = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        // Nobody knows how large the quiet one is: it is scored, and compared with nobody.
        clerk.get(&made).await.expect(200).has("Draft").has("Quiet Court").has("not ranked: 1").lacks(">Publish<").lacks("Reckon anew and check<");
        unit.get(&made).await.expect(404);
        inspector.get(&made).await.expect(404);
        // It waits for whoever may check it and did not draft it.
        leader.get("/work").await.expect(200).has("Scores of a month to check");
        for nobody in [&clerk, &inspector, &community] {
            nobody.get("/work").await.expect(200).lacks("Scores of a month to check");
        }
        let score = format!("{made}/units/{}", app.compound);
        let shown = clerk.get(&score).await.expect(200).has("A2").has("3 facts").has("Households");
        // Three found, two points each, by 400 households and four rounds: 3 × 2 × 100 ÷ (400 × 4) = 0.375.
        let shown = shown.has("-0.375").has("29.625 / 30");
        // Every fact opens to its case, and says why it counted.
        let why = crate::import_tests::between(&shown.text, "/why?fact=", "\"");
        clerk.get(&format!("{score}/why?fact={why}")).await.expect(200).has("Row by row").has("matches").has("does not");
        clerk.get(&format!("{score}/why?fact=nothing")).await.expect(404);
        clerk.get(&format!("{made}/units/{}", app.company)).await.expect(404);
        // Who drafted it neither checks nor publishes; a leader does, one after the other.
        clerk.post(&format!("{made}/check"), &[("version", "1")]).await.expect(409).has("by somebody else");
        clerk.post(&format!("{made}/publish"), &[("version", "1")]).await.expect(403);
        leader.post(&format!("{made}/publish"), &[("version", "1")]).await.expect(409).has("after it was checked");
        leader.post(&format!("{made}/check"), &[("version", "9")]).await.expect(409).has("just now");
        leader.post(&format!("{made}/check"), &[("version", "1")]).await.expect(303);
        // Scored again it is a draft again.
        assert_eq!(local(scored(&clerk, &compounds, &month).await.expect(303).location), made);
        leader.post(&format!("{made}/publish"), &[("version", "3")]).await.expect(409).has("after it was checked");
        leader.post(&format!("{made}/check"), &[("version", "3")]).await.expect(303);
        leader.get("/work").await.expect(200).has("Scores of a month to publish").lacks("Scores of a month to check");
        leader.post(&format!("{made}/publish"), &[("version", "4")]).await.expect(303);
        leader.get("/work").await.expect(200).lacks("Scores of a month");
        assert_eq!(checked(&app).await, Vec::<String>::new());
        // The unit sees the table and its own lines alone; the community what lies in it.
        unit.get("/evaluations").await.expect(200).has("Scores of your unit").has("99.625");
        unit.get(&made).await.expect(200).has("Quiet Court").has("99.625").lacks("±").lacks("Score again");
        unit.get(&score).await.expect(200).has("A2");
        unit.get(&format!("{made}/units/{quiet}")).await.expect(404);
        // It stands on the pages where they look at their own work.
        unit.get("/todo").await.expect(200).has(&format!("Score of {month} · Elm Court, rank 1")).has("99.625");
        community.get("/work").await.expect(200).has(&format!("Score of {month} · Quiet Court"));
        inspector.get("/work").await.expect(200).lacks("Score of");
        inspector.get(&made).await.expect(200);
        inspector.get(&score).await.expect(404);
        community.get(&score).await.expect(200);
        community.get(&format!("{made}/units/{quiet}")).await.expect(200);
        let book = unit.get(&format!("{made}/table.xlsx")).await.expect(200);
        let tables = territory::sheets::read_apart(book.bytes).await.unwrap();
        assert!(tables[0].rows.iter().any(|row| row.cells.iter().any(|cell| cell == "99.625")));
        // The bulletin says the same on its page and on paper, and its check code is held against it.
        let bulletin = unit.get(&format!("/bulletins/{month}")).await.expect(200).has("No. 1").has("99.625").lacks("Draft for signature");
        let code = crate::import_tests::between(&bulletin.text, "<dd class=\"num\">", "<").to_owned();
        unit.get(&format!("/bulletins/{month}?code={code}")).await.expect(200).has("the paper says what was published");
        unit.get(&format!("/bulletins/{month}?code=0000")).await.expect(200).has("The check code is another");
        for form in ["pdf", "docx"] {
            assert!(unit.get(&format!("/bulletins/{month}/bulletin.{form}")).await.expect(200).bytes.len() > 1_000, "{form}");
        }
        unit.get(&format!("/bulletins/{month}/draft.pdf")).await.expect(404);
        unit.get(&format!("/bulletins/{month}/bulletin.exe")).await.expect(404);
        clerk.get(&format!("/bulletins/{month}/draft.docx")).await.expect(200);
        unit.get("/bulletins/2020-01").await.expect(404).has("there is a bulletin when it is");
        unit.get("/bulletins/soon").await.expect(422);
        // What was published stays: nothing new is no edition, and its league's month is its own.
        scored(&clerk, &compounds, &month).await.expect(409).has("nothing to correct");
        set_members(&clerk, &compounds, &month, "2", &members[..1]).await.expect(422).has("was published");
    }

    async fn what_was_kept_and_is_bent_goes_no_further_and_verify_names_it(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader) = (app.clerk().await, leader(&app).await);
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 100).await;
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        rounds(&clerk, &app, &compounds, &[MemberId(app.compound.0)]).await;
        let month = month_of(&app);
        mended(&app, 1).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let clerk = app.again(&clerk).await;
        let leader = app.again(&leader).await;
        let made = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        // A household more or less afterwards changes nothing: sizes are kept.
        households(&app, app.compound, 9_000).await;
        assert_eq!(checked(&app).await, Vec::<String>::new());
        db.meddle("UPDATE evaluation_score SET total = total + 1").await;
        leader.post(&format!("{made}/check"), &[("version", "1")]).await.expect(409).has("it is not what was kept");
        assert_eq!(checked(&app).await.len(), 1);
        db.meddle("UPDATE evaluation_score SET total = total - 1").await;
        leader.post(&format!("{made}/check"), &[("version", "1")]).await.expect(303);
        db.meddle("UPDATE evaluation_body SET body = REPLACE(body, '-500', '-400')").await;
        leader.post(&format!("{made}/publish"), &[("version", "2")]).await.expect(409).has("it is not what was kept").has("A2");
        let found = checked(&app).await;
        assert!(found.len() == 1 && found[0].contains("row=A2"), "{found:?}");
        db.meddle("UPDATE evaluation_body SET body = REPLACE(body, '-400', '-500')").await;
        leader.post(&format!("{made}/publish"), &[("version", "2")]).await.expect(303);
        db.meddle("UPDATE evaluation SET state = 'draft'").await;
        assert_eq!(checked(&app).await.len(), 1);
        db.meddle("UPDATE evaluation SET state = 'published'; UPDATE league SET name = 'Other'").await;
        assert_eq!(checked(&app).await.len(), 1);
    }

    async fn who_is_in_a_league_holds_from_a_month_on(db: TestDb) {
        let app = product(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let [a, b] = [MemberId(app.compound.0), MemberId(app.place(app.community, Level::Compound, "Quiet Court").await.0)];
        inspector.get("/leagues").await.expect(403);
        clerk.get("/leagues").await.expect(200).has("There are no leagues yet");
        clerk.post("/leagues", &[("name", ""), ("ranked", "compound")]).await.expect(422).has("A name is needed");
        clerk.post("/leagues", &[("name", "Kept"), ("ranked", "moon")]).await.expect(422).has("Choose what is scored").has("Kept");
        let one = league(&clerk, &app, "Newer", "compound", &[a]).await;
        clerk.post("/leagues", &[("name", "Newer"), ("ranked", "compound")]).await.expect(422).has("There is a league of that name");
        let two = local(clerk.post("/leagues", &[("name", "Older"), ("ranked", "compound")]).await.expect(303).location);
        let month = month_of(&app);
        set_members(&clerk, &two, &month, "1", &[a, b]).await.expect(422).has("is in another league");
        set_members(&clerk, &two, "never", "1", &[b]).await.expect(422).has("such as 2026-03");
        set_members(&clerk, &two, &month, "1", &[MemberId(app.company.0)]).await.expect(422).has("Not everybody chosen");
        set_members(&clerk, &two, &month, "7", &[b]).await.expect(409).has("Somebody changed the league");
        set_members(&clerk, &two, &month, "1", &[b]).await.expect(303);
        // From the next month on they change places; this month stays as it is.
        let next = evaluation::scoring::month_before(&month, -1).unwrap();
        set_members(&clerk, &two, &next, "2", &[]).await.expect(303);
        set_members(&clerk, &one, &next, "2", &[a, b]).await.expect(303);
        assert_eq!(checked(&app).await, Vec::<String>::new());
        let id = |address: &str| address.rsplit('/').next().unwrap().parse::<LeagueId>().unwrap();
        let members = async |address: &str, month: &str| evaluation::league::members(&app.store, TENANT, id(address), month).await.unwrap();
        assert_eq!((members(&one, &month).await, members(&one, &next).await), (BTreeSet::from([a]), BTreeSet::from([a, b])));
        assert_eq!((members(&two, &month).await, members(&two, &next).await), (BTreeSet::from([b]), BTreeSet::new()));
        // What was said of a month to come is said otherwise.
        set_members(&clerk, &one, &next, "3", &[b]).await.expect(303);
        set_members(&clerk, &one, &month, "4", &[a]).await.expect(303);
        assert_eq!((members(&one, &month).await, members(&one, &next).await), (BTreeSet::from([a]), BTreeSet::from([a])));
        assert_eq!(checked(&app).await, Vec::<String>::new());
        let fields = [("version", "5"), ("name", "Renamed"), ("shows", "grades")];
        clerk.post(&one, &fields).await.expect(303);
        clerk.get(&one).await.expect(200).has("Renamed").has("Closed");
        clerk.post(&one, &fields).await.expect(409).has("Somebody changed the league").has("Renamed");
        assert_eq!(checked(&app).await, Vec::<String>::new());
        db.meddle("UPDATE league_member SET from_month = '2000-01'").await;
        assert!(!checked(&app).await.is_empty());
    }

    async fn two_who_score_at_once_are_told_apart_and_a_league_by_grade_shows_no_rank(db: TestDb) {
        let app = product(db).await;
        let (clerk, other, leader, unit) = (app.clerk().await, app.clerk().await, leader(&app).await, app.handler_of(app.company).await);
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        let month = month_of(&app);
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        rounds(&clerk, &app, &compounds, &[MemberId(app.compound.0)]).await;
        clerk.post(&compounds, &[("version", "2"), ("name", "Compounds"), ("shows", "grades"), ("open", "1")]).await.expect(303);
        mended(&app, 1).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let clerk = app.again(&clerk).await;
        let other = app.again(&other).await;
        let leader = app.again(&leader).await;
        let unit = app.again(&unit).await;
        let (a, b) = tokio::join!(scored(&clerk, &compounds, &month), scored(&other, &compounds, &month));
        let mut answers = [a.status.as_u16(), b.status.as_u16()];
        answers.sort_unstable();
        // One after the other both are good; at once the second is told.
        assert!(answers == [303, 409] || answers == [303, 303], "{answers:?}");
        let id: LeagueId = compounds.rsplit('/').next().unwrap().parse().unwrap();
        let kept = months::editions(&app.store, TENANT, id, &month).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(months::table(&app.store, TENANT, kept[0].id).await.unwrap().len(), 1);
        let made = format!("/evaluations/{}", kept[0].id);
        let step = |version: i64| version.to_string();
        leader.post(&format!("{made}/check"), &[("version", &step(kept[0].version))]).await.expect(303);
        leader.post(&format!("{made}/publish"), &[("version", &step(kept[0].version + 1))]).await.expect(303);
        unit.get(&made).await.expect(200).has("Grade").lacks("Rank").lacks("98.");
        leader.get(&made).await.expect(200).has("Rank");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_correction_is_another_edition_that_names_what_changed_and_the_first_stays(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, unit) = (app.clerk().await, leader(&app).await, app.handler_of(app.company).await);
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        let month = month_of(&app);
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        rounds(&clerk, &app, &compounds, &[MemberId(app.compound.0)]).await;
        mended(&app, 2).await;
        let query = store::Query::from("SELECT number FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT);
        let (number,) = app.store.query::<(i64,)>(query.then("ORDER BY number DESC LIMIT 1")).await.unwrap()[0];
        step(&app, &unit, number, "appeal", &[("reason", "wrong_unit"), ("words", "Not ours")]).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let (clerk, leader, unit) = (app.again(&clerk).await, app.again(&leader).await, app.again(&unit).await);
        let publish = async |version: i64| {
            let made = local(scored(&clerk, &compounds, &month).await.expect(303).location);
            leader.post(&format!("{made}/check"), &[("version", &version.to_string())]).await.expect(303);
            leader.post(&format!("{made}/publish"), &[("version", &(version + 1).to_string())]).await.expect(303);
            made
        };
        let first = publish(1).await;
        unit.get(&first).await.expect(200).has("99.75");
        // The appeal is heard after the month was published, and upheld: the fact stays, and is held against the unit no more.
        step(&app, &clerk, number, "review_appeal", &[("reason", "upheld"), ("words", "It was not")]).await;
        step(&app, &leader, number, "uphold_appeal", &[("words", "It was not")]).await;
        sealed(&app, db).await;
        assert_eq!(checked(&app).await, Vec::<String>::new(), "the first edition is reckoned anew as it was");
        let second = publish(1).await;
        assert_ne!(first, second);
        unit.get(&second).await.expect(200).has("Edition 2").has("99.875");
        unit.get(&first).await.expect(200).has("99.75");
        let bulletin = unit.get(&format!("/bulletins/{month}")).await.expect(200).has("Corrected (edition 2)");
        bulletin.has("Compounds: Elm Court was 99.75, rank 1").has("it is 99.875, rank 1");
        unit.get("/todo").await.expect(200).has("99.875").lacks("99.75");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }
}
