//! The OpenCX session of a thread: found, or created once.

use crate::answer_customer::Incoming;
use crate::conversation::contact;
use crate::work::errand::Errand;
use crate::work::failure::FlowError;
use domain::{ActorId, ContactId, Reason, SessionId};
use jiff::{SignedDuration, Timestamp};
use opencx::{HubSpotIds, NewSession, Person};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use store::{Begin, Linked, Run, Session};

/// Creates the thread's session and links both, or finds the one that another run has created.
pub(crate) async fn open_session(errand: &Errand<'_>, incoming: &Incoming) -> Result<Session, FlowError> {
    let (store, connection) = (&errand.tenant.bridge.store, &errand.tenant.connection);
    let thread = &incoming.thread.id;
    // The right to create belongs to the delivery, not to one of its runs: a further run of it goes on at once.
    let run = Run { id: incoming.message.id.to_string(), ..errand.run.clone() };
    let begun_before = match store.begin_session(&connection.org, &connection.portal, thread, &run).await? {
        Begin::Won { begun_before } => begun_before,
        Begin::Linked(id) => return linked(errand, &id).await,
        Begin::Busy { .. } => {
            let (after, reason) = (Duration::from_secs(2), Reason::OpencxUnavailable);
            return Err(FlowError::Wait { after, reason, why: "another run creates the thread's session" });
        }
    };
    let link = store.link_of_thread(&connection.portal, thread).await?;
    let previous = link.and_then(|link| link.previous);
    let found = match begun_before {
        Some(since) => look(errand, incoming, since, previous.as_ref()).await?,
        None => None,
    };
    let person = person_behind(errand, incoming).await;
    let contact = first_contact(errand, incoming, &person).await;
    let id = match found {
        Some(id) => id,
        None => create(errand, incoming, person, previous.as_ref()).await?,
    };
    let mut session = Session::new(connection.org.clone(), id, incoming.channel(), errand.now());
    session.portal = Some(connection.portal.clone());
    session.thread = Some(thread.clone());
    session.ticket.clone_from(&incoming.thread.ticket);
    session.contact = contact;
    session.previous = previous;
    session.assist_mode = stated_assist_mode(errand, &session).await;
    match store.link_session(&session, &run).await? {
        Linked::Yes => {
            tell_ids(errand, &session).await;
            Ok(session)
        }
        Linked::Other(id) => linked(errand, &id).await,
        Linked::LostRun => Err(FlowError::Store(store::StoreError::LostRun)),
    }
}

/// The session's own word on Assist Mode, which wins over the settings where OpenCX states it.
async fn stated_assist_mode(errand: &Errand<'_>, session: &Session) -> Option<bool> {
    let read = async { Ok::<_, FlowError>(errand.tenant.opencx().await?.session(&session.id).await?) };
    match read.await {
        Ok(there) => there.assist_mode,
        Err(error) => {
            tracing::warn!(error = %error, "a new session's Assist Mode is not known");
            None
        }
    }
}

/// Thread and contact onto the OpenCX session (an assumed endpoint). Its failing costs reps a link, not the customer an answer.
pub(crate) async fn tell_ids(errand: &Errand<'_>, session: &Session) {
    let ids =
        HubSpotIds { ticket: session.ticket.clone(), thread: session.thread.clone(), contact: session.contact.clone() };
    let told = async { Ok::<_, FlowError>(errand.tenant.opencx().await?.set_hubspot_ids(&session.id, &ids).await?) };
    if let Err(error) = told.await {
        tracing::warn!(error = %error, "OpenCX was not told the HubSpot ids of a new session");
    }
}

async fn linked(errand: &Errand<'_>, id: &SessionId) -> Result<Session, FlowError> {
    let session = errand.tenant.bridge.store.session(&errand.tenant.connection.org, id).await?;
    session.ok_or_else(|| FlowError::Impossible {
        reason: Reason::Poison,
        message: "the thread is linked to a session that has no item".to_owned(),
    })
}

/// The session an earlier run created without living to hear of it, by the probe it put into it.
async fn look(
    errand: &Errand<'_>,
    incoming: &Incoming,
    since: Timestamp,
    previous: Option<&SessionId>,
) -> Result<Option<SessionId>, FlowError> {
    let since = since - SignedDuration::from_secs(60);
    let sessions = errand.tenant.opencx().await?.sessions_created_since(since).await?;
    let probe = Some(incoming.thread.id.as_str());
    let is_ours = |s: &opencx::Session| {
        Some(&s.id) != previous && s.custom_data.get("hubspot_thread_id").and_then(Value::as_str) == probe
    };
    Ok(sessions.into_iter().find(is_ours).map(|session| session.id))
}

async fn create(
    errand: &Errand<'_>,
    incoming: &Incoming,
    contact: Person,
    previous: Option<&SessionId>,
) -> Result<SessionId, FlowError> {
    let probe = ("hubspot_thread_id".to_owned(), Value::from(incoming.thread.id.as_str()));
    let follows = previous.map(|id| ("previous_session_id".to_owned(), Value::from(id.as_str())));
    let custom_data: BTreeMap<_, _> = [probe].into_iter().chain(follows).collect();
    let session = NewSession { channel: incoming.channel(), contact, custom_data };
    Ok(errand.tenant.opencx().await?.create_session(&session).await?)
}

/// Name and address of the customer: from the message, else from HubSpot's actor. Knowing neither is no obstacle.
async fn person_behind(errand: &Errand<'_>, incoming: &Incoming) -> Person {
    let sender = incoming.message.senders.first();
    let mut person = Person { name: sender.and_then(|s| s.name.clone()), ..Person::default() };
    match sender.and_then(|s| s.address.as_ref()) {
        Some(address) if address.kind == "HS_EMAIL_ADDRESS" => person.email = Some(address.value.clone()),
        Some(address) if address.kind == "HS_PHONE_NUMBER" => person.phone = Some(address.value.clone()),
        _ => {}
    }
    if let (None, Some(actor @ ActorId::Visitor(_))) = (&person.email, sender.and_then(|s| s.actor.as_ref())) {
        match errand.tenant.portal.actor(actor).await {
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
async fn first_contact(errand: &Errand<'_>, incoming: &Incoming, person: &Person) -> Option<ContactId> {
    let there = incoming.thread.contact.clone();
    let customer = contact::Person {
        name: person.name.as_deref(),
        email: person.email.as_deref(),
        phone: person.phone.as_deref(),
    };
    if !customer.is_known() || (person.email.is_none() && is_contact(errand, there.as_ref()).await) {
        return there;
    }
    match contact::find_or_create(&errand.tenant.portal, &customer).await {
        Ok(whose) => Some(whose.id()),
        Err(error) => {
            tracing::warn!(error = %error, "the customer's HubSpot contact could not be linked");
            None
        }
    }
}

/// A thread's contact may be a visitor who is no contact yet.
async fn is_contact(errand: &Errand<'_>, id: Option<&ContactId>) -> bool {
    match id {
        Some(id) => matches!(errand.tenant.portal.contact(id).await, Ok(Some(_))),
        None => false,
    }
}
