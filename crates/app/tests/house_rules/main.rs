//! The house rules as tests: they read the source of the whole repository and say where a rule is broken and what to do.
//!
//! Each rule is a function over a [`Repo`] held in memory, so that its own test can hand it a deliberate violation and
//! see it caught. Exceptions stand beside their rule, each with its reason.

mod clocks;
mod dependencies;
mod files;
mod keys;
mod language;
mod lex;
mod licences;
mod problems;
mod repo;
mod templates;
mod texts;
mod words;

use repo::Repo;

/// One place where a rule is broken.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub path: String,
    pub line: usize,
    /// What is wrong there, and what to do.
    pub what: String,
}

impl Finding {
    pub fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Finding { path: path.to_owned(), line, what: what.into() }
    }
}

/// Findings shown at once.
const MOST_SHOWN: usize = 100;

/// Fails with every finding on a line of its own: `path:line: what is wrong; what to do`.
fn hold(rule: &str, mut findings: Vec<Finding>) {
    findings.sort();
    findings.dedup();
    let lines: Vec<_> = findings.iter().take(MOST_SHOWN).map(|found| format!("  {}:{}: {}", found.path, found.line, found.what)).collect();
    assert!(findings.is_empty(), "{rule}: {} found, the first of them:\n{}\n", findings.len(), lines.join("\n"));
}

/// Asserts that a rule finds something at exactly this place of a made-up repository, and nothing in a good one.
#[track_caller]
fn catches(rule: impl Fn(&Repo) -> Vec<Finding>, good: &[(&str, &str)], bad: &[(&str, &str)], at: (&str, usize)) {
    let clean = rule(&Repo::of(good));
    assert!(clean.is_empty(), "the good example is refused: {clean:?}");
    let found = rule(&Repo::of(bad));
    assert!(found.iter().any(|found| (found.path.as_str(), found.line) == at), "nothing found at {at:?}: {found:?}");
}
