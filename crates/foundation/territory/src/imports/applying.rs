//! Applying an import batch by batch, taking one back as a whole, and forgetting what nobody applied.
//!
//! An import can be taken back as long as nobody changed what it made and nothing depends on that: no fact since names it, no
//! role is held on it, no place hangs below it. What was looked at is what is applied: a plan is recomputed from the territory
//! as it stands and its digest compared, and the tenant's revision is looked at again inside the command.

use super::BoxFuture;
use super::{Becomes, Planned};
use crate::facts::{SheetApplied, SheetUndone};
use crate::received::{DONE, STALE, SheetId, SheetKind, SheetState};
use access::Permit;
use access::permit::Verb;
use kernel::ids::{AccountId, CommandId, OrganisationId, PlaceId, Uuid};
use kernel::{Code, Error, Instant, Kind, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use store::{Command, Pass, Sql, Store, Write, args, sql, text_enum};

store::housekeeping!("sheet");

/// Somebody changed what the import made.
pub const CHANGED_SINCE: Code = Code::conflict("sheet.changed_since");
/// Something depends on what the import made.
pub const DEPENDS: Code = Code::conflict("sheet.depends");

/// What is not applied is forgotten after so long, and so are the lines of what is.
const KEPT_SECONDS: i64 = 86_400;
/// How many facts are read at once.
const PORTION: i64 = 2_000;

store::row! {
    /// An import without its lines.
    #[derive(Debug, Clone)]
    pub struct Import {
        pub id: SheetId,
        pub kind: SheetKind,
        pub state: SheetState,
        pub received_at: Instant,
        pub received_by: Option<AccountId>,
        pub applied_at: Option<Instant>,
        pub applied_by: Option<AccountId>,
        pub total: i64,
        pub done: i64,
        pub applied_behind: Option<i64>,
        pub applied_command: Option<CommandId>,
        pub undone_at: Option<Instant>,
        pub undone_by: Option<AccountId>,
        pub counts: Option<String>,
    }
}

macro_rules! import_columns {
    () => {
        "SELECT id, kind, state, received_at, received_by, applied_at, applied_by, total, done, applied_behind, applied_command,
            undone_at, undone_by, counts
        FROM sheet
        WHERE tenant_id = :tenant"
    };
}

static LATEST: Sql = sql!(concat!(import_columns!(), " AND kind = :kind AND id < :before ORDER BY id DESC LIMIT 20"));
static LATEST_OF: Sql =
    sql!(concat!(import_columns!(), " AND kind = :kind AND received_by = :by AND id < :before ORDER BY id DESC LIMIT 20"));
static FIND: Sql = sql!(concat!(import_columns!(), " AND id = :id"));

static BEGIN: Sql = sql!(
    "UPDATE sheet
    SET state = 'applying', plan = :plan, applied_at = :now, applied_by = :actor, applied_behind = :behind, applied_command = :command,
        done = 0, total = :total
    WHERE tenant_id = :tenant AND id = :id AND state = 'received'"
);
static ADVANCE: Sql = sql!(
    "UPDATE sheet
    SET done = :to, counts = :counts
    WHERE tenant_id = :tenant AND id = :id AND state = 'applying' AND done = :from"
);
static END: Sql = sql!("UPDATE sheet SET state = 'applied' WHERE tenant_id = :tenant AND id = :id AND state = 'applying' AND done = total");
static UNDONE: Sql = sql!(
    "UPDATE sheet
    SET state = 'undone', undone_at = :now, undone_by = :actor
    WHERE tenant_id = :tenant AND id = :id AND state = 'applied'"
);

static NOTE: Sql = sql!(
    "INSERT INTO sheet_change (tenant_id, sheet_id, ordinal, subject_id, kind, label, was, version)
    VALUES (:tenant, :sheet, :ordinal, :subject, :kind, :label, :was, :version)"
);
static CHANGES: Sql = sql!(
    "SELECT subject_id, kind, label, was, version
    FROM sheet_change
    WHERE tenant_id = :tenant AND sheet_id = :sheet
    ORDER BY ordinal"
);

static REVISION: Sql = sql!("SELECT revision FROM tenant WHERE id = :tenant");
static LAST_POSITION: Sql = sql!(
    "SELECT position
    FROM fact
    WHERE tenant_id = :tenant AND position IS NOT NULL
    ORDER BY position DESC
    LIMIT 1"
);
static SEALED_SINCE: Sql = sql!(
    "SELECT place_id, organisation_id, subject_id, subject, command_id, position
    FROM fact
    WHERE tenant_id = :tenant AND position > :behind
    ORDER BY position
    LIMIT :portion"
);
static UNSEALED_SINCE: Sql = sql!(
    "SELECT place_id, organisation_id, subject_id, subject, command_id, position
    FROM fact
    WHERE tenant_id = :tenant AND recorded_at >= :since AND position IS NULL"
);

static FORGET: Sql = sql!("DELETE FROM sheet WHERE tenant_id = :tenant AND received_at < :before AND state = 'received'");
static FORGET_LINES: Sql = sql!(
    "UPDATE sheet
    SET lines = '[]'
    WHERE tenant_id = :tenant AND received_at < :before AND state IN ('applied', 'undone') AND lines <> '[]'"
);

/// The last twenty of a kind, the latest first.
pub async fn latest(store: &Store, tenant: TenantId, kind: SheetKind) -> Result<Vec<Import>> {
    store.all(&LATEST, args! { tenant: tenant, kind: kind, before: Uuid::max() }).await
}

/// As [`latest`], of those that one person brought in.
pub async fn latest_of(store: &Store, tenant: TenantId, kind: SheetKind, by: AccountId) -> Result<Vec<Import>> {
    store.all(&LATEST_OF, args! { tenant: tenant, kind: kind, by: by, before: Uuid::max() }).await
}

/// One of a kind; 404 when there is none.
pub async fn import(store: &Store, tenant: TenantId, kind: SheetKind, id: SheetId) -> Result<Import> {
    let row: Import = store.one(&FIND, args! { tenant: tenant, id: id }).await?;
    ensure(row.kind == kind, Error::not_found())?;
    Ok(row)
}

/// What lines came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub added: i64,
    pub changed: i64,
    pub same: i64,
    pub wrong: i64,
}

