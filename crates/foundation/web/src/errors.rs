//! Errors as answers: a page in the reader's language, or problem+json (RFC 9457) for machines.

use crate::app::App;
use crate::html::render;
use crate::language::{Lang, Words};
use crate::page::{Look, PageContext};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::{Code, Error, Kind};

/// An error on its way out of a handler. The layer [`crate::errors::show`] writes the page, in the language of the request.
#[derive(Debug, Clone)]
pub struct Failure(pub Error);

pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = axum::http::StatusCode::from_u16(self.0.kind().status()).unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
        if self.0.kind() == Kind::Internal || self.0.kind() == Kind::Unavailable {
            tracing::error!(code = self.0.code(), detail = self.0.log_detail(), "a request failed");
        }
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// What axum itself refuses: an address that is none, a method that a page does not take, a body that cannot be read.
pub const BAD_REQUEST: Code = Code::invalid("bad_request");
pub const METHOD: Code = Code::new(Kind::Method, "method_not_allowed");

#[derive(askama::Template)]
#[template(path = "error.html")]
struct ErrorPage {
    page: PageContext,
    heading: String,
    words: String,
    fields: Vec<String>,
    code: String,
    back: String,
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

const fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "error-heading-invalid",
        Kind::Unauthenticated => "error-heading-unauthenticated",
        Kind::Forbidden => "error-heading-forbidden",
        Kind::NotFound => "error-heading-not_found",
        Kind::Method => "error-heading-invalid",
        Kind::Conflict => "error-heading-conflict",
        Kind::TooLarge => "error-heading-too_large",
        Kind::Unsupported => "error-heading-unsupported",
        Kind::TooMany => "error-heading-too_many",
        Kind::Unavailable => "error-heading-unavailable",
        Kind::Internal => "error-heading-internal",
    }
}

/// The layer that writes every error: as a page, or as problem+json where the request asks for data.
pub async fn show(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    // What machines go by survives the words.
    let said = [header::WWW_AUTHENTICATE, header::RETRY_AFTER, header::ALLOW];
    let said: Vec<_> = said.into_iter().filter_map(|name| response.headers().get(&name).cloned().map(|value| (name, value))).collect();
    let mut shown = write(&app, &headers, &path, &mut response).unwrap_or(response);
    for (name, value) in said {
        shown.headers_mut().entry(name).or_insert(value);
    }
    shown
}

/// The answer that says what went wrong; `None` where nothing did.
fn write(app: &App, headers: &HeaderMap, path: &str, response: &mut Response) -> Option<Response> {
    let failure = match response.extensions_mut().remove::<Failure>() {
        Some(failure) => failure,
        // Refused by the framework: a plain text body that nobody should read.
        None if response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain")) => {
            match response.status() {
                StatusCode::NOT_FOUND => Failure(Error::not_found()),
                StatusCode::METHOD_NOT_ALLOWED => Failure(METHOD.into()),
                StatusCode::PAYLOAD_TOO_LARGE => Failure(Code::new(Kind::TooLarge, "body_too_large").into()),
                StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => Failure(Error::unavailable("timed out")),
                status if status.is_client_error() => Failure(BAD_REQUEST.into()),
                status if status.is_server_error() => Failure(Error::internal("a handler failed")),
                _ => return None,
            }
        }
        None => return None,
    };
    let error = failure.0;
    let lang = cookie(headers, "lang").and_then(|tag| Lang::from_tag(&tag)).unwrap_or_else(|| {
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map_or(Lang::default(), Lang::accepted)
    });
    let w = Words::of(lang);
    let status = StatusCode::from_u16(error.kind().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let words = w.error(error.code(), error.args()).into_owned();
    let json = path.starts_with("/api/")
        || headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("application/json"));
    if json {
        return Some(problem(w, status, &error, &words));
    }
    let look = cookie(headers, "look").map_or(Look::default(), |text| Look::from_cookie(&text));
    let page = PageContext::anonymous(app, lang, look, kind_key(error.kind()));
    let back = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).and_then(|from| {
        let from = from
            .strip_prefix(&app.public_url)
            .or_else(|| from.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])))?;
        from.starts_with('/').then(|| from.to_owned())
    });
    let fields = error.field_errors().iter().map(|field| w.error(&field.code, &field.args).into_owned()).collect();
    let template = ErrorPage {
        heading: w.t(kind_key(error.kind())).into_owned(),
        words,
        fields,
        code: error.code().to_owned(),
        back: back.unwrap_or_else(|| "/".to_owned()),
        page,
    };
    Some(render(status, &template))
}

/// RFC 9457: a stable code, and for the fields of a form one entry each.
fn problem(w: Words, status: StatusCode, error: &Error, words: &str) -> Response {
    let fields: Vec<_> = error
        .field_errors()
        .iter()
        .map(|field| serde_json::json!({ "field": field.field, "code": field.code, "detail": w.error(&field.code, &field.args) }))
        .collect();
    let body = serde_json::json!({
        "type": format!("about:blank#{}", error.code()),
        "title": w.t(kind_key(error.kind())),
        "status": status.as_u16(),
        "detail": words,
        "code": error.code(),
        "errors": fields,
    });
    (status, [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")], body.to_string()).into_response()
}

/// Put among a page's extensions: hosts, parted by spaces, from which this page alone may take pictures (a base map's tiles).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources(pub String);

/// What a page may load: only our own, except pictures from hosts that it names itself.
fn policy(sources: Option<Sources>) -> HeaderValue {
    const OWN: &str = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";
    let wider = sources.and_then(|Sources(hosts)| {
        let wider = OWN.replace("img-src 'self' data: blob:", &format!("img-src 'self' data: blob: {hosts}; connect-src 'self' {hosts}"));
        HeaderValue::try_from(wider).ok()
    });
    wider.unwrap_or(HeaderValue::from_static(OWN))
}

/// The layer of headers that every answer carries, and that forgets a flash once it was shown.
pub async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let flashed = cookie(request.headers(), "flash").is_some();
    let mut response = next.run(request).await;
    let shown = flashed
        && response.status() == StatusCode::OK
        && response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let sources = response.extensions_mut().remove::<Sources>();
    let headers = response.headers_mut();
    // The host of a base map may want to know which site its key is used on: that, and nothing of the page's address.
    let referrer = if sources.is_some() { "strict-origin-when-cross-origin" } else { "same-origin" };
    headers.insert(header::CONTENT_SECURITY_POLICY, policy(sources));
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", referrer),
        ("permissions-policy", "geolocation=(self), camera=(self), microphone=()"),
        ("cross-origin-opener-policy", "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.secure_cookies {
        headers.insert("strict-transport-security", HeaderValue::from_static("max-age=31536000"));
    }
    if shown {
        headers.append(header::SET_COOKIE, HeaderValue::from_static("flash=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly"));
    }
    response
}
