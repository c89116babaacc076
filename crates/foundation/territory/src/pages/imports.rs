//! The imports' pages: which tables can be brought in, receiving one, looking at what it would change, applying and undoing it.

use super::organisations::today;
use super::uploads::Upload;
use super::{Filled, mendable, paged, status_of};
use crate::imports::applying::{self, Counts, Import, Work};
use crate::imports::reading::{Received, Written};
use crate::imports::{Becomes, Fresh, Kind, Kinds, Planned, Problem, digest};
use crate::received::{self, ReceiveSheet, STALE, SheetId, SheetKind, SheetState};
use crate::sheets::workbook::{Cell, Column as SheetColumn, Sheet, download, write};
use access::account::InviteToUnit;
use access::http::{Desk, Submitted};
use access::permit::Verb;
use access::{Actor, Permit};
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use kernel::ids::{AccountId, CommandId};
use kernel::{Error, Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use web::html::render;
use web::{PageContext, Words};

/// How many lines a page shows.
const LINES: usize = 50;

/// Whether somebody may bring in anything of this crate's kinds.
pub fn may_any(actor: &Actor) -> bool {
    actor.can::<crate::verbs::ManageTerritory>(&actor.tenant) || actor.can_some::<InviteToUnit>()
}

fn kinds(desk: &Desk) -> Result<Vec<Arc<dyn Kind>>> {
    let mut mine = Vec::new();
    let all = desk.app.try_get::<Kinds>();
    for kind in all.iter().flat_map(|kinds| &kinds.0).filter(|kind| kind.may(&desk.actor)) {
        if kind.has(desk)? {
            mine.push(Arc::clone(kind));
        }
    }
    Ok(mine)
}

/// The kind of an address: 404 for none of ours, 403 for one that this person may not bring in.
fn kind_of(desk: &Desk, name: &str) -> Result<Arc<dyn Kind>> {
    let kind: SheetKind = name.parse().map_err(|_| Error::not_found())?;
    let kind = desk.app.try_get::<Kinds>().and_then(|kinds| kinds.find(kind)).ok_or_else(Error::not_found)?;
    ensure(kind.may(&desk.actor), access::actor::FORBIDDEN)?;
    ensure(kind.has(desk)?, Error::not_found())?;
    Ok(kind)
}

struct KindView {
    href: String,
    name: String,
    help: String,
}

struct ImportView {
    href: String,
    kind: String,
    received: String,
    by: String,
    state: String,
    counts: String,
}

#[derive(askama::Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    page: PageContext,
    kinds: Vec<KindView>,
    imports: Vec<ImportView>,
}

fn state_words(w: Words, state: SheetState) -> String {
    w.t(&format!("import-state-{state}")).into_owned()
}

fn counts_words(w: Words, row: &Import) -> Result<String> {
    if row.counts.is_none() {
        return Ok(String::new());
    }
    let Counts { added, changed, same, wrong } = Counts::read(row.counts.as_deref())?;
    let parts = [("added", added.to_string()), ("changed", changed.to_string()), ("same", same.to_string()), ("wrong", wrong.to_string())];
    Ok(w.with("imports-counts", &parts).into_owned())
}

/// A kind in the history: its name's key, and below which address its imports stand.
struct Shown {
    kind: SheetKind,
    name: &'static str,
    under: String,
    /// This person's own alone, where the others' are not for them.
    own_of: Option<AccountId>,
}

fn shown(desk: &Desk, kind: &dyn Kind) -> Shown {
    let about = kind.about();
    let own_of = if kind.sees_all(&desk.actor) { None } else { desk.actor.account };
    Shown { kind: about.kind, name: about.name, under: format!("/imports/{}", about.kind), own_of }
}