impl Counts {
    pub fn of(plan: &[Planned]) -> Counts {
        let mut counts = Counts::default();
        for line in plan {
            match line.becomes {
                Becomes::New => counts.added += 1,
                Becomes::Changed => counts.changed += 1,
                Becomes::Same => counts.same += 1,
                Becomes::Wrong => counts.wrong += 1,
            }
        }
        counts
    }
    /// Errors: 500 when what was kept is no such JSON.
    pub fn read(text: Option<&str>) -> Result<Counts> {
        text.map_or(Ok(Counts::default()), |text| serde_json::from_str(text).map_err(Error::internal))
    }
}

/// One batch of an import.
#[derive(Debug, Clone)]
pub struct Work {
    pub sheet: SheetId,
    pub kind: SheetKind,
    /// The whole plan, as it is kept; with the first batch alone.
    pub plan: Option<String>,
    /// The tenant's revision that the plan was made at, where it must still be so.
    pub revision: Option<i64>,
    pub rows: Vec<Planned>,
    pub from: usize,
    pub total: usize,
    /// Of everything up to the end of this batch.
    pub counts: Counts,
}

text_enum! {
    /// What became of a thing.
    pub enum ChangeKind {
        Created = "created",
        Edited = "edited",
    }
}

/// What one import did to one thing.
#[derive(Debug, Clone)]
pub struct Change {
    pub subject: Uuid,
    pub kind: ChangeKind,
    /// How people call it.
    pub label: String,
    pub was: Option<String>,
    /// Its version since.
    pub version: i64,
}

