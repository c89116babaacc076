//! The demo: a sub-district that lived through the weeks before a Spring Festival, by the same commands that people use.

use crate::compose::Demo;
use crate::console::Console;
use crate::installation::Installation;
use crate::pictures;
use access::account::{self, Account, CreateAccount, CreateTenant, ManageAccounts};
use access::login::DemoAccounts;
use access::{Actor, Role, Scope};
use cases::case::{Case, Found, find_by_id, of_circular};
use cases::clocks::{CentreLimits, Hours};
use cases::filing::Decline;
use cases::issuing::{Issue, Open};
use cases::rectifying::{AskHandBack, HandBackReason, OpenNotice, Rectify, TellByPhone, Urge};
use cases::reinspecting::{Fail, Findings, Pass as Accept};
use cases::reporting::{Finding, Report, Spot, Under};
use cases::steps::Source;
use contracts::{CaseId, CircularId};
use futures::future::try_join_all;
use jiff::civil::date;
use kernel::ids::{AttachmentId, OrganisationId, PlaceId};
use kernel::{Clock, Code, Entropy, Error, Instant, Result, TenantId, World};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::attachments::Policy;
use store::{Command, Pass};
use territory::organisations::{AnswerFor, CreateOrganisation, OrganisationDetails};
use territory::places::{CreatePlace, PlaceDetails};
use territory::setup::PrepareTerritory;
use territory::{Directory, Level, ManageTerritory, OrganisationKind};

const TEXT: &str = include_str!("../data/demo.toml");
const PASSWORD: &str = "xiuhua-demo";
const TENANT: TenantId = TenantId(1);
const ZONE: &str = "Asia/Shanghai";
/// Whole when this file is there.
const MARKER: &str = "demo-accounts.json";

/// A demo was begun here and perhaps not finished.
const BEGUN: &str = "demo-begun";

/// The folder holds an installation that no demo made.
pub const NOT_A_DEMO: Code = Code::conflict("demo.not_a_demo");

/// One circular a working day, from 5 January to 4 February 2026.
const CIRCULARS: usize = 23;
const PER_CIRCULAR: usize = 60;
/// How many of the last circular's cases stay open, each for a reason that its page tells.
const LEFT: usize = 10;

#[derive(Deserialize)]
struct Text {
    slug: String,
    name: String,
    name_en: String,
    communities: Vec<String>,
    community_suffix: String,
    compounds: Vec<String>,
    compound_suffix: String,
    companies: Vec<String>,
    cooperatives: Vec<String>,
    departments: Vec<String>,
    merchants: Vec<String>,
    office_suffix: String,
    wheres: Vec<String>,
    whats: Vec<String>,
    answers: Vec<String>,
    findings: Vec<String>,
    refusals: Vec<String>,
    urges: Vec<String>,
    hand_backs: Vec<String>,
    round: String,
    opening: String,
    /// Names of units' contacts.
    contacts: Vec<String>,
    accounts: Vec<Person>,
}

#[derive(Deserialize)]
struct Person {
    login: String,
    name: String,
    roles: Vec<Role>,
}

/// 10:00 on Friday 13 February 2026 in the tenant's zone: the "today" that the server goes on from.
pub fn today() -> Result<Instant> {
    at(13, 2, 10, 0)
}

fn at(day: i8, month: i8, hour: i8, minute: i8) -> Result<Instant> {
    let local = date(2026, month, day).at(hour, minute, 0, 0).in_tz(ZONE).map_err(Error::internal)?;
    Ok(Instant::from_timestamp(local.timestamp()))
}

