//! Circulars: the list, and one circular from composing through looking through and issuing to following its notices.

use crate::case::{Case, of_circular};
use crate::case_page::Choice;
use crate::case_steps::{due, words};
use crate::filing::{Amend, Amendment};
use crate::issuing::{Circular, CircularState, Issue, Notice, Open, circular, lacks, notices, open_circulars};
use crate::office::Office;
use crate::rectifying::TellByPhone;
use crate::reporting::{Spot, Under};
use crate::steps::Stage;
use crate::verbs::{ComposeCircular, HandleCase, IssueCircular, ListCirculars, ReportCase, TellUnit};
use crate::views::{LineView, line_of, unit_name};
use access::Subject;
use access::http::{Desk, Submitted};
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use contracts::{CaseId, CircularId, NoticeId};
use kernel::coordinates::Point;
use kernel::ids::{CommandId, OrganisationId};
use kernel::{Code, Error, Kind, TenantId};
use serde::Deserialize;
use store::query::decode_keys;
use store::{Paged, Query as SqlQuery, ToValue};
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

fn list_query(tenant: TenantId, after: Option<&str>) -> SqlQuery {
    let after = after.and_then(|text| decode_keys(text, 2));
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

async fn show_list(desk: &Desk, after: &str, title: String, error: String, status: u16) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ListCirculars>()?;
    let page = desk.page("circulars-title");
    let rows = desk.app.store.query::<Circular>(list_query(by.tenant(), (!after.is_empty()).then_some(after))).await?;
    let paged = Paged::cut(rows, 30, |row| vec![row.opened_at.to_value(), row.id.to_value()]);
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
    let template = CircularsPage { lines, next, may_open, command: desk.app.world.new_id(), title, error, page };
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

/// One case inside a circular, with what it still lacks.
pub struct Inside {
    pub line: LineView,
    pub id: CaseId,
    pub version: i64,
    pub what: String,
    pub thumb: Option<String>,
    pub lacks: String,
    pub units: Vec<Choice>,
    pub categories: String,
    pub needs_due: bool,
    pub due: String,
    pub unit_reason: String,
    pub command: CommandId,
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
    may_issue: bool,
    may_handle: bool,
    may_report: bool,
    may_tell: bool,
    /// How many long pictures it makes.
    pictures: usize,
    command: CommandId,
    error: String,
}

pub async fn get(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let id = id.parse::<CircularId>().map_err(|_| Error::not_found())?;
    show(&desk, id, String::new(), 200).await
}

async fn show(desk: &Desk, id: CircularId, error: String, status: u16) -> web::Result<Response> {
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
    let seen: Vec<&Case> =
        all.iter().filter(|case| reach.all || reach.paths.iter().any(|path| case.place_path.starts_with(path.as_str()))).collect();
    let is_open = circular.state == CircularState::Open;
    let may_handle = is_open && desk.actor.can::<HandleCase>(&tenant);
    let first_photos = crate::photos::first_of(store, tenant, &seen.iter().map(|case| case.id).collect::<Vec<_>>()).await?;
    let mut groups: Vec<Group> = Vec::new();
    let mut not_ready = 0;
    let mut ordered = seen.clone();
    ordered.sort_by_key(|case| (office.directory.order_of(case.community_id), unit_name(&office.directory, case.unit_id), case.number));
    for case in ordered {
        let lacks = if is_open { lacks(case, &office.hours, page.now) } else { None };
        not_ready += usize::from(lacks.is_some());
        let community = case
            .community_id
            .and_then(|id| office.directory.place(id))
            .map(|place| place.name.clone())
            .unwrap_or_else(|| w.t("circular-no-community").into_owned());
        let inside = Inside {
            line: line_of(&page, &office.directory, case),
            id: case.id,
            version: case.version,
            what: case.what.clone(),
            thumb: first_photos.get(&case.id).map(|photo| page.href(&format!("/photos/{photo}/thumb"))),
            lacks: lacks.map(|code| w.error(code.name, &Default::default()).into_owned()).unwrap_or_default(),
            units: if may_handle { unit_choices(&office, case.unit_id) } else { Vec::new() },
            categories: case.category_id.map(|id| id.to_string()).unwrap_or_default(),
            needs_due: case.limit_unit.is_none(),
            due: case.set_due.map(|due| page.at_full(&due)).unwrap_or_default(),
            unit_reason: case
                .unit_reason
                .as_deref()
                .map(|reason| territory::reason_words(w, &office.directory, reason))
                .unwrap_or_default(),
            command: desk.app.world.new_id(),
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
                cases: notice.cases,
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
    let template = CircularPage {
        id,
        name: page.title.clone(),
        is_open,
        issued: page.at_opt(&circular.issued_at),
        cases: seen.len(),
        not_ready,
        rectified: seen.iter().filter(|case| case.stage == Stage::Closed).count(),
        may_issue: is_open && desk.actor.can::<IssueCircular>(&tenant),
        may_handle,
        may_report: is_open && desk.actor.can_some::<ReportCase>(),
        pictures: crate::papers::pictures(seen.len()),
        may_tell: desk.actor.can_some::<TellUnit>(),
        command: desk.app.world.new_id(),
        error,
        groups,
        notices,
        page,
    };
    Ok(render(axum::http::StatusCode::from_u16(status).unwrap_or_default(), &template))
}

/// All units as choices of a select.
pub fn unit_choices(office: &Office, on: Option<OrganisationId>) -> Vec<Choice> {
    office
        .directory
        .organisations()
        .map(|unit| Choice { value: unit.id.to_string(), label: unit.name.clone(), on: Some(unit.id) == on })
        .collect()
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
            let words = desk.page("circulars-title").w.error(error.code(), error.args()).into_owned();
            show(desk, id, words, 409).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The look-through's small form of one case: unit, deadline, in or out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AmendForm {
    pub case: String,
    pub version: String,
    pub unit: String,
    pub due: String,
    pub category: String,
    /// Not empty: take it out of the circular, back to the long way.
    pub out: String,
}

pub async fn amend(Path((_, id)): Path<(String, String)>, submitted: Submitted<AmendForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let id = id.parse::<CircularId>().map_err(|_| Error::not_found())?;
    let case = form.case.parse::<CaseId>().map_err(|_| Error::not_found())?;
    let mut case = crate::case::find_by_id(&desk.app.store, &desk.actor, case).await?;
    let by = desk.actor.permit::<HandleCase>(&case)?;
    let office = Office::of(desk).await?;
    let outcome = async {
        if !form.version.is_empty() {
            case.case.version = form.version.parse().map_err(|_| crate::case::STALE)?;
        }
        let unit = if form.unit.is_empty() {
            None
        } else {
            form.unit.parse::<OrganisationId>().ok().filter(|id| office.directory.organisation(*id).is_some())
        };
        let set_due = due(&form.due, "due", office.hours.zone())?;
        let category = form
            .category
            .parse()
            .ok()
            .and_then(|id| office.directory.category(id))
            .or_else(|| case.category_id.and_then(|id| office.directory.category(id)));
        let under = category.map(Under::of);
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
            under,
            unit_reason: if unit == case.unit_id { case.unit_reason.clone() } else { None },
            unit,
            set_due,
            circular: form.out.is_empty().then_some(id),
        };
        desk.app.store.run(submitted.pass.clone(), Amend { by, case: case.clone(), to, hours: office.hours.clone() }).await
    }
    .await;
    match outcome {
        Ok(_) => Ok(desk.done("done-amend", &format!("/circulars/{id}"))),
        Err(error) if matches!(error.kind(), Kind::Conflict | Kind::Invalid) => {
            let w = desk.page("circulars-title").w;
            let words = match error.field_errors().first() {
                Some(field) => w.error(&field.code, &field.args),
                None => w.error(error.code(), error.args()),
            };
            show(desk, id, words.into_owned(), error.kind().status()).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn told(Path((_, id)): Path<(String, String)>, submitted: Submitted<IssueForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let id = id.parse::<NoticeId>().map_err(|_| Error::not_found())?;
    let notice = crate::issuing::notice(&desk.app.store, desk.actor.tenant, id).await?;
    let subject = Subject { unit: Some(notice.unit_id), ..Subject::of_tenant(desk.actor.tenant) };
    let by = desk.actor.permit::<TellUnit>(&subject)?;
    let back = notice.circular_id.map_or_else(|| format!("/notices/{id}"), |circular| format!("/circulars/{circular}"));
    desk.app.store.run(submitted.pass.clone(), TellByPhone { by, notice }).await?;
    Ok(desk.done("done-told", &back).into_response())
}

/// The circulars that a finding can go into now.
pub async fn choices(desk: &Desk, on: &str) -> web::Result<Vec<Choice>> {
    let open = open_circulars(&desk.app.store, desk.actor.tenant).await?;
    Ok(open
        .into_iter()
        .map(|circular| Choice { on: circular.id.to_string() == on, value: circular.id.to_string(), label: circular.title })
        .collect())
}
