//! Coordinates: points in CGCS2000 as whole 1e-7 degrees, the datum of what came in, and cells for map windows.

mod cells;
mod gcj02;

pub use cells::{CellRange, Window, cell_ranges, square_window};

use crate::{Code, Error};
use serde::{Deserialize, Serialize};

/// A position in CGCS2000, in units of 1e-7 degree (about a centimetre). How every position is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Point {
    pub lng_e7: i32,
    pub lat_e7: i32,
}

/// The datum that a coordinate was given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// China Geodetic Coordinate System 2000; what we store.
    Cgcs2000,
    /// Differs from CGCS2000 by centimetres, which is nothing here: taken as the same.
    Wgs84,
    /// The shifted system of Chinese map services (火星坐标).
    Gcj02,
}

impl Datum {
    pub const ALL: [Datum; 3] = [Datum::Cgcs2000, Datum::Wgs84, Datum::Gcj02];

    /// The stored form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Datum::Cgcs2000 => "cgcs2000",
            Datum::Wgs84 => "wgs84",
            Datum::Gcj02 => "gcj02",
        }
    }
    /// Reads the stored form, and the usual ways of writing it (`GCJ-02`, `WGS84`, `EPSG:4490`).
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        match plain.as_str() {
            "cgcs2000" | "epsg4490" => Some(Datum::Cgcs2000),
            "wgs84" | "epsg4326" => Some(Datum::Wgs84),
            "gcj02" => Some(Datum::Gcj02),
            _ => None,
        }
    }
}

/// Why a text or a pair of numbers is not a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoordinateError {
    /// Not a decimal number of degrees.
    NotANumber,
    /// Longitude beyond ±180 or latitude beyond ±90 degrees.
    OutOfRange,
    /// A window whose south-west corner is not south-west of its north-east corner.
    Window,
}

pub const NOT_A_NUMBER: Code = Code::invalid("coordinates.not_a_number");
pub const OUT_OF_RANGE: Code = Code::invalid("coordinates.out_of_range");
pub const BAD_WINDOW: Code = Code::invalid("coordinates.window");

impl From<CoordinateError> for Error {
    fn from(error: CoordinateError) -> Error {
        match error {
            CoordinateError::NotANumber => NOT_A_NUMBER.err(),
            CoordinateError::OutOfRange => OUT_OF_RANGE.err(),
            CoordinateError::Window => BAD_WINDOW.err(),
        }
    }
}

impl std::fmt::Display for CoordinateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", Error::from(*self))
    }
}

impl std::error::Error for CoordinateError {}

const E7: i64 = 10_000_000;
/// The mean radius of the earth (IUGG), in metres.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

impl Point {
    /// From whole 1e-7 degrees, checked for range.
    pub fn new(lng_e7: i32, lat_e7: i32) -> Result<Self, CoordinateError> {
        let inside = i64::from(lng_e7).abs() <= 180 * E7 && i64::from(lat_e7).abs() <= 90 * E7;
        if inside { Ok(Point { lng_e7, lat_e7 }) } else { Err(CoordinateError::OutOfRange) }
    }

    /// From degrees; not-a-number and infinities are refused, and everything is rounded to 1e-7.
    pub fn from_degrees(lng: f64, lat: f64) -> Result<Self, CoordinateError> {
        if !lng.is_finite() || !lat.is_finite() {
            return Err(CoordinateError::NotANumber);
        }
        if lng.abs() > 180.0 || lat.abs() > 90.0 {
            return Err(CoordinateError::OutOfRange);
        }
        Point::new(to_e7(lng), to_e7(lat))
    }

    /// From decimal text such as `120.1053490`, exactly: the eighth decimal rounds, the rest is dropped.
    pub fn parse(lng: &str, lat: &str) -> Result<Self, CoordinateError> {
        Point::new(parse_e7(lng)?, parse_e7(lat)?)
    }

