//! Special periods and seasons: their list, adding and changing them, and the duty roster of a period.

use super::organisations::{day, today};
use super::{Choice, Filled, may_manage, mendable, status_of, titled};
use crate::explain::{hours_words, share_words, weekday};
use crate::periods::{
    self, PERIOD_STALE, PeriodId, PeriodRow, RemovePeriod, RemoveSeason, SEASON_STALE, SHARE, SeasonId, SetPeriod, SetPeriodDuty, SetSeason,
};
use crate::verbs::{ManageTerritory, ViewTerritory};
use access::http::{Desk, Submitted};
use access::staff::Colleague;
use axum::extract::Path;
use axum::response::Response;
use jiff::civil::Date;
use kernel::calendar::Hours;
use kernel::ids::{AccountId, CommandId};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use web::html::render;
use web::{PageContext, Words};

struct SeasonView {
    id: SeasonId,
    version: i64,
    name: String,
    when: String,
    hours: String,
    form: Filled,
    commands: [CommandId; 2],
}

struct PeriodView {
    href: String,
    name: String,
    when: String,
    rules: String,
    now: bool,
}

#[derive(askama::Template)]
#[template(path = "periods.html")]
struct PeriodsPage {
    page: PageContext,
    seasons: Vec<SeasonView>,
    periods: Vec<PeriodView>,
    may_manage: bool,
    add_season: Filled,
    add_period: Filled,
    commands: [CommandId; 2],
}

/// Which of the list's forms came back.
enum Again {
    None,
    AddSeason(Filled, Error),
    EditSeason(SeasonId, Filled, Error),
    AddPeriod(Filled, Error),
}

/// What a period changes, in words: hours, working days, limits.
pub(super) fn rules_words(w: Words, period: &PeriodRow) -> String {
    let hours = period.hours.as_deref().and_then(|text| text.parse::<Hours>().ok());
    let mut parts = vec![hours.map_or_else(|| w.t("calendar-ordinary-hours").into_owned(), |hours| hours_words(w, &hours))];
    parts.push(w.t(if period.every_day { "period-worked" } else { "period-weekdays" }).into_owned());
    if let Some(share) = period.limit_permille.and_then(|share| u16::try_from(share).ok()) {
        parts.push(w.a("period-share-shown", "share", share_words(share)).into_owned());
    }
    parts.join(&w.t("list-semicolon"))
}

pub async fn list(desk: Desk) -> web::Result<Response> {
    show(&desk, Again::None).await
}

async fn show(desk: &Desk, again: Again) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let directory = crate::directory_of(desk).await?;
    let page = titled(desk, "periods-title");
    let w = page.w;
    let store = &desk.app.store;
    let today = today(desk, &directory)?.to_string();
    let (mut add_season, mut add_period, mut edited, mut error) = (Filled::default(), Filled::default(), None, None);
    match again {
        Again::None => {}
        Again::AddSeason(form, wrong) => (add_season, error) = (form, Some(wrong)),
        Again::EditSeason(id, form, wrong) => (edited, error) = (Some((id, form)), Some(wrong)),
        Again::AddPeriod(form, wrong) => (add_period, error) = (form, Some(wrong)),
    }
    let mut seasons = Vec::new();
    for row in periods::seasons(store, desk.actor.tenant).await? {
        let hours: Hours = row.hours.parse().map_err(Error::from)?;
        let came_back = edited.take_if(|(id, _)| *id == row.id).map(|(_, form)| form);
        seasons.push(SeasonView {
            when: w.with("season-every-year", &[("first", row.first_day.clone()), ("last", row.last_day.clone())]).into_owned(),
            hours: hours_words(w, &hours),
            form: came_back.unwrap_or_else(|| {
                let filled = Filled::default().with("name", row.name.clone()).with("first", row.first_day.clone());
                filled.with("last", row.last_day.clone()).with("hours", row.hours.clone())
            }),
            id: row.id,
            version: row.version,
            name: row.name,
            commands: std::array::from_fn(|_| desk.app.world.new_id()),
        });
    }
    // A season that somebody removed meanwhile: what was typed comes back as a new one.
    if let Some((_, form)) = edited {
        add_season = form;
    }
    let rows = periods::periods(store, desk.actor.tenant).await?;
    let period = |row: &PeriodRow| PeriodView {
        href: page.href(&format!("/calendar/periods/{}", row.id)),
        name: row.name.clone(),
        when: w.a2("calendar-span", "first", row.first_day.clone(), "last", row.last_day.clone()).into_owned(),
        rules: rules_words(w, row),
        now: row.first_day <= today && today <= row.last_day,
    };
    let status = error.as_ref().map_or(200, |error| error.kind().status());
    let template = PeriodsPage {
        seasons,
        periods: rows.iter().map(period).collect(),
        may_manage: may_manage(desk),
        add_season,
        add_period,
        commands: std::array::from_fn(|_| desk.app.world.new_id()),
        page,
    };
    Ok(render(axum::http::StatusCode::from_u16(status).unwrap_or_default(), &template))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SeasonForm {
    pub version: String,
    pub name: String,
    pub first: String,
    pub last: String,
    pub hours: String,
}

