//! Cases of a register kept elsewhere (台账), brought in as a sheet: what its lines mean here, and how an import is taken back.

use crate::days::{Counting, Tally};
use crate::facts::CaseImportUndone;
use crate::importing::{Foreign, ImportCases, take_one};
use crate::office::Office;
use crate::steps::{Source, Stage};
use access::http::Desk;
use access::{Actor, Permit};
use contracts::CaseId;
use jiff::tz::TimeZone;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{Code, Error, Instant, Result, TenantId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::LazyLock;
use store::{Pass, Query, Sql, Store, Write, args, sql};
use territory::Directory;
use territory::category::CategoryCode;
use territory::imports::applying::{Apply, CHANGED_SINCE, Change, Log, Undo, Work, Writes};
use territory::imports::reading::{Reader, Received, word_of};
use territory::imports::{About, Becomes, BoxFuture, Column, Fresh, Kind, MISSING, NOT_A_DAY, Planned, Problem, TWICE};
use territory::matching::{self, Categories, Category, Named, Units, listed};
use territory::received::{SheetId, SheetKind};
use territory::sheets::workbook::{Cell as SheetCell, Column as SheetColumn, Sheet};
use territory::sheets::{self, Titles};

pub(crate) const PLACE: [Code; 3] =
    [Code::invalid("table_sheet.unknown_place"), Code::invalid("table_sheet.near_place"), Code::invalid("table_sheet.several_places")];
const UNIT: [Code; 3] =
    [Code::invalid("table_sheet.unknown_unit"), Code::invalid("table_sheet.near_unit"), Code::invalid("table_sheet.several_units")];
const UNKNOWN_CATEGORY: Code = Code::invalid("table_sheet.unknown_category");
const NEAR_CATEGORY: Code = Code::invalid("table_sheet.near_category");
const SEVERAL_CATEGORIES: Code = Code::invalid("table_sheet.several_categories");
/// A class, or any category, is none that a case can be filed under.
const NO_ITEM: Code = Code::invalid("import_line.no_item");
/// Found later than now.
const FUTURE: Code = Code::invalid("import_line.future");
/// Due or closed before it was found.
const BEFORE_FOUND: Code = Code::invalid("import_line.before_found");
/// The line says that it is closed and not when, or the other way round.
const STAGE: Code = Code::invalid("import_line.stage");

static TITLES: LazyLock<Titles> = LazyLock::new(|| Titles::read(include_str!("../data/import_cases.csv")));

static ABOUT: About = About {
    kind: SheetKind::Cases,
    name: "imports-cases",
    help: "imports-cases-help",
    columns: &[
        Column::new("number", "import-column-number", 18).needed(),
        Column::new("category", "import-column-category", 20).chosen_from("table-names-categories"),
        Column::new("place", "import-column-place", 30).needed().chosen_from("table-names-places"),
        Column::new("where_words", "import-column-where", 26),
        Column::new("what", "import-column-what", 40),
        Column::new("unit", "import-column-unit", 28).chosen_from("table-names-units"),
        Column::new("found_on", "import-column-found-on", 18).needed(),
        Column::new("due", "import-column-due", 18),
        Column::new("stage", "import-column-stage", 12),
        Column::new("closed_on", "import-column-closed-on", 18),
    ],
    titles: &TITLES,
    wanted: &[&["number", "place", "found_on"]],
    helps: &["import-help-number", "import-help-times", "import-help-stage", "import-help-case-unit", "import-help-case-undo"],
    batch: 200,
};

/// Where a case of the register stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    Open,
    Closed,
}

impl std::fmt::Display for Stands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Stands::Open => "open",
            Stands::Closed => "closed",
        })
    }
}

/// A case as it is written; [`Foreign`] without what is looked up again.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    number: String,
    what: String,
    where_words: String,
    place: PlaceId,
    place_path: String,
    community: Option<PlaceId>,
    unit: Option<OrganisationId>,
    category: Option<Uuid>,
    reported_at: Instant,
    due: Option<Instant>,
    closed_at: Option<Instant>,
    zone: String,
}

