//! The register rebuilt from facts alone: what each case must look like, to be held against the table.

use crate::case::{Case, NO_DUE};
use crate::facts::{
    AppealDecided, AppealReviewed, AssignedInside, CalledBack, CaseAmended, CaseAppealed, CaseDispatched, CaseDisputed, CaseFailed,
    CaseFiled, CaseImported, CaseInMatter, CaseIntoCircular, CaseMerged, CaseRectified, CaseRecurs, CaseRefiled, CaseReported,
    CaseTransferred, CaseVerified, Clock, DeadlineRecounted, ExtensionAsked, ExtensionGranted, HandBackAccepted, HoldAsked, HoldEnded,
    HoldGranted, HoldRenewed, MendedAtOnce, OrderReceived, SampleChecked, TransferAnswered, TransferFailed, TransferTakenBack,
    VerificationAsked, VerifierChanged,
};
use crate::kinds::{Apart, AppealEnd, AppealGround, Ask, Receiver, Sample, Satisfied, Solved, Verdict};
use crate::outside::OrderClocks;
use crate::steps::{self, Source, Stage};
use contracts::{CaseId, CircularId, MatterId, NoticeId};
use kernel::Instant;
use kernel::ids::{AccountId, OrganisationId, PlaceId, Uuid};
use serde::de::DeserializeOwned;

/// Declares the state once: field, type, and the column of [`Case`] that it is held against.
macro_rules! state {
    ($($field:ident: $t:ty = $column:ident),+ $(,)?) => {
        /// A case as its facts tell it; words and photos are compared by their hashes elsewhere.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct State {
            pub clock: Clock,
            /// The clocks of the order that it is; held against its own table.
            pub order: Option<OrderClocks>,
            $(pub $field: $t),+
        }

        impl State {
            /// The columns in which two states differ.
            pub fn differs(&self, other: &State) -> Vec<&'static str> {
                let mut differ = Vec::new();
                if self.clock != other.clock {
                    differ.push("clock");
                }
                $(if self.$field != other.$field {
                    differ.push(stringify!($field));
                })+
                differ
            }
        }

        impl From<&Case> for State {
            fn from(case: &Case) -> State {
                State {
                    clock: Clock { start: case.clock_start, due: case.due, yellow_at: case.yellow_at },
                    order: None,
                    $($field: case.$column.clone()),+
                }
            }
        }
    };
}

state! {
    number: i64 = number,
    stage: Stage = stage,
    source: Source = source,
    category: Option<Uuid> = category_id,
    place: Option<PlaceId> = place_id,
    community: Option<PlaceId> = community_id,
    compound: Option<PlaceId> = compound_id,
    circular: Option<CircularId> = circular_id,
    notice: Option<NoticeId> = notice_id,
    unit: Option<OrganisationId> = unit_id,
    reported_at: Instant = reported_at,
    filed_at: Option<Instant> = filed_at,
    dispatched_at: Option<Instant> = dispatched_at,
    rectified_at: Option<Instant> = rectified_at,
    rectified_by: Option<AccountId> = rectified_by,
    ended_at: Option<Instant> = ended_at,
    rework: i64 = rework,
    late: bool = late,
    unit_due: Option<Instant> = unit_due,
    first_due: Option<Instant> = first_due,
    ask: Option<Ask> = ask,
    asked_at: Option<Instant> = asked_at,
    ask_until: Option<Instant> = ask_until,
    hand_backs: i64 = hand_backs,
    assigned_finally: bool = assigned_finally,
    extensions: i64 = extensions,
    holds: i64 = holds,
    hold_until: Option<Instant> = hold_until,
    supervised_at: Option<Instant> = supervised_at,
    verifier: Option<AccountId> = verifier_id,
    verified: Option<Verdict> = verified,
    merged_into: Option<CaseId> = merged_into,
    origin: Option<CaseId> = origin_id,
    matter: Option<MatterId> = matter_id,
    receiver: Option<Receiver> = receiver,
    receipt: Option<String> = receipt,
    apart: Option<Apart> = apart,
    sample: Option<Sample> = sample,
    disputed: bool = disputed,
    dispute_end: Option<AppealEnd> = dispute_end,
    appeal: Option<AppealGround> = appeal,
    advice: Option<AppealEnd> = advice,
    late_appeal: Option<AppealEnd> = late_appeal,
    rework_appeal: Option<AppealEnd> = rework_appeal,
    unit_appeal: Option<AppealEnd> = unit_appeal,
    released: Option<OrganisationId> = released_id,
    inside: Option<AccountId> = inside_id,
    dissuaded_at: Option<Instant> = dissuaded_at,
    recurs_of: Option<CaseId> = recurs_of,
    outside_due: Option<Instant> = outside_due,
    solved: Option<Solved> = solved,
    satisfied: Option<Satisfied> = satisfied,
    on_spot: bool = on_spot,
    condition: Option<i64> = condition_no,
}

