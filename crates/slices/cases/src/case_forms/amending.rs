//! The form that corrects a report: its filing conditions follow the category that stands chosen in it, not the one that is kept.

use super::{FieldView, FormView, Maker, Making};
use crate::case::{Case, find};
use crate::filing::NO_CONDITION;
use crate::office::Office;
use crate::report_page::category_choices;
use crate::steps::Step;
use crate::verbs::HandleCase;
use access::http::Desk;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::ids::Uuid;
use kernel::{Error, Result, ensure};
use serde::Deserialize;
use territory::category::CategoryVersion;
use web::PageContext;
use web::forms::Choice;
use web::html::render;

impl Making<'_> {
    /// With the filing conditions of a category to choose from, where it has several; always there to be exchanged.
    pub(super) fn condition<'a>(&self, maker: Maker<'a>, category: Option<Uuid>) -> Maker<'a> {
        let category = category.and_then(|id| self.office.directory.category(id));
        let named = maker.named("condition", "field-condition", crate::conditions::chosen_of(self.case));
        let choices = crate::conditions::choices(self.page.w, category, &named.value);
        maker.add(FieldView::Conditions(named, choices))
    }

    pub(super) fn amend(&self) -> FormView {
        let case = self.case;
        let amend = self.form("step-amend", &[Step::Amend]);
        let amend = if case.category_id.is_none() { amend.opened(true) } else { amend.fold() };
        let category = amend.named("category", "field-category", case.category_id.map(|id| id.to_string()).unwrap_or_default());
        let chosen = Uuid::try_parse(&category.value).ok();
        let choices = category_choices(&self.office.directory, &category.value);
        let amend = amend.add(FieldView::Category(category, choices, format!("{}/conditions", self.href)));
        let amend = self.condition(amend, chosen);
        let place = amend.named("place", "field-place", case.place_id.map(|id| id.to_string()).unwrap_or_default());
        let places = self.places(&place.value);
        let amend = amend.add(FieldView::Place(place, places));
        amend.line("where_words", "field-where", &case.where_words).area("what", "field-what", &case.what).done()
    }
}

/// Whoever changes the category says under which of its conditions it is, where it has several; with the category as it is, what was
/// said stands, and what was not can still be said when it is filed. Errors: `case.no_condition` at `condition`.
pub(crate) fn condition_said(category: &CategoryVersion, case: &Case, condition: &str) -> Result<()> {
    let other = case.category_id != Some(category.id.0);
    let lacks = category.has_choice() && crate::conditions::chosen(condition, category).is_none();
    ensure(!(other && lacks), Error::field("condition", NO_CONDITION))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub category: String,
}

#[derive(askama::Template)]
#[template(path = "case_conditions.html")]
struct ConditionsPart {
    page: PageContext,
    id: String,
    choices: Vec<Choice>,
}

/// The conditions of a category that was chosen in the form, to stand in it.
pub async fn conditions(desk: Desk, Path((_, number)): Path<(String, String)>, Query(asked): Query<Asked>) -> web::Result<Response> {
    let number = number.parse::<i64>().map_err(|_| Error::not_found())?;
    let case = find(&desk.app.store, &desk.actor, number).await?;
    desk.actor.permit::<HandleCase>(&case)?;
    let office = Office::of(&desk).await?;
    let page = desk.page("case-title");
    let category = Uuid::try_parse(&asked.category).ok().and_then(|id| office.directory.category(id));
    let choices = crate::conditions::choices(page.w, category, &crate::conditions::chosen_of(&case));
    let id = format!("{}-condition", Step::Amend);
    Ok(render(StatusCode::OK, &ConditionsPart { page, id, choices }))
}
