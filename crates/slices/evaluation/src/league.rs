//! Leagues: who is compared with whom, and from which month on.

use crate::facts::{LeagueSet, MembersSet};
use crate::scheme::Ranked;
use crate::verbs::ManageLeagues;
use access::Permit;
use kernel::canonical::{hex, salted_hash};
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Code, Error, Result, TenantId, ensure};
use std::collections::BTreeSet;
use store::{Command, Sql, Store, Write, args, sql};

kernel::id!(
    /// A league.
    LeagueId,
    /// What is ranked: the id of its place, or of its organisation.
    MemberId,
);
store::id_values!(LeagueId, MemberId);

/// Somebody changed the league meanwhile.
pub const STALE: Code = Code::conflict("league.stale");
/// Another league has this name.
pub const NAME_TAKEN: Code = Code::invalid("league.name_taken");
/// A member is compared in one league at a time.
pub const ELSEWHERE: Code = Code::invalid("league.elsewhere");
/// A month that was published keeps who was in it.
pub const MONTH_DONE: Code = Code::invalid("league.month_done");
/// More members than a league takes.
pub const TOO_MANY: Code = Code::invalid("league.too_many");
/// More leagues than anybody keeps apart.
pub const TOO_MANY_LEAGUES: Code = Code::conflict("league.too_many_leagues");

/// Members of a league at most, as a literal: what reads all of them in one query says the same number.
macro_rules! most_members {
    () => {
        1000
    };
}
pub(crate) use most_members;

/// Members of a league at most.
pub const MOST_MEMBERS: usize = most_members!();
/// Memberships that are read at once.
const AT_ONCE: usize = 5_000;
/// Leagues of a tenant at most.
const MOST_LEAGUES: usize = 50;

store::text_enum! {
    /// How a published table puts its units.
    pub enum Shows {
        /// By rank, with their grades.
        Both = "both",
        /// By rank alone.
        Ranks = "ranks",
        /// By grade alone: those of one grade stand beside each other, without a rank.
        Grades = "grades",
    }
}

store::row! {
    #[derive(Debug, Clone)]
    pub struct League {
        pub id: LeagueId,
        pub ranked: Ranked,
        pub name: String,
        pub shows: Shows,
        pub open: bool,
        pub salt: [u8; 32],
        pub version: i64,
    }
}

store::row! {
    /// From when until when somebody is in a league; months are `YYYY-MM`, and `until_month` is the first without it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Membership {
        pub member_id: MemberId,
        pub league_id: LeagueId,
        pub from_month: String,
        pub until_month: Option<String>,
    }
}

impl Ranked {
    /// What is told of by place; else by the unit that answers.
    pub const fn is_place(self) -> bool {
        matches!(self, Ranked::Compound | Ranked::Community)
    }
}

impl MemberId {
    pub const fn place(self) -> PlaceId {
        PlaceId(self.0)
    }
    pub const fn organisation(self) -> OrganisationId {
        OrganisationId(self.0)
    }
}

macro_rules! columns {
    () => {
        "SELECT id, ranked, name, shows, open, salt, version FROM league WHERE tenant_id = :tenant"
    };
}
macro_rules! memberships {
    () => {
        "SELECT member_id, league_id, from_month, until_month FROM league_member WHERE tenant_id = :tenant"
    };
}

static ALL: Sql = sql!(concat!(columns!(), " ORDER BY name LIMIT 50"));
static ONE: Sql = sql!(concat!(columns!(), " AND id = :league"));
static OF_LEAGUE: Sql = sql!(concat!(
    memberships!(),
    " AND league_id = :league AND (member_id, from_month) > (:after, :from) ORDER BY member_id, from_month LIMIT 5000"
));
static EVERYWHERE: Sql =
    sql!(concat!(memberships!(), " AND (member_id, from_month) > (:after, :from) ORDER BY member_id, from_month LIMIT 5000"));

/// All leagues, those that are still held first.
pub async fn all(store: &Store, tenant: TenantId) -> Result<Vec<League>> {
    let mut all: Vec<League> = store.all(&ALL, args! { tenant: tenant }).await?;
    all.sort_by_key(|league| !league.open);
    Ok(all)
}

