//! What cases are found by, and how the index of words follows them: behind the journal, a stretch of facts at a time, so that
//! nobody who reports or mends anything waits for it.
//!
//! Found by: what and where, the number of another system, category, places and unit by name, what units answered and what
//! those who looked again found. Never by who reported or handled a case.

use crate::listing::Leg;
use contracts::CaseId;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{Instant, Result, TenantId};
use std::collections::HashMap;
use store::search::folding::Folded;
use store::search::{Doc, Expr, Progress, Terms};
use store::{Sql, Store, args, sql};
use territory::Directory;
use web::App;

/// Facts that one write follows.
const FACTS: i64 = 400;
/// Cases that one write of a walk through all of them takes.
const WALKED: usize = 1000;

macro_rules! columns {
    () => {
        "SELECT id, number, open, category_id, place_id, place_path, community_id, unit_id, dispatched_at, what, where_words, outside_number
FROM cases
WHERE tenant_id = :tenant"
    };
}
macro_rules! touched {
    () => {
        "(SELECT subject_id FROM fact WHERE tenant_id = :tenant AND position >= :from AND position < :to AND subject = 'case')"
    };
}
macro_rules! walked {
    () => {
        "(SELECT id FROM cases WHERE tenant_id = :tenant AND number > :after AND number <= :last)"
    };
}

static HEAD: Sql = sql!("SELECT size FROM journal_head WHERE tenant_id = :tenant");
static UNSEALED: Sql = sql!(
    "SELECT id
    FROM fact
    WHERE tenant_id = :tenant AND position IS NULL
    ORDER BY recorded_at, id
    LIMIT 1"
);
static RENAMED: Sql = sql!(
    "SELECT position FROM fact
    WHERE tenant_id = :tenant AND position >= :from AND position < :to
        AND kind IN ('place.edited', 'place.moved', 'organisation.edited', 'place_list.applied', 'place_list.undone')
    ORDER BY position
    LIMIT 1"
);
static TOUCHED: Sql = sql!(concat!(columns!(), " AND id IN ", touched!()));
static TOUCHED_WORDS: Sql = sql!(concat!(
    "SELECT case_id, words FROM case_words WHERE tenant_id = :tenant AND kind IN ('answer', 'finding') AND case_id IN ",
    touched!()
));
static TOUCHED_ASSIST: Sql =
    sql!(concat!("SELECT case_id, organisation_id FROM case_assist WHERE tenant_id = :tenant AND case_id IN ", touched!()));
static WALK: Sql = sql!(concat!(columns!(), " AND number > :after ORDER BY number LIMIT 1000"));
static WALK_WORDS: Sql = sql!(concat!(
    "SELECT case_id, words FROM case_words WHERE tenant_id = :tenant AND kind IN ('answer', 'finding') AND case_id IN ",
    walked!()
));
static WALK_ASSIST: Sql =
    sql!(concat!("SELECT case_id, organisation_id FROM case_assist WHERE tenant_id = :tenant AND case_id IN ", walked!()));

store::row! {
    struct Row {
        id: CaseId,
        number: i64,
        open: bool,
        category_id: Option<Uuid>,
        place_id: Option<PlaceId>,
        place_path: String,
        community_id: Option<PlaceId>,
        unit_id: Option<OrganisationId>,
        dispatched_at: Option<Instant>,
        what: String,
        where_words: String,
        outside_number: Option<String>,
    }
}

/// The texts that a case is found by.
pub struct Texts {
    /// Each character of these is found by itself: what, where, category, the number of another system.
    pub running: Vec<String>,
    pub names: Vec<String>,
    /// What was answered and found.
    pub said: Vec<String>,
}

/// What of a case the texts are made from.
pub struct Of<'a> {
    pub what: &'a str,
    pub where_words: &'a str,
    pub outside_number: Option<&'a str>,
    pub category: Option<Uuid>,
    pub place: Option<PlaceId>,
    pub unit: Option<OrganisationId>,
}

