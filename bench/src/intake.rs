//! Durable intake over HTTP: session, CSRF, validation, unit proposed, remembered result, fact, roll-up; the sealer runs.

use crate::load::{self, Taken};
use crate::program::Served;
use crate::raw::{self, Rows};
use crate::town::{TENANT, Town};
use crate::{Figure, Size};
use kernel::World;
use kernel::ids::CommandId;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

const LINES: usize = 64;

async fn report(served: &Served, town: &Town, lasting: Duration) -> Taken {
    let (clerk, world) = (town.clerk(), World::system());
    let csrf = access::http::encode(&clerk.csrf);
    let places: Vec<String> = town.compounds.iter().map(|(id, _)| id.to_string()).collect();
    let categories: Vec<String> = town.categories.iter().map(ToString::to_string).collect();
    let form = move |n: u64| {
        let id: CommandId = world.new_id();
        let at = n as usize;
        let (place, category) = (&places[at % places.len()], &categories[at % categories.len()]);
        format!("csrf={csrf}&command_id={id}&place={place}&category={category}&where_words=Stair+{n}&what=Boxes+in+the+way+{n}")
    };
    load::posts(&served.address, LINES, lasting, "/t/town/report", &clerk.cookie, 303, form).await
}

/// The rows of each reported case, in the order of their making.
fn written(data: &Path) -> Vec<Rows> {
    let cases = raw::rows(data, "cases", "SELECT * FROM cases ORDER BY number LIMIT 60000", "");
    let facts = "SELECT tenant_id, id, command_id, ordinal, kind, kind_version, subject, subject_id, actor_id, on_behalf_of, place_id,
        organisation_id, happened_at, recorded_at, data FROM fact WHERE kind = 'case.reported' ORDER BY id LIMIT 60000";
    let results = "SELECT * FROM command_result WHERE kind = 'case.report' ORDER BY command_id LIMIT 60000";
    // As they were appended; the server has added them up since.
    let deltas = "SELECT tenant_id, id, '2026-01-01' AS day, found_slot AS slot, IFNULL(community_id, zeroblob(16)) AS community_id,
        IFNULL(compound_id, zeroblob(16)) AS compound_id, IFNULL(unit_id, zeroblob(16)) AS unit_id,
        IFNULL(category_id, zeroblob(16)) AS category_id, source, IFNULL(cell / 268435456, -1) AS square, 1 AS found, 0 AS transferred, 0 AS recurring, 0 AS in_circulars,
        0 AS rectified, 0 AS with_deadline, 0 AS on_time, 0 AS rework, 0 AS extended, 0 AS held, 0 AS disputed, 0 AS upheld,
        0 AS on_spot, 0 AS self_checks, 0 AS called_back, 0 AS solved, 0 AS satisfied
        FROM cases ORDER BY number LIMIT 60000";
    vec![
        cases,
        raw::rows(data, "fact", facts, ""),
        raw::rows(data, "command_result", results, ""),
        raw::rows(data, "case_delta", deltas, ""),
    ]
}

async fn fresh() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    crate::town::empty(folder.path(), None).await;
    folder
}

pub async fn on_sqlite(size: Size) -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a folder");
    let town = Town::build(folder.path(), None, 60).await;
    let served = Served::start(folder.path(), None).await;
    report(&served, &town, Duration::from_secs(1)).await;
    let taken = report(&served, &town, size.seconds).await;
    // Until it is sealed and quiet, so that the raw engine has the machine to itself.
    tokio::time::sleep(Duration::from_secs(2)).await;
    served.stop().await;
    let rows = written(folder.path());
    let one = raw::per_second(fresh().await.path(), &rows, 1, size.seconds);
    let grouped = raw::per_second(fresh().await.path(), &rows, 64, size.seconds);
    let ours = taken.per_second();
    println!(
        "intake, SQLite: {ours:.0}/s over HTTP on {LINES} connections (p50 {:.1} ms, p99 {:.1} ms); raw {one:.0}/s one by one, {grouped:.0}/s 64 to a commit",
        taken.percentile(0.5),
        taken.percentile(0.99)
    );
    vec![
        Figure::at_least("intake, SQLite, beside raw one by one", ours / one, 2.0, "≥ 2 ×", format!("{ours:.0}/s : {one:.0}/s")),
        Figure::at_least(
            "intake, SQLite, beside raw 64 to a commit",
            ours / grouped,
            0.5,
            "≥ 0.5 ×",
            format!("{ours:.0}/s : {grouped:.0}/s"),
        ),
    ]
}

