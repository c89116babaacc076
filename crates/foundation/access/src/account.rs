//! Accounts: making one, its roles, its passwords; each change with its fact.

use crate::actor::{Actor, Assignment, FORBIDDEN, Scope};
use crate::giving::{Gift, Separation, give_at_home};
use crate::passwords::Shown;
use crate::permit::Permit;
use crate::personal::{ColleagueName, Masked, Phone, Secret};
use crate::role::Role;
use kernel::ids::{AccountId, OrganisationId, PlaceId, Uuid};
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{Command, Fact, Sql, Store, Write, args, sql};

crate::verbs! {
    /// Make accounts, close them.
    ManageAccounts = "account.manage" { SystemAdmin: Within }
    /// Give and revoke roles, unlock, reset.
    ManageRoles = "role.manage" { SecurityAdmin: Within }
    /// Read who gave what, and the journal.
    ReadAudit = "audit.read" { AuditAdmin: Within, SecurityAdmin: Within }
    /// See the list of accounts.
    ListAccounts = "account.list" { SystemAdmin: Within, SecurityAdmin: Within, AuditAdmin: Within }
    /// Invite a unit's people, and reset them on the spot.
    InviteToUnit = "account.invite" { Clerk: Within, Community: Within, SecurityAdmin: Within }
}

pub const LOGIN_TAKEN: Code = Code::conflict("account.login.taken");
pub const BAD_LOGIN: Code = Code::invalid("account.login.bad");
pub const NAME_NEEDED: Code = Code::invalid("account.name.needed");
pub const STALE: Code = Code::conflict("stale");

store::row! {
    #[derive(Debug, Clone)]
    pub struct Account {
        pub tenant_id: TenantId,
        pub id: AccountId,
        pub login: String,
        pub name: Masked<ColleagueName>,
        pub phone: Option<Masked<Phone>>,
        pub password: String,
        pub must_change: bool,
        pub totp: Option<Masked<Secret>>,
        pub totp_confirmed: bool,
        pub totp_step: i64,
        pub active: bool,
        pub failures: i64,
        pub locked_until: Instant,
        pub created_at: Instant,
        pub version: i64,
    }
}

macro_rules! account_columns {
    () => {
        "SELECT tenant_id, id, login, name, phone, password, must_change, totp, totp_confirmed, totp_step, active, failures,
            locked_until, created_at, version
        FROM account"
    };
}

static BY_ID: Sql = sql!(concat!(account_columns!(), " WHERE tenant_id = :tenant AND id = :id"));
static ALL: Sql = sql!(concat!(account_columns!(), " WHERE tenant_id = :tenant AND login > :after ORDER BY login LIMIT 101"));
static BY_LOGIN: Sql = sql!("SELECT tenant_id, account_id FROM login WHERE name = :name");
static ROLES: Sql = sql!(
    "SELECT id, role, place_id, place_path, organisation_id, given_by, given_at, revoked_at
    FROM role_assignment
    WHERE tenant_id = :tenant AND account_id = :account
    ORDER BY given_at"
);
static OF_ROLE: Sql = sql!(
    "SELECT a.id, a.name, r.place_path
    FROM role_assignment r
    JOIN account a ON a.tenant_id = r.tenant_id AND a.id = r.account_id
    WHERE r.tenant_id = :tenant AND r.role = :role AND r.revoked_at IS NULL AND a.active = TRUE
    ORDER BY r.account_id
    LIMIT 1000"
);
static OF_UNIT: Sql = sql!(
    "SELECT a.id, a.name
    FROM role_assignment r
    JOIN account a ON a.tenant_id = r.tenant_id AND a.id = r.account_id
    WHERE r.tenant_id = :tenant AND r.role = :role AND r.organisation_id = :unit AND r.revoked_at IS NULL AND a.active = TRUE
    ORDER BY r.account_id
    LIMIT 1000"
);
static NAME: Sql = sql!("SELECT name FROM account WHERE tenant_id = :tenant AND id = :id");

store::row! {
    /// A role as it was given.
    #[derive(Debug, Clone)]
    pub struct Given {
        pub id: Uuid,
        pub role: Role,
        pub place_id: Option<PlaceId>,
        pub place_path: Option<String>,
        pub organisation_id: Option<OrganisationId>,
        pub given_by: Option<AccountId>,
        pub given_at: Instant,
        pub revoked_at: Option<Instant>,
    }
}

