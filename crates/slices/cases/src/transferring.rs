//! Handing over to somebody outside (移交): enforcement, the district's platform, a department, the owner of the pipe; their answer,
//! and back. No unit of ours answers for it meanwhile, in deadlines or in figures.

use crate::case::{Found, STALE, WRONG_STAGE};
use crate::clocks::Hours;
use crate::days::Tally;
use crate::facts::{CaseTransferred, Clock, TransferAnswered, TransferFailed, TransferTakenBack};
use crate::filing::{DEADLINE_PAST, NO_MORE_ASSISTING};
use crate::kinds::Receiver;
use crate::rectifying::PHOTO_NEEDED;
use crate::reinspecting::{Findings, not_own_work};
use crate::steps::{Stage, Step};
use crate::verbs::{HandleCase, Reinspect};
use crate::wording::{self, WordsKind};
use access::Permit;
use kernel::ids::AttachmentId;
use kernel::{Error, Instant, Result, ensure};
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};

/// The clock of those outside: the day that they named, or what the tenant allows.
fn clock(hours: &Hours, set_due: Option<Instant>, now: Instant) -> Result<Clock> {
    match set_due {
        Some(due) => {
            ensure(due > now, Error::field("due", DEADLINE_PAST))?;
            Ok(hours.until(now, due))
        }
        None => hours.transfer(now),
    }
}

/// Hands a case over to somebody outside. Errors: `case.deadline.past` at `due`, `case.stale`, `case.wrong_stage`.
pub struct Transfer {
    pub by: Permit<HandleCase>,
    pub case: Found,
    pub receiver: Receiver,
    pub receipt: Option<String>,
    pub set_due: Option<Instant>,
    /// To whom, and what they are asked to do.
    pub words: String,
    pub hours: Arc<Hours>,
}

static TRANSFER: Sql = sql!(
    "UPDATE cases SET stage = 'transferred', receiver = :receiver, receipt = :receipt, unit_id = NULL, unit_reason = NULL,
        unit_due = NULL, first_due = NULL, hold_until = NULL, inside_id = NULL, dissuaded_at = NULL, late = FALSE, set_due = NULL, clock_start = :start, due = :due,
        yellow_at = :yellow, asked_at = CASE WHEN ask = 'void' THEN asked_at END, ask = CASE WHEN ask = 'void' THEN ask END,
        ask_until = NULL, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

/// To whom a case is handed, and by when they are asked to answer.
pub(crate) struct Handing<'a> {
    pub receiver: Receiver,
    pub receipt: Option<&'a str>,
    pub set_due: Option<Instant>,
}

/// Hands a case to somebody outside, without the fact: the row, and from the unit's figures to nobody's.
pub(crate) async fn hand_outside(tx: &mut Write<'_>, case: &Found, to: &Handing<'_>, hours: &Hours) -> Result<Clock> {
    let clock = clock(hours, to.set_due, tx.now())?;
    let values = args! {
        tenant: tx.tenant(), case: case.id, version: case.version, receiver: to.receiver, receipt: to.receipt, start: clock.start,
        due: clock.due, yellow: clock.yellow_at,
    };
    tx.change_one(&TRANSFER, values).await?.or(STALE)?;
    tx.later(&NO_MORE_ASSISTING, args! { tenant: tx.tenant(), case: case.id });
    let mut tally = Tally::default();
    tally.turns(hours.zone(), case, |counting| {
        (counting.stage, counting.receiver, counting.unit_id) = (Stage::Transferred, Some(to.receiver), None);
        (counting.first_due, counting.late) = (None, false);
    });
    tally.write(tx);
    Ok(clock)
}

impl Command for Transfer {
    const KIND: &'static str = "case.transfer";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Transfer { case, receiver, receipt, set_due, words, hours, .. } = self;
        case.stage.after(Step::Transfer).ok_or(WRONG_STAGE)?;
        let clock = hand_outside(tx, case, &Handing { receiver: *receiver, receipt: receipt.as_deref(), set_due: *set_due }, hours).await?;
        let words = wording::keep(tx, case.id, WordsKind::Reason, words)?;
        let (place, unit, receipt) = (case.place_id, case.unit_id, receipt.clone());
        tx.fact(CaseTransferred { case: case.id, place, unit, receiver: *receiver, receipt, words, clock, to: None })
    }
}

/// They did not take it, or it is ours after all: back to the centre, to be dispatched. Errors: `case.stale`, `case.wrong_stage`.
pub struct TakeBack {
    pub by: Permit<HandleCase>,
    pub case: Found,
    pub words: String,
    pub hours: Arc<Hours>,
}

