//! Sealing is sequencing: committed facts get the next positions, and their leaves the next places in the tree.

use super::proof::NOT_SEALED;
use super::sign::first_beyond;
use super::{FactRow, SignedHead, Signer};
use crate::house::Step;
use crate::{Sql, Store, args, sql};
use kernel::ids::Uuid;
use kernel::merkle::{Frontier, Hash, Sm3, TILE_HEIGHT, TILE_WIDTH, Tile, TileId, Tiles, TreeHash};
use kernel::{Error, Instant, Result, TenantId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Facts of one batch: bounded, so that commands wait a few milliseconds for the writer at most.
const BATCH: usize = 1000;
/// How often facts without a position are looked for.
const TICK: Duration = Duration::from_millis(500);
/// Heads are signed every so many ticks, when they have grown: every five seconds.
const TICKS_PER_SIGNATURE: u32 = 10;
/// A lease is taken for so long and renewed when half of it is over; so long a crashed process delays the others.
const LEASE_SECONDS: i64 = 10;

static UNSEALED: Sql = sql!(
    "SELECT id, command_id, ordinal, kind, kind_version, subject, subject_id, actor_id, on_behalf_of, place_id, organisation_id,
        happened_at, recorded_at, data, position
    FROM fact
    WHERE tenant_id = :tenant AND position IS NULL
    ORDER BY recorded_at, id
    LIMIT 1001"
);
// In the order of the index of what is unsealed: SQLite would go through all facts where nothing says so.
static NEXT_WITH_UNSEALED: Sql = sql!(
    "SELECT tenant_id
    FROM fact
    WHERE tenant_id > :after AND position IS NULL
    ORDER BY tenant_id, recorded_at, id
    LIMIT 1"
);
static TENANTS_WITH_UNSIGNED: Sql = sql!(
    "SELECT h.tenant_id
    FROM journal_head h
    LEFT JOIN tree_head t ON t.tenant_id = h.tenant_id AND t.size = h.size
    WHERE t.size IS NULL
    LIMIT 1000"
);
static WAITING: Sql = sql!(
    "SELECT COUNT(*) AS waiting, MIN(recorded_at) AS oldest
    FROM fact
    WHERE tenant_id = :tenant AND recorded_at >= :earliest AND position IS NULL"
);
pub(super) static HEAD: Sql = sql!(
    "SELECT size, root, frontier
    FROM journal_head
    WHERE tenant_id = :tenant"
);
pub(super) static TILE: Sql = sql!(
    "SELECT hashes
    FROM journal_tile
    WHERE tenant_id = :tenant AND level = :level AND number = :number"
);
static FIRST_HEAD: Sql = sql!(
    "INSERT INTO journal_head (tenant_id, size, root, frontier, sealed_at)
    VALUES (:tenant, :size, :root, :frontier, :now)
    ON CONFLICT (tenant_id) DO NOTHING"
);
static GROW_HEAD: Sql = sql!(
    "UPDATE journal_head
    SET size = :size, root = :root, frontier = :frontier, sealed_at = :now
    WHERE tenant_id = :tenant AND size = :before"
);
// COALESCE keeps PostgreSQL from looking the fact up among all unsealed ones instead of by its key.
static PLACE: Sql = sql!(
    "UPDATE fact
    SET position = :position
    WHERE tenant_id = :tenant AND id = :id AND COALESCE(position, -1) = -1"
);

/// Declares the statement that gives so many facts, recorded one after another, the positions from `:first` on: half the
/// work of as many statements. They are found among the unsealed of that span of time: PostgreSQL, which knows nothing about
/// a young table, would look for one of many ids among all facts of the tenant, and go through an index once for each.
macro_rules! place_many {
    ($name:ident, $ids:ident, $size:literal: $first:literal $($number:literal)+) => {
        static $name: Sql = sql!(concat!(
            // Judged whole, by its plan.
            "UPDATE ",
            "fact
    SET position = :first + CASE id WHEN :id", $first, " THEN CAST(", $first, " AS BIGINT)",
            $(" WHEN :id", $number, " THEN ", $number,)+ " END
    WHERE tenant_id = :tenant AND recorded_at >= :earliest AND recorded_at <= :latest AND position IS NULL
        AND COALESCE(id IN (:id", $first, $(", :id", $number,)+ "), FALSE)"
        ));
        const $ids: [&str; $size] = [concat!("id", $first), $(concat!("id", $number)),+];
    };
}
place_many!(PLACE_MANY, IDS, 32: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);

/// Gives the facts, ordered by the time of their recording, the positions from `first` on.
fn placed(tenant: TenantId, first: u64, facts: &[FactRow]) -> Result<Vec<Step>> {
    let (many, rest) = facts.as_chunks::<{ IDS.len() }>();
    let mut steps = Vec::with_capacity(many.len() + rest.len());
    let mut position = as_row(first)?;
    for chunk in many {
        let span = args! { tenant: tenant, first: position, earliest: chunk[0].recorded_at, latest: chunk[IDS.len() - 1].recorded_at };
        let ids = IDS.iter().zip(chunk).fold(span, |args, (name, fact)| args.with(name, fact.id));
        steps.push(Step::exactly(IDS.len() as u64, &PLACE_MANY, ids));
        position += IDS.len() as i64;
    }
    for fact in rest {
        steps.push(Step::exactly(1, &PLACE, args! { tenant: tenant, id: fact.id, position: position }));
        position += 1;
    }
    Ok(steps)
}
static PUT_TILE: Sql = sql!(
    "INSERT INTO journal_tile (tenant_id, level, number, hashes)
    VALUES (:tenant, :level, :number, :hashes)
    ON CONFLICT (tenant_id, level, number) DO UPDATE
    SET hashes = excluded.hashes"
);
// A lease that ends later than one taken now is from a clock that ran ahead (a demo begun anew): it holds nobody up.
static TAKE_LEASE: Sql = sql!(
    "UPDATE sealer_lease
    SET holder = :holder, until = :until
    WHERE tenant_id = :tenant AND (holder = :holder OR until < :now OR until > :until)"
);
static FIRST_LEASE: Sql = sql!(
    "INSERT INTO sealer_lease (tenant_id, holder, until)
    VALUES (:tenant, :holder, :until)
    ON CONFLICT (tenant_id) DO NOTHING"
);

static RELEASE_LEASE: Sql = sql!(
    "UPDATE sealer_lease
    SET until = 0
    WHERE tenant_id = :tenant AND holder = :holder"
);

crate::row! {
    pub(super) struct HeadRow {
        pub size: i64,
        pub root: [u8; 32],
        pub frontier: Vec<u8>,
    }
}

impl HeadRow {
    pub(super) fn frontier(&self) -> Result<Frontier<Sm3>> {
        let (peaks, rest) = self.frontier.as_chunks::<32>();
        let frontier = Frontier::from_parts(as_size(self.size)?, peaks.to_vec());
        frontier.ok().filter(|_| rest.is_empty()).ok_or_else(|| broken("the frontier does not fit the size"))
    }
}

/// The tenants that this process seals, and until when.
pub(super) type Leases = BTreeMap<TenantId, Instant>;

/// How far a tenant's journal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    pub size: u64,
    pub root: Hash,
    /// Facts that got their position just now.
    pub added: u64,
}

