//! The roll-up behind the map's hotspots: problems found, by local month × square of the map × community × category, kept in the
//! same transaction as the case; and the part of `verify` that holds it to the cases.

use kernel::ids::{PlaceId, Uuid};
use kernel::{Instant, Result, TenantId};
use std::collections::BTreeMap;
use store::journal::Finding;
use store::journal::verify::what::STATE;
use store::{Sql, Store, Write, args, sql};

/// The last binary digits of a cell, two of each of its 14 finest levels, that a square leaves out.
pub const SQUARE_BITS: u32 = 14;
/// The square of what has no position.
pub const NOWHERE: i64 = -1;

/// The square that a cell lies in.
pub const fn square(cell: i64) -> i64 {
    cell >> (2 * SQUARE_BITS)
}

/// The first and the last cell of a square; `None` for what is no square of the map.
pub fn cells(square: i64) -> Option<(i64, i64)> {
    kernel::coordinates::square_window(square, SQUARE_BITS)?;
    let first = square << (2 * SQUARE_BITS);
    Some((first, first + (1 << (2 * SQUARE_BITS)) - 1))
}

/// Where a found problem counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// `YYYY-MM`
    pub month: String,
    pub square: i64,
    pub community: Uuid,
    pub category: Uuid,
}

impl Spot {
    /// Where it counts that was reported at this instant.
    pub fn of(zone: &jiff::tz::TimeZone, at: Instant, cell: Option<i64>, community: Option<PlaceId>, category: Option<Uuid>) -> Spot {
        Spot {
            month: month(&crate::days::day(zone, at)),
            square: cell.map_or(NOWHERE, square),
            community: community.map_or(Uuid::nil(), Into::into),
            category: category.unwrap_or(Uuid::nil()),
        }
    }
}

/// The month of a day, both as text.
fn month(day: &str) -> String {
    day.rsplit_once('-').map_or(day, |(month, _)| month).to_owned()
}

static ADD: Sql = sql!(
    "INSERT INTO case_month (tenant_id, month, square, community_id, category_id, found)
    VALUES (:tenant, :month, :square, :community, :category, :found)
    ON CONFLICT (tenant_id, month, square, community_id, category_id) DO UPDATE SET found = case_month.found + excluded.found"
);

/// What one command adds, and takes where it is negative; written behind the days, in key order like them.
#[derive(Debug, Default)]
pub struct Spots(BTreeMap<Spot, i64>);

impl Spots {
    pub fn add(&mut self, spot: Spot, found: i64) {
        *self.0.entry(spot).or_default() += found;
    }
    pub fn write(self, tx: &mut Write<'_>) {
        let tenant: TenantId = tx.tenant();
        for (spot, found) in self.0.into_iter().filter(|(_, found)| *found != 0) {
            tx.later(
                &ADD,
                args! {
                    tenant: tenant, month: spot.month, square: spot.square, community: spot.community, category: spot.category, found: found,
                },
            );
        }
    }
}

static KEPT: Sql = sql!(
    "SELECT month, square, community_id, category_id, found
    FROM case_month
    WHERE tenant_id = :tenant AND (month, square, community_id, category_id) > (:month, :square, :community, :category)
    ORDER BY month, square, community_id, category_id
    LIMIT 2000"
);

store::row! {
    struct KeptRow {
        month: String,
        square: i64,
        community_id: Uuid,
        category_id: Uuid,
        found: i64,
    }
}

/// What doesn't fit about the roll-up, given what the cases say.
pub(crate) async fn compare(store: &Store, tenant: TenantId, mut wanted: BTreeMap<Spot, i64>) -> Result<Vec<Finding>> {
    let mut at = Spot { month: String::new(), square: NOWHERE, community: Uuid::nil(), category: Uuid::nil() };
    let mut wrong = Vec::new();
    loop {
        let place = args! { tenant: tenant, month: at.month, square: at.square, community: at.community, category: at.category };
        let rows: Vec<KeptRow> = store.all(&KEPT, place).await?;
        for row in rows.iter() {
            let spot = Spot { month: row.month.clone(), square: row.square, community: row.community_id, category: row.category_id };
            if wanted.remove(&spot).unwrap_or(0) != row.found {
                wrong.push(finding(&spot));
            }
            at = spot;
        }
        if rows.is_empty() {
            break;
        }
    }
    wrong.extend(wanted.iter().filter(|(_, found)| **found != 0).map(|(spot, _)| finding(spot)));
    Ok(wrong)
}

fn finding(spot: &Spot) -> Finding {
    Finding::new(STATE)
        .with("check", "months")
        .with("month", &spot.month)
        .with("square", spot.square)
        .with("community", spot.community)
        .with("category", spot.category)
}
