//! What was mended before anybody had to be told: on the spot with the inspector looking on (立行立改), or found and mended by the
//! unit itself (自查自改). Closed at once, counted apart, never held against a unit; of self-checks a share is drawn to be looked at.

use crate::case::{Found, STALE, WRONG_STAGE};
use crate::clocks::Hours;
use crate::days::{Counting, Tally, slot};
use crate::facts::{MendedAtOnce, SampleChecked};
use crate::kinds::{Apart, Sample};
use crate::rectifying::PHOTO_NEEDED;
use crate::reinspecting::{Findings, not_own_work};
use crate::reporting::{Finding, Reported, words_of};
use crate::steps::Step;
use crate::verbs::{MendOnSpot, Reinspect, SelfCheck};
use crate::wording::{self, WordsKind};
use access::permit::Reach;
use access::{Actor, Permit};
use contracts::CaseId;
use kernel::ids::AttachmentId;
use kernel::{Code, Error, Result, ensure};
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};

/// Nothing waits to be looked at here.
pub const NO_SAMPLE: Code = Code::conflict("case.sample.none");

/// Who records it, and so which of the two it is.
#[derive(Clone)]
pub enum By {
    OnSpot(Permit<MendOnSpot>),
    SelfCheck(Permit<SelfCheck>),
}

impl By {
    fn actor(&self) -> &Actor {
        match self {
            By::OnSpot(by) => &by.actor,
            By::SelfCheck(by) => &by.actor,
        }
    }
    fn apart(&self) -> Apart {
        match self {
            By::OnSpot(_) => Apart::MendedOnSpot,
            By::SelfCheck(_) => Apart::SelfCheck,
        }
    }
    /// Where this person may record it.
    pub fn reach(&self) -> Reach {
        match self {
            By::OnSpot(by) => by.reach(),
            By::SelfCheck(by) => by.reach(),
        }
    }
}

/// Records what was found and mended. Errors: `case.photo_needed` at `photo` or `after`, `attachment.gone`.
pub struct Mended {
    pub by: By,
    /// With the photos from before.
    pub finding: Finding,
    pub done: String,
    pub after: Vec<AttachmentId>,
    /// Of a thousand self-checks, so many are looked at on the spot.
    pub sample_permille: i64,
    pub hours: Arc<Hours>,
}

static INSERT: Sql = sql!(
    "INSERT INTO cases (tenant_id, id, number, stage, open, source, category_id, place_id, place_path, community_id, compound_id,
        lng_e7, lat_e7, cell, what, where_words, salt, reported_by, unit_id, clock_start, due, yellow_at, reported_at, dispatched_at,
        ended_at, rework, late, hand_backs, assigned_finally, extensions, holds, apart, sample, disputed, on_spot, photos, found_slot, version)
    VALUES (:tenant, :id, :number, 'closed', FALSE, :source, :category, :place, :path, :community, :compound,
        :lng, :lat, :cell, :what, :where_words, :salt, :reporter, :unit, :start, :due, :yellow, :now, :dispatched,
        :now, 0, FALSE, 0, FALSE, 0, 0, :apart, :sample, FALSE, FALSE, :photos, :slot, 1)"
);

impl Command for Mended {
    const KIND: &'static str = "case.mended_at_once";
    type Out = Reported;

