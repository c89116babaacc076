//! The page of one case: state and next action first, photos before and after, the way it went.

use crate::case::{Found, find};
use crate::office::Office;
use crate::report_page::{PlaceGroup, category_choices, place_groups};
use crate::steps::Stage;
use crate::verbs::{HandleCase, RectifyCase, Reinspect, UrgeUnit};
use crate::views::{LampView, LineView, ThreadView, line_of, place_words, title, unit_name};
use access::http::Desk;
use access::permit::Reach;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kernel::ids::{AttachmentId, CommandId, Uuid};
use kernel::{Error, Result, TenantId};
use serde_json::Value;
use std::collections::BTreeMap;
use store::attachments::Attachment;
use store::{Sql, Store, args, sql};
pub use web::forms::Choice;
use web::html::render;
pub use web::parts::PhotoView;
use web::{PageContext, Words};

static WORDS: Sql = sql!("SELECT id, words FROM case_words WHERE tenant_id = :tenant AND case_id = :case");

pub fn photo(page: &PageContext, attachment: &Attachment, alt: &str) -> PhotoView {
    let time = match attachment.taken_at {
        Some(at) if attachment.time_verified => page.at(&at),
        _ => page.w.t("photo-album").into_owned(),
    };
    let place = if attachment.position().is_some() { format!(" · {}", page.w.t("photo-located")) } else { String::new() };
    PhotoView {
        id: attachment.id.to_string(),
        href: page.href(&format!("/photos/{}", attachment.id)),
        thumb: page.href(&format!("/photos/{}/thumb", attachment.id)),
        caption: format!("{time}{place}"),
        alt: alt.to_owned(),
    }
}

/// One step of the way, as the timeline shows it.
#[derive(Debug, Clone)]
pub struct StepView {
    /// `done`, `bad` (came back) or `now`.
    pub kind: &'static str,
    pub title: String,
    pub by: String,
    pub at: String,
    pub iso: String,
    pub words: String,
    pub detail: String,
    pub photos: Vec<PhotoView>,
}

/// What a form of this page shows again when it could not be taken.
#[derive(Debug, Clone, Default)]
pub struct Again {
    /// Which form.
    pub step: String,
    pub error: String,
    pub field_errors: BTreeMap<String, String>,
    pub values: BTreeMap<String, String>,
    pub photos: Vec<PhotoView>,
}

impl Again {
    pub fn value(&self, step: &str, name: &str) -> &str {
        if self.step == step { self.values.get(name).map_or("", String::as_str) } else { "" }
    }
    pub fn error_of(&self, step: &str, name: &str) -> &str {
        if self.step == step { self.field_errors.get(name).map_or("", String::as_str) } else { "" }
    }
    pub fn error_for(&self, step: &str) -> &str {
        if self.step == step { &self.error } else { "" }
    }
    /// The error and what was typed, where the form that they belong to is no longer offered.
    fn stray(&self, may: May) -> Option<Stray> {
        let offered = match self.step.as_str() {
            "amend" => may.amend,
            "file" => may.file,
            "decline" => may.decline,
            "dispatch" => may.dispatch,
            "rectify" => may.rectify,
            "ask_hand_back" => may.ask_hand_back,
            "accept_hand_back" | "refuse_hand_back" => may.answer_hand_back,
            "pass" | "fail" => may.reinspect,
            "urge" => may.urge,
            _ => true,
        };
        let typed = self.values.get("words").cloned().unwrap_or_default();
        (!offered).then(|| Stray { error: self.error.clone(), typed, photos: self.photos.clone() })
    }
    pub fn photos_for(&self, step: &str) -> &[PhotoView] {
        if self.step == step { &self.photos } else { &[] }
    }
}

/// What a form carried that cannot be shown in its place any more.
struct Stray {
    error: String,
    typed: String,
    photos: Vec<PhotoView>,
}

