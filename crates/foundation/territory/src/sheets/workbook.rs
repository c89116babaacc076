//! XLSX on its way out: plain cells, real dates, lists to choose from, and no text that a spreadsheet would run as a formula.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use kernel::{Error, Instant, Result};
use rust_xlsxwriter::{DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, Formula, Workbook, Worksheet};

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Number(i64),
    /// A share in thousandths, shown as a percentage: a number that can be reckoned with.
    Permille(i64),
    /// Thousandths, shown as a decimal number with as many places as it has.
    Thousandths(i64),
    Day(Date),
    /// A local minute.
    Time(DateTime),
    Empty,
    /// One with the cell above it.
    Above,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }
    pub fn day(day: Option<Date>) -> Cell {
        day.map_or(Cell::Empty, Cell::Day)
    }
}

/// A column: its title, its width in characters, and the sheet whose first column it is chosen from.
#[derive(Debug, Clone)]
pub struct Column {
    pub title: String,
    pub width: u16,
    pub from: Option<String>,
}

impl Column {
    pub fn new(title: impl Into<String>, width: u16) -> Column {
        Column { title: title.into(), width, from: None }
    }
    #[must_use]
    pub fn chosen_from(mut self, sheet: impl Into<String>) -> Column {
        self.from = Some(sheet.into());
        self
    }
}

/// A sheet with its heading in the first row.
#[derive(Debug, Clone)]
pub struct Sheet {
    pub name: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

/// How many rows of a sheet that is filled in get its lists.
const CHOSEN_ROWS: u32 = 2_000;

/// Whether a spreadsheet may take a text that begins so for a formula (when it is kept as CSV and opened again, too).
fn begins_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

/// A text as it is written out: one that could be a formula gets the mark that makes it text.
pub fn neutral(text: &str) -> String {
    // A text that has the mark of its own gets a second one, so that it comes back as it was.
    if begins_a_formula(text) || text.strip_prefix('\'').is_some_and(|rest| begins_a_formula(rest.trim_start_matches('\''))) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// A text as it was before [`neutral`].
pub fn as_meant(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| begins_a_formula(rest.trim_start_matches('\''))).unwrap_or(text)
}

fn day_of(day: Date) -> Result<ExcelDateTime> {
    let number = |part: i8| u8::try_from(part).unwrap_or_default();
    ExcelDateTime::from_ymd(u16::try_from(day.year()).unwrap_or_default(), number(day.month()), number(day.day())).map_err(Error::internal)
}

/// The bytes of an XLSX. The same sheets at the same instant give the same bytes.
///
/// Errors: 500 when a sheet is larger than the format allows.
pub fn write(now: Instant, zone: &TimeZone, sheets: &[Sheet]) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let made = now.to_timestamp().to_zoned_datetime(zone.clone()).date();
    book.set_properties(&DocProperties::new().set_creation_datetime(&day_of(made)?));
    let names = names(sheets);
    for (sheet, name) in sheets.iter().zip(&names) {
        fill(book.add_worksheet().set_name(name).map_err(Error::internal)?, sheet, sheets, &names).map_err(Error::internal)?;
    }
    book.save_to_buffer().map_err(Error::internal)
}

/// Names that sheets of one book may have: at most 31 characters, none of those that mean something to a spreadsheet, no two alike.
fn names(sheets: &[Sheet]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for sheet in sheets {
        let may: String = sheet.name.chars().filter(|c| !"[]:*?/\\'".contains(*c)).collect();
        let mut name: String = may.chars().take(31).collect();
        let mut count = 1;
        while name.is_empty() || names.iter().any(|known| known.to_lowercase() == name.to_lowercase()) {
            count += 1;
            let end = format!(" {count}");
            name = may.chars().take(31 - end.len()).chain(end.chars()).collect();
        }
        names.push(name);
    }
    names
}

