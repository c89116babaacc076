//! What lines of work noticed in a month that whoever evaluates should look at: it may be an accident, and it may be that figures were
//! made to look well. A sign scores nothing, and nothing follows from it by itself.

use crate::scoring::Of;
use futures::future::BoxFuture;
use kernel::ids::OrganisationId;
use kernel::{Instant, Result, TenantId};
use std::collections::BTreeSet;
use store::Store;

store::text_enum! {
    /// What was noticed; the page has words for each, why it was noticed and what else it may be.
    pub enum SignKind {
        /// The picture of something mended is that of another case, or the same case's picture of before.
        SamePicture = "same_picture",
        /// Many were said to be mended within minutes, shortly before their deadlines.
        Burst = "burst",
        /// Filed anew at the spot of one that was taken off the list shortly before.
        Refiled = "refiled",
        /// Filed as several within minutes, at one spot and of one kind.
        Split = "split",
        /// Nearly all of a unit's was looked at again by one and the same of several who do so.
        SamePair = "same_pair",
    }
}

/// A case that a sign is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignCase {
    pub of: Of,
    pub at: Instant,
    /// What it is called: `#12`.
    pub name: String,
    /// Where it is looked at, inside of the tenant.
    pub opens: String,
}

/// Something that was noticed. Of people it knows nothing: it is about a unit's figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    pub kind: SignKind,
    /// When, for the order of a list.
    pub at: Instant,
    /// Those that can be shown, the first first; there may be more.
    pub cases: Vec<SignCase>,
    pub more: usize,
    /// The unit that it is about, where it is about no case.
    pub unit: Option<OrganisationId>,
    /// How many there are of it, of how many.
    pub count: i64,
    pub of: i64,
}

impl Sign {
    /// Whose it is, by what it is about.
    pub fn whose(&self) -> BTreeSet<Of> {
        let unit = self.unit.map(|unit| Of { unit: Some(unit), ..Of::default() });
        self.cases.iter().map(|case| case.of).chain(unit).collect()
    }
}

/// A line of work that looks at itself.
pub trait Watcher: Send + Sync + 'static {
    /// What is noticed in `[from, to)`, by its time; as things stand now.
    fn signs<'a>(&'a self, store: &'a Store, tenant: TenantId, from: Instant, to: Instant) -> BoxFuture<'a, Result<Vec<Sign>>>;
}

/// Who watches; a part of the application.
#[derive(Clone, Copy)]
pub struct Watchers(pub &'static [&'static dyn Watcher]);

impl Watchers {
    /// What all of them noticed, by its time.
    pub async fn signs(self, store: &Store, tenant: TenantId, from: Instant, to: Instant) -> Result<Vec<Sign>> {
        let mut all = Vec::new();
        for watcher in self.0 {
            all.extend(watcher.signs(store, tenant, from, to).await?);
        }
        all.sort_by(|a, b| (a.at, a.kind.as_str(), a.unit).cmp(&(b.at, b.kind.as_str(), b.unit)));
        Ok(all)
    }
}
