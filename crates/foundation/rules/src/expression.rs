//! Formulas over counts and sums: whole numbers, `+`, `-`, `*`, parentheses; computed exactly or not at all.

use crate::scan::{Scan, is_name_char, plain};
use crate::{Fault, Reason, Why};
use serde::{Deserialize, Serialize};

/// A formula such as `found - dispatched@last * 2`. Written as text in JSON; names are technical there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expression(
    /// In postfix order: operands before their operator.
    Vec<Step>,
);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Number(i64),
    Name { name: String, last: bool },
    Add,
    Subtract,
    Multiply,
    Negate,
}

/// The most operands and operators of one formula.
pub const MAX_STEPS: usize = 100;
/// The deepest nesting of parentheses and signs.
const MAX_DEPTH: usize = 16;

/// How names are written where a formula is read.
pub(crate) trait Names {
    /// The name that stands next, and how many characters it takes there.
    fn name(&self, scan: &Scan) -> Option<(usize, String)>;
    /// How many characters the word for the last period takes, which follows an `@`.
    fn last(&self, scan: &Scan) -> Option<usize>;
}

/// The technical word for the period before.
pub(crate) const LAST: &str = "last";

/// Technical names, whether they exist or not.
struct Technical;

impl Names for Technical {
    fn name(&self, scan: &Scan) -> Option<(usize, String)> {
        let length = scan.name_length();
        let name = scan.plainly(length);
        is_name(&name).then_some((length, name))
    }
    fn last(&self, scan: &Scan) -> Option<usize> {
        let length = scan.name_length();
        (scan.plainly(length) == LAST).then_some(length)
    }
}

/// Whether a text can stand in a formula as a name.
pub(crate) fn is_name(text: &str) -> bool {
    text.chars().all(|c| is_name_char(c) && plain(c) == c) && text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

impl std::str::FromStr for Expression {
    type Err = Fault;

    /// Reads a formula with technical names.
    ///
    /// Errors: [`Fault::Empty`], [`Fault::BadSyntax`], [`Fault::TooLong`], [`Fault::OutOfBounds`] for a number beyond 64 bits.
    fn from_str(text: &str) -> Result<Expression, Fault> {
        Expression::read(&mut Scan::new(text), &Technical)
    }
}

impl TryFrom<String> for Expression {
    type Error = String;
    fn try_from(text: String) -> Result<Expression, String> {
        text.parse().map_err(|fault: Fault| fault.as_str().to_owned())
    }
}

impl From<Expression> for String {
    fn from(expression: Expression) -> String {
        expression.to_string()
    }
}

impl std::fmt::Display for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.show(&|name| name.to_owned(), LAST))
    }
}

impl Expression {
    /// Stands in where a formula could not be read.
    pub(crate) fn zero() -> Expression {
        Expression(vec![Step::Number(0)])
    }
    /// Reads the whole of a cell; where it fails, `scan` stands at what could not be read.
    pub(crate) fn read(scan: &mut Scan, names: &dyn Names) -> Result<Expression, Fault> {
        if scan.is_end() {
            return Err(Fault::Empty);
        }
        let mut steps = Vec::new();
        sum(scan, names, &mut steps, 0)?;
        if scan.is_end() { Ok(Expression(steps)) } else { Err(Fault::BadSyntax) }
    }

    /// The formula with each name as `word` says it.
    pub(crate) fn show(&self, word: &dyn Fn(&str) -> String, last: &str) -> String {
        // How tightly the text of an operand holds together: 1 a sum, 2 a product, 3 anything else.
        let mut stack: Vec<(String, u8)> = Vec::new();
        let within = |(text, tight): (String, u8), least: u8| if tight < least { format!("({text})") } else { text };
        for step in &self.0 {
            let mut pop = || stack.pop().unwrap_or_default();
            let (operator, tight) = match step {
                Step::Number(number) => {
                    stack.push((number.to_string(), 3));
                    continue;
                }
                Step::Name { name, last: false } => {
                    stack.push((word(name), 3));
                    continue;
                }
                Step::Name { name, last: true } => {
                    stack.push((format!("{}@{last}", word(name)), 3));
                    continue;
                }
                Step::Negate => {
                    let operand = within(pop(), 3);
                    stack.push((format!("-{operand}"), 3));
                    continue;
                }
                Step::Add => ("+", 1),
                Step::Subtract => ("-", 1),
                Step::Multiply => ("*", 2),
            };
            let (right, left) = (within(pop(), tight + 1), pop());
            stack.push((format!("{} {operator} {right}", within(left, tight)), tight));
        }
        stack.pop().unwrap_or_default().0
    }

    /// The names in it, and whether each means the period before.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, bool)> {
        self.0.iter().filter_map(|step| match step {
            Step::Name { name, last } => Some((name.as_str(), *last)),
            _ => None,
        })
    }

    /// The value, where `of` knows what each name stands for.
    ///
    /// Errors: the first that `of` gives, or [`Why::TooLarge`].
    pub(crate) fn value(&self, of: &dyn Fn(&str, bool) -> Result<i128, Reason>) -> Result<i128, Reason> {
        let mut stack: Vec<i128> = Vec::new();
        for step in &self.0 {
            let mut pop = || stack.pop().unwrap_or_default();
            let value = match step {
                Step::Number(number) => Some(i128::from(*number)),
                Step::Name { name, last } => Some(of(name, *last)?),
                Step::Negate => pop().checked_neg(),
                binary => {
                    let (right, left) = (pop(), pop());
                    match binary {
                        Step::Add => left.checked_add(right),
                        Step::Subtract => left.checked_sub(right),
                        _ => left.checked_mul(right),
                    }
                }
            };
            stack.push(value.ok_or_else(|| Reason::from(Why::TooLarge))?);
        }
        Ok(stack.pop().unwrap_or_default())
    }
}

