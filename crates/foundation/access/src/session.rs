//! Sessions: a random token in a cookie, its hash in the database; logging in with back-off, and out everywhere.

use crate::account::{Account, Given, Tenant, by_login};
use crate::actor::Assignment;
use crate::passwords;
use kernel::ids::{AccountId, CommandId};
use kernel::{Code, Entropy, Instant, Kind, Result, TenantId};
use sha2::{Digest, Sha256};
use store::row::{FromRow, Row};
use store::{Sql, Store, Value, args, sql};

store::housekeeping!("session", "installation");

/// Wrong name or password; the same words for both.
pub const WRONG: Code = Code::new(Kind::Unauthenticated, "login.wrong");
/// Too many failures: wait.
pub const LOCKED: Code = Code::new(Kind::TooMany, "login.locked");

/// Failures before the account is locked for a while.
const FREE_FAILURES: i64 = 5;
/// The first lock; each further failure doubles it, up to an hour.
const FIRST_LOCK_SECONDS: i64 = 60;
const LONGEST_LOCK_SECONDS: i64 = 3600;
/// A session lives this long, and this long without use.
const DAYS: i64 = 30;
const IDLE_HOURS: i64 = 24;

store::row! {
    #[derive(Debug, Clone)]
    pub struct Session {
        pub token_hash: [u8; 32],
        pub account_id: AccountId,
        pub created_at: Instant,
        pub seen_at: Instant,
        pub expires_at: Instant,
        pub device: String,
        /// `full`, or `totp` while the second step is still to come.
        pub stage: String,
    }
}

/// A session's token: the tenant, and 256 random bits.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub tenant: TenantId,
    secret: [u8; 32],
}

impl Token {
    pub fn new(tenant: TenantId, entropy: &Entropy) -> Token {
        Token { tenant, secret: entropy.bytes() }
    }
    /// As the cookie carries it.
    pub fn to_cookie(&self) -> String {
        format!("{}.{}", self.tenant, hex::encode(self.secret))
    }
    pub fn from_cookie(text: &str) -> Option<Token> {
        let (tenant, secret) = text.split_once('.')?;
        Some(Token { tenant: TenantId(tenant.parse().ok()?), secret: hex::decode(secret).ok()?.try_into().ok()? })
    }
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }
    /// The token that each form of this session carries against cross-site requests.
    pub fn csrf(&self) -> String {
        hex::encode(Sha256::new().chain_update(b"csrf").chain_update(self.secret).finalize())
    }
}

static INSERT: Sql = sql!(
    "INSERT INTO session (tenant_id, token_hash, account_id, created_at, seen_at, expires_at, device, stage)
    VALUES (:tenant, :hash, :account, :now, :now, :expires, :device, :stage)"
);
static FIND: Sql = sql!(
    "SELECT token_hash, account_id, created_at, seen_at, expires_at, device, stage
    FROM session
    WHERE tenant_id = :tenant AND token_hash = :hash"
);
// What every request asks first, in one read: session, account, home tenant and, a row each, the roles in force there; and
// what a command of this id gave at home, when it ran before.
static WHO: Sql = sql!(
    "SELECT s.token_hash, s.account_id, s.created_at, s.seen_at, s.expires_at, s.device, s.stage,
        a.tenant_id, a.id, a.login, a.name, a.phone, a.password, a.must_change, a.totp, a.totp_confirmed, a.totp_step, a.active, a.failures,
        a.locked_until, a.created_at, a.version,
        t.id, t.slug, t.kind, t.parent_id, t.name, t.name_en, t.zone, t.settings, t.revision,
        c.body, c.result,
        r.id, r.role, r.place_id, r.place_path, r.organisation_id, r.given_by, r.given_at, r.revoked_at
    FROM session s
    JOIN account a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
    JOIN tenant t ON t.id = s.tenant_id
    LEFT JOIN command_result c ON c.tenant_id = s.tenant_id AND c.actor_id = s.account_id AND c.command_id = :command
    LEFT JOIN role_assignment r ON r.tenant_id = s.tenant_id AND r.account_id = s.account_id AND r.revoked_at IS NULL
    WHERE s.tenant_id = :tenant AND s.token_hash = :hash
    ORDER BY r.given_at"
);
static OF_ACCOUNT: Sql = sql!(
    "SELECT token_hash, account_id, created_at, seen_at, expires_at, device, stage
    FROM session
    WHERE tenant_id = :tenant AND account_id = :account
    ORDER BY created_at DESC"
);
static SEEN: Sql = sql!("UPDATE session SET seen_at = :now WHERE tenant_id = :tenant AND token_hash = :hash");
static PROMOTE: Sql = sql!("UPDATE session SET stage = 'full' WHERE tenant_id = :tenant AND token_hash = :hash");
static END: Sql = sql!("DELETE FROM session WHERE tenant_id = :tenant AND token_hash = :hash");
static END_ALL: Sql = sql!("DELETE FROM session WHERE tenant_id = :tenant AND account_id = :account");
static SWEEP: Sql = sql!("DELETE FROM session WHERE tenant_id = :tenant AND expires_at < :now");
static FAILED: Sql = sql!("UPDATE account SET failures = failures + 1, locked_until = :until WHERE tenant_id = :tenant AND id = :id");
static SUCCEEDED: Sql = sql!("UPDATE account SET failures = 0, locked_until = 0 WHERE tenant_id = :tenant AND id = :id AND failures > 0");