#[derive(askama::Template)]
#[template(path = "case_page.html")]
struct CasePage {
    page: PageContext,
    case: LineView,
    what: String,
    source: String,
    outside: String,
    circular: Option<(String, String)>,
    notice: Option<String>,
    community: String,
    unit: String,
    assisting: Vec<String>,
    deadline: Option<DeadlineView>,
    lamp: LampView,
    thread: ThreadView,
    before: Vec<PhotoView>,
    after: Vec<PhotoView>,
    reinspection: Vec<PhotoView>,
    steps: Vec<StepView>,
    stitches: Vec<StitchView>,
    may: May,
    stray: Option<Stray>,
    again: Again,
    command: CommandId,
    version: i64,
    /// What the re-inspector is asked to do, by the key of its words.
    reinspect_how: &'static str,
    due_help: String,
    /// What the correction's form offers; empty where it is not shown.
    places: Vec<PlaceGroup>,
    categories: Vec<Choice>,
    amend_what: String,
    amend_where: String,
    no_category: bool,
    units: Vec<Choice>,
    assist: Vec<AssistRow>,
    decline_reasons: Vec<Choice>,
    hand_back_reasons: Vec<Choice>,
    hand_back_reason: String,
    rework_words: String,
    /// A hand back was refused, and nothing was done since.
    refused: bool,
    refused_words: String,
}

/// Room for one assisting unit in the dispatch form.
#[derive(Debug, Clone)]
pub struct AssistRow {
    pub n: usize,
    pub units: Vec<Choice>,
    pub due: String,
}

/// The deadline in words: until when, and how it was counted.
#[derive(Debug, Clone)]
pub struct DeadlineView {
    pub at: String,
    pub explained: String,
    /// Once submitted or closed: whether it was kept; empty while the clock runs.
    pub outcome: &'static str,
}

/// Below each of the four stitches on the large thread.
#[derive(Debug, Clone)]
pub struct StitchView {
    pub name: String,
    pub words: String,
    pub now: bool,
}

/// Which forms the actor is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct May {
    pub amend: bool,
    pub file: bool,
    pub decline: bool,
    pub dispatch: bool,
    pub rectify: bool,
    pub ask_hand_back: bool,
    pub answer_hand_back: bool,
    pub reinspect: bool,
    pub urge: bool,
    /// See the circular that it is part of.
    pub circular: bool,
}

impl May {
    fn of(desk: &Desk, case: &Found) -> May {
        let handle = desk.actor.can::<HandleCase>(case);
        let rectify = desk.actor.can::<RectifyCase>(case);
        let at = |stage: Stage| case.stage == stage;
        let own_unit = case.unit_id.is_some_and(|unit| desk.actor.works_for(unit));
        May {
            amend: handle && at(Stage::Reported),
            // Without a category, correcting comes first.
            file: handle && at(Stage::Reported) && case.category_id.is_some(),
            decline: handle && (at(Stage::Reported) || at(Stage::Filed)),
            dispatch: handle && at(Stage::Filed),
            rectify: rectify && at(Stage::Dispatched),
            ask_hand_back: rectify && at(Stage::Dispatched) && case.hand_back_at.is_none(),
            answer_hand_back: handle && at(Stage::Dispatched) && case.hand_back_at.is_some(),
            reinspect: desk.actor.can::<Reinspect>(case) && at(Stage::Rectified) && !own_unit && case.rectified_by != desk.actor.account,
            urge: desk.actor.can::<UrgeUnit>(case) && at(Stage::Dispatched),
            circular: desk.actor.can_some::<crate::verbs::ListCirculars>(),
        }
    }
}

/// The words of each step that has any, by their id.
async fn words_by_id(store: &Store, tenant: TenantId, case: &Found) -> Result<BTreeMap<Uuid, String>> {
    Ok(store.all::<(Uuid, String)>(&WORDS, args! { tenant: tenant, case: case.id }).await?.into_iter().collect())
}

pub async fn get(desk: Desk, Path((_, number)): Path<(String, String)>) -> web::Result<Response> {
    let number = number.parse::<i64>().map_err(|_| Error::not_found())?;
    let case = find(&desk.app.store, &desk.actor, number).await?;
    show(&desk, case, Again::default(), None).await
}

