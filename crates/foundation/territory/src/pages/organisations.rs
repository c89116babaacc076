//! Organisations: the list, one with its projects and where it answers, and its form.

use super::{Choice, Filled, may_manage, mendable, status_of, titled};
use crate::directory::Directory;
use crate::organisation::{AnswersForId, Organisation, OrganisationKind, ProjectId};
use crate::organisations::{
    AnswerFor, CreateOrganisation, CreateProject, DATES, EditOrganisation, EndAnswerFor, OrganisationDetails, STALE, contact,
};
use crate::place::State;
use crate::unmasking::may_unmask;
use crate::verbs::{ManageTerritory, ViewTerritory};
use access::http::{Desk, Submitted};
use access::unmasking::Asking;
use axum::extract::{Path, Query};
use axum::response::Response;
use jiff::civil::Date;
use kernel::ids::{CommandId, OrganisationId};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use web::PageContext;
use web::html::render;

struct Line {
    href: String,
    name: String,
    kind: String,
    credit_code: String,
    answers: usize,
    closed: bool,
}

#[derive(askama::Template)]
#[template(path = "organisations.html")]
struct OrganisationsPage {
    page: PageContext,
    asked: Asked,
    kinds: Vec<Choice>,
    lines: Vec<Line>,
    may_manage: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub kind: String,
    pub q: String,
}

fn kind_choices(page: &PageContext, chosen: &str) -> Vec<Choice> {
    let choice = |kind: &OrganisationKind| Choice {
        value: kind.as_str().to_owned(),
        label: page.w.t(&format!("organisation-kind-{kind}")).into_owned(),
        on: kind.as_str() == chosen,
    };
    OrganisationKind::ALL.iter().map(choice).collect()
}

/// Today in the tenant's zone, as `YYYY-MM-DD`.
pub(super) fn today(desk: &Desk, directory: &Directory) -> Result<Date> {
    directory.date_of(desk.app.world.now())
}

pub async fn list(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let directory = crate::directory_of(&desk).await?;
    let page = titled(&desk, "organisations-title");
    let today = today(&desk, &directory)?.to_string();
    let found: Vec<&Organisation> = if asked.q.trim().is_empty() {
        directory.all_organisations().iter().collect()
    } else {
        directory.find_organisations(&asked.q, 200)
    };
    let line = |organisation: &&Organisation| Line {
        href: page.href(&format!("/organisations/{}", organisation.id)),
        name: organisation.name.clone(),
        kind: page.w.t(&format!("organisation-kind-{}", organisation.kind)).into_owned(),
        credit_code: organisation.credit_code.clone().unwrap_or_default(),
        answers: directory.answers_of(organisation.id).iter().filter(|line| line.valid_to.as_ref().is_none_or(|to| *to >= today)).count(),
        closed: organisation.state == State::Closed,
    };
    let kind: Option<OrganisationKind> = asked.kind.parse().ok();
    let lines = found.iter().filter(|organisation| kind.is_none_or(|kind| organisation.kind == kind)).map(line).collect();
    let template = OrganisationsPage { kinds: kind_choices(&page, &asked.kind), lines, may_manage: may_manage(&desk), asked, page };
    Ok(render(axum::http::StatusCode::OK, &template))
}

/// An organisation as its form sends it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganisationForm {
    pub version: String,
    pub kind: String,
    pub name: String,
    pub short_name: String,
    pub name_en: String,
    pub credit_code: String,
    pub contact: String,
    pub contact_phone: String,
    /// Not empty: the contact is taken away.
    pub no_contact: String,
    /// Not empty: closed.
    pub closed: String,
}

impl OrganisationForm {
    fn details(&self) -> Result<OrganisationDetails> {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
        let details = OrganisationDetails {
            kind: self.kind.parse().map_err(|_| Error::field("kind", crate::fields::NAME_MISSING))?,
            name: self.name.clone(),
            short_name: self.short_name.clone(),
            name_en: some(&self.name_en),
            credit_code: some(&self.credit_code),
            contact: some(&self.contact),
            contact_phone: some(&self.contact_phone),
        };
        details.checked()
    }
}

