//! Taking in a file of places with statistical codes: what is new is created, what is known is left, what is wrong is named.
//!
//! Two forms are read, told apart by their heading: `code,level,name`, and `code,parent_code,name,level,urban_rural_code,lng,lat`.
//! Codes drift from year to year, so a known code under another name is counted and listed, never overwritten.

use crate::facts::PlacesImported;
use crate::fields;
use crate::place::{Level, PlaceKind, State};
use crate::places::{PlaceDetails, find, insert, lock_tree};
use crate::verbs::ManageTerritory;
use access::Permit;
use kernel::coordinates::{Datum, Point};
use kernel::identifiers::{PlaceCode, PlaceCodeLevel};
use kernel::ids::PlaceId;
use kernel::{Code, Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use store::{Command, Sql, Write, args, sql};

pub const HEADING: Code = Code::invalid("import.heading");
pub const TOO_MANY_LINES: Code = Code::invalid("import.too_many_lines");
pub const ENCODING: Code = Code::invalid("import.encoding");
/// The root has no code, so nobody can say which lines of the file are its own.
pub const ROOT_CODE: Code = Code::invalid("import.root_code");
const LINE: Code = Code::invalid("import.line");
const TWICE: Code = Code::invalid("import.twice");
pub(crate) const NO_PARENT: Code = Code::invalid("import.no_parent");
const PARENT_OTHER: Code = Code::invalid("import.parent_other");
const BAD_URBAN_RURAL: Code = Code::invalid("import.urban_rural");
const NAME_TAKEN: Code = crate::places::NAME_TAKEN;

/// More lines than any district has.
const MAX_LINES: usize = 50_000;
/// How many single lines a report lists; all are counted.
const MAX_LISTED: usize = 200;

/// One sound line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceLine {
    pub line: u64,
    pub code: PlaceCode,
    pub name: String,
    pub kind: Option<PlaceKind>,
    /// The urban-rural classification (城乡分类代码), three digits, where the file says it.
    pub urban_rural: Option<String>,
    pub point: Option<Point>,
}

/// The urban-rural classification of the statistical code rules: 1 urban (111 city centre, 112 joined to it, 121 town centre,
/// 122 joined to it, 123 special area), 2 rural (210 township centre, 220 village).
const URBAN_RURAL: [&str; 7] = ["111", "112", "121", "122", "123", "210", "220"];

/// A line with what is wrong with it or worth knowing; `code` finds the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineNote {
    pub line: u64,
    pub text: String,
    pub code: String,
}

/// A known code that the file calls otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherName {
    pub line: u64,
    pub code: String,
    pub in_file: String,
    pub kept: String,
}

/// A file that was read, not yet taken in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PlaceFile {
    pub lines: Vec<PlaceLine>,
    pub rejected: Vec<LineNote>,
}

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    pub created: i64,
    /// Known already, with the same name.
    pub unchanged: i64,
    /// Known already under another name, which was kept.
    pub different: i64,
    /// Not of this tenant's subtree.
    pub outside: i64,
    pub rejected: i64,
    /// New places by level, in the order of levels.
    pub created_by_level: Vec<(Level, i64)>,
    /// The first of those that differ.
    pub different_lines: Vec<OtherName>,
    pub rejected_lines: Vec<LineNote>,
}

/// UTF-8 with or without a mark, or GB 18030, as office software writes it.
pub(crate) fn decode(bytes: &[u8]) -> Result<String> {
    let (text, _, broken) = encoding_rs::UTF_8.decode(bytes);
    if !broken {
        return Ok(text.into_owned());
    }
    let (text, _, broken) = encoding_rs::GB18030.decode(bytes);
    ensure(!broken, ENCODING)?;
    Ok(text.into_owned())
}

struct Ending {
    ending: String,
    kept: String,
    kind: Option<PlaceKind>,
}

/// How committees and offices are called after their places; the longest ending comes first.
static ENDINGS: LazyLock<Vec<Ending>> = LazyLock::new(|| {
    let lines = include_str!("../data/name_endings.csv").lines().skip(1);
    let mut endings: Vec<Ending> = lines
        .filter_map(|line| {
            let mut parts = line.split(',');
            let (ending, kept, kind) = (parts.next()?, parts.next()?, parts.next()?);
            Some(Ending { ending: ending.to_owned(), kept: kept.to_owned(), kind: kind.parse().ok() })
        })
        .collect();
    endings.sort_by_key(|ending| std::cmp::Reverse(ending.ending.len()));
    endings
});

