//! A resolved session goes on: its timer, its ticket, and what OpenCX hears of it.

use crate::conversation::pipeline;
use crate::kernel::failure::FlowError;
use crate::kernel::ports::PendingClose;
use crate::kernel::tenant::Tenant;
use domain::SessionStatus;
use opencx::Reflect;
use store::Session;

/// A session that goes on has an open ticket. Where tickets are people's alone, they stay as they are.
pub(crate) async fn reopen_ticket(tenant: &Tenant<'_>, session: &Session) -> Result<(), FlowError> {
    let settings = &tenant.connection.settings;
    match &session.ticket {
        Some(ticket) if settings.enabled && settings.ticketing_enabled && !tenant.assists(session) => {
            pipeline::reopen_ticket(tenant, ticket).await
        }
        _ => Ok(()),
    }
}

/// A customer wrote after the resolve: OpenCX hears that the session is open and that its AI may speak.
pub(crate) async fn tell_reopened(tenant: &Tenant<'_>, before: &Session) -> Result<(), FlowError> {
    let opencx = tenant.opencx().await?;
    opencx.set_status(&before.id, SessionStatus::Open, Reflect::No).await?;
    Ok(tenant.opencx().await?.set_handed_off(&before.id, false, None).await?)
}

pub(crate) fn pending(session: &Session) -> PendingClose {
    PendingClose {
        org: session.org.clone(),
        session: session.id.clone(),
        lifecycle_epoch: session.lifecycle_epoch,
        attempt: 0,
    }
}
