//! The same spot: what may be reported twice while it is filed, what comes again there (反复), and what was there before.

use crate::case::Case;
use crate::listing::Line;
use contracts::CaseId;
use kernel::coordinates::{Point, Window, cell_ranges};
use kernel::ids::{PlaceId, Uuid};
use kernel::{Instant, Result};
use store::{Sql, Store, Write, args, sql};
use territory::{CategoryVersionId, Directory, categories};

/// Natural days within which the same kind at the same spot is a recurring one.
pub const RECURRING_DAYS: i64 = 30;
/// Metres within which two points are one spot.
pub(crate) const SAME_SPOT_METRES: f64 = 50.0;
/// Metres within which two reports may be one problem.
const NEAR_METRES: f64 = 150.0;
/// Candidates that are shown.
const SHOWN: usize = 5;
/// Ranges of cells that are looked through for what is near.
const RANGES: usize = 4;

store::row! {
    /// Another case at the place, as far as comparing needs it.
    #[derive(Debug, Clone)]
    pub struct Spot {
        pub id: CaseId,
        pub number: i64,
        pub category_id: Option<Uuid>,
        pub lng_e7: Option<i32>,
        pub lat_e7: Option<i32>,
        pub where_words: String,
        pub compound_id: Option<PlaceId>,
        pub reported_at: Instant,
    }
}

static BEFORE: Sql = sql!(
    "SELECT id, number, category_id, lng_e7, lat_e7, where_words, compound_id, reported_at
    FROM cases
    WHERE tenant_id = :tenant AND place_id = :place AND category_id = :category AND reported_at >= :since AND reported_at < :until
        AND apart IS NULL AND stage NOT IN ('declined', 'merged', 'void')
    ORDER BY reported_at DESC, id DESC
    LIMIT 200"
);
static OPEN: Sql = sql!(
    "SELECT id, number, category_id, lng_e7, lat_e7, where_words, compound_id, reported_at
    FROM cases
    WHERE tenant_id = :tenant AND place_id = :place AND open = TRUE
    ORDER BY id DESC
    LIMIT 200"
);
/// What is open in a range of cells: in other places too, across a border.
static NEAR: Sql = sql!(
    "SELECT id, number, category_id, lng_e7, lat_e7, where_words, compound_id, reported_at
    FROM cases
    WHERE tenant_id = :tenant AND cell >= :first AND cell <= :last AND open = TRUE
    ORDER BY cell, id
    LIMIT 200"
);
static EARLIER: Sql = sql!(
    "SELECT id, number, stage, category_id, place_id, community_id, where_words, SUBSTR(what, 1, 60) AS what, unit_id, due, yellow_at, reported_at,
        dispatched_at, ended_at, rework, late, ask, asked_at, hold_until, supervised_at, recurs_of, outside_due,
        source, outside_number, photos, version, circular_id, unit_due, rectified_at
    FROM cases
    WHERE tenant_id = :tenant AND place_id = :place AND category_id = :category AND reported_at < :until
    ORDER BY reported_at DESC, id DESC
    LIMIT 6"
);

fn point(lng: Option<i32>, lat: Option<i32>) -> Option<Point> {
    lng.zip(lat).and_then(|(lng, lat)| Point::new(lng, lat).ok())
}

fn folded(words: &str) -> String {
    territory::sheets::fold(words)
}

/// Whether two cases of one kind and place are at one spot: by their points where both have one, else by their words within one
/// compound. A whole community is no spot.
fn same_spot(case: &Case, other: &Spot) -> bool {
    match (point(case.lng_e7, case.lat_e7), point(other.lng_e7, other.lat_e7)) {
        (Some(here), Some(there)) => here.distance_m(there) <= SAME_SPOT_METRES,
        _ => {
            let words = folded(&case.where_words);
            case.compound_id.is_some() && case.compound_id == other.compound_id && !words.is_empty() && words == folded(&other.where_words)
        }
    }
}

