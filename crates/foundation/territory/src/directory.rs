//! A tenant's territory in memory, by revision: names, paths, categories and the calendar, so that lists and pages need no joins.
//!
//! A street has fewer than 20,000 places, so the whole of it is a few megabytes; it is read again when its revision rose.

use crate::boundaries::Looked;
use crate::calendars::{self, Settings};
use crate::category::{CategoryCode, CategoryVersion};
use crate::duty::Roster;
use crate::organisation::{CategoryVersionId, Organisation, OrganisationKind, Project, ProjectId};
use crate::place::{Level, Place, PlaceKind, State, path_end};
use crate::polygons::{Located, PolygonIndex};
use crate::responsibility::{self, AnswersFor, Proposal, Responsibility, Surroundings};
use crate::revision::revision;
use access::http::Desk;
use jiff::civil::Date;
use kernel::calendar::Calendar;
use kernel::coordinates::Point;
use kernel::ids::{AccountId, OrganisationId, PlaceId, Uuid};
use kernel::{Error, Instant, Result, TenantId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Sql, Store, args, sql};
use web::App;

pub(crate) static PLACES: Sql = sql!(
    "SELECT id, parent_id, level, kind, number, path, code, name, name_en, initials, lng_e7, lat_e7, households,
        urban_rural, state, version
    FROM place
    WHERE tenant_id = :tenant AND path > ''
    ORDER BY path"
);

pub(crate) static ORGANISATIONS: Sql = sql!(
    "SELECT id, kind, name, short_name, name_en, initials, credit_code, state, version
    FROM organisation
    WHERE tenant_id = :tenant AND id >= :first
    ORDER BY id"
);

static PROJECTS: Sql = sql!(
    "SELECT id, organisation_id, name, place_id, state, version
    FROM project
    WHERE tenant_id = :tenant AND id >= :first
    ORDER BY id"
);

static ANSWERS: Sql = sql!(
    "SELECT id, organisation_id, place_id, project_id, valid_from, valid_to
    FROM answers_for
    WHERE tenant_id = :tenant AND id >= :first
    ORDER BY id"
);

pub(crate) static RESPONSIBILITIES: Sql = sql!(
    "SELECT id, number, kind, class_code, item_code, place_id, organisation_id, project_id, valid_from, valid_to, version
    FROM responsibility
    WHERE tenant_id = :tenant AND number > 0
    ORDER BY number"
);

pub(crate) static CATEGORIES: Sql = sql!(
    "SELECT id, kind, class_code, item_code, class_name, name, name_en, initials, synonyms, limit_unit, limit_value, photo_demanded,
        reinspect, sample_permille, common_rank, may_report, conditions, source, valid_from, valid_to, version
    FROM category_version
    WHERE tenant_id = :tenant AND kind > ''
    ORDER BY kind, class_code, item_code, version"
);

/// A place with what pages say about it.
#[derive(Debug, Clone)]
pub struct PlaceInfo {
    pub id: PlaceId,
    pub parent: Option<PlaceId>,
    pub level: Level,
    pub kind: Option<PlaceKind>,
    pub path: String,
    pub code: Option<String>,
    pub name: String,
    pub name_en: Option<String>,
    pub initials: String,
    pub point: Option<Point>,
    pub households: Option<i64>,
    pub urban_rural: Option<String>,
    /// Codes and names that it had before an official list changed them, the oldest first.
    pub former: Vec<String>,
    pub open: bool,
    pub version: i64,
    /// The nearest enclosing place of each level, or itself.
    pub community_id: Option<PlaceId>,
    pub grid_id: Option<PlaceId>,
    pub compound_id: Option<PlaceId>,
    /// From the community down: `东苑社区 东苑小区 3号楼`; the name alone above communities.
    pub full_name: String,
}

/// A community with what the picker needs below it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Branch {
    pub id: PlaceId,
    pub name: String,
    pub level: Level,
    pub places: Vec<Branch>,
}

