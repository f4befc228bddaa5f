use crate::error::HubSpotError;
use crate::token::{AccessToken, TokenSource};
use crate::versions::ApiVersions;
use crate::wire::{CreatedResponse, WireError};
use crate::{problem, retry};
use bytes::Bytes;
use domain::InvalidId;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use transport::Path;
use transport::Unreadable;
use transport::{Call, Http, TransportError};

/// One attempt of one call.
const TIMEOUT: Duration = Duration::from_secs(10);
const JSON: Cow<'static, str> = Cow::Borrowed("application/json");
const FORM: Cow<'static, str> = Cow::Borrowed("application/x-www-form-urlencoded");

/// HubSpot's API, without credentials. Cheap to clone; one per process.
#[derive(Clone)]
pub struct HubSpot(Arc<Shared>);

struct Shared {
    http: Http,
    base_url: String,
    versions: ApiVersions,
    /// By how many seconds our clock is ahead of HubSpot's, as its last answer told.
    ahead_s: AtomicI64,
}

/// HubSpot has not told its time yet.
const NOT_TOLD: i64 = i64::MIN;

/// One portal, as a token opens it, for calls that end before a moment. Cheap to clone.
#[derive(Clone)]
pub struct Portal {
    shared: Arc<Shared>,
    pub(crate) source: Arc<dyn TokenSource>,
    until: Timestamp,
}

impl HubSpot {
    /// `base_url` is `https://api.hubapi.com`, or where a simulator listens.
    pub fn new(http: Http, base_url: &str, versions: ApiVersions) -> Self {
        Self(Arc::new(Shared {
            http,
            base_url: base_url.trim_end_matches('/').to_owned(),
            versions,
            ahead_s: AtomicI64::new(NOT_TOLD),
        }))
    }

    /// By how much our clock is ahead of HubSpot's, to the second, as the last answer told.
    pub fn clock_ahead(&self) -> Option<SignedDuration> {
        let seconds = self.0.ahead_s.load(Ordering::Relaxed);
        (seconds != NOT_TOLD).then(|| SignedDuration::from_secs(seconds))
    }

    /// The portal that `token` opens. No call starts unless it must end before `until`.
    pub fn portal(&self, token: &AccessToken, until: Timestamp) -> Portal {
        self.portal_of(Arc::new(token.clone()), until)
    }

    /// The same with tokens that change while the portal is in use.
    pub fn portal_of(&self, source: Arc<dyn TokenSource>, until: Timestamp) -> Portal {
        Portal { shared: self.0.clone(), source, until }
    }

    pub(crate) fn versions(&self) -> &ApiVersions {
        &self.0.versions
    }

    /// Sends a form without a token and converts the answer.
    pub(crate) async fn form<W, T>(&self, form: Form, until: Timestamp) -> Result<T, HubSpotError>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        let ask = form.0;
        let body = self.0.send(&ask, None, until).await?;
        let convert = |wire: W| T::try_from(wire).map_err(|e| e.unreadable(ask.what));
        parse(ask.what, &body).and_then(convert).map_err(|e| ask.failed(HubSpotError::Unreadable(e)))
    }

    /// Sends a form without a token; whatever HubSpot says beside "done" is of no interest.
    pub(crate) async fn form_done(&self, form: Form, until: Timestamp) -> Result<(), HubSpotError> {
        self.0.send(&form.0, None, until).await.map(drop)
    }
}

/// A call with a form body, as OAuth has them.
pub(crate) struct Form(Ask);

impl Form {
    /// A form that must not be sent twice.
    pub(crate) fn once(what: &'static str, path: Path, fields: String) -> Self {
        let (method, body) = (Method::POST, Some(Bytes::from(fields)));
        Self(Ask { what, method, path, body, repeatable: false, content_type: FORM })
    }

    pub(crate) fn repeatable(what: &'static str, path: Path, fields: String) -> Self {
        let Self(ask) = Self::once(what, path, fields);
        Self(Ask { repeatable: true, ..ask })
    }
}

impl fmt::Debug for HubSpot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubSpot")
            .field("base_url", &self.0.base_url)
            .field("versions", &self.0.versions)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portal").field("until", &self.until).finish_non_exhaustive()
    }
}

/// One call before it is sent.
pub(crate) struct Ask {
    /// What it does, for logs: the path holds addresses.
    what: &'static str,
    method: Method,
    path: Path,
    body: Option<Bytes>,
    /// False where doing it twice would be seen.
    repeatable: bool,
    content_type: Cow<'static, str>,
}

impl Ask {
    pub(crate) fn get(what: &'static str, path: Path) -> Self {
        Self { what, method: Method::GET, path, body: None, repeatable: true, content_type: JSON }
    }

    pub(crate) fn delete(what: &'static str, path: Path) -> Self {
        Self { what, method: Method::DELETE, path, body: None, repeatable: true, content_type: JSON }
    }

    pub(crate) fn put(what: &'static str, path: Path, body: &impl Serialize) -> Self {
        Self { what, method: Method::PUT, path, body: json(body), repeatable: true, content_type: JSON }
    }

    pub(crate) fn patch(what: &'static str, path: Path, body: &impl Serialize) -> Self {
        Self { what, method: Method::PATCH, path, body: json(body), repeatable: true, content_type: JSON }
    }

    /// A POST that reads, or that HubSpot refuses the second time without harm.
    pub(crate) fn post_repeatable(what: &'static str, path: Path, body: &impl Serialize) -> Self {
        Self { what, method: Method::POST, path, body: json(body), repeatable: true, content_type: JSON }
    }

