//! The workloads that must stay fast, each measured beside the raw engine in the same run: ratios, because machines differ.
//!
//! `bench [WORKLOAD…]` runs all or the named ones; it makes its own data. `XIUHUA_BENCH_SECONDS` says how long each
//! load lasts (8), `XIUHUA_BENCH_CASES` how many cases the large register has (1,000,000), `XIUHUA_BENCH_FACTS` how many facts the
//! evaluated month (1,000,000).

// What is measured here is the wall clock.
#![allow(clippy::disallowed_methods)]

mod bulk;
mod bulletin;
mod evaluate;
mod import;
mod intake;
mod lists;
mod load;
mod program;
mod raw;
mod search;
mod starts;
mod summary;
mod tiles;
mod told;
mod town;

use std::time::Duration;

/// As the program has it: what is measured in this process is measured with the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// One measured figure against what it must reach.
pub struct Figure {
    pub name: String,
    pub measured: String,
    pub must: &'static str,
    pub reached: bool,
}

impl Figure {
    pub fn at_least(name: impl Into<String>, ratio: f64, wanted: f64, must: &'static str, words: String) -> Figure {
        Figure { name: name.into(), measured: format!("{ratio:.2} × ({words})"), must, reached: ratio >= wanted }
    }
    pub fn under(name: impl Into<String>, value: f64, bound: f64, unit: &str, must: &'static str, words: &str) -> Figure {
        let words = if words.is_empty() { String::new() } else { format!(" ({words})") };
        Figure { name: name.into(), measured: format!("{value:.1} {unit}{words}"), must, reached: value < bound }
    }
    pub fn at_most(name: impl Into<String>, ratio: f64, bound: f64, must: &'static str, words: String) -> Figure {
        Figure { name: name.into(), measured: format!("{ratio:.2} × ({words})"), must, reached: ratio <= bound }
    }
}

/// How long each load lasts, and how large the large register is.
#[derive(Clone, Copy)]
pub struct Size {
    pub seconds: Duration,
    pub cases: i64,
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    let size = Size {
        seconds: Duration::from_secs(setting("XIUHUA_BENCH_SECONDS", 8)),
        cases: i64::try_from(setting("XIUHUA_BENCH_CASES", 1_000_000)).unwrap_or(1_000_000),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut figures = Vec::new();
    if wants("intake") {
        figures.extend(runtime.block_on(intake::on_sqlite(size)));
        match std::env::var("XIUHUA_TEST_POSTGRES").ok().filter(|address| !address.is_empty()) {
            Some(address) => figures.extend(runtime.block_on(intake::on_postgres(size, &address))),
            None => println!("PostgreSQL: left out; XIUHUA_TEST_POSTGRES names no server"),
        }
    }
    if wants("import") {
        figures.extend(runtime.block_on(import::run()));
    }
    if ["lists", "bulk", "starts", "tiles"].into_iter().any(wants) {
        let on = lists::On { lists: wants("lists"), bulk: wants("bulk"), starts: wants("starts"), tiles: wants("tiles") };
        figures.extend(runtime.block_on(lists::run(size, on)));
    }
    if wants("search") {
        figures.extend(runtime.block_on(search::on_sqlite(size)));
        match std::env::var("XIUHUA_TEST_POSTGRES").ok().filter(|address| !address.is_empty()) {
            Some(address) => figures.extend(runtime.block_on(search::on_postgres(size, &address))),
            None => println!("search on PostgreSQL: left out; XIUHUA_TEST_POSTGRES names no server"),
        }
    }
    if wants("summary") {
        figures.extend(runtime.block_on(summary::run(size)));
    }
    if wants("evaluate") {
        let facts = i64::try_from(setting("XIUHUA_BENCH_FACTS", 1_000_000)).unwrap_or(1_000_000);
        figures.extend(runtime.block_on(evaluate::on_sqlite(facts)));
        match std::env::var("XIUHUA_TEST_POSTGRES").ok().filter(|address| !address.is_empty()) {
            Some(address) => figures.extend(runtime.block_on(evaluate::on_postgres(facts, &address))),
            None => println!("evaluate on PostgreSQL: left out; XIUHUA_TEST_POSTGRES names no server"),
        }
    }
    if wants("bulletin") {
        figures.extend(bulletin::run());
    }
    println!();
    for figure in &figures {
        println!("{:4} {:58} {:62} {}", if figure.reached { "ok" } else { "MISS" }, figure.name, figure.measured, figure.must);
    }
}
