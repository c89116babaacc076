//! The second step: time-based codes (RFC 6238), each good for one use.

use crate::account::{Account, ManageRoles, TotpConfirmed, TotpRemoved};
use crate::actor::FORBIDDEN;
use crate::passwords::Shown;
use crate::permit::Permit;
use crate::personal::{Masked, Secret as SecretKind};
use crate::session::{LOCKED, lock_seconds};
use kernel::ids::AccountId;
use kernel::{Code, Entropy, Result, TenantId, ensure};
use store::{Command, Sql, Store, Write, args, sql};
use totp_rs::{Builder, Secret};

pub const WRONG_CODE: Code = Code::invalid("totp.wrong");

/// A fresh secret, in base32 as the apps take it.
pub fn new_secret(entropy: &Entropy) -> String {
    let bytes: [u8; 20] = entropy.bytes();
    base32(&bytes)
}

fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    let (mut buffer, mut bits) = (0u32, 0);
    for byte in bytes {
        buffer = buffer << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(LETTERS[(buffer >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        out.push(char::from(LETTERS[(buffer << (5 - bits) & 31) as usize]));
    }
    out
}

/// The address that a QR code carries to the app.
pub fn address(secret: &str, issuer: &str, login: &str) -> String {
    let (issuer, login) = (crate::http::encode(issuer), crate::http::encode(login));
    format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}")
}

/// The code of this instant, as the authenticator shows it; `None` for a secret that is none.
pub fn code_at(secret: &str, now: kernel::Instant) -> Option<String> {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).ok()?).build().ok()?;
    Some(totp.generate(u64::try_from(now.micros() / 1_000_000).ok()?).to_string())
}

/// The step that the code belongs to, one to either side allowed; `None` when it is wrong.
pub fn step_of(secret: &str, code: &str, unix_seconds: i64) -> Option<i64> {
    let secret = Secret::try_from_base32(secret).ok()?;
    let totp = Builder::new().with_secret(secret).with_skew(1).build().ok()?;
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let at = u64::try_from(unix_seconds).ok()?;
    totp.check(&code, at)?;
    (-1..=1).map(|shift| unix_seconds / 30 + shift).find(|step| u64::try_from(*step * 30).is_ok_and(|at| same(&totp, &code, at)))
}

fn same(totp: &totp_rs::Totp, code: &str, at: u64) -> bool {
    totp.generate(at).to_string() == code
}

static USE_STEP: Sql =
    sql!("UPDATE account SET totp_step = :step, failures = 0 WHERE tenant_id = :tenant AND id = :id AND totp_step < :step");
static FAILED: Sql = sql!("UPDATE account SET failures = failures + 1, locked_until = :until WHERE tenant_id = :tenant AND id = :id");

/// Takes a code once. Errors: `totp.wrong`, `login.locked`.
pub async fn check(store: &Store, account: &Account, code: &str) -> Result<()> {
    let now = store.world().now();
    if account.locked_until > now {
        return Err(LOCKED.err().arg("minutes", (account.locked_until.seconds_since(now) + 59) / 60));
    }
    let secret = account.totp.as_ref().ok_or(WRONG_CODE)?;
    let at = args! { tenant: account.tenant_id, id: account.id };
    if let Some(step) = step_of(secret.content(), code, now.micros() / 1_000_000)
        && store.housekeep(&USE_STEP, at.clone().with("step", step)).await? == 1
    {
        return Ok(());
    }
    let until = now.plus_seconds(lock_seconds(account.failures + 1));
    store.housekeep(&FAILED, at.with("until", until)).await?;
    Err(WRONG_CODE.into())
}

/// Keeps a secret that its owner has shown to use. Errors: `totp.wrong`.
pub struct ConfirmTotp {
    pub tenant: TenantId,
    pub account: AccountId,
    pub secret: String,
    pub code: String,
}

static CONFIRM: Sql = sql!(
    "UPDATE account SET totp = :secret, totp_confirmed = TRUE, totp_step = :step, version = version + 1 WHERE tenant_id = :tenant AND id = :id"
);
static REMOVE: Sql =
    sql!("UPDATE account SET totp = NULL, totp_confirmed = FALSE, version = version + 1 WHERE tenant_id = :tenant AND id = :id");

impl Command for ConfirmTotp {
    const KIND: &'static str = "account.confirm_totp";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let step = step_of(&self.secret, &self.code, tx.now().micros() / 1_000_000).ok_or(WRONG_CODE)?;
        let args = args! { tenant: self.tenant, id: self.account, secret: Masked::<SecretKind>::new(self.secret.clone()), step: step };
        tx.change_one(&CONFIRM, args).await?.or(crate::account::STALE)?;
        tx.fact(TotpConfirmed { account: self.account })
    }
}

/// Takes the second step away: by the owner, who shows the password, or by who manages roles (a lost phone).
pub struct RemoveTotp {
    account: AccountId,
    by: By,
}

enum By {
    Owner,
    Administrator(Permit<ManageRoles>),
}

impl RemoveTotp {
    pub fn own(shown: &Shown) -> Self {
        RemoveTotp { account: shown.account(), by: By::Owner }
    }
    pub fn of(account: AccountId, by: Permit<ManageRoles>) -> Self {
        RemoveTotp { account, by: By::Administrator(by) }
    }
}

impl Command for RemoveTotp {
    const KIND: &'static str = "account.remove_totp";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        if let By::Administrator(by) = &self.by {
            ensure(by.tenant() == tx.tenant(), FORBIDDEN)?;
        }
        tx.change_one(&REMOVE, args! { tenant: tx.tenant(), id: self.account }).await?.or(crate::account::STALE)?;
        tx.fact(TotpRemoved { account: self.account })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_fits() {
        // RFC 6238 appendix B: secret "12345678901234567890", SHA-1, at 59 s the 8-digit code is 94287082.
        let secret = base32(b"12345678901234567890");
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(step_of(&secret, "287082", 59), Some(1));
        assert_eq!(step_of(&secret, "287083", 59), None);
        assert_eq!(step_of(&secret, "287082", 59 + 120), None);
    }
}
