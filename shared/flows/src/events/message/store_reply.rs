//! What people say in HubSpot: public replies become agent messages of the session, comments become notes.

use crate::conversation::incoming::{Incoming, probes};
use crate::conversation::remark::{Remark, store_remark};
use crate::conversation::words;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job, done};
use domain::{Reason, ThreadOwner, normalised};
use opencx::{AgentMessage, Sender};
use serde_json::Value;
use store::{First, Session, Way};

/// Records a rep's public reply. HubSpot has delivered it already; OpenCX must know it, and must not send it back.
pub(crate) async fn store_agent_reply(job: &Job<'_>, incoming: &Incoming) -> Result<Completion, FlowError> {
    let Some(session) = &incoming.session else {
        // A session begins with the customer's first message.
        return Ok(Completion::done("the thread has no session yet"));
    };
    let store = &job.tenant.bridge.store;
    let at = incoming.message.created_at;
    store.human_replied(&session.org, &session.id, at).await?;
    if takes_over(job, incoming, session) {
        job.silence(session, Some(at), "a person replied in HubSpot").await?;
    }
    if was_stored(job, incoming, session).await? {
        return Ok(Completion::done("the reply is on the session").of_session(&session.id));
    }
    let name = author(job, incoming).await;
    let mut message = incoming.message.clone();
    words::find_files(job, &mut message).await;
    let text = words::said(&message, incoming.channel() == domain::Channel::Email);
    let files = words::files_of(&message);
    let reply = AgentMessage { text, files, agent_name: name, custom_data: probes(incoming) };
    let stored = job.tenant.opencx().await?.send_as_agent(&session.id, &reply).await?;
    if let Some(id) = &stored {
        // OpenCX may ask `reply` to post what we have just told it: it is on the thread already.
        store.posted(&session.org, id, &incoming.message.id, job.now()).await?;
    }
    job.tenant.record_first(First::RepReply).await;
    let stored = stored.map_or_else(|| "told".to_owned(), |id| id.to_string());
    Ok(Completion::done("the reply is on the session").of_session(&session.id).with_step("told", done(&stored)))
}

/// A public reply by somebody else than the AI user makes HubSpot assign the thread to that person.
fn takes_over(job: &Job<'_>, incoming: &Incoming, session: &Session) -> bool {
    let settings = &job.tenant.connection.settings;
    let mut senders = incoming.message.senders.iter().filter_map(|sender| sender.actor.as_ref());
    !job.tenant.assists(session) && senders.any(|actor| ThreadOwner::of(Some(actor), settings).is_person())
}

async fn was_stored(job: &Job<'_>, incoming: &Incoming, session: &Session) -> Result<bool, FlowError> {
    if job.earlier("told").is_some() {
        return Ok(true);
    }
    if !job.retried() {
        return Ok(false);
    }
    let there = job.tenant.opencx().await?.session(&session.id).await?;
    let probe = there.custom_data.get("hubspot_message_id").and_then(Value::as_str);
    if probe == Some(incoming.message.id.as_str()) {
        return Ok(true);
    }
    if !job.won.replayed {
        return Ok(false);
    }
    let words = normalised(&words::said(&incoming.message, incoming.channel() == domain::Channel::Email));
    let events = job.tenant.opencx().await?.history(&session.id).await?;
    Ok(events.iter().any(|event| event.sender == Sender::Agent && normalised(&event.text) == words))
}

/// Stores an internal comment as a note of the session. It never reaches the customer.
pub(crate) async fn store_note(job: &Job<'_>, incoming: &Incoming) -> Result<Completion, FlowError> {
    let Some(session) = &incoming.session else { return Ok(Completion::skipped(Reason::Comment)) };
    let (message, text) = (&incoming.message, incoming.message.text.trim().to_owned());
    let remark = Remark { id: message.id.as_str(), text, at: message.created_at, way: Way::Comment };
    let finish = store_remark(job, session, remark, async || author(job, incoming).await).await?;
    Ok(finish.of_session(&session.id))
}

/// The writer's name, where HubSpot tells.
async fn author(job: &Job<'_>, incoming: &Incoming) -> Option<String> {
    let sender = incoming.message.senders.first();
    if let Some(name) = sender.and_then(|sender| sender.name.clone()) {
        return Some(name);
    }
    let actor = sender.and_then(|sender| sender.actor.as_ref()).or(incoming.message.created_by.as_ref())?;
    job.tenant.portal.actor(actor).await.ok().and_then(|actor| actor.name)
}
