//! What a case counts in the summary, where, and how it gets there: each command appends what changes, in its own
//! transaction; [`Fold`] adds that up behind it.
//!
//! `found` and what belongs to it stand on the day of finding; the others on the day of dispatch, whenever they happen, so
//! that "rectified" is always a part of "in circulars" of the same day. Whoever reads takes sums and what is not added up
//! yet together ([`crate::sums`]), so a figure is exact at every instant, and a report costs one appended row.

use crate::case::Case;
use crate::kinds::{Apart, AppealEnd, Receiver, Satisfied, Solved};
use crate::months::{self, NOWHERE, square};
use crate::steps::{Source, Stage};
use contracts::CaseId;
use jiff::tz::TimeZone;
use kernel::coordinates::Point;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{Instant, Result, TenantId};
use std::collections::BTreeMap;
use store::{Args, Command, FromRow, Row, Sql, Store, ToValue, Write, args, sql};

store::housekeeping!("case_delta", "case_sum", "case_fold", "case_month");

/// Where a case counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The local day, `YYYY-MM-DD`.
    pub day: String,
    /// The local hour of the week in which the case was found: 24 × weekday (Monday is 0) + hour.
    pub slot: i64,
    pub community: Uuid,
    pub compound: Uuid,
    pub unit: Uuid,
    pub category: Uuid,
    pub source: Source,
    /// The square of the map, for its hotspots ([`crate::months`]).
    pub square: i64,
}

