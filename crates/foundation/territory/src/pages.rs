//! The pages of the territory: places, organisations, responsibilities, categories, the calendar; and the lists for pickers.

pub mod boundaries;
pub mod calendar;
pub mod categories;
pub mod duty;
pub mod imports;
pub mod lists;
pub mod organisations;
mod outline;
pub mod periods;
pub mod places;
pub mod responsibilities;
pub mod table_check;
pub mod table_sheets;
pub mod uploads;

use crate::verbs::{ManageTerritory, ViewTerritory};
use access::http::Desk;
use access::{Actor, NavEntry};
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use kernel::Error;
use web::forms::{Choice, Filled};
use web::{App, PageContext};

/// Where the pages are reached.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/t/{slug}/places", get(places::list).post(places::add))
        .route("/t/{slug}/places.json", get(places::json))
        .route("/t/{slug}/places/import", post(places::import))
        .route("/t/{slug}/places/boundaries", get(boundaries::list).post(places::boundaries))
        .route("/t/{slug}/places/lists", get(lists::list))
        .route("/t/{slug}/places/lists/import", post(lists::receive))
        .route("/t/{slug}/places/lists/{id}", get(lists::one))
        .route("/t/{slug}/places/lists/{id}/apply", post(lists::apply))
        .route("/t/{slug}/places/lists/{id}/undo", post(lists::undo))
        .route("/t/{slug}/places/{id}", post(places::edit))
        .route("/t/{slug}/places/{id}/move", post(places::hang))
        .route("/t/{slug}/places/{id}/close", post(places::close))
        .route("/t/{slug}/organisations", get(organisations::list).post(organisations::create))
        .route("/t/{slug}/organisations/new", get(organisations::blank))
        .route("/t/{slug}/organisations/{id}", get(organisations::one).post(organisations::edit))
        .route("/t/{slug}/organisations/{id}/answers", post(organisations::answer))
        .route("/t/{slug}/organisations/{id}/answers/{line}/end", post(organisations::end))
        .route("/t/{slug}/organisations/{id}/contact", post(crate::unmasking::contact))
        .route("/t/{slug}/responsibilities", get(responsibilities::list).post(responsibilities::add))
        .route("/t/{slug}/responsibilities/check", get(table_check::show))
        .route("/t/{slug}/responsibilities/export.xlsx", get(table_sheets::export))
        .route("/t/{slug}/responsibilities/import", get(table_sheets::import).post(table_sheets::receive))
        .route("/t/{slug}/responsibilities/sheets/{id}", get(table_sheets::one))
        .route("/t/{slug}/responsibilities/sheets/{id}/apply", post(table_sheets::apply))
        .route("/t/{slug}/responsibilities/sheets/{id}/undo", post(table_sheets::undo))
        .route("/t/{slug}/responsibilities/sheets/{id}/wrong.xlsx", get(table_sheets::wrong))
        .route("/t/{slug}/responsibilities/template.xlsx", get(table_sheets::template))
        .route("/t/{slug}/responsibilities/{id}/end", post(responsibilities::end))
        .route("/t/{slug}/duty", get(duty::week).post(duty::add))
        .route("/t/{slug}/duty/{id}/end", post(duty::end))
        .route("/t/{slug}/categories", get(categories::list).post(categories::add))
        .route("/t/{slug}/categories.json", get(categories::json))
        .route("/t/{slug}/categories/export.xlsx", get(crate::imports::categories::export))
        .route("/t/{slug}/categories/{code}", get(categories::one).post(categories::change))
        .route("/t/{slug}/imports", get(imports::all))
        .route("/t/{slug}/imports/{kind}", get(imports::of_kind).post(imports::receive))
        .route("/t/{slug}/imports/{kind}/template.xlsx", get(imports::template))
        .route("/t/{slug}/imports/{kind}/{id}", get(imports::one))
        .route("/t/{slug}/imports/{kind}/{id}/apply", post(imports::apply))
        .route("/t/{slug}/imports/{kind}/{id}/undo", post(imports::undo))
        .route("/t/{slug}/imports/{kind}/{id}/wrong.xlsx", get(imports::wrong))
        .route("/t/{slug}/calendar", get(calendar::show))
        .route("/t/{slug}/calendar/hours", post(calendar::hours))
        .route("/t/{slug}/calendar/holidays", post(calendar::holidays))
        .route("/t/{slug}/calendar/periods", get(periods::list).post(periods::add))
        .route("/t/{slug}/calendar/periods/{id}", get(periods::one).post(periods::edit))
        .route("/t/{slug}/calendar/periods/{id}/duty", post(periods::duty))
        .route("/t/{slug}/calendar/periods/{id}/remove", post(periods::remove))
        .route("/t/{slug}/calendar/seasons", post(periods::add_season))
        .route("/t/{slug}/calendar/seasons/{id}", post(periods::edit_season))
        .route("/t/{slug}/calendar/seasons/{id}/remove", post(periods::remove_season))
}

