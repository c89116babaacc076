//! Cells on a Hilbert curve, so that a map window is a few ranges of one BIGINT column on any database.

use super::{CoordinateError, Point};

/// Bits of each coordinate in a key; two of them fit a positive BIGINT.
const BITS: u32 = 31;
/// A window is covered by squares of which its longer side spans at most this many: fine enough, and bounded work.
const SQUARES_A_SIDE: u32 = 16;

/// A rectangle of the map, both corners included. It cannot cross the 180th meridian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    south_west: Point,
    north_east: Point,
}

impl Window {
    pub fn new(south_west: Point, north_east: Point) -> Result<Self, CoordinateError> {
        if south_west.lng_e7 > north_east.lng_e7 || south_west.lat_e7 > north_east.lat_e7 {
            return Err(CoordinateError::Window);
        }
        Ok(Window { south_west, north_east })
    }
    pub fn contains(&self, point: Point) -> bool {
        (self.south_west.lng_e7..=self.north_east.lng_e7).contains(&point.lng_e7)
            && (self.south_west.lat_e7..=self.north_east.lat_e7).contains(&point.lat_e7)
    }
    pub fn south_west(&self) -> Point {
        self.south_west
    }
    pub fn north_east(&self) -> Point {
        self.north_east
    }
}

/// Keys from `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellRange {
    pub first: i64,
    pub last: i64,
}

/// At most `max_ranges` ranges (at least one), rising and apart, that hold the key of every point in the window.
///
/// They hold points around it too: a query filters by the window's own coordinates after them.
pub fn cell_ranges(window: Window, max_ranges: usize) -> Vec<CellRange> {
    let (x_low, y_low) = on_grid(window.south_west);
    let (x_high, y_high) = on_grid(window.north_east);
    let side = (x_high - x_low).max(y_high - y_low) + 1;
    // The smallest squares of which at most SQUARES_A_SIDE lie along the longer side.
    let mut square_bits = 0;
    while square_bits < BITS && (side >> square_bits) >= SQUARES_A_SIDE {
        square_bits += 1;
    }
    let mut squares: Vec<i64> = Vec::new();
    for x in (x_low >> square_bits)..=(x_high >> square_bits) {
        for y in (y_low >> square_bits)..=(y_high >> square_bits) {
            // A square's points share the leading digits of the curve, so its keys are one range.
            squares.push(hilbert(x << square_bits, y << square_bits) >> (2 * square_bits));
        }
    }
    squares.sort_unstable();
    let mut ranges: Vec<CellRange> = Vec::new();
    for square in squares {
        let (first, last) = (square << (2 * square_bits), ((square + 1) << (2 * square_bits)) - 1);
        match ranges.last_mut() {
            Some(range) if range.last + 1 == first => range.last = last,
            _ => ranges.push(CellRange { first, last }),
        }
    }
    join_nearest(ranges, max_ranges.max(1))
}

/// Closes the smallest gaps until few enough ranges are left.
fn join_nearest(ranges: Vec<CellRange>, max_ranges: usize) -> Vec<CellRange> {
    if ranges.len() <= max_ranges {
        return ranges;
    }
    let mut gaps: Vec<(i64, usize)> = ranges.windows(2).enumerate().map(|(at, pair)| (pair[1].first - pair[0].last, at)).collect();
    gaps.sort_unstable();
    let mut closed = vec![false; ranges.len()];
    for &(_, at) in gaps.iter().take(ranges.len() - max_ranges) {
        closed[at] = true;
    }
    let mut joined: Vec<CellRange> = Vec::with_capacity(max_ranges);
    for (at, range) in ranges.iter().enumerate() {
        match joined.last_mut() {
            Some(last) if at > 0 && closed[at - 1] => last.last = range.last,
            _ => joined.push(*range),
        }
    }
    joined
}

pub(super) fn key(point: Point) -> i64 {
    let (x, y) = on_grid(point);
    hilbert(x, y)
}

