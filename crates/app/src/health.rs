//! Whether the program lives, and whether it can work; for service managers and load balancers, not for people.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use store::{Sql, Store, args, sql};

static ANSWERS: Sql = sql!(
    "SELECT COUNT(*) AS n
    FROM tenant
    WHERE id = 0"
);

/// A database that has not answered by then does not answer: whoever asks wants to send people elsewhere.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// How far the program has come between its start and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The database is brought up to date; nothing else is answered yet.
    Starting,
    Serving,
    /// It was told to stop: requests are taken yet, and nobody should send new ones.
    Leaving,
}

/// The phase of this process, for all who ask.
#[derive(Debug)]
pub struct Health(AtomicU8);

impl Default for Health {
    /// Serving: a program that says nothing else is complete.
    fn default() -> Self {
        Health(AtomicU8::new(Phase::Serving as u8))
    }
}

impl Health {
    /// The phase is this one from now on.
    pub fn enter(&self, phase: Phase) {
        self.0.store(phase as u8, Ordering::Release);
    }
    /// The phase just now.
    pub fn phase(&self) -> Phase {
        let now = self.0.load(Ordering::Acquire);
        [Phase::Starting, Phase::Leaving].into_iter().find(|phase| *phase as u8 == now).unwrap_or(Phase::Serving)
    }
}

/// `/health/live` answers while the process turns; `/health/ready` while it serves and the database answers too.
pub fn routes(store: Store, health: Arc<Health>) -> Router {
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready)).with_state((store, health))
}

const UNKEPT: [(header::HeaderName, &str); 2] = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];

async fn live() -> impl IntoResponse {
    (UNKEPT, "live\n")
}

async fn ready(State((store, health)): State<(Store, Arc<Health>)>) -> Response {
    let not = |why: &'static str| (StatusCode::SERVICE_UNAVAILABLE, UNKEPT, why).into_response();
    match health.phase() {
        Phase::Starting => return not("starting\n"),
        Phase::Leaving => return not("stopping\n"),
        Phase::Serving => {}
    }
    let answered = tokio::time::timeout(ANSWERS_WITHIN, store.one::<(i64,)>(&ANSWERS, args! {})).await;
    match answered {
        Ok(Ok(_)) if store.takes_commands() => return (UNKEPT, "ready\n").into_response(),
        Ok(Ok(_)) => tracing::error!("not ready: the database takes no commands any more"),
        Ok(Err(error)) => tracing::warn!(%error, "not ready"),
        Err(_) => tracing::warn!("not ready: the database takes too long"),
    }
    not("the database does not answer\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    store::both_engines! {
        async fn ready_is_said_only_while_it_serves_and_live_as_long_as_it_turns(db: TestDb) {
            let health = Arc::<Health>::default();
            let ask = async |path: &str| {
                let request = Request::get(path).body(Body::empty()).expect("a request");
                let response = routes(db.store.clone(), health.clone()).oneshot(request).await.expect("answers");
                let status = response.status().as_u16();
                let body = to_bytes(response.into_body(), 1000).await.expect("a body");
                format!("{status} {}", String::from_utf8_lossy(&body).trim())
            };
            assert_eq!(ask("/health/ready").await, "200 ready");
            health.enter(Phase::Starting);
            assert_eq!((ask("/health/ready").await, ask("/health/live").await), ("503 starting".to_owned(), "200 live".to_owned()));
            health.enter(Phase::Serving);
            assert_eq!(ask("/health/ready").await, "200 ready");
            health.enter(Phase::Leaving);
            assert_eq!((ask("/health/ready").await, ask("/health/live").await), ("503 stopping".to_owned(), "200 live".to_owned()));
        }
    }
}