/// Everything of one tenant's territory at one revision.
#[derive(Debug)]
pub struct Directory {
    pub tenant: TenantId,
    pub revision: i64,
    /// In the order of paths, so that a subtree is a stretch.
    places: Vec<PlaceInfo>,
    place_at: HashMap<PlaceId, usize>,
    children: HashMap<PlaceId, Vec<usize>>,
    communities: Vec<usize>,
    organisations: Vec<Organisation>,
    organisation_at: HashMap<OrganisationId, usize>,
    projects: HashMap<ProjectId, Project>,
    answers: HashMap<PlaceId, Vec<AnswersFor>>,
    responsibilities: Vec<Responsibility>,
    categories: Vec<CategoryVersion>,
    category_at: HashMap<CategoryVersionId, usize>,
    current: HashMap<CategoryCode, usize>,
    duty: Roster,
    calendar: Arc<Calendar>,
    pub calendar_settings: Settings,
}

impl Directory {
    /// Reads a tenant's territory from the database; for the command line and tests, pages ask [`directory`].
    pub async fn load(store: &Store, tenant: TenantId) -> Result<Directory> {
        // The revision first: a change in between makes this copy look old, never newer than it is.
        let revision = revision(store, tenant).await?;
        let first = Uuid::nil();
        let places = store.all::<Place>(&PLACES, args! { tenant: tenant }).await?;
        let organisations = store.all::<Organisation>(&ORGANISATIONS, args! { tenant: tenant, first: first }).await?;
        let projects = store.all::<Project>(&PROJECTS, args! { tenant: tenant, first: first }).await?;
        let answers = store.all::<AnswersFor>(&ANSWERS, args! { tenant: tenant, first: first }).await?;
        let responsibilities = store.all::<Responsibility>(&RESPONSIBILITIES, args! { tenant: tenant }).await?;
        let categories = store.all::<CategoryVersion>(&CATEGORIES, args! { tenant: tenant }).await?;
        let duty = Roster::load(store, tenant).await?;
        let (calendar, calendar_settings) = calendars::load(store, tenant).await?;
        let category_at = categories.iter().enumerate().map(|(at, version)| (version.id, at)).collect();
        let in_force = categories.iter().enumerate().filter(|(_, version)| version.is_current());
        let current = in_force.map(|(at, version)| (version.code(), at)).collect();
        let mut directory = Directory {
            tenant,
            revision,
            places: Vec::new(),
            place_at: HashMap::new(),
            children: HashMap::new(),
            communities: Vec::new(),
            organisation_at: organisations.iter().enumerate().map(|(at, organisation)| (organisation.id, at)).collect(),
            organisations,
            projects: projects.into_iter().map(|project| (project.id, project)).collect(),
            answers: HashMap::new(),
            responsibilities,
            categories,
            category_at,
            current,
            duty,
            calendar: Arc::new(calendar),
            calendar_settings,
        };
        directory.plant(places);
        for (place, code, name) in crate::lists::former(store, tenant).await? {
            if let Some(place) = directory.place_at.get(&place).map(|&at| &mut directory.places[at]) {
                let renamed = (name != place.name).then_some(name);
                place.former.extend(code.into_iter().chain(renamed).filter(|word| !word.is_empty()));
            }
        }
        for line in answers {
            directory.answers.entry(line.place_id).or_default().push(line);
        }
        Ok(directory)
    }

