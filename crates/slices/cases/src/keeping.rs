//! The end of keeping who called about a problem.

use access::account::Tenant;
use access::keeping::{days_ago, system_pass};
use contracts::CaseId;
use kernel::ids::Uuid;
use kernel::{Instant, Result};
use serde::Serialize;
use store::{Command, Fact, Sql, Store, Write, args, sql};

static CALLERS: Sql = sql!(
    "SELECT COUNT(*) AS n
    FROM outside_order
    WHERE tenant_id = :tenant AND case_id > :first AND (caller IS NOT NULL OR caller_phone IS NOT NULL)"
);

access::personal! {
    "order_caller" of ["outside_order.caller", "outside_order.caller_phone"] until CallerAnswered counted by CALLERS;
}

/// Who called about a problem was erased at its end.
#[derive(Debug, Clone, Serialize)]
pub struct CallerErased {
    pub case: CaseId,
}

impl Fact for CallerErased {
    const KIND: &'static str = "case.caller_erased";
    const SUBJECT: &'static str = "case";
    fn subject(&self) -> Uuid {
        self.case.0
    }
}

static DUE: Sql = sql!(
    "SELECT case_id
    FROM outside_order
    WHERE tenant_id = :tenant AND answered_at IS NOT NULL AND answered_at < :before AND (caller IS NOT NULL OR caller_phone IS NOT NULL)
    ORDER BY answered_at, case_id
    LIMIT 100"
);
static ERASE: Sql = sql!("UPDATE outside_order SET caller = NULL, caller_phone = NULL WHERE tenant_id = :tenant AND case_id = :case");

/// Erases the callers of what was answered before an instant, a hundred at a time.
struct EraseCallers {
    before: Instant,
}

impl Command for EraseCallers {
    const KIND: &'static str = "case.erase_callers";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let tenant = tx.tenant();
        for (case,) in tx.all::<(CaseId,)>(&DUE, args! { tenant: tenant, before: self.before }).await? {
            tx.later(&ERASE, args! { tenant: tenant, case: case });
            tx.fact(CallerErased { case })?;
        }
        Ok(())
    }
}

/// Erases what is past its end; where nothing is, nothing is written.
pub async fn sweep(store: &Store, tenant: &Tenant) -> Result<()> {
    let before = days_ago(store.world().now(), tenant.settings()?.keeping.caller_days);
    while !store.all::<(CaseId,)>(&DUE, args! { tenant: tenant.id, before: before }).await?.is_empty() {
        store.run(system_pass(store, tenant.id), EraseCallers { before }).await?;
    }
    Ok(())
}
