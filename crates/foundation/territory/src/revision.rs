//! The revision of a tenant's territory: rises with every change, so that caches of every process know that they are old.

use kernel::{Result, TenantId};
use store::{Sql, Store, Write, args, sql};

static REVISION: Sql = sql!(
    "SELECT revision
    FROM territory_revision
    WHERE tenant_id = :tenant"
);

static RAISE: Sql = sql!(
    "INSERT INTO territory_revision (tenant_id, revision)
    VALUES (:tenant, 1)
    ON CONFLICT (tenant_id) DO UPDATE SET revision = territory_revision.revision + excluded.revision"
);

/// The present revision; 0 before the first change.
pub async fn revision(store: &Store, tenant: TenantId) -> Result<i64> {
    Ok(store.opt::<(i64,)>(&REVISION, args! { tenant: tenant }).await?.map_or(0, |(revision,)| revision))
}

/// Says that the territory changed; every command of this crate calls it once.
pub(crate) fn raise(tx: &mut Write<'_>) {
    let tenant = tx.tenant();
    tx.later(&RAISE, args! { tenant: tenant });
}
