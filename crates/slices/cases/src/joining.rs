//! One problem reported twice (并案), several reported as one (拆分): both ways keep every reporter and every history.

use crate::asking::said;
use crate::case::{Case, Found, STALE, WRONG_STAGE, case_columns, find_by_id, within};
use crate::clocks::Hours;
use crate::days::Tally;
use crate::facts::{CaseJoined, CaseMerged, CaseSplit, Clock};
use crate::filing::ASSISTED;
use crate::kinds::Apart;
use crate::reporting::{Finding, enter};
use crate::steps::Step;
use crate::verbs::HandleCase;
use access::{Actor, Permit};
use contracts::CaseId;
use kernel::{Code, Result, TenantId, ensure};
use std::sync::Arc;
use store::{Command, Sql, Store, Write, args, sql};

/// No such case, or one that has been declined, merged or voided, or the case itself.
pub const NO_TARGET: Code = Code::invalid("case.merge.no_target");

/// The most parts that one step gives.
pub const MAX_PARTS: usize = 3;

static PARTED: Sql = sql!(concat!(case_columns!(), " WHERE tenant_id = :tenant AND origin_id = :case ORDER BY id LIMIT 100"));
static INSIDE: Sql = sql!(concat!(case_columns!(), " WHERE tenant_id = :tenant AND merged_into = :case ORDER BY id LIMIT 100"));

/// The cases that were parted from this one.
pub async fn parted(store: &Store, tenant: TenantId, case: CaseId) -> Result<Vec<Case>> {
    store.all(&PARTED, args! { tenant: tenant, case: case }).await
}
/// The cases that became part of this one.
pub async fn inside(store: &Store, tenant: TenantId, case: CaseId) -> Result<Vec<Case>> {
    store.all(&INSIDE, args! { tenant: tenant, case: case }).await
}

/// So often one can have been merged on. A ring cannot be made; a hand in the table may make one.
const MOST_MERGED: usize = 20;

/// The case that a merged one is part of by now, however often that one was merged on; nothing of what stands by itself. Whoever
/// sees the merged one need not see it.
pub async fn goes_on_in(store: &Store, case: &Case) -> Result<Option<Found>> {
    let Some(mut id) = case.merged_into else { return Ok(None) };
    for _ in 0..MOST_MERGED {
        let found = find_by_id(store, &Actor::system(case.tenant_id), id).await?;
        let Some(next) = found.merged_into else { return Ok(Some(found)) };
        id = next;
    }
    Ok(None)
}
/// The same, as a transaction sees it.
pub(crate) async fn goes_on_within(tx: &mut Write<'_>, case: &Case) -> Result<Option<Found>> {
    let Some(mut id) = case.merged_into else { return Ok(None) };
    for _ in 0..MOST_MERGED {
        let found = within(tx, id).await?;
        let Some(next) = found.merged_into else { return Ok(Some(found)) };
        id = next;
    }
    Ok(None)
}

/// Makes a case part of another one that is the same problem. It is counted once.
///
/// Errors: `case.merge.no_target` where the other has ended without being mended, `case.stale`, `case.wrong_stage`.
pub struct Merge {
    pub by: Permit<HandleCase>,
    pub case: Found,
    pub into: Found,
    pub words: String,
    pub hours: Arc<Hours>,
}

/// The other goes on, or was mended; this locks it, so that it cannot end otherwise meanwhile.
static TARGET: Sql = sql!(
    "UPDATE cases SET version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND stage NOT IN ('declined', 'merged', 'void')"
);
static MERGE: Sql = sql!(
    "UPDATE cases SET stage = 'merged', open = FALSE, apart = 'merged', merged_into = :into, circular_id = NULL, ended_at = :now,
        ask = NULL, asked_at = NULL, ask_until = NULL, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for Merge {
    const KIND: &'static str = "case.merge";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Merge { case, into, words, hours, .. } = self;
        case.stage.after(Step::Merge).ok_or(WRONG_STAGE)?;
        ensure(case.id != into.id, NO_TARGET)?;
        // Both rows in one order, so that two clerks who merge them crosswise never wait for each other in a ring.
        let target = args! { tenant: tx.tenant(), case: into.id };
        let merge = args! { tenant: tx.tenant(), case: case.id, version: case.version, into: into.id, now: tx.now() };
        if case.id < into.id {
            tx.change_one(&MERGE, merge).await?.or(STALE)?;
            tx.change_one(&TARGET, target).await?.or(NO_TARGET)?;
        } else {
            tx.change_one(&TARGET, target).await?.or(NO_TARGET)?;
            tx.change_one(&MERGE, merge).await?.or(STALE)?;
        }
        if !case.assisting.is_empty() {
            tx.later(&ASSISTED, args! { tenant: tx.tenant(), case: case.id, now: tx.now() });
        }
        let mut tally = Tally::default();
        tally.turns(hours.zone(), case, |counting| counting.apart = Some(Apart::Merged));
        tally.write(tx);
        let words = said(tx, case.id, words)?;
        tx.fact(CaseJoined { case: into.id, place: into.place_id, unit: into.unit_once_dispatched(), from: case.id, number: case.number })?;
        tx.fact(CaseMerged { case: case.id, place: case.place_id, unit: case.unit_id, into: into.id, number: into.number, words })
    }
}

/// Parts what was reported as one: each part is a case of its own, with the reporter, the photos and the clock of the first.
///
/// Errors: `case.stale`, `case.wrong_stage`.
pub struct Split {
    pub by: Permit<HandleCase>,
    pub case: Found,
    /// One to [`MAX_PARTS`]; what is left stays in the case itself.
    pub parts: Vec<Finding>,
    pub hours: Arc<Hours>,
}

static TOUCH: Sql = sql!("UPDATE cases SET version = version + 1 WHERE tenant_id = :tenant AND id = :case AND version = :version");

impl Command for Split {
    const KIND: &'static str = "case.split";
    type Out = Vec<i64>;

    async fn run(&self, tx: &mut Write<'_>) -> Result<Vec<i64>> {
        let Split { case, parts, hours, .. } = self;
        case.stage.after(Step::Split).ok_or(WRONG_STAGE)?;
        tx.change_one(&TOUCH, args! { tenant: tx.tenant(), case: case.id, version: case.version }).await?.or(STALE)?;
        let clock = Clock { start: case.clock_start, due: case.due, yellow_at: case.yellow_at };
        let mut tally = Tally::default();
        let (mut into, mut numbers) = (Vec::new(), Vec::new());
        for part in parts {
            let made = enter(tx, part, case.reported_by, Some(case.id), clock, hours, &mut tally).await?;
            into.push(made.case);
            numbers.push(made.number);
        }
        tally.write(tx);
        tx.fact(CaseSplit { case: case.id, place: case.place_id, unit: case.unit_id, into })?;
        Ok(numbers)
    }
}
