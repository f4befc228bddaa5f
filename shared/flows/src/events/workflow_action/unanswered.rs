//! The customer's latest messages that nobody has answered.

use crate::conversation::incoming::Incoming;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, EventJob, Job, finish_claimed};
use crate::kernel::replay::missed;
use domain::{ActorId, Direction, EventKind, HubSpotEvent, Message, MessageKind, ThreadId};
use futures::future::OptionFuture;
use std::time::Duration;
use store::{Claim, Index, Seed, State, Work};

/// How far back is looked.
const RECENT: u32 = 50;

/// A message that is younger than this and has no row: HubSpot's event of it is on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(120);

/// What a workflow that sends a conversation to the AI finds there.
pub(crate) enum Unanswered {
    /// Nothing of the customer that nobody has answered.
    Nothing,
    /// The latest message is being processed or waits for its turn, in which the AI answers it.
    InItsTurn(Box<Incoming>),
    /// The latest message, with the words of those that OpenCX has not been told yet before its own.
    Ask(Box<Incoming>),
}

/// Finds out what the AI is to be asked. Each message's row says whether it is taken care of already.
pub(crate) async fn unanswered(job: &EventJob<'_>, thread: &ThreadId, callback: &str) -> Result<Unanswered, FlowError> {
    let Some(mut incoming) = latest(job, thread, is_reply).await? else { return Ok(Unanswered::Nothing) };
    if standing(job, &incoming.message).await? == Standing::Pending {
        return Ok(Unanswered::InItsTurn(Box::new(incoming)));
    }
    let portal = &job.tenant.portal;
    let recent = portal.messages(thread, RECENT).await?;
    let open: Vec<&Message> = recent.iter().take_while(|m| !is_reply(m)).filter(|m| is_customers(m)).collect();
    let mut words = Vec::new();
    for earlier in open.iter().skip(1).rev() {
        if standing(job, earlier).await? == Standing::Untold {
            words.push(earlier.text.trim().to_owned());
        }
    }
    words.push(incoming.message.text.trim().to_owned());
    words.retain(|text| !text.is_empty());
    incoming.message.text = words.join("\n\n");
    incoming.sent_by = Some(callback.to_owned());
    Ok(Unanswered::Ask(Box::new(incoming)))
}

/// The customer's latest message, unless something that `ends` it came after.
pub(crate) async fn latest(
    job: &Job<'_>,
    thread: &ThreadId,
    ends: impl Fn(&Message) -> bool,
) -> Result<Option<Incoming>, FlowError> {
    let (portal, store) = (&job.tenant.portal, &job.tenant.bridge.store);
    let connection = &job.tenant.connection;
    let recent = portal.messages(thread, RECENT).await?;
    let Some(found) = recent.iter().take_while(|entry| !ends(entry)).find(|entry| is_customers(entry)) else {
        return Ok(None);
    };
    let link = store.link_of_thread(&connection.portal, thread).await?;
    let id = link.and_then(|link| link.session);
    let session = OptionFuture::from(id.as_ref().map(|id| store.session(&connection.org, id))).await;
    let mut message = found.clone();
    if message.truncated {
        message.text = portal.original_content(thread, &message.id).await?.text;
        message.truncated = false;
    }
    let thread = portal.thread(thread).await?;
    Ok(Some(Incoming { message, thread, session: session.transpose()?.flatten(), sent_by: None, together: Vec::new() }))
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

/// How far the bridge has come with a customer's message.
#[derive(PartialEq, Eq)]
enum Standing {
    /// It is being processed, or will be.
    Pending,
    /// OpenCX has it.
    Told,
    /// The bridge is done with it, and OpenCX does not have it.
    Untold,
}

async fn standing(job: &EventJob<'_>, message: &Message) -> Result<Standing, FlowError> {
    let (store, connection) = (&job.tenant.bridge.store, &job.tenant.connection);
    let kind = EventKind::MessageReceived { thread: message.thread.clone(), message: message.id.clone() };
    let event = HubSpotEvent { portal: connection.portal.clone(), app: None, occurred_at: message.created_at, kind };
    let Some(row) = store.delivery(&connection.org, &event.dedup_key()).await? else {
        let age = job.now().duration_since(message.created_at).unsigned_abs();
        return if age < ON_ITS_WAY { announce(job, event).await } else { take_over(job, &event).await };
    };
    Ok(match row.state {
        State::Done | State::Skipped | State::Failed => {
            let told = ["told", "answer"].iter().any(|step| row.journal.contains_key(*step));
            if told { Standing::Told } else { Standing::Untold }
        }
        _ => Standing::Pending,
    })
}

/// A workflow may be faster than HubSpot's event of the same message: whichever comes second finds the row.
async fn announce(job: &EventJob<'_>, event: HubSpotEvent) -> Result<Standing, FlowError> {
    let (bridge, connection) = (job.tenant.bridge, &job.tenant.connection);
    job.ports.queue.send(vec![missed(bridge, &connection.org, &connection.nonce, event)]).await?;
    Ok(Standing::Pending)
}

/// A message from before the organization was connected, or from an outage: an event that comes yet has no effect any more.
async fn take_over(job: &Job<'_>, event: &HubSpotEvent) -> Result<Standing, FlowError> {
    let (bridge, connection) = (job.tenant.bridge, &job.tenant.connection);
    let work = Work::Delivery { org: connection.org.clone(), key: event.dedup_key() };
    let seed = Seed {
        created_at: job.now(),
        body: None,
        index: Index {
            thread: event.kind.thread().map(|thread| (event.portal.clone(), thread.clone())),
            ticket: None,
            session: None,
        },
        retention: Duration::from_secs(u64::from(connection.settings.retention_days.max(1)) * 86_400),
        label: event.kind.name().to_owned(),
    };
    match bridge.store.claim(&work, &job.run, &seed).await? {
        Claim::Won(_) => {
            let sent = Completion::done("sent to the AI by a workflow");
            finish_claimed(bridge, (&work, &job.run), sent, Vec::new(), None).await?;
            Ok(Standing::Untold)
        }
        Claim::Done(_) | Claim::Parked | Claim::Busy { .. } | Claim::Delayed { .. } => Ok(Standing::Pending),
    }
}
