//! `xiuhua import cases`: a table of another system becomes cases, once, and says what it did.

use crate::console::Console;
use crate::first_start::as_system;
use crate::installation::{Installation, NO_TENANT, Tenant};
use access::Actor;
use access::account::CreateTenant;
use cases::foreign::{Line, Mapping, Said, Table};
use cases::importing::{Finish, Foreign, ImportCases, Take, Taken};
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Code, Error, Result, TenantId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use store::Store;
use territory::category::CategoryCode;
use territory::organisations::{CreateOrganisation, OrganisationDetails};
use territory::places::{CreatePlace, PlaceDetails};
use territory::setup::PrepareTerritory;
use territory::{Directory, Level, ManageTerritory, OrganisationKind};

/// The file cannot be read.
pub const UNREADABLE: Code = Code::invalid("case_import.unreadable");
/// Cases of one transaction.
const BATCH: usize = 500;
/// Lines that are named one by one.
const NAMED: usize = 20;

/// What the command line asks for.
pub struct Request {
    pub file: PathBuf,
    pub mapping: PathBuf,
    pub tenant: String,
    /// Make the tenant, and the units and communities that the file names.
    pub create: bool,
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| UNREADABLE.err().arg("file", path.display()).arg("detail", error))
}

/// Reads the file, brings in what is not there yet, and prints what went in, what was kept aside and why, and how what is
/// late agrees with what the file itself says.
///
/// Errors: `case_import.unreadable`, those of [`Mapping`], `tenant.unknown`.
pub async fn cases(place: &Installation, console: &Console, request: &Request) -> Result<()> {
    let mapping = String::from_utf8_lossy(&read(&request.mapping)?).into_owned();
    let mapping = Mapping::parse(&mapping)?;
    let bytes = read(&request.file)?;
    let table = mapping.read(&bytes)?;
    place.store.migrate().await?;
    let tenant = tenant(place, request, &mapping).await?;
    let mut directory = Directory::load(&place.store, tenant).await?;
    if request.create {
        create(&place.store, tenant, &directory, &mapping, &table).await?;
        directory = Directory::load(&place.store, tenant).await?;
    }
    let zone = directory.calendar().zone().clone();
    let names = Names::new(&directory, &mapping)?;
    let mut counts = Taken::default();
    for batch in table.lines.chunks(BATCH) {
        let command = Take {
            by: Actor::system(tenant).permit::<ImportCases>(&tenant)?,
            batch: batch.iter().map(|line| names.case(line)).collect(),
            zone: zone.clone(),
        };
        let taken = as_system(&place.store, tenant, command).await?;
        counts.taken += taken.taken;
        counts.known += taken.known;
    }
    let finish = Finish {
        by: Actor::system(tenant).permit::<ImportCases>(&tenant)?,
        file_hash: kernel::canonical::content_hash(&bytes),
        lines: i64::try_from(table.lines.len() + table.aside.len()).map_err(Error::internal)?,
        counts,
        aside: table.aside.clone(),
    };
    as_system(&place.store, tenant, finish).await?;
    report(console, &table, counts, &names);
    Ok(())
}

async fn tenant(place: &Installation, request: &Request, mapping: &Mapping) -> Result<TenantId> {
    let all: Vec<Tenant> = place.tenants(None).await?;
    if let Some(known) = all.iter().find(|tenant| tenant.slug == request.tenant) {
        return Ok(known.id);
    }
    kernel::ensure(request.create, NO_TENANT.err().arg("slug", &request.tenant))?;
    let id = TenantId(all.iter().map(|tenant| tenant.id.0).max().unwrap_or(0) + 1);
    let command = CreateTenant {
        id,
        slug: request.tenant.clone(),
        kind: "sub_district".to_owned(),
        parent: None,
        code: None,
        name: request.tenant.clone(),
        name_en: None,
        zone: mapping.time_zone.clone(),
    };
    as_system(&place.store, id, command).await?;
    let ground = PrepareTerritory {
        by: Actor::system(id).permit::<ManageTerritory>(&id)?,
        level: Level::SubDistrict,
        kind: None,
        name: request.tenant.clone(),
        code: None,
        zone: mapping.time_zone.clone(),
    };
    as_system(&place.store, id, ground).await?;
    Ok(id)
}

/// The name here of a word in the file; nothing for an empty one.
fn named<'a>(words: &'a BTreeMap<String, String>, word: &'a str) -> Option<&'a str> {
    Some(words.get(word).map_or(word, String::as_str)).filter(|name| !name.is_empty())
}

fn communities(directory: &Directory) -> BTreeMap<String, PlaceId> {
    directory.communities().map(|place| (place.name.clone(), place.id)).collect()
}
fn units(directory: &Directory) -> BTreeMap<String, OrganisationId> {
    directory.organisations().map(|one| (one.name.clone(), one.id)).collect()
}

