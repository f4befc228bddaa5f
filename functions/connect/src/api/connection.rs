//! `/api/connection`: how the organization is connected.

use crate::Reply;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use lambda_http::http::Method;
use serde_json::json;

pub(super) fn route<'c>(call: &'c Call<'c>) -> Option<Answer<'c>> {
    Some(match (&call.method, call.path().as_slice()) {
        (&Method::GET, ["webhook-url"]) => Box::pin(webhook_url(call)),
        _ => return None,
    })
}

/// The signed URL of the organization's webhooks.
async fn webhook_url(call: &Call<'_>) -> Result<Reply, Problem> {
    let connection = call.connect.bridge.store.connection(&call.admin.org).await;
    let connection = connection.map_err(|error| Problem::internal("read the connection", &error))?;
    let connection = connection.ok_or_else(|| Problem::not_found("connection of this organization"))?;
    Ok(Reply::json(&json!({ "url": call.connect.webhook_url(&call.admin.org, &connection.nonce) })))
}
