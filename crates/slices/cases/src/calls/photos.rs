//! Photos for programs: uploaded as they are, bound by the step that cites them, and served to whoever sees their case.

use crate::photos::serve;
use api::{Call, Created, Picture, Upload};
use axum::http::HeaderMap;
use kernel::ids::AttachmentId;
use store::attachments::{Attachments, Size};

api::operations! { "photos":
    /// Takes one photo: a JPEG, PNG or WebP, as it is.
    ///
    /// Its bytes say what it is, whatever the header calls it. What comes back is a draft's id, for a report or a step to cite within a
    /// day; what nothing cites goes. Sent again it is another draft.
    post "/photos" upload_photo;
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

async fn get_photo(call: Call<OfPhoto>) -> web::Result<Picture> {
    Ok(Picture(serve(&call, &call.path.id.to_string(), Size::Full, &HeaderMap::new()).await?))
}

async fn get_thumb(call: Call<OfPhoto>) -> web::Result<Picture> {
    Ok(Picture(serve(&call, &call.path.id.to_string(), Size::Thumb, &HeaderMap::new()).await?))
}
