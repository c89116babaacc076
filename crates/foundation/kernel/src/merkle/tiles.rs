//! Tiles: stored nodes in rows of 256, so that a proof over millions of entries reads a handful of rows.
//!
//! Tile `(level, index)` holds the nodes of tree level `8·level` from `256·index` on, as many as exist. Only those levels
//! are stored; the seven between are hashed again from a tile's row when they are needed. This is the layout of
//! the C2SP tlog-tiles convention.

use super::{Hash, MerkleError, NodeId, NodeSource, Subtree, TreeHash};
use std::{
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
};

/// Tree levels that one tile spans.
pub const TILE_HEIGHT: u8 = 8;
/// Hashes in a full tile.
pub const TILE_WIDTH: usize = 1 << TILE_HEIGHT;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    pub level: u8,
    pub index: u64,
}

impl TileId {
    /// Which tile holds a node of level 0, 8, 16 … and at which place; none for the levels between.
    pub fn storing(node: NodeId) -> Option<(TileId, usize)> {
        let stored = node.level.is_multiple_of(TILE_HEIGHT);
        stored.then(|| Self::above(node))
    }

    /// The tile from which a node is read or hashed, and the place of the node's first hash in it.
    fn above(node: NodeId) -> (TileId, usize) {
        let first = node.index << (node.level % TILE_HEIGHT);
        let index = first >> TILE_HEIGHT;
        (TileId { level: node.level / TILE_HEIGHT, index }, (first % TILE_WIDTH as u64) as usize)
    }

    /// How many hashes this tile has in a tree of `size` entries.
    pub fn width(self, size: u64) -> usize {
        let nodes = size.checked_shr(u32::from(self.level) * u32::from(TILE_HEIGHT)).unwrap_or(0);
        nodes.saturating_sub(self.index << TILE_HEIGHT).min(TILE_WIDTH as u64) as usize
    }
}

/// One row: up to 256 hashes, stored as their bytes one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tile(Vec<Hash>);

impl Tile {
    /// From stored bytes; none unless they are whole hashes, at most 256.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        (rest.is_empty() && hashes.len() <= TILE_WIDTH).then(|| Tile(hashes.to_vec()))
    }
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.concat()
    }
    pub fn hashes(&self) -> &[Hash] {
        &self.0
    }

    /// The hash over `2^height` neighbouring hashes from `first`; none when they are not all there.
    fn node<H: TreeHash>(&self, first: usize, height: u8) -> Option<Hash> {
        let mut row = self.0.get(first..first + (1usize << height))?.to_vec();
        while row.len() > 1 {
            row = row.as_chunks::<2>().0.iter().map(|[left, right]| H::node(left, right)).collect();
        }
        row.first().copied()
    }
}

/// The tiles that must be read to resolve a path, so that a caller can fetch them in one query.
pub fn tiles_needed<'a>(path: impl IntoIterator<Item = &'a Subtree>) -> BTreeSet<TileId> {
    path.into_iter().flat_map(|subtree| subtree.nodes()).map(|node| TileId::above(node).0).collect()
}

/// Tiles in memory: fetched ones to make proofs from, or the ones that grow while the tree does.
#[derive(Debug, Clone)]
pub struct Tiles<H> {
    tiles: BTreeMap<TileId, Tile>,
    hash: PhantomData<H>,
}

impl<H> Default for Tiles<H> {
    fn default() -> Self {
        Tiles { tiles: BTreeMap::new(), hash: PhantomData }
    }
}

impl<H> FromIterator<(TileId, Tile)> for Tiles<H> {
    fn from_iter<I: IntoIterator<Item = (TileId, Tile)>>(tiles: I) -> Self {
        Tiles { tiles: tiles.into_iter().collect(), hash: PhantomData }
    }
}

impl<H: TreeHash> Tiles<H> {
    /// Keeps the nodes that [`super::Frontier::append`] made, and says which tiles changed.
    ///
    /// The partly filled tile on the right edge of each level must have been loaded before.
    pub fn keep(&mut self, made: &[(NodeId, Hash)]) -> Result<Vec<TileId>, MerkleError> {
        let mut changed = Vec::new();
        for (node, hash) in made {
            let Some((id, place)) = TileId::storing(*node) else { continue };
            let tile = self.tiles.entry(id).or_default();
            if tile.0.len() != place {
                return Err(MerkleError::Missing { level: node.level, index: node.index.saturating_sub(1) });
            }
            tile.0.push(*hash);
            changed.push(id);
        }
        Ok(changed)
    }

    pub fn get(&self, id: TileId) -> Option<&Tile> {
        self.tiles.get(&id)
    }
    pub fn iter(&self) -> impl Iterator<Item = (TileId, &Tile)> {
        self.tiles.iter().map(|(id, tile)| (*id, tile))
    }
    /// Forgets full tiles, which never change again; for a sealer that has stored them.
    pub fn forget_full(&mut self) {
        self.tiles.retain(|_, tile| tile.0.len() < TILE_WIDTH);
    }
}

impl<H: TreeHash> NodeSource for Tiles<H> {
    fn node(&self, id: NodeId) -> Result<Hash, MerkleError> {
        let (tile, first) = TileId::above(id);
        self.tiles
            .get(&tile)
            .and_then(|tile| tile.node::<H>(first, id.level % TILE_HEIGHT))
            .ok_or(MerkleError::Missing { level: id.level, index: id.index })
    }
}
