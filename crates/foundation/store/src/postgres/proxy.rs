//! A link between the program and PostgreSQL that a test can cut at the moment it chooses, and on which it counts.

use bytes::{Buf, Bytes, BytesMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_postgres::config::Host;

/// What is done once, at the next occasion; then everything passes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    Pass,
    /// Cut when the program sends anything; the server gets nothing of it.
    CutAtOnce,
    /// Cut instead of passing COMMIT on.
    CutBeforeCommit,
    /// Cut when COMMIT was passed on, whatever the server makes of it.
    CutBehindCommit,
    /// Cut when the server has committed, instead of passing its answer on.
    CutAfterCommit,
    /// Cut when the server has ended a statement that is a transaction by itself, instead of passing that on.
    CutAfterWhole,
    /// The server has committed; the program hears XX000.
    DenyCommit,
    /// New connections are closed, this many times.
    Refuse(usize),
}

pub struct Proxy {
    /// The same database, through this link.
    pub url: String,
    rule: Arc<Mutex<Rule>>,
    turns: Arc<AtomicUsize>,
}

impl Proxy {
    /// To the database of `url`, whose server listens on a socket in the file system.
    pub async fn before(url: &str) -> Proxy {
        let config: tokio_postgres::Config = url.parse().unwrap();
        let Some(Host::Unix(folder)) = config.get_hosts().first() else { panic!("a socket: {url}") };
        let socket = folder.join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("host=127.0.0.1 port={port} user={} dbname={}", config.get_user().unwrap(), config.get_dbname().unwrap());
        let proxy = Proxy { url, rule: Arc::new(Mutex::new(Rule::Pass)), turns: Arc::default() };
        let (rule, turns) = (proxy.rule.clone(), proxy.turns.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let refused = {
                    let mut rule = rule.lock().unwrap();
                    match *rule {
                        Rule::Refuse(left) => {
                            *rule = if left > 1 { Rule::Refuse(left - 1) } else { Rule::Pass };
                            true
                        }
                        _ => false,
                    }
                };
                if !refused {
                    let server = UnixStream::connect(&socket).await.unwrap();
                    tokio::spawn(relay(client, server, rule.clone(), turns.clone()));
                }
            }
        });
        proxy
    }
    pub fn next(&self, rule: Rule) {
        *self.rule.lock().unwrap() = rule;
    }
    /// Whether what was set has happened.
    pub fn passes(&self) -> bool {
        *self.rule.lock().unwrap() == Rule::Pass
    }
    /// How often the program has sent something since the server last answered: round trips.
    pub fn turns(&self) -> usize {
        self.turns.load(Ordering::SeqCst)
    }
}

/// Takes a whole message off the front; the first of a connection has no type.
fn message(buffer: &mut BytesMut, typed: bool) -> Option<Bytes> {
    let at = usize::from(typed);
    let length = u32::from_be_bytes(buffer.get(at..at + 4)?.try_into().unwrap()) as usize + at;
    (buffer.len() >= length).then(|| buffer.split_to(length).freeze())
}

fn xx000() -> Vec<u8> {
    let fields = b"SERROR\0VERROR\0CXX000\0Ma node was lost\0\0";
    let mut out = vec![b'E'];
    out.extend((fields.len() as u32 + 4).to_be_bytes());
    out.extend(fields);
    out
}

async fn relay(client: TcpStream, server: UnixStream, rule: Arc<Mutex<Rule>>, turns: Arc<AtomicUsize>) {
    let _ = client.set_nodelay(true);
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (client.into_split(), server.into_split());
    let (mut asked, mut answered) = (BytesMut::new(), BytesMut::new());
    let (mut started, mut server_spoke, mut inserted) = (false, true, false);
    // Taken where it applies, so that it applies once.
    let take = |wanted: &[Rule]| {
        let mut rule = rule.lock().unwrap();
        let found = wanted.contains(&rule).then_some(*rule);
        if found.is_some() {
            *rule = Rule::Pass;
        }
        found
    };
    loop {
        tokio::select! {
            read = from_client.read_buf(&mut asked) => {
                if !matches!(read, Ok(1..)) { return }
                if std::mem::take(&mut server_spoke) && started {
                    turns.fetch_add(1, Ordering::SeqCst);
                }
                if started && take(&[Rule::CutAtOnce]).is_some() { return }
                while let Some(text) = message(&mut asked, started) {
                    // Somebody asks whether we can encrypt: we cannot.
                    if !started && text.len() == 8 && (&text[4..]).get_u32() == 80_877_103 {
                        if to_client.write_all(b"N").await.is_err() { return }
                        continue;
                    }
                    started = true;
                    let commit = &text[..] == b"Q\0\0\0\x0bCOMMIT\0";
                    if commit && take(&[Rule::CutBeforeCommit]).is_some() { return }
                    if to_server.write_all(&text).await.is_err() { return }
                    if commit && take(&[Rule::CutBehindCommit]).is_some() {
                        // The server's side stays open for a while: closed with answers unread it would never read what was sent.
                        tokio::spawn(async move {
                            tokio::time::sleep(std::time::Duration::from_secs(3)).await;
                            drop((from_server, to_server));
                        });
                        return;
                    }
                }
            }
            read = from_server.read_buf(&mut answered) => {
                if !matches!(read, Ok(1..)) { return }
                server_spoke = true;
                while let Some(mut text) = message(&mut answered, true) {
                    if text.starts_with(b"C\0\0\0\x0bCOMMIT") {
                        match take(&[Rule::CutAfterCommit, Rule::DenyCommit]) {
                            Some(Rule::CutAfterCommit) => return,
                            Some(_) => text = xx000().into(),
                            None => {}
                        }
                    }
                    inserted |= text.starts_with(b"C") && text[5..].starts_with(b"INSERT");
                    // Ready, and in no transaction.
                    if &text[..] == b"Z\0\0\0\x05I" && std::mem::take(&mut inserted) && take(&[Rule::CutAfterWhole]).is_some() {
                        return;
                    }
                    if to_client.write_all(&text).await.is_err() { return }
                }
            }
        }
    }
}