    /// A POST that would be seen twice if it were sent twice.
    pub(crate) fn post_once(what: &'static str, path: Path, body: &impl Serialize) -> Self {
        Self { what, method: Method::POST, path, body: json(body), repeatable: false, content_type: JSON }
    }

    /// A POST of another body than JSON, which HubSpot does not do twice.
    pub(crate) fn post_form(what: &'static str, path: Path, content_type: String, body: Bytes) -> Self {
        let content_type = Cow::Owned(content_type);
        Self { what, method: Method::POST, path, body: Some(body), repeatable: true, content_type }
    }

    fn failed(&self, error: HubSpotError) -> HubSpotError {
        if self.repeatable { error } else { error.of_single_write() }
    }
}

/// Texts, lists of them and maps with text keys: writing those as JSON cannot fail.
fn json(body: &impl Serialize) -> Option<Bytes> {
    serde_json::to_vec(body).ok().map(Bytes::from)
}

impl Portal {
    pub(crate) fn versions(&self) -> &ApiVersions {
        &self.shared.versions
    }

    /// Calls and converts the answer.
    pub(crate) async fn fetch<W, T>(&self, ask: Ask) -> Result<T, HubSpotError>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        let body = self.send(&ask).await?;
        let convert = |wire: W| T::try_from(wire).map_err(|e| e.unreadable(ask.what));
        parse(ask.what, &body).and_then(convert).map_err(|e| ask.failed(HubSpotError::Unreadable(e)))
    }

    /// As [`Self::fetch`]; what HubSpot does not have is `None`.
    pub(crate) async fn find<W, T>(&self, ask: Ask) -> Result<Option<T>, HubSpotError>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        match self.fetch(ask).await {
            Err(HubSpotError::NotFound) => Ok(None),
            found => found.map(Some),
        }
    }

    /// Calls and takes the id of what was created.
    pub(crate) async fn create<T: TryFrom<String, Error = InvalidId>>(&self, ask: Ask) -> Result<T, HubSpotError> {
        let body = self.send(&ask).await?;
        let convert = |wire: CreatedResponse| wire.id.required("id").map_err(|e| e.unreadable(ask.what));
        parse(ask.what, &body).and_then(convert).map_err(|e| ask.failed(HubSpotError::Unreadable(e)))
    }

    /// Calls; whatever HubSpot says beside "done" is of no interest.
    pub(crate) async fn done(&self, ask: Ask) -> Result<(), HubSpotError> {
        self.send(&ask).await.map(drop)
    }

    async fn send(&self, ask: &Ask) -> Result<Bytes, HubSpotError> {
        let token = self.source.current().await?;
        let expired = match self.shared.send(ask, Some(&token), self.until).await {
            Err(HubSpotError::Unauthorized { expired }) => expired,
            answer => return answer,
        };
        // Refused, so surely not done: even a write may be sent again, once, with another token.
        match self.source.instead_of(&token, expired).await? {
            Some(other) => self.shared.send(ask, Some(&other), self.until).await,
            None => Err(HubSpotError::Unauthorized { expired }),
        }
    }
}

impl Shared {
    async fn send(&self, ask: &Ask, token: Option<&AccessToken>, until: Timestamp) -> Result<Bytes, HubSpotError> {
        let call = Call { request: self.request(ask, token)?, timeout: TIMEOUT, until };
        let http = &self.http;
        let started = http.clock().now();
        let outcome = http.call(&call, |attempt, outcome| retry::decide(ask.repeatable, attempt, outcome)).await;
        let duration_ms = http.clock().now().duration_since(started).as_millis();
        let status = outcome.as_ref().ok().map(|response| response.status().as_u16());
        tracing::debug!(call = ask.what, http.status = status, duration_ms, "HubSpot was called");
        if let Some(theirs) = outcome.as_ref().ok().and_then(|response| told_time(response.headers())) {
            let ahead = http.clock().now().duration_since(theirs).as_secs();
            self.ahead_s.store(ahead, Ordering::Relaxed);
        }
        match outcome {
            Ok(response) if response.status().is_success() => Ok(response.into_body()),
            Ok(response) => Err(ask.failed(problem::judge(&response))),
            Err(error) => Err(ask.failed(HubSpotError::Transport(error))),
        }
    }

    fn request(&self, ask: &Ask, token: Option<&AccessToken>) -> Result<Request<Bytes>, HubSpotError> {
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(format!("{}{}", self.base_url, ask.path))
            .header(ACCEPT, "application/json");
        if let Some(token) = token {
            // A token that does not fit into a header is none that HubSpot has issued.
            let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose()))
                .map_err(|_| HubSpotError::Unauthorized { expired: false })?;
            bearer.set_sensitive(true);
            request = request.header(AUTHORIZATION, bearer);
        }
        if ask.body.is_some() {
            request = request.header(CONTENT_TYPE, ask.content_type.as_ref());
        }
        let not_sent = |error: http::Error| TransportError::NotSent(error.to_string());
        Ok(request.body(ask.body.clone().unwrap_or_default()).map_err(not_sent)?)
    }
}

/// The `Date` of an answer.
fn told_time(headers: &http::HeaderMap) -> Option<Timestamp> {
    let date = headers.get(http::header::DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()
}

fn parse<W: DeserializeOwned>(what: &'static str, body: &[u8]) -> Result<W, Unreadable> {
    let mut json = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let problem = if error.inner().is_data() { "a field is missing or of another type" } else { "this is no JSON" };
        Unreadable { what, at: error.path().to_string(), problem }
    })
}
