//! Figures of operation for Prometheus: requests by route and status, commands, queues, how far sealing is behind, memory.
//!
//! Labels are templates of routes, classes of status and kinds of commands: nothing of a person or a tenant, and no more series
//! than the program has routes, whatever somebody sends.

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kernel::Stopwatch;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::sync::Arc;
use std::time::Duration;
use store::{Store, journal, meters};

/// How long the database may take to say how far sealing is behind, before the other figures go without.
const ASKED_WITHIN: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: String,
    status: &'static str,
}

/// All figures of the running program.
pub struct Metrics {
    registry: Registry,
    store: Store,
    requests: Family<Asked, Histogram>,
    under_way: Gauge,
    unsealed: Gauge,
    oldest: Gauge,
}

impl Metrics {
    /// Figures that begin at nothing, of the program that works on this store.
    pub fn of(store: &Store) -> Metrics {
        let mut registry = Registry::with_prefix("xiuhua");
        let requests = Family::<Asked, Histogram>::new_with_constructor(meters::durations);
        let (under_way, unsealed, oldest) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("build", "The version that runs", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        let help = "Requests by route and class of status, until the answer begins";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, requests.clone());
        registry.register("http_requests_under_way", "Requests that are not answered yet", under_way.clone());
        registry.register("journal_unsealed_facts", "Facts that are committed and have no place in the journal yet", unsealed.clone());
        let help = "How long the oldest unsealed fact has waited";
        registry.register_with_unit("journal_unsealed_oldest", help, Unit::Seconds, oldest.clone());
        store.meters().register(&mut registry, !store.is_postgres());
        registry.register_collector(Box::new(Now(store.clone())));
        Metrics { registry, store: store.clone(), requests, under_way, unsealed, oldest }
    }

    /// The text that Prometheus reads.
    async fn text(&self) -> Result<String, std::fmt::Error> {
        match tokio::time::timeout(ASKED_WITHIN, journal::lag(&self.store)).await {
            Ok(Ok(lag)) => {
                self.unsealed.set(i64::try_from(lag.facts).unwrap_or(i64::MAX));
                self.oldest.set(lag.oldest_seconds);
            }
            // Told as something that no lag can be, so that an alarm on it rings.
            Ok(Err(_)) | Err(_) => {
                self.unsealed.set(-1);
                self.oldest.set(-1);
            }
        }
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// What is looked up when it is asked for: queues, connections, memory.
struct Now(Store);

impl std::fmt::Debug for Now {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Now")
    }
}

impl Collector for Now {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let load = self.0.load();
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let mut gauges = vec![
            ("write_queue_depth", "Commands that wait for the writer", None, count(load.writes_waiting)),
            ("read_queue_depth", "Reads that wait for a reader or a connection", None, count(load.reads_waiting)),
            ("database_connections_in_use", "Connections to the database in use", None, count(load.connections_in_use)),
            ("database_connections_open", "Connections to the database that are open", None, count(load.connections_open)),
        ];
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let memory = [
            ("VmRSS:", "process_resident_memory", "Memory in use, files that are mapped included"),
            ("RssAnon:", "process_anonymous_memory", "Memory in use that belongs to no file"),
        ];
        for (line, name, help) in memory {
            if let Some(bytes) = kilobytes(&status, line) {
                gauges.push((name, help, Some(Unit::Bytes), bytes));
            }
        }
        for (name, help, unit, number) in gauges {
            let gauge = ConstGauge::new(number);
            gauge.encode(encoder.encode_descriptor(name, help, unit.as_ref(), gauge.metric_type())?)?;
        }
        Ok(())
    }
}

/// A line like `RssAnon:    52432 kB`, in bytes.
fn kilobytes(status: &str, line: &str) -> Option<i64> {
    let rest = status.lines().find_map(|found| found.strip_prefix(line))?;
    Some(rest.split_whitespace().next()?.parse::<i64>().ok()? * 1024)
}

/// `GET /metrics`, for a listener of its own.
pub fn routes(metrics: Arc<Metrics>) -> Router {
    Router::new().route("/metrics", get(show)).with_state(metrics)
}

