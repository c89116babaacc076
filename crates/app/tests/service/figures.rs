//! The figures of operation as Prometheus meets them: on an address of their own, and only where the configuration names one.

use super::Prepared;
use kernel::World;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A port that nobody listens at just now.
pub fn free() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound")
}

/// The whole answer to a GET.
pub async fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("somebody listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sends");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("reads");
    String::from_utf8_lossy(&answer).into_owned()
}

fn number(text: &str, beginning: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with(beginning)).unwrap_or_else(|| panic!("no {beginning} in\n{text}"));
    line.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{line}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_told_where_the_configuration_says_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut prepared = Prepared::new(folder.path(), None).await;
    let (mut child, address) = prepared.serve(&[]).await;
    assert!(get(&address, "/metrics").await.starts_with("HTTP/1.1 404"));
    child.kill().await.unwrap();
    let inner = free().to_string();
    prepared.environment.push(("XIUHUA_METRICS_LISTEN".to_owned(), inner.clone()));
    let (mut child, address) = prepared.serve(&[]).await;
    let world = World::system();
    for turn in 0..10 {
        assert_eq!(prepared.report(&address, world.new_id(), &format!("secretive {turn}")).await, Some(303));
    }
    let text = get(&inner, "/metrics").await;
    assert!(text.starts_with("HTTP/1.1 200") && text.contains("openmetrics-text") && text.ends_with("# EOF\n"), "{text}");
    let route = "xiuhua_http_request_duration_seconds_count{method=\"POST\",route=\"/t/{slug}/report\",status=\"3xx\"}";
    assert!((number(&text, route) - 10.0).abs() < 0.1, "{text}");
    assert!((number(&text, "xiuhua_command_duration_seconds_count{kind=\"case.report\",outcome=\"done\"}") - 10.0).abs() < 0.1, "{text}");
    assert!(number(&text, "xiuhua_write_group_size_count") >= 1.0 && number(&text, "xiuhua_write_queue_depth ") >= 0.0, "{text}");
    assert!(number(&text, "xiuhua_journal_unsealed_facts ") >= 0.0, "{text}");
    assert!(!text.contains("secretive") && !text.contains("town") && !text.contains("inspector"), "{text}");
    // Nothing else is answered there, and nothing of it to the public.
    assert!(get(&inner, "/login").await.starts_with("HTTP/1.1 404"));
    assert!(get(&address, "/metrics").await.starts_with("HTTP/1.1 404"));
    child.kill().await.unwrap();
}
