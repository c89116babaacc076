//! Who sends a request, and what it carries: extractors that check session, tenant, form and replay before a handler runs.

use crate::account::{Tenant, tenant_by_slug};
use crate::actor::{Actor, ActorData, Assignment};
use crate::client::TrustedProxies;
use crate::nav::{Nav, SearchBox};
use crate::session::{self, Token};
use crate::{account, expired};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use futures::StreamExt;
use kernel::ids::CommandId;
use kernel::{Code, Error, Kind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use std::fmt::Write;
use std::net::IpAddr;
use std::task::Poll;
use store::attachments::{Attachment, Attachments, Incoming, Size};
use store::{Pass, Store};
use subtle::ConstantTimeEq;
use web::{App, Failure, Lang, Look, PageContext, Words};

/// The form's secret does not belong to the session.
pub const CSRF: Code = Code::forbidden("csrf");
/// The form does not say which command it is.
pub const NO_COMMAND: Code = Code::invalid("command.missing");
/// The request cannot be read: bad encoding, bad characters, cut off.
pub const BAD_REQUEST: Code = Code::invalid("bad_request");
pub const BODY_TOO_LARGE: Code = Code::new(Kind::TooLarge, "body_too_large");

/// The largest form, in bytes; photos go up by themselves.
pub const MAX_FORM: usize = 256 * 1024;

/// A cookie's value.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

/// The name of the session's cookie.
pub const SESSION: &str = "session";

/// A cookie to be set, for this site alone.
pub fn set_cookie(app: &App, name: &str, value: &str, seconds: i64, hidden: bool) -> String {
    let secure = if app.secure_cookies { "; Secure" } else { "" };
    let hidden = if hidden { "; HttpOnly" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax{hidden}{secure}")
}

/// The language of a request: its cookie's, else what the browser accepts.
pub fn lang(headers: &HeaderMap) -> Lang {
    cookie(headers, "lang").and_then(|tag| Lang::from_tag(&tag)).unwrap_or_else(|| {
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map_or(Lang::default(), Lang::accepted)
    })
}

/// What a page needs to know of its request, whoever sends it.
#[derive(Clone)]
pub struct Visit {
    pub app: App,
    pub lang: Lang,
    pub look: Look,
    pub flash: Option<String>,
    pub path: String,
    /// The script asked for data, not for a page.
    pub wants_json: bool,
    pub device: String,
    /// The address that it comes from.
    pub client: IpAddr,
}

impl Visit {
    pub fn of(parts: &Parts, app: &App) -> Visit {
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        Visit {
            app: app.clone(),
            lang: lang(&parts.headers),
            look: cookie(&parts.headers, "look").map_or(Look::default(), |text| Look::from_cookie(&text)),
            flash: cookie(&parts.headers, "flash"),
            path: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            wants_json: text(header::ACCEPT).contains("application/json"),
            device: text(header::USER_AGENT),
            client: app.try_get::<TrustedProxies>().unwrap_or_default().client(&parts.extensions, &parts.headers),
        }
    }
    /// A page for somebody who is not logged in.
    pub fn page(&self, title_key: &str) -> PageContext {
        let mut page = PageContext::anonymous(&self.app, self.lang, self.look, title_key);
        page.path = self.path.clone();
        page.flash = self.flash_words(page.w);
        page
    }
    fn flash_words(&self, w: Words) -> Option<String> {
        let key = self.flash.as_deref()?;
        // Only keys of our own: a cookie is anybody's to write.
        (key.starts_with("done-") && w.has(key)).then(|| w.t(key).into_owned())
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Visit::of(parts, app))
    }
}

/// A logged-in person in the tenant that the address names.
#[derive(Clone)]
pub struct Desk {
    pub app: App,
    pub actor: Actor,
    pub tenant: Tenant,
    pub account: account::Account,
    pub token: Token,
    pub visit: Visit,
}

/// The role demands a second step at log-in, which this account has not set up.
pub const TOTP_NEEDED: Code = Code::new(Kind::Forbidden, "account.totp_needed");

/// A one-time password is changed before anything else.
pub const MUST_CHANGE: Code = Code::new(Kind::Forbidden, "account.must_change");

/// Why a request gets no desk.
enum NoDesk {
    LogIn,
    /// Something has to be set right first, on the account's own page: a one-time password is changed, a second step that
    /// the role demands is set up.
    First(String, Code),
    Else(Failure),
}

impl<E: Into<Failure>> From<E> for NoDesk {
    fn from(error: E) -> Self {
        NoDesk::Else(error.into())
    }
}

/// The tenant's slug in an address like `/t/{slug}/…`.
fn slug_of(path: &str) -> Option<&str> {
    let mut parts = path.split('/').skip(1);
    (parts.next() == Some("t")).then(|| parts.next()).flatten()
}

/// The account's own page and what belongs to it.
fn is_own(path: &str, own: &str) -> bool {
    path.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn desk(parts: &Parts, app: &App) -> Result<Desk, NoDesk> {
    Ok(desk_and_first(parts, app, None).await?.0)
}

/// The desk, and what was remembered of a command: `None` where that has still to be asked.
async fn desk_and_first(parts: &Parts, app: &App, command: Option<CommandId>) -> Result<(Desk, Option<First>), NoDesk> {
    let store = &app.store;
    let token = cookie(&parts.headers, SESSION).and_then(|text| Token::from_cookie(&text)).ok_or(NoDesk::LogIn)?;
    let who = session::find(store, &token, command).await?.ok_or(NoDesk::LogIn)?;
    let session::Who { session, account, home, assignments, first } = who;
    if session.stage != "full" {
        return Err(NoDesk::LogIn);
    }
    // It was looked for at home; what ran in a child tenant is remembered there.
    let mut asked = command.map(|_| First(first));
    let slug = slug_of(parts.uri.path());
    if slug.is_some_and(|slug| slug != home.slug) {
        asked = None;
    }
    let (tenant, actor) = acting(store, slug, home, &account, assignments).await?;
    let own = format!("/t/{}/account", tenant.slug);
    if !is_own(parts.uri.path(), &own) {
        if account.must_change {
            return Err(NoDesk::First(own, MUST_CHANGE));
        }
        if !account.totp_confirmed && tenant.demands_totp(actor.assignments.iter().map(|given| given.role))? {
            return Err(NoDesk::First(own, TOTP_NEEDED));
        }
    }
    Ok((Desk { app: app.clone(), actor, tenant, account, token, visit: Visit::of(parts, app) }, asked))
}

/// The tenant that an address names, and who an account is there: at home by its own roles, in a child of it by what was
/// granted there. 404 anywhere else.
pub(crate) async fn acting(
    store: &Store,
    slug: Option<&str>,
    home: Tenant,
    account: &account::Account,
    assignments: Vec<Assignment>,
) -> Result<(Tenant, Actor), Error> {
    let of_district = home.is_district();
    let (tenant, assignments) = match slug {
        Some(slug) if slug != home.slug => {
            let tenant =
                tenant_by_slug(store, slug).await?.filter(|tenant| tenant.parent_id == Some(home.id)).ok_or_else(Error::not_found)?;
            let assignments = account::assignments(store, tenant.id, account.id).await?;
            if assignments.is_empty() {
                return Err(Error::not_found());
            }
            (tenant, assignments)
        }
        _ => (home, assignments),
    };
    let actor = Actor::new(ActorData {
        tenant: tenant.id,
        home: account.tenant_id,
        of_district,
        account: Some(account.id),
        name: account.name.shown().to_owned(),
        assignments,
    });
    Ok((tenant, actor))
}

/// Body and result of a command that ran before.
struct First(Option<([u8; 32], String)>);

impl FromRequestParts<App> for Desk {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        match desk(parts, app).await {
            Ok(desk) => Ok(desk),
            Err(NoDesk::LogIn) => Err(log_in(parts)),
            Err(NoDesk::First(own, _)) if parts.method == Method::GET => Err(Redirect::to(&own).into_response()),
            Err(NoDesk::First(_, code)) => Err(Failure::from(code).into_response()),
            Err(NoDesk::Else(failure)) => Err(failure.into_response()),
        }
    }
}

/// To the log-in page and back; data is refused plainly.
fn log_in(parts: &Parts) -> Response {
    let json =
        parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("application/json"));
    if json || parts.method != Method::GET {
        return Failure::from(Code::new(Kind::Unauthenticated, "unauthenticated")).into_response();
    }
    let next = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    Redirect::to(&format!("/login?next={}", encode(next))).into_response()
}

