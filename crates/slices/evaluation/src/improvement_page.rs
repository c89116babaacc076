//! The pages of the improvement list: who is on it and how far they have come; one of them with its plan, step by step.

use crate::concern::{Concern, name_of};
use crate::evaluation;
use crate::evidence;
use crate::improvement::{
    self, Improvement, ImprovementId, ImprovementState, Judge, Leave, List, Plan, PlanStep, Report, STALE, StepState,
};
use crate::league::{self, MemberId};
use crate::scheme::Ranked;
use crate::scheme_page::{DAY_NEEDED, mendable, status_of};
use crate::verbs::{JudgeImprovement, ManageImprovement, ReadImprovement, ReportImprovement};
use access::http::{Desk, Submitted};
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::civil::Date;
use kernel::ids::CommandId;
use kernel::{Code, Error, Result, ensure};
use rules::Points;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::attachments::Size;
use territory::Directory;
use web::PageContext;
use web::forms::{Choice, Filled};
use web::html::render;
use web::parts::{LampView, PhotoView};

/// Nobody was chosen, or nobody who is in a league.
pub const NOBODY: Code = Code::invalid("improvement.nobody");
pub const WORDS_NEEDED: Code = Code::invalid("improvement.words_needed");
pub const WORDS_TOO_LONG: Code = Code::invalid("improvement.words_too_long");
pub const PHOTO_NEEDED: Code = Code::invalid("improvement.photo_needed");
/// The last day of a step: today at the earliest, two years from now at the latest.
pub const DUE_OUTSIDE: Code = Code::invalid("improvement.due_outside");

const MAX_WORDS: usize = 500;

struct LineView {
    href: String,
    name: String,
    why: String,
    done: usize,
    steps: usize,
    permille: i64,
    /// What is next and until when, or that it is late.
    next: String,
    lamp: LampView,
}

struct GroupView {
    label: String,
    members: Vec<Choice>,
}

#[derive(askama::Template)]
#[template(path = "improvements.html")]
struct ImprovementsPage {
    page: PageContext,
    lines: Vec<LineView>,
    left: Vec<LineView>,
    may_manage: bool,
    groups: Vec<GroupView>,
    form: Filled,
    command: CommandId,
}

pub async fn list(desk: Desk) -> web::Result<Response> {
    show_list(&desk, Filled::default(), None).await
}

/// Whether the actor sees this stay on the list.
pub(crate) fn may_read(desk: &Desk, directory: &Directory, one: &Improvement, today: Date) -> bool {
    desk.actor.can::<ReadImprovement>(&Concern::of(directory, one.ranked, one.member_id, today))
}

fn lamp(page: &PageContext, one: &Improvement, late: bool) -> LampView {
    let (kind, key) = match one.state {
        ImprovementState::Listed if late => ("x", "improvement-late"),
        ImprovementState::Listed => ("y", "improvement-state-listed"),
        ImprovementState::Reached => ("g", "improvement-state-reached"),
        ImprovementState::Dropped => ("n", "improvement-state-dropped"),
    };
    LampView { kind, text: page.w.t(key).into_owned() }
}

fn line(page: &PageContext, directory: &Directory, one: &Improvement, steps: &[PlanStep], today: &str) -> LineView {
    let done = steps.iter().filter(|step| step.state == StepState::Accepted).count();
    let next = steps.iter().filter(|step| step.state != StepState::Accepted).min_by(|a, b| a.due.cmp(&b.due));
    let late = next.is_some_and(|step| step.due.as_str() < today);
    let open = one.state == ImprovementState::Listed;
    LineView {
        href: page.href(&format!("/improvements/{}", one.id)),
        name: name_of(directory, one.ranked, one.member_id),
        why: one.why.clone(),
        done,
        steps: steps.len(),
        permille: i64::try_from(done * 1000 / steps.len().max(1)).unwrap_or(0),
        next: match next.filter(|_| open) {
            Some(step) => page.w.a2("improvement-next", "what", step.what.clone(), "due", step.due.clone()).into_owned(),
            None if open && steps.is_empty() => page.w.t("improvement-no-plan").into_owned(),
            None if open => page.w.t("improvement-all-done").into_owned(),
            None => one.end_words.clone(),
        },
        lamp: lamp(page, one, late && open),
    }
}

