//! What a month's evaluation hears of problems: what stands against a unit and what speaks for it, told from sealed facts alone,
//! as the journal had it at a position.
//!
//! What a later fact took back is not told: a case handed back, passed on, void or merged; a lateness, a rework or a unit that an
//! appeal did away with. What the unit found and mended itself is told apart, and speaks for it.

use crate::kinds::{Apart, AppealEnd, AppealGround, Sample, Satisfied};
use crate::rebuild::{State, Step, apply};
use crate::steps::{Source, Stage};
use contracts::scoring::{Of, Span, Teller, Told, ToldFact};
use futures::future::BoxFuture;
use kernel::ids::{FactId, Uuid, beginning};
use kernel::{Error, Instant, Result, TenantId};
use rules::{Column, Fact, FactKind, Value, Vocabulary};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{Sql, Store, args, sql};
use territory::Directory;
use tokio::task::JoinHandle;

/// A problem handed to its unit in the period.
pub const FOUND: &str = "case.found";
/// A deadline of the period that its unit missed.
pub const OVERDUE: &str = "case.overdue";
/// Not mended when it was looked at again in the period.
pub const REWORK: &str = "case.rework";
/// Looked at again and closed in the period.
pub const MENDED: &str = "case.mended";
/// Found and mended by the unit itself in the period.
pub const SELF_CHECK: &str = "case.self_check";

/// Counts, named as GB/T 30428.4 names what its rates are made of.
pub mod counts {
    /// 派遣数: handed to its unit in the period.
    pub const DISPATCHED: &str = "dispatched";
    /// 应处置数: its deadline lies in the period.
    pub const TO_RECTIFY: &str = "to_rectify";
    /// 处置数: of those, mended at all.
    pub const RECTIFIED: &str = "rectified";
    /// 按期处置数: of those, mended by its deadline.
    pub const RECTIFIED_ON_TIME: &str = "rectified_on_time";
    /// 结案数: of those, looked at again and closed.
    pub const CLOSED: &str = "closed";
    /// 按期结案数: of those, closed without having been late.
    pub const CLOSED_ON_TIME: &str = "closed_on_time";
    /// 返工数: of those, looked at again and found not mended at least once.
    pub const REWORKED: &str = "reworked";
    /// 延期数: of those, given more time.
    pub const EXTENDED: &str = "extended";
    /// 上报数: reported in the period, wherever it is; 立案数: of those, filed. Of places alone, as no unit reports.
    pub const REPORTED: &str = "reported";
    pub const FILED: &str = "filed";
    /// Callers who were called back in the period, and those of them who were content.
    pub const CALLED_BACK: &str = "called_back";
    pub const SATISFIED: &str = "satisfied";

    pub const ALL: [&str; 12] = [
        DISPATCHED,
        TO_RECTIFY,
        RECTIFIED,
        RECTIFIED_ON_TIME,
        CLOSED,
        CLOSED_ON_TIME,
        REWORKED,
        EXTENDED,
        REPORTED,
        FILED,
        CALLED_BACK,
        SATISFIED,
    ];
}

/// Facts read at a time.
const STRIDE: usize = 5_000;
/// Positions that are looked at at a time, of which few facts are read.
const POSITIONS: i64 = 20_000;
/// A day, in microseconds.
const DAY: i64 = 86_400_000_000;
/// Facts are sealed within seconds of their recording; so far before a period's first fact by position one of it may stand.
const SLACK: i64 = 3_600_000_000;

static BY_CASE: Sql = sql!(
    "SELECT id, subject_id, kind, recorded_at, ordinal, data, position
    FROM fact
    WHERE tenant_id = :tenant AND subject = 'case' AND (subject_id, recorded_at, ordinal) > (:after, :at, :ordinal) AND subject_id < :end
    ORDER BY subject_id, recorded_at, ordinal
    LIMIT 5000"
);
static ONE_CASE: Sql = sql!(
    "SELECT id, subject_id, kind, recorded_at, ordinal, data, position
    FROM fact
    WHERE tenant_id = :tenant AND subject = 'case' AND subject_id = :case
    ORDER BY recorded_at, ordinal"
);
// The subject stands in a sum of texts: else the planner would read all cases' facts by their index.
static TOUCHED: Sql = sql!(
    "SELECT subject_id
    FROM fact
    WHERE tenant_id = :tenant AND position >= :position AND position < :next AND subject || '' = 'case'
        AND NOT (subject_id >= :first AND subject_id < :end)"
);
static UNSEALED: Sql = sql!(
    "SELECT recorded_at, id, subject, subject_id
    FROM fact
    WHERE tenant_id = :tenant AND position IS NULL AND (recorded_at, id) > (:at, :fact)
    ORDER BY recorded_at, id
    LIMIT 5000"
);
static RECORDED: Sql = sql!("SELECT recorded_at FROM fact WHERE tenant_id = :tenant AND position = :position");
static SIZE: Sql = sql!("SELECT size FROM journal_head WHERE tenant_id = :tenant");
static OPEN: Sql = sql!(
    "SELECT due, id FROM cases
    WHERE tenant_id = :tenant AND open = TRUE AND (due, id) > (:due, :id)
    ORDER BY due, id
    LIMIT 5000"
);

