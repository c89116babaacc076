//! Schemes as the tenant keeps them: drafted by one, adopted by another in a meeting, from a month on; never changed again.

use crate::facts::{SchemeAdopted, SchemeDrafted, SchemeDropped};
use crate::verbs::{AdoptScheme, DraftScheme};
use access::Permit;
use jiff::civil::Date;
use kernel::canonical::{content_hash, hex, salted_hash};
use kernel::ids::{AccountId, AttachmentId};
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use rules::Scheme;
use store::{Command, Fact, Sql, Store, Write, args, sql};

kernel::id!(
    /// One version of a scheme.
    SchemeId,
);
store::id_values!(SchemeId);

/// Somebody changed the draft meanwhile.
pub const STALE: Code = Code::conflict("scheme.stale");
/// It is adopted, and nothing of it changes any more.
pub const ADOPTED: Code = Code::conflict("scheme.adopted");
/// It was dropped.
pub const DROPPED: Code = Code::conflict("scheme.dropped");
/// Who drafted it does not adopt it.
pub const OWN_DRAFT: Code = Code::conflict("scheme.own_draft");
/// Another one begins in that month or later.
pub const MONTH_TAKEN: Code = Code::invalid("scheme.month_taken");
/// A month that is over is scored by the rules that it had.
pub const MONTH_PAST: Code = Code::invalid("scheme.month_past");
/// More drafts than anybody looks through.
pub const TOO_MANY: Code = Code::conflict("scheme.too_many_drafts");

/// What pictures of the paper that adopted it are bound as.
const DOCUMENT: &str = "document";
/// Drafts of a tenant at most.
const MOST_DRAFTS: usize = 50;
/// The longest name, and the longest name of a meeting, in characters.
pub const MAX_NAME: usize = 80;

store::text_enum! {
    /// What is compared with its like.
    pub enum Ranked {
        /// 小区: its company is shown beside it.
        Compound = "compound",
        /// 股份经济合作社
        Cooperative = "cooperative",
        /// 社区、村
        Community = "community",
        /// 部门、站所
        Department = "department",
    }
}

store::text_enum! {
    pub enum SchemeState {
        Draft = "draft",
        Adopted = "adopted",
        Dropped = "dropped",
    }
}

store::row! {
    /// A scheme without its table.
    #[derive(Debug, Clone)]
    pub struct Version {
        pub id: SchemeId,
        pub ranked: Ranked,
        pub state: SchemeState,
        pub number: Option<i64>,
        pub name: String,
        pub hash: String,
        pub drafted_at: Instant,
        pub drafted_by: Option<AccountId>,
        pub from_month: Option<String>,
        pub adopted_at: Option<Instant>,
        pub adopted_by: Option<AccountId>,
        pub meeting: String,
        pub met_on: Option<String>,
        pub salt: [u8; 32],
        pub version: i64,
    }
}

macro_rules! columns {
    () => {
        "SELECT id, ranked, state, number, name, hash, drafted_at, drafted_by, from_month, adopted_at, adopted_by, meeting, met_on, salt, version
FROM scheme
WHERE tenant_id = :tenant"
    };
}
pub(crate) use columns;

static ONE: Sql = sql!(concat!(columns!(), " AND id = :scheme"));
pub(crate) static BODY: Sql = sql!("SELECT body FROM scheme WHERE tenant_id = :tenant AND id = :scheme");
static DRAFTS: Sql = sql!(concat!(columns!(), " AND state = 'draft' ORDER BY drafted_at DESC, id DESC LIMIT 50"));
static IN_ORDER: Sql =
    sql!(concat!(columns!(), " AND ranked = :ranked AND from_month IS NOT NULL ORDER BY ranked DESC, from_month DESC LIMIT 100"));
static IN_FORCE: Sql = sql!(concat!(
    columns!(),
    " AND ranked = :ranked AND from_month IS NOT NULL AND from_month <= :month ORDER BY ranked DESC, from_month DESC LIMIT 1"
));

