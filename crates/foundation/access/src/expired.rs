//! A form that comes when its session has ended: the log-in page carries what was typed, for the same account alone.

use crate::http::{SESSION, Visit, cookie};
use crate::login::{LoginPage, page_of};
use crate::session::{self, Token};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use kernel::Result;
use kernel::ids::AccountId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Sql, Store, args, sql};
use subtle::ConstantTimeEq;
use web::html::render;

/// What was typed, where it was going, and by whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Carried {
    pub path: String,
    pub account: AccountId,
    pub pairs: Vec<(String, String)>,
}

static SECRET: Sql = sql!("SELECT bytes FROM installation WHERE name = 'form_seal'");
static KEEP_SECRET: Sql = sql!("INSERT INTO installation (name, bytes) VALUES ('form_seal', :bytes) ON CONFLICT (name) DO NOTHING");

/// The installation's own secret for sealing carried forms; made when it is first needed.
async fn secret(store: &Store) -> Result<Vec<u8>> {
    if let Some((bytes,)) = store.opt::<(Vec<u8>,)>(&SECRET, args! {}).await? {
        return Ok(bytes);
    }
    let fresh: [u8; 32] = store.world().entropy.bytes();
    store.housekeep(&KEEP_SECRET, args! { bytes: fresh }).await?;
    Ok(store.one::<(Vec<u8>,)>(&SECRET, args! {}).await?.0)
}

/// HMAC-SHA-256 (RFC 2104) of the text.
fn seal_of(secret: &[u8], text: &str) -> String {
    let mut key = [0u8; 64];
    let len = secret.len().min(64);
    key[..len].copy_from_slice(&secret[..len]);
    let pad = |with: u8| key.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    hex::encode(Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize())
}

/// What recognises a text again, and tells nothing of it to who lacks the installation's secret. A carried form begins with `{`;
/// begin this with anything else.
pub(crate) async fn recognise(store: &Store, text: &str) -> Result<[u8; 32]> {
    hex::decode(seal_of(&secret(store).await?, text))
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| kernel::Error::internal("a seal of 32 bytes"))
}

/// The carried form as one field: JSON and its seal.
pub async fn seal(store: &Store, carried: &Carried) -> Result<String> {
    let text = serde_json::to_string(carried).map_err(kernel::Error::internal)?;
    Ok(format!("{}.{text}", seal_of(&secret(store).await?, &text)))
}

/// The carried form back; `None` when it isn't ours or was changed.
pub async fn open(store: &Store, sealed: &str) -> Result<Option<Carried>> {
    let Some((seal, text)) = sealed.split_once('.') else { return Ok(None) };
    let right = seal_of(&secret(store).await?, text);
    if !bool::from(right.as_bytes().ct_eq(seal.as_bytes())) {
        return Ok(None);
    }
    Ok(serde_json::from_str(text).ok())
}

/// The log-in page for a form without a session (401); it carries the fields where it is known who typed them.
pub async fn carry(visit: &Visit, headers: &HeaderMap, path: &str, pairs: &[(String, String)]) -> Response {
    let store = &visit.app.store;
    let token = cookie(headers, SESSION).and_then(|text| Token::from_cookie(&text));
    let sealed = async {
        let Some(token) = token else { return Ok(String::new()) };
        let Some(session) = session::any(store, &token).await? else { return Ok(String::new()) };
        let pairs = pairs.iter().filter(|(name, _)| name != "csrf").cloned().collect();
        seal(store, &Carried { path: path.to_owned(), account: session.account_id, pairs }).await
    };
    let carried: Result<String> = sealed.await;
    let page = LoginPage { carried: carried.unwrap_or_default(), ..page_of(visit, "expired-words") };
    render(StatusCode::UNAUTHORIZED, &page)
}
