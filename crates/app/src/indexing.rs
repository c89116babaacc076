//! Follows the cases with the index of words, behind everything else: nobody waits for it.

use kernel::{Result, TenantId};
use std::collections::HashMap;
use std::time::Duration;
use store::{Sql, args, sql};
use tokio::sync::watch;
use web::App;

static HEADS: Sql = sql!("SELECT tenant_id, size FROM journal_head ORDER BY tenant_id");

const TICK: Duration = Duration::from_secs(1);
/// While people's commands queue up, one step is taken in this time: what they report is found a little later.
const GIVE_WAY: Duration = Duration::from_secs(1);
/// After so many ticks every tenant is looked at again: an index may have been forgotten from the command line.
const LOOK_AGAIN: u32 = 30;

/// Steps that one tenant takes before the next one's turn.
const STEPS: usize = 50;

/// Indexes until told to stop.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    let mut followed = HashMap::new();
    for tick in 0_u32.. {
        if tick.is_multiple_of(LOOK_AGAIN) {
            followed.clear();
        }
        let wait = match follow(&app, &mut followed, &stop).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => TICK,
            Err(error) => {
                tracing::warn!(%error, "the search index is behind, and is tried again");
                TICK * 10
            }
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Brings every tenant's index some steps further; whether there is more to do. `followed` remembers up to where each is.
///
/// Errors: the last tenant's that failed; the others are followed.
async fn follow(app: &App, followed: &mut HashMap<TenantId, i64>, stop: &watch::Receiver<bool>) -> Result<bool> {
    let heads: Vec<(TenantId, i64)> = app.store.all(&HEADS, args! {}).await?;
    let (mut more, mut failed) = (false, None);
    for (tenant, size) in heads.into_iter().filter(|head| followed.get(&head.0) != Some(&head.1)).collect::<Vec<_>>() {
        let mut behind = true;
        for _ in 0..STEPS {
            match cases::searching::follow(app, tenant).await {
                Ok(true) => {}
                Ok(false) => {
                    followed.insert(tenant, size);
                    behind = false;
                    break;
                }
                Err(error) => {
                    failed = Some(error);
                    behind = false;
                    break;
                }
            }
            if *stop.borrow() {
                return Ok(false);
            }
            if app.store.load().writes_waiting > 0 {
                tokio::time::sleep(GIVE_WAY).await;
            }
        }
        more |= behind;
    }
    failed.map_or(Ok(more), Err)
}

/// Brings a tenant's index up to date, and returns when it is: for the bench.
pub async fn catch_up(app: &App, tenant: TenantId) -> Result<()> {
    while cases::searching::follow(app, tenant).await? {}
    Ok(())
}
