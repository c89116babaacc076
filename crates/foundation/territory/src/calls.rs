//! Places, organisations, categories and the calendar for programs: what everything else is said in.

use crate::category::{CategoryKind, CategorySource, CategoryVersion, Reinspection};
use crate::directory::{Directory, PlaceInfo, directory_of};
use crate::organisation::{Organisation, OrganisationKind};
use crate::place::{Level, PlaceKind, State};
use crate::verbs::ViewTerritory;
use access::http::Desk;
use api::{Answer, Call, Day, Degrees, Text, Whole};
use kernel::calendar::{DayKind, Hours, LimitUnit};
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{Error, Result};
use std::sync::Arc;

api::enums!(Level, PlaceKind, State, OrganisationKind, CategoryKind, CategorySource, Reinspection);

api::operations! { "territory":
    /// A page of places, parents before what lies in them.
    get "/places" list_places;
    /// One place.
    get "/places/{id}" get_place;
    /// A page of organisations.
    get "/organisations" list_organisations;
    /// One organisation, and the places that it answers for.
    get "/organisations/{id}" get_organisation;
    /// A page of the categories in force.
    get "/categories" list_categories;
    /// One version of a category, in force or not any more.
    get "/categories/{id}" get_category;
    /// The working-time calendar of a year.
    get "/calendar/{year}" get_calendar;
}

/// Rows on a page.
const PAGE: usize = 200;

api::params! {
    /// Which places: all conditions hold together.
    pub struct WhichPlaces {
        level: Option<Level>,
        /// What lies in it, and it itself.
        within: Option<PlaceId>,
        /// Holds this in its name, its code or the initials of its name.
        q: Option<Text<1, 60>>,
        /// `next` of the page before.
        after: Option<PlaceId>,
    }
    pub struct OfPlace {
        id: PlaceId,
    }
    pub struct WhichOrganisations {
        kind: Option<OrganisationKind>,
        /// Holds this in its name or the initials of its name.
        q: Option<Text<1, 60>>,
        /// `next` of the page before.
        after: Option<OrganisationId>,
    }
    pub struct OfOrganisation {
        id: OrganisationId,
    }
    pub struct WhichCategories {
        kind: Option<CategoryKind>,
        /// Holds this in its name or the initials of its name.
        q: Option<Text<1, 60>>,
        /// `next` of the page before.
        after: Option<Uuid>,
    }
    pub struct OfCategory {
        id: Uuid,
    }
    pub struct OfYear {
        year: Whole<2000, 2100>,
    }
}

api::object! {
    /// A place of the tenant.
    pub struct PlaceView {
        id: PlaceId,
        parent: Option<PlaceId>,
        level: Level,
        kind: Option<PlaceKind>,
        /// The statistical code, of twelve digits, or the tenant's own.
        code: Option<String>,
        name: String,
        name_en: Option<String>,
        /// With the names above it, from the community down.
        full_name: String,
        community: Option<PlaceId>,
        lng: Option<Degrees<180>>,
        lat: Option<Degrees<90>>,
        households: Option<i64>,
        open: bool,
    }
    /// A page of places.
    pub struct Places {
        places: Vec<PlaceView>,
        next: Option<PlaceId>,
    }
    /// A company, cooperative, department, merchant, community office.
    pub struct OrganisationView {
        id: OrganisationId,
        kind: OrganisationKind,
        name: String,
        short_name: String,
        name_en: Option<String>,
        /// The unified social credit code.
        credit_code: Option<String>,
        open: bool,
    }
    /// A page of organisations.
    pub struct Organisations {
        organisations: Vec<OrganisationView>,
        next: Option<OrganisationId>,
    }
    /// A place that an organisation answers for.
    pub struct AnswersView {
        place: PlaceId,
        from: String,
        to: Option<String>,
    }
    /// One organisation.
    pub struct OrganisationWhole {
        organisation: OrganisationView,
        answers_for: Vec<AnswersView>,
    }
    /// A time limit.
    pub struct LimitView {
        unit: LimitUnit,
        amount: i64,
    }
    /// One version of a category of problems.
    pub struct CategoryView {
        id: Uuid,
        /// Kind, class and item, as `event-06-036`.
        code: String,
        kind: CategoryKind,
        class_name: String,
        name: String,
        name_en: Option<String>,
        /// Null: the clerk sets the deadline.
        limit: Option<LimitView>,
        /// A rectification needs a photo.
        photo_demanded: bool,
        reinspect: Reinspection,
        source: CategorySource,
        in_force: bool,
    }
    /// A page of categories.
    pub struct Categories {
        categories: Vec<CategoryView>,
        next: Option<Uuid>,
    }
    /// A day that is not what its weekday says.
    pub struct SpecialDay {
        day: Day,
        /// Worked in exchange for another; else nobody works.
        worked: bool,
        name: String,
    }
    /// A stretch of working time.
    pub struct SpanView {
        /// As `08:30`.
        from: String,
        to: String,
    }
    /// Hours that are kept on certain days of every year.
    pub struct SeasonView {
        name: String,
        /// Month and day, as `06-01`.
        first: String,
        last: String,
        hours: Vec<SpanView>,
    }
    /// A span of dates with rules of its own.
    pub struct PeriodView {
        name: String,
        first: Day,
        last: Day,
        /// Empty: as on other days.
        hours: Vec<SpanView>,
        /// Weekends and holidays are worked too.
        every_day: bool,
        /// Limits that begin in it are this share of what they are otherwise.
        limit_permille: Option<i64>,
    }
    /// The calendar of a year.
    pub struct CalendarView {
        zone: String,
        hours: Vec<SpanView>,
        /// Beyond this day plain weekends are assumed, and deadlines counted again when the holidays are announced.
        known_until: Day,
        days: Vec<SpecialDay>,
        seasons: Vec<SeasonView>,
        periods: Vec<PeriodView>,
    }
}

