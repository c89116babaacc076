//! What a picture looks like, in 64 bits, so that the same picture is found again though it was sent anew, made smaller or lighter.
//!
//! The difference hash of N. Krawetz, "Kind of Like That" (The Hacker Factor Blog, January 2013): of nine by eight shades of grey, whether
//! each is lighter than the one to its right.

use ::image::RgbImage;

const COLUMNS: usize = 9;
const ROWS: usize = 8;
/// Shades of grey by which neighbours differ at least to be told apart by more than the noise of a camera.
const TOLD_APART: u32 = 3;
/// Of the 64 pairs so many must be told apart: a wall, a night or a hand before the lens looks like every other.
const LEAST_TOLD: usize = 24;
/// Bits in which two pictures of one thing may differ; four bands of sixteen bits then have one that is the same in both.
pub const MOST_DIFFERENT: u32 = 3;
/// Of pictures that share a band, each is compared with so many others.
const MOST_BESIDE: usize = 64;

/// `None` of a picture that shows next to nothing.
pub fn look(picture: &RgbImage) -> Option<u64> {
    let shades = shades(picture);
    let (mut bits, mut told) = (0_u64, 0);
    for row in shades.chunks(COLUMNS) {
        for pair in row.windows(2) {
            bits = (bits << 1) | u64::from(pair[0] > pair[1]);
            told += usize::from(pair[0].abs_diff(pair[1]) >= TOLD_APART);
        }
    }
    (told >= LEAST_TOLD).then_some(bits)
}

/// Nine by eight means of what lies below each, in shades of 0 to 255 (ITU-R BT.601).
fn shades(picture: &RgbImage) -> Vec<u32> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let (mut sums, mut counts) = (vec![0_u64; COLUMNS * ROWS], vec![0_u64; COLUMNS * ROWS]);
    for (x, y, pixel) in picture.enumerate_pixels() {
        let [red, green, blue] = pixel.0.map(u64::from);
        let at = y as usize * ROWS / height * COLUMNS + x as usize * COLUMNS / width;
        sums[at] += 299 * red + 587 * green + 114 * blue;
        counts[at] += 1000;
    }
    let mean = |(sum, count): (&u64, &u64)| u32::try_from(sum / (*count).max(1)).unwrap_or(255);
    sums.iter().zip(&counts).map(mean).collect()
}

/// Pairs of these that differ in [`MOST_DIFFERENT`] bits at most, by their places in the list.
///
/// Each is compared with those alone that have one of its four bands of sixteen bits, and of a band that very many share with the next
/// few: the cost grows with their number, not with its square.
pub fn pairs(looks: &[u64]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for band in 0..4 {
        let bits = |look: u64| (look >> (16 * band)) & 0xFFFF;
        let mut order: Vec<usize> = (0..looks.len()).collect();
        // Whole looks within a band, so that the same ones stand beside each other.
        order.sort_by_key(|at| (bits(looks[*at]), looks[*at], *at));
        for (nth, one) in order.iter().enumerate() {
            let such = order[nth + 1..].iter().take(MOST_BESIDE).take_while(|other| bits(looks[**other]) == bits(looks[*one]));
            let near = such.filter(|other| (looks[**other] ^ looks[*one]).count_ones() <= MOST_DIFFERENT);
            found.extend(near.map(|other| (*one.min(other), *one.max(other))));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some shapes on a ground that is nowhere even.
    fn scene(seed: u32, width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let (x, y) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
            let wave = |fast: f64, turn: f64| ((x * fast + y * turn + f64::from(seed)) * f64::from(seed % 7 + 3)).sin();
            let shade = |fast, turn| (128.0 + 100.0 * wave(fast, turn)) as u8;
            ::image::Rgb([shade(2.0, 1.0), shade(3.0, -2.0), shade(1.0, 4.0)])
        })
    }

    #[test]
    fn the_same_picture_smaller_lighter_or_saved_anew_looks_the_same() {
        for seed in 1..20 {
            let one = look(&scene(seed, 640, 480)).unwrap();
            let smaller = look(&scene(seed, 200, 150)).unwrap();
            let mut lighter = scene(seed, 640, 480);
            lighter.pixels_mut().for_each(|pixel| pixel.0 = pixel.0.map(|part| part / 8 * 7 + 20));
            let lighter = look(&lighter).unwrap();
            let jpeg = crate::images::encode(&scene(seed, 640, 480), 40).unwrap();
            let anew = look(&::image::load_from_memory(&jpeg).unwrap().into_rgb8()).unwrap();
            for other in [smaller, lighter, anew] {
                assert!((one ^ other).count_ones() <= MOST_DIFFERENT, "{seed}: {one:064b} {other:064b}");
            }
        }
    }

    #[test]
    fn other_pictures_look_otherwise_and_what_shows_nothing_has_no_look() {
        for seed in 1..20 {
            let (one, other) = (look(&scene(seed, 640, 480)).unwrap(), look(&scene(seed + 1, 640, 480)).unwrap());
            assert!((one ^ other).count_ones() > 3 * MOST_DIFFERENT, "{seed}");
        }
        assert_eq!(look(&RgbImage::from_pixel(640, 480, ::image::Rgb([40, 40, 40]))), None);
        assert_eq!(look(&RgbImage::from_fn(640, 480, |x, y| ::image::Rgb([((x ^ y) & 1) as u8; 3]))), None, "noise of a dark lens");
        assert!(look(&RgbImage::from_fn(2, 2, |x, y| ::image::Rgb([(x * 90 + y * 60) as u8; 3]))).is_none_or(|bits| bits > 0));
    }

    #[test]
    fn pairs_are_found_wherever_they_differ_and_no_others() {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state ^ (state >> 31)
        };
        let mut looks: Vec<u64> = (0..400).map(|_| next()).collect();
        let mut expected = Vec::new();
        for at in 0..60 {
            let flips = (0..at % 4).fold(0, |flips, _| flips | (1 << (next() % 64)));
            expected.push((at, looks.len()));
            looks.push(looks[at] ^ flips);
        }
        looks.push(looks[100] ^ 0b1_0001_0000_0000_0001_0000_0000_0001);
        assert_eq!(pairs(&looks), expected, "four bits apart is another picture");
        // Many that are the same are no trouble, and hang together.
        let same = pairs(&[5; 3000]);
        assert!(same.len() < 3000 * 4 * MOST_BESIDE && same.contains(&(0, 1)) && same.contains(&(2998, 2999)));
    }
}
