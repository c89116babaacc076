//! The worklist: every case that the actor may see, filtered by the address, a page at a time.

use crate::kinds::Ask;
use crate::listing::{self, Filter, Kind, Lamp, Outcome, Without};
use crate::office::Office;
use crate::register;
use crate::steps::{Source, Stage, Step};
use crate::verbs::{ListCases, ReportCase, TakeRegister};
use crate::views::{LineView, line};
use access::http::Desk;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::Instant;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use serde::{Deserialize, Serialize};
use web::forms::Choice;
use web::{Html, PageContext};

/// The address of a list. Words that are none of ours are as if they weren't there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stage: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub community: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub category: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub compound: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The local hour of the finding, 0 to 23.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hour: String,
    /// The local day of the week of the finding, 1 (Monday) to 7.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub weekday: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub lamp: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub outcome: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ask: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub after: String,
}

/// The unit or community of what has none.
pub const NONE: &str = "none";

/// Local days `[from, to]` as instants `[from 00:00, day after to 00:00)`.
pub fn day_range(zone: &jiff::tz::TimeZone, from: &str, to: &str) -> (Option<Instant>, Option<Instant>) {
    let start = |text: &str, add: i32| {
        let day: jiff::civil::Date = text.parse().ok()?;
        let day = if add == 0 { day } else { day.tomorrow().ok()? };
        day.to_zoned_datetime(zone.clone()).ok().map(|at| Instant::from_timestamp(at.timestamp()))
    };
    (start(from, 0), start(to, 1))
}

impl Asked {
    pub fn filter(&self, zone: &jiff::tz::TimeZone) -> Filter {
        let (from, to) = day_range(zone, &self.from, &self.to);
        Filter {
            kind: self.kind.parse::<Kind>().ok(),
            stage: self.stage.parse::<Stage>().ok(),
            unit: self.unit.parse::<OrganisationId>().ok(),
            community: self.community.parse::<PlaceId>().ok(),
            category: Uuid::try_parse(&self.category).ok(),
            compound: self.compound.parse::<PlaceId>().ok(),
            source: self.source.parse::<Source>().ok(),
            hour: self.hour.parse().ok().filter(|hour| (0..24).contains(hour)),
            weekday: self.weekday.parse::<i64>().ok().filter(|day| (1..=7).contains(day)).map(|day| day - 1),
            lamp: self.lamp.parse::<Lamp>().ok(),
            outcome: self.outcome.parse::<Outcome>().ok(),
            ask: self.ask.parse::<Ask>().ok(),
            verifier: None,
            without: [
                (&self.unit, Without::Unit),
                (&self.community, Without::Community),
                (&self.compound, Without::Compound),
                (&self.category, Without::Category),
            ]
            .into_iter()
            .find_map(|(asked, without)| (asked == NONE).then_some(without)),
            from,
            to,
            after: (!self.after.is_empty()).then(|| self.after.clone()),
        }
    }
    /// The query string of this list.
    pub fn query_string(&self) -> String {
        let pairs = serde_json::to_value(self).unwrap_or_default();
        let mut text = String::new();
        for (name, value) in pairs.as_object().into_iter().flatten() {
            text.push_str(if text.is_empty() { "?" } else { "&" });
            text.push_str(name);
            text.push('=');
            text.push_str(&encode(value.as_str().unwrap_or_default()));
        }
        text
    }
}

/// Percent-encodes all but unreserved characters (RFC 3986 §2.3).
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[derive(askama::Template)]
#[template(path = "worklist.html")]
struct WorklistPage {
    page: PageContext,
    lines: Vec<LineView>,
    asked: Asked,
    tabs: Vec<Tab>,
    stages: Vec<Choice>,
    lamps: Vec<Choice>,
    units: Vec<Choice>,
    communities: Vec<Choice>,
    outcomes: Vec<Choice>,
    filtered: bool,
    may_report: bool,
    next: Option<String>,
    first: Option<String>,
    /// What it is narrowed to beside what the form shows, and the list as a register.
    narrowed: Vec<String>,
    registers: Option<(String, String)>,
}

/// One of the lists across the top.
#[derive(Debug, Clone)]
pub struct Tab {
    pub href: String,
    pub label: String,
    pub on: bool,
    pub count: Option<i64>,
}

/// A number goes straight to its case; anything else is looked for among places and units.
fn by_search(desk: &Desk, office: &Office, asked: &Asked) -> Option<String> {
    let text = asked.q.trim();
    if text.is_empty() {
        return None;
    }
    let digits: String = text.trim_start_matches('#').to_owned();
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(desk.href(&format!("/cases/{digits}")));
    }
    let found = |name: &str| name.contains(text);
    if let Some(unit) = office.directory.organisations().find(|unit| found(&unit.name) || unit.initials == text) {
        return Some(desk.href(&format!("/cases{}", Asked { unit: unit.id.to_string(), ..Asked::default() }.query_string())));
    }
    if let Some(place) = office.directory.communities().find(|place| found(&place.name) || place.initials == text) {
        return Some(desk.href(&format!("/cases{}", Asked { community: place.id.to_string(), ..Asked::default() }.query_string())));
    }
    None
}

