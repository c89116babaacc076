//! Difficult matters (疑难问题): a number, a history and an end of their own; of one or several problems, or of none yet.

use crate::case::{Case, Found, STALE as CASE_STALE, WRONG_STAGE, case_columns};
use crate::days::Part;
use crate::facts::{CaseInMatter, MatterEnded, MatterNoted, MatterOpened, MatterToCouncil, WordsRef};
use crate::steps::Step;
use crate::verbs::{HandleMatter, ListMatters};
use crate::wording::hash;
use access::permit::Reach;
use access::{Actor, Governed, Permit, Subject};
use contracts::MatterId;
use kernel::ids::{AccountId, PlaceId, Uuid};
use kernel::{Code, Instant, Result, TenantId, ensure};
use store::{Command, Paged, Query, Sql, Store, ToValue, Value, Write, args, sql};

/// Somebody changed the matter meanwhile.
pub const STALE: Code = Code::conflict("matter.stale");
/// It has ended already.
pub const ENDED: Code = Code::conflict("matter.ended");
/// The case is part of another one that is still open.
pub const IN_ANOTHER: Code = Code::conflict("matter.in_another");
/// It has no name.
pub const TITLE_NEEDED: Code = Code::invalid("matter.title_needed");
/// No open matter was chosen.
pub const NO_MATTER: Code = Code::invalid("matter.none_chosen");

/// Matters on a page of a list.
pub const PAGE: u16 = 50;

store::text_enum! {
    /// How far a matter is.
    pub enum MatterState {
        Open = "open",
        /// 提请议事: it waits for the council.
        Council = "council",
        /// 已处置.
        Settled = "settled",
        /// 终止: nothing more will be done, with the reason.
        Dropped = "dropped",
    }
}

store::text_enum! {
    /// Where a matter came from.
    pub enum MatterOrigin {
        Case = "case",
        Council = "council",
        /// 座谈
        Forum = "forum",
        /// 群众反映
        Residents = "residents",
        Inspection = "inspection",
    }
}

store::row! {
    /// One matter (件).
    #[derive(Debug, Clone)]
    pub struct Matter {
        pub tenant_id: TenantId,
        pub id: MatterId,
        pub number: i64,
        pub state: MatterState,
        pub origin: MatterOrigin,
        pub title: String,
        pub what: String,
        pub salt: [u8; 32],
        pub place_id: Option<PlaceId>,
        pub place_path: String,
        pub opened_at: Instant,
        pub opened_by: Option<AccountId>,
        pub ended_at: Option<Instant>,
        pub version: i64,
    }
}

impl Governed for Matter {
    fn subject(&self) -> Subject<'_> {
        // One without a place is the whole sub-district's.
        let place_path = Some(self.place_path.as_str()).filter(|path| !path.is_empty());
        Subject { place_path, ..Subject::of_tenant(self.tenant_id) }
    }
}

macro_rules! columns {
    () => {
        "SELECT tenant_id, id, number, state, origin, title, what, salt, place_id, place_path, opened_at, opened_by, ended_at, version
FROM matter
WHERE tenant_id = :tenant"
    };
}

static BY_NUMBER: Sql = sql!(concat!(columns!(), " AND number = :number"));
static BY_ID: Sql = sql!(concat!(columns!(), " AND id = :matter"));
static OPEN: Sql = sql!(concat!(columns!(), " AND ended_at IS NULL ORDER BY opened_at, id LIMIT 200"));
static CASES: Sql = sql!(concat!(case_columns!(), " WHERE tenant_id = :tenant AND matter_id = :matter ORDER BY id LIMIT 200"));
static WORDS: Sql = sql!("SELECT id, words FROM matter_words WHERE tenant_id = :tenant AND matter_id = :matter");

/// The matter of this number, if the actor may see it; 404 otherwise.
pub async fn find(store: &Store, actor: &Actor, number: i64) -> Result<Matter> {
    let matter = store.one::<Matter>(&BY_NUMBER, args! { tenant: actor.tenant, number: number }).await?;
    ensure(actor.can::<ListMatters>(&matter), kernel::Error::not_found())?;
    Ok(matter)
}
pub async fn by_id(store: &Store, tenant: TenantId, matter: MatterId) -> Result<Matter> {
    store.one(&BY_ID, args! { tenant: tenant, matter: matter }).await
}
/// The open matters that a case can become part of, the oldest first.
pub async fn open(store: &Store, tenant: TenantId) -> Result<Vec<Matter>> {
    store.all(&OPEN, args! { tenant: tenant }).await
}
/// The cases that are part of a matter.
pub async fn cases(store: &Store, tenant: TenantId, matter: MatterId) -> Result<Vec<Case>> {
    store.all(&CASES, args! { tenant: tenant, matter: matter }).await
}
/// What was said on a matter's way, by id.
pub async fn words(store: &Store, tenant: TenantId, matter: MatterId) -> Result<Vec<(Uuid, String)>> {
    store.all(&WORDS, args! { tenant: tenant, matter: matter }).await
}

