//! Reading cases of another system from a table (CSV or XLSX), by a mapping that says what its columns are.

use calamine::{Data, Reader};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use kernel::coordinates::{Datum, Point};
use kernel::{Code, Error, Instant, Kind, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::io::Cursor;

/// The mapping is not TOML, or has a word that no mapping has.
pub const BAD_MAPPING: Code = Code::invalid("case_import.mapping");
/// The file lacks a column that the mapping names.
pub const NO_COLUMN: Code = Code::invalid("case_import.no_column");
/// The file is no table.
pub const NOT_A_TABLE: Code = Code::new(Kind::Unsupported, "case_import.not_a_table");
/// The file's text is not in the encoding that the mapping names.
pub const BAD_TEXT: Code = Code::new(Kind::Unsupported, "case_import.encoding");

/// The longest text that a case takes, in characters.
const MAX_TEXT: usize = crate::wording::MAX_WORDS;

/// What a mapping file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// A name of the WHATWG list (`gb18030`); left out: a byte order mark, else UTF-8 where it is sound, else GB 18030.
    pub encoding: Option<String>,
    /// Where the times without one were taken, as an IANA name.
    pub time_zone: String,
    /// `strptime` forms, tried in this order after ISO 8601.
    #[serde(default)]
    pub times: Vec<String>,
    #[serde(default = "cgcs2000")]
    pub datum: String,
    pub columns: Columns,
    /// Positions that stand for none, in the file's own digits.
    #[serde(default)]
    pub no_position: Vec<Placeholder>,
    #[serde(default)]
    pub status: Statuses,
    /// The file's words for categories, and our codes (`event-06-013`).
    #[serde(default)]
    pub categories: BTreeMap<String, String>,
    /// The file's words for units and communities, and the names here; the same where a word is not listed.
    #[serde(default)]
    pub units: BTreeMap<String, String>,
    #[serde(default)]
    pub communities: BTreeMap<String, String>,
}

fn cgcs2000() -> String {
    "cgcs2000".to_owned()
}

/// Headings of the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    pub number: String,
    pub opened: String,
    pub due: Option<String>,
    pub closed: Option<String>,
    /// Put together with a middle dot; a text that is there already is not said twice.
    pub what: Vec<String>,
    #[serde(default, rename = "where")]
    pub place: Vec<String>,
    pub category: Option<String>,
    pub unit: Option<String>,
    pub community: Option<String>,
    pub longitude: Option<String>,
    pub latitude: Option<String>,
    /// What the file says about being in time, to compare.
    pub status: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placeholder {
    pub longitude: String,
    pub latitude: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Statuses {
    pub on_time: Vec<String>,
    pub late: Vec<String>,
}

store::text_enum! {
    /// Why a line is kept aside.
    pub enum Aside {
        NoNumber = "no_number",
        NumberTwice = "number_twice",
        BadOpened = "bad_opened",
        BadDue = "bad_due",
        BadClosed = "bad_closed",
        ClosedBeforeOpened = "closed_before_opened",
        NoText = "no_text",
        TooLong = "too_long",
        BadPosition = "bad_position",
    }
}

/// What the file says of a case's being in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    OnTime,
    Late,
    Nothing,
}

/// One sound line, in the file's own words for category, unit and community.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The first line of the file is 1.
    pub line: i64,
    pub number: String,
    pub what: String,
    pub place: String,
    pub category: String,
    pub unit: String,
    pub community: String,
    pub point: Option<Point>,
    /// The position is the file's stand-in for none.
    pub placeholder: bool,
    pub opened: Instant,
    pub due: Option<Instant>,
    pub closed: Option<Instant>,
    pub said: Said,
}

impl Line {
    /// Both times are there, so that being late can be told.
    pub fn comparable(&self) -> bool {
        self.due.is_some() && self.closed.is_some()
    }
    pub fn late(&self) -> bool {
        matches!((self.closed, self.due), (Some(closed), Some(due)) if closed > due)
    }
}

/// A table, read.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub lines: Vec<Line>,
    /// Line, its number there (as far as it has one), why.
    pub aside: Vec<(i64, String, Aside)>,
}

impl Mapping {
    /// Errors: `case_import.mapping` with `detail`, what is wrong and where.
    pub fn parse(text: &str) -> Result<Mapping> {
        let bad = |detail: String| BAD_MAPPING.err().arg("detail", detail);
        let mapping: Mapping = toml::from_str(text).map_err(|error| bad(error.to_string()))?;
        TimeZone::get(&mapping.time_zone).map_err(|error| bad(error.to_string()))?;
        Datum::parse(&mapping.datum).ok_or_else(|| bad(mapping.datum.clone()))?;
        if let Some(name) = &mapping.encoding {
            encoding_rs::Encoding::for_label(name.as_bytes()).ok_or_else(|| bad(name.clone()))?;
        }
        for code in mapping.categories.values() {
            territory::category::CategoryCode::parse(code).ok_or_else(|| bad(code.clone()))?;
        }
        Ok(mapping)
    }
    pub fn zone(&self) -> Result<TimeZone> {
        TimeZone::get(&self.time_zone).map_err(Error::internal)
    }