impl State {
    /// A case at its beginning, with nothing that happens on the way.
    fn begun(number: i64, source: Source, stage: Stage, clock: Clock, at: Instant) -> State {
        State {
            clock,
            order: None,
            number,
            stage,
            source,
            category: None,
            place: None,
            community: None,
            compound: None,
            circular: None,
            notice: None,
            unit: None,
            reported_at: at,
            filed_at: None,
            dispatched_at: None,
            rectified_at: None,
            rectified_by: None,
            ended_at: None,
            rework: 0,
            late: false,
            unit_due: None,
            first_due: None,
            ask: None,
            asked_at: None,
            ask_until: None,
            hand_backs: 0,
            assigned_finally: false,
            extensions: 0,
            holds: 0,
            hold_until: None,
            supervised_at: None,
            verifier: None,
            verified: None,
            merged_into: None,
            origin: None,
            matter: None,
            receiver: None,
            receipt: None,
            apart: None,
            sample: None,
            disputed: false,
            dispute_end: None,
            appeal: None,
            advice: None,
            late_appeal: None,
            rework_appeal: None,
            unit_appeal: None,
            released: None,
            inside: None,
            dissuaded_at: None,
            recurs_of: None,
            outside_due: None,
            solved: None,
            satisfied: None,
            on_spot: false,
            condition: None,
        }
    }
    /// One of the outer clocks stops.
    fn outer(&mut self, stops: impl Fn(&mut OrderClocks)) -> Result<(), Misfit> {
        stops(self.order.as_mut().ok_or(Misfit::WrongStage)?);
        self.outside_due = self.order.and_then(|order| order.next());
        Ok(())
    }
    /// A request begins to wait.
    fn asks(&mut self, ask: Ask, at: Instant, until: Option<Instant>) {
        (self.ask, self.asked_at, self.ask_until) = (Some(ask), Some(at), until);
    }
    fn answered(&mut self) {
        (self.ask, self.asked_at, self.ask_until) = (None, None, None);
    }
    /// What the unit asked is void with the step that it takes; what the centre asked of a leader waits on.
    fn units_ask_ends(&mut self) {
        if self.ask != Some(Ask::Void) {
            self.answered();
        }
    }
    fn ends(&mut self, stage: Stage, at: Instant) {
        self.stage = stage;
        self.ended_at = Some(at);
        self.hold_until = None;
        self.answered();
    }
    fn unit_clock(&mut self, clock: Clock) {
        self.clock = clock;
        self.unit_due = Some(clock.due);
    }
}

/// What a dispute upheld and an unsatisfied caller have in common.
#[derive(serde::Deserialize)]
struct Reopening {
    rework: i64,
    clock: Clock,
}

/// Why a fact cannot follow what went before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// The first fact of a case is not its beginning.
    NoBeginning,
    /// Begun twice.
    BegunTwice,
    /// The data is not what this kind of fact holds.
    Unreadable,
    /// The step does not lead on from where the case stood.
    WrongStage,
}

impl Misfit {
    pub fn name(self) -> &'static str {
        match self {
            Misfit::NoBeginning => "no_beginning",
            Misfit::BegunTwice => "begun_twice",
            Misfit::Unreadable => "unreadable",
            Misfit::WrongStage => "wrong_stage",
        }
    }
}

/// One fact of a case, as the journal gives it.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    pub kind: &'a str,
    pub at: Instant,
    pub data: &'a str,
}

