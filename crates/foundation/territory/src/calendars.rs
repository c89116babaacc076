//! A tenant's working-time calendar in the database: taken up with the shipped holidays, given other hours, fed newer holidays.

use crate::facts::CalendarChanged;
use crate::fields::at_field;
use crate::standards;
use crate::verbs::ManageTerritory;
use access::Permit;
use jiff::civil::Date;
use kernel::calendar::{Calendar, Day, DayKind, Holidays, Hours};
use kernel::{Code, Error, Result, TenantId, ensure};
use std::collections::BTreeMap;
use store::{Command, Sql, Store, Write, args, sql};

pub const STALE: Code = Code::conflict("calendar.stale");
/// The file ends before what is known already.
pub const OLDER: Code = Code::invalid("calendar.older");
pub const EMPTY: Code = Code::invalid("calendar.empty");

/// The zone of a tenant that says nothing else.
pub const ZONE: &str = "Asia/Shanghai";

/// Twenty years of holidays are more than anybody announces.
const MAX_DAYS: usize = 2_000;

store::row! {
    /// Hours and reach of a calendar, as stored.
    #[derive(Debug, Clone)]
    pub struct Settings {
        pub zone: String,
        pub hours: String,
        pub known_from: Option<String>,
        pub known_until: Option<String>,
        pub version: i64,
    }
}

static FIND: Sql = sql!(
    "SELECT zone, hours, known_from, known_until, version
    FROM calendar
    WHERE tenant_id = :tenant"
);

static DAYS: Sql = sql!(
    "SELECT day, kind, name
    FROM calendar_day
    WHERE tenant_id = :tenant AND day >= :first
    ORDER BY day"
);

static INSERT: Sql = sql!(
    "INSERT INTO calendar (tenant_id, zone, hours, known_from, known_until, version)
    VALUES (:tenant, :zone, :hours, :from, :until, 1)"
);

static SET_HOURS: Sql = sql!(
    "UPDATE calendar
    SET zone = :zone, hours = :hours, version = version + 1
    WHERE tenant_id = :tenant AND version = :version"
);

static SET_REACH: Sql = sql!(
    "UPDATE calendar
    SET known_from = :from, known_until = :until, version = version + 1
    WHERE tenant_id = :tenant"
);

static CLEAR: Sql = sql!(
    "DELETE FROM calendar_day
    WHERE tenant_id = :tenant AND day >= :from AND day <= :until"
);

static INSERT_DAY: Sql = sql!(
    "INSERT INTO calendar_day (tenant_id, day, kind, name)
    VALUES (:tenant, :day, :kind, :name)"
);

const OFF: &str = "off";
const MAKE_UP: &str = "make_up";

/// The tenant's calendar from the database, with its settings; the shipped one where the tenant has none yet.
pub async fn load(store: &Store, tenant: TenantId) -> Result<(Calendar, Settings)> {
    let settings = store.opt::<Settings>(&FIND, args! { tenant: tenant }).await?;
    let days = store.all::<(String, String, String)>(&DAYS, args! { tenant: tenant, first: "0001-01-01" }).await?;
    // Whoever has a season or a period has a calendar of their own.
    let Some(settings) = settings else { return shipped() };
    let (seasons, periods) = crate::periods::of_calendar(store, tenant).await?;
    let calendar = Calendar::in_zone(&settings.zone, settings.hours.parse()?, holidays(&settings, days)?)?;
    Ok((calendar.with_special(seasons, periods)?, settings))
}

fn shipped() -> Result<(Calendar, Settings)> {
    let holidays = Holidays::parse_csv(standards::HOLIDAYS)?;
    let settings = Settings {
        zone: ZONE.to_owned(),
        hours: Hours::office().to_string(),
        known_from: Some(holidays.known_from().to_string()),
        known_until: Some(holidays.known_until().to_string()),
        version: 0,
    };
    Ok((Calendar::in_zone(ZONE, Hours::office(), holidays)?, settings))
}

fn holidays(settings: &Settings, days: Vec<(String, String, String)>) -> Result<Holidays> {
    let date = |text: &str| text.parse::<Date>().map_err(Error::internal);
    let (Some(from), Some(until)) = (&settings.known_from, &settings.known_until) else { return Ok(Holidays::unknown()) };
    let mut known = BTreeMap::new();
    for (day, kind, name) in days {
        known.insert(date(&day)?, Day { kind: if kind == MAKE_UP { DayKind::MakeUp } else { DayKind::Off }, name });
    }
    Ok(Holidays::new(known, date(from)?, date(until)?))
}

