//! A scheme made ready to match: names turned into places, codes into numbers, conditions into comparisons of whole numbers.

use crate::checking::{self, Report};
use crate::index::Index;
use crate::rows;
use crate::scheme::RATE_COLUMN;
use crate::{Cell, ColumnType, Fact, Fault, Part, Policy, Problem, Scheme, Value, Vocabulary, Where, Why};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A scheme that was checked against a vocabulary; [`Table::score`] is what it is for.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) scheme: Scheme,
    /// The kinds of facts of the vocabulary, and behind them one for each rate.
    pub(crate) kinds: Vec<Kind>,
    /// The kinds of facts by name, without the rates.
    pub(crate) by_name: HashMap<String, usize>,
    /// The sums, each behind those that it uses.
    pub(crate) sums: Vec<usize>,
    /// Of each measure, what its values are counted per.
    pub(crate) divisors: BTreeMap<String, i64>,
    /// Where each row of the scheme is: its kind, and its place among the rows there.
    pub(crate) places: Vec<(usize, usize)>,
}

/// What rows apply to: a kind of facts, or a rate, which is a kind with its value as the one column.
#[derive(Debug, Clone)]
pub(crate) struct Kind {
    pub name: String,
    pub columns: Vec<Slot>,
    pub policy: Policy,
    pub by_hand: bool,
    pub is_rate: bool,
    pub rows: Vec<Ready>,
    pub index: Option<Index>,
}

#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub name: String,
    pub of: ColumnType,
    /// The numbers of codes: all of a closed list, those that rows name of an open one.
    pub codes: HashMap<String, i64>,
    /// The numbers of the codes that rows name.
    pub named: BTreeSet<i64>,
}

/// The number of every code that no row names.
pub(crate) const OTHER: i64 = -1;