fn read<T: DeserializeOwned>(step: Step<'_>) -> Result<T, Misfit> {
    serde_json::from_str(step.data).map_err(|_| Misfit::Unreadable)
}

/// The state after one more fact; facts of kinds that change no state (urged …) leave it.
///
/// A fact of a step stands only where the table has that step: so whatever led somewhere else is found.
pub fn apply(state: Option<State>, step: Step<'_>) -> Result<State, Misfit> {
    match (step.kind, &state) {
        ("case.reported" | "case.imported" | "case.mended_at_once", Some(_)) => return Err(Misfit::BegunTwice),
        ("case.reported", None) => return reported(step),
        ("case.imported", None) => return imported(step),
        ("case.mended_at_once", None) => return mended(step),
        _ => {}
    }
    let mut state = state.ok_or(Misfit::NoBeginning)?;
    if let Some(taken) = step_of(step.kind, &state) {
        state.stage = state.stage.after(taken).ok_or(Misfit::WrongStage)?;
    }
    match step.kind {
        "case.amended" => {
            let fact: CaseAmended = read(step)?;
            state.place = fact.place;
            state.unit = fact.unit;
            state.category = fact.category;
            state.community = fact.community;
            state.compound = fact.compound;
            state.circular = fact.circular;
            state.on_spot = fact.on_spot;
            state.condition = fact.condition;
        }
        "case.into_circular" => {
            let fact: CaseIntoCircular = read(step)?;
            state.circular = Some(fact.circular);
            state.clock = fact.clock;
        }
        "case.verification_asked" => {
            let fact: VerificationAsked = read(step)?;
            state.verifier = Some(fact.verifier);
            state.clock = fact.clock;
        }
        "case.verifier_changed" => {
            let fact: VerifierChanged = read(step)?;
            state.verifier = Some(fact.verifier);
        }
        "case.verified" => {
            let fact: CaseVerified = read(step)?;
            state.verified = Some(fact.verdict);
            state.clock = fact.clock;
        }
        "case.filed" => {
            let fact: CaseFiled = read(step)?;
            state.filed_at = Some(step.at);
            state.circular = None;
            state.clock = fact.clock;
            state.on_spot = fact.on_spot;
            state.condition = fact.condition;
        }
        "case.declined" => {
            state.circular = None;
            state.ends(Stage::Declined, step.at);
        }
        "case.merged" => {
            let fact: CaseMerged = read(step)?;
            state.circular = None;
            state.merged_into = Some(fact.into);
            state.apart = Some(Apart::Merged);
            state.ends(Stage::Merged, step.at);
        }
        "case.dispatched" => {
            // Issuing a circular files and dispatches in one step; a leader assigns from unit to unit.
            let from_unit = state.stage == Stage::Dispatched && state.assigned_finally;
            if !matches!(state.stage, Stage::Reported | Stage::Filed) && !from_unit {
                return Err(Misfit::WrongStage);
            }
            let fact: CaseDispatched = read(step)?;
            state.stage = Stage::Dispatched;
            state.filed_at = state.filed_at.or(Some(step.at));
            state.dispatched_at = Some(step.at);
            state.notice = Some(fact.notice);
            state.unit = fact.unit;
            state.unit_clock(fact.clock);
            state.first_due = Some(fact.clock.due);
            (state.late, state.rework, state.extensions, state.hold_until) = (false, 0, 0, None);
            (state.late_appeal, state.rework_appeal, state.unit_appeal) = (None, None, None);
            state.released = None;
            (state.receiver, state.receipt) = (None, None);
            (state.inside, state.dissuaded_at) = (None, None);
        }
        "case.transferred" => {
            let fact: CaseTransferred = read(step)?;
            (state.receiver, state.receipt) = (Some(fact.receiver), fact.receipt);
            (state.unit, state.unit_due, state.first_due, state.hold_until) = (None, None, None, None);
            (state.inside, state.dissuaded_at, state.late) = (None, None, false);
            state.clock = fact.clock;
            state.units_ask_ends();
        }
        "case.transfer_taken_back" => {
            let fact: TransferTakenBack = read(step)?;
            (state.dispatched_at, state.rework, state.receiver, state.receipt) = (None, 0, None, None);
            state.clock = fact.clock;
        }
        "case.transfer_answered" => {
            let fact: TransferAnswered = read(step)?;
            state.receipt = fact.receipt;
            (state.rectified_at, state.rectified_by) = (Some(step.at), None);
            state.clock = fact.clock;
        }
        "case.transfer_failed" => {
            let fact: TransferFailed = read(step)?;
            state.rework = fact.rework;
            state.clock = fact.clock;
        }
        "case.hand_back_asked" => state.asks(Ask::HandBack, step.at, None),
        "case.hand_back_accepted" => {
            let fact: HandBackAccepted = read(step)?;
            (state.unit_due, state.first_due, state.dispatched_at, state.hold_until) = (None, None, None, None);
            (state.late, state.rework, state.inside, state.dissuaded_at) = (false, 0, None, None);
            state.hand_backs += 1;
            state.answered();
            state.clock = fact.clock;
        }
        "case.hand_back_refused" => {
            state.hand_backs += 1;
            state.answered();
        }
        "case.assigned_finally" => {
            state.hand_backs += 1;
            state.assigned_finally = true;
            state.answered();
        }
        "case.extension_asked" => {
            let fact: ExtensionAsked = read(step)?;
            state.asks(Ask::Extension, step.at, Some(fact.until));
        }
        "case.extension_granted" => {
            let fact: ExtensionGranted = read(step)?;
            state.extensions = fact.extensions;
            state.answered();
            state.unit_clock(fact.clock);
        }
        "case.hold_asked" => {
            let fact: HoldAsked = read(step)?;
            state.asks(Ask::Hold, step.at, Some(fact.until));
        }
        "case.hold_granted" => {
            let fact: HoldGranted = read(step)?;
            (state.hold_until, state.holds, state.late) = (Some(fact.until), fact.holds, fact.late);
            state.answered();
            state.unit_clock(fact.clock);
        }
        "case.hold_renewed" => {
            let fact: HoldRenewed = read(step)?;
            state.hold_until = Some(fact.until);
            state.unit_clock(fact.clock);
        }
        "case.hold_ended" => {
            let fact: HoldEnded = read(step)?;
            state.hold_until = None;
            state.unit_clock(fact.clock);
        }
        "case.extension_refused" | "case.hold_refused" | "case.void_refused" => state.answered(),
        "case.rectified" => {
            let fact: CaseRectified = read(step)?;
            state.rectified_at = Some(step.at);
            state.rectified_by = fact.by;
            state.late = fact.late;
            state.on_spot |= fact.sampled;
            state.hold_until = None;
            (state.inside, state.dissuaded_at) = (None, fact.dissuaded.then_some(step.at));
            state.units_ask_ends();
            state.clock = fact.clock;
        }
        "case.passed" => state.ends(Stage::Closed, step.at),
        "case.failed" => {
            let fact: CaseFailed = read(step)?;
            state.rework = fact.rework;
            state.unit_clock(fact.clock);
        }
        "case.supervised" => state.supervised_at = state.supervised_at.or(Some(step.at)),
        "case.in_matter" => {
            let fact: CaseInMatter = read(step)?;
            state.matter = Some(fact.matter);
        }
        "case.void_asked" => state.asks(Ask::Void, step.at, None),
        "case.voided" => {
            state.circular = None;
            state.apart = Some(Apart::Void);
            state.ends(Stage::Void, step.at);
        }
        "case.import_undone" => {
            (state.order, state.outside_due) = (None, None);
            state.apart = Some(Apart::Void);
            state.ends(Stage::Void, step.at);
        }
        "case.disputed" => {
            let fact: CaseDisputed = read(step)?;
            state.disputed = true;
            // Of what was merged, the case that it is part of by now is asked.
            if fact.into.is_none() {
                state.asks(Ask::Dispute, step.at, None);
            }
        }
        "case.dispute_upheld" | "case.reopened" => {
            let fact: Reopening = read(step)?;
            state.rework = fact.rework;
            (state.appeal, state.advice) = (None, None);
            if step.kind == "case.dispute_upheld" {
                state.dispute_end = Some(AppealEnd::Upheld);
            }
            // This rework is another one than the one that was appealed against.
            state.rework_appeal = None;
            // A lateness that an appeal did away with is gone; one from here on is another one.
            if state.late_appeal == Some(AppealEnd::Upheld) {
                (state.late, state.late_appeal) = (false, None);
            }
            state.ended_at = None;
            state.answered();
            state.unit_clock(fact.clock);
        }
        "case.dispute_refused" => {
            // One that was right before, of another reporter, stays so.
            state.dispute_end = state.dispute_end.or(Some(AppealEnd::Refused));
            state.answered();
        }
        "case.refiled" => {
            let fact: CaseRefiled = read(step)?;
            (state.dispatched_at, state.ended_at, state.rework) = (None, None, 0);
            (state.rectified_at, state.rectified_by, state.dissuaded_at) = (None, None, None);
            (state.receiver, state.receipt) = (None, None);
            (state.unit_due, state.first_due, state.late) = (None, None, false);
            (state.late_appeal, state.rework_appeal, state.unit_appeal) = (None, None, None);
            if fact.upheld {
                state.dispute_end = Some(AppealEnd::Upheld);
            }
            state.answered();
            state.clock = fact.clock;
        }
        "case.assigned_inside" => {
            let fact: AssignedInside = read(step)?;
            state.inside = Some(fact.person);
        }
        "case.recurs" => {
            let fact: CaseRecurs = read(step)?;
            state.recurs_of = Some(fact.before);
        }
        "case.order_received" => {
            let fact: OrderReceived = read(step)?;
            let order = OrderClocks { sign: fact.sign_due, call: fact.call_due, answer: fact.answer_due, ..OrderClocks::default() };
            (state.order, state.outside_due) = (Some(order), order.next());
        }
        "case.order_signed" => state.outer(|order| order.signed_at = order.signed_at.or(Some(step.at)))?,
        "case.caller_called" => state.outer(|order| order.called_at = order.called_at.or(Some(step.at)))?,
        "case.order_answered" => state.outer(|order| order.answered_at = Some(step.at))?,
        "case.called_back" => {
            let fact: CalledBack = read(step)?;
            (state.solved, state.satisfied) = (Some(fact.solved), Some(fact.satisfied));
            state.outer(|order| {
                (order.called_back_at, order.solved, order.satisfied) = (Some(step.at), Some(fact.solved), Some(fact.satisfied))
            })?;
        }
        "case.appealed" => {
            let fact: CaseAppealed = read(step)?;
            (state.appeal, state.advice) = (Some(fact.ground), None);
            state.asks(Ask::Appeal, step.at, None);
        }
        "case.appeal_reviewed" => {
            let fact: AppealReviewed = read(step)?;
            state.advice = Some(fact.advice);
        }
        "case.appeal_decided" => {
            let fact: AppealDecided = read(step)?;
            match fact.ground {
                AppealGround::Late => state.late_appeal = Some(fact.end),
                AppealGround::Rework => state.rework_appeal = Some(fact.end),
                AppealGround::WrongUnit => {
                    state.unit_appeal = Some(fact.end);
                    if fact.end == AppealEnd::Upheld {
                        state.released = state.unit.take();
                    }
                }
            }
            (state.appeal, state.advice) = (None, None);
            state.answered();
        }
        "case.sample_checked" => {
            let fact: SampleChecked = read(step)?;
            state.sample = Some(fact.found);
        }
        "case.deadline_recounted" => {
            if !state.stage.open() {
                return Err(Misfit::WrongStage);
            }
            let fact: DeadlineRecounted = read(step)?;
            state.clock = fact.clock;
            if state.stage == Stage::Dispatched {
                state.unit_due = Some(fact.clock.due);
                state.first_due = if state.rework == 0 { state.unit_due } else { state.first_due };
            }
        }
        _ => {}
    }
    Ok(state)
}

