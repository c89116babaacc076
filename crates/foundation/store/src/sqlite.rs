//! SQLite: one writer thread that commits for many at once, and readers on snapshots.

use crate::meters::Meters;
use crate::row::Row;
use crate::sql::Parsed;
use crate::value::{Args, Value};
use kernel::{Error, Result, Stopwatch};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

/// Commands that one commit carries at most, and for how long it takes more in. Not all that a busy minute brings: while one
/// group is on its way to the disk, the requests of the next are read.
const GROUP: usize = 40;
const GROUP_TIME: Duration = if cfg!(test) { Duration::from_secs(5) } else { Duration::from_millis(5) };
/// How long a write waits for another process (the command line) to finish its own.
const BUSY: Duration = if cfg!(test) { Duration::from_secs(1) } else { Duration::from_secs(20) };
/// Pages of the write-ahead log (32 MB) after which they are copied into the database file: a page that many of a busy minute
/// touch is copied once, and a start after a crash reads no more than that.
const COPIED_AFTER: i32 = if cfg!(test) { 100 } else { 4_000 };
/// Pages of it at which the writer copies them itself, whatever became of the thread that should have.
const COPIED_AT_LAST: i32 = 4 * COPIED_AFTER;
/// Bytes of the file that readers map; the most that SQLite takes.
const MAPPED: i64 = 0x7fff_0000;
/// Threads that read what may take long, each with a connection; and connections for what is read at once.
const READERS: usize = 4;
const AT_ONCE: usize = 4;

/// Connections that are open as long as the program runs: the writer's, the copier's and the readers'.
pub(crate) const CONNECTIONS: usize = 2 + READERS + AT_ONCE;

/// Jobs that each get a savepoint of their own after one of them failed.
const WARY: u32 = 256;

/// Something to be written, in one transaction with others.
///
/// A group runs without savepoints, which copy each page that is touched; when one of it fails, all of it is undone, and
/// run again with them.
pub(crate) trait Job: Send {
    /// Writes; may be called again after what it wrote was undone. After an error nothing of it may stay.
    fn run(&mut self, connection: &mut Connection) -> Result<()>;
    /// What it wrote was undone, and it will run again or be answered with an error.
    fn undone(&mut self) {}
    /// It failed with others around it, and what it wrote is undone. Answers, or comes back to be answered with its group.
    fn refused(self: Box<Self>, connection: &Connection, error: Error) -> Option<Box<dyn Job>>;
    /// Its group is on the disk, or is not.
    fn answer(self: Box<Self>, committed: Result<()>);
}
type Group = Vec<Box<dyn Job>>;
type Read = Box<dyn FnOnce(&Connection) + Send>;

