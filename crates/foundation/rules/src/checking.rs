//! Whether a scheme's parts are sound in themselves and speak of what exists: every problem at once, each at its cell.

use crate::expression::is_name;
use crate::scheme::{MAX_DIMENSIONS, MAX_NAME, MAX_RATES, MAX_ROWS, MAX_TEXT};
use crate::{Cell, Expression, Fault, Part, Points, Problem, Scheme, Vocabulary, Where};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Collects problems.
#[derive(Default)]
pub(crate) struct Report(pub Vec<Problem>);

impl Report {
    pub fn say(&mut self, problem: Problem) {
        self.0.push(problem);
    }
    /// Says that something is more than it may be; whether it was.
    fn too_many(&mut self, part: Part, found: usize, max: usize) -> bool {
        if found > max {
            let at = Where::new(part, max, part.cells()[0]);
            self.say(Problem::new(at, Fault::TooMany).arg("max", max).arg("found", found));
        }
        found > max
    }
    /// A number of points that may not be negative where `least` is zero.
    pub fn points(&mut self, at: Where, points: Points, least: Points) {
        if points < least || points > Points::MOST {
            self.say(Problem::new(at, Fault::OutOfBounds).arg("value", points).arg("min", least).arg("max", Points::MOST));
        }
    }
    /// A code or name: something in it, on one line, no blanks around it.
    fn name(&mut self, at: Where, name: &str) {
        if name.is_empty() {
            self.say(Problem::new(at, Fault::Empty));
        } else if name.chars().count() > MAX_NAME {
            self.say(Problem::new(at, Fault::TooLong).arg("max", MAX_NAME));
        } else if name.trim() != name || name.chars().any(char::is_control) {
            self.say(Problem::new(at, Fault::BadName).arg("name", name));
        }
    }
    /// Any other text; may be empty, may have several lines.
    fn text(&mut self, at: Where, text: &str) {
        if text.chars().count() > MAX_TEXT {
            self.say(Problem::new(at, Fault::TooLong).arg("max", MAX_TEXT));
        } else if text.trim() != text || text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.say(Problem::new(at, Fault::BadName).arg("name", text));
        }
    }
    /// Each name once; `taken` are names that mean something else already.
    fn once<'s>(&mut self, cells: impl Iterator<Item = (Where, &'s str)>, taken: &BTreeSet<&str>) {
        let mut first: HashMap<&str, Where> = HashMap::new();
        for (at, name) in cells.filter(|(_, name)| !name.is_empty()) {
            let before = *first.entry(name).or_insert(at);
            if before != at {
                self.say(Problem::new(at, Fault::Duplicate).arg("name", name).others(vec![before]));
            } else if taken.contains(name) {
                self.say(Problem::new(at, Fault::Duplicate).arg("name", name));
            }
        }
    }
}

/// Checks sizes alone; nothing else is looked at where one is passed.
pub(crate) fn sizes(scheme: &Scheme, report: &mut Report) -> bool {
    let found = [
        report.too_many(Part::Row, scheme.rows.len(), MAX_ROWS),
        report.too_many(Part::Rate, scheme.rates.len(), MAX_RATES),
        report.too_many(Part::Sum, scheme.sums.len(), MAX_RATES),
        report.too_many(Part::Dimension, scheme.dimensions.len(), MAX_DIMENSIONS),
        report.too_many(Part::Grade, scheme.grades.len(), MAX_DIMENSIONS),
        report.too_many(Part::Header, scheme.policies.len(), MAX_ROWS),
    ];
    !found.contains(&true)
}

/// The rows of the header's table, in the order they are printed.
pub(crate) mod header {
    pub const BASE: usize = 0;
    pub const MIN: usize = 1;
    pub const MAX: usize = 2;
    pub const SAMPLE: usize = 3;
    /// The first of the policies, which stand in order of their kinds.
    pub const POLICIES: usize = 4;
}

