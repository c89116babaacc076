//! A draft of a scheme tried on a month that is over: every score by it beside the score that stands. Nothing of it is kept.

use crate::evaluated_page::{Rules, reason_words, signed};
use crate::evaluation::EvaluationState;
use crate::evaluation_page::place_words;
use crate::league::{self, League};
use crate::reckoning::{NO_MEMBERS, Stands, Tried, last_month, tried};
use crate::run_page::LEAGUE_NEEDED;
use crate::scheme::{self, Version, changeable};
use crate::scheme_page::{ProblemView, Room, mendable, problem_views, seen, status_of};
use crate::scoring::{Kept, places};
use crate::terms::Tellers;
use crate::verbs::{DraftScheme, ReadEvaluation};
use access::http::Desk;
use axum::extract::{Path, Query};
use axum::response::Response;
use kernel::{Error, Result};
use rules::{Change, LineOf, Points, Scheme};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use web::PageContext;
use web::forms::{Choice, Filled};
use web::html::render;

/// Lines of a table at once.
const ON_PAGE: usize = 200;
/// Lines of a unit that are named as what moved it most.
const MOST_CHANGES: usize = 3;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// `YYYY-MM`; the last month that is over where nothing is said.
    pub month: String,
    pub league: String,
    #[serde(skip_serializing)]
    pub from: usize,
}

/// One unit, by what stands and by the draft.
struct Moved<'a> {
    before: Option<&'a Kept>,
    after: &'a Kept,
    was: Option<i64>,
    place: Option<i64>,
    /// The lines that differ, the strongest first.
    changes: Vec<Change>,
}

impl Moved<'_> {
    fn difference(&self) -> i64 {
        self.before.map_or(0, |before| self.after.score.total.0 - before.score.total.0)
    }
    /// Places risen; a fall is below zero. `None` where either has none.
    fn risen(&self) -> Option<i64> {
        Some(self.was? - self.place?)
    }
    fn other_grade(&self) -> bool {
        self.before.is_some_and(|before| before.score.grade != self.after.score.grade)
    }
}

fn by(change: &Change) -> i64 {
    change.after.0 - change.before.0
}

/// Every unit with what moves it, the best by the draft first; those that share a place by name, those without one at the end.
fn moved<'t>(tried: &'t Tried) -> Vec<Moved<'t>> {
    let (was, place) = (places(&tried.before), places(&tried.after));
    let unit = |(nth, after): (usize, &'t Kept)| {
        let before = tried.before.get(nth);
        let mut changes = before.map(|before| rules::changes(&before.score, &after.score)).unwrap_or_default();
        changes.sort_by_key(|change| Reverse(by(change).abs()));
        Moved { before, after, was: was.get(nth).copied().flatten(), place: place[nth], changes }
    };
    let mut all: Vec<Moved<'_>> = tried.after.iter().enumerate().map(unit).collect();
    all.sort_by(|a, b| {
        let key = |one: &Moved<'_>| (one.place.is_none(), one.place, -one.after.score.total.0);
        key(a).cmp(&key(b)).then_with(|| a.after.known.name.cmp(&b.after.known.name))
    });
    all
}

/// What a line comes to over all units.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    units: usize,
    points: i64,
}

/// The lines that differ anywhere, those that move most points first.
fn sums(all: &[Moved<'_>]) -> Vec<(LineOf, Sum)> {
    let mut sums: BTreeMap<LineOf, Sum> = BTreeMap::new();
    for change in all.iter().flat_map(|moved| &moved.changes) {
        let sum = sums.entry(change.of.clone()).or_default();
        sum.units += 1;
        sum.points += by(change);
    }
    let mut sums: Vec<(LineOf, Sum)> = sums.into_iter().collect();
    sums.sort_by_key(|(_, sum)| Reverse((sum.points.abs(), sum.units)));
    sums
}

/// The mean of those that are compared, to a hundredth of a point.
fn mean(units: &[Kept]) -> String {
    let totals: Vec<i64> = units.iter().filter(|kept| kept.not_ranked().is_none()).map(|kept| kept.score.total.0).collect();
    let Ok(many) = i64::try_from(totals.len()) else { return String::new() };
    totals.iter().sum::<i64>().checked_div(many).map(|mean| Points(mean / 10 * 10).to_string()).unwrap_or_default()
}

struct ChangeView {
    name: String,
    points: String,
    kind: &'static str,
}

struct SumView {
    name: String,
    /// What the row says, and what it said; nothing where both say the same.
    rule: String,
    was: String,
    units: usize,
    points: String,
    kind: &'static str,
}

struct LineView {
    name: String,
    unit: String,
    /// Its lines as they stand, where they were kept.
    href: String,
    was_total: String,
    total: String,
    difference: String,
    kind: &'static str,
    was_place: String,
    place: String,
    risen: String,
    risen_kind: &'static str,
    was_grade: String,
    grade: String,
    other_grade: bool,
    changes: Vec<ChangeView>,
    more: usize,
    why: String,
}

/// What a trial found.
struct ResultView {
    stands: String,
    stands_href: String,
    /// Whether there is anything that it is held against.
    held: bool,
    units: usize,
    rose: usize,
    fell: usize,
    same: usize,
    grades: usize,
    mean: String,
    was_mean: String,
    farthest: String,
    sums: Vec<SumView>,
    lines: Vec<LineView>,
    with_units: bool,
    first: String,
    next: String,
}

#[derive(askama::Template)]
#[template(path = "trial.html")]
struct TrialPage {
    page: PageContext,
    href: String,
    name: String,
    ranked: String,
    problems: Vec<ProblemView>,
    may_edit: bool,
    leagues: Vec<Choice>,
    /// Nobody is in the league; where that is set right.
    league_href: String,
    form: Filled,
    result: Option<ResultView>,
}

fn kind(points: i64) -> &'static str {
    match points {
        0 => "",
        1.. => "rose",
        _ => "fell",
    }
}

