//! A conversation goes back to the AI.

use crate::conversation::warning::Warning;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use domain::AiState;
use store::{AiChange, Session};

/// Lets the AI speak and assigns the thread to the AI user. An assignment from before now that HubSpot tells later is stale.
pub(crate) async fn give_back(job: &Job<'_>, session: &Session) -> Result<Option<Warning>, FlowError> {
    let (store, now) = (&job.tenant.bridge.store, job.now());
    let change = AiChange { to: AiState::Active, occurred_at: Some(now) };
    store.change_ai(&session.org, &session.id, &change).await?;
    job.tenant.opencx().await?.set_handed_off(&session.id, false, None).await?;
    let settings = &job.tenant.connection.settings;
    let (Some(thread), Some(ai_user)) = (&session.thread, &settings.ai_user) else { return Ok(None) };
    if job.tenant.assists(session) {
        // In Assist Mode the AI only drafts and owns no conversation.
        return Ok(None);
    }
    store.own_assignment(&session.org, &session.id, now).await?;
    let assigned = job.tenant.portal.assign(thread, ai_user).await;
    Warning::unless_assigned(assigned, "HubSpot did not assign the conversation to the AI user")
}
