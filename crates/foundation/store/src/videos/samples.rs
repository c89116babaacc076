//! Small videos for tests, made part by part: with all that a phone writes beside the picture, and nothing that can be seen.

/// What stands in a made video wherever a position can stand: nothing of it may be left.
pub const SECRET: &[u8] = b"+35.9400+120.1000/";
/// The content of the frames that stay.
pub const PICTURE: &[u8] = b"what is to be seen";

/// What an MP4 or QuickTime file is made of.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub brand: [u8; 4],
    /// A frame each.
    pub seconds: u32,
    pub width: u16,
    pub height: u16,
    pub picture: [u8; 4],
    pub sound: Option<[u8; 4]>,
    /// Taken upright: a quarter turn stands in the track's matrix.
    pub turned: bool,
}

impl Default for Recipe {
    fn default() -> Self {
        Recipe { brand: *b"isom", seconds: 12, width: 1280, height: 720, picture: *b"avc1", sound: Some(*b"mp4a"), turned: false }
    }
}

/// A box of the kind, with these parts one after another.
pub fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, &body].concat()
}

fn n(value: u32) -> [u8; 4] {
    value.to_be_bytes()
}

/// Units a second, of the whole and of each track.
const SCALE: u32 = 600;
/// When it was made, in the files' own count of seconds.
const MADE: [u8; 4] = [0xE3, 0x11, 0x22, 0x33];

/// Frames, each a message of the coder's own and a picture.
fn frame() -> Vec<u8> {
    let message = [&[6, 5, 16 + SECRET.len() as u8][..], &[7; 16], SECRET, &[0x80]].concat();
    let picture = [&[0x65][..], PICTURE].concat();
    [&n(message.len() as u32)[..], &message, &n(picture.len() as u32), &picture].concat()
}

fn times(kind: &[u8; 4], duration: u32, rest: &[u8]) -> Vec<u8> {
    boxed(kind, &[&n(0), &MADE, &MADE, &n(SCALE), &n(duration), rest])
}

fn matrix(turned: bool) -> Vec<u8> {
    let one = 0x0001_0000;
    let of = if turned { [0, one, 0, u32::MAX << 16, 0, 0, 0, 0, 0x4000_0000] } else { [one, 0, 0, 0, one, 0, 0, 0, 0x4000_0000] };
    of.iter().flat_map(|value| n(*value)).collect()
}

/// A track of `count` samples, all of one chunk at `offset`.
fn track(recipe: &Recipe, handler: &[u8; 4], entry: &[u8], sizes: &[u32], offset: u32) -> Vec<u8> {
    let (count, length) = (sizes.len() as u32, recipe.seconds * SCALE);
    let turned = recipe.turned && handler == b"vide";
    let head = boxed(b"tkhd", &[&n(7), &MADE, &MADE, &n(1), &n(0), &n(length), &[0; 16], &matrix(turned), &[0; 8]]);
    let sizes: Vec<u8> = sizes.iter().flat_map(|size| n(*size)).collect();
    let table = boxed(
        b"stbl",
        &[
            &boxed(b"stsd", &[&n(0), &n(1), entry]),
            &boxed(b"stts", &[&n(0), &n(1), &n(count), &n(length / count.max(1))]),
            &boxed(b"stsc", &[&n(0), &n(1), &n(1), &n(count), &n(1)]),
            &boxed(b"stsz", &[&n(0), &n(0), &n(count), &sizes]),
            &boxed(b"stco", &[&n(0), &n(1), &n(offset)]),
        ],
    );
    let place = boxed(b"dinf", &[&boxed(b"dref", &[&n(0), &n(1), &boxed(b"url ", &[&n(1)])])]);
    let media = boxed(
        b"mdia",
        &[
            &times(b"mdhd", length, &n(0)),
            &boxed(b"hdlr", &[&n(0), &n(0), handler, &[0; 12], b"Phone 17 Pro\0"]),
            &boxed(b"minf", &[&boxed(b"vmhd", &[&[0; 12]]), &place, &table]),
        ],
    );
    let edits = boxed(b"edts", &[&boxed(b"elst", &[&n(0), &n(1), &n(length), &n(0), &n(0x0001_0000)])]);
    boxed(b"trak", &[&head, &edits, &media, &boxed(b"udta", &[&boxed(b"name", &[SECRET])])])
}

fn picture_entry(recipe: &Recipe) -> Vec<u8> {
    let size = [recipe.width.to_be_bytes(), recipe.height.to_be_bytes()].concat();
    let coder = [&[8][..], b"Phone 17", &[0; 23]].concat();
    let set_up = match &recipe.picture {
        b"av01" => boxed(b"av1C", &[&[0x81, 0, 0, 0]]),
        b"hvc1" | b"hev1" => boxed(b"hvcC", &[&[1; 21], &[3, 0]]),
        _ => boxed(b"avcC", &[&[1, 0x64, 0, 0x1F, 0xFF, 0xE0, 0]]),
    };
    let maker = [&[0; 4][..], b"phon", &[0; 8]].concat();
    boxed(&recipe.picture, &[&[0; 6], &[0, 1], &maker, &size, &[0; 14], &coder, &[0; 4], &set_up, &boxed(b"uuid", &[&[9; 16], SECRET])])
}

