//! The database as the program sees it: reads, commands, and what engine stands behind.

mod batches;
mod commands;

use crate::house::Raw;
use crate::journal::FactRow;
use crate::meters::{Load, Meters};
use crate::postgres::{self, Session, Trouble};
use crate::row::FromRow;
use crate::sql::{Parsed, Sql};
use crate::sqlite::{self, Sqlite};
use crate::value::{Args, Value};
use crate::{Command, Outcome, Pass, Query, args};
use kernel::ids::Uuid;
use kernel::{Code, Error, Kind, Result, TenantId, World};
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tracing::Instrument;

/// The same command id came with another body.
pub const REUSED: Code = Code::invalid("command.reused");

/// The connection went while a command was being committed, and nobody could be asked since whether it holds. Sent once more under
/// its id it is answered, and never done twice.
pub const OUTCOME_UNKNOWN: Code = Code::new(Kind::Unavailable, "store.outcome_unknown");

/// The file is no database, or not ours to open.
pub const BAD_FILE: Code = Code::invalid("database.file");

/// How often a transaction is run before the caller is told to try later.
const ATTEMPTS: u32 = 8;

/// The database in the data folder, where no address is given.
pub const SQLITE_FILE: &str = "xiuhua.db";

/// Where the data lives. `url: None` is SQLite at `<data>/xiuhua.db`.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    pub data: PathBuf,
    pub url: Option<String>,
}

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    engine: Engine,
    world: World,
    blocks: Arc<Blocks>,
    commits: watch::Sender<u64>,
    meters: Arc<Meters>,
    /// SQLite's index of words, once it is asked for.
    beside: tokio::sync::OnceCell<crate::search::Beside>,
    memos: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

enum Engine {
    Sqlite { sqlite: Sqlite, path: PathBuf },
    Postgres { pool: deadpool_postgres::Pool, merges: bool },
}

/// The numbers that this process has reserved and not yet given out.
#[derive(Default)]
pub(crate) struct Blocks {
    open: Mutex<HashMap<(TenantId, String), (i64, i64)>>,
    /// Only one reservation at a time; the others then find it made.
    pub turn: tokio::sync::Mutex<()>,
    /// PostgreSQL's connections for reservations.
    pub side: Option<deadpool_postgres::Pool>,
}

impl Blocks {
    pub fn take(&self, tenant: TenantId, series: &str) -> Option<i64> {
        let mut open = self.open.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (next, end) = open.get_mut(&(tenant, series.to_owned()))?;
        (*next < *end).then(|| {
            *next += 1;
            *next - 1
        })
    }
    pub fn give(&self, tenant: TenantId, series: &str, next: i64, end: i64) {
        self.open.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert((tenant, series.to_owned()), (next, end));
    }
    fn forget(&self) {
        self.open.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clear();
    }
}

static REMEMBERED: Sql = crate::sql!(
    "SELECT body, result
    FROM command_result
    WHERE tenant_id = :tenant AND actor_id = :actor AND command_id = :command"
);
static TIMELINE: Sql = crate::sql!(
    "SELECT id, command_id, ordinal, kind, kind_version, subject, subject_id, actor_id, on_behalf_of, place_id, organisation_id,
        happened_at, recorded_at, data, position
    FROM fact
    WHERE tenant_id = :tenant AND subject = :subject AND subject_id = :subject_id
    ORDER BY recorded_at, ordinal"
);
static FORGET_RESULTS: Sql = crate::sql!("DELETE FROM command_result WHERE tenant_id = :tenant AND done_at < :before");

/// Days that a command's result is remembered.
const REMEMBERED_DAYS: i64 = 30;

pub(crate) fn at_most_one<T>(mut rows: Vec<T>) -> Result<Option<T>> {
    match rows.len() {
        0 => Ok(None),
        1 => Ok(rows.pop()),
        many => Err(Error::internal(format!("{many} rows where one was meant"))),
    }
}

fn who(pass: &Pass) -> Value {
    Value::Id(pass.actor.map_or(Uuid::nil(), |actor| actor.0))
}

