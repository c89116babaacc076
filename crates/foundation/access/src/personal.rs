//! Personal columns: encryption-ready bytes, shown masked unless somebody asks and the asking is recorded.

use store::{FromValue, ToValue, Value};

/// Personal data as it is kept: one byte names the scheme (0 is plain UTF-8), the rest is the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal(String);

impl std::fmt::Debug for Personal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Personal(…)")
    }
}

impl Personal {
    pub fn new(text: impl Into<String>) -> Self {
        Personal(text.into())
    }
    /// The value itself: for the person's own pages, colleagues' names, and after an unmasking that left its fact.
    pub fn reveal(&self) -> &str {
        &self.0
    }
    /// 138****1234
    pub fn masked_phone(&self) -> String {
        let digits: Vec<char> = self.0.chars().collect();
        if digits.len() < 8 {
            return "****".to_owned();
        }
        format!("{}****{}", digits[..3].iter().collect::<String>(), digits[digits.len() - 4..].iter().collect::<String>())
    }
}

impl ToValue for Personal {
    fn to_value(&self) -> Value {
        let mut bytes = vec![0];
        bytes.extend_from_slice(self.0.as_bytes());
        Value::Bytes(bytes)
    }
}

impl FromValue for Personal {
    fn from_value(value: Value) -> Option<Self> {
        let Value::Bytes(bytes) = value else { return None };
        let (scheme, rest) = bytes.split_first()?;
        (*scheme == 0).then(|| String::from_utf8(rest.to_vec()).ok()).flatten().map(Personal)
    }
}
