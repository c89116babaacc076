//! Every case under way, in memory: what the map counts and draws of them costs a walk over some thousand entries, whatever the
//! register holds, and no index that each finding would have to pay for.
//!
//! It is never older than the request: a change of a case goes with a fact about it, so the facts that are new since the last look
//! name the cases to read again.

use super::world::{Tile, World, world};
use crate::case::NO_DUE;
use crate::kinds::{AppealEnd, Ask, Receiver, Sample, Satisfied, Solved};
use crate::listing::{Answers, Filter, Flag, Kind, Lamp, Leg, Outcome, Whose, Without};
use crate::months;
use crate::steps::{Holder, Source, Stage};
use contracts::{CaseId, CircularId};
use kernel::ids::{AccountId, OrganisationId, PlaceId, Uuid};
use kernel::{Instant, Result, TenantId};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::{Sql, Store, args, sql};

/// The most cases under way that are remembered of a tenant, the nearest deadlines first: far more than any office has open.
const MOST_OPEN: usize = 200_000;
/// So many changes at once are worth reading everything anew.
const MOST_CHANGES: usize = 300;
/// Entries remembered over all tenants; beyond it the tenant unused longest is forgotten.
const MOST_ENTRIES: usize = 600_000;

macro_rules! columns {
    () => {
        "SELECT id, number, stage, open, category_id, place_path, community_id, unit_id, lng_e7, lat_e7, cell, due, yellow_at,
        dispatched_at, first_due, late, rework, rework_appeal, ask, sample, hold_until, supervised_at, verifier_id, source, circular_id,
        reported_by, reported_at, asked_at, ended_at, inside_id, recurs_of, extensions, hand_backs, advice, compound_id, found_slot, holds,
        receiver, disputed, dispute_end, solved, satisfied
    FROM cases
    WHERE tenant_id = :tenant"
    };
}

static OPEN: Sql = sql!(concat!(columns!(), " AND open = TRUE ORDER BY due, id LIMIT 200000"));
// Few of the ended ones: a dispute, an appeal, a spot check.
static ASKED: Sql = sql!(concat!(columns!(), " AND ask IS NOT NULL ORDER BY asked_at, id LIMIT 50000"));
static SAMPLES: Sql = sql!(concat!(columns!(), " AND sample = 'waiting' ORDER BY ended_at, id LIMIT 50000"));
static ONE: Sql = sql!(concat!(columns!(), " AND id = :case"));

static SEALED_TO: Sql = sql!("SELECT size FROM journal_head WHERE tenant_id = :tenant");
// Of every subject: a condition on it would have the planner read all cases' facts by their index.
static UNSEALED: Sql = sql!(
    "SELECT subject, subject_id
    FROM fact
    WHERE tenant_id = :tenant AND position IS NULL
    ORDER BY recorded_at, id
    LIMIT 301"
);
static SEALED: Sql = sql!(
    "SELECT subject, subject_id
    FROM fact
    WHERE tenant_id = :tenant AND position IS NOT NULL AND position >= :from
    ORDER BY position
    LIMIT 301"
);

store::row! {
    #[derive(Debug, Clone)]
    struct Row {
        id: CaseId,
        number: i64,
        stage: Stage,
        open: bool,
        category_id: Option<Uuid>,
        place_path: String,
        community_id: Option<PlaceId>,
        unit_id: Option<OrganisationId>,
        lng_e7: Option<i32>,
        lat_e7: Option<i32>,
        cell: Option<i64>,
        due: Instant,
        yellow_at: Instant,
        dispatched_at: Option<Instant>,
        first_due: Option<Instant>,
        late: bool,
        rework: i64,
        rework_appeal: Option<AppealEnd>,
        ask: Option<Ask>,
        sample: Option<Sample>,
        hold_until: Option<Instant>,
        supervised_at: Option<Instant>,
        verifier_id: Option<AccountId>,
        source: Source,
        circular_id: Option<CircularId>,
        reported_by: Option<AccountId>,
        reported_at: Instant,
        asked_at: Option<Instant>,
        ended_at: Option<Instant>,
        inside_id: Option<AccountId>,
        recurs_of: Option<CaseId>,
        extensions: i64,
        hand_backs: i64,
        advice: Option<AppealEnd>,
        compound_id: Option<PlaceId>,
        found_slot: Option<i64>,
        holds: i64,
        receiver: Option<Receiver>,
        disputed: bool,
        dispute_end: Option<AppealEnd>,
        solved: Option<Solved>,
        satisfied: Option<Satisfied>,
    }
}

