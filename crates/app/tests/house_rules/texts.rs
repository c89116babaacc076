//! SQL that means the same on every engine: what the texts of migrations and queries may not say.

use crate::keys::{INSTALLATION_WIDE, statements};
use crate::lex::Kind;
use crate::repo::Repo;
use crate::{Finding, catches, hold};
use std::collections::BTreeSet;

/// What is refused, in capitals, and what to do instead.
const REFUSED: &[(&str, &str)] = &[
    ("NOW()", "time is passed in: `:now`"),
    ("CURRENT_TIMESTAMP", "time is passed in: `:now`"),
    ("CURRENT_DATE", "business days are passed in"),
    ("'NOW'", "time is passed in: `:now`"),
    ("RANDOM()", "chance comes from kernel::Entropy"),
    ("GEN_RANDOM_UUID", "ids are made by the program"),
    ("SERIAL", "numbers come from tx.next_number or tx.block_number"),
    ("AUTOINCREMENT", "numbers come from tx.next_number or tx.block_number"),
    ("CREATE TRIGGER", "what follows from a change stands in its command"),
    ("CREATE FUNCTION", "logic stands in Rust"),
    ("CREATE PROCEDURE", "logic stands in Rust"),
    ("WITH RECURSIVE", "the place tree keeps a path"),
    ("IS NULL OR", "build the text with or without the condition (Query::and), so that the plan knows"),
    ("SELECT *", "name the columns: the row's struct is checked against them"),
    ("INSERT OR ", "write ON CONFLICT, which both engines know"),
    ("ILIKE", "prefixes are ranges; words go through store::search"),
    ("::", "write CAST(… AS …), which both engines know"),
];

fn judge(path: &str, line: usize, text: &str, findings: &mut Vec<Finding>) {
    for (offset, row) in text.lines().enumerate() {
        let upper = row.split("--").next().unwrap_or("").to_uppercase();
        for (refused, instead) in REFUSED.iter().filter(|(refused, _)| upper.contains(refused)) {
            findings.push(Finding::new(path, line + offset, format!("{refused} in SQL: {instead}")));
        }
    }
}

/// SQL texts of the product's code: strings that begin as a statement does.
fn texts(repo: &Repo) -> Vec<(String, usize, String)> {
    let begins = |text: &str| {
        ["SELECT ", "SELECT\n", "INSERT ", "UPDATE ", "DELETE ", "WITH "].iter().any(|verb| text.trim_start().starts_with(verb))
    };
    let mut out = Vec::new();
    // A module that is named after an engine speaks its language.
    for file in repo.product().filter(|file| !file.is("/postgres.rs") && !file.is("/sqlite.rs")) {
        for token in file.tokens().iter().filter(|token| token.kind == Kind::Text && !token.test && begins(&token.text)) {
            out.push((file.path.clone(), token.line, token.text.clone()));
        }
    }
    out
}

fn portable(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.files.iter().filter(|file| file.is(".sql") && file.path.contains("/migrations/")) {
        judge(&file.path, 1, &file.text, &mut findings);
    }
    for (path, line, text) in texts(repo) {
        judge(&path, line, &text, &mut findings);
    }
    findings
}

/// Tables that belong to a tenant, from the migrations.
fn tenant_tables(repo: &Repo) -> BTreeSet<String> {
    let files = repo.files.iter().filter(|file| file.is(".sql") && file.path.contains("/migrations/"));
    files
        .flat_map(|file| statements(&file.text))
        .filter_map(|(_, statement)| {
            let name = statement.strip_prefix("CREATE TABLE ")?.split(['(', ' ']).next()?.to_owned();
            (!INSTALLATION_WIDE.iter().any(|(wide, _)| *wide == name)).then_some(name)
        })
        .collect()
}

/// Texts on a tenant's tables that do not say which tenant. Texts that are built on (a fragment with no table) are judged by their plan.
fn tenant_named(repo: &Repo) -> Vec<Finding> {
    let tables = tenant_tables(repo);
    let mut findings = Vec::new();
    for (path, line, text) in texts(repo).into_iter().filter(|(_, _, text)| !text.contains("tenant_id")) {
        let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == '(' || c == ')' || c == ',').collect();
        let table = words.windows(2).find(|pair| ["FROM", "INTO", "UPDATE", "JOIN"].contains(&pair[0]) && tables.contains(pair[1]));
        if let Some(pair) = table {
            findings.push(Finding::new(&path, line, format!("a text on {} without tenant_id; tenants never meet in a query", pair[1])));
        }
    }
    findings
}

#[test]
fn sql_means_the_same_on_every_engine() {
    hold("portable SQL", portable(Repo::read()));
}

#[test]
fn every_text_on_a_tenants_table_names_the_tenant() {
    hold("tenant in SQL", tenant_named(Repo::read()));
}

#[test]
fn the_rules_catch_sql_of_one_engine_and_sql_without_a_tenant() {
    const AT: &str = "crates/slices/cases/src/a.rs";
    let table = ("crates/slices/cases/migrations/1.sql", "-- x\nCREATE TABLE cases (\n    tenant_id INT\n);");
    let good = [table, (AT, "sql!(\"SELECT id FROM cases WHERE tenant_id = :tenant AND at < :now -- not now()\")")];
    for text in ["now()", "x::text", "(:a IS NULL OR b = :a)"] {
        let bad = format!("sql!(\"SELECT id FROM cases\nWHERE tenant_id = {text}\")");
        catches(portable, &good, &[table, (AT, &bad)], (AT, 2));
    }
    catches(
        portable,
        &good,
        &[("crates/slices/cases/migrations/1.sql", "\nCREATE TRIGGER x")],
        ("crates/slices/cases/migrations/1.sql", 2),
    );
    catches(tenant_named, &good, &[table, (AT, "\nsql!(\"SELECT id FROM cases WHERE id = :id\")")], (AT, 2));
}
