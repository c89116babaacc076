//! Tables as offices send them: XLSX, XLS and CSV, with merged cells, two heading rows, full-width digits and dates in any dress.
//!
//! What a cell holds becomes plain text; what the columns mean is said by a list of titles ([`Titles`]), so that nobody has to
//! rename the columns of a table that has grown over years.

pub mod guard;
pub mod workbook;

use crate::import::{ENCODING, TOO_MANY_LINES};
use calamine::{Data, DataRef, Dimensions, ExcelDateTime, Reader, SheetType, SheetVisible};
use jiff::civil::Date;
use kernel::{Code, Error, Result, ensure};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Cursor;

/// The file is no table that we read.
pub const UNREADABLE: Code = Code::invalid("sheet.unreadable");
/// The file is larger than a table of this kind gets.
pub const TOO_LARGE: Code = Code::invalid("sheet.too_large");

/// The largest file.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// More rows than any such table has.
pub const MAX_ROWS: usize = 10_000;
/// Columns further right are not looked at.
const MAX_COLUMNS: usize = 40;
/// A cell's text is cut here: one character above what any field takes, so that what is too long shows itself.
const MAX_CELL_CHARS: usize = 2_001;
/// All text of a file together.
const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;
/// Sheets further back are not looked at.
const MAX_SHEETS: usize = 12;
/// Within how many rows the heading must begin.
const HEADING_WITHIN: usize = 20;

/// One sheet of a file, without its empty rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub rows: Vec<Row>,
}

/// One row: where it stands in the file, counted from 1, and the text of its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub line: u64,
    pub cells: Vec<String>,
}

/// Text for comparing: full-width forms as their plain ones, without white space, in small letters.
pub fn fold(text: &str) -> String {
    text.chars().map(plain).filter(|c| !c.is_whitespace() && *c != '\u{feff}').flat_map(char::to_lowercase).collect()
}

/// Full-width forms as their plain ones, and no white space around: numbers and codes as they are meant.
pub fn narrow(text: &str) -> String {
    text.trim().chars().map(plain).collect()
}

/// A full-width form (U+FF01 to U+FF5E) as its plain one.
fn plain(c: char) -> char {
    match u32::from(c) {
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xff01 + 0x21).unwrap_or(c),
        _ => c,
    }
}

/// The day that a cell says: `2026-01-01`, `2026/1/1`, `2026.1.1`, `2026年1月1日`, `20260101`, with or without a time behind
/// it, or the number by which spreadsheets count days (46023). None when it is no day, or could be two.
pub fn day(text: &str) -> Option<Date> {
    let text: String = text.trim().chars().map(plain).collect();
    let foreign = |c: char| !(c.is_ascii_digit() || c.is_whitespace() || "-/.:TZ\u{5e74}\u{6708}\u{65e5}\u{53f7}".contains(c));
    if text.contains(foreign) {
        return None;
    }
    let groups: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let number = |text: &str| text.parse::<i16>().ok();
    match groups.as_slice() {
        [whole] | [whole, _] if whole.len() == 5 => serial(whole.parse().ok()?),
        [whole] if whole.len() == 8 => Date::new(number(&whole[..4])?, small(&whole[4..6])?, small(&whole[6..])?).ok(),
        [year, month, day] if year.len() == 4 => Date::new(number(year)?, small(month)?, small(day)?).ok(),
        // What follows must be a time.
        [year, month, day, _, ..] if year.len() == 4 && text.contains(':') => Date::new(number(year)?, small(month)?, small(day)?).ok(),
        _ => None,
    }
}

fn small(text: &str) -> Option<i8> {
    (text.len() <= 2).then(|| text.parse().ok())?
}

/// Day 1 is 1900-01-01, and 1900 counts as a leap year (ECMA-376 §18.17.4.1), so that from March 1900 on the count begins at 1899-12-30.
fn serial(days: i32) -> Option<Date> {
    (20_000..80_000).contains(&days).then_some(())?;
    jiff::civil::date(1899, 12, 30).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// Reads a file in a thread of its own, one at a time in the process: a file may be made to cost, and one that makes its reader
/// stumble is no more than unreadable.
///
/// Errors: as [`read`].
pub async fn read_apart(bytes: Vec<u8>) -> Result<Vec<Table>> {
    static ONE: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(1);
    let _turn = ONE.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || read(&bytes)).await.unwrap_or_else(|_| Err(UNREADABLE.err()))
}

