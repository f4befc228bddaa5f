//! HubSpot's workflow actions in, one flow, HubSpot's output fields out.
//!
//! Checks that HubSpot signed the execution, reads it, and answers within the five seconds that HubSpot waits: what
//! takes longer, the flow only puts into the queue. It never decides anything itself. Start with [`handle`].

mod caller;

use domain::{Action, ActionCall};
use flows::{ActionOutput, Bridge, Queue, take_action};
use hubspot::MAX_BODY;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, RequestExt as _, Response};
use std::sync::Arc;
use transport::{Clock, Meter};

/// The state of the door.
pub struct Actions {
    /// For the age of signatures.
    pub clock: Arc<dyn Clock>,
    /// Verify HubSpot's signatures; two while one is being rotated.
    pub client_secrets: Vec<String>,
    /// The scheme and host that HubSpot signed, as configured. The request's own are not trusted.
    pub public_url: String,
    /// Counts what comes in and what is refused.
    pub meter: Meter,
}

/// Takes one execution of an action. HubSpot may repeat it: the flow knows it by its callback id.
pub async fn handle(actions: &Actions, bridge: &Bridge, queue: &dyn Queue, request: Request) -> Response<Body> {
    let (action, call) = match admit(actions, &request) {
        Ok(admitted) => admitted,
        Err(refused) => return *refused,
    };
    let (name, callback) = (action.as_str(), call.callback_id.clone());
    let output = take_action(bridge, queue, action, call).await;
    tracing::info!(action = name, delivery.key = callback, result = output.result.as_str(), "an action was taken");
    actions.meter.count_of("Actions", "Outcome", output.result.as_str());
    succeeded(&output)
}

/// Checks the signature and reads the execution.
fn admit(actions: &Actions, request: &Request) -> Result<(Action, ActionCall), Box<Response<Body>>> {
    let body = request.body().as_ref();
    if body.len() > MAX_BODY {
        return Err(refuse(actions, "too_large", StatusCode::PAYLOAD_TOO_LARGE, "the body is over 1 MiB"));
    }
    caller::verify(actions, request)
        .map_err(|detail| refuse(actions, "bad_signature", StatusCode::UNAUTHORIZED, detail))?;
    let bad = |detail: &str| refuse(actions, "bad_body", StatusCode::BAD_REQUEST, detail);
    let name = request.raw_http_path().trim_start_matches("/actions/hubspot/");
    let action = name.parse::<Action>().map_err(|_| bad("there is no such action"))?;
    let call = hubspot::parse_action(body).map_err(|error| bad(&error.to_string()))?;
    Ok((action, call))
}

fn refuse(actions: &Actions, reason: &'static str, status: StatusCode, detail: &str) -> Box<Response<Body>> {
    tracing::info!(reason, "an action is refused at the door");
    actions.meter.count_of("Refused", "Reason", reason);
    Box::new(runtime::problem(status, detail).map(Body::Text))
}

fn succeeded(output: &ActionOutput) -> Response<Body> {
    runtime::json(StatusCode::OK, &serde_json::json!({ "outputFields": output.fields() })).map(Body::Text)
}
