//! The part of `verify` that looks at cases: every row must follow from its facts, every text from its hash, and the
//! summary's counts from the cases.

use crate::case::{Case, case_columns};
use crate::days::{Cell, Counts};
use crate::kinds::{Apart, AppealEnd};
use crate::months::Spot;
use crate::outside::{Order, OrderClocks, order_columns};
use crate::rebuild::{Misfit, State, Step, apply};
use crate::reporting::words_of;
use crate::steps::Stage;
use crate::wording;
use contracts::CaseId;
use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{Instant, Result, TenantId};
use std::collections::BTreeMap;
use store::journal::verify::what::STATE;
use store::journal::{Finding, Report, StateCheck};
use store::{Sql, Store, args, sql};

/// Cases compared at a time.
const STRIDE: usize = 200;
/// Above every id.
const LAST: Uuid = Uuid::max();

static BATCH: Sql = sql!(concat!(case_columns!(), " WHERE tenant_id = :tenant AND id > :after ORDER BY id LIMIT 200"));
static ROWS: Sql = sql!(concat!(case_columns!(), " WHERE tenant_id = :tenant AND id > :after AND id <= :last ORDER BY id LIMIT 400"));
static TEXTS: Sql = sql!(
    "SELECT id, what, where_words, salt FROM cases
    WHERE tenant_id = :tenant AND id > :after AND id <= :last
    ORDER BY id
    LIMIT 400"
);
static KEPT: Sql = sql!(
    "SELECT id, words, salt FROM case_words
    WHERE tenant_id = :tenant AND case_id > :after AND case_id <= :last
    ORDER BY case_id, id
    LIMIT 100000"
);
static FACTS: Sql = sql!(
    "SELECT subject_id, kind, recorded_at, data FROM fact
    WHERE tenant_id = :tenant AND subject = 'case' AND subject_id > :after AND subject_id <= :last
    ORDER BY subject_id, recorded_at, ordinal
    LIMIT 100000"
);
static ORDERS: Sql =
    sql!(concat!(order_columns!(), " WHERE tenant_id = :tenant AND case_id > :after AND case_id <= :last ORDER BY case_id LIMIT 400"));
static COUNTED: Sql = sql!(
    "SELECT id, cell, community_id, unit_id, category_id, reported_at, dispatched_at, stage, first_due, late, rework, apart, late_appeal, rework_appeal FROM cases
    WHERE tenant_id = :tenant AND id > :after
    ORDER BY id
    LIMIT 2000"
);
static DAYS: Sql = sql!(
    "SELECT day, community_id, unit_id, category_id, found, in_circulars, rectified, with_deadline, on_time, rework,
        on_spot, self_checks
    FROM case_day
    WHERE tenant_id = :tenant AND (day, community_id, unit_id, category_id) > (:day, :community, :unit, :category)
    ORDER BY day, community_id, unit_id, category_id
    LIMIT 2000"
);

store::row! {
    struct CountedRow {
        id: CaseId,
        cell: Option<i64>,
        community_id: Option<PlaceId>,
        unit_id: Option<OrganisationId>,
        category_id: Option<Uuid>,
        reported_at: Instant,
        dispatched_at: Option<Instant>,
        stage: Stage,
        first_due: Option<Instant>,
        late: bool,
        rework: i64,
        apart: Option<Apart>,
        late_appeal: Option<AppealEnd>,
        rework_appeal: Option<AppealEnd>,
    }
}

store::row! {
    struct DayRow {
        day: String,
        community_id: Uuid,
        unit_id: Uuid,
        category_id: Uuid,
        found: i64,
        in_circulars: i64,
        rectified: i64,
        with_deadline: i64,
        on_time: i64,
        rework: i64,
        on_spot: i64,
        self_checks: i64,
    }
}

/// Cases, their words and the summary's counts, each against what it was made from.
pub struct Cases;

