//! Traces for OpenTelemetry: spans of requests and commands, sent by OTLP over HTTP to the collector that the configuration names.
//!
//! A span holds a route's template, a method, a kind of command and how long it took: nothing of a person or a tenant. Lines of
//! the log stay in the log.

use crate::config::Telemetry;
use bytes::Bytes;
use http::{Request, Response};
use kernel::{Code, Result};
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::{Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// The collector's address is none that spans are sent to.
pub const ADDRESS: Code = Code::invalid("telemetry.address");

/// Sends through [`outgoing`], on the program's own threads: the exporter's have no runtime.
#[derive(Debug)]
struct Sender(Handle);

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> std::result::Result<Response<Bytes>, HttpError> {
        Ok(self.0.spawn(outgoing::send(request)).await??)
    }
}

/// Collects spans as long as it is kept; the last are sent by [`Telemetry::end`].
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// `None` where the configuration names no collector. Errors: [`ADDRESS`].
    pub fn start(config: &Telemetry, handle: Handle) -> Result<Option<Traces>> {
        if config.endpoint.is_empty() {
            return Ok(None);
        }
        let bad = |detail: &dyn std::fmt::Display| ADDRESS.err().arg("address", &config.endpoint).detail(detail);
        outgoing::address(&config.endpoint).map_err(|error| bad(&error))?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender(handle))
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(&config.endpoint)
            .build()
            .map_err(|error| bad(&error))?;
        let share = f64::from(config.percent.min(100)) / 100.0;
        let about = Resource::builder()
            .with_service_name("xiuhua")
            .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share))))
            .with_resource(about)
            .build();
        Ok(Some(Traces(provider)))
    }

    /// What the log's subscriber hands spans to: the program's own, as they are declared.
    pub fn layer<S: Subscriber + for<'s> LookupSpan<'s>>(&self) -> impl Layer<S> + use<S> {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("xiuhua"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
            .with_filter(filter_fn(|metadata| metadata.is_span() && *metadata.level() <= Level::INFO))
    }

    /// Sends what is left.
    pub fn end(self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}
