//! The forms of a case's page: one address a step, each checked, run as a command, and shown again when it could not be taken.

use crate::appealing::{Appeal, DecideAppeal, ReviewAppeal};
use crate::at_once::CheckSample;
use crate::case::{Found, STALE, find};
use crate::case_page::{Again, draft_views, show};
use crate::composing::{NO_CIRCULAR, PutInto};
use crate::conditions::chosen;
use crate::disputing::{AnswerDispute, Dispute};
use crate::extending::{AnswerExtension, AskExtension};
use crate::filing::{Amend, Decline, Dispatch, File, NO_DEADLINE, NO_UNIT};
use crate::handing_back::{AnswerHandBack, AskHandBack, AssignFinally};
use crate::holding::{AnswerHold, AskHold, MoveHold};
use crate::inside;
use crate::joining::{Merge, NO_TARGET, Split};
use crate::kinds::{AppealEnd, AppealGround, DeclineReason, HandBackReason, HoldReason, Receiver, Sample, Verdict};
use crate::leading::{AnswerVoid, AskVoid, Supervise};
use crate::matters::{Join, MatterOrigin, NO_MATTER, Open};
use crate::notes::{WriteDown, Writing};
use crate::office::Office;
use crate::outside::{Deed, Handle};
use crate::passing_on::{self, PassOn};
use crate::rectifying::{Rectify, Urge};
use crate::reinspecting::{Fail, Findings, Pass};
use crate::reporting::Under;
use crate::step_form::StepForm;
use crate::steps::Step;
use crate::transferring::{AnswerTransfer, FailTransfer, TakeBack, Transfer};
use crate::verbs::{
    ComposeCircular, DisputeCase, HandleCase, HandleMatter, LeadCase, NoteCase, PassOnCase, RectifyCase, Reinspect, UrgeUnit, VerifyCase,
};
use crate::verifying::{AskVerify, NO_VERIFIER, Verify, verifiers};
use access::http::{Desk, Submitted};
use axum::extract::Path;
use axum::response::Response;
use contracts::CircularId;
use kernel::ids::{AccountId, OrganisationId};
use kernel::{Code, Error, Instant, Kind, Result, ensure};
use std::sync::Arc;

pub const WORDS_NEEDED: Code = Code::invalid("case.words_needed");
pub const REASON_NEEDED: Code = Code::invalid("case.reason_needed");
pub const WORDS_TOO_LONG: Code = Code::invalid("case.words_too_long");
pub const BAD_TIME: Code = Code::invalid("case.bad_time");
pub const TOO_MANY_PHOTOS: Code = Code::invalid("case.too_many_photos");

/// The office does without this step.
pub const STEP_OFF: Code = Code::conflict("case.step_off");
/// Nothing was written into any of the parts.
pub const PARTS_NEEDED: Code = Code::invalid("case.parts_needed");

/// The same unit is named twice.
pub const ASSIST_TWICE: Code = Code::invalid("case.assist_twice");

/// Assisting units that the form has room for.
pub const MAX_ASSISTING: usize = 3;
/// Characters of a number of another system.
pub const MAX_NUMBER: usize = 60;
/// Characters of a name.
pub const MAX_TITLE: usize = 80;
/// Said to be dissuaded and reported, where the category wants it mended.
pub const NOT_DISSUADED: Code = Code::invalid("case.dissuaded");
/// Photos that one form takes.
pub const MAX_PHOTOS: usize = 6;

/// A text field: trimmed, at most [`crate::wording::MAX_WORDS`] characters.
pub fn words(text: &str, field: &str, needed: bool) -> Result<String> {
    let text = text.trim();
    if needed && text.is_empty() {
        return Err(Error::field(field, WORDS_NEEDED));
    }
    if text.chars().count() > crate::wording::MAX_WORDS {
        return Err(field_error(field, WORDS_TOO_LONG, &[("max", crate::wording::MAX_WORDS.to_string())]));
    }
    Ok(text.to_owned())
}

