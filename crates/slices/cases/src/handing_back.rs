//! Handing a case back (申请退回): within a set time, answered by the centre; the second time a leader assigns finally.

use crate::asking::{self, said, waits};
use crate::case::{Found, STALE};
use crate::clocks::Hours;
use crate::days::Tally;
use crate::facts::{AssignedFinally, HandBackAccepted, HandBackAsked, HandBackRefused};
use crate::filing::{hand_over, issue_notice, unit_clock};
use crate::kinds::{Ask, HandBackReason};
use crate::steps::Stage;
use crate::verbs::{HandleCase, LeadCase, RectifyCase};
use crate::wording::{self, WordsKind};
use access::Permit;
use contracts::NoticeId;
use kernel::ids::OrganisationId;
use kernel::{Code, Instant, Result, ensure};
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};

/// The time within which a unit may hand back has passed.
pub const TOO_LATE: Code = Code::conflict("case.hand_back.too_late");
/// A leader assigned it: it is not handed back again.
pub const FINAL: Code = Code::conflict("case.hand_back.final");
/// It is the second request: a leader answers it.
pub const LEADER_ASSIGNS: Code = Code::conflict("case.hand_back.leader_assigns");
/// It is the first request: the centre answers it.
pub const CENTRE_ANSWERS: Code = Code::conflict("case.hand_back.centre_answers");

/// Asks to hand a case back; the unit's clock runs on until somebody accepts.
///
/// Errors: `case.hand_back.final`, `case.hand_back.too_late`, `case.already_asked`, `case.stale`, `case.wrong_stage`.
pub struct AskHandBack {
    pub by: Permit<RectifyCase>,
    pub case: Found,
    pub reason: HandBackReason,
    pub words: String,
    pub hours: Arc<Hours>,
}

/// Until when a unit may ask to hand it back.
pub fn until(case: &Found, hours: &Hours) -> Result<Option<Instant>> {
    case.dispatched_at.map(|at| hours.hand_back(at).map(|clock| clock.due)).transpose()
}

impl Command for AskHandBack {
    const KIND: &'static str = "case.ask_hand_back";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let AskHandBack { case, reason, words, hours, .. } = self;
        ensure(!case.assigned_finally, FINAL)?;
        ensure(until(case, hours)?.is_none_or(|until| tx.now() <= until), TOO_LATE)?;
        asking::ask(tx, case, Ask::HandBack, None).await?;
        let words = said(tx, case.id, words)?;
        tx.fact(HandBackAsked { case: case.id, place: case.place_id, unit: case.unit_id, reason: reason.to_string(), words })
    }
}

/// Answers a unit's first request. Accepted, nothing of it is held against the unit any more.
///
/// Errors: `case.not_asked`, `case.hand_back.leader_assigns`, `case.stale`, `case.wrong_stage`.
pub struct AnswerHandBack {
    pub by: Permit<HandleCase>,
    pub case: Found,
    pub accept: bool,
    pub words: String,
    pub hours: Arc<Hours>,
}

static ACCEPT: Sql = sql!(
    "UPDATE cases SET stage = 'filed', ask = NULL, asked_at = NULL, hand_backs = hand_backs + 1, unit_due = NULL, first_due = NULL,
        dispatched_at = NULL, hold_until = NULL, inside_id = NULL, dissuaded_at = NULL, late = FALSE, rework = 0, clock_start = :start, due = :due, yellow_at = :yellow,
        version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);
static REFUSE: Sql = sql!(
    "UPDATE cases SET ask = NULL, asked_at = NULL, hand_backs = hand_backs + 1, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for AnswerHandBack {
    const KIND: &'static str = "case.answer_hand_back";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let AnswerHandBack { case, accept, words, hours, .. } = self;
        waits(case, Ask::HandBack)?;
        ensure(case.hand_backs == 0, LEADER_ASSIGNS)?;
        if *accept {
            let clock = hours.dispatch(tx.now())?;
            let values = args! { tenant: tx.tenant(), case: case.id, version: case.version, start: clock.start, due: clock.due, yellow: clock.yellow_at };
            tx.change_one(&ACCEPT, values).await?.or(STALE)?;
            let mut tally = Tally::default();
            tally.turns(hours.zone(), case, |counting| {
                (counting.stage, counting.dispatched_at, counting.first_due) = (Stage::Filed, None, None);
                (counting.late, counting.rework) = (false, 0);
            });
            tally.write(tx);
            let words = said(tx, case.id, words)?;
            tx.fact(HandBackAccepted { case: case.id, place: case.place_id, unit: case.unit_id, words, clock })
        } else {
            tx.change_one(&REFUSE, args! { tenant: tx.tenant(), case: case.id, version: case.version }).await?.or(STALE)?;
            let words = said(tx, case.id, words)?;
            tx.fact(HandBackRefused { case: case.id, place: case.place_id, unit: case.unit_id, words })
        }
    }
}

/// Ends the second request for good (指定责任单位，不得再退): the same unit, whose clock runs on, or another one with a notice and a
/// clock of its own.
///
/// Errors: `case.not_asked`, `case.hand_back.centre_answers`, `case.no_deadline`, `case.deadline.past`, `case.stale`,
/// `case.wrong_stage`.
pub struct AssignFinally {
    pub by: Permit<LeadCase>,
    pub case: Found,
    pub unit: OrganisationId,
    pub set_due: Option<Instant>,
    pub words: String,
    pub hours: Arc<Hours>,
}

static ASSIGN: Sql = sql!(
    "UPDATE cases SET ask = NULL, asked_at = NULL, hand_backs = hand_backs + 1, assigned_finally = TRUE, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for AssignFinally {
    const KIND: &'static str = "case.assign_finally";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let AssignFinally { case, unit, set_due, words, hours, .. } = self;
        waits(case, Ask::HandBack)?;
        ensure(case.hand_backs > 0, CENTRE_ANSWERS)?;
        let another = case.unit_id != Some(*unit);
        let clock = if another { Some(unit_clock(case, *set_due, hours, tx.now())?) } else { None };
        tx.change_one(&ASSIGN, args! { tenant: tx.tenant(), case: case.id, version: case.version }).await?.or(STALE)?;
        let words = wording::keep(tx, case.id, WordsKind::Reason, words)?;
        tx.fact(AssignedFinally { case: case.id, place: case.place_id, unit: Some(*unit), words, another })?;
        let Some(clock) = clock else { return Ok(()) };
        let mut moved = case.case.clone();
        moved.version += 1;
        let notice: NoticeId = tx.new_id();
        let mut tally = Tally::default();
        hand_over(tx, &moved, *unit, None, *set_due, notice, clock, &[], hours, &mut tally).await?;
        tally.write(tx);
        issue_notice(tx, notice, case.circular_id, *unit, 1, clock.due).await.map(drop)
    }
}
