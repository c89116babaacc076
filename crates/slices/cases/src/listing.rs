//! Lists of cases: what a filter and an actor's reach become in SQL. Every list walks an index in its own order.

#[path = "listing_shapes.rs"]
mod shapes;
#[path = "listing_words.rs"]
mod words;

pub use words::{Answers, Flag, Kind, Lamp, Outcome, Sort, When, Whose, Without};

use crate::kinds::{Apart, Ask};
use crate::steps::{Source, Stage};
use access::permit::Reach;
use contracts::{CaseId, CircularId};
use kernel::ids::{AccountId, OrganisationId, PlaceId, Uuid};
use kernel::{Instant, Result, TenantId};
use serde::{Deserialize, Serialize};
use store::query::decode_keys;
use store::{Paged, Query, Store, ToValue, Value};
use territory::Directory;

/// Rows on a page.
pub const PAGE: u16 = 50;
/// Rows that a register reads at a time.
pub const MANY: u16 = 500;

store::row! {
    /// One line of a list.
    #[derive(Debug, Clone)]
    pub struct Line {
        pub id: CaseId,
        pub number: i64,
        pub stage: Stage,
        pub category_id: Option<Uuid>,
        pub place_id: Option<PlaceId>,
        pub community_id: Option<PlaceId>,
        pub where_words: String,
        /// The beginning of what was found.
        pub what: String,
        pub unit_id: Option<OrganisationId>,
        pub due: Instant,
        pub yellow_at: Instant,
        pub reported_at: Instant,
        pub dispatched_at: Option<Instant>,
        pub ended_at: Option<Instant>,
        pub rework: i64,
        pub late: bool,
        pub ask: Option<Ask>,
        pub asked_at: Option<Instant>,
        pub hold_until: Option<Instant>,
        pub supervised_at: Option<Instant>,
        pub recurs_of: Option<CaseId>,
        pub outside_due: Option<Instant>,
        pub source: Source,
        pub outside_number: Option<String>,
        pub photos: i64,
        pub version: i64,
        pub circular_id: Option<CircularId>,
        pub unit_due: Option<Instant>,
        pub rectified_at: Option<Instant>,
    }
}

store::row! {
    /// One case of a list as the map draws it.
    #[derive(Debug, Clone)]
    pub struct Plot {
        pub id: CaseId,
        pub number: i64,
        pub stage: Stage,
        pub category_id: Option<Uuid>,
        pub community_id: Option<PlaceId>,
        pub lng_e7: Option<i32>,
        pub lat_e7: Option<i32>,
        pub due: Instant,
        pub yellow_at: Instant,
        pub late: bool,
        pub hold_until: Option<Instant>,
        pub reported_at: Instant,
        pub dispatched_at: Option<Instant>,
        pub ended_at: Option<Instant>,
        pub asked_at: Option<Instant>,
    }
}

macro_rules! plot_columns {
    () => {
        "SELECT id, number, stage, category_id, community_id, lng_e7, lat_e7, due, yellow_at, late, hold_until, reported_at, dispatched_at, ended_at,
    asked_at
FROM cases
WHERE tenant_id = :tenant"
    };
}
/// What the map reads of a list.
const PLOT: &str = plot_columns!();

macro_rules! line_columns {
    ($what:literal) => {
        concat!(
            "SELECT id, number, stage, category_id, place_id, community_id, where_words, ",
            $what,
            ", unit_id, due, yellow_at, reported_at,
    dispatched_at, ended_at, rework, late, ask, asked_at, hold_until, supervised_at, recurs_of, outside_due,
    source, outside_number, photos, version, circular_id, unit_due, rectified_at
FROM cases
WHERE tenant_id = :tenant"
        )
    };
}
const LINE: &str = line_columns!("SUBSTR(what, 1, 60) AS what");
/// The same with all that was written, for a register.
const WHOLE: &str = line_columns!("what");
/// The same of cases that a query of ids alone finds, where an index alone can find them: a case that the filter passes over
/// is then never looked up. In no order.
const IN: &str = "\n    AND id IN (SELECT id\nFROM cases\nWHERE tenant_id = :tenant";

