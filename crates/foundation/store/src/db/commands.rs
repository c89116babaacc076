//! How a command runs: once, whole, and answered with its first result, on either engine.

use super::{ATTEMPTS, Blocks, Engine, OUTCOME_UNKNOWN, REMEMBERED, Store, at_most_one, who};
use crate::postgres::{self, Session, Trouble};
use crate::row::FromRow;
use crate::sqlite::{self, Sqlite};
use crate::write::{Backend, Write};
use crate::{Command, Outcome, Pass, REUSED, args};
use deadpool_postgres::Pool;
use kernel::{Error, Instant, Kind, Result, World};
use std::sync::Arc;
use std::time::Duration;

impl Store {
    pub(super) async fn run_here<C: Command>(&self, pass: Pass, command: Arc<C>) -> Result<Outcome<C::Out>> {
        let outcome = match &self.0.engine {
            Engine::Sqlite { sqlite, .. } => self.run_sqlite(sqlite, pass.clone(), command).await,
            Engine::Postgres { pool, merges } => self.run_postgres(pool, *merges, &pass, &*command).await,
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
        let job = Running { command, pass, now: world.now(), world, blocks, reserved: false, out: None, answer };
        sqlite.write(Box::new(job)).await?;
        answered.await.map_err(|_| Error::internal(format!("a command panicked: {}", C::KIND)))?
    }

    async fn run_postgres<C: Command>(&self, pool: &Pool, merges: bool, pass: &Pass, command: &C) -> Result<C::Out> {
        // One instant for all attempts.
        let now = self.0.world.now();
        let mut unknown = false;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let (error, trouble) = match self.attempt(pool, merges, pass, now, command).await {
                Ok(out) => return Ok(out),
                Err(failed) => failed,
            };
            if trouble == Trouble::Unknown {
                unknown = true;
                // If it holds, its result is there. If it is still on its way, running it again waits for it and finds it done.
                if let Ok(Some(first)) = self.replay::<C>(pass).await {
                    return Ok(first.out);
                }
            }
            if attempt == ATTEMPTS || trouble == Trouble::None {
                // "Nothing was changed" is what an unavailable database says, and more than is known here.
                return Err(if unknown && error.kind() == Kind::Unavailable { OUTCOME_UNKNOWN.err().detail(error) } else { error });
            }
            self.pause(attempt).await;
        }
    }

    /// One transaction; its connection is given back before anything else is asked of the pool.
    async fn attempt<C: Command>(
        &self,
        pool: &Pool,
        merges: bool,
        pass: &Pass,
        now: Instant,
        command: &C,
    ) -> Result<C::Out, (Error, Trouble)> {
        let session = match Session::take(pool).await {
            Ok(session) => session,
            // A server that starts again is back in a moment.
            Err(error) if error.is(postgres::UNREACHABLE) => return Err((error, Trouble::Lost)),
            Err(error) => return Err((error, Trouble::None)),
        };
        let mut write = Write {
            backend: Backend::Postgres(&session),
            now,
            pass: pass.clone(),
            world: self.0.world.clone(),
            blocks: self.0.blocks.clone(),
            facts: Vec::new(),
            queued: Vec::new(),
            changed: false,
            reserved: Vec::new(),
        };
        let done = run_in_transaction(&session, merges, &mut write, command).await;
        done.map_err(|error| (error, session.trouble()))
    }

    /// A little longer before each further attempt, and never the same for two that met.
    pub(crate) async fn pause(&self, attempt: u32) {
        let wait = 5 * (1 << attempt.min(6)) + self.0.world.entropy.below(20);
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
}

/// A command in the writer's queue.
struct Running<C: Command> {
    command: Arc<C>,
    pass: Pass,
    now: Instant,
    world: World,
    blocks: Arc<Blocks>,
    /// It reserved a block of numbers, which is not reserved when it is undone.
    reserved: bool,
    /// What it gives once its group is on the disk.
    out: Option<C::Out>,
    answer: tokio::sync::oneshot::Sender<Result<C::Out>>,
}

impl<C: Command> sqlite::Job for Running<C> {
    fn run(&mut self, connection: &mut rusqlite::Connection) -> Result<()> {
        let mut write = Write {
            backend: Backend::Sqlite(connection),
            now: self.now,
            pass: self.pass.clone(),
            world: self.world.clone(),
            blocks: self.blocks.clone(),
            facts: Vec::new(),
            queued: Vec::new(),
            changed: false,
            reserved: Vec::new(),
        };
        // Every operation on SQLite completes at once, so this never waits.
        let out = pollster::block_on(self.command.run(&mut write))?;
        let result = serde_json::to_string(&out).map_err(Error::internal)?;
        let last = write.finish(C::KIND, &result)?;
        let reserved = std::mem::take(&mut write.reserved);
        for (sql, args) in &last {
            sqlite::exec(connection, sql.parsed(), args)?;
        }
        for (series, next, end) in reserved {
            self.reserved = true;
            self.blocks.give(self.pass.tenant, &series, next, end);
        }
        self.out = Some(out);
        Ok(())
    }
    fn undone(&mut self) {
        self.out = None;
        if std::mem::take(&mut self.reserved) {
            self.blocks.forget();
        }
    }
    fn refused(mut self: Box<Self>, connection: &rusqlite::Connection, error: Error) -> Option<Box<dyn sqlite::Job>> {
        // The same command may stand in this very group, not committed yet: then its answer is ours, once it is.
        let args = args! { tenant: self.pass.tenant, actor: who(&self.pass), command: self.pass.id };
        let first = sqlite::rows(connection, REMEMBERED.parsed(), &args)
            .and_then(|rows| at_most_one(rows.into_iter().map(<([u8; 32], String)>::from_row).collect::<Result<_>>()?));
        match first {
            Ok(Some((body, result))) if body == self.pass.body => {
                self.out = serde_json::from_str(&result).ok();
                Some(self)
            }
            _ => {
                let _ = self.answer.send(Err(error));
                None
            }
        }
    }
    fn answer(self: Box<Self>, committed: Result<()>) {
        let Running { out, answer, .. } = *self;
        let _ = answer.send(committed.and_then(|()| out.ok_or_else(|| Error::internal("a command gave nothing"))));
    }
}

async fn run_in_transaction<C: Command>(session: &Session, merges: bool, write: &mut Write<'_>, command: &C) -> Result<C::Out> {
    session.begin();
    let done = async {
        let out = command.run(write).await?;
        let result = serde_json::to_string(&out).map_err(Error::internal)?;
        let last = write.finish(C::KIND, &result)?;
        session.finish(&last, merges).await?;
        Ok(out)
    }
    .await;
    if done.is_err() {
        session.rollback().await;
    }
    done
}
