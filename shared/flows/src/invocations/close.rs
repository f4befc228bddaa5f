//! The timer of a resolved session rings: its ticket closes, unless the session has moved on.

use crate::conversation::pipeline;
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::invocation::{self, Begun};
use crate::kernel::invoke_error::InvokeError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::ports::{Delays, PendingClose};
use crate::kernel::tenant::Tenant;
use domain::{Lifecycle, TicketId, closing_content};
use hubspot::HubSpotError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{CloseRequest, Index, Session, Work};

/// What `close` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseAnswer {
    /// The session's ticket.
    pub ticket_id: Option<TicketId>,
    /// What became of it.
    pub outcome: CloseOutcome,
}

/// What became of a close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseOutcome {
    /// The ticket is closed now.
    Closed,
    /// Somebody was faster.
    AlreadyClosed,
    /// The session is open again.
    Reopened,
    /// A later resolve has a close of its own.
    Superseded,
    /// The AI only drafts: tickets are people's.
    AssistMode,
    /// The organization is not live; the close stays pending.
    NotEnabled,
    /// Ticketing is disabled.
    TicketingDisabled,
    /// The session has no ticket.
    NoTicket,
    /// HubSpot has no such ticket any more.
    TicketGone,
    /// A service is out of reach; another timer is set.
    Later,
}

impl CloseOutcome {
    /// The word that `close` answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::AlreadyClosed => "already_closed",
            Self::Reopened => "reopened",
            Self::Superseded => "superseded",
            Self::AssistMode => "assist_mode",
            Self::NotEnabled => "not_enabled",
            Self::TicketingDisabled => "ticketing_disabled",
            Self::NoTicket => "no_ticket",
            Self::TicketGone => "ticket_gone",
            Self::Later => "later",
        }
    }
}

/// Closes the ticket of a resolved session. On a failure that may pass it sets its own next timer.
pub async fn close_ticket(
    bridge: &Bridge,
    delays: &dyn Delays,
    pending: &PendingClose,
) -> Result<CloseAnswer, InvokeError> {
    let result = run(bridge, pending).await;
    if look_again(bridge, delays, pending, result.as_ref()).await {
        return Ok(CloseAnswer { ticket_id: None, outcome: CloseOutcome::Later });
    }
    Ok(result?)
}

async fn run(bridge: &Bridge, pending: &PendingClose) -> Result<CloseAnswer, FlowError> {
    let run = bridge.new_run();
    let tenant = bridge.tenant(&pending.org, &run).await?;
    let Some(session) = bridge.store.session(&pending.org, &pending.session).await? else {
        return Ok(CloseAnswer { ticket_id: None, outcome: CloseOutcome::NoTicket });
    };
    let end_wish = async || {
        bridge.store.close_done(&session.org, &session.id, pending.lifecycle_epoch).await?;
        Ok::<_, FlowError>(())
    };
    if let Some(outcome) = moved_on(&tenant, &session, pending) {
        // While the switch is off the wish stays, and is looked at again.
        if session.lifecycle_epoch == pending.lifecycle_epoch && outcome != CloseOutcome::NotEnabled {
            end_wish().await?;
        }
        return Ok(CloseAnswer { ticket_id: session.ticket, outcome });
    }
    let key = format!("{}#{}", pending.session, pending.lifecycle_epoch);
    let work = Work::Request { org: pending.org.clone(), function: "close".into(), key };
    let index = Index { thread: None, ticket: session.ticket.clone(), session: Some(session.id.clone()) };
    let job = match invocation::claim(tenant, run, work, index).await? {
        Begun::Mine(job) => job,
        Begun::Answered(answer) => {
            end_wish().await?;
            return Ok(answer);
        }
    };
    if let Some(wish) = session.close_request.as_ref().filter(|_| pending.attempt == 0) {
        let late = bridge.clock.now().duration_since(wish.closes_at);
        bridge.meter.late("DelayLateness", Duration::try_from(late).unwrap_or_default());
    }
    let result = async {
        let answer = close(&job, &session).await?;
        // The wish ends before the answer is stored: an answer that is stored leaves no wish behind.
        end_wish().await?;
        let completion = Completion::done(answer.outcome.as_str()).of_session(&session.id);
        Ok((answer, completion))
    };
    invocation::settle(&job, result.await).await
}

/// Why there is nothing to close any more.
fn moved_on(tenant: &Tenant<'_>, session: &Session, pending: &PendingClose) -> Option<CloseOutcome> {
    let settings = &tenant.connection.settings;
    if session.lifecycle == Lifecycle::Open {
        Some(CloseOutcome::Reopened)
    } else if session.lifecycle_epoch != pending.lifecycle_epoch {
        Some(CloseOutcome::Superseded)
    } else if tenant.assists(session) {
        Some(CloseOutcome::AssistMode)
    } else if !settings.enabled {
        Some(CloseOutcome::NotEnabled)
    } else if !settings.ticketing_enabled {
        Some(CloseOutcome::TicketingDisabled)
    } else if session.ticket.is_none() {
        Some(CloseOutcome::NoTicket)
    } else {
        None
    }
}

