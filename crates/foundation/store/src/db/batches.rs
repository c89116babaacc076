//! Writes beside commands: housekeeping that touches what it must or nothing, and scripts.

use super::{ATTEMPTS, Engine, Store};
use crate::house::Step;
use crate::postgres::{self, Session, Trouble};
use crate::{Args, Sql, sqlite};
use kernel::{Error, Result};

impl Store {
    /// Housekeeping: all steps, or none when one touches other rows than it must.
    pub(crate) async fn run_steps(&self, steps: Vec<Step>) -> Result<Option<Vec<u64>>> {
        match &self.0.engine {
            Engine::Sqlite { sqlite, .. } => {
                let (answer, answered) = tokio::sync::oneshot::channel();
                sqlite.write(Box::new(Batch { steps, touched: None, other: false, answer })).await?;
                answered.await.map_err(|_| Error::internal("a batch panicked"))?
            }
            Engine::Postgres { pool, .. } => {
                let mut attempt = 0;
                loop {
                    attempt += 1;
                    match steps_on_postgres(pool, &steps).await {
                        // Before its COMMIT nothing of it holds, so it may run again; what a COMMIT came to is the caller's to find out.
                        Err((_, Trouble::Again | Trouble::Lost)) if attempt < ATTEMPTS => self.pause(attempt).await,
                        answer => return answer.map_err(|(error, _)| error),
                    }
                }
            }
        }
    }

    /// Runs a text of several statements as it is: migrations and tests.
    pub(crate) async fn run_script(&self, text: String) -> Result<()> {
        match &self.0.engine {
            Engine::Sqlite { sqlite, .. } => {
                let (answer, answered) = tokio::sync::oneshot::channel();
                sqlite.write(Box::new(Script { text, answer })).await?;
                answered.await.map_err(|_| Error::internal("a script panicked"))?
            }
            Engine::Postgres { pool, .. } => {
                let session = Session::take(pool).await?;
                let done = session.script(&format!("BEGIN;\n{text}\n;COMMIT")).await;
                if done.is_err() {
                    session.rollback().await;
                }
                done
            }
        }
    }
}

type Touched = Option<Vec<u64>>;

/// A batch in the writer's queue.
struct Batch {
    steps: Vec<Step>,
    /// The rows that each step touched, once they all have.
    touched: Touched,
    /// One touched other rows than it must.
    other: bool,
    answer: tokio::sync::oneshot::Sender<Result<Touched>>,
}

impl sqlite::Job for Batch {
    fn run(&mut self, connection: &mut rusqlite::Connection) -> Result<()> {
        let mut touched = Vec::with_capacity(self.steps.len());
        self.other = false;
        for step in &self.steps {
            let rows = sqlite::exec(connection, step.sql.parsed(), &step.args)?;
            if step.rows.is_some_and(|wanted| wanted != rows) {
                self.other = true;
                return Err(Error::internal("other rows than wanted"));
            }
            touched.push(rows);
        }
        self.touched = Some(touched);
        Ok(())
    }
    fn refused(self: Box<Self>, _: &rusqlite::Connection, error: Error) -> Option<Box<dyn sqlite::Job>> {
        let _ = self.answer.send(if self.other { Ok(None) } else { Err(error) });
        None
    }
    fn answer(self: Box<Self>, committed: Result<()>) {
        let Batch { touched, answer, .. } = *self;
        let _ = answer.send(committed.map(|()| touched));
    }
}

/// A script in the writer's queue.
struct Script {
    text: String,
    answer: tokio::sync::oneshot::Sender<Result<()>>,
}

impl sqlite::Job for Script {
    fn run(&mut self, connection: &mut rusqlite::Connection) -> Result<()> {
        sqlite::batch(connection, &self.text)
    }
    fn refused(self: Box<Self>, _: &rusqlite::Connection, error: Error) -> Option<Box<dyn sqlite::Job>> {
        let _ = self.answer.send(Err(error));
        None
    }
    fn answer(self: Box<Self>, committed: Result<()>) {
        let _ = self.answer.send(committed);
    }
}

async fn steps_on_postgres(pool: &deadpool_postgres::Pool, steps: &[Step]) -> Result<Option<Vec<u64>>, (Error, Trouble)> {
    let session = match Session::take(pool).await {
        Ok(session) => session,
        Err(error) if error.is(postgres::UNREACHABLE) => return Err((error, Trouble::Lost)),
        Err(error) => return Err((error, Trouble::None)),
    };
    session.begin();
    let changes: Vec<(&'static Sql, Args)> = steps.iter().map(|step| (step.sql, step.args.clone())).collect();
    // The first is the guard: what follows is sent together, and only when it held.
    let mut touched = Vec::with_capacity(changes.len());
    for part in [&changes[..changes.len().min(1)], &changes[changes.len().min(1)..]] {
        match session.pipeline(part, false).await {
            Ok(rows) => touched.extend(rows),
            Err(error) => {
                session.rollback().await;
                return Err((error, session.trouble()));
            }
        }
        if touched.iter().zip(steps).any(|(rows, step)| step.rows.is_some_and(|wanted| wanted != *rows)) {
            session.rollback().await;
            return Ok(None);
        }
    }
    match session.commit().await {
        Ok(()) => Ok(Some(touched)),
        Err(error) => Err((error, session.trouble())),
    }
}