/// The most numbers that are asked for at once.
const ASKED: usize = 200;

fn known_query(tenant: TenantId, source: Source, numbers: &[String]) -> Query {
    let list = (0..numbers.len()).map(|n| format!(":n{n}")).collect::<Vec<_>>().join(", ");
    let query = Query::from("SELECT outside_number, number FROM cases WHERE tenant_id = :tenant").bind("tenant", tenant);
    let query = query.and("source = :source AND outside_number IS NOT NULL").bind("source", source);
    let mut query = query.and(&format!("outside_number IN ({list})"));
    for (name, number) in NAMES.iter().copied().zip(numbers) {
        query = query.bind(name, number.clone());
    }
    query
}

/// The names of the parameters: each must live as long as the program.
static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| (0..ASKED).map(|n| &*Box::leak(format!("n{n}").into_boxed_str())).collect());

store::shapes!("import known numbers", || vec![
    known_query(TenantId(1), Source::Import, &["a".to_owned()]),
    known_query(TenantId(1), Source::Import, &["a".to_owned(), "b".to_owned()]),
]);

/// Those of these numbers of a source that cases have already, and the cases' own.
pub(crate) async fn known(store: &Store, tenant: TenantId, source: Source, numbers: &[String]) -> Result<HashMap<String, i64>> {
    let mut found = HashMap::new();
    for part in numbers.chunks(ASKED) {
        found.extend(store.query::<(String, i64)>(known_query(tenant, source, part)).await?);
    }
    Ok(found)
}

/// A day, with a time behind it or else this one; `202601050905` and the number by which spreadsheets count days (46027.38) too.
pub(crate) fn moment(text: &str, zone: &TimeZone, otherwise: (i8, i8)) -> Option<Instant> {
    // Hours and minutes in characters are hours and minutes.
    let sign = |c: char| match c {
        '\u{65f6}' | '\u{70b9}' => ':',
        '\u{5206}' | '\u{79d2}' => ' ',
        c => c,
    };
    let text: String = sheets::narrow(text).chars().map(sign).collect();
    let text = text.trim();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (day, (hour, minute)) = if matches!(text.len(), 12 | 14) && digits(text) {
        (sheets::day(&text[..8])?, (text[8..10].parse().ok()?, text[10..12].parse().ok()?))
    } else if let Some((whole, part)) = text.split_once('.').filter(|(whole, part)| whole.len() == 5 && digits(whole) && digits(part)) {
        let part = &part[..part.len().min(9)];
        let scale = 10_u64.pow(u32::try_from(part.len()).ok()?);
        let minutes = ((part.parse::<u64>().ok()? * 1440 + scale / 2) / scale).min(1439);
        (sheets::day(whole)?, (i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?))
    } else {
        let time = text.split(|c: char| !(c.is_ascii_digit() || c == ':')).find(|part| part.contains(':'));
        let time = match time {
            None => otherwise,
            Some(time) => {
                let mut parts = time.split(':');
                let hour = parts.next()?.parse().ok()?;
                (hour, parts.next().filter(|minute| !minute.is_empty()).map_or(Ok(0), str::parse).ok()?)
            }
        };
        (sheets::day(text)?, time)
    };
    let local = day.at(0, 0, 0, 0).with().hour(hour).minute(minute).build().ok()?;
    Some(Instant::from_timestamp(local.to_zoned_datetime(zone.clone()).ok()?.timestamp()))
}

pub(crate) fn title(key: &str) -> String {
    web::Words::of(web::Lang::Chinese).t(key).into_owned()
}

/// A moment in a cell; a word of the line where it cannot be read.
pub(crate) fn at(reader: &mut Reader<'_>, column: &str, key: &str, zone: &TimeZone, otherwise: (i8, i8)) -> Option<Instant> {
    let text = reader.text(column);
    if text.is_empty() {
        return None;
    }
    let found = moment(text, zone, otherwise);
    if found.is_none() {
        reader.say(Problem::new(NOT_A_DAY, &[("column", title(key)), ("text", text.to_owned())]));
    }
    found
}

