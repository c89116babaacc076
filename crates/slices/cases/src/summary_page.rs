//! The summary: found, in circulars, rectified, on time and what happened on the way, of any period and beside the one before,
//! by every part of the whole; each figure opens the cases that it counted.

use crate::days::{Counts, Part};
use crate::listing::Kind;
use crate::matter_figures::{MatterCounts, MatterFigures, count};
use crate::matter_page;
use crate::matters::{self, MatterList, MatterState, Of};
use crate::office::Office;
use crate::summary::{Row, SLOTS, Summary, WEEKDAYS, Within, change_percent, gather, name};
use crate::sums::{Days, MOST_DAYS};
use crate::verbs::{ReadSummary, TakeRegister};
use crate::worklist::{Asked, NONE};
use access::http::Desk;
use axum::extract::Query;
use axum::response::Response;
use jiff::civil::Date;
use kernel::ids::Uuid;
use kernel::{Result, TenantId};
use serde::{Deserialize, Serialize};
use store::Store;
use web::PageContext;
use web::html::render;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Period {
    pub from: String,
    pub to: String,
    /// Which part the table shows; communities where it is none of ours.
    pub by: String,
    /// The table shows all of its rows.
    pub all: String,
}

/// The parts that the table can show, in the order of their tabs.
pub const PARTS: [Part; 5] = [Part::Community, Part::Compound, Part::Unit, Part::Category, Part::Source];

/// A figure and the list that it counted.
pub struct Opens {
    pub n: i64,
    pub href: String,
    pub label: String,
    /// A rate, or what it was in the period before.
    pub small: String,
}

/// One row of the table: its name, and its figures with the list behind each.
pub struct RowView {
    pub name: String,
    pub cells: Vec<Opens>,
    /// `98.1 %`, or a dash over nothing.
    pub rate: String,
    /// 0 to 1000, for the bar.
    pub permille: i64,
}

/// One row of the table of difficult matters.
pub struct MatterRow {
    pub name: String,
    pub cells: Vec<Opens>,
}

/// A way to go on: a tab, a period to choose.
pub struct Way {
    pub href: String,
    pub label: String,
    pub on: bool,
}

/// Two bars of the chart over time, in the drawing's units, and the figures that they show.
pub struct BarView {
    pub label: String,
    pub x: i64,
    pub width: i64,
    pub found_y: i64,
    pub found_height: i64,
    pub rectified_y: i64,
    pub rectified_height: i64,
    pub found: Opens,
    pub in_circulars: Opens,
    pub rectified: Opens,
    /// Whether its label stands below the chart.
    pub told: bool,
}

/// One hour of one weekday.
pub struct HeatCell {
    pub found: Option<Opens>,
    /// 0 to 5.
    pub level: i64,
}

pub struct HeatRow {
    pub name: String,
    pub cells: Vec<HeatCell>,
    pub sum: Opens,
}

/// What was found by the hour of the week, with the sums of days, hours and all.
pub struct Heat {
    pub rows: Vec<HeatRow>,
    pub hours: Vec<Opens>,
    pub all: Opens,
}

#[derive(askama::Template)]
#[template(path = "summary_page.html")]
struct SummaryPage {
    page: PageContext,
    period: Period,
    picks: Vec<Way>,
    error: String,
    before: String,
    main: Vec<Opens>,
    on_the_way: Vec<Opens>,
    satisfaction: Vec<Opens>,
    apart: Vec<Opens>,
    matters: Vec<Opens>,
    matter_part: String,
    matter_rows: Vec<MatterRow>,
    bars: Vec<BarView>,
    heads: Vec<String>,
    tabs: Vec<Way>,
    part: String,
    rows: Vec<RowView>,
    /// Where the table has more rows than it shows: how many in all, and the way to them.
    longer: Option<Way>,
    total: RowView,
    heat: Heat,
    sheet: Option<String>,
    screen: String,
    empty: bool,
}

/// `981` permille as `98.1%`.
pub fn percent(permille: Option<i64>) -> String {
    permille.map_or_else(|| "—".to_owned(), |permille| format!("{}.{}%", permille / 10, permille % 10))
}

/// What a figure counts, of which list, with which outcome, and the key of its words.
pub type Figure = (fn(&Counts) -> i64, Kind, &'static str, &'static str);

