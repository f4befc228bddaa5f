//! OpenCX's contact and custom data go to HubSpot, and conversations back to the AI.
//!
//! Reads the request, runs one flow, and answers with what came of it. It never decides anything itself.
//! Start with [`handle`].

use flows::{Bridge, InvokeError, SyncRequest, sync_session};
use serde_json::Value;

/// Takes one invocation. The same request may be repeated: it has one effect and one answer.
pub async fn handle(bridge: &Bridge, payload: Value) -> Result<Value, InvokeError> {
    let request: SyncRequest = runtime::parse_request(payload)?;
    runtime::answer(sync_session(bridge, &request).await)
}
