//! The page of one case: state and next action first, photos before and after, the way it went.

mod beside;
mod detail;

use crate::case::{Found, find};
use crate::case_forms::{FieldView, FormView, Making, Stray, stray};
use crate::kinds::{AppealEnd, AppealGround, Ask};
use crate::office::Office;
use crate::steps::{Stage, Step};
use crate::verbs::{HandleCase, ListMatters, NoteCase, RectifyCase, UrgeUnit};
use crate::views::{LampView, LineView, ThreadView, line_of, place_words, title, unit_name};
use access::http::Desk;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
pub use beside::{NoteView, caller};
use beside::{OrderView, SimilarView, earlier, former_words, order_view, similar};
use detail::detail;
use kernel::ids::{AccountId, AttachmentId, CommandId, Uuid};
use kernel::{Error, Result, TenantId};
use serde_json::Value;
use std::collections::BTreeMap;
use store::attachments::Attachment;
use store::journal::FactRow;
use store::{Sql, Store, args, sql};
use territory::condition::Condition;
use web::html::render;
pub use web::parts::PhotoView;
use web::{PageContext, Words};

static WORDS: Sql = sql!("SELECT id, words FROM case_words WHERE tenant_id = :tenant AND case_id = :case");

pub fn photo(page: &PageContext, attachment: &Attachment, alt: &str) -> PhotoView {
    if attachment.kind.is_video() {
        return PhotoView {
            id: attachment.id.to_string(),
            href: page.href(&format!("/videos/{}", attachment.id)),
            thumb: page.href(&format!("/photos/{}/thumb", attachment.id)),
            caption: video_words(page.w, attachment),
            alt: alt.to_owned(),
            video: true,
        };
    }
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
        video: false,
    }
}

/// That it is a video, and how long.
pub fn video_words(w: Words, video: &Attachment) -> String {
    w.a("video-seconds", "seconds", (video.duration_ms.unwrap_or_default() + 500) / 1000).into_owned()
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
    /// The form that was asked for, and not yet submitted.
    pub doing: Option<Step>,
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
    /// May see the circular that it is part of.
    may_circular: bool,
    notice: Option<String>,
    /// The papers that it stands in: name and address.
    papers: Vec<(String, String)>,
    community: String,
    unit: String,
    assisting: Vec<String>,
    receiver: String,
    receipt: String,
    deadline: Option<DeadlineView>,
    /// The filing condition, once it is said.
    condition: Option<Condition>,
    lamp: LampView,
    thread: ThreadView,
    before: Vec<PhotoView>,
    after: Vec<PhotoView>,
    reinspection: Vec<PhotoView>,
    steps: Vec<StepView>,
    stitches: Vec<StitchView>,
    forms: Vec<FormView>,
    stray: Option<Stray>,
    command: CommandId,
    version: i64,
    /// Cases that it is part of, was parted from, or that became part of it.
    related: Vec<RelatedView>,
    tags: Vec<String>,
    order: Option<OrderView>,
    /// What passes between the centre and the unit, and the centre's own notes; the oldest first.
    messages: Vec<NoteView>,
    notes: Vec<NoteView>,
    /// Open cases that may be the same problem, side by side with this one.
    similar: Vec<SimilarView>,
    /// What was found of this kind at this place before.
    earlier: Vec<LineView>,
    /// The whole of it on paper; empty for who may not take it out.
    dossier: String,
}

/// Another case and how it belongs here.
#[derive(Debug, Clone)]
pub struct RelatedView {
    pub how: String,
    pub href: String,
    pub number: i64,
}

