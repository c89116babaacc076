//! Circulars: the list, and one circular from composing through looking through and issuing to following its notices.

use crate::case::{Case, Found, of_circular};
use crate::case_forms::{Choice, PhotoView};
use crate::case_steps::{ASSIST_TWICE, MAX_ASSISTING, due, words};
use crate::filing::{Amend, Amendment};
use crate::issuing::{Assisting, Circular, CircularState, Issue, Notice, Open, circular, lacks, notices, open_circulars};
use crate::office::Office;
use crate::rectifying::TellByPhone;
use crate::reporting::{Spot, Under};
use crate::steps::Stage;
use crate::verbs::{ComposeCircular, HandleCase, IssueCircular, ListCirculars, ReportCase, TakeRegister, TellUnit};
use crate::views::{LineView, line_of, unit_name};
use access::http::{Desk, Submitted};
use access::{Actor, Permit, Subject};
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use contracts::{CaseId, CircularId, NoticeId};
use kernel::coordinates::Point;
use kernel::ids::{AttachmentId, CommandId, OrganisationId};
use kernel::{Code, Error, Instant, Kind, TenantId};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use store::query::decode_keys;
use store::{Paged, Pass, Query as SqlQuery, Store, ToValue};
use web::html::render;
use web::{PageContext, Words};

/// The circular has no name.
pub const TITLE_NEEDED: Code = Code::invalid("circular.title_needed");

/// 第 23 期问题通报, or its working name while it is open.
pub fn name_of(w: Words, circular: &Circular) -> String {
    match circular.number {
        Some(number) => w.a2("circular-name", "number", number, "title", circular.title.clone()).into_owned(),
        None => circular.title.clone(),
    }
}

const LIST: &str = "SELECT tenant_id, id, number, year, title, state, opened_at, opened_by, issued_at, issued_by, version
FROM circular
WHERE tenant_id = :tenant";

pub(crate) fn list_query(tenant: TenantId, after: Option<&str>) -> SqlQuery {
    let after = after.and_then(|text| decode_keys(text, "id"));
    SqlQuery::from(LIST).bind("tenant", tenant).keyset(&["opened_at", "id"], true, after.as_deref(), 30)
}
store::shapes!("circulars", || vec![list_query(TenantId(1), None), list_query(TenantId(1), Some("i0~d00000000000000000000000000000000"))]);

struct CircularLine {
    href: String,
    name: String,
    open: bool,
    at: String,
}

