//! `/sandbox`: a customer, a rep and the AI side by side, for a first look at the bridge.
//!
//! The page talks to the simulators' controls through here, because its policy lets it talk to its own origin only.
//! All routes answer to loopback alone. Without simulators they answer 409.

use crate::loopback::only_local;
use crate::options::Upstream;
use crate::problem::Problem;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use bytes::Bytes;
use domain::OrgId;
use http::header::{self, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method, StatusCode};
use runtime::{LONGEST_TOKEN, sign_admin_token};
use serde_json::json;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use transport::Clock;

/// The organization that the sandbox shows.
pub const DEMO_ORG: &str = "demo";
/// A control may wait for a function, which waits for the AI.
const PATIENCE: Duration = Duration::from_secs(150);
const LARGEST_BODY: usize = 256 * 1024;
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Name, type and content. The page also uses files of the console (`/base.css`, `/dom.js` …).
const FILES: [(&str, &str, &str); 5] = [
    ("index.html", "text/html; charset=utf-8", include_str!("../sandbox/index.html")),
    ("sandbox.css", "text/css; charset=utf-8", include_str!("../sandbox/sandbox.css")),
    ("sandbox.js", JAVASCRIPT, include_str!("../sandbox/sandbox.js")),
    ("world.js", JAVASCRIPT, include_str!("../sandbox/world.js")),
    ("columns.js", JAVASCRIPT, include_str!("../sandbox/columns.js")),
];

/// The state of the routes.
pub(crate) struct Sandbox {
    simulators: OnceLock<Simulators>,
    clock: Arc<dyn Clock>,
    /// Signs the page's token for the delivery log, which is the demo organization's only.
    token_key: Vec<u8>,
}

/// The addresses of the controls.
struct Simulators {
    hubspot: Upstream,
    opencx: Upstream,
}

impl Sandbox {
    pub(crate) fn new(clock: Arc<dyn Clock>, token_key: Vec<u8>) -> Self {
        Self { simulators: OnceLock::new(), clock, token_key }
    }

    /// Tells the sandbox where the simulators are.
    pub(crate) fn open(&self, hubspot: Upstream, opencx: Upstream) {
        // A second call would name the same simulators.
        let _ = self.simulators.set(Simulators { hubspot, opencx });
    }

    fn simulators(&self) -> Result<&Simulators, Problem> {
        let missing = || Problem::new(StatusCode::CONFLICT, "no simulators run here, so there is nothing to play with");
        self.simulators.get().ok_or_else(missing)
    }
}

/// The routes.
pub(crate) fn router(sandbox: Arc<Sandbox>) -> Router {
    Router::new()
        .route("/sandbox", get(async || file("index.html")))
        .route("/sandbox/{name}", get(async |Path(name): Path<String>| file(&name)))
        .route("/sandbox/api/token", get(token))
        .route("/sandbox/api/{service}/{*control}", get(control).post(control).put(control).patch(control))
        .layer(middleware::from_fn(only_local))
        .with_state(sandbox)
}

fn file(name: &str) -> Response {
    let Some((_, content_type, content)) = FILES.into_iter().find(|(known, ..)| *known == name) else {
        return Problem::not_found("such page").into_response();
    };
    let headers: [(HeaderName, &'static str); 5] = [
        (CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, content).into_response()
}

async fn token(State(sandbox): State<Arc<Sandbox>>) -> Result<Response, Problem> {
    sandbox.simulators()?;
    let org = OrgId::parse(DEMO_ORG)
        .map_err(|error| Problem::internal("the organization `demo` has no valid name", &error))?;
    let token = sign_admin_token(&org, "admin", sandbox.clock.now() + LONGEST_TOKEN, &sandbox.token_key);
    let token = token.map_err(|error| Problem::internal("no token could be signed", &error))?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(json!({ "token": token }))).into_response())
}

/// Passes a request on to a simulator's control and its answer back.
async fn control(
    State(sandbox): State<Arc<Sandbox>>,
    Path((service, control)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let simulators = sandbox.simulators()?;
    let simulator = match service.as_str() {
        "hubspot" => &simulators.hubspot,
        "opencx" => &simulators.opencx,
        _ => return Err(Problem::not_found("such service")),
    };
    let (parts, body) = request.into_parts();
    // Another site's form can post here, but only a request that the browser checks first can carry JSON.
    let json = parts.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if parts.method != Method::GET && !json {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body has to be JSON"));
    }
    let too_large = |_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 256 KiB or incomplete");
    let body = to_bytes(body, LARGEST_BODY).await.map_err(too_large)?;
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let url = format!("{}/_sim/{control}{query}", simulator.url.trim_end_matches('/'));
    let request = http::Request::builder().method(parts.method).uri(url).header(CONTENT_TYPE, "application/json");
    let request =
        request.body(body).map_err(|error| Problem::internal("the simulator has no valid address", &error))?;
    let answer = simulator.transport.send(request, PATIENCE).await;
    let answer = answer.map_err(|_| Problem::new(StatusCode::BAD_GATEWAY, "the simulator does not answer"))?;
    Ok(passed_on(&answer))
}

fn passed_on(answer: &http::Response<Bytes>) -> Response {
    let mut response = (answer.status(), answer.body().clone()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests;