static TAKE_BACK: Sql = sql!(
    "UPDATE cases SET stage = 'filed', dispatched_at = NULL, receiver = NULL, receipt = NULL, rework = 0, clock_start = :start, due = :due, yellow_at = :yellow,
        version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for TakeBack {
    const KIND: &'static str = "case.take_back";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let TakeBack { case, words, hours, .. } = self;
        case.stage.after(Step::TakeBack).ok_or(WRONG_STAGE)?;
        let clock = hours.dispatch(tx.now())?;
        let values = args! { tenant: tx.tenant(), case: case.id, version: case.version, start: clock.start, due: clock.due, yellow: clock.yellow_at };
        tx.change_one(&TAKE_BACK, values).await?.or(STALE)?;
        let mut tally = Tally::default();
        tally.turns(hours.zone(), case, |counting| {
            (counting.stage, counting.dispatched_at, counting.receiver, counting.rework) = (Stage::Filed, None, None, 0);
        });
        tally.write(tx);
        let words = wording::keep(tx, case.id, WordsKind::Reason, words)?;
        tx.fact(TransferTakenBack { case: case.id, place: case.place_id, unit: case.unit_id, words, clock })
    }
}

/// They say that it is mended: it is looked at again like everything else. Errors: `case.stale`, `case.wrong_stage`.
pub struct AnswerTransfer {
    pub by: Permit<HandleCase>,
    pub case: Found,
    pub receipt: Option<String>,
    pub words: String,
    pub photos: Vec<AttachmentId>,
    pub hours: Arc<Hours>,
}

static ANSWERED: Sql = sql!(
    "UPDATE cases SET stage = 'rectified', receipt = :receipt, rectified_at = :now, rectified_by = NULL, photos = photos + :photos,
        clock_start = :start, due = :due, yellow_at = :yellow, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for AnswerTransfer {
    const KIND: &'static str = "case.answer_transfer";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let AnswerTransfer { by, case, receipt, words, photos, hours } = self;
        case.stage.after(Step::AnswerTransfer).ok_or(WRONG_STAGE)?;
        let clock = hours.reinspect(tx.now())?;
        // A number that they gave before stays, where they give none now.
        let receipt = receipt.clone().or_else(|| case.receipt.clone());
        let values = args! {
            tenant: tx.tenant(), case: case.id, version: case.version, receipt: receipt, now: tx.now(),
            photos: i64::try_from(photos.len()).unwrap_or(0), start: clock.start, due: clock.due, yellow: clock.yellow_at,
        };
        tx.change_one(&ANSWERED, values).await?.or(STALE)?;
        let photos = wording::keep_photos(tx, case.id, photos, by.actor.account, &format!("after-{}", case.rework + 1)).await?;
        let words = wording::keep(tx, case.id, WordsKind::Answer, words)?;
        tx.fact(TransferAnswered { case: case.id, place: case.place_id, unit: case.unit_id, receipt, words, photos, clock })
    }
}

/// Looked at again, it is not mended: back to those outside.
///
/// Errors: `case.wrong_stage`, `case.reinspect.own_work`, `case.photo_needed`, `case.deadline.past` at `due`, `case.stale`.
pub struct FailTransfer {
    pub by: Permit<Reinspect>,
    pub case: Found,
    pub findings: Findings,
    pub set_due: Option<Instant>,
    pub hours: Arc<Hours>,
}

static SEND_BACK: Sql = sql!(
    "UPDATE cases SET stage = 'transferred', rework = rework + 1, photos = photos + :photos, clock_start = :start, due = :due,
        yellow_at = :yellow, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for FailTransfer {
    const KIND: &'static str = "case.fail_transfer";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let FailTransfer { by, case, findings, set_due, hours } = self;
        case.stage.after(Step::FailTransfer).ok_or(WRONG_STAGE)?;
        ensure(case.receiver.is_some(), WRONG_STAGE)?;
        not_own_work(by, case)?;
        ensure(!findings.on_spot || !findings.photos.is_empty(), PHOTO_NEEDED)?;
        let clock = clock(hours, *set_due, tx.now())?;
        let values = args! {
            tenant: tx.tenant(), case: case.id, version: case.version, photos: i64::try_from(findings.photos.len()).unwrap_or(0),
            start: clock.start, due: clock.due, yellow: clock.yellow_at,
        };
        tx.change_one(&SEND_BACK, values).await?.or(STALE)?;
        let mut tally = Tally::default();
        tally.turns(hours.zone(), case, |counting| (counting.stage, counting.rework) = (Stage::Transferred, case.rework + 1));
        tally.write(tx);
        let role = format!("reinspection-{}", case.rework + 1);
        let photos = wording::keep_photos(tx, case.id, &findings.photos, by.actor.account, &role).await?;
        let words = wording::keep(tx, case.id, WordsKind::Finding, &findings.words)?;
        let (place, unit, rework) = (case.place_id, case.unit_id, case.rework + 1);
        tx.fact(TransferFailed { case: case.id, place, unit, words, photos, rework, clock })
    }
}
