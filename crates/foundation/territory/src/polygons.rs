//! Boundaries: reading them from GeoJSON with checks, keeping them in CGCS2000, and answering which places a point lies in.

use crate::directory::Directory;
use crate::facts::PolygonSet;
use crate::import::LineNote;
use crate::place::Level;
use crate::verbs::ManageTerritory;
use access::Permit;
use geo::{BoundingRect, Contains, InteriorPoint, MultiPolygon, Validation};
use geojson::GeoJson;
use kernel::coordinates::{Datum, Point};
use kernel::ids::PlaceId;
use kernel::{Code, Error, Result, ensure};
use rstar::{AABB, RTree, RTreeObject};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use store::{Command, Sql, Store, Write, args, sql};

pub const NOT_GEOJSON: Code = Code::invalid("polygon.not_geojson");
pub const TOO_LARGE: Code = Code::invalid("polygon.too_large");
const NOT_AREA: Code = Code::invalid("polygon.not_area");
const OPEN_RING: Code = Code::invalid("polygon.open_ring");
const INVALID_RING: Code = Code::invalid("polygon.invalid_ring");
const RANGE: Code = Code::invalid("polygon.range");
const UNKNOWN_PLACE: Code = Code::invalid("polygon.unknown_place");
const AMBIGUOUS_PLACE: Code = Code::invalid("polygon.ambiguous_place");
const TWICE: Code = Code::invalid("polygon.twice");

const MAX_BYTES: usize = 32 * 1024 * 1024;
const MAX_FEATURES: usize = 20_000;
const MAX_VERTICES: usize = 20_000;

/// A boundary whose checks were passed, in CGCS2000.
#[derive(Debug, Clone)]
pub struct Boundary {
    pub place: PlaceId,
    area: MultiPolygon<f64>,
}

/// A GeoJSON file that was read, not yet taken in; `line` counts features from 1.
#[derive(Debug, Clone, Default)]
pub struct PolygonFile {
    pub boundaries: Vec<Boundary>,
    pub rejected: Vec<LineNote>,
    pub datum: Option<Datum>,
}

/// What became of a file of boundaries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolygonReport {
    pub taken: i64,
    pub rejected: i64,
    pub rejected_lines: Vec<LineNote>,
}

impl PolygonFile {
    /// Reads a FeatureCollection or Feature; each feature names its place by the property `code` or, where that is clear, `name`.
    ///
    /// Errors: `polygon.not_geojson`, `polygon.too_large`; what is wrong with single features is in `rejected`.
    pub fn read(bytes: &[u8], datum: Datum, directory: &Directory) -> Result<PolygonFile> {
        ensure(bytes.len() <= MAX_BYTES, TOO_LARGE)?;
        let text = crate::import::decode(bytes)?;
        let read: GeoJson = text.trim_start_matches('\u{feff}').parse().map_err(|_| NOT_GEOJSON.err())?;
        let features = match read {
            GeoJson::FeatureCollection(collection) => collection.features,
            GeoJson::Feature(feature) => vec![feature],
            GeoJson::Geometry(_) => return Err(NOT_GEOJSON.into()),
        };
        ensure(features.len() <= MAX_FEATURES, TOO_LARGE)?;
        let mut file = PolygonFile { datum: Some(datum), ..PolygonFile::default() };
        let mut seen = std::collections::HashSet::new();
        for (position, feature) in features.into_iter().enumerate() {
            let property = |name: &str| match feature.property(name) {
                Some(serde_json::Value::String(text)) => text.trim().to_owned(),
                Some(serde_json::Value::Number(number)) => number.to_string(),
                _ => String::new(),
            };
            let (code, name) = (property("code"), property("name"));
            let boundary = named(directory, &code, &name).and_then(|place| {
                ensure(seen.insert(place), TWICE)?;
                let geometry = feature.geometry.as_ref().ok_or(NOT_AREA.err())?;
                Ok(Boundary { place, area: area(geometry, datum)? })
            });
            match boundary {
                Ok(boundary) => file.boundaries.push(boundary),
                Err(error) => {
                    let text = [code, name].join(" ").trim().chars().take(80).collect();
                    file.rejected.push(LineNote { line: position as u64 + 1, text, code: error.code().to_owned() });
                }
            }
        }
        Ok(file)
    }
}