/// Longitude and latitude spread over 31 bits each, rising with them.
fn on_grid(point: Point) -> (u32, u32) {
    let spread = |value: i32, limit: i64| (((i64::from(value) + limit) << BITS) / (2 * limit + 1)) as u32;
    (spread(point.lng_e7, 1_800_000_000), spread(point.lat_e7, 900_000_000))
}

/// The distance along the Hilbert curve of 31 levels (Hilbert 1891; the usual iterative form), highest bit first.
fn hilbert(mut x: u32, mut y: u32) -> i64 {
    let mut distance = 0i64;
    for level in (0..BITS).rev() {
        let (right, upper) = ((x >> level) & 1, (y >> level) & 1);
        distance = (distance << 2) | i64::from((3 * right) ^ upper);
        // What is left is turned so that the curve enters and leaves each quarter where its neighbours expect it.
        let mask = (1u32 << level) - 1;
        (x, y) = (x & mask, y & mask);
        if upper == 0 {
            if right == 1 {
                (x, y) = (mask - x, mask - y);
            }
            (x, y) = (y, x);
        }
    }
    distance
}

/// The window of a square of the map: of all points whose keys have `square` before their last `2 × bits` binary digits.
///
/// `None` for what is no square (negative, or beyond the curve).
pub fn square_window(square: i64, bits: u32) -> Option<Window> {
    if bits > BITS || square < 0 || square >> (2 * (BITS - bits)) != 0 {
        return None;
    }
    let (x, y) = unhilbert(square, BITS - bits);
    // The least value that `on_grid` spreads to a grid line or beyond it.
    let value = |line: u64, limit: u64| ((line * (2 * limit + 1)).div_ceil(1 << BITS)) as i64 - limit as i64;
    let (lng, lat) = (1_800_000_000, 900_000_000);
    let corner = |x: u64, y: u64, back: i64| {
        let (x, y) = (value(x << bits, lng) - back, value(y << bits, lat) - back);
        Point {
            lng_e7: x.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32,
            lat_e7: y.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32,
        }
    };
    Window::new(corner(x.into(), y.into(), 0), corner(u64::from(x) + 1, u64::from(y) + 1, 1)).ok()
}

