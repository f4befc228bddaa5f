//! What HubSpot could not deliver: found by looking at posted messages again, told to people once.
//!
//! HubSpot sends no event when a message fails; only the message's own status says so, some time after it was accepted.

use crate::conversation::posting::{self, Lost};
use crate::work::errand::{Errand, done};
use crate::work::failure::FlowError;
use crate::work::invocation::{self, Begun};
use crate::{Bridge, ReplayError};
use domain::{Message, MessageId};
use hubspot::HubSpotError;
use store::{Index, Watched, Work};

/// Messages looked at in one round; the rest is for the next.
const ROUND: u32 = 300;

/// Looks at posted messages whose time has come. Run every five minutes; safe at any time. The answer is how many failed.
pub async fn check_delivered(bridge: &Bridge) -> Result<u32, ReplayError> {
    let mut failed = 0;
    for watched in bridge.store.watched(bridge.clock.now(), ROUND).await? {
        match look(bridge, &watched).await {
            Ok(was_failed) => failed += u32::from(was_failed),
            Err(error) => tracing::warn!(error = %error, "a posted message could not be looked at"),
        }
    }
    Ok(failed)
}

async fn look(bridge: &Bridge, watched: &Watched) -> Result<bool, FlowError> {
    let (store, org) = (&bridge.store, watched.work.org());
    let key = domain::DedupKey::from_stored(watched.work.to_string());
    let row = store.delivery(org, &key).await?;
    let posted = row.as_ref().and_then(|row| row.journal.get("post")).and_then(|step| step.done.clone());
    let Some(id) = posted.and_then(|id| MessageId::parse(id).ok()) else {
        // Not there yet, or never: the row's own story goes on without us.
        store.looked(watched, row.is_none(), bridge.clock.now()).await?;
        return Ok(false);
    };
    let run = bridge.new_run();
    let tenant = bridge.tenant(org, &run).await?;
    let message = match tenant.portal.message(&watched.thread, &id).await {
        Ok(message) => message,
        Err(HubSpotError::NotFound) => {
            store.unwatch(&watched.work).await?;
            return Ok(false);
        }
        Err(error) => return Err(error.into()),
    };
    let Some(reason) = message.failed.clone() else {
        store.looked(watched, true, bridge.clock.now()).await?;
        return Ok(false);
    };
    let work = Work::Request { org: org.clone(), function: "undelivered".into(), key: id.to_string() };
    let index = Index { thread: Some((watched.portal.clone(), watched.thread.clone())), ..Index::default() };
    if let Begun::Mine(errand) = invocation::claim::<MessageId>(tenant, run, work, index).await? {
        let told = tell(&errand, &message, &reason).await;
        invocation::settle(&errand, told.map(|id| (id, invocation::finished("people know of it")))).await?;
    }
    store.not_delivered(&watched.work, &reason, bridge.clock.now()).await?;
    store.unwatch(&watched.work).await?;
    Ok(true)
}

/// One internal comment on the thread.
async fn tell(errand: &Errand<'_>, message: &Message, reason: &str) -> Result<MessageId, FlowError> {
    let words = domain::undelivered_comment(&message.text, reason);
    let thread = errand.tenant.portal.thread(&message.thread).await?;
    if let Some(since) = errand.earlier("comment").and_then(|step| step.about_to) {
        let lost = Lost { words: &words, since, signed: false };
        if let Some(found) = posting::find(&errand.tenant, &errand.work, &thread, &lost).await? {
            return Ok(found);
        }
    }
    errand.about_to("comment").await?;
    let posted = posting::comment(&errand.tenant, &thread, &words).await?;
    errand.record("comment", &done(posted.as_str())).await?;
    Ok(posted)
}
