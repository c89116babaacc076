//! A form with one file: session and CSRF checked, bounded, and recognised when it is sent again.

use access::http::{BAD_REQUEST, BODY_TOO_LARGE, CSRF, Desk, NO_COMMAND};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::response::{IntoResponse, Response};
use kernel::Error;
use kernel::ids::CommandId;
use store::Pass;
use subtle::ConstantTimeEq;
use web::{App, Failure};

/// The largest file of places, boundaries or holidays.
const MAX_FILE: usize = 32 * 1024 * 1024;
/// The longest of the fields beside it.
const MAX_FIELD: usize = 4 * 1024;

/// A form with its one file.
pub struct Upload {
    pub desk: Desk,
    pub pass: Pass,
    pub file: Vec<u8>,
    fields: Vec<(String, String)>,
}

impl Upload {
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }
}

impl FromRequest<App> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, rest) = request.into_parts();
        let desk = Desk::from_request_parts(&mut parts, app).await?;
        let path = parts.uri.path().to_owned();
        let read = async {
            let body = axum::body::to_bytes(rest, MAX_FILE + 16 * MAX_FIELD).await.map_err(|_| Error::from(BODY_TOO_LARGE))?;
            let bad = || Error::from(BAD_REQUEST);
            let mut form = Multipart::from_request(Request::from_parts(parts, body.into()), &()).await.map_err(|_| bad())?;
            let (mut fields, mut file): (Vec<(String, String)>, Vec<u8>) = (Vec::new(), Vec::new());
            while let Some(field) = form.next_field().await.map_err(|_| bad())? {
                let name = field.name().unwrap_or_default().to_owned();
                // The file's own name is never looked at.
                let is_file = field.file_name().is_some();
                let bytes = field.bytes().await.map_err(|_| bad())?;
                if is_file {
                    file = bytes.to_vec();
                } else if bytes.len() <= MAX_FIELD && fields.len() < 32 {
                    let text = String::from_utf8(bytes.to_vec()).ok().filter(|text| !text.contains('\0')).ok_or_else(bad)?;
                    fields.push((name, text));
                } else {
                    return Err(bad());
                }
            }
            Ok((fields, file))
        };
        let answer = |error: Error| Failure::from(error).into_response();
        let (fields, file) = read.await.map_err(answer)?;
        let value = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let csrf = desk.token.csrf();
        if !value("csrf").is_some_and(|given| bool::from(given.as_bytes().ct_eq(csrf.as_bytes()))) {
            return Err(answer(CSRF.into()));
        }
        let id: CommandId = value("command_id").and_then(|id| id.parse().ok()).ok_or_else(|| answer(NO_COMMAND.into()))?;
        let mut carried = path.into_bytes();
        for (name, value) in fields.iter().filter(|(name, _)| name != "csrf" && name != "command_id") {
            carried.extend_from_slice(format!("\n{}:{name}={}:{value}", name.len(), value.len()).as_bytes());
        }
        carried.push(b'\n');
        carried.extend_from_slice(&file);
        let body = kernel::canonical::content_hash(&carried);
        let pass = Pass { tenant: desk.actor.tenant, actor: desk.actor.account, on_behalf_of: None, id, body };
        Ok(Upload { desk, pass, file, fields })
    }
}