async fn territory(desk: &Desk) -> Result<Arc<Directory>> {
    desk.actor.permit_some::<ViewTerritory>()?;
    directory_of(desk).await
}

/// A page of what is in memory, in an order that lasts: what comes behind `after`, and where the next page begins.
fn page<'a, T, I: PartialEq + Copy>(all: impl Iterator<Item = &'a T>, id: impl Fn(&T) -> I, after: Option<I>) -> (Vec<&'a T>, Option<I>) {
    let mut begun = after.is_none();
    let behind = all.filter(|one| {
        let behind = begun;
        begun |= Some(id(one)) == after;
        behind
    });
    let mut rows: Vec<&T> = behind.take(PAGE + 1).collect();
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|last| id(last));
    (rows, next)
}

fn holds(q: &Option<Text<1, 60>>, words: &[&str]) -> bool {
    q.as_ref().is_none_or(|q| {
        let typed = q.0.trim().to_lowercase();
        words.iter().any(|word| word.to_lowercase().contains(&typed))
    })
}

fn place(info: &PlaceInfo) -> PlaceView {
    PlaceView {
        id: info.id,
        parent: info.parent,
        level: info.level,
        kind: info.kind,
        code: info.code.clone(),
        name: info.name.clone(),
        name_en: info.name_en.clone(),
        full_name: info.full_name.clone(),
        community: info.community_id,
        lng: info.point.map(|point| Degrees(point.lng_degrees())),
        lat: info.point.map(|point| Degrees(point.lat_degrees())),
        households: info.households,
        open: info.open,
    }
}

async fn list_places(call: Call<(), WhichPlaces>) -> web::Result<Answer<Places>> {
    let (directory, asked) = (territory(&call).await?, &call.query);
    let all = match asked.within {
        Some(id) => directory.subtree(id),
        None => directory.places(),
    };
    let fits = |place: &&PlaceInfo| {
        let words = [place.name.as_str(), place.initials.as_str(), place.code.as_deref().unwrap_or_default()];
        asked.level.is_none_or(|level| place.level == level) && holds(&asked.q, &words)
    };
    let (rows, next) = page(all.iter().filter(fits), |place| place.id, asked.after);
    Ok(Answer(Places { places: rows.into_iter().map(place).collect(), next }))
}

async fn get_place(call: Call<OfPlace>) -> web::Result<Answer<PlaceView>> {
    let directory = territory(&call).await?;
    Ok(Answer(place(directory.place_or_404(call.path.id)?)))
}

fn organisation(one: &Organisation) -> OrganisationView {
    OrganisationView {
        id: one.id,
        kind: one.kind,
        name: one.name.clone(),
        short_name: one.short_name.clone(),
        name_en: one.name_en.clone(),
        credit_code: one.credit_code.clone(),
        open: one.state == State::Open,
    }
}

