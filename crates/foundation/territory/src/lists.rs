//! An official list of places laid over the places known: received, looked at, applied in one command, and undone as a whole.
//!
//! What a list changed keeps its former code and name, by which it is still found. Undoing puts back every place as it was; it
//! is refused, with the name of what stands against it, once somebody changed such a place or anything names a new one.

use crate::comparing::{Above, Changed, Known, Plan, compare};
use crate::facts::{PlaceEdited, PlaceListApplied, PlaceListReceived, PlaceListUndone, PlaceReopened};
use crate::import::{PlaceFile, PlaceLine, ROOT_CODE};
use crate::place::{Place, PlaceKind, path_end};
use crate::places::{self, PlaceDetails, find, free_code, free_name, insert, lock_tree};
use crate::verbs::ManageTerritory;
use access::Permit;
use kernel::identifiers::PlaceCode;
use kernel::ids::{AccountId, CommandId, PlaceId, Uuid};
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use store::{Command, Sql, Store, Write, args, sql, text_enum};

kernel::id!(
    /// An official list of places that was received.
    PlaceListId,
);
store::id_values!(PlaceListId);

/// Places were changed since somebody looked at what the list would do.
pub const STALE: Code = Code::conflict("place_list.stale");
/// It was applied already, or undone.
pub const DONE: Code = Code::conflict("place_list.done");
/// The list has no line of this territory.
pub const NOTHING: Code = Code::invalid("place_list.nothing");
/// A list that came later must be undone first.
pub const LATER: Code = Code::conflict("place_list.later");
/// Somebody changed a place since.
pub const CHANGED_SINCE: Code = Code::conflict("place_list.changed_since");
/// Something names a place that the list made.
pub const DEPENDS: Code = Code::conflict("place_list.depends");
/// Another place has the former name or code by now.
pub const TAKEN: Code = Code::conflict("place_list.taken");

text_enum! {
    /// Where a list stands.
    pub enum ListState {
        Received = "received",
        Applied = "applied",
        Undone = "undone",
    }
}

text_enum! {
    /// What became of a place.
    enum ChangeKind {
        Created = "created",
        Edited = "edited",
        Closed = "closed",
    }
}

store::row! {
    /// A list without its lines.
    #[derive(Debug, Clone)]
    pub struct ListRow {
        pub id: PlaceListId,
        pub root_id: PlaceId,
        pub state: ListState,
        pub received_at: Instant,
        pub received_by: Option<AccountId>,
        pub applied_at: Option<Instant>,
        pub applied_behind: Option<i64>,
        pub applied_command: Option<CommandId>,
    }
}

static LISTS: Sql = sql!(
    "SELECT id, root_id, state, received_at, received_by, applied_at, applied_behind, applied_command
    FROM place_list
    WHERE tenant_id = :tenant AND id >= :first
    ORDER BY id"
);

static LIST: Sql = sql!(
    "SELECT id, root_id, state, received_at, received_by, applied_at, applied_behind, applied_command
    FROM place_list
    WHERE tenant_id = :tenant AND id = :id"
);

static LINES: Sql = sql!("SELECT lines FROM place_list WHERE tenant_id = :tenant AND id = :id");
static PLAN: Sql = sql!("SELECT plan FROM place_list WHERE tenant_id = :tenant AND id = :id");

static RECEIVE: Sql = sql!(
    "INSERT INTO place_list (tenant_id, id, root_id, state, lines, received_at, received_by)
    VALUES (:tenant, :id, :root, 'received', :lines, :now, :actor)"
);

static APPLIED: Sql = sql!(
    "UPDATE place_list
    SET state = 'applied', plan = :plan, applied_at = :now, applied_behind = :behind, applied_command = :command
    WHERE tenant_id = :tenant AND id = :id AND state = 'received'"
);

static UNDONE: Sql = sql!("UPDATE place_list SET state = 'undone' WHERE tenant_id = :tenant AND id = :id AND state = 'applied'");

