//! What is put into a circular after it was reported: the command, and the page that offers what is in none.

use crate::bulk::{MOST, NONE_CHOSEN};
use crate::case::{Case, Found, STALE, WRONG_STAGE, case_columns, find};
use crate::circular_page::name_of;
use crate::clocks::Hours;
use crate::facts::{CaseIntoCircular, Clock};
use crate::issuing::{CircularState, circular};
use crate::office::Office;
use crate::reporting::{CIRCULAR_NOT_OPEN, hold_open};
use crate::steps::{Stage, Step};
use crate::verbs::ComposeCircular;
use crate::views::{LineView, line_of};
use access::Permit;
use access::http::{Desk, Submitted};
use access::permit::Reach;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use contracts::{CaseId, CircularId};
use kernel::ids::{CommandId, Uuid};
use kernel::{Code, Error, Instant, Kind, Result, TenantId, ensure};
use serde::Deserialize;
use std::sync::Arc;
use store::{Command, Query, Sql, Store, ToValue, Value, Write, args, sql};
use web::PageContext;
use web::html::render;

/// No circular was chosen.
pub const NO_CIRCULAR: Code = Code::invalid("circular.none_chosen");
/// It stands in a circular already; one at a time.
pub const IN_CIRCULAR: Code = Code::conflict("case.in_circular");

/// Puts cases that are in no circular into one that is being composed: all of them, or none.
///
/// They wait there as reported, and are filed when it is issued. Errors: `circular.not_open`, `case.in_circular`, `case.stale`,
/// `case.wrong_stage`.
pub struct PutInto {
    pub by: Permit<ComposeCircular>,
    pub circular: CircularId,
    /// In the order of their ids, so that two who take the same ones never wait for each other in a ring.
    pub cases: Vec<Found>,
    pub hours: Arc<Hours>,
}

static PUT: Sql = sql!(
    "UPDATE cases SET stage = 'reported', circular_id = :circular, clock_start = :start, due = :due, yellow_at = :yellow,
        version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for PutInto {
    const KIND: &'static str = "case.into_circular";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let PutInto { circular, cases, hours, .. } = self;
        hold_open(tx, *circular).await?;
        for case in cases {
            case.stage.after(Step::IntoCircular).ok_or(WRONG_STAGE)?;
            ensure(case.circular_id.is_none(), IN_CIRCULAR)?;
            let clock = match case.stage {
                // It is to be filed again, with the others.
                Stage::Filed => hours.file(tx.now())?,
                _ => Clock { start: case.clock_start, due: case.due, yellow_at: case.yellow_at },
            };
            let values = args! {
                tenant: tx.tenant(), case: case.id, version: case.version, circular: circular, start: clock.start, due: clock.due,
                yellow: clock.yellow_at,
            };
            tx.change_one(&PUT, values).await?.or(STALE)?;
            tx.fact(CaseIntoCircular { case: case.id, place: case.place_id, unit: case.unit_id, circular: *circular, clock })?;
        }
        Ok(())
    }
}

/// Cases that the page offers at a time.
const SHOWN: usize = 100;
/// Rows that are read at a time, and how often, where somebody sees but some of the places.
const PART: u16 = 200;
const PARTS: usize = 10;

const IN_NONE: &str = concat!(case_columns!(), " WHERE tenant_id = :tenant AND open = TRUE AND circular_id IS NULL");

fn in_none_query(tenant: TenantId, stage: Stage, after: Option<&[Value]>) -> Query {
    let query = Query::from(IN_NONE).bind("tenant", tenant).and("stage = :stage").bind("stage", stage);
    query.keyset(&["due", "id"], false, after, PART)
}
store::shapes!("in no circular", || {
    let after = [Instant(0).to_value(), CaseId(Uuid::nil()).to_value()];
    vec![in_none_query(TenantId(1), Stage::Reported, None), in_none_query(TenantId(1), Stage::Filed, Some(after.as_slice()))]
});

/// What is reported or filed, in no circular, and within reach; the most urgent first. At most one more than [`SHOWN`].
async fn in_none(store: &Store, tenant: TenantId, reach: &Reach) -> Result<Vec<Case>> {
    let within = |case: &Case| reach.all || reach.paths.iter().any(|path| case.place_path.starts_with(path.as_str()));
    let mut found = Vec::new();
    for stage in [Stage::Reported, Stage::Filed] {
        let (mut after, mut of_stage) = (None::<Vec<Value>>, 0);
        for _ in 0..PARTS {
            let rows = store.query::<Case>(in_none_query(tenant, stage, after.as_deref())).await?;
            let last = rows.len() <= usize::from(PART);
            after = rows.last().map(|case| vec![case.due.to_value(), case.id.to_value()]);
            let before = found.len();
            found.extend(rows.into_iter().filter(within));
            of_stage += found.len() - before;
            if last || of_stage > SHOWN {
                break;
            }
        }
    }
    found.sort_by_key(|case| (case.due, case.id));
    found.truncate(SHOWN + 1);
    Ok(found)
}

