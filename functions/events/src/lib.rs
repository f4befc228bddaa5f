//! The worker: what the queue holds, processed by the flows.
//!
//! Turns a batch of queue messages into runs and names those that must come back. It never looks into a message.
//! Start with [`handle`].

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use flows::Bridge;

/// Processes one batch; `ReportBatchItemFailures` must be set on the trigger.
pub async fn handle(bridge: &Bridge, event: SqsEvent) -> SqsBatchResponse {
    runtime::process_batch(bridge, event).await
}
