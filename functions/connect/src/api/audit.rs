//! `/api/audit`: who changed or replayed what, when.

use crate::Reply;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use lambda_http::http::Method;
use serde_json::{Value, json};

/// How many entries a page has.
const PAGE: u32 = 50;

pub(super) fn route<'c>(call: &'c Call<'c>) -> Option<Answer<'c>> {
    Some(match (&call.method, call.path().as_slice()) {
        (&Method::GET, ["audit"]) => Box::pin(list(call)),
        _ => return None,
    })
}

async fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let page = call.connect.bridge.store.audit(&call.admin.org, call.query("cursor"), PAGE).await;
    let page = page.map_err(|error| Problem::internal("read the audit", &error))?;
    let entries: Vec<Value> = page
        .entries
        .iter()
        .map(|entry| json!({ "at": entry.at, "actor": entry.actor, "action": entry.action, "what": entry.what }))
        .collect();
    Ok(Reply::json(&json!({ "entries": entries, "cursor": page.cursor })))
}

/// Keeps that the caller did this. What was done stands even where the entry is not stored.
pub(super) async fn record(call: &Call<'_>, action: &str, what: &str) {
    operations::record_audit(&call.connect.bridge, &call.admin.org, call.admin.role, action, what).await;
}
