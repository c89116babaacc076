//! What the built program logs at `debug` while people log in, join and look at personal data: none of it.

use crate::{TENANT, town};
use access::account::{CreateAccount, ManageAccounts};
use access::{Actor, Role, Scope, passwords};
use kernel::World;
use product::config;
use product::first_start::as_system;
use product::installation::Installation;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use store::attachments::Policy;
use territory::organisations::{CreateOrganisation, OrganisationDetails};
use territory::{ManageTerritory, OrganisationKind};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

const PASSWORD: &str = "correct horse battery";
const WRONG: &str = "wrong horse battery";
const JOINER: &str = "13812345678";
const CONTACT: &str = "13987654321";

/// An installation with a clerk and a security administrator who are one person, and a unit with a contact.
async fn prepare(data: &Path, environment: &[(String, String)]) -> (kernel::ids::OrganisationId, String) {
    let loaded = config::load(data, None, environment).unwrap();
    let place = Installation::open(data, loaded, World::system(), Policy::default()).await.unwrap();
    let store = &place.store;
    store.migrate().await.unwrap();
    town(store).await;
    let by = Actor::system(TENANT).permit::<ManageTerritory>(&TENANT).unwrap();
    let details = OrganisationDetails {
        contact: Some("Chen Contact".into()),
        contact_phone: Some(CONTACT.into()),
        ..OrganisationDetails::named(OrganisationKind::PropertyCompany, "Company")
    };
    let unit = as_system(store, TENANT, CreateOrganisation { by, details }).await.unwrap();
    let hash = passwords::hash(PASSWORD.to_owned(), &World::system().entropy).await.unwrap();
    let account = CreateAccount {
        by: Actor::system(TENANT).permit::<ManageAccounts>(&TENANT).unwrap(),
        login: "wangclerk".into(),
        name: "Wang Clerk".into(),
        phone: None,
        password_hash: hash.clone(),
        must_change: false,
        roles: vec![(Role::Clerk, Scope::Tenant), (Role::SecurityAdmin, Scope::Tenant)],
    };
    as_system(store, TENANT, account).await.unwrap();
    (unit, hash)
}

/// One request; status, headers and body as text.
pub async fn ask(address: &str, method: &str, path: &str, cookie: &str, fields: &[(&str, &str)]) -> String {
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", access::http::encode(value))).collect();
    let body = body.join("&");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncookie: lang=en; {cookie}\r\ncontent-type: application/x-www-form-urlencoded\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

pub fn between<'t>(text: &'t str, before: &str, after: char) -> &'t str {
    text.split(before).nth(1).and_then(|rest| rest.split(after).next()).unwrap_or_else(|| panic!("no {before} in {text}"))
}

