//! A sub-district to measure in: communities, compounds, units, people who are logged in.

use access::account::CreateAccount;
use access::{Actor, Role, Scope, session};
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{TenantId, World};
use product::first_start::as_system;
use product::installation::Installation;
use std::path::Path;
use store::attachments::Policy;
use territory::organisations::{AnswerFor, CreateOrganisation, OrganisationDetails};
use territory::places::{CreatePlace, PlaceDetails};
use territory::{Level, ManageTerritory, OrganisationKind};

pub const TENANT: TenantId = TenantId(1);
pub const PASSWORD: &str = "correct horse battery staple";

/// Somebody logged in.
pub struct Person {
    pub name: &'static str,
    pub cookie: String,
    pub csrf: String,
}

pub struct Town {
    pub communities: Vec<(PlaceId, String)>,
    pub compounds: Vec<(PlaceId, String)>,
    pub units: Vec<OrganisationId>,
    /// Categories whose time limit is known and that demand no photo.
    pub categories: Vec<Uuid>,
    pub people: Vec<Person>,
}

pub async fn open(data: &Path, database: Option<&str>) -> Installation {
    let environment: Vec<(String, String)> = database.iter().map(|url| ("XIUHUA_DATABASE_URL".to_owned(), (*url).to_owned())).collect();
    let loaded = product::config::load(data, None, &environment).expect("a configuration");
    Installation::open(data, loaded, World::system(), Policy::default()).await.expect("an installation")
}

/// A migrated installation without a tenant.
pub async fn empty(data: &Path, database: Option<&str>) {
    open(data, database).await.store.migrate().await.expect("a schema");
}

impl Town {
    /// 20 communities with three compounds each, and so many units.
    pub async fn build(data: &Path, database: Option<&str>, units: usize) -> Town {
        let installation = open(data, database).await;
        let store = &installation.store;
        store.migrate().await.expect("a schema");
        let tenant = access::account::CreateTenant {
            id: TENANT,
            slug: "town".into(),
            kind: "sub_district".into(),
            parent: None,
            code: None,
            name: "Town".into(),
            name_en: None,
            zone: "Asia/Shanghai".into(),
        };
        as_system(store, TENANT, tenant).await.expect("a tenant");
        let system = Actor::system(TENANT);
        let may = || system.permit::<ManageTerritory>(&TENANT).expect("the system may");
        let ground = territory::setup::PrepareTerritory {
            by: may(),
            level: Level::SubDistrict,
            kind: None,
            name: "Town".into(),
            code: None,
            zone: "Asia/Shanghai".into(),
        };
        let root = as_system(store, TENANT, ground).await.expect("ground");
        let mut organisations = Vec::new();
        for n in 0..units {
            let details = OrganisationDetails::named(OrganisationKind::PropertyCompany, &format!("Company {n}"));
            organisations.push(as_system(store, TENANT, CreateOrganisation { by: may(), details }).await.expect("a unit"));
        }
        let place = async |parent: PlaceId, level: Level, name: String| {
            let details = PlaceDetails::named(&name);
            as_system(store, TENANT, CreatePlace { by: may(), parent: Some(parent), level, details }).await.expect("a place")
        };
        let (mut communities, mut compounds) = (Vec::new(), Vec::new());
        for n in 0..20 {
            let community = place(root, Level::Community, format!("Community {n}")).await;
            communities.push(community);
            for m in 0..3 {
                let compound = place(community, Level::Compound, format!("Court {n}.{m}")).await;
                let from = "2020-01-01".parse().expect("a date");
                let organisation = organisations[(n * 3 + m) % organisations.len()];
                let answer = AnswerFor { by: may(), organisation, place: compound, project: None, from, to: None };
                as_system(store, TENANT, answer).await.expect("somebody answers for it");
                compounds.push(compound);
            }
        }
        let directory = territory::Directory::load(store, TENANT).await.expect("a directory");
        let path = |id: PlaceId| directory.place(id).expect("a place").path.clone();
        let roles = [
            ("clerk", Role::Clerk, Scope::Tenant),
            ("inspector", Role::Inspector, Scope::Tenant),
            ("leader", Role::Leader, Scope::Tenant),
            ("community", Role::Community, Scope::Place { id: communities[0], path: path(communities[0]) }),
            ("unit handler", Role::UnitHandler, Scope::Organisation { id: organisations[0] }),
            ("unit head", Role::UnitHead, Scope::Organisation { id: organisations[1 % organisations.len()] }),
        ];
        let mut people = Vec::new();
        for (name, role, scope) in roles {
            let command = CreateAccount {
                by: system.permit(&TENANT).expect("the system may"),
                login: name.replace(' ', "_"),
                name: name.into(),
                phone: None,
                password_hash: access::passwords::hash(PASSWORD.into(), &store.world().entropy).await.expect("a hash"),
                must_change: false,
                roles: vec![(role, scope)],
            };
            let account = as_system(store, TENANT, command).await.expect("an account");
            let row = access::account::by_id(store, TENANT, account).await.expect("the account");
            let token = session::begin(store, &row, "bench", "full").await.expect("a session");
            people.push(Person { name, cookie: format!("session={}", token.to_cookie()), csrf: token.csrf() });
        }
        let categories = directory.categories().filter(|one| one.limit_unit.is_some() && !one.photo_demanded).map(|one| one.id.0).take(30);
        let categories: Vec<Uuid> = categories.collect();
        assert!(!categories.is_empty());
        let named = |ids: Vec<PlaceId>| ids.into_iter().map(|id| (id, path(id))).collect();
        Town { communities: named(communities), compounds: named(compounds), units: organisations, categories, people }
    }

    pub fn clerk(&self) -> &Person {
        &self.people[0]
    }
}