struct Ground<'a> {
    directory: &'a Directory,
    places: matching::Places,
    units: Units<'a>,
    categories: Categories<'a>,
    zone: TimeZone,
    now: Instant,
}

impl Ground<'_> {
    fn category(&self, reader: &mut Reader<'_>) -> Option<Uuid> {
        let text = reader.text("category");
        if text.is_empty() {
            return None;
        }
        let (code, names) = match self.categories.find(Named { category: text, ..Named::default() }) {
            Category::About(about) => {
                let code = CategoryCode::parse(&about.text());
                if let Some(version) = code.and_then(|code| self.directory.category_in_force(&code)) {
                    return Some(version.id.0);
                }
                (NO_ITEM, Vec::new())
            }
            Category::Several(names) => (SEVERAL_CATEGORIES, names),
            Category::Unknown(names) if !names.is_empty() => (NEAR_CATEGORY, names),
            Category::Unknown(_) | Category::Missing | Category::Other => (UNKNOWN_CATEGORY, Vec::new()),
        };
        let args: Vec<(String, String)> = listed(&names).into_iter().collect();
        reader.say(Problem::new(code, &args.iter().map(|(name, value)| (name.as_str(), value.clone())).collect::<Vec<_>>()));
        None
    }

    fn row(&self, reader: &mut Reader<'_>, number: String) -> Option<Row> {
        let category = self.category(reader);
        let place = reader.needed("place", &title("import-column-place")).map(|text| self.places.find(text));
        let place = place.and_then(|found| reader.one(found, PLACE)).and_then(|id| self.directory.place(id));
        let unit = Some(reader.text("unit")).filter(|text| !text.is_empty()).map(|text| self.units.find(text));
        let unit = unit.and_then(|found| reader.one(found, UNIT));
        let _given = reader.needed("found_on", &title("import-column-found-on"));
        let found = at(reader, "found_on", "import-column-found-on", &self.zone, (8, 30));
        let due = at(reader, "due", "import-column-due", &self.zone, (17, 30));
        let closed = at(reader, "closed_on", "import-column-closed-on", &self.zone, (17, 30));
        let stands = word_of(reader.text("stage"), "import-stage-", &[Stands::Open, Stands::Closed]);
        let unread = stands.is_none() && !reader.text("stage").is_empty();
        let otherwise = stands.is_some_and(|stands| (stands == Stands::Closed) != closed.is_some());
        if unread || otherwise {
            reader.say(Problem::new(STAGE, &[("text", reader.text("stage").to_owned())]));
        }
        if closed.is_none() && unit.is_none() && reader.text("unit").is_empty() {
            reader.say(Problem::new(MISSING, &[("column", title("import-column-unit"))]));
        }
        let found = found?;
        if found > self.now {
            reader.say(Problem::new(FUTURE, &[]));
        }
        if [due, closed].into_iter().flatten().any(|at| at < found) {
            reader.say(Problem::new(BEFORE_FOUND, &[]));
        }
        let words = |reader: &Reader<'_>, column: &str| reader.text(column).chars().take(crate::wording::MAX_WORDS).collect::<String>();
        let place = place?;
        Some(Row {
            number,
            what: words(reader, "what"),
            where_words: words(reader, "where_words"),
            place: place.id,
            place_path: place.path.clone(),
            community: place.community_id,
            unit,
            category,
            reported_at: found,
            due,
            closed_at: closed,
            zone: self.zone.iana_name().unwrap_or("UTC").to_owned(),
        })
    }
}