    /// Builds the tree; in the order of paths every parent comes before its children.
    fn plant(&mut self, places: Vec<Place>) {
        for place in places {
            let at = self.places.len();
            let above = place.parent_id.and_then(|parent| self.place_at.get(&parent)).map(|&parent| &self.places[parent]);
            let own = |level: Level, inherited: Option<PlaceId>| if place.level == level { Some(place.id) } else { inherited };
            let full_name = match above {
                Some(above) if above.level >= Level::Community => format!("{} {}", above.full_name, place.name),
                _ => place.name.clone(),
            };
            let info = PlaceInfo {
                id: place.id,
                parent: place.parent_id,
                level: place.level,
                kind: place.kind,
                community_id: own(Level::Community, above.and_then(|above| above.community_id)),
                grid_id: own(Level::Grid, above.and_then(|above| above.grid_id)),
                compound_id: own(Level::Compound, above.and_then(|above| above.compound_id)),
                full_name,
                path: place.path,
                code: place.code,
                name: place.name,
                name_en: place.name_en,
                initials: place.initials,
                point: place.lng_e7.zip(place.lat_e7).and_then(|(lng, lat)| Point::new(lng, lat).ok()),
                households: place.households,
                urban_rural: place.urban_rural,
                former: Vec::new(),
                open: place.state == State::Open,
                version: place.version,
            };
            if let Some(parent) = info.parent {
                self.children.entry(parent).or_default().push(at);
            }
            self.place_at.insert(info.id, at);
            self.places.push(info);
        }
        // By code where there is one, by name with its numbers as numbers: 2号楼 before 10号楼.
        let places = &self.places;
        let key = |at: &usize| (places[*at].level, places[*at].code.is_none(), places[*at].code.clone(), natural(&places[*at].name));
        for children in self.children.values_mut() {
            children.sort_by_cached_key(key);
        }
        self.communities = (0..places.len()).filter(|at| places[*at].open && places[*at].level == Level::Community).collect();
        self.communities.sort_by_cached_key(key);
    }

    pub fn place(&self, id: PlaceId) -> Option<&PlaceInfo> {
        self.place_at.get(&id).map(|&at| &self.places[at])
    }
    /// As [`Self::place`], 404 when there is none.
    pub fn place_or_404(&self, id: PlaceId) -> Result<&PlaceInfo> {
        self.place(id).ok_or_else(Error::not_found)
    }
    /// The name with those from the community down; empty for an unknown place.
    pub fn full_name(&self, id: PlaceId) -> &str {
        self.place(id).map_or("", |place| place.full_name.as_str())
    }
    pub fn root(&self) -> Option<&PlaceInfo> {
        self.places.first()
    }
    pub fn places(&self) -> &[PlaceInfo] {
        &self.places
    }
    /// The open place with this code, or the one that had it before an official list gave it another.
    pub fn place_by_code(&self, code: &str) -> Option<&PlaceInfo> {
        let open = || self.places.iter().filter(|place| place.open);
        open()
            .find(|place| place.code.as_deref() == Some(code))
            .or_else(|| open().find(|place| place.former.iter().any(|word| word == code)))
    }
    /// The open places right below, by code and then by name.
    pub fn children(&self, id: PlaceId) -> impl Iterator<Item = &PlaceInfo> {
        self.children.get(&id).into_iter().flatten().map(|&at| &self.places[at]).filter(|place| place.open)
    }
    /// The place and all below it, closed ones too, in the order of paths.
    pub fn subtree(&self, id: PlaceId) -> &[PlaceInfo] {
        let Some(place) = self.place(id) else { return &[] };
        let end = path_end(&place.path);
        let from = self.places.partition_point(|other| other.path < place.path);
        let to = self.places.partition_point(|other| other.path < end);
        &self.places[from..to]
    }
    /// From the parent up to the root.
    pub fn ancestors(&self, id: PlaceId) -> Vec<&PlaceInfo> {
        let mut found = Vec::new();
        let mut at = self.place(id).and_then(|place| place.parent);
        while let Some(place) = at.and_then(|id| self.place(id)) {
            found.push(place);
            at = place.parent;
        }
        found
    }
    pub fn community_of(&self, id: PlaceId) -> Option<PlaceId> {
        self.place(id)?.community_id
    }
    pub fn compound_of(&self, id: PlaceId) -> Option<PlaceId> {
        self.place(id)?.compound_id
    }
    /// The open communities, by code and then by name.
    pub fn communities(&self) -> impl Iterator<Item = &PlaceInfo> {
        self.communities.iter().map(|&at| &self.places[at])
    }
    /// Where a community stands in that order; what is in none stands last.
    pub fn order_of(&self, community: Option<PlaceId>) -> usize {
        let at = community.and_then(|id| self.place_at.get(&id));
        at.and_then(|at| self.communities.iter().position(|other| other == at)).unwrap_or(usize::MAX)
    }
    /// The community whose path this is; none for the paths of other places.
    pub fn community_at(&self, path: &str) -> Option<PlaceId> {
        self.place_at_path(path).filter(|place| place.level == Level::Community).map(|place| place.id)
    }
    pub fn place_at_path(&self, path: &str) -> Option<&PlaceInfo> {
        self.places.binary_search_by(|place| place.path.as_str().cmp(path)).ok().map(|at| &self.places[at])
    }
    /// Communities with the compounds and buildings below them, for choosing by name; areas and grids are passed through.
    pub fn tree(&self) -> Vec<Branch> {
        self.communities().map(|community| self.branch(community)).collect()
    }

