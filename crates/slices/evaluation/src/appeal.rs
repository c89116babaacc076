//! Appeals (申诉) against a line of a published score: the unit asks, the handler advises, a leader decides. What is upheld is struck by
//! the next scoring, which is another edition; the first stays as it was published.

use crate::evaluation::{Evaluation, EvaluationState};
use crate::facts::{ScoreAppealAdvised, ScoreAppealDecided, ScoreAppealed, words_hash};
use crate::league::{LeagueId, MemberId};
use crate::settings;
use crate::telling;
use crate::verbs::{AdviseScoreAppeal, AppealScore, DecideScoreAppeal};
use access::Permit;
use kernel::calendar::Limit;
use kernel::canonical::hex;
use kernel::ids::{AccountId, AttachmentId, Uuid};
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{Command, Sql, Store, Write, args, sql};
use territory::Directory;

kernel::id!(
    /// One appeal against a line of a score.
    AppealId,
);
store::id_values!(AppealId);

/// Only what is published is appealed against.
pub const NOT_PUBLISHED: Code = Code::conflict("score_appeal.not_published");
/// The time for it has passed.
pub const TOO_LATE: Code = Code::conflict("score_appeal.too_late");
/// This line was appealed against before.
pub const ONCE: Code = Code::conflict("score_appeal.once");
/// Somebody advised or decided meanwhile.
pub const STALE: Code = Code::conflict("score_appeal.stale");
/// It does not wait for this.
pub const WRONG_STATE: Code = Code::conflict("score_appeal.wrong_state");
/// Who advised does not decide.
pub const OWN_ADVICE: Code = Code::conflict("score_appeal.own_advice");

store::text_enum! {
    pub enum AppealState {
        Asked = "asked",
        Advised = "advised",
        Upheld = "upheld",
        Refused = "refused",
    }
}

store::text_enum! {
    pub enum AppealEnd {
        Upheld = "upheld",
        Refused = "refused",
    }
}

store::row! {
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Appeal {
        pub id: AppealId,
        pub evaluation_id: crate::evaluation::EvaluationId,
        pub league_id: LeagueId,
        pub month: String,
        pub member_id: MemberId,
        pub line: String,
        pub facts: String,
        pub state: AppealState,
        pub words: String,
        pub advice_words: String,
        pub decision_words: String,
        pub salt: [u8; 32],
        pub advice: Option<AppealEnd>,
        pub asked_at: Instant,
        pub asked_by: Option<AccountId>,
        pub advised_by: Option<AccountId>,
        pub decided_at: Option<Instant>,
        pub version: i64,
    }
}

impl Appeal {
    /// Keys of the facts that are meant. Errors: `internal`, as nothing else writes it.
    pub fn keys(&self) -> Result<Vec<String>> {
        serde_json::from_str(&self.facts).map_err(Error::internal)
    }
    pub fn is_open(&self) -> bool {
        matches!(self.state, AppealState::Asked | AppealState::Advised)
    }
}

macro_rules! columns {
    () => {
        "SELECT id, evaluation_id, league_id, month, member_id, line, facts, state, words, advice_words, decision_words, salt, advice, asked_at,
    asked_by, advised_by, decided_at, version
FROM score_appeal
WHERE tenant_id = :tenant"
    };
}

static ONE: Sql = sql!(concat!(columns!(), " AND id = :appeal"));
static IN_STATE: Sql = sql!(concat!(columns!(), " AND state = :state ORDER BY state DESC, id DESC LIMIT 200"));
static OF_MEMBER: Sql = sql!(concat!(
    columns!(),
    " AND league_id = :league AND month = :month AND member_id = :member ORDER BY league_id, month, member_id, line LIMIT 500"
));
static OF_MONTH: Sql =
    sql!(concat!(columns!(), " AND league_id = :league AND month = :month ORDER BY league_id, month, member_id, line LIMIT 1000"));
static ALL: Sql = sql!(concat!(columns!(), " AND id > :after ORDER BY id LIMIT 200"));

/// Errors: 404.
pub async fn find(store: &Store, tenant: TenantId, appeal: AppealId) -> Result<Appeal> {
    store.one(&ONE, args! { tenant: tenant, appeal: appeal }).await
}

