//! The duty roster for programs.

use crate::directory::directory_of;
use crate::duty::{self, AddDuty, DutyId, DutyLine, EndDuty, LEVEL, Weekdays, subject};
use crate::verbs::{ManageDuty, ViewTerritory};
use access::staff::staff;
use access::{Permit, Role};
use api::params::FromText;
use api::{Answer, Call, Day, Json, List, Schema, Schemas, Whole};
use jiff::civil::Weekday;
use kernel::ids::{AccountId, PlaceId, Uuid};
use kernel::{Error, Kind, Result};
use std::collections::BTreeMap;

api::operations! { "territory":
    /// A page of the duty roster: who is on duty for communities, areas and grids, on which weekdays, from when to when.
    ///
    /// Where no line of a place holds on a day, whoever is on duty for the place above it is on duty there.
    get "/duty" list_duty;
    /// The office's staff, who can be put on duty.
    get "/duty/people" list_people;
    /// Puts somebody on duty for a place.
    post "/duty" add_duty;
    /// Says until which day a line of the roster holds; a day before its first takes the line away.
    post "/duty/{id}/end" end_duty;
}

/// Lines on a page.
const PAGE: usize = 200;

impl Schema for DutyId {
    fn schema(all: &mut Schemas) -> api::serde_json::Value {
        Uuid::schema(all)
    }
}
impl FromText for DutyId {
    fn from_text(text: &str) -> Option<Self> {
        Uuid::from_text(text).map(DutyId)
    }
}

api::params! {
    pub struct WhichDuty {
        /// Of this very place; of all where nothing is said.
        place: Option<PlaceId>,
        /// What holds on this day or later; today where nothing is said.
        from: Option<Day>,
        /// `next` of the page before.
        after: Option<DutyId>,
    }
    pub struct OfDuty {
        id: DutyId,
    }
}

api::object! {
    /// A line of the duty roster.
    pub struct DutyView {
        id: DutyId,
        /// To be sent with what changes it.
        version: i64,
        place: PlaceId,
        account: AccountId,
        name: String,
        /// Monday is 1.
        weekdays: Vec<i64>,
        from: String,
        /// Null: until it is ended.
        to: Option<String>,
    }
    /// A page of the duty roster.
    pub struct DutyRoster {
        lines: Vec<DutyView>,
        next: Option<DutyId>,
    }
    /// One of the office's staff.
    pub struct StaffView {
        account: AccountId,
        name: String,
        /// The first of their roles.
        role: Role,
    }
    pub struct Staff {
        people: Vec<StaffView>,
    }
    /// Who is on duty where, and when.
    pub struct DutyBody {
        /// A community, an area or a grid.
        place: PlaceId,
        account: AccountId,
        /// Monday is 1. None, or nothing said: every day.
        weekdays: Option<List<Whole<1, 7>, 7>>,
        from: Day,
        /// Nothing said: until it is ended.
        to: Option<Day>,
    }
    /// The line that was made.
    pub struct NewDuty {
        id: DutyId,
    }
    /// How long a line holds.
    pub struct EndDutyBody {
        /// The version that was read.
        version: Whole<1, { i64::MAX }>,
        /// The last day.
        to: Day,
    }
    /// What is left of a line.
    pub struct EndedDuty {
        /// Null: it was taken away, as it never held.
        line: Option<DutyView>,
    }
}

fn view(line: &DutyLine, names: &BTreeMap<AccountId, String>) -> DutyView {
    let days = (1..=7).filter(|day| weekday(*day).is_some_and(|day| line.weekdays().has(day)));
    DutyView {
        id: line.id,
        version: line.version,
        place: line.place_id,
        account: line.account_id,
        name: names.get(&line.account_id).cloned().unwrap_or_default(),
        weekdays: days.collect(),
        from: line.valid_from.clone(),
        to: line.valid_to.clone(),
    }
}

/// The day of the week of this number; Monday is 1.
fn weekday(number: i64) -> Option<Weekday> {
    i8::try_from(number).ok().and_then(|number| Weekday::from_monday_one_offset(number).ok())
}