impl Texts {
    pub fn of(directory: &Directory, of: &Of<'_>, said: Vec<String>) -> Texts {
        let category = of.category.and_then(|id| directory.category(id)).map(|category| category.name.as_str());
        let running = [Some(of.what), Some(of.where_words), of.outside_number, category];
        let place = of.place.and_then(|id| directory.place(id)).map(|place| place.full_name.as_str());
        let unit = of.unit.and_then(|id| directory.organisation(id));
        let names = [place, unit.map(|unit| unit.name.as_str()), unit.map(|unit| unit.short_name.as_str())];
        let kept = |texts: &[Option<&str>]| texts.iter().flatten().filter(|text| !text.is_empty()).map(|text| (*text).to_owned()).collect();
        Texts { running: kept(&running), names: kept(&names), said }
    }
}

const OPEN: &str = "open";
const ENDED: &str = "ended";

fn community(id: PlaceId) -> String {
    format!("community {id}")
}
fn under(path: &str) -> String {
    format!("under {path}")
}
fn unit(id: OrganisationId) -> String {
    format!("unit {id}")
}

/// Whether it is under way, as a condition.
pub fn stands(open: bool) -> Expr {
    Expr::mark(if open { OPEN } else { ENDED })
}

/// What the actor may see, as a condition; `None` where that is everything.
pub fn within(legs: &[Leg]) -> Option<Expr> {
    if legs.contains(&Leg::All) {
        return None;
    }
    let mark = |leg: &Leg| match leg {
        Leg::All => Expr::All(Vec::new()),
        Leg::Community(id) => Expr::mark(&community(*id)),
        Leg::Under(path) => Expr::mark(&under(path)),
        Leg::Unit(id) => Expr::mark(&unit(*id)),
    };
    Some(Expr::Any(legs.iter().map(mark).collect()))
}

fn doc(directory: &Directory, row: &Row, said: Vec<String>, assisting: &[OrganisationId]) -> Doc {
    let of = Of {
        what: &row.what,
        where_words: &row.where_words,
        outside_number: row.outside_number.as_deref(),
        category: row.category_id,
        place: row.place_id,
        unit: row.unit_id,
    };
    let texts = Texts::of(directory, &of, said);
    let mut terms = Terms::default();
    texts.running.iter().for_each(|text| terms.main(&Folded::of(text), true));
    texts.names.iter().for_each(|text| terms.main(&Folded::of(text), false));
    texts.said.iter().for_each(|text| terms.more(&Folded::of(text)));
    terms.mark(if row.open { OPEN } else { ENDED });
    row.community_id.iter().for_each(|id| terms.mark(&community(*id)));
    let ends = row.place_path.char_indices().filter(|(_, c)| *c == '/').map(|(at, _)| at + 1);
    ends.for_each(|end| terms.mark(&under(&row.place_path[..end])));
    // A unit sees nothing of it before it is dispatched, nor do those that shall assist.
    if row.dispatched_at.is_some() {
        row.unit_id.iter().chain(assisting).for_each(|id| terms.mark(&unit(*id)));
    }
    Doc { number: row.number, terms }
}

fn docs(directory: &Directory, rows: &[Row], words: Vec<(CaseId, String)>, assisting: Vec<(CaseId, OrganisationId)>) -> Vec<Doc> {
    let mut said = HashMap::<CaseId, Vec<String>>::new();
    words.into_iter().for_each(|(case, words)| said.entry(case).or_default().push(words));
    let mut helping = HashMap::<CaseId, Vec<OrganisationId>>::new();
    assisting.into_iter().for_each(|(case, organisation)| helping.entry(case).or_default().push(organisation));
    let assisting = |id| helping.get(&id).map_or(&[][..], Vec::as_slice);
    rows.iter().map(|row| doc(directory, row, said.remove(&row.id).unwrap_or_default(), assisting(row.id))).collect()
}

/// The cases with numbers above `after`, at most [`WALKED`], as they should stand in the index.
async fn walk(store: &Store, directory: &Directory, tenant: TenantId, after: i64) -> Result<Vec<Doc>> {
    let rows: Vec<Row> = store.all(&WALK, args! { tenant: tenant, after: after }).await?;
    let Some(last) = rows.last().map(|row| row.number) else { return Ok(Vec::new()) };
    let stretch = || args! { tenant: tenant, after: after, last: last };
    let words = store.all(&WALK_WORDS, stretch()).await?;
    let assisting = store.all(&WALK_ASSIST, stretch()).await?;
    Ok(docs(directory, &rows, words, assisting))
}

