//! What a month's bulletin says beside its figures: the words that are written for it and the typical problems that are chosen, until
//! they are published; and every issue of it, as it was published. The figures follow from the evaluations and are kept nowhere else.

use crate::evaluation::{self, Evaluation, EvaluationId, EvaluationState};
use crate::facts::{BulletinIssued, BulletinShared, BulletinUnshared, BulletinWritten, words_hash};
use crate::league::{self, League, LeagueId, MemberId};
use crate::verbs::{ShareBulletin, WriteBulletin};
use access::Permit;
use contracts::CaseId;
use kernel::canonical::{content_hash, hex, to_canonical};
use kernel::ids::AttachmentId;
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Command, Sql, Store, Write as Tx, args, sql};

kernel::id!(
    /// The bulletin of one month.
    BulletinId,
);
store::id_values!(BulletinId);

/// Somebody wrote, published or shared it meanwhile.
pub const STALE: Code = Code::conflict("bulletin.stale");
/// All of the month is published: its words belong to what was published.
pub const CLOSED: Code = Code::conflict("bulletin.closed");
/// There is no bulletin to be shared yet.
pub const NOT_ISSUED: Code = Code::conflict("bulletin.not_issued");
/// It has a link already.
pub const SHARED: Code = Code::conflict("bulletin.shared");
/// It has no link.
pub const NOT_SHARED: Code = Code::conflict("bulletin.not_shared");

/// Issues of one month's bulletin; [`ISSUES`] reads as many. More are beyond what a month is corrected.
const MOST_ISSUES: i64 = 200;
/// Too many issues.
pub const TOO_MANY_ISSUES: Code = Code::conflict("bulletin.too_many_issues");

/// A typical problem that somebody chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub case: CaseId,
    /// Its photos show nobody, and may be seen by whoever has the link.
    pub public: bool,
}

/// What is written for one league.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub remark: String,
    /// Nobody has chosen yet: those that are proposed.
    pub problems: Option<Vec<Choice>>,
}

/// What is written for a month, as far as it is not published. Empty where nobody wrote anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    pub intro: String,
    /// Instead of the closing words that every bulletin has.
    pub closing: String,
    pub next: String,
    pub leagues: BTreeMap<LeagueId, Part>,
}

/// A typical problem as it was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typical {
    pub case: CaseId,
    pub number: i64,
    /// Whose it is: who is ranked, and what it is called.
    pub member: MemberId,
    pub name: String,
    /// The unit that answers for it.
    pub unit: String,
    pub place: String,
    pub category: String,
    pub what: String,
    pub done: String,
    pub before: Option<AttachmentId>,
    pub after: Option<AttachmentId>,
    pub public: bool,
}

impl Typical {
    pub fn photos(&self) -> impl Iterator<Item = AttachmentId> {
        [self.before, self.after].into_iter().flatten()
    }
}

/// Who is on the improvement list with steps to be done by the end of the next month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifted {
    pub name: String,
    /// What is to be done, and by which day.
    pub steps: Vec<(String, String)>,
}

/// What was said of one league.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub remark: String,
    pub problems: Vec<Typical>,
}

/// What a bulletin said when it was published, beside its figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Of which evaluations it is, in the order of its sections.
    pub evaluations: Vec<EvaluationId>,
    pub intro: String,
    pub closing: String,
    pub next: String,
    pub lifted: Vec<Lifted>,
    pub leagues: BTreeMap<LeagueId, Said>,
}

impl Issue {
    /// The typical problem that shows a photo.
    pub fn of_photo(&self, photo: AttachmentId) -> Option<&Typical> {
        self.leagues.values().flat_map(|said| &said.problems).find(|one| one.photos().any(|known| known == photo))
    }
}

store::row! {
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Kept {
        pub id: BulletinId,
        pub month: String,
        pub words: String,
        pub salt: [u8; 32],
        pub issues: i64,
        pub link: Option<String>,
        pub version: i64,
    }
}

impl Kept {
    /// Errors: `internal`, as nothing else writes it.
    pub fn written(&self) -> Result<Words> {
        serde_json::from_str(&self.words).map_err(Error::internal)
    }
}

store::row! {
    /// One issue; `nth` counts from 1.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Issued {
        pub nth: i64,
        pub evaluation_id: EvaluationId,
        pub body: String,
        pub salt: [u8; 32],
        pub issued_at: Instant,
    }
}

impl Issued {
    /// Errors: `internal`, as nothing else writes it.
    pub fn issue(&self) -> Result<Issue> {
        serde_json::from_str(&self.body).map_err(Error::internal)
    }
    /// What its fact says of it.
    pub fn hash(&self) -> String {
        words_hash(&self.salt, &self.body)
    }
}

macro_rules! columns {
    () => {
        "SELECT id, month, words, salt, issues, link, version FROM bulletin WHERE tenant_id = :tenant"
    };
}

