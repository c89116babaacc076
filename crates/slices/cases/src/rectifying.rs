//! The unit's rectification, the urging before it, and the notice that the unit opened or was told of.

use crate::case::{Found, STALE, WRONG_STAGE};
use crate::clocks::Hours;
use crate::facts::{CaseRectified, CaseUrged, NoticeOpened, NoticeTold};
use crate::issuing::Notice;
use crate::steps::Step;
use crate::verbs::{ReadNotice, RectifyCase, TellUnit, UrgeUnit};
use crate::wording::{self, WordsKind};
use access::Permit;
use kernel::ids::AttachmentId;
use kernel::{Code, Result};
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};

/// No words and no photo say what was done.
pub const PHOTO_NEEDED: Code = Code::invalid("case.photo_needed");

/// Submits a rectification (提交整改): the unit's clock stops, the centre's starts.
///
/// Errors: `case.photo_needed`, `case.stale`, `case.wrong_stage`, `attachment.gone`.
pub struct Rectify {
    pub by: Permit<RectifyCase>,
    pub case: Found,
    pub words: String,
    pub photos: Vec<AttachmentId>,
    /// Beside the photos; where one is demanded, none instead of it: prints show pictures.
    pub video: Option<AttachmentId>,
    pub photo_demanded: bool,
    /// Dissuaded and reported (已劝阻、已报告): the category allows it, since a unit cannot enforce.
    pub dissuaded: bool,
    /// Of a category that is re-inspected from photos: how many of a thousand are looked at on the spot all the same.
    pub sample_permille: i64,
    pub hours: Arc<Hours>,
}

static RECTIFY: Sql = sql!(
    "UPDATE cases SET stage = 'rectified', rectified_at = :now, rectified_by = :actor, late = :late, clock_start = :start,
        due = :due, yellow_at = :yellow, hold_until = NULL, inside_id = NULL, dissuaded_at = :dissuaded, asked_at = CASE WHEN ask = 'void' THEN asked_at END,
        ask = CASE WHEN ask = 'void' THEN ask END, ask_until = NULL, on_spot = on_spot OR :sampled, photos = photos + :photos,
        version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for Rectify {
    const KIND: &'static str = "case.rectify";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Rectify { by, case, words, photos, video, photo_demanded, dissuaded, sample_permille, hours } = self;
        case.stage.after(Step::Rectify).ok_or(WRONG_STAGE)?;
        kernel::ensure(!photos.is_empty() || !photo_demanded, PHOTO_NEEDED)?;
        let now = tx.now();
        let late = case.late || now > case.due;
        let clock = hours.reinspect(now)?;
        // Drawn here and not by a person, so that nobody can spare a unit the look.
        let sampled = !case.on_spot && i64::from(tx.chance(1000)) < *sample_permille;
        tx.change_one(
            &RECTIFY,
            args! {
                tenant: tx.tenant(), case: case.id, version: case.version, now: now, actor: by.actor.account, late: late,
                start: clock.start, due: clock.due, yellow: clock.yellow_at, sampled: sampled, photos: i64::try_from(photos.len()).unwrap_or(0),
                dissuaded: dissuaded.then_some(now),
            },
        )
        .await?
        .or(STALE)?;
        let role = format!("after-{}", case.rework + 1);
        let photos = wording::keep_photos(tx, case.id, photos, by.actor.account, &role).await?;
        let video = wording::keep_video(tx, case.id, *video, by.actor.account, &role).await?;
        let words = wording::keep(tx, case.id, WordsKind::Answer, words)?;
        tx.fact(CaseRectified {
            case: case.id,
            place: case.place_id,
            unit: case.unit_id,
            by: by.actor.account,
            attempt: case.rework + 1,
            words,
            photos,
            video,
            late,
            clock,
            sampled,
            dissuaded: *dissuaded,
        })
    }
}

/// Urges the unit (催办). Errors: `case.wrong_stage`.
pub struct Urge {
    pub by: Permit<UrgeUnit>,
    pub case: Found,
    pub words: String,
}

static TOUCH: Sql = sql!("UPDATE cases SET version = version + 1 WHERE tenant_id = :tenant AND id = :case AND stage = 'dispatched'");

impl Command for Urge {
    const KIND: &'static str = "case.urge";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Urge { case, words, .. } = self;
        tx.change_one(&TOUCH, args! { tenant: tx.tenant(), case: case.id }).await?.or(WRONG_STAGE)?;
        let words = if words.is_empty() { None } else { Some(wording::keep(tx, case.id, WordsKind::Urge, words)?) };
        tx.fact(CaseUrged { case: case.id, place: case.place_id, unit: case.unit_id, words })
    }
}

/// Notes that the unit looked at its notice for the first time; later looks change nothing.
pub struct OpenNotice {
    pub by: Permit<ReadNotice>,
    pub notice: Notice,
}

static OPENED: Sql = sql!(
    "UPDATE notice SET opened_at = :now, opened_by = :actor, version = version + 1
    WHERE tenant_id = :tenant AND id = :notice AND opened_at IS NULL"
);

impl Command for OpenNotice {
    const KIND: &'static str = "notice.open";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let notice = &self.notice;
        let changed = tx.change_one(&OPENED, args! { tenant: tx.tenant(), notice: notice.id, now: tx.now(), actor: tx.actor() }).await?;
        if changed.0 {
            tx.fact(NoticeOpened { notice: notice.id, unit: notice.unit_id })?;
        }
        Ok(())
    }
}

/// Notes that the unit was told by phone.
pub struct TellByPhone {
    pub by: Permit<TellUnit>,
    pub notice: Notice,
}

static TOLD: Sql = sql!(
    "UPDATE notice SET told_at = :now, told_by = :actor, version = version + 1
    WHERE tenant_id = :tenant AND id = :notice AND told_at IS NULL"
);

impl Command for TellByPhone {
    const KIND: &'static str = "notice.tell";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let notice = &self.notice;
        let changed = tx.change_one(&TOLD, args! { tenant: tx.tenant(), notice: notice.id, now: tx.now(), actor: tx.actor() }).await?;
        if changed.0 {
            tx.fact(NoticeTold { notice: notice.id, unit: notice.unit_id })?;
        }
        Ok(())
    }
}
