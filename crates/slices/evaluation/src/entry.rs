//! Entries (评价记录): what no line of work tells of and somebody writes down, with a day and whose it is: that a round was made, what
//! residents said in a survey, what a committee decided. Nothing of it changes afterwards; what was wrong is withdrawn and entered anew.

use crate::facts::{EntryConfirmed, EntryMade, EntryWithdrawn, words_hash};
use crate::league::MemberId;
use crate::scheme::Ranked;
use crate::settings;
use crate::verbs::{ConfirmEntry, EnterFigures, EnterRound};
use access::Permit;
use jiff::civil::Date;
use kernel::canonical::hex;
use kernel::ids::{AccountId, AttachmentId};
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use rules::Points;
use store::{Command, Sql, Store, Write, args, sql};

kernel::id!(
    /// One entry.
    EntryId,
);
store::id_values!(EntryId);

/// Somebody confirmed or withdrew it meanwhile.
pub const STALE: Code = Code::conflict("entry.stale");
/// Who entered it does not confirm it.
pub const OWN: Code = Code::conflict("entry.own");
/// It does not wait to be confirmed.
pub const NOT_WAITING: Code = Code::conflict("entry.not_waiting");
/// It was withdrawn before.
pub const WITHDRAWN: Code = Code::conflict("entry.withdrawn");
/// More than anybody enters at once, or in a month.
pub const TOO_MANY: Code = Code::conflict("entry.too_many");

/// Entries of one form at most.
pub const MOST_AT_ONCE: usize = 200;
/// Entries of one kind in a month at most; [`OF_MONTH`] reads as many.
pub const MOST_OF_MONTH: usize = 5_000;

store::text_enum! {
    pub enum EntryKind {
        /// 巡查轮次: everybody gets the same a month.
        Round = "round",
        /// 群众满意度: how many were asked, how many were content.
        Survey = "survey",
        /// 评审项: points that a person gives, for a row of the scheme.
        Item = "item",
    }
}

store::text_enum! {
    pub enum EntryState {
        /// For a second person.
        Waiting = "waiting",
        Standing = "standing",
        Withdrawn = "withdrawn",
    }
}

store::row! {
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Entry {
        pub id: EntryId,
        pub kind: EntryKind,
        pub ranked: Ranked,
        pub member_id: MemberId,
        /// `YYYY-MM-DD`.
        pub day: String,
        pub item: String,
        pub points: i64,
        pub asked: i64,
        pub content: i64,
        pub words: String,
        pub salt: [u8; 32],
        pub photos: i64,
        pub state: EntryState,
        pub entered_at: Instant,
        pub entered_by: Option<AccountId>,
        pub confirmed_at: Option<Instant>,
        pub confirmed_by: Option<AccountId>,
        pub version: i64,
    }
}

macro_rules! columns {
    () => {
        "SELECT id, kind, ranked, member_id, day, item, points, asked, content, words, salt, photos, state, entered_at, entered_by,
    confirmed_at, confirmed_by, version
FROM entry
WHERE tenant_id = :tenant"
    };
}

static ONE: Sql = sql!(concat!(columns!(), " AND id = :entry"));
static OF_MONTH: Sql = sql!(concat!(columns!(), " AND kind = :kind AND month = :month ORDER BY kind DESC, month DESC, id DESC LIMIT 5000"));
static ALL: Sql = sql!(concat!(columns!(), " AND id > :after ORDER BY id LIMIT 500"));

/// Errors: 404.
pub async fn find(store: &Store, tenant: TenantId, entry: EntryId) -> Result<Entry> {
    store.one(&ONE, args! { tenant: tenant, entry: entry }).await
}

/// All of one kind in a month (`YYYY-MM`), the latest first.
pub async fn of_month(store: &Store, tenant: TenantId, kind: EntryKind, month: &str) -> Result<Vec<Entry>> {
    store.all(&OF_MONTH, args! { tenant: tenant, kind: kind, month: month }).await
}

/// Some five hundred behind this one, for `verify`.
pub(crate) async fn after(store: &Store, tenant: TenantId, after: EntryId) -> Result<Vec<Entry>> {
    store.all(&ALL, args! { tenant: tenant, after: after }).await
}

/// What is entered of one member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct What {
    pub item: String,
    pub points: Points,
    pub asked: i64,
    pub content: i64,
}

/// Who may enter it: rounds are also the inspectors'.
pub enum Enterer {
    Round(Permit<EnterRound>),
    Figures(Permit<EnterFigures>),
}

/// Enters these, all of one day. An item from the set value on waits for a second person.
///
/// What comes of it are their ids, in the same order. Errors: `entry.too_many`, `attachment.gone`.
pub struct Enter {
    pub by: Enterer,
    pub kind: EntryKind,
    pub ranked: Ranked,
    pub day: Date,
    pub members: Vec<(MemberId, What)>,
    pub words: String,
    /// Of a single entry.
    pub photos: Vec<AttachmentId>,
}

