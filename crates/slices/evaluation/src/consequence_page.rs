//! The pages of what follows from results: the list by state, one with its reasons and what is done with it next, and the lines of it
//! that stand beside an evaluation and beside a score.

use crate::consequence::{
    self, Confirm, Consequence, ConsequenceId, ConsequenceState, Done, ON_PAGE, Reject, STALE, WRONG_STATE, Withdraw, first_month,
};
use crate::consequence_rule::{self, MonthOf, Rule, RuleId};
use crate::consequence_rule_page::when_words;
use crate::evaluation::Evaluation;
use crate::evaluation_page::{Scored, inside, place_words};
use crate::league::{self, League, LeagueId, MemberId, Shows};
use crate::scheme_page::{DAY_NEEDED, mendable, status_of};
use crate::verbs::{DecideConsequence, DoConsequence, ReadConsequence, SetConsequences};
use crate::{appeal, concern::name_of};
use access::http::{Desk, Submitted};
use axum::extract::{Path, Query};
use axum::response::Response;
use jiff::civil::Date;
use kernel::ids::CommandId;
use kernel::{Code, Error, Result, ensure};
use rules::Points;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use territory::Directory;
use web::PageContext;
use web::forms::Filled;
use web::html::render;
use web::parts::{LampView, PhotoView};

pub const WORDS_NEEDED: Code = Code::invalid("consequence.words_needed");
pub const WORDS_TOO_LONG: Code = Code::invalid("consequence.words_too_long");
/// From the day of its confirmation to today.
pub const DAY_OUTSIDE: Code = Code::invalid("consequence.day_outside");

const MAX_WORDS: usize = 500;
/// Lines beside an evaluation; the list has them all.
const BESIDE: usize = 20;

/// What all pages of consequences read: the rules, the leagues, today.
pub(crate) struct Room {
    rules: BTreeMap<RuleId, Rule>,
    leagues: BTreeMap<LeagueId, League>,
    pub directory: Arc<Directory>,
    today: Date,
}

impl Room {
    pub async fn of(desk: &Desk) -> Result<Room> {
        let (store, tenant) = (&desk.app.store, desk.actor.tenant);
        let directory = territory::directory_of(desk).await?;
        Ok(Room {
            rules: consequence_rule::all(store, tenant).await?.into_iter().map(|rule| (rule.id, rule)).collect(),
            leagues: league::all(store, tenant).await?.into_iter().map(|league| (league.id, league)).collect(),
            today: directory.date_of(desk.app.world.now())?,
            directory,
        })
    }

    /// Its rule and its league. Errors: 404.
    pub fn both(&self, one: &Consequence) -> Result<(&Rule, &League)> {
        self.rules.get(&one.rule_id).zip(self.leagues.get(&one.league_id)).ok_or_else(Error::not_found)
    }

    /// What is only proposed, and what came to nothing, is for those who evaluate; the rest for whom it concerns too.
    fn may_see(&self, desk: &Desk, one: &Consequence) -> bool {
        let Ok((_, league)) = self.both(one) else { return false };
        let concerned = || desk.actor.can::<ReadConsequence>(&Scored::by(desk, &self.directory, league, one.member_id, one.unit_id));
        inside(desk) || (!one.state.is_inner() && concerned())
    }

    pub fn late(&self, one: &Consequence) -> bool {
        one.state == ConsequenceState::Confirmed && one.due.as_ref().is_some_and(|due| *due < self.today.to_string())
    }

    fn lamp(&self, page: &PageContext, one: &Consequence) -> LampView {
        let kind = match one.state {
            _ if self.late(one) => return LampView { kind: "x", text: page.w.t("consequence-late").into_owned() },
            ConsequenceState::Proposed | ConsequenceState::Confirmed => "y",
            ConsequenceState::Done => "g",
            ConsequenceState::Dropped | ConsequenceState::Withdrawn => "n",
        };
        LampView { kind, text: page.w.t(&format!("consequence-state-{}", one.state)).into_owned() }
    }