impl Given {
    pub fn scope(&self) -> Scope {
        match (self.organisation_id, self.place_id, &self.place_path) {
            (Some(id), _, _) => Scope::Organisation { id },
            (None, Some(id), Some(path)) => Scope::Place { id, path: path.clone() },
            _ => Scope::Tenant,
        }
    }
    pub fn assignment(&self) -> Assignment {
        Assignment { role: self.role, scope: self.scope() }
    }
}

pub async fn by_id(store: &Store, tenant: TenantId, id: AccountId) -> Result<Account> {
    store.one(&BY_ID, args! { tenant: tenant, id: id }).await
}
/// A page of accounts in the order of their log-in names, after `after`; one more than fits says that there is more.
pub async fn all(store: &Store, tenant: TenantId, after: &str) -> Result<Vec<Account>> {
    store.all(&ALL, args! { tenant: tenant, after: after }).await
}
/// The account with this log-in name, wherever it belongs.
pub async fn by_login(store: &Store, name: &str) -> Result<Option<Account>> {
    match store.opt::<(TenantId, AccountId)>(&BY_LOGIN, args! { name: name }).await? {
        Some((tenant, id)) => by_id(store, tenant, id).await.map(Some),
        None => Ok(None),
    }
}
/// All roles that were ever given, in that order.
pub async fn roles(store: &Store, tenant: TenantId, account: AccountId) -> Result<Vec<Given>> {
    store.few(&ROLES, args! { tenant: tenant, account: account }).await
}
/// The roles in force.
pub async fn assignments(store: &Store, tenant: TenantId, account: AccountId) -> Result<Vec<Assignment>> {
    let given = roles(store, tenant, account).await?;
    Ok(given.iter().filter(|given| given.revoked_at.is_none()).map(Given::assignment).collect())
}
/// Those of the tenant who have this role for a place: the whole tenant, or a subtree that holds `place_path`; by name.
pub async fn people_for(store: &Store, tenant: TenantId, role: Role, place_path: &str) -> Result<Vec<(AccountId, String)>> {
    let rows = store.all::<(AccountId, Masked<ColleagueName>, Option<String>)>(&OF_ROLE, args! { tenant: tenant, role: role }).await?;
    let reaches = |path: &Option<String>| path.as_ref().is_none_or(|path| place_path.starts_with(path.as_str()));
    let mut people: Vec<_> =
        rows.into_iter().filter(|(.., path)| reaches(path)).map(|(id, name, _)| (id, name.shown().to_owned())).collect();
    people.sort_by(|a, b| a.1.cmp(&b.1).then(a.0.cmp(&b.0)));
    people.dedup();
    Ok(people)
}
/// Those who have this role at an organisation.
pub async fn people_of(store: &Store, tenant: TenantId, role: Role, unit: OrganisationId) -> Result<Vec<(AccountId, String)>> {
    let values = args! { tenant: tenant, role: role, unit: unit };
    let rows = store.all::<(AccountId, Masked<ColleagueName>)>(&OF_UNIT, values).await?;
    Ok(rows.into_iter().map(|(id, name)| (id, name.shown().to_owned())).collect())
}
/// The names of those who acted in a tenant, for timelines: colleagues, and people of the tenant above it.
pub async fn names(store: &Store, tenant: TenantId, ids: impl Iterator<Item = AccountId>) -> Result<BTreeMap<AccountId, String>> {
    let mut names = BTreeMap::new();
    let mut strangers = BTreeSet::new();
    for id in ids {
        if let std::collections::btree_map::Entry::Vacant(empty) = names.entry(id)
            && !strangers.contains(&id)
        {
            match name(store, tenant, id).await? {
                Some(name) => drop(empty.insert(name)),
                None => drop(strangers.insert(id)),
            }
        }
    }
    if !strangers.is_empty()
        && let Some(above) = self::tenant(store, tenant).await?.parent_id
    {
        for id in strangers {
            if let Some(name) = name(store, above, id).await? {
                names.insert(id, name);
            }
        }
    }
    Ok(names)
}

async fn name(store: &Store, tenant: TenantId, id: AccountId) -> Result<Option<String>> {
    let found = store.opt::<(Masked<ColleagueName>,)>(&NAME, args! { tenant: tenant, id: id }).await?;
    Ok(found.map(|(name,)| name.shown().to_owned()))
}

