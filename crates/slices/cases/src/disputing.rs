//! The reporter's word after the end (群众异议): once, within a set time, that it is not mended; the centre upholds or refuses. Whose
//! report was merged into another case says so of that one, once too.

use crate::asking::{self, waits};
use crate::case::{Case, Found, STALE, WRONG_STAGE};
use crate::clocks::Hours;
use crate::days::Tally;
use crate::facts::{CaseDisputed, DisputeRefused, DisputeUpheld};
use crate::joining::goes_on_within;
use crate::kinds::{AppealEnd, Ask};
use crate::outside::{UPHELD, comes_back, file_again, has_unit, open_again};
use crate::steps::{Stage, Step};
use crate::verbs::{DisputeCase, HandleCase};
use crate::wording::{self, WordsKind};
use access::Permit;
use kernel::ids::AttachmentId;
use kernel::{Code, Instant, Result, ensure};
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};

/// It was disputed before.
pub const ONCE: Code = Code::conflict("case.dispute.once");
/// The time for it has passed.
pub const TOO_LATE: Code = Code::conflict("case.dispute.too_late");
/// It stands apart: it was handed to nobody, and there is nobody to send it back to.
pub const NO_UNIT_OF_OURS: Code = Code::conflict("case.dispute.no_unit");

/// Until when the reporter may dispute the end.
pub fn until(case: &Found, hours: &Hours) -> Result<Option<Instant>> {
    case.ended_at.map(|at| hours.dispute(at).map(|clock| clock.due)).transpose()
}

static DISPUTES: Sql = sql!(
    "SELECT data
    FROM fact
    WHERE tenant_id = :tenant AND subject = 'case' AND subject_id = :case AND kind = 'case.disputed'
    ORDER BY recorded_at DESC, ordinal DESC
    LIMIT 100"
);

/// Whether its own reporter disputed it before, and not only those of reports that were merged into it.
async fn disputed(tx: &mut Write<'_>, case: &Case) -> Result<bool> {
    if !case.disputed {
        return Ok(false);
    }
    let facts = tx.all::<(String,)>(&DISPUTES, args! { tenant: tx.tenant(), case: case.id }).await?;
    Ok(facts.iter().any(|(data,)| serde_json::from_str::<CaseDisputed>(data).is_ok_and(|fact| fact.from.is_none())))
}

/// Says that a closed case is not mended; of one that was merged, that the case which it is part of by now is not.
///
/// Errors: `case.dispute.once`, `case.dispute.too_late`, `case.dispute.no_unit`, `case.wrong_stage`, `case.stale`.
pub struct Dispute {
    pub by: Permit<DisputeCase>,
    pub case: Found,
    pub words: String,
    pub photos: Vec<AttachmentId>,
    pub hours: Arc<Hours>,
}

static DISPUTED: Sql = sql!("UPDATE cases SET disputed = TRUE, photos = photos + :photos WHERE tenant_id = :tenant AND id = :case");
/// The reporter of what was merged has had a say.
static SAID: Sql = sql!("UPDATE cases SET disputed = TRUE WHERE tenant_id = :tenant AND id = :case AND disputed = FALSE");

impl Command for Dispute {
    const KIND: &'static str = "case.dispute";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Dispute { by, case, words, photos, hours } = self;
        case.stage.after(Step::Dispute).ok_or(WRONG_STAGE)?;
        let merged = goes_on_within(tx, case).await?.map(|other| (case, other));
        // What is asked: the case that was closed.
        let asked = merged.as_ref().map_or(case, |(_, other)| other);
        ensure(asked.stage == Stage::Closed, WRONG_STAGE)?;
        ensure(!disputed(tx, case).await?, ONCE)?;
        ensure(comes_back(asked), NO_UNIT_OF_OURS)?;
        ensure(until(asked, hours)?.is_none_or(|until| tx.now() <= until), TOO_LATE)?;
        if let Some((case, other)) = &merged {
            tx.change_one(&SAID, args! { tenant: tx.tenant(), case: case.id }).await?.or(ONCE)?;
            let words = wording::keep(tx, case.id, WordsKind::Dispute, words)?;
            let (into, number) = (Some(other.id), Some(other.number));
            // The photos stand where it is answered.
            let photos = Vec::new();
            tx.fact(CaseDisputed { case: case.id, place: case.place_id, unit: case.unit_id, words, photos, from: None, into, number })?;
        }
        asking::ask(tx, asked, Ask::Dispute, None).await?;
        let count = i64::try_from(photos.len()).unwrap_or(0);
        tx.change_one(&DISPUTED, args! { tenant: tx.tenant(), case: asked.id, photos: count }).await?.or(STALE)?;
        let mut tally = Tally::default();
        tally.turns(hours.zone(), asked, |counting| counting.disputed = true);
        tally.write(tx);
        let photos = wording::keep_photos(tx, asked.id, photos, by.actor.account, "dispute").await?;
        let words = wording::keep(tx, asked.id, WordsKind::Dispute, words)?;
        let (from, number) = merged.as_ref().map(|(case, _)| (case.id, case.number)).unzip();
        tx.fact(CaseDisputed { case: asked.id, place: asked.place_id, unit: asked.unit_id, words, photos, from, into: None, number })
    }
}

/// Upholds the dispute: back to the unit, rework + 1, a new deadline; what no unit of ours has, back to the centre. Or refuses it, and
/// it stays closed.
///
/// Errors: `case.not_asked`, `case.no_deadline`, `case.deadline.past`, `case.stale`, `case.wrong_stage`.
pub struct AnswerDispute {
    pub by: Permit<HandleCase>,
    pub case: Found,
    pub uphold: bool,
    pub set_due: Option<Instant>,
    pub words: String,
    pub hours: Arc<Hours>,
}

/// A dispute that was right before, of another reporter, stays so.
static REFUSE: Sql = sql!(
    "UPDATE cases SET ask = NULL, asked_at = NULL, ask_until = NULL, dispute_end = COALESCE(dispute_end, 'refused'),
        version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for AnswerDispute {
    const KIND: &'static str = "case.answer_dispute";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let AnswerDispute { case, uphold, set_due, words, hours, .. } = self;
        waits(case, Ask::Dispute)?;
        if !uphold {
            tx.change_one(&REFUSE, args! { tenant: tx.tenant(), case: case.id, version: case.version }).await?.or(STALE)?;
            let words = wording::keep(tx, case.id, WordsKind::Reason, words)?;
            return tx.fact(DisputeRefused { case: case.id, place: case.place_id, unit: case.unit_id, words });
        }
        if !has_unit(case) {
            return file_again(tx, case, words, true, None, hours).await;
        }
        let clock = open_again(tx, case, *set_due, Some(AppealEnd::Upheld), hours).await?;
        tx.later(&UPHELD, args! { tenant: tx.tenant(), case: case.id });
        let words = wording::keep(tx, case.id, WordsKind::Finding, words)?;
        tx.fact(DisputeUpheld { case: case.id, place: case.place_id, unit: case.unit_id, words, rework: case.rework + 1, clock })
    }
}
