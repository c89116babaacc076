//! Circulars: opening one for a round, and issuing it: every case filed and dispatched, notices numbered, clocks running.

use crate::case::{Case, NO_DUE, case_columns};
use crate::clocks::Hours;
use crate::days::Tally;
use crate::facts::{CircularIssued, CircularOpened, Clock};
use crate::filing::{Assistant, DEADLINE_PAST, NO_CATEGORY, NO_CONDITION, NO_UNIT, hand_over, issue_notice, unit_clock};
use crate::reporting::{CIRCULAR_NOT_OPEN, hold_open};
use crate::steps::Stage;
use crate::verbs::{ComposeCircular, IssueCircular};
use access::Permit;
use contracts::{CaseId, CircularId, NoticeId};
use kernel::ids::{AccountId, OrganisationId};
use kernel::{Code, Error, FieldError, Instant, Result, TenantId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Command, Sql, Store, Write, args, sql};

/// There is nothing in it to issue.
pub const EMPTY: Code = Code::conflict("circular.empty");
/// Some cases still lack a unit, a category or a deadline; the field errors name them by number.
pub const NOT_READY: Code = Code::conflict("circular.not_ready");
/// Somebody nearby is looking whether it is real: it cannot be issued before they have answered.
pub const BEING_VERIFIED: Code = Code::conflict("case.being_verified");
/// More than one transaction should carry.
pub const TOO_MANY: Code = Code::conflict("circular.too_many");

/// The most cases that one circular holds.
pub const MAX_CASES: usize = 2000;

store::text_enum! {
    pub enum CircularState {
        Open = "open",
        Issued = "issued",
    }
}

store::row! {
    /// One circular (问题通报).
    #[derive(Debug, Clone)]
    pub struct Circular {
        pub tenant_id: TenantId,
        pub id: CircularId,
        pub number: Option<i64>,
        pub year: Option<i64>,
        pub title: String,
        pub state: CircularState,
        pub opened_at: Instant,
        pub opened_by: Option<AccountId>,
        pub issued_at: Option<Instant>,
        pub issued_by: Option<AccountId>,
        pub version: i64,
    }
}

store::row! {
    /// One unit's part of a circular (整改通知单).
    #[derive(Debug, Clone)]
    pub struct Notice {
        pub tenant_id: TenantId,
        pub id: NoticeId,
        pub number: i64,
        pub circular_id: Option<CircularId>,
        pub unit_id: OrganisationId,
        pub issued_at: Instant,
        pub cases: i64,
        pub last_due: Instant,
        pub opened_at: Option<Instant>,
        pub told_at: Option<Instant>,
        pub version: i64,
    }
}

macro_rules! circular_columns {
    () => {
        "SELECT tenant_id, id, number, year, title, state, opened_at, opened_by, issued_at, issued_by, version FROM circular"
    };
}
macro_rules! notice_columns {
    () => {
        "SELECT tenant_id, id, number, circular_id, unit_id, issued_at, cases, last_due, opened_at, told_at, version FROM notice"
    };
}

static CIRCULAR: Sql = sql!(concat!(circular_columns!(), " WHERE tenant_id = :tenant AND id = :circular"));
static OPEN_CIRCULARS: Sql =
    sql!(concat!(circular_columns!(), " WHERE tenant_id = :tenant AND state = 'open' ORDER BY opened_at DESC, id DESC LIMIT 20"));
static NOTICE: Sql = sql!(concat!(notice_columns!(), " WHERE tenant_id = :tenant AND id = :notice"));
static NOTICES: Sql = sql!(concat!(notice_columns!(), " WHERE tenant_id = :tenant AND circular_id = :circular ORDER BY number"));
static NOTICES_OF_UNIT: Sql =
    sql!(concat!(notice_columns!(), " WHERE tenant_id = :tenant AND unit_id = :unit ORDER BY issued_at DESC, id DESC LIMIT 50"));

