//! WebM (RFC 8794 and RFC 9559): a grammar of the elements that playing needs; every other element becomes a void one.
//!
//! The walk goes down this grammar and nowhere else, so that its depth is bounded by it; the elements looked at are counted.

use super::frames::{Coding, hush, hush_configuration};
use super::{CODEC, Film, Limits, Media, NOT_A_VIDEO, UNUSUAL, broken, codec, fixed, zero};
use kernel::{Result, ensure};

/// Elements that are looked at in one file: a minute of frames and sound has some ten thousand.
const MOST_ELEMENTS: usize = 100_000;
/// Set-up of a coder: some bytes to some hundred.
const MOST_PRIVATE: usize = 8192;

const HEADER: u32 = 0x1A45_DFA3;
const DOC_TYPE: u32 = 0x4282;
const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114D_9B74;
const SEEK: u32 = 0x4DBB;
const SEEK_ID: u32 = 0x53AB;
const INFO: u32 = 0x1549_A966;
const TIMESTAMP_SCALE: u32 = 0x002A_D7B1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_AE6B;
const TRACK_ENTRY: u32 = 0xAE;
const TRACK_NUMBER: u32 = 0xD7;
const TRACK_TYPE: u32 = 0x83;
const CODEC_ID: u32 = 0x86;
const CODEC_PRIVATE: u32 = 0x63A2;
const CONTENT_ENCODINGS: u32 = 0x6D80;
const VIDEO: u32 = 0xE0;
const AUDIO: u32 = 0xE1;
const WIDTH: u32 = 0xB0;
const HEIGHT: u32 = 0xBA;
const CLUSTER: u32 = 0x1F43_B675;
const TIMESTAMP: u32 = 0xE7;
const SIMPLE_BLOCK: u32 = 0xA3;
const BLOCK_GROUP: u32 = 0xA0;
const BLOCK: u32 = 0xA1;
const CUES: u32 = 0x1C53_BB6B;

/// Of the header: versions, and what a reader must bear.
const OF_HEADER: &[u32] = &[0x4286, 0x42F7, 0x42F2, 0x42F3, DOC_TYPE, 0x4287, 0x4285];
/// Of a track: number, kind, flags, its coder's set-up and delays, language, and the two below.
const OF_TRACK: &[u32] = &[
    TRACK_NUMBER,
    0x73C5,
    TRACK_TYPE,
    0xB9,
    0x88,
    0x55AA,
    0x9C,
    0x6DE7,
    0x6DF8,
    0x0023_E383,
    0x55EE,
    CODEC_ID,
    CODEC_PRIVATE,
    0x56AA,
    0x56BB,
    0x0022_B59C,
    VIDEO,
    AUDIO,
];
/// Of a picture: size, interlacing, display, cropping, alpha, stereo, colours.
const OF_VIDEO: &[u32] = &[WIDTH, HEIGHT, 0x9A, 0x54B0, 0x54BA, 0x54B2, 0x54AA, 0x54BB, 0x54CC, 0x54DD, 0x53C0, 0x53B8, 0x55B0];
/// Of sound: rates, channels, depth.
const OF_AUDIO: &[u32] = &[0xB5, 0x78B5, 0x9F, 0x6264];
/// Of a cluster, beside its blocks: its time and where it lies.
const OF_CLUSTER: &[u32] = &[TIMESTAMP, 0xA7, 0xAB];
/// Of a group: how long it lasts, which frames it needs, what of it is not heard.
const OF_GROUP: &[u32] = &[0x9B, 0xFB, 0x75A2];

#[derive(Debug, Clone, Copy)]
struct Span {
    id: u32,
    start: usize,
    body: usize,
    end: usize,
    /// It goes on until something begins that cannot lie in it.
    open: bool,
}

struct File<'a> {
    bytes: &'a mut [u8],
    seen: usize,
}

struct Track {
    number: u64,
    coding: Coding,
    size: Option<(u32, u32)>,
}

