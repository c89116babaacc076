//! Decision tables from outside: scored, explained, written as sheets, looked through.

mod common;
mod table;
