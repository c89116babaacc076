//! The database as the program sees it: reads, commands, and what engine stands behind.

use crate::house::{Raw, Step};
use crate::journal::FactRow;
use crate::postgres::{self, Session, Trouble};
use crate::row::FromRow;
use crate::sql::{Parsed, Sql};
use crate::sqlite::{self, Sqlite};
use crate::value::{Args, Value};
use crate::write::{Backend, Write};
use crate::{Command, Outcome, Pass, Query, args};
use kernel::ids::Uuid;
use kernel::{Code, Error, Result, TenantId, World};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// The same command id came with another body.
pub const REUSED: Code = Code::invalid("command.reused");

/// How often a transaction is run again before the caller is told to try later.
const ATTEMPTS: u32 = 8;

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
}

enum Engine {
    Sqlite { sqlite: Sqlite, path: PathBuf },
    Postgres(deadpool_postgres::Pool),
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
        let side = config.url.as_deref().map(postgres::pool).transpose()?;
        let engine = match &config.url {
            Some(url) => {
                let pool = postgres::pool(url)?;
                Session::take(&pool).await?;
                Engine::Postgres(pool)
            }
            None => {
                std::fs::create_dir_all(&config.data).map_err(Error::unavailable)?;
                let path = config.data.join("xiuhua.db");
                Engine::Sqlite { sqlite: Sqlite::open(&path)?, path }
            }
        };
        Ok(Store(Arc::new(Inner { engine, world, blocks: Arc::new(Blocks { side, ..Blocks::default() }), commits: watch::channel(0).0 })))
    }
    pub fn world(&self) -> &World {
        &self.0.world
    }
    pub fn is_postgres(&self) -> bool {
        matches!(self.0.engine, Engine::Postgres(_))
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
            Engine::Postgres(pool) => Raw::Postgres(pool.clone()),
        }
    }
    async fn rows(&self, parsed: Arc<Parsed>, args: Args) -> Result<Vec<crate::Row>> {
        match &self.0.engine {
            Engine::Sqlite { sqlite, .. } => sqlite.read(parsed, args).await,
            Engine::Postgres(pool) => {
                // One more try on a fresh connection: an idle one may have been closed by the server.
                for last in [false, true] {
                    let session = Session::take(pool).await?;
                    match session.rows(&parsed, &args).await {
                        Err(_) if session.trouble() == Trouble::Lost && !last => {}
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
        kernel::ensure(body == pass.body, REUSED)?;
        serde_json::from_str(&result).map(Some).map_err(Error::internal)
    }
    /// Forgets results older than 30 days.
    pub async fn sweep_results(&self, tenant: TenantId) -> Result<u64> {
        let before = self.0.world.now().plus_seconds(-REMEMBERED_DAYS * 86_400);
        self.housekeep(&FORGET_RESULTS, args! { tenant: tenant, before: before }).await
    }
    /// Runs a command in its own task; the caller may go away.
    ///
    /// Errors: what the command says; 422 `command.reused`; 503 when the database cannot be reached or the outcome stays unknown.
    pub async fn run<C: Command>(&self, pass: Pass, command: C) -> Result<Outcome<C::Out>> {
        let store = self.clone();
        let task = tokio::spawn(async move { store.run_here(pass, Arc::new(command)).await });
        task.await.map_err(|_| Error::internal(format!("a command panicked: {}", C::KIND)))?
    }

    async fn run_here<C: Command>(&self, pass: Pass, command: Arc<C>) -> Result<Outcome<C::Out>> {
        let outcome = match &self.0.engine {
            Engine::Sqlite { sqlite, .. } => self.run_sqlite(sqlite, pass.clone(), command).await,
            Engine::Postgres(pool) => self.run_postgres(pool, &pass, &*command).await,
        };
        match outcome {
            Ok(out) => {
                self.committed();
                Ok(Outcome { out, replayed: false })
            }
            // It ran before, or at the same time: writing its result again fails, and the first answer is ours.
            Err(error) => match self.replay::<C>(&pass).await {
                Ok(Some(first)) => Ok(first),
                Err(other) if other.is(REUSED) => Err(other),
                _ => Err(error),
            },
        }
    }

    async fn replay<C: Command>(&self, pass: &Pass) -> Result<Option<Outcome<C::Out>>> {
        let Some(result) = self.replayed(pass).await? else { return Ok(None) };
        let out = serde_json::from_value(result).map_err(Error::internal)?;
        Ok(Some(Outcome { out, replayed: true }))
    }

    async fn run_sqlite<C: Command>(&self, sqlite: &Sqlite, pass: Pass, command: Arc<C>) -> Result<C::Out> {
        let (answer, answered) = tokio::sync::oneshot::channel::<Result<C::Out>>();
        let (world, blocks) = (self.0.world.clone(), self.0.blocks.clone());
        let job: sqlite::Job = Box::new(move |connection| {
            let tenant = pass.tenant;
            let mut write = Write {
                backend: Backend::Sqlite(connection),
                now: world.now(),
                pass,
                world,
                blocks: blocks.clone(),
                facts: Vec::new(),
                queued: Vec::new(),
                changed: false,
                reserved: Vec::new(),
            };
            // Every operation on SQLite completes at once, so this never waits.
            let done = pollster::block_on(run_in_savepoint(&mut write, &*command));
            match done {
                Err(error) => {
                    // The same command may stand in this very group, not committed yet: then its answer is ours, once it is.
                    let args = args! { tenant: tenant, actor: who(&write.pass), command: write.pass.id };
                    // Read beside the failed `Write`: what it had queued must not be written now.
                    let Backend::Sqlite(connection) = &write.backend else { unreachable!("made above") };
                    let first = sqlite::rows(connection, REMEMBERED.parsed(), &args)
                        .and_then(|rows| at_most_one(rows.into_iter().map(<([u8; 32], String)>::from_row).collect::<Result<_>>()?));
                    match first {
                        Ok(Some((body, result))) if body == write.pass.body => Some(Box::new(move |committed: Result<()>| {
                            let first = committed.and_then(|()| serde_json::from_str::<C::Out>(&result).map_err(Error::internal));
                            let _ = answer.send(first);
                        })),
                        _ => {
                            let _ = answer.send(Err(error));
                            None
                        }
                    }
                }
                Ok(out) => {
                    for (series, next, end) in write.reserved.drain(..) {
                        blocks.give(tenant, &series, next, end);
                    }
                    Some(Box::new(move |committed: Result<()>| {
                        if committed.is_err() {
                            // Reserved with this group, and so not reserved at all.
                            blocks.forget();
                        }
                        let _ = answer.send(committed.map(|()| out));
                    }))
                }
            }
        });
        sqlite.write(job).await?;
        answered.await.map_err(|_| Error::internal(format!("a command panicked: {}", C::KIND)))?
    }

    async fn run_postgres<C: Command>(&self, pool: &deadpool_postgres::Pool, pass: &Pass, command: &C) -> Result<C::Out> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let session = Session::take(pool).await?;
            let mut write = Write {
                backend: Backend::Postgres(&session),
                now: self.0.world.now(),
                pass: pass.clone(),
                world: self.0.world.clone(),
                blocks: self.0.blocks.clone(),
                facts: Vec::new(),
                queued: Vec::new(),
                changed: false,
                reserved: Vec::new(),
            };
            let error = match run_in_transaction(&session, &mut write, command).await {
                Ok(out) => return Ok(out),
                Err(error) => error,
            };
            let trouble = session.trouble();
            if trouble == Trouble::None {
                return Err(error);
            }
            if attempt == ATTEMPTS {
                return Err(Error::unavailable(error));
            }
            // Lost at COMMIT, the outcome is unknown: if it holds, its result is there.
            if trouble == Trouble::Lost
                && let Ok(Some(first)) = self.replay::<C>(pass).await
            {
                return Ok(first.out);
            }
            let wait = 5 * (1 << attempt.min(6)) + self.0.world.entropy.below(20);
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
    }

    /// Housekeeping: all steps, or none when one touches other rows than it must.
    pub(crate) async fn run_steps(&self, steps: Vec<Step>) -> Result<Option<Vec<u64>>> {
        match &self.0.engine {
            Engine::Sqlite { sqlite, .. } => {
                let (answer, answered) = tokio::sync::oneshot::channel();
                let job: sqlite::Job = Box::new(move |connection| {
                    let done = (|| {
                        sqlite::batch(connection, "SAVEPOINT command")?;
                        let mut touched = Vec::with_capacity(steps.len());
                        for step in &steps {
                            let rows = sqlite::exec(connection, step.sql.parsed(), &step.args)?;
                            if step.rows.is_some_and(|wanted| wanted != rows) {
                                sqlite::batch(connection, "ROLLBACK TO command; RELEASE command")?;
                                return Ok(None);
                            }
                            touched.push(rows);
                        }
                        sqlite::batch(connection, "RELEASE command")?;
                        Ok(Some(touched))
                    })();
                    if done.is_err() {
                        let _ = sqlite::batch(connection, "ROLLBACK TO command; RELEASE command");
                    }
                    match done {
                        Ok(Some(touched)) => {
                            Some(Box::new(move |committed: Result<()>| drop(answer.send(committed.map(|()| Some(touched))))))
                        }
                        other => {
                            let _ = answer.send(other);
                            None
                        }
                    }
                });
                sqlite.write(job).await?;
                answered.await.map_err(|_| Error::internal("a batch panicked"))?
            }
            Engine::Postgres(pool) => {
                let session = Session::take(pool).await?;
                session.begin();
                let wanted: Vec<Option<u64>> = steps.iter().map(|step| step.rows).collect();
                let changes: Vec<(&'static Sql, Args)> = steps.into_iter().map(|step| (step.sql, step.args)).collect();
                // The first is the guard: what follows is sent together, and only when it held.
                let mut touched = Vec::with_capacity(changes.len());
                for part in [&changes[..changes.len().min(1)], &changes[changes.len().min(1)..]] {
                    match session.pipeline(part, false).await {
                        Ok(rows) => touched.extend(rows),
                        Err(error) => {
                            let _ = session.command("ROLLBACK").await;
                            // Somebody else's batch won: as if it had not found what it expected.
                            return if session.trouble() == Trouble::Again { Ok(None) } else { Err(error) };
                        }
                    }
                    if touched.iter().zip(&wanted).any(|(rows, wanted)| wanted.is_some_and(|wanted| wanted != *rows)) {
                        session.command("ROLLBACK").await?;
                        return Ok(None);
                    }
                }
                session.command("COMMIT").await?;
                Ok(Some(touched))
            }
        }
    }

    /// Runs a text of several statements as it is: migrations and tests.
    pub(crate) async fn run_script(&self, text: String) -> Result<()> {
        match &self.0.engine {
            Engine::Sqlite { sqlite, .. } => {
                let (answer, answered) = tokio::sync::oneshot::channel();
                let job: sqlite::Job = Box::new(move |connection| {
                    let done = sqlite::batch(connection, &format!("SAVEPOINT command;\n{text}\n;RELEASE command"));
                    if done.is_err() {
                        let _ = sqlite::batch(connection, "ROLLBACK TO command; RELEASE command");
                    }
                    Some(Box::new(move |committed: Result<()>| drop(answer.send(done.and(committed)))))
                });
                sqlite.write(job).await?;
                answered.await.map_err(|_| Error::internal("a script panicked"))?
            }
            Engine::Postgres(pool) => {
                let session = Session::take(pool).await?;
                let done = session.command(&format!("BEGIN;\n{text}\n;COMMIT")).await;
                if done.is_err() {
                    let _ = session.command("ROLLBACK").await;
                }
                done
            }
        }
    }
}

/// Runs the command and writes its facts and its result, in a savepoint that is undone when anything fails.
async fn run_in_savepoint<C: Command>(write: &mut Write<'_>, command: &C) -> Result<C::Out> {
    let Backend::Sqlite(connection) = &write.backend else { return Err(Error::internal("not SQLite")) };
    sqlite::around(connection, "SAVEPOINT command")?;
    let done = async {
        let out = command.run(write).await?;
        let result = serde_json::to_string(&out).map_err(Error::internal)?;
        let last = write.finish(C::KIND, &result)?;
        let Backend::Sqlite(connection) = &write.backend else { return Err(Error::internal("not SQLite")) };
        for (sql, args) in &last {
            sqlite::exec(connection, sql.parsed(), args)?;
        }
        sqlite::around(connection, "RELEASE command")?;
        Ok(out)
    }
    .await;
    if done.is_err()
        && let Backend::Sqlite(connection) = &write.backend
    {
        sqlite::batch(connection, "ROLLBACK TO command; RELEASE command")?;
    }
    done
}

async fn run_in_transaction<C: Command>(session: &Session, write: &mut Write<'_>, command: &C) -> Result<C::Out> {
    session.begin();
    let done = async {
        let out = command.run(write).await?;
        let result = serde_json::to_string(&out).map_err(Error::internal)?;
        let last = write.finish(C::KIND, &result)?;
        session.pipeline(&last, true).await?;
        Ok(out)
    }
    .await;
    if done.is_err() {
        let _ = session.command("ROLLBACK").await;
    }
    done
}
