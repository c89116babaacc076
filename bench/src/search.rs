//! Searching a large register by words, on both engines: a rare word, a frequent one, several, as a clerk and as a unit.

use crate::load::{Line, percentile};
use crate::program::Served;
use crate::raw;
use crate::town::{self, TENANT, Town};
use crate::{Figure, Size};
use rusqlite::types::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// How often each address is asked for.
const ROUNDS: usize = 25;
/// What a search must take at most, in milliseconds.
const BOUND: f64 = 30.0;

const COLUMNS: &str =
    "tenant_id, id, number, stage, open, source, category_id, place_id, place_path, community_id, compound_id, what, where_words,
    salt, unit_id, clock_start, due, yellow_at, reported_at, dispatched_at, ended_at, rework, late, hand_backs, assigned_finally,
    extensions, holds, disputed, on_spot, photos, version";

const THINGS: [&str; 24] = [
    "垃圾桶",
    "旧沙发",
    "纸箱",
    "电动车",
    "路灯",
    "井盖",
    "电梯",
    "消防通道",
    "绿化带",
    "宣传栏",
    "监控探头",
    "雨水篦子",
    "围挡",
    "健身器材",
    "单元门",
    "化粪池",
    "广告牌",
    "晾衣绳",
    "栏杆",
    "路面",
    "树枝",
    "建筑垃圾",
    "共享单车",
    "菜地",
];
const STATES: [&str; 20] = [
    "满溢没有清运",
    "堆放在楼道里影响通行",
    "破损需要更换",
    "不亮已有多日",
    "异响居民反映强烈",
    "被占用",
    "倾斜有安全隐患",
    "堵塞污水外溢",
    "乱停乱放",
    "脱落",
    "缺失",
    "积水",
    "私拉电线充电",
    "杂草丛生",
    "油污明显",
    "无人看管",
    "张贴小广告",
    "噪声扰民",
    "渗漏",
    "被遮挡",
];
const SPOTS: [&str; 16] = [
    "北门",
    "南门口",
    "车棚",
    "凉亭旁",
    "幼儿园西侧",
    "菜市场",
    "物业门口",
    "地下车库",
    "公交站",
    "河边步道",
    "小广场",
    "围墙外",
    "配电房",
    "楼顶",
    "天井",
    "二层平台",
];

/// One case of row `n`; each property by chance of its own. One in some thousand holds a word that hardly any other has.
fn case(town: &Town, n: i64, cases: i64, now: i64) -> Vec<Value> {
    let chance = |of: u64| {
        let mixed = (n.cast_unsigned() + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ of.wrapping_mul(0xD1B5_4A32_D192_ED03);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 32) as usize
    };
    let hour = 3_600_000_000_i64;
    let reported = now - (cases - n) * (3 * 365 * 24 * hour / cases);
    let open = n >= cases - 20_000;
    let at = chance(3) % town.compounds.len();
    let ((compound, path), (community, _)) = (&town.compounds[at], &town.communities[at / 3]);
    let thing = THINGS[chance(1) % THINGS.len()];
    let rare = if chance(2).is_multiple_of(20_000) { "，发现蟒蛇" } else { "" };
    let what = format!("小区内{thing}{}{rare}，请尽快处理。", STATES[chance(4) % STATES.len()]);
    let place = format!("{}号楼{}单元{}", chance(5) % 40 + 1, chance(6) % 6 + 1, SPOTS[chance(7) % SPOTS.len()]);
    let id = |n: i64| Value::Blob([n.to_be_bytes(), n.wrapping_mul(31).to_be_bytes()].concat());
    let dispatched = !open || !chance(8).is_multiple_of(20);
    vec![
        Value::Integer(TENANT.0),
        id(n + 1),
        Value::Integer(n + 1),
        Value::Text(
            if !open {
                "closed"
            } else if dispatched {
                "dispatched"
            } else {
                "reported"
            }
            .to_owned(),
        ),
        Value::Integer(open.into()),
        Value::Text("inspection".to_owned()),
        Value::Blob(town.categories[chance(9) % town.categories.len()].as_bytes().to_vec()),
        Value::Blob(compound.0.as_bytes().to_vec()),
        Value::Text(path.clone()),
        Value::Blob(community.0.as_bytes().to_vec()),
        Value::Blob(compound.0.as_bytes().to_vec()),
        Value::Text(what),
        Value::Text(place),
        Value::Blob(vec![7; 32]),
        Value::Blob(town.units[chance(10) % town.units.len()].0.as_bytes().to_vec()),
        Value::Integer(reported),
        Value::Integer(reported + 48 * hour),
        Value::Integer(reported + 44 * hour),
        Value::Integer(reported),
        if dispatched { Value::Integer(reported + hour) } else { Value::Null },
        if open { Value::Null } else { Value::Integer(reported + 30 * hour) },
        Value::Integer(0),
        Value::Integer(0),
        Value::Integer(0),
        Value::Integer(0),
        Value::Integer(0),
        Value::Integer(0),
        Value::Integer(0),
        Value::Integer(1),
        Value::Integer(2),
        Value::Integer(4),
    ]
}

