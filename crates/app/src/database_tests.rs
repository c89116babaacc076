//! Every SQL text of the program on both engines: it is prepared, gives the same columns, and walks an index; and both
//! engines have the same tables.

use std::collections::{BTreeMap, BTreeSet};
use store::sql::{Registered, Shapes};
use store::testing::{Engine, Examiner, TestDb};

/// Texts whose plan need not keep to the rule: where, how they begin, and why they stay cheap.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("worklist of a circular", "SELECT id", "a circular holds at most 2,000 cases"),
    ("worklist by finding", "SELECT id, number", "narrowed to a unit, a community or a kind, the few that are open there are sorted"),
    ("journal/seal.rs", "SELECT h.tenant_id FROM journal_head", "one row a tenant"),
    ("journal/consume.rs", "SELECT h.tenant_id FROM journal_head", "one row a tenant and reader"),
    (
        "access/src/account.rs",
        "SELECT id, slug, kind, parent_id, name, name_en, zone, settings, revision FROM tenant ORDER",
        "one row a tenant",
    ),
    ("app/src/indexing.rs", "SELECT tenant_id, size FROM journal_head", "one row a tenant"),
    ("cases/src/days.rs", "SELECT DISTINCT tenant_id FROM case_delta", "holds only what is not added up yet: a minute of work"),
    ("app/src/installation.rs", "SELECT id, slug, name FROM tenant", "one row a tenant"),
];

/// Every text with where it stands.
fn texts() -> Vec<(String, String)> {
    // The crates are linked in by what composes them.
    let _ = crate::compose::press;
    let registered = store::inventory::iter::<Registered>.into_iter();
    let mut all: Vec<(String, String)> = registered.map(|one| (format!("{}:{}", one.file, one.line), one.text.to_owned())).collect();
    for shapes in store::inventory::iter::<Shapes> {
        all.extend((shapes.list)().into_iter().map(|query| (shapes.name.to_owned(), query.text)));
    }
    let mut known = BTreeSet::new();
    all.retain(|(_, text)| known.insert(text.clone()));
    all
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Tables of which a tenant has one row: their key is the tenant alone.
fn single_rows(schema: &BTreeMap<String, Vec<String>>) -> BTreeSet<&str> {
    let alone = |lines: &&Vec<String>| lines.iter().any(|line| line == "key unique (tenant_id)");
    schema.iter().filter(|(_, lines)| alone(lines)).map(|(table, _)| table.as_str()).collect()
}

/// Whether a condition on an index (`tenant_id=? AND id=?`) is about more than the tenant.
fn narrows(condition: &str) -> bool {
    condition.split(" AND ").any(|part| !part.trim_start_matches('(').starts_with("tenant_id") && !part.contains(".tenant_id)"))
}

/// The steps of a plan that break the rule; none for an INSERT, which has no plan.
fn against_the_rule(engine: Engine, singles: &BTreeSet<&str>, text: &str, plan: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    let paged = text.contains("LIMIT") && text.contains("ORDER BY");
    for (at, line) in plan.iter().enumerate() {
        let step = line.trim().trim_start_matches("->").trim();
        let words: Vec<&str> = step.split_whitespace().collect();
        let bad = match engine {
            Engine::Sqlite => {
                let condition = step.rsplit_once('(').map_or("", |(_, condition)| condition.trim_end_matches(')'));
                let single = words.get(1).is_some_and(|table| singles.contains(table));
                (step.starts_with("SCAN") && !step.contains("CONSTANT ROW") && !step.contains("SUBQUERY") && !step.contains("VALUES"))
                    || (step.starts_with("SEARCH") && !narrows(condition) && !paged && !single)
                    || (step.contains("TEMP B-TREE FOR") && step.contains("ORDER BY") && paged)
            }
            Engine::Postgres => {
                let below = plan[at + 1..].iter().take_while(|line| !line.contains("->")).map(|line| line.trim());
                let condition = below.filter_map(|line| line.strip_prefix("Index Cond: (")).next().unwrap_or("tenant_id");
                let single = words.iter().skip_while(|word| **word != "on").nth(1).is_some_and(|table| singles.contains(table));
                let walks = step.starts_with("Index") && step.contains("Scan");
                step.starts_with("Seq Scan") || (walks && !narrows(condition) && !paged && !single) || (step.starts_with("Sort") && paged)
            }
        };
        if bad {
            wrong.push(step.to_owned());
        }
    }
    wrong
}

/// Whether a step goes through all that ever happened, or all cases: nothing excuses that.
fn goes_through_all(step: &str) -> bool {
    let table = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
    table.is_some_and(|table| matches!(table, "fact" | "cases"))
}

fn excepted(place: &str, text: &str) -> Option<usize> {
    EXCEPTIONS.iter().position(|(file, beginning, _)| place.contains(file) && flat(text).starts_with(beginning))
}

async fn hold_plans_to_the_rule(engine: Engine) {
    let db = TestDb::new(engine).await;
    let examiner = db.examiner().await;
    examiner.fill().await;
    let schema = examiner.schema().await;
    let singles = single_rows(&schema);
    assert!(singles.contains("calendar") && !singles.contains("cases"));
    let mut wrong = Vec::new();
    for (place, text) in texts() {
        let plan = examiner.plan(&text).await.unwrap_or_else(|error| panic!("{place}: {error}"));
        let excepted = excepted(&place, &text).is_some();
        let steps = against_the_rule(engine, &singles, &text, &plan);
        if let Some(step) = steps.iter().find(|step| !excepted || goes_through_all(step)) {
            wrong.push(format!("{place}: {step}\n    {}", flat(&text)));
        }
    }
    drop(examiner);
    db.remove().await;
    assert!(wrong.is_empty(), "{} texts break the rule:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn every_plan_keeps_to_the_rule_on_sqlite() {
    hold_plans_to_the_rule(Engine::Sqlite).await;
}

#[tokio::test]
async fn every_plan_keeps_to_the_rule_on_postgres() {
    hold_plans_to_the_rule(Engine::Postgres).await;
}

#[tokio::test]
async fn a_bad_query_is_caught_on_both_engines() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let db = TestDb::new(engine).await;
        let examiner = db.examiner().await;
        examiner.fill().await;
        let singles = BTreeSet::new();
        for bad in [
            "SELECT id FROM cases WHERE what = :what",
            "SELECT id FROM cases WHERE tenant_id = :tenant AND what = :what",
            "SELECT id FROM cases WHERE tenant_id = :tenant ORDER BY what LIMIT 20",
        ] {
            let plan = examiner.plan(bad).await.unwrap();
            assert!(!against_the_rule(engine, &singles, bad, &plan).is_empty(), "{engine:?} {bad}: {plan:?}");
        }
        let good = "SELECT id FROM cases WHERE tenant_id = :tenant AND number = :number";
        assert!(against_the_rule(engine, &singles, good, &examiner.plan(good).await.unwrap()).is_empty(), "{engine:?}");
        let all = "SELECT DISTINCT tenant_id FROM fact WHERE kind = 'case.filed'";
        let steps = against_the_rule(engine, &singles, all, &examiner.plan(all).await.unwrap());
        // PostgreSQL is told here to take any index before that.
        assert!(steps.iter().any(|step| engine == Engine::Postgres || goes_through_all(step)), "{engine:?} {steps:?}");
        assert!(examiner.prepare("SELECT nothing FROM cases WHERE tenant_id = :tenant").await.is_err());
        drop(examiner);
        db.remove().await;
    }
}

