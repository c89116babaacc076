//! The facts of a kind, parted so finely that every row takes each part wholly or not at all; and regions made of such parts.
//!
//! Each column that rows look at is cut where their conditions cut it: whole numbers into intervals, codes into those that are named
//! and all others, and the missing value. As conditions are joined by "and", what a row matches is one set of cuts for each column.

use crate::matching::Truth;
use crate::table::{Ask, Kind, OTHER, Ready, Worth};
use crate::{ColumnType, Policy, Value};
use std::collections::BTreeSet;
use std::ops::Range;

/// More parts than this are not looked through.
const MAX_PARTS: usize = 4096;

/// The parts of a kind's columns.
pub(crate) struct Parts<'k> {
    kind: &'k Kind,
    pub axes: Vec<Axis>,
}

/// One column that rows look at.
pub(crate) struct Axis {
    pub slot: usize,
    /// The first number of each part, ascending. Behind them comes the missing value, if there can be one.
    pub starts: Vec<i64>,
    has_missing: bool,
    /// Where its bits are in a region.
    words: Range<usize>,
}

impl Axis {
    fn parts(&self) -> usize {
        self.starts.len() + usize::from(self.has_missing)
    }
    fn number(&self, part: usize) -> Option<i64> {
        self.starts.get(part).copied()
    }
}

/// For each axis, a set of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Region(Vec<u64>);

/// What a search came to.
pub(crate) enum Search {
    Found(Region),
    Nothing,
    /// It took more steps than it was given.
    Ended,
}

impl<'k> Parts<'k> {
    /// None where there would be too many.
    pub fn of(kind: &'k Kind) -> Option<Self> {
        let mut axes: Vec<Axis> = Vec::new();
        let (mut words, mut parts) = (0, 0);
        for slot in 0..kind.columns.len() {
            let looked_at =
                kind.rows.iter().any(|row| row.checks.iter().any(|check| check.slot == slot) || row.needs().any(|needed| needed == slot));
            if !looked_at {
                continue;
            }
            let mut axis = Axis { slot, starts: starts(kind, slot)?, has_missing: !kind.is_rate, words: words..words };
            parts += axis.parts();
            if parts > MAX_PARTS {
                return None;
            }
            words += axis.parts().div_ceil(64);
            axis.words.end = words;
            axes.push(axis);
        }
        Some(Parts { kind, axes })
    }

    fn region(&self, takes: impl Fn(&Axis, Option<i64>) -> bool) -> Region {
        let mut region = Region(vec![0; self.axes.last().map_or(0, |axis| axis.words.end)]);
        for axis in &self.axes {
            for part in (0..axis.parts()).filter(|part| takes(axis, axis.number(*part))) {
                region.0[axis.words.start + part / 64] |= 1 << (part % 64);
            }
        }
        region
    }
    /// Every fact with all values known.
    pub fn known(&self) -> Region {
        self.region(|_, value| value.is_some())
    }
    /// The facts that the row matches.
    pub fn matched(&self, row: &Ready) -> Region {
        self.region(|axis, value| row.truth_of(axis.slot, value) == Truth::Yes)
    }
    /// The facts that the row matches or may match.
    pub fn possible(&self, row: &Ready) -> Region {
        self.region(|axis, value| row.truth_of(axis.slot, value) != Truth::No)
    }

    pub fn is_empty(&self, region: &Region) -> bool {
        self.axes.iter().any(|axis| region.0[axis.words.clone()].iter().all(|word| *word == 0))
    }
    pub fn common(&self, a: &Region, b: &Region) -> Option<Region> {
        let common = Region(a.0.iter().zip(&b.0).map(|(a, b)| a & b).collect());
        (!self.is_empty(&common)).then_some(common)
    }
    fn meet(&self, a: &Region, b: &Region) -> bool {
        self.axes.iter().all(|axis| axis.words.clone().any(|word| a.0[word] & b.0[word] != 0))
    }