store::text_enum! {
    /// Which matters a list is of.
    pub enum MatterList {
        /// Under way now, the oldest first.
        Open = "open",
        /// Ended, in a period where one is said; the latest first.
        Ended = "ended",
        /// Opened in a period, whatever became of them; the oldest first.
        Opened = "opened",
        /// Open when a period ended; the oldest first.
        Standing = "standing",
    }
}

/// What a matter can be counted by: what the first of its problems has.
pub const PARTS: [Part; 4] = [Part::Community, Part::Compound, Part::Unit, Part::Category];

/// The community, compound, unit or category of a matter: that of the first of its problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    One(Uuid),
    /// It is of no problem yet, or of one that has none.
    Nothing,
}

impl Of {
    /// As addresses have it.
    pub fn written(self) -> String {
        match self {
            Of::One(id) => id.to_string(),
            Of::Nothing => crate::worklist::NONE.to_owned(),
        }
    }
}

impl From<Option<Uuid>> for Of {
    fn from(id: Option<Uuid>) -> Of {
        id.map_or(Of::Nothing, Of::One)
    }
}

/// What the first of a matter's problems says.
macro_rules! first_case {
    ($column:literal) => {
        concat!(
            "(SELECT c.",
            $column,
            " FROM cases c WHERE c.tenant_id = matter.tenant_id AND c.matter_id = matter.id ORDER BY c.id LIMIT 1)"
        )
    };
}
pub(crate) use first_case;

/// What a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Open ones where nothing is said.
    pub list: Option<MatterList>,
    pub state: Option<MatterState>,
    /// `[from, to)`, of all lists but the one of those that are open now.
    pub from: Option<Instant>,
    pub to: Option<Instant>,
    /// Each of [`PARTS`] at most once.
    pub of: Vec<(Part, Of)>,
    /// All versions of the category, where there are several.
    pub kin: Vec<Uuid>,
    pub after: Option<String>,
}

impl Filter {
    pub fn list(&self) -> MatterList {
        self.list.unwrap_or(MatterList::Open)
    }
    /// The same list of each version of its category by itself.
    fn versions(&self) -> Vec<Filter> {
        let of = |id: Uuid| self.of.iter().map(|(part, of)| (*part, if *part == Part::Category { Of::One(id) } else { *of })).collect();
        match self.kin.as_slice() {
            [] => vec![self.clone()],
            kin => kin.iter().map(|id| Filter { of: of(*id), kin: Vec::new(), ..self.clone() }).collect(),
        }
    }
    fn keys(&self) -> (&'static [&'static str], bool) {
        if self.list() == MatterList::Ended { (&["ended_at", "id"], true) } else { (&["opened_at", "id"], false) }
    }
    fn key_of(&self, row: &Matter) -> Vec<Value> {
        let first = if self.list() == MatterList::Ended { row.ended_at.to_value() } else { row.opened_at.to_value() };
        vec![first, row.id.to_value()]
    }
}

/// The query of a list for one place subtree, or for all.
pub fn list(tenant: TenantId, filter: &Filter, under: Option<&str>) -> Query {
    let mut query = Query::from(columns!()).bind("tenant", tenant);
    query = match filter.list() {
        MatterList::Open => query.and("ended_at IS NULL"),
        MatterList::Ended => period(query.and("ended_at IS NOT NULL"), "ended_at", filter.from, filter.to),
        MatterList::Opened => period(query, "opened_at", filter.from, filter.to),
        MatterList::Standing => match filter.to {
            Some(to) => query.and("opened_at < :to AND (ended_at IS NULL OR ended_at >= :to)").bind("to", to),
            None => query.and("ended_at IS NULL"),
        },
    };
    if let Some(state) = filter.state {
        query = query.and("state = :state").bind("state", state);
    }
    for (part, of) in &filter.of {
        let (column, name) = match part {
            Part::Community => (first_case!("community_id"), "community"),
            Part::Compound => (first_case!("compound_id"), "compound"),
            Part::Unit => (first_case!("unit_id"), "unit"),
            Part::Category => (first_case!("category_id"), "category"),
            Part::All | Part::Source | Part::Slot => continue,
        };
        query = match of {
            Of::One(id) => query.and(&format!("{column} = :{name}")).bind(name, *id),
            Of::Nothing => query.and(&format!("{column} IS NULL")),
        };
    }
    if let Some(path) = under {
        query = query
            .and("place_path >= :under AND place_path < :under_end")
            .bind("under", path)
            .bind("under_end", format!("{path}\u{10FFFF}"));
    }
    let after = filter.after.as_deref().and_then(|text| store::query::decode_keys(text, "id"));
    let (keys, descending) = filter.keys();
    query.keyset(keys, descending, after.as_deref(), PAGE)
}