impl Store {
    /// Opens (and creates, when new) the database. Does not migrate: [`Store::migrate`] does.
    pub async fn open(config: &StoreConfig, world: World) -> Result<Store> {
        let meters = Arc::<Meters>::default();
        let side = config.url.as_deref().map(postgres::pool).transpose()?;
        let engine = match &config.url {
            Some(url) => {
                let pool = postgres::pool(url)?;
                let merges = postgres::merges(&pool).await?;
                Engine::Postgres { pool, merges }
            }
            None => {
                std::fs::create_dir_all(&config.data).map_err(Error::unavailable)?;
                let path = config.data.join(SQLITE_FILE);
                let sqlite = Sqlite::open(&path, meters.clone()).map_err(|error| match error.kind() {
                    // Somebody else's long write.
                    Kind::Unavailable if error.log_detail().is_some_and(|detail| detail.contains("locked")) => error,
                    _ => BAD_FILE.err().arg("file", path.display()).detail(error),
                })?;
                Engine::Sqlite { sqlite, path }
            }
        };
        let blocks = Arc::new(Blocks { side, ..Blocks::default() });
        let beside = tokio::sync::OnceCell::new();
        Ok(Store(Arc::new(Inner { engine, world, blocks, commits: watch::channel(0).0, meters, beside, memos: Mutex::default() })))
    }
    pub fn world(&self) -> &World {
        &self.0.world
    }
    pub fn is_postgres(&self) -> bool {
        matches!(self.0.engine, Engine::Postgres { .. })
    }
    /// What a slice remembers of what it has read from this store, as long as the store is open. It is never the truth: whoever
    /// remembers says how it is known to hold still.
    pub fn memo<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let mut memos = self.0.memos.lock().unwrap_or_else(PoisonError::into_inner);
        let memo = Arc::clone(memos.entry(TypeId::of::<T>()).or_insert_with(|| Arc::<T>::default()));
        memo.downcast().unwrap_or_default()
    }
    /// What it measures of itself.
    pub fn meters(&self) -> &Meters {
        &self.0.meters
    }
    /// What waits and what is in use just now.
    pub fn load(&self) -> Load {
        match &self.0.engine {
            Engine::Sqlite { sqlite, .. } => {
                let (writes, reads, in_use) = sqlite.waiting();
                Load { writes_waiting: writes, reads_waiting: reads, connections_in_use: in_use, connections_open: sqlite::CONNECTIONS }
            }
            Engine::Postgres { pool, .. } => {
                let status = pool.status();
                let in_use = status.size.saturating_sub(status.available);
                Load { writes_waiting: 0, reads_waiting: status.waiting, connections_in_use: in_use, connections_open: status.size }
            }
        }
    }
    /// Whether commands can be taken: on SQLite, whether the writer still runs. PostgreSQL says so itself when it is asked.
    pub fn takes_commands(&self) -> bool {
        match &self.0.engine {
            Engine::Sqlite { sqlite, .. } => sqlite.writes(),
            Engine::Postgres { .. } => true,
        }
    }
    /// Rises with each commit of this process; the sealer waits for it.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.0.commits.subscribe()
    }
    fn committed(&self) {
        self.0.commits.send_modify(|count| *count += 1);
    }
    pub(crate) fn raw(&self) -> Raw {
        match &self.0.engine {
            Engine::Sqlite { path, .. } => Raw::Sqlite(path.clone()),
            Engine::Postgres { pool, .. } => Raw::Postgres(pool.clone()),
        }
    }
    /// The database's file, and where what stands beside it is kept once it is open; `None` on PostgreSQL.
    pub(crate) fn search_file(&self) -> Option<(PathBuf, &tokio::sync::OnceCell<crate::search::Beside>)> {
        match &self.0.engine {
            Engine::Sqlite { path, .. } => Some((path.clone(), &self.0.beside)),
            Engine::Postgres { .. } => None,
        }
    }
    async fn rows(&self, parsed: Arc<Parsed>, args: Args) -> Result<Vec<crate::Row>> {
        match &self.0.engine {
            Engine::Sqlite { sqlite, .. } => sqlite.read(parsed, args).await,
            Engine::Postgres { pool, .. } => {
                // One more try on another connection: an idle one may have been closed by the server, a plan gone out of date.
                for last in [false, true] {
                    let session = Session::take(pool).await?;
                    match session.rows(&parsed, &args).await {
                        Err(_) if session.trouble() != Trouble::None && !last => {}
                        answer => return answer,
                    }
                }
                Err(Error::unavailable("no connection"))
            }
        }
    }
    pub async fn all<T: FromRow>(&self, sql: &'static Sql, args: Args) -> Result<Vec<T>> {
        self.rows(sql.parsed().clone(), args).await?.into_iter().map(T::from_row).collect()
    }
    /// Rows that are known to be few and found by their key: read at once.
    pub async fn few<T: FromRow>(&self, sql: &'static Sql, args: Args) -> Result<Vec<T>> {
        if let Engine::Sqlite { sqlite, .. } = &self.0.engine
            && let Some(rows) = sqlite.read_now(sql.parsed(), &args)
        {
            return rows?.into_iter().map(T::from_row).collect();
        }
        self.all(sql, args).await
    }
    pub async fn opt<T: FromRow>(&self, sql: &'static Sql, args: Args) -> Result<Option<T>> {
        at_most_one(self.few(sql, args).await?)
    }
    /// Exactly one row; none is a 404.
    pub async fn one<T: FromRow>(&self, sql: &'static Sql, args: Args) -> Result<T> {
        self.opt(sql, args).await?.ok_or_else(Error::not_found)
    }
    pub async fn query<T: FromRow>(&self, query: Query) -> Result<Vec<T>> {
        self.rows(Arc::new(Parsed::new(&query.text)), query.args).await?.into_iter().map(T::from_row).collect()
    }
    /// What happened to a subject, in the order it was recorded; unsealed facts are there at once.
    pub async fn timeline(&self, tenant: TenantId, subject: &str, subject_id: Uuid) -> Result<Vec<FactRow>> {
        self.all(&TIMELINE, args! { tenant: tenant, subject: subject, subject_id: subject_id }).await
    }
    /// The first result of this command, when it ran before: asked before load and permit. Errors: 422 `command.reused`.
    pub async fn replayed(&self, pass: &Pass) -> Result<Option<serde_json::Value>> {
        let args = args! { tenant: pass.tenant, actor: who(pass), command: pass.id };
        let Some((body, result)) = self.opt::<([u8; 32], String)>(&REMEMBERED, args).await? else { return Ok(None) };
        Store::first_result(pass, body, &result).map(Some)
    }
    /// The first result, where its row was read with something else: `body` and `result` of `command_result` by the pass's
    /// tenant, actor and id. Errors: 422 `command.reused`.
    pub fn first_result(pass: &Pass, body: [u8; 32], result: &str) -> Result<serde_json::Value> {
        kernel::ensure(body == pass.body, REUSED)?;
        serde_json::from_str(result).map_err(Error::internal)
    }
    /// Forgets results older than 30 days.
    pub async fn sweep_results(&self, tenant: TenantId) -> Result<u64> {
        let before = self.0.world.now().plus_seconds(-REMEMBERED_DAYS * 86_400);
        self.housekeep(&FORGET_RESULTS, args! { tenant: tenant, before: before }).await
    }
    /// Runs a command in its own task; the caller may go away.
    ///
    /// Errors: what the command says; 422 `command.reused`; 503 when the database cannot be reached or stays busy, and 503
    /// [`OUTCOME_UNKNOWN`].
    pub async fn run<C: Command>(&self, pass: Pass, command: C) -> Result<Outcome<C::Out>> {
        let store = self.clone();
        let span = tracing::info_span!("command", kind = C::KIND);
        let task = tokio::spawn(
            async move {
                let mut timed = store.meters().command(C::KIND);
                let outcome = store.run_here(pass, Arc::new(command)).await;
                timed.ended(outcome.as_ref().map(|outcome| outcome.replayed));
                outcome
            }
            .instrument(span),
        );
        task.await.map_err(|_| Error::internal(format!("a command panicked: {}", C::KIND)))?
    }
}