/// Errors: 404.
pub async fn find(store: &Store, tenant: TenantId, league: LeagueId) -> Result<League> {
    store.one(&ONE, args! { tenant: tenant, league: league }).await
}

/// The same inside of a command. Errors: 404.
pub(crate) async fn within(tx: &mut Write<'_>, league: LeagueId) -> Result<League> {
    let tenant = tx.tenant();
    tx.one(&ONE, args! { tenant: tenant, league: league }).await
}

/// Who is in a league in a month (`YYYY-MM`), in the order of their ids.
pub async fn members(store: &Store, tenant: TenantId, league: LeagueId, month: &str) -> Result<BTreeSet<MemberId>> {
    let all = memberships(store, tenant, league).await?;
    Ok(all.into_iter().filter(|member| member.holds_in(month)).map(|member| member.member_id).collect())
}

/// Who has been in it and when, however often people came and went.
pub(crate) async fn memberships(store: &Store, tenant: TenantId, league: LeagueId) -> Result<Vec<Membership>> {
    let mut all = Vec::<Membership>::new();
    loop {
        let (after, from) =
            all.last().map_or((MemberId(kernel::ids::Uuid::nil()), String::new()), |last| (last.member_id, last.from_month.clone()));
        let some: Vec<Membership> = store.all(&OF_LEAGUE, args! { tenant: tenant, league: league, after: after, from: from }).await?;
        let whole = some.len() < AT_ONCE;
        all.extend(some);
        if whole {
            return Ok(all);
        }
    }
}

impl Membership {
    pub fn holds_in(&self, month: &str) -> bool {
        self.from_month.as_str() <= month && self.until_month.as_deref().is_none_or(|until| month < until)
    }
}

/// What the fact keeps of a league's name.
pub fn name_hash(salt: &[u8; 32], name: &str) -> String {
    hex(&salted_hash(salt, name))
}

static INSERT: Sql = sql!(
    "INSERT INTO league (tenant_id, id, ranked, name, shows, open, salt, version)
    VALUES (:tenant, :id, :ranked, :name, :shows, TRUE, :salt, 1)"
);
static REWRITE: Sql = sql!(
    "UPDATE league SET name = :name, shows = :shows, open = :open, version = version + 1
    WHERE tenant_id = :tenant AND id = :league AND version = :version"
);

/// Makes a league, or changes what is said of one.
///
/// Errors: `league.stale`, `league.name_taken`, `league.too_many_leagues`.
pub struct SetLeague {
    pub by: Permit<ManageLeagues>,
    pub of: Option<League>,
    pub ranked: Ranked,
    pub name: String,
    pub shows: Shows,
    pub open: bool,
}

impl Command for SetLeague {
    const KIND: &'static str = "league.set";
    type Out = LeagueId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<LeagueId> {
        let SetLeague { of, ranked, name, shows, open, .. } = self;
        tx.lock("leagues").await?;
        let all: Vec<League> = tx.all(&ALL, args! { tenant: tx.tenant() }).await?;
        let others = || all.iter().filter(|league| of.as_ref().is_none_or(|of| of.id != league.id));
        ensure(others().all(|league| league.name != *name), Error::field("name", NAME_TAKEN))?;
        let (id, salt) = match of {
            Some(of) => {
                let values = args! { tenant: tx.tenant(), league: of.id, version: of.version, name: name, shows: shows, open: open };
                tx.change_one(&REWRITE, values).await?.or(STALE)?;
                (of.id, of.salt)
            }
            None => {
                ensure(all.len() < MOST_LEAGUES, TOO_MANY_LEAGUES.err().arg("max", MOST_LEAGUES))?;
                let (id, salt) = (tx.new_id(), tx.salt());
                let values = args! { tenant: tx.tenant(), id: id, ranked: ranked, name: name, shows: shows, salt: salt };
                tx.exec(&INSERT, values).await?;
                (id, salt)
            }
        };
        let ranked = of.as_ref().map_or(*ranked, |of| of.ranked);
        tx.fact(LeagueSet { league: id, ranked, shows: *shows, open: of.is_none() || *open, name: name_hash(&salt, name) })?;
        Ok(id)
    }
}