pub async fn circular(store: &Store, tenant: TenantId, id: CircularId) -> Result<Circular> {
    store.one(&CIRCULAR, args! { tenant: tenant, circular: id }).await
}
/// The circulars that are being composed, the latest first.
pub async fn open_circulars(store: &Store, tenant: TenantId) -> Result<Vec<Circular>> {
    store.all(&OPEN_CIRCULARS, args! { tenant: tenant }).await
}
pub async fn notice(store: &Store, tenant: TenantId, id: NoticeId) -> Result<Notice> {
    store.one(&NOTICE, args! { tenant: tenant, notice: id }).await
}
pub async fn notices(store: &Store, tenant: TenantId, circular: CircularId) -> Result<Vec<Notice>> {
    store.all(&NOTICES, args! { tenant: tenant, circular: circular }).await
}
pub async fn notices_of_unit(store: &Store, tenant: TenantId, unit: OrganisationId) -> Result<Vec<Notice>> {
    store.all(&NOTICES_OF_UNIT, args! { tenant: tenant, unit: unit }).await
}

/// Opens a circular that findings go into.
pub struct Open {
    pub by: Permit<ComposeCircular>,
    pub title: String,
}

static INSERT: Sql = sql!(
    "INSERT INTO circular (tenant_id, id, title, state, opened_at, opened_by, version)
    VALUES (:tenant, :id, :title, 'open', :now, :actor, 1)"
);

impl Command for Open {
    const KIND: &'static str = "circular.open";
    type Out = CircularId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<CircularId> {
        let id: CircularId = tx.new_id();
        tx.exec(&INSERT, args! { tenant: tx.tenant(), id: id, title: self.title, now: tx.now(), actor: tx.actor() }).await?;
        tx.fact(CircularOpened { circular: id })?;
        Ok(id)
    }
}

/// Issues a whole circular (下发): its cases are filed and dispatched, each unit gets a numbered notice, deadlines run.
///
/// All or nothing. Errors: `circular.not_open`, `circular.empty`, `circular.too_many`, `circular.not_ready` with one
/// field error a case (`case-1369`) that lacks its unit, category or deadline.
pub struct Issue {
    pub by: Permit<IssueCircular>,
    pub circular: CircularId,
    pub hours: Arc<Hours>,
}

/// The number of the circular and how many notices went out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Issued {
    pub number: i64,
    pub cases: i64,
    pub notices: i64,
}

static TAKE: Sql = sql!(
    "UPDATE circular SET state = 'issued', issued_at = :now, issued_by = :actor, version = version + 1
    WHERE tenant_id = :tenant AND id = :circular AND state = 'open'"
);
static INSIDE: Sql = sql!(concat!(case_columns!(), " WHERE tenant_id = :tenant AND circular_id = :circular ORDER BY id"));
static NUMBER: Sql = sql!("UPDATE circular SET number = :number, year = :year WHERE tenant_id = :tenant AND id = :circular");

static ASSISTING: Sql = sql!(
    "SELECT a.case_id, a.organisation_id, a.due
    FROM cases c
    JOIN case_assist a ON a.tenant_id = c.tenant_id AND a.case_id = c.id
    WHERE c.tenant_id = :tenant AND c.circular_id = :circular
    ORDER BY c.id, a.organisation_id"
);

/// Who shall assist with what, each with its date or else the unit's.
pub type Assisting = BTreeMap<CaseId, Vec<(OrganisationId, Option<Instant>)>>;

fn gathered(rows: Vec<(CaseId, OrganisationId, Instant)>) -> Assisting {
    let mut all = Assisting::new();
    for (case, organisation, due) in rows {
        all.entry(case).or_default().push((organisation, (due != NO_DUE).then_some(due)));
    }
    all
}

/// Who shall assist with the cases of a circular.
pub async fn assisting(store: &Store, tenant: TenantId, circular: CircularId) -> Result<Assisting> {
    Ok(gathered(store.all(&ASSISTING, args! { tenant: tenant, circular: circular }).await?))
}

