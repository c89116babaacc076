//! Values that go into and come out of a database, the same for every engine.

use kernel::ids::Uuid;
use kernel::{Instant, TenantId};

/// One bound parameter or one column of a row.
///
/// Instants and tenants are `Int` (BIGINT), business days `Text` (`YYYY-MM-DD`), ids `Id` (UUID; 16 bytes on SQLite).
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Id(Uuid),
}

impl Value {
    /// What it is, for messages; never what it says.
    pub const fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a truth value",
            Value::Int(_) => "a number",
            Value::Text(_) => "text",
            Value::Bytes(_) => "bytes",
            Value::Id(_) => "an id",
        }
    }
}

pub trait ToValue {
    fn to_value(&self) -> Value;
}

/// A column's value as a Rust type; `None` when it is of another kind.
pub trait FromValue: Sized {
    fn from_value(value: Value) -> Option<Self>;
}

/// Named parameters of one statement.
#[derive(Debug, Clone, Default)]
pub struct Args(pub Vec<(&'static str, Value)>);

impl Args {
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToValue) -> Self {
        self.0.push((name, value.to_value()));
        self
    }
}

/// `args! { tenant: by.tenant, case: id }`
#[macro_export]
macro_rules! args {
    ($($name:ident: $value:expr),* $(,)?) => {
        $crate::value::Args(vec![$((stringify!($name), $crate::value::ToValue::to_value(&$value))),*])
    };
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}
impl FromValue for Value {
    fn from_value(value: Value) -> Option<Self> {
        Some(value)
    }
}
impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}
impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}
impl ToValue for bool {
    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}
impl FromValue for bool {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bool(truth) => Some(truth),
            Value::Int(0) => Some(false),
            Value::Int(1) => Some(true),
            _ => None,
        }
    }
}
macro_rules! integers {
    ($($t:ty),*) => {$(
        impl ToValue for $t {
            fn to_value(&self) -> Value {
                Value::Int(i64::from(*self))
            }
        }
        impl FromValue for $t {
            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Int(number) => number.try_into().ok(),
                    _ => None,
                }
            }
        }
    )*};
}
integers!(i64, i32, i16, u8, u16, u32);
impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}
impl ToValue for String {
    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }
}
impl FromValue for String {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}
impl ToValue for [u8] {
    fn to_value(&self) -> Value {
        Value::Bytes(self.to_vec())
    }
}
impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value {
        Value::Bytes(self.clone())
    }
}
impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value {
        Value::Bytes(self.to_vec())
    }
}
impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}
impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => bytes.try_into().ok(),
            _ => None,
        }
    }
}
impl ToValue for Uuid {
    fn to_value(&self) -> Value {
        Value::Id(*self)
    }
}
impl FromValue for Uuid {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Id(id) => Some(id),
            Value::Bytes(bytes) => Uuid::from_slice(&bytes).ok(),
            _ => None,
        }
    }
}
impl ToValue for TenantId {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}
impl FromValue for TenantId {
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value).map(TenantId)
    }
}
impl ToValue for Instant {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}
impl FromValue for Instant {
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value).map(Instant)
    }
}

/// Makes id types (declared with `kernel::id!`) usable as parameters and columns.
#[macro_export]
macro_rules! id_values {
    ($($name:ty),+ $(,)?) => {$(
        impl $crate::value::ToValue for $name {
            fn to_value(&self) -> $crate::value::Value {
                $crate::value::Value::Id(self.0)
            }
        }
        impl $crate::value::FromValue for $name {
            fn from_value(value: $crate::value::Value) -> Option<Self> {
                <kernel::ids::Uuid as $crate::value::FromValue>::from_value(value).map(Self)
            }
        }
    )+};
}
use kernel::ids::{AccountId, AttachmentId, CommandId, FactId, OrganisationId, PlaceId};
crate::id_values!(AccountId, AttachmentId, CommandId, FactId, OrganisationId, PlaceId);

/// An enum kept as short text, parsed and printed by one table.
///
/// `text_enum! { pub enum Stage { Reported = "reported", Filed = "filed" } }`
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ::serde::Serialize, ::serde::Deserialize)]
        $vis enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant),+ }
        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl ::std::str::FromStr for $name {
            type Err = $crate::value::UnknownText;
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                match text { $($text => Ok($name::$variant),)+ _ => Err($crate::value::UnknownText) }
            }
        }
        impl $crate::value::ToValue for $name {
            fn to_value(&self) -> $crate::value::Value {
                $crate::value::Value::Text(self.as_str().to_owned())
            }
        }
        impl $crate::value::FromValue for $name {
            fn from_value(value: $crate::value::Value) -> Option<Self> {
                match value { $crate::value::Value::Text(text) => text.parse().ok(), _ => None }
            }
        }
    };
}

/// The text names none of the enum's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownText;

impl std::fmt::Display for UnknownText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not one of the known values")
    }
}

impl std::error::Error for UnknownText {}