#[derive(askama::Template)]
#[template(path = "circulars.html")]
struct CircularsPage {
    page: PageContext,
    lines: Vec<CircularLine>,
    next: Option<String>,
    may_open: bool,
    may_take: bool,
    command: CommandId,
    title: String,
    error: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListAsked {
    pub after: String,
}

pub async fn list(desk: Desk, Query(asked): Query<ListAsked>) -> web::Result<Response> {
    show_list(&desk, &asked.after, String::new(), String::new(), 200).await
}

/// A page of circulars, the latest first.
pub async fn circulars_page(store: &Store, tenant: TenantId, after: Option<&str>) -> kernel::Result<Paged<Circular>> {
    let rows = store.query::<Circular>(list_query(tenant, after)).await?;
    Ok(Paged::cut(rows, 30, |row| vec![row.opened_at.to_value(), row.id.to_value()]))
}

async fn show_list(desk: &Desk, after: &str, title: String, error: String, status: u16) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ListCirculars>()?;
    let page = desk.page("circulars-title");
    let paged = circulars_page(&desk.app.store, by.tenant(), (!after.is_empty()).then_some(after)).await?;
    let lines = paged
        .rows
        .iter()
        .map(|row| CircularLine {
            href: page.href(&format!("/circulars/{}", row.id)),
            name: name_of(page.w, row),
            open: row.state == CircularState::Open,
            at: page.at(&row.issued_at.unwrap_or(row.opened_at)),
        })
        .collect();
    let next = paged.next.map(|next| page.href(&format!("/circulars?after={next}")));
    let may_open = desk.actor.can_some::<ComposeCircular>();
    let template = CircularsPage {
        lines,
        next,
        may_open,
        may_take: desk.actor.can_some::<TakeRegister>(),
        command: desk.app.world.new_id(),
        title,
        error,
        page,
    };
    Ok(render(axum::http::StatusCode::from_u16(status).unwrap_or_default(), &template))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct OpenForm {
    pub title: String,
}

pub async fn open(submitted: Submitted<OpenForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let by = desk.actor.permit_some::<ComposeCircular>()?;
    let title = words(&submitted.form.title, "title", false)?;
    if title.is_empty() {
        let error = desk.page("circulars-title").w.error(TITLE_NEEDED.name, &Default::default()).into_owned();
        return show_list(desk, "", title, error, 422).await;
    }
    let id = desk.app.store.run(submitted.pass.clone(), Open { by, title }).await?.out;
    Ok(desk.done("done-circular-opened", &format!("/circulars/{id}")))
}

/// Room for one assisting unit in the look-through's form.
pub struct AssistRow {
    pub n: usize,
    pub unit: String,
    pub due: String,
}

/// A case that may be the same problem as one of the circular.
pub struct SimilarLink {
    pub href: String,
    pub number: i64,
}

/// One case inside a circular, with what it still lacks.
pub struct Inside {
    pub line: LineView,
    pub id: CaseId,
    pub version: i64,
    pub what: String,
    pub thumb: Option<String>,
    pub lacks: String,
    pub needs_category: bool,
    /// The unit's name, as it is or as it was typed.
    pub unit: String,
    pub needs_due: bool,
    pub due: String,
    pub unit_reason: String,
    /// Filing conditions, where the category has several.
    pub conditions: Vec<Choice>,
    pub assist: Vec<AssistRow>,
    pub assisted: bool,
    /// Open cases that may be the same problem, and the photos to compare: its own first.
    pub similar: Vec<SimilarLink>,
    pub photos: Vec<PhotoView>,
    pub command: CommandId,
    /// What could not be taken, by field.
    pub errors: BTreeMap<String, String>,
}

impl Inside {
    pub fn error(&self, field: &str) -> &str {
        self.errors.get(field).map_or("", String::as_str)
    }
}

/// One community's part.
pub struct Group {
    pub community: String,
    pub cases: Vec<Inside>,
}

/// One unit's notice, as the follow-up shows it.
pub struct NoticeLine {
    pub id: NoticeId,
    pub href: String,
    pub number: i64,
    pub unit: String,
    pub cases: i64,
    pub done: i64,
    pub due: String,
    pub opened: String,
    pub told: String,
    pub link: String,
    pub text: String,
    pub command: CommandId,
}

#[derive(askama::Template)]
#[template(path = "circular_page.html")]
struct CircularPage {
    page: PageContext,
    id: CircularId,
    name: String,
    is_open: bool,
    issued: String,
    groups: Vec<Group>,
    notices: Vec<NoticeLine>,
    cases: usize,
    not_ready: usize,
    rectified: usize,
    /// Names to choose a unit from; empty where nothing is to be chosen.
    units: Vec<String>,
    view: View,
    pages: usize,
    may_issue: bool,
    may_handle: bool,
    may_report: bool,
    may_compose: bool,
    may_tell: bool,
    /// How many long pictures it makes.
    pictures: usize,
    command: CommandId,
    error: String,
}

/// Cases on one page of a circular.
const SHOWN: usize = 50;
/// Likely duplicates that one case's line names.
const COMPARED: usize = 3;

/// Which part of a circular is looked at.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ViewAsked {
    pub page: String,
    /// `lacking`: only what cannot be issued yet.
    pub only: String,
}

/// The same, read.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// From 1.
    pub number: usize,
    pub lacking: bool,
}

impl ViewAsked {
    fn read(&self) -> View {
        View { number: self.page.parse().unwrap_or(1).max(1), lacking: self.only == "lacking" }
    }
}

impl View {
    /// The query that leads to this part.
    pub fn query(&self, number: usize) -> String {
        format!("?page={number}{}", if self.lacking { "&only=lacking" } else { "" })
    }
}

