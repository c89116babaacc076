//! Difficult matters in the summary: opened, settled, still open, by the community, compound, unit and category of their problems.
//! Counted from the matters themselves, which are few; each figure opens the matters that it counted.

use crate::days::Part;
use crate::matters::{Of, PARTS, first_case};
use crate::office::Office;
use crate::sums::Days;
use crate::worklist::day_range;
use access::permit::Reach;
use kernel::Result;
use kernel::ids::Uuid;
use std::collections::BTreeMap;
use store::{Sql, Store, args, sql};

/// What is counted of matters in a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MatterCounts {
    /// Opened in the period.
    pub opened: i64,
    /// Settled in the period, whenever they were opened.
    pub settled: i64,
    /// Open when the period ended; now, where it has not ended.
    pub standing: i64,
}

impl std::ops::AddAssign for MatterCounts {
    fn add_assign(&mut self, other: MatterCounts) {
        self.opened += other.opened;
        self.settled += other.settled;
        self.standing += other.standing;
    }
}

impl MatterCounts {
    fn is_none(self) -> bool {
        self == MatterCounts::default()
    }
}

/// The counts of a period. A matter of several problems stands with the first of them, so that parts add up to the whole; one of
/// none, or whose problem has none, stands with [`Of::Nothing`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MatterFigures {
    pub whole: MatterCounts,
    parts: [BTreeMap<Of, MatterCounts>; PARTS.len()],
}

impl MatterFigures {
    /// The rows of one of [`PARTS`]; none for another.
    pub fn by(&self, part: Part) -> impl Iterator<Item = (Of, MatterCounts)> + '_ {
        let rows = PARTS.iter().zip(&self.parts).filter(move |(one, _)| **one == part);
        rows.flat_map(|(_, rows)| rows.iter().map(|(of, counts)| (*of, *counts)))
    }
}

store::row! {
    #[derive(Debug)]
    struct Line {
        community_id: Option<Uuid>,
        compound_id: Option<Uuid>,
        unit_id: Option<Uuid>,
        category_id: Option<Uuid>,
        opened: i64,
        settled: i64,
        standing: i64,
    }
}

static COUNTED: Sql = sql!(concat!(
    "SELECT community_id, compound_id, unit_id, category_id, CAST(SUM(opened) AS BIGINT) AS opened, CAST(SUM(settled) AS BIGINT) AS settled,
        CAST(SUM(standing) AS BIGINT) AS standing
    FROM (SELECT ",
    first_case!("community_id"),
    " AS community_id, ",
    first_case!("compound_id"),
    " AS compound_id, ",
    first_case!("unit_id"),
    " AS unit_id, ",
    first_case!("category_id"),
    " AS category_id,
            CASE WHEN opened_at >= :from THEN 1 ELSE 0 END AS opened,
            CASE WHEN state = 'settled' AND ended_at >= :from AND ended_at < :to THEN 1 ELSE 0 END AS settled,
            CASE WHEN ended_at IS NULL OR ended_at >= :to THEN 1 ELSE 0 END AS standing
        FROM matter
        WHERE tenant_id = :tenant AND opened_at < :to AND (ended_at IS NULL OR ended_at >= :from)
            AND place_path >= :under AND place_path < :under_end) AS one
    GROUP BY community_id, compound_id, unit_id, category_id"
));

/// Counts the matters of these days within what somebody reaches.
pub async fn count(store: &Store, office: &Office, reach: &Reach, days: &Days) -> Result<MatterFigures> {
    let (mut figures, tenant) = (MatterFigures::default(), office.directory.tenant);
    let (Some(from), Some(to)) = day_range(office.hours.zone(), &days.from.to_string(), &days.to.to_string()) else { return Ok(figures) };
    let everywhere = vec![String::new()];
    for under in if reach.all { &everywhere } else { &reach.paths } {
        let values = args! { tenant: tenant, from: from, to: to, under: under, under_end: format!("{under}\u{10FFFF}") };
        for line in store.all::<Line>(&COUNTED, values).await? {
            let counts = MatterCounts { opened: line.opened, settled: line.settled, standing: line.standing };
            figures.whole += counts;
            // A category is one in all its versions.
            let category = line.category_id.and_then(|id| office.directory.kin(id).into_iter().next());
            let ids = [line.community_id, line.compound_id, line.unit_id, category];
            for (rows, id) in figures.parts.iter_mut().zip(ids) {
                *rows.entry(Of::from(id)).or_default() += counts;
            }
        }
    }
    figures.parts.iter_mut().for_each(|rows| rows.retain(|_, counts| !counts.is_none()));
    Ok(figures)
}
