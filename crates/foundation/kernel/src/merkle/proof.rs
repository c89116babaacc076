//! Proofs that an entry is in a tree, and that a tree continues an older one: made and checked (RFC 9162 §2.1.3, §2.1.4).

use super::{Hash, MerkleError, NodeId, NodeSource, TreeHash, join};

/// The leaves from `from` up to but not including `to`; one hash of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subtree {
    pub from: u64,
    pub to: u64,
}

impl Subtree {
    /// The complete subtrees that it consists of, from the left, each as large as can be.
    ///
    /// `from` is a multiple of the largest power of two that fits, which holds for every subtree of a proof.
    pub fn nodes(self) -> Vec<NodeId> {
        let (mut at, mut nodes) = (self.from, Vec::new());
        while at < self.to {
            let level = (self.to - at).ilog2();
            nodes.push(NodeId { level: level as u8, index: at >> level });
            at += 1 << level;
        }
        nodes
    }

    fn hash<H: TreeHash>(self, source: &impl NodeSource) -> Result<Hash, MerkleError> {
        let hashes: Vec<Hash> = self.nodes().into_iter().map(|id| source.node(id)).collect::<Result<_, _>>()?;
        Ok(join::<H>(&hashes))
    }
}

/// The largest power of two smaller than `size`, which must be at least 2: where a tree divides.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The subtrees whose hashes prove that entry `index` is in the tree of `size` entries, lowest first.
pub fn inclusion_path(index: u64, size: u64) -> Result<Vec<Subtree>, MerkleError> {
    if index >= size {
        return Err(MerkleError::Beyond { size });
    }
    let mut path = Vec::new();
    let (mut from, mut to) = (0, size);
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(Subtree { from: middle, to });
            to = middle;
        } else {
            path.push(Subtree { from, to: middle });
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The subtrees whose hashes prove that the tree of `new` entries begins with that of `old`, lowest first.
///
/// Empty when `old` is 0 or `new`: there is nothing to prove.
pub fn consistency_path(old: u64, new: u64) -> Result<Vec<Subtree>, MerkleError> {
    if old > new {
        return Err(MerkleError::Beyond { size: new });
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let mut path = Vec::new();
    let (mut from, mut to) = (0, new);
    // RFC 9162 §2.1.4.1, SUBPROOF: down the tree along the old tree's right edge.
    while old < to {
        let middle = from + split(to - from);
        if old <= middle {
            path.push(Subtree { from: middle, to });
            to = middle;
        } else {
            path.push(Subtree { from, to: middle });
            from = middle;
        }
    }
    // The old tree itself is known to whoever checks; a part of it is not.
    if from != 0 {
        path.push(Subtree { from, to });
    }
    path.reverse();
    Ok(path)
}

/// The hashes of a path, in its order.
pub fn resolve<H: TreeHash>(path: &[Subtree], source: &impl NodeSource) -> Result<Vec<Hash>, MerkleError> {
    path.iter().map(|subtree| subtree.hash::<H>(source)).collect()
}

/// RFC 9162 §2.1.3.1: the proof that entry `index` is in the tree of `size` entries.
pub fn inclusion_proof<H: TreeHash>(source: &impl NodeSource, index: u64, size: u64) -> Result<Vec<Hash>, MerkleError> {
    resolve::<H>(&inclusion_path(index, size)?, source)
}

/// RFC 9162 §2.1.4.1: the proof that the tree of `new` entries begins with the tree of `old`.
pub fn consistency_proof<H: TreeHash>(source: &impl NodeSource, old: u64, new: u64) -> Result<Vec<Hash>, MerkleError> {
    resolve::<H>(&consistency_path(old, new)?, source)
}

/// The root hash of the tree of `size` entries, from its stored nodes.
pub fn root<H: TreeHash>(source: &impl NodeSource, size: u64) -> Result<Hash, MerkleError> {
    Subtree { from: 0, to: size }.hash::<H>(source)
}

/// RFC 9162 §2.1.3.2: whether the proof shows that the leaf is entry `index` of the tree with this size and root.
pub fn verify_inclusion<H: TreeHash>(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut position, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for step in proof {
        if last == 0 {
            return false;
        }
        if position & 1 == 1 || position == last {
            hash = H::node(step, &hash);
            if position & 1 == 0 {
                while position & 1 == 0 && position != 0 {
                    (position, last) = (position >> 1, last >> 1);
                }
            }
        } else {
            hash = H::node(&hash, step);
        }
        (position, last) = (position >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// RFC 9162 §2.1.4.2: whether the proof shows that the new tree begins with the old one.
///
/// A tree of no entries begins every tree; equal sizes need equal roots; both need an empty proof.
pub fn verify_consistency<H: TreeHash>(old: u64, old_root: &Hash, new: u64, new_root: &Hash, proof: &[Hash]) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return proof.is_empty() && *old_root == H::empty();
    }
    let mut steps = proof.iter();
    // An old tree that is one complete subtree is its own first step.
    let first = if old.is_power_of_two() { Some(old_root) } else { steps.next() };
    let Some(first) = first else { return false };
    let (mut position, mut last) = (old - 1, new - 1);
    while position & 1 == 1 {
        (position, last) = (position >> 1, last >> 1);
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for step in steps {
        if last == 0 {
            return false;
        }
        if position & 1 == 1 || position == last {
            old_hash = H::node(step, &old_hash);
            new_hash = H::node(step, &new_hash);
            while position & 1 == 0 && position != 0 {
                (position, last) = (position >> 1, last >> 1);
            }
        } else {
            new_hash = H::node(&new_hash, step);
        }
        (position, last) = (position >> 1, last >> 1);
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}
