//! Puts a recorded delivery into the queue again.

use crate::kernel::bridge::Bridge;
use crate::kernel::message::{Envelope, QueueMessage, VerifiedBy};
use crate::kernel::ports::{PortError, Queue, Queued};
use domain::{DedupKey, HubSpotEvent, OrgId};
use store::{Replayed, StoreError};

/// Why a replay did not start.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no such delivery.
    #[error("there is no such delivery")]
    NotFound,
    /// A run has the delivery now.
    #[error("the delivery is being processed now")]
    Running,
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(#[from] StoreError),
    /// The queue failed. The delivery is marked as due, so the reconciler finds it.
    #[error("the queue failed: {0}")]
    Queue(#[from] PortError),
}

/// Marks a delivery as due and puts it into its queue group. Effects that the journal has are not repeated.
pub async fn replay_delivery(
    bridge: &Bridge,
    queue: &dyn Queue,
    org: &OrgId,
    key: &DedupKey,
) -> Result<(), ReplayError> {
    let row = bridge.store.delivery(org, key).await?.ok_or(ReplayError::NotFound)?;
    match bridge.store.replay(org, key, bridge.clock.now()).await? {
        Replayed::Yes => Ok(enqueue(bridge, queue, org, key, row.body.as_deref()).await?),
        Replayed::NotFound => Err(ReplayError::NotFound),
        Replayed::Running => Err(ReplayError::Running),
    }
}

/// Puts a row's key into its event's queue group, with a new deduplication id.
pub async fn enqueue(
    bridge: &Bridge,
    queue: &dyn Queue,
    org: &OrgId,
    key: &DedupKey,
    body: Option<&str>,
) -> Result<(), PortError> {
    let event = body.and_then(|body| serde_json::from_str(body).ok());
    let group = match event {
        Some(QueueMessage::Event { event, .. }) => event.queue_group(),
        _ => format!("{org}:replay:{key}"),
    };
    let nonce = (bridge.ids)();
    let dedup_id = DedupKey::from_stored(format!("replay:{nonce}")).digest(org.as_str());
    let message = QueueMessage::Replay { org: org.clone(), delivery: key.clone(), nonce };
    queue.send(vec![Queued { group, dedup_id, body: Envelope::body(&message) }]).await
}

/// An event that HubSpot has not sent (yet), with the deduplication key that HubSpot's own event has.
pub fn missed(bridge: &Bridge, org: &OrgId, nonce: &str, event: HubSpotEvent) -> Queued {
    let (group, key) = (event.queue_group(), event.dedup_key());
    let door = VerifiedBy::SignedUrl { org: org.clone(), nonce: nonce.to_owned() };
    let message = QueueMessage::Event { door, event, received_at: bridge.clock.now() };
    Queued { group, dedup_id: key.digest(&format!("repair:{org}")), body: Envelope::body(&message) }
}
