//! Why a fact scored as it did: every row, every condition, with the value that it read.

use crate::matching::Decided;
use crate::scoring::in_order;
use crate::table::Kind;
use crate::{Condition, Fact, FactRef, Input, Points, Reason, Table, Truth, Value, Why};
use serde::{Deserialize, Serialize};

/// What the rows made of one fact or one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    pub about: About,
    /// Why no row could look at it.
    pub unusable: Option<Reason>,
    /// Every row that applies, in the scheme's order.
    pub rows: Vec<ExplainedRow>,
    /// The codes of rows that contradict one another about it.
    pub conflict: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    Fact(FactRef),
    /// A rate by its code.
    Rate(String),
}

/// One row's verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedRow {
    pub code: String,
    pub truth: Truth,
    /// Every condition; any `no` says no, else any `unknown` says unknown.
    pub conditions: Vec<ExplainedCondition>,
    /// Of an unknown row, the columns that would decide.
    pub missing: Vec<String>,
    /// What it gives the row, with its sign, before normalising and capping; none where it does not score.
    pub points: Option<Points>,
    /// Why a row that may match does not score.
    pub reason: Option<Reason>,
}

/// One condition, the value that it read, and what it said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedCondition {
    pub condition: Condition,
    pub value: Option<Value>,
    pub truth: Truth,
}

impl Table {
    /// Explains every fact of a unit, in order of instant and id, and then every rate.
    pub fn explain(&self, input: &Input) -> Vec<Explained> {
        let facts = in_order(&input.facts).into_iter().map(|index| self.explain_fact(&input.facts[index as usize]));
        let rates = self.rates(input).into_iter().enumerate().map(|(index, rate)| {
            let about = About::Rate(rate.code);
            match rate.value {
                Ok(value) => {
                    let value = value.basis_points();
                    self.explain_cells(about, self.rate_kind(index), &[Some(value)], &[Some(Value::Int(value))], None)
                }
                Err(reason) => unusable(about, reason),
            }
        });
        facts.chain(rates).collect()
    }

    /// Explains one fact.
    pub fn explain_fact(&self, fact: &Fact) -> Explained {
        let about = About::Fact(fact.into());
        let Some(kind) = self.by_name.get(fact.kind.as_ref()).map(|kind| &self.kinds[*kind]) else {
            return unusable(about, Reason::new(Why::UnknownKind, [fact.kind.as_ref()]));
        };
        let mut cells = Vec::new();
        match kind.cells(fact, &mut cells) {
            Ok(()) => self.explain_cells(about, kind, &cells, &fact.values, fact.points),
            Err((why, column)) => unusable(about, Reason::new(why, column.map(|column| kind.columns[column].name.as_str()))),
        }
    }

    fn explain_cells(
        &self,
        about: About,
        kind: &Kind,
        cells: &[Option<i64>],
        values: &[Option<Value>],
        entered: Option<Points>,
    ) -> Explained {
        let mut decided = Decided::default();
        kind.decide(cells, entered, &mut decided);
        let rows = kind.rows.iter().enumerate().map(|(at, ready)| {
            let conditions =
                ready.checks.iter().zip(&self.scheme.rows[ready.index].conditions).map(|(check, condition)| ExplainedCondition {
                    condition: condition.clone(),
                    value: values[check.slot].clone(),
                    truth: check.ask.truth(cells[check.slot]),
                });
            let truth = ready.truth(cells);
            let missing = if truth == Truth::Unknown { ready.missing(cells) } else { Vec::new() };
            ExplainedRow {
                code: self.code(ready).to_owned(),
                truth,
                conditions: conditions.collect(),
                missing: missing.into_iter().map(|slot| kind.columns[slot].name.clone()).collect(),
                points: decided.hits.iter().find(|(hit, _)| *hit == at).map(|(_, points)| Points(*points)),
                reason: decided.undecided.iter().find(|(open, _)| *open == at).map(|(_, reason)| reason.clone()),
            }
        });
        let conflict = decided.conflict.iter().map(|at| self.code(&kind.rows[*at]).to_owned()).collect();
        Explained { about, unusable: None, rows: rows.collect(), conflict }
    }
}

fn unusable(about: About, reason: Reason) -> Explained {
    Explained { about, unusable: Some(reason), rows: Vec::new(), conflict: Vec::new() }
}
