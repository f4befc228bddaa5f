//! Answers to callers over HTTP: JSON, and refusals as [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) describes them.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value};

/// JSON under a status.
pub fn json(status: StatusCode, value: &Value) -> Response<String> {
    of_type("application/json", status, value)
}

/// A refusal. `detail` is for the caller and never an internal error's text.
pub fn problem(status: StatusCode, detail: &str) -> Response<String> {
    of_type("application/problem+json", status, &problem_document(status, detail).into())
}

/// The members that every refusal has.
pub fn problem_document(status: StatusCode, detail: &str) -> Map<String, Value> {
    [
        ("type", "about:blank".into()),
        ("title", status.canonical_reason().unwrap_or("Error").into()),
        ("status", status.as_u16().into()),
        ("detail", detail.into()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}

fn of_type(kind: &'static str, status: StatusCode, value: &Value) -> Response<String> {
    let mut response = Response::new(value.to_string());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
