//! The reporter's word after the end (群众异议): once, within a set time, that it is not mended; the centre upholds or refuses.

use crate::asking::{self, waits};
use crate::case::{Found, STALE, WRONG_STAGE};
use crate::clocks::Hours;
use crate::days::Tally;
use crate::facts::{CaseDisputed, DisputeRefused, DisputeUpheld};
use crate::kinds::{AppealEnd, Ask};
use crate::outside::{file_again, has_unit, mended_outside, open_again};
use crate::steps::Step;
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
/// It stands apart, or nobody had it: there is nobody to send it back to.
pub const NO_UNIT_OF_OURS: Code = Code::conflict("case.dispute.no_unit");

/// Until when the reporter may dispute the end.
pub fn until(case: &Found, hours: &Hours) -> Result<Option<Instant>> {
    case.ended_at.map(|at| hours.dispute(at).map(|clock| clock.due)).transpose()
}

/// Says that a closed case is not mended.
///
/// Errors: `case.dispute.once`, `case.dispute.too_late`, `case.dispute.no_unit`, `case.wrong_stage`, `case.stale`.
pub struct Dispute {
    pub by: Permit<DisputeCase>,
    pub case: Found,
    pub words: String,
    pub photos: Vec<AttachmentId>,
    pub hours: Arc<Hours>,
}

static DISPUTED: Sql = sql!(
    "UPDATE cases SET disputed = TRUE, photos = photos + :photos
    WHERE tenant_id = :tenant AND id = :case AND disputed = FALSE"
);

impl Command for Dispute {
    const KIND: &'static str = "case.dispute";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Dispute { by, case, words, photos, hours } = self;
        case.stage.after(Step::Dispute).ok_or(WRONG_STAGE)?;
        ensure(!case.disputed, ONCE)?;
        ensure(has_unit(case) || mended_outside(case), NO_UNIT_OF_OURS)?;
        ensure(until(case, hours)?.is_none_or(|until| tx.now() <= until), TOO_LATE)?;
        asking::ask(tx, case, Ask::Dispute, None).await?;
        let count = i64::try_from(photos.len()).unwrap_or(0);
        tx.change_one(&DISPUTED, args! { tenant: tx.tenant(), case: case.id, photos: count }).await?.or(ONCE)?;
        let mut tally = Tally::default();
        tally.turns(hours.zone(), case, |counting| counting.disputed = true);
        tally.write(tx);
        let photos = wording::keep_photos(tx, case.id, photos, by.actor.account, "dispute").await?;
        let words = wording::keep(tx, case.id, WordsKind::Dispute, words)?;
        tx.fact(CaseDisputed { case: case.id, place: case.place_id, unit: case.unit_id, words, photos })
    }
}

/// Upholds the dispute: back to the unit, rework + 1, a new deadline; what those outside mended, back to the centre. Or refuses it,
/// and it stays closed.
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

static UPHELD: Sql = sql!("UPDATE cases SET dispute_end = 'upheld' WHERE tenant_id = :tenant AND id = :case");
static REFUSE: Sql = sql!(
    "UPDATE cases SET ask = NULL, asked_at = NULL, ask_until = NULL, dispute_end = 'refused', version = version + 1
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
        if mended_outside(case) {
            return file_again(tx, case, words, hours).await;
        }
        let clock = open_again(tx, case, *set_due, Some(AppealEnd::Upheld), hours).await?;
        tx.later(&UPHELD, args! { tenant: tx.tenant(), case: case.id });
        let words = wording::keep(tx, case.id, WordsKind::Finding, words)?;
        tx.fact(DisputeUpheld { case: case.id, place: case.place_id, unit: case.unit_id, words, rework: case.rework + 1, clock })
    }
}
