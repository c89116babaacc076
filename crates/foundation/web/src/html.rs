//! A rendered page as an answer.

use crate::errors::Failure;
use axum::response::{IntoResponse, Response};

/// Renders an askama template with status 200; a template that fails is a 500 without half a page.
pub struct Html<T>(pub T);

impl<T: askama::Template> IntoResponse for Html<T> {
    fn into_response(self) -> Response {
        render(axum::http::StatusCode::OK, &self.0)
    }
}

/// Renders with another status: forms shown again, errors.
pub fn render(status: axum::http::StatusCode, template: &impl askama::Template) -> Response {
    match template.render() {
        Ok(text) => (status, [("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store")], text).into_response(),
        Err(error) => Failure::from(kernel::Error::internal(error)).into_response(),
    }
}
