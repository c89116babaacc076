//! Reporting on a phone or at a desk: one form, one step; unit and deadline proposed from the table of responsibilities.

use crate::case_forms::{Choice, FilmBox};
use crate::case_page::{PhotoView, draft_views};
use crate::case_steps::{MAX_PHOTOS, TOO_MANY_PHOTOS, due, field_error, words};
use crate::circular_page::choices as circulars;
use crate::office::Office;
use crate::outside::NewOrder;
use crate::reporting::{Finding, Report, Reported, Spot, Under};
use crate::steps::{Source, Step};
use crate::verbs::{ComposeCircular, HandleCase, MendOnSpot, ReportCase, SelfCheck};
use access::http::{Desk, Submitted};
use access::permit::Reach;
use access::personal::Masked;
use access::{Actor, Role};
use axum::Json;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contracts::CircularId;
use kernel::coordinates::Point;
use kernel::ids::{AttachmentId, CommandId, OrganisationId, PlaceId, Uuid};
use kernel::{Code, Error, FieldError, Kind, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use territory::category::CategoryVersion;
use territory::{Directory, Level, PlaceInfo};
use web::html::render;
use web::{PageContext, Words};

pub const PLACE_NEEDED: Code = Code::invalid("case.place_needed");
/// Outside of what the reporter's role reaches.
pub const PLACE_ELSEWHERE: Code = Code::invalid("case.place_elsewhere");
pub const WHAT_NEEDED: Code = Code::invalid("case.what_needed");

/// An order of those outside is known by its number.
pub const ORDER_NUMBER: Code = Code::invalid("order.number_needed");
/// That is no telephone number.
pub const PHONE: Code = Code::invalid("order.phone");
pub const CALLER_OF_ORDER: Code = Code::invalid("order.caller_without");

/// Characters of a caller's name.
pub(crate) const MAX_NAME: usize = 40;

/// What the form carries, as it was typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ReportForm {
    pub circular: String,
    pub place: String,
    pub where_words: String,
    pub category: String,
    /// A filing condition of the category.
    pub condition: String,
    pub what: String,
    pub unit: String,
    pub due: String,
    pub source: String,
    pub outside_number: String,
    /// Of an order: when it was handed to us, and their own deadlines where they name them.
    pub received: String,
    pub sign_due: String,
    pub call_due: String,
    pub answer_due: String,
    pub caller: String,
    pub phone: String,
    pub lng: String,
    pub lat: String,
    pub photo: Vec<String>,
    pub video: String,
}

impl ReportForm {
    /// What makes it an order; every field that is wrong is kept as an error.
    fn order(&self, zone: &jiff::tz::TimeZone, keep: &mut impl FnMut(Result<()>)) -> NewOrder {
        let mut when = |text: &str, field: &str| {
            let at = due(text, field, zone);
            keep(at.as_ref().map(drop).map_err(Clone::clone));
            at.unwrap_or_default()
        };
        let (received_at, sign_due) = (when(&self.received, "received"), when(&self.sign_due, "sign_due"));
        let (call_due, answer_due) = (when(&self.call_due, "call_due"), when(&self.answer_due, "answer_due"));
        let caller = self.caller.trim();
        if caller.chars().count() > MAX_NAME {
            keep(Err(field_error("caller", crate::case_steps::WORDS_TOO_LONG, &[("max", MAX_NAME.to_string())])));
        }
        let phone: String = self.phone.chars().filter(|c| !c.is_whitespace()).collect();
        if !phone.is_empty() && !is_phone(&phone) {
            keep(Err(Error::field("phone", PHONE)));
        }
        NewOrder {
            received_at,
            sign_due,
            call_due,
            answer_due,
            caller: (!caller.is_empty()).then(|| Masked::new(caller)),
            caller_phone: (!phone.is_empty()).then(|| Masked::new(phone)),
        }
    }
}

