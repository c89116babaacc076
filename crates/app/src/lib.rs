//! The composition root: the command line, the configuration, and everything wired into one running program.

pub mod cli;
pub mod config;
pub mod console;
pub mod installation;
pub mod layers;
pub mod logging;
pub mod operate;
pub mod server;

web::words!();
