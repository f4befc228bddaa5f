//! The timer of a resolved session fires: its ticket is closed, unless the session has changed since.

use crate::conversation::pipeline;
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::invocation::{self, Begun};
use crate::kernel::invoke_error::InvokeError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::ports::{Delays, PendingClose};
use crate::kernel::tenant::Tenant;
use domain::{Lifecycle, TicketId, closing_content};
use hubspot::{HubSpotError, property};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{Index, Session, Work};

/// The answer of `close`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseAnswer {
    /// The session's ticket.
    pub ticket_id: Option<TicketId>,
    /// The outcome.
    pub outcome: CloseOutcome,
}

words! {
    /// The outcome of a close.
    CloseOutcome {
        /// The ticket is closed now.
        Closed = "closed",
        /// Somebody was faster.
        AlreadyClosed = "already_closed",
        /// The session is open again.
        Reopened = "reopened",
        /// A later resolve has a close of its own.
        Superseded = "superseded",
        /// Assist Mode: the AI only drafts, and tickets belong to people.
        AssistMode = "assist_mode",
        /// The organization is not live; the close stays pending.
        NotEnabled = "not_enabled",
        /// Ticketing is disabled.
        TicketingDisabled = "ticketing_disabled",
        /// The session has no ticket.
        NoTicket = "no_ticket",
        /// HubSpot no longer has the ticket.
        TicketGone = "ticket_gone",
        /// A service is out of reach; another timer is set.
        Later = "later",
    }
}

/// Closes the ticket of a resolved session. After a transient failure it sets its own next timer.
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
    let end_request = async || {
        bridge.store.close_done(&session.org, &session.id, pending.lifecycle_epoch).await?;
        Ok::<_, FlowError>(())
    };
    if let Some(outcome) = moved_on(&tenant, &session, pending) {
        // While the organization is not live the request stays, and the reconciler looks at it again.
        if session.lifecycle_epoch == pending.lifecycle_epoch && outcome != CloseOutcome::NotEnabled {
            end_request().await?;
        }
        return Ok(CloseAnswer { ticket_id: session.ticket, outcome });
    }
    let key = format!("{}#{}", pending.session, pending.lifecycle_epoch);
    let work = Work::Request { org: pending.org.clone(), function: "close".into(), key };
    let index = Index { thread: None, ticket: session.ticket.clone(), session: Some(session.id.clone()) };
    let job = match invocation::claim(tenant, run, work, index).await? {
        Begun::Mine(job) => job,
        Begun::Answered(answer) => {
            end_request().await?;
            return Ok(answer);
        }
    };
    if let Some(request) = session.close_request.as_ref().filter(|_| pending.attempt == 0) {
        let late = bridge.clock.now().duration_since(request.closes_at);
        bridge.meter.late("DelayLateness", Duration::try_from(late).unwrap_or_default());
    }
    let result = async {
        let answer = close(&job, &session).await?;
        // The request ends before the answer is stored: a stored answer leaves no request behind.
        end_request().await?;
        let completion = Completion::done(answer.outcome.as_str()).of_session(&session.id);
        Ok((answer, completion))
    };
    invocation::settle(&job, result.await).await
}

/// The reason why there is nothing to close any more.
fn moved_on(tenant: &Tenant<'_>, session: &Session, pending: &PendingClose) -> Option<CloseOutcome> {
    let settings = &tenant.connection.settings;
    let reasons = [
        (session.lifecycle == Lifecycle::Open, CloseOutcome::Reopened),
        (session.lifecycle_epoch != pending.lifecycle_epoch, CloseOutcome::Superseded),
        (tenant.assists(session), CloseOutcome::AssistMode),
        (!settings.enabled, CloseOutcome::NotEnabled),
        (!settings.ticketing_enabled, CloseOutcome::TicketingDisabled),
        (session.ticket.is_none(), CloseOutcome::NoTicket),
    ];
    reasons.into_iter().find_map(|(applies, outcome)| applies.then_some(outcome))
}