/// How a case is drawn: the colour and the shape of its lamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Green,
    Yellow,
    Red,
    /// No clock runs: held, without a deadline, or ended otherwise than mended.
    Off,
}

impl Shape {
    /// As lists show it ([`crate::views::line`]).
    pub fn of(stage: Stage, due: Instant, yellow_at: Instant, late: bool, hold_until: Option<Instant>, now: Instant) -> Shape {
        match stage.holder() {
            _ if stage == Stage::Dispatched && hold_until.is_some_and(|until| until > now) => Shape::Off,
            Holder::Nobody if stage != Stage::Closed => Shape::Off,
            Holder::Nobody if late => Shape::Yellow,
            Holder::Nobody => Shape::Green,
            _ if due == NO_DUE => Shape::Off,
            _ => match Lamp::of(due, yellow_at, now) {
                Lamp::Green => Shape::Green,
                Lamp::Yellow => Shape::Yellow,
                Lamp::Red => Shape::Red,
            },
        }
    }
    /// The class that pages give it.
    pub const fn class(self) -> &'static str {
        match self {
            Shape::Green => "g",
            Shape::Yellow => "y",
            Shape::Red => "x",
            Shape::Off => "n",
        }
    }
}

/// One case on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dot {
    pub number: i64,
    pub at: Option<World>,
    pub stage: Stage,
    pub category: Option<Uuid>,
    pub community: Option<PlaceId>,
    pub shape: Shape,
}

/// One case as it is remembered.
#[derive(Debug, Clone)]
struct Entry {
    row: Row,
    /// In place of the row's own, which is emptied: cases of a place share it.
    path: Arc<str>,
    at: Option<World>,
}

impl Entry {
    fn dot(&self, now: Instant) -> Dot {
        let row = &self.row;
        Dot {
            number: row.number,
            at: self.at,
            stage: row.stage,
            category: row.category_id,
            community: row.community_id,
            shape: Shape::of(row.stage, row.due, row.yellow_at, row.late, row.hold_until, now),
        }
    }

    fn reached(&self, leg: &Leg) -> bool {
        match leg {
            Leg::All => true,
            Leg::Community(id) => self.row.community_id == Some(*id),
            Leg::Under(path) => self.path.starts_with(path.as_str()),
            Leg::Unit(id) => self.row.unit_id == Some(*id) && self.row.dispatched_at.is_some(),
        }
    }

