//! The pages of a month's evaluation: every league at a glance, and one table, with what is done next with it.

use crate::consequence_page::{self, Beside};
use crate::evaluation::{self, Evaluation, EvaluationId, EvaluationState, Past, Standing, Take};
use crate::league::{self, League, LeagueId, MemberId, Shows};
use crate::reckoning::last_month;
use crate::run_page::{RunView, run_view};
use crate::scheme;
use crate::scheme_page::status_of;
use crate::scoring::{month_before, within_chance};
use crate::verbs::{
    CheckEvaluation, DraftEvaluation, ManageLeagues, PublishEvaluation, ReadEvaluation, ReadRanking, ReadScore, WriteBulletin,
};
use access::http::Desk;
use access::{Governed, Subject};
use axum::extract::{Path, Query};
use axum::response::Response;
use kernel::ids::{CommandId, OrganisationId};
use kernel::{Error, Result, TenantId, ensure};
use rules::Points;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use territory::Directory;
use territory::sheets::workbook::{self, Cell, Column, Sheet};
use web::PageContext;
use web::forms::Filled;
use web::html::render;
use web::parts::LampView;

/// Months in a line of totals.
const MONTHS: i32 = 12;
/// Lines of a table at once.
const ON_PAGE: usize = 200;
/// Lines of each league that stand on the first page.
const FOREMOST: usize = 3;

/// One unit's score, as permissions see it: its place, and the company that answers for it.
pub(crate) struct Scored<'a> {
    tenant: TenantId,
    unit: Option<OrganisationId>,
    path: Option<&'a str>,
}

impl Governed for Scored<'_> {
    fn subject(&self) -> Subject<'_> {
        Subject { place_path: self.path, unit: self.unit, ..Subject::of_tenant(self.tenant) }
    }
}