static PUBLISHED_SINCE: Sql = sql!(
    "SELECT month FROM evaluation
    WHERE tenant_id = :tenant AND league_id = :league AND month >= :month AND state = 'published'
    ORDER BY month DESC LIMIT 1"
);
static FORGET: Sql = sql!("DELETE FROM league_member WHERE tenant_id = :tenant AND league_id = :league AND from_month >= :month");
static UNTIL: Sql = sql!(
    "UPDATE league_member SET until_month = :until
    WHERE tenant_id = :tenant AND member_id = :member AND from_month = :from AND league_id = :league"
);
static JOIN: Sql =
    sql!("INSERT INTO league_member (tenant_id, league_id, member_id, from_month) VALUES (:tenant, :league, :member, :month)");
static TOUCH: Sql = sql!("UPDATE league SET version = version + 1 WHERE tenant_id = :tenant AND id = :league AND version = :version");

/// Says who is in a league from a month on; what was said of later months before goes.
///
/// Errors: `league.stale`, `league.month_done`, `league.elsewhere` (with `member`, an id), `league.too_many`.
pub struct SetMembers {
    pub by: Permit<ManageLeagues>,
    pub league: League,
    /// `YYYY-MM`.
    pub from_month: String,
    pub members: BTreeSet<MemberId>,
}

impl Command for SetMembers {
    const KIND: &'static str = "league.members";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let SetMembers { league, from_month: month, members, .. } = self;
        let (tenant, id) = (tx.tenant(), league.id);
        ensure(members.len() <= MOST_MEMBERS, TOO_MANY.err().arg("max", MOST_MEMBERS))?;
        tx.lock("leagues").await?;
        tx.change_one(&TOUCH, args! { tenant: tenant, league: id, version: league.version }).await?.or(STALE)?;
        let done: Option<(String,)> = tx.opt(&PUBLISHED_SINCE, args! { tenant: tenant, league: id, month: month }).await?;
        ensure(done.is_none(), Error::field("from_month", MONTH_DONE))?;
        let (mut after, mut from, mut known) = (MemberId(kernel::ids::Uuid::nil()), String::new(), Vec::<Membership>::new());
        loop {
            let some: Vec<Membership> = tx.all(&EVERYWHERE, args! { tenant: tenant, after: after, from: &from }).await?;
            let Some(last) = some.last() else { break };
            (after, from) = (last.member_id, last.from_month.clone());
            known.extend(some.into_iter().filter(|one| one.until_month.as_ref().is_none_or(|until| until > month)));
        }
        let elsewhere = known.iter().find(|one| one.league_id != id && members.contains(&one.member_id));
        if let Some(one) = elsewhere {
            return Err(ELSEWHERE.err().arg("member", one.member_id));
        }
        let now: BTreeSet<MemberId> =
            known.iter().filter(|one| one.league_id == id && one.holds_in(month)).map(|one| one.member_id).collect();
        // Whoever was in it the month before goes on; whoever joins in this very month begins anew.
        tx.exec(&FORGET, args! { tenant: tenant, league: id, month: month }).await?;
        let mut before = BTreeSet::new();
        for one in known.iter().filter(|one| one.league_id == id && one.from_month < *month) {
            let until = (!members.contains(&one.member_id)).then_some(month);
            let values = args! { tenant: tenant, league: id, member: one.member_id, from: &one.from_month, until: until };
            tx.exec(&UNTIL, values).await?;
            before.insert(one.member_id);
        }
        for member in members.difference(&before) {
            tx.exec(&JOIN, args! { tenant: tenant, league: id, member: member, month: month }).await?;
        }
        tx.fact(MembersSet {
            league: id,
            from_month: month.clone(),
            joined: members.difference(&now).copied().collect(),
            left: now.difference(members).copied().collect(),
        })
    }
}