/// The step of the table that a fact of this kind is of; `None` for a dispatch, which has two, and for what is no step.
fn step_of(kind: &str, state: &State) -> Option<steps::Step> {
    use steps::Step as S;
    Some(match kind {
        "case.amended" => S::Amend,
        "case.into_circular" => S::IntoCircular,
        "case.split" => S::Split,
        "case.verification_asked" => S::AskVerify,
        "case.verified" => S::Verify,
        "case.filed" => S::File,
        "case.declined" => S::Decline,
        "case.merged" => S::Merge,
        "case.transferred" => S::Transfer,
        "case.transfer_taken_back" => S::TakeBack,
        "case.transfer_answered" => S::AnswerTransfer,
        "case.transfer_failed" => S::FailTransfer,
        "case.hand_back_asked" => S::AskHandBack,
        "case.hand_back_accepted" => S::AcceptHandBack,
        "case.hand_back_refused" => S::RefuseHandBack,
        "case.assigned_finally" => S::AssignFinally,
        "case.extension_asked" => S::AskExtension,
        "case.extension_granted" => S::GrantExtension,
        "case.extension_refused" => S::RefuseExtension,
        "case.hold_asked" => S::AskHold,
        "case.hold_granted" => S::GrantHold,
        "case.hold_refused" => S::RefuseHold,
        "case.hold_renewed" => S::RenewHold,
        "case.hold_ended" => S::Resume,
        "case.rectified" => S::Rectify,
        "case.urged" => S::Urge,
        "case.passed" => S::Pass,
        "case.failed" => S::Fail,
        "case.supervised" => S::Supervise,
        "case.in_matter" => S::PartOfMatter,
        "case.void_asked" => S::AskVoid,
        "case.voided" => S::ConsentVoid,
        "case.void_refused" => S::RefuseVoid,
        "case.disputed" => S::Dispute,
        "case.dispute_upheld" => S::UpholdDispute,
        "case.dispute_refused" => S::RefuseDispute,
        "case.appealed" => S::Appeal,
        "case.appeal_reviewed" => S::ReviewAppeal,
        "case.appeal_decided" => S::UpholdAppeal,
        "case.assigned_inside" => S::AssignInside,
        "case.done_inside" => S::DoneInside,
        "case.noted" => S::Note,
        "case.corrected" => S::Correct,
        "case.message" => S::Message,
        "case.reply" => S::Reply,
        "case.order_signed" => S::SignOrder,
        "case.caller_called" => S::CallCaller,
        "case.order_answered" => S::AnswerOrder,
        "case.called_back" => S::CallBack,
        "case.reopened" => S::Reopen,
        "case.refiled" => S::Refile,
        "case.sample_checked" if state.sample.is_some() => S::SampleCheck,
        _ => return None,
    })
}

