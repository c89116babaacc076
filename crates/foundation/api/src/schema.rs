//! What a value of the API looks like, as JSON Schema 2020-12, which OpenAPI 3.1 speaks.

use contracts::{CaseId, CircularId, MatterId, NoticeId};
use kernel::calendar::LimitUnit;
use kernel::ids::{AccountId, AttachmentId, OrganisationId, PlaceId, Uuid};
use serde_json::{Map, Value, json};

/// The named objects of the document, each once.
#[derive(Debug, Default)]
pub struct Schemas(pub Map<String, Value>);

impl Schemas {
    /// A reference to the object `name`, which `make` describes the first time.
    pub fn named(&mut self, name: &str, make: impl FnOnce(&mut Schemas) -> Value) -> Value {
        if !self.0.contains_key(name) {
            // Marked first, so that an object that holds itself ends.
            self.0.insert(name.to_owned(), Value::Null);
            let made = make(self);
            self.0.insert(name.to_owned(), made);
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }
}

/// A value that describes itself.
pub trait Schema {
    /// Whether it may be left out.
    const OPTIONAL: bool = false;
    fn schema(all: &mut Schemas) -> Value;
}

impl Schema for bool {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "boolean" })
    }
}
impl Schema for i64 {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "integer", "format": "int64" })
    }
}
impl Schema for String {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string" })
    }
}

impl<T: Schema> Schema for Option<T> {
    const OPTIONAL: bool = true;
    fn schema(all: &mut Schemas) -> Value {
        let mut inner = T::schema(all);
        match inner.get("type").and_then(Value::as_str).map(str::to_owned) {
            Some(kind) if inner.get("enum").is_none() => {
                inner["type"] = json!([kind, "null"]);
                inner
            }
            _ => json!({ "anyOf": [inner, { "type": "null" }] }),
        }
    }
}

impl<T: Schema> Schema for Vec<T> {
    fn schema(all: &mut Schemas) -> Value {
        json!({ "type": "array", "items": T::schema(all) })
    }
}

macro_rules! ids {
    ($($id:ty),+ $(,)?) => {$(
        impl Schema for $id {
            fn schema(_: &mut Schemas) -> Value {
                json!({ "type": "string", "format": "uuid" })
            }
        }
    )+};
}
ids!(Uuid, AccountId, AttachmentId, OrganisationId, PlaceId, CaseId, CircularId, NoticeId, MatterId);

impl Schema for LimitUnit {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "enum": LimitUnit::ALL.map(LimitUnit::as_str) })
    }
}

/// The documentation of an item, as its lines stand above it: one space less, lines of a paragraph joined.
pub fn prose(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines.iter().map(|line| line.trim()) {
        match line {
            "" => text.push_str("\n\n"),
            line => {
                if !text.is_empty() && !text.ends_with('\n') {
                    text.push(' ');
                }
                text.push_str(line);
            }
        }
    }
    text.trim().to_owned()
}

/// A field's name as JSON has it: `r#type` is `type` there.
pub fn plain(name: &'static str) -> &'static str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// Puts a description beside whatever a field's schema says.
pub fn described(mut schema: Value, doc: &[&str]) -> Value {
    let words = prose(doc);
    if !words.is_empty() {
        schema["description"] = words.into();
    }
    schema
}

/// Declares objects of the API: read strictly (what is not named is refused), written whole, and described by what stands
/// above each field.
///
/// ```ignore
/// api::object! {
///     /// Where something is.
///     pub struct Position {
///         /// In degrees east.
///         lng: Degrees<180>,
///     }
/// }
/// ```
#[macro_export]
macro_rules! object {
    ($($(#[doc = $doc:literal])* pub struct $name:ident { $($(#[doc = $about:literal])* $field:ident : $t:ty),* $(,)? })+) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, $crate::serde::Serialize, $crate::serde::Deserialize)]
        #[serde(crate = "api::serde", deny_unknown_fields)]
        pub struct $name { $($(#[doc = $about])* pub $field: $t),* }

        impl $crate::Schema for $name {
            fn schema(all: &mut $crate::Schemas) -> $crate::serde_json::Value {
                all.named(stringify!($name), |_all| {
                    #[allow(unused_mut)] // An object without fields.
                    let mut properties = $crate::serde_json::Map::new();
                    $(properties.insert(
                        $crate::schema::plain(stringify!($field)).to_owned(),
                        $crate::schema::described(<$t as $crate::Schema>::schema(_all), &[$($about),*]),
                    );)*
                    let names: &[(&str, bool)] = &[$(($crate::schema::plain(stringify!($field)), <$t as $crate::Schema>::OPTIONAL)),*];
                    let required: Vec<&str> = names.iter().filter(|(_, optional)| !optional).map(|(name, _)| *name).collect();
                    let mut whole = $crate::serde_json::json!({
                        "type": "object",
                        "properties": properties,
                        "additionalProperties": false,
                    });
                    if !required.is_empty() {
                        whole["required"] = required.into();
                    }
                    $crate::schema::described(whole, &[$($doc),*])
                })
            }
        }
    )+};
}

/// Lets closed lists of the product (`store::text_enum!`) stand in objects and parameters, by the same words.
#[macro_export]
macro_rules! enums {
    ($($name:ident),+ $(,)?) => {$(
        impl $crate::Schema for $name {
            fn schema(_: &mut $crate::Schemas) -> $crate::serde_json::Value {
                let all: Vec<&str> = $name::ALL.iter().map(|value| value.as_str()).collect();
                $crate::serde_json::json!({ "type": "string", "enum": all })
            }
        }
        impl $crate::params::FromText for $name {
            fn from_text(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )+};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_joins_the_lines_of_a_paragraph_and_parts_paragraphs() {
        assert_eq!(prose(&[" One", " line.", "", " Another."]), "One line.\n\nAnother.");
        assert_eq!(prose(&[]), "");
    }

    #[test]
    fn what_may_be_null_says_so() {
        let all = &mut Schemas::default();
        assert_eq!(Option::<i64>::schema(all)["type"], json!(["integer", "null"]));
        assert_eq!(Option::<PlaceId>::schema(all)["type"], json!(["string", "null"]));
    }
}