impl StateCheck for Cases {
    fn name(&self) -> &'static str {
        "cases"
    }

    /// A finding names the case by `case` (its id) and what is wrong with it by `is`, or a count's cell.
    ///
    /// While the server works, rows and facts are read at different instants: what does not fit is read again, and only
    /// what still does not is a finding.
    fn check<'a>(&'a self, store: &'a Store, tenant: TenantId, report: &'a mut Report) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut after = Uuid::nil();
            loop {
                let rows: Vec<Case> = store.all(&BATCH, args! { tenant: tenant, after: after }).await?;
                let last = if rows.len() < STRIDE { LAST } else { rows.last().map_or(LAST, |row| row.id.0) };
                let mut wrong = compare(store, tenant, after, last).await?;
                if !wrong.is_empty() {
                    let again = compare(store, tenant, after, last).await?;
                    wrong.retain(|finding| again.contains(finding));
                }
                wrong.into_iter().for_each(|finding| report.add(finding));
                if last == LAST {
                    break;
                }
                after = last;
            }
            let zone = territory::Directory::load(store, tenant).await?.calendar().zone().clone();
            let mut wrong = compare_counts(store, tenant, &zone).await?;
            if !wrong.is_empty() {
                let again = compare_counts(store, tenant, &zone).await?;
                wrong.retain(|finding| again.contains(finding));
            }
            wrong.into_iter().for_each(|finding| report.add(finding));
            Ok(())
        })
    }
}

fn finding(case: Uuid, is: &str) -> Finding {
    Finding::new(STATE).with("check", "cases").with("case", case).with("is", is)
}

/// What the facts of one case say.
#[derive(Default)]
struct Told {
    state: Option<State>,
    misfit: Option<Misfit>,
    /// Hash of where and what.
    words: Option<String>,
    /// Hashes of kept words, by their id.
    kept: Vec<(Uuid, String)>,
}

impl Told {
    fn hear(&mut self, kind: &str, at: Instant, data: &str) {
        if self.misfit.is_some() {
            return;
        }
        let json: serde_json::Value = serde_json::from_str(data).unwrap_or_default();
        match &json["words"] {
            serde_json::Value::String(hash) => self.words = Some(hash.clone()),
            serde_json::Value::Object(kept) => {
                let id = kept.get("id").and_then(|id| id.as_str()).and_then(|id| Uuid::try_parse(id).ok());
                let hash = kept.get("hash").and_then(|hash| hash.as_str());
                self.kept.extend(id.zip(hash.map(str::to_owned)));
            }
            _ => {}
        }
        let answer = &json["answer"];
        let id = answer["id"].as_str().and_then(|id| Uuid::try_parse(id).ok());
        self.kept.extend(id.zip(answer["hash"].as_str().map(str::to_owned)));
        match apply(self.state.take(), Step { kind, at, data }) {
            Ok(state) => self.state = Some(state),
            Err(misfit) => self.misfit = Some(misfit),
        }
    }
}

/// What doesn't fit about the cases with ids in `(after, last]`.
async fn compare(store: &Store, tenant: TenantId, after: Uuid, last: Uuid) -> Result<Vec<Finding>> {
    let range = || args! { tenant: tenant, after: after, last: last };
    let facts: Vec<(Uuid, String, Instant, String)> = store.all(&FACTS, range()).await?;
    let rows: Vec<Case> = store.all(&ROWS, range()).await?;
    let texts: Vec<(CaseId, String, String, [u8; 32])> = store.all(&TEXTS, range()).await?;
    let kept: Vec<(Uuid, String, [u8; 32])> = store.all(&KEPT, range()).await?;
    let mut told = BTreeMap::<Uuid, Told>::new();
    for (case, kind, at, data) in &facts {
        told.entry(*case).or_default().hear(kind, *at, data);
    }
    let kept: BTreeMap<Uuid, String> = kept.into_iter().map(|(id, words, salt)| (id, wording::hash(&salt, &words))).collect();
    let mut texts: BTreeMap<Uuid, String> =
        texts.into_iter().map(|(id, what, place, salt)| (id.0, wording::hash(&salt, &words_of(&place, &what)))).collect();
    let orders: Vec<Order> = store.all(&ORDERS, range()).await?;
    let orders: BTreeMap<Uuid, OrderClocks> = orders.iter().map(|order| (order.case_id.0, order.clocks())).collect();
    let mut wrong = Vec::new();
    for row in &rows {
        let id = row.id.0;
        let Some(told) = told.remove(&id) else {
            wrong.push(finding(id, "without_facts"));
            continue;
        };
        if let Some(misfit) = told.misfit {
            wrong.push(finding(id, misfit.name()));
        } else if let Some(state) = &told.state {
            wrong.extend(state.differs(&State::from(row)).into_iter().map(|column| finding(id, column)));
            if state.order.as_ref() != orders.get(&id) {
                wrong.push(finding(id, "order"));
            }
        }
        if told.words != texts.remove(&id) {
            wrong.push(finding(id, "words"));
        }
        for (words, hash) in &told.kept {
            if kept.get(words) != Some(hash) {
                wrong.push(finding(id, "kept_words").with("words", words));
            }
        }
    }
    wrong.extend(told.keys().map(|case| finding(*case, "removed")));
    Ok(wrong)
}

