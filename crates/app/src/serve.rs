//! `xiuhua serve`: brings an installation up, serves it, and takes it down in order.

use crate::background::Background;
use crate::compose::{self, Demo};
use crate::console::Console;
use crate::installation::Installation;
use crate::metrics::{self, Metrics};
use crate::server;
use axum::Router;
use documents::Press;
use kernel::{Code, Kind, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use store::journal::{Journal, Signer};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Somebody listens there already, or the address is not this machine's.
pub const ADDRESS: Code = Code::new(Kind::Unavailable, "serve.address");

/// Serves until SIGTERM or SIGINT; then finishes requests under way, and seals what was committed.
pub async fn run(
    mut place: Installation,
    press: Arc<dyn Press>,
    demo: Option<Demo>,
    console: &Console,
    listen: Option<SocketAddr>,
) -> Result<()> {
    let address = listen.unwrap_or(place.loaded.config.listen);
    let (listener, address) = bind(address).await?;
    place.loaded.listens_at(address);
    let app = compose::app(&place, press, demo);
    let router = compose::router(&app, compose::limits(&place));
    // The sealer has the key for itself; the installation's own is for the command line.
    let signer = Signer::open(&place.key_file, place.store.world())?;
    let figures = match place.loaded.config.metrics.listen.0 {
        Some(address) => Some(Figures::start(address, metrics::routes(app.get::<Metrics>())).await?),
        None => None,
    };
    let background = Background::start(&place, &app, Journal::new(place.store.clone(), signer));
    console.say("start-listening", &[("address", format!("http://{address}"))]);
    if let Some(figures) = &figures {
        console.say("start-metrics", &[("address", format!("http://{}/metrics", figures.address))]);
    }
    let stop = async {
        server::told_to_stop().await;
        console.say("start-stopping", &[]);
    };
    server::serve(listener, router, stop).await;
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

/// The server of the figures, beside the one of the pages.
struct Figures {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Figures {
    async fn start(address: SocketAddr, router: Router) -> Result<Figures> {
        let (listener, address) = bind(address).await?;
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(server::serve(listener, router, async move { drop(stopped.await) }));
        Ok(Figures { address, stop, served })
    }
    async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.served.await;
    }
}
