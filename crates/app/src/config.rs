//! Configuration: one TOML file, over it the environment, and what is in force with its origin.

use crate::providers::Oidc;
use access::client::Network;
use kernel::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// The file is not TOML, or holds a setting that does not exist or is of another kind; `detail` says which.
pub const BAD: Code = Code::invalid("config.bad");
/// The named file cannot be read.
pub const UNREADABLE: Code = Code::invalid("config.unreadable");

/// The name of the file in the data folder.
pub const FILE: &str = "xiuhua.toml";

/// What is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where people reach it from outside, for QR codes and links in messages; no slash at the end.
    pub public_url: String,
    /// `language`, for what the command line prints; `auto` follows the terminal.
    pub language: String,
    /// As `RUST_LOG` writes it.
    pub log: String,
    pub database: Database,
    pub journal: Journal,
    pub web: Web,
    pub access: Access,
    pub metrics: Metrics,
    pub telemetry: Telemetry,
    pub map: Map,
    /// Providers by which people may log in, in the order of their buttons.
    pub oidc: Vec<Oidc>,
    pub tenant: Tenant,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `postgres://…`; empty is SQLite in the data folder.
    pub url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Journal {
    /// The key that signs tree heads; relative to the data folder.
    pub key: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// Cookies only over TLS; on wherever people come by `https`.
    pub secure_cookies: bool,
    /// The largest request that is read, in bytes; photos are sent several at a time.
    pub most_bytes: usize,
    /// A request is answered within this many seconds, with an apology if need be.
    pub most_seconds: u64,
    /// So many seconds after it was told to stop requests are taken yet, while `/health/ready` says no: a load balancer has to notice.
    pub leave_seconds: u64,
    /// So many requests a minute are answered for each API token.
    pub api_requests_a_minute: u32,
    /// Proxies in front of the server, as addresses or blocks (`10.0.0.0/8`): only their `X-Forwarded-For` says where a
    /// request comes from.
    pub trusted_proxies: Vec<Network>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Access {
    /// System, security and audit administrators are three people.
    pub separate_administrators: bool,
}

/// Figures of operation for Prometheus.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Where `/metrics` is answered, apart from the pages; empty nowhere. Whoever reaches it reads it: an inner address.
    pub listen: Listen,
}

/// Traces for OpenTelemetry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// Where spans are sent, whole (`https://collector.example/v1/traces`); over `http` on this very machine alone. Empty sends none.
    pub endpoint: String,
    /// So many requests of a hundred are followed.
    pub percent: u8,
}

impl Default for Telemetry {
    fn default() -> Self {
        Telemetry { endpoint: String::new(), percent: 100 }
    }
}

/// What lies below the map of cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Map {
    /// `none`, `xyz`, `tianditu` or `pmtiles`.
    pub base: String,
    /// For `xyz`: the address of a picture, with `{z}`, `{x}` and `{y}` in it.
    pub url: String,
    /// Whom the map is owed to, shown on it.
    pub attribution: String,
    /// For `tianditu`: the key for browsers; whoever sees the map can read it.
    pub key: String,
    /// For `pmtiles`: the file; relative to the data folder.
    pub file: PathBuf,
}

impl Default for Map {
    fn default() -> Self {
        Map { base: "none".to_owned(), url: String::new(), attribution: String::new(), key: String::new(), file: PathBuf::new() }
    }
}

/// An address to listen at, or none: then it is the empty text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Listen(pub Option<SocketAddr>);

impl TryFrom<String> for Listen {
    type Error = std::net::AddrParseError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = text.trim();
        if text.is_empty() { Ok(Listen(None)) } else { text.parse().map(|address| Listen(Some(address))) }
    }
}

impl From<Listen> for String {
    fn from(listen: Listen) -> String {
        listen.0.map_or_else(String::new, |address| address.to_string())
    }
}

/// The tenant that the first start makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tenant {
    /// In addresses: `/t/{slug}/…`; it lasts, as printed QR codes depend on it.
    pub slug: String,
    /// Empty shows the slug.
    pub name: String,
    /// `sub_district`, `town` or `district`.
    pub kind: String,
    /// Statistical code of 12 digits; empty where there is none.
    pub code: String,
    pub zone: String,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: "http://127.0.0.1:8080".to_owned(),
            language: "auto".to_owned(),
            log: "info".to_owned(),
            database: Database::default(),
            journal: Journal::default(),
            web: Web::default(),
            access: Access::default(),
            metrics: Metrics::default(),
            telemetry: Telemetry::default(),
            map: Map::default(),
            oidc: Vec::new(),
            tenant: Tenant::default(),
        }
    }
}

