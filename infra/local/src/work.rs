//! Runs a job: a message goes to `events`, a close to `close`.

use crate::bridges::Bridges;
use crate::functions::Function;
use crate::jobs::{Finish, Handler, Received, Work};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use events::Sources;
use flows::{Bridge, Ports, Settled};
use futures::FutureExt;
use runtime::functions::EVENTS;
use std::sync::Arc;

/// The handler of all jobs of one runner.
pub(crate) fn handler(bridges: &Arc<Bridges>) -> Handler {
    let bridges = bridges.clone();
    Arc::new(move |job| {
        let bridges = bridges.clone();
        async move {
            let (bridge, ports) = (bridges.of(&EVENTS), bridges.ports(&EVENTS));
            let ports = ports.given();
            match &job.work {
                Work::Message(body) if job.given_up => match flows::record_dead_letter(&bridge, ports, body).await {
                    Settled::Done => Finish::Done,
                    Settled::Later { .. } => Finish::Again,
                },
                Work::Message(body) => process(&bridge, ports, message(&job, body)).await,
                // The wish stays on the session, where the reconciler finds it.
                Work::Close(_) if job.given_up => Finish::Done,
                Work::Close(request) => close(&bridges, &job, request).await,
            }
        }
        .boxed()
    })
}

async fn process(bridge: &Bridge, ports: Ports<'_>, event: SqsEvent) -> Finish {
    let answer = events::process(bridge, ports, &Sources::default(), event).await;
    if answer.batch_item_failures.is_empty() { Finish::Done } else { Finish::Again }
}

/// The message as an event source mapping would hand it over.
fn message(job: &Received, body: &str) -> SqsEvent {
    let mut message = SqsMessage::default();
    message.message_id = Some(job.receipt.clone());
    message.receipt_handle = Some(job.receipt.clone());
    message.body = Some(body.to_owned());
    message.event_source = Some("aws:sqs".to_owned());
    message.attributes = [
        ("ApproximateReceiveCount", job.receives.to_string()),
        ("MessageDeduplicationId", job.name.clone()),
        ("MessageGroupId", job.line.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let mut event = SqsEvent::default();
    event.records = vec![message];
    event
}

/// As often as Lambda runs an invocation that fails.
const CLOSE_ATTEMPTS: u32 = 3;

/// The wish of a session stays until its close succeeded: one that failed so often is left to the reconciler.
async fn close(bridges: &Bridges, job: &Received, request: &str) -> Finish {
    let Ok(request) = serde_json::from_str(request) else {
        tracing::error!(job = job.name, "a stored close is not JSON");
        return Finish::Again;
    };
    match Function::Close.invoke(bridges, request).await {
        Ok(answer) => {
            tracing::info!(job = job.name, outcome = answer.get("outcome").and_then(|o| o.as_str()), "close ran");
            Finish::Done
        }
        Err(error) => {
            tracing::warn!(job = job.name, attempt = job.receives, kind = error.kind.as_str(), "close failed");
            if job.receives < CLOSE_ATTEMPTS { Finish::Again } else { Finish::Done }
        }
    }
}
