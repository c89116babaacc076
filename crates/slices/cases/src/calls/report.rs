//! Reporting for programs: a finding that waits for the centre, and what was mended already.

use super::{Number, Photos, Position, Words, ids, said, text, typed};
use crate::case_steps::MAX_NUMBER;
use crate::conditions;
use crate::mended_page::{MendedForm, allowed, mended};
use crate::office::Office;
use crate::report_page::{ReportForm, finding};
use crate::reporting::{Report, Reported};
use crate::steps::Source;
use crate::verbs::ReportCase;
use api::{Call, Created, Json, Stamp, Text};
use contracts::CircularId;
use kernel::ids::{AttachmentId, OrganisationId, PlaceId, Uuid};

api::operations! { "cases":
    /// Reports a problem.
    ///
    /// It needs a place (or a position that lies in one) and a category or words. Who may choose neither unit nor circular has the
    /// unit proposed by the table of responsibilities.
    post "/cases" report_case;
    /// Records what was mended on the spot, the inspector looking on.
    post "/cases/mended-on-spot" record_mended_on_spot;
    /// Records what a unit or community found and mended itself.
    post "/cases/self-check" record_self_check;
}

api::object! {
    /// A finding.
    pub struct ReportBody {
        place: Option<PlaceId>,
        position: Option<Position>,
        where_words: Option<Words>,
        category: Option<Uuid>,
        /// A filing condition of the category, from 1, where it has several.
        condition: Option<Number>,
        what: Option<Words>,
        unit: Option<OrganisationId>,
        /// For what has no limit of its own; to the minute.
        due: Option<Stamp>,
        source: Option<Source>,
        /// Its number in another system: one case has it.
        outside_number: Option<Text<0, { MAX_NUMBER }>>,
        /// Of an order of the hotline or the district's platform: when it was handed on, their deadlines, and who called.
        received: Option<Stamp>,
        sign_due: Option<Stamp>,
        call_due: Option<Stamp>,
        answer_due: Option<Stamp>,
        caller: Option<Text<0, 40>>,
        phone: Option<Text<0, 30>>,
        /// The open circular that it goes into.
        circular: Option<CircularId>,
        /// Uploaded before.
        photos: Option<Photos>,
        /// Uploaded before, as a video.
        video: Option<AttachmentId>,
    }
    /// What was found and mended.
    pub struct MendedBody {
        place: Option<PlaceId>,
        position: Option<Position>,
        where_words: Option<Words>,
        category: Option<Uuid>,
        what: Option<Words>,
        /// Whose self-check it is, where the owner works for several units.
        unit: Option<OrganisationId>,
        /// What was done.
        done: Words,
        before: Photos,
        after: Photos,
    }
    /// The case that was made.
    pub struct NewCase {
        number: i64,
    }
}

fn degrees(position: Option<&Position>) -> (String, String) {
    position.map(|at| (format!("{:.7}", at.lng.0), format!("{:.7}", at.lat.0))).unwrap_or_default()
}

fn made(slug: &str, reported: &Reported) -> Created<NewCase> {
    let number = reported.number;
    Created { at: api::call::href(slug, &format!("/cases/{number}")), body: NewCase { number } }
}

async fn report_case(call: Call<(), (), Json<ReportBody>>) -> web::Result<Created<NewCase>> {
    let by = call.actor.permit_some::<ReportCase>()?;
    if let Some(first) = call.first::<Reported>()? {
        return Ok(made(&call.tenant.slug, &first));
    }
    let office = Office::of(&call).await?;
    let body = call.body.0.clone();
    let (lng, lat) = degrees(body.position.as_ref());
    let form = ReportForm {
        circular: text(body.circular),
        place: text(body.place),
        where_words: said(body.where_words),
        category: text(body.category),
        condition: body.category.zip(body.condition).map(|(of, number)| conditions::value(of, number.0)).unwrap_or_default(),
        what: said(body.what),
        unit: text(body.unit),
        due: typed(&office, body.due),
        source: text(body.source),
        outside_number: said(body.outside_number),
        received: typed(&office, body.received),
        sign_due: typed(&office, body.sign_due),
        call_due: typed(&office, body.call_due),
        answer_due: typed(&office, body.answer_due),
        caller: said(body.caller),
        phone: said(body.phone),
        lng,
        lat,
        photo: ids(body.photos),
        video: text(body.video),
    };
    let finding = finding(&call, &office, &form).await?;
    let command = Report { by, finding, limits: office.orders, hours: office.hours.clone() };
    let out = call.app.store.run(call.pass.clone(), command).await?.out;
    Ok(made(&call.tenant.slug, &out))
}

async fn record_mended_on_spot(call: Call<(), (), Json<MendedBody>>) -> web::Result<Created<NewCase>> {
    record(call, "mend_on_spot").await
}

async fn record_self_check(call: Call<(), (), Json<MendedBody>>) -> web::Result<Created<NewCase>> {
    record(call, "self_check").await
}

async fn record(call: Call<(), (), Json<MendedBody>>, how: &str) -> web::Result<Created<NewCase>> {
    let (_, by, office) = allowed(&call, how).await?;
    if let Some(first) = call.first::<Reported>()? {
        return Ok(made(&call.tenant.slug, &first));
    }
    let body = call.body.0.clone();
    let (lng, lat) = degrees(body.position.as_ref());
    let form = MendedForm {
        place: text(body.place),
        where_words: said(body.where_words),
        category: text(body.category),
        what: said(body.what),
        unit: text(body.unit),
        done: body.done.0,
        lng,
        lat,
        photo: ids(Some(body.before)),
        after: ids(Some(body.after)),
    };
    let command = mended(&call, by, &office, &form).await?;
    let out = call.app.store.run(call.pass.clone(), command).await?.out;
    Ok(made(&call.tenant.slug, &out))
}
