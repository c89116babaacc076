//! The built program from outside: killed under load, its database stopped at once, and watched while it answers.
//!
//! `XIUHUA_KILLS` says how often it is killed; `make torture` sets 50.

mod command_line;
mod figures;
mod floods;
mod logs;
mod oidc;
mod stopping;
mod traces;

use access::account::CreateAccount;
use access::{Actor, Role, Scope, session};
use kernel::ids::{CommandId, PlaceId};
use kernel::{Entropy, TenantId, World};
use product::first_start::as_system;
use product::installation::Installation;
use product::{compose, config};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::attachments::Policy;
use store::journal;
use store::{Query, Store};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

const TENANT: TenantId = TenantId(1);
const WRITERS: usize = 8;

/// A town and the ground that it stands on; its own place.
async fn town(store: &Store) -> PlaceId {
    let tenant = access::account::CreateTenant {
        id: TENANT,
        slug: "town".into(),
        kind: "sub_district".into(),
        parent: None,
        code: None,
        name: "T".into(),
        name_en: None,
        zone: "Asia/Shanghai".into(),
    };
    as_system(store, TENANT, tenant).await.unwrap();
    let ground = territory::setup::PrepareTerritory {
        by: Actor::system(TENANT).permit(&TENANT).unwrap(),
        level: territory::Level::SubDistrict,
        kind: None,
        name: "T".into(),
        code: None,
        zone: "Asia/Shanghai".into(),
    };
    as_system(store, TENANT, ground).await.unwrap()
}

/// An installation with one inspector, logged in.
struct Prepared {
    data: PathBuf,
    environment: Vec<(String, String)>,
    cookie: String,
    csrf: String,
    place: PlaceId,
}

impl Prepared {
    async fn new(data: &Path, database: Option<&str>) -> Prepared {
        let environment: Vec<(String, String)> = database.iter().map(|url| ("XIUHUA_DATABASE_URL".to_owned(), (*url).to_owned())).collect();
        let installation = open(data, &environment).await;
        let store = &installation.store;
        store.migrate().await.unwrap();
        let place = town(store).await;
        let system = Actor::system(TENANT);
        let account = CreateAccount {
            by: system.permit(&TENANT).unwrap(),
            login: "inspector".into(),
            name: "I".into(),
            phone: None,
            password_hash: "never".into(),
            must_change: false,
            roles: vec![(Role::Inspector, Scope::Tenant)],
        };
        let account = as_system(store, TENANT, account).await.unwrap();
        let row = access::account::by_id(store, TENANT, account).await.unwrap();
        let token = session::begin(store, &row, "test", "full").await.unwrap();
        Prepared { data: data.to_owned(), environment, cookie: token.to_cookie(), csrf: token.csrf(), place }
    }

    async fn serve(&self, through: &[&str]) -> (Child, String) {
        let mut words: Vec<String> = through.iter().map(|word| (*word).to_owned()).collect();
        words.extend([env!("CARGO_BIN_EXE_xiuhua"), "--data"].map(str::to_owned));
        words.push(self.data.display().to_string());
        words.extend(["serve", "--listen", "127.0.0.1:0"].map(str::to_owned));
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).envs(self.environment.clone()).env("LANG", "C.UTF-8").env("XIUHUA_LOG", "error");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some((_, address)) = line.split_once("http://") {
                let address = address.trim().to_owned();
                // What it prints later is not read, and must not block it.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return (child, address);
            }
        }
        panic!("the program ended before it listened");
    }

    /// Reports a problem; the answer's status, or nothing when the connection broke.
    async fn report(&self, address: &str, id: CommandId, what: &str) -> Option<u16> {
        let text = self.answer_to_report(address, id, what).await?;
        text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }

    /// The whole answer.
    async fn answer_to_report(&self, address: &str, id: CommandId, what: &str) -> Option<String> {
        let body = format!("csrf={}&command_id={id}&place={}&what={what}", access::http::encode(&self.csrf), self.place);
        let request = format!(
            "POST /t/town/report HTTP/1.1\r\nhost: {address}\r\ncookie: session={}\r\ncontent-type: application/x-www-form-urlencoded\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            self.cookie,
            body.len()
        );
        let mut stream = TcpStream::connect(address).await.ok()?;
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        Some(String::from_utf8_lossy(&answer).into_owned())
    }

    /// How often each reported text is in the register.
    async fn register(&self) -> BTreeMap<String, usize> {
        let installation = open(&self.data, &self.environment).await;
        let rows = Query::from("SELECT what FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT);
        let mut found = BTreeMap::new();
        for (what,) in installation.store.query::<(String,)>(rows).await.unwrap() {
            *found.entry(what).or_default() += 1;
        }
        found
    }

    async fn verify(&self) {
        let installation = open(&self.data, &self.environment).await;
        let checks = compose::state_checks(&installation);
        let report = journal::verify(&installation.store, &installation.signer, TENANT, &[], &checks).await.unwrap();
        let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert!(report.is_clean(), "{findings:?}");
    }
}

async fn open(data: &Path, environment: &[(String, String)]) -> Installation {
    let loaded = config::load(data, None, environment).unwrap();
    Installation::open(data, loaded, World::system(), Policy::default()).await.unwrap()
}

type Sent = Arc<Mutex<Vec<(CommandId, String, bool)>>>;

