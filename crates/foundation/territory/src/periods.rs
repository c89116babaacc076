//! Seasons and special periods (保障期) of a tenant's calendar in the database, and who is on duty on the days of a period.
//!
//! Deadlines that run already keep the reckoning that gave them; whatever begins after a change is reckoned by it.

use crate::calendars::{self, ZONE};
use crate::facts::{PeriodDutySet, PeriodRemoved, PeriodSet, SeasonRemoved, SeasonSet};
use crate::fields::{self, at_field};
use crate::organisations::DATES;
use crate::verbs::ManageTerritory;
use access::Permit;
use jiff::civil::Date;
use kernel::calendar::{Hours, MonthDay, OVERLAP, Period, Season};
use kernel::ids::{AccountId, Uuid};
use kernel::{Code, Error, Result, TenantId, ensure};
use store::{Command, Sql, Store, Write, args, sql};

kernel::id!(
    /// Hours of certain days of every year.
    SeasonId,
    /// A span of dates with rules of its own.
    PeriodId,
);
store::id_values!(SeasonId, PeriodId);

pub const SEASON_STALE: Code = Code::conflict("season.stale");
pub const PERIOD_STALE: Code = Code::conflict("period.stale");
pub const TOO_MANY: Code = Code::invalid("calendar.too_many");
/// A period longer than a year is no special one.
pub const TOO_LONG: Code = Code::invalid("period.too_long");
pub const SHARE: Code = Code::invalid("period.share");
/// The days of duty lie outside the period.
pub const OUTSIDE: Code = Code::invalid("period.outside");
/// On duty can be only who works in the office.
pub const NOT_STAFF: Code = Code::invalid("duty.not_staff");

const MAX_SEASONS: usize = 8;
const MAX_PERIODS: usize = 300;
const MAX_DAYS: i32 = 366;

store::row! {
    /// A season as it is stored; days as `06-01`.
    #[derive(Debug, Clone)]
    pub struct SeasonRow {
        pub id: SeasonId,
        pub name: String,
        pub first_day: String,
        pub last_day: String,
        pub hours: String,
        pub version: i64,
    }
}

store::row! {
    /// A special period as it is stored; days as `2026-02-10`.
    #[derive(Debug, Clone)]
    pub struct PeriodRow {
        pub id: PeriodId,
        pub name: String,
        pub first_day: String,
        pub last_day: String,
        pub hours: Option<String>,
        pub every_day: bool,
        pub limit_permille: Option<i64>,
        pub version: i64,
    }
}

store::row! {
    /// Who is on duty on one day of a period.
    #[derive(Debug, Clone)]
    pub struct DutyDay {
        pub day: String,
        pub leader_id: Option<AccountId>,
        pub person_id: Option<AccountId>,
    }
}

impl SeasonRow {
    fn season(&self) -> Result<Season> {
        let (first, last) = (self.first_day.parse()?, self.last_day.parse()?);
        Ok(Season { name: self.name.clone(), first, last, hours: self.hours.parse()? })
    }
}

impl PeriodRow {
    /// As the calendar reckons with it. Errors: 500 when the row cannot be read.
    pub fn period(&self) -> Result<Period> {
        let date = |text: &str| text.parse::<Date>().map_err(Error::internal);
        Ok(Period {
            name: self.name.clone(),
            first: date(&self.first_day)?,
            last: date(&self.last_day)?,
            hours: self.hours.as_deref().map(str::parse).transpose()?,
            every_day: self.every_day,
            limit_permille: self.limit_permille.map(u16::try_from).transpose().map_err(Error::internal)?,
        })
    }
}

static SEASONS: Sql = sql!(
    "SELECT id, name, first_day, last_day, hours, version
    FROM calendar_season
    WHERE tenant_id = :tenant AND id >= :first
    ORDER BY id"
);

static PERIODS: Sql = sql!(
    "SELECT id, name, first_day, last_day, hours, every_day, limit_permille, version
    FROM calendar_period
    WHERE tenant_id = :tenant AND id >= :first
    ORDER BY id"
);

static DUTY: Sql = sql!(
    "SELECT day, leader_id, person_id
    FROM calendar_duty
    WHERE tenant_id = :tenant AND period_id = :period AND day >= :first
    ORDER BY day"
);

