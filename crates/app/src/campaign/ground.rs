//! The ground of the demo: the sub-district with its communities, compounds, grids and buildings, their boundaries, and
//! the units that answer for them.

use super::outlines::{self, At, Quad};
use super::{DISTRICT, District, TENANT, Text, ZONE, invented_number};
use access::account::CreateTenant;
use access::{Actor, Permit};
use kernel::coordinates::Datum;
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Error, Result};
use store::{Command, Pass, Store};
use territory::organisations::{AnswerFor, CreateOrganisation, OrganisationDetails};
use territory::places::{CreatePlace, PlaceDetails};
use territory::polygons::{ImportPolygons, PolygonFile};
use territory::setup::PrepareTerritory;
use territory::{Directory, Level, ManageTerritory, OrganisationKind};

/// Communities that are divided into two grids.
const WITH_GRIDS: usize = 4;
/// Compounds whose buildings stand in the tree of places.
const WITH_BUILDINGS: usize = 6;

/// What the campaign needs to know of the ground.
pub(super) struct Ground {
    /// The compounds, each with its outline.
    pub compounds: Vec<(PlaceId, Quad)>,
    /// The company that the demo's own unit accounts work for.
    pub company: OrganisationId,
}

struct Settling<'a> {
    store: &'a Store,
    by: Permit<ManageTerritory>,
    /// Full names and rings, for the one file of boundaries.
    outlines: Vec<(String, Vec<At>)>,
    /// Whom to ask for, in turn, and how many units have somebody.
    contacts: &'a [String],
    made: std::cell::Cell<usize>,
    /// Compounds made so far.
    compounds: i64,
}

impl Settling<'_> {
    async fn run<C: Command>(&self, command: C) -> Result<C::Out> {
        let pass = Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: self.store.world().new_id(), body: [0; 32] };
        Ok(self.store.run(pass, command).await?.out)
    }
    async fn organisation(&self, kind: OrganisationKind, name: &str) -> Result<OrganisationId> {
        let n = self.made.replace(self.made.get() + 1);
        let contact = self.contacts.get(n % self.contacts.len().max(1)).cloned();
        let details = OrganisationDetails { contact, contact_phone: Some(invented_number(n)), ..OrganisationDetails::named(kind, name) };
        self.run(CreateOrganisation { by: self.by.clone(), details }).await
    }
    async fn answers(&self, organisation: OrganisationId, place: PlaceId) -> Result<()> {
        let from = super::BEGIN.first_of_month();
        self.run(AnswerFor { by: self.by.clone(), organisation, place, project: None, from, to: None }).await?;
        Ok(())
    }
    /// So many live in the next compound: some hundreds, no two neighbours the same.
    fn households(&mut self) -> i64 {
        self.compounds += 1;
        240 + (self.compounds * 137) % 960
    }
    /// A place below another, and its outline under its full name.
    async fn place(&mut self, parent: PlaceId, level: Level, above: &str, name: &str, ring: Vec<At>) -> Result<(PlaceId, String)> {
        let households = if level == Level::Compound { Some(self.households()) } else { None };
        let details = PlaceDetails { households, ..PlaceDetails::named(name) };
        let id = self.run(CreatePlace { by: self.by.clone(), parent: Some(parent), level, details }).await?;
        let full_name = if above.is_empty() { name.to_owned() } else { format!("{above} {name}") };
        self.outlines.push((full_name.clone(), ring));
        Ok((id, full_name))
    }
}

