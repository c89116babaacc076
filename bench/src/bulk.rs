//! Several cases at once, from the worklist of a small and a large register: each of a page's is urged.

use crate::Figure;
use crate::load::{Line, percentile};
use crate::program::Served;
use crate::town::Town;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const ROUNDS: usize = 40;

/// What one case of a page of them took, for each page that was sent.
pub async fn measure(served: &Served, town: &Town, cases: i64) -> Vec<Duration> {
    let clerk = town.clerk();
    let world = kernel::World::system();
    let mut line = Line::open(&served.address).await;
    let mut taken = Vec::new();
    let mut chosen = 0;
    for round in 0..ROUNDS {
        // Each urging changes the version that the list shows.
        let list = line.get("/t/town/cases?stage=dispatched", &clerk.cookie).await;
        let id = world.new_id::<kernel::ids::CommandId>();
        let mut form = format!("csrf={}&command_id={id}&step=urge&words=Please+come+{round}", access::http::encode(&clerk.csrf));
        let boxes = list.body.split("name=\"chosen\" value=\"").skip(1).filter_map(|rest| rest.split('"').next());
        chosen = boxes.map(|value| write!(form, "&chosen={}", access::http::encode(value)).expect("a string")).count();
        assert!(chosen >= 20, "a page of cases, not {chosen}");
        let sent = Instant::now();
        let answer = line.post("/t/town/cases/bulk", &clerk.cookie, &form).await;
        taken.push(sent.elapsed() / u32::try_from(chosen).expect("a page"));
        assert_eq!((answer.status, answer.body.matches("class=\"lamp g\"").count()), (200, chosen), "{}", answer.body);
    }
    println!("bulk, {cases} cases: {chosen} at once, each p50 {:.2} ms, p99 {:.2} ms", percentile(&taken, 0.5), percentile(&taken, 0.99));
    taken
}

/// The figures of a small register and a large one.
pub fn figures(measured: &[Vec<Duration>]) -> Vec<Figure> {
    let [small, large] = measured else { return Vec::new() };
    let (few, many) = (percentile(small, 0.5), percentile(large, 0.5));
    let words = format!("{many:.2} ms : {few:.2} ms a case");
    vec![Figure::at_most("bulk, a case of a page of them, large register beside small", many / few, 1.5, "≤ 1.5 ×", words)]
}
