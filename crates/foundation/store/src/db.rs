//! The database as the program sees it: reads, commands, and what engine stands behind.
use crate::{Args, Command, FromRow, Outcome, Pass, Query, Sql};
use kernel::{Result, World};
use std::path::PathBuf;

/// Where the data lives. `url: None` is SQLite at `<data>/xiuhua.db`.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    pub data: PathBuf,
    pub url: Option<String>,
}

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    _todo: (),
}

#[allow(unused_variables, clippy::unused_async)]
impl Store {
    /// Opens (and creates, when new) the database. Does not migrate: `migrate()` does.
    pub async fn open(config: &StoreConfig, world: World) -> Result<Store> { unimplemented!() }
    pub async fn all<T: FromRow>(&self, sql: &'static Sql, args: Args) -> Result<Vec<T>> { unimplemented!() }
    pub async fn opt<T: FromRow>(&self, sql: &'static Sql, args: Args) -> Result<Option<T>> { unimplemented!() }
    /// Exactly one row; none is a 404.
    pub async fn one<T: FromRow>(&self, sql: &'static Sql, args: Args) -> Result<T> { unimplemented!() }
    pub async fn query<T: FromRow>(&self, query: Query) -> Result<Vec<T>> { unimplemented!() }
    /// Runs a command in its own task; the caller may go away.
    ///
    /// Errors: what the command says; 422 `command.reused`; 503 when the database cannot be reached or the outcome stays unknown.
    pub async fn run<C: Command>(&self, pass: Pass, command: C) -> Result<Outcome<C::Out>> { unimplemented!() }
    /// The first result of this command, when it ran before: asked before load and permit.
    pub async fn replayed(&self, pass: &Pass) -> Result<Option<serde_json::Value>> { unimplemented!() }
    pub fn world(&self) -> &World { unimplemented!() }
}
