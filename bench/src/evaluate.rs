//! A month's evaluation of a thousand compounds from a million facts of the journal: beside the same sums in one statement of SQL that
//! was written for them, on the same engine and in the same run; and how long the page of one score takes.

use crate::load::{Line, percentile};
use crate::program::Served;
use crate::told::{COLUMNS, Court, HOUR, Month};
use crate::town::{self, TENANT, Town};
use crate::{Figure, raw};
use access::Actor;
use evaluation::evaluation::{Keep, editions};
use evaluation::league::{LeagueId, MemberId, SetLeague, SetMembers, Shows};
use evaluation::scheme::{Adopt, Draft, Ranked};
use evaluation::{league, reckoning, samples, scheme, scheme_file};
use kernel::ids::Uuid;
use product::first_start::as_system;
use product::installation::Installation;
use rusqlite::types::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};
use territory::places::{CreatePlace, PlaceDetails};
use territory::{Directory, Level};

const COMPOUNDS: usize = 1_000;
/// What a problem costs by the sample is two points by a hundred households: so a twentieth of a point here, without a rest.
const HOUSEHOLDS: i64 = 4_000;
/// How often each side is measured; the middle counts.
const ROUNDS: usize = 3;

/// What is measured, and in which month.
struct Ground {
    league: LeagueId,
    month: String,
    first: i64,
    end: i64,
    /// Categories by the id that facts name, and whether they are of cleanliness.
    categories: Vec<(Uuid, bool)>,
}

/// The month before this one in the town.
fn last_month() -> (String, i64, i64) {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone");
    let this = kernel::World::system().now().to_timestamp().to_zoned_datetime(zone.clone()).date().first_of_month();
    let last = this.yesterday().expect("a day").first_of_month();
    let starts = |day: jiff::civil::Date| zone.to_timestamp(day.at(0, 0, 0, 0)).expect("an instant").as_microsecond();
    (last.strftime("%Y-%m").to_string(), starts(last), starts(this))
}

/// A thousand compounds in one league, scored by the shipped sample as it would be without rounds of inspection.
async fn prepare(place: &Installation, town: &Town) -> (Ground, Vec<Court>) {
    let store = &place.store;
    let system = Actor::system(TENANT);
    let (month, first, end) = last_month();
    let mut courts = Vec::with_capacity(COMPOUNDS);
    for n in 0..COMPOUNDS {
        let (community, _) = town.communities[n % town.communities.len()];
        let unit = town.units[n % town.units.len()];
        let details = PlaceDetails { households: Some(HOUSEHOLDS), ..PlaceDetails::named(&format!("Garden {n}")) };
        let by = system.permit(&TENANT).expect("the system may");
        let made = CreatePlace { by, parent: Some(community), level: Level::Compound, details };
        let compound = as_system(store, TENANT, made).await.expect("a compound");
        let by = system.permit(&TENANT).expect("the system may");
        let from = "2020-01-01".parse().expect("a date");
        let answers = territory::organisations::AnswerFor { by, organisation: unit, place: compound, project: None, from, to: None };
        as_system(store, TENANT, answers).await.expect("somebody answers for it");
        courts.push(Court { compound, community, unit });
    }
    let may = || system.permit(&TENANT).expect("the system may");
    let set = SetLeague { by: may(), of: None, ranked: Ranked::Compound, name: "Compounds".into(), shows: Shows::Both, open: true };
    let id = as_system(store, TENANT, set).await.expect("a league");
    let league = league::find(store, TENANT, id).await.expect("the league");
    let members: BTreeSet<MemberId> = courts.iter().map(|court| MemberId(court.compound.0)).collect();
    let by = system.permit(&TENANT).expect("the system may");
    as_system(store, TENANT, SetMembers { by, league, from_month: month.clone(), members }).await.expect("members");
    let directory = Directory::load(store, TENANT).await.expect("a directory");
    let mut sheet = samples::sheet(Ranked::Compound).expect("readable").expect("a sample");
    for cell in sheet.parts.values_mut().flat_map(|grid| &mut grid.lines).flatten() {
        if cell == "户数×轮次" {
            *cell = "户数".to_owned();
        }
    }
    let vocabulary = product::compose::TELLERS.vocabulary();
    let read = scheme_file::understood(&sheet, &vocabulary, &directory, web::Lang::Chinese).unwrap_or_else(|found| panic!("{found:?}"));
    let by = system.permit(&TENANT).expect("the system may");
    let draft = Draft { by, of: None, ranked: Ranked::Compound, name: "Sample".into(), scheme: read.scheme };
    let drafted = as_system(store, TENANT, draft).await.expect("a scheme");
    let adopt = Adopt {
        by: system.permit(&TENANT).expect("the system may"),
        scheme: scheme::find(store, TENANT, drafted).await.expect("the scheme"),
        from_month: month.clone(),
        this_month: month.clone(),
        met_on: jiff::civil::date(2026, 1, 5),
        meeting: "Meeting".into(),
        document: Vec::new(),
    };
    as_system(store, TENANT, adopt).await.expect("adopted");
    let clean = ["市容环卫设施", "市容环卫设施类", "市容环境类"];
    let of = |id: &Uuid| directory.categories().find(|one| one.id.0 == *id).is_some_and(|one| clean.contains(&one.class_name.as_str()));
    let categories = town.categories.iter().map(|id| (*id, of(id))).collect();
    (Ground { league: id, month, first, end, categories }, courts)
}