/// Whether this can be dialled.
pub(crate) fn is_phone(text: &str) -> bool {
    (5..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-".contains(&byte))
}

/// The proposal for a place and a category: who, why, until when.
pub struct Proposed {
    pub name: String,
    pub reason: String,
    pub limit: String,
    /// Filing conditions, where the category has several.
    pub conditions: Vec<Choice>,
}

/// Communities with their compounds, as one group of the place's select.
#[derive(Debug, Clone)]
pub struct PlaceGroup {
    pub label: String,
    pub places: Vec<Choice>,
}

#[derive(askama::Template)]
#[template(path = "report_page.html")]
struct ReportPage {
    page: PageContext,
    form: ReportForm,
    errors: BTreeMap<String, String>,
    error: String,
    photos: Vec<PhotoView>,
    film: FilmBox,
    circulars: Vec<Choice>,
    may_compose: bool,
    /// The steps that record what is mended already, as far as this person has them.
    mended: Vec<Step>,
    may_handle: bool,
    /// Something is wrong in what is folded away.
    folded_wrong: bool,
    /// The office has orders of those outside, and this is one.
    orders: bool,
    is_order: bool,
    places: Vec<PlaceGroup>,
    categories: Vec<Choice>,
    units: Vec<Choice>,
    sources: Vec<Choice>,
    proposed: Option<Proposed>,
    command: CommandId,
}

/// What stands behind the fold.
const FOLDED: [&str; 10] = ["unit", "due", "source", "outside_number", "received", "sign_due", "call_due", "answer_due", "caller", "phone"];

impl ReportPage {
    fn error_of(&self, name: &str) -> &str {
        self.errors.get(name).map_or("", String::as_str)
    }
}

#[derive(askama::Template)]
#[template(path = "proposal.html")]
struct ProposalPart {
    page: PageContext,
    proposed: Proposed,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub circular: String,
    pub place: String,
    pub category: String,
    pub source: String,
}

/// Who answers for a place and a category, why, and how long that gives.
pub fn propose(w: Words, office: &Office, now: kernel::Instant, place: PlaceId, category: Option<Uuid>) -> Result<Proposed> {
    let on = office.directory.date_of(now)?;
    let proposal = office.directory.unit_for(place, category, on);
    let version = category.and_then(|id| office.directory.category(id));
    let limit = match version.and_then(|version| version.condition(None).limit()) {
        _ if version.is_some_and(CategoryVersion::has_choice) => w.t("limit-by-condition").into_owned(),
        Some(limit) => territory::limit_words(w, limit),
        None => w.t("due-needed").into_owned(),
    };
    let conditions = crate::conditions::choices(w, version, "");
    Ok(match proposal {
        Some(proposal) => Proposed {
            name: crate::views::unit_name(&office.directory, Some(proposal.unit)),
            reason: territory::words_of_reason(w, &office.directory, &proposal.reason),
            limit,
            conditions,
        },
        None => Proposed { name: String::new(), reason: w.t("no-proposal").into_owned(), limit, conditions },
    })
}

/// Who answers for a place and a category, and why, as the case keeps it.
pub fn responsible(
    directory: &Directory,
    now: kernel::Instant,
    place: PlaceId,
    category: Option<Uuid>,
) -> Result<(Option<OrganisationId>, Option<String>)> {
    let proposal = directory.unit_for(place, category, directory.date_of(now)?);
    Ok(proposal.map(|proposal| (proposal.unit, serde_json::to_string(&proposal.reason).unwrap_or_default())).unzip())
}

pub async fn get(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    desk.actor.permit_some::<ReportCase>()?;
    let mut form = ReportForm {
        circular: asked.circular,
        place: asked.place,
        category: asked.category,
        source: asked.source,
        ..ReportForm::default()
    };
    let order = form.source.parse::<Source>().is_ok_and(Source::orders);
    if !order && form.circular.is_empty() && desk.actor.can_some::<ComposeCircular>() {
        // The daily way: into the circular that is open.
        form.circular = circulars(&desk, "").await?.first().map(|choice| choice.value.clone()).unwrap_or_default();
    }
    show(&desk, form, BTreeMap::new(), String::new(), 200).await
}

/// The proposal alone, when place or category changes.
pub async fn proposal(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    desk.actor.permit_some::<ReportCase>()?;
    let office = Office::of(&desk).await?;
    let page = desk.page("report-new");
    let place = asked.place.parse::<PlaceId>().ok().filter(|id| office.directory.place(*id).is_some());
    let proposed = match place {
        Some(place) => propose(page.w, &office, page.now, place, Uuid::try_parse(&asked.category).ok())?,
        None => {
            let category = Uuid::try_parse(&asked.category).ok().and_then(|id| office.directory.category(id));
            Proposed {
                name: String::new(),
                reason: page.w.t("proposal-choose-place").into_owned(),
                limit: String::new(),
                conditions: crate::conditions::choices(page.w, category, ""),
            }
        }
    };
    Ok(render(StatusCode::OK, &ProposalPart { page, proposed }))
}

/// The communities that are reached, each with what lies in it.
pub fn place_groups(w: Words, directory: &Directory, reach: &Reach, on: &str) -> Vec<PlaceGroup> {
    let choice = |id: PlaceId, label: String| Choice { on: id.to_string() == on, value: id.to_string(), label };
    let reached = |path: &str| {
        reach.all || reach.paths.is_empty() || reach.paths.iter().any(|mine| path.starts_with(mine.as_str()) || mine.starts_with(path))
    };
    let group = |community: &PlaceInfo| {
        let whole = choice(community.id, w.a("place-whole", "name", community.name.clone()).into_owned());
        let within = directory.subtree(community.id).iter();
        let within = within.filter(|place| place.open && matches!(place.level, Level::Compound | Level::Area));
        let places = std::iter::once(whole).chain(within.map(|place| choice(place.id, place.name.clone()))).collect();
        PlaceGroup { label: community.name.clone(), places }
    };
    directory.communities().filter(|community| reached(&community.path)).map(group).collect()
}

/// The categories in force.
pub fn category_choices(directory: &Directory, on: &str) -> Vec<Choice> {
    let choice = |id: Uuid, label: String| Choice { on: id.to_string() == on, value: id.to_string(), label };
    let current = directory.categories().filter(|category| category.valid_to.is_none());
    current.map(|category| choice(category.id.0, format!("{} · {}", category.name, category.class_name))).collect()
}

async fn show(desk: &Desk, form: ReportForm, errors: BTreeMap<String, String>, error: String, status: u16) -> web::Result<Response> {
    let office = Office::of(desk).await?;
    let page = desk.page("report-new");
    let w = page.w;
    let drafts: Vec<AttachmentId> = form.photo.iter().chain([&form.video]).filter_map(|id| id.parse().ok()).collect();
    let (videos, photos): (Vec<PhotoView>, Vec<PhotoView>) =
        draft_views(desk, &page, &drafts).await?.into_iter().partition(|draft| draft.video);
    let film = FilmBox::of(desk, &page, videos);
    let choice = |value: String, label: String, on: &str| Choice { on: value == on, value, label };
    let directory = &office.directory;
    let places = place_groups(w, directory, &desk.actor.permit_some::<ReportCase>()?.reach(), &form.place);
    let categories = category_choices(directory, &form.category);
    let orders: &[Source] = if office.has(Step::SignOrder) { &[Source::Hotline, Source::DistrictPlatform] } else { &[] };
    let sources = [Source::Inspection, Source::Call, Source::Resident, Source::Community];
    let proposed = match form.place.parse::<PlaceId>().ok().filter(|id| directory.place(*id).is_some()) {
        Some(place) => {
            let mut proposed = propose(w, &office, page.now, place, Uuid::try_parse(&form.category).ok())?;
            proposed.conditions.iter_mut().for_each(|choice| choice.on = choice.value == form.condition);
            Some(proposed)
        }
        None => None,
    };
    let template = ReportPage {
        circulars: if desk.actor.can_some::<ComposeCircular>() { circulars(desk, &form.circular).await? } else { Vec::new() },
        may_compose: desk.actor.can_some::<ComposeCircular>(),
        may_handle: desk.actor.can_some::<HandleCase>(),
        mended: mended_steps(desk, &office),
        units: office
            .directory
            .organisations()
            .map(|unit| Choice { value: unit.id.to_string(), label: unit.name.clone(), on: unit.id.to_string() == form.unit })
            .collect(),
        orders: !orders.is_empty(),
        sources: sources
            .iter()
            .chain(orders)
            .map(|s| choice(s.to_string(), w.t(&format!("source-{s}")).into_owned(), &form.source))
            .collect(),
        command: desk.app.world.new_id(),
        folded_wrong: FOLDED.iter().any(|field| errors.contains_key(*field)),
        is_order: form.source.parse::<Source>().is_ok_and(Source::orders),
        places,
        categories,
        proposed,
        photos,
        film,
        errors,
        error,
        form,
        page,
    };
    Ok(render(StatusCode::from_u16(status).unwrap_or_default(), &template))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct At {
    lng: String,
    lat: String,
}

/// The smallest known place around a position: `{"place": id}`, or null where none is known. Errors: 422 for what is no position.
pub async fn place(desk: Desk, Query(at): Query<At>) -> web::Result<Response> {
    desk.actor.permit_some::<ReportCase>()?;
    let point = Point::parse(&at.lng, &at.lat).map_err(Error::from)?;
    let place = Office::of(&desk).await?.locate(&desk, point).await?;
    Ok(Json(serde_json::json!({ "place": place })).into_response())
}

/// What this person may record as mended already.
pub(crate) fn mended_steps(desk: &Desk, office: &Office) -> Vec<Step> {
    let may = [(Step::MendOnSpot, desk.actor.can_some::<MendOnSpot>()), (Step::SelfCheck, desk.actor.can_some::<SelfCheck>())];
    may.into_iter().filter(|(step, may)| *may && office.has(*step)).map(|(step, _)| step).collect()
}

/// Where a finding is from, by who reports it and says nothing else.
fn source_of(actor: &Actor) -> Source {
    if !actor.organisations().is_empty() {
        Source::Unit
    } else if actor.has(Role::Community) && !actor.has(Role::Inspector) {
        Source::Community
    } else {
        Source::Inspection
    }
}

/// The finding that the form describes. Errors: one for each field that is wrong, all at once.
pub(crate) async fn finding(desk: &Desk, office: &Office, form: &ReportForm) -> Result<Finding> {
    let mut wrong: Vec<FieldError> = Vec::new();
    let mut keep = |outcome: Result<()>| {
        if let Err(error) = outcome {
            wrong.extend(error.field_errors().iter().cloned());
        }
    };
    let directory = &office.directory;
    let point = if form.lng.trim().is_empty() && form.lat.trim().is_empty() {
        None
    } else {
        match Point::parse(&form.lng, &form.lat) {
            Ok(point) => Some(point),
            Err(error) => {
                let code: Error = error.into();
                keep(Err(Error::fields(vec![FieldError { field: "place".into(), code: code.code().to_owned(), args: BTreeMap::new() }])));
                None
            }
        }
    };
    let mut place = form.place.parse::<PlaceId>().ok().and_then(|id| directory.place(id));
    if place.is_none()
        && let Some(point) = point
        && let Some(located) = office.locate(desk, point).await?
    {
        place = directory.place(located);
    }
    match place {
        None => keep(Err(Error::field("place", PLACE_NEEDED))),
        // Who works for some communities reports there; who works for a unit, wherever the unit works.
        Some(place) => {
            let reach = desk.actor.permit_some::<ReportCase>()?.reach();
            let within =
                reach.all || !reach.organisations.is_empty() || reach.paths.iter().any(|path| place.path.starts_with(path.as_str()));
            if !within {
                keep(Err(Error::field("place", PLACE_ELSEWHERE)));
            }
        }
    }
    let what = words(&form.what, "what", false);
    keep(what.as_ref().map(drop).map_err(Clone::clone));
    let where_words = words(&form.where_words, "where_words", false);
    keep(where_words.as_ref().map(drop).map_err(Clone::clone));
    let category = Uuid::try_parse(&form.category).ok().and_then(|id| directory.category(id));
    if category.is_none() && what.as_ref().is_ok_and(String::is_empty) {
        keep(Err(Error::field("what", WHAT_NEEDED)));
    }
    let set_due = due(&form.due, "due", office.hours.zone());
    keep(set_due.as_ref().map(drop).map_err(Clone::clone));
    let outside = form.outside_number.trim();
    if outside.chars().count() > 60 {
        keep(Err(field_error("outside_number", crate::case_steps::WORDS_TOO_LONG, &[("max", "60".to_owned())])));
    }
    let chosen = form.source.parse::<Source>().ok().filter(|_| desk.actor.can_some::<HandleCase>());
    let source = chosen.unwrap_or_else(|| source_of(&desk.actor));
    let is_order = source.orders() && office.has(Step::SignOrder);
    // Callers are kept with orders alone: what was typed of one is not dropped unsaid.
    for (field, typed) in [("caller", &form.caller), ("phone", &form.phone)] {
        if !is_order && !typed.trim().is_empty() {
            keep(Err(Error::field(field, CALLER_OF_ORDER)));
        }
    }
    let order = if is_order { Some(form.order(office.hours.zone(), &mut keep)) } else { None };
    if order.is_some() && outside.is_empty() {
        keep(Err(Error::field("outside_number", ORDER_NUMBER)));
    }
    let photos: Vec<AttachmentId> = form.photo.iter().filter_map(|id| id.parse().ok()).collect();
    if photos.len() > MAX_PHOTOS {
        keep(Err(field_error("photo", TOO_MANY_PHOTOS, &[("max", MAX_PHOTOS.to_string())])));
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let place = place.ok_or(PLACE_NEEDED)?;
    let under = category.map(|category| {
        let chosen = crate::conditions::chosen(&form.condition, category);
        Under::at(category, chosen).within(office.orders.of_unit(source))
    });
    let (proposed, why) = responsible(directory, desk.app.world.now(), place.id, category.map(|c| c.id.0))?;
    let may_choose = desk.actor.can_some::<HandleCase>() || desk.actor.can_some::<ComposeCircular>();
    let chosen = form.unit.parse::<OrganisationId>().ok().filter(|id| may_choose && directory.organisation(*id).is_some());
    let unit = chosen.or(proposed);
    let circular = if desk.actor.can_some::<ComposeCircular>() { form.circular.parse::<CircularId>().ok() } else { None };
    Ok(Finding {
        source,
        what: what?,
        where_words: where_words?,
        spot: Spot {
            place: place.id,
            path: place.path.clone(),
            community: place.community_id,
            compound: place.compound_id,
            point: point.map(|point| (point.lng_e7, point.lat_e7)),
            cell: point.map(|point| point.cell_key()),
        },
        under,
        unit_reason: why.filter(|_| unit == proposed),
        unit,
        set_due: set_due?,
        circular,
        photos,
        video: form.video.parse().ok(),
        outside_number: (!outside.is_empty()).then(|| outside.to_owned()),
        order,
    })
}

pub async fn post(submitted: Submitted<ReportForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit_some::<ReportCase>()?;
    let done = |reported: &Reported, circular: bool| {
        if circular {
            desk.done("done-reported-circular", "/report")
        } else {
            desk.done("done-reported", &format!("/cases/{}", reported.number))
        }
    };
    if let Some(first) = &submitted.replayed {
        let reported: Reported = serde_json::from_value(first.clone()).map_err(Error::internal)?;
        return Ok(done(&reported, !form.circular.is_empty()));
    }
    let office = Office::of(desk).await?;
    let outcome = async {
        let finding = finding(desk, &office, form).await?;
        let into_circular = finding.circular.is_some();
        let out = desk
            .app
            .store
            .run(submitted.pass.clone(), Report { by, finding, limits: office.orders, hours: office.hours.clone() })
            .await?
            .out;
        Ok::<_, Error>((out, into_circular))
    }
    .await;
    match outcome {
        Ok((reported, into_circular)) => Ok(done(&reported, into_circular)),
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            let w = Words::of(desk.visit.lang);
            let errors: BTreeMap<String, String> =
                error.field_errors().iter().map(|field| (field.field.clone(), w.error(&field.code, &field.args).into_owned())).collect();
            let general = if errors.is_empty() { w.error(error.code(), error.args()).into_owned() } else { String::new() };
            show(desk, form.clone(), errors, general, error.kind().status()).await
        }
        Err(error) => Err(error.into()),
    }
}
