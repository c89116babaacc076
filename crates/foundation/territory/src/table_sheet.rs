//! A table of responsibilities from outside: its lines as they were read, and what each would change in the table here. Without I/O.

use crate::category::CategoryVersion;
use crate::matching::{Categories, Category, Found, Named, Places, Units, listed, meaning};
use crate::organisation::{Organisation, ResponsibilityId};
use crate::place::{Place, State};
use crate::responsibility::{Responsibility, in_force};
use crate::sheets::{self, Table, Titles};
use crate::table::About;
use jiff::civil::Date;
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Code, Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// No sheet of the file has the columns of a table of responsibilities.
pub const HEADING: Code = Code::invalid("table_sheet.heading");
const NO_CATEGORY: Code = Code::invalid("table_sheet.no_category");
const NO_PLACE: Code = Code::invalid("table_sheet.no_place");
const NO_UNIT: Code = Code::invalid("table_sheet.no_unit");
const CATEGORY_OTHER: Code = Code::invalid("table_sheet.category_other");
const UNKNOWN_CATEGORY: Code = Code::invalid("table_sheet.unknown_category");
const NEAR_CATEGORY: Code = Code::invalid("table_sheet.near_category");
const SEVERAL_CATEGORIES: Code = Code::invalid("table_sheet.several_categories");
const UNKNOWN_PLACE: Code = Code::invalid("table_sheet.unknown_place");
const NEAR_PLACE: Code = Code::invalid("table_sheet.near_place");
const SEVERAL_PLACES: Code = Code::invalid("table_sheet.several_places");
const UNKNOWN_UNIT: Code = Code::invalid("table_sheet.unknown_unit");
const NEAR_UNIT: Code = Code::invalid("table_sheet.near_unit");
const SEVERAL_UNITS: Code = Code::invalid("table_sheet.several_units");
const CLOSED_UNIT: Code = Code::invalid("table_sheet.closed_unit");
const BAD_FROM: Code = Code::invalid("table_sheet.bad_from");
const BAD_TO: Code = Code::invalid("table_sheet.bad_to");
const BACKWARDS: Code = Code::invalid("table_sheet.backwards");
const TWICE: Code = Code::invalid("table_sheet.twice");
const OVERLAPS: Code = Code::invalid("table_sheet.overlaps");
const ENDED: Code = Code::invalid("table_sheet.ended");

/// More lines than any street's table has.
pub const MAX_LINES: usize = 5_000;

static TITLES: LazyLock<Titles> = LazyLock::new(|| Titles::read(include_str!("../data/responsibility_titles.csv")));

/// A line as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub line: u64,
    pub code: String,
    pub kind: String,
    pub class: String,
    pub item: String,
    pub category: String,
    pub place: String,
    pub unit: String,
    pub from: String,
    pub to: String,
}

impl Written {
    /// The words for the category, one after another.
    pub fn category_words(&self) -> String {
        let parts = [&self.code, &self.kind, &self.class, &self.item, &self.category];
        parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
    }
}

/// A table that was read; the day of reading stands for a beginning that a line doesn't give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSheet {
    pub read_on: String,
    pub lines: Vec<Written>,
}

impl TableSheet {
    /// The lines of the first sheet that has the columns: place, unit, and one that names the category.
    ///
    /// Errors: `table_sheet.heading`, `import.too_many_lines`.
    pub fn of(tables: &[Table], read_on: Date) -> Result<TableSheet> {
        let wanted = [["place", "unit", "category"], ["place", "unit", "item"], ["place", "unit", "class"], ["place", "unit", "code"]];
        let fits = |table| {
            let found = wanted.iter().filter_map(|wanted| TITLES.heading(table, wanted));
            found.max_by_key(sheets::Heading::width)
        };
        let found = tables.iter().find_map(|table| Some((table, fits(table)?)));
        let Some((table, heading)) = found else { return Err(HEADING.into()) };
        let written = |line: sheets::Line<'_>| Written {
            line: line.number(),
            code: line.get("code").to_owned(),
            kind: line.get("kind").to_owned(),
            class: line.get("class").to_owned(),
            item: line.get("item").to_owned(),
            category: line.get("category").to_owned(),
            place: line.get("place").to_owned(),
            unit: line.get("unit").to_owned(),
            from: line.get("from").to_owned(),
            to: line.get("to").to_owned(),
        };
        let lines: Vec<Written> = TITLES.lines(table, &heading).map(written).filter(|line| !line.is_bare()).collect();
        ensure(lines.len() <= MAX_LINES, crate::import::TOO_MANY_LINES.err().arg("max", MAX_LINES))?;
        Ok(TableSheet { read_on: read_on.to_string(), lines })
    }
}

