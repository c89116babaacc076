//! What is wrong with a scheme or deserves a look, and in which cell of the sheet.

use crate::Value;
use std::collections::BTreeMap;

text_enum! {
    /// A part of a scheme, each a table of its own.
    pub enum Part {
        /// Base, bounds, least sample, hit policies.
        Header = "header",
        Dimension = "dimension",
        Sum = "sum",
        Rate = "rate",
        Grade = "grade",
        Row = "row",
    }
}

text_enum! {
    /// A column of one of the tables; [`Part::cells`] says which table has which.
    pub enum Cell {
        Item = "item",
        Subject = "subject",
        Value = "value",
        Code = "code",
        Name = "name",
        Full = "full",
        Start = "start",
        Expression = "expression",
        Numerator = "numerator",
        Denominator = "denominator",
        Scale = "scale",
        From = "from",
        Dimension = "dimension",
        Applies = "applies",
        Conditions = "conditions",
        Sign = "sign",
        Worth = "worth",
        Normalise = "normalise",
        Cap = "cap",
        Evidence = "evidence",
        Decider = "decider",
        Note = "note",
    }
}

impl Part {
    /// The columns of the part's table, in the order they are printed.
    pub const fn cells(self) -> &'static [Cell] {
        match self {
            Part::Header => &[Cell::Item, Cell::Subject, Cell::Value],
            Part::Dimension => &[Cell::Name, Cell::Full, Cell::Start],
            Part::Sum => &[Cell::Name, Cell::Expression],
            Part::Rate => &[Cell::Code, Cell::Name, Cell::Numerator, Cell::Denominator, Cell::Scale],
            Part::Grade => &[Cell::Name, Cell::From],
            Part::Row => &[
                Cell::Dimension,
                Cell::Code,
                Cell::Name,
                Cell::Applies,
                Cell::Conditions,
                Cell::Sign,
                Cell::Worth,
                Cell::Normalise,
                Cell::Cap,
                Cell::Evidence,
                Cell::Decider,
                Cell::Note,
            ],
        }
    }
}

/// A cell of a scheme: `row` counts from 0 within the part's table, without its headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Where {
    pub part: Part,
    pub row: usize,
    pub cell: Cell,
}

impl Where {
    pub const fn new(part: Part, row: usize, cell: Cell) -> Self {
        Where { part, row, cell }
    }
}

text_enum! {
    /// What kind of problem it is; beside each, the arguments it comes with.
    pub enum Fault {
        /// The cell must be filled.
        Empty = "empty",
        /// `max` characters, or operands of an expression.
        TooLong = "too_long",
        /// `max`, `found`.
        TooMany = "too_many",
        /// The scheme has no rows.
        NoRows = "no_rows",
        /// `name`: blanks or control characters where there may be none, or a sum's name that is no word of letters, digits, `_` and `.`
        BadName = "bad_name",
        /// `name`; the first cell that has it is among the others.
        Duplicate = "duplicate",
        /// `text`
        NotNumber = "not_number",
        /// `text`
        NotPoints = "not_points",
        /// `value`, `min`, `max`; of whole numbers and formulas `text`.
        OutOfBounds = "out_of_bounds",
        /// `text`: none of the words that may stand here.
        UnknownWord = "unknown_word",
        /// `text`: what cannot be read any further.
        BadSyntax = "bad_syntax",
        /// `name`
        UnknownDimension = "unknown_dimension",
        /// `name`: no kind of facts and no rate.
        UnknownKind = "unknown_kind",
        /// `name`
        UnknownColumn = "unknown_column",
        /// `name`, `column`
        UnknownCode = "unknown_code",
        /// `name`: no count, and no sum.
        UnknownCount = "unknown_count",
        /// `name`
        UnknownMeasure = "unknown_measure",
        /// `column`: its type does not take this test or value.
        WrongType = "wrong_type",
        /// This form of points does not go with what the row applies to: a share without a rate, entered points where nobody enters any.
        WrongForm = "wrong_form",
        /// `column`: points times a number that may be negative.
        MayBeNegative = "may_be_negative",
        /// `value`: steps ascend, grades descend, the greatest total is not below the least.
        OutOfOrder = "out_of_order",
        /// A rate's denominator is always zero.
        ZeroDenominator = "zero_denominator",
        /// Sums that use one another; the other cells of the circle are among the others.
        Circular = "circular",
        /// Two rows of a `unique` kind match one fact: the example.
        Overlap = "overlap",
        /// Two rows of an `any` kind match one fact and give different points: the example.
        Disagree = "disagree",
        /// The row never matches anything.
        NeverMatches = "never_matches",
        /// Under `first`, the rows before it, which are the others, leave nothing for this one.
        Hidden = "hidden",
        /// `kind`: no row of it matches the example.
        Gap = "gap",
        /// `kind`: looking for gaps and hidden rows took too long and was ended.
        NotWhollyChecked = "not_wholly_checked",
    }
}

impl Fault {
    /// Whether a scheme with it may not be used; all others are worth a look only.
    pub const fn is_error(self) -> bool {
        !matches!(self, Fault::NeverMatches | Fault::Hidden | Fault::Gap | Fault::NotWhollyChecked)
    }
}

/// One problem, where it is, and what its words need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub at: Where,
    pub fault: Fault,
    pub args: BTreeMap<&'static str, String>,
    /// Other cells that it is about.
    pub others: Vec<Where>,
    /// A fact that shows it: columns by name with a value each. Columns that are left out may have any.
    pub example: Vec<(String, Option<Value>)>,
}

impl Problem {
    pub(crate) fn new(at: Where, fault: Fault) -> Self {
        Problem { at, fault, args: BTreeMap::new(), others: Vec::new(), example: Vec::new() }
    }
    pub(crate) fn arg(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.args.insert(name, value.to_string());
        self
    }
    pub(crate) fn others(mut self, others: Vec<Where>) -> Self {
        self.others = others;
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}.{}: {}", self.at.part, self.at.row, self.at.cell, self.fault)?;
        self.args.iter().try_for_each(|(name, value)| write!(f, " {name}={value:?}"))
    }
}
