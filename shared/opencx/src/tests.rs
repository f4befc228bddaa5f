//! The client against a server in the same process that answers as told and remembers what it was asked.

mod calls;
mod failures;
mod reading;

use crate::{ApiKey, AssumedPaths, OpenCx, Org};
use bytes::Bytes;
use domain::SessionId;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use transport::{Attempt, Clock, Http, InProcess, TransportError, VirtualClock};

/// The server, and the organization that calls it.
struct Scene {
    org: Org,
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<Vec<Request<Bytes>>>>,
    left: Arc<Mutex<VecDeque<Attempt>>>,
}

impl Scene {
    /// Answers with `answers`, one after the other; a call too many is refused.
    fn new(answers: impl IntoIterator<Item = Attempt>) -> Self {
        Self::with(answers, AssumedPaths::default(), SignedDuration::from_secs(600))
    }

    fn with(answers: impl IntoIterator<Item = Attempt>, assumed: AssumedPaths, time_left: SignedDuration) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock::starting_at("2026-11-20T10:00:00Z".parse().unwrap()));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let left: Arc<Mutex<VecDeque<Attempt>>> = Arc::new(Mutex::new(answers.into_iter().collect()));
        let server = {
            let (seen, left) = (seen.clone(), left.clone());
            InProcess::new(move |request| {
                seen.lock().unwrap().push(request);
                let answer =
                    left.lock().unwrap().pop_front().unwrap_or_else(|| answer(418, json!({"message": "not expected"})));
                async move { answer }
            })
        };
        let until = clock.now() + time_left;
        let opencx = OpenCx::new(Http::new(Arc::new(server), clock.clone(), 1), "http://opencx.test/", assumed);
        Self { org: opencx.org(&ApiKey::new("ocx_live_canary"), until), clock, seen, left }
    }

    /// Each call as `METHOD /path`, in order.
    fn calls(&self) -> Vec<String> {
        let line = |r: &Request<Bytes>| format!("{} {}", r.method(), r.uri().path_and_query().unwrap());
        self.seen.lock().unwrap().iter().map(line).collect()
    }

    /// The body of the last call.
    fn body(&self) -> Value {
        serde_json::from_slice(self.seen.lock().unwrap().last().unwrap().body()).unwrap()
    }

    /// How many answers nobody asked for.
    fn unasked(&self) -> usize {
        self.left.lock().unwrap().len()
    }

    fn seconds_since(&self, start: Timestamp) -> f64 {
        self.clock.now().duration_since(start).as_secs_f64()
    }
}

#[expect(clippy::unnecessary_wraps, clippy::needless_pass_by_value, reason = "reads as one of the answers of a scene")]
fn answer(status: u16, body: Value) -> Attempt {
    Ok(Response::builder().status(status).body(Bytes::from(body.to_string())).unwrap())
}

#[expect(clippy::unnecessary_wraps, reason = "reads as one of the answers of a scene")]
fn raw(status: u16, body: &'static str) -> Attempt {
    Ok(Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap())
}

#[expect(clippy::unnecessary_wraps, reason = "reads as one of the answers of a scene")]
fn limited(retry_after: Option<&str>) -> Attempt {
    let mut response = Response::builder().status(429);
    if let Some(seconds) = retry_after {
        response = response.header("retry-after", seconds);
    }
    Ok(response.body(Bytes::from_static(br#"{"statusCode":429,"message":"Too Many Requests"}"#)).unwrap())
}

fn not_sent() -> Attempt {
    Err(TransportError::NotSent("connection refused".to_owned()))
}

fn broken() -> Attempt {
    Err(TransportError::Broken("connection closed".to_owned()))
}

fn session() -> SessionId {
    SessionId::parse("5f0c").unwrap()
}
