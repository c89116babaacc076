//! From the start of the process to its first good answer, and what it holds in memory, idle and under load.

use crate::Figure;
use crate::load::Line;
use crate::program::Served;
use crate::town::{PASSWORD, Town};
use std::path::Path;
use std::time::{Duration, Instant};

/// The middle of five starts, in milliseconds.
async fn start(data: &Path) -> f64 {
    let mut taken = Vec::new();
    for _ in 0..5 {
        let served = Served::start(data, None).await;
        taken.push(served.ready_after);
        served.stop().await;
    }
    crate::load::percentile(&taken, 0.5)
}

pub async fn run(large: &Path, town: &Town, cases: i64) -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a folder");
    Town::build(folder.path(), None, 1).await;
    let (empty, full) = (start(folder.path()).await, start(large).await);
    let served = Served::start(folder.path(), None).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle = served.memory_mb();
    let mut line = Line::open(&served.address).await;
    let login = line.get("/login", "").await;
    let mut weight = login.head.len() + login.body.len();
    let mut blocking = 0;
    for part in login.body.split(['<']).filter(|part| part.starts_with("link") || part.starts_with("script")) {
        let address = part.split(['"']).find(|word| word.starts_with("/assets/"));
        if let Some(address) = address {
            let asset = line.get_compressed(address).await;
            weight += asset;
        }
        blocking +=
            usize::from(part.starts_with("script") && !part.contains("defer") && !part.contains("module") && !part.contains("async"));
    }
    served.stop().await;
    let (most, logins) = under_load(large, town).await;
    println!(
        "start: {empty:.0} ms empty, {full:.0} ms with {cases} cases; memory: {idle:.0} MB idle, {most:.0} MB under load ({logins} log-ins besides); log-in page {weight} bytes"
    );
    vec![
        Figure::under("start to ready, empty", empty, 200.0, "ms", "< 200 ms", "middle of 5"),
        Figure::under("start to ready, large register", full, 200.0, "ms", "< 200 ms", "middle of 5"),
        Figure::under("memory, idle", idle, 60.0, "MB", "< 60 MB", "RssAnon"),
        Figure::under("memory, large register under load", most, 250.0, "MB", "< 250 MB", "RssAnon, the most seen"),
        Figure::under(
            "first load of the log-in page",
            weight as f64 / 1000.0,
            60.0,
            "kB",
            "< 60 kB",
            &format!("{blocking} render-blocking scripts"),
        ),
    ]
}

/// Lists on eight connections and log-ins on eight more, for some seconds; the most memory seen.
async fn under_load(data: &Path, town: &Town) -> (f64, u64) {
    let served = Served::start(data, None).await;
    let until = Instant::now() + Duration::from_secs(8);
    let mut workers = Vec::new();
    for worker in 0..16 {
        let (address, person) = (served.address.clone(), &town.people[worker % town.people.len()]);
        let (cookie, login) = (person.cookie.clone(), person.name.replace(' ', "_"));
        workers.push(tokio::spawn(async move {
            let mut line = Line::open(&address).await;
            let mut logins = 0;
            while Instant::now() < until {
                if worker < 8 {
                    let pages = ["/t/town/cases", "/t/town/cases?stage=closed", "/t/town/cases?kind=found", "/t/town/report"];
                    line.get(pages[worker % 4], &cookie).await;
                } else {
                    let form = format!("name={login}&password={}", access::http::encode(PASSWORD));
                    let answer = line.post("/login", "", &form).await;
                    logins += u64::from(answer.status == 303);
                }
            }
            logins
        }));
    }
    let mut most: f64 = 0.0;
    while Instant::now() < until {
        most = most.max(served.memory_mb());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut logins = 0;
    for worker in workers {
        logins += worker.await.expect("a worker");
    }
    served.stop().await;
    (most, logins)
}