/// Makes the tenant and everything that stands on its ground.
pub(super) async fn settle(store: &Store, text: &Text) -> Result<Ground> {
    let by = Actor::system(TENANT).permit::<ManageTerritory>(&TENANT)?;
    let outlines = vec![(text.name.clone(), outlines::whole())];
    let mut settling = Settling { store, by, outlines, contacts: &text.contacts, made: std::cell::Cell::new(0), compounds: 0 };
    let root = sub_district(&settling, text).await?;
    let mut companies = Vec::new();
    for name in &text.companies {
        companies.push(settling.organisation(OrganisationKind::PropertyCompany, name).await?);
    }
    for (kind, names) in [(OrganisationKind::Department, &text.departments), (OrganisationKind::Merchant, &text.merchants)] {
        for name in names {
            settling.organisation(kind, name).await?;
        }
    }
    let mut compounds = Vec::new();
    for (i, name) in text.communities.iter().enumerate() {
        let named = format!("{name}{}", text.community_suffix);
        let (community, community_name) = settling.place(root, Level::Community, "", &named, outlines::community(i)).await?;
        let office = settling.organisation(OrganisationKind::CommunityOffice, &format!("{named}{}", text.office_suffix)).await?;
        settling.answers(office, community).await?;
        for half in (0..2).filter(|_| i < WITH_GRIDS) {
            let grid = text.grid.replace("{n}", &(half + 1).to_string());
            settling.place(community, Level::Grid, &community_name, &grid, outlines::grid(i, half)).await?;
        }
        for (j, compound) in text.compounds.iter().enumerate() {
            let named = format!("{name}{compound}{}", text.compound_suffix);
            let outline = outlines::compound(i, j);
            let (id, full_name) = settling.place(community, Level::Compound, &community_name, &named, outline.ring()).await?;
            for n in (0..4).filter(|_| compounds.len() < WITH_BUILDINGS) {
                let building = text.building.replace("{n}", &(n + 1).to_string());
                settling.place(id, Level::Building, &full_name, &building, outlines::building(&outline, n).ring()).await?;
            }
            compounds.push((id, outline));
            // Some compounds have no company: there the cooperative or the community answers.
            if (i + j) % 7 != 6 {
                settling.answers(companies[(i * 3 + j) % companies.len()], id).await?;
            }
        }
        if let Some(cooperative) = text.cooperatives.iter().find(|cooperative| cooperative.starts_with(name.as_str())) {
            let id = settling.organisation(OrganisationKind::Cooperative, cooperative).await?;
            settling.answers(id, community).await?;
        }
    }
    boundaries(&settling).await?;
    let company = *companies.first().ok_or_else(|| Error::internal("the demo has no company"))?;
    Ok(Ground { compounds, company })
}

/// The district above, with its own ground.
async fn district(store: &Store, district: &District) -> Result<()> {
    let tenant = CreateTenant {
        id: DISTRICT,
        slug: district.slug.clone(),
        kind: "district".to_owned(),
        parent: None,
        code: None,
        name: district.name.clone(),
        name_en: Some(district.name_en.clone()),
        zone: ZONE.to_owned(),
    };
    crate::first_start::as_system(store, DISTRICT, tenant).await?;
    let by = Actor::system(DISTRICT).permit::<ManageTerritory>(&DISTRICT)?;
    let (name, zone) = (district.name.clone(), ZONE.to_owned());
    let ground = PrepareTerritory { by, level: Level::District, kind: None, name, code: None, zone };
    crate::first_start::as_system(store, DISTRICT, ground).await.map(drop)
}

async fn sub_district(settling: &Settling<'_>, text: &Text) -> Result<PlaceId> {
    district(settling.store, &text.district).await?;
    let tenant = CreateTenant {
        id: TENANT,
        slug: text.slug.clone(),
        kind: "sub_district".to_owned(),
        parent: Some(DISTRICT),
        code: None,
        name: text.name.clone(),
        name_en: Some(text.name_en.clone()),
        zone: ZONE.to_owned(),
    };
    settling.run(tenant).await?;
    let prepare = PrepareTerritory {
        by: settling.by.clone(),
        level: Level::SubDistrict,
        kind: None,
        name: text.name.clone(),
        code: None,
        zone: ZONE.to_owned(),
    };
    settling.run(prepare).await
}

/// Takes in the boundaries as the file that an office would upload.
async fn boundaries(settling: &Settling<'_>) -> Result<()> {
    let directory = Directory::load(settling.store, TENANT).await?;
    let text = outlines::geojson(&settling.outlines);
    let file = PolygonFile::read(text.as_bytes(), Datum::Cgcs2000, &directory)?;
    if let Some(refused) = file.rejected.first() {
        return Err(Error::internal(format!("the demo's boundary of {} is refused: {}", refused.text, refused.code)));
    }
    settling.run(ImportPolygons { by: settling.by.clone(), file }).await?;
    Ok(())
}
