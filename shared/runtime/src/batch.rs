//! A batch of queue messages: groups side by side, the messages of one group in order.

use crate::delay_queue::forward;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use flows::{Bridge, Envelope, Ports, Queue, Settled, process_message, record_dead_letter};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::time::Duration;
use tracing::Instrument as _;

/// The queues that the worker serves, beside the events queue itself.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    dead_letters: Option<String>,
    delayed: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Events,
    /// Messages that the events queue has given up: they are recorded as failed.
    DeadLetters,
    /// Messages that have waited in the delay queue: they go on into the events queue.
    Delayed,
}

impl Sources {
    /// The ARN of the events queue's dead-letter queue, and the URL of the delay queue, where there are such.
    pub fn new(dead_letter_arn: Option<String>, delay_queue_url: Option<&str>) -> Self {
        let name = delay_queue_url.and_then(|url| url.rsplit('/').next());
        Self { dead_letters: dead_letter_arn, delayed: name.map(str::to_owned) }
    }

    fn of(&self, message: &SqsMessage) -> Source {
        let Some(arn) = message.event_source_arn.as_deref() else { return Source::Events };
        if self.dead_letters.as_deref() == Some(arn) {
            Source::DeadLetters
        } else if self.delayed.is_some() && self.delayed.as_deref() == arn.rsplit(':').next() {
            Source::Delayed
        } else {
            Source::Events
        }
    }
}

/// Processes a batch and names the messages that must come back, each hidden for as long as it asked.
///
/// A group stops at its first message that must come back: the ones behind it come back as well, untried.
pub async fn process_batch(bridge: &Bridge, ports: Ports<'_>, sources: &Sources, event: SqsEvent) -> SqsBatchResponse {
    let mut groups: BTreeMap<String, Vec<SqsMessage>> = BTreeMap::new();
    for message in event.records {
        // The messages of a standard queue have no group, so each is one of its own.
        let group = message.attributes.get("MessageGroupId").or(message.message_id.as_ref());
        groups.entry(group.cloned().unwrap_or_default()).or_default().push(message);
    }
    let failures = join_all(groups.into_values().map(|group| process_group(bridge, ports, sources, group))).await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures.into_iter().flatten().collect();
    response
}

async fn process_group(
    bridge: &Bridge,
    ports: Ports<'_>,
    sources: &Sources,
    messages: Vec<SqsMessage>,
) -> Vec<BatchItemFailure> {
    let mut messages = messages.into_iter();
    while let Some(message) = messages.next() {
        let source = sources.of(&message);
        let Settled::Later { after } = process(bridge, ports, source, &message).await else { continue };
        let back: Vec<_> = std::iter::once(message).chain(messages).collect();
        if source == Source::Events {
            // Those behind it wait as long: they are not to be received again, and counted, before it is done.
            join_all(back.iter().map(|message| hide(ports.queue, message, after))).await;
        }
        return back.into_iter().map(failure).collect();
    }
    Vec::new()
}

async fn process(bridge: &Bridge, ports: Ports<'_>, source: Source, message: &SqsMessage) -> Settled {
    let body = message.body.as_deref().unwrap_or_default();
    let span = tracing::info_span!("message", message.id = message.message_id.as_deref());
    async {
        match source {
            Source::Events => {
                count_lateness(bridge, message, body);
                process_message(bridge, ports, body).await
            }
            Source::DeadLetters => {
                bridge.meter.count("DeadLetters", 1);
                record_dead_letter(bridge, ports, body).await
            }
            Source::Delayed => forward(bridge, ports, body).await,
        }
    }
    .instrument(span)
    .await
}

/// How late a timer was, once: when its message comes for the first time.
fn count_lateness(bridge: &Bridge, message: &SqsMessage, body: &str) {
    if message.attributes.get("ApproximateReceiveCount").is_some_and(|receives| receives != "1") {
        return;
    }
    if let Ok(Envelope { due: Some(due), .. }) = serde_json::from_str(body) {
        let late = Duration::try_from(bridge.clock.now().duration_since(due)).unwrap_or_default();
        bridge.meter.late("DelayLateness", late);
    }
}

async fn hide(queue: &dyn Queue, message: &SqsMessage, after: Duration) {
    let Some(receipt) = &message.receipt_handle else { return };
    if let Err(error) = queue.postpone(receipt, after).await {
        tracing::warn!(error = %error, "a message comes back after its full visibility timeout");
    }
}

fn failure(message: SqsMessage) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message.message_id.unwrap_or_default();
    failure
}