/// What is asked for. All conditions hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    pub kind: Option<Kind>,
    pub stage: Option<Stage>,
    pub unit: Option<OrganisationId>,
    pub community: Option<PlaceId>,
    pub compound: Option<PlaceId>,
    pub category: Option<Uuid>,
    /// All versions of that category, where there are several: a case keeps the one that it was filed by.
    pub kin: Vec<Uuid>,
    pub source: Option<Source>,
    /// The local hour of the finding, 0 to 23.
    pub hour: Option<i64>,
    /// The local day of the week of the finding; Monday is 0.
    pub weekday: Option<i64>,
    pub lamp: Option<Lamp>,
    pub outcome: Option<Outcome>,
    /// What is asked, in the list of requests.
    pub ask: Option<Ask>,
    /// Only what has no unit, or no community.
    pub without: Option<Without>,
    /// Whose it is, of what is open.
    pub whose: Option<(Whose, AccountId)>,
    /// Of what lies near: the paths of the places.
    pub near: Vec<String>,
    /// The deadline's bounds `[from, to)`.
    pub due_from: Option<Instant>,
    pub due_to: Option<Instant>,
    /// Of requests: those that the centre answers, or a leader.
    pub answers: Option<Answers>,
    pub circular: Option<CircularId>,
    /// The subtree of a place, by its path.
    pub under: Option<String>,
    pub flag: Option<Flag>,
    pub sort: Option<Sort>,
    /// Only what lies in this square of the map ([`crate::months::square`]).
    pub square: Option<i64>,
    /// `[from, to)`, for the lists of a period.
    pub from: Option<Instant>,
    pub to: Option<Instant>,
    pub after: Option<String>,
}

/// One place or organisation that the actor reaches, as a condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Leg {
    All,
    Community(PlaceId),
    Under(String),
    Unit(OrganisationId),
}

/// The reach as conditions; a place that is a community is an equality, so that its index serves.
///
/// What somebody reported is theirs to read wherever it lies: the list of that needs no other bound.
pub fn legs(reach: &Reach, filter: &Filter, community_of_path: impl Fn(&str) -> Option<PlaceId>) -> Vec<Leg> {
    let whose = filter.whose.map(|(whose, _)| whose);
    let own = filter.whose.is_some_and(|(whose, me)| whose == Whose::Found && reach.own == Some(me));
    let within = |path: &str| community_of_path(path).map_or_else(|| Leg::Under(path.to_owned()), Leg::Community);
    if whose == Some(Whose::Near) {
        // Where somebody is on duty, as far as they reach.
        let reached = |near: &String| -> Vec<Leg> {
            let narrower = reach.paths.iter().filter(|path| path.starts_with(near.as_str()));
            match reach.all || reach.paths.iter().any(|path| near.starts_with(path.as_str())) {
                true => vec![within(near)],
                false => narrower.map(|path| within(path)).collect(),
            }
        };
        return filter.near.iter().flat_map(reached).collect();
    }
    if reach.all || own {
        return vec![Leg::All];
    }
    let places = reach.paths.iter().map(|path| within(path));
    places.chain(reach.organisations.iter().copied().map(Leg::Unit)).collect()
}

impl Filter {
    pub(crate) fn list(&self) -> Kind {
        self.kind.unwrap_or(match self.stage {
            Some(stage) if !stage.open() => Kind::Ended,
            _ => Kind::Open,
        })
    }

    /// Only what is of this category, in whichever of its versions.
    pub(crate) fn of_category(self, category: Option<Uuid>, directory: &Directory) -> Filter {
        let kin = category.map(|id| directory.kin(id)).filter(|kin| kin.len() > 1).unwrap_or_default();
        Filter { category, kin, ..self }
    }

    /// What lies near, by today's roster.
    pub(crate) fn on_duty(self, directory: &Directory, now: Instant) -> Filter {
        let near = match self.whose {
            Some((Whose::Near, me)) => directory.date_of(now).map(|today| directory.duty_of(me, today)).unwrap_or_default(),
            _ => Vec::new(),
        };
        Filter { near, ..self }
    }