/// What the unit answered, for every third case.
fn answer(n: i64) -> Vec<Value> {
    let id = |n: i64| Value::Blob([n.to_be_bytes(), n.wrapping_mul(31).to_be_bytes()].concat());
    let words = ["已清理干净", "已联系厂家维修，更换配件", "已劝导并恢复原状", "已安排保洁员每天巡查"][n as usize % 4];
    vec![
        Value::Integer(TENANT.0),
        id(n + 1),
        id(-n - 1),
        Value::Text("answer".to_owned()),
        Value::Text(words.to_owned()),
        Value::Blob(vec![7; 32]),
        Value::Integer(0),
    ]
}
const ANSWER: &str = "tenant_id, case_id, id, kind, words, salt, written_at";

fn places(columns: &str) -> String {
    (1..=columns.split(',').count()).map(|at| format!("?{at}")).collect::<Vec<_>>().join(", ")
}

fn fill_sqlite(data: &Path, town: &Town, cases: i64) {
    let now = kernel::World::system().now().0;
    raw::fill(data, &format!("INSERT INTO cases ({COLUMNS}) VALUES ({})", places(COLUMNS)), cases, |n| case(town, n, cases, now));
    raw::fill(data, &format!("INSERT INTO case_words ({ANSWER}) VALUES ({})", places(ANSWER)), cases / 3, |n| answer(n * 3));
}

/// A row as PostgreSQL reads it in VALUES.
fn literal(column: &str, value: &Value) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let truth = ["open", "late", "assigned_finally", "disputed", "on_spot"];
    match value {
        Value::Integer(number) if truth.contains(&column) => if *number == 1 { "TRUE" } else { "FALSE" }.to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => format!("'{text}'"),
        Value::Blob(bytes) if column == "salt" => format!("'\\x{}'", hex(bytes)),
        Value::Blob(bytes) => format!("'{}'", hex(bytes)),
        _ => "NULL".to_owned(),
    }
}

async fn fill_postgres(client: &tokio_postgres::Client, town: &Town, cases: i64) {
    let now = kernel::World::system().now().0;
    let insert = async |table: &str, columns: &str, rows: i64, make: &dyn Fn(i64) -> Vec<Value>| {
        let names: Vec<&str> = columns.split(',').map(str::trim).collect();
        let mut from = 0;
        while from < rows {
            let to = rows.min(from + 500);
            let row =
                |n| format!("({})", make(n).iter().zip(&names).map(|(value, name)| literal(name, value)).collect::<Vec<_>>().join(", "));
            let values = (from..to).map(row).collect::<Vec<_>>().join(",\n");
            client.batch_execute(&format!("INSERT INTO {table} ({columns}) VALUES {values}")).await.expect("rows");
            from = to;
        }
    };
    insert("cases", COLUMNS, cases, &|n| case(town, n, cases, now)).await;
    insert("case_words", ANSWER, cases / 3, &|n| answer(n * 3)).await;
    client.batch_execute("ANALYZE").await.expect("statistics");
}

/// Indexes what is there; documents a second.
async fn index(data: &Path, database: Option<&str>, cases: i64) -> f64 {
    let place = town::open(data, database).await;
    let app = product::compose::app(&place, product::compose::press(), None).expect("composes");
    let began = Instant::now();
    product::indexing::catch_up(&app, TENANT).await.expect("indexed");
    cases as f64 / began.elapsed().as_secs_f64()
}

