//! Sessions on channels that OpenCX carries itself: their messages go into threads of our custom channel.

use crate::conversation::contact;
use crate::conversation::incoming::THREAD_PROBE;
use crate::conversation::session::{self, keep_session};
use crate::invocations::reply::request::{PostedAs, ReplyAnswer, ReplyRequest, Speaker, skip};
use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::once::{Effect, Right, nothing};
use crate::kernel::tenant::Tenant;
use domain::{Channel, ContactId, DeliveryIdentifier, Direction, Party, Reason, RichText};
use hubspot::{ChannelMessage, PublishedMessage};
use opencx::OpenCxError;
use store::{CustomChannel, Session};

/// The place of a session's messages in HubSpot.
enum ChannelPlace {
    /// A thread of our custom channel.
    Ours(Box<Ours>),
    /// A thread of our custom channel, but the admin has switched the channel off.
    SwitchedOff,
    /// A thread of HubSpot's own channels, or no thread.
    NotOurs,
}

/// A thread of our custom channel. It exists, or it begins now.
struct Ours {
    /// Channel and account.
    channel: CustomChannel,
    /// The session as OpenCX has it, if its thread begins now.
    there: Option<opencx::OpenCxSession>,
}

/// Publishes the message if its conversation is on a channel of OpenCX. Otherwise the answer is `None`.
///
/// `reply` knows custom channels by this function and [`begin`] only.
pub(crate) async fn carry(
    job: &Job<'_>,
    request: &ReplyRequest,
    session: &Session,
    there: Option<opencx::OpenCxSession>,
) -> Result<Option<(ReplyAnswer, Completion)>, FlowError> {
    match place(job, session, there).await? {
        ChannelPlace::Ours(place) => publish(job, request, session, &place).await.map(Some),
        ChannelPlace::SwitchedOff if request.message.sender != Speaker::Contact => {
            Ok(Some(skip(session, Reason::NotDelivered)))
        }
        ChannelPlace::SwitchedOff | ChannelPlace::NotOurs => Ok(None),
    }
}

