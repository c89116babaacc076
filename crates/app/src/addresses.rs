//! The addresses that the program serves, read from the sources of its routers and from its operations: for what must hold for every one of them.

use std::collections::BTreeSet;

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The addresses that the crates' routers name, with their handlers, as the sources say.
pub fn addresses() -> Vec<String> {
    fn walk(folder: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                // Tests that stand in the same file serve what they like; `#[cfg(test)] mod x;` among others only names a file.
                let served = flat(text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default());
                for part in served.split(".route(").skip(1).filter(|part| part.trim_start().starts_with("\"/")) {
                    // Up to the bracket that closes the call.
                    let closes = part.char_indices().scan(1_i32, |depth, (at, c)| {
                        *depth += i32::from(c == '(') - i32::from(c == ')');
                        Some((at, *depth))
                    });
                    let end = closes.filter(|(_, depth)| *depth == 0).map(|(at, _)| at).next().unwrap_or(part.len());
                    found.insert(part[..end].trim().replace('"', "").replacen(',', " ·", 1));
                }
            }
        }
    }
    let mut found = BTreeSet::new();
    // Every crate's, so that a new one cannot be left out.
    walk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut found);
    let operations = api::operation::all().into_iter();
    found.extend(operations.map(|one| format!("{}{} · {}({})", api::operation::ROOT, one.path, one.method, one.name)));
    found.into_iter().collect()
}
