//! What we build on: permissive licences, known sources, nothing banned. `deny.toml` has the lists; `make deny` reads them too.
//!
//! This holds them where cargo-deny is not installed, for the platform that we build on.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

struct Package {
    name: String,
    version: String,
    licence: Option<String>,
    source: Option<String>,
}

/// Everything that a build takes, from `cargo metadata`.
fn packages() -> Vec<Package> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let read: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    // Only what the graph reaches: the list also holds what other platforms would take.
    let reached: BTreeSet<&str> =
        read["resolve"]["nodes"].as_array().into_iter().flatten().filter_map(|node| node["id"].as_str()).collect();
    let all =
        read["packages"].as_array().into_iter().flatten().filter(|package| package["id"].as_str().is_some_and(|id| reached.contains(id)));
    all.map(|package| Package {
        name: text(&package["name"]).unwrap_or_default(),
        version: text(&package["version"]).unwrap_or_default(),
        licence: text(&package["license"]),
        source: text(&package["source"]),
    })
    .collect()
}

struct Deny {
    allowed: Vec<String>,
    banned: Vec<String>,
}

fn deny() -> Deny {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deny.toml")).expect("deny.toml");
    let table: toml::Table = text.parse().expect("deny.toml parses");
    let list = |section: &str, name: &str| table[section][name].as_array().cloned().unwrap_or_default();
    Deny {
        allowed: list("licenses", "allow").iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
        banned: list("bans", "deny").iter().filter_map(|one| one["crate"].as_str().map(str::to_owned)).collect(),
    }
}

/// Whether an SPDX expression can be met with the allowed licences: one side of each OR, both of each AND.
fn can_be_met(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (met, used) = any_of(&words, allowed);
    met && used == words.len()
}

fn any_of(words: &[&str], allowed: &[String]) -> (bool, usize) {
    let (mut met, mut at) = all_of(words, allowed);
    while words.get(at) == Some(&"OR") {
        let (next, used) = all_of(&words[at + 1..], allowed);
        (met, at) = (met || next, at + 1 + used);
    }
    (met, at)
}

fn all_of(words: &[&str], allowed: &[String]) -> (bool, usize) {
    let (mut met, mut at) = one_of(words, allowed);
    while words.get(at) == Some(&"AND") {
        let (next, used) = one_of(&words[at + 1..], allowed);
        (met, at) = (met && next, at + 1 + used);
    }
    (met, at)
}

fn one_of(words: &[&str], allowed: &[String]) -> (bool, usize) {
    match words.first() {
        Some(&"(") => {
            let (met, used) = any_of(&words[1..], allowed);
            (met, used + 2)
        }
        Some(licence) if words.get(1) == Some(&"WITH") => {
            let whole = format!("{licence} WITH {}", words.get(2).unwrap_or(&""));
            (allowed.contains(&whole), 3)
        }
        Some(licence) => (allowed.iter().any(|known| known == licence), 1),
        None => (false, 0),
    }
}

fn refused(packages: &[Package], deny: &Deny) -> Vec<String> {
    let mut out = Vec::new();
    // Our own packages have no source.
    for package in packages.iter().filter(|package| package.source.is_some()) {
        let name = format!("{} {}", package.name, package.version);
        let licence = package.licence.as_deref().unwrap_or("none");
        if !can_be_met(licence, &deny.allowed) {
            out.push(format!("{name} is under {licence}; take another crate, or allow the licence in deny.toml if it is permissive"));
        }
        if deny.banned.contains(&package.name) {
            out.push(format!("{name} is banned in deny.toml; `cargo tree -i {}` says who brings it", package.name));
        }
        if !package.source.as_deref().is_some_and(|source| {
            source.starts_with("registry+https://github.com/rust-lang/crates.io-index") || source.starts_with("sparse+")
        }) {
            out.push(format!("{name} comes from {:?}; take it from the registry", package.source));
        }
    }
    out
}

#[test]
fn everything_we_build_on_is_permissive_known_and_not_banned() {
    let packages = packages();
    assert!(packages.len() > 20, "only {} packages: is the graph read?", packages.len());
    let out = refused(&packages, &deny());
    assert!(out.is_empty(), "{} packages refused:\n  {}\n", out.len(), out.join("\n  "));
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    let allowed: Vec<String> = ["MIT", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).to_vec();
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT/GPL-3.0", true),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("(GPL-3.0 OR MIT) AND MIT", true),
        ("(GPL-3.0 OR MIT) AND GPL-3.0", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
        ("none", false),
    ] {
        assert_eq!(can_be_met(expression, &allowed), met, "{expression}");
    }
}

#[test]
fn the_rule_catches_a_licence_a_ban_and_a_source() {
    let deny = Deny { allowed: vec!["MIT".to_owned()], banned: vec!["chrono".to_owned()] };
    let package = |name: &str, licence: &str, source: &str| Package {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        licence: Some(licence.to_owned()),
        source: Some(source.to_owned()),
    };
    let registry = "registry+https://github.com/rust-lang/crates.io-index";
    assert_eq!(refused(&[package("a", "MIT", registry)], &deny), Vec::<String>::new());
    for bad in [package("a", "GPL-3.0", registry), package("chrono", "MIT", registry), package("a", "MIT", "git+https://example.org/a")] {
        assert_eq!(refused(&[bad], &deny).len(), 1);
    }
}
