//! The customer's latest messages without an answer.

use crate::conversation::incoming::Incoming;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, EventJob, Job, finish_claimed, seed_of};
use crate::kernel::replay::missed;
use domain::{ActorId, Direction, EventKind, HubSpotEvent, Message, MessageKind, ThreadId};
use std::time::Duration;
use store::{Claim, State, Work};

/// The number of messages that are read of a thread.
const MESSAGES_READ: u32 = 50;

/// HubSpot sends the event of a message within this time.
const EVENT_DELAY: Duration = Duration::from_secs(120);

/// The customer's messages that the AI has to answer when a workflow sends it the conversation.
pub(crate) enum Unanswered {
    /// All messages have an answer.
    Nothing,
    /// The latest message is being processed or will be. Its own event asks the AI.
    InItsTurn(Box<Incoming>),
    /// The latest message. Its text begins with the words of earlier messages that OpenCX does not have.
    Ask(Box<Incoming>),
}

/// Collects the question for the AI. The row of each message says whether its event has been processed.
pub(crate) async fn unanswered(job: &EventJob<'_>, thread: &ThreadId, callback: &str) -> Result<Unanswered, FlowError> {
    let Some(mut incoming) = latest(job, thread, is_reply).await? else { return Ok(Unanswered::Nothing) };
    if progress_of(job, &incoming.message).await? == Progress::Pending {
        return Ok(Unanswered::InItsTurn(Box::new(incoming)));
    }
    let portal = &job.tenant.portal;
    let recent = portal.messages(thread, MESSAGES_READ).await?;
    let open: Vec<&Message> = recent.iter().take_while(|m| !is_reply(m)).filter(|m| is_customers(m)).collect();
    let mut words = Vec::new();
    for earlier in open.iter().skip(1).rev() {
        if progress_of(job, earlier).await? == Progress::NotTold {
            words.push(earlier.text.trim().to_owned());
        }
    }
    words.push(incoming.message.text.trim().to_owned());
    words.retain(|text| !text.is_empty());
    incoming.message.text = words.join("\n\n");
    incoming.sent_by = Some(callback.to_owned());
    Ok(Unanswered::Ask(Box::new(incoming)))
}

/// The customer's latest message. `None`: an entry for which `ends` is true came after it.
pub(crate) async fn latest(
    job: &Job<'_>,
    thread: &ThreadId,
    ends: impl Fn(&Message) -> bool,
) -> Result<Option<Incoming>, FlowError> {
    let portal = &job.tenant.portal;
    let recent = portal.messages(thread, MESSAGES_READ).await?;
    let Some(found) = recent.iter().take_while(|entry| !ends(entry)).find(|entry| is_customers(entry)) else {
        return Ok(None);
    };
    let session = job.tenant.session_of_thread(thread).await?;
    let mut message = found.clone();
    if message.truncated {
        message.text = portal.original_content(thread, &message.id).await?.text;
        message.truncated = false;
    }
    let thread = portal.thread(thread).await?;
    Ok(Some(Incoming { message, thread, session, sent_by: None, together: Vec::new() }))
}

fn by_agent(message: &Message) -> bool {
    let actors = message.senders.iter().filter_map(|sender| sender.actor.as_ref());
    actors.into_iter().any(|actor| matches!(actor, ActorId::Agent(_) | ActorId::Bot(_) | ActorId::Llm(_)))
}

fn is_reply(message: &Message) -> bool {
    message.kind == MessageKind::Message && (message.direction == Some(Direction::Outgoing) || by_agent(message))
}

fn is_customers(message: &Message) -> bool {
    message.kind == MessageKind::Message && message.direction == Some(Direction::Incoming) && !by_agent(message)
}

/// The state of a customer's message in the bridge.
#[derive(PartialEq, Eq)]
enum Progress {
    /// The message is being processed or will be.
    Pending,
    /// OpenCX has the message.
    Told,
    /// The bridge has finished the message, and OpenCX does not have it.
    NotTold,
}

async fn progress_of(job: &EventJob<'_>, message: &Message) -> Result<Progress, FlowError> {
    let (store, connection) = (&job.tenant.bridge.store, &job.tenant.connection);
    let kind = EventKind::MessageReceived { thread: message.thread.clone(), message: message.id.clone() };
    let event = HubSpotEvent { portal: connection.portal.clone(), app: None, occurred_at: message.created_at, kind };
    let Some(row) = store.delivery(&connection.org, &event.dedup_key()).await? else {
        let age = job.now().duration_since(message.created_at).unsigned_abs();
        return if age < EVENT_DELAY { announce(job, event).await } else { take_over(job, &event).await };
    };
    Ok(match row.state {
        State::Done | State::Skipped | State::Failed => {
            let told = ["told", "answer"].iter().any(|step| row.journal.contains_key(*step));
            if told { Progress::Told } else { Progress::NotTold }
        }
        _ => Progress::Pending,
    })
}

/// Sends the event of a message itself, because a workflow may be faster than HubSpot. The second event is a duplicate.
async fn announce(job: &EventJob<'_>, event: HubSpotEvent) -> Result<Progress, FlowError> {
    let (bridge, connection) = (job.tenant.bridge, &job.tenant.connection);
    job.ports.queue.send(vec![missed(bridge, &connection.org, &connection.nonce, event)]).await?;
    Ok(Progress::Pending)
}

/// Writes the row of a message that has none: it is older than the connection, or its event was lost in an outage. An
/// event that comes later finds the row and has no effect.
async fn take_over(job: &Job<'_>, event: &HubSpotEvent) -> Result<Progress, FlowError> {
    let (bridge, connection) = (job.tenant.bridge, &job.tenant.connection);
    let work = Work::Delivery { org: connection.org.clone(), key: event.dedup_key() };
    let seed = seed_of(Some(event), job.now(), None, Some(connection.settings.retention_days));
    match bridge.store.claim(&work, &job.run, &seed).await? {
        Claim::Won(_) => {
            let sent = Completion::done("sent to the AI by a workflow");
            finish_claimed(bridge, (&work, &job.run), sent, Vec::new(), None).await?;
            Ok(Progress::NotTold)
        }
        Claim::Done(_) | Claim::Parked | Claim::Busy { .. } | Claim::Delayed { .. } => Ok(Progress::Pending),
    }
}