/// The figures of a row, in the order of the table's columns.
pub const FIGURES: [Figure; 15] = [
    (|c| c.found, Kind::Found, "", "summary-found"),
    (|c| c.in_circulars, Kind::Dispatched, "", "summary-in-circulars"),
    (|c| c.rectified, Kind::Dispatched, "rectified", "summary-rectified"),
    (Counts::remaining, Kind::Dispatched, "remaining", "summary-remaining"),
    (|c| c.on_time, Kind::Dispatched, "on_time", "summary-on-time"),
    (|c| c.rework, Kind::Dispatched, "rework", "summary-rework"),
    (|c| c.recurring, Kind::Found, "recurring", "summary-recurring"),
    (|c| c.extended, Kind::Dispatched, "extended", "summary-extended"),
    (|c| c.held, Kind::Dispatched, "held", "summary-held"),
    (|c| c.transferred, Kind::Found, "transferred", "summary-transferred"),
    (|c| c.disputed, Kind::Dispatched, "disputed", "summary-disputed"),
    (|c| c.upheld, Kind::Dispatched, "upheld", "summary-upheld"),
    (|c| c.called_back, Kind::Found, "called_back", "summary-called-back"),
    (|c| c.solved, Kind::Found, "solved", "summary-solved"),
    (|c| c.satisfied, Kind::Found, "satisfied", "summary-satisfied"),
];
/// So many rows of a part are looked through; the rest is one click further, and on the sheet.
const MOST_ROWS: usize = 50;
/// How many of them are the first row of tiles; and from which on they are what callers said. Those between happened on the way.
const MAIN: usize = 6;
const SAID: usize = 12;

/// The rate that stands beside a figure of its column, where there is one.
pub fn rate_of(column: usize, counts: &Counts) -> String {
    let permille = match column {
        2 => counts.rectified_permille(),
        4 => counts.on_time_permille(),
        5 => counts.rework_permille(),
        13 => counts.solved_permille(),
        14 => counts.satisfied_permille(),
        _ => return String::new(),
    };
    percent(permille)
}

/// The addresses of one row's lists: all that tells them apart is the kind and the outcome, so the rest is written once.
struct Lists([String; 3]);

impl Lists {
    fn of(page: &PageContext, base: &Asked) -> Lists {
        // Neither stands in any id, date or word.
        let (kind, outcome) = ("_kind_", "_outcome_");
        let asked = Asked { kind: kind.to_owned(), outcome: outcome.to_owned(), ..base.clone() };
        let whole = page.href(&format!("/cases{}", asked.query_string()));
        let (head, rest) = whole.split_once(kind).unwrap_or((&whole, ""));
        let (middle, tail) = rest.split_once(outcome).unwrap_or((rest, ""));
        Lists([head.to_owned(), middle.to_owned(), tail.to_owned()])
    }
    fn href(&self, kind: Kind, outcome: &str) -> String {
        let Lists([head, middle, tail]) = self;
        // An empty field is no part of a list's address.
        let middle = if outcome.is_empty() { middle.strip_suffix("&outcome=").unwrap_or(middle) } else { middle };
        [head, kind.as_str(), middle, outcome, tail].concat()
    }
}

fn row_view(page: &PageContext, heads: &[String], name: String, counts: &Counts, base: &Asked) -> RowView {
    let lists = Lists::of(page, base);
    let cell = |(column, ((figure, kind, outcome, _), head)): (usize, (Figure, &String))| Opens {
        n: figure(counts),
        href: lists.href(kind, outcome),
        label: head.clone(),
        small: rate_of(column, counts),
    };
    RowView {
        name,
        cells: FIGURES.into_iter().zip(heads).enumerate().map(cell).collect(),
        rate: percent(counts.rectified_permille()),
        permille: counts.rectified_permille().unwrap_or(0),
    }
}

/// The list's address narrowed to a row.
fn narrowed(base: &Asked, part: Part, key: &str) -> Asked {
    let id = if Uuid::try_parse(key).is_ok_and(|id| id.is_nil()) { NONE.to_owned() } else { key.to_owned() };
    match part {
        Part::Community => Asked { community: id, ..base.clone() },
        Part::Compound => Asked { compound: id, ..base.clone() },
        Part::Unit => Asked { unit: id, ..base.clone() },
        Part::Category => Asked { category: id, ..base.clone() },
        Part::Source => Asked { source: id, ..base.clone() },
        Part::All | Part::Slot => base.clone(),
    }
}

/// Today in the tenant.
pub fn today(page: &PageContext) -> Date {
    page.now.to_timestamp().to_zoned_datetime(page.zone.clone()).date()
}

