//! Scoring, checking and publishing a month, as their buttons do: whoever began it lands on what came of it, or watches how far it is
//! where that takes longer than anybody likes to look at a button.

use crate::bulletin_making::issuing;
use crate::evaluation::{self, Check, EvaluationId, Keep, Publish, STALE};
use crate::evaluation_page::{seen, show, show_list};
use crate::league::{self, League, LeagueId};
use crate::reckoning::{MONTH_NEEDED, reckon_telling, sound};
use crate::run::{self, Begun, GOING, Run, RunKind, RunState};
use crate::scheme_page::mendable;
use crate::scoring::first_of;
use crate::terms::Tellers;
use crate::verbs::{CheckEvaluation, DraftEvaluation, PublishEvaluation, ReadEvaluation};
use access::http::{Desk, Submitted};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contracts::problems::Shown;
use kernel::ids::CommandId;
use kernel::{Code, Error, Result, ensure};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use web::PageContext;
use web::forms::Filled;
use web::html::render;

/// A league is asked for that is none, or none any more.
pub const LEAGUE_NEEDED: Code = Code::invalid("evaluation.league_needed");

/// How long whoever pressed the button waits for what comes of it, before a page shows how far it is; a part of the application.
#[derive(Debug)]
pub struct Patience(AtomicU64);

impl Default for Patience {
    fn default() -> Self {
        Patience(AtomicU64::new(2_000))
    }
}

impl Patience {
    /// From now on, in milliseconds.
    pub fn set(&self, milliseconds: u64) {
        self.0.store(milliseconds, Ordering::Relaxed);
    }
    fn lasts(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// What became of a run by the time that its page is answered.
enum Came {
    Out(Result<EvaluationId>),
    /// It goes on: this one, or another that somebody began before.
    Going {
        others: bool,
    },
}

/// Begins a run and waits a moment for it; it goes on by itself.
async fn begin<F: Future<Output = Result<EvaluationId>> + Send + 'static>(
    desk: &Desk,
    league: &League,
    month: &str,
    kind: RunKind,
    work: impl FnOnce(&Begun) -> F,
) -> Result<Came> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let begun = match run::begin(store, tenant, desk.actor.account, league.id, month, kind).await {
        Ok(begun) => begun,
        Err(error) if error.is(GOING) => return Ok(Came::Going { others: true }),
        Err(error) => return Err(error),
    };
    let (id, work) = (begun.id, work(&begun));
    let Ok(ended) = tokio::time::timeout(desk.app.get::<Patience>().lasts(), tokio::spawn(begun.through(work))).await else {
        return Ok(Came::Going { others: false });
    };
    run::forget(store, tenant, league.id, id).await?;
    ended.map_err(Error::internal).map(Came::Out)
}

