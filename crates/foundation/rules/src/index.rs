//! Finds the rows that may match a fact without asking each: for every part of every column, the set of rows that take it.

use crate::ColumnType;
use crate::matching::Truth;
use crate::regions::{Axis, Parts};
use crate::table::{Kind, OTHER, Slot};

/// A range of whole numbers no wider than this has a place for each number.
const MAX_PLACES: usize = 4096;

/// The sets of rows of one kind.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    /// How many words a set of rows has.
    words: usize,
    /// How many rows there are.
    rows: usize,
    columns: Vec<Column>,
}

#[derive(Debug, Clone)]
struct Column {
    slot: usize,
    place: Place,
    /// Which part the missing value is.
    missing: usize,
    /// For each part the rows that it does not refuse, and behind them those that it satisfies.
    sets: Vec<u64>,
}

/// Which part a number belongs to.
#[derive(Debug, Clone)]
enum Place {
    /// By the number itself, counted from the first.
    Listed { first: i64, parts: Vec<u16> },
    /// By the last start that is not above it.
    Searched(Vec<i64>),
}

impl Place {
    fn of(slot: &Slot, axis: &Axis) -> Place {
        let searched = |number: i64| axis.starts.partition_point(|start| *start <= number).saturating_sub(1);
        let listed = |first: i64, count: usize, part: &dyn Fn(i64) -> usize| Place::Listed {
            first,
            parts: (0..count as i64).map(|place| part(first + place) as u16).collect(),
        };
        match &slot.of {
            ColumnType::Bool => listed(0, 2, &searched),
            ColumnType::Code { known } => {
                // Codes that no row names share one part: of a closed list the first of them stands for all.
                let all = slot.codes.len();
                let other = if known.is_some() { (0..all as i64).find(|code| !slot.named.contains(code)) } else { Some(OTHER) };
                let of = |number: i64| if slot.named.contains(&number) { number } else { other.unwrap_or(number) };
                listed(OTHER, all + 1, &|number| axis.starts.binary_search(&of(number)).unwrap_or(0))
            }
            ColumnType::Int { min, max } => match usize::try_from(i128::from(*max) - i128::from(*min)) {
                Ok(width) if width < MAX_PLACES => listed(*min, width + 1, &searched),
                _ => Place::Searched(axis.starts.clone()),
            },
        }
    }
    fn part(&self, number: i64) -> usize {
        match self {
            Place::Listed { first, parts } => usize::from(parts[(number - first) as usize]),
            Place::Searched(starts) => starts.partition_point(|start| *start <= number).saturating_sub(1),
        }
    }
}

impl Index {
    /// None where the columns fall into too many parts; every row is asked then.
    pub fn of(kind: &Kind) -> Option<Index> {
        let parts = Parts::of(kind)?;
        let words = kind.rows.len().div_ceil(64);
        let columns = parts.axes.iter().map(|axis| {
            let mut sets = vec![0; (axis.starts.len() + 1) * words * 2];
            for part in 0..=axis.starts.len() {
                let value = axis.starts.get(part).copied();
                for (at, row) in kind.rows.iter().enumerate() {
                    let truth = row.truth_of(axis.slot, value);
                    let bit = 1 << (at % 64);
                    let first = part * words * 2 + at / 64;
                    sets[first] |= if truth == Truth::No { 0 } else { bit };
                    sets[first + words] |= if truth == Truth::Yes { bit } else { 0 };
                }
            }
            Column { slot: axis.slot, place: Place::of(&kind.columns[axis.slot], axis), missing: axis.starts.len(), sets }
        });
        Some(Index { words, rows: kind.rows.len(), columns: columns.collect() })
    }

    /// The rows that the values do not refuse, in order, and whether each matches for certain; until `visit` says to stop.
    pub fn visit(&self, cells: &[Option<i64>], mut visit: impl FnMut(usize, Truth) -> bool) {
        for word in 0..self.words {
            let left = self.rows - word * 64;
            let all = if left >= 64 { u64::MAX } else { (1 << left) - 1 };
            let (mut possible, mut certain) = (all, all);
            for column in &self.columns {
                let part = cells[column.slot].map_or(column.missing, |number| column.place.part(number));
                let first = part * self.words * 2 + word;
                possible &= column.sets[first];
                certain &= column.sets[first + self.words];
                if possible == 0 {
                    break;
                }
            }
            while possible != 0 {
                let bit = possible.trailing_zeros();
                possible &= possible - 1;
                let truth = if certain >> bit & 1 == 1 { Truth::Yes } else { Truth::Unknown };
                if visit(word * 64 + bit as usize, truth) {
                    return;
                }
            }
        }
    }
}
