//! Several short messages in a row are answered together, after a quiet time.
//!
//! Each message waits for the quiet time. When it is over, a message that is followed by another one that still waits
//! gives its words to that one, in one write with the other's state: of two messages exactly one answers.

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
/// A customer who never stops writing is answered all the same: after so many quiet times, and not before a minute.
const LONGEST: u32 = 5;
const A_MINUTE: Duration = Duration::from_secs(60);

fn quiet_time(job: &Job<'_>, incoming: &Incoming) -> Duration {
    let quiet = job.tenant.connection.settings.quiet_seconds.get(&incoming.channel());
    // The longest delay of a queue.
    Duration::from_secs(quiet.copied().unwrap_or(0).min(900).into())
}

/// How long a message waits before the AI is asked.
pub(crate) fn wait(job: &Job<'_>, incoming: &Incoming) -> Duration {
    let of_channel = match incoming.channel() {
        Channel::Email => job.tenant.bridge.timing.email_delay,
        _ => Duration::ZERO,
    };
    of_channel.max(quiet_time(job, incoming))
}

/// An earlier run gave this message's words to a later one: whatever has changed since, that one answers.
pub(crate) fn given_away(job: &Job<'_>) -> Option<Completion> {
    job.kept(Effect::Together).and_then(|step| step.done.as_deref()).map(answered_by)
}

/// Lets a later message answer for this one, if one still waits.
pub(crate) async fn merge_into(job: &Job<'_>, incoming: &Incoming) -> Result<Option<Completion>, FlowError> {
    let quiet = quiet_time(job, incoming);
    // A run that is not the first may have asked the AI already.
    if quiet.is_zero() || !job.won.delayed_before || job.retried() {
        return Ok(None);
    }
    let mut with = given(job);
    with.push((incoming.message.id.clone(), job.won.created_at));
    let oldest = with.iter().map(|(_, at)| *at).min().unwrap_or(job.won.created_at);
    if job.now().duration_since(oldest).unsigned_abs() > A_MINUTE.max(quiet * LONGEST) {
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

/// What earlier messages gave to this one.
fn given(job: &Job<'_>) -> Vec<(MessageId, jiff::Timestamp)> {
    let with = job.won.journal.iter().filter(|(name, _)| name.starts_with(WITH));
    let mut given: Vec<_> =
        with.filter_map(|(_, step)| Some((MessageId::parse(step.done.clone()?).ok()?, step.about_to?))).collect();
    given.sort_by_key(|(_, at)| *at);
    given
}

/// The messages that are answered with this one, oldest first. One that is gone by now is not missed.
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