/// Declares what is counted: the struct, its arithmetic, and the texts that name each column.
macro_rules! counters {
    ($(#[$doc:meta])* $first:ident $(, $(#[$docs:meta])* $rest:ident)+ $(,)?) => {
        store::row! {
            /// What is added to a cell; negative when a case leaves it.
            #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
            pub struct Counts { $(#[$doc])* pub $first: i64, $($(#[$docs])* pub $rest: i64),+ }
        }
        impl std::ops::AddAssign for Counts {
            fn add_assign(&mut self, other: Counts) {
                self.$first += other.$first;
                $(self.$rest += other.$rest;)+
            }
        }
        impl std::ops::Neg for Counts {
            type Output = Counts;
            fn neg(self) -> Counts {
                Counts { $first: -self.$first, $($rest: -self.$rest),+ }
            }
        }
        impl Counts {
            /// Each count, in the order of the columns.
            pub fn each(&self) -> impl Iterator<Item = i64> + use<> {
                [self.$first, $(self.$rest),+].into_iter()
            }
            fn bind(&self, args: &mut Args) {
                args.0.push((stringify!($first), self.$first.to_value()));
                $(args.0.push((stringify!($rest), self.$rest.to_value()));)+
            }
        }
        static APPEND: Sql = sql!(concat!(
            "INSERT INTO case_delta (tenant_id, id, day, slot, community_id, compound_id, unit_id, category_id, source, square, ",
            stringify!($first), $(", ", stringify!($rest),)+
            ")\n    VALUES (:tenant, :id, :day, :slot, :community, :compound, :unit, :category, :source, :square, :",
            stringify!($first), $(", :", stringify!($rest),)+
            ")"
        ));
        static ADD: Sql = sql!(concat!(
            "INSERT INTO case_sum (tenant_id, grain, scope_id, part, span, part_key, ",
            stringify!($first), $(", ", stringify!($rest),)+
            ")\n    VALUES (:tenant, :grain, :scope, :part, :span, :key, :",
            stringify!($first), $(", :", stringify!($rest),)+
            ")\n    ON CONFLICT (tenant_id, grain, scope_id, part, span, part_key) DO UPDATE SET\n        ",
            stringify!($first), " = case_sum.", stringify!($first), " + excluded.", stringify!($first),
            $(", ", stringify!($rest), " = case_sum.", stringify!($rest), " + excluded.", stringify!($rest),)+
        ));
        static TAKE: Sql = sql!(concat!(
            "DELETE FROM case_delta
    WHERE tenant_id = :tenant AND id IN (SELECT id FROM case_delta WHERE tenant_id = :tenant AND id >= :first ORDER BY id LIMIT 20000)
    RETURNING day, slot, community_id, compound_id, unit_id, category_id, source, square, ",
            stringify!($first), $(", ", stringify!($rest),)+
        ));
        pub(crate) static PENDING: Sql = sql!(concat!(
            "SELECT day, slot, community_id, compound_id, unit_id, category_id, source, square, ",
            stringify!($first), $(", ", stringify!($rest),)+
            "\n    FROM case_delta\n    WHERE tenant_id = :tenant AND id >= :first\n    ORDER BY id\n    LIMIT 20000"
        ));
        pub(crate) static SUMS: Sql = sql!(concat!(
            "SELECT part_key, CAST(COALESCE(SUM(", stringify!($first), "), 0) AS BIGINT) AS ", stringify!($first),
            $(", CAST(COALESCE(SUM(", stringify!($rest), "), 0) AS BIGINT) AS ", stringify!($rest),)+
            "\n    FROM case_sum
    WHERE tenant_id = :tenant AND grain = :grain AND scope_id = :scope AND part = :part AND span >= :from AND span <= :to
    GROUP BY part_key"
        ));
        pub(crate) static SPANS: Sql = sql!(concat!(
            "SELECT span, CAST(COALESCE(SUM(", stringify!($first), "), 0) AS BIGINT) AS ", stringify!($first),
            $(", CAST(COALESCE(SUM(", stringify!($rest), "), 0) AS BIGINT) AS ", stringify!($rest),)+
            "\n    FROM case_sum
    WHERE tenant_id = :tenant AND grain = :grain AND scope_id = :scope AND part = :part AND span >= :from AND span <= :to
    GROUP BY span"
        ));
        pub(crate) static ALL_SUMS: Sql = sql!(concat!(
            "SELECT grain, scope_id, part, span, part_key, ",
            stringify!($first), $(", ", stringify!($rest),)+
            "\n    FROM case_sum
    WHERE tenant_id = :tenant AND (grain, scope_id, part, span, part_key) > (:grain, :scope, :part, :span, :key)
    ORDER BY grain, scope_id, part, span, part_key\n    LIMIT 2000"
        ));
    };
}

counters! {
    /// Problems found.
    found,
    /// Of the found, those that somebody outside took over.
    transferred,
    /// Of the found, those at the same spot and of the same kind as one shortly before.
    recurring,
    /// Problems that went out with a notice.
    in_circulars,
    /// Of those, accepted on re-inspection (whenever that was).
    rectified,
    /// Of the rectified, those that had a deadline: what "on time" is a share of.
    with_deadline,
    /// Of those with a deadline, never submitted late.
    on_time,
    /// Of those in circulars, came back at least once.
    rework,
    /// Of those in circulars, granted a later deadline.
    extended,
    /// Of those in circulars, whose clock was stopped.
    held,
    /// Of those in circulars, closed and then disputed by the reporter.
    disputed,
    /// Of the disputed, those where the reporter was right.
    upheld,
    /// Mended on the spot, by the day it was; apart from all above.
    on_spot,
    /// Found and mended by units themselves; apart from all above.
    self_checks,
    /// Of the found, orders of those outside whose callers were asked and reached: what "solved" and "satisfied" are shares of. The
    /// last call back holds.
    called_back,
    /// Of the called back, those whose caller finds it solved.
    solved,
    /// Of the called back, those whose caller is content.
    satisfied,
}

/// The local day of an instant, `YYYY-MM-DD`.
pub fn day(zone: &TimeZone, at: Instant) -> String {
    at.to_timestamp().to_zoned_datetime(zone.clone()).date().to_string()
}

/// The local hour of the week of an instant: 24 × weekday (Monday is 0) + hour.
pub fn slot(zone: &TimeZone, at: Instant) -> i64 {
    let local = at.to_timestamp().to_zoned_datetime(zone.clone());
    i64::from(local.weekday().to_monday_zero_offset()) * 24 + i64::from(local.hour())
}

store::row! {
    /// What there is to know of a case to count it.
    #[derive(Debug, Clone)]
    pub struct Counting {
        pub id: CaseId,
        pub source: Source,
        pub found_slot: Option<i64>,
        pub community_id: Option<PlaceId>,
        pub compound_id: Option<PlaceId>,
        pub unit_id: Option<OrganisationId>,
        pub category_id: Option<Uuid>,
        pub reported_at: Instant,
        pub dispatched_at: Option<Instant>,
        pub stage: Stage,
        pub first_due: Option<Instant>,
        pub late: bool,
        pub rework: i64,
        pub extensions: i64,
        pub holds: i64,
        pub receiver: Option<Receiver>,
        pub disputed: bool,
        pub dispute_end: Option<AppealEnd>,
        pub apart: Option<Apart>,
        pub late_appeal: Option<AppealEnd>,
        pub rework_appeal: Option<AppealEnd>,
        pub recurs_of: Option<CaseId>,
        pub solved: Option<Solved>,
        pub satisfied: Option<Satisfied>,
        pub cell: Option<i64>,
    }
}

/// The columns of a [`Counting`].
macro_rules! counting {
    () => {
        "id, source, found_slot, community_id, compound_id, unit_id, category_id, reported_at, dispatched_at, stage, first_due, late, rework,
        extensions, holds, receiver, disputed, dispute_end, apart, late_appeal, rework_appeal, recurs_of, solved, satisfied, cell"
    };
}
pub(crate) use counting;

pub(crate) static COUNTED: Sql = sql!(concat!(
    "SELECT ",
    counting!(),
    "\n    FROM cases\n    WHERE tenant_id = :tenant AND id > :after\n    ORDER BY id\n    LIMIT 2000"
));

impl From<&Case> for Counting {
    fn from(case: &Case) -> Counting {
        Counting {
            id: case.id,
            source: case.source,
            found_slot: case.found_slot,
            community_id: case.community_id,
            compound_id: case.compound_id,
            unit_id: case.unit_id,
            category_id: case.category_id,
            reported_at: case.reported_at,
            dispatched_at: case.dispatched_at,
            stage: case.stage,
            first_due: case.first_due,
            late: case.late,
            rework: case.rework,
            extensions: case.extensions,
            holds: case.holds,
            receiver: case.receiver,
            disputed: case.disputed,
            dispute_end: case.dispute_end,
            apart: case.apart,
            late_appeal: case.late_appeal,
            rework_appeal: case.rework_appeal,
            recurs_of: case.recurs_of,
            solved: case.solved,
            satisfied: case.satisfied,
            cell: case.lng_e7.zip(case.lat_e7).and_then(|(lng, lat)| Point::new(lng, lat).ok()).map(Point::cell_key),
        }
    }
}

impl Counting {
    /// A case as it is when it is found, not dispatched, with nobody's place or unit.
    pub fn found(id: CaseId, source: Source, zone: &TimeZone, at: Instant) -> Counting {
        Counting {
            id,
            source,
            found_slot: Some(slot(zone, at)),
            community_id: None,
            compound_id: None,
            unit_id: None,
            category_id: None,
            reported_at: at,
            dispatched_at: None,
            stage: Stage::Reported,
            first_due: None,
            late: false,
            rework: 0,
            extensions: 0,
            holds: 0,
            receiver: None,
            disputed: false,
            dispute_end: None,
            apart: None,
            late_appeal: None,
            rework_appeal: None,
            recurs_of: None,
            solved: None,
            satisfied: None,
            cell: None,
        }
    }
    fn cell(&self, zone: &TimeZone, at: Instant) -> Cell {
        Cell {
            day: day(zone, at),
            slot: self.found_slot.unwrap_or_else(|| slot(zone, self.reported_at)),
            community: self.community_id.map_or(Uuid::nil(), Into::into),
            compound: self.compound_id.map_or(Uuid::nil(), Into::into),
            unit: self.unit_id.map_or(Uuid::nil(), Into::into),
            category: self.category_id.unwrap_or_default(),
            source: self.source,
            square: self.cell.map_or(NOWHERE, square),
        }
    }

    /// What the case counts on the day on which it was found, and on the day on which it was dispatched.
    pub fn counts(&self, zone: &TimeZone) -> Vec<(Cell, Counts)> {
        let none = Counts::default();
        if let Some(apart) = self.apart {
            let counts = match apart {
                Apart::MendedOnSpot => Counts { on_spot: 1, ..none },
                Apart::SelfCheck => Counts { self_checks: 1, ..none },
                Apart::Merged | Apart::Void => none,
            };
            return vec![(self.cell(zone, self.reported_at), counts)];
        }
        // Who was not reached said nothing.
        let said = self.satisfied.filter(|satisfied| satisfied.reached());
        let found = Counts {
            found: 1,
            transferred: i64::from(self.receiver.is_some()),
            recurring: i64::from(self.recurs_of.is_some()),
            called_back: i64::from(said.is_some()),
            solved: i64::from(said.is_some() && self.solved == Some(Solved::Yes)),
            satisfied: i64::from(said.is_some_and(Satisfied::content)),
            ..none
        };
        let mut counts = vec![(self.cell(zone, self.reported_at), found)];
        if let Some(dispatched) = self.dispatched_at {
            let closed = self.stage == Stage::Closed;
            // What an appeal did away with is not counted.
            let timed = closed && self.first_due.is_some() && self.late_appeal != Some(AppealEnd::Upheld);
            let handed = Counts {
                in_circulars: 1,
                rectified: i64::from(closed),
                with_deadline: i64::from(timed),
                on_time: i64::from(timed && !self.late),
                rework: i64::from(self.rework > 0 && self.rework_appeal != Some(AppealEnd::Upheld)),
                extended: i64::from(self.extensions > 0),
                held: i64::from(self.holds > 0),
                disputed: i64::from(self.disputed),
                upheld: i64::from(self.dispute_end == Some(AppealEnd::Upheld)),
                ..none
            };
            counts.push((self.cell(zone, dispatched), handed));
        }
        counts
    }
}

/// What one command adds.
#[derive(Debug, Default)]
pub struct Tally {
    cells: BTreeMap<Cell, Counts>,
}

impl Tally {
    /// A case that was not there before.
    pub fn enters(&mut self, zone: &TimeZone, case: &Counting) {
        for (cell, counts) in case.counts(zone) {
            *self.cells.entry(cell).or_default() += counts;
        }
    }
    /// A case that is not there any more.
    pub fn leaves(&mut self, zone: &TimeZone, case: &Counting) {
        for (cell, counts) in case.counts(zone) {
            *self.cells.entry(cell).or_default() += -counts;
        }
    }
    /// A case becomes another one as far as it is counted: what it counted before is taken back.
    pub fn turns(&mut self, zone: &TimeZone, case: &Case, change: impl FnOnce(&mut Counting)) {
        let mut counting = Counting::from(case);
        self.leaves(zone, &counting);
        change(&mut counting);
        self.enters(zone, &counting);
    }
    pub fn cells(&self) -> &BTreeMap<Cell, Counts> {
        &self.cells
    }
    /// Appends it to the command's transaction.
    pub fn write(self, tx: &mut Write<'_>) {
        let tenant: TenantId = tx.tenant();
        for (cell, counts) in self.cells {
            if counts == Counts::default() {
                continue;
            }
            let id: Uuid = tx.new_id();
            let mut values = args! {
                tenant: tenant, id: id, day: cell.day, slot: cell.slot, community: cell.community, compound: cell.compound,
                unit: cell.unit, category: cell.category, source: cell.source, square: cell.square,
            };
            counts.bind(&mut values);
            tx.later(&APPEND, values);
        }
    }
}

store::text_enum! {
    /// What the whole is parted by.
    pub enum Part {
        All = "all",
        Community = "community",
        Compound = "compound",
        Unit = "unit",
        Category = "category",
        Source = "source",
        /// The hour of the week of the finding.
        Slot = "slot",
    }
}

store::text_enum! {
    /// How long a sum's span is.
    pub enum Grain {
        Day = "day",
        Month = "month",
    }
}

/// Where a sum stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub grain: Grain,
    /// Nil for the whole tenant, else a community.
    pub scope: Uuid,
    pub part: Part,
    /// `2026-01-05` or `2026-01`.
    pub span: String,
    pub key: String,
}

impl Cell {
    /// The cell's key in a part.
    pub fn key(&self, part: Part) -> String {
        match part {
            Part::All => String::new(),
            Part::Community => self.community.to_string(),
            Part::Compound => self.compound.to_string(),
            Part::Unit => self.unit.to_string(),
            Part::Category => self.category.to_string(),
            Part::Source => self.source.to_string(),
            Part::Slot => format!("{:03}", self.slot),
        }
    }
    fn places(&self) -> impl Iterator<Item = Place> {
        let month = self.day.get(..7).unwrap_or_default();
        let scopes = [Some(Uuid::nil()), Some(self.community).filter(|community| !community.is_nil())];
        scopes.into_iter().flatten().flat_map(move |scope| {
            // A community is all of itself.
            let parts = Part::ALL.iter().filter(move |part| scope.is_nil() || **part != Part::Community);
            parts.flat_map(move |part| {
                [(Grain::Day, self.day.as_str()), (Grain::Month, month)].map(|(grain, span)| Place {
                    grain,
                    scope,
                    part: *part,
                    span: span.to_owned(),
                    key: self.key(*part),
                })
            })
        })
    }
}

/// Cells as the sums that they are part of.
pub fn spread<'a>(cells: impl IntoIterator<Item = (&'a Cell, &'a Counts)>) -> BTreeMap<Place, Counts> {
    let mut sums = BTreeMap::<Place, Counts>::new();
    for (cell, counts) in cells {
        for place in cell.places() {
            *sums.entry(place).or_default() += *counts;
        }
    }
    sums.retain(|_, counts| *counts != Counts::default());
    sums
}

/// What was appended and is not added up yet.
#[derive(Debug, Clone)]
pub struct Delta {
    pub cell: Cell,
    pub counts: Counts,
}

impl FromRow for Delta {
    fn from_row(mut row: Row) -> Result<Self> {
        let cell = Cell {
            day: row.take(0, "day")?,
            slot: row.take(1, "slot")?,
            community: row.take(2, "community_id")?,
            compound: row.take(3, "compound_id")?,
            unit: row.take(4, "unit_id")?,
            category: row.take(5, "category_id")?,
            source: row.take(6, "source")?,
            square: row.take(7, "square")?,
        };
        Ok(Delta { cell, counts: Counts::take_from(&mut row, &mut 8)? })
    }
}

fn cells<'a>(deltas: impl IntoIterator<Item = &'a Delta>) -> BTreeMap<Cell, Counts> {
    let mut cells = BTreeMap::<Cell, Counts>::new();
    for delta in deltas {
        *cells.entry(delta.cell.clone()).or_default() += delta.counts;
    }
    cells
}