/// Builds the demo in `place`'s folder unless it is there already, whole.
pub async fn prepare(data: &std::path::Path, loaded: &crate::config::Loaded, fresh: bool) -> Result<()> {
    if data.join(MARKER).exists() && !fresh {
        return Ok(());
    }
    // Only what a demo made is removed: a folder with anything else is somebody's.
    let ours = data.join(MARKER).exists() || data.join(BEGUN).exists();
    kernel::ensure(ours || !data.join("xiuhua.db").exists(), NOT_A_DEMO.err().arg("folder", data.display()))?;
    std::fs::create_dir_all(data).map_err(Error::unavailable)?;
    std::fs::write(data.join(BEGUN), "").map_err(Error::unavailable)?;
    for name in ["xiuhua.db", "xiuhua.db-wal", "xiuhua.db-shm", MARKER] {
        let _ = std::fs::remove_file(data.join(name));
    }
    let _ = std::fs::remove_dir_all(data.join("objects"));
    let world = World { clock: Clock::standing_at(at(5, 1, 8, 0)?), entropy: Entropy::seeded(2026) };
    let policy = Policy { flush: false, ..Policy::default() };
    let place = Installation::open(data, loaded.clone(), world, policy).await?;
    let text: Text = toml::from_str(TEXT).map_err(Error::internal)?;
    Building::new(place, text).await?.live().await
}

/// Prints who can log in, and as what.
pub fn introduce(console: &Console) -> Result<()> {
    let text: Text = toml::from_str(TEXT).map_err(Error::internal)?;
    console.say("demo-introduction", &[("password", PASSWORD.to_owned())]);
    for person in text.accounts {
        let roles = person.roles.iter().map(|role| console.words().t(&format!("role-{role}")).into_owned()).collect::<Vec<_>>().join(", ");
        console.say("demo-account", &[("login", person.login), ("roles", roles)]);
    }
    Ok(())
}

/// What the log-in page offers.
pub fn demo() -> Result<Demo> {
    let text: Text = toml::from_str(TEXT).map_err(Error::internal)?;
    let accounts = text.accounts.iter().map(|person| (person.login.clone(), format!("role-{}", person.roles[0]))).collect();
    Ok(Demo { accounts: DemoAccounts(accounts) })
}

/// A mobile number that is nobody's: numbers that begin with 154 have not been given out.
fn invented_number(n: usize) -> String {
    format!("154{:08}", 10_000 + n * 7919)
}

struct Building {
    place: Installation,
    text: Text,
    actors: BTreeMap<String, Actor>,
    hours: Arc<Hours>,
    directory: Directory,
    compounds: Vec<PlaceId>,
    handlers: BTreeMap<OrganisationId, Actor>,
}

/// What happens to a case at an instant.
#[derive(Clone, Copy)]
enum Event {
    Rectify(CaseId),
    Accept(CaseId),
    Refuse(CaseId),
}

impl Building {
    fn pass(&self, actor: &Actor) -> Pass {
        Pass { tenant: TENANT, actor: actor.account, on_behalf_of: None, id: self.place.store.world().new_id(), body: [0; 32] }
    }
    async fn run<C: Command>(&self, actor: &Actor, command: C) -> Result<C::Out> {
        let done = self.place.store.run(self.pass(actor), command).await?.out;
        // Each act has an instant of its own: the order of a case's facts is that of their instants.
        self.set(Instant(self.now().0 + 1));
        Ok(done)
    }
    fn set(&self, to: Instant) {
        self.place.store.world().clock.set(to.max(self.now()));
    }
    fn now(&self) -> Instant {
        self.place.store.world().now()
    }

