//! Tables that were uploaded: kept as they were read, until somebody has looked at what they would change and applies it.

use crate::facts::{SheetReceived, SheetTaken};
use crate::imports::applying::Counts;
use access::http::Desk;
use access::{Permit, Verb};
use kernel::ids::{AccountId, Uuid};
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Command, Sql, Store, Write, args, sql, text_enum};

kernel::id!(
    /// A table that was uploaded.
    SheetId,
);
store::id_values!(SheetId);

/// Something changed since somebody looked at what the table would do.
pub const STALE: Code = Code::conflict("sheet.stale");
/// It was applied already.
pub const DONE: Code = Code::conflict("sheet.done");
/// It has no line at all.
pub const NOTHING: Code = Code::invalid("sheet.nothing");

text_enum! {
    /// What a table is about.
    pub enum SheetKind {
        Responsibilities = "responsibilities",
        Places = "places",
        Organisations = "organisations",
        Accounts = "accounts",
        Categories = "categories",
        Cases = "cases",
        HotlineOrders = "hotline_orders",
        PlatformOrders = "platform_orders",
    }
}

text_enum! {
    /// Where a table stands.
    pub enum SheetState {
        Received = "received",
        /// Some of its batches are written, and not yet all.
        Applying = "applying",
        Applied = "applied",
        Undone = "undone",
    }
}

store::row! {
    /// A table without its lines.
    #[derive(Debug, Clone)]
    pub struct SheetRow {
        pub id: SheetId,
        pub kind: SheetKind,
        pub state: SheetState,
        pub received_at: Instant,
        pub received_by: Option<AccountId>,
        pub applied_at: Option<Instant>,
    }
}

static LATEST: Sql = sql!(
    "SELECT id, kind, state, received_at, received_by, applied_at
    FROM sheet
    WHERE tenant_id = :tenant AND kind = :kind AND id < :before
    ORDER BY id DESC
    LIMIT 20"
);

static FIND: Sql = sql!(
    "SELECT id, kind, state, received_at, received_by, applied_at
    FROM sheet
    WHERE tenant_id = :tenant AND id = :id"
);

static LINES: Sql = sql!("SELECT lines FROM sheet WHERE tenant_id = :tenant AND id = :id");
static PLAN: Sql = sql!("SELECT plan FROM sheet WHERE tenant_id = :tenant AND id = :id");

static RECEIVE: Sql = sql!(
    "INSERT INTO sheet (tenant_id, id, kind, state, lines, received_at, received_by)
    VALUES (:tenant, :id, :kind, 'received', :lines, :now, :actor)"
);

static APPLIED: Sql = sql!(
    "UPDATE sheet
    SET state = 'applied', plan = :plan, counts = :counts, applied_at = :now
    WHERE tenant_id = :tenant AND id = :id AND state = 'received'"
);

/// The last twenty of a kind, the latest first.
pub async fn latest(store: &Store, tenant: TenantId, kind: SheetKind) -> Result<Vec<SheetRow>> {
    store.all(&LATEST, args! { tenant: tenant, kind: kind, before: Uuid::max() }).await
}

/// One of a kind; 404 when there is none.
pub async fn sheet(store: &Store, tenant: TenantId, kind: SheetKind, id: SheetId) -> Result<SheetRow> {
    let row: SheetRow = store.one(&FIND, args! { tenant: tenant, id: id }).await?;
    ensure(row.kind == kind, Error::not_found())?;
    Ok(row)
}

/// Its lines as they were read.
pub async fn lines<L: DeserializeOwned>(store: &Store, tenant: TenantId, id: SheetId) -> Result<L> {
    let (lines,) = store.one::<(String,)>(&LINES, args! { tenant: tenant, id: id }).await?;
    serde_json::from_str(&lines).map_err(Error::internal)
}

/// As [`lines`]; none once they were forgotten.
pub async fn lines_if_kept<L: DeserializeOwned>(store: &Store, tenant: TenantId, id: SheetId) -> Result<Option<L>> {
    let (lines,) = store.one::<(String,)>(&LINES, args! { tenant: tenant, id: id }).await?;
    if lines == "[]" { Ok(None) } else { serde_json::from_str(&lines).map(Some).map_err(Error::internal) }
}

