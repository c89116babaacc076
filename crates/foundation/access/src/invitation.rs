//! Invitations: a QR code that lets one person with one phone number join a unit, or the office's own people on a place, once.

use crate::account::{
    AccountCreated, END_SESSIONS, Given, InviteToUnit, ManageRoles, NAME_NEEDED, PasswordChanged, SET_PASSWORD, clean_login,
};
use crate::actor::{Actor, ActorData, Scope};
use crate::giving::{ALREADY, Gift, SCOPE, Separation, fits, give};
use crate::permit::{Permit, Verb};
use crate::personal::{ColleagueName, Masked, Phone};
use crate::role::Role;
use kernel::ids::{AccountId, OrganisationId, PlaceId, Uuid};
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

/// What an office's own people can be invited to be, on a place; never an administrator, a leader or a clerk.
pub const ON_A_PLACE: [Role; 2] = [Role::Community, Role::Inspector];

/// Who may invite into units: whom the verb names, and whoever gives roles.
pub trait Invites: Verb {}
impl Invites for InviteToUnit {}
impl Invites for ManageRoles {}

store::row! {
    #[derive(Debug, Clone)]
    pub struct Invitation {
        pub tenant_id: TenantId,
        pub token_hash: [u8; 32],
        pub id: Uuid,
        /// Nil where it is to a place.
        pub organisation_id: OrganisationId,
        pub place_id: Option<PlaceId>,
        pub role: Role,
        pub phone_hash: [u8; 32],
        pub salt: [u8; 32],
        pub made_by: Option<AccountId>,
        pub made_at: Instant,
        pub expires_at: Instant,
        pub used_at: Option<Instant>,
    }
}

impl Invitation {
    /// The unit that it is into.
    pub fn unit(&self) -> Option<OrganisationId> {
        Some(self.organisation_id).filter(|_| self.place_id.is_none())
    }
}

static FIND: Sql = sql!(
    "SELECT tenant_id, token_hash, id, organisation_id, place_id, role, phone_hash, salt, made_by, made_at, expires_at, used_at
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
    let text = "SELECT tenant_id, token_hash, id, organisation_id, place_id, role, phone_hash, salt, made_by, made_at, expires_at, used_at
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
    pub organisation: Option<OrganisationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceId>,
    pub role: Role,
}