store::row! {
    #[derive(Debug, Clone)]
    struct Heard {
        id: FactId,
        subject_id: Uuid,
        kind: String,
        recorded_at: Instant,
        ordinal: i64,
        data: String,
        position: Option<i64>,
    }
}

/// What speaks of problems.
pub struct Problems;

impl Teller for Problems {
    fn vocabulary(&self) -> Vocabulary {
        let sources: Vec<&str> = Source::ALL.iter().map(|source| source.as_str()).collect();
        let common = || {
            vec![
                Column::code("category"),
                Column::code("class"),
                Column::one_of("source", &sources),
                Column::bool("recurring"),
                Column::bool("supervised"),
                Column::bool("extended"),
                Column::bool("held"),
            ]
        };
        let with = |more: Column| common().into_iter().chain([more]).collect::<Vec<_>>();
        let samples: Vec<&str> = Sample::ALL.iter().map(|sample| sample.as_str()).collect();
        Vocabulary {
            kinds: vec![
                FactKind::new(FOUND, common()),
                FactKind::new(OVERDUE, with(Column::int("days_late", 1, 3_660))),
                FactKind::new(REWORK, with(Column::int("nth", 1, 1_000))),
                FactKind::new(MENDED, with(Column::bool("on_time"))),
                FactKind::new(SELF_CHECK, vec![Column::code("category"), Column::code("class"), Column::one_of("sample", &samples)]),
            ],
            counts: counts::ALL.map(str::to_owned).to_vec(),
            measures: Vec::new(),
        }
    }

    fn of_places_alone(&self) -> &'static [&'static str] {
        &[counts::REPORTED, counts::FILED]
    }

    fn tell<'a>(&'a self, store: &'a Store, tenant: TenantId, span: Span) -> BoxFuture<'a, Result<Told>> {
        Box::pin(async move {
            let directory = Arc::new(Directory::load(store, tenant).await?);
            // Those that were begun in the period, by their ids, which rise with time; then those that were begun before it.
            let (first, end) = (beginning(span.from), beginning(span.to));
            let earlier = tokio::spawn(earlier(store.clone(), tenant, span, first, end));
            // In two halves: to hear what was read takes as long as to read it.
            let middle = beginning(Instant(span.from.0 + (span.to.0 - span.from.0) / 2));
            let halves = [(first, middle), (middle, end)].map(|cases| {
                let teller = Telling { span, directory: Arc::clone(&directory), told: Told::default() };
                tokio::spawn(begun_in(store.clone(), tenant, teller, cases))
            });
            let mut teller = Telling { span, directory, told: Told::default() };
            for case in earlier.await.map_err(Error::internal)?? {
                let mut story = Story { case, ..Story::default() };
                for fact in store.all::<Heard>(&ONE_CASE, args! { tenant: tenant, case: case }).await? {
                    story.hear(&fact, span.cut);
                }
                teller.tell(&story);
            }
            let mut told = teller.told;
            for half in halves {
                told.add(half.await.map_err(Error::internal)??);
            }
            told.facts.sort_by(|a, b| (a.fact.at, &a.fact.id, &a.fact.kind).cmp(&(b.fact.at, &b.fact.id, &b.fact.kind)));
            Ok(told)
        })
    }
}

