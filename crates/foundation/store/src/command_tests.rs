//! What a command promises, on both engines: once, whole, durable for its caller, and never half.

use crate::fixture::{Happened, TENANT};
use crate::testing::TestDb;
use crate::{Command, Pass, REUSED, Sql, Write, args};
use kernel::ids::{AccountId, CommandId, Uuid};
use kernel::{Code, Result};
use std::sync::Arc;

const STALE: Code = Code::conflict("test.stale");

static ADD: Sql = crate::sql!("INSERT INTO tenant_slug (slug, tenant_id) VALUES (:slug, :tenant)");
static COUNT: Sql = crate::sql!("SELECT COUNT(*) AS n FROM tenant_slug WHERE tenant_id = :tenant");
static TAKE: Sql = crate::sql!("UPDATE tenant_slug SET tenant_id = 2 WHERE slug = :slug AND tenant_id = :tenant");

/// Adds a row, says so, and then perhaps fails.
#[derive(Clone)]
struct Add {
    slug: &'static str,
    fact: bool,
    then: Option<Code>,
    slow: bool,
    panics: bool,
}

impl Add {
    fn row(slug: &'static str) -> Add {
        Add { slug, fact: true, then: None, slow: false, panics: false }
    }
}

impl Command for Add {
    const KIND: &'static str = "test.add";
    type Out = i64;
    async fn run(&self, tx: &mut Write<'_>) -> Result<i64> {
        tx.exec(&ADD, args! { slug: self.slug, tenant: tx.tenant() }).await?;
        assert!(!self.panics, "as the test wants it");
        if self.fact {
            tx.fact(Happened { slug: self.slug.to_owned() })?;
        }
        if let Some(code) = self.then {
            return Err(code.into());
        }
        if self.slow {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        tx.next_number("test").await
    }
}

/// Takes a row that only one can take.
struct Take;

impl Command for Take {
    const KIND: &'static str = "test.take";
    type Out = ();
    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        tx.change_one(&TAKE, args! { slug: "one", tenant: TENANT }).await?.or(STALE)?;
        tx.fact(Happened { slug: "one".into() })
    }
}

/// Leaves a change to be written with the commit, and then fails.
struct LeaveAndFail;

impl Command for LeaveAndFail {
    const KIND: &'static str = "test.leave_and_fail";
    type Out = ();
    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        tx.later(&ADD, args! { slug: "left", tenant: tx.tenant() });
        Err(STALE.into())
    }
}

fn pass(db: &TestDb) -> Pass {
    Pass {
        tenant: TENANT,
        actor: Some(AccountId(Uuid::from_u128(5))),
        on_behalf_of: None,
        id: db.world.new_id::<CommandId>(),
        body: [7; 32],
    }
}

async fn rows(db: &TestDb) -> i64 {
    db.store.one::<(i64,)>(&COUNT, args! { tenant: TENANT }).await.unwrap().0
}

async fn facts(db: &TestDb) -> usize {
    db.store.timeline(TENANT, "test", Uuid::from_u128(9)).await.unwrap().len()
}