static INSERT_SEASON: Sql = sql!(
    "INSERT INTO calendar_season (tenant_id, id, name, first_day, last_day, hours, version)
    VALUES (:tenant, :id, :name, :first, :last, :hours, 1)"
);

static EDIT_SEASON: Sql = sql!(
    "UPDATE calendar_season
    SET name = :name, first_day = :first, last_day = :last, hours = :hours, version = version + 1
    WHERE tenant_id = :tenant AND id = :id AND version = :version"
);

static REMOVE_SEASON: Sql = sql!("DELETE FROM calendar_season WHERE tenant_id = :tenant AND id = :id AND version = :version");

static INSERT_PERIOD: Sql = sql!(
    "INSERT INTO calendar_period (tenant_id, id, name, first_day, last_day, hours, every_day, limit_permille, version)
    VALUES (:tenant, :id, :name, :first, :last, :hours, :every_day, :permille, 1)"
);

static EDIT_PERIOD: Sql = sql!(
    "UPDATE calendar_period
    SET name = :name, first_day = :first, last_day = :last, hours = :hours, every_day = :every_day, limit_permille = :permille,
        version = version + 1
    WHERE tenant_id = :tenant AND id = :id AND version = :version"
);

static REMOVE_PERIOD: Sql = sql!("DELETE FROM calendar_period WHERE tenant_id = :tenant AND id = :id AND version = :version");

static CLEAR_DUTY: Sql = sql!(
    "DELETE FROM calendar_duty
    WHERE tenant_id = :tenant AND period_id = :period AND day >= :first AND day <= :last"
);

static CUT_DUTY: Sql = sql!(
    "DELETE FROM calendar_duty
    WHERE tenant_id = :tenant AND period_id = :period AND (day < :first OR day > :last)"
);

static INSERT_DUTY: Sql = sql!(
    "INSERT INTO calendar_duty (tenant_id, period_id, day, leader_id, person_id)
    VALUES (:tenant, :period, :day, :leader, :person)"
);

/// The seasons, in the order of the year.
pub async fn seasons(store: &Store, tenant: TenantId) -> Result<Vec<SeasonRow>> {
    let mut rows = store.all::<SeasonRow>(&SEASONS, args! { tenant: tenant, first: Uuid::nil() }).await?;
    rows.sort_by(|a, b| a.first_day.cmp(&b.first_day));
    Ok(rows)
}

/// The special periods, the latest first.
pub async fn periods(store: &Store, tenant: TenantId) -> Result<Vec<PeriodRow>> {
    let mut rows = store.all::<PeriodRow>(&PERIODS, args! { tenant: tenant, first: Uuid::nil() }).await?;
    rows.sort_by(|a, b| b.first_day.cmp(&a.first_day));
    Ok(rows)
}

/// Who is on duty on the days of a period; only days that have somebody.
pub async fn duty(store: &Store, tenant: TenantId, period: PeriodId) -> Result<Vec<DutyDay>> {
    store.all(&DUTY, args! { tenant: tenant, period: period, first: "0001-01-01" }).await
}

/// What a calendar takes of them. Errors: 500 when a row cannot be read.
pub(crate) async fn of_calendar(store: &Store, tenant: TenantId) -> Result<(Vec<Season>, Vec<Period>)> {
    let seasons = seasons(store, tenant).await?.iter().map(SeasonRow::season).collect::<Result<_>>()?;
    let periods = periods(store, tenant).await?.iter().map(PeriodRow::period).collect::<Result<_>>()?;
    Ok((seasons, periods))
}

/// What a change of the calendar begins with: its row is there, and nobody else changes seasons or periods meanwhile.
async fn begin(tx: &mut Write<'_>) -> Result<()> {
    tx.lock("calendar").await?;
    calendars::seed(tx, ZONE).await
}

fn checked_hours(text: &str) -> Result<Hours> {
    text.parse().map_err(|error: kernel::calendar::CalendarError| at_field("hours", error.into()))
}

/// Adds a season, or changes the one of this id and version.
///
/// Errors: `season.stale`, `calendar.too_many`, fields `name`, `first` and `last` (`calendar.season`, `calendar.overlap` with
/// the other's name), `hours`.
pub struct SetSeason {
    pub by: Permit<ManageTerritory>,
    pub season: Option<(SeasonId, i64)>,
    pub name: String,
    /// `06-01`
    pub first: String,
    pub last: String,
    /// `08:00-12:00,15:00-18:00`
    pub hours: String,
}

