//! Orders of the hotline and of the district's platform, brought in as the sheet that these hand out: each line becomes a reported
//! case with its order, as the report page makes it.

use crate::clocks::Hours;
use crate::days::{Counting, Tally, counting};
use crate::facts::CaseImportUndone;
use crate::import_kind::{self, PLACE, at, title};
use crate::office::Office;
use crate::order_shape::{self, Given, kind_of};
use crate::outside::{Limits, NewOrder};
use crate::report_page::{MAX_NAME, PHONE, WHAT_NEEDED, is_phone, responsible};
use crate::reporting::{self, Finding, OUTSIDE_KNOWN, Spot, Under, enter};
use crate::steps::{Source, Stage, Step};
use crate::verbs::HandleCase;
use crate::{case_steps, wording};
use access::http::Desk;
use access::personal::{self, Kind as _, Masked};
use access::{Actor, Permit};
use contracts::CaseId;
use kernel::ids::OrganisationId;
use kernel::{Code, Error, Instant, Result};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use store::{Pass, Sql, Write, args, sql};
use territory::PlaceInfo;
use territory::category::{CategoryCode, CategoryVersion};
use territory::imports::applying::{Apply, CHANGED_SINCE, Change, Log, Undo, Work, Writes};
use territory::imports::reading::{Reader, Received, word_of};
use territory::imports::{About, Becomes, BoxFuture, Column, Fresh, Kind, Planned, Problem, TWICE};
use territory::matching::{self, Categories, Category, Found, Named};
use territory::received::{SheetId, SheetKind};
use territory::sheets::workbook::Sheet;
use territory::sheets::{self, Titles};

/// No place is said, and the address names none.
const NO_PLACE: Code = Code::invalid("order_line.no_place");
/// Handed to us later than now.
const FUTURE: Code = Code::invalid("order_line.future");
/// A deadline before it was handed to us.
const BEFORE_RECEIVED: Code = Code::invalid("order_line.before_received");
/// Good to know: which place was meant.
const PLACE_TAKEN: Code = Code::invalid("order_line.place_taken");
/// Good to know: their category is none of ours.
const CATEGORY_OPEN: Code = Code::invalid("order_line.category_open");
/// Good to know: nobody can be called.
const NO_PHONE: Code = Code::invalid("order_line.no_phone");

static TITLES: LazyLock<Titles> = LazyLock::new(|| order_shape::Columns::sample().titles());

const COLUMNS: &[Column] = &[
    Column::new("number", "order-column-number", 20).needed(),
    Column::new("received", "order-column-received", 18),
    Column::new("what", "order-column-what", 48),
    Column::new("where_words", "order-column-where_words", 32),
    Column::new("place", "order-column-place", 24).chosen_from("table-names-places"),
    Column::new("category", "order-column-category", 20).chosen_from("table-names-categories"),
    Column::new("category_code", "order-column-category_code", 14),
    Column::new("caller", "order-column-caller", 12).masked(personal::PersonName::mask),
    Column::new("phone", "order-column-phone", 16).masked(personal::Phone::mask),
    Column::new("sign_due", "order-column-sign_due", 18),
    Column::new("call_due", "order-column-call_due", 18),
    Column::new("answer_due", "order-column-answer_due", 18),
    Column::new("source", "order-column-source", 14),
];
const WANTED: &[&[&str]] = &[&["number", "what"], &["number", "received"], &["number", "category"]];
const HELPS: &[&str] = &["order-help-number", "order-help-times", "order-help-place", "order-help-category", "order-help-undo"];

static HOTLINE: About = About {
    kind: SheetKind::HotlineOrders,
    name: "imports-hotline_orders",
    help: "imports-hotline_orders-help",
    columns: COLUMNS,
    titles: &TITLES,
    wanted: WANTED,
    helps: HELPS,
    batch: 200,
};
static PLATFORM: About = About {
    kind: SheetKind::PlatformOrders,
    name: "imports-platform_orders",
    help: "imports-platform_orders-help",
    columns: COLUMNS,
    titles: &TITLES,
    wanted: WANTED,
    helps: HELPS,
    batch: 200,
};

/// An order as it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    source: Source,
    number: String,
    what: String,
    where_words: String,
    spot: Spot,
    under: Option<Under>,
    unit: Option<OrganisationId>,
    unit_reason: Option<String>,
    received_at: Option<Instant>,
    sign_due: Option<Instant>,
    call_due: Option<Instant>,
    answer_due: Option<Instant>,
    caller: Option<String>,
    phone: Option<String>,
}

struct Ground<'a> {
    office: &'a Office,
    places: matching::Places,
    categories: Categories<'a>,
    now: Instant,
    /// Whose sheet it is.
    source: Source,
}