#[derive(Clone)]
pub(crate) struct Sqlite {
    writer: mpsc::Sender<Box<dyn Job>>,
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
    pub fn open(path: &Path, meters: Arc<Meters>) -> Result<Sqlite> {
        let mut writer = connect(path, 16_384)?;
        let log = Log::watch(&mut writer, path)?;
        let (jobs, queue) = mpsc::channel::<Box<dyn Job>>(1024);
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write_loop(writer, log, queue, &meters))
            .map_err(Error::unavailable)?;
        let (readers, reads) = crossbeam_channel::unbounded::<Read>();
        let (give, take) = crossbeam_channel::bounded(AT_ONCE);
        let idle = Idle { give, take };
        for _ in 0..AT_ONCE {
            // Not mapped: SQLite lets go of the whole mapping whenever somebody wrote, which costs more than the few pages of a key.
            idle.give.send(reader(path)?).map_err(Error::internal)?;
        }
        for _ in 0..READERS {
            let (reads, connection) = (reads.clone(), reader(path)?);
            // Pages come from the system's cache without being copied: a large register needs no cache of our own.
            connection.pragma_update(None, "mmap_size", MAPPED).map_err(broken)?;
            std::thread::Builder::new()
                .name("store-reader".into())
                .spawn(move || {
                    while let Ok(read) = reads.recv() {
                        read(&connection);
                    }
                })
                .map_err(Error::unavailable)?;
        }
        Ok(Sqlite { writer: jobs, readers, idle })
    }

    /// Commands that wait for the writer, reads that wait for a reader, and connections for quick reads that are in use.
    pub fn waiting(&self) -> (usize, usize, usize) {
        let writes = self.writer.max_capacity() - self.writer.capacity();
        (writes, self.readers.len(), AT_ONCE.saturating_sub(self.idle.take.len()))
    }

    /// Whether the writer's thread still takes commands.
    pub fn writes(&self) -> bool {
        !self.writer.is_closed()
    }

    pub async fn write(&self, job: Box<dyn Job>) -> Result<()> {
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

fn reader(path: &Path) -> Result<Connection> {
    let connection = connect(path, 2_048)?;
    connection.pragma_update(None, "query_only", true).map_err(broken)?;
    Ok(connection)
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

/// The write-ahead log, which must not grow for ever. A thread of its own copies most of it into the database file while the
/// writer goes on; the writer copies the few pages that came meanwhile, so that the log begins anew.
struct Log {
    pages: Arc<AtomicI32>,
    /// At how many pages the copier is woken next.
    due: i32,
    wake: crossbeam_channel::Sender<()>,
    copied: Arc<AtomicBool>,
}

impl Log {
    fn watch(writer: &mut Connection, path: &Path) -> Result<Log> {
        let pages = Arc::new(AtomicI32::new(0));
        let counted = pages.clone();
        // In place of SQLite's own, which copies inside of the commit that everybody of a group waits for.
        let count = move |_: &mut rusqlite::hooks::Wal, pages| {
            counted.store(pages, Ordering::Relaxed);
            Ok(())
        };
        writer.wal_hook(Some(count)).map_err(broken)?;
        let (wake, woken) = crossbeam_channel::bounded(1);
        let copied = Arc::new(AtomicBool::new(false));
        let (copier, done) = (connect(path, 256)?, copied.clone());
        std::thread::Builder::new()
            .name("store-copier".into())
            .spawn(move || {
                while let Ok(()) = woken.recv() {
                    copy(&copier);
                    done.store(true, Ordering::Release);
                }
            })
            .map_err(Error::unavailable)?;
        Ok(Log { pages, due: COPIED_AFTER, wake, copied })
    }

    /// After each commit.
    fn grown(&mut self, writer: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if self.copied.swap(false, Ordering::Acquire) || pages >= COPIED_AT_LAST.max(self.due) {
            copy(writer);
            // It begins anew with the next commit, or goes on while somebody reads from it.
            self.due = pages + COPIED_AFTER;
        } else if pages < self.due - COPIED_AFTER {
            self.due = COPIED_AFTER;
        } else if pages >= self.due {
            self.due = pages + COPIED_AFTER;
            let _ = self.wake.try_send(());
        }
    }
}

/// Copies what no reader needs any more from the log; what stays is for the next time.
fn copy(connection: &Connection) {
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
        tracing::warn!(%error, "the write-ahead log was not copied");
    }
}

fn write_loop(mut connection: Connection, mut log: Log, mut queue: mpsc::Receiver<Box<dyn Job>>, meters: &Meters) {
    let mut wary = 0;
    while let Some(first) = queue.blocking_recv() {
        let began = Stopwatch::start();
        let mut group = Group::new();
        let (mut next, mut taken, mut running) = (Some(first), 0, begin(&connection));
        while let Some(job) = next.take() {
            if running.is_err() {
                group.push(job);
                break;
            }
            running = if wary == 0 {
                run_bare(&mut connection, job, &mut group, &mut wary)
            } else {
                run_guarded(&mut connection, job, &mut group)
            };
            taken += 1;
            wary = u32::saturating_sub(wary, 1);
            if running.is_ok() && taken < GROUP && began.elapsed() < GROUP_TIME {
                next = queue.try_recv().ok();
            }
        }
        let committing = Stopwatch::start();
        let committed = running.and_then(|()| connection.execute_batch("COMMIT").map_err(broken));
        if committed.is_ok() {
            meters.group(taken, committing.elapsed());
        }
        if committed.is_err() && !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        for mut job in group {
            if committed.is_err() {
                job.undone();
            }
            job.answer(committed.clone());
        }
        log.grown(&connection);
    }
}

fn begin(connection: &Connection) -> Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| {
        tracing::error!(%error, "the writer cannot begin");
        broken(error)
    })
}