async fn views(desk: &Desk, page: &PageContext, kinds: &[Shown]) -> Result<Vec<ImportView>> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut rows: Vec<(&Shown, Import)> = Vec::new();
    for shown in kinds {
        let latest = match shown.own_of {
            Some(person) => applying::latest_of(store, tenant, shown.kind, person).await?,
            None => applying::latest(store, tenant, shown.kind).await?,
        };
        rows.extend(latest.into_iter().map(|row| (shown, row)));
    }
    rows.sort_by_key(|(_, row)| std::cmp::Reverse((row.received_at, row.id.0)));
    rows.truncate(20);
    let people: Vec<AccountId> = rows.iter().filter_map(|(_, row)| row.received_by).collect();
    let names = access::names(store, tenant, people.into_iter()).await?;
    let view = |(shown, row): &(&Shown, Import)| -> Result<ImportView> {
        Ok(ImportView {
            href: page.href(&format!("{}/{}", shown.under, row.id)),
            kind: page.w.t(shown.name).into_owned(),
            received: page.at(&row.received_at),
            by: row.received_by.and_then(|by| names.get(&by).cloned()).unwrap_or_default(),
            state: state_words(page.w, row.state),
            counts: counts_words(page.w, row)?,
        })
    };
    rows.iter().map(view).collect()
}

pub async fn all(desk: Desk) -> web::Result<Response> {
    let kinds = kinds(&desk)?;
    ensure(!kinds.is_empty(), access::actor::FORBIDDEN)?;
    let page = desk.page("imports-title");
    let view = |kind: &Arc<dyn Kind>| KindView {
        href: page.href(&format!("/imports/{}", kind.about().kind)),
        name: page.w.t(kind.about().name).into_owned(),
        help: page.w.t(kind.about().help).into_owned(),
    };
    let mut history: Vec<Shown> = kinds.iter().map(|kind| shown(&desk, &**kind)).collect();
    let mut listed: Vec<KindView> = kinds.iter().map(view).collect();
    if super::may_manage(&desk) {
        // The table of responsibilities is looked over against itself, on pages of its own.
        listed.push(KindView {
            href: page.href("/responsibilities/import"),
            name: page.w.t("responsibilities-title").into_owned(),
            help: page.w.t("imports-responsibilities-help").into_owned(),
        });
        history.push(Shown {
            kind: SheetKind::Responsibilities,
            name: "responsibilities-title",
            under: "/responsibilities/sheets".to_owned(),
            own_of: None,
        });
    }
    let template = ImportsPage { kinds: listed, imports: views(&desk, &page, &history).await?, page };
    Ok(render(StatusCode::OK, &template))
}

#[derive(askama::Template)]
#[template(path = "import_kind.html")]
struct KindPage {
    page: PageContext,
    kind: SheetKind,
    name: String,
    help: String,
    /// What stands beside it: name, address, whether it is this one.
    beside: Vec<(String, String, bool)>,
    says_titles: String,
    columns: Vec<(String, bool)>,
    helps: Vec<String>,
    official: bool,
    imports: Vec<ImportView>,
    form: Filled,
    command: CommandId,
}

pub async fn of_kind(desk: Desk, Path((_, kind)): Path<(String, String)>) -> web::Result<Response> {
    let kind = kind_of(&desk, &kind)?;
    show_kind(&desk, &*kind, Filled::default(), None).await
}

async fn show_kind(desk: &Desk, kind: &dyn Kind, form: Filled, error: Option<Error>) -> web::Result<Response> {
    let page = desk.page("imports-title");
    let w = page.w;
    let about = kind.about();
    let status = status_of(&form, error.as_ref());
    let template = KindPage {
        kind: about.kind,
        name: w.t(about.name).into_owned(),
        help: w.t(about.help).into_owned(),
        beside: beside(desk, &page, kind),
        says_titles: kind.says_titles().map(|path| page.href(path)).unwrap_or_default(),
        columns: about.columns.iter().map(|column| (w.t(column.title).into_owned(), column.needed)).collect(),
        helps: about.helps.iter().map(|key| w.t(key).into_owned()).collect(),
        official: about.kind == SheetKind::Places,
        imports: views(desk, &page, &[shown(desk, kind)]).await?,
        form,
        command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status, &template))
}