/// The same sums as one reads them from the facts by hand: of each compound what was dispatched, mended, closed, in time and not, and its
/// points and rank. What a scheme may be beside this one, who struck what, and why each point was given it cannot say.
fn by_hand(ground: &Ground, engine: Engine) -> String {
    let of = |path: &[&str]| match engine {
        Engine::Sqlite => format!("data ->> '$.{}'", path.join(".")),
        Engine::Postgres => match path {
            [one] => format!("data::json ->> '{one}'"),
            [one, two] => format!("data::json -> '{one}' ->> '{two}'"),
            _ => unreachable!("no deeper"),
        },
    };
    let number = |path: &[&str]| match engine {
        Engine::Sqlite => of(path),
        Engine::Postgres => format!("({})::bigint", of(path)),
    };
    let (least, truth, place) = match engine {
        Engine::Sqlite => ("MIN", format!("{} = 1", of(&["late"])), "place_id"),
        Engine::Postgres => ("LEAST", format!("{} = 'true'", of(&["late"])), "CAST(place_id AS TEXT)"),
    };
    let (from, to, category, due) = (ground.first, ground.end, of(&["category"]), number(&["clock", "due"]));
    let edge = |at: i64| {
        let id = kernel::ids::beginning(kernel::Instant(at));
        if engine == Engine::Sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
    };
    let (first, end) = (edge(from), edge(to));
    format!(
        "WITH story AS (
            SELECT subject_id,
                MAX(CASE WHEN kind = 'case.reported' THEN {place} END) AS compound,
                MAX(CASE WHEN kind = 'case.reported' THEN recorded_at END) AS reported,
                MAX(CASE WHEN kind = 'case.filed' THEN {category} END) AS category,
                MAX(CASE WHEN kind = 'case.filed' THEN 1 ELSE 0 END) AS filed,
                MAX(CASE WHEN kind = 'case.dispatched' THEN recorded_at END) AS handed,
                MAX(CASE WHEN kind = 'case.dispatched' THEN {due} END) AS due,
                MAX(CASE WHEN kind = 'case.rectified' THEN recorded_at END) AS mended,
                MIN(CASE WHEN kind = 'case.rectified' AND {truth} THEN recorded_at END) AS late_at,
                SUM(CASE WHEN kind = 'case.failed' AND recorded_at >= {from} AND recorded_at < {to} THEN 1 ELSE 0 END) AS failed,
                MAX(CASE WHEN kind = 'case.passed' THEN recorded_at END) AS passed
            FROM fact
            WHERE tenant_id = 1 AND subject = 'case' AND subject_id >= {first} AND subject_id < {end} AND position IS NOT NULL
            GROUP BY subject_id
        ), found AS (
            SELECT compound, category, COUNT(*) AS n FROM story WHERE handed >= {from} AND handed < {to} GROUP BY compound, category
        ), capped AS (
            SELECT compound,
                SUM(CASE WHEN clean = 1 THEN {least}(4000, n * 50) ELSE 0 END) AS dirt,
                SUM(CASE WHEN clean = 0 THEN {least}(4000, n * 50) ELSE 0 END) AS disorder
            FROM found JOIN bench_category ON bench_category.id = found.category
            GROUP BY compound
        ), counted AS (
            SELECT compound,
                SUM(CASE WHEN reported >= {from} AND reported < {to} THEN 1 ELSE 0 END) AS reported,
                SUM(CASE WHEN reported >= {from} AND reported < {to} THEN filed ELSE 0 END) AS filed,
                SUM(CASE WHEN handed >= {from} AND handed < {to} THEN 1 ELSE 0 END) AS dispatched,
                SUM(CASE WHEN due >= {from} AND due < {to} THEN 1 ELSE 0 END) AS to_rectify,
                SUM(CASE WHEN due >= {from} AND due < {to} AND mended IS NOT NULL THEN 1 ELSE 0 END) AS rectified,
                SUM(CASE WHEN due >= {from} AND due < {to} AND mended IS NOT NULL AND late_at IS NULL THEN 1 ELSE 0 END) AS on_time,
                SUM(CASE WHEN due >= {from} AND due < {to} AND passed IS NOT NULL THEN 1 ELSE 0 END) AS closed,
                SUM(CASE WHEN due >= {from} AND due < {to} AND passed IS NOT NULL AND late_at IS NULL THEN 1 ELSE 0 END) AS closed_on_time,
                SUM(CASE WHEN due >= {from} AND due < {to} AND failed > 0 THEN 1 ELSE 0 END) AS reworked,
                SUM(failed) AS failed,
                SUM(CASE WHEN late_at IS NULL OR due < {from} OR due >= {to} THEN 0
                    WHEN late_at - due <= {day} * 3 THEN 1000
                    WHEN late_at - due <= {day} * 7 THEN 2000
                    ELSE 3000 END) AS lateness
            FROM story
            GROUP BY compound
        ), scored AS (
            SELECT counted.*, 30000 - {least}(30000, dirt) + 20000 - {least}(20000, disorder) + 20000 + 20000 - {least}(12000, failed * 2000)
                + 10000 - {least}(10000, lateness) AS total
            FROM counted JOIN capped ON capped.compound = counted.compound
        )
        SELECT compound, CAST(total AS BIGINT) AS total, RANK() OVER (ORDER BY total DESC) AS place, reported, filed, dispatched, to_rectify, rectified, on_time, closed,
            closed_on_time, reworked
        FROM scored",
        day = 24 * HOUR,
    )
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    const fn name(self) -> &'static str {
        match self {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        }
    }
}

