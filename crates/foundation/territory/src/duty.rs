//! Who is on duty where: the roster of communities, areas and grids by weekday and dates, and how a place finds its people.

use crate::facts::{PlaceDutyAdded, PlaceDutyEnded};
use crate::organisations::DATES;
use crate::periods::NOT_STAFF;
use crate::place::{Level, State};
use crate::places::{self, PARENT_CLOSED};
use crate::responsibility::in_force;
use crate::verbs::ManageDuty;
use access::{Permit, Subject};
use jiff::civil::{Date, Weekday};
use kernel::ids::{AccountId, PlaceId, Uuid};
use kernel::{Code, Error, Result, TenantId, ensure};
use std::collections::HashMap;
use store::{Command, Sql, Store, Write, args, sql};

kernel::id!(
    /// One line of the duty roster.
    DutyId,
);
store::id_values!(DutyId);

/// Duty is kept for communities, areas and grids.
pub const LEVEL: Code = Code::invalid("duty.level");
/// The dates hold none of the weekdays.
pub const NO_DAY: Code = Code::invalid("duty.no_day");
/// The same person is on duty there on such a day already.
pub const ALREADY: Code = Code::invalid("duty.already");
pub const STALE: Code = Code::conflict("duty.stale");

/// The levels of places that have a duty roster.
pub const LEVELS: [Level; 3] = [Level::Community, Level::Area, Level::Grid];

/// A set of weekdays, one bit each, Monday the lowest; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekdays(u8);

impl Weekdays {
    pub const EVERY: Weekdays = Weekdays(0b111_1111);

    /// These weekdays; every one where none is named.
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Self {
        let bits = days.into_iter().fold(0, |bits, day| bits | bit(day));
        if bits == 0 { Weekdays::EVERY } else { Weekdays(bits) }
    }
    /// As it is stored; every weekday for what no set is.
    pub fn from_bits(bits: i64) -> Self {
        u8::try_from(bits).ok().filter(|bits| (1..=Weekdays::EVERY.0).contains(bits)).map_or(Weekdays::EVERY, Weekdays)
    }
    pub fn bits(self) -> i64 {
        self.0.into()
    }
    pub fn has(self, day: Weekday) -> bool {
        self.0 & bit(day) != 0
    }
    fn meets(self, other: Weekdays) -> bool {
        self.0 & other.0 != 0
    }
}

fn bit(day: Weekday) -> u8 {
    1 << day.to_monday_zero_offset()
}

store::row! {
    /// One line of the roster: this account, for this place, on these weekdays from a day to a day.
    #[derive(Debug, Clone)]
    pub struct DutyLine {
        pub id: DutyId,
        pub place_id: PlaceId,
        pub account_id: AccountId,
        pub weekdays: i64,
        pub valid_from: String,
        pub valid_to: Option<String>,
        pub version: i64,
    }
}

impl DutyLine {
    pub fn weekdays(&self) -> Weekdays {
        Weekdays::from_bits(self.weekdays)
    }
    pub fn holds_on(&self, date: Date) -> bool {
        self.weekdays().has(date.weekday()) && in_force(&self.valid_from, self.valid_to.as_deref(), &date.to_string())
    }
    /// How much it covers: a single date before a span of dates, that before what has no end; the fewer weekdays first.
    fn breadth(&self) -> (bool, bool, u32) {
        let single = self.valid_to.as_deref() == Some(self.valid_from.as_str());
        (!single, self.valid_to.is_none(), self.weekdays().0.count_ones())
    }
}

// Whoever left is on duty no more; closing an account raises the revision that this is cached by.
static ALL: Sql = sql!(
    "SELECT d.id, d.place_id, d.account_id, d.weekdays, d.valid_from, d.valid_to, d.version
    FROM place_duty d
    JOIN account a ON a.tenant_id = d.tenant_id AND a.id = d.account_id
    WHERE d.tenant_id = :tenant AND d.id >= :first AND a.active = TRUE
    ORDER BY d.id"
);

static OF_PLACE: Sql = sql!(
    "SELECT id, place_id, account_id, weekdays, valid_from, valid_to, version
    FROM place_duty
    WHERE tenant_id = :tenant AND place_id = :place
    ORDER BY id"
);

static FIND: Sql = sql!(
    "SELECT id, place_id, account_id, weekdays, valid_from, valid_to, version
    FROM place_duty
    WHERE tenant_id = :tenant AND id = :id"
);

static INSERT: Sql = sql!(
    "INSERT INTO place_duty (tenant_id, id, place_id, account_id, weekdays, valid_from, valid_to, version)
    VALUES (:tenant, :id, :place, :account, :weekdays, :from, :to, 1)"
);