async fn put_season(submitted: &Submitted<SeasonForm>, season: Option<SeasonId>) -> Result<()> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let season = match season {
        Some(id) => Some((id, form.version.parse().map_err(|_| SEASON_STALE.err())?)),
        None => None,
    };
    let command =
        SetSeason { by, season, name: form.name.clone(), first: form.first.clone(), last: form.last.clone(), hours: form.hours.clone() };
    desk.app.store.run(submitted.pass.clone(), command).await.map(drop)
}

pub async fn add_season(submitted: Submitted<SeasonForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    match put_season(&submitted, None).await {
        Ok(()) => Ok(desk.done("done-season-set", "/calendar/periods")),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "periods-title").w, &submitted.form, &error);
            show(desk, Again::AddSeason(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn edit_season(Path((_, id)): Path<(String, String)>, submitted: Submitted<SeasonForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let season: SeasonId = id.parse().map_err(|_| Error::not_found())?;
    match put_season(&submitted, Some(season)).await {
        Ok(()) => Ok(desk.done("done-season-set", "/calendar/periods")),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "periods-title").w, &submitted.form, &error);
            show(desk, Again::EditSeason(season, filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RemoveForm {
    pub version: String,
}

pub async fn remove_season(Path((_, id)): Path<(String, String)>, submitted: Submitted<RemoveForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let season: SeasonId = id.parse().map_err(|_| Error::not_found())?;
    let outcome = async {
        let version = form.version.parse().map_err(|_| SEASON_STALE.err())?;
        desk.app.store.run(submitted.pass.clone(), RemoveSeason { by, season, version }).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-season-removed", "/calendar/periods")),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "periods-title").w, form, &error);
            show(desk, Again::AddSeason(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PeriodForm {
    pub version: String,
    pub name: String,
    pub first: String,
    pub last: String,
    pub hours: String,
    /// Not empty: weekends and holidays are worked too.
    pub every_day: String,
    /// Percent with at most one decimal; empty for the whole.
    pub share: String,
}

/// `50`, `12.5`, `12.5%` as permille, more than nothing and less than the whole; none where the field is empty.
fn share(text: &str) -> Result<Option<u16>> {
    let wrong = || Error::field("share", SHARE);
    let text = text.trim().trim_end_matches(['%', '\u{ff05}']).trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole, 2) || !digits(tenth, 1) {
        return Err(wrong());
    }
    let (whole, tenth): (u16, u16) = (whole.parse().map_err(|_| wrong())?, tenth.parse().map_err(|_| wrong())?);
    if whole + tenth == 0 { Err(wrong()) } else { Ok(Some(whole * 10 + tenth)) }
}

async fn put_period(submitted: &Submitted<PeriodForm>, period: Option<PeriodId>) -> Result<PeriodId> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let period = match period {
        Some(id) => Some((id, form.version.parse().map_err(|_| PERIOD_STALE.err())?)),
        None => None,
    };
    let command = SetPeriod {
        by,
        period,
        name: form.name.clone(),
        first: day("first", &form.first)?,
        last: day("last", &form.last)?,
        hours: form.hours.clone(),
        every_day: !form.every_day.is_empty(),
        limit_permille: share(&form.share)?,
    };
    desk.app.store.run(submitted.pass.clone(), command).await.map(|made| made.out)
}

pub async fn add(submitted: Submitted<PeriodForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    match put_period(&submitted, None).await {
        Ok(id) => Ok(desk.done("done-period-set", &format!("/calendar/periods/{id}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "periods-title").w, &submitted.form, &error);
            show(desk, Again::AddPeriod(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

struct DutyLine {
    date: String,
    leader: String,
    person: String,
}

#[derive(askama::Template)]
#[template(path = "period.html")]
struct PeriodPage {
    page: PageContext,
    id: PeriodId,
    version: i64,
    name: String,
    when: String,
    rules: String,
    lines: Vec<DutyLine>,
    /// Days that lack the leader, the person, or both.
    gaps: usize,
    may_manage: bool,
    edit: Filled,
    duty: Filled,
    leaders: Vec<Choice>,
    people: Vec<Choice>,
    commands: [CommandId; 3],
}

/// Which of a period's forms came back.
enum OneAgain {
    None,
    Edit(Filled, Error),
    Duty(Filled, Error),
}

pub async fn one(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    show_one(&desk, id.parse().map_err(|_| Error::not_found())?, OneAgain::None).await
}

async fn show_one(desk: &Desk, id: PeriodId, again: OneAgain) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let page = titled(desk, "periods-title");
    let w = page.w;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let row = periods::periods(store, tenant).await?.into_iter().find(|row| row.id == id).ok_or_else(Error::not_found)?;
    let period = row.period()?;
    let manages = may_manage(desk);
    let staff = if manages { access::staff::staff(store, tenant).await? } else { Vec::new() };
    let duty = periods::duty(store, tenant, id).await?;
    // Whoever left the office since is still named.
    let known: Vec<AccountId> = duty.iter().flat_map(|line| [line.leader_id, line.person_id]).flatten().collect();
    let names = access::names(store, tenant, known.into_iter()).await?;
    let name = |account: Option<AccountId>| account.and_then(|account| names.get(&account).cloned()).unwrap_or_default();
    let line = |date: Date| {
        let found = duty.iter().find(|line| line.day == date.to_string());
        DutyLine {
            date: format!("{date} {}", weekday(w, date)),
            leader: name(found.and_then(|line| line.leader_id)),
            person: name(found.and_then(|line| line.person_id)),
        }
    };
    let days = period.first.series(jiff::ToSpan::days(1)).take_while(|date| *date <= period.last);
    let lines: Vec<DutyLine> = days.map(line).collect();
    let filled = Filled::default()
        .with("name", row.name.clone())
        .with("first", row.first_day.clone())
        .with("last", row.last_day.clone())
        .with("hours", row.hours.clone().unwrap_or_default())
        .with("every_day", if row.every_day { "on" } else { "" })
        .with("share", period.limit_permille.map(|share| share_words(share).trim_end_matches('%').to_owned()).unwrap_or_default());
    let blank = Filled::default().with("first", row.first_day.clone()).with("last", row.first_day.clone());
    let (edit, duty_form, error) = match again {
        OneAgain::None => (filled, blank, None),
        OneAgain::Edit(form, error) => (form, blank, Some(error)),
        OneAgain::Duty(form, error) => (filled, form, Some(error)),
    };
    let status = if edit.is_again() { status_of(&edit, error.as_ref()) } else { status_of(&duty_form, error.as_ref()) };
    let template = PeriodPage {
        id,
        version: row.version,
        name: row.name.clone(),
        when: w.a2("calendar-span", "first", row.first_day.clone(), "last", row.last_day.clone()).into_owned(),
        rules: rules_words(w, &row),
        gaps: lines.iter().filter(|line| line.leader.is_empty() || line.person.is_empty()).count(),
        lines,
        may_manage: manages,
        leaders: staff_choices(w, &staff, duty_form.v("leader")),
        people: staff_choices(w, &staff, duty_form.v("person")),
        edit,
        duty: duty_form,
        commands: std::array::from_fn(|_| desk.app.world.new_id()),
        page,
    };
    Ok(render(status, &template))
}

/// The staff by name and role.
pub(super) fn staff_choices(w: Words, staff: &[Colleague], chosen: &str) -> Vec<Choice> {
    let choice = |colleague: &Colleague| {
        let value = colleague.account.to_string();
        let label = format!("{} · {}", colleague.name, w.t(&format!("role-{}", colleague.role)));
        Choice { on: value == chosen, value, label }
    };
    staff.iter().map(choice).collect()
}

pub async fn edit(Path((_, id)): Path<(String, String)>, submitted: Submitted<PeriodForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let period: PeriodId = id.parse().map_err(|_| Error::not_found())?;
    match put_period(&submitted, Some(period)).await {
        Ok(id) => Ok(desk.done("done-period-set", &format!("/calendar/periods/{id}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "periods-title").w, &submitted.form, &error);
            show_one(desk, period, OneAgain::Edit(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn remove(Path((_, id)): Path<(String, String)>, submitted: Submitted<RemoveForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let period: PeriodId = id.parse().map_err(|_| Error::not_found())?;
    let outcome = async {
        let version = form.version.parse().map_err(|_| PERIOD_STALE.err())?;
        desk.app.store.run(submitted.pass.clone(), RemovePeriod { by, period, version }).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-period-removed", "/calendar/periods")),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "periods-title").w, form, &error);
            show_one(desk, period, OneAgain::Duty(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DutyForm {
    pub first: String,
    pub last: String,
    pub leader: String,
    pub person: String,
}

/// An account that was chosen, or none. Errors: the field with `duty.not_staff`.
pub(super) fn account(field: &str, text: &str) -> Result<Option<AccountId>> {
    let parsed = || text.parse().map_err(|_| Error::field(field, periods::NOT_STAFF));
    if text.is_empty() { Ok(None) } else { parsed().map(Some) }
}

pub async fn duty(Path((_, id)): Path<(String, String)>, submitted: Submitted<DutyForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let period: PeriodId = id.parse().map_err(|_| Error::not_found())?;
    let outcome = async {
        let command = SetPeriodDuty {
            by,
            period,
            first: day("first", &form.first)?,
            last: day("last", &form.last)?,
            leader: account("leader", &form.leader)?,
            person: account("person", &form.person)?,
        };
        desk.app.store.run(submitted.pass.clone(), command).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-duty-set", &format!("/calendar/periods/{period}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "periods-title").w, form, &error);
            show_one(desk, period, OneAgain::Duty(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_more_than_nothing_and_less_than_the_whole() {
        for (text, expected) in
            [("", None), (" ", None), ("50", Some(500)), ("12.5%", Some(125)), ("0.1", Some(1)), ("99.9\u{ff05}", Some(999))]
        {
            assert_eq!(share(text).unwrap(), expected, "{text}");
        }
        for bad in ["0", "100", "-5", "1.25", "0.0", "x", "+5", "5.", ".5", "١٢"] {
            assert!(share(bad).is_err(), "{bad}");
        }
    }
}
