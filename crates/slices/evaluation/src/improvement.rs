//! The improvement list (提升名单): compounds, cooperatives and others that are to be lifted; why, by which steps until when, what
//! became of each, and how it left the list. The scheme scores the progress.

use crate::facts::{ImprovementLeft, ImprovementListed, StepAccepted, StepPlanned, StepRefused, StepReported, words_hash};
use crate::league::MemberId;
use crate::scheme::Ranked;
use crate::verbs::{JudgeImprovement, ManageImprovement, ReportImprovement};
use access::Permit;
use kernel::canonical::hex;
use kernel::ids::{AccountId, AttachmentId};
use kernel::{Code, Instant, Result, TenantId, ensure};
use store::{Command, Sql, Store, Write, args, sql};

kernel::id!(
    /// One stay of somebody on the list.
    ImprovementId,
);
store::id_values!(ImprovementId);

/// Somebody changed it meanwhile.
pub const STALE: Code = Code::conflict("improvement.stale");
/// It is on the list already.
pub const LISTED: Code = Code::conflict("improvement.listed");
/// It has left the list.
pub const LEFT: Code = Code::conflict("improvement.left");
/// The list, or a plan, is as long as it may be.
pub const TOO_MANY: Code = Code::conflict("improvement.too_many");
/// The step is done, or waits to be looked at.
pub const NOT_OPEN: Code = Code::conflict("improvement.not_open");
/// Nobody has reported the step.
pub const NOT_REPORTED: Code = Code::conflict("improvement.not_reported");
/// Who reported a step does not judge it.
pub const OWN: Code = Code::conflict("improvement.own");

/// Members on the list at a time, and steps of a plan.
pub const MOST_LISTED: usize = 200;
pub const MOST_STEPS: usize = 30;

store::text_enum! {
    pub enum ImprovementState {
        Listed = "listed",
        /// What was wanted is reached.
        Reached = "reached",
        /// It left without that.
        Dropped = "dropped",
    }
}

store::text_enum! {
    pub enum StepState {
        Planned = "planned",
        /// Said to be done; somebody else looks at it.
        Reported = "reported",
        Accepted = "accepted",
    }
}

store::row! {
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Improvement {
        pub id: ImprovementId,
        pub ranked: Ranked,
        pub member_id: MemberId,
        pub why: String,
        pub salt: [u8; 32],
        pub state: ImprovementState,
        pub listed_at: Instant,
        pub listed_by: Option<AccountId>,
        pub left_at: Option<Instant>,
        pub end_words: String,
        pub steps: i64,
        pub version: i64,
    }
}

store::row! {
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PlanStep {
        pub nth: i64,
        pub what: String,
        pub salt: [u8; 32],
        /// `YYYY-MM-DD`.
        pub due: String,
        pub state: StepState,
        pub done_on: Option<String>,
        pub reported_by: Option<AccountId>,
        pub words: String,
    }
}

macro_rules! columns {
    () => {
        "SELECT id, ranked, member_id, why, salt, state, listed_at, listed_by, left_at, end_words, steps, version
FROM improvement
WHERE tenant_id = :tenant"
    };
}

static ONE: Sql = sql!(concat!(columns!(), " AND id = :improvement"));
static IN_STATE: Sql = sql!(concat!(columns!(), " AND state = :state ORDER BY state DESC, id DESC LIMIT 200"));
static OF_MEMBER: Sql = sql!(concat!(columns!(), " AND member_id = :member AND state = 'listed'"));
static ALL: Sql = sql!(concat!(columns!(), " AND id > :after ORDER BY id LIMIT 200"));
static STEPS: Sql = sql!(
    "SELECT nth, what, salt, due, state, done_on, reported_by, words FROM improvement_step
    WHERE tenant_id = :tenant AND improvement_id = :improvement
    ORDER BY nth LIMIT 30"
);

/// Errors: 404.
pub async fn find(store: &Store, tenant: TenantId, improvement: ImprovementId) -> Result<Improvement> {
    store.one(&ONE, args! { tenant: tenant, improvement: improvement }).await
}

/// Who is on the list, or has left it so; the latest first.
pub async fn in_state(store: &Store, tenant: TenantId, state: ImprovementState) -> Result<Vec<Improvement>> {
    store.all(&IN_STATE, args! { tenant: tenant, state: state }).await
}

