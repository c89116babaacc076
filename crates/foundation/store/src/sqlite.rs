//! SQLite: one writer thread that commits for many at once, and readers on snapshots.

use crate::row::Row;
use crate::sql::Parsed;
use crate::value::{Args, Value};
use kernel::{Error, Result};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Commands that one commit carries at most, and for how long it takes more in.
const GROUP: usize = 128;
const GROUP_TIME: Duration = Duration::from_millis(10);
/// How long a write waits for another process (the command line) to finish its own.
const BUSY: Duration = Duration::from_secs(20);
/// Bytes of the file that readers map; the most that SQLite takes.
const MAPPED: i64 = 0x7fff_0000;
/// Threads that read what may take long; and connections, of which some are left for what is read at once.
const READERS: usize = 4;
const CONNECTIONS: usize = 6;

/// What a job leaves to be done once its group is committed (or was not).
pub(crate) type Deliver = Box<dyn FnOnce(Result<()>) + Send>;
/// A job runs in a savepoint of its own; `None` when it has answered already, because it failed.
pub(crate) type Job = Box<dyn FnOnce(&mut Connection) -> Option<Deliver> + Send>;
type Read = Box<dyn FnOnce(&Connection) + Send>;

#[derive(Clone)]
pub(crate) struct Sqlite {
    writer: mpsc::Sender<Job>,
    readers: crossbeam_channel::Sender<Read>,
    idle: Idle,
}

/// Connections that nobody reads from just now.
#[derive(Clone)]
struct Idle {
    give: crossbeam_channel::Sender<Connection>,
    take: crossbeam_channel::Receiver<Connection>,
}

impl Sqlite {
    pub fn open(path: &Path) -> Result<Sqlite> {
        let writer = connect(path, 16_384)?;
        let (jobs, queue) = mpsc::channel::<Job>(1024);
        std::thread::Builder::new().name("store-writer".into()).spawn(move || write_loop(writer, queue)).map_err(Error::unavailable)?;
        let (readers, reads) = crossbeam_channel::unbounded::<Read>();
        let (give, take) = crossbeam_channel::bounded(CONNECTIONS);
        let idle = Idle { give, take };
        for _ in 0..CONNECTIONS {
            let connection = connect(path, 4_096)?;
            connection.pragma_update(None, "query_only", true).map_err(broken)?;
            // Pages come from the system's cache without being copied: a large register needs no cache of our own.
            connection.pragma_update(None, "mmap_size", MAPPED).map_err(broken)?;
            idle.give.send(connection).map_err(Error::internal)?;
        }
        for _ in 0..READERS {
            let (reads, idle) = (reads.clone(), idle.clone());
            std::thread::Builder::new()
                .name("store-reader".into())
                .spawn(move || {
                    while let Ok(read) = reads.recv() {
                        let Ok(connection) = idle.take.recv() else { break };
                        read(&connection);
                        let _ = idle.give.send(connection);
                    }
                })
                .map_err(Error::unavailable)?;
        }
        Ok(Sqlite { writer: jobs, readers, idle })
    }

    pub async fn write(&self, job: Job) -> Result<()> {
        self.writer.send(job).await.map_err(|_| Error::unavailable("the writer has stopped"))
    }

    /// Reads on this very thread, when a connection is idle: one row by its key takes less than waking another thread does.
    pub fn read_now(&self, parsed: &Parsed, args: &Args) -> Option<Result<Vec<Row>>> {
        let connection = self.idle.take.try_recv().ok()?;
        let found = rows(&connection, parsed, args);
        let _ = self.idle.give.send(connection);
        Some(found)
    }

    pub async fn read(&self, parsed: Arc<Parsed>, args: Args) -> Result<Vec<Row>> {
        let (answer, rows_of) = tokio::sync::oneshot::channel();
        let read: Read = Box::new(move |connection| {
            let _ = answer.send(rows(connection, &parsed, &args));
        });
        self.readers.send(read).map_err(|_| Error::unavailable("the readers have stopped"))?;
        rows_of.await.map_err(|_| Error::unavailable("a reader has stopped"))?
    }
}