macro_rules! account_facts {
    ($($(#[$doc:meta])* $name:ident = $kind:literal { $($field:ident: $t:ty),* $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Deserialize)]
        pub struct $name { pub account: AccountId, $(pub $field: $t),* }
        impl store::Fact for $name {
            const KIND: &'static str = $kind;
            const SUBJECT: &'static str = "account";
            fn subject(&self) -> kernel::ids::Uuid { self.account.0 }
        }
    )+};
}
pub(crate) use account_facts;

account_facts! {
    AccountCreated = "account.created" {}
    AccountClosed = "account.closed" {}
    PasswordChanged = "account.password_changed" { by_owner: bool }
    AccountUnlocked = "account.unlocked" {}
    TotpConfirmed = "account.totp_confirmed" {}
    TotpRemoved = "account.totp_removed" {}
    RoleGiven = "role.given" { role: Role, place: Option<PlaceId>, organisation: Option<OrganisationId> }
    RoleRevoked = "role.revoked" { role: Role, place: Option<PlaceId>, organisation: Option<OrganisationId>, assignment: Uuid }
}

/// Makes an account. The password is hashed before. Errors: `account.login.taken`, `account.login.bad`, `account.name.needed`.
pub struct CreateAccount {
    pub by: Permit<ManageAccounts>,
    pub login: String,
    pub name: String,
    pub phone: Option<String>,
    pub password_hash: String,
    pub must_change: bool,
    /// Given along with it; a tenant's first accounts and the demo's.
    pub roles: Vec<(Role, Scope)>,
}

static TAKE_LOGIN: Sql = sql!("INSERT INTO login (name, tenant_id, account_id) VALUES (:name, :tenant, :id) ON CONFLICT (name) DO NOTHING");
static INSERT: Sql = sql!(
    "INSERT INTO account (tenant_id, id, login, name, phone, password, must_change, totp_confirmed, totp_step, active, failures,
        locked_until, created_at, version)
    VALUES (:tenant, :id, :login, :name, :phone, :password, :must_change, FALSE, 0, TRUE, 0, 0, :now, 1)"
);

/// Log-in names: 2 to 40 letters, digits, dots, hyphens and underscores; compared in lower case.
pub fn clean_login(text: &str) -> Result<String> {
    let login = text.trim().to_lowercase();
    let fine = (2..=40).contains(&login.chars().count()) && login.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    ensure(fine, BAD_LOGIN)?;
    Ok(login)
}

impl Command for CreateAccount {
    const KIND: &'static str = "account.create";
    type Out = AccountId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<AccountId> {
        let login = clean_login(&self.login)?;
        let name = self.name.trim();
        ensure((1..=40).contains(&name.chars().count()), NAME_NEEDED)?;
        let id: AccountId = tx.new_id();
        ensure(tx.exec(&TAKE_LOGIN, args! { name: login, tenant: tx.tenant(), id: id }).await? == 1, LOGIN_TAKEN)?;
        tx.exec(
            &INSERT,
            args! {
                tenant: tx.tenant(), id: id, login: login, name: Masked::<ColleagueName>::new(name),
                phone: self.phone.as_deref().map(Masked::<Phone>::new),
                password: self.password_hash, must_change: self.must_change, now: tx.now(),
            },
        )
        .await?;
        tx.fact(AccountCreated { account: id })?;
        for (role, scope) in &self.roles {
            let separation = &Separation::default();
            let gift = Gift { account: id, home: tx.tenant(), role: *role, scope, separation, revision: None };
            give_at_home(tx, &gift).await?;
        }
        Ok(id)
    }
}

/// Sets a password, by its owner or as a reset on the spot; all other sessions end.
pub struct SetPassword {
    by: By,
    account: AccountId,
    password_hash: String,
}

enum By {
    Owner,
    Reset(Permit<ManageRoles>),
}

impl SetPassword {
    /// One's own, by who has shown the present one.
    pub fn own(shown: Shown, password_hash: String) -> Self {
        SetPassword { by: By::Owner, account: shown.account(), password_hash }
    }
    /// A one-time password, to be changed at the first log-in.
    pub fn reset(by: Permit<ManageRoles>, account: AccountId, password_hash: String) -> Self {
        SetPassword { by: By::Reset(by), account, password_hash }
    }
}

