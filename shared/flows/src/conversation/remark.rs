//! Comments and notes that people write for colleagues become notes of the session.

use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::once::Effect;
use domain::{DedupKey, Reason, normalised};
use jiff::Timestamp;
use store::{RemarkSource, Session};

/// Words of a person for colleagues.
pub(crate) struct Remark<'a> {
    /// HubSpot's id of the comment or note.
    pub(crate) id: &'a str,
    pub(crate) text: String,
    pub(crate) at: Timestamp,
    pub(crate) way: RemarkSource,
}

/// Stores a remark as a note of the session. The remark may come as a comment and as a note: it is stored once.
///
/// The customer never sees the note.
pub(crate) async fn store_remark(
    job: &Job<'_>,
    session: &Session,
    remark: Remark<'_>,
    author: impl AsyncFnOnce() -> Option<String>,
) -> Result<Completion, FlowError> {
    let stored = || Completion::done("the remark is a note of the session");
    if job.kept(Effect::Note).is_some() {
        return Ok(stored());
    }
    let words = normalised(&remark.text);
    let digest = DedupKey::from_stored(words.clone()).digest("remark");
    let store = &job.tenant.bridge.store;
    if !store.begin_remark(&session.org, &session.id, &digest, (remark.way, remark.at)).await? {
        return Ok(Completion::skipped(Reason::Duplicate));
    }
    let find = async || {
        let events = job.tenant.opencx().await?.history(&session.id).await?;
        let is_it =
            |e: &opencx::HistoryEvent| e.kind.contains("comment") && e.at >= remark.at && normalised(&e.text) == words;
        Ok(events.into_iter().find(is_it).map(|e| e.id.map_or("found".to_owned(), |id| id.to_string())))
    };
    let store_it = async |permit: &Permit<'_>| {
        let note = opencx::SessionNote {
            text: remark.text.clone(),
            author: author().await,
            external_id: remark.id.to_owned(),
        };
        permit.session_note(&session.id, &note).await?;
        Ok("stored".to_owned())
    };
    job.once_by_claim(Effect::Note, find, store_it).await?;
    Ok(stored())
}