/// Which league of those that the scheme is for: the one asked for, else the first that anybody is in.
async fn chosen<'a>(desk: &Desk, leagues: &'a [League], asked: &Asked) -> Result<Option<&'a League>> {
    let name = asked.league.trim();
    if !name.is_empty() {
        let found = leagues.iter().find(|league| league.id.to_string() == name);
        return Ok(Some(found.ok_or_else(|| Error::field("league", LEAGUE_NEEDED))?));
    }
    for league in leagues {
        if !league::members(&desk.app.store, desk.actor.tenant, league.id, &asked.month).await?.is_empty() {
            return Ok(Some(league));
        }
    }
    Ok(leagues.first())
}

pub async fn one(desk: Desk, Path((_, id)): Path<(String, String)>, Query(asked): Query<Asked>) -> web::Result<Response> {
    let version = seen(&desk, &id).await?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let _ = desk.actor.permit::<ReadEvaluation>(&tenant)?;
    // What was adopted is scored by in earnest, and what was dropped by nobody.
    changeable(&version)?;
    let room = Room::of(&desk).await?;
    let mut page = desk.page("trial");
    let w = page.w;
    page.title = w.a("trial-of", "name", version.name.clone()).into_owned();
    let month = if asked.month.trim().is_empty() { last_month(store, room.directory())? } else { asked.month.trim().to_owned() };
    let mut asked = Asked { month, ..asked };
    let scheme = scheme::table(store, tenant, version.id).await?;
    let mut leagues = league::all(store, tenant).await?;
    leagues.retain(|league| league.ranked == version.ranked);
    let (mut problems, mut result, mut form, mut league_href, mut failed) = (Vec::new(), None, Filled::default(), String::new(), None);
    match scheme.compile(room.vocabulary()) {
        Err(found) => problems = problem_views(w, &found, None),
        Ok(table) => {
            let league = chosen(&desk, &leagues, &asked).await;
            if let Ok(Some(league)) = &league {
                asked.league = league.id.to_string();
            }
            let outcome = async {
                let Some(league) = league? else { return Ok(None) };
                let found = tried(store, *desk.app.get::<Tellers>(), room.directory(), league, &asked.month, &table).await?;
                Ok::<_, Error>(Some(found))
            };
            match outcome.await {
                Ok(Some(found)) => result = Some(view(&desk, &page, &room, &version, &scheme, &found, &asked).await?),
                Ok(None) => {}
                Err(error) if mendable(&error) => {
                    if error.code() == NO_MEMBERS.name {
                        league_href = page.href(&format!("/leagues/{}", asked.league));
                    }
                    form = Filled::again(w, &asked, &error);
                    failed = Some(error);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    let choice = |league: &League| {
        let value = league.id.to_string();
        Choice { on: value == asked.league, value, label: league.name.clone() }
    };
    let template = TrialPage {
        href: page.href(&format!("/schemes/{}", version.id)),
        ranked: w.t(&format!("ranked-{}", version.ranked)).into_owned(),
        problems,
        may_edit: desk.actor.can::<DraftScheme>(&tenant),
        leagues: leagues.iter().map(choice).collect(),
        league_href,
        form: if form.is_again() { form } else { form.with("month", asked.month.clone()) },
        result,
        name: version.name,
        page,
    };
    Ok(render(status_of(failed.as_ref()), &template))
}

async fn view(
    desk: &Desk,
    page: &PageContext,
    room: &Room,
    version: &Version,
    scheme: &Scheme,
    tried: &Tried,
    asked: &Asked,
) -> Result<ResultView> {
    let (store, tenant, w) = (&desk.app.store, desk.actor.tenant, page.w);
    let (stands, stands_href, before) = match &tried.stands {
        Stands::Evaluation(one) => {
            let key = match one.state {
                EvaluationState::Published => "trial-beside-published",
                EvaluationState::Draft | EvaluationState::Checked => "trial-beside-draft",
            };
            (
                w.a2(key, "month", one.month.clone(), "edition", one.edition).into_owned(),
                page.href(&format!("/evaluations/{}", one.id)),
                Some(one.scheme_id),
            )
        }
        Stands::Scheme(of) => {
            let words = w.a2("trial-beside-scheme", "name", of.name.clone(), "month", asked.month.clone()).into_owned();
            (words, page.href(&format!("/schemes/{}", of.id)), Some(of.id))
        }
        Stands::Nothing => (w.a("trial-beside-nothing", "month", asked.month.clone()).into_owned(), String::new(), None),
    };
    let old = match before {
        Some(before) => Some(scheme::table(store, tenant, before).await?),
        None => None,
    };
    let new_rules = Rules { w, scheme, sheet: room.sheet(scheme) };
    let old_rules = old.as_ref().map(|scheme| Rules { w, scheme, sheet: room.sheet(scheme) });
    // A row that the draft does not have any more is called as it was.
    let called = |of: &LineOf| {
        let gone = matches!(of, LineOf::Row { code } if !scheme.rows.iter().any(|row| row.code == *code));
        old_rules.as_ref().filter(|_| gone).unwrap_or(&new_rules).called(of)
    };
    let all = moved(tried);
    let kept = match &tried.stands {
        Stands::Evaluation(one) => Some(one.id),
        Stands::Scheme(_) | Stands::Nothing => None,
    };
    let farthest = all.iter().filter_map(|one| Some((one.risen().filter(|risen| *risen != 0)?, one)));
    // Of those that move equally far the best is named.
    let farthest = farthest.min_by_key(|(risen, _)| Reverse(risen.abs())).map(|(risen, one)| {
        let said = [
            ("unit", one.after.known.name.clone()),
            ("was", place_words(page, one.was)),
            ("now", place_words(page, one.place)),
            ("move", risen_words(page, risen)),
        ];
        w.with("trial-farthest", &said).into_owned()
    });
    let line = |one: &Moved<'_>| {
        let (member, score) = (one.after.known.member, &one.after.score);
        let before = one.before.map(|before| &before.score);
        let difference = one.difference();
        let risen = one.risen().unwrap_or(0);
        LineView {
            name: one.after.known.name.clone(),
            unit: one.after.known.unit_name.clone(),
            href: kept.map(|of| page.href(&format!("/evaluations/{of}/units/{member}"))).unwrap_or_default(),
            was_total: before.map(|before| before.total.to_string()).unwrap_or_default(),
            total: score.total.to_string(),
            difference: if difference == 0 { String::new() } else { signed(Points(difference)) },
            kind: kind(difference),
            was_place: one.before.map(|_| place_words(page, one.was)).unwrap_or_default(),
            place: place_words(page, one.place),
            risen: risen_words(page, risen),
            risen_kind: kind(risen),
            was_grade: before.and_then(|before| before.grade.clone()).unwrap_or_default(),
            grade: score.grade.clone().unwrap_or_default(),
            other_grade: one.other_grade(),
            changes: one
                .changes
                .iter()
                .take(MOST_CHANGES)
                .map(|change| ChangeView { name: called(&change.of), points: signed(Points(by(change))), kind: kind(by(change)) })
                .collect(),
            more: one.changes.len().saturating_sub(MOST_CHANGES),
            why: one.after.not_ranked().map(|reason| reason_words(w, reason)).unwrap_or_default(),
        }
    };
    let sum = |(of, sum): &(LineOf, Sum)| {
        let said = |rules: Option<&Rules<'_>>| match (of, rules) {
            (LineOf::Row { code }, Some(rules)) => rules.rule(code),
            _ => String::new(),
        };
        let (now, was) = (said(Some(&new_rules)), said(old_rules.as_ref()));
        let differs = now != was;
        SumView {
            name: called(of),
            rule: if differs { now } else { String::new() },
            was: if differs { was } else { String::new() },
            units: sum.units,
            points: signed(Points(sum.points)),
            kind: kind(sum.points),
        }
    };
    let at = asked.from.min(all.len());
    let shown = &all[at..all.len().min(at + ON_PAGE)];
    let pager = |at: usize| {
        let month = access::http::encode(&asked.month);
        page.href(&format!("/schemes/{}/trial?month={month}&league={}&from={at}", version.id, asked.league))
    };
    let count = |such: &dyn Fn(&Moved<'_>) -> bool| all.iter().filter(|one| such(one)).count();
    Ok(ResultView {
        stands,
        stands_href,
        held: before.is_some(),
        units: all.len(),
        rose: count(&|one| one.difference() > 0),
        fell: count(&|one| one.difference() < 0),
        same: count(&|one| one.difference() == 0),
        grades: count(&|one| one.other_grade()),
        mean: mean(&tried.after),
        was_mean: mean(&tried.before),
        farthest: farthest.unwrap_or_default(),
        sums: sums(&all).iter().map(sum).collect(),
        with_units: all.iter().any(|one| !one.after.known.unit_name.is_empty()),
        lines: shown.iter().map(line).collect(),
        first: if at > 0 { pager(0) } else { String::new() },
        next: if at + ON_PAGE < all.len() { pager(at + ON_PAGE) } else { String::new() },
    })
}

/// Places risen or fallen in words; nothing where none.
fn risen_words(page: &PageContext, risen: i64) -> String {
    match risen {
        0 => String::new(),
        1.. => page.w.a("evaluation-rose", "n", risen).into_owned(),
        _ => page.w.a("evaluation-fell", "n", -risen).into_owned(),
    }
}
