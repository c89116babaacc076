//! Vector tiles as bytes (Mapbox Vector Tile 2.1, protobuf): just what the map draws, points and rings.

/// Steps along a tile's side.
pub const EXTENT: u32 = 4096;
/// The content type of a tile.
pub const CONTENT_TYPE: &str = "application/vnd.mapbox-vector-tile";

/// A property's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Property {
    Number(i64),
    Text(String),
}

impl From<i64> for Property {
    fn from(number: i64) -> Self {
        Property::Number(number)
    }
}
impl From<String> for Property {
    fn from(text: String) -> Self {
        Property::Text(text)
    }
}
impl From<&str> for Property {
    fn from(text: &str) -> Self {
        Property::Text(text.to_owned())
    }
}

/// A position on a tile, from its north-west corner.
pub type At = (i32, i32);

/// One layer that grows feature by feature.
#[derive(Debug)]
pub struct Layer {
    name: &'static str,
    keys: Vec<&'static str>,
    values: Vec<Property>,
    value_at: std::collections::HashMap<(bool, String), u32>,
    features: Vec<Vec<u8>>,
}

const POINT: u64 = 1;
const POLYGON: u64 = 3;
const MOVE_TO: u32 = 1;
const LINE_TO: u32 = 2;
const CLOSE_PATH: u32 = 7;

impl Layer {
    pub fn new(name: &'static str) -> Layer {
        Layer { name, keys: Vec::new(), values: Vec::new(), value_at: std::collections::HashMap::new(), features: Vec::new() }
    }
    pub fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// A point with its properties; a negative id is none.
    pub fn point(&mut self, id: i64, at: At, properties: &[(&'static str, Property)]) {
        let geometry = [command(MOVE_TO, 1), zigzag(at.0), zigzag(at.1)];
        self.feature(id, POINT, &geometry, properties);
    }

    /// Rings, each open (its first position is not said again): outer ones clockwise on the screen, holes the other way.
    /// Rings of fewer than three positions are left out, and a feature without any ring too.
    pub fn area(&mut self, id: i64, rings: &[Vec<At>], properties: &[(&'static str, Property)]) {
        let mut geometry = Vec::new();
        let mut pen = (0, 0);
        for ring in rings.iter().filter(|ring| ring.len() >= 3) {
            for (nth, at) in ring.iter().enumerate() {
                match nth {
                    0 => geometry.push(command(MOVE_TO, 1)),
                    1 => geometry.push(command(LINE_TO, u32::try_from(ring.len() - 1).unwrap_or(0))),
                    _ => {}
                }
                geometry.extend([zigzag(at.0 - pen.0), zigzag(at.1 - pen.1)]);
                pen = *at;
            }
            geometry.push(command(CLOSE_PATH, 1));
        }
        if !geometry.is_empty() {
            self.feature(id, POLYGON, &geometry, properties);
        }
    }

    fn feature(&mut self, id: i64, kind: u64, geometry: &[u32], properties: &[(&'static str, Property)]) {
        let mut tags = Vec::with_capacity(properties.len() * 2);
        for (key, value) in properties {
            tags.extend([self.key(key), self.value(value)]);
        }
        let mut feature = Vec::new();
        if let Ok(id) = u64::try_from(id) {
            number(&mut feature, 1, id);
        }
        packed(&mut feature, 2, &tags);
        number(&mut feature, 3, kind);
        packed(&mut feature, 4, geometry);
        self.features.push(feature);
    }

    fn key(&mut self, key: &'static str) -> u32 {
        let at = self.keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            self.keys.push(key);
            self.keys.len() - 1
        });
        u32::try_from(at).unwrap_or(0)
    }
    fn value(&mut self, value: &Property) -> u32 {
        let name = match value {
            Property::Number(number) => (true, number.to_string()),
            Property::Text(text) => (false, text.clone()),
        };
        let next = u32::try_from(self.values.len()).unwrap_or(0);
        let at = *self.value_at.entry(name).or_insert(next);
        if at == next {
            self.values.push(value.clone());
        }
        at
    }

    fn bytes(&self) -> Vec<u8> {
        let mut layer = Vec::new();
        number(&mut layer, 15, 2);
        bytes(&mut layer, 1, self.name.as_bytes());
        for feature in &self.features {
            bytes(&mut layer, 2, feature);
        }
        for key in &self.keys {
            bytes(&mut layer, 3, key.as_bytes());
        }
        for value in &self.values {
            let mut said = Vec::new();
            match value {
                Property::Text(text) => bytes(&mut said, 1, text.as_bytes()),
                // int64: two's complement, as protobuf has it.
                Property::Number(value) => number(&mut said, 4, *value as u64),
            }
            bytes(&mut layer, 4, &said);
        }
        number(&mut layer, 5, EXTENT.into());
        layer
    }
}

/// The tile of these layers; those without features are not said. Without any it is empty, which is a tile too.
pub fn tile(layers: &[Layer]) -> Vec<u8> {
    let mut out = Vec::new();
    for layer in layers.iter().filter(|layer| !layer.is_empty()) {
        bytes(&mut out, 3, &layer.bytes());
    }
    out
}

const fn command(id: u32, count: u32) -> u32 {
    (id & 7) | (count << 3)
}
/// A signed number so that small ones of either sign are short.
const fn zigzag(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
fn number(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3);
    varint(out, value);
}
fn bytes(out: &mut Vec<u8>, field: u64, content: &[u8]) {
    varint(out, (field << 3) | 2);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}
fn packed(out: &mut Vec<u8>, field: u64, values: &[u32]) {
    let mut content = Vec::with_capacity(values.len());
    for value in values {
        varint(&mut content, (*value).into());
    }
    bytes(out, field, &content);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_format_says() {
        let mut out = Vec::new();
        varint(&mut out, 300);
        assert_eq!(out, [0xAC, 0x02]);
        assert_eq!([0, -1, 1, -2, i32::MIN, i32::MAX].map(zigzag), [0, 1, 2, 3, u32::MAX, u32::MAX - 1]);
        // The specification's own example (§4.3.1): MoveTo(+25,+17).
        assert_eq!([command(MOVE_TO, 1), zigzag(25), zigzag(17)], [9, 50, 34]);
        assert_eq!((command(LINE_TO, 3), command(CLOSE_PATH, 1)), (26, 15));
    }

    #[test]
    fn equal_values_are_said_once_and_a_number_is_no_text() {
        let mut layer = Layer::new("cases");
        layer.point(1, (0, 0), &[("n", 7i64.into()), ("c", "7".into())]);
        layer.point(2, (5, 5), &[("n", 7i64.into()), ("c", "7".into())]);
        assert_eq!((layer.keys.len(), layer.values.len(), layer.features.len()), (2, 2, 2));
    }

    #[test]
    fn a_layer_without_features_and_a_ring_without_area_are_left_out() {
        let mut layer = Layer::new("areas");
        layer.area(1, &[vec![(0, 0), (1, 1)]], &[]);
        assert!(layer.is_empty());
        assert!(tile(&[layer]).is_empty());
    }
}