static OPEN: Sql = sql!(
    "SELECT id, parent_id, level, kind, number, path, code, name, name_en, initials, lng_e7, lat_e7, households,
        urban_rural, state, version
    FROM place
    WHERE tenant_id = :tenant AND path > '' AND state = 'open'
    ORDER BY path"
);

static FORMER: Sql = sql!(
    "SELECT place_id, code, name
    FROM former_name
    WHERE tenant_id = :tenant AND list_id >= :first
    ORDER BY list_id, place_id"
);

static INSERT_FORMER: Sql = sql!(
    "INSERT INTO former_name (tenant_id, list_id, place_id, code, name)
    VALUES (:tenant, :list, :place, :code, :name)"
);

static CLEAR_FORMER: Sql = sql!("DELETE FROM former_name WHERE tenant_id = :tenant AND list_id = :list");

static INSERT_CHANGE: Sql = sql!(
    "INSERT INTO place_list_change (tenant_id, list_id, ordinal, place_id, kind, was, version)
    VALUES (:tenant, :list, :ordinal, :place, :kind, :was, :version)"
);

static CHANGES: Sql = sql!(
    "SELECT place_id, kind, was, version
    FROM place_list_change
    WHERE tenant_id = :tenant AND list_id = :list
    ORDER BY ordinal"
);

// Two places that change names would meet in the unique indexes; so each lets go first, and gets what is new to it then.
static LET_GO: Sql = sql!("UPDATE place SET code = NULL, name = :hidden WHERE tenant_id = :tenant AND id = :id AND state = 'open'");

static RENAME: Sql = sql!(
    "UPDATE place
    SET kind = :kind, code = :code, name = :name, initials = :initials, urban_rural = :urban_rural, version = version + 1
    WHERE tenant_id = :tenant AND id = :id AND state = 'open'"
);

static REOPEN: Sql = sql!(
    "UPDATE place
    SET state = 'open', version = version + 1
    WHERE tenant_id = :tenant AND id = :id AND state = 'closed'"
);

static CHILDREN: Sql = sql!("SELECT id FROM place WHERE tenant_id = :tenant AND parent_id = :id AND state = 'open'");

static LAST_POSITION: Sql = sql!(
    "SELECT position
    FROM fact
    WHERE tenant_id = :tenant AND position IS NOT NULL
    ORDER BY position DESC
    LIMIT 1"
);

static SEALED_SINCE: Sql = sql!(
    "SELECT place_id, subject, command_id
    FROM fact
    WHERE tenant_id = :tenant AND position > :behind AND place_id IS NOT NULL"
);

static UNSEALED_SINCE: Sql = sql!(
    "SELECT place_id, subject, command_id
    FROM fact
    WHERE tenant_id = :tenant AND recorded_at >= :since AND position IS NULL AND place_id IS NOT NULL"
);

/// All lists, the latest first.
pub async fn lists(store: &Store, tenant: TenantId) -> Result<Vec<ListRow>> {
    let mut rows = store.all::<ListRow>(&LISTS, args! { tenant: tenant, first: Uuid::nil() }).await?;
    rows.reverse();
    Ok(rows)
}

/// A list with what it would do now, or did; the lines that could not be followed are in it.
///
/// Errors: 404, `import.root_code`.
pub async fn list(store: &Store, tenant: TenantId, id: PlaceListId) -> Result<(ListRow, Plan)> {
    let row = store.one::<ListRow>(&LIST, args! { tenant: tenant, id: id }).await?;
    let (kept,) = store.one::<(Option<String>,)>(&PLAN, args! { tenant: tenant, id: id }).await?;
    if let Some(kept) = kept {
        return Ok((row, serde_json::from_str(&kept).map_err(Error::internal)?));
    }
    let (lines,) = store.one::<(String,)>(&LINES, args! { tenant: tenant, id: id }).await?;
    let open = store.all::<Place>(&OPEN, args! { tenant: tenant }).await?;
    let former = former(store, tenant).await?;
    Ok((row, plan_of(&open, &former, &lines)?))
}

