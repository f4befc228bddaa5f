//! Requests and answers over an in-process server that plays a script.

mod address;
mod contacts;
mod conversations;
mod crm;
mod custom_channels;
mod files;
mod oauth;
mod property;
mod sending;
mod tickets;

use crate::{AccessToken, ApiVersions, HubSpot, Portal};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use transport::{Clock, Http, InProcess, TransportError};

/// What the server saw of one request.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    line: String,
    token: String,
    body: Value,
}

type Answer = Result<Response<Bytes>, TransportError>;

/// A portal, the script it is answered by, what it was asked, and how long the client waited.
struct Script {
    hubspot: HubSpot,
    portal: Portal,
    seen: Arc<Mutex<Vec<Seen>>>,
    waits: Arc<Mutex<Vec<Duration>>>,
}

/// Time moves only by waiting.
struct ScriptClock {
    waits: Arc<Mutex<Vec<Duration>>>,
}

fn start() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

impl Clock for ScriptClock {
    fn now(&self) -> Timestamp {
        start() + self.waits.lock().unwrap().iter().sum::<Duration>()
    }

    fn sleep(&self, duration: Duration) -> futures::future::BoxFuture<'static, ()> {
        self.waits.lock().unwrap().push(duration);
        Box::pin(async {})
    }
}

impl Script {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::with(ApiVersions::dated(), Duration::from_secs(110), answers)
    }

    /// One answer with a JSON body.
    fn of(status: u16, body: &str) -> Self {
        Self::new([answer(status, body)])
    }

    fn with(versions: ApiVersions, time: Duration, answers: impl IntoIterator<Item = Answer>) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let waits = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Mutex::new(answers.into_iter().collect::<VecDeque<_>>()));
        let server = InProcess::new({
            let seen = seen.clone();
            move |request| {
                seen.lock().unwrap().push(saw(&request));
                let answer = script.lock().unwrap().pop_front().expect("a call that the script does not expect");
                async move { answer }
            }
        });
        let http = Http::new(Arc::new(server), Arc::new(ScriptClock { waits: waits.clone() }), 7);
        let hubspot = HubSpot::new(http, "http://hubspot.test/", versions);
        let portal = hubspot.portal(&AccessToken::new("pat-na1-canary"), start() + time);
        Self { hubspot, portal, seen, waits }
    }

    /// The only request there was.
    fn request(&self) -> Seen {
        let seen = self.seen.lock().unwrap();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }

    fn requests(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    fn lines(&self) -> Vec<String> {
        self.requests().into_iter().map(|seen| seen.line).collect()
    }
}

fn saw(request: &Request<Bytes>) -> Seen {
    let text =
        |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let kind = text("content-type");
    let form = kind == "application/x-www-form-urlencoded" || kind.starts_with("multipart/form-data; boundary=");
    assert_eq!(form || kind == "application/json", !request.body().is_empty());
    let body = if form { Value::from(String::from_utf8_lossy(request.body())) } else { Value::Null };
    assert_eq!(request.uri().host(), Some("hubspot.test"));
    Seen {
        line: format!("{} {}", request.method(), request.uri().path_and_query().unwrap()),
        token: text("authorization"),
        body: serde_json::from_slice(request.body()).unwrap_or(body),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a script mixes answers and failures")]
fn answer(status: u16, body: &str) -> Answer {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    Ok(response)
}

fn broken() -> Answer {
    Err(TransportError::Broken("reset".into()))
}

fn not_sent() -> Answer {
    Err(TransportError::NotSent("refused".into()))
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}
