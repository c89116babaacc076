//! What almost every page of this slice needs of its tenant: names of places and units, categories, the clocks.

use crate::clocks::{CentreLimits, Hours};
use crate::listing::{self, Filter, Leg};
use crate::steps::{Optional, Step};
use access::http::Desk;
use access::permit::Reach;
use kernel::coordinates::Point;
use kernel::ids::PlaceId;
use kernel::{Error, Result, TenantId};
use serde::Deserialize;
use std::sync::Arc;
use territory::Directory;
use web::App;

/// A tenant as its pages and commands need it.
#[derive(Clone)]
pub struct Office {
    pub directory: Arc<Directory>,
    pub hours: Arc<Hours>,
    /// What those outside give for their orders.
    pub orders: crate::outside::Limits,
    off: Arc<[Optional]>,
}

impl Office {
    pub async fn of(desk: &Desk) -> Result<Office> {
        Office::with(territory::directory_of(desk).await?, &desk.tenant.settings)
    }
    pub async fn of_tenant(app: &App, tenant: TenantId) -> Result<Office> {
        let settings = access::account::tenant(&app.store, tenant).await?.settings;
        Office::with(territory::directory(app, tenant).await?, &settings)
    }
    fn with(directory: Arc<Directory>, settings: &str) -> Result<Office> {
        let calendar = Arc::clone(directory.calendar());
        let centre = CentreLimits::of(settings)?;
        let orders = crate::outside::Limits::of(settings)?;
        Ok(Office { directory, hours: Arc::new(Hours { calendar, centre }), orders, off: off(settings)?.into() })
    }
    /// Whether this tenant has the desk that the step belongs to.
    pub fn has(&self, step: Step) -> bool {
        step.desk().is_none_or(|desk| !self.off.contains(&desk))
    }
    /// What this tenant has switched off.
    pub fn off(&self) -> &[Optional] {
        &self.off
    }
    /// The actor's reach as conditions of a list.
    pub fn legs(&self, reach: &Reach, filter: &Filter) -> Vec<Leg> {
        listing::legs(reach, filter, |path| self.directory.community_at(path))
    }
    /// The smallest known place around a point: its compound, else its grid, else its community.
    pub async fn locate(&self, desk: &Desk, point: Point) -> Result<Option<PlaceId>> {
        let polygons = desk.app.get::<territory::Caches>().polygons(&desk.app.store, desk.actor.tenant).await?;
        let located = polygons.locate(point);
        Ok(located.compound.or(located.grid).or(located.community))
    }
}

/// The name of what is switched off among a tenant's settings.
pub const OFF: &str = "steps_off";

/// Whether a tenant with these settings has the desk that a step belongs to. Errors: 500 when they can't be read.
pub(crate) fn has(settings: &str, step: Step) -> Result<bool> {
    let off = off(settings)?;
    Ok(step.desk().is_none_or(|desk| !off.contains(&desk)))
}

/// What a tenant has switched off, from its settings; nothing where it says nothing.
fn off(settings: &str) -> Result<Vec<Optional>> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Settings {
        steps_off: Vec<Optional>,
    }
    serde_json::from_str::<Settings>(settings).map(|settings| settings.steps_off).map_err(Error::internal)
}
