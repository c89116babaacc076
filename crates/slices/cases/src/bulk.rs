//! Several cases at once from the worklist: each gets its own answer, and one that fails stops no other.

use crate::case::find;
use crate::case_steps::take;
use crate::step_form::StepForm;
use crate::steps::{Stage, Step};
use crate::verbs::ListCases;
use access::http::{Desk, Submitted};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::ids::{CommandId, Uuid};
use kernel::{Code, Error, Result};
use serde::Deserialize;
use store::Pass;
use web::PageContext;
use web::html::render;

/// Nothing was chosen, or nothing to do with it.
pub const NONE_CHOSEN: Code = Code::invalid("bulk.none_chosen");

/// Cases that one form takes: two pages of the list.
pub const MOST: usize = 100;

/// What can be done to several at once.
pub const STEPS: [Step; 3] = [Step::Dispatch, Step::Supervise, Step::Urge];

/// Beside the steps: their files as one paper.
pub const PRINT: &str = "print";

/// The chosen cases, each as `number:version`, and what is done with all of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct BulkForm {
    pub chosen: Vec<String>,
    pub step: String,
    pub words: String,
    pub unit: String,
    pub due: String,
    /// The query string of the list, to come back to.
    pub back: String,
}

/// What became of one case.
struct Outcome {
    number: i64,
    href: String,
    done: bool,
    words: String,
}

#[derive(askama::Template)]
#[template(path = "bulk.html")]
struct BulkPage {
    page: PageContext,
    step: String,
    outcomes: Vec<Outcome>,
    done: usize,
    failed: usize,
    /// The paper, where they were chosen to be printed.
    paper: String,
    back: String,
}

/// The pass of one case among several: the same form sent again gives the same ids, so nothing happens twice.
fn pass_of(pass: &Pass, number: i64, part: &str) -> Pass {
    let id = kernel::canonical::content_hash(format!("{}\n{number}\n{part}", Uuid::from(pass.id)).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&id[..16]);
    Pass { id: CommandId::from(Uuid::from_bytes(bytes)), ..pass.clone() }
}

pub async fn post(submitted: Submitted<BulkForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    desk.actor.permit_some::<ListCases>()?;
    let step = form.step.parse::<Step>().ok().filter(|step| STEPS.contains(step));
    let back = crate::saved_views::clean_back(&form.back);
    if (step.is_none() && form.step != PRINT) || form.chosen.is_empty() {
        let error = Error::from(NONE_CHOSEN);
        return crate::worklist::show(desk, back, Some((&error, ""))).await;
    }
    let page = desk.page("bulk-title");
    let mut outcomes = Vec::new();
    for chosen in form.chosen.iter().take(MOST) {
        let Some((number, version)) = chosen.split_once(':') else { continue };
        let Ok(number) = number.parse::<i64>() else { continue };
        let outcome = match step {
            Some(step) => one(desk, &submitted.pass, form, step, number, version).await,
            None => crate::papers::to_print(desk, number).await.map(drop),
        };
        let words = match &outcome {
            Ok(()) => page.w.t(&step.map_or_else(|| "bulk-printed".to_owned(), |step| format!("done-{step}"))).into_owned(),
            Err(error) => {
                let first = error.field_errors().first();
                match first {
                    Some(field) => page.w.error(&field.code, &field.args).into_owned(),
                    None => page.w.error(error.code(), error.args()).into_owned(),
                }
            }
        };
        outcomes.push(Outcome { number, href: page.href(&format!("/cases/{number}")), done: outcome.is_ok(), words });
    }
    if outcomes.is_empty() {
        return Ok(Redirect::to(&desk.href("/cases")).into_response());
    }
    let done = outcomes.iter().filter(|outcome| outcome.done).count();
    let printed: Vec<String> = outcomes.iter().filter(|one| one.done && step.is_none()).map(|one| one.number.to_string()).collect();
    let template = BulkPage {
        step: page.w.t(&step.map_or_else(|| "dossier-print".to_owned(), |step| format!("step-{step}"))).into_owned(),
        paper: match printed.is_empty() {
            true => String::new(),
            false => page.href(&format!("/cases/dossiers.pdf?of={}", printed.join(","))),
        },
        failed: outcomes.len() - done,
        done,
        outcomes,
        back: page.href(&format!("/cases{}", back.query_string())),
        page,
    };
    Ok(render(StatusCode::OK, &template))
}

/// Takes the step for one case. What is only reported is filed on the way to its unit; without a chosen unit each goes to its own.
async fn one(desk: &Desk, pass: &Pass, form: &BulkForm, step: Step, number: i64, version: &str) -> Result<()> {
    let mut case = find(&desk.app.store, &desk.actor, number).await?;
    let mut values = StepForm {
        version: version.to_owned(),
        words: form.words.clone(),
        unit: form.unit.clone(),
        due: form.due.clone(),
        ..StepForm::default()
    };
    if step == Step::Dispatch {
        if case.stage == Stage::Reported {
            take(desk, pass_of(pass, number, "file"), &values, case.clone(), Step::File).await?;
            case = find(&desk.app.store, &desk.actor, number).await?;
            values.version = case.version.to_string();
        }
        if values.unit.is_empty() {
            values.unit = case.unit_id.map(|id| id.to_string()).unwrap_or_default();
        }
    }
    take(desk, pass_of(pass, number, "step"), &values, case, step).await
}