fn middle(taken: &[Duration]) -> f64 {
    percentile(taken, 0.5)
}

/// Drafts the month as the program does, in a process that does nothing else; what each of the rounds took, whole and its scoring alone.
async fn drafted(place: &Installation, ground: &Ground) -> (Vec<Duration>, Vec<Duration>) {
    let store = &place.store;
    let system = Actor::system(TENANT);
    let (mut whole, mut scoring) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let directory = Directory::load(store, TENANT).await.expect("a directory");
        let league = league::find(store, TENANT, ground.league).await.expect("the league");
        let of = editions(store, TENANT, ground.league, &ground.month).await.expect("editions").into_iter().next();
        let made = reckoning::reckon(store, product::compose::TELLERS, &directory, &league, &ground.month).await.expect("scores");
        scoring.push(began.elapsed());
        let by = system.permit(&TENANT).expect("the system may");
        let keep = Keep { by, league, month: ground.month.clone(), of, scheme: made.scheme, cut: made.cut, units: made.units };
        as_system(store, TENANT, keep).await.expect("a draft");
        whole.push(began.elapsed());
    }
    (whole, scoring)
}

/// The totals that were kept, by compound; and where the first of its units is looked at.
async fn kept(place: &Installation, ground: &Ground) -> (BTreeMap<Uuid, i64>, String, Vec<MemberId>) {
    let edition = editions(&place.store, TENANT, ground.league, &ground.month).await.expect("editions").remove(0);
    let table = evaluation::evaluation::table(&place.store, TENANT, edition.id).await.expect("a table");
    let totals = table.iter().map(|line| (line.member_id.0, line.total)).collect();
    (totals, format!("/t/town/evaluations/{}", edition.id), table.iter().map(|line| line.member_id).collect())
}

