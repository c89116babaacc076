//! The JSON API of this slice: the same queries, permits and commands as its pages, for programs.

pub mod entries;
pub mod leagues;
pub mod lists;
pub mod months;
pub mod schemes;
pub mod scores;

use crate::appeal::{AppealId, AppealState};
use crate::consequence::{ConsequenceId, ConsequenceState};
use crate::consequence_rule::ConsequenceKind;
use crate::entry::{EntryId, EntryKind};
use crate::evaluation::{EvaluationId, EvaluationState};
use crate::improvement::{ImprovementId, ImprovementState, StepState};
use crate::league::{LeagueId, MemberId, Shows};
use crate::scheme::{Ranked, SchemeId, SchemeState};
use crate::scoring::first_of;
use api::params::FromText;
use api::{Day, Schema, Schemas, Stamp};
use jiff::civil::Date;
use kernel::ids::Uuid;
use kernel::{Error, Instant, Result};
use serde_json::{Value, json};

api::enums!(
    AppealState,
    ConsequenceKind,
    ConsequenceState,
    EntryKind,
    EvaluationState,
    ImprovementState,
    Ranked,
    SchemeState,
    Shows,
    StepState,
);

macro_rules! ids {
    ($($id:ty),+ $(,)?) => {$(
        impl Schema for $id {
            fn schema(_: &mut Schemas) -> Value {
                json!({ "type": "string", "format": "uuid" })
            }
        }
        impl FromText for $id {
            fn from_text(text: &str) -> Option<Self> {
                <Uuid as FromText>::from_text(text).map(<$id>::from)
            }
        }
    )+};
}
ids!(AppealId, ConsequenceId, EntryId, EvaluationId, ImprovementId, LeagueId, MemberId, SchemeId);

/// A month of the tenant: `2026-03`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month(pub String);

impl Schema for Month {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "pattern": "^[2-8][0-9]{3}-(0[1-9]|1[0-2])$" })
    }
}
impl FromText for Month {
    fn from_text(text: &str) -> Option<Self> {
        let shape = text.bytes().enumerate().all(|(at, byte)| if at == 4 { byte == b'-' } else { byte.is_ascii_digit() });
        let fits = shape && text < "9" && first_of(text).is_some();
        fits.then(|| Month(text.to_owned()))
    }
}

/// A day as it is kept. Errors: `internal`, as nothing else writes it.
fn day(text: &str) -> Result<Day> {
    text.parse::<Date>().map(Day).map_err(Error::internal)
}

fn some_day(text: Option<&String>) -> Result<Option<Day>> {
    text.map(|text| day(text)).transpose()
}

fn stamp(at: Option<Instant>) -> Option<Stamp> {
    at.map(Stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_written_with_its_hyphen_and_as_the_document_says() {
        assert_eq!(Month::from_text("2026-03"), Some(Month("2026-03".to_owned())));
        for bad in ["2026-3", "2026-13", "1999-12", "9000-01", "202603", "2026/03", "2026-03-01", "２026-03", ""] {
            assert_eq!(Month::from_text(bad), None, "{bad}");
        }
    }
}
