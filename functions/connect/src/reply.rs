//! Answers, with the headers every one of them has.

use lambda_http::http::header::{self, HeaderName};
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Response};
use serde_json::Value;

/// No page may frame us, and nothing is loaded from anywhere else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// One answer.
#[derive(Debug)]
pub(crate) struct Reply(Response<Body>);

impl Reply {
    /// 200 with JSON.
    pub(crate) fn json(value: &Value) -> Self {
        Self::of(StatusCode::OK, "application/json", value.to_string())
    }

    /// JSON under another status.
    pub(crate) fn status(status: StatusCode, value: &Value) -> Self {
        Self::of(status, "application/json", value.to_string())
    }

    /// 302.
    pub(crate) fn redirect(to: &str) -> Self {
        Self::of(StatusCode::FOUND, "text/plain; charset=utf-8", String::new()).with(header::LOCATION, to)
    }

    pub(crate) fn of(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Self {
        let mut response = Response::new(body.into());
        *response.status_mut() = status;
        let always = [
            (header::CONTENT_TYPE, content_type),
            // An answer of the API is for this admin at this moment.
            (header::CACHE_CONTROL, "no-store"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
        ];
        for (name, value) in always {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        Self(response)
    }

    /// Adds or replaces a header. A value that HTTP does not allow is left out.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers_mut().insert(name, value);
        }
        self
    }

    pub(crate) fn response(self) -> Response<Body> {
        self.0
    }
}
