//! The tree against the vectors of Certificate Transparency and SM3, and against the RFC's recursive definition.

use super::*;
use proptest::prelude::*;

struct Sha256;

impl TreeHash for Sha256 {
    fn digest(parts: &[&[u8]]) -> Hash {
        use sha2::Digest;
        let mut hasher = sha2::Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}

/// The eight entries of certificate-transparency's test data.
const ENTRIES: [&str; 8] = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// The roots after one to eight of them.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hash(hex_text: &str) -> Hash {
    hex::decode(hex_text).unwrap().try_into().unwrap()
}

/// A tree of the first `size` vectors, with its tiles.
fn vectors(size: usize) -> (Frontier<Sha256>, Tiles<Sha256>) {
    let (mut frontier, mut tiles) = (Frontier::new(), Tiles::default());
    for entry in &ENTRIES[..size] {
        tiles.keep(&frontier.append(Sha256::leaf(&hex::decode(entry).unwrap())).unwrap()).unwrap();
    }
    (frontier, tiles)
}

#[test]
fn the_roots_are_those_of_certificate_transparency() {
    assert_eq!(Frontier::<Sha256>::new().root(), hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    for (index, root) in ROOTS.iter().enumerate() {
        assert_eq!(vectors(index + 1).0.root(), hash(root), "{} entries", index + 1);
    }
}

#[test]
fn the_inclusion_proof_is_that_of_certificate_transparency() {
    let (_, tiles) = vectors(8);
    let expected = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(inclusion_proof::<Sha256>(&tiles, 5, 8).unwrap(), expected.map(hash));
}

#[test]
fn the_consistency_proof_is_that_of_certificate_transparency() {
    let (_, tiles) = vectors(8);
    let expected = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(consistency_proof::<Sha256>(&tiles, 6, 8).unwrap(), expected.map(hash));
}

#[test]
fn sm3_is_that_of_the_standard() {
    // GB/T 32905-2016, annex A.1 and A.2.
    assert_eq!(Sm3::digest(&[b"a", b"bc"]), hash("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"));
    assert_eq!(Sm3::digest(&[&b"abcd".repeat(16)]), hash("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"));
}

#[test]
fn what_a_tree_does_not_reach_is_refused() {
    let (frontier, tiles) = vectors(5);
    assert_eq!(inclusion_proof::<Sha256>(&tiles, 5, 5), Err(MerkleError::Beyond { size: 5 }));
    assert_eq!(consistency_proof::<Sha256>(&tiles, 6, 5), Err(MerkleError::Beyond { size: 5 }));
    assert_eq!(inclusion_proof::<Sha256>(&tiles, 0, 6), Err(MerkleError::Missing { level: 1, index: 2 }));
    assert!(Frontier::<Sha256>::from_parts(5, frontier.peaks()[1..].to_vec()).is_err());
    assert!(Tile::from_bytes(&[0; 33]).is_none() && Tile::from_bytes(&[0; 257 * 32]).is_none());
}

#[test]
fn a_proof_in_a_tree_of_a_hundred_thousand_reads_a_handful_of_rows() {
    let (mut frontier, mut tiles) = (Frontier::<Sm3>::new(), Tiles::<Sm3>::default());
    for entry in 0u32..100_000 {
        tiles.keep(&frontier.append(Sm3::leaf(&entry.to_be_bytes())).unwrap()).unwrap();
    }
    let path = inclusion_path(54_321, 100_000).unwrap();
    let needed = tiles_needed(&path);
    assert!(needed.len() <= 4, "{needed:?}");
    let fetched: Tiles<Sm3> = needed.into_iter().map(|id| (id, tiles.get(id).unwrap().clone())).collect();
    let proof = resolve::<Sm3>(&path, &fetched).unwrap();
    assert!(verify_inclusion::<Sm3>(&Sm3::leaf(&54_321u32.to_be_bytes()), 54_321, 100_000, &proof, &frontier.root()));
    for (id, tile) in tiles.iter() {
        assert_eq!(tile.hashes().len(), id.width(100_000), "{id:?}");
        assert_eq!(Tile::from_bytes(&tile.to_bytes()).as_ref(), Some(tile));
    }
}

#[test]
fn a_sealer_that_restarts_goes_on_from_its_right_edge() {
    let mut whole = (Frontier::<Sm3>::new(), Tiles::<Sm3>::default());
    let leaf = |entry: u32| Sm3::leaf(&entry.to_be_bytes());
    for entry in 0..700 {
        whole.1.keep(&whole.0.append(leaf(entry)).unwrap()).unwrap();
    }
    let mut edge = whole.1.clone();
    edge.forget_full();
    assert_eq!(edge.iter().count(), 2);
    // The peaks of full tiles are read from the tiles above them.
    let mut frontier = Frontier::<Sm3>::load(700, &edge).unwrap();
    assert_eq!(frontier, whole.0);
    for entry in 700..1_500 {
        edge.keep(&frontier.append(leaf(entry)).unwrap()).unwrap();
        whole.0.append(leaf(entry)).unwrap();
    }
    assert_eq!(frontier.root(), whole.0.root());
    // Without its right edge it would write a hole, so it refuses.
    let lost = Tiles::<Sm3>::default().keep(&frontier.append(leaf(1_500)).unwrap());
    assert!(matches!(lost, Err(MerkleError::Missing { level: 0, .. })));
}

// ---- the RFC's recursive definition ----

fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sm3::empty(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(naive_split(leaves.len()));
            Sm3::node(&naive_root(left), &naive_root(right))
        }
    }
}

