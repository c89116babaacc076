//! Logging in and out, the second step, the language.

use crate::account::{Account, actor};
use crate::backoff;
use crate::expired::{self, Carried};
use crate::guard;
use crate::http::{SESSION, Visit, cookie, pairs, safe_next, set_cookie};
use crate::nav::Nav;
use crate::oidc::pages::{ProviderView, offered};
use crate::session::{self, Token};
use crate::totp;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use kernel::Error;
use serde::Deserialize;
use web::html::render;
use web::{App, Lang, PageContext};

#[derive(askama::Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    pub page: PageContext,
    pub next: String,
    pub name: String,
    pub error: String,
    pub words: String,
    pub carried: String,
    pub demo: Vec<(String, String)>,
    pub providers: Vec<ProviderView>,
}

#[derive(askama::Template)]
#[template(path = "totp.html")]
struct TotpPage {
    page: PageContext,
    next: String,
    error: String,
    carried: String,
}

#[derive(askama::Template)]
#[template(path = "resubmit.html")]
struct ResubmitPage {
    page: PageContext,
    path: String,
    pairs: Vec<(String, String)>,
    csrf: String,
}

/// The accounts that a demo offers on its log-in page: the name, and the key of what it can do.
pub struct DemoAccounts(pub Vec<(String, String)>);

/// An empty log-in page.
pub fn page_of(visit: &Visit, words_key: &str) -> LoginPage {
    let page = visit.page("login-title");
    let demo = visit.app.try_get::<DemoAccounts>().map(|demo| demo.0.clone()).unwrap_or_default();
    LoginPage {
        words: if words_key.is_empty() { String::new() } else { page.w.t(words_key).into_owned() },
        providers: offered(&visit.app),
        demo: demo.into_iter().map(|(name, key)| (name, page.w.t(&key).into_owned())).collect(),
        page,
        next: String::new(),
        name: String::new(),
        error: String::new(),
        carried: String::new(),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Next {
    pub next: String,
}

pub async fn get(visit: Visit, Query(next): Query<Next>) -> Response {
    render(StatusCode::OK, &LoginPage { next: safe_next(&next.next).to_owned(), ..page_of(&visit, "") })
}

pub(crate) fn value<'p>(pairs: &'p [(String, String)], name: &str) -> &'p str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}

/// Forms without a session have no token of theirs: the browser says from which site they come.
pub(crate) fn from_here(headers: &HeaderMap, app: &App) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = text("host").unwrap_or_default();
            origin == app.public_url || origin.split_once("://").is_some_and(|(_, rest)| rest == host)
        }
        (None, None) => true,
    }
}

pub async fn post(State(app): State<App>, visit: Visit, headers: HeaderMap, body: Bytes) -> web::Result<Response> {
    if !from_here(&headers, &app) {
        return Err(crate::http::CSRF.into());
    }
    let pairs = pairs(&body)?;
    let (name, next, carried) = (value(&pairs, "name"), safe_next(value(&pairs, "next")), value(&pairs, "carried"));
    let checked = session::check(&app.store, name, value(&pairs, "password").to_owned());
    let account = match guard::attempt(&app, &[guard::address(&visit)], checked, refused).await {
        Ok(account) => account,
        Err(error) if error.is(session::WRONG) || error.is(session::LOCKED) || error.is(backoff::ADDRESS) => {
            let mut page = page_of(&visit, "");
            page.error = page.page.w.error(error.code(), error.args()).into_owned();
            page.name = name.to_owned();
            page.next = next.to_owned();
            page.carried = carried.to_owned();
            let status = StatusCode::from_u16(error.kind().status()).unwrap_or(StatusCode::UNAUTHORIZED);
            return Ok(render(status, &page));
        }
        Err(error) => return Err(error.into()),
    };
    logged_in(&visit, &account, account.totp_confirmed, next, carried).await
}

/// Begins a session of who has shown to be the account's owner, and goes on: to the second step, where it is still to come.
pub(crate) async fn logged_in(visit: &Visit, account: &Account, second: bool, next: &str, carried: &str) -> web::Result<Response> {
    let app = &visit.app;
    let token = session::begin(&app.store, account, &visit.device, if second { "totp" } else { "full" }).await?;
    let cookie = set_cookie(app, SESSION, &token.to_cookie(), 30 * 86_400, true);
    let answer = if second {
        let page = visit.page("totp-title");
        render(StatusCode::OK, &TotpPage { page, next: next.to_owned(), error: String::new(), carried: carried.to_owned() })
    } else {
        go_on(app, visit, account, &token, next, carried).await?
    };
    Ok(([(header::SET_COOKIE, cookie)], answer).into_response())
}

