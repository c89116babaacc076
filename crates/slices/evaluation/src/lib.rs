//! The month's evaluation: the schemes by which compounds, cooperatives, communities and departments are scored.

pub mod checking;
pub mod facts;
pub mod samples;
pub mod scheme;
pub mod scheme_edit_page;
pub mod scheme_file;
pub mod scheme_page;
pub mod terms;
pub mod verbs;

use access::NavEntry;
use axum::Router;
use axum::routing::{get, post};

web::words!();
store::migrations!("../migrations/202611270900_schemes.sql");

/// Every address of this slice.
pub fn routes() -> Router<web::App> {
    Router::new()
        .route("/t/{slug}/schemes", get(scheme_page::list))
        .route("/t/{slug}/schemes/import", post(scheme_page::receive))
        .route("/t/{slug}/schemes/sample", post(scheme_page::from_sample))
        .route("/t/{slug}/schemes/{id}", get(scheme_page::one))
        .route("/t/{slug}/schemes/{id}/table.xlsx", get(scheme_page::workbook_of))
        .route("/t/{slug}/schemes/{id}/table", get(scheme_edit_page::edit).post(scheme_edit_page::save))
        .route("/t/{slug}/schemes/{id}/adopt", post(scheme_page::adopt))
        .route("/t/{slug}/schemes/{id}/anew", post(scheme_page::anew))
        .route("/t/{slug}/schemes/{id}/drop", post(scheme_page::drop_draft))
}

/// What this slice offers in the navigation.
pub const NAV: &[NavEntry] =
    &[NavEntry { key: "nav-schemes", path: "/schemes", group: "", visible: |actor| actor.can_some::<verbs::ReadScheme>() }];
