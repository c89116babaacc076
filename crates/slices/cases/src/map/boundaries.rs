//! Tiles of the office's own boundaries: what the map has below the cases even where no base map is configured.

use super::mvt::{self, CONTENT_TYPE, EXTENT, Layer, Property};
use super::tiles::Address;
use super::world::{Tile, clip, turned};
use crate::verbs::ListCases;
use access::http::Desk;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use territory::polygons::PolygonIndex;
use territory::{Directory, Level};

/// Steps that a boundary reaches over a tile's edge, so that the cut itself is never seen.
const AROUND: f64 = 128.0;

/// From which depth on a level is drawn: what would be a smudge is left out.
const fn from_depth(level: Level) -> u32 {
    match level {
        Level::District | Level::SubDistrict => 0,
        Level::Community | Level::Area => 10,
        Level::Grid => 13,
        Level::Compound => 14,
        Level::Building => 16,
    }
}

fn tile_of(index: &PolygonIndex, directory: &Directory, tile: Tile) -> Vec<u8> {
    let (mut areas, mut names) = (Layer::new("areas"), Layer::new("names"));
    let mut found = index.outlines(tile.degrees(AROUND), |level| tile.z >= from_depth(level));
    // The higher levels first, and always in one order.
    found.sort_by_key(|outline| (outline.level, outline.place));
    for (nth, outline) in found.iter().enumerate() {
        let Some(place) = directory.place(outline.place) else { continue };
        let mut rings = Vec::new();
        for polygon in &outline.polygons {
            for (nth, ring) in polygon.iter().enumerate() {
                let on_tile: Vec<(f64, f64)> = ring.iter().map(|(lng, lat)| tile.project(*lng, *lat)).collect();
                let cut = clip(&on_tile, -AROUND, f64::from(EXTENT) + AROUND);
                // A hole belongs to the outer ring before it; without that one it is nothing.
                if nth == 0 && cut.len() < 3 {
                    break;
                }
                rings.push(turned(cut, nth > 0));
            }
        }
        let level = outline.level.to_string();
        let properties: [(&str, Property); 2] = [("name", place.name.as_str().into()), ("level", level.as_str().into())];
        areas.area(i64::try_from(nth).unwrap_or(-1), &rings, &properties);
        let (x, y) = tile.project(outline.label.0, outline.label.1);
        let steps = 0.0..f64::from(EXTENT);
        if steps.contains(&x) && steps.contains(&y) {
            names.point(i64::try_from(nth).unwrap_or(-1), (x as i32, y as i32), &properties);
        }
    }
    mvt::tile(&[areas, names])
}

/// Boundaries change seldom: a browser keeps a tile and asks whether it is still the one of this revision.
pub async fn get(desk: Desk, headers: HeaderMap, Path((_, z, x, y)): Address) -> web::Result<Response> {
    desk.actor.permit_some::<ListCases>()?;
    let tile = Tile::parse(&z, &x, &y)?;
    let directory = territory::directory_of(&desk).await?;
    let tag = format!("\"{}-{}\"", desk.tenant.id, directory.revision);
    let common = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
    if headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some(tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let index = desk.app.get::<territory::Caches>().polygons(&desk.app.store, desk.tenant.id).await?;
    let bytes = tile_of(&index, &directory, tile);
    if bytes.is_empty() {
        return Ok((StatusCode::NO_CONTENT, common).into_response());
    }
    Ok((common, [(header::CONTENT_TYPE, CONTENT_TYPE)], bytes).into_response())
}
