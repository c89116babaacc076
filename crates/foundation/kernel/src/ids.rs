//! Identifiers: a tenant is a small number that leads every index, everything else a UUIDv7 of its own type.

use serde::{Deserialize, Serialize};

/// A sub-district, town or district. BIGINT in the database; the first column of every key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantId(pub i64);

impl std::fmt::Display for TenantId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Declares id types: newtypes over a UUID that cannot be mixed up.
///
/// Each parses from and prints as the hyphenated form, and orders by time of making (UUIDv7).
#[macro_export]
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $crate::ids::Uuid);

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl ::std::str::FromStr for $name {
            type Err = $crate::ids::BadId;
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                $crate::ids::Uuid::try_parse(text).map($name).map_err(|_| $crate::ids::BadId)
            }
        }
        impl From<$crate::ids::Uuid> for $name {
            fn from(id: $crate::ids::Uuid) -> Self {
                $name(id)
            }
        }
        impl From<$name> for $crate::ids::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

pub use uuid::Uuid;

/// The text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadId;

impl std::fmt::Display for BadId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not an id")
    }
}

impl std::error::Error for BadId {}

id!(
    /// A person's log-in.
    AccountId,
    /// What the form or the phone calls one press of a button; a replay carries the same.
    CommandId,
    /// One entry of the journal.
    FactId,
    /// A node of the place tree.
    PlaceId,
    /// A company, cooperative, department, merchant, community office…
    OrganisationId,
    /// A stored photo or file.
    AttachmentId,
);

/// The least id that can have been made at this instant (UUIDv7: its first 48 bits are milliseconds).
pub fn beginning(at: crate::Instant) -> Uuid {
    let milliseconds = u64::try_from(at.0 / 1_000).unwrap_or(0);
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
    Uuid::from_bytes(bytes)
}