pub(crate) static SET_PASSWORD: Sql = sql!(
    "UPDATE account SET password = :password, must_change = :must_change, failures = 0, locked_until = 0, version = version + 1
    WHERE tenant_id = :tenant AND id = :id"
);
pub(crate) static END_SESSIONS: Sql = sql!("DELETE FROM session WHERE tenant_id = :tenant AND account_id = :id");

impl Command for SetPassword {
    const KIND: &'static str = "account.set_password";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let by_owner = match &self.by {
            By::Owner => true,
            By::Reset(by) => {
                ensure(by.tenant() == tx.tenant(), FORBIDDEN)?;
                false
            }
        };
        let args = args! { tenant: tx.tenant(), id: self.account, password: self.password_hash, must_change: !by_owner };
        tx.change_one(&SET_PASSWORD, args).await?.or(STALE)?;
        tx.later(&END_SESSIONS, args! { tenant: tx.tenant(), id: self.account });
        if !by_owner {
            // Whoever has lost the account has lost what acts for it.
            tx.later(&crate::tokens::REVOKE_ALL, args! { tenant: tx.tenant(), id: self.account, now: tx.now() });
        }
        tx.fact(PasswordChanged { account: self.account, by_owner })
    }
}

/// Opens or closes an account.
pub struct CloseAccount {
    pub by: Permit<ManageAccounts>,
    pub account: AccountId,
}

static CLOSE: Sql = sql!(
    "UPDATE account SET active = FALSE, closed_at = :now, version = version + 1 WHERE tenant_id = :tenant AND id = :id AND active = TRUE"
);

impl Command for CloseAccount {
    const KIND: &'static str = "account.close";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        tx.change_one(&CLOSE, args! { tenant: tx.tenant(), id: self.account, now: tx.now() }).await?.or(STALE)?;
        tx.later(&END_SESSIONS, args! { tenant: tx.tenant(), id: self.account });
        crate::oidc::link::unlink_all(tx, self.account).await?;
        tx.fact(AccountClosed { account: self.account })?;
        // Whoever left is on no roster any more.
        tx.bump_revision();
        Ok(())
    }
}

/// The actor that an account is in its own tenant.
pub async fn actor(store: &Store, account: &Account) -> Result<Actor> {
    let home = tenant(store, account.tenant_id).await?;
    let assignments = assignments(store, account.tenant_id, account.id).await?;
    Ok(Actor::new(crate::actor::ActorData {
        tenant: account.tenant_id,
        home: account.tenant_id,
        of_district: home.is_district(),
        account: Some(account.id),
        name: account.name.shown().to_owned(),
        assignments,
    }))
}

/// A tenant comes into being.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TenantCreated {
    pub tenant: TenantId,
    pub slug: String,
    pub kind: String,
    pub parent: Option<TenantId>,
}

impl Fact for TenantCreated {
    const KIND: &'static str = "tenant.created";
    const SUBJECT: &'static str = "tenant";
    fn subject(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.tenant.0.unsigned_abs()))
    }
}

/// Makes a tenant. Run with the new tenant's id in the pass. Errors: `tenant.taken`.
#[derive(Debug, Clone)]
pub struct CreateTenant {
    pub id: TenantId,
    pub slug: String,
    /// `sub_district`, `town` or `district`.
    pub kind: String,
    pub parent: Option<TenantId>,
    /// Statistical code, 12 digits.
    pub code: Option<String>,
    pub name: String,
    pub name_en: Option<String>,
    pub zone: String,
}

pub const TENANT_TAKEN: Code = Code::conflict("tenant.taken");
pub const TENANT_SLUG: Code = Code::invalid("tenant.slug");

static INSERT_TENANT: Sql = sql!(
    "INSERT INTO tenant (id, slug, kind, parent_id, code, name, name_en, zone, settings, revision, created_at)
    VALUES (:tenant, :slug, :kind, :parent, :code, :name, :name_en, :zone, '{}', 1, :now)
    ON CONFLICT DO NOTHING"
);

