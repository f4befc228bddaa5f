//! What OpenCX says to the customer, into the HubSpot thread: once, by whichever way it comes.

use crate::conversation::addressee::Addressee;
use crate::conversation::posting;
use crate::conversation::signing::{Signed, sign};
use crate::reply::attachments;
use crate::reply::earlier::earlier;
use crate::reply::note_of_customer::note_of_customer;
use crate::reply::own_channel::{self, Place};
use crate::reply::publish::publish;
use crate::reply::request::{PostedAs, ReplyAnswer, ReplyRequest, Speaker};
use crate::reply::right::right;
use crate::reply::voice::{silent, voice};
use crate::work::errand::{Errand, Finish, done};
use crate::work::failure::FlowError;
use crate::work::invocation::{self, Begun};
use crate::{Bridge, InvokeError};
use domain::{Reason, ThreadId};
use store::{Index, Session, Step, Work};

/// Posts one message of the OpenCX AI, of an agent in its inbox, or (as a note) of the customer.
pub async fn send_reply(bridge: &Bridge, request: &ReplyRequest) -> Result<ReplyAnswer, InvokeError> {
    let (tenant, run) = invocation::begin(bridge, &request.org_id).await?;
    let session = bridge.store.session(&request.org_id, &request.session_id).await.map_err(FlowError::from)?;
    let (session, there) = match session {
        Some(session) => (session, None),
        None => own_channel::begin(&tenant, request)
            .await?
            .ok_or_else(|| InvokeError::invalid("session_id", "no HubSpot conversation or ticket belongs to it"))?,
    };
    let index = Index {
        thread: session.thread.clone().map(|thread| (tenant.connection.portal.clone(), thread)),
        ticket: session.ticket.clone(),
        session: Some(session.id.clone()),
    };
    let work =
        Work::Request { org: request.org_id.clone(), function: "reply".into(), key: request.message.id.to_string() };
    let errand = match invocation::claim(tenant, run, work, index).await? {
        Begun::Mine(errand) => errand,
        Begun::Answered(answer) => return Ok(answer),
    };
    let result = post(&errand, request, &session, there).await;
    Ok(invocation::settle(&errand, result).await?)
}

async fn post(
    errand: &Errand<'_>,
    request: &ReplyRequest,
    session: &Session,
    there: Option<opencx::Session>,
) -> Result<(ReplyAnswer, Finish), FlowError> {
    let skip =
        |reason: Reason| (ReplyAnswer::skipped(session, &reason), Finish::skipped(reason).of_session(&session.id));
    if !errand.tenant.connection.settings.enabled {
        return Ok(skip(Reason::NotEnabled));
    }
    let of_customer = request.message.sender == Speaker::Contact;
    match own_channel::place(errand, session, there).await? {
        Place::Ours(place) => return publish(errand, request, session, &place).await,
        Place::SwitchedOff if !of_customer => return Ok(skip(Reason::NotDelivered)),
        Place::SwitchedOff | Place::NotOurs => {}
    }
    if of_customer {
        return note_of_customer(errand, request, session).await;
    }
    match &session.thread {
        Some(thread) => into_thread(errand, request, session, thread).await,
        None => Ok(skip(Reason::NotDelivered)),
    }
}

/// Into a thread of HubSpot's own channels.
async fn into_thread(
    errand: &Errand<'_>,
    request: &ReplyRequest,
    session: &Session,
    thread: &ThreadId,
) -> Result<(ReplyAnswer, Finish), FlowError> {
    let skip =
        |reason: Reason| (ReplyAnswer::skipped(session, &reason), Finish::skipped(reason).of_session(&session.id));
    let thread = errand.tenant.portal.thread(thread).await?;
    let by_ai = request.message.sender == Speaker::Ai;
    let settings = &errand.tenant.connection.settings;
    let assisting = session.assist_mode.unwrap_or_else(|| settings.assist_mode.on(session.channel));
    let draft = by_ai && assisting;
    // Where HubSpot does not let an app write, people get the words as a comment.
    let internal = draft || !session.channel.takes_apps_messages();
    if by_ai
        && !draft
        && let Some(reason) = silent(session, &thread, settings)
    {
        return Ok(skip(reason));
    }
    let carried = attachments::carry_unless(errand, request, internal).await?;
    let (speaker, words, warning) = voice(errand, &carried.request, session.channel, draft).await?;
    let (posted, signature) = if let Some(posted) = earlier(errand, &thread, &words).await? {
        posted
    } else {
        let to = if internal { None } else { Some(Addressee::latest(&errand.tenant, &thread).await?) };
        let to = to.map(|to| Addressee { files: carried.files, ..to });
        let Signed { words, pattern } = match &to {
            Some(to) => sign(&errand.tenant, to, words).await?,
            None => Signed { words, pattern: None },
        };
        let about_to = Step { about_to: Some(errand.now()), done: None, detail: pattern.clone() };
        if let Some(reason) = right(errand, request, session, &about_to).await? {
            return Ok(skip(reason));
        }
        let posted = match &to {
            Some(to) => posting::message(&errand.tenant, to, speaker, &words).await?,
            None => posting::comment(&errand.tenant, &thread, &words).await?,
        };
        (posted, pattern)
    };
    errand.tenant.bridge.store.posted(&session.org, &request.message.id, &posted, errand.now()).await?;
    let answer = ReplyAnswer {
        thread_id: Some(thread.id.clone()),
        message_id: Some(posted.clone()),
        posted_as: Some(if internal { PostedAs::Comment } else { PostedAs::Message }),
        signature: signature.clone(),
        skipped: None,
        warnings: warning.into_iter().chain(carried.warning).collect(),
    };
    let finish = invocation::finished("posted")
        .of_session(&session.id)
        .with_step("post", Step { detail: signature, ..done(posted.as_str()) });
    Ok((answer, finish))
}