/// The deadline in words: until when, and how it was counted, a line for each extension and hold.
#[derive(Debug, Clone)]
pub struct DeadlineView {
    pub at: String,
    pub explained: Vec<String>,
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

/// What a case's facts and words tell, the oldest first.
pub struct Told {
    facts: Vec<(String, Value)>,
    words: BTreeMap<Uuid, String>,
}

/// Facts that say something beside the way: they do not end what was said before.
const ASIDE: [&str; 15] = [
    "case.printed",
    "case.urged",
    "case.deadline_recounted",
    "case.joined",
    "case.noted",
    "case.corrected",
    "case.message",
    "case.reply",
    "case.recurs",
    "case.order_signed",
    "case.caller_called",
    "case.order_answered",
    "case.called_back",
    "case.caller_unsatisfied",
    "case.caller_erased",
];

/// What is the centre's alone, or passes between it and those outside.
const CENTRE_ONLY: [&str; 9] = [
    "case.printed",
    "case.noted",
    "case.order_received",
    "case.order_signed",
    "case.caller_called",
    "case.order_answered",
    "case.called_back",
    "case.caller_unsatisfied",
    "case.caller_erased",
];
/// What is the unit's own affair.
const UNIT_ONLY: [&str; 2] = ["case.assigned_inside", "case.done_inside"];
/// What the centre and the unit write to each other.
const LETTERS: [&str; 2] = ["case.message", "case.reply"];
/// What stands in cards of its own, and not on the way.
const SAID: [&str; 3] = ["case.noted", "case.message", "case.reply"];

impl Told {
    fn newest(&self, kind: &str) -> Option<&Value> {
        self.facts.iter().rev().find(|(known, _)| known == kind).map(|(_, data)| data)
    }
    fn words_in(&self, data: &Value) -> String {
        let id = data["words"]["id"].as_str().and_then(|id| Uuid::try_parse(id).ok());
        id.and_then(|id| self.words.get(&id)).cloned().unwrap_or_default()
    }
    /// The words of the latest fact of this kind; empty where there is none.
    pub fn words(&self, kind: &str) -> String {
        self.newest(kind).map(|data| self.words_in(data)).unwrap_or_default()
    }
    /// Whether its own reporter disputed it, and not only that of a report that was merged into it.
    pub fn disputed(&self) -> bool {
        self.facts.iter().any(|(kind, data)| kind == "case.disputed" && data["from"].is_null())
    }
    /// Why it came back the last time.
    pub fn rework(&self) -> String {
        let back = ["case.failed", "case.dispute_upheld", "case.reopened", "case.transfer_failed"];
        let newest = self.facts.iter().rev().find(|(kind, _)| back.contains(&kind.as_str()));
        newest.map(|(_, data)| self.words_in(data)).unwrap_or_default()
    }
    /// The words of a refusal after which nothing was done.
    pub fn refused(&self, kind: &str) -> Option<String> {
        let (last, data) = self.facts.iter().rev().find(|(kind, _)| !ASIDE.contains(&kind.as_str()))?;
        (last == kind).then(|| self.words_in(data))
    }
    /// What waits for an answer: the reason, until when, and the words.
    pub fn asked(&self, page: &PageContext, case: &Found) -> String {
        let w = page.w;
        let Some(ask) = case.ask else { return String::new() };
        let (kind, reasons) = match ask {
            Ask::HandBack => ("case.hand_back_asked", "hand_back-"),
            Ask::Extension => ("case.extension_asked", ""),
            Ask::Hold => ("case.hold_asked", "hold-"),
            Ask::Void => ("case.void_asked", ""),
            Ask::Dispute => ("case.disputed", ""),
            Ask::Appeal => ("case.appealed", "ground-"),
        };
        let Some(data) = self.newest(kind) else { return String::new() };
        let reason = data["reason"].as_str().or(data["ground"].as_str()).map(|reason| w.t(&format!("{reasons}{reason}")).into_owned());
        let until = case.ask_until.map(|until| w.a("asked-until", "until", page.at(&until)).into_owned());
        let words = Some(self.words_in(data)).filter(|words| !words.is_empty());
        [reason, until, words].into_iter().flatten().collect::<Vec<_>>().join(&w.t("colon"))
    }
}

/// The way of a case as this person may read it: facts, the words that go with them, and who acted.
pub struct Way {
    facts: Vec<FactRow>,
    pub told: Told,
    names: BTreeMap<AccountId, String>,
}

impl Way {
    pub async fn of(desk: &Desk, case: &Found) -> Result<Way> {
        let (store, tenant) = (&desk.app.store, desk.actor.tenant);
        let mut facts = store.timeline(tenant, "case", case.id.0).await?;
        let (inside, own) = (desk.actor.can::<NoteCase>(case), desk.actor.can::<RectifyCase>(case));
        // Whoever only reported it reads its way, and not what the centre and the unit write to each other.
        let units = case.unit_once_dispatched().into_iter().chain(case.assisting.iter().copied()).chain(case.released_id);
        let party = inside || desk.actor.can::<UrgeUnit>(case) || units.into_iter().any(|unit| desk.actor.works_for(unit));
        facts.retain(|fact| {
            let kind = fact.kind.as_str();
            (inside || !CENTRE_ONLY.contains(&kind)) && (own || !UNIT_ONLY.contains(&kind)) && (party || !LETTERS.contains(&kind))
        });
        let read = |fact: &FactRow| {
            let mut data: Value = serde_json::from_str(&fact.data).unwrap_or_default();
            // What a finder wrote before it was amended is for the centre to read.
            if !inside && let Some(data) = data.as_object_mut() {
                data.remove("former");
            }
            (fact.kind.clone(), data)
        };
        let told = Told { facts: facts.iter().map(read).collect(), words: words_by_id(store, tenant, case).await? };
        let names = access::names(store, tenant, facts.iter().filter_map(|fact| fact.actor_id)).await?;
        Ok(Way { facts, told, names })
    }
    fn by(&self, w: Words, fact: &FactRow) -> String {
        fact.actor_id.and_then(|actor| self.names.get(&actor)).cloned().unwrap_or_else(|| w.t("by-system").into_owned())
    }
    /// Everything that happened, the oldest first: the fact, who acted, and its words.
    pub fn happened(&self, page: &PageContext, office: &Office, photos: &[Attachment]) -> Vec<(&FactRow, Option<&String>, StepView)> {
        let view = |(fact, (_, data)): (&'_ FactRow, &(String, Value))| {
            step_view(page, office, &fact.kind, data, fact.recorded_at, String::new(), &self.told.words, photos)
        };
        let along = self.facts.iter().zip(&self.told.facts);
        along.map(|pair| (pair.0, pair.0.actor_id.and_then(|actor| self.names.get(&actor)), view(pair))).collect()
    }
    /// The steps, the oldest first, without what stands in cards of its own.
    pub fn steps(&self, page: &PageContext, office: &Office, photos: &[Attachment]) -> Vec<StepView> {
        let along = self.facts.iter().zip(&self.told.facts).filter(|(fact, _)| !SAID.contains(&fact.kind.as_str()));
        let view = |(fact, (_, data)): (&FactRow, &(String, Value))| {
            step_view(page, office, &fact.kind, data, fact.recorded_at, self.by(page.w, fact), &self.told.words, photos)
        };
        along.map(view).collect()
    }
    /// What passed between the centre and the unit, the oldest first.
    pub fn messages(&self, page: &PageContext) -> Vec<NoteView> {
        self.said(page, &["case.message", "case.reply"])
    }
    /// The centre's own notes, the oldest first; none for whoever is not of it.
    pub fn notes(&self, page: &PageContext) -> Vec<NoteView> {
        self.said(page, &["case.noted"])
    }
    /// What was said in these kinds of facts, the oldest first.
    fn said(&self, page: &PageContext, kinds: &[&str]) -> Vec<NoteView> {
        let of = self.facts.iter().zip(&self.told.facts).filter(|(fact, _)| kinds.contains(&fact.kind.as_str()));
        let view = |(fact, (kind, data)): (&FactRow, &(String, Value))| NoteView {
            by: self.by(page.w, fact),
            at: page.at(&fact.recorded_at),
            iso: page.iso(&fact.recorded_at),
            words: self.told.words_in(data),
            from_unit: kind == "case.reply",
        };
        of.map(view).collect()
    }
}

/// The words of each step that has any, by their id.
async fn words_by_id(store: &Store, tenant: TenantId, case: &Found) -> Result<BTreeMap<Uuid, String>> {
    Ok(store.all::<(Uuid, String)>(&WORDS, args! { tenant: tenant, case: case.id }).await?.into_iter().collect())
}

/// Which form stands open.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Doing {
    r#do: String,
}

