//! Writes that are not commands, on declared tables only: sessions, cursors, leases, the journal's own rows, drafts.

use crate::{Args, Sql, Store};
use kernel::{Error, Result, TenantId};
use std::path::PathBuf;

/// A table that may be written without a fact.
pub struct Housekeeping(pub &'static str);
inventory::collect!(Housekeeping);

/// `store::housekeeping!("session", "login_attempt");`
#[macro_export]
macro_rules! housekeeping {
    ($($table:literal),+ $(,)?) => {
        $($crate::inventory::submit! { $crate::Housekeeping($table) })+
    };
}
crate::housekeeping!(
    "attachment",
    "command_result",
    "consumer_cursor",
    "fact",
    "journal_head",
    "journal_tile",
    "named_lock",
    "sealer_lease",
    "series",
    "tree_head",
);

pub(crate) fn is_housekeeping(table: &str) -> bool {
    inventory::iter::<Housekeeping>.into_iter().any(|known| known.0 == table)
}

/// One change of a batch.
pub(crate) struct Step {
    pub sql: &'static Sql,
    pub args: Args,
    /// How many rows it must touch; otherwise the whole batch is undone.
    pub rows: Option<u64>,
}

impl Step {
    pub fn exactly(rows: u64, sql: &'static Sql, args: Args) -> Self {
        Step { sql, args, rows: Some(rows) }
    }
    pub fn any(sql: &'static Sql, args: Args) -> Self {
        Step { sql, args, rows: None }
    }
}

pub(crate) const MIGRATIONS_TABLE: &str = "migration";

/// What backup and restore work on beside the facade.
pub(crate) enum Raw {
    Sqlite(PathBuf),
    Postgres(deadpool_postgres::Pool),
}

impl Store {
    /// One change of a declared table, on its own and durable; the number of rows it touched.
    pub async fn housekeep(&self, sql: &'static Sql, args: Args) -> Result<u64> {
        self.batch(vec![Step::any(sql, args)]).await.map(|touched| touched.map_or(0, |rows| rows[0]))
    }
    /// Several changes that all touch as many rows as they must, or none of them; whether they did.
    pub(crate) async fn housekeep_all(&self, _tenant: TenantId, steps: Vec<Step>) -> Result<bool> {
        Ok(self.batch(steps).await?.is_some())
    }
    async fn batch(&self, steps: Vec<Step>) -> Result<Option<Vec<u64>>> {
        for step in &steps {
            let table = step.sql.parsed().table.as_deref().unwrap_or_default();
            if !is_housekeeping(table) {
                return Err(Error::internal(format!("{table} is not declared as housekeeping: {}:{}", step.sql.file, step.sql.line)));
            }
        }
        // In a task of its own: a caller that goes away must not leave half a transaction on a pooled connection.
        let store = self.clone();
        tokio::spawn(async move { store.run_steps(steps).await }).await.map_err(Error::internal)?
    }
}
