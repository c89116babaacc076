//! Told to stop under load, on either engine; and what a page says while its database is gone.

use super::figures::get;
use super::{Prepared, hold_to_account, postgres, write};
use kernel::World;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::journal;
use tokio::net::TcpStream;

/// Connections that write at once.
const MANY: usize = 64;
/// Requests under way are given 20 seconds, sealing what it needs.
const STOPS_WITHIN: Duration = Duration::from_secs(30);

async fn stops_in_order(data: &Path, database: Option<&str>) {
    let prepared = Arc::new(Prepared::new(data, database).await);
    let (mut child, address) = prepared.serve(&[]).await;
    let (sent, writers) = write(&prepared, &address, 0, MANY);
    // Under load: each has been answered once and has the next under way, however slow the machine.
    let answered = || sent.lock().unwrap().iter().filter(|(.., acknowledged)| *acknowledged).count();
    let mut before = answered();
    for _ in 0..600 {
        if before > 2 * MANY {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        before = answered();
    }
    assert!(before > 2 * MANY, "only {before} were answered before the stop");
    let pid = child.id().expect("it runs").to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let ended = tokio::time::timeout(STOPS_WITHIN, child.wait()).await.expect("it stops in time").unwrap();
    assert_eq!(ended.code(), Some(0));
    assert!(TcpStream::connect(&address).await.is_err(), "somebody still listens");
    futures::future::try_join_all(writers).await.unwrap();
    // What it had committed is sealed, and the last head signed, before it went.
    let installation = super::open(data, &prepared.environment).await;
    let report = journal::verify(&installation.store, &installation.signer, super::TENANT, &[], &[]).await.unwrap();
    assert!(report.is_clean() && report.facts > 0 && report.protected == report.facts && report.not_protected == 0, "{report:?}");
    drop(installation);
    let acknowledged = hold_to_account(&prepared, &sent).await;
    assert!(acknowledged >= before);
    prepared.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_under_load_it_keeps_what_it_answered_and_ends_in_order() {
    let folder = tempfile::tempdir().unwrap();
    stops_in_order(folder.path(), None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_as_well() {
    let folder = tempfile::tempdir().unwrap();
    std::process::Command::new("chmod").args(["a+rx"]).arg(folder.path()).status().unwrap();
    let url = postgres(folder.path(), "start");
    stops_in_order(&folder.path().join("data"), Some(&url)).await;
    postgres(folder.path(), "stop");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_database_a_page_says_so_in_words() {
    let folder = tempfile::tempdir().unwrap();
    std::process::Command::new("chmod").args(["a+rx"]).arg(folder.path()).status().unwrap();
    let url = postgres(folder.path(), "start");
    let prepared = Prepared::new(&folder.path().join("data"), Some(&url)).await;
    let (mut child, address) = prepared.serve(&[]).await;
    let world = World::system();
    assert_eq!(prepared.report(&address, world.new_id(), "before").await, Some(303));
    postgres(folder.path(), "stop");
    let answer = prepared.answer_to_report(&address, world.new_id(), "after").await.expect("an answer");
    let words = web::Words::of(web::Lang::Chinese);
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains(&*words.t("error-database-unreachable")), "{answer}");
    let ready = get(&address, "/health/ready").await;
    assert!(ready.starts_with("HTTP/1.1 503") && ready.ends_with("the database does not answer\n"), "{ready}");
    assert!(get(&address, "/health/live").await.starts_with("HTTP/1.1 200"));
    // It still stops when it is told to, though nothing can be sealed.
    let pid = child.id().expect("it runs").to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let ended = tokio::time::timeout(STOPS_WITHIN, child.wait()).await.expect("it stops in time").unwrap();
    assert_eq!(ended.code(), Some(0));
}
