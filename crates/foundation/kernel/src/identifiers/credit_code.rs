//! Unified social credit codes of organisations (统一社会信用代码, GB 32100-2015), checked by their last character.

use super::{IdentifierError, normalised, text_identifier};
use serde::{Deserialize, Serialize};

/// The standard's 31 characters in the order of their values: no I, O, S, V or Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// An 18-character code whose check character is right (GB 32100-2015 §4 and annex on the check character).
///
/// C18 = (31 − Σ Ci·Wi mod 31) mod 31 over the first 17 characters, with weights Wi = 3^(i−1) mod 31.
/// The organisation code inside (positions 9 to 17) has a check of its own, which issued codes do not always keep,
/// so it is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditCode(String);

text_identifier!(CreditCode);

impl CreditCode {
    /// Takes full-width and lower-case letters, spaces and dashes as people type them.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let text = normalised(text);
        let mut values = Vec::with_capacity(18);
        for (index, c) in text.chars().enumerate() {
            let value = value_of(c).ok_or(IdentifierError::Character { position: index + 1 })?;
            // Positions 3 to 8 are an administrative division, in digits.
            if (2..8).contains(&index) && !c.is_ascii_digit() {
                return Err(IdentifierError::Character { position: index + 1 });
            }
            values.push(value);
        }
        if values.len() != 18 {
            return Err(IdentifierError::Length { expected: 18, found: values.len() });
        }
        let expected = check_value(&values[..17]);
        if values[17] != expected {
            return Err(IdentifierError::CheckCharacter { expected: char::from(ALPHABET[expected as usize]) });
        }
        Ok(CreditCode(text))
    }

    /// A code from its first 17 characters: for invented organisations of tests and the demo.
    pub fn complete(first_17: &str) -> Result<Self, IdentifierError> {
        let values: Vec<u32> = normalised(first_17).chars().map_while(value_of).collect();
        let check = check_value(&values);
        Self::parse(&format!("{first_17}{}", char::from(ALPHABET[check as usize])))
    }

    /// The county-level division that registered the organisation, 6 digits.
    pub fn division(&self) -> &str {
        &self.0[2..8]
    }
}

fn value_of(c: char) -> Option<u32> {
    let c = u8::try_from(c).ok()?;
    ALPHABET.iter().position(|known| *known == c).map(|value| value as u32)
}

fn check_value(values: &[u32]) -> u32 {
    let (mut sum, mut weight) = (0, 1);
    for value in values {
        sum = (sum + value * weight) % 31;
        weight = weight * 3 % 31;
    }
    (31 - sum) % 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_on_public_registers_pass() {
        for code in ["91350100M000100Y43", "91110000802100433B", "9144030071526726XG", "914403001922038216"] {
            assert_eq!(CreditCode::parse(code).map(|code| code.0), Ok(code.to_owned()));
        }
        assert_eq!(CreditCode::parse(" ９１３５０１００-m000100y43 ").unwrap().as_str(), "91350100M000100Y43");
        assert_eq!(CreditCode::parse("91350100M000100Y43").unwrap().division(), "350100");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let refused = |code: &str| CreditCode::parse(code).unwrap_err();
        assert_eq!(refused("91350100M000100Y44"), IdentifierError::CheckCharacter { expected: '3' });
        assert_eq!(refused("91350100M000100Y4"), IdentifierError::Length { expected: 18, found: 17 });
        assert_eq!(refused("91350100I000100Y43"), IdentifierError::Character { position: 9 });
        assert_eq!(refused("9135A100M000100Y43"), IdentifierError::Character { position: 5 });
        assert_eq!(refused(""), IdentifierError::Length { expected: 18, found: 0 });
        assert_eq!(refused("青岛某物业公司"), IdentifierError::Character { position: 1 });
    }

    proptest! {
        #[test]
        fn one_mistyped_character_or_a_swap_of_neighbours_is_always_noticed(
            body in "9[1-3]3702[0-9]{2}[0-9A-HJ-NPQRTUWXY]{9}", at in 8usize..17, other in 0usize..31,
        ) {
            let good = CreditCode::complete(&body).unwrap();
            let mut mistyped = good.as_str().to_owned().into_bytes();
            mistyped[at] = ALPHABET[other];
            let mistyped = String::from_utf8(mistyped).unwrap();
            prop_assert_eq!(CreditCode::parse(&mistyped).is_ok(), mistyped == good.as_str());
            let mut swapped = good.as_str().to_owned().into_bytes();
            swapped.swap(at, at - 1);
            let swapped = String::from_utf8(swapped).unwrap();
            if at > 8 {
                prop_assert_eq!(CreditCode::parse(&swapped).is_ok(), swapped == good.as_str());
            }
        }

        #[test]
        fn nothing_typed_panics(text in any::<String>()) {
            let _ = CreditCode::parse(&text);
            let _ = CreditCode::complete(&text);
        }
    }
}