impl<'a> Scored<'a> {
    pub fn of(desk: &Desk, directory: &'a Directory, league: &League, standing: &Standing) -> Scored<'a> {
        Scored::by(desk, directory, league, standing.member_id, standing.unit_id)
    }
    /// The same of a member for whom this unit answered.
    pub fn by(desk: &Desk, directory: &'a Directory, league: &League, member: MemberId, unit: Option<OrganisationId>) -> Scored<'a> {
        let place = league.ranked.is_place().then(|| directory.place(member.place())).flatten();
        Scored { tenant: desk.actor.tenant, unit, path: place.map(|place| place.path.as_str()) }
    }
}

/// Whether the actor sees what was not published.
pub(crate) fn inside(desk: &Desk) -> bool {
    desk.actor.can::<ReadEvaluation>(&desk.actor.tenant)
}

/// Whether the actor sees places and points in a league's tables, or what it publishes, grades alone.
pub(crate) fn with_places(desk: &Desk, league: &League) -> bool {
    inside(desk) || league.shows != Shows::Grades
}

/// Whether the actor sees the lines of a score in a table that he sees.
pub(crate) fn sees_lines(desk: &Desk, directory: &Directory, league: &League, standing: &Standing) -> bool {
    desk.actor.can::<ReadScore>(&Scored::of(desk, directory, league, standing)) || inside(desk)
}

/// A table as the actor sees it, and the scheme by which it was scored.
pub(crate) struct Ranking {
    pub rules: rules::Scheme,
    /// The scheme's grades, the best first.
    pub grades: Vec<String>,
    pub with_places: bool,
    pub table: Vec<Standing>,
}

impl Ranking {
    pub async fn of(desk: &Desk, one: &Evaluation, league: &League) -> Result<Ranking> {
        let (store, tenant) = (&desk.app.store, desk.actor.tenant);
        let rules = scheme::table(store, tenant, one.scheme_id).await?;
        let grades: Vec<String> = rules.grades.iter().map(|grade| grade.name.clone()).collect();
        let with_places = with_places(desk, league);
        let table = in_order(evaluation::table(store, tenant, one.id).await?, &grades, !with_places);
        Ok(Ranking { rules, grades, with_places, table })
    }
}

pub(crate) fn lamp(page: &PageContext, one: &Evaluation) -> LampView {
    let (kind, key) = match one.state {
        EvaluationState::Draft => ("y", "evaluation-state-draft"),
        EvaluationState::Checked => ("y", "evaluation-state-checked"),
        EvaluationState::Published => ("g", "evaluation-state-published"),
    };
    LampView { kind, text: page.w.t(key).into_owned() }
}

/// A place in words: `3`, or that it is none.
pub(crate) fn place_words(page: &PageContext, place: Option<i64>) -> String {
    place.map_or_else(|| page.w.t("evaluation-not-ranked").into_owned(), |place| place.to_string())
}

/// Places that somebody rose or fell since the month before, in words; which way is its class.
struct MoveView {
    kind: &'static str,
    text: String,
}

fn moved(page: &PageContext, now: Option<i64>, was: Option<&Past>) -> MoveView {
    let none = |key: &str| MoveView { kind: "", text: if key.is_empty() { String::new() } else { page.w.t(key).into_owned() } };
    match (now, was) {
        (Some(_), None) => none("evaluation-new"),
        (Some(now), Some(Past { place: Some(was), .. })) => match was - now {
            0 => none("evaluation-same"),
            up if up > 0 => MoveView { kind: "rose", text: page.w.a("evaluation-rose", "n", up).into_owned() },
            down => MoveView { kind: "fell", text: page.w.a("evaluation-fell", "n", -down).into_owned() },
        },
        _ => none(""),
    }
}

struct TopView {
    place: String,
    href: String,
    name: String,
    total: String,
    grade: String,
}

struct MonthView {
    href: String,
    month: String,
    edition: String,
    units: i64,
    lamp: LampView,
}

struct LeagueView {
    name: String,
    href: String,
    ranked: String,
    months: Vec<MonthView>,
    /// Of the latest month that was published.
    latest: String,
    latest_href: String,
    bulletin_href: String,
    top: Vec<TopView>,
    bottom: Vec<TopView>,
    /// The month that can be scored next.
    next: String,
    league: LeagueId,
    /// What waits to be checked or published by whoever looks.
    waits: String,
    waits_href: String,
    /// What is missing before a month can be scored, and where it is set right.
    lacks: String,
    lacks_href: String,
    run: Option<RunView>,
    command: CommandId,
}

struct OwnView {
    href: String,
    name: String,
    month: String,
    place: String,
    total: String,
    grade: String,
}

#[derive(askama::Template)]
#[template(path = "evaluations.html")]
struct EvaluationsPage {
    page: PageContext,
    own: Vec<OwnView>,
    leagues: Vec<LeagueView>,
    may_manage: bool,
    form: Filled,
}

pub async fn list(desk: Desk) -> web::Result<Response> {
    show_list(&desk, Filled::default(), None).await
}

pub(crate) async fn show_list(desk: &Desk, form: Filled, error: Option<&Error>) -> web::Result<Response> {
    desk.actor.permit_some::<ReadRanking>()?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let page = desk.page("evaluations-title");
    let directory = territory::directory_of(desk).await?;
    let over = last_month(store, &directory)?;
    let inside = inside(desk);
    let may_draft = desk.actor.can::<DraftEvaluation>(&tenant);
    let mut leagues = Vec::new();
    let mut own = Vec::new();
    for one in league::all(store, tenant).await? {
        let months = evaluation::months(store, tenant, one.id, !inside).await?;
        if !one.open && months.is_empty() {
            continue;
        }
        let latest = evaluation::months(store, tenant, one.id, true).await?.into_iter().next();
        let table = match &latest {
            Some(latest) => evaluation::table(store, tenant, latest.id).await?,
            None => Vec::new(),
        };
        own.extend(own_lines(desk, &page, &directory, &one, latest.as_ref(), &table));
        let graded = !with_places(desk, &one);
        let line = |standing: &Standing| TopView {
            place: if graded { String::new() } else { place_words(&page, standing.place) },
            href: score_href(desk, &page, &directory, &one, latest.as_ref(), standing),
            name: standing.name.clone(),
            total: if graded { String::new() } else { Points(standing.total).to_string() },
            grade: standing.grade.clone(),
        };
        let compared: Vec<&Standing> = table.iter().filter(|standing| standing.place.is_some()).collect();
        let rest = &compared[compared.len().min(FOREMOST)..];
        let begun = months.iter().any(|known| known.month == over);
        let (lacks, lacks_href) = match lacking(desk, &one, &over).await? {
            Some((key, path)) if may_draft && !begun && one.open => (page.w.t(key).into_owned(), page.href(&path)),
            _ => Default::default(),
        };
        let waiting = months.iter().find_map(|known| Some((waits(desk, known)?, known.id, known.month.clone())));
        let (waits, waits_href) = match waiting {
            Some((key, id, month)) => (page.w.a(key, "month", month).into_owned(), page.href(&format!("/evaluations/{id}"))),
            None => Default::default(),
        };
        leagues.push(LeagueView {
            waits,
            waits_href,
            href: page.href(&format!("/leagues/{}", one.id)),
            ranked: page.w.t(&format!("ranked-{}", one.ranked)).into_owned(),
            latest: latest.as_ref().map(|latest| latest.month.clone()).unwrap_or_default(),
            bulletin_href: latest.as_ref().map(|latest| page.href(&format!("/bulletins/{}", latest.month))).unwrap_or_default(),
            latest_href: latest.as_ref().map(|latest| page.href(&format!("/evaluations/{}", latest.id))).unwrap_or_default(),
            top: compared.iter().take(FOREMOST).map(|standing| line(standing)).collect(),
            bottom: rest.iter().skip(rest.len().saturating_sub(FOREMOST)).map(|standing| line(standing)).collect(),
            months: months.iter().take(12).map(|known| month_view(&page, known)).collect(),
            next: if may_draft && one.open && !begun && lacks.is_empty() { over.clone() } else { String::new() },
            lacks,
            lacks_href,
            run: run_view(desk, &page, &one).await?.filter(RunView::is_news),
            league: one.id,
            command: desk.app.world.new_id(),
            name: one.name,
        });
    }
    let may_manage = desk.actor.can::<ManageLeagues>(&tenant);
    Ok(render(status_of(error), &EvaluationsPage { page, own, leagues, may_manage, form }))
}

/// What waits for the actor in an evaluation.
fn waits(desk: &Desk, one: &Evaluation) -> Option<&'static str> {
    let tenant = desk.actor.tenant;
    let own = one.drafted_by.is_some() && one.drafted_by == desk.actor.account;
    match one.state {
        _ if own => None,
        EvaluationState::Draft => desk.actor.can::<CheckEvaluation>(&tenant).then_some("evaluation-waits-check"),
        EvaluationState::Checked => desk.actor.can::<PublishEvaluation>(&tenant).then_some("evaluation-waits-publish"),
        EvaluationState::Published => None,
    }
}

fn month_view(page: &PageContext, known: &Evaluation) -> MonthView {
    MonthView {
        href: page.href(&format!("/evaluations/{}", known.id)),
        month: known.month.clone(),
        edition: if known.edition > 1 { page.w.a("evaluation-edition", "n", known.edition).into_owned() } else { String::new() },
        units: known.units,
        lamp: lamp(page, known),
    }
}

/// What has to be there before a month can be scored, and where it is set right.
async fn lacking(desk: &Desk, league: &League, month: &str) -> Result<Option<(&'static str, String)>> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    if league::members(store, tenant, league.id, month).await?.is_empty() {
        return Ok(Some(("evaluation-lacks-members", format!("/leagues/{}", league.id))));
    }
    let scheme = scheme::in_force(store, tenant, league.ranked, month).await?;
    Ok(scheme.is_none().then(|| ("evaluation-lacks-scheme", "/schemes".to_owned())))
}