fn reported(step: Step<'_>) -> Result<State, Misfit> {
    let fact: CaseReported = read(step)?;
    Ok(State {
        category: fact.category,
        place: fact.place,
        community: fact.community,
        compound: fact.compound,
        circular: fact.circular,
        unit: fact.unit,
        origin: fact.origin,
        on_spot: fact.on_spot,
        condition: fact.condition,
        ..State::begun(fact.number, fact.source, Stage::Reported, fact.clock, step.at)
    })
}

fn mended(step: Step<'_>) -> Result<State, Misfit> {
    let fact: MendedAtOnce = read(step)?;
    let own = fact.apart == Apart::SelfCheck;
    Ok(State {
        category: fact.category,
        place: fact.place,
        community: fact.community,
        compound: fact.compound,
        unit: fact.unit,
        // The unit's own case from the beginning.
        dispatched_at: own.then_some(step.at),
        ended_at: Some(step.at),
        apart: Some(fact.apart),
        sample: fact.sampled.then_some(Sample::Waiting),
        ..State::begun(fact.number, fact.source, Stage::Closed, fact.clock, step.at)
    })
}

fn imported(step: Step<'_>) -> Result<State, Misfit> {
    let fact: CaseImported = read(step)?;
    let due = fact.due.unwrap_or(NO_DUE);
    let dispatched = Some(fact.reported_at);
    let clock = Clock { start: fact.reported_at, due, yellow_at: due };
    Ok(State {
        category: fact.category,
        place: fact.place,
        community: fact.community,
        unit: fact.unit,
        filed_at: dispatched,
        dispatched_at: dispatched,
        rectified_at: fact.ended_at,
        ended_at: fact.ended_at,
        late: fact.late,
        unit_due: fact.due,
        first_due: fact.due,
        ..State::begun(fact.number, Source::Import, fact.stage, clock, fact.reported_at)
    })
}
