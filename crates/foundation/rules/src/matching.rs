//! Which rows match a fact, in three values, and what the kind's hit policy makes of them.

use crate::points::divide as rounded_quotient;
use crate::table::{Ask, Check, Kind, Ready, Worth};
use crate::{Policy, Reason, Why};

text_enum! {
    /// Whether a condition or a row holds.
    pub enum Truth {
        No = "no",
        /// A value that decides it is not known.
        Unknown = "unknown",
        Yes = "yes",
    }
}

/// The most thousandths that one fact or one row may come to: a trillion points. Sums of all rows stay within 64 bits.
pub(crate) const MOST: i64 = 1_000_000_000_000_000;

impl Ask {
    pub fn truth(&self, value: Option<i64>) -> Truth {
        let holds = match (self, value) {
            (Ask::Known(known), _) => value.is_some() == *known,
            (_, None) => return Truth::Unknown,
            (Ask::Range { low, high, inside }, Some(value)) => (*low <= value && value <= *high) == *inside,
            (Ask::Set { values, inside }, Some(value)) => values.binary_search(&value).is_ok() == *inside,
        };
        if holds { Truth::Yes } else { Truth::No }
    }
}

impl Ready {
    /// Any condition false: no. Else anything that it needs unknown: unknown. Else yes.
    pub fn truth(&self, cells: &[Option<i64>]) -> Truth {
        let mut truth = Truth::Yes;
        for Check { slot, ask } in &self.checks {
            match ask.truth(cells[*slot]) {
                Truth::No => return Truth::No,
                Truth::Unknown => truth = Truth::Unknown,
                Truth::Yes => {}
            }
        }
        if self.needs().any(|slot| cells[slot].is_none()) { Truth::Unknown } else { truth }
    }
    /// What one column says of the row by itself; the row is the least of what its columns say.
    pub fn truth_of(&self, slot: usize, value: Option<i64>) -> Truth {
        let asked = self.checks.iter().filter(|check| check.slot == slot).map(|check| check.ask.truth(value));
        let needed = self.needs().any(|needed| needed == slot) && value.is_none();
        asked.chain(needed.then_some(Truth::Unknown)).min().unwrap_or(Truth::Yes)
    }
    /// The columns that its points and cap are taken from.
    pub fn needs(&self) -> impl Iterator<Item = usize> {
        let worth = match self.worth {
            Worth::Per { slot, .. } | Worth::Steps { slot, .. } => Some(slot),
            _ => None,
        };
        worth.into_iter().chain(self.cap_each)
    }
    /// The columns whose values are not known and would be needed, each once, in order.
    pub fn missing(&self, cells: &[Option<i64>]) -> Vec<usize> {
        let undecided = self.checks.iter().filter(|check| check.ask.truth(cells[check.slot]) == Truth::Unknown).map(|check| check.slot);
        let mut missing: Vec<usize> = undecided.chain(self.needs().filter(|slot| cells[*slot].is_none())).collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }
    /// What a match is worth before normalising, in thousandths, with the row's sign. Of a share, all of it.
    pub fn worth(&self, cells: &[Option<i64>], entered: Option<crate::Points>) -> Result<i64, Reason> {
        let points = match &self.worth {
            Worth::Each(points) | Worth::Share(points) => *points,
            Worth::Per { points, slot } => {
                let exact = i128::from(*points) * i128::from(cells[*slot].unwrap_or(0));
                i64::try_from(exact).ok().filter(|points| *points <= MOST).ok_or_else(|| Reason::from(Why::TooLarge))?
            }
            Worth::Steps { slot, steps } => {
                let value = cells[*slot].unwrap_or(i64::MIN);
                let reached = steps.partition_point(|(from, _)| *from <= value);
                reached.checked_sub(1).map_or(0, |step| steps[step].1)
            }
            Worth::Entered(most) => match entered {
                None => return Err(Reason::from(Why::NoPoints)),
                Some(points) if points.0 < 0 || points.0 > *most => return Err(Reason::new(Why::PointsOutside, [points.to_string()])),
                Some(points) => points.0,
            },
        };
        Ok(if self.negative { -points } else { points })
    }
}

/// What became of one fact. Rows are places among the kind's rows.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// Rows that score, with their points in thousandths.
    pub hits: Vec<(usize, i64)>,
    /// Rows that cannot be decided.
    pub undecided: Vec<(usize, Reason)>,
    /// Rows that contradict one another; none scores.
    pub conflict: Vec<usize>,
}