    async fn new(place: Installation, text: Text) -> Result<Building> {
        place.store.migrate().await?;
        let system = Actor::system(TENANT);
        let store = &place.store;
        let pass = || Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: store.world().new_id(), body: [0; 32] };
        let tenant = CreateTenant {
            id: TENANT,
            slug: text.slug.clone(),
            kind: "sub_district".to_owned(),
            parent: None,
            code: None,
            name: text.name.clone(),
            name_en: Some(text.name_en.clone()),
            zone: ZONE.to_owned(),
        };
        store.run(pass(), tenant).await?;
        let by = system.permit::<ManageTerritory>(&TENANT)?;
        let prepare = PrepareTerritory {
            by: by.clone(),
            level: Level::SubDistrict,
            kind: None,
            name: text.name.clone(),
            code: None,
            zone: ZONE.to_owned(),
        };
        let root = store.run(pass(), prepare).await?.out;
        let from = date(2026, 1, 1);
        let made = std::cell::Cell::new(0);
        let make = |kind, name: String| {
            let n = made.replace(made.get() + 1);
            let contact = text.contacts.get(n % text.contacts.len().max(1)).cloned();
            let details =
                OrganisationDetails { contact, contact_phone: Some(invented_number(n)), ..OrganisationDetails::named(kind, &name) };
            CreateOrganisation { by: by.clone(), details }
        };
        let mut companies = Vec::new();
        for name in &text.companies {
            companies.push(store.run(pass(), make(OrganisationKind::PropertyCompany, name.clone())).await?.out);
        }
        for (kind, names) in [(OrganisationKind::Department, &text.departments), (OrganisationKind::Merchant, &text.merchants)] {
            for name in names {
                store.run(pass(), make(kind, name.clone())).await?;
            }
        }
        let mut compounds = Vec::new();
        for (i, name) in text.communities.iter().enumerate() {
            let details = PlaceDetails::named(&format!("{name}{}", text.community_suffix));
            let community =
                store.run(pass(), CreatePlace { by: by.clone(), parent: Some(root), level: Level::Community, details }).await?.out;
            let office = store
                .run(pass(), make(OrganisationKind::CommunityOffice, format!("{name}{}{}", text.community_suffix, text.office_suffix)))
                .await?
                .out;
            let answer = |organisation, place| AnswerFor { by: by.clone(), organisation, place, project: None, from, to: None };
            store.run(pass(), answer(office, community)).await?;
            for (j, compound) in text.compounds.iter().enumerate() {
                let details = PlaceDetails::named(&format!("{name}{compound}{}", text.compound_suffix));
                let id =
                    store.run(pass(), CreatePlace { by: by.clone(), parent: Some(community), level: Level::Compound, details }).await?.out;
                compounds.push(id);
                // Some compounds have no company: there the cooperative or the community answers.
                if (i + j) % 7 != 6 {
                    store.run(pass(), answer(companies[(i * 3 + j) % companies.len()], id)).await?;
                }
            }
            if let Some(cooperative) = text.cooperatives.iter().find(|cooperative| cooperative.starts_with(name.as_str())) {
                let id = store.run(pass(), make(OrganisationKind::Cooperative, cooperative.clone())).await?.out;
                store.run(pass(), answer(id, community)).await?;
            }
        }
        let directory = Directory::load(store, TENANT).await?;
        let hours = Arc::new(Hours { calendar: directory.calendar().clone(), centre: CentreLimits::default() });
        let mut building = Building { place, text, actors: BTreeMap::new(), hours, directory, compounds, handlers: BTreeMap::new() };
        building.people(companies[0]).await?;
        Ok(building)
    }

    async fn account(&self, login: &str, name: &str, roles: Vec<(Role, Scope)>, password_hash: &str) -> Result<Actor> {
        let by = Actor::system(TENANT).permit::<ManageAccounts>(&TENANT)?;
        let command = CreateAccount {
            by,
            login: login.to_owned(),
            name: name.to_owned(),
            // The demo's own people have a number as well, each another than units' contacts.
            phone: Some(invented_number(5000 + login.bytes().map(usize::from).sum::<usize>())),
            password_hash: password_hash.to_owned(),
            must_change: false,
            roles,
        };
        let id = self.run(&Actor::system(TENANT), command).await?;
        let account: Account = account::by_id(&self.place.store, TENANT, id).await?;
        account::actor(&self.place.store, &account).await
    }

    /// Everybody who can log in, and for each unit somebody who answers.
    async fn people(&mut self, company: OrganisationId) -> Result<()> {
        let hash = access::passwords::hash(PASSWORD.to_owned(), &self.place.store.world().entropy).await?;
        let community = self.directory.communities().next().ok_or_else(Error::not_found)?;
        let community = Scope::Place { id: community.id, path: community.path.clone() };
        for person in &self.text.accounts {
            let scope = |role: &Role| match role {
                Role::Community => community.clone(),
                Role::UnitHandler | Role::UnitHead => Scope::Organisation { id: company },
                _ => Scope::Tenant,
            };
            let roles = person.roles.iter().map(|role| (*role, scope(role))).collect();
            let actor = self.account(&person.login, &person.name, roles, &hash).await?;
            self.actors.insert(person.login.clone(), actor);
        }
        let units: Vec<(OrganisationId, String)> = self.directory.organisations().map(|unit| (unit.id, unit.name.clone())).collect();
        for (i, (unit, name)) in units.into_iter().enumerate() {
            let actor = match (unit == company, self.actors.get("unit")) {
                (true, Some(actor)) => actor.clone(),
                _ => self.account(&format!("unit{i}"), &name, vec![(Role::UnitHandler, Scope::Organisation { id: unit })], &hash).await?,
            };
            self.handlers.insert(unit, actor);
        }
        Ok(())
    }

    fn actor(&self, login: &str) -> Result<&Actor> {
        self.actors.get(login).ok_or_else(|| Error::internal(format!("the demo has no {login}")))
    }

    async fn photo(&self, actor: &Actor, seed: u64, clean: bool) -> Result<AttachmentId> {
        let drawing = tokio::task::spawn_blocking(move || pictures::drawing(seed, clean)).await.map_err(Error::internal)?;
        let mut drawing = drawing;
        drawing.taken.at = Some(self.now().plus_seconds(-120));
        Ok(self.place.attachments.draft_drawn(&self.place.store, TENANT, actor.account, drawing).await?.id)
    }

    /// The finding number `n` of the campaign: where, what kind, whose.
    fn finding(&self, n: usize, circular: Option<CircularId>, photo: AttachmentId) -> Result<Finding> {
        let compound = self.compounds[n * 7 % self.compounds.len()];
        let place = self.directory.place_or_404(compound)?;
        // What can be mended within four working days; the others would still be open today.
        let short = |c: &&territory::category::CategoryVersion| {
            c.limit_unit.as_deref() == Some("working_minutes") && c.limit_value.is_some_and(|v| v <= 1920)
        };
        let common: Vec<_> = self.directory.common_categories().into_iter().filter(short).collect();
        let category = common.get(n * 5 % common.len().max(1)).ok_or_else(|| Error::internal("no category with a short limit"))?;
        let on = self.directory.date_of(self.now())?;
        let proposal =
            self.directory.unit_for(compound, Some(category.id.0), on).ok_or_else(|| Error::internal("a place without a unit"))?;
        let words = |list: &[String]| list[n * 11 % list.len()].replace("{n}", &(n % 17 + 1).to_string());
        Ok(Finding {
            source: Source::Inspection,
            what: words(&self.text.whats),
            where_words: words(&self.text.wheres),
            spot: Spot {
                place: compound,
                path: place.path.clone(),
                community: place.community_id,
                compound: place.compound_id,
                point: None,
                cell: None,
            },
            under: Some(Under {
                category: category.id.0,
                limit_unit: category.limit_unit.clone(),
                limit_value: category.limit_value,
                on_spot: category.on_spot(),
            }),
            unit: Some(proposal.unit),
            unit_reason: Some(proposal.reason.to_json()),
            set_due: None,
            circular,
            photos: vec![photo],
            outside_number: None,
        })
    }

    async fn report(&self, n: usize, circular: Option<CircularId>) -> Result<CaseId> {
        let inspector = self.actor("inspector")?;
        let photo = self.photo(inspector, n as u64, false).await?;
        let finding = self.finding(n, circular, photo)?;
        let command = Report { by: inspector.permit_some()?, finding, hours: self.hours.clone() };
        Ok(self.run(inspector, command).await?.case)
    }

    async fn found(&self, actor: &Actor, case: CaseId) -> Result<Found> {
        find_by_id(&self.place.store, actor, case).await
    }

    /// A round: opened in the morning, filled, issued before noon; the instants at which its cases go on.
    async fn round(&self, n: usize, morning: Instant, events: &mut BTreeMap<Instant, Vec<Event>>) -> Result<Vec<Case>> {
        let (clerk, store) = (self.actor("clerk")?, &self.place.store);
        self.set(morning);
        let title = self.text.round.replace("{n}", &(n + 1).to_string());
        let circular = self.run(clerk, Open { by: clerk.permit_some()?, title }).await?;
        for half in 0..2 {
            self.set(morning.plus_seconds(1800 + half * 1800));
            let first = n * PER_CIRCULAR + usize::try_from(half).unwrap_or(0) * PER_CIRCULAR / 2;
            try_join_all((first..first + PER_CIRCULAR / 2).map(|i| self.report(i, Some(circular)))).await?;
        }
        self.set(morning.plus_seconds(7200));
        self.run(clerk, Issue { by: clerk.permit(&TENANT)?, circular, hours: self.hours.clone() }).await?;
        let cases = of_circular(store, TENANT, circular).await?;
        let last = n + 1 == CIRCULARS;
        for (i, case) in cases.iter().enumerate() {
            if last && i < LEFT {
                continue;
            }
            let due = case.due;
            let span = due.seconds_since(self.now());
            // Most well within their time; one in fifty late; one in sixteen comes back once.
            let done = if (n * PER_CIRCULAR + i) % 53 == 7 { due.plus_seconds(7200) } else { self.now().plus_seconds(span * 6 / 10) };
            let hour = |at: Instant| Instant((at.0 / 3_600_000_000 + 1) * 3_600_000_000 - 600_000_000);
            let done = hour(done);
            events.entry(done).or_default().push(Event::Rectify(case.id));
            let looked = hour(done.plus_seconds(14 * 3600));
            if (n * PER_CIRCULAR + i) % 16 == 3 {
                events.entry(looked).or_default().push(Event::Refuse(case.id));
                let again = hour(looked.plus_seconds(3 * 3600));
                events.entry(again).or_default().push(Event::Rectify(case.id));
                events.entry(hour(again.plus_seconds(5 * 3600))).or_default().push(Event::Accept(case.id));
            } else {
                events.entry(looked).or_default().push(Event::Accept(case.id));
            }
        }
        self.tell(circular, n).await?;
        Ok(cases)
    }

    /// Most units open their notice, some are told by phone.
    async fn tell(&self, circular: CircularId, n: usize) -> Result<()> {
        self.set(self.now().plus_seconds(1500));
        for (i, notice) in cases::issuing::notices(&self.place.store, TENANT, circular).await?.into_iter().enumerate() {
            let clerk = self.actor("clerk")?;
            match ((n + i) % 9, self.handlers.get(&notice.unit_id)) {
                (4, _) if n + 1 != CIRCULARS => {
                    self.run(clerk, TellByPhone { by: clerk.permit(&TENANT)?, notice }).await?;
                }
                (7, _) => {}
                (_, Some(handler)) => {
                    let by = handler.permit(&cases::notice_page::NoticeSubject { tenant: TENANT, unit: notice.unit_id })?;
                    self.run(handler, OpenNotice { by, notice }).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn rectify(&self, case: CaseId) -> Result<()> {
        let found = self.found(&Actor::system(TENANT), case).await?;
        let handler = found.unit_id.and_then(|unit| self.handlers.get(&unit)).ok_or_else(Error::not_found)?;
        let seed = 500_000 + u64::try_from(found.number * 8 + found.rework).unwrap_or(0);
        let photo = self.photo(handler, seed, true).await?;
        let words = self.text.answers[usize::try_from(found.number).unwrap_or(0) % self.text.answers.len()].clone();
        let by = handler.permit(&found)?;
        self.run(handler, Rectify { by, case: found, words, photos: vec![photo], photo_demanded: true, hours: self.hours.clone() }).await
    }

    async fn reinspect(&self, case: CaseId, accept: bool) -> Result<()> {
        let inspector = self.actor("inspector")?;
        let found = self.found(inspector, case).await?;
        let list = if accept { &self.text.findings } else { &self.text.refusals };
        let words = list[usize::try_from(found.number).unwrap_or(0) % list.len()].clone();
        let photos = if found.on_spot || !accept {
            let seed = 900_000 + u64::try_from(found.number * 8 + found.rework).unwrap_or(0);
            vec![self.photo(inspector, seed, accept).await?]
        } else {
            Vec::new()
        };
        let findings = Findings { words, photos, on_spot: found.on_spot };
        let by = inspector.permit(&found)?;
        if accept {
            self.run(inspector, Accept { by, case: found, findings, hours: self.hours.clone() }).await
        } else {
            self.run(inspector, Fail { by, case: found, findings, set_due: None, hours: self.hours.clone() }).await
        }
    }

    /// Everything that happens before `until`, hour by hour; what falls into one hour happens side by side.
    async fn pass_time(&self, events: &mut BTreeMap<Instant, Vec<Event>>, until: Instant) -> Result<()> {
        while let Some(entry) = events.first_entry() {
            if *entry.key() >= until {
                break;
            }
            let (when, list) = entry.remove_entry();
            self.set(when);
            try_join_all(list.into_iter().map(|event| async move {
                match event {
                    Event::Rectify(case) => self.rectify(case).await,
                    Event::Accept(case) => self.reinspect(case, true).await,
                    Event::Refuse(case) => self.reinspect(case, false).await,
                }
            }))
            .await?;
        }
        Ok(())
    }

    /// The campaign, and what stands on the desks today.
    async fn live(self) -> Result<()> {
        let mut events = BTreeMap::new();
        let mut day = date(2026, 1, 5);
        let mut last = Vec::new();
        for n in 0..CIRCULARS {
            while !self.hours.calendar.is_working_day(day) {
                day = day.tomorrow().map_err(Error::internal)?;
            }
            let morning = at(day.day(), day.month(), 8, 40)?;
            self.pass_time(&mut events, morning).await?;
            last = self.round(n, morning, &mut events).await?;
            day = day.tomorrow().map_err(Error::internal)?;
        }
        self.pass_time(&mut events, at(12, 2, 18, 0)?).await?;
        self.ten_left(&last).await?;
        self.this_morning().await?;
        self.write_accounts()
    }

    /// The ten of the last round that are not rectified, each for a reason of its own.
    async fn ten_left(&self, cases: &[Case]) -> Result<()> {
        let left: Vec<CaseId> = cases.iter().take(LEFT).map(|case| case.id).collect();
        // Four wait for the re-inspection.
        self.set(at(12, 2, 19, 0)?);
        for case in &left[..4] {
            self.rectify(*case).await?;
        }
        // Three were refused and are being mended again.
        self.set(at(12, 2, 20, 0)?);
        for case in &left[4..7] {
            self.rectify(*case).await?;
        }
        self.set(at(13, 2, 9, 0)?);
        for case in &left[4..7] {
            self.reinspect(*case, false).await?;
        }
        // Two have been urged and are late; one is asked to be handed back.
        let clerk = self.actor("leader")?;
        for case in &left[7..9] {
            let found = self.found(clerk, *case).await?;
            self.run(clerk, Urge { by: clerk.permit(&found)?, case: found, words: self.text.urges[0].clone() }).await?;
        }
        let found = self.found(&Actor::system(TENANT), left[9]).await?;
        let handler = found.unit_id.and_then(|unit| self.handlers.get(&unit)).ok_or_else(Error::not_found)?;
        let command = AskHandBack {
            by: handler.permit(&found)?,
            case: found,
            reason: HandBackReason::NotOurArea,
            words: self.text.hand_backs[0].clone(),
        };
        self.run(handler, command).await
    }

    /// Today's open circular, a few reports that wait, one that was declined.
    async fn this_morning(&self) -> Result<()> {
        let clerk = self.actor("clerk")?;
        self.set(at(13, 2, 9, 20)?);
        let circular = self.run(clerk, Open { by: clerk.permit_some()?, title: self.text.opening.clone() }).await?;
        try_join_all((2000..2008).map(|n| self.report(n, Some(circular)))).await?;
        self.set(at(13, 2, 9, 40)?);
        let waiting = try_join_all((2100..2104).map(|n| self.report(n, None))).await?;
        let found = self.found(clerk, waiting[0]).await?;
        let reason = cases::filing::DeclineReason::AlreadyMended;
        self.run(clerk, Decline { by: clerk.permit(&found)?, case: found, reason, words: String::new() }).await
    }

    /// The accounts, for people's eyes and for the browser tests; their presence says that the demo is whole.
    fn write_accounts(&self) -> Result<()> {
        let list: Vec<_> = self
            .text
            .accounts
            .iter()
            .map(|person| serde_json::json!({ "login": person.login, "password": PASSWORD, "name": person.name, "roles": person.roles, "tenant": self.text.slug }))
            .collect();
        let text = serde_json::to_string_pretty(&list).map_err(Error::internal)?;
        std::fs::write(self.place.data.join(MARKER), text).map_err(Error::unavailable)
    }
}
