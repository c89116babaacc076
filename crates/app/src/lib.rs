//! The composition root: the command line, the configuration, and everything wired into one running program.

pub mod accounts;
#[cfg(test)]
mod addresses;
pub mod background;
#[cfg(test)]
mod bad_input_tests;
#[cfg(test)]
mod bulletin_tests;
pub mod bundles;
pub mod campaign;
pub mod cli;
#[cfg(test)]
mod compare_tests;
pub mod components_page;
pub mod compose;
pub mod config;
#[cfg(test)]
mod consequence_tests;
pub mod console;
#[cfg(test)]
mod crossing_tests;
#[cfg(test)]
mod database_tests;
pub mod evaluate;
#[cfg(test)]
mod evaluation_call_tests;
#[cfg(test)]
mod evaluation_tests;
pub mod first_start;
pub mod health;
#[cfg(test)]
mod import_tests;
pub mod importing;
pub mod indexing;
pub mod installation;
#[cfg(test)]
mod kept_tests;
pub mod layers;
pub mod logging;
#[cfg(test)]
mod map_tests;
pub mod metrics;
pub mod notify;
pub mod operate;
#[cfg(test)]
mod order_sheet_tests;
#[cfg(test)]
mod passing_tests;
#[cfg(test)]
mod personal_tests;
pub mod pictures;
#[cfg(test)]
mod proof_tests;
pub mod providers;
pub mod reactions;
#[cfg(test)]
mod run_tests;
#[cfg(test)]
mod scheme_tests;
pub mod serve;
pub mod server;
#[cfg(test)]
mod signs_tests;
pub mod statics;
#[cfg(feature = "otel")]
pub mod telemetry;
pub mod tenants;
#[cfg(test)]
mod trial_tests;

web::words!();
