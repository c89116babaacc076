//! Photos over HTTP: uploading drafts, and serving those that the actor may see.

use crate::case::find_by_id;
use crate::case_page::photo;
use access::http::{Desk, Uploaded};
use axum::Json;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use contracts::CaseId;
use kernel::ids::AttachmentId;
use kernel::{Error, Result, TenantId};
use std::collections::BTreeMap;
use store::attachments::{Attachment, Attachments, Size, Upload};
use store::images::Taken;
use store::{Query, Store, Value};

/// Takes one photo and answers with its draft's id, for the form to carry.
pub async fn upload(uploaded: Uploaded) -> web::Result<Response> {
    let desk = &uploaded.desk;
    let attachments = desk.app.get::<Attachments>();
    let at = uploaded.just_taken.then(|| desk.app.world.now());
    let upload = Upload { bytes: uploaded.bytes, captured: Taken { at, position: None } };
    let draft = attachments.draft(&desk.app.store, desk.actor.tenant, desk.actor.account, upload).await?;
    let page = desk.page("case-title");
    let view = photo(&page, &draft, "");
    Ok(Json(serde_json::json!({ "id": view.id, "thumb_url": view.thumb, "url": view.href, "note": view.caption })).into_response())
}

pub async fn full(desk: Desk, Path((_, id)): Path<(String, String)>, headers: HeaderMap) -> web::Result<Response> {
    serve(&desk, &id, Size::Full, &headers).await
}

pub async fn thumb(desk: Desk, Path((_, id)): Path<(String, String)>, headers: HeaderMap) -> web::Result<Response> {
    serve(&desk, &id, Size::Thumb, &headers).await
}

/// A photo or video of a case that the actor may see, or a draft of the actor's own; 404 otherwise.
pub(crate) async fn visible(desk: &Desk, id: &str) -> Result<Attachment> {
    let id = id.parse::<AttachmentId>().map_err(|_| Error::not_found())?;
    let (tenant, store) = (desk.actor.tenant, &desk.app.store);
    let found = store::attachments::find(store, tenant, id).await?.ok_or_else(Error::not_found)?;
    match (found.bound_subject.as_deref(), found.bound_id) {
        (Some("case"), Some(case)) => drop(find_by_id(store, &desk.actor, CaseId(case)).await?),
        (None, None) if found.uploaded_by == desk.actor.account => {}
        _ => return Err(Error::not_found()),
    }
    Ok(found)
}

/// A photo; of a video, the frame that stands for it.
pub(crate) async fn serve(desk: &Desk, id: &str, size: Size, headers: &HeaderMap) -> web::Result<Response> {
    let found = visible(desk, id).await?;
    access::http::picture(desk, &found, size, headers).await
}

/// The first photo of each of these cases.
pub async fn first_of(store: &Store, tenant: TenantId, cases: &[CaseId]) -> Result<BTreeMap<CaseId, AttachmentId>> {
    let mut first = BTreeMap::new();
    for part in cases.chunks(50) {
        for (case, photo) in store.query::<(CaseId, AttachmentId)>(first_query(tenant, part)).await? {
            first.entry(case).or_insert(photo);
        }
    }
    Ok(first)
}

const NAMES: [&str; 50] = [
    "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11", "c12", "c13", "c14", "c15", "c16", "c17", "c18", "c19",
    "c20", "c21", "c22", "c23", "c24", "c25", "c26", "c27", "c28", "c29", "c30", "c31", "c32", "c33", "c34", "c35", "c36", "c37", "c38",
    "c39", "c40", "c41", "c42", "c43", "c44", "c45", "c46", "c47", "c48", "c49",
];

/// Always fifty places, so that one prepared text serves; the last is repeated where there are fewer.
fn first_query(tenant: TenantId, cases: &[CaseId]) -> Query {
    let names: Vec<String> = NAMES.iter().map(|name| format!(":{name}")).collect();
    let mut query = Query::from("SELECT bound_id, id FROM attachment WHERE tenant_id = :tenant")
        .and("bound_subject = 'case'")
        .and(&format!("bound_id IN ({})", names.join(", ")))
        .and("role = 'before'")
        .then("ORDER BY bound_id, ordinal")
        .bind("tenant", tenant);
    let last = cases.last().copied().unwrap_or(CaseId(kernel::ids::Uuid::nil()));
    for (i, name) in NAMES.iter().enumerate() {
        let case = cases.get(i).copied().unwrap_or(last);
        query.args.0.push((name, Value::Id(case.0)));
    }
    query
}
store::shapes!("first photos", || vec![first_query(TenantId(1), &[])]);
