//! A session is resolved or reopened: the wish to close its ticket, and the timer for it.

use crate::conversation::reopening::{pending, reopen_ticket};
use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::invocation::{self, Begun};
use crate::kernel::invoke_error::InvokeError;
use crate::kernel::job::{Completion, Job};
use crate::kernel::ports::Delays;
use crate::kernel::tenant::Tenant;
use domain::{OrgId, Sentiment, SessionId, SessionStatus};
use jiff::{Timestamp, Unit};
use opencx::Resolution;
use serde::{Deserialize, Serialize};
use store::{CloseRequest, Index, Resolved, Run, Session, Work};

/// What is asked of `resolve` (contract section 2).
#[derive(Clone, Deserialize)]
pub struct ResolveRequest {
    /// The organization.
    pub org_id: OrgId,
    /// The session.
    pub session_id: SessionId,
    /// `open` cancels a pending close and reopens.
    pub status: SessionStatus,
    /// Goes into the ticket.
    #[serde(default)]
    pub summary: Option<String>,
    /// Goes into the ticket.
    #[serde(default)]
    pub sentiment: Option<Sentiment>,
}

/// What `resolve` answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolveAnswer {
    /// When the ticket closes.
    pub closes_at: Option<Timestamp>,
    /// Why it does not.
    pub skipped: Option<ResolveSkip>,
}

/// Why a resolve closes no ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResolveSkip {
    /// The AI only drafts: tickets are people's.
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
    let wish = CloseRequest {
        closes_at: closing_time(bridge),
        summary: request.summary.clone(),
        sentiment: request.sentiment,
        status: request.status,
    };
    Ok(resolve(tenant, run, delays, &request.session_id, wish).await?)
}

/// The AI's answer said that it resolved the session.
pub(crate) async fn resolve_by_ai(
    outer: &Job<'_>,
    delays: &dyn Delays,
    session: &Session,
    resolution: &Resolution,
) -> Result<(), FlowError> {
    let (tenant, run) = outer.nested().await?;
    let wish = CloseRequest {
        closes_at: closing_time(tenant.bridge),
        summary: resolution.summary.clone(),
        sentiment: resolution.sentiment,
        status: SessionStatus::ClosedResolved,
    };
    resolve(tenant, run, delays, &session.id, wish).await.map(|_| ())
}

/// Rounded up: never earlier than promised.
fn closing_time(bridge: &Bridge) -> Timestamp {
    let at = bridge.clock.now() + bridge.timing.close_delay;
    let round = jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Ceil);
    at.round(round).unwrap_or(at)
}

async fn resolve(
    tenant: Tenant<'_>,
    run: Run,
    delays: &dyn Delays,
    id: &SessionId,
    wish: CloseRequest,
) -> Result<ResolveAnswer, FlowError> {
    let session = match tenant.bridge.store.resolve(&tenant.connection.org, id, &wish).await? {
        Resolved::Now(session) | Resolved::Already(session) => session,
        Resolved::NotFound => return Ok(skipped(ResolveSkip::NoTicket)),
    };
    let key = format!("{id}#{}", session.lifecycle_epoch);
    let work = Work::Request { org: session.org.clone(), function: "resolve".into(), key };
    let index = Index { thread: None, ticket: session.ticket.clone(), session: Some(id.clone()) };
    let job = match invocation::claim(tenant, run, work, index).await? {
        Begun::Mine(job) => job,
        Begun::Answered(answer) => return Ok(answer),
    };
    let answer = promise(&job.tenant, delays, &session).await;
    invocation::settle(&job, answer.map(|answer| (answer, Completion::done("resolved").of_session(id)))).await
}

/// Sets the timer, or says why there is nothing to close.
async fn promise(tenant: &Tenant<'_>, delays: &dyn Delays, session: &Session) -> Result<ResolveAnswer, FlowError> {
    let settings = &tenant.connection.settings;
    if tenant.assists(session) {
        return Ok(skipped(ResolveSkip::AssistMode));
    }
    if !settings.ticketing_enabled {
        return Ok(skipped(ResolveSkip::TicketingDisabled));
    }
    let (Some(_), Some(wish)) = (&session.ticket, &session.close_request) else {
        return Ok(skipped(ResolveSkip::NoTicket));
    };
    // A repeated call sets the same timer again, which is harmless, and heals a run that ended before it was set.
    delays.close_at(&pending(session), wish.closes_at).await?;
    Ok(ResolveAnswer { closes_at: Some(wish.closes_at), skipped: None })
}

async fn reopen(tenant: &Tenant<'_>, id: &SessionId) -> Result<ResolveAnswer, FlowError> {
    let (bridge, org) = (tenant.bridge, &tenant.connection.org);
    let Some(before) = bridge.store.session(org, id).await? else { return Ok(ResolveAnswer::default()) };
    // A close that is still scheduled finds the newer epoch.
    bridge.store.reopen(org, id).await?;
    // Also where it was open before: an earlier call may have ended in between.
    reopen_ticket(tenant, &before).await?;
    Ok(ResolveAnswer::default())
}

fn skipped(reason: ResolveSkip) -> ResolveAnswer {
    ResolveAnswer { closes_at: None, skipped: Some(reason) }
}
