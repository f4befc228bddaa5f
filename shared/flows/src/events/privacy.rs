//! A person's data are deleted in HubSpot for good: what we hold of them goes, too. The log keeps ids and counts only.

use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use domain::{ContactId, ThreadId};

/// Takes a `conversation.privacyDeletion`.
pub(crate) async fn forget_thread(job: &Job<'_>, thread: &ThreadId) -> Result<Completion, FlowError> {
    let (store, connection) = (&job.tenant.bridge.store, &job.tenant.connection);
    let link = store.link_of_thread(&connection.portal, thread).await?.filter(|link| link.org == connection.org);
    let (mut sessions, mut rows) = (0, 0);
    // The thread's session, and those it had before.
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

/// Takes a `contact.privacyDeletion`.
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