/// A form of the look-through that could not be taken: whose, what was typed, and why.
struct Typed<'a> {
    form: &'a AmendForm,
    error: &'a Error,
}

pub async fn get(desk: Desk, Path((_, id)): Path<(String, String)>, Query(asked): Query<ViewAsked>) -> web::Result<Response> {
    let id = id.parse::<CircularId>().map_err(|_| Error::not_found())?;
    show(&desk, id, asked.read(), None, None).await
}

/// The page; with a form as it was typed, or a banner, where something could not be done.
async fn show(desk: &Desk, id: CircularId, view: View, typed: Option<Typed<'_>>, banner: Option<&Error>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ListCirculars>()?;
    let tenant = by.tenant();
    let store = &desk.app.store;
    let circular = circular(store, tenant, id).await?;
    let office = Office::of(desk).await?;
    let mut page = desk.page("circulars-title");
    let w = page.w;
    page.title = name_of(w, &circular);
    let reach = by.reach();
    let all = of_circular(store, tenant, id).await?;
    // A community sees its own part of a circular.
    let mut seen: Vec<&Case> =
        all.iter().filter(|case| reach.all || reach.paths.iter().any(|path| case.place_path.starts_with(path.as_str()))).collect();
    let is_open = circular.state == CircularState::Open;
    let may_handle = is_open && desk.actor.can::<HandleCase>(&tenant);
    let assisting = if is_open { crate::issuing::assisting(store, tenant, id).await? } else { Assisting::new() };
    let lacking = |case: &Case| if is_open { lacks(case, &assisting, &office.hours, page.now) } else { None };
    let not_ready = seen.iter().filter(|case| lacking(case).is_some()).count();
    seen.sort_by_cached_key(|case| (office.directory.order_of(case.community_id), unit_name(&office.directory, case.unit_id), case.number));
    let mut shown = seen.clone();
    if view.lacking {
        shown.retain(|case| lacking(case).is_some());
    }
    let pages = shown.len().div_ceil(SHOWN).max(1);
    let view = View { number: view.number.min(pages), ..view };
    let shown: Vec<&Case> = shown.into_iter().skip((view.number - 1) * SHOWN).take(SHOWN).collect();
    // Whoever files and dispatches them sees every case of the tenant, and so what they may be the same as.
    let similar = if may_handle { similar(store, &office, &shown).await? } else { BTreeMap::new() };
    let others = similar.values().flatten().map(|(id, _)| *id);
    let pictured: BTreeSet<CaseId> = shown.iter().map(|case| case.id).chain(others).collect();
    let first_photos = crate::photos::first_of(store, tenant, &pictured.into_iter().collect::<Vec<_>>()).await?;
    let mut groups: Vec<Group> = Vec::new();
    for case in shown {
        let community = case
            .community_id
            .and_then(|id| office.directory.place(id))
            .map(|place| place.name.clone())
            .unwrap_or_else(|| w.t("circular-no-community").into_owned());
        let typed = typed.as_ref().filter(|typed| typed.form.case == case.id.to_string());
        let thumb = first_photos.get(&case.id).map(|photo| page.href(&format!("/photos/{photo}/thumb")));
        let alike: &[(CaseId, i64)] = similar.get(&case.id).map_or(&[], Vec::as_slice);
        let inside = Inside {
            lacks: lacking(case).map(|code| w.error(code.name, &Default::default()).into_owned()).unwrap_or_default(),
            command: desk.app.world.new_id(),
            thumb,
            similar: alike
                .iter()
                .map(|(_, number)| SimilarLink { href: page.href(&format!("/cases/{number}")), number: *number })
                .collect(),
            photos: compared(&page, case, alike, &first_photos),
            ..inside(&page, &office, case, assisting.get(&case.id).map_or(&[], Vec::as_slice), typed)
        };
        match groups.last_mut() {
            Some(group) if group.community == community => group.cases.push(inside),
            _ => groups.push(Group { community, cases: vec![inside] }),
        }
    }
    let notices = notices(store, tenant, id).await?;
    let part = |notice: &Notice| seen.iter().copied().filter(|case| case.notice_id == Some(notice.id)).collect::<Vec<&Case>>();
    let notices = notices
        .iter()
        .map(|notice| {
            let cases = part(notice);
            NoticeLine {
                id: notice.id,
                href: page.href(&format!("/notices/{}", notice.id)),
                number: notice.number,
                unit: unit_name(&office.directory, Some(notice.unit_id)),
                cases: if reach.all { notice.cases } else { i64::try_from(cases.len()).unwrap_or(0) },
                done: i64::try_from(cases.iter().filter(|case| case.stage == Stage::Closed).count()).unwrap_or(0),
                due: page.at(&notice.last_due),
                opened: page.at_opt(&notice.opened_at),
                told: page.at_opt(&notice.told_at),
                link: format!("{}{}", desk.app.public_url, page.href(&format!("/notices/{}", notice.id))),
                text: crate::notice_page::chat_text(&page, &office, &circular, notice, &cases, &desk.app.public_url),
                command: desk.app.world.new_id(),
            }
        })
        .filter(|line| reach.all || seen.iter().any(|case| case.notice_id == Some(line.id)))
        .collect();
    let status = typed.as_ref().map(|typed| typed.error).or(banner).map_or(200, |error| error.kind().status());
    let template = CircularPage {
        id,
        name: page.title.clone(),
        is_open,
        issued: page.at_opt(&circular.issued_at),
        cases: seen.len(),
        not_ready,
        rectified: seen.iter().filter(|case| case.stage == Stage::Closed).count(),
        units: if may_handle { office.directory.organisations().map(|unit| unit.name.clone()).collect() } else { Vec::new() },
        view,
        pages,
        may_issue: is_open && desk.actor.can::<IssueCircular>(&tenant),
        may_handle,
        may_report: is_open && desk.actor.can_some::<ReportCase>(),
        may_compose: is_open && desk.actor.can_some::<ComposeCircular>(),
        pictures: crate::papers::pictures(seen.len()),
        may_tell: desk.actor.can_some::<TellUnit>(),
        command: desk.app.world.new_id(),
        error: match (&typed, banner) {
            (Some(typed), _) if typed.error.field_errors().is_empty() => w.error(typed.error.code(), typed.error.args()).into_owned(),
            (Some(_), _) => w.t("circular-case-not-saved").into_owned(),
            (None, Some(error)) => w.error(error.code(), error.args()).into_owned(),
            (None, None) => String::new(),
        },
        groups,
        notices,
        page,
    };
    Ok(render(axum::http::StatusCode::from_u16(status).unwrap_or_default(), &template))
}

