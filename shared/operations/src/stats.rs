//! Figures for the charts: how events ended, how late they came, and how long customers waited for an answer.

use crate::log::{LogPart, read_log};
use domain::OrgId;
use flows::{Bridge, QueueMessage};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Delivery, Filter, State, StoreError};

/// This many entries of the log are read at most.
const MAX_ENTRIES: usize = 3_000;
/// A longer span has a bucket for each day, a shorter one for each hour.
const HOURLY_SPAN: SignedDuration = SignedDuration::from_hours(49);
/// The store's log goes back 400 days at most.
const MAX_BUCKETS: usize = 400;

/// The figures of a span of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stats {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// Hour by hour or day by day, oldest first; those without events are in.
    pub buckets: Vec<Bucket>,
    /// How often each reason was given.
    pub reasons: BTreeMap<String, u64>,
    /// How many events of each kind came.
    pub kinds: BTreeMap<String, u64>,
    /// From what happened in HubSpot until its event was here.
    pub lateness_seconds: Spread,
    /// From a customer's message until the answer was on the thread.
    pub answer_seconds: Spread,
    /// The log is longer than what was read: the oldest part is missing.
    pub truncated: bool,
}

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
    /// 95 of 100 events came in within this many seconds; absent where none was measured.
    pub lateness_p95: Option<f64>,
    /// 95 of 100 answers were posted within this many seconds.
    pub answer_p95: Option<f64>,
}

/// How durations in seconds are spread, by nearest rank.
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

/// Durations of one row in seconds; absent where the row does not tell.
#[derive(Default)]
struct Durations {
    late: Option<f64>,
    answered: Option<f64>,
}

/// Reads the figures of `from` to `to`.
pub async fn read_stats(bridge: &Bridge, org: &OrgId, from: Timestamp, to: Timestamp) -> Result<Stats, StoreError> {
    let filter = Filter { from: Some(from), to: Some(to), ..Filter::default() };
    let LogPart { rows, truncated } = read_log(bridge, org, &filter, MAX_ENTRIES).await?;
    let (mut reasons, mut kinds) = (BTreeMap::new(), BTreeMap::new());
    for row in &rows {
        *kinds.entry(row.label.clone()).or_insert(0) += 1;
        if let Some(reason) = &row.reason {
            *reasons.entry(reason.to_string()).or_insert(0) += 1;
        }
    }
    let rows: Vec<_> = rows.iter().map(|row| (row, durations(row))).collect();
    let lateness_seconds = spread(rows.iter().filter_map(|(_, took)| took.late).collect());
    let answer_seconds = spread(rows.iter().filter_map(|(_, took)| took.answered).collect());
    let buckets = buckets(&rows, from, to);
    Ok(Stats { from, to, buckets, reasons, kinds, lateness_seconds, answer_seconds, truncated })
}

fn durations(row: &Delivery) -> Durations {
    let message = row.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
    let Some(QueueMessage::Event { event, .. }) = message else { return Durations::default() };
    let since = |at: Timestamp| at.duration_since(event.occurred_at).as_secs_f64().max(0.0);
    let posted = row.state == State::Done && row.journal.get("post").is_some_and(|step| step.done.is_some());
    Durations { late: Some(since(row.created_at)), answered: posted.then(|| since(row.updated_at)) }
}

fn buckets(rows: &[(&Delivery, Durations)], from: Timestamp, to: Timestamp) -> Vec<Bucket> {
    let step = if to.duration_since(from) <= HOURLY_SPAN { 3_600 } else { 86_400 };
    let start = |at: Timestamp| at.as_second().div_euclid(step);
    let mut filled: BTreeMap<i64, Vec<&(&Delivery, Durations)>> =
        (start(from)..=start(to)).take(MAX_BUCKETS).map(|n| (n, Vec::new())).collect();
    for row in rows {
        filled.entry(start(row.0.created_at)).and_modify(|rows| rows.push(row));
    }
    let bucket = |(n, rows): (i64, Vec<&(&Delivery, Durations)>)| {
        let ended = |state| rows.iter().fold(0, |n, (row, _)| n + u64::from(row.state == state));
        let (done, skipped, failed) = (ended(State::Done), ended(State::Skipped), ended(State::Failed));
        let p95 = |values: Vec<f64>| (!values.is_empty()).then(|| spread(values).p95);
        Bucket {
            at: Timestamp::from_second(n * step).unwrap_or(from),
            done,
            skipped,
            failed,
            waiting: rows.len() as u64 - done - skipped - failed,
            lateness_p95: p95(rows.iter().filter_map(|(_, took)| took.late).collect()),
            answer_p95: p95(rows.iter().filter_map(|(_, took)| took.answered).collect()),
        }
    };
    filled.into_iter().map(bucket).collect()
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
