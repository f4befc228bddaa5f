//! The customer's latest messages that nobody has answered.

use crate::answer_customer::Incoming;
use crate::work::errand::Errand;
use crate::work::failure::FlowError;
use domain::{ActorId, Direction, EventKind, HubSpotEvent, Message, MessageKind, ThreadId};
use futures::future::OptionFuture;

/// How far back is looked.
const RECENT: u32 = 50;

/// The latest of them as one message, with the words of those that OpenCX has not been told yet before its own.
pub(crate) async fn unanswered(
    errand: &Errand<'_>,
    thread: &ThreadId,
    callback: &str,
) -> Result<Option<Incoming>, FlowError> {
    let Some(mut incoming) = latest(errand, thread, is_reply).await? else { return Ok(None) };
    let portal = &errand.tenant.portal;
    let recent = portal.messages(thread, RECENT).await?;
    let open: Vec<&Message> = recent.iter().take_while(|m| !is_reply(m)).filter(|m| is_customers(m)).collect();
    let mut words = Vec::new();
    for earlier in open.iter().skip(1).rev() {
        if !was_told(errand, earlier).await? {
            words.push(earlier.text.trim().to_owned());
        }
    }
    words.push(incoming.message.text.trim().to_owned());
    words.retain(|text| !text.is_empty());
    incoming.message.text = words.join("\n\n");
    incoming.sent_by = Some(callback.to_owned());
    Ok(Some(incoming))
}

/// The customer's latest message, unless something that `ends` it came after.
pub(crate) async fn latest(
    errand: &Errand<'_>,
    thread: &ThreadId,
    ends: impl Fn(&Message) -> bool,
) -> Result<Option<Incoming>, FlowError> {
    let (portal, store) = (&errand.tenant.portal, &errand.tenant.bridge.store);
    let connection = &errand.tenant.connection;
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

/// Whether OpenCX has the message, as its row in the log says.
async fn was_told(errand: &Errand<'_>, message: &Message) -> Result<bool, FlowError> {
    let connection = &errand.tenant.connection;
    let kind = EventKind::MessageReceived { thread: message.thread.clone(), message: message.id.clone() };
    let event = HubSpotEvent { portal: connection.portal.clone(), app: None, occurred_at: message.created_at, kind };
    let row = errand.tenant.bridge.store.delivery(&connection.org, &event.dedup_key()).await?;
    Ok(row.is_some_and(|row| ["told", "answer"].iter().any(|step| row.journal.contains_key(*step))))
}