/// For each of these cases the open ones that may be the same problem, by id and number: one short look a line of the page.
async fn similar(store: &Store, office: &Office, cases: &[&Case]) -> kernel::Result<BTreeMap<CaseId, Vec<(CaseId, i64)>>> {
    let mut found = BTreeMap::new();
    for case in cases {
        let spots = crate::spots::similar(store, &office.directory, case).await?;
        if !spots.is_empty() {
            found.insert(case.id, spots.iter().take(COMPARED).map(|spot| (spot.id, spot.number)).collect());
        }
    }
    Ok(found)
}

/// The first photo of a case and of those that it may be the same as, side by side, each with its number; nothing where there are
/// none to compare.
fn compared(page: &PageContext, case: &Case, alike: &[(CaseId, i64)], photos: &BTreeMap<CaseId, AttachmentId>) -> Vec<PhotoView> {
    let view = |(id, number): (CaseId, i64)| {
        let photo = photos.get(&id)?;
        Some(PhotoView {
            id: photo.to_string(),
            href: page.href(&format!("/photos/{photo}")),
            thumb: page.href(&format!("/photos/{photo}/thumb")),
            caption: page.w.a("case-number", "number", number).into_owned(),
            alt: page.w.t("photo-before").into_owned(),
            video: false,
        })
    };
    let theirs: Vec<PhotoView> = alike.iter().copied().filter_map(view).collect();
    if theirs.is_empty() { theirs } else { view((case.id, case.number)).into_iter().chain(theirs).collect() }
}

