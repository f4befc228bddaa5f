//! A message of OpenCX's AI, agent or customer is posted into HubSpot, once.
//!
//! An AI's message never goes out without the right to post. Start with [`send_reply`].

pub(crate) mod attachments;
mod own_channel;
pub(crate) mod request;

use crate::conversation::addressee::Addressee;
use crate::conversation::posting::{self, Lost, ai_user};
use crate::conversation::session::index_of;
use crate::conversation::signing::{SignedWords, sign};
use crate::conversation::warning::Warning;
use crate::invocations::claimed;
use crate::invocations::reply::request::{PostedAs, ReplyAnswer, ReplyRequest, Speaker, skip};
use crate::kernel::bridge::Bridge;
use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::invocation;
use crate::kernel::invoke_error::InvokeError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::once::{Announced, Denied, Effect, Posted, Right};
use domain::{ActorId, Channel, Reason, RichText, Settings, Standing, Thread, ThreadId, TicketId, Voice};
use store::{Session, StoreError, Work};

/// Posts one message: of the OpenCX AI, of an agent in the OpenCX inbox, or of the customer (as a note).
pub async fn send_reply(bridge: &Bridge, request: &ReplyRequest) -> Result<ReplyAnswer, InvokeError> {
    let (tenant, run) = invocation::begin(bridge, &request.org_id).await?;
    let session = bridge.store.session(&request.org_id, &request.session_id).await.map_err(FlowError::from)?;
    let (session, there) = match session {
        Some(session) => (session, None),
        None => own_channel::begin(&tenant, request)
            .await?
            .ok_or_else(|| InvokeError::invalid("session_id", "no HubSpot conversation or ticket belongs to it"))?,
    };
    let key = request.message.id.to_string();
    let work = Work::Request { org: request.org_id.clone(), function: "reply".into(), key };
    let index = index_of(&tenant, &session);
    let act = async |job: &Job<'_>| post(job, request, &session, there).await;
    Ok(claimed((tenant, run), work, index, act).await?)
}

async fn post(
    job: &Job<'_>,
    request: &ReplyRequest,
    session: &Session,
    there: Option<opencx::OpenCxSession>,
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

/// Leaves the customer's words as a note on the ticket: their channel is not in HubSpot.
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

/// Whether the words become a comment; an error is the reason why the AI is silent.
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
        // An agent's words become a comment on channels on which HubSpot lets no app write.
        _ if !by_ai => Ok(!session.channel.takes_apps_messages()),
        Voice::Silent(reason) => Err(reason),
        Voice::Draft => Ok(true),
        Voice::Public => Ok(false),
    }
}

/// Posts into a thread of HubSpot's own channels.
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
    let carried = attachments::carry(job, request, internal).await?;
    let (speaker, words, warning) = speech(job, &carried.request, session.channel, internal).await?;
    let (to, SignedWords { words: signed, pattern }) = if internal {
        (None, SignedWords { words: words.clone(), pattern: None })
    } else {
        let to = Addressee { files: carried.files, ..Addressee::latest(&job.tenant, &thread).await? };
        let signed = sign(&job.tenant, &to, words.clone()).await?;
        (Some(to), signed)
    };
    let right = Right {
        message: Some(&request.message.id),
        guard: Some(posting::guard(session, by_ai, by_ai && !job.tenant.assists(session))),
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
            // Nobody silences a person. The session has changed: the next attempt reads it again.
            Err(Denied::Silenced(_)) if !by_ai => return Err(StoreError::LostRun.into()),
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

/// The speaker and the words of a reply. `internal` words become a comment.
///
/// An agent speaks as the HubSpot user with the same address, else as the AI user with the agent's name in the text.
async fn speech(
    job: &Job<'_>,
    request: &ReplyRequest,
    channel: Channel,
    internal: bool,
) -> Result<(ActorId, RichText, Option<Warning>), FlowError> {
    let message = &request.message;
    let ai_user = ai_user(job)?;
    let text = request.text_with_files();
    if message.sender == Speaker::Ai {
        let words = match internal {
            true if channel.takes_apps_messages() => domain::ai_draft(&text),
            true => domain::ai_unsendable(&text),
            false => domain::ai_reply(&text, message.html.as_deref()),
        };
        return Ok((ai_user, words, None));
    }
    let agent = message.agent.clone().unwrap_or_default();
    if !channel.takes_apps_messages() {
        let said = "the conversation's channel does not take messages of apps; the reply is a comment";
        let name = agent.name.as_deref().unwrap_or("Agent");
        let words = domain::agent_reply(&text, message.html.as_deref(), Some(name));
        return Ok((ai_user, words, Some(Warning::new("channel_not_writable", said))));
    }
    if let Some(email) = &agent.email {
        match job.tenant.owner(email).await {
            Ok(Some(owner)) if !owner.archived && owner.user_id.is_some() => {
                let speaker = owner.user_id.map_or(ai_user, ActorId::Agent);
                return Ok((speaker, domain::agent_reply(&text, message.html.as_deref(), None), None));
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = %error, "an agent's HubSpot user cannot be read"),
        }
    }
    let words = domain::agent_reply(&text, message.html.as_deref(), agent.name.as_deref());
    let warning = Warning::new(
        "agent_is_no_owner",
        "no HubSpot user has the agent's address; posted as the AI user with the name in the text",
    );
    Ok((ai_user, words, Some(warning)))
}
