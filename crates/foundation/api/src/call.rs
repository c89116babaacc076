//! One call of an operation: whose it is, what it carries, and what comes back.

use crate::params::Params;
use crate::schema::{Schema, Schemas};
use access::bearer::{Machine, machine};
use access::http::{BAD_REQUEST, BODY_TOO_LARGE, MAX_FORM, MAX_UPLOAD, pairs};
use access::token_scope::NOT_IN_SCOPE;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::ids::{CommandId, Uuid};
use kernel::{Code, Error, Kind, Result, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::future::Future;
use store::Pass;
use web::{App, Failure};

/// The body is not `application/json`.
pub const NOT_JSON: Code = Code::new(Kind::Unsupported, "api.not_json");
/// The body is JSON, or should be, and not what the operation takes.
pub const BAD_BODY: Code = Code::invalid("api.bad_body");

/// A request that writes carries no key, or one that is no UUID.
pub const KEY_NEEDED: Code = Code::invalid("api.key_needed");

/// The header by which a command is recognised when it comes again.
pub const KEY: &str = "idempotency-key";
/// Says that the answer is to a command that ran before.
const REPLAYED: &str = "idempotency-replayed";

/// A call: whoever it is for, the parameters of path (`P`) and query (`Q`), and the body.
pub struct Call<P, Q = (), B = ()> {
    pub machine: Machine,
    pub path: P,
    pub query: Q,
    pub body: B,
    /// For the one command that an operation which writes runs.
    pub pass: Pass,
    /// The first result, where this very command ran already.
    pub replayed: Option<Value>,
}

impl<P, Q, B> std::ops::Deref for Call<P, Q, B> {
    type Target = access::http::Desk;
    fn deref(&self) -> &access::http::Desk {
        &self.machine.desk
    }
}

impl<P, Q, B> Call<P, Q, B> {
    /// The first result as the command gave it, where it ran already. Errors: 500 where it is of another kind.
    pub fn first<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        self.replayed.clone().map(|first| serde_json::from_value(first).map_err(Error::internal)).transpose()
    }
    /// Where something of this tenant stands in the API.
    pub fn href(&self, path: &str) -> String {
        href(&self.machine.desk.tenant.slug, path)
    }
}

/// `/api/v1/t/{slug}` and the path.
pub fn href(slug: &str, path: &str) -> String {
    format!("/api/v1/t/{slug}{path}")
}

/// What a request's body is read as.
pub trait Carried: Sized + Send {
    /// The largest, in bytes.
    const MOST: usize;
    /// As the document says it; `None` where nothing is carried.
    fn describe(all: &mut Schemas) -> Option<Value>;
    fn read(parts: &Parts, body: Bytes) -> Result<Self>;
}

impl Carried for () {
    const MOST: usize = 1024;
    fn describe(_: &mut Schemas) -> Option<Value> {
        None
    }
    fn read(_: &Parts, _: Bytes) -> Result<Self> {
        Ok(())
    }
}

/// A body in JSON.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<T: Schema + DeserializeOwned + Send> Carried for Json<T> {
    const MOST: usize = MAX_FORM;
    fn describe(all: &mut Schemas) -> Option<Value> {
        Some(json!({ "required": true, "content": { "application/json": { "schema": T::schema(all) } } }))
    }
    fn read(parts: &Parts, body: Bytes) -> Result<Self> {
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        ensure(kind.eq_ignore_ascii_case("application/json"), NOT_JSON)?;
        serde_json::from_slice(&body).map(Json).map_err(|error| BAD_BODY.err().arg("why", error))
    }
}

/// A file, as it is.
#[derive(Debug, Clone)]
pub struct Upload(pub Bytes);

impl Carried for Upload {
    const MOST: usize = MAX_UPLOAD;
    fn describe(_: &mut Schemas) -> Option<Value> {
        Some(json!({ "required": true, "content": { "application/octet-stream": {} } }))
    }
    fn read(_: &Parts, body: Bytes) -> Result<Self> {
        Ok(Upload(body))
    }
}

/// A video, as it is.
#[derive(Debug, Clone)]
pub struct Film(pub Bytes);

impl Carried for Film {
    const MOST: usize = store::videos::LIMITS.upload_bytes;
    fn describe(_: &mut Schemas) -> Option<Value> {
        Some(json!({ "required": true, "content": { "application/octet-stream": {} } }))
    }
    fn read(_: &Parts, body: Bytes) -> Result<Self> {
        Ok(Film(body))
    }
}

/// What an operation gives.
pub trait Given {
    const STATUS: u16;
    fn describe(all: &mut Schemas) -> Value;
    fn respond(self) -> Result<Response>;
}

fn written<T: Serialize>(status: StatusCode, body: &T) -> Result<Response> {
    let text = serde_json::to_string(body).map_err(Error::internal)?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((status, headers, text).into_response())
}

/// What was asked for.
#[derive(Debug, Clone)]
pub struct Answer<T>(pub T);

impl<T: Schema + Serialize> Given for Answer<T> {
    const STATUS: u16 = 200;
    fn describe(all: &mut Schemas) -> Value {
        json!({ "description": "As asked.", "content": { "application/json": { "schema": T::schema(all) } } })
    }
    fn respond(self) -> Result<Response> {
        written(StatusCode::OK, &self.0)
    }
}

