//! Web Mercator (EPSG:3857) in whole steps, and the tiles of it: where a position of CGCS2000 lies on the map.

use super::mvt::{At, EXTENT};
use kernel::Error;

/// The deepest tiles that there are: some 4 cm a step.
const DEEPEST: u32 = 22;
/// Beyond it the projection has no end.
const MAX_LATITUDE: f64 = 85.051_128_779_806_6;

/// A position on the world's square, each axis over the whole of 32 bits, from the north-west: about a centimetre.
pub type World = (u32, u32);

/// Where degrees lie, between 0 and 1 on both axes.
fn unit(lng: f64, lat: f64) -> (f64, f64) {
    let lat = lat.clamp(-MAX_LATITUDE, MAX_LATITUDE).to_radians();
    ((lng + 180.0) / 360.0, 0.5 - (lat.tan() + 1.0 / lat.cos()).ln() / (2.0 * std::f64::consts::PI))
}

/// Where whole 1e-7 degrees lie.
pub fn world(lng_e7: i32, lat_e7: i32) -> World {
    let (x, y) = unit(f64::from(lng_e7) / 1e7, f64::from(lat_e7) / 1e7);
    let step = |share: f64| (share * 4_294_967_296.0).clamp(0.0, 4_294_967_295.0) as u32;
    (step(x), step(y))
}

/// The degrees of a position: longitude and latitude.
pub fn degrees((x, y): World) -> (f64, f64) {
    let share = |step: u32| f64::from(step) / 4_294_967_296.0;
    let lat = (std::f64::consts::PI * (1.0 - 2.0 * share(y))).sinh().atan().to_degrees();
    (share(x) * 360.0 - 180.0, lat)
}

/// One tile of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tile {
    pub z: u32,
    pub x: u32,
    pub y: u32,
}

impl Tile {
    /// From the parts of an address. Errors: 404 where there is no such tile.
    pub fn parse(z: &str, x: &str, y: &str) -> Result<Tile, Error> {
        let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        match (number(z), number(x), number(y)) {
            (Some(z), Some(x), Some(y)) if z <= DEEPEST && x < (1 << z) && y < (1 << z) => Ok(Tile { z, x, y }),
            _ => Err(Error::not_found()),
        }
    }

    /// Where a position lies on this tile, or `None` outside it. Each position lies on one tile of a depth.
    pub fn at(self, (x, y): World) -> Option<At> {
        let shift = 32 - self.z;
        let on = |value: u32, tile: u32| {
            let value = u64::from(value);
            (value >> shift == u64::from(tile)).then(|| (((value - (u64::from(tile) << shift)) * u64::from(EXTENT)) >> shift) as i32)
        };
        on(x, self.x).zip(on(y, self.y))
    }

    /// Where degrees lie from this tile's corner, also outside it, bounded to what a drawing needs.
    pub fn project(self, lng: f64, lat: f64) -> (f64, f64) {
        let (x, y) = unit(lng, lat);
        let side = f64::from(1u32 << self.z.min(31));
        let steps = f64::from(EXTENT);
        ((x * side - f64::from(self.x)) * steps, (y * side - f64::from(self.y)) * steps)
    }

    /// The window of this tile in degrees, with so many steps around it: west, south, east, north.
    pub fn degrees(self, around: f64) -> [f64; 4] {
        let side = f64::from(1u32 << self.z.min(31)) * f64::from(EXTENT);
        let lng = |step: f64| step / side * 360.0 - 180.0;
        let lat = |step: f64| (std::f64::consts::PI * (1.0 - 2.0 * step / side)).sinh().atan().to_degrees();
        let (west, north) = (f64::from(self.x) * f64::from(EXTENT), f64::from(self.y) * f64::from(EXTENT));
        let edge = f64::from(EXTENT) + around;
        [lng(west - around), lat(north + edge), lng(west + edge), lat(north - around)]
    }
}

/// A ring cut at a square that reaches from `low` to `high` on both axes (Sutherland, Hodgman 1974), in whole steps, without
/// positions that say the same as the one before. What is left of it may be nothing.
pub fn clip(ring: &[(f64, f64)], low: f64, high: f64) -> Vec<At> {
    type Side = (fn((f64, f64)) -> f64, bool);
    let sides: [Side; 4] = [(|at| at.0, true), (|at| at.0, false), (|at| at.1, true), (|at| at.1, false)];
    let mut kept: Vec<(f64, f64)> = ring.to_vec();
    if kept.len() > 1 && kept.first() == kept.last() {
        kept.pop();
    }
    for (axis, lower) in sides {
        let bound = if lower { low } else { high };
        let inside = |at: (f64, f64)| if lower { axis(at) >= bound } else { axis(at) <= bound };
        if kept.iter().all(|at| inside(*at)) {
            continue;
        }
        let mut cut = Vec::with_capacity(kept.len());
        for (nth, at) in kept.iter().enumerate() {
            let before = kept[(nth + kept.len() - 1) % kept.len()];
            if inside(*at) != inside(before) {
                let share = (bound - axis(before)) / (axis(*at) - axis(before));
                cut.push((before.0 + (at.0 - before.0) * share, before.1 + (at.1 - before.1) * share));
            }
            if inside(*at) {
                cut.push(*at);
            }
        }
        kept = cut;
    }
    let mut steps: Vec<At> = kept.into_iter().map(|(x, y)| (x.round() as i32, y.round() as i32)).collect();
    steps.dedup();
    while steps.len() > 1 && steps.first() == steps.last() {
        steps.pop();
    }
    steps
}