/// The latest two hundred in a state, the latest first.
pub async fn in_state(store: &Store, tenant: TenantId, state: AppealState) -> Result<Vec<Appeal>> {
    store.all(&IN_STATE, args! { tenant: tenant, state: state }).await
}

/// All against one member's month, by line.
pub async fn of_member(store: &Store, tenant: TenantId, league: LeagueId, month: &str, member: MemberId) -> Result<Vec<Appeal>> {
    store.all(&OF_MEMBER, args! { tenant: tenant, league: league, month: month, member: member }).await
}

/// Whether an appeal against a member's month waits to be decided, inside of a command.
pub(crate) async fn waits(tx: &mut Write<'_>, league: LeagueId, month: &str, member: MemberId) -> Result<bool> {
    let tenant = tx.tenant();
    let all: Vec<Appeal> = tx.all(&OF_MEMBER, args! { tenant: tenant, league: league, month: month, member: member }).await?;
    Ok(all.iter().any(Appeal::is_open))
}

/// All against a league's month.
pub async fn of_month(store: &Store, tenant: TenantId, league: LeagueId, month: &str) -> Result<Vec<Appeal>> {
    store.all(&OF_MONTH, args! { tenant: tenant, league: league, month: month }).await
}

/// Some two hundred behind this one, for `verify`.
pub(crate) async fn after(store: &Store, tenant: TenantId, after: AppealId) -> Result<Vec<Appeal>> {
    store.all(&ALL, args! { tenant: tenant, after: after }).await
}

/// Until when what was published may be appealed against. Errors: `not_published`; 500 beyond the calendar.
pub fn until(directory: &Directory, one: &Evaluation, days: i64) -> Result<Instant> {
    let at = one.published_at.ok_or(NOT_PUBLISHED)?;
    let limit = Limit::natural_days(u32::try_from(days).unwrap_or(1)).map_err(Error::internal)?;
    Ok(directory.calendar().deadline_in_full(at, limit, 500).map_err(Error::internal)?.at)
}

static INSERT: Sql = sql!(
    "INSERT INTO score_appeal (tenant_id, id, evaluation_id, league_id, month, member_id, line, facts, state, words, advice_words,
        decision_words, salt, asked_at, asked_by, version)
    VALUES (:tenant, :id, :evaluation, :league, :month, :member, :line, :facts, 'asked', :words, '', '', :salt, :now, :actor, 1)"
);

/// Appeals against a line. Errors: `score_appeal.not_published`, `score_appeal.too_late`, `score_appeal.once`, `attachment.gone`.
pub struct Ask {
    pub by: Permit<AppealScore>,
    pub directory: Arc<Directory>,
    pub evaluation: Evaluation,
    pub member: MemberId,
    /// The code of the row.
    pub line: String,
    /// Keys of facts of the line; none where it has none.
    pub facts: BTreeSet<String>,
    pub words: String,
    pub photos: Vec<AttachmentId>,
}

impl Command for Ask {
    const KIND: &'static str = "score_appeal.ask";
    type Out = AppealId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<AppealId> {
        let Ask { directory, evaluation: one, member, line, facts, words, photos, .. } = self;
        let (tenant, actor) = (tx.tenant(), tx.actor());
        ensure(one.state == EvaluationState::Published, NOT_PUBLISHED)?;
        let days = settings::within(tx).await?.appeal_days;
        ensure(tx.now() <= until(directory, one, days)?, TOO_LATE)?;
        tx.lock(&format!("appeals of {}", one.league_id)).await?;
        let values = args! { tenant: tenant, league: one.league_id, month: &one.month, member: member };
        let known: Vec<Appeal> = tx.all(&OF_MEMBER, values).await?;
        ensure(known.iter().all(|appeal| appeal.line != *line), ONCE)?;
        let (id, salt): (AppealId, [u8; 32]) = (tx.new_id(), tx.salt());
        let bound = store::attachments::bind(tx, photos, actor, "score_appeal", id.0, "evidence").await?;
        let keys: Vec<String> = facts.iter().cloned().collect();
        let values = args! {
            tenant: tenant, id: id, evaluation: one.id, league: one.league_id, month: &one.month, member: member, line: line,
            facts: serde_json::to_string(&keys).map_err(Error::internal)?, words: words, salt: salt, now: tx.now(), actor: actor,
        };
        tx.exec(&INSERT, values).await?;
        tx.fact(ScoreAppealed {
            evaluation: one.id,
            league: one.league_id,
            month: one.month.clone(),
            member: *member,
            line: line.clone(),
            facts: keys,
            words: words_hash(&salt, words),
            photos: bound.iter().map(|photo| hex(&photo.hash)).collect(),
            score_appeal: id,
        })?;
        Ok(id)
    }
}

