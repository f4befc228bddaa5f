//! Several short messages in a row get one answer, after a quiet time.
//!
//! Each message waits for the quiet time. If a later message still waits by then, the earlier one gives its words to the
//! later one. One write changes both, so exactly one of the two is answered.

use crate::conversation::incoming::Incoming;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::once::Effect;
use domain::{Channel, Message, MessageId};
use hubspot::HubSpotError;
use std::time::Duration;
use store::Step;

/// Journal entries of this kind name the messages that are answered with this one.
const WITH: &str = "with:";
/// A customer may never stop writing. Words wait for this many quiet times at most, and for a minute at least.
const QUIET_TIMES_WAITED: u32 = 5;
const WAITED_AT_LEAST: Duration = Duration::from_secs(60);
/// The longest delay of a queue, in seconds.
const QUEUE_DELAY_LIMIT: u32 = 900;

fn quiet_time(job: &Job<'_>, incoming: &Incoming) -> Duration {
    let quiet = job.tenant.connection.settings.quiet_seconds.get(&incoming.channel());
    Duration::from_secs(quiet.copied().unwrap_or(0).min(QUEUE_DELAY_LIMIT).into())
}

/// How long a message waits before the AI is asked.
pub(crate) fn wait(job: &Job<'_>, incoming: &Incoming) -> Duration {
    let by_email = incoming.channel() == Channel::Email;
    let delay = if by_email { job.tenant.bridge.timing.email_delay } else { Duration::ZERO };
    delay.max(quiet_time(job, incoming))
}

/// How the job ends if an earlier run gave this message's words to a later message.
pub(crate) fn given_away(job: &Job<'_>) -> Option<Completion> {
    job.kept(Effect::Together).and_then(|step| step.done.as_deref()).map(answered_by)
}

/// Gives this message's words to a later message that still waits.
pub(crate) async fn merge_into(job: &Job<'_>, incoming: &Incoming) -> Result<Option<Completion>, FlowError> {
    let quiet = quiet_time(job, incoming);
    // An earlier run may have asked the AI already.
    if quiet.is_zero() || !job.won.delayed_before || job.retried() {
        return Ok(None);
    }
    let mut with = given(job);
    with.push((incoming.message.id.clone(), job.won.created_at));
    let oldest = with.iter().map(|(_, at)| *at).min().unwrap_or(job.won.created_at);
    if job.now().duration_since(oldest).unsigned_abs() > WAITED_AT_LEAST.max(quiet * QUIET_TIMES_WAITED) {
        return Ok(None);
    }
    let (store, connection) = (&job.tenant.bridge.store, &job.tenant.connection);
    let place = (&connection.portal, &incoming.thread.id);
    let Some(later) = store.newest_delayed(&job.work, job.won.created_at, place).await? else { return Ok(None) };
    let by = later.as_str().rsplit(':').next().unwrap_or_default().to_owned();
    let steps: Vec<(String, Step)> = with
        .into_iter()
        .map(|(id, at)| (format!("{WITH}{id}"), Step { about_to: Some(at), done: Some(id.to_string()), detail: None }))
        .collect();
    let mine = Step { about_to: None, done: Some(by.clone()), detail: None };
    let given = store.merge_into((&job.work, &job.run), (&Effect::Together.to_string(), &mine), &later, &steps).await?;
    Ok(given.then(|| answered_by(&by)))
}

fn answered_by(message: &str) -> Completion {
    Completion::done(&format!("answered together with message {message}"))
}

/// The messages that gave their words to this one, with their times.
fn given(job: &Job<'_>) -> Vec<(MessageId, jiff::Timestamp)> {
    let with = job.won.journal.iter().filter(|(name, _)| name.starts_with(WITH));
    let mut given: Vec<_> =
        with.filter_map(|(_, step)| Some((MessageId::parse(step.done.clone()?).ok()?, step.about_to?))).collect();
    given.sort_by_key(|(_, at)| *at);
    given
}

/// The messages that are answered with this one, oldest first. Deleted messages are left out.
pub(crate) async fn together(job: &Job<'_>, incoming: &Incoming) -> Result<Vec<Message>, FlowError> {
    let ids = given(job);
    let read = ids.iter().map(|(id, _)| job.tenant.portal.message(&incoming.thread.id, id));
    let mut messages = Vec::with_capacity(ids.len());
    for read in futures::future::join_all(read).await {
        match read {
            Ok(message) => messages.push(message),
            Err(HubSpotError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    messages.sort_by_key(|message| message.created_at);
    Ok(messages)
}
