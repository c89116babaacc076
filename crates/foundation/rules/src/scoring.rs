//! Scores a unit: facts are put in order, matched once, and each row's points normalised, capped and rounded once.

use crate::matching::{Decided, MOST, Running};
use crate::points::divide;
use crate::table::{OTHER, Ready, Worth};
use crate::{
    Conflict, Contribution, DimensionSum, Fact, FactRef, Fraction, Input, Line, LineOf, Points, RateValue, Reason, Score, Start, Table,
    Undecided, Value, Why,
};
use std::collections::HashMap;

/// What one match gives a row before normalising.
struct Hit {
    /// Its index among the score's facts; none for a rate.
    fact: Option<u32>,
    /// The number of its value in the column that the row's cap looks at.
    group: u32,
    points: i64,
}

/// The hits of each row of the scheme.
type Hits = Vec<Vec<Hit>>;

/// What was found on the way through the facts.
#[derive(Default)]
struct Found {
    facts: Vec<FactRef>,
    undecided: Vec<Undecided>,
    conflicts: Vec<Conflict>,
}

impl Table {
    /// Scores a unit. The order of its facts does not matter.
    pub fn score(&self, input: &Input) -> Score {
        let rates = self.rates(input);
        let mut hits: Hits = self.scheme.rows.iter().map(|_| Vec::new()).collect();
        let Found { facts, mut undecided, conflicts } = self.match_facts(&input.facts, &mut hits);
        self.match_rates(&rates, &mut hits, &mut undecided);
        let mut lines = self.rows(input, &rates, &hits, &mut undecided);
        let dimensions = self.bound(&mut lines);
        let total: i64 = lines.iter().map(|line| line.points.0).sum();
        let grade = self.scheme.grades.iter().find(|grade| total >= grade.from.0).map(|grade| grade.name.clone());
        Score { total: Points(total), grade, not_ranked: self.not_ranked(input), dimensions, rates, facts, lines, undecided, conflicts }
    }

