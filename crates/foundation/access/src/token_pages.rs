//! The pages of tokens: one's own, made and revoked there; and all of the tenant's, for whoever looks after security.

use crate::account;
use crate::http::{Desk, MUST_CHANGE, Submitted};
use crate::pages::{Asked, shown_again, status_of, words_of};
use crate::passwords;
use crate::token_scope::TokenScope;
use crate::tokens::{self, ApiToken, BAD_DAYS, By, MOST_DAYS, MakeToken, RevokeToken, RevokeTokens, SCOPE_NEEDED, Secret};
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use kernel::ids::{CommandId, Uuid};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use store::query::decode_keys;
use web::forms::{Choice, Filled};
use web::html::render;
use web::{App, PageContext, Words};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/t/{slug}/account/tokens", get(own).post(make))
        .route("/t/{slug}/account/tokens/{id}/revoke", post(revoke_own))
        .route("/t/{slug}/accounts/tokens", get(all))
        .route("/t/{slug}/accounts/tokens/{id}/revoke", post(revoke))
}

struct TokenView {
    id: Uuid,
    name: String,
    /// Whose it is, where tokens of several people are listed.
    of: String,
    scopes: String,
    made: String,
    ends: String,
    used: String,
    lives: bool,
    command: CommandId,
}

fn scope_words(w: Words, scopes: &[TokenScope]) -> String {
    scopes.iter().map(|scope| w.t(&format!("token-scope-{scope}"))).collect::<Vec<_>>().join(&w.t("list-and"))
}

fn view(desk: &Desk, page: &PageContext, token: &ApiToken, of: String) -> TokenView {
    let w = page.w;
    let ends = page.at_full(&token.ends_at);
    TokenView {
        id: token.id,
        name: token.name.shown().to_owned(),
        of,
        scopes: scope_words(w, &token.scopes()),
        made: page.at(&token.made_at),
        ends: if token.revoked_at.is_some() { w.a("token-revoked-at", "at", ends).into_owned() } else { ends },
        used: token.used_on.clone().unwrap_or_else(|| w.t("token-never-used").into_owned()),
        lives: token.lives(page.now),
        command: desk.app.world.new_id(),
    }
}

#[derive(askama::Template)]
#[template(path = "own_tokens.html")]
struct OwnPage {
    page: PageContext,
    tokens: Vec<TokenView>,
    scopes: Vec<ScopeView>,
    form: Filled,
    most_days: i64,
    command: CommandId,
}

struct ScopeView {
    choice: Choice,
    help: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct MakeForm {
    name: String,
    scope: Vec<String>,
    days: String,
    #[serde(skip_serializing)]
    present: String,
}

async fn own(desk: Desk) -> web::Result<Response> {
    let form = MakeForm { days: "90".to_owned(), ..MakeForm::default() };
    show_own(&desk, &form, None).await
}

async fn show_own(desk: &Desk, form: &MakeForm, error: Option<&Error>) -> web::Result<Response> {
    if desk.account.must_change {
        return Ok(Redirect::to(&desk.href("/account")).into_response());
    }
    let page = desk.page("tokens-title");
    let w = page.w;
    let tokens = tokens::of_account(&desk.app.store, desk.account.tenant_id, desk.account.id).await?;
    let scope = |scope: &TokenScope| ScopeView {
        choice: Choice {
            value: scope.to_string(),
            label: w.t(&format!("token-scope-{scope}")).into_owned(),
            on: form.scope.iter().any(|chosen| chosen == scope.as_str()),
        },
        help: w.t(&format!("token-scope-help-{scope}")).into_owned(),
    };
    let template = OwnPage {
        tokens: tokens.iter().map(|token| view(desk, &page, token, String::new())).collect(),
        scopes: TokenScope::ALL.iter().map(scope).collect(),
        form: error.map_or_else(|| Filled::of(form), |error| Filled::again(w, form, error)),
        most_days: MOST_DAYS,
        command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status_of(error), &template))
}

