//! Identifiers of the outside world: credit codes, place and grid codes, phone numbers and names, checked and masked.

mod credit_code;
mod masking;
mod place_code;

pub use credit_code::CreditCode;
pub use masking::{MobileNumber, mask_name};
pub use place_code::{GridCode, PlaceCode, PlaceCodeLevel};

use crate::{Code, Error};

/// Why a text is not the identifier that it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentifierError {
    /// Another number of characters than the standard's.
    Length { expected: usize, found: usize },
    /// A character that the standard does not use there; `position` counts from 1.
    Character { position: usize },
    /// The last character should be another, so at least one character was mistyped.
    CheckCharacter { expected: char },
    /// A group of zeros stands above a group that is not zero, or everything is zero.
    Levels,
    /// Eleven digits, but no mobile number of the mainland begins like that.
    NotMobile,
}

pub const LENGTH: Code = Code::invalid("identifier.length");
pub const CHARACTER: Code = Code::invalid("identifier.character");
pub const CHECK_CHARACTER: Code = Code::invalid("identifier.check_character");
pub const LEVELS: Code = Code::invalid("identifier.levels");
pub const NOT_MOBILE: Code = Code::invalid("identifier.not_mobile");

impl IdentifierError {
    /// The code whose words explain this error, for a form's field.
    pub fn code(self) -> Code {
        match self {
            IdentifierError::Length { .. } => LENGTH,
            IdentifierError::Character { .. } => CHARACTER,
            IdentifierError::CheckCharacter { .. } => CHECK_CHARACTER,
            IdentifierError::Levels => LEVELS,
            IdentifierError::NotMobile => NOT_MOBILE,
        }
    }
}

impl From<IdentifierError> for Error {
    fn from(error: IdentifierError) -> Error {
        let answer = error.code().err();
        match error {
            IdentifierError::Length { expected, found } => answer.arg("expected", expected).arg("found", found),
            IdentifierError::Character { position } => answer.arg("position", position),
            // The expected character is left to the log: shown, it would invite people to make a wrong code pass.
            IdentifierError::CheckCharacter { expected } => answer.detail(expected),
            IdentifierError::Levels | IdentifierError::NotMobile => answer,
        }
    }
}

impl std::fmt::Display for IdentifierError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", Error::from(*self))
    }
}

impl std::error::Error for IdentifierError {}

/// What people type, as the standards write it: full-width letters and digits made plain, upper case, no spaces or dashes.
fn normalised(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            other => other,
        })
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '—' | '\u{200b}' | '\u{feff}'))
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// Exactly `expected` digits, after normalising.
fn digits(text: &str, expected: usize) -> Result<String, IdentifierError> {
    let text = normalised(text);
    if let Some(index) = text.chars().position(|c| !c.is_ascii_digit()) {
        return Err(IdentifierError::Character { position: index + 1 });
    }
    if text.len() != expected {
        return Err(IdentifierError::Length { expected, found: text.len() });
    }
    Ok(text)
}

/// Parsing, printing and storing for an identifier that is a checked text.
macro_rules! text_identifier {
    ($name:ident) => {
        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl std::str::FromStr for $name {
            type Err = super::IdentifierError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $name::parse(text)
            }
        }
        impl TryFrom<String> for $name {
            type Error = super::IdentifierError;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                $name::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
    };
}
use text_identifier;
