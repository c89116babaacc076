//! A month's evaluation of a league: drafted as often as it takes, checked by another, published; what was published stays, and a
//! correction is another edition.

use crate::bulletin_words::{self, Issuing};
use crate::consequence;
use crate::facts::{EvaluationChecked, EvaluationDrafted, EvaluationPublished, EvaluationTaken};
use crate::league::{League, LeagueId, MemberId, most_members};
use crate::scheme::SchemeId;
use crate::scoring::{Kept, Sealed, sealed};
use crate::verbs::{CheckEvaluation, DraftEvaluation, PublishEvaluation, ReadRanking};
use access::Permit;
use kernel::ids::{AccountId, OrganisationId};
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use std::collections::BTreeMap;
use store::{Command, Sql, Store, Write, args, sql};

kernel::id!(
    /// One edition of a month's evaluation.
    EvaluationId,
);
store::id_values!(EvaluationId);

/// Somebody scored it anew, checked or published it meanwhile.
pub const STALE: Code = Code::conflict("evaluation.stale");
/// Who drafted it neither checks nor publishes it.
pub const OWN_DRAFT: Code = Code::conflict("evaluation.own_draft");
/// Only a draft is checked.
pub const NOT_DRAFT: Code = Code::conflict("evaluation.not_draft");
/// Only what was checked is published.
pub const NOT_CHECKED: Code = Code::conflict("evaluation.not_checked");
/// What was reckoned anew is not what was kept.
pub const DIFFERS: Code = Code::conflict("evaluation.differs");
/// A correction that changes nothing is none.
pub const NOTHING_NEW: Code = Code::conflict("evaluation.nothing_new");

store::text_enum! {
    pub enum EvaluationState {
        Draft = "draft",
        Checked = "checked",
        Published = "published",
    }
}

store::row! {
    #[derive(Debug, Clone)]
    pub struct Evaluation {
        pub id: EvaluationId,
        pub league_id: LeagueId,
        pub month: String,
        pub edition: i64,
        pub state: EvaluationState,
        pub draft: i64,
        pub scheme_id: SchemeId,
        pub cut: i64,
        pub units: i64,
        pub digest: String,
        pub drafted_at: Instant,
        pub drafted_by: Option<AccountId>,
        pub checked_at: Option<Instant>,
        pub checked_by: Option<AccountId>,
        pub published_at: Option<Instant>,
        pub published_by: Option<AccountId>,
        pub version: i64,
    }
}

store::row! {
    /// One line of its table; points are thousandths.
    #[derive(Debug, Clone)]
    pub struct Standing {
        pub member_id: MemberId,
        pub name: String,
        pub unit_id: Option<OrganisationId>,
        pub unit_name: String,
        pub total: i64,
        pub grade: String,
        pub place: Option<i64>,
        pub dimensions: String,
        pub was_total: Option<i64>,
        pub was_place: Option<i64>,
        /// How far chance alone may carry the total, in thousandths; 0 also where that was not kept yet.
        pub spread: i64,
        pub hash: String,
    }
}

impl Standing {
    /// What each dimension came to, in the scheme's order, in thousandths. Errors: `internal`, as nothing else writes it.
    pub fn parts(&self) -> Result<Vec<i64>> {
        serde_json::from_str(&self.dimensions).map_err(Error::internal)
    }
}

macro_rules! columns {
    () => {
        "SELECT id, league_id, month, edition, state, draft, scheme_id, cut, units, digest, drafted_at, drafted_by, checked_at, checked_by,
    published_at, published_by, version
FROM evaluation
WHERE tenant_id = :tenant"
    };
}
pub(crate) use columns;

macro_rules! standings {
    () => {
        "SELECT member_id, name, unit_id, unit_name, total, grade, place, dimensions, was_total, was_place, spread, hash
FROM evaluation_score
WHERE tenant_id = :tenant AND evaluation_id = :evaluation"
    };
}

static ONE: Sql = sql!(concat!(columns!(), " AND id = :evaluation"));
static OF_MONTH: Sql =
    sql!(concat!(columns!(), " AND league_id = :league AND month = :month ORDER BY league_id, month, edition DESC LIMIT 50"));
