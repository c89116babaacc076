//! The pages of schemes: what holds and what is drafted; one scheme with what its table says and what deserves a look; its table to
//! be edited on screen; and as a workbook, out and in.

use crate::evaluation_page::inside;
use crate::evidence;
use crate::facts::SchemeAdopted;
use crate::samples;
use crate::scheme::{self, Adopt, Draft, Drop, MAX_NAME, Ranked, SchemeId, SchemeState, Version};
use crate::scheme_file::{self, ORDER, Places};
use crate::terms::{Tellers, lexicon};
use crate::verbs::{AdoptScheme, DraftScheme, ReadEvaluation, ReadScheme};
use access::http::{Desk, Submitted};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::civil::Date;
use kernel::ids::{AccountId, CommandId};
use kernel::{Code, Error, Kind, Result, ensure};
use rules::{Cell, Part, Problem, Sheet, Where};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Fact;
use store::attachments::Size;
use territory::Directory;
use territory::pages::uploads::Upload;
use territory::sheets::workbook;
use web::forms::{Choice, Filled};
use web::html::render;
use web::language::Lang;
use web::parts::{LampView, PhotoView};
use web::{PageContext, Words};

/// A scheme or a meeting has no name.
pub const NAME_NEEDED: Code = Code::invalid("scheme.name_needed");
/// A name is longer than its field.
pub const NAME_TOO_LONG: Code = Code::invalid("scheme.name_too_long");
/// Nobody chose what is ranked.
pub const RANKED_NEEDED: Code = Code::invalid("scheme.ranked_needed");
/// The table cannot be read; what is wrong stands beside it.
pub const WRONG: Code = Code::invalid("scheme.wrong");
/// A month is written `YYYY-MM`.
pub const MONTH_NEEDED: Code = Code::invalid("scheme.month_needed");
pub const DAY_NEEDED: Code = Code::invalid("scheme.day_needed");

/// Problems shown at once.
const MOST_PROBLEMS: usize = 50;
/// Characters of a cell that is not broken into lines.
const MOST_SHORT: usize = 10;

pub(crate) struct Room {
    directory: Arc<Directory>,
    vocabulary: rules::Vocabulary,
    lang: Lang,
}

impl Room {
    pub(crate) async fn of(desk: &Desk) -> Result<Room> {
        let directory = territory::directory_of(desk).await?;
        Ok(Room { directory, vocabulary: desk.app.get::<Tellers>().vocabulary(), lang: desk.visit.lang })
    }
    pub(crate) fn sheet(&self, scheme: &rules::Scheme) -> Sheet {
        scheme.to_sheet(&self.vocabulary, &lexicon(&self.vocabulary, &self.directory, self.lang))
    }
    pub(crate) fn understood(&self, sheet: &Sheet) -> Result<rules::Reading, Vec<Problem>> {
        scheme_file::understood(sheet, &self.vocabulary, &self.directory, self.lang)
    }
    pub(crate) fn vocabulary(&self) -> &rules::Vocabulary {
        &self.vocabulary
    }
    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }
    /// A value of a column as people call it: categories and classes by their names. `None` is what is not known.
    pub(crate) fn value(&self, w: Words, column: &str, value: Option<&rules::Value>) -> Option<String> {
        let value = value?;
        let rules::Value::Code(code) = value else { return Some(crate::terms::value_words(w, column, Some(value))) };
        let named = self.directory.categories().find_map(|category| {
            let known = category.code();
            match column {
                "category" => (known.to_string() == *code).then(|| category.name.clone()),
                "class" => (format!("{}-{}", known.kind, known.class) == *code).then(|| category.class_name.clone()),
                _ => None,
            }
        });
        Some(named.unwrap_or_else(|| crate::terms::value_words(w, column, Some(value))))
    }
    /// This month in the tenant.
    pub(crate) fn month(&self, desk: &Desk) -> Result<String> {
        Ok(self.directory.date_of(desk.app.world.now())?.strftime("%Y-%m").to_string())
    }
}

/// One problem in words, and where it is.
pub(crate) struct ProblemView {
    /// The part, the line and the column: or the cell, of a file.
    pub at: String,
    pub words: String,
    pub error: bool,
}

