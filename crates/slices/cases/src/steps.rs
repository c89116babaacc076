//! Stages, steps and the one table of which step leads where; data, printed on the help page and in the README.

store::text_enum! {
    /// Where a case stands.
    pub enum Stage {
        /// 已上报: found, waiting for the centre (looked through, in an open circular or alone).
        Reported = "reported",
        /// 待核实: somebody nearby looks whether it is real, before it is filed.
        Verifying = "verifying",
        /// 已立案: filed, waiting to be dispatched.
        Filed = "filed",
        /// 待整改: with its unit, the unit's clock running.
        Dispatched = "dispatched",
        /// 已移交: with somebody outside, whose answer is awaited.
        Transferred = "transferred",
        /// 待复查: submitted by the unit, waiting for re-inspection.
        Rectified = "rectified",
        /// 已结案: accepted on re-inspection, or mended before anybody had to be told.
        Closed = "closed",
        /// 不予立案.
        Declined = "declined",
        /// 已并案: the same problem as another case, which goes on.
        Merged = "merged",
        /// 已作废.
        Void = "void",
    }
}

impl Stage {
    /// Whether somebody still has to act.
    pub const fn open(self) -> bool {
        !matches!(self, Stage::Closed | Stage::Declined | Stage::Merged | Stage::Void)
    }
    /// Whose clock runs.
    pub const fn holder(self) -> Holder {
        match self {
            Stage::Reported | Stage::Filed | Stage::Rectified => Holder::Centre,
            Stage::Verifying => Holder::Verifier,
            Stage::Dispatched => Holder::Unit,
            Stage::Transferred => Holder::Outside,
            Stage::Closed | Stage::Declined | Stage::Merged | Stage::Void => Holder::Nobody,
        }
    }
    /// How many of the four stitches (发现 · 通报 · 整改 · 复查) are done.
    pub const fn stitches(self) -> u8 {
        match self {
            Stage::Reported | Stage::Verifying | Stage::Filed | Stage::Declined | Stage::Merged | Stage::Void => 1,
            Stage::Dispatched | Stage::Transferred => 2,
            Stage::Rectified => 3,
            Stage::Closed => 4,
        }
    }
    /// The stage that `step` leads to from here; `None` where the table has no such way.
    pub fn after(self, step: Step) -> Option<Stage> {
        WAYS.iter().find(|way| way.step == step && way.from.contains(&self)).map(|way| way.to.unwrap_or(self))
    }
}

/// The party that has to act, and whose clock the lamp shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    Centre,
    Verifier,
    Unit,
    Outside,
    Nobody,
}

store::text_enum! {
    /// What can be done to a case.
    pub enum Step {
        Report = "report",
        MendOnSpot = "mend_on_spot",
        SelfCheck = "self_check",
        Amend = "amend",
        IntoCircular = "into_circular",
        Split = "split",
        AskVerify = "ask_verify",
        Verify = "verify",
        File = "file",
        Decline = "decline",
        Merge = "merge",
        Dispatch = "dispatch",
        Transfer = "transfer",
        PassOn = "pass_on",
        TakeBack = "take_back",
        AnswerTransfer = "answer_transfer",
        AskHandBack = "ask_hand_back",
        AcceptHandBack = "accept_hand_back",
        RefuseHandBack = "refuse_hand_back",
        AssignFinally = "assign_finally",
        AskExtension = "ask_extension",
        GrantExtension = "grant_extension",
        RefuseExtension = "refuse_extension",
        AskHold = "ask_hold",
        GrantHold = "grant_hold",
        RefuseHold = "refuse_hold",
        RenewHold = "renew_hold",
        Resume = "resume",
        Rectify = "rectify",
        Urge = "urge",
        Pass = "pass",
        Fail = "fail",
        FailTransfer = "fail_transfer",
        Supervise = "supervise",
        PartOfMatter = "part_of_matter",
        AskVoid = "ask_void",
        ConsentVoid = "consent_void",
        RefuseVoid = "refuse_void",
        Dispute = "dispute",
        UpholdDispute = "uphold_dispute",
        RefuseDispute = "refuse_dispute",
        SampleCheck = "sample_check",
        Appeal = "appeal",
        ReviewAppeal = "review_appeal",
        UpholdAppeal = "uphold_appeal",
        RefuseAppeal = "refuse_appeal",
        AssignInside = "assign_inside",
        DoneInside = "done_inside",
        Note = "note",
        Correct = "correct",
        Message = "message",
        Reply = "reply",
        SignOrder = "sign_order",
        CallCaller = "call_caller",
        AnswerOrder = "answer_order",
        CallBack = "call_back",
        Reopen = "reopen",
        Refile = "refile",
    }
}

