//! Values that are bounded as the document says they are: instants, days, texts, numbers, lists.

use crate::params::FromText;
use crate::schema::{Schema, Schemas};
use kernel::Instant;
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// An instant, as RFC 3339 writes it; given back in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(pub Instant);

impl Stamp {
    fn parse(text: &str) -> Option<Stamp> {
        // RFC 3339 demands an offset, seconds and nothing else; what reads it here would take more.
        let shape = |text: &str| {
            let bytes = text.as_bytes();
            let (date, time) = (bytes.get(..10)?, bytes.get(11..19)?);
            let digits = |part: &[u8], mark: u8| part.iter().all(|byte| byte.is_ascii_digit() || *byte == mark);
            (digits(date, b'-') && digits(time, b':') && matches!(bytes[10], b'T' | b't')).then_some(())
        };
        shape(text)?;
        let at: jiff::Timestamp = text.parse().ok()?;
        Some(Stamp(Instant::from_timestamp(at)))
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.to_timestamp())
    }
}
impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Stamp::parse(&text).ok_or_else(|| D::Error::custom("an instant is written as RFC 3339 does, with its offset"))
    }
}
impl Schema for Stamp {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "format": "date-time" })
    }
}
impl FromText for Stamp {
    fn from_text(text: &str) -> Option<Self> {
        Stamp::parse(text)
    }
}
impl From<Instant> for Stamp {
    fn from(at: Instant) -> Self {
        Stamp(at)
    }
}

/// Where a page of a list begins: `next` of the page before, handed back as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

impl Schema for Cursor {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "pattern": "^i-?[0-9]{1,18}~d[0-9a-f]{32}$" })
    }
}
impl FromText for Cursor {
    fn from_text(text: &str) -> Option<Self> {
        store::query::decode_keys(text, "id").map(|_| Cursor(text.to_owned()))
    }
}

/// A business day of the tenant, as ISO 8601 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub jiff::civil::Date);

impl Day {
    fn parse(text: &str) -> Option<Day> {
        let shape = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        text.parse().ok().filter(|_| shape).map(Day)
    }
}
impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Day::parse(&text).ok_or_else(|| D::Error::custom("a day is written as 2026-01-31"))
    }
}
impl Schema for Day {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "format": "date" })
    }
}
impl FromText for Day {
    fn from_text(text: &str) -> Option<Self> {
        Day::parse(text)
    }
}

/// A text of at least `MIN` and at most `MAX` characters. Whoever writes only blanks has written nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text<const MIN: usize, const MAX: usize>(pub String);

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    fn parse(text: String) -> Option<Self> {
        // PostgreSQL keeps no NUL, and nobody writes one.
        let fits = (MIN..=MAX).contains(&text.chars().count()) && !text.contains('\0');
        fits.then_some(Text(text))
    }
}
impl<const MIN: usize, const MAX: usize> Serialize for Text<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Text::parse(text).ok_or_else(|| D::Error::custom(format!("a text here has {MIN} to {MAX} characters and no NUL")))
    }
}
impl<const MIN: usize, const MAX: usize> Schema for Text<MIN, MAX> {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "minLength": MIN, "maxLength": MAX, "pattern": "^[^\\u0000]*$" })
    }
}
impl<const MIN: usize, const MAX: usize> FromText for Text<MIN, MAX> {
    fn from_text(text: &str) -> Option<Self> {
        Text::parse(text.to_owned())
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whole<const MIN: i64, const MAX: i64>(pub i64);

impl<const MIN: i64, const MAX: i64> Serialize for Whole<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

struct WholeVisitor<const MIN: i64, const MAX: i64>;

impl<const MIN: i64, const MAX: i64> WholeVisitor<MIN, MAX> {
    fn fit<E: serde::de::Error>(number: i64) -> Result<Whole<MIN, MAX>, E> {
        if (MIN..=MAX).contains(&number) { Ok(Whole(number)) } else { Err(E::custom(format!("a number here is {MIN} to {MAX}"))) }
    }
}
impl<const MIN: i64, const MAX: i64> Visitor<'_> for WholeVisitor<MIN, MAX> {
    type Value = Whole<MIN, MAX>;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a whole number from {MIN} to {MAX}")
    }
    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Self::fit(number)
    }
    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Self::fit(i64::try_from(number).unwrap_or(i64::MAX))
    }
    /// To JSON Schema `3.0` is a whole number.
    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Self::Value, E> {
        if number.fract() == 0.0 && number.abs() < 9e15 {
            #[allow(clippy::cast_possible_truncation)] // It is whole, and far within.
            return Self::fit(number as i64);
        }
        Err(E::custom("not a whole number"))
    }
}
impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeVisitor)
    }
}
impl<const MIN: i64, const MAX: i64> Schema for Whole<MIN, MAX> {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "integer", "format": "int64", "minimum": MIN, "maximum": MAX })
    }
}
impl<const MIN: i64, const MAX: i64> FromText for Whole<MIN, MAX> {
    fn from_text(text: &str) -> Option<Self> {
        // `+1` and ` 1` are no numbers in an address.
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| plain && (MIN..=MAX).contains(number)).map(Whole)
    }
}

