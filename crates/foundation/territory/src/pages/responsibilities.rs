//! The table of responsibilities: its rows, found by what they name; adding one, ending one, and where nobody answers.

use super::organisations::{EndForm, day, optional_day, place_choices, today};
use super::{Choice, Filled, may_manage, mendable, paged, status_of, titled};
use crate::directory::Directory;
use crate::explain::category_words;
use crate::organisation::{ProjectId, ResponsibilityId};
use crate::table::{About, AddResponsibility, CATEGORY, EndResponsibility, STALE};
use crate::verbs::{ManageTerritory, ViewTerritory};
use access::http::{Desk, Submitted};
use axum::extract::{Path, Query};
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
    asked: Asked,
    rows: Vec<Row>,
    /// The table has no row at all.
    none: bool,
    first: String,
    next: String,
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

/// How many rows a page shows.
const LINES: usize = 100;

/// Which rows are asked for, and what a row to be added begins with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Part of a name of a category, a place or a unit.
    pub q: String,
    /// One row.
    pub number: String,
    pub page: String,
    /// `event-06`, for the form.
    pub about: String,
    pub place: String,
}

pub async fn list(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    let form = Filled::default().with("about", asked.about.clone()).with("place", asked.place.clone());
    show(&desk, asked, form, None).await
}

async fn show(desk: &Desk, asked: Asked, form: Filled, error: Option<Error>) -> web::Result<Response> {
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
    let typed = asked.q.trim().to_lowercase();
    let wanted = |row: &Row| {
        let named = [&row.category, &row.place, &row.unit].iter().any(|name| name.to_lowercase().contains(&typed));
        (typed.is_empty() || named) && (asked.number.is_empty() || asked.number == row.number.to_string())
    };
    let rows: Vec<Row> = directory.responsibility_rows().iter().map(row).filter(wanted).collect();
    let href = |at: usize| page.href(&format!("/responsibilities?q={}&page={at}", access::http::encode(&asked.q)));
    let (shown, first, next) = paged(rows.len(), &asked.page, LINES, href);
    let rows = rows.into_iter().skip(shown.start).take(shown.len()).collect();
    let gaps = directory.gaps(date);
    let status = status_of(&form, error.as_ref());
    let form = if form.is_again() { form } else { form.with("from", day.clone()) };
    let manages = may_manage(desk);
    let template = ResponsibilitiesPage {
        rows,
        none: directory.responsibility_rows().is_empty(),
        first,
        next,
        asked,
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
            show(desk, Asked::default(), filled, Some(error)).await
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
            show(desk, Asked::default(), filled, Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}
