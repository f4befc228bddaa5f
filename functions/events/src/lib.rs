//! The worker: what the queues hold, processed by the flows.
//!
//! Turns a batch of queue messages into runs and names those that must come back; a timer has it look for what is
//! overdue. It never looks into a message. Start with [`handle`].

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use flows::{Bridge, InvokeError, InvokeErrorKind, Ports};
use operations::reconcile;
pub use runtime::Sources;
use serde_json::{Value, json};

/// Takes what Lambda hands over: a batch of one of the queues, or `{"reconcile": true}`, which the five-minute
/// schedule sends. SQS always has `Records`, so the two cannot be confused.
pub async fn handle(
    bridge: &Bridge,
    ports: Ports<'_>,
    sources: &Sources,
    payload: Value,
) -> Result<Value, InvokeError> {
    if payload == json!({ "reconcile": true }) {
        return match reconcile(bridge, ports).await {
            Ok(woken) => Ok(json!({ "woken": woken })),
            Err(error) => {
                tracing::error!(error = %error, "overdue work could not be looked for; the next schedule does");
                Err(InvokeError { kind: InvokeErrorKind::Internal, message: "an internal error".to_owned() })
            }
        };
    }
    if payload.get("Records").is_none() {
        return Err(InvokeError::invalid("Records", "neither a batch of a queue nor {\"reconcile\": true}"));
    }
    let batch = runtime::parse_request(payload)?;
    runtime::answer(Ok(process(bridge, ports, sources, batch).await))
}

/// Processes one batch; `ReportBatchItemFailures` must be set on the trigger.
pub async fn process(bridge: &Bridge, ports: Ports<'_>, sources: &Sources, batch: SqsEvent) -> SqsBatchResponse {
    runtime::process_batch(bridge, ports, sources, batch).await
}
