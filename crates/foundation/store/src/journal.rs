//! The journal: each tenant's facts in one order, sealed into a Merkle tree whose heads are signed.
//!
//! Commands write facts without a position, so that no write waits for another. The sealer gives committed facts the next
//! positions ([`seal`]), readers follow by position ([`consume`]), and [`verify`] holds facts, tree and signatures
//! against one another. Byte formats are in `docs/journal.md`.

pub mod consume;
pub mod leaf;
pub mod proof;
pub mod seal;
pub mod sign;
pub mod verify;

pub use leaf::FactRow;
pub use proof::{Proof, Proven, prove, prove_all, verify_proof};
pub use seal::{Journal, Lag, Sealed, lag};
pub use sign::{SignedHead, Signer};
pub use verify::{Finding, Report, StateCheck, verify};

#[cfg(test)]
mod tests;
