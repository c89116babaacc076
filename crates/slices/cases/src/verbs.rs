//! What can be done in this slice, and by whom: the rows of the permission matrix.

access::verbs! {
    /// See cases: lists, pages, photos.
    ListCases = "case.list" {
        Leader: Within, Clerk: Within, Inspector: Within, Community: Within, DistrictClerk: Within,
        UnitHead: Unit, UnitHandler: Unit, UnitHead: Assisting, UnitHandler: Assisting, Inspector: Own, Community: Own
    }
    /// Report a finding.
    ReportCase = "case.report" { Clerk: Within, Inspector: Within, Community: Within, UnitHandler: Unit, UnitHead: Unit }
    /// Look through, correct, file, decline, dispatch.
    HandleCase = "case.handle" { Clerk: Within }
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
    /// Submit a rectification, ask to hand back.
    RectifyCase = "case.rectify" { UnitHandler: Unit, UnitHead: Unit }
    /// Accept or refuse a rectification; never one's own people's work.
    Reinspect = "case.reinspect" { Clerk: Within, Inspector: Within, Leader: Within }
    /// Urge the unit.
    UrgeUnit = "case.urge" { Community: Within, Clerk: Within, Leader: Within }
    /// Set how long the centre gives itself for its own steps.
    SetCentreLimits = "centre.set_limits" { SystemAdmin: Within, Clerk: Within }
    /// See the summary of figures.
    ReadSummary = "summary.read" { Leader: Within, Clerk: Within, Inspector: Within, Community: Within, DistrictClerk: Within }
}