/// One case of the look-through: as it is, or as it was typed where that could not be taken.
fn inside(
    page: &PageContext,
    office: &Office,
    case: &Case,
    helpers: &[(OrganisationId, Option<Instant>)],
    typed: Option<&Typed<'_>>,
) -> Inside {
    let w = page.w;
    let as_is = |(unit, due): &(OrganisationId, Option<Instant>)| {
        (unit_name(&office.directory, Some(*unit)), due.map(|due| page.at_full(&due)).unwrap_or_default())
    };
    let mut rows: Vec<(String, String)> = match typed {
        Some(typed) => {
            let due = |n: usize| typed.form.assist_due.get(n).cloned().unwrap_or_default();
            typed.form.assist.iter().take(MAX_ASSISTING).enumerate().map(|(n, unit)| (unit.clone(), due(n))).collect()
        }
        None => helpers.iter().map(as_is).collect(),
    };
    rows.retain(|(unit, due)| !unit.is_empty() || !due.is_empty());
    let assisted = !rows.is_empty();
    if rows.len() < MAX_ASSISTING {
        rows.push(Default::default());
    }
    let errors = typed.map(|typed| typed.error.field_errors()).unwrap_or_default().iter();
    Inside {
        line: line_of(page, &office.directory, case),
        id: case.id,
        version: case.version,
        what: case.what.clone(),
        thumb: None,
        lacks: String::new(),
        needs_category: case.category_id.is_none(),
        unit: typed.map_or_else(|| unit_name(&office.directory, case.unit_id), |typed| typed.form.unit.clone()),
        needs_due: case.limit_unit.is_none(),
        due: typed.map_or_else(|| case.set_due.map(|due| page.at_full(&due)).unwrap_or_default(), |typed| typed.form.due.clone()),
        unit_reason: case.unit_reason.as_deref().map(|reason| territory::reason_words(w, &office.directory, reason)).unwrap_or_default(),
        conditions: {
            let category = case.category_id.and_then(|id| office.directory.category(id));
            let on = typed.map_or_else(|| crate::conditions::chosen_of(case), |typed| typed.form.condition.clone());
            crate::conditions::choices(w, category, &on)
        },
        assist: rows.into_iter().enumerate().map(|(n, (unit, due))| AssistRow { n: n + 1, unit, due }).collect(),
        assisted,
        similar: Vec::new(),
        photos: Vec::new(),
        command: CommandId(kernel::ids::Uuid::nil()),
        errors: errors.map(|field| (field.field.clone(), w.error(&field.code, &field.args).into_owned())).collect(),
    }
}

