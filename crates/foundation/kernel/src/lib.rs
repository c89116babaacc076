//! The kernel: what every other crate means by an id, an instant, an error and a limit; no I/O.

pub mod clock;
pub mod error;
pub mod ids;

pub use clock::{Clock, Entropy, Instant, World};
pub use error::{Code, Error, FieldError, Kind, Result, ensure};
pub use ids::TenantId;
