//! Proof for a unit that a fact stands in the journal: checked without the database, with the public key alone.

use super::seal::load_tile;
use super::sign::{self, SignedHead, hexed};
use super::{FactRow, Journal};
use crate::{Sql, args, sql};
use kernel::ids::FactId;
use kernel::merkle::{Hash, Sm3, Tiles, TreeHash, inclusion_path, resolve, tiles_needed, verify_inclusion};
use kernel::sign::VerifyingKey;
use kernel::{Code, Error, Result, TenantId};
use serde::{Deserialize, Serialize};

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
    let path = inclusion_path(position, head.size)?;
    let mut tiles = Vec::new();
    for tile in tiles_needed(&path) {
        tiles.extend(load_tile(store, tenant, tile).await?.map(|hashes| (tile, hashes)));
    }
    let tiles: Tiles<Sm3> = tiles.into_iter().collect();
    let path = resolve::<Sm3>(&path, &tiles)?.into_iter().map(|hash| HashText(hash.to_vec())).collect();
    Ok(Proof { format: FORMAT.to_owned(), tenant, fact, position, path, head })
}

/// Checks a proof offline: the fact's bytes, its path to the root, and the signature by `key`.
///
/// Errors: [`FALSE_PROOF`], with which of the three failed in its argument `part` (`format`, `path`, `signature`).
pub fn verify_proof(proof: &Proof, key: &VerifyingKey) -> Result<()> {
    let wrong = |part: &str| Error::from(FALSE_PROOF).arg("part", part);
    if proof.format != FORMAT || proof.head.tenant != proof.tenant {
        return Err(wrong("format"));
    }
    let hash = |bytes: &[u8]| Hash::try_from(bytes).map_err(|_| wrong("path"));
    let path = proof.path.iter().map(|HashText(bytes)| hash(bytes)).collect::<Result<Vec<Hash>>>()?;
    let leaf = Sm3::leaf(&proof.fact.leaf(proof.tenant));
    if !verify_inclusion::<Sm3>(&leaf, proof.position, proof.head.size, &path, &hash(&proof.head.root)?) {
        return Err(wrong("path"));
    }
    if !proof.head.is_signed_by(key) {
        return Err(wrong("signature"));
    }
    Ok(())
}
