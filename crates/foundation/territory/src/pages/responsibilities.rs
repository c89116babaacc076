//! The table of responsibilities: its rows, adding one, ending one, and where nobody answers.

use super::organisations::{EndForm, day, optional_day, place_choices, today};
use super::{Choice, Filled, may_manage, mendable, status_of, titled};
use crate::directory::Directory;
use crate::explain::category_words;
use crate::organisation::{ProjectId, ResponsibilityId};
use crate::table::{About, AddResponsibility, CATEGORY, EndResponsibility, STALE};
use crate::verbs::{ManageTerritory, ViewTerritory};
use access::http::{Desk, Submitted};
use axum::extract::Path;
use axum::response::Response;
use kernel::Error;
use kernel::ids::CommandId;
use serde::{Deserialize, Serialize};
use web::html::render;
use web::{PageContext, Words};

struct Row {
    id: ResponsibilityId,
    number: i64,
    version: i64,
    category: String,
    place: String,
    unit: String,
    from: String,
    to: String,
    in_force: bool,
    command: CommandId,
}

struct Gap {
    href: String,
    name: String,
}

#[derive(askama::Template)]
#[template(path = "responsibilities.html")]
struct ResponsibilitiesPage {
    page: PageContext,
    rows: Vec<Row>,
    gaps: Vec<Gap>,
    gap_count: usize,
    may_manage: bool,
    abouts: Vec<Choice>,
    places: Vec<Choice>,
    units: Vec<Choice>,
    form: Filled,
    command: CommandId,
}

/// How many gaps a page names; all are counted.
const MOST_GAPS: usize = 60;

pub async fn list(desk: Desk) -> web::Result<Response> {
    show(&desk, Filled::default(), None).await
}

async fn show(desk: &Desk, form: Filled, error: Option<Error>) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let directory = crate::directory_of(desk).await?;
    let page = titled(desk, "responsibilities-title");
    let date = today(desk, &directory)?;
    let day = date.to_string();
    let row = |row: &crate::responsibility::Responsibility| Row {
        id: row.id,
        number: row.number,
        version: row.version,
        category: category_words(page.w, &directory, &row.category_text().unwrap_or_default()),
        place: directory.full_name(row.place_id).to_owned(),
        unit: directory.organisation(row.organisation_id).map(|unit| unit.name.clone()).unwrap_or_default(),
        from: row.valid_from.clone(),
        to: row.valid_to.clone().unwrap_or_default(),
        in_force: crate::responsibility::in_force(&row.valid_from, row.valid_to.as_deref(), &day),
        command: desk.app.world.new_id(),
    };
    let rows = directory.responsibility_rows().iter().map(row).collect();
    let gaps = directory.gaps(date);
    let status = status_of(&form, error.as_ref());
    let form = if form.is_again() { form } else { form.with("from", day.clone()) };
    let manages = may_manage(desk);
    let template = ResponsibilitiesPage {
        rows,
        gap_count: gaps.len(),
        gaps: gaps
            .into_iter()
            .take(MOST_GAPS)
            .map(|place| Gap { href: page.href(&format!("/places?at={}", place.id)), name: place.full_name.clone() })
            .collect(),
        may_manage: manages,
        abouts: if manages { about_choices(page.w, &directory, form.v("about")) } else { Vec::new() },
        places: if manages { place_choices(&directory, form.v("place")) } else { Vec::new() },
        units: directory
            .organisations()
            .map(|unit| Choice { value: unit.id.to_string(), label: unit.name.clone(), on: unit.id.to_string() == form.v("unit") })
            .collect(),
        form,
        command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status, &template))
}

/// Kinds, classes and items, each class before its items.
fn about_choices(w: Words, directory: &Directory, chosen: &str) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    let mut add = |value: String, label: String| {
        if choices.iter().all(|known| known.value != value) {
            choices.push(Choice { on: value == chosen, value, label });
        }
    };
    for version in directory.categories() {
        let kind = version.kind.as_str();
        let kind_words = w.t(&format!("category-kind-{kind}"));
        add(kind.to_owned(), kind_words.clone().into_owned());
        add(format!("{kind}-{}", version.class_code), format!("{kind_words} {} {}", version.class_code, version.class_name));
        add(version.code().to_string(), format!("{kind_words} {}-{} {}", version.class_code, version.item_code, version.name));
    }
    choices
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RowForm {
    pub about: String,
    pub place: String,
    pub unit: String,
    pub from: String,
    pub to: String,
}

pub async fn add(submitted: Submitted<RowForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let missing = |field: &'static str| move |_| Error::field(field, crate::fields::NAME_MISSING);
    let outcome = async {
        let command = AddResponsibility {
            by,
            about: About::parse(&form.about).ok_or_else(|| Error::field("about", CATEGORY))?,
            place: form.place.parse().map_err(missing("place"))?,
            organisation: form.unit.parse().map_err(missing("unit"))?,
            project: None::<ProjectId>,
            from: day("from", &form.from)?,
            to: optional_day("to", &form.to)?,
        };
        desk.app.store.run(submitted.pass.clone(), command).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-responsibility-added", "/responsibilities")),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "responsibilities-title").w, form, &error);
            show(desk, filled, Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn end(Path((_, id)): Path<(String, String)>, submitted: Submitted<EndForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let row: ResponsibilityId = id.parse().map_err(|_| Error::not_found())?;
    let outcome = async {
        let version = form.version.parse().map_err(|_| STALE.err())?;
        desk.app.store.run(submitted.pass.clone(), EndResponsibility { by, row, version, to: day("to", &form.to)? }).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-responsibility-ended", "/responsibilities")),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "responsibilities-title").w, form, &error);
            show(desk, filled, Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}