    /// Reads a file: XLSX by its first bytes, CSV otherwise.
    ///
    /// Errors: `case_import.not_a_table`, `case_import.encoding`, `case_import.no_column`.
    pub fn read(&self, bytes: &[u8]) -> Result<Table> {
        let rows = if bytes.starts_with(b"PK\x03\x04") { sheet(bytes)? } else { self.csv(bytes)? };
        self.take(rows)
    }

    fn csv(&self, bytes: &[u8]) -> Result<Vec<(i64, Vec<String>)>> {
        let named = self.encoding.as_deref().and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes()));
        let encoding = named.unwrap_or(match std::str::from_utf8(bytes) {
            Ok(_) => encoding_rs::UTF_8,
            Err(_) => encoding_rs::GB18030,
        });
        let (text, _, broken) = encoding.decode(bytes);
        kernel::ensure(!broken && !text.contains('\0'), BAD_TEXT.err().arg("encoding", encoding.name()))?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| NOT_A_TABLE.err().arg("detail", error))?;
            let line = record.position().map_or(0, |at| i64::try_from(at.line()).unwrap_or(i64::MAX));
            rows.push((line, record.iter().map(|cell| cell.trim().to_owned()).collect()));
        }
        Ok(rows)
    }

    fn take(&self, mut rows: Vec<(i64, Vec<String>)>) -> Result<Table> {
        kernel::ensure(!rows.is_empty(), NOT_A_TABLE.err().arg("detail", ""))?;
        let (_, headings) = rows.remove(0);
        let at = |name: &str| headings.iter().position(|heading| heading == name).ok_or_else(|| NO_COLUMN.err().arg("column", name));
        let maybe = |name: &Option<String>| name.as_deref().map(at).transpose();
        let columns = &self.columns;
        let many = |names: &[String]| names.iter().map(|name| at(name)).collect::<Result<Vec<_>>>();
        let reader = Taking {
            mapping: self,
            zone: self.zone()?,
            datum: Datum::parse(&self.datum).unwrap_or(Datum::Cgcs2000),
            number: at(&columns.number)?,
            opened: at(&columns.opened)?,
            due: maybe(&columns.due)?,
            closed: maybe(&columns.closed)?,
            what: many(&columns.what)?,
            place: many(&columns.place)?,
            category: maybe(&columns.category)?,
            unit: maybe(&columns.unit)?,
            community: maybe(&columns.community)?,
            longitude: maybe(&columns.longitude)?,
            latitude: maybe(&columns.latitude)?,
            status: maybe(&columns.status)?,
        };
        let mut table = Table::default();
        let mut known = HashSet::new();
        for (line, row) in rows.iter().filter(|(_, row)| row.iter().any(|cell| !cell.is_empty())) {
            let number = row.get(reader.number).cloned().unwrap_or_default();
            match reader.line(*line, row) {
                Ok(_) if !known.insert(number.clone()) => table.aside.push((*line, number, Aside::NumberTwice)),
                Ok(read) => table.lines.push(read),
                Err(why) => table.aside.push((*line, number, why)),
            }
        }
        Ok(table)
    }
}

/// The first sheet's rows as text; dates in ISO 8601.
fn sheet(bytes: &[u8]) -> Result<Vec<(i64, Vec<String>)>> {
    let bad = |error: calamine::XlsxError| NOT_A_TABLE.err().arg("detail", error);
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(bad)?;
    let Some(range) = book.worksheet_range_at(0) else { return Err(NOT_A_TABLE.err().arg("detail", "")) };
    let range = range.map_err(bad)?;
    let first = range.start().map_or(0, |(row, _)| i64::from(row));
    Ok(range.rows().zip(first + 1..).map(|(row, line)| (line, row.iter().map(cell).collect())).collect())
}

fn cell(data: &Data) -> String {
    match data {
        Data::Empty | Data::Error(_) => String::new(),
        // A number that is whole is written whole: case numbers come as floats.
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 9.0e15 => format!("{number:.0}"),
        Data::DateTime(at) => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
        }
        other => other.to_string().trim().to_owned(),
    }
}

