//! The embedded engine as the SDK's HTTP client: just the operations that the store uses.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Region, retry::RetryConfig};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

#[derive(Clone, Debug)]
pub(super) struct Engine {
    database: Arc<Base>,
    calls: Arc<Mutex<Calls>>,
}

struct Base(Database);

impl std::fmt::Debug for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Base")
    }
}

#[derive(Default, Debug)]
struct Calls {
    made: Vec<String>,
    /// The answer of the next write is lost and the SDK sends it again.
    repeat_next: bool,
    /// What the next calls are answered instead.
    planted: VecDeque<(u16, String)>,
}

impl Engine {
    pub(super) fn memory() -> Self {
        Self { database: Arc::new(Base(Database::memory().unwrap())), calls: Arc::default() }
    }

    pub(super) fn client(&self) -> Client {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("local"))
            .endpoint_url("http://localhost")
            .allow_no_auth()
            .retry_config(RetryConfig::disabled())
            .http_client(self.clone());
        Client::from_conf(config.build())
    }

    pub(super) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().made.clone()
    }

    pub(super) fn forget_calls(&self) {
        self.calls.lock().unwrap().made.clear();
    }

    pub(super) fn lose_the_next_answer(&self) {
        self.calls.lock().unwrap().repeat_next = true;
    }

    pub(super) fn refuse_the_next_call(&self, status: u16, code: &'static str) {
        self.plant(status, &refusal(code, &json!({})));
    }

    /// Answers one of the next calls so, and does nothing.
    pub(super) fn plant(&self, status: u16, body: &Value) {
        self.calls.lock().unwrap().planted.push_back((status, body.to_string()));
    }

    fn answer(&self, operation: &str, body: &str) -> (u16, String) {
        let db = &self.database.0;
        macro_rules! dispatch {
            ($($name:literal => $method:ident),*) => {
                match operation {
                    $($name => serde_json::from_str(body)
                        .map_err(|error| DynoxideError::SerializationException(error.to_string()))
                        .and_then(|request| db.$method(request))
                        .map(|answer| serde_json::to_string(&answer).unwrap()),)*
                    other => panic!("the store is not expected to call {other}"),
                }
            };
        }
        let answer = dispatch!(
            "GetItem" => get_item, "BatchGetItem" => batch_get_item, "Query" => query, "PutItem" => put_item,
            "UpdateItem" => update_item, "TransactWriteItems" => transact_write_items,
            "CreateTable" => create_table, "UpdateTimeToLive" => update_time_to_live
        );
        answer.map_or_else(|error| (error.status_code(), error.to_json()), |body| (200, body))
    }
}

/// The body of a refusal of DynamoDB's.
pub(super) fn refusal(code: &str, more: &Value) -> Value {
    let mut body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "planted" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

impl HttpConnector for Engine {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = request.headers().get("x-amz-target").unwrap().rsplit('.').next().unwrap().to_owned();
        let body = std::str::from_utf8(request.body().bytes().unwrap()).unwrap();
        let mut calls = self.calls.lock().unwrap();
        calls.made.push(operation.clone());
        let planted = calls.planted.pop_front();
        // Reads are repeated without harm; the answer that is lost is that of a write.
        let repeated = operation != "GetItem" && planted.is_none() && std::mem::take(&mut calls.repeat_next);
        drop(calls);
        let (status, body) = planted.unwrap_or_else(|| {
            let first = self.answer(&operation, body);
            if repeated { self.answer(&operation, body) } else { first }
        });
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl HttpClient for Engine {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