/// The window that reaches so many metres from a point.
fn around(point: Point, metres: f64) -> Option<Window> {
    // A degree of latitude, everywhere; of longitude, as much less as its circle is smaller.
    let lat = metres / 111_320.0;
    let lng = lat / (f64::from(point.lat_e7) * 1e-7).to_radians().cos().max(0.01);
    let at = |value: i32, add: f64| (f64::from(value) + add * 1e7).clamp(f64::from(i32::MIN), f64::from(i32::MAX)) as i32;
    let corner = |sign: f64| Point::new(at(point.lng_e7, sign * lng), at(point.lat_e7, sign * lat)).ok();
    Window::new(corner(-1.0)?, corner(1.0)?).ok()
}

/// The latest case of the same kind at the same spot within the days that make this one a recurring one; inside a command.
pub(crate) async fn recurs(tx: &mut Write<'_>, case: &Case) -> Result<Option<Spot>> {
    let (Some(place), Some(category)) = (case.place_id, case.category_id) else { return Ok(None) };
    let since = Instant(case.reported_at.0 - RECURRING_DAYS * 86_400_000_000);
    let mut others: Vec<Spot> = Vec::new();
    for version in categories::kin(tx, CategoryVersionId(category)).await? {
        let values = args! { tenant: tx.tenant(), place: place, category: version, since: since, until: case.reported_at };
        others.extend(tx.all::<Spot>(&BEFORE, values).await?);
    }
    others.sort_by_key(|other| std::cmp::Reverse((other.reported_at, other.id)));
    // What was parted from one report, or is its other part, does not come again.
    Ok(others.into_iter().find(|other| Some(other.id) != case.origin_id && other.id != case.id && same_spot(case, other)))
}

/// Open cases that may be the same problem: near, of the same category or its class; the likeliest first.
pub async fn similar(store: &Store, directory: &Directory, case: &Case) -> Result<Vec<Spot>> {
    let Some(place) = case.place_id else { return Ok(Vec::new()) };
    let class = |id: Option<Uuid>| id.and_then(|id| directory.category(id)).map(|category| (category.kind, category.class_code.clone()));
    let mine = class(case.category_id);
    let mut others: Vec<Spot> = store.all(&OPEN, args! { tenant: case.tenant_id, place: place }).await?;
    let here = point(case.lng_e7, case.lat_e7);
    for range in here.and_then(|here| around(here, NEAR_METRES)).map(|window| cell_ranges(window, RANGES)).unwrap_or_default() {
        let near: Vec<Spot> = store.all(&NEAR, args! { tenant: case.tenant_id, first: range.first, last: range.last }).await?;
        others.extend(near);
    }
    others.sort_by_key(|other| other.id);
    others.dedup_by_key(|other| other.id);
    let apart = |other: &Spot| here.zip(point(other.lng_e7, other.lat_e7)).map(|(here, there)| here.distance_m(there));
    others.retain(|other| {
        let related = mine.is_none() || other.category_id.is_none() || class(other.category_id) == mine;
        let split = Some(other.id) == case.origin_id;
        other.id != case.id && !split && related && apart(other).is_none_or(|metres| metres <= NEAR_METRES)
    });
    let kin = case.category_id.map(|id| directory.kin(id)).unwrap_or_default();
    let unlike = |other: &Spot| {
        let (kind, metres) = (!other.category_id.is_some_and(|id| kin.contains(&id)), apart(other).unwrap_or(NEAR_METRES));
        (kind, metres as i64, std::cmp::Reverse(other.reported_at))
    };
    others.sort_by_key(unlike);
    others.truncate(SHOWN);
    Ok(others)
}

/// What was found of this kind at this place before, the latest first; one more than [`SHOWN`] says that there is more.
pub async fn earlier(store: &Store, directory: &Directory, case: &Case) -> Result<Vec<Line>> {
    let (Some(place), Some(category)) = (case.place_id, case.category_id) else { return Ok(Vec::new()) };
    let mut lines: Vec<Line> = Vec::new();
    for version in directory.kin(category) {
        let values = args! { tenant: case.tenant_id, place: place, category: version, until: case.reported_at };
        lines.extend(store.all::<Line>(&EARLIER, values).await?);
    }
    lines.sort_by_key(|line| std::cmp::Reverse((line.reported_at, line.id)));
    lines.truncate(SHOWN + 1);
    Ok(lines)
}
