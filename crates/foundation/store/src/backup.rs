//! Backup and restore: one engine-neutral archive of all rows and all photos, taken while the installation serves.
//!
//! The archive is a zip file: `tables/NAME.jsonl` (a row a line, a JSON array in the order of the manifest's columns),
//! `objects/…` (photos under their keys) and `manifest.json`, written last. All rows come from one snapshot. Private keys
//! are never in it; tables that mean nothing elsewhere (sessions, leases) are left out, see [`crate::not_in_backup!`].

mod archive;
mod postgres;
mod rows;
mod sqlite;
#[cfg(test)]
mod tests;

pub use rows::{Column, ColumnType};

use crate::attachments::{self, Attachments, Size};
use crate::house::Raw;
use crate::journal::sign::{self, Signer};
use crate::{FromValue, Store, Value};
use archive::{Item, Reader, Sink};
use kernel::sign::VerifyingKey;
use kernel::{Code, Error, Instant, Result, TenantId};
use object_store::ObjectStoreExt;
use object_store::path::Path as Key;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// The database to restore into has rows already.
pub const NOT_EMPTY: Code = Code::conflict("backup.not_empty");
/// The file isn't a backup, or not one that this version reads.
pub const NOT_A_BACKUP: Code = Code::invalid("backup.not_a_backup");
/// The backup was made after migrations that this program doesn't know, or before some that it has.
pub const OTHER_MIGRATIONS: Code = Code::conflict("backup.other_migrations");
/// A part of the archive isn't what its manifest says; nothing was restored.
pub const DAMAGED: Code = Code::invalid("backup.damaged");
/// The file, or what is before it in its folder, cannot be written: no such folder, a full disk.
pub const UNWRITABLE: Code = Code::new(kernel::Kind::Unavailable, "backup.unwritable");
/// There is a file of this name already.
pub const FILE_EXISTS: Code = Code::conflict("backup.file_exists");

const FORMAT: &str = "xiuhua-backup";
const FORMAT_VERSION: u32 = 1;

