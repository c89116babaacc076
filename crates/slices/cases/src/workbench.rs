//! The workbench (工作台): what waits for this person, each figure with the list behind it, the most pressing first.

use crate::listing::{self, Answers, COUNTED, Flag, Kind, Lamp, When, Whose};
use crate::office::Office;
use crate::steps::{Stage, Step};
use crate::verbs::{
    ComposeCircular, HandleCase, LeadCase, ListCases, ListMatters, MendOnSpot, NoteCase, RectifyCase, Reinspect, ReportCase, UrgeUnit,
    VerifyCase,
};
use crate::views::{LineView, line};
use crate::worklist::{Asked, Meaning};
use access::http::Desk;
use access::waiting::{Wait, Waiting};
use access::{Actor, Scope};
use axum::http::StatusCode;
use axum::response::Response;
use contracts::scoring::{Board, Published};
use kernel::Instant;
use kernel::ids::{OrganisationId, PlaceId};
use std::collections::BTreeSet;
use territory::Level;
use web::PageContext;
use web::html::render;

/// Who has a workbench: whoever handles problems in the office. Units have their page of what waits for them.
pub fn has(actor: &Actor) -> bool {
    !actor.is_system()
        && actor.can_some::<ListCases>()
        && (actor.can_some::<HandleCase>()
            || actor.can_some::<LeadCase>()
            || actor.can_some::<UrgeUnit>()
            || actor.can_some::<MendOnSpot>())
}

/// One figure: its words, where it opens, and whether it is pressing.
struct Card {
    label: &'static str,
    asked: Asked,
    pressing: bool,
}

fn card(label: &'static str, asked: Asked) -> Card {
    Card { label, asked, pressing: false }
}

fn pressing(label: &'static str, asked: Asked) -> Card {
    Card { label, asked, pressing: true }
}

fn stage(stage: Stage) -> Asked {
    Asked { stage: stage.to_string(), ..Asked::default() }
}

fn kind(kind: Kind) -> Asked {
    Asked { kind: kind.to_string(), ..Asked::default() }
}

fn whose(whose: Whose) -> Asked {
    Asked { whose: whose.to_string(), ..Asked::default() }
}

fn units(when: When) -> Asked {
    Asked { when: when.to_string(), ..stage(Stage::Dispatched) }
}

/// What waits for this person first, then what to keep an eye on. A list of mine holds only what waits for me.
fn cards(actor: &Actor, office: &Office, now: Instant) -> (Vec<Card>, Vec<Card>) {
    let has = |step: Step| office.has(step);
    let (handle, lead) = (actor.can_some::<HandleCase>(), actor.can_some::<LeadCase>());
    let overdue = Asked { lamp: Lamp::Red.to_string(), ..stage(Stage::Dispatched) };
    let (mut mine, mut eye) = (Vec::new(), Vec::new());
    if lead {
        mine.push(card("work-to-decide", Asked { answers: Answers::Leader.to_string(), ..kind(Kind::Asked) }));
        // Escalation: what a unit is over for days is no longer the centre's affair alone.
        mine.push(pressing("work-long-over", units(When::Long)));
    }
    if handle {
        if has(Step::SignOrder) {
            mine.push(pressing("work-orders-today", Asked { when: When::Now.to_string(), ..kind(Kind::Orders) }));
        }
        mine.push(card("work-to-answer", Asked { answers: Answers::Centre.to_string(), ..kind(Kind::Asked) }));
        mine.push(card("work-to-file", stage(Stage::Reported)));
        mine.push(card("work-to-dispatch", stage(Stage::Filed)));
    }
    if has(Step::AskVerify) && actor.can_some::<VerifyCase>() {
        mine.push(card("work-to-verify", whose(Whose::Verify)));
    }
    if actor.can_some::<Reinspect>() {
        // Whoever is on duty there looks first.
        let today = office.directory.date_of(now).ok();
        if actor.account.zip(today).is_some_and(|(me, today)| !office.directory.duty_of(me, today).is_empty()) {
            mine.push(card("work-reinspect-near", Asked { whose: Whose::Near.to_string(), ..stage(Stage::Rectified) }));
        }
        mine.push(card("work-to-reinspect", stage(Stage::Rectified)));
        if has(Step::SelfCheck) {
            mine.push(card("work-samples", kind(Kind::Samples)));
        }
    }
    eye.push(pressing("work-units-over", overdue));
    eye.push(card("work-units-today", units(When::Today)));
    if has(Step::Supervise) {
        eye.push(card("work-supervised", kind(Kind::Supervised)));
    }
    if has(Step::Transfer) && (handle || lead) {
        eye.push(card("stage-transferred", stage(Stage::Transferred)));
    }
    if has(Step::AskHold) {
        eye.push(card("worklist-held", kind(Kind::Held)));
    }
    eye.push(card("work-recurring", Asked { flag: Flag::Recurring.to_string(), ..Asked::default() }));
    if actor.can_some::<ReportCase>() {
        eye.push(card("work-mine", whose(Whose::Found)));
    }
    eye.push(card("worklist-all-open", Asked::default()));
    (mine, eye)
}

