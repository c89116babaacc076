//! MP4 and QuickTime (ISO/IEC 14496-12): a grammar of the boxes that playing needs; every other box becomes an empty one.
//!
//! The walk goes down this grammar and nowhere else, so that its depth is bounded by it; the boxes looked at are counted. What
//! the tables of the kept tracks don't point at is zeroed in the media data too: tracks of positions leave nothing behind.

use super::frames::{Coding, hush, hush_configuration};
use super::{CODEC, Film, Limits, Media, NOT_A_VIDEO, UNUSUAL, be16, be32, be64, broken, codec, fixed, in_time, zero};
use kernel::{Result, ensure};

/// Boxes that are looked at in one file: a phone's has about a hundred.
const MOST_BOXES: usize = 4096;
/// Frames and pieces of sound in one file; a minute of 240 frames a second has 20,000.
const MOST_SAMPLES: usize = 150_000;

type Kind = [u8; 4];

#[derive(Debug, Clone, Copy)]
struct Span {
    kind: Kind,
    start: usize,
    body: usize,
    end: usize,
}

struct File<'a> {
    bytes: &'a mut [u8],
    seen: usize,
}

/// What a track says, and where its samples lie.
struct Track {
    coding: Coding,
    size: Option<(u32, u32)>,
    timescale: u64,
    duration: u64,
    samples: Vec<(usize, usize)>,
}

pub(super) fn prepare(bytes: &mut [u8], limits: &Limits) -> Result<Film> {
    let whole = bytes.len();
    let mut file = File { bytes, seen: 0 };
    let top = file.children(0, whole, true)?;
    let brand: Kind = fixed(file.bytes, 8)?;
    ensure(!matches!(&brand, b"heic" | b"heix" | b"heif" | b"mif1" | b"avif"), NOT_A_VIDEO)?;
    // In fragments, as streams are sent; the index of each would have to be read as well.
    ensure(!top.iter().any(|span| matches!(&span.kind, b"moof" | b"sidx" | b"styp")), UNUSUAL)?;
    let mut data = Vec::new();
    let mut movies = Vec::new();
    for span in &top {
        match &span.kind {
            b"ftyp" if span.start == 0 => file.brands(span),
            b"mdat" => data.push((span.body, span.end)),
            b"moov" => movies.push(*span),
            _ => file.free(span),
        }
    }
    let [movie] = movies[..] else { return Err(broken("no index, or several")) };
    let (tracks, movie_ms) = file.movie(&movie, &data, limits)?;
    let mut pictures = tracks.iter().filter(|track| track.size.is_some());
    let picture = pictures.next().ok_or(CODEC.err().arg("codec", "-"))?;
    ensure(pictures.next().is_none(), UNUSUAL)?;
    let (width, height) = picture.size.unwrap_or_default();
    let of_track = |track: &Track| track.duration.saturating_mul(1000) / track.timescale;
    let duration_ms = tracks.iter().map(of_track).max().unwrap_or_default().max(movie_ms);

    // One byte is nobody's twice: otherwise few bytes of tables could ask for hours of work.
    let used: usize = tracks.iter().flat_map(|track| &track.samples).map(|(from, end)| end - from).sum();
    ensure(used <= whole, broken("samples that overlap"))?;
    for track in &tracks {
        for (from, end) in &track.samples {
            hush(&mut file.bytes[*from..*end], track.coding)?;
        }
    }
    let mut samples: Vec<(usize, usize)> = tracks.into_iter().flat_map(|track| track.samples).collect();
    samples.sort_unstable();
    let mut next = samples.iter().peekable();
    for (body, end) in data {
        let mut at = body;
        while let Some((from, to)) = next.next_if(|(from, _)| *from < end) {
            zero(file.bytes, at, (*from).max(at));
            at = at.max(*to);
        }
        zero(file.bytes, at, end.max(at));
    }
    Ok(Film { media: if &brand == b"qt  " { Media::Quicktime } else { Media::Mp4 }, width, height, duration_ms })
}

