//! The worklist: every case that the actor may see, filtered by the address, a page at a time.

use crate::kinds::Ask;
use crate::listing::{self, Filter, Flag, Kind, Lamp, Line, Outcome, Sort, When, Whose, Without};
use crate::office::Office;
use crate::register;
use crate::steps::{Source, Stage, Step};
use crate::verbs::{HandleCase, LeadCase, ListCases, NoteCase, ReportCase, TakeRegister, UrgeUnit};
use crate::views::{LineView, line};
use access::http::{Desk, encode};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::CircularId;
use kernel::Instant;
use kernel::ids::{AccountId, CommandId, OrganisationId, PlaceId, Uuid};
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};
use web::PageContext;
use web::forms::Choice;

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
    /// Whose list it is: what I found, what I was asked to verify, what my unit handed to me.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub whose: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub when: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub answers: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub circular: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub flag: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sort: String,
    /// Columns beside the usual ones: a box of the form each.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub with_community: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub with_source: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub with_reported: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub with_outside: String,
    /// The rarer filters are shown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub more: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// A square of the map.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub square: String,
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

/// The deadline's bounds `[from, to)` of what is due then.
pub(crate) fn due_range(when: Option<When>, office: &Office, now: Instant) -> (Option<Instant>, Option<Instant>) {
    let zone = office.hours.zone();
    let today = now.to_timestamp().to_zoned_datetime(zone.clone()).date().to_string();
    let (_, tomorrow) = day_range(zone, &today, &today);
    match when {
        None => (None, None),
        Some(When::Today) => (Some(now), tomorrow),
        Some(When::Now) => (None, tomorrow),
        Some(When::Long) => (None, Some(office.hours.long_over(now))),
    }
}

/// What an address means: for whom, where, and when.
pub struct Meaning<'a> {
    pub office: &'a Office,
    pub me: Option<AccountId>,
    pub now: Instant,
}

