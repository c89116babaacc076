//! The journal from the outside: order, readers, proofs, and everything that somebody with the database in hand may try.

use super::*;
use crate::fixture::{TENANT, TestDb, id_literal, run, tamper};
use crate::{Command, Fact, Write, both_engines};
use futures::future::BoxFuture;
use kernel::ids::Uuid;
use kernel::{Result, TenantId};
use serde::Serialize;

#[derive(Serialize)]
struct Noted {
    number: i64,
    #[serde(skip)]
    subject: Uuid,
}

impl Fact for Noted {
    const KIND: &'static str = "test.noted";
    const SUBJECT: &'static str = "test";
    fn subject(&self) -> Uuid {
        self.subject
    }
}

/// Records a run of facts.
struct Note {
    from: i64,
    count: i64,
}

impl Command for Note {
    const KIND: &'static str = "test.note";
    type Out = ();
    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        for number in self.from..self.from + self.count {
            tx.fact(Noted { number, subject: Uuid::from_u128(7) })?;
        }
        Ok(())
    }
}

fn journal(db: &TestDb) -> Journal {
    Journal::new(db.store.clone(), Signer::in_memory(db.store.world()))
}

async fn note(db: &TestDb, from: i64, count: i64) {
    run(db, Note { from, count }).await.unwrap();
}

/// A journal of `count` facts, sealed, with heads signed after each third.
async fn written(db: &TestDb, count: i64) -> Journal {
    let journal = journal(db);
    let third = count / 3;
    for from in [0, third, 2 * third] {
        note(db, from, third).await;
        // Facts of one instant have no order of their own among commands.
        db.world.clock.advance_seconds(1);
        journal.seal_now(TENANT).await.unwrap();
        journal.sign_now(TENANT).await.unwrap();
    }
    journal
}

async fn findings(db: &TestDb, journal: &Journal, witnessed: &[SignedHead]) -> Vec<String> {
    let report = verify(&db.store, journal.signer(), TENANT, witnessed, &[]).await.unwrap();
    report.findings.iter().map(|finding| strip_id(&finding.to_string())).collect()
}

/// Ids differ from run to run.
fn strip_id(text: &str) -> String {
    text.split(' ').filter(|word| !word.starts_with("fact=")).collect::<Vec<_>>().join(" ")
}

async fn read_all(db: &TestDb, reader: &str) -> Vec<i64> {
    let mut seen = Vec::new();
    loop {
        let facts = db.store.consume(TENANT, reader, 100).await.unwrap();
        let Some(last) = facts.last().and_then(|fact| fact.position) else { return seen };
        seen.extend(facts.iter().map(|fact| fact.json().unwrap()["number"].as_i64().unwrap()));
        db.store.advance(TENANT, reader, last).await.unwrap();
    }
}

