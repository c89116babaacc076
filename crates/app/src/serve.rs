//! `xiuhua serve`: brings an installation up, serves it, and takes it down in order.

use crate::background::Background;
use crate::compose::{self, Demo};
use crate::console::Console;
use crate::installation::Installation;
use crate::server;
use documents::Press;
use kernel::{Code, Kind, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use store::journal::{Journal, Signer};
use tokio::net::TcpListener;

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
    let listener = TcpListener::bind(address).await.map_err(|error| ADDRESS.err().arg("address", address).detail(error))?;
    let address = listener.local_addr().map_err(kernel::Error::unavailable)?;
    place.loaded.listens_at(address);
    let app = compose::app(&place, press, demo);
    let router = compose::router(&app, compose::limits(&place));
    // The sealer has the key for itself; the installation's own is for the command line.
    let signer = Signer::open(&place.key_file, place.store.world())?;
    let background = Background::start(&place, &app, Journal::new(place.store.clone(), signer));
    console.say("start-listening", &[("address", format!("http://{address}"))]);
    let stop = async {
        server::told_to_stop().await;
        console.say("start-stopping", &[]);
    };
    server::serve(listener, router, stop).await;
    background.stop().await;
    console.say("start-stopped", &[]);
    Ok(())
}
