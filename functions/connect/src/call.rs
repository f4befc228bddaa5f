//! One call of the API by a proven admin.

use crate::problem::Problem;
use crate::{Connect, Reply};
use futures::future::BoxFuture;
use hubspot::Portal;
use jiff::Timestamp;
use lambda_http::Request;
use lambda_http::http::Method;
use percent_encoding::percent_decode_str;
use runtime::Admin;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use std::time::Duration;
use store::Draft;

/// How long HubSpot may take while somebody looks at a page.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a route does, once it is asked for.
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

    /// The parts of the path after `/api`: `["deliveries", "m1", "replay"]`.
    pub(crate) fn path(&self) -> Vec<&str> {
        self.parts.iter().map(String::as_str).collect()
    }

    /// What the organization has chosen, connected or not; its webhook URL begins with this.
    pub(crate) async fn draft(&self) -> Result<Draft, Problem> {
        let draft = self.connect.bridge.store.draft(&self.admin.org, &(self.connect.random)(), self.now).await;
        draft.map_err(|error| Problem::internal("read the settings", &error))
    }

    /// The connected portal, with tokens that are refreshed when they are due.
    pub(crate) async fn portal(&self) -> Result<Portal, Problem> {
        let portal = self.connect.bridge.portal(&self.admin.org, self.now + PATIENCE).await;
        let portal = portal.map_err(|error| Problem::internal("read the connection", &error))?;
        portal.ok_or_else(|| Problem::not_found("connection of this organization"))
    }

    /// A parameter of the query; an empty one is none.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.trim().is_empty())
    }

    /// A parameter as what it has to be.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let wrong = |_| Problem::field(name, format!("`{name}` cannot be read"));
        self.query(name).map(|text| text.parse().map_err(wrong)).transpose()
    }

    /// The body as JSON; what does not fit is named.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let mut json = serde_json::Deserializer::from_slice(self.request.body().as_ref());
        serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let at = error.path().to_string();
            if !error.inner().is_data() {
                return Problem::new(
                    lambda_http::http::StatusCode::BAD_REQUEST,
                    "the body is not the JSON it should be",
                );
            }
            Problem::field(&at, format!("`{at}` is missing or of another type"))
        })
    }
}
