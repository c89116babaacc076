//! A case as it is kept, how it is found, and what permission looks at.

use crate::kinds::{Apart, AppealEnd, AppealGround, Ask, Receiver, Sample, Satisfied, Solved, Verdict};
use crate::steps::{Source, Stage};
use access::{Actor, Governed, Permit, Subject};
use contracts::{CaseId, CircularId, MatterId, NoticeId};
use kernel::ids::{AccountId, OrganisationId, PlaceId, Uuid};
use kernel::{Code, Instant, Result, TenantId};
use store::{Sql, Store, Write, args, sql};

/// The clock of a case that has no deadline (imported without one, or waiting for the clerk to set it): the end of 9999.
pub const NO_DUE: Instant = Instant(253_402_300_799_000_000);

/// Instead of a filing condition's number: the category has several, and nobody has said yet which it is.
pub const TO_BE_SAID: i64 = 0;

/// Somebody changed the case meanwhile.
pub const STALE: Code = Code::conflict("case.stale");
/// The step does not lead on from where the case stands now.
pub const WRONG_STAGE: Code = Code::conflict("case.wrong_stage");

store::row! {
    /// One problem at one place.
    #[derive(Debug, Clone)]
    pub struct Case {
        pub tenant_id: TenantId,
        pub id: CaseId,
        pub number: i64,
        pub stage: Stage,
        pub source: Source,
        pub outside_number: Option<String>,
        pub circular_id: Option<CircularId>,
        pub notice_id: Option<NoticeId>,
        pub category_id: Option<Uuid>,
        pub place_id: Option<PlaceId>,
        pub place_path: String,
        pub community_id: Option<PlaceId>,
        pub compound_id: Option<PlaceId>,
        pub lng_e7: Option<i32>,
        pub lat_e7: Option<i32>,
        pub what: String,
        pub where_words: String,
        pub reported_by: Option<AccountId>,
        pub unit_id: Option<OrganisationId>,
        pub unit_reason: Option<String>,
        pub limit_unit: Option<String>,
        pub limit_value: Option<i64>,
        pub set_due: Option<Instant>,
        pub clock_start: Instant,
        pub due: Instant,
        pub yellow_at: Instant,
        pub reported_at: Instant,
        pub filed_at: Option<Instant>,
        pub dispatched_at: Option<Instant>,
        pub rectified_at: Option<Instant>,
        pub rectified_by: Option<AccountId>,
        pub ended_at: Option<Instant>,
        pub rework: i64,
        pub late: bool,
        pub unit_due: Option<Instant>,
        pub first_due: Option<Instant>,
        pub ask: Option<Ask>,
        pub asked_at: Option<Instant>,
        pub ask_until: Option<Instant>,
        pub hand_backs: i64,
        pub assigned_finally: bool,
        pub extensions: i64,
        pub holds: i64,
        pub hold_until: Option<Instant>,
        pub supervised_at: Option<Instant>,
        pub verifier_id: Option<AccountId>,
        pub verified: Option<Verdict>,
        pub merged_into: Option<CaseId>,
        pub origin_id: Option<CaseId>,
        pub matter_id: Option<MatterId>,
        pub receiver: Option<Receiver>,
        pub receipt: Option<String>,
        pub apart: Option<Apart>,
        pub sample: Option<Sample>,
        pub disputed: bool,
        pub dispute_end: Option<AppealEnd>,
        /// What the appeal that waits is against, and what the handler advises.
        pub appeal: Option<AppealGround>,
        pub advice: Option<AppealEnd>,
        pub late_appeal: Option<AppealEnd>,
        pub rework_appeal: Option<AppealEnd>,
        pub unit_appeal: Option<AppealEnd>,
        /// The unit that appealed, rightly, against being the unit: it still sees what it appealed against.
        pub released_id: Option<OrganisationId>,
        pub inside_id: Option<AccountId>,
        pub dissuaded_at: Option<Instant>,
        pub recurs_of: Option<CaseId>,
        pub outside_due: Option<Instant>,
        /// Of an order, how its caller found it when last called back.
        pub solved: Option<Solved>,
        pub satisfied: Option<Satisfied>,
        pub on_spot: bool,
        /// Which filing condition of its category: from 1, [`TO_BE_SAID`], or none where there is but one.
        pub condition_no: Option<i64>,
        pub photos: i64,
        /// The local hour of the week in which it was found: 24 × weekday (Monday is 0) + hour.
        pub found_slot: Option<i64>,
        pub version: i64,
    }
}

/// The columns of [`Case`], in its order.
macro_rules! case_columns {
    () => {
        "SELECT tenant_id, id, number, stage, source, outside_number, circular_id, notice_id, category_id, place_id, place_path,
            community_id, compound_id, lng_e7, lat_e7, what, where_words, reported_by, unit_id, unit_reason,
            limit_unit, limit_value, set_due, clock_start, due, yellow_at, reported_at, filed_at, dispatched_at,
            rectified_at, rectified_by, ended_at, rework, late, unit_due, first_due, ask, asked_at, ask_until, hand_backs, assigned_finally,
            extensions, holds, hold_until, supervised_at, verifier_id, verified, merged_into, origin_id, matter_id, receiver, receipt, apart,
            sample, disputed, dispute_end, appeal, advice, late_appeal, rework_appeal, unit_appeal,
            released_id, inside_id, dissuaded_at, recurs_of, outside_due, solved, satisfied, on_spot, condition_no, photos, found_slot, version
        FROM cases"
    };
}
pub(crate) use case_columns;

