//! HubSpot's limits on requests: <https://developers.hubspot.com/docs/api/usage-details>.

use crate::limits::{Wanted, Window};
use jiff::{SignedDuration, Timestamp};

pub(crate) struct RequestLimits {
    off: bool,
    burst: Window,
    search: Window,
}

impl RequestLimits {
    pub(crate) fn new() -> Self {
        let burst = Window::new(110, SignedDuration::from_secs(10));
        Self { off: false, burst, search: Window::new(5, SignedDuration::from_secs(1)) }
    }

    pub(crate) fn change(&mut self, wanted: &Wanted) {
        self.off = wanted.off.unwrap_or(false);
        self.burst.max = wanted.per_10_s.unwrap_or(self.burst.max);
        self.search.max = wanted.search_per_s.unwrap_or(self.search.max);
    }

    /// The headers for an answer, or the policy that refuses it. Search has a limit of its own and no headers.
    pub(crate) fn take(&mut self, search: bool, now: Timestamp) -> Result<Vec<(String, String)>, &'static str> {
        if search {
            let within = self.off || self.search.take(now).is_some();
            return if within { Ok(Vec::new()) } else { Err("SECONDLY") };
        }
        let remaining = if self.off { self.burst.max } else { self.burst.take(now).ok_or("TEN_SECONDLY_ROLLING")? };
        Ok(self.headers(remaining))
    }

    pub(crate) fn headers(&self, remaining: usize) -> Vec<(String, String)> {
        let header = |name: &str, value: usize| (format!("x-hubspot-ratelimit-{name}"), value.to_string());
        vec![header("max", self.burst.max), header("remaining", remaining), header("interval-milliseconds", 10_000)]
    }
}