/// Degrees, from `-MOST` to `MOST`; kept to 1e-7.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Degrees<const MOST: i64>(pub f64);

impl<const MOST: i64> Serialize for Degrees<MOST> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}
impl<'de, const MOST: i64> Deserialize<'de> for Degrees<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let degrees = f64::deserialize(deserializer)?;
        #[allow(clippy::cast_precision_loss)] // 180 at most.
        let fits = degrees.abs() <= MOST as f64;
        if fits { Ok(Degrees(degrees)) } else { Err(D::Error::custom(format!("degrees here are at most {MOST}"))) }
    }
}
impl<const MOST: i64> Schema for Degrees<MOST> {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "number", "format": "double", "minimum": -MOST, "maximum": MOST })
    }
}

/// A list of at most `MAX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T, const MAX: usize>(pub Vec<T>);

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        List(Vec::new())
    }
}
impl<T: Serialize, const MAX: usize> Serialize for List<T, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = Vec::deserialize(deserializer)?;
        if all.len() <= MAX { Ok(List(all)) } else { Err(D::Error::custom(format!("a list here has at most {MAX}"))) }
    }
}
impl<T: Schema, const MAX: usize> Schema for List<T, MAX> {
    fn schema(all: &mut Schemas) -> Value {
        json!({ "type": "array", "items": T::schema(all), "maxItems": MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: for<'a> Deserialize<'a>>(text: &str) -> Option<T> {
        serde_json::from_str(text).ok()
    }

    #[test]
    fn an_instant_is_written_as_rfc_3339_does_and_in_no_other_way() {
        let stamp = read::<Stamp>("\"2026-01-31T17:30:00+08:00\"").unwrap();
        assert_eq!(serde_json::to_string(&stamp).unwrap(), "\"2026-01-31T09:30:00Z\"");
        for bad in ["2026-01-31", "2026-01-31T17:30", "2026-01-31 17:30:00Z", "2026-01-31T17:30:00", "20260131T173000Z", "now", ""] {
            assert_eq!(Stamp::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn texts_numbers_and_lists_are_held_to_their_bounds() {
        assert!(read::<Text<1, 3>>("\"绣花绣\"").is_some() && read::<Text<1, 3>>("\"绣花绣花\"").is_none());
        assert!(read::<Text<1, 3>>("\"\"").is_none() && read::<Text<0, 9>>("\"a\\u0000\"").is_none());
        assert_eq!(read::<Whole<1, 9>>("3.0"), Some(Whole(3)));
        for bad in ["0", "10", "3.5", "1e300", "\"3\"", "null", "true"] {
            assert_eq!(read::<Whole<1, 9>>(bad), None, "{bad}");
        }
        assert_eq!(Whole::<1, 9>::from_text("+3"), None);
        assert!(read::<List<i64, 2>>("[1,2]").is_some() && read::<List<i64, 2>>("[1,2,3]").is_none());
        assert!(read::<Degrees<90>>("90.1").is_none() && read::<Degrees<90>>("-90").is_some());
    }

    #[test]
    fn a_day_is_written_with_its_hyphens() {
        assert!(Day::parse("2026-01-31").is_some());
        for bad in ["20260131", "2026-02-30", "2026-1-31", "2026-01-31T00:00", "-02026-01-31"] {
            assert_eq!(Day::parse(bad), None, "{bad}");
        }
    }
}
