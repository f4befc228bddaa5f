//! After an outage: messages that HubSpot has and never delivered are processed. Safe to repeat.

use crate::Desk;
use domain::{Client, EventKind, HubSpotEvent, Message, MessageKind, OrgId};
use flows::{FlowError, InvokeError, missed};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// What a repair found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// Threads with messages since then.
    pub threads: usize,
    /// Messages and comments of people since then.
    pub messages: usize,
    /// Those that HubSpot never delivered. They are queued.
    pub queued: usize,
}

/// Entries read of one thread, newest first.
const MAX_ENTRIES: u32 = 500;

/// Reads the threads with messages since then, and queues those without a row, under the keys of HubSpot's own events.
///
/// Rows are kept for `retention_days`. Whether an older message was processed cannot be known, so it is left alone.
pub async fn repair(bridge: &Desk<'_>, org: &OrgId, since: Timestamp) -> Result<Repaired, InvokeError> {
    let run = bridge.new_run();
    let tenant = bridge.tenant(org, &run).await?;
    let kept = SignedDuration::from_hours(24 * i64::from(tenant.connection.settings.retention_days.max(1)));
    if bridge.clock.now().duration_since(since) >= kept {
        return Err(InvokeError::invalid("since", "it is before the time for which the log is kept"));
    }
    let threads = tenant.portal.threads_since(since).await.map_err(FlowError::from)?;
    let mut repaired = Repaired { threads: threads.len(), ..Repaired::default() };
    for thread in &threads {
        // A thread may take long, so each has the time of a run of its own.
        let run = bridge.new_run();
        let tenant = bridge.tenant(org, &run).await?;
        let connection = &tenant.connection;
        let entries = tenant.portal.messages(thread, MAX_ENTRIES).await.map_err(FlowError::from)?;
        let ours = |m: &Message| matches!(&m.client, Client::Integration(Some(app)) if connection.apps.contains(app));
        let by_people = |m: &Message| matches!(m.kind, MessageKind::Message | MessageKind::Comment) && !ours(m);
        let mut missing = Vec::new();
        for entry in entries.into_iter().rev().filter(|m| m.created_at >= since && by_people(m)) {
            repaired.messages += 1;
            let event = HubSpotEvent {
                portal: connection.portal.clone(),
                app: None,
                occurred_at: entry.created_at,
                kind: EventKind::MessageReceived { thread: thread.clone(), message: entry.id },
            };
            if bridge.store.delivery(org, &event.dedup_key()).await.map_err(FlowError::from)?.is_none() {
                missing.push(missed(bridge, org, &connection.nonce, event));
            }
        }
        if !missing.is_empty() {
            tracing::info!(thread.id = %thread, missing = missing.len(), "messages that were never delivered are queued");
            repaired.queued += missing.len();
            bridge.queue.send(missing).await.map_err(FlowError::from)?;
        }
    }
    tracing::info!(threads = repaired.threads, messages = repaired.messages, queued = repaired.queued, "repaired");
    Ok(repaired)
}