/// Gives a tenant that has none a calendar: `zone`, the sample of office hours, and the shipped holidays when it is China's zone.
pub async fn seed(tx: &mut Write<'_>, zone: &str) -> Result<()> {
    let tenant = tx.tenant();
    if tx.opt::<Settings>(&FIND, args! { tenant: tenant }).await?.is_some() {
        return Ok(());
    }
    let holidays = if zone == ZONE { Holidays::parse_csv(standards::HOLIDAYS)? } else { Holidays::unknown() };
    Calendar::in_zone(zone, Hours::office(), Holidays::unknown())?;
    let (from, until) = reach(&holidays);
    let hours = Hours::office().to_string();
    tx.exec(&INSERT, args! { tenant: tenant, zone: zone, hours: hours, from: from, until: until }).await?;
    let days = insert_days(tx, &holidays).await?;
    tx.fact(CalendarChanged {
        tenant: tenant.0,
        zone: zone.to_owned(),
        hours,
        known_until: until,
        days,
        version: 1,
        deadlines_beyond: None,
    })?;
    tx.bump_revision();
    Ok(())
}

fn reach(holidays: &Holidays) -> (Option<String>, Option<String>) {
    if holidays.known_from() > holidays.known_until() {
        return (None, None);
    }
    (Some(holidays.known_from().to_string()), Some(holidays.known_until().to_string()))
}

async fn insert_days(tx: &mut Write<'_>, holidays: &Holidays) -> Result<i64> {
    let tenant = tx.tenant();
    let mut count = 0;
    for (date, day) in holidays.days() {
        let kind = if day.kind == DayKind::MakeUp { MAKE_UP } else { OFF };
        tx.exec(&INSERT_DAY, args! { tenant: tenant, day: date.to_string(), kind: kind, name: day.name }).await?;
        count += 1;
    }
    Ok(count)
}

/// Gives the office other hours or another zone. Deadlines that run already keep theirs.
///
/// Errors: `calendar.stale`, fields `hours` and `zone`.
pub struct SetHours {
    pub by: Permit<ManageTerritory>,
    pub version: i64,
    pub zone: String,
    /// `08:30-12:00,13:30-17:30`
    pub hours: String,
}

impl Command for SetHours {
    const KIND: &'static str = "calendar.set_hours";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let hours: Hours = self.hours.parse().map_err(|error: kernel::calendar::CalendarError| at_field("hours", error.into()))?;
        Calendar::in_zone(&self.zone, hours.clone(), Holidays::unknown()).map_err(|error| at_field("zone", error.into()))?;
        let tenant = tx.tenant();
        seed(tx, ZONE).await?;
        let (zone, hours) = (self.zone.clone(), hours.to_string());
        // A tenant that had only the shipped calendar saw version 0 and has version 1 since the line above.
        let version = self.version.max(1);
        tx.change_one(&SET_HOURS, args! { tenant: tenant, zone: zone, hours: hours, version: version }).await?.or(STALE)?;
        let settings: Settings = tx.one(&FIND, args! { tenant: tenant }).await?;
        tx.fact(CalendarChanged {
            tenant: tenant.0,
            zone,
            hours,
            known_until: settings.known_until,
            days: 0,
            version: settings.version,
            deadlines_beyond: None,
        })?;
        tx.bump_revision();
        Ok(())
    }
}

/// Takes in a newer file of holidays (`date,day_off,name`): its days replace those of the dates that it covers.
///
/// Deadlines beyond the old end were reckoned with plain weekends; whoever holds deadlines recomputes them on the fact `calendar.changed`.
///
/// Errors: `calendar.holiday_line`, `calendar.empty`, `calendar.older` when the file ends before what is known.
pub struct LoadHolidays {
    pub by: Permit<ManageTerritory>,
    pub text: String,
}

impl Command for LoadHolidays {
    const KIND: &'static str = "calendar.load_holidays";
    /// The last day for which holidays are announced now.
    type Out = String;

    async fn run(&self, tx: &mut Write<'_>) -> Result<String> {
        let holidays = Holidays::parse_csv(&self.text)?;
        let count = holidays.days().count();
        ensure(count > 0, EMPTY)?;
        ensure(count <= MAX_DAYS, crate::import::TOO_MANY_LINES.err().arg("max", MAX_DAYS))?;
        seed(tx, ZONE).await?;
        let tenant = tx.tenant();
        let settings: Settings = tx.one(&FIND, args! { tenant: tenant }).await?;
        let (from, until) = (holidays.known_from().to_string(), holidays.known_until().to_string());
        ensure(settings.known_until.as_ref().is_none_or(|known| *known <= until), OLDER)?;
        // A December make-up day before the file's first year is in the file too, and goes with the rest.
        let first = holidays.days().next().map_or(from.clone(), |(date, _)| date.to_string().min(from.clone()));
        tx.exec(&CLEAR, args! { tenant: tenant, from: first, until: until }).await?;
        let days = insert_days(tx, &holidays).await?;
        let from = settings.known_from.filter(|known| *known < from).unwrap_or(from);
        tx.exec(&SET_REACH, args! { tenant: tenant, from: from, until: until }).await?;
        tx.fact(CalendarChanged {
            tenant: tenant.0,
            zone: settings.zone,
            hours: settings.hours,
            known_until: Some(until.clone()),
            days,
            version: settings.version + 1,
            deadlines_beyond: Some(settings.known_until.unwrap_or_else(|| "0001-01-01".to_owned())),
        })?;
        tx.bump_revision();
        Ok(until)
    }
}