/// Seals and signs the journals of an installation; cheap to clone.
#[derive(Clone)]
pub struct Journal {
    store: Store,
    signer: Arc<Signer>,
    holder: Uuid,
}

impl Journal {
    pub fn new(store: Store, signer: Signer) -> Self {
        let holder = store.world().new_id();
        Journal { store, signer: Arc::new(signer), holder }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Seals all facts that are committed when it is called.
    pub async fn seal_now(&self, tenant: TenantId) -> Result<Sealed> {
        let mut added = 0;
        loop {
            let (sealed, more) = seal_batch(&self.store, tenant).await?;
            added += sealed.added;
            if !more {
                return Ok(Sealed { added, ..sealed });
            }
        }
    }

    /// The signed head of the journal as it is sealed now, or of it when it had grown; signs it unless that was done already. `None`
    /// when it is empty.
    pub async fn sign_now(&self, tenant: TenantId) -> Result<Option<SignedHead>> {
        let Some(head) = self.store.opt::<HeadRow>(&HEAD, args! { tenant: tenant }).await? else { return Ok(None) };
        self.signer.keep(&self.store, tenant, as_size(head.size)?, head.root).await.map(Some)
    }

    /// The first signed head that covers the entry at `position`: whenever it is asked for, it is the same. Signs one where none does.
    ///
    /// Errors: [`super::proof::NOT_SEALED`] beyond the journal's end.
    pub async fn covering(&self, tenant: TenantId, position: u64) -> Result<SignedHead> {
        if let Some(head) = first_beyond(&self.store, tenant, position).await? {
            return Ok(head);
        }
        self.sign_now(tenant).await?;
        first_beyond(&self.store, tenant, position).await?.ok_or_else(|| NOT_SEALED.err())
    }

    /// Seals and signs until `stop` resolves, and once more then.
    ///
    /// An error of one tenant is logged and tried again at the next tick.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) {
        let mut stop = std::pin::pin!(stop);
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut count = 0u32;
        let mut leases = Leases::new();
        loop {
            let stopping = tokio::select! {
                () = &mut stop => true,
                _ = ticks.tick() => false,
            };
            self.round(&mut leases, stopping || count.is_multiple_of(TICKS_PER_SIGNATURE)).await;
            if stopping {
                for tenant in leases.into_keys() {
                    let _ = self.store.housekeep(&RELEASE_LEASE, args! { tenant: tenant, holder: self.holder }).await;
                }
                return;
            }
            count = count.wrapping_add(1);
        }
    }

