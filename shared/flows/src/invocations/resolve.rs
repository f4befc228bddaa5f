//! A session is resolved or reopened: its close is recorded and the timer for it is set.

use crate::conversation::pipeline::reopen_ticket;
use crate::invocations::claimed;
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::invocation;
use crate::kernel::invoke_error::InvokeError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::ports::{Delays, PendingClose};
use crate::kernel::tenant::Tenant;
use domain::{OrgId, Sentiment, SessionId, SessionStatus};
use jiff::{Timestamp, Unit};
use opencx::Resolution;
use serde::{Deserialize, Serialize};
use store::{CloseRequest, Index, Resolved, Run, Session, Work};

/// The request of `resolve`.
#[derive(Clone, Deserialize)]
pub struct ResolveRequest {
    /// The organization.
    pub org_id: OrgId,
    /// The session.
    pub session_id: SessionId,
    /// `open` cancels a pending close and reopens.
    pub status: SessionStatus,
    /// Written into the ticket.
    pub summary: Option<String>,
    /// Written into the ticket.
    pub sentiment: Option<Sentiment>,
}

/// The answer of `resolve`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolveAnswer {
    /// When the ticket closes.
    pub closes_at: Option<Timestamp>,
    /// The reason why the ticket does not close.
    pub skipped: Option<ResolveSkip>,
}

/// The reason why a resolve closes no ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResolveSkip {
    /// Assist Mode: the AI only drafts, and tickets belong to people.
    AssistMode,
    /// Ticketing is disabled.
    TicketingDisabled,
    /// The session has no ticket.
    NoTicket,
}

/// Records that a session is resolved and sets the timer, or that it is open again.
pub async fn resolve_session(
    bridge: &Bridge,
    delays: &dyn Delays,
    request: &ResolveRequest,
) -> Result<ResolveAnswer, InvokeError> {
    let (tenant, run) = invocation::begin(bridge, &request.org_id).await?;
    if request.status == SessionStatus::Open {
        return Ok(reopen(&tenant, &request.session_id).await?);
    }
    let close = close_request(bridge, request.status, request.summary.clone(), request.sentiment);
    Ok(resolve((tenant, run), delays, &request.session_id, close).await?)
}

/// Resolves the session because the AI's answer says so.
pub(crate) async fn resolve_by_ai(
    outer: &Job<'_>,
    delays: &dyn Delays,
    session: &Session,
    resolution: &Resolution,
) -> Result<(), FlowError> {
    let (status, summary) = (SessionStatus::ClosedResolved, resolution.summary.clone());
    let close = close_request(outer.tenant.bridge, status, summary, resolution.sentiment);
    resolve(outer.nested().await?, delays, &session.id, close).await.map(drop)
}

/// The time is rounded up to a second: a close is never early.
fn close_request(
    bridge: &Bridge,
    status: SessionStatus,
    summary: Option<String>,
    sentiment: Option<Sentiment>,
) -> CloseRequest {
    let at = bridge.clock.now() + bridge.timing.close_delay;
    let round = jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Ceil);
    CloseRequest { closes_at: at.round(round).unwrap_or(at), summary, sentiment, status }
}

async fn resolve(
    (tenant, run): (Tenant<'_>, Run),
    delays: &dyn Delays,
    id: &SessionId,
    close: CloseRequest,
) -> Result<ResolveAnswer, FlowError> {
    let session = match tenant.bridge.store.resolve(&tenant.connection.org, id, &close).await? {
        Resolved::Now(session) | Resolved::Already(session) => session,
        Resolved::NotFound => return Ok(skipped(ResolveSkip::NoTicket)),
    };
    let key = format!("{id}#{}", session.lifecycle_epoch);
    let work = Work::Request { org: session.org.clone(), function: "resolve".into(), key };
    let index = Index { thread: None, ticket: session.ticket.clone(), session: Some(id.clone()) };
    let act = async |job: &Job<'_>| {
        let answer = promise(&job.tenant, delays, &session).await?;
        Ok((answer, Completion::done("resolved").of_session(id)))
    };
    claimed((tenant, run), work, index, act).await
}

/// Sets the timer, or says why no ticket is closed.
async fn promise(tenant: &Tenant<'_>, delays: &dyn Delays, session: &Session) -> Result<ResolveAnswer, FlowError> {
    let settings = &tenant.connection.settings;
    if tenant.assists(session) {
        return Ok(skipped(ResolveSkip::AssistMode));
    }
    if !settings.ticketing_enabled {
        return Ok(skipped(ResolveSkip::TicketingDisabled));
    }
    let (Some(_), Some(close)) = (&session.ticket, &session.close_request) else {
        return Ok(skipped(ResolveSkip::NoTicket));
    };
    let (org, session_id) = (session.org.clone(), session.id.clone());
    let pending = PendingClose { org, session: session_id, lifecycle_epoch: session.lifecycle_epoch, attempt: 0 };
    // A repeated call sets the same timer again. That is harmless, and an earlier run may have ended before it set the timer.
    delays.close_at(&pending, close.closes_at).await?;
    Ok(ResolveAnswer { closes_at: Some(close.closes_at), skipped: None })
}

async fn reopen(tenant: &Tenant<'_>, id: &SessionId) -> Result<ResolveAnswer, FlowError> {
    let (bridge, org) = (tenant.bridge, &tenant.connection.org);
    let Some(before) = bridge.store.session(org, id).await? else { return Ok(ResolveAnswer::default()) };
    // A close that is still scheduled finds the newer epoch and does nothing.
    bridge.store.reopen(org, id).await?;
    // The session may be open already: an earlier call may have ended before it opened the ticket.
    reopen_ticket(tenant, &before).await?;
    Ok(ResolveAnswer::default())
}

fn skipped(reason: ResolveSkip) -> ResolveAnswer {
    ResolveAnswer { closes_at: None, skipped: Some(reason) }
}