/// Makes the communities and units that the file names and nobody knows.
async fn create(store: &Store, tenant: TenantId, directory: &Directory, mapping: &Mapping, table: &Table) -> Result<()> {
    let system = Actor::system(tenant);
    let (communities, units) = (communities(directory), units(directory));
    let wanted: BTreeSet<&str> = table.lines.iter().filter_map(|line| named(&mapping.communities, &line.community)).collect();
    for name in wanted.into_iter().filter(|name| !communities.contains_key(*name)) {
        let by = system.permit::<ManageTerritory>(&tenant)?;
        let parent = directory.root().map(|root| root.id);
        let details = PlaceDetails::named(name);
        as_system(store, tenant, CreatePlace { by, parent, level: Level::Community, details }).await?;
    }
    let wanted: BTreeSet<&str> = table.lines.iter().filter_map(|line| named(&mapping.units, &line.unit)).collect();
    for name in wanted.into_iter().filter(|name| !units.contains_key(*name)) {
        let by = system.permit::<ManageTerritory>(&tenant)?;
        let details = OrganisationDetails::named(OrganisationKind::Department, name);
        as_system(store, tenant, CreateOrganisation { by, details }).await?;
    }
    Ok(())
}

/// What the file's words mean here.
struct Names<'a> {
    mapping: &'a Mapping,
    directory: &'a Directory,
    communities: BTreeMap<String, PlaceId>,
    units: BTreeMap<String, OrganisationId>,
    categories: BTreeMap<String, kernel::ids::Uuid>,
}

impl<'a> Names<'a> {
    fn new(directory: &'a Directory, mapping: &'a Mapping) -> Result<Names<'a>> {
        let known = mapping.categories.iter().filter_map(|(word, code)| {
            let version = directory.category_in_force(&CategoryCode::parse(code)?)?;
            Some((word.clone(), version.id.into()))
        });
        let categories = known.collect();
        Ok(Names { mapping, directory, communities: communities(directory), units: units(directory), categories })
    }
    fn unit(&self, line: &Line) -> Option<OrganisationId> {
        named(&self.mapping.units, &line.unit).and_then(|name| self.units.get(name)).copied()
    }
    fn community(&self, line: &Line) -> Option<PlaceId> {
        named(&self.mapping.communities, &line.community).and_then(|name| self.communities.get(name)).copied()
    }
    fn case(&self, line: &Line) -> Foreign {
        let community = self.community(line);
        let place = community.and_then(|id| self.directory.place(id)).or(self.directory.root());
        Foreign {
            outside_number: line.number.clone(),
            what: line.what.clone(),
            where_words: line.place.clone(),
            place: place.map(|place| place.id),
            place_path: place.map(|place| place.path.clone()).unwrap_or_default(),
            community,
            unit: self.unit(line),
            category: self.categories.get(&line.category).copied(),
            point: line.point.map(|point| (point.lng_e7, point.lat_e7)),
            cell: line.point.map(|point| point.cell_key()),
            reported_at: line.opened,
            due: line.due,
            closed_at: line.closed,
        }
    }
}

fn report(console: &Console, table: &Table, counts: Taken, names: &Names<'_>) {
    let count = |what: &dyn Fn(&Line) -> bool| table.lines.iter().filter(|line| what(line)).count().to_string();
    let lines = (table.lines.len() + table.aside.len()).to_string();
    console.say(
        "import-done",
        &[
            ("lines", lines),
            ("taken", counts.taken.to_string()),
            ("known", counts.known.to_string()),
            ("aside", table.aside.len().to_string()),
        ],
    );
    for (line, number, why) in table.aside.iter().take(NAMED) {
        let why = console.words().t(&format!("import-aside-{}", why.as_str())).into_owned();
        console.say("import-aside", &[("line", line.to_string()), ("number", number.clone()), ("why", why)]);
    }
    if table.aside.len() > NAMED {
        console.say("import-more", &[("count", (table.aside.len() - NAMED).to_string())]);
    }
    console.say("import-positions", &[("none", count(&|line| line.point.is_none())), ("placeholder", count(&|line| line.placeholder))]);
    console.say(
        "import-unknown",
        &[
            ("units", count(&|line| !line.unit.is_empty() && names.unit(line).is_none())),
            ("communities", count(&|line| !line.community.is_empty() && names.community(line).is_none())),
            ("categories", count(&|line| !line.category.is_empty() && !names.categories.contains_key(&line.category))),
        ],
    );
    // A file that says nothing of time has nothing to be held against.
    if names.mapping.columns.status.is_none() {
        return;
    }
    let said = |said: Said, late: bool| count(&|line| line.comparable() && line.said == said && line.late() == late);
    console.say(
        "import-in_time",
        &[
            ("on_time", said(Said::OnTime, false)),
            ("late", said(Said::Late, true)),
            ("wrongly_late", said(Said::OnTime, true)),
            ("wrongly_on_time", said(Said::Late, false)),
        ],
    );
    let silent: Vec<String> = table
        .lines
        .iter()
        .filter(|line| line.comparable() && line.said == Said::Nothing)
        .map(|line| format!("{} ({})", line.line, line.number))
        .collect();
    if !silent.is_empty() {
        let listed = silent.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        console.say("import-silent", &[("count", silent.len().to_string()), ("lines", listed)]);
    }
}