/// All but the unreserved characters (RFC 3986 §2.3).
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes all but unreserved characters, for a query or a part of a path.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, &RESERVED).to_string()
}

/// An address of our own to go on to; anything else goes home.
pub fn safe_next(next: &str) -> &str {
    if next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']) { next } else { "/" }
}

impl Desk {
    /// `/t/{slug}` and the path.
    pub fn href(&self, path: &str) -> String {
        format!("/t/{}{path}", self.tenant.slug)
    }
    /// A tenant's name in the reader's language.
    pub fn name_of(&self, tenant: &Tenant) -> String {
        tenant.shown(self.visit.lang).to_owned()
    }
    /// A page of this tenant, with its navigation and the actor's roles.
    pub fn page(&self, title_key: &str) -> PageContext {
        let mut page = self.visit.page(title_key);
        let w = page.w;
        page.csrf = self.token.csrf();
        page.tenant_slug.clone_from(&self.tenant.slug);
        page.tenant_name = self.name_of(&self.tenant);
        page.account_name.clone_from(&self.actor.name);
        page.account_role =
            self.actor.assignments.first().map(|given| w.t(&format!("role-{}", given.role)).into_owned()).unwrap_or_default();
        page.zone = jiff::tz::TimeZone::get(&self.tenant.zone).unwrap_or(jiff::tz::TimeZone::UTC);
        if let Some(nav) = self.app.try_get::<Nav>() {
            page.nav = nav.items(&self.actor, &self.tenant.slug, &self.visit.path, w);
        }
        page.may_search = self.app.try_get::<SearchBox>().is_some_and(|shown| (shown.0)(&self.actor));
        page
    }
    /// A command of this person, for what a page does by itself (first opened, seen).
    pub fn own_pass(&self) -> Pass {
        Pass { tenant: self.actor.tenant, actor: self.actor.account, on_behalf_of: None, id: self.app.world.new_id(), body: [0; 32] }
    }
    /// Done: on to a page of this tenant, which says so in the words of `key` (`done-…`).
    pub fn done(&self, key: &str, path: &str) -> Response {
        let flash = set_cookie(&self.app, "flash", key, 60, true);
        ([(header::SET_COOKIE, flash)], Redirect::to(&self.href(path))).into_response()
    }
}