    fn line(&self, page: &PageContext, one: &Consequence, holds: bool) -> Result<LineView> {
        let (rule, league) = self.both(one)?;
        let w = page.w;
        let day = match (&one.done_on, &one.due) {
            (Some(day), _) => w.a("consequence-done-on", "day", day.clone()).into_owned(),
            (None, Some(due)) if one.state == ConsequenceState::Confirmed => w.a("consequence-due", "day", due.clone()).into_owned(),
            _ => String::new(),
        };
        Ok(LineView {
            href: page.href(&format!("/consequences/{}", one.id)),
            unit: name_of(&self.directory, league.ranked, one.member_id),
            league: league.name.clone(),
            month: one.month.clone(),
            what: rule.name.clone(),
            kind: w.t(&format!("consequence-kind-{}", rule.kind)).into_owned(),
            when: when_words(page, rule),
            day,
            not_met: if holds { String::new() } else { w.t("consequence-not-met-short").into_owned() },
            lamp: self.lamp(page, one),
        })
    }

    /// Of those that stand together, whether each holds still.
    pub async fn holding(&self, desk: &Desk, all: &[Consequence]) -> Result<Vec<bool>> {
        let (store, tenant) = (&desk.app.store, desk.actor.tenant);
        // The months that the rules of each league look at, read at once.
        let mut spans: BTreeMap<LeagueId, (String, String)> = BTreeMap::new();
        for one in all {
            let first = first_month(self.both(one)?.0, &one.month);
            let span = spans.entry(one.league_id).or_insert_with(|| (first.clone(), one.month.clone()));
            span.0 = span.0.clone().min(first);
            span.1 = span.1.clone().max(one.month.clone());
        }
        let mut months: BTreeMap<LeagueId, BTreeMap<String, MonthOf>> = BTreeMap::new();
        for (league, (first, last)) in spans {
            months.insert(league, consequence::months(store, tenant, league, &first, &last).await?);
        }
        let holds = |one: &Consequence| {
            let stands = !matches!(one.state, ConsequenceState::Dropped | ConsequenceState::Withdrawn);
            let met = |known| self.both(one).map(|(rule, _)| rule.holds(known, &one.month, one.member_id));
            months.get(&one.league_id).filter(|_| stands).map_or(Ok(true), met)
        };
        all.iter().map(holds).collect()
    }

    /// The lines of those, each with whether it holds still.
    async fn lines(&self, desk: &Desk, page: &PageContext, all: &[Consequence]) -> Result<Vec<LineView>> {
        let holding = self.holding(desk, all).await?;
        all.iter().zip(holding).map(|(one, holds)| self.line(page, one, holds)).collect()
    }
}

/// One consequence as a line: where it opens, whose it is, what it is and how it stands.
pub(crate) struct LineView {
    pub href: String,
    pub unit: String,
    pub league: String,
    pub month: String,
    pub what: String,
    pub kind: String,
    pub when: String,
    pub day: String,
    /// In words, where the rule is not met any more.
    pub not_met: String,
    pub lamp: LampView,
}

#[derive(askama::Template)]
#[template(path = "consequences.html")]
struct ConsequencesPage {
    page: PageContext,
    tabs: Vec<(String, String, bool)>,
    lines: Vec<LineView>,
    none: String,
    none_help: String,
    may_set: bool,
    first: String,
    next: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub state: String,
    pub before: String,
}

/// A page of a list, the latest first, and from where the next goes on.
pub(crate) async fn some(
    desk: &Desk,
    room: &Room,
    state: ConsequenceState,
    before: ConsequenceId,
) -> Result<(Vec<Consequence>, Option<ConsequenceId>)> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut lists = vec![consequence::in_state(store, tenant, state, before).await?];
    if !inside(desk) {
        // A unit's own are found by the unit, however many others there are.
        for unit in desk.actor.organisations() {
            lists.push(consequence::of_unit(store, tenant, unit, state, before).await?);
        }
        // Whoever has but units has all of them there.
        let places = desk.actor.assignments.iter().any(|given| !matches!(given.scope, access::Scope::Organisation { .. }));
        if !places {
            lists.remove(0);
        }
    }
    // Where a list goes on behind its page, nothing beyond that is shown yet of any.
    let next = lists.iter().filter(|list| list.len() > ON_PAGE).map(|list| list[ON_PAGE - 1].id).max();
    let mut all: Vec<Consequence> = lists.into_iter().flatten().filter(|one| next.is_none_or(|next| one.id >= next)).collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.id));
    all.dedup_by_key(|one| one.id);
    all.retain(|one| room.may_see(desk, one));
    Ok((all, next))
}

