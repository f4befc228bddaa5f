//! `/api/deliveries` and `/api/repair`: how each event ended, and why, and having events processed again.

use crate::Reply;
use crate::call::Call;
use crate::problem::Problem;
use domain::{DedupKey, MessageId, Reason};
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Delivery, Filter, Page, State, Work};

/// How many deliveries a page has, unless the caller says.
const PAGE: u32 = 50;

pub(super) async fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let page = if let Some(message) = call.parsed("message")? {
        of_message(call, &message).await?
    } else {
        let limit = call.parsed("limit")?.unwrap_or(PAGE);
        call.store()
            .deliveries(call.org(), &filter(call).await?, limit, call.query("cursor").map(str::to_owned))
            .await?
    };
    let rows: Vec<_> = page.items.iter().map(summary).collect();
    Ok(Reply::json(&json!({ "deliveries": rows, "cursor": page.cursor })))
}

async fn filter(call: &Call<'_>) -> Result<Filter, Problem> {
    Ok(Filter {
        state: call.parsed("state")?,
        reason: call.parsed("reason")?,
        session: call.parsed("session")?,
        thread: match call.parsed("thread")? {
            Some(thread) => Some((call.portal_id().await?, thread)),
            None => None,
        },
        ticket: call.parsed("ticket")?,
        from: call.parsed("from")?,
        to: Some(call.parsed("to")?.unwrap_or(call.now)),
    })
}

/// The delivery of one HubSpot message, which its key names.
async fn of_message(call: &Call<'_>, message: &MessageId) -> Result<Page<Delivery>, Problem> {
    let key = DedupKey::from_stored(format!("message:{}:{message}", call.portal_id().await?));
    let found = call.store().delivery(call.org(), &key).await?;
    Ok(Page { items: found.into_iter().collect(), cursor: None })
}

/// How many deliveries can be replayed, by reason.
pub(super) async fn failures(call: &Call<'_>) -> Result<Reply, Problem> {
    Ok(Reply::json(&json!(operations::count_failures(call.bridge(), call.org()).await?)))
}

pub(super) async fn show(call: &Call<'_>, key: DedupKey) -> Result<Reply, Problem> {
    let found = call.store().delivery(call.org(), &key).await?;
    found.map(|delivery| Reply::json(&whole(&delivery))).ok_or_else(|| Problem::not_found("such delivery"))
}

pub(super) async fn replay(call: &Call<'_>, key: DedupKey) -> Result<Reply, Problem> {
    flows::replay_delivery(call.bridge(), &*call.connect.queue, call.org(), &key).await?;
    call.record("delivery.replayed", key.as_str()).await;
    Ok(Reply::status(StatusCode::ACCEPTED, &json!({ "id": key, "state": "queued" })))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    reason: Option<Reason>,
    state: Option<State>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

pub(super) async fn replay_all(call: &Call<'_>) -> Result<Reply, Problem> {
    let Wanted { reason, state, from, to } = call.json()?;
    if !matches!(state, None | Some(State::Failed | State::Parked)) {
        return Err(Problem::field("state", "`state` is `failed` or `parked`"));
    }
    let filter = Filter { reason, state, from, to, ..Filter::default() };
    let replayed = operations::replay_failed(&call.connect.desk(), call.org(), &filter).await?;
    let why = filter.reason.map_or_else(|| "all that failed".to_owned(), |reason| format!("failed: {reason}"));
    call.record("delivery.replayed", &format!("{replayed} ({why})")).await;
    Ok(Reply::json(&json!({ "replayed": replayed })))
}

/// After an outage, messages that HubSpot has `since` and never delivered are processed. Safe to repeat.
pub(super) async fn repair(call: &Call<'_>) -> Result<Reply, Problem> {
    let since: Timestamp = call.required("since")?;
    Ok(Reply::json(&json!(operations::repair(&call.connect.desk(), call.org(), since).await?)))
}

fn summary(delivery: &Delivery) -> Value {
    let key = delivery.key.as_str();
    // OpenCX repeats its own requests.
    let replayable =
        matches!(delivery.work, Work::Delivery { .. }) && !matches!(delivery.state, State::InProgress | State::Delayed);
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
        "replayable": replayable,
    })
}

fn whole(delivery: &Delivery) -> Value {
    let steps = delivery.journal.iter().map(|(name, step)| {
        // The AI's words are for the customer only, so the log says no more than that they are kept.
        let detail = step.detail.as_deref().map(|detail| if name == "answer" { "kept" } else { detail });
        json!({ "name": name, "about_to": step.about_to, "done": step.done, "detail": detail })
    });
    let portal = delivery.portal.as_ref();
    let thread = portal.zip(delivery.thread.as_ref());
    let thread = thread.map(|(portal, id)| format!("https://app.hubspot.com/live-messages/{portal}/inbox/{id}"));
    let ticket = portal.zip(delivery.ticket.as_ref());
    let ticket = ticket.map(|(portal, id)| format!("https://app.hubspot.com/contacts/{portal}/record/0-5/{id}"));
    // Only the event is shown: the stored message also has the nonce of the webhook URL.
    let body: Option<Value> = delivery.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
    let event = body.and_then(|mut body| body.get_mut("event").map(Value::take)).unwrap_or_default();
    let mut whole = summary(delivery);
    if let Some(fields) = whole.as_object_mut() {
        fields.insert("steps".to_owned(), steps.collect());
        fields.insert("links".to_owned(), json!({ "thread": thread, "ticket": ticket }));
        fields.insert("event".to_owned(), event);
    }
    whole
}
