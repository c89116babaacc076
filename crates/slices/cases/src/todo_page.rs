//! What waits for the unit (待整改): its phone page, the nearest deadline first.

use crate::case::{Case, NO_DUE, case_columns};
use crate::notice_page::{Card, cards};
use crate::office::Office;
use crate::steps::Step;
use crate::verbs::{RectifyCase, SelfCheck};
use access::http::Desk;
use axum::response::Response;
use kernel::ids::{OrganisationId, Uuid};
use kernel::{Result, TenantId};
use store::{Sql, Store, args, sql};
use web::PageContext;
use web::html::render;

static WAITING: Sql = sql!(concat!(
    case_columns!(),
    " WHERE tenant_id = :tenant AND unit_id = :unit AND open = TRUE AND stage = 'dispatched' ORDER BY due, id LIMIT 201"
));
static SUBMITTED: Sql = sql!(concat!(
    case_columns!(),
    " WHERE tenant_id = :tenant AND unit_id = :unit AND open = TRUE AND stage = 'rectified' ORDER BY due, id LIMIT 201"
));
static ASSISTED: Sql = sql!(
    "SELECT case_id
    FROM case_assist
    WHERE tenant_id = :tenant AND organisation_id = :unit AND done_at IS NULL AND due < :never
    ORDER BY due, case_id
    LIMIT 201"
);
#[derive(askama::Template)]
#[template(path = "todo_page.html")]
struct TodoPage {
    page: PageContext,
    units: String,
    waiting: Vec<Card>,
    submitted: Vec<Card>,
    assisted: Vec<Card>,
    /// There are more than one page shows; the list of all has them.
    more: bool,
    may_self_check: bool,
    figures: Vec<crate::workbench::FigureView>,
}

/// Cards of one kind on the page; whoever has more works from the list.
const SHOWN: usize = 200;

async fn of_units(store: &Store, tenant: TenantId, sql: &'static Sql, units: &[OrganisationId]) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for unit in units {
        cases.extend(store.all::<Case>(sql, args! { tenant: tenant, unit: unit }).await?);
    }
    cases.sort_by_key(|case| (case.due, case.id));
    Ok(cases)
}

pub async fn get(desk: Desk) -> web::Result<Response> {
    let by = desk.actor.permit_some::<RectifyCase>()?;
    let (store, tenant, units) = (&desk.app.store, by.tenant(), desk.actor.organisations());
    let office = Office::of(&desk).await?;
    let page = desk.page("todo-title");
    let mut waiting = of_units(store, tenant, &WAITING, &units).await?;
    let mut submitted = of_units(store, tenant, &SUBMITTED, &units).await?;
    let mut assisted = Vec::new();
    for unit in &units {
        for (case,) in store.all::<(Uuid,)>(&ASSISTED, args! { tenant: tenant, unit: unit, never: NO_DUE }).await? {
            match crate::case::find_by_id(store, &desk.actor, contracts::CaseId(case)).await {
                Ok(found) => assisted.push(found.case),
                // Named before, and back with the centre now.
                Err(error) if error.kind() == kernel::Kind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    assisted.retain(|case| case.stage.open());
    let more = [&mut waiting, &mut submitted, &mut assisted].into_iter().fold(false, |more, list| {
        let long = list.len() > SHOWN;
        list.truncate(SHOWN);
        more || long
    });
    let template = TodoPage {
        figures: crate::workbench::of_unit(&desk, &page, &office).await?,
        more,
        may_self_check: desk.actor.can_some::<SelfCheck>() && office.has(Step::SelfCheck),
        units: units.iter().map(|unit| crate::views::unit_name(&office.directory, Some(*unit))).collect::<Vec<_>>().join(" · "),
        waiting: cards(&desk, &page, &office, &waiting).await?,
        submitted: cards(&desk, &page, &office, &submitted).await?,
        assisted: cards(&desk, &page, &office, &assisted).await?,
        page,
    };
    Ok(render(axum::http::StatusCode::OK, &template))
}
