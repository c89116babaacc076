//! The demo: a sub-district that lived through the months and weeks before a Spring Festival, by the same commands that people use.

mod branches;
mod by_hand;
mod consequences;
mod evaluated;
mod ground;
mod months_before;
mod neighbours;
mod outlines;
mod people;
mod rounds;

use self::outlines::Quad;
use crate::compose::Demo;
use crate::console::Console;
use crate::installation::Installation;
use access::login::DemoAccounts;
use access::{Actor, Role};
use cases::clocks::{CentreLimits, Hours};
use cases::issuing::Open;
use futures::future::try_join_all;
use jiff::civil::{Date, date};
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Clock, Code, Entropy, Error, Instant, Result, TenantId, World};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::attachments::Policy;
use store::{Command, Pass};
use territory::Directory;
use territory::category::CategoryVersion;

const TEXT: &str = include_str!("../data/demo.toml");
const PASSWORD: &str = "xiuhua-demo";
const TENANT: TenantId = TenantId(1);
/// The district above it.
const DISTRICT: TenantId = TenantId(2);
const ZONE: &str = "Asia/Shanghai";
/// Whole when this file is there.
const MARKER: &str = "demo-accounts.json";

/// A demo was begun here and perhaps not finished.
const BEGUN: &str = "demo-begun";

/// The folder holds an installation that no demo made.
pub const NOT_A_DEMO: Code = Code::conflict("demo.not_a_demo");

/// The demo's world begins; the months up to the campaign have a small round or two.
const BEGIN: Date = date(2025, 8, 4);
/// One circular a working day, from 5 January to 4 February 2026.
const CAMPAIGN: Date = date(2026, 1, 5);
const CIRCULARS: usize = 23;
const PER_CIRCULAR: usize = 60;

#[derive(Deserialize)]
struct Text {
    slug: String,
    name: String,
    name_en: String,
    district: District,
    communities: Vec<String>,
    community_suffix: String,
    compounds: Vec<String>,
    compound_suffix: String,
    grid: String,
    building: String,
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
    no_hand_backs: Vec<String>,
    extensions: Vec<String>,
    no_extensions: Vec<String>,
    holds: Vec<String>,
    transfers: Vec<String>,
    demands: Vec<String>,
    verify: Vec<String>,
    voids: Vec<String>,
    appeals: Vec<String>,
    appeals_upheld: Vec<String>,
    appeals_refused: Vec<String>,
    /// Of the hotline's orders: who called, what was said to them, what was answered, how they found it.
    callers: Vec<String>,
    calls: Vec<String>,
    order_answers: Vec<String>,
    call_backs: Vec<String>,
    matters: Vec<String>,
    matter_words: Vec<String>,
    matter_notes: Vec<String>,
    matter_ends: Vec<String>,
    round: String,
    /// Of the months before.
    round_before: String,
    opening: String,
    /// Names of the schemes, by what they rank, and the meeting that adopted them.
    schemes: BTreeMap<String, String>,
    meeting: String,
    bulletin: BulletinText,
    /// The draft that waits.
    revision: String,
    leagues: Vec<LeagueText>,
    survey: String,
    items: Vec<String>,
    lifted: Vec<Lifted>,
    steps_done: Vec<String>,
    score_appeals: Vec<ScoreAppeal>,
    /// Names of units' contacts.
    contacts: Vec<String>,
    accounts: Vec<Person>,
    /// What a clerk says when a problem turns out to be another town's.
    passing_on: String,
    neighbours: Vec<neighbours::Neighbour>,
    /// By class and item of the category: `06-036`.
    kinds: BTreeMap<String, KindText>,
}

#[derive(Deserialize)]
struct KindText {
    whats: Vec<String>,
    answers: Vec<String>,
}

impl Text {
    fn of_kind(&self, category: Option<&CategoryVersion>) -> Option<&KindText> {
        category.and_then(|category| self.kinds.get(&format!("{}-{}", category.class_code, category.item_code)))
    }
    /// What is found of this kind.
    fn whats(&self, category: &CategoryVersion) -> &[String] {
        self.of_kind(Some(category)).map_or(&self.whats, |kind| &kind.whats)
    }
    /// What the unit answers to a problem of this kind.
    fn answer(&self, category: Option<&CategoryVersion>, n: usize) -> String {
        let answers = self.of_kind(category).map_or(&self.answers, |kind| &kind.answers);
        answers[n % answers.len()].clone()
    }
}

/// A league: of compounds whose names end so, or of all units of a kind.
#[derive(Deserialize)]
struct LeagueText {
    name: String,
    ranked: evaluation::scheme::Ranked,
    #[serde(default)]
    ends: Vec<String>,
    /// Its last month is scored, and nobody has checked it.
    #[serde(default)]
    waits: bool,
}

/// What is written for January's bulletin.
#[derive(Deserialize)]
struct BulletinText {
    intro: String,
    next: String,
    /// For the first league.
    remark: String,
}

/// A compound that is to be lifted, by its number; the days are working days.
#[derive(Deserialize)]
struct Lifted {
    compound: usize,
    why: String,
    listed: Date,
    /// The day on which it left the list as having reached what was to be reached, and the words for it.
    left: Option<Date>,
    #[serde(default)]
    left_words: String,
    steps: Vec<LiftStep>,
}

