//! Invitations: a QR code that lets one person with one phone number join a unit, once.

use crate::account::{AccountCreated, END_SESSIONS, Given, InviteToUnit, NAME_NEEDED, PasswordChanged, SET_PASSWORD, clean_login};
use crate::actor::{Actor, ActorData};
use crate::permit::Permit;
use crate::personal::{ColleagueName, Masked, Phone};
use crate::role::Role;
use kernel::ids::{AccountId, OrganisationId, Uuid};
use kernel::{Code, Instant, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Command, Fact, Paged, Query, Sql, Store, ToValue, Value, Write, args, sql};

/// Used, expired, or never made.
pub const GONE: Code = Code::not_found("invitation.gone");
/// The phone number has an account that whoever invited may not reset: not of unit staff alone, or of another unit's.
pub const OTHERS_ACCOUNT: Code = Code::conflict("invitation.others_account");
/// The phone number is not the one that was invited.
pub const OTHER_PHONE: Code = Code::invalid("invitation.other_phone");

/// Days that an invitation is good for.
pub const DAYS: i64 = 7;

store::row! {
    #[derive(Debug, Clone)]
    pub struct Invitation {
        pub tenant_id: TenantId,
        pub token_hash: [u8; 32],
        pub id: Uuid,
        pub organisation_id: OrganisationId,
        pub role: Role,
        pub phone_hash: [u8; 32],
        pub salt: [u8; 32],
        pub made_by: Option<AccountId>,
        pub made_at: Instant,
        pub expires_at: Instant,
        pub used_at: Option<Instant>,
    }
}

static FIND: Sql = sql!(
    "SELECT tenant_id, token_hash, id, organisation_id, role, phone_hash, salt, made_by, made_at, expires_at, used_at
    FROM invitation
    WHERE tenant_id = :tenant AND token_hash = :hash"
);
/// The token's hash, as it is kept.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn phone_hash(salt: &[u8; 32], phone: &str) -> [u8; 32] {
    kernel::canonical::salted_hash(salt, phone)
}

pub async fn find(store: &Store, tenant: TenantId, token: &str) -> Result<Invitation> {
    let found = store.opt::<Invitation>(&FIND, args! { tenant: tenant, hash: token_hash(token) }).await?;
    let invitation = found.ok_or(GONE)?;
    ensure(invitation.used_at.is_none() && invitation.expires_at > store.world().now(), GONE)?;
    Ok(invitation)
}

const SIZE: u16 = 50;

fn list_query(tenant: TenantId, unit: Option<OrganisationId>, after: Option<&[Value]>) -> Query {
    let text = "SELECT tenant_id, token_hash, id, organisation_id, role, phone_hash, salt, made_by, made_at, expires_at, used_at
    FROM invitation
    WHERE tenant_id = :tenant";
    let query = Query::from(text).bind("tenant", tenant);
    let query = match unit {
        Some(unit) => query.and("organisation_id = :unit").bind("unit", unit),
        None => query,
    };
    query.keyset(&["made_at", "id"], true, after, SIZE)
}
/// The types of the keys that a page begins after.
pub(crate) const KEYS: [Value; 2] = [Value::Int(0), Value::Id(Uuid::nil())];
store::shapes!("invitations", || {
    let (tenant, unit) = (TenantId(1), Some(OrganisationId(Uuid::nil())));
    vec![
        list_query(tenant, None, None),
        list_query(tenant, None, Some(&KEYS)),
        list_query(tenant, unit, None),
        list_query(tenant, unit, Some(&KEYS)),
    ]
});

