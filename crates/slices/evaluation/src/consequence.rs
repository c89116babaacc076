//! What follows from a result (结果运用): publishing a month proposes what the rules say, a leader confirms or drops each with a reason,
//! and what was confirmed is done, or withdrawn when it does not hold any more. Nothing follows by itself.

use crate::appeal;
use crate::consequence_rule::{self, ConsequenceKind, Got, MOST_MONTHS, MonthOf, Rule, RuleId, grades_of};
use crate::evaluation::{Evaluation, EvaluationId};
use crate::facts::{ConsequenceConfirmed, ConsequenceDone, ConsequenceDropped, ConsequenceProposed, ConsequenceWithdrawn, words_hash};
use crate::league::{self, LeagueId, MemberId};
use crate::scheme::{self, SchemeId};
use crate::scoring::month_before;
use crate::verbs::{DecideConsequence, DoConsequence};
use access::Permit;
use jiff::civil::Date;
use kernel::ids::{OrganisationId, Uuid};
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use rules::Scheme;
use std::collections::{BTreeMap, BTreeSet};
use store::{Command, Sql, Store, Write, args, sql};

kernel::id!(
    /// What one rule made of one member's month.
    ConsequenceId,
);
store::id_values!(ConsequenceId);

/// Somebody has just decided it or said it done.
pub const STALE: Code = Code::conflict("consequence.stale");
/// It does not wait for this.
pub const WRONG_STATE: Code = Code::conflict("consequence.wrong_state");
/// By what is published now, the rule is not met any more.
pub const NOT_MET: Code = Code::conflict("consequence.not_met");
/// An appeal against the score waits; until it is decided nothing is done to the unit.
pub const APPEALED: Code = Code::conflict("consequence.appealed");

store::text_enum! {
    pub enum ConsequenceState {
        Proposed = "proposed",
        Confirmed = "confirmed",
        Done = "done",
        Dropped = "dropped",
        /// It was confirmed, and does not stand: corrected, or an appeal was upheld.
        Withdrawn = "withdrawn",
    }
}

impl ConsequenceState {
    /// What only those see who evaluate: nothing has come of it.
    pub const fn is_inner(self) -> bool {
        matches!(self, ConsequenceState::Proposed | ConsequenceState::Dropped)
    }
}

store::row! {
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Consequence {
        pub id: ConsequenceId,
        pub rule_id: RuleId,
        pub evaluation_id: EvaluationId,
        pub league_id: LeagueId,
        pub month: String,
        pub member_id: MemberId,
        pub unit_id: Option<OrganisationId>,
        pub state: ConsequenceState,
        pub words: String,
        pub done_words: String,
        pub end_words: String,
        pub salt: [u8; 32],
        /// `YYYY-MM-DD`.
        pub due: Option<String>,
        pub done_on: Option<String>,
        pub proposed_at: Instant,
        pub decided_at: Option<Instant>,
        pub version: i64,
    }
}

macro_rules! columns {
    () => {
        "SELECT id, rule_id, evaluation_id, league_id, month, member_id, unit_id, state, words, done_words, end_words, salt, due, done_on,
    proposed_at, decided_at, version
FROM consequence
WHERE tenant_id = :tenant"
    };
}

static ONE: Sql = sql!(concat!(columns!(), " AND id = :consequence"));
static IN_STATE: Sql = sql!(concat!(columns!(), " AND state = :state AND id < :before ORDER BY state DESC, id DESC LIMIT 101"));
static OF_UNIT: Sql = sql!(concat!(
    columns!(),
    " AND unit_id = :unit AND state = :state AND id < :before ORDER BY unit_id DESC, state DESC, id DESC LIMIT 101"
));
static OF_MONTH: Sql =
    sql!(concat!(columns!(), " AND league_id = :league AND month = :month ORDER BY league_id, month, member_id, rule_id LIMIT 1000"));
static OF_MEMBER: Sql = sql!(concat!(
    columns!(),
    " AND league_id = :league AND month = :month AND member_id = :member ORDER BY league_id, month, member_id, rule_id LIMIT 100"
));
static ALL: Sql = sql!(concat!(columns!(), " AND id > :after ORDER BY id LIMIT 200"));
static KNOWN: Sql = sql!("SELECT member_id, rule_id FROM consequence WHERE tenant_id = :tenant AND league_id = :league AND month = :month");
static SCORES: Sql = sql!(
    "SELECT e.month, e.edition, e.id, e.scheme_id, s.member_id, s.unit_id, s.total, s.grade, s.place
    FROM evaluation e JOIN evaluation_score s ON s.tenant_id = e.tenant_id AND s.evaluation_id = e.id
    WHERE e.tenant_id = :tenant AND e.league_id = :league AND e.month >= :first AND e.month <= :last AND e.state = 'published'
    ORDER BY e.month, e.edition"
);

