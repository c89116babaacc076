//! The pages of difficult matters: the list, a new one, and one matter with its cases, its history and its end.

use crate::case_forms::Choice;
use crate::case_page::StepView;
use crate::case_steps::{MAX_TITLE, STEP_OFF, WORDS_TOO_LONG, field_error, words as checked};
use crate::days::Part;
use crate::matters::{self, End, Filter, Matter, MatterList, MatterOrigin, MatterState, Note, Of, Open, PARTS, TITLE_NEEDED};
use crate::office::Office;
use crate::report_page::{PlaceGroup, place_groups};
use crate::steps::Step;
use crate::summary::name;
use crate::verbs::{HandleMatter, ListMatters, TakeRegister};
use crate::views::{LineView, line_of};
use crate::worklist::{NONE, as_query, day_range};
use access::Permit;
use access::http::{Desk, Submitted};
use access::permit::Reach;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::ids::{CommandId, PlaceId, Uuid};
use kernel::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use web::PageContext;
use web::forms::Filled;
use web::html::render;
use web::parts::{LampView, PhotoView};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// A [`MatterList`]; the open ones where it is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub list: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub state: String,
    /// An id, or [`NONE`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub community: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub compound: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub category: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub after: String,
}

impl Asked {
    /// Narrowed to one part.
    #[must_use]
    pub fn within(&self, part: Part, of: Of) -> Asked {
        let (of, mut asked) = (of.written(), self.clone());
        match part {
            Part::Community => asked.community = of,
            Part::Compound => asked.compound = of,
            Part::Unit => asked.unit = of,
            Part::Category => asked.category = of,
            Part::All | Part::Source | Part::Slot => {}
        }
        asked
    }
    pub fn filter(&self, office: &Office) -> Filter {
        let (from, to) = day_range(office.hours.zone(), &self.from, &self.to);
        let of = |text: &str| if text == NONE { Some(Of::Nothing) } else { Uuid::try_parse(text).ok().map(Of::One) };
        let narrowed = PARTS.into_iter().zip([&self.community, &self.compound, &self.unit, &self.category]);
        Filter {
            list: self.list.parse().ok(),
            state: self.state.parse().ok(),
            from,
            to,
            of: narrowed.filter_map(|(part, text)| Some((part, of(text)?))).collect(),
            kin: Uuid::try_parse(&self.category).map(|id| office.directory.kin(id)).unwrap_or_default(),
            after: (!self.after.is_empty()).then(|| self.after.clone()),
        }
    }
    pub fn query_string(&self) -> String {
        as_query(&serde_json::to_value(self).unwrap_or_default())
    }
    /// What the list is narrowed to, in words.
    pub fn said(&self, page: &PageContext, office: &Office) -> Vec<String> {
        let filter = self.filter(office);
        let mut said = vec![page.w.t(&format!("matter-list-{}", filter.list())).into_owned()];
        said.extend(filter.state.map(|state| page.w.t(&format!("matter-state-{state}")).into_owned()));
        said.extend(filter.of.iter().map(|(part, of)| name_of(page.w, office, *part, *of)));
        if filter.list() != MatterList::Open && (filter.from.is_some() || filter.to.is_some()) {
            said.push(page.w.a2("filter-period", "from", self.from.clone(), "to", self.to.clone()).into_owned());
        }
        said
    }
}

/// How what a matter is of is called.
pub fn name_of(w: web::Words, office: &Office, part: Part, of: Of) -> String {
    match of {
        Of::One(id) => name(w, office, part, &id.to_string()),
        Of::Nothing => w.t("matter-of-nothing").into_owned(),
    }
}

struct LineOf {
    number: i64,
    href: String,
    title: String,
    origin: String,
    lamp: LampView,
    at: String,
}

#[derive(askama::Template)]
#[template(path = "matters.html")]
struct MattersPage {
    page: PageContext,
    lines: Vec<LineOf>,
    /// The two lists across the top.
    open: bool,
    ended: bool,
    next: String,
    /// The list's query, for who may take it as a register.
    take: Option<String>,
    /// What it is narrowed to; empty for one of the two lists as it is.
    narrowed: String,
    may_open: bool,
    form: Filled,
    origins: Vec<Choice>,
    places: Vec<PlaceGroup>,
    command: CommandId,
}

fn lamp(page: &PageContext, state: MatterState) -> LampView {
    let kind = match state {
        MatterState::Open => "y",
        MatterState::Council => "b",
        MatterState::Settled => "g",
        MatterState::Dropped => "n",
    };
    LampView { kind, text: page.w.t(&format!("matter-state-{state}")).into_owned() }
}

