//! The duty roster by weeks: who is on duty for communities, areas and grids, putting somebody on it and taking them off.

use super::organisations::{EndForm, day, optional_day, today};
use super::periods::{account, staff_choices};
use super::{Choice, Filled, mendable, status_of, titled};
use crate::directory::{Directory, PlaceInfo};
use crate::duty::{self, AddDuty, DutyId, DutyLine, EndDuty, LEVEL, STALE, Weekdays};
use crate::explain::weekday;
use crate::place::Level;
use crate::verbs::{ManageDuty, ViewTerritory};
use access::Permit;
use access::http::{Desk, Submitted};
use axum::extract::{Path, Query};
use axum::response::Response;
use jiff::civil::{Date, Weekday};
use kernel::ids::{AccountId, CommandId, PlaceId};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use web::html::render;
use web::{PageContext, Words};

struct DayHead {
    label: String,
    today: bool,
}

struct Cell {
    label: String,
    names: String,
    /// Nobody is named for this place itself; these are of a place above it.
    inherited: bool,
    today: bool,
}

struct PlaceRow {
    /// Where more is seen of it; empty for the place that the page is about.
    href: String,
    name: String,
    cells: Vec<Cell>,
}

impl PlaceRow {
    /// Nobody all week: one line says so, not seven.
    fn nobody(&self) -> bool {
        self.cells.iter().all(|cell| cell.names.is_empty())
    }
}

struct LineView {
    id: DutyId,
    version: i64,
    place: String,
    name: String,
    days: String,
    dates: String,
    may_end: bool,
    command: CommandId,
}

