//! The way to a provider and back: from the log-in page to a session, from one's own account to a link.

use super::link::{self, By, LinkOidc, UnlinkOidc};
use super::{Asked, Provider, Providers, REFUSED, UNREACHABLE};
use crate::account::{self, Account, ManageAccounts};
use crate::backoff::{self, Attempts};
use crate::http::{SESSION, Submitted, Visit, cookie, pairs, safe_next, set_cookie};
use crate::login::{from_here, logged_in, page_of, value};
use crate::session::{self, Token};
use crate::{guard, pages};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use kernel::ids::AccountId;
use kernel::{Code, Error, Instant, Kind, Result, TenantId, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use store::{Pass, Sql, Store, args, sql};
use web::html::render;
use web::{App, PageContext};

store::housekeeping!("oidc_attempt");

/// Nobody left for the provider from this browser with this answer's state, or it came back already, or too late.
pub const STATE: Code = Code::new(Kind::Unauthenticated, "oidc.state");
/// The identity is linked to no account.
pub const NOT_LINKED: Code = Code::new(Kind::Unauthenticated, "oidc.not_linked");

/// The cookie that knows the browser again.
const BROWSER: &str = "oidc";
/// So long somebody may be at the provider.
const MINUTES: i64 = 10;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/login/oidc/{provider}", post(leave))
        .route("/login/oidc/{provider}/back", get(back))
        .route("/t/{slug}/account/oidc/{provider}", post(link_own))
        .route("/t/{slug}/account/oidc/{provider}/remove", post(unlink_own))
        .route("/t/{slug}/accounts/{id}/oidc", post(link_of))
        .route("/t/{slug}/accounts/{id}/oidc/remove", post(unlink_of))
}

/// A provider as pages show it.
#[derive(Debug, Clone)]
pub struct ProviderView {
    pub id: String,
    pub name: String,
    pub linked: bool,
}

/// All providers, for the log-in page.
pub(crate) fn offered(app: &App) -> Vec<ProviderView> {
    let providers = app.try_get::<Providers>().unwrap_or_default();
    providers.all().map(|one| ProviderView { id: one.id.clone(), name: one.name.clone(), linked: false }).collect()
}

/// All providers, and which of them the account is linked to.
pub(crate) async fn offered_to(app: &App, account: &Account) -> Result<Vec<ProviderView>> {
    let mut all = offered(app);
    if !all.is_empty() {
        let linked = link::of_account(&app.store, account.tenant_id, account.id).await?;
        all.iter_mut().for_each(|one| one.linked = linked.contains(&one.id));
    }
    Ok(all)
}

fn provider(app: &App, id: &str) -> Result<Arc<Provider>> {
    app.try_get::<Providers>().and_then(|providers| providers.get(id)).ok_or_else(Error::not_found)
}

fn redirect(app: &App, provider: &str) -> String {
    format!("{}/login/oidc/{provider}/back", app.public_url)
}

store::row! {
    #[derive(Debug)]
    struct Attempt {
        browser_hash: [u8; 32],
        provider: String,
        nonce: String,
        verifier: String,
        next: String,
        carried: String,
        link_tenant: Option<TenantId>,
        link_account: Option<AccountId>,
        expires_at: Instant,
    }
}

static INSERT: Sql = sql!(
    "INSERT INTO oidc_attempt (state_hash, browser_hash, provider, nonce, verifier, next, carried, link_tenant, link_account, expires_at)
    VALUES (:state, :browser, :provider, :nonce, :verifier, :next, :carried, :link_tenant, :link_account, :expires)"
);
static FIND: Sql = sql!(
    "SELECT browser_hash, provider, nonce, verifier, next, carried, link_tenant, link_account, expires_at
    FROM oidc_attempt
    WHERE state_hash = :state"
);
static END: Sql = sql!("DELETE FROM oidc_attempt WHERE state_hash = :state");
static SWEEP: Sql = sql!("DELETE FROM oidc_attempt WHERE expires_at < :now");

