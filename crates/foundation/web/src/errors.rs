//! Errors as answers: a page in the reader's language, or problem+json (RFC 9457) for machines.

use axum::response::{IntoResponse, Response};
use kernel::{Error, Kind};

/// An error on its way out of a handler. The layer [`crate::errors::show`] writes the page, in the language of the request.
#[derive(Debug, Clone)]
pub struct Failure(pub Error);

pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = axum::http::StatusCode::from_u16(self.0.kind().status()).unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
        if self.0.kind() == Kind::Internal || self.0.kind() == Kind::Unavailable {
            tracing::error!(code = self.0.code(), detail = self.0.log_detail(), "a request failed");
        }
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
