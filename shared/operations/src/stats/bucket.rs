//! A time, hour by hour or day by day.

use crate::stats::spread::spread;
use crate::stats::wait::Wait;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Delivery, State};

/// Up to this span a bucket is an hour, else a day.
const BY_HOUR: SignedDuration = SignedDuration::from_hours(49);
/// The store's log goes back so many days at most; so does this.
const MOST: usize = 400;

/// One hour or day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bucket {
    /// Its beginning.
    pub at: Timestamp,
    /// Done.
    pub done: u64,
    /// Nothing to do.
    pub skipped: u64,
    /// Given up.
    pub failed: u64,
    /// Not finished yet, or waiting for a reconnect.
    pub waiting: u64,
    /// 95 of 100 events came in within so many seconds; absent where none was measured.
    pub lateness_p95: Option<f64>,
    /// 95 of 100 answers were posted within so many seconds.
    pub answer_p95: Option<f64>,
}

#[derive(Default)]
struct Filling {
    states: [u64; 4],
    late: Vec<f64>,
    answered: Vec<f64>,
}

/// All buckets of a time, oldest first; those without events are in.
pub(crate) fn buckets(rows: &[(&Delivery, Wait)], from: Timestamp, to: Timestamp) -> Vec<Bucket> {
    let step = if to.duration_since(from) <= BY_HOUR { 3_600 } else { 86_400 };
    let start = |at: Timestamp| at.as_second().div_euclid(step) * step;
    let mut buckets: BTreeMap<i64, Filling> = BTreeMap::new();
    let mut at = start(from);
    while at <= to.as_second() && buckets.len() < MOST {
        buckets.insert(at, Filling::default());
        at += step;
    }
    for (row, wait) in rows {
        let Some(bucket) = buckets.get_mut(&start(row.created_at)) else { continue };
        let [done, skipped, failed, waiting] = &mut bucket.states;
        *match row.state {
            State::Done => done,
            State::Skipped => skipped,
            State::Failed => failed,
            State::InProgress | State::Delayed | State::Retrying | State::Parked => waiting,
        } += 1;
        bucket.late.extend(wait.late);
        bucket.answered.extend(wait.answered);
    }
    let p95 = |values: Vec<f64>| (!values.is_empty()).then(|| spread(values).p95);
    let filled = |(at, Filling { states: [done, skipped, failed, waiting], late, answered })| Bucket {
        at: Timestamp::from_second(at).unwrap_or(from),
        done,
        skipped,
        failed,
        waiting,
        lateness_p95: p95(late),
        answer_p95: p95(answered),
    };
    buckets.into_iter().map(filled).collect()
}