/// The unit that was typed: by its name, its short name, its id, or as much of the name as only one has.
pub fn typed_unit(office: &Office, text: &str) -> Option<OrganisationId> {
    let text = text.trim();
    if let Some(unit) = text.parse().ok().and_then(|id| office.directory.organisation(id)) {
        return Some(unit.id);
    }
    if let Some(unit) = office.directory.organisation_by_name(text) {
        return Some(unit.id);
    }
    match office.directory.find_organisations(text, 2)[..] {
        [only] if !text.is_empty() => Some(only.id),
        _ => None,
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct IssueForm {}

pub async fn issue(Path((_, id)): Path<(String, String)>, submitted: Submitted<IssueForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let id = id.parse::<CircularId>().map_err(|_| Error::not_found())?;
    circular(&desk.app.store, desk.actor.tenant, id).await?;
    let by = desk.actor.permit::<IssueCircular>(&desk.actor.tenant)?;
    let office = Office::of(desk).await?;
    match desk.app.store.run(submitted.pass.clone(), Issue { by, circular: id, hours: office.hours.clone() }).await {
        Ok(_) => Ok(desk.done("done-circular-issued", &format!("/circulars/{id}"))),
        Err(error) if error.kind() == Kind::Conflict => {
            // What is missing stands first.
            let lacking = error.is(crate::issuing::NOT_READY);
            show(desk, id, View { number: 1, lacking }, None, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The look-through's small form of one case: unit, deadline, who assists, in or out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AmendForm {
    pub case: String,
    pub version: String,
    pub unit: String,
    pub condition: String,
    pub due: String,
    pub assist: Vec<String>,
    pub assist_due: Vec<String>,
    /// Not empty: take it out of the circular, back to the long way.
    pub out: String,
    /// The part of the circular that it stands on.
    pub page: String,
    pub only: String,
}

/// No unit has this name, or more than one begins so.
pub const UNIT_UNKNOWN: Code = Code::invalid("case.unit_unknown");

impl AmendForm {
    /// Every field checked, all errors at once. Empty is "not yet" for the unit, and "by the category" for the date.
    fn checked(&self, office: &Office) -> kernel::Result<Checked> {
        let mut wrong = Vec::new();
        let mut unit_of = |field: &str, text: &str| {
            let found = typed_unit(office, text);
            if found.is_none() && !text.trim().is_empty() {
                wrong.extend_from_slice(Error::field(field, UNIT_UNKNOWN).field_errors());
            }
            found
        };
        let unit = unit_of("unit", &self.unit);
        let named: Vec<_> = self.assist.iter().take(MAX_ASSISTING).enumerate().filter(|(_, text)| !text.trim().is_empty()).collect();
        let helpers: Vec<_> = named.iter().filter_map(|(n, text)| Some((*n, unit_of("assist", text)?))).collect();
        let zone = office.hours.zone();
        let mut date = |field: &str, text: &str| match due(text, field, zone) {
            Ok(date) => date,
            Err(error) => {
                wrong.extend_from_slice(error.field_errors());
                None
            }
        };
        let set_due = date("due", &self.due);
        let mut assisting: Vec<(OrganisationId, Option<Instant>)> = Vec::new();
        for (n, helper) in helpers {
            let own = self.assist_due.get(n).and_then(|text| date("assist_due", text));
            assisting.push((helper, own));
        }
        let mut known = std::collections::BTreeSet::from_iter(unit);
        if !assisting.iter().all(|(helper, _)| known.insert(*helper)) {
            wrong.extend_from_slice(Error::field("assist", ASSIST_TWICE).field_errors());
        }
        if wrong.is_empty() { Ok(Checked { unit, set_due, assisting }) } else { Err(Error::fields(wrong)) }
    }
}

/// What the look-through's form says, once it is sound.
struct Checked {
    unit: Option<OrganisationId>,
    set_due: Option<Instant>,
    assisting: Vec<(OrganisationId, Option<Instant>)>,
}

pub async fn amend(Path((_, id)): Path<(String, String)>, submitted: Submitted<AmendForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let id = id.parse::<CircularId>().map_err(|_| Error::not_found())?;
    let case = form.case.parse::<CaseId>().map_err(|_| Error::not_found())?;
    let case = crate::case::find_by_id(&desk.app.store, &desk.actor, case).await?;
    let number = case.number;
    desk.actor.permit::<HandleCase>(&case)?;
    let office = Office::of(desk).await?;
    let view = ViewAsked { page: form.page.clone(), only: form.only.clone() }.read();
    let done = || Ok(desk.done("done-amend", &format!("/circulars/{id}{}#case-{number}", view.query(view.number))));
    // The same click again is told what the first one was, though the case may be out of the circular since.
    if submitted.replayed.is_some() {
        return done();
    }
    match amend_case(desk, &office, id, case, form, submitted.pass.clone()).await {
        Ok(()) => done(),
        Err(error) if error.kind() == Kind::Conflict && desk.app.store.replayed(&submitted.pass).await?.is_some() => done(),
        Err(error) if matches!(error.kind(), Kind::Conflict | Kind::Invalid) => {
            show(desk, id, view, Some(Typed { form, error: &error }), None).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Looks one case of a circular through, as the form says.
pub(crate) async fn amend_case(
    desk: &Desk,
    office: &Office,
    id: CircularId,
    mut case: Found,
    form: &AmendForm,
    pass: Pass,
) -> kernel::Result<()> {
    let by = desk.actor.permit::<HandleCase>(&case)?;
    // It was taken out meanwhile, or never was inside: putting it in is a step of its own.
    kernel::ensure(case.circular_id == Some(id), crate::case::STALE)?;
    if !form.version.is_empty() {
        case.case.version = form.version.parse().map_err(|_| crate::case::STALE)?;
    }
    let Checked { unit, set_due, assisting } = form.checked(office)?;
    let to = Amendment {
        what: case.what.clone(),
        where_words: case.where_words.clone(),
        spot: Spot {
            place: case.place_id.ok_or_else(Error::not_found)?,
            path: case.place_path.clone(),
            community: case.community_id,
            compound: case.compound_id,
            point: case.lng_e7.zip(case.lat_e7),
            cell: case.lng_e7.zip(case.lat_e7).and_then(|(lng, lat)| Point::new(lng, lat).ok()).map(Point::cell_key),
        },
        under: case.category_id.and_then(|id| office.directory.category(id)).map(|category| {
            let chosen = crate::conditions::chosen(&form.condition, category);
            Under::at(category, chosen.or(case.condition_no)).within(office.orders.of_unit(case.source))
        }),
        unit_reason: if unit == case.unit_id { case.unit_reason.clone() } else { None },
        unit,
        set_due,
        circular: form.out.is_empty().then_some(id),
        assisting: Some(assisting),
    };
    desk.app.store.run(pass, Amend { by, case, to, hours: office.hours.clone() }).await.map(drop)
}

/// Where the note that a unit was told by phone was made.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ToldForm {
    /// Not empty: on the notice's own page.
    pub on_notice: String,
}

pub async fn told(Path((_, id)): Path<(String, String)>, submitted: Submitted<ToldForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let crate::notice_page::Seen { notice, circular, cases, .. } = crate::notice_page::find(desk, &id).await?;
    let by = may_tell(&desk.actor, &notice, &cases)?;
    let back = match circular {
        Some(circular) if submitted.form.on_notice.is_empty() => format!("/circulars/{}", circular.id),
        _ => format!("/notices/{}", notice.id),
    };
    desk.app.store.run(submitted.pass.clone(), TellByPhone { by, notice }).await?;
    Ok(desk.done("done-told", &back).into_response())
}

/// The centre for every notice, a community for one with a problem in its places.
pub fn may_tell(actor: &Actor, notice: &Notice, cases: &[Case]) -> kernel::Result<Permit<TellUnit>> {
    let whole = Subject { unit: Some(notice.unit_id), ..Subject::of_tenant(actor.tenant) };
    let places = cases.iter().map(|case| Subject { place_path: Some(&case.place_path), ..whole });
    places.map(|subject| actor.permit::<TellUnit>(&subject)).find(Result::is_ok).unwrap_or_else(|| actor.permit::<TellUnit>(&whole))
}

/// The circulars that a finding can go into now.
pub async fn choices(desk: &Desk, on: &str) -> web::Result<Vec<Choice>> {
    let open = open_circulars(&desk.app.store, desk.actor.tenant).await?;
    Ok(open
        .into_iter()
        .map(|circular| Choice { on: circular.id.to_string() == on, value: circular.id.to_string(), label: circular.title })
        .collect())
}

/// The latest circulars, issued ones too, for filters of lists.
pub async fn latest_choices(desk: &Desk, w: Words, on: &str) -> web::Result<Vec<Choice>> {
    let rows = desk.app.store.query::<Circular>(list_query(desk.actor.tenant, None)).await?;
    let choice = |circular: &Circular| {
        let value = circular.id.to_string();
        Choice { on: value == on, label: name_of(w, circular), value }
    };
    let mut choices: Vec<Choice> = rows.iter().map(choice).collect();
    // An older one that the list is of stays chosen.
    if let (Ok(id), false) = (on.parse::<CircularId>(), choices.iter().any(|choice| choice.on)) {
        choices.extend(crate::issuing::circular(&desk.app.store, desk.actor.tenant, id).await.ok().iter().map(choice));
    }
    Ok(choices)
}