impl Written {
    /// What it says, as a sheet of wrong lines has it: code, kind, class, the words of item or category, place, unit, from, to.
    pub fn said(&self) -> [&str; 8] {
        // Where both are written, those of the item are what is meant.
        let words = if self.item.is_empty() { &self.category } else { &self.item };
        [&self.code, &self.kind, &self.class, words, &self.place, &self.unit, &self.from, &self.to]
    }
    /// Whether it holds nothing but a period or a number: a ruled line of a form that nobody filled in.
    fn is_bare(&self) -> bool {
        self.category_words().is_empty() && self.place.is_empty() && self.unit.is_empty()
    }
}

/// What is wrong with a line; `code` finds the words, `args` fill them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub code: String,
    pub args: BTreeMap<String, String>,
}

impl Problem {
    pub fn new(code: Code, args: &[(&str, String)]) -> Problem {
        Problem { code: code.name.to_owned(), args: args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect() }
    }
    /// The same about the column with this title, which its own words do not name.
    #[must_use]
    pub fn at(mut self, title: &str) -> Problem {
        self.args.insert("at".to_owned(), title.to_owned());
        self
    }
    fn named(code: Code, names: &[String]) -> Problem {
        Problem { code: code.name.to_owned(), args: listed(names) }
    }
}

/// A row as it would be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRow {
    pub about: About,
    pub place: PlaceId,
    pub unit: OrganisationId,
    pub from: String,
    pub to: Option<String>,
    /// Rows of the table that say another unit for the same on some of its days; this one will hold over them.
    pub against: Vec<i64>,
    /// Lines of the same file that do.
    pub against_lines: Vec<u64>,
}

/// What becomes of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    New(NewRow),
    /// A row of the table gets this last day.
    Ends {
        row: ResponsibilityId,
        number: i64,
        version: i64,
        to: String,
    },
    /// The table says so already.
    Same {
        number: i64,
    },
    Wrong(Vec<Problem>),
}

/// A line and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub written: Written,
    pub becomes: Becomes,
}

/// What a table would change, line by line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub lines: Vec<Planned>,
}

impl Plan {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        !self.lines.iter().any(|line| matches!(line.becomes, Becomes::New(_) | Becomes::Ends { .. }))
    }
    /// What says whether a plan is still the one that somebody looked at: SM3 of its content, in hex.
    ///
    /// Errors: 500 when it cannot be written as JSON.
    pub fn digest(&self) -> Result<String> {
        Ok(kernel::canonical::hex(&kernel::canonical::content_hash(kernel::canonical::to_canonical(self)?.as_bytes())))
    }
}

/// What lines are held against: the territory as it stands.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// In the order of their paths.
    pub places: Vec<Place>,
    pub former: Vec<(PlaceId, Option<String>, String)>,
    pub organisations: Vec<Organisation>,
    pub categories: Vec<CategoryVersion>,
    pub rows: Vec<Responsibility>,
}

/// A line whose words were understood.
struct Understood {
    about: About,
    place: PlaceId,
    unit: OrganisationId,
    /// None where the line gives none.
    from: Option<String>,
    to: Option<String>,
}

struct Reading<'a> {
    places: Places,
    units: Units<'a>,
    categories: Categories<'a>,
    read_on: &'a str,
}

