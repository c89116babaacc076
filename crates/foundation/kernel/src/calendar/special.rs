//! Hours that depend on the date: seasons that come back every year, and dated special periods (保障期) with rules of their own.

use super::{CalendarError, Hours, Limit};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A day of every year, written `06-01`. The 29th of February is one: in other years it falls between the 28th and the 1st.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay {
    month: i8,
    day: i8,
}

impl MonthDay {
    /// Errors: `Season` when no year has such a day.
    pub fn new(month: i8, day: i8) -> Result<Self, CalendarError> {
        // A leap year has every day that any year has.
        Date::new(2024, month, day).map(|_| MonthDay { month, day }).map_err(|_| CalendarError::Season)
    }
    pub fn of(date: Date) -> Self {
        MonthDay { month: date.month(), day: date.day() }
    }
}

impl std::str::FromStr for MonthDay {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let (month, day) = text.trim().split_once('-').ok_or(CalendarError::Season)?;
        let digits = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(month) || !digits(day) {
            return Err(CalendarError::Season);
        }
        MonthDay::new(month.parse().map_err(|_| CalendarError::Season)?, day.parse().map_err(|_| CalendarError::Season)?)
    }
}

impl std::fmt::Display for MonthDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

/// Hours that are kept on certain days of every year (夏季作息). Where `last` comes before `first`, it runs over New Year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Season {
    pub name: String,
    pub first: MonthDay,
    /// Still in the season.
    pub last: MonthDay,
    pub hours: Hours,
}

impl Season {
    pub fn covers(&self, date: Date) -> bool {
        let day = MonthDay::of(date);
        if self.first <= self.last { self.first <= day && day <= self.last } else { day >= self.first || day <= self.last }
    }
    /// Whether some day of the year lies in both.
    pub fn overlaps(&self, other: &Season) -> bool {
        let both = |year: Date| year.series(jiff::ToSpan::days(1)).take(366).any(|date| self.covers(date) && other.covers(date));
        both(jiff::civil::date(2024, 1, 1))
    }
}

/// A span of dates with a name and rules of its own (保障期): the Spring Festival, an inspection of the city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    pub name: String,
    pub first: Date,
    /// Still in the period.
    pub last: Date,
    /// The hours on its working days; those of the season or the ordinary ones where it has none of its own.
    pub hours: Option<Hours>,
    /// Every date is a working day, weekends and holidays too.
    pub every_day: bool,
    /// Limits that begin in the period are this share of what they are otherwise, in permille, rounded up to whole units.
    pub limit_permille: Option<u16>,
}

impl Period {
    pub fn covers(&self, date: Date) -> bool {
        self.first <= date && date <= self.last
    }
    pub fn overlaps(&self, other: &Period) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// A limit that a special period made shorter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortened {
    /// The period's name.
    pub period: String,
    pub permille: u16,
    /// What was counted in the place of the limit.
    pub to: Limit,
}

/// Working dates whose hours are not the ordinary ones, with whose hours they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursRun {
    pub first: Date,
    pub last: Date,
    pub hours: Hours,
    /// The name of the season or period.
    pub name: String,
}

/// The seasons and periods of a calendar: sound, and no two of a kind on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Special {
    seasons: Vec<Season>,
    /// In order of time.
    periods: Vec<Period>,
}

impl Special {
    pub(super) fn new(seasons: Vec<Season>, mut periods: Vec<Period>) -> Result<Self, CalendarError> {
        if seasons.iter().enumerate().any(|(at, one)| seasons[..at].iter().any(|other| one.overlaps(other))) {
            return Err(CalendarError::Overlap);
        }
        periods.sort_by_key(|period| period.first);
        if periods.windows(2).any(|pair| pair[0].overlaps(&pair[1])) {
            return Err(CalendarError::Overlap);
        }
        let sound = |period: &Period| period.first <= period.last && period.limit_permille.is_none_or(|share| (1..=1000).contains(&share));
        if !periods.iter().all(sound) {
            return Err(CalendarError::Period);
        }
        Ok(Special { seasons, periods })
    }
    pub(super) fn seasons(&self) -> &[Season] {
        &self.seasons
    }
    pub(super) fn periods(&self) -> &[Period] {
        &self.periods
    }
    pub(super) fn season(&self, date: Date) -> Option<&Season> {
        self.seasons.iter().find(|season| season.covers(date))
    }
    pub(super) fn period(&self, date: Date) -> Option<&Period> {
        let behind = self.periods.partition_point(|period| period.first <= date);
        self.periods[..behind].last().filter(|period| date <= period.last)
    }
    /// The hours of a date where they are not the ordinary ones, and the name of what they come from.
    pub(super) fn hours(&self, date: Date) -> Option<(&Hours, &str)> {
        let of_period = self.period(date).and_then(|period| Some((period.hours.as_ref()?, period.name.as_str())));
        of_period.or_else(|| self.season(date).map(|season| (&season.hours, season.name.as_str())))
    }
}
