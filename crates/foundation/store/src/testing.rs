//! Databases for tests: a fresh one of either engine, migrated, gone afterwards.

use crate::{Store, StoreConfig};
use kernel::{Clock, Entropy, Instant, World};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// 2026-02-02 09:00 in Asia/Shanghai, a Monday: where tests begin.
pub const START: Instant = Instant(1_769_994_000_000_000);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A database of a test.
pub struct TestDb {
    pub store: Store,
    pub engine: Engine,
    pub config: StoreConfig,
    pub world: World,
    dropped: Option<(tokio_postgres::Config, String)>,
    directory: PathBuf,
}

impl TestDb {
    /// Fresh and migrated, with a standing clock at [`START`]. PostgreSQL is the server at `XIUHUA_TEST_POSTGRES`
    /// (`make test` and `scripts/test-postgres` start one of their own).
    ///
    /// # Panics
    /// When there is no such server: a test that is silently left out is worse.
    pub async fn new(engine: Engine) -> TestDb {
        let id = Entropy::system().below(u64::MAX);
        let world = World { clock: Clock::standing_at(START), entropy: Entropy::seeded(id) };
        let directory = std::env::temp_dir().join(format!("xiuhua-test-{id:016x}"));
        std::fs::create_dir_all(&directory).expect("a directory for the test");
        let mut dropped = None;
        let url = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => {
                let server = std::env::var("XIUHUA_TEST_POSTGRES").expect("XIUHUA_TEST_POSTGRES names a server: see scripts/test-postgres");
                let config: tokio_postgres::Config = server.parse().expect("an address of PostgreSQL");
                let name = format!("test_{id:016x}");
                run(&config, &format!("CREATE DATABASE {name}")).await;
                dropped = Some((config, name.clone()));
                Some(format!("{server} dbname={name}"))
            }
        };
        let config = StoreConfig { data: directory.clone(), url };
        let store = Store::open(&config, world.clone()).await.expect("the database opens");
        store.migrate().await.expect("the migrations apply");
        TestDb { store, engine, config, world, dropped, directory }
    }
    /// Changes the database behind the program's back.
    pub async fn meddle(&self, text: &str) {
        self.store.run_script(text.to_owned()).await.unwrap_or_else(|error| panic!("{text}: {error:?}"));
    }
    /// Removes it; what a failed test leaves behind goes with the server and the temporary directory.
    pub async fn remove(self) {
        drop(self.store);
        if let Some((config, name)) = self.dropped {
            run(&config, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
        let _ = std::fs::remove_dir_all(self.directory);
    }
}

/// A look at the engine itself: what it makes of a text, and what tables it has.
pub enum Examiner {
    Sqlite(rusqlite::Connection),
    Postgres(tokio_postgres::Client),
}

impl TestDb {
    /// A connection of its own to the test's database.
    pub async fn examiner(&self) -> Examiner {
        match &self.dropped {
            None => Examiner::Sqlite(crate::sqlite::connect(&self.directory.join("xiuhua.db"), 1_024).expect("the database opens")),
            Some((config, name)) => {
                let (client, connection) =
                    config.clone().dbname(name).connect(tokio_postgres::NoTls).await.expect("the test server answers");
                tokio::spawn(connection);
                // What remains where an index could have served is what no index serves, however small the table.
                let settings = "SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off;
                    SET plan_cache_mode = force_generic_plan";
                client.batch_execute(settings).await.expect("settings");
                Examiner::Postgres(client)
            }
        }
    }
}

const SQLITE_COLUMNS: &str = "SELECT m.name, 'column ' || c.name || ' ' || c.type || CASE c.\"notnull\" WHEN 1 THEN ' not null' ELSE '' END
    FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'";
const SQLITE_INDEXES: &str = "SELECT m.name, CASE i.origin WHEN 'pk' THEN 'key' WHEN 'u' THEN 'unique' ELSE 'index ' || i.name END
        || CASE i.\"unique\" WHEN 1 THEN ' unique' ELSE '' END || CASE i.partial WHEN 1 THEN ' partial' ELSE '' END
        || ' (' || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')'
    FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table'";
const POSTGRES_COLUMNS: &str = "SELECT table_name::text, 'column ' || column_name || ' ' || data_type
        || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END
    FROM information_schema.columns WHERE table_schema = 'public'";
const POSTGRES_INDEXES: &str = "SELECT t.relname::text, CASE WHEN x.indisprimary THEN 'key' ELSE 'index ' || i.relname END
        || CASE WHEN x.indisunique THEN ' unique' ELSE '' END || CASE WHEN x.indpred IS NULL THEN '' ELSE ' partial' END
        || ' (' || array_to_string(ARRAY(SELECT pg_get_indexdef(x.indexrelid, k, true) FROM generate_series(1, x.indnkeyatts) k), ', ') || ')'
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = 'public'";

impl Examiner {
    /// How many parameters a text has and which columns it gives; or what the engine says against it.
    pub async fn prepare(&self, text: &str) -> Result<(usize, Vec<String>), String> {
        let parsed = crate::sql::Parsed::new(text);
        match self {
            Examiner::Sqlite(connection) => {
                let statement = connection.prepare(&parsed.sqlite).map_err(|error| error.to_string())?;
                Ok((statement.parameter_count(), statement.column_names().map(str::to_owned).collect()))
            }
            Examiner::Postgres(client) => {
                let statement = client.prepare(&parsed.postgres).await.map_err(|error| format!("{error:?}"))?;
                Ok((statement.params().len(), statement.columns().iter().map(|column| column.name().to_owned()).collect()))
            }
        }
    }

    /// Fills every table with rows of chance, so that PostgreSQL chooses among indexes by what they are worth.
    pub async fn fill(&self) {
        let Examiner::Postgres(client) = self else { return };
        let columns = "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name NOT IN ('migration', 'search_doc') ORDER BY table_name, ordinal_position";
        let mut tables = BTreeMap::<String, Vec<String>>::new();
        for row in client.query(columns, &[]).await.expect("columns") {
            let (table, column, kind, nullable): (String, String, String, String) = (row.get(0), row.get(1), row.get(2), row.get(3));
            let value = match kind.as_str() {
                "bigint" if column == "tenant_id" => "1",
                "bigint" => "(random() * 1e9)::bigint",
                _ if column == "state" => "CASE WHEN random() < 0.5 THEN 'open' ELSE 'closed' END",
                "boolean" => "random() < 0.5",
                "uuid" => "gen_random_uuid()",
                "bytea" => "decode(md5(random()::text), 'hex')",
                _ => "md5(random()::text)",
            };
            let value = if nullable == "YES" { format!("CASE WHEN random() < 0.7 THEN {value} END") } else { value.to_owned() };
            tables.entry(table).or_default().push(value);
        }
        for (table, values) in tables {
            let values = values.join(", ");
            let text = format!("INSERT INTO {table} SELECT {values} FROM generate_series(1, 3000) ON CONFLICT DO NOTHING; ANALYZE {table}");
            client.batch_execute(&text).await.unwrap_or_else(|error| panic!("{text}: {error:?}"));
        }
    }

    /// The steps of the plan, a line each.
    pub async fn plan(&self, text: &str) -> Result<Vec<String>, String> {
        let parsed = crate::sql::Parsed::new(text);
        match self {
            Examiner::Sqlite(connection) => {
                let explained = format!("EXPLAIN QUERY PLAN {}", parsed.sqlite);
                let mut statement = connection.prepare(&explained).map_err(|error| error.to_string())?;
                let nulls = vec![rusqlite::types::Null; statement.parameter_count()];
                let lines = statement.query_map(rusqlite::params_from_iter(nulls), |row| row.get("detail"));
                lines.and_then(Iterator::collect).map_err(|error| error.to_string())
            }
            Examiner::Postgres(client) => {
                let nulls = vec!["NULL"; parsed.names.len()].join(", ");
                let arguments = if nulls.is_empty() { String::new() } else { format!("({nulls})") };
                let script = format!(
                    "PREPARE looked_at AS {}; EXPLAIN (COSTS OFF) EXECUTE looked_at{arguments}; DEALLOCATE looked_at",
                    parsed.postgres
                );
                let answers = client.simple_query(&script).await.map_err(|error| format!("{error:?}"))?;
                Ok(answers
                    .iter()
                    .filter_map(|answer| match answer {
                        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                        _ => None,
                    })
                    .collect())
            }
        }
    }

    /// The columns, keys and indexes of each table, with types by what both engines have in common. Without what each engine
    /// has of its own.
    pub async fn schema(&self) -> BTreeMap<String, Vec<String>> {
        let mut said = Vec::<(String, String)>::new();
        match self {
            Examiner::Sqlite(connection) => {
                for text in [SQLITE_COLUMNS, SQLITE_INDEXES] {
                    let mut statement = connection.prepare(text).expect("a statement");
                    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
                    said.extend(rows.map(|row| row.expect("a row")));
                }
            }
            Examiner::Postgres(client) => {
                for text in [POSTGRES_COLUMNS, POSTGRES_INDEXES] {
                    let rows = client.query(text, &[]).await.expect("rows");
                    said.extend(rows.iter().map(|row| (row.get(0), row.get(1))));
                }
            }
        }
        let common = |line: String| {
            let pairs = [(" uuid", " BLOB"), (" bytea", " BLOB"), (" bigint", " INTEGER"), (" boolean", " INTEGER"), (" text", " TEXT")];
            if !line.starts_with("column") {
                return line.replace('"', "");
            }
            pairs.iter().fold(line, |line, (one, other)| line.replacen(one, other, 1))
        };
        let mut tables = BTreeMap::<String, Vec<String>>::new();
        let own = |table: &str| table.starts_with("sqlite_") || crate::search::TABLES.contains(&table);
        for (table, line) in said.into_iter().filter(|(table, _)| !own(table)) {
            tables.entry(table).or_default().push(common(line));
        }
        tables.values_mut().for_each(|lines| lines.sort());
        tables
    }
}

/// Runs one statement on the server itself.
pub async fn run(config: &tokio_postgres::Config, text: &str) {
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.expect("the test server answers");
    let driving = tokio::spawn(connection);
    client.batch_execute(text).await.unwrap_or_else(|error| panic!("{text}: {error:?}"));
    drop(client);
    let _ = driving.await;
}

/// Two tests from one: `…::sqlite` and `…::postgres`. The body is an async function of a [`TestDb`].
#[macro_export]
macro_rules! both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: TestDb) $body:block)+) => {$(
        mod $name {
            use super::*;
            async fn body($db: &$crate::testing::TestDb) $body
            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let db = $crate::testing::TestDb::new($crate::testing::Engine::Sqlite).await;
                body(&db).await;
                db.remove().await;
            }
            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let db = $crate::testing::TestDb::new($crate::testing::Engine::Postgres).await;
                body(&db).await;
                db.remove().await;
            }
        }
    )+};
}
