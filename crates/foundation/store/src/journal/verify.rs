//! Holding the journal against itself: every fact against its leaf, every leaf against the tree, every head against its
//! signature; and the slices' state against the facts that made it.
//!
//! Three witnesses are compared: the *facts* as they stand, the *tiles* (leaf hashes written when the facts were sealed), and
//! the *signed heads*. Where facts and tiles differ, the heads say which of the two was touched.

use super::seal::{HEAD, HeadRow, as_row, as_size, load_tile};
use super::sign::{SignedHead, heads_between};
use super::{FactRow, Signer};
use crate::{Sql, Store, args, sql};
use futures::future::BoxFuture;
use kernel::ids::FactId;
use kernel::merkle::{Frontier, Hash, NodeId, Sm3, TILE_WIDTH, Tile, TileId, TreeHash};
use kernel::{Result, TenantId};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};

/// Findings that a report names one by one; beyond that they are counted.
const NAMED: usize = 100;
/// Facts compared at a time: four tiles of leaves.
const STRIDE: u64 = 4 * TILE_WIDTH as u64;

/// What a finding can say; the words stand under `verify-…` in the language files.
pub mod what {
    /// The fact at `position` (its id in `fact`) isn't what was sealed.
    pub const FACT_CHANGED: &str = "verify.fact_changed";
    /// The fact that was sealed at `position` is gone.
    pub const FACT_REMOVED: &str = "verify.fact_removed";
    /// The fact at `position` was put among sealed ones behind the sealer's back.
    pub const FACT_INSERTED: &str = "verify.fact_inserted";
    /// A fact carries a `position` that the journal never gave.
    pub const FACT_BEYOND_HEAD: &str = "verify.fact_beyond_head";
    /// The stored hashes of tile `level`/`number` aren't those of the facts.
    pub const TILE_CHANGED: &str = "verify.tile_changed";
    /// The journal's unsigned head (its `size`) doesn't have the root or frontier of its facts.
    pub const HEAD_CHANGED: &str = "verify.head_changed";
    /// The journal as signed at `size` had another root: a fact after position `after` was changed together with its hash.
    pub const SIGNED_HEAD_DIFFERS: &str = "verify.signed_head_differs";
    /// A head was signed at `size`, and the journal is shorter now: facts at its end were taken away.
    pub const CUT_BACK: &str = "verify.cut_back";
    /// The signature of the head at `size` is not that of the key it names.
    pub const BAD_SIGNATURE: &str = "verify.bad_signature";
    /// The head at `size` names a `key` that isn't trusted here.
    pub const UNKNOWN_KEY: &str = "verify.unknown_key";
    /// A slice's rows don't follow from the facts; `check` names the slice, the rest is its own.
    pub const STATE: &str = "verify.state";
    pub const ALL: &[&str] = &[
        FACT_CHANGED,
        FACT_REMOVED,
        FACT_INSERTED,
        FACT_BEYOND_HEAD,
        TILE_CHANGED,
        HEAD_CHANGED,
        SIGNED_HEAD_DIFFERS,
        CUT_BACK,
        BAD_SIGNATURE,
        UNKNOWN_KEY,
        STATE,
    ];
}

/// One thing that doesn't fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// One of [`what`].
    pub what: &'static str,
    pub args: BTreeMap<&'static str, String>,
}

impl Finding {
    pub fn new(what: &'static str) -> Self {
        Finding { what, args: BTreeMap::new() }
    }
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.args.insert(name, value.to_string());
        self
    }
    fn fact(what: &'static str, position: u64, id: FactId) -> Self {
        Finding::new(what).with("position", position).with("fact", id)
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.what)?;
        self.args.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

/// What was looked at, and what didn't fit.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub tenant: TenantId,
    /// Sealed facts that were recomputed.
    pub facts: u64,
    pub signed_heads: u64,
    /// Size of the newest signed head that fits.
    pub protected: u64,
    /// Sealed facts behind it, and facts not sealed yet: a change to them would not be noticed.
    pub not_protected: u64,
    /// State checks that were made.
    pub checks: Vec<&'static str>,
    pub findings: Vec<Finding>,
    /// Findings that are only counted.
    pub more_findings: u64,
}