pub(crate) fn problem_view(w: Words, problem: &Problem, places: Option<(&Places, &Sheet)>) -> ProblemView {
    let named = |at: Where| {
        let cell = places.and_then(|(places, sheet)| places.cell(at, sheet.parts.get(&at.part)));
        let part = scheme_file::part_name(w, at.part);
        match cell {
            Some(cell) => w.a2("scheme-at-cell", "part", part, "cell", cell).into_owned(),
            None => {
                let title = scheme_file::title(w, at.cell);
                w.with("scheme-at", &[("part", part), ("line", (at.row + 1).to_string()), ("column", title)]).into_owned()
            }
        }
    };
    let mut args: Vec<(&'static str, String)> = problem.args.iter().map(|(name, value)| (*name, value.clone())).collect();
    if let Some((_, kind)) = args.iter_mut().find(|(name, _)| *name == "kind") {
        *kind = crate::terms::kind_name(w, kind);
    }
    let mut words = w.with(&format!("fault-{}", problem.fault), &args).into_owned();
    if !problem.others.is_empty() {
        let others = problem.others.iter().take(5).map(|at| named(*at)).collect::<Vec<_>>().join(&w.t("comma"));
        words = format!("{words} {}", w.a("scheme-see-too", "others", others));
    }
    if !problem.example.is_empty() {
        let value = |(column, value): &(String, Option<rules::Value>)| {
            format!("{} = {}", w.t(&format!("told-column-{column}")), crate::terms::value_words(w, column, value.as_ref()))
        };
        let example = problem.example.iter().map(value).collect::<Vec<_>>().join(&w.t("comma"));
        words = format!("{words} {}", w.a("scheme-example", "example", example));
    }
    ProblemView { at: named(problem.at), words, error: problem.fault.is_error() }
}

pub(crate) fn problem_views(w: Words, problems: &[Problem], places: Option<(&Places, &Sheet)>) -> Vec<ProblemView> {
    problems.iter().take(MOST_PROBLEMS).map(|problem| problem_view(w, problem, places)).collect()
}

fn lamp(w: Words, state: SchemeState, in_force: bool) -> LampView {
    let (kind, key) = match state {
        SchemeState::Adopted if in_force => ("g", "scheme-in-force"),
        SchemeState::Adopted => ("n", "scheme-state-adopted"),
        SchemeState::Draft => ("y", "scheme-state-draft"),
        SchemeState::Dropped => ("n", "scheme-state-dropped"),
    };
    LampView { kind, text: w.t(key).into_owned() }
}

struct LineView {
    href: String,
    name: String,
    lamp: LampView,
    from: String,
    by: String,
}

struct RankedView {
    title: String,
    lines: Vec<LineView>,
    /// The kind that a sample is shipped of.
    sample: String,
    command: CommandId,
}

#[derive(askama::Template)]
#[template(path = "schemes.html")]
struct SchemesPage {
    page: PageContext,
    ranked: Vec<RankedView>,
    drafts: Vec<LineView>,
    choices: Vec<Choice>,
    problems: Vec<ProblemView>,
    more: usize,
    may_draft: bool,
    form: Filled,
    command: CommandId,
}

fn line(page: &PageContext, version: &Version, in_force: bool, names: &BTreeMap<AccountId, String>) -> LineView {
    let name = |who: Option<AccountId>| who.and_then(|who| names.get(&who).cloned()).unwrap_or_default();
    LineView {
        href: page.href(&format!("/schemes/{}", version.id)),
        name: version.name.clone(),
        lamp: lamp(page.w, version.state, in_force),
        from: version.from_month.clone().unwrap_or_else(|| page.at(&version.drafted_at)),
        by: name(version.adopted_by.or(version.drafted_by)),
    }
}

/// The drafts, for those who make evaluations.
pub(crate) async fn drafts(desk: &Desk) -> Result<Vec<Version>> {
    if inside(desk) { scheme::drafts(&desk.app.store, desk.actor.tenant).await } else { Ok(Vec::new()) }
}

/// Which of those adopted for one kind, the latest first, is in force in a month.
pub(crate) fn now_of(versions: &[Version], month: &str) -> Option<SchemeId> {
    versions.iter().find(|version| version.from_month.as_deref().is_some_and(|from| from <= month)).map(|version| version.id)
}

pub async fn list(desk: Desk) -> web::Result<Response> {
    show_list(&desk, Filled::default(), None, Vec::new()).await
}

async fn show_list(desk: &Desk, form: Filled, error: Option<&Error>, problems: Vec<ProblemView>) -> web::Result<Response> {
    desk.actor.permit_some::<ReadScheme>()?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let page = desk.page("schemes-title");
    let room = Room::of(desk).await?;
    let month = room.month(desk)?;
    let may_draft = desk.actor.can::<DraftScheme>(&tenant);
    let drafts = drafts(desk).await?;
    let mut adopted = Vec::new();
    for ranked in Ranked::ALL {
        adopted.push((*ranked, scheme::adopted(store, tenant, *ranked).await?));
    }
    let mut people: Vec<AccountId> = Vec::new();
    for version in adopted.iter().map(|(_, versions)| versions).chain([&drafts]).flatten() {
        people.extend(version.adopted_by.or(version.drafted_by));
    }
    let names = access::names(store, tenant, people.into_iter()).await?;
    let view = |(ranked, versions): (Ranked, Vec<Version>)| {
        let now = now_of(&versions, &month);
        RankedView {
            title: page.w.t(&format!("ranked-{ranked}")).into_owned(),
            lines: versions.iter().map(|version| line(&page, version, Some(version.id) == now, &names)).collect(),
            sample: if may_draft && samples::has(ranked) { ranked.to_string() } else { String::new() },
            command: desk.app.world.new_id(),
        }
    };
    let chosen = form.v("ranked").to_owned();
    let template = SchemesPage {
        drafts: drafts.iter().map(|version| line(&page, version, false, &names)).collect(),
        choices: Ranked::ALL
            .iter()
            .map(|ranked| Choice {
                value: ranked.to_string(),
                label: page.w.t(&format!("ranked-{ranked}")).into_owned(),
                on: ranked.as_str() == chosen,
            })
            .collect(),
        more: problems.len().saturating_sub(MOST_PROBLEMS),
        problems,
        ranked: adopted.into_iter().map(view).collect(),
        may_draft,
        form,
        command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status_of(error), &template))
}

