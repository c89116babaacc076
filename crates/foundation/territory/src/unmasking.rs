//! A unit's contact in full, for a reason: who may, and the answer to the form.

use crate::directory::Directory;
use crate::organisations;
use access::http::{Desk, Submitted};
use access::unmasking::{About, Part, UnmaskContact, UnmaskField, UnmaskForm, Whose, answer};
use access::{Permit, Subject};
use axum::extract::Path;
use axum::response::Response;
use kernel::ids::OrganisationId;
use kernel::{Error, Result};
use web::Words;

/// The permit to see this unit's contact: tenant-wide, or of the places where the unit answers now.
pub fn may_unmask(desk: &Desk, directory: &Directory, unit: OrganisationId) -> Result<Permit<UnmaskContact>> {
    let today = directory.date_of(desk.app.world.now())?.to_string();
    let of_tenant = Subject::of_tenant(desk.actor.tenant);
    desk.actor.permit::<UnmaskContact>(&of_tenant).or_else(|refused| {
        let in_force = directory.answers_of(unit).into_iter().filter(|line| line.valid_to.as_ref().is_none_or(|to| *to >= today));
        let mut paths = in_force.filter_map(|line| directory.place(line.place_id)).map(|place| place.path.as_str());
        paths.find_map(|path| desk.actor.permit::<UnmaskContact>(&Subject { place_path: Some(path), ..of_tenant }).ok()).ok_or(refused)
    })
}

pub async fn contact(Path((_, id)): Path<(String, String)>, submitted: Submitted<UnmaskForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let id: OrganisationId = id.parse().map_err(|_| Error::not_found())?;
    let directory = crate::directory_of(desk).await?;
    let organisation = directory.organisation(id).ok_or_else(Error::not_found)?;
    let by = may_unmask(desk, &directory, id)?;
    let contact = organisations::contact(&desk.app.store, desk.actor.tenant, id).await?;
    let w = Words::of(desk.visit.lang);
    let name = contact.name.as_ref().map(|name| Part::of(w.t("organisation-contact"), name));
    let phone = contact.phone.as_ref().map(|phone| Part::of(w.t("organisation-contact-phone"), phone));
    let parts: Vec<Part> = name.into_iter().chain(phone).collect();
    if parts.is_empty() {
        return Err(Error::not_found().into());
    }
    let about = About {
        whose: Whose::Organisation(id),
        field: UnmaskField::Contact,
        title: organisation.name.clone(),
        path: format!("/organisations/{id}/contact"),
        back: format!("/organisations/{id}"),
        parts,
    };
    answer(&submitted, by, about).await
}
