//! Time, place and posture of a photo as its camera wrote them; read once, before the metadata is dropped.

use ::exif::{Exif, In, Rational, Reader, Tag, Value};
use ::image::metadata::Orientation;
use jiff::tz::TimeZone;
use kernel::Instant;
use std::io::Cursor;

/// What a camera says of a picture: claims, not proof.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    pub at: Option<Instant>,
    /// Longitude and latitude in 10⁻⁷ degrees, WGS-84 as Exif 2.32 §4.6.6 has it.
    pub position: Option<(i32, i32)>,
}

/// Reads what can be read; broken metadata is no reason to refuse a picture.
pub(super) fn read(bytes: &[u8], zone: &TimeZone) -> (Taken, Option<Orientation>) {
    let read = Reader::new()
        .continue_on_error(true)
        .read_from_container(&mut Cursor::new(bytes))
        .or_else(|error| error.distill_partial_result(|_| {}));
    let Ok(exif) = read else { return (Taken::default(), None) };
    let taken = Taken { at: taken_at(&exif, zone), position: position(&exif) };
    let orientation = uint(&exif, Tag::Orientation).and_then(|code| u8::try_from(code).ok()).and_then(Orientation::from_exif);
    (taken, orientation)
}

fn uint(exif: &Exif, tag: Tag) -> Option<u32> {
    exif.get_field(tag, In::PRIMARY)?.value.get_uint(0)
}

fn ascii(exif: &Exif, tag: Tag) -> Option<&[u8]> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(words) => words.first().map(Vec::as_slice),
        _ => None,
    }
}

fn rationals(exif: &Exif, tag: Tag) -> Option<&[Rational]> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Rational(numbers) => Some(numbers),
        _ => None,
    }
}

/// `DateTimeOriginal` alone: `DateTime` is when a program last saved the file.
fn taken_at(exif: &Exif, zone: &TimeZone) -> Option<Instant> {
    let mut time = ::exif::DateTime::from_ascii(ascii(exif, Tag::DateTimeOriginal)?).ok()?;
    if let Some(offset) = ascii(exif, Tag::OffsetTimeOriginal) {
        // A nonsensical offset is left out, not the time with it.
        let _ = time.parse_offset(offset);
    }
    let small = |number: u8| i8::try_from(number).ok();
    let civil = jiff::civil::DateTime::new(
        i16::try_from(time.year).ok()?,
        small(time.month)?,
        small(time.day)?,
        small(time.hour)?,
        small(time.minute)?,
        small(time.second)?,
        0,
    )
    .ok()?;
    let zone = match time.offset {
        Some(minutes) => TimeZone::fixed(jiff::tz::Offset::from_seconds(i32::from(minutes) * 60).ok()?),
        None => zone.clone(),
    };
    Some(Instant::from_timestamp(zone.to_timestamp(civil).ok()?))
}

fn position(exif: &Exif) -> Option<(i32, i32)> {
    let degrees = |value: Tag, sign: Tag, negative: u8, limit: i64| {
        let [degrees, minutes, seconds] = rationals(exif, value)? else { return None };
        let e7 = degrees_e7(*degrees, 1)? + degrees_e7(*minutes, 60)? + degrees_e7(*seconds, 3600)?;
        let e7 = if ascii(exif, sign)?.first()?.eq_ignore_ascii_case(&negative) { -e7 } else { e7 };
        (e7.abs() <= limit * 10_000_000).then(|| i32::try_from(e7).ok()).flatten()
    };
    let longitude = degrees(Tag::GPSLongitude, Tag::GPSLongitudeRef, b'W', 180)?;
    let latitude = degrees(Tag::GPSLatitude, Tag::GPSLatitudeRef, b'S', 90)?;
    // Phones without a fix write zeros.
    ((longitude, latitude) != (0, 0)).then_some((longitude, latitude))
}

/// A rational number of degrees, minutes or seconds in 10⁻⁷ degrees, rounded.
fn degrees_e7(number: Rational, divisor: i64) -> Option<i64> {
    let denominator = i64::from(number.denom) * divisor;
    (denominator > 0).then(|| (i64::from(number.num) * 10_000_000 + denominator / 2) / denominator)
}