pub async fn get(desk: Desk, Path((_, number)): Path<(String, String)>, Query(doing): Query<Doing>) -> web::Result<Response> {
    let number = number.parse::<i64>().map_err(|_| Error::not_found())?;
    let case = find(&desk.app.store, &desk.actor, number).await?;
    let again = Again { doing: doing.r#do.parse().ok(), ..Again::default() };
    show(&desk, case, again, None).await
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
    let inside = desk.actor.can::<NoteCase>(&case);
    let way = Way::of(desk, &case).await?;
    let told = &way.told;
    let of_role =
        |prefix: &str| photos.iter().filter(|p| p.role.as_deref().is_some_and(|role| role.starts_with(prefix))).collect::<Vec<_>>();
    let view = |list: Vec<&Attachment>, alt: &str| list.into_iter().map(|p| photo(&page, p, &w.t(alt))).collect::<Vec<_>>();
    let line = line_of(&page, directory, &case);
    let mut steps = way.steps(&page, &office, &photos);
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
        explained: if running { explained(&page, &office, &case, told) } else { Vec::new() },
        outcome: match case.stage {
            Stage::Rectified | Stage::Closed if case.late => "outcome-late",
            Stage::Rectified | Stage::Closed => "outcome-on_time",
            _ => "",
        },
    });
    let may_circular = desk.actor.can_some::<crate::verbs::ListCirculars>();
    let mut papers = Vec::new();
    let mut paper = |name: &str, path: String| papers.push((w.t(name).into_owned(), page.href(&path)));
    let circular = match case.circular_id {
        None => None,
        Some(id) => {
            let circular = crate::issuing::circular(store, tenant, id).await?;
            if may_circular && circular.state == crate::issuing::CircularState::Issued {
                paper("paper-as-pdf", format!("/circulars/{id}/paper/circular.pdf"));
            }
            Some((page.href(&format!("/circulars/{id}")), crate::circular_page::name_of(w, &circular)))
        }
    };
    let notice = case.notice_id.filter(|_| desk.actor.can::<crate::verbs::ReadNotice>(&case));
    if let Some(id) = notice {
        paper("notice-as-pdf", format!("/notices/{id}/paper/notice.pdf"));
        paper("sheet-as-pdf", format!("/notices/{id}/paper/answer.pdf"));
    }
    let stitches = stitches(&page, &case);
    let status = error.map_or(200, |error| error.kind().status());
    let href = page.href(&format!("/cases/{}", case.number));
    let order = if inside && case.source.orders() { crate::outside::of_case(store, tenant, case.id).await? } else { None };
    let before = view(of_role("before"), "photo-before");
    let pictures: Vec<PhotoView> = before.iter().filter(|photo| !photo.video).cloned().collect();
    let making = Making {
        desk,
        page: &page,
        office: &office,
        case: &case,
        told,
        order: order.as_ref(),
        again: &again,
        href: &href,
        doing: again.doing,
        drafts: &again.photos,
        before: &pictures,
    };
    let forms = making.offered().await?;
    let may_merge = desk.actor.can::<HandleCase>(&case) && case.stage.after(Step::Merge).is_some();
    let similar = if may_merge { similar(desk, &page, directory, &case).await? } else { Vec::new() };
    let earlier = if inside { earlier(desk, &page, directory, &case).await? } else { Vec::new() };
    let order = order.map(|order| order_view(desk, &page, &case, &order));
    // Of what was mended, what the unit that has it now did: the photos of one before it tell of another attempt.
    let attempt = format!("after-{}", if case.stage == Stage::Dispatched { case.rework } else { case.rework + 1 });
    let since = case.dispatched_at.filter(|_| case.apart.is_none());
    let after = of_role(&attempt).into_iter().filter(|photo| since.is_none_or(|since| photo.uploaded_at >= since)).collect();
    let template = CasePage {
        what: case.what.clone(),
        source: w.t(&format!("source-{}", case.source)).into_owned(),
        outside: case.outside_number.clone().unwrap_or_default(),
        circular,
        may_circular,
        papers,
        notice: notice.map(|id| page.href(&format!("/notices/{id}"))),
        community: case.community_id.and_then(|id| directory.place(id)).map(|place| place.name.clone()).unwrap_or_default(),
        unit: unit_name(directory, case.unit_id),
        assisting: case.assisting.iter().map(|id| unit_name(directory, Some(*id))).collect(),
        receiver: case.receiver.map(|receiver| w.t(&format!("receiver-{receiver}")).into_owned()).unwrap_or_default(),
        receipt: case.receipt.clone().unwrap_or_default(),
        deadline,
        condition: crate::conditions::of_case(&office.directory, &case),
        lamp: line.lamp.clone(),
        thread: line.thread.clone(),
        before,
        after: view(after, "photo-after"),
        reinspection: view(of_role("reinspection"), "photo-reinspection"),
        steps,
        stitches,
        stray: stray(&forms, &again),
        forms,
        command: desk.app.world.new_id(),
        version: case.version,
        related: related(desk, &page, &case).await?,
        order,
        messages: way.messages(&page),
        notes: way.notes(&page),
        dossier: if inside { page.href(&format!("/cases/{}/dossier.pdf", case.number)) } else { String::new() },
        similar,
        earlier,
        tags: tags(w, &case),
        case: line,
        page,
    };
    let status = axum::http::StatusCode::from_u16(status).unwrap_or(axum::http::StatusCode::OK);
    Ok(render(status, &template).into_response())
}