async fn list_duty(call: Call<(), WhichDuty>) -> web::Result<Answer<DutyRoster>> {
    call.actor.permit_some::<ViewTerritory>()?;
    let (directory, asked) = (directory_of(&call).await?, &call.query);
    let from = match asked.from {
        Some(day) => day.0,
        None => directory.date_of(call.app.world.now())?,
    };
    let from = from.to_string();
    let places = match asked.place {
        Some(id) => vec![directory.place_or_404(id)?],
        None => directory.places().iter().collect(),
    };
    let still = |line: &&DutyLine| line.valid_to.as_ref().is_none_or(|to| *to >= from) && asked.after.is_none_or(|after| line.id > after);
    let mut lines: Vec<&DutyLine> = places.iter().flat_map(|place| directory.roster().of_place(place.id)).filter(still).collect();
    lines.sort_by_key(|line| line.id);
    let more = lines.len() > PAGE;
    lines.truncate(PAGE);
    let names = access::names(&call.app.store, call.actor.tenant, lines.iter().map(|line| line.account_id)).await?;
    let next = lines.last().filter(|_| more).map(|line| line.id);
    Ok(Answer(DutyRoster { lines: lines.iter().map(|line| view(line, &names)).collect(), next }))
}

async fn list_people(call: Call<()>) -> web::Result<Answer<Staff>> {
    let by = call.actor.permit_some::<ManageDuty>()?;
    let people = staff(&call.app.store, by.tenant()).await?;
    let view = |one: access::staff::Colleague| StaffView { account: one.account, name: one.name, role: one.role };
    Ok(Answer(Staff { people: people.into_iter().map(view).collect() }))
}

/// The permit to write the roster of a place.
fn may<P, Q, B>(call: &Call<P, Q, B>, path: &str) -> Result<Permit<ManageDuty>> {
    call.actor.permit::<ManageDuty>(&subject(call.actor.tenant, path))
}

async fn add_duty(call: Call<(), (), Json<DutyBody>>) -> web::Result<Answer<NewDuty>> {
    call.actor.permit_some::<ManageDuty>()?;
    if let Some(id) = call.first::<DutyId>()? {
        return Ok(Answer(NewDuty { id }));
    }
    let body = &call.body.0;
    let directory = directory_of(&call).await?;
    let place = directory.place(body.place).ok_or_else(|| Error::field("place", LEVEL))?;
    let by = may(&call, &place.path)?;
    let weekdays = body.weekdays.iter().flat_map(|days| &days.0).filter_map(|day| weekday(day.0));
    let command = AddDuty {
        by,
        place: body.place,
        account: body.account,
        weekdays: Weekdays::of(weekdays),
        from: body.from.0,
        to: body.to.map(|to| to.0),
    };
    let id = call.app.store.run(call.pass.clone(), command).await?.out;
    Ok(Answer(NewDuty { id }))
}

async fn end_duty(call: Call<OfDuty, (), Json<EndDutyBody>>) -> web::Result<Answer<EndedDuty>> {
    call.actor.permit_some::<ManageDuty>()?;
    let (store, tenant, id) = (&call.app.store, call.actor.tenant, call.path.id);
    if call.replayed.is_none() {
        let line = duty::line(store, tenant, id).await?;
        let directory = directory_of(&call).await?;
        let by = may(&call, &directory.place_or_404(line.place_id)?.path)?;
        let EndDutyBody { version, to } = call.body.0;
        store.run(call.pass.clone(), EndDuty { by, line: id, version: version.0, to: to.0 }).await?;
    }
    let line = match duty::line(store, tenant, id).await {
        Ok(line) => Some(line),
        Err(error) if error.kind() == Kind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let names = access::names(store, tenant, line.iter().map(|line| line.account_id)).await?;
    Ok(Answer(EndedDuty { line: line.as_ref().map(|line| view(line, &names)) }))
}