/// The name of the place from the name of its committee, and its kind by that.
fn place_name(name: &str) -> (String, Option<PlaceKind>) {
    for Ending { ending, kept, kind } in ENDINGS.iter() {
        if let Some(stem) = name.strip_suffix(ending.as_str()).filter(|stem| !stem.is_empty()) {
            return (format!("{stem}{kept}"), *kind);
        }
    }
    (name.to_owned(), None)
}

/// The kind that a code tells: town codes 001 to 099 are sub-districts and 100 to 199 towns (statistical code rules).
fn kind_of(code: &PlaceCode) -> Option<PlaceKind> {
    (code.level() == PlaceCodeLevel::Town).then_some(())?;
    match code.as_str()[6..9].parse::<u16>() {
        Ok(1..100) => Some(PlaceKind::SubDistrict),
        Ok(100..200) => Some(PlaceKind::Town),
        _ => None,
    }
}

impl PlaceFile {
    /// Reads a file. Lines that cannot be read are kept aside with the reason; the others go on.
    ///
    /// Errors: `import.encoding`, `import.heading`, `import.too_many_lines`.
    pub fn read(bytes: &[u8]) -> Result<PlaceFile> {
        let text = decode(bytes)?;
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let heading = reader.headers().map_err(|_| HEADING.err())?.clone();
        let column = |name: &str| heading.iter().position(|title| title.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name));
        let (Some(code_at), Some(name_at)) = (column("code"), column("name")) else { return Err(HEADING.into()) };
        let (lng_at, lat_at, parent_at) = (column("lng"), column("lat"), column("parent_code"));
        let urban_at = column("urban_rural_code");
        let mut file = PlaceFile::default();
        let mut seen: BTreeMap<PlaceCode, u64> = BTreeMap::new();
        for record in reader.records() {
            ensure(file.lines.len() + file.rejected.len() < MAX_LINES, TOO_MANY_LINES.err().arg("max", MAX_LINES))?;
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    file.rejected.push(LineNote { line, text: String::new(), code: LINE.name.to_owned() });
                    continue;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            let field = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or("");
            let read = || -> Result<PlaceLine> {
                let code = PlaceCode::parse(field(Some(code_at)))?;
                ensure(!seen.contains_key(&code), TWICE)?;
                let parent = field(parent_at);
                ensure(parent.is_empty() || code.parent().is_some_and(|above| above.as_str() == parent), PARENT_OTHER)?;
                let (name, kind) = place_name(&fields::name("name", field(Some(name_at)))?);
                let (lng, lat) = (field(lng_at), field(lat_at));
                let point = if lng.is_empty() && lat.is_empty() { None } else { Some(Point::parse(lng, lat)?) };
                let kind = kind_of(&code).or(kind.filter(|_| code.level() == PlaceCodeLevel::Village));
                let urban_rural = Some(field(urban_at)).filter(|digits| !digits.is_empty()).map(str::to_owned);
                ensure(urban_rural.as_ref().is_none_or(|digits| URBAN_RURAL.contains(&digits.as_str())), BAD_URBAN_RURAL)?;
                Ok(PlaceLine { line, kind, code, name, urban_rural, point })
            };
            match read() {
                Ok(place) => {
                    seen.insert(place.code.clone(), line);
                    file.lines.push(place);
                }
                Err(error) => {
                    let code = error.field_errors().first().map_or_else(|| error.code().to_owned(), |field| field.code.clone());
                    let text = record.iter().collect::<Vec<_>>().join(",").chars().take(80).collect();
                    file.rejected.push(LineNote { line, text, code });
                }
            }
        }
        // Those above come first, so that each finds its parent; within a level the file's order stays.
        file.lines.sort_by_key(|place| place.code.level());
        Ok(file)
    }

    /// Says in which datum the file's positions are; they become CGCS2000.
    #[must_use]
    pub fn in_datum(mut self, datum: Datum) -> Self {
        for line in &mut self.lines {
            line.point = line.point.map(|point| point.from_datum(datum));
        }
        self
    }
}

static BELOW: Sql = sql!(
    "SELECT id, path, code, name, level
    FROM place
    WHERE tenant_id = :tenant AND path >= :from AND path < :end AND code IS NOT NULL AND state = 'open'"
);

static NAMES: Sql = sql!(
    "SELECT parent_id, name
    FROM place
    WHERE tenant_id = :tenant AND path >= :from AND path < :end AND parent_id IS NOT NULL AND state = 'open'"
);

