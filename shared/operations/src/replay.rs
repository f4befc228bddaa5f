//! After a cause is mended: everything that failed for it is processed again.

use crate::Desk;
use domain::{OrgId, Reason};
use flows::{ReplayError, replay_delivery};
use jiff::{SignedDuration, Timestamp};
use store::{Filter, State, Work};

/// Without a beginning, failures of this time are meant.
pub(crate) const LOOK_BACK: SignedDuration = SignedDuration::from_hours(30 * 24);
/// One call replays so many at most; a further one goes on.
const MOST: u32 = 1_000;

/// Which ones.
#[derive(Debug, Clone, Default)]
pub struct FailedFilter {
    /// That failed or wait for this reason; for any, where absent.
    pub reason: Option<Reason>,
    /// `Failed` or `Parked`; both, where absent.
    pub state: Option<State>,
    /// Not older.
    pub from: Option<Timestamp>,
    /// Not newer.
    pub to: Option<Timestamp>,
}

/// Puts them back into the queue, and says how many. What a living run is at is left to it.
pub async fn replay_failed(bridge: &Desk<'_>, org: &OrgId, wanted: &FailedFilter) -> Result<u32, ReplayError> {
    let states = match wanted.state {
        Some(state) => vec![state],
        None => vec![State::Failed, State::Parked],
    };
    let now = bridge.clock.now();
    let to = wanted.to.unwrap_or(now);
    let mut replayed = 0;
    for state in states {
        let filter = Filter {
            state: Some(state.as_str().to_owned()),
            reason: wanted.reason.clone(),
            from: Some(wanted.from.unwrap_or(to - LOOK_BACK)),
            to: Some(to),
            ..Filter::default()
        };
        let mut cursor = None;
        loop {
            let page = bridge.store.deliveries(org, &filter, 100, cursor).await?;
            for row in page.items {
                if !matches!(row.work, Work::Delivery { .. }) {
                    continue;
                }
                match replay_delivery(bridge, bridge.queue, org, &row.key).await {
                    Ok(()) => replayed += 1,
                    Err(ReplayError::Running | ReplayError::NotFound) => {}
                    Err(error) => return Err(error),
                }
                if replayed >= MOST {
                    return Ok(replayed);
                }
            }
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
    }
    Ok(replayed)
}