both_engines! {
    async fn each_reader_sees_every_fact_once_and_in_order(db: TestDb) {
        let journal = written(db, 900).await;
        assert_eq!(read_all(db, "one").await, (0..900).collect::<Vec<_>>());
        assert_eq!(read_all(db, "one").await, Vec::<i64>::new());
        note(db, 900, 3).await;
        assert_eq!(read_all(db, "one").await, Vec::<i64>::new(), "what is not sealed is not read");
        journal.seal_now(TENANT).await.unwrap();
        assert_eq!(read_all(db, "one").await, [900, 901, 902]);
        assert_eq!(read_all(db, "two").await.len(), 903);
        // A cursor never goes back.
        db.store.advance(TENANT, "one", 5).await.unwrap();
        assert_eq!(read_all(db, "one").await, Vec::<i64>::new());
    }

    async fn a_fact_that_commits_late_is_read_after_the_earlier_ones(db: TestDb) {
        let journal = written(db, 30).await;
        assert_eq!(read_all(db, "reader").await.len(), 30);
        note(db, 30, 2).await;
        // As if its transaction had begun long before the others, and committed only now.
        tamper(db, "UPDATE fact SET recorded_at = 1 WHERE position IS NULL").await;
        journal.seal_now(TENANT).await.unwrap();
        assert_eq!(read_all(db, "reader").await, [30, 31]);
        assert_eq!(findings(db, &journal, &[]).await, [""; 0]);
    }

    async fn sealers_at_once_never_give_a_position_twice(db: TestDb) {
        let sealers = (0..4).map(|_| journal(db)).collect::<Vec<_>>();
        for round in 0..5 {
            note(db, round * 300, 300).await;
            let sealed = futures::future::join_all(sealers.iter().map(|sealer| sealer.seal_now(TENANT))).await;
            let added: u64 = sealed.into_iter().map(|sealed| sealed.unwrap().added).sum();
            assert_eq!(added, 300);
        }
        assert_eq!(read_all(db, "reader").await, (0..1500).collect::<Vec<_>>());
        assert_eq!(findings(db, &sealers[0], &[]).await, [""; 0]);
    }

    async fn of_two_processes_one_seals_until_its_lease_is_over(db: TestDb) {
        let (first, second) = (journal(db), journal(db));
        let (mut of_first, mut of_second) = (seal::Leases::new(), seal::Leases::new());
        assert!(first.has_lease(TENANT, &mut of_first).await.unwrap());
        // SQLite has one server process, which never waits for itself.
        assert_eq!(second.has_lease(TENANT, &mut of_second).await.unwrap(), !db.store.is_postgres());
        db.world.clock.advance_seconds(8);
        assert!(first.has_lease(TENANT, &mut of_first).await.unwrap());
        db.world.clock.advance_seconds(8);
        assert_eq!(second.has_lease(TENANT, &mut of_second).await.unwrap(), !db.store.is_postgres());
        db.world.clock.advance_seconds(8);
        assert!(second.has_lease(TENANT, &mut of_second).await.unwrap());
        // A clock set back (a demo begun anew) holds nobody up.
        db.world.clock.advance_seconds(-86_400);
        assert!(first.has_lease(TENANT, &mut seal::Leases::new()).await.unwrap());
    }

    async fn a_journal_at_work_verifies_clean(db: TestDb) {
        let journal = journal(db);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let sealing = tokio::spawn(journal.clone().run(async { drop(stopped.await) }));
        for round in 0..12 {
            note(db, round * 50, 50).await;
            assert_eq!(findings(db, &journal, &[]).await, [""; 0]);
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        drop(stop);
        sealing.await.unwrap();
        let report = verify(&db.store, journal.signer(), TENANT, &[], &[]).await.unwrap();
        assert!(report.is_clean());
        assert_eq!((report.facts, report.protected, report.not_protected), (600, 600, 0));
    }

    async fn a_report_says_what_no_signature_protects_yet(db: TestDb) {
        let journal = written(db, 30).await;
        note(db, 30, 5).await;
        journal.seal_now(TENANT).await.unwrap();
        note(db, 35, 2).await;
        let report = verify(&db.store, journal.signer(), TENANT, &[], &[]).await.unwrap();
        assert!(report.is_clean());
        assert_eq!((report.facts, report.protected, report.not_protected, report.signed_heads), (35, 30, 7, 3));
    }

    async fn a_unit_checks_its_fact_with_the_public_key_alone(db: TestDb) {
        let journal = written(db, 600).await;
        note(db, 600, 1).await;
        journal.seal_now(TENANT).await.unwrap();
        let facts = db.store.facts_from(TENANT, 0, 1000).await.unwrap();
        let key = journal.signer().trusted().values().next().unwrap();
        for fact in facts.iter().step_by(37).chain(facts.last()) {
            let proof = prove(&journal, TENANT, fact.id).await.unwrap();
            // Through its JSON, as a unit would have it.
            let proof: Proof = serde_json::from_str(&serde_json::to_string(&proof).unwrap()).unwrap();
            verify_proof(&proof, key).unwrap();

            let part = |proof: &Proof| verify_proof(proof, key).unwrap_err().args()["part"].clone();
            let mut other_fact = proof.clone();
            other_fact.fact.data = "{\"number\":-1}".into();
            assert_eq!(part(&other_fact), "path");
            let mut other_place = proof.clone();
            other_place.position ^= 1;
            assert_eq!(part(&other_place), "path");
            let mut other_head = proof.clone();
            other_head.head.signed_at.0 += 1;
            assert_eq!(part(&other_head), "signature");
        }
        let stranger = Signer::in_memory(db.store.world());
        let proof = prove(&journal, TENANT, facts[0].id).await.unwrap();
        assert!(verify_proof(&proof, stranger.trusted().values().next().unwrap()).is_err());
    }

    async fn what_somebody_does_to_the_rows_is_named(db: TestDb) {
        let t = format!("tenant_id = {TENANT}");
        let move_up = |from: i64| {
            // In two steps, as no two facts may have one position even for a moment.
            format!("UPDATE fact SET position = -position - 2 WHERE {t} AND position >= {from};
                UPDATE fact SET position = -position - 1 WHERE {t} AND position < 0;")
        };
        let another = |position: &str| {
            format!("INSERT INTO fact (tenant_id, id, command_id, ordinal, kind, kind_version, subject, subject_id, recorded_at, data, position)
                SELECT tenant_id, {}, command_id, 99, kind, kind_version, subject, subject_id, recorded_at, data, {position}
                FROM fact WHERE {t} AND position = 0;", id_literal(db, Uuid::from_u128(99)))
        };
        let cases: Vec<(String, &[&str])> = vec![
            (format!("UPDATE fact SET data = '{{\"number\":1000}}' WHERE {t} AND position = 5"), &["verify.fact_changed position=5"]),
            (format!("UPDATE fact SET recorded_at = recorded_at + 1 WHERE {t} AND position = 300"), &["verify.fact_changed position=300"]),
            (format!("UPDATE fact SET data = '{{}}' WHERE {t} AND position = 615"), &["verify.fact_changed position=615"]),
            (format!("DELETE FROM fact WHERE {t} AND position = 411"), &["verify.fact_removed position=411"]),
            (format!("DELETE FROM fact WHERE {t} AND position >= 618"), &["verify.fact_removed position=618", "verify.fact_removed position=619"]),
            (another("620"), &["verify.fact_beyond_head position=620"]),
            (another("-4"), &["verify.fact_beyond_head position=-4"]),
            (format!("UPDATE journal_head SET size = 610 WHERE {t}"), &["verify.head_changed size=610", "verify.fact_beyond_head position=610"]),
            (format!("DELETE FROM journal_head WHERE {t}"), &["verify.cut_back now=0 size=200", "verify.cut_back now=0 size=400"]),
            (format!("UPDATE tree_head SET signed_at = signed_at + 1 WHERE {t} AND size = 400"), &["verify.bad_signature size=400"]),
            (format!("UPDATE tree_head SET key_id = 'ffff' WHERE {t} AND size = 400"), &["verify.unknown_key key=ffff size=400"]),
            (format!("DELETE FROM journal_tile WHERE {t} AND level = 0 AND number = 1"), &["verify.tile_changed level=0 number=1"]),
            (format!("UPDATE journal_tile SET hashes = (SELECT hashes FROM journal_tile o WHERE o.tenant_id = journal_tile.tenant_id AND level = 0 AND number = 0)
                WHERE {t} AND level = 0 AND number = 1"), &["verify.tile_changed level=0 number=1"]),
            (format!("UPDATE journal_tile SET hashes = (SELECT hashes FROM journal_tile o WHERE o.tenant_id = journal_tile.tenant_id AND level = 0 AND number = 0)
                WHERE {t} AND level = 1"), &["verify.tile_changed level=1 number=0"]),
            (format!("{}{}", move_up(100), another("100")), &["verify.fact_inserted position=100"]),
            (format!("DELETE FROM fact WHERE {t} AND position = 100;
                UPDATE fact SET position = -position WHERE {t} AND position > 100;
                UPDATE fact SET position = -position - 1 WHERE {t} AND position < 0;"), &["verify.fact_removed position=100"]),
        ];
        for (tampering, expected) in cases {
            let other = TestDb::new(db.engine).await;
            let db = &other;
            let journal = written(db, 600).await;
            note(db, 600, 20).await;
            journal.seal_now(TENANT).await.unwrap();
            assert_eq!(findings(db, &journal, &[]).await, [""; 0]);
            tamper(db, &tampering).await;
            let found = findings(db, &journal, &[]).await;
            assert_eq!(&found[..expected.len().min(found.len())], expected, "after {tampering}");
            other.remove().await;
        }
    }

    async fn rewriting_facts_and_hashes_together_meets_the_signed_heads(db: TestDb) {
        let journal = written(db, 600).await;
        let witness = sign::latest(&db.store, TENANT).await.unwrap().unwrap();
        // The whole journal anew by the sealer itself, over a changed fact: everything fits but the signatures.
        tamper(db, &format!("UPDATE fact SET data = '{{\"number\":1000}}' WHERE tenant_id = {TENANT} AND position = 250;
            UPDATE fact SET position = NULL WHERE tenant_id = {TENANT};
            DELETE FROM journal_tile WHERE tenant_id = {TENANT};
            DELETE FROM journal_head WHERE tenant_id = {TENANT};")).await;
        journal.seal_now(TENANT).await.unwrap();
        assert_eq!(findings(db, &journal, &[]).await, ["verify.signed_head_differs after=200 size=400"]);
        // With the table of heads gone as well, only a head that somebody kept elsewhere is left to tell.
        tamper(db, &format!("DELETE FROM tree_head WHERE tenant_id = {TENANT}")).await;
        assert_eq!(findings(db, &journal, &[]).await, [""; 0]);
        assert_eq!(findings(db, &journal, &[witness]).await, ["verify.signed_head_differs after=0 size=600"]);
    }

    async fn cutting_the_end_off_meets_the_signed_heads(db: TestDb) {
        let journal = written(db, 600).await;
        let witness = sign::latest(&db.store, TENANT).await.unwrap().unwrap();
        tamper(db, &format!("DELETE FROM fact WHERE tenant_id = {TENANT} AND position >= 400;
            UPDATE fact SET position = NULL WHERE tenant_id = {TENANT};
            DELETE FROM journal_tile WHERE tenant_id = {TENANT};
            DELETE FROM journal_head WHERE tenant_id = {TENANT};")).await;
        journal.seal_now(TENANT).await.unwrap();
        assert_eq!(findings(db, &journal, &[]).await, ["verify.cut_back now=400 size=600"]);
        tamper(db, &format!("DELETE FROM tree_head WHERE tenant_id = {TENANT} AND size > 400")).await;
        assert_eq!(findings(db, &journal, &[]).await, [""; 0]);
        assert_eq!(findings(db, &journal, &[witness]).await, ["verify.cut_back now=400 size=600"]);
    }

    async fn the_first_head_beyond_a_fact_stays_the_first_and_proves_all_below_it(db: TestDb) {
        let journal = written(db, 600).await;
        let first = journal.covering(TENANT, 250).await.unwrap();
        assert_eq!((first.size, journal.covering(TENANT, 399).await.unwrap()), (400, first.clone()));
        // A process that read the journal's end before another one signed beyond it is too late.
        let late = journal.signer().keep(&db.store, TENANT, 300, [7; 32]).await.unwrap();
        assert_eq!((late.size, journal.covering(TENANT, 250).await.unwrap()), (600, first.clone()));
        // Nothing is signed for what is not sealed yet; sealed, it is signed at once.
        note(db, 600, 1).await;
        assert_eq!(journal.covering(TENANT, 600).await.unwrap_err().code(), "journal.not_sealed");
        journal.seal_now(TENANT).await.unwrap();
        assert_eq!(journal.covering(TENANT, 600).await.unwrap().size, 601);
        // Several facts and one head, across tiles; what lies beyond it is not proven by it.
        let facts = db.store.facts_from(TENANT, 0, 601).await.unwrap();
        let some = [399, 0, 255, 256, 257].map(|at: usize| facts[at].id);
        let proven = prove_all(&db.store, &first, &some.into_iter().collect()).await.unwrap();
        assert_eq!(proven.iter().map(|one| one.fact.position.unwrap()).collect::<Vec<_>>(), [0, 255, 256, 257, 399]);
        assert!(proven.iter().all(|one| one.is_below(&first)));
        let moved = |position| Proven { fact: FactRow { position, ..proven[1].fact.clone() }, ..proven[1].clone() };
        assert!([None, Some(-1), Some(254), Some(256), Some(400)].into_iter().all(|position| !moved(position).is_below(&first)));
        let beyond = prove_all(&db.store, &first, &[facts[400].id].into_iter().collect()).await;
        assert_eq!(beyond.unwrap_err().code(), "journal.not_sealed");
        assert_eq!(findings(db, &journal, &[first]).await, [""; 0]);
    }

    async fn a_slice_says_which_of_its_rows_follow_from_no_fact(db: TestDb) {
        struct Always;
        impl StateCheck for Always {
            fn name(&self) -> &'static str {
                "always"
            }
            fn check<'a>(&'a self, store: &'a crate::Store, tenant: TenantId, report: &'a mut Report) -> BoxFuture<'a, Result<()>> {
                Box::pin(async move {
                    for fact in store.facts_from(tenant, 0, 10).await?.iter().filter(|fact| fact.data.contains("3")) {
                        report.add(Finding::new(verify::what::STATE).with("check", self.name()).with("position", fact.position.unwrap_or(-1)));
                    }
                    Ok(())
                })
            }
        }
        let journal = written(db, 6).await;
        let report = verify(&db.store, journal.signer(), TENANT, &[], &[&Always]).await.unwrap();
        assert_eq!(report.findings.iter().map(Finding::to_string).collect::<Vec<_>>(), ["verify.state check=always position=3"]);
        assert_eq!(report.checks, ["always"]);
    }
}

#[test]
fn a_private_key_is_for_its_owner_alone_and_old_public_keys_stay_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys/journal.pem");
    let world = kernel::World::simulated(kernel::Instant(0), 1);
    let first = Signer::open(&path, &world).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(Signer::open(&path, &world).unwrap().id(), first.id());
    std::fs::rename(&path, folder.path().join("keys/journal.old")).unwrap();
    let second = Signer::open(&path, &world).unwrap();
    assert_ne!(second.id(), first.id());
    assert!(second.trusted().contains_key(first.id()) && second.trusted().contains_key(second.id()));
    assert!(!format!("{second:?}").contains("BEGIN"));
    std::fs::write(&path, "not a key").unwrap();
    assert_eq!(Signer::open(&path, &world).unwrap_err().code(), "journal.key");
}