async fn both() -> [(TestDb, Examiner); 2] {
    let (one, other) = (TestDb::new(Engine::Sqlite).await, TestDb::new(Engine::Postgres).await);
    let (a, b) = (one.examiner().await, other.examiner().await);
    [(one, a), (other, b)]
}

#[tokio::test]
async fn every_text_is_prepared_on_both_engines_and_gives_the_same_columns() {
    let [(sqlite_db, sqlite), (postgres_db, postgres)] = both().await;
    let mut wrong = Vec::new();
    let texts = texts();
    assert!(texts.len() > 100, "only {} texts are registered", texts.len());
    for (place, text) in texts {
        match (sqlite.prepare(&text).await, postgres.prepare(&text).await) {
            (Ok(one), Ok(other)) if one == other => {}
            (one, other) => wrong.push(format!("{place}: {one:?} / {other:?}\n    {}", flat(&text))),
        }
    }
    drop((sqlite, postgres));
    sqlite_db.remove().await;
    postgres_db.remove().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn both_engines_have_the_same_tables() {
    let [(sqlite_db, sqlite), (postgres_db, postgres)] = both().await;
    let (one, other): (BTreeMap<_, _>, BTreeMap<_, _>) = (sqlite.schema().await, postgres.schema().await);
    drop((sqlite, postgres));
    sqlite_db.remove().await;
    postgres_db.remove().await;
    assert!(one.len() > 20, "{:?}", one.keys());
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (table, lines) in &one {
        let (lines, others): (BTreeSet<_>, BTreeSet<_>) = (lines.iter().collect(), other[table].iter().collect());
        let (here, there): (Vec<_>, Vec<_>) = (lines.difference(&others).collect(), others.difference(&lines).collect());
        assert!(here.is_empty() && there.is_empty(), "{table}: SQLite has {here:?}, PostgreSQL {there:?}");
    }
}

#[test]
fn every_exception_says_why_and_is_still_needed() {
    let texts = texts();
    for (at, (file, beginning, why)) in EXCEPTIONS.iter().enumerate() {
        assert!(!why.is_empty(), "{file}: {beginning}");
        assert!(texts.iter().any(|(place, text)| excepted(place, text) == Some(at)), "{file} has no text that begins {beginning}");
    }
}

/// Who may do what, and every address: a change to either is seen in review.
#[test]
fn the_permission_matrix_is_as_reviewed() {
    let _ = crate::compose::press;
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/permissions.md");
    let matrix: String = access::matrix().lines().map(|line| format!("| {line} |\n")).collect();
    let addresses: String = crate::addresses::addresses().iter().map(|address| format!("- `{address}`\n")).collect();
    let now = format!(
        "# Who may do what\n\nWritten by a test from the program itself; a change here is a change of permissions.\n\n\
         | verb | role | relation |\n|---|---|---|\n{matrix}\n## Addresses and their handlers\n\n{addresses}"
    );
    if std::env::var_os("XIUHUA_RENEW_SNAPSHOTS").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let (kept, now): (BTreeSet<&str>, BTreeSet<&str>) = (kept.lines().collect(), now.lines().collect());
    let gone: Vec<_> = kept.difference(&now).collect();
    let come: Vec<_> = now.difference(&kept).collect();
    assert!(
        gone.is_empty() && come.is_empty(),
        "the permissions changed; look at them and renew with XIUHUA_RENEW_SNAPSHOTS=1\ngone: {gone:#?}\nnew: {come:#?}"
    );
}