/// What is told of the cases with ids in `[first, end)`.
async fn begun_in(store: Store, tenant: TenantId, mut teller: Telling, (first, end): (Uuid, Uuid)) -> Result<Told> {
    let mut coming = Some(after(&store, tenant, (first, Instant(i64::MIN), i64::MIN), end));
    let mut story = Story::default();
    while let Some(reading) = coming.take() {
        let facts = reading.await.map_err(Error::internal)??;
        // The next ones are read while these are heard.
        if let Some(last) = facts.last().filter(|_| facts.len() >= STRIDE) {
            coming = Some(after(&store, tenant, (last.subject_id, last.recorded_at, last.ordinal), end));
        }
        for fact in &facts {
            if fact.subject_id != story.case {
                teller.tell(&std::mem::take(&mut story));
                story.case = fact.subject_id;
            }
            story.hear(fact, teller.span.cut);
        }
    }
    teller.tell(&story);
    Ok(teller.told)
}

/// Begins to read the facts of cases behind this one, as many as are read at once.
fn after(store: &Store, tenant: TenantId, (case, at, ordinal): (Uuid, Instant, i64), end: Uuid) -> JoinHandle<Result<Vec<Heard>>> {
    let store = store.clone();
    tokio::spawn(async move { store.all(&BY_CASE, args! { tenant: tenant, after: case, at: at, ordinal: ordinal, end: end }).await })
}

/// Cases with ids outside of `[first, end)` of which the period can have something to tell: those with a fact since it began, and
/// those that are open still. More than needed, never fewer, however late it is asked.
async fn earlier(store: Store, tenant: TenantId, span: Span, first: Uuid, end: Uuid) -> Result<BTreeSet<Uuid>> {
    let outside = |id: &Uuid| *id < first || *id >= end;
    let mut found = BTreeSet::new();
    let (mut due, mut id) = (Instant(i64::MIN), Uuid::nil());
    loop {
        let open: Vec<(Instant, Uuid)> = store.all(&OPEN, args! { tenant: tenant, due: due, id: id }).await?;
        let Some(last) = open.last() else { break };
        (due, id) = *last;
        let full = open.len() >= STRIDE;
        found.extend(open.into_iter().map(|(_, id)| id).filter(outside));
        if !full {
            break;
        }
    }
    // What ended before it was looked for among the open has a fact: first those without a position, as they get one meanwhile.
    let (mut at, mut fact) = (Instant(i64::MIN), Uuid::nil());
    loop {
        let unsealed: Vec<(Instant, Uuid, String, Uuid)> = store.all(&UNSEALED, args! { tenant: tenant, at: at, fact: fact }).await?;
        let Some(last) = unsealed.last() else { break };
        (at, fact) = (last.0, last.1);
        let full = unsealed.len() >= STRIDE;
        found.extend(unsealed.into_iter().filter(|(.., subject, _)| subject == "case").map(|(.., case)| case).filter(outside));
        if !full {
            break;
        }
    }
    let size = size(&store, tenant).await?;
    let mut position = since(&store, tenant, size, span.from).await?;
    while position < size {
        let next = position + POSITIONS;
        let values = args! { tenant: tenant, position: position, next: next, first: first, end: end };
        found.extend(store.all::<(Uuid,)>(&TOUCHED, values).await?.into_iter().map(|(case,)| case));
        position = next;
    }
    Ok(found)
}

/// How far the journal has come.
async fn size(store: &Store, tenant: TenantId) -> Result<i64> {
    Ok(store.opt::<(i64,)>(&SIZE, args! { tenant: tenant }).await?.map_or(0, |(size,)| size))
}

