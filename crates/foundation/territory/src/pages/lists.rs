//! Official lists of places: receiving a newer one, looking at what it would change, applying it, and undoing it as a whole.

use super::uploads::Upload;
use super::{Choice, Filled, may_manage, mendable, status_of, titled};
use crate::comparing::{Above, Changed, Gone, Plan};
use crate::directory::Directory;
use crate::import::PlaceFile;
use crate::lists::{self, ApplyList, DEPENDS, ListRow, ListState, PlaceListId, ReceiveList, UndoList};
use crate::place::{Level, PlaceKind};
use crate::verbs::{ManageTerritory, ViewTerritory};
use access::http::{Desk, Submitted};
use axum::extract::Path;
use axum::response::Response;
use kernel::coordinates::Datum;
use kernel::ids::{AccountId, CommandId};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use web::html::render;
use web::{PageContext, Words};

struct ListView {
    href: String,
    received: String,
    by: String,
    state: String,
    applied: String,
}

#[derive(askama::Template)]
#[template(path = "place_lists.html")]
struct ListsPage {
    page: PageContext,
    lists: Vec<ListView>,
    may_manage: bool,
    data: Vec<Choice>,
    form: Filled,
    command: CommandId,
}

pub async fn list(desk: Desk) -> web::Result<Response> {
    show(&desk, Filled::default(), None).await
}

fn state_words(w: Words, row: &ListRow) -> String {
    w.t(&format!("place-list-{}", row.state)).into_owned()
}

async fn show(desk: &Desk, form: Filled, error: Option<Error>) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let page = titled(desk, "place-lists-title");
    let w = page.w;
    let rows = lists::lists(&desk.app.store, desk.actor.tenant).await?;
    let people: Vec<AccountId> = rows.iter().filter_map(|row| row.received_by).collect();
    let names = access::names(&desk.app.store, desk.actor.tenant, people.into_iter()).await?;
    let view = |row: &ListRow| ListView {
        href: page.href(&format!("/places/lists/{}", row.id)),
        received: page.at(&row.received_at),
        by: row.received_by.and_then(|by| names.get(&by).cloned()).unwrap_or_default(),
        state: state_words(w, row),
        applied: row.applied_at.map(|at| page.at(&at)).unwrap_or_default(),
    };
    let datum = |datum: Datum| Choice {
        value: datum.as_str().to_owned(),
        label: w.t(&format!("datum-{}", datum.as_str())).into_owned(),
        on: datum.as_str() == form.v("datum"),
    };
    let status = status_of(&form, error.as_ref());
    let template = ListsPage {
        lists: rows.iter().map(view).collect(),
        may_manage: may_manage(desk),
        data: Datum::ALL.into_iter().map(datum).collect(),
        form,
        command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status, &template))
}

#[derive(Debug, Clone, Default, Serialize)]
struct DatumForm {
    datum: String,
}

