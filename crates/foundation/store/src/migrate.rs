//! Migrations: one file a change, in one order over all crates, with column types that each engine spells in its own way.

use crate::{Store, args, sql::Sql};
use kernel::{Code, Error, Kind, Result};
use std::collections::BTreeMap;

/// A migration file of one crate.
pub struct Migration {
    /// `../migrations/202611240700_cases.sql`; the order is that of the last part.
    pub path: &'static str,
    pub text: &'static str,
}
inventory::collect!(Migration);

/// Registers migration files, named relative to the crate's `src`: `store::migrations!("../migrations/202611240700_cases.sql");`
#[macro_export]
macro_rules! migrations {
    ($($path:literal),+ $(,)?) => {
        $($crate::inventory::submit! { $crate::Migration {
            path: $path,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/", $path)),
        } })+
    };
}

crate::migrations!(
    "../migrations/202611240400_store.sql",
    "../migrations/202611240430_attachment.sql",
    "../migrations/202611240440_journal.sql",
    "../migrations/202611261620_search.sql",
    "../migrations/202611261700_video.sql",
    "../migrations/202611301100_looks.sql",
);

/// A migration that was applied has been changed since.
pub const CHANGED: Code = Code::new(Kind::Internal, "migration.changed");

/// The database has a migration that this program doesn't know: a later version has been here.
pub const UNKNOWN: Code = Code::conflict("migration.unknown");

impl Migration {
    pub fn name(&self) -> &'static str {
        self.path.rsplit('/').next().unwrap_or(self.path).trim_end_matches(".sql")
    }
    fn hash(&self) -> String {
        kernel::canonical::hex(&kernel::canonical::content_hash(self.text.as_bytes()))
    }
}

/// All migrations of the program, in their order.
pub fn all() -> Vec<&'static Migration> {
    let mut all: Vec<_> = inventory::iter::<Migration>.into_iter().collect();
    all.sort_by_key(|migration| migration.name());
    all
}

/// A text in an engine's own spelling.
pub fn spelled(text: &str, postgres: bool) -> String {
    let mut out = String::new();
    let mut for_us = true;
    for line in text.lines() {
        if let Some(engine) = line.trim().strip_prefix("-- engine:") {
            for_us = match engine.trim() {
                "sqlite" => !postgres,
                "postgres" => postgres,
                _ => true,
            };
            continue;
        }
        if for_us {
            out.push_str(&line_spelled(line, postgres));
            out.push('\n');
        }
    }
    out
}

fn type_of(alias: &str, postgres: bool) -> Option<&'static str> {
    Some(match (alias, postgres) {
        ("ID", false) | ("BYTES" | "PERSONAL", false) => "BLOB",
        ("ID", true) => "UUID",
        ("BYTES" | "PERSONAL", true) => "BYTEA",
        ("INT" | "INSTANT" | "COUNT", false) | ("BOOL", false) => "INTEGER",
        ("INT" | "INSTANT" | "COUNT", true) => "BIGINT",
        ("BOOL", true) => "BOOLEAN",
        ("TEXT" | "DATE" | "JSON", false) => "TEXT",
        ("TEXT" | "DATE" | "JSON", true) => "TEXT COLLATE \"C\"",
        _ => return None,
    })
}

/// A column's type is the second word of its line, or the word after the name in `ADD COLUMN`.
fn line_spelled(line: &str, postgres: bool) -> String {
    if line.trim_end() == ");" && !line.starts_with(' ') {
        // Our tables are read by their primary key: on SQLite the rows lie in its order.
        return if postgres { ");".to_owned() } else { ") STRICT, WITHOUT ROWID;".to_owned() };
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = match words.iter().position(|word| *word == "COLUMN") {
        Some(column) if words.get(column.wrapping_sub(1)) == Some(&"ADD") => column + 2,
        _ if line.starts_with("    ") => 1,
        _ => return line.to_owned(),
    };
    let Some(word) = words.get(at) else { return line.to_owned() };
    let bare = word.trim_end_matches([',', ';']);
    match type_of(bare, postgres) {
        Some(spelled) => line.replacen(&format!(" {word}"), &format!(" {spelled}{}", &word[bare.len()..]), 1),
        None => line.to_owned(),
    }
}

/// Where it is kept what was applied.
const LIST: &str = "CREATE TABLE IF NOT EXISTS migration (
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    applied_at INSTANT NOT NULL,
    PRIMARY KEY (name)
);";
static APPLIED: Sql = Sql::new("SELECT name, hash FROM migration ORDER BY name", file!(), line!());