impl Ground<'_> {
    /// Whose order it is: a sheet may hold those of both. Other words there say how somebody called.
    fn source(&self, text: &str) -> Source {
        if sheets::fold(text).contains("12345") {
            return Source::Hotline;
        }
        word_of(text, "source-", &order_shape::SOURCES).unwrap_or(self.source)
    }

    /// Where it is: the place that is said, or the one within it that the address names.
    fn place(&self, reader: &mut Reader<'_>, notes: &mut Vec<Problem>) -> Option<&PlaceInfo> {
        let (said, address) = (reader.text("place"), reader.text("where_words"));
        let found = if said.is_empty() { Found::Unknown(Vec::new()) } else { self.places.find(said) };
        let id = match found {
            Found::One(id) => match self.places.named_in(address, Some(id)) {
                Some(within) => {
                    notes.push(self.taken(within));
                    within
                }
                None => id,
            },
            found => match self.places.named_in(&format!("{said} {address}"), None) {
                Some(id) => {
                    notes.push(self.taken(id));
                    id
                }
                None if said.is_empty() => {
                    reader.say(Problem::new(NO_PLACE, &[]));
                    return None;
                }
                None => reader.one(found, PLACE)?,
            },
        };
        self.office.directory.place(id)
    }

    fn taken(&self, id: kernel::ids::PlaceId) -> Problem {
        Problem::new(PLACE_TAKEN, &[("name", self.places.written(id).unwrap_or_default())])
    }

    /// What it is about here; their own words for it are told, and wait for whoever files it.
    fn category(&self, reader: &Reader<'_>, notes: &mut Vec<Problem>) -> Option<&CategoryVersion> {
        let (code, category) = (reader.text("category_code"), reader.text("category"));
        let about = match self.categories.find(Named { code, category, ..Named::default() }) {
            Category::Missing => return None,
            Category::About(about) => CategoryCode::parse(&about.text()),
            _ => None,
        };
        let found = about.and_then(|code| self.office.directory.category_in_force(&code));
        if found.is_none() {
            let said = if category.is_empty() { code } else { category };
            notes.push(Problem::new(CATEGORY_OPEN, &[("text", said.to_owned())]));
        }
        found
    }

    fn phone(&self, reader: &mut Reader<'_>, notes: &mut Vec<Problem>) -> Option<String> {
        let text: String = sheets::narrow(reader.text("phone")).chars().filter(|c| !c.is_whitespace()).collect();
        if text.is_empty() || is_phone(&text) {
            return Some(text).filter(|text| !text.is_empty());
        }
        // Handed out masked, or kept secret at the caller's wish.
        if text.contains('*') || !text.contains(|c: char| c.is_ascii_digit()) {
            notes.push(Problem::new(NO_PHONE, &[]));
        } else {
            reader.say(Problem::new(PHONE, &[]).at(&title("order-column-phone")));
        }
        None
    }

    fn row(&self, reader: &mut Reader<'_>, source: Source, number: String, notes: &mut Vec<Problem>) -> Result<Option<Row>> {
        let place = self.place(reader, notes);
        let category = self.category(reader, notes);
        let phone = self.phone(reader, notes);
        let zone = self.office.hours.zone();
        let received_at = at(reader, "received", "order-column-received", zone, (8, 30));
        let mut due = |column: Given| at(reader, column.as_str(), &format!("order-column-{column}"), zone, (17, 30));
        let (sign_due, call_due, answer_due) = (due(Given::SignDue), due(Given::CallDue), due(Given::AnswerDue));
        if received_at.is_some_and(|at| at > self.now) {
            reader.say(Problem::new(FUTURE, &[]));
        }
        if received_at.is_some_and(|received| [sign_due, call_due, answer_due].into_iter().flatten().any(|due| due < received)) {
            reader.say(Problem::new(BEFORE_RECEIVED, &[]));
        }
        let mut text = |column: Given, most: usize| {
            let text = reader.text(column.as_str()).trim();
            if text.chars().count() > most {
                let long = Problem::new(case_steps::WORDS_TOO_LONG, &[("max", most.to_string())]);
                reader.say(long.at(&title(&format!("order-column-{column}"))));
            }
            text.to_owned()
        };
        let (what, where_words) = (text(Given::What, wording::MAX_WORDS), text(Given::Where, wording::MAX_WORDS));
        let caller = text(Given::Caller, MAX_NAME);
        if what.is_empty() && category.is_none() {
            reader.say(Problem::new(WHAT_NEEDED, &[]));
        }
        let Some(place) = place.filter(|_| reader.wrong.is_empty()) else { return Ok(None) };
        let (unit, unit_reason) = responsible(&self.office.directory, self.now, place.id, category.map(|category| category.id.0))?;
        Ok(Some(Row {
            source,
            number,
            what,
            where_words,
            spot: Spot {
                place: place.id,
                path: place.path.clone(),
                community: place.community_id,
                compound: place.compound_id,
                point: None,
                cell: None,
            },
            under: category.map(|category| Under::of(category).within(self.office.orders.of_unit(source))),
            unit,
            unit_reason,
            received_at,
            sign_due,
            call_due,
            answer_due,
            caller: Some(caller).filter(|caller| !caller.is_empty()),
            phone,
        }))
    }
}