async fn show(State(metrics): State<Arc<Metrics>>) -> Response {
    match metrics.text().await {
        Ok(text) => ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the figures cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Measures each request of the routes.
pub fn measured(router: Router, metrics: Arc<Metrics>) -> Router {
    router.layer(middleware::from_fn_with_state(metrics, measure))
}

async fn measure(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    // Anybody may send a method of their own making.
    let method = match *request.method() {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    };
    metrics.under_way.inc();
    // A client that goes away takes its request with it.
    let mut timed = Timed { metrics, asked: Asked { method, route, status: "gone" }, watch: Stopwatch::start() };
    let response = next.run(request).await;
    timed.asked.status = match response.status().as_u16() {
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
        _ => "1xx",
    };
    response
}

/// A request under way; counted when it is dropped.
struct Timed {
    metrics: Arc<Metrics>,
    asked: Asked,
    watch: Stopwatch,
}

impl Drop for Timed {
    fn drop(&mut self) {
        self.metrics.under_way.dec();
        self.metrics.requests.get_or_create(&self.asked).observe(self.watch.elapsed().as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use tower::ServiceExt;

    fn line<'t>(text: &'t str, beginning: &str) -> &'t str {
        text.lines().find(|line| line.starts_with(beginning)).unwrap_or_else(|| panic!("no {beginning} in\n{text}"))
    }

    store::both_engines! {
        async fn requests_are_counted_by_route_and_never_by_what_somebody_sends(db: TestDb) {
            let metrics = Arc::new(Metrics::of(&db.store));
            let slow = get(|| async { tokio::time::sleep(Duration::from_secs(60)).await });
            let routes = Router::new().route("/t/{slug}/cases/{number}", get(|| async { "a case" })).route("/slow", slow);
            let router = measured(routes, metrics.clone());
            let ask = async |method: &str, path: &str| {
                let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
                router.clone().oneshot(request).await.expect("answers").status().as_u16()
            };
            for number in 0..3 {
                assert_eq!(ask("GET", &format!("/t/lsw/cases/{number}?phone=13812345678")).await, 200);
            }
            assert_eq!(ask("BREW", "/t/lsw/cases/1").await, 405);
            assert_eq!(ask("GET", "/wp-admin/13812345678").await, 404);
            assert!(tokio::time::timeout(Duration::from_millis(20), ask("GET", "/slow")).await.is_err());
            let text = metrics.text().await.expect("written");
            let of = |labels: &str| line(&text, &format!("xiuhua_http_request_duration_seconds_count{{{labels}}}")).to_owned();
            assert!(of("method=\"GET\",route=\"/t/{slug}/cases/{number}\",status=\"2xx\"").ends_with(" 3"), "{text}");
            assert!(of("method=\"other\",route=\"/t/{slug}/cases/{number}\",status=\"4xx\"").ends_with(" 1"), "{text}");
            assert!(of("method=\"GET\",route=\"/slow\",status=\"gone\"").ends_with(" 1"), "{text}");
            assert!(line(&text, "xiuhua_http_requests_under_way").ends_with(" 0"), "{text}");
            assert!(!text.contains("13812345678") && !text.contains("lsw") && !text.contains("wp-admin"), "{text}");
        }

        async fn what_waits_and_what_memory_is_used_is_told(db: TestDb) {
            let metrics = Metrics::of(&db.store);
            let text = metrics.text().await.expect("written");
            assert!(line(&text, "xiuhua_journal_unsealed_facts ").ends_with(" 0"), "{text}");
            let open: i64 = line(&text, "xiuhua_database_connections_open ").rsplit(' ').next().expect("a number").parse().expect("a number");
            assert!(open > 0, "{text}");
            let anonymous: i64 = line(&text, "xiuhua_process_anonymous_memory_bytes ").rsplit(' ').next().expect("one").parse().expect("a number");
            assert!(anonymous > 1_000_000, "{text}");
            assert_eq!(text.contains("xiuhua_write_group_size"), !db.store.is_postgres());
            assert!(text.contains("xiuhua_build_info{version="), "{text}");
        }
    }
}
