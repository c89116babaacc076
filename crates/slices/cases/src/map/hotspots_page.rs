//! The page of hotspots: where most was found in a month, on the map and as a table whose every number opens its list.

use super::hotspots::{Asked, Found, Month, found};
use super::page::{Frame, Script, answer};
use crate::listing::{Filter, Kind};
use crate::months::SQUARE_BITS;
use crate::office::Office;
use crate::verbs::ListCases;
use crate::worklist;
use access::http::Desk;
use axum::extract::Query;
use axum::response::Response;
use kernel::coordinates::{Point, Window, square_window};
use kernel::ids::{PlaceId, Uuid};
use territory::polygons::PolygonIndex;
use web::PageContext;
use web::forms::Choice;

/// Squares in the table.
const ROWS: usize = 30;
/// Months that can be chosen, the current one first.
const MONTHS: i32 = 36;

struct RowView {
    rank: usize,
    name: String,
    href: String,
    n: i64,
    permille: i64,
}

#[derive(askama::Template)]
#[template(path = "map/hotspots.html")]
struct HotspotsPage {
    page: PageContext,
    frame: Frame,
    months: Vec<Choice>,
    categories: Vec<Choice>,
    rows: Vec<RowView>,
    /// Squares beyond those in the table.
    others: usize,
    total: i64,
    nowhere: i64,
    /// Counted from the first of a longer list.
    more: bool,
    list_href: String,
    map_href: String,
}

impl Asked {
    pub fn query_string(&self) -> String {
        let pairs = [("month", &self.month), ("category", &self.category)];
        let said: Vec<String> = pairs
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", access::http::encode(value)))
            .collect();
        if said.is_empty() { String::new() } else { format!("?{}", said.join("&")) }
    }
}

fn middle(window: &Window) -> Option<Point> {
    let (low, high) = (window.south_west(), window.north_east());
    Point::new(i32::midpoint(low.lng_e7, high.lng_e7), i32::midpoint(low.lat_e7, high.lat_e7)).ok()
}

/// A square is called by the smallest place that its middle lies in, or by the community that most of it belongs to.
pub(crate) fn place_of(square: i64, polygons: &PolygonIndex, found: &Found) -> Option<PlaceId> {
    let located = square_window(square, SQUARE_BITS).as_ref().and_then(middle).map(|at| polygons.locate(at)).unwrap_or_default();
    located.compound.or(located.grid).or(located.community).or(found.communities.get(&square).copied())
}

pub async fn get(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ListCases>()?;
    let office = Office::of(&desk).await?;
    let page = desk.page("map-hotspots");
    let (w, zone) = (page.w, office.hours.zone());
    let this = Month::now(page.now, zone);
    let month = Month::parse(&asked.month).unwrap_or_else(|| this.clone());
    let category = Uuid::try_parse(&asked.category).ok();
    let legs = office.legs(&by.reach(), &Filter::default());
    let found = found(&desk.app.store, by.tenant(), (&month, category), &legs, (&office, page.now)).await?;
    let polygons = desk.app.get::<territory::Caches>().polygons(&desk.app.store, desk.tenant.id).await?;
    let list = worklist::Asked {
        kind: Kind::Found.to_string(),
        from: month.from.clone(),
        to: month.to.clone(),
        category: category.map(|id| id.to_string()).unwrap_or_default(),
        ..worklist::Asked::default()
    };
    let href = |list: &worklist::Asked| page.href(&format!("/cases{}", list.query_string()));
    let ranked = found.ranked();
    let most = ranked.first().map_or(1, |(_, n)| *n).max(1);
    let name = |square: i64| match place_of(square, &polygons, &found).and_then(|id| office.directory.place(id)) {
        Some(place) => w.a("map-around", "name", place.full_name.clone()).into_owned(),
        None => w.t("map-square").into_owned(),
    };
    let rows = ranked.iter().take(ROWS).enumerate().map(|(nth, (square, n))| RowView {
        rank: nth + 1,
        name: name(*square),
        href: href(&worklist::Asked { square: square.to_string(), ..list.clone() }),
        n: *n,
        permille: n * 1000 / most,
    });
    let rows: Vec<RowView> = rows.collect();
    let bounds = ranked
        .iter()
        .filter_map(|(square, _)| square_window(*square, SQUARE_BITS))
        .map(|window| {
            let (low, high) = (window.south_west(), window.north_east());
            [low.lng_degrees(), low.lat_degrees(), high.lng_degrees(), high.lat_degrees()]
        })
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
    let here = Asked { month: month.text.clone(), category: list.category.clone() };
    let script = Script {
        hotspots: Some(page.href(&format!("/map/hotspots/{{z}}/{{x}}/{{y}}{}", here.query_string()))),
        list: Some(format!("{}&square=", href(&list))),
        bounds,
        ..Script::default()
    };
    let (frame, sources) = Frame::of(&desk, &page, script).await?;
    let first: jiff::civil::Date = this.from.parse().map_err(kernel::Error::internal)?;
    let mut texts: Vec<String> =
        (0..MONTHS).filter_map(|back| first.checked_sub(jiff::Span::new().months(back)).ok()).map(|day| Month::of(day).text).collect();
    if !texts.contains(&month.text) {
        texts.push(month.text.clone());
    }
    let months = texts.into_iter().map(|text| Choice { on: text == month.text, label: text.clone(), value: text }).collect();
    let mut categories: Vec<(Uuid, String)> = office.directory.categories().map(|one| (one.id.0, one.name.clone())).collect();
    categories.sort_by(|a, b| a.1.cmp(&b.1));
    let categories = categories.into_iter().map(|(id, label)| Choice { value: id.to_string(), label, on: category == Some(id) }).collect();
    let template = HotspotsPage {
        others: ranked.len().saturating_sub(rows.len()),
        total: found.total(),
        nowhere: found.nowhere,
        more: found.more,
        list_href: href(&list),
        map_href: page.href("/map"),
        frame,
        months,
        categories,
        rows,
        page,
    };
    Ok(answer(template, sources))
}