/// The secret, shown once.
#[derive(askama::Template)]
#[template(path = "token_made.html")]
struct MadePage {
    page: PageContext,
    name: String,
    secret: String,
    scopes: String,
    ends: String,
    back: String,
}

async fn make(submitted: Submitted<MakeForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    if submitted.replayed.is_some() {
        return Ok(desk.done("done-token-made", "/account/tokens"));
    }
    kernel::ensure(!desk.account.must_change, MUST_CHANGE)?;
    let secret = Secret::new(desk.account.tenant_id, &desk.app.world.entropy);
    let outcome = async {
        let scopes = form.scope.iter().map(|scope| scope.parse().map_err(|_| SCOPE_NEEDED.into())).collect::<Result<Vec<TokenScope>>>()?;
        let days = form.days.trim().parse::<i64>().map_err(|_| BAD_DAYS.err().arg("max", MOST_DAYS))?;
        let by = passwords::shown(&desk.account, form.present.clone()).await?;
        let command = MakeToken { by, name: form.name.clone(), scopes: scopes.clone(), days, hash: secret.hash() };
        desk.app.store.run(submitted.pass.clone(), command).await?;
        Ok::<_, Error>((scopes, days))
    };
    match outcome.await {
        Ok((scopes, days)) => {
            let page = desk.page("token-made-title");
            let template = MadePage {
                name: form.name.trim().to_owned(),
                secret: secret.shown(),
                scopes: scope_words(page.w, &scopes),
                ends: page.at_full(&page.now.plus_seconds(days * 86_400)),
                back: page.href("/account/tokens"),
                page,
            };
            Ok(render(StatusCode::OK, &template))
        }
        Err(error) if shown_again(&error) => show_own(desk, form, Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Nothing {}

async fn revoke_own(Path((_, id)): Path<(String, String)>, submitted: Submitted<Nothing>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let token = Uuid::try_parse(&id).map_err(|_| Error::not_found())?;
    match desk.app.store.run(submitted.pass.clone(), RevokeToken { by: By::Owner, token }).await {
        Ok(_) => Ok(desk.done("done-token-revoked", "/account/tokens")),
        Err(error) if shown_again(&error) => show_own(desk, &MakeForm::default(), Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

#[derive(askama::Template)]
#[template(path = "all_tokens.html")]
struct AllPage {
    page: PageContext,
    tokens: Vec<TokenView>,
    error: String,
    first: Option<String>,
    next: Option<String>,
}

async fn all(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    show_all(&desk, &asked.after, None).await
}

async fn show_all(desk: &Desk, after: &str, error: Option<&Error>) -> web::Result<Response> {
    let by = desk.actor.permit::<RevokeTokens>(&desk.actor.tenant)?;
    let page = desk.page("tokens-all-title");
    let keys = decode_keys(after, "id");
    let paged = tokens::all(&desk.app.store, &by, keys.as_deref()).await?;
    let names = account::names(&desk.app.store, by.tenant(), paged.rows.iter().map(|token| token.account_id)).await?;
    let of = |token: &ApiToken| names.get(&token.account_id).cloned().unwrap_or_default();
    let path = page.href("/accounts/tokens");
    let template = AllPage {
        tokens: paged.rows.iter().map(|token| view(desk, &page, token, of(token))).collect(),
        error: error.map(|error| words_of(page.w, error)).unwrap_or_default(),
        first: keys.is_some().then(|| path.clone()),
        next: paged.next.map(|next| format!("{path}?after={next}")),
        page,
    };
    Ok(render(status_of(error), &template))
}

async fn revoke(Path((_, id)): Path<(String, String)>, submitted: Submitted<Nothing>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let by = desk.actor.permit::<RevokeTokens>(&desk.actor.tenant)?;
    let token = Uuid::try_parse(&id).map_err(|_| Error::not_found())?;
    match desk.app.store.run(submitted.pass.clone(), RevokeToken { by: By::Administrator(by), token }).await {
        Ok(_) => Ok(desk.done("done-token-revoked", "/accounts/tokens")),
        Err(error) if shown_again(&error) => show_all(desk, "", Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}
