//! Tiles of the map over a small and a large register: far, middle and near, of what is under way, of a period, and hotspots.

use crate::load::{Line, percentile};
use crate::program::Served;
use crate::raw;
use crate::town::Town;
use crate::{Figure, town::TENANT};
use cases::map::world::{Tile, world};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const LINES: usize = 8;
/// How often each address is asked for in all.
const ROUNDS: usize = 24;
/// The ground of the register, some nine kilometres a side, in 1e-7 degrees: its south-west corner and its size.
const CORNER: (i32, i32) = (1_200_500_000, 359_000_000);
const SIDE: (u64, u64) = (1_000_000, 800_000);

/// Somewhere on the ground, by two chances: longitude, latitude and cell.
pub fn somewhere(east: u64, north: u64) -> (i32, i32, i64) {
    let step = |chance: u64, side: u64| i32::try_from(chance % side).expect("a small number");
    let point = kernel::coordinates::Point { lng_e7: CORNER.0 + step(east, SIDE.0), lat_e7: CORNER.1 + step(north, SIDE.1) };
    (point.lng_e7, point.lat_e7, point.cell_key())
}

/// The roll-up of what the register holds, as the migration makes it.
fn count(data: &Path) {
    raw::run(
        data,
        &format!(
            "DELETE FROM case_month;
            INSERT INTO case_month (tenant_id, month, square, community_id, category_id, found)
            SELECT {TENANT}, strftime('%Y-%m', reported_at / 1000000 + 28800, 'unixepoch'), IFNULL(cell / 268435456, -1), IFNULL(community_id, zeroblob(16)),
                IFNULL(category_id, zeroblob(16)), COUNT(*)
            FROM cases WHERE apart IS NULL GROUP BY 2, 3, 4, 5"
        ),
    );
}

/// The tile at the middle of the ground.
fn middle(z: u32) -> String {
    let half = |side: u64| i32::try_from(side / 2).expect("a small number");
    let at = world(CORNER.0 + half(SIDE.0), CORNER.1 + half(SIDE.1));
    let part = |value: u32| u32::try_from(u64::from(value) >> (32 - z)).expect("a tile");
    let tile = Tile { z, x: part(at.0), y: part(at.1) };
    format!("{}/{}/{}", tile.z, tile.x, tile.y)
}

/// Who asks for which tile.
fn questions(town: &Town) -> Vec<(usize, String)> {
    let (unit, community, category) = (&town.units[5], &town.communities[3].0, &town.categories[2]);
    let filters = [
        String::new(),
        "?lamp=red".to_owned(),
        "?stage=dispatched".to_owned(),
        format!("?category={category}"),
        format!("?unit={unit}"),
        format!("?community={community}"),
        "?kind=dispatched&from=2025-01-01&to=2027-12-31".to_owned(),
        "?kind=found&from=2025-01-01&to=2027-12-31".to_owned(),
        "?stage=closed".to_owned(),
    ];
    let month = kernel::World::system().now().plus_seconds(-40 * 86_400).to_timestamp().strftime("%Y-%m").to_string();
    let mut asked = Vec::new();
    for (who, person) in town.people.iter().enumerate() {
        for z in [10, 13, 16] {
            asked.extend(filters.iter().map(|filter| (who, format!("/t/town/map/tiles/{}{filter}", middle(z)))));
            // Whoever reaches a part of a community counts from the list, which is measured as such.
            if !person.name.starts_with("unit") {
                asked.push((who, format!("/t/town/map/hotspots/{}?month={month}", middle(z))));
                asked.push((who, format!("/t/town/map/hotspots/{}?month={month}&category={category}", middle(z))));
            }
        }
    }
    asked
}

/// What a register's tiles took, on several connections and on one.
pub struct Measured {
    all: Vec<Duration>,
    alone: Vec<Duration>,
}

pub async fn measure(data: &Path, served: &Served, town: &Town, cases: i64) -> Measured {
    count(data);
    let mut line = Line::open(&served.address).await;
    let asked: Vec<(String, String)> =
        questions(town).into_iter().map(|(who, address)| (town.people[who].cookie.clone(), address)).collect();
    let mut alone = Vec::new();
    let mut slowest = Vec::new();
    // The first look reads what is under way into memory.
    let sent = Instant::now();
    line.get(&asked[0].1, &asked[0].0).await;
    let first = sent.elapsed();
    for (cookie, address) in &asked {
        let mut these = Vec::new();
        for _ in 0..8 {
            let sent = Instant::now();
            let answer = line.get(address, cookie).await;
            these.push(sent.elapsed());
            assert!(matches!(answer.status, 200 | 204), "{address}: {}", answer.head);
        }
        slowest.push((percentile(&these, 0.5), address.clone()));
        alone.extend(these);
    }
    let asked = Arc::new(asked);
    let workers: Vec<_> = (0..LINES)
        .map(|worker| {
            let (asked, address) = (asked.clone(), served.address.clone());
            tokio::spawn(async move {
                let mut line = Line::open(&address).await;
                let mut taken = Vec::new();
                for n in 0..asked.len() * ROUNDS / LINES {
                    let (cookie, address) = &asked[(n * 7 + worker * asked.len() / LINES) % asked.len()];
                    let sent = Instant::now();
                    line.get(address, cookie).await;
                    taken.push(sent.elapsed());
                }
                taken
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.expect("a worker"));
    }
    println!(
        "map tiles, {cases} cases: p50 {:.2} ms, p99 {:.2} ms on {LINES} connections; alone p50 {:.2} ms, p99 {:.2} ms; the first {:.0} ms",
        percentile(&all, 0.5),
        percentile(&all, 0.99),
        percentile(&alone, 0.5),
        percentile(&alone, 0.99),
        first.as_secs_f64() * 1000.0,
    );
    slowest.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (middle, address) in slowest.iter().take(6) {
        println!("  {middle:.2} ms {address}");
    }
    Measured { all, alone }
}

/// The figures of a small register and a large one.
pub fn figures(measured: &[Measured]) -> Vec<Figure> {
    let [small, large] = measured else { return Vec::new() };
    let (few, many) = (percentile(&small.all, 0.99), percentile(&large.all, 0.99));
    let server = percentile(&large.alone, 0.99);
    vec![
        Figure::at_most("map tiles, p99, large register beside small", many / few, 1.5, "≤ 1.5 ×", format!("{many:.2} ms : {few:.2} ms")),
        Figure::under("map tiles, server time p99, large register", server, 15.0, "ms", "< 15 ms", "one connection"),
    ]
}
