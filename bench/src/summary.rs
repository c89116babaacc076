//! The summary, the big screen and the sheets of a small and a large register: what a page costs must not grow with what there is.

use crate::lists::fill;
use crate::load::{Line, percentile};
use crate::program::{Served, binary};
use crate::town::Town;
use crate::{Figure, Size};
use std::path::Path;
use std::time::{Duration, Instant};

/// How often each page is asked for.
const ROUNDS: usize = 40;

/// Counts what came in beside the program, as whoever runs the machine does.
fn recount(data: &Path) -> Duration {
    let began = Instant::now();
    let status = std::process::Command::new(binary()).arg("--data").arg(data).arg("recount").status().expect("the program starts");
    assert!(status.success(), "recount ended with {status}");
    began.elapsed()
}

/// The periods and parts that a person chooses: this month, the one before, this year; of all, and of one community.
fn questions() -> Vec<(usize, String)> {
    let now = kernel::World::system().now().to_timestamp().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let last = now.first_of_month().yesterday().expect("a day");
    let year = jiff::civil::date(now.year(), 1, 1);
    let mut asked = Vec::new();
    for who in [0, 3] {
        for (from, to) in [(now.first_of_month(), now), (last.first_of_month(), last), (year, now)] {
            for by in ["community", "compound", "unit", "category", "source"] {
                asked.push((who, format!("/t/town/summary?from={from}&to={to}&by={by}")));
            }
            asked.push((who, format!("/t/town/screen?from={from}&to={to}")));
        }
    }
    asked
}

/// What all rounds took, and the middle of each page's in milliseconds: a machine that does something else for a moment shows in the
/// first alone.
struct Measured {
    all: Vec<Duration>,
    middles: Vec<f64>,
}

async fn measure(served: &Served, town: &Town) -> Measured {
    let mut line = Line::open(&served.address).await;
    let mut measured = Measured { all: Vec::new(), middles: Vec::new() };
    for (who, address) in questions() {
        let cookie = &town.people[who].cookie;
        let mut these = Vec::new();
        for _ in 0..ROUNDS {
            let sent = Instant::now();
            let answer = line.get(&address, cookie).await;
            these.push(sent.elapsed());
            assert_eq!(answer.status, 200, "{address}: {}", answer.head);
        }
        let first = these.first().map_or(0.0, |taken| taken.as_secs_f64() * 1000.0);
        let middle = percentile(&these, 0.5);
        println!("  {middle:.2} ms, the first {first:.2} ms, {}: {address}", town.people[who].name);
        measured.middles.push(middle);
        measured.all.extend(these);
    }
    measured
}

pub async fn run(size: Size) -> Vec<Figure> {
    let mut measured = Vec::new();
    for (cases, open) in [(10_000, 6_000), (size.cases, 20_000.min(size.cases))] {
        let folder = tempfile::tempdir().expect("a folder");
        let town = Town::build(folder.path(), None, 300).await;
        fill(folder.path(), &town, cases, open);
        println!("summary, {cases} cases: counted in {:.0} s", recount(folder.path()).as_secs_f64());
        let served = Served::start(folder.path(), None).await;
        measured.push(measure(&served, &town).await);
        served.stop().await;
    }
    let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len().max(1) as f64;
    for (one, cases) in measured.iter().zip([10_000, size.cases]) {
        println!("summary, {cases} cases: {:.2} ms a page by the middle of its rounds", mean(&one.middles));
    }
    let in_all = |one: &Measured| one.all.iter().sum::<Duration>().as_secs_f64() * 1000.0 / one.all.len().max(1) as f64;
    let [few, many] = [0, 1].map(|n: usize| measured.get(n).map_or(0.0, in_all));
    let words = format!("{many:.2} ms : {few:.2} ms a page");
    vec![Figure::at_most("summary, mean, large register beside small", many / few, 1.5, "≤ 1.5 ×", words)]
}
