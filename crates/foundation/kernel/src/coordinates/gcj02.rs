//! GCJ-02, the shifted coordinates of Chinese map services, by the published formula and its inverse by iteration.

use std::f64::consts::PI;

/// Krasovsky 1940, as the published formula uses it: semi-major axis in metres and eccentricity squared.
const A: f64 = 6_378_245.0;
const EE: f64 = 0.006_693_421_622_965_943;

/// Outside this box of degrees the map services do not shift.
fn is_outside_china(lng: f64, lat: f64) -> bool {
    !(72.004..=137.8347).contains(&lng) || !(0.8293..=55.8271).contains(&lat)
}

/// The shift at a WGS-84 position, in degrees of longitude and latitude.
fn shift(lng: f64, lat: f64) -> (f64, f64) {
    let (x, y) = (lng - 105.0, lat - 35.0);
    let common = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let root = x.abs().sqrt();
    let mut d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common;
    d_lat += (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0;
    d_lat += (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let mut d_lng = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common;
    d_lng += (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0;
    d_lng += (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    let radians = lat / 180.0 * PI;
    let magic = 1.0 - EE * radians.sin().powi(2);
    let root = magic.sqrt();
    d_lat = d_lat * 180.0 / ((A * (1.0 - EE)) / (magic * root) * PI);
    d_lng = d_lng * 180.0 / (A / root * radians.cos() * PI);
    (d_lng, d_lat)
}

/// Degrees of longitude and latitude, as map services draw them.
pub(super) fn from_wgs84(lng: f64, lat: f64) -> (f64, f64) {
    if is_outside_china(lng, lat) {
        return (lng, lat);
    }
    let (d_lng, d_lat) = shift(lng, lat);
    (lng + d_lng, lat + d_lat)
}

/// Finds the position whose shifted image this is. The shift changes slowly, so each round gains some three digits.
pub(super) fn to_wgs84(lng: f64, lat: f64) -> (f64, f64) {
    if is_outside_china(lng, lat) {
        return (lng, lat);
    }
    let (mut guess_lng, mut guess_lat) = (lng, lat);
    for _ in 0..30 {
        let (d_lng, d_lat) = shift(guess_lng, guess_lat);
        let (error_lng, error_lat) = (guess_lng + d_lng - lng, guess_lat + d_lat - lat);
        guess_lng -= error_lng;
        guess_lat -= error_lat;
        if error_lng.abs() < 1e-10 && error_lat.abs() < 1e-10 {
            break;
        }
    }
    (guess_lng, guess_lat)
}
