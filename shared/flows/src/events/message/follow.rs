//! What the AI's answer starts: a handoff, or the close of a ticket.

use crate::conversation::incoming::Incoming;
use crate::events::message::ask_ai::Asked;
use crate::events::message::post_answer;
use crate::invocations::handoff::request::HandoffRequest;
use crate::invocations::{handoff, resolve};
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, EventJob};
use crate::kernel::once::{Effect, Record};
use opencx::Answer;
use store::Session;

/// An earlier run had the answer already: where it is on the thread, what is left is what follows from it.
///
/// By now the AI may be silent because of this very answer, so this comes before the decision.
pub(crate) async fn go_on(job: &EventJob<'_>, incoming: &Incoming) -> Result<Option<Completion>, FlowError> {
    let (Some(Asked { answer, .. }), Some(session)) =
        (job.kept(Effect::Answer).and_then(Asked::from_step), &incoming.session)
    else {
        return Ok(None);
    };
    match post_answer::earlier_post(job, incoming, &answer).await? {
        Some(finish) => Ok(Some(follow(job, session, &answer, finish.of_session(&session.id)).await?)),
        None => Ok(None),
    }
}

/// The AI's handoff or resolve, which its answer announces. Each has a claim of its own.
pub(crate) async fn follow(
    job: &EventJob<'_>,
    session: &Session,
    answer: &Answer,
    finish: Completion,
) -> Result<Completion, FlowError> {
    if !answer.handed_off && answer.resolved.is_none() {
        return Ok(finish);
    }
    // The post is journaled first, so that a further run does not repeat it.
    job.write_kept().await?;
    if answer.handed_off {
        let request = HandoffRequest::by_ai(session, "the AI decided to hand the conversation off");
        handoff::hand_off(job, job.ports.queue, &request).await?;
    } else if let Some(resolution) = &answer.resolved {
        resolve::resolve_by_ai(job, job.ports.delays, session, resolution).await?;
    }
    Ok(finish)
}
