//! What an answer that is not 2xx means: the one place that maps the status.

use crate::error::OpenCxError;
use crate::retry;
use bytes::Bytes;
use http::Response;
use serde_json::Value;

/// The error that an answer outside 2xx is. The envelope is `{"statusCode", "message", "error"}`.
pub(crate) fn judge(response: &Response<Bytes>) -> OpenCxError {
    let after = retry::retry_after(response);
    match response.status().as_u16() {
        401 => OpenCxError::Unauthorized,
        404 => OpenCxError::NotFound,
        429 => OpenCxError::RateLimited { after },
        status @ (408 | 423 | 500..) => OpenCxError::Unavailable { status, after },
        status => OpenCxError::Rejected { status, message: message(response.body()) },
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