/// What it changed, once it was applied.
pub async fn plan<P: DeserializeOwned>(store: &Store, tenant: TenantId, id: SheetId) -> Result<Option<P>> {
    let (plan,) = store.one::<(Option<String>,)>(&PLAN, args! { tenant: tenant, id: id }).await?;
    plan.map(|plan| serde_json::from_str(&plan).map_err(Error::internal)).transpose()
}

/// Keeps a table's lines, to be looked at before they are applied.
///
/// Errors: `sheet.nothing`.
pub struct ReceiveSheet<V> {
    pub by: Permit<V>,
    pub kind: SheetKind,
    pub count: usize,
    /// As JSON.
    pub lines: String,
}

impl<V> ReceiveSheet<V> {
    /// Errors: 500 when the lines cannot be written as JSON.
    pub fn of<L: Serialize>(by: Permit<V>, kind: SheetKind, count: usize, lines: &L) -> Result<Self> {
        Ok(ReceiveSheet { by, kind, count, lines: serde_json::to_string(lines).map_err(Error::internal)? })
    }
}

impl<V: Verb> Command for ReceiveSheet<V> {
    const KIND: &'static str = "sheet.receive";
    type Out = SheetId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<SheetId> {
        ensure(self.count > 0, NOTHING)?;
        let (id, tenant, now, actor): (SheetId, _, _, _) = (tx.new_id(), tx.tenant(), tx.now(), tx.actor());
        let hash = kernel::canonical::hex(&kernel::canonical::content_hash(self.lines.as_bytes()));
        tx.exec(&RECEIVE, args! { tenant: tenant, id: id, kind: self.kind, lines: self.lines, now: now, actor: actor }).await?;
        let lines = i64::try_from(self.count).unwrap_or(i64::MAX);
        tx.fact(SheetReceived { sheet: id, kind: self.kind, lines, hash })?;
        Ok(id)
    }
}

/// Notes that somebody took the wrong lines of a table out.
pub struct TakeWrong<V> {
    pub by: Permit<V>,
    pub sheet: SheetId,
    pub kind: SheetKind,
    /// How many.
    pub lines: usize,
}

impl<V: Verb> Command for TakeWrong<V> {
    const KIND: &'static str = "sheet.take_wrong";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        tx.fact(SheetTaken { sheet: self.sheet, kind: self.kind, lines: i64::try_from(self.lines).unwrap_or(i64::MAX) })
    }
}

/// Runs [`TakeWrong`] before the lines go out: personal data stands in them in full.
///
/// Errors: those of the store.
pub async fn note_taken<V: Verb>(desk: &Desk, by: Permit<V>, kind: SheetKind, sheet: SheetId, lines: usize) -> Result<()> {
    desk.app.store.run(desk.own_pass(), TakeWrong { by, sheet, kind, lines }).await.map(drop)
}

/// The lines of a table that still waits, inside the command that applies it.
///
/// Errors: 404, `sheet.done`.
pub(crate) async fn waiting<L: DeserializeOwned>(tx: &mut Write<'_>, kind: SheetKind, id: SheetId) -> Result<L> {
    let tenant = tx.tenant();
    let row: SheetRow = tx.one(&FIND, args! { tenant: tenant, id: id }).await?;
    ensure(row.kind == kind, Error::not_found())?;
    ensure(row.state == SheetState::Received, DONE)?;
    let (lines,) = tx.one::<(String,)>(&LINES, args! { tenant: tenant, id: id }).await?;
    serde_json::from_str(&lines).map_err(Error::internal)
}

/// Says that it was applied, what it changed, and what its lines came to.
///
/// Errors: `sheet.done`.
pub(crate) async fn applied<P: Serialize>(tx: &mut Write<'_>, id: SheetId, plan: &P, counts: Counts) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let plan = serde_json::to_string(plan).map_err(Error::internal)?;
    let counts = serde_json::to_string(&counts).map_err(Error::internal)?;
    tx.change_one(&APPLIED, args! { tenant: tenant, id: id, plan: plan, counts: counts, now: now }).await?.or(DONE)
}
