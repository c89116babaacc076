//! The HTTP server: accepts, bounds slow clients, and ends gracefully when it is told to.
//!
//! `axum::serve` gives a connection all the time in the world to send its headers, so the loop is our own.

use axum::extract::ConnectInfo;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower::Layer;

/// Connections at once; beyond that new ones wait in the listener's queue.
const MOST_CONNECTIONS: usize = 4096;
/// A connection must have sent a request's headers within this, also the next one on an idle connection.
const HEADERS_WITHIN: Duration = Duration::from_secs(15);
/// Requests under way when the server is told to stop are given this long.
const FINISH_WITHIN: Duration = Duration::from_secs(20);

/// Serves until `stop` resolves, then finishes what is under way. Each connection meets the router of its beginning.
pub async fn serve(listener: TcpListener, router: watch::Receiver<Router>, stop: impl Future<Output = ()>) {
    let connections = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let Ok(permit) = Arc::clone(&connections).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, mostly: wait for some to be closed instead of spinning.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        // Each request knows its peer: what is counted by address begins there.
        let service = TowerToHyperService::new(Extension(ConnectInfo(peer)).layer(router.borrow().clone()));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_WITHIN)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A client that goes away in the middle is its own business.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(FINISH_WITHIN) => tracing::warn!("some requests were still under way and were cut off"),
    }
}

/// Resolves at SIGTERM or SIGINT.
pub async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        tracing::error!("signals cannot be received; only a kill ends this process");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;

    async fn started() -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (stop, stopped) = oneshot::channel::<()>();
        let slow = get(|| async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "done"
        });
        let router = Router::new().route("/slow", slow);
        let server = tokio::spawn(serve(listener, watch::channel(router).1, async move { drop(stopped.await) }));
        (address, stop, server)
    }

    #[tokio::test]
    async fn a_request_under_way_is_finished_when_the_server_is_told_to_stop() {
        let (address, stop, server) = started().await;
        let mut client = TcpStream::connect(address).await.expect("connects");
        client.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sends");
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.send(()).expect("the server runs");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("reads to the end");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
        server.await.expect("ends");
        assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    }

    #[tokio::test]
    async fn a_handler_learns_from_which_address_it_is_asked() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let peer = get(|peer: ConnectInfo<std::net::SocketAddr>| async move { peer.0.to_string() });
        tokio::spawn(serve(listener, watch::channel(Router::new().route("/", peer)).1, std::future::pending()));
        let mut client = TcpStream::connect(address).await.expect("connects");
        let ours = client.local_addr().expect("connected").to_string();
        client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("sends");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("reads to the end");
        assert!(answer.ends_with(&ours), "{answer}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_ends_its_headers_is_sent_away() {
        let (address, _stop, _server) = started().await;
        let mut client = TcpStream::connect(address).await.expect("connects");
        client.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n").await.expect("sends");
        let mut answer = Vec::new();
        let read = tokio::time::timeout(HEADERS_WITHIN * 3, client.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "the connection is still open");
    }
}