/// The size of the tenant's journal.
async fn head(store: &Store, tenant: TenantId) -> Result<i64> {
    Ok(store.opt::<(i64,)>(&HEAD, args! { tenant: tenant }).await?.map_or(0, |(size,)| size))
}

/// Brings the index one step further; `false` where it has caught up, or another process is at it.
///
/// An index that was never begun, or was lost, is made by walking through all cases; so is what hangs on a name that changed.
/// Facts come first, so that what is reported meanwhile is found as soon as ever.
pub async fn follow(app: &App, tenant: TenantId) -> Result<bool> {
    let (store, search) = (&app.store, app.store.search());
    let head = head(store, tenant).await?;
    let Some(was) = search.progress(tenant).await? else {
        // What is not sealed yet comes behind this position.
        let begun = Progress { position: head, walked: Some(0), complete: false };
        return search.write(tenant, None, begun, Vec::new()).await;
    };
    if was.position > head {
        // An index of another database than this.
        search.forget(tenant).await?;
        return Ok(true);
    }
    if was.position < head {
        let to = head.min(was.position + FACTS);
        let stretch = || args! { tenant: tenant, from: was.position, to: to };
        let rows: Vec<Row> = store.all(&TOUCHED, stretch()).await?;
        let words = store.all(&TOUCHED_WORDS, stretch()).await?;
        let assisting = store.all(&TOUCHED_ASSIST, stretch()).await?;
        let renamed = store.opt::<(i64,)>(&RENAMED, stretch()).await?.is_some();
        // After the facts: names as they are now at the earliest.
        let directory = territory::directory(app, tenant).await?;
        let next = Progress { position: to, walked: if renamed { Some(0) } else { was.walked }, ..was };
        return search.write(tenant, Some(was), next, docs(&directory, &rows, words, assisting)).await;
    }
    if let Some(after) = was.walked {
        let directory = territory::directory(app, tenant).await?;
        let docs = walk(store, &directory, tenant, after).await?;
        let ended = docs.len() < WALKED;
        let walked = docs.last().filter(|_| !ended).map(|doc| doc.number);
        return search.write(tenant, Some(was), Progress { walked, complete: was.complete || ended, ..was }, docs).await;
    }
    Ok(false)
}

/// Whether every case can be found: until then a search says that it may miss some.
pub async fn complete(store: &Store, tenant: TenantId) -> Result<bool> {
    Ok(store.search().progress(tenant).await?.is_some_and(|progress| progress.complete))
}

/// Numbers of cases that are not in the index as they should be, at most some; `None` while it has not caught up.
pub async fn misfits(store: &Store, tenant: TenantId) -> Result<Option<Vec<i64>>> {
    let caught_up = async || -> Result<bool> {
        let head = head(store, tenant).await?;
        let progress = store.search().progress(tenant).await?;
        // What is not sealed yet has not been followed either.
        let unsealed = !store.all::<(kernel::ids::FactId,)>(&UNSEALED, args! { tenant: tenant }).await?.is_empty();
        Ok(!unsealed && progress.is_some_and(|now| now.complete && now.walked.is_none() && now.position == head))
    };
    if !caught_up().await? {
        return Ok(None);
    }
    let directory = Directory::load(store, tenant).await?;
    let (mut after, mut wrong) = (0, Vec::new());
    loop {
        let docs = walk(store, &directory, tenant, after).await?;
        let Some(last) = docs.last().map(|doc| doc.number) else { break };
        let mut written = HashMap::new();
        let mut from = after;
        while from < last {
            let some = store.search().written(tenant, from, 1000).await?;
            let Some((number, _)) = some.last() else { break };
            from = *number;
            written.extend(some);
        }
        wrong.extend(docs.iter().filter(|doc| written.get(&doc.number) != Some(&doc.terms.hash())).map(|doc| doc.number));
        after = last;
        if docs.len() < WALKED || wrong.len() > WALKED {
            break;
        }
    }
    // What moved while it was looked at is nobody's fault.
    Ok(if caught_up().await? { Some(wrong) } else { None })
}
