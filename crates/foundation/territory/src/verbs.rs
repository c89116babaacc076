//! Who may look at and who may change places, organisations, responsibilities, categories and the calendar.

access::verbs! {
    /// Change places, organisations, responsibilities, categories and the calendar.
    ManageTerritory = "territory.manage" { SystemAdmin: Within, Clerk: Within }
    /// Look at them.
    ViewTerritory = "territory.view" {
        SystemAdmin: Within, SecurityAdmin: Within, AuditAdmin: Within, Leader: Within, Clerk: Within,
        Inspector: Within, Community: Within, DistrictClerk: Within,
    }
}