/// What doesn't fit about the summary's counts.
async fn compare_counts(store: &Store, tenant: TenantId, zone: &TimeZone) -> Result<Vec<Finding>> {
    let mut wanted = BTreeMap::<Cell, Counts>::new();
    let mut spots = BTreeMap::<Spot, i64>::new();
    let mut after = Uuid::nil();
    loop {
        let rows: Vec<CountedRow> = store.all(&COUNTED, args! { tenant: tenant, after: after }).await?;
        let Some(last) = rows.last() else { break };
        after = last.id.0;
        for row in &rows {
            let cell = |at| Cell::of(zone, at, row.community_id, row.unit_id, row.category_id);
            if let Some(apart) = row.apart {
                *wanted.entry(cell(row.reported_at)).or_default() += match apart {
                    Apart::MendedOnSpot => Counts { on_spot: 1, ..Counts::default() },
                    Apart::SelfCheck => Counts { self_checks: 1, ..Counts::default() },
                    Apart::Merged | Apart::Void => Counts::default(),
                };
                continue;
            }
            *wanted.entry(cell(row.reported_at)).or_default() += Counts { found: 1, ..Counts::default() };
            *spots.entry(Spot::of(zone, row.reported_at, row.cell, row.community_id, row.category_id)).or_default() += 1;
            if let Some(dispatched) = row.dispatched_at {
                let closed = row.stage == Stage::Closed;
                let timed = closed && row.first_due.is_some() && row.late_appeal != Some(AppealEnd::Upheld);
                *wanted.entry(cell(dispatched)).or_default() += Counts {
                    in_circulars: 1,
                    rectified: i64::from(closed),
                    with_deadline: i64::from(timed),
                    on_time: i64::from(timed && !row.late),
                    rework: i64::from(row.rework > 0 && row.rework_appeal != Some(AppealEnd::Upheld)),
                    ..Counts::default()
                };
            }
        }
    }
    let mut at = Cell { day: "0000-01-01".into(), community: Uuid::nil(), unit: Uuid::nil(), category: Uuid::nil() };
    let mut wrong = Vec::new();
    loop {
        let place = args! { tenant: tenant, day: at.day, community: at.community, unit: at.unit, category: at.category };
        let rows: Vec<DayRow> = store.all(&DAYS, place).await?;
        let Some(last) = rows.last() else { break };
        at = last.cell();
        for row in rows {
            let counts = Counts {
                found: row.found,
                in_circulars: row.in_circulars,
                rectified: row.rectified,
                with_deadline: row.with_deadline,
                on_time: row.on_time,
                rework: row.rework,
                on_spot: row.on_spot,
                self_checks: row.self_checks,
            };
            if wanted.remove(&row.cell()).unwrap_or_default() != counts {
                wrong.push(count(&row.cell()));
            }
        }
    }
    wrong.extend(wanted.iter().filter(|(_, counts)| **counts != Counts::default()).map(|(cell, _)| count(cell)));
    wrong.extend(crate::months::compare(store, tenant, spots).await?);
    Ok(wrong)
}

impl DayRow {
    fn cell(&self) -> Cell {
        Cell { day: self.day.clone(), community: self.community_id, unit: self.unit_id, category: self.category_id }
    }
}

fn count(cell: &Cell) -> Finding {
    Finding::new(STATE)
        .with("check", "counts")
        .with("day", &cell.day)
        .with("community", cell.community)
        .with("unit", cell.unit)
        .with("category", cell.category)
}
