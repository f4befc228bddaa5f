//! The timeout of a handoff: a conversation that nobody has taken goes to the fallback rep.

use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job, Next};
use domain::{ActorId, AiState, Lifecycle, Reason, SessionId, ThreadId, TicketId};
use hubspot::Owner;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use store::Session;

/// The first run delays the event. The next run checks whether somebody has taken the conversation.
pub(crate) async fn wait(
    job: &Job<'_>,
    thread: Option<&ThreadId>,
    session: &SessionId,
    handoff: u64,
) -> Result<Next, FlowError> {
    let settings = &job.tenant.connection.settings;
    let end = |finish: Completion| Ok(Next::Finished(finish.of_session(session)));
    let (Some(minutes), Some(named)) = (settings.handoff_timeout_minutes, &settings.fallback_assignee) else {
        return end(Completion::done("no fallback rep is set any more"));
    };
    let org = &job.tenant.connection.org;
    let known = job.tenant.bridge.store.session(org, session).await?;
    let Some(known) = known
        .filter(|now| now.ai == AiState::HandedOff && now.handoff_epoch == handoff && now.lifecycle == Lifecycle::Open)
    else {
        return end(Completion::done("the handoff is over"));
    };
    if !job.won.delayed_before {
        return Ok(match due(job, minutes) {
            Some(at) => Next::DelayedUntil(at),
            None => Next::Finished(Completion::done("the office does not open any more").of_session(session)),
        });
    }
    if !settings.enabled {
        return end(Completion::skipped(Reason::NotEnabled));
    }
    if taken(job, thread, &known).await? {
        return end(Completion::done("somebody has taken it"));
    }
    match job.tenant.owner(named).await? {
        Some(rep) if !rep.archived => {
            give(job, thread, known.ticket.as_ref(), &rep).await?;
            end(Completion::done("nobody had taken it: it went to the fallback rep"))
        }
        _ => end(Completion::failed(Reason::HubspotRejected, "the fallback rep is no active user of HubSpot")),
    }
}

/// The end of the timeout. It is counted from the next opening of the office: nobody takes a conversation earlier.
fn due(job: &Job<'_>, minutes: u32) -> Option<Timestamp> {
    let from = match &job.tenant.connection.settings.office_hours {
        Some(hours) => hours.next_opening(job.won.created_at)?,
        None => job.won.created_at,
    };
    from.checked_add(SignedDuration::from_mins(minutes.into())).ok()
}

/// Whether a person owns the conversation. Without a conversation in HubSpot, the ticket's owner counts.
async fn taken(job: &Job<'_>, thread: Option<&ThreadId>, session: &Session) -> Result<bool, FlowError> {
    let tenant = &job.tenant;
    if let Some(thread) = thread {
        return Ok(tenant.portal.thread(thread).await?.owner(&tenant.connection.settings).is_person());
    }
    let Some(ticket) = &session.ticket else { return Ok(true) };
    let ticket = tenant.portal.ticket(ticket, &["hubspot_owner_id"]).await?;
    let owner = ticket.and_then(|ticket| ticket.properties.get("hubspot_owner_id").cloned());
    let Some(owner) = owner.filter(|owner| !owner.is_empty()) else { return Ok(false) };
    let ai_user = match &tenant.connection.settings.ai_user {
        Some(user) => tenant.owner(&user.to_string()).await?,
        None => None,
    };
    Ok(ai_user.is_none_or(|ai_user| ai_user.id.as_str() != owner))
}

async fn give(
    job: &Job<'_>,
    thread: Option<&ThreadId>,
    ticket: Option<&TicketId>,
    rep: &Owner,
) -> Result<(), FlowError> {
    let portal = &job.tenant.portal;
    if let Some(ticket) = ticket {
        let owner = BTreeMap::from([("hubspot_owner_id".to_owned(), rep.id.to_string())]);
        portal.update_ticket(ticket, &owner).await?;
    }
    if let (Some(thread), Some(user)) = (thread, &rep.user_id) {
        portal.assign(thread, &ActorId::Agent(user.clone())).await?;
    }
    Ok(())
}