pub(crate) fn header(scheme: &Scheme, vocabulary: &Vocabulary, report: &mut Report) {
    let at = |row, cell| Where::new(Part::Header, row, cell);
    let least = Points(-Points::MOST.0);
    for (row, points) in [(header::BASE, scheme.base), (header::MIN, scheme.min), (header::MAX, scheme.max)] {
        report.points(at(row, Cell::Value), points, least);
    }
    if scheme.min > scheme.max {
        report.say(Problem::new(at(header::MAX, Cell::Value), Fault::OutOfOrder).arg("value", scheme.max));
    }
    if let Some(sample) = &scheme.sample
        && !vocabulary.counts.contains(&sample.count)
    {
        report.say(Problem::new(at(header::SAMPLE, Cell::Subject), Fault::UnknownCount).arg("name", &sample.count));
    }
    for (row, kind) in scheme.policies.keys().enumerate() {
        if !vocabulary.kinds.iter().any(|known| known.name == *kind) {
            report.say(Problem::new(at(header::POLICIES + row, Cell::Subject), Fault::UnknownKind).arg("name", kind));
        }
    }
}

pub(crate) fn dimensions(scheme: &Scheme, report: &mut Report) {
    let cells = |row, cell| Where::new(Part::Dimension, row, cell);
    for (row, dimension) in scheme.dimensions.iter().enumerate() {
        report.name(cells(row, Cell::Name), &dimension.name);
        report.points(cells(row, Cell::Full), dimension.full, Points::ZERO);
    }
    report.once(scheme.dimensions.iter().enumerate().map(|(row, one)| (cells(row, Cell::Name), one.name.as_str())), &BTreeSet::new());
}

pub(crate) fn grades(scheme: &Scheme, report: &mut Report) {
    let cells = |row, cell| Where::new(Part::Grade, row, cell);
    for (row, grade) in scheme.grades.iter().enumerate() {
        report.name(cells(row, Cell::Name), &grade.name);
        report.points(cells(row, Cell::From), grade.from, Points(-Points::MOST.0));
        if row > 0 && grade.from >= scheme.grades[row - 1].from {
            report.say(Problem::new(cells(row, Cell::From), Fault::OutOfOrder).arg("value", grade.from));
        }
    }
    report.once(scheme.grades.iter().enumerate().map(|(row, one)| (cells(row, Cell::Name), one.name.as_str())), &BTreeSet::new());
}

/// What every row has, whatever it applies to.
pub(crate) fn row_texts(scheme: &Scheme, report: &mut Report) {
    let cells = |row, cell| Where::new(Part::Row, row, cell);
    for (index, row) in scheme.rows.iter().enumerate() {
        report.name(cells(index, Cell::Code), &row.code);
        for (cell, text) in
            [(Cell::Name, &row.name), (Cell::Evidence, &row.evidence), (Cell::Decider, &row.decider), (Cell::Note, &row.note)]
        {
            report.text(cells(index, cell), text);
        }
        let at = cells(index, Cell::Dimension);
        if row.dimension.is_empty() {
            report.say(Problem::new(at, Fault::Empty));
        } else if !scheme.dimensions.iter().any(|dimension| dimension.name == row.dimension) {
            report.say(Problem::new(at, Fault::UnknownDimension).arg("name", &row.dimension));
        }
    }
    report.once(scheme.rows.iter().enumerate().map(|(row, one)| (cells(row, Cell::Code), one.code.as_str())), &BTreeSet::new());
    if scheme.rows.is_empty() {
        report.say(Problem::new(cells(0, Cell::Code), Fault::NoRows));
    }
}