/// What this crate offers to the navigation.
pub const NAV: &[NavEntry] = &[
    NavEntry { key: "nav-places", path: "/places", group: "nav-group-territory", also: &[], visible: may_view },
    NavEntry { key: "nav-organisations", path: "/organisations", group: "nav-group-territory", also: &[], visible: may_view },
    NavEntry { key: "nav-responsibilities", path: "/responsibilities", group: "nav-group-territory", also: &[], visible: may_view },
    NavEntry { key: "nav-duty", path: "/duty", group: "nav-group-territory", also: &[], visible: may_view },
    NavEntry { key: "nav-categories", path: "/categories", group: "nav-group-territory", also: &[], visible: may_view },
    NavEntry { key: "nav-calendar", path: "/calendar", group: "nav-group-territory", also: &[], visible: may_view },
    NavEntry { key: "nav-imports", path: "/imports", group: "nav-group-territory", also: &[], visible: imports::may_any },
];

fn may_view(actor: &Actor) -> bool {
    actor.can_some::<ViewTerritory>()
}

/// Whether the actor may change the territory of the tenant acted in.
fn may_manage(desk: &Desk) -> bool {
    desk.actor.can::<ManageTerritory>(&desk.actor.tenant)
}

/// Errors that people mend on the page they came from; the others have pages of their own.
fn mendable(error: &Error) -> bool {
    matches!(error.kind(), kernel::Kind::Invalid | kernel::Kind::Conflict)
}

/// A page of a tenant with a title of its own.
fn titled(desk: &Desk, key: &str) -> PageContext {
    desk.page(key)
}

fn status_of(filled: &Filled, error: Option<&Error>) -> axum::http::StatusCode {
    let status = error.filter(|_| filled.is_again()).map_or(200, |error| error.kind().status());
    axum::http::StatusCode::from_u16(status).unwrap_or_default()
}

/// Where one page of a list that is whole in memory begins and ends (pages are counted from 1), with the links to the first page
/// and to the next; a link is empty where it would lead nowhere new.
fn paged(length: usize, page: &str, size: usize, href: impl Fn(usize) -> String) -> (std::ops::Range<usize>, String, String) {
    let at = page.parse::<usize>().ok().filter(|at| (1..=length.div_ceil(size)).contains(at)).unwrap_or(1);
    let from = (at - 1) * size;
    let to = length.min(from + size);
    let first = if at > 1 { href(1) } else { String::new() };
    let next = if to < length { href(at + 1) } else { String::new() };
    (from..to, first, next)
}

/// JSON that a browser keeps until the territory's revision rises. `tag` names the list.
fn cached_json(
    headers: &axum::http::HeaderMap,
    tag: &str,
    revision: i64,
    body: impl FnOnce() -> kernel::Result<String>,
) -> web::Result<Response> {
    use axum::response::IntoResponse;
    let etag = format!("\"{tag}-{revision}\"");
    let known = headers.get("if-none-match").and_then(|value| value.to_str().ok());
    let kept = [("etag", etag.clone()), ("cache-control", "private, no-cache".to_owned())];
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == etag)) {
        return Ok((axum::http::StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let body = body()?;
    Ok((kept, [("content-type", "application/json; charset=utf-8")], body).into_response())
}

fn json_error(error: serde_json::Error) -> Error {
    Error::internal(error)
}