/// Something new, and where it stands.
#[derive(Debug, Clone)]
pub struct Created<T> {
    pub at: String,
    pub body: T,
}

impl<T: Schema + Serialize> Given for Created<T> {
    const STATUS: u16 = 201;
    fn describe(all: &mut Schemas) -> Value {
        json!({
            "description": "Made; `Location` says where it stands.",
            "headers": { "Location": { "schema": { "type": "string" } } },
            "content": { "application/json": { "schema": T::schema(all) } },
        })
    }
    fn respond(self) -> Result<Response> {
        let mut response = written(StatusCode::CREATED, &self.body)?;
        if let Ok(at) = HeaderValue::from_str(&self.at) {
            response.headers_mut().insert(header::LOCATION, at);
        }
        Ok(response)
    }
}

/// A picture, as whoever keeps it answers.
pub struct Picture(pub Response);

impl Given for Picture {
    const STATUS: u16 = 200;
    fn describe(_: &mut Schemas) -> Value {
        json!({ "description": "A JPEG.", "content": { "image/jpeg": {} } })
    }
    fn respond(self) -> Result<Response> {
        Ok(self.0)
    }
}

/// A video, as whoever keeps it answers.
pub struct Shown(pub Response);

impl Given for Shown {
    const STATUS: u16 = 200;
    fn describe(_: &mut Schemas) -> Value {
        json!({ "description": "The video.", "content": { "video/mp4": {}, "video/quicktime": {}, "video/webm": {} } })
    }
    fn respond(self) -> Result<Response> {
        Ok(self.0)
    }
}

/// Reads a request, runs the handler and writes the answer.
pub async fn serve<P, Q, B, T, F, R>(handler: F, app: App, request: Request) -> Response
where
    P: Params,
    Q: Params,
    B: Carried,
    T: Given,
    F: FnOnce(Call<P, Q, B>) -> R,
    R: Future<Output = Result<T, Failure>>,
{
    let (parts, body) = request.into_parts();
    let answered = async {
        let call = read::<P, Q, B>(parts, body, &app).await?;
        let replayed = call.replayed.is_some();
        let mut response = handler(call).await?.respond()?;
        if replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        Ok::<_, Failure>(response)
    };
    answered.await.unwrap_or_else(|failure| refused(failure.0))
}

async fn read<P: Params, Q: Params, B: Carried>(mut parts: Parts, body: Body, app: &App) -> Result<Call<P, Q, B>> {
    let raw = RawPathParams::from_request_parts(&mut parts, &()).await.map_err(|_| Error::from(BAD_REQUEST))?;
    let mut path: Vec<(String, String)> = raw.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let at = path.iter().position(|(name, _)| name == "slug").ok_or_else(Error::not_found)?;
    let (_, slug) = path.swap_remove(at);
    let machine = machine(&parts, app, &slug).await?;
    // What stands in the address names something; where it cannot, there is nothing of that name.
    let path = P::read(&path).map_err(|_| Error::not_found())?;
    let query = Q::read(&pairs(parts.uri.query().unwrap_or_default().as_bytes())?)?;
    let desk = &machine.desk;
    let (tenant, actor) = (desk.actor.tenant, desk.actor.account);
    if parts.method == Method::GET || parts.method == Method::HEAD {
        let pass = Pass { tenant, actor, on_behalf_of: None, id: app.world.new_id(), body: [0; 32] };
        let body = B::read(&parts, Bytes::new())?;
        return Ok(Call { machine, path, query, body, pass, replayed: None });
    }
    ensure(machine.acts(), NOT_IN_SCOPE)?;
    let key = parts.headers.get(KEY).and_then(|value| value.to_str().ok()).filter(|text| text.len() == 36);
    let id = CommandId(key.and_then(|text| Uuid::try_parse(text).ok()).ok_or(KEY_NEEDED)?);
    let bytes = axum::body::to_bytes(body, B::MOST).await.map_err(|_| Error::from(BODY_TOO_LARGE))?;
    let said = [parts.uri.path().as_bytes(), b"\n", &bytes].concat();
    let pass = Pass { tenant, actor, on_behalf_of: None, id, body: kernel::canonical::content_hash(&said) };
    let body = B::read(&parts, bytes)?;
    let replayed = app.store.replayed(&pass).await?;
    Ok(Call { machine, path, query, body, pass, replayed })
}

/// A refusal, with the headers that machines go by; the words are written where all failures are.
fn refused(error: Error) -> Response {
    let challenge = match error.kind() {
        Kind::Unauthenticated if error.is(access::bearer::NO_TOKEN) => Some("Bearer"),
        Kind::Unauthenticated => Some("Bearer error=\"invalid_token\""),
        Kind::Forbidden if error.is(NOT_IN_SCOPE) => Some("Bearer error=\"insufficient_scope\""),
        _ => None,
    };
    let wait = error.args().get("seconds").filter(|_| error.kind() == Kind::TooMany).cloned();
    let mut response = Failure(error).into_response();
    if let Some(challenge) = challenge {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if let Some(wait) = wait.and_then(|wait| HeaderValue::from_str(&wait).ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response
}
