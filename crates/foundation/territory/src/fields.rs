//! What people type into the forms of the territory, made sound: names of a bounded length, dates, organisation contacts.

use kernel::{Code, Error, Result};

pub const NAME_MISSING: Code = Code::invalid("field.missing");
pub const NAME_TOO_LONG: Code = Code::invalid("field.too_long");
pub const NAME_CHARACTER: Code = Code::invalid("field.character");

/// The longest name we take, in characters.
pub const NAME_LENGTH: usize = 80;

/// A name: trimmed, spaces made single, not empty, at most [`NAME_LENGTH`] characters, nothing invisible in it.
pub fn name(field: &str, text: &str) -> Result<String> {
    optional_name(field, text)?.ok_or_else(|| Error::field(field, NAME_MISSING))
}

/// As [`name`], or nothing.
pub fn optional_name(field: &str, text: &str) -> Result<Option<String>> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().count() > NAME_LENGTH {
        return Err(Error::field(field, NAME_TOO_LONG).arg("max", NAME_LENGTH));
    }
    if text.chars().any(invisible) {
        return Err(Error::field(field, NAME_CHARACTER));
    }
    Ok(Some(text))
}

/// What nobody sees, and nobody typed on purpose.
pub(crate) fn invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
}

/// The words of one field's error, when a value's own check failed.
pub fn at_field(field: &str, error: Error) -> Error {
    Error::fields(vec![kernel::FieldError { field: field.to_owned(), code: error.code().to_owned(), args: error.args().clone() }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tidied_and_bounded() {
        assert_eq!(name("name", "  东苑  小区 ").unwrap(), "东苑 小区");
        assert_eq!(name("name", " \u{3000} ").unwrap_err().field_errors()[0].code, NAME_MISSING.name);
        assert_eq!(name("name", &"长".repeat(81)).unwrap_err().field_errors()[0].code, NAME_TOO_LONG.name);
        assert_eq!(name("name", "东苑\u{202e}小区").unwrap_err().field_errors()[0].code, NAME_CHARACTER.name);
    }
}
