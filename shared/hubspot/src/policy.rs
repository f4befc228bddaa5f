//! When a call to HubSpot is sent again, and what its failures mean.
//!
//! The rules are from <https://developers.hubspot.com/docs/api/error-handling> and
//! <https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines>.

use crate::error::HubSpotError;
use crate::problem;
use bytes::Bytes;
use http::Response;
use http::header::DATE;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use transport::json::{Policy, retry_after};

#[cfg(test)]
mod tests;

const LOCK_BACKOFF: Duration = Duration::from_secs(2);
/// HubSpot has not told its time yet.
const NOT_TOLD: i64 = i64::MIN;

/// HubSpot's way with calls, and the seconds by which our clock is ahead of its own.
pub(crate) struct HubSpotPolicy(AtomicI64);

impl HubSpotPolicy {
    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(NOT_TOLD))
    }

    pub(crate) fn clock_ahead(&self) -> Option<SignedDuration> {
        let seconds = self.0.load(Ordering::Relaxed);
        (seconds != NOT_TOLD).then(|| SignedDuration::from_secs(seconds))
    }
}

impl Policy for HubSpotPolicy {
    type Error = HubSpotError;
    const NAME: &'static str = "HubSpot";

    fn wait(response: &Response<Bytes>, repeatable: bool, attempt: u32, backoff: Duration) -> Option<Duration> {
        match response.status().as_u16() {
            429 => Some(problem::limit_wait(response, attempt)),
            // Nothing was done in these two: the record is locked, or the account is moving to another data centre.
            423 => Some(retry_after(response).unwrap_or(LOCK_BACKOFF * (attempt + 1))),
            477 => retry_after(response),
            502..=504 | 521..=524 if repeatable => Some(retry_after(response).unwrap_or(backoff)),
            _ => None,
        }
    }

    fn refused(response: &Response<Bytes>) -> HubSpotError {
        problem::judge(response)
    }

    fn bad_token() -> HubSpotError {
        HubSpotError::Unauthorized { expired: false }
    }

    fn of_single_write(error: HubSpotError) -> HubSpotError {
        let undone = match &error {
            // HubSpot refuses these two before it does anything.
            HubSpotError::Unavailable { status, .. } => matches!(status, 423 | 477),
            HubSpotError::Transport(error) => error.surely_undone(),
            HubSpotError::Unreadable(_) => false,
            _ => true,
        };
        if undone { error } else { HubSpotError::Ambiguous(Box::new(error)) }
    }

    /// The `Date` of an answer tells HubSpot's time.
    fn answered(&self, response: &Response<Bytes>, now: Timestamp) {
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        let theirs = date.and_then(|date| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
        if let Some(theirs) = theirs {
            self.0.store(now.duration_since(theirs).as_secs(), Ordering::Relaxed);
        }
    }
}
