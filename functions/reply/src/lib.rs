//! What OpenCX says to the customer, into the HubSpot thread.
//!
//! Reads the request, runs one flow, and answers with what came of it. It never decides anything itself.
//! Start with [`handle`].

use flows::{Bridge, InvokeError, ReplyRequest, send_reply};
use serde_json::Value;

/// Takes one invocation. The same request may be repeated: it has one effect and one answer.
pub async fn handle(bridge: &Bridge, payload: Value) -> Result<Value, InvokeError> {
    let request: ReplyRequest = runtime::parse_request(payload)?;
    runtime::answer(send_reply(bridge, &request).await)
}