impl Command for SetSeason {
    const KIND: &'static str = "calendar.set_season";
    type Out = SeasonId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<SeasonId> {
        let month_day = |field: &str, text: &str| text.parse::<MonthDay>().map_err(|error| at_field(field, error.into()));
        let season = Season {
            name: fields::name("name", &self.name)?,
            first: month_day("first", &self.first)?,
            last: month_day("last", &self.last)?,
            hours: checked_hours(&self.hours)?,
        };
        begin(tx).await?;
        let tenant = tx.tenant();
        let others = tx.all::<SeasonRow>(&SEASONS, args! { tenant: tenant, first: Uuid::nil() }).await?;
        let own = self.season.map(|(id, _)| id);
        ensure(own.is_some() || others.len() < MAX_SEASONS, TOO_MANY.err().arg("max", MAX_SEASONS))?;
        for other in others.iter().filter(|other| Some(other.id) != own) {
            ensure(!season.overlaps(&other.season()?), at_field("first", OVERLAP.err().arg("name", &other.name)))?;
        }
        let (first, last, hours) = (season.first.to_string(), season.last.to_string(), season.hours.to_string());
        let id = own.unwrap_or_else(|| tx.new_id());
        let version = match self.season {
            None => {
                tx.exec(&INSERT_SEASON, args! { tenant: tenant, id: id, name: season.name, first: first, last: last, hours: hours })
                    .await?;
                1
            }
            Some((_, version)) => {
                let args = args! { tenant: tenant, id: id, name: season.name, first: first, last: last, hours: hours, version: version };
                tx.change_one(&EDIT_SEASON, args).await?.or(SEASON_STALE)?;
                version + 1
            }
        };
        tx.fact(SeasonSet { season: id, first, last, hours, version })?;
        tx.bump_revision();
        Ok(id)
    }
}

/// Takes a season away: its days have the ordinary hours from now on. Errors: `season.stale`.
pub struct RemoveSeason {
    pub by: Permit<ManageTerritory>,
    pub season: SeasonId,
    pub version: i64,
}

impl Command for RemoveSeason {
    const KIND: &'static str = "calendar.remove_season";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let tenant = tx.tenant();
        tx.change_one(&REMOVE_SEASON, args! { tenant: tenant, id: self.season, version: self.version }).await?.or(SEASON_STALE)?;
        tx.fact(SeasonRemoved { season: self.season })?;
        tx.bump_revision();
        Ok(())
    }
}

/// Adds a special period, or changes the one of this id and version; duty on days that it no longer has goes.
///
/// Errors: `period.stale`, `calendar.too_many`, fields `name`, `last` (`field.dates`, `period.too_long`), `first`
/// (`calendar.overlap` with the other's name), `hours`, `share` (`period.share`).
pub struct SetPeriod {
    pub by: Permit<ManageTerritory>,
    pub period: Option<(PeriodId, i64)>,
    pub name: String,
    pub first: Date,
    pub last: Date,
    /// Empty: those of the season, or the ordinary ones.
    pub hours: String,
    pub every_day: bool,
    /// 1 to 999; none leaves limits as they are.
    pub limit_permille: Option<u16>,
}

impl SetPeriod {
    fn checked(&self) -> Result<Period> {
        let years = 2000..=2199;
        ensure(years.contains(&self.first.year()), Error::field("first", DATES))?;
        ensure(years.contains(&self.last.year()) && self.first <= self.last, Error::field("last", DATES))?;
        let days = self.first.until(self.last).map_err(Error::internal)?.get_days() + 1;
        ensure(days <= MAX_DAYS, at_field("last", TOO_LONG.err().arg("max", MAX_DAYS)))?;
        ensure(self.limit_permille.is_none_or(|share| (1..1000).contains(&share)), Error::field("share", SHARE))?;
        Ok(Period {
            name: fields::name("name", &self.name)?,
            first: self.first,
            last: self.last,
            hours: if self.hours.trim().is_empty() { None } else { Some(checked_hours(&self.hours)?) },
            every_day: self.every_day,
            limit_permille: self.limit_permille,
        })
    }
}

