//! The grammar of single cells, read and printed side by side, so that what is printed is what was meant.

use crate::expression::{LAST, Names, is_name};
use crate::lexicon::same;
use crate::scan::{Scan, plain, quote};
use crate::sheet::{COLON, COMMA, SEPARATOR};
use crate::{
    Cap, Column, ColumnType, Condition, Expression, Fault, Lexicon, Points, Policy, Scale, Sign, Space, Start, Step, Test, Value, Word,
    Worth,
};
use std::collections::BTreeMap;

/// What is wrong in a cell: the kind of problem and its arguments.
#[derive(Debug, PartialEq)]
pub(crate) struct Wrong(pub Fault, pub BTreeMap<&'static str, String>);

impl Wrong {
    fn text(fault: Fault, name: &'static str, text: impl Into<String>) -> Self {
        Wrong(fault, BTreeMap::from([(name, text.into())]))
    }
    fn rest(scan: &Scan) -> Self {
        Wrong::text(Fault::BadSyntax, "text", scan.rest())
    }
}

/// The words that cells are read and printed with.
#[derive(Clone, Copy)]
pub(crate) struct Speech<'l> {
    pub lexicon: &'l Lexicon,
    /// Whether every code is printed in quotes, so that it is no label.
    quoting: bool,
}

/// What a row's cells may speak of.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'c> {
    pub columns: &'c [Column],
    /// Whether whole numbers are basis points, which may be written as percents.
    pub of_rate: bool,
}

impl<'c> Columns<'c> {
    fn names(self) -> impl Iterator<Item = &'c str> + Clone {
        self.columns.iter().map(|column| column.name.as_str())
    }
    fn of(self, name: &str) -> Option<&'c ColumnType> {
        self.columns.iter().find(|column| column.name == name).map(|column| &column.of)
    }
}

/// Keywords that are values of an enum with the same technical text.
pub(crate) trait Spoken: Copy + 'static {
    fn all() -> &'static [Self];
    fn text(self) -> &'static str;
    fn words() -> Vec<Word> {
        Word::ALL.iter().copied().filter(|word| Self::all().iter().any(|value| value.text() == word.as_str())).collect()
    }
}

macro_rules! spoken {
    ($($name:ident),+) => {$(
        impl Spoken for $name {
            fn all() -> &'static [Self] {
                $name::ALL
            }
            fn text(self) -> &'static str {
                self.as_str()
            }
        }
    )+};
}

spoken!(Policy, Scale, Sign, Start);

