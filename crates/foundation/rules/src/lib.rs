//! Decision tables: a scheme of rows that match facts and give points, checked, matched in three values, scored and explained.
//!
//! Knows no slice, no database and no clock. The README beside this says what the columns of a table mean.

#[macro_use]
mod text_enum;

mod cells;
mod checking;
mod explain;
mod expression;
mod index;
mod lexicon;
mod lint;
mod matching;
mod points;
mod printing;
mod problem;
mod reading;
mod regions;
mod rows;
mod scan;
mod scheme;
mod score;
mod scoring;
mod sheet;
mod table;
mod vocabulary;

pub use explain::{About, Explained, ExplainedCondition, ExplainedRow};
pub use expression::{Expression, MAX_STEPS};
pub use lexicon::{Lexicon, Space, Word};
pub use matching::Truth;
pub use points::Points;
pub use problem::{Cell, Fault, Part, Problem, Where};
pub use reading::Reading;
pub use scheme::{
    Cap, Condition, Dimension, Grade, MAX_CONDITIONS, MAX_DIMENSIONS, MAX_NAME, MAX_RATES, MAX_ROWS, MAX_TEXT, MAX_VALUES, Policy,
    RATE_COLUMN, Rate, Row, Sample, Scale, Scheme, Sign, Start, Step, Sum, Test, Worth,
};
pub use score::{
    Change, Conflict, Contribution, DimensionSum, FactRef, Fraction, Line, LineOf, RateValue, Reason, Score, Undecided, Why, changes,
};
pub use sheet::{Grid, Sheet};
pub use table::Table;
pub use vocabulary::{Column, ColumnType, Fact, FactKind, Input, Measure, Value, Vocabulary};
