//! A place's boundary with those of the places right below it, as a drawing without a map under it.

use crate::directory::{Directory, PlaceInfo};
use crate::polygons::PolygonIndex;
use geo::{BoundingRect, Centroid, Coord, MultiPolygon, Rect};
use std::collections::HashMap;
use web::PageContext;
use web::parts::{AreaView, OutlineView};

/// A drawing's width, in its own units.
const WIDTH: f64 = 1000.0;
/// Room around the boundaries, for the width of their lines.
const MARGIN: f64 = 6.0;

/// Degrees to units of the drawing: east to the right, north up, a degree of longitude as short as it is here.
struct Sheet {
    low: Coord<f64>,
    high: Coord<f64>,
    shorter: f64,
    scale: f64,
}

impl Sheet {
    fn over(bounds: Rect<f64>) -> Sheet {
        let (low, high) = (bounds.min(), bounds.max());
        let shorter = ((low.y + high.y) / 2.0).to_radians().cos();
        // The larger side fills the sheet: a long river gets no sheet a kilometre high.
        let side = ((high.x - low.x) * shorter).max(high.y - low.y).max(1e-9);
        Sheet { low, high, shorter, scale: (WIDTH - 2.0 * MARGIN) / side }
    }
    fn at(&self, point: Coord<f64>) -> (i64, i64) {
        let (x, y) = ((point.x - self.low.x) * self.shorter * self.scale, (self.high.y - point.y) * self.scale);
        // Whole units: a tenth of a percent of the width.
        ((x + MARGIN).round() as i64, (y + MARGIN).round() as i64)
    }
    fn view_box(&self) -> String {
        let (width, height) = self.at(Coord { x: self.high.x, y: self.low.y });
        format!("0 0 {} {}", width + MARGIN as i64, height + MARGIN as i64)
    }
    fn path(&self, area: &MultiPolygon<f64>) -> String {
        let mut path = String::new();
        for ring in area.0.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors())) {
            let mut last = None;
            for point in &ring.0 {
                let at = self.at(*point);
                if last != Some(at) {
                    path.push_str(&format!("{}{} {}", if last.is_none() { "M" } else { "L" }, at.0, at.1));
                    last = Some(at);
                }
            }
            path.push('Z');
        }
        path
    }
}

/// The drawing of a place; nothing where neither it nor any place right below has a boundary.
pub fn outline(page: &PageContext, directory: &Directory, index: &PolygonIndex, here: &PlaceInfo) -> Option<OutlineView> {
    let below: HashMap<_, _> = directory.children(here.id).map(|place| (place.id, place)).collect();
    let mut found = index.drawn(|id| id == here.id || below.contains_key(&id));
    let bounds = found.iter().filter_map(|(_, area)| area.bounding_rect()).reduce(|one, other| {
        let (low, high) = (Coord { x: one.min().x.min(other.min().x), y: one.min().y.min(other.min().y) }, one.max());
        Rect::new(low, Coord { x: high.x.max(other.max().x), y: high.y.max(other.max().y) })
    })?;
    let sheet = Sheet::over(bounds);
    // The higher levels first: what lies inside is drawn over what holds it.
    found.sort_by_key(|(id, _)| below.get(id).map(|place| (place.level, place.id)));
    let mut drawn = OutlineView {
        label: page.w.a("places-outline", "name", here.name.clone()).into_owned(),
        view_box: sheet.view_box(),
        ..OutlineView::default()
    };
    for (id, area) in found {
        match below.get(&id) {
            None => drawn.ground = sheet.path(area),
            Some(place) => {
                let (x, y) = area.centroid().map(|point| sheet.at(point.into())).unwrap_or_default();
                let href = page.href(&format!("/places?at={id}"));
                drawn.areas.push(AreaView { href, name: place.name.clone(), path: sheet.path(area), x, y });
            }
        }
    }
    Some(drawn)
}