pub(crate) fn status_of(error: Option<&Error>) -> StatusCode {
    error.map_or(StatusCode::OK, |error| StatusCode::from_u16(error.kind().status()).unwrap_or_default())
}

pub(crate) fn mendable(error: &Error) -> bool {
    matches!(error.kind(), Kind::Invalid | Kind::Conflict)
}

/// A name that must be there. Errors: at `field`.
pub(crate) fn named(text: &str, field: &str) -> Result<String> {
    let text = text.trim();
    ensure(!text.is_empty(), Error::field(field, NAME_NEEDED))?;
    ensure(text.chars().count() <= MAX_NAME, Error::field(field, NAME_TOO_LONG).arg("max", MAX_NAME))?;
    Ok(text.to_owned())
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewForm {
    pub name: String,
    pub ranked: String,
}

/// A workbook becomes a draft, or says cell by cell why not.
pub async fn receive(upload: Upload) -> web::Result<Response> {
    let desk = &upload.desk;
    let by = desk.actor.permit::<DraftScheme>(&desk.actor.tenant)?;
    let form = NewForm { name: upload.field("name").to_owned(), ranked: upload.field("ranked").to_owned() };
    let room = Room::of(desk).await?;
    let w = desk.page("schemes-title").w;
    let mut problems = Vec::new();
    let outcome = async {
        let name = named(&form.name, "name")?;
        let ranked: Ranked = form.ranked.parse().map_err(|_| Error::field("ranked", RANKED_NEEDED))?;
        let (sheet, places) = async {
            let tables = territory::sheets::read_apart(upload.file.clone()).await?;
            scheme_file::read(&tables)
        }
        .await
        .map_err(|error| if mendable(&error) { territory::fields::at_field("sheet", error) } else { error })?;
        let reading = room.understood(&sheet).map_err(|found| {
            problems = problem_views(w, &found, Some((&places, &sheet)));
            Error::field("sheet", WRONG)
        })?;
        let draft = Draft { by, of: None, ranked, name, scheme: reading.scheme };
        Ok::<_, Error>(desk.app.store.run(upload.pass.clone(), draft).await?.out)
    };
    match outcome.await {
        Ok(id) => Ok(desk.done("done-scheme-drafted", &format!("/schemes/{id}"))),
        Err(error) if mendable(&error) => show_list(desk, Filled::again(w, &form, &error), Some(&error), problems).await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SampleForm {
    pub ranked: String,
}

/// A draft that begins as the sample.
pub async fn from_sample(submitted: Submitted<SampleForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let by = desk.actor.permit::<DraftScheme>(&desk.actor.tenant)?;
    let room = Room::of(desk).await?;
    let outcome = async {
        let ranked: Ranked = submitted.form.ranked.parse().map_err(|_| Error::field("ranked", RANKED_NEEDED))?;
        let sheet = samples::sheet(ranked)?.ok_or_else(|| Error::field("ranked", RANKED_NEEDED))?;
        let reading = room.understood(&sheet).map_err(|problems| Error::internal(format!("a sample: {problems:?}")))?;
        let w = desk.page("schemes-title").w;
        let name = w.a("scheme-sample-name", "ranked", w.t(&format!("ranked-{ranked}"))).into_owned();
        let draft = Draft { by, of: None, ranked, name, scheme: reading.scheme };
        Ok::<_, Error>(desk.app.store.run(submitted.pass.clone(), draft).await?.out)
    };
    match outcome.await {
        Ok(id) => Ok(desk.done("done-scheme-drafted", &format!("/schemes/{id}"))),
        Err(error) if mendable(&error) => {
            let w = desk.page("schemes-title").w;
            show_list(desk, Filled::again(w, &submitted.form, &error), Some(&error), Vec::new()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// A table of a scheme for reading.
pub(crate) struct GridView {
    pub title: String,
    pub heads: Vec<String>,
    pub lines: Vec<Vec<CellView>>,
}

pub(crate) struct CellView {
    head: String,
    pub text: String,
    /// Few enough characters to stay on one line.
    short: bool,
    /// How many lines it stands beside; none where the one above does, and where lines are cards it is said again.
    rows: usize,
}

pub(crate) fn grid_views(w: Words, scheme: &rules::Scheme, sheet: &Sheet) -> Vec<GridView> {
    // A rate is written by its code, and read by its name.
    let told = |cell: Cell, text: &str| match scheme.rates.iter().find(|rate| cell == Cell::Applies && rate.code == text) {
        Some(rate) => format!("{text} {}", rate.name),
        None => text.to_owned(),
    };
    let parts = ORDER.into_iter().filter_map(|part| Some((part, sheet.parts.get(&part)?)));
    parts
        .filter(|(_, grid)| !grid.lines.is_empty())
        .map(|(part, grid)| {
            // A column that nobody filled says nothing.
            let filled = |nth: usize| grid.lines.iter().any(|line| line.get(nth).is_some_and(|text| !text.is_empty()));
            let shown: Vec<usize> = (0..grid.columns.len()).filter(|nth| filled(*nth)).collect();
            let heads: Vec<String> = shown.iter().map(|nth| scheme_file::title(w, grid.columns[*nth])).collect();
            let first = |at: usize| grid.lines.get(at).and_then(|line| line.first());
            let lines = grid.lines.iter().enumerate().map(|(at, line)| {
                let cell = |(at_head, nth): (usize, &usize)| {
                    let nth = *nth;
                    let text = &line[nth];
                    let merged = part == Part::Row && nth == 0;
                    let below = (at..grid.lines.len()).take_while(|other| first(*other) == Some(text)).count();
                    let above = merged && at > 0 && first(at - 1) == Some(text);
                    CellView {
                        head: heads[at_head].clone(),
                        short: text.chars().count() <= MOST_SHORT,
                        text: told(grid.columns[nth], text),
                        rows: if above {
                            0
                        } else if merged {
                            below
                        } else {
                            1
                        },
                    }
                };
                shown.iter().enumerate().map(cell).collect()
            });
            GridView { title: scheme_file::part_name(w, part), lines: lines.collect(), heads: heads.clone() }
        })
        .collect()
}

#[derive(askama::Template)]
#[template(path = "scheme.html")]
struct SchemePage {
    page: PageContext,
    href: String,
    name: String,
    ranked: String,
    lamp: LampView,
    drafted: String,
    drafted_by: String,
    adopted: String,
    adopted_by: String,
    from: String,
    number: String,
    meeting: String,
    /// Pictures of the paper that adopted it.
    document: Vec<PhotoView>,
    /// Those that the form has brought already.
    photos: Vec<PhotoView>,
    hash: String,
    grids: Vec<GridView>,
    problems: Vec<ProblemView>,
    may_draft: bool,
    may_edit: bool,
    may_adopt: bool,
    may_try: bool,
    own: bool,
    form: Filled,
    version: i64,
    command: CommandId,
    drop_command: CommandId,
}

fn id_of(text: &str) -> Result<SchemeId> {
    text.parse().map_err(|_| Error::not_found())
}

/// The scheme, if the actor may see it: drafts are for those who make evaluations. Errors: 404.
pub(crate) async fn seen(desk: &Desk, id: &str) -> Result<Version> {
    desk.actor.permit_some::<ReadScheme>()?;
    let version = scheme::find(&desk.app.store, desk.actor.tenant, id_of(id)?).await?;
    ensure(version.state == SchemeState::Adopted || inside(desk), Error::not_found())?;
    Ok(version)
}

pub async fn one(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let version = seen(&desk, &id).await?;
    show(&desk, version, Filled::default(), &[], None).await
}

/// A picture of the paper that adopted it, for whoever sees the scheme.
pub async fn photo(desk: Desk, Path((_, id, photo)): Path<(String, String, String)>, headers: HeaderMap) -> web::Result<Response> {
    let version = seen(&desk, &id).await?;
    evidence::serve(&desk, SchemeAdopted::SUBJECT, version.id.0, &photo, Size::Full, &headers).await
}

pub async fn thumb(desk: Desk, Path((_, id, photo)): Path<(String, String, String)>, headers: HeaderMap) -> web::Result<Response> {
    let version = seen(&desk, &id).await?;
    evidence::serve(&desk, SchemeAdopted::SUBJECT, version.id.0, &photo, Size::Thumb, &headers).await
}

/// The scheme; `photos` are those that a form which comes back has brought.
async fn show(desk: &Desk, version: Version, form: Filled, photos: &[String], error: Option<&Error>) -> web::Result<Response> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut page = desk.page("schemes-title");
    page.title.clone_from(&version.name);
    let w = page.w;
    let room = Room::of(desk).await?;
    let month = room.month(desk)?;
    let scheme = scheme::table(store, tenant, version.id).await?;
    let sheet = room.sheet(&scheme);
    let problems = match scheme.compile(&room.vocabulary) {
        Ok(table) => table.lint(),
        Err(problems) => problems,
    };
    let names = access::names(store, tenant, [version.drafted_by, version.adopted_by].into_iter().flatten()).await?;
    let name = |who: Option<AccountId>| who.and_then(|who| names.get(&who).cloned()).unwrap_or_default();
    let in_force = scheme::in_force(store, tenant, version.ranked, &month).await?.is_some_and(|now| now.id == version.id);
    let draft = version.state == SchemeState::Draft;
    let may_draft = desk.actor.can::<DraftScheme>(&tenant);
    let met_on = version.met_on.clone().unwrap_or_default();
    let bound = store::attachments::of_subject(store, tenant, SchemeAdopted::SUBJECT, version.id.0).await?;
    let document = bound.iter().map(|one| evidence::view(&page, one, &format!("/schemes/{}/photos/{}", version.id, one.id)));
    let template = SchemePage {
        document: document.collect(),
        photos: evidence::drafts(desk, &page, photos).await?,
        href: page.href(&format!("/schemes/{}", version.id)),
        name: version.name.clone(),
        ranked: w.t(&format!("ranked-{}", version.ranked)).into_owned(),
        lamp: lamp(w, version.state, in_force),
        drafted: page.at_full(&version.drafted_at),
        drafted_by: name(version.drafted_by),
        adopted: version.adopted_at.as_ref().map(|at| page.at_full(at)).unwrap_or_default(),
        adopted_by: name(version.adopted_by),
        from: version.from_month.clone().unwrap_or_default(),
        number: version.number.map(|number| number.to_string()).unwrap_or_default(),
        meeting: if version.meeting.is_empty() { String::new() } else { format!("{met_on} {}", version.meeting) },
        hash: version.hash.clone(),
        grids: grid_views(w, &scheme, &sheet),
        problems: problem_views(w, &problems, None),
        may_draft,
        may_edit: draft && may_draft,
        may_adopt: draft && desk.actor.can::<AdoptScheme>(&tenant) && !problems.iter().any(|problem| problem.fault.is_error()),
        may_try: draft && desk.actor.can::<ReadEvaluation>(&tenant),
        own: version.drafted_by.is_some() && version.drafted_by == desk.actor.account,
        form: if form.is_again() { form } else { form.with("from_month", month) },
        version: version.version,
        command: desk.app.world.new_id(),
        drop_command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status_of(error), &template))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AdoptForm {
    pub version: String,
    pub from_month: String,
    pub met_on: String,
    pub meeting: String,
    /// Pictures of the paper that says so.
    pub photo: Vec<String>,
}

pub async fn adopt(Path((_, id)): Path<(String, String)>, submitted: Submitted<AdoptForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let version = seen(desk, &id).await?;
    let by = desk.actor.permit::<AdoptScheme>(&desk.actor.tenant)?;
    let room = Room::of(desk).await?;
    let outcome = async {
        ensure(form.version == version.version.to_string(), scheme::STALE)?;
        let table = scheme::table(&desk.app.store, desk.actor.tenant, version.id).await?.compile(&room.vocabulary);
        ensure(table.is_ok_and(|table| !table.lint().iter().any(|problem| problem.fault.is_error())), WRONG)?;
        let month = form.from_month.trim();
        let is_month = month.len() == 7 && format!("{month}-01").parse::<Date>().is_ok_and(|day| (2000..=9000).contains(&day.year()));
        ensure(is_month, Error::field("from_month", MONTH_NEEDED))?;
        let met_on = form.met_on.parse::<Date>().map_err(|_| Error::field("met_on", DAY_NEEDED))?;
        let command = Adopt {
            by,
            scheme: version.clone(),
            from_month: month.to_owned(),
            this_month: room.month(desk)?,
            met_on,
            meeting: named(&form.meeting, "meeting")?,
            document: evidence::ids(&form.photo),
        };
        desk.app.store.run(submitted.pass.clone(), command).await?;
        Ok::<_, Error>(())
    };
    match outcome.await {
        Ok(()) => Ok(desk.done("done-scheme-adopted", &format!("/schemes/{id}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("schemes-title").w, form, &error);
            let now = scheme::find(&desk.app.store, desk.actor.tenant, version.id).await?;
            show(desk, now, filled, &form.photo, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DropForm {
    pub version: String,
}

pub async fn drop_draft(Path((_, id)): Path<(String, String)>, submitted: Submitted<DropForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let version = seen(desk, &id).await?;
    let by = desk.actor.permit::<DraftScheme>(&desk.actor.tenant)?;
    let outcome = async {
        ensure(submitted.form.version == version.version.to_string(), scheme::STALE)?;
        desk.app.store.run(submitted.pass.clone(), Drop { by, scheme: version.clone() }).await?;
        Ok::<_, Error>(())
    };
    match outcome.await {
        Ok(()) => Ok(desk.done("done-scheme-dropped", "/schemes")),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("schemes-title").w, &submitted.form, &error);
            let now = scheme::find(&desk.app.store, desk.actor.tenant, version.id).await?;
            show(desk, now, filled, &[], Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AnewForm {}

/// A draft that begins as this scheme: its next version.
pub async fn anew(Path((_, id)): Path<(String, String)>, submitted: Submitted<AnewForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let version = seen(desk, &id).await?;
    let by = desk.actor.permit::<DraftScheme>(&desk.actor.tenant)?;
    let scheme = scheme::table(&desk.app.store, desk.actor.tenant, version.id).await?;
    let draft = Draft { by, of: None, ranked: version.ranked, name: version.name.clone(), scheme };
    match desk.app.store.run(submitted.pass.clone(), draft).await {
        Ok(made) => Ok(desk.done("done-scheme-drafted", &format!("/schemes/{}", made.out))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("schemes-title").w, &submitted.form, &error);
            show(desk, version, filled, &[], Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The scheme as a workbook that can be brought in again.
pub async fn workbook_of(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let version = seen(&desk, &id).await?;
    let page = desk.page("schemes-title");
    let room = Room::of(&desk).await?;
    let scheme = scheme::table(&desk.app.store, desk.actor.tenant, version.id).await?;
    let bytes = scheme_file::write(&room.sheet(&scheme), page.w, desk.app.world.now(), &page.zone)?;
    Ok(workbook::download(&version.name, bytes))
}
