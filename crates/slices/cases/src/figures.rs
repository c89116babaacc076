//! The figures of the summary: sums over the roll-up, each with the list that it counted.

use kernel::ids::Uuid;
use kernel::{Result, TenantId};
use serde::Serialize;
use std::collections::BTreeMap;
use store::{FromRow, Row, Sql, Store, args, sql};

store::row! {
    /// Counts of one community, unit or category, or of all.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
    pub struct Figures {
        pub of: Uuid,
        /// Problems found in the period.
        pub found: i64,
        /// Problems that went out with a notice in the period.
        pub in_circulars: i64,
        /// Of those, accepted on re-inspection (whenever that was).
        pub rectified: i64,
        /// Of the rectified, those that had a deadline; work taken over from elsewhere may have none.
        pub with_deadline: i64,
        /// Of those with a deadline, never submitted late.
        pub on_time: i64,
        /// Of those in circulars, came back at least once.
        pub rework: i64,
        /// Mended on the spot in the period; in none of the figures above.
        pub on_spot: i64,
        /// Found and mended by units themselves in the period; in none of the figures above.
        pub self_checks: i64,
    }
}

impl Figures {
    /// In circulars and not yet rectified.
    pub fn remaining(&self) -> i64 {
        self.in_circulars - self.rectified
    }
    /// `rectified / in_circulars` in permille, rounded half up; `None` where nothing went out.
    pub fn rectified_permille(&self) -> Option<i64> {
        permille(self.rectified, self.in_circulars)
    }
    /// `on_time / with_deadline` in permille.
    pub fn on_time_permille(&self) -> Option<i64> {
        permille(self.on_time, self.with_deadline)
    }
}

/// A share in permille, rounded half up; `None` over nothing.
pub fn permille(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part * 2000 + whole) / (2 * whole))
}

macro_rules! sums {
    () => {
        "CAST(COALESCE(SUM(found), 0) AS BIGINT) AS found, CAST(COALESCE(SUM(in_circulars), 0) AS BIGINT) AS in_circulars,
            CAST(COALESCE(SUM(rectified), 0) AS BIGINT) AS rectified,
            CAST(COALESCE(SUM(with_deadline), 0) AS BIGINT) AS with_deadline, CAST(COALESCE(SUM(on_time), 0) AS BIGINT) AS on_time,
            CAST(COALESCE(SUM(rework), 0) AS BIGINT) AS rework,
            CAST(COALESCE(SUM(on_spot), 0) AS BIGINT) AS on_spot, CAST(COALESCE(SUM(self_checks), 0) AS BIGINT) AS self_checks
        FROM case_day
        WHERE tenant_id = :tenant AND day >= :from AND day <= :to"
    };
}

static BY_COMMUNITY: Sql = sql!(concat!("SELECT community_id AS of, ", sums!(), " GROUP BY community_id"));
static BY_UNIT: Sql = sql!(concat!("SELECT unit_id AS of, ", sums!(), " GROUP BY unit_id"));
static BY_CATEGORY: Sql = sql!(concat!("SELECT category_id AS of, ", sums!(), " GROUP BY category_id"));

static BY_PAIR: Sql = sql!(concat!("SELECT community_id AS community, unit_id AS of, ", sums!(), " GROUP BY community_id, unit_id"));

/// What the sums are parted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Community,
    Unit,
    Category,
}

/// The figures of local days `from..=to` (`YYYY-MM-DD`), parted; the most in circulars first.
pub async fn parted(store: &Store, tenant: TenantId, by: By, from: &str, to: &str) -> Result<Vec<Figures>> {
    let sql = match by {
        By::Community => &BY_COMMUNITY,
        By::Unit => &BY_UNIT,
        By::Category => &BY_CATEGORY,
    };
    Ok(ordered(store.all::<Figures>(sql, args! { tenant: tenant, from: from, to: to }).await?))
}

/// A unit's counts in one community.
struct Pair {
    community: Uuid,
    part: Figures,
}

impl FromRow for Pair {
    fn from_row(mut row: Row) -> Result<Self> {
        let community = row.take(0, "community")?;
        Ok(Pair { community, part: Figures::take_from(&mut row, &mut 1)? })
    }
}

/// The figures of each unit, of the communities that `within` names alone; the most in circulars first.
pub async fn units_within(store: &Store, tenant: TenantId, from: &str, to: &str, within: impl Fn(Uuid) -> bool) -> Result<Vec<Figures>> {
    let pairs = store.all::<Pair>(&BY_PAIR, args! { tenant: tenant, from: from, to: to }).await?;
    let mut units = BTreeMap::<Uuid, Figures>::new();
    for Pair { community: _, part } in pairs.into_iter().filter(|pair| within(pair.community)) {
        let sum = units.entry(part.of).or_default();
        *sum = Figures { of: part.of, ..total(&[std::mem::take(sum), part]) };
    }
    Ok(ordered(units.into_values().collect()))
}

/// Without those that are all nought; the most in circulars first.
fn ordered(mut parts: Vec<Figures>) -> Vec<Figures> {
    parts.retain(|part| [part.found, part.in_circulars, part.on_spot, part.self_checks].iter().any(|count| *count != 0));
    parts.sort_by(|a, b| b.in_circulars.cmp(&a.in_circulars).then(b.found.cmp(&a.found)).then(a.of.cmp(&b.of)));
    parts
}

/// The sum of parts.
pub fn total(parts: &[Figures]) -> Figures {
    parts.iter().fold(Figures::default(), |sum, part| Figures {
        of: Uuid::nil(),
        found: sum.found + part.found,
        in_circulars: sum.in_circulars + part.in_circulars,
        rectified: sum.rectified + part.rectified,
        with_deadline: sum.with_deadline + part.with_deadline,
        on_time: sum.on_time + part.on_time,
        rework: sum.rework + part.rework,
        on_spot: sum.on_spot + part.on_spot,
        self_checks: sum.self_checks + part.self_checks,
    })
}