impl Report {
    /// Nothing looked at yet.
    pub fn new(tenant: TenantId) -> Report {
        Report {
            tenant,
            facts: 0,
            signed_heads: 0,
            protected: 0,
            not_protected: 0,
            checks: Vec::new(),
            findings: Vec::new(),
            more_findings: 0,
        }
    }
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.more_findings == 0
    }
    pub fn add(&mut self, finding: Finding) {
        if self.findings.len() < NAMED {
            self.findings.push(finding);
        } else {
            self.more_findings += 1;
        }
    }
}

/// A slice's rows, rebuilt from facts and compared.
pub trait StateCheck: Send + Sync {
    fn name(&self) -> &'static str;
    /// Adds a [`what::STATE`] finding for each row that doesn't follow from the facts.
    fn check<'a>(&'a self, store: &'a Store, tenant: TenantId, report: &'a mut Report) -> BoxFuture<'a, Result<()>>;
}

static RANGE: Sql = sql!(
    "SELECT id, command_id, ordinal, kind, kind_version, subject, subject_id, actor_id, on_behalf_of, place_id, organisation_id,
        happened_at, recorded_at, data, position
    FROM fact
    WHERE tenant_id = :tenant AND position >= :from AND position < :to
    ORDER BY position
    LIMIT 2000"
);
static OUTSIDE: Sql = sql!(
    "SELECT id, position
    FROM fact
    WHERE tenant_id = :tenant AND position >= :size
    ORDER BY position
    LIMIT 1000"
);
static NEGATIVE: Sql = sql!(
    "SELECT id, position
    FROM fact
    WHERE tenant_id = :tenant AND position < 0
    ORDER BY position
    LIMIT 1000"
);
static UNSEALED: Sql = sql!(
    "SELECT COUNT(*) AS n
    FROM fact
    WHERE tenant_id = :tenant AND position IS NULL AND recorded_at >= :earliest"
);

/// Recomputes a tenant's journal, and runs the slices' checks.
///
/// `witnessed` are heads kept outside the database (published, printed): with one, even somebody who rewrote facts, tiles
/// and the table of heads is found out. May run while the journal grows; facts sealed meanwhile are left for the next time.
pub async fn verify(
    store: &Store,
    signer: &Signer,
    tenant: TenantId,
    witnessed: &[SignedHead],
    checks: &[&dyn StateCheck],
) -> Result<Report> {
    let mut report = Report::new(tenant);
    let head: Option<HeadRow> = store.opt(&HEAD, args! { tenant: tenant }).await?;
    let size = head.as_ref().map_or(Ok(0), |head| as_size(head.size))?;
    let mut walk = Walk::new(store, signer, tenant, witnessed, &mut report);
    while walk.at < size {
        walk.stride(size).await?;
    }
    walk.finish(head.as_ref());
    let protected = walk.protected;
    report.facts = size;
    report.protected = protected;
    outside(store, signer, tenant, size, witnessed, &mut report).await?;
    let (unsealed,): (i64,) = store.one(&UNSEALED, args! { tenant: tenant, earliest: i64::MIN }).await?;
    report.not_protected = size.saturating_sub(protected) + as_size(unsealed)?;
    for check in checks {
        check.check(store, tenant, &mut report).await?;
        report.checks.push(check.name());
    }
    Ok(report)
}

/// Signed heads of these sizes, with those kept outside; only those whose signature holds, as the others prove nothing
/// about the facts.
async fn heads(
    store: &Store,
    signer: &Signer,
    tenant: TenantId,
    witnessed: &[SignedHead],
    (after, to): (u64, u64),
    report: &mut Report,
) -> Result<Vec<SignedHead>> {
    let mut heads = heads_between(store, tenant, after, to).await?;
    heads.extend(witnessed.iter().filter(|head| head.tenant == tenant && head.size > after && head.size <= to).cloned());
    heads.sort_by_key(|head| head.size);
    report.signed_heads += heads.len() as u64;
    heads.retain(|head| match signer.trusted().get(&head.key_id) {
        Some(key) if head.is_signed_by(key) => true,
        Some(_) => {
            report.add(Finding::new(what::BAD_SIGNATURE).with("size", head.size));
            false
        }
        None => {
            report.add(Finding::new(what::UNKNOWN_KEY).with("size", head.size).with("key", &head.key_id));
            false
        }
    });
    Ok(heads)
}

