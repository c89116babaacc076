//! What a new tenant gets before anybody works in it: its own place as the root of the tree, categories, a calendar.

use crate::place::{Level, PlaceKind};
use crate::places::{self, CreatePlace, PlaceDetails};
use crate::verbs::ManageTerritory;
use crate::{calendars, categories};
use access::Permit;
use kernel::Result;
use kernel::ids::PlaceId;
use store::{Command, Write};

/// Lays a tenant's ground. Run again it changes nothing and gives the same root.
///
/// Errors: the field errors of [`CreatePlace`], `calendar.zone`.
pub struct PrepareTerritory {
    pub by: Permit<ManageTerritory>,
    pub level: Level,
    pub kind: Option<PlaceKind>,
    pub name: String,
    /// 12 digits, where the tenant has one; imports find their own lines by it.
    pub code: Option<String>,
    pub zone: String,
}

impl Command for PrepareTerritory {
    const KIND: &'static str = "territory.prepare";
    /// The root.
    type Out = PlaceId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<PlaceId> {
        categories::seed(tx).await?;
        calendars::seed(tx, &self.zone).await?;
        if let Some(root) = places::root(tx).await? {
            return Ok(root);
        }
        let details = PlaceDetails { kind: self.kind, code: self.code.clone(), ..PlaceDetails::named(&self.name) };
        CreatePlace { by: self.by.clone(), parent: None, level: self.level, details }.run(tx).await
    }
}