impl<'l> Speech<'l> {
    pub fn of(lexicon: &'l Lexicon) -> Self {
        Speech { lexicon, quoting: false }
    }
    /// The cell as people say it, if it is read as what it says; else in technical words.
    fn exactly(self, print: impl Fn(Speech<'_>) -> String, is_exact: impl Fn(&str) -> bool) -> String {
        let said = [print(self), print(TECHNICAL)].into_iter().find(|text| is_exact(text));
        said.unwrap_or_else(|| print(QUOTING))
    }

    /// A keyword that fills a cell.
    pub fn read_word<T: Spoken>(self, text: &str) -> Result<T, Wrong> {
        if text.is_empty() {
            return Err(Wrong(Fault::Empty, BTreeMap::new()));
        }
        let word = self.lexicon.choose(text, &T::words());
        let value = word.and_then(|word| T::all().iter().find(|value| value.text() == word.as_str()));
        value.copied().ok_or_else(|| Wrong::text(Fault::UnknownWord, "text", text))
    }
    pub fn print_word<T: Spoken>(self, value: T) -> String {
        let words = T::words();
        let word = words.iter().find(|word| word.as_str() == value.text());
        let said = word.map_or(value.text(), |word| self.lexicon.say(*word));
        let read = self.lexicon.choose(said, &words);
        if read.map(Word::as_str) == Some(value.text()) { said.to_owned() } else { value.text().to_owned() }
    }

    /// Points that fill a cell.
    pub fn read_points(self, text: &str) -> Result<Points, Wrong> {
        let mut scan = Scan::new(text);
        if scan.is_end() {
            return Err(Wrong(Fault::Empty, BTreeMap::new()));
        }
        let points = self.points(&mut scan)?;
        if scan.is_end() { Ok(points) } else { Err(Wrong::text(Fault::NotPoints, "text", text)) }
    }
    fn points(self, scan: &mut Scan) -> Result<Points, Wrong> {
        let number = scan.run(|c| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'));
        let said = if number.is_empty() { scan.rest() } else { number.clone() };
        let points = number.parse().map_err(|fault| match fault {
            Fault::OutOfBounds => Wrong(
                fault,
                BTreeMap::from([("value", number), ("min", Points(-Points::MOST.0).to_string()), ("max", Points::MOST.to_string())]),
            ),
            _ => Wrong::text(fault, "text", said),
        })?;
        // A mark is never part of a word.
        if !matches!(scan.peek(), Some('*' | '/' | ':' | ';')) {
            self.lexicon.eat(scan, &[Word::Points]);
        }
        Ok(points)
    }

    /// A whole number at least 0 that fills a cell.
    pub fn read_number(self, text: &str) -> Result<u64, Wrong> {
        let number = Scan::new(text).run(|_| true);
        number.parse().map_err(|_| Wrong::text(if number.is_empty() { Fault::Empty } else { Fault::NotNumber }, "text", text))
    }

    /// A whole number; of rates also a percentage.
    fn int(self, scan: &mut Scan, of_rate: bool) -> Result<i64, Wrong> {
        let start = scan.rest();
        let negative = scan.eat("-");
        let digits = scan.run(|c| c.is_ascii_digit());
        let not_number = || Wrong::text(Fault::NotNumber, "text", start.clone());
        let too_large = || Wrong::text(Fault::OutOfBounds, "text", start.clone());
        if digits.is_empty() {
            return Err(not_number());
        }
        let whole: i128 = digits.parse().map_err(|_| too_large())?;
        let mut value = whole;
        if of_rate {
            let mut ahead = scan.clone();
            let decimals = if ahead.eat(".") { ahead.run(|c| c.is_ascii_digit()) } else { String::new() };
            if ahead.eat("%") {
                if decimals.len() > 2 {
                    return Err(not_number());
                }
                let hundredths: i128 = format!("{decimals:0<2}").parse().map_err(|_| not_number())?;
                value = whole.checked_mul(100).and_then(|whole| whole.checked_add(hundredths)).ok_or_else(too_large)?;
                scan.at = ahead.at;
            }
        }
        i64::try_from(if negative { -value } else { value }).map_err(|_| too_large())
    }
    fn print_int(self, value: i64, of_rate: bool) -> String {
        if !of_rate {
            return value.to_string();
        }
        let (sign, hundredths) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
        let (whole, rest) = (hundredths / 100, hundredths % 100);
        if rest == 0 { format!("{sign}{whole}%") } else { format!("{sign}{whole}.{rest:02}%") }
    }

    /// The value of a column that stands next.
    fn value(self, scan: &mut Scan, column: &str, of: &ColumnType, of_rate: bool) -> Result<Value, Wrong> {
        match of {
            ColumnType::Int { .. } => self.int(scan, of_rate).map(Value::Int),
            ColumnType::Bool => match self.lexicon.eat(scan, &[Word::Yes, Word::No]) {
                Some(word) => Ok(Value::Bool(word == Word::Yes)),
                None => Err(Wrong::text(Fault::UnknownWord, "text", scan.rest())),
            },
            ColumnType::Code { known } => {
                let (text, quoted) = scan.before(&[',', ';']).ok_or_else(|| Wrong::rest(scan))?;
                if quoted {
                    return Ok(Value::Code(text));
                }
                if text.is_empty() || text.contains(|c| plain(c) == '"') {
                    return Err(Wrong::rest(scan));
                }
                let known = known.as_deref().unwrap_or(&[]);
                let exact = known.iter().find(|code| **code == text).map(String::as_str);
                let label = || self.lexicon.labelled_code(column, &text);
                let wide = || known.iter().find(|code| same(code, &text)).map(String::as_str);
                let code = exact.or_else(label).or_else(wide).map(str::to_owned);
                Ok(Value::Code(code.unwrap_or(text)))
            }
        }
    }
    fn print_value(self, column: &str, value: &Value, of_rate: bool) -> String {
        match value {
            Value::Int(value) => self.print_int(*value, of_rate),
            Value::Bool(value) => self.lexicon.say(if *value { Word::Yes } else { Word::No }).to_owned(),
            Value::Code(code) => match self.lexicon.code_label(column, code) {
                Some(label) => label.to_owned(),
                None if !self.quoting && !code.is_empty() && code.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c)) => code.clone(),
                None => quote(code),
            },
        }
    }

