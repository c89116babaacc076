//! Creating, editing, moving and closing places.

use crate::facts::{PlaceClosed, PlaceCreated, PlaceEdited, PlaceMoved};
use crate::fields::{self, at_field};
use crate::place::{Level, Place, PlaceKind, State, checked_code, path_below, path_end};
use crate::verbs::ManageTerritory;
use access::Permit;
use kernel::coordinates::Point;
use kernel::ids::PlaceId;
use kernel::{Code, Error, Result, TenantId, ensure};
use store::{Command, Sql, Store, Write, args, sql};

/// The level does not go below the parent's.
pub const LEVEL: Code = Code::invalid("place.level");
/// Every place but the root needs a parent, and the root is there already.
pub const PARENT_MISSING: Code = Code::invalid("place.parent_missing");
pub const PARENT_CLOSED: Code = Code::conflict("place.parent_closed");
/// A place cannot hang below itself.
pub const INSIDE_ITSELF: Code = Code::invalid("place.inside_itself");
pub const NAME_TAKEN: Code = Code::invalid("place.name_taken");
pub const CODE_TAKEN: Code = Code::invalid("place.code_taken");
pub const HAS_PLACES: Code = Code::conflict("place.has_places");
pub const IS_ROOT: Code = Code::conflict("place.is_root");
pub const STALE: Code = Code::conflict("place.stale");
pub const HOUSEHOLDS: Code = Code::invalid("place.households");

/// No place has more households than a large town.
pub(crate) const MAX_HOUSEHOLDS: i64 = 1_000_000;

static FIND: Sql = sql!(
    "SELECT id, parent_id, level, kind, number, path, code, name, name_en, initials, lng_e7, lat_e7, households,
        urban_rural, state, version
    FROM place
    WHERE tenant_id = :tenant AND id = :id"
);

static ROOT: Sql = sql!(
    "SELECT id
    FROM place
    WHERE tenant_id = :tenant AND path > ''
    ORDER BY path
    LIMIT 1"
);

static NAMED: Sql = sql!(
    "SELECT id
    FROM place
    WHERE tenant_id = :tenant AND parent_id = :parent AND name = :name AND state = 'open'"
);

static CODED: Sql = sql!(
    "SELECT id
    FROM place
    WHERE tenant_id = :tenant AND code = :code AND state = 'open'"
);

static INSERT: Sql = sql!(
    "INSERT INTO place (tenant_id, id, parent_id, level, kind, number, path, code, name, name_en, initials, lng_e7, lat_e7, cell,
        households, urban_rural, state, version)
    VALUES (:tenant, :id, :parent, :level, :kind, :number, :path, :code, :name, :name_en, :initials, :lng, :lat, :cell,
        :households, :urban_rural, 'open', 1)"
);

static EDIT: Sql = sql!(
    "UPDATE place
    SET kind = :kind, code = :code, name = :name, name_en = :name_en, initials = :initials, lng_e7 = :lng, lat_e7 = :lat,
        cell = :cell, households = :households, version = version + 1
    WHERE tenant_id = :tenant AND id = :id AND version = :version AND state = 'open'"
);

static HANG: Sql = sql!(
    "UPDATE place
    SET parent_id = :parent, version = version + 1
    WHERE tenant_id = :tenant AND id = :id AND version = :version AND state = 'open'"
);

static REWRITE_PATHS: Sql = sql!(
    "UPDATE place
    SET path = :new || substr(path, length(CAST(:old AS TEXT)) + 1)
    WHERE tenant_id = :tenant AND path >= :old AND path < :old_end"
);

static OPEN_BELOW: Sql = sql!(
    "SELECT id
    FROM place
    WHERE tenant_id = :tenant AND parent_id = :id AND state = 'open'
    LIMIT 1"
);

static CLOSE: Sql = sql!(
    "UPDATE place
    SET state = 'closed', version = version + 1
    WHERE tenant_id = :tenant AND id = :id AND version = :version AND state = 'open'"
);

/// One place as it stands in the database; 404 when the tenant has none of this id.
pub async fn place(store: &Store, tenant: TenantId, id: PlaceId) -> Result<Place> {
    store.one(&FIND, args! { tenant: tenant, id: id }).await
}

pub(crate) async fn find(tx: &mut Write<'_>, id: PlaceId) -> Result<Place> {
    let tenant = tx.tenant();
    tx.one(&FIND, args! { tenant: tenant, id: id }).await
}

/// The tenant's own place, once it is there.
pub(crate) async fn root(tx: &mut Write<'_>) -> Result<Option<PlaceId>> {
    let tenant = tx.tenant();
    Ok(tx.opt::<(PlaceId,)>(&ROOT, args! { tenant: tenant }).await?.map(|(id,)| id))
}