static COUNT: Sql = sql!("SELECT COUNT(*) AS n FROM entry WHERE tenant_id = :tenant AND kind = :kind AND month = :month");
static INSERT: Sql = sql!(
    "INSERT INTO entry (tenant_id, id, kind, ranked, member_id, day, month, item, points, asked, content, words, salt, photos, state,
        entered_at, entered_by, version)
    VALUES (:tenant, :id, :kind, :ranked, :member, :day, :month, :item, :points, :asked, :content, :words, :salt, :photos, :state, :now,
        :actor, 1)"
);

impl Command for Enter {
    const KIND: &'static str = "entry.make";
    type Out = Vec<EntryId>;

    async fn run(&self, tx: &mut Write<'_>) -> Result<Vec<EntryId>> {
        let Enter { kind, ranked, day, members, words, photos, .. } = self;
        let (tenant, month) = (tx.tenant(), day.strftime("%Y-%m").to_string());
        ensure(members.len() <= MOST_AT_ONCE, TOO_MANY.err().arg("max", MOST_AT_ONCE))?;
        let (known,): (i64,) = tx.one(&COUNT, args! { tenant: tenant, kind: kind, month: &month }).await?;
        let room = MOST_OF_MONTH.saturating_sub(usize::try_from(known).unwrap_or(MOST_OF_MONTH));
        ensure(members.len() <= room, TOO_MANY.err().arg("max", MOST_OF_MONTH))?;
        let two_from = settings::within(tx).await?.two_from;
        let mut made = Vec::with_capacity(members.len());
        for (member, what) in members {
            let (id, salt): (EntryId, [u8; 32]) = (tx.new_id(), tx.salt());
            let waits = *kind == EntryKind::Item && what.points >= two_from;
            let state = if waits { EntryState::Waiting } else { EntryState::Standing };
            let actor = tx.actor();
            let bound = store::attachments::bind(tx, photos, actor, "entry", id.0, "evidence").await?;
            let values = args! {
                tenant: tenant, id: id, kind: kind, ranked: ranked, member: member, day: day.to_string(), month: &month, item: &what.item,
                points: what.points.0, asked: what.asked, content: what.content, words: words, salt: salt,
                photos: i64::try_from(bound.len()).unwrap_or(0), state: state, now: tx.now(), actor: actor,
            };
            tx.exec(&INSERT, values).await?;
            tx.fact(EntryMade {
                entry: id,
                kind: *kind,
                ranked: *ranked,
                member: *member,
                day: day.to_string(),
                item: what.item.clone(),
                points: what.points.0,
                asked: what.asked,
                content: what.content,
                waits,
                words: words_hash(&salt, words),
                photos: bound.iter().map(|photo| hex(&photo.hash)).collect(),
            })?;
            made.push(id);
        }
        Ok(made)
    }
}

static CONFIRM: Sql = sql!(
    "UPDATE entry SET state = 'standing', confirmed_at = :now, confirmed_by = :actor, version = version + 1
    WHERE tenant_id = :tenant AND id = :entry AND version = :version AND state = 'waiting'"
);
static WITHDRAW: Sql = sql!(
    "UPDATE entry SET state = 'withdrawn', version = version + 1
    WHERE tenant_id = :tenant AND id = :entry AND version = :version AND state <> 'withdrawn'"
);

/// The second of two people says that it is right.
///
/// Errors: `entry.own`, `entry.not_waiting`, `entry.stale`.
pub struct Confirm {
    pub by: Permit<ConfirmEntry>,
    pub entry: Entry,
}

impl Command for Confirm {
    const KIND: &'static str = "entry.confirm";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let one = &self.entry;
        ensure(one.state == EntryState::Waiting, NOT_WAITING)?;
        ensure(one.entered_by.is_none() || one.entered_by != tx.actor(), OWN)?;
        let values = args! { tenant: tx.tenant(), entry: one.id, version: one.version, now: tx.now(), actor: tx.actor() };
        tx.change_one(&CONFIRM, values).await?.or(STALE)?;
        tx.fact(EntryConfirmed { entry: one.id })
    }
}

/// Withdraws what was entered wrongly; it stays visible, and no later scoring hears of it.
///
/// Errors: `entry.withdrawn`, `entry.stale`.
pub struct Withdraw {
    pub by: Enterer,
    pub entry: Entry,
    pub words: String,
}

impl Command for Withdraw {
    const KIND: &'static str = "entry.withdraw";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let one = &self.entry;
        ensure(one.state != EntryState::Withdrawn, Error::from(WITHDRAWN))?;
        tx.change_one(&WITHDRAW, args! { tenant: tx.tenant(), entry: one.id, version: one.version }).await?.or(STALE)?;
        tx.fact(EntryWithdrawn { entry: one.id, words: words_hash(&one.salt, &self.words) })
    }
}
