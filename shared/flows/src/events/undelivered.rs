//! Messages that HubSpot accepted and could not deliver. People are told of each one once.
//!
//! HubSpot sends no event for such a failure. Only the status of the message shows it some time later, so posted
//! messages are read again.

use crate::conversation::posting;
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::invocation::{self, Begun};
use crate::kernel::job::{Completion, Job};
use crate::kernel::once::Effect;
use crate::kernel::replay::ReplayError;
use domain::{Message, MessageId};
use hubspot::HubSpotError;
use store::{DeliveryCheck, Index, Work};

/// The messages of one round. The next round reads the others.
const MESSAGES_PER_ROUND: u32 = 300;

/// Reads the posted messages that are due. It runs every five minutes and may run at any time. Returns the number of
/// messages that failed.
pub async fn check_delivered(bridge: &Bridge) -> Result<u32, ReplayError> {
    let mut failed = 0;
    for watched in bridge.store.due_delivery_checks(bridge.clock.now(), MESSAGES_PER_ROUND).await? {
        match look(bridge, &watched).await {
            Ok(was_failed) => failed += u32::from(was_failed),
            Err(error) => {
                tracing::warn!(error = %error, "a posted message could not be read");
                // Otherwise the message would stay first in the list, before those of other organizations.
                bridge.store.delivery_checked(&watched, false, bridge.clock.now()).await?;
            }
        }
    }
    Ok(failed)
}

async fn look(bridge: &Bridge, watched: &DeliveryCheck) -> Result<bool, FlowError> {
    let (store, org) = (&bridge.store, watched.work.org());
    let key = domain::DedupKey::from_stored(watched.work.to_string());
    let row = store.delivery(org, &key).await?;
    let posted = row.as_ref().and_then(|row| row.journal.get("post")).and_then(|step| step.done.clone());
    let Some(id) = posted.and_then(|id| MessageId::parse(id).ok()) else {
        // The message is not posted yet, or never will be. Its delivery goes on by itself.
        store.delivery_checked(watched, row.is_none(), bridge.clock.now()).await?;
        return Ok(false);
    };
    let run = bridge.new_run();
    let tenant = bridge.tenant(org, &run).await?;
    let message = match tenant.portal.message(&watched.thread, &id).await {
        Ok(message) => message,
        Err(HubSpotError::NotFound) => {
            store.end_delivery_check(&watched.work).await?;
            return Ok(false);
        }
        Err(error) => return Err(error.into()),
    };
    let Some(reason) = message.failed.clone() else {
        store.delivery_checked(watched, true, bridge.clock.now()).await?;
        return Ok(false);
    };
    let work = Work::Request { org: org.clone(), function: "undelivered".into(), key: id.to_string() };
    let index = Index { thread: Some((watched.portal.clone(), watched.thread.clone())), ..Index::default() };
    if let Begun::Mine(job) = invocation::claim::<MessageId>(tenant, run, work, index).await? {
        let told = tell(&job, &message, &reason).await;
        invocation::settle(&job, told.map(|id| (id, Completion::done("people know of it")))).await?;
    }
    store.not_delivered(&watched.work, &reason, bridge.clock.now()).await?;
    store.end_delivery_check(&watched.work).await?;
    Ok(true)
}

/// One internal comment on the thread.
async fn tell(job: &Job<'_>, message: &Message, reason: &str) -> Result<MessageId, FlowError> {
    let thread = job.tenant.portal.thread(&message.thread).await?;
    posting::comment_once(job, Effect::Comment, &thread, &domain::undelivered_comment(&message.text, reason)).await
}
