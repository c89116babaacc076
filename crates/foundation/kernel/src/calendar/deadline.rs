//! From a limit to a deadline: four units of time limit, when the yellow lamp lights, and the reasons as typed data.

use super::{Calendar, CalendarError, DayKind, HoursRun, Shortened, days_later, is_weekend, next_day, timestamp};
use crate::Instant;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The share of a limit after which the lamp turns yellow, unless the tenant says otherwise.
pub const DEFAULT_YELLOW_PERMILLE: u16 = 800;

/// The four units in which time limits are set (design: Time and place).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// Hours on a clock that never stops (紧急小时).
    UrgentHours,
    /// Minutes of working time; people say and see working hours (工作小时).
    WorkingMinutes,
    /// Working days (工作日): the end of working time on the n-th working day after the start's day.
    WorkingDays,
    /// Natural days (自然日): the end of the n-th day after the start's day, weekends and holidays included.
    NaturalDays,
}

impl LimitUnit {
    pub const ALL: [LimitUnit; 4] = [LimitUnit::UrgentHours, LimitUnit::WorkingMinutes, LimitUnit::WorkingDays, LimitUnit::NaturalDays];

    /// The stored form.
    pub const fn as_str(self) -> &'static str {
        match self {
            LimitUnit::UrgentHours => "urgent_hours",
            LimitUnit::WorkingMinutes => "working_minutes",
            LimitUnit::WorkingDays => "working_days",
            LimitUnit::NaturalDays => "natural_days",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == text)
    }
    /// The longest limit we take, about ten years: whatever is longer is a typing error.
    pub const fn max_amount(self) -> u32 {
        match self {
            LimitUnit::UrgentHours => 87_600,
            LimitUnit::WorkingMinutes => 1_200_000,
            LimitUnit::WorkingDays => 2_600,
            LimitUnit::NaturalDays => 3_660,
        }
    }
}

/// How long somebody has; at least one of its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "LimitParts")]
pub struct Limit {
    unit: LimitUnit,
    amount: u32,
}

#[derive(Deserialize)]
struct LimitParts {
    unit: LimitUnit,
    amount: u32,
}

impl TryFrom<LimitParts> for Limit {
    type Error = CalendarError;
    fn try_from(parts: LimitParts) -> Result<Self, CalendarError> {
        Limit::new(parts.unit, parts.amount)
    }
}

impl Limit {
    pub fn new(unit: LimitUnit, amount: u32) -> Result<Self, CalendarError> {
        let max = unit.max_amount();
        if (1..=max).contains(&amount) { Ok(Limit { unit, amount }) } else { Err(CalendarError::LimitAmount { unit, max }) }
    }
    pub fn urgent_hours(hours: u32) -> Result<Self, CalendarError> {
        Limit::new(LimitUnit::UrgentHours, hours)
    }
    pub fn working_hours(hours: u32) -> Result<Self, CalendarError> {
        Limit::new(LimitUnit::WorkingMinutes, hours.saturating_mul(60))
    }
    pub fn working_minutes(minutes: u32) -> Result<Self, CalendarError> {
        Limit::new(LimitUnit::WorkingMinutes, minutes)
    }
    pub fn working_days(days: u32) -> Result<Self, CalendarError> {
        Limit::new(LimitUnit::WorkingDays, days)
    }
    pub fn natural_days(days: u32) -> Result<Self, CalendarError> {
        Limit::new(LimitUnit::NaturalDays, days)
    }
    pub fn unit(self) -> LimitUnit {
        self.unit
    }
    /// In the unit's own measure: hours, minutes or days.
    pub fn amount(self) -> u32 {
        self.amount
    }
}

/// A deadline with its warning time and its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// On time means done at or before this instant.
    pub at: Instant,
    /// When the given share of the limit has passed, by the clock that the limit runs on. Never after `at`.
    pub yellow_at: Instant,
    /// Whether a day was needed for which no holidays are announced, so that plain weekends were assumed.
    pub beyond_known: bool,
    pub explanation: Explanation,
}

/// Why a deadline is what it is, for the page to put into words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    pub start: Instant,
    /// As it was asked for; what was counted where `shortened` is nothing.
    pub limit: Limit,
    /// Where the limit began in a special period that shortens limits.
    #[serde(default)]
    pub shortened: Option<Shortened>,
    /// The start's date and the deadline's date, on the wall.
    pub start_date: Date,
    pub deadline_date: Date,
    /// For working hours: when the clock first ran, later than `start` if that was outside working time.
    pub runs_from: Instant,
    /// For working hours: the minutes counted on each date. For working and natural days: each counted date, 0 minutes.
    pub counted: Vec<CountedDay>,
    /// For working time: dates from start to deadline that differ from an ordinary working day, in order.
    pub days: Vec<DayRun>,
    /// Working dates with other hours than the ordinary ones, where the answer hangs on them: for working hours those from
    /// start to deadline, for working days the deadline's.
    #[serde(default)]
    pub hours: Vec<HoursRun>,
    /// The end of the announced holidays, for the warning.
    pub known_until: Date,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedDay {
    pub date: Date,
    /// Rounded down; the last part of a minute counts with the next date's.
    pub minutes: u32,
}

