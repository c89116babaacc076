//! The index on both engines: the same terms give the same numbers, in the same order, whatever becomes of the documents.

use super::folding::Folded;
use super::{Doc, Expr, Found, Patience, Progress, Terms, Wanted};
use crate::Store;
use kernel::TenantId;
use std::time::Duration;

const TOWN: TenantId = TenantId(1);
const OTHER: TenantId = TenantId(2);
const BEGUN: Progress = Progress { position: 0, walked: Some(0), complete: false };

fn doc(number: i64, main: &str, more: &str, marks: &[&str]) -> Doc {
    let mut terms = Terms::default();
    terms.main(&Folded::of(main), true);
    terms.more(&Folded::of(more));
    marks.iter().for_each(|mark| terms.mark(mark));
    Doc { number, terms }
}

/// Begins the index of a tenant with these documents.
async fn begin(store: &Store, tenant: TenantId, docs: Vec<Doc>) {
    assert!(store.search().write(tenant, None, BEGUN, docs).await.unwrap());
}

async fn find(store: &Store, tenant: TenantId, wanted: &Wanted, below: i64) -> Vec<i64> {
    let found = store.search().find(tenant, wanted, below, 50, &Patience::of(Duration::from_secs(600))).await.unwrap();
    assert_eq!(found.open_below, None);
    found.numbers
}

async fn found(store: &Store, tenant: TenantId, all: Vec<Expr>) -> Vec<i64> {
    find(store, tenant, &Wanted { all: Expr::All(all), but: None }, i64::MAX).await
}

fn anywhere(word: &str) -> Expr {
    Expr::anywhere(&Folded::of(word))
}
fn in_main(word: &str) -> Expr {
    Expr::in_main(&Folded::of(word))
}

