//! Hotspots for programs: where most was found in a month.

use super::Position;
use crate::listing::Filter;
use crate::map::hotspots::{Month, found};
use crate::map::hotspots_page::place_of;
use crate::months::SQUARE_BITS;
use crate::office::Office;
use crate::verbs::ListCases;
use api::params::FromText;
use api::{Answer, Call, Degrees, Schema, Schemas, Whole};
use kernel::coordinates::{Point, square_window};
use kernel::ids::{PlaceId, Uuid};
use serde_json::{Value, json};

/// The last square of the map.
const LAST_SQUARE: i64 = (1 << 34) - 1;
/// A square of the map, by its number.
pub type Square = Whole<0, LAST_SQUARE>;

api::operations! { "figures":
    /// Where most was found in a month, by squares of the map, the fullest first.
    ///
    /// Each square counts what the list of cases found in that month, of that category and `square`, gives.
    get "/hotspots" list_hotspots;
}

impl Schema for Month {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$" })
    }
}
impl FromText for Month {
    fn from_text(text: &str) -> Option<Self> {
        // Dates are read here in more ways than one.
        Month::parse(text).filter(|month| month.text == text)
    }
}

api::params! {
    pub struct WhichHotspots {
        /// As `2026-01`; the current month where nothing is said.
        month: Option<Month>,
        /// Only what is of this category.
        category: Option<Uuid>,
    }
}

api::object! {
    /// A square of the map in which something was found.
    pub struct HotSquare {
        /// Its number, for a list of its cases.
        square: i64,
        found: i64,
        /// The smallest place that its middle lies in, or the community that most of it belongs to.
        place: Option<PlaceId>,
        place_name: Option<String>,
        south_west: Position,
        north_east: Position,
    }
    /// The hotspots of a month.
    pub struct Hotspots {
        month: String,
        /// Found in all, with a position or without.
        total: i64,
        /// Found without a position.
        nowhere: i64,
        /// Counted from the first cases of a longer list.
        more: bool,
        squares: Vec<HotSquare>,
    }
}

fn position(point: Point) -> Position {
    Position { lng: Degrees(point.lng_degrees()), lat: Degrees(point.lat_degrees()) }
}

async fn list_hotspots(call: Call<(), WhichHotspots>) -> web::Result<Answer<Hotspots>> {
    let by = call.actor.permit_some::<ListCases>()?;
    let office = Office::of(&call).await?;
    let (store, now) = (&call.app.store, call.app.world.now());
    let month = call.query.month.clone().unwrap_or_else(|| Month::now(now, office.hours.zone()));
    let legs = office.legs(&by.reach(), &Filter::default());
    let found = found(store, by.tenant(), (&month, call.query.category), &legs, (&office, now)).await?;
    let polygons = call.app.get::<territory::Caches>().polygons(store, by.tenant()).await?;
    let square = |(square, n): (i64, i64)| {
        let window = square_window(square, SQUARE_BITS)?;
        let place = place_of(square, &polygons, &found).and_then(|id| office.directory.place(id));
        Some(HotSquare {
            square,
            found: n,
            place: place.map(|place| place.id),
            place_name: place.map(|place| place.full_name.clone()),
            south_west: position(window.south_west()),
            north_east: position(window.north_east()),
        })
    };
    Ok(Answer(Hotspots {
        total: found.total(),
        nowhere: found.nowhere,
        more: found.more,
        squares: found.ranked().into_iter().filter_map(square).collect(),
        month: month.text,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_square_is_the_last() {
        assert!(crate::months::cells(LAST_SQUARE).is_some() && crate::months::cells(LAST_SQUARE + 1).is_none());
        assert!(crate::months::cells(0).is_some());
    }

    #[test]
    fn a_month_is_written_in_one_way() {
        assert_eq!(Month::from_text("2026-02").expect("a month").to, "2026-02-28");
        for bad in ["", "2026", "2026-13", "2026-2", "202602", "2026-02-01", "0000-01"] {
            assert_eq!(Month::from_text(bad), None, "{bad}");
        }
    }
}
