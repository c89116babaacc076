//! The closed lists of the slice beside stages and steps: what may be asked, why, and what stands apart from the figures.

use crate::steps::Step;

store::text_enum! {
    /// A request that waits for somebody's answer; a case has one at a time.
    pub enum Ask {
        HandBack = "hand_back",
        Extension = "extension",
        Hold = "hold",
        Void = "void",
        Dispute = "dispute",
        Appeal = "appeal",
    }
}

impl Ask {
    /// The step that asks.
    pub const fn step(self) -> Step {
        match self {
            Ask::HandBack => Step::AskHandBack,
            Ask::Extension => Step::AskExtension,
            Ask::Hold => Step::AskHold,
            Ask::Void => Step::AskVoid,
            Ask::Dispute => Step::Dispute,
            Ask::Appeal => Step::Appeal,
        }
    }
}

store::text_enum! {
    /// Why a unit asks to hand a case back.
    pub enum HandBackReason {
        NotOurs = "not_ours",
        NotOurArea = "not_our_area",
        NotFound = "not_found",
        NeedsOther = "needs_other",
        Other = "other",
    }
}

store::text_enum! {
    /// Why a case has to wait (挂账).
    pub enum HoldReason {
        /// 季节: what only grows or dries in another season.
        Season = "season",
        /// 维修资金表决: the owners vote on the maintenance fund.
        RepairFundVote = "repair_fund_vote",
        /// 立项资金: a project and its money have to be approved.
        ProjectFunds = "project_funds",
        /// 权属: whose it is has to be cleared up.
        Ownership = "ownership",
        /// 涉诉: it is before a court.
        Litigation = "litigation",
    }
}

store::text_enum! {
    /// Why a report is not filed.
    pub enum DeclineReason {
        NotReal = "not_real",
        Duplicate = "duplicate",
        OutsideArea = "outside_area",
        AlreadyMended = "already_mended",
        Other = "other",
    }
}

store::text_enum! {
    /// Who outside of the office takes a case over (移交).
    pub enum Receiver {
        /// 综合执法
        Enforcement = "enforcement",
        /// 区平台
        DistrictPlatform = "district_platform",
        /// 行业主管部门
        Department = "department",
        /// 权属单位: the owner of the pipe, the cable, the cabinet.
        Owner = "owner",
        /// 同区其他街道（镇）: another tenant of the same district, in whose register it goes on.
        Tenant = "tenant",
    }
}

store::text_enum! {
    /// What was found when somebody looked before the filing (核实).
    pub enum Verdict {
        Real = "real",
        NotReal = "not_real",
    }
}

store::text_enum! {
    /// Why a case is in none of the figures of what was found and put into circulars.
    pub enum Apart {
        /// 立行立改: mended where it was found, with the inspector looking on.
        MendedOnSpot = "mended_on_spot",
        /// 自查自改: found and mended by the unit itself.
        SelfCheck = "self_check",
        /// The same problem as another case.
        Merged = "merged",
        Void = "void",
    }
}

store::text_enum! {
    /// A self-check that was drawn to be looked at.
    pub enum Sample {
        Waiting = "waiting",
        Good = "good",
        NotGood = "not_good",
    }
}

store::text_enum! {
    /// What a unit appeals against.
    pub enum AppealGround {
        Late = "late",
        WrongUnit = "wrong_unit",
        Rework = "rework",
    }
}

store::text_enum! {
    /// How an appeal ends, or should end as the handler sees it.
    pub enum AppealEnd {
        Upheld = "upheld",
        Refused = "refused",
    }
}

store::text_enum! {
    /// Whether the caller, asked again, finds it solved.
    pub enum Solved {
        Yes = "yes",
        Partly = "partly",
        No = "no",
    }
}

store::text_enum! {
    /// How content the caller is with it.
    pub enum Satisfied {
        Very = "very",
        Yes = "yes",
        Fairly = "fairly",
        No = "no",
        /// Nobody answered the call.
        NotReached = "not_reached",
    }
}

impl Satisfied {
    /// Whether the caller said something at all.
    pub const fn reached(self) -> bool {
        !matches!(self, Satisfied::NotReached)
    }
    /// Whether the caller is content; "fairly" is.
    pub const fn content(self) -> bool {
        matches!(self, Satisfied::Very | Satisfied::Yes | Satisfied::Fairly)
    }
}
