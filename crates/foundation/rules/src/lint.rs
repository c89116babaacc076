//! Looks a table through: rows that never match, stand in one another's way, or leave facts uncovered.

use crate::regions::{Parts, Region, Search};
use crate::table::{Kind, Worth};
use crate::{Cell, Fault, Part, Policy, Problem, Table, Where};

/// How many steps the searches in one kind of facts may take together.
const MAX_STEPS: u32 = 300_000;

impl Table {
    /// Looks for what the check of single cells cannot see.
    ///
    /// Errors ([`Fault::is_error`]): [`Fault::Overlap`] and [`Fault::Disagree`]. Worth a look: [`Fault::NeverMatches`],
    /// [`Fault::Hidden`], [`Fault::Gap`], and [`Fault::NotWhollyChecked`] where the search for these was ended.
    pub fn lint(&self) -> Vec<Problem> {
        let mut problems: Vec<Problem> = self.kinds.iter().filter(|kind| !kind.rows.is_empty()).flat_map(lint_kind).collect();
        problems.sort_by_key(|problem| problem.at);
        problems
    }
}

fn lint_kind(kind: &Kind) -> Vec<Problem> {
    let whole = |fault| Problem::new(Where::new(Part::Row, kind.rows[0].index, Cell::Applies), fault).arg("kind", &kind.name);
    let Some(parts) = Parts::of(kind) else { return vec![whole(Fault::NotWhollyChecked)] };
    let mut linter =
        Linter { kind, matched: kind.rows.iter().map(|row| parts.matched(row)).collect(), parts, steps: MAX_STEPS, problems: Vec::new() };
    linter.never_matching();
    match kind.policy {
        Policy::First => linter.hidden(),
        Policy::Unique => linter.overlapping(),
        Policy::Any => linter.disagreeing(),
        Policy::Collect => {}
    }
    if !kind.is_rate {
        let all: Vec<&Region> = linter.matched.iter().collect();
        if let Search::Found(gap) = linter.parts.uncovered(linter.parts.known(), &all, &mut linter.steps) {
            let example = linter.parts.example(&linter.parts.fact(&gap));
            linter.problems.push(Problem { example, ..whole(Fault::Gap) });
        }
    }
    if linter.steps == 0 {
        linter.problems.push(whole(Fault::NotWhollyChecked));
    }
    linter.problems
}

struct Linter<'k> {
    kind: &'k Kind,
    parts: Parts<'k>,
    /// What each row matches.
    matched: Vec<Region>,
    /// How many are left.
    steps: u32,
    problems: Vec<Problem>,
}

impl Linter<'_> {
    fn at(&self, row: usize, cell: Cell) -> Where {
        Where::new(Part::Row, self.kind.rows[row].index, cell)
    }

    fn never_matching(&mut self) {
        for row in (0..self.matched.len()).filter(|row| self.parts.is_empty(&self.matched[*row])) {
            self.problems.push(Problem::new(self.at(row, Cell::Conditions), Fault::NeverMatches));
        }
    }

    /// A row whose every fact is matched, or left open, by a row before it never scores under `first`.
    fn hidden(&mut self) {
        let possible: Vec<Region> = self.kind.rows.iter().map(|row| self.parts.possible(row)).collect();
        for row in (1..possible.len()).filter(|row| !self.parts.is_empty(&self.matched[*row])) {
            let own = &self.matched[row];
            let before: Vec<usize> = (0..row).filter(|earlier| self.parts.common(own, &possible[*earlier]).is_some()).collect();
            let regions: Vec<&Region> = before.iter().map(|earlier| &possible[*earlier]).collect();
            if let Search::Nothing = self.parts.uncovered(own.clone(), &regions, &mut self.steps) {
                let others = before.iter().map(|earlier| self.at(*earlier, Cell::Conditions)).collect();
                self.problems.push(Problem::new(self.at(row, Cell::Conditions), Fault::Hidden).others(others));
            }
        }
    }

    /// For each row the rows before it that match something that it matches too.
    fn overlapping(&mut self) {
        for row in 1..self.matched.len() {
            let common = |earlier: usize| self.parts.common(&self.matched[earlier], &self.matched[row]).map(|region| (earlier, region));
            let found: Vec<(usize, Region)> = (0..row).filter_map(common).collect();
            if let Some((_, region)) = found.first() {
                let example = self.parts.example(&self.parts.fact(region));
                let others = found.iter().map(|(earlier, _)| self.at(*earlier, Cell::Conditions)).collect();
                let problem = Problem::new(self.at(row, Cell::Conditions), Fault::Overlap).others(others);
                self.problems.push(Problem { example, ..problem });
            }
        }
    }

    /// For each row the rows before it that match something that it matches too, and give other points for it.
    fn disagreeing(&mut self) {
        for row in 1..self.matched.len() {
            let (mut others, mut example) = (Vec::new(), None);
            for earlier in 0..row {
                if let Some(region) = self.parts.common(&self.matched[earlier], &self.matched[row])
                    && let Some(cells) = self.difference(earlier, row, &region)
                {
                    others.push(self.at(earlier, Cell::Worth));
                    example.get_or_insert_with(|| self.parts.example(&cells));
                }
            }
            if let Some(example) = example {
                let problem = Problem::new(self.at(row, Cell::Worth), Fault::Disagree).others(others);
                self.problems.push(Problem { example, ..problem });
            }
        }
    }

    /// A fact of the region for which two rows give different points.
    ///
    /// Within a part, points are constant or grow evenly in each column; so the ends of the parts tell everything.
    fn difference(&mut self, earlier: usize, row: usize, region: &Region) -> Option<Vec<Option<i64>>> {
        let (a, b) = (&self.kind.rows[earlier], &self.kind.rows[row]);
        if a.negative == b.negative && a.worth == b.worth {
            return None;
        }
        let cells = self.parts.fact(region);
        match (&a.worth, &b.worth) {
            (Worth::Entered(_), Worth::Entered(_)) if a.negative == b.negative => return None,
            (Worth::Entered(_), _) | (_, Worth::Entered(_)) => return Some(cells),
            _ => {}
        }
        let of = |worth: &Worth| match worth {
            Worth::Per { slot, .. } | Worth::Steps { slot, .. } => Some(*slot),
            _ => None,
        };
        let tried = |slot: Option<usize>| match slot {
            Some(slot) => self.parts.ends(region, slot).into_iter().map(Some).collect(),
            None => vec![None],
        };
        let (one, two) = (of(&a.worth), of(&b.worth).filter(|slot| of(&a.worth) != Some(*slot)));
        let (firsts, seconds) = (tried(one), tried(two));
        for first in &firsts {
            for second in &seconds {
                self.steps = self.steps.saturating_sub(1);
                if self.steps == 0 {
                    return None;
                }
                let mut cells = cells.clone();
                for (slot, value) in [(one, first), (two, second)] {
                    if let Some(slot) = slot {
                        cells[slot] = *value;
                    }
                }
                if let (Ok(a), Ok(b)) = (a.worth(&cells, None), b.worth(&cells, None))
                    && a != b
                {
                    return Some(cells);
                }
            }
        }
        None
    }
}
