//! A plain HTTP/1.1 client on kept-open connections, and loads made of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One kept-open connection.
pub struct Line {
    stream: TcpStream,
    address: String,
    buffer: Vec<u8>,
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Line {
    pub async fn open(address: &str) -> Line {
        let stream = TcpStream::connect(address).await.expect("the server takes a connection");
        stream.set_nodelay(true).expect("a socket option");
        Line { stream, address: address.to_owned(), buffer: Vec::with_capacity(1 << 16) }
    }

    pub async fn get(&mut self, path: &str, cookie: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\n\r\n", self.address);
        self.send(request.as_bytes()).await
    }

    /// How many bytes an asset takes on the way to a browser.
    pub async fn get_compressed(&mut self, path: &str) -> usize {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\naccept-encoding: gzip, br\r\n\r\n", self.address);
        self.send(request.as_bytes()).await;
        self.buffer.len()
    }

    pub async fn post(&mut self, path: &str, cookie: &str, form: &str) -> Answer {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.address,
            form.len()
        );
        self.send(request.as_bytes()).await
    }

    async fn send(&mut self, request: &[u8]) -> Answer {
        self.stream.write_all(request).await.expect("a request is taken");
        self.buffer.clear();
        let head_end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            let read = self.stream.read_buf(&mut self.buffer).await.expect("an answer");
            assert!(read > 0, "the server closed the connection");
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_end]).to_ascii_lowercase();
        let status = head.get(9..12).and_then(|digits| digits.parse().ok()).expect("a status");
        let length: usize =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |digits| digits.parse().expect("a length"));
        while self.buffer.len() < head_end + length {
            let read = self.stream.read_buf(&mut self.buffer).await.expect("an answer");
            assert!(read > 0, "the server closed the connection");
        }
        Answer { status, head, body: String::from_utf8_lossy(&self.buffer[head_end..]).into_owned() }
    }
}

/// Latencies of a load.
pub struct Taken {
    pub all: Vec<Duration>,
    pub lasted: Duration,
}

impl Taken {
    pub fn per_second(&self) -> f64 {
        self.all.len() as f64 / self.lasted.as_secs_f64()
    }
    /// In milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        percentile(&self.all, share)
    }
}

/// In milliseconds.
pub fn percentile(all: &[Duration], share: f64) -> f64 {
    let mut sorted = all.to_vec();
    sorted.sort();
    let at = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).map_or(f64::NAN, |taken| taken.as_secs_f64() * 1000.0)
}

/// Posts forms on `lines` connections for so long; each must be answered with `expected`.
pub async fn posts(
    address: &str,
    lines: usize,
    lasting: Duration,
    path: &str,
    cookie: &str,
    expected: u16,
    form: impl Fn(u64) -> String + Send + Sync + 'static,
) -> Taken {
    let (form, next) = (Arc::new(form), Arc::new(AtomicU64::new(0)));
    let began = Instant::now();
    let workers: Vec<_> = (0..lines)
        .map(|_| {
            let (address, path, cookie) = (address.to_owned(), path.to_owned(), cookie.to_owned());
            let (form, next) = (form.clone(), next.clone());
            tokio::spawn(async move {
                let mut line = Line::open(&address).await;
                let mut taken = Vec::new();
                while began.elapsed() < lasting {
                    let body = form(next.fetch_add(1, Ordering::Relaxed));
                    let sent = Instant::now();
                    let answer = line.post(&path, &cookie, &body).await;
                    assert_eq!(answer.status, expected, "{}{}", answer.head, answer.body);
                    taken.push(sent.elapsed());
                }
                taken
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.expect("a worker"));
    }
    Taken { all, lasted: began.elapsed() }
}