static END: Sql = sql!(
    "UPDATE place_duty
    SET valid_to = :to, version = version + 1
    WHERE tenant_id = :tenant AND id = :id AND version = :version"
);

static REMOVE: Sql = sql!("DELETE FROM place_duty WHERE tenant_id = :tenant AND id = :id AND version = :version");

/// One line. Errors: 404 when the tenant has none of this id.
pub async fn line(store: &Store, tenant: TenantId, id: DutyId) -> Result<DutyLine> {
    store.one(&FIND, args! { tenant: tenant, id: id }).await
}

/// All lines of a tenant whose people still have an account here.
#[derive(Debug, Default)]
pub struct Roster(HashMap<PlaceId, Vec<DutyLine>>);

impl Roster {
    pub(crate) async fn load(store: &Store, tenant: TenantId) -> Result<Roster> {
        let mut roster = Roster::default();
        for line in store.all::<DutyLine>(&ALL, args! { tenant: tenant, first: Uuid::nil() }).await? {
            roster.0.entry(line.place_id).or_default().push(line);
        }
        for lines in roster.0.values_mut() {
            lines.sort_by_key(|line| (line.breadth(), line.id));
        }
        Ok(roster)
    }
    /// The lines of one place, past and to come too; those that cover least come first.
    pub fn of_place(&self, place: PlaceId) -> &[DutyLine] {
        self.0.get(&place).map_or(&[], Vec::as_slice)
    }
    /// The places that somebody is named for on a date.
    pub(crate) fn places(&self, account: AccountId, date: Date) -> impl Iterator<Item = PlaceId> + '_ {
        let named = move |lines: &Vec<DutyLine>| lines.iter().any(|line| line.account_id == account && line.holds_on(date));
        self.0.iter().filter(move |(_, lines)| named(lines)).map(|(place, _)| *place)
    }
    /// Who is on duty for this very place: whoever is named for the single date first, then for spans, then without end.
    pub fn at(&self, place: PlaceId, date: Date) -> Vec<AccountId> {
        let mut found = Vec::new();
        for line in self.of_place(place).iter().filter(|line| line.holds_on(date)) {
            if !found.contains(&line.account_id) {
                found.push(line.account_id);
            }
        }
        found
    }
}

/// What a permit to write the roster of a place is asked for.
pub fn subject(tenant: TenantId, path: &str) -> Subject<'_> {
    Subject { place_path: Some(path), ..Subject::of_tenant(tenant) }
}

fn checked_year(field: &str, date: Date) -> Result<()> {
    ensure((2000..=2199).contains(&date.year()), Error::field(field, DATES))
}

/// Puts somebody on duty for a place.
///
/// Errors: 404, `place.parent_closed`, fields `place` (`duty.level`), `account` (`duty.not_staff`, `duty.already`), `from` and
/// `to` (`field.dates`, `duty.no_day`).
pub struct AddDuty {
    pub by: Permit<ManageDuty>,
    pub place: PlaceId,
    pub account: AccountId,
    pub weekdays: Weekdays,
    pub from: Date,
    /// None: until it is ended.
    pub to: Option<Date>,
}

impl Command for AddDuty {
    const KIND: &'static str = "duty.add";
    type Out = DutyId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<DutyId> {
        checked_year("from", self.from)?;
        if let Some(to) = self.to {
            checked_year("to", to)?;
            ensure(self.from <= to, Error::field("to", DATES))?;
            let week = self.from.series(jiff::ToSpan::days(1)).take(7).take_while(|day| *day <= to);
            ensure(week.into_iter().any(|day| self.weekdays.has(day.weekday())), Error::field("to", NO_DAY))?;
        }
        // Two at once must see each other's lines.
        tx.lock("duty").await?;
        let tenant = tx.tenant();
        let place = places::find(tx, self.place).await?;
        ensure(place.state == State::Open, PARENT_CLOSED)?;
        ensure(LEVELS.contains(&place.level), Error::field("place", LEVEL))?;
        ensure(access::staff::is_staff(tx, self.account).await?, Error::field("account", NOT_STAFF))?;
        let (from, to) = (self.from.to_string(), self.to.map(|to| to.to_string()));
        let known = tx.all::<DutyLine>(&OF_PLACE, args! { tenant: tenant, place: place.id }).await?;
        let meets = |line: &DutyLine| {
            let dates = to.as_ref().is_none_or(|to| line.valid_from <= *to) && line.valid_to.as_ref().is_none_or(|to| from <= *to);
            line.account_id == self.account && dates && line.weekdays().meets(self.weekdays)
        };
        ensure(!known.iter().any(meets), Error::field("account", ALREADY))?;
        let id: DutyId = tx.new_id();
        let weekdays = self.weekdays.bits();
        tx.exec(&INSERT, args! { tenant: tenant, id: id, place: place.id, account: self.account, weekdays: weekdays, from: from, to: to })
            .await?;
        tx.fact(PlaceDutyAdded { line: id, place: place.id, account: self.account, weekdays, from, to })?;
        tx.bump_revision();
        Ok(id)
    }
}

