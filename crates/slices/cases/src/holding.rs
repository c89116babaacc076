//! Holds (挂账): what cannot be mended now waits with its clock stopped until a day, asked by the unit, granted by a leader.
//!
//! The clock goes on by itself on that day: what is kept is the deadline that then remains, so nothing has to happen.

use crate::asking::{self, said, waits};
use crate::case::{Case, Found, STALE, WRONG_STAGE};
use crate::clocks::Hours;
use crate::days::Tally;
use crate::facts::{Clock, HoldAsked, HoldEnded, HoldGranted, HoldRefused, HoldRenewed};
use crate::kinds::{Ask, HoldReason};
use crate::recounting::follow;
use crate::steps::Step;
use crate::verbs::{LeadCase, RectifyCase};
use crate::wording::{self, WordsKind};
use access::Permit;
use kernel::{Code, Error, Instant, Result, ensure};
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};

/// A hold is in force already.
pub const ALREADY_HELD: Code = Code::conflict("case.hold.already");
/// No hold is in force.
pub const NOT_HELD: Code = Code::conflict("case.hold.none");
/// In the past, or later than a year from now; a renewal also goes further than the hold that it renews.
pub const OUT_OF_BOUNDS: Code = Code::invalid("case.hold.bounds");

/// The longest that one hold lasts before a leader looks at it again, in seconds: 366 days.
const LONGEST: i64 = 366 * 86_400;

fn bounded(until: Instant, from: Instant, now: Instant) -> Result<()> {
    ensure(until > from && until <= now.plus_seconds(LONGEST), Error::field("due", OUT_OF_BOUNDS))
}

/// The unit's clock when it stands from `from` to `until`: what was left of it then is left of it again.
fn stopped(case: &Case, hours: &Hours, from: Instant, until: Instant) -> Result<Clock> {
    let due = hours.shifted(case, from, until)?;
    Ok(Clock { start: case.clock_start, due, yellow_at: hours.until(until, due).yellow_at })
}

/// Asks that the clock may stop until a day.
///
/// Errors: `case.hold.already`, `case.hold.bounds` at `due`, `case.already_asked`, `case.stale`, `case.wrong_stage`.
pub struct AskHold {
    pub by: Permit<RectifyCase>,
    pub case: Found,
    pub reason: HoldReason,
    pub until: Instant,
    pub words: String,
}

impl Command for AskHold {
    const KIND: &'static str = "case.ask_hold";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let AskHold { case, reason, until, words, .. } = self;
        ensure(case.held_until(tx.now()).is_none(), ALREADY_HELD)?;
        bounded(*until, tx.now(), tx.now())?;
        asking::ask(tx, case, Ask::Hold, Some(*until)).await?;
        let words = wording::keep(tx, case.id, WordsKind::Reason, words)?;
        tx.fact(HoldAsked { case: case.id, place: case.place_id, unit: case.unit_id, reason: reason.to_string(), until: *until, words })
    }
}

/// Grants a hold, until the day asked or another one; or refuses it. A deadline that had passed stays passed.
///
/// Errors: `case.not_asked`, `case.hold.already`, `case.hold.bounds` at `due`, `case.stale`, `case.wrong_stage`.
pub struct AnswerHold {
    pub by: Permit<LeadCase>,
    pub case: Found,
    /// `None` refuses.
    pub until: Option<Instant>,
    pub words: String,
    pub hours: Arc<Hours>,
}

static GRANT: Sql = sql!(
    "UPDATE cases SET ask = NULL, asked_at = NULL, ask_until = NULL, holds = holds + 1, hold_until = :until, late = :late,
        set_due = :due, due = :due, unit_due = :due, yellow_at = :yellow, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);
static MOVE: Sql = sql!(
    "UPDATE cases SET hold_until = :until, set_due = :due, due = :due, unit_due = :due, yellow_at = :yellow, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for AnswerHold {
    const KIND: &'static str = "case.answer_hold";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let AnswerHold { case, until, words, hours, .. } = self;
        waits(case, Ask::Hold)?;
        let now = tx.now();
        let Some(until) = *until else {
            asking::clear(tx, case).await?;
            let words = said(tx, case.id, words)?;
            return tx.fact(HoldRefused { case: case.id, place: case.place_id, unit: case.unit_id, words });
        };
        ensure(case.held_until(now).is_none(), ALREADY_HELD)?;
        bounded(until, now, now)?;
        let late = case.late || now > case.due;
        let clock = stopped(case, hours, now, until)?;
        let values = args! {
            tenant: tx.tenant(), case: case.id, version: case.version, until: until, late: late, due: clock.due, yellow: clock.yellow_at,
        };
        tx.change_one(&GRANT, values).await?.or(STALE)?;
        follow(tx, case, clock.due);
        let mut tally = Tally::default();
        tally.turns(hours.zone(), case, |counting| (counting.holds, counting.late) = (case.holds + 1, late));
        tally.write(tx);
        let words = said(tx, case.id, words)?;
        tx.fact(HoldGranted {
            case: case.id,
            place: case.place_id,
            unit: case.unit_id,
            until,
            was: case.due,
            holds: case.holds + 1,
            late,
            words,
            clock,
        })
    }
}

/// Lets the clock stand longer, or run again from now.
///
/// Errors: `case.hold.none`, `case.hold.bounds` at `due`, `case.stale`, `case.wrong_stage`.
pub struct MoveHold {
    pub by: Permit<LeadCase>,
    pub case: Found,
    /// `None` resumes.
    pub until: Option<Instant>,
    pub words: String,
    pub hours: Arc<Hours>,
}

impl Command for MoveHold {
    const KIND: &'static str = "case.move_hold";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let MoveHold { case, until, words, hours, .. } = self;
        let step = if until.is_some() { Step::RenewHold } else { Step::Resume };
        case.stage.after(step).ok_or(WRONG_STAGE)?;
        let now = tx.now();
        let held = case.held_until(now).ok_or(NOT_HELD)?;
        if let Some(until) = *until {
            bounded(until, held, now)?;
        }
        // What is left of the clock stands between the end of the hold and the deadline.
        let clock = stopped(case, hours, held, until.unwrap_or(now))?;
        let values =
            args! { tenant: tx.tenant(), case: case.id, version: case.version, until: until, due: clock.due, yellow: clock.yellow_at };
        tx.change_one(&MOVE, values).await?.or(STALE)?;
        follow(tx, case, clock.due);
        let (place, unit, was) = (case.place_id, case.unit_id, case.due);
        match *until {
            Some(until) => {
                let words = wording::keep(tx, case.id, WordsKind::Reason, words)?;
                tx.fact(HoldRenewed { case: case.id, place, unit, until, was, words, clock })
            }
            None => {
                let words = said(tx, case.id, words)?;
                tx.fact(HoldEnded { case: case.id, place, unit, was, words, clock })
            }
        }
    }
}
