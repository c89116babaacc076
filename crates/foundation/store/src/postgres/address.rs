//! `database.url` as it is written, into what the driver understands and how the connection is protected.
//!
//! The driver reads `sslmode` as `disable`, `prefer` or `require` alone and knows no `sslrootcert`; both are read here,
//! in either form of an address (`postgres://user@host/name?sslmode=…`, `host=… sslmode=…`).

use crate::postgres::tls::Tls;
use kernel::{Code, Result};
use std::path::PathBuf;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// `database.url` is no address of a PostgreSQL.
pub const BAD_ADDRESS: Code = Code::invalid("database.address");
/// `sslmode` is none of those that we have.
pub const BAD_MODE: Code = Code::invalid("database.sslmode");

/// How a connection is protected, as libpq names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    Disable,
    /// Encrypted where the server can.
    Prefer,
    /// Encrypted, with whoever answers.
    Require,
    /// Encrypted, with whom a trusted authority knows.
    VerifyCa,
    /// And who is called as the address says.
    VerifyFull,
}

impl Mode {
    fn of(text: &str) -> Result<Mode> {
        Ok(match text {
            "disable" => Mode::Disable,
            "prefer" => Mode::Prefer,
            "require" => Mode::Require,
            "verify-ca" => Mode::VerifyCa,
            "verify-full" => Mode::VerifyFull,
            other => return Err(BAD_MODE.err().arg("mode", other)),
        })
    }
}

/// Whom a server's certificate must come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Roots {
    /// What the machine trusts.
    System,
    File(PathBuf),
}

/// An address, read.
#[derive(Debug)]
pub(crate) struct Address {
    pub config: Config,
    pub mode: Mode,
    pub roots: Roots,
}

/// The settings that are ours, and the text without them.
fn split(text: &str) -> (Vec<(String, String)>, String) {
    let ours = |name: &str| matches!(name, "sslmode" | "sslrootcert");
    let (mut taken, mut rest) = (Vec::new(), String::new());
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        let (before, query) = text.split_once('?').unwrap_or((text, ""));
        rest.push_str(before);
        let mut mark = '?';
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if ours(name) {
                taken.push((name.to_owned(), unescaped(value)));
            } else {
                rest.push(mark);
                rest.push_str(pair);
                mark = '&';
            }
        }
        return (taken, rest);
    }
    let mut left = text.trim_start();
    while let Some(at) = left.find('=') {
        let name = left[..at].trim();
        let after = left[at + 1..].trim_start();
        let (value, length) = word(after);
        let whole = left.len() - after.len() + length;
        if ours(name) {
            taken.push((name.to_owned(), value));
        } else {
            rest.push_str(&left[..whole]);
            rest.push(' ');
        }
        left = left[whole..].trim_start();
    }
    rest.push_str(left);
    (taken, rest)
}

/// A value as libpq quotes it, and how long it is as written.
fn word(text: &str) -> (String, usize) {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut chars = text.char_indices().skip(usize::from(quoted));
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            '\'' if quoted => return (value, at + 1),
            c if !quoted && c.is_whitespace() => return (value, at),
            c => value.push(c),
        }
    }
    (value, text.len())
}

/// `%2F` back into `/`.
fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let digits = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

impl Address {
    /// Errors: [`BAD_ADDRESS`], [`BAD_MODE`]. No message carries the address itself: it may hold a password.
    pub fn read(text: &str) -> Result<Address> {
        let (ours, rest) = split(text);
        let mut config: Config =
            rest.trim_end().parse().map_err(|error: tokio_postgres::Error| BAD_ADDRESS.err().detail(super::trouble::whole(&error)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(BAD_ADDRESS.into());
        }
        let of = |name: &str| ours.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let mut mode = of("sslmode").map(Mode::of).transpose()?.unwrap_or(Mode::Prefer);
        let roots = match of("sslrootcert").filter(|file| !file.is_empty()) {
            None => Roots::System,
            // Whoever names authorities wants them asked, as with libpq.
            Some("system") => {
                mode = Mode::VerifyFull;
                Roots::System
            }
            Some(file) => {
                if mode == Mode::Require {
                    mode = Mode::VerifyCa;
                }
                Roots::File(PathBuf::from(file))
            }
        };
        // A socket in the file system is never encrypted; the machine itself says who listens there.
        if config.get_hostaddrs().is_empty() && config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_))) {
            mode = Mode::Disable;
        }
        config.ssl_mode(match mode {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        });
        // A network that swallows everything is noticed within a minute, not after the two hours of the system.
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(Duration::from_secs(30));
        }
        if !text.contains("keepalives") {
            config.keepalives_idle(Duration::from_secs(30)).keepalives_interval(Duration::from_secs(10)).keepalives_retries(3);
        }
        if config.get_application_name().is_none() {
            config.application_name("xiuhua");
        }
        Ok(Address { config, mode, roots })
    }
    /// What protects its connections. Errors: `database.certificates`.
    pub fn tls(&self) -> Result<Tls> {
        Tls::new(self.mode, &self.roots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Address {
        Address::read(text).unwrap()
    }

    #[test]
    fn both_forms_of_an_address_say_how_it_is_protected() {
        for text in [
            "postgres://xiuhua:p%40ss@db:5433/city?connect_timeout=3&sslmode=verify-full&sslrootcert=%2Fetc%2Fca%20x.pem",
            "host=db port=5433 user=xiuhua password='p@ss' dbname = city sslmode = verify-full sslrootcert='/etc/ca x.pem' connect_timeout=3",
        ] {
            let address = read(text);
            assert_eq!((address.mode, address.roots), (Mode::VerifyFull, Roots::File("/etc/ca x.pem".into())), "{text}");
            assert_eq!(address.config.get_password(), Some(&b"p@ss"[..]));
            assert_eq!((address.config.get_dbname(), address.config.get_ports()), (Some("city"), &[5433][..]));
            assert_eq!(address.config.get_connect_timeout(), Some(&Duration::from_secs(3)));
        }
        let quoted = read(r"host=db user=x password='a\'b sslmode=disable' sslmode=require");
        assert_eq!((quoted.mode, quoted.config.get_password()), (Mode::Require, Some(&b"a'b sslmode=disable"[..])));
    }

    #[test]
    fn what_is_not_said_is_as_with_libpq() {
        assert_eq!(read("host=db user=x").mode, Mode::Prefer);
        assert_eq!(read("host=db user=x sslmode=require sslrootcert=ca.pem").mode, Mode::VerifyCa);
        assert_eq!(read("host=db user=x sslrootcert=system").mode, Mode::VerifyFull);
        assert_eq!(read("host=/run/postgresql user=x sslmode=require").mode, Mode::Disable);
    }

    #[test]
    fn what_we_do_not_have_is_refused_without_the_address() {
        for text in ["host=db sslmode=allow password=secret", "postgres://x:secret@db/y?sslmode=allow"] {
            let error = Address::read(text).unwrap_err();
            assert!(error.is(BAD_MODE) && error.args()["mode"] == "allow", "{error:?}");
        }
        for text in ["mysql://x:secret@db", "host=db sslcert=secret", "postgres://x@db/y?port=secret", "secret", "="] {
            let error = Address::read(text).unwrap_err();
            assert!(error.is(BAD_ADDRESS), "{text}");
            assert!(!error.log_detail().unwrap_or_default().contains("secret"), "{error:?}");
        }
    }
}
