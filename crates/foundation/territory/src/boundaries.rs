//! Looking boundaries over: closed, valid, inside the place above, apart from their siblings. What is wrong is named, nothing mended.

use crate::directory::Directory;
use crate::place::Level;
use crate::polygons;
use geo::{Area, BooleanOps, BoundingRect, Coord, Euclidean, Length, MapCoords, MultiPolygon, Rect, Validation};
use geojson::GeometryValue;
use kernel::ids::PlaceId;
use kernel::{Result, TenantId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::Store;

/// What is wrong with a boundary. Areas are in square metres, rounded, at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// It is no polygon, or has no positions.
    Unreadable,
    /// A ring does not end where it begins.
    Open,
    /// A ring crosses or touches itself, or rings lie over one another. Its area is not defined, so the rest is not judged.
    Invalid,
    /// So much of it lies outside the nearest place above that has a boundary.
    Outside { above: PlaceId, m2: u64 },
    /// So much of it is of another place's with the same parent and level too.
    Overlaps { other: PlaceId, m2: u64 },
}

/// One thing that is wrong, with the place whose boundary it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub place: PlaceId,
    pub wrong: Wrong,
}

/// How far a boundary may be off for being rounded: positions are kept to about a centimetre, at both sides of a line.
const ROUNDING_METRES: f64 = 0.02;

/// Metres of a degree on the mean sphere; what is compared is near together, so its half percent does not matter.
const METRES_A_DEGREE: f64 = 111_195.0;

/// The area of a boundary as it is kept, or why there is none.
fn read(text: &str) -> std::result::Result<MultiPolygon<f64>, Wrong> {
    let geometry: geojson::Geometry = serde_json::from_str(text).map_err(|_| Wrong::Unreadable)?;
    let polygons = match geometry.value {
        GeometryValue::Polygon { coordinates } => vec![coordinates],
        GeometryValue::MultiPolygon { coordinates } => coordinates,
        _ => return Err(Wrong::Unreadable),
    };
    let mut made = Vec::new();
    for rings in polygons {
        let mut lines = Vec::new();
        for ring in rings {
            let mut line = Vec::with_capacity(ring.len());
            for position in &ring {
                let (Some(x), Some(y)) = (position.as_slice().first(), position.as_slice().get(1)) else { return Err(Wrong::Unreadable) };
                line.push(Coord { x: *x, y: *y });
            }
            // The library would close the ring without a word.
            if line.len() < 4 || line.first() != line.last() {
                return Err(Wrong::Open);
            }
            lines.push(geo::LineString::new(line));
        }
        let mut lines = lines.into_iter();
        made.push(geo::Polygon::new(lines.next().ok_or(Wrong::Unreadable)?, lines.collect()));
    }
    let area = MultiPolygon::new(made);
    match (area.0.is_empty(), area.is_valid()) {
        (true, _) => Err(Wrong::Unreadable),
        (_, false) => Err(Wrong::Invalid),
        (false, true) => Ok(area),
    }
}

/// A place with a sound boundary.
struct Shape {
    place: PlaceId,
    /// The nearest place above with a boundary.
    above: Option<PlaceId>,
    parent: Option<PlaceId>,
    level: Level,
    area: MultiPolygon<f64>,
    bounds: Rect<f64>,
}

/// A boundary on a plane of metres from here on.
fn metres(origin: Coord<f64>, area: &MultiPolygon<f64>) -> MultiPolygon<f64> {
    let shorter = origin.y.to_radians().cos();
    area.map_coords(|at| Coord { x: (at.x - origin.x) * METRES_A_DEGREE * shorter, y: (at.y - origin.y) * METRES_A_DEGREE })
}

/// The areas of these places in square metres, of those that have a sound boundary.
pub async fn areas(store: &Store, tenant: TenantId, places: &BTreeSet<PlaceId>) -> Result<BTreeMap<PlaceId, u64>> {
    let kept = polygons::kept(store, tenant).await?;
    let size = |text: &str| {
        let area = read(text).ok()?;
        Some(whole(metres(area.bounding_rect()?.min(), &area).unsigned_area()))
    };
    Ok(kept.into_iter().filter(|(place, _)| places.contains(place)).filter_map(|(place, text)| Some((place, size(&text)?))).collect())
}

impl Shape {
    /// A boundary on a plane of metres around this one.
    fn metres(&self, area: &MultiPolygon<f64>) -> MultiPolygon<f64> {
        metres(self.bounds.min(), area)
    }
    fn meets(&self, other: &Shape) -> bool {
        let (a, b) = (self.bounds, other.bounds);
        a.min().x <= b.max().x && b.min().x <= a.max().x && a.min().y <= b.max().y && b.min().y <= a.max().y
    }
}

/// What rounding alone can make of a line of this length, in square metres.
fn rounding(area: &MultiPolygon<f64>) -> f64 {
    let rings = area.0.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    rings.map(|ring| Euclidean.length(ring)).sum::<f64>() * ROUNDING_METRES
}

