//! Every five minutes: work whose message or timer is lost goes on.

use flows::Ports;
use flows::{Bridge, PendingClose, ReplayError, enqueue};
use std::time::Duration;
use store::Overdue;

/// A row that is overdue for longer has lost its message or timer.
const GRACE: Duration = Duration::from_secs(300);
const BATCH: u32 = 200;

/// Queues overdue rows, and carries out overdue closes. Safe at any time.
pub async fn reconcile(bridge: &Bridge, ports: Ports<'_>) -> Result<u32, ReplayError> {
    let mut woken = 0;
    for found in bridge.store.overdue(bridge.clock.now() - GRACE, BATCH).await? {
        match found {
            Overdue::Delivery { org, key } => {
                let row = bridge.store.delivery(&org, &key).await?;
                enqueue(bridge, ports.queue, &org, &key, row.as_ref().and_then(|row| row.body.as_deref())).await?;
            }
            Overdue::Close { org, session, lifecycle_epoch } => {
                let close = PendingClose { org, session, lifecycle_epoch, attempt: 0 };
                if let Err(error) = flows::close_ticket(bridge, ports.delays, &close).await {
                    tracing::warn!(%error, "an overdue close failed again");
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