/// The stay of a member that is on the list now.
pub async fn of_member(store: &Store, tenant: TenantId, member: MemberId) -> Result<Option<Improvement>> {
    store.opt(&OF_MEMBER, args! { tenant: tenant, member: member }).await
}

/// The plan, in order.
pub async fn steps(store: &Store, tenant: TenantId, improvement: ImprovementId) -> Result<Vec<PlanStep>> {
    store.all(&STEPS, args! { tenant: tenant, improvement: improvement }).await
}

/// Some two hundred behind this one, for `verify`.
pub(crate) async fn after(store: &Store, tenant: TenantId, after: ImprovementId) -> Result<Vec<Improvement>> {
    store.all(&ALL, args! { tenant: tenant, after: after }).await
}

static INSERT: Sql = sql!(
    "INSERT INTO improvement (tenant_id, id, ranked, member_id, why, salt, state, listed_at, listed_by, end_words, steps,
        version)
    VALUES (:tenant, :id, :ranked, :member, :why, :salt, 'listed', :now, :actor, '', 0, 1)"
);

/// Puts somebody on the list. Errors: `improvement.listed`, `improvement.too_many`.
pub struct List {
    pub by: Permit<ManageImprovement>,
    pub ranked: Ranked,
    pub member: MemberId,
    pub why: String,
}

impl Command for List {
    const KIND: &'static str = "improvement.list";
    type Out = ImprovementId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<ImprovementId> {
        let List { ranked, member, why, .. } = self;
        let tenant = tx.tenant();
        tx.lock("improvements").await?;
        let now: Vec<Improvement> = tx.all(&IN_STATE, args! { tenant: tenant, state: ImprovementState::Listed }).await?;
        ensure(now.len() < MOST_LISTED, TOO_MANY.err().arg("max", MOST_LISTED))?;
        ensure(now.iter().all(|one| one.member_id != *member), LISTED)?;
        let (id, salt): (ImprovementId, [u8; 32]) = (tx.new_id(), tx.salt());
        let values = args! {
            tenant: tenant, id: id, ranked: ranked, member: member, why: why, salt: salt, now: tx.now(), actor: tx.actor(),
        };
        tx.exec(&INSERT, values).await?;
        tx.fact(ImprovementListed { improvement: id, ranked: *ranked, member: *member, why: words_hash(&salt, why) })?;
        Ok(id)
    }
}

static TOUCH: Sql = sql!(
    "UPDATE improvement SET steps = steps + :more, version = version + 1
    WHERE tenant_id = :tenant AND id = :improvement AND version = :version"
);

/// Only while it is on the list, and nobody else changed it.
async fn touch(tx: &mut Write<'_>, one: &Improvement, more: i64) -> Result<()> {
    ensure(one.state == ImprovementState::Listed, LEFT)?;
    let values = args! { tenant: tx.tenant(), improvement: one.id, version: one.version, more: more };
    tx.change_one(&TOUCH, values).await?.or(STALE)
}

static ADD_STEP: Sql = sql!(
    "INSERT INTO improvement_step (tenant_id, improvement_id, nth, what, salt, due, state, words)
    VALUES (:tenant, :improvement, :nth, :what, :salt, :due, 'planned', '')"
);

/// Adds a step to the plan. Errors: `improvement.left`, `improvement.stale`, `improvement.too_many`.
pub struct Plan {
    pub by: Permit<ManageImprovement>,
    pub improvement: Improvement,
    pub what: String,
    /// The last day for it.
    pub due: jiff::civil::Date,
}

impl Command for Plan {
    const KIND: &'static str = "improvement.plan";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Plan { improvement: one, what, due, .. } = self;
        ensure(usize::try_from(one.steps).is_ok_and(|steps| steps < MOST_STEPS), TOO_MANY.err().arg("max", MOST_STEPS))?;
        touch(tx, one, 1).await?;
        let (nth, salt): (i64, [u8; 32]) = (one.steps + 1, tx.salt());
        let values = args! { tenant: tx.tenant(), improvement: one.id, nth: nth, what: what, salt: salt, due: due.to_string() };
        tx.exec(&ADD_STEP, values).await?;
        tx.fact(StepPlanned { improvement: one.id, nth, what: words_hash(&salt, what), due: due.to_string() })
    }
}