async fn show_list(desk: &Desk, form: Filled, error: Option<&Error>) -> web::Result<Response> {
    desk.actor.permit_some::<ReadImprovement>()?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let page = desk.page("improvements-title");
    let directory = territory::directory_of(desk).await?;
    let today = directory.date_of(page.now)?;
    let (mut lines, mut left, mut listed) = (Vec::new(), Vec::new(), Vec::new());
    for state in ImprovementState::ALL {
        for one in improvement::in_state(store, tenant, *state).await? {
            listed.extend((*state == ImprovementState::Listed).then_some(one.member_id));
            if !may_read(desk, &directory, &one, today) {
                continue;
            }
            let steps = improvement::steps(store, tenant, one.id).await?;
            let view = line(&page, &directory, &one, &steps, &today.to_string());
            if *state == ImprovementState::Listed { lines.push(view) } else { left.push(view) }
        }
    }
    let may_manage = desk.actor.can::<ManageImprovement>(&tenant);
    let groups = if may_manage { groups(desk, &directory, &listed, form.v("member")).await? } else { Vec::new() };
    let template = ImprovementsPage { lines, left, may_manage, groups, form, command: desk.app.world.new_id(), page };
    Ok(render(status_of(error), &template))
}

/// Everybody in a league who is not on the list, the lowest of the latest published month first.
async fn groups(desk: &Desk, directory: &Directory, listed: &[MemberId], chosen: &str) -> Result<Vec<GroupView>> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let w = desk.page("improvements-title").w;
    let month = directory.date_of(desk.app.world.now())?.strftime("%Y-%m").to_string();
    let mut groups = Vec::new();
    for league in league::all(store, tenant).await?.into_iter().filter(|league| league.open) {
        let latest = evaluation::months(store, tenant, league.id, true).await?.into_iter().next();
        let table = match &latest {
            Some(latest) => evaluation::table(store, tenant, latest.id).await?,
            None => Vec::new(),
        };
        let members = league::members(store, tenant, league.id, &month).await?;
        let mut all: Vec<(Option<i64>, Choice)> = Vec::new();
        for id in members.into_iter().filter(|id| !listed.contains(id)) {
            let name = name_of(directory, league.ranked, id);
            let standing = table.iter().find(|standing| standing.member_id == id);
            let label = match standing {
                Some(known) => {
                    let said = [("name", name), ("total", Points(known.total).to_string()), ("grade", known.grade.clone())];
                    w.with("improvement-candidate", &said).into_owned()
                }
                None => name,
            };
            let value = format!("{}:{id}", league.ranked);
            all.push((standing.map(|known| known.total), Choice { on: value == chosen, value, label }));
        }
        all.sort_by(|a, b| (a.0.is_none(), a.0, &a.1.label).cmp(&(b.0.is_none(), b.0, &b.1.label)));
        groups.push(GroupView { label: league.name, members: all.into_iter().map(|(_, choice)| choice).collect() });
    }
    Ok(groups)
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListForm {
    /// What is ranked, a colon, and the id.
    pub member: String,
    pub why: String,
}

fn said(text: &str, field: &str, needed: bool) -> Result<String> {
    let text = text.trim().to_owned();
    ensure(!needed || !text.is_empty(), Error::field(field, WORDS_NEEDED))?;
    ensure(text.chars().count() <= MAX_WORDS, Error::field(field, WORDS_TOO_LONG).arg("max", MAX_WORDS))?;
    Ok(text)
}

