//! Signing in by OpenID Connect, the built program against a certified provider, each in a process of its own.

use super::figures::free;
use super::logs::{ask, between};
use super::{Prepared, TENANT, open};
use access::account::CreateAccount;
use access::{Actor, Role, Scope, session, totp};
use kernel::World;
use kernel::ids::CommandId;
use product::first_start::as_system;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use web::{Lang, Words};

/// A provider that sends people back to the program at this address.
async fn provider(port: u16, address: &str) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../e2e/lib/provider.js");
    let back = |id: &str| format!("http://{address}/login/oidc/{id}/back");
    let mut command = Command::new("node");
    command.arg(script).args([port.to_string(), back("city"), back("county")]).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = command.kill_on_drop(true).spawn().expect("node runs; it comes with Node 20");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let said = lines.next_line().await.expect("reads").expect("the provider starts; `npm ci` in e2e installs what it needs");
    assert_eq!(said, "READY");
    // What it says later is not read, and must not end it.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    child
}

/// One request without following anything; the whole answer.
async fn raw(url: &str, method: &str, cookies: &str) -> String {
    let (host, path) = url.strip_prefix("http://").expect("http").split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).await.expect("somebody listens");
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\ncookie: lang=en; {cookies}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("sends");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("reads");
    String::from_utf8_lossy(&answer).into_owned()
}

fn header<'t>(answer: &'t str, name: &str) -> Option<&'t str> {
    answer.lines().take_while(|line| !line.is_empty()).find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// Somebody's browser, between the program and the provider.
struct Browser<'a> {
    address: &'a str,
    provider: String,
    cookie: String,
}

