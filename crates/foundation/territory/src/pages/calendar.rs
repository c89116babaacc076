//! The working-time calendar: hours, the year with its holidays and make-up days, newer holidays, and where knowledge ends.

use super::periods::rules_words;
use super::uploads::Upload;
use super::{Filled, may_manage, mendable, status_of, titled};
use crate::calendars::{LoadHolidays, STALE, SetHours};
use crate::directory::Directory;
use crate::explain::{hours_words, weekday};
use crate::periods::PeriodRow;
use crate::verbs::{ManageTerritory, ViewTerritory};
use access::http::{Desk, Submitted};
use axum::extract::Query;
use axum::response::Response;
use jiff::civil::Date;
use kernel::Error;
use kernel::calendar::{DayKind, Season};
use kernel::ids::CommandId;
use serde::{Deserialize, Serialize};
use web::html::render;
use web::{PageContext, Words};

struct DayCell {
    number: i8,
    /// `work`, `weekend`, `off` or `make-up`.
    kind: &'static str,
    /// What a reader is told about a day that differs.
    words: String,
}

struct Month {
    name: String,
    /// Weeks from Monday; empty before the first and after the last day.
    weeks: Vec<Vec<Option<DayCell>>>,
}

/// A season or special period of the year shown.
struct OtherHours {
    dates: String,
    name: String,
    rules: String,
}

struct Special {
    dates: String,
    name: String,
    off: bool,
}

#[derive(askama::Template)]
#[template(path = "calendar.html")]
struct CalendarPage {
    page: PageContext,
    year: i16,
    previous: String,
    next: String,
    weekdays: Vec<String>,
    months: Vec<Month>,
    specials: Vec<Special>,
    others: Vec<OtherHours>,
    working_days: usize,
    hours_shown: String,
    zone: String,
    known_until: String,
    /// The year shown, or part of it, lies beyond what is announced.
    beyond: bool,
    /// What is announced ends within sixty days.
    ends_soon: bool,
    version: i64,
    may_manage: bool,
    form: Filled,
    commands: [CommandId; 2],
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub year: String,
}

/// How long before the end of the announced holidays the page begins to ask for the next file.
const WARN_DAYS: i32 = 60;

pub async fn show(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    show_year(&desk, asked, Filled::default(), None).await
}

async fn show_year(desk: &Desk, asked: Asked, form: Filled, error: Option<Error>) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let directory = crate::directory_of(desk).await?;
    let page = titled(desk, "calendar-title");
    let w = page.w;
    let calendar = directory.calendar();
    let today = directory.date_of(page.now)?;
    let year = asked.year.parse::<i16>().ok().filter(|year| (1..=9999).contains(year)).unwrap_or_else(|| today.year());
    let mut months = Vec::new();
    let mut specials: Vec<Special> = Vec::new();
    let mut working_days = 0;
    for month in 1..=12 {
        let first = Date::new(year, month, 1).map_err(Error::internal)?;
        let mut weeks: Vec<Vec<Option<DayCell>>> = vec![(1..first.weekday().to_monday_one_offset()).map(|_| None).collect()];
        for number in 1..=first.days_in_month() {
            let date = Date::new(year, month, number).map_err(Error::internal)?;
            let works = calendar.is_working_day(date);
            working_days += usize::from(works);
            let special = calendar.holidays().day(date);
            let (kind, words) = match special {
                Some(day) if day.kind == DayKind::Off => ("off", w.a("calendar-off", "name", day.name.clone()).into_owned()),
                Some(day) => ("make-up", w.a("calendar-make-up", "name", day.name.clone()).into_owned()),
                None if works => ("work", String::new()),
                None => ("weekend", String::new()),
            };
            let (kind, words) = match calendar.period_on(date) {
                Some(period) if works && special.is_some_and(|day| day.kind == DayKind::Off) => ("make-up", period.name.clone()),
                Some(period) if works && special.is_none() && kernel::calendar::is_weekend(date) => ("make-up", period.name.clone()),
                Some(period) if words.is_empty() && (period.first == date || number == 1) => (kind, period.name.clone()),
                _ => (kind, words),
            };
            if let Some(day) = special {
                let dates = format!("{} {}", date.strftime("%m-%d"), weekday(w, date));
                specials.push(Special { dates, name: day.name.clone(), off: day.kind == DayKind::Off });
            }
            if weeks.last().is_some_and(|week| week.len() == 7) {
                weeks.push(Vec::new());
            }
            if let Some(week) = weeks.last_mut() {
                week.push(Some(DayCell { number, kind, words }));
            }
        }
        if let Some(week) = weeks.last_mut() {
            week.resize_with(7, || None);
        }
        months.push(Month { name: w.a("calendar-month", "n", month).into_owned(), weeks });
    }
    let others = others(w, &directory, year, &crate::periods::periods(&desk.app.store, desk.actor.tenant).await?);
    let known_until = calendar.holidays().known_until();
    let settings = &directory.calendar_settings;
    let beyond = Date::new(year, 12, 31).map_err(Error::internal)? > known_until
        || Date::new(year, 1, 1).map_err(Error::internal)? < calendar.holidays().known_from();
    let ends_soon = today.checked_add(jiff::Span::new().days(WARN_DAYS)).is_ok_and(|soon| soon > known_until);
    let status = status_of(&form, error.as_ref());
    let form = if form.is_again() { form } else { form.with("hours", settings.hours.clone()).with("zone", settings.zone.clone()) };
    let weekdays = (1..=7).map(|number| w.t(WEEKDAYS[number - 1]).into_owned()).collect();
    let template = CalendarPage {
        year,
        previous: page.href(&format!("/calendar?year={}", (year - 1).max(1))),
        next: page.href(&format!("/calendar?year={}", (year + 1).min(9999))),
        weekdays,
        months,
        specials,
        others,
        working_days,
        hours_shown: settings.hours.replace(',', " "),
        zone: settings.zone.clone(),
        known_until: settings.known_until.clone().unwrap_or_default(),
        beyond,
        ends_soon,
        version: settings.version,
        may_manage: may_manage(desk),
        form,
        commands: std::array::from_fn(|_| desk.app.world.new_id()),
        page,
    };
    Ok(render(status, &template))
}

