//! The right to post a reply.

use crate::invocations::reply::request::{ReplyRequest, Speaker};
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use domain::{AiState, Reason};
use store::{AboutToPost, PostGuard, PostRight, Session, Step};

/// The right to post this message, or why not.
pub(crate) async fn right(
    job: &Job<'_>,
    request: &ReplyRequest,
    session: &Session,
    step: &Step,
) -> Result<Option<Reason>, FlowError> {
    let by_ai = request.message.sender == Speaker::Ai;
    let assisting = by_ai && job.tenant.assists(session);
    let public = session.channel.takes_apps_messages() && !assisting;
    let right = job.tenant.bridge.store.about_to_post(&AboutToPost {
        work: &job.work,
        run: &job.run,
        step: ("post", step),
        more_steps: &[],
        posted: Some((&session.org, &request.message.id)),
        session: Some(PostGuard {
            org: session.org.clone(),
            session: session.id.clone(),
            ai_epoch: session.ai_epoch,
            require_active: by_ai && !assisting,
            count_answer: by_ai,
            own_assignment: true,
        }),
        watch: session.thread.as_ref().filter(|_| public).map(|thread| (&job.tenant.connection.portal, thread)),
        now: job.now(),
    });
    match right.await? {
        PostRight::Granted => Ok(None),
        PostRight::PostedAlready { .. } => Ok(Some(Reason::Duplicate)),
        PostRight::Silenced(now) if by_ai => {
            Ok(Some(if now.ai == AiState::Paused { Reason::Paused } else { Reason::NotAiOwner }))
        }
        // A person's words are not silenced by another person's taking over: the next attempt sees the new epoch.
        PostRight::Silenced(_) | PostRight::LostRun => Err(FlowError::Store(store::StoreError::LostRun)),
    }
}
