//! Instants as an office writes them.

use crate::language::Words;
use jiff::tz::TimeZone;
use kernel::Instant;

/// `11-18 09:12` within the year of `now`, `2025-11-18 09:12` otherwise.
pub fn short(instant: Instant, now: Instant, zone: &TimeZone) -> String {
    let (at, today) = (instant.to_timestamp().to_zoned_datetime(zone.clone()), now.to_timestamp().to_zoned_datetime(zone.clone()));
    let format = if at.year() == today.year() { "%m-%d %H:%M" } else { "%Y-%m-%d %H:%M" };
    at.strftime(format).to_string()
}

/// Minutes under an hour, hours under two days, days beyond: "40 分钟", "5 小时", "3 天".
pub fn span(w: Words, instant: Instant, now: Instant) -> String {
    let minutes = (instant.micros() - now.micros()).abs() / 60 / Instant::MICROS_PER_SECOND;
    match minutes {
        0..60 => w.a("span-minutes", "n", minutes.max(1)),
        60..2880 => w.a("span-hours", "n", minutes / 60),
        _ => w.a("span-days", "n", minutes / 1440),
    }
    .into_owned()
}
