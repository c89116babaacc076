//! Cases for programs: a list by the worklist's filters, and one case with its way.

use super::{Happened, Number, Position, due, stamp};
use crate::case::{Case, Found, find};
use crate::case_forms::Making;
use crate::case_page::{Again, Told, step_view, words_by_id};
use crate::kinds::{Apart, AppealGround, Ask, Receiver, Sample, Verdict};
use crate::listing::{self, Filter, Kind, Lamp, Line, Outcome, Without};
use crate::office::Office;
use crate::steps::{Source, Stage, Step};
use crate::verbs::ListCases;
use crate::views::{place_words, title, unit_name};
use crate::worklist::day_range;
use access::http::Desk;
use api::{Answer, Call, Cursor, Day, Stamp};
use contracts::{CaseId, CircularId, NoticeId};
use kernel::coordinates::Point;
use kernel::ids::{AttachmentId, OrganisationId, PlaceId, Uuid};
use kernel::{Instant, Result};
use store::attachments::Attachment;

api::operations! { "cases":
    /// A page of cases that the token's owner may see.
    ///
    /// Each kind of list has an order of its own; `next` begins the next page and is null on the last.
    get "/cases" list_cases;
    /// One case with its photos, its way, and the steps that can be taken now.
    get "/cases/{number}" get_case;
}

api::params! {
    /// Which cases: all conditions hold together.
    pub struct Which {
        /// What the list is of; open cases where nothing is said.
        kind: Option<Kind>,
        stage: Option<Stage>,
        unit: Option<OrganisationId>,
        community: Option<PlaceId>,
        category: Option<Uuid>,
        lamp: Option<Lamp>,
        /// Of the lists of a period: which of its figures counted them.
        outcome: Option<Outcome>,
        /// Of the list `asked`: what is asked.
        ask: Option<Ask>,
        /// Only what has no unit, or lies in no community.
        without: Option<Without>,
        /// The first day of the period.
        from: Option<Day>,
        /// The last day of the period.
        to: Option<Day>,
        /// `next` of the page before.
        after: Option<Cursor>,
    }
    pub struct OfCase {
        number: Number,
    }
}

api::object! {
    /// A case as lists show it.
    pub struct CaseLine {
        number: i64,
        stage: Stage,
        category: Option<Uuid>,
        /// The category's name, or the beginning of what was found.
        title: String,
        place: Option<PlaceId>,
        community: Option<PlaceId>,
        /// Place and finder's words together.
        place_words: String,
        unit: Option<OrganisationId>,
        unit_name: String,
        /// The deadline of whoever holds it now.
        due: Option<Stamp>,
        /// Null where no clock runs.
        lamp: Option<Lamp>,
        reported_at: Stamp,
        dispatched_at: Option<Stamp>,
        ended_at: Option<Stamp>,
        rework: i64,
        late: bool,
        /// What waits for an answer.
        ask: Option<Ask>,
        /// Until when the clock stands.
        held_until: Option<Stamp>,
        supervised_at: Option<Stamp>,
        photos: i64,
    }
    /// A page of cases.
    pub struct Cases {
        cases: Vec<CaseLine>,
        next: Option<String>,
    }
    /// A photo of a case.
    pub struct CasePhoto {
        id: AttachmentId,
        /// `before`, `after-1` (of the first attempt), `reinspection-1` and the like.
        role: String,
        taken_at: Option<Stamp>,
        url: String,
        thumb_url: String,
    }
    /// One case.
    pub struct CaseView {
        id: CaseId,
        number: i64,
        /// To be sent with the next step.
        version: i64,
        stage: Stage,
        source: Source,
        outside_number: Option<String>,
        circular: Option<CircularId>,
        notice: Option<NoticeId>,
        category: Option<Uuid>,
        title: String,
        what: String,
        place: Option<PlaceId>,
        community: Option<PlaceId>,
        compound: Option<PlaceId>,
        where_words: String,
        place_words: String,
        position: Option<Position>,
        unit: Option<OrganisationId>,
        unit_name: String,
        assisting: Vec<OrganisationId>,
        /// The deadline of whoever holds it now.
        due: Option<Stamp>,
        yellow_at: Option<Stamp>,
        lamp: Option<Lamp>,
        /// The unit's deadline.
        unit_due: Option<Stamp>,
        reported_at: Stamp,
        filed_at: Option<Stamp>,
        dispatched_at: Option<Stamp>,
        rectified_at: Option<Stamp>,
        ended_at: Option<Stamp>,
        rework: i64,
        late: bool,
        ask: Option<Ask>,
        ask_until: Option<Stamp>,
        extensions: i64,
        holds: i64,
        held_until: Option<Stamp>,
        supervised_at: Option<Stamp>,
        assigned_finally: bool,
        verified: Option<Verdict>,
        receiver: Option<Receiver>,
        receipt: Option<String>,
        /// Why it is in none of the figures of circulars.
        apart: Option<Apart>,
        sample: Option<Sample>,
        disputed: bool,
        /// What the appeal that waits is against.
        appeal: Option<AppealGround>,
        photos: Vec<CasePhoto>,
        /// Its way, the oldest first.
        timeline: Vec<Happened>,
        /// The steps that the token's owner is offered now.
        steps: Vec<Step>,
    }
}

