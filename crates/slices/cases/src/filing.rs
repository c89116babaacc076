//! The centre's steps on one case: correct, file, decline, dispatch; the long way beside the circular.

use crate::case::{Case, Found, STALE, TO_BE_SAID, WRONG_STAGE};
use crate::clocks::Hours;
use crate::days::Tally;
use crate::facts::{CaseAmended, CaseDeclined, CaseDispatched, CaseFiled, CaseRecurs, Clock, NoticeIssued};
use crate::kinds::DeclineReason;
use crate::reporting::{Spot, Under, hold_open, words_of};
use crate::steps::{Stage, Step};
use crate::verbs::HandleCase;
use crate::wording::{self, WordsKind};
use access::Permit;
use contracts::{CircularId, NoticeId};
use kernel::ids::OrganisationId;
use kernel::{Code, Error, Instant, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};

/// No unit was chosen.
pub const NO_UNIT: Code = Code::invalid("case.no_unit");
/// The category has no limit: the clerk sets the deadline.
pub const NO_DEADLINE: Code = Code::invalid("case.no_deadline");
/// No category was chosen.
pub const NO_CATEGORY: Code = Code::invalid("case.no_category");
/// The deadline lies in the past.
pub const DEADLINE_PAST: Code = Code::invalid("case.deadline.past");
/// What the clerk may correct while looking a finding through; all of it as it shall be.
#[derive(Debug, Clone)]
pub struct Amendment {
    pub what: String,
    pub where_words: String,
    pub spot: Spot,
    pub under: Option<Under>,
    pub unit: Option<OrganisationId>,
    pub unit_reason: Option<String>,
    pub set_due: Option<Instant>,
    pub circular: Option<CircularId>,
    /// Who shall assist, each with its date or else the unit's; `None` leaves it as it is.
    pub assisting: Option<Vec<(OrganisationId, Option<Instant>)>>,
}

/// Corrects a reported case; the words that it had stay beside the new ones. Errors: `case.stale`, `case.wrong_stage`, `circular.not_open`.
pub struct Amend {
    pub by: Permit<HandleCase>,
    pub case: Found,
    pub to: Amendment,
    pub hours: Arc<Hours>,
}

static SALT: Sql = sql!("SELECT salt FROM cases WHERE tenant_id = :tenant AND id = :case AND version = :version");
static AMEND: Sql = sql!(
    "UPDATE cases SET circular_id = :circular, category_id = :category, place_id = :place, place_path = :path,
        community_id = :community, compound_id = :compound, lng_e7 = :lng, lat_e7 = :lat, cell = :cell,
        what = :what, where_words = :where_words, salt = :salt, unit_id = :unit, unit_reason = :reason,
        limit_unit = :limit_unit, limit_value = :limit_value, set_due = :set_due, on_spot = :on_spot, condition_no = :condition,
        version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for Amend {
    const KIND: &'static str = "case.amend";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Amend { case, to, hours, .. } = self;
        case.stage.after(Step::Amend).ok_or(WRONG_STAGE)?;
        if let Some(circular) = to.circular {
            hold_open(tx, circular).await?;
        }
        // Every change of the words raises the version, so that these are the words under this salt.
        let args = args! { tenant: tx.tenant(), case: case.id, version: case.version };
        let (had,) = tx.opt::<([u8; 32],)>(&SALT, args).await?.ok_or(STALE)?;
        let (former, salt) = if (&to.where_words, &to.what) == (&case.where_words, &case.what) {
            (None, had)
        } else {
            let words = words_of(&case.where_words, &case.what);
            (Some(wording::keep_under(tx, case.id, WordsKind::Former, &words, had)?), tx.salt())
        };
        let under = to.under.as_ref();
        let on_spot = under.is_none_or(|u| u.on_spot);
        tx.change_one(
            &AMEND,
            args! {
                tenant: tx.tenant(), case: case.id, version: case.version, circular: to.circular, category: under.map(|u| u.category),
                place: to.spot.place, path: to.spot.path, community: to.spot.community, compound: to.spot.compound,
                lng: to.spot.point.map(|p| p.0), lat: to.spot.point.map(|p| p.1), cell: to.spot.cell, what: to.what,
                where_words: to.where_words, salt: salt, unit: to.unit, reason: to.unit_reason,
                limit_unit: under.and_then(|u| u.limit_unit.clone()), limit_value: under.and_then(|u| u.limit_value),
                set_due: to.set_due, on_spot: on_spot, condition: under.and_then(|u| u.condition),
            },
        )
        .await?
        .or(STALE)?;
        if let Some(assisting) = &to.assisting {
            tx.later(&NO_MORE_ASSISTING, args! { tenant: tx.tenant(), case: case.id });
            for (organisation, due) in assisting {
                let due = due.unwrap_or(crate::case::NO_DUE);
                tx.later(&ASSIST, args! { tenant: tx.tenant(), case: case.id, organisation: organisation, due: due });
            }
        }
        tx.fact(CaseAmended {
            case: case.id,
            place: Some(to.spot.place),
            unit: to.unit,
            category: under.map(|u| u.category),
            community: to.spot.community,
            compound: to.spot.compound,
            circular: to.circular,
            set_due: to.set_due,
            words: wording::hash(&salt, &words_of(&to.where_words, &to.what)),
            former,
            on_spot,
            condition: under.and_then(|u| u.condition),
            assisting: to
                .assisting
                .as_ref()
                .map_or_else(|| case.assisting.clone(), |list| list.iter().map(|(organisation, _)| *organisation).collect()),
        })?;
        let mut tally = Tally::default();
        tally.turns(hours.zone(), case, |counting| {
            (counting.community_id, counting.compound_id) = (to.spot.community, to.spot.compound);
            (counting.unit_id, counting.category_id) = (to.unit, under.map(|u| u.category));
            counting.cell = to.spot.cell;
        });
        tally.write(tx);
        Ok(())
    }
}