fn push(steps: &mut Vec<Step>, step: Step) -> Result<(), Fault> {
    if steps.len() >= MAX_STEPS {
        return Err(Fault::TooLong);
    }
    steps.push(step);
    Ok(())
}

fn sum(scan: &mut Scan, names: &dyn Names, steps: &mut Vec<Step>, depth: usize) -> Result<(), Fault> {
    product(scan, names, steps, depth)?;
    loop {
        let operator = match scan.peek() {
            Some('+') => Step::Add,
            Some('-') => Step::Subtract,
            _ => return Ok(()),
        };
        scan.at += 1;
        product(scan, names, steps, depth)?;
        push(steps, operator)?;
    }
}

fn product(scan: &mut Scan, names: &dyn Names, steps: &mut Vec<Step>, depth: usize) -> Result<(), Fault> {
    operand(scan, names, steps, depth)?;
    while scan.eat("*") {
        operand(scan, names, steps, depth)?;
        push(steps, Step::Multiply)?;
    }
    Ok(())
}

fn operand(scan: &mut Scan, names: &dyn Names, steps: &mut Vec<Step>, depth: usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::TooLong);
    }
    if scan.eat("-") {
        operand(scan, names, steps, depth + 1)?;
        return push(steps, Step::Negate);
    }
    if scan.eat("(") {
        sum(scan, names, steps, depth + 1)?;
        return if scan.eat(")") { Ok(()) } else { Err(Fault::BadSyntax) };
    }
    let length = scan.name_length();
    let word = scan.plainly(length);
    if length > 0 && word.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = word.parse().map_err(|_| Fault::OutOfBounds)?;
        scan.at += length;
        return push(steps, Step::Number(number));
    }
    let (length, name) = names.name(scan).filter(|(length, _)| *length > 0).ok_or(Fault::BadSyntax)?;
    scan.at += length;
    let last = scan.eat("@");
    if last {
        scan.skip_blanks();
        scan.at += names.last(scan).ok_or(Fault::BadSyntax)?;
    }
    push(steps, Step::Name { name, last })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str) -> Result<i128, Reason> {
        let expression: Expression = text.parse().unwrap();
        expression.value(&|name, last| match (name, last) {
            ("found", false) => Ok(10),
            ("found", true) => Ok(7),
            ("big", _) => Ok(i128::from(u64::MAX)),
            _ => Err(Reason::new(Why::NoCount, [name])),
        })
    }

    #[test]
    fn formulas_are_computed_as_at_school() {
        for (text, expected) in [
            ("found", 10),
            ("found - found@last", 3),
            ("1 - 2 - 3", -4),
            ("1 - (2 - 3)", 2),
            ("2 * (found + 1) - -3", 25),
            ("２×（found＋１）", 22),
            ("found@ last", 7),
        ] {
            assert_eq!(value(text), Ok(expected), "{text}");
        }
        assert_eq!(value("found + lost"), Err(Reason::new(Why::NoCount, ["lost"])));
        assert_eq!(value("big * big * big"), Err(Reason::from(Why::TooLarge)));
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        for (text, fault) in [
            ("", Fault::Empty),
            ("  ", Fault::Empty),
            ("found +", Fault::BadSyntax),
            ("(found", Fault::BadSyntax),
            ("found)", Fault::BadSyntax),
            ("found found", Fault::BadSyntax),
            ("found@now", Fault::BadSyntax),
            ("99999999999999999999", Fault::OutOfBounds),
            (&"(".repeat(10_000), Fault::TooLong),
            (&"-".repeat(10_000), Fault::TooLong),
            (&vec!["1"; 10_000].join("+"), Fault::TooLong),
        ] {
            assert_eq!(text.parse::<Expression>(), Err(fault), "{text:.20}");
        }
    }

    /// Formulas that hold together as their parentheses say.
    fn formulas() -> impl Strategy<Value = String> {
        let operand = prop_oneof!["[1-9][0-9]{0,3}", Just("found".to_owned()), Just("found@last".to_owned()), Just("合计".to_owned())];
        operand.prop_recursive(3, 12, 2, |inner| {
            prop_oneof![
                (inner.clone(), "[-+*]", inner.clone()).prop_map(|(left, operator, right)| format!("({left}) {operator} ({right})")),
                inner.prop_map(|inner| format!("-({inner})")),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_printed_formula_is_the_same_formula(text in formulas()) {
            let expression: Expression = text.parse().unwrap();
            prop_assert_eq!(expression.to_string().parse(), Ok(expression));
        }
        #[test]
        fn any_text_is_safe(text in "[-+*()@a1 　]{0,30}|.*") {
            let _ = text.parse::<Expression>();
        }
    }
}
