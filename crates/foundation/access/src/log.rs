//! The log of who gave what: accounts, roles, grants, invitations and demands of a second step, straight from their facts.

use crate::account::{self, ReadAudit};
use crate::http::Desk;
use crate::pages::labels;
use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use kernel::ids::{AccountId, FactId, Uuid};
use kernel::{Error, Instant, TenantId};
use serde::Deserialize;
use std::collections::BTreeMap;
use store::query::decode_keys;
use store::{Paged, Query as SqlQuery, ToValue, Value};
use web::html::render;
use web::{App, PageContext, Words};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/t/{slug}/accounts/log", get(log))
}

store::row! {
    /// A fact, as far as the log tells it.
    #[derive(Debug, Clone)]
    struct Entry {
        id: FactId,
        ordinal: i64,
        kind: String,
        subject: String,
        subject_id: Uuid,
        actor_id: Option<AccountId>,
        recorded_at: Instant,
        data: String,
    }
}

const SIZE: u16 = 50;

/// All of the tenant. The kinds are told as the index `fact_access` tells them, which holds these facts and no others.
const ALL: &str = "SELECT id, ordinal, kind, subject, subject_id, actor_id, recorded_at, data
    FROM fact
    WHERE tenant_id = :tenant
    AND ((kind >= 'account.' AND kind < 'account/') OR (kind >= 'grant.' AND kind < 'grant/') OR (kind >= 'role.' AND kind < 'role/') OR (kind >= 'tenant.' AND kind < 'tenant/'))";
/// What is about one account.
const OF_ACCOUNT: &str = "SELECT id, ordinal, kind, subject, subject_id, actor_id, recorded_at, data
    FROM fact
    WHERE tenant_id = :tenant AND subject = 'account' AND subject_id = :account";

fn query(tenant: TenantId, account: Option<AccountId>, after: Option<&[Value]>) -> SqlQuery {
    let query = match account {
        Some(account) => SqlQuery::from(OF_ACCOUNT).bind("account", account),
        None => SqlQuery::from(ALL),
    };
    query.bind("tenant", tenant).keyset(keys(account), true, after, SIZE)
}
/// One account's facts have an instant and an ordinal of their own; among all, two commands may come at one instant.
fn keys(account: Option<AccountId>) -> &'static [&'static str] {
    if account.is_some() { &["recorded_at", "ordinal"] } else { &["recorded_at", "ordinal", "id"] }
}
const KEYS: [Value; 3] = [Value::Int(0), Value::Int(0), Value::Id(Uuid::nil())];
store::shapes!("log of who gave what", || {
    let (tenant, account) = (TenantId(1), AccountId(Uuid::nil()));
    vec![
        query(tenant, None, None),
        query(tenant, None, Some(&KEYS)),
        query(tenant, Some(account), None),
        query(tenant, Some(account), Some(&KEYS[..2])),
    ]
});

struct LogLine {
    at: String,
    what: String,
    whom: String,
    /// The log of that account alone.
    whom_href: Option<String>,
    by: String,
}

#[derive(askama::Template)]
#[template(path = "account_log.html")]
struct LogPage {
    page: PageContext,
    lines: Vec<LogLine>,
    /// The account that the log is narrowed to.
    of: Option<String>,
    first: Option<String>,
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    account: String,
    after: String,
}

async fn log(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    desk.actor.permit::<ReadAudit>(&desk.actor.tenant)?;
    let page = desk.page("account-log-title");
    let (w, store, tenant) = (page.w, &desk.app.store, desk.actor.tenant);
    let account = match asked.account.as_str() {
        "" => None,
        id => Some(id.parse::<AccountId>().map_err(|_| Error::not_found())?),
    };
    let after = decode_keys(&asked.after, if account.is_some() { "ii" } else { "iid" });
    let rows = store.query::<Entry>(query(tenant, account, after.as_deref())).await?;
    let paged = Paged::cut(rows, SIZE, |row| {
        let all = [row.recorded_at.to_value(), row.ordinal.to_value(), row.id.to_value()];
        all[..keys(account).len()].to_vec()
    });
    let whom = |row: &Entry| (row.subject == "account").then_some(AccountId(row.subject_id));
    let people: Vec<_> = paged.rows.iter().flat_map(|row| [whom(row), row.actor_id]).flatten().chain(account).collect();
    let names = account::names(store, tenant, people.into_iter()).await?;
    if account.is_some_and(|id| !names.contains_key(&id)) {
        return Err(Error::not_found().into());
    }
    let labels = labels(&desk.app, &desk).await?;
    let path = page.href("/accounts/log");
    let lines = paged.rows.iter().map(|row| {
        let told = told(w, row, &labels);
        LogLine {
            at: page.at_full(&row.recorded_at),
            what: told.what,
            whom: whom(row).map_or(told.whom, |id| names.get(&id).cloned().unwrap_or_default()),
            whom_href: whom(row).filter(|id| account.is_none() && names.contains_key(id)).map(|id| format!("{path}?account={id}")),
            by: row.actor_id.and_then(|id| names.get(&id)).cloned().unwrap_or_else(|| w.t("by-installation").into_owned()),
        }
    });
    let narrowed = account.map(|id| format!("account={id}&")).unwrap_or_default();
    let template = LogPage {
        lines: lines.collect(),
        of: account.and_then(|id| names.get(&id).cloned()),
        first: after.map(|_| format!("{path}?{}", narrowed.trim_end_matches('&'))),
        next: paged.next.map(|next| format!("{path}?{narrowed}after={next}")),
        page,
    };
    Ok(render(StatusCode::OK, &template))
}

/// What happened, in words, and to what, where that is no account.
struct Told {
    what: String,
    whom: String,
}

fn told(w: Words, row: &Entry, labels: &BTreeMap<String, String>) -> Told {
    let data: serde_json::Value = serde_json::from_str(&row.data).unwrap_or_default();
    let key = format!("fact-{}", row.kind.replace('.', "-"));
    let mut what = w.t(&key).into_owned();
    let scope = match (data["organisation"].as_str(), data["place"].as_str()) {
        (Some(id), _) => format!("organisation:{id}"),
        (None, Some(id)) => format!("place:{id}"),
        _ => "tenant".to_owned(),
    };
    let label = labels.get(&scope).cloned().unwrap_or_else(|| w.t("scope-closed").into_owned());
    let role = |value: &serde_json::Value| value.as_str().map(|role| w.t(&format!("role-{role}")).into_owned());
    if let Some(role) = role(&data["role"]) {
        what = format!("{what} · {role}");
        // An invitation names its unit beside; what was revoked did not always name its scope.
        if row.subject == "account" && data.get("place").is_some() {
            what = format!("{what} · {label}");
        }
    }
    if let Some(roles) = data["roles"].as_array() {
        let roles: Vec<_> = roles.iter().filter_map(role).collect();
        let roles = if roles.is_empty() { w.t("roles-no_role").into_owned() } else { roles.join(&w.t("list-and")) };
        what = format!("{what} · {roles}");
    }
    if let Some(provider) = data["provider"].as_str() {
        what = format!("{what} · {provider}");
    }
    if data["by_owner"] == serde_json::Value::Bool(false) {
        what = w.t("fact-account-password_reset").into_owned();
    }
    Told { what, whom: label }
}