    /// Whether the filter lets it through: the same conditions as `listing`'s, which a test holds it to. A field that is new there
    /// does not compile here until it is looked at.
    fn passes(&self, filter: &Filter, now: Instant) -> bool {
        let Filter {
            kind: _,
            stage,
            unit,
            community,
            category,
            kin,
            compound,
            hour,
            weekday,
            lamp,
            outcome,
            ask,
            without,
            square,
            whose,
            // Said by the legs.
            near: _,
            due_from,
            due_to,
            answers,
            source,
            circular,
            under,
            flag,
            // The map has no order.
            sort: _,
            from,
            to,
            // Where a page begins.
            after: _,
        } = filter;
        let row = &self.row;
        let listed = match filter.list() {
            Kind::Open => row.open,
            Kind::Held => row.open && row.hold_until.is_some_and(|until| until > now),
            Kind::Supervised => row.open && row.supervised_at.is_some(),
            Kind::Asked => row.ask.is_some() && ask.is_none_or(|ask| row.ask == Some(ask)),
            Kind::Samples => row.sample == Some(Sample::Waiting),
            _ => false,
        };
        let dated = match filter.dated() {
            "asked_at" => row.asked_at,
            "ended_at" => row.ended_at,
            _ => Some(row.reported_at),
        };
        listed
            && from.is_none_or(|from| dated.is_some_and(|at| at >= from))
            && to.is_none_or(|to| dated.is_some_and(|at| at < to))
            && stage.is_none_or(|stage| row.stage == stage)
            && unit.is_none_or(|unit| row.unit_id == Some(unit))
            && community.is_none_or(|community| row.community_id == Some(community))
            && compound.is_none_or(|compound| row.compound_id == Some(compound))
            && hour.is_none_or(|hour| row.found_slot.is_some_and(|slot| slot % 24 == hour))
            && weekday.is_none_or(|weekday| row.found_slot.is_some_and(|slot| slot / 24 == weekday))
            && category.is_none_or(|category| row.category_id.is_some_and(|id| id == category || kin.contains(&id)))
            && square.is_none_or(|square| row.cell.map(months::square) == Some(square))
            && whose.is_none_or(|(whose, me)| match whose {
                Whose::Found => row.reported_by == Some(me),
                Whose::Verify => row.stage == Stage::Verifying && row.verifier_id == Some(me),
                Whose::Inside => row.inside_id == Some(me),
                Whose::Near => true,
            })
            && due_from.is_none_or(|from| row.due >= from)
            && due_to.is_none_or(|to| row.due < to)
            && answers.is_none_or(|answers| row.ask.is_some_and(|ask| self.answered_by(ask) == answers))
            && source.is_none_or(|source| row.source == source)
            && circular.is_none_or(|circular| row.circular_id == Some(circular))
            && under.as_ref().is_none_or(|under| self.path.starts_with(under.as_str()))
            && flag.is_none_or(|flag| match flag {
                Flag::Rework => row.rework > 0,
                Flag::Recurring => row.recurs_of.is_some(),
                Flag::Supervised => row.supervised_at.is_some(),
                Flag::Extended => row.extensions > 0,
                Flag::Late => row.late,
            })
            && without.is_none_or(|without| match without {
                Without::Unit => row.unit_id.is_none(),
                Without::Community => row.community_id.is_none(),
                Without::Compound => row.compound_id.is_none(),
                Without::Category => row.category_id.is_none(),
            })
            && lamp.is_none_or(|lamp| Lamp::of(row.due, row.yellow_at, now) == lamp)
            && outcome.is_none_or(|outcome| match outcome {
                Outcome::Rectified => row.stage == Stage::Closed,
                Outcome::OnTime => row.stage == Stage::Closed && row.first_due.is_some() && !row.late,
                Outcome::Late => row.late,
                Outcome::Rework => row.rework > 0 && row.rework_appeal != Some(AppealEnd::Upheld),
                Outcome::Recurring => row.recurs_of.is_some(),
                Outcome::Extended => row.extensions > 0,
                Outcome::Held => row.holds > 0,
                Outcome::Transferred => row.receiver.is_some(),
                Outcome::Disputed => row.disputed,
                Outcome::Upheld => row.dispute_end == Some(AppealEnd::Upheld),
                Outcome::CalledBack => row.satisfied.is_some_and(Satisfied::reached),
                Outcome::Solved => row.satisfied.is_some_and(Satisfied::reached) && row.solved == Some(Solved::Yes),
                Outcome::Satisfied => row.satisfied.is_some_and(Satisfied::content),
                Outcome::Remaining => row.stage != Stage::Closed,
            })
    }

    /// Who answers what is asked of it: the centre first, a leader the second time and in the end.
    fn answered_by(&self, ask: Ask) -> Answers {
        match ask {
            Ask::Hold | Ask::Void => Answers::Leader,
            Ask::HandBack if self.row.hand_backs > 0 => Answers::Leader,
            Ask::Appeal if self.row.advice.is_some() => Answers::Leader,
            _ => Answers::Centre,
        }
    }
}

/// Those of these cases that an actor of these legs reaches and a filter lets through.
fn listed<'a>(
    entries: impl Iterator<Item = &'a Entry> + 'a,
    filter: &'a Filter,
    legs: &'a [Leg],
    now: Instant,
) -> impl Iterator<Item = Dot> + 'a {
    let here = entries.filter(move |entry| legs.iter().any(|leg| entry.reached(leg)));
    here.filter(move |entry| entry.passes(filter, now)).map(move |entry| entry.dot(now))
}

