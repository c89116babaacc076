//! The terms that schemes are written in: what the lines of work tell of, and how people call it.

use contracts::scoring::Teller;
use rules::{Column, ColumnType, FactKind, Lexicon, Measure, Space, Value, Vocabulary, Word};
use territory::Directory;
use web::Words;
use web::language::Lang;

/// Households of what is ranked, counted per hundred.
pub const HOUSEHOLDS: &str = "households";

/// Households times rounds of inspection, counted per hundred households and round.
pub const HOUSEHOLD_ROUNDS: &str = "household_rounds";

/// Square metres inside of the boundary of what is ranked, counted per hectare.
pub const AREA: &str = "area";

/// Square metres times rounds of inspection, counted per hectare and round.
pub const AREA_ROUNDS: &str = "area_rounds";

const HECTARE: u32 = 10_000;

/// The lines of work that tell of their months; a part of the application.
#[derive(Clone, Copy)]
pub struct Tellers(pub &'static [&'static dyn Teller]);

impl Tellers {
    /// All that a scheme may speak of.
    pub fn vocabulary(&self) -> Vocabulary {
        let sizes = [(HOUSEHOLDS, 100), (HOUSEHOLD_ROUNDS, 100), (AREA, HECTARE), (AREA_ROUNDS, HECTARE)];
        let measures = sizes.map(|(name, divisor)| Measure::new(name, divisor)).to_vec();
        let mut all = Vocabulary { measures, ..Vocabulary::default() };
        for teller in self.0 {
            let told = teller.vocabulary();
            all.kinds.extend(told.kinds);
            all.counts.extend(told.counts);
            all.measures.extend(told.measures);
        }
        all
    }
}

/// How one language calls the terms. Keywords of the other one are understood too.
pub fn lexicon(vocabulary: &Vocabulary, directory: &Directory, lang: Lang) -> Lexicon {
    let w = Words::of(lang);
    let other = Words::of(if lang == Lang::Chinese { Lang::English } else { Lang::Chinese });
    let mut lexicon = Lexicon::none();
    for word in Word::ALL {
        let key = format!("rule-word-{word}");
        let (own, theirs) = (w.t(&key), other.t(&key));
        let spellings: Vec<&str> = own.split('|').chain(theirs.split('|')).collect();
        lexicon = lexicon.word(*word, &spellings);
    }
    for kind in &vocabulary.kinds {
        lexicon = lexicon.label(Space::Kind, &kind.name, &kind_name(w, &kind.name));
        for column in &kind.columns {
            lexicon = lexicon.label(Space::Column, &column.name, &w.t(&format!("told-column-{}", column.name)));
        }
        lexicon = codes(lexicon, w, kind);
    }
    lexicon = lexicon.label(Space::Column, rules::RATE_COLUMN, &w.t("told-column-value"));
    for count in &vocabulary.counts {
        lexicon = lexicon.label(Space::Count, count, &w.t(&format!("told-count-{count}")));
    }
    for measure in &vocabulary.measures {
        lexicon = lexicon.label(Space::Measure, &measure.name, &w.t(&format!("told-measure-{}", measure.name)));
    }
    for category in directory.categories() {
        let code = category.code();
        lexicon = lexicon.code("category", &code.to_string(), &category.name);
        lexicon = lexicon.code("class", &format!("{}-{}", code.kind, code.class), &category.class_name);
    }
    lexicon
}

/// What people call a kind of facts.
pub fn kind_name(w: Words, kind: &str) -> String {
    w.t(&format!("told-kind-{}", kind.replace('.', "-"))).into_owned()
}

/// What people call a value of a column; `None` is what is not known. A code that no list names stands for all others.
pub fn value_words(w: Words, column: &str, value: Option<&Value>) -> String {
    let said = |word: Word| w.t(&format!("rule-word-{word}")).split('|').next().unwrap_or_default().to_owned();
    match value {
        None => said(Word::Unknown),
        Some(Value::Bool(true)) => said(Word::Yes),
        Some(Value::Bool(false)) => said(Word::No),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Code(code)) => {
            let key = format!("told-{column}-{code}");
            if w.has(&key) { w.t(&key).into_owned() } else { w.t("scheme-other-code").into_owned() }
        }
    }
}

/// The values of closed lists.
fn codes(lexicon: Lexicon, w: Words, kind: &FactKind) -> Lexicon {
    let closed = |column: &Column| match &column.of {
        ColumnType::Code { known: Some(known) } => Some((column.name.clone(), known.clone())),
        _ => None,
    };
    let mut lexicon = lexicon;
    for (column, known) in kind.columns.iter().filter_map(closed) {
        for code in known {
            lexicon = lexicon.code(&column, &code, &w.t(&format!("told-{column}-{code}")));
        }
    }
    lexicon
}