/// Lines of a list at once: one more than these is read, and tells that there are more.
pub const ON_PAGE: usize = 100;

store::row! {
    struct Line {
        month: String,
        edition: i64,
        id: EvaluationId,
        scheme_id: SchemeId,
        member_id: MemberId,
        unit_id: Option<OrganisationId>,
        total: i64,
        grade: String,
        place: Option<i64>,
    }
}

/// Errors: 404.
pub async fn find(store: &Store, tenant: TenantId, consequence: ConsequenceId) -> Result<Consequence> {
    store.one(&ONE, args! { tenant: tenant, consequence: consequence }).await
}

/// Those in a state with ids below this one, the latest first: a hundred, and one more where there are more.
pub async fn in_state(store: &Store, tenant: TenantId, state: ConsequenceState, before: ConsequenceId) -> Result<Vec<Consequence>> {
    store.all(&IN_STATE, args! { tenant: tenant, state: state, before: before }).await
}

/// The same of one unit.
pub async fn of_unit(
    store: &Store,
    tenant: TenantId,
    unit: OrganisationId,
    state: ConsequenceState,
    before: ConsequenceId,
) -> Result<Vec<Consequence>> {
    store.all(&OF_UNIT, args! { tenant: tenant, unit: unit, state: state, before: before }).await
}

/// All of a league's month, at most a thousand.
pub async fn of_month(store: &Store, tenant: TenantId, league: LeagueId, month: &str) -> Result<Vec<Consequence>> {
    store.all(&OF_MONTH, args! { tenant: tenant, league: league, month: month }).await
}

/// All of one member's month.
pub async fn of_member(store: &Store, tenant: TenantId, league: LeagueId, month: &str, member: MemberId) -> Result<Vec<Consequence>> {
    store.all(&OF_MEMBER, args! { tenant: tenant, league: league, month: month, member: member }).await
}

/// Some two hundred behind this one, for `verify`.
pub(crate) async fn after(store: &Store, tenant: TenantId, after: ConsequenceId) -> Result<Vec<Consequence>> {
    store.all(&ALL, args! { tenant: tenant, after: after }).await
}

/// Before the first of any list.
pub fn newest() -> ConsequenceId {
    ConsequenceId(Uuid::max())
}

/// Months from their scores, which stand by month and edition: of each month its latest edition.
fn months_from(lines: Vec<Line>, grades: &BTreeMap<SchemeId, Vec<String>>) -> BTreeMap<String, MonthOf> {
    let mut months: BTreeMap<String, (i64, MonthOf)> = BTreeMap::new();
    for line in lines {
        let (edition, table) = months.entry(line.month).or_default();
        if *edition != line.edition {
            *edition = line.edition;
            let grades = grades.get(&line.scheme_id).cloned().unwrap_or_default();
            *table = MonthOf { evaluation: Some(line.id), grades, of: BTreeMap::new() };
        }
        let got = Got { total: line.total, grade: line.grade, place: line.place, unit: line.unit_id };
        table.of.insert(line.member_id, got);
    }
    months.into_iter().map(|(month, (_, table))| (month, table)).collect()
}

/// The published months of a league from one to another (both included).
pub async fn months(store: &Store, tenant: TenantId, league: LeagueId, first: &str, last: &str) -> Result<BTreeMap<String, MonthOf>> {
    let lines: Vec<Line> = store.all(&SCORES, args! { tenant: tenant, league: league, first: first, last: last }).await?;
    let mut grades = BTreeMap::new();
    for id in lines.iter().map(|line| line.scheme_id).collect::<BTreeSet<_>>() {
        grades.insert(id, grades_of(&scheme::table(store, tenant, id).await?));
    }
    Ok(months_from(lines, &grades))
}

async fn months_within(tx: &mut Write<'_>, league: LeagueId, first: &str, last: &str) -> Result<BTreeMap<String, MonthOf>> {
    let tenant = tx.tenant();
    let lines: Vec<Line> = tx.all(&SCORES, args! { tenant: tenant, league: league, first: first, last: last }).await?;
    let mut grades = BTreeMap::new();
    for id in lines.iter().map(|line| line.scheme_id).collect::<BTreeSet<_>>() {
        let (body,): (String,) = tx.one(&scheme::BODY, args! { tenant: tenant, scheme: id }).await?;
        grades.insert(id, grades_of(&Scheme::from_json(&body)?));
    }
    Ok(months_from(lines, &grades))
}

