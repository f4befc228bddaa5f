//! The timers on standard SQS queues whose messages wait (`DELAY_ENGINE=sqs`): one leads into the events queue, one
//! into `close`. A message cannot be called back, and may come twice: whatever it starts re-reads the state.

use crate::aws_error::causes;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use aws_sdk_sqs::Client;
use domain::DedupKey;
use flows::{
    Bridge, Delays, Envelope, PendingClose, PortError, Ports, QueueMessage, Queued, Settled, ThreadReturn, close_ticket,
};
use futures::future::{BoxFuture, join_all};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use transport::Clock;

/// SQS lets a message wait no longer. A longer delay goes through the queue again.
const LONGEST_S: i64 = 900;
/// The pause before a message that this version cannot read is looked at again.
const UNREADABLE_PAUSE: Duration = Duration::from_secs(300);

/// The delay queues of a deployment.
#[derive(Clone)]
pub struct SqsDelays {
    client: Client,
    returns: Option<String>,
    closes: Option<String>,
    clock: Arc<dyn Clock>,
}

/// A close while it waits.
#[derive(Debug, Serialize, Deserialize)]
struct DelayedClose {
    due: Timestamp,
    close: PendingClose,
}

impl SqsDelays {
    /// Sends to the queues at these URLs; a function that sets one kind of timer needs only that.
    pub fn new(client: Client, returns: Option<String>, closes: Option<String>, clock: Arc<dyn Clock>) -> Self {
        Self { client, returns, closes, clock }
    }

    async fn send(&self, url: Option<&String>, body: String, at: Timestamp) -> Result<(), PortError> {
        let failed = |problem| PortError { action: "set a timer", problem };
        let url = url.ok_or_else(|| failed("this function has no such delay queue".to_owned()))?;
        let sent = self.client.send_message().queue_url(url).message_body(body);
        let sent = sent.delay_seconds(seconds_until(self.clock.now(), at)).send().await;
        sent.map(|_| ()).map_err(|error| failed(causes(&error)))
    }
}

/// Whole seconds, rounded up, as far as SQS goes.
fn seconds_until(now: Timestamp, at: Timestamp) -> i32 {
    let left = at.duration_since(now);
    let seconds = left.as_secs() + i64::from(left.subsec_nanos() > 0);
    i32::try_from(seconds.clamp(0, LONGEST_S)).unwrap_or_default()
}

impl Delays for SqsDelays {
    fn return_at<'a>(&'a self, thread: &'a ThreadReturn, at: Timestamp) -> BoxFuture<'a, Result<(), PortError>> {
        let body = Envelope::timed(&QueueMessage::Return(thread.clone()), at);
        Box::pin(self.send(self.returns.as_ref(), body, at))
    }

    fn close_at<'a>(&'a self, close: &'a PendingClose, at: Timestamp) -> BoxFuture<'a, Result<(), PortError>> {
        let body = serde_json::json!(DelayedClose { due: at, close: close.clone() }).to_string();
        Box::pin(self.send(self.closes.as_ref(), body, at))
    }
}

/// A return as the events queue takes it. A second one of the same delivery and time is the same message.
pub(crate) fn return_message(thread: &ThreadReturn, due: Timestamp) -> Queued {
    let of = DedupKey::from_stored(format!("return:{}:{}", thread.delivery, due.as_second()));
    let body = Envelope::timed(&QueueMessage::Return(thread.clone()), due);
    Queued { group: thread.group(), dedup_id: of.digest(thread.org.as_str()), body }
}

/// Passes a message of the delay queue on into the events queue, or lets it wait on.
pub(crate) async fn forward(bridge: &Bridge, ports: Ports<'_>, body: &str) -> Settled {
    let Ok(Envelope { message: QueueMessage::Return(thread), due: Some(due), .. }) = serde_json::from_str(body) else {
        if !Envelope::is_newer(body) {
            tracing::error!("a message of the delay queue cannot be read; it stays until its receives are used up");
        }
        return Settled::Later { after: UNREADABLE_PAUSE };
    };
    let passed = if due > bridge.clock.now() {
        ports.delays.return_at(&thread, due).await
    } else {
        ports.queue.send(vec![return_message(&thread, due)]).await
    };
    match passed {
        Ok(()) => Settled::Done,
        Err(error) => {
            tracing::warn!(error = %error, "a delayed message could not be passed on");
            Settled::Later { after: Duration::from_secs(5) }
        }
    }
}

/// Closes what the delay queue of closes brings; what failed comes back, and at last goes to its dead-letter queue.
pub async fn process_closes(bridge: &Bridge, delays: &dyn Delays, event: SqsEvent) -> SqsBatchResponse {
    let each = event.records.into_iter().map(|message| async move {
        let done = close(bridge, delays, message.body.as_deref().unwrap_or_default()).await;
        (!done).then(|| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.unwrap_or_default();
            failure
        })
    });
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = join_all(each).await.into_iter().flatten().collect();
    response
}

async fn close(bridge: &Bridge, delays: &dyn Delays, body: &str) -> bool {
    let Ok(DelayedClose { due, close }) = serde_json::from_str(body) else {
        tracing::error!("a message of the delay queue of closes cannot be read");
        return false;
    };
    if due > bridge.clock.now() {
        let waits = delays.close_at(&close, due).await;
        return waits.inspect_err(|error| tracing::warn!(error = %error, "a close could not wait on")).is_ok();
    }
    match close_ticket(bridge, delays, &close).await {
        Ok(answer) => {
            tracing::info!(session.id = %close.session, outcome = answer.outcome.as_str(), "a close ran");
            true
        }
        Err(error) => {
            tracing::warn!(session.id = %close.session, kind = error.kind.as_str(), "a close failed");
            bridge.meter.count_of("FunctionErrors", "Reason", error.kind.as_str());
            false
        }
    }
}

#[cfg(test)]
#[path = "delay_queue_tests.rs"]
mod tests;
