//! The slow actions of HubSpot's workflows. They run in one order with the messages of their thread.
//!
//! No action here answers the workflow: `invocations::action` has done that. Start with `run`.

pub(crate) mod unanswered;

use crate::conversation::give_back::give_back;
use crate::conversation::session;
use crate::events::message;
use crate::events::workflow_action::unanswered::{Unanswered, latest, unanswered};
use crate::invocations::action::{RequestedHandoff, hand_off};
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, EventJob, Job};
use domain::{Action, AiState, Decision, Reason, ThreadId};
use store::{AiChange, Session};

/// The request of a workflow.
pub(crate) struct Requested<'e> {
    pub(crate) thread: &'e ThreadId,
    pub(crate) action: Action,
    pub(crate) callback: &'e str,
    pub(crate) reason: Option<&'e str>,
    pub(crate) assignee: Option<&'e str>,
}

/// Does the requested action.
pub(crate) async fn run(job: &EventJob<'_>, requested: &Requested<'_>) -> Result<Completion, FlowError> {
    match requested.action {
        Action::PauseAi => pause(job, requested).await,
        Action::ResumeAi => resume(job, requested).await,
        Action::SendToAi => send_to_ai(job, requested).await,
        Action::RequestHandoff => {
            let Some(session) = session_of(job, requested.thread).await? else {
                return Ok(Completion::done("the customer has not written yet"));
            };
            let asked = RequestedHandoff { reason: requested.reason, assignee: requested.assignee };
            hand_off(job, job.ports.queue, &session, asked).await?;
            Ok(Completion::done("the conversation is handed off").of_session(&session.id))
        }
    }
}

/// Stops the AI at OpenCX too. A conversation without a session gets one: the session keeps the pause.
async fn pause(job: &Job<'_>, requested: &Requested<'_>) -> Result<Completion, FlowError> {
    let session = match job.tenant.session_of_thread(requested.thread).await? {
        // The AI was resumed after the workflow asked.
        Some(session) if session.ai != AiState::Paused => {
            return Ok(Completion::done("the AI is no longer paused").of_session(&session.id));
        }
        Some(session) => session,
        None => match session_of(job, requested.thread).await? {
            Some(session) => {
                let change = AiChange { to: AiState::Paused, occurred_at: None };
                job.tenant.bridge.store.change_ai(&session.org, &session.id, &change).await?;
                session
            }
            None => return Ok(Completion::done("the customer has not written yet")),
        },
    };
    job.silence_there(&session, "paused by a HubSpot workflow").await?;
    Ok(Completion::done("the AI is paused").of_session(&session.id))
}

async fn resume(job: &Job<'_>, requested: &Requested<'_>) -> Result<Completion, FlowError> {
    let Some(session) = job.tenant.session_of_thread(requested.thread).await? else {
        return Ok(Completion::done("the thread has no session yet"));
    };
    if session.ai == AiState::Active {
        job.tenant.opencx().await?.set_handed_off(&session.id, false, None).await?;
    }
    Ok(Completion::done("the AI may speak").of_session(&session.id))
}

/// Gives the AI the conversation. The AI answers the last message if nobody has answered it.
async fn send_to_ai(job: &EventJob<'_>, requested: &Requested<'_>) -> Result<Completion, FlowError> {
    let (mut incoming, in_its_turn) = match unanswered(job, requested.thread, requested.callback).await? {
        Unanswered::Nothing => return Ok(Completion::done("no message of the customer is unanswered")),
        Unanswered::InItsTurn(incoming) => (*incoming, true),
        Unanswered::Ask(incoming) => (*incoming, false),
    };
    if !in_its_turn && let Some(finish) = message::go_on(job, &incoming).await? {
        return Ok(finish);
    }
    let settings = &job.tenant.connection.settings;
    if !settings.enabled {
        return Ok(Completion::skipped(Reason::NotEnabled));
    }
    let session = session::session_for(job, &mut incoming).await?;
    give_back(job, &session).await?;
    if in_its_turn {
        return Ok(Completion::done("the message is answered in its turn").of_session(&session.id));
    }
    let session = job.tenant.bridge.store.session(&session.org, &session.id).await?.unwrap_or(session);
    incoming.thread.assigned_to.clone_from(&settings.ai_user);
    match incoming.decide_with(job, &incoming.thread, Some(&session)) {
        Decision::Answer { draft } => message::answer(job, &incoming, &session, draft).await,
        Decision::StoreAsContact(reason) | Decision::Skip(reason) => {
            Ok(Completion::skipped(reason).of_session(&session.id))
        }
        Decision::TooManyAnswers | Decision::StoreAsAgent | Decision::StoreAsNote => {
            Ok(Completion::skipped(Reason::HandedOff).of_session(&session.id))
        }
    }
}

/// The thread's session. Where there is none, the customer's latest message creates it.
async fn session_of(job: &Job<'_>, thread: &ThreadId) -> Result<Option<Session>, FlowError> {
    if let Some(session) = job.tenant.session_of_thread(thread).await? {
        return Ok(Some(session));
    }
    match latest(job, thread, |_| false).await? {
        Some(mut incoming) => Ok(Some(session::session_for(job, &mut incoming).await?)),
        None => Ok(None),
    }
}