/// The open place with this code, or the only one of this name.
fn named(directory: &Directory, code: &str, name: &str) -> Result<PlaceId> {
    if !code.is_empty() {
        return directory.place_by_code(code).map(|place| place.id).ok_or(UNKNOWN_PLACE.err());
    }
    let mut found = directory.places().iter().filter(|place| place.open && (place.name == name || place.full_name == name));
    let first = found.next().ok_or(UNKNOWN_PLACE.err())?;
    ensure(found.next().is_none(), AMBIGUOUS_PLACE)?;
    Ok(first.id)
}

/// The area of a geometry, checked: polygons, closed rings, real positions, no ring that crosses itself.
fn area(geometry: &geojson::Geometry, datum: Datum) -> Result<MultiPolygon<f64>> {
    use geojson::GeometryValue::{MultiPolygon as Many, Polygon as One};
    let polygons = match &geometry.value {
        One { coordinates } => vec![coordinates.clone()],
        Many { coordinates } => coordinates.clone(),
        _ => return Err(NOT_AREA.into()),
    };
    let mut vertices = 0;
    let mut made = Vec::new();
    for rings in polygons {
        let mut lines = Vec::new();
        for ring in rings {
            vertices += ring.len();
            ensure(vertices <= MAX_VERTICES, TOO_LARGE)?;
            let mut line = Vec::with_capacity(ring.len());
            for position in &ring {
                let degrees = position.as_slice();
                let (Some(lng), Some(lat)) = (degrees.first(), degrees.get(1)) else { return Err(RANGE.into()) };
                let point = Point::from_degrees(*lng, *lat).map_err(|_| RANGE.err())?.from_datum(datum);
                line.push(coordinate(point));
            }
            ensure(line.len() >= 4 && line.first() == line.last(), OPEN_RING)?;
            lines.push(geo::LineString::new(line));
        }
        let mut lines = lines.into_iter();
        let outer = lines.next().ok_or(NOT_AREA.err())?;
        made.push(geo::Polygon::new(outer, lines.collect()));
    }
    let area = MultiPolygon::new(made);
    ensure(!area.0.is_empty(), NOT_AREA)?;
    ensure(area.is_valid(), INVALID_RING)?;
    Ok(area)
}

fn coordinate(point: Point) -> geo::Coord<f64> {
    geo::Coord { x: point.lng_degrees(), y: point.lat_degrees() }
}

/// Decimal degrees with seven places, without going through text of a float.
fn degrees(e7: i32) -> String {
    let sign = if e7 < 0 { "-" } else { "" };
    let whole = i64::from(e7).abs();
    format!("{sign}{}.{:07}", whole / 10_000_000, whole % 10_000_000)
}

fn point_of(at: geo::Coord<f64>) -> Result<Point> {
    Point::from_degrees(at.x, at.y).map_err(Error::from)
}

