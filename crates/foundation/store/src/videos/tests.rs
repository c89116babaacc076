//! Videos as phones and ill-wishers send them.

use super::samples::{PICTURE, Recipe, SECRET, boxed, element, webm};
use super::*;

fn read(mut bytes: Vec<u8>) -> (Result<Film>, Vec<u8>) {
    let film = prepare(&mut bytes, &LIMITS);
    (film, bytes)
}

fn refused(bytes: Vec<u8>) -> String {
    read(bytes).0.unwrap_err().code().to_owned()
}

fn count(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).filter(|window| *window == what).count()
}

/// Where `what` stands for the first time.
fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|window| window == what).unwrap()
}

const MAKER: &[u8] = b"Phone 17";

#[test]
fn of_a_phones_film_stay_picture_and_sound_and_nothing_else() {
    let sent = Recipe::default().mp4();
    let (film, kept) = read(sent.clone());
    assert_eq!(film.unwrap(), Film { media: Media::Mp4, width: 1280, height: 720, duration_ms: 12_000 });
    assert_eq!(kept.len(), sent.len(), "no offset moves");
    assert!(count(&sent, SECRET) > 12 && count(&sent, MAKER) > 3);
    assert_eq!((count(&kept, SECRET), count(&kept, MAKER), count(&kept, b"PHON"), count(&kept, b"phon")), (0, 0, 0, 0));
    assert_eq!(count(&kept, &[0xE3, 0x11, 0x22, 0x33]), 0, "the time of making");
    assert_eq!((count(&kept, PICTURE), count(&kept, b"what is to be heard")), (12, 1));
    assert_eq!(count(&kept, b"between the samples"), 0);
    for gone in [&b"udta"[..], b"uuid", b"meta", b"\xa9xyz", b"ilst", b"mett"] {
        assert_eq!(count(&kept, gone), 0, "{}", String::from_utf8_lossy(gone));
    }
    let (again, same) = read(kept.clone());
    assert!(again.is_ok() && same == kept, "what was kept once is kept again as it is");
}

#[test]
fn a_film_taken_upright_is_higher_than_wide() {
    let (film, _) = read(Recipe { brand: *b"qt  ", turned: true, ..Recipe::default() }.mp4());
    assert_eq!(film.unwrap(), Film { media: Media::Quicktime, width: 720, height: 1280, duration_ms: 12_000 });
}

#[test]
fn the_list_of_codings_is_closed() {
    for picture in [b"avc1", b"hvc1", b"hev1", b"av01"] {
        // The frames of the sample are H.264's; a length of four bytes is HEVC's too.
        let recipe = Recipe { picture: *picture, ..Recipe::default() };
        let (film, _) = read(recipe.mp4());
        if picture != b"av01" {
            assert_eq!(film.unwrap().width, 1280);
        }
    }
    for picture in [b"mp4v", b"encv", b"jpeg", b"rle ", b"\0\0\0\0"] {
        assert_eq!(refused(Recipe { picture: *picture, ..Recipe::default() }.mp4()), "attachment.video_codec");
    }
    for sound in [b"samr", b"twos", b"enca"] {
        assert_eq!(refused(Recipe { sound: Some(*sound), ..Recipe::default() }.mp4()), "attachment.video_codec");
    }
    assert!(read(Recipe { sound: None, ..Recipe::default() }.mp4()).0.is_ok());
}

#[test]
fn a_minute_and_no_more() {
    for (seconds, code) in [(60, None), (61, Some("attachment.video_too_long")), (7_000, Some("attachment.video_too_long"))] {
        let film = read(Recipe { seconds, ..Recipe::default() }.mp4()).0;
        assert_eq!(film.err().map(|error| error.code().to_owned()).as_deref(), code, "{seconds}");
        let film = read(webm(seconds, "V_VP9")).0;
        assert_eq!(film.err().map(|error| error.code().to_owned()).as_deref(), code, "{seconds}");
    }
    // A length that the whole says is not believed against its frames.
    let mut short = Recipe { seconds: 90, ..Recipe::default() }.mp4();
    for head in [&b"mvhd"[..], b"tkhd", b"elst"] {
        let at = find(&short, head) + 4;
        let long = 90_u32 * 600;
        let from = find(&short[at..], &long.to_be_bytes()) + at;
        short[from..from + 4].copy_from_slice(&[0, 0, 0, 9]);
    }
    assert_eq!(refused(short), "attachment.video_too_long");
    let wide = Recipe { width: 5000, ..Recipe::default() };
    assert_eq!(refused(wide.mp4()), "attachment.video_pixels");
    assert_eq!(refused(Recipe { height: 0, ..Recipe::default() }.mp4()), "attachment.video_pixels");
    let large = vec![0; LIMITS.upload_bytes + 1];
    assert_eq!(refused(large), "attachment.video_too_large");
}