/// The state whose list the actor is given: what he asks for, where it is for him, or what he usually looks for.
pub(crate) fn state_for(desk: &Desk, asked: Option<ConsequenceState>) -> ConsequenceState {
    let inside = inside(desk);
    let usual = if inside { ConsequenceState::Proposed } else { ConsequenceState::Confirmed };
    asked.filter(|state| inside || !state.is_inner()).unwrap_or(usual)
}

pub async fn list(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    desk.actor.permit_some::<ReadConsequence>()?;
    let page = desk.page("consequences-title");
    let room = Room::of(&desk).await?;
    let inside = inside(&desk);
    let state = state_for(&desk, asked.state.parse().ok());
    let before = asked.before.parse().unwrap_or_else(|_| consequence::newest());
    let (all, next) = some(&desk, &room, state, before).await?;
    let shown = ConsequenceState::ALL.iter().filter(|state| inside || !state.is_inner());
    let tab = |one: &ConsequenceState| {
        let label = page.w.t(&format!("consequence-state-{one}")).into_owned();
        (page.href(&format!("/consequences?state={one}")), label, *one == state)
    };
    let ruled = room.rules.values().any(|rule| rule.open);
    let template = ConsequencesPage {
        tabs: shown.map(tab).collect(),
        lines: room.lines(&desk, &page, &all).await?,
        none: page.w.t(if ruled { "consequences-none" } else { "consequence-rules-none" }).into_owned(),
        none_help: page.w.t(if ruled { "consequences-none-help" } else { "consequence-rules-none-help" }).into_owned(),
        may_set: desk.actor.can::<SetConsequences>(&desk.actor.tenant),
        first: if asked.before.is_empty() { String::new() } else { page.href(&format!("/consequences?state={state}")) },
        next: next.map(|next| page.href(&format!("/consequences?state={state}&before={next}"))).unwrap_or_default(),
        page,
    };
    Ok(render(status_of(None), &template))
}

struct MonthView {
    href: String,
    month: String,
    total: String,
    grade: String,
    place: String,
}

struct SaidView {
    title: String,
    by: String,
    at: String,
    words: String,
}

#[derive(askama::Template)]
#[template(path = "consequence.html")]
struct ConsequencePage {
    page: PageContext,
    href: String,
    unit: String,
    league: String,
    month: String,
    what: String,
    kind: String,
    when: String,
    lamp: LampView,
    due: String,
    /// What stands against it, in words: the rule is not met any more, an appeal waits, the time to appeal runs.
    notes: Vec<String>,
    months: Vec<MonthView>,
    said: Vec<SaidView>,
    may_decide: bool,
    may_confirm: bool,
    may_do: bool,
    may_withdraw: bool,
    days: i64,
    done_on: String,
    nothing: Vec<PhotoView>,
    form: Filled,
    version: i64,
    command: CommandId,
}

/// A consequence that the actor may see. Errors: 404.
async fn seen(desk: &Desk, room: &Room, id: &str) -> Result<Consequence> {
    let id: ConsequenceId = id.parse().map_err(|_| Error::not_found())?;
    let one = consequence::find(&desk.app.store, desk.actor.tenant, id).await?;
    ensure(room.may_see(desk, &one), Error::not_found())?;
    Ok(one)
}

pub async fn one(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let room = Room::of(&desk).await?;
    let one = seen(&desk, &room, &id).await?;
    show(&desk, &room, one, Filled::default(), None).await
}

/// What stands against it, in words, and whether it may be confirmed for all that.
async fn against(desk: &Desk, page: &PageContext, room: &Room, one: &Consequence, holds: bool) -> Result<Vec<String>> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut notes = Vec::new();
    let ended = matches!(one.state, ConsequenceState::Dropped | ConsequenceState::Withdrawn);
    if !holds && !ended {
        notes.push(page.w.t("consequence-not-met").into_owned());
    }
    if one.state != ConsequenceState::Proposed {
        return Ok(notes);
    }
    let mut waits = false;
    for month in months_of(room.both(one)?.0, &one.month) {
        waits |= appeal::of_member(store, tenant, one.league_id, &month, one.member_id).await?.iter().any(appeal::Appeal::is_open);
    }
    if waits {
        notes.push(page.w.t("consequence-appeal-waits").into_owned());
    }
    let of = crate::evaluation::find(store, tenant, one.evaluation_id).await?;
    let until = appeal::until(&room.directory, &of, crate::settings::of(store, tenant).await?.appeal_days)?;
    if page.now <= until {
        notes.push(page.w.a("consequence-appeal-until", "at", page.at(&until)).into_owned());
    }
    Ok(notes)
}

