//! Orders of those outside (12345 热线, 区城管平台): their clocks to sign for, to call and to answer beside ours, the answer, the
//! call back, and what an unsatisfied caller does. Our end is not their answer, nor the other way round.

use crate::case::{Case, Found, STALE, WRONG_STAGE};
use crate::clocks::Hours;
use crate::days::Tally;
use crate::facts::{CalledBack, CallerCalled, CallerUnsatisfied, CaseRefiled, CaseReopened, OrderAnswered, OrderReceived, OrderSigned};
use crate::joining::goes_on_within;
use crate::kinds::{AppealEnd, Satisfied, Solved};
use crate::reinspecting::rework_clock;
use crate::reporting::Finding;
use crate::steps::{Source, Stage, Step};
use crate::verbs::HandleCase;
use crate::wording::{self, WordsKind};
use access::Permit;
use access::personal::{Masked, PersonName, Phone};
use contracts::CaseId;
use kernel::calendar::Limit;
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Command, Sql, Store, Write, args, sql};

/// It is no order of those outside.
pub const NO_ORDER: Code = Code::conflict("order.none");
/// It was signed for before.
pub const SIGNED: Code = Code::conflict("order.signed");
/// Nothing was answered yet, so that nobody can have been asked how it was.
pub const NOT_ANSWERED: Code = Code::conflict("order.not_answered");
/// Nobody of ours mended it, or it stands apart: there is nothing to open again.
pub const NOT_OURS: Code = Code::conflict("order.not_ours");

/// The name of these limits among a tenant's settings.
pub const SETTING: &str = "order_limits";

/// How long one source gives for each of its clocks, in working minutes; 0 is no such clock. A sample that each tenant changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderLimits {
    pub sign_working_minutes: u32,
    pub call_working_minutes: u32,
    pub answer_working_minutes: u32,
    /// What a unit gets for problems of this source, instead of the category's limit; 0 leaves that.
    pub unit_working_minutes: u32,
}

impl Default for OrderLimits {
    fn default() -> Self {
        OrderLimits { sign_working_minutes: 120, call_working_minutes: 480, answer_working_minutes: 2400, unit_working_minutes: 0 }
    }
}

/// The limits of both sources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    pub hotline: OrderLimits,
    pub district_platform: OrderLimits,
}

impl Limits {
    /// What a tenant has set, from its settings; the sample where it has set nothing. Errors: 500 when they can't be read.
    pub fn of(settings: &str) -> Result<Limits> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Settings {
            order_limits: Limits,
        }
        serde_json::from_str::<Settings>(settings).map(|settings| settings.order_limits).map_err(Error::internal)
    }
    pub fn for_source(&self, source: Source) -> Option<OrderLimits> {
        match source {
            Source::Hotline => Some(self.hotline),
            Source::DistrictPlatform => Some(self.district_platform),
            _ => None,
        }
    }
    /// The unit's limit that goes before the category's, as a case keeps it.
    pub fn of_unit(&self, source: Source) -> Option<(String, i64)> {
        let minutes = self.for_source(source)?.unit_working_minutes;
        (minutes > 0).then(|| (kernel::calendar::LimitUnit::WorkingMinutes.as_str().to_owned(), i64::from(minutes)))
    }
}

/// The three clocks of an order and how it ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderClocks {
    pub sign: Option<Instant>,
    pub call: Option<Instant>,
    pub answer: Option<Instant>,
    pub signed_at: Option<Instant>,
    pub called_at: Option<Instant>,
    pub answered_at: Option<Instant>,
    pub called_back_at: Option<Instant>,
    pub solved: Option<Solved>,
    pub satisfied: Option<Satisfied>,
}

impl OrderClocks {
    /// The nearest deadline that still runs. Who answered has no call to make any more, and who called has signed.
    pub fn next(&self) -> Option<Instant> {
        let open = self.answered_at.is_none();
        let sign = self.sign.filter(|_| open && self.signed_at.is_none() && self.called_at.is_none());
        let call = self.call.filter(|_| open && self.called_at.is_none());
        [sign, call, self.answer.filter(|_| open)].into_iter().flatten().min()
    }
}

store::row! {
    /// An order as it is kept.
    #[derive(Debug, Clone)]
    pub struct Order {
        pub tenant_id: TenantId,
        pub case_id: CaseId,
        pub received_at: Instant,
        pub sign_due: Option<Instant>,
        pub signed_at: Option<Instant>,
        pub call_due: Option<Instant>,
        pub called_at: Option<Instant>,
        pub answer_due: Option<Instant>,
        pub answered_at: Option<Instant>,
        pub called_back_at: Option<Instant>,
        pub solved: Option<Solved>,
        pub satisfied: Option<Satisfied>,
        pub caller: Option<Masked<PersonName>>,
        pub caller_phone: Option<Masked<Phone>>,
    }
}

