//! The cards of single cases that the map shows when one is touched, and the list of those in view.

use crate::case;
use crate::office::Office;
use crate::verbs::ListCases;
use crate::views::{LineView, line_of};
use access::http::Desk;
use axum::extract::Query;
use axum::response::Response;
use kernel::Kind;
use serde::Deserialize;
use web::PageContext;
use web::html::render;

/// Cards given at once.
const MOST: usize = 20;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Numbers with commas between.
    n: String,
}

#[derive(askama::Template)]
#[template(path = "map/cards.html")]
struct Cards {
    page: PageContext,
    lines: Vec<LineView>,
}

/// A part of a page: the cases of these numbers, as far as the actor sees them, in the order asked for.
pub async fn get(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    desk.actor.permit_some::<ListCases>()?;
    let office = Office::of(&desk).await?;
    let page = desk.page("map-title");
    let mut lines = Vec::new();
    for number in asked.n.split(',').filter_map(|text| text.trim().parse::<i64>().ok()).take(MOST) {
        match case::find(&desk.app.store, &desk.actor, number).await {
            Ok(found) => lines.push(line_of(&page, &office.directory, &found)),
            // Gone from the actor's sight since the tile was drawn.
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(render(axum::http::StatusCode::OK, &Cards { page, lines }))
}
