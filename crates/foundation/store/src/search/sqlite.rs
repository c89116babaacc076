//! The index on SQLite: an FTS5 table in a file of its own beside the database, so that indexing never waits for the commands
//! of people, nor they for it. FTS5 gives what it finds from the highest row down and reads no further than it must.

use super::{Doc, Progress, Wanted};
use crate::Store;
use crate::sqlite::broken;
use kernel::{Error, Kind, Result, TenantId, ensure};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The index beside the database.
const FILE: &str = "search.db";
/// Raised when the index is laid out anew, or texts are cut into other terms: an older file is begun again.
const LAYOUT: i64 = 1;
/// Searches at once; more wait.
const READERS: usize = 4;

/// What stands in it: only numbers of rows a term, neither texts nor places in them (a search looks at the texts themselves).
const TABLES: &str = "CREATE VIRTUAL TABLE docs USING fts5(terms, content='', contentless_delete=1, detail=none, tokenize='ascii');
CREATE TABLE doc (row INTEGER PRIMARY KEY, hash INTEGER NOT NULL);
CREATE TABLE progress (tenant INTEGER PRIMARY KEY, position INTEGER NOT NULL, walked INTEGER, complete INTEGER NOT NULL);";

/// Bits of a row that are its number; above them stands the tenant.
const NUMBER_BITS: u32 = 40;
const TENANTS: i64 = 1 << 22;

/// The open index; cheap to clone.
#[derive(Clone)]
pub(crate) struct Beside(Arc<Open>);

struct Open {
    path: PathBuf,
    writer: Mutex<Connection>,
    idle: Mutex<Vec<Connection>>,
    turns: tokio::sync::Semaphore,
}

