//! Proof for a unit that a fact stands in the journal: checked without the database, with the public key alone.

use super::seal::load_tile;
use super::sign::{self, SignedHead, hexed};
use super::{FactRow, Journal};
use crate::{Sql, Store, args, sql};
use kernel::ids::FactId;
use kernel::merkle::{Hash, Sm3, Tile, TileId, Tiles, TreeHash, inclusion_path, resolve, tiles_needed, verify_inclusion};
use kernel::sign::VerifyingKey;
use kernel::{Code, Error, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Recorded, and not sealed yet: ask again in a second.
pub const NOT_SEALED: Code = Code::conflict("journal.not_sealed");
/// The proof does not show what it claims.
pub const FALSE_PROOF: Code = Code::invalid("journal.false_proof");

static FACT: Sql = sql!(
    "SELECT id, command_id, ordinal, kind, kind_version, subject, subject_id, actor_id, on_behalf_of, place_id, organisation_id,
        happened_at, recorded_at, data, position
    FROM fact
    WHERE tenant_id = :tenant AND id = :id"
);

/// That `fact` is entry `position` of the journal whose signed head is `head`; RFC 9162 §2.1.3 with SM3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// `xiuhua-proof-1`
    pub format: String,
    pub tenant: TenantId,
    pub fact: FactRow,
    pub position: u64,
    pub path: Vec<HashText>,
    pub head: SignedHead,
}

/// A hash as hex text in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HashText(#[serde(with = "hexed")] pub Vec<u8>);

const FORMAT: &str = "xiuhua-proof-1";

/// A fact with the hashes on the way from its position to the root: what is left of a proof whose head stands elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// Sealed: its position is known.
    pub fact: FactRow,
    pub path: Vec<HashText>,
}

impl Proven {
    /// Whether the head's journal has this fact at its position. The head's signature is another question.
    pub fn is_below(&self, head: &SignedHead) -> bool {
        let position = self.fact.position.and_then(|position| u64::try_from(position).ok());
        position.is_some_and(|position| leads(&self.fact, position, &self.path, head))
    }
}

/// Proves a fact against the newest signed head, or signs one when the fact is newer.
///
/// Errors: 404 when there is no such fact; [`NOT_SEALED`].
pub async fn prove(journal: &Journal, tenant: TenantId, id: FactId) -> Result<Proof> {
    let store = journal.store();
    let fact: FactRow = store.one(&FACT, args! { tenant: tenant, id: id }).await?;
    let position = u64::try_from(fact.position.ok_or(NOT_SEALED)?).map_err(Error::internal)?;
    let head = match sign::latest(store, tenant).await?.filter(|head| head.size > position) {
        Some(head) => head,
        None => journal.sign_now(tenant).await?.ok_or(NOT_SEALED)?,
    };
    let path = path(store, &head, position, &mut BTreeMap::new()).await?;
    Ok(Proof { format: FORMAT.to_owned(), tenant, fact, position, path, head })
}

/// Proves facts of the head's tenant against this one head, in the order of their positions.
///
/// Errors: 404 when there is no such fact; [`NOT_SEALED`] when one lies beyond the head.
pub async fn prove_all(store: &Store, head: &SignedHead, ids: &BTreeSet<FactId>) -> Result<Vec<Proven>> {
    let (mut tiles, mut all) = (BTreeMap::new(), Vec::with_capacity(ids.len()));
    for id in ids {
        let fact: FactRow = store.one(&FACT, args! { tenant: head.tenant, id: *id }).await?;
        let position = u64::try_from(fact.position.ok_or(NOT_SEALED)?).map_err(Error::internal)?;
        ensure(position < head.size, NOT_SEALED)?;
        let path = path(store, head, position, &mut tiles).await?;
        all.push(Proven { fact, path });
    }
    all.sort_by_key(|proven| proven.fact.position);
    Ok(all)
}

/// The hashes on the way to the head's root; tiles that were read once are read once.
async fn path(store: &Store, head: &SignedHead, position: u64, read: &mut BTreeMap<TileId, Tile>) -> Result<Vec<HashText>> {
    let path = inclusion_path(position, head.size)?;
    let needed = tiles_needed(&path);
    for id in &needed {
        if !read.contains_key(id)
            && let Some(tile) = load_tile(store, head.tenant, *id).await?
        {
            read.insert(*id, tile);
        }
    }
    let tiles: Tiles<Sm3> = needed.iter().filter_map(|id| Some((*id, read.get(id)?.clone()))).collect();
    Ok(resolve::<Sm3>(&path, &tiles)?.into_iter().map(|hash| HashText(hash.to_vec())).collect())
}

/// Whether the fact's leaf at this position and the hashes of its path come to the head's root.
fn leads(fact: &FactRow, position: u64, path: &[HashText], head: &SignedHead) -> bool {
    let hash = |bytes: &[u8]| Hash::try_from(bytes).ok();
    let Some(path) = path.iter().map(|HashText(bytes)| hash(bytes)).collect::<Option<Vec<Hash>>>() else { return false };
    let leaf = Sm3::leaf(&fact.leaf(head.tenant));
    hash(&head.root).is_some_and(|root| verify_inclusion::<Sm3>(&leaf, position, head.size, &path, &root))
}

/// Checks a proof offline: the fact's bytes, its path to the root, and the signature by `key`.
///
/// Errors: [`FALSE_PROOF`], with which of the three failed in its argument `part` (`format`, `path`, `signature`).
pub fn verify_proof(proof: &Proof, key: &VerifyingKey) -> Result<()> {
    let wrong = |part: &str| Error::from(FALSE_PROOF).arg("part", part);
    ensure(proof.format == FORMAT && proof.head.tenant == proof.tenant, wrong("format"))?;
    ensure(leads(&proof.fact, proof.position, &proof.path, &proof.head), wrong("path"))?;
    ensure(proof.head.is_signed_by(key), wrong("signature"))
}
