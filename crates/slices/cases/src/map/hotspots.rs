//! Hotspots: where most was found in a month, of all categories or of one, summed up in squares of the map.

use super::mvt::{self, EXTENT, Layer, Property};
use super::sheets::Of;
use super::tiles::{Address, MOST, answer};
use super::world::{Tile, clip, turned, world};
use crate::listing::{Filter, Kind, Leg, plotted};
use crate::months::{self, NOWHERE, SQUARE_BITS, square};
use crate::office::Office;
use crate::sums::{ATTEMPTS, Book, RESTLESS};
use crate::verbs::ListCases;
use crate::worklist::day_range;
use access::http::Desk;
use axum::Extension;
use axum::extract::{Path, Query};
use axum::response::Response;
use kernel::coordinates::{Point, Window, square_window};
use kernel::ids::{PlaceId, Uuid};
use kernel::{Instant, Result, TenantId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use store::{Sql, Store, args, sql};

/// Months remembered over all tenants.
const MOST_MONTHS: usize = 48;
/// Answers remembered over all tenants.
const MOST_ANSWERS: usize = 64;
/// From this depth on squares stand by themselves; two depths further out sixteen of them are one.
const NEAR: u32 = 12;
/// Shades from the emptiest square to the fullest.
const SHADES: i64 = 5;

static MONTH: Sql = sql!(
    "SELECT square, community_id, category_id, found
    FROM case_month
    WHERE tenant_id = :tenant AND month = :month AND found <> 0
    ORDER BY square, community_id, category_id"
);

type Counted = (i64, Uuid, Uuid, i64);

/// A month as it stood after so many addings up.
type Remembered = (i64, Arc<Vec<Counted>>);

/// Which month of a tenant, of which category, as far as whom reaches.
type Question = (TenantId, String, Vec<Uuid>, Vec<Leg>);

/// What was found after so many addings up, with what was not added up then.
type Answered = (i64, Vec<Counted>, Arc<Found>);

/// The months that hotspots were asked of lately, and what was answered: a screen asks for a dozen tiles of one answer.
#[derive(Default)]
struct Memory {
    months: Mutex<HashMap<(TenantId, String), Remembered>>,
    answers: Mutex<HashMap<Question, Answered>>,
}

impl Memory {
    async fn month(&self, store: &Store, tenant: TenantId, month: &str, folds: i64) -> Result<Arc<Vec<Counted>>> {
        let key = (tenant, month.to_owned());
        let known = self.months.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some((at, rows)) = known
            && at == folds
        {
            return Ok(rows);
        }
        let rows = Arc::new(store.all::<Counted>(&MONTH, args! { tenant: tenant, month: month }).await?);
        let mut months = self.months.lock().unwrap_or_else(PoisonError::into_inner);
        if months.len() >= MOST_MONTHS && !months.contains_key(&key) {
            months.clear();
        }
        months.insert(key, (folds, Arc::clone(&rows)));
        Ok(rows)
    }

    /// What was found, added up or not yet, by those who reach whole communities. Errors: `summary.restless`.
    async fn found(&self, store: &Store, question: Question) -> Result<Arc<Found>> {
        let (tenant, month, ..) = &question;
        for _ in 0..ATTEMPTS {
            let book = Book::open(store, *tenant).await?;
            let pending = months::spots(book.deltas().iter().map(|delta| (&delta.cell, &delta.counts)));
            let pending = pending.into_iter().filter(|(spot, _)| spot.month == *month);
            let pending: Vec<Counted> = pending.map(|(spot, found)| (spot.square, spot.community, spot.category, found)).collect();
            let known = self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(&question).cloned();
            if let Some((_, _, found)) = known.filter(|(folds, then, _)| *folds == book.folds() && *then == pending) {
                return Ok(found);
            }
            let rows = self.month(store, *tenant, month, book.folds()).await?;
            if !book.still_holds().await? {
                continue;
            }
            let found = Arc::new(summed(rows.iter().chain(&pending), &question));
            let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            if answers.len() >= MOST_ANSWERS {
                answers.clear();
            }
            answers.insert(question, (book.folds(), pending, Arc::clone(&found)));
            return Ok(found);
        }
        Err(RESTLESS.into())
    }
}

fn summed<'a>(rows: impl Iterator<Item = &'a Counted>, (_, _, versions, legs): &Question) -> Found {
    let reached = |community: &Uuid| legs.iter().any(|leg| *leg == Leg::All || *leg == Leg::Community(PlaceId(*community)));
    let mut parts = BTreeMap::<(i64, Uuid), i64>::new();
    for (square, community, of, n) in rows {
        if (versions.is_empty() || versions.contains(of)) && reached(community) {
            *parts.entry((*square, *community)).or_default() += n;
        }
    }
    Found::of(parts, false)
}

