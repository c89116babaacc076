//! The register rebuilt from facts alone: what each case must look like, to be held against the table.

use crate::case::{Case, NO_DUE};
use crate::facts::{
    CaseAmended, CaseDispatched, CaseFailed, CaseFiled, CaseImported, CaseRectified, CaseReported, Clock, DeadlineRecounted,
    HandBackAccepted,
};
use crate::steps::{Source, Stage};
use contracts::{CircularId, NoticeId};
use kernel::Instant;
use kernel::ids::{AccountId, OrganisationId, PlaceId, Uuid};
use serde::de::DeserializeOwned;

/// A case as its facts tell it; words and photos are compared by their hashes elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub number: i64,
    pub stage: Stage,
    pub source: Source,
    pub category: Option<Uuid>,
    pub place: Option<PlaceId>,
    pub community: Option<PlaceId>,
    pub compound: Option<PlaceId>,
    pub circular: Option<CircularId>,
    pub notice: Option<NoticeId>,
    pub unit: Option<OrganisationId>,
    pub clock: Clock,
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
    pub hand_back_at: Option<Instant>,
    pub on_spot: bool,
}

impl State {
    /// The columns in which two states differ.
    pub fn differs(&self, other: &State) -> Vec<&'static str> {
        let same = [
            ("number", self.number == other.number),
            ("stage", self.stage == other.stage),
            ("source", self.source == other.source),
            ("category", self.category == other.category),
            ("place", self.place == other.place),
            ("community", self.community == other.community),
            ("compound", self.compound == other.compound),
            ("circular", self.circular == other.circular),
            ("notice", self.notice == other.notice),
            ("unit", self.unit == other.unit),
            ("clock", self.clock == other.clock),
            ("reported_at", self.reported_at == other.reported_at),
            ("filed_at", self.filed_at == other.filed_at),
            ("dispatched_at", self.dispatched_at == other.dispatched_at),
            ("rectified_at", self.rectified_at == other.rectified_at),
            ("rectified_by", self.rectified_by == other.rectified_by),
            ("ended_at", self.ended_at == other.ended_at),
            ("rework", self.rework == other.rework),
            ("late", self.late == other.late),
            ("unit_due", self.unit_due == other.unit_due),
            ("first_due", self.first_due == other.first_due),
            ("hand_back_at", self.hand_back_at == other.hand_back_at),
            ("on_spot", self.on_spot == other.on_spot),
        ];
        same.into_iter().filter(|(_, same)| !same).map(|(column, _)| column).collect()
    }
}