    fn branch(&self, place: &PlaceInfo) -> Branch {
        let mut places = Vec::new();
        for child in self.children(place.id) {
            if matches!(child.level, Level::Area | Level::Grid) {
                places.extend(self.branch(child).places);
            } else {
                places.push(self.branch(child));
            }
        }
        Branch { id: place.id, name: place.name.clone(), level: place.level, places }
    }

    /// Open places whose name, English name, code or pinyin initials hold what was typed, or who had such a code or name
    /// before; the closest first.
    pub fn find_by_name(&self, typed: &str, most: usize) -> Vec<&PlaceInfo> {
        let typed = typed.trim().to_lowercase();
        if typed.is_empty() {
            return Vec::new();
        }
        let rank = |place: &PlaceInfo| {
            let now = closeness(&typed, &place.name, place.name_en.as_deref(), &place.initials, place.code.as_deref());
            now.or_else(|| place.former.iter().any(|word| word.to_lowercase().starts_with(&typed)).then_some(5))
        };
        let mut found: Vec<(u8, &PlaceInfo)> =
            self.places.iter().filter(|place| place.open).filter_map(|place| Some((rank(place)?, place))).collect();
        found.sort_by_key(|(rank, place)| (*rank, place.level, place.name.chars().count()));
        found.truncate(most);
        found.into_iter().map(|(_, place)| place).collect()
    }

    pub fn organisation(&self, id: OrganisationId) -> Option<&Organisation> {
        self.organisation_at.get(&id).map(|&at| &self.organisations[at])
    }
    /// What lists show for an organisation; empty for an unknown one.
    pub fn short_name(&self, id: OrganisationId) -> &str {
        self.organisation(id).map_or("", |organisation| organisation.short_name.as_str())
    }
    /// The open ones, in the order of making.
    pub fn organisations(&self) -> impl Iterator<Item = &Organisation> {
        self.organisations.iter().filter(|organisation| organisation.state == State::Open)
    }
    /// Closed ones too.
    pub fn all_organisations(&self) -> &[Organisation] {
        &self.organisations
    }
    pub fn organisation_by_name(&self, name: &str) -> Option<&Organisation> {
        self.organisations().find(|organisation| organisation.name == name || organisation.short_name == name)
    }
    /// Open organisations whose names or initials hold what was typed; the closest first.
    pub fn find_organisations(&self, typed: &str, most: usize) -> Vec<&Organisation> {
        let typed = typed.trim().to_lowercase();
        let rank = |organisation: &Organisation| {
            if typed.is_empty() {
                return Some(0);
            }
            let long = closeness(
                &typed,
                &organisation.name,
                organisation.name_en.as_deref(),
                &organisation.initials,
                organisation.credit_code.as_deref(),
            );
            [long, closeness(&typed, &organisation.short_name, None, "", None)].into_iter().flatten().min()
        };
        let mut found: Vec<(u8, &Organisation)> =
            self.organisations().filter_map(|organisation| Some((rank(organisation)?, organisation))).collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.truncate(most);
        found.into_iter().map(|(_, organisation)| organisation).collect()
    }
    pub fn project(&self, id: ProjectId) -> Option<&Project> {
        self.projects.get(&id)
    }
    pub fn projects_of(&self, organisation: OrganisationId) -> Vec<&Project> {
        let mut found: Vec<&Project> = self.projects.values().filter(|project| project.organisation_id == organisation).collect();
        found.sort_by_key(|project| project.id);
        found
    }
    /// Where an organisation answers, past and present.
    pub fn answers_of(&self, organisation: OrganisationId) -> Vec<&AnswersFor> {
        let mut found: Vec<&AnswersFor> = self.answers.values().flatten().filter(|line| line.organisation_id == organisation).collect();
        found.sort_by_key(|line| line.id);
        found
    }
    /// The paths of the open places that each organisation answers for on this day, by itself or by a row of the table.
    pub fn answering_on(&self, on: Date) -> HashMap<OrganisationId, Vec<String>> {
        let day = on.to_string();
        let stands = |from: &str, to: &Option<String>| responsibility::in_force(from, to.as_deref(), &day);
        let lines = self.answers.values().flatten().filter(|line| stands(&line.valid_from, &line.valid_to));
        let rows = self.responsibilities.iter().filter(|row| stands(&row.valid_from, &row.valid_to));
        let pairs = lines.map(|line| (line.organisation_id, line.place_id)).chain(rows.map(|row| (row.organisation_id, row.place_id)));
        let mut paths: HashMap<OrganisationId, Vec<String>> = HashMap::new();
        for (organisation, place) in pairs {
            if let Some(place) = self.place(place).filter(|place| place.open) {
                paths.entry(organisation).or_default().push(place.path.clone());
            }
        }
        paths
    }
    pub fn responsibility_rows(&self) -> &[Responsibility] {
        &self.responsibilities
    }

