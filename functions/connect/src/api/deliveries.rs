//! `/api/deliveries`: what happened to every event, and having it processed again.

use crate::Reply;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use domain::{DedupKey, PortalId};
use flows::ReplayError;
use lambda_http::http::{Method, StatusCode};
use serde_json::{Value, json};
use store::{Delivery, Filter};

/// How many deliveries a page has.
const PAGE: u32 = 50;

pub(super) fn route<'c>(call: &'c Call<'c>) -> Option<Answer<'c>> {
    Some(match (&call.method, call.path().as_slice()) {
        (&Method::GET, ["deliveries"]) => Box::pin(list(call)),
        (&Method::GET, ["deliveries", id]) => Box::pin(show(call, DedupKey::from_stored(*id))),
        (&Method::POST, ["deliveries", id, "replay"]) => Box::pin(replay(call, DedupKey::from_stored(*id))),
        _ => return None,
    })
}

async fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let filter = filter(call).await?;
    let cursor = call.query("cursor").map(str::to_owned);
    let page = call.connect.bridge.store.deliveries(&call.admin.org, &filter, PAGE, cursor).await;
    let page = page.map_err(|error| Problem::internal("read the deliveries", &error))?;
    let rows: Vec<_> = page.items.iter().map(summary).collect();
    Ok(Reply::json(&json!({ "deliveries": rows, "cursor": page.cursor })))
}

async fn filter(call: &Call<'_>) -> Result<Filter, Problem> {
    Ok(Filter {
        state: call.query("state").map(str::to_owned),
        session: call.parsed("session")?,
        thread: match call.parsed("thread")? {
            Some(thread) => Some((portal(call).await?, thread)),
            None => None,
        },
        ticket: call.parsed("ticket")?,
        from: call.parsed("from")?,
        to: Some(call.parsed("to")?.unwrap_or(call.now)),
    })
}

/// Thread ids are unique within a portal only.
async fn portal(call: &Call<'_>) -> Result<PortalId, Problem> {
    let connection = call.connect.bridge.store.connection(&call.admin.org).await;
    let connection = connection.map_err(|error| Problem::internal("read the connection", &error))?;
    Ok(connection.ok_or_else(|| Problem::not_found("connection of this organization"))?.portal)
}

async fn show(call: &Call<'_>, key: DedupKey) -> Result<Reply, Problem> {
    let found = call.connect.bridge.store.delivery(&call.admin.org, &key).await;
    let found = found.map_err(|error| Problem::internal("read the delivery", &error))?;
    found.map(|delivery| Reply::json(&whole(&delivery))).ok_or_else(|| Problem::not_found("such delivery"))
}

async fn replay(call: &Call<'_>, key: DedupKey) -> Result<Reply, Problem> {
    match flows::replay_delivery(&call.connect.bridge, &call.admin.org, &key).await {
        Ok(()) => Ok(Reply::status(StatusCode::ACCEPTED, &json!({ "id": key, "state": "retrying" }))),
        Err(ReplayError::NotFound) => Err(Problem::not_found("such delivery")),
        Err(ReplayError::Running) => Err(Problem::new(StatusCode::CONFLICT, "the delivery is being processed")),
        Err(error) => Err(Problem::internal("replay the delivery", &error)),
    }
}

fn summary(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.key,
        "type": delivery.label,
        "state": delivery.state,
        "reason": delivery.reason,
        "attempts": delivery.attempts,
        "created_at": delivery.created_at,
        "updated_at": delivery.updated_at,
        "thread_id": delivery.thread,
        "ticket_id": delivery.ticket,
        "session_id": delivery.session,
    })
}

fn whole(delivery: &Delivery) -> Value {
    let steps = delivery.journal.iter().map(
        |(name, step)| json!({ "step": name, "about_to": step.about_to, "done": step.done, "detail": step.detail }),
    );
    let mut value = summary(delivery);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("detail".to_owned(), json!(delivery.detail));
        fields.insert("journal".to_owned(), steps.collect());
        fields.insert(
            "event".to_owned(),
            delivery.body.as_deref().and_then(|b| serde_json::from_str(b).ok()).unwrap_or_default(),
        );
    }
    value
}