/// The visible sheets of a workbook (XLSX, XLS), or the one table of a text file (CSV or tab-separated; UTF-8, UTF-16, GB 18030).
///
/// Errors: `sheet.unreadable`, `sheet.too_large`, `import.encoding`, `import.too_many_lines`.
pub fn read(bytes: &[u8]) -> Result<Vec<Table>> {
    ensure(bytes.len() <= MAX_BYTES, TOO_LARGE)?;
    let tables = if bytes.starts_with(b"PK") {
        guard::xlsx(bytes)?;
        xlsx(bytes)?
    } else if bytes.starts_with(&guard::CFB_MARK) {
        guard::xls(bytes)?;
        xls(bytes)?
    } else {
        vec![text(bytes)?]
    };
    Ok(tables)
}

/// The rows of a sheet while they come in.
#[derive(Default)]
struct Rows {
    rows: BTreeMap<u32, Vec<String>>,
    bytes: usize,
}

impl Rows {
    fn put(&mut self, (row, column): (u32, u32), text: String) -> Result<()> {
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MAX_COLUMNS || text.trim().is_empty() {
            return Ok(());
        }
        let text: String = text.trim().chars().take(MAX_CELL_CHARS).collect();
        self.bytes += text.len();
        ensure(self.bytes <= MAX_TEXT_BYTES, TOO_LARGE)?;
        let cells = self.rows.entry(row).or_default();
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        cells[column] = text;
        ensure(self.rows.len() <= MAX_ROWS, TOO_MANY_LINES.err().arg("max", MAX_ROWS))
    }

    /// What the first cell of a merged region holds stands in each of its cells.
    fn spread(&mut self, regions: &[Dimensions]) -> Result<()> {
        let mut left = MAX_ROWS * MAX_COLUMNS;
        for region in regions {
            let ((top, west), (bottom, east)) = (region.start, region.end);
            let text = self.rows.get(&top).and_then(|cells| cells.get(usize::try_from(west).ok()?)).cloned().unwrap_or_default();
            let east = east.min(u32::try_from(MAX_COLUMNS).unwrap_or(u32::MAX));
            if text.is_empty() || bottom < top || east < west {
                continue;
            }
            // Only rows that hold something: a region may reach down to the end of the sheet.
            let rows: Vec<u32> = self.rows.range(top..=bottom).map(|(row, _)| *row).collect();
            for (row, column) in rows.into_iter().flat_map(|row| (west..=east).map(move |column| (row, column))) {
                let at = usize::try_from(column).unwrap_or(usize::MAX);
                if self.rows.get(&row).and_then(|cells| cells.get(at)).is_none_or(String::is_empty) {
                    self.put((row, column), text.clone())?;
                }
                left -= 1;
                ensure(left > 0, TOO_LARGE)?;
            }
        }
        Ok(())
    }

    fn done(self) -> Table {
        Table { rows: self.rows.into_iter().map(|(row, cells)| Row { line: u64::from(row) + 1, cells }).collect() }
    }
}

fn date_text(at: &ExcelDateTime) -> String {
    if !at.is_datetime() {
        return at.as_f64().to_string();
    }
    let (year, month, day, hour, minute, ..) = at.to_ymd_hms_milli();
    if (hour, minute) == (0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
    }
}

fn cell_text(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        // Whole numbers show no point.
        DataRef::Float(number) => number.to_string(),
        DataRef::DateTime(at) => date_text(at),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn visible(sheets: &[calamine::Sheet]) -> Vec<String> {
    let shown = sheets.iter().filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet);
    shown.take(MAX_SHEETS).map(|sheet| sheet.name.clone()).collect()
}

fn xlsx(bytes: &[u8]) -> Result<Vec<Table>> {
    let bad = |error: calamine::XlsxError| UNREADABLE.err().detail(error);
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(bad)?;
    let mut tables = Vec::new();
    for name in visible(book.sheets_metadata()) {
        let mut rows = Rows::default();
        let mut cells = book.worksheet_cells_reader(&name).map_err(bad)?;
        while let Some(cell) = cells.next_cell().map_err(bad)? {
            rows.put(cell.get_position(), cell_text(cell.get_value()))?;
        }
        drop(cells);
        rows.spread(&book.merge_cells_by_sheet_name(&name).map_err(bad)?)?;
        tables.push(rows.done());
    }
    Ok(tables)
}

