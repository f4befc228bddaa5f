//! A handoff in the conversation: the internal comment, the assignment to a rep, the fallback message to the customer.

use crate::conversation::addressee::Addressee;
use crate::conversation::posting::{self, Lost, ai_user};
use crate::conversation::signing::{SignedWords, sign};
use crate::conversation::warning::Warning;
use crate::invocations::handoff::input::{Customer, Facts};
use crate::kernel::effects::Permit;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::job::Job;
use crate::kernel::once::{Announced, Effect, Right, nothing};
use domain::{ActorId, HandoffNotice, MessageId, RichText, Thread, TicketId};
use hubspot::Owner;
use store::Session;

/// Posts the handoff comment once.
pub(crate) async fn comment(
    job: &Job<'_>,
    customer: &Customer<'_>,
    thread: &Thread,
    ticket: Option<&TicketId>,
) -> Result<MessageId, FlowError> {
    posting::comment_once(job, Effect::Comment, thread, &notice(customer, ticket)).await
}

/// Leaves the same words on the ticket, once: HubSpot has no thread.
pub(crate) async fn note(job: &Job<'_>, customer: &Customer<'_>, ticket: &TicketId) -> Result<MessageId, FlowError> {
    posting::note_once(job, Effect::Comment, ticket, &notice(customer, Some(ticket))).await
}

fn notice(customer: &Customer<'_>, ticket: Option<&TicketId>) -> RichText {
    let Customer { facts, session, .. } = customer;
    let unreachable = "HubSpot cannot reply on this channel: answer in the OpenCX inbox.";
    domain::handoff_comment(&HandoffNotice {
        reason_code: &facts.reason,
        reason_text: facts.reason_text.as_deref(),
        sentiment: facts.sentiment,
        language: facts.language.as_deref(),
        session_url: facts.url.as_deref(),
        session: &session.id,
        ticket,
        channel_note: (!facts.reps_reach).then_some(unreachable),
    })
}

/// Assigns the thread to the rep. A rep who owns the thread keeps it. If the rep is the AI user, the thread is unassigned.
pub(crate) async fn assign(
    job: &Job<'_>,
    customer: &Customer<'_>,
    thread: &Thread,
) -> Result<Option<Warning>, FlowError> {
    let settings = &job.tenant.connection.settings;
    if customer.facts.assist_mode || thread.owner(settings).is_person() {
        return Ok(None);
    }
    let portal = &job.tenant.portal;
    let rep = customer.owner.and_then(|owner| owner.user_id.clone()).map(ActorId::Agent);
    let rep = rep.filter(|actor| settings.ai_user.as_ref() != Some(actor));
    let assigned = match (&rep, &thread.assigned_to) {
        (Some(rep), _) => portal.assign(&thread.id, rep).await,
        (None, Some(_)) => portal.unassign(&thread.id).await,
        (None, None) => return Ok(None),
    };
    Warning::unless_assigned(assigned, "HubSpot did not assign the conversation to the rep; has the rep a seat?")
}

/// Posts the fallback message once if nobody is there: outside office hours, or if the rep is no user of HubSpot.
///
/// When the message is posted, HubSpot assigns the conversation to the AI user. `thread` says so, too.
pub(crate) async fn tell_customer(
    job: &Job<'_>,
    customer: &Customer<'_>,
    thread: &mut Thread,
) -> Result<Option<Warning>, FlowError> {
    let &Customer { facts, session, owner: rep, .. } = customer;
    let settings = &job.tenant.connection.settings;
    let message = settings.fallback_message.as_deref().filter(|words| !words.trim().is_empty());
    let (Some(message), Some(why)) = (message, absence(job, facts, rep)) else { return Ok(None) };
    if facts.assist_mode || !facts.channel.takes_apps_messages() {
        return Ok(None);
    }
    if facts.own_channel {
        // HubSpot would show the message, but would not carry it to the customer.
        let said = format!("{why}; the conversation is on a channel of OpenCX, which has to tell the customer");
        return Ok(Some(Warning::new("fallback_not_posted", said)));
    }
    match say(job, session, thread, message).await {
        Ok(true) => Ok(Some(Warning::new("nobody_there", format!("{why}; the customer was told so")))),
        Ok(false) => Ok(None),
        // The handoff goes on.
        Err(error) if matches!(error.decision(), RetryDecision::Never { .. }) => {
            tracing::warn!(error = %error, "a fallback message was not posted");
            let said = format!("{why}, and the fallback message could not be posted");
            Ok(Some(Warning::new("fallback_not_posted", said)))
        }
        Err(error) => Err(error),
    }
}

/// Posts the message unless an earlier run did. The flag says whether the message is on the thread.
async fn say(job: &Job<'_>, session: &Session, thread: &mut Thread, message: &str) -> Result<bool, FlowError> {
    let words = domain::ai_reply(message, None);
    let find = async |announced: Announced| posting::find(job, thread, &Lost::of(&words, &announced)).await;
    if job.earlier(Effect::Fallback, find).await?.is_some() {
        return Ok(true);
    }
    let now = job.tenant.portal.thread(&thread.id).await?;
    if now.owner(&job.tenant.connection.settings).is_person() {
        return Ok(false);
    }
    let (to, speaker) = (Addressee::latest(&job.tenant, thread).await?, ai_user(job)?);
    let SignedWords { words, pattern } = sign(&job.tenant, &to, words).await?;
    let guard = Some(posting::guard(session, false, false));
    let right = Right { message: None, guard, check_delivery: None, detail: pattern };
    let post = async |permit: &Permit<'_>| posting::message(permit, &to, speaker.clone(), &words).await;
    let posted: Result<MessageId, _> = job.once_if_allowed(Effect::Fallback, right, nothing, post).await?;
    if posted.is_ok() {
        thread.assigned_to = Some(speaker);
    }
    Ok(posted.is_ok())
}

/// The reason why nobody is there.
fn absence(job: &Job<'_>, facts: &Facts, rep: Option<&Owner>) -> Option<&'static str> {
    let hours = job.tenant.connection.settings.office_hours.as_ref();
    if hours.is_some_and(|hours| !hours.is_open(job.now())) {
        return Some("it is outside office hours");
    }
    (facts.assignee.is_some() && rep.is_none()).then_some("the rep it goes to is no active user of HubSpot")
}
