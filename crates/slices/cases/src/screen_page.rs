//! The big screen (大屏): the summary's figures on dark ink, large, one panel after the other, without a click and without
//! anybody's name. Without a script the page itself goes on to the next panel.

use crate::days::{Counts, Part};
use crate::matter_figures::count;
use crate::office::Office;
use crate::summary::{Row, Summary, WEEKDAYS, Within, gather, name};
use crate::summary_page::{CHART, Period, percent, today};
use crate::sums::{Days, MOST_DAYS};
use crate::verbs::ReadSummary;
use access::http::Desk;
use axum::extract::Query;
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use web::PageContext;
use web::html::render;

/// How long a panel stands, in seconds.
const STANDS: u32 = 15;
/// Most bars of one panel: what is read from across a room.
const MOST_BARS: usize = 20;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub from: String,
    pub to: String,
    /// Which panel stands, from 0; whatever else it says, the first.
    pub panel: String,
}

impl Asked {
    fn days(&self) -> Option<Days> {
        Days::parse(&self.from, &self.to).filter(|days| days.count() <= MOST_DAYS)
    }
}

/// A large figure.
pub struct Large {
    pub n: String,
    pub label: String,
    /// A rate below it.
    pub small: String,
    /// 0 to 1000 of the ring around a rate; nothing without a ring.
    pub ring: Option<i64>,
}

/// A bar with its name; the share is of a thousand.
pub struct Bar {
    pub name: String,
    pub permille: i64,
    pub said: String,
}

/// Bars side by side over time, in the drawing's units.
pub struct Column {
    pub x: i64,
    pub width: i64,
    pub found: i64,
    pub rectified: i64,
    pub label: String,
}

pub struct HeatLine {
    pub name: String,
    pub levels: Vec<(i64, i64)>,
}

/// What one panel shows; all of its lists but one are empty.
#[derive(Default)]
pub struct Panel {
    pub title: String,
    pub shown: bool,
    pub bars: Vec<Bar>,
    pub columns: Vec<Column>,
    pub heat: Vec<HeatLine>,
}

#[derive(askama::Template)]
#[template(path = "screen_page.html")]
struct ScreenPage {
    page: PageContext,
    period: String,
    /// When the figures are from.
    at: String,
    clock: String,
    figures: Vec<Large>,
    panels: Vec<Panel>,
    /// Where the page goes without a script, and after how many seconds.
    next: String,
    stands: u32,
    back: String,
    height: i64,
    empty: bool,
}

/// The days asked for, else this year so far: what a room wants to see.
fn days(today: Date, asked: &Asked) -> Days {
    let year = Days { from: Date::new(today.year(), 1, 1).unwrap_or(today), to: today };
    asked.days().unwrap_or(year)
}

fn figures(page: &PageContext, summary: &Summary, settled: i64) -> Vec<Large> {
    let counts = &summary.whole;
    let large = |n: i64, key: &str, rate: Option<Option<i64>>| Large {
        n: n.to_string(),
        label: page.w.t(key).into_owned(),
        small: rate.map(percent).unwrap_or_default(),
        ring: rate.flatten(),
    };
    let mut figures = vec![
        large(counts.found, "summary-found", None),
        large(counts.in_circulars, "summary-in-circulars", None),
        large(counts.rectified, "summary-rectified", Some(counts.rectified_permille())),
        large(counts.on_time, "summary-on-time", Some(counts.on_time_permille())),
        large(counts.remaining(), "summary-remaining", None),
        large(counts.rework, "summary-rework", Some(counts.rework_permille())),
        large(settled, "summary-matters", None),
        large(counts.on_spot, "kind-mended_on_spot", None),
        large(counts.self_checks, "kind-self_check", None),
    ];
    // Where nobody was called back there is nothing to say of callers.
    if counts.called_back > 0 {
        let of = |key: &str| page.w.a(key, "of", counts.called_back).into_owned();
        let said = [
            (counts.solved, "screen-solved", counts.solved_permille()),
            (counts.satisfied, "screen-satisfied", counts.satisfied_permille()),
        ];
        figures.push(large(counts.called_back, "summary-called-back", None));
        figures.extend(said.map(|(n, key, rate)| Large { label: of(key), ..large(n, key, Some(rate)) }));
    }
    figures
}

/// Rectified of what was handed out, by the rows of a part.
fn rates(page: &PageContext, office: &Office, part: Part, rows: &[Row]) -> Vec<Bar> {
    let handed = rows.iter().filter(|row| row.counts.in_circulars > 0).take(MOST_BARS);
    handed
        .map(|row| Bar {
            name: name(page.w, office, part, &row.key),
            permille: row.counts.rectified_permille().unwrap_or(0),
            said: format!("{} / {}", row.counts.rectified, row.counts.in_circulars),
        })
        .collect()
}

