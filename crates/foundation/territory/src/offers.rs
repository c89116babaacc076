//! What a territory offers to accounts: the places and units that roles are given on, and which unit answers where.

use crate::organisation::Organisation;
use crate::place::Level;
use access::Scope;
use access::scopes::{ScopeChoice, Scopes, UnitChoice, Units};

/// What roles can be given on: the tenant's open communities, grids and compounds, and its organisations.
pub fn scopes() -> Scopes {
    Scopes(Box::new(|app, tenant| {
        Box::pin(async move {
            let directory = crate::directory(&app, tenant).await?;
            let reached = [Level::Community, Level::Area, Level::Grid, Level::Compound];
            let places = directory.places().iter().filter(|place| place.open && reached.contains(&place.level));
            let places = places.map(|place| ScopeChoice {
                scope: Scope::Place { id: place.id, path: place.path.clone() },
                label: place.full_name.clone(),
            });
            let organisations = directory.organisations();
            let organisations = organisations.map(|one| ScopeChoice { scope: Scope::Organisation { id: one.id }, label: one.name.clone() });
            Ok(places.chain(organisations).collect())
        })
    }))
}

/// The open units of a tenant with the places that they answer for today.
pub fn units() -> Units {
    Units(Box::new(|app, tenant| {
        Box::pin(async move {
            let directory = crate::directory(&app, tenant).await?;
            let mut paths = directory.answering_on(directory.date_of(app.world.now())?);
            let unit =
                |one: &Organisation| UnitChoice { id: one.id, label: one.name.clone(), paths: paths.remove(&one.id).unwrap_or_default() };
            Ok(directory.organisations().map(unit).collect())
        })
    }))
}