/// The ring turned so that an outer one goes clockwise on the screen and a hole the other way, as the format wants it.
pub fn turned(mut ring: Vec<At>, hole: bool) -> Vec<At> {
    let wide = |(x, y): At| (i64::from(x), i64::from(y));
    let twice: i64 = (0..ring.len())
        .map(|nth| {
            let ((ax, ay), (bx, by)) = (wide(ring[nth]), wide(ring[(nth + 1) % ring.len()]));
            ax * by - bx * ay
        })
        .sum();
    if (twice < 0) != hole {
        ring.reverse();
    }
    ring
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::coordinates::Point;

    fn tile(z: u32, x: u32, y: u32) -> Tile {
        Tile { z, x, y }
    }

    #[test]
    fn a_known_place_lies_on_its_known_tile() {
        // The Null Island is the corner of four tiles; Qingdao's tile at depth 10 is 853/402 (by the OSM wiki's formula).
        assert_eq!(tile(1, 1, 1).at(world(0, 0)), Some((0, 0)));
        let qingdao = world(1_201_000_000, 359_400_000);
        assert!(tile(10, 853, 402).at(qingdao).is_some());
        assert_eq!(tile(0, 0, 0).at(qingdao).map(|(x, _)| x), Some(((120.1 + 180.0) / 360.0 * 4096.0) as i32));
    }

    #[test]
    fn a_position_comes_back_within_centimetres() {
        let (lng, lat) = degrees(world(1_201_053_490, 359_402_480));
        assert!((lng - 120.105_349).abs() < 1e-6 && (lat - 35.940_248).abs() < 1e-6, "{lng} {lat}");
    }

    #[test]
    fn whatever_is_no_tile_is_not_found() {
        for (z, x, y) in [
            ("23", "0", "0"),
            ("1", "2", "0"),
            ("1", "0", "2"),
            ("-1", "0", "0"),
            ("a", "0", "0"),
            ("0", "", "0"),
            ("0", "+0", "0"),
            ("99999999999", "0", "0"),
        ] {
            assert!(Tile::parse(z, x, y).is_err(), "{z}/{x}/{y}");
        }
        assert_eq!(Tile::parse("22", "4194303", "0").unwrap(), tile(22, 4_194_303, 0));
    }

    #[test]
    fn the_window_of_a_tile_is_where_its_corners_lie() {
        let one = tile(14, 13_657, 6_436);
        let [west, south, east, north] = one.degrees(0.0);
        let near = |(a, b): (f64, f64), (c, d): (f64, f64)| (a - c).abs() < 1e-3 && (b - d).abs() < 1e-3;
        assert!(near(one.project(west, north), (0.0, 0.0)) && near(one.project(east, south), (4096.0, 4096.0)));
        let middle = Point::from_degrees((west + east) / 2.0, (south + north) / 2.0).unwrap();
        assert!(one.at(world(middle.lng_e7, middle.lat_e7)).is_some());
    }

    #[test]
    fn the_ends_of_the_world_are_on_the_map() {
        for (lng, lat) in [(-1_800_000_000, -900_000_000), (1_800_000_000, 900_000_000)] {
            assert!((0..2).any(|x| (0..2).any(|y| tile(1, x, y).at(world(lng, lat)).is_some())));
        }
    }

    #[test]
    fn a_ring_is_cut_at_the_edge_and_one_outside_is_nothing() {
        let square = [(-10.0, -10.0), (10.0, -10.0), (10.0, 10.0), (-10.0, 10.0), (-10.0, -10.0)];
        let cut = clip(&square, 0.0, 4096.0);
        let corners: std::collections::BTreeSet<At> = cut.iter().copied().collect();
        assert_eq!(corners, [(0, 0), (10, 0), (10, 10), (0, 10)].into());
        assert!(clip(&square, 20.0, 4096.0).is_empty());
        assert_eq!(turned(vec![(0, 0), (0, 10), (10, 10), (10, 0)], false), [(10, 0), (10, 10), (0, 10), (0, 0)]);
        assert_eq!(turned(vec![(0, 0), (0, 10), (10, 10), (10, 0)], true), [(0, 0), (0, 10), (10, 10), (10, 0)]);
    }
}