/// Sums and rates. The result is an order in which the sums can be computed.
pub(crate) fn formulas(scheme: &Scheme, vocabulary: &Vocabulary, report: &mut Report) -> Vec<usize> {
    let counts: BTreeSet<&str> = vocabulary.counts.iter().map(String::as_str).collect();
    let kinds: BTreeSet<&str> = vocabulary.kinds.iter().map(|kind| kind.name.as_str()).collect();
    let mut sums: BTreeMap<&str, usize> = BTreeMap::new();
    for (row, sum) in scheme.sums.iter().enumerate() {
        sums.entry(&sum.name).or_insert(row);
        let at = Where::new(Part::Sum, row, Cell::Name);
        report.name(at, &sum.name);
        if !sum.name.is_empty() && !is_name(&sum.name) {
            report.say(Problem::new(at, Fault::BadName).arg("name", &sum.name));
        }
    }
    let names = scheme.sums.iter().enumerate().map(|(row, sum)| (Where::new(Part::Sum, row, Cell::Name), sum.name.as_str()));
    report.once(names, &counts);
    let codes = scheme.rates.iter().enumerate().map(|(row, rate)| (Where::new(Part::Rate, row, Cell::Code), rate.code.as_str()));
    report.once(codes, &kinds);

    let mut known = |at: Where, expression: &Expression| {
        for (name, last) in expression.names() {
            if !counts.contains(name) && (last || !sums.contains_key(name)) {
                report.say(Problem::new(at, Fault::UnknownCount).arg("name", name));
            }
        }
    };
    for (row, sum) in scheme.sums.iter().enumerate() {
        known(Where::new(Part::Sum, row, Cell::Expression), &sum.expression);
    }
    for (row, rate) in scheme.rates.iter().enumerate() {
        known(Where::new(Part::Rate, row, Cell::Numerator), &rate.numerator);
        known(Where::new(Part::Rate, row, Cell::Denominator), &rate.denominator);
    }
    let order = order(scheme, &sums, report);
    let fixed = fixed_sums(scheme, &order);
    for (row, rate) in scheme.rates.iter().enumerate() {
        report.name(Where::new(Part::Rate, row, Cell::Code), &rate.code);
        report.text(Where::new(Part::Rate, row, Cell::Name), &rate.name);
        if fixed_value(&rate.denominator, &fixed) == Some(0) {
            report.say(Problem::new(Where::new(Part::Rate, row, Cell::Denominator), Fault::ZeroDenominator));
        }
    }
    order
}

/// The value of a formula that no count enters.
fn fixed_value(expression: &Expression, fixed: &HashMap<&str, i128>) -> Option<i128> {
    let unknown = || crate::Reason::from(crate::Why::NoCount);
    expression.value(&|name, last| fixed.get(name).copied().filter(|_| !last).ok_or_else(unknown)).ok()
}

fn fixed_sums<'s>(scheme: &'s Scheme, order: &[usize]) -> HashMap<&'s str, i128> {
    let mut fixed = HashMap::new();
    for index in order {
        let sum = &scheme.sums[*index];
        if let Some(value) = fixed_value(&sum.expression, &fixed) {
            fixed.insert(sum.name.as_str(), value);
        }
    }
    fixed
}

/// The sums, each behind those that it uses; what belongs to a circle is left out and reported.
fn order(scheme: &Scheme, sums: &BTreeMap<&str, usize>, report: &mut Report) -> Vec<usize> {
    let uses: Vec<Vec<usize>> = scheme
        .sums
        .iter()
        .map(|sum| sum.expression.names().filter(|(_, last)| !last).filter_map(|(name, _)| sums.get(name).copied()).collect())
        .collect();
    // `None`: not looked at; `false`: on the way; `true`: done.
    let mut seen: Vec<Option<bool>> = vec![None; uses.len()];
    let (mut order, mut circular) = (Vec::new(), BTreeSet::new());
    for start in 0..uses.len() {
        if seen[start].is_some() {
            continue;
        }
        // The way from `start`, each with how many of its uses were followed.
        let mut way = vec![(start, 0)];
        seen[start] = Some(false);
        while let Some((at, followed)) = way.last_mut() {
            let at = *at;
            let Some(next) = uses[at].get(*followed).copied() else {
                seen[at] = Some(true);
                if uses[at].iter().any(|used| circular.contains(used)) {
                    circular.insert(at);
                }
                if !circular.contains(&at) {
                    order.push(at);
                }
                way.pop();
                continue;
            };
            *followed += 1;
            match seen[next] {
                None => {
                    seen[next] = Some(false);
                    way.push((next, 0));
                }
                Some(false) => {
                    let from = way.iter().position(|(one, _)| *one == next).unwrap_or(0);
                    let cells: Vec<Where> = way[from..].iter().map(|(one, _)| Where::new(Part::Sum, *one, Cell::Expression)).collect();
                    circular.extend(way[from..].iter().map(|(one, _)| *one));
                    report.say(Problem::new(cells[0], Fault::Circular).others(cells[1..].to_vec()));
                }
                Some(true) => {}
            }
        }
    }
    order
}
