//! Problems as others show them: what it was, where, and the photos of before and after.

use futures::future::BoxFuture;
use kernel::ids::{AttachmentId, FactId, OrganisationId, PlaceId, Uuid};
use kernel::{Result, TenantId};
use store::Store;

use crate::CaseId;

/// A problem as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub case: CaseId,
    pub number: i64,
    pub place: Option<PlaceId>,
    /// Where at the place, in the finder's words.
    pub where_words: String,
    /// The version of its category.
    pub category: Option<Uuid>,
    pub unit: Option<OrganisationId>,
    pub what: String,
    /// What the unit says that it did; empty before.
    pub done: String,
    pub closed: bool,
    /// Somebody outside told of it, in words that are not ours.
    pub from_outside: bool,
    /// The first photo of each; a video is none.
    pub before: Option<AttachmentId>,
    pub after: Option<AttachmentId>,
}

/// Whoever keeps problems, for papers and pages that show some of them. Whether the reader may see them is the caller's to ask.
pub trait Problems: Send + Sync + 'static {
    /// The problem that a fact of the journal is of; `None` for a fact of something else.
    fn of_fact<'a>(&'a self, store: &'a Store, tenant: TenantId, fact: FactId) -> BoxFuture<'a, Result<Option<Problem>>>;
}

/// Who keeps problems; a part of the application.
#[derive(Clone, Copy)]
pub struct Shown(pub &'static dyn Problems);