/// A table whose rows are not backed up.
pub struct LeftOut(pub &'static str);
inventory::collect!(LeftOut);

/// `not_in_backup!("session");` beside the table's migration: its rows mean nothing in another place or later.
#[macro_export]
macro_rules! not_in_backup {
    ($($table:literal),+ $(,)?) => {
        $($crate::inventory::submit! { $crate::backup::LeftOut($table) })+
    };
}
not_in_backup!("sealer_lease");

/// What an archive holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: String,
    pub version: u32,
    pub made_at: Instant,
    /// `sqlite` or `postgresql`: where it came from, for people; it restores into either.
    pub engine: String,
    pub migrations: Vec<String>,
    pub tables: Vec<TableEntry>,
    pub objects: u64,
    pub object_bytes: u64,
    /// Photos that have a row and no file.
    pub missing_objects: u64,
    /// Public keys by which the journal's signed heads are checked, as PEM.
    pub signing_keys: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableEntry {
    pub name: String,
    pub columns: Vec<Column>,
    pub rows: u64,
    /// SM3 of the table's lines, hex. Rows are in the order of the primary key, so equal content has equal hashes.
    pub sm3: String,
}

/// What a snapshot gave: its tables as they were written, and the photos that its rows name.
struct Snapshot {
    tables: Vec<TableEntry>,
    migrations: Vec<String>,
    photos: BTreeSet<(TenantId, [u8; 32])>,
}

/// Where the table of photos has tenant and hash; `None` for every other table.
fn photo_columns(table: &rows::Table) -> Option<(usize, usize)> {
    let at = |name: &str| table.columns.iter().position(|column| column.name == name);
    if table.name == "attachment" { at("tenant_id").zip(at("hash")) } else { None }
}

fn photo(tenant: &Value, hash: &Value) -> Option<(TenantId, [u8; 32])> {
    Some((FromValue::from_value(tenant.clone())?, FromValue::from_value(hash.clone())?))
}

fn left_out(table: &str) -> bool {
    table == crate::house::MIGRATIONS_TABLE || inventory::iter::<LeftOut>.into_iter().any(|left_out| left_out.0 == table)
}

/// Writes a backup to `file`, which must not exist; commands and pages go on meanwhile.
///
/// It is written beside under another name, flushed, and then given its name: a file called `file` is whole.
pub async fn backup(store: &Store, attachments: &Attachments, signer: &Signer, file: &Path) -> Result<Manifest> {
    if file.exists() {
        return Err(Error::from(FILE_EXISTS).arg("file", file.display()));
    }
    let (sink, writing) = Sink::open(file)?;
    let written = write_all(store, attachments, signer, &sink).await;
    drop(sink);
    // The writer's own error (a full disk) is the cause of ours (its channel closed): it is asked first.
    let finished = writing.finish(written.is_ok()).await;
    match (finished, written) {
        (Err(error), _) | (Ok(()), Err(error)) => Err(error),
        (Ok(()), Ok(manifest)) => Ok(manifest),
    }
}

async fn write_all(store: &Store, attachments: &Attachments, signer: &Signer, sink: &Sink) -> Result<Manifest> {
    let (snapshot, engine) = match store.raw() {
        Raw::Sqlite(path) => (sqlite::dump(path, sink.clone()).await?, "sqlite"),
        Raw::Postgres(pool) => (postgres::dump(&pool, sink).await?, "postgresql"),
    };
    let mut manifest = Manifest {
        format: FORMAT.to_owned(),
        version: FORMAT_VERSION,
        made_at: store.world().now(),
        engine: engine.to_owned(),
        migrations: snapshot.migrations,
        tables: snapshot.tables,
        objects: 0,
        object_bytes: 0,
        missing_objects: 0,
        signing_keys: signer.trusted().values().map(VerifyingKey::to_pem).collect::<Result<_, _>>()?,
    };
    for (tenant, hash) in &snapshot.photos {
        for size in [Size::Full, Size::Thumb, Size::Small] {
            let key = attachments::key(*tenant, hash, size);
            match attachments.objects().get(&key).await {
                Ok(object) => {
                    let bytes = object.bytes().await.map_err(Error::unavailable)?;
                    manifest.objects += 1;
                    manifest.object_bytes += bytes.len() as u64;
                    sink.begin(format!("objects/{key}"), false).await?;
                    sink.bytes(bytes).await?;
                }
                // A draft swept since the snapshot, or a loss that verify's reader should hear of.
                Err(object_store::Error::NotFound { .. }) => manifest.missing_objects += 1,
                Err(error) => return Err(Error::unavailable(error)),
            }
        }
    }
    sink.begin("manifest.json".to_owned(), true).await?;
    sink.bytes(serde_json::to_vec_pretty(&manifest).map_err(Error::internal)?.into()).await?;
    Ok(manifest)
}

/// Restores an archive into an empty, migrated database of either engine, with its photos, and trusts its public keys
/// (beside the private key at `key_file`).
///
/// All rows go in by one transaction, and photos that were written before an error are removed: after one, database and folder
/// are as empty as before. Errors: [`NOT_EMPTY`], [`NOT_A_BACKUP`], [`OTHER_MIGRATIONS`], [`DAMAGED`].
pub async fn restore(store: &Store, attachments: &Attachments, key_file: &Path, file: &Path) -> Result<Manifest> {
    let (reader, manifest) = Reader::open(file).await?;
    let raw = store.raw();
    let (here, migrations) = match &raw {
        Raw::Sqlite(path) => sqlite::describe(path.clone()).await?,
        Raw::Postgres(pool) => postgres::describe(pool).await?,
    };
    check_schema(&manifest, &here, &migrations)?;
    match &raw {
        Raw::Sqlite(path) => sqlite::ensure_empty(path.clone(), here).await?,
        Raw::Postgres(pool) => postgres::ensure_empty(pool, &here).await?,
    }
    let keys = manifest.signing_keys.iter().map(|pem| VerifyingKey::parse(pem));
    let keys = keys.collect::<Result<Vec<_>, _>>().map_err(|error| Error::from(DAMAGED).arg("part", "manifest.json").detail(error))?;
    // Made anew from the rows: what is there is of others.
    store.search().forget_all().await?;
    let mut photos = Vec::new();
    let filled = fill(raw, attachments, reader, &manifest, &mut photos).await;
    if let Err(error) = filled {
        for key in photos {
            // What cannot be removed is found by nobody: no row names it.
            let _ = attachments.objects().delete(&key).await;
        }
        return Err(error);
    }
    for key in &keys {
        sign::trust(key_file, key)?;
    }
    Ok(manifest)
}

/// Photos, then all rows in one transaction; the photos that were written are said as they are.
async fn fill(raw: Raw, attachments: &Attachments, reader: Reader, manifest: &Manifest, photos: &mut Vec<Key>) -> Result<()> {
    let mut items = reader.items(manifest.clone());
    // Photos first: no row may ever point at nothing.
    let first = loop {
        match items.recv().await.transpose()? {
            Some(Item::Object(key, bytes)) => {
                attachments.objects().put(&key, bytes.into()).await.map_err(Error::unavailable)?;
                photos.push(key);
            }
            other => break other,
        }
    };
    match raw {
        Raw::Sqlite(path) => sqlite::fill(path, manifest.clone(), first, items).await,
        Raw::Postgres(pool) => postgres::fill(&pool, manifest, first, items).await,
    }
}

/// The same migrations, and so the same tables, on both sides.
fn check_schema(manifest: &Manifest, here: &[rows::Table], migrations: &[String]) -> Result<()> {
    let other = |names: Vec<&String>, side: &str| {
        let names = names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        Error::from(OTHER_MIGRATIONS).arg("side", side).arg("names", names)
    };
    let unknown: Vec<&String> = manifest.migrations.iter().filter(|name| !migrations.contains(name)).collect();
    if !unknown.is_empty() {
        return Err(other(unknown, "backup"));
    }
    let missing: Vec<&String> = migrations.iter().filter(|name| !manifest.migrations.contains(name)).collect();
    if !missing.is_empty() {
        return Err(other(missing, "program"));
    }
    let damaged = |table: &str| Error::from(DAMAGED).arg("part", format!("tables/{table}"));
    // Each of ours once: one that is left out would come back empty, and nobody would know.
    let mut names: Vec<&str> = manifest.tables.iter().map(|entry| entry.name.as_str()).collect();
    names.sort_unstable();
    if let Some(table) = here.iter().find(|table| names.iter().filter(|name| **name == table.name).count() != 1) {
        return Err(damaged(&table.name));
    }
    for entry in &manifest.tables {
        let table = here.iter().find(|table| table.name == entry.name).ok_or_else(|| damaged(&entry.name))?;
        let (mut ours, mut theirs) = (table.columns.clone(), entry.columns.clone());
        ours.sort();
        theirs.sort();
        if ours != theirs {
            return Err(damaged(&entry.name));
        }
    }
    Ok(())
}