impl Default for Journal {
    fn default() -> Self {
        Journal { key: PathBuf::from("journal.key") }
    }
}

impl Default for Web {
    fn default() -> Self {
        Web {
            secure_cookies: false,
            most_bytes: 64 << 20,
            most_seconds: 30,
            leave_seconds: 0,
            api_requests_a_minute: 600,
            trusted_proxies: Vec::new(),
        }
    }
}

impl Default for Tenant {
    fn default() -> Self {
        Tenant {
            slug: "office".to_owned(),
            name: String::new(),
            kind: "sub_district".to_owned(),
            code: String::new(),
            zone: "Asia/Shanghai".to_owned(),
        }
    }
}

/// Where a setting came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Default,
    File,
    Environment,
}

/// The configuration with the origin of each setting, by dotted name (`database.url`).
#[derive(Debug, Clone)]
pub struct Loaded {
    pub config: Config,
    pub origins: BTreeMap<String, Origin>,
}

/// Settings that hold a secret as a whole, or, as an address, in its password.
const SECRET: &[&str] = &["database.url"];
/// Settings that are a secret from their beginning, or from the `?` of an address on.
const KEYS: &[&str] = &["map.key", "map.url"];
const STARS: &str = "•••";

/// Reads the file (the given one must be there, the data folder's need not) and the environment.
///
/// Errors: [`UNREADABLE`], [`BAD`].
pub fn load(data: &Path, file: Option<&Path>, environment: &[(String, String)]) -> Result<Loaded> {
    let (path, demanded) = file.map_or_else(|| (data.join(FILE), false), |file| (file.to_owned(), true));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        // A data folder that is none is spoken of where it is opened.
        Err(error) if !demanded && matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            String::new()
        }
        Err(error) => return Err(UNREADABLE.err().arg("file", path.display()).detail(error)),
    };
    let bad = |detail: &dyn std::fmt::Display| BAD.err().arg("file", path.display()).detail(detail);
    let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| bad(&error))?;
    let defaults = toml::Table::try_from(Config::default()).map_err(Error::internal)?;
    let mut origins: BTreeMap<String, Origin> = BTreeMap::new();
    for (name, default) in flat(&defaults) {
        let variable = variable(&name);
        let given = environment.iter().find(|(known, _)| *known == variable).map(|(_, value)| value.as_str());
        let origin = match given {
            Some(value) => {
                let value = typed(value, &default)
                    .ok_or_else(|| BAD.err().arg("file", &variable).detail(format!("{variable} is not of the kind of {default}")))?;
                put(&mut table, &name, value);
                Origin::Environment
            }
            None if look(&table, &name).is_some() => Origin::File,
            None => Origin::Default,
        };
        origins.insert(name, origin);
    }
    let config = Config::deserialize(table).map_err(|error| bad(&error))?;
    let listen = config.listen;
    let mut loaded = Loaded { config, origins };
    loaded.listens_at(listen);
    Ok(loaded)
}

impl Loaded {
    /// Where it listens in the end. Until somebody says where people reach it, links and QR codes lead there.
    pub fn listens_at(&mut self, address: SocketAddr) {
        self.config.listen = address;
        if self.origins.get("public_url") == Some(&Origin::Default) {
            let host = if address.ip().is_unspecified() { IpAddr::from(Ipv4Addr::LOCALHOST) } else { address.ip() };
            self.config.public_url = format!("http://{}", SocketAddr::new(host, address.port()));
        }
    }
}

/// `XIUHUA_DATABASE_URL` for `database.url`.
pub fn variable(name: &str) -> String {
    format!("XIUHUA_{}", name.replace('.', "_").to_ascii_uppercase())
}

/// Settings by dotted name.
fn flat(table: &toml::Table) -> Vec<(String, toml::Value)> {
    let mut out = Vec::new();
    for (name, value) in table {
        match value.as_table() {
            Some(inner) => out.extend(flat(inner).into_iter().map(|(rest, value)| (format!("{name}.{rest}"), value))),
            None => out.push((name.clone(), value.clone())),
        }
    }
    out
}

fn look<'a>(table: &'a toml::Table, name: &str) -> Option<&'a toml::Value> {
    match name.split_once('.') {
        Some((first, rest)) => look(table.get(first)?.as_table()?, rest),
        None => table.get(name),
    }
}

