//! Canonical text written straight from a type, without a tree of values in between: what is kept of a month's evaluation is long.
//!
//! Whatever is not plain is refused, and then written by way of the tree, which also says what is wrong with it.

use super::{MAX_DEPTH, sorts_before, write_text};
use serde::ser::{self, Serialize};
use std::fmt::Display;

/// Not plain.
#[derive(Debug)]
pub(super) struct Refused;

impl Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not plain")
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: Display>(_: T) -> Self {
        Refused
    }
}

/// Writes one value at the end of a text, so deep in others.
pub(super) struct Writer<'a> {
    pub out: &'a mut String,
    pub depth: usize,
}

/// The items of a list, or of what stands under the name of a variant.
pub(super) struct List<'a> {
    out: &'a mut String,
    depth: usize,
    first: bool,
    close: &'static str,
}

/// The fields of an object: each is written as it comes, and they are put in order at the end where they did not come in it.
pub(super) struct Object<'a> {
    out: &'a mut String,
    depth: usize,
    from: usize,
    /// Where each field's text ends, comma included.
    fields: Vec<(String, usize)>,
    /// Behind an object under the name of a variant.
    close: &'static str,
}

type Done = Result<(), Refused>;

impl<'a> Writer<'a> {
    fn raw(self, text: &str) -> Done {
        if self.depth > MAX_DEPTH {
            return Err(Refused);
        }
        self.out.push_str(text);
        Ok(())
    }
    fn list(self, open: &str, close: &'static str, depth: usize) -> Result<List<'a>, Refused> {
        if self.depth > MAX_DEPTH {
            return Err(Refused);
        }
        self.out.push_str(open);
        Ok(List { out: self.out, depth, first: true, close })
    }
    fn object(self, close: &'static str, depth: usize, fields: usize) -> Result<Object<'a>, Refused> {
        if self.depth > MAX_DEPTH {
            return Err(Refused);
        }
        self.out.push('{');
        Ok(Object { from: self.out.len(), out: self.out, depth, fields: Vec::with_capacity(fields), close })
    }
    /// The name of a variant, under which its value stands.
    fn named(&mut self, variant: &str) -> Done {
        if self.depth > MAX_DEPTH {
            return Err(Refused);
        }
        self.out.push('{');
        write_text(variant, self.out);
        self.out.push(':');
        Ok(())
    }
}

macro_rules! whole {
    ($($method:ident: $t:ty),+) => {$(
        fn $method(self, value: $t) -> Done {
            self.raw(&value.to_string())
        }
    )+};
}

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Object<'a>;

    whole!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64);
    whole!(serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64);

    fn serialize_bool(self, value: bool) -> Done {
        self.raw(if value { "true" } else { "false" })
    }
    fn serialize_f32(self, _: f32) -> Done {
        Err(Refused)
    }
    fn serialize_f64(self, _: f64) -> Done {
        Err(Refused)
    }
    fn serialize_char(self, value: char) -> Done {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, value: &str) -> Done {
        if self.depth > MAX_DEPTH {
            return Err(Refused);
        }
        write_text(value, self.out);
        Ok(())
    }
    fn serialize_bytes(self, _: &[u8]) -> Done {
        Err(Refused)
    }
    fn serialize_none(self) -> Done {
        self.raw("null")
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Done {
        self.raw("null")
    }
    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.raw("null")
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.serialize_str(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(mut self, _: &'static str, _: u32, variant: &'static str, value: &T) -> Done {
        self.named(variant)?;
        value.serialize(Writer { out: self.out, depth: self.depth + 1 })?;
        self.out.push('}');
        Ok(())
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Refused> {
        let depth = self.depth + 1;
        self.list("[", "]", depth)
    }
    fn serialize_tuple(self, _: usize) -> Result<List<'a>, Refused> {
        self.serialize_seq(None)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Refused> {
        self.serialize_seq(None)
    }
    fn serialize_tuple_variant(mut self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<List<'a>, Refused> {
        self.named(variant)?;
        let depth = self.depth + 2;
        Writer { out: self.out, depth: self.depth + 1 }.list("[", "]}", depth)
    }
    fn serialize_map(self, fields: Option<usize>) -> Result<Object<'a>, Refused> {
        let depth = self.depth + 1;
        self.object("}", depth, fields.unwrap_or(0))
    }
    fn serialize_struct(self, name: &'static str, fields: usize) -> Result<Object<'a>, Refused> {
        // What serde_json tells itself of numbers and texts is its own.
        if name.starts_with("$serde_json") {
            return Err(Refused);
        }
        self.serialize_map(Some(fields))
    }
    fn serialize_struct_variant(mut self, _: &'static str, _: u32, variant: &'static str, fields: usize) -> Result<Object<'a>, Refused> {
        self.named(variant)?;
        let depth = self.depth + 2;
        Writer { out: self.out, depth: self.depth + 1 }.object("}}", depth, fields)
    }
}

impl List<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        if !std::mem::take(&mut self.first) {
            self.out.push(',');
        }
        value.serialize(Writer { out: self.out, depth: self.depth })
    }
    fn close(self) -> Done {
        self.out.push_str(self.close);
        Ok(())
    }
}