/// What the present head does not cover: facts with positions, and signed heads (then the journal was cut).
///
/// The head is read again after them, so that a sealer at work is no finding.
async fn outside(store: &Store, signer: &Signer, tenant: TenantId, size: u64, witnessed: &[SignedHead], report: &mut Report) -> Result<()> {
    let mut strays: Vec<(FactId, i64)> = store.all(&OUTSIDE, args! { tenant: tenant, size: as_row(size)? }).await?;
    let mut beyond = heads(store, signer, tenant, witnessed, (size, i64::MAX as u64), report).await?;
    let head: Option<HeadRow> = store.opt(&HEAD, args! { tenant: tenant }).await?;
    let now = head.map_or(Ok(0), |head| as_size(head.size))?;
    beyond.retain(|head| head.size > now);
    for head in beyond {
        report.add(Finding::new(what::CUT_BACK).with("size", head.size).with("now", now));
    }
    strays.retain(|(_, position)| u64::try_from(*position).is_ok_and(|position| position >= now));
    strays.extend(store.all::<(FactId, i64)>(&NEGATIVE, args! { tenant: tenant }).await?);
    for (id, position) in strays {
        report.add(Finding::new(what::FACT_BEYOND_HEAD).with("position", position).with("fact", id));
    }
    Ok(())
}

/// The walk along the journal: two trees grow side by side, one from the facts, one from the stored leaf hashes.
struct Walk<'a> {
    store: &'a Store,
    signer: &'a Signer,
    tenant: TenantId,
    witnessed: &'a [SignedHead],
    report: &'a mut Report,
    /// Signed heads of the present stride.
    heads: VecDeque<SignedHead>,
    at: u64,
    by_facts: Frontier<Sm3>,
    by_tiles: Frontier<Sm3>,
    /// Differences between the two, until a head says which is right.
    pending: Vec<Difference>,
    protected: u64,
    /// The last tile above the leaves, kept as 256 nodes in a row are asked of it.
    upper: Option<(TileId, Option<Tile>)>,
    /// One signed head that fits neither is enough; those behind it fit neither as well.
    lost: bool,
}

struct Difference {
    position: u64,
    if_facts_are_wrong: Finding,
}

impl<'a> Walk<'a> {
    fn new(store: &'a Store, signer: &'a Signer, tenant: TenantId, witnessed: &'a [SignedHead], report: &'a mut Report) -> Self {
        Walk {
            store,
            signer,
            tenant,
            witnessed,
            report,
            heads: VecDeque::new(),
            at: 0,
            by_facts: Frontier::new(),
            by_tiles: Frontier::new(),
            pending: Vec::new(),
            protected: 0,
            upper: None,
            lost: false,
        }
    }

    /// Compares the next facts, up to `size`.
    async fn stride(&mut self, size: u64) -> Result<()> {
        let (from, to) = (self.at, (self.at + STRIDE).min(size));
        self.heads = heads(self.store, self.signer, self.tenant, self.witnessed, (from, to), self.report).await?.into();
        // One more than we compare, to tell an insertion from a change at the end.
        let rows: Vec<FactRow> = self.store.all(&RANGE, args! { tenant: self.tenant, from: as_row(from)?, to: as_row(to + 1)? }).await?;
        let mut leaves = BTreeMap::<u64, (FactId, Hash)>::new();
        for row in &rows {
            let position = as_size(row.position.unwrap_or_default())?;
            leaves.insert(position, (row.id, Sm3::leaf(&row.leaf(self.tenant))));
        }
        let mut stored = Vec::<Option<Hash>>::new();
        for index in from / TILE_WIDTH as u64..=to / TILE_WIDTH as u64 {
            let tile = load_tile(self.store, self.tenant, TileId { level: 0, index }).await?.unwrap_or_default();
            stored.extend((0..TILE_WIDTH).map(|place| tile.hashes().get(place).copied()));
        }
        for position in from..to {
            let place = usize::try_from(position - from).unwrap_or(0);
            self.compare(position, &leaves, &stored[place..]);
            let fact = leaves.get(&position).map(|(_, leaf)| *leaf);
            // Where one witness is missing the other stands in, so that one loss is one finding.
            let by_fact = fact.or(stored[place]).unwrap_or_default();
            let by_tile = stored[place].or(fact).unwrap_or_default();
            self.by_facts.append(by_fact)?;
            for (node, hash) in self.by_tiles.append(by_tile)? {
                self.compare_upper(node, hash).await?;
            }
            self.at += 1;
            self.hold_against_heads();
        }
        Ok(())
    }