    /// The same list of each version of its category by itself, as an index holds it.
    fn versions(&self) -> Vec<Filter> {
        match self.kin.as_slice() {
            [] => vec![self.clone()],
            kin => kin.iter().map(|id| Filter { category: Some(*id), kin: Vec::new(), ..self.clone() }).collect(),
        }
    }

    /// The queries' filters and legs: together they are the list.
    fn parts<'a>(&self, legs: &'a [Leg]) -> Vec<(Filter, &'a Leg)> {
        self.versions().into_iter().flat_map(|filter| legs.iter().map(move |leg| (filter.clone(), leg))).collect()
    }

    fn sort(&self) -> Sort {
        self.sort.filter(|_| self.list() == Kind::Open).unwrap_or(Sort::Due)
    }

    fn keys(&self) -> (&'static [&'static str], bool) {
        match self.list() {
            Kind::Open if self.sort() != Sort::Due => (&["reported_at", "id"], self.sort() == Sort::Newest),
            Kind::Open | Kind::Held | Kind::Supervised => (&["due", "id"], false),
            Kind::Ended => (&["ended_at", "id"], true),
            Kind::Found | Kind::MendedOnSpot | Kind::SelfCheck => (&["reported_at", "id"], true),
            Kind::Dispatched => (&["dispatched_at", "id"], true),
            Kind::Asked => (&["asked_at", "id"], false),
            Kind::Orders => (&["outside_due", "id"], false),
            Kind::Samples => (&["ended_at", "id"], false),
        }
    }

    fn key_of(&self, line: &Line) -> Vec<Value> {
        let first = match self.list() {
            Kind::Open if self.sort() != Sort::Due => line.reported_at.to_value(),
            Kind::Open | Kind::Held | Kind::Supervised => line.due.to_value(),
            Kind::Ended | Kind::Samples => line.ended_at.to_value(),
            Kind::Found | Kind::MendedOnSpot | Kind::SelfCheck => line.reported_at.to_value(),
            Kind::Dispatched => line.dispatched_at.to_value(),
            Kind::Asked => line.asked_at.to_value(),
            Kind::Orders => line.outside_due.to_value(),
        };
        vec![first, line.id.to_value()]
    }

    /// What the list's days are of: of the finding, unless the list is of another moment.
    pub(crate) fn dated(&self) -> &'static str {
        match self.list() {
            Kind::Ended | Kind::Samples => "ended_at",
            Kind::Dispatched => "dispatched_at",
            Kind::Asked => "asked_at",
            Kind::Open | Kind::Held | Kind::Supervised | Kind::Orders | Kind::Found | Kind::MendedOnSpot | Kind::SelfCheck => "reported_at",
        }
    }

    /// The bounds of its days. Where it stands in their order, the bound that the page's beginning implies is left out; where it
    /// does not, they are said so that no engine walks by them and sorts.
    fn period(&self, mut query: Query, after: Option<Instant>) -> Query {
        let (clock, (keys, descending)) = (self.dated(), self.keys());
        let walked = keys.first() == Some(&clock);
        let begun = after.filter(|_| walked);
        let column = if walked { clock.to_owned() } else { format!("{clock} + 0") };
        if let Some(from) = self.from.filter(|from| descending || begun.is_none_or(|after| after < *from)) {
            query = query.and(&format!("{column} >= :from")).bind("from", from);
        }
        if let Some(to) = self.to.filter(|to| !descending || begun.is_none_or(|after| after >= *to)) {
            query = query.and(&format!("{column} < :to")).bind("to", to);
        }
        query
    }

    /// The conditions on one leg, without order and limit.
    ///
    /// A bound that the page's beginning (`after`, the first of its keys) implies is left out: with two bounds on one
    /// side an engine may walk from the wider one, all the way over the pages before.
    fn conditions(&self, mut query: Query, leg: &Leg, now: Instant, after: Option<Instant>) -> Query {
        let from_now = after.is_none_or(|after| after < now);
        query = match leg {
            Leg::All => query,
            Leg::Community(id) => query.and("community_id = :leg").bind("leg", id),
            Leg::Under(path) => {
                query.and("place_path >= :leg AND place_path < :leg_end").bind("leg", path).bind("leg_end", format!("{path}\u{10FFFF}"))
            }
            Leg::Unit(id) => query.and("unit_id = :leg AND dispatched_at IS NOT NULL").bind("leg", id),
        };
        query = match self.list() {
            Kind::Open => query.and("open = TRUE"),
            Kind::Held => query.and("open = TRUE AND hold_until IS NOT NULL AND hold_until > :held_at").bind("held_at", now),
            Kind::Supervised => query.and("open = TRUE AND supervised_at IS NOT NULL"),
            Kind::MendedOnSpot => query.and("apart IS NOT NULL AND apart = :apart").bind("apart", Apart::MendedOnSpot),
            Kind::SelfCheck => query.and("apart IS NOT NULL AND apart = :apart").bind("apart", Apart::SelfCheck),
            Kind::Ended => {
                let stage = self.stage.filter(|stage| !stage.open()).unwrap_or(Stage::Closed);
                query.and("open = FALSE AND stage = :stage").bind("stage", stage)
            }
            Kind::Found => query.and("apart IS NULL"),
            Kind::Dispatched => query.and("dispatched_at IS NOT NULL AND apart IS NULL"),
            Kind::Asked => query.and("ask IS NOT NULL"),
            Kind::Orders => query.and("outside_due IS NOT NULL"),
            Kind::Samples => query.and("sample = 'waiting'"),
        };
        query = self.period(query, after);
        if let (Kind::Asked, Some(ask)) = (self.list(), self.ask) {
            query = query.and("ask = :ask").bind("ask", ask);
        }
        query = match self.whose {
            None => query,
            Some((Whose::Found, me)) => query.and("reported_by = :me").bind("me", me),
            Some((Whose::Verify, me)) => query.and("stage = 'verifying' AND verifier_id = :me").bind("me", me),
            // Said by the legs.
            Some((Whose::Near, _)) => query,
            Some((Whose::Inside, me)) => query.and("inside_id IS NOT NULL AND inside_id = :me").bind("me", me),
        };
        let clock = if self.list() == Kind::Orders { "outside_due" } else { "due" };
        // Where the page begins beyond a bound, that bound says nothing.
        let beyond = |bound: Instant| self.sort() == Sort::Due && after.is_some_and(|after| after >= bound);
        if let Some(from) = self.due_from.filter(|from| !beyond(*from)) {
            query = query.and(&format!("{clock} >= :due_from")).bind("due_from", from);
        }
        if let Some(due_to) = self.due_to {
            query = query.and(&format!("{clock} < :due_to")).bind("due_to", due_to);
        }
        // Said so that no engine takes the index by what is asked: requests stand in the order in which they were.
        query = match self.answers {
            None => query,
            Some(Answers::Centre) => query
                .and("(COALESCE(ask, '') IN ('extension', 'dispute') OR (COALESCE(ask, '') = 'hand_back' AND hand_backs = 0) OR (COALESCE(ask, '') = 'appeal' AND advice IS NULL))"),
            Some(Answers::Leader) => {
                query.and("(COALESCE(ask, '') IN ('hold', 'void') OR (COALESCE(ask, '') = 'hand_back' AND hand_backs > 0) OR (COALESCE(ask, '') = 'appeal' AND advice IS NOT NULL))")
            }
        };
        if let Some(circular) = self.circular {
            query = query.and("circular_id = :circular").bind("circular", circular);
        }
        if let Some(under) = &self.under {
            query = query.and("place_path >= :under AND place_path < :under_end").bind("under", under);
            query = query.bind("under_end", format!("{under}\u{10FFFF}"));
        }
        query = match self.flag {
            None => query,
            Some(Flag::Rework) => query.and("rework > 0"),
            Some(Flag::Recurring) => query.and("recurs_of IS NOT NULL"),
            Some(Flag::Supervised) => query.and("supervised_at IS NOT NULL"),
            Some(Flag::Extended) => query.and("extensions > 0"),
            Some(Flag::Late) => query.and("late = TRUE"),
        };
        if let Some(stage) = self.stage
            && self.list() != Kind::Ended
        {
            query = query.and("stage = :stage").bind("stage", stage);
        }
        if let Some(unit) = self.unit {
            query = query.and("unit_id = :unit").bind("unit", unit);
        }
        if let Some(community) = self.community {
            query = query.and("community_id = :community").bind("community", community);
        }
        query = match self.without {
            None => query,
            Some(Without::Unit) => query.and("unit_id IS NULL"),
            Some(Without::Community) => query.and("community_id IS NULL"),
            Some(Without::Compound) => query.and("compound_id IS NULL"),
            Some(Without::Category) => query.and("category_id IS NULL"),
        };
        if let Some(compound) = self.compound {
            query = query.and("compound_id = :compound").bind("compound", compound);
        }
        if let Some(source) = self.source {
            query = query.and("source = :source").bind("source", source);
        }
        query = match (self.weekday, self.hour) {
            (None, None) => query,
            (Some(weekday), Some(hour)) => query.and("found_slot = :slot").bind("slot", weekday * 24 + hour),
            (Some(weekday), None) => {
                query.and("found_slot >= :slot AND found_slot < :slot_end").bind("slot", weekday * 24).bind("slot_end", weekday * 24 + 24)
            }
            (None, Some(hour)) => query.and("found_slot % 24 = :slot").bind("slot", hour),
        };
        if let Some(category) = self.category {
            query = query.and("category_id = :category").bind("category", category);
        }
        if let Some((first, last)) = self.square.and_then(crate::months::cells) {
            // What is open near a point has an index too, which is in no list's order.
            let cell = if self.list() == Kind::Found { "cell" } else { "cell + 0" };
            query = query.and(&format!("{cell} >= :first_cell AND {cell} <= :last_cell")).bind("first_cell", first).bind("last_cell", last);
        }
        query = match self.lamp {
            None => query,
            Some(Lamp::Red) => query.and("due < :now").bind("now", now),
            Some(lamp) => {
                let query = if from_now { query.and("due >= :now") } else { query };
                query.and(if lamp == Lamp::Yellow { "yellow_at <= :now" } else { "yellow_at > :now" }).bind("now", now)
            }
        };
        match self.outcome {
            None => query,
            Some(Outcome::Rectified) => query.and("stage = 'closed'"),
            Some(Outcome::OnTime) => query.and("stage = 'closed' AND first_due IS NOT NULL AND late = FALSE"),
            Some(Outcome::Late) => query.and("late = TRUE"),
            // What an appeal did away with is not counted.
            Some(Outcome::Rework) => query.and("rework > 0 AND (rework_appeal IS NULL OR rework_appeal <> 'upheld')"),
            Some(Outcome::Recurring) => query.and("recurs_of IS NOT NULL"),
            Some(Outcome::Remaining) => query.and("stage <> 'closed'"),
            Some(Outcome::Extended) => query.and("extensions > 0"),
            Some(Outcome::Held) => query.and("holds > 0"),
            Some(Outcome::Transferred) => query.and("receiver IS NOT NULL"),
            Some(Outcome::Disputed) => query.and("disputed = TRUE"),
            Some(Outcome::Upheld) => query.and("dispute_end = 'upheld'"),
            Some(Outcome::CalledBack) => query.and("satisfied IS NOT NULL AND satisfied <> 'not_reached'"),
            Some(Outcome::Solved) => query.and("satisfied IS NOT NULL AND satisfied <> 'not_reached' AND solved = 'yes'"),
            Some(Outcome::Satisfied) => query.and("satisfied IS NOT NULL AND satisfied IN ('very', 'yes', 'fairly')"),
        }
    }

    /// Whether an index alone can say which cases are meant, so that those which the filter passes over need no looking up.
    fn by_index_alone(&self, leg: &Leg) -> bool {
        let flags = self.whose.is_some() || self.without.is_some() || self.due_from.is_some() || self.due_to.is_some();
        let more = self.source.is_some() || self.circular.is_some() || self.under.is_some() || self.flag.is_some();
        let dated = (self.from.is_some() || self.to.is_some()) && self.keys().0.first() != Some(&self.dated());
        let flags = flags || more || dated || self.answers.is_some() || self.sort() != Sort::Due;
        // What was found in a square of the map: all that such a list asks for stands in the index of its order.
        if self.square.is_some() && self.list() == Kind::Found {
            let here = matches!(leg, Leg::All | Leg::Community(_));
            return here && !flags && self.stage.is_none() && self.unit.is_none() && self.outcome.is_none() && self.lamp.is_none();
        }
        if self.category.is_some() || flags || matches!(leg, Leg::Under(_)) {
            return false;
        }
        let lamp = matches!(self.lamp, Some(Lamp::Yellow | Lamp::Green));
        let others = [*leg != Leg::All, self.stage.is_some(), self.unit.is_some(), self.community.is_some()];
        let part = self.source.is_some() || self.compound.is_some() || self.hour.is_some() || self.weekday.is_some();
        let everywhere = *leg == Leg::All && self.unit.is_none() && self.community.is_none();
        if part && !everywhere {
            return false;
        }
        match self.list() {
            Kind::Found => part && self.stage.is_none() && matches!(self.outcome, None | Some(Outcome::Transferred)),
            Kind::Dispatched if part => self.stage.is_none(),
            Kind::Open => lamp || others.into_iter().filter(|there| *there).count() > 1,
            Kind::Dispatched => self.outcome.is_some() && self.unit.is_none() && self.community.is_none(),
            _ => false,
        }
    }

    /// The clock of the page's beginning, where the list is in the order of a clock that bounds speak of.
    fn first(&self, after: Option<&[Value]>) -> Option<Instant> {
        if self.sort() != Sort::Due {
            return None;
        }
        match after {
            Some([Value::Int(first), ..]) => Some(Instant(*first)),
            _ => None,
        }
    }

    /// The ids of one leg in the list's order, so many at most: for counting.
    fn ids(&self, tenant: TenantId, leg: &Leg, now: Instant) -> Query {
        let (keys, descending) = self.keys();
        let query = self.conditions(Query::from("SELECT id\nFROM cases\nWHERE tenant_id = :tenant").bind("tenant", tenant), leg, now, None);
        query.keyset(keys, descending, None, COUNTED - 1)
    }

    /// The query of one leg; its rows may come in any order.
    pub fn query(&self, tenant: TenantId, leg: &Leg, now: Instant) -> Query {
        self.page(tenant, leg, now, LINE, PAGE)
    }
    /// The same of so many rows; of a register's with all that was written.
    fn sized(&self, tenant: TenantId, leg: &Leg, now: Instant, size: u16) -> Query {
        self.page(tenant, leg, now, if size == PAGE { LINE } else { WHOLE }, size)
    }

    /// The same with other columns and another length.
    fn page(&self, tenant: TenantId, leg: &Leg, now: Instant, columns: &str, size: u16) -> Query {
        let (keys, descending) = self.keys();
        let after = self.after.as_deref().and_then(|text| decode_keys(text, "id"));
        let first = self.first(after.as_deref());
        let alone = self.by_index_alone(leg);
        let begun = if alone { Query::from(&[columns, IN].concat()) } else { Query::from(columns) };
        let query = self.conditions(begun.bind("tenant", tenant), leg, now, first);
        let query = query.keyset(keys, descending, after.as_deref(), size);
        if alone { query.then(")") } else { query }
    }
}