macro_rules! issued {
    () => {
        "SELECT nth, evaluation_id, body, salt, issued_at FROM bulletin_issue WHERE tenant_id = :tenant AND bulletin_id = :bulletin"
    };
}

static ONE: Sql = sql!(concat!(columns!(), " AND id = :bulletin"));
static OF_MONTH: Sql = sql!(concat!(columns!(), " AND month = :month"));
static OF_LINK: Sql = sql!(concat!(columns!(), " AND link = :link"));
static ALL: Sql = sql!(concat!(columns!(), " AND id > :after ORDER BY id LIMIT 100"));
static ISSUES: Sql = sql!(concat!(issued!(), " ORDER BY nth LIMIT 200"));
static ISSUE: Sql = sql!(concat!(issued!(), " AND nth = :nth"));

/// Errors: 404.
pub async fn find(store: &Store, tenant: TenantId, bulletin: BulletinId) -> Result<Kept> {
    store.one(&ONE, args! { tenant: tenant, bulletin: bulletin }).await
}

/// The bulletin of a month (`YYYY-MM`), once anything was written or published of it.
pub async fn of_month(store: &Store, tenant: TenantId, month: &str) -> Result<Option<Kept>> {
    store.opt(&OF_MONTH, args! { tenant: tenant, month: month }).await
}

/// The bulletin that this link opens.
pub async fn of_link(store: &Store, tenant: TenantId, link: &str) -> Result<Option<Kept>> {
    store.opt(&OF_LINK, args! { tenant: tenant, link: link }).await
}

/// Some hundred behind this one, for `verify`.
pub(crate) async fn after(store: &Store, tenant: TenantId, after: BulletinId) -> Result<Vec<Kept>> {
    store.all(&ALL, args! { tenant: tenant, after: after }).await
}

/// All issues, the first first.
pub async fn issues(store: &Store, tenant: TenantId, bulletin: BulletinId) -> Result<Vec<Issued>> {
    store.all(&ISSUES, args! { tenant: tenant, bulletin: bulletin }).await
}

/// Errors: 404.
pub async fn issue(store: &Store, tenant: TenantId, bulletin: BulletinId, nth: i64) -> Result<Issued> {
    store.one(&ISSUE, args! { tenant: tenant, bulletin: bulletin, nth: nth }).await
}

/// The leagues of a month with the latest edition of each.
pub async fn latest(store: &Store, tenant: TenantId, month: &str) -> Result<Vec<(League, Evaluation)>> {
    let mut found = Vec::new();
    for league in league::all(store, tenant).await? {
        let latest = evaluation::editions(store, tenant, league.id, month).await?.into_iter().next();
        found.extend(latest.map(|one| (league, one)));
    }
    Ok(found)
}

/// Those of a month of which something is not published yet, so that words can be written for it.
pub fn open(latest: &[(League, Evaluation)]) -> impl Iterator<Item = &(League, Evaluation)> {
    latest.iter().filter(|(_, one)| one.state != EvaluationState::Published)
}

static INSERT: Sql = sql!(
    "INSERT INTO bulletin (tenant_id, id, month, words, salt, issues, version) VALUES (:tenant, :id, :month, :words, :salt, :issues, 1)"
);
static REWRITE: Sql =
    sql!("UPDATE bulletin SET words = :words, version = version + 1 WHERE tenant_id = :tenant AND id = :bulletin AND version = :version");
static COUNT_OPEN: Sql =
    sql!("SELECT COUNT(*) AS n FROM evaluation WHERE tenant_id = :tenant AND state IN ('draft', 'checked') AND month = :month");

/// The row as it is now, if it is what somebody began from; one who comes between is waited for.
async fn locked(tx: &mut Tx<'_>, month: &str, of: Option<(BulletinId, i64)>) -> Result<Option<Kept>> {
    tx.lock(&format!("bulletin of {month}")).await?;
    let tenant = tx.tenant();
    let row: Option<Kept> = tx.opt(&OF_MONTH, args! { tenant: tenant, month: month }).await?;
    ensure(row.as_ref().map(|row| (row.id, row.version)) == of, STALE)?;
    Ok(row)
}

/// Keeps what is written for a month. Errors: `bulletin.stale`, `bulletin.closed`.
pub struct Write {
    pub by: Permit<WriteBulletin>,
    /// `YYYY-MM`.
    pub month: String,
    /// What it began from.
    pub of: Option<(BulletinId, i64)>,
    pub words: Words,
}

