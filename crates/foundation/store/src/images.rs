//! Photos as people send them, made safe to keep: bounded before decoding, upright, small, and without metadata.

mod exif;
mod look;
mod stamp;

pub use exif::Taken;
pub use look::{MOST_DIFFERENT, look, pairs};
pub use stamp::stamp;

use ::image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbImage, metadata::Orientation};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer, images::Image};
use jiff::tz::TimeZone;
use kernel::{Code, Error, Kind, Result};
use std::io::Cursor;

/// More bytes than an upload may have.
pub const TOO_LARGE: Code = Code::new(Kind::TooLarge, "attachment.too_large");
/// Neither JPEG nor PNG nor WebP.
pub const NOT_AN_IMAGE: Code = Code::new(Kind::Unsupported, "attachment.not_an_image");
/// A header that promises more pixels than we decode.
pub const TOO_MANY_PIXELS: Code = Code::new(Kind::TooLarge, "attachment.too_many_pixels");
/// The right kind of file, but broken or cut off on the way.
pub const CORRUPT: Code = Code::invalid("attachment.corrupt");

/// What a picture may be; the first two are read from the header, before anything is decoded.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub upload_bytes: usize,
    pub pixels: u64,
    pub side_px: u32,
    /// Bytes of the decoded picture: a 16-bit RGBA file needs eight for each pixel.
    pub decoded_bytes: u64,
}

pub const LIMITS: Limits = Limits { upload_bytes: 15 << 20, pixels: 50_000_000, side_px: 12_000, decoded_bytes: 200_000_000 };

/// Longest side of what is kept, of what a page shows, and of what a list shows.
pub const FULL_PX: u32 = 1920;
pub const THUMB_PX: u32 = 480;
pub const SMALL_PX: u32 = 160;

/// What the header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub format: ImageFormat,
    pub width: u32,
    pub height: u32,
    pub decoded_bytes: u64,
}

/// A picture made safe: three JPEG files, and what its metadata said before that was dropped.
#[derive(Debug, Clone)]
pub struct Picture {
    pub full: Vec<u8>,
    pub thumb: Vec<u8>,
    pub small: Vec<u8>,
    pub width: u32,
    pub height: u32,
    /// What it looks like ([`look`]); `None` where it shows next to nothing.
    pub look: Option<u64>,
    pub taken: Taken,
}

/// Reads the header alone and holds it against the limits, so that a file of a few bytes which promises
/// 30,000 × 30,000 pixels costs nothing.
///
/// Errors: [`TOO_LARGE`], [`NOT_AN_IMAGE`], [`TOO_MANY_PIXELS`], [`CORRUPT`].
pub fn inspect(bytes: &[u8], limits: &Limits) -> Result<Header> {
    if bytes.len() > limits.upload_bytes {
        return Err(Error::from(TOO_LARGE).arg("limit_mib", limits.upload_bytes >> 20));
    }
    let format = format_of(bytes)?;
    let decoder = decoder(bytes, format, limits)?;
    let (width, height) = decoder.dimensions();
    Ok(Header { format, width, height, decoded_bytes: decoder.total_bytes() })
}

/// Decodes, turns upright, bounds, and encodes anew without metadata. Work for a blocking thread: up to a second.
///
/// `zone` reads times of taking that name no offset. Errors: as [`inspect`].
pub fn prepare(bytes: &[u8], limits: &Limits, zone: &TimeZone) -> Result<Picture> {
    let header = inspect(bytes, limits)?;
    if header.format == ImageFormat::Jpeg && !jpeg_is_whole(bytes) {
        return Err(Error::from(CORRUPT).detail("the JPEG has no end"));
    }
    let decoded = DynamicImage::from_decoder(decoder(bytes, header.format, limits)?).map_err(unreadable)?;
    let (taken, orientation) = exif::read(bytes, zone);
    // Shrunk first and turned after: turning a large picture needs it twice in memory.
    let mut full = DynamicImage::ImageRgb8(shrink(opaque(decoded), FULL_PX)?);
    full.apply_orientation(orientation.unwrap_or(Orientation::NoTransforms));
    finish(full.into_rgb8(), taken)
}

/// A picture that the program drew itself, as bytes of red, green and blue a pixel: there is nothing to decode or to strip.
///
/// Errors: [`CORRUPT`] when the bytes don't fit the size, [`TOO_MANY_PIXELS`].
pub fn drawn(width: u32, height: u32, rgb: Vec<u8>, taken: Taken) -> Result<Picture> {
    if width == 0 || height == 0 || u64::from(width) * u64::from(height) > LIMITS.pixels {
        return Err(too_many_pixels(&LIMITS));
    }
    let picture = RgbImage::from_raw(width, height, rgb).ok_or_else(|| Error::from(CORRUPT).detail("too few bytes"))?;
    finish(shrink(picture, FULL_PX)?, taken)
}

