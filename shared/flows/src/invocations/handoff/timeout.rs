//! The wait of a handoff begins: an event of its own in the conversation's group, with a row like any other.

use crate::invocations::handoff::input::Facts;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use crate::kernel::message::{Door, Envelope, Message};
use crate::kernel::ports::{Queue, Queued};
use domain::{EventKind, HubSpotEvent};
use store::{Session, Work};

/// Begins the wait of a handoff, where one is set: an event of its own in the conversation's group, with a row like any other.
pub(crate) async fn begin(job: &Job<'_>, queue: &dyn Queue, facts: &Facts, session: &Session) -> Result<(), FlowError> {
    let (settings, Work::Handoff { n, .. }) = (&job.tenant.connection.settings, &job.work) else { return Ok(()) };
    if settings.handoff_timeout_minutes.is_none() || settings.fallback_assignee.is_none() || facts.assist_mode {
        return Ok(());
    }
    let kind = EventKind::HandoffOpened { thread: facts.thread_id.clone(), session: session.id.clone(), handoff: *n };
    let portal = job.tenant.connection.portal.clone();
    let event = HubSpotEvent { portal, app: None, occurred_at: job.now(), kind };
    let (group, dedup_id) = (event.queue_group(), event.dedup_key().digest(session.org.as_str()));
    let message = Message::Event { door: Door::AppSignature, event, received_at: job.now() };
    Ok(queue.send(vec![Queued { group, dedup_id, body: Envelope::body(&message) }]).await?)
}
