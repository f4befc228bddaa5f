//! The thread's assignee changed: people taking over and giving back.

use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use domain::{ActorId, AiState, Assignment, OwnershipChange, ThreadId, ThreadOwner};
use jiff::Timestamp;
use store::{AiChange, AiChanged, Session};

/// Takes one `conversation.propertyChange` of `assignedTo`.
pub(crate) async fn take_assignment(
    job: &Job<'_>,
    thread: &ThreadId,
    assignee: Option<&ActorId>,
    at: Timestamp,
) -> Result<Completion, FlowError> {
    let (store, connection) = (&job.tenant.bridge.store, &job.tenant.connection);
    let link = store.link_of_thread(&connection.portal, thread).await?;
    let Some(id) = link.and_then(|link| link.session) else {
        // The next message of the thread reads its assignee.
        return Ok(Completion::done("the thread has no session yet"));
    };
    let Some(session) = store.session(&connection.org, &id).await? else {
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
    let finish = match change {
        Err(reason) => Completion::skipped(reason),
        Ok(OwnershipChange::Confirmed) => {
            // The time of it makes an older takeover that is told of later stale.
            let change = AiChange { to: AiState::Active, occurred_at: Some(at) };
            store.change_ai(&session.org, &session.id, &change).await?;
            Completion::done("the AI has the conversation, as before")
        }
        Ok(OwnershipChange::Unchanged) if job.retried() => repeat_to_opencx(job, &session).await?,
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
    Ok(finish.of_session(&id))
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

/// An earlier run of this event may have changed our state without living to tell OpenCX.
async fn repeat_to_opencx(job: &Job<'_>, session: &Session) -> Result<Completion, FlowError> {
    let silent = session.ai != AiState::Active;
    job.tenant.opencx().await?.set_handed_off(&session.id, silent, None).await?;
    Ok(Completion::done("OpenCX is told again who has the conversation"))
}
