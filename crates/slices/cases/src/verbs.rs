//! What can be done in this slice, and by whom: the rows of the permission matrix.

access::verbs! {
    /// See cases: lists, pages, photos.
    ListCases = "case.list" {
        Leader: Within, Clerk: Within, Inspector: Within, Community: Within, DistrictClerk: Within,
        UnitHead: Unit, UnitHandler: Unit, UnitHead: Assisting, UnitHandler: Assisting, Inspector: Own, Community: Own,
        UnitHead: Own, UnitHandler: Own
    }
    /// Report a finding.
    ReportCase = "case.report" { Clerk: Within, Inspector: Within, Community: Within, UnitHandler: Unit, UnitHead: Unit }
    /// Look through, correct, part, have verified, file, decline, merge, dispatch, transfer; answer what units and reporters ask.
    HandleCase = "case.handle" { Clerk: Within }
    /// Pass a case on to another street of the district.
    PassOnCase = "case.pass_on" { Clerk: Within, DistrictClerk: Within }
    /// Open a circular and put findings into it.
    ComposeCircular = "circular.compose" { Clerk: Within, Inspector: Within }
    /// Issue a circular: notices numbered, clocks running.
    IssueCircular = "circular.issue" { Clerk: Within }
    /// See circulars.
    ListCirculars = "circular.list" { Leader: Within, Clerk: Within, Inspector: Within, Community: Within, DistrictClerk: Within }
    /// See a notice and its papers.
    ReadNotice = "notice.read" { Leader: Within, Clerk: Within, Inspector: Within, Community: Within, DistrictClerk: Within, UnitHead: Unit, UnitHandler: Unit }
    /// Note that the unit was told by phone.
    TellUnit = "notice.tell" { Clerk: Within, Community: Within }
    /// Submit a rectification; ask to hand back, for an extension, for a hold.
    RectifyCase = "case.rectify" { UnitHandler: Unit, UnitHead: Unit }
    /// Accept or refuse a rectification; never one's own people's work.
    Reinspect = "case.reinspect" { Clerk: Within, Inspector: Within, Leader: Within }
    /// Look whether a report is real, when asked to.
    VerifyCase = "case.verify" { Clerk: Within, Inspector: Within, Community: Within }
    /// Record what was mended on the spot, with the inspector looking on.
    MendOnSpot = "case.mend_on_spot" { Inspector: Within }
    /// Record what one's own unit or community found and mended itself.
    SelfCheck = "case.self_check" { Community: Within, UnitHandler: Unit, UnitHead: Unit }
    /// What takes a leader: assigning finally, holds, supervising, consent to void.
    LeadCase = "case.lead" { Leader: Within }
    /// Take a list out of the house, as a sheet or on paper.
    TakeRegister = "register.take" { Leader: Within, Clerk: Within, Community: Within, DistrictClerk: Within, UnitHead: Unit, UnitHandler: Unit }
    /// See difficult matters.
    ListMatters = "matter.list" { Leader: Within, Clerk: Within, Inspector: Within, Community: Within, DistrictClerk: Within }
    /// Open a difficult matter, add problems to it, note what happens, end it.
    HandleMatter = "matter.handle" { Clerk: Within, Leader: Within }
    /// Say that what one reported is not mended.
    DisputeCase = "case.dispute" { Inspector: Own, Community: Own, Clerk: Own, UnitHandler: Own, UnitHead: Own }
    /// Write and read the centre's own notes, and what passes between the centre and those outside.
    NoteCase = "case.note" { Clerk: Within, Leader: Within, Inspector: Within }
    /// Urge the unit.
    UrgeUnit = "case.urge" { Community: Within, Clerk: Within, Leader: Within }
    /// Set how long the centre gives itself for its own steps.
    SetCentreLimits = "centre.set_limits" { SystemAdmin: Within, Clerk: Within }
    /// See the summary of figures.
    ReadSummary = "summary.read" { Leader: Within, Clerk: Within, Inspector: Within, Community: Within, DistrictClerk: Within }
}