/// The page, with a form shown again where one could not be taken.
pub async fn show(desk: &Desk, case: Found, again: Again, error: Option<&Error>) -> web::Result<Response> {
    let tenant = desk.actor.tenant;
    let store = &desk.app.store;
    let office = Office::of(desk).await?;
    let directory = &office.directory;
    let mut page = desk.page("case-title");
    let w = page.w;
    page.title = format!("{} {}", w.t("case-title"), case.number);
    let photos = store::attachments::of_subject(store, tenant, "case", case.id.0).await?;
    let words = words_by_id(store, tenant, &case).await?;
    let facts = store.timeline(tenant, "case", case.id.0).await?;
    let names = access::names(store, tenant, facts.iter().filter_map(|fact| fact.actor_id)).await?;
    let of_role =
        |prefix: &str| photos.iter().filter(|p| p.role.as_deref().is_some_and(|role| role.starts_with(prefix))).collect::<Vec<_>>();
    let view = |list: Vec<&Attachment>, alt: &str| list.into_iter().map(|p| photo(&page, p, &w.t(alt))).collect::<Vec<_>>();
    let line = line_of(&page, directory, &case);
    let mut steps: Vec<StepView> = facts
        .iter()
        .filter_map(|fact| {
            let data: Value = serde_json::from_str(&fact.data).ok()?;
            let by = fact.actor_id.and_then(|actor| names.get(&actor)).cloned().unwrap_or_else(|| w.t("by-system").into_owned());
            Some(step_view(&page, &office, &fact.kind, &data, fact.recorded_at, by, &words, &photos))
        })
        .collect();
    steps.reverse();
    if let Some(first) = steps.first_mut()
        && case.stage.open()
        && first.kind == "done"
    {
        first.kind = "now";
    }
    let running = case.stage == Stage::Dispatched;
    let deadline = case.unit_due.map(|due| DeadlineView {
        at: page.at(&due),
        // The clock that is explained is the one that runs.
        explained: if running { explained(&page, &office, &case) } else { String::new() },
        outcome: match case.stage {
            Stage::Rectified | Stage::Closed if case.late => "outcome-late",
            Stage::Rectified | Stage::Closed => "outcome-on_time",
            _ => "",
        },
    });
    let circular = match case.circular_id {
        None => None,
        Some(id) => {
            let circular = crate::issuing::circular(store, tenant, id).await?;
            Some((page.href(&format!("/circulars/{id}")), crate::circular_page::name_of(w, &circular)))
        }
    };
    let select = |choices: Vec<(String, String)>, on: &str| {
        choices.into_iter().map(|(value, label)| Choice { on: value == on, value, label }).collect::<Vec<_>>()
    };
    let chosen_unit = if again.value("dispatch", "unit").is_empty() {
        case.unit_id.map(|id| id.to_string()).unwrap_or_default()
    } else {
        again.value("dispatch", "unit").to_owned()
    };
    let newest =
        |kind: &str| facts.iter().rev().find(|fact| fact.kind == kind).and_then(|fact| serde_json::from_str::<Value>(&fact.data).ok());
    let (hand_back, failed) = (newest("case.hand_back_asked"), newest("case.failed"));
    let last = facts.iter().rev().find(|fact| !matches!(fact.kind.as_str(), "case.urged" | "case.deadline_recounted"));
    let refused = last.filter(|fact| fact.kind == "case.hand_back_refused").and_then(|_| newest("case.hand_back_refused"));
    let words_in = |data: &Option<Value>| {
        data.as_ref()
            .and_then(|d| d["words"]["id"].as_str())
            .and_then(|id| Uuid::try_parse(id).ok())
            .and_then(|id| words.get(&id))
            .cloned()
            .unwrap_or_default()
    };
    let hand_back_reason = hand_back.as_ref().and_then(|d| d["reason"].as_str()).map(|reason| {
        let said = words_in(&hand_back);
        let reason = w.t(&format!("hand_back-{reason}"));
        if said.is_empty() { reason.into_owned() } else { format!("{reason}{}{said}", w.t("colon")) }
    });
    let stitches = stitches(&page, &case);
    let status = error.map_or(200, |error| error.kind().status());
    let may = May::of(desk, &case);
    // What was typed, where the form comes back; else what the case says.
    let amended =
        |name: &str, is: Option<String>| if again.step == "amend" { again.value("amend", name).to_owned() } else { is.unwrap_or_default() };
    let template = CasePage {
        what: case.what.clone(),
        source: w.t(&format!("source-{}", case.source)).into_owned(),
        outside: case.outside_number.clone().unwrap_or_default(),
        circular,
        notice: case.notice_id.map(|id| page.href(&format!("/notices/{id}"))),
        community: case.community_id.and_then(|id| directory.place(id)).map(|place| place.name.clone()).unwrap_or_default(),
        unit: unit_name(directory, case.unit_id),
        assisting: case.assisting.iter().map(|id| unit_name(directory, Some(*id))).collect(),
        deadline,
        lamp: line.lamp.clone(),
        thread: line.thread.clone(),
        before: view(of_role("before"), "photo-before"),
        after: view(
            of_role(&format!("after-{}", if case.stage == Stage::Dispatched { case.rework } else { case.rework + 1 })),
            "photo-after",
        ),
        reinspection: view(of_role("reinspection"), "photo-reinspection"),
        steps,
        stitches,
        may,
        stray: again.stray(may),
        command: desk.app.world.new_id(),
        version: case.version,
        reinspect_how: match case.category_id.and_then(|id| directory.category(id)) {
            Some(category) if case.on_spot && !category.on_spot() => "reinspect-sampled",
            _ if case.on_spot => "reinspect-on-spot",
            _ => "reinspect-from-photos",
        },
        due_help: w.t(if case.limit_unit.is_none() { "due-needed" } else { "due-by-category" }).into_owned(),
        units: select(directory.organisations().map(|unit| (unit.id.to_string(), unit.name.clone())).collect(), &chosen_unit),
        no_category: case.category_id.is_none(),
        places: if may.amend {
            place_groups(w, directory, &Reach { all: true, ..Reach::default() }, &amended("place", case.place_id.map(|id| id.to_string())))
        } else {
            Vec::new()
        },
        categories: if may.amend {
            category_choices(directory, &amended("category", case.category_id.map(|id| id.to_string())))
        } else {
            Vec::new()
        },
        amend_what: amended("what", Some(case.what.clone())),
        amend_where: amended("where_words", Some(case.where_words.clone())),
        assist: (0..crate::case_steps::MAX_ASSISTING)
            .map(|n| AssistRow {
                n: n + 1,
                units: select(
                    directory.organisations().map(|unit| (unit.id.to_string(), unit.name.clone())).collect(),
                    again.value("dispatch", &format!("assist{n}")),
                ),
                due: again.value("dispatch", &format!("assist_due{n}")).to_owned(),
            })
            .collect(),
        decline_reasons: select(
            crate::filing::DeclineReason::ALL.iter().map(|r| (r.to_string(), w.t(&format!("decline-{r}")).into_owned())).collect(),
            again.value("decline", "reason"),
        ),
        hand_back_reasons: select(
            crate::rectifying::HandBackReason::ALL.iter().map(|r| (r.to_string(), w.t(&format!("hand_back-{r}")).into_owned())).collect(),
            again.value("ask_hand_back", "reason"),
        ),
        hand_back_reason: hand_back_reason.unwrap_or_default(),
        refused: refused.is_some(),
        refused_words: words_in(&refused),
        rework_words: if case.rework > 0 { words_in(&failed) } else { String::new() },
        case: line,
        again,
        page,
    };
    let status = axum::http::StatusCode::from_u16(status).unwrap_or(axum::http::StatusCode::OK);
    Ok(render(status, &template).into_response())
}