/// What SQLite's planner is told of every index: that a tenant has a million rows, and that each further column narrows
/// (a unit more than a place, a category less: there are more and fewer of them).
///
/// Without statistics it takes any equality for selective and may walk a whole tenant for an order that costs nothing; with
/// those of a young database it would plan for ten rows. Told once for all, the plans in the tests are those in service.
/// The format of `stat` is rows in the index, then rows for each value of its first 1, 2, … columns
/// (<https://www.sqlite.org/fileformat2.html#stat1tab>).
const STATISTICS: &str = "ANALYZE migration;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat)
SELECT m.name, CASE i.origin WHEN 'pk' THEN m.name ELSE i.name END, (
        SELECT CASE c.first WHEN 'tenant_id' THEN '1000000' ELSE '1000' END || group_concat(' ' || CASE
            WHEN i.\"unique\" = 1 AND c.seqno = c.last THEN '1'
            WHEN c.name = 'tenant_id' THEN '1000000'
            WHEN c.seqno = 0 THEN '20'
            WHEN c.name = 'category_id' THEN '5000'
            WHEN c.seqno = 1 AND c.name = 'unit_id' THEN '400'
            WHEN c.seqno = 1 THEN '1000'
            WHEN c.seqno = 2 THEN '50'
            ELSE '5' END, '')
        FROM (
            SELECT seqno, name, MAX(seqno) OVER () AS last, FIRST_VALUE(name) OVER (ORDER BY seqno) AS first
            FROM pragma_index_info(i.name)
            ORDER BY seqno
        ) c)
FROM sqlite_master m, pragma_index_list(m.name) i
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%';
ANALYZE sqlite_schema";

impl Store {
    async fn applied(&self) -> Result<BTreeMap<String, String>> {
        match self.all::<(String, String)>(&APPLIED, args! {}).await {
            Ok(applied) => Ok(applied.into_iter().collect()),
            // There is no list yet, and so nothing in it.
            Err(error) if error.kind() == Kind::Internal => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        }
    }
    /// The names of migrations that are still to be applied, in their order; changes nothing.
    ///
    /// Errors: `migration.changed` when an applied file is not what it was, `migration.unknown`.
    pub async fn pending_migrations(&self) -> Result<Vec<&'static Migration>> {
        let mut applied = self.applied().await?;
        let mut pending = Vec::new();
        for migration in all() {
            match applied.remove(migration.name()) {
                None => pending.push(migration),
                Some(hash) if hash == migration.hash() => {}
                Some(_) => return Err(Error::from(CHANGED).arg("name", migration.name()).detail(migration.name())),
            }
        }
        match applied.into_keys().next() {
            Some(name) => Err(UNKNOWN.err().arg("name", name)),
            None => Ok(pending),
        }
    }
    /// Applies what is pending, each file in a transaction; the names of those applied.
    pub async fn migrate(&self) -> Result<Vec<&'static str>> {
        let pending = self.pending_migrations().await?;
        if !pending.is_empty() {
            self.run_script(spelled(LIST, self.is_postgres())).await?;
        }
        let mut done = Vec::new();
        for migration in pending {
            let now = self.world().now().micros();
            let (name, hash) = (migration.name(), migration.hash());
            let lock = if self.is_postgres() { "SET LOCAL lock_timeout = 0;\nSELECT pg_advisory_xact_lock(7310579);\n" } else { "" };
            let text = format!(
                "{lock}INSERT INTO migration (name, hash, applied_at) VALUES ('{name}', '{hash}', {now});\n{}",
                spelled(migration.text, self.is_postgres())
            );
            match self.run_script(text).await {
                Ok(()) => done.push(name),
                Err(error) => {
                    // Another process may have applied it while we waited for the lock.
                    if self.applied().await?.get(name) != Some(&hash) {
                        return Err(error.detail(format!("migration {name}")));
                    }
                }
            }
        }
        if !done.is_empty() && !self.is_postgres() {
            self.run_script(STATISTICS.to_owned()).await?;
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_gets_its_own_types_and_nothing_else_changes() {
        let text = "CREATE TABLE t (\n    id ID NOT NULL,\n    name TEXT,\n    INT_like TEXT NOT NULL,\n    PRIMARY KEY (tenant_id, id)\n);\nALTER TABLE t ADD COLUMN at INSTANT;";
        assert_eq!(
            spelled(text, false),
            "CREATE TABLE t (\n    id BLOB NOT NULL,\n    name TEXT,\n    INT_like TEXT NOT NULL,\n    PRIMARY KEY (tenant_id, id)\n) STRICT, WITHOUT ROWID;\nALTER TABLE t ADD COLUMN at INTEGER;\n"
        );
        assert!(spelled(text, true).contains("    name TEXT COLLATE \"C\",\n"));
        assert!(spelled(text, true).contains("ADD COLUMN at BIGINT;"));
    }

    #[test]
    fn a_section_for_one_engine_is_left_out_of_the_other() {
        let text = "-- engine: sqlite\nA;\n-- engine: postgres\nB;\n-- engine: all\nC;";
        assert_eq!((spelled(text, false), spelled(text, true)), ("A;\nC;\n".to_owned(), "B;\nC;\n".to_owned()));
    }
}
