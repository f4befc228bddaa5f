//! After an outage: what HubSpot has and never delivered is processed. Safe to repeat.

use crate::Desk;
use domain::{Client, EventKind, HubSpotEvent, MessageKind, OrgId, ThreadId};
use flows::FlowError;
use flows::InvokeError;
use flows::Queued;
use flows::missed;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What a repair found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repaired {
    /// Threads in which somebody wrote since.
    pub threads: u32,
    /// Messages and comments of people since.
    pub messages: u32,
    /// Those that were never delivered, and are processed now.
    pub queued: u32,
}

/// Entries read of one thread, newest first.
const NEWEST: u32 = 500;

/// Reads the threads with messages since, and queues what has no row, under the same keys that HubSpot's events have.
///
/// Rows are kept for `retention_days`: what is older cannot be told from what was done, and is left alone.
pub async fn repair(bridge: &Desk<'_>, org: &OrgId, since: Timestamp) -> Result<Repaired, InvokeError> {
    let run = bridge.new_run();
    let tenant = bridge.tenant(org, &run).await?;
    let kept = SignedDuration::from_hours(24 * i64::from(tenant.connection.settings.retention_days.max(1)));
    if bridge.clock.now().duration_since(since) >= kept {
        return Err(InvokeError::invalid("since", "it is before the time for which the log is kept"));
    }
    let threads = tenant.portal.threads_since(since).await.map_err(FlowError::from)?;
    let mut repaired = Repaired { threads: u32::try_from(threads.len()).unwrap_or(u32::MAX), ..Repaired::default() };
    for thread in &threads {
        // A thread may take a while; each has the time of a run of its own.
        let run = bridge.new_run();
        let tenant = bridge.tenant(org, &run).await?;
        let entries = tenant.portal.messages(thread, NEWEST).await.map_err(FlowError::from)?;
        let ours = |m: &domain::Message| matches!(&m.client, Client::Integration(Some(app)) if tenant.connection.apps.contains(app));
        let said = entries.into_iter().rev().filter(|m| m.created_at >= since && !ours(m));
        let mut missing = Vec::new();
        for entry in said.filter(|m| matches!(m.kind, MessageKind::Message | MessageKind::Comment)) {
            repaired.messages += 1;
            let event = HubSpotEvent {
                portal: tenant.connection.portal.clone(),
                app: None,
                occurred_at: entry.created_at,
                kind: EventKind::MessageReceived { thread: thread.clone(), message: entry.id },
            };
            if bridge.store.delivery(org, &event.dedup_key()).await.map_err(FlowError::from)?.is_none() {
                missing.push(missed(bridge, org, &tenant.connection.nonce, event));
            }
        }
        repaired.queued += u32::try_from(missing.len()).unwrap_or(u32::MAX);
        send(bridge, thread, missing).await?;
    }
    tracing::info!(threads = repaired.threads, messages = repaired.messages, queued = repaired.queued, "repaired");
    Ok(repaired)
}

async fn send(bridge: &Desk<'_>, thread: &ThreadId, messages: Vec<Queued>) -> Result<(), FlowError> {
    if messages.is_empty() {
        return Ok(());
    }
    tracing::info!(thread.id = %thread, missing = messages.len(), "messages that were never delivered are queued");
    Ok(bridge.queue.send(messages).await?)
}
