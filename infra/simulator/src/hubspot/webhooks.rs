//! Deliveries, in batches and with retries: <https://developers.hubspot.com/docs/api/webhooks>.

use super::identity::PORTAL_ID;
use super::portal::Portal;
use super::signing;
use crate::controls::locked;
use crate::wire::{Answer, Ask, Outcome, id_text, joined, shown, text};
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Events that happen together travel together.
const GATHERED: Duration = Duration::from_millis(20);
const BATCH: usize = 100;
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// HubSpot retries ten times over 24 hours; here the retries come soon.
const RETRIES: u32 = 10;
/// Requests in flight, HubSpot's default.
pub(crate) const CONCURRENT: usize = 10;

/// Starts the delivery of waiting events, if there are any.
pub(crate) fn flush(portal: &Arc<Portal>) {
    {
        let mut state = locked(&portal.state);
        if state.hook.outbox.is_empty() || state.hook.flushing {
            return;
        }
        state.hook.flushing = true;
    }
    let portal = portal.clone();
    tokio::spawn(async move {
        portal.clock.sleep(GATHERED).await;
        let (events, generation) = {
            let mut state = locked(&portal.state);
            state.hook.flushing = false;
            let events = std::mem::take(&mut state.hook.outbox);
            state.hook.under_way += u32::try_from(events.len().div_ceil(BATCH)).unwrap_or(u32::MAX);
            (events, state.hook.generation)
        };
        for batch in events.chunks(BATCH) {
            tokio::spawn(deliver(portal.clone(), batch.to_vec(), generation));
        }
    });
}

async fn deliver(portal: Arc<Portal>, events: Vec<Value>, generation: u64) {
    let mut delivered = false;
    for attempt in 0..=RETRIES {
        if locked(&portal.state).hook.generation != generation {
            break;
        }
        delivered = attempt_delivery(&portal, &events, attempt).await;
        if delivered || attempt == RETRIES {
            break;
        }
        portal.clock.sleep(Duration::from_secs(1 << attempt.min(5)).min(Duration::from_secs(30))).await;
    }
    let mut state = locked(&portal.state);
    state.hook.under_way = state.hook.under_way.saturating_sub(1);
    *(if delivered { &mut state.hook.delivered } else { &mut state.hook.given_up }) += 1;
}

async fn attempt_delivery(portal: &Portal, events: &[Value], attempt: u32) -> bool {
    let numbered = events.iter().map(|event| joined(event.clone(), json!({ "attemptNumber": attempt })));
    let body = Bytes::from(numbered.collect::<Value>().to_string());
    let Ok(_permit) = portal.in_flight.acquire().await else { return false };
    let Some(request) = signed(portal, body) else { return false };
    match portal.out.send(request, ANSWER_WITHIN).await {
        Ok(answer) => answer.status().is_success(),
        Err(error) => {
            tracing::debug!(attempt, %error, "a webhook delivery failed");
            false
        }
    }
}

fn signed(portal: &Portal, body: Bytes) -> Option<http::Request<Bytes>> {
    let now = portal.clock.now();
    let state = locked(&portal.state);
    let url = state.hook.url.as_deref()?;
    signing::webhook(url, state.hook.secret(), state.hook.version, body, now)
}

/// `POST /_sim/events`: one attempt with any body.
pub(crate) async fn send_raw(portal: &Portal, ask: &Ask) -> Answer {
    let Some(request) = signed(portal, ask.body.clone()) else {
        return Answer::problem(409, "no webhook is registered: PUT /_sim/webhook");
    };
    match portal.out.send(request, ANSWER_WITHIN).await {
        Ok(answer) => Answer::ok(json!({ "status": answer.status().as_u16(), "body": shown(answer.body()) })),
        Err(error) => Answer::ok(json!({ "status": 0, "body": error.to_string() })),
    }
}

/// `POST /_sim/workflows`: calls an action of the bundle and passes its answer on. <https://developers.hubspot.com/docs/api/automation/custom-workflow-actions>
/// The action's URL stands beside the webhook's; `url` names another, `callback_id` repeats an execution.
pub(crate) async fn run_action(portal: &Portal, ask: &Ask) -> Outcome {
    let wrong = |what: &str| Answer::problem(400, what);
    let body = ask.json().map_err(|e| wrong(&e.to_string()))?;
    let action = text(&body, "action").ok_or_else(|| wrong("action is missing"))?;
    let object = body.get("object").ok_or_else(|| wrong("object is missing"))?;
    let id = object.get("id").and_then(id_text).ok_or_else(|| wrong("object.id is missing"))?;
    let kind = text(object, "type").ok_or_else(|| wrong("object.type is missing"))?.to_uppercase();
    let request = {
        let mut state = locked(&portal.state);
        state.now = portal.clock.now();
        let number = state.ids.next() % 100_000_000;
        let callback = format!("ap-{PORTAL_ID}-{number}-7-0");
        let fields = body.get("input_fields").cloned().unwrap_or_else(|| json!({}));
        let properties = state.crm.properties_of(&kind, &id);
        let execution = json!({
            "callbackId": text(&body, "callback_id").unwrap_or(&callback),
            "origin": { "portalId": PORTAL_ID, "actionDefinitionId": 10_646_377, "actionDefinitionVersion": 1 },
            "context": { "source": "WORKFLOWS", "workflowId": 192_814_114 },
            "object": { "objectId": id.parse::<u64>().map_or(json!(id), |n| json!(n)), "objectType": kind, "properties": properties },
            "inputFields": fields,
        });
        let beside = state.hook.url.as_deref().and_then(origin).map(|o| format!("{o}/actions/hubspot/{action}"));
        let url = text(&body, "url").map(ToOwned::to_owned).or(beside);
        let url = url.ok_or_else(|| Answer::problem(409, "no webhook is registered: PUT /_sim/webhook"))?;
        signing::action(&url, state.hook.secret(), Bytes::from(execution.to_string()), state.now)
    };
    let request = request.ok_or_else(|| wrong("the action's URL is not valid"))?;
    match portal.out.send(request, ANSWER_WITHIN).await {
        Ok(answer) => {
            Ok(Answer { status: answer.status().as_u16(), body: Some(shown(answer.body())), headers: vec![] })
        }
        Err(error) => Err(Answer::problem(502, &error.to_string())),
    }
}

fn origin(url: &str) -> Option<String> {
    let uri: http::Uri = url.parse().ok()?;
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}
