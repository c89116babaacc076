//! Announced holidays and make-up working days: data with a beginning and an end, beyond which nobody knows.

use super::CalendarError;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// Nobody works, whatever the weekday.
    Off,
    /// A weekend day that is worked in exchange (调休上班).
    MakeUp,
}

/// One date that differs from its weekday, and the holiday that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    pub kind: DayKind,
    pub name: String,
}

/// Dates that differ from their weekday, and the stretch of dates for which they are all announced.
///
/// Outside `known_from..=known_until` plain weekends are assumed, and answers that needed such a day say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holidays {
    days: BTreeMap<Date, Day>,
    known_from: Date,
    known_until: Date,
}

impl Holidays {
    pub fn new(days: BTreeMap<Date, Day>, known_from: Date, known_until: Date) -> Self {
        Holidays { days, known_from, known_until }
    }

    /// No holiday is known, on any date.
    pub fn unknown() -> Self {
        Holidays::new(BTreeMap::new(), Date::MAX, Date::MIN)
    }

    /// Reads `date,day_off,name` lines under that heading, `day_off` being `yes` (a day off) or `no` (a make-up day).
    ///
    /// A State Council notice covers a calendar year, so what is known ends with the last year in the file, and begins
    /// with the first year whose New Year's Day is in it: the make-up days of a December belong to the next year's notice.
    pub fn parse_csv(text: &str) -> Result<Self, CalendarError> {
        let mut days = BTreeMap::new();
        let text = text.trim_start_matches('\u{feff}');
        for (index, line) in text.lines().enumerate() {
            let bad = || CalendarError::HolidayLine { line: index + 1 };
            if index == 0 {
                if line.trim() != "date,day_off,name" {
                    return Err(bad());
                }
                continue;
            }
            if line.trim().is_empty() {
                continue;
            }
            let mut parts = line.trim().splitn(3, ',');
            let (Some(date), Some(off), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
                return Err(bad());
            };
            let date: Date = date.parse().map_err(|_| bad())?;
            let kind = match off {
                "yes" => DayKind::Off,
                "no" => DayKind::MakeUp,
                _ => return Err(bad()),
            };
            if name.is_empty() || name.contains('"') || days.insert(date, Day { kind, name: name.to_owned() }).is_some() {
                return Err(bad());
            }
        }
        let (Some(first), Some(last)) = (days.keys().next(), days.keys().next_back()) else {
            return Ok(Holidays::unknown());
        };
        let new_year = days.keys().copied().find(|date| date.month() == 1 && date.day() == 1);
        let (known_from, known_until) = (new_year.unwrap_or(*first), last.last_of_year());
        Ok(Holidays { known_from, known_until, days })
    }

    pub fn day(&self, date: Date) -> Option<&Day> {
        self.days.get(&date)
    }
    pub fn days(&self) -> impl Iterator<Item = (Date, &Day)> {
        self.days.iter().map(|(date, day)| (*date, day))
    }
    pub fn known_from(&self) -> Date {
        self.known_from
    }
    /// The last date for which holidays are announced.
    pub fn known_until(&self) -> Date {
        self.known_until
    }
    /// Whether holidays are announced for every date from `first` to `last`.
    pub fn knows(&self, first: Date, last: Date) -> bool {
        self.known_from <= first && last <= self.known_until
    }
}
