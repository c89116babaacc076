//! What is wrong with boundaries: each place whose own is open, crossed, outside the place above or over a sibling's.

use super::titled;
use crate::boundaries::{Fault, Wrong};
use crate::verbs::ViewTerritory;
use access::http::Desk;
use axum::response::Response;
use kernel::ids::PlaceId;
use web::html::render;
use web::{PageContext, Words};

struct FaultView {
    href: String,
    name: String,
    level: String,
    words: String,
}

#[derive(askama::Template)]
#[template(path = "boundaries.html")]
struct BoundariesPage {
    page: PageContext,
    bounded: usize,
    count: usize,
    faults: Vec<FaultView>,
}

/// How many faults a page names; all are counted.
const MOST: usize = 500;

pub async fn list(desk: Desk) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let page = titled(&desk, "boundaries-title");
    let looked = crate::boundaries_of(&desk).await?;
    let directory = crate::directory_of(&desk).await?;
    let view = |fault: &Fault| FaultView {
        href: page.href(&format!("/places?at={}", fault.place)),
        name: directory.full_name(fault.place).to_owned(),
        level: directory.place(fault.place).map(|place| page.w.t(&format!("level-{}", place.level)).into_owned()).unwrap_or_default(),
        words: fault_words(page.w, fault, |place| directory.full_name(place).to_owned()),
    };
    let template = BoundariesPage {
        bounded: looked.bounded,
        count: looked.faults.len(),
        faults: looked.faults.iter().take(MOST).map(view).collect(),
        page,
    };
    Ok(render(axum::http::StatusCode::OK, &template))
}

fn fault_words(w: Words, fault: &Fault, name: impl Fn(PlaceId) -> String) -> String {
    match fault.wrong {
        Wrong::Unreadable => w.t("boundary-unreadable"),
        Wrong::Open => w.t("boundary-open"),
        Wrong::Invalid => w.t("boundary-invalid"),
        Wrong::Outside { above, m2 } => w.a2("boundary-outside", "name", name(above), "area", m2.to_string()),
        Wrong::Overlaps { other, m2 } => w.a2("boundary-overlaps", "name", name(other), "area", m2.to_string()),
    }
    .into_owned()
}
