//! What every file must be: introduced by a sentence, of a room's size, safe, and free of this or that machine.

use crate::lex::Kind;
use crate::repo::Repo;
use crate::{Finding, catches, hold};

/// A file longer than this holds two people.
const MOST_LINES: usize = 700;

/// Generated or received files, which nobody reads from top to bottom.
const LONG: &[(&str, &str)] = &[];

fn introduced(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.rust().filter(|file| !file.text.trim_start_matches('\u{feff}').starts_with("//! ")) {
        findings.push(Finding::new(&file.path, 1, "begin with `//! ` and one sentence: what the file is and why it exists"));
    }
    for file in repo.files.iter().filter(|file| file.is(".sql") && file.path.contains("/migrations/") && !file.text.starts_with("-- ")) {
        findings.push(Finding::new(&file.path, 1, "begin with `-- ` and one sentence: what the tables are for"));
    }
    findings
}

fn rooms(repo: &Repo) -> Vec<Finding> {
    repo.rust()
        .filter(|file| !LONG.iter().any(|(path, _)| file.path == *path))
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(file, lines)| {
            Finding::new(
                &file.path,
                MOST_LINES,
                format!("{lines} lines: two people live here; part it (around 400 is a room, {MOST_LINES} the most)"),
            )
        })
        .collect()
}

fn no_unsafe(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.rust() {
        for token in file.tokens().iter().filter(|token| token.kind == Kind::Word && token.text == "unsafe") {
            findings.push(Finding::new(&file.path, token.line, "unsafe is forbidden in this workspace; find another way"));
        }
    }
    findings
}

fn finished(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.rust() {
        let tokens = file.tokens();
        for pair in tokens.windows(2) {
            if pair[1].is("!") && ["todo", "unimplemented", "dbg"].iter().any(|name| pair[0].is(name)) {
                findings.push(Finding::new(
                    &file.path,
                    pair[0].line,
                    format!("{}! is unfinished work; finish it or leave it out", pair[0].text),
                ));
            }
        }
        for token in tokens.iter().filter(|token| token.kind == Kind::Comment) {
            if ["TODO", "FIXME", "XXX", "HACK"]
                .iter()
                .any(|word| token.text.split(|c: char| !c.is_ascii_alphabetic()).any(|part| part == *word))
            {
                findings.push(Finding::new(&file.path, token.line, "a note of unfinished work; do it, or write an issue"));
            }
        }
    }
    findings
}

/// Paths of one machine, and hosts that packages come from. Written in halves, so that this file does not hold them.
fn of_a_machine() -> Vec<String> {
    [
        ("/wor", "k/"),
        ("/roo", "t/"),
        ("/hom", "e/"),
        ("/tmp/bash", "_jobs"),
        ("registry.npm", "js.org"),
        ("registry.yarn", "pkg.com"),
        ("index.crates", ".io"),
        ("static.crates", ".io"),
        ("deb.debian", ".org"),
        ("files.python", "hosted.org"),
    ]
    .map(|(a, b)| format!("{a}{b}"))
    .to_vec()
}

/// Places that may name a home folder: systemd and container files speak of the server's own.
fn no_machine(repo: &Repo) -> Vec<Finding> {
    let words = of_a_machine();
    let mut findings = Vec::new();
    for file in &repo.files {
        for (at, line) in file.text.lines().enumerate() {
            for word in words.iter().filter(|word| starts_a_word(line, word)) {
                findings.push(Finding::new(
                    &file.path,
                    at + 1,
                    format!("{word} belongs to one machine or one registry; use a relative path, or leave the host to the client's configuration"),
                ));
            }
            if file.path.ends_with("package-lock.json") && line.contains("\"resolved\": \"http") {
                findings.push(Finding::new(
                    &file.path,
                    at + 1,
                    "the lockfile names a registry's host; make it with `npm install --omit-lockfile-registry-resolved`",
                ));
            }
        }
    }
    findings
}

/// Whether `word` stands in the line and is not the middle of a longer path (`/target/work/`, `https://host/home/`).
fn starts_a_word(line: &str, word: &str) -> bool {
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || ['.', '-', '_', '}', '>', '*'].contains(&c)))
}

#[test]
fn every_file_says_what_it_is() {
    hold("introductions", introduced(Repo::read()));
}

#[test]
fn files_are_of_a_rooms_size() {
    hold("sizes", rooms(Repo::read()));
}

#[test]
fn nothing_is_unsafe() {
    hold("unsafe", no_unsafe(Repo::read()));
}

#[test]
fn nothing_is_left_unfinished() {
    hold("unfinished", finished(Repo::read()));
}

#[test]
fn no_file_speaks_of_one_machine() {
    hold("machines", no_machine(Repo::read()));
}

#[test]
fn the_rules_catch_each_kind_of_bad_file() {
    const AT: &str = "crates/slices/cases/src/a.rs";
    let good = [
        (AT, "//! Cases.\n\n// unsafe is a word here\nlet s = \"unsafe todo!\"; // Todoist\n"),
        ("crates/a/migrations/1.sql", "-- Places.\n"),
    ];
    catches(introduced, &good, &[(AT, "fn main() {}")], (AT, 1));
    catches(introduced, &good, &[("crates/a/migrations/1.sql", "CREATE TABLE a ();")], ("crates/a/migrations/1.sql", 1));
    let long = "//! x\n".repeat(MOST_LINES + 1);
    catches(rooms, &good, &[(AT, &long)], (AT, MOST_LINES));
    let bad = format!("\n{} {{}}", concat!("un", "safe"));
    catches(no_unsafe, &good, &[(AT, &bad)], (AT, 2));
    for text in [concat!("\nto", "do!()"), concat!("\nunimpl", "emented!()"), concat!("\n// TO", "DO: later")] {
        catches(finished, &good, &[(AT, text)], (AT, 2));
    }
    for word in of_a_machine() {
        let text = format!("//! x\n// see {word}x");
        catches(no_machine, &[(AT, "//! /target/work/ https://example.org/home/")], &[(AT, &text)], (AT, 2));
    }
    let lock = [("e2e/package-lock.json", "{\n\"resolved\": \"https://somewhere/x.tgz\"}")];
    catches(no_machine, &good, &lock, ("e2e/package-lock.json", 2));
}
