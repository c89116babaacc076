//! Terms: what documents are indexed by and searches ask for, as hashes, and conditions made of them.

use super::folding::Folded;
use std::collections::BTreeSet;

/// Where a word stands, or that it is no word of the text at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// What a document is about.
    Main,
    /// What was said of it later.
    More,
    /// A property: whose it is, where it lies, whether it is open.
    Mark,
}

/// One term as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(pub(crate) u64);

/// FNV-1a over the bytes, then spread over all bits (the finalizer of MurmurHash3).
fn hash(seed: u64, bytes: impl Iterator<Item = u8>) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    spread(bytes.fold(0xcbf2_9ce4_8422_2325 ^ seed, fold))
}

fn spread(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

impl Term {
    fn of_word(word: &[char]) -> Term {
        Term(hash(0, word.iter().collect::<String>().bytes()))
    }
    /// A property by its name.
    pub fn mark(name: &str) -> Term {
        Term(hash(0, name.bytes())).standing(Space::Mark)
    }
    fn standing(self, space: Space) -> Term {
        let salt = match space {
            Space::Main => 1,
            Space::More => 2,
            Space::Mark => 3,
        };
        Term(spread(self.0 ^ (salt << 56)))
    }
    /// The same term of one stretch of a tenant's numbers.
    pub(crate) fn within(self, tenant: i64, stretch: i64) -> Term {
        Term(spread(self.0 ^ spread(tenant.cast_unsigned()).rotate_left(17) ^ spread(stretch.cast_unsigned())))
    }
    /// Seven letters and digits, of 35 bits: who asks looks at the text itself, so that two terms of one code do no harm.
    pub(crate) fn code(self) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        (0..7).map(|at| char::from(LETTERS[(self.0 >> (5 * at)) as usize & 31])).collect()
    }
}

/// The terms of one document.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    main: BTreeSet<Term>,
    more: BTreeSet<Term>,
    marks: BTreeSet<Term>,
}

impl Terms {
    /// What it is about. With `singles` each character of the running text is found by itself.
    pub fn main(&mut self, text: &Folded, singles: bool) {
        text.each_term(singles, |word| {
            self.main.insert(Term::of_word(word));
        });
    }
    /// What was said of it later.
    pub fn more(&mut self, text: &Folded) {
        text.each_term(false, |word| {
            self.more.insert(Term::of_word(word));
        });
    }
    pub fn mark(&mut self, name: &str) {
        self.marks.insert(Term::mark(name));
    }
    pub fn is_empty(&self) -> bool {
        self.main.is_empty() && self.more.is_empty() && self.marks.is_empty()
    }
    /// Each once: what stands in the main text is not kept once more for standing elsewhere too.
    pub(crate) fn all(&self) -> Vec<Term> {
        let main = self.main.iter().map(|term| term.standing(Space::Main));
        let more = self.more.difference(&self.main).map(|term| term.standing(Space::More));
        let mut all: Vec<Term> = main.chain(more).chain(self.marks.iter().copied()).collect();
        all.sort();
        all
    }
    /// Of all terms: the same for the same document, on either engine.
    pub fn hash(&self) -> i64 {
        hash(7, self.all().into_iter().flat_map(|term| term.0.to_le_bytes())).cast_signed()
    }
}

/// A condition on terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    Term(Term),
    All(Vec<Expr>),
    Any(Vec<Expr>),
}

/// Terms that one word typed asks for at most: the first ones say enough, and the text is looked at afterwards.
const MOST_OF_A_WORD: usize = 12;

impl Expr {
    pub fn mark(name: &str) -> Expr {
        Expr::Term(Term::mark(name))
    }
    /// A word that stands in the main text.
    pub fn in_main(word: &Folded) -> Expr {
        Expr::All(asked(word).into_iter().map(|term| Expr::Term(term.standing(Space::Main))).collect())
    }
    /// A word that stands anywhere.
    pub fn anywhere(word: &Folded) -> Expr {
        let either = |term: Term| Expr::Any([Space::Main, Space::More].map(|space| Expr::Term(term.standing(space))).into());
        Expr::All(asked(word).into_iter().map(either).collect())
    }
    fn is_sound(&self) -> bool {
        match self {
            Expr::Term(_) => true,
            Expr::All(parts) | Expr::Any(parts) => !parts.is_empty() && parts.iter().all(Expr::is_sound),
        }
    }
    /// As a text for an engine, with its words for "and" and "or".
    pub(crate) fn text(&self, (and, or): (&str, &str), code: &impl Fn(Term) -> String) -> String {
        let joined = |parts: &[Expr], word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| part.text((and, or), code)).collect();
            if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(word)) }
        };
        match self {
            Expr::Term(term) => code(*term),
            Expr::All(parts) => joined(parts, and),
            Expr::Any(parts) => joined(parts, or),
        }
    }
}

fn asked(word: &Folded) -> Vec<Term> {
    let mut terms = Vec::new();
    word.each_asked(|word| terms.push(Term::of_word(word)));
    terms.dedup();
    terms.truncate(MOST_OF_A_WORD);
    terms
}

/// What a search asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub all: Expr,
    /// And not this.
    pub but: Option<Expr>,
}

impl Wanted {
    pub(crate) fn is_sound(&self) -> bool {
        self.all.is_sound() && self.but.as_ref().is_none_or(Expr::is_sound)
    }
}
