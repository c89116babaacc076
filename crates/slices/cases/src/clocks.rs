//! One clock per party: how long the centre has for each of its steps, and the unit's deadline from the category's limit.

use crate::case::NO_DUE;
use crate::facts::Clock;
use kernel::calendar::{Calendar, Limit, LimitUnit};
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
    /// When the lamp turns yellow: the share of the limit that has passed, in permille.
    pub yellow_permille: u16,
}

impl Default for CentreLimits {
    fn default() -> Self {
        CentreLimits { file_working_minutes: 960, dispatch_working_minutes: 480, reinspect_working_minutes: 960, yellow_permille: 800 }
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
        self.running(start, Limit::working_minutes(self.centre.file_working_minutes).map_err(Error::from)?)
    }
    pub fn dispatch(&self, start: Instant) -> Result<Clock> {
        self.running(start, Limit::working_minutes(self.centre.dispatch_working_minutes).map_err(Error::from)?)
    }
    pub fn reinspect(&self, start: Instant) -> Result<Clock> {
        self.running(start, Limit::working_minutes(self.centre.reinspect_working_minutes).map_err(Error::from)?)
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