crate::both_engines! {
    async fn what_a_failed_command_left_to_be_written_is_not_written(db: TestDb) {
        // Beside one that succeeds, so that a group is committed.
        let (failed, added) = tokio::join!(db.store.run(pass(db), LeaveAndFail), db.store.run(pass(db), Add::row("added")));
        assert!(failed.unwrap_err().is(STALE));
        added.unwrap();
        assert_eq!((rows(db).await, facts(db).await), (1, 1));
    }

    async fn a_command_leaves_its_change_its_fact_and_its_result(db: TestDb) {
        let pass = pass(db);
        let done = db.store.run(pass.clone(), Add::row("a")).await.unwrap();
        assert_eq!((done.out, done.replayed, rows(db).await, facts(db).await), (1, false, 1, 1));
        assert_eq!(db.store.replayed(&pass).await.unwrap(), Some(serde_json::json!(1)));
    }

    async fn the_same_command_three_times_at_once_happens_once(db: TestDb) {
        let pass = pass(db);
        let again = || db.store.run(pass.clone(), Add { slow: true, ..Add::row("a") });
        let (a, b, c) = tokio::join!(again(), again(), again());
        assert_eq!((a.unwrap().out, b.unwrap().out, c.unwrap().out), (1, 1, 1));
        assert_eq!((rows(db).await, facts(db).await), (1, 1));
    }

    async fn the_same_id_with_another_body_is_refused(db: TestDb) {
        let pass = pass(db);
        db.store.run(pass.clone(), Add::row("a")).await.unwrap();
        let error = db.store.run(Pass { body: [8; 32], ..pass }, Add::row("b")).await.unwrap_err();
        assert!(error.is(REUSED), "{error}");
        assert_eq!(rows(db).await, 1);
    }

    async fn a_command_that_fails_leaves_nothing_and_may_be_sent_again(db: TestDb) {
        let pass = pass(db);
        let error = db.store.run(pass.clone(), Add { then: Some(STALE), ..Add::row("a") }).await.unwrap_err();
        assert!(error.is(STALE));
        assert_eq!((rows(db).await, facts(db).await), (0, 0));
        assert_eq!(db.store.run(pass, Add::row("a")).await.unwrap().out, 1);
    }

    async fn a_change_without_a_fact_is_refused(db: TestDb) {
        let error = db.store.run(pass(db), Add { fact: false, ..Add::row("a") }).await.unwrap_err();
        assert_eq!(error.code(), "store.no_fact");
        assert_eq!(rows(db).await, 0);
    }

    async fn a_panic_leaves_nothing_and_the_store_goes_on(db: TestDb) {
        let error = db.store.run(pass(db), Add { panics: true, ..Add::row("a") }).await.unwrap_err();
        assert_eq!(error.kind(), kernel::Kind::Internal);
        assert_eq!(db.store.run(pass(db), Add::row("b")).await.unwrap().out, 1);
        assert_eq!(rows(db).await, 1);
    }

    async fn a_browser_that_hangs_up_in_mid_command_changes_nothing_about_it(db: TestDb) {
        let pass = pass(db);
        let store = db.store.clone();
        let given = pass.clone();
        let caller = tokio::spawn(async move { store.run(given, Add { slow: true, ..Add::row("a") }).await });
        tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        caller.abort();
        for _ in 0..100 {
            if db.store.replayed(&pass).await.unwrap().is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!((rows(db).await, facts(db).await), (1, 1));
    }

    async fn of_two_that_want_one_row_one_gets_it_and_the_other_hears_so(db: TestDb) {
        db.store.run(pass(db), Add::row("one")).await.unwrap();
        let (a, b) = tokio::join!(db.store.run(pass(db), Take), db.store.run(pass(db), Take));
        let (won, lost) = if a.is_ok() { (a, b) } else { (b, a) };
        won.unwrap();
        assert!(lost.unwrap_err().is(STALE));
    }

    async fn a_gapless_series_has_no_gap_and_no_twin_under_load(db: TestDb) {
        static SLUGS: [&str; 24] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x"];
        let runs = SLUGS.iter().enumerate().map(|(i, slug)| {
            let then = (i % 3 == 0).then_some(STALE);
            db.store.run(pass(db), Add { then, ..Add::row(slug) })
        });
        let mut numbers: Vec<i64> = futures::future::join_all(runs).await.into_iter().filter_map(|done| done.ok().map(|done| done.out)).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=16).collect::<Vec<_>>());
    }

    async fn block_numbers_are_unique_even_where_commands_fail(db: TestDb) {
        let store = Arc::new(db.store.clone());
        let runs = (0..150).map(|i| store.run(pass(db), Numbered { fails: i % 4 == 0 }));
        let mut numbers: Vec<i64> = futures::future::join_all(runs).await.into_iter().filter_map(|done| done.ok().map(|done| done.out)).collect();
        let given = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!((given, numbers.len()), (112, 112));
    }
}

struct Numbered {
    fails: bool,
}

impl Command for Numbered {
    const KIND: &'static str = "test.numbered";
    type Out = i64;
    async fn run(&self, tx: &mut Write<'_>) -> Result<i64> {
        let number = tx.block_number("case").await?;
        tx.fact(Happened { slug: String::new() })?;
        if self.fails { Err(STALE.into()) } else { Ok(number) }
    }
}
