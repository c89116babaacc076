//! A scheme as the sheet that an official draws: for each part a grid of texts under fixed columns.

use crate::{Cell, Part};
use std::collections::BTreeMap;

/// The tables of a scheme. A part that is left out has no lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    pub parts: BTreeMap<Part, Grid>,
}

/// One table: what its columns are, in any order, and the texts of its cells without the headings.
///
/// A column that is left out is blank, as are cells behind the end of a line. Lines of blanks are passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    pub columns: Vec<Cell>,
    pub lines: Vec<Vec<String>>,
}

/// What separates the conditions or steps of a cell, as it is printed: the full-width semicolon.
pub(crate) const SEPARATOR: char = '\u{FF1B}';
/// What separates the values of a list, as it is printed: the enumeration comma.
pub(crate) const COMMA: char = '\u{3001}';
/// What stands between a step's threshold and its points, as it is printed: the full-width colon.
pub(crate) const COLON: char = '\u{FF1A}';

/// The most characters of a cell, above all that a sound scheme fills.
pub(crate) const MAX_CELL: usize = 500_000;

impl Grid {
    /// The text of a cell, without blanks around it.
    pub fn text(&self, line: usize, cell: Cell) -> &str {
        let column = self.columns.iter().position(|column| *column == cell);
        column.and_then(|column| self.lines.get(line)?.get(column)).map_or("", |text| text.trim())
    }
    pub(crate) fn is_blank(&self, line: usize) -> bool {
        self.lines[line].iter().all(|text| text.trim().is_empty())
    }
}
