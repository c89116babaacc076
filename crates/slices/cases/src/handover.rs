//! What waits for somebody who leaves: the reports that they were asked to look at and their duty to come, handed to somebody
//! else in one go.

use crate::case::Case;
use crate::facts::VerifierChanged;
use crate::office::Office;
use crate::verbs::HandleCase;
use access::http::{Desk, Submitted};
use access::staff::Colleague;
use access::{Permit, Role};
use axum::extract::Query as Asked;
use axum::http::StatusCode;
use axum::response::Response;
use contracts::CaseId;
use jiff::civil::Date;
use kernel::ids::{AccountId, CommandId, OrganisationId, PlaceId};
use kernel::{Code, Error, Kind, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Command, Pass, Sql, Store, Write, args, sql};
use territory::ManageDuty;
use territory::duty::{DutyLine, HandOverDuty, lines_from};
use web::PageContext;
use web::forms::Choice;
use web::html::render;

/// Nobody was chosen, or the person who leaves.
pub const NO_SUCCESSOR: Code = Code::invalid("handover.no_successor");
/// There is nothing that could be handed over to this person.
pub const NOTHING: Code = Code::conflict("handover.nothing");

/// More than one person is ever asked to look at.
const MOST: i64 = 1000;

static WAITING: Sql = sql!(concat!(
    crate::case::case_columns!(),
    " WHERE tenant_id = :tenant AND verifier_id = :verifier AND stage = 'verifying' AND open = TRUE ORDER BY due, id LIMIT :most"
));
static WHO: Sql = sql!(
    "SELECT DISTINCT verifier_id FROM cases WHERE tenant_id = :tenant AND stage = 'verifying' AND open = TRUE AND verifier_id IS NOT NULL"
);
static CHANGE: Sql = sql!(
    "UPDATE cases SET verifier_id = :to, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND verifier_id = :from AND stage = 'verifying'
    RETURNING place_id, unit_id"
);

/// The reports that somebody was asked to look at and has not.
pub(crate) async fn waiting(store: &Store, tenant: TenantId, verifier: AccountId) -> Result<Vec<Case>> {
    store.all(&WAITING, args! { tenant: tenant, verifier: verifier, most: MOST }).await
}

/// Hands reports to be looked at, and duty to come, from one person to another.
///
/// Errors: those of duty. What was answered meanwhile is passed over.
pub struct HandOver {
    pub by: Permit<HandleCase>,
    pub duty: Permit<ManageDuty>,
    pub from: AccountId,
    pub to: AccountId,
    /// Those that the other one may look at.
    pub cases: Vec<CaseId>,
    pub today: Date,
}

/// How much was handed over.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Handed {
    pub cases: i64,
    pub duty: i64,
}

impl Command for HandOver {
    const KIND: &'static str = "case.hand_over";
    type Out = Handed;

    async fn run(&self, tx: &mut Write<'_>) -> Result<Handed> {
        let tenant = tx.tenant();
        let mut cases = 0;
        for case in &self.cases {
            type At = (Option<PlaceId>, Option<OrganisationId>);
            let args = args! { tenant: tenant, case: case, from: self.from, to: self.to };
            if let Some((place, unit)) = tx.opt::<At>(&CHANGE, args).await? {
                tx.fact(VerifierChanged { case: *case, place, unit, from: self.from, verifier: self.to })?;
                cases += 1;
            }
        }
        let duty = HandOverDuty { by: self.duty.clone(), from: self.from, to: self.to, today: self.today }.run(tx).await?;
        ensure(cases + duty > 0, NOTHING)?;
        Ok(Handed { cases, duty })
    }
}

/// Somebody with something that can be handed over.
pub(crate) struct Holder {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    /// No more of the office's staff.
    pub(crate) left: bool,
}

/// Everybody whom reports or this duty wait for, whoever has left first.
pub(crate) async fn holders(store: &Store, tenant: TenantId, duty: &[DutyLine], staff: &[Colleague]) -> Result<Vec<Holder>> {
    let mut ids: BTreeSet<AccountId> =
        store.all::<(AccountId,)>(&WHO, args! { tenant: tenant }).await?.into_iter().map(|(id,)| id).collect();
    ids.extend(duty.iter().map(|line| line.account_id));
    let mut names = access::names(store, tenant, ids.iter().copied()).await?;
    let holder = |id: AccountId| Holder {
        account: id,
        name: names.remove(&id).unwrap_or_default(),
        left: !staff.iter().any(|one| one.account == id),
    };
    let mut holders: Vec<Holder> = ids.into_iter().map(holder).collect();
    holders.sort_by_key(|holder| !holder.left);
    Ok(holders)
}

/// Those of the staff who can take over from somebody.
pub(crate) fn successors(staff: &[Colleague], from: Option<AccountId>) -> impl Iterator<Item = &Colleague> {
    let fits = |role: Role| matches!(role, Role::Clerk | Role::Inspector | Role::Community | Role::Leader);
    staff.iter().filter(move |one| Some(one.account) != from && fits(one.role))
}