impl Command for Write {
    const KIND: &'static str = "bulletin.write";
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let Write { month, of, words, .. } = self;
        let tenant = tx.tenant();
        let row = locked(tx, month, *of).await?;
        let (open,): (i64,) = tx.one(&COUNT_OPEN, args! { tenant: tenant, month: month }).await?;
        ensure(open > 0, CLOSED)?;
        let text = to_canonical(words)?;
        let (id, salt) = match row {
            Some(row) => {
                let values = args! { tenant: tenant, bulletin: row.id, version: row.version, words: &text };
                tx.change_one(&REWRITE, values).await?.or(STALE)?;
                (row.id, row.salt)
            }
            None => {
                let (id, salt): (BulletinId, [u8; 32]) = (tx.new_id(), tx.salt());
                let values = args! { tenant: tenant, id: id, month: month, words: &text, salt: salt, issues: 0 };
                tx.exec(&INSERT, values).await?;
                (id, salt)
            }
        };
        tx.fact(BulletinWritten { bulletin: id, month: month.clone(), words: words_hash(&salt, &text) })
    }
}

/// The issue that comes with a publication, and what it was made from.
pub struct Issuing {
    pub of: Option<(BulletinId, i64)>,
    pub issue: Issue,
}

static ADD_ISSUE: Sql = sql!(
    "INSERT INTO bulletin_issue (tenant_id, bulletin_id, nth, evaluation_id, body, salt, issued_at)
    VALUES (:tenant, :bulletin, :nth, :evaluation, :body, :salt, :now)"
);
static ISSUED: Sql = sql!(
    "UPDATE bulletin SET issues = issues + 1, version = version + 1
    WHERE tenant_id = :tenant AND id = :bulletin AND version = :version"
);

/// Keeps the issue, within the command that publishes. Errors: `bulletin.stale`, `bulletin.too_many_issues`.
pub(crate) async fn keep_issue(tx: &mut Tx<'_>, one: &Evaluation, issuing: &Issuing) -> Result<()> {
    let tenant = tx.tenant();
    let row = locked(tx, &one.month, issuing.of).await?;
    let (id, nth) = match row {
        Some(row) => {
            ensure(row.issues < MOST_ISSUES, TOO_MANY_ISSUES)?;
            tx.change_one(&ISSUED, args! { tenant: tenant, bulletin: row.id, version: row.version }).await?.or(STALE)?;
            (row.id, row.issues + 1)
        }
        None => {
            let (id, salt): (BulletinId, [u8; 32]) = (tx.new_id(), tx.salt());
            let words = to_canonical(&Words::default())?;
            let values = args! { tenant: tenant, id: id, month: &one.month, words: &words, salt: salt, issues: 1 };
            tx.exec(&INSERT, values).await?;
            tx.fact(BulletinWritten { bulletin: id, month: one.month.clone(), words: words_hash(&salt, &words) })?;
            (id, 1)
        }
    };
    let (body, salt): (String, [u8; 32]) = (to_canonical(&issuing.issue)?, tx.salt());
    let values = args! {
        tenant: tenant, bulletin: id, nth: nth, evaluation: one.id, body: &body, salt: salt, now: tx.now(),
    };
    tx.exec(&ADD_ISSUE, values).await?;
    tx.fact(BulletinIssued { bulletin: id, nth, evaluation: one.id, body: words_hash(&salt, &body) })
}

static LINK: Sql =
    sql!("UPDATE bulletin SET link = :link, version = version + 1 WHERE tenant_id = :tenant AND id = :bulletin AND version = :version");

/// What the fact keeps of a link: with the link itself, anybody could read.
pub(crate) fn link_hash(link: &str) -> String {
    hex(&content_hash(link.as_bytes()))
}

/// Gives a link by which the bulletin is read without an account. Errors: `bulletin.not_issued`, `bulletin.shared`, `bulletin.stale`.
pub struct Share {
    pub by: Permit<ShareBulletin>,
    pub bulletin: Kept,
    /// 128 bits of chance, in hex.
    pub link: String,
}

impl Command for Share {
    const KIND: &'static str = "bulletin.share";
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let Share { bulletin: one, link, .. } = self;
        ensure(one.issues > 0, NOT_ISSUED)?;
        ensure(one.link.is_none(), SHARED)?;
        let values = args! { tenant: tx.tenant(), bulletin: one.id, version: one.version, link: link };
        tx.change_one(&LINK, values).await?.or(STALE)?;
        tx.fact(BulletinShared { bulletin: one.id, link: link_hash(link) })
    }
}

/// Withdraws the link: whoever has it finds nothing from then on. Errors: `bulletin.not_shared`, `bulletin.stale`.
pub struct Unshare {
    pub by: Permit<ShareBulletin>,
    pub bulletin: Kept,
}

impl Command for Unshare {
    const KIND: &'static str = "bulletin.unshare";
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let one = &self.bulletin;
        ensure(one.link.is_some(), NOT_SHARED)?;
        let values = args! { tenant: tx.tenant(), bulletin: one.id, version: one.version, link: None::<String> };
        tx.change_one(&LINK, values).await?.or(STALE)?;
        tx.fact(BulletinUnshared { bulletin: one.id })
    }
}
