//! The meaning of an answer outside 2xx, and whether a call is sent again: the one place that maps the status.
//!
//! OpenCX documents its limits (100 calls a minute), but not how its 429 looks.

use crate::error::OpenCxError;
use bytes::Bytes;
use http::Response;
use serde_json::Value;
use std::time::Duration;
use transport::json::{Policy, retry_after};

#[cfg(test)]
mod tests;

const SECOND: Duration = Duration::from_secs(1);

/// OpenCX's way with calls.
#[derive(Debug)]
pub(crate) struct OpenCxPolicy;

impl Policy for OpenCxPolicy {
    type Error = OpenCxError;
    const NAME: &'static str = "OpenCX";

    fn wait(response: &Response<Bytes>, repeatable: bool, attempt: u32, backoff: Duration) -> Option<Duration> {
        let usual = match response.status().as_u16() {
            // The limiter stands before the work, so nothing was done.
            429 => SECOND * 2_u32.saturating_pow(attempt),
            423 | 502..=504 if repeatable => backoff,
            _ => return None,
        };
        Some(retry_after(response).unwrap_or(usual))
    }

    /// The envelope is `{"statusCode", "message", "error"}`.
    fn refused(response: &Response<Bytes>) -> OpenCxError {
        let after = retry_after(response);
        match response.status().as_u16() {
            401 => OpenCxError::Unauthorized,
            404 => OpenCxError::NotFound,
            429 => OpenCxError::RateLimited { after },
            status @ (408 | 423 | 500..) => OpenCxError::Unavailable { status, after },
            status => OpenCxError::Rejected { status, message: message(response.body()) },
        }
    }

    fn bad_token() -> OpenCxError {
        OpenCxError::Unauthorized
    }

    fn of_single_write(error: OpenCxError) -> OpenCxError {
        let undone = match &error {
            OpenCxError::Unavailable { .. } | OpenCxError::Unreadable(_) => false,
            OpenCxError::Transport(error) => error.surely_undone(),
            _ => true,
        };
        if undone { error } else { OpenCxError::Ambiguous(Box::new(error)) }
    }
}

/// One text, or the list of them that a failed validation gives.
fn message(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match body.get("message").or_else(|| body.get("error")) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        _ => String::new(),
    }
}