fn put(table: &mut toml::Table, name: &str, value: toml::Value) {
    match name.split_once('.') {
        Some((first, rest)) => {
            let inner = table.entry(first).or_insert_with(|| toml::Table::new().into());
            if let Some(inner) = inner.as_table_mut() {
                put(inner, rest, value);
            }
        }
        None => {
            table.insert(name.to_owned(), value);
        }
    }
}

/// The text of a variable as the kind of value that the setting is.
fn typed(text: &str, like: &toml::Value) -> Option<toml::Value> {
    Some(match like {
        toml::Value::Boolean(_) => match text {
            "true" | "1" => true.into(),
            "false" | "0" => false.into(),
            _ => return None,
        },
        toml::Value::Integer(_) => text.parse::<i64>().ok()?.into(),
        // A list stands with commas between.
        toml::Value::Array(_) => text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().into(),
        _ => text.into(),
    })
}

/// An address without its password: `postgres://user:•••@host/name`, or `… password=•••`.
fn hidden(text: &str) -> String {
    if let Some((before, host)) = text.rsplit_once('@')
        && let Some((user, _)) = before.split_once("://").map_or(before.split_once(':'), |(_, rest)| rest.split_once(':'))
    {
        let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
        return format!("{scheme}{user}:{STARS}@{host}");
    }
    text.split(' ')
        .map(|part| if part.starts_with("password=") { format!("password={STARS}") } else { part.to_owned() })
        .collect::<Vec<_>>()
        .join(" ")
}

/// A key, or an address with one behind its `?`, as it is printed.
fn without_key(text: &str) -> String {
    match text.split_once('?') {
        _ if text.is_empty() => String::new(),
        Some((address, _)) => format!("{address}?{STARS}"),
        None if text.contains('/') => text.to_owned(),
        None => STARS.to_owned(),
    }
}

impl Loaded {
    /// Every setting as `name = value`, secrets hidden, with its origin.
    pub fn lines(&self) -> Result<Vec<(String, Origin)>> {
        let table = toml::Table::try_from(&self.config).map_err(Error::internal)?;
        let lines = flat(&table).into_iter().map(|(name, value)| {
            let shown = match &value {
                toml::Value::String(text) if SECRET.contains(&name.as_str()) => toml::Value::String(hidden(text)),
                toml::Value::String(text) if KEYS.contains(&name.as_str()) => toml::Value::String(without_key(text)),
                _ => value,
            };
            let origin = self.origins.get(&name).copied().unwrap_or(Origin::Default);
            (format!("{name} = {shown}"), origin)
        });
        Ok(lines.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(FILE), text).expect("a file");
        folder
    }

    #[test]
    fn links_lead_to_where_it_listens_until_an_address_is_set() {
        let mut elsewhere = load(folder("listen = \"0.0.0.0:9000\"\n").path(), None, &[]).unwrap();
        assert_eq!(elsewhere.config.public_url, "http://127.0.0.1:9000");
        elsewhere.listens_at(SocketAddr::from(([192, 168, 1, 2], 80)));
        assert_eq!(elsewhere.config.public_url, "http://192.168.1.2:80");
        let mut set = load(folder("public_url = \"https://a.example\"\n").path(), None, &[]).unwrap();
        set.listens_at(SocketAddr::from(([127, 0, 0, 1], 80)));
        assert_eq!(set.config.public_url, "https://a.example");
    }

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_default() {
        let folder = folder("public_url = \"https://a.example\"\n[web]\nmost_seconds = 5\n");
        let loaded = load(folder.path(), None, &variables(&[("XIUHUA_WEB_MOST_SECONDS", "7"), ("XIUHUA_WEB_SECURE_COOKIES", "true")]))
            .expect("loads");
        assert_eq!((loaded.config.web.most_seconds, loaded.config.web.secure_cookies), (7, true));
        assert_eq!(loaded.config.public_url, "https://a.example");
        let of = |name: &str| loaded.origins[name];
        assert_eq!([of("web.most_seconds"), of("public_url"), of("listen")], [Origin::Environment, Origin::File, Origin::Default]);
    }

    #[test]
    fn a_misspelt_setting_and_a_wrong_kind_are_refused() {
        for text in ["pubic_url = \"x\"", "[web]\nmost_seconds = \"soon\"", "listen = \"nowhere\"", "= 1"] {
            let error = load(folder(text).path(), None, &[]).expect_err(text);
            assert!(error.is(BAD), "{text}: {error}");
        }
        let wrong = load(folder("").path(), None, &variables(&[("XIUHUA_WEB_MOST_SECONDS", "soon")])).expect_err("refused");
        assert!(wrong.is(BAD));
        let missing = load(Path::new("."), Some(Path::new("no/such/file.toml")), &[]).expect_err("refused");
        assert!(missing.is(UNREADABLE));
    }