/// Which hotspots are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// `YYYY-MM`; the current month where it is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub month: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub category: String,
}

/// A month in the tenant's zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    pub text: String,
    /// Its first and its last day.
    pub from: String,
    pub to: String,
}

impl Month {
    pub fn parse(text: &str) -> Option<Month> {
        let first: jiff::civil::Date = format!("{text}-01").parse().ok()?;
        (text.len() == 7 && (1..=9999).contains(&first.year())).then(|| Month::of(first))
    }
    pub fn of(day: jiff::civil::Date) -> Month {
        let (first, last) = (day.first_of_month(), day.last_of_month());
        Month { text: first.to_string()[..7].to_owned(), from: first.to_string(), to: last.to_string() }
    }
    pub fn now(now: Instant, zone: &jiff::tz::TimeZone) -> Month {
        Month::of(now.to_timestamp().to_zoned_datetime(zone.clone()).date())
    }
}

/// Problems found in a month, by square; all numbers are above nought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub squares: BTreeMap<i64, i64>,
    /// The community that most of a square's problems lie in.
    pub communities: BTreeMap<i64, PlaceId>,
    /// Found without a position.
    pub nowhere: i64,
    /// Counted from the first cases of a longer list.
    pub more: bool,
}

impl Found {
    fn of(parts: BTreeMap<(i64, Uuid), i64>, more: bool) -> Found {
        let mut found = Found { more, ..Found::default() };
        let mut most = BTreeMap::<i64, i64>::new();
        for ((square, community), n) in parts.into_iter().filter(|(_, n)| *n > 0) {
            if square == NOWHERE {
                found.nowhere += n;
                continue;
            }
            *found.squares.entry(square).or_default() += n;
            if !community.is_nil() && n > most.get(&square).copied().unwrap_or(0) {
                most.insert(square, n);
                found.communities.insert(square, PlaceId(community));
            }
        }
        found
    }
    pub fn total(&self) -> i64 {
        self.squares.values().sum::<i64>() + self.nowhere
    }
    /// The squares, the fullest first.
    pub fn ranked(&self) -> Vec<(i64, i64)> {
        let mut ranked: Vec<(i64, i64)> = self.squares.iter().map(|(square, n)| (*square, *n)).collect();
        ranked.sort_by_key(|(square, n)| (-n, *square));
        ranked
    }
}

/// What an actor of these legs reaches of a month. Who reaches whole communities reads the roll-up; for others, who reach a part of
/// one or a unit's cases, the month's list is counted.
pub async fn found(
    store: &Store,
    tenant: TenantId,
    (month, category): (&Month, Option<Uuid>),
    legs: &[Leg],
    (office, now): (&Office, Instant),
) -> Result<Arc<Found>> {
    if legs.iter().all(|leg| matches!(leg, Leg::All | Leg::Community(_))) {
        let versions = category.map(|id| office.directory.kin(id)).unwrap_or_default();
        let memory = store.memo::<Memory>();
        return memory.found(store, (tenant, month.text.clone(), versions, legs.to_vec())).await;
    }
    let (from, to) = day_range(office.hours.zone(), &month.from, &month.to);
    let filter = Filter { kind: Some(Kind::Found), from, to, ..Filter::default() }.of_category(category, &office.directory);
    let (plots, more) = plotted(store, tenant, &filter, legs, now, MOST).await?;
    let mut parts = BTreeMap::<(i64, Uuid), i64>::new();
    for plot in plots {
        let point = plot.lng_e7.zip(plot.lat_e7).and_then(|(lng, lat)| Point::new(lng, lat).ok());
        let square = point.map_or(NOWHERE, |point| square(point.cell_key()));
        *parts.entry((square, plot.community_id.map_or(Uuid::nil(), Into::into))).or_default() += 1;
    }
    Ok(Arc::new(Found::of(parts, more)))
}

/// How many times four squares are one at a depth.
fn levels_up(z: u32) -> u32 {
    2 * NEAR.saturating_sub(z).div_ceil(2)
}

