//! The sheet of answers (答复表): what was done about the orders of a source, in the columns that this source wants, to be handed back
//! to it. Whoever takes one leaves a fact; who called is masked in it as everywhere.

use crate::case::{Found, find_by_id};
use crate::office::Office;
use crate::order_shape::{self, AnswerColumn, Answers, Told};
use crate::outside::Order;
use crate::outside_page::{Asked, answered_of};
use crate::register::{Form, Head, MOST_ON_PAPER, Register, masked, taken, time, turn};
use crate::steps::Source;
use crate::verbs::{NoteCase, TakeRegister};
use crate::views::unit_name;
use access::http::Desk;
use axum::extract::Query;
use axum::response::Response;
use contracts::CaseId;
use kernel::ids::Uuid;
use kernel::{Error, Kind as ErrorKind, Result, TenantId};
use serde::Deserialize;
use serde_json::json;
use store::{Paged, Sql, Store, args, sql};
use territory::sheets::workbook::{Cell, neutral};
use web::PageContext;

static ANSWERED: Sql = sql!(
    "SELECT data FROM fact
    WHERE tenant_id = :tenant AND subject = 'case' AND subject_id = :case AND kind = 'case.order_answered'
    ORDER BY recorded_at DESC, ordinal DESC
    LIMIT 1"
);
static WORDS: Sql = sql!("SELECT words FROM case_words WHERE tenant_id = :tenant AND case_id = :case AND id = :id");

/// The wording of the last answer. What was said in calls stands among the same words, so it is found by its fact.
async fn answer(store: &Store, tenant: TenantId, case: CaseId) -> Result<String> {
    #[derive(Deserialize)]
    struct Reference {
        id: Uuid,
    }
    #[derive(Deserialize)]
    struct Answered {
        words: Reference,
    }
    let Some((data,)) = store.opt::<(String,)>(&ANSWERED, args! { tenant: tenant, case: case }).await? else {
        return Ok(String::new());
    };
    let answered: Answered = serde_json::from_str(&data).map_err(Error::internal)?;
    let kept = store.opt::<(String,)>(&WORDS, args! { tenant: tenant, case: case, id: answered.words.id }).await?;
    Ok(kept.map(|(words,)| words).unwrap_or_default())
}

pub async fn sheet(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<TakeRegister>()?;
    desk.actor.permit_some::<NoteCase>()?;
    let source = asked.source().ok_or_else(Error::not_found)?;
    let _turn = turn()?;
    let (office, page) = (Office::of(&desk).await?, desk.page("register-answers"));
    let (store, tenant) = (&desk.app.store, by.tenant());
    let (from, to) = asked.period(&office);
    let shape = order_shape::answers(&desk.tenant.settings, source)?;
    let columns = &shape.columns;
    let mut rows = Vec::new();
    let mut after = None;
    // Each is looked up, so a sheet holds as many as a paper.
    while rows.len() <= MOST_ON_PAPER {
        let read = store.query::<Order>(answered_of(tenant, Some(source), from, to, after.as_deref())).await?;
        let Paged { rows: orders, next } = Paged::cut(read, crate::listing::PAGE, crate::outside_page::key);
        for order in &orders {
            let case = match find_by_id(store, &desk.actor, order.case_id).await {
                Ok(case) => case,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            };
            let words = if columns.iter().any(|column| column.told == Told::Answer) {
                answer(store, tenant, case.id).await?
            } else {
                String::new()
            };
            rows.push(columns.iter().map(|column| cell(&page, &office, &shape, column, &case, order, &words)).collect());
        }
        after = next.as_deref().and_then(|text| store::query::decode_keys(text, "id"));
        if after.is_none() {
            break;
        }
    }
    let name = page.w.t(&format!("source-{source}")).into_owned();
    let made = Register {
        list: "order_answers",
        title: page.w.a("register-answers-of", "source", name).into_owned(),
        about: String::new(),
        columns: columns.iter().map(|column| Head(neutral(&column.heading), column.told.width(), 0)).collect(),
        rows,
        filter: json!({ "source": source, "from": from, "to": to }),
    };
    taken(&desk, &page, by, made, Form::Sheet).await
}

fn cell(page: &PageContext, office: &Office, shape: &Answers, column: &AnswerColumn, case: &Found, order: &Order, answer: &str) -> Cell {
    let directory = &office.directory;
    let words = |text: String| if text.is_empty() { Cell::Empty } else { Cell::Text(text) };
    match column.told {
        Told::OutsideNumber => words(case.outside_number.clone().unwrap_or_default()),
        Told::Received => time(page, Some(order.received_at)),
        // Who called has signed by that.
        Told::SignedAt => time(page, order.signed_at.or(order.called_at)),
        Told::CalledAt => time(page, order.called_at),
        Told::Community => words(case.community_id.and_then(|id| directory.place(id)).map_or_else(String::new, |place| place.name.clone())),
        Told::Where => words(masked(&crate::views::place_words(directory, case.place_id, &case.where_words))),
        Told::What => words(masked(&case.what)),
        Told::Category => words(case.category_id.and_then(|id| directory.category(id)).map_or_else(String::new, |one| one.name.clone())),
        Told::Caller => words(order.caller.as_ref().map_or_else(String::new, ToString::to_string)),
        Told::Phone => words(order.caller_phone.as_ref().map_or_else(String::new, ToString::to_string)),
        Told::Unit => words(unit_name(directory, case.unit_id)),
        Told::Answer => words(masked(answer)),
        Told::AnsweredAt => time(page, order.answered_at),
        Told::CalledBackAt => time(page, order.called_back_at),
        Told::Solved => words(order.solved.map_or_else(String::new, |solved| shape.word(&format!("solved-{solved}")))),
        Told::Satisfied => words(order.satisfied.map_or_else(String::new, |satisfied| shape.word(&format!("satisfied-{satisfied}")))),
        Told::Stage => words(shape.word(&format!("stage-{}", case.stage))),
        Told::EndedAt => time(page, case.ended_at),
        Told::OurNumber => Cell::Number(case.number),
        Told::Fixed => words(column.text.clone()),
    }
}

/// The sources whose answers somebody may take, with the address of each.
pub fn hrefs(desk: &Desk, page: &PageContext, asked: &Asked) -> Vec<(String, String)> {
    if !desk.actor.can_some::<TakeRegister>() {
        return Vec::new();
    }
    let chosen = asked.source();
    let sources = order_shape::SOURCES.into_iter().filter(|source| chosen.is_none_or(|chosen| chosen == *source));
    let view = |source: Source| {
        let name = page.w.t(&format!("source-{source}")).into_owned();
        let label = page.w.a("orders-take", "source", name).into_owned();
        (label, page.href(&format!("/orders/answers.xlsx?source={source}&from={}&to={}", Asked::day(&asked.from), Asked::day(&asked.to))))
    };
    sources.map(view).collect()
}