/// Where a unit's lines are seen, if the actor may.
fn score_href(
    desk: &Desk,
    page: &PageContext,
    directory: &Directory,
    league: &League,
    of: Option<&Evaluation>,
    standing: &Standing,
) -> String {
    match of.filter(|_| sees_lines(desk, directory, league, standing)) {
        Some(of) => page.href(&format!("/evaluations/{}/units/{}", of.id, standing.member_id)),
        None => String::new(),
    }
}

/// What of a table is the actor's own unit's.
fn own_lines(
    desk: &Desk,
    page: &PageContext,
    directory: &Directory,
    league: &League,
    of: Option<&Evaluation>,
    table: &[Standing],
) -> Vec<OwnView> {
    let Some(of) = of.filter(|_| !inside(desk)) else { return Vec::new() };
    let is_own = |standing: &&Standing| desk.actor.can::<ReadScore>(&Scored::of(desk, directory, league, standing));
    // Whoever sees all of them has none of his own.
    let own: Vec<&Standing> = table.iter().filter(is_own).collect();
    if own.len() == table.len() && table.len() > 1 && desk.actor.can::<ReadRanking>(&desk.actor.tenant) {
        return Vec::new();
    }
    let view = |standing: &Standing| OwnView {
        href: page.href(&format!("/evaluations/{}/units/{}", of.id, standing.member_id)),
        name: standing.name.clone(),
        month: of.month.clone(),
        place: if league.shows == Shows::Grades { String::new() } else { place_words(page, standing.place) },
        total: Points(standing.total).to_string(),
        grade: standing.grade.clone(),
    };
    own.into_iter().map(view).collect()
}

