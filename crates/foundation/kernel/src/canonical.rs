//! Canonical JSON text: one spelling for one value, so that a fact can be hashed; and salted hashes of what may be erased.
//!
//! RFC 8785 (JSON Canonicalization Scheme) for values without fractions: no white space, keys sorted by their UTF-16
//! units, the shortest escapes. Numbers are whole, and written in full over the whole 64-bit range, where RFC 8785 would
//! go through a double beyond 2^53.

use crate::{
    Error,
    merkle::{Hash, Sm3, TreeHash},
};
use serde::Serialize;
use serde_json::Value;

/// Deeper nesting than any fact has.
pub const MAX_DEPTH: usize = 32;

/// Why a value has no canonical text; both name the place as a JSON pointer (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CanonicalError {
    /// A number with a fraction or exponent, or outside 64 bits.
    NotWhole { at: String },
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep { at: String },
    /// The type cannot be written as JSON at all, such as a map with keys that are not text.
    NotJson(String),
}

impl From<CanonicalError> for Error {
    /// A fact that cannot be written is a fault of ours, never of a person's input.
    fn from(error: CanonicalError) -> Error {
        Error::internal(error)
    }
}

impl std::fmt::Display for CanonicalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CanonicalError::NotWhole { at } => write!(f, "number at '{at}' is not a whole 64-bit number"),
            CanonicalError::TooDeep { at } => write!(f, "'{at}' is nested too deep"),
            CanonicalError::NotJson(reason) => write!(f, "not JSON: {reason}"),
        }
    }
}

impl std::error::Error for CanonicalError {}

/// The canonical text of anything that serialises.
pub fn to_canonical<T: Serialize + ?Sized>(value: &T) -> Result<String, CanonicalError> {
    let value = serde_json::to_value(value).map_err(|error| CanonicalError::NotJson(error.to_string()))?;
    canonical_text(&value)
}

/// The canonical text of a JSON value.
pub fn canonical_text(value: &Value) -> Result<String, CanonicalError> {
    let mut out = String::new();
    write_value(value, &mut out, &mut Vec::new())?;
    Ok(out)
}

fn write_value<'v>(value: &'v Value, out: &mut String, path: &mut Vec<Step<'v>>) -> Result<(), CanonicalError> {
    if path.len() > MAX_DEPTH {
        return Err(CanonicalError::TooDeep { at: pointer(path) });
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => out.push_str(&whole.to_string()),
            (None, Some(whole)) => out.push_str(&whole.to_string()),
            (None, None) => return Err(CanonicalError::NotWhole { at: pointer(path) }),
        },
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                path.push(Step::Index(index));
                write_value(item, out, path)?;
                path.pop();
            }
            out.push(']');
        }
        Value::Object(fields) => {
            // Sorted here, because the map's own order depends on a feature that any crate of the build can turn on.
            let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
            sorted.sort_unstable_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (index, (key, field)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                path.push(Step::Key(key));
                write_value(field, out, path)?;
                path.pop();
            }
            out.push('}');
        }
    }
    Ok(())
}

enum Step<'v> {
    Key(&'v str),
    Index(usize),
}

fn pointer(path: &[Step<'_>]) -> String {
    path.iter()
        .map(|step| match step {
            Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => format!("/{index}"),
        })
        .collect()
}

/// RFC 8785 §3.2.2.2: only what must be escaped is.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// The random salt beside an erasable text.
pub type Salt = [u8; 32];

/// SM3(salt ‖ text): what a fact keeps of a text that may be erased. With the salt gone, nothing can be guessed from it.
pub fn salted_hash(salt: &Salt, text: &str) -> Hash {
    Sm3::digest(&[salt, text.as_bytes()])
}

/// Two lower-case hexadecimal digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// SM3 of bytes, such as an attachment's.
pub fn content_hash(bytes: &[u8]) -> Hash {
    Sm3::digest(&[bytes])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_rfcs_examples_without_fractions() {
        // RFC 8785 §3.2.2 (strings, literals) and §3.2.3 (sorting).
        let value: Value =
            serde_json::from_str(r#"{"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"#)
                .unwrap();
        assert_eq!(canonical_text(&value).unwrap(), "{\"literals\":[null,true,false],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
        let value: Value = serde_json::from_str(
            r#"{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
                "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}"#,
        )
        .unwrap();
        let text = canonical_text(&value).unwrap();
        let order = ["Carriage Return", "One", "Control", "Latin Small", "Euro Sign", "Emoji", "Hebrew"];
        let places: Vec<usize> = order.iter().map(|name| text.find(name).unwrap()).collect();
        assert!(places.is_sorted(), "{text}");
    }

    #[test]
    fn fractions_are_refused_with_their_place() {
        let refused = |value: Value| canonical_text(&value).unwrap_err();
        assert_eq!(refused(json!({"a/b": [1, {"x~": 0.5}]})), CanonicalError::NotWhole { at: "/a~1b/1/x~0".into() });
        assert_eq!(refused(json!(1.0)), CanonicalError::NotWhole { at: String::new() });
        assert_eq!(refused(serde_json::from_str("-0.0").unwrap()), CanonicalError::NotWhole { at: String::new() });
        let mut deep = json!(1);
        for _ in 0..40 {
            deep = json!([deep]);
        }
        assert!(matches!(refused(deep), CanonicalError::TooDeep { .. }));
        assert_eq!(to_canonical(&(i64::MIN, u64::MAX)).unwrap(), "[-9223372036854775808,18446744073709551615]");
    }

    #[test]
    fn a_salted_hash_hangs_on_salt_and_text() {
        let hash = salted_hash(&[1; 32], "王小明");
        assert_eq!(hash, content_hash(&[&[1u8; 32][..], "王小明".as_bytes()].concat()));
        assert_ne!(hash, salted_hash(&[2; 32], "王小明"));
        assert_ne!(hash, salted_hash(&[1; 32], "王小"));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn canonical_text_is_json_for_the_same_value_and_is_its_own_canonical_text(value in value()) {
            let text = canonical_text(&value).unwrap();
            let again: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&again, &value);
            prop_assert_eq!(canonical_text(&again).unwrap(), text);
        }
    }
}