/// Neighbouring dates that are left out, or counted against their weekday, for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayRun {
    pub first: Date,
    pub last: Date,
    pub kind: DayRunKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "name")]
pub enum DayRunKind {
    /// Saturday or Sunday: left out.
    Weekend,
    /// Left out for the holiday of this name.
    Holiday(String),
    /// A weekend day that is worked in exchange for the holiday of this name: counted.
    MakeUp(String),
    /// A weekend day or holiday on which the special period of this name works: counted.
    Worked(String),
}

impl Calendar {
    /// The deadline of a limit that begins at `start`, yellow at [`DEFAULT_YELLOW_PERMILLE`].
    pub fn deadline(&self, start: Instant, limit: Limit) -> Result<Deadline, CalendarError> {
        self.deadline_with(start, limit, DEFAULT_YELLOW_PERMILLE)
    }

    /// The deadline of a limit that begins at `start`.
    ///
    /// - Urgent hours: so many hours later, whatever the day.
    /// - Working minutes: the earliest instant by which so much working time has passed.
    /// - Working days: the closing time of the n-th working day after the start's date. The start's own date is never
    ///   counted, so a notice of the evening loses nothing against one of the morning.
    /// - Natural days: 23:59:59 of the n-th date after the start's date, so that the deadline shows the date it means.
    ///
    /// Where the start's date lies in a special period that shortens limits, that share of the limit is counted, at least one
    /// of its unit. A limit that began before the period keeps its length, so it can end after one that begins in it.
    ///
    /// Yellow when `yellow_permille` of the time is used up: for working minutes and working days of the *working* time
    /// between start and deadline, otherwise of all time between them. Above 1000 is taken as 1000.
    ///
    /// Errors: `OutOfRange` when start or deadline lie outside the years 0001 to 9999.
    pub fn deadline_with(&self, start: Instant, limit: Limit, yellow_permille: u16) -> Result<Deadline, CalendarError> {
        let shortened = self.shortened(self.date_of(start)?, limit);
        self.count(start, limit, shortened, yellow_permille)
    }

    /// The same, of a time within which somebody may object or ask: no special period takes anything from it.
    ///
    /// Errors: as [`Self::deadline_with`].
    pub fn deadline_in_full(&self, start: Instant, limit: Limit, yellow_permille: u16) -> Result<Deadline, CalendarError> {
        self.count(start, limit, None, yellow_permille)
    }

    fn count(&self, start: Instant, asked: Limit, shortened: Option<Shortened>, yellow_permille: u16) -> Result<Deadline, CalendarError> {
        let start_date = self.date_of(start)?;
        let limit = shortened.as_ref().map_or(asked, |shortened| shortened.to);
        let mut counted: Vec<CountedDay> = Vec::new();
        let mut runs_from = start;
        let at = match limit.unit {
            LimitUnit::UrgentHours => start.plus_seconds(i64::from(limit.amount) * 3600),
            LimitUnit::WorkingMinutes => {
                let mut pieces: Vec<(Date, i64)> = Vec::new();
                let micros = i64::from(limit.amount) * super::MICROS_PER_MINUTE;
                let at = self.add_working_micros(start, micros, |date, micros| match pieces.last_mut() {
                    Some((last, sum)) if *last == date => *sum += micros,
                    _ => pieces.push((date, micros)),
                })?;
                runs_from = self.first_working_instant(start)?;
                counted = whole_minutes(&pieces);
                at
            }
            LimitUnit::WorkingDays => {
                let mut date = start_date;
                while counted.len() < limit.amount as usize {
                    date = next_day(date)?;
                    if self.is_working_day(date) {
                        counted.push(CountedDay { date, minutes: 0 });
                    }
                }
                self.instant_at(date, self.hours_on(date).closes())?
            }
            LimitUnit::NaturalDays => {
                let last = days_later(start_date, limit.amount)?;
                let mut date = start_date;
                while date < last {
                    date = next_day(date)?;
                    counted.push(CountedDay { date, minutes: 0 });
                }
                self.instant_at(last, 1440)?.plus_seconds(-1)
            }
        };
        timestamp(at)?;
        let deadline_date = self.date_of(at)?;
        let on_working_time = matches!(limit.unit, LimitUnit::WorkingMinutes | LimitUnit::WorkingDays);
        let yellow_at = self.yellow(start, at, on_working_time, yellow_permille)?;
        let explanation = Explanation {
            start,
            limit: asked,
            shortened,
            start_date,
            deadline_date,
            runs_from,
            counted,
            days: if on_working_time { self.day_runs(start_date, deadline_date) } else { Vec::new() },
            hours: match limit.unit {
                LimitUnit::WorkingMinutes => self.hours_runs(start_date, deadline_date),
                LimitUnit::WorkingDays => self.hours_runs(deadline_date, deadline_date),
                LimitUnit::UrgentHours | LimitUnit::NaturalDays => Vec::new(),
            },
            known_until: self.holidays().known_until(),
        };
        let beyond_known = on_working_time && !self.knows(start_date, deadline_date);
        Ok(Deadline { at, yellow_at, beyond_known, explanation })
    }