/// A connection as every part of the program uses it: WAL, and a flush to disk before a commit is answered.
pub(crate) fn connect(path: &Path, cache_kib: i64) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(Error::unavailable)?;
    connection.busy_timeout(BUSY).map_err(broken)?;
    connection
        .execute_batch(&format!(
            "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
            PRAGMA cache_size = -{cache_kib}; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;"
        ))
        .map_err(broken)?;
    // A plan never looks at bound values; else a text that a partial index might serve is planned anew each time it runs.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(broken)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}

#[allow(clippy::disallowed_methods)] // Bounds how long a group takes more in; nothing is recorded.
fn write_loop(mut connection: Connection, mut queue: mpsc::Receiver<Job>) {
    while let Some(first) = queue.blocking_recv() {
        let began = std::time::Instant::now();
        if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
            // Every job still gets its turn to say so: it runs outside a transaction and finds its savepoint refused.
            tracing::error!(%error, "the writer cannot begin");
        }
        let mut group: Vec<Deliver> = Vec::new();
        let mut taken = 1;
        group.extend(run_job(&mut connection, first));
        while taken < GROUP && began.elapsed() < GROUP_TIME {
            let Ok(next) = queue.try_recv() else { break };
            taken += 1;
            group.extend(run_job(&mut connection, next));
        }
        let committed = connection.execute_batch("COMMIT").map_err(broken);
        if committed.is_err() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        for deliver in group {
            deliver(committed.clone());
        }
    }
}

fn run_job(connection: &mut Connection, job: Job) -> Option<Deliver> {
    // A panic in a command must not take the writer with it; its savepoint is undone below.
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(connection))) {
        Ok(deliver) => deliver,
        Err(_) => {
            let _ = connection.execute_batch("ROLLBACK TO command; RELEASE command");
            None
        }
    }
}

fn broken(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked | rusqlite::ErrorCode::DiskFull) => {
            Error::unavailable(error)
        }
        _ => Error::internal(error),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Id(id) => ValueRef::Blob(id.as_bytes()),
        }))
    }
}

/// Runs one of the few texts around commands, without parsing it each time.
pub(crate) fn around(connection: &Connection, text: &str) -> Result<()> {
    connection.prepare_cached(text).and_then(|mut statement| statement.execute([])).map(drop).map_err(broken)
}

/// The values in the order of the text's parameters.
pub(crate) fn ordered<'v>(parsed: &Parsed, args: &'v Args) -> Result<Vec<&'v Value>> {
    parsed
        .names
        .iter()
        .map(|name| args.get(name).ok_or_else(|| Error::internal(format!("no value for :{name} in {}", parsed.sqlite))))
        .collect()
}

pub(crate) fn rows(connection: &Connection, parsed: &Parsed, args: &Args) -> Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(&parsed.sqlite).map_err(broken)?;
    let columns = parsed.columns.get_or_init(|| statement.column_names().map(str::to_owned).collect()).clone();
    let values = ordered(parsed, args)?;
    let mut found = Vec::new();
    let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(broken)?;
    while let Some(row) = rows.next().map_err(broken)? {
        let mut cells = Vec::with_capacity(columns.len());
        for index in 0..columns.len() {
            cells.push(match row.get_ref(index).map_err(broken)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Int(number),
                ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
                ValueRef::Real(_) => return Err(Error::internal(format!("column {} is a float", columns[index]))),
            });
        }
        found.push(Row::new(columns.clone(), cells));
    }
    Ok(found)
}

pub(crate) fn exec(connection: &Connection, parsed: &Parsed, args: &Args) -> Result<u64> {
    let mut statement = connection.prepare_cached(&parsed.sqlite).map_err(broken)?;
    let values = ordered(parsed, args)?;
    let touched = statement.execute(rusqlite::params_from_iter(values)).map_err(broken)?;
    Ok(touched as u64)
}

pub(crate) fn batch(connection: &Connection, text: &str) -> Result<()> {
    connection.execute_batch(text).map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_a_partial_index_might_serve_is_planned_once() {
        let folder = tempfile::tempdir().unwrap();
        let connection = connect(&folder.path().join("x.db"), 1_024).unwrap();
        batch(&connection, "CREATE TABLE t (a INT, b INT, c INT); CREATE INDEX t_a ON t (a, c) WHERE b = 1").unwrap();
        let mut statement = connection.prepare("SELECT c FROM t WHERE a = ?1 AND b = ?2").unwrap();
        for n in 0..5 {
            let mut rows = statement.query([n, 1]).unwrap();
            assert!(rows.next().unwrap().is_none());
        }
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
    }
}
