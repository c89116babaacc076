//! The words of a sheet: how people say the keywords and names that a scheme is written in.

use crate::scan::{Scan, is_name_char, plain};
use std::collections::BTreeMap;

text_enum! {
    /// A keyword; its technical text is always understood.
    pub enum Word {
        Base = "base",
        Min = "min",
        Max = "max",
        Sample = "sample",
        Policy = "policy",
        Collect = "collect",
        First = "first",
        Unique = "unique",
        Any = "any",
        Full = "full",
        Zero = "zero",
        Plain = "plain",
        Percent = "percent",
        Permille = "permille",
        PerHundred = "per_hundred",
        PerThousand = "per_thousand",
        PerTenThousand = "per_ten_thousand",
        Deduct = "deduct",
        Award = "award",
        /// May stand before points that each match gives.
        Each = "each",
        /// Stands before the weight of a rate.
        Share = "share",
        /// Stands before the most that a person may enter.
        Entered = "entered",
        /// May stand behind a number of points.
        Points = "points",
        In = "in",
        NotIn = "not_in",
        Known = "known",
        Unknown = "unknown",
        Yes = "yes",
        No = "no",
        /// The period before, behind an `@`.
        Last = "last",
    }
}

text_enum! {
    /// What a label is of.
    pub enum Space {
        Kind = "kind",
        Column = "column",
        Count = "count",
        Measure = "measure",
    }
}

/// Keywords and names as people write them. Without any, a sheet has technical names alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lexicon {
    words: BTreeMap<Word, Vec<String>>,
    labels: BTreeMap<(Space, String), String>,
    codes: BTreeMap<(String, String), String>,
    /// The codes by column and label in plain form.
    labelled: BTreeMap<(String, String), String>,
}

impl Lexicon {
    /// Without any words or labels.
    pub const fn none() -> Self {
        Lexicon { words: BTreeMap::new(), labels: BTreeMap::new(), codes: BTreeMap::new(), labelled: BTreeMap::new() }
    }
    /// The same lexicon with spellings of a keyword; the first is the one that is printed.
    #[must_use]
    pub fn word(mut self, word: Word, spellings: &[&str]) -> Self {
        self.words.insert(word, spellings.iter().map(|spelling| (*spelling).to_owned()).collect());
        self
    }
    /// The same lexicon with the label of a name.
    #[must_use]
    pub fn label(mut self, space: Space, name: &str, label: &str) -> Self {
        self.labels.insert((space, name.to_owned()), label.to_owned());
        self
    }
    /// The same lexicon with the label of a code in a column.
    #[must_use]
    pub fn code(mut self, column: &str, code: &str, label: &str) -> Self {
        self.codes.insert((column.to_owned(), code.to_owned()), label.to_owned());
        self.labelled.entry((column.to_owned(), label.chars().map(plain).collect())).or_insert_with(|| code.to_owned());
        self
    }

    /// How the keyword is printed.
    pub(crate) fn say(&self, word: Word) -> &str {
        self.words.get(&word).and_then(|spellings| spellings.first()).map_or(word.as_str(), String::as_str)
    }
    /// How the name is printed.
    pub(crate) fn name<'n>(&'n self, space: Space, name: &'n str) -> &'n str {
        self.labels.get(&(space, name.to_owned())).map_or(name, String::as_str)
    }
    pub(crate) fn code_label(&self, column: &str, code: &str) -> Option<&str> {
        self.codes.get(&(column.to_owned(), code.to_owned())).map(String::as_str)
    }
    /// The code that a text is the label of.
    pub(crate) fn labelled_code(&self, column: &str, text: &str) -> Option<&str> {
        self.labelled.get(&(column.to_owned(), text.chars().map(plain).collect())).map(String::as_str)
    }
    /// The one of these words that the whole text is.
    pub(crate) fn choose(&self, text: &str, words: &[Word]) -> Option<Word> {
        let text = text.trim();
        let technical = words.iter().find(|word| same(word.as_str(), text));
        let spelled = || words.iter().find(|word| self.spellings(**word).any(|spelling| same(spelling, text)));
        technical.or_else(spelled).copied()
    }
    /// The one of these names that the whole text is.
    pub(crate) fn find<'n>(&self, text: &str, space: Space, mut names: impl Iterator<Item = &'n str> + Clone) -> Option<&'n str> {
        if text.trim().is_empty() {
            return None;
        }
        let technical = names.clone().find(|name| same(name, text));
        technical.or_else(|| names.find(|name| same(self.name(space, name), text)))
    }
    /// Takes the one of these words that stands next; of several the longest.
    pub(crate) fn eat(&self, scan: &mut Scan, words: &[Word]) -> Option<Word> {
        scan.skip_blanks();
        let run = scan.plainly(scan.name_length());
        if let Some(word) = words.iter().find(|word| word.as_str() == run) {
            scan.at += run.chars().count();
            return Some(*word);
        }
        let spelled = words
            .iter()
            .flat_map(|word| self.spellings(*word).filter_map(|spelling| fits(scan, spelling, false)).map(|length| (length, *word)));
        let (length, word) = spelled.max_by_key(|(length, _)| *length)?;
        scan.at += length;
        Some(word)
    }
    /// The one of these names that stands next, and its length; of several labels the longest.
    ///
    /// `alone` says that no letter or digit may follow, as where names stand between marks.
    pub(crate) fn next<'n>(
        &self,
        scan: &Scan,
        space: Space,
        names: impl Iterator<Item = &'n str> + Clone,
        alone: bool,
    ) -> Option<(usize, &'n str)> {
        let run = scan.plainly(scan.name_length());
        if let Some(name) = names.clone().find(|name| *name == run) {
            return Some((run.chars().count(), name));
        }
        let labelled = names.filter_map(|name| fits(scan, self.name(space, name), alone).map(|length| (length, name)));
        labelled.max_by_key(|(length, _)| *length)
    }
    fn spellings(&self, word: Word) -> impl Iterator<Item = &str> {
        self.words.get(&word).into_iter().flatten().map(String::as_str)
    }
}

/// Whether two texts are the same but for the width of their marks.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.chars().map(plain).eq(b.chars().map(plain))
}

/// The length of `text` if it stands next and does not end in the middle of a longer word.
fn fits(scan: &Scan, text: &str, alone: bool) -> Option<usize> {
    let length = scan.length_of(text)?;
    let ends = scan.plainly(length + 1).chars().skip(length - 1).collect::<Vec<_>>();
    let goes_on = match ends.as_slice() {
        // Chinese words follow one another without a blank; others do not.
        [last, next] => is_name_char(*last) && is_name_char(*next) && (alone || (last.is_ascii() && next.is_ascii())),
        _ => false,
    };
    (!goes_on).then_some(length)
}