/// The area as GeoJSON text, positions in seven decimals.
fn text_of(area: &MultiPolygon<f64>) -> Result<String> {
    let ring = |line: &geo::LineString<f64>| -> Result<String> {
        let positions = line.0.iter().map(|at| point_of(*at).map(|point| format!("[{},{}]", degrees(point.lng_e7), degrees(point.lat_e7))));
        Ok(format!("[{}]", positions.collect::<Result<Vec<_>>>()?.join(",")))
    };
    let polygon = |polygon: &geo::Polygon<f64>| -> Result<String> {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring);
        Ok(format!("[{}]", rings.collect::<Result<Vec<_>>>()?.join(",")))
    };
    let polygons = area.0.iter().map(polygon).collect::<Result<Vec<_>>>()?.join(",");
    Ok(format!(r#"{{"type":"MultiPolygon","coordinates":[{polygons}]}}"#))
}

static INSERT: Sql = sql!(
    "INSERT INTO polygon (tenant_id, place_id, geometry, datum, west_e7, south_e7, east_e7, north_e7, version)
    VALUES (:tenant, :place, :geometry, :datum, :west, :south, :east, :north, 1)
    ON CONFLICT (tenant_id, place_id) DO UPDATE SET
        geometry = excluded.geometry, datum = excluded.datum, west_e7 = excluded.west_e7, south_e7 = excluded.south_e7,
        east_e7 = excluded.east_e7, north_e7 = excluded.north_e7, version = polygon.version + excluded.version"
);

static VERSION: Sql = sql!(
    "SELECT version
    FROM polygon
    WHERE tenant_id = :tenant AND place_id = :place"
);

static ALL: Sql = sql!(
    "SELECT place_id, geometry
    FROM polygon
    WHERE tenant_id = :tenant AND place_id >= :first
    ORDER BY place_id"
);

/// The boundaries as they are kept: GeoJSON text in CGCS2000.
pub(crate) async fn kept(store: &Store, tenant: kernel::TenantId) -> Result<Vec<(PlaceId, String)>> {
    store.all(&ALL, args! { tenant: tenant, first: kernel::ids::Uuid::nil() }).await
}

/// Takes in the boundaries of a file that was read; a place that has one gets the new one.
pub struct ImportPolygons {
    pub by: Permit<ManageTerritory>,
    pub file: PolygonFile,
}

impl Command for ImportPolygons {
    const KIND: &'static str = "polygons.import";
    type Out = PolygonReport;

    async fn run(&self, tx: &mut Write<'_>) -> Result<PolygonReport> {
        let (tenant, file) = (tx.tenant(), &self.file);
        let mut report = PolygonReport { rejected: i64::try_from(file.rejected.len()).unwrap_or(0), ..PolygonReport::default() };
        report.rejected_lines = file.rejected.iter().take(200).cloned().collect();
        for boundary in &file.boundaries {
            let place = crate::places::find(tx, boundary.place).await?;
            let bounds = boundary.area.bounding_rect().ok_or(NOT_AREA.err())?;
            let (low, high) = (point_of(bounds.min())?, point_of(bounds.max())?);
            tx.exec(
                &INSERT,
                args! {
                    tenant: tenant, place: place.id, geometry: text_of(&boundary.area)?, datum: file.datum.unwrap_or(Datum::Cgcs2000).as_str(),
                    west: low.lng_e7, south: low.lat_e7, east: high.lng_e7, north: high.lat_e7,
                },
            )
            .await?;
            let (version,) = tx.one::<(i64,)>(&VERSION, args! { tenant: tenant, place: place.id }).await?;
            let vertices = boundary.area.0.iter().map(|polygon| polygon.exterior().0.len()).sum::<usize>();
            tx.fact(PolygonSet { place: place.id, version, vertices: i64::try_from(vertices).unwrap_or(0) })?;
            report.taken += 1;
        }
        tx.bump_revision();
        Ok(report)
    }
}

/// Where a point lies, as far as there are boundaries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Located {
    /// The lowest place whose boundary holds the point.
    pub place: Option<PlaceId>,
    pub grid: Option<PlaceId>,
    pub compound: Option<PlaceId>,
    pub community: Option<PlaceId>,
}

struct Bounded {
    place: PlaceId,
    level: Level,
    area: MultiPolygon<f64>,
    bounds: AABB<[f64; 2]>,
}

impl RTreeObject for Bounded {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        self.bounds
    }
}

/// A boundary as a map draws it, in degrees.
#[derive(Debug, Clone)]
pub struct Outline {
    pub place: PlaceId,
    pub level: Level,
    /// Of each polygon its outer ring, then its holes; rings are closed.
    pub polygons: Vec<Vec<Vec<(f64, f64)>>>,
    /// A point inside it.
    pub label: (f64, f64),
}

/// A tenant's boundaries in an R-tree.
pub struct PolygonIndex {
    tree: RTree<Bounded>,
    /// What encloses each bounded place, from the tree of places.
    enclosing: HashMap<PlaceId, Located>,
}

