//! HubSpot has deleted a person's data for good, so our copies are deleted. The log keeps only ids and counts.

use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use domain::{ContactId, ThreadId};

/// Processes a `conversation.privacyDeletion`.
pub(crate) async fn forget_thread(job: &Job<'_>, thread: &ThreadId) -> Result<Completion, FlowError> {
    let (store, connection) = (&job.tenant.bridge.store, &job.tenant.connection);
    let link = store.link_of_thread(&connection.portal, thread).await?.filter(|link| link.org == connection.org);
    let (mut sessions, mut rows) = (0, 0);
    // The thread's session, then its former ones.
    let mut next = link.as_ref().and_then(|link| link.session.clone().or(link.previous.clone()));
    while let Some(id) = next.take() {
        if let Some(session) = store.session(&connection.org, &id).await? {
            rows += store.forget_session(&session, &job.work).await?;
            sessions += 1;
            next = session.previous;
        }
    }
    rows += store.forget_thread(&connection.org, &connection.portal, thread, &job.work).await?;
    Ok(forgotten(sessions, rows))
}

/// Processes a `contact.privacyDeletion`.
pub(crate) async fn forget_contact(job: &Job<'_>, contact: &ContactId) -> Result<Completion, FlowError> {
    let (store, connection) = (&job.tenant.bridge.store, &job.tenant.connection);
    let (mut sessions, mut rows) = (0, 0);
    for (org, id) in store.sessions_of_contact(&connection.portal, contact).await? {
        if org != connection.org {
            continue;
        }
        if let Some(session) = store.session(&org, &id).await? {
            rows += store.forget_session(&session, &job.work).await?;
            sessions += 1;
        }
        store.unlink_contact(&org, &id, &connection.portal, contact).await?;
    }
    Ok(forgotten(sessions, rows))
}

fn forgotten(sessions: u32, rows: u32) -> Completion {
    Completion::done(&format!("what was held is removed: {sessions} sessions, {rows} entries of the log"))
}
