//! Databases for tests: a fresh one of either engine, migrated, gone afterwards.

use crate::{Store, StoreConfig};
use kernel::{Clock, Entropy, Instant, World};
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