impl Step {
    /// The desk that a tenant may do without, and with it this step; `None` for what every office needs.
    pub const fn desk(self) -> Option<Optional> {
        match self {
            Step::MendOnSpot => Some(Optional::MendOnSpot),
            Step::SelfCheck | Step::SampleCheck => Some(Optional::SelfCheck),
            Step::AskVerify | Step::Verify => Some(Optional::Verify),
            Step::Transfer | Step::PassOn | Step::TakeBack | Step::AnswerTransfer | Step::FailTransfer => Some(Optional::Transfer),
            Step::AskExtension | Step::GrantExtension | Step::RefuseExtension => Some(Optional::Extension),
            Step::AskHold | Step::GrantHold | Step::RefuseHold | Step::RenewHold | Step::Resume => Some(Optional::Hold),
            Step::Supervise => Some(Optional::Supervise),
            Step::PartOfMatter => Some(Optional::Matter),
            Step::Appeal | Step::ReviewAppeal | Step::UpholdAppeal | Step::RefuseAppeal => Some(Optional::Appeal),
            Step::Dispute | Step::UpholdDispute | Step::RefuseDispute => Some(Optional::Dispute),
            Step::AssignInside | Step::DoneInside => Some(Optional::Inside),
            Step::SignOrder | Step::CallCaller | Step::AnswerOrder | Step::CallBack | Step::Reopen => Some(Optional::Order),
            _ => None,
        }
    }
    /// Whether it begins something: what has begun is answered even where the tenant has switched it off since.
    pub const fn begins(self) -> bool {
        matches!(
            self,
            Step::MendOnSpot
                | Step::SelfCheck
                | Step::AskVerify
                | Step::Transfer
                | Step::PassOn
                | Step::AskExtension
                | Step::AskHold
                | Step::RenewHold
                | Step::Supervise
                | Step::PartOfMatter
                | Step::Dispute
                | Step::Appeal
                | Step::AssignInside
        )
    }
}

store::text_enum! {
    /// What a tenant may switch off.
    pub enum Optional {
        Verify = "verify",
        MendOnSpot = "mend_on_spot",
        SelfCheck = "self_check",
        Extension = "extension",
        Hold = "hold",
        Transfer = "transfer",
        Supervise = "supervise",
        Matter = "matter",
        Dispute = "dispute",
        Appeal = "appeal",
        /// Units hand a problem to somebody of their own first.
        Inside = "inside",
        /// Orders of the hotline and the district's platform.
        Order = "order",
    }
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// Empty: the case begins with it.
    pub from: &'static [Stage],
    pub step: Step,
    /// `None`: it stays where it is.
    pub to: Option<Stage>,
    /// The party that takes it.
    pub who: Who,
}

store::text_enum! {
    /// Who takes a step, in words of the help page; what is allowed is decided by the verbs.
    pub enum Who {
        Finder = "finder",
        Inspector = "inspector",
        Centre = "centre",
        Verifier = "verifier",
        Unit = "unit",
        Reinspector = "reinspector",
        Community = "community",
        Leader = "leader",
        /// One of the unit's own people, to whom the unit handed it.
        Person = "person",
    }
}

/// Every stage, whether or not somebody still has to act.
pub const ANY: &[Stage] = Stage::ALL;

/// Every stage in which somebody still has to act.
pub const OPEN: &[Stage] = &[Stage::Reported, Stage::Verifying, Stage::Filed, Stage::Dispatched, Stage::Transferred, Stage::Rectified];

const fn way(from: &'static [Stage], step: Step, to: Stage, who: Who) -> Way {
    Way { from, step, to: Some(to), who }
}

