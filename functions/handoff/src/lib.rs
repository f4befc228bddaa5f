//! OpenCX hands a conversation off: ticket, comment, owner.
//!
//! Reads the request, runs one flow, and answers with what came of it. It never decides anything itself.
//! Start with [`handle`].

use flows::{Bridge, HandoffRequest, InvokeError, Queue, open_handoff};
use serde_json::Value;

/// Takes one invocation. The same request may be repeated: it has one effect and one answer.
pub async fn handle(bridge: &Bridge, queue: &dyn Queue, payload: Value) -> Result<Value, InvokeError> {
    let request: HandoffRequest = runtime::parse_request(payload)?;
    runtime::answer(open_handoff(bridge, queue, &request).await)
}
