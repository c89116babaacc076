//! Styles and scripts out of the binary: compressed beforehand, kept by browsers for ever, as a new content has a new name.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

const FOR_EVER: &str = "public, max-age=31536000, immutable";

pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{*path}", get(file))
}

async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some(file) = assets::at(&format!("/assets/{path}")) else {
        return (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response();
    };
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let common = [(header::CONTENT_TYPE, file.content_type), (header::CACHE_CONTROL, FOR_EVER), (header::VARY, "accept-encoding")];
    match best(accepted) {
        Some("br") => (common, [(header::CONTENT_ENCODING, "br")], file.brotli).into_response(),
        Some(_) => (common, [(header::CONTENT_ENCODING, "gzip")], file.gzip).into_response(),
        None => (common, file.plain).into_response(),
    }
}

/// The smallest encoding that an `Accept-Encoding` header takes (RFC 9110 §12.5.3); `q=0` refuses one.
fn best(accepted: &str) -> Option<&'static str> {
    let takes = |name: &str| {
        accepted.split(',').any(|part| {
            let mut words = part.split(';').map(str::trim);
            let named = words.next().is_some_and(|coding| coding.eq_ignore_ascii_case(name));
            let refused = words.any(|word| word.strip_prefix("q=").is_some_and(|q| q.chars().all(|c| c == '0' || c == '.')));
            named && !refused
        })
    };
    ["br", "gzip"].into_iter().find(|name| takes(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    async fn get(path: &str, accepted: &str) -> Response {
        let request = Request::get(path).header("accept-encoding", accepted).body(Body::empty()).expect("a request");
        routes::<()>().oneshot(request).await.expect("answers")
    }

    #[test]
    fn the_smallest_accepted_encoding_is_taken() {
        for (accepted, taken) in [
            ("gzip, deflate, br", Some("br")),
            ("gzip;q=0.8, br;q=0", Some("gzip")),
            ("GZIP", Some("gzip")),
            ("identity", None),
            ("br;q=0.0", None),
            ("", None),
        ] {
            assert_eq!(best(accepted), taken, "{accepted}");
        }
    }

    #[tokio::test]
    async fn a_file_is_kept_for_ever_and_an_unknown_one_is_not() {
        let path = assets::url("app.css");
        for (accepted, encoding) in [("br", Some("br")), ("gzip", Some("gzip")), ("identity", None)] {
            let response = get(path, accepted).await;
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers().get("content-encoding").and_then(|value| value.to_str().ok()), encoding);
            assert_eq!(response.headers()["cache-control"], FOR_EVER);
            assert_eq!(response.headers()["vary"], "accept-encoding");
            assert!(response.headers()["content-type"].to_str().is_ok_and(|kind| kind.starts_with("text/css")));
        }
        let response = get("/assets/../Cargo.toml", "br").await;
        assert_eq!((response.status(), response.headers()["cache-control"].to_str().ok()), (StatusCode::NOT_FOUND, Some("no-store")));
    }
}