fn naive_split(size: usize) -> usize {
    let mut power = 1;
    while power * 2 < size {
        power *= 2;
    }
    power
}

fn naive_inclusion(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(naive_split(leaves.len()));
    let (mut proof, sibling) = if index < left.len() {
        (naive_inclusion(index, left), naive_root(right))
    } else {
        (naive_inclusion(index - left.len(), right), naive_root(left))
    };
    proof.push(sibling);
    proof
}

fn naive_subproof(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let (left, right) = leaves.split_at(naive_split(leaves.len()));
    let (mut proof, sibling) = if old <= left.len() {
        (naive_subproof(old, left, whole), naive_root(right))
    } else {
        (naive_subproof(old - left.len(), right, false), naive_root(left))
    };
    proof.push(sibling);
    proof
}

fn tree(size: usize) -> (Vec<Hash>, Tiles<Sm3>, Frontier<Sm3>) {
    let leaves: Vec<Hash> = (0..size as u64).map(|entry| Sm3::leaf(&entry.to_be_bytes())).collect();
    let (mut frontier, mut tiles) = (Frontier::new(), Tiles::default());
    for leaf in &leaves {
        tiles.keep(&frontier.append(*leaf).unwrap()).unwrap();
    }
    (leaves, tiles, frontier)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn inclusion_agrees_with_the_definition(size in 1usize..700, pick in any::<prop::sample::Index>(), spoil in any::<(usize, u8)>()) {
        let (leaves, tiles, frontier) = tree(size);
        let index = pick.index(size);
        let root_hash = naive_root(&leaves);
        prop_assert_eq!(frontier.root(), root_hash);
        prop_assert_eq!(root::<Sm3>(&tiles, size as u64).unwrap(), root_hash);
        let proof = inclusion_proof::<Sm3>(&tiles, index as u64, size as u64).unwrap();
        prop_assert_eq!(&proof, &naive_inclusion(index, &leaves));
        let verify = |leaf: &Hash, at: usize, size: usize, proof: &[Hash], root: &Hash|
            verify_inclusion::<Sm3>(leaf, at as u64, size as u64, proof, root);
        prop_assert!(verify(&leaves[index], index, size, &proof, &root_hash));
        // Any other leaf, place, proof or root fails.
        prop_assert!(!verify(&Sm3::leaf(b"other"), index, size, &proof, &root_hash));
        for other in 0..size {
            prop_assert_eq!(verify(&leaves[index], other, size, &proof, &root_hash), other == index);
        }
        prop_assert!(!verify(&leaves[index], index, size, &proof, &Sm3::empty()));
        prop_assert!(!verify(&leaves[index], size, size, &proof, &root_hash));
        let mut longer = proof.clone();
        longer.push(root_hash);
        prop_assert!(!verify(&leaves[index], index, size, &longer, &root_hash));
        if !proof.is_empty() {
            prop_assert!(!verify(&leaves[index], index, size, &proof[1..], &root_hash));
            let mut spoilt = proof.clone();
            let at = spoil.0 % spoilt.len();
            spoilt[at][usize::from(spoil.1 % 32)] ^= 1 + (spoil.1 & 0x7e);
            prop_assert!(!verify(&leaves[index], index, size, &spoilt, &root_hash));
        }
    }

    #[test]
    fn consistency_agrees_with_the_definition(new in 1usize..700, pick in any::<prop::sample::Index>(), spoil in any::<(usize, u8)>()) {
        let (leaves, tiles, _) = tree(new);
        let old = pick.index(new) + 1;
        let (old_root, new_root) = (naive_root(&leaves[..old]), naive_root(&leaves));
        let proof = consistency_proof::<Sm3>(&tiles, old as u64, new as u64).unwrap();
        prop_assert_eq!(&proof, &naive_subproof(old, &leaves, true));
        let verify = |old: usize, old_root: &Hash, new: usize, new_root: &Hash, proof: &[Hash]|
            verify_consistency::<Sm3>(old as u64, old_root, new as u64, new_root, proof);
        prop_assert!(verify(old, &old_root, new, &new_root, &proof));
        prop_assert!(!verify(old, &Sm3::leaf(b"another past"), new, &new_root, &proof));
        prop_assert!(!verify(old, &old_root, new, &Sm3::leaf(b"another present"), &proof));
        prop_assert!(verify(0, &Sm3::empty(), new, &new_root, &[]));
        prop_assert!(!verify(0, &old_root, new, &new_root, &[]));
        prop_assert!(!verify(new + 1, &new_root, new, &new_root, &[]));
        if !proof.is_empty() {
            prop_assert!(!verify(old, &old_root, new, &new_root, &proof[1..]));
            let mut spoilt = proof.clone();
            let at = spoil.0 % spoilt.len();
            spoilt[at][usize::from(spoil.1 % 32)] ^= 1 + (spoil.1 & 0x7e);
            prop_assert!(!verify(old, &old_root, new, &new_root, &spoilt));
        }
        // A rewritten entry of the past is noticed by whoever kept the old root.
        let mut rewritten = leaves.clone();
        rewritten[old - 1] = Sm3::leaf(b"rewritten");
        prop_assert!(!verify(old, &old_root, new, &naive_root(&rewritten), &naive_subproof(old, &rewritten, true)));
    }
}