struct AnswerLine {
    id: AnswersForId,
    place: String,
    project: String,
    from: String,
    to: String,
    command: CommandId,
}

#[derive(askama::Template)]
#[template(path = "organisation.html")]
struct OrganisationPage {
    page: PageContext,
    /// None: a new one.
    id: Option<OrganisationId>,
    version: i64,
    may_manage: bool,
    kinds: Vec<Choice>,
    form: Filled,
    kind: String,
    /// Masked, as it is kept.
    contact: String,
    unmask: Option<Asking>,
    answers: Vec<AnswerLine>,
    places: Vec<Choice>,
    answer: Filled,
    commands: [CommandId; 2],
}

pub async fn blank(desk: Desk) -> web::Result<Response> {
    desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    show(&desk, None, Filled::default(), Filled::default(), None).await
}

pub async fn one(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let id: OrganisationId = id.parse().map_err(|_| Error::not_found())?;
    desk.actor.permit_some::<ViewTerritory>()?;
    show(&desk, Some(id), Filled::default(), Filled::default(), None).await
}

async fn show(desk: &Desk, id: Option<OrganisationId>, form: Filled, answer: Filled, error: Option<Error>) -> web::Result<Response> {
    let directory = crate::directory_of(desk).await?;
    let mut page = titled(desk, "organisation-new");
    let manages = may_manage(desk);
    let status = if form.is_again() { status_of(&form, error.as_ref()) } else { status_of(&answer, error.as_ref()) };
    let (mut form, mut version, mut contact_words, mut unmask) = (form, 1, String::new(), None);
    let mut answers = Vec::new();
    let mut kind_words = String::new();
    if let Some(id) = id {
        let organisation = directory.organisation(id).ok_or_else(Error::not_found)?;
        page.title = organisation.name.clone();
        version = organisation.version;
        kind_words = page.w.t(&format!("organisation-kind-{}", organisation.kind)).into_owned();
        let contact = contact(&desk.app.store, desk.actor.tenant, id).await?;
        contact_words = contact.masked();
        unmask = (!contact.is_empty() && may_unmask(desk, &directory, id).is_ok())
            .then(|| Asking::fresh(desk, &format!("/organisations/{id}/contact")));
        if !form.is_again() {
            form = filled_with(organisation);
        }
        for line in directory.answers_of(id) {
            answers.push(AnswerLine {
                id: line.id,
                place: directory.full_name(line.place_id).to_owned(),
                project: line
                    .project_id
                    .and_then(|project| directory.project(project))
                    .map(|project| project.name.clone())
                    .unwrap_or_default(),
                from: line.valid_from.clone(),
                to: line.valid_to.clone().unwrap_or_default(),
                command: desk.app.world.new_id(),
            });
        }
    }
    let answer = if answer.is_again() { answer } else { answer.with("from", today(desk, &directory)?.to_string()) };
    let places = if manages && id.is_some() { place_choices(&directory, answer.v("place")) } else { Vec::new() };
    let template = OrganisationPage {
        id,
        version,
        may_manage: manages,
        kinds: kind_choices(&page, form.v("kind")),
        kind: kind_words,
        contact: contact_words,
        unmask,
        form,
        answers,
        places,
        answer,
        commands: std::array::from_fn(|_| desk.app.world.new_id()),
        page,
    };
    Ok(render(status, &template))
}

/// Open places from the community down, by their full names.
pub(super) fn place_choices(directory: &Directory, chosen: &str) -> Vec<Choice> {
    let open = directory.places().iter().filter(|place| place.open).take(5_000);
    open.map(|place| Choice { value: place.id.to_string(), label: place.full_name.clone(), on: place.id.to_string() == chosen }).collect()
}

