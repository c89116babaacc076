//! Difficult matters for programs.

use super::cases::{CaseLine, line_of};
use super::{Happened, Number, Version, Words, stamp};
use crate::case_steps::{MAX_TITLE, STEP_OFF, words};
use crate::matter_page::{in_use, title};
use crate::matters::{self, End, Filter, Matter, MatterList, MatterOrigin, MatterState, Note, Of, Open};
use crate::office::Office;
use crate::report_page::PLACE_NEEDED;
use crate::steps::Step;
use crate::verbs::{HandleMatter, ListMatters};
use crate::worklist::day_range;
use access::http::Desk;
use api::{Answer, Call, Created, Cursor, Day, Json, Stamp, Text};
use contracts::MatterId;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{Error, Kind, Result, ensure};
use std::collections::BTreeMap;

store::text_enum! {
    /// What is done with a matter.
    pub enum MatterStep {
        Note = "note",
        ToCouncil = "to_council",
        Settle = "settle",
        Drop = "drop",
    }
}

api::enums!(MatterStep, MatterList);

api::operations! { "matters":
    /// A page of difficult matters: open ones the oldest first, ended ones the latest first.
    get "/matters" list_matters;
    /// Opens a difficult matter.
    post "/matters" open_matter;
    /// One matter with its cases and its way.
    get "/matters/{number}" get_matter;
    /// Notes something, puts the matter before the council, or ends it.
    post "/matters/{number}/steps/{step}" take_matter_step;
}

api::params! {
    pub struct WhichMatters {
        /// Open ones where nothing is said.
        list: Option<MatterList>,
        state: Option<MatterState>,
        /// Of the problem's, where a matter is of several the first one's.
        community: Option<PlaceId>,
        compound: Option<PlaceId>,
        unit: Option<OrganisationId>,
        category: Option<Uuid>,
        /// Of all but those that are open now: the first day of the period.
        from: Option<Day>,
        /// The last day of the period.
        to: Option<Day>,
        /// `next` of the page before.
        after: Option<Cursor>,
    }
    pub struct OfMatter {
        number: Number,
    }
    pub struct OfMatterStep {
        number: Number,
        step: MatterStep,
    }
}

api::object! {
    /// A matter as lists show it.
    pub struct MatterLine {
        id: MatterId,
        number: i64,
        /// To be sent with what changes its state.
        version: i64,
        state: MatterState,
        origin: MatterOrigin,
        title: String,
        what: String,
        place: Option<PlaceId>,
        opened_at: Stamp,
        ended_at: Option<Stamp>,
    }
    /// A page of matters.
    pub struct Matters {
        matters: Vec<MatterLine>,
        next: Option<String>,
    }
    /// One matter.
    pub struct MatterView {
        matter: MatterLine,
        /// Those of its cases that the token's owner may see.
        cases: Vec<CaseLine>,
        /// Its way, the oldest first.
        timeline: Vec<Happened>,
    }
    /// A new matter.
    pub struct OpenMatterBody {
        title: Text<1, { MAX_TITLE }>,
        what: Option<Words>,
        origin: MatterOrigin,
        place: Option<PlaceId>,
    }
    /// The matter that was made.
    pub struct NewMatter {
        number: i64,
    }
    /// What is said of a matter.
    pub struct MatterStepBody {
        /// The version that was read; a note is heard whatever it says.
        version: Version,
        words: Text<1, { crate::wording::MAX_WORDS }>,
    }
}

fn line(matter: &Matter) -> MatterLine {
    MatterLine {
        id: matter.id,
        number: matter.number,
        version: matter.version,
        state: matter.state,
        origin: matter.origin,
        title: matter.title.clone(),
        what: matter.what.clone(),
        place: matter.place_id,
        opened_at: matter.opened_at.into(),
        ended_at: stamp(matter.ended_at),
    }
}

async fn list_matters(call: Call<(), WhichMatters>) -> web::Result<Answer<Matters>> {
    let by = call.actor.permit_some::<ListMatters>()?;
    let (office, asked) = (Office::of(&call).await?, &call.query);
    in_use(&call.app.store, &office, &by).await?;
    let day = |day: &Option<Day>| day.map(|day| day.0.to_string()).unwrap_or_default();
    let (from, to) = day_range(office.hours.zone(), &day(&asked.from), &day(&asked.to));
    let after = asked.after.as_ref().map(|after| after.0.clone());
    let ids = [asked.community.map(|id| id.0), asked.compound.map(|id| id.0), asked.unit.map(|id| id.0), asked.category];
    let of = matters::PARTS.into_iter().zip(ids).filter_map(|(part, id)| Some((part, Of::One(id?)))).collect();
    let kin = asked.category.map(|id| office.directory.kin(id)).unwrap_or_default();
    let filter = Filter { list: asked.list, state: asked.state, from, to, of, kin, after };
    let paged = matters::page(&call.app.store, by.tenant(), &filter, &by.reach()).await?;
    Ok(Answer(Matters { matters: paged.rows.iter().map(line).collect(), next: paged.next }))
}

