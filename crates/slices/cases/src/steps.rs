//! Stages, steps and the one table of which step leads where; data, printed on the help page and in the README.

store::text_enum! {
    /// Where a case stands.
    pub enum Stage {
        /// 已上报: found, waiting for the centre (looked through, in an open circular or alone).
        Reported = "reported",
        /// 已立案: filed, waiting to be dispatched.
        Filed = "filed",
        /// 待整改: with its unit, the unit's clock running.
        Dispatched = "dispatched",
        /// 待复查: submitted by the unit, waiting for re-inspection.
        Rectified = "rectified",
        /// 已结案: accepted on re-inspection.
        Closed = "closed",
        /// 不予立案.
        Declined = "declined",
    }
}

impl Stage {
    /// Whether somebody still has to act.
    pub const fn open(self) -> bool {
        !matches!(self, Stage::Closed | Stage::Declined)
    }
    /// Whose clock runs.
    pub const fn holder(self) -> Holder {
        match self {
            Stage::Reported | Stage::Filed | Stage::Rectified => Holder::Centre,
            Stage::Dispatched => Holder::Unit,
            Stage::Closed | Stage::Declined => Holder::Nobody,
        }
    }
    /// How many of the four stitches (发现 · 通报 · 整改 · 复查) are done.
    pub const fn stitches(self) -> u8 {
        match self {
            Stage::Reported | Stage::Filed | Stage::Declined => 1,
            Stage::Dispatched => 2,
            Stage::Rectified => 3,
            Stage::Closed => 4,
        }
    }
    /// The stage that `step` leads to from here; `None` where the table has no such way.
    pub fn after(self, step: Step) -> Option<Stage> {
        WAYS.iter().find(|way| way.from == Some(self) && way.step == step).map(|way| way.to)
    }
}

/// The party that has to act, and whose clock the lamp shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    Centre,
    Unit,
    Nobody,
}

store::text_enum! {
    /// What can be done to a case.
    pub enum Step {
        Report = "report",
        Amend = "amend",
        File = "file",
        Decline = "decline",
        Dispatch = "dispatch",
        AskHandBack = "ask_hand_back",
        AcceptHandBack = "accept_hand_back",
        RefuseHandBack = "refuse_hand_back",
        Rectify = "rectify",
        Pass = "pass",
        Fail = "fail",
        Urge = "urge",
    }
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// `None`: the case begins with it.
    pub from: Option<Stage>,
    pub step: Step,
    pub to: Stage,
    /// The party that takes it.
    pub who: Who,
}

store::text_enum! {
    /// Who takes a step, in words of the help page; what is allowed is decided by the verbs.
    pub enum Who {
        Finder = "finder",
        Centre = "centre",
        Unit = "unit",
        Reinspector = "reinspector",
        Community = "community",
    }
}

const fn way(from: Stage, step: Step, to: Stage, who: Who) -> Way {
    Way { from: Some(from), step, to, who }
}

/// Every way that a case can go. Issuing a circular takes `file` and `dispatch` for each of its cases at once.
pub const WAYS: &[Way] = &[
    Way { from: None, step: Step::Report, to: Stage::Reported, who: Who::Finder },
    way(Stage::Reported, Step::Amend, Stage::Reported, Who::Centre),
    way(Stage::Reported, Step::File, Stage::Filed, Who::Centre),
    way(Stage::Reported, Step::Decline, Stage::Declined, Who::Centre),
    way(Stage::Filed, Step::Dispatch, Stage::Dispatched, Who::Centre),
    way(Stage::Filed, Step::Decline, Stage::Declined, Who::Centre),
    way(Stage::Dispatched, Step::AskHandBack, Stage::Dispatched, Who::Unit),
    way(Stage::Dispatched, Step::AcceptHandBack, Stage::Filed, Who::Centre),
    way(Stage::Dispatched, Step::RefuseHandBack, Stage::Dispatched, Who::Centre),
    way(Stage::Dispatched, Step::Rectify, Stage::Rectified, Who::Unit),
    way(Stage::Dispatched, Step::Urge, Stage::Dispatched, Who::Community),
    way(Stage::Rectified, Step::Pass, Stage::Closed, Who::Reinspector),
    way(Stage::Rectified, Step::Fail, Stage::Dispatched, Who::Reinspector),
];

store::text_enum! {
    /// Where the finding came from.
    pub enum Source {
        Inspection = "inspection",
        Call = "call",
        Resident = "resident",
        Unit = "unit",
        Community = "community",
        Import = "import",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_step_leads_two_ways_from_one_stage() {
        for (i, a) in WAYS.iter().enumerate() {
            assert!(!WAYS[i + 1..].iter().any(|b| b.from == a.from && b.step == a.step), "{a:?}");
        }
    }

    #[test]
    fn every_stage_is_reached_and_every_open_stage_is_left() {
        for &stage in Stage::ALL {
            assert!(WAYS.iter().any(|way| way.to == stage), "{stage} is never reached");
            let left = WAYS.iter().any(|way| way.from == Some(stage) && way.to != stage);
            assert_eq!(left, stage.open(), "{stage}");
        }
    }

    #[test]
    fn the_slices_readme_prints_the_table() {
        let readme = include_str!("../README.md");
        for way in WAYS {
            let from = way.from.map_or_else(|| "–".to_owned(), |stage| stage.to_string());
            let line = format!("| {from} | {} | {} | {} |", way.step, way.to, way.who);
            assert!(readme.contains(&line), "not in README.md: {line}");
        }
        assert_eq!(readme.lines().filter(|line| line.starts_with("| ")).count(), WAYS.len() + 1);
    }

    #[test]
    fn nothing_closes_without_reinspection() {
        for way in WAYS.iter().filter(|way| way.to == Stage::Closed) {
            assert_eq!((way.from, way.step, way.who), (Some(Stage::Rectified), Step::Pass, Who::Reinspector));
        }
    }
}