/// The cases under way of one tenant, as they stood at one look.
#[derive(Debug, Clone, Default)]
pub struct Live {
    entries: Vec<Entry>,
    /// Where each of them lies, apart: a near tile looks at all, and takes few.
    places: Vec<Option<World>>,
    at: HashMap<CaseId, usize>,
    paths: HashSet<Arc<str>>,
    /// Sealed facts up to here have been looked at.
    sealed_to: i64,
    /// There are more than are remembered.
    pub more: bool,
    /// Told apart from how they stood before, and from other tenants'.
    pub edition: u64,
}

static EDITIONS: AtomicU64 = AtomicU64::new(1);

/// Whether lists of this kind are looked for here; the others are of the past, and unbounded.
pub const fn remembers(kind: Kind) -> bool {
    matches!(kind, Kind::Open | Kind::Held | Kind::Supervised | Kind::Asked | Kind::Samples)
}

impl Live {
    /// The cases of a list that an actor of these legs reaches.
    pub fn dots<'a>(&'a self, filter: &'a Filter, legs: &'a [Leg], now: Instant) -> impl Iterator<Item = Dot> + 'a {
        listed(self.entries.iter(), filter, legs, now)
    }

    /// Those of them that lie on a tile.
    pub fn dots_on<'a>(&'a self, tile: Tile, filter: &'a Filter, legs: &'a [Leg], now: Instant) -> impl Iterator<Item = Dot> + 'a {
        let lies = move |at: &Option<World>| at.is_some_and(|at| tile.at(at).is_some());
        let here = self.places.iter().zip(&self.entries).filter(move |(at, _)| lies(at)).map(|(_, entry)| entry);
        listed(here, filter, legs, now)
    }

    /// Until when their lamps stay as they are.
    pub fn until(&self, now: Instant) -> Instant {
        let clocks = self.entries.iter().flat_map(|entry| [Some(entry.row.due), Some(entry.row.yellow_at), entry.row.hold_until]);
        super::sheets::next(clocks.flatten(), now)
    }

    fn put(&mut self, mut row: Row) {
        let lives = row.open || row.ask.is_some() || row.sample == Some(Sample::Waiting);
        let known = self.at.get(&row.id).copied();
        if !lives {
            if let Some(at) = known {
                self.at.remove(&row.id);
                self.entries.swap_remove(at);
                self.places.swap_remove(at);
                if let Some(moved) = self.entries.get(at) {
                    self.at.insert(moved.row.id, at);
                }
            }
            return;
        }
        let path: Arc<str> = match self.paths.get(row.place_path.as_str()) {
            Some(path) => Arc::clone(path),
            None => {
                let path: Arc<str> = row.place_path.as_str().into();
                self.paths.insert(Arc::clone(&path));
                path
            }
        };
        row.place_path = String::new();
        let at = row.lng_e7.zip(row.lat_e7).map(|(lng, lat)| world(lng, lat));
        let entry = Entry { row, path, at };
        match known {
            Some(known) => (self.places[known], self.entries[known]) = (at, entry),
            None => {
                self.places.push(at);
                self.at.insert(entry.row.id, self.entries.len());
                self.entries.push(entry);
            }
        }
    }

    async fn load(store: &Store, tenant: TenantId) -> Result<Live> {
        // The journal's size first: what changes while this reads is looked at again next time.
        let edition = EDITIONS.fetch_add(1, Ordering::Relaxed);
        let mut live = Live { sealed_to: sealed_to(store, tenant).await?, edition, ..Live::default() };
        let open: Vec<Row> = store.all(&OPEN, args! { tenant: tenant }).await?;
        live.more = open.len() >= MOST_OPEN;
        let rest = [&ASKED, &SAMPLES];
        open.into_iter().for_each(|row| live.put(row));
        for sql in rest {
            store.all::<Row>(sql, args! { tenant: tenant }).await?.into_iter().for_each(|row| live.put(row));
        }
        Ok(live)
    }

    /// The cases that facts were recorded of since this look; `None` where they are too many. And where the next look begins.
    async fn changed(&self, store: &Store, tenant: TenantId) -> Result<(Option<BTreeSet<Uuid>>, i64)> {
        let next = sealed_to(store, tenant).await?;
        // What is not sealed yet before what is: a fact that is sealed in between is seen twice, not never.
        let mut facts: Vec<(String, Uuid)> = store.few(&UNSEALED, args! { tenant: tenant }).await?;
        let unsealed = facts.len();
        let sealed: Vec<(String, Uuid)> = store.few(&SEALED, args! { tenant: tenant, from: self.sealed_to }).await?;
        let many = unsealed > MOST_CHANGES || sealed.len() > MOST_CHANGES;
        facts.extend(sealed);
        let cases = facts.into_iter().filter(|(subject, _)| subject == "case").map(|(_, id)| id);
        Ok(((!many).then(|| cases.collect()), next))
    }
}

