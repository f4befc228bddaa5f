//! Refusals as `application/problem+json`.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// One refusal. Never carries an internal error's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) detail: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into() }
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what}"))
    }

    /// An internal error. The caller reads `what` happened; the cause is in the log only.
    pub(crate) fn internal(what: &str, error: &impl std::error::Error) -> Self {
        tracing::error!(%error, "{what}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, what)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        runtime::problem(self.status, &self.detail).map(Body::from)
    }
}