fn filled_with(organisation: &Organisation) -> Filled {
    Filled::default()
        .with("kind", organisation.kind.as_str())
        .with("name", organisation.name.clone())
        .with("short_name", organisation.short_name.clone())
        .with("name_en", organisation.name_en.clone().unwrap_or_default())
        .with("credit_code", organisation.credit_code.clone().unwrap_or_default())
        .with("closed", if organisation.state == State::Closed { "yes" } else { "" })
}

pub async fn create(submitted: Submitted<OrganisationForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let outcome = async { desk.app.store.run(submitted.pass.clone(), CreateOrganisation { by, details: form.details()? }).await };
    match outcome.await {
        Ok(made) => Ok(desk.done("done-organisation-created", &format!("/organisations/{}", made.out))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "organisation-new").w, form, &error);
            show(desk, None, filled, Filled::default(), Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn edit(Path((_, id)): Path<(String, String)>, submitted: Submitted<OrganisationForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let organisation: OrganisationId = id.parse().map_err(|_| Error::not_found())?;
    let outcome = async {
        let version = form.version.parse().map_err(|_| STALE.err())?;
        let state = if form.closed.is_empty() { State::Open } else { State::Closed };
        let (details, no_contact) = (form.details()?, !form.no_contact.is_empty());
        desk.app.store.run(submitted.pass.clone(), EditOrganisation { by, organisation, version, details, no_contact, state }).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-organisation-edited", &format!("/organisations/{organisation}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "organisation-new").w, form, &error);
            show(desk, Some(organisation), filled, Filled::default(), Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AnswerForm {
    pub place: String,
    /// Not empty: a project of this name.
    pub project: String,
    pub from: String,
    pub to: String,
}

/// A day of a form. Errors: the field with `field.dates`.
pub(super) fn day(field: &str, text: &str) -> Result<Date> {
    text.trim().parse().map_err(|_| Error::field(field, DATES))
}

/// A day, or none where the field is empty.
pub(super) fn optional_day(field: &str, text: &str) -> Result<Option<Date>> {
    if text.trim().is_empty() { Ok(None) } else { day(field, text).map(Some) }
}

pub async fn answer(Path((_, id)): Path<(String, String)>, submitted: Submitted<AnswerForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let organisation: OrganisationId = id.parse().map_err(|_| Error::not_found())?;
    let outcome = async {
        let place = form.place.parse().map_err(|_| Error::field("place", crate::fields::NAME_MISSING))?;
        let (from, to) = (day("from", &form.from)?, optional_day("to", &form.to)?);
        if form.project.trim().is_empty() {
            let command = AnswerFor { by, organisation, place, project: None::<ProjectId>, from, to };
            desk.app.store.run(submitted.pass.clone(), command).await.map(drop)
        } else {
            let command = CreateProject { by, organisation, name: form.project.clone(), place, from };
            desk.app.store.run(submitted.pass.clone(), command).await.map(drop)
        }
    };
    match outcome.await {
        Ok(()) => Ok(desk.done("done-answers-for", &format!("/organisations/{organisation}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "organisation-new").w, form, &error);
            show(desk, Some(organisation), Filled::default(), filled, Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EndForm {
    pub to: String,
    pub version: String,
}

pub async fn end(Path((_, id, line)): Path<(String, String, String)>, submitted: Submitted<EndForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let organisation: OrganisationId = id.parse().map_err(|_| Error::not_found())?;
    let line: AnswersForId = line.parse().map_err(|_| Error::not_found())?;
    let outcome = async { desk.app.store.run(submitted.pass.clone(), EndAnswerFor { by, line, to: day("to", &form.to)? }).await };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-answers-for-ended", &format!("/organisations/{organisation}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "organisation-new").w, form, &error);
            show(desk, Some(organisation), Filled::default(), filled, Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}
