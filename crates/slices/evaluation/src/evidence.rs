//! Photos as evidence of what this slice keeps: drafts in a form that comes back, and those that are bound.

use access::http::{Desk, picture};
use axum::http::HeaderMap;
use axum::response::Response;
use kernel::ids::{AttachmentId, Uuid};
use kernel::{Error, Result, ensure};
use store::attachments::{Attachment, Size};
use web::PageContext;
use web::parts::PhotoView;

/// One photo, at this address inside of the tenant.
pub(crate) fn view(page: &PageContext, one: &Attachment, at: &str) -> PhotoView {
    let caption = match one.taken_at {
        Some(taken) if one.time_verified => page.at(&taken),
        _ => page.w.t("evidence-album").into_owned(),
    };
    PhotoView {
        id: one.id.to_string(),
        href: page.href(at),
        thumb: page.href(&format!("{at}/thumb")),
        caption,
        alt: page.w.t("evidence").into_owned(),
        video: false,
    }
}

/// The ids that a form carries.
pub(crate) fn ids(photos: &[String]) -> Vec<AttachmentId> {
    photos.iter().filter_map(|id| id.parse().ok()).collect()
}

/// Photos that a form which comes back has uploaded already.
pub(crate) async fn drafts(desk: &Desk, page: &PageContext, photos: &[String]) -> Result<Vec<PhotoView>> {
    let drafts = store::attachments::drafts(&desk.app.store, desk.actor.tenant, desk.actor.account, &ids(photos)).await?;
    Ok(drafts.iter().map(|draft| view(page, draft, &format!("/photos/{}", draft.id))).collect())
}

/// A photo of something that its reader may see, as the caller has asked. Errors: 404 where it is not of that.
pub(crate) async fn serve(desk: &Desk, subject: &str, of: Uuid, photo: &str, size: Size, headers: &HeaderMap) -> web::Result<Response> {
    let photo: AttachmentId = photo.parse().map_err(|_| Error::not_found())?;
    let found = store::attachments::find(&desk.app.store, desk.actor.tenant, photo).await?.ok_or_else(Error::not_found)?;
    ensure(found.bound_subject.as_deref() == Some(subject) && found.bound_id == Some(of), Error::not_found())?;
    picture(desk, &found, size, headers).await
}