fn xls(bytes: &[u8]) -> Result<Vec<Table>> {
    let bad = |error: calamine::XlsError| UNREADABLE.err().detail(error);
    let mut book: calamine::Xls<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(bad)?;
    let mut tables = Vec::new();
    for name in visible(book.sheets_metadata()) {
        let mut rows = Rows::default();
        let range = book.worksheet_range(&name).map_err(bad)?;
        let (top, west) = range.start().unwrap_or_default();
        for (row, column, cell) in range.used_cells() {
            let at = |offset: u32, index: usize| offset.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
            let text = match cell {
                Data::DateTime(moment) => date_text(moment),
                Data::Error(_) => String::new(),
                other => other.to_string(),
            };
            rows.put((at(top, row), at(west, column)), text)?;
        }
        rows.spread(&book.merge_cells_by_sheet_name(&name).map_err(bad)?)?;
        tables.push(rows.done());
    }
    Ok(tables)
}

fn text(bytes: &[u8]) -> Result<Table> {
    let text = crate::import::decode(bytes)?;
    let start = text.trim_start();
    // Systems hand out web pages under a spreadsheet's name.
    ensure(!start.starts_with('<'), UNREADABLE)?;
    ensure(!text.contains('\0'), ENCODING)?;
    let head: &str = start.lines().next().unwrap_or("");
    let tabs = head.matches('\t').count();
    let mark = if tabs > head.matches(',').count() {
        b'\t'
    } else if head.matches(';').count() > head.matches(',').count() {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).delimiter(mark).from_reader(text.as_bytes());
    let mut rows = Rows::default();
    for record in reader.records() {
        let record = record.map_err(|error| UNREADABLE.err().detail(error))?;
        let line = record.position().map_or(1, csv::Position::line);
        let row = u32::try_from(line.saturating_sub(1)).unwrap_or(u32::MAX);
        for (column, cell) in (0..).zip(record.iter()) {
            rows.put((row, column), cell.trim_start_matches('\u{feff}').to_owned())?;
        }
    }
    Ok(rows.done())
}

/// What the columns of a table are called: folded titles, and the column that each means. Of several titles of one column the
/// one of the lowest rank is taken, and of the same rank the one further left.
#[derive(Debug, Clone)]
pub struct Titles(HashMap<String, (&'static str, usize)>);

/// Where a table's heading ends, and which columns it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The index of the first row below it.
    below: usize,
    columns: BTreeMap<&'static str, usize>,
}

impl Heading {
    /// How many columns it names.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The last row of it, and the one above that.
    fn rows<'a>(&self, table: &'a Table) -> (&'a [String], &'a [String]) {
        let row =
            |above: usize| self.below.checked_sub(above).and_then(|at| table.rows.get(at)).map_or(&[][..], |row| row.cells.as_slice());
        (row(1), row(2))
    }

    /// Each column with the title that it was known by, from left to right, and the titles that mean nothing.
    pub fn titles(&self, table: &Table) -> (Vec<(String, String)>, Vec<String>) {
        let (low, high) = self.rows(table);
        let cell = |cells: &[String], at: usize| cells.get(at).cloned().unwrap_or_default();
        let mut columns: Vec<(usize, &str)> = self.columns.iter().map(|(column, at)| (*at, *column)).collect();
        columns.sort_unstable();
        let named = columns.iter().map(|(at, column)| {
            let own = cell(low, *at);
            ((*column).to_owned(), if own.is_empty() { cell(high, *at) } else { own })
        });
        let unread = (0..low.len()).filter(|at| columns.iter().all(|(known, _)| known != at)).map(|at| cell(low, at));
        (named.collect(), unread.filter(|title| !title.is_empty()).collect())
    }
}

impl Titles {
    /// From lines `column,title` under a heading.
    pub fn read(file: &'static str) -> Titles {
        let lines = file.lines().skip(1).filter_map(|line| line.trim().split_once(','));
        Titles(lines.map(|(column, title)| (fold(title), (column, 0))).collect())
    }

    /// From titles that are tried one after another; the first to claim a title has it.
    pub fn in_turn(titles: impl Iterator<Item = (&'static str, String)>) -> Titles {
        let mut found = HashMap::new();
        for (rank, (column, title)) in titles.enumerate() {
            found.entry(fold(&title)).or_insert((column, rank));
        }
        Titles(found)
    }

    /// The column that a title means. What stands in brackets and stars that mark what is required do not count.
    pub fn column(&self, title: &str) -> Option<&'static str> {
        self.ranked(title).map(|(column, _)| column)
    }

    fn ranked(&self, title: &str) -> Option<(&'static str, usize)> {
        let title = fold(title);
        let bare = title.split(['(', '[', '\u{3010}']).next().unwrap_or("").replace(['*', ':'], "");
        self.0.get(&title).or_else(|| self.0.get(&bare)).copied()
    }