    /// A part of the region that none of the others covers. Each look at one of the others is a step.
    pub fn uncovered(&self, region: Region, others: &[&Region], steps: &mut u32) -> Search {
        let mut at = 0;
        loop {
            let Some(other) = others.get(at) else { return Search::Found(region) };
            *steps = steps.saturating_sub(1);
            if *steps == 0 {
                return Search::Ended;
            }
            if self.meet(&region, other) {
                break;
            }
            at += 1;
        }
        // What lies outside in one axis, then what lies inside in it and outside in the next, and so on.
        let (mut left, other) = (region, others[at]);
        for axis in &self.axes {
            if axis.words.clone().all(|word| left.0[word] & !other.0[word] == 0) {
                continue;
            }
            // Each axis of `left` still has what it shares with the other, so neither piece is empty.
            let mut outside = left.clone();
            for word in axis.words.clone() {
                outside.0[word] &= !other.0[word];
                left.0[word] &= other.0[word];
            }
            match self.uncovered(outside, &others[at + 1..], steps) {
                Search::Nothing => {}
                found => return found,
            }
        }
        Search::Nothing
    }

    /// The numbers of one fact of the region, for every column of the kind; known values before missing ones.
    pub fn fact(&self, region: &Region) -> Vec<Option<i64>> {
        let mut cells = vec![None; self.kind.columns.len()];
        for axis in &self.axes {
            cells[axis.slot] = self.parts(region, axis).next().and_then(|part| axis.number(part));
        }
        cells
    }
    fn parts<'r>(&self, region: &'r Region, axis: &'r Axis) -> impl Iterator<Item = usize> + 'r {
        (0..axis.parts()).filter(|part| region.0[axis.words.start + part / 64] >> (part % 64) & 1 == 1)
    }
    /// The least and greatest numbers of the column in each part of the region.
    pub fn ends(&self, region: &Region, slot: usize) -> Vec<i64> {
        let Some(axis) = self.axes.iter().find(|axis| axis.slot == slot) else { return Vec::new() };
        let last = match &self.kind.columns[slot].of {
            ColumnType::Int { max, .. } => *max,
            _ => i64::MAX,
        };
        let known = self.parts(region, axis).filter(|part| *part < axis.starts.len());
        known.flat_map(|part| [axis.starts[part], axis.starts.get(part + 1).map_or(last, |next| next - 1)]).collect()
    }
    /// The fact as columns and values; columns that no row looks at are left out.
    pub fn example(&self, cells: &[Option<i64>]) -> Vec<(String, Option<Value>)> {
        let axes = self.axes.iter().map(|axis| {
            let column = &self.kind.columns[axis.slot];
            (column.name.clone(), cells[axis.slot].map(|number| column.value(number)))
        });
        axes.collect()
    }
}

/// Where the parts of a column begin; none where it is cut far too often.
fn starts(kind: &Kind, slot: usize) -> Option<Vec<i64>> {
    let column = &kind.columns[slot];
    let mut cuts: BTreeSet<i64> = BTreeSet::new();
    for ask in kind.rows.iter().flat_map(|row| &row.checks).filter(|check| check.slot == slot).map(|check| &check.ask) {
        match ask {
            Ask::Range { low, high, .. } => cuts.extend([Some(*low), high.checked_add(1)].into_iter().flatten()),
            Ask::Set { values, .. } => cuts.extend(values.iter().flat_map(|value| [Some(*value), value.checked_add(1)]).flatten()),
            Ask::Known(_) => {}
        }
        // Cuts outside the column's bounds are dropped later; these are too many to be that.
        if cuts.len() > 4 * MAX_PARTS {
            return None;
        }
    }
    // Where matching rows must agree, their points matter too.
    for row in kind.rows.iter().filter(|_| kind.policy == Policy::Any) {
        if let Worth::Steps { slot: of, steps } = &row.worth
            && *of == slot
        {
            cuts.extend(steps.iter().map(|(from, _)| *from));
        }
    }
    Some(match &column.of {
        ColumnType::Bool => vec![0, 1],
        ColumnType::Int { min, max } if min > max => Vec::new(),
        ColumnType::Int { min, max } => {
            let inner = cuts.into_iter().filter(|cut| min < cut && cut <= max);
            std::iter::once(*min).chain(inner).collect()
        }
        ColumnType::Code { known } => {
            let mut all = 0..column.codes.len() as i64;
            let other = if known.is_some() { all.find(|code| !column.named.contains(code)) } else { Some(OTHER) };
            let mut starts: Vec<i64> = column.named.iter().copied().chain(other).collect();
            starts.sort_unstable();
            starts
        }
    })
}