store::housekeeping!("account");

/// How long after this many failures nobody may try.
pub fn lock_seconds(failures: i64) -> i64 {
    if failures < FREE_FAILURES { 0 } else { (FIRST_LOCK_SECONDS << (failures - FREE_FAILURES).min(10)).min(LONGEST_LOCK_SECONDS) }
}

/// The account, if name and password are right and it isn't locked. Errors: `login.wrong`, `login.locked`.
pub async fn check(store: &Store, name: &str, password: String) -> Result<Account> {
    let account = by_login(store, &name.trim().to_lowercase()).await?.filter(|account| account.active);
    let now = store.world().now();
    if let Some(account) = &account {
        ensure_unlocked(account, now)?;
    }
    let right = passwords::verify(password, account.as_ref().map(|account| account.password.clone())).await?;
    let Some(account) = account else { return Err(WRONG.into()) };
    let at = args! { tenant: account.tenant_id, id: account.id };
    if !right {
        let until = now.plus_seconds(lock_seconds(account.failures + 1));
        store.housekeep(&FAILED, at.with("until", until)).await?;
        return Err(WRONG.into());
    }
    store.housekeep(&SUCCEEDED, at).await?;
    Ok(account)
}

/// Whether the account may be tried now. Errors: `login.locked`, with the `minutes` to wait.
pub fn ensure_unlocked(account: &Account, now: Instant) -> Result<()> {
    let minutes = (account.locked_until.seconds_since(now) + 59) / 60;
    kernel::ensure(account.locked_until <= now, LOCKED.err().arg("minutes", minutes))
}

/// Begins a session.
pub async fn begin(store: &Store, account: &Account, device: &str, stage: &str) -> Result<Token> {
    let token = Token::new(account.tenant_id, &store.world().entropy);
    let now = store.world().now();
    let device: String = device.chars().filter(|c| !c.is_control()).take(300).collect();
    let args = args! {
        tenant: account.tenant_id, hash: token.hash(), account: account.id, now: now, expires: now.plus_seconds(DAYS * 86_400),
        device: device, stage: stage,
    };
    store.housekeep(&INSERT, args).await?;
    Ok(token)
}

/// Whose session a token is: all that a request needs to know of its sender.
#[derive(Debug, Clone)]
pub struct Who {
    pub session: Session,
    pub account: Account,
    /// Where the account belongs.
    pub home: Tenant,
    /// The roles in force at home, as they were given.
    pub assignments: Vec<Assignment>,
    /// Body and result of the command that was asked after, when it ran before in the home tenant.
    pub first: Option<([u8; 32], String)>,
}