    /// The same, in whatever datum it was given; what comes back is CGCS2000.
    #[must_use]
    pub fn from_datum(self, datum: Datum) -> Point {
        match datum {
            Datum::Cgcs2000 | Datum::Wgs84 => self,
            Datum::Gcj02 => {
                let (lng, lat) = gcj02::to_wgs84(self.lng_degrees(), self.lat_degrees());
                Point { lng_e7: to_e7(lng), lat_e7: to_e7(lat) }
            }
        }
    }

    /// Longitude and latitude of this position in another datum, as whole 1e-7 degrees.
    #[must_use]
    pub fn to_datum(self, datum: Datum) -> Point {
        let (lng, lat) = self.degrees_in(datum);
        Point { lng_e7: to_e7(lng), lat_e7: to_e7(lat) }
    }

    /// Longitude and latitude in degrees of another datum, unrounded, for the edge (a map service's link).
    ///
    /// What is printed with fewer decimals is rounded from here: rounding what was rounded can miss by one.
    pub fn degrees_in(self, datum: Datum) -> (f64, f64) {
        let (lng, lat) = (self.lng_degrees(), self.lat_degrees());
        match datum {
            Datum::Cgcs2000 | Datum::Wgs84 => (lng, lat),
            Datum::Gcj02 => gcj02::from_wgs84(lng, lat),
        }
    }

    pub fn lng_degrees(self) -> f64 {
        f64::from(self.lng_e7) / E7 as f64
    }
    pub fn lat_degrees(self) -> f64 {
        f64::from(self.lat_e7) / E7 as f64
    }

    /// Metres to another point along a great circle (haversine; within 0.6 % of the ellipsoid).
    pub fn distance_m(self, other: Point) -> f64 {
        let (lat_a, lat_b) = (self.lat_degrees().to_radians(), other.lat_degrees().to_radians());
        let d_lat = lat_b - lat_a;
        let d_lng = (other.lng_degrees() - self.lng_degrees()).to_radians();
        let h = (d_lat / 2.0).sin().powi(2) + lat_a.cos() * lat_b.cos() * (d_lng / 2.0).sin().powi(2);
        2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
    }

    /// The position on a Hilbert curve over the whole earth, 62 bits: near cells are mostly near points. Stored as BIGINT.
    pub fn cell_key(self) -> i64 {
        cells::key(self)
    }
}

impl std::fmt::Display for Point {
    /// `120.1000000,35.9400000`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |value: i32| {
            let sign = if value < 0 { "-" } else { "" };
            let value = i64::from(value).abs();
            format!("{sign}{}.{:07}", value / E7, value % E7)
        };
        write!(f, "{},{}", part(self.lng_e7), part(self.lat_e7))
    }
}

/// Rounded to the nearest 1e-7 degree; the caller has checked the range.
fn to_e7(degrees: f64) -> i32 {
    (degrees * E7 as f64).round() as i32
}

