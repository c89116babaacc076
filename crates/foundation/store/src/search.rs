//! Searching by words: the one place where the engines differ. SQLite has an FTS5 index in a file of its own, PostgreSQL a
//! `tsvector` with a GIN index; both are fed the same terms, and what is found is the same.
//!
//! A document is a number of a tenant (of a case) with its terms. What is kept of a term is a hash: nothing that was typed
//! stands in the index, and nothing that is typed can be read as a query. The index is derived: it is not in a backup, and it
//! is made anew from the tables where it is missing.

pub mod folding;
mod postgres;
mod sqlite;
pub mod terms;
#[cfg(test)]
mod tests;

pub(crate) use sqlite::Beside;
pub use terms::{Expr, Space, Term, Terms, Wanted};

use crate::Store;
use kernel::{Result, Stopwatch, TenantId};
use std::time::Duration;

/// Numbers that are looked through at a time.
const WINDOW: i64 = 1 << 18;

/// Tables of the index that only PostgreSQL has.
pub const TABLES: &[&str] = &["search_doc", "search_progress"];
crate::housekeeping!("search_doc", "search_progress");
crate::not_in_backup!("search_doc", "search_progress");

/// How far a tenant's index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The position of the journal's next fact that it has not heard of.
    pub position: i64,
    /// While everything is looked through once more: the highest number that was.
    pub walked: Option<i64>,
    /// Everything was looked through at least once.
    pub complete: bool,
}

/// What is to be found by its terms. Without terms it is found no more.
#[derive(Debug, Clone)]
pub struct Doc {
    pub number: i64,
    pub terms: Terms,
}

/// How long a search may go on. Words that are frequent each and never meet are looked for through the whole of a tenant; past
/// this, what was found so far is the answer, with where to go on.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    since: Stopwatch,
    most: Duration,
}

impl Patience {
    pub fn of(most: Duration) -> Patience {
        Patience { since: Stopwatch::start(), most }
    }
    pub(crate) fn is_over(&self) -> bool {
        self.since.elapsed() > self.most
    }
}

/// Numbers that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The highest first.
    pub numbers: Vec<i64>,
    /// Where patience ended: numbers below this were not looked at.
    pub open_below: Option<i64>,
}

/// The index of a store.
#[derive(Clone, Copy)]
pub struct Search<'a>(pub(crate) &'a Store);

impl Store {
    pub fn search(&self) -> Search<'_> {
        Search(self)
    }
}

impl Search<'_> {
    /// How far a tenant's index is; `None` where it was never begun.
    pub async fn progress(&self, tenant: TenantId) -> Result<Option<Progress>> {
        match self.0.beside().await? {
            Some(beside) => beside.progress(tenant).await,
            None => postgres::progress(self.0, tenant).await,
        }
    }

    /// Writes documents and notes how far it is with them, all or nothing. `false` where somebody else has moved on from `from`
    /// meanwhile, and nothing was written.
    pub async fn write(&self, tenant: TenantId, from: Option<Progress>, to: Progress, mut docs: Vec<Doc>) -> Result<bool> {
        docs.sort_by_key(|doc| doc.number);
        docs.dedup_by_key(|doc| doc.number);
        match self.0.beside().await? {
            Some(beside) => beside.write(tenant, from, to, docs).await,
            None => postgres::write(self.0, tenant, from, to, docs).await,
        }
    }

    /// Forgets what is known of a tenant: it is begun anew.
    pub async fn forget(&self, tenant: TenantId) -> Result<()> {
        match self.0.beside().await? {
            Some(beside) => beside.forget(tenant).await,
            None => postgres::forget(self.0, tenant).await,
        }
    }

    /// Forgets everything, as where the database becomes another.
    pub async fn forget_all(&self) -> Result<()> {
        match self.0.beside().await? {
            Some(beside) => beside.forget_all().await,
            None => postgres::forget_all(self.0).await,
        }
    }

    /// Numbers below `below` with what is wanted, the highest first, at most `limit`; fewer where patience ends before.
    ///
    /// What is found was true when it was written: whoever asks looks at the rows themselves.
    pub async fn find(&self, tenant: TenantId, wanted: &Wanted, below: i64, limit: u16, patience: &Patience) -> Result<Found> {
        let mut found = Found { numbers: Vec::new(), open_below: None };
        if limit == 0 || !wanted.is_sound() {
            return Ok(found);
        }
        let beside = self.0.beside().await?;
        let ends = match &beside {
            Some(beside) => beside.ends(tenant).await?,
            None => postgres::ends(self.0, tenant).await?,
        };
        let Some((lowest, highest)) = ends else { return Ok(found) };
        let mut below = below.min(highest.saturating_add(1));
        while below > lowest && found.numbers.len() < usize::from(limit) {
            let from = (below - 1).div_euclid(WINDOW) * WINDOW;
            let missing = limit - u16::try_from(found.numbers.len()).unwrap_or(limit);
            found.numbers.extend(match &beside {
                Some(beside) => beside.find(tenant, wanted, from..below, missing).await?,
                None => postgres::find(self.0, tenant, wanted, from..below, missing).await?,
            });
            below = from;
            if patience.is_over() && below > lowest && found.numbers.len() < usize::from(limit) {
                found.open_below = Some(below);
                break;
            }
        }
        Ok(found)
    }

    /// Numbers above `after` with the hash of what was written for each, in their order, at most `limit`.
    pub async fn written(&self, tenant: TenantId, after: i64, limit: u16) -> Result<Vec<(i64, i64)>> {
        match self.0.beside().await? {
            Some(beside) => beside.written(tenant, after, limit).await,
            None => postgres::written(self.0, tenant, after, limit).await,
        }
    }
}