/// Invitations, the latest first: all of the tenant, or those into some units, each asked for its own latest (a community has
/// some tens of units).
pub async fn latest(
    store: &Store,
    tenant: TenantId,
    units: Option<&[OrganisationId]>,
    after: Option<&[Value]>,
) -> Result<Paged<Invitation>> {
    let rows = match units {
        None => store.query::<Invitation>(list_query(tenant, None, after)).await?,
        Some(units) => {
            let mut rows = Vec::new();
            for unit in units {
                rows.extend(store.query::<Invitation>(list_query(tenant, Some(*unit), after)).await?);
            }
            rows.sort_by_key(|row| std::cmp::Reverse((row.made_at, row.id)));
            rows
        }
    };
    Ok(Paged::cut(rows, SIZE, |row| vec![row.made_at.to_value(), row.id.to_value()]))
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invited {
    pub invitation: Uuid,
    pub organisation: OrganisationId,
    pub role: Role,
}

impl Fact for Invited {
    const KIND: &'static str = "account.invited";
    const SUBJECT: &'static str = "invitation";
    fn subject(&self) -> Uuid {
        self.invitation
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Joined {
    pub account: AccountId,
    pub invitation: Uuid,
    pub organisation: OrganisationId,
    pub role: Role,
}

impl Fact for Joined {
    const KIND: &'static str = "account.joined";
    const SUBJECT: &'static str = "account";
    fn subject(&self) -> Uuid {
        self.account.0
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation)
    }
}

/// Invites the owner of a phone number into a unit; the token is made before and only its hash kept.
pub struct Invite {
    pub by: Permit<InviteToUnit>,
    pub organisation: OrganisationId,
    pub role: Role,
    pub phone: String,
    pub token: String,
}

static INSERT: Sql = sql!(
    "INSERT INTO invitation (tenant_id, token_hash, id, organisation_id, role, phone_hash, salt, made_by, made_at, expires_at)
    VALUES (:tenant, :hash, :id, :organisation, :role, :phone, :salt, :actor, :now, :expires)"
);

impl Command for Invite {
    const KIND: &'static str = "account.invite";
    /// The invitation.
    type Out = Uuid;

    async fn run(&self, tx: &mut Write<'_>) -> Result<Uuid> {
        let (id, salt): (Uuid, _) = (tx.new_id(), tx.salt());
        tx.exec(
            &INSERT,
            args! {
                tenant: tx.tenant(), hash: token_hash(&self.token), id: id, organisation: self.organisation, role: self.role,
                phone: phone_hash(&salt, &self.phone), salt: salt, actor: tx.actor(), now: tx.now(), expires: tx.now().plus_seconds(DAYS * 86_400),
            },
        )
        .await?;
        tx.fact(Invited { invitation: id, organisation: self.organisation, role: self.role })?;
        Ok(id)
    }
}

/// An invitation is good for nothing any more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InvitationWithdrawn {
    pub invitation: Uuid,
}

impl Fact for InvitationWithdrawn {
    const KIND: &'static str = "account.invitation_withdrawn";
    const SUBJECT: &'static str = "invitation";
    fn subject(&self) -> Uuid {
        self.invitation
    }
}

static WITHDRAW: Sql = sql!(
    "UPDATE invitation SET expires_at = :now
    WHERE tenant_id = :tenant AND id = :id AND used_at IS NULL"
);

/// Withdraws an invitation that nobody has taken up. Errors: `invitation.gone` when somebody has.
pub struct Withdraw {
    pub by: Permit<InviteToUnit>,
    pub invitation: Uuid,
}

impl Command for Withdraw {
    const KIND: &'static str = "account.withdraw_invitation";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let args = args! { tenant: tx.tenant(), id: self.invitation, now: tx.now() };
        tx.change_one(&WITHDRAW, args).await?.or(GONE)?;
        tx.fact(InvitationWithdrawn { invitation: self.invitation })
    }
}

/// Takes an invitation: makes the account with its role on the unit. Where the phone number has an account of unit staff
/// already, it gets the new password and the role: so the centre or the community resets a manager who stands before it. A
/// community resets nobody who ever worked for another unit than the one it invited into.
///
/// Errors: `invitation.gone`, `invitation.other_phone`, `invitation.others_account`, `account.name.needed`.
pub struct Join {
    pub invitation: Invitation,
    pub phone: String,
    pub name: String,
    pub password_hash: String,
}

static USE: Sql = sql!("UPDATE invitation SET used_at = :now WHERE tenant_id = :tenant AND token_hash = :hash AND used_at IS NULL");
static TAKE_LOGIN: Sql = sql!("INSERT INTO login (name, tenant_id, account_id) VALUES (:name, :tenant, :id) ON CONFLICT (name) DO NOTHING");
static INSERT_ACCOUNT: Sql = sql!(
    "INSERT INTO account (tenant_id, id, login, name, phone, password, must_change, totp_confirmed, totp_step, active, failures,
        locked_until, created_at, version)
    VALUES (:tenant, :id, :login, :name, :phone, :password, FALSE, FALSE, 0, TRUE, 0, 0, :now, 1)"
);
static THEIRS: Sql = sql!("SELECT account_id FROM login WHERE name = :name AND tenant_id = :tenant");
static EVER: Sql = sql!("SELECT role, organisation_id FROM role_assignment WHERE tenant_id = :tenant AND account_id = :account");
static HELD: Sql = sql!(
    "SELECT id, role, place_id, place_path, organisation_id, given_by, given_at, revoked_at
    FROM role_assignment
    WHERE tenant_id = :tenant AND account_id = :account AND revoked_at IS NULL"
);
static ACTIVE: Sql = sql!("SELECT active FROM account WHERE tenant_id = :tenant AND id = :id");
static HAS: Sql = sql!(
    "SELECT COUNT(*) AS n
    FROM role_assignment
    WHERE tenant_id = :tenant AND account_id = :account AND role = :role AND organisation_id = :organisation AND revoked_at IS NULL"
);
static GIVE: Sql = sql!(
    "INSERT INTO role_assignment (tenant_id, id, account_id, home_tenant, role, organisation_id, given_at)
    VALUES (:tenant, :id, :account, :tenant, :role, :organisation, :now)"
);

