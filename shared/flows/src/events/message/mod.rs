//! A new message in a HubSpot thread. The rules of `domain` decide what happens; the AI answers a customer's message.
//!
//! No message is answered before that decision. Start with `take_message`.

mod ask_ai;
mod post_answer;
mod store_reply;

use crate::conversation::debounce;
use crate::conversation::incoming::Incoming;
use crate::conversation::session::session_for;
use crate::events::message::ask_ai::AiReply;
use crate::invocations::handoff::request::HandoffRequest;
use crate::invocations::{handoff, resolve};
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, EventJob, Job, Next};
use crate::kernel::once::{Effect, Record};
use domain::{AiState, Decision, MessageId, Reason, ThreadId};
use opencx::Answer;
use std::time::Duration;
use store::Session;

/// Processes one `conversation.newMessage`.
pub(crate) async fn take_message(
    job: &EventJob<'_>,
    thread: &ThreadId,
    message: &MessageId,
) -> Result<Next, FlowError> {
    let mut incoming = Incoming::read(job, thread, message).await?;
    if let Some(finish) = go_on(job, &incoming).await? {
        return Ok(Next::Finished(finish));
    }
    if let Some(finish) = debounce::given_away(job) {
        return Ok(Next::Finished(finish));
    }
    let wait = if job.won.delayed_before { Duration::ZERO } else { debounce::wait(job, &incoming) };
    let completion = match incoming.decide(job) {
        Decision::Skip(reason) => Completion::skipped(reason),
        Decision::StoreAsAgent => store_reply::store_agent_reply(job, &incoming).await?,
        Decision::StoreAsNote => store_reply::store_note(job, &incoming).await?,
        Decision::Answer { .. } if !wait.is_zero() => return Ok(Next::DelayedUntil(job.now() + wait)),
        Decision::Answer { .. } => match debounce::merge_into(job, &incoming).await? {
            Some(finish) => finish,
            None => on_session(job, &mut incoming).await?,
        },
        Decision::StoreAsContact(_) | Decision::TooManyAnswers => on_session(job, &mut incoming).await?,
    };
    Ok(Next::Finished(completion))
}

/// Answers the message or keeps it for people. The rules decide again, because a new session may have its own Assist
/// Mode.
async fn on_session(job: &EventJob<'_>, incoming: &mut Incoming) -> Result<Completion, FlowError> {
    let session = session_for(job, incoming).await?;
    match incoming.decide_with(job, &incoming.thread, Some(&session)) {
        Decision::Answer { draft } => answer(job, incoming, &session, draft).await,
        Decision::StoreAsContact(reason) => keep_for_people(job, incoming, session, reason).await,
        Decision::TooManyAnswers => {
            let why = "more than 20 AI answers within an hour on this thread";
            let request = HandoffRequest::by_us(&job.tenant.connection.org, &session, why, Some(&incoming.message));
            handoff::hand_off(job, job.ports.queue, &request).await?;
            keep_for_people(job, incoming, session, Reason::HandedOff).await
        }
        Decision::Skip(reason) => Ok(Completion::skipped(reason).of_session(&session.id)),
        Decision::StoreAsAgent | Decision::StoreAsNote => Ok(Completion::skipped(Reason::NotAiOwner)),
    }
}

/// Asks the AI and posts its answer.
pub(crate) async fn answer(
    job: &EventJob<'_>,
    incoming: &Incoming,
    session: &Session,
    draft: bool,
) -> Result<Completion, FlowError> {
    let began = job.now();
    let AiReply { answer, thinking_since } = ask_ai::ask(job, incoming, session).await?;
    let thought_for = job.now().duration_since(thinking_since.unwrap_or(began)).unsigned_abs();
    let saying = post_answer::Saying { answer: &answer, draft, thought_for };
    let completion = post_answer::post_answer(job, incoming, session, saying).await?;
    follow(job, session, &answer, completion).await
}

/// Goes on after an earlier run that got the AI's answer and posted it: only the handoff or the resolve is left.
///
/// This comes before the decision, because this very answer may have silenced the AI.
pub(crate) async fn go_on(job: &EventJob<'_>, incoming: &Incoming) -> Result<Option<Completion>, FlowError> {
    let kept = job.kept(Effect::Answer).and_then(AiReply::from_step);
    let (Some(AiReply { answer, .. }), Some(session)) = (kept, &incoming.session) else { return Ok(None) };
    match post_answer::earlier_post(job, incoming, &answer).await? {
        Some(posted) => Ok(Some(follow(job, session, &answer, posted.of_session(&session.id)).await?)),
        None => Ok(None),
    }
}

/// Does the handoff or the resolve that the AI's answer announces. Each has a claim of its own.
async fn follow(
    job: &EventJob<'_>,
    session: &Session,
    answer: &Answer,
    completion: Completion,
) -> Result<Completion, FlowError> {
    if answer.handed_off || answer.resolved.is_some() {
        // The journal has the post first, so that a later run does not repeat it.
        job.write_kept().await?;
    }
    if answer.handed_off {
        let request = HandoffRequest::by_ai(session, "the AI decided to hand the conversation off");
        handoff::hand_off(job, job.ports.queue, &request).await?;
    } else if let Some(resolution) = &answer.resolved {
        resolve::resolve_by_ai(job, job.ports.delays, session, resolution).await?;
    }
    Ok(completion)
}

/// Stores the customer's words on the session. The AI does not answer.
async fn keep_for_people(
    job: &Job<'_>,
    incoming: &Incoming,
    session: Session,
    reason: Reason,
) -> Result<Completion, FlowError> {
    let session = match session.ai {
        AiState::Active => job.silence(&session, None, "the conversation in HubSpot is not the AI's").await?,
        AiState::HandedOff | AiState::Paused => session,
    };
    ask_ai::tell(job, incoming, &session).await?;
    Ok(Completion::skipped(reason).of_session(&session.id))
}
