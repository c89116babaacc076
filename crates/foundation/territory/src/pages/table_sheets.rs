//! The table of responsibilities as a file: taking it out, a blank one to fill in, bringing one in, and looking at what it would change.

use super::organisations::today;
use super::uploads::Upload;
use super::{Filled, may_manage, mendable, paged, status_of, titled};
use crate::directory::Directory;
use crate::explain::category_words;
use crate::imports::applying::Undo;
use crate::received::{self, ReceiveSheet, SheetId, SheetKind, SheetRow, SheetState};
use crate::sheets::workbook::{Cell, Column, Sheet, download, write};
use crate::table::{self, ApplyTable, Rows};
use crate::table_sheet::{Becomes, Plan, Planned, Problem, TableSheet, Written};
use crate::verbs::{ManageTerritory, ViewTerritory};
use access::http::{Desk, Submitted};
use axum::extract::{Path, Query};
use axum::response::Response;
use kernel::ids::{AccountId, CommandId};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use web::html::render;
use web::{PageContext, Words};

fn columns(w: Words) -> Vec<Column> {
    vec![
        Column::new(w.t("table-column-code"), 16),
        Column::new(w.t("table-column-category"), 24),
        Column::new(w.t("responsibility-place"), 30).chosen_from(w.t("table-names-places")),
        Column::new(w.t("responsibility-unit"), 30).chosen_from(w.t("table-names-units")),
        Column::new(w.t("territory-from"), 12),
        Column::new(w.t("territory-to"), 12),
    ]
}

fn day(text: &str) -> Cell {
    Cell::day(text.parse().ok())
}

/// The rows that hold today or later, in a file that can be brought in again.
pub async fn export(desk: Desk) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let directory = crate::directory_of(&desk).await?;
    let page = titled(&desk, "responsibilities-title");
    let w = page.w;
    let today = today(&desk, &directory)?.to_string();
    let ground = table::ground(&desk.app.store, desk.actor.tenant).await?;
    let places = crate::matching::Places::new(&ground.places, &ground.former);
    let rows = directory.responsibility_rows().iter().filter(|row| row.valid_to.as_deref().is_none_or(|to| today.as_str() <= to));
    // A row whose unit, place or category is closed says nothing any more, and could not be brought in again.
    let rows = rows.filter_map(|row| {
        crate::table_check::says_something(&directory, row).then_some(())?;
        let (place, unit) = (places.written(row.place_id)?, directory.organisation(row.organisation_id)?);
        let about = row.category_text().unwrap_or_default();
        Some(vec![
            if about.is_empty() { Cell::Empty } else { Cell::text(&about) },
            Cell::text(category_words(w, &directory, &about)),
            Cell::text(place),
            Cell::text(&unit.name),
            day(&row.valid_from),
            row.valid_to.as_deref().map_or(Cell::Empty, day),
        ])
    });
    let sheet = Sheet { name: w.t("responsibilities-title").into_owned(), columns: plain(columns(w)), rows: rows.collect() };
    let bytes = write(desk.app.world.now(), &page.zone, &[sheet])?;
    Ok(download(&w.t("responsibilities-title"), bytes))
}

fn plain(mut columns: Vec<Column>) -> Vec<Column> {
    columns.iter_mut().for_each(|column| column.from = None);
    columns
}

/// A blank table, with the names to choose from on sheets of their own.
pub async fn template(desk: Desk) -> web::Result<Response> {
    let _ = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let directory = crate::directory_of(&desk).await?;
    let page = titled(&desk, "responsibilities-title");
    let w = page.w;
    let ground = table::ground(&desk.app.store, desk.actor.tenant).await?;
    let places = crate::matching::Places::new(&ground.places, &ground.former);
    let name = |key: &str| w.t(key).into_owned();
    let note = |key: &str| vec![Cell::text(w.t(key))];
    let category = |version: &crate::category::CategoryVersion| {
        let kind = w.t(&format!("category-kind-{}", version.kind)).into_owned();
        vec![
            Cell::text(version.code().to_string()),
            Cell::text(&version.name),
            Cell::text(format!("{}-{}", version.kind, version.class_code)),
            Cell::text(&version.class_name),
            Cell::text(kind),
        ]
    };
    let sheets = [
        Sheet { name: name("responsibilities-title"), columns: columns(w), rows: Vec::new() },
        Sheet {
            name: name("table-names-help"),
            columns: vec![Column::new(w.t("table-names-help"), 90)],
            rows: vec![
                note("table-help-category"),
                note("table-help-place"),
                note("table-help-unit"),
                note("table-help-days"),
                note("table-help-kept"),
            ],
        },
        Sheet {
            name: name("table-names-places"),
            columns: vec![Column::new(w.t("responsibility-place"), 40)],
            rows: directory.places().iter().filter_map(|place| Some(vec![Cell::text(places.written(place.id)?)])).collect(),
        },
        Sheet {
            name: name("table-names-units"),
            columns: vec![Column::new(w.t("responsibility-unit"), 40)],
            rows: directory.organisations().map(|unit| vec![Cell::text(&unit.name)]).collect(),
        },
        Sheet {
            name: name("table-names-categories"),
            columns: vec![
                Column::new(w.t("table-column-code"), 18),
                Column::new(w.t("table-column-category"), 28),
                Column::new(w.t("table-column-class-code"), 16),
                Column::new(w.t("category-class"), 24),
                Column::new(w.t("table-column-kind"), 12),
            ],
            rows: directory.categories().map(category).collect(),
        },
    ];
    let bytes = write(desk.app.world.now(), &page.zone, &sheets)?;
    Ok(download(&w.t("table-template"), bytes))
}

