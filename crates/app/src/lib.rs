//! The composition root: the command line, the configuration, and everything wired into one running program.

pub mod accounts;
pub mod background;
pub mod campaign;
pub mod cli;
pub mod compose;
pub mod config;
pub mod console;
#[cfg(test)]
mod database_tests;
pub mod first_start;
pub mod health;
pub mod importing;
pub mod installation;
pub mod layers;
pub mod logging;
pub mod operate;
#[cfg(test)]
mod personal_tests;
pub mod pictures;
pub mod serve;
pub mod server;
pub mod statics;

web::words!();
