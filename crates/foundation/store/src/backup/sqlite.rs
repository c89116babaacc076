//! The SQLite side of backup and restore: a connection of its own, one read transaction out, one write transaction in.

use super::archive::{Item, Sink};
use super::rows::{Column, ColumnType, Encoder, Table, column_type, names};
use super::{DAMAGED, Manifest, NOT_EMPTY, Snapshot, left_out};
use crate::Value;
use kernel::ids::Uuid;
use kernel::{Error, Result};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// How long a restore waits for somebody else's write.
const BUSY: Duration = Duration::from_secs(20);

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(Error::unavailable)?;
    connection.busy_timeout(BUSY).map_err(Error::unavailable)?;
    Ok(connection)
}

/// Writes all tables from one snapshot.
pub async fn dump(path: PathBuf, sink: Sink) -> Result<Snapshot> {
    blocking(move || {
        let mut connection = open(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        // WAL: the first read fixes what is seen until the end, while writers go on.
        let snapshot = connection.transaction_with_behavior(TransactionBehavior::Deferred).map_err(Error::internal)?;
        let (tables, migrations) = schema(&snapshot)?;
        let (mut entries, mut photos) = (Vec::new(), BTreeSet::new());
        for table in &tables {
            sink.begin_blocking(format!("tables/{}.jsonl", table.name), true)?;
            let mut encoder = Encoder::new();
            let mut statement = snapshot.prepare(&table.select()).map_err(Error::internal)?;
            let mut rows = statement.query([]).map_err(Error::internal)?;
            let photo = super::photo_columns(table);
            while let Some(row) = rows.next().map_err(Error::internal)? {
                let values = table.columns.iter().enumerate().map(|(index, column)| {
                    let value = row.get_ref(index).map_err(Error::internal)?;
                    typed(value, column.kind).ok_or_else(|| Error::internal(format!("{}.{} holds {value:?}", table.name, column.name)))
                });
                let values = values.collect::<Result<Vec<Value>>>()?;
                photos.extend(photo.and_then(|(tenant, hash)| super::photo(&values[tenant], &values[hash])));
                if let Some(chunk) = encoder.row(&values)? {
                    sink.bytes_blocking(chunk.into())?;
                }
            }
            let (rest, entry) = encoder.finish(table);
            sink.bytes_blocking(rest.into())?;
            entries.push(entry);
        }
        Ok(Snapshot { tables: entries, migrations, photos })
    })
    .await
}

pub async fn describe(path: PathBuf) -> Result<(Vec<Table>, Vec<String>)> {
    blocking(move || schema(&open(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)).await
}

pub async fn ensure_empty(path: PathBuf, tables: Vec<Table>) -> Result<()> {
    blocking(move || {
        let connection = open(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        for table in tables {
            let some = connection
                .query_row(&format!("SELECT EXISTS (SELECT 1 FROM \"{}\")", table.name), [], |row| row.get::<_, bool>(0))
                .map_err(Error::internal)?;
            kernel::ensure(!some, Error::from(NOT_EMPTY).arg("table", &table.name))?;
        }
        Ok(())
    })
    .await
}

/// Inserts what comes, in one transaction that commits only when everything has come.
pub async fn fill(path: PathBuf, manifest: Manifest, first: Option<Item>, mut items: mpsc::Receiver<Result<Item>>) -> Result<()> {
    blocking(move || {
        let mut connection = open(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // Tables come in the order of their names, not of what refers to what; the whole is checked at the end.
        connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = FULL").map_err(Error::internal)?;
        let all = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(Error::unavailable)?;
        let mut next = first;
        while let Some(item) = next {
            if let Item::Rows(index, rows) = item {
                insert(&all, &manifest, index, rows)?;
            }
            next = items.blocking_recv().transpose()?;
        }
        let torn = all.prepare("PRAGMA foreign_key_check").and_then(|mut check| check.exists([])).map_err(Error::internal)?;
        kernel::ensure(!torn, Error::from(DAMAGED).arg("part", "tables"))?;
        all.commit().map_err(Error::internal)?;
        connection.execute_batch("PRAGMA optimize").map_err(Error::internal)
    })
    .await
}

fn insert(all: &rusqlite::Transaction<'_>, manifest: &Manifest, index: usize, rows: Vec<Vec<Value>>) -> Result<()> {
    let table = &manifest.tables[index];
    let places = (1..=table.columns.len()).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
    let text = format!("INSERT INTO \"{}\" ({}) VALUES ({places})", table.name, names(table.columns.iter().map(|column| &column.name)));
    let mut statement = all.prepare_cached(&text).map_err(Error::internal)?;
    for row in rows {
        let values = row.into_iter().map(native);
        statement
            .execute(rusqlite::params_from_iter(values))
            .map_err(|error| Error::from(DAMAGED).arg("part", &table.name).detail(error))?;
    }
    Ok(())
}

fn native(value: Value) -> rusqlite::types::Value {
    use rusqlite::types::Value as Native;
    match value {
        Value::Null => Native::Null,
        Value::Bool(truth) => Native::Integer(i64::from(truth)),
        Value::Int(number) => Native::Integer(number),
        Value::Text(text) => Native::Text(text),
        Value::Bytes(bytes) => Native::Blob(bytes),
        Value::Id(id) => Native::Blob(id.as_bytes().to_vec()),
    }
}

/// SQLite keeps what it is given; a value that isn't of its column's type is an error, and never quietly changed.
fn typed(value: ValueRef<'_>, kind: ColumnType) -> Option<Value> {
    Some(match (value, kind) {
        (ValueRef::Null, _) => Value::Null,
        (ValueRef::Integer(number @ (0 | 1)), ColumnType::Bool) => Value::Bool(number == 1),
        (ValueRef::Integer(number), ColumnType::Int) => Value::Int(number),
        (ValueRef::Text(text), ColumnType::Text) => Value::Text(std::str::from_utf8(text).ok()?.to_owned()),
        (ValueRef::Blob(bytes), ColumnType::Bytes) => Value::Bytes(bytes.to_vec()),
        (ValueRef::Blob(bytes), ColumnType::Id) => Value::Id(Uuid::from_slice(bytes).ok()?),
        _ => return None,
    })
}

/// The tables that are backed up, by name, and the migrations that made them.
fn schema(connection: &Connection) -> Result<(Vec<Table>, Vec<String>)> {
    let list = |text: &str| -> rusqlite::Result<Vec<String>> { connection.prepare(text)?.query_map([], |row| row.get(0))?.collect() };
    let tables = list(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    );
    let mut described = Vec::new();
    for name in tables.map_err(Error::internal)?.into_iter().filter(|name| !left_out(name)) {
        described.push(describe_table(connection, name)?);
    }
    let migrations = list(&format!("SELECT name FROM {} ORDER BY name", crate::house::MIGRATIONS_TABLE)).map_err(Error::internal)?;
    Ok((described, migrations))
}

fn describe_table(connection: &Connection, name: String) -> Result<Table> {
    let mut statement = connection.prepare("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid").map_err(Error::internal)?;
    let rows = statement.query_map([&name], |row| Ok((row.get(0)?, row.get(1)?))).map_err(Error::internal)?;
    let rows = rows.collect::<rusqlite::Result<Vec<(String, i64)>>>().map_err(Error::internal)?;
    let mut key: Vec<(i64, String)> = rows.iter().filter(|(_, pk)| *pk > 0).map(|(name, pk)| (*pk, name.clone())).collect();
    key.sort();
    kernel::ensure(!key.is_empty(), Error::internal(format!("table {name} has no primary key")))?;
    let columns = rows.into_iter().map(|(column, _)| column_type(&name, &column).map(|kind| Column { name: column, kind }));
    Ok(Table { columns: columns.collect::<Result<_>>()?, key: key.into_iter().map(|(_, column)| column).collect(), name })
}
