//! Sessions on the channels that OpenCX carries itself, and where in HubSpot they go.

use crate::conversation::{contact, session};
use crate::invocations::reply::request::{PostedAs, ReplyAnswer, ReplyRequest, Speaker};
use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::once::{Effect, Right, nothing};
use crate::kernel::tenant::Tenant;
use domain::{Channel, ContactId, DeliveryIdentifier, Direction, Party, Reason, RichText};
use hubspot::{ChannelMessage, PublishedMessage};
use opencx::OpenCxError;
use store::{CustomChannel, Session};

/// Where in HubSpot a session's messages belong.
enum Place {
    /// Into a thread of our custom channel.
    Ours(Box<Ours>),
    /// They did until the admin switched that off.
    SwitchedOff,
    /// Into a thread of HubSpot's own channels, or nowhere.
    NotOurs,
}

/// A thread of our custom channel, which is there or begins now.
struct Ours {
    /// Channel and account.
    channel: CustomChannel,
    /// The session as OpenCX has it, where its thread begins now.
    there: Option<opencx::Session>,
}

/// Publishes the message where its conversation is on a channel of OpenCX; `None` where it is not.
///
/// This call and [`begin`] are all that `reply` knows of custom channels.
pub(crate) async fn carry(
    job: &Job<'_>,
    request: &ReplyRequest,
    session: &Session,
    there: Option<opencx::Session>,
) -> Result<Option<(ReplyAnswer, Completion)>, FlowError> {
    match place(job, session, there).await? {
        Place::Ours(place) => publish(job, request, session, &place).await.map(Some),
        Place::SwitchedOff if request.message.sender != Speaker::Contact => {
            let skipped = Completion::skipped(Reason::NotDelivered).of_session(&session.id);
            Ok(Some((ReplyAnswer::skipped(session, &Reason::NotDelivered), skipped)))
        }
        Place::SwitchedOff | Place::NotOurs => Ok(None),
    }
}

/// A session that nobody has told us of before, where its conversation may go into HubSpot.
pub(crate) async fn begin(
    tenant: &Tenant<'_>,
    request: &ReplyRequest,
) -> Result<Option<(Session, Option<opencx::Session>)>, FlowError> {
    let connection = &tenant.connection;
    if connection.published_to().is_none() {
        return Ok(None);
    }
    let there = match tenant.opencx().await?.session(&request.session_id).await {
        Ok(there) if began_in_hubspot(&there) => return Ok(None),
        Ok(there) => there,
        Err(OpenCxError::NotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let channel = there.channel.unwrap_or(Channel::Web);
    let mut session = Session::new(connection.org.clone(), there.id.clone(), channel, tenant.bridge.clock.now());
    session.portal = Some(connection.portal.clone());
    session.assist_mode = there.assist_mode;
    let session = tenant.bridge.store.ensure_session(&session).await?;
    Ok(Some((session, Some(there))))
}

/// Where this session's messages go now. `there` is the session as OpenCX has it, where it was read already.
async fn place(job: &Job<'_>, session: &Session, there: Option<opencx::Session>) -> Result<Place, FlowError> {
    let connection = &job.tenant.connection;
    let here = session.portal.as_ref() == Some(&connection.portal);
    let known = session.custom_account.as_ref().filter(|_| here);
    let Some(channel) = connection.published_to().filter(|_| session.channel.is_written()) else {
        return Ok(if known.is_some() { Place::SwitchedOff } else { Place::NotOurs });
    };
    let channel = channel.clone();
    if here && session.thread.is_some() {
        match known {
            None => return Ok(Place::NotOurs),
            Some(account) if *account == channel.account => {
                return Ok(Place::Ours(Box::new(Ours { channel, there: None })));
            }
            // The admin has chosen another inbox: the conversation goes on in a thread there.
            Some(_) => {}
        }
    }
    let there = match there {
        Some(there) => there,
        None => job.tenant.opencx().await?.session(&session.id).await?,
    };
    // Its own thread may not be linked yet.
    if known.is_none() && began_in_hubspot(&there) {
        return Ok(Place::NotOurs);
    }
    Ok(Place::Ours(Box::new(Ours { channel, there: Some(there) })))
}

/// The probe that we put into every session that a HubSpot thread began.
fn began_in_hubspot(there: &opencx::Session) -> bool {
    there.custom_data.contains_key("hubspot_thread_id")
}

/// Addresses of our own making; HubSpot delivers nothing by them.
const OPAQUE: &str = "CHANNEL_SPECIFIC_OPAQUE_ID";

/// Publishes it once: OpenCX's message id is HubSpot's idempotency id, so that a run that does not know whether an
/// earlier one did it may do it again. OpenCX has said it already, so nobody is silenced here.
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
    let contact = whose(job, &session, place).await;
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
    // HubSpot recognises the idempotency key, so a message that was announced is published again.
    let right = Right { message: Some(&request.message.id), guard: None, check_delivery: None, detail: None };
    let message_id = match job.once_if_allowed(Effect::Post, right, nothing, publish).await? {
        Ok(id) => id,
        Err(denied) => {
            let reason = denied.reason();
            let skipped = ReplyAnswer::skipped(&session, &reason);
            return Ok((skipped, Completion::skipped(reason).of_session(&session.id)));
        }
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

/// The customer's contact, found or created with the first message. Failing at it stops nothing.
async fn whose(job: &Job<'_>, session: &Session, place: &Ours) -> Option<ContactId> {
    let Some(there) = &place.there else { return session.contact.clone() };
    let person = contact::Person {
        name: there.contact.name.as_deref(),
        email: there.contact.email.as_deref(),
        phone: there.contact.phone.as_deref(),
    };
    if session.contact.is_some() || !person.is_known() {
        return session.contact.clone();
    }
    match contact::find_or_create(&job.tenant.portal, &person).await {
        Ok(whose) => Some(whose.id()),
        Err(error) => {
            tracing::warn!(error = %error, "a conversation of OpenCX's own channel begins without contact");
            None
        }
    }
}

/// Who speaks to whom. The customer is known to HubSpot by the session, the other side by the account's inbox.
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

/// Files are named in the text with their address.
fn words(request: &ReplyRequest) -> RichText {
    let (text, html) = (request.text_with_files(), request.message.html.as_deref());
    match request.message.sender {
        Speaker::Ai => domain::ai_reply(&text, html),
        Speaker::Contact | Speaker::Agent => domain::agent_reply(&text, html, None),
    }
}

/// Makes the thread the session's, so that what reps write in it reaches the session.
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
        tracing::warn!(thread.id = %thread, "HubSpot put a session's message into another session's thread");
        return Ok(());
    }
    let linked = Session { thread: Some(thread.clone()), contact, ..session.clone() };
    session::tell_ids(job, &linked).await;
    Ok(())
}
