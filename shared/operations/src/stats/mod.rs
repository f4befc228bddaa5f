//! How many events came to which end, how late they came in, and how long customers waited for an answer.

pub(crate) mod bucket;
pub(crate) mod spread;
pub(crate) mod wait;

use crate::diagnose::sample::{self, Sample};
use crate::stats::bucket::{Bucket, buckets};
use crate::stats::spread::{Spread, spread};
use crate::stats::wait::wait;
use domain::OrgId;
use flows::Bridge;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use store::StoreError;

/// So many entries of the log are read at most; a longer time is told of in part, and says so.
const MOST: usize = 3_000;

/// The figures of a time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stats {
    /// From then.
    pub from: Timestamp,
    /// Till then.
    pub to: Timestamp,
    /// Hour by hour or day by day, oldest first; those without events are in.
    pub buckets: Vec<Bucket>,
    /// How often which reason was given.
    pub reasons: BTreeMap<String, u64>,
    /// How many events of which kind came.
    pub kinds: BTreeMap<String, u64>,
    /// From what happened in HubSpot until its event was here.
    pub lateness_seconds: Spread,
    /// From what a customer wrote until the answer was on the thread.
    pub answer_seconds: Spread,
    /// The log has more than was read: the oldest part is missing.
    pub truncated: bool,
}

/// Reads the figures of `from` to `to`.
pub async fn read_stats(bridge: &Bridge, org: &OrgId, from: Timestamp, to: Timestamp) -> Result<Stats, StoreError> {
    let sample = sample::read(bridge, org, (from, to), MOST).await?;
    Ok(figures(&sample, from, to))
}

fn figures(sample: &Sample, from: Timestamp, to: Timestamp) -> Stats {
    let (mut reasons, mut kinds) = (BTreeMap::new(), BTreeMap::new());
    let rows: Vec<_> = sample.rows.iter().map(|row| (row, wait(row))).collect();
    for row in &sample.rows {
        *kinds.entry(row.label.clone()).or_insert(0) += 1;
        if let Some(reason) = &row.reason {
            *reasons.entry(reason.to_string()).or_insert(0) += 1;
        }
    }
    Stats {
        from,
        to,
        buckets: buckets(&rows, from, to),
        reasons,
        kinds,
        lateness_seconds: spread(rows.iter().filter_map(|(_, wait)| wait.late).collect()),
        answer_seconds: spread(rows.iter().filter_map(|(_, wait)| wait.answered).collect()),
        truncated: sample.truncated,
    }
}