fn whole(m2: f64) -> u64 {
    m2.round().max(1.0) as u64
}

/// What is wrong among the boundaries of open places, each with its text as it is kept; by the order of places in the tree.
pub fn check(directory: &Directory, kept: &[(PlaceId, String)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut shapes: Vec<Shape> = Vec::new();
    let mut at: HashMap<PlaceId, usize> = HashMap::new();
    let texts: HashMap<PlaceId, &str> = kept.iter().map(|(place, text)| (*place, text.as_str())).collect();
    for place in directory.places().iter().filter(|place| place.open) {
        let Some(text) = texts.get(&place.id) else { continue };
        match read(text).and_then(|area| Ok((area.bounding_rect().ok_or(Wrong::Unreadable)?, area))) {
            Ok((bounds, area)) => {
                // In the order of paths whatever is above was here before.
                let above = directory.ancestors(place.id).into_iter().map(|above| above.id).find(|above| at.contains_key(above));
                at.insert(place.id, shapes.len());
                shapes.push(Shape { place: place.id, above, parent: place.parent, level: place.level, area, bounds });
            }
            Err(wrong) => faults.push(Fault { place: place.id, wrong }),
        }
    }
    for shape in &shapes {
        let Some(above) = shape.above.and_then(|above| at.get(&above)).map(|&above| &shapes[above]) else { continue };
        let own = shape.metres(&shape.area);
        let outside = own.difference(&shape.metres(&above.area)).unsigned_area();
        if outside > rounding(&own) {
            faults.push(Fault { place: shape.place, wrong: Wrong::Outside { above: above.place, m2: whole(outside) } });
        }
    }
    let mut siblings: BTreeMap<(Option<PlaceId>, Level), Vec<&Shape>> = BTreeMap::new();
    for shape in &shapes {
        siblings.entry((shape.parent, shape.level)).or_default().push(shape);
    }
    for group in siblings.values() {
        for (n, shape) in group.iter().enumerate() {
            let mut own = None;
            for other in group[n + 1..].iter().filter(|other| shape.meets(other)) {
                let own = own.get_or_insert_with(|| shape.metres(&shape.area));
                let theirs = shape.metres(&other.area);
                let both = own.intersection(&theirs).unsigned_area();
                // Two neighbours share at most the shorter of the lines.
                if both > rounding(own).min(rounding(&theirs)) {
                    faults.push(Fault { place: shape.place, wrong: Wrong::Overlaps { other: other.place, m2: whole(both) } });
                }
            }
        }
    }
    let order: HashMap<PlaceId, usize> = directory.places().iter().enumerate().map(|(at, place)| (place.id, at)).collect();
    faults.sort_by_key(|fault| (order.get(&fault.place).copied(), fault.wrong));
    faults
}

/// What was found in a tenant's boundaries at one revision.
#[derive(Debug, Default)]
pub struct Looked {
    /// How many open places have a boundary, sound or not.
    pub bounded: usize,
    pub faults: Vec<Fault>,
}

/// Looks over the boundaries of the directory's tenant, on a thread of its own: large ones take a while.
pub async fn look(store: &Store, directory: std::sync::Arc<Directory>) -> Result<Looked> {
    let kept = polygons::kept(store, directory.tenant).await?;
    let looking = tokio::task::spawn_blocking(move || {
        let open = |id: PlaceId| directory.place(id).is_some_and(|place| place.open);
        Looked { bounded: kept.iter().filter(|(place, _)| open(*place)).count(), faults: check(&directory, &kept) }
    });
    looking.await.map_err(kernel::Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_read_as_it_is_kept_and_never_closed_for_it() {
        let one = |rings: &str| read(&format!(r#"{{"type":"Polygon","coordinates":{rings}}}"#)).map(|area| area.0.len());
        assert_eq!(one("[[[0,0],[1,0],[1,1],[0,0]]]"), Ok(1));
        assert_eq!(one("[[[0,0],[1,0],[1,1],[0,1]]]"), Err(Wrong::Open));
        assert_eq!(one("[[[0,0],[1,0],[0,0]]]"), Err(Wrong::Open));
        assert_eq!(one("[[[0,0],[1,1],[1,0],[0,1],[0,0]]]"), Err(Wrong::Invalid));
        assert_eq!(one("[[[0,0],[9,0],[9,9],[0,0]],[[20,20],[21,20],[21,21],[20,20]]]"), Err(Wrong::Invalid), "a hole outside");
        assert_eq!(one("[[[0],[1,0],[1,1],[0]]]"), Err(Wrong::Unreadable));
        assert_eq!(one("[]"), Err(Wrong::Unreadable));
        assert_eq!(read(r#"{"type":"Point","coordinates":[1,2]}"#).map(|_| 0), Err(Wrong::Unreadable));
        assert_eq!(read("x").map(|_| 0), Err(Wrong::Unreadable));
    }
}
