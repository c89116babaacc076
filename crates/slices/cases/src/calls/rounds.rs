//! Circulars and notices for programs.

use super::cases::{CaseLine, line_of};
use super::{Assisting, Number, Version, due, stamp, text, typed};
use crate::case::{Case, find, of_circular};
use crate::case_steps::{MAX_ASSISTING, words};
use crate::circular_page::{AmendForm, TITLE_NEEDED, amend_case, circulars_page, may_tell};
use crate::issuing::{self, Circular, CircularState, Issue, Issued, Notice, Open, lacks, notices_of_unit};
use crate::notice_page::{self, NoticeSubject, Seen};
use crate::office::Office;
use crate::rectifying::{OpenNotice, TellByPhone};
use crate::steps::Stage;
use crate::verbs::{ComposeCircular, IssueCircular, ListCirculars, ReadNotice};
use crate::views::unit_name;
use access::http::Desk;
use api::{Answer, Call, Created, Cursor, Json, List, Stamp, Text};
use contracts::{CircularId, NoticeId};
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Error, Result, ensure};

api::enums!(CircularState);

api::operations! { "circulars":
    /// A page of circulars, the latest first.
    get "/circulars" list_circulars;
    /// Opens a circular that findings go into.
    post "/circulars" open_circular;
    /// One circular with its cases and notices, as far as the token's owner sees them.
    get "/circulars/{id}" get_circular;
    /// Looks a case of an open circular through: its unit, its deadline, who assists; or takes it out.
    post "/circulars/{id}/cases/{number}" amend_in_circular;
    /// Issues a circular: every case filed and dispatched, notices numbered, clocks running; or nothing at all.
    post "/circulars/{id}/issue" issue_circular;
    /// The latest notices of a unit; of the owner's own units, where none is named.
    get "/notices" list_notices;
    /// One notice with its cases.
    get "/notices/{id}" get_notice;
    /// Says that the unit has seen its notice.
    post "/notices/{id}/opened" open_notice;
    /// Says that the unit was told by phone.
    post "/notices/{id}/told" tell_notice;
}

api::params! {
    pub struct After {
        /// `next` of the page before.
        after: Option<Cursor>,
    }
    pub struct OfCircular {
        id: CircularId,
    }
    pub struct OfCaseInCircular {
        id: CircularId,
        number: Number,
    }
    pub struct OfUnit {
        unit: Option<OrganisationId>,
    }
    pub struct OfNotice {
        id: NoticeId,
    }
}

api::object! {
    /// A circular as lists show it.
    pub struct CircularLine {
        id: CircularId,
        /// Of the year; from when it was issued.
        number: Option<i64>,
        year: Option<i64>,
        title: String,
        state: CircularState,
        opened_at: Stamp,
        issued_at: Option<Stamp>,
    }
    /// A page of circulars.
    pub struct Circulars {
        circulars: Vec<CircularLine>,
        next: Option<String>,
    }
    /// A case inside of a circular.
    pub struct InCircular {
        number: i64,
        version: i64,
        stage: Stage,
        community: Option<PlaceId>,
        unit: Option<OrganisationId>,
        unit_name: String,
        /// The code of what it lacks before it can be issued.
        lacks: Option<String>,
    }
    /// A notice as lists show it.
    pub struct NoticeLine {
        id: NoticeId,
        number: i64,
        circular: Option<CircularId>,
        unit: OrganisationId,
        unit_name: String,
        issued_at: Stamp,
        /// How many cases it has in all.
        cases: i64,
        last_due: Option<Stamp>,
        opened_at: Option<Stamp>,
        told_at: Option<Stamp>,
    }
    /// One circular.
    pub struct CircularView {
        circular: CircularLine,
        cases: Vec<InCircular>,
        notices: Vec<NoticeLine>,
    }
    /// Notices.
    pub struct Notices {
        notices: Vec<NoticeLine>,
    }
    /// One notice.
    pub struct NoticeView {
        notice: NoticeLine,
        cases: Vec<CaseLine>,
    }
    /// What a new circular is called.
    pub struct OpenCircularBody {
        title: Text<1, { crate::wording::MAX_WORDS }>,
    }
    /// The circular that was made.
    pub struct NewCircular {
        id: CircularId,
    }
    /// What the look-through changes.
    pub struct AmendBody {
        /// The version of the case that was read.
        version: Version,
        /// Null: none yet.
        unit: Option<OrganisationId>,
        /// Null: as the category has it. To the minute.
        due: Option<Stamp>,
        assisting: Option<List<Assisting, { MAX_ASSISTING }>>,
        /// Takes it out of the circular.
        out: Option<bool>,
    }
    /// What was issued.
    pub struct IssuedView {
        /// Of the year.
        number: i64,
        cases: i64,
        notices: i64,
    }
}