/// Writes stage and content at once: a ticket that is found closed has both.
async fn close(job: &Job<'_>, session: &Session) -> Result<CloseAnswer, FlowError> {
    let tenant = &job.tenant;
    let closed = |ticket: &TicketId, outcome| CloseAnswer { ticket_id: Some(ticket.clone()), outcome };
    let Some(id) = &session.ticket else {
        return Ok(CloseAnswer { ticket_id: None, outcome: CloseOutcome::NoTicket });
    };
    let read = tenant.portal.ticket(id, &[property::PIPELINE, property::STAGE, property::CONTENT]);
    let Some(ticket) = read.await? else { return Ok(closed(id, CloseOutcome::TicketGone)) };
    if ticket.id != *id {
        // The ticket was merged: HubSpot answers with the ticket that is left. The event of the merge may come later.
        tenant.bridge.store.follow_merge(&tenant.connection.portal, id, &ticket.id).await?;
    }
    if pipeline::is_closed(tenant, &ticket).await? {
        close_thread(tenant, session).await?;
        return Ok(closed(&ticket.id, CloseOutcome::AlreadyClosed));
    }
    let request = session.close_request.as_ref();
    let (summary, sentiment) = (request.and_then(|it| it.summary.as_deref()), request.and_then(|it| it.sentiment));
    let content = closing_content(ticket.get(property::CONTENT).unwrap_or_default(), summary, sentiment);
    let stage = pipeline::closed_stage(tenant, &ticket).await?;
    let changes = BTreeMap::from([(property::STAGE.to_owned(), stage), (property::CONTENT.to_owned(), content)]);
    tenant.portal.update_ticket(&ticket.id, &changes).await?;
    close_thread(tenant, session).await?;
    Ok(closed(&ticket.id, CloseOutcome::Closed))
}

/// Closes the conversation with its ticket if the settings say so. A deleted conversation needs no closing.
async fn close_thread(tenant: &Tenant<'_>, session: &Session) -> Result<(), FlowError> {
    let Some(thread) = session.thread.as_ref().filter(|_| tenant.connection.settings.close_thread_on_resolve) else {
        return Ok(());
    };
    match tenant.portal.close_thread(thread).await {
        Err(HubSpotError::NotFound) => Ok(()),
        closed => Ok(closed?),
    }
}

/// The next look at a close whose organization is not live.
const LOOK_WHILE_NOT_LIVE: Duration = Duration::from_secs(60);
/// The next look at a close that HubSpot refuses for good: people have to act first.
const LOOK_AFTER_REFUSAL: Duration = Duration::from_secs(3600);

/// Stores the time of the next look at a close that is not done. After a transient failure the timer is set, too: the answer
/// is then true.
///
/// The reconciler reads this time. Otherwise each of its rounds would take the close for lost and set one more timer, before
/// it looks at the closes of other organizations.
async fn look_again(
    bridge: &Bridge,
    delays: &dyn Delays,
    pending: &PendingClose,
    closed: Result<&CloseAnswer, &FlowError>,
) -> bool {
    let next = PendingClose { attempt: pending.attempt + 1, ..pending.clone() };
    let (after, transient) = match closed {
        Ok(CloseAnswer { outcome: CloseOutcome::NotEnabled, .. }) => (LOOK_WHILE_NOT_LIVE, None),
        Ok(_) => return false,
        Err(error) if matches!(error.decision(), RetryDecision::Never { .. }) => (LOOK_AFTER_REFUSAL, None),
        Err(error) => (domain::next_look(next.attempt), Some(error)),
    };
    let at = bridge.clock.now() + after;
    let put_off = bridge.store.put_off_close(&pending.org, &pending.session, pending.lifecycle_epoch, at);
    if let Err(error) = put_off.await {
        tracing::warn!(error = %error, "the next look at a close is not stored: the reconciler looks too early");
    }
    let Some(error) = transient else { return false };
    let set = delays.close_at(&next, at).await;
    match &set {
        Ok(()) => tracing::warn!(error = %error, attempt = next.attempt, "a close failed and is tried again later"),
        Err(refused) => tracing::error!(error = %refused, "a close has no next timer; the reconciler finds the close"),
    }
    set.is_ok()
}