/// A step of its plan; one that is not done waits, or is missed.
#[derive(Deserialize)]
struct LiftStep {
    what: String,
    due: Date,
    done: Option<Date>,
}

/// An appeal against a line of a score; one without advice waits for it.
#[derive(Deserialize)]
struct ScoreAppeal {
    words: String,
    advice: String,
    decision: String,
}

#[derive(Deserialize)]
struct Person {
    login: String,
    name: String,
    roles: Vec<Role>,
    /// Of the district above; the roles are granted.
    #[serde(default)]
    granted: bool,
}

/// The tenant above.
#[derive(Deserialize)]
struct District {
    slug: String,
    name: String,
    name_en: String,
}

/// 10:00 on Friday 13 February 2026 in the tenant's zone: the "today" that the server goes on from.
pub fn today() -> Result<Instant> {
    at(13, 2, 10, 0)
}

/// A time of 2026.
fn at(day: i8, month: i8, hour: i8, minute: i8) -> Result<Instant> {
    on(date(2026, month, day), hour, minute)
}

fn on(day: Date, hour: i8, minute: i8) -> Result<Instant> {
    let local = day.at(hour, minute, 0, 0).in_tz(ZONE).map_err(Error::internal)?;
    Ok(Instant::from_timestamp(local.timestamp()))
}

/// Months since the demo's first.
fn months_since_begin(day: Date) -> i64 {
    let months = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
    months(day) - months(BEGIN)
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
    let world = World { clock: Clock::standing_at(on(BEGIN, 8, 0)?), entropy: Entropy::seeded(2026) };
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
    compounds: Vec<(PlaceId, Quad)>,
    handlers: BTreeMap<OrganisationId, Actor>,
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
        let ground = ground::settle(&place.store, &text).await?;
        let directory = Directory::load(&place.store, TENANT).await?;
        let hours = Arc::new(Hours { calendar: directory.calendar().clone(), centre: CentreLimits::default() });
        let (actors, handlers) = (BTreeMap::new(), BTreeMap::new());
        let mut building = Building { place, text, actors, hours, directory, compounds: ground.compounds, handlers };
        building.people(ground.company).await?;
        Ok(building)
    }

    /// The months before, the campaign, and what stands on the desks today.
    async fn live(self) -> Result<()> {
        let mut events = BTreeMap::new();
        let (mut day, mut nth, mut rounds) = (BEGIN, 0, 0);
        let mut last = Vec::new();
        self.schemes().await?;
        self.consequence_rules().await?;
        while rounds < CIRCULARS {
            if self.hours.calendar.is_working_day(day) {
                let morning = on(day, 8, 40)?;
                self.pass_time(&mut events, morning).await?;
                self.set(morning);
                if day < CAMPAIGN {
                    self.small_round(day, nth, &mut events).await?;
                } else {
                    last = self.round(rounds, morning, &mut events).await?;
                    rounds += 1;
                }
                self.by_hand(day, nth).await?;
                self.month_before(day, nth).await?;
                self.consequences_of(nth).await?;
                nth += 1;
            }
            let next = day.tomorrow().map_err(Error::internal)?;
            nth = if next.month() == day.month() { nth } else { 0 };
            day = next;
        }
        self.pass_time(&mut events, at(6, 2, 18, 0)?).await?;
        self.january().await?;
        self.pass_time(&mut events, at(10, 2, 9, 0)?).await?;
        self.score_appeals().await?;
        self.pass_time(&mut events, at(12, 2, 18, 0)?).await?;
        self.corrected().await?;
        self.follow_up(3).await?;
        self.ten_left(&last).await?;
        self.this_morning().await?;
        neighbours::live(&self.place, &self.text).await?;
        self.write_accounts()
    }

    /// Today's open circular, and reports that wait on the centre's desk.
    async fn this_morning(&self) -> Result<()> {
        let clerk = self.actor("clerk")?;
        self.set(at(13, 2, 9, 20)?);
        let circular = self.run(clerk, Open { by: clerk.permit_some()?, title: self.text.opening.clone() }).await?;
        try_join_all((2000..2008).map(|n| self.report(n, Some(circular)))).await?;
        self.next_scheme().await?;
        self.set(at(13, 2, 9, 40)?);
        let reports = try_join_all((2100..2108).map(|n| self.report(n, None))).await?;
        self.waiting(&reports).await
    }

    /// The accounts, for people's eyes and for the browser tests; their presence says that the demo is whole.
    fn write_accounts(&self) -> Result<()> {
        let list: Vec<_> = self
            .text
            .accounts
            .iter()
            .map(|person| serde_json::json!({ "login": person.login, "password": PASSWORD, "name": person.name, "roles": person.roles, "tenant": if person.granted { &self.text.district.slug } else { &self.text.slug } }))
            .collect();
        let text = serde_json::to_string_pretty(&list).map_err(Error::internal)?;
        std::fs::write(self.place.data.join(MARKER), text).map_err(Error::unavailable)
    }
}