impl From<&Case> for State {
    fn from(case: &Case) -> State {
        State {
            number: case.number,
            stage: case.stage,
            source: case.source,
            category: case.category_id,
            place: case.place_id,
            community: case.community_id,
            compound: case.compound_id,
            circular: case.circular_id,
            notice: case.notice_id,
            unit: case.unit_id,
            clock: Clock { start: case.clock_start, due: case.due, yellow_at: case.yellow_at },
            reported_at: case.reported_at,
            filed_at: case.filed_at,
            dispatched_at: case.dispatched_at,
            rectified_at: case.rectified_at,
            rectified_by: case.rectified_by,
            ended_at: case.ended_at,
            rework: case.rework,
            late: case.late,
            unit_due: case.unit_due,
            first_due: case.first_due,
            hand_back_at: case.hand_back_at,
            on_spot: case.on_spot,
        }
    }
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
pub fn apply(state: Option<State>, step: Step<'_>) -> Result<State, Misfit> {
    match (step.kind, &state) {
        ("case.reported" | "case.imported", Some(_)) => return Err(Misfit::BegunTwice),
        ("case.reported", None) => return reported(step),
        ("case.imported", None) => return imported(step),
        _ => {}
    }
    let mut state = state.ok_or(Misfit::NoBeginning)?;
    let stands = |state: &State, wanted: Stage| if state.stage == wanted { Ok(()) } else { Err(Misfit::WrongStage) };
    match step.kind {
        "case.amended" => {
            stands(&state, Stage::Reported)?;
            let fact: CaseAmended = read(step)?;
            state.place = fact.place;
            state.unit = fact.unit;
            state.category = fact.category;
            state.community = fact.community;
            state.compound = fact.compound;
            state.circular = fact.circular;
            state.on_spot = fact.on_spot;
        }
        "case.filed" => {
            stands(&state, Stage::Reported)?;
            let fact: CaseFiled = read(step)?;
            state.stage = Stage::Filed;
            state.filed_at = Some(step.at);
            state.circular = None;
            state.clock = fact.clock;
        }
        "case.declined" => {
            if !matches!(state.stage, Stage::Reported | Stage::Filed) {
                return Err(Misfit::WrongStage);
            }
            state.stage = Stage::Declined;
            state.circular = None;
            state.ended_at = Some(step.at);
        }
        "case.dispatched" => {
            // Issuing a circular files and dispatches in one step.
            if !matches!(state.stage, Stage::Reported | Stage::Filed) {
                return Err(Misfit::WrongStage);
            }
            let fact: CaseDispatched = read(step)?;
            state.stage = Stage::Dispatched;
            state.filed_at = state.filed_at.or(Some(step.at));
            state.dispatched_at = Some(step.at);
            state.notice = Some(fact.notice);
            state.unit = fact.unit;
            state.clock = fact.clock;
            state.unit_due = Some(fact.clock.due);
            state.first_due = state.first_due.or(Some(fact.clock.due));
            state.hand_back_at = None;
        }
        "case.hand_back_asked" => {
            stands(&state, Stage::Dispatched)?;
            state.hand_back_at = Some(step.at);
        }
        "case.hand_back_accepted" => {
            stands(&state, Stage::Dispatched)?;
            let fact: HandBackAccepted = read(step)?;
            state.stage = Stage::Filed;
            state.hand_back_at = None;
            state.unit_due = None;
            state.first_due = None;
            state.clock = fact.clock;
        }
        "case.hand_back_refused" => {
            stands(&state, Stage::Dispatched)?;
            state.hand_back_at = None;
        }
        "case.rectified" => {
            stands(&state, Stage::Dispatched)?;
            let fact: CaseRectified = read(step)?;
            state.stage = Stage::Rectified;
            state.rectified_at = Some(step.at);
            state.rectified_by = fact.by;
            state.late = fact.late;
            state.on_spot |= fact.sampled;
            state.hand_back_at = None;
            state.clock = fact.clock;
        }
        "case.passed" => {
            stands(&state, Stage::Rectified)?;
            state.stage = Stage::Closed;
            state.ended_at = Some(step.at);
        }
        "case.failed" => {
            stands(&state, Stage::Rectified)?;
            let fact: CaseFailed = read(step)?;
            state.stage = Stage::Dispatched;
            state.rework = fact.rework;
            state.clock = fact.clock;
            state.unit_due = Some(fact.clock.due);
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

fn reported(step: Step<'_>) -> Result<State, Misfit> {
    let fact: CaseReported = read(step)?;
    Ok(State {
        number: fact.number,
        stage: Stage::Reported,
        source: fact.source,
        category: fact.category,
        place: fact.place,
        community: fact.community,
        compound: fact.compound,
        circular: fact.circular,
        notice: None,
        unit: fact.unit,
        clock: fact.clock,
        reported_at: step.at,
        filed_at: None,
        dispatched_at: None,
        rectified_at: None,
        rectified_by: None,
        ended_at: None,
        rework: 0,
        late: false,
        unit_due: None,
        first_due: None,
        hand_back_at: None,
        on_spot: fact.on_spot,
    })
}

fn imported(step: Step<'_>) -> Result<State, Misfit> {
    let fact: CaseImported = read(step)?;
    let due = fact.due.unwrap_or(NO_DUE);
    let dispatched = Some(fact.reported_at);
    Ok(State {
        number: fact.number,
        stage: fact.stage,
        source: Source::Import,
        category: fact.category,
        place: fact.place,
        community: fact.community,
        compound: None,
        circular: None,
        notice: None,
        unit: fact.unit,
        clock: Clock { start: fact.reported_at, due, yellow_at: due },
        reported_at: fact.reported_at,
        filed_at: dispatched,
        dispatched_at: dispatched,
        rectified_at: fact.ended_at,
        rectified_by: None,
        ended_at: fact.ended_at,
        rework: 0,
        late: fact.late,
        unit_due: fact.due,
        first_due: fact.due,
        hand_back_at: None,
        on_spot: false,
    })
}