/// The category has several filing conditions, and nobody said which it is.
pub const NO_CONDITION: Code = Code::invalid("case.no_condition");

/// Files a reported case (立案), under the filing condition that was chosen where its category has several.
///
/// Errors: `case.no_category`, `case.no_condition`, `case.stale`, `case.wrong_stage`.
pub struct File {
    pub by: Permit<HandleCase>,
    pub case: Found,
    /// The condition that was chosen; none where there is nothing to choose.
    pub under: Option<Under>,
    pub hours: Arc<Hours>,
}

static FILE: Sql = sql!(
    "UPDATE cases SET stage = 'filed', filed_at = :now, circular_id = NULL, clock_start = :start, due = :due, yellow_at = :yellow,
        limit_unit = :limit_unit, limit_value = :limit_value, on_spot = :on_spot, condition_no = :condition, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for File {
    const KIND: &'static str = "case.file";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let File { case, under, hours, .. } = self;
        case.stage.after(Step::File).ok_or(WRONG_STAGE)?;
        case.category_id.ok_or(NO_CATEGORY)?;
        let (limit_unit, limit_value, on_spot, condition) = match under {
            Some(under) => (under.limit_unit.clone(), under.limit_value, under.on_spot, under.condition),
            None => (case.limit_unit.clone(), case.limit_value, case.on_spot, case.condition_no),
        };
        kernel::ensure(condition != Some(TO_BE_SAID), Error::field("condition", NO_CONDITION))?;
        let clock = hours.dispatch(tx.now())?;
        tx.change_one(
            &FILE,
            args! {
                tenant: tx.tenant(), case: case.id, version: case.version, now: tx.now(), start: clock.start, due: clock.due,
                yellow: clock.yellow_at, limit_unit: limit_unit, limit_value: limit_value, on_spot: on_spot, condition: condition,
            },
        )
        .await?
        .or(STALE)?;
        let (place, unit, category) = (case.place_id, case.unit_id, case.category_id);
        tx.fact(CaseFiled { case: case.id, place, unit, category, clock, on_spot, condition })
    }
}

/// Declines a report (不予立案) with a reason. Errors: `case.stale`, `case.wrong_stage`.
pub struct Decline {
    pub by: Permit<HandleCase>,
    pub case: Found,
    pub reason: DeclineReason,
    pub words: String,
}

