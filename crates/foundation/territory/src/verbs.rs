//! Who may look at and who may change places, organisations, responsibilities, categories, the calendar and the duty roster.

access::verbs! {
    /// Change places, organisations, responsibilities, categories and the calendar.
    ManageTerritory = "territory.manage" { SystemAdmin: Within, Clerk: Within }
    /// Say who is on duty for communities, areas and grids.
    ManageDuty = "duty.manage" { SystemAdmin: Within, Clerk: Within, Community: Within }
    /// Look at them.
    ViewTerritory = "territory.view" {
        SystemAdmin: Within, SecurityAdmin: Within, AuditAdmin: Within, Leader: Within, Clerk: Within,
        Inspector: Within, Community: Within, DistrictClerk: Within,
    }
}
