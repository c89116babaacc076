//! What a workbook may cost before anybody reads it: how much it unpacks to, and how far its sheets claim to reach.
//!
//! The reader makes room for what a file claims. A file of a kilobyte can claim a sheet of gigabytes.

use super::{TOO_LARGE, UNREADABLE};
use kernel::{Result, ensure};
use std::io::{Cursor, Read};

/// How a compound file (XLS) begins.
pub const CFB_MARK: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// The most that the parts of an XLSX unpack to, together.
const MAX_UNPACKED: u64 = 96 * 1024 * 1024;
/// The most parts.
const MAX_PARTS: usize = 2_000;
/// More texts than a table of ours has; seven digits.
const MAX_COUNT_DIGITS: usize = 7;
/// The most cells of one sheet's rectangle.
const MAX_CELLS: u64 = 2_000_000;

/// Unpacks each part once, to know how large it is, and looks at how many texts it claims.
///
/// Errors: `sheet.unreadable`, `sheet.too_large`.
pub fn xlsx(bytes: &[u8]) -> Result<()> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| UNREADABLE.err().detail(error))?;
    ensure(archive.len() <= MAX_PARTS, TOO_LARGE)?;
    let mut left = MAX_UNPACKED;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|error| UNREADABLE.err().detail(error))?;
        let holds_texts = part.name().map_err(|error| UNREADABLE.err().detail(error))?.to_ascii_lowercase().ends_with("sharedstrings.xml");
        let mut part = part.take(left + 1);
        let mut head = Vec::new();
        part.by_ref().take(4096).read_to_end(&mut head).map_err(|error| UNREADABLE.err().detail(error))?;
        let claimed = String::from_utf8_lossy(&head);
        // The claim stands at the beginning, where it can be seen.
        ensure(!holds_texts || claimed.split_once("sst").is_some_and(|(_, rest)| rest.contains('>')), UNREADABLE)?;
        for claim in claimed.split("ount").skip(1) {
            let digits = claim.trim_start_matches([' ', '=', '"', '\'', '\t', '\r', '\n']).bytes().take_while(u8::is_ascii_digit).count();
            ensure(digits <= MAX_COUNT_DIGITS, TOO_LARGE)?;
        }
        let rest = std::io::copy(&mut part, &mut std::io::sink()).map_err(|error| UNREADABLE.err().detail(error))?;
        let size = rest + u64::try_from(head.len()).unwrap_or(u64::MAX);
        ensure(size <= left, TOO_LARGE)?;
        left -= size;
    }
    Ok(())
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The sectors of a chain, put together; none when it leaves the file or goes in a circle.
fn chain(bytes: &[u8], fat: &[u32], mut sector: u32) -> Option<Vec<u8>> {
    const END: u32 = 0xffff_fffa;
    let mut found = Vec::new();
    while sector < END {
        let start = (usize::try_from(sector).ok()? + 1).checked_mul(512)?;
        let end = (start + 512).min(bytes.len());
        found.extend_from_slice(bytes.get(start..end)?);
        if found.len() > bytes.len() {
            return None;
        }
        sector = *fat.get(usize::try_from(sector).ok()?)?;
    }
    Some(found)
}

/// The stream of the workbook in a compound file of small sectors (\[MS-CFB\]); none where it is kept otherwise.
fn workbook(bytes: &[u8]) -> Option<Vec<u8>> {
    if u16_at(bytes, 30)? != 9 {
        return None;
    }
    // The header alone lists the sectors of files up to seven megabytes.
    if u32_at(bytes, 72)? != 0 {
        return None;
    }
    let mut fat = Vec::new();
    for at in 0..109 {
        let sector = u32_at(bytes, 76 + at * 4)?;
        if sector < 0xffff_fffa {
            let start = (usize::try_from(sector).ok()? + 1).checked_mul(512)?;
            let sectors = bytes.get(start..start + 512)?;
            fat.extend(sectors.chunks(4).filter_map(|four| u32_at(four, 0)));
        }
    }
    let entries = chain(bytes, &fat, u32_at(bytes, 48)?)?;
    let name = |entry: &[u8]| {
        let units = entry.chunks(2).take(32).filter_map(|two| u16_at(two, 0)).take_while(|unit| *unit != 0);
        String::from_utf16_lossy(&units.collect::<Vec<_>>()).to_ascii_lowercase()
    };
    let entry = |wanted: &str| entries.chunks_exact(128).find(|entry| name(entry) == wanted);
    let entry = entry("workbook").or_else(|| entry("book"))?;
    let length = usize::try_from(u32_at(entry, 120)?).ok()?;
    // Smaller ones are kept in another way; programs that write workbooks fill them up.
    if length < 4096 {
        return None;
    }
    let mut stream = chain(bytes, &fat, u32_at(entry, 116)?)?;
    stream.truncate(length);
    Some(stream)
}

/// Each record from `from` on, to the end of its part and of the parts within it: its kind and its data (\[MS-XLS\] 2.1.4).
fn records(stream: &[u8], mut from: usize) -> impl Iterator<Item = (u16, &[u8])> {
    const BEGINS: u16 = 0x0809;
    const ENDS: u16 = 0x000a;
    let (mut depth, mut ended) = (0_u32, false);
    std::iter::from_fn(move || {
        let (kind, length) = (u16_at(stream, from)?, usize::from(u16_at(stream, from + 2)?));
        let data = stream.get(from + 4..from + 4 + length).filter(|_| !ended)?;
        match kind {
            BEGINS => depth += 1,
            ENDS => depth = depth.saturating_sub(1),
            _ => {}
        }
        ended = kind == ENDS && depth == 0;
        from += 4 + length;
        Some((kind, data))
    })
}

/// Looks at how far the sheets of a workbook reach, and claim to.
///
/// Errors: `sheet.unreadable`, `sheet.too_large`.
pub fn xls(bytes: &[u8]) -> Result<()> {
    const SHEET: u16 = 0x0085;
    const DIMENSIONS: u16 = 0x0200;
    /// Number, label, rich label, truth or error, text of a formula, short number, shared label, short numbers, formula.
    const CELLS: [u16; 8] = [0x0203, 0x0204, 0x00d6, 0x0205, 0x027e, 0x00fd, 0x00bd, 0x0006];
    let stream = workbook(bytes).ok_or_else(|| UNREADABLE.err())?;
    let sheets = records(&stream, 0).filter(|(kind, _)| *kind == SHEET).filter_map(|(_, data)| usize::try_from(u32_at(data, 0)?).ok());
    for from in sheets.take(super::MAX_SHEETS * 8) {
        ensure(from < stream.len(), UNREADABLE)?;
        let (mut rows, mut columns) = (1, 1);
        for (kind, data) in records(&stream, from) {
            if kind == DIMENSIONS {
                let claimed = if data.len() == 10 {
                    (u16_at(data, 0).map(u32::from), u16_at(data, 2).map(u32::from), u16_at(data, 6))
                } else {
                    (u32_at(data, 0), u32_at(data, 4), u16_at(data, 10))
                };
                let (Some(first), Some(end), Some(columns)) = claimed else { return Err(UNREADABLE.into()) };
                ensure(end <= 65_536 && columns <= 256 && (first < end || end == 0), UNREADABLE)?;
            }
            if CELLS.contains(&kind)
                && let (Some(row), Some(column)) = (u16_at(data, 0), u16_at(data, 2))
            {
                (rows, columns) = (rows.max(u64::from(row) + 1), columns.max(u64::from(column) + 1));
            }
        }
        ensure(rows * columns <= MAX_CELLS, TOO_LARGE)?;
    }
    Ok(())
}
