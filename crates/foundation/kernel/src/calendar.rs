//! The working-time calendar: which moments count as working time, so that a limit becomes a deadline that can be explained.
//!
//! One definition carries everything: **an instant is working time when the clock on the wall, in the calendar's zone,
//! reads a time within the working hours of a working day.** A day is a working day when it is Monday to Friday, unless
//! the announced holidays say otherwise (a day off, or a make-up working day), and always in a special period that works
//! every day. Its hours are those of the special period it lies in, else of the season, else the ordinary ones. Where clocks
//! are put forward or back, hours that do not occur are not counted and hours that occur twice are counted twice.
//!
//! All arithmetic is on whole microseconds and walks day by day, never minute by minute.

mod deadline;
mod holidays;
mod hours;
mod special;
#[cfg(test)]
mod special_tests;
#[cfg(test)]
mod tests;

pub use deadline::{CountedDay, DEFAULT_YELLOW_PERMILLE, DayRun, DayRunKind, Deadline, Explanation, Limit, LimitUnit};
pub use holidays::{Day, DayKind, Holidays};
pub use hours::Hours;
pub use special::{HoursRun, MonthDay, Period, Season, Shortened};

use crate::{Code, Error, Instant};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Weekday},
    tz::{Offset, TimeZone},
};
use std::ops::ControlFlow;

pub(crate) const MICROS_PER_MINUTE: i64 = 60_000_000;
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Why the calendar cannot answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalendarError {
    /// The start or the result lies outside the years 0001 to 9999.
    OutOfRange,
    /// A limit of zero, or longer than [`LimitUnit::max_amount`].
    LimitAmount { unit: LimitUnit, max: u32 },
    /// Working hours that are empty, overlap, run backwards, or are not written `08:30-12:00,13:30-17:30`.
    Hours,
    /// The holiday file has a line that is not `date,yes|no,name`, or a date twice.
    HolidayLine { line: usize },
    /// No such time zone in the system's database.
    Zone,
    /// A day of a season that no year has, or that is not written `06-01`.
    Season,
    /// A special period that ends before it begins, or whose share of the limits is not 1 to 1000 permille.
    Period,
    /// Two seasons, or two special periods, on one day.
    Overlap,
}

pub const OUT_OF_RANGE: Code = Code::invalid("calendar.out_of_range");
pub const LIMIT_AMOUNT: Code = Code::invalid("calendar.limit_amount");
pub const BAD_HOURS: Code = Code::invalid("calendar.hours");
pub const BAD_HOLIDAY_LINE: Code = Code::invalid("calendar.holiday_line");
pub const BAD_ZONE: Code = Code::invalid("calendar.zone");
pub const BAD_SEASON: Code = Code::invalid("calendar.season");
pub const BAD_PERIOD: Code = Code::invalid("calendar.period");
pub const OVERLAP: Code = Code::invalid("calendar.overlap");

impl From<CalendarError> for Error {
    fn from(error: CalendarError) -> Error {
        match error {
            CalendarError::OutOfRange => OUT_OF_RANGE.err(),
            CalendarError::LimitAmount { max, .. } => LIMIT_AMOUNT.err().arg("max", max),
            CalendarError::Hours => BAD_HOURS.err(),
            CalendarError::HolidayLine { line } => BAD_HOLIDAY_LINE.err().arg("line", line),
            CalendarError::Zone => BAD_ZONE.err(),
            CalendarError::Season => BAD_SEASON.err(),
            CalendarError::Period => BAD_PERIOD.err(),
            CalendarError::Overlap => OVERLAP.err(),
        }
    }
}

impl std::fmt::Display for CalendarError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", Error::from(self.clone()))
    }
}

impl std::error::Error for CalendarError {}

/// A tenant's working time: zone, working hours, announced holidays and make-up days, seasons and special periods.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    hours: Hours,
    holidays: Holidays,
    special: special::Special,
}

impl Calendar {
    pub fn new(zone: TimeZone, hours: Hours, holidays: Holidays) -> Self {
        Calendar { zone, hours, holidays, special: special::Special::default() }
    }

