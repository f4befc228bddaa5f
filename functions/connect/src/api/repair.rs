//! `/api/repair`: after an outage, what HubSpot has and never delivered is processed.

use crate::Reply;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use flows::InvokeErrorKind;
use jiff::Timestamp;
use lambda_http::http::{Method, StatusCode};

pub(super) fn route<'c>(call: &'c Call<'c>) -> Option<Answer<'c>> {
    Some(match (&call.method, call.path().as_slice()) {
        (&Method::POST, ["repair"]) => Box::pin(repair(call)),
        _ => return None,
    })
}

/// `since` is a moment (RFC 3339). Safe to repeat.
async fn repair(call: &Call<'_>) -> Result<Reply, Problem> {
    let since: Option<Timestamp> = call.parsed("since")?;
    let since = since.ok_or_else(|| Problem::field("since", "`since` is missing"))?;
    match operations::repair(&call.connect.desk(), &call.admin.org, since).await {
        Ok(repaired) => Ok(Reply::json(&serde_json::json!(repaired))),
        Err(error) => Err(match error.kind {
            InvokeErrorKind::InvalidRequest => Problem::field("since", error.message),
            InvokeErrorKind::NotConnected => Problem::not_found("connection of this organization"),
            _ => Problem::new(StatusCode::BAD_GATEWAY, error.message),
        }),
    }
}
