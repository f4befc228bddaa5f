//! After the cause of failures is mended: how many there are for each reason, and processing them again.

use crate::Desk;
use crate::log::{PAGE, read_log};
use domain::{OrgId, Reason};
use flows::{Bridge, ReplayError, replay_delivery};
use jiff::SignedDuration;
use serde::Serialize;
use store::{Filter, State, StoreError, Work};

/// Failures without a stated beginning are looked for this far back.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(30 * 24);
/// One call replays this many at most; another call goes on.
const MAX_REPLAYS: u32 = 1_000;
/// Failures are counted among this many entries of the log.
const MAX_COUNTED: usize = 3_000;

/// All reasons, the most frequent first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failures {
    /// One entry for each reason.
    pub failures: Vec<FailedFor>,
    /// The log is longer than what was read: there may be more failures than these.
    pub truncated: bool,
}

/// What failed for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedFor {
    /// The reason, which [`replay_failed`] takes.
    pub reason: Reason,
    /// The same in words.
    pub why: String,
    /// How many deliveries.
    pub count: usize,
}

/// Counts what a replay would take.
pub async fn count_failures(bridge: &Bridge, org: &OrgId) -> Result<Failures, StoreError> {
    let now = bridge.clock.now();
    let filter = Filter { from: Some(now - LOOK_BACK), to: Some(now), ..Filter::default() };
    let log = read_log(bridge, org, &filter, MAX_COUNTED).await?;
    let failed_for = |(reason, count): (Reason, usize)| FailedFor { why: reason.why(), reason, count };
    Ok(Failures { failures: log.failures().into_iter().map(failed_for).collect(), truncated: log.truncated })
}

/// Queues what failed or is parked, and returns how many. A filter without a state means both.
pub async fn replay_failed(bridge: &Desk<'_>, org: &OrgId, wanted: &Filter) -> Result<u32, ReplayError> {
    let states = wanted.state.map_or_else(|| vec![State::Failed, State::Parked], |state| vec![state]);
    let to = wanted.to.unwrap_or(bridge.clock.now());
    let from = wanted.from.unwrap_or(to - LOOK_BACK);
    let mut replayed = 0;
    for state in states {
        let filter = Filter { state: Some(state), from: Some(from), to: Some(to), ..wanted.clone() };
        replayed += replay(bridge, org, &filter, MAX_REPLAYS - replayed).await?;
    }
    Ok(replayed)
}

/// Queues everything that waited for new credentials, and returns how many.
pub(crate) async fn replay_parked(bridge: &Desk<'_>, org: &OrgId) -> Result<u32, ReplayError> {
    replay(bridge, org, &Filter { state: Some(State::Parked), ..Filter::default() }, u32::MAX).await
}

/// OpenCX repeats its own requests, so only events are replayed. A row that is being processed is left alone.
async fn replay(bridge: &Desk<'_>, org: &OrgId, filter: &Filter, at_most: u32) -> Result<u32, ReplayError> {
    let (mut replayed, mut cursor) = (0, None);
    loop {
        let page = bridge.store.deliveries(org, filter, PAGE, cursor).await?;
        for row in page.items.iter().filter(|row| matches!(row.work, Work::Delivery { .. })) {
            if replayed == at_most {
                return Ok(replayed);
            }
            match replay_delivery(bridge, bridge.queue, org, &row.key).await {
                Ok(()) => replayed += 1,
                Err(ReplayError::Running | ReplayError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(replayed);
        }
    }
}