struct Taking<'a> {
    mapping: &'a Mapping,
    zone: TimeZone,
    datum: Datum,
    number: usize,
    opened: usize,
    due: Option<usize>,
    closed: Option<usize>,
    what: Vec<usize>,
    place: Vec<usize>,
    category: Option<usize>,
    unit: Option<usize>,
    community: Option<usize>,
    longitude: Option<usize>,
    latitude: Option<usize>,
    status: Option<usize>,
}

fn of(row: &[String], column: Option<usize>) -> &str {
    column.and_then(|at| row.get(at)).map_or("", String::as_str)
}

fn together(row: &[String], columns: &[usize]) -> String {
    let mut parts = Vec::<&str>::new();
    for at in columns {
        let text = of(row, Some(*at));
        if !text.is_empty() && !parts.contains(&text) {
            parts.push(text);
        }
    }
    parts.join(" · ")
}

impl Taking<'_> {
    fn line(&self, line: i64, row: &[String]) -> std::result::Result<Line, Aside> {
        let number = of(row, Some(self.number)).to_owned();
        if number.is_empty() {
            return Err(Aside::NoNumber);
        }
        let opened = self.time(of(row, Some(self.opened)), Aside::BadOpened)?.ok_or(Aside::BadOpened)?;
        let due = self.time(of(row, self.due), Aside::BadDue)?;
        let closed = self.time(of(row, self.closed), Aside::BadClosed)?;
        if closed.is_some_and(|closed| closed < opened) {
            return Err(Aside::ClosedBeforeOpened);
        }
        let (what, place) = (together(row, &self.what), together(row, &self.place));
        if what.is_empty() {
            return Err(Aside::NoText);
        }
        if [&what, &place].into_iter().any(|text| text.chars().count() > MAX_TEXT) {
            return Err(Aside::TooLong);
        }
        let (lng, lat) = (of(row, self.longitude), of(row, self.latitude));
        let placeholder = self.mapping.no_position.iter().any(|none| none.longitude == lng && none.latitude == lat);
        let point = match (lng, lat) {
            ("", "") => None,
            _ if placeholder => None,
            _ => Some(Point::parse(lng, lat).map_err(|_| Aside::BadPosition)?.from_datum(self.datum)),
        };
        let status = of(row, self.status);
        let said = match &self.mapping.status {
            known if known.on_time.iter().any(|word| word == status) => Said::OnTime,
            known if known.late.iter().any(|word| word == status) => Said::Late,
            _ => Said::Nothing,
        };
        let text = |column| of(row, column).to_owned();
        Ok(Line {
            line,
            number,
            what,
            place,
            category: text(self.category),
            unit: text(self.unit),
            community: text(self.community),
            point,
            placeholder,
            opened,
            due,
            closed,
            said,
        })
    }

    /// Nothing where the cell is empty; `bad` where it is no time between the years 1 and 9999.
    fn time(&self, text: &str, bad: Aside) -> std::result::Result<Option<Instant>, Aside> {
        if text.is_empty() {
            return Ok(None);
        }
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Ok(Some(Instant::from_timestamp(at)));
        }
        let forms = self.mapping.times.iter();
        let civil = text.parse::<DateTime>().ok().or_else(|| forms.filter_map(|form| DateTime::strptime(form, text).ok()).next());
        let at = civil.filter(|civil| civil.year() >= 1).and_then(|civil| self.zone.to_timestamp(civil).ok());
        at.map(|at| Some(Instant::from_timestamp(at))).ok_or(bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPING: &str = r#"
        time_zone = "Asia/Shanghai"
        times = ["%Y年%m月%d日 %H:%M"]
        [columns]
        number = "编号"
        opened = "发现"
        due = "期限"
        closed = "办结"
        what = ["问题"]
        longitude = "经度"
        latitude = "纬度"
        status = "结果"
        [[no_position]]
        longitude = "0"
        latitude = "0"
        [status]
        on_time = ["按时"]
        late = ["超期"]
    "#;
    const HEAD: &str = "编号,发现,期限,办结,问题,经度,纬度,结果\n";

    fn read(lines: &str) -> Table {
        Mapping::parse(MAPPING).unwrap().read(format!("{HEAD}{lines}").as_bytes()).unwrap()
    }
    fn why(line: &str) -> Aside {
        let table = read(line);
        assert!(table.lines.is_empty(), "{:?}", table.lines);
        table.aside[0].2
    }

    #[test]
    fn a_line_is_read_in_its_own_zone_and_words() {
        let table = read("7,2026年02月03日 08:30,2026-02-04 08:30,2026-02-04 08:31,堆物,120.5,30.25,超期\n");
        let line = &table.lines[0];
        assert_eq!((line.line, line.number.as_str(), line.what.as_str(), line.said), (2, "7", "堆物", Said::Late));
        assert_eq!(line.opened.to_timestamp().to_string(), "2026-02-03T00:30:00Z");
        assert!(line.late() && line.comparable());
        assert_eq!(line.point.map(|point| (point.lng_e7, point.lat_e7)), Some((1_205_000_000, 302_500_000)));
    }

    #[test]
    fn exactly_at_its_time_is_on_time() {
        assert!(!read("7,2026-02-03 08:30,2026-02-04 08:30,2026-02-04 08:30,堆物,,,按时\n").lines[0].late());
    }

    #[test]
    fn what_cannot_be_right_is_kept_aside_with_its_reason() {
        assert_eq!(why(",2026-02-03 08:30,,,堆物,,,\n"), Aside::NoNumber);
        assert_eq!(why("7,,,,堆物,,,\n"), Aside::BadOpened);
        assert_eq!(why("7,0000-00-00,,,堆物,,,\n"), Aside::BadOpened);
        assert_eq!(why("7,2026-02-03 08:30,soon,,堆物,,,\n"), Aside::BadDue);
        assert_eq!(why("7,2026-02-03 08:30,,2026-02-03 08:29,堆物,,,\n"), Aside::ClosedBeforeOpened);
        assert_eq!(why("7,2026-02-03 08:30,,,,,,\n"), Aside::NoText);
        assert_eq!(why("7,2026-02-03 08:30,,,堆物,200,95,\n"), Aside::BadPosition);
        assert_eq!(why(&format!("7,2026-02-03 08:30,,,{},,,\n", "长".repeat(2001))), Aside::TooLong);
        let twice = read("7,2026-02-03 08:30,,,堆物,,,\n7,2026-02-03 08:30,,,堆物,,,\n");
        assert_eq!((twice.lines.len(), twice.aside), (1, vec![(3, "7".to_owned(), Aside::NumberTwice)]));
    }

    #[test]
    fn a_stand_in_for_no_position_is_no_position() {
        let line = &read("7,2026-02-03 08:30,,,堆物,0,0,\n").lines[0];
        assert!(line.placeholder && line.point.is_none());
    }

    #[test]
    fn other_encodings_are_recognised_and_broken_ones_refused() {
        let text = format!("{HEAD}7,2026-02-03 08:30,,,僵尸车,,,\n");
        let (gb, ..) = encoding_rs::GB18030.encode(&text);
        let mapping = Mapping::parse(MAPPING).unwrap();
        assert_eq!(mapping.read(&gb).unwrap().lines[0].what, "僵尸车");
        assert_eq!(mapping.read(format!("\u{feff}{text}").as_bytes()).unwrap().lines.len(), 1);
        let named = Mapping::parse(&format!("encoding = \"utf-8\"\n{MAPPING}")).unwrap();
        assert!(named.read(&gb).unwrap_err().is(BAD_TEXT));
    }

    #[test]
    fn a_spreadsheet_gives_the_same_as_text_with_its_dates_and_numbers() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (at, heading) in (0..).zip(HEAD.trim().split(',')) {
            sheet.write(0, at, heading).unwrap();
        }
        let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm");
        let at = |day| rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 2, day).unwrap().and_hms(8, 30, 0).unwrap();
        sheet.write(1, 0, 101_001_247_858_f64).unwrap();
        sheet.write_with_format(1, 1, at(3), &date).unwrap();
        sheet.write(1, 2, "2026年02月04日 08:30").unwrap();
        sheet.write_with_format(1, 3, at(5), &date).unwrap();
        sheet.write(1, 4, "堆物").unwrap();
        sheet.write(1, 5, 120.5).unwrap();
        sheet.write(1, 6, 30.25).unwrap();
        sheet.write(1, 7, "超期").unwrap();
        let read = Mapping::parse(MAPPING).unwrap().read(&book.save_to_buffer().unwrap()).unwrap();
        let text = self::read("101001247858,2026-02-03 08:30,2026-02-04 08:30,2026-02-05 08:30,堆物,120.5,30.25,超期\n");
        assert_eq!((read.lines, read.aside), (text.lines, text.aside));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let mapping = Mapping::parse(MAPPING).unwrap();
        assert!(mapping.read(b"").unwrap_err().is(NOT_A_TABLE));
        assert!(mapping.read(b"PK\x03\x04 broken").unwrap_err().is(NOT_A_TABLE));
        assert!(mapping.read("编号,问题\n".as_bytes()).unwrap_err().is(NO_COLUMN));
        assert!(Mapping::parse("time_zone = 'Mars'").unwrap_err().is(BAD_MAPPING));
    }
}
