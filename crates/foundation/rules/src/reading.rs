//! Reads a sheet: every cell by its grammar, then the whole scheme by its check; all problems at once, each at the sheet's cell.

use crate::cells::{Columns, Counted, Speech, Wrong};
use crate::checking::header;
use crate::lexicon::Space;
use crate::scheme::{MAX_DIMENSIONS, MAX_RATES, MAX_ROWS, RATE_COLUMN};
use crate::sheet::MAX_CELL;
use crate::{
    Cell, Column, Dimension, Fault, Grade, Grid, Lexicon, Part, Points, Problem, Rate, Row, Sample, Scale, Scheme, Sheet, Sign, Start, Sum,
    Table, Vocabulary, Where, Word, Worth,
};
use std::collections::{BTreeMap, BTreeSet};

/// A sheet that was read without an error.
#[derive(Debug, Clone)]
pub struct Reading {
    pub scheme: Scheme,
    pub table: Table,
    lines: Lines,
}

/// For each part, the sheet's line of every element of the scheme.
type Lines = BTreeMap<Part, Vec<usize>>;

impl Reading {
    /// As [`Table::lint`], at the cells of the sheet.
    pub fn lint(&self) -> Vec<Problem> {
        self.table.lint().into_iter().map(|problem| placed(problem, &self.lines)).collect()
    }
}

/// The problem of a scheme's element at its line of the sheet.
fn placed(mut problem: Problem, lines: &Lines) -> Problem {
    let place = |at: &mut Where| {
        let line = lines.get(&at.part).and_then(|lines| lines.get(at.row)).copied();
        at.row = line.unwrap_or(at.row);
    };
    place(&mut problem.at);
    problem.others.iter_mut().for_each(place);
    problem
}

impl Sheet {
    /// Reads the sheet as a scheme over this vocabulary, and checks it.
    ///
    /// Errors: every problem that is an error, at the sheet's lines (counted from 0, blank ones too). Where a part has too many
    /// lines, that alone.
    pub fn read(&self, vocabulary: &Vocabulary, lexicon: &Lexicon) -> Result<Reading, Vec<Problem>> {
        let mut reader = Reader::new(self, vocabulary, lexicon)?;
        let mut scheme = Scheme::default();
        reader.dimensions(&mut scheme);
        reader.sums_and_rates(&mut scheme);
        reader.grades(&mut scheme);
        reader.header(&mut scheme);
        reader.rows(&mut scheme);
        let Reader { lines, problems, .. } = reader;
        match scheme.compile(vocabulary) {
            Ok(table) if problems.is_empty() => Ok(Reading { scheme, table, lines }),
            checked => Err(joined(problems, checked.err().unwrap_or_default(), &lines)),
        }
    }
}

/// What was found in reading and what in checking: of one cell, what was found first.
fn joined(read: Vec<Problem>, checked: Vec<Problem>, lines: &Lines) -> Vec<Problem> {
    let cells: BTreeSet<Where> = read.iter().map(|problem| problem.at).collect();
    let parts: BTreeSet<Part> = read.iter().map(|problem| problem.at.part).collect();
    let mut all = read;
    all.extend(checked.into_iter().map(|problem| placed(problem, lines)).filter(|problem| {
        // Next to a number that could not be read, order says nothing.
        let beside = problem.fault == Fault::OutOfOrder && problem.at.cell != Cell::Worth && parts.contains(&problem.at.part);
        !cells.contains(&problem.at) && !beside
    }));
    all.sort_by_key(|problem| problem.at);
    all
}

struct Reader<'s> {
    sheet: &'s Sheet,
    vocabulary: &'s Vocabulary,
    lexicon: &'s Lexicon,
    speech: Speech<'s>,
    /// Of each part, the lines that are not blank.
    lines: Lines,
    problems: Vec<Problem>,
}

static NO_LINES: Grid = Grid { columns: Vec::new(), lines: Vec::new() };

