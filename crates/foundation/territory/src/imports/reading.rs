//! What was read of a table that is brought in: its columns, its lines, and words of lists, numbers and yes or no in them.

use super::{About, MISSING, NOT_A_NUMBER, NOT_LISTED, Problem};
use crate::import::TOO_MANY_LINES;
use crate::matching::{Found, listed};
use crate::sheets::{self, Table, Titles, fold};
use jiff::civil::Date;
use kernel::{Code, Error, Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use web::{Lang, Words};

/// No sheet of the file has the columns that are wanted.
pub const HEADING: Code = Code::invalid("import_line.heading");

/// The most lines of one import.
pub const MAX_LINES: usize = 5_000;

/// A line as it was written: its cells by their columns, without the empty ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub line: u64,
    pub cells: BTreeMap<String, String>,
}

impl Written {
    pub fn get(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// A table that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub read_on: String,
    /// Column and the title it was known by.
    pub columns: Vec<(String, String)>,
    /// Titles that mean nothing here.
    pub unread: Vec<String>,
    pub lines: Vec<Written>,
}

impl Received {
    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|(key, _)| key == column)
    }

    /// The lines of the sheet that fits best.
    ///
    /// Errors: `import_line.heading`, `import.too_many_lines`.
    pub fn of(tables: &[Table], about: &About, titles: &Titles, read_on: Date) -> Result<Received> {
        let fits = |table: &Table| {
            let found = about.wanted.iter().filter_map(|wanted| titles.heading(table, wanted));
            found.max_by_key(sheets::Heading::width)
        };
        let mut best: Option<(&Table, sheets::Heading)> = None;
        for (table, heading) in tables.iter().filter_map(|table| Some((table, fits(table)?))) {
            if best.as_ref().is_none_or(|(_, known)| heading.width() > known.width()) {
                best = Some((table, heading));
            }
        }
        let Some((table, heading)) = best else { return Err(HEADING.into()) };
        let (columns, unread) = heading.titles(table);
        let written = |line: sheets::Line<'_>| {
            let cell = |key: &str| Some(line.get(key)).filter(|text| !text.is_empty()).map(|text| (key.to_owned(), text.to_owned()));
            Written { line: line.number(), cells: columns.iter().filter_map(|(key, _)| cell(key)).collect() }
        };
        let lines: Vec<Written> = titles.lines(table, &heading).map(written).filter(|line| !line.is_bare()).collect();
        ensure(lines.len() <= MAX_LINES, TOO_MANY_LINES.err().arg("max", MAX_LINES))?;
        Ok(Received { read_on: read_on.to_string(), columns, unread, lines })
    }
}

impl Written {
    /// Whether it holds nothing but its running number: a ruled line of a form that nobody filled in.
    fn is_bare(&self) -> bool {
        self.cells.keys().all(|key| key == "row")
    }
}

