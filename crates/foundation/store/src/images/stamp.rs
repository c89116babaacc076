//! Time and place of taking, burnt into a photo that leaves the house (downloads, prints, the long picture).
//!
//! Pages show them as text beside the photo. What is burnt in is digits alone, drawn from the table below, so that it
//! needs no font and no language.

use super::{CORRUPT, encode};
use ::image::{ImageFormat, Rgb, RgbImage};
use kernel::{Error, Result};

/// Five columns by seven rows a glyph, a row a byte, the leftmost pixel in bit 4.
const GLYPHS: &[(char, [u8; 7])] = &[
    ('0', [0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E]),
    ('1', [0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E]),
    ('2', [0x0E, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1F]),
    ('3', [0x1F, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0E]),
    ('4', [0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02]),
    ('5', [0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E]),
    ('6', [0x06, 0x08, 0x10, 0x1E, 0x11, 0x11, 0x0E]),
    ('7', [0x1F, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08]),
    ('8', [0x0E, 0x11, 0x11, 0x0E, 0x11, 0x11, 0x0E]),
    ('9', [0x0E, 0x11, 0x11, 0x0F, 0x01, 0x02, 0x0C]),
    ('-', [0x00, 0x00, 0x00, 0x1F, 0x00, 0x00, 0x00]),
    (':', [0x00, 0x0C, 0x0C, 0x00, 0x0C, 0x0C, 0x00]),
    ('.', [0x00, 0x00, 0x00, 0x00, 0x00, 0x0C, 0x0C]),
    (',', [0x00, 0x00, 0x00, 0x00, 0x0C, 0x04, 0x08]),
    ('?', [0x0E, 0x11, 0x01, 0x02, 0x04, 0x00, 0x04]),
    (' ', [0; 7]),
];

/// Draws `caption` (digits, `- : . , ?` and blanks; anything else is left out) into the lower left corner of a JPEG
/// that we made. Work for a blocking thread.
pub fn stamp(jpeg: &[u8], caption: &str) -> Result<Vec<u8>> {
    let decoded = ::image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg);
    let mut picture = decoded.map_err(|error| Error::from(CORRUPT).detail(error))?.into_rgb8();
    draw(&mut picture, caption);
    encode(&picture, 85)
}

fn draw(picture: &mut RgbImage, caption: &str) {
    let glyphs: Vec<[u8; 7]> =
        caption.chars().filter_map(|c| GLYPHS.iter().find(|(known, _)| *known == c)).map(|(_, rows)| *rows).collect();
    let columns = u32::try_from(glyphs.len()).unwrap_or(0) * 6 + 1;
    // About a fortieth of the width a letter, never so large that the caption leaves the picture.
    let scale = (picture.width() / 320).clamp(1, 6).min((picture.width() / columns.max(1)).max(1));
    let band_height = (11 * scale).min(picture.height());
    let top = picture.height() - band_height;
    for y in top..picture.height() {
        for x in 0..(columns * scale + 2 * scale).min(picture.width()) {
            let Rgb(colour) = picture.get_pixel_mut(x, y);
            *colour = colour.map(|part| part / 4);
        }
    }
    for (index, rows) in (0u32..).zip(&glyphs) {
        for (row, bits) in (0u32..).zip(rows) {
            for column in (0..5u32).filter(|column| bits & (0x10 >> column) != 0) {
                let (left, up) = ((index * 6 + column + 2) * scale, top + (row + 2) * scale);
                for (x, y) in (0..scale * scale).map(|dot| (left + dot % scale, up + dot / scale)) {
                    if x < picture.width() && y < picture.height() {
                        picture.put_pixel(x, y, Rgb([255, 255, 255]));
                    }
                }
            }
        }
    }
}
