//! Worklists of a small and a large register: every role's default and each filter, first page and hundredth.

use crate::load::{Line, percentile};
use crate::program::Served;
use crate::raw;
use crate::town::{TENANT, Town};
use crate::{Figure, Size, bulk, starts, tiles};
use rusqlite::types::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const LINES: usize = 8;
/// How often each address is asked for in all.
const ROUNDS: usize = 16;

/// A register of so many cases, so many of them open; three years of them.
pub fn fill(data: &Path, town: &Town, cases: i64, open: i64) {
    let insert =
        "INSERT INTO cases (tenant_id, id, number, stage, open, source, category_id, place_id, place_path, community_id, compound_id,
            what, where_words, salt, unit_id, limit_unit, limit_value, clock_start, due, yellow_at, reported_at, filed_at, dispatched_at,
            rectified_at, ended_at, rework, late, unit_due, first_due, asked_at, ask, supervised_at, hold_until, hand_backs,
            assigned_finally, extensions, holds, disputed, on_spot, photos, version, lng_e7, lat_e7, cell)
        VALUES (?1, ?2, ?3, ?4, ?5, 'inspection', ?6, ?7, ?8, ?9, ?7, 'Boxes in the way', 'Stair 2', ?10, ?11, 'working_minutes', 480,
            ?12, ?13, ?14, ?12, ?15, ?15, ?16, ?17, ?18, ?19, ?13, ?13, ?20, CASE WHEN ?20 IS NOT NULL THEN 'hand_back' END,
            ?21, ?22, 0, FALSE, 0, 0, FALSE, TRUE, 2, 4, ?23, ?24, ?25)";
    let now = kernel::World::system().now().0;
    let hour = 3_600_000_000_i64;
    let span = 3 * 365 * 24 * hour;
    raw::fill(data, insert, cases, |n| {
        // Each property by chance of its own.
        let chance = |of: u64| {
            let mixed = (n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ of.wrapping_mul(0xD1B5_4A32_D192_ED03);
            (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 32
        };
        // The open ones are the latest.
        let is_open = n >= cases - open;
        let reported = now - span + span / cases * n;
        let stage = match (is_open, chance(1) % 20) {
            (true, 0) => "reported",
            (true, 1) => "filed",
            (true, 2..=5) => "rectified",
            (true, _) => "dispatched",
            (false, 0) => "declined",
            (false, _) => "closed",
        };
        let dispatched = !matches!(stage, "reported" | "filed" | "declined");
        let rectified = matches!(stage, "rectified" | "closed");
        let due = if is_open { now + (chance(2) % 400) as i64 * hour - 100 * hour } else { reported + 48 * hour };
        let at = (chance(3) % 60) as usize;
        let ((compound, path), (community, _)) = (&town.compounds[at], &town.communities[at / 3]);
        let id = |n: u64| Value::Blob([n.to_be_bytes(), n.wrapping_mul(31).to_be_bytes()].concat());
        let when = |there: bool, at: i64| if there { Value::Integer(at) } else { Value::Null };
        let (lng, lat, cell) = tiles::somewhere(chance(11), chance(12));
        vec![
            Value::Integer(TENANT.0),
            id(n as u64 + 1),
            Value::Integer(1_000_000 + n),
            Value::Text(stage.to_owned()),
            Value::Integer(is_open.into()),
            Value::Blob(town.categories[chance(4) as usize % town.categories.len()].as_bytes().to_vec()),
            Value::Blob(compound.0.as_bytes().to_vec()),
            Value::Text(path.clone()),
            Value::Blob(community.0.as_bytes().to_vec()),
            Value::Blob(vec![7; 32]),
            Value::Blob(town.units[chance(5) as usize % town.units.len()].0.as_bytes().to_vec()),
            Value::Integer(reported),
            Value::Integer(due),
            Value::Integer(due - 4 * hour),
            when(dispatched, reported + hour),
            when(rectified, reported + 24 * hour),
            when(!is_open, reported + 30 * hour),
            Value::Integer(i64::from(chance(6).is_multiple_of(10))),
            Value::Integer(i64::from(chance(7).is_multiple_of(9))),
            when(stage == "dispatched" && chance(8).is_multiple_of(50), reported + 3 * hour),
            when(is_open && chance(9).is_multiple_of(60), reported + 4 * hour),
            when(stage == "dispatched" && chance(10).is_multiple_of(40), now + 500 * hour),
            Value::Integer(lng.into()),
            Value::Integer(lat.into()),
            Value::Integer(cell),
        ]
    });
}

/// Who asks for what: every role's default, each filter, each list of a period.
fn questions(town: &Town) -> Vec<(usize, String)> {
    let mut asked = Vec::new();
    let (unit, community, category) = (&town.units[5], &town.communities[3].0, &town.categories[2]);
    for (who, _) in town.people.iter().enumerate() {
        asked.push((who, String::new()));
        for stage in ["reported", "filed", "dispatched", "rectified", "closed", "declined"] {
            asked.push((who, format!("stage={stage}")));
        }
        for lamp in ["green", "yellow", "red"] {
            asked.push((who, format!("lamp={lamp}")));
        }
        for flag in ["kind=asked", "kind=asked&ask=hand_back", "kind=held", "kind=supervised", "kind=samples", "kind=self_check"] {
            asked.push((who, flag.to_owned()));
        }
        asked.push((who, format!("category={category}")));
        asked.push((who, format!("unit={unit}")));
        asked.push((who, format!("community={community}")));
        asked.push((who, format!("unit={unit}&community={community}")));
        for kind in ["found", "dispatched"] {
            asked.push((who, format!("kind={kind}&from=2025-01-01&to=2027-12-31")));
        }
        for outcome in ["rectified", "on_time", "late", "rework", "remaining"] {
            asked.push((who, format!("kind=dispatched&from=2025-01-01&to=2027-12-31&outcome={outcome}")));
        }
    }
    asked
}

/// The address of the hundredth page, or of the last where there are fewer.
async fn hundredth(line: &mut Line, cookie: &str, first: &str) -> String {
    let mut address = first.to_owned();
    for _ in 1..100 {
        let page = line.get(&address, cookie).await;
        assert_eq!(page.status, 200, "{address}: {}", page.head);
        // The link before `rel="next"`.
        let Some(before) = page.body.split("rel=\"next\"").next().filter(|before| before.len() < page.body.len()) else { break };
        let Some(href) = before.rsplit("href=\"").next().and_then(|rest| rest.split('"').next()) else { break };
        address = href.replace("&amp;", "&").replace("&#38;", "&");
    }
    address
}

/// What a register's lists took, by address: those of all, and the slowest.
struct Measured {
    all: Vec<Duration>,
    /// One at a time on one connection: what the server itself needs.
    alone: Vec<Duration>,
    /// The slowest addresses, each with its middle time in milliseconds.
    slowest: Vec<(f64, String)>,
}

async fn measure(served: &Served, town: &Town) -> Measured {
    let mut line = Line::open(&served.address).await;
    let mut asked = Vec::new();
    for (who, query) in questions(town) {
        let person = &town.people[who];
        let first = if query.is_empty() { "/t/town/cases".to_owned() } else { format!("/t/town/cases?{query}") };
        let last = hundredth(&mut line, &person.cookie, &first).await;
        asked.push((person.name, person.cookie.clone(), first.clone()));
        if last != first {
            asked.push((person.name, person.cookie.clone(), last));
        }
    }
    let mut alone = Vec::new();
    let mut slowest = Vec::new();
    for (name, cookie, address) in &asked {
        let mut these = Vec::new();
        for _ in 0..5 {
            let sent = Instant::now();
            let answer = line.get(address, cookie).await;
            these.push(sent.elapsed());
            assert_eq!(answer.status, 200);
        }
        slowest.push((percentile(&these, 0.5), format!("{name}: {address}")));
        alone.extend(these);
    }
    let asked = Arc::new(asked);
    let workers: Vec<_> = (0..LINES)
        .map(|worker| {
            let (asked, address) = (asked.clone(), served.address.clone());
            tokio::spawn(async move {
                let mut line = Line::open(&address).await;
                let mut taken = Vec::new();
                // Each worker begins elsewhere, so that they do not all ask for the same.
                for n in 0..asked.len() * ROUNDS / LINES {
                    let (_, cookie, address) = &asked[(n * 7 + worker * asked.len() / LINES) % asked.len()];
                    let sent = Instant::now();
                    let answer = line.get(address, cookie).await;
                    taken.push(sent.elapsed());
                    assert_eq!(answer.status, 200);
                }
                taken
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.expect("a worker"));
    }
    slowest.sort_by(|a, b| b.0.total_cmp(&a.0));
    slowest.truncate(8);
    Measured { all, alone, slowest }
}

/// What is measured on these registers.
#[derive(Clone, Copy)]
pub struct On {
    pub lists: bool,
    pub bulk: bool,
    pub starts: bool,
    pub tiles: bool,
}

/// Lists, the case page, and (on the same registers) several at once, the map's tiles, start and memory.
pub async fn run(size: Size, on: On) -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut measured = Vec::new();
    let mut drawn = Vec::new();
    let mut bulks = Vec::new();
    // The small register has enough open cases for a hundredth page.
    for (cases, open) in [(10_000, 6_000), (size.cases, 20_000.min(size.cases))] {
        let folder = tempfile::tempdir().expect("a folder");
        let town = Town::build(folder.path(), None, 300).await;
        let began = Instant::now();
        fill(folder.path(), &town, cases, open);
        // Nobody searches here; indexing them is measured where they do.
        let indexed = store::search::Progress { position: 0, walked: None, complete: true };
        let begun = crate::town::open(folder.path(), None).await.store.search().write(TENANT, None, indexed, Vec::new()).await;
        assert!(begun.expect("an index"));
        println!("a register of {cases} cases made in {:.0} s", began.elapsed().as_secs_f64());
        if on.lists {
            let served = Served::start(folder.path(), None).await;
            let taken = measure(&served, &town).await;
            println!(
                "worklist, {cases} cases: p50 {:.2} ms, p99 {:.2} ms on {LINES} connections; alone p50 {:.2} ms, p99 {:.2} ms",
                percentile(&taken.all, 0.5),
                percentile(&taken.all, 0.99),
                percentile(&taken.alone, 0.5),
                percentile(&taken.alone, 0.99),
            );
            for (middle, address) in &taken.slowest {
                println!("  {middle:.2} ms {address}");
            }
            measured.push(taken);
            if measured.len() == 1 {
                figures.extend(case_page(&served, &town).await);
            }
            served.stop().await;
        }
        if on.bulk {
            let served = Served::start(folder.path(), None).await;
            bulks.push(bulk::measure(&served, &town, cases).await);
            served.stop().await;
        }
        if on.tiles {
            let served = Served::start(folder.path(), None).await;
            drawn.push(tiles::measure(folder.path(), &served, &town, cases).await);
            served.stop().await;
        }
        if on.starts && cases == size.cases {
            figures.extend(starts::run(folder.path(), &town, cases).await);
        }
    }
    figures.extend(bulk::figures(&bulks));
    figures.extend(tiles::figures(&drawn));
    if let [small, large] = &measured[..] {
        let (few, many) = (percentile(&small.all, 0.99), percentile(&large.all, 0.99));
        figures.push(Figure::at_most(
            "worklist, p99, large register beside small",
            many / few,
            1.5,
            "≤ 1.5 ×",
            format!("{many:.2} ms : {few:.2} ms"),
        ));
        let server = percentile(&large.alone, 0.99);
        figures.push(Figure::under("worklist, server time p99, large register", server, 15.0, "ms", "< 15 ms", "one connection"));
    }
    figures
}

/// The page of a case that 30 steps led to.
async fn case_page(served: &Served, town: &Town) -> Vec<Figure> {
    let clerk = town.clerk();
    let mut line = Line::open(&served.address).await;
    let world = kernel::World::system();
    let head = || format!("csrf={}&command_id={}", access::http::encode(&clerk.csrf), world.new_id::<kernel::ids::CommandId>());
    let form = format!("{}&place={}&category={}&where_words=Stair+2&what=Boxes", head(), town.compounds[0].0, town.categories[0]);
    let answer = line.post("/t/town/report", &clerk.cookie, &form).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    // The latest found stands first.
    let list = line.get("/t/town/cases?kind=found", &clerk.cookie).await;
    let mut linked = list.body.split("href=\"/t/town/cases/").skip(1).filter_map(|rest| rest.split('"').next());
    let number = linked.find(|rest| rest.parse::<i64>().is_ok()).expect("the case is listed").to_owned();
    let path = format!("/t/town/cases/{number}");
    let step = |name: &str, fields: String| (format!("{path}/{name}"), format!("{}{fields}", head()));
    let unit = town.units[0];
    let mut steps = vec![step("file", "&version=1".into()), step("dispatch", format!("&version=2&unit={unit}"))];
    steps.extend((0..27).map(|n| step("urge", format!("&words=Please+come+{n}"))));
    for (address, form) in steps {
        let answer = line.post(&address, &clerk.cookie, &form).await;
        assert_eq!(answer.status, 303, "{address}: {}", answer.body);
    }
    let mut taken = Vec::new();
    for _ in 0..500 {
        let sent = Instant::now();
        let answer = line.get(&path, &clerk.cookie).await;
        taken.push(sent.elapsed());
        assert_eq!(
            answer.body.matches("<li class=\"done\">").count() + answer.body.matches("<li class=\"now\">").count(),
            30,
            "steps of the timeline"
        );
    }
    let (middle, last) = (percentile(&taken, 0.5), percentile(&taken, 0.99));
    println!("case page with 30 steps: p50 {middle:.2} ms, p99 {last:.2} ms");
    vec![Figure::under("case page with a 30-step timeline, p99", last, 5.0, "ms", "< 5 ms", "one connection")]
}