async fn list_organisations(call: Call<(), WhichOrganisations>) -> web::Result<Answer<Organisations>> {
    let (directory, asked) = (territory(&call).await?, &call.query);
    let fits = |one: &&Organisation| {
        asked.kind.is_none_or(|kind| one.kind == kind) && holds(&asked.q, &[&one.name, &one.short_name, &one.initials])
    };
    let (rows, next) = page(directory.all_organisations().iter().filter(fits), |one| one.id, asked.after);
    Ok(Answer(Organisations { organisations: rows.into_iter().map(organisation).collect(), next }))
}

async fn get_organisation(call: Call<OfOrganisation>) -> web::Result<Answer<OrganisationWhole>> {
    let directory = territory(&call).await?;
    let one = directory.all_organisations().iter().find(|one| one.id == call.path.id).ok_or_else(Error::not_found)?;
    let answers = directory.answers_of(one.id);
    let view = |line: &&crate::responsibility::AnswersFor| AnswersView {
        place: line.place_id,
        from: line.valid_from.clone(),
        to: line.valid_to.clone(),
    };
    Ok(Answer(OrganisationWhole { organisation: organisation(one), answers_for: answers.iter().map(view).collect() }))
}

fn category(one: &CategoryVersion) -> CategoryView {
    let limit = one.limit().map(|limit| LimitView { unit: limit.unit(), amount: limit.amount().into() });
    CategoryView {
        id: one.id.0,
        code: one.code().to_string(),
        kind: one.kind,
        class_name: one.class_name.clone(),
        name: one.name.clone(),
        name_en: one.name_en.clone(),
        limit,
        photo_demanded: one.photo_demanded,
        reinspect: one.reinspect,
        source: one.source,
        in_force: one.is_current(),
    }
}

async fn list_categories(call: Call<(), WhichCategories>) -> web::Result<Answer<Categories>> {
    let (directory, asked) = (territory(&call).await?, &call.query);
    let fits = |one: &&CategoryVersion| {
        one.is_current() && asked.kind.is_none_or(|kind| one.kind == kind) && holds(&asked.q, &[&one.name, &one.initials])
    };
    let (rows, next) = page(directory.categories().filter(fits), |one| one.id.0, asked.after);
    Ok(Answer(Categories { categories: rows.into_iter().map(category).collect(), next }))
}

async fn get_category(call: Call<OfCategory>) -> web::Result<Answer<CategoryView>> {
    let directory = territory(&call).await?;
    Ok(Answer(category(directory.category(call.path.id).ok_or_else(Error::not_found)?)))
}

fn spans(hours: &Hours) -> Vec<SpanView> {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    hours.spans().map(|(from, to)| SpanView { from: clock(from), to: clock(to) }).collect()
}

async fn get_calendar(call: Call<OfYear>) -> web::Result<Answer<CalendarView>> {
    let directory = territory(&call).await?;
    let calendar = directory.calendar();
    let year = call.path.year.0;
    let in_year = |date: jiff::civil::Date| i64::from(date.year()) == year;
    let special = |(date, day): (jiff::civil::Date, &kernel::calendar::Day)| SpecialDay {
        day: Day(date),
        worked: day.kind == DayKind::MakeUp,
        name: day.name.clone(),
    };
    let season = |season: &kernel::calendar::Season| SeasonView {
        name: season.name.clone(),
        first: season.first.to_string(),
        last: season.last.to_string(),
        hours: spans(&season.hours),
    };
    let period = |period: &kernel::calendar::Period| PeriodView {
        name: period.name.clone(),
        first: Day(period.first),
        last: Day(period.last),
        hours: period.hours.as_ref().map(spans).unwrap_or_default(),
        every_day: period.every_day,
        limit_permille: period.limit_permille.map(i64::from),
    };
    let of_year = |period: &&kernel::calendar::Period| in_year(period.first) || in_year(period.last);
    Ok(Answer(CalendarView {
        zone: directory.calendar_settings.zone.clone(),
        hours: spans(calendar.hours()),
        known_until: Day(calendar.holidays().known_until()),
        days: calendar.holidays().days().filter(|(date, _)| in_year(*date)).map(special).collect(),
        seasons: calendar.seasons().iter().map(season).collect(),
        periods: calendar.periods().iter().filter(of_year).map(period).collect(),
    }))
}
