//! How many events came to which end, how late they came in, and how long customers waited for an answer.

use crate::diagnose::sample::{self, Sample};
use crate::{Bridge, Message};
use domain::OrgId;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Delivery, State, StoreError};

/// So many entries of the log are read at most; a longer time is told of in part, and says so.
const MOST: usize = 3_000;
/// Up to this span a bucket is an hour, else a day.
const BY_HOUR: SignedDuration = SignedDuration::from_hours(49);

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

/// One hour or day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
}

/// How durations are spread, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Half of them took no longer.
    pub p50: f64,
    /// 95 of 100 took no longer.
    pub p95: f64,
    /// The longest.
    pub max: f64,
    /// How many there are.
    pub samples: usize,
}

/// Reads the figures of `from` to `to`.
pub async fn read_stats(bridge: &Bridge, org: &OrgId, from: Timestamp, to: Timestamp) -> Result<Stats, StoreError> {
    let sample = sample::read(bridge, org, (from, to), MOST).await?;
    Ok(figures(&sample, from, to))
}

fn figures(sample: &Sample, from: Timestamp, to: Timestamp) -> Stats {
    let (mut reasons, mut kinds) = (BTreeMap::new(), BTreeMap::new());
    let (mut late, mut answered) = (Vec::new(), Vec::new());
    for row in &sample.rows {
        *kinds.entry(row.label.clone()).or_insert(0) += 1;
        if let Some(reason) = &row.reason {
            *reasons.entry(reason.to_string()).or_insert(0) += 1;
        }
        let Some(occurred_at) = occurred_at(row) else { continue };
        late.push(row.created_at.duration_since(occurred_at).as_secs_f64().max(0.0));
        if row.state == State::Done && row.journal.get("post").is_some_and(|step| step.done.is_some()) {
            answered.push(row.updated_at.duration_since(occurred_at).as_secs_f64().max(0.0));
        }
    }
    Stats {
        from,
        to,
        buckets: buckets(&sample.rows, from, to),
        reasons,
        kinds,
        lateness_seconds: spread(late),
        answer_seconds: spread(answered),
        truncated: sample.truncated,
    }
}

fn occurred_at(row: &Delivery) -> Option<Timestamp> {
    match serde_json::from_str(row.body.as_deref()?).ok()? {
        Message::Event { event, .. } => Some(event.occurred_at),
        Message::Return(_) | Message::Replay { .. } | Message::DoorReport(_) => None,
    }
}

fn buckets(rows: &[Delivery], from: Timestamp, to: Timestamp) -> Vec<Bucket> {
    let step = if to.duration_since(from) <= BY_HOUR { 3_600 } else { 86_400 };
    let start = |at: Timestamp| at.as_second().div_euclid(step) * step;
    let mut buckets: BTreeMap<i64, Bucket> = BTreeMap::new();
    let mut at = start(from);
    // The store's log goes back 400 days at most; so does this.
    while at <= to.as_second() && buckets.len() < 400 {
        let beginning = Timestamp::from_second(at).unwrap_or(from);
        buckets.insert(at, Bucket { at: beginning, done: 0, skipped: 0, failed: 0, waiting: 0 });
        at += step;
    }
    for row in rows {
        let Some(bucket) = buckets.get_mut(&start(row.created_at)) else { continue };
        *match row.state {
            State::Done => &mut bucket.done,
            State::Skipped => &mut bucket.skipped,
            State::Failed => &mut bucket.failed,
            State::InProgress | State::Delayed | State::Retrying | State::Parked => &mut bucket.waiting,
        } += 1;
    }
    buckets.into_values().collect()
}

fn spread(mut values: Vec<f64>) -> Spread {
    values.sort_by(f64::total_cmp);
    let at = |hundredths: usize| {
        let rank = (values.len() * hundredths).div_ceil(100).max(1);
        values.get(rank - 1).copied().unwrap_or_default()
    };
    Spread { p50: at(50), p95: at(95), max: values.last().copied().unwrap_or_default(), samples: values.len() }
}

#[cfg(test)]
mod tests {
    use super::{Spread, spread};

    #[test]
    fn a_spread_is_by_nearest_rank() {
        assert_eq!(spread(Vec::new()), Spread::default());
        assert_eq!(spread(vec![2.0]), Spread { p50: 2.0, p95: 2.0, max: 2.0, samples: 1 });
        let values = (1..=100_u32).rev().map(f64::from).collect();
        assert_eq!(spread(values), Spread { p50: 50.0, p95: 95.0, max: 100.0, samples: 100 });
    }
}
