//! A file of another system, validated and taken in; beside the same rows written by a bare loop.

use crate::program::binary;
use crate::{Figure, raw, town};
use std::fmt::Write;
use std::time::{Duration, Instant};

const ROWS: usize = 123_800;

/// Lines shaped like the 311 file: opening, target and closing times, 60 kinds, 22 quarters, a point.
fn file() -> String {
    let mut text = String::from(
        "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,OnTime_Status,CASE_TITLE,TYPE,Department,Location,neighborhood,LATITUDE,LONGITUDE\n",
    );
    for n in 0..ROWS {
        let (day, hour, minute) = (n % 27 + 1, n / 27 % 12 + 1, n / 324 % 60);
        let month = n / 10_400 % 12 + 1;
        let open = format!("{month:02}/{day:02}/2015 {hour:02}:{minute:02}:07 AM");
        let target = if n % 4 == 0 { String::new() } else { format!("{month:02}/{:02}/2015 08:30:00 PM", day + 1) };
        let closed = if n % 6 == 0 { String::new() } else { format!("{month:02}/{:02}/2015 0{}:10:00 PM", day + n % 2, n % 9 + 1) };
        let _ = writeln!(
            text,
            "{},{open},{target},{closed},ONTIME,Request {},Kind {},DEP{},{} Elm St,Quarter {},42.3{:03},-71.0{:03}",
            101_000_000_000_u64 + n as u64,
            n % 90,
            n % 60,
            n % 12,
            n % 3_000,
            n % 22,
            n % 1_000,
            n % 997
        );
    }
    text
}

pub async fn run() -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a folder");
    let csv = folder.path().join("cases.csv");
    std::fs::write(&csv, file()).expect("a file");
    town::empty(folder.path(), None).await;
    let mapping = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../standards/mappings/boston_311.toml");
    let mut command = tokio::process::Command::new(binary());
    command.arg("--data").arg(folder.path()).args(["import", "cases"]).arg(&csv).arg("--mapping").arg(mapping);
    let began = Instant::now();
    let said = command.args(["--tenant", "town", "--create"]).env("LANG", "C.UTF-8").output().await.expect("the program runs");
    let lasted = began.elapsed();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let cases = raw::rows(folder.path(), "cases", "SELECT * FROM cases ORDER BY number", "");
    let facts = "SELECT tenant_id, id, command_id, ordinal, kind, kind_version, subject, subject_id, actor_id, on_behalf_of, place_id,
        organisation_id, happened_at, recorded_at, data FROM fact WHERE kind = 'case.imported' ORDER BY id";
    let tables = [cases, raw::rows(folder.path(), "fact", facts, "")];
    let fresh = tempfile::tempdir().expect("a folder");
    town::empty(fresh.path(), None).await;
    let raw = raw::per_second(fresh.path(), &tables, 64, Duration::from_secs(600));
    let ours = ROWS as f64 / lasted.as_secs_f64();
    println!(
        "import: {ROWS} rows in {:.1} s, {ours:.0}/s with the start of the program; raw {raw:.0}/s, 64 to a commit",
        lasted.as_secs_f64()
    );
    vec![Figure::at_least("import, beside raw 64 to a commit", ours / raw, 0.4, "≥ 0.4 ×", format!("{ours:.0}/s : {raw:.0}/s"))]
}