/// Makes the item of a session that we do not know, if its conversation may go into HubSpot.
pub(crate) async fn begin(
    tenant: &Tenant<'_>,
    request: &ReplyRequest,
) -> Result<Option<(Session, Option<opencx::OpenCxSession>)>, FlowError> {
    if tenant.connection.published_to().is_none() {
        return Ok(None);
    }
    match tenant.opencx().await?.session(&request.session_id).await {
        Ok(there) if began_in_hubspot(&there) => Ok(None),
        Ok(there) => Ok(Some((keep_session(tenant, &there, Channel::Web).await?, Some(there)))),
        Err(OpenCxError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The place of the session's messages now. `there` is the session as OpenCX has it, if it was read before.
async fn place(
    job: &Job<'_>,
    session: &Session,
    there: Option<opencx::OpenCxSession>,
) -> Result<ChannelPlace, FlowError> {
    let connection = &job.tenant.connection;
    let here = session.portal.as_ref() == Some(&connection.portal);
    let known = session.custom_account.as_ref().filter(|_| here);
    let Some(channel) = connection.published_to().filter(|_| session.channel.is_written()) else {
        return Ok(if known.is_some() { ChannelPlace::SwitchedOff } else { ChannelPlace::NotOurs });
    };
    let channel = channel.clone();
    if here && session.thread.is_some() {
        match known {
            None => return Ok(ChannelPlace::NotOurs),
            Some(account) if *account == channel.account => {
                return Ok(ChannelPlace::Ours(Box::new(Ours { channel, there: None })));
            }
            // The admin has chosen another inbox: the conversation continues in a new thread there.
            Some(_) => {}
        }
    }
    let there = match there {
        Some(there) => there,
        None => job.tenant.opencx().await?.session(&session.id).await?,
    };
    // The session began with a HubSpot thread, which may not be linked yet.
    if known.is_none() && began_in_hubspot(&there) {
        return Ok(ChannelPlace::NotOurs);
    }
    Ok(ChannelPlace::Ours(Box::new(Ours { channel, there: Some(there) })))
}

/// Every session that begins with a HubSpot thread has our probe.
fn began_in_hubspot(there: &opencx::OpenCxSession) -> bool {
    there.custom_data.contains_key(THREAD_PROBE)
}

/// The kind of an address that means something to us only: HubSpot delivers nothing to it.
const OPAQUE: &str = "CHANNEL_SPECIFIC_OPAQUE_ID";

/// Publishes the message once. OpenCX's message id is HubSpot's idempotency id, so a later run may publish again.
///
/// OpenCX has said the words already, so no guard is needed.
async fn publish(
    job: &Job<'_>,
    request: &ReplyRequest,
    session: &Session,
    place: &Ours,
) -> Result<(ReplyAnswer, Completion), FlowError> {
    let session = match request.message.sender {
        Speaker::Contact => session::reopened(job, session.clone()).await?,
        Speaker::Ai | Speaker::Agent => session.clone(),
    };
    let contact = contact_of(job, &session, place).await;
    let begun_at = job.kept(Effect::Post).and_then(|step| step.about_to);
    let (sender, recipient) = parties(request, &session, place);
    let message = ChannelMessage {
        account: place.channel.account.clone(),
        direction: match request.message.sender {
            Speaker::Contact => Direction::Incoming,
            Speaker::Ai | Speaker::Agent => Direction::Outgoing,
        },
        sender,
        recipient,
        text: words(request),
        at: begun_at.unwrap_or_else(|| job.now()),
        conversation: session.id.to_string(),
        idempotency_key: request.message.id.to_string(),
        contact: contact.clone(),
    };
    let mut published = None;
    let publish = async |permit: &Permit<'_>| {
        let sent = permit.publish(&place.channel.channel, &message).await?;
        let id = sent.id.clone();
        published = Some(sent);
        Ok(id)
    };
    // A message that was announced is published again: HubSpot knows the idempotency key.
    let right = Right { message: Some(&request.message.id), guard: None, check_delivery: None, detail: None };
    let message_id = match job.once_if_allowed(Effect::Post, right, nothing, publish).await? {
        Ok(id) => id,
        Err(denied) => return Ok(skip(&session, denied.reason())),
    };
    let thread = match &published {
        Some(published) => {
            adopt(job, &session, place, published, contact).await?;
            Some(published.thread.clone())
        }
        None => session.thread.clone(),
    };
    job.tenant.bridge.store.posted(&session.org, &request.message.id, &message_id, job.now()).await?;
    let answer = ReplyAnswer {
        thread_id: thread,
        message_id: Some(message_id),
        posted_as: Some(PostedAs::Message),
        ..ReplyAnswer::default()
    };
    Ok((answer, Completion::done("published").of_session(&session.id)))
}

/// The customer's contact, found or created with the first message.
async fn contact_of(job: &Job<'_>, session: &Session, place: &Ours) -> Option<ContactId> {
    match &place.there {
        Some(there) if session.contact.is_none() && contact::is_known(&there.contact) => {
            contact::contact_if_possible(&job.tenant.portal, &there.contact).await
        }
        _ => session.contact.clone(),
    }
}

/// Sender and recipient. HubSpot knows the customer by the session, and our side by the account's inbox.
fn parties(request: &ReplyRequest, session: &Session, place: &Ours) -> (Party, Party) {
    let party = |name: Option<String>, value: String| Party {
        actor: None,
        name,
        address: Some(DeliveryIdentifier { kind: OPAQUE.to_owned(), value }),
    };
    let customer = party(place.there.as_ref().and_then(|there| there.contact.name.clone()), session.id.to_string());
    let us = |name: Option<String>| party(name, domain::channel_address(&session.org, &place.channel.inbox));
    match request.message.sender {
        Speaker::Contact => (customer, us(None)),
        Speaker::Ai => (us(Some("AI".to_owned())), customer),
        Speaker::Agent => {
            let name = request.message.agent.as_ref().and_then(|agent| agent.name.clone());
            (us(Some(name.unwrap_or_else(|| "Agent".to_owned()))), customer)
        }
    }
}

/// The words, with name and address of each file.
fn words(request: &ReplyRequest) -> RichText {
    let (text, html) = (request.text_with_files(), request.message.html.as_deref());
    match request.message.sender {
        Speaker::Ai => domain::ai_reply(&text, html),
        Speaker::Contact | Speaker::Agent => domain::agent_reply(&text, html, None),
    }
}

/// Links the thread to the session, so that reps' messages in the thread reach the session.
async fn adopt(
    job: &Job<'_>,
    session: &Session,
    place: &Ours,
    published: &PublishedMessage,
    contact: Option<ContactId>,
) -> Result<(), FlowError> {
    let same_account = session.custom_account.as_ref() == Some(&place.channel.account);
    if session.thread.as_ref() == Some(&published.thread) && same_account {
        return Ok(());
    }
    let (store, thread) = (&job.tenant.bridge.store, &published.thread);
    if !store.adopt_thread(session, &place.channel, thread, contact.as_ref()).await? {
        tracing::warn!(thread.id = %thread, "HubSpot put a session's message into the thread of another session");
        return Ok(());
    }
    let linked = Session { thread: Some(thread.clone()), contact, ..session.clone() };
    session::tell_ids(job, &linked.id, &session::ids_of(&linked)).await;
    Ok(())
}
