//! The OpenCX session of a conversation: found, reopened where it was resolved, or created.

use crate::conversation::incoming::{Incoming, THREAD_PROBE};
use crate::conversation::{contact, pipeline, words};
use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use crate::kernel::once::{Effect, found_or_done};
use crate::kernel::tenant::Tenant;
use domain::{ActorId, Channel, ContactId, Lifecycle, Reason, SessionId, SessionStatus};
use hubspot::address;
use jiff::{SignedDuration, Timestamp};
use opencx::{HubSpotIds, NewSession, Person, Reflect};
use serde_json::Value;
use std::time::Duration;
use store::{Begin, Index, Linked, Reopened, Run, Session, StoreError};

/// Finds the thread's session and opens it, or creates one. It also completes the message.
///
/// A session that was resolved too long ago is replaced by a new one.
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

/// The open session. A resolved session is reopened, with its ticket, and OpenCX is told that its AI may speak.
pub(crate) async fn reopened(job: &Job<'_>, session: Session) -> Result<Session, FlowError> {
    if session.lifecycle == Lifecycle::Open && !job.is_begun(Effect::Reopen) {
        return Ok(session);
    }
    let reopen = async || {
        let reopened = match job.tenant.bridge.store.reopen(&session.org, &session.id).await? {
            Reopened::Now(reopened) | Reopened::Already(reopened) => reopened,
            Reopened::NotFound => return Ok(session.clone()),
        };
        job.tenant.opencx().await?.set_status(&session.id, SessionStatus::Open, Reflect::No).await?;
        job.tenant.opencx().await?.set_handed_off(&session.id, false, None).await?;
        pipeline::reopen_ticket(&job.tenant, &reopened).await?;
        Ok(reopened)
    };
    job.until_done(Effect::Reopen, reopen).await
}

/// Whether the session was resolved more than `reopen_within_days` before the customer wrote again.
fn is_over(job: &Job<'_>, incoming: &Incoming, session: &Session) -> bool {
    let kept = SignedDuration::from_hours(24 * i64::from(job.tenant.connection.settings.reopen_within_days));
    let resolved_at = session.resolved_at.filter(|_| session.lifecycle == Lifecycle::Resolved);
    resolved_at.is_some_and(|at| incoming.message.created_at.duration_since(at) > kept)
}

/// Creates the thread's session and links both, or finds the session that another run has created.
async fn open_session(job: &Job<'_>, incoming: &Incoming) -> Result<Session, FlowError> {
    let (store, connection) = (&job.tenant.bridge.store, &job.tenant.connection);
    let thread = &incoming.thread.id;
    // The delivery holds the right to create, not one of its runs: the next run of the delivery need not wait.
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
    let find = async |since| created_before(job, incoming, since, previous.as_ref()).await;
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
            tell_ids(job, &session.id, &ids_of(&session)).await;
            Ok(session)
        }
        Linked::Other(id) => linked(job, &id).await,
        Linked::LostRun => Err(StoreError::LostRun.into()),
    }
}

/// Assist Mode as OpenCX states it for this session. It outranks the settings.
async fn stated_assist_mode(job: &Job<'_>, session: &Session) -> Option<bool> {
    let read = async { Ok::<_, FlowError>(job.tenant.opencx().await?.session(&session.id).await?) };
    let read = read.await.inspect_err(|error| tracing::warn!(%error, "a new session's Assist Mode is not known"));
    read.ok()?.assist_mode
}

/// Tells OpenCX the session's ids in HubSpot. The flag says whether OpenCX took them. If not, reps only lack a link.
pub(crate) async fn tell_ids(job: &Job<'_>, session: &SessionId, ids: &HubSpotIds) -> bool {
    let told = async { Ok::<_, FlowError>(job.tenant.opencx().await?.set_hubspot_ids(session, ids).await?) };
    let told =
        told.await.inspect_err(|error| tracing::warn!(%error, "OpenCX did not take the HubSpot ids of a session"));
    told.is_ok()
}

