//! What there is to replay once a cause is mended: what failed, or waits for a reconnect, by reason.

use crate::diagnose::sample;
use crate::replay::LOOK_BACK;
use domain::{OrgId, Reason};
use flows::Bridge;
use serde::Serialize;
use store::StoreError;

/// So many entries of the log are read at most; a longer log is counted in part, and says so.
const MOST: usize = 3_000;

/// All reasons, the most frequent first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failures {
    /// One by one.
    pub failures: Vec<FailedFor>,
    /// The log has more than was read: there may be more than these.
    pub truncated: bool,
}

/// What failed for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedFor {
    /// The reason, which [`crate::FailedFilter`] takes.
    pub reason: Reason,
    /// The same in words.
    pub why: String,
    /// How many deliveries.
    pub count: usize,
}

/// Counts what a replay would take.
pub async fn count_failures(bridge: &Bridge, org: &OrgId) -> Result<Failures, StoreError> {
    let now = bridge.clock.now();
    let sample = sample::read(bridge, org, (now - LOOK_BACK, now), MOST).await?;
    let one = |(reason, count): (Reason, usize)| FailedFor { why: reason.why(), reason, count };
    let mut failures: Vec<_> = sample.failures().into_values().map(one).collect();
    failures.sort_by_key(|one| std::cmp::Reverse(one.count));
    Ok(Failures { failures, truncated: sample.truncated })
}