async fn measure(served: &Served, town: &Town, engine: &str) -> Vec<Figure> {
    let asked = [
        ("a rare word", "蟒蛇"),
        ("no hit", "大象"),
        ("a frequent word", "小区"),
        ("one in ten", "垃圾"),
        ("one character", "灯"),
        ("two words", "垃圾桶 北门"),
        ("two frequent words", "小区 处理"),
        ("two that never meet", "井盖 电梯"),
        ("a rare one and a frequent one", "小区 蟒蛇"),
        ("a house and a state", "12号楼 满溢"),
        ("in answers alone", "更换配件"),
        ("a frequent word in answers alone", "清理干净"),
        ("written together", "路灯不亮北门"),
        ("a place and a word", "court 3.1 路灯"),
    ];
    let mut line = Line::open(&served.address).await;
    let (mut all, mut slowest) = (Vec::new(), Vec::new());
    for who in town.people.iter().filter(|person| ["clerk", "unit handler", "community"].contains(&person.name)) {
        for (kind, words) in asked {
            let address = format!("/t/town/search?q={}", access::http::encode(words));
            let (mut these, mut found) = (Vec::new(), 0);
            for round in 0..=ROUNDS {
                let sent = Instant::now();
                let answer = line.get(&address, &who.cookie).await;
                let taken = sent.elapsed();
                assert_eq!(answer.status, 200, "{address}: {}", answer.head);
                found = answer.body.matches("<td class=\"num\"").count();
                // The first reads what lies on the disk.
                if round > 0 {
                    these.push(taken);
                }
            }
            slowest.push((percentile(&these, 0.99), percentile(&these, 0.5), format!("{}, {kind}: {found} shown", who.name)));
            all.extend(these);
        }
    }
    slowest.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (last, middle, words) in &slowest {
        println!("  p99 {last:.1} ms, p50 {middle:.1} ms  {words}");
    }
    let worst = slowest.first().map(|(last, ..)| *last).unwrap_or(f64::NAN);
    let words = format!("all: p50 {:.1} ms, p99 {:.1} ms", percentile(&all, 0.5), percentile(&all, 0.99));
    vec![Figure::under(format!("search, {engine}, p99 of the slowest"), worst, BOUND, "ms", "< 30 ms", &words)]
}

fn size_mb(path: &Path) -> f64 {
    std::fs::metadata(path).map_or(0.0, |file| file.len() as f64 / 1e6)
}

pub async fn on_sqlite(size: Size) -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a folder");
    let town = Town::build(folder.path(), None, 300).await;
    fill_sqlite(folder.path(), &town, size.cases);
    let speed = index(folder.path(), None, size.cases).await;
    println!(
        "search, SQLite: {} cases indexed at {speed:.0}/s; {:.0} MB beside {:.0} MB",
        size.cases,
        size_mb(&folder.path().join("search.db")),
        size_mb(&folder.path().join("xiuhua.db"))
    );
    let served = Served::start(folder.path(), None).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let figures = measure(&served, &town, "SQLite").await;
    served.stop().await;
    figures
}

pub async fn on_postgres(size: Size, address: &str) -> Vec<Figure> {
    let (admin, connection) = tokio_postgres::connect(address, tokio_postgres::NoTls).await.expect("the PostgreSQL server");
    tokio::spawn(connection);
    admin.batch_execute("DROP DATABASE IF EXISTS xiuhua_bench_search").await.expect("no old database");
    admin.batch_execute("CREATE DATABASE xiuhua_bench_search").await.expect("a database");
    let url = address.replace("dbname=postgres", "dbname=xiuhua_bench_search");
    let folder = tempfile::tempdir().expect("a folder");
    let town = Town::build(folder.path(), Some(&url), 300).await;
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("the database");
    tokio::spawn(connection);
    fill_postgres(&client, &town, size.cases).await;
    let speed = index(folder.path(), Some(&url), size.cases).await;
    client.batch_execute("VACUUM ANALYZE search_doc").await.expect("statistics");
    let sizes = "SELECT pg_total_relation_size('search_doc')::bigint, pg_relation_size('search_doc_terms')::bigint, pg_total_relation_size('cases')::bigint";
    let row = client.query_one(sizes, &[]).await.expect("sizes");
    let mb = |at: usize| row.get::<_, i64>(at) as f64 / 1e6;
    println!(
        "search, PostgreSQL: {} cases indexed at {speed:.0}/s; {:.0} MB (its index {:.0} MB) beside {:.0} MB",
        size.cases,
        mb(0),
        mb(1),
        mb(2)
    );
    let served = Served::start(folder.path(), Some(&url)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let figures = measure(&served, &town, "PostgreSQL").await;
    served.stop().await;
    drop(client);
    admin.batch_execute("DROP DATABASE xiuhua_bench_search WITH (FORCE)").await.expect("the database goes");
    figures
}