/// Runs a job; `None` where it panicked, which must not take the writer with it.
fn run(connection: &mut Connection, job: &mut Box<dyn Job>) -> Option<Result<()>> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job.run(connection))).ok()
}

/// Runs a job in the group's transaction; where it fails, the group is begun anew with a savepoint for each.
fn run_bare(connection: &mut Connection, mut job: Box<dyn Job>, group: &mut Group, wary: &mut u32) -> Result<()> {
    let done = run(connection, &mut job);
    group.push(job);
    if matches!(done, Some(Ok(()))) {
        return Ok(());
    }
    *wary = WARY;
    if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK").map_err(broken)?;
    }
    for job in group.iter_mut() {
        job.undone();
    }
    let again = std::mem::take(group);
    let mut running = begin(connection);
    for job in again {
        match &running {
            Ok(()) => running = run_guarded(connection, job, group),
            Err(_) => group.push(job),
        }
    }
    running
}

/// Runs a job in a savepoint of its own. An error is the whole group's.
fn run_guarded(connection: &mut Connection, mut job: Box<dyn Job>, group: &mut Group) -> Result<()> {
    if let Err(error) = around(connection, "SAVEPOINT command") {
        group.push(job);
        return Err(error);
    }
    match run(connection, &mut job).map(|done| done.and_then(|()| around(connection, "RELEASE command"))) {
        Some(Ok(())) => group.push(job),
        failed => {
            // On a full disk or an I/O error the engine undoes the whole transaction by itself.
            let undone = !connection.is_autocommit() && batch(connection, "ROLLBACK TO command; RELEASE command").is_ok();
            job.undone();
            if !undone {
                group.push(job);
                return Err(Error::unavailable("the transaction of a group was undone"));
            }
            // Whoever panicked is not asked for an answer.
            if let Some(Err(error)) = failed {
                group.extend(job.refused(connection, error));
            }
        }
    }
    Ok(())
}