static FOLDED: Sql = sql!(
    "INSERT INTO case_fold (tenant_id, folds)
    VALUES (:tenant, 1)
    ON CONFLICT (tenant_id) DO UPDATE SET folds = case_fold.folds + 1"
);
static WAITING: Sql = sql!("SELECT DISTINCT tenant_id FROM case_delta");
static HOW_MANY: Sql = sql!("SELECT id FROM case_delta WHERE tenant_id = :tenant AND id >= :first ORDER BY id LIMIT 1000");

/// The most that one [`Fold`] takes.
pub const MOST: usize = 20_000;
/// From so many on, a fold does not wait for its time.
pub const MANY: usize = 1_000;

fn add_up(tx: &mut Write<'_>, sums: BTreeMap<Place, Counts>) {
    let tenant = tx.tenant();
    for (place, counts) in sums {
        let mut values =
            args! { tenant: tenant, grain: place.grain, scope: place.scope, part: place.part, span: place.span, key: place.key };
        counts.bind(&mut values);
        tx.later(&ADD, values);
    }
}

/// Adds up what was appended; changes no figure. Run by the system itself.
pub struct Fold;

impl Command for Fold {
    const KIND: &'static str = "case.fold";
    /// How much was appended.
    type Out = usize;

    async fn run(&self, tx: &mut Write<'_>) -> Result<usize> {
        tx.lock("case_fold").await?;
        let taken: Vec<Delta> = tx.all(&TAKE, args! { tenant: tx.tenant(), first: Uuid::nil() }).await?;
        if !taken.is_empty() {
            let cells = cells(&taken);
            add_up(tx, spread(&cells));
            months::add_up(tx, &cells);
            tx.later(&FOLDED, args! { tenant: tx.tenant() });
        }
        Ok(taken.len())
    }
}

