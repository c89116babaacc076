//! Rows into structs, by position, each column's name checked.

use crate::value::{FromValue, Value};
use kernel::{Error, Result};
use std::sync::Arc;

/// One row of an answer.
#[derive(Debug, Clone)]
pub struct Row {
    columns: Arc<[String]>,
    values: Vec<Value>,
}

impl Row {
    pub fn new(columns: Arc<[String]>, values: Vec<Value>) -> Self {
        Row { columns, values }
    }
    pub fn columns(&self) -> &[String] {
        &self.columns
    }
    pub fn values(&self) -> &[Value] {
        &self.values
    }
    /// Takes the column at `index`, which must be called `name`; 500 when the SQL and the struct disagree.
    pub fn take<T: FromValue>(&mut self, index: usize, name: &str) -> Result<T> {
        match self.columns.get(index) {
            Some(column) if column == name => {}
            other => return Err(Error::internal(format!("column {index} is {other:?}, wanted {name}"))),
        }
        let value = std::mem::replace(&mut self.values[index], Value::Null);
        let kind = value.kind();
        T::from_value(value).ok_or_else(|| Error::internal(format!("column {name} holds {kind}, not what was expected")))
    }
    /// Takes the column called `name`, wherever it stands.
    pub fn by_name<T: FromValue>(&mut self, name: &str) -> Result<T> {
        match self.columns.iter().position(|column| column == name) {
            Some(index) => self.take(index, name),
            None => Err(Error::internal(format!("no column {name}"))),
        }
    }
}

pub trait FromRow: Sized + Send + 'static {
    fn from_row(row: Row) -> Result<Self>;
}

impl FromRow for Row {
    fn from_row(row: Row) -> Result<Self> {
        Ok(row)
    }
}

/// Single columns read as themselves: `store.one::<(i64,)>(…)`.
macro_rules! tuples {
    ($($($t:ident $i:tt),+;)+) => {$(
        impl<$($t: FromValue + Send + 'static),+> FromRow for ($($t,)+) {
            fn from_row(mut row: Row) -> Result<Self> {
                Ok(($({
                    let name = row.columns.get($i).cloned().unwrap_or_default();
                    row.take::<$t>($i, &name)?
                },)+))
            }
        }
    )+};
}
tuples! { A 0; A 0, B 1; A 0, B 1, C 2; A 0, B 1, C 2, D 3; A 0, B 1, C 2, D 3, E 4; A 0, B 1, C 2, D 3, E 4, F 5; }

/// Declares a struct whose fields are the columns of a query, in the same order and with the same names.
///
/// ```ignore
/// store::row! {
///     #[derive(Clone)]
///     pub struct Line { pub id: CaseId, pub number: i64, pub deadline: Option<Instant> }
/// }
/// ```
#[macro_export]
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$fmeta:meta])* $fvis:vis $field:ident: $t:ty),+ $(,)? }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$fmeta])* $fvis $field: $t),+ }
        impl $name {
            /// Takes the columns from `at` on, for a row that holds several of these (a join); `at` is then behind them.
            #[allow(dead_code)]
            pub fn take_from(row: &mut $crate::row::Row, at: &mut usize) -> kernel::Result<Self> {
                $(let $field = row.take::<$t>(*at, stringify!($field))?; *at += 1;)+
                Ok($name { $($field),+ })
            }
        }
        impl $crate::row::FromRow for $name {
            fn from_row(mut row: $crate::row::Row) -> kernel::Result<Self> {
                Self::take_from(&mut row, &mut 0)
            }
        }
    };
}
