//! The revision of a tenant: every command here raises it (`Write::bump_revision`), so that caches of every process know that they are old.

use kernel::{Result, TenantId};
use store::{Sql, Store, args, sql};

static REVISION: Sql = sql!(
    "SELECT revision
    FROM tenant
    WHERE id = :tenant"
);

/// The present revision.
///
/// Errors: 404 when there is no such tenant.
pub async fn revision(store: &Store, tenant: TenantId) -> Result<i64> {
    Ok(store.one::<(i64,)>(&REVISION, args! { tenant: tenant }).await?.0)
}