impl Decided {
    fn clear(&mut self) {
        self.hits.clear();
        self.undecided.clear();
        self.conflict.clear();
    }
    fn hit(&mut self, at: usize, worth: Result<i64, Reason>) {
        match worth {
            Ok(points) => self.hits.push((at, points)),
            Err(reason) => self.undecided.push((at, reason)),
        }
    }
}

impl Kind {
    fn unknown(&self, row: &Ready, cells: &[Option<i64>]) -> Reason {
        Reason::new(Why::MissingColumns, row.missing(cells).into_iter().map(|slot| self.columns[slot].name.clone()))
    }

    /// Matches all rows of the kind, as its policy says, into `decided`.
    pub fn decide(&self, cells: &[Option<i64>], entered: Option<crate::Points>, decided: &mut Decided) {
        decided.clear();
        let policy = self.policy;
        let mut visit = |at: usize, truth: Truth| {
            let row = &self.rows[at];
            match truth {
                Truth::No => return false,
                Truth::Unknown => decided.undecided.push((at, self.unknown(row, cells))),
                Truth::Yes => decided.hit(at, row.worth(cells, entered)),
            }
            policy == Policy::First
        };
        match &self.index {
            Some(index) => index.visit(cells, visit),
            None => drop((0..self.rows.len()).find(|at| visit(*at, self.rows[*at].truth(cells)))),
        }
        match policy {
            Policy::Unique => self.only_one(cells, decided),
            Policy::Any => self.agreeing(cells, decided),
            Policy::Collect | Policy::First => {}
        }
    }

    /// Rows that match for certain, whether their points can be told or not.
    fn certain(&self, cells: &[Option<i64>]) -> Vec<usize> {
        (0..self.rows.len()).filter(|at| self.rows[*at].truth(cells) == Truth::Yes).collect()
    }

    /// Under `unique` a second match is a conflict, and a row that may match beside one leaves it open.
    fn only_one(&self, cells: &[Option<i64>], decided: &mut Decided) {
        if decided.hits.len() + decided.undecided.len() < 2 {
            return;
        }
        decided.hits.clear();
        let certain = self.certain(cells);
        if certain.len() > 1 {
            decided.undecided.clear();
            decided.conflict = certain;
        }
    }

    /// Under `any` all that match must give the same; it scores once, for the first.
    fn agreeing(&self, cells: &[Option<i64>], decided: &mut Decided) {
        let first = decided.hits.first().map(|(_, points)| *points);
        if decided.hits.iter().any(|(_, points)| Some(*points) != first) {
            decided.conflict = self.certain(cells);
            decided.undecided.clear();
        }
        if !decided.undecided.is_empty() || !decided.conflict.is_empty() {
            decided.hits.clear();
        }
        decided.hits.truncate(1);
    }
}

/// The running sum of a row's points under its caps, as an exact fraction of thousandths.
pub(crate) struct Running {
    multiply: i128,
    divide: i128,
    /// The cap times the divisor.
    cap: Option<i128>,
    /// The sum of each value of the cap's column, where it has one; else the one sum.
    groups: Vec<i128>,
    /// What counts until now, times the divisor.
    counted: i128,
    rounded: i128,
}

impl Running {
    /// `multiply` is not negative; `cap` is in thousandths.
    pub fn new(multiply: i64, divide: u64, cap: Option<i64>) -> Self {
        let divide = i128::from(divide.max(1));
        let cap = cap.map(|cap| i128::from(cap) * divide);
        Running { multiply: multiply.into(), divide, cap, groups: Vec::new(), counted: 0, rounded: 0 }
    }
    /// Adds the points of one more fact, without their sign; the result is what they add to the rounded sum.
    ///
    /// The sum of all points is at most [`MOST`], so nothing here overflows.
    pub fn add(&mut self, group: u32, points: i64) -> i64 {
        let group = group as usize;
        if group >= self.groups.len() {
            self.groups.resize(group + 1, 0);
        }
        let sum = &mut self.groups[group];
        let kept = |sum: i128| self.cap.map_or(sum, |cap| sum.min(cap));
        let before = kept(*sum);
        *sum += i128::from(points) * self.multiply;
        self.counted += kept(*sum) - before;
        // Dividing costs more than all the rest.
        let rounded = if self.divide == 1 { self.counted } else { rounded_quotient(self.counted, self.divide) };
        let added = rounded - self.rounded;
        self.rounded = rounded;
        i64::try_from(added).unwrap_or(MOST)
    }
}
