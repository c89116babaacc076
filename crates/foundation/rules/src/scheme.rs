//! A scheme: the table that says which facts and rates give how many points; data, without meaning until it is compiled.

use crate::{Expression, Points, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most rows of a scheme.
pub const MAX_ROWS: usize = 500;
/// The most rates, and the most sums.
pub const MAX_RATES: usize = 50;
/// The most dimensions, and the most grades.
pub const MAX_DIMENSIONS: usize = 20;
/// The most conditions of a row.
pub const MAX_CONDITIONS: usize = 20;
/// The most values of a list in a condition, and the most steps of a row.
pub const MAX_VALUES: usize = 200;
/// The most characters of a name or a code.
pub const MAX_NAME: usize = 100;
/// The most characters of any other text.
pub const MAX_TEXT: usize = 1000;
/// The one column of a rate: its value in basis points, rounded down.
pub const RATE_COLUMN: &str = "value";

/// A decision table. Its canonical form is [`Scheme::to_json`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// What every unit begins with, beside its dimensions.
    pub base: Points,
    /// The least and the most total.
    pub min: Points,
    pub max: Points,
    /// Below it a unit is scored, and not ranked.
    pub sample: Option<Sample>,
    /// Of kinds of facts by name; [`Policy::Collect`] where none is given.
    pub policies: BTreeMap<String, Policy>,
    pub dimensions: Vec<Dimension>,
    pub sums: Vec<Sum>,
    pub rates: Vec<Rate>,
    /// From the best downwards.
    pub grades: Vec<Grade>,
    pub rows: Vec<Row>,
}

/// The least number of a count that makes a unit comparable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    pub count: String,
    pub least: u64,
}

text_enum! {
    /// What is done where rows match one fact.
    pub enum Policy {
        /// Every matching row scores.
        Collect = "collect",
        /// The first matching row scores.
        First = "first",
        /// One row alone may match.
        Unique = "unique",
        /// Rows that match must agree; it scores once.
        Any = "any",
    }
}

text_enum! {
    /// Where a dimension starts.
    pub enum Start {
        /// At its full marks, to be deducted from.
        Full = "full",
        /// At zero, to be earned.
        Zero = "zero",
    }
}

/// A part of the total with full marks of its own; kept within 0 and those.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    pub name: String,
    pub full: Points,
    pub start: Start,
}

/// A named number over counts and other sums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    pub name: String,
    pub expression: Expression,
}

text_enum! {
    /// How a rate is printed; it changes no score.
    pub enum Scale {
        Plain = "plain",
        Percent = "percent",
        Permille = "permille",
        /// As a number for each hundred.
        PerHundred = "per_hundred",
        PerThousand = "per_thousand",
        PerTenThousand = "per_ten_thousand",
    }
}

impl Scale {
    /// What the rate is multiplied by before it is printed.
    pub const fn factor(self) -> u32 {
        match self {
            Scale::Plain => 1,
            Scale::Percent | Scale::PerHundred => 100,
            Scale::Permille | Scale::PerThousand => 1000,
            Scale::PerTenThousand => 10_000,
        }
    }
}

/// An indicator by formula.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    pub code: String,
    pub name: String,
    pub numerator: Expression,
    pub denominator: Expression,
    pub scale: Scale,
}

/// A grade and the least total that it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    pub name: String,
    pub from: Points,
}

text_enum! {
    pub enum Sign {
        Deduct = "deduct",
        Award = "award",
    }
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub code: String,
    pub dimension: String,
    pub name: String,
    /// A kind of facts, or the code of a rate.
    pub applies: String,
    /// All must hold.
    pub conditions: Vec<Condition>,
    pub sign: Sign,
    pub worth: Worth,
    /// A measure: the row's sum is multiplied by its divisor and divided by the unit's value.
    pub normalise: Option<String>,
    pub cap: Option<Cap>,
    /// What proves it.
    pub evidence: String,
    /// Who decides.
    pub decider: String,
    pub note: String,
}

/// How many points a match gives; never negative, the sign stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Worth {
    /// So many for each match.
    Each(Points),
    /// So many times an integer column that is never negative.
    Per { points: Points, column: String },
    /// The points of the highest step reached by an integer column; below the first, none.
    Steps { column: String, steps: Vec<Step> },
    /// So many times a rate, kept within 0 and so many.
    Share(Points),
    /// What a person entered, at most so many.
    Entered(Points),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub from: i64,
    pub points: Points,
}

/// The most that a row gives a unit in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    pub most: Points,
    /// A column of codes: the cap holds for each of its values by itself.
    pub each: Option<String>,
}

/// A test of one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub column: String,
    pub test: Test,
}

/// Order is for whole numbers; equality and lists for every type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    Is(Value),
    IsNot(Value),
    Below(i64),
    AtMost(i64),
    Above(i64),
    AtLeast(i64),
    /// Both included.
    Between(i64, i64),
    In(Vec<Value>),
    NotIn(Vec<Value>),
    Known,
    Unknown,
}

impl Scheme {
    /// The canonical JSON text: equal schemes give equal bytes.
    pub fn to_json(&self) -> kernel::Result<String> {
        Ok(kernel::canonical::to_canonical(self)?)
    }
    /// Reads what [`Scheme::to_json`] wrote. It is not checked further; [`Scheme::compile`] does that.
    ///
    /// Errors: `internal`, as nothing else writes it.
    pub fn from_json(text: &str) -> kernel::Result<Scheme> {
        serde_json::from_str(text).map_err(kernel::Error::internal)
    }
}
