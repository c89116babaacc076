//! What becomes of a command when PostgreSQL refuses it, goes away in the middle of it, or doesn't say whether it holds.

use super::proxy::{Proxy, Rule};
use crate::fixture::{Happened, TENANT};
use crate::testing::{Engine, TestDb};
use crate::{Command, OUTCOME_UNKNOWN, Pass, Sql, Store, StoreConfig, UNREACHABLE, Write, args};
use kernel::ids::{AccountId, CommandId, Uuid};
use kernel::{Kind, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::Barrier;

static ADD: Sql = crate::sql!("INSERT INTO tenant_slug (slug, tenant_id) VALUES (:slug, :tenant)");
static TOUCH: Sql = crate::sql!("UPDATE tenant_slug SET tenant_id = :tenant WHERE slug = :slug");
static SLUGS: Sql = crate::sql!("SELECT slug FROM tenant_slug WHERE tenant_id = :tenant ORDER BY slug");
static RAISE: Sql = crate::sql!("SELECT raise(:state) AS n");
static KILL: Sql = crate::sql!("SELECT pg_terminate_backend(pg_backend_pid()) AS done");
static SEEN: Sql = crate::sql!("UPDATE named_lock SET held = 7 WHERE tenant_id = :tenant AND name = 'x'");
static LOCKS: Sql = crate::sql!("SELECT held FROM named_lock WHERE tenant_id = :tenant AND name = 'x'");

#[derive(Clone, Copy)]
enum Trip {
    No,
    /// The server says so.
    State(&'static str),
    /// The server ends the connection.
    Killed,
}

/// Adds a row and stumbles, so many times; what it gives is a number of its own each time it runs.
#[derive(Clone)]
struct Add {
    slug: &'static str,
    trip: Trip,
    times: u32,
    ran: Arc<AtomicU32>,
}

impl Add {
    fn row(slug: &'static str) -> Add {
        Add { slug, trip: Trip::No, times: 0, ran: Arc::default() }
    }
    fn tripping(trip: Trip, times: u32) -> Add {
        Add { trip, times, ..Add::row("a") }
    }
    fn ran(&self) -> u32 {
        self.ran.load(Ordering::SeqCst)
    }
}

impl Command for Add {
    const KIND: &'static str = "test.add";
    type Out = u32;
    async fn run(&self, tx: &mut Write<'_>) -> Result<u32> {
        let ran = self.ran.fetch_add(1, Ordering::SeqCst) + 1;
        tx.exec(&ADD, args! { slug: self.slug, tenant: TENANT }).await?;
        if ran <= self.times {
            match self.trip {
                Trip::No => {}
                Trip::State(state) => drop(tx.one::<(i64,)>(&RAISE, args! { state: state }).await?),
                Trip::Killed => drop(tx.one::<(bool,)>(&KILL, args! {}).await?),
            }
        }
        tx.fact(Happened { slug: self.slug.to_owned() })?;
        Ok(ran)
    }
}

/// Takes two rows one after the other, and the first time meets the other who takes them the other way.
struct Cross {
    rows: [&'static str; 2],
    met: Arc<Barrier>,
    ran: Arc<AtomicU32>,
    first: AtomicU32,
}

impl Command for Cross {
    const KIND: &'static str = "test.cross";
    type Out = ();
    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        self.ran.fetch_add(1, Ordering::SeqCst);
        tx.exec(&TOUCH, args! { slug: self.rows[0], tenant: TENANT }).await?;
        if self.first.fetch_add(1, Ordering::SeqCst) == 0 {
            self.met.wait().await;
        }
        tx.exec(&TOUCH, args! { slug: self.rows[1], tenant: TENANT }).await?;
        tx.fact(Happened { slug: String::new() })
    }
}

/// Adds a row for each that it finds, and the first time meets another who does the same.
struct CountAndAdd {
    slug: &'static str,
    met: Arc<Barrier>,
    ran: Arc<AtomicU32>,
    first: AtomicU32,
}

impl Command for CountAndAdd {
    const KIND: &'static str = "test.count_and_add";
    type Out = usize;
    async fn run(&self, tx: &mut Write<'_>) -> Result<usize> {
        self.ran.fetch_add(1, Ordering::SeqCst);
        let found = tx.all::<(String,)>(&SLUGS, args! { tenant: TENANT }).await?.len();
        if self.first.fetch_add(1, Ordering::SeqCst) == 0 {
            self.met.wait().await;
        }
        tx.exec(&ADD, args! { slug: self.slug, tenant: TENANT }).await?;
        tx.fact(Happened { slug: self.slug.to_owned() })?;
        Ok(found)
    }
}

/// Reads nothing: its row is written with its fact and its result, in one statement.
#[derive(Clone)]
struct Leave {
    slug: &'static str,
    ran: Arc<AtomicU32>,
}

impl Leave {
    fn row(slug: &'static str) -> Leave {
        Leave { slug, ran: Arc::default() }
    }
    fn ran(&self) -> u32 {
        self.ran.load(Ordering::SeqCst)
    }
}

impl Command for Leave {
    const KIND: &'static str = "test.leave";
    type Out = u32;
    async fn run(&self, tx: &mut Write<'_>) -> Result<u32> {
        tx.later(&ADD, args! { slug: self.slug, tenant: TENANT });
        tx.fact(Happened { slug: self.slug.to_owned() })?;
        Ok(self.ran.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

/// Leaves a row to be written with the commit whose tenant is a text.
struct Misfit;

impl Command for Misfit {
    const KIND: &'static str = "test.misfit";
    type Out = ();
    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        tx.later(&ADD, args! { slug: "before", tenant: TENANT });
        tx.later(&ADD, args! { slug: "misfit", tenant: "one" });
        tx.fact(Happened { slug: String::new() })
    }
}

struct Place {
    db: TestDb,
    proxy: Proxy,
    /// The same database through the link.
    store: Store,
}

impl Place {
    async fn new() -> Place {
        let db = TestDb::new(Engine::Postgres).await;
        db.meddle(
            "CREATE FUNCTION raise(state TEXT) RETURNS BIGINT LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'as the test wants it' USING ERRCODE = state; END $$",
        )
        .await;
        let proxy = Proxy::before(db.config.url.as_deref().unwrap()).await;
        let store = Place::open(&db, &proxy.url).await;
        Place { db, proxy, store }
    }
    async fn open(db: &TestDb, url: &str) -> Store {
        Store::open(&StoreConfig { url: Some(url.to_owned()), ..db.config.clone() }, db.world.clone()).await.unwrap()
    }
    /// When a transaction with a fact commits, the server does this first, `times` times.
    async fn at_commit(&self, what: &str, times: u32) {
        self.db
            .meddle(&format!(
                "CREATE SEQUENCE commits;
                CREATE FUNCTION at_commit() RETURNS TRIGGER LANGUAGE plpgsql AS
                $$ BEGIN IF nextval('commits') <= {times} THEN {what}; END IF; RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON fact DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION at_commit()"
            ))
            .await;
    }
    fn pass(&self) -> Pass {
        let id = self.db.world.new_id::<CommandId>();
        Pass { tenant: TENANT, actor: Some(AccountId(Uuid::from_u128(5))), on_behalf_of: None, id, body: [7; 32] }
    }
    async fn run(&self, command: Add) -> Result<u32> {
        Ok(self.store.run(self.pass(), command).await?.out)
    }
    /// How many rows and facts there are, seen past the link.
    async fn kept(&self) -> (usize, usize) {
        let rows = self.db.store.all::<(String,)>(&SLUGS, args! { tenant: TENANT }).await.unwrap();
        (rows.len(), self.db.store.timeline(TENANT, "test", Uuid::from_u128(9)).await.unwrap().len())
    }
    async fn remove(self) {
        drop(self.store);
        self.db.remove().await;
    }
}

/// Tests by name, each with a database and a link of its own.
macro_rules! on_postgres {
    ($(async fn $name:ident($place:ident: Place) $body:block)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let place = Place::new().await;
            async fn body($place: &Place) $body
            body(&place).await;
            place.remove().await;
        }
    )+};
}

on_postgres! {
    async fn what_the_server_could_not_serialise_is_run_again(place: Place) {
        for (state, kept) in [("40001", 1), ("40P01", 2)] {
            let add = Add { slug: state, ..Add::tripping(Trip::State(state), 2) };
            assert_eq!(place.run(add.clone()).await.unwrap(), 3, "{state}");
            assert_eq!(place.kept().await, (kept, kept));
        }
    }

    async fn what_is_simply_wrong_is_not(place: Place) {
        let add = Add::tripping(Trip::State("22012"), 9);
        assert_eq!(place.run(add.clone()).await.unwrap_err().kind(), Kind::Internal);
        assert_eq!((add.ran(), place.kept().await), (1, (0, 0)));
    }

    async fn two_who_wait_for_each_other_both_succeed(place: Place) {
        for slug in ["a", "b"] {
            place.run(Add::row(slug)).await.unwrap();
        }
        let (met, ran) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
        let cross = |rows| Cross { rows, met: met.clone(), ran: ran.clone(), first: AtomicU32::new(0) };
        let (one, other) =
            tokio::join!(place.store.run(place.pass(), cross(["a", "b"])), place.store.run(place.pass(), cross(["b", "a"])));
        one.unwrap();
        other.unwrap();
        // One of them was the deadlock's victim, and ran once more.
        assert_eq!((ran.load(Ordering::SeqCst), place.kept().await), (3, (2, 4)));
    }

    async fn two_who_read_what_the_other_writes_both_succeed(place: Place) {
        let url = format!("{} options='-c default_transaction_isolation=serializable'", place.proxy.url);
        let store = Place::open(&place.db, &url).await;
        let (met, ran) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
        let add = |slug| CountAndAdd { slug, met: met.clone(), ran: ran.clone(), first: AtomicU32::new(0) };
        let (one, other) = tokio::join!(store.run(place.pass(), add("a")), store.run(place.pass(), add("b")));
        let mut found = [one.unwrap().out, other.unwrap().out];
        found.sort_unstable();
        assert_eq!((found, ran.load(Ordering::SeqCst), place.kept().await), ([0, 1], 3, (2, 2)));
    }

    async fn a_connection_killed_in_the_middle_of_a_command_is_not_the_end_of_it(place: Place) {
        let add = Add::tripping(Trip::Killed, 2);
        assert_eq!(place.run(add).await.unwrap(), 3);
        assert_eq!(place.kept().await, (1, 1));
    }

    async fn connections_killed_while_idle_trouble_nobody(place: Place) {
        place.run(Add::row("a")).await.unwrap();
        place.db.meddle("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").await;
        place.run(Add::row("b")).await.unwrap();
        // Cut where the pool cannot notice before the first statement is under way: of a command, a read, and housekeeping.
        place.proxy.next(Rule::CutAtOnce);
        place.run(Add::row("c")).await.unwrap();
        assert!(place.proxy.passes());
        place.proxy.next(Rule::CutAtOnce);
        assert_eq!(place.store.all::<(String,)>(&SLUGS, args! { tenant: TENANT }).await.unwrap().len(), 3);
        assert!(place.proxy.passes());
        place.db.meddle("INSERT INTO named_lock (tenant_id, name, held) VALUES (1, 'x', 1)").await;
        place.proxy.next(Rule::CutAtOnce);
        assert_eq!(place.store.housekeep(&SEEN, args! { tenant: TENANT }).await.unwrap(), 1);
        assert!(place.proxy.passes());
        assert_eq!(place.store.one::<(i64,)>(&LOCKS, args! { tenant: TENANT }).await.unwrap().0, 7);
        assert_eq!(place.kept().await, (3, 3));
    }

    async fn a_commit_whose_answer_was_lost_is_answered_with_its_first_result(place: Place) {
        let (pass, add) = (place.pass(), Add::row("a"));
        place.proxy.next(Rule::CutAfterCommit);
        assert_eq!(place.store.run(pass.clone(), add.clone()).await.unwrap().out, 1);
        assert!(place.proxy.passes());
        // It held, and so it was not run again; nor is it when it is sent again.
        assert_eq!(place.store.run(pass, add.clone()).await.unwrap().out, 1);
        assert_eq!(place.kept().await, (1, 1));
    }

    async fn a_commit_that_never_arrived_is_run_again(place: Place) {
        let add = Add::row("a");
        place.proxy.next(Rule::CutBeforeCommit);
        assert_eq!(place.run(add.clone()).await.unwrap(), 2);
        assert_eq!(place.kept().await, (1, 1));
    }

    async fn a_commit_that_is_still_on_its_way_is_waited_for_and_not_done_twice(place: Place) {
        place.at_commit("PERFORM pg_sleep(0.5)", 1).await;
        let add = Add { slug: "a", ..Add::row("a") };
        place.proxy.next(Rule::CutBehindCommit);
        // The row that it adds is the first one's as well: it waits for it, finds it there, and gives the first result.
        assert_eq!(place.run(add.clone()).await.unwrap(), 1);
        assert!(place.proxy.passes());
        assert_eq!((add.ran(), place.kept().await), (2, (1, 1)));
    }

    async fn a_commit_that_says_xx000_and_holds_is_not_done_twice(place: Place) {
        let add = Add::row("a");
        place.proxy.next(Rule::DenyCommit);
        assert_eq!(place.run(add.clone()).await.unwrap(), 1);
        assert!(place.proxy.passes());
        assert_eq!((add.ran(), place.kept().await), (1, (1, 1)));
    }

    async fn a_commit_that_says_xx000_and_does_not_hold_is_run_again(place: Place) {
        place.at_commit("RAISE EXCEPTION 'lost a node' USING ERRCODE = 'XX000'", 1).await;
        let add = Add::row("a");
        assert_eq!(place.run(add.clone()).await.unwrap(), 2);
        assert_eq!(place.kept().await, (1, 1));
    }

    async fn after_eight_failures_it_is_put_off_and_nothing_was_changed(place: Place) {
        let add = Add::tripping(Trip::State("40001"), 99);
        let error = place.run(add.clone()).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (Kind::Unavailable, "unavailable"));
        assert_eq!((add.ran(), place.kept().await), (8, (0, 0)));
    }

    async fn where_it_stays_unknown_nobody_says_that_nothing_was_changed(place: Place) {
        place.at_commit("RAISE EXCEPTION 'lost a node' USING ERRCODE = 'XX000'", 99).await;
        let add = Add::row("a");
        let error = place.run(add.clone()).await.unwrap_err();
        assert!(error.is(OUTCOME_UNKNOWN) && error.kind() == Kind::Unavailable, "{error:?}");
        assert_eq!((add.ran(), place.kept().await), (8, (0, 0)));
    }

    async fn a_server_that_starts_again_is_waited_for(place: Place) {
        let add = Add::tripping(Trip::Killed, 1);
        place.proxy.next(Rule::Refuse(3));
        assert_eq!(place.run(add).await.unwrap(), 2);
        assert!(place.proxy.passes());
        // One that does not come back is a 503 in words of its own.
        place.proxy.next(Rule::Refuse(99));
        let error = place.run(Add { slug: "b", ..Add::tripping(Trip::Killed, 1) }).await.unwrap_err();
        assert!(error.is(UNREACHABLE), "{error:?}");
    }

    async fn a_plan_that_the_schema_left_behind_is_made_anew(place: Place) {
        place.run(Add::row("a")).await.unwrap();
        let (met, ran) = (Arc::new(Barrier::new(1)), Arc::new(AtomicU32::new(0)));
        let add = |slug| CountAndAdd { slug, met: met.clone(), ran: ran.clone(), first: AtomicU32::new(0) };
        place.store.run(place.pass(), add("b")).await.unwrap();
        place.db.meddle("ALTER TABLE tenant_slug ALTER COLUMN slug TYPE VARCHAR(80)").await;
        assert_eq!(place.store.all::<(String,)>(&SLUGS, args! { tenant: TENANT }).await.unwrap().len(), 2);
        place.db.meddle("ALTER TABLE tenant_slug ALTER COLUMN slug TYPE TEXT").await;
        assert_eq!(place.store.run(place.pass(), add("c")).await.unwrap().out, 2);
        assert_eq!(place.kept().await, (3, 3));
    }

    async fn what_cannot_be_sent_is_found_before_the_commit_is(place: Place) {
        let error = place.store.run(place.pass(), Misfit).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Internal);
        assert_eq!(place.kept().await, (0, 0));
    }

    async fn a_command_that_reads_nothing_is_one_statement_and_runs_again_like_any_other(place: Place) {
        let leave = |slug| {
            let leave = Leave::row(slug);
            (leave.clone(), async move { Ok::<_, kernel::Error>(place.store.run(place.pass(), leave).await?.out) })
        };
        leave("a").1.await.unwrap();
        let before = place.proxy.turns();
        leave("b").1.await.unwrap();
        assert_eq!((place.proxy.turns() - before, place.kept().await), (1, (2, 2)));
        // Cut before the server had it, and after it had ended it.
        place.proxy.next(Rule::CutAtOnce);
        let (ran, done) = leave("c");
        assert_eq!((done.await.unwrap(), ran.ran(), place.kept().await), (2, 2, (3, 3)));
        place.proxy.next(Rule::CutAfterWhole);
        let (ran, done) = leave("d");
        assert_eq!((done.await.unwrap(), ran.ran(), place.kept().await), (1, 1, (4, 4)));
        assert!(place.proxy.passes());
        // All of it or nothing, with the first of its parts refused, or the last.
        assert_eq!(leave("d").1.await.unwrap_err().kind(), Kind::Internal);
        assert_eq!(place.kept().await, (4, 4));
        let pass = place.pass();
        place.store.run(pass.clone(), Leave::row("e")).await.unwrap();
        let again = place.store.run(pass, Leave::row("f")).await.unwrap();
        assert_eq!((again.replayed, again.out, place.kept().await), (true, 1, (5, 5)));
        // Refused at its end, and not to be known.
        place.at_commit("RAISE EXCEPTION 'lost a node' USING ERRCODE = 'XX000'", 1).await;
        let (ran, done) = leave("g");
        assert_eq!((done.await.unwrap(), ran.ran(), place.kept().await), (2, 2, (6, 6)));
    }

    async fn a_command_takes_a_round_trip_for_what_it_reads_and_one_for_all_that_it_leaves(place: Place) {
        // Prepared, and the number's block reserved.
        place.run(Add::row("a")).await.unwrap();
        let before = place.proxy.turns();
        place.run(Add::row("b")).await.unwrap();
        // The first statement with BEGIN; fact, result and COMMIT.
        assert_eq!(place.proxy.turns() - before, 2);
    }
}
