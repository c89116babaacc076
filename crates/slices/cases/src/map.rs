//! The map of cases: vector tiles of our own, the pages around them, hotspots by month, and what lies below them all.
//!
//! Three sorts of tiles, none of which costs more where there are more cases:
//! - what is under way is looked for in memory ([`live`]), kept true by the journal;
//! - a list of what has ended or of a period shows its first [`tiles::MOST`] cases, in the list's own order, read once for all
//!   tiles of a screen ([`past`]);
//! - hotspots are read from a roll-up that is kept with every case ([`crate::months`]).
//!
//! Drawn tiles are kept until what they show changes ([`sheets`]).

pub mod base;
pub mod boundaries;
pub mod cards;
pub mod hotspots;
pub mod hotspots_page;
pub mod live;
pub mod mvt;
pub mod page;
pub mod past;
pub mod sheets;
pub mod tiles;
pub mod world;

use axum::routing::get;
use axum::{Extension, Router};
use std::sync::Arc;

/// Every address of the map.
pub fn routes() -> Router<web::App> {
    Router::new()
        .route("/t/{slug}/map", get(page::get))
        .route("/t/{slug}/map/hotspots", get(hotspots_page::get))
        .route("/t/{slug}/map/tiles/{z}/{x}/{y}", get(tiles::get))
        .route("/t/{slug}/map/boundaries/{z}/{x}/{y}", get(boundaries::get))
        .route("/t/{slug}/map/hotspots/{z}/{x}/{y}", get(hotspots::get))
        .route("/t/{slug}/map/cards", get(cards::get))
        .route("/t/{slug}/map/base.pmtiles", get(base::file))
        .layer(Extension(Arc::new(Memory::default())))
}

/// What the map remembers between requests, for as long as its addresses are served.
#[derive(Default)]
pub struct Memory {
    live: live::Memory,
    past: past::Memory,
    sheets: sheets::Memory,
}

#[cfg(test)]
mod tests;