    async fn run(&self, tx: &mut Write<'_>) -> Result<Reported> {
        let Mended { by, finding, done, after, sample_permille, hours } = self;
        ensure(!finding.photos.is_empty(), Error::field("photo", PHOTO_NEEDED))?;
        ensure(!after.is_empty(), Error::field("after", PHOTO_NEEDED))?;
        let now = tx.now();
        let number = tx.block_number("case").await?;
        let id: CaseId = tx.new_id();
        let (account, apart) = (by.actor().account, by.apart());
        let own = apart == Apart::SelfCheck;
        // Drawn here and not by a person; whoever checks is not told which.
        let sampled = own && i64::from(tx.chance(1000)) < *sample_permille;
        let clock = Hours::none(now);
        let salt = tx.salt();
        let mut photos = wording::keep_photos(tx, id, &finding.photos, account, "before").await?;
        photos.extend(wording::keep_photos(tx, id, after, account, "after-1").await?);
        let (spot, under) = (&finding.spot, finding.under.as_ref());
        let values = args! {
            tenant: tx.tenant(), id: id, number: number, source: finding.source, category: under.map(|u| u.category), place: spot.place,
            path: spot.path, community: spot.community, compound: spot.compound, lng: spot.point.map(|p| p.0),
            lat: spot.point.map(|p| p.1), cell: spot.cell, what: finding.what, where_words: finding.where_words, salt: salt,
            reporter: account, unit: finding.unit, start: clock.start, due: clock.due, yellow: clock.yellow_at, now: now,
            dispatched: own.then_some(now), apart: apart, sample: sampled.then_some(Sample::Waiting),
            photos: i64::try_from(photos.len()).unwrap_or(0), slot: slot(hours.zone(), now),
        };
        tx.exec(&INSERT, values).await?;
        let answer = wording::keep(tx, id, WordsKind::Answer, done)?;
        tx.fact(MendedAtOnce {
            case: id,
            place: Some(spot.place),
            unit: finding.unit,
            number,
            source: finding.source,
            apart,
            category: under.map(|u| u.category),
            community: spot.community,
            compound: spot.compound,
            lng_e7: spot.point.map(|p| p.0),
            lat_e7: spot.point.map(|p| p.1),
            words: wording::hash(&salt, &words_of(&finding.where_words, &finding.what)),
            answer,
            photos,
            clock,
            sampled,
        })?;
        let mut tally = Tally::default();
        let case = Counting {
            community_id: spot.community,
            compound_id: spot.compound,
            unit_id: finding.unit,
            category_id: under.map(|u| u.category),
            apart: Some(apart),
            ..Counting::found(id, finding.source, hours.zone(), now)
        };
        tally.enters(hours.zone(), &case);
        tally.write(tx);
        Ok(Reported { case: id, number })
    }
}

/// Looks at a self-check that was drawn. What is not good is not held against the unit; it may be reported as a finding.
///
/// Errors: `case.sample.none`, `case.reinspect.own_work`, `case.photo_needed`, `case.stale`, `case.wrong_stage`.
pub struct CheckSample {
    pub by: Permit<Reinspect>,
    pub case: Found,
    pub good: bool,
    pub findings: Findings,
}

static CHECKED: Sql = sql!(
    "UPDATE cases SET sample = :found, photos = photos + :photos, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version AND sample = 'waiting'"
);

impl Command for CheckSample {
    const KIND: &'static str = "case.check_sample";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let CheckSample { by, case, good, findings } = self;
        case.stage.after(Step::SampleCheck).ok_or(WRONG_STAGE)?;
        ensure(case.sample == Some(Sample::Waiting), NO_SAMPLE)?;
        ensure(by.actor.account.is_none() || by.actor.account != case.reported_by, crate::reinspecting::OWN_WORK)?;
        not_own_work(by, case)?;
        ensure(!findings.photos.is_empty(), PHOTO_NEEDED)?;
        let found = if *good { Sample::Good } else { Sample::NotGood };
        let count = i64::try_from(findings.photos.len()).unwrap_or(0);
        let values = args! { tenant: tx.tenant(), case: case.id, version: case.version, found: found, photos: count };
        tx.change_one(&CHECKED, values).await?.or(STALE)?;
        let photos = wording::keep_photos(tx, case.id, &findings.photos, by.actor.account, "reinspection-1").await?;
        let words = wording::keep(tx, case.id, WordsKind::Finding, &findings.words)?;
        tx.fact(SampleChecked { case: case.id, place: case.place_id, unit: case.unit_id, found, words, photos })
    }
}
