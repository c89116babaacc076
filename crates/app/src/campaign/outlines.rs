//! Invented boundaries for the demo: a ragged chequerboard of communities with compounds in it, drawn from a seed.
//!
//! It lies by the sea near 120.1° E 35.94° N, where such a sub-district could be, and shows no real place: neighbours
//! share their edges point by point, so nothing gapes and nothing overlaps, which surveyed boundaries never quite manage.

use kernel::coordinates::Point;
use serde_json::json;

/// Longitude and latitude in degrees.
pub type At = (f64, f64);

const WEST: f64 = 120.068;
const SOUTH: f64 = 35.918;
const COLUMNS: usize = 5;
const ROWS: usize = 4;
/// One community, in degrees.
const CELL: (f64, f64) = (0.0132, 0.0112);
/// How far a corner strays, in cells; up to here every community stays convex.
const CORNER: f64 = 0.2;
/// How far an edge strays from the straight line, in parts of its length; the compounds keep clear of it.
const EDGE: f64 = 0.045;
const SEED: u64 = 370_211;

/// Four corners, counter-clockwise from the south-west.
#[derive(Debug, Clone, Copy)]
pub struct Quad([At; 4]);

/// A number between -1 and 1 that belongs to these (SplitMix64; Steele, Lea, Flood 2014).
fn stray(of: [usize; 3]) -> f64 {
    let mut state = of.iter().fold(SEED, |state, part| (state ^ *part as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23));
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let upper = u32::try_from((state ^ (state >> 31)) >> 32).unwrap_or(0);
    f64::from(upper) / f64::from(u32::MAX) * 2.0 - 1.0
}

fn between(a: At, b: At, share: f64) -> At {
    (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share)
}

impl Quad {
    /// The place at these shares of the way east and north.
    pub fn at(&self, east: f64, north: f64) -> At {
        let [a, b, c, d] = self.0;
        between(between(a, b, east), between(d, c, east), north)
    }
    /// The part of it between these shares.
    fn part(&self, east: (f64, f64), north: (f64, f64)) -> Quad {
        Quad([self.at(east.0, north.0), self.at(east.1, north.0), self.at(east.1, north.1), self.at(east.0, north.1)])
    }
    pub fn ring(&self) -> Vec<At> {
        let [a, b, c, d] = self.0;
        vec![a, b, c, d, a]
    }
    /// Some point well inside, another for each number.
    pub fn inside(&self, number: usize) -> (i32, i32) {
        let share = |axis| 0.5 + 0.36 * stray([7, axis, number]);
        let (lng, lat) = self.at(share(1), share(2));
        Point::from_degrees(lng, lat).map_or((0, 0), |point| (point.lng_e7, point.lat_e7))
    }
}

/// A corner of the chequerboard.
fn corner(column: usize, row: usize) -> At {
    let (column_f, row_f) = (column as f64, row as f64);
    let (east, north) = (CORNER * stray([1, column, row]), CORNER * stray([2, column, row]));
    (WEST + (column_f + east) * CELL.0, SOUTH + (row_f + north) * CELL.1)
}

/// The line from a corner to the next one east (`true`) or north: five points, both corners among them.
fn edge(column: usize, row: usize, east: bool) -> [At; 5] {
    let (from, to) = (corner(column, row), if east { corner(column + 1, row) } else { corner(column, row + 1) });
    let across = (from.1 - to.1, to.0 - from.0);
    let bent = |step: usize| {
        let straight = between(from, to, step as f64 / 4.0);
        let by = EDGE * stray([3 + usize::from(east), column * 16 + row, step]);
        (straight.0 + across.0 * by, straight.1 + across.1 * by)
    };
    [from, bent(1), bent(2), bent(3), to]
}

fn backwards(mut line: [At; 5]) -> [At; 5] {
    line.reverse();
    line
}

/// One closed ring of lines that follow one another.
fn closed(lines: impl IntoIterator<Item = Vec<At>>) -> Vec<At> {
    let mut ring: Vec<At> = lines.into_iter().flatten().collect();
    ring.dedup();
    if ring.first() != ring.last() {
        ring.extend(ring.first().copied());
    }
    ring
}

/// The whole sub-district: the outer edges of all communities.
pub fn whole() -> Vec<At> {
    let south = (0..COLUMNS).map(|column| edge(column, 0, true).to_vec());
    let east = (0..ROWS).map(|row| edge(COLUMNS, row, false).to_vec());
    let north = (0..COLUMNS).rev().map(|column| backwards(edge(column, ROWS, true)).to_vec());
    let west = (0..ROWS).rev().map(|row| backwards(edge(0, row, false)).to_vec());
    closed(south.chain(east).chain(north).chain(west))
}

/// Where a community stands on the board; there are twenty places.
fn seat(community: usize) -> (usize, usize) {
    (community % COLUMNS, community / COLUMNS % ROWS)
}

pub fn community(community: usize) -> Vec<At> {
    let (column, row) = seat(community);
    closed([
        edge(column, row, true).to_vec(),
        edge(column + 1, row, false).to_vec(),
        backwards(edge(column, row + 1, true)).to_vec(),
        backwards(edge(column, row, false)).to_vec(),
    ])
}