    /// What a special period makes of a limit that begins on the date; nothing where it leaves it as it is.
    fn shortened(&self, start_date: Date, limit: Limit) -> Option<Shortened> {
        let period = self.period_on(start_date)?;
        let permille = period.limit_permille.filter(|permille| *permille < 1000)?;
        let amount = (u64::from(limit.amount) * u64::from(permille)).div_ceil(1000).max(1);
        let to = Limit { unit: limit.unit, amount: u32::try_from(amount).unwrap_or(limit.amount) };
        (to != limit).then(|| Shortened { period: period.name.clone(), permille, to })
    }

    /// Whether no date from `first` to `last` hangs on holidays that nobody announced.
    fn knows(&self, first: Date, last: Date) -> bool {
        let known = |date: Date| self.holidays().knows(date, date) || self.period_on(date).is_some_and(|period| period.every_day);
        self.holidays().knows(first, last) || first.series(jiff::ToSpan::days(1)).take_while(|date| *date <= last).all(known)
    }

    fn yellow(&self, start: Instant, at: Instant, working: bool, permille: u16) -> Result<Instant, CalendarError> {
        let share = |micros: i64| (i128::from(micros) * i128::from(permille.min(1000)) / 1000) as i64;
        if working {
            let total = self.working_micros_between(start, at)?;
            self.add_working_micros(start, share(total), |_, _| {})
        } else {
            Ok(Instant::from_micros(start.micros() + share(at.micros() - start.micros())))
        }
    }

    fn first_working_instant(&self, start: Instant) -> Result<Instant, CalendarError> {
        let mut first = start;
        self.walk(start, |_, from, _| {
            first = Instant::from_micros(from);
            std::ops::ControlFlow::Break(())
        })?;
        Ok(first)
    }

    /// The dates from `first` to `last` that differ from an ordinary working day, neighbours of one reason joined.
    pub fn day_runs(&self, first: Date, last: Date) -> Vec<DayRun> {
        let mut runs: Vec<DayRun> = Vec::new();
        let mut date = first;
        while date <= last {
            let worked = self.period_on(date).filter(|period| period.every_day && !self.is_ordinary_working_day(date));
            let kind = match self.holidays().day(date) {
                _ if worked.is_some() => worked.map(|period| DayRunKind::Worked(period.name.clone())),
                Some(day) if day.kind == DayKind::Off => Some(DayRunKind::Holiday(day.name.clone())),
                Some(day) if is_weekend(date) => Some(DayRunKind::MakeUp(day.name.clone())),
                None if is_weekend(date) => Some(DayRunKind::Weekend),
                _ => None,
            };
            if let Some(kind) = kind {
                match runs.last_mut() {
                    Some(run) if run.kind == kind && run.last.tomorrow().ok() == Some(date) => run.last = date,
                    _ => runs.push(DayRun { first: date, last: date, kind }),
                }
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        runs
    }

    /// The working dates from `first` to `last` whose hours are not the ordinary ones. Dates with nothing but days off between
    /// them are neighbours, and those with the same hours from the same season or period are joined.
    pub fn hours_runs(&self, first: Date, last: Date) -> Vec<HoursRun> {
        let mut runs: Vec<HoursRun> = Vec::new();
        let mut joined = false;
        for date in first.series(jiff::ToSpan::days(1)).take_while(|date| *date <= last) {
            if !self.is_working_day(date) {
                continue;
            }
            let other = self.special.hours(date).filter(|(hours, _)| *hours != self.hours());
            match (other, runs.last_mut()) {
                (Some((hours, name)), Some(run)) if joined && run.hours == *hours && run.name == name => run.last = date,
                (Some((hours, name)), _) => runs.push(HoursRun { first: date, last: date, hours: hours.clone(), name: name.to_owned() }),
                (None, _) => {}
            }
            joined = other.is_some();
        }
        runs
    }
}

/// Minutes per date that sum to the whole: each date gets the minutes completed by its end.
fn whole_minutes(pieces: &[(Date, i64)]) -> Vec<CountedDay> {
    let (mut micros_so_far, mut minutes_so_far) = (0, 0);
    let mut days = Vec::with_capacity(pieces.len());
    for &(date, micros) in pieces {
        micros_so_far += micros;
        let minutes = micros_so_far / super::MICROS_PER_MINUTE - minutes_so_far;
        minutes_so_far += minutes;
        days.push(CountedDay { date, minutes: minutes as u32 });
    }
    days
}
