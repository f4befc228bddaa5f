//! The console: its page, the API behind it, and HubSpot's OAuth consent.
//!
//! Callers are proven here (by the admin token; at the callback by the state and its cookie), and every answer is made
//! here. It must never hold a step of a use case. Start with [`handle`]; `api` has one file per group of routes.

mod api;
mod assets;
mod call;
mod problem;
mod refusal;
mod reply;

use domain::{OrgId, UrlKey};
use flows::{Bridge, Queue};
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, RequestExt as _, Response};
use operations::Desk;
use problem::Problem;
use reply::Reply;
use runtime::AdminKeys;
use std::sync::Arc;

/// The largest body that is read.
const LARGEST_BODY: usize = 1024 * 1024;

/// The state of the console.
pub struct Connect {
    /// For the flows.
    pub bridge: Arc<Bridge>,
    /// For what is processed again.
    pub queue: Arc<dyn Queue>,
    /// Verify admin tokens.
    pub admin_keys: AdminKeys,
    /// The first signs webhook URLs.
    pub url_keys: Vec<UrlKey>,
    /// The address of the console and of the webhooks, without a slash at the end.
    pub public_url: String,
    /// Makes what nobody can guess.
    pub random: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Connect {
    /// What operators' use cases work with.
    pub(crate) fn desk(&self) -> Desk<'_> {
        Desk { bridge: &self.bridge, queue: &*self.queue }
    }

    /// The signed URL for an organization's webhooks.
    pub fn webhook_url(&self, org: &OrgId, nonce: &str) -> Option<String> {
        let key = domain::sign(org, nonce, self.url_keys.first()?);
        Some(format!("{}/webhooks/hubspot/{org}/{key}", self.public_url))
    }
}

/// Answers one request. Never fails: what goes wrong is an `application/problem+json` answer.
pub async fn handle(connect: &Connect, request: Request) -> Response<Body> {
    let path = request.raw_http_path().to_owned();
    let answered = if request.body().len() > LARGEST_BODY {
        Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is over 1 MiB"))
    } else {
        route(connect, &request, &path).await
    };
    let response = answered.unwrap_or_else(Reply::from).response();
    // An unknown path may be a mistyped key, so it is not logged.
    let path = if path.starts_with("/api/") || assets::is_one(&path) { path.as_str() } else { "another" };
    tracing::info!(method = %request.method(), path, http.status = response.status().as_u16(), "a request is answered");
    response
}

async fn route(connect: &Connect, request: &Request, path: &str) -> Result<Reply, Problem> {
    match (request.method(), path) {
        (&Method::GET, "/health") => {
            Ok(Reply::json(&serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })))
        }
        (&Method::GET, "/oauth/callback") => Ok(api::oauth::callback(connect, request).await),
        (_, path) if path == "/api" || path.starts_with("/api/") => api::answer(connect, request, path).await,
        (&Method::GET | &Method::HEAD, path) => assets::answer(path, request.headers()),
        (_, path) if assets::is_one(path) => {
            Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "a page can only be read"))
        }
        _ => Err(Problem::not_found("such page")),
    }
}
