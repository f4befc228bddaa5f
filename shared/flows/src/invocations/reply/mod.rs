//! What OpenCX says to the customer, into the HubSpot thread: once, by whichever way it comes.

pub(crate) mod attachments;
pub(crate) mod own_channel;
pub(crate) mod request;
pub(crate) mod speaker;

use crate::conversation::addressee::Addressee;
use crate::conversation::posting::{self, Lost};
use crate::conversation::signing::{Signed, sign};
use crate::invocations::reply::request::{PostedAs, ReplyAnswer, ReplyRequest, Speaker};
use crate::invocations::reply::speaker::speech;
use crate::kernel::bridge::Bridge;
use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::invocation::{self, Begun};
use crate::kernel::invoke_error::InvokeError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::once::{Announced, Denied, Effect, Posted, Right};
use domain::{Reason, Settings, Standing, Thread, ThreadId, TicketId, Voice};
use store::{Index, PostGuard, Session, Work};

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
    let job = match invocation::claim(tenant, run, work, index).await? {
        Begun::Mine(job) => job,
        Begun::Answered(answer) => return Ok(answer),
    };
    let result = post(&job, request, &session, there).await;
    Ok(invocation::settle(&job, result).await?)
}

async fn post(
    job: &Job<'_>,
    request: &ReplyRequest,
    session: &Session,
    there: Option<opencx::Session>,
) -> Result<(ReplyAnswer, Completion), FlowError> {
    if !job.tenant.connection.settings.enabled {
        return Ok(skip(session, Reason::NotEnabled));
    }
    if let Some(carried) = own_channel::carry(job, request, session, there).await? {
        return Ok(carried);
    }
    match (request.message.sender, &session.thread, &session.ticket) {
        (Speaker::Contact, _, Some(ticket)) => note_of_customer(job, request, session, ticket).await,
        (Speaker::Ai | Speaker::Agent, Some(thread), _) => into_thread(job, request, session, thread).await,
        (Speaker::Contact, _, None) | (Speaker::Ai | Speaker::Agent, None, _) => {
            Ok(skip(session, Reason::NotDelivered))
        }
    }
}

fn skip(session: &Session, reason: Reason) -> (ReplyAnswer, Completion) {
    (ReplyAnswer::skipped(session, &reason), Completion::skipped(reason).of_session(&session.id))
}

/// On channels that HubSpot only sees, the customer's further words are notes on the ticket.
async fn note_of_customer(
    job: &Job<'_>,
    request: &ReplyRequest,
    session: &Session,
    ticket: &TicketId,
) -> Result<(ReplyAnswer, Completion), FlowError> {
    let words = domain::agent_reply(&request.text_with_files(), None, Some("Customer"));
    let id = posting::note_once(job, Effect::Post, ticket, &words).await?;
    let answer = ReplyAnswer { posted_as: Some(PostedAs::Note), message_id: Some(id), ..ReplyAnswer::of(session) };
    Ok((answer, Completion::done("noted").of_session(&session.id)))
}

/// Whether the words become a comment, or why the AI is silent.
fn is_internal(settings: &Settings, session: &Session, thread: &Thread, by_ai: bool) -> Result<bool, Reason> {
    let standing = Standing {
        settings,
        channel: session.channel,
        assist_mode: session.assist_mode,
        ai: session.ai,
        owner: thread.owner(settings),
        answered_by_person: false,
    };
    match standing.voice_of_reply() {
        // Where HubSpot does not let an app write, people get an agent's words as a comment.
        _ if !by_ai => Ok(!session.channel.takes_apps_messages()),
        Voice::Silent(reason) => Err(reason),
        Voice::Draft => Ok(true),
        Voice::Public => Ok(false),
    }
}

/// Into a thread of HubSpot's own channels.
async fn into_thread(
    job: &Job<'_>,
    request: &ReplyRequest,
    session: &Session,
    thread: &ThreadId,
) -> Result<(ReplyAnswer, Completion), FlowError> {
    let thread = job.tenant.portal.thread(thread).await?;
    let settings = &job.tenant.connection.settings;
    let by_ai = request.message.sender == Speaker::Ai;
    let internal = match is_internal(settings, session, &thread, by_ai) {
        Ok(internal) => internal,
        Err(reason) => return Ok(skip(session, reason)),
    };
    let carried = attachments::carry_unless(job, request, internal).await?;
    let (speaker, words, warning) = speech(job, &carried.request, session.channel, internal).await?;
    let to = if internal { None } else { Some(Addressee::latest(&job.tenant, &thread).await?) };
    let to = to.map(|to| Addressee { files: carried.files, ..to });
    let Signed { words: signed, pattern } = match &to {
        Some(to) => sign(&job.tenant, to, words.clone()).await?,
        None => Signed { words: words.clone(), pattern: None },
    };
    let right = Right {
        message: Some(&request.message.id),
        guard: Some(guard(session, by_ai, by_ai && !job.tenant.assists(session))),
        check_delivery: (!internal).then_some((&job.tenant.connection.portal, &thread.id)),
        detail: pattern.clone(),
    };
    let find = async |announced: Announced| {
        let pattern = announced.detail.clone();
        let found = posting::find(job, &thread, &Lost::of(&words, &announced)).await?;
        Ok(found.map(|message| Posted { message, pattern }))
    };
    let post = async |permit: &Permit<'_>| {
        let message = match &to {
            Some(to) => posting::message(permit, to, speaker, &signed).await?,
            None => posting::comment(permit, &thread, &signed).await?,
        };
        Ok(Posted { message, pattern })
    };
    let Posted { message: posted, pattern: signature } =
        match job.once_if_allowed(Effect::Post, right, find, post).await? {
            Ok(posted) => posted,
            // A takeover by a person does not silence another person: the next attempt reads the session as it is now.
            Err(Denied::Silenced(_)) if !by_ai => return Err(store::StoreError::LostRun.into()),
            Err(denied) => return Ok(skip(session, denied.reason())),
        };
    job.tenant.bridge.store.posted(&session.org, &request.message.id, &posted, job.now()).await?;
    let answer = ReplyAnswer {
        thread_id: Some(thread.id.clone()),
        message_id: Some(posted),
        posted_as: Some(if internal { PostedAs::Comment } else { PostedAs::Message }),
        signature,
        skipped: None,
        warnings: warning.into_iter().chain(carried.warning).collect(),
    };
    Ok((answer, Completion::done("posted").of_session(&session.id)))
}

/// An answer of the AI needs an AI that may speak; nobody's words are posted where the session has moved on.
fn guard(session: &Session, count_answer: bool, require_active: bool) -> PostGuard {
    let (org, session, ai_epoch) = (session.org.clone(), session.id.clone(), session.ai_epoch);
    PostGuard { org, session, ai_epoch, require_active, count_answer, own_assignment: true }
}
