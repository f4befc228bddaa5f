//! A recorded delivery goes into the queue again.

use crate::kernel::bridge::Bridge;
use crate::kernel::message::{Door, Envelope, Message};
use crate::kernel::ports::{PortError, Queue, Queued};
use domain::{DedupKey, HubSpotEvent, OrgId};
use store::{Replayed, StoreError};

/// Why a replay could not be asked for.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no such delivery.
    #[error("find the delivery")]
    NotFound,
    /// It is being processed right now.
    #[error("replay a delivery that is running")]
    Running,
    /// The store refused.
    #[error("use the store: {0}")]
    Store(#[from] StoreError),
    /// The queue refused; the delivery is due and the reconciler will find it.
    #[error("use the queue: {0}")]
    Queue(#[from] PortError),
}

/// Marks a delivery as due and puts it into its group. Effects that are journaled as done stay done.
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

/// Puts a row's key into the group its event belongs to, under a deduplication id of its own.
pub async fn enqueue(
    bridge: &Bridge,
    queue: &dyn Queue,
    org: &OrgId,
    key: &DedupKey,
    body: Option<&str>,
) -> Result<(), PortError> {
    let event = body.and_then(|body| serde_json::from_str(body).ok());
    let group = match event {
        Some(Message::Event { event, .. }) => event.queue_group(),
        _ => format!("{org}:replay:{key}"),
    };
    let nonce = (bridge.ids)();
    let dedup_id = DedupKey::from_stored(format!("replay:{nonce}")).digest(org.as_str());
    let message = Message::Replay { org: org.clone(), delivery: key.clone(), nonce };
    queue.send(vec![Queued { group, dedup_id, body: Envelope::body(&message) }]).await
}

/// An event that HubSpot did not send, or has not sent yet, under the key it would have.
pub fn missed(bridge: &Bridge, org: &OrgId, nonce: &str, event: HubSpotEvent) -> Queued {
    let (group, key) = (event.queue_group(), event.dedup_key());
    let door = Door::SignedUrl { org: org.clone(), nonce: nonce.to_owned() };
    let message = Message::Event { door, event, received_at: bridge.clock.now() };
    Queued { group, dedup_id: key.digest(&format!("repair:{org}")), body: Envelope::body(&message) }
}
