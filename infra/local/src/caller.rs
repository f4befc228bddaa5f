//! JSON calls to our own services: the simulators' controls and a running runner's API.

use anyhow::{Context, bail};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, header::AUTHORIZATION, header::CONTENT_TYPE};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use transport::{ReqwestTransport, Transport};

const TIMEOUT: Duration = Duration::from_secs(30);

/// One service at one base URL.
#[derive(Clone)]
pub(crate) struct Caller {
    url: String,
    transport: Arc<dyn Transport>,
    bearer: Option<String>,
}

impl Caller {
    pub(crate) fn new(url: &str, transport: Arc<dyn Transport>) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), transport, bearer: None }
    }

    /// Over the network.
    pub(crate) fn at(url: &str) -> anyhow::Result<Self> {
        Ok(Self::new(url, Arc::new(ReqwestTransport::new(transport::https_client()?))))
    }

    /// With an admin token.
    pub(crate) fn authorized(self, token: &str) -> Self {
        Self { bearer: Some(format!("Bearer {token}")), ..self }
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let what = format!("{method} {}{path}", self.url);
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(bearer) = &self.bearer {
            request = request.header(AUTHORIZATION, HeaderValue::try_from(bearer)?);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(body.map(|body| Bytes::from(body.to_string())).unwrap_or_default())?;
        let response = self.transport.send(request, TIMEOUT).await.with_context(|| format!("{what}: no answer"))?;
        let answer: Value = match response.body() {
            body if body.is_empty() => Value::Null,
            body => serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned().into()),
        };
        if !response.status().is_success() {
            let why = answer.get("detail").or_else(|| answer.get("error")).unwrap_or(&answer);
            bail!("{what}: {} {why}", response.status());
        }
        Ok(answer)
    }
}

/// A list in an answer; an absent one is empty.
pub(crate) fn list<'a>(answer: &'a Value, field: &str) -> &'a [Value] {
    answer.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A field of an answer that has to be a text.
pub(crate) fn text<'a>(answer: &'a Value, field: &str) -> anyhow::Result<&'a str> {
    answer.get(field).and_then(Value::as_str).with_context(|| format!("the answer has no `{field}`: {answer}"))
}
