//! A month being scored, checked or published: one at a time in each league, however many programs work on the database; how far it has
//! come, and how it ended, for everybody who waits for it.

use crate::evaluation::EvaluationId;
use crate::league::LeagueId;
use kernel::ids::AccountId;
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::{Sql, Store, args, sql};

kernel::id!(
    /// One run.
    RunId,
);
store::id_values!(RunId);

/// Another run of the league goes on.
pub const GOING: Code = Code::conflict("evaluation.run_going");
/// It was silent so long that another one was begun in its place.
pub const REPLACED: Code = Code::conflict("evaluation.run_replaced");

store::housekeeping!("evaluation_run");
store::not_in_backup!("evaluation_run");

/// How often a run says that it goes on.
const BEAT: Duration = Duration::from_millis(500);
/// Silent for longer, the program that it ran in was stopped, or fell. Keeping the largest league takes a few seconds in which nothing else is
/// written.
const SILENT_SECONDS: i64 = 30;

store::text_enum! {
    /// What a run does.
    pub enum RunKind {
        Draft = "draft",
        Check = "check",
        Publish = "publish",
    }
}

store::text_enum! {
    pub enum RunState {
        Going = "going",
        Done = "done",
        Failed = "failed",
    }
}

store::text_enum! {
    /// Where a run is.
    pub enum RunStep {
        /// What happened is read from the journal.
        Hear = "hear",
        /// Unit by unit is put through the scheme.
        Score = "score",
        /// What came out is kept, or held against what was.
        Keep = "keep",
    }
}

store::row! {
    #[derive(Debug, Clone)]
    pub struct Run {
        pub id: RunId,
        pub league_id: LeagueId,
        pub month: String,
        pub kind: RunKind,
        pub state: RunState,
        pub step: RunStep,
        pub done: i64,
        pub units: i64,
        pub begun_at: Instant,
        pub begun_by: Option<AccountId>,
        pub beat_at: Instant,
        pub evaluation_id: Option<EvaluationId>,
        pub problem: String,
    }
}

/// Why a run failed, in the terms of error words.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Problem {
    pub code: String,
    pub args: BTreeMap<String, String>,
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Problem {
        match error.field_errors().first() {
            Some(field) => Problem { code: field.code.clone(), args: field.args.clone() },
            None => Problem { code: error.code().to_owned(), args: error.args().clone() },
        }
    }
}

impl Run {
    /// Whether it goes on: not where its program was stopped.
    pub fn goes_on(&self, now: Instant) -> bool {
        // A clock that was set back makes nothing last for ever.
        self.state == RunState::Going && now.seconds_since(self.beat_at).abs() <= SILENT_SECONDS
    }
    /// Whether it was cut off in the middle.
    pub fn is_cut_off(&self, now: Instant) -> bool {
        self.state == RunState::Going && !self.goes_on(now)
    }
    pub fn why(&self) -> Option<Problem> {
        serde_json::from_str(&self.problem).ok()
    }
}

static LATEST: Sql = sql!(
    "SELECT id, league_id, month, kind, state, step, done, units, begun_at, begun_by, beat_at, evaluation_id, problem
    FROM evaluation_run
    WHERE tenant_id = :tenant AND league_id = :league"
);
static BEGIN: Sql = sql!(
    "INSERT INTO evaluation_run (tenant_id, league_id, id, month, kind, state, step, done, units, begun_at, begun_by, beat_at, problem)
    VALUES (:tenant, :league, :run, :month, :kind, 'going', 'hear', 0, 0, :now, :by, :now, '')
    ON CONFLICT (tenant_id, league_id) DO UPDATE SET id = excluded.id, month = excluded.month, kind = excluded.kind, state = 'going',
        step = 'hear', done = 0, units = 0, begun_at = excluded.begun_at, begun_by = excluded.begun_by, beat_at = excluded.beat_at,
        evaluation_id = NULL, problem = ''
    WHERE evaluation_run.state <> 'going' OR evaluation_run.beat_at < :silent OR evaluation_run.beat_at > :ahead"
);
static BEAT_ON: Sql = sql!(
    "UPDATE evaluation_run SET step = :step, done = :done, units = :units, beat_at = :now
    WHERE tenant_id = :tenant AND league_id = :league AND id = :run AND state = 'going'"
);
static END: Sql = sql!(
    "UPDATE evaluation_run SET state = :state, evaluation_id = :evaluation, problem = :problem, beat_at = :now
    WHERE tenant_id = :tenant AND league_id = :league AND id = :run AND state = 'going'"
);
static FORGET: Sql =
    sql!("DELETE FROM evaluation_run WHERE tenant_id = :tenant AND league_id = :league AND id = :run AND state <> 'going'");

