//! Traces as a collector receives them: routes and commands, and nothing of anybody.

use super::Prepared;
use kernel::World;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What was sent to `/v1/traces` of a collector that takes everything.
async fn collector() -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}/v1/traces", listener.local_addr().expect("bound"));
    let sent = Arc::new(Mutex::new(Vec::new()));
    let kept = sent.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let kept = kept.clone();
            tokio::spawn(async move {
                let (mut read, mut piece) = (Vec::new(), [0; 65_536]);
                while let Ok(length @ 1..) = stream.read(&mut piece).await {
                    read.extend_from_slice(&piece[..length]);
                    let Some(head) = read.windows(4).position(|end| end == b"\r\n\r\n") else { continue };
                    let text = String::from_utf8_lossy(&read[..head]).to_ascii_lowercase();
                    let body = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok()).unwrap_or(0);
                    if read.len() >= head + 4 + body {
                        break;
                    }
                }
                kept.lock().unwrap().extend_from_slice(&read);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
            });
        }
    });
    (address, sent)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_reach_the_collector_with_the_last_of_them_and_hold_nothing_of_anybody() {
    let folder = tempfile::tempdir().unwrap();
    let mut prepared = Prepared::new(folder.path(), None).await;
    let (address, sent) = collector().await;
    prepared.environment.push(("XIUHUA_TELEMETRY_ENDPOINT".to_owned(), address));
    let (mut child, address) = prepared.serve(&[]).await;
    assert_eq!(prepared.report(&address, World::system().new_id(), "secretive").await, Some(303));
    let pid = child.id().expect("it runs").to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
    let sent = String::from_utf8_lossy(&sent.lock().unwrap()).into_owned();
    if !cfg!(feature = "otel") {
        assert!(sent.is_empty(), "a build without it sends nothing");
        return;
    }
    for part in ["POST /v1/traces", "xiuhua", "request", "/t/{slug}/report", "command", "case.report"] {
        assert!(sent.contains(part), "no {part} in {sent:?}");
    }
    for part in ["secretive", "/t/town/", "inspector", &prepared.csrf, &prepared.cookie] {
        assert!(!sent.contains(part), "{part} in {sent:?}");
    }
}