    /// The unit for a problem of this category at this place on this day, with the reason.
    pub fn unit_for(&self, place: PlaceId, category: Option<Uuid>, on: Date) -> Option<Proposal> {
        let code = category.and_then(|id| self.category(id)).map(CategoryVersion::code);
        responsibility::unit_for(self, place, code.as_ref(), on)
    }
    /// Communities and compounds for which nobody answers: no row for any category, no company, cooperative or office.
    pub fn gaps(&self, on: Date) -> Vec<&PlaceInfo> {
        let levels = [Level::Community, Level::Compound];
        let near = self.places.iter().filter(|place| place.open && levels.contains(&place.level));
        near.filter(|place| responsibility::unit_for(self, place.id, None, on).is_none()).collect()
    }

    /// A version of a category, in force or not.
    pub fn category(&self, id: Uuid) -> Option<&CategoryVersion> {
        self.category_at.get(&CategoryVersionId(id)).map(|&at| &self.categories[at])
    }
    /// The version in force.
    pub fn category_in_force(&self, code: &CategoryCode) -> Option<&CategoryVersion> {
        self.current.get(code).map(|&at| &self.categories[at])
    }
    /// Every category in force, by kind, class and item.
    pub fn categories(&self) -> impl Iterator<Item = &CategoryVersion> {
        self.categories.iter().filter(|version| version.is_current())
    }
    /// The versions of one category, the latest first.
    pub fn versions_of(&self, code: &CategoryCode) -> Vec<&CategoryVersion> {
        let mut found: Vec<&CategoryVersion> = self.categories.iter().filter(|version| version.code() == *code).collect();
        found.reverse();
        found
    }
    /// The ids of all versions of the category that this is a version of, the latest first; itself alone where it is not known.
    pub fn kin(&self, id: Uuid) -> Vec<Uuid> {
        let versions = self.category(id).map(|version| self.versions_of(&version.code())).unwrap_or_default();
        if versions.is_empty() { vec![id] } else { versions.into_iter().map(|version| version.id.0).collect() }
    }
    /// The common ones, in the tenant's order.
    pub fn common_categories(&self) -> Vec<&CategoryVersion> {
        let mut found: Vec<&CategoryVersion> = self.categories().filter(|version| version.common_rank.is_some()).collect();
        found.sort_by_key(|version| version.common_rank);
        found
    }
    /// Categories in force by word, code, pinyin initials or synonym; the closest first.
    pub fn search_categories(&self, typed: &str, most: usize) -> Vec<&CategoryVersion> {
        crate::picker::search(self.categories(), typed, most)
    }