fn fill(out: &mut Worksheet, sheet: &Sheet, sheets: &[Sheet], names: &[String]) -> Result<(), rust_xlsxwriter::XlsxError> {
    let bold = Format::new().set_bold().set_align(FormatAlign::Center).set_text_wrap();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let decimal = Format::new().set_num_format("0.###");
    let percent = Format::new().set_num_format("0.0%");
    let minute = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    out.set_freeze_panes(1, 0)?;
    for (at, column) in (0_u16..).zip(&sheet.columns) {
        out.set_column_width(at, column.width)?;
        out.write_string_with_format(0, at, &column.title, &bold)?;
        let from = sheets.iter().zip(names).find(|(other, _)| column.from.as_ref() == Some(&other.name) && !other.rows.is_empty());
        if let Some((from, name)) = from {
            // Offered, not demanded: what is chosen from may be written in another way too.
            let list = DataValidation::new()
                .allow_list_formula(Formula::new(format!("='{name}'!$A$2:$A${}", from.rows.len() + 1)))
                .show_error_message(false);
            out.add_data_validation(1, at, CHOSEN_ROWS, at, &list)?;
        }
    }
    merge(out, sheet)?;
    for (row, cells) in (1_u32..).zip(&sheet.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Text(text) => out.write_string(row, column, neutral(text))?,
                Cell::Number(number) => out.write_number(row, column, f64::from(i32::try_from(*number).unwrap_or(i32::MAX)))?,
                Cell::Permille(permille) => {
                    let share = f64::from(i32::try_from(*permille).unwrap_or(i32::MAX)) / 1000.0;
                    out.write_number_with_format(row, column, share, &percent)?
                }
                Cell::Thousandths(n) => {
                    let number = f64::from(i32::try_from(*n).unwrap_or(i32::MAX)) / 1000.0;
                    // A format with places shows whole numbers with a point and nothing behind it.
                    if n % 1000 == 0 {
                        out.write_number(row, column, number)?
                    } else {
                        out.write_number_with_format(row, column, number, &decimal)?
                    }
                }
                Cell::Day(date) => {
                    let date = day_of(*date).map_err(|error| rust_xlsxwriter::XlsxError::ParameterError(error.to_string()))?;
                    out.write_datetime_with_format(row, column, &date, &day)?
                }
                Cell::Time(at) => {
                    let part = |part: i8| u8::try_from(part).unwrap_or_default();
                    let date = day_of(at.date()).map_err(|error| rust_xlsxwriter::XlsxError::ParameterError(error.to_string()))?;
                    let date = date.and_hms(u16::from(part(at.hour())), part(at.minute()), 0)?;
                    out.write_datetime_with_format(row, column, &date, &minute)?
                }
                Cell::Empty | Cell::Above => out,
            };
        }
    }
    Ok(())
}

/// Makes one of each cell and those below it that are one with it; what it says is written over it afterwards.
fn merge(out: &mut Worksheet, sheet: &Sheet) -> Result<(), rust_xlsxwriter::XlsxError> {
    let top = Format::new().set_align(FormatAlign::Top);
    for column in 0..sheet.columns.len() {
        let is_above = |row: &Vec<Cell>| row.get(column) == Some(&Cell::Above);
        let mut from = 0;
        for at in 1..=sheet.rows.len() {
            if sheet.rows.get(at).is_some_and(is_above) {
                continue;
            }
            let of = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
            if at - from > 1 {
                let column = u16::try_from(column).unwrap_or(u16::MAX);
                out.merge_range(of(from), column, of(at - 1), column, "", &top)?;
            }
            from = at;
        }
    }
    Ok(())
}

/// An XLSX to be kept under this name.
pub fn download(name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()),
        // RFC 8187 §3.2.1
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}.xlsx", access::http::encode(name))),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_are_called_by_names_that_spreadsheets_take() {
        let asked = ["a/b[c]*?", "Import of Orders of hotline 12345", "Import of orders of hotline 12346", "", "'", &"长".repeat(40)];
        let sheet = |name: &str| Sheet {
            name: name.to_owned(),
            columns: vec![Column::new("From", 9).chosen_from("a/b[c]*?")],
            rows: vec![vec![Cell::text("x")]],
        };
        let sheets: Vec<Sheet> = asked.iter().map(|name| sheet(name)).collect();
        let long = "长".repeat(31);
        assert_eq!(names(&sheets), ["abc", "Import of Orders of hotline 123", "Import of orders of hotline 1 2", " 2", " 3", &long]);
        write(Instant(0), &TimeZone::UTC, &sheets).unwrap();
    }
}
