//! Photos as phones and ill-wishers send them.

use super::*;
use ::exif::experimental::Writer;
use ::exif::{Field, In, Rational, Tag, Value};
use kernel::Instant;

fn shanghai() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(8))
}

/// Left half red, right half blue, so that turning shows.
fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { ::image::Rgb([220, 20, 20]) } else { ::image::Rgb([20, 20, 220]) })
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    encode(picture, 90).unwrap()
}

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

fn with_exif(jpeg: &[u8], fields: &[Field]) -> Vec<u8> {
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, false).unwrap();
    let payload = [b"Exif\0\0".as_slice(), tiff.get_ref()].concat();
    let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &payload, &jpeg[2..]].concat()
}

fn field(tag: Tag, value: Value) -> Field {
    Field { tag, ifd_num: In::PRIMARY, value }
}

fn degrees(parts: [(u32, u32); 3]) -> Value {
    Value::Rational(parts.map(|(num, denom)| Rational { num, denom }).to_vec())
}

fn ascii(text: &str) -> Value {
    Value::Ascii(vec![text.as_bytes().to_vec()])
}

fn refused(bytes: &[u8]) -> String {
    prepare(bytes, &LIMITS, &shanghai()).unwrap_err().code().to_owned()
}

#[test]
fn a_photo_is_turned_upright_bounded_and_loses_its_metadata() {
    let sent = with_exif(
        &jpeg(&two_halves(2400, 1200)),
        &[
            field(Tag::Orientation, Value::Short(vec![6])),
            field(Tag::DateTimeOriginal, ascii("2026:02:11 14:03:20")),
            field(Tag::GPSLongitudeRef, ascii("E")),
            field(Tag::GPSLongitude, degrees([(120, 1), (6, 1), (0, 1)])),
            field(Tag::GPSLatitudeRef, ascii("N")),
            field(Tag::GPSLatitude, degrees([(35, 1), (56, 1), (2400, 100)])),
        ],
    );
    let kept = prepare(&sent, &LIMITS, &shanghai()).unwrap();
    assert_eq!((kept.width, kept.height), (960, 1920));
    assert_eq!(kept.taken.position, Some((1_201_000_000, 359_400_000)));
    assert_eq!(kept.taken.at, Some(Instant::from_timestamp("2026-02-11T06:03:20Z".parse().unwrap())));

    // Orientation 6 is turned by 90° to the right: what was left is now above.
    let upright = ::image::load_from_memory(&kept.full).unwrap().into_rgb8();
    assert!(upright.get_pixel(480, 100).0[0] > 180 && upright.get_pixel(480, 1800).0[2] > 180);
    for (bytes, longest) in [(&kept.full, 1920), (&kept.thumb, 480), (&kept.small, 160)] {
        assert_eq!(inspect(bytes, &LIMITS).unwrap().height, longest);
        assert!(!bytes.windows(4).any(|window| window == b"Exif"));
    }
}

#[test]
fn a_time_with_its_own_offset_is_read_by_it() {
    let sent = with_exif(
        &jpeg(&two_halves(40, 20)),
        &[field(Tag::DateTimeOriginal, ascii("2026:02:11 14:03:20")), field(Tag::OffsetTimeOriginal, ascii("+00:00"))],
    );
    let kept = prepare(&sent, &LIMITS, &shanghai()).unwrap();
    assert_eq!(kept.taken.at, Some(Instant::from_timestamp("2026-02-11T14:03:20Z".parse().unwrap())));
}

#[test]
fn times_and_places_that_cannot_be_are_left_out_and_the_photo_is_kept() {
    for (time, longitude) in [("0000:00:00 00:00:00", (181, 1)), ("2026:13:45 25:61:61", (1, 0)), ("yesterday", (0, 1))] {
        let sent = with_exif(
            &jpeg(&two_halves(40, 20)),
            &[
                field(Tag::DateTimeOriginal, ascii(time)),
                field(Tag::GPSLongitudeRef, ascii("E")),
                field(Tag::GPSLongitude, degrees([longitude, (0, 1), (0, 1)])),
                field(Tag::GPSLatitudeRef, ascii("N")),
                field(Tag::GPSLatitude, degrees([(0, 1), (0, 1), (0, 1)])),
            ],
        );
        assert_eq!(prepare(&sent, &LIMITS, &shanghai()).unwrap().taken, Taken::default(), "{time}");
    }
}

