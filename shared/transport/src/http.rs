use crate::{Clock, Meter, Transport, TransportError};
use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The outcome of one attempt.
pub type Attempt = Result<Response<Bytes>, TransportError>;

/// A policy's verdict on an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The attempt's outcome stands.
    Stop,
    /// Try again after this time (jitter is added to it).
    Retry {
        /// The wait that the server needs.
        after: Duration,
    },
}

/// One call, with what bounds it.
#[derive(Debug, Clone)]
pub struct Call {
    /// The request as it goes out, credentials included.
    pub request: Request<Bytes>,
    /// Bound of one attempt.
    pub timeout: Duration,
    /// No attempt starts unless it must end before this moment.
    pub until: Timestamp,
}

/// Retries over a transport. Cheap to clone; one per process.
#[derive(Clone)]
pub struct Http {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    jitter: Arc<Mutex<fastrand::Rng>>,
    meter: Meter,
    /// The name under which calls are counted.
    service: &'static str,
}

impl Http {
    /// `seed` starts the jitter, so that a simulation can be replayed.
    pub fn new(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>, seed: u64) -> Self {
        let jitter = Arc::new(Mutex::new(fastrand::Rng::with_seed(seed)));
        Self { transport, clock, jitter, meter: Meter::default(), service: "" }
    }

    /// The same, counting its calls as those of `service`: `<service>Calls` by outcome, `<service>Retries`, `<service>Duration`.
    #[must_use]
    pub fn counting(&self, meter: &Meter, service: &'static str) -> Self {
        Self { meter: meter.clone(), service, ..self.clone() }
    }

    /// The clock all waiting is measured by.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Sends until `policy` (given the number of the attempt, from 0, and its outcome) says stop or the time is up.
    ///
    /// If the wait would go past `until`, the last outcome is returned instead.
    pub async fn call(&self, call: &Call, policy: impl Fn(u32, &Attempt) -> Verdict) -> Attempt {
        let began = self.clock.now();
        let (attempts, outcome) = self.attempts(call, policy).await;
        let (service, meter) = (self.service, &self.meter);
        meter.count_of(&format!("{service}Calls"), "Outcome", word(&outcome));
        meter.count(&format!("{service}Retries"), attempts as usize);
        meter.took(&format!("{service}Duration"), self.clock.now().duration_since(began).unsigned_abs());
        outcome
    }

    /// The number of attempts after the first, and the outcome of the last.
    async fn attempts(&self, call: &Call, policy: impl Fn(u32, &Attempt) -> Verdict) -> (u32, Attempt) {
        let mut attempt = 0;
        loop {
            if self.clock.now() + call.timeout > call.until {
                return (attempt, Err(TransportError::NoTime));
            }
            let outcome = self.transport.send(call.request.clone(), call.timeout).await;
            let Verdict::Retry { after } = policy(attempt, &outcome) else { return (attempt, outcome) };
            let wait = after + self.jitter(after);
            if self.clock.now() + wait + call.timeout > call.until {
                return (attempt, outcome);
            }
            tracing::debug!(attempt, wait_ms = wait.as_millis(), "retrying a call");
            self.clock.sleep(wait).await;
            attempt += 1;
        }
    }

    /// Up to a quarter of `wait`, so that callers who were refused together do not come back together.
    fn jitter(&self, wait: Duration) -> Duration {
        let share = self.jitter.lock().unwrap_or_else(PoisonError::into_inner).u32(0..1000);
        wait * share / 4000
    }
}

fn word(outcome: &Attempt) -> &'static str {
    match outcome {
        Ok(response) => match response.status().as_u16() {
            200..=399 => "ok",
            429 => "limited",
            400..=499 => "refused",
            _ => "unavailable",
        },
        Err(TransportError::NotSent(_)) => "unreachable",
        Err(TransportError::Broken(_)) => "broken",
        Err(TransportError::NoTime) => "no_time",
    }
}
