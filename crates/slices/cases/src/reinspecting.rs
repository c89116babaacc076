//! Re-inspection: accepting a rectification closes the case, refusing it sends it back with a new deadline.

use crate::case::{Found, STALE, WRONG_STAGE};
use crate::clocks::Hours;
use crate::days::Tally;
use crate::facts::{CaseFailed, CasePassed, Clock};
use crate::filing::{ASSISTED, DEADLINE_PAST, NO_DEADLINE};
use crate::rectifying::PHOTO_NEEDED;
use crate::steps::{Stage, Step};
use crate::verbs::Reinspect;
use crate::wording::{self, WordsKind};
use access::Permit;
use kernel::ids::AttachmentId;
use kernel::{Code, Instant, Result, ensure};
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};

/// The inspector rectified it, or belongs to the unit that did.
pub const OWN_WORK: Code = Code::forbidden("case.reinspect.own_work");

/// What was found on looking again: words, photos.
#[derive(Debug, Clone)]
pub struct Findings {
    pub words: String,
    pub photos: Vec<AttachmentId>,
    /// Re-inspected on the spot: then a photo is demanded.
    pub on_spot: bool,
}

/// Nobody looks at their own work again.
pub(crate) fn not_own_work(by: &Permit<Reinspect>, case: &Found) -> Result<()> {
    let own = case.unit_id.is_some_and(|unit| by.actor.works_for(unit))
        || case.assisting.iter().any(|unit| by.actor.works_for(*unit))
        || (by.actor.account.is_some() && by.actor.account == case.rectified_by);
    ensure(!own, OWN_WORK)
}

/// Accepts a rectification that was found good, and closes the case.
///
/// Errors: `case.wrong_stage`, `case.reinspect.own_work`, `case.photo_needed`, `case.stale`.
pub struct Pass {
    pub by: Permit<Reinspect>,
    pub case: Found,
    pub findings: Findings,
    pub hours: Arc<Hours>,
}

static CLOSE: Sql = sql!(
    "UPDATE cases SET stage = 'closed', open = FALSE, ended_at = :now, ask = NULL, asked_at = NULL, ask_until = NULL,
        photos = photos + :photos, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for Pass {
    const KIND: &'static str = "case.pass";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Pass { by, case, findings, hours } = self;
        case.stage.after(Step::Pass).ok_or(WRONG_STAGE)?;
        not_own_work(by, case)?;
        ensure(!findings.on_spot || !findings.photos.is_empty(), PHOTO_NEEDED)?;
        tx.change_one(
            &CLOSE,
            args! { tenant: tx.tenant(), case: case.id, version: case.version, now: tx.now(), photos: i64::try_from(findings.photos.len()).unwrap_or(0) },
        )
        .await?
        .or(STALE)?;
        if !case.assisting.is_empty() {
            tx.later(&ASSISTED, args! { tenant: tx.tenant(), case: case.id, now: tx.now() });
        }
        let photos =
            wording::keep_photos(tx, case.id, &findings.photos, by.actor.account, &format!("reinspection-{}", case.rework + 1)).await?;
        let words = wording::keep(tx, case.id, WordsKind::Finding, &findings.words)?;
        let mut tally = Tally::default();
        tally.turns(hours.zone(), case, |counting| counting.stage = Stage::Closed);
        tally.write(tx);
        tx.fact(CasePassed { case: case.id, place: case.place_id, unit: case.unit_id, words, photos, rework: case.rework })
    }
}

/// Refuses a rectification: back to the unit, rework + 1, a new deadline; the first lateness stays.
///
/// Errors: `case.wrong_stage`, `case.reinspect.own_work`, `case.photo_needed`, `case.no_deadline`, `case.stale`.
pub struct Fail {
    pub by: Permit<Reinspect>,
    pub case: Found,
    pub findings: Findings,
    /// Set by the clerk; else the category's limit anew.
    pub set_due: Option<Instant>,
    pub hours: Arc<Hours>,
}

static SEND_BACK: Sql = sql!(
    "UPDATE cases SET stage = 'dispatched', rework = rework + 1, clock_start = :start, due = :due, yellow_at = :yellow,
        unit_due = :due, set_due = :set_due, photos = photos + :photos, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

/// The clock of a rework: the day that the inspector set, or the category's limit again.
pub fn rework_clock(case: &Found, set_due: Option<Instant>, hours: &Hours, now: Instant) -> Result<Clock> {
    if let Some(due) = set_due {
        ensure(due > now, DEADLINE_PAST)?;
        return Ok(hours.until(now, due));
    }
    hours.running(now, crate::clocks::limit(case.limit_unit.as_deref(), case.limit_value).ok_or(NO_DEADLINE)?)
}

impl Command for Fail {
    const KIND: &'static str = "case.fail";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Fail { by, case, findings, set_due, hours } = self;
        case.stage.after(Step::Fail).ok_or(WRONG_STAGE)?;
        // What those outside mended goes back to them.
        ensure(case.receiver.is_none(), WRONG_STAGE)?;
        not_own_work(by, case)?;
        ensure(!findings.on_spot || !findings.photos.is_empty(), PHOTO_NEEDED)?;
        let clock = rework_clock(case, *set_due, hours, tx.now())?;
        tx.change_one(
            &SEND_BACK,
            args! {
                tenant: tx.tenant(), case: case.id, version: case.version, start: clock.start, due: clock.due, yellow: clock.yellow_at,
                set_due: set_due, photos: i64::try_from(findings.photos.len()).unwrap_or(0),
            },
        )
        .await?
        .or(STALE)?;
        let photos =
            wording::keep_photos(tx, case.id, &findings.photos, by.actor.account, &format!("reinspection-{}", case.rework + 1)).await?;
        let words = wording::keep(tx, case.id, WordsKind::Finding, &findings.words)?;
        let mut tally = Tally::default();
        tally.turns(hours.zone(), case, |counting| (counting.stage, counting.rework) = (Stage::Dispatched, case.rework + 1));
        tally.write(tx);
        tx.fact(CaseFailed { case: case.id, place: case.place_id, unit: case.unit_id, words, photos, rework: case.rework + 1, clock })
    }
}
