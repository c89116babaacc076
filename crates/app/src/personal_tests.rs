//! Every personal column of every migration is registered with its purpose and end, and every group has its words.

use access::personal::groups;
use std::collections::{BTreeMap, BTreeSet};
use web::{Lang, Words};

/// `table.column` → its type, as the migrations make it.
fn columns() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for migration in store::migrate::all() {
        found.extend(columns_of(migration.text));
    }
    found
}

fn columns_of(text: &str) -> Vec<(String, String)> {
    let (mut found, mut table) = (Vec::new(), String::new());
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches([',', ';', '('])).collect();
        match words.as_slice() {
            ["CREATE", "TABLE", name, ..] => (*name).clone_into(&mut table),
            ["ALTER", "TABLE", name, "ADD", "COLUMN", column, kind, ..] => {
                found.push((format!("{name}.{column}"), (*kind).to_owned()));
            }
            [column, kind, ..] if line.starts_with("    ") => found.push((format!("{table}.{column}"), (*kind).to_owned())),
            _ => {}
        }
    }
    found
}

/// Personal columns that no group holds.
fn unregistered<'a>(columns: &'a BTreeMap<String, String>, registered: &BTreeSet<&str>) -> Vec<&'a str> {
    columns
        .iter()
        .filter(|(name, kind)| *kind == "PERSONAL" && !registered.contains(name.as_str()))
        .map(|(name, _)| name.as_str())
        .collect()
}

#[test]
fn every_personal_column_is_registered_and_every_group_has_its_words() {
    let _ = crate::compose::press;
    let columns = columns();
    let registered: BTreeSet<&str> = groups().into_iter().flat_map(|group| group.columns.iter().copied()).collect();
    let missing = unregistered(&columns, &registered);
    assert!(missing.is_empty(), "{missing:?}: register them with access::personal!, with whose they are, what for and until when");
    let gone: Vec<_> = registered.iter().filter(|name| !columns.contains_key(**name)).collect();
    assert!(gone.is_empty(), "{gone:?} are registered and in no migration");
    for lang in [Lang::Chinese, Lang::English] {
        for group in groups() {
            for behind in ["", "-of", "-for", "-shown"] {
                let key = format!("personal-{}{behind}", group.key);
                assert!(Words::of(lang).has(&key), "{key} has no words in {}", lang.tag());
            }
        }
    }
}

#[test]
fn a_personal_column_that_nobody_registers_is_found_however_it_was_made() {
    let text = "CREATE TABLE person (\n    tenant_id INT NOT NULL,\n    name PERSONAL NOT NULL,\n    born DATE\n);\nALTER TABLE unit ADD COLUMN phone PERSONAL;";
    let columns: BTreeMap<_, _> = columns_of(text).into_iter().collect();
    assert_eq!(unregistered(&columns, &BTreeSet::new()), ["person.name", "unit.phone"]);
    assert_eq!(unregistered(&columns, &BTreeSet::from(["unit.phone"])), ["person.name"]);
}
