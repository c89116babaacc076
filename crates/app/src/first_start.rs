//! The first start: a tenant, its ground, and administrators with one-time passwords that are printed once.

use crate::config::Config;
use crate::console::Console;
use crate::installation::Installation;
use access::account::{self, CreateAccount, CreateTenant, ManageAccounts};
use access::{Actor, Role, Scope, passwords};
use kernel::{Result, TenantId};
use store::{Command, Pass, Store};
use territory::ManageTerritory;
use territory::place::{Level, PlaceKind};
use territory::setup::PrepareTerritory;

/// Where the administrators' log-in names come from, and what each may.
const TOGETHER: &[(&str, &[Role])] = &[("admin", &[Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin])];
const APART: &[(&str, &[Role])] = &[("system", &[Role::SystemAdmin]), ("security", &[Role::SecurityAdmin]), ("audit", &[Role::AuditAdmin])];

/// Runs a command in the name of the system itself.
pub async fn as_system<C: Command>(store: &Store, tenant: TenantId, command: C) -> Result<C::Out> {
    let pass = Pass { tenant, actor: None, on_behalf_of: None, id: store.world().new_id(), body: [0; 32] };
    Ok(store.run(pass, command).await?.out)
}

/// Does what is missing of a first start; nothing, where an installation has its administrators.
///
/// It may have been cut off in the middle: each step looks whether it was done.
pub async fn prepare(place: &Installation, console: &Console) -> Result<()> {
    place.store.migrate().await?;
    let config = &place.loaded.config;
    let tenants = place.tenants(None).await?;
    let tenant = match tenants.first() {
        Some(tenant) => tenant.id,
        None => create_tenant(&place.store, config).await?,
    };
    if tenants.len() > 1 || !account::all(&place.store, tenant, "").await?.is_empty() {
        return Ok(());
    }
    prepare_ground(&place.store, tenant, config).await?;
    let made = create_administrators(&place.store, tenant, config.access.separate_administrators).await?;
    console.say("start-administrators", &[]);
    for (login, password) in made {
        console.say("start-one_time", &[("login", login), ("password", password)]);
    }
    console.say("start-only_now", &[]);
    Ok(())
}

fn name(config: &Config) -> String {
    let tenant = &config.tenant;
    if tenant.name.is_empty() { tenant.slug.clone() } else { tenant.name.clone() }
}

async fn create_tenant(store: &Store, config: &Config) -> Result<TenantId> {
    let id = TenantId(1);
    let tenant = &config.tenant;
    let command = CreateTenant {
        id,
        slug: tenant.slug.clone(),
        kind: tenant.kind.clone(),
        parent: None,
        code: Some(tenant.code.clone()).filter(|code| !code.is_empty()),
        name: name(config),
        name_en: None,
        zone: tenant.zone.clone(),
    };
    as_system(store, id, command).await?;
    Ok(id)
}

async fn prepare_ground(store: &Store, tenant: TenantId, config: &Config) -> Result<()> {
    let (level, kind) = match config.tenant.kind.as_str() {
        "district" => (Level::District, None),
        "town" => (Level::SubDistrict, Some(PlaceKind::Town)),
        _ => (Level::SubDistrict, Some(PlaceKind::SubDistrict)),
    };
    let command = PrepareTerritory {
        by: Actor::system(tenant).permit::<ManageTerritory>(&tenant)?,
        level,
        kind,
        name: name(config),
        code: Some(config.tenant.code.clone()).filter(|code| !code.is_empty()),
        zone: config.tenant.zone.clone(),
    };
    as_system(store, tenant, command).await.map(drop)
}

async fn create_administrators(store: &Store, tenant: TenantId, apart: bool) -> Result<Vec<(String, String)>> {
    let mut made = Vec::new();
    for (login, roles) in if apart { APART } else { TOGETHER } {
        let password = passwords::one_time(&store.world().entropy);
        let command = CreateAccount {
            by: Actor::system(tenant).permit::<ManageAccounts>(&tenant)?,
            login: (*login).to_owned(),
            name: (*login).to_owned(),
            phone: None,
            password_hash: passwords::hash(password.clone(), &store.world().entropy).await?,
            must_change: true,
            roles: roles.iter().map(|role| (*role, Scope::Tenant)).collect(),
        };
        match as_system(store, tenant, command).await {
            Ok(_) => made.push(((*login).to_owned(), password)),
            // Two servers start at once on one database: the other one printed it.
            Err(error) if error.is(account::LOGIN_TAKEN) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(made)
}