/// The most that is counted; beyond it a figure says that there are more.
pub const COUNTED: u16 = 1000;

/// How many cases the list has, up to [`COUNTED`].
pub async fn count(store: &Store, tenant: TenantId, filter: &Filter, legs: &[Leg], now: Instant) -> Result<usize> {
    let (mut ids, parts) = (Vec::new(), filter.parts(legs));
    for (filter, leg) in &parts {
        ids.extend(store.query::<(CaseId,)>(filter.ids(tenant, leg, now)).await?);
    }
    if parts.len() > 1 {
        ids.sort_unstable();
        ids.dedup();
    }
    Ok(ids.len().min(usize::from(COUNTED)))
}

/// One page of the list: each leg gives its first rows, merged in the list's order.
pub async fn list(store: &Store, tenant: TenantId, filter: &Filter, legs: &[Leg], now: Instant) -> Result<Paged<Line>> {
    page(store, tenant, filter, legs, now, PAGE).await
}

/// All of the list with all that was written, as far as `most` rows: one more says that there are more.
pub async fn whole(store: &Store, tenant: TenantId, filter: &Filter, legs: &[Leg], now: Instant, most: usize) -> Result<Vec<Line>> {
    let mut filter = Filter { after: None, ..filter.clone() };
    let mut rows = Vec::new();
    loop {
        let read = page(store, tenant, &filter, legs, now, MANY).await?;
        rows.extend(read.rows);
        filter.after = read.next;
        if filter.after.is_none() || rows.len() > most {
            rows.truncate(most + 1);
            return Ok(rows);
        }
    }
}

