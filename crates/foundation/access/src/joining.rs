//! The pages of invitations: making one with its QR code, and taking it on the phone.

use crate::account::{self, InviteToUnit};
use crate::actor::Scope;
use crate::http::{Desk, Submitted, Visit, pairs};
use crate::invitation::{self, Invite, Join};
use crate::pages::{Choice, NOT_OFFERED, phone_of, shown_again, status_of, words_of};
use crate::passwords;
use crate::role::Role;
use crate::scopes::{ScopeChoice, choices};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::ids::{CommandId, OrganisationId};
use kernel::{Code, Error, Result};
use serde::Deserialize;
use store::Pass;
use web::html::render;
use web::{App, PageContext};

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
    units: Vec<Choice>,
    form: InviteForm,
    /// The address and its QR code, shown once.
    fresh: Option<(String, String)>,
    command: CommandId,
    error: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct InviteForm {
    unit: String,
    phone: String,
    head: String,
}

pub(crate) async fn invitations(desk: Desk) -> web::Result<Response> {
    show_invitations(&desk, InviteForm::default(), None, None).await
}

async fn show_invitations(desk: &Desk, form: InviteForm, fresh: Option<String>, error: Option<&Error>) -> web::Result<Response> {
    desk.actor.permit_some::<InviteToUnit>()?;
    let page = desk.page("invitations-title");
    let w = page.w;
    let units: Vec<ScopeChoice> = choices(&desk.app, desk.actor.tenant)
        .await?
        .into_iter()
        .filter(|choice| matches!(choice.scope, Scope::Organisation { .. }))
        .collect();
    let label = |id: OrganisationId| {
        units.iter().find(|unit| unit.scope == Scope::Organisation { id }).map(|unit| unit.label.clone()).unwrap_or_default()
    };
    let list = invitation::latest(&desk.app.store, desk.actor.tenant).await?;
    let template = InvitationsPage {
        list: list
            .iter()
            .map(|one| InvitationView {
                unit: label(one.organisation_id),
                role: w.t(&format!("role-{}", one.role)).into_owned(),
                made: page.at(&one.made_at),
                state: match one.used_at {
                    Some(at) => w.a("invitation-used", "at", page.at(&at)).into_owned(),
                    None if one.expires_at < page.now => w.t("invitation-expired").into_owned(),
                    None => w.a("invitation-open", "at", page.at(&one.expires_at)).into_owned(),
                },
            })
            .collect(),
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

pub(crate) async fn invite(submitted: Submitted<InviteForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit_some::<InviteToUnit>()?;
    if submitted.replayed.is_some() {
        return Ok(desk.done("done-invited", "/invitations"));
    }
    let token = hex::encode(desk.app.world.entropy.bytes::<16>());
    let outcome = async {
        let organisation = form.unit.strip_prefix("organisation:").and_then(|id| id.parse::<OrganisationId>().ok()).ok_or(NOT_OFFERED)?;
        let offered = choices(&desk.app, desk.actor.tenant).await?;
        kernel::ensure(offered.iter().any(|choice| choice.scope == Scope::Organisation { id: organisation }), NOT_OFFERED)?;
        let phone = phone_of(&form.phone)?.ok_or(Code::invalid("identifier.not_mobile"))?;
        let role = if form.head.is_empty() { Role::UnitHandler } else { Role::UnitHead };
        desk.app.store.run(submitted.pass.clone(), Invite { by, organisation, role, phone, token: token.clone() }).await
    }
    .await;
    match outcome {
        Ok(_) => {
            let address = format!("{}/j/{}/{token}", desk.app.public_url, desk.tenant.slug);
            show_invitations(desk, InviteForm::default(), Some(address), None).await
        }
        Err(error) if shown_again(&error) => show_invitations(desk, form.clone(), None, Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

#[derive(askama::Template)]
#[template(path = "join.html")]
struct JoinPage {
    page: PageContext,
    path: String,
    phone: String,
    name: String,
    error: String,
}

async fn tenant_and_invitation(app: &App, slug: &str, token: &str) -> Result<(account::Tenant, invitation::Invitation)> {
    let tenant = account::tenant_by_slug(&app.store, slug).await?.ok_or(invitation::GONE)?;
    let invitation = invitation::find(&app.store, tenant.id, token).await?;
    Ok((tenant, invitation))
}

pub(crate) async fn join_page(State(app): State<App>, visit: Visit, Path((slug, token)): Path<(String, String)>) -> web::Result<Response> {
    tenant_and_invitation(&app, &slug, &token).await?;
    let page = visit.page("join-title");
    let path = format!("/j/{slug}/{token}");
    Ok(render(StatusCode::OK, &JoinPage { page, path, phone: String::new(), name: String::new(), error: String::new() }))
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
    let outcome = async {
        let password = value("password");
        passwords::check_strength(&password)?;
        let password_hash = passwords::hash(password, &app.world.entropy).await?;
        let pass = Pass { tenant: tenant.id, actor: None, on_behalf_of: None, id: app.world.new_id(), body: [0; 32] };
        app.store.run(pass, Join { invitation, phone: phone.clone(), name: name.clone(), password_hash }).await
    }
    .await;
    match outcome {
        Ok(_) => Ok(Redirect::to("/login").into_response()),
        Err(error) if shown_again(&error) => {
            let page = visit.page("join-title");
            let error_words = words_of(page.w, &error);
            Ok(render(status_of(Some(&error)), &JoinPage { page, path: format!("/j/{slug}/{token}"), phone, name, error: error_words }))
        }
        Err(error) => Err(error.into()),
    }
}