#[derive(askama::Template)]
#[template(path = "duty.html")]
struct DutyPage {
    page: PageContext,
    /// The community shown; all communities where it is empty.
    at: String,
    title: String,
    week: String,
    previous: String,
    next: String,
    this_week: String,
    days: Vec<DayHead>,
    rows: Vec<PlaceRow>,
    lines: Vec<LineView>,
    places: Vec<Choice>,
    people: Vec<Choice>,
    weekdays: Vec<(&'static str, String)>,
    form: Filled,
    end: Filled,
    command: CommandId,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// A community; all of them where it is empty.
    pub at: String,
    /// Any day of the week wanted.
    pub week: String,
}

/// The fields of the weekdays, from Monday.
const FIELDS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// Which of the page's forms came back.
enum Again {
    None,
    Add(Filled, Error),
    End(Filled, Error),
}

pub async fn week(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    show(&desk, asked, Again::None).await
}

/// The Monday of the week that a day lies in; of this week for what is no day of our time.
fn monday(text: &str, today: Date) -> Result<Date> {
    let day = text.parse::<Date>().ok().filter(|day| (2000..=2199).contains(&day.year())).unwrap_or(today);
    let back = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(jiff::ToSpan::days(back)).map_err(Error::internal)
}

fn may(desk: &Desk, place: &PlaceInfo) -> Result<Permit<ManageDuty>> {
    desk.actor.permit::<ManageDuty>(&duty::subject(desk.actor.tenant, &place.path))
}

async fn show(desk: &Desk, asked: Asked, again: Again) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let directory = crate::directory_of(desk).await?;
    let page = titled(desk, "duty-title");
    let w = page.w;
    let today = today(desk, &directory)?;
    let first = monday(&asked.week, today)?;
    let days: Vec<Date> = first.series(jiff::ToSpan::days(1)).take(7).collect();
    let at = match asked.at.as_str() {
        "" => None,
        id => Some(directory.place_or_404(id.parse().map_err(|_| Error::not_found())?)?),
    };
    let shown: Vec<&PlaceInfo> = match at {
        None => directory.communities().collect(),
        Some(at) => directory.subtree(at.id).iter().filter(|place| place.open && duty::LEVELS.contains(&place.level)).collect(),
    };
    let roster = directory.roster();
    let last_of_past = first.to_string();
    let current = |line: &&DutyLine| line.valid_to.as_ref().is_none_or(|to| *to >= last_of_past);
    let lines: Vec<&DutyLine> = shown.iter().flat_map(|place| roster.of_place(place.id)).filter(current).collect();
    let mut people: Vec<AccountId> = shown.iter().flat_map(|place| days.iter().flat_map(|day| directory.on_duty(place.id, *day))).collect();
    people.extend(lines.iter().map(|line| line.account_id));
    people.sort();
    people.dedup();
    let names = access::names(&desk.app.store, desk.actor.tenant, people.into_iter()).await?;
    let address = |at: &str, week: Date| page.href(&format!("/duty?at={at}&week={week}"));
    let here = at.map(|at| at.id.to_string()).unwrap_or_default();
    let row = |place: &&PlaceInfo| PlaceRow {
        href: if at.is_none() { address(&place.id.to_string(), first) } else { String::new() },
        name: if at.is_some_and(|at| at.id != place.id) { place.full_name.clone() } else { place.name.clone() },
        cells: days.iter().map(|day| cell(w, &directory, &names, place, *day, today)).collect(),
    };
    let rows = shown.iter().map(row).collect();
    let writable: Vec<&&PlaceInfo> = shown.iter().filter(|place| may(desk, place).is_ok()).collect();
    let (form, end, error) = match again {
        Again::None => (Filled::default(), Filled::default(), None),
        Again::Add(form, error) => (form, Filled::default(), Some(error)),
        Again::End(end, error) => (Filled::default(), end, Some(error)),
    };
    let status = if form.is_again() { status_of(&form, error.as_ref()) } else { status_of(&end, error.as_ref()) };
    let form = if form.is_again() { form } else { form.with("from", today.max(first).to_string()).with("place", here.clone()) };
    let line_view = |line: &&DutyLine| {
        let place = directory.place(line.place_id);
        LineView {
            id: line.id,
            version: line.version,
            place: directory.full_name(line.place_id).to_owned(),
            name: names.get(&line.account_id).cloned().unwrap_or_default(),
            days: weekdays_words(w, line.weekdays()),
            dates: dates_words(w, line),
            may_end: place.is_some_and(|place| may(desk, place).is_ok()),
            command: desk.app.world.new_id(),
        }
    };
    let staff = if writable.is_empty() { Vec::new() } else { access::staff::staff(&desk.app.store, desk.actor.tenant).await? };
    let week_later = |days: i64| first.checked_add(jiff::ToSpan::days(days)).map_err(Error::internal);
    let template = DutyPage {
        title: at.map_or_else(|| w.t("duty-title").into_owned(), |at| w.a("duty-of", "name", at.full_name.clone()).into_owned()),
        week: w.a2("calendar-span", "first", first.to_string(), "last", days[6].to_string()).into_owned(),
        previous: address(&here, week_later(-7)?),
        next: address(&here, week_later(7)?),
        this_week: address(&here, today),
        days: days.iter().map(|day| DayHead { label: day_label(w, *day), today: *day == today }).collect(),
        rows,
        lines: lines.iter().map(line_view).collect(),
        places: writable.iter().map(|place| place_choice(place, form.v("place"))).collect(),
        people: staff_choices(w, &staff, form.v("account")),
        weekdays: FIELDS.iter().zip(&days).map(|((field, _), day)| (*field, weekday(w, *day))).collect(),
        form,
        end,
        command: desk.app.world.new_id(),
        at: here,
        page,
    };
    Ok(render(status, &template))
}

fn place_choice(place: &PlaceInfo, chosen: &str) -> Choice {
    let value = place.id.to_string();
    Choice { on: value == chosen, value, label: place.full_name.clone() }
}

/// `周一 11-23`
fn day_label(w: Words, day: Date) -> String {
    format!("{} {}", weekday(w, day), day.strftime("%m-%d"))
}

fn cell(w: Words, directory: &Directory, names: &BTreeMap<AccountId, String>, place: &PlaceInfo, day: Date, today: Date) -> Cell {
    let own = directory.roster().at(place.id, day);
    let inherited = own.is_empty();
    let people = if inherited { directory.on_duty(place.id, day) } else { own };
    let named: Vec<&str> = people.iter().filter_map(|account| names.get(account)).map(String::as_str).collect();
    Cell { label: day_label(w, day), inherited: inherited && !named.is_empty(), names: named.join(&w.t("list-comma")), today: day == today }
}

