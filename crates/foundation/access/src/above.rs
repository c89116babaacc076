//! Which tenant stands above which: set from the command line, as it concerns two tenants and is nobody's of either alone.

use crate::account::{STALE, Tenant, tenant};
use crate::grants::GrantRevoked;
use crate::role::Role;
use kernel::ids::{AccountId, PlaceId, Uuid};
use kernel::{Code, Instant, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use store::{Command, Fact, Sql, Store, Write, args, sql};

/// Only a district has tenants below it.
pub const NOT_DISTRICT: Code = Code::invalid("tenant.not_district");
/// A district hangs below nothing.
pub const DISTRICT_BELOW: Code = Code::invalid("tenant.district_below");

/// A district that a tenant can be hung below; made only by looking.
#[derive(Debug, Clone, Copy)]
pub struct Above(TenantId);

impl Above {
    /// Errors: `tenant.not_district`.
    pub async fn find(store: &Store, id: TenantId) -> Result<Above> {
        ensure(tenant(store, id).await?.is_district(), NOT_DISTRICT)?;
        Ok(Above(id))
    }
    pub const fn id(self) -> TenantId {
        self.0
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TenantHung {
    pub tenant: TenantId,
    pub above: Option<TenantId>,
}

impl Fact for TenantHung {
    const KIND: &'static str = "tenant.hung";
    const SUBJECT: &'static str = "tenant";
    fn subject(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.tenant.0.unsigned_abs()))
    }
}

/// Hangs a tenant below a district, or below none. What people of another district were granted ends. Run in the tenant itself.
///
/// Errors: `tenant.district_below`.
pub struct HangTenant {
    pub above: Option<Above>,
}

static BY_ID: Sql = sql!("SELECT id, slug, kind, parent_id, name, name_en, zone, settings, revision FROM tenant WHERE id = :tenant");
static HANG: Sql = sql!("UPDATE tenant SET parent_id = :above WHERE id = :tenant");
static END_GRANTS: Sql = sql!(
    "UPDATE role_assignment SET revoked_at = :now
    WHERE tenant_id = :tenant AND home_tenant <> tenant_id AND home_tenant <> :above AND revoked_at IS NULL AND given_at >= :ever
    RETURNING id, account_id, role, place_id"
);

impl Command for HangTenant {
    const KIND: &'static str = "tenant.hang";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let (id, above) = (tx.tenant(), self.above.map(Above::id));
        ensure(!tx.one::<Tenant>(&BY_ID, args! { tenant: id }).await?.is_district(), DISTRICT_BELOW)?;
        let args = args! { tenant: id, above: above.unwrap_or(id), now: tx.now(), ever: Instant(0) };
        type Ended = (Uuid, AccountId, Role, Option<PlaceId>);
        for (assignment, account, role, place) in tx.all::<Ended>(&END_GRANTS, args).await? {
            tx.fact(GrantRevoked { account, role, place, assignment })?;
        }
        // The tenant's row last, as every command that changes roles takes it.
        tx.change_one(&HANG, args! { tenant: id, above: above }).await?.or(STALE)?;
        tx.bump_revision();
        tx.fact(TenantHung { tenant: id, above })
    }
}
