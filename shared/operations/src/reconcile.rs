//! An operator has a recorded delivery processed again, and the reconciler wakes those that are overdue.

use crate::Desk;
use domain::OrgId;
use flows::Bridge;
use flows::Ports;
use flows::{ReplayError, enqueue, replay_delivery};
use std::time::Duration;
use store::Overdue;

/// Rows that are overdue by this much have lost their message or timer.
const GRACE: Duration = Duration::from_secs(300);
const BATCH: u32 = 200;

/// Has everything that waited for new credentials processed again.
pub async fn replay_parked(bridge: &Desk<'_>, org: &OrgId) -> Result<u32, ReplayError> {
    let filter = store::Filter { state: Some("parked".to_owned()), ..store::Filter::default() };
    let mut cursor = None;
    let mut replayed = 0;
    loop {
        let page = bridge.store.deliveries(org, &filter, 100, cursor).await?;
        for row in page.items {
            replay_delivery(bridge, bridge.queue, org, &row.key).await?;
            replayed += 1;
        }
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(replayed);
        }
    }
}

/// Wakes rows and closes whose message or timer is lost. Run every five minutes; safe at any time.
pub async fn reconcile(bridge: &Bridge, ports: Ports<'_>) -> Result<u32, ReplayError> {
    let before = bridge.clock.now() - GRACE;
    let overdue = bridge.store.overdue(before, BATCH).await?;
    let mut woken = 0;
    for found in overdue {
        match found {
            Overdue::Delivery { org, key } => {
                let row = bridge.store.delivery(&org, &key).await?;
                enqueue(bridge, ports.queue, &org, &key, row.as_ref().and_then(|row| row.body.as_deref())).await?;
            }
            Overdue::Close { org, session, lifecycle_epoch } => {
                let close = flows::PendingClose { org, session, lifecycle_epoch, attempt: 0 };
                if let Err(error) = flows::close_ticket(bridge, ports.delays, &close).await {
                    tracing::warn!(error = %error, "an overdue close failed again");
                }
            }
        }
        woken += 1;
    }
    let undelivered = flows::check_delivered(bridge).await?;
    if undelivered > 0 {
        tracing::warn!(undelivered, "HubSpot could not deliver messages");
    }
    if woken > 0 {
        tracing::warn!(woken, "the reconciler found overdue work");
    }
    Ok(woken)
}
