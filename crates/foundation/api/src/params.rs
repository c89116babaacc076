//! Parameters of an address: named, typed, and nothing beside them.

use crate::schema::{Schema, Schemas, described};
use contracts::{CaseId, CircularId, MatterId, NoticeId};
use kernel::ids::{AccountId, AttachmentId, OrganisationId, PlaceId, Uuid};
use kernel::{Code, Error, FieldError};
use serde_json::Value;
use std::collections::BTreeMap;

/// A parameter is not of its kind.
pub const BAD_VALUE: Code = Code::invalid("api.bad_value");
/// A parameter that the operation does not have.
pub const UNKNOWN: Code = Code::invalid("api.unknown_parameter");
/// A parameter stands twice.
pub const TWICE: Code = Code::invalid("api.parameter_twice");
/// A parameter that cannot be done without.
pub const NEEDED: Code = Code::invalid("api.parameter_needed");

/// What a text in an address can be read as.
pub trait FromText: Schema + Sized {
    fn from_text(text: &str) -> Option<Self>;
    /// What it is where the address does not say it; `None` where it must.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: FromText> FromText for Option<T> {
    fn from_text(text: &str) -> Option<Self> {
        T::from_text(text).map(Some)
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
}

macro_rules! ids {
    ($($id:ty),+ $(,)?) => {$(
        impl FromText for $id {
            fn from_text(text: &str) -> Option<Self> {
                // The hyphenated form and no other, as the document says.
                (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten().map(<$id>::from)
            }
        }
    )+};
}
ids!(Uuid, AccountId, AttachmentId, OrganisationId, PlaceId, CaseId, CircularId, NoticeId, MatterId);

/// One parameter, for the document.
pub struct Param {
    pub name: &'static str,
    pub doc: &'static [&'static str],
    pub required: bool,
    pub schema: fn(&mut Schemas) -> Value,
}

impl Param {
    /// As the document says it; in an address nothing is null, so what may be absent is described by what it is when it is there.
    pub fn describe(&self, place: &str, all: &mut Schemas) -> Value {
        let mut schema = (self.schema)(all);
        if let Some(first) = schema.get("anyOf").and_then(|any| any.get(0)).cloned() {
            schema = first;
        }
        if let Some(kind) = schema.get("type").and_then(|kinds| kinds.get(0)).cloned() {
            schema["type"] = kind;
        }
        let mut whole = described(serde_json::json!({}), self.doc);
        whole["name"] = self.name.into();
        whole["in"] = place.into();
        whole["required"] = self.required.into();
        whole["schema"] = schema;
        whole
    }
}

/// The parameters of one place of an address: its path, or what stands behind the question mark.
pub trait Params: Sized {
    fn list() -> Vec<Param>;
    /// Errors: all that are wrong, each with its name.
    fn read(given: &[(String, String)]) -> Result<Self, Error>;
}

impl Params for () {
    fn list() -> Vec<Param> {
        Vec::new()
    }
    fn read(given: &[(String, String)]) -> Result<Self, Error> {
        strict(given, &[]).map_or(Ok(()), Err)
    }
}

pub fn wrong(name: &str, code: Code) -> FieldError {
    FieldError { field: name.to_owned(), code: code.name.to_owned(), args: BTreeMap::from([("name".to_owned(), name.to_owned())]) }
}

/// What stands twice, or is none of `names`.
pub fn strict(given: &[(String, String)], names: &[&str]) -> Option<Error> {
    let mut fields = Vec::new();
    for (at, (name, _)) in given.iter().enumerate() {
        if !names.contains(&name.as_str()) {
            fields.push(wrong(name, UNKNOWN));
        } else if given[..at].iter().any(|(before, _)| before == name) {
            fields.push(wrong(name, TWICE));
        }
    }
    (!fields.is_empty()).then(|| Error::fields(fields))
}

/// One parameter's value, or what is wrong with it.
pub fn value<T: FromText>(given: &[(String, String)], name: &str) -> Result<T, FieldError> {
    match given.iter().find(|(known, _)| known == name) {
        Some((_, text)) => T::from_text(text).ok_or_else(|| wrong(name, BAD_VALUE)),
        None => T::absent().ok_or_else(|| wrong(name, NEEDED)),
    }
}

/// Declares the parameters of a path or of a query.
#[macro_export]
macro_rules! params {
    ($($(#[doc = $doc:literal])* pub struct $name:ident { $($(#[doc = $about:literal])* $field:ident : $t:ty),* $(,)? })+) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone)]
        pub struct $name { $($(#[doc = $about])* pub $field: $t),* }

        impl $crate::Params for $name {
            fn list() -> Vec<$crate::Param> {
                vec![$($crate::Param {
                    name: stringify!($field),
                    doc: &[$($about),*],
                    required: !<$t as $crate::Schema>::OPTIONAL,
                    schema: <$t as $crate::Schema>::schema,
                }),*]
            }
            fn read(given: &[(String, String)]) -> Result<Self, ::kernel::Error> {
                if let Some(error) = $crate::params::strict(given, &[$(stringify!($field)),*]) {
                    return Err(error);
                }
                let mut wrong = Vec::new();
                $(let $field = $crate::params::value::<$t>(given, stringify!($field)).map_err(|error| wrong.push(error));)*
                match ($($field,)*) {
                    ($(Ok($field),)*) => Ok($name { $($field),* }),
                    #[allow(unreachable_patterns)] // Where there are no fields.
                    _ => Err(::kernel::Error::fields(wrong)),
                }
            }
        }
    )+};
}