impl PolygonIndex {
    /// Reads the boundaries of the directory's tenant.
    pub async fn load(store: &Store, directory: &Directory) -> Result<PolygonIndex> {
        let rows = kept(store, directory.tenant).await?;
        let mut bounded = Vec::with_capacity(rows.len());
        let mut enclosing = HashMap::new();
        for (id, text) in rows {
            let Some(place) = directory.place(id).filter(|place| place.open) else { continue };
            // One that cannot be read is named where boundaries are looked over; the others go on answering.
            let geometry = serde_json::from_str::<geojson::Geometry>(&text).ok();
            let Some(area) = geometry.and_then(|geometry| MultiPolygon::<f64>::try_from(geometry).ok()) else { continue };
            let Some(bounds) = area.bounding_rect() else { continue };
            let bounds = AABB::from_corners([bounds.min().x, bounds.min().y], [bounds.max().x, bounds.max().y]);
            enclosing
                .insert(id, Located { place: Some(id), grid: place.grid_id, compound: place.compound_id, community: place.community_id });
            bounded.push(Bounded { place: id, level: place.level, area, bounds });
        }
        Ok(PolygonIndex { tree: RTree::bulk_load(bounded), enclosing })
    }

    /// The places whose boundaries hold the point. Where boundaries of one level overlap, the smaller area answers.
    pub fn locate(&self, point: Point) -> Located {
        let at = coordinate(point);
        let mut holding: Vec<&Bounded> = self
            .tree
            .locate_in_envelope_intersecting(AABB::from_point([at.x, at.y]))
            .filter(|bounded| bounded.area.contains(&at))
            .collect();
        let size = |bounded: &Bounded| {
            let (low, high) = (bounded.bounds.lower(), bounded.bounds.upper());
            (high[0] - low[0]) * (high[1] - low[1])
        };
        holding.sort_by(|a, b| b.level.cmp(&a.level).then(size(a).total_cmp(&size(b))));
        let mut located = Located::default();
        for bounded in holding {
            // The lowest speaks first; those above fill in what the tree above it does not say.
            let above = self.enclosing.get(&bounded.place).copied().unwrap_or_default();
            located.place = located.place.or(above.place);
            located.grid = located.grid.or(above.grid);
            located.compound = located.compound.or(above.compound);
            located.community = located.community.or(above.community);
        }
        located
    }

    /// The window of all boundaries in degrees: west, south, east, north; `None` without any.
    pub fn extent(&self) -> Option<[f64; 4]> {
        let all = self.tree.root().envelope();
        let (low, high) = (all.lower(), all.upper());
        (!self.is_empty()).then_some([low[0], low[1], high[0], high[1]])
    }
    /// Whether a place has a boundary.
    pub fn bounds(&self, place: PlaceId) -> bool {
        self.enclosing.contains_key(&place)
    }
    /// The boundaries of the places that are wanted, for drawing.
    pub fn drawn(&self, wanted: impl Fn(PlaceId) -> bool) -> Vec<(PlaceId, &MultiPolygon<f64>)> {
        self.tree.iter().filter(|bounded| wanted(bounded.place)).map(|bounded| (bounded.place, &bounded.area)).collect()
    }
    /// The boundaries of the wanted levels that meet a window of degrees (west, south, east, north), with a point to write their
    /// names at.
    pub fn outlines(&self, [west, south, east, north]: [f64; 4], wanted: impl Fn(Level) -> bool) -> Vec<Outline> {
        let window = AABB::from_corners([west, south], [east, north]);
        let ring = |line: &geo::LineString<f64>| line.0.iter().map(|at| (at.x, at.y)).collect::<Vec<_>>();
        let found = self.tree.locate_in_envelope_intersecting(window);
        found
            .filter(|bounded| wanted(bounded.level))
            .map(|bounded| {
                let (low, high) = (bounded.bounds.lower(), bounded.bounds.upper());
                let middle = ((low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0);
                Outline {
                    place: bounded.place,
                    level: bounded.level,
                    polygons: bounded
                        .area
                        .0
                        .iter()
                        .map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect())
                        .collect(),
                    label: bounded.area.interior_point().map_or(middle, |point| (point.x(), point.y())),
                }
            })
            .collect()
    }
    pub fn is_empty(&self) -> bool {
        self.tree.size() == 0
    }
    pub fn len(&self) -> usize {
        self.tree.size()
    }
}
