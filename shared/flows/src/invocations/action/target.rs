//! The conversation a workflow's object leads to.

use crate::kernel::failure::FlowError;
use crate::kernel::tenant::Tenant;
use domain::{ActionCall, ActionObject, SessionId, Thread, ThreadId, TicketId};
use store::Session;

/// A session, a thread, or both.
#[derive(Default)]
pub(crate) struct Target {
    pub(crate) session: Option<Session>,
    pub(crate) thread: Option<ThreadId>,
}

impl Target {
    /// By our link, else by the ticket's or the contact's latest conversation in HubSpot.
    pub(crate) async fn of(tenant: &Tenant<'_>, call: &ActionCall) -> Result<Self, FlowError> {
        let portal = &tenant.portal;
        match &call.object {
            ActionObject::Thread(thread) => Self::of_thread(tenant, thread.clone()).await,
            ActionObject::Ticket(ticket) => {
                if let Some(target) = Self::linked(tenant, ticket).await? {
                    return Ok(target);
                }
                let thread = match &call.thread {
                    Some(thread) => Some(thread.clone()),
                    None => portal.latest_thread_of_ticket(ticket).await?.map(|thread| thread.id),
                };
                Self::of_any(tenant, thread).await
            }
            ActionObject::Contact(contact) => {
                let thread = portal.latest_thread_of_contact(contact).await?.map(|thread: Thread| thread.id);
                Self::of_any(tenant, thread).await
            }
            ActionObject::Other { .. } => Ok(Self::default()),
        }
    }

    async fn linked(tenant: &Tenant<'_>, ticket: &TicketId) -> Result<Option<Self>, FlowError> {
        let connection = &tenant.connection;
        match tenant.bridge.store.session_of_ticket(&connection.portal, ticket).await? {
            Some((org, id)) if org == connection.org => {
                let session = session(tenant, &id).await?;
                let thread = session.as_ref().and_then(|session| session.thread.clone());
                Ok(session.map(|session| Self { session: Some(session), thread }))
            }
            _ => Ok(None),
        }
    }

    async fn of_any(tenant: &Tenant<'_>, thread: Option<ThreadId>) -> Result<Self, FlowError> {
        match thread {
            Some(thread) => Self::of_thread(tenant, thread).await,
            None => Ok(Self::default()),
        }
    }

    async fn of_thread(tenant: &Tenant<'_>, thread: ThreadId) -> Result<Self, FlowError> {
        let link = tenant.bridge.store.link_of_thread(&tenant.connection.portal, &thread).await?;
        let id = link.filter(|link| link.org == tenant.connection.org).and_then(|link| link.session);
        let session = match id {
            Some(id) => session(tenant, &id).await?,
            None => None,
        };
        Ok(Self { session, thread: Some(thread) })
    }
}

async fn session(tenant: &Tenant<'_>, id: &SessionId) -> Result<Option<Session>, FlowError> {
    Ok(tenant.bridge.store.session(&tenant.connection.org, id).await?)
}
