//! A runner's end, and lines that lose things on the way.

use crate::family;
use crate::world::World;
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use serde_json::Value;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use transport::{Transport, TransportError};

/// When a runner dies, and what it did until then.
pub(crate) struct Fate {
    pub(crate) left: AtomicI64,
    pub(crate) operations: Mutex<Vec<String>>,
    /// How long every call to HubSpot and OpenCX takes.
    pub(crate) latency: Mutex<Duration>,
    /// What HubSpot's messages and threads come without.
    pub(crate) without: Mutex<Option<String>>,
}

impl Default for Fate {
    fn default() -> Self {
        Self {
            left: AtomicI64::new(i64::MAX / 2),
            operations: Mutex::default(),
            latency: Mutex::default(),
            without: Mutex::default(),
        }
    }
}

impl Fate {
    /// One step further; false once the runner is dead.
    fn step(&self) -> bool {
        self.left.fetch_sub(1, Ordering::Relaxed) > 0
    }

    pub(crate) fn lets_through(&self, operation: &str, request: &[u8]) -> bool {
        let alive = self.step();
        if alive && !String::from_utf8_lossy(request).contains("JOB#") {
            self.operations.lock().unwrap().push(operation.to_owned());
        }
        alive
    }
}

/// A line to a service that goes dead with its runner, before or after the work was done.
pub(crate) struct Fated {
    pub(crate) fate: Arc<Fate>,
    pub(crate) to: Arc<dyn Transport>,
}

impl Transport for Fated {
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            if !self.fate.step() {
                return std::future::pending().await;
            }
            family::called(&request);
            let latency = *self.fate.latency.lock().unwrap();
            tokio::time::sleep(latency).await;
            let answer = self.to.send(request, timeout).await;
            if !self.fate.step() {
                return std::future::pending().await;
            }
            let without = self.fate.without.lock().unwrap().clone();
            Ok(match without {
                Some(what) => answer?.map(|body| strip(&body, &what)),
                None => answer?,
            })
        })
    }
}

/// A message whose senders cannot be reached, or a thread without channel.
fn strip(body: &Bytes, what: &str) -> Bytes {
    let Ok(mut json) = serde_json::from_slice::<Value>(body) else { return body.clone() };
    if what == "senders" {
        for sender in json["senders"].as_array_mut().into_iter().flatten() {
            sender.as_object_mut().unwrap().remove("deliveryIdentifier");
        }
    } else if let Some(object) = json.as_object_mut() {
        for field in ["channelId", "channelAccountId", "originalChannelId", "originalChannelAccountId"] {
            object.remove(field);
        }
    }
    Bytes::from(json.to_string())
}

impl World {
    /// The runner dies after so many further steps: each call out and each database operation counts before and after.
    pub(crate) fn doom(&self, steps: i64) {
        self.fate.left.store(steps, Ordering::Relaxed);
    }

    pub(crate) fn died(&self) -> bool {
        self.fate.left.load(Ordering::Relaxed) < 0
    }
}