static DECLINE: Sql = sql!(
    "UPDATE cases SET stage = 'declined', open = FALSE, circular_id = NULL, ended_at = :now, ask = NULL, asked_at = NULL,
        ask_until = NULL, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for Decline {
    const KIND: &'static str = "case.decline";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Decline { case, reason, words, .. } = self;
        case.stage.after(Step::Decline).ok_or(WRONG_STAGE)?;
        tx.change_one(&DECLINE, args! { tenant: tx.tenant(), case: case.id, version: case.version, now: tx.now() }).await?.or(STALE)?;
        if !case.assisting.is_empty() {
            tx.later(&ASSISTED, args! { tenant: tx.tenant(), case: case.id, now: tx.now() });
        }
        let words = if words.is_empty() { None } else { Some(wording::keep(tx, case.id, WordsKind::Reason, words)?) };
        tx.fact(CaseDeclined {
            case: case.id,
            place: case.place_id,
            unit: case.unit_id,
            from: case.stage,
            reason: reason.to_string(),
            words,
        })
    }
}

/// An assisting unit with its own date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assistant {
    pub organisation: OrganisationId,
    pub due: Instant,
}

/// Dispatches one filed case with a notice of its own (派遣).
///
/// Errors: `case.no_unit`, `case.no_deadline`, `case.deadline.past`, `case.stale`, `case.wrong_stage`.
pub struct Dispatch {
    pub by: Permit<HandleCase>,
    pub case: Found,
    pub unit: OrganisationId,
    pub unit_reason: Option<String>,
    pub set_due: Option<Instant>,
    pub assisting: Vec<Assistant>,
    pub hours: Arc<Hours>,
}

static INSERT_NOTICE: Sql = sql!(
    "INSERT INTO notice (tenant_id, id, number, circular_id, unit_id, issued_at, cases, last_due, version)
    VALUES (:tenant, :id, :number, :circular, :unit, :now, :cases, :last_due, 1)"
);

/// Numbers and keeps a notice; taken last in its transaction, since it locks the series.
pub(crate) async fn issue_notice(
    tx: &mut Write<'_>,
    id: NoticeId,
    circular: Option<CircularId>,
    unit: OrganisationId,
    cases: i64,
    last_due: Instant,
) -> Result<i64> {
    let number = tx.next_number("notice").await?;
    tx.exec(
        &INSERT_NOTICE,
        args! { tenant: tx.tenant(), id: id, number: number, circular: circular, unit: unit, now: tx.now(), cases: cases, last_due: last_due },
    )
    .await?;
    tx.fact(NoticeIssued { notice: id, number, circular, unit, cases, last_due })?;
    Ok(number)
}

static DISPATCH: Sql = sql!(
    "UPDATE cases SET stage = 'dispatched', filed_at = COALESCE(filed_at, :now), dispatched_at = :now, notice_id = :notice,
        unit_id = :unit, unit_reason = :reason, set_due = :set_due, clock_start = :start, due = :due, yellow_at = :yellow,
        unit_due = :due, first_due = :due, late = FALSE, rework = 0, extensions = 0, late_appeal = NULL,
        rework_appeal = NULL, unit_appeal = NULL, hold_until = NULL, receiver = NULL, receipt = NULL,
        released_id = NULL, inside_id = NULL, dissuaded_at = NULL, recurs_of = :recurs, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);
static ASSIST: Sql = sql!(
    "INSERT INTO case_assist (tenant_id, case_id, organisation_id, due)
    VALUES (:tenant, :case, :organisation, :due)
    ON CONFLICT (tenant_id, case_id, organisation_id) DO UPDATE SET due = excluded.due"
);

/// The case has ended, and so has all help with it.
pub(crate) static ASSISTED: Sql =
    sql!("UPDATE case_assist SET done_at = :now WHERE tenant_id = :tenant AND case_id = :case AND done_at IS NULL");
pub(crate) static NO_MORE_ASSISTING: Sql = sql!("DELETE FROM case_assist WHERE tenant_id = :tenant AND case_id = :case");

