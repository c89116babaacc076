//! The log: to standard error, so that results on standard output stay clean for scripts.

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// The database's driver writes the parameters of every statement at `debug`: phone numbers, names, hashes of passwords. No
/// filter that somebody sets may let them through.
struct NoParameters;

impl<S: Subscriber> Layer<S> for NoParameters {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        !metadata.target().starts_with("tokio_postgres") || *metadata.level() <= Level::INFO
    }
}

/// What is logged where; `filter` is written as `RUST_LOG` is. A filter that doesn't parse logs at `info`.
fn subscriber(filter: &str, writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static) -> impl Subscriber + Send + Sync {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_target(false);
    tracing_subscriber::registry().with(filter).with(NoParameters).with(lines)
}

/// Starts logging.
pub fn start(filter: &str) {
    // A second start in one process (tests) keeps the first.
    let _ = subscriber(filter, std::io::stderr).try_init();
}
