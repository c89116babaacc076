//! Whether the program lives, and whether it can work; for service managers and load balancers, not for people.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use store::{Sql, Store, args, sql};

static ANSWERS: Sql = sql!(
    "SELECT COUNT(*) AS n
    FROM tenant
    WHERE id = 0"
);

/// `/health/live` answers while the process turns; `/health/ready` while the database answers too.
pub fn routes(store: Store) -> Router {
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready)).with_state(store)
}

const UNKEPT: [(header::HeaderName, &str); 2] = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];

async fn live() -> impl IntoResponse {
    (UNKEPT, "live\n")
}

async fn ready(State(store): State<Store>) -> impl IntoResponse {
    match store.one::<(i64,)>(&ANSWERS, args! {}).await {
        Ok(_) => (StatusCode::OK, UNKEPT, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, UNKEPT, "the database does not answer\n")
        }
    }
}
