//! What the AI's answer starts: a handoff, or the close of a ticket.

use crate::answer::kept_answer::KeptAnswer;
use crate::answer::post_answer;
use crate::answer_customer::Incoming;
use crate::open_handoff::{self, HandoffRequest};
use crate::resolve_session;
use crate::work::errand::{Errand, Finish};
use crate::work::failure::FlowError;
use opencx::Answer;
use store::Session;

/// An earlier run had the answer already: where it is on the thread, what is left is what follows from it.
///
/// By now the AI may be silent because of this very answer, so this comes before the decision.
pub(crate) async fn go_on(errand: &Errand<'_>, incoming: &Incoming) -> Result<Option<Finish>, FlowError> {
    let (Some(answer), Some(session)) = (KeptAnswer::of(errand), &incoming.session) else { return Ok(None) };
    match post_answer::already_posted(errand, incoming, &answer).await? {
        Some(finish) => Ok(Some(follow(errand, session, &answer, finish.of_session(&session.id)).await?)),
        None => Ok(None),
    }
}

/// The AI's handoff or resolve, which its answer announces. Each has a claim of its own.
pub(crate) async fn follow(
    errand: &Errand<'_>,
    session: &Session,
    answer: &Answer,
    finish: Finish,
) -> Result<Finish, FlowError> {
    if !answer.handed_off && answer.resolved.is_none() {
        return Ok(finish);
    }
    // The post is journaled first, so that a further run does not repeat it.
    for (name, step) in &finish.steps {
        errand.record(name, step).await?;
    }
    if answer.handed_off {
        let request = HandoffRequest::by_ai(session, "the AI decided to hand the conversation off");
        open_handoff::hand_off(&errand.tenant, &request, None).await?;
    } else if let Some(resolution) = &answer.resolved {
        resolve_session::resolve_by_ai(&errand.tenant, session, resolution).await?;
    }
    Ok(finish)
}