/// What people say about a place.
#[derive(Debug, Clone, Default)]
pub struct PlaceDetails {
    pub kind: Option<PlaceKind>,
    pub code: Option<String>,
    pub name: String,
    pub name_en: Option<String>,
    pub point: Option<Point>,
    pub households: Option<i64>,
    /// The urban-rural classification, of an official list; an edit leaves it as it is.
    pub urban_rural: Option<String>,
}

impl PlaceDetails {
    pub fn named(name: &str) -> Self {
        PlaceDetails { name: name.to_owned(), ..PlaceDetails::default() }
    }

    /// Everything checked and tidied that can be without the database.
    fn checked(&self, level: Level) -> Result<PlaceDetails> {
        let code = checked_code(level, self.code.as_deref().unwrap_or("")).map_err(|error| at_field("code", error))?;
        if self.households.is_some_and(|households| !(0..=MAX_HOUSEHOLDS).contains(&households)) {
            return Err(Error::field("households", HOUSEHOLDS));
        }
        Ok(PlaceDetails {
            kind: self.kind,
            code,
            name: fields::name("name", &self.name)?,
            name_en: fields::optional_name("name_en", self.name_en.as_deref().unwrap_or(""))?,
            point: self.point,
            households: self.households,
            urban_rural: self.urban_rural.clone(),
        })
    }
}

/// Creates a place: the tenant's root without a parent, any other below one.
///
/// Errors: `place.level`, `place.parent_missing`, `place.parent_closed`, fields `name` and `code` with `place.name_taken`,
/// `place.code_taken`, `place.code_level` and those of identifiers.
pub struct CreatePlace {
    pub by: Permit<ManageTerritory>,
    pub parent: Option<PlaceId>,
    pub level: Level,
    pub details: PlaceDetails,
}

impl Command for CreatePlace {
    const KIND: &'static str = "place.create";
    type Out = PlaceId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<PlaceId> {
        lock_tree(tx).await?;
        let details = self.details.checked(self.level)?;
        let parent = match self.parent {
            Some(parent) => {
                let parent = find(tx, parent).await?;
                ensure(parent.state == State::Open, PARENT_CLOSED)?;
                ensure(self.level.may_stand_below(parent.level), Error::field("level", LEVEL))?;
                Some(parent)
            }
            None => {
                ensure(root(tx).await?.is_none(), Error::field("parent", PARENT_MISSING))?;
                None
            }
        };
        free_name(tx, parent.as_ref().map(|parent| parent.id), &details.name, None).await?;
        free_code(tx, details.code.as_deref(), None).await?;
        let id = insert(tx, parent.as_ref().map(|parent| (parent.id, parent.path.as_str())), self.level, &details).await?.0;
        tx.bump_revision();
        Ok(id)
    }
}

/// Structure and names of the tree are changed by one command at a time: each looks at other rows than its own.
pub(crate) async fn lock_tree(tx: &mut Write<'_>) -> Result<()> {
    tx.lock("places").await
}

/// Writes a new place whose details are checked; gives its id and path.
pub(crate) async fn insert(
    tx: &mut Write<'_>,
    parent: Option<(PlaceId, &str)>,
    level: Level,
    details: &PlaceDetails,
) -> Result<(PlaceId, String)> {
    let number = tx.block_number("place").await?;
    let path = path_below(parent.map_or("", |(_, path)| path), number);
    let (id, tenant): (PlaceId, _) = (tx.new_id(), tx.tenant());
    tx.exec(
        &INSERT,
        args! {
            tenant: tenant, id: id, parent: parent.map(|(id, _)| id), level: level, kind: details.kind, number: number, path: path,
            code: details.code, name: details.name, name_en: details.name_en, initials: kernel::words::initials(&details.name),
            lng: details.point.map(|point| point.lng_e7), lat: details.point.map(|point| point.lat_e7),
            cell: details.point.map(Point::cell_key), households: details.households, urban_rural: details.urban_rural,
        },
    )
    .await?;
    tx.fact(PlaceCreated { place: id, parent: parent.map(|(id, _)| id), level, number, code: details.code.clone() })?;
    Ok((id, path))
}

pub(crate) async fn free_name(tx: &mut Write<'_>, parent: Option<PlaceId>, name: &str, own: Option<PlaceId>) -> Result<()> {
    let Some(parent) = parent else { return Ok(()) };
    let tenant = tx.tenant();
    let taken = tx.opt::<(PlaceId,)>(&NAMED, args! { tenant: tenant, parent: parent, name: name }).await?;
    ensure(taken.is_none_or(|(id,)| Some(id) == own), Error::field("name", NAME_TAKEN))
}

pub(crate) async fn free_code(tx: &mut Write<'_>, code: Option<&str>, own: Option<PlaceId>) -> Result<()> {
    let Some(code) = code else { return Ok(()) };
    let tenant = tx.tenant();
    let taken = tx.opt::<(PlaceId,)>(&CODED, args! { tenant: tenant, code: code }).await?;
    ensure(taken.is_none_or(|(id,)| Some(id) == own), Error::field("code", CODE_TAKEN))
}

