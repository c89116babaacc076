//! Who works in an office, for rosters: its open accounts with a role of the office, never those of units.

use crate::personal::{ColleagueName, Masked};
use crate::role::Role;
use kernel::ids::AccountId;
use kernel::{Result, TenantId};
use std::collections::BTreeMap;
use store::{Sql, Store, Write, args, sql};

/// The roles of an office; those of units are not its staff, and a district's people belong to the district.
const OFFICE: [Role; 7] =
    [Role::Leader, Role::Clerk, Role::Inspector, Role::Community, Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin];

static OF_ROLE: Sql = sql!(
    "SELECT a.id, a.name
    FROM role_assignment r
    JOIN account a ON a.tenant_id = r.tenant_id AND a.id = r.account_id
    WHERE r.tenant_id = :tenant AND r.role = :role AND r.revoked_at IS NULL AND a.active = TRUE"
);

static ROLES_OF: Sql = sql!(
    "SELECT r.role
    FROM role_assignment r
    JOIN account a ON a.tenant_id = r.tenant_id AND a.id = r.account_id
    WHERE r.tenant_id = :tenant AND r.account_id = :account AND r.revoked_at IS NULL AND a.active = TRUE"
);

/// One of the staff, as rosters show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    pub account: AccountId,
    pub name: String,
    /// The first of their roles, in the order leader, clerk, inspector, community.
    pub role: Role,
}

/// The staff of a tenant: each once, by their first role and then by name.
pub async fn staff(store: &Store, tenant: TenantId) -> Result<Vec<Colleague>> {
    let mut found: BTreeMap<AccountId, (usize, Colleague)> = BTreeMap::new();
    for (order, role) in OFFICE.into_iter().enumerate() {
        for (account, name) in store.all::<(AccountId, Masked<ColleagueName>)>(&OF_ROLE, args! { tenant: tenant, role: role }).await? {
            found.entry(account).or_insert_with(|| (order, Colleague { account, name: name.shown().to_owned(), role }));
        }
    }
    let mut staff: Vec<(usize, Colleague)> = found.into_values().collect();
    staff.sort_by(|(one, a), (other, b)| (one, &a.name, a.account).cmp(&(other, &b.name, b.account)));
    Ok(staff.into_iter().map(|(_, colleague)| colleague).collect())
}

/// Whether an account is of the staff of the tenant written to, inside a command.
pub async fn is_staff(tx: &mut Write<'_>, account: AccountId) -> Result<bool> {
    let tenant = tx.tenant();
    let roles = tx.all::<(Role,)>(&ROLES_OF, args! { tenant: tenant, account: account }).await?;
    Ok(roles.iter().any(|(role,)| OFFICE.contains(role)))
}
