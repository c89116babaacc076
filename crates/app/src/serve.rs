//! `xiuhua serve`: brings an installation up, serves it, and takes it down in order.

use crate::background::Background;
use crate::compose::{self, Demo};
use crate::console::Console;
use crate::health::{Health, Phase};
use crate::installation::Installation;
use crate::metrics::{self, Metrics};
use crate::{notify, server};
use axum::Router;
use documents::Press;
use kernel::{Code, Kind, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::journal::Journal;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// Somebody listens there already, or the address is not this machine's.
pub const ADDRESS: Code = Code::new(Kind::Unavailable, "serve.address");

/// What is served, and where.
pub struct Start {
    pub press: Arc<dyn Press>,
    pub demo: Option<Demo>,
    /// In place of the configuration's address.
    pub listen: Option<SocketAddr>,
}

/// Listens, and says that it is starting until `prepare` has brought the database up to date; then serves until `stop`
/// resolves, finishes requests under way, and seals what was committed.
pub async fn run(
    mut place: Installation,
    start: Start,
    console: &Console,
    prepare: impl AsyncFnOnce(&Installation) -> Result<()>,
    stop: impl Future<Output = ()>,
) -> Result<()> {
    let (listener, address) = bind(start.listen.unwrap_or(place.loaded.config.listen)).await?;
    place.loaded.listens_at(address);
    let app = compose::app(&place, start.press, start.demo)?;
    let health = app.get::<Health>();
    health.enter(Phase::Starting);
    let figures = match place.loaded.config.metrics.listen.0 {
        Some(address) => Some(Server::start(bind(address).await?, metrics::routes(app.get::<Metrics>()))),
        None => None,
    };
    let pages = Server::start((listener, address), compose::starting(&app));
    tokio::pin!(stop);
    let prepared = tokio::select! {
        prepared = prepare(&place) => Some(prepared?),
        // What was begun of it is undone by the database.
        () = &mut stop => None,
    };
    if prepared.is_none() {
        notify::tell(notify::STOPPING);
        return Ok(());
    }
    let background = Background::start(&place, &app, Journal::clone(&app.get::<Journal>()));
    pages.show(compose::router(&app, compose::limits(&place)));
    health.enter(Phase::Serving);
    notify::tell(notify::READY);
    console.say("start-listening", &[("address", format!("http://{address}"))]);
    if let Some(figures) = &figures {
        console.say("start-metrics", &[("address", format!("http://{}/metrics", figures.address))]);
    }
    stop.await;
    console.say("start-stopping", &[]);
    health.enter(Phase::Leaving);
    notify::tell(notify::STOPPING);
    // So long the load balancer in front has to notice.
    tokio::time::sleep(Duration::from_secs(place.loaded.config.web.leave_seconds)).await;
    pages.stop().await;
    background.stop().await;
    // To the very end: how the last sealing goes is seen as well.
    if let Some(figures) = figures {
        figures.stop().await;
    }
    console.say("start-stopped", &[]);
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await.map_err(|error| ADDRESS.err().arg("address", address).detail(error))?;
    let address = listener.local_addr().map_err(kernel::Error::unavailable)?;
    Ok((listener, address))
}

/// A server in a task of its own; what it serves can change.
struct Server {
    address: SocketAddr,
    router: watch::Sender<Router>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Server {
    fn start((listener, address): (TcpListener, SocketAddr), router: Router) -> Server {
        let (router, current) = watch::channel(router);
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(server::serve(listener, current, async move { drop(stopped.await) }));
        Server { address, router, stop, served }
    }
    /// From now on new connections meet this.
    fn show(&self, router: Router) {
        drop(self.router.send_replace(router));
    }
    async fn stop(self) {
        let _ = self.stop.send(());
        if let Err(error) = self.served.await {
            tracing::error!(%error, "a server failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::first_start;
    use kernel::World;
    use std::path::Path;
    use store::attachments::Policy;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use web::{Lang, Words};

    async fn open(data: &Path, environment: &[(&str, &str)]) -> Installation {
        let environment: Vec<_> = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let loaded = config::load(data, None, &environment).expect("a configuration");
        Installation::open(data, loaded, World::system(), Policy::default()).await.expect("opens")
    }

    /// Status line and body on a connection that the client would keep open.
    async fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.expect("somebody listens");
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\naccept-language: en\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sends");
        let mut answer = vec![0; 65_536];
        let mut length = 0;
        // Until it is closed or silent.
        while let Ok(Ok(more)) = tokio::time::timeout(Duration::from_millis(300), stream.read(&mut answer[length..])).await {
            if more == 0 {
                break;
            }
            length += more;
        }
        String::from_utf8_lossy(&answer[..length]).into_owned()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_says_that_it_starts_serves_and_leaves_and_answers_to_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("bound");
        let place = open(folder.path(), &[("XIUHUA_WEB_LEAVE_SECONDS", "2")]).await;
        let (migrate, may) = oneshot::channel::<()>();
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            let console = Console::new(Lang::English);
            let start = Start { press: Arc::new(testkit::PlainPress), demo: None, listen: Some(free) };
            let prepare = async |place: &Installation| {
                may.await.expect("a word");
                first_start::prepare(place, &console).await
            };
            run(place, start, &console, prepare, async move { drop(stopped.await) }).await
        });
        while TcpStream::connect(free).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let ready = ask(free, "/health/ready").await;
        assert!(ready.starts_with("HTTP/1.1 503") && ready.ends_with("starting\n"), "{ready}");
        assert!(ask(free, "/health/live").await.starts_with("HTTP/1.1 200"));
        let page = ask(free, "/login").await;
        let words = Words::of(Lang::English).t("error-starting").into_owned();
        assert!(page.starts_with("HTTP/1.1 503") && page.contains(&words) && page.contains("connection: close"), "{page}");
        assert!(page.contains("content-security-policy"), "{page}");

        migrate.send(()).expect("it waits");
        let mut ready = String::new();
        for _ in 0..200 {
            ready = ask(free, "/health/ready").await;
            if ready.starts_with("HTTP/1.1 200") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(ready.ends_with("ready\n"), "{ready}");
        assert!(ask(free, "/login").await.starts_with("HTTP/1.1 200"));

        stop.send(()).expect("it runs");
        tokio::time::sleep(Duration::from_millis(300)).await;
        let ready = ask(free, "/health/ready").await;
        assert!(ready.starts_with("HTTP/1.1 503") && ready.ends_with("stopping\n"), "{ready}");
        assert!(ask(free, "/login").await.starts_with("HTTP/1.1 200"), "whoever comes yet is served");
        running.await.expect("ends").expect("in order");
        assert!(TcpStream::connect(free).await.is_err(), "nobody listens any more");
        let lag = store::journal::lag(&open(folder.path(), &[]).await.store).await.expect("asked");
        assert_eq!(lag.facts, 0, "all is sealed");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn told_to_stop_while_it_starts_it_stops() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = open(folder.path(), &[]).await;
        let start = Start { press: Arc::new(testkit::PlainPress), demo: None, listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))) };
        let for_ever = async |_: &Installation| std::future::pending().await;
        let stop = tokio::time::sleep(Duration::from_millis(50));
        let console = Console::new(Lang::English);
        let ended = tokio::time::timeout(Duration::from_secs(10), run(place, start, &console, for_ever, stop)).await;
        ended.expect("it stops").expect("in order");
    }
}
