//! What OpenCX says to the customer, into the HubSpot thread: once, by whichever way it comes.

pub(crate) mod attachments;
pub(crate) mod earlier;
pub(crate) mod note_of_customer;
pub(crate) mod own_channel;
pub(crate) mod request;
pub(crate) mod right;
pub(crate) mod speaker;

use crate::conversation::addressee::Addressee;
use crate::conversation::posting;
use crate::conversation::signing::{Signed, sign};
use crate::invocations::reply::earlier::earlier;
use crate::invocations::reply::note_of_customer::note_of_customer;
use crate::invocations::reply::own_channel::{Place, publish};
use crate::invocations::reply::request::{PostedAs, ReplyAnswer, ReplyRequest, Speaker};
use crate::invocations::reply::right::right;
use crate::invocations::reply::speaker::speech;
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::invocation::{self, Begun};
use crate::kernel::invoke_error::InvokeError;
use crate::kernel::job::{Completion, Job, done};
use domain::{Reason, Standing, ThreadId, Voice};
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
    let skip =
        |reason: Reason| (ReplyAnswer::skipped(session, &reason), Completion::skipped(reason).of_session(&session.id));
    if !job.tenant.connection.settings.enabled {
        return Ok(skip(Reason::NotEnabled));
    }
    let of_customer = request.message.sender == Speaker::Contact;
    match own_channel::place(job, session, there).await? {
        Place::Ours(place) => return publish(job, request, session, &place).await,
        Place::SwitchedOff if !of_customer => return Ok(skip(Reason::NotDelivered)),
        Place::SwitchedOff | Place::NotOurs => {}
    }
    if of_customer {
        return note_of_customer(job, request, session).await;
    }
    match &session.thread {
        Some(thread) => into_thread(job, request, session, thread).await,
        None => Ok(skip(Reason::NotDelivered)),
    }
}

/// Into a thread of HubSpot's own channels.
async fn into_thread(
    job: &Job<'_>,
    request: &ReplyRequest,
    session: &Session,
    thread: &ThreadId,
) -> Result<(ReplyAnswer, Completion), FlowError> {
    let skip =
        |reason: Reason| (ReplyAnswer::skipped(session, &reason), Completion::skipped(reason).of_session(&session.id));
    let thread = job.tenant.portal.thread(thread).await?;
    let settings = &job.tenant.connection.settings;
    let standing = Standing {
        settings,
        channel: session.channel,
        assist_mode: session.assist_mode,
        ai: session.ai,
        owner: thread.owner(settings),
        answered_by_person: false,
    };
    let voice = match (&request.message.sender, session.channel.takes_apps_messages()) {
        (Speaker::Ai, _) => standing.voice_of_reply(),
        (_, true) => Voice::Public,
        // Where HubSpot does not let an app write, people get an agent's words as a comment.
        (_, false) => Voice::Draft,
    };
    let internal = match voice {
        Voice::Silent(reason) => return Ok(skip(reason)),
        Voice::Draft => true,
        Voice::Public => false,
    };
    let carried = attachments::carry_unless(job, request, internal).await?;
    let (speaker, words, warning) = speech(job, &carried.request, session.channel, internal).await?;
    let (posted, signature) = if let Some(posted) = earlier(job, &thread, &words).await? {
        posted
    } else {
        let to = if internal { None } else { Some(Addressee::latest(&job.tenant, &thread).await?) };
        let to = to.map(|to| Addressee { files: carried.files, ..to });
        let Signed { words, pattern } = match &to {
            Some(to) => sign(&job.tenant, to, words).await?,
            None => Signed { words, pattern: None },
        };
        let about_to = Step { about_to: Some(job.now()), done: None, detail: pattern.clone() };
        if let Some(reason) = right(job, request, session, &about_to).await? {
            return Ok(skip(reason));
        }
        let posted = match &to {
            Some(to) => posting::message(&job.tenant, to, speaker, &words).await?,
            None => posting::comment(&job.tenant, &thread, &words).await?,
        };
        (posted, pattern)
    };
    job.tenant.bridge.store.posted(&session.org, &request.message.id, &posted, job.now()).await?;
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