/// How much was found, by the rows of a part.
fn volumes(page: &PageContext, office: &Office, part: Part, rows: &[Row]) -> Vec<Bar> {
    let mut rows: Vec<(&str, &Counts)> = rows.iter().map(|row| (row.key.as_str(), &row.counts)).collect();
    rows.sort_by_key(|(key, counts)| (std::cmp::Reverse(counts.found), *key));
    let most = rows.first().map_or(1, |(_, counts)| counts.found).max(1);
    let bar = |(key, counts): (&str, &Counts)| Bar {
        name: name(page.w, office, part, key),
        permille: counts.found * 1000 / most,
        said: counts.found.to_string(),
    };
    rows.into_iter().filter(|(_, counts)| counts.found > 0).take(MOST_BARS).map(bar).collect()
}

fn columns(summary: &Summary) -> Vec<Column> {
    let most = summary.over_time.iter().map(|span| span.counts.found.max(span.counts.rectified)).max().unwrap_or(0).max(1);
    let count = i64::try_from(summary.over_time.len()).unwrap_or(1).max(1);
    let step = CHART.1 / count;
    let width = (step * 2 / 5).clamp(2, 24);
    let every = (count + 9) / 10;
    let high = |n: i64| if n == 0 { 0 } else { (n * CHART.0 / most).max(2) };
    let column = |(n, span): (i64, &crate::summary::Span)| Column {
        x: n * step + (step - 2 * width).max(0) / 2,
        width,
        found: high(span.counts.found),
        rectified: high(span.counts.rectified),
        label: if n % every == 0 { span.days.from.strftime("%m-%d").to_string() } else { String::new() },
    };
    (0_i64..).zip(&summary.over_time).map(column).collect()
}

fn heat(page: &PageContext, summary: &Summary) -> Vec<HeatLine> {
    let most = summary.found_by_slot.iter().copied().max().unwrap_or(0).max(1);
    let levels = |weekday: usize| {
        let slots = summary.found_by_slot.iter().skip(weekday * 24).take(24);
        slots.map(|n| ((n * 5 + most - 1) / most, *n)).collect()
    };
    WEEKDAYS.iter().enumerate().map(|(weekday, key)| HeatLine { name: page.w.t(key).into_owned(), levels: levels(weekday) }).collect()
}

pub async fn get(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ReadSummary>()?;
    let office = Office::of(&desk).await?;
    let mut page = desk.page("screen-title");
    // Always dark: it hangs in a room.
    page.look = "dark";
    let days = days(today(&page), &asked);
    let (store, reach) = (&desk.app.store, by.reach());
    let parts = [Part::Community, Part::Unit, Part::Category];
    let summary = gather(store, &office, &Within::of(&reach, &office)?, days, today(&page), &parts).await?;
    let settled = count(store, &office, &reach, &days).await?.whole.settled;
    let rows = |part: Part| summary.parts.iter().find(|(one, _)| *one == part).map_or(&[][..], |(_, rows)| rows.as_slice());
    let text = |key: &str| page.w.t(key).into_owned();
    let mut panels = vec![
        Panel {
            title: text("screen-communities"),
            bars: rates(&page, &office, Part::Community, rows(Part::Community)),
            ..Panel::default()
        },
        Panel { title: text("summary-over-time"), columns: columns(&summary), ..Panel::default() },
        Panel { title: text("screen-units"), bars: rates(&page, &office, Part::Unit, rows(Part::Unit)), ..Panel::default() },
        Panel { title: text("screen-categories"), bars: volumes(&page, &office, Part::Category, rows(Part::Category)), ..Panel::default() },
        Panel { title: text("summary-by-slot"), heat: heat(&page, &summary), ..Panel::default() },
    ];
    let standing = asked.panel.parse::<usize>().ok().filter(|n| *n < panels.len()).unwrap_or(0);
    let all = panels.len();
    for (n, panel) in panels.iter_mut().enumerate() {
        panel.shown = n == standing;
    }
    let rest = |period: &Period| format!("from={}&to={}", period.from, period.to);
    // A period that was asked for stays; "so far" goes on by itself.
    let kept = asked.days().map(|days| Period { from: days.from.to_string(), to: days.to.to_string(), ..Period::default() });
    let kept = kept.as_ref().map(|period| format!("&{}", rest(period))).unwrap_or_default();
    let template = ScreenPage {
        period: page.w.a2("filter-period", "from", days.from.to_string(), "to", days.to.to_string()).into_owned(),
        at: page.w.a("screen-at", "at", page.at_full(&page.now)).into_owned(),
        clock: page.at_full(&page.now).split(' ').next_back().unwrap_or_default().to_owned(),
        figures: figures(&page, &summary, settled),
        next: format!("{}?panel={}{kept}", page.href("/screen"), (standing + 1) % all),
        stands: STANDS,
        back: format!("{}?from={}&to={}", page.href("/summary"), days.from, days.to),
        height: CHART.0,
        empty: !summary.whole.handed_out(),
        panels,
        page,
    };
    Ok(render(axum::http::StatusCode::OK, &template))
}