/// Writers that report until the connection breaks; what they sent, and whether it was acknowledged.
fn write(prepared: &Arc<Prepared>, address: &str, round: usize, writers: usize) -> (Sent, Vec<tokio::task::JoinHandle<()>>) {
    let sent: Sent = Arc::default();
    let world = World::system();
    let writers = (0..writers).map(|writer| {
        let (sent, prepared, address, world) = (sent.clone(), prepared.clone(), address.to_owned(), world.clone());
        tokio::spawn(async move {
            for turn in 0.. {
                let (id, what): (CommandId, _) = (world.new_id(), format!("r{round}w{writer}t{turn}"));
                sent.lock().unwrap().push((id, what.clone(), false));
                match prepared.report(&address, id, &what).await {
                    Some(303) => sent.lock().unwrap().iter_mut().filter(|one| one.0 == id).for_each(|one| one.2 = true),
                    // The database is gone: what was sent may or may not be there.
                    Some(503) => return,
                    Some(status) => panic!("answered {status}"),
                    None => return,
                }
            }
        })
    });
    let writers = writers.collect();
    (sent, writers)
}

/// Every acknowledged one is there once, and what was not acknowledged is there once after it is sent again.
async fn hold_to_account(prepared: &Arc<Prepared>, sent: &Sent) -> usize {
    let all = sent.lock().unwrap().clone();
    let found = prepared.register().await;
    for (_, what, acknowledged) in &all {
        let times = found.get(what).copied().unwrap_or(0);
        assert!(times == 1 || (times == 0 && !acknowledged), "{what} is there {times} times, acknowledged: {acknowledged}");
    }
    let (mut child, address) = prepared.serve(&[]).await;
    for (id, what, _) in all.iter().filter(|(.., acknowledged)| !acknowledged) {
        assert_eq!(prepared.report(&address, *id, what).await, Some(303), "{what}");
    }
    child.kill().await.unwrap();
    let found = prepared.register().await;
    assert!(all.iter().all(|(_, what, _)| found.get(what) == Some(&1)));
    all.iter().filter(|(.., acknowledged)| *acknowledged).count()
}

fn kills() -> usize {
    std::env::var("XIUHUA_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load_it_keeps_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let prepared = Arc::new(Prepared::new(folder.path(), None).await);
    let chance = Entropy::system();
    let mut acknowledged = 0;
    for round in 0..kills() {
        let (mut child, address) = prepared.serve(&[]).await;
        let (sent, writers) = write(&prepared, &address, round, WRITERS);
        tokio::time::sleep(Duration::from_millis(50 + chance.below(400))).await;
        child.kill().await.unwrap();
        futures::future::try_join_all(writers).await.unwrap();
        acknowledged += hold_to_account(&prepared, &sent).await;
        prepared.verify().await;
    }
    println!("killed {} times; {acknowledged} acknowledged cases were all there", kills());
    assert!(acknowledged > 0);
}

/// A PostgreSQL that flushes, in a folder of its own.
fn postgres(folder: &Path, what: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/test-postgres");
    let mut command = std::process::Command::new(script);
    command.arg(what).env("XIUHUA_TEST_POSTGRES_FOLDER", folder.join("postgres")).env("XIUHUA_TEST_POSTGRES_DURABLE", "yes");
    let said = command.stderr(Stdio::inherit()).output().unwrap();
    assert!(said.status.success(), "test-postgres {what}");
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_postgresql_stopped_at_once_it_keeps_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    std::process::Command::new("chmod").args(["a+rx"]).arg(folder.path()).status().unwrap();
    let url = postgres(folder.path(), "start");
    let prepared = Arc::new(Prepared::new(&folder.path().join("data"), Some(&url)).await);
    let mut acknowledged = 0;
    for round in 0..kills().min(5) {
        let (mut child, address) = prepared.serve(&[]).await;
        let (sent, writers) = write(&prepared, &address, round, WRITERS);
        tokio::time::sleep(Duration::from_millis(400)).await;
        postgres(folder.path(), "crash");
        // Commands under way wait for the database and go on, so nobody's writing ends by itself.
        tokio::time::sleep(Duration::from_millis(400)).await;
        child.kill().await.unwrap();
        futures::future::try_join_all(writers).await.unwrap();
        acknowledged += hold_to_account(&prepared, &sent).await;
        prepared.verify().await;
    }
    postgres(folder.path(), "stop");
    println!("PostgreSQL stopped at once {} times; {acknowledged} acknowledged cases were all there", kills().min(5));
    assert!(acknowledged > 0);
}

/// A killed process keeps what the kernel has: only the order of system calls shows that the disk has it too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flush_to_disk_precedes_each_answer() {
    let folder = tempfile::tempdir().unwrap();
    let prepared = Prepared::new(&folder.path().join("data"), None).await;
    let log = folder.path().join("calls");
    let calls = "trace=fsync,fdatasync,write,writev,sendto,sendmsg";
    let (mut child, address) = prepared.serve(&["strace", "-f", "-s", "16", "-e", calls, "-o", &log.display().to_string()]).await;
    let world = World::system();
    for turn in 0..5 {
        // What the start, the sealer and earlier requests flushed is done by now.
        tokio::time::sleep(Duration::from_millis(1200)).await;
        let before = std::fs::read_to_string(&log).unwrap().len();
        assert_eq!(prepared.report(&address, world.new_id(), &format!("t{turn}")).await, Some(303));
        tokio::time::sleep(Duration::from_millis(100)).await;
        let since = std::fs::read_to_string(&log).unwrap()[before..].to_owned();
        let lines: Vec<&str> = since.lines().collect();
        let answer = lines.iter().position(|line| line.contains("HTTP/1.1 303")).expect("the answer is among the calls");
        let flushed = |line: &&str| line.contains("sync") && line.trim_end().ends_with("= 0");
        assert!(lines[..answer].iter().any(flushed), "no flush before the answer:\n{since}");
    }
    child.kill().await.unwrap();
    // The tracer is gone; what it traced ends with it.
    let _ = std::process::Command::new("pkill").args(["-f", &prepared.data.display().to_string()]).status();
}
