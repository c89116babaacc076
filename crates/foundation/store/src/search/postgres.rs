//! The index on PostgreSQL: a `tsvector` a document, and a GIN index over them.
//!
//! A GIN index gives all rows with a term at once and in no order: for a word that every other document has it would give half
//! of the tenant. So each term is that of one stretch of numbers; a search looks through the stretches from the highest down
//! and stops where it has enough, and none gives more rows than a stretch has.

use super::{Doc, Progress, Wanted};
use crate::house::Step;
use crate::sql::Sql;
use crate::{Query, Store, args};
use kernel::{Result, TenantId};
use std::ops::Range;

/// Numbers of a stretch; a window is some of them, whole.
const STRETCH: i64 = 8_192;

// Not registered: there is no such text on the other engine.
static PROGRESS: Sql = Sql::new("SELECT position, walked, complete FROM search_progress WHERE tenant_id = :tenant", file!(), line!());
static BEGIN: Sql = Sql::new(
    "INSERT INTO search_progress (tenant_id, position, walked, complete)
    VALUES (:tenant, :position, :walked, :complete)
    ON CONFLICT (tenant_id) DO NOTHING",
    file!(),
    line!(),
);
static MOVE: Sql = Sql::new(
    "UPDATE search_progress
    SET position = :position, walked = :walked, complete = :complete
    WHERE tenant_id = :tenant AND position = :was_position AND walked IS NOT DISTINCT FROM :was_walked AND complete = :was_complete",
    file!(),
    line!(),
);
static PUT: Sql = Sql::new(
    "INSERT INTO search_doc (tenant_id, number, hash, terms)
    VALUES (:tenant, :number, :hash, array_to_tsvector(string_to_array(:terms, ' ')))
    ON CONFLICT (tenant_id, number) DO UPDATE SET hash = excluded.hash, terms = excluded.terms
    WHERE search_doc.hash <> excluded.hash",
    file!(),
    line!(),
);
static REMOVE: Sql = Sql::new("DELETE FROM search_doc WHERE tenant_id = :tenant AND number = :number", file!(), line!());
static CLEAR: Sql = Sql::new("DELETE FROM search_doc WHERE tenant_id = :tenant", file!(), line!());
static END: Sql = Sql::new("DELETE FROM search_progress WHERE tenant_id = :tenant", file!(), line!());
static CLEAR_ALL: Sql = Sql::new("DELETE FROM search_doc", file!(), line!());
static END_ALL: Sql = Sql::new("DELETE FROM search_progress", file!(), line!());
static WRITTEN: Sql = Sql::new(
    "SELECT number, hash FROM search_doc WHERE tenant_id = :tenant AND number > :after ORDER BY number LIMIT :limit",
    file!(),
    line!(),
);
static ENDS: Sql =
    Sql::new("SELECT MIN(number) AS lowest, MAX(number) AS highest FROM search_doc WHERE tenant_id = :tenant", file!(), line!());

/// Each stretch is asked in turn, and only as long as there is too little. The index is to give a stretch's rows, whatever the
/// planner thinks of walking the numbers instead: that is what OFFSET keeps it from.
const FIND: &str = "SELECT found.number
FROM unnest(string_to_array(:queries, ';')) AS stretch(query), LATERAL (
    SELECT number
    FROM (SELECT number FROM search_doc WHERE tenant_id = :tenant AND terms @@ CAST(stretch.query AS tsquery) OFFSET 0) AS there
    WHERE number < :below
    ORDER BY number DESC
    LIMIT :limit
) AS found
LIMIT :limit";

pub async fn progress(store: &Store, tenant: TenantId) -> Result<Option<Progress>> {
    let found: Option<(i64, Option<i64>, bool)> = store.opt(&PROGRESS, args! { tenant: tenant }).await?;
    Ok(found.map(|(position, walked, complete)| Progress { position, walked, complete }))
}

pub async fn write(store: &Store, tenant: TenantId, from: Option<Progress>, to: Progress, docs: Vec<Doc>) -> Result<bool> {
    let next = args! { tenant: tenant, position: to.position, walked: to.walked, complete: to.complete };
    let guard = match from {
        None => Step::exactly(1, &BEGIN, next),
        Some(was) => Step::exactly(
            1,
            &MOVE,
            next.with("was_position", was.position).with("was_walked", was.walked).with("was_complete", was.complete),
        ),
    };
    let put = |doc: Doc| {
        let at = args! { tenant: tenant, number: doc.number };
        if doc.terms.is_empty() {
            return Step::any(&REMOVE, at);
        }
        let stretch = doc.number.div_euclid(STRETCH);
        let codes: Vec<String> = doc.terms.all().into_iter().map(|term| term.within(tenant.0, stretch).code()).collect();
        Step::any(&PUT, at.with("hash", doc.terms.hash()).with("terms", codes.join(" ")))
    };
    store.housekeep_all(tenant, std::iter::once(guard).chain(docs.into_iter().map(put)).collect()).await
}

pub async fn forget(store: &Store, tenant: TenantId) -> Result<()> {
    let at = || args! { tenant: tenant };
    store.housekeep_all(tenant, vec![Step::any(&END, at()), Step::any(&CLEAR, at())]).await.map(drop)
}

pub async fn forget_all(store: &Store) -> Result<()> {
    let all = vec![Step::any(&END_ALL, args! {}), Step::any(&CLEAR_ALL, args! {})];
    store.housekeep_all(TenantId(0), all).await.map(drop)
}

pub async fn written(store: &Store, tenant: TenantId, after: i64, limit: u16) -> Result<Vec<(i64, i64)>> {
    store.all(&WRITTEN, args! { tenant: tenant, after: after, limit: limit }).await
}

/// The lowest and the highest number; `None` where there are none.
pub async fn ends(store: &Store, tenant: TenantId) -> Result<Option<(i64, i64)>> {
    let ends = store.all::<(Option<i64>, Option<i64>)>(&ENDS, args! { tenant: tenant }).await?;
    Ok(ends.first().and_then(|(lowest, highest)| lowest.zip(*highest)))
}

/// Numbers of a window, the highest first.
pub async fn find(store: &Store, tenant: TenantId, wanted: &Wanted, window: Range<i64>, limit: u16) -> Result<Vec<i64>> {
    let (first, last) = (window.start.div_euclid(STRETCH), (window.end - 1).div_euclid(STRETCH));
    let queries: Vec<String> = (first..=last).rev().map(|stretch| query(tenant, wanted, stretch)).collect();
    let asked = Query::from(FIND).bind("queries", queries.join(";")).bind("tenant", tenant).bind("below", window.end).bind("limit", limit);
    Ok(store.query::<(i64,)>(asked).await?.into_iter().map(|(number,)| number).collect())
}

fn query(tenant: TenantId, wanted: &Wanted, stretch: i64) -> String {
    let code = |term: super::Term| term.within(tenant.0, stretch).code();
    let all = wanted.all.text(("&", "|"), &code);
    match &wanted.but {
        Some(but) => format!("{all}&!{}", but.text(("&", "|"), &code)),
        None => all,
    }
}