pub async fn receive(upload: Upload) -> web::Result<Response> {
    let desk = &upload.desk;
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let at_file = |error: Error| if mendable(&error) { crate::fields::at_field("places_file", error) } else { error };
    let outcome = async {
        let datum = Datum::parse(upload.field("datum")).unwrap_or(Datum::Cgcs2000);
        let file = PlaceFile::read(&upload.file)?.in_datum(datum);
        desk.app.store.run(upload.pass.clone(), ReceiveList { by, file }).await
    };
    match outcome.await.map_err(at_file) {
        Ok(made) => Ok(desk.done("done-place-list-received", &format!("/places/lists/{}", made.out))),
        Err(error) if mendable(&error) => {
            let typed = DatumForm { datum: upload.field("datum").to_owned() };
            let filled = Filled::again(titled(desk, "place-lists-title").w, &typed, &error);
            show(desk, filled, Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}

struct ChangedView {
    href: String,
    name: String,
    level: String,
    turns: Vec<String>,
}

struct NewView {
    code: String,
    name: String,
    level: String,
    above: String,
}

struct GoneView {
    href: String,
    code: String,
    name: String,
    level: String,
}

struct NoteView {
    line: u64,
    text: String,
    words: String,
}

#[derive(askama::Template)]
#[template(path = "place_list.html")]
struct ListPage {
    page: PageContext,
    id: PlaceListId,
    state: String,
    received: String,
    /// Label and count, in the order that they are shown.
    counts: Vec<(String, usize)>,
    changed: Vec<ChangedView>,
    new: Vec<NewView>,
    gone: Vec<GoneView>,
    kept: Vec<GoneView>,
    rejected: Vec<NoteView>,
    /// Not all of a table are shown.
    cut: bool,
    nothing: bool,
    may_apply: bool,
    may_undo: bool,
    digest: String,
    error: String,
    commands: [CommandId; 2],
}

/// How many rows of each table a page shows; all are counted.
const MOST: usize = 300;

pub async fn one(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    show_one(&desk, id.parse().map_err(|_| Error::not_found())?, None).await
}

async fn show_one(desk: &Desk, id: PlaceListId, error: Option<Error>) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let (row, plan) = lists::list(&desk.app.store, desk.actor.tenant, id).await?;
    let directory = crate::directory_of(desk).await?;
    let page = titled(desk, "place-list-title");
    let w = page.w;
    let place = |id: kernel::ids::PlaceId| page.href(&format!("/places?at={id}"));
    let gone = |gone: &Gone| GoneView {
        href: place(gone.place),
        code: gone.code.clone(),
        name: gone.name.clone(),
        level: level_words(w, gone.level),
    };
    let changed = |change: &Changed| ChangedView {
        href: place(change.place),
        name: change.name_now.clone(),
        level: level_words(w, change.level),
        turns: turns(w, &directory, &plan, change),
    };
    let new = |new: &crate::comparing::New| NewView {
        code: new.place.code.as_str().to_owned(),
        name: new.place.name.clone(),
        level: new.place.kind.map_or_else(|| level_words(w, new.level), |kind| kind_words(w, Some(kind))),
        above: above_words(&directory, &plan, &new.above),
    };
    let Plan { changed: all_changed, new: all_new, gone: all_gone, kept, rejected, unchanged } = &plan;
    let lengths = [("changed", all_changed.len()), ("new", all_new.len()), ("gone", all_gone.len()), ("kept", kept.len())];
    let mut counts: Vec<(String, usize)> =
        lengths.iter().map(|(name, count)| (w.t(&format!("place-list-{name}")).into_owned(), *count)).collect();
    counts.push((w.t("import-unchanged").into_owned(), usize::try_from(*unchanged).unwrap_or(usize::MAX)));
    counts.push((w.t("import-rejected").into_owned(), rejected.len()));
    let status = error.as_ref().map_or(200, |error| error.kind().status());
    let template = ListPage {
        id,
        state: state_words(w, &row),
        received: page.at(&row.received_at),
        cut: lengths.iter().any(|(_, count)| *count > MOST) || rejected.len() > MOST,
        counts,
        changed: all_changed.iter().take(MOST).map(changed).collect(),
        new: all_new.iter().take(MOST).map(new).collect(),
        gone: all_gone.iter().take(MOST).map(gone).collect(),
        kept: kept.iter().take(MOST).map(gone).collect(),
        rejected: rejected
            .iter()
            .take(MOST)
            .map(|note| NoteView { line: note.line, text: note.text.clone(), words: w.error(&note.code, &Default::default()).into_owned() })
            .collect(),
        nothing: plan.is_empty(),
        may_apply: may_manage(desk) && row.state == ListState::Received && !plan.is_empty(),
        may_undo: may_manage(desk) && row.state == ListState::Applied,
        digest: plan.digest()?,
        error: error.map(|error| refusal(w, &error)).unwrap_or_default(),
        commands: std::array::from_fn(|_| desk.app.world.new_id()),
        page,
    };
    Ok(render(axum::http::StatusCode::from_u16(status).unwrap_or_default(), &template))
}

/// Why it was not applied or undone; what depends on a place is named in words.
fn refusal(w: Words, error: &Error) -> String {
    let mut args = error.args().clone();
    if error.is(DEPENDS)
        && let Some(what) = args.get_mut("what")
    {
        let key = format!("depends-{what}");
        *what = w.t(if w.has(&key) { &key } else { "depends-other" }).into_owned();
    }
    w.error(error.code(), &args).into_owned()
}

fn level_words(w: Words, level: Level) -> String {
    w.t(&format!("level-{level}")).into_owned()
}

fn kind_words(w: Words, kind: Option<PlaceKind>) -> String {
    match kind {
        Some(kind) => w.t(&format!("place-kind-{kind}")).into_owned(),
        None => w.t("place-list-none").into_owned(),
    }
}

fn above_words(directory: &Directory, plan: &Plan, above: &Above) -> String {
    match above {
        Above::Known(id) => directory.place(*id).map(|place| place.name.clone()).unwrap_or_default(),
        Above::New(code) => {
            let named = plan.new.iter().find(|new| new.place.code.as_str() == code);
            named.map(|new| new.place.name.clone()).unwrap_or_else(|| code.clone())
        }
    }
}

/// What changes at a place, one after another: `代码 370211100000 → 370211014000`.
fn turns(w: Words, directory: &Directory, plan: &Plan, change: &Changed) -> Vec<String> {
    let none = || w.t("place-list-none").into_owned();
    let turn = |key: &str, was: String, is: String| {
        let what = w.t(key).into_owned();
        let was = if was.is_empty() { none() } else { was };
        w.with("place-list-turn", &[("what", what), ("was", was), ("is", is)]).into_owned()
    };
    let mut turns = Vec::new();
    if let Some((was, is)) = &change.code {
        turns.push(turn("place-code", was.clone(), is.clone()));
    }
    if let Some((was, is)) = &change.name {
        turns.push(turn("place-name", was.clone(), is.clone()));
    }
    if let Some((was, is)) = change.kind {
        turns.push(turn("place-list-kind", kind_words(w, was), kind_words(w, is)));
    }
    if let Some((was, is)) = &change.urban_rural {
        let words = |it: &Option<String>| it.as_ref().map(|it| w.t(&format!("urban-rural-{it}")).into_owned()).unwrap_or_default();
        turns.push(turn("place-urban-rural", words(was), words(is)));
    }
    if let Some((was, is)) = &change.parent {
        turns.push(turn("place-parent", above_words(directory, plan, was), above_words(directory, plan, is)));
    }
    turns
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
    let list: PlaceListId = id.parse().map_err(|_| Error::not_found())?;
    let outcome: Result<_> = desk.app.store.run(submitted.pass.clone(), ApplyList { by, list, digest: form.digest.clone() }).await;
    match outcome {
        Ok(_) => Ok(desk.done("done-place-list-applied", &format!("/places/lists/{list}"))),
        Err(error) if mendable(&error) => show_one(desk, list, Some(error)).await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UndoForm {}

pub async fn undo(Path((_, id)): Path<(String, String)>, submitted: Submitted<UndoForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let list: PlaceListId = id.parse().map_err(|_| Error::not_found())?;
    match desk.app.store.run(submitted.pass.clone(), UndoList { by, list }).await {
        Ok(_) => Ok(desk.done("done-place-list-undone", &format!("/places/lists/{list}"))),
        Err(error) if mendable(&error) => show_one(desk, list, Some(error)).await,
        Err(error) => Err(error.into()),
    }
}
