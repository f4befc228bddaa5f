//! Refusals as `application/problem+json`.

use crate::reply::Reply;
use lambda_http::http::StatusCode;
use serde_json::{Map, Value};

/// One refusal. Its words are for the caller and never an internal error's text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    detail: String,
    more: Map<String, Value>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), more: Map::new() }
    }

    /// A form field that is wrong.
    pub(crate) fn field(field: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail).with("field", field)
    }

    /// `what` as in "there is no such delivery".
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what}"))
    }

    /// What the caller did not cause. The cause is in the log only.
    pub(crate) fn internal(error: &impl std::error::Error) -> Self {
        tracing::error!(%error, "a request of the console failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "an internal error; try again")
    }

    /// One more member of the document.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }
}

impl From<Problem> for Reply {
    fn from(problem: Problem) -> Self {
        let mut document = runtime::problem_document(problem.status, &problem.detail);
        document.extend(problem.more);
        Self::of(problem.status, "application/problem+json", Value::Object(document).to_string())
    }
}