fn beside(desk: &Desk, page: &PageContext, kind: &dyn Kind) -> Vec<(String, String, bool)> {
    let all = desk.app.try_get::<Kinds>();
    let known = kind.beside().iter().filter_map(|one| all.as_ref().and_then(|kinds| kinds.find(*one)));
    let view = |one: Arc<dyn Kind>| {
        let about = one.about();
        (page.w.t(about.name).into_owned(), page.href(&format!("/imports/{}", about.kind)), about.kind == kind.about().kind)
    };
    known.map(view).collect()
}

/// A blank table, with what it explains and the names to choose from on sheets of their own.
pub async fn template(desk: Desk, Path((_, kind)): Path<(String, String)>) -> web::Result<Response> {
    let kind = kind_of(&desk, &kind)?;
    let about = kind.about();
    let page = desk.page("imports-title");
    let w = page.w;
    let column = |column: &crate::imports::Column| {
        let star = if column.needed { "*" } else { "" };
        let made = SheetColumn::new(format!("{}{star}", w.t(column.title)), column.width);
        match column.from {
            Some(from) => made.chosen_from(w.t(from)),
            None => made,
        }
    };
    let name = w.t(about.name).into_owned();
    let mut sheets = vec![
        // Two sheets of one name are none: the names to choose from may be called as what is imported.
        Sheet {
            name: w.a("imports-of", "name", name.clone()).into_owned(),
            columns: about.columns.iter().map(column).collect(),
            rows: Vec::new(),
        },
        Sheet {
            name: w.t("table-names-help").into_owned(),
            columns: vec![SheetColumn::new(w.t("table-names-help"), 90)],
            rows: about.helps.iter().map(|key| vec![Cell::text(w.t(key))]).collect(),
        },
    ];
    sheets.extend(kind.names(&desk).await?);
    let bytes = write(desk.app.world.now(), &page.zone, &sheets)?;
    Ok(download(&w.a("imports-template-name", "name", name), bytes))
}

#[derive(Debug, Clone, Default, Serialize)]
struct NoFields {}

