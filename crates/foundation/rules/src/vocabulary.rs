//! What schemes may speak about, as the caller publishes it, and one unit's facts and figures in those terms.

use crate::Points;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// All that a scheme may name. Names are technical (`case.found`); what people read is in the [`Lexicon`](crate::Lexicon).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    pub kinds: Vec<FactKind>,
    /// Names of counts of a unit in a period: `found`, `on_time`.
    pub counts: Vec<String>,
    pub measures: Vec<Measure>,
}

/// A kind of facts and its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactKind {
    pub name: String,
    pub columns: Vec<Column>,
    /// A person enters the points of each such fact, because no rule can.
    pub by_hand: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub of: ColumnType,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    Bool,
    /// Whole numbers from `min` to `max`, both included.
    Int {
        min: i64,
        max: i64,
    },
    /// Codes of a closed list, or any (`None`).
    Code {
        known: Option<Vec<String>>,
    },
}

/// How large a unit is in one respect: `households` counted per 100 of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    pub name: String,
    pub divisor: NonZeroU32,
}

impl FactKind {
    pub fn new(name: &str, columns: Vec<Column>) -> Self {
        FactKind { name: name.to_owned(), columns, by_hand: false }
    }
    /// The same kind, with points entered by a person.
    #[must_use]
    pub fn by_hand(self) -> Self {
        FactKind { by_hand: true, ..self }
    }
}

impl Column {
    pub fn bool(name: &str) -> Self {
        Column { name: name.to_owned(), of: ColumnType::Bool }
    }
    pub fn int(name: &str, min: i64, max: i64) -> Self {
        Column { name: name.to_owned(), of: ColumnType::Int { min, max } }
    }
    /// A column of any codes.
    pub fn code(name: &str) -> Self {
        Column { name: name.to_owned(), of: ColumnType::Code { known: None } }
    }
    /// A column of these codes alone.
    pub fn one_of(name: &str, known: &[&str]) -> Self {
        Column { name: name.to_owned(), of: ColumnType::Code { known: Some(known.iter().map(|code| (*code).to_owned()).collect()) } }
    }
}

impl Measure {
    /// `Measure::new("households", 100)` is counted per hundred; a divisor of 0 is taken as 1.
    pub fn new(name: &str, divisor: u32) -> Self {
        Measure { name: name.to_owned(), divisor: NonZeroU32::new(divisor).unwrap_or(NonZeroU32::MIN) }
    }
}

/// A value in a column, of a fact or in a condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    Bool(bool),
    Int(i64),
    Code(String),
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Code(value.to_owned())
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Bool(value) => value.fmt(f),
            Value::Int(value) => value.fmt(f),
            Value::Code(value) => value.fmt(f),
        }
    }
}

/// One fact about a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub kind: Cow<'static, str>,
    /// What leads back to it; one kind has each id once.
    pub id: String,
    /// When it happened, in whatever unit the caller counts; under a cap the earlier facts count first.
    pub at: i64,
    /// One for each column of the kind, in order; `None` where it is not known.
    pub values: Vec<Option<Value>>,
    /// What a person gave, where the kind is by hand.
    pub points: Option<Points>,
}

impl Fact {
    pub fn new(kind: impl Into<Cow<'static, str>>, id: &str, at: i64, values: Vec<Option<Value>>) -> Self {
        Fact { kind: kind.into(), id: id.to_owned(), at, values, points: None }
    }
    /// The same fact, with the points that a person entered.
    #[must_use]
    pub fn with_points(self, points: Points) -> Self {
        Fact { points: Some(points), ..self }
    }
}

/// All that is known of one unit in one period. A count or measure that is left out is not known, which is not zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    /// In any order.
    pub facts: Vec<Fact>,
    pub counts: BTreeMap<String, u64>,
    /// The counts of the period before.
    pub last: BTreeMap<String, u64>,
    pub measures: BTreeMap<String, u64>,
}