pub(super) fn prepare(bytes: &mut [u8], limits: &Limits) -> Result<Film> {
    let whole = bytes.len();
    let mut file = File { bytes, seen: 0 };
    let header = file.element(0, whole)?;
    ensure(header.id == HEADER && !header.open, NOT_A_VIDEO)?;
    let parts = file.keep(header.body, header.end, OF_HEADER)?;
    let kind = parts.iter().find(|part| part.id == DOC_TYPE);
    ensure(kind.is_some_and(|kind| file.body(kind).trim_ascii_end() == b"webm"), NOT_A_VIDEO)?;
    let mut at = header.end;
    let mut film = None;
    while at < whole {
        let part = file.element(at, whole)?;
        match part.id {
            SEGMENT if film.is_none() => film = Some(file.segment(&part, limits)?),
            SEGMENT => return Err(UNUSUAL.into()),
            _ => file.void(&part)?,
        }
        at = part.end;
    }
    film.ok_or_else(|| broken("no segment"))
}

impl File<'_> {
    /// The element at `at`; one of unknown length ends with what it lies in.
    fn element(&mut self, at: usize, end: usize) -> Result<Span> {
        self.seen += 1;
        ensure(self.seen <= MOST_ELEMENTS, broken("too many elements"))?;
        let [first] = fixed(self.bytes, at)?;
        let length = first.leading_zeros() as usize + 1;
        ensure(length <= 4, broken("an id"))?;
        let mut id = 0;
        for i in 0..length {
            let [byte] = fixed(self.bytes, at + i)?;
            id = (id << 8) | u32::from(byte);
        }
        let (size, used) = self.number(at + length)?;
        let body = at + length + used;
        let unknown = size == (1_u64 << (7 * used)) - 1;
        let stop = if unknown { Some(end) } else { usize::try_from(size).ok().and_then(|size| body.checked_add(size)) };
        let stop = stop.filter(|stop| (body..=end).contains(stop)).ok_or_else(|| broken("an element beyond its end"))?;
        ensure(!unknown || matches!(id, SEGMENT | CLUSTER), broken("an element without a length"))?;
        Ok(Span { id, start: at, body, end: stop, open: unknown })
    }

    /// A number of variable length without its mark, and its length.
    fn number(&self, at: usize) -> Result<(u64, usize)> {
        let [first] = fixed(self.bytes, at)?;
        let length = first.leading_zeros() as usize + 1;
        ensure(length <= 8, broken("a length"))?;
        let mut value = u64::from(first) & ((1 << (8 - length)) - 1);
        for i in 1..length {
            let [byte] = fixed(self.bytes, at + i)?;
            value = (value << 8) | u64::from(byte);
        }
        Ok((value, length))
    }

    fn body(&self, span: &Span) -> &[u8] {
        &self.bytes[span.body..span.end]
    }

    fn uint(&self, span: &Span) -> Result<u64> {
        let body = self.body(span);
        ensure(body.len() <= 8, broken("a number"))?;
        Ok(body.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte)))
    }

    /// Makes a void element of it (RFC 8794 §11.3.2), of the same length and without content.
    fn void(&mut self, span: &Span) -> Result<()> {
        let length = span.end - span.start;
        ensure(length >= 2, broken("a short element"))?;
        zero(self.bytes, span.start, span.end);
        self.bytes[span.start] = 0xEC;
        if length <= 128 {
            self.bytes[span.start + 1] = 0x80 | (length - 2) as u8;
        } else {
            let size = (length - 9) as u64 | 1 << 56;
            self.bytes[span.start + 1..span.start + 9].copy_from_slice(&size.to_be_bytes());
        }
        Ok(())
    }

    fn children(&mut self, mut at: usize, end: usize) -> Result<Vec<Span>> {
        let mut found = Vec::new();
        while at < end {
            let span = self.element(at, end)?;
            ensure(!span.open, broken("an element without a length"))?;
            at = span.end;
            found.push(span);
        }
        Ok(found)
    }

    /// The children with these ids; the others become void.
    fn keep(&mut self, from: usize, end: usize, ids: &[u32]) -> Result<Vec<Span>> {
        let mut kept = self.children(from, end)?;
        for span in kept.iter().filter(|span| !ids.contains(&span.id)) {
            self.void(span)?;
        }
        kept.retain(|span| ids.contains(&span.id));
        Ok(kept)
    }

    fn segment(&mut self, segment: &Span, limits: &Limits) -> Result<Film> {
        let (mut scale, mut said) = (1_000_000_u64, 0.0_f64);
        let (mut tracks, mut last) = (Vec::new(), 0_u64);
        let mut at = segment.body;
        while at < segment.end {
            let mut part = self.element(at, segment.end)?;
            match part.id {
                SEEK_HEAD => self.seek_head(&part)?,
                INFO => {
                    for one in self.keep(part.body, part.end, &[TIMESTAMP_SCALE, DURATION])? {
                        match one.id {
                            TIMESTAMP_SCALE => scale = self.uint(&one)?,
                            _ => said = self.float(&one)?,
                        }
                    }
                }
                TRACKS => {
                    ensure(tracks.is_empty(), UNUSUAL)?;
                    tracks = self.tracks(&part)?;
                }
                CLUSTER => {
                    ensure(!tracks.is_empty(), broken("frames before their tracks"))?;
                    let (end, until) = self.cluster(&part, &tracks)?;
                    part.end = end;
                    last = last.max(until);
                }
                CUES => {}
                _ => self.void(&part)?,
            }
            at = part.end;
        }
        let mut pictures = tracks.iter().filter_map(|track| track.size);
        let (width, height) = pictures.next().ok_or(CODEC.err().arg("codec", "-"))?;
        ensure(pictures.next().is_none(), UNUSUAL)?;
        let ms = |ticks: u64| u64::try_from(u128::from(ticks) * u128::from(scale) / 1_000_000).unwrap_or(u64::MAX);
        // What isn't a number, or is below zero, says nothing.
        let said = if said.is_finite() && said > 0.0 { said as u64 } else { 0 };
        super::in_time(ms(last.max(said)), 1000, limits)?;
        Ok(Film { media: Media::Webm, width, height, duration_ms: ms(last.max(said)) })
    }

    fn float(&self, span: &Span) -> Result<f64> {
        match *self.body(span) {
            [a, b, c, d] => Ok(f32::from_be_bytes([a, b, c, d]).into()),
            [a, b, c, d, e, f, g, h] => Ok(f64::from_be_bytes([a, b, c, d, e, f, g, h])),
            [] => Ok(0.0),
            _ => Err(broken("a number")),
        }
    }

    /// Where the parts lie; those that are void now are left out.
    fn seek_head(&mut self, head: &Span) -> Result<()> {
        for seek in self.keep(head.body, head.end, &[SEEK])? {
            let parts = self.children(seek.body, seek.end)?;
            let id = parts.iter().find(|part| part.id == SEEK_ID).map(|part| self.uint(part)).transpose()?;
            let stays = id.is_some_and(|id| [INFO, TRACKS, CUES, CLUSTER].map(u64::from).contains(&id));
            if !stays {
                self.void(&seek)?;
            }
        }
        Ok(())
    }

    fn tracks(&mut self, all: &Span) -> Result<Vec<Track>> {
        let mut tracks = Vec::new();
        for entry in self.keep(all.body, all.end, &[TRACK_ENTRY])? {
            ensure(tracks.len() < 8, UNUSUAL)?;
            let parts = self.children(entry.body, entry.end)?;
            let part = |id: u32| parts.iter().find(|part| part.id == id).copied();
            ensure(part(CONTENT_ENCODINGS).is_none(), UNUSUAL)?;
            let kind = part(TRACK_TYPE).map(|kind| self.uint(&kind)).transpose()?;
            let number = part(TRACK_NUMBER).map(|number| self.uint(&number)).transpose()?.ok_or_else(|| broken("a track"))?;
            let name = part(CODEC_ID).map(|name| self.body(&name).to_vec()).unwrap_or_default();
            let private = part(CODEC_PRIVATE);
            let picture = part(VIDEO);
            match kind {
                Some(1) => {
                    let coding = match name.trim_ascii_end() {
                        b"V_VP8" | b"V_VP9" => Coding::Vpx,
                        b"V_AV1" => Coding::Av1,
                        other => return Err(codec(other)),
                    };
                    let picture = picture.ok_or_else(|| broken("a picture without a size"))?;
                    let of = self.keep(picture.body, picture.end, OF_VIDEO)?;
                    let side = |id: u32| of.iter().find(|part| part.id == id).map(|part| self.uint(part)).transpose();
                    let (width, height) = (side(WIDTH)?.unwrap_or_default(), side(HEIGHT)?.unwrap_or_default());
                    let whole = |side: u64| u32::try_from(side).unwrap_or(u32::MAX);
                    tracks.push(Track { number, coding, size: Some((whole(width), whole(height))) });
                }
                Some(2) => {
                    ensure(name.trim_ascii_end() == b"A_OPUS", codec(&name))?;
                    if let Some(sound) = part(AUDIO) {
                        self.keep(sound.body, sound.end, OF_AUDIO)?;
                    }
                    tracks.push(Track { number, coding: Coding::Sound, size: None });
                }
                // Words, buttons, data of sensors: none of it is seen or heard.
                _ => {
                    self.void(&entry)?;
                    continue;
                }
            }
            if let Some(private) = private {
                ensure(private.end - private.body <= MOST_PRIVATE, UNUSUAL)?;
                if tracks.last().is_some_and(|track| track.coding == Coding::Av1) {
                    hush_configuration(&mut self.bytes[private.body..private.end], b"av1C")?;
                }
            }
            for other in parts.iter().filter(|part| !OF_TRACK.contains(&part.id)) {
                self.void(other)?;
            }
        }
        Ok(tracks)
    }

    /// Walks a cluster's blocks: where it ends, and the last instant in it.
    fn cluster(&mut self, cluster: &Span, tracks: &[Track]) -> Result<(usize, u64)> {
        let (mut at, mut began, mut last) = (cluster.body, 0_u64, 0_u64);
        while at < cluster.end {
            let part = self.element(at, cluster.end)?;
            // Parts of the segment have ids of four bytes, and no part of a cluster has.
            if cluster.open && part.id > 0x00FF_FFFF {
                self.seen -= 1;
                return Ok((at, last));
            }
            match part.id {
                TIMESTAMP => {
                    began = self.uint(&part)?;
                    last = last.max(began);
                }
                SIMPLE_BLOCK => last = last.max(self.block(&part, &part, began, tracks)?),
                BLOCK_GROUP => {
                    let parts = self.children(part.body, part.end)?;
                    for other in parts.iter().filter(|part| part.id != BLOCK && !OF_GROUP.contains(&part.id)) {
                        self.void(other)?;
                    }
                    let Some(block) = parts.iter().find(|part| part.id == BLOCK) else { return Err(broken("a group without a block")) };
                    ensure(parts.iter().filter(|part| part.id == BLOCK).count() == 1, broken("blocks in one group"))?;
                    last = last.max(self.block(block, &part, began, tracks)?);
                }
                id if OF_CLUSTER.contains(&id) => {}
                _ => self.void(&part)?,
            }
            at = part.end;
        }
        Ok((cluster.end, last))
    }

    /// The instant of a block; with all that it lies in it becomes void where its track is not kept.
    fn block(&mut self, block: &Span, of: &Span, began: u64, tracks: &[Track]) -> Result<u64> {
        let (number, used) = self.number(block.body)?;
        let head = block.body + used;
        ensure(head + 3 <= block.end, broken("a block"))?;
        let Some(track) = tracks.iter().find(|track| track.number == number) else {
            self.void(of)?;
            return Ok(0);
        };
        let after = i16::from_be_bytes(fixed(self.bytes, head)?);
        let laced = self.bytes[head + 2] & 0x06 != 0;
        if track.coding == Coding::Av1 {
            ensure(!laced, UNUSUAL)?;
            hush(&mut self.bytes[head + 3..block.end], track.coding)?;
        }
        Ok(began.saturating_add_signed(after.into()))
    }
}
