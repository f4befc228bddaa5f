//! When the client tries again by itself (facts on limits and errors).

use crate::problem::{self, Limit};
use bytes::Bytes;
use http::{Response, header};
use std::time::Duration;
use transport::{Attempt, TransportError, Verdict};

#[cfg(test)]
mod tests;

/// A call is sent four times at most.
const RETRIES: u32 = 3;
/// Longer waits are the queue's: a run costs money while it sleeps.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(200);
const LOCKED: Duration = Duration::from_secs(2);
const SECOND: Duration = Duration::from_secs(1);
/// The rolling window is empty after this.
const TEN_SECONDS: Duration = Duration::from_secs(10);
/// A daily limit ends at midnight of the portal's time zone, which is not known here. 50 looks of the queue cover a day.
const DAILY: Duration = Duration::from_mins(30);

/// Stop, or wait and try again. `repeatable` is false for writes that would be done twice.
pub(crate) fn decide(repeatable: bool, attempt: u32, outcome: &Attempt) -> Verdict {
    if attempt >= RETRIES {
        return Verdict::Stop;
    }
    match wait(repeatable, attempt, outcome) {
        Some(after) if after <= LONGEST_WAIT => Verdict::Retry { after },
        _ => Verdict::Stop,
    }
}

fn wait(repeatable: bool, attempt: u32, outcome: &Attempt) -> Option<Duration> {
    let backoff = SHORT * 2_u32.saturating_pow(attempt);
    match outcome {
        Ok(response) => match response.status().as_u16() {
            429 => Some(limit_wait(response, attempt)),
            // Nothing was done in these two: the record is locked, or the account is moving to another data centre.
            423 => Some(retry_after(response).unwrap_or(LOCKED * (attempt + 1))),
            477 => retry_after(response),
            502..=504 | 521..=524 if repeatable => Some(retry_after(response).unwrap_or(backoff)),
            _ => None,
        },
        Err(TransportError::NotSent(_)) => Some(backoff),
        Err(TransportError::Broken(_)) => repeatable.then_some(backoff),
        Err(TransportError::NoTime) => None,
    }
}

/// How long to stay away after a 429, at its `attempt`-th repetition.
pub(crate) fn limit_wait(response: &Response<Bytes>, attempt: u32) -> Duration {
    retry_after(response).unwrap_or(match problem::limit(response.body()) {
        Limit::Daily => DAILY,
        Limit::TenSecondly => TEN_SECONDS,
        Limit::Secondly | Limit::Other => SECOND * (attempt + 1),
    })
}

/// HubSpot counts `Retry-After` in seconds; the date form of HTTP is not used by it.
pub(crate) fn retry_after(response: &Response<Bytes>) -> Option<Duration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}