fn circular_line(circular: &Circular) -> CircularLine {
    CircularLine {
        id: circular.id,
        number: circular.number,
        year: circular.year,
        title: circular.title.clone(),
        state: circular.state,
        opened_at: circular.opened_at.into(),
        issued_at: stamp(circular.issued_at),
    }
}

fn notice_line(office: &Office, notice: &Notice) -> NoticeLine {
    NoticeLine {
        id: notice.id,
        number: notice.number,
        circular: notice.circular_id,
        unit: notice.unit_id,
        unit_name: unit_name(&office.directory, Some(notice.unit_id)),
        issued_at: notice.issued_at.into(),
        cases: notice.cases,
        last_due: due(notice.last_due),
        opened_at: stamp(notice.opened_at),
        told_at: stamp(notice.told_at),
    }
}

async fn list_circulars(call: Call<(), After>) -> web::Result<Answer<Circulars>> {
    let by = call.actor.permit_some::<ListCirculars>()?;
    let after = call.query.after.as_ref().map(|after| after.0.as_str());
    let page = circulars_page(&call.app.store, by.tenant(), after).await?;
    Ok(Answer(Circulars { circulars: page.rows.iter().map(circular_line).collect(), next: page.next }))
}

async fn open_circular(call: Call<(), (), Json<OpenCircularBody>>) -> web::Result<Created<NewCircular>> {
    let by = call.actor.permit_some::<ComposeCircular>()?;
    let title = words(&call.body.0.title.0, "title", false)?;
    ensure(!title.is_empty(), Error::field("title", TITLE_NEEDED))?;
    let id = call.app.store.run(call.pass.clone(), Open { by, title }).await?.out;
    Ok(Created { at: call.href(&format!("/circulars/{id}")), body: NewCircular { id } })
}

async fn get_circular(call: Call<OfCircular>) -> web::Result<Answer<CircularView>> {
    let by = call.actor.permit_some::<ListCirculars>()?;
    let (store, tenant, id) = (&call.app.store, by.tenant(), call.path.id);
    let circular = issuing::circular(store, tenant, id).await?;
    let office = Office::of(&call).await?;
    let (reach, now) = (by.reach(), call.app.world.now());
    let all = of_circular(store, tenant, id).await?;
    let sees = |case: &&Case| reach.all || reach.paths.iter().any(|path| case.place_path.starts_with(path.as_str()));
    let seen: Vec<&Case> = all.iter().filter(sees).collect();
    let open = circular.state == CircularState::Open;
    let assisting = if open { issuing::assisting(store, tenant, id).await? } else { issuing::Assisting::new() };
    let inside = |case: &&Case| InCircular {
        number: case.number,
        version: case.version,
        stage: case.stage,
        community: case.community_id,
        unit: case.unit_id,
        unit_name: unit_name(&office.directory, case.unit_id),
        lacks: open.then(|| lacks(case, &assisting, &office.hours, now)).flatten().map(|code| code.name.to_owned()),
    };
    let notices = issuing::notices(store, tenant, id).await?;
    let shown = |notice: &&Notice| reach.all || seen.iter().any(|case| case.notice_id == Some(notice.id));
    Ok(Answer(CircularView {
        circular: circular_line(&circular),
        cases: seen.iter().map(inside).collect(),
        notices: notices.iter().filter(shown).map(|notice| notice_line(&office, notice)).collect(),
    }))
}

