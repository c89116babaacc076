//! No wall clock, no randomness, except through the kernel; no floats where facts are made; models do no I/O.

use crate::lex::{Kind, Token};
use crate::repo::Repo;
use crate::{Finding, catches, hold};

/// Where the clock and the operating system's randomness are read.
const DOOR: &str = "crates/foundation/kernel/src/clock.rs";

/// Names that read the clock or ask for randomness, whatever stands before them.
const WORDS: &[&str] = &["SystemTime", "thread_rng", "from_entropy", "OsRng", "SysRng", "ThreadRng", "SystemRandom"];

/// Crates whose every use is one.
const CRATES: &[&str] = &["rand", "fastrand", "getrandom", "chrono", "nanorand", "oorandom"];

/// `Type::function`; the kernel's own `Instant` has no `now`, so every `Instant::now` is a clock's.
const CALLS: &[(&str, &str)] = &[
    ("Instant", "now"),
    ("Timestamp", "now"),
    ("Zoned", "now"),
    ("TimeZone", "system"),
    ("Utc", "now"),
    ("Local", "now"),
    ("Uuid", "new_v4"),
    ("Uuid", "now_v7"),
    ("Uuid", "now_v6"),
    ("Uuid", "now_v1"),
];

fn is_path(tokens: &[Token], at: usize) -> bool {
    tokens.get(at + 1).is_some_and(|token| token.is(":")) && tokens.get(at + 2).is_some_and(|token| token.is(":"))
}

fn clocks(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.product().filter(|file| file.path != DOOR) {
        let tokens = file.tokens();
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Word && !token.test) {
            let called = if is_path(tokens, at) { tokens.get(at + 3).map_or("", |next| next.text.as_str()) } else { "" };
            let before = at.checked_sub(1).map_or("", |before| tokens[before].text.as_str());
            let bad = WORDS.contains(&token.text.as_str())
                || (CRATES.contains(&token.text.as_str()) && is_path(tokens, at) && before != ":")
                || CALLS.iter().any(|(kind, call)| token.is(kind) && called == *call);
            if bad {
                let name = if called.is_empty() { token.text.clone() } else { format!("{}::{called}", token.text) };
                findings.push(Finding::new(&file.path, token.line, format!("{name} reads the clock or chance; take kernel::World (tx.now(), tx.new_id(), world.now()), so that tests and the demo can turn it")));
            }
        }
    }
    findings
}

/// An `allow` of clippy's lint would open the same door again.
fn doors(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.product().filter(|file| file.path != DOOR) {
        for token in file.tokens().iter().filter(|token| token.is("disallowed_methods") && !token.test) {
            findings.push(Finding::new(
                &file.path,
                token.line,
                "clippy's disallowed_methods is switched off here; only kernel/src/clock.rs does that",
            ));
        }
    }
    findings
}

/// Whether the file makes facts, rules or scores, where a float would not come out the same twice.
fn counts(path: &str) -> bool {
    path.ends_with("/facts.rs")
        || path.ends_with("/figures.rs")
        || path.ends_with("/score.rs")
        || path.contains("/foundation/rules/")
        || path.ends_with("/store/src/fact.rs")
}

fn floats(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.product().filter(|file| counts(&file.path)) {
        let tokens = file.tokens();
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| !token.test) {
            // `pair.0.1` is no float.
            let field = at > 0 && tokens[at - 1].is(".");
            let literal = token.kind == Kind::Number
                && !field
                && !token.text.starts_with("0x")
                && (token.text.contains('.') || token.text.ends_with("f64") || token.text.ends_with("f32"));
            if literal || token.is("f64") || token.is("f32") {
                findings.push(Finding::new(
                    &file.path,
                    token.line,
                    format!("{} is a float; facts, figures and rules count in integers and fixed point (permille, e7, fen)", token.text),
                ));
            }
        }
    }
    findings
}

/// Files that hold a model or rules alone: what they say can be tested without a database, a network or a clock.
const MODELS: &[&str] = &[
    "crates/foundation/kernel/src/",
    "crates/foundation/rules/src/",
    "crates/slices/cases/src/steps.rs",
    "crates/slices/cases/src/clocks.rs",
];

const OUTSIDE: &[&str] = &["tokio", "axum", "object_store", "Store", "Write", "Query", "reqwest", "rusqlite"];

fn models(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.product().filter(|file| MODELS.iter().any(|model| file.path.starts_with(model))) {
        let tokens = file.tokens();
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Word && !token.test) {
            let std_io = token.is("std")
                && is_path(tokens, at)
                && tokens.get(at + 3).is_some_and(|next| ["fs", "net", "process"].contains(&next.text.as_str()));
            if std_io || token.is("async") || OUTSIDE.contains(&token.text.as_str()) {
                findings.push(Finding::new(
                    &file.path,
                    token.line,
                    format!("{} is I/O in a model; the command or the query does that, and hands the model values", token.text),
                ));
            }
        }
    }
    findings
}

#[test]
fn only_the_kernel_reads_the_clock_and_chance() {
    hold("clock and chance", clocks(Repo::read()));
    hold("clock and chance", doors(Repo::read()));
}

#[test]
fn facts_and_figures_hold_no_floats() {
    hold("floats", floats(Repo::read()));
}

#[test]
fn models_do_no_io() {
    hold("models", models(Repo::read()));
}

#[test]
fn the_rule_catches_clocks_and_chance() {
    const AT: &str = "crates/slices/cases/src/a.rs";
    let good = [
        (DOOR, "jiff::Timestamp::now()"),
        (AT, "let now = tx.now(); // SystemTime\n#[cfg(test)] mod tests { fn f() { Instant::now() } }"),
        ("bench/src/main.rs", "Instant::now()"),
    ];
    for text in [
        "\nstd::time::Instant::now()",
        "\nuse std::time::SystemTime;",
        "\njiff::Zoned::now()",
        "\nuuid::Uuid::now_v7()",
        "\nrand::random::<u8>()",
        "\ngetrandom::fill(&mut b)",
    ] {
        catches(clocks, &good, &[(AT, text)], (AT, 2));
    }
    catches(doors, &good, &[(AT, "\n#[allow(clippy::disallowed_methods)]")], (AT, 2));
}

#[test]
fn the_rule_catches_floats_and_io() {
    const FACTS: &str = "crates/slices/cases/src/facts.rs";
    for text in ["\npub rate: f64,", "\nlet x = 0.5;", "\nlet x = 1f32;"] {
        catches(floats, &[(FACTS, "pub permille: i64, // 0.5\nlet y = 1..5; x.0.1;")], &[(FACTS, text)], (FACTS, 2));
    }
    const MODEL: &str = "crates/slices/cases/src/steps.rs";
    for text in ["\nasync fn f() {}", "\nuse std::fs;", "\nfn f(tx: &mut Write<'_>) {}"] {
        catches(models, &[(MODEL, "use std::fmt; store::text_enum! {}")], &[(MODEL, text)], (MODEL, 2));
    }
}
