//! Messages of people in HubSpot: public replies become agent messages of the session, comments become notes.

use crate::conversation::incoming::{Incoming, probes};
use crate::conversation::remark::{Remark, store_remark};
use crate::conversation::words;
use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::once::Effect;
use domain::{Reason, ThreadOwner, normalised};
use opencx::{AgentMessage, Sender};
use serde_json::Value;
use store::{Milestone, RemarkSource, Session};

/// Stores a rep's public reply on the session. HubSpot has delivered it already, so OpenCX must not send it back.
pub(super) async fn store_agent_reply(job: &Job<'_>, incoming: &Incoming) -> Result<Completion, FlowError> {
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
    let stored = || Completion::done("the reply is on the session").of_session(&session.id);
    if job.kept(Effect::Told).is_some() {
        return Ok(stored());
    }
    let mut message = incoming.message.clone();
    words::find_files(job, &mut message).await;
    let text = words::said(&message, incoming.channel() == domain::Channel::Email);
    let find = async || was_stored(job, incoming, session, &text).await;
    let tell = async |permit: &Permit<'_>| {
        let reply = AgentMessage {
            text: text.clone(),
            files: words::files_of(&message),
            agent_name: author(job, incoming).await,
            custom_data: probes(incoming),
        };
        let told = permit.reps_words(&session.id, &reply).await?;
        if let Some(id) = &told {
            // OpenCX may ask `reply` to post this message. `reply` reads here that the thread has it already.
            store.posted(&session.org, id, &incoming.message.id, job.now()).await?;
        }
        job.tenant.record_milestone(Milestone::RepReply).await;
        Ok(told.map_or_else(|| "told".to_owned(), |id| id.to_string()))
    };
    job.once_by_claim(Effect::Told, find, tell).await?;
    Ok(stored())
}

/// Whether a person takes the conversation over with this reply. HubSpot assigns the thread to that person.
fn takes_over(job: &Job<'_>, incoming: &Incoming, session: &Session) -> bool {
    let settings = &job.tenant.connection.settings;
    let mut senders = incoming.message.senders.iter().filter_map(|sender| sender.actor.as_ref());
    !job.tenant.assists(session) && senders.any(|actor| ThreadOwner::of(Some(actor), settings).is_person())
}

/// Whether the session has the reply from an earlier run. The session's custom data names the last reply. A replayed
/// reply is older, so its words are searched.
async fn was_stored(
    job: &Job<'_>,
    incoming: &Incoming,
    session: &Session,
    text: &str,
) -> Result<Option<String>, FlowError> {
    let there = job.tenant.opencx().await?.session(&session.id).await?;
    let probe = there.custom_data.get("hubspot_message_id").and_then(Value::as_str);
    let found = if probe == Some(incoming.message.id.as_str()) {
        true
    } else if job.won.replayed {
        let words = normalised(text);
        let events = job.tenant.opencx().await?.history(&session.id).await?;
        events.iter().any(|event| event.sender == Sender::Agent && normalised(&event.text) == words)
    } else {
        false
    };
    Ok(found.then(|| "told".to_owned()))
}

/// Stores an internal comment as a note of the session. The customer never sees it.
pub(super) async fn store_note(job: &Job<'_>, incoming: &Incoming) -> Result<Completion, FlowError> {
    let Some(session) = &incoming.session else { return Ok(Completion::skipped(Reason::Comment)) };
    let (message, text) = (&incoming.message, incoming.message.text.trim().to_owned());
    let remark = Remark { id: message.id.as_str(), text, at: message.created_at, way: RemarkSource::Comment };
    let finish = store_remark(job, session, remark, async || author(job, incoming).await).await?;
    Ok(finish.of_session(&session.id))
}

/// The writer's name, if HubSpot has it.
async fn author(job: &Job<'_>, incoming: &Incoming) -> Option<String> {
    let sender = incoming.message.senders.first();
    if let Some(name) = sender.and_then(|sender| sender.name.clone()) {
        return Some(name);
    }
    let actor = sender.and_then(|sender| sender.actor.as_ref()).or(incoming.message.created_by.as_ref())?;
    job.tenant.portal.actor(actor).await.ok().and_then(|actor| actor.name)
}
