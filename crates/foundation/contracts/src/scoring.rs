//! What lines of work tell of a period, for whoever evaluates it: facts and counts in the terms of [`rules`], of which every one
//! says whose it is and where it is looked at.

use futures::future::BoxFuture;
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Instant, Result, TenantId};
use rules::{Fact, Vocabulary};
use std::collections::BTreeMap;
use store::Store;

/// A period as the journal told of it when it had come so far: what is told of it never changes, whatever happens later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// `[from, to)`.
    pub from: Instant,
    pub to: Instant,
    /// Facts at positions before this one are heard.
    pub cut: i64,
}

impl Span {
    pub fn has(&self, at: Instant) -> bool {
        self.from <= at && at < self.to
    }
}

/// Whose something is: the unit that answers for it, and where it lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Of {
    pub unit: Option<OrganisationId>,
    pub compound: Option<PlaceId>,
    pub community: Option<PlaceId>,
}

/// One fact that may be scored. Its id is that of the fact in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldFact {
    pub of: Of,
    pub fact: Fact,
    /// Where it is looked at, inside of the tenant: `/cases/12`.
    pub opens: String,
}

/// All that a line of work tells of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    pub facts: Vec<ToldFact>,
    /// By whose it is and what is counted.
    pub counts: BTreeMap<Of, BTreeMap<&'static str, u64>>,
}

impl Told {
    /// One more of what is counted by this name.
    pub fn count(&mut self, of: Of, what: &'static str) {
        self.count_more(of, what, 1);
    }
    /// So many more of it.
    pub fn count_more(&mut self, of: Of, what: &'static str, number: u64) {
        *self.counts.entry(of).or_default().entry(what).or_default() += number;
    }
    /// What was told of another part of the same period.
    pub fn add(&mut self, part: Told) {
        self.facts.extend(part.facts);
        for (of, counts) in part.counts {
            for (what, number) in counts {
                self.count_more(of, what, number);
            }
        }
    }
}

/// A line of work that tells of its periods, once they are over: what is open at a period's end is taken to have stayed so until then.
/// Told from sealed facts alone: the same span gives the same, at any time.
pub trait Teller: Send + Sync + 'static {
    /// The kinds of facts and the counts that it tells of.
    fn vocabulary(&self) -> Vocabulary;
    /// The counts that no unit has, only the places where something lies.
    fn of_places_alone(&self) -> &'static [&'static str] {
        &[]
    }
    fn tell<'a>(&'a self, store: &'a Store, tenant: TenantId, span: Span) -> BoxFuture<'a, Result<Told>>;
}

/// The latest score that was published of a unit or a place, as its league publishes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub name: String,
    /// `YYYY-MM`.
    pub month: String,
    /// Points in words (`87.5`), or the grade where its league shows that alone.
    pub score: String,
    pub place: Option<i64>,
    /// Where it opens, inside of the tenant.
    pub opens: String,
}

/// Whoever evaluates, for pages on which people look at their own work.
pub trait Scores: Send + Sync + 'static {
    /// What was published last of what these units answer for and of these places, by name; of each the latest month.
    fn latest<'a>(
        &'a self,
        store: &'a Store,
        tenant: TenantId,
        units: &'a [OrganisationId],
        places: &'a [PlaceId],
    ) -> BoxFuture<'a, Result<Vec<Published>>>;
}

/// Who evaluates; a part of the application.
#[derive(Clone, Copy)]
pub struct Board(pub &'static dyn Scores);
