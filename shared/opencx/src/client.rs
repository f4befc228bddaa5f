use crate::assumed::AssumedPaths;
use crate::error::OpenCxError;
use crate::wire::WireError;
use crate::{problem, retry};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use transport::Path;
use transport::Unreadable;
use transport::{Call, Http, TransportError};

/// One attempt of one call.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The OpenCX API, without credentials. Cheap to clone; one per process.
#[derive(Clone)]
pub struct OpenCx(Arc<Shared>);

struct Shared {
    http: Http,
    base_url: String,
    assumed: AssumedPaths,
}

/// One organization, as a key opens it, for calls that end before a moment. Cheap to clone.
#[derive(Clone)]
pub struct Org {
    shared: Arc<Shared>,
    key: ApiKey,
    until: Timestamp,
}

/// What proves to OpenCX which organization we act for: `ocx_live_…`.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// Takes the key as OpenCX gave it.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

impl OpenCx {
    /// `base_url` is `https://api.open.cx`, or where a simulator listens.
    pub fn new(http: Http, base_url: &str, assumed: AssumedPaths) -> Self {
        Self(Arc::new(Shared { http, base_url: base_url.trim_end_matches('/').to_owned(), assumed }))
    }

    /// The organization that `key` opens. No call starts unless it must end before `until`.
    pub fn org(&self, key: &ApiKey, until: Timestamp) -> Org {
        Org { shared: self.0.clone(), key: key.clone(), until }
    }
}

impl fmt::Debug for OpenCx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenCx")
            .field("base_url", &self.0.base_url)
            .field("assumed", &self.0.assumed)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Org {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Org").field("until", &self.until).finish_non_exhaustive()
    }
}

/// One call before it is sent.
pub(crate) struct Ask {
    /// What it does, for logs.
    what: &'static str,
    method: Method,
    path: Path,
    body: Option<Bytes>,
    /// False where doing it twice would be seen.
    repeatable: bool,
    timeout: Duration,
}

impl Ask {
    pub(crate) fn get(what: &'static str, path: Path) -> Self {
        Self { what, method: Method::GET, path, body: None, repeatable: true, timeout: TIMEOUT }
    }

    pub(crate) fn put(what: &'static str, path: Path, body: &impl Serialize) -> Self {
        Self { what, method: Method::PUT, path, body: json(body), repeatable: true, timeout: TIMEOUT }
    }

    pub(crate) fn patch(what: &'static str, path: Path, body: &impl Serialize) -> Self {
        Self { what, method: Method::PATCH, path, body: json(body), repeatable: true, timeout: TIMEOUT }
    }

    /// OpenCX documents no idempotency key: every POST would be seen twice if it were sent twice.
    pub(crate) fn post(what: &'static str, path: Path, body: &impl Serialize) -> Self {
        Self { what, method: Method::POST, path, body: json(body), repeatable: false, timeout: TIMEOUT }
    }

    /// For calls during which the AI thinks.
    pub(crate) fn within(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    fn failed(&self, error: OpenCxError) -> OpenCxError {
        if self.repeatable { error } else { error.of_single_write() }
    }
}

/// Texts, lists of them and maps with text keys: writing those as JSON cannot fail.
fn json(body: &impl Serialize) -> Option<Bytes> {
    serde_json::to_vec(body).ok().map(Bytes::from)
}

impl Org {
    pub(crate) fn assumed(&self) -> &AssumedPaths {
        &self.shared.assumed
    }

    /// Calls and converts the answer.
    pub(crate) async fn fetch<W, T>(&self, ask: Ask) -> Result<T, OpenCxError>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        let body = self.send(&ask).await?;
        let convert = |wire: W| T::try_from(wire).map_err(|e| e.unreadable(ask.what));
        parse(ask.what, &body).and_then(convert).map_err(|e| ask.failed(OpenCxError::Unreadable(e)))
    }

    /// Calls; whatever OpenCX says beside "done" is of no interest.
    pub(crate) async fn done(&self, ask: Ask) -> Result<(), OpenCxError> {
        self.send(&ask).await.map(drop)
    }

    async fn send(&self, ask: &Ask) -> Result<Bytes, OpenCxError> {
        let call = Call { request: self.request(ask)?, timeout: ask.timeout, until: self.until };
        let http = &self.shared.http;
        let started = http.clock().now();
        let outcome = http.call(&call, |attempt, outcome| retry::decide(ask.repeatable, attempt, outcome)).await;
        let duration_ms = http.clock().now().duration_since(started).as_millis();
        let status = outcome.as_ref().ok().map(|response| response.status().as_u16());
        tracing::debug!(call = ask.what, http.status = status, duration_ms, "OpenCX was called");
        match outcome {
            Ok(response) if response.status().is_success() => Ok(response.into_body()),
            Ok(response) => Err(ask.failed(problem::judge(&response))),
            Err(error) => Err(ask.failed(OpenCxError::Transport(error))),
        }
    }

    fn request(&self, ask: &Ask) -> Result<Request<Bytes>, OpenCxError> {
        // A key that does not fit into a header is none that OpenCX has issued.
        let bearer = HeaderValue::try_from(format!("Bearer {}", self.key.0));
        let mut bearer = bearer.map_err(|_| OpenCxError::Unauthorized)?;
        bearer.set_sensitive(true);
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(format!("{}{}", self.shared.base_url, ask.path))
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, "application/json");
        if ask.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let not_sent = |error: http::Error| TransportError::NotSent(error.to_string());
        Ok(request.body(ask.body.clone().unwrap_or_default()).map_err(not_sent)?)
    }
}

/// An answer without a body is `null`: whether that will do is for the wire type to say.
fn parse<W: DeserializeOwned>(what: &'static str, body: &[u8]) -> Result<W, Unreadable> {
    let body = if body.trim_ascii().is_empty() { b"null" } else { body };
    let mut json = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let problem = if error.inner().is_data() { "a field is missing or of another type" } else { "this is no JSON" };
        Unreadable { what, at: error.path().to_string(), problem }
    })
}