/// The western (0) or eastern (1) half of a community.
pub fn grid(community: usize, half: usize) -> Vec<At> {
    let (column, row) = seat(community);
    let (south, north) = (edge(column, row, true), backwards(edge(column, row + 1, true)));
    if half == 0 {
        closed([south[..3].to_vec(), north[2..].to_vec(), backwards(edge(column, row, false)).to_vec()])
    } else {
        closed([south[2..].to_vec(), edge(column + 1, row, false).to_vec(), north[..3].to_vec()])
    }
}

/// A community's compound: three of its four blocks are lived in, streets run between them.
pub fn compound(community: usize, compound: usize) -> Quad {
    let (column, row) = seat(community);
    let corners = Quad([corner(column, row), corner(column + 1, row), corner(column + 1, row + 1), corner(column, row + 1)]);
    let empty = community % 4;
    let block = (0..4).filter(|block| *block != empty).nth(compound % 3).unwrap_or(0);
    let span = |axis: usize, second: bool| {
        let inward = |which| 0.035 * (1.0 + stray([5, axis * 8 + which, community * 4 + block]));
        if second { (0.54 + inward(0), 0.89 - inward(1)) } else { (0.11 + inward(0), 0.46 - inward(1)) }
    };
    corners.part(span(0, block % 2 == 1), span(1, block / 2 == 1))
}

/// One of four buildings of a compound.
pub fn building(compound: &Quad, number: usize) -> Quad {
    let span = |second| if second { (0.58, 0.86) } else { (0.14, 0.42) };
    compound.part(span(number % 2 == 1), span(number / 2 % 2 == 1))
}

/// Named rings as the GeoJSON file that an office would send in.
pub fn geojson(named: &[(String, Vec<At>)]) -> String {
    let positions = |ring: &[At]| ring.iter().map(|at| json!([at.0, at.1])).collect::<Vec<_>>();
    let feature = |(name, ring): &(String, Vec<At>)| {
        let geometry = json!({ "type": "Polygon", "coordinates": [positions(ring)] });
        json!({ "type": "Feature", "properties": { "name": name }, "geometry": geometry })
    };
    json!({ "type": "FeatureCollection", "features": named.iter().map(feature).collect::<Vec<_>>() }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twice the area, by the shoelace formula; positive counter-clockwise.
    fn area(ring: &[At]) -> f64 {
        let origin = ring[0];
        let flat: Vec<At> = ring.iter().map(|at| (at.0 - origin.0, at.1 - origin.1)).collect();
        flat.windows(2).map(|pair| pair[0].0 * pair[1].1 - pair[1].0 * pair[0].1).sum()
    }
    /// Whether a ring holds a point, by crossings.
    fn holds(ring: &[At], at: At) -> bool {
        ring.windows(2).filter(|pair| (pair[0].1 > at.1) != (pair[1].1 > at.1)).fold(false, |inside, pair| {
            let crossing = pair[0].0 + (at.1 - pair[0].1) / (pair[1].1 - pair[0].1) * (pair[1].0 - pair[0].0);
            inside != (at.0 < crossing)
        })
    }

    #[test]
    fn the_communities_fill_the_sub_district_and_their_grids_fill_them() {
        let parts: f64 = (0..20).map(|n| area(&community(n))).sum();
        assert!((0..20).all(|n| area(&community(n)) > 0.0));
        assert!((parts / area(&whole()) - 1.0).abs() < 1e-9, "gaps or overlaps: {parts}");
        for n in 0..4 {
            let halves = area(&grid(n, 0)) + area(&grid(n, 1));
            assert!((halves / area(&community(n)) - 1.0).abs() < 1e-9, "community {n}");
        }
    }

    #[test]
    fn compounds_lie_in_their_community_and_grid_apart_from_one_another_and_hold_their_buildings() {
        for n in 0..20 {
            let compounds: Vec<Quad> = (0..3).map(|j| compound(n, j)).collect();
            for (j, one) in compounds.iter().enumerate() {
                assert!(one.ring().iter().all(|at| holds(&community(n), *at)), "compound {j} of {n}");
                let halves = (0..2).filter(|half| one.ring().iter().all(|at| holds(&grid(n, *half), *at)));
                assert_eq!(halves.count(), 1, "compound {j} of {n} lies across two grids");
                for other in compounds.iter().skip(j + 1) {
                    assert!(other.ring().iter().all(|at| !holds(&one.ring(), *at)), "compounds of {n} overlap");
                }
                assert!((0..4).all(|b| building(one, b).ring().iter().all(|at| holds(&one.ring(), *at))));
            }
        }
    }

    #[test]
    fn points_differ_and_lie_inside() {
        let compound = compound(7, 1);
        let points: Vec<(i32, i32)> = (0..200).map(|n| compound.inside(n)).collect();
        assert!(points.iter().all(|p| holds(&compound.ring(), (f64::from(p.0) / 1e7, f64::from(p.1) / 1e7))));
        assert_eq!(points.iter().collect::<std::collections::BTreeSet<_>>().len(), 200);
    }
}
