//! Grants: what people of the district above may do in a tenant, given and revoked by that tenant itself.

use crate::account::{self, Account, ManageRoles, STALE, Tenant, account_facts};
use crate::actor::{Assignment, Scope};
use crate::giving::{Gift, SEPARATE, Separation, fits, give};
use crate::permit::Permit;
use crate::role::Role;
use kernel::ids::{AccountId, PlaceId, Uuid};
use kernel::{Code, Instant, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use store::{Command, Paged, Query, Sql, Store, ToValue, Value, Write, args, sql};

/// No tenant stands above this one.
pub const NO_DISTRICT: Code = Code::invalid("grant.no_district");
/// The tenant above has no account with this log-in name. Whether another tenant has one is not told.
pub const UNKNOWN: Code = Code::invalid("grant.unknown");
/// The account was closed by the tenant above.
pub const CLOSED: Code = Code::invalid("grant.closed");
/// Not a role that crosses tenants.
pub const NOT_GRANTABLE: Code = Code::invalid("grant.role");

/// The roles that cross tenants: those that look, and the one that supervises.
///
/// Whoever does a tenant's daily work, or changes its accounts, roles and places, is one of its own people: an account that it
/// can close and reset, and whose work it answers for. An account of the district is neither.
pub const GRANTABLE: [Role; 3] = [Role::DistrictClerk, Role::Leader, Role::AuditAdmin];

account_facts! {
    GrantGiven = "grant.given" { home: TenantId, role: Role, place: Option<PlaceId> }
    GrantRevoked = "grant.revoked" { role: Role, place: Option<PlaceId>, assignment: Uuid }
}

/// An open account of the tenant above, found by its log-in name; made only by [`grantee`].
#[derive(Debug, Clone)]
pub struct Grantee {
    home: TenantId,
    account: AccountId,
    /// The three administrators' roles that the account holds at home.
    administers: Vec<Role>,
}

/// Finds whom something is granted to. Errors: `grant.no_district`, `grant.unknown`, `grant.closed`.
pub async fn grantee(store: &Store, tenant: &Tenant, login: &str) -> Result<Grantee> {
    let home = tenant.parent_id.ok_or(NO_DISTRICT)?;
    let found = account::by_login(store, &login.trim().to_lowercase()).await?;
    let account = found.filter(|account| account.tenant_id == home).ok_or(UNKNOWN)?;
    ensure(account.active, CLOSED)?;
    let held = account::assignments(store, home, account.id).await?;
    Ok(Grantee { home, account: account.id, administers: administrators(held) })
}

fn administrators(held: Vec<Assignment>) -> Vec<Role> {
    held.into_iter().map(|given| given.role).filter(|role| SEPARATE.contains(role)).collect()
}

/// Gives a role in this tenant to an account of the one above.
///
/// Errors: `grant.role`, and those of [`crate::giving::GiveRole`].
pub struct GrantRole {
    pub by: Permit<ManageRoles>,
    pub to: Grantee,
    pub role: Role,
    pub scope: Scope,
    /// Whether the three administrators are kept apart.
    pub separated: bool,
    /// The tenant's revision at which the scope was looked up.
    pub revision: i64,
}

impl Command for GrantRole {
    const KIND: &'static str = "grant.give";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let GrantRole { to, role, scope, .. } = self;
        ensure(GRANTABLE.contains(role), NOT_GRANTABLE)?;
        fits(*role, scope)?;
        let separation = Separation { demanded: self.separated, elsewhere: to.administers.clone() };
        let revision = Some(self.revision);
        let gift = Gift { account: to.account, home: to.home, role: *role, scope, separation: &separation, revision };
        give(tx, &gift).await?;
        tx.fact(GrantGiven { account: to.account, home: to.home, role: *role, place: gift.place() })
    }
}

/// Takes a grant back; it holds from the next request on. Errors: `stale` when it is not in force.
pub struct RevokeGrant {
    pub by: Permit<ManageRoles>,
    pub assignment: Uuid,
}

static REVOKE: Sql = sql!(
    "UPDATE role_assignment SET revoked_at = :now
    WHERE tenant_id = :tenant AND id = :id AND home_tenant <> tenant_id AND revoked_at IS NULL
    RETURNING account_id, role, place_id"
);

impl Command for RevokeGrant {
    const KIND: &'static str = "grant.revoke";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let args = args! { tenant: tx.tenant(), id: self.assignment, now: tx.now() };
        let (account, role, place) = tx.opt::<(AccountId, Role, Option<PlaceId>)>(&REVOKE, args).await?.ok_or(STALE)?;
        tx.bump_revision();
        tx.fact(GrantRevoked { account, role, place, assignment: self.assignment })
    }
}

store::row! {
    /// A grant in force.
    #[derive(Debug, Clone)]
    pub struct Grant {
        pub id: Uuid,
        pub account_id: AccountId,
        pub home_tenant: TenantId,
        pub role: Role,
        pub place_id: Option<PlaceId>,
        pub place_path: Option<String>,
        pub given_by: Option<AccountId>,
        pub given_at: Instant,
    }
}

impl Grant {
    pub fn scope(&self) -> Scope {
        match (self.place_id, &self.place_path) {
            (Some(id), Some(path)) => Scope::Place { id, path: path.clone() },
            _ => Scope::Tenant,
        }
    }
}

const SIZE: u16 = 50;

fn in_force_query(tenant: TenantId, after: Option<&[Value]>) -> Query {
    let text = "SELECT id, account_id, home_tenant, role, place_id, place_path, given_by, given_at
    FROM role_assignment
    WHERE tenant_id = :tenant AND home_tenant <> tenant_id AND revoked_at IS NULL";
    Query::from(text).bind("tenant", tenant).keyset(&["given_at", "id"], true, after, SIZE)
}
/// The types of the keys that a page begins after.
pub(crate) const KEYS: [Value; 2] = [Value::Int(0), Value::Id(Uuid::nil())];
store::shapes!("grants", || vec![in_force_query(TenantId(1), None), in_force_query(TenantId(1), Some(&KEYS))]);

/// The grants in force in a tenant, the latest first.
pub async fn in_force(store: &Store, tenant: TenantId, after: Option<&[Value]>) -> Result<Paged<Grant>> {
    let rows = store.query::<Grant>(in_force_query(tenant, after)).await?;
    Ok(Paged::cut(rows, SIZE, |row| vec![row.given_at.to_value(), row.id.to_value()]))
}

/// A tenant below one's own, and what one was granted there.
#[derive(Debug, Clone)]
pub struct Granted {
    pub tenant: Tenant,
    pub assignments: Vec<Assignment>,
}

/// Where an account was granted something: each child of its tenant is asked by the account's key, so the cost is that of the
/// children (some tens below a district), whatever grants there are.
pub async fn of_account(store: &Store, account: &Account) -> Result<Vec<Granted>> {
    let mut granted = Vec::new();
    for tenant in account::children(store, account.tenant_id).await? {
        let assignments = account::assignments(store, tenant.id, account.id).await?;
        if !assignments.is_empty() {
            granted.push(Granted { tenant, assignments });
        }
    }
    Ok(granted)
}

/// What keeps an account of `tenant` from a further administrator's role.
pub async fn separation(store: &Store, account: &Account, demanded: bool) -> Result<Separation> {
    let granted = if demanded { of_account(store, account).await? } else { Vec::new() };
    Ok(Separation { demanded, elsewhere: granted.into_iter().flat_map(|one| administrators(one.assignments)).collect() })
}