static NO_SUMS: Sql = sql!("DELETE FROM case_sum WHERE tenant_id = :tenant AND grain >= ''");
static NO_DELTAS: Sql = sql!("DELETE FROM case_delta WHERE tenant_id = :tenant AND id >= :first");

/// Counts all of a tenant's cases anew, for rows that came in beside the program (a migration, a mended file). Run by the
/// system itself.
pub struct CountAgain {
    pub zone: TimeZone,
}

impl Command for CountAgain {
    const KIND: &'static str = "case.count_again";
    /// How many cases there are.
    type Out = usize;

    async fn run(&self, tx: &mut Write<'_>) -> Result<usize> {
        tx.lock("case_fold").await?;
        tx.exec(&NO_SUMS, args! { tenant: tx.tenant() }).await?;
        tx.exec(&NO_DELTAS, args! { tenant: tx.tenant(), first: Uuid::nil() }).await?;
        months::forget(tx).await?;
        let (mut after, mut all) = (Uuid::nil(), 0);
        loop {
            let rows: Vec<Counting> = tx.all(&COUNTED, args! { tenant: tx.tenant(), after: after }).await?;
            let Some(last) = rows.last() else { break };
            after = last.id.0;
            all += rows.len();
            let mut tally = Tally::default();
            rows.iter().for_each(|row| tally.enters(&self.zone, row));
            add_up(tx, spread(&tally.cells));
            months::add_up(tx, &tally.cells);
        }
        tx.later(&FOLDED, args! { tenant: tx.tenant() });
        Ok(all)
    }
}

