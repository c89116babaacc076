//! One clock per party: how long the centre has for each of its steps, and the unit's deadline from the category's limit.

use crate::case::{Case, NO_DUE};
use crate::facts::Clock;
use kernel::calendar::{Calendar, CalendarError, Limit, LimitUnit};
use kernel::{Code, Error, Instant, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The deadline lies outside what a calendar can hold.
pub const OUT_OF_RANGE: Code = Code::invalid("case.deadline.out_of_range");

/// The name of these limits among a tenant's settings.
pub const SETTING: &str = "centre_limits";

/// How long the centre gives itself, per step; a sample that each tenant changes on a page of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CentreLimits {
    /// From the finding until it is filed or put into a circular that is issued, in working minutes.
    pub file_working_minutes: u32,
    /// From filing until the dispatch.
    pub dispatch_working_minutes: u32,
    /// From the unit's submission until the re-inspection.
    pub reinspect_working_minutes: u32,
    /// From being asked to look whether a report is real until the answer.
    pub verify_working_minutes: u32,
    /// For those outside, where they name no day themselves.
    pub transfer_working_minutes: u32,
    /// From the dispatch: how long a unit may ask to hand it back.
    pub hand_back_working_minutes: u32,
    /// From the end: how long the reporter may say that it is not mended, in natural days.
    pub dispute_days: u32,
    /// From the end: how long the unit may appeal against what is held against it, in natural days.
    pub appeal_days: u32,
    /// Of a thousand self-checks, so many are looked at on the spot.
    pub self_check_sample_permille: u16,
    /// Natural days that a unit may be over its deadline before it is brought before a leader.
    pub escalate_days: u32,
    /// When the lamp turns yellow: the share of the limit that has passed, in permille.
    pub yellow_permille: u16,
}

impl Default for CentreLimits {
    fn default() -> Self {
        CentreLimits {
            file_working_minutes: 960,
            dispatch_working_minutes: 480,
            reinspect_working_minutes: 960,
            verify_working_minutes: 480,
            transfer_working_minutes: 2400,
            hand_back_working_minutes: 960,
            dispute_days: 15,
            appeal_days: 15,
            self_check_sample_permille: 100,
            escalate_days: 3,
            yellow_permille: 800,
        }
    }
}

impl CentreLimits {
    /// What a tenant has set, from its settings (a JSON object); the sample where it has set nothing.
    ///
    /// Errors: 500 when they can't be read.
    pub fn of(settings: &str) -> Result<CentreLimits> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Settings {
            centre_limits: CentreLimits,
        }
        serde_json::from_str::<Settings>(settings).map(|settings| settings.centre_limits).map_err(Error::internal)
    }
}

/// The tenant's calendar with the centre's limits.
#[derive(Debug, Clone)]
pub struct Hours {
    pub calendar: Arc<Calendar>,
    pub centre: CentreLimits,
}

impl Hours {
    pub fn zone(&self) -> &jiff::tz::TimeZone {
        self.calendar.zone()
    }
    pub fn file(&self, start: Instant) -> Result<Clock> {
        self.working(start, self.centre.file_working_minutes)
    }
    pub fn verify(&self, start: Instant) -> Result<Clock> {
        self.working(start, self.centre.verify_working_minutes)
    }
    pub fn dispatch(&self, start: Instant) -> Result<Clock> {
        self.working(start, self.centre.dispatch_working_minutes)
    }
    pub fn transfer(&self, start: Instant) -> Result<Clock> {
        self.working(start, self.centre.transfer_working_minutes)
    }
    pub fn reinspect(&self, start: Instant) -> Result<Clock> {
        self.working(start, self.centre.reinspect_working_minutes)
    }
    pub fn hand_back(&self, start: Instant) -> Result<Clock> {
        self.in_full(start, Limit::working_minutes(self.centre.hand_back_working_minutes))
    }
    pub fn dispute(&self, start: Instant) -> Result<Clock> {
        self.in_full(start, Limit::natural_days(self.centre.dispute_days))
    }
    pub fn appeal(&self, start: Instant) -> Result<Clock> {
        self.in_full(start, Limit::natural_days(self.centre.appeal_days))
    }
    /// What ran out before this has run out for longer than a leader leaves it to others.
    pub fn long_over(&self, now: Instant) -> Instant {
        now.plus_seconds(-i64::from(self.centre.escalate_days) * 86_400)
    }
    fn working(&self, start: Instant, minutes: u32) -> Result<Clock> {
        self.running(start, Limit::working_minutes(minutes).map_err(Error::from)?)
    }
    /// The end of the next working day, whatever a special period takes from limits.
    pub fn working_day(&self, start: Instant) -> Result<Instant> {
        Ok(self.in_full(start, Limit::working_days(1))?.due)
    }
    /// The time within which somebody may object or ask, which a special period does not shorten.
    fn in_full(&self, start: Instant, limit: std::result::Result<Limit, CalendarError>) -> Result<Clock> {
        let deadline = self.calendar.deadline_in_full(start, limit.map_err(Error::from)?, self.centre.yellow_permille);
        let deadline = deadline.map_err(|_| OUT_OF_RANGE.err())?;
        Ok(Clock { start, due: deadline.at, yellow_at: deadline.yellow_at })
    }
    /// The case's deadline when what is left of it at `from` is left of it at `until`; at `until` itself when nothing is left.
    ///
    /// Counted in working time where the limit is, up to whole minutes in the unit's favour; else in all time.
    /// Errors: `case.deadline.out_of_range`.
    pub fn shifted(&self, case: &Case, from: Instant, until: Instant) -> Result<Instant> {
        if case.due <= from {
            return Ok(until);
        }
        let working = limit(case.limit_unit.as_deref(), case.limit_value)
            .is_some_and(|limit| matches!(limit.unit(), LimitUnit::WorkingMinutes | LimitUnit::WorkingDays));
        if !working {
            return Ok(Instant(until.0.saturating_add(case.due.0 - from.0).min(NO_DUE.0)));
        }
        let left = self.calendar.working_micros_between(from, case.due).map_err(|_| OUT_OF_RANGE.err())?;
        let minutes = u32::try_from((left + 59_999_999) / 60_000_000).map_err(|_| OUT_OF_RANGE.err())?;
        self.calendar.add_working_minutes(until, minutes).map_err(|_| OUT_OF_RANGE.err())
    }
    /// A clock of this limit from `start`. Errors: `case.deadline.out_of_range`.
    pub fn running(&self, start: Instant, limit: Limit) -> Result<Clock> {
        let deadline = self.calendar.deadline_with(start, limit, self.centre.yellow_permille).map_err(|_| OUT_OF_RANGE.err())?;
        Ok(Clock { start, due: deadline.at, yellow_at: deadline.yellow_at })
    }
    /// A clock whose deadline the clerk set: yellow when the given share of the time between has passed.
    pub fn until(&self, start: Instant, due: Instant) -> Clock {
        let span = due.micros().saturating_sub(start.micros()).max(0);
        let yellow = start.micros() + i64::try_from(i128::from(span) * i128::from(self.centre.yellow_permille) / 1000).unwrap_or(span);
        Clock { start, due, yellow_at: Instant(yellow) }
    }
    /// The clock of a case that nobody gave a deadline.
    pub fn none(start: Instant) -> Clock {
        Clock { start, due: NO_DUE, yellow_at: NO_DUE }
    }
}

/// The limit as it is kept on a case: the unit's word and the amount.
pub fn limit(unit: Option<&str>, amount: Option<i64>) -> Option<Limit> {
    Limit::new(LimitUnit::parse(unit?)?, u32::try_from(amount?).ok()?).ok()
}