#[test]
fn a_header_that_promises_too_many_pixels_is_refused_before_decoding() {
    let mut huge = jpeg(&two_halves(40, 20));
    let frame = huge.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    huge[frame + 5..frame + 9].copy_from_slice(&[0x75, 0x30, 0x75, 0x30]);
    assert_eq!(refused(&huge), "attachment.too_many_pixels");

    let mut header = [b"IHDR".as_slice(), &30_000u32.to_be_bytes(), &30_000u32.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    header.extend(crc32(&header).to_be_bytes());
    let data = [b"IDAT".as_slice(), &crc32(b"IDAT").to_be_bytes()].concat();
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\x0d".as_slice(), &header, &[0; 4], &data].concat();
    assert_eq!(refused(&png), "attachment.too_many_pixels");

    // Within the sides, beyond the area.
    huge[frame + 5..frame + 9].copy_from_slice(&[0x2E, 0xE0, 0x2E, 0xE0]);
    assert_eq!(refused(&huge), "attachment.too_many_pixels");
}

/// CRC-32 of ISO 3309, as PNG chunks carry it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[test]
fn what_is_no_photo_is_named_so() {
    assert_eq!(refused(b""), "attachment.not_an_image");
    assert_eq!(refused(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"), "attachment.not_an_image");
    assert_eq!(refused(b"GIF89a\x01\0\x01\0\0\0\0;"), "attachment.not_an_image");
    assert_eq!(refused(&vec![0xFF; (15 << 20) + 1]), "attachment.too_large");
    assert_eq!(refused(b"\xFF\xD8\xFF\xE0 and then nothing"), "attachment.corrupt");
}

#[test]
fn a_photo_cut_off_on_the_way_is_corrupt_and_never_half_grey() {
    let whole = jpeg(&two_halves(400, 300));
    for part in [whole.len() - 2, whole.len() / 2, whole.len() / 8] {
        assert_eq!(refused(&whole[..part]), "attachment.corrupt");
    }
    let whole = png(&DynamicImage::ImageRgb8(two_halves(400, 300)));
    assert_eq!(refused(&whole[..whole.len() / 2]), "attachment.corrupt");
}

#[test]
fn broken_bytes_never_bring_the_program_down() {
    let sent = with_exif(&jpeg(&two_halves(64, 48)), &[field(Tag::Orientation, Value::Short(vec![3]))]);
    let entropy = kernel::Entropy::seeded(7);
    for _ in 0..400 {
        let mut broken = sent.clone();
        for _ in 0..3 {
            let at = usize::try_from(entropy.below(broken.len() as u64)).unwrap();
            broken[at] = u8::try_from(entropy.below(256)).unwrap();
        }
        if let Err(error) = prepare(&broken, &LIMITS, &shanghai()) {
            assert!(error.code().starts_with("attachment."), "{error}");
        }
    }
}

#[test]
fn transparency_becomes_white_paper_and_deep_colours_are_read() {
    let clear = ::image::RgbaImage::from_pixel(30, 20, ::image::Rgba([0, 0, 0, 0]));
    let kept = prepare(&png(&DynamicImage::ImageRgba8(clear)), &LIMITS, &shanghai()).unwrap();
    assert!(::image::load_from_memory(&kept.full).unwrap().into_rgb8().get_pixel(15, 10).0.iter().all(|part| *part > 250));

    let deep = DynamicImage::ImageRgb8(two_halves(30, 20)).into_rgb16();
    assert!(prepare(&png(&DynamicImage::ImageRgb16(deep)), &LIMITS, &shanghai()).is_ok());
    let grey = DynamicImage::ImageRgb8(two_halves(30, 20)).into_luma8();
    assert!(prepare(&png(&DynamicImage::ImageLuma8(grey)), &LIMITS, &shanghai()).is_ok());
}

#[test]
fn a_thin_strip_keeps_a_pixel_of_its_thin_side() {
    let kept = prepare(&jpeg(&two_halves(9000, 2)), &LIMITS, &shanghai()).unwrap();
    assert_eq!((kept.width, kept.height), (1920, 1));
}

#[test]
fn a_stamp_stands_in_the_lower_left_corner_and_leaves_the_rest() {
    let plain = jpeg(&RgbImage::from_pixel(960, 540, ::image::Rgb([90, 140, 90])));
    let stamped = ::image::load_from_memory(&stamp(&plain, "2026-02-11 14:03").unwrap()).unwrap().into_rgb8();
    let white = |from_y: u32, to_y: u32| {
        (from_y..to_y)
            .flat_map(|y| (0..960).map(move |x| (x, y)))
            .filter(|(x, y)| stamped.get_pixel(*x, *y).0.iter().all(|part| *part > 200))
            .count()
    };
    assert!(white(500, 540) > 300);
    assert_eq!(white(0, 480), 0);
    // A picture smaller than its caption is no reason to fail.
    assert!(stamp(&jpeg(&two_halves(8, 4)), "2026-02-11 14:03").is_ok());
}
