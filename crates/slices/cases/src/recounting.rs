//! A newer holiday file has come: open deadlines beyond the old file's end were counted on plain weekends, and are counted again.

use crate::case::{Case, NO_DUE, STALE, case_columns};
use crate::clocks::{Hours, limit};
use crate::facts::{Clock, DeadlineRecounted};
use crate::steps::Stage;
use crate::verbs::HandleCase;
use access::Permit;
use kernel::ids::Uuid;
use kernel::{Instant, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};

/// The deadline of a case that is with its unit moved to `due`: its helpers' and its notice's go with it.
pub(crate) fn follow(tx: &mut Write<'_>, case: &Case, due: Instant) {
    tx.later(&SET_ASSISTING, args! { tenant: tx.tenant(), case: case.id, was: case.due, due: due });
    if let Some(notice) = case.notice_id {
        tx.later(&SET_NOTICE, args! { tenant: tx.tenant(), notice: notice, due: due });
    }
}

/// Cases that one transaction looks at.
const BATCH: usize = 200;

static BEYOND: Sql = sql!(concat!(
    case_columns!(),
    " WHERE tenant_id = :tenant AND open = TRUE AND due < :never AND (due, id) > (:due, :id) ORDER BY due, id LIMIT 200"
));
static SET_CENTRE: Sql = sql!(
    "UPDATE cases SET due = :due, yellow_at = :yellow, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);
static SET_UNIT: Sql = sql!(
    "UPDATE cases SET due = :due, yellow_at = :yellow, unit_due = :due, first_due = CASE WHEN rework = 0 THEN :due ELSE first_due END,
        version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);
static SET_ASSISTING: Sql = sql!("UPDATE case_assist SET due = :due WHERE tenant_id = :tenant AND case_id = :case AND due = :was");
static SET_NOTICE: Sql = sql!("UPDATE notice SET last_due = :due WHERE tenant_id = :tenant AND id = :notice AND last_due < :due");

/// Counts again what lies beyond `from`, in the order of deadlines; a day that a clerk set stands.
///
/// A deadline only ever becomes later: whoever holds the case was told a day, and a make-up day announced since must not make
/// them late. Errors: `case.stale` when somebody acted on one of the cases meanwhile; then nothing was changed.
pub struct Recount {
    pub by: Permit<HandleCase>,
    pub from: Behind,
    /// The last day for which holidays are announced now.
    pub known_until: String,
    pub hours: Arc<Hours>,
}

/// The deadline behind which to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    pub due: Instant,
    pub case: Uuid,
}

impl Behind {
    /// Everything due later than this instant.
    pub fn later_than(due: Instant) -> Behind {
        Behind { due, case: Uuid::max() }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recounted {
    pub moved: i64,
    /// Where the next batch begins; `None` when this was the last.
    pub next: Option<Behind>,
}

/// The clock of whoever holds the case, counted anew; `None` where a person set the day or nothing limits it.
fn counted(case: &Case, hours: &Hours) -> Result<Option<Clock>> {
    let start = case.clock_start;
    Ok(match case.stage {
        Stage::Dispatched if case.set_due.is_some() => None,
        Stage::Dispatched => match limit(case.limit_unit.as_deref(), case.limit_value) {
            Some(limit) => Some(hours.running(start, limit)?),
            None => None,
        },
        Stage::Reported => Some(hours.file(start)?),
        Stage::Verifying => Some(hours.verify(start)?),
        // Those outside were told a day.
        Stage::Transferred => None,
        Stage::Filed => Some(hours.dispatch(start)?),
        Stage::Rectified => Some(hours.reinspect(start)?),
        Stage::Closed | Stage::Declined | Stage::Merged | Stage::Void => None,
    })
}

impl Command for Recount {
    const KIND: &'static str = "case.recount";
    type Out = Recounted;

    async fn run(&self, tx: &mut Write<'_>) -> Result<Recounted> {
        let Recount { from, known_until, hours, .. } = self;
        let at = args! { tenant: tx.tenant(), never: NO_DUE, due: from.due, id: from.case };
        let cases = tx.all::<Case>(&BEYOND, at).await?;
        let mut moved = 0;
        for case in &cases {
            let Some(clock) = counted(case, hours)?.filter(|clock| clock.due > case.due) else { continue };
            let sql = if case.stage == Stage::Dispatched { &SET_UNIT } else { &SET_CENTRE };
            let row = args! { tenant: tx.tenant(), case: case.id, version: case.version, due: clock.due, yellow: clock.yellow_at };
            tx.change_one(sql, row).await?.or(STALE)?;
            if case.stage == Stage::Dispatched {
                follow(tx, case, clock.due);
            }
            tx.fact(DeadlineRecounted {
                case: case.id,
                place: case.place_id,
                unit: case.unit_id,
                clock,
                known_until: known_until.clone(),
            })?;
            moved += 1;
        }
        let last = cases.last().filter(|_| cases.len() == BATCH);
        let next = last.map(|case| Behind { due: case.due, case: case.id.0 });
        Ok(Recounted { moved, next })
    }
}
