//! The store: one SQL facade over SQLite and PostgreSQL, commands that write with their facts, and the journal.
//!
//! The only crate that names a database driver.

pub mod attachments;
pub mod backup;
pub mod command;
#[cfg(test)]
mod command_tests;
pub mod fact;
#[cfg(test)]
mod fixture;
mod house;
pub mod images;
pub mod journal;
pub mod meters;
pub mod migrate;
mod postgres;
pub mod query;
pub mod row;
pub mod search;
pub mod sql;
mod sqlite;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod value;
pub mod videos;
pub mod write;

pub use command::{Command, Outcome, Pass};
pub use fact::Fact;
pub use house::Housekeeping;
pub use migrate::Migration;
pub use query::{Page, Paged, Query};
pub use row::{FromRow, Row};
pub use sql::{Shapes, Sql};
pub use value::{Args, FromValue, ToValue, Value};
pub use write::{Changed, Write};

#[doc(hidden)]
pub use inventory;

mod db;
pub use db::{BAD_FILE, OUTCOME_UNKNOWN, REUSED, SQLITE_FILE, Store, StoreConfig};
pub use postgres::UNREACHABLE;
