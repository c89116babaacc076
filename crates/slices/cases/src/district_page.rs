//! The district's page: the tenants below it side by side, from the sums that each of them keeps; each figure opens that
//! tenant's list, for whom that tenant has granted it. No two tenants are read in one transaction.

use crate::matter_figures::{MatterCounts, count};
use crate::matters::MatterList;
use crate::office::Office;
use crate::summary::{Summary, Within, change_percent, gather};
use crate::summary_page::{FIGURES, Opens, Period, Way, percent, period, rate_of, today};
use crate::sums::Days;
use crate::verbs::{ReadSummary, TakeRegister};
use crate::worklist::Asked;
use access::actor::ActorData;
use access::http::Desk;
use access::{Actor, account, grants};
use axum::extract::Query;
use axum::response::Response;
use jiff::civil::Date;
use kernel::{Error, Result, ensure};
use web::PageContext;
use web::html::render;

/// One tenant, with the list behind each figure.
struct Line {
    name: String,
    /// Its summary.
    href: String,
    cells: Vec<Opens>,
    rate: String,
    permille: i64,
    matters: [Opens; 3],
    /// In circulars, beside the period before.
    change: String,
}

#[derive(askama::Template)]
#[template(path = "district_page.html")]
struct DistrictPage {
    page: PageContext,
    period: Period,
    picks: Vec<Way>,
    error: String,
    before: String,
    heads: Vec<String>,
    lines: Vec<Line>,
    /// Over all: figures with their rates, and matters.
    total: Vec<(i64, String)>,
    total_rate: String,
    total_permille: i64,
    total_matters: [i64; 3],
    /// The table as a sheet and on paper, for who may take one somewhere.
    registers: Option<(String, String)>,
    /// Tenants below that have granted nothing.
    without: Vec<String>,
}

/// The account as the actor that a tenant lets it be, with no more than it acts with here.
pub fn there(desk: &Desk, granted: &grants::Granted) -> Actor {
    Actor::new(ActorData {
        tenant: granted.tenant.id,
        home: desk.account.tenant_id,
        of_district: true,
        account: Some(desk.account.id),
        name: desk.actor.name.clone(),
        assignments: granted.assignments.clone(),
    })
    .limited_as(&desk.actor)
}

/// The figures of one tenant.
pub struct Seen {
    pub summary: Summary,
    pub matters: MatterCounts,
}

/// The figures of one tenant as the actor there is let see them; nothing where it is not.
pub async fn of_tenant(desk: &Desk, actor: &Actor, days: Days, today: Date) -> Result<Option<Seen>> {
    let Ok(by) = actor.permit_some::<ReadSummary>() else { return Ok(None) };
    let (store, reach) = (&desk.app.store, by.reach());
    let office = Office::of_tenant(&desk.app, by.tenant()).await?;
    let summary = gather(store, &office, &Within::of(&reach, &office)?, days, today, &[]).await?;
    let matters = count(store, &office, &reach, &days).await?.whole;
    Ok(Some(Seen { summary, matters }))
}

fn line(page: &PageContext, granted: &grants::Granted, name: String, seen: &Seen) -> Line {
    let Seen { summary, matters } = seen;
    let (from, to) = (summary.days.from.to_string(), summary.days.to.to_string());
    let base = Asked { from: from.clone(), to: to.clone(), ..Asked::default() };
    let slug = &granted.tenant.slug;
    let counts = &summary.whole;
    let cell = |(column, (figure, kind, outcome, key)): (usize, crate::summary_page::Figure)| {
        let asked = Asked { kind: kind.to_string(), outcome: outcome.to_owned(), ..base.clone() };
        Opens {
            n: figure(counts),
            href: format!("/t/{slug}/cases{}", asked.query_string()),
            label: page.w.t(key).into_owned(),
            small: rate_of(column, counts),
        }
    };
    let change = match change_percent(counts.in_circulars, summary.whole_before.in_circulars) {
        Some(percent) if percent > 0 => format!("+{percent}%"),
        Some(percent) => format!("{percent}%").replace('-', "−"),
        None => "—".to_owned(),
    };
    Line {
        name,
        href: format!("/t/{slug}/summary?from={from}&to={to}"),
        cells: FIGURES.into_iter().enumerate().map(cell).collect(),
        rate: percent(counts.rectified_permille()),
        permille: counts.rectified_permille().unwrap_or(0),
        matters: [
            (matters.opened, MatterList::Opened, "", "summary-matters-opened"),
            (matters.settled, MatterList::Ended, "&state=settled", "summary-matters"),
            (matters.standing, MatterList::Standing, "", "summary-matters-open"),
        ]
        .map(|(n, list, state, key)| Opens {
            n,
            href: format!("/t/{slug}/matters?list={list}{state}&from={from}&to={to}"),
            label: page.w.t(key).into_owned(),
            small: String::new(),
        }),
        change,
    }
}

