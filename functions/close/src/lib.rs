//! The timer of a resolved session rings: its ticket closes.
//!
//! Reads the request, runs one flow, and answers with what came of it. It never decides anything itself.
//! Start with [`handle`].

use flows::{Bridge, Delays, InvokeError, PendingClose, close_ticket};
use serde_json::Value;

/// Takes one invocation: a close, from EventBridge Scheduler, or a batch of them, from the delay queue of closes.
///
/// The same request may be repeated: it has one effect and one answer.
pub async fn handle(bridge: &Bridge, delays: &dyn Delays, payload: Value) -> Result<Value, InvokeError> {
    if payload.get("Records").is_some() {
        let batch = runtime::parse_request(payload)?;
        return runtime::answer(Ok(runtime::process_closes(bridge, delays, batch).await));
    }
    let request: PendingClose = runtime::parse_request(payload)?;
    runtime::answer(close_ticket(bridge, delays, &request).await)
}