const fn stays(from: &'static [Stage], step: Step, who: Who) -> Way {
    Way { from, step, to: None, who }
}

/// Every way that a case can go. Issuing a circular takes `file` and `dispatch` for each of its cases at once.
pub const WAYS: &[Way] = &[
    way(&[], Step::Report, Stage::Reported, Who::Finder),
    way(&[], Step::MendOnSpot, Stage::Closed, Who::Inspector),
    way(&[], Step::SelfCheck, Stage::Closed, Who::Unit),
    stays(&[Stage::Reported], Step::Amend, Who::Centre),
    // A circular is issued whole: what was filed alone waits in it with the others, and is filed with them.
    way(&[Stage::Reported, Stage::Filed], Step::IntoCircular, Stage::Reported, Who::Centre),
    stays(&[Stage::Reported], Step::Split, Who::Centre),
    way(&[Stage::Reported], Step::AskVerify, Stage::Verifying, Who::Centre),
    way(&[Stage::Verifying], Step::Verify, Stage::Reported, Who::Verifier),
    way(&[Stage::Reported], Step::File, Stage::Filed, Who::Centre),
    way(&[Stage::Reported, Stage::Filed], Step::Decline, Stage::Declined, Who::Centre),
    way(&[Stage::Reported, Stage::Filed], Step::Merge, Stage::Merged, Who::Centre),
    way(&[Stage::Filed], Step::Dispatch, Stage::Dispatched, Who::Centre),
    way(&[Stage::Filed, Stage::Dispatched], Step::Transfer, Stage::Transferred, Who::Centre),
    way(&[Stage::Filed, Stage::Dispatched], Step::PassOn, Stage::Transferred, Who::Centre),
    way(&[Stage::Transferred], Step::TakeBack, Stage::Filed, Who::Centre),
    way(&[Stage::Transferred], Step::AnswerTransfer, Stage::Rectified, Who::Centre),
    stays(&[Stage::Dispatched], Step::AskHandBack, Who::Unit),
    way(&[Stage::Dispatched], Step::AcceptHandBack, Stage::Filed, Who::Centre),
    stays(&[Stage::Dispatched], Step::RefuseHandBack, Who::Centre),
    stays(&[Stage::Dispatched], Step::AssignFinally, Who::Leader),
    stays(&[Stage::Dispatched], Step::AskExtension, Who::Unit),
    stays(&[Stage::Dispatched], Step::GrantExtension, Who::Centre),
    stays(&[Stage::Dispatched], Step::RefuseExtension, Who::Centre),
    stays(&[Stage::Dispatched], Step::AskHold, Who::Unit),
    stays(&[Stage::Dispatched], Step::GrantHold, Who::Leader),
    stays(&[Stage::Dispatched], Step::RefuseHold, Who::Leader),
    stays(&[Stage::Dispatched], Step::RenewHold, Who::Leader),
    stays(&[Stage::Dispatched], Step::Resume, Who::Leader),
    way(&[Stage::Dispatched], Step::Rectify, Stage::Rectified, Who::Unit),
    stays(&[Stage::Dispatched], Step::Urge, Who::Community),
    way(&[Stage::Rectified], Step::Pass, Stage::Closed, Who::Reinspector),
    way(&[Stage::Rectified], Step::Fail, Stage::Dispatched, Who::Reinspector),
    way(&[Stage::Rectified], Step::FailTransfer, Stage::Transferred, Who::Reinspector),
    stays(OPEN, Step::Supervise, Who::Leader),
    stays(OPEN, Step::PartOfMatter, Who::Centre),
    stays(OPEN, Step::AskVoid, Who::Centre),
    way(OPEN, Step::ConsentVoid, Stage::Void, Who::Leader),
    stays(OPEN, Step::RefuseVoid, Who::Leader),
    // Of what was merged, the case that it is part of by now is asked, where that is closed.
    stays(&[Stage::Closed, Stage::Merged], Step::Dispute, Who::Finder),
    way(&[Stage::Closed], Step::UpholdDispute, Stage::Dispatched, Who::Centre),
    stays(&[Stage::Closed], Step::RefuseDispute, Who::Centre),
    stays(&[Stage::Closed], Step::SampleCheck, Who::Reinspector),
    stays(&[Stage::Closed], Step::Appeal, Who::Unit),
    stays(&[Stage::Closed], Step::ReviewAppeal, Who::Centre),
    stays(&[Stage::Closed], Step::UpholdAppeal, Who::Leader),
    stays(&[Stage::Closed], Step::RefuseAppeal, Who::Leader),
    stays(&[Stage::Dispatched], Step::AssignInside, Who::Unit),
    stays(&[Stage::Dispatched], Step::DoneInside, Who::Person),
    stays(ANY, Step::Note, Who::Centre),
    stays(ANY, Step::Correct, Who::Centre),
    stays(&[Stage::Dispatched, Stage::Rectified, Stage::Closed], Step::Message, Who::Centre),
    stays(&[Stage::Dispatched, Stage::Rectified, Stage::Closed], Step::Reply, Who::Unit),
    stays(ANY, Step::SignOrder, Who::Centre),
    stays(ANY, Step::CallCaller, Who::Centre),
    stays(ANY, Step::AnswerOrder, Who::Centre),
    stays(ANY, Step::CallBack, Who::Centre),
    way(&[Stage::Closed], Step::Reopen, Stage::Dispatched, Who::Centre),
    way(&[Stage::Closed], Step::Refile, Stage::Filed, Who::Centre),
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
        /// 同区其他街道（镇）移交.
        Tenant = "tenant",
        /// 12345 政务服务便民热线
        Hotline = "hotline",
        /// 区城管平台
        DistrictPlatform = "district_platform",
    }
}

