//! What waits for a person in lines of work that are none of a workbench's own.

use crate::http::Desk;
use futures::future::BoxFuture;
use kernel::Result;
use web::PageContext;

/// So much waits, and where it is found; none of it is not told.
pub struct Wait {
    pub label: String,
    pub n: i64,
    /// Inside of the tenant.
    pub path: &'static str,
}

/// A line of work in which things wait for people.
pub trait Waits: Send + Sync + 'static {
    /// What waits for whoever asks, and for nobody else.
    fn waits<'a>(&'a self, desk: &'a Desk, page: &'a PageContext) -> BoxFuture<'a, Result<Vec<Wait>>>;
}

/// All of them; a part of the application.
#[derive(Clone, Copy)]
pub struct Waiting(pub &'static [&'static dyn Waits]);
