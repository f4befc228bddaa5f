//! A reply that an earlier run has posted.

use crate::conversation::posting::{self, Lost};
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use domain::{MessageId, RichText, Thread};

/// HubSpot's id of it, and the pattern of its signature.
pub(crate) type Posted = (MessageId, Option<String>);

/// What an earlier run of this request posted.
pub(crate) async fn earlier(job: &Job<'_>, thread: &Thread, words: &RichText) -> Result<Option<Posted>, FlowError> {
    let Some(step) = job.earlier("post") else { return Ok(None) };
    let signature = step.detail.clone();
    if let Some(id) = step.done.clone().and_then(|id| MessageId::parse(id).ok()) {
        return Ok(Some((id, signature)));
    }
    let Some(since) = step.about_to else { return Ok(None) };
    let lost = Lost { words, since, signed: signature.is_some() };
    let found = posting::find(&job.tenant, &job.work, thread, &lost).await?;
    Ok(found.map(|id| (id, signature)))
}