/// A field error with arguments for its words.
pub fn field_error(field: &str, code: Code, args: &[(&str, String)]) -> Error {
    Error::fields(vec![kernel::FieldError {
        field: field.to_owned(),
        code: code.name.to_owned(),
        args: args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
    }])
}

/// A local time as browsers and people write it: `2026-01-31T17:30` or `2026-01-31 17:30`; a bare day ends at 17:30.
pub fn due(text: &str, field: &str, zone: &jiff::tz::TimeZone) -> Result<Option<Instant>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let bad = || Error::field(field, BAD_TIME);
    let text = text.replace('T', " ");
    let text = if text.len() == 10 { format!("{text} 17:30") } else { text };
    let local = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M", &text).map_err(|_| bad())?;
    if !(2000..=2200).contains(&local.year()) {
        return Err(bad());
    }
    Ok(Some(Instant::from_timestamp(local.to_zoned_datetime(zone.clone()).map_err(|_| bad())?.timestamp())))
}

pub async fn post(Path((_, number, step)): Path<(String, String, String)>, submitted: Submitted<StepForm>) -> web::Result<Response> {
    let number = number.parse::<i64>().map_err(|_| Error::not_found())?;
    let step = step.parse::<Step>().map_err(|_| Error::not_found())?;
    let desk = &submitted.desk;
    let case = find(&desk.app.store, &desk.actor, number).await?;
    let form = &submitted.form;
    let done = || Ok(desk.done(&format!("done-{step}"), &format!("/cases/{number}")));
    // The same click again, after the first or beside it, is told what the first one was.
    if submitted.replayed.is_some() {
        return done();
    }
    match take(desk, submitted.pass.clone(), form, case.clone(), step).await {
        Ok(()) => done(),
        Err(error) if error.kind() == Kind::Conflict && desk.app.store.replayed(&submitted.pass).await?.is_some() => done(),
        // What cannot be mended by filling the form differently gets a page of its own.
        Err(error) if !matches!(error.kind(), Kind::Invalid | Kind::Conflict) && !error.is(crate::reinspecting::OWN_WORK) => {
            Err(error.into())
        }
        Err(error) => {
            let page = desk.page("case-title");
            let mut again = Again {
                step: step.to_string(),
                values: form.values(),
                photos: draft_views(desk, &page, &form.photos().into_iter().chain(form.video()).collect::<Vec<_>>()).await?,
                ..Again::default()
            };
            for field in error.field_errors() {
                again.field_errors.insert(field.field.clone(), page.w.error(&field.code, &field.args).into_owned());
            }
            if let Some(first) = error.field_errors().first()
                && error.field_errors().iter().all(|field| !FIELDS.contains(&field.field.as_str()))
            {
                again.error = page.w.error(&first.code, &first.args).into_owned();
            }
            if error.field_errors().is_empty() {
                again.error = page.w.error(error.code(), error.args()).into_owned();
            }
            let case = find(&desk.app.store, &desk.actor, number).await?;
            show(desk, case, again, Some(&error)).await
        }
    }
}

/// The fields that show their own errors.
const FIELDS: [&str; 21] = [
    "circular",
    "solved",
    "satisfied",
    "condition",
    "matter",
    "title",
    "words",
    "photo",
    "reason",
    "unit",
    "due",
    "assist",
    "assist_due",
    "place",
    "category",
    "what",
    "where_words",
    "receipt",
    "number",
    "person",
    "part_place",
];

/// Whether the unit's own person took photos of this attempt already.
async fn has_inside_photos(store: &store::Store, case: &Found) -> Result<bool> {
    let role = format!("after-{}", case.rework + 1);
    let photos = store::attachments::of_subject(store, case.tenant_id, "case", case.id.0).await?;
    let since = case.dispatched_at;
    let mut photos = photos.iter().filter(|photo| !photo.kind.is_video());
    Ok(photos.any(|photo| photo.role.as_deref() == Some(&role) && since.is_none_or(|since| photo.uploaded_at >= since)))
}