/// A window's ring on a tile, from the north-west, clockwise.
fn ring(window: &Window, tile: Tile) -> Vec<(f64, f64)> {
    let (low, high) = (window.south_west(), window.north_east());
    let (west, south) = tile.project(low.lng_degrees(), low.lat_degrees());
    let (east, north) = tile.project(high.lng_degrees(), high.lat_degrees());
    vec![(west, north), (east, north), (east, south), (west, south)]
}

/// The tile of a month's squares: layer `squares`, each with its number and a shade from 1 to 5; layer `numbers` at their middle.
pub fn tile_of(found: &Found, tile: Tile) -> Vec<u8> {
    let up = levels_up(tile.z);
    let mut sums = BTreeMap::<i64, i64>::new();
    for (square, n) in &found.squares {
        *sums.entry(square >> (2 * up)).or_default() += n;
    }
    let most = sums.values().max().copied().unwrap_or(1);
    let (mut squares, mut numbers) = (Layer::new("squares"), Layer::new("numbers"));
    for (key, n) in sums {
        let Some(window) = square_window(key, SQUARE_BITS + up) else { continue };
        let cut = clip(&ring(&window, tile), -16.0, f64::from(EXTENT) + 16.0);
        if cut.len() < 3 {
            continue;
        }
        // By the root, so that one full square doesn't make all others pale.
        let shade = (n * SHADES * SHADES / most).isqrt().clamp(1, SHADES);
        let own = if up == 0 { key } else { -1 };
        let properties: [(&str, Property); 3] = [("n", n.into()), ("shade", shade.into()), ("square", own.into())];
        squares.area(key, &[turned(cut, false)], &properties);
        let middle = |low: i32, high: i32| i32::midpoint(low, high);
        let (low, high) = (window.south_west(), window.north_east());
        let at = world(middle(low.lng_e7, high.lng_e7), middle(low.lat_e7, high.lat_e7));
        if let Some(at) = tile.at(at) {
            numbers.point(key, at, &properties);
        }
    }
    mvt::tile(&[squares, numbers])
}

pub async fn get(
    desk: Desk,
    Path((_, z, x, y)): Address,
    Query(asked): Query<Asked>,
    Extension(memory): Extension<Arc<super::Memory>>,
) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ListCases>()?;
    let tile = Tile::parse(&z, &x, &y)?;
    let office = Office::of(&desk).await?;
    let (zone, now) = (office.hours.zone(), desk.app.world.now());
    let month = Month::parse(&asked.month).unwrap_or_else(|| Month::now(now, zone));
    let category = Uuid::try_parse(&asked.category).ok();
    let legs = office.legs(&by.reach(), &Filter::default());
    let found = found(&desk.app.store, by.tenant(), (&month, category), &legs, (&office, now)).await?;
    let drawn = memory.sheets.tile(Of::Found(Arc::clone(&found)), tile, now, || Instant(i64::MAX), || tile_of(&found, tile));
    Ok(answer(drawn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_its_days() {
        let month = Month::parse("2026-02").unwrap();
        assert_eq!((month.from.as_str(), month.to.as_str()), ("2026-02-01", "2026-02-28"));
        for wrong in ["", "2026", "2026-13", "2026-2", "2026-02-01", "x", "99999-01"] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn far_out_squares_are_summed_up_and_none_is_lost() {
        let at = |lng: i32| square(Point::new(1_201_000_000 + lng, 359_400_000).unwrap().cell_key());
        let found = Found { squares: [(at(0), 3), (at(1_000_000), 4)].into(), ..Found::default() };
        assert_eq!(found.squares.len(), 2);
        assert_eq!((levels_up(12), levels_up(11), levels_up(10), levels_up(9), levels_up(0)), (0, 2, 2, 4, 12));
        for z in 0..=20 {
            let up = levels_up(z);
            assert!(found.squares.keys().all(|key| square_window(key >> (2 * up), SQUARE_BITS + up).is_some()), "{z}");
        }
        assert!(!tile_of(&found, Tile { z: 0, x: 0, y: 0 }).is_empty());
        assert!(tile_of(&found, Tile { z: 1, x: 0, y: 0 }).is_empty());
    }

    #[test]
    fn the_fullest_stands_first() {
        let found = Found { squares: [(7, 1), (5, 9), (6, 9)].into(), nowhere: 2, ..Found::default() };
        assert_eq!(found.ranked(), [(5, 9), (6, 9), (7, 1)]);
        assert_eq!(found.total(), 21);
    }
}
