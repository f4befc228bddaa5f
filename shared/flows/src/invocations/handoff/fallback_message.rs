//! What a customer is told where a handoff finds nobody.

use crate::conversation::addressee::Addressee;
use crate::conversation::posting::{self, Lost, ai_user};
use crate::conversation::signing::{Signed, sign};
use crate::conversation::warning::Warning;
use crate::invocations::handoff::input::Facts;
use crate::invocations::handoff::people::Customer;
use crate::kernel::effects::Permit;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::job::Job;
use crate::kernel::once::{Announced, Effect, Right, nothing};
use domain::{MessageId, Thread};
use hubspot::Owner;
use store::{PostGuard, Session};

/// Posts the fallback message once, where nobody is there: outside office hours, or where the rep it goes to is none in HubSpot.
///
/// The message makes HubSpot assign the conversation to the AI user, which `thread` then says.
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
        // HubSpot would show it and nobody would carry it to the customer.
        let said = format!("{why}; the conversation is on a channel of OpenCX, which has to tell the customer");
        return Ok(Some(Warning::new("fallback_not_posted", said)));
    }
    match say(job, session, thread, message).await {
        Ok(true) => Ok(Some(Warning::new("nobody_there", format!("{why}; the customer was told so")))),
        Ok(false) => Ok(None),
        // A handoff does not stop at it.
        Err(error) if matches!(error.decision(), RetryDecision::Never { .. }) => {
            tracing::warn!(error = %error, "a fallback message was not posted");
            let said = format!("{why}, and the fallback message could not be posted");
            Ok(Some(Warning::new("fallback_not_posted", said)))
        }
        Err(error) => Err(error),
    }
}

/// Whether the message is on the thread, by this run or an earlier one.
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
    let Signed { words, pattern } = sign(&job.tenant, &to, words).await?;
    // Nobody has let the AI speak again since; and the assignment that HubSpot makes of the message is our own.
    let guard = PostGuard {
        org: session.org.clone(),
        session: session.id.clone(),
        ai_epoch: session.ai_epoch,
        require_active: false,
        count_answer: false,
        own_assignment: true,
    };
    let right = Right { message: None, guard: Some(guard), check_delivery: None, detail: pattern };
    let post = async |permit: &Permit<'_>| posting::message(permit, &to, speaker.clone(), &words).await;
    let posted: Result<MessageId, _> = job.once_if_allowed(Effect::Fallback, right, nothing, post).await?;
    if posted.is_ok() {
        thread.assigned_to = Some(speaker);
    }
    Ok(posted.is_ok())
}

/// Why nobody is there.
fn absence(job: &Job<'_>, facts: &Facts, rep: Option<&Owner>) -> Option<&'static str> {
    let hours = job.tenant.connection.settings.office_hours.as_ref();
    if hours.is_some_and(|hours| !hours.is_open(job.now())) {
        return Some("it is outside office hours");
    }
    (facts.assignee.is_some() && rep.is_none()).then_some("the rep it goes to is no active user of HubSpot")
}