    fn match_facts(&self, facts: &[Fact], hits: &mut Hits) -> Found {
        let mut found = Found::default();
        let mut decided = Decided::default();
        let mut cells = Vec::new();
        let mut last: Option<(&str, usize)> = None;
        // Codes that no row names, by column; each kind has its own columns.
        let mut unnamed: HashMap<(usize, usize, &str), u32> = HashMap::new();
        for index in in_order(facts) {
            let fact = &facts[index as usize];
            let alone = |reason| Undecided { row: None, fact: Some(fact.into()), reason };
            let at = match last {
                Some((name, at)) if name == fact.kind => at,
                _ => match self.by_name.get(fact.kind.as_ref()) {
                    Some(at) => *at,
                    None => {
                        found.undecided.push(alone(Reason::new(Why::UnknownKind, [fact.kind.as_ref()])));
                        continue;
                    }
                },
            };
            last = Some((&fact.kind, at));
            let kind = &self.kinds[at];
            if kind.rows.is_empty() {
                continue;
            }
            if let Err((why, column)) = kind.cells(fact, &mut cells) {
                let reason = Reason::new(why, column.map(|column| kind.columns[column].name.as_str()));
                found.undecided.push(alone(reason));
                continue;
            }
            kind.decide(&cells, fact.points, &mut decided);
            let position = u32::try_from(found.facts.len()).unwrap_or(u32::MAX);
            for (row, points) in &decided.hits {
                let row = &kind.rows[*row];
                let group = row.cap_each.map_or(0, |slot| match (cells[slot], &fact.values[slot]) {
                    (Some(OTHER), Some(Value::Code(code))) => {
                        let next = (kind.columns[slot].codes.len() + unnamed.len()) as u32;
                        *unnamed.entry((at, slot, code)).or_insert(next)
                    }
                    (number, _) => number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0),
                });
                hits[row.index].push(Hit { fact: Some(position), group, points: *points });
            }
            if !decided.hits.is_empty() {
                found.facts.push(fact.into());
            }
            for (row, reason) in decided.undecided.drain(..) {
                found.undecided.push(Undecided { row: Some(self.code(&kind.rows[row]).to_owned()), fact: Some(fact.into()), reason });
            }
            if !decided.conflict.is_empty() {
                let rows = decided.conflict.iter().map(|row| self.code(&kind.rows[*row]).to_owned()).collect();
                found.conflicts.push(Conflict { fact: FactRef::from(fact), rows });
            }
        }
        found
    }

    fn match_rates(&self, rates: &[RateValue], hits: &mut Hits, undecided: &mut Vec<Undecided>) {
        let mut decided = Decided::default();
        for (index, rate) in rates.iter().enumerate() {
            let kind = self.rate_kind(index);
            let of_row = |row: &Ready, reason| Undecided { row: Some(self.code(row).to_owned()), fact: None, reason };
            match &rate.value {
                Ok(value) => {
                    kind.decide(&[Some(value.basis_points())], None, &mut decided);
                    for (at, points) in &decided.hits {
                        hits[kind.rows[*at].index].push(Hit { fact: None, group: 0, points: *points });
                    }
                    undecided.extend(decided.undecided.drain(..).map(|(at, reason)| of_row(&kind.rows[at], reason)));
                }
                Err(reason) => undecided.extend(kind.rows.iter().map(|row| of_row(row, reason.clone()))),
            }
        }
    }

    /// All rates of the scheme for the unit.
    pub(crate) fn rates(&self, input: &Input) -> Vec<RateValue> {
        let mut sums: HashMap<&str, Result<i128, Reason>> = HashMap::new();
        let count = |name: &str, last: bool| {
            let (counts, why) = if last { (&input.last, Why::NoLastCount) } else { (&input.counts, Why::NoCount) };
            counts.get(name).map(|count| i128::from(*count)).ok_or_else(|| Reason::new(why, [name]))
        };
        for index in &self.sums {
            let sum = &self.scheme.sums[*index];
            let value = sum.expression.value(&|name, last| sums.get(name).cloned().unwrap_or_else(|| count(name, last)));
            sums.insert(&sum.name, value);
        }
        let value = |expression: &crate::Expression| {
            let value = expression.value(&|name, last| sums.get(name).cloned().unwrap_or_else(|| count(name, last)))?;
            i64::try_from(value).map_err(|_| Reason::from(Why::TooLarge))
        };
        let fraction = |rate: &crate::Rate| {
            let (numerator, denominator) = (value(&rate.numerator)?, value(&rate.denominator)?);
            if denominator > 0 { Ok(Fraction { numerator, denominator }) } else { Err(Reason::from(Why::NoDenominator)) }
        };
        self.scheme.rates.iter().map(|rate| RateValue { code: rate.code.clone(), value: fraction(rate) }).collect()
    }

    /// The base, the starts of the dimensions, and the rows that anything matched, in the scheme's order.
    fn rows(&self, input: &Input, rates: &[RateValue], hits: &Hits, undecided: &mut Vec<Undecided>) -> Vec<Line> {
        let given = |of, dimension: Option<&str>, points| Line {
            of,
            dimension: dimension.map(str::to_owned),
            raw: points,
            normalised: points,
            points,
            facts: Vec::new(),
        };
        let mut lines = vec![given(LineOf::Base, None, self.scheme.base)];
        for dimension in self.scheme.dimensions.iter().filter(|dimension| dimension.start == Start::Full) {
            lines.push(given(LineOf::Start { dimension: dimension.name.clone() }, Some(&dimension.name), dimension.full));
        }
        for (index, (kind, at)) in self.places.iter().enumerate() {
            let ready = &self.kinds[*kind].rows[*at];
            match self.ratio(ready, input, rates).and_then(|ratio| self.line(ready, ratio, &hits[index])) {
                Ok(Some(line)) => lines.push(line),
                Ok(None) => {}
                Err(reason) => undecided.push(Undecided { row: Some(self.code(ready).to_owned()), fact: None, reason }),
            }
        }
        lines
    }

    /// What the row's sum is multiplied and divided by.
    fn ratio(&self, ready: &Ready, input: &Input, rates: &[RateValue]) -> Result<(i64, u64), Reason> {
        let row = &self.scheme.rows[ready.index];
        if let Some(measure) = &row.normalise {
            let value = input.measures.get(measure).copied().filter(|value| *value > 0);
            let value = value.ok_or_else(|| Reason::new(Why::NoMeasure, [measure.as_str()]))?;
            return Ok((self.divisors.get(measure).copied().unwrap_or(1), value));
        }
        let rate = rates.iter().find(|rate| rate.code == row.applies);
        match (&ready.worth, rate.map(|rate| &rate.value)) {
            (Worth::Share(_), Some(Ok(value))) => Ok((value.numerator.clamp(0, value.denominator), value.denominator.unsigned_abs())),
            _ => Ok((1, 1)),
        }
    }

    /// One row's line; none where nothing matched it.
    fn line(&self, ready: &Ready, (multiply, by): (i64, u64), hits: &[Hit]) -> Result<Option<Line>, Reason> {
        if hits.is_empty() {
            return Ok(None);
        }
        let row = &self.scheme.rows[ready.index];
        let too_large = || Reason::from(Why::TooLarge);
        let within = |sum: i128| i64::try_from(sum).ok().filter(|sum| (-MOST..=MOST).contains(sum)).map(Points).ok_or_else(too_large);
        let raw = within(hits.iter().map(|hit| i128::from(hit.points)).sum())?;
        let normalised = within(divide(i128::from(raw.0) * i128::from(multiply), i128::from(by)))?;
        let mut running = Running::new(multiply, by, row.cap.as_ref().map(|cap| cap.most.0));
        let sign = if ready.negative { -1 } else { 1 };
        let mut total = 0;
        let mut contributions = Vec::with_capacity(hits.len());
        for hit in hits {
            let counted = sign * running.add(hit.group, hit.points.abs());
            total += counted;
            if let Some(fact) = hit.fact {
                contributions.push(Contribution { fact, points: Points(hit.points), counted: Points(counted) });
            }
        }
        Ok(Some(Line {
            of: LineOf::Row { code: row.code.clone() },
            dimension: Some(row.dimension.clone()),
            raw,
            normalised,
            points: Points(total),
            facts: contributions,
        }))
    }

    /// Adds the lines that keep the dimensions and the total within bounds; the result is what each dimension comes to.
    fn bound(&self, lines: &mut Vec<Line>) -> Vec<DimensionSum> {
        let bounding = |of, dimension: Option<&str>, points: i64| Line {
            of,
            dimension: dimension.map(str::to_owned),
            raw: Points(points),
            normalised: Points(points),
            points: Points(points),
            facts: Vec::new(),
        };
        let mut sums = Vec::with_capacity(self.scheme.dimensions.len());
        for dimension in &self.scheme.dimensions {
            let name = dimension.name.as_str();
            let sum: i64 = lines.iter().filter(|line| line.dimension.as_deref() == Some(name)).map(|line| line.points.0).sum();
            let kept = sum.clamp(0, dimension.full.0);
            if kept != sum {
                lines.push(bounding(LineOf::DimensionBound { dimension: name.to_owned() }, Some(name), kept - sum));
            }
            sums.push(DimensionSum { name: name.to_owned(), points: Points(kept) });
        }
        let total: i64 = lines.iter().map(|line| line.points.0).sum();
        let kept = total.clamp(self.scheme.min.0, self.scheme.max.0);
        if kept != total {
            lines.push(bounding(LineOf::TotalBound, None, kept - total));
        }
        sums
    }

    fn not_ranked(&self, input: &Input) -> Option<Reason> {
        let sample = self.scheme.sample.as_ref()?;
        match input.counts.get(&sample.count) {
            None => Some(Reason::new(Why::NoCount, [sample.count.as_str()])),
            Some(count) if *count < sample.least => {
                Some(Reason::new(Why::SmallSample, [sample.count.clone(), count.to_string(), sample.least.to_string()]))
            }
            Some(_) => None,
        }
    }
}

/// The facts' indexes by instant and id, and by everything else where those are the same.
pub(crate) fn in_order(facts: &[Fact]) -> Vec<u32> {
    let compare = |a: &(i64, u32), b: &(i64, u32)| {
        a.0.cmp(&b.0).then_with(|| {
            let (a, b) = (&facts[a.1 as usize], &facts[b.1 as usize]);
            (&a.id, &a.kind, &a.values, a.points).cmp(&(&b.id, &b.kind, &b.values, b.points))
        })
    };
    // More facts than 32 bits count do not fit into memory.
    let mut order: Vec<(i64, u32)> = facts.iter().zip(0..u32::MAX).map(|(fact, index)| (fact.at, index)).collect();
    if !order.is_sorted_by(|a, b| compare(a, b).is_le()) {
        order.sort_unstable_by(compare);
    }
    order.into_iter().map(|(_, index)| index).collect()
}