/// The names of places, units and categories, as the columns of a blank table are chosen from them.
pub(crate) async fn names(desk: &Desk) -> Result<Vec<Sheet>> {
    let w = desk.page("imports-title").w;
    let office = Office::of(desk).await?;
    let names = territory::table::ground(&desk.app.store, desk.actor.tenant).await?;
    let places = matching::Places::new(&names.places, &names.former);
    let sheet = |key: &str, rows| Sheet { name: w.t(key).into_owned(), columns: vec![SheetColumn::new(w.t(key), 40)], rows };
    let written = names.places.iter().filter_map(|place| Some(vec![SheetCell::text(places.written(place.id)?)]));
    Ok(vec![
        sheet("table-names-places", written.collect()),
        sheet("table-names-units", office.directory.organisations().map(|unit| vec![SheetCell::text(&unit.name)]).collect()),
        sheet("table-names-categories", office.directory.categories().map(|one| vec![SheetCell::text(&one.name)]).collect()),
    ])
}

/// Cases of a register.
pub struct Cases;

impl Kind for Cases {
    fn about(&self) -> &'static About {
        &ABOUT
    }
    fn may(&self, actor: &Actor) -> bool {
        actor.can::<ImportCases>(&actor.tenant)
    }

    fn plan<'a>(&'a self, desk: &'a Desk, received: &'a Received) -> BoxFuture<'a, Result<Vec<Planned>>> {
        Box::pin(async move {
            let office = Office::of(desk).await?;
            let (store, tenant) = (&desk.app.store, desk.actor.tenant);
            let names = territory::table::ground(store, tenant).await?;
            let directory = &office.directory;
            let ground = Ground {
                places: matching::Places::new(&names.places, &names.former),
                units: Units::new(directory.all_organisations()),
                categories: Categories::new(directory.categories()),
                directory,
                zone: office.hours.zone().clone(),
                now: desk.app.world.now(),
            };
            let numbers: Vec<String> =
                received.lines.iter().map(|line| line.get("number").to_owned()).filter(|number| !number.is_empty()).collect();
            let known = known(store, tenant, Source::Import, &numbers).await?;
            let mut seen: HashMap<String, u64> = HashMap::new();
            let mut plan = Vec::with_capacity(received.lines.len());
            for line in &received.lines {
                let mut reader = Reader::new(line);
                let number = reader.needed("number", &title("import-column-number")).unwrap_or("").to_owned();
                if known.contains_key(&number) {
                    plan.push(Planned::same(line.line));
                    continue;
                }
                if let Some(before) = seen.insert(number.clone(), line.line).filter(|_| !number.is_empty()) {
                    reader.say(Problem::new(TWICE, &[("line", before.to_string())]));
                }
                if number.chars().count() > crate::case_steps::MAX_NUMBER {
                    reader.say(Problem::new(crate::case_steps::WORDS_TOO_LONG, &[("max", crate::case_steps::MAX_NUMBER.to_string())]));
                }
                let row = ground.row(&mut reader, number);
                plan.push(match row {
                    Some(row) if reader.wrong.is_empty() => Planned::writes(line.line, Becomes::New, &row)?,
                    _ => Planned::wrong(line.line, reader.wrong),
                });
            }
            Ok(plan)
        })
    }

    fn names<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, Result<Vec<Sheet>>> {
        Box::pin(names(desk))
    }

    fn apply<'a>(&'a self, desk: &'a Desk, pass: Pass, work: Work) -> BoxFuture<'a, Result<Vec<Fresh>>> {
        Box::pin(async move {
            let by = desk.actor.permit::<ImportCases>(&desk.actor.tenant)?;
            desk.app.store.run(pass, Apply { by, work, writes: Cases }).await?;
            Ok(Vec::new())
        })
    }

    fn undo<'a>(&'a self, desk: &'a Desk, pass: Pass, sheet: SheetId) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let by = desk.actor.permit::<ImportCases>(&desk.actor.tenant)?;
            desk.app.store.run(pass, Undo { by, sheet, kind: SheetKind::Cases, writes: Cases }).await.map(drop)
        })
    }
}

// The number is free again, for the register when it is brought in mended.
static TAKE_BACK: Sql = sql!(
    "UPDATE cases SET stage = 'void', open = FALSE, apart = 'void', outside_number = NULL, ended_at = :now, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version
    RETURNING place_id, unit_id, community_id, category_id, reported_at, rectified_at, unit_due, late"
);