    async fn round(&self, leases: &mut Leases, sign: bool) {
        for tenant in known(unsealed(&self.store).await) {
            match self.has_lease(tenant, leases).await {
                Ok(false) => continue,
                Ok(true) => {}
                Err(error) => tracing::warn!(%tenant, %error, "lease"),
            }
            if let Err(error) = self.seal_now(tenant).await {
                tracing::error!(%tenant, %error, "sealing");
            }
        }
        if sign {
            for (tenant,) in known(self.store.all::<(TenantId,)>(&TENANTS_WITH_UNSIGNED, args! {}).await) {
                if let Err(error) = self.sign_now(tenant).await {
                    tracing::error!(%tenant, %error, "signing");
                }
            }
        }
    }

    /// Whether this process seals the tenant. On SQLite there is one server process, and nothing to spare.
    pub(super) async fn has_lease(&self, tenant: TenantId, leases: &mut Leases) -> Result<bool> {
        if !self.store.is_postgres() {
            return Ok(true);
        }
        let now = self.store.world().now();
        if leases.get(&tenant).is_some_and(|until| until.seconds_since(now) > LEASE_SECONDS / 2) {
            return Ok(true);
        }
        let until = now.plus_seconds(LEASE_SECONDS);
        let values = args! { tenant: tenant, holder: self.holder, until: until };
        let taken = self.store.housekeep(&TAKE_LEASE, values.clone().with("now", now)).await? == 1
            || self.store.housekeep(&FIRST_LEASE, values).await? == 1;
        if taken {
            leases.insert(tenant, until);
        }
        Ok(taken)
    }
}

/// What was found; nothing where looking failed, which is logged and tried again at the next tick.
fn known<T>(found: Result<Vec<T>>) -> Vec<T> {
    found.unwrap_or_else(|error| {
        tracing::warn!(%error, "looking for tenants to seal");
        Vec::new()
    })
}

/// The tenants with facts that are not sealed yet.
async fn unsealed(store: &Store) -> Result<Vec<TenantId>> {
    let mut found = Vec::new();
    let mut after = TenantId(i64::MIN);
    while let Some((tenant,)) = store.opt::<(TenantId,)>(&NEXT_WITH_UNSEALED, args! { after: after }).await? {
        found.push(tenant);
        after = tenant;
    }
    Ok(found)
}

/// What is committed and not sealed yet, over all tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lag {
    pub facts: u64,
    /// How long the oldest of them has waited, in seconds by the store's clock.
    pub oldest_seconds: i64,
}

/// How far the sealers of the installation are behind.
pub async fn lag(store: &Store) -> Result<Lag> {
    let (now, earliest) = (store.world().now(), Instant(i64::MIN));
    let mut lag = Lag::default();
    for tenant in unsealed(store).await? {
        let (facts, oldest) = store.one::<(i64, Option<Instant>)>(&WAITING, args! { tenant: tenant, earliest: earliest }).await?;
        lag.facts += facts.unsigned_abs();
        lag.oldest_seconds = lag.oldest_seconds.max(oldest.map_or(0, |oldest| now.seconds_since(oldest)));
    }
    Ok(lag)
}

