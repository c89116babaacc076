//! What stands around every route: request lines in the log, a bound on time and size, and a page when a handler panics.

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use kernel::{Code, Error, Kind};
use std::any::Any;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tower_http::trace::TraceLayer;
use web::Failure;

/// The answer took too long; whether the change was made is found out by looking.
pub const TOO_SLOW: Code = Code::new(Kind::Unavailable, "too_slow");

/// A request with a body may take this much longer: photos come in over weak networks.
const UPLOAD_TIMES: u32 = 20;

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub most_bytes: usize,
    pub most_time: Duration,
}

/// Puts the layers around the routes. `show` stands outside of this: it writes the pages of failures.
pub fn inner(router: Router, limits: Limits) -> Router {
    router
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(text_only))
        .layer(middleware::from_fn(move |request: Request, next: Next| in_time(limits.most_time, request, next)))
        // A body that stops coming ends its request; one that is merely slow does not.
        .layer(RequestBodyTimeoutLayer::new(limits.most_time))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(limits.most_bytes))
}

/// Request lines in the log: method, the route as it is written (never the address with its ids), status, time.
pub fn traced(router: Router) -> Router {
    let span = |request: &Request<Body>| {
        let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
        tracing::info_span!("request", method = %request.method(), route)
    };
    let answered = |response: &Response, took: Duration, _: &tracing::Span| {
        tracing::debug!(status = response.status().as_u16(), micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX), "answered");
    };
    router.layer(TraceLayer::new_for_http().make_span_with(span).on_request(()).on_response(answered).on_failure(()))
}

/// A NUL in an address is no text: PostgreSQL cannot look for it, and nobody typed it.
async fn text_only(request: Request, next: Next) -> Response {
    if request.uri().path_and_query().is_some_and(|address| address.as_str().contains("%00")) {
        return Failure(access::http::BAD_REQUEST.err()).into_response();
    }
    next.run(request).await
}

async fn in_time(most: Duration, request: Request, next: Next) -> Response {
    let most = if request.method().is_safe() { most } else { most * UPLOAD_TIMES };
    match tokio::time::timeout(most, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure(TOO_SLOW.err()).into_response(),
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    Failure(Error::internal(format!("a handler panicked: {said}"))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;
    use axum::routing::{get, post};
    use tower::ServiceExt;

    fn router() -> Router {
        let routes = Router::new()
            .route(
                "/panic",
                get(|| async {
                    if true {
                        panic!("on purpose")
                    }
                }),
            )
            .route("/slow", get(|| async { tokio::time::sleep(Duration::from_secs(60)).await }))
            .route("/slow", post(|| async { tokio::time::sleep(Duration::from_secs(60)).await }))
            .route("/read", post(|body: axum::body::Bytes| async move { body.len().to_string() }));
        inner(routes, Limits { most_bytes: 1000, most_time: Duration::from_secs(30) })
    }

    async fn ask(request: Request) -> Response {
        router().oneshot(request).await.expect("answers")
    }

    #[tokio::test]
    async fn a_panic_is_answered_as_our_fault() {
        let response = ask(Request::get("/panic").body(Body::empty()).expect("a request")).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(response.extensions().get::<Failure>().is_some(), "the page of the failure can be written");
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_takes_too_long_is_given_up_and_an_upload_is_not() {
        let response = ask(Request::get("/slow").body(Body::empty()).expect("a request")).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.extensions().get::<Failure>().is_some_and(|failure| failure.0.is(TOO_SLOW)));
        let response = ask(Request::post("/slow").body(Body::empty()).expect("a request")).await;
        assert_eq!(response.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_body_beyond_the_bound_is_refused() {
        let response =
            ask(Request::post("/read").header("content-length", "1001").body(Body::from("x".repeat(1001))).expect("a request")).await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        let response = ask(Request::post("/read").body(Body::from("x".repeat(1000))).expect("a request")).await;
        assert_eq!(response.status(), StatusCode::OK);
    }
}