/// What places were called before a list changed them: place, code, name; the oldest first.
pub async fn former(store: &Store, tenant: TenantId) -> Result<Vec<(PlaceId, Option<String>, String)>> {
    store.all(&FORMER, args! { tenant: tenant, first: Uuid::nil() }).await
}

/// As [`former`], inside a command.
pub(crate) async fn former_within(tx: &mut Write<'_>) -> Result<Vec<(PlaceId, Option<String>, String)>> {
    let tenant = tx.tenant();
    tx.all(&FORMER, args! { tenant: tenant, first: Uuid::nil() }).await
}

/// Former codes with their places, inside a command.
pub(crate) async fn former_codes(tx: &mut Write<'_>) -> Result<Vec<(PlaceId, String)>> {
    Ok(former_within(tx).await?.into_iter().filter_map(|(place, code, _)| Some((place, code?))).collect())
}

fn root_code(open: &[Place]) -> Result<PlaceCode> {
    let code = open.first().and_then(|root| root.code.as_deref()).and_then(|code| PlaceCode::parse(code).ok());
    code.ok_or_else(|| ROOT_CODE.err())
}

fn plan_of(open: &[Place], former: &[(PlaceId, Option<String>, String)], lines: &str) -> Result<Plan> {
    let root_code = root_code(open)?;
    let known = |place: &Place| Known {
        id: place.id,
        parent: place.parent_id,
        level: place.level,
        kind: place.kind,
        urban_rural: place.urban_rural.clone(),
        code: place.code.clone(),
        name: place.name.clone(),
    };
    let known: Vec<Known> = open.iter().map(known).collect();
    let is_open: HashSet<PlaceId> = known.iter().map(|place| place.id).collect();
    let codes = former.iter().filter(|(place, ..)| is_open.contains(place));
    let former: HashMap<String, PlaceId> = codes.filter_map(|(place, code, _)| Some((code.clone()?, *place))).collect();
    let file: PlaceFile = serde_json::from_str(lines).map_err(Error::internal)?;
    let mut plan = compare(&root_code, &known, &former, &file.lines);
    plan.rejected.extend(file.rejected);
    plan.rejected.sort_by_key(|note| note.line);
    Ok(plan)
}

/// Keeps a list that was read, to be looked at before it is applied.
///
/// Errors: `import.root_code`, `place_list.nothing`.
pub struct ReceiveList {
    pub by: Permit<ManageTerritory>,
    pub file: PlaceFile,
}

impl Command for ReceiveList {
    const KIND: &'static str = "place_list.receive";
    type Out = PlaceListId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<PlaceListId> {
        let (tenant, now, actor) = (tx.tenant(), tx.now(), tx.actor());
        let open = tx.all::<Place>(&OPEN, args! { tenant: tenant }).await?;
        let code = root_code(&open)?;
        let root = open.first().ok_or_else(Error::not_found)?.id;
        let own: Vec<PlaceLine> = self.file.lines.iter().filter(|line| line.code.is_within(&code)).cloned().collect();
        ensure(own.iter().any(|line| line.code != code), NOTHING)?;
        let count = i64::try_from(own.len()).unwrap_or(i64::MAX);
        let file = PlaceFile { lines: own, rejected: self.file.rejected.iter().take(200).cloned().collect() };
        let lines = serde_json::to_string(&file).map_err(Error::internal)?;
        let hash = kernel::canonical::hex(&kernel::canonical::content_hash(lines.as_bytes()));
        let id: PlaceListId = tx.new_id();
        tx.exec(&RECEIVE, args! { tenant: tenant, id: id, root: root, lines: lines, now: now, actor: actor }).await?;
        tx.fact(PlaceListReceived { list: id, root, lines: count, hash })?;
        Ok(id)
    }
}

/// What a place was before a list changed it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Was {
    parent: Option<PlaceId>,
    kind: Option<PlaceKind>,
    urban_rural: Option<String>,
    code: Option<String>,
    name: String,
}

