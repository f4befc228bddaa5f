//! Sliding windows, as both services count requests.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::collections::VecDeque;

/// The body of `PUT /_sim/limits`: absent fields stay as they are.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    pub(crate) per_10_s: Option<usize>,
    pub(crate) search_per_s: Option<usize>,
    pub(crate) per_minute: Option<usize>,
    pub(crate) off: Option<bool>,
}

/// One limit: at most `max` requests in any `span`.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) max: usize,
    span: SignedDuration,
    hits: VecDeque<Timestamp>,
}

impl Window {
    pub(crate) fn new(max: usize, span: SignedDuration) -> Self {
        Self { max, span, hits: VecDeque::new() }
    }

    /// Counts one request; `Some(remaining)` where it is within the limit.
    pub(crate) fn take(&mut self, now: Timestamp) -> Option<usize> {
        while self.hits.front().is_some_and(|hit| now.duration_since(*hit) >= self.span) {
            self.hits.pop_front();
        }
        if self.hits.len() >= self.max {
            return None;
        }
        self.hits.push_back(now);
        Some(self.max - self.hits.len())
    }
}