impl Change {
    /// What it was before. Errors: 500 when it was kept as something else.
    pub fn was<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(self.was.as_deref().unwrap_or("null")).map_err(Error::internal)
    }
}

/// What a batch did so far.
#[derive(Debug, Default)]
pub struct Log {
    /// What was made of a line, for lines that stand below it.
    pub made: HashMap<u64, Uuid>,
    changes: Vec<Change>,
}

impl Log {
    pub fn created(&mut self, line: u64, subject: Uuid, label: &str, version: i64) {
        self.made.insert(line, subject);
        self.changes.push(Change { subject, kind: ChangeKind::Created, label: label.to_owned(), was: None, version });
    }
    /// Errors: 500 when what it was cannot be written as JSON.
    pub fn edited(&mut self, subject: Uuid, label: &str, was: &impl Serialize, version: i64) -> Result<()> {
        let was = Some(serde_json::to_string(was).map_err(Error::internal)?);
        self.changes.push(Change { subject, kind: ChangeKind::Edited, label: label.to_owned(), was, version });
        Ok(())
    }
}

impl Log {
    /// Keeps what was done, in its order from this number on.
    pub fn write(self, tx: &mut Write<'_>, sheet: SheetId, from: usize) {
        let tenant = tx.tenant();
        for (ordinal, change) in (from..).zip(self.changes) {
            let Change { subject, kind, label, was, version } = change;
            let at = args! { tenant: tenant, sheet: sheet, ordinal: count(ordinal), subject: subject, kind: kind };
            tx.later(&NOTE, at.with("label", label).with("was", was).with("version", version));
        }
    }
}

/// How a kind is written and taken back; the value holds what that needs beside the line.
pub trait Writes: Send + Sync + 'static {
    type Verb: Verb;
    /// Whether facts since then that name what was made stand against taking it back; where they do, [`undo_held`] does that.
    const HELD_BY_FACTS: bool;

    /// Writes a line that changes something.
    fn write<'a>(
        &'a self,
        by: &'a Permit<Self::Verb>,
        tx: &'a mut Write<'_>,
        line: &'a Planned,
        log: &'a mut Log,
    ) -> BoxFuture<'a, Result<()>>;
    /// Takes one thing back; a conflict says that it cannot be.
    fn take_back<'a>(&'a self, by: &'a Permit<Self::Verb>, tx: &'a mut Write<'_>, change: &'a Change) -> BoxFuture<'a, Result<()>>;
}

/// Applies one batch of an import.
///
/// Errors: 404, `sheet.done`, `sheet.stale` when something changed since the plan was looked at, those of the kind.
pub struct Apply<K: Writes> {
    pub by: Permit<K::Verb>,
    pub work: Work,
    pub writes: K,
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

impl<K: Writes> Command for Apply<K> {
    const KIND: &'static str = "sheet.apply";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Apply { by, work, writes } = self;
        let (tenant, now, actor, command) = (tx.tenant(), tx.now(), tx.actor(), tx.command_id());
        let row: Import = tx.one(&FIND, args! { tenant: tenant, id: work.sheet }).await?;
        ensure(row.kind == work.kind, Error::not_found())?;
        if let Some(seen) = work.revision {
            let (revision,) = tx.one::<(i64,)>(&REVISION, args! { tenant: tenant }).await?;
            ensure(revision == seen, STALE)?;
        }
        if let Some(plan) = &work.plan {
            let behind = tx.opt::<(i64,)>(&LAST_POSITION, args! { tenant: tenant }).await?.map_or(-1, |(position,)| position);
            let args = args! {
                tenant: tenant, id: work.sheet, plan: plan, now: now, actor: actor, behind: behind, command: command, total: count(work.total),
            };
            tx.change_one(&BEGIN, args).await?.or(DONE)?;
        }
        let to = work.from + work.rows.len();
        let counts = serde_json::to_string(&work.counts).map_err(Error::internal)?;
        let args = args! { tenant: tenant, id: work.sheet, from: count(work.from), to: count(to), counts: counts };
        tx.change_one(&ADVANCE, args).await?.or(DONE)?;
        let mut log = Log::default();
        for line in work.rows.iter().filter(|line| line.changes()) {
            writes.write(by, tx, line, &mut log).await?;
        }
        log.write(tx, work.sheet, work.from);
        if to == work.total {
            tx.change_one(&END, args! { tenant: tenant, id: work.sheet }).await?.or(DONE)?;
            let Counts { added, changed, same, wrong } = work.counts;
            tx.fact(SheetApplied { sheet: work.sheet, kind: work.kind, added, changed, same, wrong })?;
        }
        tx.bump_revision();
        Ok(())
    }
}

