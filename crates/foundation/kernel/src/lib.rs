//! The kernel: what every other crate means by an id, an instant, an error and a limit; no I/O.

pub mod calendar;
pub mod canonical;
pub mod clock;
pub mod coordinates;
pub mod error;
pub mod identifiers;
pub mod ids;
pub mod merkle;
pub mod sign;
pub mod words;

pub use clock::{Clock, Entropy, Instant, Stopwatch, World};
pub use error::{Code, Error, FieldError, Kind, Result, ensure};
pub use ids::TenantId;
