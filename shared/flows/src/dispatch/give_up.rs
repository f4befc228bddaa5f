//! A customer's message that fails for good: people are told once.

use crate::conversation::incoming::Incoming;
use crate::conversation::posting::{self, Lost};
use crate::invocations::handoff;
use crate::invocations::handoff::request::HandoffRequest;
use crate::kernel::effects::Permit;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::job::{Completion, EventJob, Job};
use crate::kernel::once::{Announced, Effect};
use domain::{Decision, EventKind, HubSpotEvent, Reason};
use hubspot::HubSpotError;
use store::Step;

/// Leaves one internal comment with the reason on the thread and hands the conversation off. An error means that a
/// later run tries again, for example while HubSpot does not answer.
pub(super) async fn tell_people(
    job: &EventJob<'_>,
    event: &HubSpotEvent,
    reason: &Reason,
) -> Result<Completion, FlowError> {
    let failed = |detail: &str| Completion::failed(reason.clone(), detail);
    let EventKind::MessageReceived { thread, message } = &event.kind else { return Ok(failed("the event failed")) };
    if job.kept(Effect::GaveUp).is_none() {
        job.keep(Effect::GaveUp, Step { about_to: Some(job.now()), done: None, detail: Some(reason.to_string()) });
        job.write_kept().await?;
    }
    let incoming = match Incoming::read(job, thread, message).await {
        Ok(incoming) => incoming,
        Err(FlowError::HubSpot(HubSpotError::NotFound)) => return Ok(failed("the message or its thread is gone")),
        Err(error) if matches!(error.decision(), RetryDecision::Never { .. }) => {
            return Ok(failed("HubSpot does not let the thread be read; nobody could be told"));
        }
        Err(error) => return Err(error),
    };
    match incoming.decide(job) {
        Decision::Answer { .. } | Decision::StoreAsContact(_) | Decision::TooManyAnswers => {}
        Decision::Skip(_) | Decision::StoreAsAgent | Decision::StoreAsNote => return Ok(failed("the event failed")),
    }
    notice(job, &incoming, reason).await?;
    hand_off(job, &incoming, reason).await?;
    Ok(failed("the message failed; people were told"))
}

async fn notice(job: &Job<'_>, incoming: &Incoming, reason: &Reason) -> Result<String, FlowError> {
    let (thread, words) = (&incoming.thread, domain::failure_comment(reason));
    let find = async |announced: Announced| {
        let found = posting::find(job, thread, &Lost::of(&words, &announced)).await?;
        Ok(found.map(|id| id.to_string()))
    };
    let post = async |permit: &Permit<'_>| match posting::comment(permit, thread, &words).await {
        Ok(id) => Ok(id.to_string()),
        Err(error) if matches!(error.decision(), RetryDecision::Never { .. }) => Ok("refused".to_owned()),
        Err(error) => Err(error),
    };
    job.once(Effect::Notice, find, post).await
}

/// Hands the conversation off. A conversation without a session has only the comment.
async fn hand_off(job: &EventJob<'_>, incoming: &Incoming, reason: &Reason) -> Result<(), FlowError> {
    let Some(session) = &incoming.session else { return Ok(()) };
    let why = format!("a customer's message could not be processed ({reason})");
    let request = HandoffRequest::by_us(&session.org, session, &why, Some(&incoming.message));
    match handoff::hand_off(job, job.ports.queue, &request).await {
        Ok(_) => Ok(()),
        // The handoff is refused for good, or OpenCX does not answer. The comment has told people.
        Err(error)
            if matches!(error, FlowError::OpenCx(_)) || matches!(error.decision(), RetryDecision::Never { .. }) =>
        {
            tracing::warn!(error = %error, "a failed message's conversation could not be handed off");
            Ok(())
        }
        Err(error) => Err(error),
    }
}