impl Command for Join {
    const KIND: &'static str = "account.join";
    type Out = AccountId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<AccountId> {
        let Join { invitation, phone, name, password_hash } = self;
        ensure(phone_hash(&invitation.salt, phone) == invitation.phone_hash, OTHER_PHONE)?;
        ensure((1..=40).contains(&name.chars().count()), NAME_NEEDED)?;
        // The phone number is the log-in name: the person knows it.
        let login = clean_login(phone)?;
        tx.change_one(&USE, args! { tenant: tx.tenant(), hash: invitation.token_hash, now: tx.now() }).await?.or(GONE)?;
        let id: AccountId = tx.new_id();
        if tx.exec(&TAKE_LOGIN, args! { name: login, tenant: tx.tenant(), id: id }).await? == 0 {
            return self.again(tx, &login).await;
        }
        tx.exec(
            &INSERT_ACCOUNT,
            args! {
                tenant: tx.tenant(), id: id, login: login, name: Masked::<ColleagueName>::new(name.as_str()),
                phone: Masked::<Phone>::new(phone.as_str()), password: password_hash, now: tx.now(),
            },
        )
        .await?;
        let assignment: Uuid = tx.new_id();
        tx.exec(
            &GIVE,
            args! { tenant: tx.tenant(), id: assignment, account: id, role: invitation.role, organisation: invitation.organisation_id, now: tx.now() },
        )
        .await?;
        tx.bump_revision();
        tx.fact(AccountCreated { account: id })?;
        tx.fact(Joined { account: id, invitation: invitation.id, organisation: invitation.organisation_id, role: invitation.role })
            .map(|()| id)
    }
}

impl Join {
    /// A new password for an account that never had any but units' roles here; anybody else's is not ours to reset, nor is
    /// that of one who works by another tenant's grant.
    async fn again(&self, tx: &mut Write<'_>, login: &str) -> Result<AccountId> {
        let Join { invitation, password_hash, .. } = self;
        let found = tx.opt::<(AccountId,)>(&THEIRS, args! { name: login, tenant: tx.tenant() }).await?;
        let (account,) = found.ok_or(OTHERS_ACCOUNT)?;
        let (active,) = tx.one::<(bool,)>(&ACTIVE, args! { tenant: tx.tenant(), id: account }).await?;
        type Ever = (Role, Option<OrganisationId>);
        let roles = tx.all::<Ever>(&EVER, args! { tenant: tx.tenant(), account: account }).await?;
        let of_units = !roles.is_empty() && roles.iter().all(|(role, _)| matches!(role, Role::UnitHead | Role::UnitHandler));
        ensure(active && of_units, OTHERS_ACCOUNT)?;
        if roles.iter().any(|(_, unit)| *unit != Some(invitation.organisation_id)) {
            ensure(self.by_any_units_inviter(tx).await?, OTHERS_ACCOUNT)?;
        }
        tx.exec(&SET_PASSWORD, args! { tenant: tx.tenant(), id: account, password: password_hash, must_change: false }).await?;
        tx.later(&END_SESSIONS, args! { tenant: tx.tenant(), id: account });
        tx.later(&crate::tokens::REVOKE_ALL, args! { tenant: tx.tenant(), id: account, now: tx.now() });
        let has = args! { tenant: tx.tenant(), account: account, role: invitation.role, organisation: invitation.organisation_id };
        if tx.one::<(i64,)>(&HAS, has).await?.0 == 0 {
            let assignment: Uuid = tx.new_id();
            tx.exec(
                &GIVE,
                args! { tenant: tx.tenant(), id: assignment, account: account, role: invitation.role, organisation: invitation.organisation_id, now: tx.now() },
            )
            .await?;
            tx.bump_revision();
        }
        tx.fact(PasswordChanged { account, by_owner: false })?;
        tx.fact(Joined { account, invitation: invitation.id, organisation: invitation.organisation_id, role: invitation.role })
            .map(|()| account)
    }

    /// Whether who made the invitation may, as things stand now, invite into every unit of the tenant.
    async fn by_any_units_inviter(&self, tx: &mut Write<'_>) -> Result<bool> {
        let tenant = tx.tenant();
        let Some(inviter) = self.invitation.made_by else { return Ok(true) };
        let held = tx.all::<Given>(&HELD, args! { tenant: tenant, account: inviter }).await?;
        let assignments = held.iter().map(Given::assignment).collect();
        let data = ActorData { tenant, home: tenant, of_district: false, account: Some(inviter), name: String::new(), assignments };
        Ok(Actor::new(data).can::<InviteToUnit>(&tenant))
    }
}
