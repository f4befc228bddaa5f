use super::{JsonCall, Unreadable, WireError};
use crate::TransportError;
use crate::http::{Attempt, Call, Http, Verdict};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Request, Response};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;

/// A call is sent four times at most.
const RETRIES: u32 = 3;
/// Longer waits are left to the queue: a run costs money while it sleeps.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const FIRST_BACKOFF: Duration = Duration::from_millis(200);

/// The rules of one service.
pub trait Policy {
    /// The errors of its calls.
    type Error: From<TransportError> + From<Unreadable>;
    /// The service's name in logs.
    const NAME: &'static str;

    /// The wait before a call with this answer is sent again; `None` where the answer stands. `repeatable` is false for
    /// writes that would be done twice. `backoff` is the usual wait before this attempt.
    fn wait(response: &Response<Bytes>, repeatable: bool, attempt: u32, backoff: Duration) -> Option<Duration>;
    /// The error that an answer outside 2xx is.
    fn refused(response: &Response<Bytes>) -> Self::Error;
    /// The error of a token that fits into no header. The service cannot have issued it.
    fn bad_token() -> Self::Error;
    /// The error of a write that must not be repeated, which may have been done.
    fn of_single_write(error: Self::Error) -> Self::Error;
    /// Sees every answer, and when it came.
    fn answered(&self, _response: &Response<Bytes>, _now: Timestamp) {}
}

/// The calls of one service: sent, retried, logged without addresses, and read.
pub struct JsonClient<P> {
    http: Http,
    base_url: String,
    policy: P,
}

impl<P: Policy> JsonClient<P> {
    /// Calls what is below `base_url`.
    pub fn new(http: Http, base_url: &str, policy: P) -> Self {
        Self { http, base_url: base_url.trim_end_matches('/').to_owned(), policy }
    }

    /// The service's policy, with what it has seen.
    pub fn policy(&self) -> &P {
        &self.policy
    }

    /// Sends the call, with `token` if there is one, and gives the body of a 2xx answer.
    pub async fn send(&self, call: &JsonCall, token: Option<&str>, until: Timestamp) -> Result<Bytes, P::Error> {
        let request = Call { request: self.request(call, token)?, timeout: call.timeout, until };
        let clock = self.http.clock();
        let started = clock.now();
        let outcome = self.http.call(&request, |attempt, outcome| decide::<P>(call.repeatable, attempt, outcome)).await;
        let duration_ms = clock.now().duration_since(started).as_millis();
        let status = outcome.as_ref().ok().map(|response| response.status().as_u16());
        tracing::debug!(call = call.what, http.status = status, duration_ms, "{} was called", P::NAME);
        let response = outcome.map_err(|error| failed::<P>(call, error.into()))?;
        self.policy.answered(&response, clock.now());
        if !response.status().is_success() {
            return Err(failed::<P>(call, P::refused(&response)));
        }
        Ok(response.into_body())
    }

    /// Reads the body of an answer as `W` and converts it. Where that fails, a write that must not be repeated may have
    /// been done.
    pub fn read<W, T>(call: &JsonCall, body: &[u8]) -> Result<T, P::Error>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        call.read(body).map_err(|error| failed::<P>(call, error.into()))
    }

    fn request(&self, call: &JsonCall, token: Option<&str>) -> Result<Request<Bytes>, P::Error> {
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(format!("{}{}", self.base_url, call.path))
            .header(ACCEPT, "application/json");
        if let Some(token) = token {
            let mut bearer = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| P::bad_token())?;
            bearer.set_sensitive(true);
            request = request.header(AUTHORIZATION, bearer);
        }
        let mut content = Bytes::new();
        if let Some((content_type, body)) = &call.body {
            request = request.header(CONTENT_TYPE, content_type.as_ref());
            content = body.clone();
        }
        request.body(content).map_err(|error| TransportError::NotSent(error.to_string()).into())
    }
}

impl<P> fmt::Debug for JsonClient<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonClient").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

fn failed<P: Policy>(call: &JsonCall, error: P::Error) -> P::Error {
    if call.repeatable { error } else { P::of_single_write(error) }
}

/// Whether a call is sent again, and after which wait. `repeatable` is false for writes that would be done twice.
pub fn decide<P: Policy>(repeatable: bool, attempt: u32, outcome: &Attempt) -> Verdict {
    if attempt >= RETRIES {
        return Verdict::Stop;
    }
    let backoff = FIRST_BACKOFF * 2_u32.saturating_pow(attempt);
    let wait = match outcome {
        Ok(response) => P::wait(response, repeatable, attempt, backoff),
        Err(TransportError::NotSent(_)) => Some(backoff),
        Err(TransportError::Broken(_)) => repeatable.then_some(backoff),
        Err(TransportError::NoTime) => None,
    };
    wait.filter(|wait| *wait <= LONGEST_WAIT).map_or(Verdict::Stop, |after| Verdict::Retry { after })
}

/// `Retry-After` in seconds. Its date form would need the server's clock to agree with ours, so it counts as absent.
pub fn retry_after(response: &Response<Bytes>) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}
