//! QR codes of links (GB/T 18284, ISO/IEC 18004) as pictures for pages and papers.

use crate::{Error, Result};
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write;

/// Light modules around the code, which readers need.
const QUIET: usize = 4;

/// Rows of modules, true where dark, without the quiet zone. Error correction M: 15 % of the code may be dirty or torn.
fn modules(text: &str) -> Result<Vec<Vec<bool>>> {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).map_err(|_| Error::LinkTooLong)?;
    let width = code.width();
    Ok(code.to_colors().chunks(width).map(|row| row.iter().map(|color| *color == Color::Dark).collect()).collect())
}

/// An SVG that scales to any size, without style attributes, dark modules in black on white with a quiet zone of four.
///
/// Errors: `documents.link_too_long` beyond 2,331 bytes.
pub fn qr_svg(text: &str) -> Result<String> {
    let rows = modules(text)?;
    let side = rows.len() + 2 * QUIET;
    let mut path = String::new();
    for (y, row) in rows.iter().enumerate() {
        let mut x = 0;
        while x < row.len() {
            let run = row[x..].iter().take_while(|dark| **dark).count();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// A black and white PNG, `module_px` pixels a module (1 to 40), with a quiet zone of four.
///
/// Errors: `documents.link_too_long` beyond 2,331 bytes.
pub fn qr_png(text: &str, module_px: u32) -> Result<Vec<u8>> {
    let rows = modules(text)?;
    let scale = module_px.clamp(1, 40) as usize;
    let side = (rows.len() + 2 * QUIET) * scale;
    let mut pixels = vec![255u8; side * side];
    for (y, row) in rows.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
            for line in 0..scale {
                let start = ((y + QUIET) * scale + line) * side + (x + QUIET) * scale;
                pixels[start..start + scale].fill(0);
            }
        }
    }
    let mut out = Vec::new();
    let side = u32::try_from(side).map_err(Error::not_written)?;
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels)).map_err(Error::not_written)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://example.test/t/weicheng/n/2026-0012";

    #[test]
    fn the_svg_has_no_inline_style_and_holds_the_code() {
        let svg = qr_svg(LINK).unwrap();
        assert!(!svg.contains("style"), "the page's policy forbids inline styles");
        // The finder pattern of seven dark modules begins after the quiet zone.
        assert!(svg.contains("M4 4h7v1h-7z"), "{}", &svg[..200]);
        assert_eq!(svg, qr_svg(LINK).unwrap());
    }

    #[test]
    fn the_png_shows_the_same_modules() {
        let png = qr_png(LINK, 3).unwrap();
        let picture = image::load_from_memory(&png).unwrap().to_luma8();
        let rows = modules(LINK).unwrap();
        assert_eq!(picture.width() as usize, (rows.len() + 8) * 3);
        for (y, row) in rows.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                let pixel = picture.get_pixel((x as u32 + 4) * 3 + 1, (y as u32 + 4) * 3 + 1).0[0];
                assert_eq!(pixel < 128, *dark, "module {x},{y}");
            }
        }
    }

    #[test]
    fn a_link_that_does_not_fit_is_refused() {
        assert_eq!(qr_svg(&"x".repeat(3000)).unwrap_err().code(), "documents.link_too_long");
    }
}