impl Reading<'_> {
    fn understand(&self, line: &Written) -> Result<Understood, Vec<Problem>> {
        let mut wrong = Vec::new();
        let Written { code, kind, class, item, category, .. } = line;
        let about = match self.categories.find(Named { code, kind, class, item, category }) {
            Category::About(about) => Some(about),
            other => {
                wrong.push(match other {
                    Category::Several(names) => Problem::named(SEVERAL_CATEGORIES, &names),
                    Category::Unknown(names) if names.is_empty() => Problem::new(UNKNOWN_CATEGORY, &[]),
                    Category::Unknown(names) => Problem::named(NEAR_CATEGORY, &names),
                    Category::Other => Problem::new(CATEGORY_OTHER, &[]),
                    Category::Missing | Category::About(_) => Problem::new(NO_CATEGORY, &[]),
                });
                None
            }
        };
        let place = if line.place.is_empty() {
            wrong.push(Problem::new(NO_PLACE, &[]));
            None
        } else {
            one(self.places.find(&line.place), [UNKNOWN_PLACE, NEAR_PLACE, SEVERAL_PLACES], &mut wrong)
        };
        let unit = if line.unit.is_empty() {
            wrong.push(Problem::new(NO_UNIT, &[]));
            None
        } else if self.units.is_closed(&line.unit) {
            wrong.push(Problem::new(CLOSED_UNIT, &[]));
            None
        } else {
            one(self.units.find(&line.unit), [UNKNOWN_UNIT, NEAR_UNIT, SEVERAL_UNITS], &mut wrong)
        };
        let from = if line.from.is_empty() { None } else { sheets::day(&line.from) };
        if from.is_none() && !line.from.is_empty() {
            wrong.push(Problem::new(BAD_FROM, &[("text", line.from.clone())]));
        }
        let endless = line.to.is_empty() || meaning(&line.to) == Some("open_end");
        let to = if endless { None } else { sheets::day(&line.to) };
        if to.is_none() && !endless {
            wrong.push(Problem::new(BAD_TO, &[("text", line.to.clone())]));
        }
        let (from, to) = (from.map(|day| day.to_string()), to.map(|day| day.to_string()));
        let begins = from.as_deref().unwrap_or(self.read_on);
        if to.as_deref().is_some_and(|to| to < begins) && from.is_some() {
            wrong.push(Problem::new(BACKWARDS, &[("from", begins.to_owned()), ("to", to.clone().unwrap_or_default())]));
        }
        match (about, place, unit) {
            (Some(about), Some(place), Some(unit)) if wrong.is_empty() => Ok(Understood { about, place, unit, from, to }),
            _ => Err(wrong),
        }
    }
}

fn one<T>(found: Found<T>, [unknown, near, several]: [Code; 3], wrong: &mut Vec<Problem>) -> Option<T> {
    match found {
        Found::One(one) => return Some(one),
        Found::Unknown(names) if names.is_empty() => wrong.push(Problem::new(unknown, &[])),
        Found::Unknown(names) => wrong.push(Problem::named(near, &names)),
        Found::Several(names) => wrong.push(Problem::named(several, &names)),
    }
    None
}

/// Whether two periods have a day in common.
pub fn overlap(from: &str, to: Option<&str>, other_from: &str, other_to: Option<&str>) -> bool {
    to.is_none_or(|to| other_from <= to) && other_to.is_none_or(|to| from <= to)
}

/// Says for each line of a table what it would change.
pub fn plan(ground: &Ground, sheet: &TableSheet) -> Plan {
    let current = ground.categories.iter().filter(|version| version.is_current());
    let reading = Reading {
        places: Places::new(&ground.places, &ground.former),
        units: Units::new(&ground.organisations),
        categories: Categories::new(current),
        read_on: &sheet.read_on,
    };
    let open: HashMap<OrganisationId, bool> = ground.organisations.iter().map(|one| (one.id, one.state == State::Open)).collect();
    let mut table: HashMap<(String, PlaceId), Vec<&Responsibility>> = HashMap::new();
    for row in ground.rows.iter().filter(|row| !row.never_held()) {
        table.entry((row.category_text().unwrap_or_default(), row.place_id)).or_default().push(row);
    }
    // Sound lines so far, by what they are about.
    let mut seen: HashMap<(String, PlaceId), Vec<Sound>> = HashMap::new();
    let mut lines: Vec<Planned> = Vec::with_capacity(sheet.lines.len());
    for written in &sheet.lines {
        let becomes = match reading.understand(written) {
            Err(wrong) => Becomes::Wrong(wrong),
            Ok(line) => {
                let key = (line.about.text(), line.place);
                let rows = table.get(&key).map_or(&[][..], Vec::as_slice);
                let from = line.from.clone().unwrap_or_else(|| sheet.read_on.clone());
                let earlier = seen.entry(key).or_default();
                let meets = |other: &&Sound| overlap(&from, line.to.as_deref(), &other.from, other.to.as_deref());
                let twice = earlier.iter().filter(meets).find(|other| other.unit == line.unit).map(|other| lines[other.at].written.line);
                let mut becomes = match twice {
                    Some(line) => Becomes::Wrong(vec![Problem::new(TWICE, &[("line", line.to_string())])]),
                    None => beside(rows, &line, &from, &open),
                };
                if let Becomes::New(row) = &mut becomes {
                    for other in earlier.iter().filter(meets) {
                        // Lines about rows that the table has are counted by these.
                        if let Some(Planned { written: theirs, becomes: Becomes::New(other) }) = lines.get_mut(other.at) {
                            row.against_lines.push(theirs.line);
                            other.against_lines.push(written.line);
                        }
                    }
                }
                if !matches!(becomes, Becomes::Wrong(_)) {
                    earlier.push(Sound { at: lines.len(), unit: line.unit, from, to: line.to });
                }
                becomes
            }
        };
        lines.push(Planned { written: written.clone(), becomes });
    }
    forget_what_ends(&mut lines, &ground.rows);
    Plan { lines }
}

