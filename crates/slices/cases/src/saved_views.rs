//! Views of the worklist that people keep: a name and an address, for oneself or for everybody in the office.

use crate::verbs::ListCases;
use crate::worklist::Asked;
use access::Permit;
use access::http::Submitted;
use axum::extract::{Path, Query};
use axum::response::Response;
use kernel::ids::{AccountId, Uuid};
use kernel::{Code, Error, Kind, Result, TenantId, ensure};
use serde::Deserialize;
use store::{Command, Sql, Store, Write, args, sql};

/// It has no name, or one that is too long.
pub const NAME: Code = Code::invalid("view.name");
/// There are as many views as a person can look through.
pub const TOO_MANY: Code = Code::conflict("view.too_many");

/// Characters of a view's name.
const MAX_NAME: usize = 20;
/// Views that one person keeps, and that an office shares.
const MOST: i64 = 30;
/// Characters of an address.
const MAX_ADDRESS: usize = 1000;

// A way to look at cases changes none of them.
store::housekeeping!("saved_view");

store::row! {
    /// A view as it is kept.
    #[derive(Debug, Clone)]
    pub struct View {
        pub id: Uuid,
        pub account_id: AccountId,
        pub name: String,
        pub address: String,
        pub shared: bool,
    }
}

static MINE: Sql = sql!(
    "SELECT id, account_id, name, address, shared
    FROM saved_view
    WHERE tenant_id = :tenant AND account_id = :account
    ORDER BY id
    LIMIT 60"
);
static SHARED: Sql = sql!(
    "SELECT id, account_id, name, address, shared
    FROM saved_view
    WHERE tenant_id = :tenant AND shared = TRUE AND account_id <> :account
    ORDER BY id
    LIMIT 60"
);
static COUNT: Sql = sql!("SELECT COUNT(*) AS n FROM saved_view WHERE tenant_id = :tenant AND account_id = :account");
static INSERT: Sql = sql!(
    "INSERT INTO saved_view (tenant_id, id, account_id, name, address, shared, kept_at)
    VALUES (:tenant, :id, :account, :name, :address, :shared, :now)"
);
static DELETE: Sql = sql!("DELETE FROM saved_view WHERE tenant_id = :tenant AND id = :id AND account_id = :account");

/// One's own views, then those that others share.
pub async fn of(store: &Store, tenant: TenantId, account: AccountId) -> Result<Vec<View>> {
    let mut views = store.all::<View>(&MINE, args! { tenant: tenant, account: account }).await?;
    views.extend(store.all::<View>(&SHARED, args! { tenant: tenant, account: account }).await?);
    Ok(views)
}

/// Keeps a view. Errors: `view.too_many`.
struct Keep {
    _by: Permit<ListCases>,
    account: AccountId,
    name: String,
    address: String,
    shared: bool,
}

impl Command for Keep {
    const KIND: &'static str = "view.keep";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let (kept,) = tx.one::<(i64,)>(&COUNT, args! { tenant: tx.tenant(), account: self.account }).await?;
        ensure(kept < MOST, TOO_MANY)?;
        let id: Uuid = tx.new_id();
        let values = args! {
            tenant: tx.tenant(), id: id, account: self.account, name: self.name, address: self.address, shared: self.shared, now: tx.now(),
        };
        tx.exec(&INSERT, values).await.map(drop)
    }
}

/// Drops one's own view.
struct Drop {
    _by: Permit<ListCases>,
    account: AccountId,
    id: Uuid,
}

impl Command for Drop {
    const KIND: &'static str = "view.drop";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        tx.exec(&DELETE, args! { tenant: tx.tenant(), id: self.id, account: self.account }).await.map(drop)
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct KeepForm {
    pub name: String,
    /// The query string of the list.
    pub address: String,
    pub shared: String,
}

/// The query string as the list itself would write it, so that nothing else can be kept as an address.
fn clean(address: &str) -> Result<Asked> {
    let text = address.trim_start_matches('?');
    ensure(text.len() <= MAX_ADDRESS, Error::not_found())?;
    let uri: axum::http::Uri = format!("/?{text}").parse().map_err(|_| Error::not_found())?;
    let Query(asked) = Query::<Asked>::try_from_uri(&uri).map_err(|_| Error::not_found())?;
    Ok(Asked { after: String::new(), more: String::new(), ..asked })
}

/// The list to come back to; the plain one where the address is none of ours.
pub(crate) fn clean_back(address: &str) -> Asked {
    clean(address).unwrap_or_default()
}

pub async fn keep(submitted: Submitted<KeepForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit_some::<ListCases>()?;
    let account = desk.actor.account.ok_or_else(Error::not_found)?;
    let address = clean(&form.address)?;
    let name = form.name.trim();
    let outcome = async {
        ensure((1..=MAX_NAME).contains(&name.chars().count()), Error::field("view_name", NAME).arg("most", MAX_NAME))?;
        let command = Keep { _by: by, account, name: name.to_owned(), address: address.query_string(), shared: !form.shared.is_empty() };
        desk.app.store.run(submitted.pass.clone(), command).await.map(drop)
    }
    .await;
    let here = format!("/cases{}", address.query_string());
    match outcome {
        Ok(()) => Ok(desk.done("done-view-kept", &here)),
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            crate::worklist::show(desk, Asked { more: "yes".to_owned(), ..address }, Some((&error, name))).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn drop_view(Path((_, id)): Path<(String, String)>, submitted: Submitted<NoFields>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let by = desk.actor.permit_some::<ListCases>()?;
    let account = desk.actor.account.ok_or_else(Error::not_found)?;
    let id = Uuid::try_parse(&id).map_err(|_| Error::not_found())?;
    desk.app.store.run(submitted.pass.clone(), Drop { _by: by, account, id }).await?;
    Ok(desk.done("done-view-dropped", "/cases?more=yes"))
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct NoFields {}
