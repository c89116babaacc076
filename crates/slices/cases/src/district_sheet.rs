//! The district's table taken along, as a sheet or on paper: a row for each tenant that lets its figures be taken, and each of them
//! notes that they were.

use crate::days::Counts;
use crate::district_page::{at_home, of_tenant, there};
use crate::matter_figures::MatterCounts;
use crate::register::{Form, Head, Register, Take, print, turn};
use crate::summary_page::{Period, period, today};
use crate::summary_sheet::{MATTERS, figures, keys, matter_cells};
use crate::verbs::TakeRegister;
use access::grants;
use access::http::Desk;
use axum::extract::Query;
use axum::response::Response;
use kernel::ensure;
use serde_json::json;
use store::Pass;
use territory::sheets::workbook::Cell;

/// How wide a column is on paper, of those that a page has room for.
fn share(key: &str) -> u32 {
    match key {
        "summary-found" | "summary-in-circulars" | "summary-rectified" | "summary-remaining" | "summary-called-back" => 3,
        "summary-rate" | "summary-on-time-share" | "summary-rework-share" | "summary-solved-share" | "summary-satisfied-share" => 3,
        "summary-matters" | "summary-matters-open" => 3,
        _ => 0,
    }
}

pub async fn sheet(desk: Desk, Query(asked): Query<Period>) -> web::Result<Response> {
    take(desk, asked, Form::Sheet).await
}
pub async fn paper(desk: Desk, Query(asked): Query<Period>) -> web::Result<Response> {
    take(desk, asked, Form::Paper).await
}

async fn take(desk: Desk, asked: Period, form: Form) -> web::Result<Response> {
    at_home(&desk)?;
    let _turn = turn()?;
    let page = desk.page("district-title");
    let (days, _) = period(today(&page), &asked);
    let said = page.w.a2("filter-period", "from", days.from.to_string(), "to", days.to.to_string()).into_owned();
    let row = |name: String, counts: &Counts, before: &Counts, matters: &MatterCounts| {
        let mut row = vec![Cell::text(name), Cell::text(said.clone())];
        row.extend(figures(counts, before));
        row.extend(matter_cells(matters));
        row
    };
    let (mut whole, mut before, mut matters) = (Counts::default(), Counts::default(), MatterCounts::default());
    let (mut rows, mut takes) = (Vec::new(), Vec::new());
    let filter = json!({ "from": days.from.to_string(), "to": days.to.to_string() });
    for one in grants::of_account(&desk.app.store, &desk.account).await? {
        let actor = there(&desk, &one);
        let Ok(by) = actor.permit_some::<TakeRegister>() else { continue };
        let Some(seen) = of_tenant(&desk, &actor, days, today(&page)).await? else { continue };
        rows.push(row(desk.name_of(&one.tenant), &seen.summary.whole, &seen.summary.whole_before, &seen.matters));
        whole += seen.summary.whole;
        before += seen.summary.whole_before;
        matters += seen.matters;
        takes.push((one.tenant.id, Take { by, list: "district", form, filter: filter.clone(), rows: 1 }));
    }
    // Nobody lets any be taken.
    ensure(!takes.is_empty(), access::actor::FORBIDDEN)?;
    rows.push(row(page.w.t("district-total").into_owned(), &whole, &before, &matters));
    let mut columns = vec![Head(page.w.t("summary-th-name").into_owned(), 28, 6), Head(page.w.t("summary-period").into_owned(), 26, 0)];
    columns.extend(keys().chain(MATTERS).map(|key| Head(page.w.t(key).into_owned(), 12, share(key))));
    let made = Register { list: "district", title: page.w.t("district-title").into_owned(), about: said.clone(), columns, rows, filter };
    let answer = print(&desk, &page, made, form).await?;
    for (tenant, take) in takes {
        let id = desk.app.world.new_id();
        let pass = Pass { tenant, actor: desk.actor.account, on_behalf_of: None, id, body: [0; 32] };
        desk.app.store.run(pass, take).await?;
    }
    Ok(answer)
}
