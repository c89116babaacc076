//! Tokens by which a program acts for a person: made by the owner, never more than the owner is now, and over after a year
//! at the latest.

use crate::account::{Account, Given, STALE, Tenant, account_facts};
use crate::actor::{Assignment, FORBIDDEN};
use crate::passwords::Shown;
use crate::permit::Permit;
use crate::personal::{Label, Masked};
use crate::token_scope::{TokenScope, joined, parted};
use kernel::ids::{AccountId, Uuid};
use kernel::{Code, Entropy, Instant, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::row::{FromRow, Row};
use store::{Command, Paged, Query, Sql, Store, ToValue, Value, Write, args, sql};

crate::verbs! {
    /// See every token of the tenant (never its secret), and revoke it.
    RevokeTokens = "account.tokens" { SecurityAdmin: Within }
}

store::housekeeping!("api_token");

/// What it is for was not said, or at too great length.
pub const NAME_NEEDED: Code = Code::invalid("token.name_needed");
/// It is for nothing.
pub const SCOPE_NEEDED: Code = Code::invalid("token.scope_needed");
/// Not a number of days, or more than a year.
pub const BAD_DAYS: Code = Code::invalid("token.days");
/// As many as one person can look after.
pub const TOO_MANY: Code = Code::conflict("token.too_many_made");
/// There is no such token, or it has ended.
pub const GONE: Code = Code::conflict("token.gone");

/// A token lasts so many days at most.
pub const MOST_DAYS: i64 = 366;
/// Living tokens of one account.
const MOST: i64 = 20;
/// Characters of a name.
const MAX_NAME: usize = 60;
/// Ended tokens stay in sight so long.
pub(crate) const KEPT_DAYS: i64 = 30;

store::row! {
    /// One token, without its secret.
    #[derive(Debug, Clone)]
    pub struct ApiToken {
        pub tenant_id: TenantId,
        pub id: Uuid,
        pub account_id: AccountId,
        /// What it is for, in its owner's words.
        pub name: Masked<Label>,
        pub scopes: String,
        pub made_at: Instant,
        /// By its day, or because it was revoked.
        pub ends_at: Instant,
        pub revoked_at: Option<Instant>,
        /// The last day on which it was used, in the tenant's zone.
        pub used_on: Option<String>,
    }
}

impl ApiToken {
    pub fn scopes(&self) -> Vec<TokenScope> {
        parted(&self.scopes)
    }
    pub fn lives(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && self.ends_at > now
    }
}

/// The secret: the tenant, and 256 random bits.
#[derive(Clone)]
pub struct Secret {
    pub tenant: TenantId,
    bits: [u8; 32],
}

/// How every token begins, so that it is recognised where it does not belong.
const PREFIX: &str = "xiuhua_";

impl Secret {
    pub fn new(tenant: TenantId, entropy: &Entropy) -> Secret {
        Secret { tenant, bits: entropy.bytes() }
    }
    /// As its owner gets it, once.
    pub fn shown(&self) -> String {
        format!("{PREFIX}{}_{}", self.tenant, hex::encode(self.bits))
    }
    pub fn read(text: &str) -> Option<Secret> {
        let (tenant, bits) = text.strip_prefix(PREFIX)?.split_once('_')?;
        Some(Secret { tenant: TenantId(tenant.parse().ok()?), bits: hex::decode(bits).ok()?.try_into().ok()? })
    }
    /// As it is kept: of 256 random bits a quick hash gives nothing away.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.bits).into()
    }
}

// All that a request needs of its sender, in one read, as `session` asks it.
static WHO: Sql = sql!(
    "SELECT k.tenant_id, k.id, k.account_id, k.name, k.scopes, k.made_at, k.ends_at, k.revoked_at, k.used_on,
        a.tenant_id, a.id, a.login, a.name, a.phone, a.password, a.must_change, a.totp, a.totp_confirmed, a.totp_step, a.active, a.failures,
        a.locked_until, a.created_at, a.version,
        t.id, t.slug, t.kind, t.parent_id, t.name, t.name_en, t.zone, t.settings, t.revision,
        r.id, r.role, r.place_id, r.place_path, r.organisation_id, r.given_by, r.given_at, r.revoked_at
    FROM api_token k
    JOIN account a ON a.tenant_id = k.tenant_id AND a.id = k.account_id
    JOIN tenant t ON t.id = k.tenant_id
    LEFT JOIN role_assignment r ON r.tenant_id = k.tenant_id AND r.account_id = k.account_id AND r.revoked_at IS NULL
    WHERE k.tenant_id = :tenant AND k.token_hash = :hash
    ORDER BY r.given_at"
);