    /// A cell of conditions; every problem in it.
    pub fn read_conditions(self, text: &str, columns: Columns<'_>) -> Result<Vec<Condition>, Vec<Wrong>> {
        let mut scan = Scan::list(text);
        let (mut conditions, mut wrong) = (Vec::new(), Vec::new());
        loop {
            while scan.eat(";") {}
            if scan.is_end() {
                break;
            }
            match self.condition(&mut scan, columns) {
                Ok(condition) if matches!(scan.peek(), None | Some(';')) => conditions.push(condition),
                Ok(_) => wrong.push(Wrong::rest(&scan)),
                Err(one) => wrong.push(one),
            }
            scan.run(|c| c != ';');
        }
        if wrong.is_empty() { Ok(conditions) } else { Err(wrong) }
    }
    fn condition(self, scan: &mut Scan, columns: Columns<'_>) -> Result<Condition, Wrong> {
        scan.skip_blanks();
        let Some((length, column)) = self.lexicon.next(scan, Space::Column, columns.names(), false) else {
            let name = scan.run(|c| !matches!(c, '<' | '>' | '=' | '!' | '≤' | '≥' | '≠' | ';' | ' '));
            return Err(Wrong::text(Fault::UnknownColumn, "name", name));
        };
        scan.at += length;
        let of = columns.of(column).ok_or_else(|| Wrong::rest(scan))?;
        let test = self.test(scan, column, of, columns.of_rate)?;
        Ok(Condition { column: column.to_owned(), test })
    }
    fn test(self, scan: &mut Scan, column: &str, of: &ColumnType, of_rate: bool) -> Result<Test, Wrong> {
        let equal = |scan: &mut Scan| scan.eat("==") || scan.eat("=");
        let unequal = |scan: &mut Scan| scan.eat("!=") || scan.eat("<>") || scan.eat("≠");
        if unequal(scan) {
            let mut values = self.values(scan, column, of, of_rate)?;
            return Ok(if values.len() == 1 { Test::IsNot(values.remove(0)) } else { Test::NotIn(values) });
        }
        let order: Option<fn(i64) -> Test> = if scan.eat(">=") || scan.eat("≥") {
            Some(Test::AtLeast)
        } else if scan.eat("<=") || scan.eat("≤") {
            Some(Test::AtMost)
        } else if scan.eat(">") {
            Some(Test::Above)
        } else if scan.eat("<") {
            Some(Test::Below)
        } else {
            None
        };
        if let Some(test) = order {
            return match of {
                ColumnType::Int { .. } => self.int(scan, of_rate).map(test),
                _ => Err(Wrong::text(Fault::WrongType, "column", column)),
            };
        }
        if equal(scan) {
            let mut values = self.values(scan, column, of, of_rate)?;
            if let [Value::Int(low)] = values.as_slice()
                && (scan.eat("..") || scan.eat("~"))
            {
                return Ok(Test::Between(*low, self.int(scan, of_rate)?));
            }
            return Ok(if values.len() == 1 { Test::Is(values.remove(0)) } else { Test::In(values) });
        }
        match self.lexicon.eat(scan, &[Word::In, Word::NotIn, Word::Known, Word::Unknown]) {
            Some(Word::Known) => Ok(Test::Known),
            Some(Word::Unknown) => Ok(Test::Unknown),
            Some(word) => {
                let none = matches!(scan.peek(), None | Some(';'));
                let values = if none { Vec::new() } else { self.values(scan, column, of, of_rate)? };
                Ok(if word == Word::In { Test::In(values) } else { Test::NotIn(values) })
            }
            None => Err(Wrong::rest(scan)),
        }
    }
    fn values(self, scan: &mut Scan, column: &str, of: &ColumnType, of_rate: bool) -> Result<Vec<Value>, Wrong> {
        let mut values = vec![self.value(scan, column, of, of_rate)?];
        while scan.eat(",") {
            values.push(self.value(scan, column, of, of_rate)?);
        }
        Ok(values)
    }
    fn print_condition(self, condition: &Condition, of_rate: bool) -> String {
        let column = self.lexicon.name(Space::Column, &condition.column);
        let one = |mark: &str, value: &Value| format!("{column} {mark} {}", self.print_value(&condition.column, value, of_rate));
        let int = |mark: &str, value: i64| format!("{column} {mark} {}", self.print_int(value, of_rate));
        let many = |word: Word, values: &[Value]| {
            let list: Vec<String> = values.iter().map(|value| self.print_value(&condition.column, value, of_rate)).collect();
            format!("{column} {} {}", self.lexicon.say(word), list.join(&COMMA.to_string())).trim_end().to_owned()
        };
        match &condition.test {
            Test::Is(value) => one("=", value),
            Test::IsNot(value) => one("≠", value),
            Test::Below(bound) => int("<", *bound),
            Test::AtMost(bound) => int("≤", *bound),
            Test::Above(bound) => int(">", *bound),
            Test::AtLeast(bound) => int("≥", *bound),
            Test::Between(low, high) => format!("{}..{}", int("=", *low), self.print_int(*high, of_rate)),
            Test::In(values) => many(Word::In, values),
            Test::NotIn(values) => many(Word::NotIn, values),
            Test::Known => format!("{column} {}", self.lexicon.say(Word::Known)),
            Test::Unknown => format!("{column} {}", self.lexicon.say(Word::Unknown)),
        }
    }
    pub fn print_conditions(self, conditions: &[Condition], columns: Columns<'_>) -> String {
        let print = |one: &Condition| {
            let is_exact = |text: &str| self.read_conditions(text, columns).as_deref() == Ok(std::slice::from_ref(one));
            self.exactly(|speech| speech.print_condition(one, columns.of_rate), is_exact)
        };
        conditions.iter().map(print).collect::<Vec<_>>().join(&SEPARATOR.to_string())
    }

