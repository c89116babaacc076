//! docs/problems.md: every code that an answer can carry, with its status and its words, as the program itself has them.

use crate::lex::{Kind, matching};
use crate::repo::Repo;
use std::collections::BTreeMap;

/// `Code::conflict("case.stale")` and its like: code → status.
fn codes(repo: &Repo) -> BTreeMap<String, u16> {
    let mut found = BTreeMap::new();
    for file in repo.product() {
        let tokens = file.tokens();
        for at in 0..tokens.len().saturating_sub(5) {
            let call =
                tokens[at].is("Code") && tokens[at + 1].is(":") && tokens[at + 2].is(":") && tokens[at + 4].is("(") && !tokens[at].test;
            if !call {
                continue;
            }
            let inside = &tokens[at + 5..matching(tokens, at + 4)];
            let Some(name) = inside.iter().find(|token| token.kind == Kind::Text) else { continue };
            let kind = inside.iter().skip_while(|token| !token.is("Kind")).nth(3).map_or("", |token| token.text.as_str());
            let status = match (tokens[at + 3].text.as_str(), kind) {
                ("invalid", _) | (_, "Invalid") => 422,
                ("forbidden", _) | (_, "Forbidden") => 403,
                ("not_found", _) | (_, "NotFound") => 404,
                ("conflict", _) | (_, "Conflict") => 409,
                (_, "Unauthenticated") => 401,
                (_, "Method") => 405,
                (_, "TooLarge") => 413,
                (_, "Unsupported") => 415,
                (_, "TooMany") => 429,
                (_, "Unavailable") => 503,
                _ => 500,
            };
            found.insert(name.text.clone(), status);
        }
    }
    found
}

/// The English words of each error, as they stand: `{ $max }` is filled when it is said.
fn words(repo: &Repo) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for file in repo.files.iter().filter(|file| file.is("/locales/en.ftl")) {
        let mut last: Option<String> = None;
        for line in file.text.lines() {
            match line.split_once('=') {
                Some((key, said)) if line.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                    last = key.trim().strip_prefix("error-").map(str::to_owned);
                    if let Some(key) = &last {
                        found.insert(key.clone(), said.trim().to_owned());
                    }
                }
                _ if line.starts_with([' ', '\t']) => {
                    if let Some(said) = last.as_ref().and_then(|key| found.get_mut(key)) {
                        said.push(' ');
                        said.push_str(line.trim());
                    }
                }
                _ => last = None,
            }
        }
    }
    found
}

fn page(repo: &Repo) -> String {
    let words = words(repo);
    let mut text = "# Problems\n\nEvery code that an answer can carry, written by a test from the program itself. A code stays what it is; its words, here in \
        English, may be put better. Codes of the command line and of start-up stand among them.\n\n| code | status | words |\n|---|---|---|\n"
        .to_owned();
    for (code, status) in codes(repo) {
        let said = words.get(&code.replace('.', "-")).map_or("", String::as_str).replace('|', "\\|");
        text.push_str(&format!("| `{code}` | {status} | {said} |\n"));
    }
    text
}

#[test]
fn the_page_of_problems_has_every_code_and_no_other() {
    let repo = Repo::read();
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/problems.md");
    let now = page(repo);
    if std::env::var_os("XIUHUA_RENEW_SNAPSHOTS").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let missing: Vec<_> = now.lines().filter(|line| !kept.lines().any(|known| known == *line)).collect();
    let gone: Vec<_> = kept.lines().filter(|line| !now.lines().any(|known| known == *line)).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "renew docs/problems.md with XIUHUA_RENEW_SNAPSHOTS=1\nnew: {missing:#?}\ngone: {gone:#?}"
    );
}

#[test]
fn a_code_is_found_with_its_status_however_it_is_declared() {
    let code = "const A: Code = Code::conflict(\"a.b\");\nconst B: Code = Code::new(Kind::TooMany, \"a.c\");\nfn f() { kernel::Code::invalid(\"a.d\") }";
    let repo = Repo::of(&[("crates/slices/cases/src/a.rs", code)]);
    assert_eq!(codes(&repo), BTreeMap::from([("a.b".to_owned(), 409), ("a.c".to_owned(), 429), ("a.d".to_owned(), 422)]));
}