/// That the office has this desk, or that something which began there has still to be brought to its end. Errors: `case.step_off`.
pub(crate) async fn in_use(store: &store::Store, office: &Office, by: &Permit<ListMatters>) -> Result<()> {
    if office.has(Step::PartOfMatter) {
        return Ok(());
    }
    let open = matters::page(store, by.tenant(), &Filter::default(), &by.reach()).await?;
    kernel::ensure(!open.rows.is_empty(), STEP_OFF)
}

pub async fn list(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    show_list(&desk, asked, Filled::default(), None).await
}

async fn show_list(desk: &Desk, asked: Asked, form: Filled, error: Option<&Error>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ListMatters>()?;
    let page = desk.page("matters-title");
    let office = Office::of(desk).await?;
    in_use(&desk.app.store, &office, &by).await?;
    let filter = asked.filter(&office);
    let (open, ended) = (filter.list() == MatterList::Open, filter.list() == MatterList::Ended);
    let paged = matters::page(&desk.app.store, by.tenant(), &filter, &by.reach()).await?;
    let line = |row: &Matter| LineOf {
        number: row.number,
        href: page.href(&format!("/matters/{}", row.number)),
        title: row.title.clone(),
        origin: page.w.t(&format!("matter-origin-{}", row.origin)).into_owned(),
        lamp: lamp(&page, row.state),
        at: page.at(&row.ended_at.filter(|_| ended).unwrap_or(row.opened_at)),
    };
    let whole = Asked { after: String::new(), ..asked.clone() };
    let next =
        paged.next.map(|after| page.href(&format!("/matters{}", Asked { after, ..asked.clone() }.query_string()))).unwrap_or_default();
    let said = asked.said(&page, &office);
    let origin = form.v("origin").to_owned();
    let place = form.v("place").to_owned();
    let may_open = desk.actor.can_some::<HandleMatter>() && office.has(Step::PartOfMatter);
    let template = MattersPage {
        lines: paged.rows.iter().map(line).collect(),
        narrowed: if said.len() > 1 || !(open || ended) { said.join(" · ") } else { String::new() },
        open,
        ended,
        next,
        take: desk.actor.can_some::<TakeRegister>().then(|| whole.query_string()),
        may_open,
        origins: MatterOrigin::ALL
            .iter()
            .filter(|origin| **origin != MatterOrigin::Case)
            .map(|value| Choice {
                on: value.to_string() == origin,
                value: value.to_string(),
                label: page.w.t(&format!("matter-origin-{value}")).into_owned(),
            })
            .collect(),
        places: if may_open {
            place_groups(page.w, &office.directory, &Reach { all: true, ..Reach::default() }, &place)
        } else {
            Vec::new()
        },
        command: desk.app.world.new_id(),
        form,
        page,
    };
    let status = error.and_then(|error| StatusCode::from_u16(error.kind().status()).ok()).unwrap_or(StatusCode::OK);
    Ok(render(status, &template))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenForm {
    pub title: String,
    pub what: String,
    pub origin: String,
    pub place: String,
}

/// A matter's name: needed, of at most [`MAX_TITLE`] characters. Errors: at `field`.
pub fn title(text: &str, field: &str) -> Result<String> {
    let text = text.trim();
    kernel::ensure(!text.is_empty(), Error::field(field, TITLE_NEEDED))?;
    kernel::ensure(text.chars().count() <= MAX_TITLE, field_error(field, WORDS_TOO_LONG, &[("max", MAX_TITLE.to_string())]))?;
    Ok(text.to_owned())
}

pub async fn open(submitted: Submitted<OpenForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit_some::<HandleMatter>()?;
    let office = Office::of(desk).await?;
    kernel::ensure(office.has(Step::PartOfMatter), STEP_OFF)?;
    let outcome = async {
        let command = Open {
            by,
            origin: form.origin.parse().map_err(|_| Error::field("origin", crate::case_steps::REASON_NEEDED))?,
            title: title(&form.title, "title")?,
            what: checked(&form.what, "what", false)?,
            place: form.place.parse::<PlaceId>().ok().and_then(|id| office.directory.place(id)).map(|place| (place.id, place.path.clone())),
            case: None,
        };
        Ok::<_, Error>(desk.app.store.run(submitted.pass.clone(), command).await?.out)
    };
    match outcome.await {
        Ok(number) => Ok(desk.done("done-matter-opened", &format!("/matters/{number}"))),
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            let filled = Filled::again(desk.page("matters-title").w, form, &error);
            show_list(desk, Asked::default(), filled, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(askama::Template)]
#[template(path = "matter.html")]
struct MatterPage {
    page: PageContext,
    href: String,
    number: i64,
    title: String,
    what: String,
    origin: String,
    place: String,
    opened: String,
    lamp: LampView,
    cases: Vec<LineView>,
    steps: Vec<StepView>,
    /// None: a note carries no photos; what cannot be taken any more is shown with them elsewhere.
    photos: Vec<PhotoView>,
    may_handle: bool,
    may_council: bool,
    version: i64,
    form: Filled,
    command: CommandId,
}

pub async fn get(desk: Desk, Path((_, number)): Path<(String, String)>) -> web::Result<Response> {
    let number = number.parse::<i64>().map_err(|_| Error::not_found())?;
    let matter = matters::find(&desk.app.store, &desk.actor, number).await?;
    show(&desk, matter, Filled::default(), None).await
}

async fn show(desk: &Desk, matter: Matter, form: Filled, error: Option<&Error>) -> web::Result<Response> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let office = Office::of(desk).await?;
    let mut page = desk.page("matters-title");
    page.title = page.w.a("matter-number", "number", matter.number).into_owned();
    let facts = store.timeline(tenant, "matter", matter.id.0).await?;
    let words: BTreeMap<Uuid, String> = matters::words(store, tenant, matter.id).await?.into_iter().collect();
    let names = access::names(store, tenant, facts.iter().filter_map(|fact| fact.actor_id)).await?;
    let step = |fact: &store::journal::FactRow| {
        let data: Value = serde_json::from_str(&fact.data).unwrap_or_default();
        let said = data["words"]["id"].as_str().and_then(|id| Uuid::try_parse(id).ok()).and_then(|id| words.get(&id));
        let dropped = data["state"].as_str() == Some("dropped");
        StepView {
            kind: if dropped { "bad" } else { "done" },
            title: page.w.t(&format!("fact-{}", fact.kind.replace('.', "-"))).into_owned(),
            by: fact.actor_id.and_then(|actor| names.get(&actor)).cloned().unwrap_or_else(|| page.w.t("by-system").into_owned()),
            at: page.at(&fact.recorded_at),
            iso: page.iso(&fact.recorded_at),
            words: said.cloned().unwrap_or_default(),
            detail: data["state"].as_str().map(|state| page.w.t(&format!("matter-state-{state}")).into_owned()).unwrap_or_default(),
            photos: Vec::new(),
        }
    };
    let mut steps: Vec<StepView> = facts.iter().map(step).collect();
    steps.reverse();
    let open = matter.ended_at.is_none();
    if let Some(first) = steps.first_mut()
        && open
    {
        first.kind = "now";
    }
    // Of its cases, those that this person may see.
    let mut cases = Vec::new();
    for case in matters::cases(store, tenant, matter.id).await? {
        if crate::case::find_by_id(store, &desk.actor, case.id).await.is_ok() {
            cases.push(line_of(&page, &office.directory, &case));
        }
    }
    let may_handle = open && desk.actor.can::<HandleMatter>(&matter);
    let template = MatterPage {
        href: page.href(&format!("/matters/{}", matter.number)),
        number: matter.number,
        title: matter.title.clone(),
        what: matter.what.clone(),
        origin: page.w.t(&format!("matter-origin-{}", matter.origin)).into_owned(),
        place: matter.place_id.and_then(|id| office.directory.place(id)).map(|place| place.full_name.clone()).unwrap_or_default(),
        opened: page.at(&matter.opened_at),
        lamp: lamp(&page, matter.state),
        cases,
        steps,
        photos: Vec::new(),
        may_council: may_handle && matter.state == MatterState::Open,
        may_handle,
        version: matter.version,
        form,
        command: desk.app.world.new_id(),
        page,
    };
    let status = error.and_then(|error| StatusCode::from_u16(error.kind().status()).ok()).unwrap_or(StatusCode::OK);
    Ok(render(status, &template))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StepForm {
    pub version: String,
    pub words: String,
}

pub async fn post(Path((_, number, step)): Path<(String, String, String)>, submitted: Submitted<StepForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let number = number.parse::<i64>().map_err(|_| Error::not_found())?;
    let (store, pass) = (&desk.app.store, submitted.pass.clone());
    let matter = matters::find(store, &desk.actor, number).await?;
    let by = desk.actor.permit::<HandleMatter>(&matter)?;
    let outcome = async {
        // A note is heard whatever happened meanwhile; what changes the state is not.
        kernel::ensure(step == "note" || form.version.parse() == Ok(matter.version), matters::STALE)?;
        let words = checked(&form.words, "words", true)?;
        let matter = matter.clone();
        match step.as_str() {
            "note" | "to_council" => store.run(pass, Note { by, matter, words, to_council: step == "to_council" }).await.map(drop),
            "settle" | "drop" => store.run(pass, End { by, matter, settled: step == "settle", words }).await.map(drop),
            _ => Err(Error::not_found()),
        }
    };
    match outcome.await {
        Ok(()) => Ok(desk.done(&format!("done-matter-{step}"), &format!("/matters/{number}"))),
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            let filled = Filled::again(desk.page("matters-title").w, form, &error);
            let matter = matters::find(store, &desk.actor, number).await?;
            show(desk, matter, filled, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}
