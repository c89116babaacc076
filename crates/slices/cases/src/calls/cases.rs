//! Cases for programs: a list by the worklist's filters, and one case with its way.

use super::hotspots::Square;
use super::{Happened, Number, Position, due, stamp};
use crate::case::{Case, Found, find};
use crate::case_forms::Making;
use crate::case_page::{Again, Way};
use crate::kinds::{Apart, AppealGround, Ask, Receiver, Sample, Satisfied, Solved, Verdict};
use crate::listing::{self, Answers, Filter, Flag, Kind, Lamp, Line, Outcome, Sort, When, Whose, Without};
use crate::office::Office;
use crate::steps::{Source, Stage, Step};
use crate::verbs::{ListCases, NoteCase};
use crate::views::{place_words, title, unit_name};
use crate::worklist::{day_range, due_range};
use access::http::Desk;
use api::{Answer, Call, Cursor, Day, Stamp, Whole};
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
        /// What the owner found, was asked to verify, or was handed inside the unit.
        whose: Option<Whose>,
        /// Of requests: who answers them.
        answers: Option<Answers>,
        source: Option<Source>,
        circular: Option<CircularId>,
        compound: Option<PlaceId>,
        /// A place with all that lies in it.
        place: Option<PlaceId>,
        flag: Option<Flag>,
        /// By when, of what is open; of orders by the clock of those outside.
        when: Option<When>,
        /// The local hour of the finding.
        hour: Option<Whole<0, 23>>,
        /// The local day of the week of the finding; Monday is 1.
        weekday: Option<Whole<1, 7>>,
        /// A square of the map, as the hotspots name it.
        square: Option<Square>,
        /// The order of what is open.
        sort: Option<Sort>,
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
        /// The same kind at the same spot as another one not long before.
        recurring: bool,
        /// The nearest deadline of those outside who wait for an answer.
        outside_due: Option<Stamp>,
        source: Source,
        outside_number: Option<String>,
        photos: i64,
    }
    /// The order of the hotline or the district's platform that a case is, without who called.
    pub struct OrderView {
        received_at: Stamp,
        sign_due: Option<Stamp>,
        signed_at: Option<Stamp>,
        call_due: Option<Stamp>,
        called_at: Option<Stamp>,
        answer_due: Option<Stamp>,
        answered_at: Option<Stamp>,
        called_back_at: Option<Stamp>,
        solved: Option<Solved>,
        satisfied: Option<Satisfied>,
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
    /// A video of a case.
    pub struct CaseVideo {
        id: AttachmentId,
        /// As that of a photo.
        role: String,
        milliseconds: i64,
        url: String,
        /// A frame of it, small.
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
        /// The case before it of the same kind at the same spot.
        recurs_of: Option<CaseId>,
        /// When the unit answered that it dissuaded and reported.
        dissuaded_at: Option<Stamp>,
        /// For the centre's own people.
        order: Option<OrderView>,
        photos: Vec<CasePhoto>,
        videos: Vec<CaseVideo>,
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
        recurring: line.recurs_of.is_some(),
        outside_due: stamp(line.outside_due),
        source: line.source,
        outside_number: line.outside_number.clone(),
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
    let now = call.app.world.now();
    let day = |day: &Option<Day>| day.map(|day| day.0.to_string()).unwrap_or_default();
    let (from, to) = day_range(office.hours.zone(), &day(&asked.from), &day(&asked.to));
    let (due_from, due_to) = due_range(asked.when, &office, now);
    let filter = Filter {
        kind: asked.kind,
        stage: asked.stage,
        unit: asked.unit,
        community: asked.community,
        lamp: asked.lamp,
        outcome: asked.outcome,
        ask: asked.ask,
        without: asked.without,
        whose: asked.whose.zip(call.actor.account),
        answers: asked.answers,
        source: asked.source,
        circular: asked.circular,
        compound: asked.compound,
        under: asked.place.map(|id| office.directory.place(id).map_or_else(|| "-".to_owned(), |place| place.path.clone())),
        flag: asked.flag,
        due_from,
        due_to,
        hour: asked.hour.map(|hour| hour.0),
        weekday: asked.weekday.map(|day| day.0 - 1),
        square: asked.square.map(|square| square.0),
        sort: asked.sort,
        from,
        to,
        after: asked.after.as_ref().map(|after| after.0.clone()),
        ..Filter::default()
    }
    .of_category(asked.category, &office.directory)
    .on_duty(&office.directory, now);
    let found = listing::list(&call.app.store, by.tenant(), &filter, &office.legs(&by.reach(), &filter), now).await?;
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

fn video(desk: &Desk, video: &Attachment) -> CaseVideo {
    CaseVideo {
        id: video.id,
        role: video.role.clone().unwrap_or_default(),
        milliseconds: video.duration_ms.unwrap_or_default(),
        url: api::call::href(&desk.tenant.slug, &format!("/videos/{}", video.id)),
        thumb_url: api::call::href(&desk.tenant.slug, &format!("/photos/{}/thumb", video.id)),
    }
}

/// One case as it is now.
pub(super) async fn view(desk: &Desk, case: Found) -> Result<CaseView> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let office = Office::of(desk).await?;
    let page = desk.page("case-title");
    let photos = store::attachments::of_subject(store, tenant, "case", case.id.0).await?;
    // What is the centre's alone, or the unit's, stands in it for those alone.
    let way = Way::of(desk, &case).await?;
    let timeline = way
        .happened(&page, &office, &photos)
        .into_iter()
        .map(|(fact, by, step)| Happened {
            kind: fact.kind.clone(),
            at: fact.recorded_at.into(),
            by: by.cloned(),
            title: step.title,
            detail: step.detail,
            words: step.words,
            video: step.photos.iter().filter(|photo| photo.video).find_map(|video| video.id.parse().ok()),
            photos: step.photos.iter().filter(|photo| !photo.video).filter_map(|photo| photo.id.parse().ok()).collect(),
        })
        .collect();
    let again = Again::default();
    let inside = desk.actor.can::<NoteCase>(&case);
    let order = if inside && case.source.orders() { crate::outside::of_case(store, tenant, case.id).await? } else { None };
    let making = Making {
        desk,
        page: &page,
        office: &office,
        case: &case,
        told: &way.told,
        order: order.as_ref(),
        again: &again,
        href: "",
        doing: None,
        drafts: &[],
        before: &[],
    };
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
        recurs_of: case.recurs_of,
        dissuaded_at: stamp(case.dissuaded_at),
        order: order.map(|order| OrderView {
            received_at: order.received_at.into(),
            sign_due: stamp(order.sign_due),
            signed_at: stamp(order.signed_at),
            call_due: stamp(order.call_due),
            called_at: stamp(order.called_at),
            answer_due: stamp(order.answer_due),
            answered_at: stamp(order.answered_at),
            called_back_at: stamp(order.called_back_at),
            solved: order.solved,
            satisfied: order.satisfied,
        }),
        photos: photos.iter().filter(|one| !one.kind.is_video()).map(|one| photo(desk, one)).collect(),
        videos: photos.iter().filter(|one| one.kind.is_video()).map(|one| video(desk, one)).collect(),
        timeline,
        steps,
    })
}
