//! What people write for colleagues: comments and notes become notes of the session.

use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job, done};
use domain::{DedupKey, Reason, normalised};
use jiff::Timestamp;
use store::{Session, Way};

/// What a person wrote for colleagues.
pub(crate) struct Remark<'a> {
    /// HubSpot's id of the comment or note.
    pub(crate) id: &'a str,
    pub(crate) text: String,
    pub(crate) at: Timestamp,
    pub(crate) way: Way,
}

/// Stores a remark as a note of the session, once, by whichever way it comes. It never reaches the customer.
pub(crate) async fn store_remark(
    job: &Job<'_>,
    session: &Session,
    remark: Remark<'_>,
    author: impl AsyncFnOnce() -> Option<String>,
) -> Result<Completion, FlowError> {
    let finish = |note: &str| Completion::done("the remark is a note of the session").with_step("note", done(note));
    if let Some(note) = job.earlier("note").and_then(|step| step.done.as_deref()) {
        return Ok(finish(note));
    }
    let words = normalised(&remark.text);
    let digest = DedupKey::from_stored(words.clone()).digest("remark");
    let store = &job.tenant.bridge.store;
    if !store.begin_remark(&session.org, &session.id, &digest, (remark.way, remark.at)).await? {
        return Ok(Completion::skipped(Reason::Duplicate));
    }
    if job.retried() {
        let events = job.tenant.opencx().await?.history(&session.id).await?;
        let same =
            events.iter().find(|e| e.kind.contains("comment") && e.at >= remark.at && normalised(&e.text) == words);
        if let Some(event) = same {
            return Ok(finish(event.id.as_ref().map_or("found", |id| id.as_str())));
        }
    }
    let note = opencx::Note { text: remark.text, author: author().await, external_id: remark.id.to_owned() };
    job.tenant.opencx().await?.add_note(&session.id, &note).await?;
    Ok(finish("stored"))
}
