//! Queries built from parts, and keyset paging.

use crate::value::{Args, ToValue, Value};
use serde::{Deserialize, Serialize};

/// A SELECT that grows by conditions. Never built from what a user typed: conditions are literals, values are bound.
#[derive(Debug, Clone)]
pub struct Query {
    pub text: String,
    pub args: Args,
}

impl Query {
    /// `text` ends inside its WHERE clause, which must already constrain the tenant.
    pub fn from(text: &str) -> Self {
        Query { text: text.to_owned(), args: Args::default() }
    }
    #[must_use]
    pub fn bind(mut self, name: &'static str, value: impl ToValue) -> Self {
        self.args.0.push((name, value.to_value()));
        self
    }
    /// Adds `AND condition`.
    #[must_use]
    pub fn and(mut self, condition: &str) -> Self {
        self.text.push_str("\n    AND ");
        self.text.push_str(condition);
        self
    }
    /// Adds text as it is (ORDER BY, GROUP BY, LIMIT).
    #[must_use]
    pub fn then(mut self, text: &str) -> Self {
        self.text.push('\n');
        self.text.push_str(text);
        self
    }
    /// A keyset page: rows after `after` in the order of `keys` (all ascending or all descending), one more than `size`.
    ///
    /// `keys` name columns that are together unique and never NULL. The condition is a row comparison
    /// (`(a, b) > (:k0, :k1)`), for which both engines walk the index.
    #[must_use]
    pub fn keyset(mut self, keys: &[&str], descending: bool, after: Option<&[Value]>, size: u16) -> Self {
        const NAMES: [&str; 4] = ["k0", "k1", "k2", "k3"];
        let (beyond, order) = if descending { ("<", "DESC") } else { (">", "ASC") };
        if let Some(after) = after {
            let names = &NAMES[..keys.len()];
            self = self.and(&format!(
                "({}) {beyond} ({})",
                keys.join(", "),
                names.iter().map(|name| format!(":{name}")).collect::<Vec<_>>().join(", ")
            ));
            for (name, value) in names.iter().zip(after) {
                self.args.0.push((name, value.clone()));
            }
        }
        let order = keys.iter().map(|key| format!("{key} {order}")).collect::<Vec<_>>().join(", ");
        self.then(&format!("ORDER BY {order}\nLIMIT {}", u32::from(size) + 1))
    }
}

/// Where a page begins: the keys of the last row seen, opaque in the address.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Page {
    pub after: Option<String>,
}

/// One page of a list, and where the next begins.
#[derive(Debug, Clone)]
pub struct Paged<T> {
    pub rows: Vec<T>,
    pub next: Option<String>,
}

impl<T> Paged<T> {
    /// Cuts the extra row that [`Query::keyset`] asked for, and remembers the keys of the last one kept.
    pub fn cut(mut rows: Vec<T>, size: u16, key: impl Fn(&T) -> Vec<Value>) -> Self {
        let more = rows.len() > usize::from(size);
        rows.truncate(usize::from(size));
        let next = if more { rows.last().map(|row| encode_keys(&key(row))) } else { None };
        Paged { rows, next }
    }
}

/// Keys as one URL-safe word: `i123~t2026-01-01~d<uuid>`; text is hex so that any character survives.
pub fn encode_keys(keys: &[Value]) -> String {
    let word = |value: &Value| match value {
        Value::Null => "n".to_owned(),
        Value::Bool(truth) => format!("b{}", u8::from(*truth)),
        Value::Int(number) => format!("i{number}"),
        Value::Text(text) => format!("t{}", kernel::canonical::hex(text.as_bytes())),
        Value::Bytes(bytes) => format!("x{}", kernel::canonical::hex(bytes)),
        Value::Id(id) => format!("d{}", id.simple()),
    };
    keys.iter().map(word).collect::<Vec<_>>().join("~")
}

/// The keys back, of the kinds that the list is ordered by (`"id"`: a number, then an id); `None` when somebody wrote the word by
/// hand and it is not one of ours.
pub fn decode_keys(text: &str, kinds: &str) -> Option<Vec<Value>> {
    if text.split('~').count() != kinds.chars().count() {
        return None;
    }
    text.split('~')
        .zip(kinds.chars())
        .map(|(word, kind)| {
            let rest = word.strip_prefix(kind)?;
            Some(match kind {
                'n' => Value::Null,
                'b' => Value::Bool(rest == "1"),
                'i' => Value::Int(rest.parse().ok()?),
                't' => Value::Text(String::from_utf8(unhex(rest)?).ok()?),
                'x' => Value::Bytes(unhex(rest)?),
                'd' => Value::Id(kernel::ids::Uuid::try_parse(rest).ok()?),
                _ => return None,
            })
        })
        .collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    bytes.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_as_they_were_and_as_nothing_else() {
        let id = kernel::ids::Uuid::from_u128(7);
        let keys = [Value::Null, Value::Bool(true), Value::Int(-5), Value::Text("绣~花".into()), Value::Bytes(vec![0, 255]), Value::Id(id)];
        let text = encode_keys(&keys);
        assert_eq!(decode_keys(&text, "nbitxd").unwrap(), keys);
        for kinds in ["", "i", "nbitx", "nbitxdi", "nbitdx", "dbitxn"] {
            assert_eq!(decode_keys(&text, kinds), None, "{kinds}");
        }
        for wrong in ["", "~", "i", "ix", "d1", "i1~", "i99999999999999999999", "绣"] {
            assert_eq!(decode_keys(wrong, "i"), None, "{wrong}");
            assert_eq!(decode_keys(wrong, "id"), None, "{wrong}");
        }
        assert_eq!(decode_keys("tzz", "t"), None);
        assert_eq!(decode_keys("tff", "t"), None);
    }
}
