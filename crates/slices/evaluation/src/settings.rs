//! What a tenant sets for its evaluations.

use crate::facts::SettingsSet;
use crate::verbs::SetEvaluation;
use access::Permit;
use kernel::{Code, Result, TenantId};
use rules::Points;
use store::{Command, Sql, Store, Write, args, sql};

kernel::id!(
    /// The settings of one tenant.
    SettingsId,
);
store::id_values!(SettingsId);

/// Somebody set them meanwhile.
pub const STALE: Code = Code::conflict("evaluation.settings_stale");

store::row! {
    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Row {
        pub id: SettingsId,
        pub two_from: i64,
        pub appeal_days: i64,
        pub version: i64,
    }
}

/// What holds where nobody set anything: three points take two people, five days to appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    id: Option<SettingsId>,
    /// From so many points on, an item takes two people.
    pub two_from: Points,
    /// Days after publication within which a score may be appealed against.
    pub appeal_days: i64,
    pub version: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { id: None, two_from: Points(3_000), appeal_days: 5, version: 0 }
    }
}

impl From<Row> for Settings {
    fn from(row: Row) -> Self {
        Settings { id: Some(row.id), two_from: Points(row.two_from), appeal_days: row.appeal_days, version: row.version }
    }
}

static ONE: Sql = sql!("SELECT id, two_from, appeal_days, version FROM evaluation_setting WHERE tenant_id = :tenant");
static INSERT: Sql = sql!(
    "INSERT INTO evaluation_setting (tenant_id, id, two_from, appeal_days, version) VALUES (:tenant, :id, :two_from, :appeal_days, 1)"
);
static REWRITE: Sql = sql!(
    "UPDATE evaluation_setting SET two_from = :two_from, appeal_days = :appeal_days, version = version + 1
    WHERE tenant_id = :tenant AND version = :version"
);

pub async fn of(store: &Store, tenant: TenantId) -> Result<Settings> {
    let row: Option<Row> = store.opt(&ONE, args! { tenant: tenant }).await?;
    Ok(row.map(Settings::from).unwrap_or_default())
}

/// The same inside of a command.
pub async fn within(tx: &mut Write<'_>) -> Result<Settings> {
    let tenant = tx.tenant();
    let row: Option<Row> = tx.opt(&ONE, args! { tenant: tenant }).await?;
    Ok(row.map(Settings::from).unwrap_or_default())
}

/// Sets them. Errors: `evaluation.settings_stale`.
pub struct Set {
    pub by: Permit<SetEvaluation>,
    pub of: Settings,
    pub two_from: Points,
    pub appeal_days: i64,
}

impl Command for Set {
    const KIND: &'static str = "evaluation.settings";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Set { of, two_from, appeal_days, .. } = self;
        let tenant = tx.tenant();
        tx.lock("evaluation settings").await?;
        let now = within(tx).await?;
        kernel::ensure(now.version == of.version, STALE)?;
        let id = match now.id {
            Some(id) => {
                let values = args! { tenant: tenant, version: now.version, two_from: two_from.0, appeal_days: appeal_days };
                tx.change_one(&REWRITE, values).await?.or(STALE)?;
                id
            }
            None => {
                let id: SettingsId = tx.new_id();
                let values = args! { tenant: tenant, id: id, two_from: two_from.0, appeal_days: appeal_days };
                tx.exec(&INSERT, values).await?;
                id
            }
        };
        tx.fact(SettingsSet { settings: id, two_from: two_from.0, appeal_days: *appeal_days })
    }
}
