//! `/api/deliveries`: what happened to every event, why, and having it processed again.

use super::audit::record;
use crate::Reply;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use domain::{DedupKey, MessageId, PortalId, Reason};
use flows::ReplayError;
use jiff::Timestamp;
use lambda_http::http::{Method, StatusCode};
use operations::FailedFilter;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Delivery, Filter, Page, State, Work};

/// How many deliveries a page has, unless the caller says.
const PAGE: u32 = 50;

pub(super) fn route<'c>(call: &'c Call<'c>) -> Option<Answer<'c>> {
    Some(match (&call.method, call.path().as_slice()) {
        (&Method::GET, ["deliveries"]) => Box::pin(list(call)),
        (&Method::POST, ["deliveries", "replay"]) => Box::pin(replay_all(call)),
        (&Method::GET, ["deliveries", "failures"]) => Box::pin(failures(call)),
        (&Method::GET, ["deliveries", id]) => Box::pin(show(call, DedupKey::from_stored(*id))),
        (&Method::POST, ["deliveries", id, "replay"]) => Box::pin(replay(call, DedupKey::from_stored(*id))),
        _ => return None,
    })
}

async fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let page = if let Some(message) = call.parsed("message")? {
        of_message(call, &message).await?
    } else {
        let filter = filter(call).await?;
        let cursor = call.query("cursor").map(str::to_owned);
        let limit = call.parsed("limit")?.unwrap_or(PAGE);
        let page = call.connect.bridge.store.deliveries(&call.admin.org, &filter, limit, cursor).await;
        page.map_err(|error| Problem::internal("read the deliveries", &error))?
    };
    let rows: Vec<_> = page.items.iter().map(summary).collect();
    Ok(Reply::json(&json!({ "deliveries": rows, "cursor": page.cursor })))
}

async fn filter(call: &Call<'_>) -> Result<Filter, Problem> {
    Ok(Filter {
        state: call.query("state").map(str::to_owned),
        reason: call.parsed("reason")?,
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

/// The delivery of one HubSpot message, which its key names.
async fn of_message(call: &Call<'_>, message: &MessageId) -> Result<Page<Delivery>, Problem> {
    let key = DedupKey::from_stored(format!("message:{}:{message}", portal(call).await?));
    let found = call.connect.bridge.store.delivery(&call.admin.org, &key).await;
    let found = found.map_err(|error| Problem::internal("read the delivery", &error))?;
    Ok(Page { items: found.into_iter().collect(), cursor: None })
}

/// Ids of threads and messages are unique within a portal only.
async fn portal(call: &Call<'_>) -> Result<PortalId, Problem> {
    let connection = call.connect.bridge.store.connection(&call.admin.org).await;
    let connection = connection.map_err(|error| Problem::internal("read the connection", &error))?;
    Ok(connection.ok_or_else(|| Problem::not_found("connection of this organization"))?.portal)
}

/// The replayable deliveries.
async fn failures(call: &Call<'_>) -> Result<Reply, Problem> {
    let failures = operations::count_failures(&call.connect.bridge, &call.admin.org).await;
    let failures = failures.map_err(|error| Problem::internal("count what failed", &error))?;
    Ok(Reply::json(&json!(failures)))
}

async fn show(call: &Call<'_>, key: DedupKey) -> Result<Reply, Problem> {
    let found = call.connect.bridge.store.delivery(&call.admin.org, &key).await;
    let found = found.map_err(|error| Problem::internal("read the delivery", &error))?;
    found.map(|delivery| Reply::json(&whole(&delivery))).ok_or_else(|| Problem::not_found("such delivery"))
}

async fn replay(call: &Call<'_>, key: DedupKey) -> Result<Reply, Problem> {
    match flows::replay_delivery(&call.connect.bridge, &*call.connect.queue, &call.admin.org, &key).await {
        Ok(()) => {
            record(call, "delivery.replayed", key.as_str()).await;
            Ok(Reply::status(StatusCode::ACCEPTED, &json!({ "id": key, "state": "queued" })))
        }
        Err(ReplayError::NotFound) => Err(Problem::not_found("such delivery")),
        Err(ReplayError::Running) => Err(Problem::new(StatusCode::CONFLICT, "the delivery is being processed")),
        Err(error) => Err(Problem::internal("replay the delivery", &error)),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    reason: Option<Reason>,
    state: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

async fn replay_all(call: &Call<'_>) -> Result<Reply, Problem> {
    let wanted: Wanted = call.json()?;
    let state = match wanted.state.as_deref() {
        None => None,
        Some("failed") => Some(State::Failed),
        Some("parked") => Some(State::Parked),
        Some(_) => return Err(Problem::field("state", "`state` is `failed` or `parked`")),
    };
    let filter = FailedFilter { reason: wanted.reason, state, from: wanted.from, to: wanted.to };
    let replayed = operations::replay_failed(&call.connect.desk(), &call.admin.org, &filter).await;
    let replayed = replayed.map_err(|error| Problem::internal("replay the deliveries", &error))?;
    let why = filter.reason.as_ref().map_or_else(|| "all that failed".to_owned(), |reason| format!("failed: {reason}"));
    record(call, "delivery.replayed", &format!("{replayed} ({why})")).await;
    Ok(Reply::json(&json!({ "replayed": replayed })))
}

fn summary(delivery: &Delivery) -> Value {
    let key = delivery.key.as_str();
    json!({
        "id": key,
        "key": key,
        "kind": delivery.label,
        "state": delivery.state,
        "reason": delivery.reason,
        "why": delivery.reason.as_ref().map(Reason::why),
        "detail": delivery.detail,
        "attempts": delivery.attempts,
        "received_at": delivery.created_at,
        "updated_at": delivery.updated_at,
        "due": delivery.due,
        "thread_id": delivery.thread,
        "ticket_id": delivery.ticket,
        "session_id": delivery.session,
        "message_id": key.strip_prefix("message:").and_then(|rest| rest.split_once(':')).map(|(_, message)| message),
        "replayable": replayable(delivery),
    })
}

/// What OpenCX invokes is repeated by OpenCX.
fn replayable(delivery: &Delivery) -> bool {
    matches!(delivery.work, Work::Delivery { .. }) && !matches!(delivery.state, State::InProgress | State::Delayed)
}

fn whole(delivery: &Delivery) -> Value {
    let steps = delivery.journal.iter().map(|(name, step)| {
        // The kept answer of the AI is the customer's business; that it is kept is ours.
        let detail = step.detail.as_deref().map(|detail| if name == "answer" { "kept" } else { detail });
        json!({ "name": name, "about_to": step.about_to, "done": step.done, "detail": detail })
    });
    let portal = delivery.portal.as_ref();
    let page = |path: String| {
        portal.map(|portal| format!("https://app.hubspot.com/{}", path.replace("{portal}", portal.as_str())))
    };
    let thread = delivery.thread.as_ref().and_then(|id| page(format!("live-messages/{{portal}}/inbox/{id}")));
    let ticket = delivery.ticket.as_ref().and_then(|id| page(format!("contacts/{{portal}}/record/0-5/{id}")));
    // The door of the stored message has the nonce of the webhook URL; only the event itself is shown.
    let body: Option<Value> = delivery.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
    let event = body.and_then(|mut body| body.get_mut("event").map(Value::take));
    let mut value = summary(delivery);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("steps".to_owned(), steps.collect());
        fields.insert("links".to_owned(), json!({ "thread": thread, "ticket": ticket }));
        fields.insert("event".to_owned(), event.unwrap_or_default());
    }
    value
}
