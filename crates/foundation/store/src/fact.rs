//! What the world learns from a command: ids, codes, numbers and hashes; never a name, a phone number or free text.

use kernel::Instant;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use serde::Serialize;

/// One kind of fact. Its serialised fields are `data`: integers, codes, ids and hashes only (floats are refused).
pub trait Fact: Serialize + Send + Sync {
    /// `case.closed`
    const KIND: &'static str;
    const VERSION: u16 = 1;
    /// What it is about: `case`, `circular`, `account`…; the timeline of a subject is read by (SUBJECT, subject id).
    const SUBJECT: &'static str;
    fn subject(&self) -> Uuid;
    fn place(&self) -> Option<PlaceId> {
        None
    }
    fn organisation(&self) -> Option<OrganisationId> {
        None
    }
    /// When it happened in the world, where that isn't when it was recorded.
    fn happened_at(&self) -> Option<Instant> {
        None
    }
}
