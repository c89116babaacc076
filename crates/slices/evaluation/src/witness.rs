//! Which signed head of the journal covers what was published: papers name it, and proofs lead to it.

use crate::evaluation::EvaluationId;
use kernel::{Error, Result, TenantId};
use store::journal::proof::NOT_SEALED;
use store::journal::{Journal, SignedHead};
use store::{Sql, Store, args, sql};

static PUBLISHED: Sql = sql!(
    "SELECT position
    FROM fact
    WHERE tenant_id = :tenant AND subject = 'evaluation' AND subject_id = :evaluation AND kind = 'evaluation.published'
    ORDER BY recorded_at, ordinal"
);

/// The first signed head that covers the publication of all of these: for as long as nothing more is published, it is the same. What
/// was published just now is sealed and signed where nobody did so yet.
///
/// Errors: `journal.not_sealed` where one of them was not published.
pub async fn head(journal: &Journal, tenant: TenantId, evaluations: &[EvaluationId]) -> Result<SignedHead> {
    let mut last = last_of(journal.store(), tenant, evaluations).await?;
    if last.is_none() {
        journal.seal_now(tenant).await?;
        last = last_of(journal.store(), tenant, evaluations).await?;
    }
    let position = u64::try_from(last.ok_or(NOT_SEALED)?).map_err(Error::internal)?;
    journal.covering(tenant, position).await
}

/// The position of the last of these publications. `None` while one of them has none.
async fn last_of(store: &Store, tenant: TenantId, evaluations: &[EvaluationId]) -> Result<Option<i64>> {
    let mut last = None;
    for evaluation in evaluations {
        let found: Vec<(Option<i64>,)> = store.all(&PUBLISHED, args! { tenant: tenant, evaluation: *evaluation }).await?;
        match found.first() {
            Some((Some(position),)) => last = last.max(Some(*position)),
            _ => return Ok(None),
        }
    }
    Ok(last)
}
