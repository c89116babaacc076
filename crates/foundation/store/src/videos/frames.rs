//! What coders write beside the picture into its frames: time of day, their own names, positions of a flight; made filler.
//!
//! Of the messages of H.264 and HEVC (ITU-T H.264 and H.265, annexes D) those stay that tell how to show the picture.

use super::{UNUSUAL, be32, broken, fixed};
use kernel::{Result, ensure};

/// How a track's samples are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// Units that each begin with their length in so many bytes.
    H264 {
        length_bytes: usize,
    },
    Hevc {
        length_bytes: usize,
    },
    Av1,
    /// Nothing beside the picture stands in these.
    Vpx,
    Sound,
}

/// Messages that stay: buffering, where decoding can begin, how frames are packed and turned, brightness and colours.
const SHOWING: [usize; 8] = [0, 6, 45, 47, 129, 137, 144, 147];

/// The coding that a configuration (`avcC`, `hvcC`, `av1C`) sets up; messages in it are made filler.
pub(super) fn hush_configuration(body: &mut [u8], kind: &[u8; 4]) -> Result<Coding> {
    let length = |byte: u8| match usize::from(byte & 3) + 1 {
        3 => Err(broken("a length of three bytes")),
        length => Ok(length),
    };
    match kind {
        b"avcC" => {
            let [byte] = fixed(body, 4)?;
            Ok(Coding::H264 { length_bytes: length(byte)? })
        }
        b"hvcC" => {
            let [byte, arrays] = fixed(body, 21)?;
            let mut at = 23;
            for _ in 0..arrays {
                let [kind, high, low] = fixed(body, at)?;
                let first = at;
                at += 3;
                for _ in 0..u16::from_be_bytes([high, low]) {
                    let size = usize::from(u16::from_be_bytes(fixed(body, at)?));
                    let unit = body.get_mut(at + 2..at + 2 + size).ok_or_else(|| broken("a configuration"))?;
                    if matches!(kind & 0x3F, 39 | 40) {
                        filler(unit, true);
                    }
                    at += 2 + size;
                }
                if matches!(kind & 0x3F, 39 | 40) {
                    body[first] = (kind & 0xC0) | 38;
                }
            }
            Ok(Coding::Hevc { length_bytes: length(byte)? })
        }
        _ => {
            av1(body.get_mut(4..).unwrap_or_default())?;
            Ok(Coding::Av1)
        }
    }
}

/// Makes filler of what stands beside the picture in one sample.
pub(super) fn hush(sample: &mut [u8], coding: Coding) -> Result<()> {
    let (length_bytes, hevc) = match coding {
        Coding::H264 { length_bytes } => (length_bytes, false),
        Coding::Hevc { length_bytes } => (length_bytes, true),
        Coding::Av1 => return av1(sample),
        Coding::Vpx | Coding::Sound => return Ok(()),
    };
    let mut at = 0;
    while at < sample.len() {
        // Some coders fill up to a round number.
        if sample.len() - at < length_bytes {
            sample[at..].fill(0);
            break;
        }
        let size = match length_bytes {
            1 => usize::from(fixed::<1>(sample, at)?[0]),
            2 => usize::from(u16::from_be_bytes(fixed(sample, at)?)),
            _ => be32(sample, at)? as usize,
        };
        let from = at + length_bytes;
        let end = from.checked_add(size).ok_or_else(|| broken("a unit"))?;
        let unit = sample.get_mut(from..end).ok_or_else(|| broken("a unit beyond its sample"))?;
        if says_more(unit, hevc) {
            filler(unit, hevc);
        }
        at = end;
    }
    Ok(())
}

/// A unit of messages of which one is not for showing the picture.
fn says_more(unit: &[u8], hevc: bool) -> bool {
    let (messages, header) = match unit.first() {
        Some(first) if hevc => (matches!((first >> 1) & 0x3F, 39 | 40), 2),
        Some(first) => (first & 0x1F == 6, 1),
        None => return false,
    };
    if !messages {
        return false;
    }
    let bytes = unescaped(unit.get(header..).unwrap_or_default());
    let mut at = 0;
    // A number is the sum of its bytes, of which all but the last are full.
    let number = |at: &mut usize| {
        let mut sum = 0;
        while let Some(byte) = bytes.get(*at) {
            *at += 1;
            sum += usize::from(*byte);
            if *byte != 0xFF {
                return Some(sum);
            }
        }
        None
    };
    // The last byte is the mark of the end.
    while at + 1 < bytes.len() {
        let (Some(kind), Some(size)) = (number(&mut at), number(&mut at)) else { return true };
        if !SHOWING.contains(&kind) {
            return true;
        }
        at += size;
    }
    false
}

/// Without the threes that keep three bytes from looking like the start of a unit.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let (mut out, mut zeros) = (Vec::with_capacity(bytes.len()), 0);
    for byte in bytes {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        out.push(*byte);
    }
    out
}

/// The unit as one of filler data (H.264 §7.3.2.7, H.265 §7.3.2.8), of the same length.
fn filler(unit: &mut [u8], hevc: bool) {
    let header = if hevc { 2 } else { 1 };
    if unit.len() <= header {
        return;
    }
    unit[0] = if hevc { (unit[0] & 0x81) | (38 << 1) } else { 12 };
    unit[header..].fill(0xFF);
    if let Some(last) = unit.last_mut() {
        *last = 0x80;
    }
}

/// Of AV1, units of metadata become padding (AV1 bitstream specification §5.7 and §5.8).
fn av1(sample: &mut [u8]) -> Result<()> {
    const METADATA: u8 = 5;
    const PADDING: u8 = 15;
    let mut at = 0;
    while at < sample.len() {
        let [header] = fixed(sample, at)?;
        let mut body = at + if header & 4 != 0 { 2 } else { 1 };
        let mut size = sample.len().saturating_sub(body);
        if header & 2 != 0 {
            let mut value = 0_u64;
            for i in 0..8 {
                let [byte] = fixed(sample, body)?;
                body += 1;
                value |= u64::from(byte & 0x7F) << (7 * i);
                if byte & 0x80 == 0 {
                    break;
                }
            }
            size = usize::try_from(value).unwrap_or(usize::MAX);
        }
        let end = body.checked_add(size).filter(|end| *end <= sample.len()).ok_or_else(|| broken("a unit beyond its sample"))?;
        match (header >> 3) & 15 {
            METADATA => {
                sample[at] = (header & 0x87) | (PADDING << 3);
                sample[body..end].fill(0);
                if let Some(last) = sample[body..end].last_mut() {
                    *last = 0x80;
                }
            }
            // A list of tiles is for large scenes of light fields: nothing that a camera writes.
            kind => ensure(kind != 8, UNUSUAL)?,
        }
        at = end.max(at + 1);
    }
    Ok(())
}
