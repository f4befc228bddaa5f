//! The API and one organization in it. What goes over the line is `transport::json`'s.

use crate::assumed_paths::AssumedPaths;
use crate::error::OpenCxError;
use crate::problem::OpenCxPolicy;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;
use transport::json::{JsonCall, JsonClient, WireError};
use transport::{Http, debug_only};

/// The OpenCX API, without credentials. Cheap to clone; one per process.
#[derive(Clone, Debug)]
pub struct OpenCx(Arc<Backend>);

#[derive(Debug)]
struct Backend {
    client: JsonClient<OpenCxPolicy>,
    assumed: AssumedPaths,
}

/// One organization, as a key opens it, for calls that end before a moment. Cheap to clone.
#[derive(Clone)]
pub struct Org {
    shared: Arc<Backend>,
    key: ApiKey,
    until: Timestamp,
}

debug_only!(Org { until });

/// The key of the organization we act for: `ocx_live_…`.
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
        Self(Arc::new(Backend { client: JsonClient::new(http, base_url, OpenCxPolicy), assumed }))
    }

    /// The organization that `key` opens. No call starts unless it must end before `until`.
    pub fn org(&self, key: &ApiKey, until: Timestamp) -> Org {
        Org { shared: self.0.clone(), key: key.clone(), until }
    }
}

impl Org {
    pub(crate) fn assumed(&self) -> &AssumedPaths {
        &self.shared.assumed
    }

    /// Calls and converts the answer.
    pub(crate) async fn fetch<W, T>(&self, call: JsonCall) -> Result<T, OpenCxError>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        let body = self.shared.client.send(&call, Some(&self.key.0), self.until).await?;
        JsonClient::<OpenCxPolicy>::read(&call, &body)
    }

    /// Calls; the body of a 2xx answer is of no interest.
    pub(crate) async fn done(&self, call: JsonCall) -> Result<(), OpenCxError> {
        self.shared.client.send(&call, Some(&self.key.0), self.until).await.map(drop)
    }
}