    /// A cell of points: `2`, `0.5 × column`, `column ≥ 1: 0.5; ≥ 3: 1`, or a keyword and a number.
    pub fn read_worth(self, text: &str, columns: Columns<'_>) -> Result<Worth, Wrong> {
        let mut scan = Scan::list(text);
        let worth = self.worth(&mut scan, columns)?;
        if scan.is_end() { Ok(worth) } else { Err(Wrong::rest(&scan)) }
    }
    fn worth(self, scan: &mut Scan, columns: Columns<'_>) -> Result<Worth, Wrong> {
        let Some(next) = scan.peek() else { return Err(Wrong(Fault::Empty, BTreeMap::new())) };
        let number = next.is_ascii_digit() || matches!(next, '-' | '+');
        if !number && scan.holds(':') {
            return self.steps(scan, columns);
        }
        // A number is never a word.
        let keyword = if number { None } else { self.lexicon.eat(scan, &[Word::Each, Word::Share, Word::Entered]) };
        match keyword {
            Some(Word::Share) => return self.points(scan).map(Worth::Share),
            Some(Word::Entered) => return self.points(scan).map(Worth::Entered),
            Some(_) => return self.points(scan).map(Worth::Each),
            None => {}
        }
        let points = self.points(scan)?;
        if !scan.eat("*") {
            return Ok(Worth::Each(points));
        }
        let column = self.column(scan, columns)?;
        Ok(Worth::Per { points, column })
    }
    fn column(self, scan: &mut Scan, columns: Columns<'_>) -> Result<String, Wrong> {
        scan.skip_blanks();
        let found = self.lexicon.next(scan, Space::Column, columns.names(), false);
        let (length, column) = found.ok_or_else(|| Wrong::text(Fault::UnknownColumn, "name", scan.rest()))?;
        scan.at += length;
        Ok(column.to_owned())
    }
    fn steps(self, scan: &mut Scan, columns: Columns<'_>) -> Result<Worth, Wrong> {
        let column = self.column(scan, columns)?;
        let mut steps = Vec::new();
        loop {
            if !(scan.eat(">=") || scan.eat("≥")) {
                return Err(Wrong::rest(scan));
            }
            let from = self.int(scan, columns.of_rate)?;
            if !scan.eat(":") {
                return Err(Wrong::rest(scan));
            }
            steps.push(Step { from, points: self.points(scan)? });
            if !matches!(scan.peek(), None | Some(';')) {
                return Err(Wrong::rest(scan));
            }
            while scan.eat(";") {}
            if scan.is_end() {
                return Ok(Worth::Steps { column, steps });
            }
            if !matches!(scan.peek(), Some('>' | '≥')) && self.column(scan, columns)? != column {
                return Err(Wrong::rest(scan));
            }
        }
    }
    pub fn print_worth(self, worth: &Worth, columns: Columns<'_>) -> String {
        let print = |speech: Speech<'_>| {
            let keyword = |word: Word, points: &Points| format!("{} {points}", speech.lexicon.say(word));
            match worth {
                Worth::Each(points) => points.to_string(),
                Worth::Per { points, column } => format!("{points} × {}", speech.lexicon.name(Space::Column, column)),
                Worth::Steps { column, steps } => {
                    let step = |step: &Step| format!("≥ {}{COLON}{}", speech.print_int(step.from, columns.of_rate), step.points);
                    let steps: Vec<String> = steps.iter().map(step).collect();
                    format!("{} {}", speech.lexicon.name(Space::Column, column), steps.join(&SEPARATOR.to_string()))
                }
                Worth::Share(points) => keyword(Word::Share, points),
                Worth::Entered(points) => keyword(Word::Entered, points),
            }
        };
        self.exactly(print, |text| self.read_worth(text, columns).as_ref() == Ok(worth))
    }

    /// A cell of a cap: `3`, or `3 / column` for each of its values.
    pub fn read_cap(self, text: &str, columns: Columns<'_>) -> Result<Option<Cap>, Wrong> {
        let mut scan = Scan::new(text);
        if scan.is_end() {
            return Ok(None);
        }
        let most = self.points(&mut scan)?;
        let each = if scan.eat("/") { Some(self.column(&mut scan, columns)?) } else { None };
        if scan.is_end() { Ok(Some(Cap { most, each })) } else { Err(Wrong::rest(&scan)) }
    }
    pub fn print_cap(self, cap: &Option<Cap>, columns: Columns<'_>) -> String {
        let Some(Cap { most, each }) = cap else { return String::new() };
        let print = |speech: Speech<'_>| match each {
            Some(column) => format!("{most} / {}", speech.lexicon.name(Space::Column, column)),
            None => most.to_string(),
        };
        self.exactly(print, |text| self.read_cap(text, columns).as_ref() == Ok(cap))
    }

    /// A formula that fills a cell.
    pub fn read_expression(self, text: &str, names: &dyn Names) -> Result<Expression, Wrong> {
        let mut scan = Scan::new(text);
        Expression::read(&mut scan, names).map_err(|fault| match fault {
            Fault::TooLong => Wrong::text(fault, "max", crate::MAX_STEPS.to_string()),
            Fault::Empty => Wrong(fault, BTreeMap::new()),
            _ => Wrong::text(fault, "text", scan.rest()),
        })
    }
    pub fn print_expression(self, expression: &Expression, names: &dyn Names) -> String {
        let print = |speech: Speech<'_>| {
            expression.show(&|name| speech.lexicon.name(Space::Count, name).to_owned(), speech.lexicon.say(Word::Last))
        };
        self.exactly(print, |text| self.read_expression(text, names).as_ref() == Ok(expression))
    }
}