/// `周一、周三`, or `每天`.
fn weekdays_words(w: Words, weekdays: Weekdays) -> String {
    if weekdays == Weekdays::EVERY {
        return w.t("duty-every-day").into_owned();
    }
    // The 5th of January 2026 is a Monday.
    let week = jiff::civil::date(2026, 1, 5).series(jiff::ToSpan::days(1)).take(7);
    week.filter(|day| weekdays.has(day.weekday())).map(|day| weekday(w, day)).collect::<Vec<_>>().join(&w.t("list-comma"))
}

fn dates_words(w: Words, line: &DutyLine) -> String {
    let first = line.valid_from.clone();
    match &line.valid_to {
        None => w.a("duty-since", "first", first),
        Some(last) if *last == first => return first,
        Some(last) => w.a2("calendar-span", "first", first, "last", last.clone()),
    }
    .into_owned()
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DutyForm {
    /// What the page showed.
    pub at: String,
    pub week: String,
    pub place: String,
    pub account: String,
    pub mon: String,
    pub tue: String,
    pub wed: String,
    pub thu: String,
    pub fri: String,
    pub sat: String,
    pub sun: String,
    pub from: String,
    pub to: String,
}

impl DutyForm {
    fn weekdays(&self) -> Weekdays {
        let given = [&self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun];
        Weekdays::of(FIELDS.iter().zip(given).filter(|(_, given)| !given.is_empty()).map(|((_, day), _)| *day))
    }
}

pub async fn add(submitted: Submitted<DutyForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    desk.actor.permit_some::<ManageDuty>()?;
    let outcome = async {
        let place: PlaceId = form.place.parse().map_err(|_| Error::field("place", crate::fields::NAME_MISSING))?;
        let directory = crate::directory_of(desk).await?;
        let by = may(desk, directory.place(place).ok_or_else(|| Error::field("place", LEVEL))?)?;
        let command = AddDuty {
            by,
            place,
            account: account("account", &form.account)?.ok_or_else(|| Error::field("account", crate::fields::NAME_MISSING))?,
            weekdays: form.weekdays(),
            from: day("from", &form.from)?,
            to: optional_day("to", &form.to)?,
        };
        desk.app.store.run(submitted.pass.clone(), command).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-duty-added", &back(desk, form).await?)),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "duty-title").w, form, &error);
            show(desk, asked_again(desk, form).await?, Again::Add(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What the page showed when the form was sent; all communities when that place is no more, or never was.
async fn asked_again(desk: &Desk, form: &DutyForm) -> Result<Asked> {
    let directory = crate::directory_of(desk).await?;
    let known = form.at.parse().ok().and_then(|id: PlaceId| directory.place(id));
    Ok(Asked { at: known.map(|place| place.id.to_string()).unwrap_or_default(), week: form.week.clone() })
}

/// On to the week of the first day that was given, on the page of the community.
async fn back(desk: &Desk, form: &DutyForm) -> Result<String> {
    let asked = asked_again(desk, form).await?;
    let week = form.from.trim().parse::<Date>().map(|day| day.to_string()).unwrap_or_default();
    Ok(format!("/duty?at={}&week={week}", asked.at))
}

pub async fn end(Path((_, id)): Path<(String, String)>, submitted: Submitted<EndForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    desk.actor.permit_some::<ManageDuty>()?;
    let id: DutyId = id.parse().map_err(|_| Error::not_found())?;
    let line = duty::line(&desk.app.store, desk.actor.tenant, id).await?;
    let directory = crate::directory_of(desk).await?;
    let place = directory.place_or_404(line.place_id)?;
    let by = may(desk, place)?;
    let community = place.community_id.filter(|_| place.level >= Level::Community).map(|id| id.to_string()).unwrap_or_default();
    let outcome = async {
        let version = form.version.parse().map_err(|_| STALE.err())?;
        desk.app.store.run(submitted.pass.clone(), EndDuty { by, line: id, version, to: day("to", &form.to)? }).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-duty-ended", &format!("/duty?at={community}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "duty-title").w, form, &error);
            show(desk, Asked { at: community, week: String::new() }, Again::End(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}
