//! What a customer is told where a handoff finds nobody.

use crate::conversation::addressee::Addressee;
use crate::conversation::posting::{self, Lost, ai_user};
use crate::conversation::signing::{Signed, sign};
use crate::conversation::warning::Warning;
use crate::invocations::handoff::input::Facts;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::job::{Job, done};
use domain::{MessageId, RichText, Thread};
use hubspot::Owner;
use store::{AboutToPost, PostGuard, PostRight, Session, Step};

const STEP: &str = "fallback";

/// Posts the fallback message once, where nobody is there: outside office hours, or where the rep it goes to is none in HubSpot.
///
/// The message makes HubSpot assign the conversation to the AI user, which `thread` then says.
pub(crate) async fn tell_customer(
    job: &Job<'_>,
    facts: &Facts,
    session: &Session,
    thread: &mut Thread,
    rep: Option<&Owner>,
) -> Result<Option<Warning>, FlowError> {
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
    if let Some(id) = posted(job, thread, &words).await? {
        job.record(STEP, &done(id.as_str())).await?;
        return Ok(true);
    }
    let now = job.tenant.portal.thread(&thread.id).await?;
    if now.owner(&job.tenant.connection.settings).is_person() {
        return Ok(false);
    }
    let (to, speaker) = (Addressee::latest(&job.tenant, thread).await?, ai_user(job)?);
    let Signed { words, pattern } = sign(&job.tenant, &to, words).await?;
    if !may_post(job, session, pattern).await? {
        return Ok(false);
    }
    let id = posting::message(&job.tenant, &to, speaker.clone(), &words).await?;
    job.record(STEP, &done(id.as_str())).await?;
    thread.assigned_to = Some(speaker);
    Ok(true)
}

/// Why nobody is there.
fn absence(job: &Job<'_>, facts: &Facts, rep: Option<&Owner>) -> Option<&'static str> {
    let hours = job.tenant.connection.settings.office_hours.as_ref();
    if hours.is_some_and(|hours| !hours.is_open(job.now())) {
        return Some("it is outside office hours");
    }
    (facts.assignee.is_some() && rep.is_none()).then_some("the rep it goes to is no active user of HubSpot")
}

/// What an earlier run posted, or was about to.
async fn posted(job: &Job<'_>, thread: &Thread, words: &RichText) -> Result<Option<MessageId>, FlowError> {
    let Some(step) = job.earlier(STEP) else { return Ok(None) };
    if let Some(id) = step.done.as_ref().and_then(|id| MessageId::parse(id.clone()).ok()) {
        return Ok(Some(id));
    }
    let Some(since) = step.about_to else { return Ok(None) };
    let lost = Lost { words, since, signed: step.detail.is_some() };
    posting::find(&job.tenant, &job.work, thread, &lost).await
}

/// Nobody has let the AI speak again or taken the work over; and the assignment to come is our own.
async fn may_post(job: &Job<'_>, session: &Session, pattern: Option<String>) -> Result<bool, FlowError> {
    let right = job.tenant.bridge.store.about_to_post(&AboutToPost {
        work: &job.work,
        run: &job.run,
        step: (STEP, &Step { about_to: Some(job.now()), done: None, detail: pattern }),
        more_steps: &[],
        posted: None,
        session: Some(PostGuard {
            org: session.org.clone(),
            session: session.id.clone(),
            ai_epoch: session.ai_epoch,
            require_active: false,
            count_answer: false,
            own_assignment: true,
        }),
        watch: None,
        now: job.now(),
    });
    match right.await? {
        PostRight::Granted => Ok(true),
        PostRight::Silenced(_) | PostRight::PostedAlready { .. } => Ok(false),
        PostRight::LostRun => Err(FlowError::Store(store::StoreError::LostRun)),
    }
}
