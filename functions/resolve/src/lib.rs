//! A session is resolved or reopened.
//!
//! Reads the request, runs one flow, and answers with what came of it. It never decides anything itself.
//! Start with [`handle`].

use flows::{Bridge, Delays, InvokeError, ResolveRequest, resolve_session};
use serde_json::Value;

/// Takes one invocation. The same request may be repeated: it has one effect and one answer.
pub async fn handle(bridge: &Bridge, delays: &dyn Delays, payload: Value) -> Result<Value, InvokeError> {
    let request: ResolveRequest = runtime::parse_request(payload)?;
    runtime::answer(resolve_session(bridge, delays, &request).await)
}
