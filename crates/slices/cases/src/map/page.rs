//! The page of the map: the worklist's filter, the map, and the same in figures for whoever reads rather than looks.

use super::base::{Base, Ground, Told};
use super::live::{Dot, Shape};
use super::tiles::drawn;
use super::world::degrees;
use super::{Memory, hotspots};
use crate::listing::Lamp;
use crate::office::Office;
use crate::steps::Stage;
use crate::verbs::ListCases;
use crate::views::LampView;
use crate::worklist::{Asked, Meaning, NONE};
use access::http::Desk;
use axum::Extension;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use kernel::ids::Uuid;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use web::forms::Choice;
use web::{Html, PageContext, Words};

/// Rows of the tables of figures: every community of most offices, and the categories that matter.
const COMMUNITIES: usize = 30;
const CATEGORIES: usize = 12;

/// What the script of the map is told.
#[derive(Debug, Default, Serialize)]
pub struct Script {
    /// Where tiles of cases come from, or of hotspots.
    pub cases: Option<String>,
    pub hotspots: Option<String>,
    pub boundaries: String,
    pub cards: String,
    /// The list of a square of the hotspots, by what is put behind it.
    pub list: Option<String>,
    /// West, south, east, north of what is to be seen at first; where none is said, the office's boundaries.
    pub bounds: Option<[f64; 4]>,
    /// What is found is to be seen at first, rather than the whole office.
    #[serde(skip)]
    pub narrowed: bool,
    pub base: Told,
    pub words: BTreeMap<&'static str, String>,
}

/// What stands around the map on either of its pages.
pub struct Frame {
    pub css_url: String,
    pub js_url: String,
    /// JSON for the script.
    pub script: String,
}

/// Words that the script shows, by its own names.
fn words(w: Words) -> BTreeMap<&'static str, String> {
    [
        ("map", "map-label"),
        ("noWebgl", "map-no-webgl"),
        ("trouble", "map-trouble"),
        ("loggedOut", "map-logged-out"),
        ("close", "map-close"),
        ("seen", "map-seen-some"),
        ("seenNone", "map-seen-none"),
        ("open", "map-open-list"),
        ("square", "map-square-found"),
        ("zoomIn", "map-zoom-in"),
        ("zoomOut", "map-zoom-out"),
        ("whole", "map-whole"),
        ("credits", "map-credits"),
        ("tianditu", "map-tianditu"),
        ("unit", "map-scale-unit"),
    ]
    .into_iter()
    .map(|(name, key)| (name, w.t(key).into_owned()))
    .collect()
}

impl Frame {
    /// The frame of a page, with what its script is told beside what all are told; and from where the page takes pictures.
    pub async fn of(desk: &Desk, page: &PageContext, script: Script) -> kernel::Result<(Frame, Option<web::errors::Sources>)> {
        let ground = desk.app.try_get::<Ground>().map(|ground| (*ground).clone()).unwrap_or_default();
        let polygons = desk.app.get::<territory::Caches>().polygons(&desk.app.store, desk.tenant.id).await?;
        let (own, found) = (polygons.extent(), script.bounds);
        let script = Script {
            boundaries: page.href("/map/boundaries/{z}/{x}/{y}"),
            cards: page.href("/map/cards"),
            // A position far outside, as other systems bring them in, must not make the whole map small.
            bounds: if script.narrowed { found.or(own) } else { own.or(found) },
            base: ground.base.told(|path| page.href(path)),
            words: words(page.w),
            ..script
        };
        let sources = if ground.base == Base::None { None } else { ground.base.sources() };
        let script = serde_json::to_string(&script).map_err(kernel::Error::internal)?;
        Ok((Frame { css_url: ground.css_url, js_url: ground.js_url, script }, sources))
    }
}

/// A page with a map, which alone may take pictures from a base map's host.
pub fn answer(page: impl askama::Template, sources: Option<web::errors::Sources>) -> Response {
    let mut response = Html(page).into_response();
    if let Some(sources) = sources {
        response.extensions_mut().insert(sources);
    }
    response
}