impl Order {
    pub fn clocks(&self) -> OrderClocks {
        OrderClocks {
            sign: self.sign_due,
            call: self.call_due,
            answer: self.answer_due,
            signed_at: self.signed_at,
            called_at: self.called_at,
            answered_at: self.answered_at,
            called_back_at: self.called_back_at,
            solved: self.solved,
            satisfied: self.satisfied,
        }
    }
}

macro_rules! order_columns {
    () => {
        "SELECT tenant_id, case_id, received_at, sign_due, signed_at, call_due, called_at, answer_due, answered_at, called_back_at, solved, satisfied,
            caller, caller_phone
        FROM outside_order"
    };
}
pub(crate) use order_columns;

static OF_CASE: Sql = sql!(concat!(order_columns!(), " WHERE tenant_id = :tenant AND case_id = :case"));

/// The order that a case is, if it is one.
pub async fn of_case(store: &Store, tenant: TenantId, case: CaseId) -> Result<Option<Order>> {
    store.opt(&OF_CASE, args! { tenant: tenant, case: case }).await
}

/// What comes in with a finding that is an order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewOrder {
    /// When it was handed to us; the source's limits count from there.
    pub received_at: Option<Instant>,
    /// Their own deadlines go before our reckoning of them.
    pub sign_due: Option<Instant>,
    pub call_due: Option<Instant>,
    pub answer_due: Option<Instant>,
    pub caller: Option<Masked<PersonName>>,
    pub caller_phone: Option<Masked<Phone>>,
}

static INSERT: Sql = sql!(
    "INSERT INTO outside_order (tenant_id, case_id, received_at, sign_due, call_due, answer_due, caller, caller_phone)
    VALUES (:tenant, :case, :received, :sign, :call, :answer, :caller, :phone)"
);
static NEAREST: Sql = sql!("UPDATE cases SET outside_due = :due WHERE tenant_id = :tenant AND id = :case");

/// Keeps the order of a case that was entered by this very command. Errors: `case.deadline.out_of_range`.
pub(crate) fn receive(
    tx: &mut Write<'_>,
    case: CaseId,
    finding: &Finding,
    order: &NewOrder,
    limits: OrderLimits,
    hours: &Hours,
) -> Result<()> {
    let received_at = order.received_at.filter(|at| *at <= tx.now()).unwrap_or(tx.now());
    let clock = |given: Option<Instant>, minutes: u32| match (given, minutes) {
        (Some(given), _) => Ok(Some(given)),
        (None, 0) => Ok(None),
        (None, minutes) => hours.running(received_at, Limit::working_minutes(minutes).map_err(Error::from)?).map(|clock| Some(clock.due)),
    };
    let clocks = OrderClocks {
        sign: clock(order.sign_due, limits.sign_working_minutes)?,
        // Nobody can be called who left no number.
        call: if order.caller_phone.is_some() { clock(order.call_due, limits.call_working_minutes)? } else { None },
        answer: clock(order.answer_due, limits.answer_working_minutes)?,
        ..OrderClocks::default()
    };
    tx.later(
        &INSERT,
        args! {
            tenant: tx.tenant(), case: case, received: received_at, sign: clocks.sign, call: clocks.call, answer: clocks.answer,
            caller: order.caller, phone: order.caller_phone,
        },
    );
    tx.later(&NEAREST, args! { tenant: tx.tenant(), case: case, due: clocks.next() });
    let OrderClocks { sign: sign_due, call: call_due, answer: answer_due, .. } = clocks;
    tx.fact(OrderReceived { case, place: Some(finding.spot.place), unit: finding.unit, received_at, sign_due, call_due, answer_due })
}