/// Hands over duty to come and those reports that the other one may look at.
///
/// Errors: `handover.no_successor`, `handover.nothing`, and those of duty.
pub(crate) async fn hand_over(desk: &Desk, pass: Pass, from: AccountId, to: AccountId) -> Result<Handed> {
    let by = desk.actor.permit::<HandleCase>(&desk.actor.tenant)?;
    let duty = desk.actor.permit::<ManageDuty>(&desk.actor.tenant)?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let office = Office::of(desk).await?;
    ensure(from != to && access::staff::staff(store, tenant).await?.iter().any(|one| one.account == to), NO_SUCCESSOR)?;
    let mut cases = Vec::new();
    for case in waiting(store, tenant, from).await? {
        let mut may = false;
        for role in [Role::Community, Role::Inspector] {
            may |= access::account::people_for(store, tenant, role, &case.place_path).await?.iter().any(|(id, _)| *id == to);
        }
        if may {
            cases.push(case.id);
        }
    }
    let today = office.directory.date_of(desk.app.world.now())?;
    Ok(store.run(pass, HandOver { by, duty, from, to, cases, today }).await?.out)
}

struct CaseView {
    href: String,
    number: i64,
    what: String,
    place: String,
    due: String,
}

struct DutyView {
    place: String,
    days: String,
}

#[derive(askama::Template)]
#[template(path = "handover.html")]
struct HandoverPage {
    page: PageContext,
    people: Vec<Choice>,
    from: String,
    cases: Vec<CaseView>,
    duty: Vec<DutyView>,
    staff: Vec<Choice>,
    error: String,
    command: CommandId,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Leaver {
    pub from: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct HandoverForm {
    pub from: String,
    pub to: String,
}

pub async fn get(desk: Desk, Asked(asked): Asked<Leaver>) -> web::Result<Response> {
    show(&desk, &HandoverForm { from: asked.from, to: String::new() }, None).await
}

async fn show(desk: &Desk, form: &HandoverForm, error: Option<&Error>) -> web::Result<Response> {
    let _ = desk.actor.permit::<HandleCase>(&desk.actor.tenant)?;
    let office = Office::of(desk).await?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let page = desk.page("handover-title");
    let w = page.w;
    let today = office.directory.date_of(page.now)?.to_string();
    let duty = lines_from(store, tenant, &today).await?;
    let staff = access::staff::staff(store, tenant).await?;
    let choice = |holder: Holder| {
        let value = holder.account.to_string();
        let label = if holder.left { w.a("handover-left", "name", holder.name).into_owned() } else { holder.name };
        Choice { on: value == form.from, value, label }
    };
    let people = holders(store, tenant, &duty, &staff).await?.into_iter().map(choice).collect();
    let from: Option<AccountId> = form.from.parse().ok();
    let cases = match from {
        Some(from) => waiting(store, tenant, from).await?,
        None => Vec::new(),
    };
    let case_view = |case: &Case| CaseView {
        href: page.href(&format!("/cases/{}", case.number)),
        number: case.number,
        what: crate::views::title(w, &office.directory, case.category_id, case.stage, &case.what),
        place: crate::views::place_words(&office.directory, case.place_id, &case.where_words),
        due: if case.has_due() { page.at(&case.due) } else { String::new() },
    };
    let duty_view = |line: &DutyLine| DutyView {
        place: office.directory.full_name(line.place_id).to_owned(),
        days: match &line.valid_to {
            Some(to) => w.a2("handover-days", "from", line.valid_from.clone(), "to", to.clone()).into_owned(),
            None => w.a("handover-days-open", "from", line.valid_from.clone()).into_owned(),
        },
    };
    let template = HandoverPage {
        from: form.from.clone(),
        cases: cases.iter().map(case_view).collect(),
        duty: duty.iter().filter(|line| Some(line.account_id) == from).map(duty_view).collect(),
        staff: successors(&staff, from)
            .map(|one| Choice { on: one.account.to_string() == form.to, value: one.account.to_string(), label: one.name.clone() })
            .collect(),
        error: error.map(|error| words_of(w, error)).unwrap_or_default(),
        command: desk.app.world.new_id(),
        people,
        page,
    };
    let status = error.map_or(200, |error| error.kind().status());
    Ok(render(StatusCode::from_u16(status).unwrap_or_default(), &template))
}

fn words_of(w: web::Words, error: &Error) -> String {
    match error.field_errors().first() {
        Some(field) => w.error(&field.code, &field.args).into_owned(),
        None => w.error(error.code(), error.args()).into_owned(),
    }
}

pub async fn post(submitted: Submitted<HandoverForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    desk.actor.permit::<HandleCase>(&desk.actor.tenant)?;
    desk.actor.permit::<ManageDuty>(&desk.actor.tenant)?;
    let outcome = async {
        let (from, to) = form.from.parse::<AccountId>().ok().zip(form.to.parse::<AccountId>().ok()).ok_or(NO_SUCCESSOR)?;
        hand_over(desk, submitted.pass.clone(), from, to).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-handed-over", &format!("/handover?from={}", form.from))),
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => show(desk, form, Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}