/// So many months before this one; itself where the calendar has no such month.
fn back(month: &str, by: i64) -> String {
    i32::try_from(by).ok().and_then(|by| month_before(month, by)).unwrap_or_else(|| month.to_owned())
}

/// The first month that a rule looks at for this one.
pub fn first_month(rule: &Rule, month: &str) -> String {
    back(month, rule.months - 1)
}

static INSERT: Sql = sql!(
    "INSERT INTO consequence (tenant_id, id, rule_id, evaluation_id, league_id, month, member_id, unit_id, state, words, done_words, end_words,
        salt, proposed_at, version)
    VALUES (:tenant, :id, :rule, :evaluation, :league, :month, :member, :unit, 'proposed', '', '', '', :salt, :now, 1)"
);

/// Proposes what follows from what is just being published: for its month, and for the months behind it that a correction may have
/// made the end of a row of months. What was proposed before stays as it is, whatever became of it.
pub(crate) async fn propose(tx: &mut Write<'_>, one: &Evaluation) -> Result<()> {
    let tenant = tx.tenant();
    let league = league::within(tx, one.league_id).await?;
    let rules: Vec<Rule> = consequence_rule::open_within(tx).await?.into_iter().filter(|rule| rule.ranked == league.ranked).collect();
    let Some(most) = rules.iter().map(|rule| rule.months.clamp(1, MOST_MONTHS)).max() else { return Ok(()) };
    tx.lock(&format!("consequences of {}", league.id)).await?;
    let (first, last) = (back(&one.month, most - 1), back(&one.month, 1 - most));
    let months = months_within(tx, league.id, &first, &last).await?;
    for (month, table) in months.range(one.month.clone()..) {
        let values = args! { tenant: tenant, league: league.id, month: month };
        let known: BTreeSet<(MemberId, RuleId)> = tx.all::<(MemberId, RuleId)>(&KNOWN, values).await?.into_iter().collect();
        // A later month is touched by what looks back as far as this one alone.
        for rule in rules.iter().filter(|rule| first_month(rule, month) <= one.month) {
            for (member, got) in &table.of {
                if known.contains(&(*member, rule.id)) || !rule.holds(&months, month, *member) {
                    continue;
                }
                let (id, salt): (ConsequenceId, [u8; 32]) = (tx.new_id(), tx.salt());
                let values = args! {
                    tenant: tenant, id: id, rule: rule.id, evaluation: one.id, league: league.id, month: month, member: member,
                    unit: got.unit, salt: salt, now: tx.now(),
                };
                tx.exec(&INSERT, values).await?;
                tx.fact(ConsequenceProposed {
                    consequence: id,
                    rule: rule.id,
                    evaluation: one.id,
                    league: league.id,
                    month: month.clone(),
                    member: *member,
                    unit: got.unit,
                })?;
            }
        }
    }
    Ok(())
}

/// Whether the rule is met still, by the latest published editions.
pub async fn holds(store: &Store, tenant: TenantId, rule: &Rule, one: &Consequence) -> Result<bool> {
    let months = months(store, tenant, one.league_id, &first_month(rule, &one.month), &one.month).await?;
    Ok(rule.holds(&months, &one.month, one.member_id))
}

static CONFIRM: Sql = sql!(
    "UPDATE consequence SET state = 'confirmed', words = :words, due = :due, decided_at = :now, version = version + 1
    WHERE tenant_id = :tenant AND id = :consequence AND version = :version AND state = 'proposed'"
);
static DROP: Sql = sql!(
    "UPDATE consequence SET state = 'dropped', words = :words, decided_at = :now, version = version + 1
    WHERE tenant_id = :tenant AND id = :consequence AND version = :version AND state = 'proposed'"
);
static DONE: Sql = sql!(
    "UPDATE consequence SET state = 'done', done_words = :words, done_on = :day, version = version + 1
    WHERE tenant_id = :tenant AND id = :consequence AND version = :version AND state = 'confirmed'"
);
static WITHDRAW: Sql = sql!(
    "UPDATE consequence SET state = 'withdrawn', end_words = :words, version = version + 1
    WHERE tenant_id = :tenant AND id = :consequence AND version = :version AND state IN ('confirmed', 'done')"
);