#[test]
fn what_is_no_video_is_named_so() {
    for other in
        [&b""[..], b"GIF89a\x01\0", b"\xFF\xD8\xFF\xE0", b"RIFF\0\0\0\0AVI LIST", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"\0\0\0\x08ftyp"]
    {
        let code = refused(other.to_vec());
        assert!(["attachment.not_a_video", "attachment.video_corrupt"].contains(&code.as_str()), "{code}");
    }
    assert_eq!(refused(element(0x1A45_DFA3, &[&element(0x4282, &[b"matroska"])])), "attachment.not_a_video");
    let whole = Recipe::default().mp4();
    assert_eq!(refused([whole, boxed(b"moof", &[])].concat()), "attachment.video_unusual");
}

#[test]
fn a_film_cut_off_anywhere_is_refused() {
    let mp4 = Recipe { seconds: 2, ..Recipe::default() }.mp4();
    // What stands behind the index may be missing as a whole.
    let index = find(&mp4, b"moov") - 4;
    let needed = index + u32::from_be_bytes(mp4[index..index + 4].try_into().unwrap()) as usize;
    let webm = webm(1, "V_VP8");
    for (whole, needed) in [(&mp4, needed), (&webm, webm.len())] {
        for length in 0..needed {
            assert!(read(whole[..length].to_vec()).0.is_err(), "{length} of {}", whole.len());
        }
    }
}