/// Whose a token is.
#[derive(Debug, Clone)]
pub struct Who {
    pub token: ApiToken,
    pub account: Account,
    pub home: Tenant,
    /// The roles in force at home now.
    pub assignments: Vec<Assignment>,
}

struct WhoRow(ApiToken, Account, Tenant, Option<Given>);

impl FromRow for WhoRow {
    fn from_row(mut row: Row) -> Result<Self> {
        let mut at = 0;
        let (token, account) = (ApiToken::take_from(&mut row, &mut at)?, Account::take_from(&mut row, &mut at)?);
        let tenant = Tenant::take_from(&mut row, &mut at)?;
        let given =
            if row.values().get(at).is_some_and(|id| *id != Value::Null) { Some(Given::take_from(&mut row, &mut at)?) } else { None };
        Ok(WhoRow(token, account, tenant, given))
    }
}

/// The living token of a secret, with its owner as the owner is now; `None` when it ended, or the account was closed.
pub async fn find(store: &Store, secret: &Secret) -> Result<Option<Who>> {
    let mut rows = store.few::<WhoRow>(&WHO, args! { tenant: secret.tenant, hash: secret.hash() }).await?.into_iter();
    let Some(WhoRow(token, account, home, given)) = rows.next() else { return Ok(None) };
    if !token.lives(store.world().now()) || !account.active {
        return Ok(None);
    }
    let assignments = given.into_iter().chain(rows.filter_map(|row| row.3)).map(|given| given.assignment()).collect();
    Ok(Some(Who { token, account, home, assignments }))
}

static USED: Sql = sql!("UPDATE api_token SET used_on = :day WHERE tenant_id = :tenant AND id = :id");

/// Notes the day on which it is used, once a day: enough to see which tokens nobody needs.
pub async fn used(store: &Store, token: &ApiToken, day: &str) -> Result<()> {
    if token.used_on.as_deref() != Some(day) {
        store.housekeep(&USED, args! { tenant: token.tenant_id, id: token.id, day: day }).await?;
    }
    Ok(())
}

static OF_ACCOUNT: Sql = sql!(
    "SELECT tenant_id, id, account_id, name, scopes, made_at, ends_at, revoked_at, used_on
    FROM api_token
    WHERE tenant_id = :tenant AND account_id = :account
    ORDER BY made_at DESC
    LIMIT 100"
);

/// The tokens of one account, the latest first.
pub async fn of_account(store: &Store, tenant: TenantId, account: AccountId) -> Result<Vec<ApiToken>> {
    store.all(&OF_ACCOUNT, args! { tenant: tenant, account: account }).await
}

const SIZE: u16 = 50;
const ALL: &str = "SELECT tenant_id, id, account_id, name, scopes, made_at, ends_at, revoked_at, used_on
    FROM api_token
    WHERE tenant_id = :tenant";

fn list_query(tenant: TenantId, after: Option<&[Value]>) -> Query {
    Query::from(ALL).bind("tenant", tenant).keyset(&["made_at", "id"], true, after, SIZE)
}
store::shapes!("tokens", || {
    let after = [Value::Int(0), Value::Id(Uuid::nil())];
    vec![list_query(TenantId(1), None), list_query(TenantId(1), Some(&after))]
});

/// All tokens of a tenant, the latest first.
pub async fn all(store: &Store, by: &Permit<RevokeTokens>, after: Option<&[Value]>) -> Result<Paged<ApiToken>> {
    let rows = store.query::<ApiToken>(list_query(by.tenant(), after)).await?;
    Ok(Paged::cut(rows, SIZE, |row| vec![row.made_at.to_value(), row.id.to_value()]))
}

account_facts! {
    /// A program may act for the account until then, within these scopes.
    TokenMade = "account.token_made" { token: Uuid, scopes: Vec<TokenScope>, ends_at: Instant }
    /// It may not any more; `own` where the owner said so.
    TokenRevoked = "account.token_revoked" { token: Uuid, own: bool }
}

/// Makes a token for the own account, by who has shown the password just now. The secret is made before and only its hash
/// kept.
///
/// Errors: [`NAME_NEEDED`], [`SCOPE_NEEDED`], [`BAD_DAYS`], [`TOO_MANY`]; `stale` where the account is closed.
pub struct MakeToken {
    pub by: Shown,
    pub name: String,
    pub scopes: Vec<TokenScope>,
    pub days: i64,
    pub hash: [u8; 32],
}

static TOUCH: Sql = sql!("UPDATE account SET version = version + 1 WHERE tenant_id = :tenant AND id = :account AND active = TRUE");
static LIVING: Sql = sql!(
    "SELECT COUNT(*) AS n
    FROM api_token
    WHERE tenant_id = :tenant AND account_id = :account AND revoked_at IS NULL AND ends_at > :now"
);
static INSERT: Sql = sql!(
    "INSERT INTO api_token (tenant_id, id, token_hash, account_id, name, scopes, made_at, ends_at)
    VALUES (:tenant, :id, :hash, :account, :name, :scopes, :now, :ends)"
);