static OF_LEAGUE: Sql = sql!(concat!(columns!(), " AND league_id = :league ORDER BY league_id DESC, month DESC, edition DESC LIMIT 60"));
static BEHIND: Sql = sql!(concat!(
    columns!(),
    " AND league_id = :league AND (month, edition) < (:month, :edition) ORDER BY league_id DESC, month DESC, edition DESC LIMIT 60"
));
static TABLE: Sql = sql!(concat!(standings!(), " ORDER BY member_id LIMIT ", most_members!()));
static STANDING: Sql = sql!(concat!(standings!(), " AND member_id = :member"));
static BODY: Sql =
    sql!("SELECT body FROM evaluation_body WHERE tenant_id = :tenant AND evaluation_id = :evaluation AND member_id = :member");
static BODIES: Sql = sql!(
    "SELECT body FROM evaluation_body
    WHERE tenant_id = :tenant AND evaluation_id = :evaluation AND member_id > :after
    ORDER BY member_id LIMIT 100"
);
static TOTALS: Sql = sql!(
    "SELECT e.month, e.edition, s.member_id, s.total, s.place
    FROM evaluation e JOIN evaluation_score s ON s.tenant_id = e.tenant_id AND s.evaluation_id = e.id
    WHERE e.tenant_id = :tenant AND e.league_id = :league AND e.month >= :first AND e.month <= :last AND e.state = 'published'
        AND e.published_at <= :at
    ORDER BY e.month, e.edition"
);
static TOTALS_OF: Sql = sql!(
    "SELECT s.month, s.total, s.place
    FROM evaluation_score s JOIN evaluation e ON e.tenant_id = s.tenant_id AND e.id = s.evaluation_id
    WHERE s.tenant_id = :tenant AND s.member_id = :member AND s.month >= :first AND s.month <= :last
        AND e.league_id = :league AND e.state = 'published'
    ORDER BY s.month, s.edition
    LIMIT 500"
);

/// Errors: 404.
pub async fn find(store: &Store, tenant: TenantId, evaluation: EvaluationId) -> Result<Evaluation> {
    store.one(&ONE, args! { tenant: tenant, evaluation: evaluation }).await
}

/// All editions of a league's month, the latest first.
pub async fn editions(store: &Store, tenant: TenantId, league: LeagueId, month: &str) -> Result<Vec<Evaluation>> {
    store.all(&OF_MONTH, args! { tenant: tenant, league: league, month: month }).await
}

/// Editions of a league that are read at once; [`BEHIND`] reads as many.
pub(crate) const AT_ONCE: usize = 60;

/// The editions of a league behind this one of a month, the latest first: [`AT_ONCE`] at most.
pub(crate) async fn behind(store: &Store, tenant: TenantId, league: LeagueId, month: &str, edition: i64) -> Result<Vec<Evaluation>> {
    store.all(&BEHIND, args! { tenant: tenant, league: league, month: month, edition: edition }).await
}

/// The months of a league, the latest first; of each its latest edition, or its latest published one.
pub async fn months(store: &Store, tenant: TenantId, league: LeagueId, published: bool) -> Result<Vec<Evaluation>> {
    let all: Vec<Evaluation> = store.all(&OF_LEAGUE, args! { tenant: tenant, league: league }).await?;
    let mut kept: Vec<Evaluation> = Vec::new();
    for one in all.into_iter().filter(|one| !published || one.state == EvaluationState::Published) {
        if kept.last().is_none_or(|last| last.month != one.month) {
            kept.push(one);
        }
    }
    Ok(kept)
}

/// Its table, best first; those that share a place by name, those without one at the end.
pub async fn table(store: &Store, tenant: TenantId, evaluation: EvaluationId) -> Result<Vec<Standing>> {
    let mut all: Vec<Standing> = store.all(&TABLE, args! { tenant: tenant, evaluation: evaluation }).await?;
    all.sort_by(|a, b| {
        (a.place.is_none(), a.place, -a.total, &a.name, a.member_id).cmp(&(b.place.is_none(), b.place, -b.total, &b.name, b.member_id))
    });
    Ok(all)
}

/// Errors: 404.
pub async fn standing(store: &Store, tenant: TenantId, evaluation: EvaluationId, member: MemberId) -> Result<Standing> {
    store.one(&STANDING, args! { tenant: tenant, evaluation: evaluation, member: member }).await
}

/// One unit, whole. Errors: 404.
pub async fn kept(store: &Store, tenant: TenantId, evaluation: EvaluationId, member: MemberId) -> Result<Kept> {
    Kept::from_json(&body(store, tenant, evaluation, member).await?)
}

