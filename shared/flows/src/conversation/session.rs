//! The session a customer's message belongs to: the thread's own, reopened where it was resolved, or a new one.

use crate::conversation::incoming::Incoming;
use crate::conversation::{contact, reopening, words};
use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use crate::kernel::once::{Effect, found_or_done};
use domain::{ActorId, ContactId, Lifecycle, Reason, SessionId};
use jiff::{SignedDuration, Timestamp};
use opencx::{HubSpotIds, NewSession, Person};
use serde_json::Value;
use std::time::Duration;
use store::{Begin, Linked, Reopened, Run, Session};

/// The thread's session with the message's full text. A session that was resolved too long ago makes way for a new one.
pub(crate) async fn session_for(job: &Job<'_>, incoming: &mut Incoming) -> Result<Session, FlowError> {
    words::complete(job, incoming).await?;
    let session = match incoming.session.take() {
        Some(former) if is_over(job, incoming, &former) => {
            let (store, portal) = (&job.tenant.bridge.store, &job.tenant.connection.portal);
            store.begin_anew(&former.org, portal, &incoming.thread.id, &former.id).await?;
            open_session(job, incoming).await?
        }
        Some(session) => session,
        None => open_session(job, incoming).await?,
    };
    reopened(job, session).await
}

/// The session, open: one that was resolved goes on, and OpenCX hears of it.
pub(crate) async fn reopened(job: &Job<'_>, session: Session) -> Result<Session, FlowError> {
    if session.lifecycle == Lifecycle::Open && !job.is_begun(Effect::Reopen) {
        return Ok(session);
    }
    let reopen = async || {
        let reopened = match job.tenant.bridge.store.reopen(&session.org, &session.id).await? {
            Reopened::Now(reopened) | Reopened::Already(reopened) => reopened,
            Reopened::NotFound => return Ok(session.clone()),
        };
        reopening::tell_reopened(&job.tenant, &session).await?;
        reopening::reopen_ticket(&job.tenant, &reopened).await?;
        Ok(reopened)
    };
    job.until_done(Effect::Reopen, reopen).await
}

/// Whether the session was resolved more than `reopen_within_days` before the customer wrote again.
fn is_over(job: &Job<'_>, incoming: &Incoming, session: &Session) -> bool {
    let days = job.tenant.connection.settings.reopen_within_days;
    let kept = SignedDuration::from_hours(24 * i64::from(days));
    let wrote_at = incoming.message.created_at;
    session.lifecycle == Lifecycle::Resolved && session.resolved_at.is_some_and(|at| wrote_at.duration_since(at) > kept)
}

/// Creates the thread's session and links both, or finds the one that another run has created.
pub(crate) async fn open_session(job: &Job<'_>, incoming: &Incoming) -> Result<Session, FlowError> {
    let (store, connection) = (&job.tenant.bridge.store, &job.tenant.connection);
    let thread = &incoming.thread.id;
    // The right to create belongs to the delivery, not to one of its runs: a further run of it goes on at once.
    let run = Run { id: incoming.message.id.to_string(), ..job.run.clone() };
    let begun_before = match store.begin_session(&connection.org, &connection.portal, thread, &run).await? {
        Begin::Won { begun_before } => begun_before,
        Begin::Linked(id) => return linked(job, &id).await,
        Begin::Busy { .. } => {
            let (after, reason) = (Duration::from_secs(2), Reason::OpencxUnavailable);
            return Err(FlowError::Wait { after, reason, why: "another run creates the thread's session" });
        }
    };
    let link = store.link_of_thread(&connection.portal, thread).await?;
    let previous = link.and_then(|link| link.previous);
    let person = person_behind(job, incoming).await;
    let contact = first_contact(job, incoming, &person).await;
    let find = async |since| look(job, incoming, since, previous.as_ref()).await;
    let create = async |permit: &Permit<'_>| permit.session(&new_session(incoming, person, previous.as_ref())).await;
    let id = found_or_done(&job.tenant, begun_before, find, create).await?;
    let mut session = Session::new(connection.org.clone(), id, incoming.channel(), job.now());
    session.portal = Some(connection.portal.clone());
    session.thread = Some(thread.clone());
    session.ticket.clone_from(&incoming.thread.ticket);
    session.contact = contact;
    session.previous = previous;
    session.assist_mode = stated_assist_mode(job, &session).await;
    match store.link_session(&session, &run).await? {
        Linked::Yes => {
            tell_ids(job, &session).await;
            Ok(session)
        }
        Linked::Other(id) => linked(job, &id).await,
        Linked::LostRun => Err(FlowError::Store(store::StoreError::LostRun)),
    }
}

