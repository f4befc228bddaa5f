//! The runner's HTTP front: the routes API Gateway would publish, and on loopback the Invoke API beside them.

use crate::bridges::Bridges;
use crate::problem::Problem;
use crate::rights::OPERATOR;
use crate::sandbox::{self, Sandbox};
use crate::tasks::Tasks;
use crate::{gateway, invoke};
use actions::Actions;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use connect::Connect;
use http::header::HOST;
use http::{Method, StatusCode, request::Parts, uri::Authority};
use runtime::functions::ACTIONS;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::oneshot;
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
    Router::new()
        .route("/webhooks/hubspot", post(signed_by_hubspot))
        .route("/webhooks/hubspot/{org}/{key}", post(signed_url))
        .route("/actions/hubspot/{action}", post(action))
        .route("/2015-03-31/functions/{name}/invocations", post(invocation))
        .route("/operator/orgs", get(organizations))
        .fallback(console)
        .with_state(front)
        .merge(sandbox::router(sandbox))
}

impl Front {
    /// Runs a function as Lambda does: a caller that goes away does not end it. `None` where the runner was killed.
    pub(crate) async fn to_its_end<T: Send + 'static>(
        &self,
        run: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (done, answer) = oneshot::channel();
        self.tasks.call(async move {
            // The caller may have gone.
            let _ = done.send(run.await);
        });
        answer.await.ok()
    }
}

/// Lists the connected organizations for the command line of this machine.
async fn organizations(State(front): State<Arc<Front>>, request: Request) -> Response {
    if !is_local(&request) {
        return Problem::not_found("such page").into_response();
    }
    let row = |org: store::Organization| json!({ "org": org.org, "portal_id": org.portal, "auth": org.auth, "live": org.live, "connected_at": org.connected_at });
    match front.bridges.of(&OPERATOR).store.organizations().await {
        Ok(found) => axum::Json(json!({ "orgs": found.into_iter().map(row).collect::<Vec<_>>() })).into_response(),
        Err(error) => Problem::internal("list the organizations", &error).into_response(),
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
        let queue = front.bridges.queue(&ACTIONS);
        actions::handle(&front.actions, &front.bridges.of(&ACTIONS), &*queue, request).await
    })
    .await
}

/// The page, its API and HubSpot's consent: every path that the other routes do not take.
///
/// On one machine a change holds at once, so every function reads anew. On AWS they notice it within a minute.
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
        Err(error) => return Problem::internal("read the request", &error).into_response(),
    };
    match front.to_its_end(function(front.clone(), request)).await {
        Some(response) => gateway::answer(response).await,
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn invocation(State(front): State<Arc<Front>>, Path(name): Path<String>, request: Request) -> Response {
    if !is_local(&request) {
        return Problem::not_found("such page").into_response();
    }
    match whole(request).await {
        Ok((parts, body)) => invoke::invoke(&front, &name, &parts.headers, &body).await,
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

/// A tunnel to the port carries its own name here, and so publishes no more than API Gateway would.
pub(crate) fn is_local(request: &Request) -> bool {
    let authority = match request.headers().get(HOST) {
        Some(host) => host.to_str().ok().and_then(|host| host.parse().ok()),
        // A request within the process has its host in the URL only.
        None => request.uri().authority().cloned(),
    };
    authority.is_some_and(|authority: Authority| matches!(authority.host(), "127.0.0.1" | "localhost" | "[::1]"))
}

/// The router's answer to a request that did not come over a socket.
pub(crate) async fn answer(router: Router, request: http::Request<Bytes>) -> http::Response<Bytes> {
    let response = match tower::ServiceExt::oneshot(router, request.map(Body::from)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (parts, body) = response.into_parts();
    // A body that is complete in memory cannot fail to be read.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    http::Response::from_parts(parts, body)
}

#[cfg(test)]
mod console_tests;
#[cfg(test)]
mod tests;