impl Was {
    fn of(place: &Place) -> Was {
        Was {
            parent: place.parent_id,
            kind: place.kind,
            urban_rural: place.urban_rural.clone(),
            code: place.code.clone(),
            name: place.name.clone(),
        }
    }
}

/// Lays a list over the places known, as the plan with this digest says.
///
/// Errors: 404, `place_list.done`, `place_list.stale` when places were changed since the plan was looked at.
pub struct ApplyList {
    pub by: Permit<ManageTerritory>,
    pub list: PlaceListId,
    pub digest: String,
}

/// The rows of what a list changes, as they are written.
struct Log {
    list: PlaceListId,
    ordinal: i64,
}

impl Log {
    fn note(&mut self, tx: &mut Write<'_>, place: PlaceId, kind: ChangeKind, was: Option<&Was>, version: i64) -> Result<()> {
        let was = was.map(serde_json::to_string).transpose().map_err(Error::internal)?;
        let tenant = tx.tenant();
        let args = args! {
            tenant: tenant, list: self.list, ordinal: self.ordinal, place: place, kind: kind, was: was, version: version,
        };
        tx.later(&INSERT_CHANGE, args);
        self.ordinal += 1;
        Ok(())
    }
}

/// Writes what a place is from now on. The name and the code are free by now.
async fn rename(tx: &mut Write<'_>, place: PlaceId, version: i64, is: &Was) -> Result<()> {
    let tenant = tx.tenant();
    let args = args! {
        tenant: tenant, id: place, kind: is.kind, code: is.code, name: is.name, initials: kernel::words::initials(&is.name),
        urban_rural: is.urban_rural,
    };
    tx.change_one(&RENAME, args).await?.or(STALE)?;
    tx.fact(PlaceEdited { place, code: is.code.clone(), version })
}

impl Command for ApplyList {
    const KIND: &'static str = "place_list.apply";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        lock_tree(tx).await?;
        let (tenant, now, command) = (tx.tenant(), tx.now(), tx.command_id());
        let row: ListRow = tx.one(&LIST, args! { tenant: tenant, id: self.list }).await?;
        ensure(row.state == ListState::Received, DONE)?;
        let (lines,) = tx.one::<(String,)>(&LINES, args! { tenant: tenant, id: self.list }).await?;
        let open = tx.all::<Place>(&OPEN, args! { tenant: tenant }).await?;
        let former = tx.all::<(PlaceId, Option<String>, String)>(&FORMER, args! { tenant: tenant, first: Uuid::nil() }).await?;
        let plan = plan_of(&open, &former, &lines)?;
        ensure(plan.digest()? == self.digest && !plan.is_empty(), STALE)?;
        let at: HashMap<PlaceId, &Place> = open.iter().map(|place| (place.id, place)).collect();
        let place_of = |id: PlaceId| at.get(&id).copied().ok_or_else(|| Error::internal("a plan about an unknown place"));
        let behind = tx.opt::<(i64,)>(&LAST_POSITION, args! { tenant: tenant }).await?.map_or(-1, |(position,)| position);
        let mut log = Log { list: self.list, ordinal: 0 };
        for gone in &plan.gone {
            let place = place_of(gone.place)?;
            places::close(tx, place.id, place.version).await?;
            log.note(tx, place.id, ChangeKind::Closed, Some(&Was::of(place)), place.version + 1)?;
        }
        for change in &plan.changed {
            tx.later(&LET_GO, args! { tenant: tenant, id: change.place, hidden: change.place.to_string() });
        }
        // New places by level, so that each finds the one above it.
        let mut made: HashMap<String, PlaceId> = HashMap::new();
        for new in &plan.new {
            let parent = match &new.above {
                Above::Known(id) => *id,
                Above::New(code) => *made.get(code).ok_or_else(|| Error::internal("a new place above another is missing"))?,
            };
            let parent = find(tx, parent).await?;
            let details = PlaceDetails {
                kind: new.place.kind,
                code: Some(new.place.code.as_str().to_owned()),
                name: new.place.name.clone(),
                point: new.place.point,
                urban_rural: new.place.urban_rural.clone(),
                ..PlaceDetails::default()
            };
            let (id, _) = insert(tx, Some((parent.id, parent.path.as_str())), new.level, &details).await?;
            made.insert(new.place.code.as_str().to_owned(), id);
            log.note(tx, id, ChangeKind::Created, None, 1)?;
        }
        for change in &plan.changed {
            let place = place_of(change.place)?;
            let version = self.change(tx, change, place, &made).await?;
            log.note(tx, place.id, ChangeKind::Edited, Some(&Was::of(place)), version)?;
        }
        let plan_text = serde_json::to_string(&plan).map_err(Error::internal)?;
        let args = args! { tenant: tenant, id: self.list, plan: plan_text, now: now, behind: behind, command: command };
        tx.change_one(&APPLIED, args).await?.or(DONE)?;
        let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        tx.fact(PlaceListApplied {
            list: self.list,
            root: row.root_id,
            created: count(plan.new.len()),
            changed: count(plan.changed.len()),
            closed: count(plan.gone.len()),
            kept: count(plan.kept.len()),
            rejected: count(plan.rejected.len()),
        })?;
        tx.bump_revision();
        Ok(())
    }
}

