//! A flood of log-ins from outside: the program's memory stays bounded, and pages are answered all the while.

use crate::Prepared;
use crate::logs::ask;
use std::time::Duration;

/// Below what stops one address (200), so that every one of them is hashed.
const GUESSES: usize = 150;

/// Memory of a process that no file stands behind, in kilobytes.
fn anonymous_kb(pid: u32) -> i64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_log_ins_takes_bounded_memory_and_keeps_nobody_from_working() {
    let folder = tempfile::tempdir().unwrap();
    let prepared = Prepared::new(folder.path(), None).await;
    let (mut child, address) = prepared.serve(&[]).await;
    let pid = child.id().expect("it runs");
    let session = format!("session={}", prepared.cookie);
    let before = anonymous_kb(pid);
    let guesses: Vec<_> = (0..GUESSES)
        .map(|n| {
            let address = address.clone();
            tokio::spawn(
                async move { ask(&address, "POST", "/login", "", &[("name", &format!("nobody{n}")), ("password", "guessed")]).await },
            )
        })
        .collect();
    let mut most = before;
    let mut served = 0;
    while guesses.iter().any(|guess| !guess.is_finished()) {
        let page = tokio::time::timeout(Duration::from_secs(5), ask(&address, "GET", "/t/town/account", &session, &[])).await;
        assert!(page.expect("answered while others guess").starts_with("HTTP/1.1 200"));
        served += 1;
        most = most.max(anonymous_kb(pid));
    }
    for guess in guesses {
        assert!(guess.await.unwrap().starts_with("HTTP/1.1 401"));
    }
    assert!(served > 0, "the flood was over before a page came");
    // Two at a time have 19 MiB each to hash in; one for each guess would be gigabytes.
    assert!(most - before < 150 * 1024, "{before} kB grew to {most} kB");
    child.kill().await.unwrap();
}
