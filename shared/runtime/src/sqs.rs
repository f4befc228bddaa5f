//! The events queue on SQS FIFO.

use crate::aws_error::causes;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use flows::{PortError, Queue, QueueDepth, Queued};
use futures::future::{BoxFuture, join_all};
use std::collections::BTreeMap;
use std::time::Duration;

/// SQS takes at most ten messages at once, and no more than 1 MiB of bodies.
const BATCH: usize = 10;
const BATCH_BYTES: usize = 1024 * 1024;

/// The FIFO queue of a deployment.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

impl SqsQueue {
    /// Sends to and postpones on the queue at `url`.
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    async fn send_batch(&self, messages: &[Queued]) -> Result<(), PortError> {
        let failed = |problem: String| PortError { action: "send messages to the events queue", problem };
        let entries = messages.iter().enumerate().map(|(position, message)| {
            SendMessageBatchRequestEntry::builder()
                .id(position.to_string())
                .message_group_id(&message.group)
                .message_deduplication_id(&message.dedup_id)
                .message_body(&message.body)
                .build()
                .map_err(|error| failed(error.to_string()))
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let sent = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await;
        let sent = sent.map_err(|error| failed(causes(&error)))?;
        match sent.failed.first() {
            Some(refused) => Err(failed(refused.code.clone())),
            None => Ok(()),
        }
    }
}

/// Rounds of batches: the messages of one group are never in two batches of the same round, so they cannot race.
fn rounds(messages: Vec<Queued>) -> Vec<Vec<Vec<Queued>>> {
    let mut lanes: BTreeMap<String, Vec<Queued>> = BTreeMap::new();
    for message in messages {
        lanes.entry(message.group.clone()).or_default().push(message);
    }
    let mut rounds: Vec<Vec<Vec<Queued>>> = Vec::new();
    for lane in lanes.into_values() {
        for (round, chunk) in chunks(lane).into_iter().enumerate() {
            if rounds.len() <= round {
                rounds.push(Vec::new());
            }
            let Some(batches) = rounds.get_mut(round) else { continue };
            match batches.iter_mut().find(|batch| fits(batch, &chunk)) {
                Some(batch) => batch.extend(chunk),
                None => batches.push(chunk),
            }
        }
    }
    rounds
}

/// One group's messages in order, as few batches as SQS allows.
fn chunks(lane: Vec<Queued>) -> Vec<Vec<Queued>> {
    let mut chunks: Vec<Vec<Queued>> = Vec::new();
    for message in lane {
        match chunks.last_mut() {
            Some(chunk) if fits(chunk, std::slice::from_ref(&message)) => chunk.push(message),
            _ => chunks.push(vec![message]),
        }
    }
    chunks
}

fn fits(batch: &[Queued], more: &[Queued]) -> bool {
    let bytes = |messages: &[Queued]| messages.iter().map(|message| message.body.len()).sum::<usize>();
    batch.len() + more.len() <= BATCH && bytes(batch) + bytes(more) <= BATCH_BYTES
}

impl Queue for SqsQueue {
    fn send(&self, messages: Vec<Queued>) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move {
            for round in rounds(messages) {
                // A batch that fails does not stop the others: what is stored now need not wait for the next try.
                let sent = join_all(round.iter().map(|batch| self.send_batch(batch))).await;
                sent.into_iter().collect::<Result<(), _>>()?;
            }
            Ok(())
        })
    }

    fn depth(&self) -> BoxFuture<'_, Result<Option<QueueDepth>, PortError>> {
        Box::pin(async move { crate::queue_depth::depth(&self.client, &self.url).await.map(Some) })
    }

    fn postpone<'a>(&'a self, receipt: &'a str, after: Duration) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            let seconds = i32::try_from(after.as_secs()).unwrap_or(i32::MAX).min(43_200);
            let change = self
                .client
                .change_message_visibility()
                .queue_url(&self.url)
                .receipt_handle(receipt)
                .visibility_timeout(seconds);
            let changed = change.send().await;
            changed.map(|_| ()).map_err(|error| PortError { action: "postpone a message", problem: causes(&error) })
        })
    }
}

#[cfg(test)]
#[path = "sqs_tests.rs"]
mod tests;