/// What stands for a video of which nobody sent a frame: a sign to play it, in the video's proportions.
pub fn play_sign(width: u32, height: u32) -> Result<Picture> {
    let longest = u64::from(width.max(height).max(1));
    let side = |px: u32| u32::try_from(u64::from(px) * u64::from(THUMB_PX) / longest).unwrap_or(THUMB_PX).clamp(48, THUMB_PX);
    let (width, height) = (side(width), side(height));
    let reach = i64::from(width.min(height) / 5);
    let sign = RgbImage::from_fn(width, height, |x, y| {
        let (right, down) = (i64::from(x) - i64::from(width / 2), i64::from(y) - i64::from(height / 2));
        let inside = right.abs() <= reach && down.abs() * 2 <= reach - right;
        ::image::Rgb(if inside { [236, 239, 245] } else { [38, 46, 66] })
    });
    // Every sign looks like every other, and is no picture of anything.
    Ok(Picture { look: None, ..finish(sign, Taken::default())? })
}

fn finish(full: RgbImage, taken: Taken) -> Result<Picture> {
    let (width, height) = full.dimensions();
    let thumb = shrink(full.clone(), THUMB_PX)?;
    let small = shrink(thumb.clone(), SMALL_PX)?;
    let look = look(&small);
    Ok(Picture { full: encode(&full, 82)?, thumb: encode(&thumb, 78)?, small: encode(&small, 72)?, width, height, look, taken })
}

fn format_of(bytes: &[u8]) -> Result<ImageFormat> {
    match ::image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) => Ok(format),
        _ => Err(NOT_AN_IMAGE.into()),
    }
}

fn decoder<'a>(bytes: &'a [u8], format: ImageFormat, limits: &Limits) -> Result<impl ImageDecoder + 'a> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut bounds = ::image::Limits::default();
    bounds.max_image_width = Some(limits.side_px);
    bounds.max_image_height = Some(limits.side_px);
    bounds.max_alloc = Some(limits.decoded_bytes * 2);
    reader.limits(bounds);
    let decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    let fits = u64::from(width) * u64::from(height) <= limits.pixels
        && width <= limits.side_px
        && height <= limits.side_px
        && decoder.total_bytes() <= limits.decoded_bytes;
    if !fits {
        return Err(too_many_pixels(limits).detail(format!("{width} × {height}")));
    }
    if width == 0 || height == 0 {
        return Err(Error::from(CORRUPT).detail("no pixels"));
    }
    Ok(decoder)
}

fn too_many_pixels(limits: &Limits) -> Error {
    Error::from(TOO_MANY_PIXELS).arg("limit_megapixels", limits.pixels / 1_000_000).arg("limit_side", limits.side_px)
}

fn unreadable(error: ::image::ImageError) -> Error {
    match error {
        ::image::ImageError::Limits(limit) => too_many_pixels(&LIMITS).detail(limit),
        other => Error::from(CORRUPT).detail(other),
    }
}

/// Whether the file goes on to its end-of-image marker (ITU-T T.81 §B.1): decoders fill what is missing with grey,
/// and a photo cut off by a weak network would pass for a photo.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    let mut at = 2;
    loop {
        // The next marker: neither a stuffed byte of entropy-coded data, nor a restart, nor fill.
        let is_marker = |pair: &[u8]| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xFF | 0xD0..=0xD7);
        match bytes.get(at..).and_then(|rest| rest.windows(2).position(is_marker)) {
            Some(ahead) => at += ahead,
            None => return false,
        }
        match bytes[at + 1] {
            0xD9 => return true,
            0x01 | 0xD8 => at += 2,
            _ => match bytes.get(at + 2..at + 4) {
                Some(length) => at += 2 + usize::from(u16::from_be_bytes([length[0], length[1]])),
                None => return false,
            },
        }
    }
}

/// Three bytes a pixel; what was transparent becomes white, as on paper.
fn opaque(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let rgba = picture.into_rgba8();
    let over_white = |colour: u8, alpha: u8| {
        let (colour, alpha) = (u16::from(colour), u16::from(alpha));
        u8::try_from((colour * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(255)
    };
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [red, green, blue, alpha] = rgba.get_pixel(x, y).0;
        ::image::Rgb([over_white(red, alpha), over_white(green, alpha), over_white(blue, alpha)])
    })
}

/// Bounds the longer side; a smaller picture stays as it is.
fn shrink(picture: RgbImage, longest_px: u32) -> Result<RgbImage> {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= longest_px {
        return Ok(picture);
    }
    let scaled = |side: u32| u32::try_from(u64::from(side) * u64::from(longest_px) / u64::from(longest)).unwrap_or(1).max(1);
    let (to_width, to_height) = (scaled(width), scaled(height));
    let from = Image::from_vec_u8(width, height, picture.into_raw(), PixelType::U8x3).map_err(Error::internal)?;
    let mut to = Image::new(to_width, to_height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new().resize(&from, &mut to, &options).map_err(Error::internal)?;
    RgbImage::from_raw(to_width, to_height, to.into_vec()).ok_or_else(|| Error::internal("a resized picture of another size"))
}

/// JPEG with halved chroma, as cameras write it: a third smaller than full chroma, and nobody sees it on a photo.
fn encode(picture: &RgbImage, quality: u8) -> Result<Vec<u8>> {
    let side = |px: u32| u16::try_from(px).map_err(Error::internal);
    let mut out = Vec::with_capacity(picture.as_raw().len() / 6);
    let mut encoder = jpeg_encoder::Encoder::new(&mut out, quality);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    encoder
        .encode(picture.as_raw(), side(picture.width())?, side(picture.height())?, jpeg_encoder::ColorType::Rgb)
        .map_err(Error::internal)?;
    Ok(out)
}

#[cfg(test)]
mod tests;
