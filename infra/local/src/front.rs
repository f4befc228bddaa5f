//! The runner's HTTP front: the routes that API Gateway would publish, and for this machine alone the Invoke API.

use crate::bridges::Bridges;
use crate::loopback::only_local;
use crate::problem::Problem;
use crate::rights::OPERATOR;
use crate::sandbox::{self, Sandbox};
use crate::tasks::Tasks;
use crate::{gateway, invoke};
use actions::Actions;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use bytes::Bytes;
use connect::Connect;
use http::{Method, StatusCode, request::Parts};
use runtime::functions::ACTIONS;
use serde_json::json;
use std::sync::Arc;
use webhook::Webhook;

/// API Gateway's own limit. The webhook function's is lower, and it answers for itself.
const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// The state of the routes.
pub(crate) struct Front {
    pub(crate) bridges: Arc<Bridges>,
    pub(crate) webhook: Webhook,
    pub(crate) actions: Actions,
    pub(crate) connect: Connect,
    pub(crate) tasks: Arc<Tasks>,
}

/// All routes.
pub(crate) fn router(front: Arc<Front>, sandbox: Arc<Sandbox>) -> Router {
    let local = Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invocation))
        .route("/operator/orgs", get(organizations))
        .layer(middleware::from_fn(only_local));
    Router::new()
        .route("/webhooks/hubspot", post(signed_by_hubspot))
        .route("/webhooks/hubspot/{org}/{key}", post(signed_url))
        .route("/actions/hubspot/{action}", post(action))
        .fallback(console)
        .merge(local)
        .with_state(front)
        .merge(sandbox::router(sandbox))
}

/// Lists the connected organizations for the command line of this machine.
async fn organizations(State(front): State<Arc<Front>>) -> Response {
    let row = |org: store::Organization| json!({ "org": org.org, "portal_id": org.portal, "auth": org.auth, "live": org.live, "connected_at": org.connected_at });
    match front.bridges.of(&OPERATOR).store.organizations().await {
        Ok(found) => axum::Json(json!({ "orgs": found.into_iter().map(row).collect::<Vec<_>>() })).into_response(),
        Err(error) => Problem::internal("the organizations could not be listed", &error).into_response(),
    }
}

async fn signed_url(State(front): State<Arc<Front>>, request: Request) -> Response {
    hook(front, request, "POST /webhooks/hubspot/{org}/{key}").await
}

async fn signed_by_hubspot(State(front): State<Arc<Front>>, request: Request) -> Response {
    hook(front, request, "POST /webhooks/hubspot").await
}

async fn hook(front: Arc<Front>, request: Request, route: &str) -> Response {
    through_gateway(
        front,
        request,
        route,
        |front, request| async move { webhook::handle(&front.webhook, request).await },
    )
    .await
}

async fn action(State(front): State<Arc<Front>>, request: Request) -> Response {
    through_gateway(front, request, "POST /actions/hubspot/{action}", |front, request| async move {
        let (bridge, queue) = (front.bridges.of(&ACTIONS), front.bridges.ports(&ACTIONS));
        actions::handle(&front.actions, &bridge, &queue, request).await
    })
    .await
}

/// The page, its API and HubSpot's consent: every path that the other routes do not take.
///
/// On this machine a change holds at once, because every function drops its cache. On AWS it holds within a minute.
async fn console(State(front): State<Arc<Front>>, request: Request) -> Response {
    let changes = request.method() != Method::GET || request.uri().path() == "/oauth/callback";
    through_gateway(front, request, "$default", move |front, request| async move {
        let response = connect::handle(&front.connect, request).await;
        if changes {
            front.bridges.drop_caches();
        }
        response
    })
    .await
}

/// Runs a function on a request as API Gateway passes it on.
async fn through_gateway<F>(
    front: Arc<Front>,
    request: Request,
    route: &str,
    function: impl FnOnce(Arc<Front>, lambda_http::Request) -> F,
) -> Response
where
    F: Future<Output = http::Response<lambda_http::Body>> + Send + 'static,
{
    let request = match whole(request).await {
        Ok((parts, body)) => http::Request::from_parts(parts, body),
        Err(too_large) => return too_large.into_response(),
    };
    let event = gateway::event(&request, route, front.connect.bridge.clock.now());
    let request = match lambda_http::request::from_str(&event.to_string()) {
        Ok(request) => request,
        Err(error) => return Problem::internal("the request could not be read", &error).into_response(),
    };
    match front.tasks.to_its_end(function(front.clone(), request)).await {
        Some(response) => gateway::answer(response).await,
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn invocation(State(front): State<Arc<Front>>, Path(name): Path<String>, request: Request) -> Response {
    match whole(request).await {
        Ok((parts, body)) => invoke::invoke(&front.bridges, &front.tasks, &name, &parts.headers, &body).await,
        Err(too_large) => too_large.into_response(),
    }
}

async fn whole(request: Request) -> Result<(Parts, Bytes), Problem> {
    let (parts, body) = request.into_parts();
    match to_bytes(body, LARGEST_BODY).await {
        Ok(body) => Ok((parts, body)),
        Err(_) => Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 10 MiB or incomplete")),
    }
}

#[cfg(test)]
mod console_tests;
#[cfg(test)]
mod tests;
