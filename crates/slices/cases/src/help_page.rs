//! The help page that prints the table of steps: what can follow what, and who takes it.

use crate::office::Office;
use crate::steps::{OPEN, WAYS};
use access::http::Desk;
use axum::response::Response;
use web::PageContext;
use web::html::render;

struct Row {
    from: String,
    step: String,
    who: String,
    to: String,
}

#[derive(askama::Template)]
#[template(path = "help_page.html")]
struct HelpPage {
    page: PageContext,
    rows: Vec<Row>,
}

pub async fn get(desk: Desk) -> web::Result<Response> {
    let page = desk.page("help-title");
    let w = page.w;
    let office = Office::of(&desk).await?;
    // A desk that the office does without is not in its table.
    let rows = WAYS
        .iter()
        .filter(|way| office.has(way.step))
        .map(|way| Row {
            from: match way.from {
                [] => "—".to_owned(),
                from if from == OPEN => w.t("help-any-open").into_owned(),
                from => from.iter().map(|stage| w.t(&format!("stage-{stage}")).into_owned()).collect::<Vec<_>>().join(&w.t("comma")),
            },
            step: w.t(&format!("step-{}", way.step)).into_owned(),
            who: w.t(&format!("who-{}", way.who)).into_owned(),
            to: way.to.map_or_else(|| w.t("help-same").into_owned(), |to| w.t(&format!("stage-{to}")).into_owned()),
        })
        .collect();
    Ok(render(axum::http::StatusCode::OK, &HelpPage { page, rows }))
}