/// A row made ready. Values are whole numbers: 0 and 1 of a Bool, the number of a code.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    /// Its index in the scheme.
    pub index: usize,
    pub checks: Vec<Check>,
    pub worth: Worth,
    pub negative: bool,
    /// The column that its cap holds for each value of.
    pub cap_each: Option<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Check {
    pub slot: usize,
    pub ask: Ask,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Within these, both included; or outside them.
    Range {
        low: i64,
        high: i64,
        inside: bool,
    },
    /// Among these, which ascend; or not.
    Set {
        values: Vec<i64>,
        inside: bool,
    },
    Known(bool),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Worth {
    Each(i64),
    Per { points: i64, slot: usize },
    Steps { slot: usize, steps: Vec<(i64, i64)> },
    Share(i64),
    Entered(i64),
}

impl Slot {
    fn new(column: &crate::Column) -> Self {
        let known = match &column.of {
            ColumnType::Code { known: Some(known) } => known.as_slice(),
            _ => &[],
        };
        let mut codes = HashMap::new();
        for code in known {
            let number = codes.len() as i64;
            codes.entry(code.clone()).or_insert(number);
        }
        Slot { name: column.name.clone(), of: column.of.clone(), codes, named: BTreeSet::new() }
    }
    /// A value of a fact as a number; none where the column does not take it.
    fn number(&self, value: &Value) -> Option<i64> {
        match (&self.of, value) {
            (ColumnType::Bool, Value::Bool(value)) => Some(i64::from(*value)),
            (ColumnType::Int { min, max }, Value::Int(value)) => (min <= value && value <= max).then_some(*value),
            (ColumnType::Code { known: None }, Value::Code(code)) => Some(self.codes.get(code).copied().unwrap_or(OTHER)),
            (ColumnType::Code { .. }, Value::Code(code)) => self.codes.get(code).copied(),
            _ => None,
        }
    }
    /// The value that a number stands for; for every other code, one that no row names.
    pub fn value(&self, number: i64) -> Value {
        match &self.of {
            ColumnType::Bool => Value::Bool(number != 0),
            ColumnType::Int { .. } => Value::Int(number),
            ColumnType::Code { .. } => {
                let named = self.codes.iter().find(|(_, known)| **known == number).map(|(code, _)| code.clone());
                let unnamed = || (0..).map(|number| format!("other{number}")).find(|code| !self.codes.contains_key(code));
                Value::Code(named.or_else(unnamed).unwrap_or_default())
            }
        }
    }
    /// A value that a condition names, as a number; a new code of an open list gets one.
    pub fn named(&mut self, value: &Value) -> Result<i64, Fault> {
        match (&self.of, value) {
            (ColumnType::Bool, Value::Bool(value)) => Ok(i64::from(*value)),
            (ColumnType::Int { .. }, Value::Int(value)) => Ok(*value),
            (ColumnType::Code { known }, Value::Code(code)) => {
                let number = match self.codes.get(code) {
                    Some(number) => *number,
                    None if known.is_some() => return Err(Fault::UnknownCode),
                    None => self.codes.len() as i64,
                };
                self.codes.entry(code.clone()).or_insert(number);
                self.named.insert(number);
                Ok(number)
            }
            _ => Err(Fault::WrongType),
        }
    }
}

impl Kind {
    /// The fact's values as numbers, into `cells`.
    ///
    /// Errors: why the fact is none of this kind, and the column that says so.
    pub fn cells(&self, fact: &Fact, cells: &mut Vec<Option<i64>>) -> Result<(), (Why, Option<usize>)> {
        cells.clear();
        if fact.values.len() != self.columns.len() {
            return Err((Why::WrongShape, None));
        }
        for (at, (slot, value)) in self.columns.iter().zip(&fact.values).enumerate() {
            let number = match value {
                None => None,
                Some(value) => Some(slot.number(value).ok_or((Why::OutsideColumn, Some(at)))?),
            };
            cells.push(number);
        }
        Ok(())
    }
}

impl Scheme {
    /// Checks the scheme and makes it ready to match.
    ///
    /// Errors: every problem that is an error ([`Fault::is_error`]), except those that only [`Table::lint`] looks for. Where a size
    /// is passed, that alone.
    pub fn compile(&self, vocabulary: &Vocabulary) -> Result<Table, Vec<Problem>> {
        let mut report = Report::default();
        if !checking::sizes(self, &mut report) {
            return Err(report.0);
        }
        checking::header(self, vocabulary, &mut report);
        checking::dimensions(self, &mut report);
        let sums = checking::formulas(self, vocabulary, &mut report);
        checking::grades(self, &mut report);
        checking::row_texts(self, &mut report);
        let mut kinds = kinds(self, vocabulary);
        let mut places = Vec::with_capacity(self.rows.len());
        for (index, row) in self.rows.iter().enumerate() {
            let at = Where::new(Part::Row, index, Cell::Applies);
            match kinds.iter().position(|kind| kind.name == row.applies) {
                Some(kind) => {
                    let ready = rows::ready(index, row, &mut kinds[kind], vocabulary, &mut report);
                    places.push((kind, kinds[kind].rows.len()));
                    kinds[kind].rows.push(ready);
                }
                None if row.applies.is_empty() => report.say(Problem::new(at, Fault::Empty)),
                None => report.say(Problem::new(at, Fault::UnknownKind).arg("name", &row.applies)),
            }
        }
        if !report.0.is_empty() {
            report.0.sort_by_key(|problem| problem.at);
            return Err(report.0);
        }
        for kind in &mut kinds {
            kind.index = Index::of(kind);
        }
        // Of kinds with one name the first is meant, as for rows.
        let by_name = vocabulary.kinds.iter().enumerate().rev().map(|(index, kind)| (kind.name.clone(), index)).collect();
        let divisors = vocabulary.measures.iter().map(|measure| (measure.name.clone(), i64::from(measure.divisor.get()))).collect();
        Ok(Table { scheme: self.clone(), kinds, by_name, sums, divisors, places })
    }
}

fn kinds(scheme: &Scheme, vocabulary: &Vocabulary) -> Vec<Kind> {
    let of_facts = vocabulary.kinds.iter().map(|kind| Kind {
        name: kind.name.clone(),
        columns: kind.columns.iter().map(Slot::new).collect(),
        policy: scheme.policies.get(&kind.name).copied().unwrap_or(Policy::Collect),
        by_hand: kind.by_hand,
        is_rate: false,
        rows: Vec::new(),
        index: None,
    });
    let of_rates = scheme.rates.iter().map(|rate| Kind {
        name: rate.code.clone(),
        columns: vec![Slot::new(&crate::Column::int(RATE_COLUMN, i64::MIN, i64::MAX))],
        policy: Policy::Collect,
        by_hand: false,
        is_rate: true,
        rows: Vec::new(),
        index: None,
    });
    of_facts.chain(of_rates).collect()
}

impl Table {
    /// The scheme that it was made from.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }
    /// The kind of a rate, by the rate's index in the scheme.
    pub(crate) fn rate_kind(&self, rate: usize) -> &Kind {
        &self.kinds[self.kinds.len() - self.scheme.rates.len() + rate]
    }
    pub(crate) fn code(&self, row: &Ready) -> &str {
        &self.scheme.rows[row.index].code
    }
}
