//! The JSON API of this slice: the same queries, permits and commands as its pages, for programs.

pub mod cases;
pub mod district;
pub mod figures;
pub mod finding;
pub mod handover;
pub mod hotspots;
pub mod limits;
pub mod matters;
pub mod photos;
pub mod report;
pub mod rounds;
pub mod steps;

use crate::kinds::{Apart, AppealEnd, AppealGround, Ask, Receiver, Sample, Satisfied, Solved, Verdict};
use crate::listing::{Answers, Flag, Kind, Lamp, Outcome, Sort, When, Whose, Without};
use crate::matters::{MatterOrigin, MatterState};
use crate::steps::{Optional, Source, Stage, Step, Who};
use kernel::Instant;
use kernel::ids::{AttachmentId, OrganisationId};

api::enums!(
    Answers,
    Apart,
    AppealEnd,
    AppealGround,
    Ask,
    Flag,
    Kind,
    Lamp,
    MatterOrigin,
    MatterState,
    Optional,
    Outcome,
    Receiver,
    Sample,
    Satisfied,
    Solved,
    Sort,
    Source,
    Stage,
    Step,
    Verdict,
    When,
    Who,
    Whose,
    Without,
);

/// What somebody writes in words of the own.
pub type Words = api::Text<0, { crate::wording::MAX_WORDS }>;
/// The number of a case, circular or matter.
pub type Number = api::Whole<1, { i64::MAX }>;
/// The version of what was read: a write on another one is refused.
pub type Version = api::Whole<1, { i64::MAX }>;
pub type Photos = api::List<AttachmentId, { crate::case_steps::MAX_PHOTOS }>;

api::object! {
    /// Degrees of CGCS2000, which WGS-84 is within centimetres.
    pub struct Position {
        lng: api::Degrees<180>,
        lat: api::Degrees<90>,
    }
    /// A unit that assists.
    pub struct Assisting {
        unit: OrganisationId,
        /// Its own date; the unit's where it has none.
        due: Option<api::Stamp>,
    }
    /// What happened, as the timeline tells it.
    pub struct Happened {
        /// The kind of the fact.
        kind: String,
        at: api::Stamp,
        /// Whose doing it was; of the system's own, null.
        by: Option<String>,
        /// What happened, in words.
        title: String,
        /// What is to be known beside.
        detail: String,
        /// What was said.
        words: String,
        photos: Vec<AttachmentId>,
        video: Option<AttachmentId>,
    }
}

/// An instant as the forms of pages carry it; to the minute.
fn typed(office: &crate::office::Office, at: Option<api::Stamp>) -> String {
    at.map(|at| crate::case_forms::local(office, at.0)).unwrap_or_default()
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn said<const MIN: usize, const MAX: usize>(value: Option<api::Text<MIN, MAX>>) -> String {
    value.map(|text| text.0).unwrap_or_default()
}

fn ids(photos: Option<Photos>) -> Vec<String> {
    photos.unwrap_or_default().0.iter().map(ToString::to_string).collect()
}

fn stamp(at: Option<Instant>) -> Option<api::Stamp> {
    at.map(api::Stamp)
}

/// A deadline, where there is one.
fn due(at: Instant) -> Option<api::Stamp> {
    (at != crate::case::NO_DUE).then_some(api::Stamp(at))
}
