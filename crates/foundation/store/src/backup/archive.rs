//! The zip file itself: written and read by a thread of its own, so that neither pages nor the snapshot wait for a disk.

use super::rows::decode;
use super::{DAMAGED, FORMAT, FORMAT_VERSION, Manifest, NOT_A_BACKUP, UNWRITABLE};
use crate::Value;
use bytes::Bytes;
use kernel::canonical::content_hash;
use kernel::{Error, Result};
use object_store::path::Path as Key;
use sm3::Digest;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The manifest, or one line of a table: more is damage, not data.
const MAX_PART: u64 = 64 << 20;
/// One photo or video; an installation's policy may let in longer ones than ours.
const MAX_OBJECT: u64 = 256 << 20;
/// A table that unpacks to more than this is held to what rows with ids of their own can be packed into.
const UNPACKED_FREELY: u64 = 256 << 20;
const MOST_PACKED: u64 = 200;
/// Rows handed on at a time, and the bytes of lines at which fewer are.
const ROWS_AT_ONCE: usize = 500;
const BYTES_AT_ONCE: usize = 1 << 20;

enum Piece {
    Begin { name: String, compress: bool },
    Bytes(Bytes),
}

/// Where a snapshot writes; bounded, so that a slow disk slows the snapshot and not fills memory.
#[derive(Clone)]
pub struct Sink(mpsc::Sender<Piece>);

/// The writing thread.
pub struct Writing {
    thread: tokio::task::JoinHandle<Result<ZipWriter<BufWriter<File>>>>,
    part: PathBuf,
    file: PathBuf,
}

impl Sink {
    /// Begins `file` under the name `file.part`.
    pub fn open(file: &Path) -> Result<(Sink, Writing)> {
        let mut part = file.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        // Everybody's names and numbers are in it: for the owner alone.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let out = options.open(&part).map_err(|error| failed(&part, error))?;
        let (sender, mut pieces) = mpsc::channel::<Piece>(32);
        let at = part.clone();
        let thread = tokio::task::spawn_blocking(move || {
            let mut zip = ZipWriter::new(BufWriter::with_capacity(1 << 18, out));
            while let Some(piece) = pieces.blocking_recv() {
                match piece {
                    Piece::Begin { name, compress } => {
                        let method = if compress { CompressionMethod::Deflated } else { CompressionMethod::Stored };
                        let options = SimpleFileOptions::default().compression_method(method).large_file(true);
                        zip.start_file(name, options).map_err(|error| failed(&at, error))?;
                    }
                    Piece::Bytes(bytes) => zip.write_all(&bytes).map_err(|error| failed(&at, error))?,
                }
            }
            Ok(zip)
        });
        Ok((Sink(sender), Writing { thread, part, file: file.to_owned() }))
    }

    pub async fn begin(&self, name: String, compress: bool) -> Result<()> {
        self.0.send(Piece::Begin { name, compress }).await.map_err(closed)
    }
    pub async fn bytes(&self, bytes: Bytes) -> Result<()> {
        self.0.send(Piece::Bytes(bytes)).await.map_err(closed)
    }
    pub fn begin_blocking(&self, name: String, compress: bool) -> Result<()> {
        self.0.blocking_send(Piece::Begin { name, compress }).map_err(closed)
    }
    pub fn bytes_blocking(&self, bytes: Bytes) -> Result<()> {
        self.0.blocking_send(Piece::Bytes(bytes)).map_err(closed)
    }
}

impl Writing {
    /// Ends the archive and gives it its name, or removes what there is of it.
    pub async fn finish(self, whole: bool) -> Result<()> {
        let Writing { thread, part, file } = self;
        let written = thread.await.map_err(Error::internal)?;
        let closing = part.clone();
        let ended = tokio::task::spawn_blocking(move || {
            let zip = written?;
            if !whole {
                return std::fs::remove_file(&part).map_err(|error| failed(&part, error));
            }
            let out = zip.finish().map_err(|error| failed(&part, error))?;
            let out = out.into_inner().map_err(|error| failed(&part, error.into_error()))?;
            out.sync_all().and_then(|()| std::fs::rename(&part, &file)).map_err(|error| failed(&part, error))?;
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
            File::open(&folder).and_then(|folder| folder.sync_all()).map_err(|error| failed(&file, error))
        });
        let ended = ended.await.map_err(Error::internal)?;
        if ended.is_err() {
            let _ = std::fs::remove_file(closing);
        }
        ended
    }
}

/// What an archive gives, in this order: objects, then each table's rows.
pub enum Item {
    Object(Key, Vec<u8>),
    /// The table's place in the manifest.
    Rows(usize, Vec<Vec<Value>>),
}

/// An archive whose manifest has been read.
pub struct Reader {
    zip: ZipArchive<BufReader<File>>,
    file: PathBuf,
}

impl Reader {
    pub async fn open(file: &Path) -> Result<(Reader, Manifest)> {
        let file = file.to_owned();
        let opening = tokio::task::spawn_blocking(move || {
            let not_a_backup = |why: String| Error::from(NOT_A_BACKUP).arg("file", file.display()).detail(why);
            let open = File::open(&file).map_err(|error| not_a_backup(error.to_string()))?;
            let mut zip = ZipArchive::new(BufReader::new(open)).map_err(|error| not_a_backup(error.to_string()))?;
            let mut text = Vec::new();
            let entry = zip.by_name("manifest.json").map_err(|error| not_a_backup(error.to_string()))?;
            entry.take(MAX_PART).read_to_end(&mut text).map_err(|error| not_a_backup(error.to_string()))?;
            let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| not_a_backup(error.to_string()))?;
            if manifest.format != FORMAT || manifest.version != FORMAT_VERSION {
                return Err(not_a_backup(format!("{} {}", manifest.format, manifest.version)));
            }
            Ok((Reader { zip, file }, manifest))
        });
        opening.await.map_err(Error::internal)?
    }

    /// Reads everything, checking as it goes; after an error nothing more comes.
    pub fn items(self, manifest: Manifest) -> mpsc::Receiver<Result<Item>> {
        let (sender, items) = mpsc::channel(4);
        tokio::task::spawn_blocking(move || {
            let Reader { mut zip, file } = self;
            let sent = read_objects(&mut zip, &manifest, &sender).and_then(|()| read_tables(&mut zip, &manifest, &sender));
            if let Err(error) = sent {
                let _ = sender.blocking_send(Err(error.detail(file.display())));
            }
        });
        items
    }
}