struct SheetView {
    href: String,
    received: String,
    by: String,
    state: String,
    applied: String,
}

#[derive(askama::Template)]
#[template(path = "table_import.html")]
struct ImportPage {
    page: PageContext,
    sheets: Vec<SheetView>,
    form: Filled,
    command: CommandId,
}

fn state_words(w: Words, row: &SheetRow) -> String {
    w.t(match row.state {
        SheetState::Received => "place-list-received",
        SheetState::Applied | SheetState::Applying => "place-list-applied",
        SheetState::Undone => "place-list-undone",
    })
    .into_owned()
}

pub async fn import(desk: Desk) -> web::Result<Response> {
    let _ = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    show_import(&desk, Filled::default(), None).await
}

async fn show_import(desk: &Desk, form: Filled, error: Option<Error>) -> web::Result<Response> {
    let page = titled(desk, "table-import-title");
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let rows = received::latest(store, tenant, SheetKind::Responsibilities).await?;
    let people: Vec<AccountId> = rows.iter().filter_map(|row| row.received_by).collect();
    let names = access::names(store, tenant, people.into_iter()).await?;
    let view = |row: &SheetRow| SheetView {
        href: page.href(&format!("/responsibilities/sheets/{}", row.id)),
        received: page.at(&row.received_at),
        by: row.received_by.and_then(|by| names.get(&by).cloned()).unwrap_or_default(),
        state: state_words(page.w, row),
        applied: page.at_opt(&row.applied_at),
    };
    let status = status_of(&form, error.as_ref());
    let template = ImportPage { sheets: rows.iter().map(view).collect(), form, command: desk.app.world.new_id(), page };
    Ok(render(status, &template))
}

#[derive(Debug, Clone, Default, Serialize)]
struct NoFields {}