struct PartView {
    text: String,
    permille: i64,
}

struct StandingView {
    place: String,
    moved: MoveView,
    href: String,
    name: String,
    unit: String,
    total: String,
    grade: String,
    parts: Vec<PartView>,
    /// The totals of a year as a line in a box of 100 by 24, and in words.
    spark: String,
    spark_words: String,
    /// For those who evaluate: how far chance alone may carry it, and what the last draft had.
    spread: String,
    near: bool,
    quarter: String,
    was: String,
}

#[derive(askama::Template)]
#[template(path = "evaluation.html")]
struct EvaluationPage {
    page: PageContext,
    href: String,
    league: String,
    ranked: String,
    month: String,
    lamp: LampView,
    edition: String,
    editions: Vec<(String, String, bool)>,
    facts: Vec<(String, String)>,
    scheme_href: String,
    scheme: String,
    heads: Vec<String>,
    lines: Vec<StandingView>,
    aside: usize,
    units: usize,
    mean: String,
    by_grade: Vec<(String, usize)>,
    with_places: bool,
    with_units: bool,
    with_year: bool,
    bulletin_href: String,
    /// Where the words of its bulletin are written, before it is published.
    words_href: String,
    inside: bool,
    first: String,
    next: String,
    league_id: LeagueId,
    may_redraft: bool,
    may_check: bool,
    may_publish: bool,
    own_draft: bool,
    follows: Beside,
    /// How much was noticed, in words, for those who may see it.
    signs: String,
    version: i64,
    /// What goes on, or ended otherwise than it should.
    run: Option<RunView>,
    form: Filled,
    command: CommandId,
    draft_command: CommandId,
}

/// The evaluation and its league, if the actor may see it: what is not published is for those who make it. Errors: 404.
pub(crate) async fn seen(desk: &Desk, id: &str) -> Result<(Evaluation, League)> {
    desk.actor.permit_some::<ReadRanking>()?;
    let id: EvaluationId = id.parse().map_err(|_| Error::not_found())?;
    let one = evaluation::find(&desk.app.store, desk.actor.tenant, id).await?;
    ensure(one.state == EvaluationState::Published || inside(desk), Error::not_found())?;
    let league = league::find(&desk.app.store, desk.actor.tenant, one.league_id).await?;
    Ok((one, league))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub from: usize,
}

pub async fn one(desk: Desk, Path((_, id)): Path<(String, String)>, Query(asked): Query<Asked>) -> web::Result<Response> {
    let (one, league) = seen(&desk, &id).await?;
    show(&desk, one, league, asked.from, Filled::default(), None).await
}