/// One case that can be put in.
struct Candidate {
    line: LineView,
    what: String,
    thumb: Option<String>,
    /// As the form carries it: `number:version`.
    value: String,
    on: bool,
}

#[derive(askama::Template)]
#[template(path = "circular_add.html")]
struct AddPage {
    page: PageContext,
    id: CircularId,
    name: String,
    lines: Vec<Candidate>,
    /// There are more than are shown.
    more: bool,
    command: CommandId,
    error: String,
}

pub async fn get(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let id = id.parse::<CircularId>().map_err(|_| Error::not_found())?;
    show(&desk, id, &[], None).await
}

/// The page; what was chosen stays so where it could not be put in.
async fn show(desk: &Desk, id: CircularId, chosen: &[String], error: Option<&Error>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ComposeCircular>()?;
    let (store, tenant) = (&desk.app.store, by.tenant());
    let circular = circular(store, tenant, id).await?;
    ensure(circular.state == CircularState::Open, CIRCULAR_NOT_OPEN)?;
    let office = Office::of(desk).await?;
    let page = desk.page("circular-add-title");
    let w = page.w;
    let mut cases = in_none(store, tenant, &by.reach()).await?;
    let more = cases.len() > SHOWN;
    cases.truncate(SHOWN);
    let first_photos = crate::photos::first_of(store, tenant, &cases.iter().map(|case| case.id).collect::<Vec<_>>()).await?;
    let numbers: Vec<&str> = chosen.iter().filter_map(|one| one.split(':').next()).collect();
    let lines = cases
        .iter()
        .map(|case| {
            let number = case.number.to_string();
            Candidate {
                line: line_of(&page, &office.directory, case),
                what: case.what.clone(),
                thumb: first_photos.get(&case.id).map(|photo| page.href(&format!("/photos/{photo}/thumb"))),
                value: format!("{number}:{}", case.version),
                on: numbers.contains(&number.as_str()),
            }
        })
        .collect();
    let template = AddPage {
        id,
        name: name_of(w, &circular),
        lines,
        more,
        command: desk.app.world.new_id(),
        error: error.map(|error| w.error(error.code(), error.args()).into_owned()).unwrap_or_default(),
        page,
    };
    let status = error.map_or(200, |error| error.kind().status());
    Ok(render(StatusCode::from_u16(status).unwrap_or_default(), &template))
}

/// The cases that were chosen.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AddForm {
    /// Each as `number:version`.
    pub chosen: Vec<String>,
}

pub async fn post(Path((_, id)): Path<(String, String)>, submitted: Submitted<AddForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let id = id.parse::<CircularId>().map_err(|_| Error::not_found())?;
    let done = || Ok(desk.done("done-circular-added", &format!("/circulars/{id}")));
    if submitted.replayed.is_some() {
        return done();
    }
    match put_in(&submitted, id).await {
        Ok(()) => done(),
        // The same click beside it was the first.
        Err(error) if error.kind() == Kind::Conflict && desk.app.store.replayed(&submitted.pass).await?.is_some() => done(),
        Err(error) if matches!(error.kind(), Kind::Conflict | Kind::Invalid) => show(desk, id, &form.chosen, Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

async fn put_in(submitted: &Submitted<AddForm>, id: CircularId) -> Result<()> {
    let (desk, chosen) = (&submitted.desk, &submitted.form.chosen);
    let by = desk.actor.permit_some::<ComposeCircular>()?;
    circular(&desk.app.store, by.tenant(), id).await?;
    ensure(!chosen.is_empty(), NONE_CHOSEN)?;
    let mut cases = Vec::new();
    for one in chosen.iter().take(MOST) {
        let (number, version) = one.split_once(':').ok_or_else(Error::not_found)?;
        let number = number.parse::<i64>().map_err(|_| Error::not_found())?;
        let mut case = find(&desk.app.store, &desk.actor, number).await?;
        desk.actor.permit::<ComposeCircular>(&case)?;
        case.case.version = version.parse().map_err(|_| STALE)?;
        cases.push(case);
    }
    cases.sort_by_key(|case| case.id);
    cases.dedup_by_key(|case| case.id);
    let hours = Office::of(desk).await?.hours.clone();
    desk.app.store.run(submitted.pass.clone(), PutInto { by, circular: id, cases, hours }).await.map(drop)
}