/// The lamp of what is open and has a deadline, unless its clock stands.
fn lamp(stage: Stage, at: Instant, yellow_at: Instant, held: bool, now: Instant) -> Option<Lamp> {
    (stage.open() && !held && due(at).is_some()).then(|| Lamp::of(at, yellow_at, now))
}

pub(super) fn line(desk: &Desk, office: &Office, line: &Line, now: Instant) -> CaseLine {
    let held = line.hold_until.filter(|until| line.stage == Stage::Dispatched && *until > now);
    let w = web::Words::of(desk.visit.lang);
    CaseLine {
        number: line.number,
        stage: line.stage,
        category: line.category_id,
        title: title(w, &office.directory, line.category_id, line.stage, &line.what),
        place: line.place_id,
        community: line.community_id,
        place_words: place_words(&office.directory, line.place_id, &line.where_words),
        unit: line.unit_id,
        unit_name: unit_name(&office.directory, line.unit_id),
        due: due(line.due),
        lamp: lamp(line.stage, line.due, line.yellow_at, held.is_some(), now),
        reported_at: line.reported_at.into(),
        dispatched_at: stamp(line.dispatched_at),
        ended_at: stamp(line.ended_at),
        rework: line.rework,
        late: line.late,
        ask: line.ask,
        held_until: stamp(held),
        supervised_at: stamp(line.supervised_at),
        photos: line.photos,
    }
}

/// The line of a case that was read whole.
pub(super) fn line_of(desk: &Desk, office: &Office, case: &Case, now: Instant) -> CaseLine {
    line(desk, office, &crate::views::as_line(case), now)
}

async fn list_cases(call: Call<(), Which>) -> web::Result<Answer<Cases>> {
    let by = call.actor.permit_some::<ListCases>()?;
    let office = Office::of(&call).await?;
    let asked = &call.query;
    let day = |day: &Option<Day>| day.map(|day| day.0.to_string()).unwrap_or_default();
    let (from, to) = day_range(office.hours.zone(), &day(&asked.from), &day(&asked.to));
    let filter = Filter {
        kind: asked.kind,
        stage: asked.stage,
        unit: asked.unit,
        community: asked.community,
        category: asked.category,
        lamp: asked.lamp,
        outcome: asked.outcome,
        ask: asked.ask,
        without: asked.without,
        from,
        to,
        after: asked.after.as_ref().map(|after| after.0.clone()),
        ..Filter::default()
    };
    let now = call.app.world.now();
    let found = listing::list(&call.app.store, by.tenant(), &filter, &office.legs(&by.reach()), now).await?;
    Ok(Answer(Cases { cases: found.rows.iter().map(|row| line(&call, &office, row, now)).collect(), next: found.next }))
}

async fn get_case(call: Call<OfCase>) -> web::Result<Answer<CaseView>> {
    let case = find(&call.app.store, &call.actor, call.path.number.0).await?;
    Ok(Answer(view(&call, case).await?))
}

