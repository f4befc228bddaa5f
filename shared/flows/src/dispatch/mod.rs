//! A message from the events queue: claim its delivery, do it, record what became of it.

pub(crate) mod delivery;
pub(crate) mod give_up;
pub(crate) mod rejections;
pub(crate) mod settle;

use crate::dispatch::delivery::{Purpose, process_delivery};
use crate::dispatch::rejections::count_refusals;
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::job::Settled;
use crate::kernel::message::{Door, Envelope, MESSAGE_SCHEMA, Message};
use crate::kernel::ports::{Ports, ThreadReturn};
use domain::{EventKind, Reason};
use std::time::Duration;

/// A newer version's message, or one nobody can read: left for whoever can.
const NOT_FOR_US: Duration = Duration::from_secs(300);

/// Processes one message body from the events queue.
pub async fn process_message(bridge: &Bridge, ports: Ports<'_>, body: &str) -> Settled {
    settle_message(bridge, ports, body, Purpose::Process).await
}

/// Records what the queue has given up, before it leaves the dead-letter queue.
pub async fn record_dead_letter(bridge: &Bridge, ports: Ports<'_>, body: &str) -> Settled {
    settle_message(bridge, ports, body, Purpose::Bury).await
}

async fn settle_message(bridge: &Bridge, ports: Ports<'_>, body: &str, purpose: Purpose) -> Settled {
    let envelope = match serde_json::from_str::<Envelope>(body) {
        Ok(envelope) if envelope.schema <= MESSAGE_SCHEMA => envelope,
        _ if Envelope::is_newer(body) => return Settled::Later { after: NOT_FOR_US },
        Ok(_) | Err(_) => {
            tracing::error!("a queue message cannot be read; it stays in the queue until its receives are used up");
            return Settled::Later { after: NOT_FOR_US };
        }
    };
    let settled = match envelope.message {
        message @ Message::Event { .. } => take_event(bridge, ports, &message, purpose).await,
        Message::Return(due) => process_due(bridge, ports, &due, purpose).await,
        Message::DoorReport(report) => count_refusals(bridge, &report).await.map(|()| Settled::Done),
        Message::Replay { org, delivery, .. } => {
            Box::pin(process_delivery(bridge, ports, (&org, &delivery), None, purpose)).await
        }
    };
    settled.unwrap_or_else(|error| {
        tracing::warn!(error = %error, "a message goes back to the queue");
        let after = match error.decision() {
            RetryDecision::Again { after, .. } => after,
            RetryDecision::Never { .. } | RetryDecision::Park { .. } | RetryDecision::NotMine => None,
        };
        Settled::Later { after: after.unwrap_or(Duration::from_secs(5)) }
    })
}

async fn take_event(
    bridge: &Bridge,
    ports: Ports<'_>,
    message: &Message,
    purpose: Purpose,
) -> Result<Settled, FlowError> {
    let Message::Event { door, event, .. } = message else { return Ok(Settled::Done) };
    let org = match door {
        Door::SignedUrl { org, .. } => Some(org.clone()),
        Door::AppSignature => bridge.org_of(&event.portal).await?,
    };
    let Some(org) = org else {
        tracing::info!(portal.id = %event.portal, reason = %Reason::UnknownPortal, "an event is skipped");
        bridge.meter.count_of("Skipped", "Reason", &Reason::UnknownPortal);
        return Ok(Settled::Done);
    };
    Box::pin(process_delivery(bridge, ports, (&org, &event.dedup_key()), Some(message), purpose)).await
}

/// All due messages of the thread, in order of creation.
async fn process_due(
    bridge: &Bridge,
    ports: Ports<'_>,
    due: &ThreadReturn,
    purpose: Purpose,
) -> Result<Settled, FlowError> {
    let now = bridge.clock.now();
    let mut keys = bridge.store.due_deliveries_of_thread(&due.org, &due.portal, &due.thread, now).await?;
    // The index is eventually consistent, so the delivery that asked for this return is named as well.
    if !keys.contains(&due.delivery) {
        keys.push(due.delivery.clone());
    }
    for key in keys {
        if let later @ Settled::Later { .. } =
            Box::pin(process_delivery(bridge, ports, (&due.org, &key), None, purpose)).await?
        {
            return Ok(later);
        }
    }
    Ok(Settled::Done)
}

/// The kinds of events that are acted on; `webhook` counts the others as ignored.
pub fn is_supported(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::MessageReceived { .. }
            | EventKind::ThreadCreated { .. }
            | EventKind::ThreadDeleted { .. }
            | EventKind::ThreadAssigned { .. }
            | EventKind::TicketPropertyChanged { .. }
            | EventKind::NoteCreated { .. }
            | EventKind::TicketMerged { .. }
            | EventKind::TicketDeleted { .. }
            | EventKind::ThreadPrivacyDeleted { .. }
            | EventKind::ContactPrivacyDeleted { .. }
    )
}
