//! Videos over HTTP: uploading one as a draft, and playing those that the actor may see, by pieces.

use crate::case_page::photo;
use crate::photos::visible;
use access::http::{Desk, UploadedVideo};
use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::TryStreamExt;
use kernel::{Error, Result};
use std::ops::Range;
use store::attachments::Attachments;
use web::PageContext;
use web::parts::PhotoView;

/// Room for one video, and what it may be.
#[derive(Debug, Clone)]
pub struct FilmBox {
    pub drafts: Vec<PhotoView>,
    pub most_bytes: usize,
    pub most_seconds: u64,
    pub help: String,
    /// What is said of one that is seen to be too much before it is sent.
    pub too_large: String,
    pub too_long: String,
}

impl FilmBox {
    pub fn of(desk: &Desk, page: &PageContext, drafts: Vec<PhotoView>) -> FilmBox {
        let w = page.w;
        let limits = desk.app.get::<Attachments>().policy().videos;
        let help = w.a2("field-video-help", "seconds", limits.seconds, "mib", limits.upload_bytes >> 20).into_owned();
        let said = |error: kernel::Error| w.error(error.code(), error.args()).into_owned();
        FilmBox {
            drafts,
            most_bytes: limits.upload_bytes,
            most_seconds: limits.seconds,
            help,
            too_large: said(store::videos::too_large(&limits)),
            too_long: said(store::videos::too_long(&limits)),
        }
    }
}

/// Takes one video and answers with its draft's id, for the form to carry.
pub async fn upload(uploaded: UploadedVideo) -> web::Result<Response> {
    let UploadedVideo { desk, video, poster } = uploaded;
    let attachments = desk.app.get::<Attachments>();
    let draft = attachments.draft_video(&desk.app.store, desk.actor.tenant, desk.actor.account, video, poster).await?;
    let page = desk.page("case-title");
    let view = photo(&page, &draft, "");
    Ok(Json(serde_json::json!({ "id": view.id, "thumb_url": view.thumb, "url": view.href, "note": view.caption })).into_response())
}

pub async fn get(desk: Desk, Path((_, id)): Path<(String, String)>, headers: HeaderMap) -> web::Result<Response> {
    serve(&desk, &id, &headers).await
}

/// A video, or the piece that is asked for (RFC 9110 §14); 404 for a photo, and for whatever the actor may not see.
pub(crate) async fn serve(desk: &Desk, id: &str, headers: &HeaderMap) -> web::Result<Response> {
    let found = visible(desk, id).await?;
    if !found.kind.is_video() {
        return Err(Error::not_found().into());
    }
    let etag = found.etag();
    let given = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if given(header::IF_NONE_MATCH).is_some_and(|seen| seen == etag) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let same = given(header::IF_RANGE).is_none_or(|seen| seen == etag);
    let length = u64::try_from(found.bytes).unwrap_or_default();
    let wanted = given(header::RANGE).filter(|_| same).and_then(|text| wanted(text, length));
    let status = if wanted.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let piece = desk.app.get::<Attachments>().piece(desk.actor.tenant, &found, wanted).await?;
    let Some(piece) = piece else {
        // With a kind of its own, so that no page of words is put in its place.
        let said = [(header::CONTENT_RANGE, format!("bytes */{length}")), (header::CONTENT_TYPE, found.kind.mime().to_owned())];
        return Ok((StatusCode::RANGE_NOT_SATISFIABLE, said).into_response());
    };
    let mut response = Response::new(Body::from_stream(piece.bytes.map_err(std::io::Error::other)));
    *response.status_mut() = status;
    let mut say = |name: header::HeaderName, value: String| -> Result<()> {
        response.headers_mut().insert(name, value.parse().map_err(Error::internal)?);
        Ok(())
    };
    say(header::CONTENT_TYPE, found.kind.mime().to_owned())?;
    say(header::CONTENT_LENGTH, (piece.range.end - piece.range.start).to_string())?;
    say(header::CONTENT_DISPOSITION, format!("inline; filename=\"{}.{}\"", found.id, found.kind.extension()))?;
    say(header::ACCEPT_RANGES, "bytes".to_owned())?;
    say(header::ETAG, etag)?;
    // For this person alone, and for good: an id never shows another film.
    say(header::CACHE_CONTROL, "private, max-age=31536000, immutable".to_owned())?;
    if status == StatusCode::PARTIAL_CONTENT {
        say(header::CONTENT_RANGE, format!("bytes {}-{}/{}", piece.range.start, piece.range.end - 1, piece.of))?;
    }
    Ok(response)
}

/// The one range that is asked for, of so many bytes. `None` where it is none, or several: then the whole is the answer.
fn wanted(text: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().unwrap_or(u64::MAX));
    match (digits(first.trim())?, digits(last.trim())?) {
        _ if first.trim().is_empty() && last.trim().is_empty() => None,
        // The last so many bytes.
        (_, most) if first.trim().is_empty() => Some(length.saturating_sub(most)..if most == 0 { 0 } else { u64::MAX }),
        (from, _) if last.trim().is_empty() => Some(from..u64::MAX),
        (from, to) if from <= to => Some(from..to.saturating_add(1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn one_range_is_understood_and_anything_else_is_none() {
        assert_eq!(wanted("bytes=0-", 100), Some(0..u64::MAX));
        assert_eq!(wanted("bytes=5-9", 100), Some(5..10));
        assert_eq!(wanted("bytes=-30", 100), Some(70..u64::MAX));
        assert_eq!(wanted("bytes=-300", 100), Some(0..u64::MAX));
        assert!(wanted("bytes=-0", 100).is_some_and(|range| range.is_empty()));
        for none in ["bytes=-", "bytes=9-5", "bytes=0-1,5-6", "bytes=a-b", "items=0-1", "bytes=+1-2", "", "bytes=1"] {
            assert_eq!(wanted(none, 100), None, "{none}");
        }
    }
}
