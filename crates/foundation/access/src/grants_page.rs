//! The pages of grants: in a tenant, what the district's people may do there; for the district's people, where they may act.

use crate::account::{self, ListAccounts, ManageRoles};
use crate::actor::Scope;
use crate::grants::{self, GRANTABLE, GrantRole, RevokeGrant};
use crate::http::{Desk, Submitted};
use crate::pages::{Asked, Choice, NOT_OFFERED, labels, role_words, separated, shown_again, status_of, words_of};
use crate::role::Role;
use crate::scopes::{ScopeChoice, choices, value_of};
use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use kernel::ids::{CommandId, Uuid};
use kernel::{Error, Result};
use serde::Deserialize;
use store::query::decode_keys;
use web::html::render;
use web::{App, PageContext};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/t/{slug}/grants", get(list).post(give))
        .route("/t/{slug}/grants/revoke", post(revoke))
        .route("/t/{slug}/children", get(children))
}

struct GrantView {
    id: Uuid,
    name: String,
    login: String,
    open: bool,
    words: String,
    since: String,
    by: String,
}

#[derive(askama::Template)]
#[template(path = "grants.html")]
struct GrantsPage {
    page: PageContext,
    /// The tenant above; empty where there is none.
    above: String,
    lines: Vec<GrantView>,
    next: Option<String>,
    first: Option<String>,
    roles: Vec<(Choice, String)>,
    scopes: Vec<Choice>,
    may_manage: bool,
    form: GrantForm,
    command: CommandId,
    error: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct GrantForm {
    login: String,
    role: String,
    scope: String,
}

async fn list(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    show(&desk, &asked.after, GrantForm::default(), None).await
}

async fn show(desk: &Desk, after: &str, form: GrantForm, error: Option<&Error>) -> web::Result<Response> {
    desk.actor.permit::<ListAccounts>(&desk.actor.tenant)?;
    let page = desk.page("grants-title");
    let (w, store, tenant) = (page.w, &desk.app.store, desk.actor.tenant);
    let above = match desk.tenant.parent_id {
        Some(above) => desk.name_of(&account::tenant(store, above).await?),
        None => String::new(),
    };
    let labels = labels(&desk.app, desk).await?;
    let from = decode_keys(after, "id");
    let paged = grants::in_force(store, tenant, from.as_deref()).await?;
    let givers = account::names(store, tenant, paged.rows.iter().filter_map(|grant| grant.given_by)).await?;
    let mut lines = Vec::new();
    for grant in &paged.rows {
        let holder = account::by_id(store, grant.home_tenant, grant.account_id).await?;
        lines.push(GrantView {
            id: grant.id,
            name: holder.name.shown().to_owned(),
            login: holder.login,
            open: holder.active,
            words: role_words(w, grant.role, &grant.scope(), &labels),
            since: page.at(&grant.given_at),
            by: grant.given_by.and_then(|id| givers.get(&id).cloned()).unwrap_or_else(|| w.t("by-installation").into_owned()),
        });
    }
    let may_manage = desk.actor.can::<ManageRoles>(&tenant) && !above.is_empty();
    let mut scopes = vec![Choice { value: value_of(&Scope::Tenant), label: page.tenant_name.clone(), on: false }];
    if may_manage {
        let places = choices(&desk.app, tenant).await?.into_iter().filter(|choice| matches!(choice.scope, Scope::Place { .. }));
        scopes.extend(places.map(|choice| Choice { value: choice.value(), label: choice.label, on: false }));
    }
    let role = |role: &Role| {
        let choice = Choice { value: role.to_string(), label: w.t(&format!("role-{role}")).into_owned(), on: false };
        (choice, w.t(&format!("grant-may-{role}")).into_owned())
    };
    let template = GrantsPage {
        above,
        lines,
        next: paged.next.map(|next| page.href(&format!("/grants?after={next}"))),
        first: from.map(|_| page.href("/grants")),
        roles: GRANTABLE.iter().map(role).collect(),
        scopes,
        may_manage,
        form,
        command: desk.app.world.new_id(),
        error: error.map(|error| words_of(w, error)).unwrap_or_default(),
        page,
    };
    Ok(render(status_of(error), &template))
}

async fn give(submitted: Submitted<GrantForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageRoles>(&desk.actor.tenant)?;
    let outcome = async {
        let role = form.role.parse::<Role>().map_err(|_| NOT_OFFERED)?;
        let offered = choices(&desk.app, desk.actor.tenant).await?;
        let tenant = ScopeChoice { scope: Scope::Tenant, label: String::new() };
        let scope = offered.into_iter().chain([tenant]).find(|choice| choice.value() == form.scope).ok_or(NOT_OFFERED)?.scope;
        let to = grants::grantee(&desk.app.store, &desk.tenant, &form.login).await?;
        let command = GrantRole { by, to, role, scope, separated: separated(&desk.app), revision: desk.tenant.revision };
        desk.app.store.run(submitted.pass.clone(), command).await
    }
    .await;
    match outcome {
        Ok(_) => Ok(desk.done("done-granted", "/grants")),
        Err(error) if shown_again(&error) => show(desk, "", form.clone(), Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RevokeForm {
    assignment: String,
}

async fn revoke(submitted: Submitted<RevokeForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let by = desk.actor.permit::<ManageRoles>(&desk.actor.tenant)?;
    let assignment = Uuid::try_parse(&submitted.form.assignment).map_err(|_| NOT_OFFERED)?;
    match desk.app.store.run(submitted.pass.clone(), RevokeGrant { by, assignment }).await {
        Ok(_) => Ok(desk.done("done-grant-revoked", "/grants")),
        Err(error) if shown_again(&error) => show(desk, "", GrantForm::default(), Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

struct ChildView {
    href: String,
    name: String,
    roles: String,
    here: bool,
}

#[derive(askama::Template)]
#[template(path = "children.html")]
struct ChildrenPage {
    page: PageContext,
    home: String,
    home_href: String,
    at_home: bool,
    lines: Vec<ChildView>,
}

/// Where the logged-in account was granted something, whichever tenant's address it is asked at.
async fn children(desk: Desk) -> web::Result<Response> {
    let page = desk.page("children-title");
    let (w, store) = (page.w, &desk.app.store);
    let home = account::tenant(store, desk.account.tenant_id).await?;
    let mut lines = Vec::new();
    for granted in grants::of_account(store, &desk.account).await? {
        // Places have names only where a scope is one: the whole of a territory is not read for a role on the whole tenant.
        let places = granted.assignments.iter().any(|given| given.scope != Scope::Tenant);
        let labels = if places { places_of(&desk, &granted).await? } else { Default::default() };
        let roles: Vec<_> = granted.assignments.iter().map(|given| role_words(w, given.role, &given.scope, &labels)).collect();
        lines.push(ChildView {
            href: format!("/t/{}/", granted.tenant.slug),
            name: desk.name_of(&granted.tenant),
            roles: roles.join(&w.t("list-and")),
            here: granted.tenant.id == desk.tenant.id,
        });
    }
    let template = ChildrenPage {
        home: desk.name_of(&home),
        home_href: format!("/t/{}/", home.slug),
        at_home: home.id == desk.tenant.id,
        lines,
        page,
    };
    Ok(render(StatusCode::OK, &template))
}

async fn places_of(desk: &Desk, granted: &grants::Granted) -> Result<std::collections::BTreeMap<String, String>> {
    Ok(choices(&desk.app, granted.tenant.id).await?.into_iter().map(|choice| (choice.value(), choice.label)).collect())
}