/// A submitted form: session and CSRF checked, read, and recognised if it was sent before.
pub struct Submitted<F> {
    pub desk: Desk,
    pub form: F,
    pub pass: Pass,
    /// The first answer, when this very form has run already.
    pub replayed: Option<serde_json::Value>,
}

/// The pairs of a form body, every one of them proper text.
pub fn pairs(body: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let bad = || Error::from(BAD_REQUEST);
    let decode = |part: &[u8]| {
        let mut out = Vec::with_capacity(part.len());
        let mut bytes = part.iter().copied();
        while let Some(byte) = bytes.next() {
            out.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let pair = [bytes.next().ok_or_else(bad)?, bytes.next().ok_or_else(bad)?];
                    u8::from_str_radix(std::str::from_utf8(&pair).map_err(|_| bad())?, 16).map_err(|_| bad())?
                }
                byte => byte,
            });
        }
        let text = String::from_utf8(out).map_err(|_| bad())?;
        // A NUL is no text: PostgreSQL cannot keep it, and nobody typed it.
        if text.contains('\0') { Err(bad()) } else { Ok(text) }
    };
    body.split(|byte| *byte == b'&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let at = part.iter().position(|byte| *byte == b'=').unwrap_or(part.len());
            Ok((decode(&part[..at])?, decode(part.get(at + 1..).unwrap_or_default())?))
        })
        .collect()
}

/// Fields that don't belong to what a form says: what stands around it, and secrets, of which the database keeps no hash
/// that is quick to guess from.
const NOT_HASHED: &[&str] = &["csrf", "command_id", "password", "present", "new", "again", "secret", "subject"];

/// What recognises a form that comes again: all it says.
fn body_hash(path: &str, pairs: &[(String, String)]) -> [u8; 32] {
    let mut text = path.to_owned();
    for (name, value) in pairs.iter().filter(|(name, _)| !NOT_HASHED.contains(&name.as_str())) {
        // A string takes whatever is written to it.
        let _ = write!(text, "\n{}:{name}={}:{value}", name.len(), value.len());
    }
    kernel::canonical::content_hash(text.as_bytes())
}

fn same(given: Option<&str>, wanted: &str) -> bool {
    given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(wanted.as_bytes())))
}