store::row! {
    struct Taken {
        place_id: Option<PlaceId>,
        unit_id: Option<OrganisationId>,
        community_id: Option<PlaceId>,
        category_id: Option<Uuid>,
        reported_at: Instant,
        rectified_at: Option<Instant>,
        unit_due: Option<Instant>,
        late: bool,
    }
}

static ZONE: Sql = sql!("SELECT zone FROM tenant WHERE id = :tenant");

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

impl Writes for Cases {
    type Verb = ImportCases;
    /// A step since has raised the case's version, and is seen by that.
    const HELD_BY_FACTS: bool = false;

    fn write<'a>(
        &'a self,
        _by: &'a Permit<ImportCases>,
        tx: &'a mut Write<'_>,
        line: &'a Planned,
        log: &'a mut Log,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let row: Row = serde_json::from_value(line.row.clone()).map_err(Error::internal)?;
            let zone = zone(&row.zone);
            let foreign = Foreign {
                outside_number: row.number.clone(),
                what: row.what,
                where_words: row.where_words,
                place: Some(row.place),
                place_path: row.place_path,
                community: row.community,
                unit: row.unit,
                category: row.category,
                point: None,
                cell: None,
                reported_at: row.reported_at,
                due: row.due,
                closed_at: row.closed_at,
            };
            let mut tally = Tally::default();
            if let Some(id) = take_one(tx, &foreign, &mut tally, &zone).await? {
                log.created(line.line, id.0, &row.number, 1);
            }
            tally.write(tx);
            Ok(())
        })
    }

    fn take_back<'a>(&'a self, _by: &'a Permit<ImportCases>, tx: &'a mut Write<'_>, change: &'a Change) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let (tenant, case, now) = (tx.tenant(), CaseId(change.subject), tx.now());
            let args = args! { tenant: tenant, case: case, version: change.version, now: now };
            let taken = tx.opt::<Taken>(&TAKE_BACK, args).await?.ok_or_else(|| CHANGED_SINCE.err().arg("name", &change.label))?;
            let (zone_name,) = tx.one::<(String,)>(&ZONE, args! { tenant: tenant }).await?;
            let zone = zone(&zone_name);
            let case_before = Counting {
                community_id: taken.community_id,
                unit_id: taken.unit_id,
                category_id: taken.category_id,
                dispatched_at: Some(taken.reported_at),
                stage: if taken.rectified_at.is_some() { Stage::Closed } else { Stage::Dispatched },
                first_due: taken.unit_due,
                late: taken.late,
                ..Counting::found(case, Source::Import, &zone, taken.reported_at)
            };
            let mut tally = Tally::default();
            tally.leaves(&zone, &case_before);
            tally.write(tx);
            tx.fact(CaseImportUndone { case, place: taken.place_id, unit: taken.unit_id })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_day_with_or_without_a_time() {
        let zone = TimeZone::UTC;
        let shown = |text: &str| moment(text, &zone, (17, 30)).map(|at| at.to_timestamp().to_string());
        for (text, at) in [
            ("2026-01-05", "2026-01-05T17:30:00Z"),
            ("2026年1月5日 9:05", "2026-01-05T09:05:00Z"),
            ("2026/1/5 23：59：00", "2026-01-05T23:59:00Z"),
            ("46027", "2026-01-05T17:30:00Z"),
            ("46027.378472", "2026-01-05T09:05:00Z"),
            ("46027.0", "2026-01-05T00:00:00Z"),
            ("２０２６－０１－０５ ０９：０５", "2026-01-05T09:05:00Z"),
            ("2026年1月5日9时5分", "2026-01-05T09:05:00Z"),
            ("2026年1月5日9时", "2026-01-05T09:00:00Z"),
            ("20260105090500", "2026-01-05T09:05:00Z"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(at), "{text}");
        }
        for bad in ["", "soon", "2026-13-05", "2026-01-05 25:00", "20260105250000", "1.5"] {
            assert_eq!(shown(bad), None, "{bad}");
        }
    }
}
