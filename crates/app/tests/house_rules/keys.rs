//! Tenant first in every key: primary, unique and foreign keys and every index of every migration.

use crate::repo::Repo;
use crate::{Finding, catches, hold};

/// Tables of the whole installation, which have no tenant, or are looked up before one is known.
pub const INSTALLATION_WIDE: &[(&str, &str)] = &[
    ("installation", "settings and marks of the whole installation"),
    ("login", "log-in names are unique in the installation, and the tenant is found by one"),
    ("oidc_attempt", "somebody who is still at the provider has no tenant yet"),
    ("oidc_link", "identities of a provider are unique in the installation, and the tenant is found by one"),
    ("tenant", "the tenants themselves"),
    ("tenant_slug", "an old address is resolved before its tenant is known"),
];

/// Indexes of tenant tables that serve the installation, by name.
const INSTALLATION_INDEXES: &[(&str, &str)] = &[("search_doc_terms", "an index of terms has one column; the tenant is part of each term")];

/// One statement of a migration with the line it starts on; comments and literals blanked.
pub fn statements(text: &str) -> Vec<(usize, String)> {
    let mut clean = String::new();
    let mut quoted = false;
    for line in text.lines() {
        let mut rest = line.chars().peekable();
        while let Some(c) = rest.next() {
            if c == '\'' {
                quoted = !quoted;
            }
            if !quoted && c == '-' && rest.peek() == Some(&'-') {
                break;
            }
            clean.push(if quoted && c == ';' { ' ' } else { c });
        }
        clean.push('\n');
    }
    let (mut out, mut line) = (Vec::new(), 1);
    for part in clean.split(';') {
        let lead = part.len() - part.trim_start().len();
        let first = line + part[..lead].matches('\n').count();
        if !part.trim().is_empty() {
            out.push((first, part.trim().to_owned()));
        }
        line += part.matches('\n').count();
    }
    out
}

/// The content of the bracket that opens first in `text`.
fn bracket(text: &str) -> Option<&str> {
    let open = text.find('(')?;
    let mut depth = 0;
    for (at, c) in text[open..].char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(&text[open + 1..open + at]);
        }
    }
    None
}

