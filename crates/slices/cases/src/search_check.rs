//! The part of `verify` that looks at the index of words: every case stands in it as its row and words are now.

use crate::searching::misfits;
use futures::future::BoxFuture;
use kernel::{Result, TenantId};
use store::Store;
use store::journal::verify::what::STATE;
use store::journal::{Finding, Report, StateCheck};

/// The index of cases. One that has not caught up yet is no finding: it is made from the cases at any time.
pub struct Index;

impl StateCheck for Index {
    fn name(&self) -> &'static str {
        "search"
    }

    /// A finding names the case by its number.
    fn check<'a>(&'a self, store: &'a Store, tenant: TenantId, report: &'a mut Report) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Some(mut wrong) = misfits(store, tenant).await? else { return Ok(()) };
            if !wrong.is_empty() {
                // A case may have moved between the two looks.
                let again = misfits(store, tenant).await?.unwrap_or_default();
                wrong.retain(|number| again.contains(number));
            }
            for number in wrong {
                report.add(Finding::new(STATE).with("check", "search").with("number", number));
            }
            Ok(())
        })
    }
}