/// Checks the form, asks for the permit and runs the step.
pub(crate) async fn take(desk: &Desk, pass: store::Pass, form: &StepForm, case: Found, step: Step) -> Result<()> {
    let store = &desk.app.store;
    let office = Office::of(desk).await?;
    let hours: Arc<_> = office.hours.clone();
    let zone = hours.zone().clone();
    // The version that the person saw: a step on something newer is refused, not silently applied.
    if !form.version.is_empty() && form.version.parse() != Ok(case.version) {
        // Asked for the permit first, so that nobody learns of a change to what they may not touch.
        permit_for(desk, &case, step)?;
        return Err(STALE.err());
    }
    if step.begins() && !office.has(step) {
        permit_for(desk, &case, step)?;
        return Err(STEP_OFF.err());
    }
    match step {
        Step::File => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let category = case.category_id.and_then(|id| office.directory.category(id)).filter(|category| category.has_choice());
            let limit = office.orders.of_unit(case.source);
            let under = category.map(|category| Under::at(category, chosen(&form.condition, category).or(case.condition_no)).within(limit));
            store.run(pass, File { by, case, under, hours }).await?;
        }
        Step::Decline => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let reason = form.reason.parse::<DeclineReason>().map_err(|_| Error::field("reason", REASON_NEEDED))?;
            let words = form.checked_words(reason == DeclineReason::Other)?;
            store.run(pass, Decline { by, case, reason, words }).await?;
        }
        Step::Dispatch => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let unit = form.unit.parse::<OrganisationId>().map_err(|_| Error::field("unit", NO_UNIT))?;
            office.directory.organisation(unit).ok_or_else(|| Error::field("unit", NO_UNIT))?;
            let set_due = form.checked_due(&zone)?;
            if set_due.is_none() && case.limit_unit.is_none() {
                return Err(Error::field("due", NO_DEADLINE));
            }
            let unit_reason = if case.unit_id == Some(unit) { case.unit_reason.clone() } else { None };
            let clock = crate::filing::unit_clock(&case, set_due, &hours, desk.app.world.now())?;
            let assisting = form.checked_assisting(&office, unit, clock.due)?;
            store.run(pass, Dispatch { by, case, unit, unit_reason, set_due, assisting, hours }).await?;
        }
        Step::Rectify => {
            let by = desk.actor.permit::<RectifyCase>(&case)?;
            let words = form.checked_words(true)?;
            let photos = form.checked_photos()?;
            let category = case.category_id.and_then(|id| office.directory.category(id));
            let photo_demanded = category.is_none_or(|category| category.condition(case.condition_no).photo_demanded);
            let sample_permille = category.map_or(0, |category| category.sample_permille);
            // What the unit's own person took counts as what it submits.
            let photo_demanded = photo_demanded && !has_inside_photos(store, &case).await?;
            if photo_demanded && photos.is_empty() {
                return Err(Error::field("photo", crate::rectifying::PHOTO_NEEDED));
            }
            let dissuaded = !form.dissuaded.is_empty();
            ensure(!dissuaded || category.is_some_and(|category| category.may_report), Error::field("dissuaded", NOT_DISSUADED))?;
            let video = form.video();
            store.run(pass, Rectify { by, case, words, photos, video, photo_demanded, dissuaded, sample_permille, hours }).await?;
        }
        Step::AskHandBack => {
            let by = desk.actor.permit::<RectifyCase>(&case)?;
            let reason = form.reason.parse::<HandBackReason>().map_err(|_| Error::field("reason", REASON_NEEDED))?;
            let words = form.checked_words(reason == HandBackReason::Other)?;
            store.run(pass, AskHandBack { by, case, reason, words, hours }).await?;
        }
        Step::AcceptHandBack | Step::RefuseHandBack => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let accept = step == Step::AcceptHandBack;
            let words = form.checked_words(!accept)?;
            store.run(pass, AnswerHandBack { by, case, accept, words, hours }).await?;
        }
        Step::AssignFinally => {
            let by = desk.actor.permit::<LeadCase>(&case)?;
            let unit = form.unit.parse::<OrganisationId>().map_err(|_| Error::field("unit", NO_UNIT))?;
            office.directory.organisation(unit).ok_or_else(|| Error::field("unit", NO_UNIT))?;
            let words = form.checked_words(true)?;
            let set_due = form.checked_due(&zone)?;
            if set_due.is_none() && case.limit_unit.is_none() && case.unit_id != Some(unit) {
                return Err(Error::field("due", NO_DEADLINE));
            }
            store.run(pass, AssignFinally { by, case, unit, set_due, words, hours }).await?;
        }
        Step::AskExtension => {
            let by = desk.actor.permit::<RectifyCase>(&case)?;
            let until = form.needed_due(&zone)?;
            let words = form.checked_words(true)?;
            store.run(pass, AskExtension { by, case, until, words, hours }).await?;
        }
        Step::GrantExtension | Step::RefuseExtension => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let grant = step == Step::GrantExtension;
            let words = form.checked_words(!grant)?;
            let until = if grant { form.checked_due(&zone)?.or(case.ask_until) } else { None };
            store.run(pass, AnswerExtension { by, case, until, words, hours }).await?;
        }
        Step::AskHold => {
            let by = desk.actor.permit::<RectifyCase>(&case)?;
            let reason = form.reason.parse::<HoldReason>().map_err(|_| Error::field("reason", REASON_NEEDED))?;
            let until = form.needed_due(&zone)?;
            let words = form.checked_words(true)?;
            store.run(pass, AskHold { by, case, reason, until, words }).await?;
        }
        Step::GrantHold | Step::RefuseHold => {
            let by = desk.actor.permit::<LeadCase>(&case)?;
            let grant = step == Step::GrantHold;
            let words = form.checked_words(!grant)?;
            let until = if grant { form.checked_due(&zone)?.or(case.ask_until) } else { None };
            store.run(pass, AnswerHold { by, case, until, words, hours }).await?;
        }
        Step::RenewHold | Step::Resume => {
            let by = desk.actor.permit::<LeadCase>(&case)?;
            let renew = step == Step::RenewHold;
            let until = if renew { Some(form.needed_due(&zone)?) } else { None };
            let words = form.checked_words(renew)?;
            store.run(pass, MoveHold { by, case, until, words, hours }).await?;
        }
        Step::Supervise => {
            let by = desk.actor.permit::<LeadCase>(&case)?;
            let words = form.checked_words(true)?;
            store.run(pass, Supervise { by, case, words }).await?;
        }
        Step::Appeal => {
            let by = desk.actor.permit::<RectifyCase>(&case)?;
            let ground = form.reason.parse::<AppealGround>().map_err(|_| Error::field("reason", REASON_NEEDED))?;
            let words = form.checked_words(true)?;
            let photos = form.checked_photos()?;
            store.run(pass, Appeal { by, case, ground, words, photos, hours }).await?;
        }
        Step::ReviewAppeal => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let advice = form.reason.parse::<AppealEnd>().map_err(|_| Error::field("reason", REASON_NEEDED))?;
            let words = form.checked_words(true)?;
            store.run(pass, ReviewAppeal { by, case, advice, words }).await?;
        }
        Step::UpholdAppeal | Step::RefuseAppeal => {
            let by = desk.actor.permit::<LeadCase>(&case)?;
            let words = form.checked_words(true)?;
            store.run(pass, DecideAppeal { by, case, uphold: step == Step::UpholdAppeal, words, hours }).await?;
        }
        Step::PartOfMatter => {
            let by = desk.actor.permit::<HandleMatter>(&case)?;
            let number = form.matter.parse::<i64>().ok();
            if let Some(number) = number {
                let matter = crate::matters::find(store, &desk.actor, number).await.map_err(|_| Error::field("matter", NO_MATTER))?;
                store.run(pass, Join { by, matter, case }).await?;
            } else {
                kernel::ensure(!form.title.trim().is_empty(), Error::field("matter", NO_MATTER))?;
                let title = crate::matter_page::title(&form.title, "title")?;
                let place = case.place_id.map(|id| (id, case.place_path.clone()));
                let what = case.what.clone();
                store.run(pass, Open { by, origin: MatterOrigin::Case, title, what, place, case: Some(case) }).await?;
            }
        }
        Step::AskVoid => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let words = form.checked_words(true)?;
            store.run(pass, AskVoid { by, case, words }).await?;
        }
        Step::ConsentVoid | Step::RefuseVoid => {
            let by = desk.actor.permit::<LeadCase>(&case)?;
            let consent = step == Step::ConsentVoid;
            let words = form.checked_words(!consent)?;
            store.run(pass, AnswerVoid { by, case, consent, words, hours }).await?;
        }
        Step::Dispute => {
            let by = desk.actor.permit::<DisputeCase>(&case)?;
            let words = form.checked_words(true)?;
            let photos = form.checked_photos()?;
            store.run(pass, Dispute { by, case, words, photos, hours }).await?;
        }
        Step::UpholdDispute | Step::RefuseDispute => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let uphold = step == Step::UpholdDispute;
            let words = form.checked_words(true)?;
            let set_due = form.checked_due(&zone)?;
            if uphold && crate::outside::has_unit(&case) && set_due.is_none() && case.limit_unit.is_none() {
                return Err(Error::field("due", NO_DEADLINE));
            }
            store.run(pass, AnswerDispute { by, case, uphold, set_due, words, hours }).await?;
        }
        Step::AskVerify => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let people = verifiers(desk, &office, &case).await?;
            let verifier = form.person.parse().ok().filter(|_| people.iter().any(|person| person.id == form.person));
            let verifier = verifier.ok_or_else(|| Error::field("person", NO_VERIFIER))?;
            let words = form.checked_words(false)?;
            store.run(pass, AskVerify { by, case, verifier, words, hours }).await?;
        }
        Step::Verify => {
            let by = desk.actor.permit::<VerifyCase>(&case)?;
            let verdict = form.reason.parse::<Verdict>().map_err(|_| Error::field("reason", REASON_NEEDED))?;
            let words = form.checked_words(true)?;
            let photos = form.checked_photos()?;
            store.run(pass, Verify { by, case, verdict, words, photos, hours }).await?;
        }
        Step::Merge => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let words = form.checked_words(false)?;
            let no_target = || Error::field("number", NO_TARGET);
            let number = form.number.trim().trim_start_matches('#').parse::<i64>().map_err(|_| no_target())?;
            let into =
                find(store, &desk.actor, number).await.map_err(|error| if error.kind() == Kind::NotFound { no_target() } else { error })?;
            store
                .run(pass, Merge { by, case, into, words, hours })
                .await
                .map_err(|error| if error.is(NO_TARGET) { no_target() } else { error })?;
        }
        Step::Split => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let parts = form.parts(&office, &case, desk.app.world.now())?;
            store.run(pass, Split { by, case, parts, hours }).await?;
        }
        Step::Transfer => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let receiver = form.reason.parse::<Receiver>().ok().filter(|receiver| *receiver != Receiver::Tenant);
            let receiver = receiver.ok_or_else(|| Error::field("reason", REASON_NEEDED))?;
            let words = form.checked_words(true)?;
            let (receipt, set_due) = (form.checked_receipt()?, form.checked_due(&zone)?);
            store.run(pass, Transfer { by, case, receiver, receipt, set_due, words, hours }).await?;
        }
        Step::PassOn => {
            let by = desk.actor.permit::<PassOnCase>(&case)?;
            let to = passing_on::chosen(passing_on::neighbours(store, &desk.tenant).await?, &form.tenant)?;
            let (words, set_due) = (form.checked_words(true)?, form.checked_due(&zone)?);
            store.run(pass, PassOn { by, case, to, slug: desk.tenant.slug.clone(), set_due, words, hours }).await?;
        }
        Step::TakeBack => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let words = form.checked_words(true)?;
            store.run(pass, TakeBack { by, case, words, hours }).await?;
        }
        Step::AnswerTransfer => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let words = form.checked_words(true)?;
            let (receipt, photos) = (form.checked_receipt()?, form.checked_photos()?);
            store.run(pass, AnswerTransfer { by, case, receipt, words, photos, hours }).await?;
        }
        Step::SampleCheck => {
            let by = desk.actor.permit::<Reinspect>(&case)?;
            let found = form.reason.parse::<Sample>().ok().filter(|found| *found != Sample::Waiting);
            let good = found.ok_or_else(|| Error::field("reason", REASON_NEEDED))? == Sample::Good;
            let words = form.checked_words(true)?;
            let photos = form.checked_photos()?;
            ensure(!photos.is_empty(), Error::field("photo", crate::rectifying::PHOTO_NEEDED))?;
            store.run(pass, CheckSample { by, case, good, findings: Findings { words, photos, on_spot: true } }).await?;
        }
        Step::Pass | Step::Fail | Step::FailTransfer => {
            let by = desk.actor.permit::<Reinspect>(&case)?;
            let words = form.checked_words(true)?;
            let photos = form.checked_photos()?;
            let on_spot = case.on_spot;
            if on_spot && photos.is_empty() {
                return Err(Error::field("photo", crate::rectifying::PHOTO_NEEDED));
            }
            let findings = Findings { words, photos, on_spot };
            if step == Step::Pass {
                store.run(pass, Pass { by, case, findings, hours }).await?;
            } else if step == Step::FailTransfer {
                let set_due = form.checked_due(&zone)?;
                store.run(pass, FailTransfer { by, case, findings, set_due, hours }).await?;
            } else {
                let set_due = form.checked_due(&zone)?;
                if set_due.is_none() && case.limit_unit.is_none() {
                    return Err(Error::field("due", NO_DEADLINE));
                }
                store.run(pass, Fail { by, case, findings, set_due, hours }).await?;
            }
        }
        Step::Urge => {
            let by = desk.actor.permit::<UrgeUnit>(&case)?;
            let words = form.checked_words(false)?;
            store.run(pass, Urge { by, case, words }).await?;
        }
        Step::Amend => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let to = form.amendment(&office, &case, desk.app.world.now())?;
            store.run(pass, Amend { by, case, to, hours }).await?;
        }
        Step::IntoCircular => {
            let by = desk.actor.permit::<ComposeCircular>(&case)?;
            let circular = form.circular.parse::<CircularId>().map_err(|_| Error::field("circular", NO_CIRCULAR))?;
            store.run(pass, PutInto { by, circular, cases: vec![case], hours }).await?;
        }
        Step::AssignInside => {
            let by = desk.actor.permit::<RectifyCase>(&case)?;
            let unit = case.unit_id.ok_or_else(Error::not_found)?;
            let person = form.person.parse::<AccountId>().ok();
            let people = inside::people(store, desk.actor.tenant, unit).await?;
            let person = person.filter(|id| people.iter().any(|(known, _)| known == id));
            let person = person.ok_or_else(|| Error::field("person", inside::NO_PERSON))?;
            let words = form.checked_words(false)?;
            store.run(pass, inside::Assign { by, case, person, words }).await?;
        }
        Step::DoneInside => {
            let by = desk.actor.permit::<RectifyCase>(&case)?;
            let (words, photos) = (form.checked_words(true)?, form.checked_photos()?);
            store.run(pass, inside::Done { by, case, words, photos }).await?;
        }
        Step::Note => {
            let writing = Writing::Note(desk.actor.permit::<NoteCase>(&case)?);
            store.run(pass, WriteDown { writing, case, words: form.checked_words(true)? }).await?;
        }
        Step::Correct => {
            let writing = Writing::Correction(desk.actor.permit::<HandleCase>(&case)?);
            store.run(pass, WriteDown { writing, case, words: form.checked_words(true)? }).await?;
        }
        Step::Message => {
            let writing = Writing::Message(desk.actor.permit::<HandleCase>(&case)?);
            store.run(pass, WriteDown { writing, case, words: form.checked_words(true)? }).await?;
        }
        Step::Reply => {
            let writing = Writing::Reply(desk.actor.permit::<RectifyCase>(&case)?);
            store.run(pass, WriteDown { writing, case, words: form.checked_words(true)? }).await?;
        }
        Step::SignOrder | Step::CallCaller | Step::AnswerOrder | Step::CallBack => {
            let by = desk.actor.permit::<HandleCase>(&case)?;
            let deed = match step {
                Step::SignOrder => Deed::Sign,
                Step::CallCaller => Deed::Call { words: form.checked_words(true)? },
                Step::AnswerOrder => Deed::Answer { words: form.checked_words(true)? },
                _ => {
                    let other = crate::joining::goes_on_in(store, &case).await?;
                    form.call_back(other.as_ref().unwrap_or(&case), &zone)?
                }
            };
            store.run(pass, Handle { by, case, deed, hours }).await?;
        }
        // The first three begin a case; the last two follow from a call back or a dispute.
        Step::Report | Step::MendOnSpot | Step::SelfCheck | Step::Reopen | Step::Refile => return Err(Error::not_found()),
    }
    Ok(())
}