impl Command for CreateTenant {
    const KIND: &'static str = "tenant.create";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let fine =
            (2..=40).contains(&self.slug.len()) && self.slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        ensure(fine, TENANT_SLUG)?;
        jiff::tz::TimeZone::get(&self.zone).map_err(|_| Error::from(kernel::calendar::BAD_ZONE))?;
        let inserted = tx
            .exec(
                &INSERT_TENANT,
                args! {
                    tenant: self.id, slug: self.slug, kind: self.kind, parent: self.parent, code: self.code, name: self.name,
                    name_en: self.name_en, zone: self.zone, now: tx.now(),
                },
            )
            .await?;
        ensure(inserted == 1, TENANT_TAKEN)?;
        tx.fact(TenantCreated { tenant: self.id, slug: self.slug.clone(), kind: self.kind.clone(), parent: self.parent })
    }
}

store::row! {
    /// A tenant as the web needs it.
    #[derive(Debug, Clone)]
    pub struct Tenant {
        pub id: TenantId,
        pub slug: String,
        pub kind: String,
        pub parent_id: Option<TenantId>,
        pub name: String,
        pub name_en: Option<String>,
        pub zone: String,
        pub settings: String,
        pub revision: i64,
    }
}

/// What a tenant has set for itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Roles that nobody works in without a second step at log-in.
    pub totp_roles: Vec<Role>,
    /// What papers call the office; empty is the usual name.
    pub office_name: String,
    /// How long personal data is kept.
    pub keeping: crate::keeping::Keeping,
}

impl Tenant {
    /// Its name in the reader's language.
    pub fn shown(&self, lang: web::Lang) -> &str {
        match (lang, &self.name_en) {
            (web::Lang::English, Some(name)) => name,
            _ => &self.name,
        }
    }
    /// Whether others may hang below it, in which its people act by grants.
    pub fn is_district(&self) -> bool {
        self.kind == "district"
    }
    /// Errors: 500 when they can't be read; a demand that can't be read must not be taken for none.
    pub fn settings(&self) -> Result<Settings> {
        serde_json::from_str(&self.settings).map_err(Error::internal)
    }
    /// Whether one of these roles needs the second step.
    pub fn demands_totp(&self, roles: impl IntoIterator<Item = Role>) -> Result<bool> {
        let demanded = self.settings()?.totp_roles;
        Ok(roles.into_iter().any(|role| demanded.contains(&role)))
    }
}

/// Demands the second step of these roles, and of no others.
pub struct DemandTotp {
    pub by: Permit<ManageRoles>,
    pub roles: Vec<Role>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TotpDemanded {
    pub tenant: TenantId,
    pub roles: Vec<Role>,
}

impl Fact for TotpDemanded {
    const KIND: &'static str = "tenant.totp_demanded";
    const SUBJECT: &'static str = "tenant";
    fn subject(&self) -> Uuid {
        Uuid::from_u128(self.tenant.0.unsigned_abs().into())
    }
}

impl Command for DemandTotp {
    const KIND: &'static str = "tenant.demand_totp";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        crate::settings::put(tx, "totp_roles", &self.roles).await?;
        tx.fact(TotpDemanded { tenant: tx.tenant(), roles: self.roles.clone() })
    }
}

macro_rules! tenant_columns {
    () => {
        "SELECT id, slug, kind, parent_id, name, name_en, zone, settings, revision FROM tenant"
    };
}
static TENANTS: Sql = sql!(concat!(tenant_columns!(), " ORDER BY id LIMIT 5000"));
static TENANT_BY_SLUG: Sql = sql!(concat!(tenant_columns!(), " WHERE slug = :slug"));
static TENANT_BY_ID: Sql = sql!(concat!(tenant_columns!(), " WHERE id = :tenant"));

static CHILDREN: Sql = sql!(concat!(tenant_columns!(), " WHERE parent_id = :parent ORDER BY id"));

/// The tenants right below one: some tens below a district, none below a street.
pub async fn children(store: &Store, parent: TenantId) -> Result<Vec<Tenant>> {
    store.all(&CHILDREN, args! { parent: parent }).await
}
pub async fn tenants(store: &Store) -> Result<Vec<Tenant>> {
    store.all(&TENANTS, args! {}).await
}
pub async fn tenant_by_slug(store: &Store, slug: &str) -> Result<Option<Tenant>> {
    store.opt(&TENANT_BY_SLUG, args! { slug: slug }).await
}
pub async fn tenant(store: &Store, id: TenantId) -> Result<Tenant> {
    store.one(&TENANT_BY_ID, args! { tenant: id }).await
}