/// The months that a rule looks at for this one, the first first.
fn months_of(rule: &Rule, month: &str) -> Vec<String> {
    let back = |by: i64| i32::try_from(by).ok().and_then(|by| crate::scoring::month_before(month, by));
    (0..rule.months).rev().filter_map(back).collect()
}

async fn show(desk: &Desk, room: &Room, one: Consequence, form: Filled, error: Option<&Error>) -> web::Result<Response> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut page = desk.page("consequences-title");
    let w = page.w;
    let (rule, league) = room.both(&one)?;
    let inside = inside(desk);
    let known = consequence::months(store, tenant, one.league_id, &first_month(rule, &one.month), &one.month).await?;
    let holds = rule.holds(&known, &one.month, one.member_id);
    // What its league publishes by grade alone is shown by grade alone.
    let with_places = inside || league.shows != Shows::Grades;
    let month = |month: String| {
        let table = known.get(&month);
        let got = table.and_then(|table| table.of.get(&one.member_id));
        let opens = table.and_then(|table| table.evaluation).filter(|_| got.is_some());
        MonthView {
            href: opens.map(|id| page.href(&format!("/evaluations/{id}/units/{}", one.member_id))).unwrap_or_default(),
            total: got.filter(|_| with_places).map(|got| Points(got.total).to_string()).unwrap_or_default(),
            grade: got.map(|got| got.grade.clone()).unwrap_or_default(),
            place: got.filter(|_| with_places).map(|got| place_words(&page, got.place)).unwrap_or_default(),
            month,
        }
    };
    let months = months_of(rule, &one.month).into_iter().map(month).collect();
    let timeline = store.timeline(tenant, "consequence", one.id.0).await?;
    let names = access::names(store, tenant, timeline.iter().filter_map(|fact| fact.actor_id)).await?;
    let step = |fact: &store::journal::FactRow| SaidView {
        title: w.t(&format!("fact-{}", fact.kind.replace('.', "-"))).into_owned(),
        by: fact.actor_id.and_then(|id| names.get(&id).cloned()).filter(|_| inside).unwrap_or_default(),
        at: page.at(&fact.recorded_at),
        words: match fact.kind.as_str() {
            "consequence.confirmed" | "consequence.dropped" => one.words.clone(),
            "consequence.done" => one.done_words.clone(),
            "consequence.withdrawn" => one.end_words.clone(),
            _ => String::new(),
        },
    };
    let decides = desk.actor.can::<DecideConsequence>(&tenant);
    let template = ConsequencePage {
        href: page.href(&format!("/consequences/{}", one.id)),
        unit: name_of(&room.directory, league.ranked, one.member_id),
        league: league.name.clone(),
        what: rule.name.clone(),
        kind: w.t(&format!("consequence-kind-{}", rule.kind)).into_owned(),
        when: when_words(&page, rule),
        lamp: room.lamp(&page, &one),
        due: one.due.clone().unwrap_or_default(),
        notes: if inside { against(desk, &page, room, &one, holds).await? } else { Vec::new() },
        months,
        said: timeline.iter().map(step).collect(),
        may_decide: decides && one.state == ConsequenceState::Proposed,
        may_confirm: holds,
        may_do: one.state == ConsequenceState::Confirmed && desk.actor.can::<DoConsequence>(&tenant),
        may_withdraw: decides && matches!(one.state, ConsequenceState::Confirmed | ConsequenceState::Done),
        days: rule.days,
        done_on: if form.is_again() { form.v("day").to_owned() } else { room.today.to_string() },
        nothing: Vec::new(),
        form,
        version: one.version,
        command: desk.app.world.new_id(),
        month: one.month,
        page: {
            page.title = w.t("consequence").into_owned();
            page
        },
    };
    Ok(render(status_of(error), &template))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StepForm {
    pub version: String,
    pub words: String,
    pub day: String,
}