async fn live(address: &str, unit: kernel::ids::OrganisationId) -> Vec<String> {
    let name = ("name", "wangclerk");
    assert!(ask(address, "POST", "/login", "", &[name, ("password", WRONG)]).await.starts_with("HTTP/1.1 401"));
    let answer = ask(address, "POST", "/login", "", &[name, ("password", PASSWORD)]).await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let session = between(&answer, "session=", ';').to_owned();
    let cookie = format!("session={session}");
    let page = ask(address, "GET", "/t/town/invitations", &cookie, &[]).await;
    let csrf = between(&page, "name=\"csrf\" value=\"", '"').to_owned();
    let id = || World::system().new_id::<kernel::ids::CommandId>().to_string();
    let organisation = format!("organisation:{unit}");
    let (first, second, third) = (id(), id(), id());
    let fields = [("csrf", csrf.as_str()), ("command_id", &first), ("unit", &organisation), ("phone", JOINER)];
    let invited = ask(address, "POST", "/t/town/invitations", &cookie, &fields).await;
    // Nobody has said where people reach it: the link leads to where it listens.
    let token = between(&invited, &format!("http://{address}/j/town/"), '<').to_owned();
    let join = [("phone", JOINER), ("name", "Li Joiner"), ("password", PASSWORD)];
    assert!(ask(address, "POST", &format!("/j/town/{token}"), "", &join).await.starts_with("HTTP/1.1 303"));
    assert!(ask(address, "POST", "/login", "", &[("name", JOINER), ("password", PASSWORD)]).await.starts_with("HTTP/1.1 303"));
    let contact = [("csrf", csrf.as_str()), ("command_id", &second), ("reason", "other"), ("words", "secretive reason")];
    let seen = ask(address, "POST", &format!("/t/town/organisations/{unit}/contact"), &cookie, &contact).await;
    assert!(seen.starts_with("HTTP/1.1 200") && seen.contains(CONTACT), "{seen}");
    let list = ask(address, "GET", "/t/town/accounts", &cookie, &[]).await;
    let row = list.split("<tr>").find(|row| row.contains("138****5678")).expect("the joined account");
    let account = between(row, "/t/town/accounts/", '"').to_owned();
    let phone = [("csrf", csrf.as_str()), ("command_id", third.as_str()), ("reason", "call")];
    let seen = ask(address, "POST", &format!("/t/town/accounts/{account}/phone"), &cookie, &phone).await;
    assert!(seen.starts_with("HTTP/1.1 200") && seen.contains(JOINER), "{seen}");
    let fourth = id();
    let fields = [
        ("csrf", csrf.as_str()),
        ("command_id", &fourth),
        ("name", "Sync of Chen"),
        ("scope", "read"),
        ("days", "3"),
        ("present", PASSWORD),
    ];
    let made = ask(address, "POST", "/t/town/account/tokens", &cookie, &fields).await;
    let program = between(&made, "readonly>", '<').to_owned();
    let asked = ask(address, "GET", "/api/v1/t/town/me", &format!("x=y\r\nauthorization: Bearer {program}"), &[]).await;
    assert!(asked.starts_with("HTTP/1.1 200"), "{asked}");
    let (_, bits) = program.rsplit_once('_').unwrap();
    // What answers badly is logged as well.
    ask(address, "POST", "/login", "", &[("name", "%00"), ("password", "\u{0}")]).await;
    ask(address, "GET", &format!("/j/town/{token}"), "", &[]).await;
    let (_, secret) = session.split_once('.').unwrap();
    vec![secret.to_owned(), csrf, token, bits.to_owned(), "Sync of Chen".to_owned()]
}

async fn nothing_personal_is_logged(data: &Path, database: Option<&str>) {
    let environment: Vec<(String, String)> = database.iter().map(|url| ("XIUHUA_DATABASE_URL".to_owned(), (*url).to_owned())).collect();
    let (unit, hash) = prepare(data, &environment).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_xiuhua"));
    command.args(["--data", &data.display().to_string(), "serve", "--listen", "127.0.0.1:0"]);
    // As an operator might who looks for a fault, and asks for the driver by name.
    command.envs(environment).env("LANG", "C.UTF-8").env("XIUHUA_LOG", "debug,tokio_postgres=trace,tokio_postgres::query=trace");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().expect("the program starts");
    let logged = Arc::new(Mutex::new(String::new()));
    let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
    let kept = logged.clone();
    let reading = tokio::spawn(async move {
        while let Ok(Some(line)) = errors.next_line().await {
            kept.lock().unwrap().push_str(&format!("{line}\n"));
        }
    });
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = loop {
        let line = lines.next_line().await.unwrap().expect("it listens");
        if let Some((_, address)) = line.split_once("http://") {
            break address.trim().to_owned();
        }
    };
    let mut secrets = live(&address, unit).await;
    child.kill().await.unwrap();
    reading.await.unwrap();
    let logged = logged.lock().unwrap().clone();
    assert!(logged.contains("/t/{slug}/accounts/{id}/phone") && logged.contains("answered"), "the log has the requests: {logged}");
    secrets
        .extend([PASSWORD, WRONG, JOINER, CONTACT, "Chen Contact", "Li Joiner", "secretive reason", "wangclerk", &hash].map(str::to_owned));
    for secret in secrets {
        // As text, or as the bytes of a parameter.
        let bytes = secret.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
        let line = logged.lines().find(|line| line.contains(&secret) || line.contains(&bytes));
        assert!(line.is_none(), "{secret} is in the log: {line:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_personal_is_logged_at_debug_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    nothing_personal_is_logged(folder.path(), None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_personal_is_logged_at_debug_on_postgres() {
    let folder = tempfile::tempdir().unwrap();
    let db = store::testing::TestDb::new(store::testing::Engine::Postgres).await;
    let url = db.config.url.clone().expect("an address");
    nothing_personal_is_logged(folder.path(), Some(&url)).await;
    db.remove().await;
}