/// The page of a score, and the page that says why a fact counted: what each of them took.
async fn explained(served: &Served, town: &Town, address: &str, members: &[MemberId]) -> (Vec<Duration>, Vec<Duration>) {
    let mut line = Line::open(&served.address).await;
    let cookie = &town.clerk().cookie;
    let (mut scores, mut reasons) = (Vec::new(), Vec::new());
    for nth in 0..120 {
        let member = members[nth * 7 % members.len()];
        let page = format!("{address}/units/{member}");
        let sent = Instant::now();
        let answer = line.get(&page, cookie).await;
        scores.push(sent.elapsed());
        assert_eq!(answer.status, 200, "{page}: {}", answer.head);
        let why = answer.body.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|href| href.contains("/why?fact="));
        let why = why.expect("a fact that opens").replace("&amp;", "&").replace("&#38;", "&");
        let sent = Instant::now();
        let answer = line.get(&why, cookie).await;
        reasons.push(sent.elapsed());
        assert_eq!(answer.status, 200, "{why}: {}", answer.head);
    }
    (scores, reasons)
}

/// What happens in the background has caught up with the journal.
async fn quiet(place: &Installation) {
    let head = evaluation::scoring::journal_size(&place.store, TENANT).await.expect("a journal");
    for _ in 0..600 {
        let indexed = place.store.search().progress(TENANT).await.expect("an index");
        if indexed.is_some_and(|indexed| indexed.complete && indexed.position >= head) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("evaluate: the background has not caught up with the journal");
}

async fn measure(
    folder: &Path,
    url: Option<&str>,
    town: &Town,
    place: Installation,
    ground: &Ground,
    sums: Sums,
    facts: i64,
) -> Vec<Figure> {
    let engine = if url.is_some() { Engine::Postgres } else { Engine::Sqlite };
    let (whole, scoring) = drafted(&place, ground).await;
    let (ours, address, members) = kept(&place, ground).await;
    let theirs = &sums.totals;
    let other = ours.iter().find(|(compound, total)| theirs.get(compound) != Some(total));
    if let Some((compound, total)) = other {
        panic!("{compound} has {total} and by hand {:?}: not the same sums", theirs.get(compound));
    }
    assert_eq!((ours.len(), theirs.len()), (COMPOUNDS, COMPOUNDS), "units");
    let (took, hand) = (middle(&whole), middle(&sums.taken));
    println!(
        "evaluate, {}: {facts} facts of {COMPOUNDS} units: {:.1} s ({:.1} s of it scoring), by hand {:.1} s; totals from {} to {}",
        engine.name(),
        took / 1e3,
        middle(&scoring) / 1e3,
        hand / 1e3,
        ours.values().min().copied().unwrap_or(0),
        ours.values().max().copied().unwrap_or(0),
    );
    let served = Served::start(folder, url).await;
    quiet(&place).await;
    let (scores, reasons) = explained(&served, town, &address, &members).await;
    served.stop().await;
    let words = format!("{:.2} s : {:.2} s", took / 1e3, hand / 1e3);
    let named = |what: &str| format!("evaluate, {}, {what}", engine.name());
    let page = |what: &str, taken: &[Duration]| {
        let words = format!("p50 {:.1} ms", percentile(taken, 0.5));
        Figure::under(named(what), percentile(taken, 0.99), 50.0, "ms", "< 50 ms", &words)
    };
    vec![
        Figure::at_most(named("beside SQL by hand"), took / hand, 3.0, "≤ 3 ×", words),
        page("p99 of a score's page", &scores),
        page("p99 of why a fact counted", &reasons),
    ]
}

/// What was summed by hand.
struct Sums {
    totals: BTreeMap<Uuid, i64>,
    taken: Vec<Duration>,
}

async fn seal(place: &Installation, folder: &Path) {
    let began = Instant::now();
    let signer = store::journal::Signer::open(&folder.join(&place.loaded.config.journal.key), place.store.world()).expect("a key");
    let sealed = store::journal::Journal::new(place.store.clone(), signer).seal_now(TENANT).await.expect("sealed");
    println!("evaluate: {} facts sealed in {:.0} s", sealed.added, began.elapsed().as_secs_f64());
    // Nothing follows from facts without cases.
    let last = evaluation::scoring::journal_size(&place.store, TENANT).await.expect("a journal") - 1;
    place.store.advance(TENANT, product::reactions::READER, last).await.expect("read");
}

pub async fn on_sqlite(facts: i64) -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a folder");
    let town = Town::build(folder.path(), None, 300).await;
    let place = town::open(folder.path(), None).await;
    let (ground, courts) = prepare(&place, &town).await;
    let month = Month { first: ground.first, facts, courts: &courts, categories: &town.categories };
    let told = raw::told(folder.path(), COLUMNS, &month);
    seal(&place, folder.path()).await;
    let pairs: Vec<String> = ground.categories.iter().map(|(id, clean)| format!("('{id}', {})", i32::from(*clean))).collect();
    let made = format!(
        "CREATE TEMP TABLE bench_category (id TEXT PRIMARY KEY, clean INTEGER); INSERT INTO bench_category VALUES {}",
        pairs.join(", ")
    );
    let (totals, taken) = raw::summed(folder.path(), &made, &by_hand(&ground, Engine::Sqlite), ROUNDS);
    measure(folder.path(), None, &town, place, &ground, Sums { totals, taken }, told).await
}