/// Renames a place or corrects what is said about it.
///
/// Errors: `place.stale` (409) when somebody changed it meanwhile, and the field errors of [`CreatePlace`].
pub struct EditPlace {
    pub by: Permit<ManageTerritory>,
    pub place: PlaceId,
    pub version: i64,
    pub details: PlaceDetails,
}

impl Command for EditPlace {
    const KIND: &'static str = "place.edit";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        lock_tree(tx).await?;
        let place = find(tx, self.place).await?;
        ensure(place.version == self.version && place.state == State::Open, STALE)?;
        let details = self.details.checked(place.level)?;
        free_name(tx, place.parent_id, &details.name, Some(place.id)).await?;
        free_code(tx, details.code.as_deref(), Some(place.id)).await?;
        let tenant = tx.tenant();
        tx.change_one(
            &EDIT,
            args! {
                tenant: tenant, id: place.id, version: self.version, kind: details.kind, code: details.code, name: details.name,
                name_en: details.name_en, initials: kernel::words::initials(&details.name),
                lng: details.point.map(|point| point.lng_e7), lat: details.point.map(|point| point.lat_e7),
                cell: details.point.map(Point::cell_key), households: details.households,
            },
        )
        .await?
        .or(STALE)?;
        tx.fact(PlaceEdited { place: place.id, code: details.code, version: self.version + 1 })?;
        tx.bump_revision();
        Ok(())
    }
}

/// Hangs a place, with all below it, under another.
///
/// The paths of the whole subtree are rewritten in this one transaction, and with them the scopes of roles given in it. What
/// was filed before keeps the path it was filed under.
///
/// Errors: `place.stale`, `place.is_root`, `place.level`, `place.inside_itself`, `place.parent_closed`, `place.name_taken`.
pub struct MovePlace {
    pub by: Permit<ManageTerritory>,
    pub place: PlaceId,
    pub version: i64,
    pub parent: PlaceId,
}

impl Command for MovePlace {
    const KIND: &'static str = "place.move";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        lock_tree(tx).await?;
        let place = find(tx, self.place).await?;
        let parent = find(tx, self.parent).await?;
        ensure(place.version == self.version && place.state == State::Open, STALE)?;
        ensure(place.parent_id.is_some(), IS_ROOT)?;
        ensure(parent.state == State::Open, PARENT_CLOSED)?;
        ensure(!parent.path.starts_with(&place.path), Error::field("parent", INSIDE_ITSELF))?;
        ensure(place.level.may_stand_below(parent.level), Error::field("parent", LEVEL))?;
        if place.parent_id == Some(parent.id) {
            return Ok(());
        }
        free_name(tx, Some(parent.id), &place.name, Some(place.id)).await?;
        rehang(tx, &place, &parent).await?;
        tx.bump_revision();
        Ok(())
    }
}

/// Hangs a place under a parent that it may hang under, with all below it and the scopes of roles given there.
///
/// Errors: `place.stale`.
pub(crate) async fn rehang(tx: &mut Write<'_>, place: &Place, parent: &Place) -> Result<()> {
    let (tenant, new) = (tx.tenant(), path_below(&parent.path, place.number));
    tx.change_one(&HANG, args! { tenant: tenant, id: place.id, version: place.version, parent: parent.id }).await?.or(STALE)?;
    tx.exec(&REWRITE_PATHS, args! { tenant: tenant, old: place.path, old_end: path_end(&place.path), new: new }).await?;
    access::giving::places_moved(tx, &place.path, &path_end(&place.path), &new).await?;
    tx.fact(PlaceMoved { place: place.id, from_parent: place.parent_id, to_parent: parent.id, from: place.path.clone(), to: new })
}

/// Takes a place out of use, whatever hangs below it. Errors: `place.stale`.
pub(crate) async fn close(tx: &mut Write<'_>, place: PlaceId, version: i64) -> Result<()> {
    let tenant = tx.tenant();
    tx.change_one(&CLOSE, args! { tenant: tenant, id: place, version: version }).await?.or(STALE)?;
    tx.fact(PlaceClosed { place })
}

/// Closes a place: it stays for the sake of what names it, and is no longer chosen from.
///
/// Errors: `place.stale`, `place.is_root`, `place.has_places` while open places hang below it.
pub struct ClosePlace {
    pub by: Permit<ManageTerritory>,
    pub place: PlaceId,
    pub version: i64,
}

impl Command for ClosePlace {
    const KIND: &'static str = "place.close";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        lock_tree(tx).await?;
        let place = find(tx, self.place).await?;
        ensure(place.parent_id.is_some(), IS_ROOT)?;
        let tenant = tx.tenant();
        let below = tx.opt::<(PlaceId,)>(&OPEN_BELOW, args! { tenant: tenant, id: place.id }).await?;
        ensure(below.is_none(), HAS_PLACES)?;
        close(tx, place.id, self.version).await?;
        tx.bump_revision();
        Ok(())
    }
}