async fn amend_in_circular(call: Call<OfCaseInCircular, (), Json<AmendBody>>) -> web::Result<Answer<CircularView>> {
    let (id, body) = (call.path.id, call.body.0.clone());
    if call.replayed.is_none() {
        let case = find(&call.app.store, &call.actor, call.path.number.0).await?;
        ensure(case.circular_id == Some(id), Error::not_found())?;
        let office = Office::of(&call).await?;
        let (mut assist, mut assist_due) = (Vec::new(), Vec::new());
        for one in body.assisting.unwrap_or_default().0 {
            assist.push(one.unit.to_string());
            assist_due.push(typed(&office, one.due));
        }
        let form = AmendForm {
            version: body.version.0.to_string(),
            unit: text(body.unit),
            due: typed(&office, body.due),
            assist,
            assist_due,
            out: if body.out == Some(true) { "1".to_owned() } else { String::new() },
            ..AmendForm::default()
        };
        amend_case(&call, &office, id, case, &form, call.pass.clone()).await?;
    }
    let looked = Call { path: OfCircular { id }, query: (), body: (), machine: call.machine, pass: call.pass, replayed: None };
    get_circular(looked).await
}

async fn issue_circular(call: Call<OfCircular>) -> web::Result<Answer<IssuedView>> {
    let id = call.path.id;
    issuing::circular(&call.app.store, call.actor.tenant, id).await?;
    let by = call.actor.permit::<IssueCircular>(&call.actor.tenant)?;
    let office = Office::of(&call).await?;
    let out = call.app.store.run(call.pass.clone(), Issue { by, circular: id, hours: office.hours.clone() }).await?.out;
    let Issued { number, cases, notices } = out;
    Ok(Answer(IssuedView { number, cases, notices }))
}

/// The units of which notices are asked for, as far as the owner sees them.
fn units(desk: &Desk, unit: Option<OrganisationId>) -> Result<Vec<OrganisationId>> {
    desk.actor.permit_some::<ReadNotice>()?;
    let sees = |unit: &OrganisationId| desk.actor.can::<ReadNotice>(&NoticeSubject { tenant: desk.actor.tenant, unit: *unit });
    match unit {
        Some(unit) => ensure(sees(&unit), Error::not_found()).map(|()| vec![unit]),
        None => Ok(desk.actor.organisations().into_iter().filter(sees).collect()),
    }
}

async fn list_notices(call: Call<(), OfUnit>) -> web::Result<Answer<Notices>> {
    let office = Office::of(&call).await?;
    let mut notices = Vec::new();
    for unit in units(&call, call.query.unit)? {
        notices.extend(notices_of_unit(&call.app.store, call.actor.tenant, unit).await?.iter().map(|notice| notice_line(&office, notice)));
    }
    Ok(Answer(Notices { notices }))
}

async fn get_notice(call: Call<OfNotice>) -> web::Result<Answer<NoticeView>> {
    let Seen { notice, cases, .. } = notice_page::find(&call, &call.path.id.to_string()).await?;
    let office = Office::of(&call).await?;
    let now = call.app.world.now();
    Ok(Answer(NoticeView {
        notice: notice_line(&office, &notice),
        cases: cases.iter().map(|case| line_of(&call, &office, case, now)).collect(),
    }))
}

async fn open_notice(call: Call<OfNotice>) -> web::Result<Answer<NoticeLine>> {
    let Seen { notice, .. } = notice_page::find(&call, &call.path.id.to_string()).await?;
    ensure(call.actor.works_for(notice.unit_id), access::actor::FORBIDDEN)?;
    let subject = NoticeSubject { tenant: call.actor.tenant, unit: notice.unit_id };
    let by = call.actor.permit::<ReadNotice>(&subject)?;
    if call.replayed.is_none() {
        call.app.store.run(call.pass.clone(), OpenNotice { by, notice: notice.clone() }).await?;
    }
    seen(&call, notice.id).await
}

async fn tell_notice(call: Call<OfNotice>) -> web::Result<Answer<NoticeLine>> {
    let Seen { notice, cases, .. } = notice_page::find(&call, &call.path.id.to_string()).await?;
    let by = may_tell(&call.actor, &notice, &cases)?;
    if call.replayed.is_none() {
        call.app.store.run(call.pass.clone(), TellByPhone { by, notice: notice.clone() }).await?;
    }
    seen(&call, notice.id).await
}

async fn seen(desk: &Desk, id: NoticeId) -> web::Result<Answer<NoticeLine>> {
    let notice = issuing::notice(&desk.app.store, desk.actor.tenant, id).await?;
    Ok(Answer(notice_line(&Office::of(desk).await?, &notice)))
}