async fn open_matter(call: Call<(), (), Json<OpenMatterBody>>) -> web::Result<Created<NewMatter>> {
    let by = call.actor.permit_some::<HandleMatter>()?;
    let (office, body) = (Office::of(&call).await?, &call.body.0);
    ensure(office.has(Step::PartOfMatter), STEP_OFF)?;
    let place = match body.place {
        Some(id) => Some(office.directory.place(id).ok_or_else(|| Error::field("place", PLACE_NEEDED))?),
        None => None,
    };
    let command = Open {
        by,
        origin: body.origin,
        title: title(&body.title.0, "title")?,
        what: words(&super::said(body.what.clone()), "what", false)?,
        place: place.map(|place| (place.id, place.path.clone())),
        case: None,
    };
    let number = call.app.store.run(call.pass.clone(), command).await?.out;
    Ok(Created { at: call.href(&format!("/matters/{number}")), body: NewMatter { number } })
}

async fn get_matter(call: Call<OfMatter>) -> web::Result<Answer<MatterView>> {
    let matter = matters::find(&call.app.store, &call.actor, call.path.number.0).await?;
    Ok(Answer(view(&call, &matter).await?))
}

async fn view(desk: &Desk, matter: &Matter) -> Result<MatterView> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let office = Office::of(desk).await?;
    let w = web::Words::of(desk.visit.lang);
    let facts = store.timeline(tenant, "matter", matter.id.0).await?;
    let said: BTreeMap<Uuid, String> = matters::words(store, tenant, matter.id).await?.into_iter().collect();
    let names = access::names(store, tenant, facts.iter().filter_map(|fact| fact.actor_id)).await?;
    let happened = |fact: &store::journal::FactRow| {
        let data: serde_json::Value = serde_json::from_str(&fact.data).unwrap_or_default();
        let words = data["words"]["id"].as_str().and_then(|id| Uuid::try_parse(id).ok()).and_then(|id| said.get(&id));
        Happened {
            kind: fact.kind.clone(),
            at: fact.recorded_at.into(),
            by: fact.actor_id.and_then(|actor| names.get(&actor)).cloned(),
            title: w.t(&format!("fact-{}", fact.kind.replace('.', "-"))).into_owned(),
            detail: data["state"].as_str().map(|state| w.t(&format!("matter-state-{state}")).into_owned()).unwrap_or_default(),
            words: words.cloned().unwrap_or_default(),
            photos: Vec::new(),
            video: None,
        }
    };
    let mut cases = Vec::new();
    for case in matters::cases(store, tenant, matter.id).await? {
        match crate::case::find_by_id(store, &desk.actor, case.id).await {
            Ok(_) => cases.push(line_of(desk, &office, &case, desk.app.world.now())),
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(MatterView { matter: line(matter), cases, timeline: facts.iter().map(happened).collect() })
}

async fn take_matter_step(call: Call<OfMatterStep, (), Json<MatterStepBody>>) -> web::Result<Answer<MatterView>> {
    let store = &call.app.store;
    let (number, step, body) = (call.path.number.0, call.path.step, &call.body.0);
    let matter = matters::find(store, &call.actor, number).await?;
    let by = call.actor.permit::<HandleMatter>(&matter)?;
    if call.replayed.is_none() {
        ensure(step == MatterStep::Note || body.version.0 == matter.version, matters::STALE)?;
        let (words, pass) = (words(&body.words.0, "words", true)?, call.pass.clone());
        match step {
            MatterStep::Note | MatterStep::ToCouncil => {
                store.run(pass, Note { by, matter, words, to_council: step == MatterStep::ToCouncil }).await?;
            }
            MatterStep::Settle | MatterStep::Drop => {
                store.run(pass, End { by, matter, settled: step == MatterStep::Settle, words }).await?;
            }
        }
    }
    let now = matters::find(store, &call.actor, number).await?;
    Ok(Answer(view(&call, &now).await?))
}