/// Orders as a source's sheet holds them.
pub struct Orders(pub Source);

impl Kind for Orders {
    fn about(&self) -> &'static About {
        if self.0 == Source::DistrictPlatform { &PLATFORM } else { &HOTLINE }
    }
    fn may(&self, actor: &Actor) -> bool {
        actor.can::<HandleCase>(&actor.tenant)
    }
    fn has(&self, desk: &Desk) -> Result<bool> {
        crate::office::has(&desk.tenant.settings, Step::SignOrder)
    }
    fn titles(&self, desk: &Desk) -> Result<Cow<'static, Titles>> {
        Ok(Cow::Owned(order_shape::columns(&desk.tenant.settings, self.0)?.titles()))
    }
    fn says_titles(&self) -> Option<&'static str> {
        Some(if self.0 == Source::DistrictPlatform { "/orders/columns/district_platform" } else { "/orders/columns/hotline" })
    }
    fn beside(&self) -> &'static [SheetKind] {
        &[SheetKind::HotlineOrders, SheetKind::PlatformOrders]
    }

    fn plan<'a>(&'a self, desk: &'a Desk, received: &'a Received) -> BoxFuture<'a, Result<Vec<Planned>>> {
        Box::pin(async move {
            let office = Office::of(desk).await?;
            let (store, tenant) = (&desk.app.store, desk.actor.tenant);
            let names = territory::table::ground(store, tenant).await?;
            let ground = Ground {
                places: matching::Places::new(&names.places, &names.former),
                categories: Categories::new(office.directory.categories()),
                office: &office,
                now: desk.app.world.now(),
                source: self.0,
            };
            let of = |line: &territory::imports::reading::Written| (ground.source(line.get("source")), sheets::narrow(line.get("number")));
            let mut known: HashMap<Source, HashMap<String, i64>> = HashMap::new();
            for source in order_shape::SOURCES {
                let numbers = received.lines.iter().map(of).filter(|(theirs, number)| *theirs == source && !number.is_empty());
                let numbers: Vec<String> = numbers.map(|(_, number)| number).collect();
                known.insert(source, import_kind::known(store, tenant, source, &numbers).await?);
            }
            let mut seen: HashMap<(Source, String), u64> = HashMap::new();
            let mut plan = Vec::with_capacity(received.lines.len());
            for line in &received.lines {
                let (mut reader, mut notes) = (Reader::new(line), Vec::new());
                let (source, number) = of(line);
                let _given = reader.needed("number", &title("order-column-number"));
                if let Some(case) = known.get(&source).and_then(|known| known.get(&number)) {
                    plan.push(Planned::known(line.line, Problem::new(OUTSIDE_KNOWN, &[("number", case.to_string())])));
                    continue;
                }
                if let Some(before) = seen.insert((source, number.clone()), line.line).filter(|_| !number.is_empty()) {
                    reader.say(Problem::new(TWICE, &[("line", before.to_string())]));
                }
                if number.chars().count() > case_steps::MAX_NUMBER {
                    let long = Problem::new(case_steps::WORDS_TOO_LONG, &[("max", case_steps::MAX_NUMBER.to_string())]);
                    reader.say(long.at(&title("order-column-number")));
                }
                plan.push(match ground.row(&mut reader, source, number, &mut notes)? {
                    Some(row) if reader.wrong.is_empty() => Planned::writes(line.line, Becomes::New, &row)?.saying(notes),
                    _ => Planned::wrong(line.line, reader.wrong),
                });
            }
            Ok(plan)
        })
    }

    fn names<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, Result<Vec<Sheet>>> {
        Box::pin(import_kind::names(desk))
    }

    fn apply<'a>(&'a self, desk: &'a Desk, pass: Pass, work: Work) -> BoxFuture<'a, Result<Vec<Fresh>>> {
        Box::pin(async move {
            let by = desk.actor.permit::<HandleCase>(&desk.actor.tenant)?;
            desk.app.store.run(pass, Apply { by, work, writes: Entering::of(desk).await? }).await?;
            Ok(Vec::new())
        })
    }

    fn undo<'a>(&'a self, desk: &'a Desk, pass: Pass, sheet: SheetId) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let by = desk.actor.permit::<HandleCase>(&desk.actor.tenant)?;
            let undo = Undo { by, sheet, kind: kind_of(self.0), writes: Entering::of(desk).await? };
            desk.app.store.run(pass, undo).await.map(drop)
        })
    }
}

