//! The figures of the summary: counts of a part, with the rates that they make.

use crate::days::{Counts, Part};
use crate::sums::{ATTEMPTS, Book, Days, RESTLESS};
use kernel::ids::Uuid;
use kernel::{Result, TenantId};
use serde::Serialize;
use std::collections::BTreeMap;
use store::Store;

/// Counts of one community, unit or category, or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Nil for what has none, and for all.
    pub of: Uuid,
    #[serde(flatten)]
    pub counts: Counts,
}

impl std::ops::Deref for Figures {
    type Target = Counts;
    fn deref(&self) -> &Counts {
        &self.counts
    }
}

impl Counts {
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
    /// `rework / in_circulars` in permille.
    pub fn rework_permille(&self) -> Option<i64> {
        permille(self.rework, self.in_circulars)
    }
    /// `solved / called_back` in permille.
    pub fn solved_permille(&self) -> Option<i64> {
        permille(self.solved, self.called_back)
    }
    /// `satisfied / called_back` in permille.
    pub fn satisfied_permille(&self) -> Option<i64> {
        permille(self.satisfied, self.called_back)
    }
    /// Whether anything of it was found by others or handed out: what has only its own checks is no row of a table.
    pub fn handed_out(&self) -> bool {
        self.found != 0 || self.in_circulars != 0
    }
}

/// A share in permille, rounded half up; `None` over nothing.
pub fn permille(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part * 2000 + whole) / (2 * whole))
}

/// What the sums are parted by, where each part has an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Community,
    Unit,
    Category,
}

/// The figures of local days `from..=to` (`YYYY-MM-DD`), parted; the most in circulars first. Errors: `summary.restless`.
pub async fn parted(store: &Store, tenant: TenantId, by: By, from: &str, to: &str) -> Result<Vec<Figures>> {
    let part = match by {
        By::Community => Part::Community,
        By::Unit => Part::Unit,
        By::Category => Part::Category,
    };
    let Some(days) = Days::parse(from, to) else { return Ok(Vec::new()) };
    for _ in 0..ATTEMPTS {
        let book = Book::open(store, tenant).await?;
        let counts = book.by(None, part, &days).await?;
        if book.still_holds().await? {
            return Ok(of_ids(&counts));
        }
    }
    Err(RESTLESS.into())
}

/// Counts by id as figures; the most in circulars first.
pub fn of_ids(counts: &BTreeMap<String, Counts>) -> Vec<Figures> {
    let figures = counts.iter().map(|(key, counts)| Figures { of: Uuid::try_parse(key).unwrap_or_default(), counts: *counts });
    let mut figures: Vec<Figures> = figures.collect();
    figures.sort_by(|a, b| b.in_circulars.cmp(&a.in_circulars).then(b.found.cmp(&a.found)).then(a.of.cmp(&b.of)));
    figures
}

/// The sum of parts.
pub fn total(parts: &[Figures]) -> Figures {
    let mut sum = Figures::default();
    parts.iter().for_each(|part| sum.counts += part.counts);
    sum
}
