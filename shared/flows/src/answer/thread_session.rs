//! The session a customer's message belongs to: the thread's own, reopened where it was resolved, or a new one.

use crate::answer::{open_session, words};
use crate::answer_customer::Incoming;
use crate::resolve::reopening;
use crate::work::errand::{Errand, done};
use crate::work::failure::FlowError;
use domain::Lifecycle;
use jiff::SignedDuration;
use store::{Reopened, Session};

/// The thread's session with the message's full text. A session that was resolved too long ago makes way for a new one.
pub(crate) async fn session_for(errand: &Errand<'_>, incoming: &mut Incoming) -> Result<Session, FlowError> {
    words::complete(errand, incoming).await?;
    let session = match incoming.session.take() {
        Some(former) if is_over(errand, incoming, &former) => {
            let (store, portal) = (&errand.tenant.bridge.store, &errand.tenant.connection.portal);
            store.begin_anew(&former.org, portal, &incoming.thread.id, &former.id).await?;
            open_session::open_session(errand, incoming).await?
        }
        Some(session) => session,
        None => open_session::open_session(errand, incoming).await?,
    };
    reopened(errand, session).await
}

/// The session, open: one that was resolved goes on, and OpenCX hears of it.
pub(crate) async fn reopened(errand: &Errand<'_>, session: Session) -> Result<Session, FlowError> {
    let untold = errand.earlier("reopen").is_some_and(|step| step.done.is_none());
    if session.lifecycle == Lifecycle::Open && !untold {
        return Ok(session);
    }
    errand.about_to("reopen").await?;
    let reopened = match errand.tenant.bridge.store.reopen(&session.org, &session.id).await? {
        Reopened::Now(reopened) | Reopened::Already(reopened) => reopened,
        Reopened::NotFound => return Ok(session),
    };
    reopening::tell_reopened(&errand.tenant, &session).await?;
    reopening::reopen_ticket(&errand.tenant, &reopened).await?;
    errand.record("reopen", &done("told")).await?;
    Ok(reopened)
}

/// Whether the session was resolved more than `reopen_within_days` before the customer wrote again.
fn is_over(errand: &Errand<'_>, incoming: &Incoming, session: &Session) -> bool {
    let days = errand.tenant.connection.settings.reopen_within_days;
    let kept = SignedDuration::from_hours(24 * i64::from(days));
    let wrote_at = incoming.message.created_at;
    session.lifecycle == Lifecycle::Resolved && session.resolved_at.is_some_and(|at| wrote_at.duration_since(at) > kept)
}
