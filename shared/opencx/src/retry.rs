//! When the client tries again by itself. OpenCX documents its limits (100 calls a minute) but no contract of its 429.

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
const SECOND: Duration = Duration::from_secs(1);

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
    let doubled = 2_u32.saturating_pow(attempt);
    match outcome {
        Ok(response) => match response.status().as_u16() {
            // The limiter stands before the work, so nothing was done.
            429 => Some(retry_after(response).unwrap_or(SECOND * doubled)),
            423 | 502..=504 if repeatable => Some(retry_after(response).unwrap_or(SHORT * doubled)),
            _ => None,
        },
        Err(TransportError::NotSent(_)) => Some(SHORT * doubled),
        Err(TransportError::Broken(_)) => repeatable.then_some(SHORT * doubled),
        Err(TransportError::NoTime) => None,
    }
}

/// `Retry-After` in seconds. Its date form would need the server's clock to agree with ours, so it counts as absent.
pub(crate) fn retry_after(response: &Response<Bytes>) -> Option<Duration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}
