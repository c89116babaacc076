//! What a unit scored, line by line, so that every figure opens to the facts behind it.

use crate::Points;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A unit's score under one scheme. The points of its lines add up to its total, always.
///
/// Serialises with stable order and whole numbers alone: one input has one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    pub total: Points,
    /// The best grade whose least total is reached.
    pub grade: Option<String>,
    /// Why the unit is scored and not compared.
    pub not_ranked: Option<Reason>,
    pub dimensions: Vec<DimensionSum>,
    pub rates: Vec<RateValue>,
    /// The facts that any row matched, in order of instant and id.
    pub facts: Vec<FactRef>,
    pub lines: Vec<Line>,
    /// What could not be evaluated, and why; it gave no points.
    pub undecided: Vec<Undecided>,
    pub conflicts: Vec<Conflict>,
}

/// Where a line's points come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineOf {
    /// The scheme's base.
    Base,
    /// The full marks of a dimension that is deducted from.
    Start { dimension: String },
    /// A row by its code.
    Row { code: String },
    /// What keeps a dimension within 0 and its full marks.
    DimensionBound { dimension: String },
    /// What keeps the total within the scheme's bounds.
    TotalBound,
}

/// One line of the score. All points carry their sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub of: LineOf,
    pub dimension: Option<String>,
    /// The sum of the facts' own points; of a share, its weight.
    pub raw: Points,
    /// That sum by the measure, or the share itself; before any cap, rounded for reading.
    pub normalised: Points,
    /// What counts: capped, rounded once.
    pub points: Points,
    /// The facts of a row, in order. What they contribute adds up to `points`.
    pub facts: Vec<Contribution>,
}

/// A fact of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// Its index among [`Score::facts`].
    pub fact: u32,
    /// Its own points, before normalising and capping.
    pub points: Points,
    /// What it added to the line. Under a cap the later facts add nothing.
    pub counted: Points,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DimensionSum {
    pub name: String,
    pub points: Points,
}

/// A rate of the unit: exact, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateValue {
    pub code: String,
    pub value: Result<Fraction, Reason>,
}

/// A rate's value as it was counted; the denominator is positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fraction {
    pub numerator: i64,
    pub denominator: i64,
}

impl Fraction {
    /// Whole basis points, rounded down: a threshold is reached when it is really reached.
    pub(crate) fn basis_points(self) -> i64 {
        let exact = (i128::from(self.numerator) * 10_000).div_euclid(i128::from(self.denominator.max(1)));
        i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
    }
    /// The value times `factor` with so many decimals (at most 6), rounded half away from zero: `times(100, 2)` of 2/3 is `66.67`.
    pub fn times(self, factor: u32, decimals: u32) -> String {
        let decimals = decimals.min(6);
        let unit = 10_i128.pow(decimals);
        let scaled = crate::points::divide(i128::from(self.numerator) * i128::from(factor) * unit, i128::from(self.denominator.max(1)));
        let (sign, scaled) = (if scaled < 0 { "-" } else { "" }, scaled.unsigned_abs());
        let (whole, rest) = (scaled / unit.unsigned_abs(), scaled % unit.unsigned_abs());
        if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest:0width$}", width = decimals as usize) }
    }
}

text_enum! {
    /// Why something could not be evaluated; beside each, what [`Reason::of`] names.
    pub enum Why {
        /// Columns whose values are not known and decide.
        MissingColumns = "missing_columns",
        /// The fact has another number of values than its kind has columns.
        WrongShape = "wrong_shape",
        /// The column that does not take the fact's value.
        OutsideColumn = "outside_column",
        /// The kind of facts that the vocabulary does not have.
        UnknownKind = "unknown_kind",
        /// Nobody has entered the points yet.
        NoPoints = "no_points",
        /// The points that were entered; the row takes none so few or many.
        PointsOutside = "points_outside",
        /// The measure that is not known or zero.
        NoMeasure = "no_measure",
        /// The count that is not known.
        NoCount = "no_count",
        /// The count that is not known of the period before.
        NoLastCount = "no_last_count",
        /// A rate's denominator is not above zero.
        NoDenominator = "no_denominator",
        /// A number beyond all bounds.
        TooLarge = "too_large",
        /// The count, its value, and the least that makes a unit comparable.
        SmallSample = "small_sample",
    }
}

/// Why, and about what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub why: Why,
    pub of: Vec<String>,
}

impl Reason {
    pub(crate) fn new<T: Into<String>>(why: Why, of: impl IntoIterator<Item = T>) -> Self {
        Reason { why, of: of.into_iter().map(Into::into).collect() }
    }
}

impl From<Why> for Reason {
    fn from(why: Why) -> Self {
        Reason { why, of: Vec::new() }
    }
}

/// A row that could not be evaluated: for one fact, or as a whole. Without a row, the fact is no use to any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undecided {
    pub row: Option<String>,
    pub fact: Option<FactRef>,
    pub reason: Reason,
}

/// A fact that rows contradict each other about; none of them scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    pub fact: FactRef,
    pub rows: Vec<String>,
}

/// Names a fact.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FactRef {
    pub kind: Cow<'static, str>,
    pub id: String,
    pub at: i64,
}

impl From<&crate::Fact> for FactRef {
    fn from(fact: &crate::Fact) -> Self {
        FactRef { kind: fact.kind.clone(), id: fact.id.clone(), at: fact.at }
    }
}

/// One line's difference between two scores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub of: LineOf,
    pub before: Points,
    pub after: Points,
}

/// The lines that differ, in order; the differences add up to the difference of the totals.
///
/// The two may be of different months or of different schemes; a row is the same where its code is.
pub fn changes(before: &Score, after: &Score) -> Vec<Change> {
    let mut all: std::collections::BTreeMap<&LineOf, (i64, i64)> = std::collections::BTreeMap::new();
    for line in &before.lines {
        all.entry(&line.of).or_default().0 += line.points.0;
    }
    for line in &after.lines {
        all.entry(&line.of).or_default().1 += line.points.0;
    }
    let differing = all.into_iter().filter(|(_, (before, after))| before != after);
    differing.map(|(of, (before, after))| Change { of: of.clone(), before: Points(before), after: Points(after) }).collect()
}
