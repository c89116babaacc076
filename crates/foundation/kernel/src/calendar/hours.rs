//! Working hours of a day, as minutes on the wall clock, so that `24:00` can be written and nothing is a float.

use super::CalendarError;
use serde::{Deserialize, Serialize};

/// The hours worked on every working day: ordered stretches of minutes that do not overlap, in `0..=1440`.
///
/// Written `08:30-12:00,13:30-17:30`, in the database and in forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours(Vec<(u16, u16)>);

impl Hours {
    /// More stretches than anybody's working day has.
    const MAX_SPANS: usize = 8;

    /// From `(opens, closes)` in minutes after midnight, in order.
    pub fn new(spans: &[(u16, u16)]) -> Result<Self, CalendarError> {
        let ordered = spans.windows(2).all(|pair| pair[0].1 <= pair[1].0);
        let forwards = spans.iter().all(|&(open, close)| open < close && close <= 1440);
        if spans.is_empty() || spans.len() > Self::MAX_SPANS || !ordered || !forwards {
            return Err(CalendarError::Hours);
        }
        Ok(Hours(spans.to_vec()))
    }

    /// 8:30–12:00 and 13:30–17:30, seven and a half hours: what a street's office of the north keeps. A sample.
    pub fn office() -> Self {
        Hours(vec![(510, 720), (810, 1050)])
    }

    pub fn spans(&self) -> impl Iterator<Item = (u16, u16)> + '_ {
        self.0.iter().copied()
    }
    pub fn contains(&self, minute: u16) -> bool {
        self.0.iter().any(|&(open, close)| open <= minute && minute < close)
    }
    /// When the working day ends, in minutes after midnight.
    pub fn closes(&self) -> u16 {
        self.0.last().map_or(1440, |&(_, close)| close)
    }
    pub fn minutes_a_day(&self) -> u16 {
        self.0.iter().map(|&(open, close)| close - open).sum()
    }
}

impl std::str::FromStr for Hours {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let mut spans = Vec::new();
        for span in text.split(',') {
            let (open, close) = span.trim().split_once(['-', '–']).ok_or(CalendarError::Hours)?;
            spans.push((minute_of_day(open)?, minute_of_day(close)?));
        }
        Hours::new(&spans)
    }
}

fn minute_of_day(text: &str) -> Result<u16, CalendarError> {
    let (hour, minute) = text.trim().split_once(':').ok_or(CalendarError::Hours)?;
    let digits = |part: &str| part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return Err(CalendarError::Hours);
    }
    let (hour, minute): (u16, u16) = (hour.parse().map_err(|_| CalendarError::Hours)?, minute.parse().map_err(|_| CalendarError::Hours)?);
    if minute > 59 {
        return Err(CalendarError::Hours);
    }
    Ok(hour * 60 + minute)
}

impl std::fmt::Display for Hours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (position, (open, close)) in self.spans().enumerate() {
            let comma = if position == 0 { "" } else { "," };
            write!(f, "{comma}{:02}:{:02}-{:02}:{:02}", open / 60, open % 60, close / 60, close % 60)?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Hours {
    type Error = CalendarError;
    fn try_from(text: String) -> Result<Self, CalendarError> {
        text.parse()
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> String {
        hours.to_string()
    }
}