static STOP: Sql = sql!(
    "UPDATE outside_order SET signed_at = :signed, called_at = :called, answered_at = :answered, called_back_at = :called_back,
        solved = :solved, satisfied = :satisfied
    WHERE tenant_id = :tenant AND case_id = :case"
);
static TOUCH: Sql = sql!(
    "UPDATE cases SET outside_due = :due, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);
static HEARD: Sql = sql!("UPDATE cases SET solved = :solved, satisfied = :satisfied WHERE tenant_id = :tenant AND id = :case");
static OPEN_AGAIN: Sql = sql!(
    "UPDATE cases SET stage = 'dispatched', open = TRUE, ended_at = NULL, ask = NULL, asked_at = NULL, ask_until = NULL,
        appeal = NULL, advice = NULL, rework = rework + 1, rework_appeal = NULL,
        late = CASE WHEN late_appeal = 'upheld' THEN FALSE ELSE late END,
        late_appeal = CASE WHEN late_appeal = 'upheld' THEN NULL ELSE late_appeal END, clock_start = :start, due = :due,
        yellow_at = :yellow, unit_due = :due, set_due = :set_due, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);
static FILE_AGAIN: Sql = sql!(
    "UPDATE cases SET stage = 'filed', open = TRUE, ended_at = NULL, ask = NULL, asked_at = NULL, ask_until = NULL, rework = 0,
        dispatched_at = NULL, rectified_at = NULL, rectified_by = NULL, dissuaded_at = NULL, receiver = NULL, receipt = NULL,
        unit_reason = NULL, unit_due = NULL, first_due = NULL, set_due = NULL, late = FALSE, late_appeal = NULL, rework_appeal = NULL,
        unit_appeal = NULL, clock_start = :start, due = :due, yellow_at = :yellow, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

/// Opens a closed case again for its unit, with rework + 1 and a new deadline, and gives that clock.
///
/// Errors: `case.no_deadline`, `case.deadline.past`, `case.stale`.
pub(crate) async fn open_again(
    tx: &mut Write<'_>,
    case: &Found,
    set_due: Option<Instant>,
    dispute_end: Option<AppealEnd>,
    hours: &Hours,
) -> Result<crate::facts::Clock> {
    let clock = rework_clock(case, set_due, hours, tx.now())?;
    let values = args! {
        tenant: tx.tenant(), case: case.id, version: case.version, start: clock.start, due: clock.due, yellow: clock.yellow_at,
        set_due: set_due,
    };
    tx.change_one(&OPEN_AGAIN, values).await?.or(STALE)?;
    let mut tally = Tally::default();
    tally.turns(hours.zone(), case, |counting| {
        (counting.stage, counting.rework, counting.rework_appeal) = (Stage::Dispatched, case.rework + 1, None);
        counting.dispute_end = dispute_end.or(counting.dispute_end);
        if counting.late_appeal == Some(AppealEnd::Upheld) {
            (counting.late, counting.late_appeal) = (false, None);
        }
    });
    tally.write(tx);
    Ok(clock)
}

pub(crate) static UPHELD: Sql = sql!("UPDATE cases SET dispute_end = 'upheld' WHERE tenant_id = :tenant AND id = :case");

/// Puts a closed case that no unit of ours has (any more) back before the centre: because a dispute was right, or because a caller
/// is not content, `from` the one that was merged into it. Whoever gets it next begins with a clean sheet. Errors: `case.stale`.
pub(crate) async fn file_again(
    tx: &mut Write<'_>,
    case: &Found,
    words: &str,
    upheld: bool,
    from: Option<&Case>,
    hours: &Hours,
) -> Result<()> {
    case.stage.after(Step::Refile).ok_or(WRONG_STAGE)?;
    let clock = hours.dispatch(tx.now())?;
    let values =
        args! { tenant: tx.tenant(), case: case.id, version: case.version, start: clock.start, due: clock.due, yellow: clock.yellow_at };
    tx.change_one(&FILE_AGAIN, values).await?.or(STALE)?;
    if upheld {
        tx.later(&UPHELD, args! { tenant: tx.tenant(), case: case.id });
    }
    let mut tally = Tally::default();
    tally.turns(hours.zone(), case, |counting| {
        (counting.stage, counting.dispatched_at, counting.receiver, counting.rework) = (Stage::Filed, None, None, 0);
        (counting.first_due, counting.late, counting.late_appeal, counting.rework_appeal) = (None, false, None, None);
        counting.dispute_end = if upheld { Some(AppealEnd::Upheld) } else { counting.dispute_end };
    });
    tally.write(tx);
    let words = wording::keep(tx, case.id, WordsKind::Finding, words)?;
    let (from, number) = from.map(|from| (from.id, from.number)).unzip();
    tx.fact(CaseRefiled { case: case.id, place: case.place_id, unit: case.unit_id, words, clock, upheld, from, number })
}

/// Whether a closed case has a unit of ours that can be sent to it again.
pub fn has_unit(case: &Case) -> bool {
    case.apart.is_none() && case.unit_id.is_some() && case.dispatched_at.is_some()
}

/// Whether what was closed comes back when it turns out not to be mended: to its unit, or before the centre where no unit of ours
/// has it (those outside mended it, or an appeal released the unit). What stands apart was handed to nobody.
pub fn comes_back(case: &Case) -> bool {
    case.apart.is_none() && case.stage.after(Step::Reopen).is_some()
}

/// Brings back what was closed, since a caller is not content; `from` the order that was merged into it, where it was that one's.
async fn bring_back(
    tx: &mut Write<'_>,
    case: &Found,
    words: &str,
    set_due: Option<Instant>,
    from: Option<&Case>,
    hours: &Hours,
) -> Result<()> {
    if !has_unit(case) {
        return file_again(tx, case, words, false, from, hours).await;
    }
    let clock = open_again(tx, case, set_due, None, hours).await?;
    let words = wording::keep(tx, case.id, WordsKind::Finding, words)?;
    let (from, number) = from.map(|from| (from.id, from.number)).unzip();
    let (place, unit, rework) = (case.place_id, case.unit_id, case.rework + 1);
    tx.fact(CaseReopened { case: case.id, place, unit, words, rework, clock, from, number })
}

/// Locks the row against an end at the same instant; what others do meanwhile does not matter.
static STANDS: Sql = sql!("UPDATE cases SET version = version WHERE tenant_id = :tenant AND id = :case AND stage = :stage");

/// Lets the centre know, on the case that goes on, that the caller of an order merged into it is not content.
async fn tell_of_caller(tx: &mut Write<'_>, case: &Found, from: &Case, words: &str) -> Result<()> {
    tx.change_one(&STANDS, args! { tenant: tx.tenant(), case: case.id, stage: case.stage }).await?.or(STALE)?;
    let words = wording::keep(tx, case.id, WordsKind::Note, words)?;
    tx.fact(CallerUnsatisfied { case: case.id, place: case.place_id, unit: case.unit_id, from: from.id, number: from.number, words })
}

/// Keeps what the caller said with the case, where it is counted; a later call back takes the place of an earlier one.
fn hears(tx: &mut Write<'_>, case: &mut Case, solved: Solved, satisfied: Satisfied, hours: &Hours) {
    tx.later(&HEARD, args! { tenant: tx.tenant(), case: case.id, solved: solved, satisfied: satisfied });
    let mut tally = Tally::default();
    tally.turns(hours.zone(), case, |counting| (counting.solved, counting.satisfied) = (Some(solved), Some(satisfied)));
    tally.write(tx);
    (case.solved, case.satisfied) = (Some(solved), Some(satisfied));
}

/// What is done with an order.
#[derive(Debug, Clone)]
pub enum Deed {
    /// 签收
    Sign,
    /// 联系诉求人: what was said.
    Call { words: String },
    /// 答复: its wording. A later one takes the place of the first in the sheet; both stay in the history.
    Answer { words: String },
    /// 回访: how the caller finds it; what opens the case again where it is closed and the caller isn't content. Of an order that
    /// was merged, the case that it is part of; which is told of it where it is open still.
    CallBack { solved: Solved, satisfied: Satisfied, words: String, set_due: Option<Instant> },
}

impl Deed {
    pub const fn step(&self) -> Step {
        match self {
            Deed::Sign => Step::SignOrder,
            Deed::Call { .. } => Step::CallCaller,
            Deed::Answer { .. } => Step::AnswerOrder,
            Deed::CallBack { .. } => Step::CallBack,
        }
    }
}

/// Whether the caller is not content.
pub const fn unsatisfied(solved: Solved, satisfied: Satisfied) -> bool {
    matches!(solved, Solved::No) || matches!(satisfied, Satisfied::No)
}

/// Does what those outside wait for.
///
/// Errors: `order.none`, `order.signed`, `order.not_answered`, `case.no_deadline`, `case.deadline.past`, `case.stale`.
pub struct Handle {
    pub by: Permit<HandleCase>,
    pub case: Found,
    pub deed: Deed,
    pub hours: Arc<Hours>,
}

impl Command for Handle {
    const KIND: &'static str = "case.handle_order";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Handle { case, deed, hours, .. } = self;
        case.stage.after(deed.step()).ok_or(WRONG_STAGE)?;
        let now = tx.now();
        let order = tx.opt::<Order>(&OF_CASE, args! { tenant: tx.tenant(), case: case.id }).await?.ok_or(NO_ORDER)?;
        let mut clocks = order.clocks();
        let late = |due: Option<Instant>, before: Option<Instant>| before.is_none() && due.is_some_and(|due| due < now);
        let (of, place, unit) = (case.id, case.place_id, case.unit_id);
        let (mut again, mut heard) = (None, None);
        match deed {
            Deed::Sign => {
                ensure(clocks.signed_at.is_none(), SIGNED)?;
                clocks.signed_at = Some(now);
            }
            Deed::Call { .. } => clocks.called_at = clocks.called_at.or(Some(now)),
            Deed::Answer { .. } => clocks.answered_at = Some(now),
            Deed::CallBack { solved, satisfied, words, set_due } => {
                ensure(clocks.answered_at.is_some(), NOT_ANSWERED)?;
                (clocks.called_back_at, clocks.solved, clocks.satisfied) = (Some(now), Some(*solved), Some(*satisfied));
                heard = Some((*solved, *satisfied));
                again = Some((words, *set_due)).filter(|_| unsatisfied(*solved, *satisfied));
            }
        }
        // The row of the case is changed first: so two at once take turns, and the second one is stale.
        let next = clocks.next();
        if again.is_some() && comes_back(case) {
            tx.later(&NEAREST, args! { tenant: tx.tenant(), case: case.id, due: next });
        } else {
            let values = args! { tenant: tx.tenant(), case: case.id, version: case.version, due: next };
            tx.change_one(&TOUCH, values).await?.or(STALE)?;
        }
        let stopped = args! {
            tenant: tx.tenant(), case: case.id, signed: clocks.signed_at, called: clocks.called_at, answered: clocks.answered_at,
            called_back: clocks.called_back_at, solved: clocks.solved, satisfied: clocks.satisfied,
        };
        tx.later(&STOP, stopped);
        // What follows counts the case as it is with what was heard.
        let mut case = case.clone();
        if let Some((solved, satisfied)) = heard {
            hears(tx, &mut case.case, solved, satisfied, hours);
        }
        let case = &case;
        match deed {
            Deed::Sign => tx.fact(OrderSigned { case: of, place, unit, late: late(order.sign_due, order.signed_at) })?,
            Deed::Call { words } => {
                let words = wording::keep(tx, case.id, WordsKind::Outside, words)?;
                tx.fact(CallerCalled { case: of, place, unit, words, late: late(order.call_due, order.called_at) })?;
            }
            Deed::Answer { words } => {
                let words = wording::keep(tx, case.id, WordsKind::Outside, words)?;
                tx.fact(OrderAnswered { case: of, place, unit, words, late: late(order.answer_due, order.answered_at) })?;
            }
            Deed::CallBack { solved, satisfied, words, .. } => {
                let words = if words.is_empty() { None } else { Some(wording::keep(tx, case.id, WordsKind::Outside, words)?) };
                tx.fact(CalledBack { case: of, place, unit, solved: *solved, satisfied: *satisfied, words })?;
            }
        }
        let Some((words, set_due)) = again else { return Ok(()) };
        if comes_back(case) {
            return bring_back(tx, case, words, set_due, None, hours).await;
        }
        match goes_on_within(tx, case).await? {
            Some(other) if comes_back(&other) => bring_back(tx, &other, words, set_due, Some(&case.case), hours).await,
            Some(other) => tell_of_caller(tx, &other, case, words).await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_outer_clock_is_the_one_that_still_runs() {
        let at = |n: i64| Some(Instant(n));
        let clocks = OrderClocks { sign: at(1), call: at(2), answer: at(3), ..OrderClocks::default() };
        assert_eq!(clocks.next(), at(1));
        let signed = OrderClocks { signed_at: at(0), ..clocks };
        assert_eq!(signed.next(), at(2));
        // Whoever was called without having been signed for was signed for by that.
        assert_eq!(OrderClocks { called_at: at(0), ..clocks }.next(), at(3));
        assert_eq!(OrderClocks { answered_at: at(0), ..clocks }.next(), None);
    }

    #[test]
    fn limits_are_the_sample_until_a_tenant_sets_its_own() {
        assert_eq!(Limits::of("{}").unwrap(), Limits::default());
        let own = Limits::of(r#"{"order_limits":{"hotline":{"unit_working_minutes":960}}}"#).unwrap();
        assert_eq!(own.of_unit(Source::Hotline), Some(("working_minutes".to_owned(), 960)));
        assert_eq!((own.of_unit(Source::DistrictPlatform), own.of_unit(Source::Call)), (None, None));
    }
}