macro_rules! lists {
    ($($of:ident $method:ident),+) => {$(
        impl ser::$of for List<'_> {
            type Ok = ();
            type Error = Refused;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
                self.item(value)
            }
            fn end(self) -> Done {
                self.close()
            }
        }
    )+};
}
lists!(SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field);

impl Object<'_> {
    fn key(&mut self, key: &str) {
        write_text(key, self.out);
        self.out.push(':');
        self.fields.push((key.to_owned(), 0));
    }
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(Writer { out: self.out, depth: self.depth })?;
        self.out.push(',');
        let end = self.out.len();
        self.fields.last_mut().ok_or(Refused)?.1 = end;
        Ok(())
    }
    fn close(self) -> Done {
        let Object { out, from, fields, close, .. } = self;
        if !fields.windows(2).all(|two| sorts_before(&two[0].0, &two[1].0)) {
            let begins = std::iter::once(from).chain(fields.iter().map(|(_, end)| *end));
            let mut parts: Vec<(&str, &str)> =
                fields.iter().zip(begins).map(|((key, end), begin)| (key.as_str(), &out[begin..*end])).collect();
            parts.sort_unstable_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            // Of a name that stands there twice, the tree knows which one holds.
            if parts.windows(2).any(|two| two[0].0 == two[1].0) {
                return Err(Refused);
            }
            let sorted: String = parts.into_iter().map(|(_, text)| text).collect();
            out.truncate(from);
            out.push_str(&sorted);
        }
        if !fields.is_empty() {
            out.pop();
        }
        out.push_str(close);
        Ok(())
    }
}

impl ser::SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Refused;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        let mut text = String::new();
        key.serialize(Writer { out: &mut text, depth: 0 })?;
        // A text without anything that is escaped; numbers and the rest are for the tree.
        let plain = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('\\'));
        self.key(plain.ok_or(Refused)?);
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.value(value)
    }
    fn end(self) -> Done {
        self.close()
    }
}

macro_rules! objects {
    ($($of:ident),+) => {$(
        impl ser::$of for Object<'_> {
            type Ok = ();
            type Error = Refused;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Done {
                self.key(key);
                self.value(value)
            }
            fn end(self) -> Done {
                self.close()
            }
        }
    )+};
}
objects!(SerializeStruct, SerializeStructVariant);

#[cfg(test)]
mod tests {
    use super::super::{canonical_text, to_canonical};
    use super::Writer;
    use proptest::prelude::*;
    use serde::Serialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Clone, Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Unit,
        New(i64),
        Tuple(u8, String),
        Struct { z: bool, a: Option<char> },
    }

    #[derive(Serialize)]
    struct Inner {
        zeta: Vec<(i64, String)>,
        alpha: BTreeMap<String, Kind>,
    }

    #[derive(Serialize)]
    struct Outer {
        #[serde(flatten)]
        inner: Inner,
        kind: Kind,
        nothing: Option<u64>,
        unit: (),
        beta: u64,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        left_out: Vec<u8>,
    }

    fn direct<T: Serialize>(value: &T) -> Option<String> {
        let mut out = String::new();
        value.serialize(Writer { out: &mut out, depth: 0 }).ok().map(|()| out)
    }

    fn by_tree<T: Serialize>(value: &T) -> String {
        canonical_text(&serde_json::to_value(value).unwrap()).unwrap()
    }

    fn kinds() -> impl Strategy<Value = Kind> {
        prop_oneof![
            Just(Kind::Unit),
            any::<i64>().prop_map(Kind::New),
            (any::<u8>(), any::<String>()).prop_map(|(n, text)| Kind::Tuple(n, text)),
            (any::<bool>(), any::<Option<char>>()).prop_map(|(z, a)| Kind::Struct { z, a }),
        ]
    }

    proptest! {
        /// Straight and by way of the tree, the text is the same; whatever is refused comes out by way of the tree.
        #[test]
        fn both_ways_lead_to_the_same_text(
            zeta in proptest::collection::vec((any::<i64>(), any::<String>()), 0..4),
            alpha in proptest::collection::btree_map("[a-z\u{e000}-\u{ffff}\u{10000}-\u{10010}\"\\\\]{0,3}", kinds(), 0..6),
            kind in kinds(),
            nothing in any::<Option<u64>>(),
            beta in any::<u64>(),
        ) {
            let one = Outer { inner: Inner { zeta, alpha }, kind, nothing, unit: (), beta, left_out: Vec::new() };
            let expected = by_tree(&one);
            if let Some(text) = direct(&one) {
                prop_assert_eq!(&text, &expected);
            }
            prop_assert_eq!(to_canonical(&one).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_not_plain_is_refused_and_written_by_the_tree() {
        let numbered = BTreeMap::from([(10, "a"), (9, "b")]);
        assert_eq!((direct(&numbered), to_canonical(&numbered).unwrap().as_str()), (None, r#"{"10":"a","9":"b"}"#));
        assert!(direct(&1.5).is_none() && to_canonical(&1.5).is_err());
        let deep = (0..40).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
        assert!(direct(&deep).is_none() && to_canonical(&deep).is_err());
        assert_eq!(direct(&Kind::New(1)).as_deref(), Some(r#"{"new":1}"#));
        assert_eq!(direct(&BTreeMap::<String, i64>::new()).as_deref(), Some("{}"));
    }
}