/// The deadline's reckoning in words, from the clock's start and the limit that the case keeps.
pub fn explained(page: &PageContext, office: &Office, case: &Found) -> String {
    if case.set_due.is_some() {
        return page.w.t("deadline-set-by-clerk").into_owned();
    }
    let limit = crate::clocks::limit(case.limit_unit.as_deref(), case.limit_value);
    let counted =
        limit.and_then(|limit| office.hours.calendar.deadline_with(case.clock_start, limit, office.hours.centre.yellow_permille).ok());
    match counted {
        Some(deadline) if deadline.at == case.due => territory::explain(page.w, office.hours.zone(), &deadline),
        // The calendar was changed since: today's reckoning would explain another day.
        Some(_) => page.w.t("deadline-counted-before").into_owned(),
        None => String::new(),
    }
}

fn stitches(page: &PageContext, case: &Found) -> Vec<StitchView> {
    let done = case.stage.stitches();
    let words = |at: Option<kernel::Instant>| at.map(|at| page.at(&at)).unwrap_or_default();
    let of = |i: u8, key: &str, at: Option<kernel::Instant>| StitchView {
        name: page.w.t(key).into_owned(),
        words: if done == i && case.stage.open() { crate::views::stage_words(page.w, case.stage) } else { words(at) },
        now: done == i && case.stage.open(),
    };
    vec![
        of(0, "stitch-found", Some(case.reported_at)),
        of(1, "stitch-circular", case.dispatched_at),
        of(2, "stitch-rectify", case.rectified_at),
        of(3, "stitch-reinspect", case.ended_at),
    ]
}

