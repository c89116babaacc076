//! The summary: found, in circulars, rectified, on time, by community and unit; each figure opens the cases that it counted.

use crate::figures::{By, Figures, parted, total, units_within};
use crate::kinds::Apart;
use crate::listing::Kind;
use crate::office::Office;
use crate::verbs::ReadSummary;
use crate::worklist::{Asked, NONE, day_range};
use access::http::Desk;
use axum::extract::Query;
use axum::response::Response;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use serde::Deserialize;
use web::PageContext;
use web::html::render;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Period {
    pub from: String,
    pub to: String,
}

/// One row of figures with the list behind each.
pub struct RowView {
    pub name: String,
    pub found: Opens,
    pub in_circulars: Opens,
    pub rectified: Opens,
    /// Of the rectified, those that on time is a share of.
    pub with_deadline: i64,
    pub on_time: Opens,
    pub remaining: Opens,
    pub rework: Opens,
    /// `98.1 %`, or a dash over nothing.
    pub rate: String,
    pub on_time_rate: String,
    /// 0 to 1000, for the bar.
    pub permille: i64,
}

/// A figure and the list that it counted.
pub struct Opens {
    pub n: i64,
    pub href: String,
}

#[derive(askama::Template)]
#[template(path = "summary_page.html")]
struct SummaryPage {
    page: PageContext,
    from: String,
    to: String,
    error: String,
    total: RowView,
    /// Counted apart: mended on the spot, self-checks, difficult matters settled.
    apart: Vec<(Opens, String)>,
    communities: Vec<RowView>,
    units: Vec<RowView>,
}

/// `981` permille as `98.1%`.
pub fn percent(permille: Option<i64>) -> String {
    permille.map_or_else(|| "—".to_owned(), |permille| format!("{}.{}%", permille / 10, permille % 10))
}

fn row(page: &PageContext, name: String, figures: &Figures, base: &Asked) -> RowView {
    let to = |kind: &str, outcome: &str| {
        page.href(&format!("/cases{}", Asked { kind: kind.into(), outcome: outcome.into(), ..base.clone() }.query_string()))
    };
    let opens = |n: i64, kind: &str, outcome: &str| Opens { n, href: to(kind, outcome) };
    RowView {
        name,
        found: opens(figures.found, "found", ""),
        in_circulars: opens(figures.in_circulars, "dispatched", ""),
        rectified: opens(figures.rectified, "dispatched", "rectified"),
        with_deadline: figures.with_deadline,
        on_time: opens(figures.on_time, "dispatched", "on_time"),
        remaining: opens(figures.remaining(), "dispatched", "remaining"),
        rework: opens(figures.rework, "dispatched", "rework"),
        rate: percent(figures.rectified_permille()),
        on_time_rate: percent(figures.on_time_permille()),
        permille: figures.rectified_permille().unwrap_or(0),
    }
}

/// The days asked for; this month so far when none are, and an error's code when they are not days.
fn period(page: &PageContext, asked: &Period) -> (String, String, bool) {
    let today = page.now.to_timestamp().to_zoned_datetime(page.zone.clone()).date();
    let day = |text: &str| text.parse::<jiff::civil::Date>().ok().filter(|day| (1..=9999).contains(&day.year()));
    let from = if asked.from.is_empty() { Some(today.first_of_month()) } else { day(&asked.from) };
    let to = if asked.to.is_empty() { Some(today) } else { day(&asked.to) };
    match (from, to) {
        (Some(from), Some(to)) if from <= to => (from.to_string(), to.to_string(), false),
        _ => (today.first_of_month().to_string(), today.to_string(), true),
    }
}

pub async fn get(desk: Desk, Query(asked): Query<Period>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ReadSummary>()?;
    let office = Office::of(&desk).await?;
    let page = desk.page("summary-title");
    let (from, to, bad) = period(&page, &asked);
    let (store, tenant, reach) = (&desk.app.store, by.tenant(), by.reach());
    let within = |community: &Uuid| {
        reach.all
            || office
                .directory
                .place(PlaceId(*community))
                .is_some_and(|place| reach.paths.iter().any(|path| place.path.starts_with(path.as_str())))
    };
    let mut communities = parted(store, tenant, By::Community, &from, &to).await?;
    communities.retain(|part| within(&part.of));
    // Who reaches only some communities is shown those, and of each unit what it has in them.
    let units = match reach.all {
        true => parted(store, tenant, By::Unit, &from, &to).await?,
        false => units_within(store, tenant, &from, &to, |community| within(&community)).await?,
    };
    let base = Asked { from: from.clone(), to: to.clone(), ..Asked::default() };
    let sum = total(&communities);
    let name = |id: Uuid| {
        office.directory.place(PlaceId(id)).map(|place| place.name.clone()).unwrap_or_else(|| page.w.t("summary-elsewhere").into_owned())
    };
    let unit = |id: Uuid| {
        office
            .directory
            .organisation(OrganisationId(id))
            .map(|unit| unit.name.clone())
            .unwrap_or_else(|| page.w.t("summary-no-unit").into_owned())
    };
    let narrow = |part: &Figures, community: bool| {
        let id = if part.of.is_nil() { NONE.to_owned() } else { part.of.to_string() };
        if community { Asked { community: id, ..base.clone() } } else { Asked { unit: id, ..base.clone() } }
    };
    let on_its_own = |n: i64, apart: Apart, kind: Kind| {
        let asked = Asked { kind: kind.to_string(), ..base.clone() };
        (Opens { n, href: page.href(&format!("/cases{}", asked.query_string())) }, page.w.t(&format!("apart-{apart}")).into_owned())
    };
    let (since, until) = day_range(office.hours.zone(), &from, &to);
    let mut apart = vec![
        on_its_own(sum.on_spot, Apart::MendedOnSpot, Kind::MendedOnSpot),
        on_its_own(sum.self_checks, Apart::SelfCheck, Kind::SelfCheck),
    ];
    if let (Some(since), Some(until)) = (since, until) {
        let mut settled = 0;
        let everywhere = vec![String::new()];
        for under in if reach.all { &everywhere } else { &reach.paths } {
            settled += crate::matters::settled(store, tenant, since, until, under).await?;
        }
        let href = page.href(&format!("/matters?list=ended&state=settled&from={from}&to={to}"));
        apart.push((Opens { n: settled, href }, page.w.t("summary-matters").into_owned()));
    }
    // What has only its own checks stands in the figures above, and not as a row of noughts.
    let handed_out = |part: &&Figures| part.found != 0 || part.in_circulars != 0;
    let template = SummaryPage {
        apart,
        total: row(&page, page.w.t("summary-total").into_owned(), &sum, &base),
        communities: communities.iter().filter(handed_out).map(|part| row(&page, name(part.of), part, &narrow(part, true))).collect(),
        units: units.iter().filter(handed_out).map(|part| row(&page, unit(part.of), part, &narrow(part, false))).collect(),
        error: if bad { page.w.t("summary-bad-period").into_owned() } else { String::new() },
        from,
        to,
        page,
    };
    Ok(render(axum::http::StatusCode::OK, &template))
}