/// What stands beside the title, and no list shows: what was verified, what is counted apart.
fn tags(w: Words, case: &Found) -> Vec<String> {
    let verified = case.verified.map(|verdict| w.t(&format!("verified-{verdict}")).into_owned());
    let apart = case.apart.map(|apart| w.t(&format!("apart-{apart}")).into_owned());
    let upheld = AppealGround::ALL.iter().any(|ground| case.appealed(*ground) == Some(AppealEnd::Upheld));
    let appealed = upheld.then(|| w.t("tag-appeal-upheld").into_owned());
    let fixed = case.assigned_finally.then(|| w.t("tag-final").into_owned());
    let dissuaded = case.dissuaded_at.map(|_| w.t("field-dissuaded").into_owned());
    [verified, apart, fixed, appealed, dissuaded].into_iter().flatten().collect()
}

/// The cases that belong to this one, as far as this person may see them.
async fn related(desk: &Desk, page: &PageContext, case: &Found) -> Result<Vec<RelatedView>> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let view =
        |how: &str, number: i64| RelatedView { how: page.w.t(how).into_owned(), href: page.href(&format!("/cases/{number}")), number };
    let mut all = Vec::new();
    if let Some(matter) = case.matter_id
        && desk.actor.can_some::<ListMatters>()
    {
        let matter = crate::matters::by_id(store, tenant, matter).await?;
        if desk.actor.can::<ListMatters>(&matter) {
            let href = page.href(&format!("/matters/{}", matter.number));
            all.push(RelatedView { how: page.w.t("related-matter").into_owned(), href, number: matter.number });
        }
    }
    for (how, id) in [("related-merged-into", case.merged_into), ("related-origin", case.origin_id), ("related-recurs", case.recurs_of)] {
        let Some(id) = id else { continue };
        match crate::case::find_by_id(store, &desk.actor, id).await {
            Ok(other) => all.push(view(how, other.number)),
            Err(error) if error.kind() == kernel::Kind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    if desk.actor.can::<HandleCase>(case) {
        all.extend(crate::joining::inside(store, tenant, case.id).await?.iter().map(|other| view("related-inside", other.number)));
        all.extend(crate::joining::parted(store, tenant, case.id).await?.iter().map(|other| view("related-parted", other.number)));
    }
    Ok(all)
}

/// The reckoning of the unit's deadline in words: how the clock was first counted, then each extension and hold since.
pub fn explained(page: &PageContext, office: &Office, case: &Found, told: &Told) -> Vec<String> {
    let w = page.w;
    let until = match case.stage {
        Stage::Dispatched => told.facts.len(),
        // The unit's clock stopped when it submitted; what was counted since is the centre's.
        Stage::Rectified | Stage::Closed => told.facts.iter().rposition(|(kind, _)| kind == "case.rectified").unwrap_or(0),
        _ => 0,
    };
    let facts = &told.facts[..until];
    let begun = facts.iter().rposition(|(kind, _)| {
        matches!(
            kind.as_str(),
            "case.dispatched" | "case.failed" | "case.dispute_upheld" | "case.reopened" | "case.deadline_recounted" | "case.imported"
        )
    });
    let Some(begun) = begun else { return Vec::new() };
    let at = |value: &Value| value.as_i64().map(kernel::Instant);
    let words = |value: &Value| at(value).map(|at| page.at(&at)).unwrap_or_default();
    let data = &facts[begun].1;
    let first = at(&data["clock"]["due"]).or(case.unit_due).unwrap_or(case.due);
    let start = at(&data["clock"]["start"]).unwrap_or(case.clock_start);
    let limit = crate::clocks::limit(case.limit_unit.as_deref(), case.limit_value);
    let counted = limit.and_then(|limit| office.hours.calendar.deadline_with(start, limit, office.hours.centre.yellow_permille).ok());
    let mut lines = vec![match counted {
        Some(deadline) if deadline.at == first => territory::explain(w, office.hours.zone(), &deadline),
        _ if case.set_due.is_some() && case.unit_due == Some(first) => w.t("deadline-set-by-clerk").into_owned(),
        // The calendar was changed since, or a person set the day: today's reckoning would explain another one.
        Some(_) => w.t("deadline-counted-before").into_owned(),
        None => w.t("deadline-set-by-clerk").into_owned(),
    }];
    for (kind, data) in &facts[begun + 1..] {
        let (was, due, until) = (words(&data["was"]), words(&data["clock"]["due"]), words(&data["until"]));
        let line = match kind.as_str() {
            "case.extension_granted" => w.a2("deadline-extended", "was", was, "due", due),
            "case.hold_granted" => w.a2("deadline-held", "until", until, "due", due),
            "case.hold_renewed" => w.a2("deadline-held-longer", "until", until, "due", due),
            "case.hold_ended" => w.a("deadline-resumed", "due", due),
            _ => continue,
        };
        lines.push(line.into_owned());
    }
    lines
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
    let of = |name: &str| data[name]["id"].as_str().and_then(|id| Uuid::try_parse(id).ok()).and_then(|id| words.get(&id));
    let said = match of("former") {
        Some(former) => former_words(w, former),
        None => of("words").or_else(|| of("answer")).cloned().unwrap_or_default(),
    };
    let hashes: Vec<&str> = data["photos"].as_array().into_iter().flatten().chain([&data["video"]]).filter_map(Value::as_str).collect();
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
        kind: match kind {
            "case.failed"
            | "case.declined"
            | "case.transfer_failed"
            | "case.dispute_upheld"
            | "case.reopened"
            | "case.refiled"
            | "case.caller_unsatisfied"
            | "case.voided" => "bad",
            _ => "done",
        },
        title: w.t(&format!("fact-{}", kind.replace('.', "-"))).into_owned(),
        by,
        at: page.at(&at),
        iso: page.iso(&at),
        detail: detail(page, kind, data, &unit, &clock_due),
        words: said,
        photos: shown,
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
