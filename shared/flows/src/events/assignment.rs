//! The assignee of a thread changed: a person takes the conversation over or gives it back to the AI.

use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use domain::{ActorId, AiState, Assignment, OwnershipChange, ThreadId, ThreadOwner};
use jiff::Timestamp;
use store::{AiChange, AiChanged, Session};

/// Processes one `conversation.propertyChange` of `assignedTo`.
pub(crate) async fn take_assignment(
    job: &Job<'_>,
    thread: &ThreadId,
    assignee: Option<&ActorId>,
    at: Timestamp,
) -> Result<Completion, FlowError> {
    let (store, connection) = (&job.tenant.bridge.store, &job.tenant.connection);
    let Some(session) = job.tenant.session_of_thread(thread).await? else {
        // The next message of the thread reads its assignee.
        return Ok(Completion::done("the thread has no session yet"));
    };
    let owner = ThreadOwner::of(assignee, &connection.settings);
    let change = domain::judge_assignment(&Assignment {
        owner,
        occurred_at: at,
        assist_mode: job.tenant.assists(&session),
        ai: session.ai,
        last_change_at: session.ownership_changed_at,
        own_assignment_at: session.own_assignment_at,
    });
    let completion = match change {
        Err(reason) => Completion::skipped(reason),
        Ok(OwnershipChange::Confirmed) => {
            // The stored time makes an older takeover stale whose event comes later.
            let change = AiChange { to: AiState::Active, occurred_at: Some(at) };
            store.change_ai(&session.org, &session.id, &change).await?;
            Completion::done("the AI has the conversation, as before")
        }
        // An earlier run of this event may have died after it changed our store and before it told OpenCX.
        Ok(OwnershipChange::Unchanged) if job.retried() => {
            let silent = session.ai != AiState::Active;
            job.tenant.opencx().await?.set_handed_off(&session.id, silent, None).await?;
            Completion::done("OpenCX is told again who has the conversation")
        }
        Ok(OwnershipChange::Unchanged) => Completion::done("nothing changes for the AI"),
        Ok(OwnershipChange::TakenOver) => {
            let (why, detail) = match owner {
                ThreadOwner::Bot => ("assigned to a bot in HubSpot", "a bot took over"),
                _ => ("assigned to a person in HubSpot", "a person took over"),
            };
            job.silence(&session, Some(at), why).await?;
            Completion::done(detail)
        }
        Ok(OwnershipChange::GivenBack) => give_back(job, &session, at).await?,
    };
    Ok(completion.of_session(&session.id))
}

async fn give_back(job: &Job<'_>, session: &Session, at: Timestamp) -> Result<Completion, FlowError> {
    let change = AiChange { to: AiState::Active, occurred_at: Some(at) };
    match job.tenant.bridge.store.change_ai(&session.org, &session.id, &change).await? {
        AiChanged::Stale(_) => return Ok(Completion::skipped(domain::Reason::StaleChange)),
        AiChanged::Yes(_) | AiChanged::Already(_) | AiChanged::NotFound => {}
    }
    job.tenant.opencx().await?.set_handed_off(&session.id, false, None).await?;
    Ok(Completion::done("the AI has the conversation again"))
}
