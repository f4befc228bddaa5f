//! Parts of the log, read page by page.

use domain::{OrgId, Reason};
use flows::Bridge;
use std::collections::HashMap;
use store::{Delivery, Filter, State, StoreError};

/// A page of the store has at most this many entries.
pub(crate) const PAGE: u32 = 100;

/// The newest entries that a filter lets through.
pub(crate) struct LogPart {
    pub(crate) rows: Vec<Delivery>,
    /// There are more than were read.
    pub(crate) truncated: bool,
}

/// Reads until there are at least `enough` entries, or no more.
pub(crate) async fn read_log(
    bridge: &Bridge,
    org: &OrgId,
    filter: &Filter,
    enough: usize,
) -> Result<LogPart, StoreError> {
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let page = bridge.store.deliveries(org, filter, PAGE, cursor).await?;
        rows.extend(page.items);
        cursor = page.cursor;
        if cursor.is_none() || rows.len() >= enough {
            return Ok(LogPart { rows, truncated: cursor.is_some() });
        }
    }
}

impl LogPart {
    /// How many entries ended for this reason.
    pub(crate) fn count(&self, reason: &Reason) -> u64 {
        self.rows.iter().filter(|row| row.reason.as_ref() == Some(reason)).count() as u64
    }

    /// How many entries a replay would take, by reason; the most frequent reason comes first.
    pub(crate) fn failures(&self) -> Vec<(Reason, usize)> {
        let mut counts = HashMap::new();
        let stuck = self.rows.iter().filter(|row| matches!(row.state, State::Failed | State::Parked));
        for reason in stuck.filter_map(|row| row.reason.as_ref()) {
            *counts.entry(reason).or_insert(0) += 1;
        }
        let mut failures: Vec<_> = counts.into_iter().map(|(reason, count)| (reason.clone(), count)).collect();
        failures.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), reason.to_string()));
        failures
    }
}