pub async fn receive(Path((_, kind)): Path<(String, String)>, upload: Upload) -> web::Result<Response> {
    let desk = &upload.desk;
    let kind = kind_of(desk, &kind)?;
    let about = kind.about();
    let outcome = async {
        let directory = crate::directory_of(desk).await?;
        let tables = crate::sheets::read_apart(upload.file.clone()).await?;
        let received = Received::of(&tables, about, &*kind.titles(desk)?, today(desk, &directory)?)?;
        keep(desk, &upload.pass, about.kind, &received).await
    };
    let at_file = |error: Error| if mendable(&error) { crate::fields::at_field("sheet", error) } else { error };
    match outcome.await.map_err(at_file) {
        Ok(id) => Ok(desk.done("done-sheet-received", &format!("/imports/{}/{id}", about.kind))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("imports-title").w, &NoFields {}, &error);
            show_kind(desk, &*kind, filled, Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn keep(desk: &Desk, pass: &store::Pass, kind: SheetKind, received: &Received) -> Result<SheetId> {
    async fn run<V: Verb>(desk: &Desk, pass: &store::Pass, by: Permit<V>, kind: SheetKind, received: &Received) -> Result<SheetId> {
        let command = ReceiveSheet::of(by, kind, received.lines.len(), received)?;
        Ok(desk.app.store.run(pass.clone(), command).await?.out)
    }
    // Whoever may not change the territory brings in people of units.
    match desk.actor.permit::<crate::verbs::ManageTerritory>(&desk.actor.tenant) {
        Ok(by) => run(desk, pass, by, kind, received).await,
        Err(_) => run(desk, pass, desk.actor.permit_some::<InviteToUnit>()?, kind, received).await,
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
    cells: Vec<String>,
    wrong: bool,
    becomes: String,
    says: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    show: String,
    page: String,
}

#[derive(askama::Template)]
#[template(path = "import_sheet.html")]
struct SheetPage {
    page: PageContext,
    id: SheetId,
    kind: SheetKind,
    name: String,
    state: String,
    counts: String,
    received: String,
    by: String,
    applied: String,
    read_columns: String,
    unread: String,
    /// Where to say what they mean.
    says_titles: String,
    columns: Vec<String>,
    tabs: Vec<Tab>,
    lines: Vec<LineView>,
    first: String,
    next: String,
    nothing: bool,
    wrong: usize,
    has_lines: bool,
    /// Something on this page is masked that the sheet of wrong lines has in full.
    masked: bool,
    may_apply: bool,
    may_go_on: bool,
    may_undo: bool,
    applying: bool,
    done: i64,
    total: i64,
    digest: String,
    error: String,
    fresh: Vec<Fresh>,
    command: CommandId,
}

const SHOWS: [(&str, Option<Becomes>); 5] = [
    ("all", None),
    ("wrong", Some(Becomes::Wrong)),
    ("new", Some(Becomes::New)),
    ("changed", Some(Becomes::Changed)),
    ("same", Some(Becomes::Same)),
];

/// An import that this person is shown; 404 for one that is another's.
async fn seen(desk: &Desk, kind: &dyn Kind, id: SheetId) -> Result<Import> {
    let row = applying::import(&desk.app.store, desk.actor.tenant, kind.about().kind, id).await?;
    let own = row.received_by.is_some() && row.received_by == desk.actor.account;
    ensure(own || kind.sees_all(&desk.actor), Error::not_found())?;
    Ok(row)
}

/// An import as it stands: its row, its lines as far as they are kept, and what they change or did.
struct Looked {
    row: Import,
    received: Received,
    plan: Vec<Planned>,
}

async fn look(desk: &Desk, kind: &dyn Kind, id: SheetId) -> Result<Looked> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let row = seen(desk, kind, id).await?;
    let received = received::lines_if_kept::<Received>(store, tenant, id).await?.unwrap_or_default();
    let plan = match received::plan(store, tenant, id).await? {
        Some(kept) => kept,
        None => kind.plan(desk, &received).await?,
    };
    Ok(Looked { row, received, plan })
}

pub async fn one(desk: Desk, Path((_, kind, id)): Path<(String, String, String)>, Query(asked): Query<Asked>) -> web::Result<Response> {
    let kind = kind_of(&desk, &kind)?;
    show_one(&desk, &*kind, id.parse().map_err(|_| Error::not_found())?, &asked, None, Vec::new()).await
}

/// A cell as the page shows it: who is named in it is not read over somebody's shoulder.
fn cell_shown(column: &crate::imports::Column, text: &str) -> String {
    match column.mask {
        Some(mask) if !text.is_empty() => mask(text),
        _ => text.to_owned(),
    }
}

fn says(w: Words, kind: &dyn Kind, problem: &Problem) -> String {
    let mut args: BTreeMap<String, String> = problem.args.clone();
    // A column is named in the reader's language.
    let chinese = Words::of(web::Lang::Chinese);
    for name in ["column", "at"] {
        if let Some(column) = args.get_mut(name)
            && let Some(known) = kind.about().columns.iter().find(|known| chinese.t(known.title) == *column)
        {
            *column = w.t(known.title).into_owned();
        }
    }
    let at = args.remove("at");
    let words = w.error(&problem.code, &args).into_owned();
    match at {
        Some(at) => w.with("import-at", &[("column", at), ("words", words)]).into_owned(),
        None => words,
    }
}

async fn show_one(
    desk: &Desk,
    kind: &dyn Kind,
    id: SheetId,
    asked: &Asked,
    error: Option<Error>,
    fresh: Vec<Fresh>,
) -> web::Result<Response> {
    let Looked { row, received, plan } = look(desk, kind, id).await?;
    let mut page = desk.page("imports-title");
    let w = page.w;
    let about = kind.about();
    page.title = w.t(about.name).into_owned();
    let (name, show) = SHOWS.into_iter().find(|(name, _)| *name == asked.show).unwrap_or(SHOWS[0]);
    let href = |name: &str, at: usize| page.href(&format!("/imports/{}/{id}?show={name}&page={at}", about.kind));
    let takes = |show: Option<Becomes>, line: &Planned| show.is_none_or(|show| line.becomes == show);
    let count = |show: Option<Becomes>| plan.iter().filter(|line| takes(show, line)).count();
    let tab = |(one, becomes): (&str, Option<Becomes>)| Tab {
        href: href(one, 1),
        label: w.t(&format!("import-line-{one}")).into_owned(),
        count: count(becomes),
        on: one == name,
    };
    let chosen: Vec<&Planned> = plan.iter().filter(|line| takes(show, line)).collect();
    let (shown, first, next) = paged(chosen.len(), &asked.page, LINES, |at| href(name, at));
    let by_line: HashMap<u64, &Written> = received.lines.iter().map(|line| (line.line, line)).collect();
    // Only the columns that the table has.
    let columns: Vec<&crate::imports::Column> = about.columns.iter().filter(|column| received.has(column.key)).collect();
    let view = |line: &&Planned| LineView {
        line: line.line,
        cells: columns
            .iter()
            .map(|column| cell_shown(column, by_line.get(&line.line).map_or("", |written| written.get(column.key))))
            .collect(),
        wrong: line.becomes == Becomes::Wrong,
        becomes: SHOWS
            .iter()
            .find(|(_, show)| *show == Some(line.becomes))
            .map_or_else(String::new, |(name, _)| w.t(&format!("import-line-{name}")).into_owned()),
        says: line.says.iter().map(|problem| says(w, kind, problem)).collect(),
    };
    let status = error.as_ref().map_or(200, |error| error.kind().status());
    let changes = plan.iter().any(Planned::changes);
    let waits = row.state == SheetState::Received;
    let applying = row.state == SheetState::Applying;
    let names = access::names(&desk.app.store, desk.actor.tenant, row.received_by.into_iter()).await?;
    let list = |words: Vec<String>| words.join(&w.t("list-comma"));
    let template = SheetPage {
        id,
        kind: about.kind,
        name: w.t(about.name).into_owned(),
        state: state_words(w, row.state),
        counts: counts_words(w, &row)?,
        received: page.at(&row.received_at),
        by: row.received_by.and_then(|by| names.get(&by).cloned()).unwrap_or_default(),
        applied: page.at_opt(&row.applied_at),
        read_columns: list(received.columns.iter().map(|(_, title)| title.clone()).collect()),
        unread: list(received.unread.clone()),
        says_titles: kind.says_titles().map(|path| page.href(&format!("{path}?sheet={id}"))).unwrap_or_default(),
        masked: columns.iter().any(|column| column.mask.is_some()),
        columns: columns.iter().map(|column| w.t(column.title).into_owned()).collect(),
        tabs: SHOWS.into_iter().map(tab).collect(),
        lines: chosen[shown].iter().map(view).collect(),
        first,
        next,
        nothing: waits && !changes,
        wrong: count(Some(Becomes::Wrong)),
        has_lines: !received.lines.is_empty(),
        may_apply: waits && changes,
        may_go_on: applying,
        may_undo: row.state == SheetState::Applied
            && Counts::read(row.counts.as_deref()).is_ok_and(|counts| counts.added + counts.changed > 0),
        applying,
        done: row.done,
        total: row.total,
        digest: if waits { digest(&plan)? } else { String::new() },
        error: error.map(|error| w.error(error.code(), error.args()).into_owned()).unwrap_or_default(),
        fresh,
        command: desk.app.world.new_id(),
        page,
    };
    let mut response = render(StatusCode::from_u16(status).unwrap_or_default(), &template);
    if applying {
        // While it runs the page comes again by itself, without any script.
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("2"));
    }
    Ok(response)
}

/// The wrong lines as they were written, each with what is wrong beside it, to be mended and brought in again. What the page masks
/// stands in it in full, so that it is for whoever is shown the import, and leaves a fact.
pub async fn wrong(desk: Desk, Path((_, kind, id)): Path<(String, String, String)>) -> web::Result<Response> {
    let kind = kind_of(&desk, &kind)?;
    let Looked { row: import, received, plan } = look(&desk, &*kind, id.parse().map_err(|_| Error::not_found())?).await?;
    let page = desk.page("imports-title");
    let w = page.w;
    let about = kind.about();
    let columns: Vec<&crate::imports::Column> = about.columns.iter().filter(|column| received.has(column.key)).collect();
    let by_line: HashMap<u64, &Written> = received.lines.iter().map(|line| (line.line, line)).collect();
    let row = |line: &Planned| {
        let written = by_line.get(&line.line);
        let cell = |key: &str| written.map(|written| written.get(key)).filter(|text| !text.is_empty()).map_or(Cell::Empty, Cell::text);
        let mut cells: Vec<Cell> = columns.iter().map(|column| cell(column.key)).collect();
        let words: Vec<String> = line.says.iter().map(|problem| says(w, &*kind, problem)).collect();
        cells.push(Cell::text(words.join(&w.t("list-semicolon"))));
        cells.push(Cell::Number(i64::try_from(line.line).unwrap_or(0)));
        cells
    };
    let mut titles: Vec<SheetColumn> = columns.iter().map(|column| SheetColumn::new(w.t(column.title), column.width)).collect();
    titles.push(SheetColumn::new(w.t("imports-what-is-wrong"), 60));
    titles.push(SheetColumn::new(w.t("imports-line-before"), 12));
    let rows: Vec<Vec<Cell>> = plan.iter().filter(|line| line.becomes == Becomes::Wrong).map(row).collect();
    let lines = rows.len();
    let sheet = Sheet { name: w.t(about.name).into_owned(), columns: titles, rows };
    let bytes = write(desk.app.world.now(), &page.zone, &[sheet])?;
    match desk.actor.permit::<crate::verbs::ManageTerritory>(&desk.actor.tenant) {
        Ok(by) => received::note_taken(&desk, by, import.kind, import.id, lines).await?,
        Err(_) => received::note_taken(&desk, desk.actor.permit_some::<InviteToUnit>()?, import.kind, import.id, lines).await?,
    }
    Ok(download(&w.a("imports-wrong-name", "name", w.t(about.name).into_owned()), bytes))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ApplyForm {
    /// Of what was looked at.
    pub digest: String,
}

/// One batch of a plan.
fn work(looked: &Looked, plan: &[Planned], from: usize, batch: usize, revision: Option<i64>) -> Result<Work> {
    let to = plan.len().min(from.saturating_add(batch));
    let kept: Vec<Planned> = plan.iter().map(|line| Planned { row: serde_json::Value::Null, ..line.clone() }).collect();
    Ok(Work {
        sheet: looked.row.id,
        kind: looked.row.kind,
        plan: if from == 0 { Some(serde_json::to_string(&kept).map_err(Error::internal)?) } else { None },
        revision,
        rows: plan[from..to].to_vec(),
        from,
        total: plan.len(),
        // As they were looked at: a line that is written by now says no more than that it is there.
        counts: Counts::of(&looked.plan[..to.min(looked.plan.len())]),
    })
}

pub async fn apply(Path((_, kind, id)): Path<(String, String, String)>, submitted: Submitted<ApplyForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let kind = kind_of(desk, &kind)?;
    let id: SheetId = id.parse().map_err(|_| Error::not_found())?;
    let batch = kind.about().batch;
    let back = format!("/imports/{}/{id}", kind.about().kind);
    if submitted.replayed.is_some() {
        return Ok(desk.done("done-sheet-applied", &back));
    }
    let outcome = async {
        let looked = look(desk, &*kind, id).await?;
        if looked.row.state == SheetState::Applying {
            // Something ended it in the middle: on from there, with what its lines say now.
            let plan = kind.plan(desk, &looked.received).await?;
            let from = usize::try_from(looked.row.done).unwrap_or(0);
            ensure(from < plan.len(), received::DONE)?;
            let fresh = kind.apply(desk, submitted.pass.clone(), work(&looked, &plan, from, batch, None)?).await?;
            return Ok((fresh, plan.len() > from.saturating_add(batch)));
        }
        ensure(looked.row.state == SheetState::Received, received::DONE)?;
        let changes = looked.plan.iter().any(Planned::changes);
        ensure(changes && digest(&looked.plan)? == form.digest, STALE)?;
        let whole = looked.plan.len() <= batch;
        let revision = whole.then_some(desk.tenant.revision);
        let fresh = kind.apply(desk, submitted.pass.clone(), work(&looked, &looked.plan, 0, batch, revision)?).await?;
        Ok::<_, Error>((fresh, !whole))
    };
    match outcome.await {
        Ok((fresh, _)) if !fresh.is_empty() => show_one(desk, &*kind, id, &Asked::default(), None, fresh).await,
        Ok((_, more)) => {
            if more {
                go_on(desk.clone(), kind.about().kind, id);
                return Ok(desk.done("done-import-begun", &back));
            }
            Ok(desk.done("done-sheet-applied", &back))
        }
        Err(error) if mendable(&error) => show_one(desk, &*kind, id, &Asked::default(), Some(error), Vec::new()).await,
        Err(error) => Err(error.into()),
    }
}

/// Writes the batches that are left, one after another, beside the requests. What stops it leaves a whole number of batches
/// done; the page then offers to go on.
fn go_on(desk: Desk, kind: SheetKind, id: SheetId) {
    tokio::spawn(async move {
        if let Err(error) = rest(&desk, kind, id).await {
            tracing::warn!(%error, sheet = %id, "an import stopped before its end");
        }
    });
}

async fn rest(desk: &Desk, kind: SheetKind, id: SheetId) -> Result<()> {
    let kinds = desk.app.get::<Kinds>();
    let kind = kinds.find(kind).ok_or_else(Error::not_found)?;
    let looked = look(desk, &*kind, id).await?;
    let plan = kind.plan(desk, &looked.received).await?;
    let mut from = usize::try_from(looked.row.done).unwrap_or(0);
    while from < plan.len() {
        let work = work(&looked, &plan, from, kind.about().batch, None)?;
        from += work.rows.len();
        kind.apply(desk, desk.own_pass(), work).await?;
    }
    Ok(())
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UndoForm {}

pub async fn undo(Path((_, kind, id)): Path<(String, String, String)>, submitted: Submitted<UndoForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let kind = kind_of(desk, &kind)?;
    let id: SheetId = id.parse().map_err(|_| Error::not_found())?;
    seen(desk, &*kind, id).await?;
    match kind.undo(desk, submitted.pass.clone(), id).await {
        Ok(()) => Ok(desk.done("done-import-undone", &format!("/imports/{}/{id}", kind.about().kind))),
        Err(error) if mendable(&error) => {
            let error = depends_in_words(desk.page("imports-title").w, error);
            show_one(desk, &*kind, id, &Asked::default(), Some(error), Vec::new()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What stands against an undoing, in the reader's words.
fn depends_in_words(w: Words, error: Error) -> Error {
    let Some(what) = error.args().get("what").cloned() else { return error };
    let key = format!("depends-{what}");
    let words = w.t(if w.has(&key) { &key } else { "depends-other" }).into_owned();
    error.arg("what", words)
}