/// A figure as the page shows it.
pub struct FigureView {
    pub label: String,
    /// Up to 999, then that there are more.
    pub n: String,
    pub href: String,
    pub none: bool,
    pub pressing: bool,
}

#[derive(askama::Template)]
#[template(path = "workbench.html")]
struct WorkbenchPage {
    page: PageContext,
    mine: Vec<FigureView>,
    eye: Vec<FigureView>,
    /// The first of what waits, so that work can begin at once.
    first: Vec<LineView>,
    first_label: String,
    first_href: String,
    may_report: bool,
    may_compose: bool,
    orders: bool,
    matters: bool,
}

/// Lines of the first list.
const SHOWN: usize = 8;

/// The figure of one list.
pub async fn figure(
    desk: &Desk,
    page: &PageContext,
    office: &Office,
    label: &str,
    asked: &Asked,
    urgent: bool,
) -> kernel::Result<FigureView> {
    let by = desk.actor.permit_some::<ListCases>()?;
    let filter = asked.filter(&Meaning { office, me: desk.actor.account, now: page.now });
    let n = listing::count(&desk.app.store, by.tenant(), &filter, &office.legs(&by.reach(), &filter), page.now).await?;
    Ok(FigureView {
        label: page.w.t(label).into_owned(),
        n: if n < usize::from(COUNTED) { n.to_string() } else { page.w.a("work-more-than", "n", COUNTED - 1).into_owned() },
        href: page.href(&format!("/cases{}", asked.query_string())),
        none: n == 0,
        pressing: urgent && n > 0,
    })
}

pub async fn get(desk: Desk) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ListCases>()?;
    let office = Office::of(&desk).await?;
    let page = desk.page("work-title");
    let (mine, eye) = cards(&desk.actor, &office, page.now);
    let (mut mine_views, mut eye_views) = (Vec::new(), Vec::new());
    let mut first_of = None;
    for one in &mine {
        let view = figure(&desk, &page, &office, one.label, &one.asked, one.pressing).await?;
        if !view.none && first_of.is_none() {
            first_of = Some(one);
        }
        mine_views.push(view);
    }
    mine_views.extend(waiting(&desk, &page).await?);
    for one in &eye {
        eye_views.push(figure(&desk, &page, &office, one.label, &one.asked, one.pressing).await?);
    }
    eye_views.extend(published(&desk, &page, &[], &own_places(&desk.actor, &office)).await?);
    let (mut first, mut first_label, mut first_href) = (Vec::new(), String::new(), String::new());
    if let Some(one) = first_of {
        let filter = one.asked.filter(&Meaning { office: &office, me: desk.actor.account, now: page.now });
        let found = listing::list(&desk.app.store, by.tenant(), &filter, &office.legs(&by.reach(), &filter), page.now).await?;
        first = found.rows.iter().take(SHOWN).map(|row| line(&page, &office.directory, row)).collect();
        first_label = page.w.t(one.label).into_owned();
        first_href = page.href(&format!("/cases{}", one.asked.query_string()));
    }
    let template = WorkbenchPage {
        mine: mine_views,
        eye: eye_views,
        first,
        first_label,
        first_href,
        may_report: desk.actor.can_some::<ReportCase>(),
        may_compose: desk.actor.can_some::<ComposeCircular>(),
        orders: desk.actor.can_some::<NoteCase>() && office.has(Step::SignOrder),
        matters: desk.actor.can_some::<ListMatters>() && office.has(Step::PartOfMatter),
        page,
    };
    Ok(render(StatusCode::OK, &template))
}