store::text_enum! {
    /// What is done with a consequence.
    pub enum ConsequenceAct {
        Confirm = "confirm",
        Drop = "drop",
        Done = "done",
        Withdraw = "withdraw",
    }
}

/// What the actor may do with it.
enum May {
    Decide(access::Permit<DecideConsequence>),
    Do(access::Permit<DoConsequence>),
}

fn said(text: &str) -> Result<String> {
    let text = text.trim().to_owned();
    ensure(!text.is_empty(), Error::field("words", WORDS_NEEDED))?;
    ensure(text.chars().count() <= MAX_WORDS, Error::field("words", WORDS_TOO_LONG).arg("max", MAX_WORDS))?;
    Ok(text)
}

pub async fn act(Path((_, id, act)): Path<(String, String, String)>, submitted: Submitted<StepForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let room = Room::of(desk).await?;
    let one = seen(desk, &room, &id).await?;
    let act: ConsequenceAct = act.parse().map_err(|_| Error::not_found())?;
    let may = match act {
        ConsequenceAct::Done => May::Do(desk.actor.permit(&tenant)?),
        _ => May::Decide(desk.actor.permit(&tenant)?),
    };
    let today = room.today;
    let outcome = async {
        ensure(form.version == one.version.to_string(), STALE)?;
        let (pass, consequence, words) = (submitted.pass.clone(), one.clone(), said(&form.words)?);
        match (may, act) {
            (May::Do(by), _) => {
                ensure(one.state == ConsequenceState::Confirmed, WRONG_STATE)?;
                let day: Date = form.day.trim().parse().map_err(|_| Error::field("day", DAY_NEEDED))?;
                let decided = one.decided_at.map(|at| room.directory.date_of(at)).transpose()?;
                ensure(day <= today && decided.is_none_or(|decided| decided <= day), Error::field("day", DAY_OUTSIDE))?;
                store.run(pass, Done { by, consequence, day, words }).await?;
            }
            (May::Decide(by), ConsequenceAct::Confirm) => {
                store.run(pass, Confirm { by, consequence, today, words }).await?;
            }
            (May::Decide(by), ConsequenceAct::Drop) => {
                store.run(pass, Reject { by, consequence, words }).await?;
            }
            (May::Decide(by), _) => {
                store.run(pass, Withdraw { by, consequence, words }).await?;
            }
        }
        Ok::<_, Error>(())
    };
    match outcome.await {
        Ok(()) => Ok(desk.done(&format!("done-consequence-{act}"), &format!("/consequences/{id}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("consequences-title").w, form, &error);
            let now = consequence::find(store, tenant, one.id).await?;
            show(desk, &room, now, filled, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Some lines and how many more there are.
pub(crate) struct Beside {
    pub lines: Vec<LineView>,
    pub more: usize,
}

/// What was proposed of an evaluation's month and what came of it, for those who evaluate; what waits first.
pub(crate) async fn of_evaluation(desk: &Desk, page: &PageContext, one: &Evaluation) -> Result<Beside> {
    let mut beside = Beside { lines: Vec::new(), more: 0 };
    if one.published_at.is_none() || !inside(desk) {
        return Ok(beside);
    }
    let mut all = consequence::of_month(&desk.app.store, desk.actor.tenant, one.league_id, &one.month).await?;
    if all.is_empty() {
        return Ok(beside);
    }
    all.sort_by_key(|one| (ConsequenceState::ALL.iter().position(|state| *state == one.state), one.id));
    beside.more = all.len().saturating_sub(BESIDE);
    all.truncate(BESIDE);
    beside.lines = Room::of(desk).await?.lines(desk, page, &all).await?;
    Ok(beside)
}

/// What followed from one score, for whoever sees it.
pub(crate) async fn of_score(desk: &Desk, page: &PageContext, one: &Evaluation, member: MemberId) -> Result<Vec<LineView>> {
    let mut all = consequence::of_member(&desk.app.store, desk.actor.tenant, one.league_id, &one.month, member).await?;
    if one.published_at.is_none() || all.is_empty() {
        return Ok(Vec::new());
    }
    let room = Room::of(desk).await?;
    all.retain(|one| room.may_see(desk, one));
    room.lines(desk, page, &all).await
}