fn photo(desk: &Desk, photo: &Attachment) -> CasePhoto {
    let at = |end: &str| api::call::href(&desk.tenant.slug, &format!("/photos/{}{end}", photo.id));
    CasePhoto {
        id: photo.id,
        role: photo.role.clone().unwrap_or_default(),
        taken_at: stamp(photo.taken_at),
        url: at(""),
        thumb_url: at("/thumb"),
    }
}

/// One case as it is now.
pub(super) async fn view(desk: &Desk, case: Found) -> Result<CaseView> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let office = Office::of(desk).await?;
    let page = desk.page("case-title");
    let photos = store::attachments::of_subject(store, tenant, "case", case.id.0).await?;
    let facts = store.timeline(tenant, "case", case.id.0).await?;
    let told = Told {
        facts: facts.iter().map(|fact| (fact.kind.clone(), serde_json::from_str(&fact.data).unwrap_or_default())).collect(),
        words: words_by_id(store, tenant, &case).await?,
    };
    let names = access::names(store, tenant, facts.iter().filter_map(|fact| fact.actor_id)).await?;
    let mut timeline = Vec::new();
    for (fact, (_, data)) in facts.iter().zip(&told.facts) {
        let by = fact.actor_id.and_then(|actor| names.get(&actor)).cloned();
        let step = step_view(&page, &office, &fact.kind, data, fact.recorded_at, String::new(), &told.words, &photos);
        timeline.push(Happened {
            kind: fact.kind.clone(),
            at: fact.recorded_at.into(),
            by,
            title: step.title,
            detail: step.detail,
            words: step.words,
            photos: step.photos.iter().filter_map(|photo| photo.id.parse().ok()).collect(),
        });
    }
    let again = Again::default();
    let making = Making { desk, page: &page, office: &office, case: &case, told: &told, again: &again, href: "", drafts: &[] };
    let mut steps: Vec<Step> = making.offered().await?.iter().flat_map(|form| form.steps().to_vec()).collect();
    steps.sort();
    steps.dedup();
    let (now, w) = (page.now, page.w);
    let held = case.held_until(now);
    let point = case.lng_e7.zip(case.lat_e7).and_then(|(lng, lat)| Point::new(lng, lat).ok());
    Ok(CaseView {
        id: case.id,
        number: case.number,
        version: case.version,
        stage: case.stage,
        source: case.source,
        outside_number: case.outside_number.clone(),
        circular: case.circular_id,
        notice: case.notice_id,
        category: case.category_id,
        title: title(w, &office.directory, case.category_id, case.stage, &case.what),
        what: case.what.clone(),
        place: case.place_id,
        community: case.community_id,
        compound: case.compound_id,
        where_words: case.where_words.clone(),
        place_words: place_words(&office.directory, case.place_id, &case.where_words),
        position: point.map(|point| Position { lng: api::Degrees(point.lng_degrees()), lat: api::Degrees(point.lat_degrees()) }),
        unit: case.unit_id,
        unit_name: unit_name(&office.directory, case.unit_id),
        assisting: case.assisting.clone(),
        due: due(case.due).filter(|_| case.stage.open()),
        yellow_at: due(case.yellow_at).filter(|_| case.stage.open()),
        lamp: lamp(case.stage, case.due, case.yellow_at, held.is_some(), now),
        unit_due: stamp(case.unit_due),
        reported_at: case.reported_at.into(),
        filed_at: stamp(case.filed_at),
        dispatched_at: stamp(case.dispatched_at),
        rectified_at: stamp(case.rectified_at),
        ended_at: stamp(case.ended_at),
        rework: case.rework,
        late: case.late,
        ask: case.ask,
        ask_until: stamp(case.ask_until),
        extensions: case.extensions,
        holds: case.holds,
        held_until: stamp(held),
        supervised_at: stamp(case.supervised_at),
        assigned_finally: case.assigned_finally,
        verified: case.verified,
        receiver: case.receiver,
        receipt: case.receipt.clone(),
        apart: case.apart,
        sample: case.sample,
        disputed: case.disputed,
        appeal: case.appeal,
        photos: photos.iter().map(|one| photo(desk, one)).collect(),
        timeline,
        steps,
    })
}
