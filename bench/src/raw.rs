//! The engine without us: rows that our program wrote, written again into the same tables by a bare loop.

use crate::told::Month;
use kernel::ids::Uuid;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// Rows of one table, in the order in which they were written.
pub struct Rows {
    insert: String,
    rows: Vec<Vec<Value>>,
}

fn connect(data: &Path) -> Connection {
    let connection = Connection::open(data.join("xiuhua.db")).expect("the database");
    // As the store opens it.
    let pragmas = "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
        PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;";
    connection.execute_batch(pragmas).expect("pragmas");
    connection.set_prepared_statement_cache_capacity(256);
    connection
}

/// What `select` gives, to be inserted into `table` again; `conflict` ends the statement.
pub fn rows(data: &Path, table: &str, select: &str, conflict: &str) -> Rows {
    let connection = connect(data);
    let mut statement = connection.prepare(select).expect("a query");
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let read = |row: &rusqlite::Row<'_>| (0..columns.len()).map(|at| row.get(at)).collect();
    let rows = statement.query_map([], read).expect("rows").collect::<Result<Vec<Vec<Value>>, _>>().expect("rows");
    let places: Vec<String> = (1..=columns.len()).map(|at| format!("?{at}")).collect();
    Rows { insert: format!("INSERT INTO {table} ({}) VALUES ({}) {conflict}", columns.join(", "), places.join(", ")), rows }
}

/// One transaction's worth is the next row of each table; so many of them to a commit. The number a second.
pub fn per_second(data: &Path, tables: &[Rows], per_commit: usize, bound: Duration) -> f64 {
    let connection = connect(data);
    let all = tables.iter().map(|table| table.rows.len()).min().expect("a table");
    let began = Instant::now();
    let mut done = 0;
    while done < all && began.elapsed() < bound {
        connection.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
        for at in done..(done + per_commit).min(all) {
            for table in tables {
                let mut insert = connection.prepare_cached(&table.insert).expect("a statement");
                insert.execute(rusqlite::params_from_iter(&table.rows[at])).expect("a row");
            }
        }
        connection.execute_batch("COMMIT").expect("a commit");
        done = (done + per_commit).min(all);
    }
    done as f64 / began.elapsed().as_secs_f64()
}

/// Runs statements as they are.
pub fn run(data: &Path, statements: &str) {
    connect(data).execute_batch(statements).expect("statements");
}

/// Fills the register: `make` gives the values of row `n` for `insert`.
pub fn fill(data: &Path, insert: &str, rows: i64, make: impl Fn(i64) -> Vec<Value>) {
    let connection = connect(data);
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -1048576; BEGIN").expect("a transaction");
    {
        let mut statement = connection.prepare(insert).expect("a statement");
        for n in 0..rows {
            statement.execute(rusqlite::params_from_iter(make(n))).expect("a row");
        }
    }
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").expect("a commit");
}

/// Fills the journal's table with a month, to be sealed; how many facts it has.
pub fn told(data: &Path, columns: &str, month: &Month<'_>) -> i64 {
    let connection = connect(data);
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -1048576; BEGIN").expect("a transaction");
    let places: Vec<String> = (1..=columns.split(',').count()).map(|at| format!("?{at}")).collect();
    let facts = {
        let insert = format!("INSERT INTO fact ({columns}) VALUES ({})", places.join(", "));
        let mut statement = connection.prepare(&insert).expect("a statement");
        let told = month.each(|facts| {
            for fact in facts {
                statement.execute(rusqlite::params_from_iter(fact.values())).expect("a fact");
            }
        });
        drop(statement);
        told
    };
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").expect("a commit");
    facts
}

/// Sums up after `first` was run: the second column by the id in the first, and how long it took each time.
pub fn summed(data: &Path, first: &str, sums: &str, rounds: usize) -> (BTreeMap<Uuid, i64>, Vec<Duration>) {
    let connection = connect(data);
    connection.execute_batch(first).expect("statements");
    let mut statement = connection.prepare(sums).expect("a query");
    let (mut totals, mut taken) = (BTreeMap::new(), Vec::new());
    for _ in 0..rounds {
        let began = Instant::now();
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?));
        let all = statement.query_map([], read).expect("sums").collect::<Result<Vec<_>, _>>().expect("sums");
        taken.push(began.elapsed());
        totals = all.into_iter().map(|(id, total)| (Uuid::from_slice(&id).expect("an id"), total)).collect();
    }
    (totals, taken)
}