impl Browser<'_> {
    /// Leaves by a form of ours, is let in by the provider, and comes to the address that it sends people back to.
    async fn away(&mut self, path: &str, session: &str, fields: &[(&str, &str)]) -> String {
        let page = ask(self.address, "POST", path, session, fields).await;
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        self.cookie = format!("oidc={}", between(&page, "oidc=", ';'));
        assert!(page.contains("HttpOnly") && page.contains("SameSite=Lax"), "{page}");
        let mut url = header(&page, "refresh").and_then(|refresh| refresh.strip_prefix("0;url=")).expect("leads on").to_owned();
        let mut jar = BTreeMap::new();
        for _ in 0..8 {
            if url.starts_with(&format!("http://{}/", self.address)) {
                return url;
            }
            let cookies = jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
            let answer = raw(&url, "GET", &cookies).await;
            for line in answer.lines().filter(|line| line.to_ascii_lowercase().starts_with("set-cookie: ")) {
                let (name, rest) = line["set-cookie: ".len()..].split_once('=').expect("a cookie");
                jar.insert(name.to_owned(), rest.split(';').next().unwrap_or_default().to_owned());
            }
            let to = header(&answer, "location").unwrap_or_else(|| panic!("no way on: {answer}"));
            url = if to.starts_with('/') { format!("{}{to}", self.provider) } else { to.to_owned() };
        }
        panic!("the provider never sends anybody back");
    }
    async fn back(&self, url: &str, session: &str) -> String {
        raw(url, "GET", &format!("{}; {session}", self.cookie)).await
    }
    async fn log_in(&mut self, id: &str) -> String {
        let url = self.away(&format!("/login/oidc/{id}"), "", &[("next", "/t/town/account")]).await;
        self.back(&url, "").await
    }
    /// Who the provider lets in from now on.
    async fn is(&self, who: &str) {
        assert!(raw(&format!("{}/as/{who}", self.provider), "POST", "").await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_linked_logs_in_by_a_provider_and_nobody_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let prepared = Prepared::new(folder.path(), None).await;
    let port = free().port();
    let entry = |id: &str, client: &str, more: &str| {
        format!("[[oidc]]\nid = \"{id}\"\nname = \"{id} log-in\"\nissuer = \"http://127.0.0.1:{port}\"\nclient_id = \"{client}\"\n{more}\n")
    };
    let text = entry("city", "basic", "secret_file = \"city-secret\"") + &entry("county", "public", "claim = \"staff_number\"");
    std::fs::write(folder.path().join("xiuhua.toml"), text).unwrap();
    std::fs::write(folder.path().join("city-secret"), "a secret: with + signs & more\n").unwrap();
    let installation = open(folder.path(), &[]).await;
    let system = Actor::system(TENANT);
    let admin = CreateAccount {
        by: system.permit(&TENANT).unwrap(),
        login: "admin".into(),
        name: "A".into(),
        phone: None,
        password_hash: "never".into(),
        must_change: false,
        roles: vec![(Role::SystemAdmin, Scope::Tenant)],
    };
    let admin = as_system(&installation.store, TENANT, admin).await.unwrap();
    let admin = access::account::by_id(&installation.store, TENANT, admin).await.unwrap();
    let admin = session::begin(&installation.store, &admin, "test", "full").await.unwrap();
    let inspector = access::account::by_login(&installation.store, "inspector").await.unwrap().unwrap();

    let (mut child, address) = prepared.serve(&[]).await;
    let words = |key: &str| Words::of(Lang::English).with(key, &[("name", "city log-in".to_owned())]).into_owned();
    let refused = |answer: &str, key: &str| {
        assert!(answer.starts_with("HTTP/1.1 401") && answer.contains(&words(key)) && !answer.contains("session="), "{key}: {answer}");
    };
    let page = ask(&address, "GET", "/login", "", &[]).await;
    assert!(page.contains("/login/oidc/city") && page.contains(&words("oidc-login-button")), "{page}");
    // The provider is not there yet: said in words, and the password still does.
    let page = ask(&address, "POST", "/login/oidc/city", "", &[]).await;
    assert!(page.starts_with("HTTP/1.1 503") && page.contains(&words("error-oidc-provider_unreachable")), "{page}");
    assert!(ask(&address, "POST", "/login/oidc/village", "", &[]).await.starts_with("HTTP/1.1 404"));
    let _provider = provider(port, &address).await;
    let mut browser = Browser { address: &address, provider: format!("http://127.0.0.1:{port}"), cookie: String::new() };

    // Nobody is made an account or taken for somebody.
    browser.is("u7").await;
    refused(&browser.log_in("city").await, "error-oidc-not_linked");

    // The person links; from then on the identity logs in.
    let session = format!("session={}", prepared.cookie);
    let id = || World::system().new_id::<CommandId>().to_string();
    let command = id();
    let fields = [("csrf", prepared.csrf.as_str()), ("command_id", command.as_str())];
    assert!(ask(&address, "POST", "/t/town/account/oidc/city", &session, &[fields[1], ("csrf", "x")]).await.starts_with("HTTP/1.1 403"));
    let url = browser.away("/t/town/account/oidc/city", &session, &fields).await;
    // What came back to somebody else links nothing.
    let other = format!("session={}", admin.to_cookie());
    assert!(browser.back(&url, &other).await.starts_with("HTTP/1.1 401"));
    let url = browser.away("/t/town/account/oidc/city", &session, &fields).await;
    let linked = browser.back(&url, &session).await;
    assert!(linked.starts_with("HTTP/1.1 303") && header(&linked, "location") == Some("/t/town/account"), "{linked}");
    let inside = browser.log_in("city").await;
    assert!(inside.starts_with("HTTP/1.1 303") && header(&inside, "location") == Some("/t/town/account"), "{inside}");
    let own = ask(&address, "GET", "/t/town/account", &format!("session={}", between(&inside, "session=", ';')), &[]).await;
    assert!(own.starts_with("HTTP/1.1 200") && own.contains(&words("oidc-linked")), "{own}");

    // An answer is good once, in the browser that asked, with its own state.
    let url = browser.away("/login/oidc/city", "", &[]).await;
    refused(&raw(&url, "GET", "").await, "error-oidc-state");
    refused(&raw(&url, "GET", &format!("oidc={}", "0".repeat(64))).await, "error-oidc-state");
    refused(&browser.back(&url.replace("state=", "state=0"), "").await, "error-oidc-state");
    refused(&browser.back(&url.replace("/city/", "/county/"), "").await, "error-oidc-state");
    assert!(browser.back(&url, "").await.starts_with("HTTP/1.1 303"));
    refused(&browser.back(&url, "").await, "error-oidc-state");
    // A code of another log-in, or another provider's answer, is refused by what was asked.
    let first = browser.away("/login/oidc/city", "", &[]).await;
    let second = browser.away("/login/oidc/city", "", &[]).await;
    let code = |url: &str| between(url, "code=", '&').to_owned();
    refused(&browser.back(&second.replace(&code(&second), &code(&first)), "").await, "error-oidc-refused");
    let url = browser.away("/login/oidc/city", "", &[]).await;
    refused(&browser.back(&url.replace("iss=http", "iss=https"), "").await, "error-oidc-refused");

    // Somebody else, and nobody.
    browser.is("mallory").await;
    refused(&browser.log_in("city").await, "error-oidc-not_linked");
    browser.is("").await;
    refused(&browser.log_in("city").await, "error-oidc-refused");

    // Another provider, without a secret and with keys of the other kind, whose identity an administrator links.
    let (command, csrf) = (id(), admin.csrf());
    let fields = [("csrf", csrf.as_str()), ("command_id", command.as_str()), ("provider", "county"), ("subject", "n-u8")];
    let path = format!("/t/town/accounts/{}/oidc", inspector.id);
    assert!(
        ask(&address, "POST", &path, &session, &[("csrf", &prepared.csrf), fields[1], fields[2], fields[3]])
            .await
            .starts_with("HTTP/1.1 403")
    );
    assert!(ask(&address, "POST", &path, &other, &fields).await.starts_with("HTTP/1.1 303"));
    let again = id();
    let taken = ask(&address, "POST", &path, &other, &[fields[0], ("command_id", &again), fields[2], fields[3]]).await;
    assert!(taken.starts_with("HTTP/1.1 409") && taken.contains(&words("error-oidc-link_taken")), "{taken}");
    browser.is("u8").await;
    assert!(browser.log_in("county").await.starts_with("HTTP/1.1 303"));
    refused(&browser.log_in("city").await, "error-oidc-not_linked");

    // The second step is asked for, unless the provider has asked for one.
    let secret = totp::new_secret(&World::system().entropy);
    let code = totp::code_at(&secret, World::system().now()).unwrap();
    let confirm = totp::ConfirmTotp { tenant: TENANT, account: inspector.id, secret, code };
    as_system(&installation.store, TENANT, confirm).await.unwrap();
    let asked = browser.log_in("county").await;
    assert!(asked.starts_with("HTTP/1.1 200") && asked.contains("action=\"/login/code\""), "{asked}");
    let half = format!("session={}", between(&asked, "session=", ';'));
    assert!(ask(&address, "GET", "/t/town/account", &half, &[]).await.starts_with("HTTP/1.1 303"), "half a log-in opens nothing");
    browser.is("u8?mfa").await;
    assert!(browser.log_in("county").await.starts_with("HTTP/1.1 303"));

    // Unlinked, it is over.
    let (command, fresh) = (id(), between(&browser.log_in("county").await, "session=", ';').to_owned());
    let token = session::Token::from_cookie(&fresh).unwrap();
    let fields = [("csrf", &*token.csrf()), ("command_id", &*command)];
    let unlinked = ask(&address, "POST", "/t/town/account/oidc/county/remove", &format!("session={fresh}"), &fields).await;
    assert!(unlinked.starts_with("HTTP/1.1 303"), "{unlinked}");
    assert!(browser.log_in("county").await.starts_with("HTTP/1.1 401"));
    child.kill().await.unwrap();

    // What is kept tells nobody's identity, and each link is a fact.
    let facts =
        store::Query::from("SELECT kind FROM fact WHERE tenant_id = :tenant").bind("tenant", TENANT).then("ORDER BY recorded_at, ordinal");
    let kinds: Vec<_> = installation.store.query::<(String,)>(facts).await.unwrap().into_iter().map(|(kind,)| kind).collect();
    let links: Vec<_> = kinds.iter().filter(|kind| kind.contains("oidc")).collect();
    assert_eq!(links, ["account.oidc_linked", "account.oidc_linked", "account.oidc_unlinked"]);
}