impl Command for MakeToken {
    const KIND: &'static str = "account.make_token";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let name = self.name.trim();
        ensure(
            (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control),
            NAME_NEEDED.err().arg("max", MAX_NAME),
        )?;
        ensure(!self.scopes.is_empty(), SCOPE_NEEDED)?;
        ensure((1..=MOST_DAYS).contains(&self.days), BAD_DAYS.err().arg("max", MOST_DAYS))?;
        let (tenant, account, now) = (tx.tenant(), self.by.account(), tx.now());
        // Its row is the lock: two at once count one after the other.
        tx.change_one(&TOUCH, args! { tenant: tenant, account: account }).await?.or(STALE)?;
        let (living,) = tx.one::<(i64,)>(&LIVING, args! { tenant: tenant, account: account, now: now }).await?;
        ensure(living < MOST, TOO_MANY.err().arg("max", MOST))?;
        let (token, ends_at): (Uuid, Instant) = (tx.new_id(), now.plus_seconds(self.days * 86_400));
        let args = args! {
            tenant: tenant, id: token, hash: self.hash, account: account, name: Masked::<Label>::new(name), scopes: joined(&self.scopes),
            now: now, ends: ends_at,
        };
        tx.exec(&INSERT, args).await?;
        tx.fact(TokenMade { account, token, scopes: self.scopes.clone(), ends_at })
    }
}

/// Who revokes.
#[derive(Debug, Clone)]
pub enum By {
    /// The owner, logged in to the account.
    Owner,
    Administrator(Permit<RevokeTokens>),
}

/// Ends a token now. Errors: [`GONE`].
pub struct RevokeToken {
    pub by: By,
    pub token: Uuid,
}

static OWNER: Sql = sql!("SELECT account_id FROM api_token WHERE tenant_id = :tenant AND id = :id");
static REVOKE: Sql = sql!(
    "UPDATE api_token SET ends_at = :now, revoked_at = :now
    WHERE tenant_id = :tenant AND id = :id AND revoked_at IS NULL AND ends_at > :now"
);
/// Every token of an account whose password somebody else has set anew.
pub(crate) static REVOKE_ALL: Sql = sql!(
    "UPDATE api_token SET ends_at = :now, revoked_at = :now
    WHERE tenant_id = :tenant AND account_id = :id AND revoked_at IS NULL AND ends_at > :now"
);

impl Command for RevokeToken {
    const KIND: &'static str = "account.revoke_token";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let found = tx.opt::<(AccountId,)>(&OWNER, args! { tenant: tx.tenant(), id: self.token }).await?;
        let (account,) = found.ok_or(GONE)?;
        let own = match &self.by {
            // Another's token is none to a person: nobody learns which there are.
            By::Owner => ensure(tx.actor() == Some(account), GONE).map(|()| true)?,
            By::Administrator(by) => ensure(by.tenant() == tx.tenant(), FORBIDDEN).map(|()| false)?,
        };
        let args = args! { tenant: tx.tenant(), id: self.token, now: tx.now() };
        tx.change_one(&REVOKE, args).await?.or(GONE)?;
        tx.fact(TokenRevoked { account, token: self.token, own })
    }
}

static NAMES: Sql = sql!("SELECT COUNT(*) AS n FROM api_token WHERE tenant_id = :tenant AND id > :first");
pub(crate) static OLD: Sql = sql!("DELETE FROM api_token WHERE tenant_id = :tenant AND ends_at < :before");
pub(crate) static ANY_OLD: Sql =
    sql!("SELECT ends_at FROM api_token WHERE tenant_id = :tenant AND ends_at < :before ORDER BY ends_at LIMIT 1");

crate::personal! {
    "api_token_name" of ["api_token.name"] until TokenEnded counted by NAMES;
}

/// A token as its owner's own request says it: for what a program asks about itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnToken {
    pub name: String,
    pub scopes: Vec<TokenScope>,
    pub ends_at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_as_it_was_shown_and_nothing_else_is() {
        let secret = Secret::new(TenantId(7), &Entropy::seeded(1));
        let shown = secret.shown();
        assert!(shown.starts_with("xiuhua_7_"));
        assert_eq!(Secret::read(&shown).map(|again| again.hash()), Some(secret.hash()));
        for bad in ["", "xiuhua_", "xiuhua_7_", "xiuhua_x_00", "7_00", &shown[1..], &format!("{shown}00")] {
            assert!(Secret::read(bad).is_none(), "{bad}");
        }
    }
}