    fn columns(&self, cells: &[&str]) -> BTreeMap<&'static str, usize> {
        let mut found: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
        for (at, cell) in cells.iter().enumerate() {
            if let Some((column, rank)) = self.ranked(cell) {
                let known = found.entry(column).or_insert((rank, at));
                *known = (*known).min((rank, at));
            }
        }
        found.into_iter().map(|(column, (_, at))| (column, at)).collect()
    }

    /// The heading of a table: the row, or two rows one below the other, that names most columns and all that are required.
    pub fn heading(&self, table: &Table, required: &[&str]) -> Option<Heading> {
        let mut best: Option<Heading> = None;
        let mut offer = |below: usize, columns: BTreeMap<&'static str, usize>| {
            let whole = required.iter().all(|column| columns.contains_key(column));
            if whole && best.as_ref().is_none_or(|best| columns.len() > best.columns.len()) {
                best = Some(Heading { below, columns });
            }
        };
        let within = table.rows.iter().take(HEADING_WITHIN).enumerate();
        for (at, row) in within.clone() {
            offer(at + 1, self.columns(&row.cells.iter().map(String::as_str).collect::<Vec<_>>()));
        }
        // Of two rows, the lower one says what a column is where it says anything that we know.
        for (at, row) in within {
            let Some(lower) = table.rows.get(at + 1) else { break };
            let both = (0..row.cells.len().max(lower.cells.len())).map(|column| {
                let low = lower.cells.get(column).map_or("", String::as_str);
                if self.column(low).is_some() { low } else { row.cells.get(column).map_or("", String::as_str) }
            });
            offer(at + 2, self.columns(&both.collect::<Vec<_>>()));
        }
        best
    }

    /// The titles of a table that may be called in ways that nobody said yet, from left to right, each with the first thing that
    /// stands below it: the heading that is known, else the first row of several words of its own.
    pub fn offered(&self, table: &Table) -> Vec<(String, String)> {
        let below = match self.heading(table, &[]).filter(|heading| heading.width() > 1) {
            Some(heading) => heading.below,
            None => {
                let words = |row: &Row| row.cells.iter().filter(|cell| !cell.is_empty()).collect::<HashSet<_>>().len();
                let widest = table.rows.iter().take(HEADING_WITHIN).map(words).max().unwrap_or(0);
                let wide = |row: &Row| words(row) > 1 && words(row) * 2 > widest;
                match table.rows.iter().take(HEADING_WITHIN).position(wide) {
                    Some(at) => at + 1,
                    None => return Vec::new(),
                }
            }
        };
        let heading = Heading { below, columns: BTreeMap::new() };
        let (low, high) = heading.rows(table);
        let cell = |cells: &[String], at: usize| cells.get(at).cloned().unwrap_or_default();
        let title = |at: usize| {
            let (low, high) = (cell(low, at), cell(high, at));
            if low.is_empty() || (self.column(&low).is_none() && self.column(&high).is_some()) { high } else { low }
        };
        let example = |at: usize| table.rows.iter().skip(below).map(|row| cell(&row.cells, at)).find(|text| !text.is_empty());
        let found = (0..low.len()).map(|at| (title(at), example(at).unwrap_or_default()));
        let mut seen = HashSet::new();
        found.filter(|(title, _)| !title.is_empty() && seen.insert(fold(title))).collect()
    }

    /// The rows below a heading that hold something in one of its columns; headings that are printed again are left out.
    pub fn lines<'a>(&'a self, table: &'a Table, heading: &'a Heading) -> impl Iterator<Item = Line<'a>> {
        let rows = table.rows.iter().skip(heading.below);
        let again = move |row: &Row| {
            let named =
                heading.columns.iter().filter(|(column, at)| row.cells.get(**at).and_then(|cell| self.column(cell)) == Some(**column));
            named.count() * 2 > heading.columns.len()
        };
        let lines = rows.filter(move |row| !again(row)).map(move |row| Line { row, heading });
        lines.filter(|line| line.heading.columns.keys().any(|column| !line.get(column).is_empty()))
    }
}

/// One row with its heading.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    row: &'a Row,
    heading: &'a Heading,
}

impl Line<'_> {
    pub fn number(&self) -> u64 {
        self.row.line
    }
    /// The text of a column; empty where the table has no such column. What an export put before a formula is taken off again.
    pub fn get(&self, column: &str) -> &str {
        let cell = self.heading.columns.get(column).and_then(|at| self.row.cells.get(*at)).map_or("", String::as_str);
        workbook::as_meant(cell)
    }
    /// Whether the table has this column at all.
    pub fn has(&self, column: &str) -> bool {
        self.heading.columns.contains_key(column)
    }
}

#[cfg(test)]
#[path = "sheets/tests.rs"]
mod tests;
