//! When a close that did not happen is looked at again, and by whom.

use crate::work::failure::{FlowError, Judgement};
use crate::{Bridge, PendingClose};
use std::time::Duration;

/// While the organization is not live.
const SWITCHED_OFF: Duration = Duration::from_secs(60);
/// What HubSpot refuses for good, people have to mend first.
const REFUSED: Duration = Duration::from_secs(3600);

/// What may pass gets its own next timer: then the answer is true. The rest is left to the reconciler.
///
/// In each case the reconciler is told when: a promise that stays due would be woken by every one of its rounds, each time with
/// a timer of its own, and would stand in front of everybody else's.
pub(crate) async fn look_again(bridge: &Bridge, pending: &PendingClose, closed: Result<&str, &FlowError>) -> bool {
    let now = bridge.clock.now();
    let error = match closed {
        Ok("not_enabled") => {
            put_off(bridge, pending, SWITCHED_OFF).await;
            return false;
        }
        Ok(_) => return false,
        Err(error) => error,
    };
    if matches!(error.judge(), Judgement::Never { .. }) {
        put_off(bridge, pending, REFUSED).await;
        return false;
    }
    let next = PendingClose { attempt: pending.attempt + 1, ..pending.clone() };
    let after = domain::next_look(next.attempt);
    put_off(bridge, pending, after).await;
    match bridge.delays.close_at(&next, now + after).await {
        Ok(()) => {
            tracing::warn!(error = %error, attempt = next.attempt, "a close comes back later");
            true
        }
        Err(error) => {
            tracing::error!(error = %error, "a close could not be scheduled again; the reconciler finds it");
            false
        }
    }
}

/// Where this fails, the reconciler looks too early.
async fn put_off(bridge: &Bridge, pending: &PendingClose, by: Duration) {
    let at = bridge.clock.now() + by;
    let put_off = bridge.store.put_off_close(&pending.org, &pending.session, pending.lifecycle_epoch, at);
    if let Err(error) = put_off.await {
        tracing::warn!(error = %error, "the reconciler was not told when a close is looked at again");
    }
}
