//! What can be done in this slice, and by whom: the rows of the permission matrix.

access::verbs! {
    /// See the schemes, adopted and drafted.
    ReadScheme = "scheme.read" { Leader: Within, Clerk: Within, Community: Within, DistrictClerk: Within, UnitHead: Unit, UnitHandler: Unit }
    /// Draft a scheme, change a draft, drop it.
    DraftScheme = "scheme.draft" { Clerk: Within, Leader: Within }
    /// Adopt a scheme that somebody else drafted.
    AdoptScheme = "scheme.adopt" { Leader: Within }
    /// See who is compared with whom.
    ReadLeague = "league.read" { Clerk: Within, Leader: Within }
    /// Say who is compared with whom.
    ManageLeagues = "league.manage" { Clerk: Within, Leader: Within }
    /// Score a month, and again.
    DraftEvaluation = "evaluation.draft" { Clerk: Within }
    /// Reckon anew what somebody else drafted.
    CheckEvaluation = "evaluation.check" { Clerk: Within, Leader: Within }
    /// Publish what was checked, and what somebody else drafted.
    PublishEvaluation = "evaluation.publish" { Leader: Within }
    /// Write the words of a bulletin that is not published yet, and choose its typical problems.
    WriteBulletin = "bulletin.write" { Clerk: Within, Leader: Within }
    /// Give a link by which a bulletin is read without an account, and withdraw it.
    ShareBulletin = "bulletin.share" { Leader: Within }
    /// See evaluations before they are published, and what is only for those who make them.
    ReadEvaluation = "evaluation.read" { Clerk: Within, Leader: Within }
    /// See the published table of a month.
    ReadRanking = "ranking.read" {
        Leader: Within, Clerk: Within, Inspector: Within, Community: Within, DistrictClerk: Within, UnitHead: Unit, UnitHandler: Unit,
    }
    /// See a published score line by line.
    ReadScore = "score.read" { Leader: Within, Clerk: Within, Community: Within, DistrictClerk: Within, UnitHead: Unit, UnitHandler: Unit }
    /// See what was entered by hand: rounds, surveys, a committee's items.
    ReadEntry = "entry.read" { Clerk: Within, Leader: Within, Inspector: Within }
    /// Say that rounds were made, and withdraw what was wrong.
    EnterRound = "entry.round" { Inspector: Within, Clerk: Within }
    /// Enter surveys and a committee's items, and withdraw what was wrong.
    EnterFigures = "entry.figures" { Clerk: Within, Leader: Within }
    /// Be the second of two people where an item takes them.
    ConfirmEntry = "entry.confirm" { Clerk: Within, Leader: Within }
    /// Set from how many points an item takes two people, and how long a score may be appealed against.
    SetEvaluation = "evaluation.set" { Leader: Within }
    /// See who is to be lifted, and how far they have come.
    ReadImprovement = "improvement.read" {
        Leader: Within, Clerk: Within, Inspector: Within, Community: Within, UnitHead: Unit, UnitHandler: Unit,
    }
    /// Put somebody on the improvement list, and plan the steps.
    ManageImprovement = "improvement.manage" { Clerk: Within, Leader: Within }
    /// Say that a step is done.
    ReportImprovement = "improvement.report" { Clerk: Within, Community: Within, UnitHead: Unit, UnitHandler: Unit }
    /// Look at what was said to be done, and take somebody off the list.
    JudgeImprovement = "improvement.judge" { Clerk: Within, Leader: Within }
    /// Appeal against a line of a published score of one's own.
    AppealScore = "score.appeal" { Community: Within, UnitHead: Unit, UnitHandler: Unit }
    /// Be the first of two who look at an appeal against a score.
    AdviseScoreAppeal = "score.advise" { Clerk: Within }
    /// Decide an appeal against a score.
    DecideScoreAppeal = "score.decide" { Leader: Within }
    /// See by which rules something follows from a score, and what followed.
    ReadConsequence = "consequence.read" { Leader: Within, Clerk: Within, Community: Within, UnitHead: Unit, UnitHandler: Unit }
    /// Set and end the rules by which something is proposed.
    SetConsequences = "consequence.set" { Leader: Within }
    /// Confirm what was proposed, drop it, take back what was confirmed.
    DecideConsequence = "consequence.decide" { Leader: Within }
    /// Say that what was confirmed is done.
    DoConsequence = "consequence.do" { Clerk: Within, Leader: Within }
    /// See what looks as if a month's figures had been made to look well.
    ReadSigns = "signs.read" { Clerk: Within, Leader: Within }
}