impl<F: DeserializeOwned + Send> FromRequest<App> for Submitted<F> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (parts, rest) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let answer = |error: Error| Failure::from(error).into_response();
        let body = axum::body::to_bytes(rest, MAX_FORM).await.map_err(|_| answer(BODY_TOO_LARGE.into()))?;
        let pairs = pairs(&body).map_err(answer)?;
        let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let id: Option<CommandId> = value("command_id").and_then(|id| id.parse().ok());
        let (desk, first) = match desk_and_first(&parts, app, id).await {
            Ok(found) => found,
            Err(NoDesk::LogIn) => return Err(expired::carry(&Visit::of(&parts, app), &parts.headers, &path, &pairs).await),
            Err(NoDesk::First(_, code)) => return Err(answer(code.into())),
            Err(NoDesk::Else(failure)) => return Err(failure.into_response()),
        };
        if !same(value("csrf"), &desk.token.csrf()) {
            return Err(answer(CSRF.into()));
        }
        let id = id.ok_or_else(|| answer(NO_COMMAND.into()))?;
        let form = serde_html_form::from_bytes::<F>(&body).map_err(|error| BAD_REQUEST.err().detail(error));
        let form = form.map_err(answer)?;
        // What belongs to the account itself is written where the account belongs, wherever its owner works just now.
        let tenant = if is_own(&path, &desk.href("/account")) { desk.account.tenant_id } else { desk.actor.tenant };
        let pass = Pass { tenant, actor: desk.actor.account, on_behalf_of: None, id, body: body_hash(&path, &pairs) };
        let replayed = match first {
            Some(First(first)) => first.map(|(body, result)| Store::first_result(&pass, body, &result)).transpose(),
            None => app.store.replayed(&pass).await,
        };
        let replayed = replayed.map_err(answer)?;
        Ok(Submitted { desk, form, pass, replayed })
    }
}

/// One uploaded photo, bounded.
pub struct Uploaded {
    pub desk: Desk,
    pub bytes: Bytes,
    /// The page's own camera took it just now.
    pub just_taken: bool,
}

/// The largest upload, in bytes: a photo's limit and the form around it.
pub const MAX_UPLOAD: usize = 16 * 1024 * 1024;

impl FromRequest<App> for Uploaded {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let answer = |error: Error| Failure::from(error).into_response();
        let (parts, rest) = request.into_parts();
        let desk = uploader(&parts, app).await?;
        let too_large = || answer(Error::from(store::images::TOO_LARGE));
        let body = axum::body::to_bytes(rest, MAX_UPLOAD).await.map_err(|_| too_large())?;
        let request = Request::from_parts(parts, body.into());
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| answer(BAD_REQUEST.into()))?;
        let (mut csrf, mut bytes, mut just_taken) = (false, None, false);
        while let Some(field) = form.next_field().await.map_err(|_| answer(BAD_REQUEST.into()))? {
            // The file's own name is never looked at.
            match field.name() {
                Some("csrf") => csrf = same(field.text().await.ok().as_deref(), &desk.token.csrf()),
                Some("camera") => just_taken = true,
                Some("photo") => bytes = Some(field.bytes().await.map_err(|_| answer(BAD_REQUEST.into()))?),
                _ => {}
            }
        }
        if !csrf {
            return Err(answer(CSRF.into()));
        }
        Ok(Uploaded { desk, bytes: bytes.ok_or_else(|| answer(BAD_REQUEST.into()))?, just_taken })
    }
}

/// Whoever sends a file; a script is told plainly that nobody is logged in.
async fn uploader(parts: &Parts, app: &App) -> Result<Desk, Response> {
    match desk(parts, app).await {
        Ok(desk) => Ok(desk),
        Err(NoDesk::LogIn) => Err(log_in(parts)),
        Err(NoDesk::First(_, code)) => Err(Failure::from(code).into_response()),
        Err(NoDesk::Else(failure)) => Err(failure.into_response()),
    }
}

/// One uploaded video, in a file, and the frame that the sender's browser drew of it.
pub struct UploadedVideo {
    pub desk: Desk,
    pub video: Incoming,
    pub poster: Option<Bytes>,
}

/// The largest frame that stands for a video, in bytes.
const MAX_POSTER: usize = 2 << 20;
/// What stands around the video in its form, at most: the frame, and some lines.
const AROUND: u64 = MAX_POSTER as u64 + (64 << 10);

