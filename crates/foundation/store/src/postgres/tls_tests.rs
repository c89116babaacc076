//! A PostgreSQL with certificates made here: who is believed under each `sslmode`, and what a refusal says.

use super::address::{BAD_ADDRESS, BAD_MODE};
use super::tls::BAD_CERTIFICATES;
use crate::postgres::proxy::Proxy;
use crate::testing::{Engine, TestDb};
use crate::{Sql, Store, StoreConfig, UNREACHABLE, args};
use kernel::{Clock, Entropy, Result, World};
use std::path::{Path, PathBuf};
use std::process::Command;

static ENCRYPTED: Sql = crate::sql!("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");

fn openssl(folder: &Path, arguments: &str) {
    let said = Command::new("openssl").current_dir(folder).args(arguments.split(' ')).output().expect("openssl is here, as on any Debian");
    assert!(said.status.success(), "{arguments}: {}", String::from_utf8_lossy(&said.stderr));
}

/// An authority, a certificate of its for `localhost`, and an authority that nobody asked.
fn certificates(folder: &Path) {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for name in ["ca", "other"] {
        openssl(folder, &format!("req -x509 {key} -keyout {name}.key -out {name}.crt -subj /CN={name} -days 2"));
    }
    openssl(folder, &format!("req {key} -keyout server.key -out server.csr -subj /CN=localhost"));
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    openssl(folder, "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.crt");
}

/// A server of this test alone.
struct Server {
    folder: PathBuf,
    port: u16,
}

impl Server {
    fn start(folder: &Path) -> Server {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Server { folder: folder.to_owned(), port };
        server.script("start");
        server
    }
    fn script(&self, what: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../scripts/test-postgres");
        let mut command = Command::new(script);
        command.arg(what).env("XIUHUA_TEST_POSTGRES_FOLDER", self.folder.join("postgres"));
        command.env("XIUHUA_TEST_POSTGRES_TLS", &self.folder).env("XIUHUA_TEST_POSTGRES_PORT", self.port.to_string());
        assert!(command.status().unwrap().success(), "test-postgres {what}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.script("stop");
    }
}

async fn encrypted(url: &str) -> Result<bool> {
    let world = World { clock: Clock::standing_at(crate::testing::START), entropy: Entropy::seeded(1) };
    let store = Store::open(&StoreConfig { data: PathBuf::new(), url: Some(url.to_owned()) }, world).await?;
    Ok(store.one::<(bool,)>(&ENCRYPTED, args! {}).await?.0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_believed_as_far_as_the_address_says() {
    let folder = tempfile::tempdir().unwrap();
    Command::new("chmod").args(["a+rx"]).arg(folder.path()).status().unwrap();
    certificates(folder.path());
    let server = Server::start(folder.path());
    let (port, at) = (server.port, folder.path().display());
    let named = format!("postgres://xiuhua@localhost:{port}/postgres");
    let numbered = format!("host=127.0.0.1 port={port} user=xiuhua dbname=postgres");

    for (url, wanted) in [
        (format!("{named}?sslmode=disable"), false),
        (named.clone(), true),
        (format!("{numbered} sslmode=require"), true),
        (format!("{numbered} sslmode=verify-ca sslrootcert={at}/ca.crt"), true),
        (format!("{named}?sslmode=verify-full&sslrootcert={at}/ca.crt"), true),
        // The server's own certificate, named itself.
        (format!("{named}?sslmode=verify-full&sslrootcert={at}/server.crt"), true),
    ] {
        assert_eq!(encrypted(&url).await.unwrap_or_else(|error| panic!("{url}: {error:?}")), wanted, "{url}");
    }

    for (url, why) in [
        (format!("{numbered} sslmode=verify-full sslrootcert={at}/ca.crt"), "NotValidForName"),
        (format!("{numbered} sslmode=verify-full sslrootcert={at}/server.crt"), "NotValidForName"),
        (format!("{named}?sslmode=verify-full&sslrootcert={at}/other.crt"), "UnknownIssuer"),
        (format!("{numbered} sslmode=verify-ca sslrootcert={at}/other.crt"), "UnknownIssuer"),
        // Whoever names an authority wants it asked.
        (format!("{numbered} sslmode=require sslrootcert={at}/other.crt"), "UnknownIssuer"),
    ] {
        let error = encrypted(&url).await.unwrap_err();
        let detail = error.log_detail().unwrap_or_default().to_owned();
        let plain = detail.replace(' ', "").to_lowercase();
        let said = plain.contains(&why.to_lowercase()) || (why == "NotValidForName" && plain.contains("notvalidforname"));
        assert!(error.is(UNREACHABLE) && said, "{url}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_of_the_connection_is_had_or_refused_in_words() {
    let db = TestDb::new(Engine::Postgres).await;
    // A server that cannot encrypt.
    let plain = Proxy::before(db.config.url.as_deref().unwrap()).await;
    assert!(!encrypted(&plain.url).await.unwrap());
    let error = encrypted(&format!("{} sslmode=require", plain.url)).await.unwrap_err();
    assert!(error.is(UNREACHABLE) && error.log_detail().unwrap_or_default().contains("does not support TLS"), "{error:?}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.pem"), "").unwrap();
    for file in ["none.pem", "empty.pem"] {
        let error =
            encrypted(&format!("{} sslmode=verify-full sslrootcert={}/{file}", plain.url, folder.path().display())).await.unwrap_err();
        assert!(error.is(BAD_CERTIFICATES) && error.args()["file"].ends_with(file), "{error:?}");
    }
    assert!(encrypted("host=db sslmode=allow").await.unwrap_err().is(BAD_MODE));
    assert!(encrypted("mysql://db").await.unwrap_err().is(BAD_ADDRESS));
    let nobody = encrypted("host=127.0.0.1 port=1 user=x").await.unwrap_err();
    assert!(nobody.is(UNREACHABLE) && nobody.log_detail().unwrap_or_default().contains("refused"), "{nobody:?}");
    db.remove().await;
}
