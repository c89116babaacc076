//! What can be done in this slice, and by whom: the rows of the permission matrix.

access::verbs! {
    /// See the schemes, adopted and drafted.
    ReadScheme = "scheme.read" { Leader: Within, Clerk: Within, Community: Within, DistrictClerk: Within, UnitHead: Unit, UnitHandler: Unit }
    /// Draft a scheme, change a draft, drop it.
    DraftScheme = "scheme.draft" { Clerk: Within, Leader: Within }
    /// Adopt a scheme that somebody else drafted.
    AdoptScheme = "scheme.adopt" { Leader: Within }
}
