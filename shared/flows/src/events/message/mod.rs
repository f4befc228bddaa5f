//! A message in a HubSpot thread: decide whose it is, and answer it if it is the AI's to answer.

pub(crate) mod ask_ai;
pub(crate) mod follow;
pub(crate) mod post_answer;
pub(crate) mod store_reply;

use crate::conversation::debounce;
use crate::conversation::incoming::Incoming;
use crate::conversation::session::session_for;
use crate::events::message::ask_ai::Asked;
use crate::invocations::handoff;
use crate::invocations::handoff::request::HandoffRequest;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, EventJob, Job, Next};
use domain::{AiState, Decision, MessageId, Reason, ThreadId};
use store::Session;

/// Takes one `conversation.newMessage`.
pub(crate) async fn take_message(
    job: &EventJob<'_>,
    thread: &ThreadId,
    message: &MessageId,
) -> Result<Next, FlowError> {
    let mut incoming = Incoming::read(job, thread, message).await?;
    if let Some(finish) = follow::go_on(job, &incoming).await? {
        return Ok(Next::Finished(finish));
    }
    if let Some(finish) = debounce::given_away(job) {
        return Ok(Next::Finished(finish));
    }
    let decision = incoming.decide(job);
    let finish = match decision {
        Decision::Skip(reason) => Completion::skipped(reason),
        Decision::StoreAsAgent => store_reply::store_agent_reply(job, &incoming).await?,
        Decision::StoreAsNote => store_reply::store_note(job, &incoming).await?,
        Decision::Answer { .. } if !job.won.delayed_before && !debounce::wait(job, &incoming).is_zero() => {
            return Ok(Next::DelayedUntil(job.now() + debounce::wait(job, &incoming)));
        }
        Decision::Answer { .. } => match debounce::merge_into(job, &incoming).await? {
            Some(finish) => finish,
            None => on_session(job, &mut incoming).await?,
        },
        Decision::StoreAsContact(_) | Decision::TooManyAnswers => on_session(job, &mut incoming).await?,
    };
    Ok(Next::Finished(finish))
}

/// Answers the message or keeps it for people. A session that begins with it has its own word on Assist Mode, so the
/// rules decide again.
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

/// Asks the AI and posts what it says.
pub(crate) async fn answer(
    job: &EventJob<'_>,
    incoming: &Incoming,
    session: &Session,
    draft: bool,
) -> Result<Completion, FlowError> {
    let began = job.now();
    let Asked { answer, thinking_since } = ask_ai::ask(job, incoming, session).await?;
    let slow = job.now().duration_since(thinking_since.unwrap_or(began)).unsigned_abs() > post_answer::QUICK;
    let saying = post_answer::Saying { answer: &answer, draft, slow };
    let finish = post_answer::post_answer(job, incoming, session, saying).await?;
    follow::follow(job, session, &answer, finish).await
}

/// Stores the customer's words on the session without an AI answer.
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