/// The unit's clock of a case at this instant: the category's limit, or the day that the clerk set.
pub fn unit_clock(case: &Case, set_due: Option<Instant>, hours: &Hours, now: Instant) -> Result<Clock> {
    if let Some(due) = set_due {
        kernel::ensure(due > now, DEADLINE_PAST)?;
        return Ok(hours.until(now, due));
    }
    hours.running(now, crate::clocks::limit(case.limit_unit.as_deref(), case.limit_value).ok_or(NO_DEADLINE)?)
}

/// Hands a case to its unit under a notice: state, fact and count. Used for one case and for a whole circular.
///
/// The unit begins with a clean sheet: what another one did before is not its lateness, its rework or its extension.
#[allow(clippy::too_many_arguments)] // All of it is the one dispatch; a struct would only name the list again.
pub(crate) async fn hand_over(
    tx: &mut Write<'_>,
    case: &Case,
    unit: OrganisationId,
    unit_reason: Option<&str>,
    set_due: Option<Instant>,
    notice: NoticeId,
    clock: Clock,
    assisting: &[Assistant],
    hours: &Hours,
    tally: &mut Tally,
) -> Result<()> {
    let filed = case.filed_at.is_none();
    let before = if case.recurs_of.is_none() { crate::spots::recurs(tx, case).await? } else { None };
    tx.change_one(
        &DISPATCH,
        args! {
            tenant: tx.tenant(), case: case.id, version: case.version, now: tx.now(), notice: notice, unit: unit,
            reason: unit_reason, set_due: set_due, start: clock.start, due: clock.due, yellow: clock.yellow_at,
            recurs: case.recurs_of.or(before.as_ref().map(|before| before.id)),
        },
    )
    .await?
    .or(STALE)?;
    if case.notice_id.is_some() || !assisting.is_empty() {
        // Who assisted before it came back, or was only proposed, does so no more, unless named again.
        tx.later(&NO_MORE_ASSISTING, args! { tenant: tx.tenant(), case: case.id });
    }
    for assistant in assisting {
        tx.later(&ASSIST, args! { tenant: tx.tenant(), case: case.id, organisation: assistant.organisation, due: assistant.due });
    }
    tx.fact(CaseDispatched {
        case: case.id,
        place: case.place_id,
        unit: Some(unit),
        circular: case.circular_id,
        notice,
        filed,
        clock,
        limit_unit: case.limit_unit.clone(),
        limit_value: case.limit_value,
        assisting: assisting.iter().map(|a| a.organisation).collect(),
    })?;
    let recurs_of = case.recurs_of.or(before.as_ref().map(|before| before.id));
    if let Some(before) = before {
        tx.fact(CaseRecurs { case: case.id, place: case.place_id, unit: Some(unit), before: before.id, number: before.number })?;
    }
    let now = tx.now();
    tally.turns(hours.zone(), case, |counting| {
        (counting.stage, counting.dispatched_at, counting.unit_id) = (Stage::Dispatched, Some(now), Some(unit));
        (counting.first_due, counting.late, counting.rework, counting.extensions) = (Some(clock.due), false, 0, 0);
        (counting.late_appeal, counting.rework_appeal, counting.receiver) = (None, None, None);
        counting.recurs_of = recurs_of;
    });
    Ok(())
}

impl Command for Dispatch {
    const KIND: &'static str = "case.dispatch";
    type Out = i64;

    async fn run(&self, tx: &mut Write<'_>) -> Result<i64> {
        let Dispatch { case, unit, unit_reason, set_due, assisting, hours, .. } = self;
        case.stage.after(Step::Dispatch).ok_or(WRONG_STAGE)?;
        let clock = unit_clock(case, *set_due, hours, tx.now())?;
        let notice: NoticeId = tx.new_id();
        let mut tally = Tally::default();
        hand_over(tx, case, *unit, unit_reason.as_deref(), *set_due, notice, clock, assisting, hours, &mut tally).await?;
        tally.write(tx);
        issue_notice(tx, notice, case.circular_id, *unit, 1, clock.due).await
    }
}