    #[test]
    fn trusted_proxies_are_a_list_in_the_file_and_with_commas_in_the_environment() {
        let folder = folder("[web]\ntrusted_proxies = [\"10.0.0.1\", \"fd00::/8\"]\n");
        let line = |loaded: &Loaded| {
            loaded.lines().expect("prints").into_iter().map(|(line, _)| line).find(|line| line.starts_with("web.trusted"))
        };
        let loaded = load(folder.path(), None, &[]).expect("loads");
        assert_eq!(line(&loaded).as_deref(), Some("web.trusted_proxies = [\"10.0.0.1/32\", \"fd00::/8\"]"));
        let loaded = load(folder.path(), None, &variables(&[("XIUHUA_WEB_TRUSTED_PROXIES", "192.0.2.1, 192.0.2.2")])).expect("loads");
        assert_eq!(line(&loaded).as_deref(), Some("web.trusted_proxies = [\"192.0.2.1/32\", \"192.0.2.2/32\"]"));
        let wrong = load(folder.path(), None, &variables(&[("XIUHUA_WEB_TRUSTED_PROXIES", "proxy.example")])).expect_err("refused");
        assert!(wrong.is(BAD));
    }

    #[test]
    fn figures_are_shown_nowhere_until_an_address_is_named() {
        assert_eq!(load(folder("").path(), None, &[]).expect("loads").config.metrics.listen, Listen(None));
        let set = load(folder("").path(), None, &variables(&[("XIUHUA_METRICS_LISTEN", "127.0.0.1:9464")])).expect("loads");
        assert_eq!(set.config.metrics.listen.0, Some(SocketAddr::from(([127, 0, 0, 1], 9464))));
        assert!(set.lines().expect("prints").iter().any(|(line, _)| line == "metrics.listen = \"127.0.0.1:9464\""));
        assert!(load(folder("[metrics]\nlisten = \"9464\"\n").path(), None, &[]).expect_err("refused").is(BAD));
    }

    #[test]
    fn the_file_that_is_shipped_changes_nothing_and_every_line_of_it_is_a_setting() {
        let text = include_str!("../../../packaging/xiuhua.toml");
        assert_eq!(load(folder(text).path(), None, &[]).expect("loads").config, Config::default());
        let setting = |line: &&str| line.starts_with("[[") || line.split_once(" = ").is_some_and(|(name, _)| !name.contains(' '));
        let taken: Vec<&str> = text.lines().map(|line| line.strip_prefix("# ").filter(setting).unwrap_or(line)).collect();
        let loaded = load(folder(&taken.join("\n")).path(), None, &[]).expect("every line loads");
        assert_eq!(loaded.config.oidc.len(), 1);
        let unsaid: Vec<_> = loaded.origins.iter().filter(|(name, origin)| **origin == Origin::Default && *name != "journal.key").collect();
        assert!(unsaid.is_empty(), "packaging/xiuhua.toml does not speak of {unsaid:?}");
    }

    #[test]
    fn no_key_of_a_map_is_printed() {
        let text = "[map]\nbase = \"tianditu\"\nkey = \"0123abcd\"\nurl = \"https://a.example/{z}/{x}/{y}?token=s3c\"\n";
        let lines: Vec<String> =
            load(folder(text).path(), None, &[]).expect("loads").lines().expect("prints").into_iter().map(|(line, _)| line).collect();
        let all = lines.join("\n");
        assert!(!all.contains("0123abcd") && !all.contains("s3c"), "{all}");
        assert!(all.contains("map.base = \"tianditu\"") && all.contains("https://a.example/{z}/{x}/{y}?"), "{all}");
    }

    #[test]
    fn no_password_is_printed() {
        for url in ["postgres://xiuhua:s3cret@db:5432/x", "host=db user=xiuhua password=s3cret dbname=x", "postgres://xiuhua:s3c@ret@db/x"]
        {
            let loaded = load(folder("").path(), None, &variables(&[("XIUHUA_DATABASE_URL", url)])).expect("loads");
            let lines = loaded.lines().expect("prints");
            let line = lines.iter().find(|(line, _)| line.starts_with("database.url")).map(|(line, _)| line.clone()).expect("printed");
            assert!(!line.contains("s3c") && line.contains("db"), "{line}");
        }
    }
}