fn parse_e7(text: &str) -> Result<i32, CoordinateError> {
    let bad = CoordinateError::NotANumber;
    let text = text.trim();
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || text.len() > 40 {
        return Err(bad);
    }
    let whole: i64 = whole.parse().map_err(|_| CoordinateError::OutOfRange)?;
    if whole > 180 {
        return Err(CoordinateError::OutOfRange);
    }
    let kept: String = format!("{fraction:0<8}").chars().take(8).collect();
    let e8: i64 = whole * 10 * E7 + kept.parse::<i64>().map_err(|_| bad)?;
    let e7 = (e8 + 5) / 10;
    i32::try_from(if negative { -e7 } else { e7 }).map_err(|_| CoordinateError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn six_decimals((lng, lat): (f64, f64)) -> String {
        format!("{lng:.6},{lat:.6}")
    }

    #[test]
    fn the_published_pair_converts_both_ways() {
        let wgs = Point::parse("120.100000", "35.940000").unwrap();
        assert_eq!(six_decimals(wgs.degrees_in(Datum::Gcj02)), "120.105349,35.940248");
        let gcj = Point::parse("120.105349", "35.940248").unwrap();
        let back = gcj.from_datum(Datum::Gcj02);
        assert_eq!(((back.lng_e7 + 5) / 10, (back.lat_e7 + 5) / 10), (120_100_000, 35_940_000));
    }

    #[test]
    fn outside_china_nothing_is_shifted() {
        let boston = Point::parse("-71.0587", "42.3594").unwrap();
        assert_eq!(boston.to_datum(Datum::Gcj02), boston);
        assert_eq!(boston.from_datum(Datum::Gcj02), boston);
    }

    #[test]
    fn decimals_are_read_exactly() {
        assert_eq!(Point::parse("120.1", "-35.94").unwrap(), Point { lng_e7: 1_201_000_000, lat_e7: -359_400_000 });
        assert_eq!(Point::parse(" 120.00000005 ", "0.00000004").unwrap(), Point { lng_e7: 1_200_000_001, lat_e7: 0 });
        assert_eq!(Point::parse("180", "90").unwrap().to_string(), "180.0000000,90.0000000");
        assert_eq!(Point::parse("-0.5", "0").unwrap().to_string(), "-0.5000000,0.0000000");
        for bad in ["", "-", ".", "1e2", "NaN", "inf", "12,5", "0x10", "１２０", "1.2.3", "--1"] {
            assert_eq!(Point::parse(bad, "0"), Err(CoordinateError::NotANumber), "{bad}");
        }
        for far in ["180.0000001", "181", "-999999999999999999999"] {
            assert_eq!(Point::parse(far, "0"), Err(CoordinateError::OutOfRange), "{far}");
        }
        assert_eq!(Point::parse("0", "90.0000001"), Err(CoordinateError::OutOfRange));
        assert_eq!(Point::from_degrees(f64::NAN, 0.0), Err(CoordinateError::NotANumber));
        assert_eq!(Point::from_degrees(1e300, 0.0), Err(CoordinateError::OutOfRange));
    }

    #[test]
    fn distances_are_right_to_the_metre_where_they_are_known() {
        let point = |lng: &str, lat: &str| Point::parse(lng, lat).unwrap();
        // One degree of latitude on the mean sphere is 111,195.1 m.
        assert!((point("120", "36").distance_m(point("120", "35")) - 111_195.1).abs() < 0.5);
        // Half around the equator is π·R.
        assert!((point("-90", "0").distance_m(point("90", "0")) - 20_015_114.4).abs() < 1.0);
        assert_eq!(point("120", "36").distance_m(point("120", "36")), 0.0);
    }

    #[test]
    fn data_are_named_as_people_write_them() {
        for datum in Datum::ALL {
            assert_eq!(Datum::parse(datum.as_str()), Some(datum));
        }
        assert_eq!(Datum::parse("GCJ-02"), Some(Datum::Gcj02));
        assert_eq!(Datum::parse("BD-09"), None);
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_centimetre(lng in 735_000_000i32..1_350_000_000, lat in 180_000_000i32..535_000_000) {
            let point = Point::new(lng, lat).unwrap();
            let shifted = point.to_datum(Datum::Gcj02);
            let back = shifted.from_datum(Datum::Gcj02);
            prop_assert!((back.lng_e7 - lng).abs() <= 2 && (back.lat_e7 - lat).abs() <= 2, "{point} {back}");
            prop_assert!((20.0..1500.0).contains(&point.distance_m(shifted)), "the shift is some hundred metres");
        }

        #[test]
        fn text_survives_printing(lng in -1_800_000_000i32..=1_800_000_000, lat in -900_000_000i32..=900_000_000) {
            let point = Point::new(lng, lat).unwrap();
            let text = point.to_string();
            let (a, b) = text.split_once(',').unwrap();
            prop_assert_eq!(Point::parse(a, b).unwrap(), point);
            prop_assert_eq!(Point::from_degrees(point.lng_degrees(), point.lat_degrees()).unwrap(), point);
        }

        #[test]
        fn nothing_typed_panics(lng in any::<String>(), lat in any::<String>()) {
            let _ = Point::parse(&lng, &lat);
        }
    }
}