/// Takes back all that an import did.
///
/// Errors: 404, `sheet.done`, and with the thing as `name`: `sheet.changed_since`, `sheet.depends` (`what` names the subject of
/// what stands against it).
pub struct Undo<K: Writes> {
    pub by: Permit<K::Verb>,
    pub sheet: SheetId,
    pub kind: SheetKind,
    pub writes: K,
}

impl<K: Writes> Undo<K> {
    /// The facts that were sealed up to `looked` were looked through already for what stands against it.
    async fn whole(&self, tx: &mut Write<'_>, looked: i64) -> Result<()> {
        let (tenant, now, actor) = (tx.tenant(), tx.now(), tx.actor());
        let row: Import = tx.one(&FIND, args! { tenant: tenant, id: self.sheet }).await?;
        ensure(row.kind == self.kind, Error::not_found())?;
        ensure(row.state == SheetState::Applied, DONE)?;
        let changes = changes_of(tx.all::<Kept>(&CHANGES, args! { tenant: tenant, sheet: self.sheet }).await?);
        if K::HELD_BY_FACTS {
            nothing_depends(tx, &row, &changes, looked).await?;
        }
        // What came last goes first: what hangs below something goes before it.
        for change in changes.iter().rev() {
            self.writes.take_back(&self.by, tx, change).await.map_err(|error| match error.kind() {
                Kind::Conflict | Kind::Invalid | Kind::NotFound if !error.is(DEPENDS) => CHANGED_SINCE.err().arg("name", &change.label),
                _ => error,
            })?;
        }
        tx.change_one(&UNDONE, args! { tenant: tenant, id: self.sheet, now: now, actor: actor }).await?.or(DONE)?;
        tx.fact(SheetUndone { sheet: self.sheet, kind: self.kind, rows: count(changes.len()) })?;
        tx.bump_revision();
        Ok(())
    }
}

impl<K: Writes> Command for Undo<K> {
    const KIND: &'static str = "sheet.undo";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        self.whole(tx, -1).await
    }
}

/// [`Undo`] where the facts sealed up to a position were looked through before anything was locked.
struct UndoLooked<K: Writes> {
    undo: Undo<K>,
    looked: i64,
}

impl<K: Writes> Command for UndoLooked<K> {
    const KIND: &'static str = "sheet.undo";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        self.undo.whole(tx, self.looked).await
    }
}

/// Runs [`Undo`] for a kind that facts stand against: months of them are looked through before anything is locked, so that the
/// command itself reads no more than what came in between.
///
/// Errors: as [`Undo`].
pub async fn undo_held<K: Writes>(store: &Store, pass: Pass, undo: Undo<K>) -> Result<()> {
    let looked = look_through(store, pass.tenant, undo.kind, undo.sheet, PORTION).await?;
    store.run(pass, UndoLooked { undo, looked }).await.map(drop)
}