async fn page(store: &Store, tenant: TenantId, filter: &Filter, legs: &[Leg], now: Instant, size: u16) -> Result<Paged<Line>> {
    let (mut rows, parts) = (Vec::new(), filter.parts(legs));
    for (filter, leg) in &parts {
        rows.extend(store.query::<Line>(filter.sized(tenant, leg, now, size)).await?);
    }
    if parts.len() > 1 || legs.iter().any(|leg| filter.by_index_alone(leg)) {
        let descending = filter.keys().1;
        let at = |line: &Line| match filter.list() {
            Kind::Open if filter.sort() != Sort::Due => (line.reported_at, line.id),
            Kind::Open | Kind::Held | Kind::Supervised => (line.due, line.id),
            Kind::Ended | Kind::Samples => (line.ended_at.unwrap_or(line.due), line.id),
            Kind::Found | Kind::MendedOnSpot | Kind::SelfCheck => (line.reported_at, line.id),
            Kind::Asked => (line.asked_at.unwrap_or(line.due), line.id),
            Kind::Orders => (line.outside_due.unwrap_or(line.due), line.id),
            Kind::Dispatched => (line.dispatched_at.unwrap_or(line.due), line.id),
        };
        rows.sort_by(|a, b| if descending { at(b).cmp(&at(a)) } else { at(a).cmp(&at(b)) });
        rows.dedup_by_key(|line| line.id);
    }
    Ok(Paged::cut(rows, size, |line| filter.key_of(line)))
}