/// Stage and content in one write: a ticket found closed has both.
async fn close(job: &Job<'_>, session: &Session) -> Result<CloseAnswer, FlowError> {
    let tenant = &job.tenant;
    let closed = |ticket: &TicketId, outcome| CloseAnswer { ticket_id: Some(ticket.clone()), outcome };
    let Some(id) = &session.ticket else {
        return Ok(CloseAnswer { ticket_id: None, outcome: CloseOutcome::NoTicket });
    };
    let read = tenant.portal.ticket(id, &["hs_pipeline", "hs_pipeline_stage", "content"]);
    let Some(ticket) = read.await? else { return Ok(closed(id, CloseOutcome::TicketGone)) };
    if ticket.id != *id {
        // Merged away: HubSpot answers with the ticket that is left, and its event may yet come.
        tenant.bridge.store.follow_merge(&tenant.connection.portal, id, &ticket.id).await?;
    }
    if pipeline::is_closed(tenant, &ticket).await? {
        close_thread(tenant, session).await?;
        return Ok(closed(&ticket.id, CloseOutcome::AlreadyClosed));
    }
    let content = ticket.properties.get("content").map_or("", String::as_str);
    let wish = session.close_request.as_ref();
    let summary = wish.and_then(|wish: &CloseRequest| wish.summary.as_deref());
    let content = closing_content(content, summary, wish.and_then(|wish| wish.sentiment));
    let stage = pipeline::closed_stage(tenant, &ticket).await?;
    let changes = BTreeMap::from([("hs_pipeline_stage".to_owned(), stage), ("content".to_owned(), content)]);
    tenant.portal.update_ticket(&ticket.id, &changes).await?;
    close_thread(tenant, session).await?;
    Ok(closed(&ticket.id, CloseOutcome::Closed))
}

/// The conversation goes with its ticket, where that is wanted. One that is gone needs no closing.
async fn close_thread(tenant: &Tenant<'_>, session: &Session) -> Result<(), FlowError> {
    let Some(thread) = session.thread.as_ref().filter(|_| tenant.connection.settings.close_thread_on_resolve) else {
        return Ok(());
    };
    match tenant.portal.close_thread(thread).await {
        Err(HubSpotError::NotFound) => Ok(()),
        closed => Ok(closed?),
    }
}

/// While the organization is not live.
const SWITCHED_OFF: Duration = Duration::from_secs(60);
/// What HubSpot refuses for good, people have to mend first.
const REFUSED: Duration = Duration::from_secs(3600);

/// What may pass gets its own next timer: then the answer is true. The rest is left to the reconciler.
///
/// In each case the reconciler is told when: a promise that stays due would be woken by every one of its rounds, each time with
/// a timer of its own, and would stand in front of everybody else's.
pub(crate) async fn look_again(
    bridge: &Bridge,
    delays: &dyn Delays,
    pending: &PendingClose,
    closed: Result<&CloseAnswer, &FlowError>,
) -> bool {
    let now = bridge.clock.now();
    let error = match closed {
        Ok(CloseAnswer { outcome: CloseOutcome::NotEnabled, .. }) => {
            put_off(bridge, pending, SWITCHED_OFF).await;
            return false;
        }
        Ok(_) => return false,
        Err(error) => error,
    };
    if matches!(error.decision(), RetryDecision::Never { .. }) {
        put_off(bridge, pending, REFUSED).await;
        return false;
    }
    let next = PendingClose { attempt: pending.attempt + 1, ..pending.clone() };
    let after = domain::next_look(next.attempt);
    put_off(bridge, pending, after).await;
    match delays.close_at(&next, now + after).await {
        Ok(()) => {
            tracing::warn!(error = %error, attempt = next.attempt, "a close comes back later");
            true
        }
        Err(error) => {
            tracing::error!(error = %error, "a close could not be scheduled again; the reconciler finds it");
            false
        }
    }
}

/// Where this fails, the reconciler looks too early.
async fn put_off(bridge: &Bridge, pending: &PendingClose, by: Duration) {
    let at = bridge.clock.now() + by;
    let put_off = bridge.store.put_off_close(&pending.org, &pending.session, pending.lifecycle_epoch, at);
    if let Err(error) = put_off.await {
        tracing::warn!(error = %error, "the reconciler was not told when a close is looked at again");
    }
}
