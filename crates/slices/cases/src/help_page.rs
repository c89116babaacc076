//! The help page that prints the table of steps: what can follow what, and who takes it.

use crate::steps::WAYS;
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
    let rows = WAYS
        .iter()
        .map(|way| Row {
            from: way.from.map(|stage| w.t(&format!("stage-{stage}")).into_owned()).unwrap_or_else(|| "—".to_owned()),
            step: w.t(&format!("step-{}", way.step)).into_owned(),
            who: w.t(&format!("who-{}", way.who)).into_owned(),
            to: w.t(&format!("stage-{}", way.to)).into_owned(),
        })
        .collect();
    Ok(render(axum::http::StatusCode::OK, &HelpPage { page, rows }))
}
