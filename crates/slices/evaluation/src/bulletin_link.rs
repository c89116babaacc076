//! The bulletin for people without an account: a leader gives a link for a month, by which whoever has it reads what was published,
//! and withdraws it. Figures and tables stand there as on the page inside; of typical problems those alone that somebody has let be
//! shown, without where exactly it was and in whose words it was told.

use crate::bulletin::{Asked, Published, SectionView, head_of, sections, show};
use crate::bulletin_text::{Reader, Writing};
use crate::bulletin_words::{self, Kept, STALE, Share, Unshare};
use crate::scheme_page::mendable;
use crate::verbs::ShareBulletin;
use access::account::{Tenant, tenant_by_slug};
use access::http::{Desk, Submitted, Visit};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use documents::Bulletin;
use kernel::ids::AttachmentId;
use kernel::{Error, Result, ensure};
use serde::{Deserialize, Serialize};
use store::attachments::{Attachments, Size};
use store::journal::Journal;
use web::html::render;
use web::{App, PageContext};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ShareForm {
    pub version: String,
}

/// The bulletin as it stood when somebody pressed the button. Errors: 404, `bulletin.stale`.
async fn meant(desk: &Desk, month: &str, form: &ShareForm) -> Result<Kept> {
    let kept = bulletin_words::of_month(&desk.app.store, desk.actor.tenant, month).await?.ok_or_else(Error::not_found)?;
    ensure(form.version == kept.version.to_string(), STALE)?;
    Ok(kept)
}

pub async fn share(path: Path<(String, String)>, submitted: Submitted<ShareForm>) -> web::Result<Response> {
    let (desk, form, month) = (&submitted.desk, &submitted.form, &path.1);
    let by = desk.actor.permit::<ShareBulletin>(&desk.actor.tenant)?;
    if submitted.replayed.is_some() {
        return Ok(desk.done("done-bulletin-shared", &format!("/bulletins/{month}")));
    }
    let outcome = async {
        let bulletin = meant(desk, month, form).await?;
        let entropy = &desk.app.world.entropy;
        let link = kernel::canonical::hex(&entropy.bytes::<16>());
        desk.app.store.run(submitted.pass.clone(), Share { by, bulletin, link }).await
    };
    answer(desk, month, outcome.await.map(drop), "done-bulletin-shared").await
}

pub async fn unshare(path: Path<(String, String)>, submitted: Submitted<ShareForm>) -> web::Result<Response> {
    let (desk, form, month) = (&submitted.desk, &submitted.form, &path.1);
    let by = desk.actor.permit::<ShareBulletin>(&desk.actor.tenant)?;
    if submitted.replayed.is_some() {
        return Ok(desk.done("done-bulletin-unshared", &format!("/bulletins/{month}")));
    }
    let outcome = async {
        let bulletin = meant(desk, month, form).await?;
        desk.app.store.run(submitted.pass.clone(), Unshare { by, bulletin }).await
    };
    answer(desk, month, outcome.await.map(drop), "done-bulletin-unshared").await
}

async fn answer(desk: &Desk, month: &str, outcome: Result<()>, done: &str) -> web::Result<Response> {
    match outcome {
        Ok(()) => Ok(desk.done(done, &format!("/bulletins/{month}"))),
        Err(error) if mendable(&error) => show(desk, month, &Asked::default(), Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

#[derive(askama::Template)]
#[template(path = "bulletin_link.html")]
struct LinkPage {
    page: PageContext,
    bulletin: Bulletin,
    sections: Vec<SectionView>,
}

/// The tenant and its bulletin that a link opens. Errors: 404, whatever of it is wrong.
async fn opened(app: &App, slug: &str, token: &str) -> Result<(Tenant, Kept)> {
    let tenant = tenant_by_slug(&app.store, slug).await?.ok_or_else(Error::not_found)?;
    let kept = bulletin_words::of_link(&app.store, tenant.id, token).await?.ok_or_else(Error::not_found)?;
    Ok((tenant, kept))
}

/// Nobody finds it who was not given it, and no machine keeps it: it can be withdrawn.
fn unlisted(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert("x-robots-tag", header::HeaderValue::from_static("noindex, nofollow, noarchive"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("private, no-store"));
    response
}

/// What was published of a month, for whoever has the link.
pub async fn page(State(app): State<App>, visit: Visit, Path((slug, token)): Path<(String, String)>) -> web::Result<Response> {
    access::by_link(&app, &visit, shown(&app, &visit, &slug, &token)).await
}

async fn shown(app: &App, visit: &Visit, slug: &str, token: &str) -> web::Result<Response> {
    let (tenant, kept) = opened(app, slug, token).await?;
    let mut page = visit.page("evaluations-title");
    tenant.shown(visit.lang).clone_into(&mut page.tenant_name);
    page.tenant_slug.clone_from(&tenant.slug);
    page.zone = jiff::tz::TimeZone::get(&tenant.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let month = kept.month;
    let published = Published::of(&app.store, tenant.id, &month, "").await?;
    let head = head_of(&app.get::<Journal>(), tenant.id, &published.all).await?;
    let writing = Writing {
        app,
        tenant: &tenant,
        page: &page,
        month: &month,
        all: &published.all,
        head: Some(&head),
        issue: published.issue.as_ref(),
        issued: published.issued.as_ref(),
        reader: Reader::Link,
    };
    let bulletin = writing.written().await?;
    let sections = sections(&writing, &bulletin, &format!("/b/{slug}/{token}")).await?;
    page.title.clone_from(&bulletin.title);
    Ok(unlisted(render(StatusCode::OK, &LinkPage { page, bulletin, sections })))
}

/// A photo that somebody has let be shown to whoever has the link.
pub async fn photo(
    State(app): State<App>,
    visit: Visit,
    Path((slug, token, photo)): Path<(String, String, String)>,
) -> web::Result<Response> {
    access::by_link(&app, &visit, async {
        let (tenant, kept) = opened(&app, &slug, &token).await?;
        let photo: AttachmentId = photo.parse().map_err(|_| Error::not_found())?;
        let published = Published::of(&app.store, tenant.id, &kept.month, "").await?;
        let shown = published.issue.as_ref().and_then(|issue| issue.of_photo(photo)).is_some_and(|one| one.public);
        let found = store::attachments::find(&app.store, tenant.id, photo).await?.filter(|found| shown && found.bound_id.is_some());
        let found = found.ok_or_else(Error::not_found)?;
        // As small as on paper, and without the time and place that are drawn into the full size.
        let bytes = app.get::<Attachments>().read(tenant.id, &found.hash, Size::Thumb).await?;
        Ok(unlisted(([(header::CONTENT_TYPE, "image/jpeg")], bytes).into_response()))
    })
    .await
}
