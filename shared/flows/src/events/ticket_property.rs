//! A ticket property changed in HubSpot. The session's custom data takes the new value. A ticket that is closed or
//! reopened also closes or reopens the session.

use crate::conversation::properties::lock::holding;
use crate::conversation::properties::pull::{Told, bring_over};
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::once::Effect;
use domain::{AiState, Lifecycle, PropertyChange, Reason, SessionStatus, TicketId, fingerprint, judge_property_change};
use jiff::Timestamp;
use opencx::Reflect;
use store::{CloseRequest, Reopened, Resolved, Session};

/// One `ticket.propertyChange`.
pub(crate) struct Changed<'e> {
    pub(crate) ticket: &'e TicketId,
    pub(crate) property: &'e str,
    pub(crate) value: Option<&'e str>,
    pub(crate) source: Option<&'e str>,
    pub(crate) source_id: Option<&'e str>,
    pub(crate) at: Timestamp,
}

/// Processes one change.
pub(crate) async fn take_change(job: &Job<'_>, changed: &Changed<'_>) -> Result<Completion, FlowError> {
    let connection = &job.tenant.connection;
    if !connection.settings.enabled {
        return Ok(Completion::skipped(Reason::NotEnabled));
    }
    let session = job.tenant.session_of_ticket(changed.ticket).await?;
    let judged = judge_property_change(&PropertyChange {
        value: changed.value,
        occurred_at: changed.at,
        by_our_app: is_ours(job, changed),
        settings: &connection.settings,
        linked: session.is_some(),
        agreed: None,
        last_change_at: None,
    });
    let Some(session) = session else {
        return Ok(Completion::skipped(judged.err().unwrap_or(Reason::UnlinkedTicket)));
    };
    let value = match judged {
        Ok(value) => value,
        Err(Reason::Echo) => return echo(job, &session, changed).await,
        Err(reason) => return Ok(Completion::skipped(reason).of_session(&session.id)),
    };
    let followed = match changed.property {
        "hs_pipeline_stage" if is_latest(job, changed, value).await? => {
            follow(job, &session, changed.ticket, (value, changed.at)).await?
        }
        _ => None,
    };
    let told = Told { property: changed.property, value, at: changed.at };
    let skipped = holding(job, &session, async |agreed| bring_over(job, &session, changed.ticket, &told, agreed).await);
    let finish = match (skipped.await?, followed) {
        (_, Some(followed)) => Completion::done(followed),
        (None, None) => Completion::done("the session's custom data follows the ticket"),
        (Some(reason), None) => Completion::skipped(reason),
    };
    Ok(finish.of_session(&session.id))
}

/// The event of our own write. Both sides have its value. The run that wrote it may have died before it stored that.
async fn echo(job: &Job<'_>, session: &Session, changed: &Changed<'_>) -> Result<Completion, FlowError> {
    let book = job.tenant.bridge.store.property_sync(&session.org, &session.id).await?.unwrap_or_default();
    let (Some(value), Some(known)) = (changed.value, book.agreed.get(changed.property)) else {
        return Ok(Completion::skipped(Reason::Echo).of_session(&session.id));
    };
    let shapes = job.tenant.ticket_properties().await?;
    let value = fingerprint(value, &crate::conversation::properties::push::kind_of(&shapes, changed.property));
    if known.value != value && known.at < changed.at {
        let keep = holding(job, session, async |agreed| {
            if let Some(one) = agreed.get_mut(changed.property).filter(|one| one.at < changed.at) {
                (one.value, one.at, one.by_hubspot) = (value, changed.at, false);
            }
            Ok(())
        });
        keep.await?;
    }
    Ok(Completion::skipped(Reason::Echo).of_session(&session.id))
}

/// Whether our app made the change. HubSpot names the app as the source.
fn is_ours(job: &Job<'_>, changed: &Changed<'_>) -> bool {
    let by_app = changed.source.is_some_and(|source| source.eq_ignore_ascii_case("INTEGRATION"));
    by_app && changed.source_id.is_some_and(|id| job.tenant.connection.apps.iter().any(|app| app.as_str() == id))
}

/// Whether the ticket still is in this stage. Otherwise a newer event follows, and this one must not undo it.
async fn is_latest(job: &Job<'_>, changed: &Changed<'_>, stage: &str) -> Result<bool, FlowError> {
    let ticket = job.tenant.portal.ticket(changed.ticket, &["hs_pipeline_stage"]).await?;
    Ok(ticket.is_some_and(|ticket| ticket.properties.get("hs_pipeline_stage").is_some_and(|now| now == stage)))
}

/// Closes or reopens the session with its ticket. OpenCX must not send the change back to HubSpot.
pub(crate) async fn follow(
    job: &Job<'_>,
    session: &Session,
    ticket: &TicketId,
    (stage, at): (&str, Timestamp),
) -> Result<Option<&'static str>, FlowError> {
    let settings = &job.tenant.connection.settings;
    if session.ticket.as_ref() != Some(ticket) || !settings.resolve_session_on_ticket_close {
        return Ok(None);
    }
    let pipelines = job.tenant.pipelines().await?;
    let known = pipelines.iter().flat_map(|pipeline| &pipeline.stages).find(|known| known.id == stage);
    match known.map(|stage| stage.closed) {
        Some(true) => resolve(job, session).await,
        Some(false) => reopen(job, session, at).await,
        None => Ok(None),
    }
}

async fn resolve(job: &Job<'_>, session: &Session) -> Result<Option<&'static str>, FlowError> {
    let store = &job.tenant.bridge.store;
    if session.lifecycle == Lifecycle::Resolved && !job.is_begun(Effect::Resolve) {
        return Ok(None);
    }
    let resolve = async || {
        let status = SessionStatus::ClosedResolved;
        let wish = CloseRequest { closes_at: job.now(), summary: None, sentiment: None, status };
        match store.resolve(&session.org, &session.id, &wish).await? {
            // The ticket is closed already.
            Resolved::Now(now) => {
                store.close_done(&now.org, &now.id, now.lifecycle_epoch).await?;
            }
            Resolved::Already(_) => {}
            Resolved::NotFound => return Ok(None),
        }
        job.tenant.opencx().await?.set_status(&session.id, status, Reflect::No).await?;
        Ok(Some("the session is resolved with its ticket"))
    };
    job.until_done(Effect::Resolve, resolve).await
}

/// Opens the session again. A rep or an AI that had the conversation before has it again.
///
/// An open stage is no reopening while the ticket waits for its close, nor if it is older than the close.
async fn reopen(job: &Job<'_>, session: &Session, at: Timestamp) -> Result<Option<&'static str>, FlowError> {
    let store = &job.tenant.bridge.store;
    let was_closed = session.close_request.is_none() && session.resolved_at.is_none_or(|closed| closed < at);
    if !job.is_begun(Effect::Reopen) && (session.lifecycle == Lifecycle::Open || !was_closed) {
        return Ok(None);
    }
    let reopen = async || {
        match store.reopen(&session.org, &session.id).await? {
            Reopened::Now(_) | Reopened::Already(_) => {}
            Reopened::NotFound => return Ok(None),
        }
        job.tenant.opencx().await?.set_status(&session.id, SessionStatus::Open, Reflect::No).await?;
        if session.ai == AiState::HandedOff {
            job.silence(session, None, "a rep reopened the ticket in HubSpot").await?;
        }
        Ok(Some("the session is open again with its ticket"))
    };
    job.until_done(Effect::Reopen, reopen).await
}
