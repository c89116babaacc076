//! What runs beside the requests: the sealer, what reacts to facts, the index of words, and an hourly sweep of what nobody needs any more or what
//! is past its end.

use crate::installation::Installation;
use std::time::Duration;
use store::Store;
use store::attachments::Attachments;
use store::journal::Journal;
use tokio::sync::watch;
use tokio::task::JoinSet;
use web::App;

/// How often drafts, remembered results and ended sessions are swept.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// How often much of what is counted is added up, and in which of these turns all of it.
const ADD_UP_EVERY: Duration = Duration::from_secs(1);
const ADD_UP_WHOLE: u64 = 60;

/// The tasks beside the server, and the word that ends them.
pub struct Background {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Background {
    /// Starts sealing, reacting, indexing and sweeping. `signer` and the rest are the installation's own.
    pub fn start(place: &Installation, app: &App, journal: Journal) -> Background {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(journal.run(told(stopped.clone())));
        tasks.spawn(crate::reactions::run(app.clone(), stopped.clone()));
        tasks.spawn(crate::indexing::run(app.clone(), stopped.clone()));
        tasks.spawn(add_up(place.store.clone(), stopped.clone()));
        tasks.spawn(sweep(place.store.clone(), place.attachments.clone(), stopped));
        Background { stop, tasks }
    }
    /// Ends them: what is committed is sealed and signed once more.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a background task failed");
            }
        }
    }
}

async fn told(mut stopped: watch::Receiver<bool>) {
    // The sender gone means the same.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Adds up what the summary counts, so that nobody who reads it has much left to add: often where much happens.
async fn add_up(store: Store, stopped: watch::Receiver<bool>) {
    for turn in 0_u64.. {
        let whole = turn.is_multiple_of(ADD_UP_WHOLE);
        if let Err(error) = cases::days::fold_waiting(&store, whole).await {
            tracing::warn!(%error, "counts are added up later");
        }
        tokio::select! {
            () = told(stopped.clone()) => return,
            () = tokio::time::sleep(ADD_UP_EVERY) => {}
        }
    }
}

async fn sweep(store: Store, attachments: Attachments, stopped: watch::Receiver<bool>) {
    loop {
        if let Err(error) = sweep_once(&store, &attachments).await {
            tracing::warn!(%error, "the sweep failed and is tried again in an hour");
        }
        tokio::select! {
            () = told(stopped.clone()) => return,
            () = tokio::time::sleep(SWEEP_EVERY) => {}
        }
    }
}

async fn sweep_once(store: &Store, attachments: &Attachments) -> kernel::Result<()> {
    access::oidc::pages::sweep(store).await?;
    for tenant in access::account::tenants(store).await? {
        attachments.sweep(store, tenant.id).await?;
        store.sweep_results(tenant.id).await?;
        access::session::sweep(store, tenant.id).await?;
        access::keeping::sweep(store, &tenant).await?;
        territory::keeping::sweep(store, &tenant).await?;
        cases::keeping::sweep(store, &tenant).await?;
    }
    Ok(())
}