/// A line that was understood, among those about the same.
struct Sound {
    /// Its index.
    at: usize,
    unit: OrganisationId,
    from: String,
    to: Option<String>,
}

/// A row that the same file ends before a new one begins does not stand against it.
fn forget_what_ends(lines: &mut [Planned], rows: &[Responsibility]) {
    let ends = |line: &Planned| match &line.becomes {
        Becomes::Ends { number, to, .. } => Some((*number, to.clone())),
        _ => None,
    };
    let ended: HashMap<i64, String> = lines.iter().filter_map(ends).collect();
    let begins: HashMap<i64, &str> = rows.iter().map(|row| (row.number, row.valid_from.as_str())).collect();
    for line in lines {
        if let Becomes::New(row) = &mut line.becomes {
            let NewRow { against, from, to, .. } = row;
            against.retain(|number| {
                let Some(last) = ended.get(number) else { return true };
                overlap(from, to.as_deref(), begins.get(number).copied().unwrap_or_default(), Some(last))
            });
        }
    }
}

/// What a line becomes beside the rows about the same categories at the same place.
fn beside(rows: &[&Responsibility], line: &Understood, from: &str, open: &HashMap<OrganisationId, bool>) -> Becomes {
    let own = || rows.iter().filter(|row| row.organisation_id == line.unit);
    // A line without a beginning is about the row that holds on the day.
    let begins = |row: &Responsibility| match &line.from {
        Some(from) => row.valid_from == *from,
        None => in_force(&row.valid_from, row.valid_to.as_deref(), from),
    };
    let same = own().find(|row| begins(row) && row.valid_to == line.to).or_else(|| own().rfind(|row| begins(row)));
    if let Some(row) = same {
        return match &line.to {
            to if *to == row.valid_to => Becomes::Same { number: row.number },
            Some(to) if *to >= row.valid_from => Becomes::Ends { row: row.id, number: row.number, version: row.version, to: to.clone() },
            Some(to) => Becomes::Wrong(vec![Problem::new(BACKWARDS, &[("from", row.valid_from.clone()), ("to", to.clone())])]),
            None => {
                let args = [("number", row.number.to_string()), ("day", row.valid_to.clone().unwrap_or_default())];
                Becomes::Wrong(vec![Problem::new(ENDED, &args)])
            }
        };
    }
    if line.to.as_deref().is_some_and(|to| to < from) {
        let args = [("from", from.to_owned()), ("to", line.to.clone().unwrap_or_default())];
        return Becomes::Wrong(vec![Problem::new(BACKWARDS, &args)]);
    }
    let meets = |row: &&&Responsibility| overlap(from, line.to.as_deref(), &row.valid_from, row.valid_to.as_deref());
    if let Some(row) = own().find(meets) {
        return Becomes::Wrong(vec![Problem::new(OVERLAPS, &[("number", row.number.to_string())])]);
    }
    let others = rows.iter().filter(|row| open.get(&row.organisation_id).copied().unwrap_or(false)).filter(meets);
    Becomes::New(NewRow {
        about: line.about.clone(),
        place: line.place,
        unit: line.unit,
        from: from.to_owned(),
        to: line.to.clone(),
        against: others.map(|row| row.number).collect(),
        against_lines: Vec::new(),
    })
}