impl<'s> Reader<'s> {
    /// Errors: parts with too many lines, found before anything is read.
    fn new(sheet: &'s Sheet, vocabulary: &'s Vocabulary, lexicon: &'s Lexicon) -> Result<Self, Vec<Problem>> {
        let (mut lines, mut problems) = (Lines::new(), Vec::new());
        for (part, grid) in &sheet.parts {
            let max = match part {
                Part::Row => MAX_ROWS,
                Part::Rate | Part::Sum => MAX_RATES,
                Part::Dimension | Part::Grade => MAX_DIMENSIONS,
                Part::Header => MAX_ROWS + header::POLICIES,
            };
            let filled: Vec<usize> = (0..grid.lines.len()).filter(|line| !grid.is_blank(*line)).collect();
            if filled.len() > max {
                let at = Where::new(*part, filled[max], part.cells()[0]);
                problems.push(Problem::new(at, Fault::TooMany).arg("max", max).arg("found", filled.len()));
            }
            lines.insert(*part, filled);
        }
        let reader = Reader { sheet, vocabulary, lexicon, speech: Speech::of(lexicon), lines, problems };
        if reader.problems.is_empty() { Ok(reader) } else { Err(reader.problems) }
    }
    fn lines(&self, part: Part) -> Vec<usize> {
        self.lines.get(&part).cloned().unwrap_or_default()
    }
    /// The cell's text; one that is too long is reported and read as blank.
    fn text(&mut self, part: Part, line: usize, cell: Cell) -> &'s str {
        let grid = self.sheet.parts.get(&part).unwrap_or(&NO_LINES);
        let text = grid.text(line, cell);
        // A character has at most four bytes, so short texts are not counted through.
        if text.len() > MAX_CELL && text.chars().count() > MAX_CELL {
            self.problems.push(Problem::new(Where::new(part, line, cell), Fault::TooLong).arg("max", MAX_CELL));
            return "";
        }
        text
    }
    fn wrong(&mut self, part: Part, line: usize, cell: Cell, Wrong(fault, args): Wrong) {
        self.problems.push(Problem { args, ..Problem::new(Where::new(part, line, cell), fault) });
    }
    /// What `read` makes of the cell; where it fails, that is reported, and `otherwise` stands in.
    fn cell<T>(&mut self, part: Part, line: usize, cell: Cell, otherwise: T, read: impl FnOnce(&str) -> Result<T, Wrong>) -> T {
        let text = self.text(part, line, cell);
        read(text).unwrap_or_else(|wrong| {
            self.wrong(part, line, cell, wrong);
            otherwise
        })
    }
    fn points(&mut self, part: Part, line: usize, cell: Cell) -> Points {
        let speech = self.speech;
        self.cell(part, line, cell, Points::ZERO, |text| speech.read_points(text))
    }

    fn dimensions(&mut self, scheme: &mut Scheme) {
        let speech = self.speech;
        for line in self.lines(Part::Dimension) {
            scheme.dimensions.push(Dimension {
                name: self.text(Part::Dimension, line, Cell::Name).to_owned(),
                full: self.points(Part::Dimension, line, Cell::Full),
                start: self.cell(Part::Dimension, line, Cell::Start, Start::Full, |text| speech.read_word(text)),
            });
        }
    }

    fn sums_and_rates(&mut self, scheme: &mut Scheme) {
        let speech = self.speech;
        let sums = self.lines(Part::Sum).into_iter().map(|line| self.text(Part::Sum, line, Cell::Name)).collect();
        let names = Counted { lexicon: self.lexicon, counts: &self.vocabulary.counts, sums };
        let expression = |reader: &mut Self, part, line, cell| {
            reader.cell(part, line, cell, crate::Expression::zero(), |text| speech.read_expression(text, &names))
        };
        for line in self.lines(Part::Sum) {
            scheme.sums.push(Sum {
                name: self.text(Part::Sum, line, Cell::Name).to_owned(),
                expression: expression(self, Part::Sum, line, Cell::Expression),
            });
        }
        for line in self.lines(Part::Rate) {
            scheme.rates.push(Rate {
                code: self.text(Part::Rate, line, Cell::Code).to_owned(),
                name: self.text(Part::Rate, line, Cell::Name).to_owned(),
                numerator: expression(self, Part::Rate, line, Cell::Numerator),
                denominator: expression(self, Part::Rate, line, Cell::Denominator),
                scale: self.cell(Part::Rate, line, Cell::Scale, Scale::Plain, |text| speech.read_word(text)),
            });
        }
    }

    fn grades(&mut self, scheme: &mut Scheme) {
        for line in self.lines(Part::Grade) {
            let name = self.text(Part::Grade, line, Cell::Name).to_owned();
            scheme.grades.push(Grade { name, from: self.points(Part::Grade, line, Cell::From) });
        }
    }

    fn header(&mut self, scheme: &mut Scheme) {
        const ITEMS: [Word; 5] = [Word::Base, Word::Min, Word::Max, Word::Sample, Word::Policy];
        let speech = self.speech;
        let lines = self.lines(Part::Header);
        let end = lines.last().map_or(0, |line| line + 1);
        let mut places: BTreeMap<Word, usize> = BTreeMap::new();
        let mut policies: BTreeMap<String, usize> = BTreeMap::new();
        for line in lines {
            let item = self.text(Part::Header, line, Cell::Item);
            let Some(word) = self.lexicon.choose(item, &ITEMS) else {
                let fault = if item.is_empty() { Fault::Empty } else { Fault::UnknownWord };
                self.wrong(Part::Header, line, Cell::Item, Wrong(fault, BTreeMap::from([("text", item.to_owned())])));
                continue;
            };
            let said = self.text(Part::Header, line, Cell::Subject);
            let before = if word == Word::Policy {
                let kinds = self.vocabulary.kinds.iter().map(|kind| kind.name.as_str());
                let kind = self.lexicon.find(said, Space::Kind, kinds).unwrap_or(said);
                let policy = self.cell(Part::Header, line, Cell::Value, crate::Policy::Collect, |text| speech.read_word(text));
                scheme.policies.insert(kind.to_owned(), policy);
                policies.insert(kind.to_owned(), line)
            } else {
                match word {
                    Word::Base => scheme.base = self.points(Part::Header, line, Cell::Value),
                    Word::Min => scheme.min = self.points(Part::Header, line, Cell::Value),
                    Word::Max => scheme.max = self.points(Part::Header, line, Cell::Value),
                    _ => {
                        let counts = self.vocabulary.counts.iter().map(String::as_str);
                        let count = self.lexicon.find(said, Space::Count, counts).unwrap_or(said).to_owned();
                        let least = self.cell(Part::Header, line, Cell::Value, 0, |text| speech.read_number(text));
                        scheme.sample = Some(Sample { count, least });
                    }
                }
                places.insert(word, line)
            };
            if let Some(before) = before {
                let others = vec![Where::new(Part::Header, before, Cell::Item)];
                let at = Where::new(Part::Header, line, Cell::Item);
                self.problems.push(Problem::new(at, Fault::Duplicate).arg("name", item).others(others));
            }
        }
        for word in [Word::Base, Word::Min, Word::Max] {
            if !places.contains_key(&word) {
                let name = self.lexicon.say(word).to_owned();
                self.wrong(Part::Header, end, Cell::Item, Wrong(Fault::Empty, BTreeMap::from([("name", name)])));
            }
        }
        let of = |word| places.get(&word).copied().unwrap_or(end);
        let placed = ITEMS[..header::POLICIES].iter().map(|word| of(*word)).chain(policies.into_values()).collect();
        self.lines.insert(Part::Header, placed);
    }

    fn rows(&mut self, scheme: &mut Scheme) {
        let of_rates = [Column::int(RATE_COLUMN, i64::MIN, i64::MAX)];
        let mut above = "";
        for line in self.lines(Part::Row) {
            let text = |reader: &mut Self, cell| reader.text(Part::Row, line, cell);
            // The cells of a merged one are blank but for the first.
            above = Some(text(self, Cell::Dimension)).filter(|text| !text.is_empty()).unwrap_or(above);
            let row = self.row(line, above, scheme, &of_rates);
            scheme.rows.push(row);
        }
    }

    fn row(&mut self, line: usize, dimension: &str, scheme: &Scheme, of_rates: &[Column]) -> Row {
        let (speech, lexicon, vocabulary) = (self.speech, self.lexicon, self.vocabulary);
        let said = self.text(Part::Row, line, Cell::Applies);
        let applies = applies(said, lexicon, vocabulary, scheme);
        let kind = vocabulary.kinds.iter().find(|kind| Some(kind.name.as_str()) == applies.as_deref());
        let columns = match kind {
            Some(kind) => Columns { columns: &kind.columns, of_rate: false },
            None => Columns { columns: of_rates, of_rate: true },
        };
        let text = |reader: &mut Self, cell| reader.text(Part::Row, line, cell).to_owned();
        let measures = vocabulary.measures.iter().map(|measure| measure.name.as_str());
        let normalise = Some(text(self, Cell::Normalise)).filter(|text| !text.is_empty());
        let mut row = Row {
            code: text(self, Cell::Code),
            dimension: dimension.to_owned(),
            name: text(self, Cell::Name),
            applies: applies.clone().unwrap_or_else(|| said.to_owned()),
            conditions: Vec::new(),
            sign: self.cell(Part::Row, line, Cell::Sign, Sign::Deduct, |text| speech.read_word(text)),
            worth: Worth::Each(Points::ZERO),
            normalise: normalise.map(|said| lexicon.find(&said, Space::Measure, measures).map_or(said.clone(), str::to_owned)),
            cap: None,
            evidence: text(self, Cell::Evidence),
            decider: text(self, Cell::Decider),
            note: text(self, Cell::Note),
        };
        // Without knowing what it applies to, its columns mean nothing.
        if applies.is_some() {
            let conditions = text(self, Cell::Conditions);
            match speech.read_conditions(&conditions, columns) {
                Ok(conditions) => row.conditions = conditions,
                Err(all) => all.into_iter().for_each(|wrong| self.wrong(Part::Row, line, Cell::Conditions, wrong)),
            }
            row.worth = self.cell(Part::Row, line, Cell::Worth, row.worth, |text| speech.read_worth(text, columns));
            row.cap = self.cell(Part::Row, line, Cell::Cap, None, |text| speech.read_cap(text, columns));
        }
        row
    }
}

/// The technical name of what a row applies to: a kind of facts or a rate, by name or code first and by its words else.
pub(crate) fn applies(said: &str, lexicon: &Lexicon, vocabulary: &Vocabulary, scheme: &Scheme) -> Option<String> {
    let kinds = vocabulary.kinds.iter().map(|kind| kind.name.as_str());
    let exact = kinds.clone().chain(scheme.rates.iter().map(|rate| rate.code.as_str())).find(|name| *name == said);
    let labelled = || lexicon.find(said, Space::Kind, kinds.clone());
    // A name that several rates have says nothing.
    let named = || {
        let mut named = scheme.rates.iter().filter(|rate| rate.name == said).map(|rate| rate.code.as_str());
        named.next().filter(|_| named.next().is_none())
    };
    exact.or_else(labelled).or_else(named).filter(|name| !name.is_empty()).map(str::to_owned)
}