/// The session's own word on Assist Mode, which wins over the settings where OpenCX states it.
async fn stated_assist_mode(job: &Job<'_>, session: &Session) -> Option<bool> {
    let read = async { Ok::<_, FlowError>(job.tenant.opencx().await?.session(&session.id).await?) };
    match read.await {
        Ok(there) => there.assist_mode,
        Err(error) => {
            tracing::warn!(error = %error, "a new session's Assist Mode is not known");
            None
        }
    }
}

/// Thread and contact onto the OpenCX session (an assumed endpoint). Its failing costs reps a link, not the customer an answer.
pub(crate) async fn tell_ids(job: &Job<'_>, session: &Session) {
    let ids =
        HubSpotIds { ticket: session.ticket.clone(), thread: session.thread.clone(), contact: session.contact.clone() };
    let told = async { Ok::<_, FlowError>(job.tenant.opencx().await?.set_hubspot_ids(&session.id, &ids).await?) };
    if let Err(error) = told.await {
        tracing::warn!(error = %error, "OpenCX was not told the HubSpot ids of a new session");
    }
}

async fn linked(job: &Job<'_>, id: &SessionId) -> Result<Session, FlowError> {
    let session = job.tenant.bridge.store.session(&job.tenant.connection.org, id).await?;
    session.ok_or_else(|| FlowError::Impossible {
        reason: Reason::Poison,
        message: "the thread is linked to a session that has no item".to_owned(),
    })
}

/// The session an earlier run created without living to hear of it, by the probe it put into it.
async fn look(
    job: &Job<'_>,
    incoming: &Incoming,
    since: Timestamp,
    previous: Option<&SessionId>,
) -> Result<Option<SessionId>, FlowError> {
    let since = since - SignedDuration::from_secs(60);
    let sessions = job.tenant.opencx().await?.sessions_created_since(since).await?;
    let probe = Some(incoming.thread.id.as_str());
    let is_ours = |s: &opencx::Session| {
        Some(&s.id) != previous && s.custom_data.get("hubspot_thread_id").and_then(Value::as_str) == probe
    };
    Ok(sessions.into_iter().find(is_ours).map(|session| session.id))
}

fn new_session(incoming: &Incoming, contact: Person, previous: Option<&SessionId>) -> NewSession {
    let probe = ("hubspot_thread_id".to_owned(), Value::from(incoming.thread.id.as_str()));
    let follows = previous.map(|id| ("previous_session_id".to_owned(), Value::from(id.as_str())));
    NewSession { channel: incoming.channel(), contact, custom_data: [probe].into_iter().chain(follows).collect() }
}

/// Name and address of the customer: from the message, else from HubSpot's actor. Knowing neither is no obstacle.
async fn person_behind(job: &Job<'_>, incoming: &Incoming) -> Person {
    let sender = incoming.message.senders.first();
    let mut person = Person { name: sender.and_then(|s| s.name.clone()), ..Person::default() };
    match sender.and_then(|s| s.address.as_ref()) {
        Some(address) if address.kind == "HS_EMAIL_ADDRESS" => person.email = Some(address.value.clone()),
        Some(address) if address.kind == "HS_PHONE_NUMBER" => person.phone = Some(address.value.clone()),
        _ => {}
    }
    if let (None, Some(actor @ ActorId::Visitor(_))) = (&person.email, sender.and_then(|s| s.actor.as_ref())) {
        match job.tenant.portal.actor(actor).await {
            Ok(actor) => {
                person.email = actor.email;
                person.name = person.name.or(actor.name);
            }
            Err(error) => tracing::info!(error = %error, "the customer's name is not known yet"),
        }
    }
    person
}

/// Links or creates the HubSpot contact (document 004, "Contact sync"). Failing never blocks the answer.
///
/// A conversation whose customer HubSpot knows but whose address it does not tell keeps the contact it has.
async fn first_contact(job: &Job<'_>, incoming: &Incoming, person: &Person) -> Option<ContactId> {
    let there = incoming.thread.contact.clone();
    let customer = contact::Person {
        name: person.name.as_deref(),
        email: person.email.as_deref(),
        phone: person.phone.as_deref(),
    };
    if !customer.is_known() || (person.email.is_none() && is_contact(job, there.as_ref()).await) {
        return there;
    }
    match contact::find_or_create(&job.tenant.portal, &customer).await {
        Ok(whose) => Some(whose.id()),
        Err(error) => {
            tracing::warn!(error = %error, "the customer's HubSpot contact could not be linked");
            None
        }
    }
}

/// A thread's contact may be a visitor who is no contact yet.
async fn is_contact(job: &Job<'_>, id: Option<&ContactId>) -> bool {
    match id {
        Some(id) => matches!(job.tenant.portal.contact(id).await, Ok(Some(_))),
        None => false,
    }
}
