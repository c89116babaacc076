//! The log: to standard error, so that results on standard output stay clean for scripts.

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
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

/// A filter that doesn't parse logs at `info`.
fn filtered(filter: &str) -> EnvFilter {
    EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"))
}

/// The lines of the log.
fn lines<S: Subscriber + for<'s> LookupSpan<'s>>(writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static) -> impl Layer<S> {
    tracing_subscriber::fmt::layer().with_writer(writer).with_target(false)
}

/// Starts logging; `filter` is written as `RUST_LOG` is.
pub fn start(filter: &str) {
    let subscriber = tracing_subscriber::registry().with(filtered(filter)).with(NoParameters).with(lines(std::io::stderr));
    // A second start in one process (tests) keeps the first.
    let _ = subscriber.try_init();
}

/// Starts logging, and hands the program's spans to OpenTelemetry too: what the log leaves out is followed all the same.
#[cfg(feature = "otel")]
pub fn start_with(filter: &str, traces: &crate::telemetry::Traces) {
    let lines = lines(std::io::stderr).with_filter(filtered(filter));
    let _ = tracing_subscriber::registry().with(NoParameters).with(lines).with(traces.layer()).try_init();
}