static REPORT: Sql = sql!(
    "UPDATE improvement_step SET state = 'reported', done_on = :day, reported_by = :actor, words = :words
    WHERE tenant_id = :tenant AND improvement_id = :improvement AND nth = :nth AND state = 'planned'"
);

/// Says that a step is done, with photos of it. Errors: `improvement.not_open`, `improvement.left`, `improvement.stale`, `attachment.gone`.
pub struct Report {
    pub by: Permit<ReportImprovement>,
    pub improvement: Improvement,
    pub step: PlanStep,
    /// Today in the tenant.
    pub today: jiff::civil::Date,
    pub words: String,
    pub photos: Vec<AttachmentId>,
}

impl Command for Report {
    const KIND: &'static str = "improvement.report";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Report { improvement: one, step, today, words, photos, .. } = self;
        touch(tx, one, 0).await?;
        let actor = tx.actor();
        let day = today.to_string();
        let values = args! { tenant: tx.tenant(), improvement: one.id, nth: step.nth, day: &day, actor: actor, words: words };
        tx.change_one(&REPORT, values).await?.or(NOT_OPEN)?;
        let role = format!("step-{}", step.nth);
        let bound = store::attachments::bind(tx, photos, actor, "improvement", one.id.0, &role).await?;
        let photos = bound.iter().map(|photo| hex(&photo.hash)).collect();
        tx.fact(StepReported { improvement: one.id, nth: step.nth, day, words: words_hash(&step.salt, words), photos })
    }
}

static ACCEPT: Sql = sql!(
    "UPDATE improvement_step SET state = 'accepted'
    WHERE tenant_id = :tenant AND improvement_id = :improvement AND nth = :nth AND state = 'reported'"
);
static REFUSE: Sql = sql!(
    "UPDATE improvement_step SET state = 'planned', done_on = NULL, reported_by = NULL, words = :words
    WHERE tenant_id = :tenant AND improvement_id = :improvement AND nth = :nth AND state = 'reported'"
);

/// Looks at what was reported: done, or not. Errors: `improvement.own`, `improvement.not_reported`, `improvement.left`, `improvement.stale`.
pub struct Judge {
    pub by: Permit<JudgeImprovement>,
    pub improvement: Improvement,
    pub step: PlanStep,
    pub good: bool,
    pub words: String,
}

impl Command for Judge {
    const KIND: &'static str = "improvement.judge";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Judge { improvement: one, step, good, words, .. } = self;
        ensure(step.reported_by.is_none() || step.reported_by != tx.actor(), OWN)?;
        touch(tx, one, 0).await?;
        let values = args! { tenant: tx.tenant(), improvement: one.id, nth: step.nth };
        if *good {
            tx.change_one(&ACCEPT, values).await?.or(NOT_REPORTED)?;
            return tx.fact(StepAccepted { improvement: one.id, nth: step.nth });
        }
        tx.change_one(&REFUSE, values.with("words", words)).await?.or(NOT_REPORTED)?;
        tx.fact(StepRefused { improvement: one.id, nth: step.nth, words: words_hash(&step.salt, words) })
    }
}

static LEAVE: Sql = sql!(
    "UPDATE improvement SET state = :state, left_at = :now, end_words = :words, version = version + 1
    WHERE tenant_id = :tenant AND id = :improvement AND version = :version"
);

/// Takes it off the list. Errors: `improvement.left`, `improvement.stale`.
pub struct Leave {
    pub by: Permit<JudgeImprovement>,
    pub improvement: Improvement,
    pub reached: bool,
    pub words: String,
}

impl Command for Leave {
    const KIND: &'static str = "improvement.leave";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Leave { improvement: one, reached, words, .. } = self;
        ensure(one.state == ImprovementState::Listed, LEFT)?;
        let state = if *reached { ImprovementState::Reached } else { ImprovementState::Dropped };
        let values = args! { tenant: tx.tenant(), improvement: one.id, version: one.version, state: state, now: tx.now(), words: words };
        tx.change_one(&LEAVE, values).await?.or(STALE)?;
        tx.fact(ImprovementLeft { improvement: one.id, reached: *reached, words: words_hash(&one.salt, words) })
    }
}