crate::both_engines! {
    async fn words_inside_sentences_are_found_the_latest_first(db: TestDb) {
        let store = &db.store;
        begin(store, TOWN, vec![
            doc(1, "东苑小区三号楼垃圾桶满溢", "", &["open"]),
            doc(70_000, "路灯不亮，电梯异响", "已清理垃圾桶", &["ended"]),
            doc(20_000, "垃圾堆放在3号楼前", "", &["open"]),
        ]).await;
        assert_eq!(found(store, TOWN, vec![anywhere("垃圾")]).await, [70_000, 20_000, 1]);
        assert_eq!(found(store, TOWN, vec![in_main("垃圾")]).await, [20_000, 1]);
        assert_eq!(found(store, TOWN, vec![anywhere("垃圾桶"), Expr::mark("ended")]).await, [70_000]);
        assert_eq!(found(store, TOWN, vec![anywhere("３号楼"), anywhere("垃圾")]).await, [20_000, 1]);
        assert_eq!(found(store, TOWN, vec![in_main("灯")]).await, [70_000]);
        assert_eq!(found(store, TOWN, vec![Expr::Any(vec![in_main("电梯"), in_main("满溢")])]).await, [70_000, 1]);
        assert!(found(store, TOWN, vec![anywhere("桶垃")]).await.is_empty());
        let but = Wanted { all: anywhere("垃圾"), but: Some(Expr::All(vec![in_main("垃圾"), Expr::mark("open")])) };
        assert_eq!(find(store, TOWN, &but, i64::MAX).await, [70_000]);
    }

    async fn a_frequent_word_is_paged_and_no_tenant_sees_another(db: TestDb) {
        let store = &db.store;
        let many = |from: i64| (0..120).map(move |n| doc(from + n * 1_000, "小区垃圾", "", &[])).collect::<Vec<_>>();
        begin(store, TOWN, many(5)).await;
        begin(store, OTHER, many(7)).await;
        let (mut below, mut all) = (i64::MAX, Vec::new());
        loop {
            let some = find(store, TOWN, &Wanted { all: in_main("小区"), but: None }, below).await;
            let Some(last) = some.last() else { break };
            below = *last;
            all.extend(some);
        }
        assert_eq!(all, (0..120).rev().map(|n| 5 + n * 1_000).collect::<Vec<_>>());
        store.search().forget(TOWN).await.unwrap();
        assert!(found(store, TOWN, vec![in_main("小区")]).await.is_empty());
        assert_eq!(store.search().progress(TOWN).await.unwrap(), None);
        assert_eq!(found(store, OTHER, vec![in_main("小区")]).await.len(), 50);
        store.search().forget_all().await.unwrap();
        assert!(found(store, OTHER, vec![in_main("小区")]).await.is_empty());
    }

    async fn where_patience_ends_the_answer_says_where_to_go_on(db: TestDb) {
        let store = &db.store;
        begin(store, TOWN, vec![doc(1_000_000, "电梯", "", &[]), doc(600_000, "电梯", "", &[]), doc(7, "电梯", "", &[])]).await;
        let wanted = Wanted { all: in_main("电梯"), but: None };
        let (mut below, mut all) = (i64::MAX, Vec::new());
        loop {
            // Each look is at one window at least, so that it comes to an end.
            let Found { numbers, open_below } = store.search().find(TOWN, &wanted, below, 50, &Patience::of(Duration::ZERO)).await.unwrap();
            all.extend(numbers);
            match open_below {
                Some(next) => {
                    assert!(next < below);
                    below = next;
                }
                None => break,
            }
        }
        assert_eq!(all, [1_000_000, 600_000, 7]);
    }

    async fn a_document_is_what_was_written_last(db: TestDb) {
        let store = &db.store;
        begin(store, TOWN, vec![doc(3, "电梯", "", &["open"]), doc(4, "路灯", "", &["open"])]).await;
        let next = Progress { position: 9, walked: None, complete: true };
        let changed = vec![doc(3, "水管", "修好了", &["ended"]), Doc { number: 4, terms: Terms::default() }];
        assert!(store.search().write(TOWN, Some(BEGUN), next, changed.clone()).await.unwrap());
        assert_eq!(store.search().progress(TOWN).await.unwrap(), Some(next));
        assert!(found(store, TOWN, vec![anywhere("电梯")]).await.is_empty() && found(store, TOWN, vec![anywhere("路灯")]).await.is_empty());
        assert_eq!(found(store, TOWN, vec![anywhere("水管"), anywhere("修好"), Expr::mark("ended")]).await, [3]);
        assert_eq!(store.search().written(TOWN, 0, 10).await.unwrap(), [(3, changed[0].terms.hash())]);
        assert!(store.search().written(TOWN, 3, 10).await.unwrap().is_empty());
    }

    async fn of_two_that_index_at_once_one_writes(db: TestDb) {
        let store = &db.store;
        let write = |from, word: &'static str| {
            let store = store.clone();
            tokio::spawn(async move {
                let to = Progress { position: 5, walked: None, complete: true };
                store.search().write(TOWN, from, to, vec![doc(1, word, "", &[])]).await.unwrap()
            })
        };
        for from in [None, Some(BEGUN)] {
            if from.is_some() {
                store.search().forget(TOWN).await.unwrap();
                begin(store, TOWN, Vec::new()).await;
            }
            let both = [write(from, "电梯"), write(from, "路灯")];
            let mut wrote = Vec::new();
            for one in both {
                wrote.push(one.await.unwrap());
            }
            assert_eq!(wrote.iter().filter(|done| **done).count(), 1, "{wrote:?}");
            let words = [found(store, TOWN, vec![in_main("电梯")]).await.len(), found(store, TOWN, vec![in_main("路灯")]).await.len()];
            assert_eq!(words.iter().sum::<usize>(), 1);
        }
    }

    async fn nothing_typed_is_read_as_a_query(db: TestDb) {
        let store = &db.store;
        begin(store, TOWN, vec![doc(1, "a AND b OR \"c\" NOT * NEAR( 电梯)", "", &[])]).await;
        for strange in ["\"", "a*", "NOT", "a OR zzz", "') | 'x", "电梯:*", "!", "&", "\\", "a\0b", "😀"] {
            for word in Folded::words(strange, 8) {
                let _ = found(store, TOWN, vec![Expr::anywhere(&word)]).await;
            }
        }
        assert_eq!(found(store, TOWN, vec![anywhere("not"), anywhere("near")]).await, [1]);
        // What asks for nothing finds nothing.
        assert!(found(store, TOWN, Vec::new()).await.is_empty());
        assert!(found(store, TOWN, vec![Expr::Any(Vec::new())]).await.is_empty());
    }
}

/// A file that is no database, or of an older layout, is begun again.
#[tokio::test]
async fn an_index_that_cannot_be_read_is_made_anew() {
    let db = crate::testing::TestDb::new(crate::testing::Engine::Sqlite).await;
    std::fs::write(db.config.data.join("search.db"), "no database at all, and long enough to be looked at as one".repeat(100)).unwrap();
    assert_eq!(db.store.search().progress(TOWN).await.unwrap(), None);
    begin(&db.store, TOWN, vec![doc(1, "电梯", "", &[])]).await;
    let older = rusqlite::Connection::open(db.config.data.join("search.db")).unwrap();
    older.pragma_update(None, "user_version", 77).unwrap();
    drop(older);
    let again = Store::open(&db.config, db.world.clone()).await.unwrap();
    assert_eq!(again.search().progress(TOWN).await.unwrap(), None);
    db.remove().await;
}
