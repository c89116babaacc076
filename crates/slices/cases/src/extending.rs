//! Extensions (申请延期): asked before the deadline, at most two granted, each bounded by what the unit was given at first.

use crate::asking::{self, said, waits};
use crate::case::{Case, Found, STALE};
use crate::case_steps::field_error;
use crate::clocks::{Hours, OUT_OF_RANGE};
use crate::days::Tally;
use crate::facts::{Clock, ExtensionAsked, ExtensionGranted, ExtensionRefused};
use crate::kinds::Ask;
use crate::recounting::follow;
use crate::verbs::{HandleCase, RectifyCase};
use crate::wording::{self, WordsKind};
use access::Permit;
use kernel::{Code, Error, Instant, Result, ensure};
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};

/// How many extensions a unit is granted at most; refused ones are not counted.
pub const MOST: i64 = 2;

/// Asked after the deadline.
pub const TOO_LATE: Code = Code::conflict("case.extension.too_late");
/// As many as there can be were granted.
pub const NO_MORE: Code = Code::conflict("case.extension.no_more");
/// Not after the present deadline, or further than one extension goes.
pub const OUT_OF_BOUNDS: Code = Code::invalid("case.extension.bounds");

/// Microseconds of a minute.
const MINUTE: i64 = 60_000_000;

/// The latest that one extension reaches: from the present deadline, as much working time as lay between the dispatch and the
/// unit's first deadline, whoever set that and by whatever limit; and a working day in any case.
///
/// Errors: `case.deadline.out_of_range`.
pub fn latest(case: &Case, hours: &Hours) -> Result<Instant> {
    let day = hours.working_day(case.due)?;
    let (Some(from), Some(first)) = (case.dispatched_at, case.first_due) else { return Ok(day) };
    let given = hours.calendar.working_micros_between(from, first).map_err(|_| OUT_OF_RANGE.err())?.max(0);
    // Up to a whole minute, in the unit's favour.
    let minutes = u32::try_from((given + MINUTE - 1) / MINUTE).map_err(|_| OUT_OF_RANGE.err())?;
    let again = hours.calendar.add_working_minutes(case.due, minutes).map_err(|_| OUT_OF_RANGE.err())?;
    Ok(again.max(day))
}

fn bounded(case: &Case, hours: &Hours, until: Instant) -> Result<()> {
    let latest = latest(case, hours)?;
    let day = || latest.to_timestamp().to_zoned_datetime(hours.zone().clone()).strftime("%Y-%m-%d %H:%M").to_string();
    if until > case.due && until <= latest { Ok(()) } else { Err(field_error("due", OUT_OF_BOUNDS, &[("latest", day())])) }
}

/// Asks for a later deadline.
///
/// Errors: `case.extension.too_late`, `case.extension.no_more`, `case.extension.bounds` at `due`, `case.already_asked`,
/// `case.stale`, `case.wrong_stage`.
pub struct AskExtension {
    pub by: Permit<RectifyCase>,
    pub case: Found,
    pub until: Instant,
    pub words: String,
    pub hours: Arc<Hours>,
}

impl Command for AskExtension {
    const KIND: &'static str = "case.ask_extension";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let AskExtension { case, until, words, hours, .. } = self;
        ensure(tx.now() <= case.due, TOO_LATE)?;
        ensure(case.extensions < MOST, NO_MORE)?;
        bounded(case, hours, *until)?;
        asking::ask(tx, case, Ask::Extension, Some(*until)).await?;
        let words = wording::keep(tx, case.id, WordsKind::Reason, words)?;
        tx.fact(ExtensionAsked { case: case.id, place: case.place_id, unit: case.unit_id, until: *until, words })
    }
}

/// Grants the later deadline, as asked or another within the same bounds; or refuses it.
///
/// Errors: `case.not_asked`, `case.extension.no_more`, `case.extension.bounds` and `case.deadline.past` at `due`, `case.stale`,
/// `case.wrong_stage`.
pub struct AnswerExtension {
    pub by: Permit<HandleCase>,
    pub case: Found,
    /// `None` refuses.
    pub until: Option<Instant>,
    pub words: String,
    pub hours: Arc<Hours>,
}

static GRANT: Sql = sql!(
    "UPDATE cases SET ask = NULL, asked_at = NULL, ask_until = NULL, extensions = extensions + 1, set_due = :due, due = :due,
        unit_due = :due, yellow_at = :yellow, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version AND extensions < 2"
);

impl Command for AnswerExtension {
    const KIND: &'static str = "case.answer_extension";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let AnswerExtension { case, until, words, hours, .. } = self;
        waits(case, Ask::Extension)?;
        let Some(until) = *until else {
            asking::clear(tx, case).await?;
            let words = said(tx, case.id, words)?;
            return tx.fact(ExtensionRefused { case: case.id, place: case.place_id, unit: case.unit_id, words });
        };
        ensure(case.extensions < MOST, NO_MORE)?;
        bounded(case, hours, until)?;
        ensure(until > tx.now(), Error::field("due", crate::filing::DEADLINE_PAST))?;
        let clock = Clock { start: case.clock_start, ..hours.until(case.clock_start, until) };
        let values = args! { tenant: tx.tenant(), case: case.id, version: case.version, due: clock.due, yellow: clock.yellow_at };
        tx.change_one(&GRANT, values).await?.or(STALE)?;
        follow(tx, case, clock.due);
        let mut tally = Tally::default();
        tally.turns(hours.zone(), case, |counting| counting.extensions += 1);
        tally.write(tx);
        let words = said(tx, case.id, words)?;
        tx.fact(ExtensionGranted {
            case: case.id,
            place: case.place_id,
            unit: case.unit_id,
            was: case.due,
            extensions: case.extensions + 1,
            words,
            clock,
        })
    }
}
