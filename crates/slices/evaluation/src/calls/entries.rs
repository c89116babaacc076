//! Entries by hand for programs: rounds, surveys and a committee's items, by the very code that reads them from the page's form.

use crate::entry::{EntryId, EntryKind};
use crate::entry_page::{Asked, EnterForm, MAX_WORDS, MOST_ASKED, NOBODY, Room, enterer, read};
use crate::league::{LeagueId, MOST_MEMBERS, MemberId};
use crate::verbs::ReadEntry;
use api::{Answer, Call, Day, Json, List, Text, Whole};
use kernel::ids::AttachmentId;
use kernel::{Error, ensure};
use rules::Points;
use store::attachments::MAX_BOUND_AT_ONCE;

api::operations! { "evaluation":
    /// Enters what no line of work tells of, all of one day: rounds, a survey's results, or a committee's item.
    ///
    /// Nothing is changed afterwards; what was wrong is withdrawn by a person. An item from the set value on counts once a second person
    /// has confirmed it.
    post "/entries" enter_entries;
}

api::object! {
    /// Whom an entry is of.
    pub struct EnteredMember {
        /// The id of the place, or of the organisation; in the league in the month of the day.
        member: MemberId,
        /// Of a survey: how many were asked.
        asked: Option<Whole<1, { MOST_ASKED }>>,
        /// Of a survey: how many of those were content.
        content: Option<Whole<0, { MOST_ASKED }>>,
    }
    /// What is entered.
    pub struct EntryBody {
        kind: EntryKind,
        /// One that is still held.
        league: LeagueId,
        /// Of the last three months, today at the latest.
        day: Day,
        /// Of an item the first alone.
        members: List<EnteredMember, { MOST_MEMBERS }>,
        /// Of an item: the code of the row of the scheme in force whose points a person gives.
        item: Option<Text<0, 40>>,
        /// Of an item: thousandths of a point, within what the row takes; the row says whether they are deducted.
        points: Option<Whole<1, { Points::MOST.0 }>>,
        /// Of an item: why.
        words: Option<Text<0, { MAX_WORDS }>>,
        /// Of an item: uploaded before.
        photos: Option<List<AttachmentId, { MAX_BOUND_AT_ONCE }>>,
    }
    /// What was entered, in the order of their members' ids where it was rounds, else as they were given.
    pub struct NewEntries {
        entries: Vec<EntryId>,
    }
}

/// The body as the form that the page sends.
fn form(body: EntryBody) -> EnterForm {
    let members = &body.members.0;
    EnterForm {
        kind: body.kind.to_string(),
        month: String::new(),
        league: body.league.to_string(),
        day: body.day.0.to_string(),
        member: members.iter().map(|one| one.member.to_string()).collect(),
        asked: members.iter().map(|one| one.asked.map(|n| n.0.to_string()).unwrap_or_default()).collect(),
        content: members.iter().map(|one| one.content.map(|n| n.0.to_string()).unwrap_or_default()).collect(),
        item: body.item.map(|text| text.0).unwrap_or_default(),
        points: body.points.map(|points| Points(points.0).to_string()).unwrap_or_default(),
        words: body.words.map(|text| text.0).unwrap_or_default(),
        photo: body.photos.unwrap_or_default().0.iter().map(ToString::to_string).collect(),
    }
}

async fn enter_entries(call: Call<(), (), Json<EntryBody>>) -> web::Result<Answer<NewEntries>> {
    call.actor.permit_some::<ReadEntry>()?;
    let body = call.body.0.clone();
    enterer(&call, body.kind)?;
    if let Some(entries) = call.first::<Vec<EntryId>>()? {
        return Ok(Answer(NewEntries { entries }));
    }
    let asked = Asked { kind: body.kind.to_string(), month: String::new(), league: body.league.to_string() };
    let room = Room::of(&call, &asked).await?;
    // The page goes on with another league where there is none of this id; a program is told.
    ensure(room.league.as_ref().is_some_and(|league| league.id == body.league), Error::field("league", NOBODY))?;
    let command = read(&call, &room, &form(body)).await?;
    let entries = call.app.store.run(call.pass.clone(), command).await?.out;
    Ok(Answer(NewEntries { entries }))
}