/// The scheme, as everybody who sees schemes sees it. Errors: 404.
pub async fn find(store: &Store, tenant: TenantId, scheme: SchemeId) -> Result<Version> {
    store.one(&ONE, args! { tenant: tenant, scheme: scheme }).await
}

/// Its table. Errors: 404.
pub async fn table(store: &Store, tenant: TenantId, scheme: SchemeId) -> Result<Scheme> {
    Scheme::from_json(&body(store, tenant, scheme).await?)
}

/// Its table as it is kept. Errors: 404.
pub(crate) async fn body(store: &Store, tenant: TenantId, scheme: SchemeId) -> Result<String> {
    Ok(store.one::<(String,)>(&BODY, args! { tenant: tenant, scheme: scheme }).await?.0)
}

/// The drafts, the latest first.
pub async fn drafts(store: &Store, tenant: TenantId) -> Result<Vec<Version>> {
    store.all(&DRAFTS, args! { tenant: tenant }).await
}

/// What was adopted for these, the latest first.
pub async fn adopted(store: &Store, tenant: TenantId, ranked: Ranked) -> Result<Vec<Version>> {
    store.all(&IN_ORDER, args! { tenant: tenant, ranked: ranked }).await
}

/// The one that a month (`YYYY-MM`) is scored by.
pub async fn in_force(store: &Store, tenant: TenantId, ranked: Ranked, month: &str) -> Result<Option<Version>> {
    store.opt(&IN_FORCE, args! { tenant: tenant, ranked: ranked, month: month }).await
}

/// The hash of a table's canonical JSON.
pub fn hash_of(body: &str) -> String {
    hex(&content_hash(body.as_bytes()))
}

/// The hash of where and when it was adopted.
pub fn meeting_hash(salt: &[u8; 32], met_on: &str, meeting: &str) -> String {
    hex(&salted_hash(salt, &format!("{met_on}\n{meeting}")))
}

static INSERT: Sql = sql!(
    "INSERT INTO scheme (tenant_id, id, ranked, state, name, body, hash, drafted_at, drafted_by, meeting, salt, version)
    VALUES (:tenant, :id, :ranked, 'draft', :name, :body, :hash, :now, :actor, '', :salt, 1)"
);
static REWRITE: Sql = sql!(
    "UPDATE scheme SET name = :name, body = :body, hash = :hash, drafted_at = :now, drafted_by = :actor, version = version + 1
    WHERE tenant_id = :tenant AND id = :scheme AND version = :version AND state = 'draft'"
);

/// Writes a draft, or one anew that stands already; whoever writes it last has drafted it.
///
/// Errors: `scheme.stale`, `scheme.adopted`, `scheme.dropped`, `scheme.too_many_drafts`.
pub struct Draft {
    pub by: Permit<DraftScheme>,
    /// The draft that is written anew.
    pub of: Option<Version>,
    pub ranked: Ranked,
    pub name: String,
    pub scheme: Scheme,
}

impl Command for Draft {
    const KIND: &'static str = "scheme.draft";
    type Out = SchemeId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<SchemeId> {
        let Draft { of, ranked, name, scheme, .. } = self;
        let body = scheme.to_json()?;
        let hash = hash_of(&body);
        let id = match of {
            Some(of) => {
                changeable(of)?;
                let values = args! {
                    tenant: tx.tenant(), scheme: of.id, version: of.version, name: name, body: body, hash: &hash, now: tx.now(), actor: tx.actor(),
                };
                tx.change_one(&REWRITE, values).await?.or(STALE)?;
                of.id
            }
            None => {
                let drafts: Vec<Version> = tx.all(&DRAFTS, args! { tenant: tx.tenant() }).await?;
                ensure(drafts.len() < MOST_DRAFTS, TOO_MANY.err().arg("max", MOST_DRAFTS))?;
                let id: SchemeId = tx.new_id();
                let values = args! {
                    tenant: tx.tenant(), id: id, ranked: ranked, name: name, body: body, hash: &hash, now: tx.now(), actor: tx.actor(),
                    salt: tx.salt(),
                };
                tx.exec(&INSERT, values).await?;
                id
            }
        };
        tx.fact(SchemeDrafted { scheme: id, ranked: of.as_ref().map_or(*ranked, |of| of.ranked), hash })?;
        Ok(id)
    }
}

