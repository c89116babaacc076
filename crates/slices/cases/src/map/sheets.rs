//! Tiles as they were drawn, for as long as what they were drawn of stands: whoever moves the map about, and whoever looks at the
//! same list beside them, is not drawn the same picture twice.

use super::hotspots::Found;
use super::past::List;
use super::world::Tile;
use crate::listing::{Filter, Leg};
use axum::body::Bytes;
use kernel::Instant;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Sheets remembered over all tenants.
const MOST_SHEETS: usize = 128;
/// Tiles of a sheet; beyond them it begins anew.
const MOST_TILES: usize = 256;
/// Bytes of all tiles over all tenants; beyond them the sheets that were not asked for longest are forgotten.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What tiles are drawn of. Two that are equal draw the same, until a clock runs out.
#[derive(Debug, Clone)]
pub enum Of {
    /// A list of cases under way, as they stood at an edition of them.
    Live(u64, Box<(Filter, Vec<Leg>)>),
    List(List),
    Found(Arc<Found>),
}

impl Of {
    fn is(&self, other: &Of) -> bool {
        match (self, other) {
            (Of::Live(edition, list), Of::Live(of, other)) => edition == of && list == other,
            (Of::List(one), Of::List(other)) => Arc::ptr_eq(one, other),
            (Of::Found(one), Of::Found(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

struct Sheet {
    of: Of,
    /// Drawn at `from`; at `until` a lamp changes.
    from: Instant,
    until: Instant,
    tiles: HashMap<Tile, Bytes>,
    bytes: usize,
}

/// The sheets that were asked for lately, the latest first.
#[derive(Default)]
pub struct Memory {
    sheets: Mutex<Vec<Sheet>>,
}

impl Memory {
    /// The tile as it was drawn, or drawn now. `until` says when a lamp of what is drawn changes next.
    pub fn tile(&self, of: Of, tile: Tile, now: Instant, until: impl FnOnce() -> Instant, draw: impl FnOnce() -> Vec<u8>) -> Bytes {
        let holds = |sheet: &Sheet| sheet.from <= now && now < sheet.until && sheet.of.is(&of);
        {
            let mut sheets = self.sheets.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(at) = sheets.iter().position(holds) {
                sheets[..=at].rotate_right(1);
                if let Some(bytes) = sheets[0].tiles.get(&tile) {
                    return bytes.clone();
                }
            }
        }
        // Not under the lock: others' tiles need not wait for this one.
        let drawn = Bytes::from(draw());
        let until = until();
        let mut sheets = self.sheets.lock().unwrap_or_else(PoisonError::into_inner);
        if !sheets.iter().any(holds) {
            sheets.insert(0, Sheet { of: of.clone(), from: now, until, tiles: HashMap::new(), bytes: 0 });
            sheets.truncate(MOST_SHEETS);
        }
        if let Some(sheet) = sheets.iter_mut().find(|sheet| holds(sheet)) {
            if sheet.tiles.len() >= MOST_TILES {
                (sheet.tiles, sheet.bytes) = (HashMap::new(), 0);
            }
            if sheet.tiles.insert(tile, drawn.clone()).is_none() {
                sheet.bytes += drawn.len();
            }
        }
        while sheets.iter().map(|sheet| sheet.bytes).sum::<usize>() > MOST_BYTES {
            sheets.pop();
        }
        drawn
    }
}

/// When the first of these clocks runs out that has not yet: to the microsecond, as what is red is red after its deadline.
pub fn next(clocks: impl Iterator<Item = Instant>, now: Instant) -> Instant {
    clocks.filter(|at| *at >= now).min().map_or(Instant(i64::MAX), |at| Instant(at.0.max(now.0 + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_drawn_again_when_its_cases_or_a_lamp_change() {
        let memory = Memory::default();
        let of = |edition, stage| Of::Live(edition, Box::new((Filter { stage, ..Filter::default() }, vec![Leg::All])));
        let tile = Tile { z: 3, x: 1, y: 2 };
        let mut drawn = 0;
        let mut ask = |of: Of, tile: Tile, now: i64, due: i64| {
            let until = || next([Instant(due)].into_iter(), Instant(now));
            memory.tile(of, tile, Instant(now), until, || {
                drawn += 1;
                vec![drawn]
            })[0]
        };
        let closed = Some(crate::steps::Stage::Closed);
        assert_eq!(ask(of(1, None), tile, 10, 20), 1);
        assert_eq!(ask(of(1, None), tile, 19, 20), 1, "nothing changed");
        assert_eq!(ask(of(1, closed), tile, 19, 20), 2, "another list");
        assert_eq!(ask(of(1, None), Tile { z: 3, x: 1, y: 3 }, 19, 20), 3, "another tile");
        assert_eq!(ask(of(1, None), tile, 20, 20), 4, "the deadline");
        assert_eq!(ask(of(1, None), tile, 21, 20), 5, "just after it");
        assert_eq!(ask(of(1, None), tile, 1_000, 20), 5, "no clock runs any more");
        assert_eq!(ask(of(2, None), tile, 1_000, 20), 6, "a case changed");
        let found = Arc::new(Found::default());
        assert_eq!(ask(Of::Found(Arc::clone(&found)), tile, 1_000, 20), 7);
        assert_eq!(ask(Of::Found(found), tile, 1_000, 20), 7);
        assert_eq!(ask(Of::Found(Arc::default()), tile, 1_000, 20), 8, "another answer");
    }

    #[test]
    fn what_was_not_asked_for_long_is_forgotten_and_a_full_sheet_begins_anew() {
        let memory = Memory::default();
        let ask = |edition: u64, x: u32| {
            let of = Of::Live(edition, Box::default());
            memory.tile(of, Tile { z: 20, x, y: 0 }, Instant(0), || Instant(i64::MAX), || vec![1; 64 * 1024]);
        };
        let kept = || {
            let sheets = memory.sheets.lock().unwrap();
            let bytes = sheets.iter().flat_map(|sheet| sheet.tiles.values()).map(Bytes::len).sum::<usize>();
            assert!(bytes <= MOST_BYTES && sheets.iter().all(|sheet| sheet.tiles.len() <= MOST_TILES), "{bytes}");
            (sheets.len(), bytes)
        };
        (0..300).for_each(|edition| ask(edition, 0));
        assert_eq!(kept(), (MOST_SHEETS, MOST_SHEETS * 64 * 1024));
        for x in 0..600 {
            ask(7_000, x);
            kept();
        }
        // What one list fills up by itself leaves the others no room.
        assert!(kept().0 < MOST_SHEETS);
    }
}
