//! One form for what is mended already: by the inspector looking on (立行立改), or by the unit or community itself (自查自改).

use crate::at_once::{By, Mended};
use crate::case_forms::Choice;
use crate::case_page::{PhotoView, draft_views};
use crate::case_steps::{MAX_PHOTOS, STEP_OFF, TOO_MANY_PHOTOS, field_error, words};
use crate::office::Office;
use crate::report_page::{PlaceGroup, ReportForm, category_choices, finding, place_groups};
use crate::reporting::Reported;
use crate::steps::{Source, Step};
use crate::verbs::{MendOnSpot, SelfCheck};
use access::http::{Desk, Submitted};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::ids::{AttachmentId, CommandId, OrganisationId};
use kernel::{Error, FieldError, Kind, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use web::html::render;
use web::{PageContext, Words};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MendedForm {
    pub place: String,
    pub where_words: String,
    pub category: String,
    pub what: String,
    pub unit: String,
    pub done: String,
    pub lng: String,
    pub lat: String,
    /// Before.
    pub photo: Vec<String>,
    pub after: Vec<String>,
}

#[derive(askama::Template)]
#[template(path = "mended_page.html")]
struct MendedPage {
    page: PageContext,
    how: Step,
    form: MendedForm,
    errors: BTreeMap<String, String>,
    error: String,
    before: Vec<PhotoView>,
    after: Vec<PhotoView>,
    places: Vec<PlaceGroup>,
    categories: Vec<Choice>,
    /// The units that this person works for, where there are several.
    units: Vec<Choice>,
    command: CommandId,
}

impl MendedPage {
    fn error_of(&self, name: &str) -> &str {
        self.errors.get(name).map_or("", String::as_str)
    }
}

/// The step that the address names, and the permit for it. Errors: 404, 403, `case.step_off`.
pub(crate) async fn allowed(desk: &Desk, how: &str) -> Result<(Step, By, Office)> {
    let step = how.parse::<Step>().map_err(|_| Error::not_found())?;
    let by = match step {
        Step::MendOnSpot => By::OnSpot(desk.actor.permit_some::<MendOnSpot>()?),
        Step::SelfCheck => By::SelfCheck(desk.actor.permit_some::<SelfCheck>()?),
        _ => return Err(Error::not_found()),
    };
    let office = Office::of(desk).await?;
    kernel::ensure(office.has(step), STEP_OFF)?;
    Ok((step, by, office))
}

pub async fn get(desk: Desk, Path((_, how)): Path<(String, String)>) -> web::Result<Response> {
    let (step, by, office) = allowed(&desk, &how).await?;
    show(&desk, step, &by, &office, MendedForm::default(), BTreeMap::new(), String::new(), 200).await
}

fn ids(photos: &[String]) -> Vec<AttachmentId> {
    photos.iter().filter_map(|id| id.parse().ok()).collect()
}

#[allow(clippy::too_many_arguments)] // What the page shows; a struct would only name the list again.
async fn show(
    desk: &Desk,
    how: Step,
    by: &By,
    office: &Office,
    form: MendedForm,
    errors: BTreeMap<String, String>,
    error: String,
    status: u16,
) -> web::Result<Response> {
    let page = desk.page(match how {
        Step::MendOnSpot => "mended-on_spot-title",
        _ => "mended-self_check-title",
    });
    let directory = &office.directory;
    let own = desk.actor.organisations();
    let unit = |id: &OrganisationId| {
        let value = id.to_string();
        Choice { on: value == form.unit, value, label: crate::views::unit_name(directory, Some(*id)) }
    };
    let template = MendedPage {
        before: draft_views(desk, &page, &ids(&form.photo)).await?,
        after: draft_views(desk, &page, &ids(&form.after)).await?,
        places: place_groups(page.w, directory, &by.reach(), &form.place),
        categories: category_choices(directory, &form.category),
        units: if own.len() > 1 { own.iter().map(unit).collect() } else { Vec::new() },
        command: desk.app.world.new_id(),
        how,
        form,
        errors,
        error,
        page,
    };
    Ok(render(StatusCode::from_u16(status).unwrap_or_default(), &template))
}

/// What the form describes, all that is wrong with it at once.
pub(crate) async fn mended(desk: &Desk, by: By, office: &Office, form: &MendedForm) -> Result<Mended> {
    let mut wrong: Vec<FieldError> = Vec::new();
    let report = ReportForm {
        place: form.place.clone(),
        where_words: form.where_words.clone(),
        category: form.category.clone(),
        what: form.what.clone(),
        lng: form.lng.clone(),
        lat: form.lat.clone(),
        photo: form.photo.clone(),
        ..ReportForm::default()
    };
    let found = finding(desk, office, &report).await;
    let done = words(&form.done, "done", true);
    let after = ids(&form.after);
    for error in [found.as_ref().err(), done.as_ref().err()].into_iter().flatten() {
        if error.field_errors().is_empty() {
            return Err(error.clone());
        }
        wrong.extend(error.field_errors().iter().cloned());
    }
    for (name, photos) in [("photo", ids(&form.photo)), ("after", after.clone())] {
        let problem = match photos.len() {
            0 => Some(Error::field(name, crate::rectifying::PHOTO_NEEDED)),
            many if many > MAX_PHOTOS => Some(field_error(name, TOO_MANY_PHOTOS, &[("max", MAX_PHOTOS.to_string())])),
            _ => None,
        };
        let known = wrong.iter().any(|error| error.field == name);
        wrong.extend(problem.filter(|_| !known).iter().flat_map(|error| error.field_errors().to_vec()));
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let mut finding = found?;
    let own = desk.actor.organisations();
    if matches!(by, By::SelfCheck(_)) {
        // One's own unit, whoever answers for the place: it is its own check.
        finding.unit = form.unit.parse().ok().filter(|id| own.contains(id)).or_else(|| own.first().copied());
        finding.source = if own.is_empty() { Source::Community } else { Source::Unit };
    }
    let sample_permille = i64::from(office.hours.centre.self_check_sample_permille);
    Ok(Mended { by, finding, done: done?, after, sample_permille, hours: office.hours.clone() })
}

pub async fn post(Path((_, how)): Path<(String, String)>, submitted: Submitted<MendedForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let done = |reported: &Reported| desk.done("done-mended", &format!("/cases/{}", reported.number));
    if let Some(first) = &submitted.replayed {
        return Ok(done(&serde_json::from_value(first.clone()).map_err(Error::internal)?));
    }
    let (step, by, office) = allowed(desk, &how).await?;
    let outcome = async {
        let command = mended(desk, by.clone(), &office, form).await?;
        Ok::<_, Error>(desk.app.store.run(submitted.pass.clone(), command).await?.out)
    }
    .await;
    match outcome {
        Ok(reported) => Ok(done(&reported)),
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            let w = Words::of(desk.visit.lang);
            let errors: BTreeMap<String, String> =
                error.field_errors().iter().map(|field| (field.field.clone(), w.error(&field.code, &field.args).into_owned())).collect();
            let general = if errors.is_empty() { w.error(error.code(), error.args()).into_owned() } else { String::new() };
            show(desk, step, &by, &office, form.clone(), errors, general, error.kind().status()).await
        }
        Err(error) => Err(error.into()),
    }
}