/// The totals of the last months as a line; the lowest and the highest of all that is shown bound it.
fn spark(months: &[String], past: &BTreeMap<String, Past>, low: i64, high: i64) -> String {
    let width = i64::try_from(months.len().max(2) - 1).unwrap_or(1);
    let range = (high - low).max(1);
    let points = months.iter().zip(0_i64..).filter_map(|(month, at)| {
        let total = past.get(month)?.total;
        Some(format!("{},{}", 2 + at * 96 / width, 22 - (total - low) * 20 / range))
    });
    points.collect::<Vec<_>>().join(" ")
}

/// The table in the order in which the actor sees it: by grade alone, those of one grade stand by name.
pub(crate) fn in_order(mut table: Vec<Standing>, grades: &[String], by_grade: bool) -> Vec<Standing> {
    if by_grade {
        let rank = |standing: &Standing| grades.iter().position(|grade| *grade == standing.grade).unwrap_or(usize::MAX);
        table.sort_by_key(|standing| (standing.place.is_none(), rank(standing), standing.name.clone()));
    }
    table
}

pub(crate) async fn show(
    desk: &Desk,
    one: Evaluation,
    league: League,
    from: usize,
    form: Filled,
    error: Option<&Error>,
) -> web::Result<Response> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut page = desk.page("evaluations-title");
    let w = page.w;
    page.title = w.a2("evaluation-of", "league", league.name.clone(), "month", one.month.clone()).into_owned();
    let directory: Arc<Directory> = territory::directory_of(desk).await?;
    let inside = inside(desk);
    let scheme = scheme::find(store, tenant, one.scheme_id).await?;
    let Ranking { rules, grades, with_places, table } = Ranking::of(desk, &one, &league).await?;
    let begins = month_before(&one.month, MONTHS - 1).unwrap_or_default();
    let mut past = evaluation::history(store, tenant, league.id, &begins, &one.month).await?;
    for standing in &table {
        // What is looked at stands at its end, published or not.
        let now = Past { total: standing.total, place: standing.place };
        past.entry(standing.member_id).or_default().insert(one.month.clone(), now);
    }
    let months: Vec<String> = (0..MONTHS).rev().filter_map(|by| month_before(&one.month, by)).collect();
    let totals = || past.values().flat_map(|months| months.values().map(|past| past.total));
    let (low, high) = (totals().min().unwrap_or(0), totals().max().unwrap_or(0));
    let before = month_before(&one.month, 1).unwrap_or_default();
    // Nobody is new where there is nothing before.
    let with_before = past.values().any(|months| months.contains_key(&before));
    let with_year = past.values().any(|months| months.len() > 1);
    let compared: Vec<&Standing> = table.iter().filter(|standing| standing.place.is_some()).collect();
    let sum: i64 = compared.iter().map(|standing| standing.total).sum();
    let mean = (!compared.is_empty()).then(|| sum / i64::try_from(compared.len()).unwrap_or(1));
    let by_grade = grades.iter().map(|grade| (grade.clone(), compared.iter().filter(|standing| standing.grade == *grade).count()));
    let by_grade: Vec<(String, usize)> = by_grade.collect();
    let at = from.min(table.len());
    let shown = &table[at..table.len().min(at + ON_PAGE)];
    let mut lines = Vec::with_capacity(shown.len());
    let mut above: Option<(i64, i64)> = None;
    for standing in shown {
        let parts = standing.parts()?;
        let full = |nth: usize| rules.dimensions.get(nth).map_or(0, |dimension| dimension.full.0);
        let part = |(nth, points): (usize, &i64)| PartView {
            text: format!("{} / {}", Points(*points), Points(full(nth))),
            permille: (points * 1000).checked_div(full(nth)).unwrap_or(0).clamp(0, 1000),
        };
        let history = &past[&standing.member_id];
        let near = above.is_some_and(|(total, other)| within_chance(total - standing.total, standing.spread, other));
        above = standing.place.map(|_| (standing.total, standing.spread));
        lines.push(StandingView {
            place: place_words(&page, standing.place),
            moved: moved(&page, standing.place.filter(|_| with_before), history.get(&before)),
            href: score_href(desk, &page, &directory, &league, Some(&one), standing),
            name: standing.name.clone(),
            unit: standing.unit_name.clone(),
            total: Points(standing.total).to_string(),
            grade: standing.grade.clone(),
            parts: parts.iter().enumerate().map(part).collect(),
            spark: spark(&months, history, low, high),
            spark_words: history.iter().map(|(month, past)| format!("{month} {}", Points(past.total))).collect::<Vec<_>>().join(", "),
            spread: if inside && standing.spread > 0 { format!("± {}", Points(standing.spread / 100 * 100)) } else { String::new() },
            near: inside && near,
            quarter: quarter(standing.place, compared.len()).map(|n| n.to_string()).unwrap_or_default(),
            was: was(&page, standing),
        });
    }
    let pager = |at: usize| page.href(&format!("/evaluations/{}?from={at}", one.id));
    let names = access::names(store, tenant, [one.drafted_by, one.checked_by, one.published_by].into_iter().flatten()).await?;
    let by = |at: Option<kernel::Instant>, who: Option<kernel::ids::AccountId>| {
        let name = who.and_then(|who| names.get(&who).cloned()).unwrap_or_default();
        at.map(|at| format!("{name} · {}", page.at_full(&at))).unwrap_or_default()
    };
    let mut facts = vec![
        ("evaluation-drafted", by(Some(one.drafted_at), one.drafted_by)),
        ("evaluation-checked", by(one.checked_at, one.checked_by)),
        ("evaluation-published", by(one.published_at, one.published_by)),
        ("evaluation-digest", one.digest.clone()),
    ];
    if !inside {
        facts.retain(|(key, _)| !matches!(*key, "evaluation-drafted" | "evaluation-checked"));
    }
    let facts = facts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(key, text)| (w.t(key).into_owned(), text)).collect();
    let editions = evaluation::editions(store, tenant, league.id, &one.month).await?.into_iter();
    let editions = editions.filter(|other| inside || other.state == EvaluationState::Published).map(|other| {
        let href = page.href(&format!("/evaluations/{}", other.id));
        (href, w.a("evaluation-edition", "n", other.edition).into_owned(), other.id == one.id)
    });
    let editions: Vec<(String, String, bool)> = editions.collect();
    let own_draft = one.drafted_by.is_some() && one.drafted_by == desk.actor.account;
    let latest = editions.first().is_some_and(|(_, _, now)| *now);
    let signs = crate::signs_page::count(desk, &one, &league, &table).await?;
    let run = run_view(desk, &page, &league).await?.filter(|run| run.is_news() && run.month == one.month && latest);
    let template = EvaluationPage {
        href: page.href(&format!("/evaluations/{}", one.id)),
        ranked: w.t(&format!("ranked-{}", league.ranked)).into_owned(),
        lamp: lamp(&page, &one),
        edition: if one.edition > 1 { w.a("evaluation-edition", "n", one.edition).into_owned() } else { String::new() },
        editions: if editions.len() > 1 { editions } else { Vec::new() },
        facts,
        scheme_href: page.href(&format!("/schemes/{}", scheme.id)),
        scheme: scheme.name,
        heads: rules.dimensions.iter().map(|dimension| dimension.name.clone()).collect(),
        aside: table.len() - compared.len(),
        units: table.len(),
        mean: mean.map(|mean| Points(mean / 10 * 10).to_string()).unwrap_or_default(),
        by_grade,
        with_places,
        with_year,
        bulletin_href: if one.state == EvaluationState::Published {
            page.href(&format!("/bulletins/{}", one.month))
        } else {
            String::new()
        },
        words_href: if one.state != EvaluationState::Published && desk.actor.can::<WriteBulletin>(&tenant) {
            page.href(&format!("/bulletins/{}/words", one.month))
        } else {
            String::new()
        },
        with_units: table.iter().any(|standing| !standing.unit_name.is_empty()),
        first: if at > 0 { pager(0) } else { String::new() },
        next: if at + ON_PAGE < table.len() { pager(at + ON_PAGE) } else { String::new() },
        lines,
        inside,
        run,
        league_id: league.id,
        may_redraft: latest && desk.actor.can::<DraftEvaluation>(&tenant),
        may_check: one.state == EvaluationState::Draft && desk.actor.can::<CheckEvaluation>(&tenant) && !own_draft,
        may_publish: one.state == EvaluationState::Checked && desk.actor.can::<PublishEvaluation>(&tenant) && !own_draft,
        own_draft: own_draft && one.state != EvaluationState::Published,
        signs: signs.filter(|n| *n > 0).map(|n| w.a("signs-count", "n", n).into_owned()).unwrap_or_default(),
        follows: consequence_page::of_evaluation(desk, &page, &one).await?,
        version: one.version,
        month: one.month,
        league: league.name,
        form,
        command: desk.app.world.new_id(),
        draft_command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status_of(error), &template))
}