/// Says until which day a line holds. A day before its first takes the line away: it never held.
///
/// Errors: 404, `duty.stale`, field `to` with `field.dates`.
pub struct EndDuty {
    pub by: Permit<ManageDuty>,
    pub line: DutyId,
    pub version: i64,
    pub to: Date,
}

impl Command for EndDuty {
    const KIND: &'static str = "duty.end";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        checked_year("to", self.to)?;
        let (tenant, to) = (tx.tenant(), self.to.to_string());
        let line: DutyLine = tx.one(&FIND, args! { tenant: tenant, id: self.line }).await?;
        let held = line.valid_from <= to;
        if held {
            tx.change_one(&END, args! { tenant: tenant, id: line.id, version: self.version, to: to }).await?.or(STALE)?;
        } else {
            tx.change_one(&REMOVE, args! { tenant: tenant, id: line.id, version: self.version }).await?.or(STALE)?;
        }
        tx.fact(PlaceDutyEnded { line: line.id, place: line.place_id, account: line.account_id, to: held.then_some(to) })?;
        tx.bump_revision();
        Ok(())
    }
}

static STILL: Sql = sql!(
    "SELECT id, place_id, account_id, weekdays, valid_from, valid_to, version
    FROM place_duty
    WHERE tenant_id = :tenant AND id >= :first AND COALESCE(valid_to, :day) >= :day
    ORDER BY id"
);

/// The lines that hold on a day or later, also of people who have left.
pub async fn lines_from(store: &Store, tenant: TenantId, day: &str) -> Result<Vec<DutyLine>> {
    store.all(&STILL, args! { tenant: tenant, first: Uuid::nil(), day: day }).await
}

/// Hands all duty from this day on from one person to another; how many lines. Where the other one is on duty there already,
/// the line only ends.
///
/// Errors: those of [`AddDuty`] and [`EndDuty`] otherwise.
pub struct HandOverDuty {
    pub by: Permit<ManageDuty>,
    pub from: AccountId,
    pub to: AccountId,
    pub today: Date,
}

impl Command for HandOverDuty {
    const KIND: &'static str = "duty.hand_over";
    type Out = i64;

    async fn run(&self, tx: &mut Write<'_>) -> Result<i64> {
        let tenant = tx.tenant();
        let today = self.today.to_string();
        let lines = tx.all::<DutyLine>(&STILL, args! { tenant: tenant, first: Uuid::nil(), day: today }).await?;
        let mut handed = 0;
        for line in lines.iter().filter(|line| line.account_id == self.from) {
            let begins: Date = line.valid_from.parse().map_err(Error::internal)?;
            let to = line.valid_to.as_deref().map(str::parse::<Date>).transpose().map_err(Error::internal)?;
            let from = begins.max(self.today);
            let before = from.yesterday().map_err(Error::internal)?;
            EndDuty { by: self.by.clone(), line: line.id, version: line.version, to: before }.run(tx).await?;
            let add = AddDuty { by: self.by.clone(), place: line.place_id, account: self.to, weekdays: line.weekdays(), from, to };
            match add.run(tx).await {
                // On duty there already, or no such weekday is left: nothing is missing.
                Err(error)
                    if error.field_errors().iter().all(|field| field.code == ALREADY.name || field.code == NO_DAY.name)
                        && !error.field_errors().is_empty() => {}
                outcome => drop(outcome?),
            }
            handed += 1;
        }
        Ok(handed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_weekdays_is_never_empty_and_knows_its_days() {
        let some = Weekdays::of([Weekday::Monday, Weekday::Sunday]);
        assert_eq!(some.bits(), 0b100_0001);
        assert!(some.has(Weekday::Sunday) && !some.has(Weekday::Saturday));
        assert_eq!(Weekdays::of([]), Weekdays::EVERY);
        for bits in [0, -1, 128, i64::MAX] {
            assert_eq!(Weekdays::from_bits(bits), Weekdays::EVERY, "{bits}");
        }
        assert_eq!(Weekdays::from_bits(some.bits()), some);
        assert!(some.meets(Weekdays::of([Weekday::Monday])) && !some.meets(Weekdays::of([Weekday::Friday])));
    }
}
