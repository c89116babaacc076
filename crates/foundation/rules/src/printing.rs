//! Prints a scheme as a sheet that reads back as the same scheme.

use crate::cells::{Columns, Counted, Speech};
use crate::lexicon::Space;
use crate::reading::applies;
use crate::scheme::RATE_COLUMN;
use crate::{Cell, Column, Expression, Grid, Lexicon, Part, Row, Scheme, Sheet, Vocabulary, Word};

impl Scheme {
    /// The scheme as a sheet, in the lexicon's words where those are clear, else in technical names.
    ///
    /// For a scheme that compiles with this vocabulary, [`Sheet::read`] gives the same scheme again.
    pub fn to_sheet(&self, vocabulary: &Vocabulary, lexicon: &Lexicon) -> Sheet {
        let printer = Printer { scheme: self, vocabulary, lexicon, speech: Speech::of(lexicon) };
        let parts = Part::ALL.iter().map(|part| {
            let lines = match part {
                Part::Header => printer.header(),
                Part::Dimension => printer.dimensions(),
                Part::Sum => printer.sums(),
                Part::Rate => printer.rates(),
                Part::Grade => self.grades.iter().map(|grade| vec![grade.name.clone(), grade.from.to_string()]).collect(),
                Part::Row => self.rows.iter().map(|row| printer.row(row)).collect(),
            };
            (*part, Grid { columns: part.cells().to_vec(), lines })
        });
        Sheet { parts: parts.collect() }
    }
}

struct Printer<'s> {
    scheme: &'s Scheme,
    vocabulary: &'s Vocabulary,
    lexicon: &'s Lexicon,
    speech: Speech<'s>,
}

impl Printer<'_> {
    /// A name by its label, if that leads back to it.
    fn name<'n>(&'n self, space: Space, name: &'n str, all: impl Iterator<Item = &'n str> + Clone) -> String {
        let label = self.lexicon.name(space, name).trim();
        if self.lexicon.find(label, space, all) == Some(name) { label.to_owned() } else { name.to_owned() }
    }
    fn header(&self) -> Vec<Vec<String>> {
        let items = [Word::Base, Word::Min, Word::Max, Word::Sample, Word::Policy];
        let item = |word: Word| {
            let said = self.lexicon.say(word).trim();
            if self.lexicon.choose(said, &items) == Some(word) { said.to_owned() } else { word.as_str().to_owned() }
        };
        let points = [(Word::Base, self.scheme.base), (Word::Min, self.scheme.min), (Word::Max, self.scheme.max)];
        let mut lines: Vec<Vec<String>> = points.map(|(word, points)| vec![item(word), String::new(), points.to_string()]).to_vec();
        if let Some(sample) = &self.scheme.sample {
            let count = self.name(Space::Count, &sample.count, self.vocabulary.counts.iter().map(String::as_str));
            lines.push(vec![item(Word::Sample), count, sample.least.to_string()]);
        }
        for (kind, policy) in &self.scheme.policies {
            let kind = self.name(Space::Kind, kind, self.vocabulary.kinds.iter().map(|kind| kind.name.as_str()));
            lines.push(vec![item(Word::Policy), kind, self.speech.print_word(*policy)]);
        }
        lines
    }
    fn dimensions(&self) -> Vec<Vec<String>> {
        let line = |one: &crate::Dimension| vec![one.name.clone(), one.full.to_string(), self.speech.print_word(one.start)];
        self.scheme.dimensions.iter().map(line).collect()
    }
    fn expression(&self, expression: &Expression) -> String {
        let sums = self.scheme.sums.iter().map(|sum| sum.name.as_str()).collect();
        self.speech.print_expression(expression, &Counted { lexicon: self.lexicon, counts: &self.vocabulary.counts, sums })
    }
    fn sums(&self) -> Vec<Vec<String>> {
        self.scheme.sums.iter().map(|sum| vec![sum.name.clone(), self.expression(&sum.expression)]).collect()
    }
    fn rates(&self) -> Vec<Vec<String>> {
        let line = |rate: &crate::Rate| {
            let (numerator, denominator) = (self.expression(&rate.numerator), self.expression(&rate.denominator));
            vec![rate.code.clone(), rate.name.clone(), numerator, denominator, self.speech.print_word(rate.scale)]
        };
        self.scheme.rates.iter().map(line).collect()
    }
    fn row(&self, row: &Row) -> Vec<String> {
        let of_rates = [Column::int(RATE_COLUMN, i64::MIN, i64::MAX)];
        let kind = self.vocabulary.kinds.iter().find(|kind| kind.name == row.applies);
        let columns = match kind {
            Some(kind) => Columns { columns: &kind.columns, of_rate: false },
            None => Columns { columns: &of_rates, of_rate: true },
        };
        let said = self.lexicon.name(Space::Kind, &row.applies).trim();
        let clear = applies(said, self.lexicon, self.vocabulary, self.scheme).as_ref() == Some(&row.applies);
        let measures = self.vocabulary.measures.iter().map(|measure| measure.name.as_str());
        let print = |cell: &Cell| match cell {
            Cell::Dimension => row.dimension.clone(),
            Cell::Code => row.code.clone(),
            Cell::Name => row.name.clone(),
            Cell::Applies => if clear { said } else { &row.applies }.to_owned(),
            Cell::Conditions => self.speech.print_conditions(&row.conditions, columns),
            Cell::Sign => self.speech.print_word(row.sign),
            Cell::Worth => self.speech.print_worth(&row.worth, columns),
            Cell::Normalise => row.normalise.as_ref().map_or(String::new(), |name| self.name(Space::Measure, name, measures.clone())),
            Cell::Cap => self.speech.print_cap(&row.cap, columns),
            Cell::Evidence => row.evidence.clone(),
            Cell::Decider => row.decider.clone(),
            Cell::Note => row.note.clone(),
            _ => String::new(),
        };
        Part::Row.cells().iter().map(print).collect()
    }
}