/// A position before which no fact was recorded at this instant or later.
async fn since(store: &Store, tenant: TenantId, size: i64, from: Instant) -> Result<i64> {
    let (mut low, mut high) = (0, size);
    while low < high {
        let middle = low + (high - low) / 2;
        let recorded: Option<(Instant,)> = store.opt(&RECORDED, args! { tenant: tenant, position: middle }).await?;
        if recorded.is_some_and(|(at,)| at.0 < from.0 - SLACK) { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

/// A fact that is told of, by its id, and when.
type Cited = (FactId, Instant);

/// A deadline that was missed, and until when: it was mended after all, or a hold stopped its clock.
#[derive(Debug, Clone, Copy)]
struct Missed {
    by: FactId,
    due: Instant,
    mended: Option<Instant>,
    /// Before it was ever looked at again.
    first: bool,
}

/// One case's facts as they are heard, of the unit that has it now: what another had to do with it before is not its own.
#[derive(Default)]
struct Story {
    case: Uuid,
    state: Option<State>,
    /// A fact does not follow from those before; `verify` names it, and nothing is told of the case.
    broken: bool,
    begun: Option<Cited>,
    handed: Option<Cited>,
    /// The fact that the unit's deadline is from.
    clock: Option<FactId>,
    missed: Vec<Missed>,
    failed: Vec<Cited>,
    passed: Option<Cited>,
    called: Option<Instant>,
}

impl Story {
    fn hear(&mut self, fact: &Heard, cut: i64) {
        if self.broken || fact.position.is_none_or(|position| position >= cut) {
            return;
        }
        let cited = (fact.id, fact.recorded_at);
        let due = self.state.as_ref().and_then(|state| state.unit_due);
        match apply(self.state.take(), Step { kind: &fact.kind, at: fact.recorded_at, data: &fact.data }) {
            Ok(state) => self.state = Some(state),
            Err(_) => self.broken = true,
        }
        let Some(state) = &self.state else { return };
        self.begun = self.begun.or(Some(cited));
        match fact.kind.as_str() {
            "case.dispatched" => {
                self.anew();
                (self.handed, self.clock) = (Some(cited), Some(fact.id));
            }
            "case.imported" => {
                (self.handed, self.clock) = (Some((fact.id, state.reported_at)), Some(fact.id));
                let ended = state.ended_at.filter(|_| state.stage == Stage::Closed);
                if let Some(due) = state.unit_due.filter(|_| state.late) {
                    self.missed.push(Missed { by: fact.id, due, mended: ended, first: true });
                }
                self.passed = ended.map(|at| (fact.id, at));
            }
            "case.transferred" | "case.transfer_taken_back" | "case.hand_back_accepted" | "case.refiled" => self.anew(),
            "case.extension_granted" | "case.hold_renewed" | "case.hold_ended" | "case.deadline_recounted" => self.clock = Some(fact.id),
            "case.hold_granted" => {
                // Late already: by the deadline that it had, until its clock stood.
                if let Some((due, by)) = due.filter(|due| state.late && *due < fact.recorded_at).zip(self.clock) {
                    self.missed.push(Missed { by, due, mended: Some(fact.recorded_at), first: self.failed.is_empty() });
                }
                self.clock = Some(fact.id);
            }
            "case.rectified" if state.late => {
                if let Some(due) = due.filter(|due| *due < fact.recorded_at) {
                    let first = self.failed.is_empty();
                    self.missed.push(Missed { by: fact.id, due, mended: Some(fact.recorded_at), first });
                }
            }
            "case.failed" | "case.dispute_upheld" | "case.reopened" => {
                self.clock = Some(fact.id);
                self.passed = None;
                self.failed.push(cited);
            }
            "case.passed" => self.passed = Some(cited),
            "case.called_back" => self.called = Some(fact.recorded_at),
            "case.appeal_decided" => self.appealed(&fact.data),
            _ => {}
        }
    }

    /// Nothing of before is the unit's.
    fn anew(&mut self) {
        (self.handed, self.clock, self.passed) = (None, None, None);
        self.missed.clear();
        self.failed.clear();
    }

    fn appealed(&mut self, data: &str) {
        let Ok(decided) = serde_json::from_str::<crate::facts::AppealDecided>(data) else { return };
        if decided.end != AppealEnd::Upheld {
            return;
        }
        match decided.ground {
            AppealGround::Late => self.missed.clear(),
            AppealGround::Rework => self.failed.clear(),
            AppealGround::WrongUnit => self.anew(),
        }
    }
}

/// What is told, case by case.
struct Telling {
    span: Span,
    directory: Arc<Directory>,
    told: Told,
}

impl Telling {
    fn tell(&mut self, story: &Story) {
        let Some(state) = story.state.as_ref().filter(|_| !story.broken) else { return };
        let place = Of { unit: None, compound: state.compound, community: state.community };
        let of = Of { unit: state.unit, ..place };
        match state.apart {
            Some(Apart::SelfCheck) => return self.self_check(story, state, of),
            Some(Apart::MendedOnSpot | Apart::Merged | Apart::Void) => return,
            None => {}
        }
        if self.span.has(state.reported_at) {
            self.told.count(place, counts::REPORTED);
            if state.filed_at.is_some() {
                self.told.count(place, counts::FILED);
            }
        }
        if story.called.is_some_and(|at| self.span.has(at)) && state.satisfied.is_some_and(Satisfied::reached) {
            self.told.count(of, counts::CALLED_BACK);
            if state.satisfied.is_some_and(Satisfied::content) {
                self.told.count(of, counts::SATISFIED);
            }
        }
        if let (Some(_), Some(handed)) = (state.unit, story.handed) {
            self.of_unit(story, state, handed, of);
        }
    }

    fn of_unit(&mut self, story: &Story, state: &State, handed: Cited, of: Of) {
        let mut missed = story.missed.clone();
        let over = state.unit_due.filter(|due| *due < self.span.to && state.stage == Stage::Dispatched);
        if let Some((due, by)) = over.zip(story.clock) {
            missed.push(Missed { by, due, mended: None, first: story.failed.is_empty() });
        }
        if self.span.has(handed.1) {
            self.told.count(of, counts::DISPATCHED);
            self.fact(state, of, FOUND, handed, None);
        }
        if state.first_due.is_some_and(|due| self.span.has(due)) {
            let late = missed.iter().any(|missed| missed.first);
            let mended = state.rectified_at.is_some_and(|at| at >= handed.1) || story.passed.is_some();
            let held = state.hold_until.is_some_and(|until| until >= self.span.to);
            // What waits for what the unit cannot hurry is not asked of it yet.
            if !held {
                self.told.count(of, counts::TO_RECTIFY);
                for (what, holds) in [
                    (counts::RECTIFIED, mended),
                    (counts::RECTIFIED_ON_TIME, mended && !late),
                    (counts::CLOSED, story.passed.is_some()),
                    (counts::CLOSED_ON_TIME, story.passed.is_some() && !late),
                    (counts::REWORKED, !story.failed.is_empty()),
                    (counts::EXTENDED, state.extensions > 0),
                ] {
                    if holds {
                        self.told.count(of, what);
                    }
                }
            }
        }
        let span = self.span;
        for missed in missed.iter().filter(|missed| span.has(missed.due)) {
            let until = missed.mended.unwrap_or(self.span.to).0.min(self.span.to.0.max(missed.due.0 + 1));
            let days = ((until - missed.due.0) + DAY - 1) / DAY;
            self.fact(state, of, OVERDUE, (missed.by, missed.due), Some(Value::Int(days.clamp(1, 3_660))));
        }
        for (nth, failed) in (1_i64..).zip(&story.failed) {
            if self.span.has(failed.1) {
                self.fact(state, of, REWORK, *failed, Some(Value::Int(nth.min(1_000))));
            }
        }
        if let Some(passed) = story.passed.filter(|passed| self.span.has(passed.1)) {
            self.fact(state, of, MENDED, passed, Some(Value::Bool(missed.is_empty())));
        }
    }

    fn self_check(&mut self, story: &Story, state: &State, of: Of) {
        let Some(begun) = story.begun.filter(|begun| self.span.has(begun.1)) else { return };
        let (category, class) = self.category(state);
        let sample = state.sample.map(|sample| Value::from(sample.as_str()));
        self.push(state, of, SELF_CHECK, begun, vec![category, class, sample]);
    }

    fn fact(&mut self, state: &State, of: Of, kind: &'static str, cited: Cited, more: Option<Value>) {
        let (category, class) = self.category(state);
        let mut values = vec![
            category,
            class,
            Some(Value::from(state.source.as_str())),
            Some(Value::Bool(state.recurs_of.is_some())),
            Some(Value::Bool(state.supervised_at.is_some())),
            Some(Value::Bool(state.extensions > 0)),
            Some(Value::Bool(state.holds > 0)),
        ];
        values.extend(more.map(Some));
        self.push(state, of, kind, cited, values);
    }

    fn push(&mut self, state: &State, of: Of, kind: &'static str, (id, at): Cited, values: Vec<Option<Value>>) {
        let fact = Fact::new(kind, &id.to_string(), at.0, values);
        self.told.facts.push(ToldFact { of, fact, opens: format!("/cases/{}", state.number) });
    }

    /// The code of its category, and of the class that it belongs to; a version of a category never changes its code.
    fn category(&self, state: &State) -> (Option<Value>, Option<Value>) {
        let Some(version) = state.category.and_then(|id| self.directory.category(id)) else { return (None, None) };
        let code = version.code();
        (Some(Value::Code(code.to_string())), Some(Value::Code(format!("{}-{}", code.kind, code.class))))
    }
}