fn by_itself(store: &Store, tenant: TenantId) -> store::Pass {
    store::Pass { tenant, actor: None, on_behalf_of: None, id: store.world().new_id(), body: [0; 32] }
}

/// Adds up all that was appended in a tenant.
pub async fn fold(store: &Store, tenant: TenantId) -> Result<()> {
    while store.run(by_itself(store, tenant), Fold).await?.out >= MOST {}
    Ok(())
}

/// Adds up, in every tenant, what was appended: all of it where `whole`, else where there is much.
pub async fn fold_waiting(store: &Store, whole: bool) -> Result<()> {
    for (tenant,) in store.all::<(i64,)>(&WAITING, args! {}).await? {
        let tenant = TenantId(tenant);
        let many = whole || store.all::<(Uuid,)>(&HOW_MANY, args! { tenant: tenant, first: Uuid::nil() }).await?.len() >= MANY;
        if many {
            fold(store, tenant).await?;
        }
    }
    Ok(())
}

/// Counts a tenant's cases anew; how many there are.
pub async fn count_again(store: &Store, tenant: TenantId) -> Result<usize> {
    let zone = territory::Directory::load(store, tenant).await?.calendar().zone().clone();
    Ok(store.run(by_itself(store, tenant), CountAgain { zone }).await?.out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_stands_in_each_part_of_the_whole_and_of_its_community_by_day_and_month() {
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        let at: Instant = Instant::from_timestamp("2026-02-01T00:30+08:00".parse().unwrap());
        let mut case = Counting::found(CaseId(Uuid::from_u128(1)), Source::Call, &zone, at);
        case.community_id = Some(PlaceId(Uuid::from_u128(7)));
        let counts = case.counts(&zone);
        assert_eq!((counts.len(), counts[0].0.day.as_str(), counts[0].0.slot), (1, "2026-02-01", 6 * 24));
        let sums = spread(counts.iter().map(|(cell, counts)| (cell, counts)));
        assert_eq!(sums.len(), 2 * (Part::ALL.len() + Part::ALL.len() - 1));
        assert!(sums.values().all(|counts| *counts == Counts { found: 1, ..Counts::default() }));
        assert!(sums.keys().any(|place| place.span == "2026-02" && place.scope == Uuid::from_u128(7) && place.key == "144"));
    }
}