static ADVISE: Sql = sql!(
    "UPDATE score_appeal SET state = 'advised', advice = :advice, advice_words = :words, advised_by = :actor, version = version + 1
    WHERE tenant_id = :tenant AND id = :appeal AND version = :version AND state = 'asked'"
);

/// The first of two looks: what should be decided, and why. Errors: `score_appeal.wrong_state`, `score_appeal.stale`.
pub struct Advise {
    pub by: Permit<AdviseScoreAppeal>,
    pub appeal: Appeal,
    pub advice: AppealEnd,
    pub words: String,
}

impl Command for Advise {
    const KIND: &'static str = "score_appeal.advise";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Advise { appeal, advice, words, .. } = self;
        ensure(appeal.state == AppealState::Asked, WRONG_STATE)?;
        let values = args! {
            tenant: tx.tenant(), appeal: appeal.id, version: appeal.version, advice: advice, words: words, actor: tx.actor(),
        };
        tx.change_one(&ADVISE, values).await?.or(STALE)?;
        tx.fact(ScoreAppealAdvised { score_appeal: appeal.id, advice: *advice, words: words_hash(&appeal.salt, words) })
    }
}

static DECIDE: Sql = sql!(
    "UPDATE score_appeal SET state = :end, decision_words = :words, decided_at = :now, version = version + 1
    WHERE tenant_id = :tenant AND id = :appeal AND version = :version AND state = 'advised'"
);

/// A leader decides. Errors: `score_appeal.wrong_state`, `score_appeal.own_advice`, `score_appeal.stale`.
pub struct Decide {
    pub by: Permit<DecideScoreAppeal>,
    pub appeal: Appeal,
    pub end: AppealEnd,
    pub words: String,
}

impl Command for Decide {
    const KIND: &'static str = "score_appeal.decide";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Decide { appeal, end, words, .. } = self;
        ensure(appeal.state == AppealState::Advised, WRONG_STATE)?;
        ensure(appeal.advised_by.is_none() || appeal.advised_by != tx.actor(), OWN_ADVICE)?;
        let values = args! {
            tenant: tx.tenant(), appeal: appeal.id, version: appeal.version, end: end.as_str(), words: words, now: tx.now(),
        };
        tx.change_one(&DECIDE, values).await?.or(STALE)?;
        tx.fact(ScoreAppealDecided {
            score_appeal: appeal.id,
            league: appeal.league_id,
            month: appeal.month.clone(),
            member: appeal.member_id,
            line: appeal.line.clone(),
            facts: appeal.keys()?,
            end: *end,
            words: words_hash(&appeal.salt, words),
        })
    }
}

/// What an upheld appeal strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strike {
    pub appeal: AppealId,
    pub line: String,
    /// Keys; none where the row itself is struck.
    pub facts: BTreeSet<String>,
}

/// What was upheld of a league's month when the journal had come so far, by member; from sealed facts alone.
///
/// `begin` is when the month ended: appeals come later.
pub async fn strikes(
    store: &Store,
    tenant: TenantId,
    league: LeagueId,
    month: &str,
    begin: Instant,
    cut: i64,
) -> Result<BTreeMap<MemberId, Vec<Strike>>> {
    let mut found: BTreeMap<MemberId, Vec<Strike>> = BTreeMap::new();
    let all = telling::heard(store, tenant, "score_appeal", kernel::ids::beginning(begin), Uuid::max(), cut).await?;
    for fact in all.values().flatten().filter(|fact| fact.kind == "score_appeal.decided") {
        let Ok(decided) = serde_json::from_str::<ScoreAppealDecided>(&fact.data) else { continue };
        if decided.league == league && decided.month == month && decided.end == AppealEnd::Upheld {
            let facts = decided.facts.into_iter().collect();
            found.entry(decided.member).or_default().push(Strike { appeal: decided.score_appeal, line: decided.line, facts });
        }
    }
    Ok(found)
}
