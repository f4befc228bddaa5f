//! A linked ticket was merged into another one, or deleted.

use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use domain::{Reason, SessionId, TicketId};
use opencx::HubSpotIds;

/// Links the session with the ticket that is left. A second event of the same merge changes nothing.
pub(crate) async fn take_merge(job: &Job<'_>, winner: &TicketId, merged: &[TicketId]) -> Result<Completion, FlowError> {
    let (store, portal) = (&job.tenant.bridge.store, &job.tenant.connection.portal);
    let mut moved = None;
    for gone in merged {
        if let Some((_, session)) = store.follow_merge(portal, gone, winner).await? {
            tell(job, &session, winner).await;
            moved = Some(session);
        }
    }
    Ok(match moved {
        Some(session) => Completion::done("the session goes on with the merged ticket").of_session(&session),
        None => Completion::skipped(Reason::UnlinkedTicket),
    })
}

/// Unlinks the ticket from its session. The next handoff of the session opens a new ticket.
pub(crate) async fn take_deletion(job: &Job<'_>, ticket: &TicketId) -> Result<Completion, FlowError> {
    let (store, portal) = (&job.tenant.bridge.store, &job.tenant.connection.portal);
    Ok(match store.unlink_ticket(portal, ticket).await? {
        Some((_, session)) => Completion::done("the ticket is unlinked").of_session(&session),
        None => Completion::skipped(Reason::UnlinkedTicket),
    })
}

/// Writes the ticket's id into the OpenCX session (an assumed endpoint). After a failure only a link is missing.
async fn tell(job: &Job<'_>, session: &SessionId, ticket: &TicketId) {
    let ids = HubSpotIds { ticket: Some(ticket.clone()), thread: None, contact: None };
    let told = async { Ok::<_, FlowError>(job.tenant.opencx().await?.set_hubspot_ids(session, &ids).await?) };
    if let Err(error) = told.await {
        tracing::warn!(error = %error, "OpenCX was not told of a merged ticket");
    }
}
