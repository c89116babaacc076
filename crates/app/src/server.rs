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
use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower::Layer;

/// Connections at once; beyond that new ones wait in the listener's queue.
const MOST_CONNECTIONS: usize = 4096;
/// A connection must have sent a request's headers within this, also the next one on an idle connection.
const HEADERS_WITHIN: Duration = Duration::from_secs(15);
/// Of what a connection asked for, something must be taken within this.
const TAKEN_WITHIN: Duration = Duration::from_secs(60);
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
            .serve_connection(TokioIo::new(Patient::new(stream)), service);
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

/// A stream that does not wait for ever for the other side to take what it asked for.
///
/// Whoever asks for pages and reads none of them would keep a connection each.
struct Patient<S> {
    stream: S,
    /// Runs while nothing is taken.
    waits: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl<S> Patient<S> {
    fn new(stream: S) -> Self {
        Patient { stream, waits: None }
    }
    /// The same, unless it has been waiting for too long.
    fn within<T>(&mut self, cx: &mut Context<'_>, polled: Poll<std::io::Result<T>>) -> Poll<std::io::Result<T>> {
        if polled.is_ready() {
            self.waits = None;
            return polled;
        }
        let waits = self.waits.get_or_insert_with(|| Box::pin(tokio::time::sleep(TAKEN_WITHIN)));
        waits.as_mut().poll(cx).map(|()| Err(std::io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.within(cx, polled)
    }
    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.within(cx, polled)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        self.within(cx, polled)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.within(cx, polled)
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

    async fn answered(address: std::net::SocketAddr) -> String {
        let mut client = TcpStream::connect(address).await.expect("connects");
        client.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("sends");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("reads to the end");
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_sends_a_byte_a_second_is_cut_off_and_others_are_served_meanwhile() {
        let (address, _stop, _server) = started().await;
        let slow = tokio::spawn(async move {
            let mut client = TcpStream::connect(address).await.expect("connects");
            for (second, byte) in b"GET /slow HTTP/1.1\r\nhost: a-name-that-takes-its-time.example\r\n\r\n".iter().enumerate() {
                // The second write behind the end finds that nobody reads any more.
                if client.write_all(&[*byte]).await.is_err() {
                    return second;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            usize::MAX
        });
        assert!(answered(address).await.ends_with("done"));
        let cut = slow.await.expect("ends");
        assert!(cut <= 40, "cut off after {cut} seconds");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_comes_a_byte_a_second_ends_with_its_request() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let read = axum::routing::post(|body: axum::body::Bytes| async move { body.len().to_string() });
        let limits = crate::layers::Limits { most_bytes: 1 << 20, most_time: Duration::from_secs(30) };
        let router = crate::layers::inner(Router::new().route("/", read), limits);
        tokio::spawn(serve(listener, watch::channel(router).1, std::future::pending()));
        let mut client = TcpStream::connect(address).await.expect("connects");
        client.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n").await.expect("sends");
        let (mut reads, mut writes) = client.into_split();
        let drips = tokio::spawn(async move {
            while writes.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        #[expect(clippy::disallowed_methods, reason = "the clock that is paused here is tokio's")]
        let begun = tokio::time::Instant::now();
        let mut answer = Vec::new();
        let _ = reads.read_to_end(&mut answer).await;
        assert!(answer.starts_with(b"HTTP/1.1 503"), "{}", String::from_utf8_lossy(&answer));
        assert!(begun.elapsed() < Duration::from_secs(700), "{:?}", begun.elapsed());
        drips.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_of_what_it_asked_for_is_cut_off() {
        let (near, mut far) = tokio::io::duplex(16);
        let mut patient = Patient::new(near);
        let written = tokio::spawn(async move { patient.write_all(&[0; 1000]).await.map_err(|error| error.kind()) });
        // Whoever takes a little now and then is slow, and no more.
        for _ in 0..3 {
            tokio::time::sleep(TAKEN_WITHIN / 2).await;
            far.read_exact(&mut [0; 8]).await.expect("something to read");
        }
        #[expect(clippy::disallowed_methods, reason = "the clock that is paused here is tokio's")]
        let begun = tokio::time::Instant::now();
        assert_eq!(written.await.expect("ends"), Err(std::io::ErrorKind::TimedOut));
        assert!(begun.elapsed() <= TAKEN_WITHIN + Duration::from_secs(1), "{:?}", begun.elapsed());
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