impl Command for SetPeriod {
    const KIND: &'static str = "calendar.set_period";
    type Out = PeriodId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<PeriodId> {
        let period = self.checked()?;
        begin(tx).await?;
        let tenant = tx.tenant();
        let others = tx.all::<PeriodRow>(&PERIODS, args! { tenant: tenant, first: Uuid::nil() }).await?;
        let own = self.period.map(|(id, _)| id);
        ensure(own.is_some() || others.len() < MAX_PERIODS, TOO_MANY.err().arg("max", MAX_PERIODS))?;
        for other in others.iter().filter(|other| Some(other.id) != own) {
            ensure(!period.overlaps(&other.period()?), at_field("first", OVERLAP.err().arg("name", &other.name)))?;
        }
        let (first, last, hours) = (period.first.to_string(), period.last.to_string(), period.hours.map(String::from));
        let permille = period.limit_permille.map(i64::from);
        let id = own.unwrap_or_else(|| tx.new_id());
        let mut args = args! {
            tenant: tenant, id: id, name: period.name, first: first, last: last, hours: hours, every_day: period.every_day,
            permille: permille,
        };
        let version = match self.period {
            None => {
                tx.exec(&INSERT_PERIOD, args).await?;
                1
            }
            Some((_, version)) => {
                args = args.with("version", version);
                tx.change_one(&EDIT_PERIOD, args).await?.or(PERIOD_STALE)?;
                tx.exec(&CUT_DUTY, args! { tenant: tenant, period: id, first: first, last: last }).await?;
                version + 1
            }
        };
        tx.fact(PeriodSet { period: id, first, last, hours, every_day: period.every_day, limit_permille: permille, version })?;
        tx.bump_revision();
        Ok(id)
    }
}

/// Takes a special period away, with who was on duty in it. Errors: `period.stale`.
pub struct RemovePeriod {
    pub by: Permit<ManageTerritory>,
    pub period: PeriodId,
    pub version: i64,
}

impl Command for RemovePeriod {
    const KIND: &'static str = "calendar.remove_period";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let tenant = tx.tenant();
        tx.change_one(&REMOVE_PERIOD, args! { tenant: tenant, id: self.period, version: self.version }).await?.or(PERIOD_STALE)?;
        tx.exec(&CLEAR_DUTY, args! { tenant: tenant, period: self.period, first: "0000", last: "9999" }).await?;
        tx.fact(PeriodRemoved { period: self.period })?;
        tx.bump_revision();
        Ok(())
    }
}

/// Says who is on duty on these days of a period, in the place of whoever was; nobody where both are none.
///
/// Errors: 404, fields `last` (`field.dates`), `first` (`period.outside`), `leader` and `person` (`duty.not_staff`).
pub struct SetPeriodDuty {
    pub by: Permit<ManageTerritory>,
    pub period: PeriodId,
    pub first: Date,
    pub last: Date,
    pub leader: Option<AccountId>,
    pub person: Option<AccountId>,
}

impl Command for SetPeriodDuty {
    const KIND: &'static str = "calendar.set_duty";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        ensure(self.first <= self.last, Error::field("last", DATES))?;
        tx.lock("calendar").await?;
        let tenant = tx.tenant();
        let rows = tx.all::<PeriodRow>(&PERIODS, args! { tenant: tenant, first: self.period }).await?;
        let period = rows.iter().find(|row| row.id == self.period).ok_or_else(Error::not_found)?.period()?;
        ensure(period.covers(self.first) && period.covers(self.last), Error::field("first", OUTSIDE))?;
        for (field, account) in [("leader", self.leader), ("person", self.person)] {
            if let Some(account) = account {
                ensure(access::staff::is_staff(tx, account).await?, Error::field(field, NOT_STAFF))?;
            }
        }
        let (first, last) = (self.first.to_string(), self.last.to_string());
        tx.exec(&CLEAR_DUTY, args! { tenant: tenant, period: self.period, first: first, last: last }).await?;
        if self.leader.is_some() || self.person.is_some() {
            for day in self.first.series(jiff::ToSpan::days(1)).take_while(|day| *day <= self.last) {
                let args = args! { tenant: tenant, period: self.period, day: day.to_string(), leader: self.leader, person: self.person };
                tx.later(&INSERT_DUTY, args);
            }
        }
        tx.fact(PeriodDutySet { period: self.period, first, last, leader: self.leader, person: self.person })
    }
}
