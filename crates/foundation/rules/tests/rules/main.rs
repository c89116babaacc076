//! Decision tables from outside: scored, explained, written as sheets, looked through.

mod common;
mod holds;
mod later;
mod looking_through;
mod random;
mod sheets;
mod table;