type Items = mpsc::Sender<Result<Item>>;

fn send(items: &Items, item: Item) -> Result<()> {
    items.blocking_send(Ok(item)).map_err(closed)
}

fn read_objects(zip: &mut ZipArchive<BufReader<File>>, manifest: &Manifest, items: &Items) -> Result<()> {
    let mut found = 0;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|error| damaged("objects").detail(error))?;
        let name = entry.name().map_err(|error| damaged("objects").detail(error))?.into_owned();
        let Some(key) = name.strip_prefix("objects/") else { continue };
        let full_hash = object_hash(key).ok_or_else(|| damaged(&name))?;
        // Written as they are: all of them together are no more than the file itself.
        if entry.compression() != CompressionMethod::Stored || entry.size() > MAX_OBJECT {
            return Err(damaged(&name));
        }
        let mut bytes = Vec::new();
        // Reading to the end also checks the archive's own CRC-32, which is all that the smaller sizes have.
        (&mut entry).take(MAX_OBJECT + 1).read_to_end(&mut bytes).map_err(|error| damaged(&name).detail(error))?;
        if bytes.len() as u64 > MAX_OBJECT {
            return Err(damaged(&name));
        }
        if !key.contains('.') && hex::encode(content_hash(&bytes)) != full_hash {
            return Err(damaged(&name));
        }
        found += 1;
        send(items, Item::Object(Key::from(key), bytes))?;
    }
    if found == manifest.objects { Ok(()) } else { Err(damaged("objects")) }
}

/// The hash in a key `tenant/hh/hash[.480|.160]`; `None` for anything else, so that no archive names a path of its own.
fn object_hash(key: &str) -> Option<&str> {
    let mut parts = key.split('/');
    let (tenant, folder, name) = (parts.next()?, parts.next()?, parts.next()?);
    let hash = name.strip_suffix(".480").or_else(|| name.strip_suffix(".160")).unwrap_or(name);
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (parts.next().is_none() && is_hash && folder == &hash[..2] && tenant.parse::<i64>().is_ok()).then_some(hash)
}

fn read_tables(zip: &mut ZipArchive<BufReader<File>>, manifest: &Manifest, items: &Items) -> Result<()> {
    for (index, table) in manifest.tables.iter().enumerate() {
        let name = format!("tables/{}.jsonl", table.name);
        let entry = zip.by_name(&name).map_err(|error| damaged(&name).detail(error))?;
        let most = entry.compressed_size().saturating_mul(MOST_PACKED).max(UNPACKED_FREELY);
        let mut unpacked = 0;
        let mut lines = BufReader::with_capacity(1 << 18, entry);
        let (mut hash, mut count, mut line, mut rows, mut bytes) = (sm3::Sm3::new(), 0u64, Vec::new(), Vec::new(), 0);
        loop {
            line.clear();
            (&mut lines).take(MAX_PART).read_until(b'\n', &mut line).map_err(|error| damaged(&name).detail(error))?;
            let at_end = line.is_empty();
            if !at_end {
                hash.update(&line);
                count += 1;
                unpacked += line.len() as u64;
                if unpacked > most || count > table.rows {
                    return Err(damaged(&name));
                }
                bytes += line.len();
                rows.push(decode(&line, table)?);
            }
            if at_end || rows.len() >= ROWS_AT_ONCE || bytes >= BYTES_AT_ONCE {
                send(items, Item::Rows(index, std::mem::take(&mut rows)))?;
                bytes = 0;
            }
            if at_end {
                break;
            }
        }
        if count != table.rows || hex::encode(hash.finalize()) != table.sm3 {
            return Err(damaged(&name));
        }
    }
    Ok(())
}

fn damaged(part: &str) -> Error {
    Error::from(DAMAGED).arg("part", part)
}

fn closed<T>(_: mpsc::error::SendError<T>) -> Error {
    Error::internal("the other end of the archive stopped")
}

fn failed(path: &Path, error: impl std::fmt::Display) -> Error {
    UNWRITABLE.err().arg("file", path.display()).detail(error)
}

#[cfg(test)]
mod tests {
    use super::object_hash;

    #[test]
    fn an_archive_names_no_path_of_its_own() {
        let hash = "ab".repeat(32);
        assert_eq!(object_hash(&format!("7/ab/{hash}")), Some(hash.as_str()));
        assert_eq!(object_hash(&format!("7/ab/{hash}.480")), Some(hash.as_str()));
        for bad in [
            "7/ab/../../../etc/passwd",
            "../ab/HASH",
            "/ab/HASH",
            "7/cd/HASH",
            "7/ab/HASH.exe",
            "7/ab/HASH/x",
            "7/HASH",
            "x/ab/HASH",
            "7/ab/..",
            "",
        ] {
            assert_eq!(object_hash(&bad.replace("HASH", &hash)), None, "{bad}");
        }
    }
}