/// The window around these cases, so wide that a single one has surroundings.
fn bounds(dots: &[Dot]) -> Option<[f64; 4]> {
    let around = 0.002;
    let at = dots.iter().filter_map(|dot| dot.at).map(degrees);
    let all = at.map(|(lng, lat)| [lng, lat, lng, lat]).reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
    all.map(|[west, south, east, north]| [west - around, south - around, east + around, north + around])
}

/// A row of figures: so many cases of one community or category, by lamp, and the list behind them.
pub struct RowView {
    pub name: String,
    pub href: String,
    pub n: i64,
    /// Number and lamp, red first, those that are not nought.
    pub lamps: Vec<LampView>,
    /// Of the fullest row, for the bar.
    pub permille: i64,
}

/// One sign of the legend.
pub struct Sign {
    pub lamp: LampView,
}

#[derive(askama::Template)]
#[template(path = "map/page.html")]
struct MapPage {
    page: PageContext,
    frame: Frame,
    asked: Asked,
    stages: Vec<Choice>,
    lamps: Vec<Choice>,
    units: Vec<Choice>,
    communities: Vec<Choice>,
    categories: Vec<Choice>,
    filtered: bool,
    legend: Vec<Sign>,
    total: i64,
    summary: Vec<LampView>,
    nowhere: i64,
    /// Only so many of a longer list; nought where it is whole.
    cut: i64,
    by_community: Vec<RowView>,
    by_category: Vec<RowView>,
    list_href: String,
    hotspots_href: String,
}

/// The lamps of the legend, as the worklist words them.
pub fn legend(w: Words) -> Vec<Sign> {
    let sign = |kind, key: &str| Sign { lamp: LampView { kind, text: w.t(key).into_owned() } };
    vec![sign("g", "lamp-green"), sign("y", "lamp-yellow"), sign("x", "lamp-red"), sign("n", "map-lamp-off")]
}

/// Numbers by lamp, red first; those that are nought are not said.
fn counted(w: Words, counts: [i64; 4]) -> Vec<LampView> {
    let [green, yellow, red, off] = counts;
    [("x", red, "map-n-red"), ("y", yellow, "map-n-yellow"), ("g", green, "map-n-green"), ("n", off, "map-n-off")]
        .into_iter()
        .filter(|(_, n, _)| *n > 0)
        .map(|(kind, n, key)| LampView { kind, text: w.a(key, "n", n).into_owned() })
        .collect()
}

fn table(
    w: Words,
    dots: &[Dot],
    most_rows: usize,
    key: impl Fn(&Dot) -> Option<Uuid>,
    named: impl Fn(Option<Uuid>) -> (String, String),
) -> Vec<RowView> {
    let mut sums = HashMap::<Option<Uuid>, [i64; 4]>::new();
    for dot in dots {
        sums.entry(key(dot)).or_default()[dot.shape as usize] += 1;
    }
    let mut rows: Vec<(Option<Uuid>, i64, [i64; 4])> = sums.into_iter().map(|(id, counts)| (id, counts.iter().sum(), counts)).collect();
    rows.sort_by_key(|(id, n, counts)| (-n, -counts[Shape::Red as usize], *id));
    rows.truncate(most_rows);
    let most = rows.first().map_or(1, |(_, n, _)| *n).max(1);
    rows.into_iter()
        .map(|(id, n, counts)| {
            let (name, href) = named(id);
            RowView { name, href, n, lamps: counted(w, counts), permille: n * 1000 / most }
        })
        .collect()
}