impl File<'_> {
    /// The boxes from `at` to `end`. Below the top, a size of zero ends the list, as QuickTime writes it; what is left is zeroed.
    fn children(&mut self, mut at: usize, end: usize, top: bool) -> Result<Vec<Span>> {
        let mut found = Vec::new();
        while at < end {
            let size = if end - at < 8 { 0 } else { be32(self.bytes, at)? };
            if size == 0 && (!top || end - at < 8) {
                ensure(!top, broken("cut off"))?;
                zero(self.bytes, at, end);
                break;
            }
            self.seen += 1;
            ensure(self.seen <= MOST_BOXES, broken("too many boxes"))?;
            let kind: Kind = fixed(self.bytes, at + 4)?;
            let (body, size) = match size {
                0 => (at + 8, end - at),
                1 => (at + 16, usize::try_from(be64(self.bytes, at + 8)?).unwrap_or(usize::MAX)),
                size => (at + 8, size as usize),
            };
            let stop = at.checked_add(size).filter(|stop| (body..=end).contains(stop)).ok_or_else(|| broken("a box beyond its end"))?;
            found.push(Span { kind, start: at, body, end: stop });
            at = stop;
        }
        Ok(found)
    }

    /// Empties a box and calls it so; its place and length stay.
    fn free(&mut self, span: &Span) {
        self.bytes[span.start + 4..span.start + 8].copy_from_slice(b"free");
        zero(self.bytes, span.body, span.end);
    }

    /// The children of these kinds; the others are emptied.
    fn keep(&mut self, from: usize, end: usize, kinds: &[&Kind]) -> Result<Vec<Span>> {
        let all = self.children(from, end, false)?;
        let (kept, rest): (Vec<Span>, Vec<Span>) = all.into_iter().partition(|span| kinds.contains(&&span.kind));
        rest.iter().for_each(|span| self.free(span));
        Ok(kept)
    }

    /// Brands of one maker's own become the common one.
    fn brands(&mut self, span: &Span) {
        const COMMON: [&Kind; 20] = [
            b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41", b"mp42", b"avc1", b"hvc1", b"hev1",
            b"av01", b"qt  ", b"M4V ", b"3gp4", b"3gp5", b"3gp6",
        ];
        for (i, brand) in self.bytes[span.body..span.end].chunks_mut(4).enumerate() {
            match i {
                1 => brand.fill(0),
                _ if COMMON.iter().any(|known| brand == *known) => {}
                _ => brand.copy_from_slice(&b"isom"[..brand.len()]),
            }
        }
    }

    /// The tracks that stay, and the milliseconds that the whole says it lasts.
    fn movie(&mut self, movie: &Span, data: &[(usize, usize)], limits: &Limits) -> Result<(Vec<Track>, u64)> {
        let all = self.children(movie.body, movie.end, false)?;
        ensure(!all.iter().any(|span| &span.kind == b"mvex"), UNUSUAL)?;
        let head = one(&all, b"mvhd")?;
        let (scale, duration) = self.times(&head)?;
        in_time(duration, scale, limits)?;
        // What a player showed last, and where: nobody's business.
        let tail = if self.bytes[head.body] == 1 { 84 } else { 72 };
        zero(self.bytes, head.body + tail, (head.body + tail + 24).min(head.end));
        let (mut tracks, mut foreign) = (Vec::new(), Vec::new());
        for span in &all {
            match &span.kind {
                b"mvhd" => {}
                b"trak" => match &self.handler(span)? {
                    b"vide" => tracks.push(self.track(span, true, scale, data, limits)?),
                    b"soun" => match self.track(span, false, scale, data, limits) {
                        Ok(track) => tracks.push(track),
                        Err(error) if error.is(CODEC) => foreign.push((*span, error)),
                        Err(error) => return Err(error),
                    },
                    // Positions, time codes, chapters, depths: none of it is seen or heard.
                    _ => self.free(span),
                },
                _ => self.free(span),
            }
        }
        // A second sound track, in a form of its maker's own, is left out; an only one that nobody hears would be missed.
        let heard = tracks.iter().any(|track| track.size.is_none());
        for (span, error) in foreign {
            ensure(heard, error)?;
            self.free(&span);
        }
        Ok((tracks, duration.saturating_mul(1000) / scale))
    }

    /// Units a second and length of a header of movie or media; when it was made is zeroed.
    fn times(&mut self, head: &Span) -> Result<(u64, u64)> {
        let long = self.version(head)?;
        let (scale, duration) = if long {
            zero(self.bytes, head.body + 4, head.body + 20);
            (be32(self.bytes, head.body + 20)?, be64(self.bytes, head.body + 24)?)
        } else {
            zero(self.bytes, head.body + 4, head.body + 12);
            let duration = be32(self.bytes, head.body + 16)?;
            (be32(self.bytes, head.body + 12)?, if duration == u32::MAX { 0 } else { duration.into() })
        };
        ensure(scale > 0 && head.end - head.body >= if long { 32 } else { 20 }, broken("a header"))?;
        Ok((scale.into(), if duration == u64::MAX { 0 } else { duration }))
    }

    /// Whether numbers are 64 bits wide.
    fn version(&self, span: &Span) -> Result<bool> {
        ensure(span.end - span.body >= 8, broken("a short box"))?;
        Ok(self.bytes[span.body] == 1)
    }

    /// What kind of track it is.
    fn handler(&mut self, track: &Span) -> Result<Kind> {
        let media = one(&self.children(track.body, track.end, false)?, b"mdia")?;
        let handler = one(&self.children(media.body, media.end, false)?, b"hdlr")?;
        ensure(handler.end - handler.body >= 12, broken("a handler"))?;
        fixed(self.bytes, handler.body + 8)
    }

    fn track(&mut self, track: &Span, picture: bool, movie_scale: u64, data: &[(usize, usize)], limits: &Limits) -> Result<Track> {
        let parts = self.keep(track.body, track.end, &[b"tkhd", b"edts", b"mdia"])?;
        let head = one(&parts, b"tkhd")?;
        let long = self.version(&head)?;
        let (made, matrix) = if long { (16, 52) } else { (8, 40) };
        ensure(head.end - head.body >= matrix + 44, broken("a track's header"))?;
        zero(self.bytes, head.body + 4, head.body + 4 + made);
        let turned = be32(self.bytes, head.body + matrix)? == 0 && be32(self.bytes, head.body + matrix + 4)? != 0;
        if let Some(edits) = some(&parts, b"edts")? {
            for list in self.keep(edits.body, edits.end, &[b"elst"])? {
                in_time(self.edits(&list)?, movie_scale, limits)?;
            }
        }
        let media = one(&parts, b"mdia")?;
        let parts = self.keep(media.body, media.end, &[b"mdhd", b"hdlr", b"minf"])?;
        let (timescale, _) = self.times(&one(&parts, b"mdhd")?)?;
        let handler = one(&parts, b"hdlr")?;
        zero(self.bytes, handler.body + 12, handler.end);
        let info = one(&parts, b"minf")?;
        let parts = self.keep(info.body, info.end, &[b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl"])?;
        if let Some(handler) = some(&parts, b"hdlr")? {
            zero(self.bytes, handler.body + 12, handler.end);
        }
        if let Some(place) = some(&parts, b"dinf")? {
            self.within(&place)?;
        }
        let table = one(&parts, b"stbl")?;
        const TABLES: [&Kind; 13] =
            [b"stsd", b"stts", b"ctts", b"cslg", b"stss", b"stps", b"stsc", b"stsz", b"stco", b"co64", b"sdtp", b"sbgp", b"sgpd"];
        let parts = self.keep(table.body, table.end, &TABLES)?;
        let (coding, size) = self.coding(&one(&parts, b"stsd")?, picture)?;
        let duration = self.duration(&one(&parts, b"stts")?)?;
        in_time(duration, timescale, limits)?;
        let samples = self.samples(&parts, data)?;
        let size = size.map(|(width, height)| if turned { (height, width) } else { (width, height) });
        Ok(Track { coding, size, timescale, duration, samples })
    }

    /// How long the edits of a track last together, in units of the movie.
    fn edits(&self, list: &Span) -> Result<u64> {
        let long = self.version(list)?;
        let each = if long { 20 } else { 12 };
        let mut sum = 0_u64;
        for at in self.rows(list, 4, each)? {
            sum = sum.saturating_add(if long { be64(self.bytes, at)? } else { be32(self.bytes, at)?.into() });
        }
        Ok(sum)
    }

    /// Where the rows of a table begin: their number stands at `count` of the box's body.
    fn rows(&self, table: &Span, count: usize, each: usize) -> Result<impl ExactSizeIterator<Item = usize> + use<>> {
        let n = be32(self.bytes, table.body + count)? as usize;
        let first = table.body + count + 4;
        let room = table.end.saturating_sub(first) / each;
        ensure(n <= room, broken("a table longer than its box"))?;
        Ok((0..n).map(move |i| first + i * each))
    }

    /// Errors: [`UNUSUAL`] where samples lie in another file; its name, or an alias of this one, goes.
    fn within(&mut self, place: &Span) -> Result<()> {
        for list in self.keep(place.body, place.end, &[b"dref"])? {
            self.version(&list)?;
            for entry in self.children(list.body + 8, list.end, false)? {
                ensure(self.version_flags(&entry)? & 1 == 1, UNUSUAL)?;
                zero(self.bytes, entry.body + 4, entry.end);
            }
        }
        Ok(())
    }

    fn version_flags(&self, span: &Span) -> Result<u32> {
        ensure(span.end - span.body >= 4, broken("a short box"))?;
        be32(self.bytes, span.body)
    }

    /// How the samples are coded, and of pictures the size.
    fn coding(&mut self, table: &Span, picture: bool) -> Result<(Coding, Option<(u32, u32)>)> {
        self.version(table)?;
        let entries = self.children(table.body + 8, table.end, false)?;
        let [entry] = entries[..] else { return Err(if entries.is_empty() { broken("no coding") } else { UNUSUAL.err() }) };
        if picture { self.picture(&entry).map(|(coding, size)| (coding, Some(size))) } else { Ok((self.sound(&entry)?, None)) }
    }

    fn picture(&mut self, entry: &Span) -> Result<(Coding, (u32, u32))> {
        let wanted: &Kind = match &entry.kind {
            b"avc1" | b"avc3" => b"avcC",
            b"hvc1" | b"hev1" => b"hvcC",
            b"av01" => b"av1C",
            other => return Err(codec(other)),
        };
        ensure(entry.end - entry.body >= 78, broken("a coding"))?;
        let size = (be16(self.bytes, entry.body + 24)?, be16(self.bytes, entry.body + 26)?);
        // The maker of the coder, and its name.
        zero(self.bytes, entry.body + 8, entry.body + 24);
        zero(self.bytes, entry.body + 42, entry.body + 74);
        let known = [wanted, b"colr", b"pasp", b"clap", b"fiel", b"btrt", b"mdcv", b"clli", b"dvcC", b"dvvC"];
        let parts = self.keep(entry.body + 78, entry.end, &known)?;
        for colours in parts.iter().filter(|part| &part.kind == b"colr") {
            // A profile of colours names the device that it is of.
            if !matches!(&fixed::<4>(self.bytes, colours.body)?, b"nclx" | b"nclc") {
                self.free(colours);
            }
        }
        let set = one(&parts, wanted)?;
        let coding = hush_configuration(&mut self.bytes[set.body..set.end], wanted)?;
        Ok((coding, (size.0.into(), size.1.into())))
    }

    /// AAC and nothing else. Errors: [`CODEC`].
    fn sound(&mut self, entry: &Span) -> Result<Coding> {
        ensure(&entry.kind == b"mp4a", codec(&entry.kind))?;
        ensure(entry.end - entry.body >= 28, broken("a coding"))?;
        // Two later versions of QuickTime's have more of a header.
        let header = match be16(self.bytes, entry.body + 8)? {
            0 => 28,
            1 => 44,
            2 => 64,
            _ => return Err(UNUSUAL.into()),
        };
        zero(self.bytes, entry.body + 10, entry.body + 16);
        ensure(entry.end - entry.body >= header, broken("a coding"))?;
        let parts = self.keep(entry.body + header, entry.end, &[b"esds", b"wave", b"chan", b"btrt"])?;
        let stream = match some(&parts, b"esds")? {
            Some(stream) => Some(stream),
            None => match some(&parts, b"wave")? {
                Some(wave) => some(&self.keep(wave.body, wave.end, &[b"frma", b"mp4a", b"esds"])?, b"esds")?,
                None => None,
            },
        };
        let stream = stream.ok_or_else(|| broken("a sound without its set-up"))?;
        match object_type(&self.bytes[stream.body..stream.end])? {
            // MPEG-4 AAC, and MPEG-2's three profiles of it (ISO/IEC 14496-1, table 5).
            0x40 | 0x66..=0x68 => Ok(Coding::Sound),
            other => Err(codec(format!("mp4a.{other:02x}").as_bytes())),
        }
    }

    /// How long the samples last together, in units of the media.
    fn duration(&self, table: &Span) -> Result<u64> {
        self.version(table)?;
        let mut sum = 0_u64;
        for at in self.rows(table, 4, 8)? {
            sum = sum.saturating_add(u64::from(be32(self.bytes, at)?) * u64::from(be32(self.bytes, at + 4)?));
        }
        Ok(sum)
    }

    /// Where each sample begins and ends: within the media data, every one.
    fn samples(&self, parts: &[Span], data: &[(usize, usize)]) -> Result<Vec<(usize, usize)>> {
        let sizes = one(parts, b"stsz")?;
        let same = be32(self.bytes, sizes.body + 4)? as usize;
        let count = be32(self.bytes, sizes.body + 8)? as usize;
        ensure(count <= MOST_SAMPLES, broken("too many samples"))?;
        // Each has a size of its own in the table then; they are read one by one below.
        ensure(same > 0 || self.rows(&sizes, 8, 4)?.len() == count, broken("a table longer than its box"))?;
        let (offsets, wide) = match some(parts, b"co64")? {
            Some(offsets) => (offsets, true),
            None => (one(parts, b"stco")?, false),
        };
        let runs = one(parts, b"stsc")?;
        let mut runs = self.rows(&runs, 4, 12)?.peekable();
        let mut data = data.to_vec();
        data.sort_unstable();
        let (mut samples, mut in_chunk) = (Vec::with_capacity(count), 0);
        for (chunk, at) in (1_u32..).zip(self.rows(&offsets, 4, if wide { 8 } else { 4 })?) {
            while let Some(run) = runs.peek().copied().filter(|run| be32(self.bytes, *run).is_ok_and(|first| first <= chunk)) {
                in_chunk = be32(self.bytes, run + 4)?;
                runs.next();
            }
            let offset = if wide { be64(self.bytes, at)? } else { be32(self.bytes, at)?.into() };
            let mut from = usize::try_from(offset).map_err(|_| broken("an offset"))?;
            for _ in 0..in_chunk {
                if samples.len() == count {
                    break;
                }
                let size = if same == 0 { be32(self.bytes, sizes.body + 12 + samples.len() * 4)? as usize } else { same };
                let end = from.checked_add(size).ok_or_else(|| broken("an offset"))?;
                let of = data.partition_point(|(body, _)| *body <= from).checked_sub(1).and_then(|i| data.get(i));
                ensure(of.is_some_and(|(_, stop)| end <= *stop), broken("a sample outside of the media data"))?;
                samples.push((from, end));
                from = end;
            }
        }
        ensure(samples.len() == count, broken("samples without a place"))?;
        Ok(samples)
    }
}

fn some(spans: &[Span], kind: &Kind) -> Result<Option<Span>> {
    let mut of_kind = spans.iter().filter(|span| &span.kind == kind);
    let first = of_kind.next().copied();
    ensure(of_kind.next().is_none(), broken("a box that may stand once"))?;
    Ok(first)
}

fn one(spans: &[Span], kind: &Kind) -> Result<Span> {
    some(spans, kind)?.ok_or_else(|| broken("a box that is missing"))
}

/// What the stream is, from its descriptors (ISO/IEC 14496-1 §7.2.6).
fn object_type(body: &[u8]) -> Result<u8> {
    let mut at = 4;
    let open = |at: &mut usize, wanted: u8| -> Result<()> {
        let [tag] = fixed(body, *at)?;
        ensure(tag == wanted, broken("a descriptor"))?;
        *at += 1;
        for _ in 0..4 {
            let [length] = fixed(body, *at)?;
            *at += 1;
            if length & 0x80 == 0 {
                return Ok(());
            }
        }
        Ok(())
    };
    open(&mut at, 3)?;
    let [flags] = fixed(body, at + 2)?;
    // Depends on another stream, or lies at an address of its own.
    ensure(flags & 0xC0 == 0, UNUSUAL)?;
    at += if flags & 0x20 != 0 { 5 } else { 3 };
    open(&mut at, 4)?;
    let [kind] = fixed(body, at)?;
    Ok(kind)
}
