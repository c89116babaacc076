//! Whom something of a member concerns, as permissions see it: its place, or the unit that answers for it.

use crate::league::MemberId;
use crate::scheme::Ranked;
use access::{Governed, Subject};
use jiff::civil::Date;
use kernel::TenantId;
use kernel::ids::OrganisationId;
use territory::Directory;

pub(crate) struct Concern<'a> {
    tenant: TenantId,
    path: Option<&'a str>,
    unit: Option<OrganisationId>,
}

impl<'a> Concern<'a> {
    /// As it is on this day.
    pub fn of(directory: &'a Directory, ranked: Ranked, member: MemberId, on: Date) -> Concern<'a> {
        let tenant = directory.tenant;
        if !ranked.is_place() {
            return Concern { tenant, path: None, unit: Some(member.organisation()) };
        }
        let place = directory.place(member.place());
        let unit = match ranked {
            Ranked::Compound => directory.unit_for(member.place(), None, on).map(|proposal| proposal.unit),
            _ => None,
        };
        Concern { tenant, path: place.map(|place| place.path.as_str()), unit }
    }
}

impl Governed for Concern<'_> {
    fn subject(&self) -> Subject<'_> {
        Subject { place_path: self.path, unit: self.unit, ..Subject::of_tenant(self.tenant) }
    }
}

/// How a member is called.
pub(crate) fn name_of(directory: &Directory, ranked: Ranked, member: MemberId) -> String {
    match ranked.is_place() {
        true => directory.place(member.place()).map(|place| place.name.clone()).unwrap_or_default(),
        false => directory.short_name(member.organisation()).to_owned(),
    }
}