impl Source {
    /// Whether its reports are orders, with clocks and an answer of their own.
    pub const fn orders(self) -> bool {
        matches!(self, Source::Hotline | Source::DistrictPlatform)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of the table as the README prints it.
    fn printed(way: &Way) -> String {
        let from = match way.from {
            [] => "–".to_owned(),
            from if from == OPEN => "any open".to_owned(),
            from if from == ANY => "any".to_owned(),
            from => from.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        let to = way.to.map_or_else(|| "same".to_owned(), |to| to.to_string());
        format!("| {from} | {} | {to} | {} |", way.step, way.who)
    }

    #[test]
    fn every_step_stands_in_the_table_once() {
        for &step in Step::ALL {
            assert_eq!(WAYS.iter().filter(|way| way.step == step).count(), 1, "{step}");
        }
    }

    #[test]
    fn every_stage_is_reached_and_every_open_stage_is_left() {
        for &stage in Stage::ALL {
            assert!(WAYS.iter().any(|way| way.to == Some(stage)), "{stage} is never reached");
            let left = WAYS.iter().any(|way| way.from.contains(&stage) && way.to.is_some_and(|to| to != stage));
            assert_eq!(left, stage.open() || stage == Stage::Closed, "{stage}");
            assert_eq!(OPEN.contains(&stage), stage.open(), "{stage}");
        }
    }

    #[test]
    fn the_slices_readme_prints_the_table() {
        let readme = include_str!("../README.md");
        let lines: Vec<String> = WAYS.iter().map(printed).collect();
        for line in &lines {
            assert!(readme.contains(line), "README.md lacks this line; the whole table:\n{}", lines.join("\n"));
        }
        assert_eq!(readme.lines().filter(|line| line.starts_with("| ")).count(), WAYS.len() + 1);
    }

    #[test]
    fn nothing_that_was_handed_out_closes_without_reinspection() {
        for way in WAYS.iter().filter(|way| way.to == Some(Stage::Closed) && !way.from.is_empty()) {
            assert_eq!((way.from, way.step, way.who), (&[Stage::Rectified][..], Step::Pass, Who::Reinspector));
        }
    }

    #[test]
    fn an_end_is_an_end_but_for_a_dispute_or_an_unsatisfied_caller() {
        for way in WAYS.iter().filter(|way| way.from.iter().any(|from| !from.open()) && way.to.is_some()) {
            assert!(matches!(way.step, Step::UpholdDispute | Step::Reopen | Step::Refile), "{way:?}");
        }
    }
}
