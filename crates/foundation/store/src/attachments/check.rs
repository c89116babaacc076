//! The part of `verify` that looks at photos: each file must still be what its name, and so the facts that cite it, say.

use super::{Attachments, Size};
use crate::journal::{Finding, Report, StateCheck, verify::what};
use crate::{Sql, Store, args, sql};
use futures::future::BoxFuture;
use kernel::canonical::content_hash;
use kernel::ids::{AttachmentId, Uuid};
use kernel::{Result, TenantId, error::NOT_FOUND};

static ROWS: Sql = sql!(
    "SELECT id, hash, swept_at IS NULL AS kept
    FROM attachment
    WHERE tenant_id = :tenant AND id > :after
    ORDER BY id
    LIMIT 500"
);

impl StateCheck for Attachments {
    fn name(&self) -> &'static str {
        "photos"
    }

    /// A finding for each photo whose file is `missing` or `changed`.
    fn check<'a>(&'a self, store: &'a Store, tenant: TenantId, report: &'a mut Report) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut after: AttachmentId = Uuid::nil().into();
            loop {
                let rows: Vec<(AttachmentId, [u8; 32], bool)> = store.all(&ROWS, args! { tenant: tenant, after: after }).await?;
                let Some((last, ..)) = rows.last() else { return Ok(()) };
                after = *last;
                for (id, hash, _) in rows.iter().filter(|(.., kept)| *kept) {
                    let state = match self.read(tenant, hash, Size::Full).await {
                        Ok(bytes) if content_hash(&bytes) == *hash => continue,
                        Ok(_) => "changed",
                        Err(error) if error.is(NOT_FOUND) => "missing",
                        Err(error) => return Err(error),
                    };
                    let finding = Finding::new(what::STATE).with("check", self.name()).with("photo", id).with("state", state);
                    report.add(finding);
                }
            }
        })
    }
}
