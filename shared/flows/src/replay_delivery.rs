//! An operator has a recorded delivery processed again, and the reconciler wakes those that are overdue.

use crate::{Bridge, Envelope, Message, PortError, Queued};
use domain::{DedupKey, EventKind, OrgId};
use std::time::Duration;
use store::{Overdue, Replayed, StoreError};

/// Rows that are overdue by this much have lost their message or timer.
const GRACE: Duration = Duration::from_secs(300);
const BATCH: u32 = 200;

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
pub async fn replay_delivery(bridge: &Bridge, org: &OrgId, key: &DedupKey) -> Result<(), ReplayError> {
    let row = bridge.store.delivery(org, key).await?.ok_or(ReplayError::NotFound)?;
    match bridge.store.replay(org, key, bridge.clock.now()).await? {
        Replayed::Yes => Ok(enqueue(bridge, org, key, row.body.as_deref()).await?),
        Replayed::NotFound => Err(ReplayError::NotFound),
        Replayed::Running => Err(ReplayError::Running),
    }
}

/// Puts a row's key into the group its event belongs to, under a deduplication id of its own.
async fn enqueue(bridge: &Bridge, org: &OrgId, key: &DedupKey, body: Option<&str>) -> Result<(), PortError> {
    let event = body.and_then(|body| serde_json::from_str(body).ok());
    let group = match event {
        Some(Message::Event { event, .. }) => event.queue_group(),
        _ => format!("{org}:replay:{key}"),
    };
    let nonce = (bridge.ids)();
    let dedup_id = DedupKey::from_stored(format!("replay:{nonce}")).digest(org.as_str());
    let message = Message::Replay { org: org.clone(), delivery: key.clone(), nonce };
    bridge.queue.send(vec![Queued { group, dedup_id, body: Envelope::body(&message) }]).await
}

/// Has everything that waited for new credentials processed again.
pub async fn replay_parked(bridge: &Bridge, org: &OrgId) -> Result<u32, ReplayError> {
    let filter = store::Filter { state: Some("parked".to_owned()), ..store::Filter::default() };
    let mut cursor = None;
    let mut replayed = 0;
    loop {
        let page = bridge.store.deliveries(org, &filter, 100, cursor).await?;
        for row in page.items {
            replay_delivery(bridge, org, &row.key).await?;
            replayed += 1;
        }
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(replayed);
        }
    }
}

/// Wakes rows and closes whose message or timer is lost. Run every five minutes; safe at any time.
pub async fn reconcile(bridge: &Bridge) -> Result<u32, ReplayError> {
    let before = bridge.clock.now() - GRACE;
    let overdue = bridge.store.overdue(before, BATCH).await?;
    let mut woken = 0;
    for found in overdue {
        match found {
            Overdue::Delivery { org, key } => {
                let row = bridge.store.delivery(&org, &key).await?;
                enqueue(bridge, &org, &key, row.as_ref().and_then(|row| row.body.as_deref())).await?;
            }
            Overdue::Close { org, session, lifecycle_epoch } => {
                let close = crate::PendingClose { org, session, lifecycle_epoch, attempt: 0 };
                if let Err(error) = crate::close_ticket::close_ticket(bridge, &close).await {
                    tracing::warn!(error = %error, "an overdue close failed again");
                }
            }
        }
        woken += 1;
    }
    let undelivered = crate::check_delivered::check_delivered(bridge).await?;
    if undelivered > 0 {
        tracing::warn!(undelivered, "HubSpot could not deliver messages");
    }
    if woken > 0 {
        tracing::warn!(woken, "the reconciler found overdue work");
    }
    Ok(woken)
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
