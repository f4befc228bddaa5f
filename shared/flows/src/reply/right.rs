//! The right to post a reply.

use crate::reply::request::{ReplyRequest, Speaker};
use crate::work::errand::Errand;
use crate::work::failure::FlowError;
use domain::{AiState, Reason};
use store::{AboutToPost, PostGuard, PostRight, Session, Step};

/// The right to post this message, or why not.
pub(crate) async fn right(
    errand: &Errand<'_>,
    request: &ReplyRequest,
    session: &Session,
    step: &Step,
) -> Result<Option<Reason>, FlowError> {
    let assisting =
        session.assist_mode.unwrap_or_else(|| errand.tenant.connection.settings.assist_mode.on(session.channel));
    let public = session.channel.takes_apps_messages() && !(assisting && request.message.sender == Speaker::Ai);
    let right = errand.tenant.bridge.store.about_to_post(&AboutToPost {
        work: &errand.work,
        run: &errand.run,
        step: ("post", step),
        more_steps: &[],
        posted: Some((&session.org, &request.message.id)),
        session: Some(PostGuard {
            org: session.org.clone(),
            session: session.id.clone(),
            ai_epoch: session.ai_epoch,
            require_active: request.message.sender == Speaker::Ai && !assisting,
            count_answer: request.message.sender == Speaker::Ai,
            own_assignment: true,
        }),
        watch: session.thread.as_ref().filter(|_| public).map(|thread| (&errand.tenant.connection.portal, thread)),
        now: errand.now(),
    });
    match right.await? {
        PostRight::Granted => Ok(None),
        PostRight::PostedAlready { .. } => Ok(Some(Reason::Duplicate)),
        PostRight::Silenced(now) if request.message.sender == Speaker::Ai => {
            Ok(Some(if now.ai == AiState::Paused { Reason::Paused } else { Reason::NotAiOwner }))
        }
        // A person's words are not silenced by another person's taking over: the next attempt sees the new epoch.
        PostRight::Silenced(_) | PostRight::LostRun => Err(FlowError::Store(store::StoreError::LostRun)),
    }
}
