//! A handoff that nobody takes within the time that was set goes to the fallback rep.

use crate::handoff::availability::of_person;
use crate::handoff::facts::Facts;
use crate::work::errand::{Ending, Errand, Finish};
use crate::work::failure::FlowError;
use crate::{Door, Envelope, Message, Queued};
use domain::{ActorId, AiState, EventKind, HubSpotEvent, Lifecycle, Reason, SessionId, ThreadId, TicketId};
use hubspot::Owner;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use store::{Final, Session, Work};

/// Begins the wait of a handoff, where one is set: an event of its own in the conversation's group, with a row like any other.
pub(crate) async fn begin(errand: &Errand<'_>, facts: &Facts, session: &Session) -> Result<(), FlowError> {
    let (settings, Work::Handoff { n, .. }) = (&errand.tenant.connection.settings, &errand.work) else { return Ok(()) };
    if settings.handoff_timeout_minutes.is_none() || settings.fallback_assignee.is_none() || facts.assist_mode {
        return Ok(());
    }
    let kind = EventKind::HandoffOpened { thread: facts.thread_id.clone(), session: session.id.clone(), handoff: *n };
    let portal = errand.tenant.connection.portal.clone();
    let event = HubSpotEvent { portal, app: None, occurred_at: errand.now(), kind };
    let (group, dedup_id) = (event.queue_group(), event.dedup_key().digest(session.org.as_str()));
    let message = Message::Event { door: Door::AppSignature, event, received_at: errand.now() };
    Ok(errand.tenant.bridge.queue.send(vec![Queued { group, dedup_id, body: Envelope::body(&message) }]).await?)
}

/// Waits, then looks whether somebody has taken it.
pub(crate) async fn wait(
    errand: &Errand<'_>,
    thread: Option<&ThreadId>,
    session: &SessionId,
    handoff: u64,
) -> Result<Ending, FlowError> {
    let settings = &errand.tenant.connection.settings;
    let end = |finish: Finish| Ok(Ending::Finished(finish.of_session(session)));
    let (Some(minutes), Some(named)) = (settings.handoff_timeout_minutes, &settings.fallback_assignee) else {
        return end(Finish::done("no fallback rep is set any more"));
    };
    let org = &errand.tenant.connection.org;
    let known = errand.tenant.bridge.store.session(org, session).await?;
    let Some(known) = known
        .filter(|now| now.ai == AiState::HandedOff && now.handoff_epoch == handoff && now.lifecycle == Lifecycle::Open)
    else {
        return end(Finish::done("the handoff is over"));
    };
    if !errand.won.delayed_before {
        return Ok(match due(errand, minutes) {
            Some(at) => Ending::DelayedUntil(at),
            None => Ending::Finished(Finish::done("the office does not open any more").of_session(session)),
        });
    }
    if !settings.enabled {
        return end(Finish::skipped(Reason::NotEnabled));
    }
    if taken(errand, thread, &known).await? {
        return end(Finish::done("somebody has taken it"));
    }
    match errand.tenant.owner(named).await? {
        Some(rep) if !rep.archived => {
            give(errand, thread, known.ticket.as_ref(), &rep).await?;
            end(Finish::done("nobody had taken it: it went to the fallback rep"))
        }
        _ => {
            let why = Finish::done("the fallback rep is no active user of HubSpot");
            end(Finish { state: Final::Failed(Reason::HubspotRejected), ..why })
        }
    }
}

/// Counted from the next opening of the office: nobody can take it before.
fn due(errand: &Errand<'_>, minutes: u32) -> Option<Timestamp> {
    let from = match &errand.tenant.connection.settings.office_hours {
        Some(hours) => hours.next_opening(errand.won.created_at)?,
        None => errand.won.created_at,
    };
    from.checked_add(SignedDuration::from_mins(minutes.into())).ok()
}

/// Whether the conversation is a person's; where HubSpot has none, whether the ticket is.
async fn taken(errand: &Errand<'_>, thread: Option<&ThreadId>, session: &Session) -> Result<bool, FlowError> {
    let tenant = &errand.tenant;
    if let Some(thread) = thread {
        return Ok(of_person(errand, &tenant.portal.thread(thread).await?));
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
    errand: &Errand<'_>,
    thread: Option<&ThreadId>,
    ticket: Option<&TicketId>,
    rep: &Owner,
) -> Result<(), FlowError> {
    let portal = &errand.tenant.portal;
    if let Some(ticket) = ticket {
        let owner = BTreeMap::from([("hubspot_owner_id".to_owned(), rep.id.to_string())]);
        portal.update_ticket(ticket, &owner).await?;
    }
    if let (Some(thread), Some(user)) = (thread, &rep.user_id) {
        portal.assign(thread, &ActorId::Agent(user.clone())).await?;
    }
    Ok(())
}