/// One batch: what is hashed is hashed outside the transaction, which then holds only if the head is still the one that
/// it was computed from. Whether there may be more is the second part.
async fn seal_batch(store: &Store, tenant: TenantId) -> Result<(Sealed, bool)> {
    loop {
        // The head first: a sealer that overtakes us between the two reads makes our swap fail, never a fact get two positions.
        let head: Option<HeadRow> = store.opt(&HEAD, args! { tenant: tenant }).await?;
        let mut tree = head.as_ref().map_or_else(|| Ok(Frontier::<Sm3>::new()), |head| head.frontier())?;
        let (facts, more) = whole_commands(store.all(&UNSEALED, args! { tenant: tenant }).await?);
        if facts.is_empty() {
            return Ok((Sealed { size: tree.size(), root: tree.root(), added: 0 }, false));
        }
        let mut tiles: Tiles<Sm3> = load_edge(store, tenant, tree.size()).await?;
        let mut places = placed(tenant, tree.size(), &facts)?;
        for fact in &facts {
            tiles.keep(&tree.append(Sm3::leaf(&fact.leaf(tenant)))?)?;
        }
        let frontier = tree.peaks().concat();
        let values = args! { tenant: tenant, size: as_row(tree.size())?, root: tree.root(), frontier: frontier, now: store.world().now() };
        // The swap goes first: it locks the head, so that two sealers meet there and not among the facts.
        let mut steps = vec![match &head {
            None => Step::exactly(1, &FIRST_HEAD, values),
            Some(head) => Step::exactly(1, &GROW_HEAD, values.with("before", head.size)),
        }];
        steps.append(&mut places);
        for (id, tile) in tiles.iter() {
            let values = args! { tenant: tenant, level: id.level, number: as_row(id.index)?, hashes: tile.to_bytes() };
            steps.push(Step::any(&PUT_TILE, values));
        }
        if store.housekeep_all(tenant, steps).await? {
            return Ok((Sealed { size: tree.size(), root: tree.root(), added: facts.len() as u64 }, more));
        }
    }
}

/// Cuts a full batch between two commands where it can, and orders the facts of each command as it recorded them.
fn whole_commands(mut facts: Vec<FactRow>) -> (Vec<FactRow>, bool) {
    let more = facts.len() > BATCH;
    if let Some(last) = facts.last().filter(|_| more).map(|fact| fact.recorded_at) {
        let cut = facts.iter().position(|fact| fact.recorded_at == last).filter(|cut| *cut > 0);
        facts.truncate(cut.unwrap_or(BATCH));
    }
    facts.sort_by_key(|fact| (fact.recorded_at, fact.command_id, fact.ordinal));
    (facts, more)
}

/// The tiles at the right edge that are begun and not full.
async fn load_edge(store: &Store, tenant: TenantId, size: u64) -> Result<Tiles<Sm3>> {
    let mut tiles = Vec::new();
    for level in 0..8u8 {
        let nodes = size >> (level * TILE_HEIGHT);
        if !nodes.is_multiple_of(TILE_WIDTH as u64) {
            let id = TileId { level, index: nodes >> TILE_HEIGHT };
            // Another sealer may have gone on since the head was read: what it added stands behind what we need.
            let tile = load_tile(store, tenant, id).await?.map(|tile| tile.to_bytes());
            let ours = tile.as_deref().and_then(|bytes| bytes.get(..id.width(size) * 32)).and_then(Tile::from_bytes);
            tiles.push((id, ours.ok_or_else(|| broken("a tile at the edge is missing"))?));
        }
    }
    Ok(tiles.into_iter().collect())
}

/// One tile; `None` when its row is missing or holds anything but hashes.
pub(super) async fn load_tile(store: &Store, tenant: TenantId, id: TileId) -> Result<Option<Tile>> {
    let row: Option<(Vec<u8>,)> = store.opt(&TILE, args! { tenant: tenant, level: id.level, number: as_row(id.index)? }).await?;
    Ok(row.and_then(|(hashes,)| Tile::from_bytes(&hashes)))
}

fn broken(what: &str) -> Error {
    Error::internal(format!("the journal is broken ({what}); run verify"))
}

pub(super) fn as_size(size: i64) -> Result<u64> {
    u64::try_from(size).map_err(|_| broken("a negative size"))
}

pub(super) fn as_row(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(Error::internal)
}
