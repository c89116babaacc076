//! The roll-up behind the map's hotspots: problems found, by local month × square of the map × community × category, added up with
//! the summary's counts ([`crate::days`]) and read with what is not added up yet; and the part of `verify` that holds it to the cases.

use crate::days::{Cell, Counts};
use crate::sums::{ATTEMPTS, Book, RESTLESS};
use kernel::ids::Uuid;
use kernel::{Result, TenantId};
use std::collections::BTreeMap;
use store::journal::Finding;
use store::journal::verify::what::STATE;
use store::{Sql, Store, Write, args, sql};

/// The last binary digits of a cell, two of each of its 14 finest levels, that a square leaves out.
pub const SQUARE_BITS: u32 = 14;
/// The square of what has no position.
pub const NOWHERE: i64 = -1;
/// In place of a square: counted here before it was appended, as it was once.
const COUNTED: i64 = -2;

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
    /// Where what was found counts, if anything was.
    pub fn of(cell: &Cell, counts: &Counts) -> Option<(Spot, i64)> {
        let spot = Spot { month: month(&cell.day), square: cell.square, community: cell.community, category: cell.category };
        (counts.found != 0 && cell.square != COUNTED).then_some((spot, counts.found))
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

static NONE: Sql = sql!("DELETE FROM case_month WHERE tenant_id = :tenant AND month >= ''");

/// What some cells come to.
pub fn spots<'a>(cells: impl IntoIterator<Item = (&'a Cell, &'a Counts)>) -> BTreeMap<Spot, i64> {
    let mut spots = BTreeMap::new();
    for (spot, found) in cells.into_iter().filter_map(|(cell, counts)| Spot::of(cell, counts)) {
        *spots.entry(spot).or_default() += found;
    }
    spots
}

/// Adds what these cells come to, in key order.
pub fn add_up(tx: &mut Write<'_>, cells: &BTreeMap<Cell, Counts>) {
    let tenant: TenantId = tx.tenant();
    for (spot, found) in spots(cells).into_iter().filter(|(_, found)| *found != 0) {
        tx.later(
            &ADD,
            args! {
                tenant: tenant, month: spot.month, square: spot.square, community: spot.community, category: spot.category, found: found,
            },
        );
    }
}

/// Forgets all of a tenant's, to count it anew.
pub async fn forget(tx: &mut Write<'_>) -> Result<()> {
    tx.exec(&NONE, args! { tenant: tx.tenant() }).await.map(drop)
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

/// What doesn't fit about the roll-up and what is not added up yet, given what the cases say. Errors: `summary.restless`.
pub(crate) async fn compare(store: &Store, tenant: TenantId, wanted: &BTreeMap<Spot, i64>) -> Result<Vec<Finding>> {
    for _ in 0..ATTEMPTS {
        let book = Book::open(store, tenant).await?;
        let mut left = wanted.clone();
        for (spot, found) in spots(book.deltas().iter().map(|delta| (&delta.cell, &delta.counts))) {
            *left.entry(spot).or_default() -= found;
        }
        let wrong = compare_rows(store, tenant, left).await?;
        if book.still_holds().await? {
            return Ok(wrong);
        }
    }
    Err(RESTLESS.into())
}

async fn compare_rows(store: &Store, tenant: TenantId, mut wanted: BTreeMap<Spot, i64>) -> Result<Vec<Finding>> {
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