/// Looks the facts that were sealed since an import through, a portion at a time, for what names a thing that it made; up to
/// which position.
///
/// Errors: 404, `sheet.depends`.
pub(crate) async fn look_through(store: &Store, tenant: TenantId, kind: SheetKind, sheet: SheetId, portion: i64) -> Result<i64> {
    let row = import(store, tenant, kind, sheet).await?;
    let mut behind = row.applied_behind.unwrap_or(-1);
    // What is not there to be taken back is the command's to refuse, or to answer as it did the first time.
    if row.state != SheetState::Applied {
        return Ok(behind);
    }
    let changes = changes_of(store.all::<Kept>(&CHANGES, args! { tenant: tenant, sheet: sheet }).await?);
    let made = made_by(&changes);
    if made.is_empty() {
        return Ok(behind);
    }
    loop {
        let facts = store.all::<Naming>(&SEALED_SINCE, args! { tenant: tenant, behind: behind, portion: portion }).await?;
        none_names(&row, &made, &facts)?;
        let Some(last) = facts.last().and_then(|fact| fact.position) else { return Ok(behind) };
        behind = last;
    }
}

type Kept = (Uuid, ChangeKind, String, Option<String>, i64);

fn changes_of(kept: Vec<Kept>) -> Vec<Change> {
    let change = |(subject, kind, label, was, version): Kept| Change { subject, kind, label, was, version };
    kept.into_iter().map(change).collect()
}

/// The things that an import made.
fn made_by(changes: &[Change]) -> HashMap<Uuid, &Change> {
    changes.iter().filter(|change| change.kind == ChangeKind::Created).map(|change| (change.subject, change)).collect()
}

store::row! {
    /// A fact, as far as it names things.
    struct Naming {
        place_id: Option<PlaceId>,
        organisation_id: Option<OrganisationId>,
        subject_id: Uuid,
        subject: String,
        command_id: CommandId,
        position: Option<i64>,
    }
}

/// Refuses where one of these facts names a thing that the import made, and is not of the import itself.
fn none_names(row: &Import, made: &HashMap<Uuid, &Change>, facts: &[Naming]) -> Result<()> {
    for fact in facts.iter().filter(|fact| Some(fact.command_id) != row.applied_command) {
        let named = [fact.place_id.map(|place| place.0), fact.organisation_id.map(|unit| unit.0), Some(fact.subject_id)];
        if let Some(change) = named.into_iter().flatten().find_map(|id| made.get(&id)) {
            return Err(DEPENDS.err().arg("name", &change.label).arg("what", &fact.subject));
        }
    }
    Ok(())
}

async fn nothing_depends(tx: &mut Write<'_>, row: &Import, changes: &[Change], looked: i64) -> Result<()> {
    let tenant = tx.tenant();
    let made = made_by(changes);
    if made.is_empty() {
        return Ok(());
    }
    let mut behind = row.applied_behind.unwrap_or(-1).max(looked);
    loop {
        let facts = tx.all::<Naming>(&SEALED_SINCE, args! { tenant: tenant, behind: behind, portion: PORTION }).await?;
        none_names(row, &made, &facts)?;
        let Some(last) = facts.last().and_then(|fact| fact.position) else { break };
        behind = last;
    }
    let since = row.applied_at.unwrap_or(row.received_at);
    none_names(row, &made, &tx.all::<Naming>(&UNSEALED_SINCE, args! { tenant: tenant, since: since }).await?)
}

/// The refusal to take a thing back that a role is held on.
pub fn held_by_role(change: &Change) -> Error {
    DEPENDS.err().arg("name", &change.label).arg("what", "role")
}

/// Forgets tables that nobody applied within a day, and the lines of those that were applied: they hold names and numbers.
pub async fn sweep(store: &Store, tenant: TenantId) -> Result<()> {
    let before = store.world().now().plus_seconds(-KEPT_SECONDS);
    store.housekeep(&FORGET, args! { tenant: tenant, before: before }).await?;
    store.housekeep(&FORGET_LINES, args! { tenant: tenant, before: before }).await?;
    Ok(())
}
