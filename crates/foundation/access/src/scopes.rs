//! What a role's scope can be, with its words: places and organisations belong to a crate above, which offers them here.

use crate::actor::Scope;
use futures::future::BoxFuture;
use kernel::{Result, TenantId};
use web::App;

/// One scope that can be given, and its label.
#[derive(Debug, Clone)]
pub struct ScopeChoice {
    pub scope: Scope,
    pub label: String,
}

impl ScopeChoice {
    /// As a form carries it.
    pub fn value(&self) -> String {
        value_of(&self.scope)
    }
}

/// `tenant`, `place:{id}` or `organisation:{id}`.
pub fn value_of(scope: &Scope) -> String {
    match scope {
        Scope::Tenant => "tenant".to_owned(),
        Scope::Place { id, .. } => format!("place:{id}"),
        Scope::Organisation { id } => format!("organisation:{id}"),
    }
}

type Offer = dyn Fn(App, TenantId) -> BoxFuture<'static, Result<Vec<ScopeChoice>>> + Send + Sync;

/// The port: all places and organisations of a tenant that a role can be given on.
pub struct Scopes(pub Box<Offer>);

/// All choices of the tenant; the tenant as a whole is left to the caller. Empty where nobody offers any.
pub async fn choices(app: &App, tenant: TenantId) -> Result<Vec<ScopeChoice>> {
    match app.try_get::<Scopes>() {
        Some(scopes) => (scopes.0)(app.clone(), tenant).await,
        None => Ok(Vec::new()),
    }
}