#[test]
fn sizes_that_lie_are_found_out() {
    let whole = Recipe { seconds: 2, ..Recipe::default() }.mp4();
    for kind in
        [&b"moov"[..], b"mvhd", b"trak", b"tkhd", b"mdia", b"mdhd", b"hdlr", b"minf", b"stbl", b"stsd", b"stts", b"stsz", b"stco", b"mdat"]
    {
        let at = find(&whole, kind) - 4;
        for size in [0_u32, 1, 2, 7, 8, 9, 12, 0x7FFF_FFFF, u32::MAX] {
            let mut bytes = whole.clone();
            bytes[at..at + 4].copy_from_slice(&size.to_be_bytes());
            let (film, _) = read(bytes);
            // A size of zero at the top goes on to the end of the file: the index may.
            assert!(film.is_err() || (kind == b"moov" && size == 0), "{} of {size}", String::from_utf8_lossy(kind));
        }
    }
    for table in [&b"stts"[..], b"stsc", b"stsz", b"stco", b"elst", b"dref"] {
        let at = find(&whole, table) + if table == b"stsz" { 12 } else { 8 };
        for rows in [0x00FF_FFFF_u32, u32::MAX] {
            let mut bytes = whole.clone();
            bytes[at..at + 4].copy_from_slice(&rows.to_be_bytes());
            // The entry of references is read as far as there is one.
            assert!(read(bytes).0.is_err() || table == b"dref", "{}", String::from_utf8_lossy(table));
        }
    }
    // A million frames of one size need no table.
    let mut bytes = whole.clone();
    let at = find(&whole, b"stsz") + 8;
    bytes[at..at + 8].copy_from_slice(&[0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!(refused(bytes), "attachment.video_corrupt");
    // Frames that lie in the tables themselves would be overwritten as frames.
    let mut bytes = whole.clone();
    let (at, index) = (find(&whole, b"stco") + 12, find(&whole, b"moov") as u32);
    bytes[at..at + 4].copy_from_slice(&index.to_be_bytes());
    assert_eq!(refused(bytes), "attachment.video_corrupt");
}

#[test]
fn boxes_without_end_and_without_bottom_are_given_up() {
    let start = boxed(b"ftyp", &[b"isom", &[0; 4]]);
    let many = [start.clone(), boxed(b"free", &[]).repeat(1 << 20)].concat();
    assert_eq!(refused(many), "attachment.video_corrupt");
    let within = boxed(b"moov", &[&boxed(b"free", &[]).repeat(1 << 20)]);
    assert_eq!(refused([start.clone(), within].concat()), "attachment.video_corrupt");
    let mut nested = Vec::new();
    for _ in 0..2_000 {
        nested = boxed(b"trak", &[&nested]);
    }
    assert_eq!(refused([start, boxed(b"moov", &[&nested])].concat()), "attachment.video_corrupt");
    let header = element(0x1A45_DFA3, &[&element(0x4282, &[b"webm"])]);
    let many = element(0x1853_8067, &[&element(0xEC, &[]).repeat(1 << 18)]);
    assert_eq!(refused([header.clone(), many].concat()), "attachment.video_corrupt");
    let mut nested = Vec::new();
    for _ in 0..500 {
        nested = element(0xAE, &[&nested]);
    }
    assert!(read([header, element(0x1853_8067, &[&element(0x1654_AE6B, &[&nested])])].concat()).0.is_err());
}

#[test]
fn of_a_webm_stay_picture_and_sound_and_nothing_else() {
    let sent = webm(9, "V_VP9");
    let (film, kept) = read(sent.clone());
    assert_eq!(film.unwrap(), Film { media: Media::Webm, width: 640, height: 360, duration_ms: 9_000 });
    assert_eq!(kept.len(), sent.len());
    assert!(count(&sent, SECRET) > 20);
    assert_eq!((count(&kept, SECRET), count(&kept, MAKER)), (0, 0));
    assert_eq!((count(&kept, PICTURE), count(&kept, b"what is to be heard")), (10, 10));
    assert_eq!(read(kept.clone()).1, kept, "what was kept once is kept again as it is");
    assert_eq!(refused(webm(3, "V_MPEG4/ISO/AVC")), "attachment.video_codec");
}

#[test]
fn messages_that_tell_how_to_show_the_picture_stay() {
    let unit = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat();
    // Where decoding can begin; with it, words of the coder; a picture; and words within threes that hide their size.
    let kept = unit(&[6, 6, 1, 0xC0, 0x80]);
    let mixed = unit(&[6, 6, 1, 0xC0, 5, 2, 1, 2, 0x80]);
    let hidden = unit(&[6, 6, 3, 0, 0, 3, 1, 4, 1, 9, 0x80]);
    let mut sample = [&kept[..], &mixed, &unit(&[0x65, 1, 2]), &hidden].concat();
    frames::hush(&mut sample, frames::Coding::H264 { length_bytes: 4 }).unwrap();
    let filler = |length: usize| unit(&[&[12][..], &vec![0xFF; length - 2], &[0x80]].concat());
    assert_eq!(sample, [&kept[..], &filler(9), &unit(&[0x65, 1, 2]), &filler(11)].concat());
    let mut cut = kept[..6].to_vec();
    assert!(frames::hush(&mut cut, frames::Coding::H264 { length_bytes: 4 }).is_err());
    // AV1: a unit of metadata with its length.
    let mut sample = vec![0x2A, 3, 4, 1, 2, 0x32, 1, 9];
    frames::hush(&mut sample, frames::Coding::Av1).unwrap();
    assert_eq!(sample, [0x7A, 3, 0, 0, 0x80, 0x32, 1, 9]);
}

#[test]
fn broken_bytes_never_bring_the_program_down() {
    let entropy = kernel::Entropy::seeded(11);
    for whole in [Recipe { seconds: 3, ..Recipe::default() }.mp4(), webm(2, "V_VP9")] {
        for _ in 0..4_000 {
            let mut bytes = whole.clone();
            for _ in 0..3 {
                let at = usize::try_from(entropy.below(bytes.len() as u64)).unwrap();
                bytes[at] = u8::try_from(entropy.below(256)).unwrap();
            }
            if let Err(error) = read(bytes).0 {
                assert!(error.code().starts_with("attachment."), "{error}");
            }
        }
    }
}
