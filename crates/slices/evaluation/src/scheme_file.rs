//! A scheme as a workbook: a sheet for each of its tables, the rows first, with one merged cell for a dimension's rows; and back.

use crate::terms::lexicon;
use kernel::{Code, Error, Instant, Result};
use rules::{Cell, Grid, Part, Problem, Reading, Sheet, Where};
use std::collections::BTreeMap;
use territory::Directory;
use territory::sheets::{Table, fold, workbook};
use web::Words;
use web::language::Lang;

/// No sheet of the file has the columns of a scheme's rows.
pub const HEADING: Code = Code::invalid("scheme.heading");

/// The rows stand first: they are what people read.
pub const ORDER: [Part; 6] = [Part::Row, Part::Dimension, Part::Rate, Part::Sum, Part::Grade, Part::Header];
/// Within how many rows of a sheet its heading stands.
const HEADING_WITHIN: usize = 20;

const LANGS: [Lang; 2] = [Lang::Chinese, Lang::English];

/// The columns without which a sheet is not that table.
const fn needed(part: Part) -> &'static [Cell] {
    match part {
        Part::Header => &[Cell::Item, Cell::Value],
        Part::Dimension => &[Cell::Name, Cell::Full],
        Part::Sum => &[Cell::Name, Cell::Expression],
        Part::Rate => &[Cell::Code, Cell::Numerator, Cell::Denominator],
        Part::Grade => &[Cell::Name, Cell::From],
        Part::Row => &[Cell::Code, Cell::Applies, Cell::Worth],
    }
}

/// Where the tables of a file stand in it.
#[derive(Debug, Clone, Default)]
pub struct Places(BTreeMap<Part, (Vec<usize>, Vec<u64>)>);

impl Places {
    /// The cell as a spreadsheet names it: `C7`.
    pub fn cell(&self, at: Where, grid: Option<&Grid>) -> Option<String> {
        let (columns, lines) = self.0.get(&at.part)?;
        let column = grid?.columns.iter().position(|cell| *cell == at.cell).and_then(|nth| columns.get(nth))?;
        let line = lines.get(at.row)?;
        Some(format!("{}{line}", letters(*column)))
    }
}

/// `A` to `Z`, `AA` …
pub(crate) fn letters(mut column: usize) -> String {
    let mut text = String::new();
    loop {
        text.insert(0, char::from(b'A' + u8::try_from(column % 26).unwrap_or(0)));
        if column < 26 {
            return text;
        }
        column = column / 26 - 1;
    }
}

pub fn title(w: Words, cell: Cell) -> String {
    w.t(&format!("scheme-cell-{cell}")).into_owned()
}

pub fn part_name(w: Words, part: Part) -> String {
    w.t(&format!("scheme-part-{part}")).into_owned()
}

/// The tables of a file, each found by its headings in either language, and where their cells stand.
///
/// Errors: `scheme.heading`.
pub fn read(tables: &[Table]) -> Result<(Sheet, Places)> {
    let mut titles: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
    for cell in Cell::ALL {
        for text in LANGS.iter().map(|lang| title(Words::of(*lang), *cell)).chain([cell.to_string()]) {
            titles.entry(fold(&text)).or_default().push(*cell);
        }
    }
    let (mut sheet, mut places) = (Sheet::default(), Places::default());
    for table in tables {
        let found = (0..table.rows.len().min(HEADING_WITHIN)).find_map(|at| {
            let heading = |part: Part| {
                let cells = &table.rows[at].cells;
                let is = |text: &String| {
                    let named = titles.get(&fold(text))?;
                    named.iter().find(|cell| part.cells().contains(cell)).copied()
                };
                let columns: Vec<(usize, Cell)> = cells.iter().enumerate().filter_map(|(nth, text)| Some((nth, is(text)?))).collect();
                needed(part).iter().all(|cell| columns.iter().any(|(_, found)| found == cell)).then_some((part, at, columns))
            };
            let free = ORDER.into_iter().filter(|part| !sheet.parts.contains_key(part));
            free.filter_map(heading).max_by_key(|(part, _, columns)| (columns.len() * 100) / part.cells().len())
        });
        let Some((part, at, columns)) = found else { continue };
        let mut columns = columns;
        let mut seen = Vec::new();
        columns.retain(|(_, cell)| {
            !seen.contains(cell) && {
                seen.push(*cell);
                true
            }
        });
        let rows = &table.rows[at + 1..];
        let text = |row: &territory::sheets::Row, nth: usize| {
            row.cells.get(nth).map(|text| workbook::as_meant(text).to_owned()).unwrap_or_default()
        };
        let lines = rows.iter().map(|row| columns.iter().map(|(nth, _)| text(row, *nth)).collect()).collect();
        sheet.parts.insert(part, Grid { columns: columns.iter().map(|(_, cell)| *cell).collect(), lines });
        places.0.insert(part, (columns.iter().map(|(nth, _)| *nth).collect(), rows.iter().map(|row| row.line).collect()));
    }
    if sheet.parts.contains_key(&Part::Row) { Ok((sheet, places)) } else { Err(HEADING.into()) }
}

/// What a sheet says, in the reader's words or else in the other language's; of two that both cannot be read, the lesser evil.
pub fn understood(sheet: &Sheet, vocabulary: &rules::Vocabulary, directory: &Directory, lang: Lang) -> Result<Reading, Vec<Problem>> {
    let mut best = None::<Vec<Problem>>;
    for lang in [lang].into_iter().chain(LANGS.into_iter().filter(|other| *other != lang)) {
        match sheet.read(vocabulary, &lexicon(vocabulary, directory, lang)) {
            Ok(reading) => return Ok(reading),
            Err(problems) if best.as_ref().is_none_or(|best| problems.len() < best.len()) => best = Some(problems),
            Err(_) => {}
        }
    }
    Err(best.unwrap_or_default())
}

const fn width(cell: Cell) -> u16 {
    match cell {
        Cell::Conditions | Cell::Worth => 36,
        Cell::Name | Cell::Expression | Cell::Numerator | Cell::Denominator | Cell::Evidence | Cell::Note => 28,
        Cell::Applies | Cell::Dimension | Cell::Item | Cell::Subject | Cell::Cap | Cell::Decider => 18,
        _ => 12,
    }
}

/// The workbook of a scheme. Errors: 500 when a sheet is larger than the format allows.
pub fn write(sheet: &Sheet, w: Words, now: Instant, zone: &jiff::tz::TimeZone) -> Result<Vec<u8>, Error> {
    let sheets: Vec<workbook::Sheet> = ORDER
        .into_iter()
        .filter_map(|part| {
            let grid = sheet.parts.get(&part)?;
            let mut above = String::new();
            let line = |line: &Vec<String>| {
                let mut cells: Vec<workbook::Cell> = line.iter().map(workbook::Cell::text).collect();
                let first = line.first().cloned().unwrap_or_default();
                if part == Part::Row && first == above {
                    cells[0] = workbook::Cell::Above;
                }
                above = first;
                cells
            };
            Some(workbook::Sheet {
                name: part_name(w, part),
                columns: grid.columns.iter().map(|cell| workbook::Column::new(title(w, *cell), width(*cell))).collect(),
                rows: grid.lines.iter().map(line).collect(),
            })
        })
        .collect();
    workbook::write(now, zone, &sheets)
}