#[allow(clippy::too_many_arguments)]
fn step_view(
    page: &PageContext,
    office: &Office,
    kind: &str,
    data: &Value,
    at: kernel::Instant,
    by: String,
    words: &BTreeMap<Uuid, String>,
    photos: &[Attachment],
) -> StepView {
    let w = page.w;
    let said =
        data["words"]["id"].as_str().and_then(|id| Uuid::try_parse(id).ok()).and_then(|id| words.get(&id)).cloned().unwrap_or_default();
    let hashes: Vec<&str> = data["photos"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let shown = photos
        .iter()
        .filter(|photo| hashes.contains(&kernel::canonical::hex(&photo.hash).as_str()))
        .map(|p| photo(page, p, &w.t("photo-of-step")))
        .collect();
    let clock_due = data["clock"]["due"]
        .as_i64()
        .map(kernel::Instant)
        .filter(|due| *due != crate::case::NO_DUE)
        .map(|due| page.at(&due))
        .unwrap_or_default();
    let unit = data["unit"].as_str().and_then(|id| id.parse().ok()).map(|id| unit_name(&office.directory, Some(id))).unwrap_or_default();
    StepView {
        kind: if matches!(kind, "case.failed" | "case.declined") { "bad" } else { "done" },
        title: w.t(&format!("fact-{}", kind.replace('.', "-"))).into_owned(),
        by,
        at: page.at(&at),
        iso: page.iso(&at),
        detail: detail(w, kind, data, &unit, &clock_due),
        words: said,
        photos: shown,
    }
}

/// What a step says beside its title.
fn detail(w: Words, kind: &str, data: &Value, unit: &str, due: &str) -> String {
    match kind {
        "case.dispatched" => w.a2("detail-dispatched", "unit", unit.to_owned(), "due", due.to_owned()).into_owned(),
        "case.failed" => w.a2("detail-failed", "n", data["rework"].as_i64().unwrap_or(1), "due", due.to_owned()).into_owned(),
        "case.deadline_recounted" => w.a("detail-recounted", "due", due.to_owned()).into_owned(),
        "case.rectified" if data["sampled"].as_bool() == Some(true) => w.t("detail-sampled").into_owned(),
        "case.rectified" if data["late"].as_bool() == Some(true) => {
            w.a("detail-rectified-late", "n", data["attempt"].as_i64().unwrap_or(1)).into_owned()
        }
        "case.rectified" => w.a("detail-rectified", "n", data["attempt"].as_i64().unwrap_or(1)).into_owned(),
        "case.declined" => data["reason"].as_str().map(|reason| w.t(&format!("decline-{reason}")).into_owned()).unwrap_or_default(),
        "case.hand_back_asked" => {
            data["reason"].as_str().map(|reason| w.t(&format!("hand_back-{reason}")).into_owned()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The drafts that a form carries, those that are still there.
pub async fn draft_views(desk: &Desk, page: &PageContext, ids: &[AttachmentId]) -> Result<Vec<PhotoView>> {
    let drafts = store::attachments::drafts(&desk.app.store, desk.actor.tenant, desk.actor.account, ids).await?;
    Ok(drafts.iter().map(|draft| photo(page, draft, &page.w.t("photo-of-step"))).collect())
}

/// The category's and the place's names together, for headings and papers.
pub fn heading(w: Words, office: &Office, case: &crate::case::Case) -> (String, String) {
    (
        title(w, &office.directory, case.category_id, case.stage, &case.what),
        place_words(&office.directory, case.place_id, &case.where_words),
    )
}