/// Reads the cells of one line, and gathers what is wrong with it.
pub struct Reader<'a> {
    pub line: &'a Written,
    pub wrong: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub fn new(line: &'a Written) -> Self {
        Reader { line, wrong: Vec::new() }
    }
    pub fn text(&self, column: &str) -> &'a str {
        self.line.get(column)
    }
    pub fn say(&mut self, problem: Problem) {
        if !self.wrong.contains(&problem) {
            self.wrong.push(problem);
        }
    }
    /// What a check of the model says about a column, as a word of this line.
    pub fn keep<T>(&mut self, title: &str, outcome: Result<T>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                self.say(problem_of(&error).at(title));
                None
            }
        }
    }
    /// A cell that must hold something.
    pub fn needed(&mut self, column: &str, title: &str) -> Option<&'a str> {
        let text = self.line.get(column);
        if text.is_empty() {
            self.say(Problem::new(MISSING, &[("column", title.to_owned())]));
            return None;
        }
        Some(text)
    }
    /// A whole number, full-width digits too; none for an empty cell.
    pub fn number(&mut self, column: &str, title: &str) -> Option<i64> {
        let text = fold(self.line.get(column));
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok();
        if number.is_none() {
            self.say(Problem::new(NOT_A_NUMBER, &[("column", title.to_owned()), ("text", self.line.get(column).to_owned())]));
        }
        number
    }
    /// What a word was found to mean; `codes` are for what is unknown, near to something, and several.
    pub fn one<T>(&mut self, found: Found<T>, [unknown, near, several]: [Code; 3]) -> Option<T> {
        let (code, names) = match found {
            Found::One(one) => return Some(one),
            Found::Unknown(names) if names.is_empty() => (unknown, names),
            Found::Unknown(names) => (near, names),
            Found::Several(names) => (several, names),
        };
        let args: Vec<(String, String)> = listed(&names).into_iter().collect();
        self.say(Problem::new(code, &args.iter().map(|(name, value)| (name.as_str(), value.clone())).collect::<Vec<_>>()));
        None
    }
    /// One of an enumeration by its word in either language, its stored form, or a part of its word (社区/村).
    pub fn listed<T: Copy + ToString>(&mut self, column: &str, title: &str, prefix: &str, all: &[T]) -> Option<T> {
        let text = self.line.get(column);
        let found = word_of(text, prefix, all);
        if found.is_none() && !text.is_empty() {
            self.say(not_listed(title, text, prefix, all));
        }
        found
    }
    /// Yes or no; none for an empty cell or another word, which is wrong.
    pub fn yes(&mut self, column: &str, title: &str) -> Option<bool> {
        let text = self.line.get(column);
        if text.is_empty() {
            return None;
        }
        let found = yes_or_no(text);
        if found.is_none() {
            let words = [yes_words(true), yes_words(false)].join("\u{3001}");
            self.say(Problem::new(NOT_LISTED, &[("column", title.to_owned()), ("text", text.to_owned()), ("names", words)]));
        }
        found
    }
}

/// An error of the model as a word of a line.
pub fn problem_of(error: &Error) -> Problem {
    let (code, args) = match error.field_errors().first() {
        Some(field) if !field.args.is_empty() => (field.code.clone(), field.args.clone()),
        Some(field) => (field.code.clone(), error.args().clone()),
        None => (error.code().to_owned(), error.args().clone()),
    };
    Problem { code, args }
}

fn languages() -> [Words; 2] {
    [Words::of(Lang::Chinese), Words::of(Lang::English)]
}

/// One of an enumeration by its word.
pub fn word_of<T: Copy + ToString>(text: &str, prefix: &str, all: &[T]) -> Option<T> {
    let typed = fold(text);
    let means = |one: &T| {
        let stored = one.to_string();
        if fold(&stored) == typed {
            return true;
        }
        languages().iter().any(|w| {
            let word = w.t(&format!("{prefix}{stored}")).into_owned();
            fold(&word) == typed || word.split(['/', '\u{3001}', ',']).any(|part| !part.trim().is_empty() && fold(part) == typed)
        })
    };
    if typed.is_empty() { None } else { all.iter().copied().find(means) }
}

fn not_listed<T: Copy + ToString>(title: &str, text: &str, prefix: &str, all: &[T]) -> Problem {
    let w = Words::of(Lang::Chinese);
    let names: Vec<String> = all.iter().map(|one| w.t(&format!("{prefix}{}", one.to_string())).into_owned()).collect();
    Problem::new(NOT_LISTED, &[("column", title.to_owned()), ("text", text.to_owned()), ("names", names.join("\u{3001}"))])
}

fn yes_words(yes: bool) -> String {
    Words::of(Lang::Chinese).t(if yes { "import-yes" } else { "import-no" }).into_owned()
}

fn yes_or_no(text: &str) -> Option<bool> {
    let meaning = crate::matching::meaning(text);
    if meaning == Some("yes") || meaning == Some("no") {
        return meaning.map(|meaning| meaning == "yes");
    }
    let typed = fold(text);
    let is = |key: &str| languages().iter().any(|w| fold(&w.t(key)) == typed);
    if is("import-yes") {
        return Some(true);
    }
    is("import-no").then_some(false)
}

/// The word of a yes or no in the reader's language.
pub fn yes_word(w: Words, yes: bool) -> String {
    w.t(if yes { "import-yes" } else { "import-no" }).into_owned()
}
