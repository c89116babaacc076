//! The pages of invitations: making one with its QR code, and taking it on the phone.

use crate::account::{self, InviteToUnit};
use crate::actor::Scope;
use crate::http::{Desk, Submitted, Visit, pairs};
use crate::invitation::{self, Invite, Join};
use crate::pages::{Asked, Choice, phone_of, shown_again, status_of, words_of};
use crate::passwords;
use crate::role::Role;
use crate::scopes::{ScopeChoice, choices, invitable};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use kernel::ids::{CommandId, OrganisationId};
use kernel::{Code, Error, Result};
use serde::Deserialize;
use store::Pass;
use store::query::decode_keys;
use web::html::render;
use web::{App, PageContext};

/// Nothing was chosen, or a unit that is not one's own to invite into.
pub const UNIT: Code = Code::invalid("invitation.unit");

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/t/{slug}/invitations", get(invitations).post(invite))
        .route("/j/{slug}/{token}", get(crate::guard::join_page).post(crate::guard::join))
}

struct InvitationView {
    unit: String,
    role: String,
    made: String,
    state: String,
}

#[derive(askama::Template)]
#[template(path = "invitations.html")]
struct InvitationsPage {
    page: PageContext,
    list: Vec<InvitationView>,
    first: Option<String>,
    next: Option<String>,
    /// Some of the tenant's units, not all: said on the page.
    some: bool,
    units: Vec<Choice>,
    form: InviteForm,
    /// The address and its QR code, shown once.
    fresh: Option<(String, String)>,
    command: CommandId,
    error: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct InviteForm {
    unit: String,
    phone: String,
    head: String,
}

async fn invitations(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    show_invitations(&desk, &asked.after, InviteForm::default(), None, None).await
}

async fn show_invitations(
    desk: &Desk,
    after: &str,
    form: InviteForm,
    fresh: Option<String>,
    error: Option<&Error>,
) -> web::Result<Response> {
    let by = desk.actor.permit_some::<InviteToUnit>()?;
    let page = desk.page("invitations-title");
    let w = page.w;
    let units = invitable(&desk.app, &desk.actor).await?;
    let places = choices(&desk.app, desk.actor.tenant).await?;
    let label = |one: &invitation::Invitation| {
        let unit = one.unit().and_then(|id| units.iter().find(|unit| unit.id == id)).map(|unit| unit.label.clone());
        let is_it = |choice: &&ScopeChoice| matches!(&choice.scope, Scope::Place { id, .. } if Some(*id) == one.place_id);
        let label = unit.or_else(|| places.iter().find(is_it).map(|choice| choice.label.clone()));
        label.unwrap_or_else(|| w.t("scope-closed").into_owned())
    };
    let all = by.reach().all;
    let ids: Vec<OrganisationId> = units.iter().map(|unit| unit.id).collect();
    let from = decode_keys(after, "id");
    let paged = invitation::latest(&desk.app.store, desk.actor.tenant, (!all).then_some(&ids), from.as_deref()).await?;
    let template = InvitationsPage {
        list: paged
            .rows
            .iter()
            .map(|one| InvitationView {
                unit: label(one),
                role: w.t(&format!("role-{}", one.role)).into_owned(),
                made: page.at(&one.made_at),
                state: match one.used_at {
                    Some(at) => w.a("invitation-used", "at", page.at(&at)).into_owned(),
                    None if one.expires_at < page.now => w.t("invitation-expired").into_owned(),
                    None => w.a("invitation-open", "at", page.at(&one.expires_at)).into_owned(),
                },
            })
            .collect(),
        first: from.map(|_| page.href("/invitations")),
        next: paged.next.map(|next| page.href(&format!("/invitations?after={next}"))),
        some: !all,
        units: units.iter().map(|unit| Choice { value: unit.value(), label: unit.label.clone(), on: false }).collect(),
        fresh: fresh.map(|address| {
            let qr = documents::qr_svg(&address).unwrap_or_default();
            (address, qr)
        }),
        command: desk.app.world.new_id(),
        error: error.map(|error| words_of(w, error)).unwrap_or_default(),
        form,
        page,
    };
    Ok(render(status_of(error), &template))
}

async fn invite(submitted: Submitted<InviteForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    desk.actor.permit_some::<InviteToUnit>()?;
    if submitted.replayed.is_some() {
        return Ok(desk.done("done-invited", "/invitations"));
    }
    let token = hex::encode(desk.app.world.entropy.bytes::<16>());
    let outcome = async {
        let offered = invitable(&desk.app, &desk.actor).await?;
        let unit = offered.iter().find(|unit| unit.value() == form.unit).ok_or(UNIT)?;
        let (by, organisation) = (unit.invite(&desk.actor)?, unit.id);
        let phone = phone_of(&form.phone)?.ok_or(Code::invalid("identifier.not_mobile"))?;
        let role = if form.head.is_empty() { Role::UnitHandler } else { Role::UnitHead };
        desk.app.store.run(submitted.pass.clone(), Invite { by, organisation, role, phone, token: token.clone() }).await
    }
    .await;
    match outcome {
        Ok(_) => {
            let address = format!("{}/j/{}/{token}", desk.app.public_url, desk.tenant.slug);
            show_invitations(desk, "", InviteForm::default(), Some(address), None).await
        }
        Err(error) if shown_again(&error) => show_invitations(desk, "", form.clone(), None, Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

#[derive(askama::Template)]
#[template(path = "join.html")]
pub(crate) struct JoinPage {
    pub page: PageContext,
    /// Of which house, and of which unit.
    pub of: String,
    pub path: String,
    pub phone: String,
    pub name: String,
    pub error: String,
}

async fn tenant_and_invitation(app: &App, slug: &str, token: &str) -> Result<(account::Tenant, invitation::Invitation)> {
    let tenant = account::tenant_by_slug(&app.store, slug).await?.ok_or(invitation::GONE)?;
    let invitation = invitation::find(&app.store, tenant.id, token).await?;
    Ok((tenant, invitation))
}

/// What somebody is invited into, as it stands now; nothing where it is closed.
async fn invited_into(app: &App, tenant: &account::Tenant, invitation: &invitation::Invitation) -> Result<Option<ScopeChoice>> {
    let wanted = |choice: &ScopeChoice| match &choice.scope {
        Scope::Organisation { id } => Some(*id) == invitation.unit(),
        Scope::Place { id, .. } => Some(*id) == invitation.place_id,
        Scope::Tenant => false,
    };
    Ok(choices(app, tenant.id).await?.into_iter().find(wanted))
}

/// The house and the unit or place that somebody is invited into. Only who has the token hears of it.
fn shown_of(visit: &Visit, tenant: &account::Tenant, into: Option<&ScopeChoice>) -> String {
    let into = into.map(|choice| choice.label.clone());
    [Some(tenant.shown(visit.lang).to_owned()), into].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

pub(crate) async fn join_page(State(app): State<App>, visit: Visit, Path((slug, token)): Path<(String, String)>) -> web::Result<Response> {
    let (tenant, invitation) = tenant_and_invitation(&app, &slug, &token).await?;
    let page = visit.page("join-title");
    let of = shown_of(&visit, &tenant, invited_into(&app, &tenant, &invitation).await?.as_ref());
    let path = format!("/j/{slug}/{token}");
    Ok(render(StatusCode::OK, &JoinPage { page, of, path, phone: String::new(), name: String::new(), error: String::new() }))
}

pub(crate) async fn join(
    State(app): State<App>,
    visit: Visit,
    Path((slug, token)): Path<(String, String)>,
    body: Bytes,
) -> web::Result<Response> {
    let (tenant, invitation) = tenant_and_invitation(&app, &slug, &token).await?;
    let pairs = pairs(&body)?;
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map_or(String::new(), |(_, value)| value.trim().to_owned());
    let (phone, name) = (value("phone"), value("name"));
    let into = invited_into(&app, &tenant, &invitation).await?;
    let scope = match (&into, invitation.unit()) {
        (Some(into), _) => into.scope.clone(),
        // Where nobody offers any, a unit is its own scope.
        (None, Some(id)) => Scope::Organisation { id },
        (None, None) => return Err(invitation::GONE.err().into()),
    };
    let revision = tenant.revision;
    let outcome = async {
        let password = value("password");
        passwords::check_strength(&password)?;
        let password_hash = passwords::hash(password, &app.world.entropy).await?;
        let pass = Pass { tenant: tenant.id, actor: None, on_behalf_of: None, id: app.world.new_id(), body: [0; 32] };
        app.store.run(pass, Join { invitation, scope, revision, phone: phone.clone(), name: name.clone(), password_hash }).await
    }
    .await;
    match outcome {
        Ok(_) => Ok(Redirect::to("/login").into_response()),
        Err(error) if shown_again(&error) => {
            let page = visit.page("join-title");
            let of = shown_of(&visit, &tenant, into.as_ref());
            let error_words = words_of(page.w, &error);
            Ok(render(status_of(Some(&error)), &JoinPage { page, of, path: format!("/j/{slug}/{token}"), phone, name, error: error_words }))
        }
        Err(error) => Err(error.into()),
    }
}