/// The seasons, which are of every year, and the periods that this year has a part of.
fn others(w: Words, directory: &Directory, year: i16, periods: &[PeriodRow]) -> Vec<OtherHours> {
    let season = |season: &Season| OtherHours {
        dates: w.a2("season-every-year", "first", season.first.to_string(), "last", season.last.to_string()).into_owned(),
        name: season.name.clone(),
        rules: hours_words(w, &season.hours),
    };
    let of_year = |row: &&PeriodRow| row.period().is_ok_and(|period| period.first.year() <= year && year <= period.last.year());
    let period = |row: &PeriodRow| OtherHours {
        dates: w.a2("calendar-span", "first", row.first_day.clone(), "last", row.last_day.clone()).into_owned(),
        name: row.name.clone(),
        rules: rules_words(w, row),
    };
    let seasons = directory.calendar().seasons().iter().map(season);
    seasons.chain(periods.iter().rev().filter(of_year).map(period)).collect()
}

const WEEKDAYS: [&str; 7] =
    ["weekday-monday", "weekday-tuesday", "weekday-wednesday", "weekday-thursday", "weekday-friday", "weekday-saturday", "weekday-sunday"];

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HoursForm {
    pub version: String,
    pub zone: String,
    pub hours: String,
}

pub async fn hours(submitted: Submitted<HoursForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let outcome = async {
        let version = form.version.parse().map_err(|_| STALE.err())?;
        desk.app.store.run(submitted.pass.clone(), SetHours { by, version, zone: form.zone.clone(), hours: form.hours.clone() }).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-calendar-hours", "/calendar")),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "calendar-title").w, form, &error);
            show_year(desk, Asked::default(), filled, Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn holidays(upload: Upload) -> web::Result<Response> {
    let desk = &upload.desk;
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let outcome = async {
        let text = crate::import::decode(&upload.file)?;
        desk.app.store.run(upload.pass.clone(), LoadHolidays { by, text }).await
    };
    match outcome.await {
        Ok(made) => Ok(desk.done("done-calendar-holidays", &format!("/calendar?year={}", made.out.get(..4).unwrap_or_default()))),
        Err(error) if mendable(&error) => {
            let error = crate::fields::at_field("holidays_file", error);
            let filled = Filled::again(titled(desk, "calendar-title").w, &HoursForm::default(), &error);
            show_year(desk, Asked::default(), filled, Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}