static BY_ID: Sql = sql!(concat!(case_columns!(), " WHERE tenant_id = :tenant AND id = :case"));
static BY_NUMBER: Sql = sql!(concat!(case_columns!(), " WHERE tenant_id = :tenant AND number = :number"));
static OF_CIRCULAR: Sql = sql!(concat!(case_columns!(), " WHERE tenant_id = :tenant AND circular_id = :circular ORDER BY id"));
static OF_NOTICE: Sql = sql!(concat!(case_columns!(), " WHERE tenant_id = :tenant AND notice_id = :notice ORDER BY id"));
static ASSISTING: Sql =
    sql!("SELECT organisation_id FROM case_assist WHERE tenant_id = :tenant AND case_id = :case ORDER BY organisation_id");

/// A case with its assisting units: what permission looks at.
#[derive(Debug, Clone)]
pub struct Found {
    pub case: Case,
    pub assisting: Vec<OrganisationId>,
    /// Who may read it beside the unit: those that assist, and the unit that was released.
    readers: Vec<OrganisationId>,
}

impl std::ops::Deref for Found {
    type Target = Case;
    fn deref(&self) -> &Case {
        &self.case
    }
}

impl Governed for Found {
    fn subject(&self) -> Subject<'_> {
        Subject {
            tenant: self.tenant_id,
            place_path: Some(&self.place_path),
            unit: self.unit_once_dispatched(),
            assisting: if self.dispatched_at.is_some() { &self.readers } else { &[] },
            owner: self.reported_by,
        }
    }
}

impl Case {
    /// A proposed unit sees nothing yet, nor do those that shall assist: only from the dispatch on is it the unit's case.
    /// What it checked itself is its own from the beginning (dispatched to itself).
    pub fn unit_once_dispatched(&self) -> Option<OrganisationId> {
        self.dispatched_at.and(self.unit_id)
    }
    /// Whether somebody still has to say which filing condition it is.
    pub fn lacks_condition(&self) -> bool {
        self.condition_no == Some(TO_BE_SAID)
    }
    /// Whether the clock of whoever holds it has run out.
    pub fn is_red(&self, now: Instant) -> bool {
        self.stage.open() && self.due < now
    }
    pub fn has_due(&self) -> bool {
        self.due != NO_DUE
    }
    /// Until when its clock stands; `None` once the hold is over, which needs no step.
    pub fn held_until(&self, now: Instant) -> Option<Instant> {
        self.hold_until.filter(|until| self.stage == Stage::Dispatched && *until > now)
    }
}

/// The case with this number, if the actor may see it; 404 otherwise.
pub async fn find(store: &Store, actor: &Actor, number: i64) -> Result<Found> {
    let case = store.one::<Case>(&BY_NUMBER, args! { tenant: actor.tenant, number: number }).await?;
    visible(store, actor, case).await
}

/// The case with this id, if the actor may see it; 404 otherwise.
pub async fn find_by_id(store: &Store, actor: &Actor, id: CaseId) -> Result<Found> {
    let case = store.one::<Case>(&BY_ID, args! { tenant: actor.tenant, case: id }).await?;
    visible(store, actor, case).await
}

/// The case with this id as a transaction sees it: for what a command does beside the case that it is about.
pub(crate) async fn within(tx: &mut Write<'_>, id: CaseId) -> Result<Found> {
    let case = tx.one::<Case>(&BY_ID, args! { tenant: tx.tenant(), case: id }).await?;
    let assisting = tx.all::<(OrganisationId,)>(&ASSISTING, args! { tenant: tx.tenant(), case: id }).await?;
    let assisting: Vec<OrganisationId> = assisting.into_iter().map(|(id,)| id).collect();
    let readers = assisting.iter().copied().chain(case.released_id).collect();
    Ok(Found { case, assisting, readers })
}

/// The units that assist.
pub(crate) async fn assisting(store: &Store, case: &Case) -> Result<Vec<OrganisationId>> {
    let found = store.all::<(OrganisationId,)>(&ASSISTING, args! { tenant: case.tenant_id, case: case.id }).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

async fn visible(store: &Store, actor: &Actor, case: Case) -> Result<Found> {
    let assisting = assisting(store, &case).await?;
    let readers = assisting.iter().copied().chain(case.released_id).collect();
    let found = Found { case, assisting, readers };
    let _seen: Permit<crate::verbs::ListCases> = actor.permit(&found).map_err(|_| kernel::Error::not_found())?;
    Ok(found)
}

/// Those of these cases that the actor may see, and the numbers of the others, in the order given.
pub(crate) async fn split_by_sight(store: &Store, actor: &Actor, cases: Vec<Case>) -> Result<(Vec<Case>, Vec<i64>)> {
    let (mut seen, mut hidden) = (Vec::new(), Vec::new());
    for case in cases {
        let readers = case.released_id.into_iter().collect();
        let mut found = Found { case, assisting: Vec::new(), readers };
        if !actor.can::<crate::verbs::ListCases>(&found) {
            let assisting = assisting(store, &found).await?;
            found.readers.extend(assisting);
        }
        if actor.can::<crate::verbs::ListCases>(&found) {
            seen.push(found.case);
        } else {
            hidden.push(found.case.number);
        }
    }
    Ok((seen, hidden))
}

/// All cases of a circular, in the order they were found.
pub async fn of_circular(store: &Store, tenant: TenantId, circular: CircularId) -> Result<Vec<Case>> {
    store.all(&OF_CIRCULAR, args! { tenant: tenant, circular: circular }).await
}

/// All cases of a notice, in the order they were found.
pub async fn of_notice(store: &Store, tenant: TenantId, notice: NoticeId) -> Result<Vec<Case>> {
    store.all(&OF_NOTICE, args! { tenant: tenant, notice: notice }).await
}