/// The first cases of the list, in its order, and whether there are more.
pub async fn plotted(store: &Store, tenant: TenantId, filter: &Filter, legs: &[Leg], now: Instant, most: u16) -> Result<(Vec<Plot>, bool)> {
    let filter = Filter { after: None, ..filter.clone() };
    let mut rows = Vec::new();
    for (filter, leg) in filter.parts(legs) {
        rows.extend(store.query::<Plot>(filter.page(tenant, leg, now, PLOT, most)).await?);
    }
    let descending = filter.keys().1;
    let at = |plot: &Plot| match filter.list() {
        Kind::Open | Kind::Held | Kind::Supervised => (plot.due, plot.id),
        Kind::Ended | Kind::Samples => (plot.ended_at.unwrap_or(plot.due), plot.id),
        Kind::Found | Kind::MendedOnSpot | Kind::SelfCheck => (plot.reported_at, plot.id),
        // Orders in no order of their own: a map has none.
        Kind::Asked | Kind::Orders => (plot.asked_at.unwrap_or(plot.due), plot.id),
        Kind::Dispatched => (plot.dispatched_at.unwrap_or(plot.due), plot.id),
    };
    rows.sort_by(|a, b| if descending { at(b).cmp(&at(a)) } else { at(a).cmp(&at(b)) });
    rows.dedup_by_key(|plot| plot.id);
    let more = rows.len() > usize::from(most);
    rows.truncate(usize::from(most));
    Ok((rows, more))
}