// The number is free again, for the sheet when it is brought in mended.
static TAKE_BACK: Sql = sql!(concat!(
    "UPDATE cases SET stage = 'void', open = FALSE, apart = 'void', outside_number = NULL, outside_due = NULL, ended_at = :now,
        version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version AND stage = 'reported'
    RETURNING ",
    counting!()
));
static PLACE_OF: Sql = sql!("SELECT place_id FROM cases WHERE tenant_id = :tenant AND id = :case");
// Notes are written beside the way, and raise no version.
static SAID: Sql = sql!("SELECT id FROM case_words WHERE tenant_id = :tenant AND case_id = :case ORDER BY id LIMIT 1");
static FORGET: Sql = sql!("DELETE FROM outside_order WHERE tenant_id = :tenant AND case_id = :case");

/// How orders are entered and taken back: by the tenant's calendar, and what its sources give.
pub struct Entering {
    hours: Arc<Hours>,
    limits: Limits,
}

impl Entering {
    async fn of(desk: &Desk) -> Result<Entering> {
        let office = Office::of(desk).await?;
        Ok(Entering { hours: office.hours, limits: office.orders })
    }
}

impl Writes for Entering {
    type Verb = HandleCase;
    /// A step since has raised the case's version, and is seen by that; what was said is looked for.
    const HELD_BY_FACTS: bool = false;

    fn write<'a>(
        &'a self,
        by: &'a Permit<HandleCase>,
        tx: &'a mut Write<'_>,
        line: &'a Planned,
        log: &'a mut Log,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let row: Row = serde_json::from_value(line.row.clone()).map_err(Error::internal)?;
            // Somebody entered it by hand since it was looked at.
            if reporting::known(tx, row.source, &row.number).await?.is_some() {
                return Ok(());
            }
            let order = NewOrder {
                received_at: row.received_at,
                sign_due: row.sign_due,
                call_due: row.call_due,
                answer_due: row.answer_due,
                caller: row.caller.map(Masked::new),
                caller_phone: row.phone.map(Masked::new),
            };
            let finding = Finding {
                source: row.source,
                what: row.what,
                where_words: row.where_words,
                spot: row.spot,
                under: row.under,
                unit: row.unit,
                unit_reason: row.unit_reason,
                set_due: None,
                circular: None,
                photos: Vec::new(),
                video: None,
                outside_number: Some(row.number.clone()),
                order: Some(order.clone()),
            };
            let now = tx.now();
            let clock = self.hours.file(now).unwrap_or_else(|_| Hours::none(now));
            let mut tally = Tally::default();
            let reported = enter(tx, &finding, by.actor.account, None, clock, &self.hours, &mut tally).await?;
            let limits = self.limits.for_source(row.source).unwrap_or_default();
            crate::outside::receive(tx, reported.case, &finding, &order, limits, &self.hours)?;
            tally.write(tx);
            log.created(line.line, reported.case.0, &row.number, 1);
            Ok(())
        })
    }

    fn take_back<'a>(&'a self, _by: &'a Permit<HandleCase>, tx: &'a mut Write<'_>, change: &'a Change) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let (tenant, case, now) = (tx.tenant(), CaseId(change.subject), tx.now());
            let changed = || CHANGED_SINCE.err().arg("name", &change.label);
            let args = args! { tenant: tenant, case: case, version: change.version, now: now };
            let taken = tx.opt::<Counting>(&TAKE_BACK, args).await?.ok_or_else(changed)?;
            if tx.opt::<(kernel::ids::Uuid,)>(&SAID, args! { tenant: tenant, case: case }).await?.is_some() {
                return Err(changed());
            }
            let before = Counting { stage: Stage::Reported, apart: None, ..taken };
            let mut tally = Tally::default();
            tally.leaves(self.hours.zone(), &before);
            tally.write(tx);
            // Who called is kept no longer than the order.
            tx.exec(&FORGET, args! { tenant: tenant, case: case }).await?;
            let (place,) = tx.one(&PLACE_OF, args! { tenant: tenant, case: case }).await?;
            tx.fact(CaseImportUndone { case, place, unit: before.unit_id })
        })
    }
}