pub(crate) fn ids_of(session: &Session) -> HubSpotIds {
    HubSpotIds { ticket: session.ticket.clone(), thread: session.thread.clone(), contact: session.contact.clone() }
}

/// The places in the log where a job of the session is shown.
pub(crate) fn index_of(tenant: &Tenant<'_>, session: &Session) -> Index {
    let thread = session.thread.clone().map(|thread| (tenant.connection.portal.clone(), thread));
    Index { thread, ticket: session.ticket.clone(), session: Some(session.id.clone()) }
}

/// Makes the item of a session that did not begin in HubSpot. If OpenCX names no channel, it is `or`.
pub(crate) async fn keep_session(
    tenant: &Tenant<'_>,
    there: &opencx::OpenCxSession,
    or: Channel,
) -> Result<Session, FlowError> {
    let (connection, now) = (&tenant.connection, tenant.bridge.clock.now());
    let mut session = Session::new(connection.org.clone(), there.id.clone(), there.channel.unwrap_or(or), now);
    session.portal = Some(connection.portal.clone());
    session.assist_mode = there.assist_mode;
    Ok(tenant.bridge.store.ensure_session(&session).await?)
}

async fn linked(job: &Job<'_>, id: &SessionId) -> Result<Session, FlowError> {
    let session = job.tenant.bridge.store.session(&job.tenant.connection.org, id).await?;
    session.ok_or_else(|| FlowError::Impossible {
        reason: Reason::Poison,
        message: "the thread is linked to a session that has no item".to_owned(),
    })
}

/// The session that an earlier run created before it died. It is known by its probe.
async fn created_before(
    job: &Job<'_>,
    incoming: &Incoming,
    since: Timestamp,
    previous: Option<&SessionId>,
) -> Result<Option<SessionId>, FlowError> {
    let since = since - SignedDuration::from_secs(60);
    let sessions = job.tenant.opencx().await?.sessions_created_since(since).await?;
    let probe = Some(incoming.thread.id.as_str());
    let is_ours = |s: &opencx::OpenCxSession| {
        Some(&s.id) != previous && s.custom_data.get(THREAD_PROBE).and_then(Value::as_str) == probe
    };
    Ok(sessions.into_iter().find(is_ours).map(|session| session.id))
}

fn new_session(incoming: &Incoming, contact: Person, previous: Option<&SessionId>) -> NewSession {
    let probe = (THREAD_PROBE.to_owned(), Value::from(incoming.thread.id.as_str()));
    let follows = previous.map(|id| ("previous_session_id".to_owned(), Value::from(id.as_str())));
    NewSession { channel: incoming.channel(), contact, custom_data: [probe].into_iter().chain(follows).collect() }
}

/// Name and address of the customer: from the message, else from HubSpot's actor. Both may stay unknown.
async fn person_behind(job: &Job<'_>, incoming: &Incoming) -> Person {
    let Some(sender) = incoming.message.senders.first() else { return Person::default() };
    let address = sender.address.as_ref();
    let mut person = Person {
        name: sender.name.clone(),
        email: address.and_then(address::email).map(str::to_owned),
        phone: address.and_then(address::phone).map(str::to_owned),
    };
    if let (None, Some(actor @ ActorId::Visitor(_))) = (&person.email, &sender.actor) {
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

/// Finds or creates the customer's contact. A failure never blocks the answer.
///
/// HubSpot may know the customer and not tell the address: then the conversation keeps its contact.
async fn first_contact(job: &Job<'_>, incoming: &Incoming, person: &Person) -> Option<ContactId> {
    let there = incoming.thread.contact.clone();
    if !contact::is_known(person) {
        return there;
    }
    let portal = &job.tenant.portal;
    match &there {
        // A thread may name a visitor as its contact: HubSpot has no contact of that id yet.
        Some(id) if person.email.is_none() && matches!(portal.contact(id).await, Ok(Some(_))) => there,
        _ => contact::contact_if_possible(portal, person).await,
    }
}