/// Today where a tenant is.
pub fn today_of(desk: &Desk) -> Date {
    let zone = jiff::tz::TimeZone::get(&desk.tenant.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    desk.app.world.now().to_timestamp().to_zoned_datetime(zone).date()
}

/// The days asked for; this month so far when none are, and whether what was asked is not days.
pub fn period(today: Date, asked: &Period) -> (Days, bool) {
    let default = Days { from: today.first_of_month(), to: today };
    let from = if asked.from.is_empty() { default.from.to_string() } else { asked.from.clone() };
    let to = if asked.to.is_empty() { default.to.to_string() } else { asked.to.clone() };
    Days::parse(&from, &to).filter(|days| days.count() <= MOST_DAYS).map_or((default, true), |days| (days, false))
}

/// Periods to choose: this month, the month before, this year so far, and the special periods that have begun, the latest first.
async fn picks(page: &PageContext, store: &Store, tenant: TenantId, days: &Days, by: &str) -> Result<Vec<Way>> {
    let today = today(page);
    let last = today.first_of_month().yesterday().unwrap_or(today);
    let year = Date::new(today.year(), 1, 1).unwrap_or(today);
    let mut choices = vec![
        (page.w.t("summary-this-month").into_owned(), Days { from: today.first_of_month(), to: today }),
        (page.w.t("summary-last-month").into_owned(), Days { from: last.first_of_month(), to: last }),
        (page.w.t("summary-this-year").into_owned(), Days { from: year, to: today }),
    ];
    let mut special: Vec<(String, Days)> = territory::periods::periods(store, tenant)
        .await?
        .into_iter()
        .filter_map(|period| Some((period.name, Days::parse(&period.first_day, &period.last_day)?)))
        .filter(|(_, days)| days.from <= today)
        .collect();
    special.sort_by_key(|(_, days)| std::cmp::Reverse(days.from));
    special.truncate(6);
    choices.extend(special);
    let way = |(label, choice): (String, Days)| {
        let by = if by.is_empty() { String::new() } else { format!("&by={by}") };
        Way { on: choice == *days, href: format!("{}?from={}&to={}{by}", page.href("/summary"), choice.from, choice.to), label }
    };
    Ok(choices.into_iter().map(way).collect())
}

/// The figure of the period before, and how far this one is from it.
fn beside(page: &PageContext, now: i64, before: i64) -> String {
    match change_percent(now, before) {
        Some(0) => page.w.a("summary-before-same", "n", before).into_owned(),
        Some(percent) => {
            let sign = if percent > 0 { "+" } else { "−" };
            page.w.a2("summary-before-change", "n", before, "change", format!("{sign}{}%", percent.abs())).into_owned()
        }
        None => page.w.a("summary-before", "n", before).into_owned(),
    }
}

fn tiles(page: &PageContext, summary: &Summary, base: &Asked) -> Vec<Opens> {
    let lists = Lists::of(page, base);
    let tile = |(column, (figure, kind, outcome, key)): (usize, Figure)| {
        let (now, before) = (figure(&summary.whole), figure(&summary.whole_before));
        let rate = rate_of(column, &summary.whole);
        let label = page.w.t(key).into_owned();
        // A share of those with a deadline, or of those called back, not of all.
        let label = match column {
            4 => page.w.a2("summary-on-time-rate", "rate", rate, "of", summary.whole.with_deadline).into_owned(),
            13 => page.w.a2("summary-solved-rate", "rate", rate, "of", summary.whole.called_back).into_owned(),
            14 => page.w.a2("summary-satisfied-rate", "rate", rate, "of", summary.whole.called_back).into_owned(),
            _ if rate.is_empty() => label,
            _ => format!("{label} · {rate}"),
        };
        Opens { n: now, href: lists.href(kind, outcome), label, small: beside(page, now, before) }
    };
    FIGURES.into_iter().enumerate().map(tile).collect()
}

/// The drawing's height, and its width.
pub const CHART: (i64, i64) = (150, 720);

fn bars(page: &PageContext, summary: &Summary, base: &Asked) -> Vec<BarView> {
    let most = summary.over_time.iter().map(|span| span.counts.found.max(span.counts.in_circulars)).max().unwrap_or(0).max(1);
    let count = i64::try_from(summary.over_time.len()).unwrap_or(1).max(1);
    let step = CHART.1 / count;
    let width = (step * 2 / 5).clamp(2, 24);
    let every = (count + 5) / 6;
    let high = |n: i64| if n == 0 { 0 } else { (n * CHART.0 / most).max(2) };
    let bar = |(n, span): (i64, &crate::summary::Span)| {
        let days = &span.days;
        let (from, to) = (days.from.to_string(), days.to.to_string());
        let label = if days.from == days.to {
            days.from.strftime("%m-%d").to_string()
        } else {
            format!("{}–{}", days.from.strftime("%m-%d"), days.to.strftime("%m-%d"))
        };
        let lists = Lists::of(page, &Asked { from, to, ..base.clone() });
        let opens =
            |n: i64, kind: Kind, outcome: &str| Opens { n, href: lists.href(kind, outcome), label: String::new(), small: String::new() };
        let (found, rectified) = (high(span.counts.found), high(span.counts.rectified));
        BarView {
            label,
            x: n * step + (step - 2 * width).max(0) / 2,
            width,
            found_y: CHART.0 - found,
            found_height: found,
            rectified_y: CHART.0 - rectified,
            rectified_height: rectified,
            found: opens(span.counts.found, Kind::Found, ""),
            in_circulars: opens(span.counts.in_circulars, Kind::Dispatched, ""),
            rectified: opens(span.counts.rectified, Kind::Dispatched, "rectified"),
            told: n % every == 0,
        }
    };
    (0_i64..).zip(&summary.over_time).map(bar).collect()
}

fn heat(page: &PageContext, summary: &Summary, base: &Asked) -> Heat {
    let most = summary.found_by_slot.iter().copied().max().unwrap_or(0).max(1);
    // Some two hundred addresses that end differently.
    let all = Lists::of(page, base).href(Kind::Found, "");
    let opens = |n: i64, weekday: Option<usize>, hour: Option<usize>| {
        let weekday = weekday.map(|weekday| format!("&weekday={}", weekday + 1)).unwrap_or_default();
        let hour = hour.map(|hour| format!("&hour={hour}")).unwrap_or_default();
        Opens { n, href: [all.as_str(), &weekday, &hour].concat(), label: String::new(), small: String::new() }
    };
    let found = |weekday: usize, hour: usize| summary.found_by_slot.get(weekday * 24 + hour).copied().unwrap_or(0);
    let rows = (0..SLOTS / 24).map(|weekday| {
        let cell = |hour: usize| {
            let n = found(weekday, hour);
            HeatCell { found: (n != 0).then(|| opens(n, Some(weekday), Some(hour))), level: (n * 5 + most - 1) / most }
        };
        let sum = (0..24).map(|hour| found(weekday, hour)).sum();
        HeatRow {
            name: WEEKDAYS.get(weekday).map(|key| page.w.t(key).into_owned()).unwrap_or_default(),
            cells: (0..24).map(cell).collect(),
            sum: opens(sum, Some(weekday), None),
        }
    });
    let sums = (0..24).map(|hour| opens((0..SLOTS / 24).map(|weekday| found(weekday, hour)).sum(), None, Some(hour)));
    Heat { rows: rows.collect(), hours: sums.collect(), all: opens(summary.found_by_slot.iter().sum(), None, None) }
}

/// The three figures of matters, with the list behind each.
fn matter_cells(page: &PageContext, counts: &MatterCounts, before: Option<&MatterCounts>, base: &matter_page::Asked) -> Vec<Opens> {
    let opens = |n: i64, was: Option<i64>, list: MatterList, state: &str, key: &str| Opens {
        n,
        href: page.href(&format!(
            "/matters{}",
            matter_page::Asked { list: list.to_string(), state: state.to_owned(), ..base.clone() }.query_string()
        )),
        label: page.w.t(key).into_owned(),
        small: was.map(|was| beside(page, n, was)).unwrap_or_default(),
    };
    vec![
        opens(counts.opened, before.map(|was| was.opened), MatterList::Opened, "", "summary-matters-opened"),
        opens(counts.settled, before.map(|was| was.settled), MatterList::Ended, MatterState::Settled.as_str(), "summary-matters"),
        opens(counts.standing, before.map(|was| was.standing), MatterList::Standing, "", "summary-matters-open"),
    ]
}

/// The table of matters, by one part.
fn matter_rows(page: &PageContext, office: &Office, part: Part, figures: &MatterFigures, base: &matter_page::Asked) -> Vec<MatterRow> {
    let row = |(of, counts): (Of, MatterCounts)| MatterRow {
        name: matter_page::name_of(page.w, office, part, of),
        cells: matter_cells(page, &counts, None, &base.within(part, of)),
    };
    let mut rows: Vec<(Of, MatterCounts)> = figures.by(part).collect();
    rows.sort_by_key(|(of, counts)| (std::cmp::Reverse((counts.standing, counts.opened, counts.settled)), *of));
    rows.into_iter().map(row).collect()
}

fn part_of(asked: &Period) -> Part {
    asked.by.parse().ok().filter(|part| PARTS.contains(part)).unwrap_or(Part::Community)
}

pub async fn get(desk: Desk, Query(asked): Query<Period>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ReadSummary>()?;
    let office = Office::of(&desk).await?;
    let page = desk.page("summary-title");
    let (days, bad) = period(today(&page), &asked);
    let part = part_of(&asked);
    let (store, tenant, reach) = (&desk.app.store, by.tenant(), by.reach());
    let within = Within::of(&reach, &office)?;
    let summary = gather(store, &office, &within, days, today(&page), &[part]).await?;
    let (from, to) = (days.from.to_string(), days.to.to_string());
    let base = Asked { from: from.clone(), to: to.clone(), ..Asked::default() };
    let rows: &[Row] = summary.parts.first().map_or(&[], |(_, rows)| rows);
    let heads: Vec<String> = FIGURES.iter().map(|(.., key)| page.w.t(key).into_owned()).collect();
    // What has only its own checks stands in the figures above, and not as a row of noughts.
    let rows: Vec<&Row> = rows.iter().filter(|row| row.counts.handed_out()).collect();
    let shown = if asked.all.is_empty() { MOST_ROWS.min(rows.len()) } else { rows.len() };
    let longer = (shown < rows.len()).then(|| Way {
        href: format!("{}?from={from}&to={to}&by={part}&all=1#parts", page.href("/summary")),
        label: page.w.a("summary-all-rows", "n", rows.len()).into_owned(),
        on: false,
    });
    let rows: Vec<RowView> = rows
        .into_iter()
        .take(shown)
        .map(|row| row_view(&page, &heads, name(page.w, &office, part, &row.key), &row.counts, &narrowed(&base, part, &row.key)))
        .collect();
    let lists = Lists::of(&page, &base);
    let apart = |now: i64, before: i64, kind: Kind| Opens {
        n: now,
        href: lists.href(kind, ""),
        label: page.w.t(&format!("kind-{kind}")).into_owned(),
        small: beside(&page, now, before),
    };
    let of_days = count(store, &office, &reach, &days).await?;
    let matters_before = count(store, &office, &reach, &summary.before).await?;
    let of_matters = matter_page::Asked { from: from.clone(), to: to.clone(), ..matter_page::Asked::default() };
    // No matter comes from anywhere but its problems.
    let matter_part = if matters::PARTS.contains(&part) { part } else { Part::Community };
    let apart = vec![
        apart(summary.whole.on_spot, summary.whole_before.on_spot, Kind::MendedOnSpot),
        apart(summary.whole.self_checks, summary.whole_before.self_checks, Kind::SelfCheck),
    ];
    let address = |path: &str, by: &str| format!("{}?from={from}&to={to}&by={by}", page.href(path));
    let tab = |one: Part| Way {
        href: address("/summary", one.as_str()),
        label: page.w.t(&format!("summary-by-{one}")).into_owned(),
        on: one == part,
    };
    let mut main = tiles(&page, &summary, &base);
    let satisfaction = main.split_off(SAID);
    let on_the_way = main.split_off(MAIN);
    let before = page.w.a2("filter-period", "from", summary.before.from.to_string(), "to", summary.before.to.to_string());
    let template = SummaryPage {
        picks: picks(&page, store, tenant, &days, &asked.by).await?,
        error: if bad { page.w.t("summary-bad-period").into_owned() } else { String::new() },
        before: page.w.a("summary-beside", "period", before).into_owned(),
        main,
        on_the_way,
        satisfaction,
        apart,
        matters: matter_cells(&page, &of_days.whole, Some(&matters_before.whole), &of_matters),
        matter_part: page.w.t(&format!("summary-matters-by-{matter_part}")).into_owned(),
        matter_rows: matter_rows(&page, &office, matter_part, &of_days, &of_matters),
        bars: bars(&page, &summary, &base),
        total: row_view(&page, &heads, page.w.t("summary-total").into_owned(), &summary.whole, &base),
        heads,
        tabs: PARTS.into_iter().map(tab).collect(),
        part: page.w.t(&format!("summary-by-{part}")).into_owned(),
        empty: rows.is_empty(),
        rows,
        longer,
        heat: heat(&page, &summary, &base),
        sheet: desk.actor.can_some::<TakeRegister>().then(|| format!("{}?from={from}&to={to}", page.href("/summary.xlsx"))),
        screen: format!("{}?from={from}&to={to}", page.href("/screen")),
        period: Period { from, to, by: part.to_string(), ..Period::default() },
        page,
    };
    Ok(render(axum::http::StatusCode::OK, &template))
}
