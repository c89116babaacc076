//! Which identity of a provider is whose: linked by the person or by a system administrator, and never by itself.

use crate::account::{ManageAccounts, STALE, account_facts};
use crate::actor::FORBIDDEN;
use crate::expired;
use crate::permit::Permit;
use kernel::ids::AccountId;
use kernel::{Code, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use store::{Command, Sql, Store, Write, args, sql};

/// The identity is somebody's already, or the account has one of this provider.
pub const TAKEN: Code = Code::conflict("oidc.link_taken");
/// There is no such link.
pub const NO_LINK: Code = Code::conflict("oidc.no_link");

account_facts! {
    /// An identity of this provider may log in to the account from now on; `own` where the person linked it.
    OidcLinked = "account.oidc_linked" { provider: String, own: bool }
    /// It may not any more.
    OidcUnlinked = "account.oidc_unlinked" { provider: String, own: bool }
}

/// What recognises an identity, and tells nothing of it to who has the database without the installation's secret.
pub async fn subject_hash(store: &Store, provider: &str, issuer: &str, subject: &str) -> Result<[u8; 32]> {
    let text = format!("oidc\n{}:{provider}\n{}:{issuer}\n{subject}", provider.len(), issuer.len());
    expired::recognise(store, &text).await
}

static FIND: Sql = sql!("SELECT tenant_id, account_id FROM oidc_link WHERE provider = :provider AND subject_hash = :hash");
static OF_ACCOUNT: Sql =
    sql!("SELECT provider FROM oidc_link WHERE tenant_id = :tenant AND account_id = :account ORDER BY provider LIMIT 100");
static INSERT: Sql = sql!(
    "INSERT INTO oidc_link (provider, subject_hash, tenant_id, account_id, linked_at)
    VALUES (:provider, :hash, :tenant, :account, :now)
    ON CONFLICT DO NOTHING"
);
static DELETE: Sql = sql!("DELETE FROM oidc_link WHERE tenant_id = :tenant AND account_id = :account AND provider = :provider");
static TOUCH: Sql = sql!("UPDATE account SET version = version + 1 WHERE tenant_id = :tenant AND id = :account AND active = TRUE");

/// Whose this identity is.
pub async fn find(store: &Store, provider: &str, hash: [u8; 32]) -> Result<Option<(TenantId, AccountId)>> {
    store.opt(&FIND, args! { provider: provider, hash: hash }).await
}

/// The providers of which the account has an identity.
pub async fn of_account(store: &Store, tenant: TenantId, account: AccountId) -> Result<Vec<String>> {
    let found = store.all::<(String,)>(&OF_ACCOUNT, args! { tenant: tenant, account: account }).await?;
    Ok(found.into_iter().map(|(provider,)| provider).collect())
}

/// Takes every link of an account away: it is closed.
pub(crate) async fn unlink_all(tx: &mut Write<'_>, account: AccountId) -> Result<()> {
    let tenant = tx.tenant();
    for (provider,) in tx.all::<(String,)>(&OF_ACCOUNT, args! { tenant: tenant, account: account }).await? {
        tx.later(&DELETE, args! { tenant: tenant, account: account, provider: provider });
    }
    Ok(())
}

/// Who links or unlinks.
#[derive(Debug, Clone)]
pub enum By {
    /// The person itself, logged in to the account.
    Owner,
    Administrator(Permit<ManageAccounts>),
}

impl By {
    fn check(&self, tx: &Write<'_>, account: AccountId) -> Result<bool> {
        match self {
            By::Owner => ensure(tx.actor() == Some(account), FORBIDDEN).map(|()| true),
            By::Administrator(by) => ensure(by.tenant() == tx.tenant(), FORBIDDEN).map(|()| false),
        }
    }
}

/// Links an identity to an account. Errors: [`TAKEN`]; `stale` where the account is closed.
pub struct LinkOidc {
    pub by: By,
    pub account: AccountId,
    pub provider: String,
    pub subject_hash: [u8; 32],
}

impl Command for LinkOidc {
    const KIND: &'static str = "account.oidc_link";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let own = self.by.check(tx, self.account)?;
        tx.change_one(&TOUCH, args! { tenant: tx.tenant(), account: self.account }).await?.or(STALE)?;
        let args = args! {
            provider: self.provider, hash: self.subject_hash, tenant: tx.tenant(), account: self.account, now: tx.now(),
        };
        ensure(tx.exec(&INSERT, args).await? == 1, TAKEN)?;
        tx.fact(OidcLinked { account: self.account, provider: self.provider.clone(), own })
    }
}

/// Takes a link away. Errors: [`NO_LINK`].
pub struct UnlinkOidc {
    pub by: By,
    pub account: AccountId,
    pub provider: String,
}

impl Command for UnlinkOidc {
    const KIND: &'static str = "account.oidc_unlink";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let own = self.by.check(tx, self.account)?;
        let args = args! { tenant: tx.tenant(), account: self.account, provider: self.provider };
        ensure(tx.exec(&DELETE, args).await? == 1, NO_LINK)?;
        tx.fact(OidcUnlinked { account: self.account, provider: self.provider.clone(), own })
    }
}