pub async fn get(desk: Desk, Query(asked): Query<Asked>, Extension(memory): Extension<Arc<Memory>>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ListCases>()?;
    let office = Office::of(&desk).await?;
    let page = desk.page("map-title");
    // Neither typed words nor a page of the list belong to a map.
    let asked = Asked { q: String::new(), after: String::new(), ..asked };
    let filter = asked.filter(&Meaning { office: &office, me: desk.actor.account, now: page.now });
    let legs = office.legs(&by.reach(), &filter);
    let drawn = drawn(&desk.app.store, &memory, by.tenant(), &filter, &legs, page.now).await?;
    let (w, dots) = (page.w, &drawn.dots);
    let mut counts = [0; 4];
    dots.iter().for_each(|dot| counts[dot.shape as usize] += 1);
    let list = |asked: &Asked| page.href(&format!("/cases{}", asked.query_string()));
    let none = |id: Option<Uuid>| id.map_or_else(|| NONE.to_owned(), |id| id.to_string());
    let by_community = table(
        w,
        dots,
        COMMUNITIES,
        |dot| dot.community.map(Into::into),
        |id| {
            let place = id.and_then(|id| office.directory.place(id.into()));
            let name = place.map_or_else(|| w.t("summary-elsewhere").into_owned(), |place| place.name.clone());
            (name, list(&Asked { community: none(id), ..asked.clone() }))
        },
    );
    let category_name = |id: Uuid| office.directory.category(id).map(|category| category.name.clone());
    let by_category = table(
        w,
        dots,
        CATEGORIES,
        |dot| dot.category,
        |id| {
            let name = id.and_then(category_name).unwrap_or_else(|| w.t("case-no-category").into_owned());
            // No list is of what has no category: those wait among the reported.
            let href = id.map_or_else(String::new, |id| list(&Asked { category: id.to_string(), ..asked.clone() }));
            (name, href)
        },
    );
    let choices = |values: Vec<(String, String)>, chosen: &str| {
        values.into_iter().map(|(value, label)| Choice { on: value == chosen, value, label }).collect::<Vec<_>>()
    };
    let mut offered: Vec<Uuid> = dots.iter().filter_map(|dot| dot.category).collect();
    offered.extend(filter.category);
    offered.sort_unstable();
    offered.dedup();
    let mut categories: Vec<(String, String)> = offered.into_iter().filter_map(|id| Some((id.to_string(), category_name(id)?))).collect();
    categories.sort_by(|a, b| a.1.cmp(&b.1));
    let query = asked.query_string();
    let script = Script {
        cases: Some(page.href(&format!("/map/tiles/{{z}}/{{x}}/{{y}}{query}"))),
        bounds: bounds(dots),
        narrowed: asked != Asked::default(),
        ..Script::default()
    };
    let (frame, sources) = Frame::of(&desk, &page, script).await?;
    let template = MapPage {
        stages: choices(Stage::ALL.iter().map(|s| (s.to_string(), w.t(&format!("stage-{s}")).into_owned())).collect(), &asked.stage),
        lamps: choices(Lamp::ALL.iter().map(|l| (l.to_string(), w.t(&format!("lamp-{l}")).into_owned())).collect(), &asked.lamp),
        units: choices(office.directory.organisations().map(|unit| (unit.id.to_string(), unit.name.clone())).collect(), &asked.unit),
        communities: choices(
            office.directory.communities().map(|place| (place.id.to_string(), place.name.clone())).collect(),
            &asked.community,
        ),
        categories: choices(categories, &asked.category),
        filtered: asked != Asked::default(),
        legend: legend(w),
        total: i64::try_from(dots.len()).unwrap_or(i64::MAX),
        summary: counted(w, counts),
        nowhere: i64::try_from(dots.iter().filter(|dot| dot.at.is_none()).count()).unwrap_or(0),
        cut: if drawn.more { i64::try_from(dots.len()).unwrap_or(0) } else { 0 },
        by_community,
        by_category,
        list_href: list(&asked),
        hotspots_href: page
            .href(&format!("/map/hotspots{}", hotspots::Asked { category: asked.category.clone(), ..Default::default() }.query_string())),
        frame,
        asked,
        page,
    };
    Ok(answer(template, sources))
}