/// One unit's text as it is kept. Errors: 404.
pub(crate) async fn body(store: &Store, tenant: TenantId, evaluation: EvaluationId, member: MemberId) -> Result<String> {
    Ok(store.one::<(String,)>(&BODY, args! { tenant: tenant, evaluation: evaluation, member: member }).await?.0)
}

/// All units, whole, in the order of their ids.
pub async fn all_kept(store: &Store, tenant: TenantId, evaluation: EvaluationId) -> Result<Vec<Kept>> {
    let (mut all, mut after) = (Vec::<Kept>::new(), MemberId(kernel::ids::Uuid::nil()));
    loop {
        let some: Vec<(String,)> = store.all(&BODIES, args! { tenant: tenant, evaluation: evaluation, after: after }).await?;
        for (body,) in &some {
            all.push(Kept::from_json(body)?);
        }
        let Some(last) = all.last().filter(|_| !some.is_empty()) else { return Ok(all) };
        after = last.known.member;
    }
}

static MONTHS_OF: Sql = sql!(
    "SELECT e.id, e.month, e.state, s.unit_id
    FROM evaluation_score s JOIN evaluation e ON e.tenant_id = s.tenant_id AND e.id = s.evaluation_id
    WHERE s.tenant_id = :tenant AND s.member_id = :member AND e.league_id = :league
    ORDER BY s.month DESC, s.edition DESC LIMIT 100"
);

/// A month in which a member was scored.
pub struct ScoredMonth {
    pub evaluation: EvaluationId,
    pub month: String,
    pub state: EvaluationState,
    /// Who answered for it then.
    pub unit: Option<OrganisationId>,
}

/// The months in which a league scored a member, the latest first; of each what was published last, else its latest edition.
pub async fn months_of(store: &Store, tenant: TenantId, league: LeagueId, member: MemberId) -> Result<Vec<ScoredMonth>> {
    type Line = (EvaluationId, String, EvaluationState, Option<OrganisationId>);
    let rows: Vec<Line> = store.all(&MONTHS_OF, args! { tenant: tenant, member: member, league: league }).await?;
    let mut all: Vec<ScoredMonth> = Vec::new();
    for (evaluation, month, state, unit) in rows {
        let one = ScoredMonth { evaluation, month, state, unit };
        match all.last_mut().filter(|last| last.month == one.month) {
            Some(last) if last.state != EvaluationState::Published && state == EvaluationState::Published => *last = one,
            Some(_) => {}
            None => all.push(one),
        }
    }
    Ok(all)
}

/// What a member came to in a published month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    pub total: i64,
    pub place: Option<i64>,
}

/// The published totals of a league from one month to another (both included), by member and month, of each month's latest edition.
pub async fn history(
    store: &Store,
    tenant: TenantId,
    league: LeagueId,
    first: &str,
    last: &str,
) -> Result<BTreeMap<MemberId, BTreeMap<String, Past>>> {
    history_at(store, tenant, league, first, last, store.world().now()).await
}

/// The same as it was published at an instant: what was corrected afterwards changes nothing of it.
pub async fn history_at(
    store: &Store,
    tenant: TenantId,
    league: LeagueId,
    first: &str,
    last: &str,
    at: Instant,
) -> Result<BTreeMap<MemberId, BTreeMap<String, Past>>> {
    type Line = (String, i64, MemberId, i64, Option<i64>);
    let rows: Vec<Line> = store.all(&TOTALS, args! { tenant: tenant, league: league, first: first, last: last, at: at }).await?;
    let mut all: BTreeMap<MemberId, BTreeMap<String, Past>> = BTreeMap::new();
    // In the order of editions: the latest is what stays.
    for (month, _, member, total, place) in rows {
        all.entry(member).or_default().insert(month, Past { total, place });
    }
    Ok(all)
}

/// The published totals of one member as [`history`] has them of all.
pub async fn history_of(
    store: &Store,
    tenant: TenantId,
    league: LeagueId,
    member: MemberId,
    first: &str,
    last: &str,
) -> Result<BTreeMap<String, Past>> {
    let values = args! { tenant: tenant, league: league, member: member, first: first, last: last };
    let rows: Vec<(String, i64, Option<i64>)> = store.all(&TOTALS_OF, values).await?;
    Ok(rows.into_iter().map(|(month, total, place)| (month, Past { total, place })).collect())
}