    pub fn roster(&self) -> &Roster {
        &self.duty
    }
    /// Who is on duty for a place on a date: the people of the nearest place, from this one up to the root, that has somebody
    /// on that date. Who is named for the single date comes before who is named for a span of dates, and both before who has
    /// no end. Nobody for an unknown place, or where no place above it has anybody.
    pub fn on_duty(&self, place: PlaceId, date: Date) -> Vec<AccountId> {
        let upwards = self.place(place).into_iter().chain(self.ancestors(place));
        upwards.map(|place| self.duty.at(place.id, date)).find(|people| !people.is_empty()).unwrap_or_default()
    }

    /// The paths of the places that somebody is on duty for on a date; what lies within another one is there once.
    pub fn duty_of(&self, account: AccountId, date: Date) -> Vec<String> {
        let mine = self.duty.places(account, date).filter_map(|place| self.place(place));
        let mut paths: Vec<String> = mine.map(|place| place.path.clone()).collect();
        paths.sort();
        paths.dedup_by(|inner, outer| inner.starts_with(outer.as_str()));
        paths
    }

    pub fn calendar(&self) -> &Arc<Calendar> {
        &self.calendar
    }
    /// The date on the wall at an instant, in the tenant's zone.
    pub fn date_of(&self, at: Instant) -> Result<Date> {
        Ok(self.calendar.date_of(at)?)
    }
}

impl Surroundings for Directory {
    fn upwards(&self, place: PlaceId) -> Vec<(PlaceId, Level, &str)> {
        let own = self.place(place).into_iter();
        own.chain(self.ancestors(place)).map(|place| (place.id, place.level, place.path.as_str())).collect()
    }
    fn open_kind(&self, organisation: OrganisationId) -> Option<OrganisationKind> {
        self.organisation(organisation).filter(|organisation| organisation.state == State::Open).map(|organisation| organisation.kind)
    }
    fn responsibilities(&self) -> &[Responsibility] {
        &self.responsibilities
    }
    fn answering(&self, place: PlaceId) -> &[AnswersFor] {
        self.answers.get(&place).map_or(&[], Vec::as_slice)
    }
}

/// How close a name comes to what was typed (in lower case): 0 is the name itself; none when it doesn't.
fn closeness(typed: &str, name: &str, english: Option<&str>, initials: &str, code: Option<&str>) -> Option<u8> {
    let (name, english) = (name.to_lowercase(), english.unwrap_or("").to_lowercase());
    if name == typed || code == Some(typed) {
        Some(0)
    } else if name.starts_with(typed) {
        Some(1)
    } else if name.contains(typed) {
        Some(2)
    } else if initials.starts_with(typed) {
        Some(3)
    } else if english.contains(typed) || initials.contains(typed) || code.is_some_and(|code| code.starts_with(typed)) {
        Some(4)
    } else {
        None
    }
}

/// A key under which texts with numbers order as people count: runs of digits by their value.
fn natural(text: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let (mut words, mut digits) = (String::new(), String::new());
    for c in text.chars() {
        if c.is_ascii_digit() && digits.len() < 18 {
            digits.push(c);
        } else {
            if !digits.is_empty() {
                parts.push((std::mem::take(&mut words), digits.parse().unwrap_or(u64::MAX)));
                digits.clear();
            }
            words.push(c);
        }
    }
    parts.push((words, digits.parse().unwrap_or(0)));
    parts
}

/// The territories that this process remembers; put into the application with `AppParts::with`.
#[derive(Default)]
pub struct Caches {
    directories: Mutex<Remembered<Directory>>,
    polygons: Mutex<Remembered<PolygonIndex>>,
    boundaries: Mutex<Remembered<Looked>>,
}

/// How many tenants are remembered at once; beyond it the one unused longest is forgotten.
const MOST_TENANTS: usize = 64;

struct Remembered<T> {
    entries: HashMap<TenantId, (i64, u64, Arc<T>)>,
    uses: u64,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Remembered { entries: HashMap::new(), uses: 0 }
    }
}