fn period(mut query: Query, column: &str, from: Option<Instant>, to: Option<Instant>) -> Query {
    if let Some(from) = from {
        query = query.and(&format!("{column} >= :from")).bind("from", from);
    }
    if let Some(to) = to {
        query = query.and(&format!("{column} < :to")).bind("to", to);
    }
    query
}

/// One page of a list, within what somebody reaches.
pub async fn page(store: &Store, tenant: TenantId, filter: &Filter, reach: &Reach) -> Result<Paged<Matter>> {
    let legs: Vec<Option<&str>> = if reach.all { vec![None] } else { reach.paths.iter().map(|path| Some(path.as_str())).collect() };
    let (mut rows, versions) = (Vec::<Matter>::new(), filter.versions());
    for filter in &versions {
        for under in &legs {
            rows.extend(store.query::<Matter>(list(tenant, filter, *under)).await?);
        }
    }
    if legs.len() * versions.len() > 1 {
        match filter.list() {
            MatterList::Ended => rows.sort_by_key(|row| std::cmp::Reverse((row.ended_at.unwrap_or(row.opened_at), row.id))),
            _ => rows.sort_by_key(|row| (row.opened_at, row.id)),
        }
        rows.dedup_by_key(|row| row.id);
    }
    Ok(Paged::cut(rows, PAGE, |row| filter.key_of(row)))
}

fn shapes() -> Vec<Query> {
    let (id, mut all) = (Uuid::nil(), Vec::new());
    for under in [None, Some("1/")] {
        for after in [None, Some("i0~d00000000000000000000000000000000".to_owned())] {
            for &kind in MatterList::ALL {
                let base = Filter { list: Some(kind), after: after.clone(), ..Filter::default() };
                all.push(list(TenantId(1), &base, under));
                let base = Filter { from: Some(Instant(0)), to: Some(Instant(1)), ..base };
                all.push(list(TenantId(1), &base, under));
                all.push(list(TenantId(1), &Filter { state: Some(MatterState::Settled), ..base.clone() }, under));
                for of in [Of::One(id), Of::Nothing] {
                    for part in PARTS {
                        all.push(list(TenantId(1), &Filter { of: vec![(part, of)], ..base.clone() }, under));
                    }
                }
            }
        }
    }
    all
}
store::shapes!("matters", shapes);

/// What the hash in the fact covers: title, a line feed, what.
pub fn words_of(title: &str, what: &str) -> String {
    format!("{title}\n{what}")
}

static KEEP: Sql = sql!(
    "INSERT INTO matter_words (tenant_id, matter_id, id, words, salt, written_at, written_by)
    VALUES (:tenant, :matter, :id, :words, :salt, :now, :actor)"
);

fn keep(tx: &mut Write<'_>, matter: MatterId, words: &str) -> WordsRef {
    let (id, salt): (Uuid, _) = (tx.new_id(), tx.salt());
    tx.later(&KEEP, args! { tenant: tx.tenant(), matter: matter, id: id, words: words, salt: salt, now: tx.now(), actor: tx.actor() });
    WordsRef { id, hash: hash(&salt, words) }
}

/// Opens a matter; of a case at once, where one is named.
///
/// Errors: `case.stale` and `case.wrong_stage` of the case.
pub struct Open {
    pub by: Permit<HandleMatter>,
    pub origin: MatterOrigin,
    pub title: String,
    pub what: String,
    pub place: Option<(PlaceId, String)>,
    pub case: Option<Found>,
}

static INSERT: Sql = sql!(
    "INSERT INTO matter (tenant_id, id, number, state, origin, title, what, salt, place_id, place_path, opened_at, opened_by, version)
    VALUES (:tenant, :id, :number, 'open', :origin, :title, :what, :salt, :place, :path, :now, :actor, 1)"
);

impl Command for Open {
    const KIND: &'static str = "matter.open";
    type Out = i64;

