//! The end of keeping a closed organisation's contact.

use access::account::Tenant;
use access::keeping::{days_ago, system_pass};
use kernel::ids::{OrganisationId, Uuid};
use kernel::{Instant, Result};
use serde::Serialize;
use store::{Command, Fact, Sql, Store, Write, args, sql};

static CONTACTS: Sql = sql!(
    "SELECT COUNT(*) AS n
    FROM organisation
    WHERE tenant_id = :tenant AND id > :first AND (contact IS NOT NULL OR contact_phone IS NOT NULL)"
);

access::personal! {
    "organisation_contact" of ["organisation.contact", "organisation.contact_phone"] until OrganisationClosed counted by CONTACTS;
}

/// A closed organisation's contact was erased at its end.
#[derive(Debug, Clone, Serialize)]
pub struct ContactErased {
    pub organisation: OrganisationId,
}

impl Fact for ContactErased {
    const KIND: &'static str = "organisation.contact_erased";
    const SUBJECT: &'static str = "organisation";
    fn subject(&self) -> Uuid {
        self.organisation.0
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation)
    }
}

static DUE: Sql = sql!(
    "SELECT id
    FROM organisation
    WHERE tenant_id = :tenant AND closed_at IS NOT NULL AND closed_at < :before AND (contact IS NOT NULL OR contact_phone IS NOT NULL)
    ORDER BY closed_at, id
    LIMIT 100"
);
static ERASE: Sql = sql!("UPDATE organisation SET contact = NULL, contact_phone = NULL WHERE tenant_id = :tenant AND id = :id");

/// Erases the contacts of organisations that were closed before an instant, a hundred at a time.
struct EraseContacts {
    before: Instant,
}

impl Command for EraseContacts {
    const KIND: &'static str = "organisation.erase_contacts";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let tenant = tx.tenant();
        for (organisation,) in tx.all::<(OrganisationId,)>(&DUE, args! { tenant: tenant, before: self.before }).await? {
            tx.later(&ERASE, args! { tenant: tenant, id: organisation });
            tx.fact(ContactErased { organisation })?;
        }
        Ok(())
    }
}

/// Erases what is past its end, and forgets tables that nobody applied; where nothing is, nothing is written.
pub async fn sweep(store: &Store, tenant: &Tenant) -> Result<()> {
    let before = days_ago(store.world().now(), tenant.settings()?.keeping.contact_days);
    crate::imports::applying::sweep(store, tenant.id).await?;
    while !store.all::<(OrganisationId,)>(&DUE, args! { tenant: tenant.id, before: before }).await?.is_empty() {
        store.run(system_pass(store, tenant.id), EraseContacts { before }).await?;
    }
    Ok(())
}