/// Names of a formula in a sheet: counts by name or label, and sums.
pub(crate) struct Counted<'n> {
    pub lexicon: &'n Lexicon,
    pub counts: &'n [String],
    pub sums: Vec<&'n str>,
}

impl Names for Counted<'_> {
    fn name(&self, scan: &Scan) -> Option<(usize, String)> {
        let length = scan.name_length();
        let run = scan.plainly(length);
        let counts = self.counts.iter().map(String::as_str);
        if counts.clone().chain(self.sums.iter().copied()).any(|name| name == run) {
            return Some((length, run));
        }
        let labelled = self.lexicon.next(scan, Space::Count, counts, true).map(|(length, name)| (length, name.to_owned()));
        // A name that nobody knows is left for the check to report.
        labelled.or_else(|| is_name(&run).then_some((length, run)))
    }
    fn last(&self, scan: &Scan) -> Option<usize> {
        let length = scan.name_length();
        if scan.plainly(length) == LAST {
            return Some(length);
        }
        let mut ahead = scan.clone();
        self.lexicon.eat(&mut ahead, &[Word::Last]).map(|_| ahead.at - scan.at)
    }
}

/// Without any words of people.
const TECHNICAL: Speech<'static> = Speech { lexicon: &NO_WORDS, quoting: false };
/// In which everything is as it stands, whatever words a reader has.
const QUOTING: Speech<'static> = Speech { lexicon: &NO_WORDS, quoting: true };
static NO_WORDS: Lexicon = Lexicon::none();
