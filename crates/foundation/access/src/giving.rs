//! Giving and revoking roles: what excludes what, and why no gift slips past another or past a place that moves.

use crate::account::{ManageRoles, RoleGiven, RoleRevoked, STALE};
use crate::actor::Scope;
use crate::permit::Permit;
use crate::role::Role;
use kernel::ids::{AccountId, OrganisationId, PlaceId, Uuid};
use kernel::{Code, Result, TenantId, ensure};
use store::{Command, Sql, Write, args, sql};

/// System, security and audit administrator exclude each other here.
pub const SEPARATED: Code = Code::conflict("role.separated");
/// The account holds this very role with this scope.
pub const ALREADY: Code = Code::conflict("role.already");

/// A unit's people have their unit as scope, all others the tenant or a place.
pub const SCOPE: Code = Code::invalid("role.scope");
/// What the role is about is the whole tenant.
pub const WHOLE_TENANT: Code = Code::invalid("role.whole_tenant");

/// Whether a role can do anything with such a scope. Errors: `role.scope`, `role.whole_tenant`.
pub fn fits(role: Role, scope: &Scope) -> Result<()> {
    let of_unit = matches!(role, Role::UnitHead | Role::UnitHandler);
    ensure(of_unit == matches!(scope, Scope::Organisation { .. }), SCOPE)?;
    ensure(!SEPARATE.contains(&role) || *scope == Scope::Tenant, WHOLE_TENANT)
}

/// The three administrators of 三员分立.
pub const SEPARATE: [Role; 3] = [Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin];

/// Refuses two of the three administrators in one hand.
///
/// Errors: `role.separated`.
pub fn keep_apart(roles: impl IntoIterator<Item = Role>) -> Result<()> {
    let mut first = None;
    for role in roles.into_iter().filter(|role| SEPARATE.contains(role)) {
        ensure(*first.get_or_insert(role) == role, SEPARATED)?;
    }
    Ok(())
}

/// Whether the three administrators are kept apart, and what else the account holds.
#[derive(Debug, Clone, Default)]
pub struct Separation {
    pub demanded: bool,
    /// Roles of the account in other tenants: the district it belongs to, or the children of its own. They are read before
    /// the command, as no transaction reaches over two tenants.
    pub elsewhere: Vec<Role>,
}

/// What is given to whom.
pub(crate) struct Gift<'a> {
    pub account: AccountId,
    /// The tenant that the account belongs to.
    pub home: TenantId,
    pub role: Role,
    pub scope: &'a Scope,
    pub separation: &'a Separation,
    /// The tenant's revision at which a place was looked up; none where whoever gives has just made it.
    pub revision: Option<i64>,
}

impl Gift<'_> {
    pub fn place(&self) -> Option<PlaceId> {
        if let Scope::Place { id, .. } = self.scope { Some(*id) } else { None }
    }
    pub fn organisation(&self) -> Option<OrganisationId> {
        if let Scope::Organisation { id } = self.scope { Some(*id) } else { None }
    }
}

static HELD: Sql = sql!(
    "SELECT role, place_id, organisation_id
    FROM role_assignment
    WHERE tenant_id = :tenant AND account_id = :account AND revoked_at IS NULL
    ORDER BY given_at"
);
static REVISION: Sql = sql!("SELECT revision FROM tenant WHERE id = :tenant");
static GIVE: Sql = sql!(
    "INSERT INTO role_assignment (tenant_id, id, account_id, home_tenant, role, place_id, place_path, organisation_id, given_by, given_at)
    VALUES (:tenant, :id, :account, :home, :role, :place, :path, :organisation, :actor, :now)"
);

/// Roles are given, and the places of their scopes moved, by one command at a time: a gift looks at what else the account
/// holds and at where the place stands. Whoever changes places locks those first.
async fn lock_roles(tx: &mut Write<'_>) -> Result<()> {
    tx.lock("roles").await
}

/// Writes the assignment; the caller says the fact.
pub(crate) async fn give(tx: &mut Write<'_>, gift: &Gift<'_>) -> Result<()> {
    lock_roles(tx).await?;
    let tenant = tx.tenant();
    let (place, organisation) = (gift.place(), gift.organisation());
    type Held = (Role, Option<PlaceId>, Option<OrganisationId>);
    let held = tx.all::<Held>(&HELD, args! { tenant: tenant, account: gift.account }).await?;
    ensure(!held.contains(&(gift.role, place, organisation)), ALREADY)?;
    if gift.separation.demanded && SEPARATE.contains(&gift.role) {
        let here = held.iter().map(|(role, _, _)| *role);
        keep_apart(here.chain(gift.separation.elsewhere.iter().copied()).chain([gift.role]))?;
    }
    let path = if let Scope::Place { path, .. } = gift.scope { Some(path.as_str()) } else { None };
    if path.is_some()
        && let Some(seen) = gift.revision
    {
        // A place that moved since it was chosen has another path, and the move did not see this assignment.
        let (now,) = tx.one::<(i64,)>(&REVISION, args! { tenant: tenant }).await?;
        ensure(now == seen, STALE)?;
    }
    let id: Uuid = tx.new_id();
    tx.exec(
        &GIVE,
        args! {
            tenant: tenant, id: id, account: gift.account, home: gift.home, role: gift.role, place: place, path: path,
            organisation: organisation, actor: tx.actor(), now: tx.now(),
        },
    )
    .await?;
    tx.bump_revision();
    Ok(())
}