pub async fn get(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ListCases>()?;
    let office = Office::of(&desk).await?;
    if let Some(to) = by_search(&desk, &office, &asked) {
        return Ok(Redirect::to(&to).into_response());
    }
    let mut page = desk.page("worklist-title");
    page.search = (!asked.q.is_empty()).then(|| asked.q.clone());
    let legs = office.legs(&by.reach());
    let filter = asked.filter(office.hours.zone());
    let found = listing::list(&desk.app.store, by.tenant(), &filter, &legs, page.now).await?;
    let lines = found.rows.iter().map(|row| line(&page, &office.directory, row)).collect();
    let here = |asked: &Asked| format!("{}{}", page.href("/cases"), asked.query_string());
    let next = found.next.map(|after| here(&Asked { after, ..asked.clone() }));
    let first = (!asked.after.is_empty()).then(|| here(&Asked { after: String::new(), ..asked.clone() }));
    let tab = |label: &str, to: Asked| Tab {
        on: Asked { after: String::new(), unit: String::new(), community: String::new(), category: String::new(), ..asked.clone() } == to,
        href: here(&to),
        label: page.w.t(label).into_owned(),
        count: None,
    };
    let of_stage = |stage: Stage| Asked { stage: stage.to_string(), ..Asked::default() };
    let of_kind = |kind: Kind| Asked { kind: kind.to_string(), ..Asked::default() };
    let mut tabs = vec![tab("worklist-all-open", Asked::default()), tab("stage-reported", of_stage(Stage::Reported))];
    let has = |step: Step| office.has(step);
    if has(Step::AskVerify) {
        tabs.push(tab("stage-verifying", of_stage(Stage::Verifying)));
    }
    tabs.push(tab("stage-filed", of_stage(Stage::Filed)));
    tabs.push(tab("stage-dispatched", of_stage(Stage::Dispatched)));
    tabs.push(tab("stage-rectified", of_stage(Stage::Rectified)));
    tabs.push(tab("worklist-asked", of_kind(Kind::Asked)));
    if has(Step::Transfer) {
        tabs.push(tab("stage-transferred", of_stage(Stage::Transferred)));
    }
    if has(Step::AskHold) {
        tabs.push(tab("worklist-held", of_kind(Kind::Held)));
    }
    if has(Step::Supervise) {
        tabs.push(tab("worklist-supervised", of_kind(Kind::Supervised)));
    }
    tabs.push(tab("stage-closed", of_stage(Stage::Closed)));
    if has(Step::MendOnSpot) {
        tabs.push(tab("apart-mended_on_spot", of_kind(Kind::MendedOnSpot)));
    }
    if has(Step::SelfCheck) {
        tabs.push(tab("apart-self_check", of_kind(Kind::SelfCheck)));
        tabs.push(tab("worklist-samples", of_kind(Kind::Samples)));
    }
    let choices = |values: Vec<(String, String)>, chosen: &str| {
        values.into_iter().map(|(value, label)| Choice { on: value == chosen, value, label }).collect::<Vec<_>>()
    };
    let w = page.w;
    let stages = choices(Stage::ALL.iter().map(|s| (s.to_string(), w.t(&format!("stage-{s}")).into_owned())).collect(), &asked.stage);
    let lamps = choices(Lamp::ALL.iter().map(|l| (l.to_string(), w.t(&format!("lamp-{l}")).into_owned())).collect(), &asked.lamp);
    let outcomes =
        choices(Outcome::ALL.iter().map(|o| (o.to_string(), w.t(&format!("outcome-{o}")).into_owned())).collect(), &asked.outcome);
    let mut units = choices(office.directory.organisations().map(|unit| (unit.id.to_string(), unit.name.clone())).collect(), &asked.unit);
    let mut communities =
        choices(office.directory.communities().map(|place| (place.id.to_string(), place.name.clone())).collect(), &asked.community);
    // What has none is a choice where the list is of that.
    for (list, value, key) in [(&mut units, &asked.unit, "summary-no-unit"), (&mut communities, &asked.community, "summary-elsewhere")] {
        if value == NONE {
            list.push(Choice { on: true, value: NONE.to_owned(), label: w.t(key).into_owned() });
        }
    }
    let filtered = asked != Asked { after: asked.after.clone(), ..Asked::default() };
    let may_report = desk.actor.can_some::<ReportCase>();
    let narrowed = if filtered { register::narrowed(&page, &office, &asked, &filter) } else { Vec::new() };
    let register = |form| register::href(&page, &asked, form);
    let registers = desk.actor.can_some::<TakeRegister>().then(|| (register(register::Form::Sheet), register(register::Form::Paper)));
    Ok(Html(WorklistPage {
        page,
        lines,
        asked,
        tabs,
        stages,
        lamps,
        units,
        communities,
        outcomes,
        filtered,
        may_report,
        next,
        first,
        narrowed,
        registers,
    })
    .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_the_list_is_and_nothing_typed_breaks_out_of_it() {
        let asked = Asked { q: "a&b=c#".into(), stage: "filed".into(), ..Asked::default() };
        assert_eq!(asked.query_string(), "?q=a%26b%3Dc%23&stage=filed");
        assert_eq!(Asked { stage: "nonsense".into(), ..Asked::default() }.filter(&jiff::tz::TimeZone::UTC), Filter::default());
    }

    #[test]
    fn a_day_ends_where_the_next_begins_in_the_tenants_zone() {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        let (from, to) = day_range(&zone, "2026-02-01", "2026-02-01");
        assert_eq!(to.unwrap().seconds_since(from.unwrap()), 86_400);
        assert_eq!(day_range(&zone, "9999-12-31", "9999-12-31").1, None);
    }
}
