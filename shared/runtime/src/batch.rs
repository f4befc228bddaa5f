//! A batch of queue messages: groups side by side, the messages of one group in order.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use flows::{Bridge, Settled, process_message};
use futures::future::join_all;
use std::collections::BTreeMap;
use tracing::Instrument as _;

/// Processes a batch and names the messages that must come back, each hidden for as long as it asked.
///
/// A group stops at its first message that must come back: the ones behind it come back as well, untried.
pub async fn process_batch(bridge: &Bridge, event: SqsEvent) -> SqsBatchResponse {
    let mut groups: BTreeMap<String, Vec<SqsMessage>> = BTreeMap::new();
    for message in event.records {
        let group = message.attributes.get("MessageGroupId").cloned().unwrap_or_default();
        groups.entry(group).or_default().push(message);
    }
    let failures = join_all(groups.into_values().map(|group| process_group(bridge, group))).await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures.into_iter().flatten().collect();
    response
}

async fn process_group(bridge: &Bridge, messages: Vec<SqsMessage>) -> Vec<BatchItemFailure> {
    let mut messages = messages.into_iter();
    while let Some(message) = messages.next() {
        let id = message.message_id.clone().unwrap_or_default();
        let span = tracing::info_span!("message", message.id = %id);
        let settled = process_message(bridge, message.body.as_deref().unwrap_or_default()).instrument(span).await;
        let Settled::Later { after } = settled else { continue };
        if let Some(receipt) = &message.receipt_handle
            && let Err(error) = bridge.queue.postpone(receipt, after).await
        {
            tracing::warn!(error = %error, "a message comes back after its full visibility timeout");
        }
        return std::iter::once(message).chain(messages).map(failure).collect();
    }
    Vec::new()
}

fn failure(message: SqsMessage) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message.message_id.unwrap_or_default();
    failure
}
