//! Messages from the events queue. Each one leads to a delivery; `delivery` claims it, does it and records the result.
//!
//! No other folder may use this one. Start with `process_message`, then `delivery::process_delivery`.

mod delivery;
mod give_up;

use crate::dispatch::delivery::{Purpose, process_delivery};
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::job::Settled;
use crate::kernel::message::{DoorReport, Envelope, MESSAGE_SCHEMA, QueueMessage, VerifiedBy, Whose};
use crate::kernel::ports::{Ports, ThreadReturn};
use domain::{EventKind, OrgId, Reason};
use std::time::Duration;
use store::DoorCounts;

/// A message that this version cannot read stays in the queue this long. A newer version may read it then.
const UNREADABLE_PAUSE: Duration = Duration::from_secs(300);
/// The pause after an error that names no time.
const ERROR_PAUSE: Duration = Duration::from_secs(5);

/// Processes one message body from the events queue.
pub async fn process_message(bridge: &Bridge, ports: Ports<'_>, body: &str) -> Settled {
    settle_message(bridge, ports, body, Purpose::Process).await
}

/// Records the failure of a message from the dead-letter queue.
pub async fn record_dead_letter(bridge: &Bridge, ports: Ports<'_>, body: &str) -> Settled {
    settle_message(bridge, ports, body, Purpose::RecordDeadLetter).await
}

async fn settle_message(bridge: &Bridge, ports: Ports<'_>, body: &str, purpose: Purpose) -> Settled {
    let envelope = match serde_json::from_str::<Envelope>(body) {
        Ok(envelope) if envelope.schema <= MESSAGE_SCHEMA => envelope,
        _ if Envelope::is_newer(body) => return Settled::Later { after: UNREADABLE_PAUSE },
        Ok(_) | Err(_) => {
            tracing::error!("a queue message cannot be read; it stays in the queue until its receives are used up");
            return Settled::Later { after: UNREADABLE_PAUSE };
        }
    };
    let settled = match envelope.message {
        message @ QueueMessage::Event { .. } => take_event(bridge, ports, &message, purpose).await,
        QueueMessage::Return(due) => take_return(bridge, ports, &due, purpose).await,
        QueueMessage::DoorReport(report) => count_refusals(bridge, &report).await,
        QueueMessage::Replay { org, delivery, .. } => {
            Box::pin(process_delivery(bridge, ports, (&org, &delivery), None, purpose)).await
        }
    };
    settled.unwrap_or_else(|error| {
        tracing::warn!(error = %error, "a message goes back to the queue");
        let after = match error.decision() {
            RetryDecision::Again { after, .. } => after,
            RetryDecision::Never { .. } | RetryDecision::Park { .. } | RetryDecision::NotMine => None,
        };
        Settled::Later { after: after.unwrap_or(ERROR_PAUSE) }
    })
}

async fn take_event(
    bridge: &Bridge,
    ports: Ports<'_>,
    message: &QueueMessage,
    purpose: Purpose,
) -> Result<Settled, FlowError> {
    let QueueMessage::Event { door, event, .. } = message else { return Ok(Settled::Done) };
    let org = match door {
        VerifiedBy::SignedUrl { org, .. } => Some(org.clone()),
        VerifiedBy::AppSignature => bridge.org_of(&event.portal).await?,
    };
    let Some(org) = org else {
        tracing::info!(portal.id = %event.portal, reason = %Reason::UnknownPortal, "an event is skipped");
        bridge.meter.count_of("Skipped", "Reason", &Reason::UnknownPortal);
        return Ok(Settled::Done);
    };
    Box::pin(process_delivery(bridge, ports, (&org, &event.dedup_key()), Some(message), purpose)).await
}

/// Processes all due deliveries of the thread in the order of their creation.
async fn take_return(
    bridge: &Bridge,
    ports: Ports<'_>,
    due: &ThreadReturn,
    purpose: Purpose,
) -> Result<Settled, FlowError> {
    let now = bridge.clock.now();
    let mut keys = bridge.store.due_deliveries_of_thread(&due.org, &due.portal, &due.thread, now).await?;
    // The index is eventually consistent: it may not list the delivery that asked for this return.
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

/// Adds `webhook`'s refusals to the counts of their organizations. A report that comes twice is counted twice: the
/// counts are a hint for people, and no code decides by them.
async fn count_refusals(bridge: &Bridge, report: &DoorReport) -> Result<Settled, FlowError> {
    for count in &report.counts {
        // Anybody can write any name into a URL. Only a connected organization has counts of its own.
        let org: Option<OrgId> = match &count.whose {
            Whose::Org(org) => bridge.store.connection(org).await?.map(|connection| connection.org),
            Whose::Portal(portal) => bridge.org_of(portal).await?,
            Whose::Nobody => None,
        };
        let counts = DoorCounts {
            bad_urls: count.bad_urls,
            bad_signatures: count.bad_signatures,
            unsupported: count.unsupported,
            last_at: None,
        };
        bridge.store.count_door(org.as_ref(), &counts, report.at).await?;
    }
    Ok(Settled::Done)
}

/// Whether the bridge acts on this kind of event. `webhook` counts the others as ignored.
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
