//! What can be done in this slice, and by whom: the rows of the permission matrix.

access::verbs! {
    /// See the schemes, adopted and drafted.
    ReadScheme = "scheme.read" { Leader: Within, Clerk: Within, Community: Within, DistrictClerk: Within, UnitHead: Unit, UnitHandler: Unit }
    /// Draft a scheme, change a draft, drop it.
    DraftScheme = "scheme.draft" { Clerk: Within, Leader: Within }
    /// Adopt a scheme that somebody else drafted.
    AdoptScheme = "scheme.adopt" { Leader: Within }
    /// Say who is compared with whom.
    ManageLeagues = "league.manage" { Clerk: Within, Leader: Within }
    /// Score a month, and again.
    DraftEvaluation = "evaluation.draft" { Clerk: Within }
    /// Reckon anew what somebody else drafted.
    CheckEvaluation = "evaluation.check" { Clerk: Within, Leader: Within }
    /// Publish what was checked, and what somebody else drafted.
    PublishEvaluation = "evaluation.publish" { Leader: Within }
    /// See evaluations before they are published, and what is only for those who make them.
    ReadEvaluation = "evaluation.read" { Clerk: Within, Leader: Within }
    /// See the published table of a month.
    ReadRanking = "ranking.read" {
        Leader: Within, Clerk: Within, Inspector: Within, Community: Within, DistrictClerk: Within, UnitHead: Unit, UnitHandler: Unit,
    }
    /// See a published score line by line.
    ReadScore = "score.read" { Leader: Within, Clerk: Within, Community: Within, DistrictClerk: Within, UnitHead: Unit, UnitHandler: Unit }
}
