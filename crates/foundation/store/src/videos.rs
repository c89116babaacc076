//! Videos as people send them, made safe to keep: the container is read part by part, and of it stays only what a player needs.
//!
//! Where a film was taken, by whom and with what stands in many corners of such files, and each maker has corners of its own.
//! So nothing is looked for: what isn't known to be needed for playing is overwritten where it lies, and no offset moves.
//! Nothing is decoded; the frames are a browser's to judge.

mod boxes;
mod elements;
mod frames;
#[cfg(any(test, feature = "testing"))]
pub mod samples;
#[cfg(test)]
mod tests;

use kernel::{Code, Error, Kind, Result, ensure};

/// More bytes than a video may have.
pub const TOO_LARGE: Code = Code::new(Kind::TooLarge, "attachment.video_too_large");
/// Neither MP4 nor QuickTime nor WebM.
pub const NOT_A_VIDEO: Code = Code::new(Kind::Unsupported, "attachment.not_a_video");
/// A picture or sound that browsers may not play, and that is not looked into here.
pub const CODEC: Code = Code::new(Kind::Unsupported, "attachment.video_codec");
/// The right kind of file, built in a way that is not read here: in fragments, locked, or with its frames elsewhere.
pub const UNUSUAL: Code = Code::new(Kind::Unsupported, "attachment.video_unusual");
/// It goes on for longer than one may.
pub const TOO_LONG: Code = Code::invalid("attachment.video_too_long");
/// More pixels than a frame may have.
pub const TOO_MANY_PIXELS: Code = Code::new(Kind::TooLarge, "attachment.video_pixels");
/// The right kind of file, but broken or cut off on the way.
pub const CORRUPT: Code = Code::invalid("attachment.video_corrupt");

/// What a video may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub upload_bytes: usize,
    /// A second that has begun is not counted: phones stop a minute's film a little after the minute.
    pub seconds: u64,
    pub side_px: u32,
}

pub const LIMITS: Limits = Limits { upload_bytes: 50 << 20, seconds: 60, side_px: 4096 };

crate::text_enum! {
    /// What an attachment is.
    pub enum Media {
        Image = "image",
        /// ISO/IEC 14496-14.
        Mp4 = "mp4",
        /// Apple's QuickTime, of which MP4 was made.
        Quicktime = "quicktime",
        Webm = "webm",
    }
}

impl Media {
    pub fn is_video(self) -> bool {
        self != Media::Image
    }
    /// The media type that a browser is told.
    pub fn mime(self) -> &'static str {
        match self {
            Media::Image => "image/jpeg",
            Media::Mp4 => "video/mp4",
            Media::Quicktime => "video/quicktime",
            Media::Webm => "video/webm",
        }
    }
    /// How the name of such a file ends.
    pub fn extension(self) -> &'static str {
        match self {
            Media::Image => "jpg",
            Media::Mp4 => "mp4",
            Media::Quicktime => "mov",
            Media::Webm => "webm",
        }
    }
}

/// What a video was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Film {
    pub media: Media,
    /// As it is shown: a film taken upright is higher than wide.
    pub width: u32,
    pub height: u32,
    pub duration_ms: u64,
}

/// Reads the container and overwrites, in place, what no player needs. Work for a blocking thread: some tenths of a second.
///
/// After an error the bytes may be half overwritten and are of no use. Errors: [`TOO_LARGE`], [`NOT_A_VIDEO`], [`CODEC`],
/// [`UNUSUAL`], [`TOO_LONG`], [`TOO_MANY_PIXELS`], [`CORRUPT`].
pub fn prepare(bytes: &mut [u8], limits: &Limits) -> Result<Film> {
    ensure(bytes.len() <= limits.upload_bytes, too_large(limits))?;
    let film = match bytes {
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => boxes::prepare(bytes, limits)?,
        [0x1A, 0x45, 0xDF, 0xA3, ..] => elements::prepare(bytes, limits)?,
        _ => return Err(NOT_A_VIDEO.into()),
    };
    let fits = |side: u32| (1..=limits.side_px).contains(&side);
    ensure(fits(film.width) && fits(film.height), TOO_MANY_PIXELS.err().arg("limit_side", limits.side_px))?;
    in_time(film.duration_ms, 1000, limits)?;
    Ok(film)
}

/// More bytes than these limits let in.
pub fn too_large(limits: &Limits) -> Error {
    TOO_LARGE.err().arg("limit_mib", limits.upload_bytes >> 20)
}

/// It goes on for longer than these limits let it.
pub fn too_long(limits: &Limits) -> Error {
    TOO_LONG.err().arg("limit_seconds", limits.seconds)
}

/// Errors: [`TOO_LONG`] where so many parts, of which a second has `scale`, are more than a film may last.
fn in_time(parts: u64, scale: u64, limits: &Limits) -> Result<()> {
    ensure(parts / scale.max(1) <= limits.seconds, too_long(limits))
}

fn broken(what: &'static str) -> Error {
    CORRUPT.err().detail(what)
}

fn codec(name: &[u8]) -> Error {
    let name: String = name.iter().map(|byte| char::from(*byte)).filter(char::is_ascii_graphic).take(20).collect();
    CODEC.err().arg("codec", name)
}

/// Big-endian numbers at a place in a file that may end before it.
fn be16(bytes: &[u8], at: usize) -> Result<u16> {
    Ok(u16::from_be_bytes(fixed(bytes, at)?))
}
fn be32(bytes: &[u8], at: usize) -> Result<u32> {
    Ok(u32::from_be_bytes(fixed(bytes, at)?))
}
fn be64(bytes: &[u8], at: usize) -> Result<u64> {
    Ok(u64::from_be_bytes(fixed(bytes, at)?))
}
fn fixed<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N]> {
    let end = at.checked_add(N).ok_or_else(|| broken("an offset"))?;
    bytes.get(at..end).and_then(|part| part.try_into().ok()).ok_or_else(|| broken("cut off"))
}

/// Zeros from `from` up to `end`, as far as the file goes.
fn zero(bytes: &mut [u8], from: usize, end: usize) {
    let end = end.min(bytes.len());
    if let Some(part) = bytes.get_mut(from..end) {
        part.fill(0);
    }
}
