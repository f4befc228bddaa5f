//! The OpenCX inbox shows a customer: what HubSpot's CRM knows of them.
//!
//! Reads the request, runs one flow, and answers with what came of it. It never writes anything.
//! Start with [`handle`].

use flows::{Bridge, ContextRequest, InvokeError, show_context};
use serde_json::Value;

/// Takes one invocation.
pub async fn handle(bridge: &Bridge, payload: Value) -> Result<Value, InvokeError> {
    let request: ContextRequest = runtime::parse_request(payload)?;
    runtime::answer(show_context(bridge, &request).await)
}