/// A leader confirms what was proposed, for this reason: it is to be done within the rule's days from today.
///
/// Errors: `consequence.wrong_state`, `consequence.not_met` where a corrected edition has done away with it, `consequence.appealed`
/// while an appeal against the month's score waits, `consequence.stale`.
pub struct Confirm {
    pub by: Permit<DecideConsequence>,
    pub consequence: Consequence,
    pub today: Date,
    pub words: String,
}

impl Command for Confirm {
    const KIND: &'static str = "consequence.confirm";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Confirm { consequence: one, today, words, .. } = self;
        let tenant = tx.tenant();
        ensure(one.state == ConsequenceState::Proposed, WRONG_STATE)?;
        let rule = consequence_rule::within(tx, one.rule_id).await?;
        // What is published or appealed against meanwhile waits until this is decided, or the other way round.
        tx.lock(&format!("consequences of {}", one.league_id)).await?;
        tx.lock(&format!("appeals of {}", one.league_id)).await?;
        let months = months_within(tx, one.league_id, &first_month(&rule, &one.month), &one.month).await?;
        ensure(rule.holds(&months, &one.month, one.member_id), NOT_MET)?;
        // An appeal only ever lifts a score: praise need not wait for it.
        if rule.kind != ConsequenceKind::Praise {
            for by in 0..rule.months {
                let month = back(&one.month, by);
                ensure(!appeal::waits(tx, one.league_id, &month, one.member_id).await?, APPEALED)?;
            }
        }
        let due = today.checked_add(jiff::Span::new().days(rule.days)).map_err(Error::internal)?.to_string();
        let values = args! {
            tenant: tenant, consequence: one.id, version: one.version, words: words, due: &due, now: tx.now(),
        };
        tx.change_one(&CONFIRM, values).await?.or(STALE)?;
        tx.fact(ConsequenceConfirmed { consequence: one.id, due, words: words_hash(&one.salt, words) })
    }
}

/// A leader drops what was proposed, for this reason. Errors: `consequence.wrong_state`, `consequence.stale`.
pub struct Reject {
    pub by: Permit<DecideConsequence>,
    pub consequence: Consequence,
    pub words: String,
}

impl Command for Reject {
    const KIND: &'static str = "consequence.drop";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Reject { consequence: one, words, .. } = self;
        ensure(one.state == ConsequenceState::Proposed, WRONG_STATE)?;
        let values = args! { tenant: tx.tenant(), consequence: one.id, version: one.version, words: words, now: tx.now() };
        tx.change_one(&DROP, values).await?.or(STALE)?;
        tx.fact(ConsequenceDropped { consequence: one.id, words: words_hash(&one.salt, words) })
    }
}

/// Says that what was confirmed is done, on which day and how. Errors: `consequence.wrong_state`, `consequence.stale`.
pub struct Done {
    pub by: Permit<DoConsequence>,
    pub consequence: Consequence,
    pub day: Date,
    pub words: String,
}

impl Command for Done {
    const KIND: &'static str = "consequence.done";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Done { consequence: one, day, words, .. } = self;
        ensure(one.state == ConsequenceState::Confirmed, WRONG_STATE)?;
        let day = day.to_string();
        let values = args! { tenant: tx.tenant(), consequence: one.id, version: one.version, words: words, day: &day };
        tx.change_one(&DONE, values).await?.or(STALE)?;
        tx.fact(ConsequenceDone { consequence: one.id, day, words: words_hash(&one.salt, words) })
    }
}

/// Takes back what was confirmed, or done already, as it was corrected or an appeal upheld; the unit sees why.
///
/// Errors: `consequence.wrong_state`, `consequence.stale`.
pub struct Withdraw {
    pub by: Permit<DecideConsequence>,
    pub consequence: Consequence,
    pub words: String,
}

impl Command for Withdraw {
    const KIND: &'static str = "consequence.withdraw";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Withdraw { consequence: one, words, .. } = self;
        ensure(matches!(one.state, ConsequenceState::Confirmed | ConsequenceState::Done), WRONG_STATE)?;
        let values = args! { tenant: tx.tenant(), consequence: one.id, version: one.version, words: words };
        tx.change_one(&WITHDRAW, values).await?.or(STALE)?;
        tx.fact(ConsequenceWithdrawn { consequence: one.id, words: words_hash(&one.salt, words) })
    }
}