/// In which quarter of those that are compared a place lies.
pub(crate) fn quarter(place: Option<i64>, compared: usize) -> Option<usize> {
    let above = place.and_then(|place| usize::try_from(place - 1).ok())?;
    Some((above * 4 / compared.max(1) + 1).min(4))
}

/// What a draft changed against the draft before it.
fn was(page: &PageContext, standing: &Standing) -> String {
    match standing.was_total {
        Some(total) if total != standing.total || standing.was_place != standing.place => {
            page.w.a2("evaluation-was", "total", Points(total).to_string(), "place", place_words(page, standing.was_place)).into_owned()
        }
        _ => String::new(),
    }
}

/// A table as a sheet, with places and points or grades alone; `before` gives the places of the month before, where they stand in it.
pub(crate) fn sheet_of(
    page: &PageContext,
    name: String,
    rules: &rules::Scheme,
    table: &[Standing],
    with_places: bool,
    before: Option<&dyn Fn(MemberId) -> Option<i64>>,
) -> Result<Sheet> {
    let title = |key: &str, width| Column::new(page.w.t(key).into_owned(), width);
    let mut columns = Vec::new();
    if with_places {
        columns.push(title("evaluation-place", 8));
    }
    columns.extend([title("evaluation-unit", 24), title("evaluation-company", 24)]);
    if with_places {
        columns.push(title("evaluation-total", 10));
        columns.extend(before.map(|_| title("bulletin-before", 10)));
    }
    columns.push(title("evaluation-grade", 10));
    columns.extend(rules.dimensions.iter().filter(|_| with_places).map(|dimension| Column::new(dimension.name.clone(), 12)));
    let mut rows = Vec::with_capacity(table.len());
    for standing in table {
        let mut row = Vec::new();
        if with_places {
            row.push(standing.place.map_or_else(|| Cell::text(place_words(page, None)), Cell::Number));
        }
        row.extend([Cell::text(&standing.name), Cell::text(&standing.unit_name)]);
        if with_places {
            row.push(Cell::Thousandths(standing.total));
            row.extend(before.map(|before| before(standing.member_id).map_or(Cell::Empty, Cell::Number)));
        }
        row.push(Cell::text(&standing.grade));
        if with_places {
            row.extend(standing.parts()?.into_iter().map(Cell::Thousandths));
        }
        rows.push(row);
    }
    Ok(Sheet { name, columns, rows })
}

/// The table as a workbook.
pub async fn workbook_of(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let (one, league) = seen(&desk, &id).await?;
    let by = desk.actor.permit_some::<ReadRanking>()?;
    let page = desk.page("evaluations-title");
    let Ranking { rules, with_places, table, .. } = Ranking::of(&desk, &one, &league).await?;
    let name = page.w.a2("evaluation-of", "league", league.name.clone(), "month", one.month.clone()).into_owned();
    let sheet = sheet_of(&page, one.month, &rules, &table, with_places, None)?;
    let bytes = workbook::write(page.now, &page.zone, &[sheet])?;
    desk.app.store.run(desk.own_pass(), Take { by, evaluations: vec![one.id], form: "xlsx" }).await?;
    Ok(workbook::download(&name, bytes))
}