pub async fn on_postgres(facts: i64, address: &str) -> Vec<Figure> {
    let (admin, connection) = tokio_postgres::connect(address, tokio_postgres::NoTls).await.expect("the PostgreSQL server");
    tokio::spawn(connection);
    admin.batch_execute("DROP DATABASE IF EXISTS xiuhua_bench_evaluate").await.expect("no old database");
    admin.batch_execute("CREATE DATABASE xiuhua_bench_evaluate").await.expect("a database");
    let url = address.replace("dbname=postgres", "dbname=xiuhua_bench_evaluate");
    let folder = tempfile::tempdir().expect("a folder");
    let town = Town::build(folder.path(), Some(&url), 300).await;
    let place = town::open(folder.path(), Some(&url)).await;
    let (ground, courts) = prepare(&place, &town).await;
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("the database");
    tokio::spawn(connection);
    let month = Month { first: ground.first, facts, courts: &courts, categories: &town.categories };
    let told = fill(&client, &month).await;
    seal(&place, folder.path()).await;
    // As the server's own housekeeping does after so many rows.
    client.batch_execute("VACUUM ANALYZE fact").await.expect("statistics");
    let pairs: Vec<String> = ground.categories.iter().map(|(id, clean)| format!("('{id}', {})", i32::from(*clean))).collect();
    let made = format!(
        "CREATE TEMP TABLE bench_category (id TEXT PRIMARY KEY, clean INT); INSERT INTO bench_category VALUES {}",
        pairs.join(", ")
    );
    client.batch_execute(&made).await.expect("categories");
    let (mut totals, mut taken) = (BTreeMap::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let rows = client.query(&by_hand(&ground, Engine::Postgres), &[]).await.expect("sums");
        taken.push(began.elapsed());
        let read = |row: &tokio_postgres::Row| (Uuid::parse_str(row.get(0)).expect("an id"), row.get::<_, i64>(1));
        totals = rows.iter().map(read).collect();
    }
    let figures = measure(folder.path(), Some(&url), &town, place, &ground, Sums { totals, taken }, told).await;
    drop(client);
    admin.batch_execute("DROP DATABASE xiuhua_bench_evaluate WITH (FORCE)").await.expect("the database goes");
    figures
}

/// The facts, some hundreds to a statement.
async fn fill(client: &tokio_postgres::Client, month: &Month<'_>) -> i64 {
    let mut waiting: Vec<String> = Vec::new();
    let mut statements: Vec<String> = Vec::new();
    let flush = |waiting: &mut Vec<String>| format!("INSERT INTO fact ({COLUMNS}) VALUES {}", std::mem::take(waiting).join(",\n"));
    let told = month.each(|facts| {
        waiting.extend(facts.into_iter().map(|fact| {
            let values = fact.values().into_iter().map(|value| match value {
                Value::Integer(number) => number.to_string(),
                Value::Text(text) => format!("'{text}'"),
                Value::Blob(bytes) => format!("'{}'", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
                _ => "NULL".to_owned(),
            });
            format!("({})", values.collect::<Vec<_>>().join(", "))
        }));
        if waiting.len() >= 500 {
            statements.push(flush(&mut waiting));
        }
    });
    if !waiting.is_empty() {
        statements.push(flush(&mut waiting));
    }
    for statement in statements {
        client.batch_execute(&statement).await.expect("facts");
    }
    told
}