/// One row of [`WHO`].
struct WhoRow(Session, Account, Tenant, Option<([u8; 32], String)>, Option<Given>);

impl FromRow for WhoRow {
    fn from_row(mut row: Row) -> Result<Self> {
        let mut at = 0;
        let (session, account) = (Session::take_from(&mut row, &mut at)?, Account::take_from(&mut row, &mut at)?);
        let tenant = Tenant::take_from(&mut row, &mut at)?;
        let (body, result) = (row.take::<Option<[u8; 32]>>(at, "body")?, row.take::<Option<String>>(at + 1, "result")?);
        at += 2;
        let given =
            if row.values().get(at).is_some_and(|id| *id != Value::Null) { Some(Given::take_from(&mut row, &mut at)?) } else { None };
        Ok(WhoRow(session, account, tenant, body.zip(result), given))
    }
}

/// The live session of a token, with its account; `None` when it ended, or the account was closed. A command's id is looked up
/// with it.
pub async fn find(store: &Store, token: &Token, command: Option<CommandId>) -> Result<Option<Who>> {
    let now = store.world().now();
    let mut rows = store.few::<WhoRow>(&WHO, args! { tenant: token.tenant, hash: token.hash(), command: command }).await?.into_iter();
    let Some(WhoRow(session, account, home, first, given)) = rows.next() else { return Ok(None) };
    if session.expires_at < now || now.seconds_since(session.seen_at) > IDLE_HOURS * 3600 || !account.active {
        return Ok(None);
    }
    // Once in a while is enough to know that it is in use.
    if now.seconds_since(session.seen_at) > 600 {
        store.housekeep(&SEEN, args! { tenant: token.tenant, hash: token.hash(), now: now }).await?;
    }
    let assignments = given.into_iter().chain(rows.filter_map(|row| row.4)).map(|given| given.assignment()).collect();
    Ok(Some(Who { session, account, home, assignments, first }))
}

/// The session of a token, live or not: whose form an expired session carried.
pub async fn any(store: &Store, token: &Token) -> Result<Option<Session>> {
    store.opt(&FIND, args! { tenant: token.tenant, hash: token.hash() }).await
}
pub async fn of_account(store: &Store, account: &Account) -> Result<Vec<Session>> {
    store.all(&OF_ACCOUNT, args! { tenant: account.tenant_id, account: account.id }).await
}
pub async fn promote(store: &Store, token: &Token) -> Result<()> {
    store.housekeep(&PROMOTE, args! { tenant: token.tenant, hash: token.hash() }).await.map(drop)
}
pub async fn end(store: &Store, tenant: TenantId, hash: [u8; 32]) -> Result<()> {
    store.housekeep(&END, args! { tenant: tenant, hash: hash }).await.map(drop)
}
/// Logs the account out everywhere.
pub async fn end_all(store: &Store, tenant: TenantId, account: AccountId) -> Result<u64> {
    store.housekeep(&END_ALL, args! { tenant: tenant, account: account }).await
}
pub async fn sweep(store: &Store, tenant: TenantId) -> Result<u64> {
    // Kept a week beyond its end: a form typed in it may still come.
    store.housekeep(&SWEEP, args! { tenant: tenant, now: store.world().now().plus_seconds(-7 * 86_400) }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_beyond_the_fifth_doubles_the_wait_up_to_an_hour() {
        let waits: Vec<i64> = (3..14).map(lock_seconds).collect();
        assert_eq!(waits, [0, 0, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    }

    #[test]
    fn a_token_survives_its_cookie_and_nothing_else_is_one() {
        let token = Token::new(TenantId(7), &Entropy::seeded(1));
        assert!(Token::from_cookie(&token.to_cookie()) == Some(token.clone()));
        for bad in ["", "7", "7.", "x.00", "7.zz", &format!("{}00", token.to_cookie())] {
            assert!(Token::from_cookie(bad).is_none(), "{bad}");
        }
    }
}