impl Asked {
    pub fn filter(&self, meaning: &Meaning<'_>) -> Filter {
        let zone = meaning.office.hours.zone();
        let (from, to) = day_range(zone, &self.from, &self.to);
        let (due_from, due_to) = due_range(self.when.parse().ok(), meaning.office, meaning.now);
        Filter {
            kind: self.kind.parse::<Kind>().ok(),
            stage: self.stage.parse::<Stage>().ok(),
            unit: self.unit.parse::<OrganisationId>().ok(),
            community: self.community.parse::<PlaceId>().ok(),
            category: None,
            kin: Vec::new(),
            compound: self.compound.parse::<PlaceId>().ok(),
            source: self.source.parse::<Source>().ok(),
            hour: self.hour.parse().ok().filter(|hour| (0..24).contains(hour)),
            weekday: self.weekday.parse::<i64>().ok().filter(|day| (1..=7).contains(day)).map(|day| day - 1),
            lamp: self.lamp.parse::<Lamp>().ok(),
            outcome: self.outcome.parse::<Outcome>().ok(),
            ask: self.ask.parse::<Ask>().ok(),
            whose: self.whose.parse::<Whose>().ok().zip(meaning.me),
            near: Vec::new(),
            due_from,
            due_to,
            answers: self.answers.parse().ok(),
            circular: self.circular.parse::<CircularId>().ok(),
            under: self.place.parse::<PlaceId>().ok().and_then(|id| meaning.office.directory.place(id)).map(|place| place.path.clone()),
            flag: self.flag.parse::<Flag>().ok(),
            sort: self.sort.parse::<Sort>().ok(),
            square: self.square.parse::<i64>().ok().filter(|square| crate::months::cells(*square).is_some()),
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
        .of_category(Uuid::try_parse(&self.category).ok(), &meaning.office.directory)
        .on_duty(&meaning.office.directory, meaning.now)
    }
    /// What the list shows beside number, problem, unit, progress and lamp: each column's name, and whether it is wanted.
    fn columns(&self) -> [(&'static str, bool); 4] {
        let wanted = |text: &String| !text.is_empty();
        [
            ("with_community", wanted(&self.with_community)),
            ("with_source", wanted(&self.with_source)),
            ("with_reported", wanted(&self.with_reported)),
            ("with_outside", wanted(&self.with_outside)),
        ]
    }
    /// Whether one of the rarer filters narrows the list.
    fn has_more(&self) -> bool {
        [&self.more, &self.category, &self.source, &self.circular, &self.place, &self.flag, &self.when, &self.sort]
            .iter()
            .any(|text| !text.is_empty())
    }
    /// The query string of this list.
    pub fn query_string(&self) -> String {
        as_query(&serde_json::to_value(self).unwrap_or_default())
    }
}

/// The texts of an object as a query string.
pub(crate) fn as_query(pairs: &serde_json::Value) -> String {
    let mut text = String::new();
    for (name, value) in pairs.as_object().into_iter().flatten() {
        text.push_str(if text.is_empty() { "?" } else { "&" });
        text.push_str(name);
        text.push('=');
        text.push_str(&encode(value.as_str().unwrap_or_default()));
    }
    text
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
    more: Option<More>,
    views: Vec<ViewLink>,
    /// What this person may do to several at once.
    bulk: Vec<Choice>,
    bulk_units: Vec<Choice>,
    filtered: bool,
    map_href: String,
    may_report: bool,
    here: String,
    /// Asked now and then whether something came in; empty where the list does not grow at its top.
    fresh: String,
    error: String,
    /// What a view was to be called that could not be kept.
    view_name: String,
    command: CommandId,
    next: Option<String>,
    first: Option<String>,
    /// What the days are of.
    dated: String,
    /// What it is narrowed to beside what the form shows, and the list as a register.
    narrowed: Vec<String>,
    registers: Option<(String, String)>,
}

/// The rarer filters, made when they are wanted.
struct More {
    categories: Vec<Choice>,
    sources: Vec<Choice>,
    circulars: Vec<Choice>,
    places: Vec<crate::report_page::PlaceGroup>,
    flags: Vec<Choice>,
    whens: Vec<Choice>,
    sorts: Vec<Choice>,
    columns: Vec<Choice>,
}

/// A view that somebody keeps.
struct ViewLink {
    id: Uuid,
    href: String,
    name: String,
    mine: bool,
    on: bool,
}

/// One of the lists across the top.
#[derive(Debug, Clone)]
pub struct Tab {
    pub href: String,
    pub label: String,
    pub on: bool,
    pub count: Option<i64>,
}

pub async fn get(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    desk.actor.permit_some::<ListCases>()?;
    if !asked.q.is_empty() {
        // Addresses that were kept from before there was a page for it.
        return Ok(Redirect::to(&desk.href(&format!("/search?q={}", encode(&asked.q)))).into_response());
    }
    show(&desk, asked, None).await
}

/// The list; with what could not be done, and what had been typed.
pub(crate) async fn show(desk: &Desk, asked: Asked, problem: Option<(&kernel::Error, &str)>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ListCases>()?;
    let office = Office::of(desk).await?;
    let page = desk.page("worklist-title");
    let filter = asked.filter(&Meaning { office: &office, me: desk.actor.account, now: page.now });
    let legs = office.legs(&by.reach(), &filter);
    let found = listing::list(&desk.app.store, by.tenant(), &filter, &legs, page.now).await?;
    let lines = found.rows.iter().map(|row| line(&page, &office.directory, row)).collect();
    let here = |asked: &Asked| format!("{}{}", page.href("/cases"), asked.query_string());
    let next = found.next.map(|after| here(&Asked { after, ..asked.clone() }));
    let first = (!asked.after.is_empty()).then(|| here(&Asked { after: String::new(), ..asked.clone() }));
    let tabs = tabs(&page, &office, &asked);
    let choices = |values: Vec<(String, String)>, chosen: &str| {
        values.into_iter().map(|(value, label)| Choice { on: value == chosen, value, label }).collect::<Vec<_>>()
    };
    let w = page.w;
    let named = |prefix: &str, values: Vec<String>, chosen: &str| {
        choices(values.into_iter().map(|value| (value.clone(), w.t(&format!("{prefix}{value}")).into_owned())).collect(), chosen)
    };
    let stages = named("stage-", Stage::ALL.iter().map(ToString::to_string).collect(), &asked.stage);
    let lamps = named("lamp-", Lamp::ALL.iter().map(ToString::to_string).collect(), &asked.lamp);
    let outcomes = named("outcome-", Outcome::ALL.iter().map(ToString::to_string).collect(), &asked.outcome);
    let all_units: Vec<(String, String)> = office.directory.organisations().map(|unit| (unit.id.to_string(), unit.name.clone())).collect();
    let mut units = choices(all_units.clone(), &asked.unit);
    let mut communities =
        choices(office.directory.communities().map(|place| (place.id.to_string(), place.name.clone())).collect(), &asked.community);
    // What has none is a choice where the list is of that.
    for (list, value, key) in [(&mut units, &asked.unit, "summary-no-unit"), (&mut communities, &asked.community, "summary-elsewhere")] {
        if value == NONE {
            list.push(Choice { on: true, value: NONE.to_owned(), label: w.t(key).into_owned() });
        }
    }
    let more = if asked.has_more() {
        let circulars = match desk.actor.can_some::<crate::verbs::ListCirculars>() {
            true => crate::circular_page::latest_choices(desk, w, &asked.circular).await?,
            false => Vec::new(),
        };
        Some(More {
            categories: crate::report_page::category_choices(&office.directory, &asked.category),
            sources: named("source-", Source::ALL.iter().map(ToString::to_string).collect(), &asked.source),
            circulars,
            places: crate::report_page::place_groups(w, &office.directory, &by.reach(), &asked.place),
            flags: named("flag-", Flag::ALL.iter().map(ToString::to_string).collect(), &asked.flag),
            whens: named("when-", When::ALL.iter().map(ToString::to_string).collect(), &asked.when),
            sorts: named("sort-", Sort::ALL.iter().map(ToString::to_string).collect(), &asked.sort),
            columns: asked
                .columns()
                .into_iter()
                .map(|(name, on)| Choice { on, value: name.to_owned(), label: w.t(&format!("column-{name}")).into_owned() })
                .collect(),
        })
    } else {
        None
    };
    let mut views = Vec::new();
    if let Some(account) = desk.actor.account {
        let current = Asked { after: String::new(), more: String::new(), ..asked.clone() }.query_string();
        for view in crate::saved_views::of(&desk.app.store, by.tenant(), account).await? {
            views.push(ViewLink {
                href: page.href(&format!("/cases{}", view.address)),
                on: view.address == current,
                mine: view.account_id == account,
                name: view.name,
                id: view.id,
            });
        }
    }
    let may = |step: &Step| match step {
        Step::Supervise => desk.actor.can_some::<LeadCase>() && office.has(*step),
        Step::Urge => desk.actor.can_some::<UrgeUnit>(),
        _ => desk.actor.can_some::<HandleCase>(),
    };
    let to_print = || Choice { on: false, value: crate::bulk::PRINT.to_owned(), label: w.t("dossier-print").into_owned() };
    let bulk: Vec<Choice> = crate::bulk::STEPS
        .iter()
        .filter(|step| may(step))
        .map(|step| Choice { on: false, value: step.to_string(), label: w.t(&format!("step-{step}")).into_owned() })
        .chain(desk.actor.can_some::<NoteCase>().then(to_print))
        .collect();
    let fresh = match asked.after.is_empty() {
        true => format!("{}{}", page.href("/cases/fresh"), Fresh { seen: print_of(&found.rows), asked: &asked }.query_string()),
        false => String::new(),
    };
    let plain = Asked {
        after: asked.after.clone(),
        more: asked.more.clone(),
        with_community: asked.with_community.clone(),
        with_source: asked.with_source.clone(),
        with_reported: asked.with_reported.clone(),
        with_outside: asked.with_outside.clone(),
        ..Asked::default()
    };
    let status = problem.map_or(200, |(error, _)| error.kind().status());
    let filtered = asked != plain;
    let register = |form| register::href(&page, &asked, form);
    let registers = desk.actor.can_some::<TakeRegister>().then(|| (register(register::Form::Sheet), register(register::Form::Paper)));
    let template = WorklistPage {
        dated: w.t(&format!("dated-{}", filter.dated())).into_owned(),
        narrowed: if filtered { register::narrowed(&page, &office, &asked, &filter) } else { Vec::new() },
        registers,
        filtered,
        bulk_units: if bulk.iter().any(|one| one.value == "dispatch") { choices(all_units, "") } else { Vec::new() },
        may_report: desk.actor.can_some::<ReportCase>(),
        here: Asked { after: String::new(), more: String::new(), ..asked.clone() }.query_string(),
        error: problem
            .map(|(error, _)| match error.field_errors().first() {
                Some(field) => w.error(&field.code, &field.args).into_owned(),
                None => w.error(error.code(), error.args()).into_owned(),
            })
            .unwrap_or_default(),
        // The same list on the map, which is never of a page of it.
        map_href: page.href(&format!("/map{}", Asked { after: String::new(), more: String::new(), ..asked.clone() }.query_string())),
        view_name: problem.map(|(_, name)| name.to_owned()).unwrap_or_default(),
        command: desk.app.world.new_id(),
        lines,
        tabs,
        stages,
        lamps,
        units,
        communities,
        outcomes,
        more,
        views,
        bulk,
        fresh,
        next,
        first,
        asked,
        page,
    };
    Ok(web::html::render(axum::http::StatusCode::from_u16(status).unwrap_or_default(), &template).into_response())
}

/// The lists across the top, those that this office has.
fn tabs(page: &PageContext, office: &Office, asked: &Asked) -> Vec<Tab> {
    let narrowed = Asked { kind: asked.kind.clone(), stage: asked.stage.clone(), whose: asked.whose.clone(), ..Asked::default() };
    let tab = |label: &str, to: Asked| Tab {
        on: narrowed == to,
        href: format!("{}{}", page.href("/cases"), to.query_string()),
        label: page.w.t(label).into_owned(),
        count: None,
    };
    let of_stage = |stage: Stage| Asked { stage: stage.to_string(), ..Asked::default() };
    let of_kind = |kind: Kind| Asked { kind: kind.to_string(), ..Asked::default() };
    let has = |step: Step| office.has(step);
    // What somebody reported, with what came of it: the only lists of it that reach beyond what the person answers for.
    if asked.whose.parse() == Ok(Whose::Found) {
        let mine = |stage: Option<Stage>| Asked {
            whose: Whose::Found.to_string(),
            stage: stage.map(|stage| stage.to_string()).unwrap_or_default(),
            ..Asked::default()
        };
        let mut lists = vec![tab("work-mine-open", mine(None))];
        lists.extend([Stage::Closed, Stage::Declined, Stage::Merged].map(|stage| tab(&format!("stage-{stage}"), mine(Some(stage)))));
        lists.push(tab("worklist-all-open", Asked::default()));
        return lists;
    }
    let lists = [
        (true, "worklist-all-open", Asked::default()),
        (true, "stage-reported", of_stage(Stage::Reported)),
        (has(Step::AskVerify), "stage-verifying", of_stage(Stage::Verifying)),
        (true, "stage-filed", of_stage(Stage::Filed)),
        (true, "stage-dispatched", of_stage(Stage::Dispatched)),
        (true, "stage-rectified", of_stage(Stage::Rectified)),
        (true, "worklist-asked", of_kind(Kind::Asked)),
        (has(Step::SignOrder), "worklist-orders", of_kind(Kind::Orders)),
        (has(Step::Transfer), "stage-transferred", of_stage(Stage::Transferred)),
        (has(Step::AskHold), "worklist-held", of_kind(Kind::Held)),
        (has(Step::Supervise), "worklist-supervised", of_kind(Kind::Supervised)),
        (true, "stage-closed", of_stage(Stage::Closed)),
        (has(Step::MendOnSpot), "apart-mended_on_spot", of_kind(Kind::MendedOnSpot)),
        (has(Step::SelfCheck), "apart-self_check", of_kind(Kind::SelfCheck)),
        (has(Step::SelfCheck), "worklist-samples", of_kind(Kind::Samples)),
    ];
    lists.into_iter().filter(|(there, ..)| *there).map(|(_, label, to)| tab(label, to)).collect()
}

/// What tells one state of a list's first page from another: its lines in their order, and how far each has come.
fn print_of(lines: &[Line]) -> String {
    let mut print = DefaultHasher::new();
    lines.iter().for_each(|line| (line.id, line.version).hash(&mut print));
    format!("{:x}", print.finish())
}

/// The question whether a list is another one than was shown.
#[derive(Serialize)]
struct Fresh<'a> {
    seen: String,
    #[serde(flatten)]
    asked: &'a Asked,
}

impl Fresh<'_> {
    fn query_string(&self) -> String {
        as_query(&serde_json::to_value(self).unwrap_or_default())
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Seen {
    seen: String,
}

#[derive(askama::Template)]
#[template(path = "fresh.html")]
struct FreshPart {
    page: PageContext,
    /// Whether it is another one; the same question again, and where the list stands.
    changed: bool,
    fresh: String,
    here: String,
}

/// Whether a list is another one than was shown, as a part of its page that asks itself again.
pub async fn fresh(desk: Desk, Query(asked): Query<Asked>, Query(seen): Query<Seen>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ListCases>()?;
    let office = Office::of(&desk).await?;
    let page = desk.page("worklist-title");
    let asked = Asked { after: String::new(), ..asked };
    let filter = asked.filter(&Meaning { office: &office, me: desk.actor.account, now: page.now });
    let found = listing::list(&desk.app.store, by.tenant(), &filter, &office.legs(&by.reach(), &filter), page.now).await?;
    let part = FreshPart {
        changed: print_of(&found.rows) != seen.seen,
        fresh: format!("{}{}", page.href("/cases/fresh"), Fresh { seen: seen.seen, asked: &asked }.query_string()),
        here: format!("{}{}", page.href("/cases"), asked.query_string()),
        page,
    };
    Ok(web::html::render(axum::http::StatusCode::OK, &part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_the_list_is_and_nothing_typed_breaks_out_of_it() {
        let asked = Asked { q: "a&b=c#".into(), stage: "filed".into(), ..Asked::default() };
        assert_eq!(asked.query_string(), "?q=a%26b%3Dc%23&stage=filed");
    }

    #[test]
    fn a_day_ends_where_the_next_begins_in_the_tenants_zone() {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        let (from, to) = day_range(&zone, "2026-02-01", "2026-02-01");
        assert_eq!(to.unwrap().seconds_since(from.unwrap()), 86_400);
        assert_eq!(day_range(&zone, "9999-12-31", "9999-12-31").1, None);
    }
}
