//! What almost every page of this slice needs of its tenant: names of places and units, categories, the clocks.

use crate::clocks::{CentreLimits, Hours};
use crate::listing::{self, Leg};
use access::http::Desk;
use access::permit::Reach;
use kernel::coordinates::Point;
use kernel::ids::PlaceId;
use kernel::{Result, TenantId};
use std::sync::Arc;
use territory::Directory;
use web::App;

/// A tenant as its pages and commands need it.
#[derive(Clone)]
pub struct Office {
    pub directory: Arc<Directory>,
    pub hours: Arc<Hours>,
}

impl Office {
    pub async fn of(desk: &Desk) -> Result<Office> {
        Ok(Office::with(territory::directory_of(desk).await?, CentreLimits::of(&desk.tenant.settings)?))
    }
    pub async fn of_tenant(app: &App, tenant: TenantId) -> Result<Office> {
        let settings = access::account::tenant(&app.store, tenant).await?.settings;
        Ok(Office::with(territory::directory(app, tenant).await?, CentreLimits::of(&settings)?))
    }
    fn with(directory: Arc<Directory>, centre: CentreLimits) -> Office {
        let calendar = Arc::clone(directory.calendar());
        Office { directory, hours: Arc::new(Hours { calendar, centre }) }
    }
    /// The actor's reach as conditions of a list.
    pub fn legs(&self, reach: &Reach) -> Vec<Leg> {
        listing::legs(reach, |path| self.directory.community_at(path))
    }
    /// The smallest known place around a point: its compound, else its grid, else its community.
    pub async fn locate(&self, desk: &Desk, point: Point) -> Result<Option<PlaceId>> {
        let polygons = desk.app.get::<territory::Caches>().polygons(&desk.app.store, desk.actor.tenant).await?;
        let located = polygons.locate(point);
        Ok(located.compound.or(located.grid).or(located.community))
    }
}