pub(crate) fn broken(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(
            rusqlite::ErrorCode::DatabaseBusy
            | rusqlite::ErrorCode::DatabaseLocked
            | rusqlite::ErrorCode::DiskFull
            | rusqlite::ErrorCode::SystemIoFailure
            | rusqlite::ErrorCode::OutOfMemory,
        ) => Error::unavailable(error),
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

    /// Runs a text, and says what became of it.
    struct Text(&'static str, tokio::sync::oneshot::Sender<Result<()>>);

    impl Job for Text {
        fn run(&mut self, connection: &mut Connection) -> Result<()> {
            batch(connection, self.0)
        }
        fn refused(self: Box<Self>, _: &Connection, error: Error) -> Option<Box<dyn Job>> {
            let _ = self.1.send(Err(error));
            None
        }
        fn answer(self: Box<Self>, committed: Result<()>) {
            let _ = self.1.send(committed);
        }
    }

    /// Holds the writer until it is let go, so that what comes meanwhile is one group.
    struct Hold(std::sync::mpsc::Receiver<()>);

    impl Job for Hold {
        fn run(&mut self, _: &mut Connection) -> Result<()> {
            let _ = self.0.recv();
            Ok(())
        }
        fn refused(self: Box<Self>, _: &Connection, _: Error) -> Option<Box<dyn Job>> {
            None
        }
        fn answer(self: Box<Self>, _: Result<()>) {}
    }

    /// What becomes of these texts in one group, and how many rows there are then.
    async fn group(texts: &[&'static str]) -> (Vec<Option<kernel::Kind>>, i64) {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = Sqlite::open(&folder.path().join("x.db"), Arc::default()).unwrap();
        let (answer, answered) = tokio::sync::oneshot::channel();
        sqlite.write(Box::new(Text("CREATE TABLE t (a INT UNIQUE)", answer))).await.unwrap();
        answered.await.unwrap().unwrap();
        let (go, held) = std::sync::mpsc::channel();
        sqlite.write(Box::new(Hold(held))).await.unwrap();
        let mut waiting = Vec::new();
        for text in texts {
            let (answer, answered) = tokio::sync::oneshot::channel();
            sqlite.write(Box::new(Text(text, answer))).await.unwrap();
            waiting.push(answered);
        }
        drop(go);
        let mut heard = Vec::new();
        for answered in waiting {
            heard.push(answered.await.unwrap().err().map(|error| error.kind()));
        }
        let count = sqlite.read_now(&Parsed::new("SELECT COUNT(*) AS n FROM t"), &Args::default()).unwrap().unwrap();
        let Value::Int(count) = count[0].values()[0] else { panic!("a number") };
        (heard, count)
    }

    #[tokio::test]
    async fn one_that_fails_takes_nothing_of_its_group_with_it_and_leaves_nothing() {
        let texts = ["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2); INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (3)"];
        assert_eq!(group(&texts).await, (vec![None, Some(kernel::Kind::Internal), None], 2));
        // And where nobody fails there is nobody to be undone.
        assert_eq!(group(&["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)"]).await, (vec![None, None], 2));
    }

    #[tokio::test]
    async fn nobody_of_a_group_that_the_engine_undid_hears_that_it_is_kept() {
        // As a full disk does it: in the middle of a group all of it is undone, whichever way it is tried.
        let texts = ["INSERT INTO t VALUES (1)", "ROLLBACK; INSERT INTO nowhere VALUES (1)", "INSERT INTO t VALUES (2)"];
        let (heard, count) = group(&texts).await;
        assert_eq!((heard[0], heard[1]), (Some(kernel::Kind::Unavailable), Some(kernel::Kind::Unavailable)));
        assert_eq!((heard[2], count), (None, 1));
    }

    #[tokio::test]
    async fn a_job_without_a_transaction_writes_nothing_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let sqlite = Sqlite::open(&path, Arc::default()).unwrap();
        let other = connect(&path, 1_024).unwrap();
        batch(&other, "CREATE TABLE t (a INT); BEGIN IMMEDIATE").unwrap();
        let (answer, answered) = tokio::sync::oneshot::channel();
        sqlite.write(Box::new(Text("INSERT INTO t VALUES (1)", answer))).await.unwrap();
        let late = answered.await.unwrap();
        batch(&other, "COMMIT").unwrap();
        assert_eq!(late.unwrap_err().kind(), kernel::Kind::Unavailable);
        let count: i64 = other.query_row("SELECT COUNT(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0);
    }

    #[tokio::test]
    async fn the_log_begins_anew_while_the_writer_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let sqlite = Sqlite::open(&path, Arc::default()).unwrap();
        let write = async |text| {
            let (answer, answered) = tokio::sync::oneshot::channel();
            sqlite.write(Box::new(Text(text, answer))).await.unwrap();
            answered.await.unwrap().unwrap();
        };
        write("CREATE TABLE t (a BLOB)").await;
        // Some 4,000 pages. How many the log holds at most hangs on the disk that they are copied to; all of them it would hold if it
        // did not begin anew.
        for _ in 0..1_000 {
            write("INSERT INTO t VALUES (randomblob(20000))").await;
        }
        let pages = std::fs::metadata(folder.path().join("x.db-wal")).unwrap().len() / 8_192;
        assert!(pages < 2_000, "{pages} pages");
        let seen: i64 = connect(&path, 1_024).unwrap().query_row("SELECT COUNT(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(seen, 1_000);
    }

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
