//! The engine without us: rows that our program wrote, written again into the same tables by a bare loop.

use rusqlite::Connection;
use rusqlite::types::Value;
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
