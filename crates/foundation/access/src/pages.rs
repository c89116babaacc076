//! The pages of accounts: one's own, all of the tenant's, and their roles.

use crate::account::{self, Account, CloseAccount, CreateAccount, ListAccounts, ManageAccounts, ManageRoles, ReadAudit, SetPassword};
use crate::actor::Scope;
use crate::giving::{GiveRole, RevokeRole};
use crate::http::{Desk, Submitted};
use crate::oidc::pages::{ProviderView, offered_to};
use crate::personal::shown_login;
use crate::role::Role;
use crate::scopes::{ScopeChoice, choices, value_of};
use crate::unmasking::{Asking, UnmaskAccount};
use crate::{grants, grants_page, joining, keeping, log, passwords, session, settings, totp, unmasking};
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use kernel::identifiers::MobileNumber;
use kernel::ids::{AccountId, CommandId, Uuid};
use kernel::{Code, Error, Kind, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use web::html::render;
use web::{App, PageContext, Words};

/// The second password is not the first.
pub const DIFFERENT: Code = Code::invalid("account.password.different");

pub fn routes() -> Router<App> {
    Router::new()
        .route("/t/{slug}/account", get(own))
        .route("/t/{slug}/account/password", post(change_password))
        .route("/t/{slug}/account/sessions", post(end_sessions))
        .route("/t/{slug}/account/totp", post(confirm_totp))
        .route("/t/{slug}/account/totp/remove", post(remove_totp))
        .route("/t/{slug}/accounts", get(list).post(create))
        .route("/t/{slug}/accounts/totp", post(demand_totp))
        .route("/t/{slug}/accounts/{id}", get(one))
        .route("/t/{slug}/accounts/{id}/give", post(give))
        .route("/t/{slug}/accounts/{id}/revoke", post(revoke))
        .route("/t/{slug}/accounts/{id}/reset", post(reset))
        .route("/t/{slug}/accounts/{id}/totp", post(remove_totp_of))
        .route("/t/{slug}/accounts/{id}/close", post(close))
        .route("/t/{slug}/accounts/{id}/phone", post(unmasking::account_phone))
        .route("/t/{slug}/personal", get(keeping::get).post(keeping::post))
        .route("/t/{slug}/personal/log", get(unmasking::log))
        .route("/t/{slug}/settings", get(settings::get).post(settings::post))
        .merge(grants_page::routes())
        .merge(log::routes())
        .merge(joining::routes())
}

pub(crate) fn words_of(w: Words, error: &Error) -> String {
    match error.field_errors().first() {
        Some(field) => w.error(&field.code, &field.args).into_owned(),
        None => w.error(error.code(), error.args()).into_owned(),
    }
}

pub(crate) fn status_of(error: Option<&Error>) -> StatusCode {
    error.and_then(|error| StatusCode::from_u16(error.kind().status()).ok()).unwrap_or(StatusCode::OK)
}

/// Whether a form can be shown again with the error, or the error needs a page of its own.
pub(crate) fn shown_again(error: &Error) -> bool {
    matches!(error.kind(), Kind::Invalid | Kind::Conflict)
}

struct SessionView {
    device: String,
    since: String,
    seen: String,
}

#[derive(askama::Template)]
#[template(path = "own_account.html")]
struct OwnPage {
    page: PageContext,
    login: String,
    phone: String,
    roles: Vec<String>,
    must_change: bool,
    totp_demanded: bool,
    sessions: Vec<SessionView>,
    totp_on: bool,
    secret: String,
    qr: String,
    command: CommandId,
    command_2: CommandId,
    command_3: CommandId,
    error: String,
    totp_error: String,
    providers: Vec<ProviderView>,
    commands: Vec<CommandId>,
}

pub(crate) fn role_words(w: Words, role: Role, scope: &Scope, labels: &BTreeMap<String, String>) -> String {
    let role = w.t(&format!("role-{role}"));
    match labels.get(&value_of(scope)) {
        Some(label) => format!("{role} · {label}"),
        None => role.into_owned(),
    }
}

/// What scopes are called, by their values.
pub(crate) async fn labels(app: &App, desk: &Desk) -> Result<BTreeMap<String, String>> {
    let mut labels: BTreeMap<String, String> =
        choices(app, desk.actor.tenant).await?.into_iter().map(|choice| (choice.value(), choice.label)).collect();
    labels.insert("tenant".to_owned(), desk.page("account-title").tenant_name);
    Ok(labels)
}

async fn own(desk: Desk) -> web::Result<Response> {
    show_own(&desk, None, None, None).await
}

async fn show_own(desk: &Desk, error: Option<&Error>, totp_error: Option<&Error>, secret: Option<String>) -> web::Result<Response> {
    let page = desk.page("account-title");
    let store = &desk.app.store;
    let labels = labels(&desk.app, desk).await?;
    let sessions = session::of_account(store, &desk.account).await?;
    let secret = secret.unwrap_or_else(|| totp::new_secret(&desk.app.world.entropy));
    let providers = offered_to(&desk.app, &desk.account).await?;
    let qr = documents::qr_svg(&totp::address(&secret, &page.w.t("product"), &desk.account.login)).unwrap_or_default();
    let template = OwnPage {
        login: desk.account.login.clone(),
        phone: desk.own_phone().to_owned(),
        roles: desk.actor.assignments.iter().map(|given| role_words(page.w, given.role, &given.scope, &labels)).collect(),
        must_change: desk.account.must_change,
        totp_demanded: desk.tenant.demands_totp(desk.actor.assignments.iter().map(|given| given.role))?,
        sessions: sessions
            .iter()
            .map(|s| SessionView { device: device_words(page.w, &s.device), since: page.at(&s.created_at), seen: page.at(&s.seen_at) })
            .collect(),
        totp_on: desk.account.totp_confirmed,
        secret,
        qr,
        command: desk.app.world.new_id(),
        command_2: desk.app.world.new_id(),
        command_3: desk.app.world.new_id(),
        error: error.map(|error| words_of(page.w, error)).unwrap_or_default(),
        totp_error: totp_error.map(|error| words_of(page.w, error)).unwrap_or_default(),
        commands: providers.iter().map(|_| desk.app.world.new_id()).collect(),
        providers,
        page,
    };
    Ok(render(status_of(error.or(totp_error)), &template))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PasswordForm {
    present: String,
    new: String,
    again: String,
}

async fn change_password(submitted: Submitted<PasswordForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    if submitted.replayed.is_some() {
        return Ok(desk.done("done-password", "/account"));
    }
    let outcome = async {
        let shown = passwords::shown(&desk.account, form.present.clone()).await?;
        kernel::ensure(form.new == form.again, DIFFERENT)?;
        passwords::check_strength(&form.new)?;
        let password_hash = passwords::hash(form.new.clone(), &desk.app.world.entropy).await?;
        desk.app.store.run(submitted.pass.clone(), SetPassword::own(shown, password_hash)).await
    }
    .await;
    match outcome {
        // All sessions ended, this one too: the person goes on in a new one.
        Ok(_) => {
            let token = session::begin(&desk.app.store, &desk.account, &desk.visit.device, "full").await?;
            let cookie = crate::http::set_cookie(&desk.app, crate::http::SESSION, &token.to_cookie(), 30 * 86_400, true);
            let mut response = desk.done("done-password", "/account");
            if let Ok(value) = cookie.parse() {
                response.headers_mut().append(axum::http::header::SET_COOKIE, value);
            }
            Ok(response)
        }
        Err(error) if shown_again(&error) => show_own(desk, Some(&error), None, None).await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Nothing {}

/// Logs out everywhere, here too.
async fn end_sessions(submitted: Submitted<Nothing>) -> web::Result<Response> {
    let desk = &submitted.desk;
    session::end_all(&desk.app.store, desk.account.tenant_id, desk.account.id).await?;
    Ok(Redirect::to("/login").into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TotpForm {
    secret: String,
    code: String,
}

async fn confirm_totp(submitted: Submitted<TotpForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let command = totp::ConfirmTotp {
        tenant: desk.account.tenant_id,
        account: desk.account.id,
        secret: form.secret.clone(),
        code: form.code.clone(),
    };
    match desk.app.store.run(submitted.pass.clone(), command).await {
        Ok(_) => Ok(desk.done("done-totp", "/account")),
        Err(error) if shown_again(&error) => show_own(desk, None, Some(&error), Some(form.secret.clone())).await,
        Err(error) => Err(error.into()),
    }
}

async fn remove_totp(submitted: Submitted<PasswordForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    if submitted.replayed.is_some() {
        return Ok(desk.done("done-totp-removed", "/account"));
    }
    match passwords::shown(&desk.account, form.present.clone()).await {
        Ok(shown) => {
            desk.app.store.run(submitted.pass.clone(), totp::RemoveTotp::own(&shown)).await?;
            Ok(desk.done("done-totp-removed", "/account"))
        }
        Err(error) if shown_again(&error) => show_own(desk, None, Some(&error), None).await,
        Err(error) => Err(error.into()),
    }
}

struct AccountLine {
    href: String,
    login: String,
    name: String,
    roles: String,
    active: bool,
}

#[derive(askama::Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    page: PageContext,
    lines: Vec<AccountLine>,
    next: Option<String>,
    first: Option<String>,
    /// The tenant has one above it, to whose people it can grant roles.
    has_district: bool,
    may_create: bool,
    /// Each role, and whether it demands the second step; empty for who may not change it.
    totp_roles: Vec<(Role, String, bool)>,
    command: CommandId,
    command_2: CommandId,
    form: CreateForm,
    error: String,
}

/// Where a page of a list begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub after: String,
}

/// What a browser calls itself, as people call it: program and system. A name that says neither is shown as it is.
fn device_words(w: Words, agent: &str) -> String {
    // In the order in which they must be asked: each also claims to be what comes after it.
    const PROGRAMS: [(&str, &str); 7] = [
        ("MicroMessenger/", ""),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let of = |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let program = of(&PROGRAMS).map(|name| if name.is_empty() { w.t("session-wechat").into_owned() } else { name.to_owned() });
    let parts: Vec<String> = program.into_iter().chain(of(&SYSTEMS).map(str::to_owned)).collect();
    if parts.is_empty() { agent.to_owned() } else { parts.join(" · ") }
}

async fn list(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    show_list(&desk, &asked.after, CreateForm::default(), None).await
}

async fn show_list(desk: &Desk, after: &str, form: CreateForm, error: Option<&Error>) -> web::Result<Response> {
    desk.actor.permit::<ListAccounts>(&desk.actor.tenant)?;
    let page = desk.page("accounts-title");
    let store = &desk.app.store;
    // The address names the last account seen, not its log-in name: that may be a phone number.
    let after = match after.parse::<AccountId>() {
        Ok(id) => account::by_id(store, desk.actor.tenant, id).await?.login,
        Err(_) => String::new(),
    };
    let mut accounts = account::all(store, desk.actor.tenant, &after).await?;
    let more = accounts.len() > 100;
    accounts.truncate(100);
    let labels = labels(&desk.app, desk).await?;
    let mut lines = Vec::new();
    for account in &accounts {
        let roles = account::assignments(store, desk.actor.tenant, account.id).await?;
        lines.push(AccountLine {
            href: page.href(&format!("/accounts/{}", account.id)),
            login: shown_login(&account.login),
            name: account.name.shown().to_owned(),
            roles: roles
                .iter()
                .map(|given| role_words(page.w, given.role, &given.scope, &labels))
                .collect::<Vec<_>>()
                .join(&page.w.t("list-and")),
            active: account.active,
        });
    }
    let next = accounts.last().filter(|_| more).map(|last| page.href(&format!("/accounts?after={}", last.id)));
    let template = AccountsPage {
        may_create: desk.actor.can::<ManageAccounts>(&desk.actor.tenant),
        totp_roles: if desk.actor.can::<ManageRoles>(&desk.actor.tenant) {
            let demanded = desk.tenant.settings()?.totp_roles;
            Role::ALL.iter().map(|role| (*role, page.w.t(&format!("role-{role}")).into_owned(), demanded.contains(role))).collect()
        } else {
            Vec::new()
        },
        command_2: desk.app.world.new_id(),
        command: desk.app.world.new_id(),
        error: error.map(|error| words_of(page.w, error)).unwrap_or_default(),
        lines,
        next,
        first: (!after.is_empty()).then(|| page.href("/accounts")),
        has_district: desk.tenant.parent_id.is_some(),
        form,
        page,
    };
    Ok(render(status_of(error), &template))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct DemandForm {
    role: Vec<String>,
}

async fn demand_totp(submitted: Submitted<DemandForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let by = desk.actor.permit::<ManageRoles>(&desk.actor.tenant)?;
    let roles =
        submitted.form.role.iter().map(|role| role.parse::<Role>().map_err(|_| NOT_OFFERED.into())).collect::<Result<_, Error>>()?;
    desk.app.store.run(submitted.pass.clone(), account::DemandTotp { by, roles }).await?;
    Ok(desk.done("done-totp-demanded", "/accounts"))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct CreateForm {
    login: String,
    name: String,
    phone: String,
}

/// A one-time password, shown once.
#[derive(askama::Template)]
#[template(path = "one_time.html")]
struct OneTimePage {
    page: PageContext,
    login: String,
    password: String,
    back: String,
}

pub(crate) fn phone_of(text: &str) -> Result<Option<String>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    MobileNumber::parse(text).map_err(|error| Error::from(error.code()))?;
    Ok(Some(text.to_owned()))
}

async fn create(submitted: Submitted<CreateForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageAccounts>(&desk.actor.tenant)?;
    let password = passwords::one_time(&desk.app.world.entropy);
    let outcome = async {
        let phone = phone_of(&form.phone)?;
        let password_hash = passwords::hash(password.clone(), &desk.app.world.entropy).await?;
        let command = CreateAccount {
            by,
            login: form.login.clone(),
            name: form.name.clone(),
            phone,
            password_hash,
            must_change: true,
            roles: Vec::new(),
        };
        desk.app.store.run(submitted.pass.clone(), command).await
    }
    .await;
    match outcome {
        Ok(done) if done.replayed => Ok(desk.done("done-account", &format!("/accounts/{}", done.out))),
        Ok(done) => {
            let page = desk.page("one-time-title");
            let back = page.href(&format!("/accounts/{}", done.out));
            Ok(render(StatusCode::OK, &OneTimePage { login: form.login.trim().to_lowercase(), password, back, page }))
        }
        Err(error) if shown_again(&error) => show_list(desk, "", form.clone(), Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

struct GivenView {
    id: Uuid,
    words: String,
    since: String,
    until: String,
}

/// A choice of a select.
pub struct Choice {
    pub value: String,
    pub label: String,
    pub on: bool,
}

#[derive(askama::Template)]
#[template(path = "account_page.html")]
struct AccountPage {
    page: PageContext,
    id: AccountId,
    login: String,
    name: String,
    phone: String,
    unmask: Option<Asking>,
    active: bool,
    locked: bool,
    given: Vec<GivenView>,
    roles: Vec<Choice>,
    scopes: Vec<Choice>,
    may_manage: bool,
    may_close: bool,
    may_reset: bool,
    may_read_log: bool,
    totp_on: bool,
    form: GiveForm,
    command: CommandId,
    command_2: CommandId,
    command_3: CommandId,
    command_4: CommandId,
    error: String,
    providers: Vec<ProviderView>,
    commands: Vec<CommandId>,
    command_5: CommandId,
}

pub(crate) async fn account_of(desk: &Desk, id: &str) -> Result<Account> {
    let id = id.parse::<AccountId>().map_err(|_| Error::not_found())?;
    account::by_id(&desk.app.store, desk.actor.tenant, id).await
}

async fn one(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    show_one(&desk, &id, GiveForm::default(), None).await
}

/// The account's page again, with what was wrong.
pub(crate) async fn show_one_again(desk: &Desk, id: &str, error: &Error) -> web::Result<Response> {
    show_one(desk, id, GiveForm::default(), Some(error)).await
}

async fn show_one(desk: &Desk, id: &str, form: GiveForm, error: Option<&Error>) -> web::Result<Response> {
    desk.actor.permit::<ListAccounts>(&desk.actor.tenant)?;
    let account = account_of(desk, id).await?;
    let mut page = desk.page("accounts-title");
    let w = page.w;
    page.title = account.name.shown().to_owned();
    let labels = labels(&desk.app, desk).await?;
    let given = account::roles(&desk.app.store, desk.actor.tenant, account.id).await?;
    let mut scopes = vec![Choice { value: "tenant".to_owned(), label: page.tenant_name.clone(), on: false }];
    scopes.extend(choices(&desk.app, desk.actor.tenant).await?.into_iter().map(|choice| Choice {
        value: choice.value(),
        label: choice.label,
        on: false,
    }));
    let providers = offered_to(&desk.app, &account).await?;
    let template = AccountPage {
        id: account.id,
        login: shown_login(&account.login),
        name: account.name.shown().to_owned(),
        phone: account.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
        unmask: (account.phone.is_some() && desk.actor.can::<UnmaskAccount>(&desk.actor.tenant))
            .then(|| Asking::fresh(desk, &format!("/accounts/{}/phone", account.id))),
        active: account.active,
        locked: account.locked_until > page.now,
        given: given
            .iter()
            .rev()
            .map(|given| GivenView {
                id: given.id,
                words: role_words(w, given.role, &given.scope(), &labels),
                since: page.at(&given.given_at),
                until: page.at_opt(&given.revoked_at),
            })
            .collect(),
        roles: Role::ALL
            .iter()
            .map(|role| Choice { value: role.to_string(), label: w.t(&format!("role-{role}")).into_owned(), on: false })
            .collect(),
        scopes,
        may_manage: desk.actor.can::<ManageRoles>(&desk.actor.tenant),
        may_close: desk.actor.can::<ManageAccounts>(&desk.actor.tenant) && account.active,
        may_reset: desk.actor.can::<ManageRoles>(&desk.actor.tenant) && account.active,
        may_read_log: desk.actor.can::<ReadAudit>(&desk.actor.tenant),
        totp_on: account.totp_confirmed,
        form,
        command: desk.app.world.new_id(),
        command_2: desk.app.world.new_id(),
        command_3: desk.app.world.new_id(),
        command_4: desk.app.world.new_id(),
        error: error.map(|error| words_of(w, error)).unwrap_or_default(),
        commands: providers.iter().map(|_| desk.app.world.new_id()).collect(),
        command_5: desk.app.world.new_id(),
        providers,
        page,
    };
    Ok(render(status_of(error), &template))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct GiveForm {
    role: String,
    scope: String,
    assignment: String,
}

/// Nothing was chosen, or what is not offered.
pub const NOT_OFFERED: Code = Code::invalid("role.not_offered");

/// Whether an installation keeps the three administrators apart; set by the composition root.
pub struct SeparateAdministrators(pub bool);

pub(crate) fn separated(app: &App) -> bool {
    app.try_get::<SeparateAdministrators>().is_some_and(|setting| setting.0)
}

async fn give(Path((_, id)): Path<(String, String)>, submitted: Submitted<GiveForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageRoles>(&desk.actor.tenant)?;
    let account = account_of(desk, &id).await?;
    let outcome = async {
        let role = form.role.parse::<Role>().map_err(|_| NOT_OFFERED)?;
        let offered = choices(&desk.app, desk.actor.tenant).await?;
        let tenant = ScopeChoice { scope: Scope::Tenant, label: String::new() };
        let scope = offered.into_iter().chain([tenant]).find(|choice| choice.value() == form.scope).ok_or(NOT_OFFERED)?.scope;
        let separation = grants::separation(&desk.app.store, &account, separated(&desk.app)).await?;
        let command = GiveRole { by, account: account.id, role, scope, separation, revision: desk.tenant.revision };
        desk.app.store.run(submitted.pass.clone(), command).await
    }
    .await;
    match outcome {
        Ok(_) => Ok(desk.done("done-role-given", &format!("/accounts/{id}"))),
        Err(error) if shown_again(&error) => show_one(desk, &id, form.clone(), Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

async fn revoke(Path((_, id)): Path<(String, String)>, submitted: Submitted<GiveForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageRoles>(&desk.actor.tenant)?;
    let account = account_of(desk, &id).await?;
    let assignment = Uuid::try_parse(&form.assignment).map_err(|_| NOT_OFFERED)?;
    match desk.app.store.run(submitted.pass.clone(), RevokeRole { by, account: account.id, assignment }).await {
        Ok(_) => Ok(desk.done("done-role-revoked", &format!("/accounts/{id}"))),
        Err(error) if shown_again(&error) => show_one(desk, &id, GiveForm::default(), Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

/// A reset on the spot: a new one-time password, shown once.
async fn reset(Path((_, id)): Path<(String, String)>, submitted: Submitted<Nothing>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let by = desk.actor.permit::<ManageRoles>(&desk.actor.tenant)?;
    let account = account_of(desk, &id).await?;
    if submitted.replayed.is_some() {
        return Ok(desk.done("done-reset", &format!("/accounts/{id}")));
    }
    let password = passwords::one_time(&desk.app.world.entropy);
    let password_hash = passwords::hash(password.clone(), &desk.app.world.entropy).await?;
    desk.app.store.run(submitted.pass.clone(), SetPassword::reset(by, account.id, password_hash)).await?;
    let page = desk.page("one-time-title");
    let back = page.href(&format!("/accounts/{id}"));
    Ok(render(StatusCode::OK, &OneTimePage { login: shown_login(&account.login), password, back, page }))
}

/// Takes the second step away from who has lost it.
async fn remove_totp_of(Path((_, id)): Path<(String, String)>, submitted: Submitted<Nothing>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let by = desk.actor.permit::<ManageRoles>(&desk.actor.tenant)?;
    let account = account_of(desk, &id).await?;
    desk.app.store.run(submitted.pass.clone(), totp::RemoveTotp::of(account.id, by)).await?;
    Ok(desk.done("done-totp-removed", &format!("/accounts/{id}")))
}

async fn close(Path((_, id)): Path<(String, String)>, submitted: Submitted<Nothing>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let by = desk.actor.permit::<ManageAccounts>(&desk.actor.tenant)?;
    let account = account_of(desk, &id).await?;
    match desk.app.store.run(submitted.pass.clone(), CloseAccount { by, account: account.id }).await {
        Ok(_) => Ok(desk.done("done-account-closed", &format!("/accounts/{id}"))),
        Err(error) if shown_again(&error) => show_one(desk, &id, GiveForm::default(), Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_as_people_call_it() {
        let words = |agent: &str| device_words(Words::of(web::Lang::English), agent);
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        assert_eq!(
            words(&format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0")),
            "Edge · Windows"
        );
        assert_eq!(
            words(&format!("Mozilla/5.0 (Linux; Android 14; V2309A) {webkit} Chrome/130.0.0.0 Mobile Safari/537.36")),
            "Chrome · Android"
        );
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)";
        assert_eq!(
            words(&format!("{phone} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1")),
            "Safari · iPhone"
        );
        assert!(words(&format!("{phone} {webkit} Mobile/15E148 MicroMessenger/8.0.50")).ends_with(" · iPhone"));
        assert_eq!(words("curl/8.5.0"), "curl/8.5.0");
        assert_eq!(words(""), "");
    }
}
