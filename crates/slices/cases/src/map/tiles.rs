//! Tiles of cases: each by itself when near, summed up in cells when far, filtered by the address as the worklist is.

use super::live::{self, Dot, Shape};
use super::mvt::{self, At, EXTENT, Layer, Property};
use super::past::List;
use super::sheets::{self, Of};
use super::world::Tile;
use super::{Memory, mvt::CONTENT_TYPE};
use crate::listing::{Filter, Leg};
use crate::office::Office;
use crate::verbs::ListCases;
use crate::worklist::{Asked, Meaning};
use access::http::Desk;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Instant, Result, TenantId};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Store;

/// So many cases of a list of the past are drawn, the first in its order.
pub const MOST: u16 = 2000;
/// From this depth on every case stands by itself: a tile is some 500 m wide.
const NEAR: u32 = 16;
/// Unless a tile holds more than this.
const CROWD: usize = 2000;
/// Cells along a tile's side where cases are summed up, each 64 pixels wide on the screen.
const CELLS: u32 = 8;

/// The cases of a list, as the map has them.
pub struct Drawn {
    pub dots: Vec<Dot>,
    /// The list is longer.
    pub more: bool,
}

/// The list that an address asks for, reached by these legs.
pub async fn drawn(store: &Store, memory: &Memory, tenant: TenantId, filter: &Filter, legs: &[Leg], now: Instant) -> Result<Drawn> {
    if live::remembers(filter.list()) {
        let known = memory.live.now(store, tenant).await?;
        return Ok(Drawn { dots: known.dots(filter, legs, now).collect(), more: known.more });
    }
    let list = memory.past.list(store, tenant, filter, legs, now, MOST).await?;
    Ok(Drawn { dots: plotted(&list, now).collect(), more: list.1 })
}

/// The cases of a list of the past.
fn plotted(list: &List, now: Instant) -> impl Iterator<Item = Dot> {
    list.0.iter().map(move |plot| Dot {
        number: plot.number,
        at: plot.lng_e7.zip(plot.lat_e7).map(|(lng, lat)| super::world::world(lng, lat)),
        stage: plot.stage,
        category: plot.category_id,
        community: plot.community_id,
        shape: Shape::of(plot.stage, plot.due, plot.yellow_at, plot.late, plot.hold_until, now),
    })
}

/// Cases that stand for one another on a far tile.
struct Heap {
    /// Its first case, and how many there are by lamp: green, yellow, red, off.
    first: (Dot, At),
    counts: [i64; 4],
    sum: (i64, i64),
}

/// The tile of these cases: layer `cases` with each by itself, layer `heaps` with sums at their middle.
pub fn tile_of(dots: impl Iterator<Item = Dot>, tile: Tile) -> Vec<u8> {
    let here: Vec<(Dot, At)> = dots.filter_map(|dot| Some((dot, tile.at(dot.at?)?))).collect();
    let (mut cases, mut heaps) = (Layer::new("cases"), Layer::new("heaps"));
    if tile.z >= NEAR && here.len() <= CROWD {
        here.iter().for_each(|(dot, at)| point(&mut cases, dot, *at));
        return mvt::tile(&[cases]);
    }
    let step = i32::try_from(EXTENT / CELLS).unwrap_or(1);
    let mut found = BTreeMap::<(i32, i32), Heap>::new();
    for (dot, at) in here {
        let heap = found.entry((at.1 / step, at.0 / step)).or_insert(Heap { first: (dot, at), counts: [0; 4], sum: (0, 0) });
        heap.counts[dot.shape as usize] += 1;
        heap.sum = (heap.sum.0 + i64::from(at.0), heap.sum.1 + i64::from(at.1));
    }
    for (nth, heap) in found.into_values().enumerate() {
        let n: i64 = heap.counts.iter().sum();
        if n == 1 {
            point(&mut cases, &heap.first.0, heap.first.1);
            continue;
        }
        let middle = |sum: i64| i32::try_from(sum / n).unwrap_or(0);
        let [g, y, x, o] = heap.counts;
        let properties: [(&str, Property); 5] = [("n", n.into()), ("g", g.into()), ("y", y.into()), ("x", x.into()), ("o", o.into())];
        heaps.point(i64::try_from(nth).unwrap_or(-1), (middle(heap.sum.0), middle(heap.sum.1)), &properties);
    }
    mvt::tile(&[cases, heaps])
}

fn point(layer: &mut Layer, dot: &Dot, at: At) {
    let category = dot.category.map(|id| id.to_string()).unwrap_or_default();
    let properties: [(&str, Property); 4] = [
        ("number", dot.number.into()),
        ("lamp", dot.shape.class().into()),
        ("stage", dot.stage.to_string().into()),
        ("category", category.into()),
    ];
    layer.point(dot.number, at, &properties);
}

/// A tile on its way out. It holds what one person may see, and what changes by the minute.
pub fn answer(bytes: Bytes) -> Response {
    if bytes.is_empty() {
        return (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "no-store")]).into_response();
    }
    ([(header::CONTENT_TYPE, CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")], bytes).into_response()
}

/// The address of a tile. Errors: 404 where there is none.
pub type Address = Path<(String, String, String, String)>;

pub async fn get(
    desk: Desk,
    Path((_, z, x, y)): Address,
    Query(asked): Query<Asked>,
    Extension(memory): Extension<Arc<Memory>>,
) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ListCases>()?;
    let tile = Tile::parse(&z, &x, &y)?;
    let office = Office::of(&desk).await?;
    let now = desk.app.world.now();
    let filter = asked.filter(&Meaning { office: &office, me: desk.actor.account, now });
    let legs = office.legs(&by.reach(), &filter);
    let store = &desk.app.store;
    if live::remembers(filter.list()) {
        let known = memory.live.now(store, by.tenant()).await?;
        let of = Of::Live(known.edition, Box::new((filter.clone(), legs.clone())));
        let draw = || tile_of(known.dots_on(tile, &filter, &legs, now), tile);
        return Ok(answer(memory.sheets.tile(of, tile, now, || known.until(now), draw)));
    }
    let list = memory.past.list(store, by.tenant(), &filter, &legs, now, MOST).await?;
    let clocks = || list.0.iter().flat_map(|plot| [Some(plot.due), Some(plot.yellow_at), plot.hold_until]).flatten();
    let draw = || tile_of(plotted(&list, now), tile);
    Ok(answer(memory.sheets.tile(Of::List(Arc::clone(&list)), tile, now, || sheets::next(clocks(), now), draw)))
}
