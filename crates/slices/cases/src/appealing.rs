//! A unit's appeal (申诉) against what is held against it: lateness, rework, or that it is its case at all. The handler advises, the
//! head of the centre decides; the first fact stays, and the statistics leave it out when the appeal is upheld.

use crate::asking::{self, waits};
use crate::case::{Case, Found, STALE, WRONG_STAGE};
use crate::clocks::Hours;
use crate::days::{Counting, Tally};
use crate::facts::{AppealDecided, AppealReviewed, CaseAppealed};
use crate::kinds::{AppealEnd, AppealGround, Ask};
use crate::steps::Step;
use crate::verbs::{HandleCase, LeadCase, RectifyCase};
use crate::wording::{self, WordsKind};
use access::Permit;
use kernel::ids::AttachmentId;
use kernel::{Code, Error, Instant, Result, ensure};
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};

/// There is nothing of this kind against the unit.
pub const NO_GROUND: Code = Code::invalid("case.appeal.no_ground");
/// This was appealed against before, and decided.
pub const ONCE: Code = Code::conflict("case.appeal.once");
/// The time for it has passed.
pub const TOO_LATE: Code = Code::conflict("case.appeal.too_late");
/// The handler has not advised yet.
pub const NOT_REVIEWED: Code = Code::conflict("case.appeal.not_reviewed");
/// The handler has advised already.
pub const REVIEWED: Code = Code::conflict("case.appeal.reviewed");

/// Until when the unit may appeal.
pub fn until(case: &Found, hours: &Hours) -> Result<Option<Instant>> {
    case.ended_at.map(|at| hours.appeal(at).map(|clock| clock.due)).transpose()
}

impl Case {
    /// How an appeal on this ground ended.
    pub fn appealed(&self, ground: AppealGround) -> Option<AppealEnd> {
        match ground {
            AppealGround::Late => self.late_appeal,
            AppealGround::Rework => self.rework_appeal,
            AppealGround::WrongUnit => self.unit_appeal,
        }
    }
    /// What stands against the unit and was not appealed against yet.
    pub fn grounds(&self) -> Vec<AppealGround> {
        let stands = |ground: &AppealGround| match ground {
            AppealGround::Late => self.late,
            AppealGround::Rework => self.rework > 0,
            AppealGround::WrongUnit => self.unit_id.is_some(),
        };
        AppealGround::ALL.iter().copied().filter(stands).filter(|ground| self.appealed(*ground).is_none()).collect()
    }
}

/// Appeals against one thing that is held against the unit.
///
/// Errors: `case.appeal.no_ground` at `reason`, `case.appeal.once`, `case.appeal.too_late`, `case.already_asked`, `case.stale`,
/// `case.wrong_stage`.
pub struct Appeal {
    pub by: Permit<RectifyCase>,
    pub case: Found,
    pub ground: AppealGround,
    pub words: String,
    pub photos: Vec<AttachmentId>,
    pub hours: Arc<Hours>,
}

static APPEAL: Sql = sql!(
    "UPDATE cases SET appeal = :ground, advice = NULL, photos = photos + :photos
    WHERE tenant_id = :tenant AND id = :case AND ask = 'appeal'"
);

impl Command for Appeal {
    const KIND: &'static str = "case.appeal";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Appeal { by, case, ground, words, photos, hours } = self;
        case.stage.after(Step::Appeal).ok_or(WRONG_STAGE)?;
        ensure(case.appealed(*ground).is_none(), ONCE)?;
        ensure(case.apart.is_none() && case.grounds().contains(ground), Error::field("reason", NO_GROUND))?;
        ensure(until(case, hours)?.is_none_or(|until| tx.now() <= until), TOO_LATE)?;
        asking::ask(tx, case, Ask::Appeal, None).await?;
        let count = i64::try_from(photos.len()).unwrap_or(0);
        tx.change_one(&APPEAL, args! { tenant: tx.tenant(), case: case.id, ground: ground, photos: count }).await?.or(STALE)?;
        let photos = wording::keep_photos(tx, case.id, photos, by.actor.account, "appeal").await?;
        let words = wording::keep(tx, case.id, WordsKind::Reason, words)?;
        tx.fact(CaseAppealed { case: case.id, place: case.place_id, unit: case.unit_id, ground: *ground, words, photos })
    }
}

/// The handler says what should be decided, and why: the first of the two reviews.
///
/// Errors: `case.not_asked`, `case.appeal.reviewed`, `case.stale`, `case.wrong_stage`.
pub struct ReviewAppeal {
    pub by: Permit<HandleCase>,
    pub case: Found,
    pub advice: AppealEnd,
    pub words: String,
}

static REVIEW: Sql = sql!(
    "UPDATE cases SET advice = :advice, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for ReviewAppeal {
    const KIND: &'static str = "case.review_appeal";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let ReviewAppeal { case, advice, words, .. } = self;
        waits(case, Ask::Appeal)?;
        ensure(case.advice.is_none(), REVIEWED)?;
        let values = args! { tenant: tx.tenant(), case: case.id, version: case.version, advice: advice };
        tx.change_one(&REVIEW, values).await?.or(STALE)?;
        let words = wording::keep(tx, case.id, WordsKind::Reason, words)?;
        tx.fact(AppealReviewed { case: case.id, place: case.place_id, unit: case.unit_id, advice: *advice, words })
    }
}

/// The head of the centre decides. Upheld, the statistics leave it out; the wrong unit's case is no unit's any more.
///
/// Errors: `case.not_asked`, `case.appeal.not_reviewed`, `case.stale`, `case.wrong_stage`.
pub struct DecideAppeal {
    pub by: Permit<LeadCase>,
    pub case: Found,
    pub uphold: bool,
    pub words: String,
    pub hours: Arc<Hours>,
}

static DECIDE: Sql = sql!(
    "UPDATE cases SET ask = NULL, asked_at = NULL, ask_until = NULL, appeal = NULL, advice = NULL, late_appeal = :late,
        rework_appeal = :rework, unit_appeal = :wrong, unit_id = :unit, released_id = :released, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for DecideAppeal {
    const KIND: &'static str = "case.decide_appeal";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let DecideAppeal { case, uphold, words, hours, .. } = self;
        waits(case, Ask::Appeal)?;
        case.advice.ok_or(NOT_REVIEWED)?;
        let ground = case.appeal.ok_or(asking::NOT_ASKED)?;
        let end = if *uphold { AppealEnd::Upheld } else { AppealEnd::Refused };
        let mut after = case.case.clone();
        match ground {
            AppealGround::Late => after.late_appeal = Some(end),
            AppealGround::Rework => after.rework_appeal = Some(end),
            AppealGround::WrongUnit => {
                after.unit_appeal = Some(end);
                if *uphold {
                    after.released_id = after.unit_id.take();
                }
            }
        }
        let values = args! {
            tenant: tx.tenant(), case: case.id, version: case.version, late: after.late_appeal, rework: after.rework_appeal,
            wrong: after.unit_appeal, unit: after.unit_id, released: after.released_id,
        };
        tx.change_one(&DECIDE, values).await?.or(STALE)?;
        let mut tally = Tally::default();
        tally.turns(hours.zone(), case, |counting| *counting = Counting::from(&after));
        tally.write(tx);
        let words = wording::keep(tx, case.id, WordsKind::Reason, words)?;
        tx.fact(AppealDecided { case: case.id, place: case.place_id, unit: case.unit_id, ground, end, words })
    }
}
