//! What forms show: choices of a select, and the values and errors that a form is filled with when it comes back.

use crate::language::Words;
use kernel::{Error, FieldError};
use serde::Serialize;
use std::collections::BTreeMap;

/// An entry of a select.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub on: bool,
}

/// What a form is filled with: typed values, and the words of each field's error when it is shown again.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    values: BTreeMap<String, String>,
    errors: BTreeMap<String, String>,
    /// The words of an error that belongs to no field.
    pub banner: String,
}

impl Filled {
    pub fn of(form: &impl Serialize) -> Self {
        let mut values = BTreeMap::new();
        if let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(form) {
            for (name, value) in fields {
                if let serde_json::Value::String(text) = value {
                    values.insert(name, text);
                }
            }
        }
        Filled { values, ..Filled::default() }
    }
    /// The form as it was sent, with what was wrong with it.
    pub fn again(w: Words, form: &impl Serialize, error: &Error) -> Self {
        let mut filled = Filled::of(form);
        for FieldError { field, code, args } in error.field_errors() {
            let args = if args.is_empty() { error.args() } else { args };
            filled.errors.entry(field.clone()).or_insert_with(|| w.error(code, args).into_owned());
        }
        if error.field_errors().is_empty() {
            filled.banner = w.error(error.code(), error.args()).into_owned();
        }
        filled
    }
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }
    /// With the words of what is wrong with one field.
    #[must_use]
    pub fn wrong(mut self, name: &str, words: impl Into<String>) -> Self {
        self.errors.insert(name.to_owned(), words.into());
        self
    }
    pub fn v(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }
    pub fn e(&self, name: &str) -> &str {
        self.errors.get(name).map_or("", String::as_str)
    }
    /// Whether a form was sent and came back.
    pub fn is_again(&self) -> bool {
        !self.banner.is_empty() || !self.errors.is_empty()
    }
}