/// What waits for whoever asks in other lines of work.
async fn waiting(desk: &Desk, page: &PageContext) -> kernel::Result<Vec<FigureView>> {
    let Some(lines) = desk.app.try_get::<Waiting>() else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for line in lines.0 {
        let view =
            |one: Wait| FigureView { label: one.label, n: one.n.to_string(), href: page.href(one.path), none: false, pressing: false };
        all.extend(line.waits(desk, page).await?.into_iter().map(view));
    }
    Ok(all)
}

/// What a unit's page shows above its problems: what runs out today, what has, what was handed to oneself, what it asked.
pub async fn of_unit(desk: &Desk, page: &PageContext, office: &Office) -> kernel::Result<Vec<FigureView>> {
    desk.actor.permit_some::<RectifyCase>()?;
    let yellow = Asked { lamp: Lamp::Yellow.to_string(), ..stage(Stage::Dispatched) };
    let red = Asked { lamp: Lamp::Red.to_string(), ..stage(Stage::Dispatched) };
    let mut figures = vec![
        figure(desk, page, office, "work-mine-over", &red, true).await?,
        // Escalation: the unit's own lamp turning yellow stands before its head first.
        figure(desk, page, office, "work-mine-yellow", &yellow, false).await?,
    ];
    if office.has(Step::AssignInside) {
        figures.push(figure(desk, page, office, "work-inside", &whose(Whose::Inside), false).await?);
    }
    figures.push(figure(desk, page, office, "work-asked", &kind(Kind::Asked), false).await?);
    figures.push(figure(desk, page, office, "stage-rectified", &stage(Stage::Rectified), false).await?);
    if desk.actor.can_some::<ReportCase>() {
        figures.push(figure(desk, page, office, "work-mine", &whose(Whose::Found), false).await?);
    }
    figures.extend(published(desk, page, &desk.actor.organisations(), &[]).await?);
    Ok(figures)
}

/// The communities and compounds that somebody answers for, who answers for a part of the tenant.
fn own_places(actor: &Actor, office: &Office) -> Vec<PlaceId> {
    let own = actor.assignments.iter().filter_map(|given| match &given.scope {
        Scope::Place { id, .. } => Some(*id),
        _ => None,
    });
    let below = own.flat_map(|id| office.directory.subtree(id));
    let ranked = below.filter(|place| place.open && matches!(place.level, Level::Community | Level::Compound));
    ranked.map(|place| place.id).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Scores that stand each by itself on a page; more are one figure.
const SCORES: usize = 2;

/// What was published last of what these units and places came to in a month.
async fn published(desk: &Desk, page: &PageContext, units: &[OrganisationId], places: &[PlaceId]) -> kernel::Result<Vec<FigureView>> {
    let Some(board) = desk.app.try_get::<Board>() else { return Ok(Vec::new()) };
    let all = board.0.latest(&desk.app.store, desk.actor.tenant, units, places).await?;
    let view = |label: String, n: String, path: &str| FigureView { label, n, href: page.href(path), none: false, pressing: false };
    if all.len() > SCORES {
        let label = page.w.a2("work-scores", "month", all[0].month.clone(), "n", all.len()).into_owned();
        let (low, high) = (all.iter().filter_map(|one| one.place).max(), all.iter().filter_map(|one| one.place).min());
        let n = match (high, low) {
            (Some(high), Some(low)) => page.w.a2("work-places", "high", high, "low", low).into_owned(),
            _ => all.len().to_string(),
        };
        return Ok(vec![view(label, n, "/evaluations")]);
    }
    let label = |one: &Published| {
        let said = [("month", one.month.clone()), ("name", one.name.clone()), ("place", one.place.unwrap_or(0).to_string())];
        page.w.with(if one.place.is_some() { "work-score-placed" } else { "work-score" }, &said).into_owned()
    };
    Ok(all.iter().map(|one| view(label(one), one.score.clone(), &one.opens)).collect())
}