/// Where a distance along the curve of so many levels lies; the inverse of [`hilbert`].
fn unhilbert(distance: i64, levels: u32) -> (u32, u32) {
    let (mut x, mut y) = (0u32, 0u32);
    for level in 0..levels {
        let two = (distance >> (2 * level)) & 3;
        let right = u32::from(two & 2 != 0);
        let upper = u32::from(two == 1 || two == 2);
        if upper == 0 {
            let mask = (1u32 << level) - 1;
            (x, y) = (y, x);
            if right == 1 {
                (x, y) = (mask - x, mask - y);
            }
        }
        x |= right << level;
        y |= upper << level;
    }
    (x, y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn neighbours_on_the_curve_are_neighbours_on_the_map() {
        // The lowest 8 × 8 corner is one stretch of the curve, and each step goes to a square beside the last.
        let mut squares: Vec<(i64, u32, u32)> = (0..8).flat_map(|x| (0..8).map(move |y| (hilbert(x, y), x, y))).collect();
        squares.sort_unstable();
        for (step, (distance, ..)) in squares.iter().enumerate() {
            assert_eq!(*distance, step as i64);
        }
        for pair in squares.windows(2) {
            assert_eq!(pair[0].1.abs_diff(pair[1].1) + pair[0].2.abs_diff(pair[1].2), 1, "{pair:?}");
        }
    }

    #[test]
    fn a_street_sized_window_reads_little_beyond_itself() {
        let corner = |lng, lat| Point::parse(lng, lat).unwrap();
        let window = Window::new(corner("120.10", "35.94"), corner("120.15", "35.97")).unwrap();
        let ranges = cell_ranges(window, 16);
        assert!(ranges.len() <= 16);
        // Of points scattered over a window nine times as large, few outside the window fall in the ranges.
        let (mut inside, mut beside) = (0, 0);
        for x in 0..150 {
            for y in 0..90 {
                let point = Point::new(1_200_500_000 + x * 10_000, 359_100_000 + y * 10_000).unwrap();
                if ranges.iter().any(|range| (range.first..=range.last).contains(&point.cell_key())) {
                    if window.contains(point) { inside += 1 } else { beside += 1 }
                }
            }
        }
        assert!(inside >= 1500 && beside * 2 < inside, "{inside} {beside}");
    }

    #[test]
    fn a_window_inside_out_is_refused_and_the_whole_earth_is_one_range() {
        let (west, east) = (Point::new(-1_800_000_000, -900_000_000).unwrap(), Point::new(1_800_000_000, 900_000_000).unwrap());
        assert_eq!(Window::new(east, west), Err(CoordinateError::Window));
        let everything = cell_ranges(Window::new(west, east).unwrap(), 8);
        assert_eq!(everything, [CellRange { first: 0, last: (1 << 62) - 1 }]);
    }

    fn point() -> impl Strategy<Value = Point> {
        (-1_800_000_000i32..=1_800_000_000, -900_000_000i32..=900_000_000).prop_map(|(lng_e7, lat_e7)| Point { lng_e7, lat_e7 })
    }

    proptest! {
        #[test]
        fn every_point_of_a_window_is_in_its_ranges(
            corner in point(), width in 0i32..40_000_000, height in 0i32..40_000_000,
            inside in (0.0f64..=1.0, 0.0f64..=1.0), max_ranges in 0usize..40,
        ) {
            let east = corner.lng_e7.saturating_add(width).min(1_800_000_000);
            let north = corner.lat_e7.saturating_add(height).min(900_000_000);
            let window = Window::new(corner, Point { lng_e7: east, lat_e7: north }).unwrap();
            let ranges = cell_ranges(window, max_ranges);
            prop_assert!(!ranges.is_empty() && ranges.len() <= max_ranges.max(1));
            prop_assert!(ranges.iter().all(|range| 0 <= range.first && range.first <= range.last));
            prop_assert!(ranges.windows(2).all(|pair| pair[0].last + 1 < pair[1].first));
            let within = |low: i32, high: i32, share: f64| low + ((i64::from(high) - i64::from(low)) as f64 * share) as i32;
            let point = Point {
                lng_e7: within(corner.lng_e7, east, inside.0),
                lat_e7: within(corner.lat_e7, north, inside.1),
            };
            prop_assert!(window.contains(point));
            let key = point.cell_key();
            prop_assert!(ranges.iter().any(|range| (range.first..=range.last).contains(&key)));
        }
    }

    #[test]
    fn what_is_no_square_has_no_window() {
        assert_eq!(square_window(-1, 14), None);
        assert_eq!(square_window(1 << 34, 14), None);
        assert_eq!(square_window(0, 32), None);
        let all = square_window(0, 31).unwrap();
        assert_eq!(
            (all.south_west().to_string(), all.north_east().to_string()),
            ("-180.0000000,-90.0000000".into(), "180.0000000,90.0000000".into())
        );
    }

    proptest! {
        #[test]
        fn a_square_holds_the_points_whose_keys_begin_with_it_and_no_others(
            lng in -1_800_000_000i32..=1_800_000_000, lat in -900_000_000i32..=900_000_000, bits in 0u32..=31
        ) {
            let point = Point::new(lng, lat).unwrap();
            let square = key(point) >> (2 * bits);
            let window = square_window(square, bits).unwrap();
            prop_assert!(window.contains(point), "{point} {window:?}");
            // Its corners lie in it, and the next point over the edge does not.
            prop_assert_eq!(key(window.south_west()) >> (2 * bits), square);
            prop_assert_eq!(key(window.north_east()) >> (2 * bits), square);
            let over = window.north_east();
            if over.lng_e7 < 1_800_000_000 {
                prop_assert_ne!(key(Point { lng_e7: over.lng_e7 + 1, ..over }) >> (2 * bits), square);
            }
        }
    }
}