/// Gives a role at home and says so.
pub(crate) async fn give_at_home(tx: &mut Write<'_>, gift: &Gift<'_>) -> Result<()> {
    give(tx, gift).await?;
    tx.fact(RoleGiven { account: gift.account, role: gift.role, place: gift.place(), organisation: gift.organisation() })
}

/// Gives a role with a scope.
///
/// Errors: `role.scope`, `role.whole_tenant`, `role.separated` where the installation keeps the three administrators apart,
/// `role.already`, `stale` when the tenant's places changed since the scope was chosen.
pub struct GiveRole {
    pub by: Permit<ManageRoles>,
    pub account: AccountId,
    pub role: Role,
    pub scope: Scope,
    pub separation: Separation,
    /// The tenant's revision at which the scope was looked up.
    pub revision: i64,
}

impl Command for GiveRole {
    const KIND: &'static str = "role.give";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let (home, revision) = (tx.tenant(), Some(self.revision));
        let GiveRole { account, role, scope, separation, .. } = self;
        fits(*role, scope)?;
        give_at_home(tx, &Gift { account: *account, home, role: *role, scope, separation, revision }).await
    }
}

/// Takes a role back; the assignment stays in the log. Errors: `stale` when it is not in force.
pub struct RevokeRole {
    pub by: Permit<ManageRoles>,
    pub account: AccountId,
    pub assignment: Uuid,
}

static REVOKE: Sql = sql!(
    "UPDATE role_assignment SET revoked_at = :now
    WHERE tenant_id = :tenant AND id = :id AND account_id = :account AND home_tenant = :tenant AND revoked_at IS NULL
    RETURNING role, place_id, organisation_id"
);

impl Command for RevokeRole {
    const KIND: &'static str = "role.revoke";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let args = args! { tenant: tx.tenant(), id: self.assignment, account: self.account, now: tx.now() };
        type Revoked = (Role, Option<PlaceId>, Option<OrganisationId>);
        let (role, place, organisation) = tx.opt::<Revoked>(&REVOKE, args).await?.ok_or(STALE)?;
        tx.bump_revision();
        tx.fact(RoleRevoked { account: self.account, role, place, organisation, assignment: self.assignment })
    }
}

static MOVE: Sql = sql!(
    "UPDATE role_assignment
    SET place_path = :new || substr(place_path, length(CAST(:old AS TEXT)) + 1)
    WHERE tenant_id = :tenant AND place_path >= :old AND place_path < :old_end AND revoked_at IS NULL"
);

/// A subtree of places moves from one path to another: the scopes given in it go along. Part of the command that moves it,
/// whose fact says so; called after that command has locked the places. `old_end` is the end of the old path's range.
pub async fn places_moved(tx: &mut Write<'_>, old: &str, old_end: &str, new: &str) -> Result<()> {
    lock_roles(tx).await?;
    let tenant = tx.tenant();
    tx.exec(&MOVE, args! { tenant: tenant, old: old, old_end: old_end, new: new }).await.map(drop)
}

static SCOPED: Sql = sql!(
    "SELECT id
    FROM role_assignment
    WHERE tenant_id = :tenant AND place_path >= :path AND place_path < :end AND place_path IS NOT NULL AND revoked_at IS NULL
    LIMIT 1"
);

/// Whether somebody holds a role on a place or below it; `end` is the end of its path's range.
pub async fn is_scope(tx: &mut Write<'_>, path: &str, end: &str) -> Result<bool> {
    let tenant = tx.tenant();
    Ok(tx.opt::<(Uuid,)>(&SCOPED, args! { tenant: tenant, path: path, end: end }).await?.is_some())
}

static SCOPED_ON: Sql = sql!(
    "SELECT id
    FROM role_assignment
    WHERE tenant_id = :tenant AND organisation_id = :organisation AND organisation_id IS NOT NULL AND revoked_at IS NULL
    LIMIT 1"
);

/// Whether somebody holds a role on this organisation.
pub async fn is_unit_scope(tx: &mut Write<'_>, organisation: OrganisationId) -> Result<bool> {
    let tenant = tx.tenant();
    Ok(tx.opt::<(Uuid,)>(&SCOPED_ON, args! { tenant: tenant, organisation: organisation }).await?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_not_given_where_it_can_do_nothing() {
        let unit = Scope::Organisation { id: OrganisationId(Uuid::nil()) };
        let place = Scope::Place { id: PlaceId(Uuid::nil()), path: "1/".to_owned() };
        for (role, scope) in
            [(Role::UnitHandler, &unit), (Role::Community, &place), (Role::Clerk, &Scope::Tenant), (Role::AuditAdmin, &Scope::Tenant)]
        {
            fits(role, scope).unwrap();
        }
        for (role, scope) in
            [(Role::UnitHead, &Scope::Tenant), (Role::UnitHandler, &place), (Role::Leader, &unit), (Role::SystemAdmin, &unit)]
        {
            assert!(fits(role, scope).unwrap_err().is(SCOPE), "{role}");
        }
        assert!(fits(Role::AuditAdmin, &place).unwrap_err().is(WHOLE_TENANT));
    }

    #[test]
    fn two_administrators_in_one_hand_are_refused_and_one_twice_is_not() {
        keep_apart([Role::Clerk, Role::SystemAdmin, Role::Leader, Role::SystemAdmin]).unwrap();
        for other in [Role::SecurityAdmin, Role::AuditAdmin] {
            assert!(keep_apart([Role::SystemAdmin, Role::Clerk, other]).unwrap_err().is(SEPARATED));
        }
    }
}
