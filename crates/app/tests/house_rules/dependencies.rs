//! Arrows go down only: which crate may name which.

use crate::repo::{File, Repo};
use crate::{Finding, catches, hold};

/// Drivers of databases, and libraries that bring one.
const DRIVERS: &[&str] =
    &["rusqlite", "libsqlite3-sys", "tokio-postgres", "postgres", "deadpool", "deadpool-postgres", "sqlx", "diesel", "sea-orm", "refinery"];

/// `bench` measures the raw engine beside ours; that is what it is for.
const MAY_NAME_DRIVERS: &[&str] = &["store", "bench"];

/// The dependencies of a manifest, of every kind (also per target), with the line each stands on.
fn dependencies(file: &File) -> Vec<(String, usize)> {
    let Ok(manifest) = file.text.parse::<toml::Table>() else { return vec![("(unreadable)".to_owned(), 1)] };
    let mut names = Vec::new();
    gather(&manifest, &mut names);
    names
        .into_iter()
        .map(|name| {
            let line = file.text.lines().position(|line| line.trim_start().starts_with(&name)).map_or(1, |at| at + 1);
            (name, line)
        })
        .collect()
}

fn gather(table: &toml::Table, names: &mut Vec<String>) {
    for (key, value) in table {
        let Some(inner) = value.as_table() else { continue };
        match key.as_str() {
            "dependencies" | "dev-dependencies" | "build-dependencies" => {
                for (name, detail) in inner {
                    // A renamed dependency counts under its real name.
                    let real = detail.get("package").and_then(toml::Value::as_str).unwrap_or(name);
                    names.push(real.to_owned());
                }
            }
            "target" => inner.values().filter_map(toml::Value::as_table).for_each(|target| gather(target, names)),
            _ => {}
        }
    }
}

/// The manifests of our crates: folder of the workspace, crate name, file.
fn manifests(repo: &Repo) -> Vec<(&str, &str, &File)> {
    repo.files
        .iter()
        .filter(|file| file.is("Cargo.toml") && file.path != "Cargo.toml")
        .map(|file| {
            let layer = if file.path.starts_with("crates/foundation/") {
                "foundation"
            } else if file.path.starts_with("crates/slices/") {
                "slices"
            } else {
                "top"
            };
            (layer, file.crate_name(), file)
        })
        .collect()
}

fn arrows(repo: &Repo) -> Vec<Finding> {
    let all = manifests(repo);
    let slices: Vec<&str> = all.iter().filter(|(layer, ..)| *layer == "slices").map(|(_, name, _)| *name).collect();
    let mut findings = Vec::new();
    for (layer, name, file) in &all {
        for (dependency, line) in dependencies(file) {
            let mut say = |what: String| findings.push(Finding::new(&file.path, line, what));
            let on_slice = slices.contains(&dependency.as_str()) && dependency != *name;
            if *layer == "slices" && on_slice {
                say(format!(
                    "slice {name} imports slice {dependency}; put what they share in contracts, or wire them in app/src/reactions.rs"
                ));
            }
            if *layer == "foundation" && (on_slice || dependency == "xiuhua") {
                say(format!("foundation crate {name} depends on {dependency}, which stands on it; turn the arrow round"));
            }
            if dependency == "press" && !["app", "press"].contains(name) {
                say("only app links press (typst takes minutes to build); use the port documents::Press".to_owned());
            }
            if dependency == "assets" && *name != "app" {
                say("only app links assets, so that a new class name rebuilds nothing else; take the addresses from web::App".to_owned());
            }
            if DRIVERS.contains(&dependency.as_str()) && !MAY_NAME_DRIVERS.contains(name) {
                say(format!("{dependency} is a database driver; only store names one, everything else goes through store::Store"));
            }
        }
    }
    findings
}

fn drivers_in_code(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.rust().filter(|file| !MAY_NAME_DRIVERS.contains(&file.crate_name())) {
        for token in file.tokens() {
            if DRIVERS.iter().any(|driver| token.is(&driver.replace('-', "_"))) && token.text != "postgres" {
                findings.push(Finding::new(
                    &file.path,
                    token.line,
                    format!("{} is named outside store; go through store::Store", token.text),
                ));
            }
        }
    }
    findings
}

/// The workspace's lints (`unsafe_code = "forbid"` among them) hold only where a crate takes them.
fn lints_taken(repo: &Repo) -> Vec<Finding> {
    manifests(repo)
        .into_iter()
        .filter(|(_, _, file)| {
            let manifest = file.text.parse::<toml::Table>().unwrap_or_default();
            manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool) != Some(true)
        })
        .map(|(_, _, file)| Finding::new(&file.path, 1, "add `[lints]` with `workspace = true`, so that the workspace's lints hold here"))
        .collect()
}

#[test]
fn arrows_go_down_only() {
    hold("dependencies", arrows(Repo::read()));
}

#[test]
fn only_the_store_names_a_driver() {
    hold("drivers", drivers_in_code(Repo::read()));
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    hold("lints", lints_taken(Repo::read()));
}

#[test]
fn the_rules_catch_a_slice_that_imports_another() {
    let points = ("crates/slices/points/Cargo.toml", "[package]\nname = \"points\"\n");
    let good = [points, ("crates/slices/cases/Cargo.toml", "[dependencies]\nstore.workspace = true\n")];
    let bad = [points, ("crates/slices/cases/Cargo.toml", "[dependencies]\nstore.workspace = true\npoints.workspace = true\n")];
    catches(arrows, &good, &bad, ("crates/slices/cases/Cargo.toml", 3));
    let renamed = [points, ("crates/slices/cases/Cargo.toml", "[dev-dependencies]\np = { package = \"points\", path = \"../points\" }\n")];
    assert_eq!(arrows(&Repo::of(&renamed)).len(), 1);
    let upside_down = [points, ("crates/foundation/web/Cargo.toml", "[dependencies]\npoints = { path = \"x\" }\n")];
    catches(arrows, &good, &upside_down, ("crates/foundation/web/Cargo.toml", 2));
}

#[test]
fn the_rules_catch_press_assets_and_drivers_where_they_do_not_belong() {
    let good = [("crates/app/Cargo.toml", "[dependencies]\npress.workspace = true\nassets.workspace = true\n")];
    for name in ["press", "assets", "rusqlite"] {
        let text = format!("[target.'cfg(unix)'.dependencies]\n{name} = \"1\"\n");
        catches(arrows, &good, &[("crates/foundation/web/Cargo.toml", &text)], ("crates/foundation/web/Cargo.toml", 2));
    }
    let code = [("crates/slices/cases/src/a.rs", "\nuse tokio_postgres::Client;")];
    catches(
        drivers_in_code,
        &[("crates/foundation/store/src/a.rs", "use rusqlite::Connection;")],
        &code,
        ("crates/slices/cases/src/a.rs", 2),
    );
}

#[test]
fn the_rules_catch_a_crate_without_lints() {
    let good = [("crates/app/Cargo.toml", "[lints]\nworkspace = true\n")];
    catches(lints_taken, &good, &[("crates/app/Cargo.toml", "[package]\n")], ("crates/app/Cargo.toml", 1));
}