impl<T> Remembered<T> {
    /// What is remembered, when it is at least as new as `revision`.
    fn get(&mut self, tenant: TenantId, revision: i64) -> Option<Arc<T>> {
        self.uses += 1;
        let (known, used, thing) = self.entries.get_mut(&tenant)?;
        *used = self.uses;
        (*known >= revision).then(|| Arc::clone(thing))
    }
    fn put(&mut self, tenant: TenantId, revision: i64, thing: Arc<T>) {
        if self.entries.len() >= MOST_TENANTS && !self.entries.contains_key(&tenant) {
            let oldest = self.entries.iter().min_by_key(|(_, (_, used, _))| *used).map(|(tenant, _)| *tenant);
            oldest.and_then(|tenant| self.entries.remove(&tenant));
        }
        self.uses += 1;
        self.entries.insert(tenant, (revision, self.uses, thing));
    }
}

impl Caches {
    /// The tenant's territory as it stands now.
    pub async fn directory(&self, store: &Store, tenant: TenantId) -> Result<Arc<Directory>> {
        let now = revision(store, tenant).await?;
        self.directory_since(store, tenant, now).await
    }

    /// The tenant's territory, at least as new as `revision`.
    pub async fn directory_since(&self, store: &Store, tenant: TenantId, revision: i64) -> Result<Arc<Directory>> {
        if let Some(known) = self.directories.lock().unwrap_or_else(PoisonError::into_inner).get(tenant, revision) {
            return Ok(known);
        }
        let read = Arc::new(Directory::load(store, tenant).await?);
        self.directories.lock().unwrap_or_else(PoisonError::into_inner).put(tenant, read.revision, Arc::clone(&read));
        Ok(read)
    }

    /// The tenant's boundaries as they stand now.
    pub async fn polygons(&self, store: &Store, tenant: TenantId) -> Result<Arc<PolygonIndex>> {
        let now = revision(store, tenant).await?;
        if let Some(known) = self.polygons.lock().unwrap_or_else(PoisonError::into_inner).get(tenant, now) {
            return Ok(known);
        }
        let directory = self.directory(store, tenant).await?;
        let read = Arc::new(PolygonIndex::load(store, &directory).await?);
        self.polygons.lock().unwrap_or_else(PoisonError::into_inner).put(tenant, directory.revision, Arc::clone(&read));
        Ok(read)
    }
}

/// What is wrong with the boundaries of the tenant that a page belongs to, as they stand now.
pub async fn boundaries_of(desk: &Desk) -> Result<Arc<Looked>> {
    let (caches, tenant) = (desk.app.get::<Caches>(), desk.tenant.id);
    let now = revision(&desk.app.store, tenant).await?;
    if let Some(known) = caches.boundaries.lock().unwrap_or_else(PoisonError::into_inner).get(tenant, now) {
        return Ok(known);
    }
    let directory = caches.directory_since(&desk.app.store, tenant, now).await?;
    let (revision, looked) = (directory.revision, Arc::new(crate::boundaries::look(&desk.app.store, directory).await?));
    caches.boundaries.lock().unwrap_or_else(PoisonError::into_inner).put(tenant, revision, Arc::clone(&looked));
    Ok(looked)
}

/// The tenant's territory as it stands now, from the application's [`Caches`].
pub async fn directory(app: &App, tenant: TenantId) -> Result<Arc<Directory>> {
    app.get::<Caches>().directory(&app.store, tenant).await
}

/// The territory of the tenant that a page belongs to; its revision was read with the session.
pub async fn directory_of(desk: &Desk) -> Result<Arc<Directory>> {
    desk.app.get::<Caches>().directory_since(&desk.app.store, desk.tenant.id, desk.tenant.revision).await
}

/// Which places of a tenant a point lies in, as far as there are boundaries.
pub async fn locate(app: &App, tenant: TenantId, point: Point) -> Result<Located> {
    Ok(app.get::<Caches>().polygons(&app.store, tenant).await?.locate(point))
}

/// The working-time calendar of a tenant.
pub async fn calendar(app: &App, tenant: TenantId) -> Result<Arc<Calendar>> {
    Ok(Arc::clone(directory(app, tenant).await?.calendar()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_order_as_people_count() {
        let mut names = ["10号楼", "2号楼", "1号楼", "东苑10区2号", "东苑2区10号", "2"];
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, ["1号楼", "2", "2号楼", "10号楼", "东苑2区10号", "东苑10区2号"]);
    }
}