/// Forgets who never came back.
pub async fn sweep(store: &Store) -> Result<u64> {
    store.housekeep(&SWEEP, args! { now: store.world().now() }).await
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[derive(askama::Template)]
#[template(path = "oidc_going.html")]
struct GoingPage {
    page: PageContext,
    name: String,
    to: String,
}

/// What somebody wants from the provider.
struct Purpose<'a> {
    next: &'a str,
    carried: &'a str,
    /// To be linked to, not to log in.
    link: Option<&'a Account>,
}

/// Remembers who leaves, and shows the page that leads on. It is a page and no redirect: forms of ours lead nowhere else
/// (`form-action`), so that nothing put into a page can send what somebody types away.
async fn send_away(visit: &Visit, headers: &HeaderMap, provider: &Provider, purpose: Purpose<'_>) -> Result<Response> {
    let app = &visit.app;
    let chance = || hex::encode(app.world.entropy.bytes::<32>());
    let asked = Asked { state: chance(), nonce: chance(), verifier: chance() };
    let id = &provider.settings.id;
    let to = provider.way_out(app.world.now(), &asked, &redirect(app, id)).await?;
    // Another tab may be on its way already.
    let known = cookie(headers, BROWSER).filter(|text| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let browser = known.unwrap_or_else(chance);
    let row = args! {
        state: hash(&asked.state), browser: hash(&browser), provider: id, nonce: asked.nonce, verifier: asked.verifier,
        next: purpose.next, carried: purpose.carried, link_tenant: purpose.link.map(|account| account.tenant_id),
        link_account: purpose.link.map(|account| account.id), expires: app.world.now().plus_seconds(MINUTES * 60),
    };
    app.store.housekeep(&INSERT, row).await?;
    let mut response =
        render(StatusCode::OK, &GoingPage { page: visit.page("oidc-going"), name: provider.settings.name.clone(), to: to.clone() });
    let refresh = HeaderValue::from_str(&format!("0;url={to}")).map_err(|error| UNREACHABLE.err().arg("name", id).detail(error))?;
    response.headers_mut().insert(header::REFRESH, refresh);
    let remembered = set_cookie(app, BROWSER, &browser, MINUTES * 60, true).parse().map_err(Error::internal)?;
    response.headers_mut().append(header::SET_COOKIE, remembered);
    Ok(response)
}

/// The log-in page again, with what was wrong.
fn again(visit: &Visit, error: &Error, next: &str, carried: &str) -> Response {
    let mut page = page_of(visit, "");
    page.error = page.page.w.error(error.code(), error.args()).into_owned();
    next.clone_into(&mut page.next);
    carried.clone_into(&mut page.carried);
    page.page.path = "/login".to_owned();
    render(StatusCode::from_u16(error.kind().status()).unwrap_or(StatusCode::UNAUTHORIZED), &page)
}

async fn leave(State(app): State<App>, visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> web::Result<Response> {
    if !from_here(&headers, &app) {
        return Err(crate::http::CSRF.into());
    }
    let provider = provider(&app, &id)?;
    let pairs = pairs(&body)?;
    let (next, carried) = (safe_next(value(&pairs, "next")), value(&pairs, "carried"));
    // Counted until it comes back well: who only leaves fills a table.
    let left = match app.get::<Attempts>().begin(guard::address(&visit), app.world.now()) {
        Ok(()) => send_away(&visit, &headers, &provider, Purpose { next, carried, link: None }).await,
        Err(error) => Err(error),
    };
    match left {
        Ok(response) => Ok(response),
        Err(error) if error.is(UNREACHABLE) || error.is(backoff::ADDRESS) => {
            tracing::warn!(provider = id, %error, "nobody can log in by this provider");
            Ok(again(&visit, &error, next, carried))
        }
        Err(error) => Err(error.into()),
    }
}

/// What the provider sends the browser back with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    state: String,
    code: String,
    error: String,
    iss: Option<String>,
}

/// The attempt that this answer belongs to, which is over with it. Errors: [`STATE`].
async fn attempt_of(app: &App, headers: &HeaderMap, id: &str, answer: &Answer) -> Result<Attempt> {
    let state = hash(&answer.state);
    let browser = cookie(headers, BROWSER).map(|text| hash(&text));
    let found = app.store.opt::<Attempt>(&FIND, args! { state: state }).await?;
    let attempt = found.filter(|attempt| Some(attempt.browser_hash) == browser && attempt.provider == id).ok_or(STATE)?;
    // Whoever ends it is the one who came back; two at once are not.
    ensure(app.store.housekeep(&END, args! { state: state }).await? == 1, STATE)?;
    ensure(attempt.expires_at > app.world.now(), STATE)?;
    Ok(attempt)
}

/// The identity that the provider vouches for, and whether more than one thing was shown for it.
async fn identity(app: &App, provider: &Provider, attempt: &Attempt, answer: &Answer) -> Result<([u8; 32], bool)> {
    let settings = &provider.settings;
    let refused = |detail: &str| REFUSED.err().arg("name", &settings.name).detail(detail);
    // Its words are anybody's to write into an address; a code is what one is told by.
    let known = |error: &str| error.len() <= 40 && error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if !answer.error.is_empty() {
        return Err(refused(if known(&answer.error) { &answer.error } else { "it says no" }));
    }
    let asked = Asked { state: String::new(), nonce: attempt.nonce.clone(), verifier: attempt.verifier.clone() };
    let back = redirect(app, &settings.id);
    let claims = provider.claims(app.world.now(), &asked, &answer.code, answer.iss.as_deref(), &back).await?;
    let name = claims.name(&settings.claim).ok_or_else(|| refused("the ID token does not hold the claim that names somebody"))?;
    Ok((link::subject_hash(&app.store, &settings.id, &settings.issuer, &name).await?, claims.is_multi_factor()))
}

/// The account of an identity, as a right password would give it. Errors: [`NOT_LINKED`], `login.locked`.
async fn account_of(app: &App, provider: &Provider, hash: [u8; 32]) -> Result<Account> {
    let none = || NOT_LINKED.err().arg("name", &provider.settings.name);
    let (tenant, id) = link::find(&app.store, &provider.settings.id, hash).await?.ok_or_else(none)?;
    let account = account::by_id(&app.store, tenant, id).await?;
    ensure(account.active, none())?;
    session::ensure_unlocked(&account, app.world.now())?;
    Ok(account)
}

async fn back(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> web::Result<Response> {
    let provider = provider(&app, &id)?;
    let (mut next, mut carried, mut links) = ("/".to_owned(), String::new(), false);
    let come = async {
        let attempt = attempt_of(&app, &headers, &id, &answer).await?;
        (next, carried, links) = (attempt.next.clone(), attempt.carried.clone(), attempt.link_account.is_some());
        let (hash, multi_factor) = identity(&app, &provider, &attempt, &answer).await?;
        match attempt.link_tenant.zip(attempt.link_account) {
            Some(whose) => link_as(&app, &headers, &provider, whose, hash).await.map(|()| None),
            None => account_of(&app, &provider, hash).await.map(|account| Some((account, multi_factor))),
        }
    };
    let source = guard::address(&visit);
    let come =
        guard::attempt(&app, &[source], come, |outcome| outcome.as_ref().is_err_and(|error| error.kind() == Kind::Unauthenticated)).await;
    let mut response = match come {
        Ok(Some((account, multi_factor))) => {
            app.get::<Attempts>().give_back(source, app.world.now());
            // The provider has asked for a second thing already, or we do.
            let second = account.totp_confirmed && !multi_factor;
            logged_in(&visit, &account, second, safe_next(&next), &carried).await?
        }
        Ok(None) => {
            let flash = set_cookie(&app, "flash", "done-oidc-linked", 60, true);
            ([(header::SET_COOKIE, flash)], Redirect::to(safe_next(&next))).into_response()
        }
        Err(error) => {
            tracing::info!(provider = id, %error, "a log-in by a provider was refused");
            // Who is logged in goes back to the account, not to a log-in.
            if links || !shown_at_login(&error) {
                return Err(error.into());
            }
            return Ok(again(&visit, &error, &next, &carried));
        }
    };
    let forget = set_cookie(&app, BROWSER, "", 0, true).parse().map_err(Error::internal)?;
    response.headers_mut().append(header::SET_COOKIE, forget);
    Ok(response)
}

fn shown_at_login(error: &Error) -> bool {
    [STATE, NOT_LINKED, REFUSED, UNREACHABLE, session::LOCKED, backoff::ADDRESS].into_iter().any(|code| error.is(code))
}

/// Links what came back to the account that left for it, where that is still who is logged in.
async fn link_as(app: &App, headers: &HeaderMap, provider: &Provider, whose: (TenantId, AccountId), hash: [u8; 32]) -> Result<()> {
    let token = cookie(headers, SESSION).and_then(|text| Token::from_cookie(&text)).ok_or(STATE)?;
    let who = session::find(&app.store, &token, None).await?.filter(|who| who.session.stage == "full").ok_or(STATE)?;
    ensure((who.account.tenant_id, who.account.id) == whose, STATE)?;
    let pass = Pass { tenant: whose.0, actor: Some(whose.1), on_behalf_of: None, id: app.world.new_id(), body: [0; 32] };
    let command = LinkOidc { by: By::Owner, account: whose.1, provider: provider.settings.id.clone(), subject_hash: hash };
    app.store.run(pass, command).await.map(drop)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Nothing {}

async fn link_own(Path((_, id)): Path<(String, String)>, headers: HeaderMap, submitted: Submitted<Nothing>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let provider = provider(&desk.app, &id)?;
    let next = desk.href("/account");
    let purpose = Purpose { next: &next, carried: "", link: Some(&desk.account) };
    Ok(send_away(&desk.visit, &headers, &provider, purpose).await?)
}

async fn unlink_own(Path((_, id)): Path<(String, String)>, submitted: Submitted<Nothing>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let command = UnlinkOidc { by: By::Owner, account: desk.account.id, provider: id };
    desk.app.store.run(submitted.pass.clone(), command).await?;
    Ok(desk.done("done-oidc-unlinked", "/account"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LinkForm {
    provider: String,
    subject: String,
}

/// No identity was typed.
pub const SUBJECT_NEEDED: Code = Code::invalid("oidc.subject_needed");

async fn link_of(Path((_, id)): Path<(String, String)>, submitted: Submitted<LinkForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageAccounts>(&desk.actor.tenant)?;
    let account = pages::account_of(desk, &id).await?;
    let linked = async {
        let settings = &provider(&desk.app, &form.provider)?.settings;
        let subject = form.subject.trim();
        ensure((1..=255).contains(&subject.len()), SUBJECT_NEEDED)?;
        let subject_hash = link::subject_hash(&desk.app.store, &settings.id, &settings.issuer, subject).await?;
        let command = LinkOidc { by: By::Administrator(by), account: account.id, provider: settings.id.clone(), subject_hash };
        desk.app.store.run(submitted.pass.clone(), command).await
    };
    match linked.await {
        Ok(_) => Ok(desk.done("done-oidc-linked", &format!("/accounts/{id}"))),
        Err(error) if pages::shown_again(&error) => pages::show_one_again(desk, &id, &error).await,
        Err(error) => Err(error.into()),
    }
}

async fn unlink_of(Path((_, id)): Path<(String, String)>, submitted: Submitted<LinkForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageAccounts>(&desk.actor.tenant)?;
    let account = pages::account_of(desk, &id).await?;
    let command = UnlinkOidc { by: By::Administrator(by), account: account.id, provider: form.provider.clone() };
    match desk.app.store.run(submitted.pass.clone(), command).await {
        Ok(_) => Ok(desk.done("done-oidc-unlinked", &format!("/accounts/{id}"))),
        Err(error) if pages::shown_again(&error) => pages::show_one_again(desk, &id, &error).await,
        Err(error) => Err(error.into()),
    }
}
