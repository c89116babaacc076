//! The built program as its users run it: another process, spoken to over HTTP.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The binary beside this one.
pub fn binary() -> PathBuf {
    let mut path = std::env::current_exe().expect("this program's own path");
    path.set_file_name("xiuhua");
    assert!(path.exists(), "{} is not built; run `make bench`", path.display());
    path
}

pub struct Served {
    child: Child,
    pub address: String,
    /// From the start of the process until it was ready.
    pub ready_after: Duration,
}

impl Served {
    pub async fn start(data: &Path, database: Option<&str>) -> Served {
        let began = Instant::now();
        let mut command = Command::new(binary());
        command.arg("--data").arg(data).args(["serve", "--listen", "127.0.0.1:0"]).env("XIUHUA_LOG", "error").env("LANG", "C.UTF-8");
        if let Some(url) = database {
            command.env("XIUHUA_DATABASE_URL", url);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let address = loop {
            let line = lines.next_line().await.expect("its output").expect("the program listens");
            if let Some((_, address)) = line.split_once("http://") {
                break address.trim().to_owned();
            }
        };
        // What it prints later is not read, and must not block it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        loop {
            let answer = crate::load::Line::open(&address).await.get("/health/ready", "").await;
            if answer.status == 200 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Served { child, address, ready_after: began.elapsed() }
    }

    /// Resident anonymous memory in MB, SQLite's cache included.
    pub fn memory_mb(&self) -> f64 {
        let pid = self.child.id().expect("a running program");
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("Linux says what a process holds");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("RssAnon");
        let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kib / 1024.0
    }

    pub async fn stop(mut self) {
        let _ = self.child.kill().await;
    }
}
