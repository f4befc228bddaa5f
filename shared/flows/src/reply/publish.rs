//! What was said on a channel that OpenCX carries itself, into its HubSpot thread. The first message begins the thread.

use crate::answer::{open_session, thread_session};
use crate::conversation::contact;
use crate::reply::own_channel::Ours;
use crate::reply::request::{PostedAs, ReplyAnswer, ReplyRequest, Speaker};
use crate::work::errand::{Errand, Finish, done};
use crate::work::failure::FlowError;
use crate::work::invocation;
use domain::{ContactId, DeliveryIdentifier, Direction, Party, Reason, RichText};
use hubspot::{ChannelMessage, PublishedMessage};
use store::{AboutToPost, PostRight, Session, Step};

/// Addresses of our own making; HubSpot delivers nothing by them.
const OPAQUE: &str = "CHANNEL_SPECIFIC_OPAQUE_ID";

/// Publishes it once: OpenCX's message id is HubSpot's idempotency id, so that a run that does not know whether an
/// earlier one did it may do it again. OpenCX has said it already, so nobody is silenced here.
pub(crate) async fn publish(
    errand: &Errand<'_>,
    request: &ReplyRequest,
    session: &Session,
    place: &Ours,
) -> Result<(ReplyAnswer, Finish), FlowError> {
    let session = match request.message.sender {
        Speaker::Contact => thread_session::reopened(errand, session.clone()).await?,
        Speaker::Ai | Speaker::Agent => session.clone(),
    };
    let contact = whose(errand, &session, place).await;
    let begun_at = errand.earlier("post").and_then(|step| step.about_to);
    if begun_at.is_none()
        && let Some(reason) = right(errand, request).await?
    {
        let skipped = ReplyAnswer::skipped(&session, &reason);
        return Ok((skipped, Finish::skipped(reason).of_session(&session.id)));
    }
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
        at: begun_at.unwrap_or_else(|| errand.now()),
        conversation: session.id.to_string(),
        idempotency_key: request.message.id.to_string(),
        contact: contact.clone(),
    };
    let published = errand.tenant.portal.publish(&place.channel.channel, &message).await?;
    let PublishedMessage { id, thread } = &published;
    adopt(errand, &session, place, &published, contact).await?;
    errand.tenant.bridge.store.posted(&session.org, &request.message.id, id, errand.now()).await?;
    let answer = ReplyAnswer {
        thread_id: Some(thread.clone()),
        message_id: Some(id.clone()),
        posted_as: Some(PostedAs::Message),
        ..ReplyAnswer::default()
    };
    let finish = invocation::finished("published").of_session(&session.id).with_step("post", done(id.as_str()));
    Ok((answer, finish))
}

/// Announces the message, or says why it must not be published: a rep has written it in HubSpot.
async fn right(errand: &Errand<'_>, request: &ReplyRequest) -> Result<Option<Reason>, FlowError> {
    let step = Step { about_to: Some(errand.now()), done: None, detail: None };
    let right = errand.tenant.bridge.store.about_to_post(&AboutToPost {
        work: &errand.work,
        run: &errand.run,
        step: ("post", &step),
        more_steps: &[],
        posted: Some((&request.org_id, &request.message.id)),
        session: None,
        watch: None,
        now: errand.now(),
    });
    match right.await? {
        PostRight::Granted => Ok(None),
        PostRight::PostedAlready { .. } => Ok(Some(Reason::Duplicate)),
        PostRight::Silenced(_) | PostRight::LostRun => Err(FlowError::Store(store::StoreError::LostRun)),
    }
}

/// The customer's contact, found or created with the first message. Failing at it stops nothing.
async fn whose(errand: &Errand<'_>, session: &Session, place: &Ours) -> Option<ContactId> {
    let Some(there) = &place.there else { return session.contact.clone() };
    let person = contact::Person {
        name: there.contact.name.as_deref(),
        email: there.contact.email.as_deref(),
        phone: there.contact.phone.as_deref(),
    };
    if session.contact.is_some() || !person.is_known() {
        return session.contact.clone();
    }
    match contact::find_or_create(&errand.tenant.portal, &person).await {
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
    errand: &Errand<'_>,
    session: &Session,
    place: &Ours,
    published: &PublishedMessage,
    contact: Option<ContactId>,
) -> Result<(), FlowError> {
    let same_account = session.custom_account.as_ref() == Some(&place.channel.account);
    if session.thread.as_ref() == Some(&published.thread) && same_account {
        return Ok(());
    }
    let (store, thread) = (&errand.tenant.bridge.store, &published.thread);
    if !store.adopt_thread(session, &place.channel, thread, contact.as_ref()).await? {
        tracing::warn!(thread.id = %thread, "HubSpot put a session's message into another session's thread");
        return Ok(());
    }
    let linked = Session { thread: Some(thread.clone()), contact, ..session.clone() };
    open_session::tell_ids(errand, &linked).await;
    Ok(())
}
