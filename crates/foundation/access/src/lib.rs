//! Who may do what: accounts, sessions, roles with a scope, and permits that every command demands.

pub mod actor;
pub mod permit;
pub mod role;

pub use actor::{Actor, Assignment, Scope};
pub use permit::{Governed, Permit, Relation, Rule, Subject, Verb, VerbEntry};
pub use role::Role;

#[doc(hidden)]
pub use inventory;