/// The latest run of a league.
pub async fn latest(store: &Store, tenant: TenantId, league: LeagueId) -> Result<Option<Run>> {
    store.opt(&LATEST, args! { tenant: tenant, league: league }).await
}

/// How a run's work says how far it has come.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    step: AtomicUsize,
    done: AtomicUsize,
    units: AtomicUsize,
}

impl Progress {
    /// It is there now, with so many units before it.
    pub fn enters(&self, step: RunStep, units: usize) {
        self.0.done.store(0, Ordering::Relaxed);
        self.0.units.store(units, Ordering::Relaxed);
        self.0.step.store(step as usize, Ordering::Relaxed);
    }
    /// One more unit.
    pub fn one_more(&self) {
        self.0.done.fetch_add(1, Ordering::Relaxed);
    }
    /// Where it is, and how many units of how many are done there.
    pub fn told(&self) -> (RunStep, usize, usize) {
        let step = RunStep::ALL.get(self.0.step.load(Ordering::Relaxed)).copied().unwrap_or(RunStep::Hear);
        (step, self.0.done.load(Ordering::Relaxed), self.0.units.load(Ordering::Relaxed))
    }
}

/// A run that was begun; nobody else has one of its league.
pub struct Begun {
    store: Store,
    tenant: TenantId,
    league: LeagueId,
    pub id: RunId,
    pub progress: Progress,
}

/// Begins a run, where none of the league goes on. Errors: `evaluation.run_going`.
pub async fn begin(store: &Store, tenant: TenantId, by: Option<AccountId>, league: LeagueId, month: &str, kind: RunKind) -> Result<Begun> {
    let (id, now) = (store.world().new_id::<RunId>(), store.world().now());
    let values = args! {
        tenant: tenant, league: league, run: id, month: month, kind: kind, now: now, by: by, silent: now.plus_seconds(-SILENT_SECONDS),
        ahead: now.plus_seconds(SILENT_SECONDS),
    };
    ensure(store.housekeep(&BEGIN, values).await? == 1, GOING)?;
    Ok(Begun { store: store.clone(), tenant, league, id, progress: Progress::default() })
}

impl Begun {
    /// Works, saying meanwhile that it goes on, and keeps how it ended.
    ///
    /// Errors: those of the work; `evaluation.run_replaced`, with the work given up.
    pub async fn through(self, work: impl Future<Output = Result<EvaluationId>>) -> Result<EvaluationId> {
        let outcome = tokio::select! {
            outcome = work => outcome,
            error = self.beats() => Err(error),
        };
        let (state, evaluation, problem) = match &outcome {
            Ok(evaluation) => (RunState::Done, Some(*evaluation), String::new()),
            Err(error) => {
                if let Some(detail) = error.log_detail() {
                    tracing::error!(detail, "a run of an evaluation failed");
                }
                (RunState::Failed, None, serde_json::to_string(&Problem::from(error)).map_err(Error::internal)?)
            }
        };
        let values = args! {
            tenant: self.tenant, league: self.league, run: self.id, state: state, evaluation: evaluation, problem: problem,
            now: self.store.world().now(),
        };
        self.store.housekeep(&END, values).await?;
        outcome
    }

    /// Until somebody else has begun one.
    async fn beats(&self) -> Error {
        loop {
            tokio::time::sleep(BEAT).await;
            let (step, done, units) = self.progress.told();
            let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
            let values = args! {
                tenant: self.tenant, league: self.league, run: self.id, step: step, done: number(done), units: number(units),
                now: self.store.world().now(),
            };
            match self.store.housekeep(&BEAT_ON, values).await {
                Ok(0) => return REPLACED.into(),
                Ok(_) => {}
                // A database that is away for a moment ends nothing: the next one says it.
                Err(error) => tracing::warn!(%error, "a run of an evaluation could not say how far it is"),
            }
        }
    }
}

/// Nobody has to be told of a run any more that has ended: whoever began it waited for it.
pub async fn forget(store: &Store, tenant: TenantId, league: LeagueId, run: RunId) -> Result<()> {
    store.housekeep(&FORGET, args! { tenant: tenant, league: league, run: run }).await.map(drop)
}