/// On to where a run is watched.
fn watched(desk: &Desk, league: LeagueId, others: bool) -> Response {
    let path = format!("/evaluation-runs/{league}{}", if others { "?others=true" } else { "" });
    axum::response::Redirect::to(&desk.href(&path)).into_response()
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftForm {
    pub league: String,
    pub month: String,
}

/// Scores a month, or scores it again.
pub async fn draft(submitted: Submitted<DraftForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<DraftEvaluation>(&desk.actor.tenant)?;
    let (store, tenant, tellers) = (desk.app.store.clone(), desk.actor.tenant, *desk.app.get::<Tellers>());
    let directory = territory::directory_of(desk).await?;
    let asked = async {
        let id: LeagueId = form.league.parse().map_err(|_| LEAGUE_NEEDED)?;
        first_of(form.month.trim()).ok_or_else(|| Error::field("month", MONTH_NEEDED))?;
        league::find(&store, tenant, id).await.map_err(|_| Error::from(LEAGUE_NEEDED))
    };
    let outcome = match asked.await {
        Err(error) => Came::Out(Err(error)),
        Ok(league) => {
            let (month, pass) = (form.month.trim().to_owned(), submitted.pass.clone());
            let work = |begun: &Begun| {
                let (store, progress, league, month) = (store.clone(), begun.progress.clone(), league.clone(), month.clone());
                async move {
                    let of = evaluation::editions(&store, tenant, league.id, &month).await?.into_iter().next();
                    let made = reckon_telling(&store, tellers, &directory, &league, &month, &progress).await?;
                    let keep = Keep { by, league, month, of, scheme: made.scheme, cut: made.cut, units: made.units };
                    Ok(store.run(pass, keep).await?.out)
                }
            };
            let came = begin(desk, &league, &month, RunKind::Draft, work).await?;
            if let Came::Going { others } = came {
                return Ok(watched(desk, league.id, others));
            }
            came
        }
    };
    match outcome {
        Came::Out(Err(error)) if mendable(&error) => {
            let mut filled = Filled::again(desk.page("evaluations-title").w, form, &error);
            // A field's words would stand nowhere: this form is a button.
            let words = filled.e("month").to_owned();
            if !words.is_empty() {
                filled.banner = words;
            }
            show_list(desk, filled, Some(&error)).await
        }
        Came::Out(Err(error)) => Err(error.into()),
        Came::Out(Ok(id)) => Ok(desk.done("done-evaluation-drafted", &format!("/evaluations/{id}"))),
        Came::Going { .. } => Err(Error::internal("a run that goes on was answered before").into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StepForm {
    pub version: String,
}

pub async fn check(path: Path<(String, String)>, submitted: Submitted<StepForm>) -> web::Result<Response> {
    act(path, submitted, RunKind::Check).await
}

pub async fn publish(path: Path<(String, String)>, submitted: Submitted<StepForm>) -> web::Result<Response> {
    act(path, submitted, RunKind::Publish).await
}

/// Reckons it anew first: what would come out otherwise goes no further.
async fn act(Path((_, id)): Path<(String, String)>, submitted: Submitted<StepForm>, kind: RunKind) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let (store, tenant, tellers) = (desk.app.store.clone(), desk.actor.tenant, *desk.app.get::<Tellers>());
    let (one, league) = seen(desk, &id).await?;
    let (check, publish) = match kind {
        RunKind::Publish => (None, Some(desk.actor.permit::<PublishEvaluation>(&tenant)?)),
        _ => (Some(desk.actor.permit::<CheckEvaluation>(&tenant)?), None),
    };
    let problems = desk.app.get::<Shown>().0;
    let directory = territory::directory_of(desk).await?;
    let came = match ensure(form.version == one.version.to_string(), STALE) {
        Err(error) => Came::Out(Err(error)),
        Ok(()) => {
            let (pass, evaluation) = (submitted.pass.clone(), one.clone());
            let work = |begun: &Begun| {
                let (store, progress, league) = (store.clone(), begun.progress.clone(), league.clone());
                async move {
                    let id = evaluation.id;
                    sound(&store, tellers, &directory, &league, &evaluation, &progress).await?;
                    if let Some(by) = check {
                        store.run(pass, Check { by, evaluation }).await?;
                    } else if let Some(by) = publish {
                        let bulletin = issuing(&store, problems, &directory, &evaluation).await?;
                        store.run(pass, Publish { by, evaluation, bulletin }).await?;
                    }
                    Ok(id)
                }
            };
            begin(desk, &league, &one.month, kind, work).await?
        }
    };
    match came {
        Came::Going { others } => Ok(watched(desk, league.id, others)),
        Came::Out(Ok(_)) => Ok(desk.done(done_key(kind), &format!("/evaluations/{id}"))),
        Came::Out(Err(error)) if mendable(&error) => {
            let filled = Filled::again(desk.page("evaluations-title").w, form, &error);
            let now = evaluation::find(&store, tenant, one.id).await?;
            show(desk, now, league, 0, filled, Some(&error)).await
        }
        Came::Out(Err(error)) => Err(error.into()),
    }
}

const fn done_key(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Draft => "done-evaluation-drafted",
        RunKind::Check => "done-evaluation-checked",
        RunKind::Publish => "done-evaluation-published",
    }
}

/// A run in words.
pub(crate) struct RunView {
    pub league: LeagueId,
    pub month: String,
    pub href: String,
    pub going: bool,
    /// What is done, and who began it when.
    pub what: String,
    pub by: String,
    pub step: String,
    pub units: String,
    pub permille: i64,
    /// Why it failed; empty where it did not.
    pub problem: String,
    /// Where what came of it is looked at.
    pub ended_href: String,
}

impl RunView {
    /// Whether there is something to say of it on other pages: what came of a run says itself.
    pub fn is_news(&self) -> bool {
        self.going || !self.problem.is_empty()
    }
}

/// The latest run of a league, for those who make evaluations.
pub(crate) async fn run_view(desk: &Desk, page: &PageContext, league: &League) -> Result<Option<RunView>> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    if !desk.actor.can::<ReadEvaluation>(&tenant) {
        return Ok(None);
    }
    let Some(one) = run::latest(store, tenant, league.id).await? else { return Ok(None) };
    viewed(desk, page, league, &one).await.map(Some)
}

async fn viewed(desk: &Desk, page: &PageContext, league: &League, one: &Run) -> Result<RunView> {
    let w = page.w;
    let names = access::names(&desk.app.store, desk.actor.tenant, one.begun_by.into_iter()).await?;
    let who = match one.begun_by {
        Some(who) => names.get(&who).cloned().unwrap_or_default(),
        None => w.t("evaluation-run-console").into_owned(),
    };
    let now = desk.app.world.now();
    let problem = match one.state {
        _ if one.is_cut_off(now) => w.t("evaluation-run-cut_off").into_owned(),
        RunState::Failed => one.why().map_or_else(|| w.t("error-internal").into_owned(), |why| w.error(&why.code, &why.args).into_owned()),
        _ => String::new(),
    };
    Ok(RunView {
        league: league.id,
        month: one.month.clone(),
        href: page.href(&format!("/evaluation-runs/{}", league.id)),
        going: one.goes_on(now),
        what: w.a2(&format!("evaluation-run-kind-{}", one.kind), "league", league.name.clone(), "month", one.month.clone()).into_owned(),
        by: w.a2("evaluation-run-by", "who", who, "at", page.at_full(&one.begun_at)).into_owned(),
        step: w.t(&format!("evaluation-run-step-{}", one.step)).into_owned(),
        units: if one.units > 0 { format!("{} / {}", one.done, one.units) } else { String::new() },
        permille: (one.done * 1000).checked_div(one.units).unwrap_or(0).clamp(0, 1000),
        problem,
        ended_href: one.evaluation_id.map(|id| page.href(&format!("/evaluations/{id}"))).unwrap_or_default(),
    })
}

#[derive(askama::Template)]
#[template(path = "run.html")]
struct RunPage {
    page: PageContext,
    run: RunView,
    others: bool,
    may_again: bool,
    /// The month's latest edition, where it is checked and published; empty while it goes on, and where there is none.
    table_href: String,
    command: CommandId,
}

#[derive(askama::Template)]
#[template(path = "run_part.html")]
struct RunPart {
    page: PageContext,
    run: RunView,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The part alone that a page asks for again and again.
    pub part: bool,
    /// Somebody wanted to begin one while this went on.
    pub others: bool,
}

/// The latest run of a league: how far it is, and where it led to. Errors: 404 where nothing ran.
pub async fn one(desk: Desk, Path((_, league)): Path<(String, String)>, Query(asked): Query<Asked>) -> web::Result<Response> {
    desk.actor.permit::<ReadEvaluation>(&desk.actor.tenant)?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let id: LeagueId = league.parse().map_err(|_| Error::not_found())?;
    let league = league::find(store, tenant, id).await?;
    let one = run::latest(store, tenant, id).await?.ok_or_else(Error::not_found)?;
    let mut page = desk.page("evaluations-title");
    if let Some(evaluation) = one.evaluation_id.filter(|_| one.state == RunState::Done) {
        let done = desk.done(done_key(one.kind), &format!("/evaluations/{evaluation}"));
        return Ok(if asked.part { led(&page.href(&format!("/evaluations/{evaluation}")), done) } else { done });
    }
    let run = viewed(&desk, &page, &league, &one).await?;
    page.title = page.w.t("evaluation-run-title").into_owned();
    if asked.part {
        return Ok(render(StatusCode::OK, &RunPart { page, run }));
    }
    let may_again = !run.going && one.kind == RunKind::Draft && desk.actor.can::<DraftEvaluation>(&tenant);
    let table_href = match run.going {
        true => None,
        false => evaluation::editions(store, tenant, id, &one.month).await?.into_iter().next(),
    };
    let table_href = table_href.map(|latest| page.href(&format!("/evaluations/{}", latest.id))).unwrap_or_default();
    let template = RunPage { others: asked.others && run.going, may_again, table_href, command: desk.app.world.new_id(), run, page };
    Ok(render(StatusCode::OK, &template))
}

/// The same for a page that asks for a part of itself: as a whole it goes on to another one.
fn led(to: &str, done: Response) -> Response {
    let (mut parts, _) = done.into_parts();
    parts.status = StatusCode::OK;
    parts.headers.remove(axum::http::header::LOCATION);
    if let Ok(to) = to.parse() {
        parts.headers.insert("hx-redirect", to);
    }
    Response::from_parts(parts, axum::body::Body::empty())
}
