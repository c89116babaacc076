//! Finding people by name, for those who look after accounts.

use crate::account::ListAccounts;
use crate::permit::Permit;
use crate::personal::{ColleagueName, Masked};
use kernel::Result;
use kernel::ids::AccountId;
use store::{Sql, Store, args, sql};

// Names are kept as bytes that the database cannot read, so each is looked at here.
static NAMES: Sql = sql!(
    "SELECT id, name, active
    FROM account
    WHERE tenant_id = :tenant AND id > :after
    ORDER BY id
    LIMIT 500"
);
const STRIDE: usize = 500;
/// Accounts that are looked at.
const MOST: usize = 4000;

store::row! {
    /// Somebody with an account.
    #[derive(Debug, Clone)]
    pub struct Someone {
        pub id: AccountId,
        pub name: Masked<ColleagueName>,
        pub active: bool,
    }
}

/// People of the permit's tenant whose names fit, at most `most`.
pub async fn people(store: &Store, by: &Permit<ListAccounts>, fits: impl Fn(&str) -> bool, most: usize) -> Result<Vec<Someone>> {
    let (mut after, mut looked_at, mut found) = (AccountId(kernel::ids::Uuid::nil()), 0, Vec::new());
    while looked_at < MOST {
        let some: Vec<Someone> = store.all(&NAMES, args! { tenant: by.tenant(), after: after }).await?;
        let Some(last) = some.last() else { break };
        after = last.id;
        looked_at += some.len();
        let all = some.len() < STRIDE;
        found.extend(some.into_iter().filter(|one| fits(one.name.shown())));
        if all || found.len() >= most {
            break;
        }
    }
    found.truncate(most);
    Ok(found)
}