/// Whether name, password or code were not right, or not looked at; anything else is no failure of the person.
fn refused<T>(outcome: &kernel::Result<T>) -> bool {
    outcome.as_ref().is_err_and(|error| error.is(session::WRONG) || error.is(session::LOCKED) || error.is(totp::WRONG_CODE))
}

/// After logging in: the form that was carried, or the page that was wanted.
async fn go_on(app: &App, visit: &Visit, account: &Account, token: &Token, next: &str, carried: &str) -> web::Result<Response> {
    if let Some(Carried { path, account: typed_by, pairs }) = expired::open(&app.store, carried).await?
        && typed_by == account.id
    {
        let page = visit.page("resubmit-title");
        return Ok(render(StatusCode::OK, &ResubmitPage { page, path, pairs, csrf: token.csrf() }));
    }
    let to = if next == "/" { home(app, account).await? } else { next.to_owned() };
    Ok(Redirect::to(&to).into_response())
}

/// The first page that the account may see.
async fn home(app: &App, account: &Account) -> kernel::Result<String> {
    let actor = actor(&app.store, account).await?;
    let tenant = crate::account::tenant(&app.store, account.tenant_id).await?;
    let path = app.try_get::<Nav>().and_then(|nav| nav.home(&actor)).unwrap_or("/account");
    Ok(format!("/t/{}{path}", tenant.slug))
}

pub async fn second_step(State(app): State<App>, visit: Visit, headers: HeaderMap, body: Bytes) -> web::Result<Response> {
    if !from_here(&headers, &app) {
        return Err(crate::http::CSRF.into());
    }
    let pairs = pairs(&body)?;
    let token = cookie(&headers, SESSION).and_then(|text| Token::from_cookie(&text));
    let Some(token) = token else { return Ok(Redirect::to("/login").into_response()) };
    let Some(session::Who { session, account, .. }) = session::find(&app.store, &token, None).await? else {
        return Ok(Redirect::to("/login").into_response());
    };
    if session.stage != "totp" {
        return Ok(Redirect::to("/").into_response());
    }
    let (next, carried) = (safe_next(value(&pairs, "next")), value(&pairs, "carried"));
    let checked = totp::check(&app.store, &account, value(&pairs, "code"));
    match guard::attempt(&app, &[guard::address(&visit)], checked, refused).await {
        Ok(()) => {
            session::promote(&app.store, &token).await?;
            go_on(&app, &visit, &account, &token, next, carried).await
        }
        Err(error) if error.is(totp::WRONG_CODE) || error.is(session::LOCKED) || error.is(backoff::ADDRESS) => {
            let page = visit.page("totp-title");
            let status = if error.is(backoff::ADDRESS) { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNAUTHORIZED };
            let error = page.w.error(error.code(), error.args()).into_owned();
            Ok(render(status, &TotpPage { page, next: next.to_owned(), error, carried: carried.to_owned() }))
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn log_out(State(app): State<App>, headers: HeaderMap, body: Bytes) -> web::Result<Response> {
    let pairs = pairs(&body)?;
    if let Some(token) = cookie(&headers, SESSION).and_then(|text| Token::from_cookie(&text)) {
        if value(&pairs, "csrf") != token.csrf() {
            return Err(crate::http::CSRF.into());
        }
        session::end(&app.store, token.tenant, token.hash()).await?;
    }
    Ok(([(header::SET_COOKIE, set_cookie(&app, SESSION, "", 0, true))], Redirect::to("/login")).into_response())
}

/// Sets the language and goes back.
pub async fn language(State(app): State<App>, Path(tag): Path<String>, Query(next): Query<Next>) -> web::Result<Response> {
    let lang = Lang::from_tag(&tag).ok_or_else(Error::not_found)?;
    let cookie = set_cookie(&app, "lang", lang.tag(), 365 * 86_400, false);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(safe_next(&next.next))).into_response())
}

/// The first page that the actor may see in the tenant of the address.
pub async fn tenant_home(desk: crate::http::Desk) -> Redirect {
    let path = desk.app.try_get::<Nav>().and_then(|nav| nav.home(&desk.actor)).unwrap_or("/account");
    Redirect::to(&desk.href(path))
}

/// `/`: home, or to the log-in.
pub async fn root(State(app): State<App>, headers: HeaderMap) -> web::Result<Response> {
    let token = cookie(&headers, SESSION).and_then(|text| Token::from_cookie(&text));
    let found = match token {
        Some(token) => session::find(&app.store, &token, None).await?.filter(|who| who.session.stage == "full"),
        None => None,
    };
    let to = match found {
        Some(who) => home(&app, &who.account).await?,
        None => "/login".to_owned(),
    };
    Ok(Redirect::to(&to).into_response())
}
