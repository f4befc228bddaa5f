//! A customer's message that finally fails: people hear of it, once.

use crate::conversation::incoming::Incoming;
use crate::conversation::posting::{self, Lost};
use crate::invocations::handoff;
use crate::invocations::handoff::request::HandoffRequest;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::job::{Completion, Job, done};
use domain::{Decision, EventKind, HubSpotEvent, Reason};
use hubspot::HubSpotError;
use store::{Final, Step};

/// Leaves one internal comment with the reason on the thread and hands it off. Fails where HubSpot is out of reach:
/// then it is tried again when HubSpot has returned.
pub(crate) async fn tell_people(job: &Job<'_>, event: &HubSpotEvent, reason: &Reason) -> Result<Completion, FlowError> {
    let failed = |detail: &str| Completion { state: Final::Failed(reason.clone()), ..Completion::done(detail) };
    let EventKind::MessageReceived { thread, message } = &event.kind else { return Ok(failed("the event failed")) };
    if job.earlier("gave_up").is_none() {
        let step = Step { about_to: Some(job.now()), done: None, detail: Some(reason.to_string()) };
        job.record("gave_up", &step).await?;
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
    let notice = notice(job, &incoming, reason).await?;
    hand_off(job, &incoming, reason).await?;
    Ok(failed("the message failed; people were told").with_step("notice", done(&notice)))
}

async fn notice(job: &Job<'_>, incoming: &Incoming, reason: &Reason) -> Result<String, FlowError> {
    let earlier = job.earlier("notice").cloned();
    if let Some(done) = earlier.as_ref().and_then(|step| step.done.clone()) {
        return Ok(done);
    }
    let words = domain::failure_comment(reason);
    if let Some(since) = earlier.and_then(|step| step.about_to) {
        let lost = Lost { words: &words, since, signed: false };
        if let Some(found) = posting::find(&job.tenant, &job.work, &incoming.thread, &lost).await? {
            return Ok(found.to_string());
        }
    }
    job.about_to("notice").await?;
    let posted = match posting::comment(&job.tenant, &incoming.thread, &words).await {
        Ok(id) => id.to_string(),
        Err(error) if matches!(error.decision(), RetryDecision::Never { .. }) => "refused".to_owned(),
        Err(error) => return Err(error),
    };
    job.record("notice", &done(&posted)).await?;
    Ok(posted)
}

/// The conversation goes to people. Without a session there is only the comment to go by.
async fn hand_off(job: &Job<'_>, incoming: &Incoming, reason: &Reason) -> Result<(), FlowError> {
    let Some(session) = &incoming.session else { return Ok(()) };
    let why = format!("a customer's message could not be processed ({reason})");
    let request = HandoffRequest::by_us(&session.org, session, &why, Some(&incoming.message));
    match handoff::hand_off(&job.tenant, &request, None).await {
        Ok(_) => Ok(()),
        // Refused for good, or OpenCX is still out of reach: the comment tells people.
        Err(error)
            if matches!(error, FlowError::OpenCx(_)) || matches!(error.decision(), RetryDecision::Never { .. }) =>
        {
            tracing::warn!(error = %error, "a failed message's conversation could not be handed off");
            Ok(())
        }
        Err(error) => Err(error),
    }
}
