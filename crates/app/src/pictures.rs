//! Pictures for the demo, drawn from a number: each visibly another scene, before (littered) or after (clean).

use store::attachments::Drawing;

const WIDTH: usize = 320;
const HEIGHT: usize = 240;

struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % bound.max(1) as u64).unwrap_or(0)
    }
    /// The same a little lighter or darker, as clouds and their shadows make it.
    fn lit(&mut self, colour: [u8; 3]) -> [u8; 3] {
        let (by, darker) = (u8::try_from(8 + self.below(14)).unwrap_or(0), self.below(2) == 0);
        colour.map(|part| if darker { part.saturating_sub(by) } else { part.saturating_add(by) })
    }
    fn colour(&mut self, base: [u8; 3], spread: usize) -> [u8; 3] {
        base.map(|part| part.saturating_add(u8::try_from(self.below(spread)).unwrap_or(0)))
    }
}

struct Canvas(Vec<u8>);

impl Canvas {
    fn rect(&mut self, x: usize, y: usize, w: usize, h: usize, colour: [u8; 3]) {
        for row in y..(y + h).min(HEIGHT) {
            for column in x..(x + w).min(WIDTH) {
                self.0[(row * WIDTH + column) * 3..][..3].copy_from_slice(&colour);
            }
        }
    }
    fn heap(&mut self, x: usize, base: usize, size: usize, colour: [u8; 3]) {
        for row in 0..size {
            let half = size - row;
            self.rect(x.saturating_sub(half), base.saturating_sub(row), half * 2, 1, colour);
        }
    }
}

/// A place as a camera would see it: sky, buildings, ground, and what lies about (or no longer does).
pub fn drawing(seed: u64, clean: bool) -> Drawing {
    let mut chance = Chance(seed);
    let mut canvas = Canvas(vec![0; WIDTH * HEIGHT * 3]);
    let horizon = 90 + chance.below(60);
    let sky = chance.colour([150, 170, 185], 60);
    canvas.rect(0, 0, WIDTH, horizon, sky);
    for _ in 0..3 + chance.below(3) {
        let cloud = chance.lit(sky);
        canvas.rect(chance.below(WIDTH), chance.below(70), 50 + chance.below(90), 14 + chance.below(30), cloud);
    }
    let mut x = 0;
    while x < WIDTH {
        let (w, h) = (30 + chance.below(70), 30 + chance.below(horizon - 30));
        let wall = chance.colour([120, 110, 100], 90);
        canvas.rect(x, horizon.saturating_sub(h), w, h, wall);
        let pane = chance.colour([60, 80, 100], 60);
        for row in 0..h / 16 {
            for column in 0..w / 14 {
                canvas.rect(x + 4 + column * 14, horizon.saturating_sub(h) + 5 + row * 16, 7, 8, pane);
            }
        }
        x += w + chance.below(24);
    }
    let ground = if clean { chance.colour([120, 150, 110], 40) } else { chance.colour([125, 115, 95], 40) };
    canvas.rect(0, horizon, WIDTH, HEIGHT - horizon, ground);
    for _ in 0..3 + chance.below(3) {
        let shade = chance.lit(ground);
        canvas.rect(chance.below(WIDTH), horizon + chance.below(HEIGHT - horizon), 50 + chance.below(90), 14 + chance.below(40), shade);
    }
    let path = chance.colour([165, 160, 150], 40);
    canvas.rect(chance.below(180), horizon, 50 + chance.below(60), HEIGHT - horizon, path);
    let things = if clean { 2 + chance.below(3) } else { 8 + chance.below(10) };
    for _ in 0..things {
        let (x, y) = (chance.below(WIDTH), horizon + 24 + chance.below(HEIGHT - horizon - 30));
        let colour = if clean { chance.colour([60, 120, 60], 60) } else { chance.colour([60, 50, 45], 150) };
        match chance.below(3) {
            0 => canvas.heap(x, y, 8 + chance.below(22), colour),
            1 => canvas.rect(x, y.saturating_sub(12), 14 + chance.below(30), 10 + chance.below(18), colour),
            _ => canvas.rect(x, y, 4 + chance.below(40), 4, colour),
        }
    }
    Drawing { width: WIDTH as u32, height: HEIGHT as u32, rgb: canvas.0, taken: Default::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_scenes_look_the_same() {
        // As many before as after; a demo has some five times as many, and twenty-five times the pairs.
        let drawings = (0..400).flat_map(|seed| [drawing(seed, false), drawing(seed + 500_000, true)]);
        let look = |one: Drawing| store::images::drawn(one.width, one.height, one.rgb, one.taken).unwrap().look;
        let looks: Vec<Option<u64>> = drawings.map(look).collect();
        let known: Vec<u64> = looks.iter().copied().flatten().collect();
        assert!(known.len() * 10 >= looks.len() * 9, "scenes are told apart: {}", known.len());
        assert_eq!(store::images::pairs(&known), []);
    }
}