pub async fn add(submitted: Submitted<ListForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let by = desk.actor.permit::<ManageImprovement>(&tenant)?;
    let outcome = async {
        let nobody = || Error::field("member", NOBODY);
        let (ranked, id) = form.member.split_once(':').ok_or_else(nobody)?;
        let (ranked, member) = (ranked.parse::<Ranked>().map_err(|_| nobody())?, id.parse::<MemberId>().map_err(|_| nobody())?);
        let directory = territory::directory_of(desk).await?;
        let month = directory.date_of(desk.app.world.now())?.strftime("%Y-%m").to_string();
        let mut known = false;
        for league in league::all(store, tenant).await?.into_iter().filter(|league| league.ranked == ranked) {
            known |= league::members(store, tenant, league.id, &month).await?.contains(&member);
        }
        ensure(known, nobody())?;
        let why = said(&form.why, "why", true)?;
        Ok::<_, Error>(store.run(submitted.pass.clone(), List { by, ranked, member, why }).await?.out)
    };
    match outcome.await {
        Ok(id) => Ok(desk.done("done-improvement-listed", &format!("/improvements/{id}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("improvements-title").w, form, &error);
            show_list(desk, filled, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

struct StepView {
    nth: i64,
    what: String,
    due: String,
    words: String,
    lamp: LampView,
    photos: Vec<PhotoView>,
    may_report: bool,
    may_judge: bool,
    own: bool,
    /// The form of this step is what came back, with these photos.
    again: bool,
    drafts: Vec<PhotoView>,
    typed: String,
    wrong: String,
    wrong_photo: String,
    judge_id: String,
    report_id: String,
    photo_id: String,
}

#[derive(askama::Template)]
#[template(path = "improvement.html")]
struct ImprovementPage {
    page: PageContext,
    href: String,
    name: String,
    why: String,
    listed: String,
    end_words: String,
    lamp: LampView,
    done: usize,
    permille: i64,
    steps: Vec<StepView>,
    facts: Vec<(String, String)>,
    may_plan: bool,
    may_leave: bool,
    version: i64,
    form: Filled,
    command: CommandId,
}

async fn seen(desk: &Desk, id: &str) -> Result<(Improvement, Arc<Directory>)> {
    let id: ImprovementId = id.parse().map_err(|_| Error::not_found())?;
    let directory = territory::directory_of(desk).await?;
    let one = improvement::find(&desk.app.store, desk.actor.tenant, id).await?;
    let today = directory.date_of(desk.app.world.now())?;
    ensure(may_read(desk, &directory, &one, today), Error::not_found())?;
    Ok((one, directory))
}

pub async fn one(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let (one, directory) = seen(&desk, &id).await?;
    show(&desk, one, &directory, &StepForm::default(), Filled::default(), None).await
}

fn step_lamp(page: &PageContext, step: &PlanStep, today: &str) -> LampView {
    let late = match &step.done_on {
        Some(day) => *day > step.due,
        None => step.due.as_str() < today,
    };
    let (kind, key) = match (step.state, late) {
        (StepState::Planned, true) => ("x", "improvement-step-late"),
        (StepState::Planned, false) => ("n", "improvement-step-planned"),
        (StepState::Reported, _) => ("y", "improvement-step-reported"),
        (StepState::Accepted, true) => ("n", "improvement-step-accepted-late"),
        (StepState::Accepted, false) => ("g", "improvement-step-accepted"),
    };
    LampView { kind, text: page.w.t(key).into_owned() }
}

async fn show(
    desk: &Desk,
    one: Improvement,
    directory: &Directory,
    typed: &StepForm,
    form: Filled,
    error: Option<&Error>,
) -> web::Result<Response> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut page = desk.page("improvements-title");
    let w = page.w;
    let now = directory.date_of(page.now)?;
    let today = now.to_string();
    let steps = improvement::steps(store, tenant, one.id).await?;
    let photos = store::attachments::of_subject(store, tenant, "improvement", one.id.0).await?;
    let facts = store.timeline(tenant, "improvement", one.id.0).await?;
    let names = access::names(store, tenant, facts.iter().filter_map(|fact| fact.actor_id)).await?;
    let open = one.state == ImprovementState::Listed;
    let subject = Concern::of(directory, one.ranked, one.member_id, now);
    let (may_report, may_judge) = (desk.actor.can::<ReportImprovement>(&subject), desk.actor.can::<JudgeImprovement>(&tenant));
    let drafts = evidence::drafts(desk, &page, &typed.photo).await?;
    let again = |step: &PlanStep| form.is_again() && typed.nth == step.nth.to_string();
    let back = |step: &PlanStep, text: &str| if again(step) { text.to_owned() } else { String::new() };
    let view = |step: &PlanStep| {
        let role = format!("step-{}", step.nth);
        let of_step = photos.iter().filter(|photo| photo.role.as_deref() == Some(role.as_str()));
        let own = step.reported_by.is_some() && step.reported_by == desk.actor.account;
        StepView {
            nth: step.nth,
            what: step.what.clone(),
            due: step.due.clone(),
            words: step.words.clone(),
            lamp: step_lamp(&page, step, &today),
            photos: of_step.map(|photo| evidence::view(&page, photo, &format!("/improvements/{}/photos/{}", one.id, photo.id))).collect(),
            may_report: open && may_report && step.state == StepState::Planned,
            may_judge: open && may_judge && step.state == StepState::Reported && !own,
            own: step.state == StepState::Reported && own,
            drafts: if again(step) { drafts.clone() } else { Vec::new() },
            again: again(step),
            typed: back(step, form.v("words")),
            wrong: back(step, form.e("words")),
            wrong_photo: back(step, form.e("photo")),
            judge_id: format!("judge_{}", step.nth),
            report_id: format!("report_{}", step.nth),
            photo_id: format!("photo_{}", step.nth),
        }
    };
    let head = line(&page, directory, &one, &steps, &today);
    let fact = |fact: &store::journal::FactRow| {
        let by = fact.actor_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default();
        let at = page.at(&fact.recorded_at);
        (w.t(&format!("fact-{}", fact.kind.replace('.', "-"))).into_owned(), format!("{by} {at}").trim().to_owned())
    };
    let template = ImprovementPage {
        href: page.href(&format!("/improvements/{}", one.id)),
        listed: page.at(&one.listed_at),
        name: head.name.clone(),
        lamp: head.lamp,
        done: head.done,
        permille: head.permille,
        steps: steps.iter().map(view).collect(),
        facts: facts.iter().map(fact).collect(),
        may_plan: open && desk.actor.can::<ManageImprovement>(&tenant),
        may_leave: open && may_judge,
        version: one.version,
        form,
        command: desk.app.world.new_id(),
        why: one.why,
        end_words: one.end_words,
        page: {
            page.title = head.name;
            page
        },
    };
    Ok(render(status_of(error), &template))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StepForm {
    pub version: String,
    pub nth: String,
    pub what: String,
    pub due: String,
    pub words: String,
    pub photo: Vec<String>,
}

store::text_enum! {
    /// What is done with somebody on the list.
    pub enum ImprovementAct {
        Plan = "plan",
        Report = "report",
        Accept = "accept",
        Refuse = "refuse",
        Reach = "reach",
        Drop = "drop",
    }
}

/// What the actor may do with it.
enum May {
    Plan(access::Permit<ManageImprovement>),
    Report(access::Permit<ReportImprovement>),
    Judge(access::Permit<JudgeImprovement>),
}

pub async fn act(Path((_, id, act)): Path<(String, String, String)>, submitted: Submitted<StepForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let (one, directory) = seen(desk, &id).await?;
    let act: ImprovementAct = act.parse().map_err(|_| Error::not_found())?;
    let today = directory.date_of(desk.app.world.now())?;
    let may = match act {
        ImprovementAct::Plan => May::Plan(desk.actor.permit(&tenant)?),
        ImprovementAct::Report => May::Report(desk.actor.permit(&Concern::of(&directory, one.ranked, one.member_id, today))?),
        ImprovementAct::Accept | ImprovementAct::Refuse | ImprovementAct::Reach | ImprovementAct::Drop => {
            May::Judge(desk.actor.permit(&tenant)?)
        }
    };
    let outcome = async {
        ensure(form.version == one.version.to_string(), STALE)?;
        let pass = submitted.pass.clone();
        let steps = improvement::steps(store, tenant, one.id).await?;
        let step = || steps.iter().find(|step| step.nth.to_string() == form.nth).cloned().ok_or_else(Error::not_found);
        match may {
            May::Plan(by) => {
                let what = said(&form.what, "what", true)?;
                let due: Date = form.due.trim().parse().map_err(|_| Error::field("due", DAY_NEEDED))?;
                let last = today.checked_add(jiff::Span::new().years(2)).map_err(Error::internal)?;
                ensure(today <= due && due <= last, Error::field("due", DUE_OUTSIDE))?;
                store.run(pass, Plan { by, improvement: one.clone(), what, due }).await?;
            }
            May::Report(by) => {
                let (words, photos) = (said(&form.words, "words", true)?, evidence::ids(&form.photo));
                ensure(!photos.is_empty(), Error::field("photo", PHOTO_NEEDED))?;
                store.run(pass, Report { by, improvement: one.clone(), step: step()?, today, words, photos }).await?;
            }
            May::Judge(by) if matches!(act, ImprovementAct::Accept | ImprovementAct::Refuse) => {
                let good = act == ImprovementAct::Accept;
                let words = said(&form.words, "words", !good)?;
                store.run(pass, Judge { by, improvement: one.clone(), step: step()?, good, words }).await?;
            }
            May::Judge(by) => {
                let words = said(&form.words, "words", true)?;
                store.run(pass, Leave { by, improvement: one.clone(), reached: act == ImprovementAct::Reach, words }).await?;
            }
        }
        Ok::<_, Error>(())
    };
    match outcome.await {
        Ok(()) => Ok(desk.done(&format!("done-improvement-{act}"), &format!("/improvements/{id}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("improvements-title").w, form, &error);
            let now = improvement::find(store, tenant, one.id).await?;
            show(desk, now, &directory, form, filled, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn photo(desk: Desk, Path((_, id, photo)): Path<(String, String, String)>, headers: HeaderMap) -> web::Result<Response> {
    let (one, _) = seen(&desk, &id).await?;
    evidence::serve(&desk, "improvement", one.id.0, &photo, Size::Full, &headers).await
}

pub async fn thumb(desk: Desk, Path((_, id, photo)): Path<(String, String, String)>, headers: HeaderMap) -> web::Result<Response> {
    let (one, _) = seen(&desk, &id).await?;
    evidence::serve(&desk, "improvement", one.id.0, &photo, Size::Thumb, &headers).await
}