static INSERT: Sql = sql!(
    "INSERT INTO evaluation (tenant_id, id, league_id, month, edition, state, draft, scheme_id, cut, units, digest, drafted_at, drafted_by,
        version)
    VALUES (:tenant, :id, :league, :month, :edition, 'draft', 1, :scheme, :cut, :units, :digest, :now, :actor, 1)"
);
static REWRITE: Sql = sql!(
    "UPDATE evaluation SET state = 'draft', draft = draft + 1, scheme_id = :scheme, cut = :cut, units = :units, digest = :digest,
        drafted_at = :now, drafted_by = :actor, checked_at = NULL, checked_by = NULL, version = version + 1
    WHERE tenant_id = :tenant AND id = :evaluation AND version = :version AND state <> 'published'"
);
static CLEAR: Sql = sql!("DELETE FROM evaluation_score WHERE tenant_id = :tenant AND evaluation_id = :evaluation");
static CLEAR_BODIES: Sql = sql!("DELETE FROM evaluation_body WHERE tenant_id = :tenant AND evaluation_id = :evaluation");
static ADD: Sql = sql!(
    "INSERT INTO evaluation_score (tenant_id, evaluation_id, member_id, month, edition, name, unit_id, unit_name, total, grade, place, dimensions, was_total,
        was_place, spread, hash)
    VALUES (:tenant, :evaluation, :member, :month, :edition, :name, :unit, :unit_name, :total, :grade, :place, :dimensions, :was_total,
        :was_place, :spread, :hash)"
);
static ADD_BODY: Sql =
    sql!("INSERT INTO evaluation_body (tenant_id, evaluation_id, member_id, body) VALUES (:tenant, :evaluation, :member, :body)");

/// Keeps what was scored: as a month's first draft, in the place of the draft before it, or as the draft of another edition.
///
/// Errors: `evaluation.stale` where what it began from is not the latest any more, `evaluation.nothing_new` where an edition would
/// be the same as the one that was published.
pub struct Keep {
    pub by: Permit<DraftEvaluation>,
    pub league: League,
    /// `YYYY-MM`.
    pub month: String,
    /// The latest edition when scoring began.
    pub of: Option<Evaluation>,
    pub scheme: SchemeId,
    pub cut: i64,
    pub units: Vec<Kept>,
}

impl Command for Keep {
    const KIND: &'static str = "evaluation.draft";
    type Out = EvaluationId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<EvaluationId> {
        let Keep { league, month, of, scheme, cut, units, .. } = self;
        let tenant = tx.tenant();
        tx.lock(&format!("evaluation of {}", league.id)).await?;
        let latest: Vec<Evaluation> = tx.all(&OF_MONTH, args! { tenant: tenant, league: league.id, month: month }).await?;
        let latest = latest.first();
        ensure(latest.map(|one| (one.id, one.version)) == of.as_ref().map(|of| (of.id, of.version)), STALE)?;
        let Sealed { bodies, hashes, places, digest: found } = sealed(units)?;
        let before: Vec<Standing> = match of {
            Some(of) => tx.all(&TABLE, args! { tenant: tenant, evaluation: of.id }).await?,
            None => Vec::new(),
        };
        let count = i64::try_from(units.len()).map_err(Error::internal)?;
        let (id, edition, draft) = match of {
            Some(of) if of.state != EvaluationState::Published => {
                let values = args! {
                    tenant: tenant, evaluation: of.id, version: of.version, scheme: scheme, cut: cut, units: count, digest: &found,
                    now: tx.now(), actor: tx.actor(),
                };
                tx.change_one(&REWRITE, values).await?.or(STALE)?;
                tx.exec(&CLEAR, args! { tenant: tenant, evaluation: of.id }).await?;
                tx.exec(&CLEAR_BODIES, args! { tenant: tenant, evaluation: of.id }).await?;
                (of.id, of.edition, of.draft + 1)
            }
            _ => {
                ensure(of.as_ref().is_none_or(|of| of.digest != found), NOTHING_NEW)?;
                let (id, edition) = (tx.new_id(), of.as_ref().map_or(1, |of| of.edition + 1));
                let values = args! {
                    tenant: tenant, id: id, league: league.id, month: month, edition: edition, scheme: scheme, cut: cut, units: count,
                    digest: &found, now: tx.now(), actor: tx.actor(),
                };
                tx.exec(&INSERT, values).await?;
                (id, edition, 1)
            }
        };
        for ((kept, place), (body, hash)) in units.iter().zip(&places).zip(bodies.iter().zip(&hashes)) {
            let was = before.iter().find(|standing| standing.member_id == kept.known.member);
            let parts = kept.parts();
            let values = args! {
                tenant: tenant, evaluation: id, member: kept.known.member, month: month, edition: edition, name: &kept.known.name, unit: kept.known.unit,
                unit_name: &kept.known.unit_name, total: kept.score.total.0, grade: kept.score.grade.as_deref().unwrap_or_default(),
                place: place, dimensions: serde_json::to_string(&parts).map_err(Error::internal)?,
                was_total: was.map(|was| was.total), was_place: was.and_then(|was| was.place), spread: kept.spread(),
                hash: hash,
            };
            tx.later(&ADD, values);
            tx.exec(&ADD_BODY, args! { tenant: tenant, evaluation: id, member: kept.known.member, body: body }).await?;
        }
        tx.fact(EvaluationDrafted {
            evaluation: id,
            league: league.id,
            month: month.clone(),
            edition,
            draft,
            scheme: *scheme,
            cut: *cut,
            units: count,
            digest: found,
        })?;
        Ok(id)
    }
}