impl ApplyList {
    /// Makes one place what the list says; gives its version since.
    async fn change(&self, tx: &mut Write<'_>, change: &Changed, place: &Place, made: &HashMap<String, PlaceId>) -> Result<i64> {
        let mut version = place.version;
        if let Some((_, to)) = &change.parent {
            let parent = match to {
                Above::Known(id) => *id,
                Above::New(code) => *made.get(code).ok_or_else(|| Error::internal("a new place above another is missing"))?,
            };
            let (own, parent) = (find(tx, place.id).await?, find(tx, parent).await?);
            places::rehang(tx, &own, &parent).await?;
            version += 1;
        }
        let is = Was {
            parent: None,
            kind: change.kind.map_or(place.kind, |(_, kind)| kind),
            urban_rural: change.urban_rural.clone().map_or(place.urban_rural.clone(), |(_, it)| it),
            code: change.code.clone().map(|(_, code)| code).or(place.code.clone()),
            name: change.name.clone().map_or(place.name.clone(), |(_, name)| name),
        };
        version += 1;
        rename(tx, place.id, version, &is).await?;
        if change.code.is_some() || change.name.is_some() {
            let tenant = tx.tenant();
            let code = place.code.clone().filter(|_| change.code.is_some());
            tx.later(&INSERT_FORMER, args! { tenant: tenant, list: self.list, place: place.id, code: code, name: place.name });
        }
        Ok(version)
    }
}

/// Takes back all that a list did: its new places are closed, those it closed are open again, the others are as they were.
///
/// Errors: 404, `place_list.done`, `place_list.later`, and with the place's name as `place`: `place_list.changed_since`,
/// `place_list.depends` (`what` names the subject of what stands against it), `place_list.taken`.
pub struct UndoList {
    pub by: Permit<ManageTerritory>,
    pub list: PlaceListId,
}