    /// One position: what the fact hashes to, and what was stored when it was sealed.
    fn compare(&mut self, position: u64, leaves: &BTreeMap<u64, (FactId, Hash)>, stored: &[Option<Hash>]) {
        let Some(expected) = stored[0] else {
            return self.tile_finding(0, position);
        };
        let next_expected = stored.get(1).copied().flatten();
        let difference = match leaves.get(&position) {
            None => Finding::new(what::FACT_REMOVED).with("position", position),
            Some((_, leaf)) if *leaf == expected => return,
            // What belongs here stands one further: something was put in between.
            Some((id, _)) if leaves.get(&(position + 1)).is_some_and(|(_, next)| *next == expected) => {
                Finding::fact(what::FACT_INSERTED, position, *id)
            }
            // What stands here belonged one further: something was taken out and the rest moved up.
            Some((_, leaf)) if next_expected == Some(*leaf) => Finding::new(what::FACT_REMOVED).with("position", position),
            Some((id, _)) => Finding::fact(what::FACT_CHANGED, position, *id),
        };
        if self.pending.len() < NAMED {
            self.pending.push(Difference { position, if_facts_are_wrong: difference });
        } else {
            self.report.more_findings += 1;
        }
    }

    /// A node of level 8, 16… as the stored leaves make it, against the tile that keeps it.
    async fn compare_upper(&mut self, node: NodeId, hash: Hash) -> Result<()> {
        let Some((id, place)) = TileId::storing(node).filter(|(id, _)| id.level > 0) else { return Ok(()) };
        if self.upper.as_ref().is_none_or(|(known, _)| *known != id) {
            self.upper = Some((id, load_tile(self.store, self.tenant, id).await?));
        }
        let tile = self.upper.as_ref().and_then(|(_, tile)| tile.as_ref());
        if tile.and_then(|tile| tile.hashes().get(place)) != Some(&hash) {
            self.report.add(Finding::new(what::TILE_CHANGED).with("level", id.level).with("number", id.index));
        }
        Ok(())
    }

    /// Signed heads at the present size: they say which of the two trees is the one that was sealed.
    fn hold_against_heads(&mut self) {
        while let Some(head) = self.heads.pop_front_if(|head| head.size <= self.at) {
            let (facts, tiles) = (self.by_facts.root(), self.by_tiles.root());
            if head.root == tiles {
                self.facts_are_wrong();
            } else if head.root == facts {
                self.tiles_are_wrong();
            } else {
                self.facts_are_wrong();
                if !self.lost {
                    let finding = Finding::new(what::SIGNED_HEAD_DIFFERS).with("size", head.size).with("after", self.protected);
                    self.report.add(finding);
                }
                self.lost = true;
                continue;
            }
            self.protected = head.size;
        }
    }

    fn facts_are_wrong(&mut self) {
        for difference in self.pending.drain(..) {
            self.report.add(difference.if_facts_are_wrong);
        }
    }

    fn tiles_are_wrong(&mut self) {
        for position in self.pending.drain(..).map(|difference| difference.position).collect::<Vec<_>>() {
            self.tile_finding(0, position);
        }
        // From here on the facts are the sealed tree.
        self.by_tiles = self.by_facts.clone();
    }

    fn tile_finding(&mut self, level: u8, position: u64) {
        let finding = Finding::new(what::TILE_CHANGED).with("level", level).with("number", position / TILE_WIDTH as u64);
        if self.report.findings.last() != Some(&finding) {
            self.report.add(finding);
        }
    }

    /// The unsigned head decides what no signed head has.
    fn finish(&mut self, head: Option<&HeadRow>) {
        let (facts, tiles) = (self.by_facts.root(), self.by_tiles.root());
        let frontier = head.and_then(|head| head.frontier().ok());
        match head {
            Some(head) if head.root == facts && facts != tiles => self.tiles_are_wrong(),
            _ => self.facts_are_wrong(),
        }
        if let Some(head) = head {
            let fits = |tree: &Frontier<Sm3>| head.root == tree.root() && frontier.as_ref() == Some(tree);
            if !fits(&self.by_tiles) && !fits(&self.by_facts) {
                self.report.add(Finding::new(what::HEAD_CHANGED).with("size", head.size));
            }
        }
    }
}