/// Errors: `scheme.adopted`, `scheme.dropped`.
pub(crate) fn changeable(scheme: &Version) -> Result<()> {
    match scheme.state {
        SchemeState::Draft => Ok(()),
        SchemeState::Adopted => Err(ADOPTED.into()),
        SchemeState::Dropped => Err(DROPPED.into()),
    }
}

static ADOPT: Sql = sql!(
    "UPDATE scheme SET state = 'adopted', number = :number, from_month = :month, adopted_at = :now, adopted_by = :actor,
        meeting = :meeting, met_on = :met_on, version = version + 1
    WHERE tenant_id = :tenant AND id = :scheme AND version = :version AND state = 'draft'"
);

/// Adopts a draft from a month on: this month or a later one, and later than every other for the same.
///
/// Errors: `scheme.own_draft`, `scheme.month_past`, `scheme.month_taken`, `scheme.stale`, `scheme.adopted`, `scheme.dropped`.
pub struct Adopt {
    pub by: Permit<AdoptScheme>,
    pub scheme: Version,
    /// `YYYY-MM`.
    pub from_month: String,
    /// This month in the tenant.
    pub this_month: String,
    pub met_on: Date,
    pub meeting: String,
    /// Pictures of the paper that says so.
    pub document: Vec<AttachmentId>,
}

impl Command for Adopt {
    const KIND: &'static str = "scheme.adopt";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Adopt { scheme, from_month, this_month, met_on, meeting, document, .. } = self;
        changeable(scheme)?;
        ensure(scheme.drafted_by.is_none() || scheme.drafted_by != tx.actor(), OWN_DRAFT)?;
        ensure(from_month >= this_month, Error::field("from_month", MONTH_PAST))?;
        // One after another: of two that are adopted at once the second sees the first.
        tx.lock(&format!("schemes of {}", scheme.ranked)).await?;
        let adopted: Vec<Version> = tx.all(&IN_ORDER, args! { tenant: tx.tenant(), ranked: scheme.ranked }).await?;
        let last = adopted.first();
        let before = last.and_then(|last| last.from_month.as_ref());
        ensure(before.is_none_or(|before| before < from_month), Error::field("from_month", MONTH_TAKEN))?;
        let number = last.and_then(|last| last.number).unwrap_or(0) + 1;
        let met_on = met_on.to_string();
        let values = args! {
            tenant: tx.tenant(), scheme: scheme.id, version: scheme.version, number: number, month: from_month, now: tx.now(),
            actor: tx.actor(), meeting: meeting, met_on: &met_on,
        };
        tx.change_one(&ADOPT, values).await?.or(STALE)?;
        let actor = tx.actor();
        let bound = store::attachments::bind(tx, document, actor, SchemeAdopted::SUBJECT, scheme.id.0, DOCUMENT).await?;
        tx.fact(SchemeAdopted {
            scheme: scheme.id,
            ranked: scheme.ranked,
            hash: scheme.hash.clone(),
            number,
            from_month: from_month.clone(),
            meeting: meeting_hash(&scheme.salt, &met_on, meeting),
            document: bound.iter().map(|picture| hex(&picture.hash)).collect(),
        })
    }
}

static DROP: Sql = sql!(
    "UPDATE scheme SET state = 'dropped', version = version + 1
    WHERE tenant_id = :tenant AND id = :scheme AND version = :version AND state = 'draft'"
);

/// Drops a draft. Errors: `scheme.stale`, `scheme.adopted`, `scheme.dropped`.
pub struct Drop {
    pub by: Permit<DraftScheme>,
    pub scheme: Version,
}

impl Command for Drop {
    const KIND: &'static str = "scheme.drop";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        changeable(&self.scheme)?;
        let values = args! { tenant: tx.tenant(), scheme: self.scheme.id, version: self.scheme.version };
        tx.change_one(&DROP, values).await?.or(STALE)?;
        tx.fact(SchemeDropped { scheme: self.scheme.id })
    }
}