    /// The same calendar with these seasons and special periods, in the place of any that it has.
    ///
    /// Errors: `Overlap` when two seasons or two periods share a day, `Period` for one that is unsound in itself.
    pub fn with_special(self, seasons: Vec<Season>, periods: Vec<Period>) -> Result<Self, CalendarError> {
        Ok(Calendar { special: special::Special::new(seasons, periods)?, ..self })
    }

    /// A calendar of a zone by its IANA name, such as `Asia/Shanghai`.
    pub fn in_zone(name: &str, hours: Hours, holidays: Holidays) -> Result<Self, CalendarError> {
        let zone = TimeZone::get(name).map_err(|_| CalendarError::Zone)?;
        Ok(Calendar::new(zone, hours, holidays))
    }

    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }
    /// The ordinary hours, which hold wherever no season and no special period says otherwise.
    pub fn hours(&self) -> &Hours {
        &self.hours
    }
    /// The hours that hold on a date, if it is a working day.
    pub fn hours_on(&self, date: Date) -> &Hours {
        self.special.hours(date).map_or(&self.hours, |(hours, _)| hours)
    }
    pub fn seasons(&self) -> &[Season] {
        self.special.seasons()
    }
    /// The special periods, in order of time.
    pub fn periods(&self) -> &[Period] {
        self.special.periods()
    }
    /// The special period that a date lies in.
    pub fn period_on(&self, date: Date) -> Option<&Period> {
        self.special.period(date)
    }
    pub fn holidays(&self) -> &Holidays {
        &self.holidays
    }

    /// The date on the wall at an instant.
    pub fn date_of(&self, at: Instant) -> Result<Date, CalendarError> {
        Ok(self.civil(at)?.date())
    }

    /// Whether any working time falls on the date.
    pub fn is_working_day(&self, date: Date) -> bool {
        self.period_on(date).is_some_and(|period| period.every_day) || self.is_ordinary_working_day(date)
    }

    /// Whether it is one by weekday and holidays alone, without a special period.
    fn is_ordinary_working_day(&self, date: Date) -> bool {
        match self.holidays.day(date) {
            Some(day) => day.kind == DayKind::MakeUp,
            None => !is_weekend(date),
        }
    }

    /// Whether the instant is working time; the definition at the head of this module.
    pub fn is_working_time(&self, at: Instant) -> Result<bool, CalendarError> {
        let local = self.civil(at)?;
        let minute = local.hour() as u16 * 60 + local.minute() as u16;
        Ok(self.is_working_day(local.date()) && self.hours_on(local.date()).contains(minute))
    }

    /// Working time from `from` to `to`, in microseconds; negative when `to` is earlier.
    pub fn working_micros_between(&self, from: Instant, to: Instant) -> Result<i64, CalendarError> {
        if to < from {
            return Ok(-self.working_micros_between(to, from)?);
        }
        self.civil(from)?;
        self.civil(to)?;
        let mut total = 0;
        let walked = self.walk(from, |_, start, end| {
            if start >= to.micros() {
                return ControlFlow::Break(());
            }
            total += end.min(to.micros()) - start;
            if end >= to.micros() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match walked {
            // Both ends are in range, so running out of calendar only means that no working time is left before `to`.
            Ok(()) | Err(CalendarError::OutOfRange) => Ok(total),
            Err(other) => Err(other),
        }
    }

    /// Whole working minutes from `from` to `to`, rounded towards zero; negative when `to` is earlier.
    pub fn working_minutes_between(&self, from: Instant, to: Instant) -> Result<i64, CalendarError> {
        Ok(self.working_micros_between(from, to)? / MICROS_PER_MINUTE)
    }

    /// The earliest instant by which `minutes` of working time have passed since `from`.
    ///
    /// So four hours from 8:30 end at 12:00 when the noon break begins, not at 13:30; and zero minutes end at `from`.
    pub fn add_working_minutes(&self, from: Instant, minutes: u32) -> Result<Instant, CalendarError> {
        self.add_working_micros(from, i64::from(minutes) * MICROS_PER_MINUTE, |_, _| {})
    }

    /// As [`Self::add_working_minutes`], telling `each` the date and microseconds of every piece that it counted.
    fn add_working_micros(&self, from: Instant, micros: i64, mut each: impl FnMut(Date, i64)) -> Result<Instant, CalendarError> {
        timestamp(from)?;
        if micros == 0 {
            return Ok(from);
        }
        let mut left = micros;
        let mut at = from;
        self.walk(from, |date, start, end| {
            let counted = left.min(end - start);
            each(date, counted);
            left -= counted;
            at = Instant::from_micros(start + counted);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(at)
    }

    /// Calls `piece(date, start, end)` for each stretch of working time after `from`, in order of time, until it breaks.
    ///
    /// Walks spans of one UTC offset, and the days within each: inside a span the wall clock runs evenly, so the
    /// definition holds to the microsecond on the days when clocks change too.
    fn walk(&self, from: Instant, mut piece: impl FnMut(Date, i64, i64) -> ControlFlow<()>) -> Result<(), CalendarError> {
        let mut span_start = timestamp(from)?;
        loop {
            let offset = self.zone.to_offset(span_start);
            let next = self.zone.following(span_start).next().map(|transition| transition.timestamp());
            let span_end = next.unwrap_or(Timestamp::MAX);
            let (lower, upper) = (span_start.as_microsecond(), span_end.as_microsecond());
            let mut date = checked(offset.to_datetime(span_start).date())?;
            loop {
                let midnight = midnight_micros(date, offset);
                if midnight >= upper {
                    break;
                }
                if self.is_working_day(date) {
                    for (open, close) in self.hours_on(date).spans() {
                        let start = (midnight + i64::from(open) * MICROS_PER_MINUTE).max(lower);
                        let end = (midnight + i64::from(close) * MICROS_PER_MINUTE).min(upper);
                        if start < end && piece(date, start, end).is_break() {
                            return Ok(());
                        }
                    }
                }
                date = date.tomorrow().map_err(|_| CalendarError::OutOfRange)?;
            }
            match next {
                Some(transition) => span_start = transition,
                None => return Err(CalendarError::OutOfRange),
            }
        }
    }

    fn civil(&self, at: Instant) -> Result<DateTime, CalendarError> {
        let local = self.zone.to_datetime(timestamp(at)?);
        checked(local.date())?;
        Ok(local)
    }

    /// The instant at which the wall clock reads `minute` of the date; minute 1440 is the next midnight.
    fn instant_at(&self, date: Date, minute: u16) -> Result<Instant, CalendarError> {
        let (date, minute) = if minute == 1440 { (next_day(date)?, 0) } else { (date, minute) };
        let time = jiff::civil::time((minute / 60) as i8, (minute % 60) as i8, 0, 0);
        let timestamp = self.zone.to_timestamp(date.to_datetime(time)).map_err(|_| CalendarError::OutOfRange)?;
        Ok(Instant::from_timestamp(timestamp))
    }
}

/// Saturday or Sunday.
pub fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn timestamp(at: Instant) -> Result<Timestamp, CalendarError> {
    Timestamp::from_microsecond(at.micros()).map_err(|_| CalendarError::OutOfRange)
}

fn next_day(date: Date) -> Result<Date, CalendarError> {
    date.tomorrow().map_err(|_| CalendarError::OutOfRange)
}

fn days_later(date: Date, days: u32) -> Result<Date, CalendarError> {
    date.checked_add(i64::from(days).days()).map_err(|_| CalendarError::OutOfRange)
}

/// The years that we keep: 0001 to 9999.
fn checked(date: Date) -> Result<Date, CalendarError> {
    if date.year() >= 1 { Ok(date) } else { Err(CalendarError::OutOfRange) }
}

/// Midnight of the date under one fixed offset, in microseconds since the epoch.
fn midnight_micros(date: Date, offset: Offset) -> i64 {
    let days = date.duration_since(jiff::civil::date(1970, 1, 1)).as_secs() / 86_400;
    days * MICROS_PER_DAY - i64::from(offset.seconds()) * 1_000_000
}
