//! A message from the events queue: claim its delivery, do it, record what became of it.

use crate::errand::{Errand, Finish};
use crate::failure::FlowError;
use crate::settle_delivery::{finish_work, perform, schedule_return, settle};
use crate::{Bridge, Door, Envelope, MESSAGE_SCHEMA, Message, ThreadReturn};
use domain::{DedupKey, EventKind, HubSpotEvent, OrgId, Reason};
use jiff::Timestamp;
use std::time::Duration;
use store::{Claim, Index, Seed, Work};

/// What the queue does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Delete it.
    Done,
    /// Show it again after this time.
    Later {
        /// Until then its group waits.
        after: Duration,
    },
}

/// A newer version's message, or one nobody can read: left for whoever can.
const NOT_FOR_US: Duration = Duration::from_secs(300);
const DEFAULT_RETENTION: Duration = Duration::from_secs(30 * 86_400);

/// Processes one message body from the events queue.
pub async fn process_message(bridge: &Bridge, body: &str) -> Settled {
    let newer = |v: &serde_json::Value| v.get("schema").and_then(serde_json::Value::as_u64) > Some(MESSAGE_SCHEMA.into());
    let envelope = match serde_json::from_str::<Envelope>(body) {
        Ok(envelope) if envelope.schema <= MESSAGE_SCHEMA => envelope,
        _ if serde_json::from_str(body).is_ok_and(|v| newer(&v)) => return Settled::Later { after: NOT_FOR_US },
        Ok(_) | Err(_) => {
            tracing::error!("a queue message cannot be read; it stays in the queue until its receives are used up");
            return Settled::Later { after: NOT_FOR_US };
        }
    };
    let settled = match envelope.message {
        Message::Event { door, event, received_at } => take_event(bridge, &door, &event, received_at).await,
        Message::Return(due) => process_due(bridge, &due).await,
        Message::Replay { org, delivery, .. } => process_delivery(bridge, &org, &delivery, None).await,
    };
    settled.unwrap_or_else(|error| {
        tracing::warn!(error = %error, "a message goes back to the queue");
        Settled::Later { after: Duration::from_secs(5) }
    })
}

async fn take_event(bridge: &Bridge, door: &Door, event: &HubSpotEvent, received_at: Timestamp) -> Result<Settled, FlowError> {
    let org = match door {
        Door::SignedUrl { org, .. } => Some(org.clone()),
        Door::AppSignature => bridge.org_of(&event.portal).await?,
    };
    let Some(org) = org else {
        tracing::info!(portal.id = %event.portal, reason = %Reason::UnknownPortal, "an event is skipped");
        return Ok(Settled::Done);
    };
    let message = Message::Event { door: door.clone(), event: event.clone(), received_at };
    let _lane = match event.kind {
        // Ownership changes never wait behind slow AI answers.
        EventKind::ThreadAssigned { .. } => None,
        _ => bridge.cache.lane(&event.portal).acquire_owned().await.ok(),
    };
    process_delivery(bridge, &org, &event.dedup_key(), Some((&message, event, received_at))).await
}

/// All due messages of the thread, in order of creation.
async fn process_due(bridge: &Bridge, due: &ThreadReturn) -> Result<Settled, FlowError> {
    let now = bridge.clock.now();
    let mut keys = bridge.store.due_deliveries_of_thread(&due.org, &due.portal, &due.thread, now).await?;
    // The index is eventually consistent, so the delivery that asked for this return is named as well.
    if !keys.contains(&due.delivery) {
        keys.push(due.delivery.clone());
    }
    let _lane = bridge.cache.lane(&due.portal).acquire_owned().await.ok();
    for key in keys {
        if let later @ Settled::Later { .. } = process_delivery(bridge, &due.org, &key, None).await? {
            return Ok(later);
        }
    }
    Ok(Settled::Done)
}

type Fresh<'m> = (&'m Message, &'m HubSpotEvent, Timestamp);

/// Claims a delivery and does it. `fresh` is the event where the message carries it; else the row has it.
async fn process_delivery(bridge: &Bridge, org: &OrgId, key: &DedupKey, fresh: Option<Fresh<'_>>) -> Result<Settled, FlowError> {
    let run = bridge.new_run();
    let tenant = match bridge.tenant(org, &run).await {
        Ok(tenant) => Some(tenant),
        Err(FlowError::NotConnected) => None,
        Err(error) => return Err(error),
    };
    let work = Work::Delivery { org: org.clone(), key: key.clone() };
    let claim = bridge.store.claim(&work, &run, &seed(bridge, fresh, tenant.as_ref().map(|t| t.connection.settings.retention_days))).await?;
    let won = match claim {
        Claim::Won(won) => won,
        Claim::Done(_) | Claim::Parked => {
            tracing::info!(delivery.key = %key, reason = %Reason::Duplicate, "an event is skipped");
            return Ok(Settled::Done);
        }
        Claim::Busy { until } => return Ok(Settled::Later { after: wait_for(bridge, until) }),
        Claim::Delayed { until } => {
            // The run that delayed it may have ended before the timer was set; setting it twice is harmless.
            if let Some((_, event, _)) = fresh {
                schedule_return(bridge, org, key, event, until).await?;
            }
            return Ok(Settled::Done);
        }
    };
    let stored: Option<Message> = won.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
    let Some(Message::Event { door, event, .. }) = fresh.map(|(message, ..)| message.clone()).or(stored) else {
        tracing::error!(delivery.key = %key, "a delivery's row holds no event that can be read");
        let finish = Finish { state: store::Final::Failed(Reason::Poison), ..Finish::done("the row holds no readable event") };
        return finish_work(bridge, &work, &run, finish).await;
    };
    let Some(tenant) = tenant else {
        return finish_work(bridge, &work, &run, Finish::skipped(Reason::NotConnected)).await;
    };
    let errand = Errand { tenant, work, run, won };
    let ending = perform(&errand, &door, &event).await;
    settle(&errand, &event, ending).await
}

fn seed(bridge: &Bridge, fresh: Option<Fresh<'_>>, retention_days: Option<u32>) -> Seed {
    let retention = retention_days.map_or(DEFAULT_RETENTION, |days| Duration::from_secs(u64::from(days.max(1)) * 86_400));
    let Some((message, event, received_at)) = fresh else {
        return Seed { created_at: bridge.clock.now(), body: None, index: Index::default(), retention, label: String::new() };
    };
    Seed {
        created_at: received_at,
        body: serde_json::to_string(message).ok(),
        index: Index {
            thread: event.kind.thread().map(|thread| (event.portal.clone(), thread.clone())),
            ticket: event.kind.ticket().cloned(),
            session: None,
        },
        retention,
        label: event.kind.name().to_owned(),
    }
}

fn wait_for(bridge: &Bridge, until: Timestamp) -> Duration {
    let left = until.duration_since(bridge.clock.now()).unsigned_abs();
    left.clamp(Duration::from_secs(1), Duration::from_secs(5))
}