impl FromRequest<App> for UploadedVideo {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let answer = |error: Error| Failure::from(error).into_response();
        let bad = || answer(BAD_REQUEST.into());
        let (parts, body) = request.into_parts();
        let desk = uploader(&parts, app).await?;
        let attachments = app.get::<Attachments>();
        let limits = attachments.policy().videos;
        // What says itself that it is too large is not read at all.
        let said = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if said.is_some_and(|said| said > limits.upload_bytes as u64 + AROUND) {
            return Err(answer(store::videos::too_large(&limits)));
        }
        // The reader of forms takes all that is ready at once: a rest after each part, so that it isn't the whole video.
        let (mut body, mut rested) = (body.into_data_stream(), true);
        let body = futures::stream::poll_fn(move |context| {
            if !rested {
                rested = true;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let next = body.poll_next_unpin(context);
            rested = next.is_pending();
            next
        });
        let request = Request::from_parts(parts, Body::from_stream(body));
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| bad())?;
        let (mut csrf, mut video, mut poster) = (false, None, None);
        while let Some(mut field) = form.next_field().await.map_err(|_| bad())? {
            match field.name() {
                Some("csrf") => csrf = same(std::str::from_utf8(&read(field, 200).await.ok_or_else(bad)?).ok(), &desk.token.csrf()),
                // A frame too large to be one is done without.
                Some("poster") => poster = read(field, MAX_POSTER).await,
                Some("video") => {
                    // The secret stands before it: nobody else's form fills our disk.
                    if !csrf {
                        return Err(answer(CSRF.into()));
                    }
                    let mut incoming = attachments.incoming().map_err(answer)?;
                    while let Some(part) = field.chunk().await.map_err(|_| bad())? {
                        incoming.write(&part).await.map_err(answer)?;
                    }
                    video = Some(incoming);
                }
                _ => {}
            }
        }
        if !csrf {
            return Err(answer(CSRF.into()));
        }
        Ok(UploadedVideo { desk, video: video.ok_or_else(bad)?, poster })
    }
}

/// A field of a form, as long as it isn't longer than this.
async fn read(mut field: axum::extract::multipart::Field<'_>, most: usize) -> Option<Bytes> {
    let mut bytes = Vec::new();
    while let Some(part) = field.chunk().await.ok()? {
        if bytes.len() + part.len() > most {
            return None;
        }
        bytes.extend_from_slice(&part);
    }
    Some(bytes.into())
}

/// A photo that its reader may see; of a video, the frame that stands for it. At full size, its time and place are drawn into it.
pub async fn picture(desk: &Desk, found: &Attachment, size: Size, headers: &HeaderMap) -> web::Result<Response> {
    let (tenant, etag) = (desk.actor.tenant, found.etag());
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == etag.as_bytes()) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let attachments = desk.app.get::<Attachments>();
    let bytes = match size {
        _ if found.kind.is_video() => attachments.read(tenant, &found.hash, Size::Thumb).await?,
        Size::Full => attachments.stamped(tenant, found).await?,
        _ => attachments.read(tenant, &found.hash, size).await?,
    };
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg".to_owned()),
        (header::ETAG, etag),
        // For this person alone, and for good: an id never shows another picture.
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_text_or_nothing() {
        assert_eq!(
            pairs(b"a=1&b=%E8%A1%97+x&b=").unwrap(),
            [("a".into(), "1".into()), ("b".into(), "街 x".into()), ("b".into(), String::new())]
        );
        for bad in [&b"a=%FF"[..], b"a=%0", b"a=%zz", b"a=%00", b"\xff=1"] {
            assert!(pairs(bad).unwrap_err().is(BAD_REQUEST));
        }
    }

    #[test]
    fn the_same_form_is_recognised_whatever_its_secrets_and_another_is_not() {
        let form = |text: &str| body_hash("/x", &pairs(text.as_bytes()).unwrap());
        assert_eq!(form("a=1&csrf=x&command_id=y"), form("csrf=z&a=1"));
        assert_ne!(form("a=1&b=2"), form("a=1"));
        assert_ne!(form("a=1"), body_hash("/y", &pairs(b"a=1").unwrap()));
        assert_eq!(form("a=1&present=old+password&new=x&again=x"), form("a=1"), "no hash of a password is kept");
        // Nothing typed can look like the end of one field and the start of another.
        assert_ne!(form("a=1%0A1%3Ab%3D1%3A2"), form("a=1&b=2"));
    }

    #[test]
    fn the_way_on_never_leaves_the_site() {
        for bad in ["https://evil", "//evil", "/\\evil", "javascript:x", "/a\r\nSet-Cookie: x"] {
            assert_eq!(safe_next(bad), "/", "{bad}");
        }
        assert_eq!(safe_next("/t/lsw/cases?x=1"), "/t/lsw/cases?x=1");
    }
}
