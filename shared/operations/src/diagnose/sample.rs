//! The newest part of the log, read once for all checks.

use crate::diagnose::check::ReplayOffer;
use domain::{OrgId, Reason};
use flows::Bridge;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use store::{Delivery, Filter, State, StoreError};

/// The log of the last days, newest first, up to a bound.
pub(crate) struct Sample {
    pub(crate) rows: Vec<Delivery>,
    /// There is more than was read.
    pub(crate) truncated: bool,
}

/// Reads at most `most` entries between two moments. A page of the store has 100.
pub(crate) async fn read(
    bridge: &Bridge,
    org: &OrgId,
    (from, to): (Timestamp, Timestamp),
    most: usize,
) -> Result<Sample, StoreError> {
    let filter = Filter { from: Some(from), to: Some(to), ..Filter::default() };
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let page = bridge.store.deliveries(org, &filter, 100, cursor).await?;
        rows.extend(page.items);
        cursor = page.cursor;
        if cursor.is_none() || rows.len() >= most {
            return Ok(Sample { rows, truncated: cursor.is_some() });
        }
    }
}

impl Sample {
    /// Kinds of events with how many came and when the last one did.
    pub(crate) fn kinds(&self) -> BTreeMap<&str, (u64, Timestamp)> {
        let mut kinds = BTreeMap::new();
        for row in &self.rows {
            let (count, last) = kinds.entry(row.label.as_str()).or_insert((0, row.created_at));
            *count += 1;
            *last = row.created_at.max(*last);
        }
        kinds
    }

    /// How many rows ended for this reason.
    pub(crate) fn count(&self, reason: &Reason) -> u64 {
        self.rows.iter().filter(|row| row.reason.as_ref() == Some(reason)).fold(0, |n, _| n + 1)
    }

    /// Failed or parked rows by reason.
    pub(crate) fn failures(&self) -> BTreeMap<String, (Reason, usize)> {
        let mut failures: BTreeMap<String, (Reason, usize)> = BTreeMap::new();
        let stuck = self.rows.iter().filter(|row| matches!(row.state, State::Failed | State::Parked));
        for reason in stuck.filter_map(|row| row.reason.as_ref()) {
            failures.entry(reason.to_string()).or_insert_with(|| (reason.clone(), 0)).1 += 1;
        }
        failures
    }

    /// What a mended cause would set free.
    pub(crate) fn offer(&self, reason: &Reason) -> Option<ReplayOffer> {
        let (reason, count) = self.failures().remove(&reason.to_string())?;
        Some(ReplayOffer { reason, count })
    }
}

/// `2026-11-20 10:00 UTC`.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// How long ago, in the largest unit that fits.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(at).max(SignedDuration::ZERO).as_secs();
    let (n, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{} ago", crate::diagnose::check::counted(n.unsigned_abs(), unit))
}