pub async fn receive(upload: Upload) -> web::Result<Response> {
    let desk = &upload.desk;
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let outcome = async {
        let directory = crate::directory_of(desk).await?;
        let tables = crate::sheets::read_apart(upload.file.clone()).await?;
        let sheet = TableSheet::of(&tables, today(desk, &directory)?)?;
        let command = ReceiveSheet::of(by, SheetKind::Responsibilities, sheet.lines.len(), &sheet)?;
        desk.app.store.run(upload.pass.clone(), command).await
    };
    let at_file = |error: Error| if mendable(&error) { crate::fields::at_field("sheet", error) } else { error };
    match outcome.await.map_err(at_file) {
        Ok(made) => Ok(desk.done("done-sheet-received", &format!("/responsibilities/sheets/{}", made.out))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "table-import-title").w, &NoFields {}, &error);
            show_import(desk, filled, Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Which lines of a plan are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Show {
    All,
    Wrong,
    New,
    Ends,
    Same,
}

impl Show {
    const EACH: [(Show, &'static str); 5] =
        [(Show::All, "all"), (Show::Wrong, "wrong"), (Show::New, "new"), (Show::Ends, "ends"), (Show::Same, "same")];

    fn takes(self, becomes: &Becomes) -> bool {
        match self {
            Show::All => true,
            Show::Wrong => matches!(becomes, Becomes::Wrong(_)),
            Show::New => matches!(becomes, Becomes::New(_)),
            Show::Ends => matches!(becomes, Becomes::Ends { .. }),
            Show::Same => matches!(becomes, Becomes::Same { .. }),
        }
    }
}

struct Tab {
    href: String,
    label: String,
    count: usize,
    on: bool,
}

struct LineView {
    line: u64,
    category: String,
    place: String,
    unit: String,
    from: String,
    to: String,
    wrong: bool,
    says: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    show: String,
    page: String,
}

#[derive(askama::Template)]
#[template(path = "table_sheet.html")]
struct SheetPage {
    page: PageContext,
    id: SheetId,
    state: String,
    received: String,
    tabs: Vec<Tab>,
    lines: Vec<LineView>,
    first: String,
    next: String,
    nothing: bool,
    wrong: usize,
    may_mend: bool,
    may_apply: bool,
    may_undo: bool,
    digest: String,
    error: String,
    command: CommandId,
}

/// How many lines a page shows.
const LINES: usize = 50;

pub async fn one(desk: Desk, Path((_, id)): Path<(String, String)>, Query(asked): Query<Asked>) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    show_one(&desk, id.parse().map_err(|_| Error::not_found())?, &asked, None).await
}

async fn show_one(desk: &Desk, id: SheetId, asked: &Asked, error: Option<Error>) -> web::Result<Response> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let row = received::sheet(store, tenant, SheetKind::Responsibilities, id).await?;
    let plan = table::planned(store, tenant, id).await?;
    let directory = crate::directory_of(desk).await?;
    let page = titled(desk, "table-sheet-title");
    let w = page.w;
    let (show, name) = Show::EACH.into_iter().find(|(_, name)| *name == asked.show).unwrap_or(Show::EACH[0]);
    let href = |name: &str, at: usize| page.href(&format!("/responsibilities/sheets/{id}?show={name}&page={at}"));
    let count = |show: Show| plan.lines.iter().filter(|line| show.takes(&line.becomes)).count();
    let tabs = Show::EACH.map(|(one, name)| Tab {
        href: href(name, 1),
        label: w.t(&format!("table-line-{name}")).into_owned(),
        count: count(one),
        on: one == show,
    });
    let chosen: Vec<&Planned> = plan.lines.iter().filter(|line| show.takes(&line.becomes)).collect();
    let (shown, first, next) = paged(chosen.len(), &asked.page, LINES, |at| href(name, at));
    let status = error.as_ref().map_or(200, |error| error.kind().status());
    let template = SheetPage {
        id,
        state: state_words(w, &row),
        received: page.at(&row.received_at),
        tabs: tabs.into(),
        lines: chosen[shown].iter().map(|line| line_view(w, &directory, line)).collect(),
        first,
        next,
        nothing: plan.is_empty() && row.state == SheetState::Received,
        wrong: count(Show::Wrong),
        may_mend: may_manage(desk) && count(Show::Wrong) > 0,
        may_apply: may_manage(desk) && row.state == SheetState::Received && !plan.is_empty(),
        may_undo: may_manage(desk) && row.state == SheetState::Applied && !plan.is_empty(),
        digest: digest_of(&plan, &row)?,
        error: error.map(|error| w.error(error.code(), error.args()).into_owned()).unwrap_or_default(),
        command: desk.app.world.new_id(),
        page,
    };
    Ok(render(axum::http::StatusCode::from_u16(status).unwrap_or_default(), &template))
}

fn digest_of(plan: &Plan, row: &SheetRow) -> Result<String> {
    if row.state == SheetState::Received { plan.digest() } else { Ok(String::new()) }
}

/// A line: as the table will have it where it was understood, and as it was written where it was not.
fn line_view(w: Words, directory: &Directory, line: &Planned) -> LineView {
    let written = &line.written;
    let mut view = LineView {
        line: written.line,
        category: written.category_words(),
        place: written.place.clone(),
        unit: written.unit.clone(),
        from: written.from.clone(),
        to: written.to.clone(),
        wrong: false,
        says: Vec::new(),
    };
    match &line.becomes {
        Becomes::New(row) => {
            view.category = category_words(w, directory, &row.about.text());
            directory.full_name(row.place).clone_into(&mut view.place);
            view.unit = directory.organisation(row.unit).map(|unit| unit.name.clone()).unwrap_or_default();
            view.from.clone_from(&row.from);
            view.to = row.to.clone().unwrap_or_default();
            view.says.push(w.t("table-says-new").into_owned());
            let numbers = |numbers: Vec<String>| numbers.join(&w.t("list-comma"));
            if !row.against.is_empty() {
                let rows = numbers(row.against.iter().map(ToString::to_string).collect());
                view.says.push(w.a("table-says-against", "rows", rows).into_owned());
            }
            if !row.against_lines.is_empty() {
                let lines = numbers(row.against_lines.iter().map(ToString::to_string).collect());
                view.says.push(w.a("table-says-against-lines", "lines", lines).into_owned());
            }
        }
        Becomes::Ends { number, to, .. } => view.says.push(w.a2("table-says-ends", "number", *number, "day", to.clone()).into_owned()),
        Becomes::Same { number } => view.says.push(w.a("table-says-same", "number", *number).into_owned()),
        Becomes::Wrong(problems) => {
            view.wrong = true;
            view.says = problem_words(w, problems);
        }
    }
    view
}

fn problem_words(w: Words, problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|Problem { code, args }| w.error(code, args).into_owned()).collect()
}

/// The columns of a sheet of wrong lines, as [`Written::said`] has them: title, width, and whether it has them where no line says
/// anything there.
const WRONG_COLUMNS: [(&str, u16, bool); 8] = [
    ("table-column-code", 16, true),
    ("table-column-kind", 12, false),
    ("category-class", 24, false),
    ("table-column-category", 24, true),
    ("responsibility-place", 30, true),
    ("responsibility-unit", 30, true),
    ("territory-from", 12, true),
    ("territory-to", 12, true),
];

/// The wrong lines as they were written, each with what is wrong beside it, to be mended and brought in again.
pub async fn wrong(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let id: SheetId = id.parse().map_err(|_| Error::not_found())?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let import = received::sheet(store, tenant, SheetKind::Responsibilities, id).await?;
    let plan = table::planned(store, tenant, id).await?;
    let page = titled(&desk, "responsibilities-title");
    let w = page.w;
    let wrong_line = |line: &Planned| match &line.becomes {
        Becomes::Wrong(problems) => Some((line.written.clone(), problem_words(w, problems))),
        _ => None,
    };
    let wrong: Vec<(Written, Vec<String>)> = plan.lines.iter().filter_map(wrong_line).collect();
    let said = |at: usize| wrong.iter().any(|(line, _)| !line.said()[at].is_empty());
    let shown: Vec<usize> = (0..WRONG_COLUMNS.len()).filter(|at| WRONG_COLUMNS[*at].2 || said(*at)).collect();
    let mut columns: Vec<Column> = shown.iter().map(|at| Column::new(w.t(WRONG_COLUMNS[*at].0), WRONG_COLUMNS[*at].1)).collect();
    columns.push(Column::new(w.t("imports-what-is-wrong"), 60));
    columns.push(Column::new(w.t("imports-line-before"), 12));
    let cell = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::text(text) };
    let row = |(line, says): &(Written, Vec<String>)| {
        let mut cells: Vec<Cell> = shown.iter().map(|at| cell(line.said()[*at])).collect();
        cells.push(Cell::text(says.join(&w.t("list-semicolon"))));
        cells.push(Cell::Number(i64::try_from(line.line).unwrap_or(0)));
        cells
    };
    let name = w.t("responsibilities-title").into_owned();
    let sheet = Sheet { name: name.clone(), columns, rows: wrong.iter().map(row).collect() };
    let bytes = write(desk.app.world.now(), &page.zone, &[sheet])?;
    received::note_taken(&desk, by, import.kind, import.id, wrong.len()).await?;
    Ok(download(&w.a("imports-wrong-name", "name", name), bytes))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ApplyForm {
    /// Of what was looked at.
    pub digest: String,
}

pub async fn apply(Path((_, id)): Path<(String, String)>, submitted: Submitted<ApplyForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let sheet: SheetId = id.parse().map_err(|_| Error::not_found())?;
    match desk.app.store.run(submitted.pass.clone(), ApplyTable { by, sheet, digest: form.digest.clone() }).await {
        Ok(_) => Ok(desk.done("done-sheet-applied", &format!("/responsibilities/sheets/{sheet}"))),
        Err(error) if mendable(&error) => show_one(desk, sheet, &Asked::default(), Some(error)).await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UndoForm {}

pub async fn undo(Path((_, id)): Path<(String, String)>, submitted: Submitted<UndoForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let sheet: SheetId = id.parse().map_err(|_| Error::not_found())?;
    let command = Undo { by, sheet, kind: SheetKind::Responsibilities, writes: Rows };
    match desk.app.store.run(submitted.pass.clone(), command).await {
        Ok(_) => Ok(desk.done("done-import-undone", &format!("/responsibilities/sheets/{sheet}"))),
        Err(error) if mendable(&error) => show_one(desk, sheet, &Asked::default(), Some(error)).await,
        Err(error) => Err(error.into()),
    }
}
