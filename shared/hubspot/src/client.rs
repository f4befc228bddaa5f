//! The API and one portal in it. What goes over the line is `transport::json`'s.

use crate::error::HubSpotError;
use crate::policy::HubSpotPolicy;
use crate::token::{AccessToken, TokenSource};
use crate::versions::ApiVersions;
use crate::wire::{CreatedResponse, IdResponse, PageResponse};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use transport::json::{JsonCall, JsonClient, ListPage, WireError};
use transport::{Http, Path, debug_only};

/// HubSpot's API, without credentials. Cheap to clone; one per process.
#[derive(Clone, Debug)]
pub struct HubSpot(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    client: JsonClient<HubSpotPolicy>,
    versions: ApiVersions,
}

/// One portal, as a token opens it, for calls that end before a moment. Cheap to clone.
#[derive(Clone)]
pub struct Portal {
    shared: Arc<Shared>,
    pub(crate) source: Arc<dyn TokenSource>,
    until: Timestamp,
}

debug_only!(Portal { until });

impl HubSpot {
    /// `base_url` is `https://api.hubapi.com`, or where a simulator listens.
    pub fn new(http: Http, base_url: &str, versions: ApiVersions) -> Self {
        Self(Arc::new(Shared { client: JsonClient::new(http, base_url, HubSpotPolicy::new()), versions }))
    }

    /// The lead of our clock over HubSpot's, to the second, according to HubSpot's last answer.
    pub fn clock_ahead(&self) -> Option<SignedDuration> {
        self.0.client.policy().clock_ahead()
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

    /// Calls without a token.
    pub(crate) async fn send(&self, call: &JsonCall, until: Timestamp) -> Result<Bytes, HubSpotError> {
        self.0.client.send(call, None, until).await
    }

    /// Calls without a token and converts the answer.
    pub(crate) async fn fetch<W, T>(&self, call: JsonCall, until: Timestamp) -> Result<T, HubSpotError>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        let body = self.send(&call, until).await?;
        JsonClient::<HubSpotPolicy>::read(&call, &body)
    }
}

impl Portal {
    pub(crate) fn versions(&self) -> &ApiVersions {
        &self.shared.versions
    }

    pub(crate) fn conversations(&self) -> Path {
        Path::new(self.versions().conversations)
    }

    /// The CRM's records of one kind, such as `tickets`.
    pub(crate) fn objects(&self, kind: &str) -> Path {
        Path::new(self.versions().objects).then(kind)
    }

    /// Calls and converts the answer.
    pub(crate) async fn fetch<W, T>(&self, call: JsonCall) -> Result<T, HubSpotError>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        let body = self.send(&call).await?;
        JsonClient::<HubSpotPolicy>::read(&call, &body)
    }

    /// As [`Self::fetch`]; a record that HubSpot does not have is `None`.
    pub(crate) async fn find<W, T>(&self, call: JsonCall) -> Result<Option<T>, HubSpotError>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        match self.fetch(call).await {
            Err(HubSpotError::NotFound) => Ok(None),
            found => found.map(Some),
        }
    }

    /// Calls and converts the first page of a list.
    pub(crate) async fn list<W, T>(&self, call: JsonCall) -> Result<Vec<T>, HubSpotError>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        Ok(self.page::<W, T>(call).await?.items)
    }

    /// Calls and converts one page of a list.
    pub(crate) async fn page<W, T>(&self, call: JsonCall) -> Result<ListPage<T>, HubSpotError>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        self.fetch::<PageResponse<W>, _>(call).await
    }

    /// Follows the pages from `first`, at most `bound` of them.
    pub(crate) async fn pages<W, T>(
        &self,
        what: &'static str,
        first: Path,
        bound: usize,
    ) -> Result<Vec<T>, HubSpotError>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        let (mut items, mut path) = (Vec::new(), first.clone());
        for _ in 0..bound {
            let page = self.page::<W, T>(JsonCall::get(what, path)).await?;
            items.extend(page.items);
            let Some(after) = page.next else { return Ok(items) };
            path = first.clone().with("after", after);
        }
        tracing::warn!(call = what, pages = bound, "HubSpot has more pages than are read");
        Ok(items)
    }

    /// Calls and takes the id of the new record.
    pub(crate) async fn create<T: TryFrom<String>>(&self, call: JsonCall) -> Result<T, HubSpotError> {
        let created: CreatedResponse<T> = self.fetch::<IdResponse, _>(call).await?;
        Ok(created.0)
    }

    /// Calls; the body of a 2xx answer is of no interest.
    pub(crate) async fn done(&self, call: JsonCall) -> Result<(), HubSpotError> {
        self.send(&call).await.map(drop)
    }

    async fn send(&self, call: &JsonCall) -> Result<Bytes, HubSpotError> {
        let client = &self.shared.client;
        let token = self.source.current().await?;
        let expired = match client.send(call, Some(token.expose()), self.until).await {
            Err(HubSpotError::Unauthorized { expired }) => expired,
            answer => return answer,
        };
        // HubSpot refused the call and did nothing: even a write may be sent once more, with another token.
        match self.source.instead_of(&token, expired).await? {
            Some(other) => client.send(call, Some(other.expose()), self.until).await,
            None => Err(HubSpotError::Unauthorized { expired }),
        }
    }
}