fn permit_for(desk: &Desk, case: &Found, step: Step) -> Result<()> {
    let actor = &desk.actor;
    match step {
        Step::Rectify
        | Step::Appeal
        | Step::AskHandBack
        | Step::AskExtension
        | Step::AskHold
        | Step::AssignInside
        | Step::DoneInside
        | Step::Reply => actor.permit::<RectifyCase>(case).map(drop),
        Step::Note => actor.permit::<NoteCase>(case).map(drop),
        Step::Pass | Step::Fail | Step::FailTransfer | Step::SampleCheck => actor.permit::<Reinspect>(case).map(drop),
        Step::Urge => actor.permit::<UrgeUnit>(case).map(drop),
        Step::Verify => actor.permit::<VerifyCase>(case).map(drop),
        Step::Dispute => actor.permit::<DisputeCase>(case).map(drop),
        Step::PassOn => actor.permit::<PassOnCase>(case).map(drop),
        Step::IntoCircular => actor.permit::<ComposeCircular>(case).map(drop),
        Step::PartOfMatter => actor.permit::<HandleMatter>(case).map(drop),
        Step::AssignFinally
        | Step::GrantHold
        | Step::RefuseHold
        | Step::RenewHold
        | Step::Resume
        | Step::Supervise
        | Step::UpholdAppeal
        | Step::RefuseAppeal
        | Step::ConsentVoid
        | Step::RefuseVoid => actor.permit::<LeadCase>(case).map(drop),
        _ => actor.permit::<HandleCase>(case).map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_read_as_people_and_browsers_write_it_and_nothing_else_is() {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        let at = |text: &str| due(text, "due", &zone).map(|at| at.map(Instant::micros));
        assert_eq!(at("2026-01-31T17:30").unwrap(), at("2026-01-31 17:30").unwrap());
        assert_eq!(at("2026-01-31").unwrap(), at("2026-01-31 17:30").unwrap());
        assert_eq!(at("  ").unwrap(), None);
        for bad in ["0000-01-01 00:00", "9999-12-31 23:59", "2026-02-30 10:00", "31.01.2026", "2026-01-31 25:00", "\u{0}", "明天"] {
            assert_eq!(at(bad).unwrap_err().field_errors()[0].code, "case.bad_time", "{bad}");
        }
    }

    #[test]
    fn words_are_bounded_in_characters_and_never_cut() {
        assert!(words(&"字".repeat(2000), "words", true).is_ok());
        assert_eq!(words(&"字".repeat(2001), "words", true).unwrap_err().field_errors()[0].code, "case.words_too_long");
        assert_eq!(words(" \n", "words", true).unwrap_err().field_errors()[0].code, "case.words_needed");
    }
}
