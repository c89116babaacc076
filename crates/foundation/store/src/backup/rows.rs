//! Rows as lines of JSON, the same from every engine.

use super::{DAMAGED, TableEntry};
use crate::Value;
use kernel::ids::Uuid;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What a column holds; migrations know no other kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    Bool,
    /// A JSON number; instants are such.
    Int,
    Text,
    /// Hex text.
    Bytes,
    /// The hyphenated form.
    Id,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ColumnType,
}

/// A table as the database describes it.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// Columns of the primary key, in its order.
    pub key: Vec<String>,
}

impl Table {
    /// All rows in the order of the primary key.
    pub fn select(&self) -> String {
        format!("SELECT {} FROM \"{}\" ORDER BY {}", names(self.columns.iter().map(|column| &column.name)), self.name, names(&self.key))
    }
}

/// What a column holds, by the alias it was given in the migrations: engines spell several of them alike.
pub fn column_type(table: &str, column: &str) -> Result<ColumnType> {
    static DECLARED: OnceLock<BTreeMap<(String, String), ColumnType>> = OnceLock::new();
    let declared = DECLARED.get_or_init(|| crate::migrate::all().into_iter().flat_map(|migration| declared_in(migration.text)).collect());
    let found = declared.get(&(table.to_owned(), column.to_owned())).copied();
    found.ok_or_else(|| Error::internal(format!("no migration declares {table}.{column}")))
}

/// The columns that a migration declares, one a line as the runner has it.
fn declared_in(text: &str) -> Vec<((String, String), ColumnType)> {
    let (mut table, mut found) = (String::new(), Vec::new());
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_end_matches([',', ';'])).collect();
        let (name, alias) = match words[..] {
            ["CREATE", "TABLE", name, ..] => {
                name.clone_into(&mut table);
                continue;
            }
            ["ALTER", "TABLE", name, "ADD", "COLUMN", column, alias, ..] => {
                name.clone_into(&mut table);
                (column, alias)
            }
            [column, alias, ..] if line.starts_with("    ") => (column, alias),
            _ => continue,
        };
        let kind = match alias {
            "ID" => ColumnType::Id,
            "BOOL" => ColumnType::Bool,
            "INT" | "INSTANT" | "COUNT" => ColumnType::Int,
            "TEXT" | "DATE" | "JSON" => ColumnType::Text,
            "BYTES" | "PERSONAL" => ColumnType::Bytes,
            _ => continue,
        };
        found.push(((table.clone(), name.to_owned()), kind));
    }
    found
}

pub fn names<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// Writes a table's lines, and counts and hashes them.
pub struct Encoder {
    buffer: Vec<u8>,
    hash: Sm3,
    rows: u64,
}

/// Bytes that are handed on at a time.
const CHUNK: usize = 1 << 16;

impl Encoder {
    pub fn new() -> Self {
        Encoder { buffer: Vec::with_capacity(CHUNK * 2), hash: Sm3::new(), rows: 0 }
    }

    /// Adds a row; gives a chunk when there is enough of it.
    pub fn row(&mut self, values: &[Value]) -> Result<Option<Vec<u8>>> {
        let start = self.buffer.len();
        self.buffer.push(b'[');
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.buffer.push(b',');
            }
            let json = match value {
                Value::Null => serde_json::Value::Null,
                Value::Bool(truth) => (*truth).into(),
                Value::Int(number) => (*number).into(),
                Value::Text(text) => text.as_str().into(),
                Value::Bytes(bytes) => hex::encode(bytes).into(),
                Value::Id(id) => id.to_string().into(),
            };
            serde_json::to_writer(&mut self.buffer, &json).map_err(Error::internal)?;
        }
        self.buffer.extend_from_slice(b"]\n");
        self.hash.update(&self.buffer[start..]);
        self.rows += 1;
        Ok((self.buffer.len() >= CHUNK).then(|| std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK * 2))))
    }

    /// The last chunk, and what the manifest says of the table.
    pub fn finish(self, table: &Table) -> (Vec<u8>, TableEntry) {
        let sm3 = hex::encode(self.hash.finalize());
        (self.buffer, TableEntry { name: table.name.clone(), columns: table.columns.clone(), rows: self.rows, sm3 })
    }
}

/// One line back into values of the columns' types.
pub fn decode(line: &[u8], entry: &TableEntry) -> Result<Vec<Value>> {
    let damaged = || Error::from(DAMAGED).arg("part", format!("tables/{}", entry.name));
    let values: Vec<serde_json::Value> = serde_json::from_slice(line).map_err(|error| damaged().detail(error))?;
    if values.len() != entry.columns.len() {
        return Err(damaged());
    }
    let value = |value: serde_json::Value, kind: ColumnType| {
        use serde_json::Value as Json;
        Some(match (value, kind) {
            (Json::Null, _) => Value::Null,
            (Json::Bool(truth), ColumnType::Bool) => Value::Bool(truth),
            (Json::Number(number), ColumnType::Int) => Value::Int(number.as_i64()?),
            (Json::String(text), ColumnType::Text) => Value::Text(text),
            (Json::String(text), ColumnType::Bytes) => Value::Bytes(hex::decode(text).ok()?),
            (Json::String(text), ColumnType::Id) => Value::Id(Uuid::try_parse(&text).ok()?),
            _ => return None,
        })
    };
    values.into_iter().zip(&entry.columns).map(|(json, column)| value(json, column.kind).ok_or_else(damaged)).collect()
}
