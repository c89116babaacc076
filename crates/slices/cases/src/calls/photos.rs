//! Photos and videos for programs: uploaded as they are, bound by the step that cites them, and served to whoever sees their case.

use crate::photos::serve;
use api::{Call, Created, Film, Picture, Shown, Upload};
use axum::http::HeaderMap;
use kernel::ids::AttachmentId;
use store::attachments::{Attachments, Size};

api::operations! { "photos":
    /// Takes one photo: a JPEG, PNG or WebP, as it is.
    ///
    /// Its bytes say what it is, whatever the header calls it. What comes back is a draft's id, for a report or a step to cite within a
    /// day; what nothing cites goes. Sent again it is another draft.
    post "/photos" upload_photo;
    /// Takes one short video: MP4 or QuickTime with H.264, HEVC or AV1 and AAC, or WebM with VP8, VP9 or AV1 and Opus.
    ///
    /// At most a minute and 50 MB. Whatever says where and by what it was taken is removed. What comes back is a draft's id, as of a photo;
    /// its `thumb_url` is a sign.
    post "/videos" upload_video;
    /// A video, whole.
    get "/videos/{id}" get_video;
    /// A photo in full.
    get "/photos/{id}" get_photo;
    /// A photo, small.
    get "/photos/{id}/thumb" get_thumb;
}

api::params! {
    pub struct OfPhoto {
        id: AttachmentId,
    }
}

api::object! {
    /// A photo that nothing cites yet.
    pub struct Draft {
        id: AttachmentId,
        url: String,
        thumb_url: String,
    }
}

async fn upload_photo(call: Call<(), (), Upload>) -> web::Result<Created<Draft>> {
    let attachments = call.app.get::<Attachments>();
    let upload = store::attachments::Upload { bytes: call.body.0.clone(), captured: Default::default() };
    let draft = attachments.draft(&call.app.store, call.actor.tenant, call.actor.account, upload).await?;
    let url = call.href(&format!("/photos/{}", draft.id));
    let body = Draft { id: draft.id, thumb_url: format!("{url}/thumb"), url: url.clone() };
    Ok(Created { at: url, body })
}

async fn upload_video(call: Call<(), (), Film>) -> web::Result<Created<Draft>> {
    let attachments = call.app.get::<Attachments>();
    let mut incoming = attachments.incoming()?;
    incoming.write(&call.body.0).await?;
    let draft = attachments.draft_video(&call.app.store, call.actor.tenant, call.actor.account, incoming, None).await?;
    let url = call.href(&format!("/videos/{}", draft.id));
    let body = Draft { id: draft.id, thumb_url: call.href(&format!("/photos/{}/thumb", draft.id)), url: url.clone() };
    Ok(Created { at: url, body })
}

async fn get_video(call: Call<OfPhoto>) -> web::Result<Shown> {
    Ok(Shown(crate::videos::serve(&call, &call.path.id.to_string(), &HeaderMap::new()).await?))
}

async fn get_photo(call: Call<OfPhoto>) -> web::Result<Picture> {
    Ok(Picture(serve(&call, &call.path.id.to_string(), Size::Full, &HeaderMap::new()).await?))
}

async fn get_thumb(call: Call<OfPhoto>) -> web::Result<Picture> {
    Ok(Picture(serve(&call, &call.path.id.to_string(), Size::Thumb, &HeaderMap::new()).await?))
}