static CHECK: Sql = sql!(
    "UPDATE evaluation SET state = 'checked', checked_at = :now, checked_by = :actor, version = version + 1
    WHERE tenant_id = :tenant AND id = :evaluation AND version = :version AND state = 'draft'"
);
static PUBLISH: Sql = sql!(
    "UPDATE evaluation SET state = 'published', published_at = :now, published_by = :actor, version = version + 1
    WHERE tenant_id = :tenant AND id = :evaluation AND version = :version AND state = 'checked'"
);

/// Says that it was reckoned anew and looked through. Whoever asks has reckoned it anew.
///
/// Errors: `evaluation.not_draft`, `evaluation.own_draft`, `evaluation.stale`.
pub struct Check {
    pub by: Permit<CheckEvaluation>,
    pub evaluation: Evaluation,
}

impl Command for Check {
    const KIND: &'static str = "evaluation.check";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let one = &self.evaluation;
        ensure(one.state == EvaluationState::Draft, NOT_DRAFT)?;
        ensure(one.drafted_by.is_none() || one.drafted_by != tx.actor(), OWN_DRAFT)?;
        let values = args! { tenant: tx.tenant(), evaluation: one.id, version: one.version, now: tx.now(), actor: tx.actor() };
        tx.change_one(&CHECK, values).await?.or(STALE)?;
        tx.fact(EvaluationChecked { evaluation: one.id, digest: one.digest.clone() })
    }
}

/// Publishes it, for ever, and with it an issue of the month's bulletin; proposes what the rules say follows from it. Whoever asks
/// has reckoned it anew.
///
/// Errors: `evaluation.not_checked`, `evaluation.own_draft`, `evaluation.stale`, `bulletin.stale`.
pub struct Publish {
    pub by: Permit<PublishEvaluation>,
    pub evaluation: Evaluation,
    pub bulletin: Issuing,
}

impl Command for Publish {
    const KIND: &'static str = "evaluation.publish";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let one = &self.evaluation;
        ensure(one.state == EvaluationState::Checked, NOT_CHECKED)?;
        ensure(one.drafted_by.is_none() || one.drafted_by != tx.actor(), OWN_DRAFT)?;
        let values = args! { tenant: tx.tenant(), evaluation: one.id, version: one.version, now: tx.now(), actor: tx.actor() };
        tx.change_one(&PUBLISH, values).await?.or(STALE)?;
        tx.fact(EvaluationPublished { evaluation: one.id, digest: one.digest.clone() })?;
        consequence::propose(tx, one).await?;
        bulletin_words::keep_issue(tx, one, &self.bulletin).await
    }
}

/// Notes that somebody took these out of the house, on paper or as a file.
pub struct Take {
    pub by: Permit<ReadRanking>,
    pub evaluations: Vec<EvaluationId>,
    pub form: &'static str,
}

impl Command for Take {
    const KIND: &'static str = "evaluation.take";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        for evaluation in &self.evaluations {
            tx.fact(EvaluationTaken { evaluation: *evaluation, form: self.form.to_owned() })?;
        }
        Ok(())
    }
}
