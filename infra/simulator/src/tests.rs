//! Both simulators, driven as their callers drive them, on a paused clock.

mod controls;
mod crm;
mod custom_channels;
mod opencx;
mod refusals;
mod server;
mod threads;
mod webhooks;

use crate::{HubSpotSim, OpenCxSim, Reply, SimOptions, Simulator};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use transport::{Clock, InProcess, VirtualClock};

const THREADS: &str = "/conversations/conversations/2026-09/threads";
const V3_THREADS: &str = "/conversations/v3/conversations/threads";

/// The requests that reached the bundle, and how its door behaves.
#[derive(Default)]
struct Door {
    received: Mutex<Vec<Delivery>>,
    status: AtomicU16,
    answers_after_ms: AtomicU64,
}

#[derive(Clone)]
struct Delivery {
    at_ms: i64,
    url: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Delivery {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The simulators with a bundle that only records requests.
struct World {
    clock: VirtualClock,
    hubspot: Arc<HubSpotSim>,
    opencx: Arc<OpenCxSim>,
    door: Arc<Door>,
    token: String,
}

/// Where a request goes.
#[derive(Clone, Copy)]
enum To {
    HubSpot,
    OpenCx,
}

impl World {
    fn new() -> Self {
        let clock = VirtualClock::starting_at("2026-11-20T10:00:00Z".parse().unwrap());
        let door = Arc::new(Door { status: AtomicU16::new(200), ..Door::default() });
        let bundle = {
            let door = door.clone();
            InProcess::new(move |request: Request<Bytes>| receive(clock, door.clone(), request))
        };
        let (webhook, functions) = (Arc::new(bundle.clone()), Arc::new(bundle));
        let options = SimOptions { clock: Arc::new(clock), seed: 7, webhook, functions };
        let (hubspot, opencx) = (HubSpotSim::new(options.clone()), OpenCxSim::new(options));
        Self { clock, hubspot, opencx, door, token: crate::hubspot::ACCESS_TOKEN.to_owned() }
    }

    /// With a registered webhook and without limits.
    async fn live() -> Self {
        let world = Self::new();
        world.control("PUT", "/_sim/webhook", json!({ "url": "http://bundle.test/webhooks/hubspot" })).await;
        world.control("PUT", "/_sim/limits", json!({ "off": true })).await;
        world
    }

    async fn send(&self, to: To, method: &str, path: &str, body: &Value) -> Reply {
        let key = match to {
            To::HubSpot => self.token.clone(),
            To::OpenCx => crate::opencx::API_KEY.to_owned(),
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("http://sim.test{path}"))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json")
            .body(if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) })
            .unwrap();
        match to {
            To::HubSpot => self.hubspot.reply(request).await,
            To::OpenCx => self.opencx.reply(request).await,
        }
    }

    /// Status and body of an answer of HubSpot.
    async fn hs(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        read(self.send(To::HubSpot, method, path, &body).await)
    }

    /// Status and body of an answer of OpenCX.
    async fn ocx(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        read(self.send(To::OpenCx, method, path, &body).await)
    }

    /// A control of the HubSpot simulator that must succeed.
    async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.hs(method, path, body).await;
        assert!(status < 300, "{method} {path} -> {status} {answer}");
        answer
    }

    /// A thread of a customer with an e-mail address.
    async fn thread(&self, more: Value) -> Value {
        let mut body = json!({ "contact": { "name": "Ada Example", "email": "ada@example.com" } });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.control("POST", "/_sim/threads", body).await
    }

    fn deliveries(&self) -> Vec<Delivery> {
        self.door.received.lock().unwrap().clone()
    }

    /// All events so far, with deliveries under way given time to arrive.
    async fn events(&self) -> Vec<Value> {
        self.clock.sleep(Duration::from_millis(200)).await;
        self.deliveries().iter().flat_map(|d| d.json().as_array().unwrap().clone()).collect()
    }
}

async fn receive(
    clock: VirtualClock,
    door: Arc<Door>,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, transport::TransportError> {
    let (head, body) = request.into_parts();
    let (at_ms, url) = (clock.now().as_millisecond(), head.uri.to_string());
    door.received.lock().unwrap().push(Delivery { at_ms, url, headers: head.headers, body });
    clock.sleep(Duration::from_millis(door.answers_after_ms.load(Ordering::Relaxed))).await;
    let mut answer = Response::new(Bytes::from_static(br#"{"accepted":1}"#));
    *answer.status_mut() = http::StatusCode::from_u16(door.status.load(Ordering::Relaxed)).unwrap();
    answer.headers_mut().insert("x-amz-function-error", http::HeaderValue::from_static("Unhandled"));
    Ok(answer)
}

fn read(reply: Reply) -> (u16, Value) {
    let Reply::Answer(answer) = reply else { panic!("no answer: {reply:?}") };
    let body = answer.body();
    let json = if body.is_empty() { Value::Null } else { serde_json::from_slice(body).expect("JSON") };
    (answer.status().as_u16(), json)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is no text in {value}"))
}
