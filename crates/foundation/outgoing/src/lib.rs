//! Requests that the program itself sends: over TLS, bounded in time and size, with the machine's own authorities.
//!
//! A connection for each: what asks here asks now and then, and must not hold anything open. Redirects are not followed.

use bytes::Bytes;
use http::header::HOST;
use http::uri::Scheme;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use kernel::{Code, Error, Kind, Result};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The address is none that is asked: not `https`, or, on this very machine, not `http`.
pub const ADDRESS: Code = Code::invalid("outgoing.address");
/// Nobody answers there, not in time, or not as whom the address names.
pub const NO_ANSWER: Code = Code::new(Kind::Unavailable, "outgoing.no_answer");

/// From the first look at the address to the end of the answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// An answer longer than this is none that was asked for.
const MOST_BYTES: usize = 1 << 20;

/// Whether this may be asked: over TLS, or without it where nobody stands between, on this very machine.
pub fn is_safe(address: &Uri) -> bool {
    let host = address.host().unwrap_or_default();
    let here = host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    !host.is_empty() && (address.scheme() == Some(&Scheme::HTTPS) || (here && address.scheme() == Some(&Scheme::HTTP)))
}

/// An address that [`is_safe`], from a text. Errors: [`ADDRESS`].
pub fn address(text: &str) -> Result<Uri> {
    let bad = || ADDRESS.err().arg("address", text);
    let address = text.parse::<Uri>().map_err(|error| bad().detail(error))?;
    if is_safe(&address) { Ok(address) } else { Err(bad()) }
}

/// The machine's authorities, read once.
fn tls() -> Result<Arc<ClientConfig>> {
    static TLS: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(known) = TLS.get() {
        return Ok(known.clone());
    }
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "an authority of this machine was not read");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TLS.get_or_init(|| Arc::new(config)).clone())
}

/// Sends a request and reads the whole answer, whatever its status.
///
/// Errors: [`ADDRESS`]; [`NO_ANSWER`].
pub async fn send(request: Request<Bytes>) -> Result<Response<Bytes>> {
    let address = request.uri().clone();
    // Never the whole address in a log: what stands behind its `?` may be a secret.
    let host = address.host().unwrap_or_default().to_owned();
    let no_answer = |detail: &dyn std::fmt::Display| NO_ANSWER.err().arg("host", &host).detail(detail);
    if !is_safe(&address) {
        return Err(ADDRESS.err().arg("address", &host));
    }
    match tokio::time::timeout(ANSWERED_WITHIN, exchange(request, &address, &host)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(no_answer(&error)),
        Err(_) => Err(no_answer(&"no answer in time")),
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn exchange(request: Request<Bytes>, address: &Uri, host: &str) -> std::result::Result<Response<Bytes>, Failed> {
    let encrypted = address.scheme() == Some(&Scheme::HTTPS);
    let port = address.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
    let bare = host.trim_matches(['[', ']']).to_owned();
    let stream = TcpStream::connect((bare.as_str(), port)).await?;
    stream.set_nodelay(true)?;
    if !encrypted {
        return over(stream, request, address).await;
    }
    let stream = TlsConnector::from(tls()?).connect(ServerName::try_from(bare)?, stream).await?;
    over(stream, request, address).await
}

async fn over(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    mut request: Request<Bytes>,
    address: &Uri,
) -> std::result::Result<Response<Bytes>, Failed> {
    let authority = address.authority().map(|authority| authority.as_str()).unwrap_or_default();
    request.headers_mut().insert(HOST, HeaderValue::from_str(authority)?);
    *request.uri_mut() = address.path_and_query().map_or("/", |path| path.as_str()).parse()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let turning = tokio::spawn(connection);
    let answered = async {
        let answer = sender.send_request(request.map(Full::new)).await?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MOST_BYTES).collect().await?.to_bytes();
        Ok(Response::from_parts(head, body))
    };
    let answered = answered.await;
    turning.abort();
    answered
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[test]
    fn only_what_nobody_can_listen_in_on_is_asked() {
        for fine in ["https://id.example/x", "http://127.0.0.1:8080/", "http://localhost/x", "http://[::1]:3000/"] {
            assert!(address(fine).is_ok(), "{fine}");
        }
        for bad in [
            "http://id.example/",
            "ftp://127.0.0.1/",
            "id.example",
            "https:///x",
            "",
            "file:///etc/passwd",
            "http://127.0.0.1.evil.example/",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    /// Answers one request with these bytes; what it was sent.
    async fn answering(answer: Vec<u8>) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/a?b=c", listener.local_addr().unwrap());
        let asked = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut read = vec![0; 4096];
            let length = stream.read(&mut read).await.unwrap();
            let _ = stream.write_all(&answer).await;
            String::from_utf8_lossy(&read[..length]).into_owned()
        });
        (address, asked)
    }

    #[tokio::test]
    async fn a_request_is_sent_as_it_is_and_its_answer_read_whole() {
        let (address, asked) = answering(b"HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnone".to_vec()).await;
        let request = Request::post(address).header("accept", "application/json").body(Bytes::from("x=1")).unwrap();
        let answer = send(request).await.unwrap();
        assert_eq!((answer.status().as_u16(), &answer.body()[..]), (404, &b"none"[..]));
        let asked = asked.await.unwrap();
        assert!(asked.starts_with("POST /a?b=c HTTP/1.1\r\n") && asked.contains("host: 127.0.0.1:") && asked.ends_with("x=1"), "{asked}");
    }

    #[tokio::test]
    async fn who_answers_without_end_or_not_at_all_is_no_answer() {
        let mut long = b"HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\n".to_vec();
        long.resize(2_000_100, b'x');
        let (address, _) = answering(long).await;
        assert!(send(Request::get(address).body(Bytes::new()).unwrap()).await.unwrap_err().is(NO_ANSWER));
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let error = send(Request::get(format!("http://{free}/?secret=1")).body(Bytes::new()).unwrap()).await.unwrap_err();
        assert!(error.is(NO_ANSWER) && !error.to_string().contains("secret"), "{error}");
    }
}
