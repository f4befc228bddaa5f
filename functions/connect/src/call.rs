//! One call of the API by a proven admin.

use crate::problem::Problem;
use crate::{Connect, Reply};
use domain::{OrgId, PortalId};
use flows::Bridge;
use futures::future::BoxFuture;
use hubspot::Portal;
use jiff::Timestamp;
use lambda_http::Request;
use lambda_http::http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use runtime::Admin;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use std::time::Duration;
use store::{Draft, Store};

/// How long HubSpot may take while somebody looks at a page.
const PATIENCE: Duration = Duration::from_secs(20);

/// The work of a route.
pub(crate) type Answer<'c> = BoxFuture<'c, Result<Reply, Problem>>;

/// The decoded parameters of a query.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Everything a route needs to know.
pub(crate) struct Call<'a> {
    pub(crate) connect: &'a Connect,
    pub(crate) admin: Admin,
    pub(crate) method: Method,
    pub(crate) now: Timestamp,
    /// The decoded parts of the path after `/api`.
    parts: Vec<String>,
    query: Vec<(String, String)>,
    request: &'a Request,
}

impl<'a> Call<'a> {
    pub(crate) fn new(connect: &'a Connect, admin: Admin, request: &'a Request, path: &str) -> Self {
        Self {
            connect,
            admin,
            method: request.method().clone(),
            now: connect.bridge.clock.now(),
            parts: path.split('/').filter(|part| !part.is_empty()).skip(1).map(decoded).collect(),
            query: pairs(request.uri().query().unwrap_or_default()),
            request,
        }
    }

    pub(crate) fn bridge(&self) -> &Bridge {
        &self.connect.bridge
    }

    pub(crate) fn store(&self) -> &Store {
        &self.connect.bridge.store
    }

    pub(crate) fn org(&self) -> &OrgId {
        &self.admin.org
    }

    /// The parts of the path after `/api`: `["deliveries", "m1", "replay"]`.
    pub(crate) fn path(&self) -> Vec<&str> {
        self.parts.iter().map(String::as_str).collect()
    }

    /// Records what the caller did. It stands even where the entry is not stored.
    pub(crate) async fn record(&self, action: &str, what: &str) {
        operations::record_audit(self.bridge(), self.org(), self.admin.role, action, what).await;
    }

    /// The organization's settings, connected or not. Its webhook URL begins with this.
    pub(crate) async fn draft(&self) -> Result<Draft, Problem> {
        Ok(self.store().draft(self.org(), &(self.connect.random)(), self.now).await?)
    }

    /// The connected portal, with tokens that are refreshed when they are due.
    pub(crate) async fn portal(&self) -> Result<Portal, Problem> {
        self.bridge().portal(self.org(), self.now + PATIENCE).await?.ok_or_else(not_connected)
    }

    /// The connected portal's id: ids of threads and messages are unique within a portal only.
    pub(crate) async fn portal_id(&self) -> Result<PortalId, Problem> {
        Ok(self.store().connection(self.org()).await?.ok_or_else(not_connected)?.portal)
    }

    /// A parameter of the query. An empty one counts as absent.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.trim().is_empty())
    }

    /// A parameter of a certain type.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let wrong = |_| Problem::field(name, format!("`{name}` cannot be read"));
        self.query(name).map(|text| text.parse().map_err(wrong)).transpose()
    }

    /// A parameter that must be there.
    pub(crate) fn required<T: FromStr>(&self, name: &str) -> Result<T, Problem> {
        self.parsed(name)?.ok_or_else(|| Problem::field(name, format!("`{name}` is missing")))
    }

    /// The body as JSON. A field that does not fit is named.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let mut json = serde_json::Deserializer::from_slice(self.request.body().as_ref());
        serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let at = error.path().to_string();
            if error.inner().is_data() {
                Problem::field(&at, format!("`{at}` is missing or of another type"))
            } else {
                Problem::new(StatusCode::BAD_REQUEST, "the body is not the JSON it should be")
            }
        })
    }
}

fn not_connected() -> Problem {
    Problem::not_found("connection of this organization")
}