/// Takes in the lines of a file that lie below `root` by their codes.
///
/// Errors: `import.root_code`, 404 for the root.
pub struct ImportPlaces {
    pub by: Permit<ManageTerritory>,
    pub root: PlaceId,
    pub file: PlaceFile,
}

impl Command for ImportPlaces {
    const KIND: &'static str = "places.import";
    type Out = ImportReport;

    async fn run(&self, tx: &mut Write<'_>) -> Result<ImportReport> {
        lock_tree(tx).await?;
        let tenant = tx.tenant();
        let root = find(tx, self.root).await?;
        let root_code = root.code.as_deref().and_then(|code| PlaceCode::parse(code).ok()).ok_or(ROOT_CODE.err())?;
        ensure(root.state == State::Open, crate::places::PARENT_CLOSED)?;
        let subtree = args! { tenant: tenant, from: root.path, end: crate::place::path_end(&root.path) };
        let mut known: BTreeMap<String, (PlaceId, String, String, Level)> = BTreeMap::new();
        for (id, path, code, name, level) in tx.all::<(PlaceId, String, String, String, Level)>(&BELOW, subtree.clone()).await? {
            known.insert(code, (id, path, name, level));
        }
        // A code of before is the same place's, and makes no second one.
        for (id, code) in crate::lists::former_codes(tx).await? {
            let place = known.values().find(|(known, ..)| *known == id).cloned();
            if let Some(place) = place {
                known.entry(code).or_insert(place);
            }
        }
        let mut names: std::collections::HashSet<(PlaceId, String)> =
            tx.all::<(PlaceId, String)>(&NAMES, subtree).await?.into_iter().collect();
        let mut report = ImportReport { rejected_lines: self.file.rejected.clone(), ..ImportReport::default() };
        let mut by_level: BTreeMap<Level, i64> = BTreeMap::new();
        for line in &self.file.lines {
            let reject =
                |code: Code| LineNote { line: line.line, text: format!("{},{}", line.code, line.name), code: code.name.to_owned() };
            let Some(level) = Level::of_code(&line.code).filter(|_| line.code.is_within(&root_code)) else {
                report.outside += 1;
                continue;
            };
            if let Some((_, _, name, _)) = known.get(line.code.as_str()) {
                if *name == line.name {
                    report.unchanged += 1;
                } else {
                    report.different += 1;
                    report.different_lines.push(OtherName {
                        line: line.line,
                        code: line.code.as_str().to_owned(),
                        in_file: line.name.clone(),
                        kept: name.clone(),
                    });
                }
                continue;
            }
            let Some((parent, path, above)) = parent_of(&line.code, &known) else {
                report.rejected_lines.push(reject(NO_PARENT));
                continue;
            };
            if !level.may_stand_below(above) {
                report.rejected_lines.push(reject(crate::places::LEVEL));
                continue;
            }
            if !names.insert((parent, line.name.clone())) {
                report.rejected_lines.push(reject(NAME_TAKEN));
                continue;
            }
            let details = PlaceDetails {
                kind: line.kind,
                code: Some(line.code.as_str().to_owned()),
                name: line.name.clone(),
                point: line.point,
                urban_rural: line.urban_rural.clone(),
                ..PlaceDetails::default()
            };
            let (id, path) = insert(tx, Some((parent, &path)), level, &details).await?;
            known.insert(line.code.as_str().to_owned(), (id, path, line.name.clone(), level));
            *by_level.entry(level).or_default() += 1;
            report.created += 1;
        }
        report.rejected = i64::try_from(report.rejected_lines.len()).unwrap_or(i64::MAX);
        report.created_by_level = by_level.into_iter().collect();
        report.different_lines.truncate(MAX_LISTED);
        report.rejected_lines.sort_by_key(|note| note.line);
        report.rejected_lines.truncate(MAX_LISTED);
        let ImportReport { created, unchanged, different, rejected, .. } = report;
        tx.fact(PlacesImported { root: root.id, created, unchanged, different, rejected })?;
        tx.bump_revision();
        Ok(report)
    }
}

/// The nearest place above a code that is known: its parent by code, or one higher where a level is missing.
fn parent_of(code: &PlaceCode, known: &BTreeMap<String, (PlaceId, String, String, Level)>) -> Option<(PlaceId, String, Level)> {
    let mut above = code.parent();
    while let Some(code) = above {
        if let Some((id, path, _, level)) = known.get(code.as_str()) {
            return Some((*id, path.clone(), *level));
        }
        above = code.parent();
    }
    None
}