impl Fact for Invited {
    const KIND: &'static str = "account.invited";
    const SUBJECT: &'static str = "invitation";
    fn subject(&self) -> Uuid {
        self.invitation
    }
    fn place(&self) -> Option<PlaceId> {
        self.place
    }
    fn organisation(&self) -> Option<OrganisationId> {
        self.organisation
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Joined {
    pub account: AccountId,
    pub invitation: Uuid,
    pub organisation: Option<OrganisationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceId>,
    pub role: Role,
}

impl Fact for Joined {
    const KIND: &'static str = "account.joined";
    const SUBJECT: &'static str = "account";
    fn subject(&self) -> Uuid {
        self.account.0
    }
    fn place(&self) -> Option<PlaceId> {
        self.place
    }
    fn organisation(&self) -> Option<OrganisationId> {
        self.organisation
    }
}

/// Invites the owner of a phone number into a unit; the token is made before and only its hash kept.
pub struct Invite<V = InviteToUnit> {
    pub by: Permit<V>,
    pub organisation: OrganisationId,
    pub role: Role,
    pub phone: String,
    pub token: String,
}

static INSERT: Sql = sql!(
    "INSERT INTO invitation (tenant_id, token_hash, id, organisation_id, place_id, role, phone_hash, salt, made_by, made_at, expires_at)
    VALUES (:tenant, :hash, :id, :organisation, :place, :role, :phone, :salt, :actor, :now, :expires)"
);

/// Keeps an invitation; of a unit, or on a place.
async fn invite(
    tx: &mut Write<'_>,
    organisation: Option<OrganisationId>,
    place: Option<PlaceId>,
    role: Role,
    (phone, token): (&str, &str),
) -> Result<Uuid> {
    let (id, salt): (Uuid, _) = (tx.new_id(), tx.salt());
    tx.exec(
        &INSERT,
        args! {
            tenant: tx.tenant(), hash: token_hash(token), id: id, organisation: organisation.map_or(Uuid::nil(), |unit| unit.0),
            place: place, role: role, phone: phone_hash(&salt, phone), salt: salt, actor: tx.actor(), now: tx.now(),
            expires: tx.now().plus_seconds(DAYS * 86_400),
        },
    )
    .await?;
    tx.fact(Invited { invitation: id, organisation, place, role })?;
    Ok(id)
}

impl<V: Invites> Command for Invite<V> {
    const KIND: &'static str = "account.invite";
    /// The invitation.
    type Out = Uuid;

    async fn run(&self, tx: &mut Write<'_>) -> Result<Uuid> {
        invite(tx, Some(self.organisation), None, self.role, (&self.phone, &self.token)).await
    }
}

/// Invites the owner of a phone number to be one of the office's own people on a place; so much as to give the role, and by whoever
/// may. Errors: `role.scope` for a role that is not [`ON_A_PLACE`].
pub struct InviteOnPlace {
    pub by: Permit<ManageRoles>,
    pub place: PlaceId,
    pub role: Role,
    pub phone: String,
    pub token: String,
}

impl Command for InviteOnPlace {
    const KIND: &'static str = "account.invite_on_place";
    /// The invitation.
    type Out = Uuid;

    async fn run(&self, tx: &mut Write<'_>) -> Result<Uuid> {
        ensure(ON_A_PLACE.contains(&self.role), SCOPE)?;
        invite(tx, None, Some(self.place), self.role, (&self.phone, &self.token)).await
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
    WHERE tenant_id = :tenant AND id = :id AND used_at IS NULL AND place_id IS NULL"
);
static WITHDRAW_ANY: Sql = sql!(
    "UPDATE invitation SET expires_at = :now
    WHERE tenant_id = :tenant AND id = :id AND used_at IS NULL"
);

/// Withdraws an invitation into a unit that nobody has taken up. Errors: `invitation.gone` when somebody has, or where it is to a
/// place.
pub struct Withdraw {
    pub by: Permit<InviteToUnit>,
    pub invitation: Uuid,
}

impl Command for Withdraw {
    const KIND: &'static str = "account.withdraw_invitation";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        withdraw(tx, &WITHDRAW, self.invitation).await
    }
}

/// Withdraws any invitation that nobody has taken up. Errors: `invitation.gone` when somebody has.
pub struct WithdrawAny {
    pub by: Permit<ManageRoles>,
    pub invitation: Uuid,
}

impl Command for WithdrawAny {
    const KIND: &'static str = "account.withdraw_any_invitation";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        withdraw(tx, &WITHDRAW_ANY, self.invitation).await
    }
}

async fn withdraw(tx: &mut Write<'_>, text: &'static Sql, invitation: Uuid) -> Result<()> {
    tx.change_one(text, args! { tenant: tx.tenant(), id: invitation, now: tx.now() }).await?.or(GONE)?;
    tx.fact(InvitationWithdrawn { invitation })
}

/// Takes an invitation: makes the account with its role on the unit, or on the place. Where the phone number has an account of unit staff
/// already, it gets the new password and the role: so the centre or the community resets a manager who stands before it. A
/// community resets nobody who ever worked for another unit than the one it invited into. An invitation to a place is good for as
/// long as whoever made it may give roles; it finds accounts of units' staff, communities and inspectors, and no other.
///
/// Errors: `invitation.gone`, `invitation.other_phone`, `invitation.others_account`, `account.name.needed`.
pub struct Join {
    pub invitation: Invitation,
    /// The unit or the place, as it stands now.
    pub scope: Scope,
    /// The tenant's revision at which it was looked up.
    pub revision: i64,
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
impl Command for Join {
    const KIND: &'static str = "account.join";
    type Out = AccountId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<AccountId> {
        let Join { invitation, phone, name, password_hash, .. } = self;
        if invitation.place_id.is_some() {
            ensure(self.inviter_may::<ManageRoles>(tx).await?, GONE)?;
        }
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
        self.give(tx, id).await?;
        tx.fact(AccountCreated { account: id })?;
        self.joined(tx, id)
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
        let on_a_place = invitation.place_id.is_some();
        let ours = |role: &Role| matches!(role, Role::UnitHead | Role::UnitHandler) || (on_a_place && ON_A_PLACE.contains(role));
        ensure(active && !roles.is_empty() && roles.iter().all(|(role, _)| ours(role)), OTHERS_ACCOUNT)?;
        if !on_a_place && roles.iter().any(|(_, unit)| *unit != Some(invitation.organisation_id)) {
            ensure(self.inviter_may::<InviteToUnit>(tx).await?, OTHERS_ACCOUNT)?;
        }
        tx.exec(&SET_PASSWORD, args! { tenant: tx.tenant(), id: account, password: password_hash, must_change: false }).await?;
        tx.later(&END_SESSIONS, args! { tenant: tx.tenant(), id: account });
        tx.later(&crate::tokens::REVOKE_ALL, args! { tenant: tx.tenant(), id: account, now: tx.now() });
        match self.give(tx, account).await {
            Err(error) if error.is(ALREADY) => {}
            given => given?,
        }
        tx.fact(PasswordChanged { account, by_owner: false })?;
        self.joined(tx, account)
    }

    async fn give(&self, tx: &mut Write<'_>, account: AccountId) -> Result<()> {
        let Join { invitation, scope, revision, .. } = self;
        fits(invitation.role, scope)?;
        let (home, separation) = (tx.tenant(), Separation::default());
        give(tx, &Gift { account, home, role: invitation.role, scope, separation: &separation, revision: Some(*revision) }).await
    }

    fn joined(&self, tx: &mut Write<'_>, account: AccountId) -> Result<AccountId> {
        let Invitation { id, place_id, role, .. } = &self.invitation;
        tx.fact(Joined { account, invitation: *id, organisation: self.invitation.unit(), place: *place_id, role: *role })?;
        Ok(account)
    }

    /// Whether who made the invitation may do this, as things stand now, in all of the tenant.
    async fn inviter_may<V: Verb>(&self, tx: &mut Write<'_>) -> Result<bool> {
        let tenant = tx.tenant();
        let Some(inviter) = self.invitation.made_by else { return Ok(true) };
        let held = tx.all::<Given>(&HELD, args! { tenant: tenant, account: inviter }).await?;
        let assignments = held.iter().map(Given::assignment).collect();
        let data = ActorData { tenant, home: tenant, of_district: false, account: Some(inviter), name: String::new(), assignments };
        Ok(Actor::new(data).can::<V>(&tenant))
    }
}
