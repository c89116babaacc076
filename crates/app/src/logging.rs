//! The log: to standard error, so that results on standard output stay clean for scripts.

use tracing_subscriber::EnvFilter;

/// Starts logging; `filter` is written as `RUST_LOG` is. A filter that doesn't parse logs at `info`.
pub fn start(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // A second start in one process (tests) keeps the first.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).try_init();
}
