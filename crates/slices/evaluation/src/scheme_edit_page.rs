//! A scheme's table on screen: its cells to be typed, what is wrong with each beside it, and nothing lost when it comes back.

use crate::scheme::{self, Draft, SchemeState, Version};
use crate::scheme_file::{self, ORDER};
use crate::scheme_page::{ProblemView, Room, WRONG, mendable, named, problem_view, problem_views, seen, status_of};
use crate::verbs::DraftScheme;
use access::http::{Desk, Submitted};
use axum::extract::Path;
use axum::response::Response;
use kernel::ids::CommandId;
use kernel::{Error, ensure};
use rules::{Cell, Grid, Part, Problem, Sheet, Where};
use serde::Serialize;
use std::collections::BTreeMap;
use web::forms::Filled;
use web::html::render;
use web::{PageContext, Words};

/// Lines that stand empty below each table that is edited.
const EMPTY_LINES: usize = 3;

/// One table to be edited.
struct EditView {
    part: Part,
    title: String,
    heads: Vec<String>,
    lines: Vec<Vec<EditCell>>,
}

struct EditCell {
    name: String,
    label: String,
    text: String,
    wide: bool,
    wrong: String,
}

#[derive(askama::Template)]
#[template(path = "scheme_edit.html")]
struct EditPage {
    page: PageContext,
    href: String,
    name: String,
    grids: Vec<EditView>,
    problems: Vec<ProblemView>,
    form: Filled,
    command: CommandId,
}

fn edit_views(w: Words, sheet: &Sheet, problems: &[Problem]) -> Vec<EditView> {
    let wrong = |at: Where| {
        let here = problems.iter().filter(|problem| problem.at == at && problem.fault.is_error());
        here.map(|problem| problem_view(w, problem, None).words).collect::<Vec<_>>().join(" ")
    };
    let none = Grid::default();
    ORDER
        .into_iter()
        .map(|part| {
            let grid = sheet.parts.get(&part).unwrap_or(&none);
            let filled =
                (0..grid.lines.len()).rev().find(|at| grid.lines[*at].iter().any(|text| !text.trim().is_empty())).map_or(0, |at| at + 1);
            let title = scheme_file::part_name(w, part);
            let line = |at: usize| {
                let cell = |cell: &Cell| EditCell {
                    name: format!("{part}.{at}.{cell}"),
                    label: format!("{title} {} {}", at + 1, scheme_file::title(w, *cell)),
                    text: if at < grid.lines.len() { grid.text(at, *cell).to_owned() } else { String::new() },
                    wide: matches!(
                        cell,
                        Cell::Conditions
                            | Cell::Worth
                            | Cell::Name
                            | Cell::Note
                            | Cell::Evidence
                            | Cell::Numerator
                            | Cell::Denominator
                            | Cell::Expression
                    ),
                    wrong: wrong(Where::new(part, at, *cell)),
                };
                part.cells().iter().map(cell).collect()
            };
            EditView {
                part,
                heads: part.cells().iter().map(|cell| scheme_file::title(w, *cell)).collect(),
                lines: (0..filled + EMPTY_LINES).map(line).collect(),
                title,
            }
        })
        .collect()
}

/// What stands above the tables that are edited.
#[derive(Debug, Clone, Default, Serialize)]
struct NameForm {
    name: String,
    version: String,
}

pub async fn edit(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let version = seen(&desk, &id).await?;
    let _ = desk.actor.permit::<DraftScheme>(&desk.actor.tenant)?;
    ensure(version.state == SchemeState::Draft, scheme::ADOPTED)?;
    let room = Room::of(&desk).await?;
    let sheet = room.sheet(&scheme::table(&desk.app.store, desk.actor.tenant, version.id).await?);
    let problems = room.understood(&sheet).map_or_else(|problems| problems, |reading| reading.lint());
    let form = NameForm { name: version.name.clone(), version: version.version.to_string() };
    show_edit(&desk, &version, Filled::of(&form), &sheet, &problems, None)
}

fn show_edit(
    desk: &Desk,
    version: &Version,
    form: Filled,
    sheet: &Sheet,
    problems: &[Problem],
    error: Option<&Error>,
) -> web::Result<Response> {
    let mut page = desk.page("scheme-edit-title");
    page.title = page.w.a("scheme-edit-of", "name", version.name.clone()).into_owned();
    let w = page.w;
    let template = EditPage {
        href: page.href(&format!("/schemes/{}", version.id)),
        name: version.name.clone(),
        grids: edit_views(w, sheet, problems),
        problems: problem_views(w, problems, None),
        form,
        command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status_of(error), &template))
}

/// The cells of a form: `row.3.worth`, beside the name and the version.
fn typed_sheet(fields: &BTreeMap<String, String>) -> Sheet {
    let mut sheet = Sheet::default();
    for (name, text) in fields {
        let mut parts = name.split('.');
        let (Some(part), Some(line), Some(cell), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else { continue };
        let part = Part::ALL.iter().find(|known| known.as_str() == part);
        let cell = part.and_then(|part| part.cells().iter().position(|known| known.as_str() == cell));
        let (Some(part), Some(cell), Ok(line)) = (part, cell, line.parse::<usize>()) else { continue };
        if line >= 2 * rules::MAX_ROWS {
            continue;
        }
        let grid = sheet.parts.entry(*part).or_insert_with(|| Grid { columns: part.cells().to_vec(), lines: Vec::new() });
        while grid.lines.len() <= line {
            grid.lines.push(vec![String::new(); part.cells().len()]);
        }
        grid.lines[line][cell].clone_from(text);
    }
    sheet
}

pub async fn save(Path((_, id)): Path<(String, String)>, submitted: Submitted<BTreeMap<String, String>>) -> web::Result<Response> {
    let (desk, fields) = (&submitted.desk, &submitted.form);
    let version = seen(desk, &id).await?;
    let by = desk.actor.permit::<DraftScheme>(&desk.actor.tenant)?;
    let room = Room::of(desk).await?;
    let sheet = typed_sheet(fields);
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let form = NameForm { name: field("name"), version: field("version") };
    let mut problems = Vec::new();
    let outcome = async {
        ensure(form.version == version.version.to_string(), scheme::STALE)?;
        let reading = room.understood(&sheet).map_err(|found| {
            problems = found;
            Error::from(WRONG)
        })?;
        let draft =
            Draft { by, of: Some(version.clone()), ranked: version.ranked, name: named(&form.name, "name")?, scheme: reading.scheme };
        Ok::<_, Error>(desk.app.store.run(submitted.pass.clone(), draft).await?.out)
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-scheme-drafted", &format!("/schemes/{id}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("scheme-edit-title").w, &form, &error);
            show_edit(desk, &version, filled, &sheet, &problems, Some(&error))
        }
        Err(error) => Err(error.into()),
    }
}
