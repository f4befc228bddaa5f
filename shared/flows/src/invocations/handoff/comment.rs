//! What reps see of a handoff in the conversation: the internal comment, and whose it is now.

use crate::conversation::posting;
use crate::conversation::warning::Warning;
use crate::invocations::handoff::input::Facts;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use crate::kernel::once::Effect;
use domain::{ActorId, HandoffNotice, MessageId, RichText, SessionId, Thread, TicketId};
use hubspot::{HubSpotError, Owner};
use store::Work;

/// Posts the handoff comment once.
pub(crate) async fn comment(
    job: &Job<'_>,
    facts: &Facts,
    thread: &Thread,
    ticket: Option<&TicketId>,
) -> Result<MessageId, FlowError> {
    posting::comment_once(job, Effect::Comment, thread, &notice(job, facts, ticket)?).await
}

/// Where there is no thread, the same words stand on the ticket, once.
pub(crate) async fn note(job: &Job<'_>, facts: &Facts, ticket: &TicketId) -> Result<MessageId, FlowError> {
    posting::note_once(job, Effect::Comment, ticket, &notice(job, facts, Some(ticket))?).await
}

fn notice(job: &Job<'_>, facts: &Facts, ticket: Option<&TicketId>) -> Result<RichText, FlowError> {
    Ok(domain::handoff_comment(&HandoffNotice {
        reason_code: &facts.reason,
        reason_text: facts.reason_text.as_deref(),
        sentiment: facts.sentiment,
        language: facts.language.as_deref(),
        session_url: facts.url.as_deref(),
        session: session(job)?,
        ticket,
        channel_note: channel_note(facts),
    }))
}

fn session<'e>(job: &'e Job<'_>) -> Result<&'e SessionId, FlowError> {
    match &job.work {
        Work::Handoff { session, .. } => Ok(session),
        Work::Delivery { .. } | Work::Request { .. } => Err(FlowError::Impossible {
            reason: domain::Reason::Poison,
            message: "a handoff comment belongs to a handoff".to_owned(),
        }),
    }
}

fn channel_note(facts: &Facts) -> Option<&'static str> {
    (!facts.reps_reach).then_some("HubSpot cannot reply on this channel: answer in the OpenCX inbox.")
}

/// Gives the thread to the routed rep. Never takes it from the rep who owns it; the AI user as rep means unassigned.
pub(crate) async fn assign(
    job: &Job<'_>,
    facts: &Facts,
    thread: &Thread,
    owner: Option<&Owner>,
) -> Result<Option<Warning>, FlowError> {
    let settings = &job.tenant.connection.settings;
    if facts.assist_mode || thread.owner(settings).is_person() {
        return Ok(None);
    }
    let portal = &job.tenant.portal;
    let rep = owner
        .and_then(|owner| owner.user_id.clone())
        .map(ActorId::Agent)
        .filter(|actor| settings.ai_user.as_ref() != Some(actor));
    let assigned = match (&rep, &thread.assigned_to) {
        (Some(rep), _) => portal.assign(&thread.id, rep).await,
        (None, Some(_)) => portal.unassign(&thread.id).await,
        (None, None) => return Ok(None),
    };
    match assigned {
        Ok(()) => Ok(None),
        Err(HubSpotError::Rejected { .. } | HubSpotError::NotFound) => Ok(Some(Warning::new(
            "thread_not_assigned",
            "HubSpot did not assign the conversation to the rep; has the rep a seat?",
        ))),
        Err(error) => Err(error.into()),
    }
}