impl Command for UndoList {
    const KIND: &'static str = "place_list.undo";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        lock_tree(tx).await?;
        let tenant = tx.tenant();
        let lists = tx.all::<ListRow>(&LISTS, args! { tenant: tenant, first: Uuid::nil() }).await?;
        let row = lists.iter().find(|row| row.id == self.list).ok_or_else(Error::not_found)?;
        ensure(row.state == ListState::Applied, DONE)?;
        let later = |other: &ListRow| other.state == ListState::Applied && other.id != row.id && other.applied_at > row.applied_at;
        ensure(!lists.iter().any(later), LATER)?;
        let mut changes: Vec<(Place, ChangeKind, Option<Was>)> = Vec::new();
        for (place, kind, was, version) in
            tx.all::<(PlaceId, ChangeKind, Option<String>, i64)>(&CHANGES, args! { tenant: tenant, list: self.list }).await?
        {
            let place = find(tx, place).await?;
            ensure(place.version == version, CHANGED_SINCE.err().arg("place", &place.name))?;
            let was: Option<Was> = was.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)?;
            changes.push((place, kind, was));
        }
        nothing_depends(tx, row, &changes).await?;
        for (place, ..) in changes.iter().filter(|(_, kind, _)| *kind == ChangeKind::Created) {
            places::close(tx, place.id, place.version).await?;
        }
        for (place, ..) in changes.iter().filter(|(_, kind, _)| *kind == ChangeKind::Edited) {
            tx.later(&LET_GO, args! { tenant: tenant, id: place.id, hidden: place.id.to_string() });
        }
        // From above, so that each finds the one above it open and where it was.
        changes.sort_by_key(|(place, ..)| place.level);
        for (place, kind, was) in &changes {
            let Some(was) = was else { continue };
            if free_name(tx, was.parent, &was.name, Some(place.id)).await.is_err()
                || free_code(tx, was.code.as_deref(), Some(place.id)).await.is_err()
            {
                return Err(TAKEN.err().arg("place", &was.name));
            }
            if *kind == ChangeKind::Closed {
                tx.change_one(&REOPEN, args! { tenant: tenant, id: place.id }).await?.or(STALE)?;
                tx.fact(PlaceReopened { place: place.id })?;
                continue;
            }
            let mut version = place.version + 1;
            if let Some(parent) = was.parent.filter(|parent| place.parent_id != Some(*parent)) {
                let (own, parent) = (find(tx, place.id).await?, find(tx, parent).await?);
                places::rehang(tx, &own, &parent).await?;
                version += 1;
            }
            rename(tx, place.id, version, was).await?;
        }
        tx.exec(&CLEAR_FORMER, args! { tenant: tenant, list: self.list }).await?;
        tx.change_one(&UNDONE, args! { tenant: tenant, id: self.list }).await?.or(DONE)?;
        let places = i64::try_from(changes.len()).unwrap_or(i64::MAX);
        tx.fact(PlaceListUndone { list: self.list, root: row.root_id, places })?;
        tx.bump_revision();
        Ok(())
    }
}

/// Refuses when anything but the list itself names one of its new places: a fact since, a role, a place below.
async fn nothing_depends(tx: &mut Write<'_>, row: &ListRow, changes: &[(Place, ChangeKind, Option<Was>)]) -> Result<()> {
    let tenant = tx.tenant();
    let made: HashMap<PlaceId, &Place> =
        changes.iter().filter(|(_, kind, _)| *kind == ChangeKind::Created).map(|(place, ..)| (place.id, place)).collect();
    if made.is_empty() {
        return Ok(());
    }
    let depends = |place: &Place, what: &str| Err(DEPENDS.err().arg("place", &place.name).arg("what", what));
    let (behind, since) = (row.applied_behind.unwrap_or(-1), row.applied_at.unwrap_or(row.received_at));
    let mut facts = tx.all::<(PlaceId, String, CommandId)>(&SEALED_SINCE, args! { tenant: tenant, behind: behind }).await?;
    facts.extend(tx.all::<(PlaceId, String, CommandId)>(&UNSEALED_SINCE, args! { tenant: tenant, since: since }).await?);
    for (place, subject, command) in facts {
        if let Some(place) = made.get(&place)
            && Some(command) != row.applied_command
        {
            return depends(place, &subject);
        }
    }
    // What the list itself moved or made goes back or away with the rest.
    let own: HashSet<PlaceId> = changes.iter().map(|(place, ..)| place.id).collect();
    for place in made.values() {
        let below = tx.all::<(PlaceId,)>(&CHILDREN, args! { tenant: tenant, id: place.id }).await?;
        if below.iter().any(|(child,)| !own.contains(child)) {
            return depends(place, "place");
        }
        if access::giving::is_scope(tx, &place.path, &path_end(&place.path)).await? {
            return depends(place, "role");
        }
    }
    Ok(())
}
