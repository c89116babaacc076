//! The size of a JPEG from its header, so that a photo can be placed on paper without decoding it.

/// Width and height in pixels; nothing when these bytes are no JPEG with a frame header (ITU-T T.81 B.2.2).
pub fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes.strip_prefix(&[0xFF, 0xD8])?;
    loop {
        let marker = *rest.get(1)?;
        if rest[0] != 0xFF {
            return None;
        }
        // Fill bytes may stand before a marker; these markers have no length.
        if marker == 0xFF {
            rest = &rest[1..];
            continue;
        }
        if matches!(marker, 0x01 | 0xD0..=0xD7) {
            rest = &rest[2..];
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]));
        let frame = matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC);
        if frame {
            let height = u16::from_be_bytes([*rest.get(5)?, *rest.get(6)?]);
            let width = u16::from_be_bytes([*rest.get(7)?, *rest.get(8)?]);
            return (width > 0 && height > 0).then_some((u32::from(width), u32::from(height)));
        }
        if marker == 0xDA || marker == 0xD9 || length < 2 {
            return None;
        }
        rest = rest.get(2 + length..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_read_and_rubbish_is_not_a_photo() {
        let photo = crate::samples::photo(1, 320, 240);
        assert_eq!(size(&photo), Some((320, 240)));
        for cut in 0..photo.len().min(200) {
            size(&photo[..cut]);
        }
        assert_eq!(size(b""), None);
        assert_eq!(size(b"\xFF\xD8\xFF\xE0\x00\x00rubbish"), None);
        assert_eq!(size(b"\x89PNG\r\n\x1a\n"), None);
    }
}