impl Store {
    /// The file beside the database, opened when it is first asked for; `None` on PostgreSQL.
    pub(crate) async fn beside(&self) -> Result<Option<Beside>> {
        let Some((database, opened)) = self.search_file() else { return Ok(None) };
        let opened = opened.get_or_try_init(|| {
            let path = database.with_file_name(FILE);
            blocking(move || open(&path))
        });
        opened.await.map(|beside| Some(beside.clone()))
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

fn connect(path: &Path, cache_kib: i64) -> Result<Connection> {
    let connection = crate::sqlite::connect(path, cache_kib)?;
    // What a power cut takes is indexed again: how far it was is kept in the same file.
    connection.pragma_update(None, "synchronous", "NORMAL").map_err(broken)?;
    Ok(connection)
}

fn open(path: &Path) -> Result<Beside> {
    let writer = match ready(path) {
        Ok(writer) => writer,
        // Not a database, or torn: nothing is lost with it.
        Err(error) if error.kind() == Kind::Internal => {
            tracing::warn!(%error, "the search index cannot be read and is begun anew");
            for end in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(path.with_file_name(format!("{FILE}{end}")));
            }
            ready(path)?
        }
        Err(error) => return Err(error),
    };
    let turns = tokio::sync::Semaphore::new(READERS);
    Ok(Beside(Arc::new(Open { path: path.to_owned(), writer: Mutex::new(writer), idle: Mutex::default(), turns })))
}

fn ready(path: &Path) -> Result<Connection> {
    let mut writer = connect(path, 4_096)?;
    let layout = |connection: &Connection| connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    if layout(&writer).map_err(broken)? != LAYOUT {
        let all = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(broken)?;
        // Another process may have been faster.
        if layout(&all).map_err(broken)? != LAYOUT {
            all.execute_batch("DROP TABLE IF EXISTS docs; DROP TABLE IF EXISTS doc; DROP TABLE IF EXISTS progress;").map_err(broken)?;
            all.execute_batch(TABLES).map_err(broken)?;
            all.pragma_update(None, "user_version", LAYOUT).map_err(broken)?;
        }
        all.commit().map_err(broken)?;
    }
    Ok(writer)
}

/// Rows of a tenant lie together, in the order of its numbers.
fn row_of(tenant: TenantId, number: i64) -> Result<i64> {
    let fits = (0..TENANTS).contains(&tenant.0) && (0..1 << NUMBER_BITS).contains(&number);
    ensure(fits, Error::internal(format!("no row for {number} of tenant {}", tenant.0)))?;
    Ok((tenant.0 << NUMBER_BITS) | number)
}

fn number_of(row: i64) -> i64 {
    row & ((1 << NUMBER_BITS) - 1)
}

fn read_progress(connection: &Connection, tenant: TenantId) -> Result<Option<Progress>> {
    let text = "SELECT position, walked, complete FROM progress WHERE tenant = ?1";
    let mut statement = connection.prepare_cached(text).map_err(broken)?;
    let read = |row: &rusqlite::Row<'_>| Ok(Progress { position: row.get(0)?, walked: row.get(1)?, complete: row.get(2)? });
    statement.query_row([tenant.0], read).optional().map_err(broken)
}

fn put(all: &Connection, tenant: TenantId, docs: &[Doc]) -> Result<()> {
    let prepared = |text| all.prepare_cached(text).map_err(broken);
    let mut known = prepared("SELECT hash FROM doc WHERE row = ?1")?;
    let mut note = prepared("INSERT OR REPLACE INTO doc (row, hash) VALUES (?1, ?2)")?;
    let mut forget = prepared("DELETE FROM doc WHERE row = ?1")?;
    let mut remove = prepared("DELETE FROM docs WHERE rowid = ?1")?;
    let mut insert = prepared("INSERT INTO docs (rowid, terms) VALUES (?1, ?2)")?;
    for doc in docs {
        let row = row_of(tenant, doc.number)?;
        let was = known.query_row([row], |row| row.get::<_, i64>(0)).optional().map_err(broken)?;
        let hash = doc.terms.hash();
        if was == Some(hash) {
            continue;
        }
        if was.is_some() {
            remove.execute([row]).map_err(broken)?;
            forget.execute([row]).map_err(broken)?;
        }
        if !doc.terms.is_empty() {
            let codes: Vec<String> = doc.terms.all().into_iter().map(|term| term.code()).collect();
            insert.execute(params![row, codes.join(" ")]).map_err(broken)?;
            note.execute([row, hash]).map_err(broken)?;
        }
    }
    Ok(())
}

impl Beside {
    async fn reading<T: Send + 'static>(&self, read: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T> {
        let _turn = self.0.turns.acquire().await.map_err(Error::internal)?;
        let open = self.0.clone();
        blocking(move || {
            let idle = open.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => reader(&open.path)?,
            };
            let found = read(&connection);
            open.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            found
        })
        .await
    }

    async fn writing<T: Send + 'static>(&self, write: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T> {
        let open = self.0.clone();
        blocking(move || {
            let mut writer = open.writer.lock().unwrap_or_else(PoisonError::into_inner);
            let all = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(broken)?;
            let done = write(&all)?;
            all.commit().map_err(broken)?;
            Ok(done)
        })
        .await
    }

    pub async fn progress(&self, tenant: TenantId) -> Result<Option<Progress>> {
        self.reading(move |connection| read_progress(connection, tenant)).await
    }

    pub async fn write(&self, tenant: TenantId, from: Option<Progress>, to: Progress, docs: Vec<Doc>) -> Result<bool> {
        self.writing(move |all| {
            if read_progress(all, tenant)? != from {
                return Ok(false);
            }
            put(all, tenant, &docs)?;
            let text = "INSERT OR REPLACE INTO progress (tenant, position, walked, complete) VALUES (?1, ?2, ?3, ?4)";
            all.execute(text, params![tenant.0, to.position, to.walked, to.complete]).map_err(broken)?;
            Ok(true)
        })
        .await
    }

    pub async fn forget(&self, tenant: TenantId) -> Result<()> {
        let (from, to) = (row_of(tenant, 0)?, row_of(tenant, (1 << NUMBER_BITS) - 1)?);
        self.writing(move |all| {
            all.execute("DELETE FROM progress WHERE tenant = ?1", [tenant.0]).map_err(broken)?;
            all.execute("DELETE FROM docs WHERE rowid IN (SELECT row FROM doc WHERE row BETWEEN ?1 AND ?2)", [from, to]).map_err(broken)?;
            all.execute("DELETE FROM doc WHERE row BETWEEN ?1 AND ?2", [from, to]).map_err(broken)?;
            Ok(())
        })
        .await
    }

    pub async fn forget_all(&self) -> Result<()> {
        self.writing(|all| {
            let text = "INSERT INTO docs (docs) VALUES ('delete-all'); DELETE FROM doc; DELETE FROM progress;";
            all.execute_batch(text).map_err(broken)
        })
        .await
    }

    pub async fn written(&self, tenant: TenantId, after: i64, limit: u16) -> Result<Vec<(i64, i64)>> {
        let (from, to) = (row_of(tenant, 0)?, row_of(tenant, (1 << NUMBER_BITS) - 1)?);
        let after = from.saturating_add(after.clamp(-1, 1 << NUMBER_BITS));
        self.reading(move |connection| {
            let text = "SELECT row, hash FROM doc WHERE row > ?1 AND row <= ?2 ORDER BY row LIMIT ?3";
            let mut statement = connection.prepare_cached(text).map_err(broken)?;
            let rows = statement.query_map(params![after, to, limit], |row| Ok((number_of(row.get(0)?), row.get(1)?))).map_err(broken)?;
            rows.collect::<rusqlite::Result<_>>().map_err(broken)
        })
        .await
    }

    /// The lowest and the highest number; `None` where there are none.
    pub async fn ends(&self, tenant: TenantId) -> Result<Option<(i64, i64)>> {
        let (from, to) = (row_of(tenant, 0)?, row_of(tenant, (1 << NUMBER_BITS) - 1)?);
        self.reading(move |connection| {
            // Each by itself: for both at once all rows would be read.
            let text =
                "SELECT (SELECT MIN(row) FROM doc WHERE row BETWEEN ?1 AND ?2), (SELECT MAX(row) FROM doc WHERE row BETWEEN ?1 AND ?2)";
            let mut statement = connection.prepare_cached(text).map_err(broken)?;
            let ends = statement.query_row([from, to], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)));
            let (lowest, highest) = ends.map_err(broken)?;
            Ok(lowest.map(number_of).zip(highest.map(number_of)))
        })
        .await
    }

    /// Numbers of a window, the highest first.
    pub async fn find(&self, tenant: TenantId, wanted: &Wanted, window: Range<i64>, limit: u16) -> Result<Vec<i64>> {
        let (from, end) = (row_of(tenant, window.start.max(0))?, row_of(tenant, window.end.max(0))?);
        let code = |term: super::Term| format!("\"{}\"", term.code());
        let all = wanted.all.text((" AND ", " OR "), &code);
        let asked = match &wanted.but {
            Some(but) => format!("{all} NOT {}", but.text((" AND ", " OR "), &code)),
            None => all,
        };
        self.reading(move |connection| {
            let text = "SELECT rowid FROM docs WHERE docs MATCH ?1 AND rowid >= ?2 AND rowid < ?3 ORDER BY rowid DESC LIMIT ?4";
            let mut statement = connection.prepare_cached(text).map_err(broken)?;
            let rows = statement.query_map(params![asked, from, end, limit], |row| row.get(0).map(number_of)).map_err(broken)?;
            rows.collect::<rusqlite::Result<_>>().map_err(broken)
        })
        .await
    }
}

fn reader(path: &Path) -> Result<Connection> {
    let connection = connect(path, 1_024)?;
    connection.pragma_update(None, "query_only", true).map_err(broken)?;
    // Pages come from the system's cache: a large index needs none of ours.
    connection.pragma_update(None, "mmap_size", 0x7fff_0000_i64).map_err(broken)?;
    Ok(connection)
}