    async fn run(&self, tx: &mut Write<'_>) -> Result<i64> {
        let Open { origin, title, what, place, case, .. } = self;
        let id: MatterId = tx.new_id();
        if let Some(case) = case {
            join(tx, case, id).await?;
        }
        let salt = tx.salt();
        let (place_id, path) = place.clone().unzip();
        let number = tx.next_number("matter").await?;
        let values = args! {
            tenant: tx.tenant(), id: id, number: number, origin: origin, title: title, what: what, salt: salt, place: place_id,
            path: path.unwrap_or_default(), now: tx.now(), actor: tx.actor(),
        };
        tx.exec(&INSERT, values).await?;
        let words = hash(&salt, &words_of(title, what));
        tx.fact(MatterOpened { matter: id, number, origin: origin.to_string(), place: place_id, words })?;
        Ok(number)
    }
}

static TOUCH: Sql = sql!("UPDATE matter SET version = version + 1 WHERE tenant_id = :tenant AND id = :matter AND ended_at IS NULL");

/// Makes a case part of an open matter; of one at a time. Errors: `matter.ended`, `case.stale`, `case.wrong_stage`.
pub struct Join {
    pub by: Permit<HandleMatter>,
    pub matter: Matter,
    pub case: Found,
}

static JOIN: Sql = sql!(
    "UPDATE cases SET matter_id = :matter, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

static STILL_OPEN: Sql = sql!("SELECT number FROM matter WHERE tenant_id = :tenant AND id = :matter AND ended_at IS NULL");

/// Errors: `case.wrong_stage`, `case.stale`, `matter.in_another`.
async fn join(tx: &mut Write<'_>, case: &Found, matter: MatterId) -> Result<()> {
    case.stage.after(Step::PartOfMatter).ok_or(WRONG_STAGE)?;
    if let Some(other) = case.matter_id.filter(|other| *other != matter) {
        let open = tx.opt::<(i64,)>(&STILL_OPEN, args! { tenant: tx.tenant(), matter: other }).await?;
        ensure(open.is_none(), IN_ANOTHER)?;
    }
    let values = args! { tenant: tx.tenant(), case: case.id, version: case.version, matter: matter };
    tx.change_one(&JOIN, values).await?.or(CASE_STALE)?;
    tx.fact(CaseInMatter { case: case.id, place: case.place_id, unit: case.unit_id, matter })
}

impl Command for Join {
    const KIND: &'static str = "matter.join";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        tx.change_one(&TOUCH, args! { tenant: tx.tenant(), matter: self.matter.id }).await?.or(ENDED)?;
        join(tx, &self.case, self.matter.id).await
    }
}

/// Says what was done or found, and may put the matter before the council.
///
/// Errors: `matter.ended`, `matter.stale`.
pub struct Note {
    pub by: Permit<HandleMatter>,
    pub matter: Matter,
    pub words: String,
    pub to_council: bool,
}

static TO_COUNCIL: Sql = sql!(
    "UPDATE matter SET state = 'council', version = version + 1
    WHERE tenant_id = :tenant AND id = :matter AND version = :version AND ended_at IS NULL"
);

impl Command for Note {
    const KIND: &'static str = "matter.note";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Note { matter, words, to_council, .. } = self;
        ensure(matter.ended_at.is_none(), ENDED)?;
        if *to_council {
            let values = args! { tenant: tx.tenant(), matter: matter.id, version: matter.version };
            tx.change_one(&TO_COUNCIL, values).await?.or(STALE)?;
            let words = keep(tx, matter.id, words);
            return tx.fact(MatterToCouncil { matter: matter.id, words });
        }
        // Two who note something at once both are heard.
        tx.change_one(&TOUCH, args! { tenant: tx.tenant(), matter: matter.id }).await?.or(ENDED)?;
        let words = keep(tx, matter.id, words);
        tx.fact(MatterNoted { matter: matter.id, words })
    }
}

/// Ends a matter: settled, or dropped with the reason. Its cases go their own way. Errors: `matter.ended`, `matter.stale`.
pub struct End {
    pub by: Permit<HandleMatter>,
    pub matter: Matter,
    pub settled: bool,
    pub words: String,
}

static END: Sql = sql!(
    "UPDATE matter SET state = :state, ended_at = :now, version = version + 1
    WHERE tenant_id = :tenant AND id = :matter AND version = :version AND ended_at IS NULL"
);

impl Command for End {
    const KIND: &'static str = "matter.end";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let End { matter, settled, words, .. } = self;
        ensure(matter.ended_at.is_none(), ENDED)?;
        let state = if *settled { MatterState::Settled } else { MatterState::Dropped };
        let values = args! { tenant: tx.tenant(), matter: matter.id, version: matter.version, state: state, now: tx.now() };
        tx.change_one(&END, values).await?.or(STALE)?;
        let words = keep(tx, matter.id, words);
        tx.fact(MatterEnded { matter: matter.id, state: state.to_string(), words })
    }
}