/// How far a tenant's journal has come: what is sealed, and the facts that wait for it.
pub type Journal = (i64, Vec<(String, Uuid)>);

/// The journal as it stands; nothing where too much of it waits to be sealed to tell one state from the next.
pub async fn journal(store: &Store, tenant: TenantId) -> Result<Option<Journal>> {
    // What waits before what is sealed: a fact that is sealed in between is seen twice, not never.
    let waiting: Vec<(String, Uuid)> = store.few(&UNSEALED, args! { tenant: tenant }).await?;
    let sealed = sealed_to(store, tenant).await?;
    Ok((waiting.len() <= MOST_CHANGES).then_some((sealed, waiting)))
}

async fn sealed_to(store: &Store, tenant: TenantId) -> Result<i64> {
    Ok(store.opt::<(i64,)>(&SEALED_TO, args! { tenant: tenant }).await?.map_or(0, |(size,)| size))
}

type Shared = Arc<tokio::sync::Mutex<Option<Arc<Live>>>>;

/// The cases under way of the tenants that maps were asked of lately.
#[derive(Default)]
pub struct Memory {
    tenants: Mutex<Tenants>,
}

#[derive(Default)]
struct Tenants {
    known: HashMap<TenantId, (u64, usize, Shared)>,
    uses: u64,
}

impl Memory {
    fn of(&self, tenant: TenantId) -> Shared {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.uses += 1;
        let uses = tenants.uses;
        let (used, _, shared) = tenants.known.entry(tenant).or_default();
        *used = uses;
        Arc::clone(shared)
    }

    /// Notes how much a tenant takes, and forgets others when it is too much over all.
    fn weigh(&self, tenant: TenantId, entries: usize) {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, size, _)) = tenants.known.get_mut(&tenant) {
            *size = entries;
        }
        while tenants.known.values().map(|(_, size, _)| size).sum::<usize>() > MOST_ENTRIES && tenants.known.len() > 1 {
            let oldest = tenants.known.iter().filter(|(known, _)| **known != tenant).min_by_key(|(_, (used, _, _))| *used);
            let Some(oldest) = oldest.map(|(known, _)| *known) else { break };
            tenants.known.remove(&oldest);
        }
    }

    /// The tenant's cases under way as they stand now.
    pub async fn now(&self, store: &Store, tenant: TenantId) -> Result<Arc<Live>> {
        let shared = self.of(tenant);
        // One at a time: whoever comes second finds what the first has read.
        let mut kept = shared.lock().await;
        let live = match kept.take() {
            None => Arc::new(Live::load(store, tenant).await?),
            Some(mut live) => match live.changed(store, tenant).await? {
                (None, _) => Arc::new(Live::load(store, tenant).await?),
                (Some(changed), next) if changed.is_empty() && next == live.sealed_to => live,
                (Some(changed), next) => {
                    let mut rows = Vec::with_capacity(changed.len());
                    for case in &changed {
                        rows.extend(store.opt::<Row>(&ONE, args! { tenant: tenant, case: case }).await?);
                    }
                    let own = Arc::make_mut(&mut live);
                    own.sealed_to = next;
                    if !rows.is_empty() {
                        own.edition = EDITIONS.fetch_add(1, Ordering::Relaxed);
                    }
                    rows.into_iter().for_each(|row| own.put(row));
                    live
                }
            },
        };
        *kept = Some(Arc::clone(&live));
        self.weigh(tenant, live.entries.len());
        Ok(live)
    }
}
