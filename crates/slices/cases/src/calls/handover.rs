//! A leaver's work handed over, for programs.

use super::cases::{CaseLine, line_of};
use crate::handover::{Handed, hand_over, holders, successors, waiting};
use crate::office::Office;
use crate::verbs::HandleCase;
use access::Role;
use access::staff::staff;
use api::{Answer, Call, Json};
use kernel::ids::{AccountId, PlaceId};
use territory::duty::lines_from;

api::operations! { "office":
    /// What waits for people: the reports that one was asked to look at, and the duty to come.
    get "/handover" get_handover;
    /// Hands duty to come, and the reports that the other one may look at, from one person to another.
    ///
    /// It takes the scopes of cases and of the office.
    post "/handover" post_handover;
}

api::params! {
    pub struct OfHolder {
        /// Whose reports and duty are given; nobody's where nothing is said.
        from: Option<AccountId>,
    }
}

api::object! {
    /// Somebody with something that can be handed over.
    pub struct HolderView {
        account: AccountId,
        name: String,
        /// No more of the office's staff.
        left: bool,
    }
    /// Somebody who can take over.
    pub struct SuccessorView {
        account: AccountId,
        name: String,
        role: Role,
    }
    /// Duty that is still to come.
    pub struct DutyToCome {
        place: PlaceId,
        from: String,
        /// Null: until it is ended.
        to: Option<String>,
    }
    /// What can be handed over, and to whom.
    pub struct Handover {
        /// Everybody with something that can be, whoever has left first.
        people: Vec<HolderView>,
        /// The reports that the person was asked to look at.
        cases: Vec<CaseLine>,
        /// The person's duty.
        duty: Vec<DutyToCome>,
        successors: Vec<SuccessorView>,
    }
    /// From whom to whom.
    pub struct HandoverBody {
        from: AccountId,
        to: AccountId,
    }
    /// How much was handed over.
    pub struct HandedOver {
        cases: i64,
        duty: i64,
    }
}

async fn get_handover(call: Call<(), OfHolder>) -> web::Result<Answer<Handover>> {
    call.actor.permit::<HandleCase>(&call.actor.tenant)?;
    let office = Office::of(&call).await?;
    let (store, tenant, now) = (&call.app.store, call.actor.tenant, call.app.world.now());
    let duty = lines_from(store, tenant, &office.directory.date_of(now)?.to_string()).await?;
    let staff = staff(store, tenant).await?;
    let people = holders(store, tenant, &duty, &staff).await?;
    let from = call.query.from;
    let cases = match from {
        Some(from) => waiting(store, tenant, from).await?,
        None => Vec::new(),
    };
    let of_person = duty.into_iter().filter(|line| Some(line.account_id) == from);
    let successor = |one: &access::staff::Colleague| SuccessorView { account: one.account, name: one.name.clone(), role: one.role };
    Ok(Answer(Handover {
        people: people.into_iter().map(|one| HolderView { account: one.account, name: one.name, left: one.left }).collect(),
        cases: cases.iter().map(|case| line_of(&call, &office, case, now)).collect(),
        duty: of_person.map(|line| DutyToCome { place: line.place_id, from: line.valid_from, to: line.valid_to }).collect(),
        successors: successors(&staff, from).map(successor).collect(),
    }))
}

async fn post_handover(call: Call<(), (), Json<HandoverBody>>) -> web::Result<Answer<HandedOver>> {
    let HandoverBody { from, to } = call.body.0;
    let Handed { cases, duty } = match call.first::<Handed>()? {
        Some(first) => first,
        None => hand_over(&call, call.pass.clone(), from, to).await?,
    };
    Ok(Answer(HandedOver { cases, duty }))
}