/// What a case still lacks before it can be issued; `None` when it is ready.
pub fn lacks(case: &Case, assisting: &Assisting, hours: &Hours, now: Instant) -> Option<Code> {
    if case.stage == Stage::Verifying {
        return Some(BEING_VERIFIED);
    }
    let past = |(_, due): &(OrganisationId, Option<Instant>)| due.is_some_and(|due| due <= now);
    if assisting.get(&case.id).is_some_and(|list| list.iter().any(past)) {
        return Some(DEADLINE_PAST);
    }
    if case.category_id.is_none() {
        return Some(NO_CATEGORY);
    }
    if case.lacks_condition() {
        return Some(NO_CONDITION);
    }
    if case.unit_id.is_none() {
        return Some(NO_UNIT);
    }
    unit_clock(case, case.set_due, hours, now).err().map(|error| {
        [DEADLINE_PAST, crate::clocks::OUT_OF_RANGE].into_iter().find(|code| error.is(*code)).unwrap_or(crate::filing::NO_DEADLINE)
    })
}

impl Command for Issue {
    const KIND: &'static str = "circular.issue";
    type Out = Issued;

    async fn run(&self, tx: &mut Write<'_>) -> Result<Issued> {
        let Issue { circular, hours, .. } = self;
        hold_open(tx, *circular).await?;
        // After whatever was put into it meanwhile.
        tx.waited();
        let now = tx.now();
        tx.change_one(&TAKE, args! { tenant: tx.tenant(), circular: circular, now: now, actor: tx.actor() })
            .await?
            .or(CIRCULAR_NOT_OPEN)?;
        let cases = tx.all::<Case>(&INSIDE, args! { tenant: tx.tenant(), circular: circular }).await?;
        kernel::ensure(!cases.is_empty(), EMPTY)?;
        kernel::ensure(cases.len() <= MAX_CASES, TOO_MANY)?;
        let assisting = gathered(tx.all(&ASSISTING, args! { tenant: tx.tenant(), circular: circular }).await?);
        let mut problems = Vec::new();
        let mut by_unit = BTreeMap::<OrganisationId, Vec<(&Case, Clock)>>::new();
        for case in &cases {
            match (lacks(case, &assisting, hours, now), case.unit_id) {
                (None, Some(unit)) => by_unit.entry(unit).or_default().push((case, unit_clock(case, case.set_due, hours, now)?)),
                (code, _) => problems.push(FieldError {
                    field: format!("case-{}", case.number),
                    code: code.unwrap_or(NO_UNIT).name.to_owned(),
                    args: BTreeMap::from([("number".to_owned(), case.number.to_string())]),
                }),
            }
        }
        if !problems.is_empty() {
            return Err(Error::from(NOT_READY).arg("count", problems.len()).with_fields(problems));
        }
        let mut tally = Tally::default();
        let mut parts = Vec::new();
        for (unit, part) in &by_unit {
            let notice: NoticeId = tx.new_id();
            for (case, clock) in part {
                let assistants: Vec<Assistant> = assisting
                    .get(&case.id)
                    .into_iter()
                    .flatten()
                    // The unit may have been changed to one that was to assist.
                    .filter(|(organisation, _)| organisation != unit)
                    .map(|(organisation, due)| Assistant { organisation: *organisation, due: due.unwrap_or(clock.due) })
                    .collect();
                let reason = case.unit_reason.as_deref();
                hand_over(tx, case, *unit, reason, case.set_due, notice, *clock, &assistants, hours, &mut tally).await?;
            }
            let last_due = part.iter().map(|(_, clock)| clock.due).max().unwrap_or(now);
            parts.push((notice, *unit, part.len(), last_due));
        }
        tally.write(tx);
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        for (notice, unit, size, last_due) in &parts {
            issue_notice(tx, *notice, Some(*circular), *unit, count(*size), *last_due).await?;
        }
        let number = tx.next_number("circular").await?;
        let year = i64::from(now.to_timestamp().to_zoned_datetime(hours.zone().clone()).year());
        tx.exec(&NUMBER, args! { tenant: tx.tenant(), circular: circular, number: number, year: year }).await?;
        tx.fact(CircularIssued { circular: *circular, number, year, cases: count(cases.len()), notices: count(parts.len()) })?;
        Ok(Issued { number, cases: count(cases.len()), notices: count(parts.len()) })
    }
}
