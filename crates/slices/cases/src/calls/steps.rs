//! Steps for programs: one address a step, driven by the very code that takes them from the pages' forms.

use super::cases::{CaseView, view};
use super::{Assisting, Number, Photos, Version, Words, ids, said, text, typed};
use crate::case::find;
use crate::case_steps::{MAX_ASSISTING, MAX_NUMBER, MAX_TITLE, take};
use crate::conditions;
use crate::joining::MAX_PARTS;
use crate::kinds::{Satisfied, Solved};
use crate::office::Office;
use crate::step_form::StepForm;
use crate::steps::{Optional, Stage, Step, WAYS, Who};
use crate::verbs::ListCases;
use api::{Answer, Call, Json, List, Stamp, Text};
use contracts::CircularId;
use kernel::ids::{AccountId, AttachmentId, OrganisationId, PlaceId, Uuid};
use kernel::{Kind, Result};

api::operations! { "cases":
    /// Takes a step with a case.
    ///
    /// Which step leads where is told by `/steps`, and which can be taken now by the case itself. Each step reads its own fields and
    /// passes over the others; what it misses it names. The answer is the case as it is then.
    post "/cases/{number}/steps/{step}" take_step;
    /// The table of steps: from which stage, by whom, to which.
    get "/steps" list_steps;
}

api::params! {
    pub struct OfStep {
        number: Number,
        step: Step,
    }
}

api::object! {
    /// A part of what was reported as one.
    pub struct Part {
        place: PlaceId,
        what: Text<1, { crate::wording::MAX_WORDS }>,
    }
    /// What a step carries.
    pub struct StepBody {
        /// The version of the case that was read.
        version: Version,
        words: Option<Words>,
        /// From the list that the step has: why, what was found, to whom it is transferred, what an appeal is against, how it ends.
        reason: Option<Text<0, 40>>,
        unit: Option<OrganisationId>,
        /// To the minute.
        due: Option<Stamp>,
        assisting: Option<List<Assisting, { MAX_ASSISTING }>>,
        place: Option<PlaceId>,
        category: Option<Uuid>,
        /// A filing condition of the category, from 1, where it has several.
        condition: Option<Number>,
        what: Option<Words>,
        where_words: Option<Words>,
        /// Uploaded before.
        photos: Option<Photos>,
        /// Of a rectification, beside its photos: uploaded before, as a video.
        video: Option<AttachmentId>,
        /// The number that somebody outside gave to it.
        receipt: Option<Text<0, { MAX_NUMBER }>>,
        /// The number of another case.
        number: Option<Number>,
        /// The number of a difficult matter; without it `title` opens a new one.
        matter: Option<Number>,
        title: Option<Text<0, { MAX_TITLE }>>,
        /// Who shall verify, or mend it inside the unit.
        person: Option<AccountId>,
        /// Another street of the district, by its short name.
        tenant: Option<Text<0, 40>>,
        /// A circular that is being composed; its step asks for the scope of circulars too.
        circular: Option<CircularId>,
        /// How the caller finds it.
        solved: Option<Solved>,
        satisfied: Option<Satisfied>,
        /// Dissuaded and reported, where the category allows a unit to say so.
        dissuaded: Option<bool>,
        parts: Option<List<Part, { MAX_PARTS }>>,
    }
    /// One line of the table.
    pub struct WayView {
        step: Step,
        /// Empty: a case begins with it.
        from: Vec<Stage>,
        /// Null: it stays where it is.
        to: Option<Stage>,
        who: Who,
        /// The desk that a tenant may do without, and the step with it.
        desk: Option<Optional>,
        /// Whether this tenant has it.
        has: bool,
    }
    pub struct Ways {
        steps: Vec<WayView>,
    }
}

/// The body as the form that the pages send.
/// `of` is the category that the case has.
fn form(office: &Office, of: Option<Uuid>, body: StepBody) -> StepForm {
    let (mut assist, mut assist_due) = (Vec::new(), Vec::new());
    for one in body.assisting.unwrap_or_default().0 {
        assist.push(one.unit.to_string());
        assist_due.push(typed(office, one.due));
    }
    let (part_place, part_what) = body.parts.unwrap_or_default().0.into_iter().map(|part| (part.place.to_string(), part.what.0)).unzip();
    StepForm {
        version: body.version.0.to_string(),
        words: said(body.words),
        reason: said(body.reason),
        unit: text(body.unit),
        due: typed(office, body.due),
        assist,
        assist_due,
        place: text(body.place),
        category: text(body.category),
        condition: body.category.or(of).zip(body.condition).map(|(of, number)| conditions::value(of, number.0)).unwrap_or_default(),
        what: said(body.what),
        where_words: said(body.where_words),
        photo: ids(body.photos),
        video: text(body.video),
        receipt: said(body.receipt),
        number: text(body.number.map(|number| number.0)),
        matter: text(body.matter.map(|number| number.0)),
        title: said(body.title),
        person: text(body.person),
        tenant: said(body.tenant),
        circular: text(body.circular),
        solved: text(body.solved),
        satisfied: text(body.satisfied),
        dissuaded: if body.dissuaded == Some(true) { "yes".to_owned() } else { String::new() },
        part_place,
        part_what,
    }
}

async fn take_step(call: Call<OfStep, (), Json<StepBody>>) -> web::Result<Answer<CaseView>> {
    let (number, step) = (call.path.number.0, call.path.step);
    let desk = call.machine.desk;
    let store = desk.app.store.clone();
    let case = find(&store, &desk.actor, number).await?;
    if call.replayed.is_none() {
        let office = Office::of(&desk).await?;
        let form = form(&office, case.category_id, call.body.0);
        if let Err(error) = take(&desk, call.pass.clone(), &form, case, step).await {
            // The same command may have run between the look and the step: then it is no conflict with anybody else's.
            let first = if error.kind() == Kind::Conflict { store.replayed(&call.pass).await? } else { None };
            if first.is_none() {
                return Err(error.into());
            }
        }
    }
    let now: Result<_> = find(&store, &desk.actor, number).await;
    Ok(Answer(view(&desk, now?).await?))
}

async fn list_steps(call: Call<()>) -> web::Result<Answer<Ways>> {
    call.actor.permit_some::<ListCases>()?;
    let office = Office::of(&call).await?;
    let view = |way: &crate::steps::Way| WayView {
        step: way.step,
        from: way.from.to_vec(),
        to: way.to,
        who: way.who,
        desk: way.step.desk(),
        has: office.has(way.step),
    };
    Ok(Answer(Ways { steps: WAYS.iter().map(view).collect() }))
}