pub async fn on_postgres(size: Size, address: &str) -> Vec<Figure> {
    let (admin, connection) = tokio_postgres::connect(address, tokio_postgres::NoTls).await.expect("the PostgreSQL server");
    tokio::spawn(connection);
    admin.batch_execute("DROP DATABASE IF EXISTS xiuhua_bench").await.expect("no old database");
    admin.batch_execute("CREATE DATABASE xiuhua_bench").await.expect("a database");
    let url = address.replace("dbname=postgres", "dbname=xiuhua_bench");
    let folder = tempfile::tempdir().expect("a folder");
    let town = Town::build(folder.path(), Some(&url), 60).await;
    let served = Served::start(folder.path(), Some(&url)).await;
    report(&served, &town, Duration::from_secs(1)).await;
    let taken = report(&served, &town, size.seconds).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    served.stop().await;
    let script = folder.path().join("pgbench.sql");
    std::fs::write(&script, pgbench_script(&url).await).expect("a script");
    let raw = pgbench(&url, &script, size.seconds).await;
    admin.batch_execute("DROP DATABASE xiuhua_bench WITH (FORCE)").await.expect("the database goes");
    let ours = taken.per_second();
    println!("intake, PostgreSQL: {ours:.0}/s over HTTP on {LINES} connections (p99 {:.1} ms); pgbench {raw:.0}/s", taken.percentile(0.99));
    vec![Figure::at_least("intake, PostgreSQL, beside pgbench", ours / raw, 0.5, "≥ 0.5 ×", format!("{ours:.0}/s : {raw:.0}/s"))]
}

/// One case and its fact, as they stand, with ids and numbers of its own each time.
async fn pgbench_script(url: &str) -> String {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the database");
    tokio::spawn(connection);
    let mut text = String::from("\\set n random(1000000, 9000000000000000)\nBEGIN;\n");
    for (table, filter) in [("cases", "stage = 'reported'"), ("fact", "kind = 'case.reported'")] {
        let columns = client
            .query("SELECT column_name::text FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position", &[&table])
            .await
            .expect("columns");
        let columns: Vec<String> = columns.iter().map(|row| row.get(0)).collect();
        let mut values = Vec::new();
        for column in &columns {
            let query = format!("SELECT quote_nullable({column}::text) FROM {table} WHERE tenant_id = {TENANT} AND {filter} LIMIT 1");
            let kept: String = client.query_one(&query, &[]).await.expect("a row").get(0);
            values.push(match column.as_str() {
                "id" | "command_id" | "subject_id" => "gen_random_uuid()".to_owned(),
                "number" => ":n".to_owned(),
                "position" => "NULL".to_owned(),
                // A colon before a letter would be one of its variables to pgbench.
                _ => kept.replace("\":", "\": "),
            });
        }
        text.push_str(&format!("INSERT INTO {table} ({}) VALUES ({});\n", columns.join(", "), values.join(", ")));
    }
    text.push_str("COMMIT;\n");
    text
}

async fn pgbench(url: &str, script: &Path, lasting: Duration) -> f64 {
    let program = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin/pgbench"))
        .find(|path| path.exists())
        .unwrap_or_else(|| "pgbench".into());
    let said = tokio::process::Command::new(program)
        .args(["-n", "-M", "prepared", "-c", "64", "-j", "2", "-T", &lasting.as_secs().to_string(), "-f"])
        .arg(script)
        .arg(url)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("pgbench runs; it comes with the package postgresql");
    let said = String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned();
    let line = said.lines().find_map(|line| line.strip_prefix("tps = ")).unwrap_or_else(|| panic!("pgbench says no tps: {said}"));
    line.split(' ').next().and_then(|digits| digits.parse().ok()).expect("a number")
}