fn sound_entry(kind: &[u8; 4]) -> Vec<u8> {
    let stream = boxed(b"esds", &[&n(0), &[3, 25, 0, 1, 0, 4, 17, 0x40, 0x15, 0, 0, 0], &[0; 8], &[5, 2, 0x12, 0x10], &[6, 1, 2]]);
    boxed(kind, &[&[0; 6], &[0, 1], &[0; 8], &[0, 2, 0, 16, 0, 0, 0, 0], &n(48_000 << 16), &stream])
}

impl Recipe {
    /// The file: the frames first, so that they have their places before the tables are written.
    pub fn mp4(&self) -> Vec<u8> {
        let brands = boxed(b"ftyp", &[&self.brand, &n(0x200), &self.brand, b"PHON"]);
        let frames = (0..self.seconds).map(|_| frame()).collect::<Vec<_>>();
        let first = brands.len() as u32 + 8;
        let (picture, tone) = (frames.concat(), b"what is to be heard");
        let (heard, placed) = (first + picture.len() as u32, first + picture.len() as u32 + tone.len() as u32);
        let sizes: Vec<u32> = frames.iter().map(|frame| frame.len() as u32).collect();
        let mut tracks = vec![track(self, b"vide", &picture_entry(self), &sizes, first)];
        if let Some(kind) = &self.sound {
            tracks.push(track(self, b"soun", &sound_entry(kind), &[tone.len() as u32], heard));
        }
        let positions = boxed(b"mett", &[&[0; 6], &[0, 1], b"application/gps\0"]);
        tracks.push(track(self, b"meta", &positions, &[SECRET.len() as u32], placed));
        let whole = times(b"mvhd", self.seconds * SCALE, &[&[0; 16][..], &matrix(false), &[7; 24], &n(9)].concat());
        let said = boxed(b"udta", &[&boxed(b"\xa9xyz", &[&[0, 18, 0, 0], SECRET]), &boxed(b"\xa9mod", &[b"Phone 17 Pro"])]);
        let more = boxed(b"meta", &[&n(0), &boxed(b"ilst", &[SECRET])]);
        let movie = boxed(b"moov", &[&whole, &tracks.concat(), &said, &more]);
        let data = boxed(b"mdat", &[&picture, tone, SECRET, b"between the samples"]);
        [brands, data, movie, boxed(b"uuid", &[&[8; 16], SECRET]), boxed(b"free", &[SECRET])].concat()
    }
}

/// An element of this id, with these parts one after another.
pub fn element(id: u32, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let id = id.to_be_bytes();
    let from = id.iter().position(|byte| *byte != 0).unwrap_or(3);
    [&id[from..], &(body.len() as u64 | 1 << 56).to_be_bytes(), &body].concat()
}

/// A WebM of a frame a second, `codec` by its name there; with tags, an attachment, a track of positions and its blocks.
pub fn webm(seconds: u32, codec: &str) -> Vec<u8> {
    let header = element(0x1A45_DFA3, &[&element(0x4282, &[b"webm"]), &element(0x4287, &[&[4]])]);
    let track = |number: u8, kind: u8, name: &str, more: &[u8]| {
        let parts = [element(0xD7, &[&[number]]), element(0x83, &[&[kind]]), element(0x86, &[name.as_bytes()]), element(0x536E, &[SECRET])];
        element(0xAE, &[&parts.concat(), more])
    };
    let size = element(0xE0, &[&element(0xB0, &[&640_u16.to_be_bytes()]), &element(0xBA, &[&360_u16.to_be_bytes()])]);
    let tracks =
        [track(1, 1, codec, &size), track(2, 2, "A_OPUS", &element(0xE1, &[&element(0x9F, &[&[1]])])), track(3, 17, "S_TEXT/UTF8", &[])];
    let info = [
        element(0x002A_D7B1, &[&1_000_000_u32.to_be_bytes()]),
        element(0x4D80, &[b"Phone 17 Pro"]),
        element(0x7BA9, &[SECRET]),
        element(0x4461, &[&MADE, &MADE]),
    ];
    let block = |number: u8, after: u16, what: &[u8]| [&[0x80 | number][..], &after.to_be_bytes(), &[0x80], what].concat();
    let clusters: Vec<u8> = (0..=seconds)
        .flat_map(|second| {
            let positions = element(0xA0, &[&element(0xA1, &[&block(3, 0, SECRET)])]);
            let more = element(0x75A1, &[SECRET]);
            let group = element(0xA0, &[&element(0xA1, &[&block(2, 0, b"what is to be heard")]), &more]);
            let time = element(0xE7, &[&(second * 1000).to_be_bytes()]);
            element(0x1F43_B675, &[&time, &element(0xA3, &[&block(1, 0, PICTURE)]), &group, &positions])
        })
        .collect();
    let seek = |id: u32| element(0x4DBB, &[&element(0x53AB, &[&id.to_be_bytes()]), &element(0x53AC, &[&[0, 0]])]);
    let parts = [
        element(0x114D_9B74, &[&seek(0x1654_AE6B), &seek(0x1254_C367)]),
        element(0x1549_A966, &[&info.concat()]),
        element(0x1654_AE6B, &[&tracks.concat()]),
        clusters,
        element(0x1254_C367, &[SECRET]),
        element(0x1941_A469, &[SECRET]),
    ];
    [header, element(0x1853_8067, &[&parts.concat()])].concat()
}
