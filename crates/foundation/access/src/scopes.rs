//! What a role's scope can be, with its words, and where units answer: places and organisations belong to a crate above,
//! which offers them here.

use crate::account::InviteToUnit;
use crate::actor::{Actor, FORBIDDEN, Scope};
use crate::permit::{Permit, Subject};
use futures::future::BoxFuture;
use kernel::ids::OrganisationId;
use kernel::{Error, Result, TenantId};
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

/// A unit that people can be invited into.
#[derive(Debug, Clone)]
pub struct UnitChoice {
    pub id: OrganisationId,
    pub label: String,
    /// The paths of the places that it answers for now.
    pub paths: Vec<String>,
}

impl UnitChoice {
    /// As a form carries it.
    pub fn value(&self) -> String {
        value_of(&Scope::Organisation { id: self.id })
    }
    /// The proof that the actor may invite people of this unit: of any in the tenant, or as it answers for a place within
    /// the actor's own.
    pub fn invite(&self, actor: &Actor) -> Result<Permit<InviteToUnit>> {
        let tenant = Subject::of_tenant(actor.tenant);
        let places = self.paths.iter().map(|path| Subject { place_path: Some(path), ..tenant });
        let within = std::iter::once(tenant).chain(places).find_map(|subject| actor.permit::<InviteToUnit>(&subject).ok());
        within.ok_or_else(|| Error::from(FORBIDDEN))
    }
}

type OfferUnits = dyn Fn(App, TenantId) -> BoxFuture<'static, Result<Vec<UnitChoice>>> + Send + Sync;

/// The port: all open units of a tenant, with where each answers.
pub struct Units(pub Box<OfferUnits>);

/// The units whose people the actor may invite. Empty where nobody offers any.
pub async fn invitable(app: &App, actor: &Actor) -> Result<Vec<UnitChoice>> {
    match app.try_get::<Units>() {
        Some(units) => Ok((units.0)(app.clone(), actor.tenant).await?.into_iter().filter(|unit| unit.invite(actor).is_ok()).collect()),
        None => Ok(Vec::new()),
    }
}
