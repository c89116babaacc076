//! The roll-up behind the summary: counts by local day × community × unit × category, kept in the same transaction.
//!
//! `found` stands on the day of finding; the others on the day of dispatch, whenever they happen, so that
//! "rectified" is always a part of "in circulars" of the same day.

use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{Instant, TenantId};
use store::{Sql, Write, args, sql};

/// Where a case counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub day: String,
    pub community: Uuid,
    pub unit: Uuid,
    pub category: Uuid,
}

/// What is added to a cell; negative when a case leaves it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub found: i64,
    pub in_circulars: i64,
    pub rectified: i64,
    /// Rectified and with a deadline: what "on time" is a share of.
    pub with_deadline: i64,
    pub on_time: i64,
    pub rework: i64,
    /// Mended on the spot, by the day it was; apart from all above.
    pub on_spot: i64,
    /// Found and mended by units themselves; apart from all above.
    pub self_checks: i64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.found += other.found;
        self.in_circulars += other.in_circulars;
        self.rectified += other.rectified;
        self.with_deadline += other.with_deadline;
        self.on_time += other.on_time;
        self.rework += other.rework;
        self.on_spot += other.on_spot;
        self.self_checks += other.self_checks;
    }
}

impl std::ops::Mul<i64> for Counts {
    type Output = Counts;
    fn mul(self, by: i64) -> Counts {
        Counts {
            found: self.found * by,
            in_circulars: self.in_circulars * by,
            rectified: self.rectified * by,
            with_deadline: self.with_deadline * by,
            on_time: self.on_time * by,
            rework: self.rework * by,
            on_spot: self.on_spot * by,
            self_checks: self.self_checks * by,
        }
    }
}

impl Cell {
    /// The cell of an instant's local day.
    pub fn of(
        zone: &jiff::tz::TimeZone,
        at: Instant,
        community: Option<PlaceId>,
        unit: Option<OrganisationId>,
        category: Option<Uuid>,
    ) -> Cell {
        Cell {
            day: day(zone, at),
            community: community.map_or(Uuid::nil(), Into::into),
            unit: unit.map_or(Uuid::nil(), Into::into),
            category: category.unwrap_or(Uuid::nil()),
        }
    }
}

/// The local day of an instant, `YYYY-MM-DD`.
pub fn day(zone: &jiff::tz::TimeZone, at: Instant) -> String {
    at.to_timestamp().to_zoned_datetime(zone.clone()).date().to_string()
}

static ADD: Sql = sql!(
    "INSERT INTO case_day (tenant_id, day, community_id, unit_id, category_id, found, in_circulars, rectified, with_deadline, on_time, rework,
        on_spot, self_checks)
    VALUES (:tenant, :day, :community, :unit, :category, :found, :in_circulars, :rectified, :with_deadline, :on_time, :rework,
        :on_spot, :self_checks)
    ON CONFLICT (tenant_id, day, community_id, unit_id, category_id) DO UPDATE SET
        found = case_day.found + excluded.found,
        in_circulars = case_day.in_circulars + excluded.in_circulars,
        rectified = case_day.rectified + excluded.rectified,
        with_deadline = case_day.with_deadline + excluded.with_deadline,
        on_time = case_day.on_time + excluded.on_time,
        rework = case_day.rework + excluded.rework,
        on_spot = case_day.on_spot + excluded.on_spot,
        self_checks = case_day.self_checks + excluded.self_checks"
);

/// What one command adds; written last and in key order, so that two commands never wait for each other in a ring.
#[derive(Debug, Default)]
pub struct Tally {
    cells: std::collections::BTreeMap<Cell, Counts>,
    spots: crate::months::Spots,
}

impl Tally {
    pub fn add(&mut self, cell: Cell, counts: Counts) {
        *self.cells.entry(cell).or_default() += counts;
    }
    /// What the map's hotspots count: goes with every `found` that appears, goes, or changes its month, position or category.
    pub fn spot(&mut self, spot: crate::months::Spot, found: i64) {
        self.spots.add(spot, found);
    }
    pub fn write(self, tx: &mut Write<'_>) {
        let tenant: TenantId = tx.tenant();
        for (cell, counts) in self.cells {
            if counts == Counts::default() {
                continue;
            }
            tx.later(
                &ADD,
                args! {
                    tenant: tenant, day: cell.day, community: cell.community, unit: cell.unit, category: cell.category,
                    found: counts.found, in_circulars: counts.in_circulars, rectified: counts.rectified,
                    with_deadline: counts.with_deadline, on_time: counts.on_time, rework: counts.rework,
                    on_spot: counts.on_spot, self_checks: counts.self_checks,
                },
            );
        }
        self.spots.write(tx);
    }
}
