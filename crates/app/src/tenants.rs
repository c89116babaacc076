//! `xiuhua tenant`: list tenants, make one, and hang one below its district, for whoever runs the machine.

use crate::console::Console;
use crate::first_start::as_system;
use crate::installation::Installation;
use access::Actor;
use access::above::{Above, HangTenant};
use access::account::{self, CreateTenant};
use kernel::{Code, Result, TenantId};
use territory::ManageTerritory;
use territory::place::{Level, PlaceKind};
use territory::setup::PrepareTerritory;

/// There is no such kind of tenant.
pub const BAD_KIND: Code = Code::invalid("tenant.kind");

/// One line a tenant: short name, kind, the district above, name.
pub async fn list(place: &Installation, console: &Console) -> Result<()> {
    let all = account::tenants(&place.store).await?;
    for tenant in &all {
        let above = all.iter().find(|other| Some(other.id) == tenant.parent_id).map_or("-", |above| above.slug.as_str());
        console.print(&format!("{}\t{}\t{above}\t{}", tenant.slug, tenant.kind, tenant.name));
    }
    Ok(())
}

/// What is said of a new tenant.
pub struct New {
    pub slug: String,
    pub name: String,
    pub kind: String,
    pub under: Option<String>,
}

/// Makes a tenant with its ground and categories; its administrators are made by `xiuhua account create`.
pub async fn create(place: &Installation, console: &Console, new: &New) -> Result<()> {
    let (level, kind) = match new.kind.as_str() {
        "district" => (Level::District, None),
        "sub_district" => (Level::SubDistrict, Some(PlaceKind::SubDistrict)),
        "town" => (Level::SubDistrict, Some(PlaceKind::Town)),
        other => return Err(BAD_KIND.err().arg("kind", other)),
    };
    place.store.migrate().await?;
    let above = above(place, new.under.as_deref()).await?;
    kernel::ensure(above.is_none() || level != Level::District, access::above::DISTRICT_BELOW)?;
    let id = TenantId(account::tenants(&place.store).await?.iter().map(|tenant| tenant.id.0).max().unwrap_or(0) + 1);
    let zone = place.loaded.config.tenant.zone.clone();
    let tenant = CreateTenant {
        id,
        slug: new.slug.clone(),
        kind: new.kind.clone(),
        parent: above.map(Above::id),
        code: None,
        name: new.name.clone(),
        name_en: None,
        zone: zone.clone(),
    };
    as_system(&place.store, id, tenant).await?;
    let by = Actor::system(id).permit::<ManageTerritory>(&id)?;
    as_system(&place.store, id, PrepareTerritory { by, level, kind, name: new.name.clone(), code: None, zone }).await?;
    console.say("tenant-made", &[("slug", new.slug.clone())]);
    Ok(())
}

/// Hangs a tenant below a district, or below none.
pub async fn hang(place: &Installation, console: &Console, slug: &str, under: Option<&str>) -> Result<()> {
    let above = above(place, under).await?;
    for tenant in place.tenants(Some(slug)).await? {
        as_system(&place.store, tenant.id, HangTenant { above }).await?;
    }
    console.say("tenant-hung", &[("slug", slug.to_owned()), ("above", under.unwrap_or("-").to_owned())]);
    Ok(())
}

async fn above(place: &Installation, slug: Option<&str>) -> Result<Option<Above>> {
    let Some(slug) = slug else { return Ok(None) };
    match place.tenants(Some(slug)).await?.first() {
        Some(tenant) => Above::find(&place.store, tenant.id).await.map(Some),
        None => Ok(None),
    }
}
