//! AWS as one endpoint: it answers what the functions call in these tests, refuses the rest, and remembers all of it.

use crate::runtime_api::serve;
use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{oneshot, watch};

/// A request as AWS saw it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Such as `AmazonSQS.SendMessageBatch`, or method and path where the service has no such names.
    pub(crate) operation: String,
    pub(crate) body: Value,
}

/// The endpoint, for one function.
pub(crate) struct Aws {
    pub(crate) address: SocketAddr,
    seen: Seen,
    /// The server ends when this is dropped.
    _stop: oneshot::Sender<()>,
}

/// The calls so far, and the operation that is not answered. Cloning shares both.
#[derive(Clone)]
pub(crate) struct Seen {
    calls: Arc<Mutex<Vec<Call>>>,
    count: watch::Sender<usize>,
    held: watch::Sender<Option<&'static str>>,
}

impl Seen {
    /// From now on calls of `operation` are not answered.
    pub(crate) fn hold(&self, operation: &'static str) {
        self.held.send_replace(Some(operation));
    }

    /// Answers everything again, the held calls too.
    pub(crate) fn release(&self) {
        self.held.send_replace(None);
    }

    /// Completes when there is a call of `operation`, held or not.
    pub(crate) async fn called(&self, operation: &str) {
        let mut count = self.count.subscribe();
        let is_there = || self.all().iter().any(|call| call.operation == operation);
        // The sender is in `self`: waiting cannot fail.
        let _ = count.wait_for(|_| is_there()).await;
    }

    fn all(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, call: Call) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        self.count.send_modify(|count| *count += 1);
    }
}

impl Aws {
    pub(crate) async fn start() -> Result<Self> {
        let (count, held) = (watch::Sender::new(0), watch::Sender::new(None));
        let seen = Seen { calls: Arc::default(), count, held };
        let (address, stop) = serve(Router::new().fallback(take).with_state(seen.clone())).await?;
        Ok(Self { address, seen, _stop: stop })
    }

    /// All calls so far, in order, without those that only open a connection.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.seen.all()
    }

    /// The same as it goes on, and a hand on it.
    pub(crate) fn seen(&self) -> Seen {
        self.seen.clone()
    }

    /// The names of [`Self::calls`].
    pub(crate) fn operations(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.operation).collect()
    }

    /// The one call of `operation`.
    pub(crate) fn only(&self, operation: &str) -> Result<Value> {
        let mut found = self.calls().into_iter().filter(|call| call.operation == operation);
        let call = found.next().with_context(|| format!("find a call of {operation}"))?;
        anyhow::ensure!(found.next().is_none(), "{operation} was called more than once");
        Ok(call.body)
    }
}

/// The secret of a deployment. Its keys are 32 bytes that are all `u`, in base64.
fn secret() -> Value {
    let key = format!("{}dXU=", "dXV1".repeat(10));
    json!({
        "keyring": [{ "id": "k1", "key": key }],
        "url_keys": [{ "id": "u1", "key": key }],
        "admin_keys": [{ "id": "a1", "alg": "HS256", "key": key }],
        "hubspot_client_secrets": ["client-secret"],
    })
}

async fn take(
    State(seen): State<Seen>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let operation = header("x-amz-target").map_or_else(|| format!("{method} {}", uri.path()), str::to_owned);
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let signed = header("authorization").is_some_and(|text| text.starts_with("AWS4-HMAC-SHA256 Credential=AKID/"));
    let answer = if signed { answer(&operation, &body) } else { None };
    if operation != "GET /ping" && !is_read_of_nothing(&operation, &body) {
        seen.add(Call { operation: operation.clone(), body });
    }
    // The sender is in `seen`: waiting cannot fail.
    let _ = seen.held.subscribe().wait_for(|held| *held != Some(operation.as_str())).await;
    match answer {
        Some(answer) => (StatusCode::OK, Json(answer)),
        None => (StatusCode::BAD_REQUEST, Json(json!({ "__type": "AccessDeniedException", "message": "not here" }))),
    }
}

/// The call that opens the connection to the table at a cold start.
fn is_read_of_nothing(operation: &str, body: &Value) -> bool {
    operation == "DynamoDB_20120810.GetItem" && body.pointer("/Key/pk/S").is_some_and(|key| key == "NOTHING")
}

fn answer(operation: &str, body: &Value) -> Option<Value> {
    match operation {
        "secretsmanager.GetSecretValue" if body["SecretId"] == crate::function::SECRET_ARN => {
            Some(json!({ "Name": "opencx-hubspot", "VersionId": "v1", "SecretString": secret().to_string() }))
        }
        "AmazonSQS.SendMessageBatch" => {
            let stored = |entry: &Value| json!({ "Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "" });
            let stored: Vec<_> = body["Entries"].as_array()?.iter().map(stored).collect();
            Some(json!({ "Successful": stored, "Failed": [] }))
        }
        "AmazonSQS.SendMessage" => Some(json!({ "MessageId": "m", "MD5OfMessageBody": "" })),
        "DynamoDB_20120810.Query" => Some(json!({ "Items": [], "Count": 0, "ScannedCount": 0 })),
        // No item is found: the table is empty.
        "AmazonSQS.ChangeMessageVisibility" | "DynamoDB_20120810.GetItem" => Some(json!({})),
        _ => None,
    }
}