/// A tenant does not learn that others are compared; nor does anybody at another address than the district's own.
pub fn at_home(desk: &Desk) -> Result<()> {
    ensure(desk.tenant.is_district() && desk.actor.of_district && desk.actor.home == desk.tenant.id, Error::not_found())
}

pub async fn get(desk: Desk, Query(asked): Query<Period>) -> web::Result<Response> {
    at_home(&desk)?;
    let page = desk.page("district-title");
    let (days, bad) = period(today(&page), &asked);
    let granted = grants::of_account(&desk.app.store, &desk.account).await?;
    let mut lines = Vec::new();
    let (mut whole, mut matters) = (crate::days::Counts::default(), MatterCounts::default());
    let (mut there_are, mut may_take) = (Vec::new(), false);
    for one in &granted {
        let actor = there(&desk, one);
        may_take |= actor.can_some::<ReadSummary>() && actor.can_some::<TakeRegister>();
        if let Some(seen) = of_tenant(&desk, &actor, days, today(&page)).await? {
            whole += seen.summary.whole;
            matters += seen.matters;
            there_are.push(one.tenant.id);
            lines.push(line(&page, one, desk.name_of(&one.tenant), &seen));
        }
    }
    let children = account::children(&desk.app.store, desk.tenant.id).await?;
    let without = children.iter().filter(|child| !there_are.contains(&child.id)).map(|child| desk.name_of(child)).collect();
    let before = days.before();
    let before = page.w.a2("filter-period", "from", before.from.to_string(), "to", before.to.to_string());
    let now = today(&page);
    let last = now.first_of_month().yesterday().unwrap_or(now);
    let year = Date::new(now.year(), 1, 1).unwrap_or(now);
    let choices = [
        ("summary-this-month", Days { from: now.first_of_month(), to: now }),
        ("summary-last-month", Days { from: last.first_of_month(), to: last }),
        ("summary-this-year", Days { from: year, to: now }),
    ];
    let pick = |(key, choice): (&str, Days)| Way {
        href: format!("{}?from={}&to={}", page.href("/district"), choice.from, choice.to),
        label: page.w.t(key).into_owned(),
        on: choice == days,
    };
    let template = DistrictPage {
        picks: choices.into_iter().map(pick).collect(),
        error: if bad { page.w.t("summary-bad-period").into_owned() } else { String::new() },
        before: page.w.a("summary-beside", "period", before).into_owned(),
        heads: FIGURES.iter().map(|(.., key)| page.w.t(key).into_owned()).collect(),
        lines,
        total: FIGURES.into_iter().enumerate().map(|(column, (figure, ..))| (figure(&whole), rate_of(column, &whole))).collect(),
        total_rate: percent(whole.rectified_permille()),
        total_permille: whole.rectified_permille().unwrap_or(0),
        total_matters: [matters.opened, matters.settled, matters.standing],
        registers: may_take.then(|| {
            let at = |form: &str| format!("{}?from={}&to={}", page.href(&format!("/district.{form}")), days.from, days.to);
            (at("xlsx"), at("pdf"))
        }),
        without,
        period: Period { from: days.from.to_string(), to: days.to.to_string(), ..Period::default() },
        page,
    };
    Ok(render(axum::http::StatusCode::OK, &template))
}
