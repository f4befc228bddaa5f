//! A rep closes or reopens a session's ticket in HubSpot: the session goes the same way.

use crate::resolve::reopening::cancel;
use crate::work::errand::Errand;
use crate::work::failure::FlowError;
use domain::{AiState, Lifecycle, SessionStatus, TicketId};
use jiff::Timestamp;
use opencx::Reflect;
use store::{CloseWish, Reopened, Resolved, Session};

/// Follows the ticket into `stage`. OpenCX is told not to reflect it: the change comes from HubSpot.
pub(crate) async fn follow(
    errand: &Errand<'_>,
    session: &Session,
    ticket: &TicketId,
    (stage, at): (&str, Timestamp),
) -> Result<Option<&'static str>, FlowError> {
    let settings = &errand.tenant.connection.settings;
    if session.ticket.as_ref() != Some(ticket) || !settings.resolve_session_on_ticket_close {
        return Ok(None);
    }
    let pipelines = errand.tenant.pipelines().await?;
    let known = pipelines.iter().flat_map(|pipeline| &pipeline.stages).find(|known| known.id == stage);
    match known.map(|stage| stage.closed) {
        Some(true) => resolve(errand, session).await,
        Some(false) => reopen(errand, session, at).await,
        None => Ok(None),
    }
}

async fn resolve(errand: &Errand<'_>, session: &Session) -> Result<Option<&'static str>, FlowError> {
    let (store, untold) = (&errand.tenant.bridge.store, errand.earlier("resolve").is_some_and(|s| s.done.is_none()));
    if session.lifecycle == Lifecycle::Resolved && !untold {
        return Ok(None);
    }
    errand.about_to("resolve").await?;
    let status = SessionStatus::ClosedResolved;
    let wish = CloseWish { closes_at: errand.now(), summary: None, sentiment: None, status };
    match store.resolve(&session.org, &session.id, &wish).await? {
        // The ticket is closed: nothing is left of the wish.
        Resolved::Now(now) => {
            store.close_done(&now.org, &now.id, now.lifecycle_epoch).await?;
        }
        Resolved::Already(_) => {}
        Resolved::NotFound => return Ok(None),
    }
    errand.tenant.opencx().await?.set_status(&session.id, status, Reflect::No).await?;
    Ok(Some("the session is resolved with its ticket"))
}

/// Who had the conversation has it again: a rep who reopens a ticket means to deal with it.
///
/// While the ticket has yet to be closed, and of a time before that, an open stage is no reopening.
async fn reopen(errand: &Errand<'_>, session: &Session, at: Timestamp) -> Result<Option<&'static str>, FlowError> {
    let (store, untold) = (&errand.tenant.bridge.store, errand.earlier("reopen").is_some_and(|s| s.done.is_none()));
    let was_closed = session.wish.is_none() && session.resolved_at.is_none_or(|closed| closed < at);
    if !untold && (session.lifecycle == Lifecycle::Open || !was_closed) {
        return Ok(None);
    }
    errand.about_to("reopen").await?;
    match store.reopen(&session.org, &session.id).await? {
        Reopened::Now(_) | Reopened::Already(_) => {}
        Reopened::NotFound => return Ok(None),
    }
    cancel(&errand.tenant, session).await;
    errand.tenant.opencx().await?.set_status(&session.id, SessionStatus::Open, Reflect::No).await?;
    if session.ai == AiState::HandedOff {
        errand.silence(session, None, "a rep reopened the ticket in HubSpot").await?;
    }
    Ok(Some("the session is open again with its ticket"))
}
