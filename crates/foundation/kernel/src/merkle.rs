//! The append-only Merkle tree of RFC 9162 §2.1, generic over the hash: growth, inclusion proofs, consistency proofs.
//!
//! A tree is known by its *nodes*: the node `(level, index)` is the hash over the leaves `index·2^level` up to
//! `(index+1)·2^level`, all of them present. Such a node never changes once it exists, so it can be stored: the
//! [`tiles`](Tile) hold those of every eighth level, 256 to a row, from which a proof is made by reading few rows.

mod proof;
#[cfg(test)]
mod tests;
mod tiles;

pub use proof::{
    Subtree, consistency_path, consistency_proof, inclusion_path, inclusion_proof, resolve, root, verify_consistency, verify_inclusion,
};
pub use tiles::{TILE_HEIGHT, TILE_WIDTH, Tile, TileId, Tiles, tiles_needed};

use crate::{Code, Error};
use std::marker::PhantomData;

/// 32 bytes: both SHA-256 and SM3 make so many.
pub type Hash = [u8; 32];

/// The hash function of a tree.
pub trait TreeHash {
    /// The digest of the parts, one after the other.
    fn digest(parts: &[&[u8]]) -> Hash;

    /// RFC 9162 §2.1.1: the hash of one entry.
    fn leaf(data: &[u8]) -> Hash {
        Self::digest(&[&[0x00], data])
    }
    /// RFC 9162 §2.1.1: the hash over two subtrees.
    fn node(left: &Hash, right: &Hash) -> Hash {
        Self::digest(&[&[0x01], left, right])
    }
    /// The root of the tree without entries: the hash of nothing.
    fn empty() -> Hash {
        Self::digest(&[])
    }
}

/// SM3 (GB/T 32905-2016), the hash of our journals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sm3;

impl TreeHash for Sm3 {
    fn digest(parts: &[&[u8]]) -> Hash {
        use sm3::Digest;
        let mut hasher = sm3::Sm3::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}

/// Why a tree cannot answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MerkleError {
    /// An entry or an older size that the tree does not reach.
    Beyond { size: u64 },
    /// A stored node or tile that should be there is not.
    Missing { level: u8, index: u64 },
    /// As many peaks as the size has one-bits are needed.
    Peaks,
    /// 2^56 entries: more than any tree of ours, and far from overflow.
    Full,
}

pub const BEYOND: Code = Code::not_found("journal.beyond");

impl From<MerkleError> for Error {
    fn from(error: MerkleError) -> Error {
        match error {
            MerkleError::Beyond { size } => BEYOND.err().arg("size", size),
            other => Error::internal(other),
        }
    }
}

impl std::fmt::Display for MerkleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            MerkleError::Beyond { size } => write!(f, "beyond the tree's {size} entries"),
            MerkleError::Missing { level, index } => write!(f, "tree node {level}/{index} is missing"),
            MerkleError::Peaks => f.write_str("the peaks do not fit the tree's size"),
            MerkleError::Full => f.write_str("the tree is full"),
        }
    }
}

impl std::error::Error for MerkleError {}

/// A complete subtree's place: `index` counts the nodes of its `level` from the left, leaves being level 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId {
    pub level: u8,
    pub index: u64,
}

/// Where nodes are read from.
pub trait NodeSource {
    /// The hash of a complete subtree. It is only asked for nodes that the tree has.
    fn node(&self, id: NodeId) -> Result<Hash, MerkleError>;
}

/// The right edge of a tree: all that is needed to append and to tell the root, `log2(size)` hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier<H> {
    size: u64,
    /// Roots of the complete subtrees that make up the tree, largest first: one for each one-bit of `size`.
    peaks: Vec<Hash>,
    hash: PhantomData<H>,
}

impl<H: TreeHash> Default for Frontier<H> {
    fn default() -> Self {
        Frontier { size: 0, peaks: Vec::new(), hash: PhantomData }
    }
}

impl<H: TreeHash> Frontier<H> {
    pub const MAX_SIZE: u64 = 1 << 56;

    pub fn new() -> Self {
        Self::default()
    }

    /// A stored frontier; the peaks must be as many as the one-bits of the size.
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Result<Self, MerkleError> {
        if peaks.len() != size.count_ones() as usize || size > Self::MAX_SIZE {
            return Err(MerkleError::Peaks);
        }
        Ok(Frontier { size, peaks, hash: PhantomData })
    }

    /// The frontier of the tree of `size` entries whose nodes are stored.
    pub fn load(size: u64, source: &impl NodeSource) -> Result<Self, MerkleError> {
        let peaks = Subtree { from: 0, to: size }.nodes().into_iter().map(|id| source.node(id));
        Self::from_parts(size, peaks.collect::<Result<_, _>>()?)
    }

    pub fn size(&self) -> u64 {
        self.size
    }
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Appends a leaf by its hash ([`TreeHash::leaf`]) and gives the nodes that became complete, leaf first.
    pub fn append(&mut self, leaf: Hash) -> Result<Vec<(NodeId, Hash)>, MerkleError> {
        if self.size >= Self::MAX_SIZE {
            return Err(MerkleError::Full);
        }
        let mut node = leaf;
        let mut id = NodeId { level: 0, index: self.size };
        let mut made = vec![(id, node)];
        // Each trailing one-bit of the old size is a peak that the new leaf completes into a larger one.
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().ok_or(MerkleError::Peaks)?;
            node = H::node(&left, &node);
            id = NodeId { level: id.level + 1, index: id.index >> 1 };
            made.push((id, node));
        }
        self.peaks.push(node);
        self.size += 1;
        Ok(made)
    }

    /// The tree head's root hash (RFC 9162 §2.1.1).
    pub fn root(&self) -> Hash {
        join::<H>(&self.peaks)
    }
}

/// One hash over neighbouring complete subtrees, largest first: the right ones are joined before the left.
fn join<H: TreeHash>(peaks: &[Hash]) -> Hash {
    let mut from_the_right = peaks.iter().rev();
    let Some(last) = from_the_right.next() else { return H::empty() };
    from_the_right.fold(*last, |right, left| H::node(left, &right))
}