/// Parts at the commas that stand outside brackets, each with its offset.
fn parts(body: &str) -> Vec<(usize, &str)> {
    let (mut out, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in body.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                out.push((start, &body[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push((start, &body[start..]));
    out
}

fn first_column(text: &str) -> &str {
    bracket(text).unwrap_or("").trim().split([',', ' ']).next().unwrap_or("")
}

fn tenant_first(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.files.iter().filter(|file| file.is(".sql") && file.path.contains("/migrations/")) {
        for (line, statement) in statements(&file.text) {
            let upper = statement.to_uppercase();
            let words: Vec<&str> =
                statement.split_whitespace().filter(|word| !["IF", "NOT", "EXISTS"].contains(&word.to_uppercase().as_str())).collect();
            if upper.starts_with("CREATE TABLE") {
                let name = words.get(2).map_or("", |word| word.split('(').next().unwrap_or(""));
                if INSTALLATION_WIDE.iter().any(|(wide, _)| *wide == name) {
                    continue;
                }
                table(&file.path, line, name, &statement, &mut findings);
            }
            if upper.starts_with("CREATE INDEX") || upper.starts_with("CREATE UNIQUE INDEX") {
                let at = words.iter().position(|word| word.eq_ignore_ascii_case("on")).unwrap_or(0);
                let name = words.get(at.saturating_sub(1)).copied().unwrap_or("");
                let on = words.get(at + 1).map_or("", |word| word.split('(').next().unwrap_or(""));
                if INSTALLATION_INDEXES.iter().any(|(known, _)| *known == name) || INSTALLATION_WIDE.iter().any(|(wide, _)| *wide == on) {
                    continue;
                }
                if first_column(&statement) != "tenant_id" {
                    findings.push(Finding::new(
                        &file.path,
                        line,
                        format!("index {name} does not start with tenant_id; tenants never meet in an index"),
                    ));
                }
            }
        }
    }
    findings
}

fn table(path: &str, line: usize, name: &str, statement: &str, findings: &mut Vec<Finding>) {
    let Some(body) = bracket(statement) else { return };
    let start = statement.find('(').unwrap_or(0) + 1;
    let mut has_key = false;
    for (offset, part) in parts(body) {
        let lead = part.len() - part.trim_start().len();
        let at = line + statement[..start + offset + lead].matches('\n').count();
        let text = part.trim();
        let upper = text.to_uppercase();
        let constraint = upper
            .strip_prefix("CONSTRAINT ")
            .map_or(upper.as_str(), |rest| rest.trim_start().split_once(' ').map_or("", |(_, rest)| rest.trim_start()));
        let whole = ["PRIMARY KEY", "UNIQUE", "FOREIGN KEY"].iter().any(|key| constraint.starts_with(key));
        if whole {
            has_key |= constraint.starts_with("PRIMARY KEY");
            if first_column(text) != "tenant_id" {
                findings.push(Finding::new(
                    path,
                    at,
                    format!("a key of {name} does not start with tenant_id; put it first, or list the table as installation-wide with the reason"),
                ));
            }
            if let Some((_, referred)) = upper.split_once("REFERENCES")
                && constraint.starts_with("FOREIGN KEY")
                && first_column(referred).to_lowercase() != "tenant_id"
            {
                findings.push(Finding::new(path, at, format!("a foreign key of {name} refers without tenant_id; refer to (tenant_id, …)")));
            }
        } else if [" PRIMARY KEY", " UNIQUE", " REFERENCES"].iter().any(|key| upper.contains(key)) {
            has_key = true;
            findings.push(Finding::new(
                path,
                at,
                format!("{name}: a key on one column cannot start with tenant_id; write the key for the table, tenant_id first"),
            ));
        }
    }
    if !has_key {
        findings.push(Finding::new(path, line, format!("table {name} has no primary key; give it one that starts with tenant_id")));
    }
}

/// Exceptions that no migration makes any more.
fn stale_exceptions(repo: &Repo) -> Vec<Finding> {
    let names: Vec<&str> = repo
        .files
        .iter()
        .filter(|file| file.is(".sql"))
        .flat_map(|file| file.text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')))
        .collect();
    INSTALLATION_WIDE
        .iter()
        .chain(INSTALLATION_INDEXES)
        .filter(|(name, _)| !names.contains(name))
        .map(|(name, _)| {
            Finding::new(
                "crates/app/tests/house_rules/keys.rs",
                1,
                format!("{name} is an exception that no migration makes; take it off the list"),
            )
        })
        .collect()
}

#[test]
fn tenant_is_first_in_every_key() {
    hold("tenant first", tenant_first(Repo::read()));
    hold("tenant first", stale_exceptions(Repo::read()));
}

#[test]
fn the_rule_catches_keys_without_the_tenant() {
    const AT: &str = "crates/slices/cases/migrations/1.sql";
    let good = [(
        AT,
        "-- Why; so.\nCREATE TABLE a (\n  tenant_id INT NOT NULL,\n  id ID NOT NULL, -- PRIMARY KEY (id)\n  PRIMARY KEY (tenant_id, id)\n);\nCREATE UNIQUE INDEX a_x ON a (tenant_id, x);",
    )];
    let bad = |text: &str, line: usize| catches(tenant_first, &good, &[(AT, text)], (AT, line));
    bad("CREATE TABLE a (\n  tenant_id INT,\n  id ID,\n  PRIMARY KEY (id, tenant_id)\n);", 4);
    bad("\nCREATE TABLE a (\n  id ID PRIMARY KEY\n);", 3);
    bad("CREATE TABLE a (\n  tenant_id INT, id ID);", 1);
    bad("-- x\n\nCREATE INDEX a_x ON a (x);", 3);
    bad("CREATE TABLE a (\n  tenant_id INT, b ID, PRIMARY KEY (tenant_id),\n  UNIQUE (b)\n);", 3);
    bad("CREATE TABLE a (\n  tenant_id INT, b ID, PRIMARY KEY (tenant_id),\n  FOREIGN KEY (tenant_id, b) REFERENCES c (id)\n);", 3);
}
